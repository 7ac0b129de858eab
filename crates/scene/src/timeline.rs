//! Timelines: animations whose effect is the time of others.
//!
//! The iteration of a timeline is the local time of its children, and nothing is expanded: what a leaf shows is a function
//! of the show time, by way of the clocks around it.

use crate::animate::WhenOver;
use crate::clocks::Plan;
use crate::{Animation, Id, Layer, Moment, Scene, Shared, Start, Taken, Target, Verb};
use animation::{Composite, Playback, Position, Stagger, Timing};
use media::ShowTime;
use std::sync::Arc;

/// Animations that run together, placed by labels and by each other, with one clock.
///
/// Its leaves stand above all plain animations on the same property, and above those of older timelines; within it, later
/// ones stand above earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// Unique among animations and timelines of the scene.
    pub id: Id,
    /// For people.
    pub name: Option<Arc<str>>,
    /// When local time 0 is.
    pub start: Start,
    /// How it runs through its entries. The length of an iteration is laid out, not given: `duration_ms` is not looked at.
    pub timing: Timing,
    /// How it runs since somebody intervened; `None` where it runs from its start on.
    pub playback: Option<Playback>,
    /// What is done to it with the frame on which the change takes effect, in order; the engine carries it out once.
    pub verbs: Vec<Verb>,
    /// What becomes of it when it is over.
    pub when_over: WhenOver,
    /// What it is made of, in order of layout.
    pub entries: Vec<TimelineEntry>,
    /// Layers that came with it, and go with it when it is taken out.
    pub removes: Vec<Id>,
    /// What it has let go of, for as long as it is there.
    pub taken: Vec<Taken>,
}

/// One thing in a timeline, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineEntry {
    /// Where; by default the end of the timeline so far.
    pub position: Position,
    /// What.
    pub part: TimelinePart,
}

/// What stands in a timeline.
#[derive(Clone, Debug, PartialEq)]
pub enum TimelinePart {
    /// An animation of one target or several.
    Leaf(Box<Leaf>),
    /// A timeline in the timeline.
    Nested(Nested),
    /// A name for a moment.
    Label(String),
    /// A moment at which the playhead stands until it is resumed; on the outermost timeline only.
    Pause,
}

/// An animation in a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// What it moves.
    pub targets: Targets,
    /// What it does to each of them, and with which timing. A formula that swings goes by the time of the leaf, one that looks
    /// at other layers sees them as they are. It has no clock of its own: `id`, `target`, `start`, `playback`,
    /// `verbs` and `when_over` are not looked at.
    pub animation: Animation,
}

/// What a leaf moves.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// One thing.
    One(Target),
    /// Several, one after the other by their stagger, or together without one.
    Several {
        /// In the order of the stagger; `None` keeps the place of one that is gone. With none at all it takes its time and
        /// moves nothing.
        targets: Vec<Option<Target>>,
        /// Their delays.
        stagger: Option<Stagger>,
    },
}

/// A timeline in a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Nested {
    /// As [`Timeline::timing`].
    pub timing: Timing,
    /// As [`Timeline::entries`].
    pub entries: Vec<TimelineEntry>,
}

impl Leaf {
    /// Whether its formula looks at what `is_gone`.
    fn lacks(&self, is_gone: &dyn Fn(&Target) -> bool) -> bool {
        let expression = self.animation.driver.expression();
        let looks_at = expression.and_then(crate::Expression::layer);
        looks_at.is_some_and(|id| is_gone(&Target::Layer(id.clone())))
    }
}

impl Targets {
    /// The number of places.
    pub fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Several { targets, .. } => targets.len(),
        }
    }

    /// Whether there is no place at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each place that has one, with its number.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Target)> {
        let list = match self {
            Self::One(target) => (Some(target), [].as_slice()),
            Self::Several { targets, .. } => (None, targets.as_slice()),
        };
        let several = list.1.iter().enumerate();
        let several = several.filter_map(|(i, target)| Some((i, target.as_ref()?)));
        list.0.map(|target| (0, target)).into_iter().chain(several)
    }

    /// When each place begins after the first, milliseconds.
    pub(crate) fn delays_ms(&self) -> Vec<f64> {
        match self {
            Self::Several {
                targets,
                stagger: Some(stagger),
            } => {
                let mut delays = stagger.delays_ms(targets.len());
                // An easing may fall below its beginning; nothing begins before the leaf does.
                for delay in &mut delays {
                    *delay = delay.max(0.0);
                }
                delays
            }
            other => vec![0.0; other.len()],
        }
    }

    /// Lets go of what `is_gone`; the others keep their places.
    pub(crate) fn let_go(&mut self, is_gone: &dyn Fn(&Target) -> bool) {
        match self {
            Self::One(target) => {
                if is_gone(target) {
                    *self = Self::Several {
                        targets: vec![None],
                        stagger: None,
                    };
                }
            }
            Self::Several { targets, .. } => {
                for target in targets {
                    if target.as_ref().is_some_and(is_gone) {
                        *target = None;
                    }
                }
            }
        }
    }
}

impl Timeline {
    /// How it runs. A start that is not yet a show time counts as show time 0.
    pub fn playback(&self) -> Playback {
        self.playback.unwrap_or_else(|| {
            let start = match self.start {
                Start::At(time) => time,
                _ => ShowTime::ZERO,
            };
            Playback::start(start, &self.laid_timing())
        })
    }

    /// How it is drawn: while it waits it stands before its beginning, as one does that begins at a later show time, so that what
    /// its leaves hold there is seen.
    pub(crate) fn shown_playback(&self) -> Playback {
        let playback = self.playback();
        if !self.waits() {
            return playback;
        }
        let (_, first_ms) = playback.anchor();
        let rate = playback.rate();
        let before_ms = if rate < 0.0 { first_ms + 1.0 } else { -1.0 };
        Playback::from_parts(ShowTime::ZERO, before_ms, rate, true)
    }

    /// Its timing with the length of an iteration as it is laid out.
    pub fn laid_timing(&self) -> Timing {
        Timing {
            duration_ms: self.layout().map_or(0.0, |layout| layout.duration_ms),
            ..self.timing.clone()
        }
    }

    /// Where its own entries stand; `None` where they cannot be placed. Costs a pass over everything in it.
    pub fn layout(&self) -> Option<animation::Layout> {
        Plan::of(&self.entries).map(|plan| plan.layout)
    }

    /// The local time that belongs to one of its own labels, as it is played the first time.
    pub fn label_ms(&self, label: &str) -> Option<f64> {
        let layout = self.layout()?;
        let at_ms = *layout.labels.get(label)?;
        let at_ms = match self.timing.direction {
            animation::Direction::Reverse | animation::Direction::AlternateReverse => {
                layout.duration_ms - at_ms
            }
            animation::Direction::Normal | animation::Direction::Alternate => at_ms,
        };
        Some(self.timing.delay_ms + at_ms)
    }

    /// Whether all of it is fixed to show times.
    pub const fn is_settled(&self) -> bool {
        let is_fixed = match self.start {
            Start::At(_) => true,
            Start::Marker(..) => self.start.wait_is_settled(),
            _ => false,
        };
        is_fixed && self.verbs.is_empty()
    }

    /// Fixes it to show times, for a change that takes effect at `moment`; `over` as for [`Start::settled`].
    pub fn settle(&mut self, moment: Moment, over: &dyn Fn(&Id) -> Option<ShowTime>) {
        self.start.settle_wait(moment.show);
        if matches!(self.start, Start::Marker(..)) {
            self.verbs.clear();
            return;
        }
        self.start = Start::At(self.start.settled(moment, over));
        if self.verbs.is_empty() {
            return;
        }
        let mut playback = self.playback();
        let (timing, stops) = (self.laid_timing(), self.stops_ms());
        for verb in std::mem::take(&mut self.verbs) {
            // Who stands at a point is paused there, whatever comes now.
            if let Some(stop_ms) = standing_ms(&playback, &stops, moment.show) {
                playback = Playback::from_parts(moment.show, stop_ms, playback.rate(), true);
            }
            verb.apply(&mut playback, &timing, moment.show);
        }
        self.playback = Some(playback);
    }

    /// The first show time at which it is over; `None` while it waits, is paused or a point to pause at lies ahead, and for one
    /// that never is.
    pub fn ends_at(&self) -> Option<ShowTime> {
        let playback = self.playback();
        if self.waits() || next_stop_ms(&playback, &self.stops_ms()).is_some() {
            return None;
        }
        playback.ends_at(&self.laid_timing())
    }

    /// When it comes to the next point to pause at.
    pub(crate) fn stands_from(&self) -> Option<ShowTime> {
        let playback = self.playback();
        let stop_ms = next_stop_ms(&playback, &self.stops_ms())?;
        playback.reaches(stop_ms)
    }

    /// The local time at which it stands at `now`.
    pub fn local_ms(&self, now: ShowTime) -> f64 {
        held_ms(&self.playback(), &self.stops_ms(), now)
    }

    /// The local times of the points to pause at, ascending: those between its beginning and its end.
    pub(crate) fn stops_ms(&self) -> Vec<f64> {
        let pauses = |entry: &TimelineEntry| matches!(entry.part, TimelinePart::Pause);
        if !self.entries.iter().any(pauses) {
            return Vec::new();
        }
        let Some(layout) = self.layout() else {
            return Vec::new();
        };
        let timing = Timing {
            duration_ms: layout.duration_ms,
            ..self.timing.clone()
        };
        let [first_ms, last_ms] = timing.active_span_ms();
        let spans = self.entries.iter().zip(&layout.spans);
        let mut stops: Vec<f64> = spans
            .filter(|(entry, _)| pauses(entry))
            .map(|(_, span)| timing.delay_ms + span[0])
            .filter(|stop| *stop > first_ms && *stop < last_ms)
            .collect();
        stops.sort_by(f64::total_cmp);
        stops
    }

    /// Everything in it that moves, in order.
    pub fn each_leaf(&self, see: &mut dyn FnMut(&Leaf)) {
        each_leaf(&self.entries, see);
    }

    /// Lets go of what `is_gone`, without a change of times; `false` where nothing is left that it moves, though there was
    /// something.
    pub(crate) fn let_go(&mut self, is_gone: &dyn Fn(&Target) -> bool) -> bool {
        let (mut before, mut after) = (0, 0);
        self.each_leaf(&mut |leaf| before += leaf.targets.iter().count());
        each_leaf_mut(&mut self.entries, &mut |leaf| {
            // A formula that looks at what is gone moves nothing any more.
            let lacks = leaf.lacks(is_gone);
            leaf.targets.let_go(&|target| lacks || is_gone(target));
        });
        self.forget_taken();
        self.each_leaf(&mut |leaf| after += leaf.targets.iter().count());
        before == 0 || after > 0
    }

    /// What it does to some targets, by the same clock; `None` where that is nothing.
    pub(crate) fn only(&self, is_in: &dyn Fn(&Target) -> bool) -> Option<Self> {
        let mut own = self.clone();
        let mut left = 0;
        each_leaf_mut(&mut own.entries, &mut |leaf| {
            leaf.targets.let_go(&|target| !is_in(target));
            left += leaf.targets.iter().count();
        });
        own.removes.clear();
        own.forget_taken();
        (left > 0).then_some(own)
    }

    /// Lets go of what leaves move for which `is_lost` is so, without a change of times.
    pub(crate) fn lose(&mut self, is_lost: &dyn Fn(&Animation) -> bool) {
        each_leaf_mut(&mut self.entries, &mut |leaf| {
            let lost = is_lost(&leaf.animation);
            leaf.targets.let_go(&|_| lost);
        });
        self.forget_taken();
    }

    /// Lets go of a target for leaves that move something for which `is_lost` is so, without a change of times.
    pub(crate) fn lose_of(&mut self, target: &Target, is_lost: &mut dyn FnMut(&Animation) -> bool) {
        each_leaf_mut(&mut self.entries, &mut |leaf| {
            if leaf.targets.iter().any(|(_, one)| one == target) && is_lost(&leaf.animation) {
                leaf.targets.let_go(&|one| one == target);
            }
        });
        self.forget_taken();
    }

    /// Changes its leaves, without a change of times.
    pub(crate) fn change_leaves(&mut self, change: &mut dyn FnMut(&mut Leaf)) {
        each_leaf_mut(&mut self.entries, change);
        self.forget_taken();
    }

    /// As [`Animation::is_state_of`].
    pub fn is_state_of(&self, other: &Self) -> bool {
        let mut one = self.clone();
        one.run_as(other);
        one == *other
    }

    /// As [`Animation::run_as`].
    pub fn run_as(&mut self, other: &Self) {
        self.start = other.start.clone();
        self.playback = other.playback;
        self.verbs.clone_from(&other.verbs);
    }

    /// Whether it moves this.
    pub fn moves(&self, target: &Target) -> bool {
        let mut found = false;
        self.each_leaf(&mut |leaf| found |= leaf.targets.iter().any(|(_, one)| one == target));
        found
    }

    /// The timeline as an animation that moves nothing: the same clock.
    pub(crate) fn as_animation(&self) -> Animation {
        Animation {
            id: self.id.clone(),
            target: Target::Canvas,
            start: self.start.clone(),
            timing: self.laid_timing(),
            playback: self.playback,
            verbs: self.verbs.clone(),
            when_over: self.when_over,
            plan: crate::Plan::default(),
            composite: Composite::default(),
            color_space: animation::ColorSpace::default(),
            driver: crate::Driver::default(),
            keyframes: Vec::new(),
        }
    }
}

fn each_leaf(entries: &[TimelineEntry], see: &mut dyn FnMut(&Leaf)) {
    for entry in entries {
        match &entry.part {
            TimelinePart::Leaf(leaf) => see(leaf),
            TimelinePart::Nested(nested) => each_leaf(&nested.entries, see),
            TimelinePart::Label(_) | TimelinePart::Pause => {}
        }
    }
}

fn each_leaf_mut(entries: &mut [TimelineEntry], see: &mut dyn FnMut(&mut Leaf)) {
    for entry in entries {
        match &mut entry.part {
            TimelinePart::Leaf(leaf) => see(leaf),
            TimelinePart::Nested(nested) => each_leaf_mut(&mut nested.entries, see),
            TimelinePart::Label(_) | TimelinePart::Pause => {}
        }
    }
}

/// The next point, beyond the anchor in the direction of play, at which it stands still.
///
/// A point at the anchor itself is behind it: that is how one that was resumed there goes on.
fn next_stop_ms(playback: &Playback, stops: &[f64]) -> Option<f64> {
    let (_, from_ms) = playback.anchor();
    if playback.rate() < 0.0 {
        stops.iter().rev().copied().find(|stop| *stop < from_ms)
    } else {
        stops.iter().copied().find(|stop| *stop > from_ms)
    }
}

/// Local time at `now`, held at the next point.
pub(crate) fn held_ms(playback: &Playback, stops: &[f64], now: ShowTime) -> f64 {
    let local_ms = playback.local_ms(now);
    match next_stop_ms(playback, stops) {
        Some(stop) if playback.rate() < 0.0 => local_ms.max(stop),
        Some(stop) => local_ms.min(stop),
        None => local_ms,
    }
}

/// The point that it stands at.
fn standing_ms(playback: &Playback, stops: &[f64], now: ShowTime) -> Option<f64> {
    let stop = next_stop_ms(playback, stops)?;
    let local_ms = playback.local_ms(now);
    let reached = if playback.rate() < 0.0 {
        local_ms <= stop
    } else {
        local_ms >= stop
    };
    (reached && !playback.is_paused()).then_some(stop)
}

/// An animation or a timeline: what has a clock in the scene. Their ids are one namespace.
#[derive(Clone, Copy, Debug)]
pub enum Clocked<'a> {
    /// An animation.
    Animation(&'a Shared<Animation>),
    /// A timeline.
    Timeline(&'a Shared<Timeline>),
}

impl<'a> Clocked<'a> {
    /// Its id.
    pub fn id(self) -> &'a Id {
        match self {
            Self::Animation(one) => &one.id,
            Self::Timeline(one) => &one.id,
        }
    }

    /// When local time 0 is.
    pub fn start(self) -> &'a Start {
        match self {
            Self::Animation(one) => &one.start,
            Self::Timeline(one) => &one.start,
        }
    }

    /// What becomes of it when it is over.
    pub fn when_over(self) -> WhenOver {
        match self {
            Self::Animation(one) => one.when_over,
            Self::Timeline(one) => one.when_over,
        }
    }

    /// Whether all of it is fixed to show times.
    pub fn is_settled(self) -> bool {
        match self {
            Self::Animation(one) => one.is_settled(),
            Self::Timeline(one) => one.is_settled(),
        }
    }

    /// The first show time at which it is over.
    pub fn ends_at(self) -> Option<ShowTime> {
        match self {
            Self::Animation(one) => one.ends_at(),
            Self::Timeline(one) => one.ends_at(),
        }
    }

    /// Whether it is over by `now`, for good unless somebody turns it.
    pub fn is_over(self, now: ShowTime) -> bool {
        self.is_settled() && self.ends_at().is_some_and(|over| over <= now)
    }
}

impl Scene {
    /// Everything that has a clock: animations, then timelines.
    pub fn clocked(&self) -> impl Iterator<Item = Clocked<'_>> {
        let timelines = self.timelines.iter().map(Clocked::Timeline);
        self.animations
            .iter()
            .map(Clocked::Animation)
            .chain(timelines)
    }

    /// Takes a timeline out as it is when it is over: what its leaves hold then becomes their targets' own, the last one's
    /// where several hold a property, as if no animation moved it. The layers that came with it go.
    pub fn end_timeline(&mut self, id: &Id) {
        let Some(at) = self.timelines.iter().position(|one| one.id == *id) else {
            return;
        };
        let timeline = self.timelines.remove(at);
        let held = crate::clocks::held_at_the_end(&timeline);
        for (target, animation, where_) in &held {
            self.commit(target, animation, *where_);
        }
        for (target, animation, _) in &held {
            self.put_stops_in_order(target, animation);
        }
        self.remove_with(&timeline);
    }

    /// Takes a timeline out as if it had never been; the layers that came with it go.
    pub fn cancel_timeline(&mut self, id: &Id) -> Option<Shared<Timeline>> {
        let at = self.timelines.iter().position(|one| one.id == *id)?;
        let timeline = self.timelines.remove(at);
        self.remove_with(&timeline);
        Some(timeline)
    }

    /// Takes targets from all timelines, without a change of times; a timeline that moves nothing any more goes.
    pub fn take_from_timelines(&mut self, is_gone: &dyn Fn(&Target) -> bool) {
        self.timelines.retain_mut(|timeline| {
            let mut touched = false;
            timeline.each_leaf(&mut |leaf| {
                touched |= leaf.targets.iter().any(|(_, one)| is_gone(one)) || leaf.lacks(is_gone);
            });
            !touched || timeline.let_go(is_gone)
        });
    }

    fn remove_with(&mut self, timeline: &Timeline) {
        let there = |layers: &[Shared<Layer>], id: &Id| layers.iter().any(|one| one.id == *id);
        for id in &timeline.removes {
            if there(&self.layers, id) {
                self.remove_layer(id);
            }
        }
    }
}
