//! The rules that timelines must keep.

use crate::clocks::{laid, leaf_length_ms, placed};
use crate::ranges::{DURATION_MS, STAGGER_COLUMNS, STAGGER_MS, TIMELINE_DEPTH};
use crate::shared::fresh;
use crate::validate::Check;
use crate::{
    Fault, Id, Layer, Leaf, Scene, Shared, Target, Targets, Template, Timeline, TimelineEntry,
    TimelinePart,
};
use animation::{Anchor, Direction, Easing, Error, Spread, Timing};
use media::Figure;
use std::collections::{HashMap, HashSet};

/// What entries can name.
struct Layers<'a> {
    all: &'a [Shared<Layer>],
    index: &'a HashMap<&'a Id, usize>,
}

impl Check<'_> {
    /// How many there are, and how much they move together.
    pub(crate) fn timeline_counts(&mut self, scene: &Scene, before: Option<&Scene>) {
        self.count(
            "/timelines",
            "timelines",
            scene.timelines.len(),
            self.limits.timelines,
        );
        self.count(
            "/templates",
            "templates",
            scene.templates.len(),
            self.limits.templates,
        );
        let none = Vec::new();
        let before = before.map_or(&none, |before| &before.timelines);
        if fresh(before, &scene.timelines).contains(&true) {
            let (mut all, max) = (0, self.limits.timeline_leaves);
            for (i, timeline) in scene.timelines.iter().enumerate() {
                let mut own = 0;
                timeline.each_leaf(&mut |leaf| own += leaf.targets.len());
                all += own;
                if all > max {
                    let at = format!("/timelines/{i}/entries");
                    let detail = if own < all {
                        format!(
                            "has {own} targets of animations in it, {all} with those of other timelines; at most {max} are allowed"
                        )
                    } else {
                        format!("has {own} targets of animations in it; at most {max} are allowed")
                    };
                    self.invalid(at, detail);
                    break;
                }
            }
        }
    }

    /// What of templates can be told without a look into them.
    pub(crate) fn templates(&mut self, scene: &Scene) {
        let mut ids: HashMap<&Id, usize> = HashMap::new();
        for (i, template) in scene.templates.iter().enumerate() {
            let first = *ids.entry(&template.id).or_insert(i);
            self.unique("templates", &template.id, first, i);
            let at = format!("/templates/{i}");
            self.count(&at, "bytes", template.document.len(), Template::MAX_BYTES);
        }
    }

    /// All timelines; `animations` are the ids that animations have.
    pub(crate) fn timelines(
        &mut self,
        scene: &Scene,
        before: Option<&Scene>,
        animations: &HashMap<&Id, usize>,
        fresh_layers: &[bool],
        index: &HashMap<&Id, usize>,
    ) {
        let fresh_timelines = before.map_or_else(
            || vec![true; scene.timelines.len()],
            |before| fresh(&before.timelines, &scene.timelines),
        );
        let any_fresh_layer = fresh_layers.contains(&true)
            || before.is_some_and(|before| before.layers.len() != scene.layers.len());
        let layers = Layers {
            all: &scene.layers,
            index,
        };
        let mut ids: HashMap<&Id, usize> = HashMap::new();
        for (i, (timeline, is_fresh)) in scene.timelines.iter().zip(&fresh_timelines).enumerate() {
            let at = format!("/timelines/{i}");
            let first = *ids.entry(&timeline.id).or_insert(i);
            self.unique("timelines", &timeline.id, first, i);
            if let Some(other) = animations.get(&timeline.id) {
                self.invalid(
                    format_args!("{at}/id"),
                    format!(
                        "`{}` is also the id of /animations/{other}; ids are unique",
                        timeline.id
                    ),
                );
            }
            let other = |id: &Id| index.get(id).is_none_or(|layer| fresh_layers[*layer]);
            let touched = || {
                let mut touched = timeline.removes.iter().any(other);
                timeline.each_leaf(&mut |leaf| {
                    touched |= leaf.targets.iter().any(|(_, target)| match target {
                        Target::Layer(id) => other(id),
                        Target::Canvas => false,
                    });
                });
                touched
            };
            if *is_fresh || any_fresh_layer && touched() {
                self.timeline(&at, timeline, &layers);
            }
        }
    }

    fn timeline(&mut self, at: &str, timeline: &Timeline, layers: &Layers<'_>) {
        let all = count(&timeline.entries, 1);
        let (entries, max) = (format!("{at}/entries"), self.limits.timeline_entries);
        if all > max {
            return self.count(&entries, "entries", all, max);
        }
        let placed = self.entries(&entries, &timeline.entries, 1, layers);
        let at_timing = format!("{at}/timing");
        self.group_timing(&at_timing, &timeline.timing, placed);
        self.running(at, &timeline.as_animation());
        let pauses = |entry: &TimelineEntry| matches!(entry.part, TimelinePart::Pause);
        if timeline.entries.iter().any(pauses) {
            self.plain(&at_timing, &timeline.timing, "a point to pause at needs");
        }
        let removes = format!("{at}/removes");
        let most = self.limits.layers;
        for (k, id) in timeline.removes.iter().take(most).enumerate() {
            if !layers.index.contains_key(id) {
                self.invalid(
                    format_args!("{removes}/{k}"),
                    format!("there is no layer `{id}`"),
                );
            } else if timeline.removes[..k].contains(id) {
                self.invalid(
                    format_args!("{removes}/{k}"),
                    format!("`{id}` is there twice"),
                );
            }
        }
        self.count(&removes, "layers", timeline.removes.len(), most);
        self.taken(at, timeline);
    }

    /// The rules of one list of entries; gives back its length, 0 where that cannot be told.
    fn entries(
        &mut self,
        at: &str,
        entries: &[TimelineEntry],
        depth: usize,
        layers: &Layers<'_>,
    ) -> f64 {
        let known = self.faults.len();
        let mut laid_out = Vec::with_capacity(entries.len());
        let mut labels = HashSet::new();
        for (k, entry) in entries.iter().enumerate() {
            let at = format!("{at}/{k}");
            let length_ms = match &entry.part {
                TimelinePart::Leaf(leaf) => self.leaf(&format!("{at}/animation"), leaf, layers),
                TimelinePart::Nested(nested) => {
                    let at = format!("{at}/timeline");
                    if depth >= TIMELINE_DEPTH {
                        self.invalid(
                            &at,
                            format!(
                                "is nested {} timelines deep; at most {TIMELINE_DEPTH} are allowed",
                                depth + 1
                            ),
                        );
                        0.0
                    } else {
                        let inner = format!("{at}/entries");
                        let inner = self.entries(&inner, &nested.entries, depth + 1, layers);
                        self.group_timing(&format!("{at}/timing"), &nested.timing, inner);
                        laid(&nested.timing, inner).length_ms()
                    }
                }
                TimelinePart::Label(name) => {
                    if !labels.insert(name) {
                        self.invalid(
                            format_args!("{at}/label"),
                            format!("`{name}` is there twice"),
                        );
                    }
                    0.0
                }
                TimelinePart::Pause => {
                    if depth > 1 {
                        self.invalid(
                            format_args!("{at}/pause"),
                            "stands in a timeline in a timeline; only the outermost can pause",
                        );
                    }
                    0.0
                }
            };
            let length_ms = if length_ms >= 0.0 { length_ms } else { 0.0 };
            laid_out.push(placed(entry, length_ms));
        }
        // While nobody knows how long one of them takes, neither where the others begin nor how long all take is asked.
        let times = |fault: &Fault| {
            let parts = ["/timing/", "/stagger/", "/position"];
            parts.iter().any(|part| fault.pointer.contains(part))
        };
        if self.faults[known..].iter().any(times) {
            return 0.0;
        }
        let mut faults = Vec::new();
        let layout = animation::lay_out_all(&laid_out, &mut faults);
        let mut wrong = Vec::new();
        for fault in faults {
            wrong.push(match fault {
                Error::UnknownLabel { index, name } => {
                    (index, format!("there is no label `{name}` before it"))
                }
                Error::BeforeStart { index, start_ms } if start_ms < 0.0 => (
                    index,
                    format!(
                        "would begin at {} ms, before its timeline does; allowed is 0 or later",
                        Figure(start_ms)
                    ),
                ),
                Error::BeforeStart { index, .. } => (
                    index,
                    "would never begin: it comes after what never ends".to_owned(),
                ),
                _ => continue,
            });
        }
        for (k, [start_ms, _]) in layout.spans.iter().enumerate() {
            if !DURATION_MS.contains(*start_ms) {
                let is = Figure(*start_ms);
                wrong.push((k, format!("is {is}; allowed is {DURATION_MS}")));
            }
        }
        wrong.sort_by_key(|(k, _)| *k);
        let is_counted = |k: usize| entries[k].position.anchor != Anchor::Start;
        // What stands nobody knows where by its own words takes along what is counted from it; nothing is from a pause.
        let takes_along = |k: usize, detail: &str| {
            let is_pause = matches!(entries[k].part, TimelinePart::Pause);
            !(is_pause || is_counted(k) && detail.starts_with("would "))
        };
        let mut first = wrong
            .iter()
            .filter(|(k, detail)| takes_along(*k, detail.as_str()));
        let first = first.next().map_or(usize::MAX, |(k, _)| *k);
        for (k, detail) in &wrong {
            let taken_along = detail.starts_with("would begin") || detail.starts_with("is ");
            if *k <= first || !(is_counted(*k) && taken_along) {
                self.invalid(format_args!("{at}/{k}/position"), detail.as_str());
            }
        }
        layout.duration_ms
    }

    /// An animation in a timeline; gives back its length.
    fn leaf(&mut self, at: &str, leaf: &Leaf, layers: &Layers<'_>) -> f64 {
        self.timing(&format!("{at}/timing"), &leaf.animation.timing);
        let count = leaf.targets.len();
        self.keyframes(at, &leaf.animation);
        let found = self.faults.len();
        for (k, target) in leaf.targets.iter() {
            let target_at = match &leaf.targets {
                Targets::One(_) => format!("{at}/target"),
                Targets::Several { targets, .. } => {
                    let at = format!("{at}/targets/{k}");
                    if targets[..k].contains(&Some(target.clone())) {
                        self.invalid(&at, format!("`{target}` is there twice"));
                    }
                    at
                }
            };
            let (all, index) = (layers.all, layers.index);
            self.moves(at, &target_at, &leaf.animation, target, all, index);
        }
        // What one target lacks, the next ones lack as well.
        let mut seen = HashSet::new();
        let own = self.faults.split_off(found);
        let own = own.into_iter();
        let own = own.filter(|fault| seen.insert(fault.pointer.clone()));
        let own: Vec<_> = own.collect();
        self.faults.extend(own);
        if let Targets::Several {
            stagger: Some(stagger),
            ..
        } = &leaf.targets
        {
            let at = format!("{at}/stagger");
            let (name, spread_ms) = match stagger.spread {
                Spread::Each(ms) => ("each_ms", ms),
                Spread::Amount(ms) => ("amount_ms", ms),
            };
            self.number(format_args!("{at}/{name}"), spread_ms, STAGGER_MS);
            if let Some(columns) = stagger.columns {
                let columns = u32::try_from(columns).map_or(f64::INFINITY, f64::from);
                self.number(format_args!("{at}/columns"), columns, STAGGER_COLUMNS);
            }
        }
        if count > self.limits.timeline_leaves {
            return 0.0;
        }
        leaf_length_ms(leaf, &leaf.targets.delays_ms())
    }

    /// The timing of what holds children of this length.
    fn group_timing(&mut self, at: &str, timing: &Timing, inner_ms: f64) {
        self.timing(at, timing);
        if inner_ms.is_infinite() {
            self.plain(at, timing, "what holds something endless needs");
            if timing.playback_rate <= 0.0 {
                self.invalid(
                    format_args!("{at}/playback_rate"),
                    format!(
                        "is {}; what holds something endless needs one above 0",
                        timing.playback_rate
                    ),
                );
            }
        }
    }

    /// One iteration from its beginning, forwards and even.
    #[expect(clippy::float_cmp, reason = "only 1 itself is one iteration")]
    fn plain(&mut self, at: &str, timing: &Timing, why: &str) {
        if timing.iterations != 1.0 {
            let is = timing.iterations;
            let is = if is.is_finite() {
                is.to_string()
            } else {
                "infinite".to_owned()
            };
            self.invalid(format_args!("{at}/iterations"), format!("is {is}; {why} 1"));
        }
        if timing.iteration_start != 0.0 {
            let is = timing.iteration_start;
            self.invalid(
                format_args!("{at}/iteration_start"),
                format!("is {is}; {why} 0"),
            );
        }
        if timing.direction != Direction::Normal {
            self.invalid(
                format_args!("{at}/direction"),
                format!("is another one; {why} normal"),
            );
        }
        if timing.easing != Easing::Linear {
            self.invalid(
                format_args!("{at}/easing"),
                format!("is `{}`; {why} linear", timing.easing),
            );
        }
    }
}

/// Entries at all depths that are allowed, and one more where there is more below.
fn count(entries: &[TimelineEntry], depth: usize) -> usize {
    let inner = entries.iter().map(|entry| match &entry.part {
        TimelinePart::Nested(nested) if depth < TIMELINE_DEPTH => count(&nested.entries, depth + 1),
        _ => 0,
    });
    entries.len() + inner.sum::<usize>()
}
