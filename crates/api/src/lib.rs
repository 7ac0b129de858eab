//! The HTTP face of the studio: routes, preview, page.
//!
//! Job: turn requests into calls on [`engine::Handle`] and on the ports that the roof fills in, and every failure into one
//! [problem](https://www.rfc-editor.org/rfc/rfc9457) document; hand the programme to viewers as it is encoded; serve the page.
//! Not its job: the shape of scenes and views (`wire`), outputs (`outputs`, behind [`OutputsPort`]), metrics and health pages
//! (`telemetry`; [`guarded`] goes around those too), the environment.
//!
//! ```text
//!  browser, curl --> guarded (Host, Origin) --> routes --> Handle, OutputsPort
//!  engine -- packets --> Preview (one fragment each, current GOP kept) --> bounded queue per viewer --> WebSocket
//! ```
//!
//! ```
//! use api::AllowedHosts;
//! let hosts = AllowedHosts::new("127.0.0.1".parse().unwrap(), ["https://studio.example"]).unwrap();
//! assert!(hosts.allows_host("localhost:4200") && hosts.allows_host("studio.example"));
//! assert!(!hosts.allows_host("rebound.example:4200"));
//! assert!(hosts.allows_origin("http://localhost:4200", "localhost:4201"));
//! assert!(!hosts.allows_origin("https://other.example", "localhost:4200"));
//! ```
//!
//! **Invariant:** status codes are named in `problem` alone, and every code that a client may see stands in its table.
//! **Invariant:** nothing here blocks the engine: packets and stills are taken over in microseconds, the rest happens on
//! tokio's threads; a viewer that cannot keep up is cut off, never waited for.
#![forbid(unsafe_code)]

mod hosts;
mod outputs;
mod page;
mod preview;
mod problem;
mod request;
mod routes;
mod scene_document;
mod serve;
mod still;
mod stream;

#[cfg(test)]
mod tests;

pub use hosts::{AllowedHosts, InvalidOrigin, guarded};
pub use outputs::{OutputFault, OutputReport, OutputState, OutputsPort};
pub use preview::Preview;
pub use routes::{router, ws_router};
pub use serve::serve;

use codec::Latency;
use engine::Handle;
use scene::Limits;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// Tells which assets are there, for the checks of a scene.
pub trait AssetsPort: Send + Sync {
    /// Whether an asset of this name is there; cheap.
    fn has(&self, name: &str) -> bool;
}

/// What the API speaks to.
#[derive(Clone)]
pub struct Parts {
    /// The running engine.
    pub handle: Handle,
    /// The outputs.
    pub outputs: Arc<dyn OutputsPort>,
    /// The assets.
    pub assets: Arc<dyn AssetsPort>,
    /// What a scene may hold.
    pub limits: Limits,
    /// The encoder's latency profile, to be shown.
    pub latency: Latency,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("limits", &self.limits)
            .field("latency", &self.latency)
            .finish_non_exhaustive()
    }
}

/// The API of one engine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Api(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    preview: Arc<Preview>,
    /// Held from the check of `If-Match` until the change is on air: a write is never based on a scene it did not see.
    scene_write: Mutex<()>,
    stills: Semaphore,
}

impl Api {
    /// Takes the engine's packets for the preview from now on.
    pub fn new(parts: Parts) -> Self {
        let preview = Arc::new(Preview::new(parts.handle.headers()));
        parts
            .handle
            .subscribe(Arc::clone(&preview) as Arc<dyn engine::PacketSink>);
        Self(Arc::new(Inner {
            parts,
            preview,
            scene_write: Mutex::new(()),
            stills: Semaphore::new(still::AT_ONCE),
        }))
    }

    /// Says goodbye to all viewers of the preview; without it their sockets end without a word when the process does.
    pub fn end_preview(&self) {
        self.0.preview.end();
    }
}
