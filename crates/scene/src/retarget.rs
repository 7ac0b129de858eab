//! Sent elsewhere on the way: animations that begin at what is on screen, and as fast as it moves there.
//!
//! Whatever has something between its two values glides. What has not is there at once, as the document is: words, switches and
//! whole numbers, a color that becomes a gradient, a gradient of another form or with another number of stops, a path of other
//! commands, another number of points or dashes. Gradients of one form glide part by part, each stop as fast as it moves; where
//! something else goes on moving the whole, as a whole below that.

use crate::on_screen::{OnScreen, beneath};
use crate::ranges::{FUNCTIONS, NUMBER, VELOCITY};
use crate::slot::{Slot, held, in_gamut};
use crate::{
    Animation, Corners, Edit, Id, Layer, Moment, Outline, Property, Range, Scene, Shared,
    StyledKeyframe, Target, WhenOver,
};
use animation::{
    ColorSpace, Composite, Easing, Fill, Hermite, Motion, Spring, Tangents, Timing, Track,
    TransformFunction, Value, Whole, transform_of,
};
use media::ShowTime;
use std::cell::OnceCell;

#[cfg(test)]
mod tests;

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

/// The motion of one property that has a velocity of its own.
#[derive(Clone, Debug)]
pub(crate) struct Glide {
    course: Course,
    from: Value,
    velocity: [f64; 2],
    duration_ms: f64,
    /// Where it goes, if not to what is below it.
    goal: Option<Value>,
}

impl Glide {
    /// The way of `animation` on `property`; `None` where its keyframes tell it.
    pub(crate) fn of(animation: &Animation, property: &Property, track: &Track) -> Option<Self> {
        let retarget = animation.plan.retarget.as_ref()?;
        if retarget.course == Course::Tween {
            return None;
        }
        let velocities = retarget.velocities.as_deref().unwrap_or_default();
        let last = track.keyframes().iter().skip(1).next_back();
        let velocity = velocities.iter().find(|(of, _)| of == property);
        Some(Self {
            course: retarget.course,
            from: track.keyframes().iter().find_map(|k| k.value.clone())?,
            velocity: velocity.map_or([0.0; 2], |(_, velocity)| *velocity),
            duration_ms: animation.timing.duration_ms,
            goal: last.and_then(|k| k.value.clone()),
        })
    }

    /// Value and velocity per second `elapsed_ms` after the beginning, on the way to what is `below` it, unless it has a goal of
    /// its own.
    ///
    /// What is neither a number nor a pair goes from rest.
    pub(crate) fn at(&self, elapsed_ms: f64, below: &Value) -> (Value, [f64; 2]) {
        let to = self.goal.as_ref().unwrap_or(below);
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

/// A value on its way, and how fast it goes, per second.
type OnItsWay = (Value, [f64; 2]);

/// No further than a document may say: what is settled is written, and must be read again.
/// None where it cannot be said at all.
fn readable((value, velocity): OnItsWay) -> (Option<Value>, [f64; 2]) {
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
        Value::Transform(functions) => Value::Transform(few(&functions).into()),
        Value::Whole(v) => return (readable_whole(v), [0.0; 2]),
        other => other,
    };
    (Some(value), velocity.map(|v| within(v, VELOCITY)))
}

/// As many functions as a layer may have, each within its range; the last is what all beyond come to.
fn few(functions: &[TransformFunction]) -> Vec<TransformFunction> {
    let most = *FUNCTIONS.end();
    let mut few = functions.to_vec();
    if few.len() > most {
        let rest = transform_of(&few.split_off(most - 1));
        few.push(TransformFunction::Matrix(rest.as_coeffs()));
    }
    few.into_iter().map(held).collect()
}

fn readable_whole(whole: Whole) -> Option<Value> {
    if let Some(Corners([a, b, c, d])) = whole.get()
        && [b, c, d]
            .iter()
            .all(|radius| radius.to_bits() == a.to_bits())
    {
        return Some(Value::Number(*a));
    }
    if let Some(outline) = whole.get::<Outline>() {
        let outline = outline.readable()?;
        return Some(Value::Whole(Whole::new(outline)));
    }
    Some(Value::Whole(whole))
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

    /// Gives retargeting animations values and velocities: of what is on screen in the scene as it was, less what goes on
    /// above them.
    fn begin_where_it_is(&mut self, before: &Self, ids: &[Id], t: ShowTime) {
        let was = OnScreen::new(before, &before.animations);
        for id in ids {
            let Some(at) = self.animations.iter().position(|one| one.id == *id) else {
                continue;
            };
            let mut animation = Animation::clone(&self.animations[at]);
            let target = animation.target.clone();
            let rests = animation.timing.delay_ms > 0.0;
            // What stands below it on the same properties is not seen.
            let above = self.animations.iter().enumerate();
            let above = above.filter(|(i, one)| *i > at || one.target != target);
            let above = above.filter(|(_, one)| !ids.contains(&one.id));
            let above: Vec<Shared<Animation>> = above.map(|(_, one)| one.clone()).collect();
            let stays = OnScreen::new(self, &above);
            let goes = OnceCell::new();
            let found = animation.properties().into_iter().filter_map(|property| {
                let own = self.own_value(&target, &property)?;
                let Some(shown) = was.composed(&target, &property, &stays, t) else {
                    // It is new.
                    return Some((property, (own, [0.0; 2])));
                };
                if !self.glides_from(&was, &target, &property, (&shown, &own), t) {
                    return Some((property, (own, [0.0; 2])));
                }
                let over = |below: Value, t: ShowTime| stays.over(&target, &property, below, t);
                let has_parts = matches!(shown, Value::Number(_) | Value::Vec2(_));
                let (value, velocity) = if has_parts {
                    let velocity = was.velocity(&target, &property, t);
                    beneath((shown, velocity), &over, t)
                } else {
                    // Without what goes on above it.
                    let below = || {
                        let goes = goes.get_or_init(|| before.without(&above));
                        OnScreen::new(goes, &goes.animations).value(&target, &property, t)
                    };
                    (below_of(shown, &|below| over(below, t), &below), [0.0; 2])
                };
                let velocity = if rests { [0.0; 2] } else { velocity };
                let (value, velocity) = readable((value, velocity));
                // So long a path cannot be written as it is on screen.
                Some((property, (value.unwrap_or(own), velocity)))
            });
            let found: Vec<(Property, OnItsWay)> = found.collect();
            animation.begin_at(self, &found);
            self.animations[at] = animation.into();
        }
    }

    /// Whether there is something between what is on screen and what the document holds, of a property and of the whole that it is
    /// a part of.
    fn glides_from(
        &self,
        was: &OnScreen<'_>,
        target: &Target,
        property: &Property,
        (shown, own): (&Value, &Value),
        t: ShowTime,
    ) -> bool {
        let mixes = |from: &Value, to: &Value| from == to || from.mixes_with(to);
        // A word keeps to its keyframes.
        if own.is_continuous() && !mixes(shown, own) {
            return false;
        }
        let Some(whole) = property.whole() else {
            return true;
        };
        match (was.value(target, &whole, t), self.own_value(target, &whole)) {
            (Some(from), Some(to)) => mixes(&from, &to),
            _ => false,
        }
    }

    /// The scene moved by nothing but the animations that are not among these.
    fn without(&self, these: &[Shared<Animation>]) -> Self {
        let mut scene = self.clone();
        scene.timelines.clear();
        scene
            .animations
            .retain(|one| !these.iter().any(|other| other.id == one.id));
        scene
    }

    /// Has glides let go of what their layers have no more: stops of what is a color by now, runs of a shorter text.
    pub(crate) fn drop_lost_glides(&mut self) {
        let layers = &self.layers;
        self.animations.retain_mut(|one| {
            let Target::Layer(id) = &one.target else {
                return true;
            };
            let layer = layers.iter().find(|layer| layer.id == *id);
            let (Some(_), Some(layer)) = (&one.plan.retarget, layer) else {
                return true;
            };
            let lost = one.lost_from(&mut Layer::clone(layer));
            lost.is_empty() || one.let_go(&lost)
        });
    }

    /// What a property is without animations; `None` where there is none.
    pub(crate) fn own_value(&self, target: &Target, property: &Property) -> Option<Value> {
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

    /// Lets a layer, which was `before` and was written to, glide to what it is now, by an animation `id`: what moves evenly
    /// and changed, what `written` names and animations hold, and what they let go of besides. They let go of it, but for
    /// what they add to it. `taken` is what was taken from them before for the sake of this write. Timelines go on above it.
    /// Gives back whom it met.
    pub fn glide(
        &mut self,
        id: Id,
        before: &Layer,
        written: &dyn Fn(&Property) -> bool,
        taken: &[Property],
        how: &GlideRequest,
    ) -> Vec<Id> {
        let after = self.layers.iter().find(|layer| layer.id == before.id);
        let Some(after) = after.cloned() else {
            return Vec::new();
        };
        let target = Target::Layer(before.id.clone());
        let held = |property: &Property| {
            let mut all = self.animations.iter();
            all.any(|one| one.target == target && !one.is_additive() && one.moves(property))
        };
        let asked = {
            let (mut was, mut is) = (before.clone(), after.clone());
            let asks = |property: &Property| {
                let from = value_of(&mut was, property);
                from.as_ref().is_some_and(Value::is_continuous)
                    && !property.holds_fields()
                    && (written(property) || from != value_of(&mut is, property))
            };
            let all = Property::of_layer(before).into_iter();
            all.filter(asks).filter(held).collect::<Vec<Property>>()
        };
        let let_go = self.yield_up(&target, &asked, false);
        let lost = |property: &Property| {
            let mut lost = asked.iter().chain(taken).chain(&let_go.properties);
            lost.any(|one| one == property || property.whole().as_ref() == Some(one))
        };
        let goes_on = self.moved_of(&target);
        let moved = before.moved_in(&after, &lost, &|whole| goes_on.contains(whole));
        if !moved.is_empty() {
            self.slip_in(Animation::gliding(id, before.id.clone(), &moved, how));
        }
        let_go.ids
    }

    /// Lets the glides of a layer, which was `before` and was written to without one, go on to where they were going: what was
    /// written shows when they end.
    pub fn keep_goals(&mut self, before: &Layer) {
        let after = self.layers.iter().find(|layer| layer.id == before.id);
        let Some(after) = after.filter(|after| ***after != *before) else {
            return;
        };
        let (mut was, mut is) = (before.clone(), Layer::clone(after));
        let mut changed = |property: &Property| {
            let goal = value_of(&mut was, property)?;
            (value_of(&mut is, property)? != goal).then_some(goal)
        };
        for animation in &mut self.animations {
            let here = matches!(&animation.target, Target::Layer(id) if *id == before.id);
            if !here || animation.plan.retarget.is_none() {
                continue;
            }
            let free = animation.properties().into_iter();
            let free = free.filter(|property| animation.goal(property).is_none());
            let goals = free.filter_map(|property| Some((changed(&property)?, property)));
            let goals: Vec<(Property, Value)> = goals.map(|(goal, of)| (of, goal)).collect();
            if !goals.is_empty() {
                animation.go_to(goals);
            }
        }
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
    fn go_to(&mut self, goals: Vec<(Property, Value)>) {
        match self.keyframes.iter_mut().find(|k| k.offset == Some(1.0)) {
            Some(end) => end.values.extend(goals),
            None => self.keyframes.push(StyledKeyframe {
                offset: Some(1.0),
                easing: Easing::Linear,
                composite: None,
                tangents: Tangents::default(),
                values: goals,
            }),
        }
    }

    /// Where this glide goes, whatever the document holds; `None` where it goes to that.
    fn goal(&self, property: &Property) -> Option<&Value> {
        let ends = self.keyframes.iter().filter(|k| k.offset == Some(1.0));
        let mut values = ends.flat_map(|k| &k.values);
        let goal = values.find(|(of, _)| of == property);
        goal.map(|(_, value)| value)
    }

    fn begin_at(&mut self, scene: &Scene, found: &[(Property, OnItsWay)]) {
        let Some(retarget) = &mut self.plan.retarget else {
            return;
        };
        let course = retarget.course;
        let moving = found.iter().filter(|(_, (value, _))| {
            course != Course::Tween && matches!(value, Value::Number(_) | Value::Vec2(_))
        });
        // No faster than a document may say, over a jump.
        let within = |v: &f64| v.clamp(VELOCITY.min, VELOCITY.max);
        let moving =
            moving.map(|(of, (_, velocity))| (of.clone(), velocity.each_ref().map(within)));
        retarget.velocities = Some(moving.collect());
        if let Course::Spring(spring) = course {
            let rest = found.iter().filter_map(|(property, (from, velocity))| {
                let own = || scene.own_value(&self.target, property);
                let to = self.goal(property).cloned().or_else(own)?;
                Some(rests_after_ms(spring, from, *velocity, &to))
            });
            self.timing.duration_ms = rest.fold(0.0, f64::max);
        }
        let begins = |keyframe: &&mut StyledKeyframe| keyframe.offset != Some(1.0);
        for keyframe in self.keyframes.iter_mut().filter(begins) {
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

impl Animation {
    /// What it moves that `layer`, its target, has no more.
    pub(crate) fn lost_from(&self, layer: &mut Layer) -> Vec<Property> {
        let mut lost = self.properties();
        lost.retain(|property| value_of(layer, property).is_none());
        lost
    }
}

fn value_of(layer: &mut Layer, property: &Property) -> Option<Value> {
    property.slot(layer).and_then(|slot| Slot::get(&slot))
}

impl Layer {
    /// What has something between its values and differs between this layer and another state of it, each with the value it has
    /// here; `lost` names more that counts though it is the same in both, and whose value on screen is another. A gradient is told
    /// by its parts, but as a whole where `goes_on` says that something else moves it.
    fn moved_in(
        &self,
        after: &Self,
        lost: &dyn Fn(&Property) -> bool,
        goes_on: &dyn Fn(&Property) -> bool,
    ) -> Vec<(Property, Value)> {
        let (mut was, mut is) = (self.clone(), after.clone());
        let mut both = |property: &Property| {
            Some((value_of(&mut was, property)?, value_of(&mut is, property)?))
        };
        let mut moved = Vec::new();
        for property in Property::of_layer(self) {
            // Pairs are told by their parts.
            if property.holds_fields() {
                continue;
            }
            let Some((from, to)) = both(&property) else {
                continue;
            };
            if let Some(whole) = property.whole()
                && let Some((from, to)) = both(&whole)
                && ((whole.is_in_parts() && goes_on(&whole))
                    || !(lost(&whole) || from == to || from.mixes_with(&to)))
            {
                continue;
            }
            let in_parts = property.is_in_parts() && matches!(to, Value::Whole(_));
            if in_parts && matches!(from, Value::Whole(_)) && !goes_on(&property) {
                continue;
            }
            let differs = from != to && from.mixes_with(&to);
            let is_lost = lost(&property) && from.is_continuous() && to.is_continuous();
            if differs || is_lost {
                moved.push((property, from));
            }
        }
        moved
    }
}

/// The value below `over` that shows as `shown`, of what is no number: itself where that lets it through or hides all; else what
/// moves without it, or a list of functions less what is put behind it.
fn below_of(
    shown: Value,
    over: &dyn Fn(Value) -> Value,
    without: &dyn Fn() -> Option<Value>,
) -> Value {
    if over(shown.clone()) == shown {
        return shown;
    }
    let without = without();
    let less = match (&shown, over(Value::Transform([].into()))) {
        (Value::Transform(all), Value::Transform(behind)) if all.ends_with(&behind) => {
            let first = all.len() - behind.len();
            Some(Value::Transform(all[..first].into()))
        }
        _ => None,
    };
    let shows = |value: &&Value| over((*value).clone()) == shown;
    let found = without.iter().chain(&less).find(shows).cloned();
    found.or(without).unwrap_or(shown)
}
