//! What a library asks of the program around it, as a test says.

use assets::{AssetId, Surroundings};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is in use, what may be wanted again, and what time it is.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) used: Mutex<HashSet<AssetId>>,
    pub(crate) wanted_again: Mutex<HashSet<AssetId>>,
    pub(crate) now_unix_ms: AtomicU64,
}

impl World {
    pub(crate) fn use_now(&self, id: AssetId) {
        self.used.lock().unwrap().insert(id);
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.now_unix_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Surroundings for World {
    fn in_use(&self) -> HashSet<AssetId> {
        self.used.lock().unwrap().clone()
    }

    fn may_return(&self) -> HashSet<AssetId> {
        self.wanted_again.lock().unwrap().clone()
    }

    fn now_unix_ms(&self) -> u64 {
        self.now_unix_ms.load(Ordering::Relaxed)
    }
}
