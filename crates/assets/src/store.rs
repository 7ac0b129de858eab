//! Where the bytes of assets lie: a folder, or a bucket of an object store. Everything here blocks.

mod bucket;
mod cache;
mod folder;
mod place;
mod transport;

use crate::{Asset, AssetId, Error};
pub(crate) use bucket::Bucket;
pub(crate) use folder::Folder;
pub use place::{BucketSettings, Place};
use std::fmt::Debug;
use std::path::{Path, PathBuf};

/// What keeps assets, shared by the processes of a stream: one of them puts and removes, all of them read.
///
/// An asset is there as a whole or not at all, whenever the process that puts it ends. What it left, if anything, is
/// nobody's asset, and goes when it is a day old.
pub(crate) trait Store: Debug + Send + Sync {
    /// A path for a file that is not complete yet; never the same twice.
    fn temporary(&self) -> PathBuf;

    /// Every asset there is, for the process that may mend and tidy up. What is `known` need not be read again.
    fn load(
        &self,
        now_unix_ms: u64,
        known: &dyn Fn(&AssetId) -> Option<Asset>,
    ) -> Result<Vec<Asset>, Error>;

    /// One asset. Changes nothing.
    fn find(&self, id: &AssetId, now_unix_ms: u64) -> Result<Asset, Error>;

    /// Makes a complete temporary file an asset.
    fn put(&self, temporary: &Path, asset: &Asset, now_unix_ms: u64) -> Result<(), Error>;

    /// Writes down anew what is known of an asset, in one step.
    fn describe(&self, asset: &Asset) -> Result<(), Error>;

    /// Removes an asset; one that is gone already is no error.
    fn remove(&self, id: &AssetId) -> Result<(), Error>;

    /// Where an asset's bytes lie on a disk, if they do without the network.
    fn at_hand(&self, id: &AssetId, now_unix_ms: u64) -> Option<PathBuf>;

    /// The same, after having fetched them.
    fn fetch(&self, id: &AssetId, now_unix_ms: u64) -> Result<PathBuf, Error>;

    /// How far it may be behind in the time of last use, in milliseconds.
    fn unsaved_ms(&self) -> u64;

    /// Why it is away, as of the last attempt.
    fn fault(&self) -> Option<String>;

    /// Asks for something small, so that [`Store::fault`] is true again.
    fn probe(&self) -> Result<(), Error>;
}

/// What is not complete and older than this is nobody's any more.
const GARBAGE_MS: u64 = 24 * 60 * 60 * 1000;
/// The largest sidecar that is read.
const MAX_SIDECAR_BYTES: u64 = 64 * 1024;
