//! `/animations`: animations one by one.

use crate::Api;
use crate::control::Resource;
use crate::operation::{About, Answer, Call, Change, Reply, Said};
use crate::problem::Error;
use scene::{Conflict, Fault, Id, Scene, Start, Verb};

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
    let limits = &api.0.parts.limits;
    let now = api.0.parts.handle.show_time();
    let scene = scene.with_room(limits, now);
    if let Some(detail) = scene.lacks_room(limits, now) {
        return Err(Error::Invalid(vec![Fault::invalid("/animations", detail)]));
    }
    let (mut scene, id) = wire::animation_added(&scene, &call.body, limits, now)?;
    if wire::is_at_output(&call.body) {
        at_output(api, &mut scene, &id)?;
    }
    let conflict = wire::conflict_of(&call.body);
    let met = scene.meet(&id, conflict, now);
    let met = met.map_err(|met| Error::Meets {
        id: id.to_string(),
        animations: met.iter().map(ToString::to_string).collect(),
    })?;
    let outcome = match conflict {
        Conflict::Queue => "queued",
        Conflict::Stack | Conflict::Replace | Conflict::Reject => "replaced",
    };
    let said = Said::conflict(Some(&id), outcome, &met);
    let animation = scene.animations.iter().find(|one| one.id == id).cloned();
    let animation = animation.ok_or_else(|| missing(id.as_str()))?;
    let about = About::New(Box::new(About::Animation(animation)));
    Ok(Change {
        said: said.into_iter().collect(),
        ..Change::new(scene, about)
    })
}

/// Lets an animation begin so much earlier that its first frame leaves the encoder at its start.
fn at_output(api: &Api, scene: &mut Scene, id: &Id) -> Result<(), Error> {
    let picture = api.0.parts.handle.picture();
    let frames = picture.latency.look_ahead_frames();
    let delay_ns = picture
        .cadence
        .framerate()
        .frame_time(frames.into())
        .nanos();
    for one in scene.animations.iter_mut().filter(|one| one.id == *id) {
        match &mut one.start {
            Start::At(at) => *at = at.plus_nanos(-delay_ns),
            Start::Wall(unix_ns) => *unix_ns = unix_ns.saturating_sub(delay_ns),
            Start::Now | Start::After(..) | Start::Beat(_) | Start::Marker(..) => {
                let detail = "is for a start at a show time or a time of day";
                return Err(Error::Invalid(vec![Fault::invalid("/at_output", detail)]));
            }
        }
    }
    Ok(())
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

/// Holds an animation where it is.
pub(crate) fn pause(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Pause])
}

/// Lets an animation run on; one that is over begins anew.
pub(crate) fn resume(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, wire::read_resume(&call.body)?)
}

/// Puts an animation somewhere else.
pub(crate) fn seek(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![wire::read_seek(&call.body)?])
}

/// Turns an animation round.
pub(crate) fn reverse(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Reverse])
}

/// Puts an animation at its end.
pub(crate) fn finish(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Finish])
}

/// What is done counts from the frame that shows it: the engine finds the local time there, nobody here guesses it.
fn told(api: &Api, scene: &Scene, call: &Call, verbs: Vec<Verb>) -> Result<Change, Error> {
    let now = api.0.parts.handle.show_time();
    let told = wire::animation_told(scene, &call.id, verbs, &api.0.parts.limits, now);
    let scene = told.ok_or_else(|| missing(&call.id))??;
    let mut animations = scene.animations.iter();
    let animation = animations.find(|one| one.id.as_str() == call.id).cloned();
    let about = About::Animation(animation.ok_or_else(|| missing(&call.id))?);
    Ok(Change::new(scene, about))
}

fn missing(id: &str) -> Error {
    Error::NoSuchAnimation { id: id.to_owned() }
}
