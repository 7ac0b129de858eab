//! Draws a plan into one strip of 16 rows: find what can be seen, bottom to top draw it, convert.

use crate::clip::{ClipClass, PlacedClip};
use crate::grid::Rect;
use crate::kernels::Kernels;
use crate::list::Matte;
use crate::plan::{Node, PlacedGroup, PlacedPicture, Plan};
use crate::sampling::RowSampler;
use crate::veil::{PlacedVeil, VeilClass};
use media::{BLOCK_PX, BlendMode, BlockMask, I420Frame};
use std::ops::Range;

/// Px drawn left of a damaged block for its chroma: one is needed, four keep rows aligned to 16 bytes.
const REACH: usize = 4;

/// Px kept free on both sides of a row, so that whatever reads whole vectors or the px beside a run finds memory there.
const MARGIN: usize = BLOCK_PX;

/// Draws strips; owns the memory for it.
#[derive(Debug)]
pub(crate) struct StripPainter {
    width: usize,
    height: usize,
    /// First canvas row of the strip.
    y0: usize,
    /// Rows of the strip: 16, fewer in the last one.
    rows: usize,
    /// RGBA rows of the strip by depth, with margins: the canvas, then a group in it, and so on.
    layers: Vec<Vec<u8>>,
    kernels: Kernels,
    /// Per node: blocks in which it may be seen.
    visible: Vec<BlockMask>,
    /// Per node: blocks in which the picture is opaque, or which the group's clip covers fully.
    full: Vec<BlockMask>,
    /// Per group: blocks in which the edge of its wipe lies.
    veiled: Vec<BlockMask>,
    /// While looking down from the top, by depth: blocks hidden by what lies above.
    hidden: Vec<BlockMask>,
    /// While looking down, by depth: blocks in which a child may be seen.
    touched: Vec<BlockMask>,
    /// Groups that go on where a look down begins, innermost first; kept for its memory.
    around: Vec<usize>,
    /// Blocks whose picture is wanted; their left neighbours are drawn in part.
    wanted: BlockMask,
    /// Per node: whether it was seen in any strip.
    seen: Vec<bool>,
    sampler: RowSampler,
    /// Coverage of a row by a clip.
    coverage: Vec<u8>,
    /// What a wipe lets through of a row, as the alpha of px.
    veil: Vec<u8>,
}

impl StripPainter {
    pub(crate) fn new(width: usize, height: usize, kernels: Kernels) -> Self {
        Self {
            width,
            height,
            kernels,
            y0: 0,
            rows: 0,
            layers: Vec::new(),
            visible: Vec::new(),
            full: Vec::new(),
            veiled: Vec::new(),
            hidden: Vec::new(),
            touched: Vec::new(),
            around: Vec::new(),
            wanted: BlockMask::EMPTY,
            seen: Vec::new(),
            sampler: RowSampler::new(width),
            coverage: Vec::with_capacity(width),
            veil: Vec::with_capacity(width * 4),
        }
    }

    pub(crate) const fn kernels(&self) -> Kernels {
        self.kernels
    }

    /// Forgets what was seen; call before the first strip of a frame.
    pub(crate) fn begin(&mut self, plan: &Plan) {
        self.seen.clear();
        self.seen.resize(plan.nodes.len(), false);
    }

    /// Pictures seen since [`begin`](Self::begin).
    pub(crate) fn seen(&self, plan: &Plan) -> u32 {
        let pictures = plan
            .nodes
            .iter()
            .zip(&self.seen)
            .filter(|(node, seen)| **seen && matches!(node, Node::Picture(_)));
        u32::try_from(pictures.count()).unwrap_or(u32::MAX)
    }

    /// Draws the wanted blocks of strip `row` as RGBA.
    pub(crate) fn paint(&mut self, plan: &Plan, row: usize, wanted: BlockMask) {
        self.paint_first(plan, plan.nodes.len(), row, wanted);
    }

    /// As [`paint`](Self::paint), but only the first `count` nodes; groups that go on end there, uncut by their mattes.
    pub(crate) fn paint_first(&mut self, plan: &Plan, count: usize, row: usize, wanted: BlockMask) {
        self.y0 = row * BLOCK_PX;
        self.rows = BLOCK_PX.min(self.height - self.y0);
        self.wanted = wanted;
        let drawn = wanted | wanted.left_neighbors();
        let uncovered = self.look_down(plan, count, drawn);
        self.need_layer(0);
        for px in self.px_runs(uncovered) {
            for y in 0..self.rows {
                let at = self.bytes(y, px.clone());
                self.layers[0][at].as_chunks_mut().0.fill(plan.background);
            }
        }
        self.draw(plan, 0..count, 0, drawn);
    }

    /// Row `y` of the strip as RGBA, right where blocks were wanted.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        &self.layers[0][self.bytes(y, 0..self.width)]
    }

    fn bytes(&self, y: usize, px: Range<usize>) -> Range<usize> {
        bytes(self.width, y, px)
    }

    /// Rows of the strip.
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    /// Writes the wanted blocks of the strip into `frame`.
    pub(crate) fn convert(&mut self, frame: &mut I420Frame) {
        let width = self.width;
        // Left of the canvas, its first px is repeated.
        for y in 0..self.rows {
            let first = self.bytes(y, 0..1);
            let beside = first.start - 4;
            self.layers[0].copy_within(first, beside);
        }
        let [luma, cb, cr] = frame.planes_mut();
        for run in self.wanted.runs() {
            let (x0, x1) = (run.start * BLOCK_PX, (run.end * BLOCK_PX).min(width));
            for y in (0..self.rows).step_by(2) {
                let rows = [y, y + 1].map(|y| {
                    let px = self.bytes(y, x0..x1 + MARGIN);
                    &self.layers[0][px.start - 4..px.end]
                });
                let at = (self.y0 + y) * width;
                let (top, bottom) = luma[at..at + 2 * width].split_at_mut(width);
                let pairs = at / 4 + x0 / 2..at / 4 + x1 / 2;
                self.kernels.convert(
                    rows,
                    [&mut top[x0..x1], &mut bottom[x0..x1]],
                    [&mut cb[pairs.clone()], &mut cr[pairs]],
                );
            }
        }
    }

    /// Finds, from the top down, where each of the first `count` nodes may be seen; returns the blocks in which the background may.
    fn look_down(&mut self, plan: &Plan, count: usize, drawn: BlockMask) -> BlockMask {
        let y0 = self.y0;
        self.visible.clear();
        self.visible.resize(plan.nodes.len(), BlockMask::EMPTY);
        self.full.clear();
        self.full.resize(plan.nodes.len(), BlockMask::EMPTY);
        self.veiled.clear();
        self.veiled.resize(plan.nodes.len(), BlockMask::EMPTY);
        self.hidden.clear();
        self.hidden.push(!drawn);
        self.touched.clear();
        self.touched.push(BlockMask::EMPTY);
        let mut at = count;
        self.around.clear();
        let mut around = plan.nodes.get(count).and_then(Node::parent);
        while let Some(i) = around {
            self.around.push(i);
            around = plan.nodes[i].parent();
        }
        while let Some(push) = self.around.pop() {
            if !self.enter(plan, push) {
                at = push;
                self.around.clear();
            }
        }
        while let Some(i) = at.checked_sub(1) {
            at = i;
            let depth = self.hidden.len() - 1;
            match &plan.nodes[i] {
                Node::Picture(picture) => {
                    let shown = picture.footprint.row(y0 / BLOCK_PX);
                    let visible = shown.visible & !self.hidden[depth];
                    let opaque = shown.opaque & !self.hidden[depth];
                    self.visible[i] = visible;
                    self.full[i] = opaque;
                    self.touched[depth] = self.touched[depth] | visible;
                    if picture.opacity == 255 && picture.blend == BlendMode::Normal {
                        self.hidden[depth] = self.hidden[depth] | opaque;
                    }
                }
                Node::Pop { push } => {
                    if !self.enter(plan, *push) {
                        at = *push;
                    }
                }
                Node::Matte(matte) => {
                    self.hidden.pop();
                    let touched = self.touched.pop().unwrap_or_default();
                    let shows = if matte.kind.invert {
                        self.visible[i]
                    } else {
                        self.visible[i] & touched
                    };
                    self.hidden.push(!shows);
                    self.touched.push(BlockMask::EMPTY);
                }
                Node::Push(group) => {
                    let (hidden, touched) = (
                        self.hidden.pop().unwrap_or_default(),
                        self.touched.pop().unwrap_or_default(),
                    );
                    self.visible[i] = self.visible[i] | touched;
                    self.touched[depth - 1] = self.touched[depth - 1] | self.visible[i];
                    let is_plain = group.opacity == 255 && group.blend == BlendMode::Normal;
                    if is_plain && !group.children_erase && group.matte.is_none() {
                        // What the children hide, they also touch; the rest of `hidden` lies outside the group.
                        self.hidden[depth - 1] = self.hidden[depth - 1]
                            | (hidden & touched & self.full[i] & !self.veiled[i]);
                    }
                }
            }
        }
        drawn & !self.hidden[0]
    }

    /// Looks from above into the group that node `push` begins; `false` where nothing of it shows.
    fn enter(&mut self, plan: &Plan, push: usize) -> bool {
        let Node::Push(group) = &plan.nodes[push] else {
            return false;
        };
        let hidden = self.hidden.last().copied().unwrap_or_default();
        let open = group.bounds.columns(self.y0, self.y0 + self.rows) & !hidden;
        let (visible, inside) = group
            .clip
            .as_ref()
            .map_or((open, open), |clip| self.clip(clip, open));
        let (visible, veiled) = group
            .veil
            .as_ref()
            .map_or((visible, BlockMask::EMPTY), |veil| self.veil(veil, visible));
        self.veiled[push] = veiled;
        let reached = if group.reaches_beyond() {
            open
        } else {
            visible
        };
        if reached.is_empty() {
            return false;
        }
        if group.reaches_beyond() {
            self.visible[push] = reached;
        }
        self.full[push] = inside;
        if let Some((matte, _)) = group.matte {
            self.visible[matte] = visible;
        }
        self.hidden.push(!visible);
        self.touched.push(BlockMask::EMPTY);
        true
    }

    /// Of the blocks `open`: those inside the clip or on its edge, and those inside.
    fn clip(&self, clip: &PlacedClip, open: BlockMask) -> (BlockMask, BlockMask) {
        let (mut visible, mut inside) = (open, BlockMask::EMPTY);
        for column in open.columns() {
            match clip.class(self.block(column)) {
                ClipClass::Outside => visible.remove(column),
                ClipClass::Edge => {}
                ClipClass::Inside => inside.insert(column),
            }
        }
        (visible, inside)
    }

    /// Of the blocks `open`: those of which a wipe lets something through, and those in which its edge lies.
    fn veil(&self, veil: &PlacedVeil, open: BlockMask) -> (BlockMask, BlockMask) {
        let (mut visible, mut edge) = (open, BlockMask::EMPTY);
        for column in open.columns() {
            match veil.class(self.block(column)) {
                VeilClass::Nothing => visible.remove(column),
                VeilClass::Part => edge.insert(column),
                VeilClass::All => {}
            }
        }
        (visible, edge)
    }

    /// The canvas px of a block of this strip.
    fn block(&self, column: usize) -> Rect {
        Rect::block(column, self.y0 / BLOCK_PX, [self.width, self.height])
    }

    /// Runs of blocks as canvas px; of blocks drawn only for their right neighbour's chroma, little more than it needs.
    fn px_runs(&self, blocks: BlockMask) -> impl Iterator<Item = Range<usize>> + use<> {
        let (wanted, width) = (self.wanted, self.width);
        blocks.runs().map(move |run| {
            let skip = if wanted.contains(run.start) {
                0
            } else {
                BLOCK_PX - REACH
            };
            let end = (run.end * BLOCK_PX).min(width);
            (run.start * BLOCK_PX + skip).min(end)..end
        })
    }

    fn need_layer(&mut self, depth: usize) {
        while self.layers.len() <= depth {
            self.layers
                .push(vec![0; (self.width + 2 * MARGIN) * BLOCK_PX * 4]);
        }
    }

    /// Draws nodes of one depth, bottom to top, into the layer of that depth, in `blocks` only.
    fn draw(&mut self, plan: &Plan, nodes: Range<usize>, depth: usize, blocks: BlockMask) {
        let mut i = nodes.start;
        while i < nodes.end {
            let blocks = self.visible[i] & blocks;
            match &plan.nodes[i] {
                Node::Picture(picture) => {
                    if !blocks.is_empty() {
                        self.seen[i] = true;
                        self.picture(
                            picture,
                            depth,
                            blocks & self.full[i],
                            blocks & !self.full[i],
                        );
                    }
                    i += 1;
                }
                Node::Push(group) => {
                    let matte = group.matte.filter(|(matte, _)| *matte < nodes.end);
                    let end = matte.map_or(group.pop, |(matte, _)| matte);
                    let children = i + 1..end.min(nodes.end);
                    // Source-over is associative, so a group at full opacity needs a layer only on the edge of its clip.
                    let apart = if group.opacity == 255 && group.is_associative {
                        blocks & (!self.full[i] | self.veiled[i])
                    } else {
                        blocks
                    };
                    let in_place = blocks & !apart;
                    if !in_place.is_empty() {
                        self.draw(plan, children.clone(), depth, in_place);
                    }
                    if !apart.is_empty() {
                        self.clear(depth + 1, apart);
                        self.draw(plan, children, depth + 1, apart);
                        if let Some((at, kind)) = matte {
                            self.clear(depth + 2, apart);
                            self.draw(plan, at + 1..group.pop, depth + 2, apart);
                            self.cut_layer(depth + 1, kind, apart);
                        }
                        let mut inside = apart & self.full[i];
                        if let Some(veil) = &group.veil {
                            let veiled = apart & self.veiled[i];
                            let mut aside = veiled;
                            if group.opacity == 255 && group.blend == BlendMode::Normal {
                                self.blend_veiled(depth + 1, veil, veiled & inside);
                                aside = veiled & !inside;
                                inside = inside & !veiled;
                            }
                            self.veil_layer(depth + 1, veil, aside);
                        }
                        self.blend_layer(depth + 1, group, inside, apart & !self.full[i]);
                    }
                    i = group.pop + 1;
                }
                Node::Matte(_) | Node::Pop { .. } => i += 1,
            }
        }
    }

    fn clear(&mut self, depth: usize, blocks: BlockMask) {
        self.need_layer(depth);
        for px in self.px_runs(blocks) {
            for y in 0..self.rows {
                let at = self.bytes(y, px.clone());
                self.layers[depth][at].fill(0);
            }
        }
    }

    /// Multiplies the layer of `depth` by a value of the one above it.
    fn cut_layer(&mut self, depth: usize, kind: Matte, blocks: BlockMask) {
        for px in self.px_runs(blocks) {
            for y in 0..self.rows {
                let at = self.bytes(y, px.clone());
                let (below, above) = self.layers.split_at_mut(depth + 1);
                self.kernels
                    .cut(kind, &mut below[depth][at.clone()], &above[0][at]);
            }
        }
    }

    /// Multiplies the layer of `depth` by what a wipe lets through.
    fn veil_layer(&mut self, depth: usize, veil: &PlacedVeil, blocks: BlockMask) {
        let by_alpha = Matte::default();
        for px in self.px_runs(blocks) {
            for y in 0..self.rows {
                let at = self.bytes(y, px.clone());
                veil.row(self.kernels, self.y0 + y, px.clone(), &mut self.veil);
                let layer = &mut self.layers[depth][at];
                self.kernels.cut(by_alpha, layer, &self.veil);
            }
        }
    }

    /// Blends what a wipe lets through of the layer of `depth` into the one below.
    fn blend_veiled(&mut self, depth: usize, veil: &PlacedVeil, blocks: BlockMask) {
        for px in self.px_runs(blocks) {
            for y in 0..self.rows {
                let at = self.bytes(y, px.clone());
                veil.row(self.kernels, self.y0 + y, px.clone(), &mut self.veil);
                let (below, above) = self.layers.split_at_mut(depth);
                let (target, source) = (&mut below[depth - 1][at.clone()], &above[0][at]);
                self.kernels.over_cut(target, source, &self.veil);
            }
        }
    }

    /// Blends the layer of `depth` into the one below: as it is in the blocks `inside`, by the clip's coverage in `edge`.
    fn blend_layer(
        &mut self,
        depth: usize,
        group: &PlacedGroup,
        inside: BlockMask,
        edge: BlockMask,
    ) {
        let (inside, edge) = (self.px_runs(inside), self.px_runs(edge));
        let rows = 0..self.rows;
        for (y, px) in inside.flat_map(|px| rows.clone().map(move |y| (y, px.clone()))) {
            let at = self.bytes(y, px);
            let (below, above) = self.layers.split_at_mut(depth);
            self.kernels.onto(
                group.blend,
                &mut below[depth - 1][at.clone()],
                &above[0][at],
                group.opacity,
            );
        }
        let Some(clip) = &group.clip else { return };
        for (y, px) in edge.flat_map(|px| rows.clone().map(move |y| (y, px.clone()))) {
            let at = self.bytes(y, px.clone());
            self.coverage.clear();
            self.coverage
                .extend(px.map(|x| clip.coverage(x, self.y0 + y)));
            let (below, above) = self.layers.split_at_mut(depth);
            self.kernels.onto_masked(
                group.blend,
                &mut below[depth - 1][at.clone()],
                &above[0][at],
                &self.coverage,
                group.opacity,
            );
        }
    }

    /// Draws a picture into the layer of `depth`, in the blocks `opaque`, where it is, and `mixed`.
    fn picture(
        &mut self,
        picture: &PlacedPicture,
        depth: usize,
        opaque: BlockMask,
        mixed: BlockMask,
    ) {
        let bounds = picture.bounds;
        let rows = bounds.y0.max(self.y0)..bounds.y1.min(self.y0 + self.rows);
        for (blocks, is_opaque) in [(opaque, true), (mixed, false)] {
            for px in self.px_runs(blocks) {
                let px = px.start.max(bounds.x0)..px.end.min(bounds.x1);
                if px.is_empty() {
                    continue;
                }
                self.sampler
                    .begin(self.kernels, picture, rows.clone(), px.clone());
                for y in rows.clone() {
                    let (at, source) = self.sampler.sample(self.kernels, picture, y, px.clone());
                    let at = bytes(self.width, y - self.y0, at);
                    let target = &mut self.layers[depth][at];
                    if is_opaque && (picture.opacity, picture.blend) == (255, BlendMode::Normal) {
                        target.copy_from_slice(source);
                    } else {
                        self.kernels
                            .onto(picture.blend, target, source, picture.opacity);
                    }
                }
            }
        }
    }
}

/// Where the px of row `y` of a strip lie in a layer.
const fn bytes(width: usize, y: usize, px: Range<usize>) -> Range<usize> {
    let start = y * (width + 2 * MARGIN) + MARGIN;
    (start + px.start) * 4..(start + px.end) * 4
}
