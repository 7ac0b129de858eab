//! A store for several processes, each with a folder of its own.

use crate::world::World;
use assets::{Asset, BucketSettings, Error, Library, Limits, Place};
use sources::Fonts;
use std::path::PathBuf;
use std::sync::Arc;
use testkit::{Moto, TempFolder};
use tokio::task::spawn_blocking;

/// What the processes share.
pub(crate) struct Site {
    pub(crate) folder: TempFolder,
    pub(crate) moto: Option<Moto>,
    pub(crate) world: Arc<World>,
    pub(crate) limits: Limits,
    pub(crate) cache_bytes: u64,
}

/// The name of the bucket, and where in it the assets are.
pub(crate) const BUCKET: &str = "pictures";
pub(crate) const PREFIX: &str = "shows/main";
/// What must not be printed.
pub(crate) const SECRET: &str = "hidden-from-everybody";

impl Site {
    pub(crate) fn folder() -> Self {
        Self {
            folder: TempFolder::new("site"),
            moto: None,
            world: Arc::default(),
            limits: Limits::default(),
            cache_bytes: 1 << 30,
        }
    }

    pub(crate) fn bucket() -> Self {
        let moto = Moto::start();
        moto.make_bucket(BUCKET);
        Self {
            moto: Some(moto),
            ..Self::folder()
        }
    }

    /// Both kinds.
    pub(crate) fn all() -> [Self; 2] {
        [Self::folder(), Self::bucket()]
    }

    pub(crate) fn moto(&mut self) -> &mut Moto {
        self.moto.as_mut().unwrap()
    }

    pub(crate) fn cache_of(&self, process: &str) -> PathBuf {
        self.folder.path().join(process)
    }

    /// A process that follows.
    pub(crate) fn process(&self, name: &str) -> Library {
        let place = match &self.moto {
            None => Place::Folder(self.folder.path().join("assets")),
            Some(moto) => {
                let url = format!("s3://{BUCKET}/{PREFIX}");
                let mut settings = BucketSettings::parse(&url).unwrap();
                SECRET.clone_into(&mut settings.access_key_id);
                SECRET.clone_into(&mut settings.secret_access_key);
                settings.endpoint = Some(moto.url());
                Place::Bucket {
                    settings,
                    cache: self.cache_of(name),
                    cache_bytes: self.cache_bytes,
                }
            }
        };
        let fonts = Fonts::new([] as [Vec<u8>; 0]);
        Library::open(&place, self.limits, fonts, Arc::clone(&self.world) as _).unwrap()
    }

    /// One that leads.
    pub(crate) async fn leader(&self, name: &str) -> Library {
        let library = self.process(name);
        lead(&library).await.unwrap();
        library
    }
}

pub(crate) async fn lead(library: &Library) -> Result<(), Error> {
    let library = library.clone();
    spawn_blocking(move || library.lead()).await.unwrap()
}

pub(crate) async fn mend(library: &Library) -> Result<(), Error> {
    let library = library.clone();
    spawn_blocking(move || library.mend()).await.unwrap()
}

pub(crate) async fn store(library: &Library, bytes: &[u8]) -> Result<Asset, Error> {
    let mut upload = library.begin().await?;
    upload.write(bytes).await?;
    upload.finish(Some("a.svg")).await.map(|(asset, _)| asset)
}

/// An SVG of exactly this many bytes.
pub(crate) fn svg(bytes: usize, seed: u8) -> Vec<u8> {
    let frame = "<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'><!----></svg>";
    let pad = char::from(b'a' + seed).to_string();
    frame
        .replace("<!--", &format!("<!--{}", pad.repeat(bytes - frame.len())))
        .into_bytes()
}
