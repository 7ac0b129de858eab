//! Writes that glide, and writes that interrupt: what a `PATCH` of a layer does to what moves it.

use crate::operation::Said;
use crate::problem::Error;
use media::ShowTime;
use scene::{Fault, Id, Limits, Property, Scene, Target};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use wire::WriteOptions;

/// Does to `scene`, in which a layer was just written to, what the write asks for besides; `before` is the scene as it was,
/// by the show time `now`.
/// Gives back what there is to tell.
pub(crate) fn carried(
    scene: &mut Scene,
    before: &Scene,
    layer: &Id,
    patch: &Value,
    options: &WriteOptions,
    (limits, now): (&Limits, ShowTime),
) -> Result<Vec<Said>, Error> {
    let written = |property: &Property| wire::patch_writes(patch, property);
    let mut said = Vec::new();
    let mut taken = Vec::new();
    if options.interrupt {
        let target = Target::Layer(layer.clone());
        let mut held = scene.moved_of(&target);
        held.retain(written);
        let let_go = scene.yield_up(&target, &held, true);
        said.extend(Said::conflict(None, "interrupted", &let_go.ids));
        taken = let_go.properties;
    }
    let was = before.layers.iter().find(|one| one.id == *layer);
    if let (Some(glide), Some(was)) = (&options.glide, was) {
        let id = fresh_id(before, layer);
        let met = scene.glide(id.clone(), was, &written, &taken, glide);
        said.extend(Said::conflict(Some(&id), "replaced", &met));
        let too_many = scene.animations.len() > limits.animations;
        if too_many && let Some(detail) = before.lacks_room(limits, now) {
            return Err(Error::Invalid(vec![Fault::invalid("/transition", detail)]));
        }
    }
    if let (None, false, Some(was)) = (&options.glide, options.interrupt, was) {
        scene.keep_goals(was);
    }
    Ok(said)
}

/// A name for the next animation that takes a layer elsewhere.
fn fresh_id(scene: &Scene, layer: &Id) -> Id {
    let taken = |id: &Id| scene.clocked().any(|one| one.id() == id);
    let mut numbers = 1_u32..;
    loop {
        let n = numbers.next().unwrap_or_default();
        let id = Id::new(&format!("retarget-{layer}-{n}"));
        let id = id.unwrap_or_else(|| hashed(layer, n));
        if !taken(&id) {
            return id;
        }
    }
}

/// Of a layer whose name is too long to stand in another.
fn hashed(layer: &Id, n: u32) -> Id {
    let mut hasher = DefaultHasher::new();
    layer.as_str().hash(&mut hasher);
    let id = format!("retarget-{:016x}-{n}", hasher.finish());
    Id::new(&id).expect("words of ours and numbers keep the rule")
}
