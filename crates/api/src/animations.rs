//! `/animations`: animations one by one, and the end of what runs.

use crate::Api;
use crate::access::{Client, Role};
use crate::control::{By, Condition, Resource};
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use engine::Applied;
use media::ShowTime;
use scene::{Id, Scene, Verb, WhenOver};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

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
    let (mut scene, id) = wire::animation_added(scene, &call.body, &api.0.parts.limits)?;
    scene
        .meet(
            &id,
            wire::conflict_of(&call.body),
            api.0.parts.handle.show_time(),
        )
        .map_err(|met| Error::Meets {
            animations: met.iter().map(ToString::to_string).collect(),
        })?;
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
    let told = wire::animation_told(scene, &call.id, verbs, &api.0.parts.limits);
    let scene = told.ok_or_else(|| missing(&call.id))??;
    let mut animations = scene.animations.iter();
    let animation = animations.find(|one| one.id.as_str() == call.id).cloned();
    let about = About::Animation(animation.ok_or_else(|| missing(&call.id))?);
    Ok(Change::new(scene, about))
}

/// How the end of animations is called in the history.
pub(crate) const METHOD: &str = "animation.end";

/// Says when animations and timelines are over, and takes out those that are to go then. Never ends.
pub(crate) async fn watch(api: &Api) {
    let client = Client::new("animation", Role::Operator);
    let handle = &api.0.parts.handle;
    let began = handle.show_time();
    // The ends that were told, of animations that stay.
    let mut told: HashMap<Id, ShowTime> = HashMap::new();
    loop {
        let changed = api.0.animations_changed.notified();
        let ends: Vec<(Id, ShowTime, WhenOver)> = {
            let accepted = api.0.control.accepted();
            let settled = accepted.scene.clocked().filter(|one| one.is_settled());
            let ends =
                settled.filter_map(|one| Some((one.id().clone(), one.ends_at()?, one.when_over())));
            ends.collect()
        };
        told.retain(|id, _| ends.iter().any(|(other, ..)| other == id));
        let untold = |(id, end, when_over): &&(Id, ShowTime, WhenOver)| match when_over {
            WhenOver::Remove => true,
            // What was over before this process began was told by another.
            WhenOver::Keep => *end > began && told.get(id) != Some(end),
        };
        let next = ends
            .iter()
            .filter(untold)
            .min_by_key(|(_, end, _)| *end)
            .cloned();
        let Some((id, end, when_over)) = next else {
            changed.await;
            continue;
        };
        let cadence = handle.picture().cadence;
        let lead_ns = match when_over {
            // A change is handed over within the frame before its own, so that it is never late and holds up nobody.
            WhenOver::Remove => cadence.framerate().frame_time(1).nanos() / 2,
            WhenOver::Keep => 0,
        };
        let wait_ns = end.since(handle.show_time()).saturating_sub(lead_ns);
        if wait_ns > 0 {
            let wait = Duration::from_nanos(wait_ns.unsigned_abs());
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = changed => {}
            }
            continue;
        }
        api.thawed().await;
        let said = json!({ "id": id.as_str() });
        let timeline = {
            let accepted = api.0.control.accepted();
            accepted.scene.timelines.iter().any(|one| one.id == id)
        };
        let finished = if timeline {
            "timeline.finished"
        } else {
            "animation.finished"
        };
        match when_over {
            WhenOver::Keep => {
                let frame = cadence.first_frame_at(end);
                let applied = Applied {
                    revision: api.0.control.accepted().revision,
                    frame,
                    show_time: cadence.frame_time(frame),
                };
                api.happened(finished, Some(applied), &said, None);
                told.insert(id, end);
            }
            WhenOver::Remove => {
                let by = By {
                    client: &client,
                    method: METHOD,
                    not_before: end,
                };
                let ended = api.0.control.change(by, &Condition::default(), |scene| {
                    // It may have been paused or cancelled meanwhile.
                    if scene.over_at(&id) != Some(end) {
                        return Err(missing(id.as_str()));
                    }
                    let mut scene = scene.clone();
                    // Their ids are one namespace: only one of the two is there.
                    scene.end_animation(&id);
                    scene.end_timeline(&id);
                    Ok(Change::new(scene, About::Scene))
                });
                match ended {
                    Ok(pending) => {
                        if let Ok((applied, _)) = pending.shown().await {
                            api.happened(finished, Some(applied), &said, None);
                        }
                    }
                    // Too busy to take the change: looked at again a little later.
                    Err(Error::EngineBusy(_)) => {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

fn missing(id: &str) -> Error {
    Error::NoSuchAnimation { id: id.to_owned() }
}
