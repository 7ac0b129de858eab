//! What lies over other pictures and has not changed: nothing that happens below it is seen.

use crate::footprint::Footprint;
use crate::plan::{Node, PlacedPicture};
use media::{BLOCK_PX, BlendMode, BlockMask, Damage, Resolution};

/// The blocks that pictures looked at so far fill, top down.
#[derive(Debug, Default)]
pub(crate) struct Cover {
    rows: Vec<BlockMask>,
}

impl Cover {
    /// Looks at one side of a comparison, top down, and adds to `damage` where what changed may be seen.
    ///
    /// `stays` gives the footprint of a node that is on the other side as well, in the same place of the order. On both
    /// sides the topmost picture that fills a block and stays has nothing above it there but what stays, or else damages
    /// the block: so it hides the same, and what is below it there need not be looked at.
    pub(crate) fn add_changed<'a>(
        &mut self,
        nodes: &[Node],
        canvas: Resolution,
        stays: impl Fn(usize) -> Option<&'a Footprint>,
        changed: impl Fn(usize) -> bool,
        damage: &mut Damage,
    ) {
        self.rows.clear();
        self.rows.resize(
            (canvas.height as usize).div_ceil(BLOCK_PX),
            BlockMask::EMPTY,
        );
        for (i, node) in nodes.iter().enumerate().rev() {
            let Node::Picture(picture) = node else {
                continue;
            };
            if changed(i) {
                picture.footprint.add_beside(&self.rows, damage);
            } else if covers(picture)
                && let Some(footprint) = stays(i)
            {
                footprint.lay_over(&mut self.rows);
            }
        }
    }
}

/// Whether nothing shows through where it is opaque. What is in a group composed apart is left to the painter.
fn covers(picture: &PlacedPicture) -> bool {
    picture.parent.is_none() && picture.opacity == 255 && picture.blend == BlendMode::Normal
}
