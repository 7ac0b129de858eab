//! Lends the assets to the API and to the engine: the show's own files first, then the library.

use crate::Failure;
use crate::config::AssetSettings;
use api::{Api, AssetFault, AssetReport, AssetTrouble, AssetUpload, AssetsPort, Later};
use assets::{
    Asset, AssetId, FetchSettings, Fetcher, Kind, Library, Limits, Place, Surroundings,
    SystemResolver, Upload,
};
use bytes::Bytes;
use engine::{AssetSource, Clock as _, Handle, SystemClock};
use scene::Scene;
use sources::Fonts;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::runtime;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// URLs whose assets are remembered; beyond it one that is forgotten is fetched again.
const URLS: usize = 10_000;
/// How long the thread that paints waits for a picture that must be fetched from the asset store. Others wait for that
/// thread, so what takes longer comes later, and a placeholder stands in for it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a start waits for the asset store: to tell what it has, and then for the pictures of the scene.
const START_PATIENCE: Duration = Duration::from_secs(2);
/// How often a store that is away is tried again, at most.
const AGAIN: Duration = Duration::from_secs(1);
/// Most bytes of copies of a bucket's objects.
const CACHE_BYTES: u64 = 1 << 30;

/// All pictures there are, by the names that layers give them: files of the show, ids of assets, URLs that were fetched.
pub(crate) struct Pictures {
    show: Arc<dyn AssetSource>,
    by_url: Mutex<HashMap<String, AssetId>>,
    carrier: Arc<Carrier>,
}

impl std::fmt::Debug for Pictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pictures").finish_non_exhaustive()
    }
}

impl Pictures {
    /// Which asset it would be, whether or not it is there.
    fn id_of(&self, name: &str) -> Option<AssetId> {
        let id = name.parse().ok();
        let known = id.or_else(|| self.by_url().get(name).copied());
        // The process before fetched it.
        known.or_else(|| self.library().fetched_from(name))
    }

    fn by_url(&self) -> MutexGuard<'_, HashMap<String, AssetId>> {
        lock(&self.by_url)
    }

    fn library(&self) -> &Library {
        &self.carrier.library
    }
}

impl AssetSource for Pictures {
    fn has(&self, name: &str) -> bool {
        self.show.has(name) || self.id_of(name).is_some_and(|id| self.library().has(&id))
    }

    fn bytes(&self, name: &str) -> io::Result<Arc<[u8]>> {
        if self.show.has(name) {
            return self.show.bytes(name);
        }
        let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such asset");
        let id = self.id_of(name).ok_or_else(missing)?;
        let at_hand = self.library().read_at_hand(&id).map_err(io::Error::other)?;
        at_hand.map_or_else(|| self.carrier.fetch(name, id), Ok)
    }

    fn atlas(&self, json: &[u8]) -> Result<sources::Atlas, String> {
        assets::read_atlas(json)
    }
}

/// Brings pictures from the asset store for threads that cannot wait long.
struct Carrier {
    library: Library,
    runtime: runtime::Handle,
    /// Names of what is being brought.
    on_the_way: Mutex<HashSet<String>>,
    /// What came before there was anyone to tell.
    came: Mutex<Vec<String>>,
    shown_by: OnceLock<Handle>,
}

impl Carrier {
    /// The bytes if they come soon; else the show is told when they are there.
    fn fetch(self: &Arc<Self>, name: &str, id: AssetId) -> io::Result<Arc<[u8]>> {
        let late = || {
            io::Error::new(
                io::ErrorKind::TimedOut,
                "is on its way from the asset store",
            )
        };
        let is_away = self.library.fault();
        let (said, heard) = sync_channel(1);
        if !lock(&self.on_the_way).insert(name.to_owned()) {
            return Err(late());
        }
        let carrier = Arc::clone(self);
        let brought = carrier.bring(name.to_owned(), id, said);
        self.runtime.spawn(brought);
        if let Some(reason) = is_away {
            return Err(io::Error::other(reason));
        }
        heard.recv_timeout(PATIENCE).unwrap_or_else(|_| Err(late()))
    }

    /// Tries until it is there, or is known not to be, or nobody wants it any more.
    async fn bring(
        self: Arc<Self>,
        name: String,
        id: AssetId,
        said: SyncSender<io::Result<Arc<[u8]>>>,
    ) {
        let mut again = interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            again.tick().await;
            let read = self.library.read(&id).await;
            let is_away = read.as_ref().is_err_and(|error| error.kind() == Kind::Away);
            let is_here = read.is_ok();
            if !is_away || !self.is_wanted(&name) {
                lock(&self.on_the_way).remove(&name);
            }
            // Nobody listens when it took too long.
            let _ = said.try_send(read.map_err(io::Error::other));
            if is_here {
                lock(&self.came).push(name);
                return self.tell();
            }
            if !lock(&self.on_the_way).contains(&name) {
                return;
            }
        }
    }

    fn is_wanted(&self, name: &str) -> bool {
        self.shown_by.get().is_none_or(|handle| {
            let (scene, _) = handle.scene();
            names(&scene).any(|wanted| wanted == name)
        })
    }

    /// Has the show look again for what came.
    fn tell(&self) {
        if let Some(handle) = self.shown_by.get() {
            handle.retry_assets(std::mem::take(&mut *lock(&self.came)));
        }
    }
}

/// The assets that layers are made from.
fn names(scene: &Scene) -> impl Iterator<Item = &str> {
    let own = scene.layers.iter().flat_map(|layer| layer.assets());
    let passing = scene.passages.iter().flat_map(|passage| passage.assets());
    own.chain(passing).map(|name| &**name)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The library, in the API's words.
pub(crate) struct AssetPort {
    pictures: Arc<Pictures>,
    fetcher: Fetcher,
    show: Arc<OnceShow>,
}

/// One limit, said on both sides of the port.
const _: () = assert!(api::MAX_THUMBNAIL_PX == assets::MAX_THUMBNAIL_PX);

/// The show whose layers say what is in use; there is none before the engine runs.
#[derive(Default)]
struct OnceShow {
    shown: OnceLock<(Handle, Arc<Pictures>)>,
    /// Who knows what else is needed.
    api: OnceLock<Api>,
}

impl OnceShow {
    fn ids<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> HashSet<AssetId> {
        let Some((_, pictures)) = self.shown.get() else {
            return HashSet::new();
        };
        let ids = names.into_iter().filter_map(|name| pictures.id_of(name));
        ids.collect()
    }
}

impl Surroundings for OnceShow {
    fn in_use(&self) -> HashSet<AssetId> {
        let Some((handle, _)) = self.shown.get() else {
            return HashSet::new();
        };
        let mut used = self.ids(names(&handle.scene().0));
        if let Some(api) = self.api.get() {
            used.extend(self.ids(api.assets_kept().iter().map(|name| &**name)));
        }
        used
    }

    fn may_return(&self) -> HashSet<AssetId> {
        let past = self.api.get().map(Api::assets_of_the_past);
        self.ids(past.iter().flatten().map(|name| &**name))
    }

    fn now_unix_ms(&self) -> u64 {
        let clock = || SystemClock::new().unix_ns();
        let unix_ns = self
            .shown
            .get()
            .map_or_else(clock, |(handle, _)| handle.unix_ns());
        u64::try_from(unix_ns / 1_000_000).unwrap_or(0)
    }
}

impl AssetPort {
    /// Opens the library as one that follows: it reads what another process takes in.
    pub(crate) fn open(
        settings: &AssetSettings,
        data_dir: &Path,
        fonts: Fonts,
        show: Arc<dyn AssetSource>,
    ) -> Result<Self, Failure> {
        let place = match &settings.bucket {
            Some(bucket) => Place::Bucket {
                settings: bucket.clone(),
                cache: data_dir.join("asset-cache"),
                cache_bytes: settings.quota_bytes.min(CACHE_BYTES),
            },
            None => {
                let folder = settings.folder.clone();
                Place::Folder(folder.unwrap_or_else(|| data_dir.join("assets")))
            }
        };
        let target = match &place {
            Place::Folder(folder) => folder.display().to_string(),
            _ => "the asset store".to_owned(),
        };
        let failed = |error: assets::Error| Failure::Write {
            target: target.clone(),
            source: io::Error::other(error),
        };
        let limits = Limits {
            quota_bytes: settings.quota_bytes,
            ..Limits::default()
        };
        let once = Arc::<OnceShow>::default();
        let surroundings = Arc::clone(&once) as Arc<dyn Surroundings>;
        let library = Library::open(&place, limits, fonts, surroundings).map_err(failed)?;
        let mut fetch = FetchSettings {
            allowed_hosts: settings.private_hosts.clone(),
            ..FetchSettings::default()
        };
        if !settings.ipfs_gateways.is_empty() {
            fetch.ipfs_gateways.clone_from(&settings.ipfs_gateways);
        }
        if !settings.arweave_gateways.is_empty() {
            fetch
                .arweave_gateways
                .clone_from(&settings.arweave_gateways);
        }
        let fetcher =
            Fetcher::new(library.clone(), fetch, Arc::new(SystemResolver)).map_err(failed)?;
        tokio::spawn(mend(library.clone()));
        let carrier = Carrier {
            library,
            runtime: runtime::Handle::current(),
            on_the_way: Mutex::default(),
            came: Mutex::default(),
            shown_by: OnceLock::new(),
        };
        let pictures = Arc::new(Pictures {
            show,
            by_url: Mutex::default(),
            carrier: Arc::new(carrier),
        });
        Ok(Self {
            pictures,
            fetcher,
            show: once,
        })
    }

    /// Where the engine has its pictures from.
    pub(crate) fn pictures(&self) -> Arc<dyn AssetSource> {
        Arc::clone(&self.pictures) as Arc<dyn AssetSource>
    }

    /// This process is the one on air: from now on it alone takes assets in and throws them away. Waits for the store to
    /// tell what it has, but no longer than a start may take; the rest is done aside, as often as it takes.
    pub(crate) async fn lead(&self) {
        let library = self.pictures.library().clone();
        match timeout(START_PATIENCE, spawn_blocking(move || library.lead())).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the assets are not all known yet"),
            Ok(Err(error)) => tracing::error!(%error, "the assets are not all known yet"),
            Err(_) => tracing::warn!("the asset store is slow to tell what it has"),
        }
    }

    /// Fetches what a scene is made from, as much as comes soon, so that its first frame shows it.
    pub(crate) async fn warm(&self, scene: &Scene) {
        let mut fetches = JoinSet::new();
        for name in names(scene) {
            if !self.pictures.show.has(name)
                && let Some(id) = self.pictures.id_of(name)
            {
                let library = self.pictures.library().clone();
                fetches.spawn(async move { library.read(&id).await.map(drop) });
            }
        }
        let all = async { while fetches.join_next().await.is_some() {} };
        if timeout(START_PATIENCE, all).await.is_err() {
            tracing::warn!("the asset store is slow; pictures of the scene come later");
        }
    }

    /// Answers what is wrong with the store of the assets.
    pub(crate) fn fault(&self) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let library = self.pictures.library().clone();
        move || library.fault()
    }

    /// From here on, what the show uses is not thrown away, and the show is told of what comes late.
    pub(crate) fn serve(&self, handle: Handle) {
        let carrier = &self.pictures.carrier;
        // Once, both.
        let _ = carrier.shown_by.set(handle.clone());
        let _ = self.show.shown.set((handle, Arc::clone(&self.pictures)));
        carrier.tell();
    }

    /// From here on, what presets, the schedule and the history need is not thrown away either.
    pub(crate) fn keep_for(&self, api: &Api) {
        // Once.
        let _ = self.show.api.set(api.clone());
    }
}

/// Looks whether a store that was away is back.
async fn mend(library: Library) {
    let mut again = interval(AGAIN);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        again.tick().await;
        if library.fault().is_some() {
            let library = library.clone();
            // It is still away if it fails, as it was.
            let _ = spawn_blocking(move || library.mend()).await;
        }
    }
}

impl AssetsPort for AssetPort {
    fn has(&self, name: &str) -> bool {
        self.pictures.has(name)
    }

    fn list(&self, after: Option<&str>, limit: usize) -> Vec<AssetReport> {
        let after = after.and_then(|id| id.parse().ok());
        let assets = self.pictures.library().list(after.as_ref(), limit);
        assets.iter().map(report).collect()
    }

    fn get(&self, id: &str) -> Result<AssetReport, AssetFault> {
        let asset = self.pictures.library().get(&parse(id)?).map_err(fault)?;
        Ok(report(&asset))
    }

    fn begin(&self) -> Later<'_, Box<dyn AssetUpload>> {
        Box::pin(async {
            let upload = self.pictures.library().begin().await.map_err(fault)?;
            Ok(Box::new(Incoming(upload)) as Box<dyn AssetUpload>)
        })
    }

    fn fetch<'a>(&'a self, url: &'a str) -> Later<'a, (AssetReport, bool)> {
        Box::pin(async move {
            let (asset, new) = self.fetcher.fetch(url, None).await.map_err(fault)?;
            let mut by_url = self.pictures.by_url();
            if by_url.len() >= URLS {
                by_url.clear();
            }
            by_url.insert(url.to_owned(), asset.id);
            Ok((report(&asset), new))
        })
    }

    fn bytes<'a>(&'a self, id: &'a str) -> Later<'a, Bytes> {
        Box::pin(async move {
            let bytes = self
                .pictures
                .library()
                .read(&parse(id)?)
                .await
                .map_err(fault)?;
            Ok(Bytes::from_owner(bytes))
        })
    }

    fn thumbnail<'a>(&'a self, id: &'a str, width_px: u32) -> Later<'a, Bytes> {
        Box::pin(async move {
            let id = parse(id)?;
            self.pictures
                .library()
                .thumbnail(&id, width_px)
                .await
                .map_err(fault)
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, ()> {
        Box::pin(async move {
            self.pictures
                .library()
                .remove(&parse(id)?)
                .await
                .map_err(fault)
        })
    }
}

/// A file that is coming in.
struct Incoming(Upload);

impl AssetUpload for Incoming {
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Later<'a, ()> {
        Box::pin(async move { self.0.write(bytes).await.map_err(fault) })
    }

    fn finish<'a>(self: Box<Self>, name: Option<&'a str>) -> Later<'a, (AssetReport, bool)>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let (asset, new) = self.0.finish(name).await.map_err(fault)?;
            Ok((report(&asset), new))
        })
    }
}

fn parse(id: &str) -> Result<AssetId, AssetFault> {
    id.parse().map_err(|_| AssetFault {
        kind: AssetTrouble::NotFound,
        detail: "there is no such asset".to_owned(),
    })
}

fn report(asset: &Asset) -> AssetReport {
    AssetReport {
        id: asset.id.to_string(),
        name: asset.name.clone(),
        media_type: asset.format.media_type().to_owned(),
        bytes: asset.bytes,
        size_px: asset.width_px.zip(asset.height_px),
        frames: asset.frames,
        source_url: asset.source_url.clone(),
        created_unix_ms: asset.created_unix_ms,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: assets::Error) -> AssetFault {
    let kind = match error.kind() {
        Kind::TooLarge => AssetTrouble::TooLarge,
        Kind::UnsupportedType => AssetTrouble::UnsupportedType,
        Kind::Broken => AssetTrouble::Broken,
        Kind::Quota => AssetTrouble::Quota,
        Kind::RefusedAddress => AssetTrouble::RefusedAddress,
        Kind::UpstreamFailed => AssetTrouble::UpstreamFailed,
        Kind::Timeout => AssetTrouble::Timeout,
        Kind::NotFound => AssetTrouble::NotFound,
        Kind::InUse => AssetTrouble::InUse,
        Kind::Invalid => AssetTrouble::Invalid,
        Kind::Away => AssetTrouble::Away,
        Kind::Storage => AssetTrouble::Storage,
    };
    AssetFault {
        kind,
        detail: error.to_string(),
    }
}
