//! Sent elsewhere on the way: animations that begin at what is on screen, and as fast as it moves there.

use crate::ranges::{NUMBER, VELOCITY};
use crate::slot::{Slot, in_gamut};
use crate::{Animation, Edit, Id, Layer, Moment, Property, Range, Scene, Target, WhenOver};
use animation::{
    ColorSpace, Composite, Easing, Fill, Hermite, Motion, Playback, Spring, Timing, Track, Value,
};
use media::ShowTime;

/// How an animation goes from what is on screen to what the document holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Retarget {
    /// The way there.
    pub course: Course,
    /// How fast each property moves at the beginning, per second; `None` until the engine has found values and velocities
    /// on the frame on which the change takes effect. The values are those of the keyframe at offset 0.
    pub velocities: Option<Vec<(Property, [f64; 2])>>,
}

/// A way from one value to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Course {
    /// By the easing, whatever moved before: the value has no jump, its velocity may.
    #[default]
    Tween,
    /// By a cubic Hermite curve: neither has a jump.
    Smooth,
    /// By a spring; likewise. It takes as long as it needs to come to rest.
    Spring(Spring),
}

/// What a write that glides asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct GlideRequest {
    /// The way.
    pub course: Course,
    /// How long it takes, in milliseconds; a spring finds that itself.
    pub duration_ms: f64,
    /// How long what is on screen is held before, in milliseconds; it then begins from rest.
    pub delay_ms: f64,
    /// Of a [`Course::Tween`].
    pub easing: Easing,
}

/// A spring is waited for until it is so near, as a part of the whole way: a tenth of a px in 1000.
const NEAR: f64 = 1e-4;
/// How far on either side velocities are measured, in nanoseconds.
const ASIDE_NS: i64 = 500_000;

/// The motion of one property that has a velocity of its own.
#[derive(Clone, Debug)]
pub(crate) struct Glide {
    course: Course,
    from: Value,
    velocity: [f64; 2],
    duration_ms: f64,
}

impl Glide {
    /// The way of `animation` on `property`; `None` where its keyframes tell it.
    pub(crate) fn of(animation: &Animation, property: &Property, track: &Track) -> Option<Self> {
        let retarget = animation.plan.retarget.as_ref()?;
        if retarget.course == Course::Tween {
            return None;
        }
        let velocities = retarget.velocities.as_deref().unwrap_or_default();
        let velocity = velocities.iter().find(|(of, _)| of == property);
        Some(Self {
            course: retarget.course,
            from: track.keyframes().iter().find_map(|k| k.value.clone())?,
            velocity: velocity.map_or([0.0; 2], |(_, velocity)| *velocity),
            duration_ms: animation.timing.duration_ms,
        })
    }

    /// Value and velocity per second `elapsed_ms` after the beginning, on the way to `to`.
    ///
    /// What is neither a number nor a pair goes from rest.
    pub(crate) fn at(&self, elapsed_ms: f64, to: &Value) -> (Value, [f64; 2]) {
        let along = |value: f64, velocity: f64, to: f64| {
            let from = Motion { value, velocity };
            match self.course {
                Course::Spring(spring) => spring.at(from, to, elapsed_ms),
                Course::Smooth | Course::Tween => Hermite {
                    from,
                    to,
                    duration_ms: self.duration_ms,
                }
                .at(elapsed_ms),
            }
        };
        match (&self.from, to) {
            (Value::Number(from), Value::Number(to)) => {
                let now = along(*from, self.velocity[0], *to);
                (Value::Number(now.value), [now.velocity, 0.0])
            }
            (Value::Vec2(from), Value::Vec2(to)) => {
                let now = [0, 1].map(|k| along(from[k], self.velocity[k], to[k]));
                let value = Value::Vec2(now.map(|one| one.value));
                (value, now.map(|one| one.velocity))
            }
            (from, to) => {
                let part = along(0.0, 0.0, 1.0).value;
                let value = from.interpolate(to, part, ColorSpace::default());
                (value, [0.0; 2])
            }
        }
    }
}

/// One animation on one property, ready to sample.
#[derive(Debug)]
pub(crate) struct Mover {
    playback: Playback,
    timing: Timing,
    track: Track,
    glide: Option<Glide>,
    part: Part,
}

/// How the property that is asked for stands to the one that is moved.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// They are the same.
    Same,
    /// A pair is moved, and its first or second number asked for.
    Of(usize),
    /// Its first or second number is moved, and the pair asked for.
    In(usize),
}

impl Mover {
    /// What `animation` does to `property`; `None` where it does nothing, and while it waits.
    pub(crate) fn new(animation: &Animation, property: &Property) -> Option<Self> {
        if animation.waits() {
            return None;
        }
        let all = animation.properties().into_iter();
        let (moved, part) = all.into_iter().find_map(|moved| {
            let part = match (property.pair(), moved.pair()) {
                _ if moved == *property => Part::Same,
                (Some((pair, second)), _) if pair == moved => Part::Of(usize::from(second)),
                (_, Some((pair, second))) if pair == *property => Part::In(usize::from(second)),
                _ => return None,
            };
            Some((moved, part))
        })?;
        let track = animation.track(&moved).ok()?;
        let glide = Glide::of(animation, &moved, &track);
        Some(Self {
            part,
            playback: animation.playback(),
            timing: animation.timing.clone(),
            track,
            glide,
        })
    }

    /// The value at `t` over what is below.
    pub(crate) fn over(&self, below: Value, t: ShowTime) -> Value {
        let Some(progress) = self.playback.sample(&self.timing, t).progress else {
            return below;
        };
        let over = |below: &Value| match &self.glide {
            None => self.track.sample(progress, below),
            Some(glide) => glide.at(self.elapsed_ms(t), below).0,
        };
        match (self.part, below) {
            (Part::Of(k), Value::Number(below)) => match over(&Value::Vec2([below; 2])) {
                Value::Vec2(both) => Value::Number(both[k]),
                _ => Value::Number(below),
            },
            (Part::In(k), Value::Vec2(mut both)) => {
                if let Value::Number(v) = over(&Value::Number(both[k])) {
                    both[k] = v;
                }
                Value::Vec2(both)
            }
            (_, below) => over(&below),
        }
    }

    /// How fast it makes the property move at `t`, where it knows.
    fn velocity(&self, to: &Value, t: ShowTime) -> Option<[f64; 2]> {
        let glide = self.glide.as_ref()?;
        self.playback.sample(&self.timing, t).progress?;
        let elapsed_ms = self.elapsed_ms(t);
        let rate = self.playback.rate();
        let goes =
            elapsed_ms >= 0.0 && !self.playback.is_paused() && matches!(self.part, Part::Same);
        goes.then(|| glide.at(elapsed_ms, to).1.map(|v| v * rate))
    }

    fn elapsed_ms(&self, t: ShowTime) -> f64 {
        self.playback.local_ms(t) - self.timing.delay_ms
    }
}

/// A value on its way, and how fast it goes, per second.
type OnItsWay = (Value, [f64; 2]);

/// What moves a property of a scene: its own value, and everything above it.
struct Pile {
    base: Value,
    movers: Vec<(bool, Mover)>,
}

impl Pile {
    /// Everything on `property` of `target` but `except`; `None` where there is no such property.
    fn new(scene: &Scene, target: &Target, property: &Property, except: &[Id]) -> Option<Self> {
        let movers = scene.animations.iter().filter(|one| {
            one.target == *target && !except.contains(&one.id) && one.moves(property)
        });
        let movers = movers.filter_map(|one| Some((one.is_additive(), Mover::new(one, property)?)));
        Some(Self {
            base: scene.own_value(target, property)?,
            movers: movers.collect(),
        })
    }

    fn at(&self, t: ShowTime) -> Value {
        let movers = self.movers.iter();
        movers.fold(self.base.clone(), |below, (_, one)| one.over(below, t))
    }

    /// What those that add to it add at `t`; `None` for what cannot be taken off again.
    fn added(&self, t: ShowTime) -> Option<Value> {
        let zero = match &self.base {
            Value::Number(_) => Value::Number(0.0),
            Value::Vec2(_) => Value::Vec2([0.0; 2]),
            _ => return None,
        };
        let adding = self.movers.iter().filter(|(adds, _)| *adds);
        Some(adding.fold(zero, |below, (_, one)| one.over(below, t)))
    }

    fn velocity(&self, t: ShowTime) -> [f64; 2] {
        // What the topmost that replaces all below knows is exact.
        let top = self.movers.iter().rposition(|(adds, _)| !adds);
        if let Some(top) = top.filter(|top| *top + 1 == self.movers.len()) {
            let below = self.movers[..top].iter();
            let to = below.fold(self.base.clone(), |below, (_, one)| one.over(below, t));
            if let Some(velocity) = self.movers[top].1.velocity(&to, t) {
                return velocity;
            }
        }
        slope(|t| Some(self.at(t)), t)
    }
}

/// No further than a document may say: what is settled is written, and must be read again.
fn readable((value, velocity): OnItsWay) -> OnItsWay {
    let within = |v: f64, range: Range| {
        if v.is_nan() {
            return 0.0;
        }
        v.clamp(range.min, range.max)
    };
    let value = match value {
        Value::Number(v) => Value::Number(within(v, NUMBER)),
        Value::Vec2(v) => Value::Vec2(v.map(|v| within(v, NUMBER))),
        Value::Color(v) => Value::Color(in_gamut(v)),
        other => other,
    };
    (value, velocity.map(|v| within(v, VELOCITY)))
}

/// Central difference, per second; 0 for what has none.
fn slope(value: impl Fn(ShowTime) -> Option<Value>, t: ShowTime) -> [f64; 2] {
    let per_s = |early: f64, late: f64| (late - early) / (2.0 * ASIDE_NS as f64 / 1e9);
    let (early, late) = (t.plus_nanos(-ASIDE_NS), t.plus_nanos(ASIDE_NS));
    match (value(early), value(late)) {
        (Some(Value::Number(early)), Some(Value::Number(late))) => [per_s(early, late), 0.0],
        (Some(Value::Vec2(early)), Some(Value::Vec2(late))) => {
            [per_s(early[0], late[0]), per_s(early[1], late[1])]
        }
        _ => [0.0; 2],
    }
}

impl Animation {
    /// Whether it adds to what is below, everywhere.
    pub(crate) fn is_additive(&self) -> bool {
        self.composite != Composite::Replace
            && self
                .keyframes
                .iter()
                .all(|keyframe| keyframe.composite != Some(Composite::Replace))
    }

    /// One that takes the given properties of a layer from what is on screen to what its document holds.
    fn gliding(id: Id, layer: Id, moved: &[(Property, Value)], how: &GlideRequest) -> Self {
        let timing = Timing {
            delay_ms: how.delay_ms,
            duration_ms: how.duration_ms,
            fill: Fill::Backwards,
            easing: how.easing.clone(),
            ..Timing::default()
        };
        Self {
            when_over: WhenOver::Remove,
            plan: crate::Plan {
                retarget: Some(Retarget {
                    course: how.course,
                    velocities: None,
                }),
                ..crate::Plan::default()
            },
            ..Self::new(id, Target::Layer(layer), timing, moved)
        }
    }
}

impl Scene {
    /// Makes a change that takes effect at `moment`, and fixes to show times and values what depends on that.
    pub fn change(&mut self, edit: Edit, moment: Moment) {
        let glides = |one: &Animation| {
            let retarget = one.plan.retarget.as_ref();
            retarget.is_some_and(|retarget| retarget.velocities.is_none())
        };
        let put = edit.animations.put.iter().filter(|one| glides(one));
        let ids: Vec<Id> = put.map(|one| one.id.clone()).collect();
        if ids.is_empty() {
            edit.apply(self);
        } else {
            let before = self.clone();
            edit.apply(self);
            self.begin_where_it_is(&before, &ids, moment.show);
        }
        self.settle(moment);
    }

    /// Gives retargeting animations values and velocities: what is on screen in the scene as it was, less what goes on
    /// adding to it.
    fn begin_where_it_is(&mut self, before: &Self, ids: &[Id], t: ShowTime) {
        for id in ids {
            let Some(at) = self.animations.iter().position(|one| one.id == *id) else {
                continue;
            };
            let mut animation = Animation::clone(&self.animations[at]);
            let found: Vec<(Property, OnItsWay)> = animation
                .properties()
                .into_iter()
                .filter_map(|property| {
                    let found = self.found(before, &animation, &property, ids, t)?;
                    Some((property, readable(found)))
                })
                .collect();
            animation.begin_at(self, &found);
            self.animations[at] = animation.into();
        }
    }

    fn found(
        &self,
        before: &Self,
        animation: &Animation,
        property: &Property,
        ids: &[Id],
        t: ShowTime,
    ) -> Option<OnItsWay> {
        let target = &animation.target;
        let Some(was) = Pile::new(before, target, property, &[]) else {
            return Some((self.own_value(target, property)?, [0.0; 2]));
        };
        let (mut value, mut velocity) = (was.at(t), was.velocity(t));
        let stay = Pile::new(self, target, property, ids)?;
        if before.moves_as_another(target, property) || self.moves_as_another(target, property) {
            let on_screen = |t: ShowTime| self.less_what_stays(before, target, property, ids, t);
            if let Some(found) = on_screen(t) {
                (value, velocity) = (found, slope(on_screen, t));
            }
        } else if let Some(added) = stay.added(t) {
            value = value.less(&added);
            let slope = slope(|t| stay.added(t), t);
            velocity = [velocity[0] - slope[0], velocity[1] - slope[1]];
        }
        if animation.timing.delay_ms > 0.0 {
            velocity = [0.0; 2];
        }
        Some((value, velocity))
    }

    /// Whether something moves a property in other words: by a formula, or as a part of what it is a part of.
    fn moves_as_another(&self, target: &Target, property: &Property) -> bool {
        let moving = self.animations.iter();
        let mut moving =
            moving.filter(|one| one.target == *target && !one.waits() && one.moves(property));
        moving.any(|one| Mover::new(one, property).is_none())
    }

    /// What is on screen in `before`, less what the animations of this scene but `ids` make of the property's own value.
    fn less_what_stays(
        &self,
        before: &Self,
        target: &Target,
        property: &Property,
        ids: &[Id],
        t: ShowTime,
    ) -> Option<Value> {
        let mut stay = self.clone();
        stay.animations.retain(|one| !ids.contains(&one.id));
        let added = stay
            .shown_value(target, property, t)?
            .less(&stay.own_value(target, property)?);
        let shown = before.shown_value(target, property, t)?;
        Some(match &shown {
            Value::Number(_) | Value::Vec2(_) => shown.less(&added),
            _ => shown,
        })
    }

    /// What a property of a layer is on screen. Costs as much as a scene that is new.
    fn shown_value(&self, target: &Target, property: &Property, t: ShowTime) -> Option<Value> {
        let Target::Layer(id) = target else {
            return None;
        };
        let at = self.layers.iter().position(|layer| layer.id == *id)?;
        let mut resolver = crate::Resolver::new(self);
        value_of(&mut Layer::clone(&resolver.layers_at(t)[at]), property)
    }

    /// What a property is without animations; `None` where there is none.
    fn own_value(&self, target: &Target, property: &Property) -> Option<Value> {
        match target {
            Target::Canvas => Some(Value::Color(self.canvas.background)),
            Target::Layer(id) => {
                let layer = self.layers.iter().find(|layer| layer.id == *id)?;
                value_of(&mut Layer::clone(layer), property)
            }
        }
    }

    /// Fixes a retarget that was never given values: it begins from rest at what the document holds.
    pub(crate) fn settle_retarget(&self, animation: &mut Animation) {
        let open = |retarget: &Retarget| retarget.velocities.is_none();
        if !animation.plan.retarget.as_ref().is_some_and(open) {
            return;
        }
        let found = animation.properties().into_iter();
        let found = found.filter_map(|property| {
            let value = self.own_value(&animation.target, &property)?;
            Some((property, (value, [0.0; 2])))
        });
        let found: Vec<(Property, OnItsWay)> = found.collect();
        animation.begin_at(self, &found);
    }

    /// Lets `properties` of a target go from every animation that holds them: from those that add to them only where `all`
    /// is so. What moves nothing else is taken out. Gives back whom it met.
    pub fn yield_up(&mut self, target: &Target, properties: &[Property], all: bool) -> Vec<Id> {
        let holds = |one: &Animation| {
            one.target == *target
                && (all || !one.is_additive())
                && properties.iter().any(|property| one.moves(property))
        };
        let holding = self.animations.iter().filter(|one| holds(one));
        let ids: Vec<Id> = holding.map(|one| one.id.clone()).collect();
        for id in &ids {
            self.let_go(id, properties);
        }
        ids
    }

    /// Lets a layer, which was `before` and was written to, glide to what it is now, by an animation `id`: what moves evenly
    /// and changed, and what `written` names and others move. Those let go of it, but for what they add to it. Gives back
    /// whom it met.
    pub fn glide(
        &mut self,
        id: Id,
        before: &Layer,
        written: &dyn Fn(&Property) -> bool,
        how: &GlideRequest,
    ) -> Vec<Id> {
        let Some(after) = self.layers.iter().find(|layer| layer.id == before.id) else {
            return Vec::new();
        };
        let target = Target::Layer(before.id.clone());
        let held = |property: &Property| {
            let mut all = self.animations.iter();
            all.any(|one| one.target == target && !one.is_additive() && one.moves(property))
        };
        let moved = before.moved_in(after, &|property| written(property) && held(property));
        if moved.is_empty() {
            return Vec::new();
        }
        let properties: Vec<Property> = moved.iter().map(|(of, _)| of.clone()).collect();
        let met = self.yield_up(&target, &properties, false);
        self.slip_in(Animation::gliding(id, before.id.clone(), &moved, how));
        met
    }

    /// Adds an animation below those that go on adding to what it moves, else above all others.
    fn slip_in(&mut self, animation: Animation) {
        let above = |one: &Animation| {
            let mut moved = animation.properties().into_iter();
            one.target == animation.target && moved.any(|property| one.moves(&property))
        };
        let at = self.animations.iter().position(|one| above(one));
        let at = at.unwrap_or(self.animations.len());
        self.animations.insert(at, animation.into());
    }
}

impl Animation {
    fn begin_at(&mut self, scene: &Scene, found: &[(Property, OnItsWay)]) {
        let Some(retarget) = &mut self.plan.retarget else {
            return;
        };
        let course = retarget.course;
        let moving = found.iter().filter(|(_, (value, _))| {
            course != Course::Tween && matches!(value, Value::Number(_) | Value::Vec2(_))
        });
        let moving = moving.map(|(property, (_, velocity))| (property.clone(), *velocity));
        retarget.velocities = Some(moving.collect());
        if let Course::Spring(spring) = course {
            let rest = found.iter().filter_map(|(property, (from, velocity))| {
                let to = scene.own_value(&self.target, property)?;
                Some(rests_after_ms(spring, from, *velocity, &to))
            });
            self.timing.duration_ms = rest.fold(0.0, f64::max);
        }
        for keyframe in &mut self.keyframes {
            for (property, value) in &mut keyframe.values {
                if let Some((_, (from, _))) = found.iter().find(|(of, _)| of == property) {
                    *value = from.clone();
                }
            }
        }
    }
}

fn rests_after_ms(spring: Spring, from: &Value, velocity: [f64; 2], to: &Value) -> f64 {
    let rests =
        |value: f64, velocity: f64, to: f64| spring.rest_ms(Motion { value, velocity }, to, NEAR);
    match (from, to) {
        (Value::Number(from), Value::Number(to)) => rests(*from, velocity[0], *to),
        (Value::Vec2(from), Value::Vec2(to)) => {
            rests(from[0], velocity[0], to[0]).max(rests(from[1], velocity[1], to[1]))
        }
        (from, to) if from == to => 0.0,
        _ => rests(0.0, 0.0, 1.0),
    }
}

fn value_of(layer: &mut Layer, property: &Property) -> Option<Value> {
    property.slot(layer).and_then(|slot| Slot::get(&slot))
}

impl Layer {
    /// What moves evenly and differs between this layer and another state of it, each with the value it has here;
    /// `written` names more that count though they are the same in both.
    fn moved_in(
        &self,
        after: &Self,
        written: &dyn Fn(&Property) -> bool,
    ) -> Vec<(Property, Value)> {
        let (mut was, mut is) = (self.clone(), after.clone());
        let effects = self.effects.iter().map(|effect| effect.id.clone());
        // Pairs are told by their parts.
        let properties = Property::all().map(|(_, property, _)| property);
        let properties = properties.filter(|property| !property.holds_fields());
        let properties = properties.chain(effects.flat_map(Property::of_effect));
        let moved = properties.filter_map(|property| {
            let (from, to) = (
                value_of(&mut was, &property)?,
                value_of(&mut is, &property)?,
            );
            let even = from.type_name() == to.type_name() && from.is_continuous();
            (even && (from != to || written(&property))).then_some((property, from))
        });
        moved.collect()
    }
}
