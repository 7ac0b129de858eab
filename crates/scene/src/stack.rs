//! Everything that moves one property, and its value at a time.

use crate::clocks::{Clocks, LeafClock};
use crate::rest::Rest;
use crate::retarget::Glide;
use crate::{Animation, Formula, Id, Layer, LookAt, Property, Shared, Target, Timeline};
use animation::{Composite, Playback, Timing, Track, Value};
use kurbo::Affine;
use media::{Color, ShowTime};
use std::borrow::Cow;
use std::sync::Arc;

/// All stacks of a scene; sampling them is a function of time.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    all: Vec<Stack>,
    clocks: Clocks,
    /// The show time that the clocks are set to.
    now: ShowTime,
}

/// Everything that moves one property, oldest first.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The layer; the canvas where there is none.
    pub(crate) layer: Option<usize>,
    pub(crate) property: Property,
    base: Value,
    /// Whether it is the color of what lets nothing through, whatever alpha it is moved to.
    opaque: bool,
    /// Whether it stands on what the whole that it is a part of is moved to.
    pub(crate) over_whole: bool,
    motions: Vec<Motion>,
}

#[derive(Debug)]
struct Motion {
    clock: MotionClock,
    composite: Composite,
    part: Part,
    moves: Moves,
    /// What a formula looks at: properties of layers, none where there is no such.
    needs: Vec<(Option<usize>, Property)>,
}

/// What gives a motion its progress.
#[derive(Clone, Debug)]
enum MotionClock {
    /// Show time.
    Own(Playback, Arc<Timing>),
    /// The timeline that it stands in.
    Within(LeafClock),
}

/// What of a stack's value a motion moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    First,
    Second,
}

#[derive(Clone, Debug)]
enum Moves {
    /// By keyframes or a way; or by a way of its own to what is below.
    Track(Arc<Track>, Option<Glide>),
    Formula(Formula, Vec<Place>),
}

/// A property whose value a formula needs.
#[derive(Clone, Debug)]
enum Place {
    Stack(usize, Part),
    Still(Value),
}

impl Stacks {
    /// Adds what moves a part of a scene whose layers are among `layers`, the first `index_of` tells where; what moves the canvas
    /// counts where its background is given.
    pub(crate) fn add_part(
        &mut self,
        layers: &[Shared<Layer>],
        background: Option<Color>,
        (animations, timelines): (&[Shared<Animation>], &[Shared<Timeline>]),
        index_of: &dyn Fn(&Id) -> Option<usize>,
    ) {
        let places = Places::new(layers, background, index_of);
        self.add_moves(places, animations.iter(), timelines.iter());
    }

    /// Adds what moves the background of a canvas, to the color of the layer `ground` that stands for it.
    pub(crate) fn add_ground(
        &mut self,
        layers: &[Shared<Layer>],
        ground: usize,
        (animations, timelines): (&[Shared<Animation>], &[Shared<Timeline>]),
    ) {
        let nobody = |_: &Id| None;
        let places = Places {
            ground: Some(ground),
            ..Places::new(layers, None, &nobody)
        };
        let is_canvas = |target: &Target| *target == Target::Canvas;
        let animations = animations.iter().filter(|one| is_canvas(&one.target));
        let timelines = timelines.iter().filter_map(|one| one.only(&is_canvas));
        let timelines: Vec<Shared<Timeline>> = timelines.map(Into::into).collect();
        self.add_moves(places, animations, timelines.iter());
        for stack in &mut self.all {
            stack.opaque |= stack.layer == Some(ground);
        }
    }

    fn add_moves<'a>(
        &mut self,
        mut places: Places<'_>,
        animations: impl Iterator<Item = &'a Shared<Animation>>,
        timelines: impl Iterator<Item = &'a Shared<Timeline>>,
    ) {
        for a in animations.filter(|a| !a.waits()) {
            let clock = MotionClock::Own(a.playback(), Arc::new(a.timing.clone()));
            self.add(&a.target, &moves_of(a), a.composite, &clock, &mut places);
        }
        let mut clocks = std::mem::take(&mut self.clocks);
        for timeline in timelines {
            // The targets of one leaf share its tracks.
            let mut last: Option<(*const Animation, Vec<(Property, Moves)>)> = None;
            clocks.add(timeline, &mut |target, leaf, clock| {
                let Some(left) = timeline.left(leaf, target) else {
                    return;
                };
                let animation: *const Animation = &raw const leaf.animation;
                // One of which something was taken shares nothing.
                if matches!(left, Cow::Owned(_)) {
                    let moves = moves_of(&left);
                    let clock = MotionClock::Within(clock.clone());
                    return self.add(target, &moves, left.composite, &clock, &mut places);
                }
                if last.as_ref().is_none_or(|(one, _)| *one != animation) {
                    last = Some((animation, moves_of(&leaf.animation)));
                }
                let clock = MotionClock::Within(clock.clone());
                if let Some((_, moves)) = &last {
                    let composite = leaf.animation.composite;
                    self.add(target, moves, composite, &clock, &mut places);
                }
            });
        }
        self.clocks = clocks;
    }

    /// Adds a track above all that moves the property.
    pub(crate) fn add_track(
        &mut self,
        layers: &[Shared<Layer>],
        background: Option<Color>,
        (layer, moved): (Option<usize>, &Property),
        track: Track,
        (playback, timing): (Playback, &Arc<Timing>),
    ) {
        let nobody = |_: &Id| None;
        let mut places = Places::new(layers, background, &nobody);
        if let Some((property, part, base)) = places.of(layer, moved) {
            let motion = Motion {
                clock: MotionClock::Own(playback, Arc::clone(timing)),
                composite: Composite::Replace,
                part,
                moves: Moves::Track(Arc::new(track), None),
                needs: Vec::new(),
            };
            self.push(layer, property, base, motion);
        }
    }

    /// Puts everything in the order in which it is worked out; nothing is added afterwards.
    pub(crate) fn finish(&mut self, layers: &[Shared<Layer>]) {
        // Wholes are moved before their parts.
        self.all
            .sort_by_key(|stack| stack.property.whole().is_some());
        for i in 0..self.all.len() {
            let (layer, whole) = (self.all[i].layer, self.all[i].property.whole());
            self.all[i].over_whole = whole.is_some_and(|whole| self.find(layer, &whole).is_some());
        }
        let nobody = |_: &Id| None;
        self.connect(&mut Places::new(layers, None, &nobody));
    }

    /// Puts what an animation does above what moves the same properties of the target.
    fn add(
        &mut self,
        target: &Target,
        moves: &[(Property, Moves)],
        composite: Composite,
        clock: &MotionClock,
        places: &mut Places<'_>,
    ) {
        let layer = match target {
            Target::Layer(id) => match (places.index_of)(id) {
                Some(i) => Some(i),
                None => return,
            },
            Target::Canvas => places.ground,
        };
        for (moved, moves) in moves {
            let moved = match (target, moved) {
                (Target::Canvas, Property::Background) if layer.is_some() => &Property::SourceColor,
                _ => moved,
            };
            let Some((property, part, base)) = places.of(layer, moved) else {
                continue;
            };
            let motion = Motion {
                clock: clock.clone(),
                composite,
                part,
                needs: needs(moves, layer, places.index_of),
                moves: moves.clone(),
            };
            self.push(layer, property, base, motion);
        }
    }

    fn push(&mut self, layer: Option<usize>, property: Property, base: Value, motion: Motion) {
        match self.find(layer, &property) {
            Some(at) => self.all[at].motions.push(motion),
            None => self.all.push(Stack {
                layer,
                property,
                base,
                opaque: false,
                over_whole: false,
                motions: vec![motion],
            }),
        }
    }

    fn find(&self, layer: Option<usize>, property: &Property) -> Option<usize> {
        let is = |stack: &Stack| stack.layer == layer && stack.property == *property;
        self.all.iter().position(is)
    }

    /// Tells formulas where to look.
    fn connect(&mut self, places: &mut Places<'_>) {
        for i in 0..self.all.len() {
            for k in 0..self.all[i].motions.len() {
                let needs = std::mem::take(&mut self.all[i].motions[k].needs);
                if needs.is_empty() {
                    continue;
                }
                let found: Option<Vec<Place>> = needs
                    .into_iter()
                    .map(|(layer, property)| {
                        let (property, part, base) = places.of(Some(layer?), &property)?;
                        Some(match self.find(layer, &property) {
                            Some(at) => Place::Stack(at, part),
                            None => Place::Still(part.of(base)),
                        })
                    })
                    .collect();
                if let Moves::Formula(_, places) = &mut self.all[i].motions[k].moves {
                    *places = found.unwrap_or_default();
                }
            }
        }
    }

    /// Sets the clocks of timelines, so that values at `t` need not find them out again.
    pub(crate) fn set(&mut self, t: ShowTime) {
        self.clocks.set(t);
        self.now = t;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Stack> {
        self.all.iter()
    }

    /// The value of a stack at `t`.
    pub(crate) fn value(&self, stack: &Stack, t: ShowTime) -> Value {
        self.value_over(stack, stack.base.clone(), t)
    }

    /// As [`value`](Self::value), over another value than the document's.
    pub(crate) fn value_over(&self, stack: &Stack, base: Value, t: ShowTime) -> Value {
        let motions = stack.motions.iter();
        match motions.fold(base, |below, motion| self.moved(motion, below, t)) {
            Value::Color(color) if stack.opaque => Value::Color(Color { a: 1.0, ..color }),
            value => value,
        }
    }

    /// What everything on a property of a layer, or of the canvas, makes of `below` at `t`.
    pub(crate) fn over_all(
        &self,
        layer: Option<usize>,
        property: &Property,
        below: Value,
        t: ShowTime,
    ) -> Value {
        match self.seat(layer, property) {
            Some((stack, part)) => part.of(self.value_over(stack, part.within(stack, below), t)),
            None => below,
        }
    }

    /// How fast the topmost motion that has an effect on a property at `t` makes it go, per second, over `below`; `None`
    /// where it does not know.
    pub(crate) fn velocity_over(
        &self,
        layer: Option<usize>,
        property: &Property,
        below: &Value,
        t: ShowTime,
    ) -> Option<[f64; 2]> {
        let (stack, part) = self.seat(layer, property)?;
        let meets =
            |motion: &Motion| [motion.part, part].contains(&Part::All) || motion.part == part;
        let acts = |motion: &Motion| meets(motion) && self.progress(&motion.clock, t).is_some();
        let top = stack.motions.iter().rposition(acts)?;
        let motion = &stack.motions[top];
        let (Moves::Track(_, Some(glide)), MotionClock::Own(playback, timing)) =
            (&motion.moves, &motion.clock)
        else {
            return None;
        };
        let elapsed_ms = playback.local_ms(t) - timing.delay_ms;
        let goes = elapsed_ms >= 0.0 && !playback.is_paused() && motion.part == part;
        let lower = stack.motions[..top].iter();
        let below = part.within(stack, below.clone());
        let to = lower.fold(below, |below, motion| self.moved(motion, below, t));
        let velocity = || glide.at(elapsed_ms, &part.of(to)).1;
        goes.then(|| velocity().map(|v| v * playback.rate()))
    }

    /// The stack that moves a property, and what of its value is meant.
    fn seat(&self, layer: Option<usize>, property: &Property) -> Option<(&Stack, Part)> {
        let pair = property.pair().and_then(|(pair, second)| {
            let part = if second { Part::Second } else { Part::First };
            Some((self.find(layer, &pair)?, part))
        });
        let whole = || Some((self.find(layer, property)?, Part::All));
        let (at, part) = pair.or_else(whole)?;
        Some((&self.all[at], part))
    }

    fn moved(&self, motion: &Motion, below: Value, t: ShowTime) -> Value {
        match (motion.part, &below) {
            (Part::All, _) => self.over(motion, &below, t).unwrap_or(below),
            (part, Value::Vec2([x, y])) => {
                let own = Value::Number(if part == Part::First { *x } else { *y });
                match (part, self.over(motion, &own, t)) {
                    (Part::First, Some(Value::Number(v))) => Value::Vec2([v, *y]),
                    (_, Some(Value::Number(v))) => Value::Vec2([*x, v]),
                    _ => below,
                }
            }
            _ => below,
        }
    }

    /// What a motion makes of the value below it; `None` where it has no effect now, or where numbers are too small for it: a
    /// chain of formulas, each a million times the last.
    fn over(&self, motion: &Motion, below: &Value, t: ShowTime) -> Option<Value> {
        self.made(motion, below, t).filter(Value::is_finite)
    }

    fn made(&self, motion: &Motion, below: &Value, t: ShowTime) -> Option<Value> {
        let progress = self.progress(&motion.clock, t)?;
        let (formula, places) = match &motion.moves {
            Moves::Track(track, glide) => {
                return Some(match (glide, &motion.clock) {
                    (Some(glide), MotionClock::Own(playback, timing)) => {
                        let local_ms = playback.stopped_ms(playback.local_ms(t), timing);
                        glide.at(local_ms - timing.delay_ms, below).0
                    }
                    _ => track.sample(progress, below),
                });
            }
            Moves::Formula(formula, places) => (formula, places),
        };
        let value = match formula {
            Formula::Noise { .. } | Formula::Wiggle { .. } | Formula::Sine { .. } => {
                formula.swing(self.active_ms(&motion.clock, t)? / 1000.0, below)?
            }
            Formula::Follow {
                lag_ms,
                scale,
                offset,
                ..
            } => {
                let then = ShowTime::from_nanos(
                    t.nanos().saturating_sub(ShowTime::from_ms(*lag_ms).nanos()),
                );
                match (self.read(places.first()?, then), below) {
                    (Value::Number(v), Value::Number(_)) => Value::Number(v * scale + offset),
                    (Value::Vec2(v), Value::Vec2(_)) => Value::Vec2(v.map(|v| v * scale + offset)),
                    _ => return None,
                }
            }
            Formula::LookAt { at, offset_deg } => {
                let Value::Vec2([x, y]) = self.read(places.first()?, t) else {
                    return None;
                };
                let [to_x, to_y] = match at {
                    LookAt::Point(point) => *point,
                    LookAt::Layer(_) => match self.read(places.get(1)?, t) {
                        Value::Vec2(point) => point,
                        _ => return None,
                    },
                };
                let (dx, dy) = (to_x - x, to_y - y);
                // Where it stands on what it looks at, every direction is as good as that it has.
                if dx == 0.0 && dy == 0.0 {
                    return None;
                }
                Value::Number(libm::atan2(dy, dx).to_degrees() + offset_deg)
            }
        };
        Some(match motion.composite {
            Composite::Replace => value,
            Composite::Add | Composite::Accumulate => below.add(&value),
        })
    }

    fn progress(&self, clock: &MotionClock, t: ShowTime) -> Option<f64> {
        match clock {
            MotionClock::Own(playback, timing) => playback.sample(timing, t).progress,
            MotionClock::Within(leaf) if t == self.now => self.clocks.progress(leaf),
            MotionClock::Within(leaf) => self.clocks.progress_at(leaf, t),
        }
    }

    /// How long a motion has been active, milliseconds; `None` where its timeline has no effect.
    fn active_ms(&self, clock: &MotionClock, t: ShowTime) -> Option<f64> {
        match clock {
            MotionClock::Own(playback, timing) => {
                let [first_ms, last_ms] = timing.active_span_ms();
                Some(playback.local_ms(t).clamp(first_ms, last_ms) - first_ms)
            }
            MotionClock::Within(leaf) if t == self.now => self.clocks.active_ms(leaf),
            MotionClock::Within(leaf) => self.clocks.active_ms_at(leaf, t),
        }
    }

    /// When each stack has come to rest, in their order.
    pub(crate) fn rests(&self) -> Vec<Rest> {
        let parts = self.all.iter().filter(|stack| stack.over_whole);
        let parts: Vec<(Option<usize>, Option<Property>)> = parts
            .map(|stack| (stack.layer, stack.property.whole()))
            .collect();
        let rest = |stack: &Stack| {
            // What stands on a whole is wiped away by it, and must be: else it would stand on what it was itself.
            let mut parts = parts.iter();
            let holds_parts = parts.any(|(layer, whole)| {
                *layer == stack.layer && whole.as_ref() == Some(&stack.property)
            });
            let bound = (stack.over_whole || holds_parts).then_some(None);
            let motions = stack.motions.iter();
            Rest::after(motions.map(|motion| self.rests_at(motion)).chain(bound))
        };
        self.all.iter().map(rest).collect()
    }

    /// The show time from which on a motion gives the same for ever; `None` where that never comes.
    fn rests_at(&self, motion: &Motion) -> Option<ShowTime> {
        if let Moves::Formula(Formula::Follow { .. } | Formula::LookAt { .. }, _) = motion.moves {
            // It hangs on others, and may hold what they do after its end.
            return None;
        }
        match &motion.clock {
            MotionClock::Own(playback, timing) => playback.rests_at(timing),
            MotionClock::Within(leaf) => self.clocks.rests_at(leaf),
        }
    }

    fn read(&self, place: &Place, t: ShowTime) -> Value {
        match place {
            Place::Still(value) => value.clone(),
            Place::Stack(at, part) => part.of(self.value(&self.all[*at], t)),
        }
    }
}

impl Part {
    /// The value of a stack in the document, with another in place of this part of it.
    fn within(self, stack: &Stack, value: Value) -> Value {
        match (self, &stack.base, value) {
            (Self::First, Value::Vec2([_, y]), Value::Number(x)) => Value::Vec2([x, *y]),
            (Self::Second, Value::Vec2([x, _]), Value::Number(y)) => Value::Vec2([*x, y]),
            (_, _, value) => value,
        }
    }

    fn of(self, value: Value) -> Value {
        match (self, value) {
            (Self::First, Value::Vec2([v, _])) | (Self::Second, Value::Vec2([_, v])) => {
                Value::Number(v)
            }
            (_, value) => value,
        }
    }
}

impl Stack {
    /// The largest of what `size` makes of its values, where a track says; added to what is below, it counts as that.
    pub(crate) fn peak(&self, base: f64, size: impl Fn(&Value) -> f64) -> f64 {
        let of = |motion: &Motion| match &motion.moves {
            Moves::Track(track, _) => track
                .keyframes()
                .iter()
                .filter_map(|keyframe| keyframe.value.as_ref().map(&size))
                .fold(0.0, f64::max),
            Moves::Formula(formula, _) => base + formula.amplitude(),
        };
        self.motions.iter().map(of).fold(0.0, f64::max)
    }
}

/// What a formula on a property of the layer `own` looks at.
fn needs(
    moves: &Moves,
    own: Option<usize>,
    index_of: &dyn Fn(&Id) -> Option<usize>,
) -> Vec<(Option<usize>, Property)> {
    let Moves::Formula(formula, _) = moves else {
        return Vec::new();
    };
    match formula {
        Formula::Follow { layer, of, .. } => vec![(index_of(layer), of.clone())],
        Formula::LookAt { at, .. } => {
            let other = match at {
                LookAt::Layer(id) => Some((index_of(id), Property::Position)),
                LookAt::Point(_) => None,
            };
            [(own, Property::Position)]
                .into_iter()
                .chain(other)
                .collect()
        }
        Formula::Noise { .. } | Formula::Wiggle { .. } | Formula::Sine { .. } => Vec::new(),
    }
}

/// Finds where properties live.
struct Places<'a> {
    all: &'a [Shared<Layer>],
    background: Option<Color>,
    /// The layer that stands for the canvas, where that is another.
    ground: Option<usize>,
    /// Copies that are written to find out where properties live; those of the scene stay shared.
    layers: Vec<Option<Layer>>,
    index_of: &'a dyn Fn(&Id) -> Option<usize>,
}

impl<'a> Places<'a> {
    fn new(
        all: &'a [Shared<Layer>],
        background: Option<Color>,
        index_of: &'a dyn Fn(&Id) -> Option<usize>,
    ) -> Self {
        Self {
            all,
            background,
            ground: None,
            layers: vec![None; all.len()],
            index_of,
        }
    }

    /// The property as stacks have it, what of it is meant, and its value in the document; `None` where there is none.
    ///
    /// Parts of pairs are moved as parts, so that whatever moves the whole and whatever moves a part stack in order of age.
    fn of(&mut self, layer: Option<usize>, property: &Property) -> Option<(Property, Part, Value)> {
        let Some(i) = layer else {
            let background = Value::Color(self.background?);
            let is_background = *property == Property::Background;
            return is_background.then_some((Property::Background, Part::All, background));
        };
        let layer = self.all.get(i)?;
        let copy = self.layers.get_mut(i)?;
        let layer = copy.get_or_insert_with(|| Layer::clone(layer));
        let mut value = |property: &Property| property.slot(layer).and_then(|slot| slot.get());
        if let Some((pair, second)) = property.pair()
            && let Some(base) = value(&pair)
        {
            let part = if second { Part::Second } else { Part::First };
            return Some((pair, part, base));
        }
        value(property).map(|base| (property.clone(), Part::All, base))
    }
}

/// What an animation does to each property.
fn moves_of(animation: &Animation) -> Vec<(Property, Moves)> {
    let properties = animation.properties().into_iter();
    let moves = properties.filter_map(|property| {
        let moves = match animation.driver.expression() {
            Some(expression) => Moves::Formula(expression.formula.clone(), Vec::new()),
            None => {
                let track = animation.track(&property).ok()?;
                let glide = Glide::of(animation, &property, &track);
                Moves::Track(Arc::new(track), glide)
            }
        };
        Some((property, moves))
    });
    moves.collect()
}

/// How much larger a map makes things at most.
pub(crate) fn largest_scale(map: Affine) -> f64 {
    let [a, b, c, d, ..] = map.as_coeffs();
    let (sum, difference) = (libm::hypot(a + d, b - c), libm::hypot(a - d, b + c));
    (sum + difference) / 2.0
}
