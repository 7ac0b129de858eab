//! Painted surfaces, kept within a memory budget.

use crate::{Key, Raster};
use std::collections::{BTreeMap, HashMap};

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
    entries: HashMap<Key, Entry>,
    /// Age to key; ages are unique.
    by_age: BTreeMap<u64, Key>,
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
            by_age: BTreeMap::new(),
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
        self.by_age.remove(&entry.age);
        self.by_age.insert(self.clock, *key);
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
        self.by_age.insert(self.clock, key);
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
        while let Some((_, key)) = self
            .by_age
            .first_key_value()
            .filter(|(age, _)| **age <= self.period)
        {
            let key = *key;
            self.take(&key);
            self.counters.evictions += 1;
        }
        self.period = self.clock;
    }

    /// Throws out what was used longest ago until at most `bytes` are held.
    pub fn trim(&mut self, bytes: usize) {
        while self.used_bytes > bytes {
            let Some((_, oldest)) = self.by_age.first_key_value() else {
                return;
            };
            let oldest = *oldest;
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
        self.by_age.remove(&entry.age);
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
