//! Owns the live scene: ticks, lowers, paces, encodes and fans packets out.
//!
//! Job: [`Stage`] turns scene and time into a display list; [`Engine`] does so on time, on its own threads, and feeds
//! [`PacketSink`]s; [`ProgramEncoder`] joins picture and sound; [`Darkroom`] makes pictures off the air. Not its job: HTTP, files, sockets, JSON, sessions.
//!
//! ```text
//! Handle --commands--> engine thread: Stage -> Compositor --a few frames--> video-encode thread --> PacketSinks
//! ```
//!
//! **Invariants.** The engine thread waits for nothing but its clock. Whatever is shown is a function of scene and show
//! time. A taker of packets can neither block nor slow another.
#![forbid(unsafe_code)]

mod backdrop;
mod clock;
mod darkroom;
mod encode;
mod fanout;
mod frame_queue;
mod gallery;
mod guides;
mod handle;
mod hidden;
mod live;
mod lower;
mod mailbox;
mod motion;
mod offscreen;
mod originals;
mod picture;
mod players;
mod priority;
mod reel;
mod slate;
mod stage;
mod stats;
mod studio;
mod worker;

pub use clock::{Clock, ManualClock, SystemClock};
pub use darkroom::Darkroom;
pub use encode::ProgramEncoder;
pub use fanout::{Headers, PacketSink, SinkId};
pub use gallery::{Memory, Patience};
pub use handle::{Applied, Busy, Handle, Still};
pub use live::{Engine, EngineConfig, Resume};
pub use picture::{Picture, PictureChange};
pub use stage::{Stage, StageConfig};
pub use stats::Stats;

use std::sync::Arc;

/// Where pictures come from, by name. Called on the engine's threads; may block on a worker, never on the engine thread.
pub trait AssetSource: Send + Sync + std::fmt::Debug {
    /// Whether an asset of this name is there; cheap.
    fn has(&self, name: &str) -> bool;

    /// The bytes of an asset.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    fn bytes(&self, name: &str) -> std::io::Result<Arc<[u8]>>;

    /// Reads the JSON of a sprite sheet. Whoever does not read JSON leaves this as it is: such assets cannot be shown then.
    ///
    /// # Errors
    /// When it is not that, in a sentence that says why.
    fn atlas(&self, json: &[u8]) -> Result<sources::Atlas, String> {
        let _ = json;
        Err("JSON is not read here".to_owned())
    }
}

/// Is told what becomes of the assets that layers on air are made from, and of layers that are not as asked. Called on the engine thread: it must not block.
pub trait AssetObserver: Send + Sync + std::fmt::Debug {
    /// An asset that was not can be shown from now on.
    fn ready(&self, name: &str);

    /// An asset was looked for and cannot be shown, and why; said anew for each scene and each
    /// [`Handle::retry_assets`].
    fn failed(&self, name: &str, detail: &str);

    /// A layer cannot be painted, or not with the letters it asks for, and why; said once for each scene.
    fn layer_failed(&self, layer: &scene::Id, detail: &str);
}

/// Something that is not as the scene asks, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// A picture is missing or broken; a placeholder is shown.
    #[error("asset `{asset}` cannot be shown: {detail}")]
    AssetFailed {
        /// Its name.
        asset: Arc<str>,
        /// Why.
        detail: String,
    },
    /// A source could not be painted; a placeholder is shown.
    #[error("layer `{layer}` cannot be painted: {detail}")]
    SourceFailed {
        /// The layer.
        layer: scene::Id,
        /// Why.
        detail: String,
    },
    /// A font or a character is missing.
    #[error("layer `{layer}`: {detail}")]
    Text {
        /// The layer.
        layer: scene::Id,
        /// What.
        detail: String,
    },
}

/// Why the engine cannot run, or a picture cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An encoder refused.
    #[error(transparent)]
    Codec(#[from] codec::Error),
    /// The engine takes nothing now.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A layer that is not in the scene.
    #[error("there is no layer `{layer}`")]
    NoLayer {
        /// Its id.
        layer: scene::Id,
    },
    /// The system gave no thread.
    #[error("no thread for {name}")]
    Thread {
        /// The thread's name.
        name: &'static str,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}
