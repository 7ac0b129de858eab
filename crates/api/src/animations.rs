//! `/animations`: animations one by one.

use crate::Api;
use crate::control::Resource;
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use scene::Scene;

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let (animations, revision) = {
            let accepted = api.0.control.accepted();
            (accepted.scene.animations.clone(), accepted.revision)
        };
        let animations = animations.iter();
        Ok(Answer {
            changed: Some(revision),
            ..Answer::json(wire::list(animations.map(|one| wire::write_animation(one))))
        })
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let accepted = api.0.control.accepted();
        let mut animations = accepted.scene.animations.iter();
        let animation = animations.find(|one| one.id.as_str() == call.id);
        let animation = animation.ok_or_else(|| missing(&call.id))?;
        let changed = accepted.changed_at(&Resource::Animation(animation.id.clone()));
        Ok(Answer {
            changed: Some(changed),
            ..Answer::json(wire::write_animation(animation))
        })
    })
}

/// Starts an animation; one that begins `"now"` begins on the frame it is answered with.
pub(crate) fn start(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let (scene, id) = wire::animation_added(scene, &call.body, &api.0.parts.limits)?;
    let animation = scene.animations.iter().find(|one| one.id == id).cloned();
    let animation = animation.ok_or_else(|| missing(id.as_str()))?;
    let about = About::New(Box::new(About::Animation(animation)));
    Ok(Change::new(scene, about))
}

/// Cancels an animation: what it moved is where the layer says, from the next frame on; answers with the animation as it was.
pub(crate) fn cancel(_: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let mut scene = scene.clone();
    let at = scene
        .animations
        .iter()
        .position(|one| one.id.as_str() == call.id);
    let animation = scene
        .animations
        .remove(at.ok_or_else(|| missing(&call.id))?);
    let about = About::Gone(Box::new(About::Animation(animation)));
    Ok(Change::new(scene, about))
}

fn missing(id: &str) -> Error {
    Error::NoSuchAnimation { id: id.to_owned() }
}
