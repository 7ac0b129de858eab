//! The store itself.

use crate::index::{self, Index};
use crate::store::{Bucket, Folder, Place, Store};
use crate::thumbnails::Thumbnails;
use crate::{Asset, AssetId, Error, Upload, decode};
use bytes::Bytes;
use sources::Fonts;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a picture, Lottie or font, 4096 to 64 MiB; these are read into memory as a whole.
    pub picture_bytes: u64,
    /// Most bytes of a video or sound, 4096 to 2 GiB; these never are.
    pub streamed_bytes: u64,
    /// Most bytes of all assets together. Uploads that are not finished may take as much again.
    pub quota_bytes: u64,
}

impl Default for Limits {
    /// Pictures up to 64 MiB, videos and sounds up to 512 MiB, 2 GiB in all.
    fn default() -> Self {
        Self {
            picture_bytes: 64 << 20,
            streamed_bytes: 512 << 20,
            quota_bytes: 2 << 30,
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), Error> {
        let fits = |name, value, most: u64| {
            let least = crate::format::HEAD_BYTES as u64;
            if (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::Setting {
                name,
                reason: format!("it is {value}; allowed is {least} to {most}"),
            })
        };
        fits("picture_bytes", self.picture_bytes, 64 << 20)?;
        fits("streamed_bytes", self.streamed_bytes, 2 << 30)?;
        fits("quota_bytes", self.quota_bytes, u64::MAX / 4)
    }
}

/// What the library asks of the rest of the program.
pub trait Surroundings: Send + Sync {
    /// Assets that something uses now; such an asset is never thrown away. Called on a blocking thread while no asset can
    /// come or go: it must not wait for anything that awaits the library.
    fn in_use(&self) -> HashSet<AssetId>;

    /// Assets that nothing uses and that may be wanted again, as by an undo. They do not make room for others, but whoever
    /// asks may remove them. Called as [`in_use`](Self::in_use) is.
    fn may_return(&self) -> HashSet<AssetId> {
        HashSet::new()
    }

    /// Milliseconds since 1970, UTC.
    fn now_unix_ms(&self) -> u64;
}

/// Assets in a store that several processes may share, found by the hash of their bytes; cloning shares them.
///
/// All `async` functions need a tokio runtime. Functions that block may be called on any thread but a worker of that
/// runtime.
#[derive(Clone)]
pub struct Library(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Box<dyn Store>,
    /// Changed while `changing` is held, except that anybody may make it [`FOLLOWS`].
    role: AtomicU8,
    /// What was not in the store a moment ago.
    misses: Mutex<HashMap<AssetId, Instant>>,
    pub(crate) limits: Limits,
    pub(crate) fonts: Fonts,
    pub(crate) around: Arc<dyn Surroundings>,
    /// One at a time: decoding the largest picture takes half a gigabyte for a moment.
    pub(crate) decoding: Arc<Semaphore>,
    /// Bytes on disk that are not assets yet.
    pub(crate) uploading_bytes: AtomicU64,
    index: Mutex<Index>,
    /// Held on blocking threads while files of assets come, go or are described anew.
    changing: Mutex<()>,
    thumbnails: Mutex<Thumbnails>,
}

/// Reads only; the index has what was asked for.
const FOLLOWS: u8 = 0;
/// May change the store, and does not know yet all that is in it.
const LEADS_UNREAD: u8 = 1;
/// May change the store; the index has everything.
const LEADS: u8 = 2;

/// For how long an asset that was not there is not looked for again.
const MISS: Duration = Duration::from_secs(1);
/// Most assets remembered not to be there.
const MAX_MISSES: usize = 1000;

/// Widest thumbnail, in pixels.
pub const MAX_THUMBNAIL_PX: u32 = 512;

impl Library {
    /// Opens the place, as one that follows; a folder is made when it is not there, a bucket is not asked for anything.
    /// SVG text is written with `fonts`. Blocks: call it at start. A bucket needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Setting`] for limits and settings that cannot be used, [`Error::Storage`].
    pub fn open(
        place: &Place,
        limits: Limits,
        fonts: Fonts,
        around: Arc<dyn Surroundings>,
    ) -> Result<Self, Error> {
        limits.check()?;
        let store: Box<dyn Store> = match place {
            Place::Folder(path) => Box::new(Folder::open(path)?),
            Place::Bucket {
                settings,
                cache,
                cache_bytes,
            } => Box::new(Bucket::open(settings, cache, *cache_bytes)?),
        };
        Ok(Self(Arc::new(Inner {
            store,
            role: AtomicU8::new(FOLLOWS),
            misses: Mutex::default(),
            limits,
            fonts,
            around,
            decoding: Arc::new(Semaphore::new(1)),
            uploading_bytes: AtomicU64::new(0),
            index: Mutex::default(),
            changing: Mutex::new(()),
            thumbnails: Mutex::default(),
        })))
    }

    /// From now on this process, and no other, takes assets in and throws them away. Reads what there is; descriptions
    /// that are missing or broken are made anew, what is not complete and a day old is removed, foreign files are left
    /// alone. More than the quota stays until there is a new asset. Blocks, for a bucket of thousands for seconds, while
    /// which assets can be read but none comes or goes. Leading already, it does nothing.
    ///
    /// # Errors
    /// [`Error::Away`], [`Error::Storage`]. It leads all the same, and reads what there is before the next asset comes
    /// or goes, or when it is called again.
    pub fn lead(&self) -> Result<(), Error> {
        let _changing = self.0.changing();
        // Not to be undone by a late end of the reading: who follows meanwhile goes on to follow.
        let _ =
            self.0
                .role
                .compare_exchange(FOLLOWS, LEADS_UNREAD, Ordering::SeqCst, Ordering::SeqCst);
        self.0.know_all()
    }

    /// From now on another process takes assets in. What is under way here comes to its end.
    pub fn follow(&self) {
        self.0.role.store(FOLLOWS, Ordering::SeqCst);
    }

    /// Why not everything can be had, if so: the store is away as of the last attempt, or what is in it could not be
    /// read. Cheap.
    pub fn fault(&self) -> Option<String> {
        let unread =
            || (self.0.role() == LEADS_UNREAD).then(|| "what is in it was not read yet".to_owned());
        self.0.store.fault().or_else(unread)
    }

    /// Tries what [`Library::fault`] tells of again. Blocks.
    ///
    /// # Errors
    /// Why it still is so.
    pub fn mend(&self) -> Result<(), Error> {
        if self.0.role() == LEADS_UNREAD {
            return self.lead();
        }
        self.0.store.probe()
    }

    /// Begins to take a file in.
    ///
    /// # Errors
    /// [`Error::Following`], [`Error::Away`] as [`Library::fault`] says, [`Error::Storage`].
    pub async fn begin(&self) -> Result<Upload, Error> {
        self.0.must_lead()?;
        if let Some(reason) = self.0.store.fault() {
            return Err(Error::Away { reason });
        }
        Upload::begin(Arc::clone(&self.0)).await
    }

    /// What is known of an asset, without asking the store: everything where this process leads and has read what there
    /// is, else what was asked for before.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Away`] where it may be there, for not everything is known.
    pub fn get(&self, id: &AssetId) -> Result<Asset, Error> {
        let found = self.0.index().get(id).cloned();
        match (found, self.fault()) {
            (Err(_), Some(reason)) => Err(Error::Away { reason }),
            (found, _) => found,
        }
    }

    /// Whether an asset is there, as far as is known without the network.
    pub fn has(&self, id: &AssetId) -> bool {
        let inner = &self.0;
        let is_known = inner.index().get(id).is_ok();
        is_known || (inner.role() != LEADS && inner.at_hand(id).is_some())
    }

    /// The asset that was fetched from this URL, of those that [`Library::get`] knows.
    pub fn fetched_from(&self, url: &str) -> Option<AssetId> {
        self.0.index().by_source(&AssetId::of(url.as_bytes()))
    }

    /// What is known of an asset, from the store where need be. One that is not there is not looked for again for a
    /// second.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Away`], [`Error::Storage`].
    pub async fn find(&self, id: &AssetId) -> Result<Asset, Error> {
        self.0.find(*id).await
    }

    /// Up to `limit` assets in the order of their ids, those after `after`: of those that [`Library::get`] knows.
    pub fn list(&self, after: Option<&AssetId>, limit: usize) -> Vec<Asset> {
        self.0.index().list(after, limit)
    }

    /// Bytes that all assets take together.
    pub fn used_bytes(&self) -> u64 {
        self.0.index().used_bytes()
    }

    /// The limits it was opened with.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Notes that an asset is used now, so that others are thrown away before it. A folder hears of it at most once a
    /// minute per asset, a bucket once an hour, from who leads.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Away`], [`Error::Storage`].
    pub async fn touch(&self, id: &AssetId) -> Result<(), Error> {
        self.0.find(*id).await?;
        self.0.use_asset(*id).await.map(drop)
    }

    /// The bytes of a picture, Lottie or font, fetched where need be; notes the use.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongFormat`] for videos and sounds, which [`Library::path`] is for,
    /// [`Error::Away`], [`Error::Storage`].
    pub async fn read(&self, id: &AssetId) -> Result<Arc<[u8]>, Error> {
        let format = self.find(id).await?.format;
        if format.is_streamed() {
            return Err(Error::WrongFormat {
                what: "the bytes as a whole",
                format,
            });
        }
        let path = self.path(id).await?;
        blocking(move || read_file(&path)).await
    }

    /// The same, as long as nothing must be fetched for it: `None` where it must. Blocks for the disk only.
    ///
    /// # Errors
    /// [`Error::TooManyBytes`], [`Error::Storage`].
    pub fn read_at_hand(&self, id: &AssetId) -> Result<Option<Arc<[u8]>>, Error> {
        let Some(path) = self.0.at_hand(id) else {
            return Ok(None);
        };
        let read = Error::storage("read an asset");
        let (bytes, allowed) = (
            std::fs::metadata(&path).map_err(read)?.len(),
            self.0.limits.picture_bytes,
        );
        if bytes > allowed {
            return Err(Error::TooManyBytes {
                what: "the picture",
                allowed,
            });
        }
        // Who is to be thrown away must not be what is looked at; the store hears of it another time.
        let _ = self
            .0
            .index()
            .touch(id, self.0.around.now_unix_ms(), u64::MAX);
        read_file(&path).map(Some)
    }

    /// Where an asset's bytes lie, after they were fetched where need be, to be read as a stream and never written; notes
    /// the use. Who has opened the file may go on when the asset is removed.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Away`], [`Error::Storage`].
    pub async fn path(&self, id: &AssetId) -> Result<PathBuf, Error> {
        self.find(id).await?;
        let (inner, id) = (Arc::clone(&self.0), *id);
        let fetching = Arc::clone(&inner);
        let fetched = blocking(move || {
            let fetched = fetching.store.fetch(&id, fetching.around.now_unix_ms());
            if matches!(fetched, Err(Error::NotFound { .. })) {
                // Another process removed it.
                fetching.index().remove(&id);
            }
            fetched
        })
        .await?;
        if let Ok((_, true)) = inner.note_use(&id) {
            // What can be shown is shown at once, though the store may be slow to hear of it, or away.
            tokio::spawn(async move {
                if let Err(error) = inner.write_use(id).await {
                    tracing::debug!(%error, %id, "the use of an asset was not written down");
                }
            });
        }
        Ok(fetched)
    }

    /// Removes an asset that nobody uses.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::InUse`], [`Error::Following`], [`Error::Away`], [`Error::Storage`].
    pub async fn remove(&self, id: &AssetId) -> Result<(), Error> {
        let (inner, id) = (Arc::clone(&self.0), *id);
        blocking(move || {
            let _changing = inner.changing();
            inner.know_all()?;
            inner.index().get(&id)?;
            if inner.around.in_use().contains(&id) {
                return Err(Error::InUse { id });
            }
            inner.discard(&id)
        })
        .await
    }

    /// A PNG of an asset's first frame, at most `width_px` wide (1 to 512) and twice as tall, never larger than the
    /// picture itself. Decoded off the async threads, one at a time; those asked for last are kept in 8 MiB of memory.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongFormat`] for what [`Format::has_thumbnail`](crate::Format::has_thumbnail)
    /// denies, [`Error::Setting`] for a width out of range, [`Error::Broken`], [`Error::Away`], [`Error::Storage`].
    pub async fn thumbnail(&self, id: &AssetId, width_px: u32) -> Result<Bytes, Error> {
        let format = self.find(id).await?.format;
        if !format.has_thumbnail() {
            return Err(Error::WrongFormat {
                what: "a thumbnail",
                format,
            });
        }
        if !(1..=MAX_THUMBNAIL_PX).contains(&width_px) {
            return Err(Error::Setting {
                name: "width_px",
                reason: format!("it is {width_px}; allowed is 1 to {MAX_THUMBNAIL_PX}"),
            });
        }
        let kept = || lock(&self.0.thumbnails).get(id, width_px);
        if let Some(png) = kept() {
            return Ok(png);
        }
        let permit = Arc::clone(&self.0.decoding).acquire_owned().await;
        // Somebody else may have asked for the same one meanwhile.
        if let Some(png) = kept() {
            return Ok(png);
        }
        let bytes = self.read(id).await?;
        let inner = Arc::clone(&self.0);
        let png = blocking(move || {
            let _permit = permit;
            decode::guarded(format, || {
                decode::thumbnail(format, &bytes, &inner.fonts, width_px)
            })
        })
        .await?;
        let png = Bytes::from(png);
        lock(&self.0.thumbnails).insert(*id, width_px, png.clone());
        Ok(png)
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Library({:?})", self.0.store)
    }
}

impl Inner {
    pub(crate) fn index(&self) -> MutexGuard<'_, Index> {
        lock(&self.index)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        lock(&self.changing)
    }

    fn role(&self) -> u8 {
        self.role.load(Ordering::SeqCst)
    }

    fn must_lead(&self) -> Result<(), Error> {
        if self.role() == FOLLOWS {
            return Err(Error::Following);
        }
        Ok(())
    }

    fn at_hand(&self, id: &AssetId) -> Option<PathBuf> {
        self.store.at_hand(id, self.around.now_unix_ms())
    }

    /// Has the index know everything, as is needed to change anything. `changing` is held. Blocks.
    fn know_all(&self) -> Result<(), Error> {
        self.must_lead()?;
        if self.role() == LEADS {
            return Ok(());
        }
        let known = |id: &AssetId| self.index().get(id).ok().cloned();
        let assets = self.store.load(self.around.now_unix_ms(), &known)?;
        self.index().replace(assets);
        lock(&self.misses).clear();
        self.role
            .compare_exchange(LEADS_UNREAD, LEADS, Ordering::SeqCst, Ordering::SeqCst)
            .map(drop)
            .map_err(|_| Error::Following)
    }

    /// An asset, from the store where it is not known and could be there all the same.
    async fn find(self: &Arc<Self>, id: AssetId) -> Result<Asset, Error> {
        let known = self.index().get(&id).cloned();
        if known.is_ok() || self.role() == LEADS {
            return known;
        }
        let now = Instant::now();
        if let Some(missed) = lock(&self.misses).get(&id)
            && now.duration_since(*missed) < MISS
        {
            return known;
        }
        let inner = Arc::clone(self);
        let found = blocking(move || inner.store.find(&id, inner.around.now_unix_ms())).await;
        match &found {
            Ok(asset) => {
                let mut index = self.index();
                // Who has read everything meanwhile knows better.
                if index.get(&id).is_err() && self.role() != LEADS {
                    index.insert(asset.clone());
                }
            }
            Err(Error::NotFound { .. }) => {
                let mut misses = lock(&self.misses);
                if misses.len() >= MAX_MISSES {
                    misses.clear();
                }
                misses.insert(id, now);
            }
            Err(_) => {}
        }
        found
    }

    /// Notes a use and answers the asset.
    pub(crate) async fn use_asset(self: &Arc<Self>, id: AssetId) -> Result<Asset, Error> {
        let (asset, is_due) = self.note_use(&id)?;
        if is_due {
            self.write_use(id).await?;
        }
        Ok(asset)
    }

    /// Notes a use: the asset, and whether the store must hear of it, from who leads.
    fn note_use(&self, id: &AssetId) -> Result<(Asset, bool), Error> {
        let unsaved_ms = match self.role() {
            LEADS => self.store.unsaved_ms(),
            _ => u64::MAX,
        };
        let now = self.around.now_unix_ms();
        self.index().touch(id, now, unsaved_ms)
    }

    async fn write_use(self: &Arc<Self>, id: AssetId) -> Result<(), Error> {
        let inner = Arc::clone(self);
        blocking(move || {
            let _changing = inner.changing();
            // As it is by now, which may be gone: then nothing must be written.
            match inner.index().get(&id).cloned() {
                Ok(asset) if inner.role() == LEADS => inner.store.describe(&asset),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Makes a complete file an asset, after making room for it; `false` when another upload was faster. Blocks.
    pub(crate) fn adopt(&self, temporary: &Path, asset: Asset) -> Result<(Asset, bool), Error> {
        let _changing = self.changing();
        self.know_all()?;
        let now = asset.last_used_unix_ms;
        let known = self.index().touch(&asset.id, now, self.store.unsaved_ms());
        if let Ok((known, is_due)) = known {
            if is_due {
                self.store.describe(&known)?;
            }
            return Ok((known, false));
        }
        let (needed, allowed) = (asset.bytes, self.limits.quota_bytes);
        let mut victims = Vec::new();
        if self.index().used_bytes() + needed > allowed {
            // A copy, so that the index is free while others are asked, who may wait for someone who waits for it.
            let all = self.index().list(None, usize::MAX);
            let mut kept = self.around.in_use();
            kept.extend(self.around.may_return());
            victims = index::victims(&all, needed, allowed, |id| kept.contains(id))?;
        }
        for id in &victims {
            tracing::info!(%id, "an asset that nobody uses makes room for a new one");
            self.discard(id)?;
        }
        self.must_lead()?;
        self.store.put(temporary, &asset, now)?;
        self.index().insert(asset.clone());
        Ok((asset, true))
    }

    /// Removes an asset's files, then its entry. `changing` is held.
    fn discard(&self, id: &AssetId) -> Result<(), Error> {
        self.must_lead()?;
        self.store.remove(id)?;
        self.index().remove(id);
        Ok(())
    }
}

/// Nothing panics while these are held that would leave half a change behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_file(path: &Path) -> Result<Arc<[u8]>, Error> {
    std::fs::read(path)
        .map(Arc::from)
        .map_err(Error::storage("read an asset"))
}

/// Runs on a thread that may block; it runs to its end even when nobody waits any more.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::Storage {
            what: "finish on a blocking thread",
            source: std::io::Error::other(error),
        }),
    }
}
