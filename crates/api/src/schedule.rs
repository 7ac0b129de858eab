//! What is to happen at a show time: batches with a `start`.
//!
//! A job is handed to the engine within the frame before its own, so that it holds up nobody else's change, and named
//! with the time at which it may show, so that it is never early.

use crate::Api;
use crate::access::Client;
use crate::operation::{Answer, Call, Reply};
use crate::problem::Error;
use media::ShowTime;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use wire::BatchCommand;

/// Jobs that may wait.
const MAX_WAITING: usize = 10_000;

/// All that waits.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    made: u64,
    jobs: BTreeMap<(ShowTime, u64), Job>,
}

/// Something to be done.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) at: ShowTime,
    pub(crate) client: Client,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Batch(Vec<BatchCommand>),
}

impl Job {
    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id.to_string(),
            "client": &*self.client.name,
            "at_ms": wire::number(self.at.as_ms()),
        });
        match &self.what {
            What::Batch(commands) => {
                let methods = commands.iter().map(|command| command.method.as_str());
                json["methods"] = methods.collect();
            }
        }
        json
    }
}

impl Schedule {
    /// With the jobs that an earlier process left.
    pub(crate) fn new(jobs: BTreeMap<u64, Job>) -> Self {
        let made = jobs.keys().next_back().copied().unwrap_or(0);
        let jobs = jobs
            .into_values()
            .map(|job| ((job.at, job.id), job))
            .collect();
        Self {
            waiting: Mutex::new(Waiting { made, jobs }),
            changed: Notify::new(),
        }
    }

    pub(crate) fn add(&self, at: ShowTime, client: Client, what: What) -> Result<Job, Error> {
        let mut waiting = self.waiting();
        if waiting.jobs.len() >= MAX_WAITING {
            return Err(Error::TooManyScheduled { most: MAX_WAITING });
        }
        waiting.made += 1;
        let job = Job {
            id: waiting.made,
            at,
            client,
            what,
        };
        waiting.jobs.insert((at, job.id), job.clone());
        self.changed.notify_one();
        Ok(job)
    }

    pub(crate) fn list(&self) -> Vec<Job> {
        self.waiting().jobs.values().cloned().collect()
    }

    pub(crate) fn cancel(&self, id: &str) -> Option<Job> {
        let mut waiting = self.waiting();
        let key = waiting.jobs.values().find(|job| job.id.to_string() == id);
        let key = key.map(|job| (job.at, job.id))?;
        waiting.jobs.remove(&key)
    }

    /// Waits until `lead_ns` before the next job, which is then taken out. `now` tells the show time.
    pub(crate) async fn next(&self, lead_ns: i64, now: impl Fn() -> i64) -> Job {
        loop {
            let changed = self.changed.notified();
            let wait_ns = {
                let mut waiting = self.waiting();
                let next = waiting.jobs.first_key_value().map(|(key, _)| *key);
                let wait_ns =
                    next.map(|(at, _)| at.nanos().saturating_sub(lead_ns).saturating_sub(now()));
                if wait_ns.is_some_and(|ns| ns <= 0)
                    && let Some((_, job)) = waiting.jobs.pop_first()
                {
                    return job;
                }
                wait_ns
            };
            match wait_ns {
                Some(ns) => {
                    let wait = std::time::Duration::from_nanos(u64::try_from(ns).unwrap_or(0));
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = changed => {}
                    }
                }
                None => changed.await,
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let jobs = api.0.schedule.list();
        Ok(Answer::json(wire::list(jobs.iter().map(Job::to_json))))
    })
}

pub(crate) fn cancel(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let job = api
            .0
            .schedule
            .cancel(&call.id)
            .ok_or_else(|| Error::NoSuchJob {
                id: call.id.clone(),
            })?;
        api.remember(crate::memory::job_gone(job.id));
        let document = job.to_json();
        api.happened(
            "batch.cancelled",
            None,
            &document,
            Some((&call.client, call.operation.name)),
        );
        Ok(Answer::json(document))
    })
}
