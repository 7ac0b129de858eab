//! The clocks of timelines, laid out and evaluated from the outermost inwards.

use crate::ranges::TIMELINE_DEPTH;
use crate::timeline::{Leaf, Timeline, TimelineEntry, TimelinePart, held_ms};
use crate::{Animation, Target};
use animation::{Fill, GroupTime, Layout, Playback, Timing};
use media::ShowTime;
use std::sync::Arc;

/// Where everything in a list of entries stands.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) layout: Layout,
    inner: Vec<Inner>,
}

#[derive(Debug)]
enum Inner {
    /// When each place of a leaf begins after the leaf, milliseconds.
    Leaf(Vec<f64>),
    Nested(Plan),
    Nothing,
}

impl Plan {
    /// `None` where something cannot be placed; a scene without faults has no such.
    pub(crate) fn of(entries: &[TimelineEntry]) -> Option<Self> {
        Self::of_depth(entries, 1)
    }

    fn of_depth(entries: &[TimelineEntry], depth: usize) -> Option<Self> {
        let mut inner = Vec::with_capacity(entries.len());
        for entry in entries {
            inner.push(match &entry.part {
                TimelinePart::Leaf(leaf) => Inner::Leaf(leaf.targets.delays_ms()),
                TimelinePart::Nested(nested) if depth < TIMELINE_DEPTH => {
                    Inner::Nested(Self::of_depth(&nested.entries, depth + 1)?)
                }
                TimelinePart::Nested(_) => return None,
                TimelinePart::Label(_) | TimelinePart::Pause => Inner::Nothing,
            });
        }
        let lengths = entries.iter().zip(&inner).map(|(entry, inner)| {
            let length_ms = match (&entry.part, inner) {
                (TimelinePart::Leaf(leaf), Inner::Leaf(delays)) => leaf_length_ms(leaf, delays),
                (TimelinePart::Nested(nested), Inner::Nested(plan)) => {
                    laid(&nested.timing, plan.layout.duration_ms).length_ms()
                }
                _ => 0.0,
            };
            placed(entry, length_ms)
        });
        let lengths: Vec<animation::Entry> = lengths.collect();
        let layout = animation::lay_out(&lengths).ok()?;
        Some(Self { layout, inner })
    }
}

/// `timing` with the length that was laid out.
pub(crate) fn laid(timing: &Timing, duration_ms: f64) -> Timing {
    Timing {
        duration_ms,
        ..timing.clone()
    }
}

/// The whole length of a leaf with these delays, milliseconds.
pub(crate) fn leaf_length_ms(leaf: &Leaf, delays: &[f64]) -> f64 {
    leaf.animation.timing.length_ms() + longest(delays)
}

fn longest(delays: &[f64]) -> f64 {
    delays.iter().copied().fold(0.0, f64::max)
}

/// An entry as it is laid out.
pub(crate) fn placed(entry: &TimelineEntry, duration_ms: f64) -> animation::Entry {
    let position = entry.position.clone();
    match &entry.part {
        TimelinePart::Leaf(_) | TimelinePart::Nested(_) => animation::Entry::Child {
            duration_ms,
            position,
        },
        TimelinePart::Label(name) => animation::Entry::Label {
            name: name.clone(),
            position,
        },
        TimelinePart::Pause => animation::Entry::Mark { position },
    }
}

/// The clocks of all timelines of a scene, each after the one around it.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    groups: Vec<Group>,
}

/// The clock of one timeline.
#[derive(Debug)]
struct Group {
    runs_in: RunsIn,
    timing: Timing,
    /// Its children's time, as evaluated last; `None` where they have no effect.
    time: Option<GroupTime>,
}

#[derive(Debug)]
enum RunsIn {
    ShowTime {
        playback: Playback,
        stops_ms: Vec<f64>,
    },
    Group(usize, Place),
}

/// The clock of one place of a leaf.
#[derive(Clone, Debug)]
pub(crate) struct LeafClock {
    group: usize,
    place: Place,
    timing: Arc<Timing>,
}

/// Where something stands in the time of its timeline.
#[derive(Clone, Copy, Debug)]
struct Place {
    start_ms: f64,
    end_ms: f64,
    length_ms: f64,
}

impl Place {
    /// Milliseconds since the beginning. At the end that is the length: the sum of both, less the beginning, need not be.
    fn since_ms(self, time: GroupTime) -> f64 {
        let since_ms = time.ms - self.start_ms;
        if time.ms >= self.end_ms {
            since_ms.max(self.length_ms)
        } else {
            since_ms
        }
    }

    /// Whether what stands here, with this timing, runs forwards.
    ///
    /// A timeline that has come back to its beginning, and rests there, is where it was when it began: what begins there has
    /// its first value, if it holds any. On the way backwards that boundary would belong to what lies before.
    fn forwards(self, time: GroupTime, timing: &Timing) -> bool {
        let came_home = time.rests && time.ms <= self.start_ms && timing.fill != Fill::None;
        time.forwards || came_home
    }
}

/// Sees one place of a leaf: its target, what happens to it, its clock.
type See<'a> = &'a mut dyn FnMut(&Target, &Leaf, &LeafClock);

impl Clocks {
    /// Adds the clocks of a timeline and shows its leaves in order; one that cannot be placed is left out.
    pub(crate) fn add(&mut self, timeline: &Timeline, see: See<'_>) {
        let Some(plan) = Plan::of(&timeline.entries) else {
            return;
        };
        self.groups.push(Group {
            runs_in: RunsIn::ShowTime {
                playback: timeline.shown_playback(),
                stops_ms: timeline.stops_ms(),
            },
            timing: laid(&timeline.timing, plan.layout.duration_ms),
            time: None,
        });
        self.add_entries(&timeline.entries, &plan, see);
    }

    /// Adds what is in the newest group.
    fn add_entries(&mut self, entries: &[TimelineEntry], plan: &Plan, see: See<'_>) {
        let group = self.groups.len() - 1;
        let spans = plan.layout.spans.iter();
        for ((entry, inner), span) in entries.iter().zip(&plan.inner).zip(spans) {
            match (&entry.part, inner) {
                (TimelinePart::Leaf(leaf), Inner::Leaf(delays)) => {
                    let timing = Arc::new(leaf.animation.timing.clone());
                    let (length_ms, latest_ms) = (timing.length_ms(), longest(delays));
                    for (place, target) in leaf.targets.iter() {
                        let start_ms = span[0] + delays[place];
                        // The last one's end is that of the leaf, to the bit.
                        let end_ms = if delays[place] < latest_ms {
                            (start_ms + length_ms).min(span[1])
                        } else {
                            span[1]
                        };
                        let clock = LeafClock {
                            group,
                            place: Place {
                                start_ms,
                                end_ms,
                                length_ms,
                            },
                            timing: Arc::clone(&timing),
                        };
                        see(target, leaf, &clock);
                    }
                }
                (TimelinePart::Nested(nested), Inner::Nested(plan)) => {
                    let timing = laid(&nested.timing, plan.layout.duration_ms);
                    let place = Place {
                        start_ms: span[0],
                        end_ms: span[1],
                        length_ms: timing.length_ms(),
                    };
                    self.groups.push(Group {
                        runs_in: RunsIn::Group(group, place),
                        timing,
                        time: None,
                    });
                    self.add_entries(&nested.entries, plan, see);
                }
                _ => {}
            }
        }
    }

    /// Sets all clocks to a show time.
    pub(crate) fn set(&mut self, now: ShowTime) {
        for at in 0..self.groups.len() {
            let (before, rest) = self.groups.split_at_mut(at);
            let group = &mut rest[0];
            group.time = group.time_at(now, |index| before[index].time);
        }
    }

    /// The show time from which on the progress of a leaf is the same for ever; `None` where that never comes, or waits for
    /// somebody at a pause point.
    pub(crate) fn rests_at(&self, leaf: &LeafClock) -> Option<ShowTime> {
        let mut at = leaf.group;
        loop {
            let group = &self.groups[at];
            match &group.runs_in {
                RunsIn::Group(around, _) => at = *around,
                RunsIn::ShowTime { playback, stops_ms } if stops_ms.is_empty() => {
                    return playback.rests_at(&group.timing);
                }
                RunsIn::ShowTime { .. } => return None,
            }
        }
    }

    /// The progress of a leaf at the show time that the clocks are set to.
    pub(crate) fn progress(&self, leaf: &LeafClock) -> Option<f64> {
        leaf.progress(self.groups[leaf.group].time?)
    }

    /// The progress of a leaf at any show time. Costs a walk to the outermost timeline.
    pub(crate) fn progress_at(&self, leaf: &LeafClock, now: ShowTime) -> Option<f64> {
        leaf.progress(self.time_at(leaf.group, now)?)
    }

    /// How long a leaf has been active at the show time that the clocks are set to, milliseconds.
    pub(crate) fn active_ms(&self, leaf: &LeafClock) -> Option<f64> {
        Some(leaf.active_ms(self.groups[leaf.group].time?))
    }

    /// As [`active_ms`](Self::active_ms), at any show time.
    pub(crate) fn active_ms_at(&self, leaf: &LeafClock, now: ShowTime) -> Option<f64> {
        Some(leaf.active_ms(self.time_at(leaf.group, now)?))
    }

    fn time_at(&self, group: usize, now: ShowTime) -> Option<GroupTime> {
        self.groups[group].time_at(now, |around| self.time_at(around, now))
    }
}

impl Group {
    /// Its children's time at a show time; `around` tells that of the group around it.
    fn time_at(
        &self,
        now: ShowTime,
        around: impl FnOnce(usize) -> Option<GroupTime>,
    ) -> Option<GroupTime> {
        match &self.runs_in {
            RunsIn::ShowTime { playback, stops_ms } => {
                let local_ms = held_ms(playback, stops_ms, now);
                let local_ms = playback.stopped_ms(local_ms, &self.timing);
                self.timing.group_time(local_ms, playback.rate() >= 0.0)
            }
            RunsIn::Group(index, place) => around(*index).and_then(|time| {
                let since_ms = place.since_ms(time);
                let forwards = place.forwards(time, &self.timing);
                self.timing.group_time_within(since_ms, forwards)
            }),
        }
    }
}

impl LeafClock {
    fn active_ms(&self, time: GroupTime) -> f64 {
        let since_ms = self.place.since_ms(time);
        self.timing.active_within_ms(since_ms, time.forwards)
    }

    fn progress(&self, time: GroupTime) -> Option<f64> {
        let since_ms = self.place.since_ms(time);
        let forwards = self.place.forwards(time, &self.timing);
        self.timing.sample_within(since_ms, forwards).progress
    }
}

/// Where an animation is that holds what it moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// In its keyframes or on its way.
    pub(crate) progress: f64,
    /// How long it has been active, milliseconds.
    pub(crate) active_ms: f64,
}

/// What the leaves of a timeline hold when it is over, in order: the target, what holds it, where it then is.
pub(crate) fn held_at_the_end(timeline: &Timeline) -> Vec<(Target, Animation, Held)> {
    let timing = timeline.laid_timing();
    let rate = timeline.playback().rate();
    let [first_ms, last_ms] = timing.active_span_ms();
    let over_ms = if rate < 0.0 { first_ms } else { last_ms };
    if !over_ms.is_finite() {
        return Vec::new();
    }
    let over = Timeline {
        playback: Some(Playback::from_parts(ShowTime::ZERO, over_ms, rate, true)),
        ..timeline.clone()
    };
    let (mut clocks, mut leaves) = (Clocks::default(), Vec::new());
    clocks.add(&over, &mut |target, leaf, clock| {
        let left = timeline.left(leaf, target);
        leaves.extend(left.map(|left| (target.clone(), left.into_owned(), clock.clone())));
    });
    clocks.set(ShowTime::ZERO);
    let held = leaves.into_iter().filter_map(|(target, animation, clock)| {
        let held = Held {
            progress: clocks.progress(&clock)?,
            active_ms: clocks.active_ms(&clock)?,
        };
        Some((target, animation, held))
    });
    held.collect()
}
