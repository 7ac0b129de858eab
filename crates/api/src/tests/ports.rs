//! What the roof lends to the API, in memory.

use crate::*;
use bytes::Bytes;
use engine::AssetSource;
use ring::digest::{SHA256, digest};
use scene::Fault;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

/// Assets that are kept whole; clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assets(
    Arc<Mutex<BTreeMap<String, (AssetReport, Bytes)>>>,
    Arc<Gate>,
);

/// Holds up whoever reads a picture to paint it.
#[derive(Debug, Default)]
struct Gate {
    is_shut: Mutex<bool>,
    opened: Condvar,
}

/// A URL that can be fetched, and what is there.
pub(crate) const FETCHED: (&str, &[u8]) = ("https://pictures.example/a.png", b"fetched");

fn fault(kind: AssetTrouble, detail: &str) -> AssetFault {
    AssetFault {
        kind,
        detail: detail.to_owned(),
    }
}

impl Assets {
    /// Keeps these bytes; gives back their id.
    pub(crate) fn keep(&self, bytes: &[u8]) -> String {
        self.take(bytes, None, None).0.id
    }

    /// Shut, nothing is read any more until it is opened.
    pub(crate) fn shut(&self, is_shut: bool) {
        *self.1.is_shut.lock().unwrap() = is_shut;
        self.1.opened.notify_all();
    }

    fn take(&self, bytes: &[u8], name: Option<&str>, url: Option<&str>) -> (AssetReport, bool) {
        let hash = digest(&SHA256, bytes);
        let id: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !all.contains_key(&id);
        let report = AssetReport {
            id: id.clone(),
            name: name.map(str::to_owned),
            media_type: "image/png".to_owned(),
            bytes: bytes.len() as u64,
            size_px: Some((1, 1)),
            frames: Some(1),
            source_url: url.map(str::to_owned),
            created_unix_ms: 0,
        };
        let bytes = Bytes::copy_from_slice(bytes);
        let kept = all.entry(id).or_insert((report, bytes));
        (kept.0.clone(), new)
    }

    fn find(&self, id: &str) -> Result<(AssetReport, Bytes), AssetFault> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(id).cloned();
        found.ok_or_else(|| fault(AssetTrouble::NotFound, "there is no such asset"))
    }
}

impl AssetSource for Assets {
    fn has(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    fn bytes(&self, name: &str) -> std::io::Result<Arc<[u8]>> {
        let is_shut = self.1.is_shut.lock().unwrap();
        drop(self.1.opened.wait_while(is_shut, |shut| *shut).unwrap());
        let found = self.find(name).map_err(std::io::Error::other)?;
        Ok(found.1.to_vec().into())
    }
}

impl AssetsPort for Assets {
    fn has(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    fn list(&self, after: Option<&str>, limit: usize) -> Vec<AssetReport> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = |id: &&String| after.is_none_or(|after| id.as_str() > after);
        let behind = all.keys().filter(behind).take(limit);
        behind.map(|id| all[id].0.clone()).collect()
    }

    fn get(&self, id: &str) -> Result<AssetReport, AssetFault> {
        Ok(self.find(id)?.0)
    }

    fn begin(&self) -> Later<'_, Box<dyn AssetUpload>> {
        Box::pin(async { Ok(Box::new(Upload(Vec::new(), self.clone())) as _) })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Later<'a, (AssetReport, bool)> {
        Box::pin(async move {
            let (known, bytes) = FETCHED;
            if url == known {
                return Ok(self.take(bytes, None, Some(url)));
            }
            Err(fault(AssetTrouble::UpstreamFailed, "the server is away"))
        })
    }

    fn bytes<'a>(&'a self, id: &'a str) -> Later<'a, Bytes> {
        Box::pin(async move { Ok(self.find(id)?.1) })
    }

    fn thumbnail<'a>(&'a self, id: &'a str, width_px: u32) -> Later<'a, Bytes> {
        Box::pin(async move {
            self.find(id)?;
            Ok(Bytes::from(format!("thumbnail {width_px}")))
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, ()> {
        Box::pin(async move {
            self.find(id)?;
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(id);
            Ok(())
        })
    }
}

/// An asset that is coming in.
struct Upload(Vec<u8>, Assets);

impl AssetUpload for Upload {
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Later<'a, ()> {
        self.0.extend(bytes);
        Box::pin(async { Ok(()) })
    }

    fn finish<'a>(self: Box<Self>, name: Option<&'a str>) -> Later<'a, (AssetReport, bool)>
    where
        Self: 'a,
    {
        Box::pin(async move { Ok(self.1.take(&self.0, name, None)) })
    }
}

/// Outputs that only remember what was asked of them.
#[derive(Default)]
pub(crate) struct Outputs(Mutex<Vec<OutputReport>>);

impl Outputs {
    /// The output comes to a state by itself.
    pub(crate) fn enter(&self, id: &str, state: OutputState) -> Result<(), OutputFault> {
        self.change(id, |output| output.state = state).map(|_| ())
    }

    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut OutputReport),
    ) -> Result<OutputReport, OutputFault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let output = all
            .iter_mut()
            .find(|output| output.id == id)
            .ok_or_else(|| OutputFault::NotFound { id: id.to_owned() })?;
        change(output);
        Ok(output.clone())
    }
}

fn usable(url: &str) -> Result<(), OutputFault> {
    if url.ends_with("/nowhere") {
        let fault = Fault::invalid("/url", "names no app");
        return Err(OutputFault::Invalid(vec![fault]));
    }
    Ok(())
}

impl OutputsPort for Outputs {
    fn list(&self) -> Vec<OutputReport> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember(&self) -> Vec<wire::OutputRequest> {
        let request = |output: OutputReport| wire::OutputRequest {
            id: scene::Id::new(&output.id),
            url: output.url,
            key: Some("key".to_owned()),
            enabled: output.enabled,
        };
        self.list().into_iter().map(request).collect()
    }

    fn add(&self, request: wire::OutputRequest) -> Result<OutputReport, OutputFault> {
        let id = request
            .id
            .map_or_else(|| "made".to_owned(), |id| id.as_str().to_owned());
        if self.list().iter().any(|output| output.id == id) {
            return Err(OutputFault::Exists { id });
        }
        usable(&request.url)?;
        let output = OutputReport {
            id,
            url: "rtmp://ingest.example/app".to_owned(),
            enabled: request.enabled,
            state: OutputState::Connecting,
            reason: None,
            attempts: 1,
            next_retry_in_ms: None,
            connected_ms: None,
            dropped_packets: 2,
            bytes_sent: 0,
            queue_ms: 0,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(output.clone());
        Ok(output)
    }

    fn update(&self, id: &str, patch: wire::OutputPatch) -> Result<OutputReport, OutputFault> {
        if id == "env" {
            return Err(OutputFault::Fixed { id: id.to_owned() });
        }
        patch.url.as_deref().map_or(Ok(()), usable)?;
        self.change(id, |output| {
            if let Some(enabled) = patch.enabled {
                output.enabled = enabled;
            }
            if patch.url.is_some() {
                output.url = "rtmp://other.example/app".to_owned();
            }
        })
    }

    fn start(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Live)
    }

    fn stop(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Stopped)
    }

    fn retry(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Retrying)
    }

    fn remove(&self, id: &str) -> Result<(), OutputFault> {
        if id == "env" {
            return Err(OutputFault::Fixed { id: id.to_owned() });
        }
        self.enter(id, OutputState::Stopped)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|output| output.id != id);
        Ok(())
    }
}

/// A journal in memory, every record durable at once.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    records: Vec<Vec<u8>>,
    snapshot: Option<(u64, Vec<u8>)>,
}

impl Journal {
    /// What the first `records` come to, taken as a whole without snapshots.
    pub(crate) fn past(&self, records: usize) -> Option<Past> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let records = kept.records.iter().take(records).map(Vec::as_slice);
        let past = Past::read(None, records).unwrap();
        past.inspect(|past| assert_eq!(past.left_out(), []))
    }

    /// What the newest snapshot and the records after it come to.
    pub(crate) fn past_of_snapshot(&self) -> Option<Past> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sequence, state) = kept.snapshot.as_ref()?;
        let skip = usize::try_from(*sequence).unwrap();
        let records = kept.records.iter().skip(skip).map(Vec::as_slice);
        let past = Past::read(Some(state), records).unwrap();
        past.inspect(|past| assert_eq!(past.left_out(), []))
    }

    pub(crate) fn len(&self) -> usize {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.records.len()
    }
}

impl MemoryPort for Journal {
    fn append(&self, record: Vec<u8>) -> u64 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.records.push(record);
        kept.records.len() as u64
    }

    fn durable(&self, _: u64, done: Box<dyn FnOnce(Result<(), String>) + Send>) {
        done(Ok(()));
    }

    fn snapshot(&self, sequence: u64, state: Vec<u8>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .snapshot = Some((sequence, state));
    }
}
