//! Which assets there are, and which go when room is needed.

use crate::{Asset, AssetId, Error};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

/// All assets, by id.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: BTreeMap<AssetId, Entry>,
    used_bytes: u64,
    by_source: HashMap<AssetId, AssetId>,
}

#[derive(Debug)]
struct Entry {
    asset: Asset,
    /// The time of last use that the disk knows.
    saved_used_unix_ms: u64,
}

impl Index {
    pub(crate) fn insert(&mut self, asset: Asset) {
        self.remove(&asset.id);
        self.used_bytes += asset.bytes;
        if let Some(key) = asset.source_key {
            self.by_source.insert(key, asset.id);
        }
        let entry = Entry {
            saved_used_unix_ms: asset.last_used_unix_ms,
            asset,
        };
        self.entries.insert(entry.asset.id, entry);
    }

    pub(crate) fn remove(&mut self, id: &AssetId) {
        if let Some(entry) = self.entries.remove(id) {
            self.used_bytes -= entry.asset.bytes;
            if let Some(key) = entry.asset.source_key
                && self.by_source.get(&key) == Some(id)
            {
                self.by_source.remove(&key);
            }
        }
    }

    pub(crate) fn get(&self, id: &AssetId) -> Result<&Asset, Error> {
        self.entries
            .get(id)
            .map(|entry| &entry.asset)
            .ok_or(Error::NotFound { id: *id })
    }

    /// What was fetched from the URL with this hash.
    pub(crate) fn by_source(&self, key: &AssetId) -> Option<AssetId> {
        self.by_source.get(key).copied()
    }

    pub(crate) fn list(&self, after: Option<&AssetId>, limit: usize) -> Vec<Asset> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.entries
            .range((from, Bound::Unbounded))
            .take(limit)
            .map(|(_, entry)| entry.asset.clone())
            .collect()
    }

    pub(crate) const fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// Takes over what the store says, except that what was used since then stays so.
    pub(crate) fn replace(&mut self, assets: Vec<Asset>) {
        let before = std::mem::take(self);
        for asset in assets {
            let id = asset.id;
            self.insert(asset);
            if let Ok(known) = before.get(&id) {
                let used = known.last_used_unix_ms;
                if let Some(entry) = self.entries.get_mut(&id) {
                    let last = &mut entry.asset.last_used_unix_ms;
                    *last = used.max(*last);
                }
            }
        }
    }

    /// Notes a use: the asset, and whether the store, which may be behind by `unsaved_ms`, should hear of it: who plays a
    /// picture every second must not write as often.
    pub(crate) fn touch(
        &mut self,
        id: &AssetId,
        now_unix_ms: u64,
        unsaved_ms: u64,
    ) -> Result<(Asset, bool), Error> {
        let entry = self
            .entries
            .get_mut(id)
            .ok_or(Error::NotFound { id: *id })?;
        let used = &mut entry.asset.last_used_unix_ms;
        // A clock that was set back must not make an asset older than it is.
        *used = now_unix_ms.max(*used);
        let is_due = *used - entry.saved_used_unix_ms.min(*used) >= unsaved_ms;
        if is_due {
            entry.saved_used_unix_ms = *used;
        }
        Ok((entry.asset.clone(), is_due))
    }
}

/// Which of all `assets` to throw away, longest unused first, so that `needed` bytes have room within `allowed`.
///
/// # Errors
/// [`Error::Quota`] when not even all that nobody uses would be enough; then nothing should go.
pub(crate) fn victims(
    assets: &[Asset],
    needed: u64,
    allowed: u64,
    in_use: impl Fn(&AssetId) -> bool,
) -> Result<Vec<AssetId>, Error> {
    let used = assets.iter().map(|asset| asset.bytes).sum::<u64>();
    let mut excess = (used + needed).saturating_sub(allowed);
    let mut unused: Vec<&Asset> = assets.iter().filter(|asset| !in_use(&asset.id)).collect();
    let free = unused.iter().map(|asset| asset.bytes).sum::<u64>();
    if free < excess {
        return Err(Error::Quota {
            needed,
            used,
            in_use: used - free,
            allowed,
        });
    }
    unused.sort_by_key(|asset| (asset.last_used_unix_ms, asset.created_unix_ms, asset.id));
    let mut victims = Vec::new();
    for asset in unused {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(asset.bytes);
        victims.push(asset.id);
    }
    Ok(victims)
}
