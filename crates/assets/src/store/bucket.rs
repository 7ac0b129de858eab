//! Assets in a bucket of an object store, with copies on the local disk.
//!
//! An object holds the bytes, another one the description. The second is put last: an object without a description is
//! not an asset yet, or not any more.

use super::cache::Cache;
use super::transport::{Dialer, LEAST_SPEED};
use super::{BucketSettings, GARBAGE_MS, MAX_SIDECAR_BYTES, Store};
use crate::fetch::Roots;
use crate::{Asset, AssetId, Error};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as Key;
use object_store::{
    BackoffConfig, GetOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::runtime;
use tokio::time::timeout;

/// Descriptions read at the same time.
const AT_ONCE: usize = 16;
/// Larger files are put in parts of this size; at most one is in memory.
const PART_BYTES: u64 = 16 << 20;
/// How long a request of a few bytes may take with all its tries, and the next bytes of a large one.
const PATIENCE: Duration = Duration::from_secs(8);

/// A bucket and the copies of its objects.
#[derive(Debug)]
pub(crate) struct Bucket {
    remote: Arc<Remote>,
    cache: Cache,
    /// Does the waiting for the network.
    runtime: runtime::Handle,
    fault: Mutex<Option<String>>,
}

#[derive(Debug)]
struct Remote {
    store: AmazonS3,
    prefix: String,
}

impl Bucket {
    /// Says nothing to the bucket yet. Needs a tokio runtime, which everything else is done on.
    pub(crate) fn open(
        settings: &BucketSettings,
        cache: &Path,
        cache_bytes: u64,
    ) -> Result<Self, Error> {
        let invalid = |reason: String| Error::Setting {
            name: "the object store",
            reason,
        };
        let roots = Roots::new(settings.extra_ca_pem.as_deref())?;
        let runtime = runtime::Handle::try_current().map_err(|error| invalid(error.to_string()))?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(&settings.secret_access_key)
            .with_http_connector(Dialer::new(roots))
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_millis(100),
                    max_backoff: Duration::from_secs(2),
                    base: 2.0,
                },
                max_retries: 2,
                retry_timeout: PATIENCE,
            });
        if let Some(token) = &settings.session_token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = &settings.endpoint {
            // Whether `http:` is wanted was asked where the endpoint was read.
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        let store = builder
            .build()
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self {
            remote: Arc::new(Remote {
                store,
                prefix: settings.prefix.clone(),
            }),
            cache: Cache::open(cache, cache_bytes)?,
            runtime,
            fault: Mutex::default(),
        })
    }

    /// Has the runtime do something and waits for it. On any thread but the runtime's own workers.
    fn wait<T, F>(&self, work: impl FnOnce(Arc<Remote>) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let (said, heard) = mpsc::sync_channel(1);
        let work = work(Arc::clone(&self.remote));
        self.runtime.spawn(async move {
            // Somebody waits for it, or nobody needs it.
            let _ = said.send(work.await);
        });
        let result = heard
            .recv()
            .unwrap_or_else(|_| Err(away("the program is ending")));
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Err(Error::Away { reason }) => {
                if fault.is_none() {
                    tracing::warn!(%reason, "the asset store is away");
                }
                *fault = Some(reason.clone());
            }
            _ => {
                if fault.take().is_some() {
                    tracing::info!("the asset store is back");
                }
            }
        }
        result
    }
}

impl Store for Bucket {
    fn temporary(&self) -> PathBuf {
        self.cache.temporary()
    }

    /// What has no description and is a day old is removed.
    fn load(
        &self,
        now_unix_ms: u64,
        known: &dyn Fn(&AssetId) -> Option<Asset>,
    ) -> Result<Vec<Asset>, Error> {
        let listed = self.wait(|remote| async move { remote.list().await })?;
        let mut assets = Vec::new();
        let mut unknown = Vec::new();
        let mut garbage = Vec::new();
        for (id, seen) in listed {
            match (seen.bytes, seen.is_described) {
                (Some(_), true) => match known(&id) {
                    Some(asset) => assets.push(asset),
                    None => unknown.push(id),
                },
                _ if seen.written_unix_ms < now_unix_ms.saturating_sub(GARBAGE_MS) => {
                    garbage.push(id);
                }
                _ => {}
            }
        }
        let described = self.wait(|remote| async move {
            let asked = unknown.into_iter().map(|id| {
                let remote = Arc::clone(&remote);
                async move { (id, remote.describe(id).await) }
            });
            let answers: Vec<_> = stream::iter(asked)
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            let mut described = Vec::new();
            for (id, answer) in answers {
                match answer {
                    Ok(asset) => described.push(asset),
                    Err(error @ Error::Away { .. }) => return Err(error),
                    // Removed meanwhile, or not ours.
                    Err(error) => {
                        tracing::warn!(%error, %id, "an object of the bucket is no asset");
                    }
                }
            }
            Ok(described)
        })?;
        assets.extend(described);
        for id in garbage {
            if let Err(error) = self.remove(&id) {
                tracing::warn!(%error, "a leftover of an upload cannot be removed");
            }
        }
        Ok(assets)
    }

    fn find(&self, id: &AssetId, _now_unix_ms: u64) -> Result<Asset, Error> {
        let id = *id;
        self.wait(|remote| async move { remote.describe(id).await })
    }

    fn put(&self, temporary: &Path, asset: &Asset, now_unix_ms: u64) -> Result<(), Error> {
        let (path, asked) = (temporary.to_owned(), asset.clone());
        self.wait(|remote| async move {
            remote.put_file(&path, &asked).await?;
            remote.put_description(&asked).await
        })?;
        if let Err(error) = self.cache.adopt(temporary, &asset.id, now_unix_ms) {
            tracing::warn!(%error, "an upload is fetched again when it is needed");
        }
        Ok(())
    }

    fn describe(&self, asset: &Asset) -> Result<(), Error> {
        let asset = asset.clone();
        self.wait(|remote| async move { remote.put_description(&asset).await })
    }

    fn remove(&self, id: &AssetId) -> Result<(), Error> {
        self.cache.remove(id);
        let keys = [self.remote.description(id), self.remote.object(id)];
        self.wait(|remote| async move {
            for key in keys {
                match remote.in_time(remote.store.delete(&key)).await {
                    Err(Failed::Other(error)) => return Err(error),
                    Ok(()) | Err(Failed::NotThere) => {}
                }
            }
            Ok(())
        })
    }

    fn at_hand(&self, id: &AssetId, now_unix_ms: u64) -> Option<PathBuf> {
        self.cache.get(id, now_unix_ms)
    }

    fn fetch(&self, id: &AssetId, now_unix_ms: u64) -> Result<PathBuf, Error> {
        if let Some(path) = self.cache.get(id, now_unix_ms) {
            return Ok(path);
        }
        let temporary = self.cache.temporary();
        let (path, asked) = (temporary.clone(), *id);
        let fetched = self
            .wait(|remote| async move { remote.fetch_to(&path, asked).await })
            .and_then(|()| self.cache.adopt(&temporary, id, now_unix_ms));
        if fetched.is_err() {
            // Otherwise it goes at the next start.
            let _ = std::fs::remove_file(&temporary);
        }
        fetched
    }

    /// A write costs money and time: an hour is near enough to choose what to throw away.
    fn unsaved_ms(&self) -> u64 {
        60 * 60 * 1000
    }

    fn fault(&self) -> Option<String> {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn probe(&self) -> Result<(), Error> {
        self.wait(|remote| async move {
            // An object that is not there: the answer is short and says all there is to know.
            let key = remote.key("probe");
            match remote.in_time(remote.store.get(&key)).await {
                Ok(_) | Err(Failed::NotThere) => Ok(()),
                Err(Failed::Other(error)) => Err(error),
            }
        })
    }
}

/// What a listing says of an id.
#[derive(Default)]
struct Seen {
    bytes: Option<u64>,
    is_described: bool,
    /// The later of the two objects.
    written_unix_ms: u64,
}

enum Failed {
    NotThere,
    Other(Error),
}

impl Remote {
    fn key(&self, name: &str) -> Key {
        Key::from(format!("{}/{name}", self.prefix))
    }

    fn object(&self, id: &AssetId) -> Key {
        self.key(&id.to_string())
    }

    fn description(&self, id: &AssetId) -> Key {
        self.key(&format!("{id}.json"))
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, Failed> {
        match timeout(PATIENCE, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(object_store::Error::NotFound { source, .. })) if !is_bucket_gone(&*source) => {
                Err(Failed::NotThere)
            }
            Ok(Err(error)) => Err(Failed::Other(away_by(&error))),
            Err(_) => Err(Failed::Other(late())),
        }
    }

    async fn list(&self) -> Result<BTreeMap<AssetId, Seen>, Error> {
        let mut listed: BTreeMap<AssetId, Seen> = BTreeMap::new();
        let prefix = (!self.prefix.is_empty()).then(|| Key::from(self.prefix.as_str()));
        let mut objects = self.store.list(prefix.as_ref());
        loop {
            let next = timeout(PATIENCE, objects.next())
                .await
                .map_err(|_| late())?;
            let Some(object) = next else {
                return Ok(listed);
            };
            let object = object.map_err(|error| away_by(&error))?;
            let name = object.location.filename().unwrap_or_default();
            let (stem, is_description) = match name.strip_suffix(".json") {
                Some(stem) => (stem, true),
                None => (name, false),
            };
            let Ok(id) = stem.parse::<AssetId>() else {
                continue;
            };
            // What lies deeper is somebody else's.
            if object.location != self.object(&id) && object.location != self.description(&id) {
                continue;
            }
            let seen = listed.entry(id).or_default();
            let written = u64::try_from(object.last_modified.timestamp_millis()).unwrap_or(0);
            seen.written_unix_ms = seen.written_unix_ms.max(written);
            if is_description {
                seen.is_described = true;
            } else {
                seen.bytes = Some(object.size);
            }
        }
    }

    /// What is known of an asset; only what is an asset has a description.
    async fn describe(&self, id: AssetId) -> Result<Asset, Error> {
        let key = self.description(&id);
        let options = GetOptions::new().with_range(Some(0..MAX_SIDECAR_BYTES));
        let read = async { self.store.get_opts(&key, options).await?.bytes().await };
        match self.in_time(read).await {
            Ok(json) => Asset::from_json(id, &json).ok_or(Error::NotFound { id }),
            Err(Failed::NotThere) => Err(Error::NotFound { id }),
            Err(Failed::Other(error)) => Err(error),
        }
    }

    async fn put_description(&self, asset: &Asset) -> Result<(), Error> {
        let key = self.description(&asset.id);
        let json = PutPayload::from(asset.to_json());
        let put = async { self.store.put(&key, json).await.map(drop) };
        self.in_time(put).await.map_err(gone)
    }

    async fn put_file(&self, path: &Path, asset: &Asset) -> Result<(), Error> {
        let key = self.object(&asset.id);
        let read = || Error::storage("read an upload");
        let mut file = tokio::fs::File::open(path).await.map_err(read())?;
        file.seek(SeekFrom::Start(0)).await.map_err(read())?;
        if asset.bytes <= PART_BYTES {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).await.map_err(read())?;
            let put = self.store.put(&key, PutPayload::from(bytes));
            let patience = PATIENCE + Duration::from_secs(asset.bytes / LEAST_SPEED);
            return match timeout(patience, put).await {
                Ok(put) => put.map(drop).map_err(|error| away_by(&error)),
                Err(_) => Err(late()),
            };
        }
        // The transport ends a request that is too slow, and retries end.
        let mut upload = self
            .store
            .put_multipart(&key)
            .await
            .map_err(|error| away_by(&error))?;
        let sent = async {
            loop {
                let mut part = Vec::new();
                let next = (&mut file).take(PART_BYTES).read_to_end(&mut part).await;
                if next.map_err(read())? == 0 {
                    break;
                }
                let part = upload.put_part(PutPayload::from(Bytes::from(part)));
                part.await.map_err(|error| away_by(&error))?;
            }
            Ok(())
        };
        let sent = sent.await;
        if let Err(error) = sent {
            // What is left of it then is the bucket's to remove.
            let _ = upload.abort().await;
            return Err(error);
        }
        upload.complete().await.map_err(|error| away_by(&error))?;
        Ok(())
    }

    /// Writes an object to a file, synced, if its bytes are those that its name says.
    async fn fetch_to(&self, path: &Path, id: AssetId) -> Result<(), Error> {
        let write = || Error::storage("keep a copy of an asset");
        let key = self.object(&id);
        let object = match self.in_time(self.store.get(&key)).await {
            Ok(object) => object,
            Err(Failed::NotThere) => return Err(Error::NotFound { id }),
            Err(Failed::Other(error)) => return Err(error),
        };
        let mut file = tokio::fs::File::create_new(path).await.map_err(write())?;
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut chunks = object.into_stream();
        while let Some(chunk) = timeout(PATIENCE, chunks.next()).await.map_err(|_| late())? {
            let chunk = chunk.map_err(|error| away_by(&error))?;
            context.update(&chunk);
            file.write_all(&chunk).await.map_err(write())?;
        }
        file.flush().await.map_err(write())?;
        file.sync_all().await.map_err(write())?;
        if AssetId::from_digest(context.finish()) == id {
            return Ok(());
        }
        tracing::warn!(%id, "an object of the bucket holds other bytes than its name says");
        Err(Error::NotFound { id })
    }
}

/// A put is never answered with "not there", unless the bucket is not.
fn gone(failed: Failed) -> Error {
    match failed {
        Failed::NotThere => away("there is no such bucket"),
        Failed::Other(error) => error,
    }
}

fn away(reason: &str) -> Error {
    Error::Away {
        reason: reason.to_owned(),
    }
}

fn late() -> Error {
    away(&format!("no answer within {} s", PATIENCE.as_secs()))
}

/// Whether the bucket is missing rather than the object.
fn is_bucket_gone(source: &(dyn std::error::Error + 'static)) -> bool {
    chain(source).contains("NoSuchBucket")
}

/// Every failure of the far side is one to wait out, or to mend there; the causes say which. No message holds a secret:
/// signatures are in headers, which are never printed.
fn away_by(error: &object_store::Error) -> Error {
    let mut reason = chain(error);
    reason.retain(|c| !c.is_control());
    if let Some((end, _)) = reason.char_indices().nth(300) {
        reason.truncate(end);
    }
    away(&reason)
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
