//! `Idempotency-Key`: a POST that is sent again after its answer was lost is not carried out again.

use crate::access::Client;
use crate::operation::Answer;
use crate::problem::Error;
use axum::http::HeaderMap;
use ring::digest::SHA256;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Answers that are kept; beyond it the oldest goes.
const MAX_KEPT: usize = 10_000;
const MAX_KEY_BYTES: usize = 255;

/// The answers to requests with keys.
#[derive(Debug, Default)]
pub(crate) struct Idempotency(Arc<Mutex<Kept>>);

type Kept = HashMap<(Arc<str>, String), Slot>;

#[derive(Debug)]
struct Slot {
    request: String,
    since: Instant,
    /// `None` while it is carried out.
    answer: Option<Answer>,
}

/// What a request with a key finds.
#[derive(Debug)]
pub(crate) enum Turn {
    /// It has no key.
    Free,
    /// It was answered before.
    Done(Answer),
    /// It is the first.
    First(Promise),
}

/// Gives the key free again, unless an answer is kept.
#[derive(Debug)]
pub(crate) struct Promise {
    kept: Arc<Mutex<Kept>>,
    key: Option<(Arc<str>, String)>,
}

impl Turn {
    /// Keeps what the request was answered with.
    pub(crate) fn finish(&mut self, answer: &Answer) {
        let Self::First(promise) = self else {
            return;
        };
        let Some(key) = promise.key.take() else {
            return;
        };
        let mut kept = promise.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = kept.get_mut(&key) {
            slot.answer = Some(answer.clone());
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        // A request that failed may be tried again.
        if let Some(key) = self.key.take() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.remove(&key);
        }
    }
}

impl Idempotency {
    /// Looks for the key of `headers`; `request` says what it is for.
    pub(crate) fn begin(
        &self,
        headers: &HeaderMap,
        client: &Client,
        request: String,
    ) -> Result<Turn, Error> {
        let Some(key) = headers.get("idempotency-key") else {
            return Ok(Turn::Free);
        };
        let key = key
            .to_str()
            .ok()
            .filter(|key| (1..=MAX_KEY_BYTES).contains(&key.len()));
        let key = key.ok_or_else(|| {
            Error::Query(format!(
                "Idempotency-Key takes 1 to {MAX_KEY_BYTES} printable characters"
            ))
        })?;
        self.begin_key(key.to_owned(), client, request)
    }

    /// Likewise, where the key stands elsewhere.
    pub(crate) fn begin_key(
        &self,
        key: String,
        client: &Client,
        request: String,
    ) -> Result<Turn, Error> {
        let now = Instant::now();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Arc::clone(&client.name), key);
        if let Some(slot) = kept.get(&key).filter(|slot| now - slot.since < KEPT) {
            if slot.request != request {
                return Err(Error::KeyReused);
            }
            return slot.answer.clone().map(Turn::Done).ok_or(Error::KeyInUse);
        }
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, slot| now - slot.since < KEPT);
        }
        if kept.len() >= MAX_KEPT
            && let Some(oldest) = kept.iter().min_by_key(|(_, slot)| slot.since)
        {
            let oldest = oldest.0.clone();
            kept.remove(&oldest);
        }
        let slot = Slot {
            request,
            since: now,
            answer: None,
        };
        kept.insert(key.clone(), slot);
        Ok(Turn::First(Promise {
            kept: Arc::clone(&self.0),
            key: Some(key),
        }))
    }
}

/// A body, short.
pub(crate) fn digest(body: &[u8]) -> String {
    let digest = ring::digest::digest(&SHA256, body);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
