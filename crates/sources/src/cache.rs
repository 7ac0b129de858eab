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
    entries: HashMap<Key, Entry>,
    /// The ends of the row in which entries stand by age. The row is linked within the entries: every lookup moves one, and a
    /// tree would ask for memory for that on every frame.
    oldest: Option<Key>,
    newest: Option<Key>,
    counters: CacheCounters,
}

#[derive(Debug)]
struct Entry {
    raster: Raster,
    bytes: usize,
    age: u64,
    older: Option<Key>,
    newer: Option<Key>,
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
            oldest: None,
            newest: None,
            counters: CacheCounters::default(),
        }
    }

    /// The raster under `key`, which becomes the most recently used.
    pub fn get(&mut self, key: &Key) -> Option<&Raster> {
        if !self.entries.contains_key(key) {
            self.counters.misses += 1;
            return None;
        }
        self.counters.hits += 1;
        if self.newest != Some(*key) {
            self.unlink(key);
            self.link(key);
        }
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.age = self.clock;
        Some(&entry.raster)
    }

    /// Takes an entry out of the row.
    fn unlink(&mut self, key: &Key) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let (older, newer) = (entry.older.take(), entry.newer.take());
        match older.and_then(|older| self.entries.get_mut(&older)) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
        match newer.and_then(|newer| self.entries.get_mut(&newer)) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
    }

    /// Puts an entry that is in no row at its new end.
    fn link(&mut self, key: &Key) {
        let newest = self.newest.replace(*key);
        match newest.and_then(|newest| self.entries.get_mut(&newest)) {
            Some(newest) => newest.newer = Some(*key),
            None => self.oldest = Some(*key),
        }
        if let Some(entry) = self.entries.get_mut(key) {
            entry.older = newest;
        }
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
        let entry = Entry {
            raster,
            bytes,
            age: self.clock,
            older: None,
            newer: None,
        };
        self.entries.insert(key, entry);
        self.link(&key);
    }

    /// Begins a new period and throws out what was not used in the last one.
    ///
    /// A clock on screen makes a surface a second that nobody asks for again: without periods a cache within its budget
    /// still grows for hours.
    pub fn begin_period(&mut self) {
        let period = self.period;
        let unused = |cache: &Self| {
            let oldest = cache.oldest?;
            (cache.entries.get(&oldest)?.age <= period).then_some(oldest)
        };
        while let Some(key) = unused(self) {
            self.take(&key);
            self.counters.evictions += 1;
        }
        self.period = self.clock;
    }

    /// Throws out what was used longest ago until at most `bytes` are held.
    pub fn trim(&mut self, bytes: usize) {
        while self.used_bytes > bytes {
            let Some(oldest) = self.oldest else {
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
        self.unlink(key);
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
