//! Scenes that were kept and are not allowed any more.

use scene::{Limits, Scene};

/// As many layers as can be configured at all: a lower limit of today is no fault of yesterday's scene.
fn limits() -> Limits {
    Limits {
        layers: 1000,
        ..Limits::default()
    }
}

/// What is wrong with the scene as such.
pub(super) fn fault(scene: &Scene) -> Option<String> {
    let faults = scene.faults(&limits(), &|_| true);
    faults.first().map(ToString::to_string)
}

/// Takes out of the scene what is wrong in it, and says what that was. Nothing is, but for a fault of this program: then a show
/// without a layer is better than none.
pub(super) fn mend(scene: &mut Scene) -> Vec<String> {
    let mut said = Vec::new();
    loop {
        let faults = scene.faults(&limits(), &|_| true);
        let gone = faults
            .first()
            .filter(|fault| take_out(scene, &fault.pointer));
        let Some(fault) = gone else {
            return said;
        };
        said.push(fault.to_string());
    }
}

/// Takes out the part that a pointer leads into, with what hangs on it; `false` where it leads into none.
fn take_out(scene: &mut Scene, pointer: &str) -> bool {
    let mut segments = pointer.split('/').skip(1);
    let list = segments.next().unwrap_or_default();
    let Some(at) = segments.next().and_then(|at| at.parse::<usize>().ok()) else {
        return false;
    };
    match list {
        "layers" => {
            let layer = scene.layers.get(at).map(|layer| layer.id.clone());
            if let Some(id) = &layer {
                scene.remove_layer(id);
            }
            layer.is_some()
        }
        "animations" => taken(&mut scene.animations, at),
        "timelines" => taken(&mut scene.timelines, at),
        "templates" => taken(&mut scene.templates, at),
        "transitions" => taken(&mut scene.passages, at),
        _ => false,
    }
}

fn taken<T>(list: &mut Vec<T>, at: usize) -> bool {
    let is_there = at < list.len();
    if is_there {
        list.remove(at);
    }
    is_there
}
