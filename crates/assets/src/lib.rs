//! Pictures and other files by their content: kept, fetched by a guard, thrown away when nobody uses them.
//!
//! Job: take files in ([`Library`]), also from a URL ([`Fetcher`]), find out what they are and whether they are whole,
//! and keep them within a quota. An asset's id is the SHA-256 of its bytes, so the same file is one asset.
//! Not its job: HTTP routes, scenes (of `scene` it knows only what a [`sources::Painter`] is asked with), drawing frames.
//!
//! ```text
//! bytes --> Upload --> temporary file --> format, size, frames --> decoded once --> quota --> asset
//!             ^            and hash         (nothing allocated)     (big stack)
//! URL --> guard --> one address --> HTTP
//! ```
//!
//! They lie in a store ([`Place`]) that the processes of one stream share. One of them **leads**: it alone takes files in,
//! describes and removes them. The others **follow**: they read, and find what the leader puts when they are asked for
//! it. Nothing keeps two from leading for a moment while one takes over from the other: names are contents, so both can
//! only put the same, and what one of them removes is fetched or uploaded anew.
//!
//! A folder as store:
//!
//! | path | what |
//! |---|---|
//! | `ab/abcdef...` | an asset's bytes; its name is its id, 64 hexadecimal digits |
//! | `ab/abcdef....json` | its description: `name`, `media_type`, `bytes`, `width_px`, `height_px`, `frames`, `source_url`, `source_key`, `created_unix_ms`, `last_used_unix_ms`; made anew when missing or broken |
//! | `tmp/` | what is not complete yet; removed by who leads when it is a day old |
//!
//! An asset appears by renaming a file that is complete and synced, after its description, so a crash leaves all of it or
//! nothing.
//!
//! A bucket as store has an object `PREFIX/abcdef...` with the bytes and another one, `PREFIX/abcdef....json`, with the
//! description, which is put last and removed first: without it there is no asset. An object without a description is
//! removed when it is a day old. Parts of large uploads that a crash left are the bucket's to remove, by a rule of its
//! own. A folder of this process has copies of objects, each compared with its hash when it came.
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # let dir = std::env::temp_dir().join(format!("assets-doc-{}", std::process::id()));
//! # runtime.block_on(async {
//! use assets::{AssetId, Library, Limits, Place, Surroundings};
//! use std::collections::HashSet;
//! use std::sync::Arc;
//!
//! struct Idle;
//! impl Surroundings for Idle {
//!     fn in_use(&self) -> HashSet<AssetId> {
//!         HashSet::new()
//!     }
//!     fn now_unix_ms(&self) -> u64 {
//!         1_700_000_000_000
//!     }
//! }
//!
//! let fonts = sources::Fonts::new([] as [Vec<u8>; 0]);
//! let library = Library::open(&Place::Folder(dir.clone()), Limits::default(), fonts, Arc::new(Idle))?;
//! library.lead()?;
//! let mut upload = library.begin().await?;
//! upload.write(b"<svg xmlns='http://www.w3.org/2000/svg' width='20' height='10'/>").await?;
//! let (asset, is_new) = upload.finish(Some("logo.svg")).await?;
//! assert_eq!((asset.width_px, asset.height_px, is_new), (Some(20), Some(10), true));
//! assert_eq!(AssetId::of(&library.read(&asset.id).await?), asset.id);
//! # Ok::<(), assets::Error>(()) }).unwrap();
//! # std::fs::remove_dir_all(dir).unwrap();
//! ```
//!
//! **Invariants.** An id is the hash of the bytes it stands for. No asset in use is thrown away. Assets never take more
//! than the quota. Nothing is decoded before its size is checked. Nothing is connected to but an address that the guard
//! has seen.
#![forbid(unsafe_code)]

mod asset;
mod atlas;
mod decode;
mod error;
mod fetch;
mod format;
mod id;
mod index;
mod inspect;
mod library;
mod store;
mod thumbnails;
mod upload;

pub use asset::Asset;
pub use atlas::read_atlas;
pub use error::{Error, Kind};
pub use fetch::{FetchSettings, Fetcher, Network, Resolver, Resolving, SystemResolver};
pub use format::Format;
pub use id::AssetId;
pub use library::{Library, Limits, MAX_THUMBNAIL_PX, Surroundings};
pub use store::{BucketSettings, Place};
pub use upload::Upload;
