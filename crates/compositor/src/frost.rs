//! Panes of frosted glass: what lies below them, blurred.
//!
//! ```text
//! nodes below --(strips)--> mean of cells of the canvas --(gaussian, right and down)--> small surface --(bilinear)--> pane
//! ```
//!
//! A blur hides what is small, so it is made of means over cells of up to 16 px, which lie on the same grid wherever the pane is: no px
//! depends on more than the list and its place. Floats are added in one order and never fused, so all processors give the same bytes.

use crate::grid::Rect;
use crate::kernels::Kernels;
use crate::list::Backdrop;
use crate::plan::{Node, PlacedPane, Plan};
use crate::strip::StripPainter;
use media::{AlphaMap, BLOCK_PX, Damage, Resolution, Surface};
use std::sync::Arc;

/// Cells are so large that the blur spans at least two of them.
const SIGMA_CELLS: f64 = 2.0;

/// How a pane is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pane {
    key: u64,
    /// What it is made of, canvas px: whole blocks, but at the right and lower edge of the canvas.
    pub(crate) region: Rect,
    /// Side of a cell, canvas px: a power of 2 up to that of a block.
    pub(crate) cell_px: usize,
    /// Standard deviation in cells.
    sigma: f64,
}

impl Pane {
    /// Of the part `shown` of the canvas; `None` where nothing is blurred.
    pub(crate) fn new(backdrop: &Backdrop, shown: Rect, canvas: Resolution) -> Option<Self> {
        let sigma = backdrop.sigma_px.min(Backdrop::MAX_SIGMA_PX);
        if shown.is_empty() || sigma.is_nan() || sigma <= 0.0 {
            return None;
        }
        let mut cell_px = 1;
        while cell_px < BLOCK_PX && sigma >= 2.0 * SIGMA_CELLS * cell_px as f64 {
            cell_px *= 2;
        }
        let in_cells = sigma / cell_px as f64;
        // Means over cells and lines between them blur too, by half a cell.
        let blurred = if cell_px > 1 { 0.25 } else { 0.0 };
        let mut pane = Self {
            key: backdrop.key,
            region: shown,
            cell_px,
            sigma: (in_cells * in_cells - blurred).sqrt(),
        };
        let reach = (pane.radius() + 1) * cell_px;
        let out = |at: usize| at.saturating_sub(reach) / BLOCK_PX * BLOCK_PX;
        let end =
            |at: usize, side: u32| ((at + reach).div_ceil(BLOCK_PX) * BLOCK_PX).min(side as usize);
        pane.region = Rect {
            x0: out(shown.x0),
            y0: out(shown.y0),
            x1: end(shown.x1, canvas.width),
            y1: end(shown.y1, canvas.height),
        };
        Some(pane)
    }

    /// Cells across and down.
    fn size(&self) -> [usize; 2] {
        let Rect { x0, y0, x1, y1 } = self.region;
        [x1 - x0, y1 - y0].map(|px| px.div_ceil(self.cell_px))
    }

    /// Cells that count on each side.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sigma is above 0 and bounded"
    )]
    fn radius(&self) -> usize {
        (3.0 * self.sigma).ceil() as usize
    }
}

/// The surfaces of panes, from frame to frame.
#[derive(Debug, Default)]
pub(crate) struct Panes {
    kept: Vec<Kept>,
    blur: Blur,
}

/// A pane and its surfaces.
#[derive(Debug)]
struct Kept {
    pane: Pane,
    /// What the plan shows, and memory for the next.
    surfaces: [Arc<Surface>; 2],
    /// Opaque; not from the cache, which would hold on to surfaces that are written to.
    alpha: Arc<AlphaMap>,
    is_painted: bool,
    is_used: bool,
}

impl Panes {
    /// Call before a plan is built.
    pub(crate) fn begin(&mut self) {
        for kept in &mut self.kept {
            kept.is_used = false;
        }
    }

    /// The surface of a pane, for the plan that is being built; it may not be painted yet.
    pub(crate) fn surface(&mut self, pane: Pane) -> (Arc<Surface>, Arc<AlphaMap>) {
        let size = pane.size();
        let same = |kept: &Kept| kept.pane == pane && !kept.is_used;
        // A pane that moves or blurs more and more takes the memory it had.
        let of_its_size =
            |kept: &Kept| kept.pane.key == pane.key && kept.pane.size() == size && !kept.is_used;
        let found = self.kept.iter().position(same);
        if let Some(at) = found.or_else(|| self.kept.iter().position(of_its_size)) {
            let kept = &mut self.kept[at];
            kept.is_used = true;
            kept.is_painted &= kept.pane == pane;
            kept.pane = pane;
            return (Arc::clone(&kept.surfaces[0]), Arc::clone(&kept.alpha));
        }
        let [width, height] = size.map(|side| u32::try_from(side).unwrap_or(0));
        let opaque = || {
            let mut surface = Surface::new(width, height);
            surface.data_mut().fill(255);
            Arc::new(surface)
        };
        let surfaces = [opaque(), opaque()];
        let kept = Kept {
            pane,
            alpha: Arc::new(AlphaMap::new(&surfaces[0])),
            surfaces,
            is_painted: false,
            is_used: true,
        };
        let shown = (Arc::clone(&kept.surfaces[0]), Arc::clone(&kept.alpha));
        self.kept.push(kept);
        shown
    }

    /// Paints the panes of a plan below which something may have changed, and adds where they show to `damage`; those below first,
    /// since others may lie over them. Returns of how many canvas px they were made.
    pub(crate) fn paint(
        &mut self,
        plan: &mut Plan,
        painter: &mut StripPainter,
        damage: &mut Damage,
    ) -> usize {
        self.kept.retain(|kept| kept.is_used);
        let mut blurred_px = 0;
        for i in 0..plan.panes.len() {
            let PlacedPane {
                at, below, region, ..
            } = plan.panes[i];
            let mut lower = plan.panes[..i].iter().filter(|pane| pane.is_stale);
            let over_another = lower.any(|pane| {
                let shown = match plan.nodes.get(pane.at) {
                    Some(Node::Picture(picture)) => picture.bounds,
                    _ => Rect::default(),
                };
                pane.at < below && !shown.intersect(region).is_empty()
            });
            let Some(Node::Picture(picture)) = plan.nodes.get(at) else {
                continue;
            };
            let is_it = |kept: &&mut Kept| Arc::ptr_eq(&kept.surfaces[0], &picture.surface);
            let Some(kept) = self.kept.iter_mut().find(is_it) else {
                continue;
            };
            plan.panes[i].is_stale |= over_another || !kept.is_painted;
            if !plan.panes[i].is_stale {
                continue;
            }
            blurred_px += (region.x1 - region.x0) * (region.y1 - region.y0);
            self.blur.begin(&kept.pane);
            painter.begin(plan);
            let Rect { y0, y1, .. } = kept.pane.region;
            for row in y0 / BLOCK_PX..y1.div_ceil(BLOCK_PX) {
                let wanted = kept.pane.region.columns(y0, y1);
                painter.paint_first(plan, below, row, wanted);
                self.blur.take_in(&kept.pane, painter, row);
            }
            kept.surfaces.swap(0, 1);
            let surface = Arc::get_mut(&mut kept.surfaces[0])
                .expect("the plan before is gone, so nobody else holds the older one");
            self.blur.finish(painter.kernels(), &kept.pane, surface);
            kept.is_painted = true;
            if let Some(Node::Picture(picture)) = plan.nodes.get_mut(at) {
                picture.surface = Arc::clone(&kept.surfaces[0]);
                picture.footprint.add_to(damage);
            }
        }
        blurred_px
    }
}

/// Memory to blur with.
#[derive(Debug, Default)]
struct Blur {
    weights: Vec<f32>,
    /// Sums over the rows of a cell, of each channel of each px.
    sums: Vec<u16>,
    /// Means, a row of cells after the other, with as many more at each end as count: first to the right, then down.
    rows: Vec<f32>,
    columns: Vec<f32>,
    line: Vec<f32>,
    done: usize,
}

impl Blur {
    /// Takes memory for a pane.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "weights need no more than 24 bits"
    )]
    fn begin(&mut self, pane: &Pane) {
        let (radius, [width, height]) = (pane.radius(), pane.size());
        let of = |k: usize| {
            let away = (k as f64 - radius as f64) / pane.sigma;
            libm::exp(-0.5 * away * away)
        };
        let sum: f64 = (0..=2 * radius).map(of).sum();
        self.weights.clear();
        self.weights
            .extend((0..=2 * radius).map(|k| (of(k) / sum) as f32));
        self.rows.clear();
        self.rows.resize((width + 2 * radius) * 4, 0.0);
        self.columns.clear();
        self.columns.resize((height + 2 * radius) * width * 4, 0.0);
        self.line.clear();
        self.line.resize(width * 4, 0.0);
        self.sums.clear();
        self.sums.resize((pane.region.x1 - pane.region.x0) * 4, 0);
        self.done = 0;
    }

    /// Takes in a strip, of which whole rows of cells are blurred to the right.
    fn take_in(&mut self, pane: &Pane, painter: &StripPainter, row: usize) {
        let Rect { x0, x1, y1, .. } = pane.region;
        let (radius, [width, _]) = (pane.radius(), pane.size());
        let rows = painter.rows().min(y1 - row * BLOCK_PX);
        for top in (0..rows).step_by(pane.cell_px) {
            let end = (top + pane.cell_px).min(rows);
            self.sums.fill(0);
            for y in top..end {
                let px = &painter.row(y)[x0 * 4..x1 * 4];
                for (sum, v) in self.sums.iter_mut().zip(px) {
                    *sum += u16::from(*v);
                }
            }
            let cells = self.sums.chunks(pane.cell_px * 4);
            for (out, cell) in self.rows[radius * 4..].chunks_exact_mut(4).zip(cells) {
                let mut sum = [0u32; 4];
                for px in cell.as_chunks::<4>().0 {
                    sum.iter_mut()
                        .zip(px)
                        .for_each(|(sum, v)| *sum += u32::from(*v));
                }
                let count = (cell.len() / 4 * (end - top)) as f32;
                out.iter_mut()
                    .zip(sum)
                    .for_each(|(out, sum)| *out = sum as f32 / count);
            }
            // Beyond the edge of the region lies the edge of the canvas, or what does not count.
            self.rows.copy_within_cells(radius..radius + 1, 0..radius);
            self.rows.copy_within_cells(
                radius + width - 1..radius + width,
                radius + width..2 * radius + width,
            );
            let at = (radius + self.done) * width * 4;
            let out = &mut self.columns[at..at + width * 4];
            painter
                .kernels()
                .convolve(out, &self.rows, &self.weights, 4);
            self.done += 1;
        }
    }

    /// Blurs downward, to bytes.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of bytes; casts of floats saturate"
    )]
    fn finish(&mut self, kernels: Kernels, pane: &Pane, surface: &mut Surface) {
        let (radius, [width, height]) = (pane.radius(), pane.size());
        let stride = width * 4;
        let line = |row: usize| row * stride..(row + 1) * stride;
        for row in 0..radius {
            self.columns.copy_within(line(radius), row * stride);
            self.columns
                .copy_within(line(radius + height - 1), (radius + height + row) * stride);
        }
        for (row, out) in surface.data_mut().chunks_exact_mut(stride).enumerate() {
            kernels.convolve(
                &mut self.line,
                &self.columns[row * stride..],
                &self.weights,
                stride,
            );
            for (out, px) in out
                .as_chunks_mut::<4>()
                .0
                .iter_mut()
                .zip(self.line.as_chunks::<4>().0)
            {
                let [r, g, b, _] = px.map(|v| (v + 0.5) as u8);
                // Where a blend mode took the canvas away, black is left.
                *out = [r, g, b, 255];
            }
        }
    }
}

/// Repeats a cell.
trait Cells {
    fn copy_within_cells(&mut self, from: std::ops::Range<usize>, to: std::ops::Range<usize>);
}

impl Cells for Vec<f32> {
    fn copy_within_cells(&mut self, from: std::ops::Range<usize>, to: std::ops::Range<usize>) {
        for cell in to {
            self.copy_within(from.start * 4..from.end * 4, cell * 4);
        }
    }
}
