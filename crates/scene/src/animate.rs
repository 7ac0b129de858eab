//! Movement of a layer's properties.

use crate::ranges::LOCAL_MS;
use crate::{Driver, Id, Moment, Patience, Plan, Property, Scene};
use animation::{
    BeatGrid, ColorSpace, Composite, Easing, Keyframe, LatePolicy, Playback, Tangents, Timing,
    Track, Value,
};
use media::ShowTime;
use std::sync::Arc;

/// Keyframes on some properties of one target, with timing.
#[derive(Clone, Debug, PartialEq)]
pub struct Animation {
    /// Unique in the scene.
    pub id: Id,
    /// What moves.
    pub target: Target,
    /// When local time 0 is.
    pub start: Start,
    /// Delay, duration, iterations, direction, fill, easing and rate (Web Animations).
    pub timing: Timing,
    /// How it runs since somebody intervened; `None` where it runs from its start on.
    pub playback: Option<Playback>,
    /// What is done to it with the frame on which the change takes effect, in order; the engine carries it out once.
    pub verbs: Vec<Verb>,
    /// What becomes of it when it is over.
    pub when_over: WhenOver,
    /// Late starts, restarts, company, and whether it begins at what is on screen.
    pub plan: Plan,
    /// How the result combines with what is below on the same property.
    pub composite: Composite,
    /// Space in which colours mix.
    pub color_space: ColorSpace,
    /// What values come from.
    pub driver: Driver,
    /// In order of their offsets; none where values come from elsewhere.
    pub keyframes: Vec<StyledKeyframe>,
}

/// What somebody does to an animation that runs (Web Animations, "playing, pausing, seeking, reversing").
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verb {
    /// Holds it where it is.
    Pause,
    /// Lets it run on; one that is over begins anew.
    Resume,
    /// Makes this its local time in milliseconds, which includes its delay.
    Seek(f64),
    /// Plays it at this rate from where it is, without a jump; negative is backwards.
    Rate(f64),
    /// Turns it round where it is; one that is over runs back. What never ends runs back to its beginning, but has no end to
    /// begin at.
    Reverse,
    /// Puts it at its end, or its beginning where it plays backwards.
    Finish,
}

/// What becomes of an animation that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenOver {
    /// It stays in the document, and holds its value where its fill says so.
    #[default]
    Keep,
    /// It is taken out; what its fill would hold becomes the layer's own value, so that nothing is seen of that and
    /// nothing piles up.
    Remove,
}

/// What a new animation does to those that move the same property of the same target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflict {
    /// It stands above them (Web Animations).
    #[default]
    Stack,
    /// They let the property go; one that moves nothing else is taken out (GSAP: overwrite).
    Replace,
    /// It is not added.
    Reject,
    /// It begins when the last of them is over.
    Queue,
}

/// What an animation moves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A layer.
    Layer(Id),
    /// The canvas.
    Canvas,
}

/// When an animation's local time 0 is.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// The frame on which the change takes effect; the engine replaces it by that frame's show time.
    Now,
    /// A show time.
    At(ShowTime),
    /// A wall-clock time in nanoseconds since 1970 UTC; the engine replaces it by a show time once.
    Wall(i64),
    /// When another animation of the scene is over, and so many milliseconds later (or earlier); replaced once by that show
    /// time, as it is when the change takes effect.
    After(Id, f64),
    /// The next beat; replaced by its show time once.
    Beat(BeatGrid),
    /// When somebody sets the marker of this name ([`Scene::set_marker`]).
    Marker(Arc<str>, Option<Patience>),
}

impl Verb {
    pub(crate) fn apply(self, playback: &mut Playback, timing: &Timing, now: ShowTime) {
        // Where it came to its end it has stood since, however long that is ago (the hold time of Web Animations).
        let local_ms = playback.local_ms(now);
        let stopped_ms = playback.stopped_ms(local_ms, timing);
        if stopped_ms.total_cmp(&local_ms).is_ne() {
            playback.seek(now, stopped_ms);
        }
        match self {
            Self::Pause => playback.pause(now),
            Self::Resume => resume(playback, timing, now),
            Self::Seek(local_ms) => playback.seek(now, local_ms),
            Self::Rate(rate) => playback.set_rate(now, rate),
            Self::Reverse => {
                playback.reverse(now);
                resume(playback, timing, now);
            }
            Self::Finish => {
                let end_ms = timing.end_ms();
                if end_ms.is_finite() {
                    let goal_ms = if playback.rate() < 0.0 { 0.0 } else { end_ms };
                    *playback = Playback::from_parts(now, goal_ms, playback.rate(), false);
                }
            }
        }
        // No further than a document may say: what is settled is written, and must be read again.
        let (at, local_ms) = playback.anchor();
        let local_ms = local_ms.clamp(LOCAL_MS.min, LOCAL_MS.max);
        *playback = Playback::from_parts(at, local_ms, playback.rate(), playback.is_paused());
    }
}

impl Scene {
    /// Carries out what the newest animation, `id`, does to those that it meets and that are not over at `now`.
    ///
    /// Gives back those that let go of what it moves, or that it waits for.
    ///
    /// # Errors
    /// Those that are in its way: where it is to be rejected, or to wait for one that is never over.
    pub fn meet(&mut self, id: &Id, conflict: Conflict, now: ShowTime) -> Result<Vec<Id>, Vec<Id>> {
        let Some(at) = self.animations.iter().position(|one| one.id == *id) else {
            return Ok(Vec::new());
        };
        let new = Animation::clone(&self.animations[at]);
        let running = |one: &Animation| !one.is_over(now);
        let met: Vec<&Animation> = self
            .animations
            .iter()
            .map(|one| &**one)
            .filter(|one| one.id != *id && one.meets(&new) && running(one))
            .collect();
        let ids = || met.iter().map(|one| one.id.clone()).collect::<Vec<Id>>();
        match conflict {
            Conflict::Stack => Ok(Vec::new()),
            _ if met.is_empty() => Ok(Vec::new()),
            Conflict::Reject => Err(ids()),
            Conflict::Queue => {
                let end = |one: &Animation| one.playback().ends_at(&one.timing);
                if met
                    .iter()
                    .any(|one| end(one).is_none() || self.holds_back(&one.id))
                {
                    return Err(ids());
                }
                // What is not settled yet begins with the next frame, after whatever runs by now; its times count from 0
                // until then and cannot be compared with theirs.
                let last = met.iter().max_by_key(|one| (!one.is_settled(), end(one)));
                let last = last.map(|one| one.id.clone());
                let ids = ids();
                if let Some(last) = last {
                    self.animations[at].start = Start::After(last, 0.0);
                }
                Ok(ids)
            }
            Conflict::Replace => {
                let (ids, moved) = (ids(), new.properties());
                for id in &ids {
                    self.let_go(id, &moved);
                }
                Ok(ids)
            }
        }
    }

    /// Takes properties out of an animation, and the animation where nothing is left.
    pub(crate) fn let_go(&mut self, id: &Id, properties: &[Property]) {
        let at = self.animations.iter().position(|one| one.id == *id);
        if let Some(at) = at
            && !self.animations[at].let_go(properties)
        {
            self.animations.remove(at);
        }
    }
}

/// Whether these are all of a property.
fn goes_whole(properties: &[Property], moved: &Property) -> bool {
    let mut properties = properties.iter();
    properties.any(|one| one == moved || moved.is_part_of(one))
}

/// Lets it run; from the other end where it has come to one ("auto-rewind" of Web Animations).
fn resume(playback: &mut Playback, timing: &Timing, now: ShowTime) {
    if playback.is_paused() {
        playback.resume(now);
    }
    let (local_ms, end_ms) = (playback.local_ms(now), timing.end_ms());
    if playback.rate() < 0.0 {
        if end_ms.is_finite() && !(local_ms > 0.0 && local_ms <= end_ms) {
            playback.seek(now, end_ms);
        }
    } else if local_ms >= end_ms {
        playback.seek(now, 0.0);
    }
}

impl Start {
    /// The show time it is, for a change that takes effect at `moment`; `over` tells when an animation is over.
    ///
    /// What follows an animation that is not there any more, or never over, begins at once.
    pub fn settled(&self, moment: Moment, over: &dyn Fn(&Id) -> Option<ShowTime>) -> ShowTime {
        match self {
            Self::At(time) => *time,
            Self::Now => moment.show,
            // As a document has it: months from show time 0, milliseconds with a fraction lose nanoseconds, and a fast formula
            // would go on from another place after a restart.
            Self::Wall(unix_ns) => {
                let exact = ShowTime::from_nanos(unix_ns.saturating_sub(moment.epoch_unix_ns));
                ShowTime::from_ms(exact.as_ms())
            }
            Self::After(id, offset_ms) => over(id).map_or(moment.show, |over| {
                over.plus_nanos(ShowTime::from_ms(*offset_ms).nanos())
            }),
            Self::Beat(grid) => grid.next(moment.show),
            // Whoever sets it puts another start in its place.
            Self::Marker(..) => moment.show,
        }
    }
}

/// Values of one or more properties at one offset.
#[derive(Clone, Debug, PartialEq)]
pub struct StyledKeyframe {
    /// 0..=1; where absent, the first is 0, the last 1 and gaps are spread evenly.
    pub offset: Option<f64>,
    /// Easing from this keyframe to the next.
    pub easing: Easing,
    /// Overrides the animation's composite.
    pub composite: Option<Composite>,
    /// How the way between positions bends here.
    pub tangents: Tangents,
    /// Each property at most once.
    pub values: Vec<(Property, Value)>,
}

impl Animation {
    /// Whether both move a property of the same target.
    fn meets(&self, other: &Self) -> bool {
        self.target == other.target
            && self
                .properties()
                .iter()
                .any(|property| other.moves(property))
    }

    /// Takes properties out of it; whether it moves anything still.
    ///
    /// A way, be it of path data or of keyframes that bend, and a formula are one thing, and go as a whole.
    pub(crate) fn let_go(&mut self, properties: &[Property]) -> bool {
        let goes = |moved: &Property| properties.iter().any(|one| one.overlaps(moved));
        if self.driver.properties().iter().any(goes) {
            return false;
        }
        let bends = self.bends();
        for keyframe in &mut self.keyframes {
            for (moved, value) in &mut keyframe.values {
                // Of a pair, the other number goes on.
                let gone = |k: usize| {
                    moved
                        .parts()
                        .is_some_and(|parts| goes_whole(properties, &parts[k]))
                };
                let kept = match (gone(0), gone(1)) {
                    _ if bends && *moved == Property::Position => None,
                    (true, false) => Some(1),
                    (false, true) => Some(0),
                    _ => None,
                };
                if let (Some(k), Some(parts), Value::Vec2(both)) = (kept, moved.parts(), &*value) {
                    (*moved, *value) = (parts[k].clone(), Value::Number(both[k]));
                }
            }
            let mut seen: Vec<Property> = Vec::new();
            keyframe.values.retain(|(moved, _)| {
                let stays = !goes(moved) && !seen.contains(moved);
                seen.push(moved.clone());
                stays
            });
            if !seen.contains(&Property::Position) || goes(&Property::Position) {
                keyframe.tangents = Tangents::default();
            }
        }
        !self.properties().is_empty()
    }

    /// Whether the way between its keyframes bends.
    fn bends(&self) -> bool {
        let mut keyframes = self.keyframes.iter();
        keyframes.any(|k| k.tangents != Tangents::default())
    }

    /// Whether it moves the property, or what that is a part of.
    pub fn moves(&self, property: &Property) -> bool {
        let values = self.keyframes.iter().flat_map(|keyframe| &keyframe.values);
        let mut moved = values.map(|(moved, _)| moved);
        moved.any(|moved| moved.overlaps(property))
            || self
                .driver
                .properties()
                .iter()
                .any(|moved| moved.overlaps(property))
    }

    /// Verbs that one change may carry.
    pub const MAX_VERBS: usize = 16;

    /// How it runs. A start that is not yet a show time counts as show time 0.
    pub fn playback(&self) -> Playback {
        self.playback.unwrap_or_else(|| {
            let start = match self.start {
                Start::At(time) => time,
                Start::Now
                | Start::Wall(_)
                | Start::After(..)
                | Start::Beat(_)
                | Start::Marker(..) => ShowTime::ZERO,
            };
            Playback::start(start, &self.timing)
        })
    }

    /// One that goes through `values`, all of them at its beginning, to what the document holds.
    pub fn new(id: Id, target: Target, timing: Timing, values: &[(Property, Value)]) -> Self {
        Self {
            id,
            target,
            start: Start::Now,
            timing,
            playback: None,
            verbs: Vec::new(),
            when_over: WhenOver::default(),
            plan: Plan::default(),
            composite: Composite::default(),
            color_space: ColorSpace::default(),
            driver: Driver::default(),
            keyframes: vec![StyledKeyframe {
                offset: Some(0.0),
                easing: Easing::Linear,
                composite: None,
                tangents: Tangents::default(),
                values: values.to_vec(),
            }],
        }
    }

    /// Whether all of it is fixed to show times, as far as it can be: what waits for a marker or for others has none yet.
    pub fn is_settled(&self) -> bool {
        let waits = self.plan.group.is_some() || matches!(self.start, Start::Marker(..));
        if waits {
            return self.verbs.is_empty() && self.waits_are_settled();
        }
        let retarget = self.plan.retarget.as_ref();
        matches!(self.start, Start::At(_))
            && self.plan.late == LatePolicy::CatchUp
            && self.verbs.is_empty()
            && retarget.is_none_or(|retarget| retarget.velocities.is_some())
    }

    /// Fixes it to show times, for a change that takes effect at `moment`; `over` as for [`Start::settled`]. `false` where
    /// it comes too late and is to be taken out.
    pub fn settle(&mut self, moment: Moment, over: &dyn Fn(&Id) -> Option<ShowTime>) -> bool {
        self.settle_waits(moment.show);
        if self.plan.group.is_some() || matches!(self.start, Start::Marker(..)) {
            self.verbs.clear();
            return true;
        }
        let requested = self.start.settled(moment, over);
        let Some(start) = std::mem::take(&mut self.plan.late).start(requested, moment.show) else {
            return false;
        };
        self.start = Start::At(start);
        if self.verbs.is_empty() {
            return true;
        }
        let mut playback = self.playback();
        for verb in std::mem::take(&mut self.verbs) {
            verb.apply(&mut playback, &self.timing, moment.show);
        }
        self.playback = Some(playback);
        true
    }

    /// Takes over what was settled about it since, in another state of the same animation.
    pub fn settle_as(&mut self, since: &Self) {
        if self.is_settled() {
            return;
        }
        self.start = since.start.clone();
        self.playback = since.playback;
        self.verbs.clear();
        self.plan.late = since.plan.late;
        self.plan.group.clone_from(&since.plan.group);
        if self.plan.retarget.is_some() {
            self.plan.retarget.clone_from(&since.plan.retarget);
            self.timing.duration_ms = since.timing.duration_ms;
            self.keyframes.clone_from(&since.keyframes);
        }
    }

    /// Whether the two are states of one animation: they do the same to the same, whenever they begin and however they run.
    /// Where a glide begins is not compared: that is found when it does.
    pub fn is_state_of(&self, other: &Self) -> bool {
        if self.plan.retarget.is_some() && other.plan.retarget.is_some() {
            return self.target == other.target && self.properties() == other.properties();
        }
        let mut one = self.clone();
        one.run_as(other);
        one == *other
    }

    /// Takes over when another state of the same animation begins, how it runs, and what is yet to be done to it.
    pub fn run_as(&mut self, other: &Self) {
        self.start = other.start.clone();
        self.playback = other.playback;
        self.verbs.clone_from(&other.verbs);
        self.plan.late = other.plan.late;
        self.plan.group.clone_from(&other.plan.group);
    }

    /// The first show time at which it is over; `None` while it waits or is paused, and for one that never is.
    pub fn ends_at(&self) -> Option<ShowTime> {
        if self.waits() {
            return None;
        }
        self.playback().ends_at(&self.timing)
    }

    /// Whether it is over by `now`, for good unless somebody turns it.
    pub fn is_over(&self, now: ShowTime) -> bool {
        self.is_settled() && self.ends_at().is_some_and(|over| over <= now)
    }

    /// Every property that it moves, once, in order of first mention.
    pub fn properties(&self) -> Vec<Property> {
        let mut all = self.driver.properties();
        for (property, _) in self.keyframes.iter().flat_map(|k| &k.values) {
            if !all.contains(property) {
                all.push(property.clone());
            }
        }
        all
    }

    /// The track of one property.
    ///
    /// # Errors
    /// When offsets decrease, values of several types meet on the property, or a formula moves it.
    pub(crate) fn track(&self, property: &Property) -> Result<Track, animation::Error> {
        if let Some(track) = self.driver.track(property) {
            return Ok(track.with_composite(self.composite));
        }
        let keyframes = self.keyframes.iter().map(|k| Keyframe {
            offset: k.offset,
            value: k
                .values
                .iter()
                .find(|(p, _)| p == property)
                .map(|(_, value)| value.clone()),
            easing: k.easing.clone(),
            composite: k.composite,
        });
        let track = Track::new(keyframes.collect())?
            .with_composite(self.composite)
            .with_color_space(self.color_space);
        if *property != Property::Position || !self.bends() {
            return Ok(track);
        }
        let tangents: Vec<Tangents> = self.keyframes.iter().map(|k| k.tangents).collect();
        Ok(track.with_tangents(&tangents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fade(id: &str, start: Start, duration_ms: f64) -> Animation {
        Animation {
            id: Id::new(id).unwrap(),
            target: Target::Canvas,
            start,
            timing: Timing {
                duration_ms,
                ..Timing::default()
            },
            playback: None,
            verbs: Vec::new(),
            when_over: WhenOver::Keep,
            plan: Plan::default(),
            composite: Composite::default(),
            color_space: ColorSpace::default(),
            driver: Driver::default(),
            keyframes: vec![StyledKeyframe {
                offset: None,
                easing: Easing::Linear,
                composite: None,
                tangents: Tangents::default(),
                values: vec![(Property::Background, Value::Color(media::Color::BLACK))],
            }],
        }
    }

    /// One that was added on the same frame has no show time yet, and all the same comes after what runs.
    #[test]
    fn a_queue_is_joined_at_its_end() {
        let now = ShowTime::from_ms(1000.0);
        let moment = Moment {
            show: now,
            epoch_unix_ns: 0,
        };
        let mut scene = Scene::empty(128, 72);
        let runs = Start::At(ShowTime::from_ms(900.0));
        for new in [
            fade("runs", runs, 5000.0),
            fade("second", Start::Now, 100.0),
            fade("third", Start::Now, 100.0),
        ] {
            let id = new.id.clone();
            scene.animations.push(new.into());
            assert!(scene.meet(&id, Conflict::Queue, now).is_ok());
        }
        scene.settle(moment);
        let starts: Vec<&Start> = scene.animations.iter().map(|one| &one.start).collect();
        let at = |ms| Start::At(ShowTime::from_ms(ms));
        assert_eq!(starts, [&at(900.0), &at(5900.0), &at(6000.0)]);
    }
}
