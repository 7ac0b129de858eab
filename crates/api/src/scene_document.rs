//! `/scene`: the whole document, read and replaced; `/undo`, `/redo`, `/history`.

use crate::Api;
use crate::control::{By, Way};
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use crate::request::page_of;
use scene::Scene;
use std::sync::Arc;

pub(crate) fn show(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let accepted = api.0.control.accepted();
        Ok(Answer {
            changed: Some(accepted.revision),
            ..Answer::json(wire::write_scene(&accepted.scene))
        })
    })
}

/// Within a batch.
pub(crate) fn replaced(api: &Api, _: &Scene, call: &Call) -> Result<Change, Error> {
    Ok(Change::new(read(api, call)?, About::Scene))
}

pub(crate) fn replace(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        // Four megabytes of JSON take long enough to keep other requests of this thread waiting, and all writers.
        let (reader, call) = (api.clone(), Arc::new(call));
        let reading = Arc::clone(&call);
        let scene = tokio::task::spawn_blocking(move || read(&reader, &reading))
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        let by = By::now(&call.client, call.operation.name);
        let change = |_: &Scene| Ok(Change::new(scene, About::Scene));
        let pending = api.0.control.change(by, &call.condition, change)?;
        let revision = pending.revision;
        let (applied, change) = pending.shown().await?;
        tracing::info!(
            revision = applied.revision,
            frame = applied.frame,
            "scene replaced over the API"
        );
        Ok(api.answer(&change, revision, applied))
    })
}

fn read(api: &Api, call: &Call) -> Result<Scene, Error> {
    let parts = &api.0.parts;
    let read = wire::scene_of(&call.body, &parts.limits, &|name| api.has_asset(name))?;
    Ok(read.scene)
}

pub(crate) fn undo(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(turn(api, call, Way::Back))
}

pub(crate) fn redo(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(turn(api, call, Way::Again))
}

async fn turn(api: &Api, call: Call, way: Way) -> Result<Answer, Error> {
    let scope = wire::read_scope(&call.body)?;
    let by = By::now(&call.client, call.operation.name);
    let pending = api.0.control.turn(by, way, scope)?;
    let revision = pending.revision;
    let (applied, change) = pending.shown().await?;
    Ok(api.answer(&change, revision, applied))
}

pub(crate) fn history(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (before, limit) = page_of(&call)?;
        let history = api.0.control.history();
        let mut entries = history.newest(before);
        let page: Vec<_> = entries.by_ref().take(limit).collect();
        let next = entries
            .next()
            .and(page.last())
            .map(|entry| entry.id.to_string());
        let items = page.into_iter().map(crate::history::Entry::to_json);
        Ok(Answer::json(wire::page(items, next)))
    })
}

/// What was done of any kind, from the as-run log.
pub(crate) fn as_run(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (before, limit) = page_of(&call)?;
        let (lines, next) = api.0.as_run.newest(before, limit);
        Ok(Answer::json(wire::page(
            lines,
            next.map(|id| id.to_string()),
        )))
    })
}
