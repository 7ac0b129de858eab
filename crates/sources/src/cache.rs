//! Painted surfaces, kept within a memory budget.

use crate::{Key, Raster};
use std::collections::HashMap;

/// Key to [`Raster`], least recently used out first, within a budget of bytes.
///
/// A raster above the whole budget is not kept. What is thrown out lives on as long as someone holds its `Arc`.
#[derive(Debug)]
pub struct Cache {
    budget_bytes: usize,
    used_bytes: usize,
    clock: u64,
    /// `clock` when the running period began.
    period: u64,
    /// Their ages are unique. Looked through where something has to go: an order kept by age would change, and ask for memory,
    /// with every look-up.
    entries: HashMap<Key, Entry>,
    counters: CacheCounters,
}

#[derive(Debug)]
struct Entry {
    raster: Raster,
    bytes: usize,
    age: u64,
}

/// What a [`Cache`] has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounters {
    /// Lookups that found a raster.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Rasters thrown out, or not taken in, for want of room.
    pub evictions: u64,
}

impl Cache {
    /// An empty cache that holds at most `budget_bytes` of pixels.
    pub fn new(budget_bytes: usize) -> Self {
        Self {
            budget_bytes,
            used_bytes: 0,
            clock: 0,
            period: 0,
            entries: HashMap::new(),
            counters: CacheCounters::default(),
        }
    }

    /// The raster under `key`, which becomes the most recently used.
    pub fn get(&mut self, key: &Key) -> Option<&Raster> {
        let Some(entry) = self.entries.get_mut(key) else {
            self.counters.misses += 1;
            return None;
        };
        self.counters.hits += 1;
        self.clock += 1;
        entry.age = self.clock;
        Some(&entry.raster)
    }

    /// Keeps `raster` under `key`, throwing out what was used longest ago until it fits.
    pub fn insert(&mut self, key: Key, raster: Raster) {
        self.take(&key);
        let bytes = raster.surface.data().len();
        if bytes > self.budget_bytes {
            self.counters.evictions += 1;
            return;
        }
        self.trim(self.budget_bytes - bytes);
        self.clock += 1;
        self.used_bytes += bytes;
        self.entries.insert(
            key,
            Entry {
                raster,
                bytes,
                age: self.clock,
            },
        );
    }

    /// Begins a new period and throws out what was not used in the last one.
    ///
    /// A clock on screen makes a surface a second that nobody asks for again: without periods a cache within its budget
    /// still grows for hours.
    pub fn begin_period(&mut self) {
        let before = self.entries.len();
        let (period, used_bytes) = (self.period, &mut self.used_bytes);
        self.entries.retain(|_, entry| {
            let stays = entry.age > period;
            *used_bytes -= if stays { 0 } else { entry.bytes };
            stays
        });
        self.counters.evictions += (before - self.entries.len()) as u64;
        self.period = self.clock;
    }

    /// Throws out what was used longest ago until at most `bytes` are held.
    pub fn trim(&mut self, bytes: usize) {
        while self.used_bytes > bytes {
            let ages = self.entries.iter().map(|(key, entry)| (entry.age, *key));
            let Some((_, oldest)) = ages.min() else {
                return;
            };
            self.take(&oldest);
            self.counters.evictions += 1;
        }
    }

    /// Whether a raster is held under `key`; it gets no younger by that.
    pub fn contains(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    /// Gives away the raster under `key`, if there is one.
    pub fn take(&mut self, key: &Key) -> Option<Raster> {
        let entry = self.entries.remove(key)?;
        self.used_bytes -= entry.bytes;
        Some(entry.raster)
    }

    /// Rasters held.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of pixels held; never above the budget.
    pub const fn used_bytes(&self) -> usize {
        self.used_bytes
    }

    /// What was done so far.
    pub const fn counters(&self) -> CacheCounters {
        self.counters
    }
}
