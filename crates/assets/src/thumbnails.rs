//! Small pictures, kept in memory for those who look again.

use crate::AssetId;
use bytes::Bytes;
use std::collections::VecDeque;

/// The pictures looked at last, up to [`MAX_BYTES`] of them.
#[derive(Debug, Default)]
pub(crate) struct Thumbnails {
    /// The one looked at last is at the back.
    kept: VecDeque<(AssetId, u32, Bytes)>,
    bytes: usize,
}

/// About a hundred pictures of 256 px.
const MAX_BYTES: usize = 8 << 20;

impl Thumbnails {
    pub(crate) fn get(&mut self, id: &AssetId, width_px: u32) -> Option<Bytes> {
        let at = self
            .kept
            .iter()
            .position(|(kept, width, _)| kept == id && *width == width_px)?;
        let entry = self.kept.remove(at)?;
        let png = entry.2.clone();
        self.kept.push_back(entry);
        Some(png)
    }

    pub(crate) fn insert(&mut self, id: AssetId, width_px: u32, png: Bytes) {
        if self.get(&id, width_px).is_some() {
            return;
        }
        self.bytes += png.len();
        self.kept.push_back((id, width_px, png));
        while self.bytes > MAX_BYTES
            && let Some((_, _, png)) = self.kept.pop_front()
        {
            self.bytes -= png.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_looked_at_longest_goes_first() {
        let mut kept = Thumbnails::default();
        let ids = [b"a", b"b", b"c"].map(|name| AssetId::of(name));
        let png = Bytes::from(vec![0; MAX_BYTES / 2]);
        kept.insert(ids[0], 8, png.clone());
        kept.insert(ids[1], 8, png.clone());
        kept.insert(ids[1], 8, png.clone());
        assert!(kept.get(&ids[0], 8).is_some() && kept.get(&ids[0], 9).is_none());
        kept.insert(ids[2], 8, png);
        let there = ids.map(|id| kept.get(&id, 8).is_some());
        assert_eq!((there, kept.bytes), ([true, false, true], MAX_BYTES));
    }
}
