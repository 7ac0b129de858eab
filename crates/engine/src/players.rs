//! Players of animated pictures, one for each layer that shows one.

use media::Surface;
use scene::Id;
use sources::{Asset, Film, Player};
use std::sync::Arc;

/// Bytes of canvases and files that players hold: a dozen of 1080p.
const BUDGET_BYTES: usize = 96 << 20;

/// The players used last, within [`BUDGET_BYTES`], but always the last one. One that is gone begins anew, at the cost of
/// decoding all frames up to where it was.
#[derive(Default)]
pub(crate) struct Players {
    /// The one used last is at the back.
    players: Vec<(Id, Asset, Player)>,
}

impl Players {
    /// Whether there is a player of `asset` for `layer`.
    pub(crate) fn has(&self, layer: &Id, asset: &Asset) -> bool {
        let mut players = self.players.iter();
        players.any(|(id, of, _)| id == layer && of.is_same(asset))
    }

    pub(crate) fn insert(&mut self, layer: &Id, asset: &Asset, film: &Arc<Film>) {
        self.remove(layer);
        let player = Player::new(Arc::clone(film));
        self.players.push((layer.clone(), asset.put_away(), player));
        while self.players.len() > 1 && self.bytes() > BUDGET_BYTES {
            self.players.remove(0);
        }
    }

    /// Bytes of canvases and files.
    pub(crate) fn bytes(&self) -> usize {
        let players = self.players.iter();
        players.map(|(.., player)| player.memory_bytes()).sum()
    }

    pub(crate) fn remove(&mut self, layer: &Id) {
        self.players.retain(|(id, ..)| id != layer);
    }

    pub(crate) fn keep(&mut self, is_kept: impl Fn(&Id) -> bool) {
        self.players.retain(|(id, ..)| is_kept(id));
    }

    /// A copy of the picture at a frame; `None` where `layer` has no player.
    pub(crate) fn frame(
        &mut self,
        layer: &Id,
        frame: u32,
    ) -> Result<Option<Arc<Surface>>, sources::Error> {
        let Some(at) = self.players.iter().position(|(id, ..)| id == layer) else {
            return Ok(None);
        };
        self.players[at..].rotate_left(1);
        match self.players.last_mut() {
            Some((.., player)) => Ok(Some(Arc::new(player.frame(frame)?.clone()))),
            None => Ok(None),
        }
    }
}
