//! `/timelines`: timelines one by one.

use crate::Api;
use crate::control::Resource;
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use scene::{Scene, Shared, Timeline, Verb};

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let (timelines, revision) = {
            let accepted = api.0.control.accepted();
            (accepted.scene.timelines.clone(), accepted.revision)
        };
        let timelines = timelines.iter();
        Ok(Answer {
            changed: Some(revision),
            ..Answer::json(wire::list(
                timelines.map(|one| wire::write_timeline_laid_out(one)),
            ))
        })
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (timeline, changed) = {
            let accepted = api.0.control.accepted();
            let timeline = find(&accepted.scene, &call.id)?.clone();
            let changed = accepted.changed_at(&Resource::Timeline(timeline.id.clone()));
            (timeline, changed)
        };
        Ok(Answer {
            changed: Some(changed),
            ..Answer::json(wire::write_timeline_laid_out(&timeline))
        })
    })
}

/// Starts a timeline, or a template that makes one; one that begins `"now"` begins on the frame it is answered with.
pub(crate) fn start(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let (limits, now) = (&api.0.parts.limits, api.0.parts.handle.show_time());
    let (scene, id) = if wire::names_template(&call.body) {
        wire::template_started(scene, &call.body, limits, &|name| api.has_asset(name), now)?
    } else {
        wire::timeline_added(scene, &call.body, limits, now)?
    };
    let timeline = find(&scene, id.as_str())?.clone();
    let about = About::New(Box::new(About::Timeline(timeline)));
    Ok(Change::new(scene, about))
}

/// Cancels a timeline: what it moved is where the layers say, from the next frame on, and the layers that came with it go;
/// answers with the timeline as it was.
pub(crate) fn cancel(_: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let mut scene = scene.clone();
    let id = find(&scene, &call.id)?.id.clone();
    let timeline = scene
        .cancel_timeline(&id)
        .ok_or_else(|| missing(&call.id))?;
    let about = About::Gone(Box::new(About::Timeline(timeline)));
    Ok(Change::new(scene, about))
}

/// Holds a timeline where it is.
pub(crate) fn pause(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Pause])
}

/// Lets a timeline run on, from a point to pause at as well; one that is over begins anew.
pub(crate) fn resume(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, wire::read_resume(&call.body)?)
}

/// Puts a timeline somewhere else.
pub(crate) fn seek(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let seek = wire::read_timeline_seek(&call.body)?;
    let verb = wire::seek_verb(find(scene, &call.id)?, &seek)?;
    told(api, scene, call, vec![verb])
}

/// Turns a timeline round.
pub(crate) fn reverse(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Reverse])
}

/// Puts a timeline at its end.
pub(crate) fn finish(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    told(api, scene, call, vec![Verb::Finish])
}

fn told(api: &Api, scene: &Scene, call: &Call, verbs: Vec<Verb>) -> Result<Change, Error> {
    let now = api.0.parts.handle.show_time();
    let told = wire::timeline_told(scene, &call.id, verbs, &api.0.parts.limits, now);
    let scene = told.ok_or_else(|| missing(&call.id))??;
    let about = About::Timeline(find(&scene, &call.id)?.clone());
    Ok(Change::new(scene, about))
}

fn find<'a>(scene: &'a Scene, id: &str) -> Result<&'a Shared<Timeline>, Error> {
    let mut timelines = scene.timelines.iter();
    timelines
        .find(|one| one.id.as_str() == id)
        .ok_or_else(|| missing(id))
}

fn missing(id: &str) -> Error {
    Error::NoSuchTimeline { id: id.to_owned() }
}
