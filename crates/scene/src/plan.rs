//! How an animation comes to begin, beside its start, and what becomes of it after a restart.

use crate::retarget::Retarget;
use crate::{Animation, Clocked, Id, Moment, Scene, Start, Timeline};
use animation::{LatePolicy, Playback};
use media::ShowTime;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// What an animation has besides its start and its timing; the default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What becomes of a start that lies in the past when the change takes effect. It counts once: from then on it is
    /// [`LatePolicy::CatchUp`].
    pub late: LatePolicy,
    /// What becomes of it when the service starts again.
    pub resume: ResumePolicy,
    /// With whom it begins; `None` again from the frame on which they do.
    pub group: Option<Group>,
    /// Whether it begins at what is on screen.
    pub retarget: Option<Retarget>,
}

/// What becomes of an animation when the service starts again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResumePolicy {
    /// It is where it would be, had the service run on.
    #[default]
    Continue,
    /// It begins anew with the first frame, unless it was over.
    Restart,
    /// It is taken out.
    Drop,
}

/// Animations that begin on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The same for all of them.
    pub id: Id,
    /// How many there are; `None` for those that are there when one looks.
    pub size: Option<u32>,
    /// How long they wait for each other.
    pub patience: Option<Patience>,
}

/// How long something waits, and what then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// Until when.
    pub until: Until,
    /// What is done then.
    pub then: OnTimeout,
}

/// The end of a wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// So many milliseconds after the change takes effect; replaced by that show time then.
    After(f64),
    /// A show time.
    At(ShowTime),
}

/// What is done when a wait has been long enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnTimeout {
    /// It begins all the same.
    #[default]
    Start,
    /// It is taken out.
    Cancel,
}

impl Patience {
    /// The show time at which it ends, once that is known.
    const fn ends_at(self) -> Option<ShowTime> {
        match self.until {
            Until::At(at) => Some(at),
            Until::After(_) => None,
        }
    }

    fn settle(&mut self, now: ShowTime) {
        if let Until::After(ms) = self.until {
            self.until = Until::At(now.plus_nanos(ShowTime::from_ms(ms).nanos()));
        }
    }

    const fn is_settled(self) -> bool {
        matches!(self.until, Until::At(_))
    }
}

impl Start {
    /// Whether it has no show time yet: it follows a marker, or another.
    pub(crate) const fn waits(&self) -> bool {
        matches!(self, Self::Marker(..) | Self::After(..))
    }

    /// How long it waits for its marker, where it does not wait for ever.
    const fn patience(&self) -> Option<Patience> {
        match self {
            Self::Marker(_, patience) => *patience,
            _ => None,
        }
    }

    /// Fixes the end of its wait to a show time, for a change that takes effect at `now`.
    pub(crate) fn settle_wait(&mut self, now: ShowTime) {
        if let Self::Marker(_, Some(patience)) = self {
            patience.settle(now);
        }
    }

    /// Whether the end of its wait is a show time.
    pub(crate) const fn wait_is_settled(&self) -> bool {
        match self {
            Self::Marker(_, Some(patience)) => patience.is_settled(),
            _ => true,
        }
    }
}

impl Animation {
    /// Whether it waits for something that has no show time yet: a marker, its group, or another that does so. It shows
    /// nothing until then.
    pub const fn waits(&self) -> bool {
        self.plan.group.is_some() || self.start.waits()
    }

    /// Whether it does not begin where it comes too late.
    pub fn drops_when_late(&self) -> bool {
        self.plan.late == LatePolicy::Drop
    }

    /// How long it waits, where it does not wait for ever.
    pub fn patience(&self) -> Option<Patience> {
        let group = self.plan.group.as_ref();
        let group = group.and_then(|group| group.patience);
        self.start.patience().or(group)
    }

    /// The show time at which it has waited long enough.
    pub fn waits_until(&self) -> Option<ShowTime> {
        self.patience()?.ends_at()
    }

    /// Fixes the ends of its waits to show times, for a change that takes effect at `now`.
    pub(crate) fn settle_waits(&mut self, now: ShowTime) {
        self.start.settle_wait(now);
        if let Some(patience) = self.plan.group.as_mut().and_then(|g| g.patience.as_mut()) {
            patience.settle(now);
        }
    }

    /// Whether the ends of its waits are show times.
    pub(crate) fn waits_are_settled(&self) -> bool {
        let group = self.plan.group.as_ref();
        let group = group.and_then(|group| group.patience);
        self.start.wait_is_settled() && group.is_none_or(Patience::is_settled)
    }
}

impl Timeline {
    /// Whether it waits for something that has no show time yet: a marker, or another that does so. Until then it stands before its
    /// beginning.
    pub const fn waits(&self) -> bool {
        self.start.waits()
    }

    /// How long it waits, where it does not wait for ever.
    pub const fn patience(&self) -> Option<Patience> {
        self.start.patience()
    }
}

impl Clocked<'_> {
    /// Whether it waits for something that has no show time yet.
    pub fn waits(self) -> bool {
        match self {
            Self::Animation(one) => one.waits(),
            Self::Timeline(one) => one.waits(),
        }
    }

    /// How long it waits, where it does not wait for ever.
    pub fn patience(self) -> Option<Patience> {
        match self {
            Self::Animation(one) => one.patience(),
            Self::Timeline(one) => one.patience(),
        }
    }

    /// The show time at which it has waited long enough.
    pub fn waits_until(self) -> Option<ShowTime> {
        self.patience()?.ends_at()
    }

    /// Whether it waits in a group.
    fn is_in_group(self) -> bool {
        match self {
            Self::Animation(one) => one.plan.group.is_some(),
            Self::Timeline(_) => false,
        }
    }

    /// Whether it may be over at some time: it is not endless the way it plays, or something is yet to be done to it. That it is
    /// held, or still waits, does not count.
    pub(crate) fn can_end(self) -> bool {
        if self.is_told() {
            return true;
        }
        let (playback, timing) = match self {
            Self::Animation(one) => (one.playback(), Cow::Borrowed(&one.timing)),
            Self::Timeline(one) => (one.playback(), Cow::Owned(one.laid_timing())),
        };
        let rate = if playback.rate() == 0.0 {
            1.0
        } else {
            playback.rate()
        };
        let (at, local_ms) = playback.anchor();
        let let_go = Playback::from_parts(at, local_ms, rate, false);
        let_go.ends_at(&timing).is_some()
    }

    /// Whether it is held where it is, or will be before its end: until somebody lets it run, nobody knows when it is over.
    fn is_held(self) -> bool {
        !self.is_told() && self.ends_at().is_none() && self.can_end()
    }

    /// Whether what comes after it waits, for there is no show time yet at which it is over.
    pub(crate) fn keeps_waiting(self) -> bool {
        self.waits() || self.is_held()
    }

    /// Whether something is yet to be done to it.
    pub(crate) fn is_told(self) -> bool {
        match self {
            Self::Animation(one) => !one.verbs.is_empty(),
            Self::Timeline(one) => !one.verbs.is_empty(),
        }
    }
}

impl Scene {
    /// Whether it waits for what has no show time yet, by way of others that it follows, too.
    pub fn holds_back(&self, id: &Id) -> bool {
        self.held_back().contains(id)
    }

    /// The ids of all that wait for what has no show time yet, by way of others that they follow, too; found at once, since what
    /// follows in a long row is walked along by way of a table.
    pub(crate) fn held_back(&self) -> HashSet<Id> {
        let all: HashMap<&Id, Clocked<'_>> = self.clocked().map(|one| (one.id(), one)).collect();
        let is_held = |one: &Clocked<'_>| {
            let mut at = *one;
            for _ in 0..=all.len() {
                match at.start() {
                    _ if at.is_in_group() => return true,
                    Start::Marker(..) => return true,
                    Start::After(id, _) => match all.get(id) {
                        Some(other) if !other.waits() && other.is_held() => return true,
                        Some(other) => at = *other,
                        None => return false,
                    },
                    Start::Now | Start::At(_) | Start::Wall(_) | Start::Beat(_) => return false,
                }
            }
            // A ring: it begins at once.
            false
        };
        let held = self.clocked().filter(is_held);
        held.map(|one| one.id().clone()).collect()
    }

    /// Lets everything begin that waits for the marker `name`: at `start`, or where that is `None` with the frame that
    /// shows the change. Those of a group wait on for the others. Gives back whom it woke.
    pub fn set_marker(&mut self, name: &str, start: Option<ShowTime>) -> Vec<Id> {
        let mut woken = Vec::new();
        for animation in &mut self.animations {
            if matches!(&animation.start, Start::Marker(marker, _) if **marker == *name) {
                animation.start = start.map_or(Start::Now, Start::At);
                woken.push(animation.id.clone());
            }
        }
        for timeline in &mut self.timelines {
            if matches!(&timeline.start, Start::Marker(marker, _) if **marker == *name) {
                timeline.start = start.map_or(Start::Now, Start::At);
                woken.push(timeline.id.clone());
            }
        }
        woken
    }

    /// The animations that wait in a group.
    pub fn group(&self, id: &Id) -> Vec<Id> {
        let members = self.animations.iter().filter(|one| {
            let group = one.plan.group.as_ref();
            group.is_some_and(|group| group.id == *id)
        });
        members.map(|one| one.id.clone()).collect()
    }

    /// A group that waits for nobody any more: all of it is there, and nobody in it waits for a marker or for what
    /// is not over at any known time.
    pub fn complete_group(&self, is_ready: &dyn Fn(&Animation) -> bool) -> Option<Vec<Id>> {
        let groups = self
            .animations
            .iter()
            .filter_map(|one| one.plan.group.as_ref());
        groups.map(|group| &group.id).find_map(|id| {
            let ids = self.group(id);
            let members = || self.animations.iter().filter(|one| ids.contains(&one.id));
            let size = members()
                .filter_map(|one| one.plan.group.as_ref()?.size)
                .max();
            let all = size.is_none_or(|size| ids.len() >= size as usize);
            let waits = |one: &Animation| match &one.start {
                Start::Marker(..) => true,
                Start::After(other, _) if !ids.contains(other) => {
                    self.follows_yet_unknown(&one.start)
                }
                _ => false,
            };
            let ready = |one: &Animation| !waits(one) && is_ready(one);
            (all && members().all(|one| ready(one))).then_some(ids)
        })
    }

    /// Lets a group begin: together, with the frame that shows the change, but not before any of them was to.
    pub fn release(&mut self, ids: &[Id], moment: Moment) {
        let members = self.animations.iter().filter(|one| ids.contains(&one.id));
        let requested = members.map(|one| one.start.settled(moment, &|id| self.over_at(id)));
        let start = match requested.max() {
            Some(at) if at > moment.show => Start::At(at),
            _ => Start::Now,
        };
        for one in self
            .animations
            .iter_mut()
            .filter(|one| ids.contains(&one.id))
        {
            one.start = start.clone();
            one.plan.group = None;
            // The frame may be later than that; together they begin all the same.
            one.plan.late = LatePolicy::Shift;
        }
    }

    /// What every [`ResumePolicy`] asks for, in a service that starts again at `now`. Gives back whether anything changed.
    pub fn resume_at(&mut self, now: ShowTime) -> bool {
        let before = self.animations.clone();
        self.animations
            .retain(|one| one.plan.resume != ResumePolicy::Drop);
        let anew = |one: &Animation| {
            one.plan.resume == ResumePolicy::Restart
                && !one.waits()
                && one.ends_at().is_none_or(|over| over > now)
        };
        for animation in &mut self.animations {
            if anew(animation) {
                animation.playback = None;
                animation.start = Start::Now;
            }
        }
        before != self.animations
    }
}
