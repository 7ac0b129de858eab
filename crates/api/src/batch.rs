//! Commands that are carried out all or not at all, on one frame: now, at a show time, or on a picture only.

use crate::access::{Client, Need};
use crate::control::{By, Condition};
use crate::operation::{About, Answer, Body, Call, Change, Reply, Run, Status};
use crate::operations::named;
use crate::problem::Error;
use crate::schedule::What;
use crate::{Api, memory, rpc, still};
use media::ShowTime;
use scene::{Fault, Moment, Scene, Start};
use serde_json::{Value, json};
use wire::BatchCommand;

/// `POST /batch`.
pub(crate) fn run(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let request = wire::read_batch(&call.body)?;
        let (client, condition) = (&call.client, &call.condition);
        let commands = request.commands;
        if request.dry_run {
            let scene = api.0.control.accepted().scene.clone();
            let (changed, _) = changed(api, client, &scene, &commands)?;
            let png = still::of_scene(api, changed.scene, request.start).await?;
            return Ok(Answer {
                body: Body::Bytes("image/png", png),
                ..Answer::default()
            });
        }
        if let Some(at) = later(api, &request.start) {
            // Whatever is wrong with it now is said now; at its time it is tried again.
            let scene = api.0.control.accepted().scene.clone();
            changed(api, client, &scene, &commands)?;
            let job = api
                .0
                .schedule
                .add(at, client.clone(), What::Batch(commands))?;
            api.remember(memory::job(&job));
            let document = job.to_json();
            api.happened("batch.scheduled", None, &document, Some((client, "batch")));
            return Ok(Answer {
                status: Status::Accepted,
                location: Some(format!("/schedule/{}", job.id)),
                ..Answer::json(document)
            });
        }
        let mut abouts = Vec::new();
        let pending = api
            .0
            .control
            .change(By::now(client, "batch"), condition, |scene| {
                let (change, about) = changed(api, client, scene, &commands)?;
                abouts = about;
                Ok(change)
            })?;
        let revision = pending.revision;
        let (applied, change) = pending.shown().await?;
        let results: Value = abouts
            .iter()
            .map(|about| api.document(about, &change.scene, applied))
            .collect();
        api.follow(client, applied, change.follow);
        Ok(Answer {
            applied: Some(applied),
            changed: Some(revision),
            ..Answer::json(json!({ "results": results }))
        })
    })
}

/// The scene that all commands together make, and what each is about.
pub(crate) fn changed(
    api: &Api,
    client: &Client,
    scene: &Scene,
    commands: &[BatchCommand],
) -> Result<(Change, Vec<About>), Error> {
    let mut scene = scene.clone();
    let (mut abouts, mut follow, mut written) = (Vec::new(), None, Vec::new());
    let mut said = Vec::new();
    for (i, command) in commands.iter().enumerate() {
        let here = format!("/commands/{i}");
        let change = one(api, client, &scene, command).map_err(|error| within(&here, error))?;
        scene = change.scene;
        abouts.push(change.about);
        written.extend(change.written);
        said.extend(change.said);
        if follow.is_some() && change.follow.is_some() {
            let detail = "has a transition; one command of a batch may";
            return Err(Error::Invalid(vec![Fault::invalid(here, detail)]));
        }
        follow = follow.or(change.follow);
    }
    let change = Change {
        scene,
        about: About::Scene,
        follow,
        written,
        said,
    };
    Ok((change, abouts))
}

fn one(api: &Api, client: &Client, scene: &Scene, command: &BatchCommand) -> Result<Change, Error> {
    let fault = |detail: String| Error::Invalid(vec![Fault::invalid("/method", detail)]);
    let method = &command.method;
    let operation = named(method).ok_or_else(|| fault(format!("`{method}` is unknown")))?;
    let (Run::Change(change) | Run::Prepared(change, _)) = operation.run else {
        return Err(fault(format!(
            "`{method}` does not change the scene and cannot be in a batch"
        )));
    };
    client.may(Need::Write)?;
    let in_params = |error| match error {
        Error::Invalid(faults) => Error::Invalid(below("/params", faults)),
        other => other,
    };
    let call = rpc::call(client.clone(), operation, command.params.clone()).map_err(in_params)?;
    if !call.condition.is_none() {
        let detail = "is for the batch as a whole";
        return Err(Error::Invalid(vec![Fault::invalid(
            "/params/if_match",
            detail,
        )]));
    }
    change(api, scene, &call).map_err(in_params)
}

fn within(here: &str, error: Error) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(below(here, faults)),
        forbidden @ Error::Forbidden { .. } => forbidden,
        other => Error::Invalid(vec![Fault::invalid(here, other.to_string())]),
    }
}

fn below(at: &str, faults: Vec<Fault>) -> Vec<Fault> {
    let moved = |fault: Fault| Fault {
        pointer: format!("{at}{}", fault.pointer),
        ..fault
    };
    faults.into_iter().map(moved).collect()
}

/// The show time of a start that is still to come.
fn later(api: &Api, start: &Start) -> Option<ShowTime> {
    let at = show_time(api, start)?;
    (at > api.0.parts.handle.show_time()).then_some(at)
}

/// A start as a show time; `None` is now.
pub(crate) fn show_time(api: &Api, start: &Start) -> Option<ShowTime> {
    if *start == Start::Now {
        return None;
    }
    let handle = &api.0.parts.handle;
    let moment = Moment {
        show: handle.show_time(),
        epoch_unix_ns: handle.epoch_unix_ns(),
    };
    let accepted = api.0.control.accepted();
    Some(start.settled(moment, &|id| accepted.scene.over_at(id)))
}

/// A job whose time has come.
pub(crate) async fn carry_out(api: &Api, job: crate::schedule::Job) {
    let (method, client) = match &job.what {
        What::Batch(_) => ("batch", job.client.clone()),
        What::End(_) => (crate::transitions::METHOD, job.client.clone()),
    };
    let by = By {
        client: &client,
        method,
        not_before: job.at,
    };
    let made = api
        .0
        .control
        .change(by, &Condition::default(), |scene| match &job.what {
            What::Batch(commands) => Ok(changed(api, &client, scene, commands)?.0),
            What::End(ending) => Ok(Change::new(ending.end(scene), About::Scene)),
        });
    let shown = match made {
        Ok(pending) => pending.shown().await,
        Err(error) => Err(error),
    };
    api.remember(memory::job_gone(job.id));
    match shown {
        Ok((applied, change)) => api.follow(&client, applied, change.follow),
        Err(error) => {
            tracing::warn!(%error, job = job.id, "what was scheduled could not be done");
            let data = json!({ "id": job.id.to_string(), "problem": error.to_json() });
            api.happened("batch.failed", None, &data, None);
        }
    }
}
