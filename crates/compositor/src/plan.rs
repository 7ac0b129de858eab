//! A display list with everything placed and everything invisible left out.

use crate::alpha::{AlphaCache, AlphaClass, AlphaMap};
use crate::clip::PlacedClip;
use crate::grid::Rect;
use crate::list::{BlendMode, DisplayList, DrawItem, Group, Picture};
use crate::placement::{Placement, whole};
use media::{BLOCK_PX, BlockMask, Damage, Resolution, Surface};
use std::sync::Arc;

/// Groups nested deeper are left out: each level costs a strip of memory and a stack frame.
const MAX_DEPTH: usize = 64;

/// One step of a plan.
#[derive(Debug)]
pub(crate) enum Node {
    Picture(PlacedPicture),
    Push(PlacedGroup),
    /// Ends the group that node `push` begins.
    Pop {
        push: usize,
    },
}

/// A picture of which something may be seen.
#[derive(Debug)]
pub(crate) struct PlacedPicture {
    pub(crate) key: u64,
    /// The `Push` of the group it is in.
    pub(crate) parent: Option<usize>,
    pub(crate) surface: Arc<Surface>,
    pub(crate) alpha: Arc<AlphaMap>,
    pub(crate) placement: Placement,
    /// At least 1.
    pub(crate) opacity: u8,
    pub(crate) blend: BlendMode,
    /// Clips of its groups included.
    pub(crate) bounds: Rect,
}

impl PlacedPicture {
    /// Adds the blocks of a canvas of `canvas` px in which anything of it may show.
    pub(crate) fn add_to(&self, damage: &mut Damage, canvas: Resolution) {
        let Rect { x0, y0, x1, y1 } = self.bounds;
        if !self.alpha.has_transparent_blocks() {
            damage.add_px(x0..x1, y0..y1);
            return;
        }
        let canvas = whole(canvas);
        for row in y0 / BLOCK_PX..y1.div_ceil(BLOCK_PX) {
            let rows = (row * BLOCK_PX, ((row + 1) * BLOCK_PX).min(canvas.y1));
            let mut blocks = BlockMask::range(x0 / BLOCK_PX..x1.div_ceil(BLOCK_PX));
            for column in blocks.columns() {
                let block = Rect::block(column, rows, canvas.x1);
                let class = self.placement.class(&self.surface, &self.alpha, block);
                if class == AlphaClass::Transparent {
                    blocks.remove(column);
                }
            }
            damage.add_blocks(row, blocks);
        }
    }
}

/// A group that cannot be drawn as if its children stood in its place.
#[derive(Debug)]
pub(crate) struct PlacedGroup {
    pub(crate) key: u64,
    /// The `Push` of the group around it.
    pub(crate) parent: Option<usize>,
    pub(crate) clip: Option<PlacedClip>,
    /// At least 1.
    pub(crate) opacity: u8,
    pub(crate) blend: BlendMode,
    /// Union of its children's.
    pub(crate) bounds: Rect,
    /// Its `Pop`.
    pub(crate) pop: usize,
}

/// A group being planned.
#[derive(Debug)]
struct Open {
    /// Its `Push`, or that of the group around it when it has none of its own.
    push: Option<usize>,
    /// Whether `push` is its own.
    isolated: bool,
    hidden: bool,
    depth: usize,
    limits: Rect,
    content: Rect,
}

/// A display list with everything placed and everything invisible left out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Opaque RGBA.
    pub(crate) background: [u8; 4],
    pub(crate) nodes: Vec<Node>,
    /// Pictures left out.
    pub(crate) culled: u32,
    open: Vec<Open>,
}

impl Plan {
    /// Replaces the plan by that of `list`; keeps memory, allocates only to grow or to look at new surfaces.
    pub(crate) fn build(&mut self, list: &DisplayList, canvas: Resolution, alpha: &mut AlphaCache) {
        self.clear();
        let [r, g, b, _] = list.background.to_rgba8();
        self.background = [r, g, b, 255];
        let limits = whole(canvas);
        self.open.push(Open {
            push: None,
            isolated: false,
            hidden: limits.is_empty(),
            depth: 0,
            limits,
            content: Rect::default(),
        });
        for item in &list.items {
            match item {
                DrawItem::Picture(picture) => self.picture(picture, canvas, alpha),
                DrawItem::Push(group) => self.push(group, canvas),
                DrawItem::Pop => {
                    if self.open.len() > 1 {
                        self.pop();
                    }
                }
            }
        }
        while !self.open.is_empty() {
            self.pop();
        }
    }

    /// Forgets everything, surfaces too.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.open.clear();
        self.culled = 0;
    }

    fn picture(&mut self, picture: &Picture, canvas: Resolution, alpha: &mut AlphaCache) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let opacity = quantize(picture.opacity);
        let placed = if open.hidden || opacity == 0 {
            None
        } else {
            Placement::new(&picture.surface, picture.transform, canvas)
        };
        let Some((placement, bounds)) = placed
            .map(|(p, b)| (p, b.intersect(open.limits)))
            .filter(|(_, b)| !b.is_empty())
        else {
            self.culled += 1;
            return;
        };
        open.content = open.content.union(bounds);
        self.nodes.push(Node::Picture(PlacedPicture {
            key: picture.key,
            parent: open.push,
            surface: Arc::clone(&picture.surface),
            alpha: alpha.get(&picture.surface),
            placement,
            opacity,
            blend: picture.blend,
            bounds,
        }));
    }

    fn push(&mut self, group: &Group, canvas: Resolution) {
        let Some(around) = self.open.last() else {
            return;
        };
        let opacity = quantize(group.opacity);
        let mut open = Open {
            isolated: false,
            content: Rect::default(),
            ..*around
        };
        let clip = group
            .clip
            .as_ref()
            .map(|clip| PlacedClip::new(clip, canvas));
        if let Some(placed) = &clip {
            open.limits = open
                .limits
                .intersect(placed.map_or(Rect::default(), |(_, bounds)| bounds));
        }
        // Source-over is associative: a group that changes nothing is drawn as if its children stood in its place.
        let isolated = opacity < 255 || clip.is_some() || group.blend != BlendMode::Normal;
        open.hidden |=
            opacity == 0 || open.limits.is_empty() || (isolated && open.depth == MAX_DEPTH);
        if isolated && !open.hidden {
            open.depth += 1;
            open.isolated = true;
            let parent = open.push.replace(self.nodes.len());
            self.nodes.push(Node::Push(PlacedGroup {
                key: group.key,
                parent,
                clip: clip.flatten().map(|(clip, _)| clip),
                opacity,
                blend: group.blend,
                bounds: Rect::default(),
                pop: 0,
            }));
        }
        self.open.push(open);
    }

    fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if let Some(around) = self.open.last_mut() {
            around.content = around.content.union(open.content);
        }
        let Some(push) = open.push.filter(|_| open.isolated) else {
            return;
        };
        if open.content.is_empty() {
            self.nodes.truncate(push);
            return;
        }
        let pop = self.nodes.len();
        if let Some(Node::Push(group)) = self.nodes.get_mut(push) {
            (group.bounds, group.pop) = (open.content, pop);
        }
        self.nodes.push(Node::Pop { push });
    }
}

/// 0..=1 as 0..=255; what is not a number is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 first"
)]
fn quantize(opacity: f64) -> u8 {
    (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
