//! Faults of meaning that only repeat a fault of shape somewhere else in the document.
//!
//! What stands at or below a fault of shape is dealt with in [`Report::merged`](crate::report::Report::merged); an
//! animation, though, names a layer far away.

use scene::{Fault, Id, Property, Scene, Target};
use std::collections::{HashMap, HashSet};

/// Places where a stand-in took the place of what was written.
#[derive(Default)]
struct StandIns<'a> {
    layers: bool,
    sources: HashSet<&'a str>,
    effects: HashSet<&'a str>,
    targets: HashSet<&'a str>,
}

impl<'a> StandIns<'a> {
    /// From the pointers of all faults of shape.
    fn of(broken: &'a HashSet<String>) -> Self {
        let mut all = Self::default();
        for pointer in broken {
            let segments: Vec<_> = pointer.split('/').skip(1).collect();
            match segments[..] {
                ["layers"] => all.layers = true,
                ["layers", i, "source"] | ["layers", i, "source", "type"] => {
                    all.sources.insert(i);
                }
                ["layers", i, "effects"]
                | ["layers", i, "effects", _]
                | ["layers", i, "effects", _, "id" | "type"] => {
                    all.effects.insert(i);
                }
                ["animations", i, "target"] => {
                    all.targets.insert(i);
                }
                _ => {}
            }
        }
        all
    }
}

/// Takes out of `meaning` what it says about targets and properties that may well be there once `broken` is mended.
pub(crate) fn drop_from(meaning: &mut Vec<Fault>, scene: &Scene, broken: &HashSet<String>) {
    let stand_ins = StandIns::of(broken);
    let layers = scene.layers.iter().enumerate().rev();
    let layers: HashMap<&Id, String> = layers.map(|(i, l)| (&l.id, i.to_string())).collect();
    meaning.retain(|fault| {
        let segments: Vec<_> = fault.pointer.split('/').skip(1).collect();
        let (i, path) = match segments[..] {
            ["animations", _, "target"] => return !stand_ins.layers,
            ["animations", i, "keyframes", _, path] => (i, path),
            _ => return true,
        };
        let Ok(property) = path.parse() else {
            return true;
        };
        if stand_ins.targets.contains(i) {
            return false;
        }
        let animation = i.parse().ok().and_then(|i: usize| scene.animations.get(i));
        let Some(Target::Layer(id)) = animation.map(|a| &a.target) else {
            return true;
        };
        let Some(layer) = layers.get(id) else {
            return true;
        };
        match property {
            Property::Effect(..) => !stand_ins.effects.contains(layer.as_str()),
            _ if path.starts_with("source.") => !stand_ins.sources.contains(layer.as_str()),
            _ => true,
        }
    });
}
