//! Decoded assets, kept for a while: what is painted from them is kept elsewhere, and they can be decoded again.

use media::Surface;
use sources::Asset;
use std::sync::Arc;

/// Bytes of decoded pixels that are kept: eight pictures of 1080p.
const BUDGET_BYTES: usize = 64 << 20;

/// The assets used last, within [`BUDGET_BYTES`].
#[derive(Default)]
pub(crate) struct Originals {
    /// The one used last is at the back.
    kept: Vec<(Arc<str>, Asset)>,
    bytes: usize,
}

impl Originals {
    pub(crate) fn get(&mut self, name: &str) -> Option<&Asset> {
        let at = self.kept.iter().position(|(of, _)| **of == *name)?;
        self.kept[at..].rotate_left(1);
        self.kept.last().map(|(_, asset)| asset)
    }

    /// Bytes of decoded pixels; some may be held by others as well.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Lets go of the asset whose pixels are those of `surface`, if there is one.
    pub(crate) fn forget(&mut self, surface: &Arc<Surface>) {
        if let Some(at) = self.kept.iter().position(|(_, asset)| asset.holds(surface)) {
            self.bytes -= self.kept.remove(at).1.memory_bytes();
        }
    }

    /// Keeps `asset`, and lets go of what was not used for longest until all is within the budget; what is above that by
    /// itself is not kept.
    pub(crate) fn insert(&mut self, name: Arc<str>, asset: Asset) {
        if let Some(at) = self.kept.iter().position(|(of, _)| *of == name) {
            self.bytes -= self.kept.remove(at).1.memory_bytes();
        }
        let bytes = asset.memory_bytes();
        // What takes no room need not be decoded again, and is held by whoever asked.
        if bytes == 0 || bytes > BUDGET_BYTES {
            return;
        }
        while self.bytes + bytes > BUDGET_BYTES {
            self.bytes -= self.kept.remove(0).1.memory_bytes();
        }
        self.bytes += bytes;
        self.kept.push((name, asset));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first_and_nothing_is_counted_twice() {
        let mut originals = Originals::default();
        let third = || Asset::from_surface(Surface::new(1024, 5 * 1024));
        for name in ["a", "b", "c", "c"] {
            originals.insert(name.into(), third());
        }
        assert_eq!(originals.bytes, 3 * (20 << 20));
        assert!(originals.get("a").is_some());
        originals.insert("d".into(), third());
        let there = ["a", "b", "c", "d"].map(|name| originals.get(name).is_some());
        assert_eq!(there, [true, false, true, true]);
        originals.insert("huge".into(), Asset::from_surface(Surface::new(4096, 4097)));
        assert!(originals.get("huge").is_none() && originals.bytes <= BUDGET_BYTES);
    }
}
