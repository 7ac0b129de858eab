//! Faults of meaning that only repeat a fault of shape somewhere else in the document.
//!
//! What stands at or below a fault of shape is dealt with in [`Report::merged`](crate::report::Report::merged); an
//! animation, though, names a layer far away.

use scene::{Fault, Id, Property, Scene, Target, TimelineEntry, TimelinePart};
use std::collections::{HashMap, HashSet};

/// Places where a stand-in took the place of what was written.
#[derive(Default)]
struct StandIns<'a> {
    /// Some layer, or its id.
    layers: bool,
    /// Numbers of layers, each with the beginning of the paths of properties that hang on what stands there.
    fields: Vec<(&'a str, String)>,
    effects: HashSet<&'a str>,
    targets: HashSet<&'a str>,
    /// Entries of timelines, their targets among them.
    entries: HashSet<&'a str>,
}

impl<'a> StandIns<'a> {
    /// From the pointers of all faults of shape.
    fn of(broken: &'a HashSet<String>) -> Self {
        let mut all = Self::default();
        for pointer in broken {
            let segments: Vec<_> = pointer.split('/').skip(1).collect();
            match segments[..] {
                ["layers"] | ["layers", _] | ["layers", _, "id"] => all.layers = true,
                ["layers", i, "effects"]
                | ["layers", i, "effects", _]
                | ["layers", i, "effects", _, "id" | "type"] => {
                    all.effects.insert(i);
                }
                ["layers", i, ref field @ ..] => all.fields.push((i, moved_by(field))),
                ["animations", i, "target"] => {
                    all.targets.insert(i);
                }
                ["timelines", _, "entries", ..] => {
                    all.entries.insert(pointer);
                }
                _ => {}
            }
        }
        all
    }

    /// Whether something stands in for what the property at `path` moves on that layer.
    fn of_field(&self, layer: &str, path: &str) -> bool {
        self.fields.iter().any(|(i, field)| {
            let rest = path.strip_prefix(field.as_str());
            *i == layer && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// Whether something stands in for a target of the leaf at `at`, or for the leaf.
    fn of_targets(&self, at: &str) -> bool {
        self.entries.iter().any(|broken| {
            let rest = broken.strip_prefix(at);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/target"))
        })
    }
}

/// The path with which all properties begin that hang on a field of a layer: those of its neighbours too, where it says what
/// they are.
fn moved_by(field: &[&str]) -> String {
    let (first, second) = (field.first(), field.get(1));
    let numbered = |segment: &&&str| segment.bytes().all(|byte| byte.is_ascii_digit());
    let depth = match (first, second) {
        (Some(&"source"), Some(&"type" | &"shape")) => 1,
        _ => field.len() - field.iter().rev().take_while(numbered).count(),
    };
    let of_its_kind = matches!(field[..depth], [.., "type"]);
    field[..depth - usize::from(of_its_kind)].join(".")
}

/// Takes out of `meaning` what it says about targets and properties that may well be there once `broken` is mended.
pub(crate) fn drop_from(meaning: &mut Vec<Fault>, scene: &Scene, broken: &HashSet<String>) {
    let stand_ins = StandIns::of(broken);
    let layers = scene.layers.iter().enumerate().rev();
    let layers: HashMap<&Id, String> = layers.map(|(i, l)| (&l.id, i.to_string())).collect();
    meaning.retain(|fault| {
        let segments: Vec<_> = fault.pointer.split('/').skip(1).collect();
        // It may be the one whose id could not be read.
        if stand_ins.layers && fault.detail.starts_with("there is no layer") {
            return false;
        }
        let (path, broken, targets) = match segments[..] {
            ["layers", _, "parent"] => return !stand_ins.layers,
            // Where the corners come to hangs on what is around them.
            ["layers", i, "transform", "corner_pin"] => {
                let around = ["crop", "transform"].map(|field| format!("/layers/{i}/{field}"));
                let hangs = |at: &String| around.iter().any(|around| at.starts_with(around));
                return !broken.iter().any(hangs);
            }
            // What is moved there may be moved by what could not be read.
            ["timelines", i, "taken", ..] => {
                let entries = format!("/timelines/{i}/entries");
                return !broken.iter().any(|at| at.starts_with(&entries));
            }
            [.., "keyframes", _, "tangent_in_px" | "tangent_out_px"] => {
                let keyframe = segments[..segments.len() - 1].join("/");
                let position = format!("/{keyframe}/transform.position");
                return !broken.iter().any(|at| at.starts_with(&position));
            }
            ["timelines", i, "entries", .., "position"] => {
                let entries = format!("/timelines/{i}/entries");
                return !displaces(&entries, broken);
            }
            ["animations", i, "keyframes", _, path] => {
                let animation = i.parse().ok().and_then(|i: usize| scene.animations.get(i));
                let target = animation.map(|a| a.target.clone());
                let targets = target.into_iter().collect::<Vec<_>>();
                (path, stand_ins.targets.contains(i), targets)
            }
            ["timelines", i, "entries", .., "keyframes", _, path] => {
                let timeline = i.parse().ok().and_then(|i: usize| scene.timelines.get(i));
                let leaf = &segments[3..segments.len() - 3];
                let targets = timeline.map(|one| targets_at(&one.entries, leaf));
                let at = format!("/{}", segments[..segments.len() - 3].join("/"));
                (path, stand_ins.of_targets(&at), targets.unwrap_or_default())
            }
            // A way and a formula stand on their target as keyframes do.
            ["animations", i, "path" | "expression"] => return !stand_ins.targets.contains(i),
            ["timelines", .., "path" | "expression"] => {
                let at = segments[..segments.len() - 1].join("/");
                return !stand_ins.of_targets(&format!("/{at}"));
            }
            _ => return true,
        };
        let Ok(property) = path.parse() else {
            return true;
        };
        if broken {
            return false;
        }
        targets.iter().all(|target| {
            let Target::Layer(id) = target else {
                return true;
            };
            let Some(layer) = layers.get(id) else {
                return true;
            };
            match property {
                Property::Effect(..) => !stand_ins.effects.contains(layer.as_str()),
                _ => !stand_ins.of_field(layer, path),
            }
        })
    });
}

/// Whether something stands in for an id that others may follow.
pub(crate) fn hides_followed(broken: &HashSet<String>) -> bool {
    broken.iter().any(|pointer| {
        let segments: Vec<_> = pointer.split('/').skip(1).collect();
        matches!(
            segments[..],
            ["animations" | "timelines"]
                | ["animations" | "timelines", _]
                | ["animations" | "timelines", _, "id"]
        )
    })
}

/// The targets of the leaf at these segments of a pointer into entries: `0/timeline/entries/3/animation`.
fn targets_at(entries: &[TimelineEntry], segments: &[&str]) -> Vec<Target> {
    let entry = |at: &str| entries.get(at.parse::<usize>().ok()?);
    match segments {
        [at, "animation"] => match entry(at).map(|one| &one.part) {
            Some(TimelinePart::Leaf(leaf)) => leaf.targets.iter().map(|(_, t)| t.clone()).collect(),
            _ => Vec::new(),
        },
        [at, "timeline", "entries", rest @ ..] => match entry(at).map(|one| &one.part) {
            Some(TimelinePart::Nested(nested)) => targets_at(&nested.entries, rest),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether a fault of shape at or below `entries` makes it unsure where they stand.
fn displaces(entries: &str, broken: &HashSet<String>) -> bool {
    let below = |pointer: &&String| pointer.starts_with(entries) && !pointer.contains("/keyframes");
    broken.iter().any(|pointer| below(&pointer))
}

/// Takes out of `meaning` what it says about positions among the entries at that pointer, where `broken` makes them unsure.
pub(crate) fn drop_positions(meaning: &mut Vec<Fault>, entries: &str, broken: &HashSet<String>) {
    if displaces(entries, broken) {
        let position = |fault: &Fault| {
            fault.pointer.starts_with(entries) && fault.pointer.ends_with("/position")
        };
        meaning.retain(|fault| !position(fault));
    }
}
