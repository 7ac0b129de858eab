//! One row of a picture as the canvas sees it, before opacity.

use crate::kernels::Kernels;
use crate::pinned::PinnedRows;
use crate::placement::{Placement, Sampler};
use crate::plan::PlacedPicture;
use media::Surface;
use std::ops::Range;

/// Samples rows; owns the memory for one.
#[derive(Debug)]
pub(crate) struct RowSampler {
    row: Vec<u8>,
    /// Two rows of a surface with transparent px around.
    padded: [Vec<u8>; 2],
    pinned: PinnedRows,
    /// The first of the rows that were begun.
    first: usize,
}

impl RowSampler {
    /// For rows of up to `width` px.
    pub(crate) fn new(width: usize) -> Self {
        let row = || Vec::with_capacity((width + 1) * 4);
        Self {
            row: row(),
            padded: [row(), row()],
            pinned: PinnedRows::new(width),
            first: 0,
        }
    }

    /// To be called before rows within one strip are sampled: what is in perspective is sampled here, all rows at once.
    pub(crate) fn begin(
        &mut self,
        kernels: Kernels,
        picture: &PlacedPicture,
        rows: Range<usize>,
        px: Range<usize>,
    ) {
        self.first = rows.start;
        if let Placement::Pinned(sampler) = &picture.placement {
            sampler.sample(kernels, &picture.surface, rows, px, &mut self.pinned);
        }
    }

    /// The picture's px on canvas row `y`, within the px [`begin`](Self::begin) was told, and where they begin and end.
    pub(crate) fn sample<'a>(
        &'a mut self,
        kernels: Kernels,
        picture: &'a PlacedPicture,
        y: usize,
        px: Range<usize>,
    ) -> (Range<usize>, &'a [u8]) {
        let surface = &picture.surface;
        match &picture.placement {
            Placement::Direct { x, y: top } => {
                let line = line(surface, y as i64 - top).unwrap_or_default();
                let (from, to) = (offset(px.start as i64 - x), offset(px.end as i64 - x));
                (px, &line[from * 4..to * 4])
            }
            Placement::Shifted { x, y: top, fx, fy } => {
                let (x, y) = (px.start as i64 - x - 1, y as i64 - top - 1);
                self.shifted(kernels, surface, [x, y], [256 - fx, 256 - fy], px.len());
                (px, &self.row)
            }
            Placement::Pinned(_) => {
                let at = PinnedRows::row(y - self.first, &px);
                (px, &self.pinned.px[at])
            }
            Placement::Affine(sampler) => {
                let covered = self.sampled(kernels, surface, sampler, y, px);
                (covered, &self.row)
            }
        }
    }

    /// Samples `len` px between the columns from `x` on and the rows `y` and `y + 1`, `fraction` 256ths right and down; transparent outside.
    fn shifted(
        &mut self,
        kernels: Kernels,
        surface: &Surface,
        [x, y]: [i64; 2],
        fraction: [u16; 2],
        len: usize,
    ) {
        self.row.resize(len * 4, 0);
        let wanted = len + 1;
        let from = offset(-x).min(wanted);
        let to = offset(i64::from(surface.width()) - x).clamp(from, wanted);
        let first = offset(x);
        let [top, bottom] = &mut self.padded;
        let rows = [(top, y), (bottom, y + 1)].map(|(padded, y)| match line(surface, y) {
            Some(line) if to - from == wanted => &line[first * 4..][..wanted * 4],
            line => {
                padded.clear();
                padded.resize(wanted * 4, 0);
                if let Some(inside) = line.and_then(|line| line.get(first * 4..)) {
                    let inside = &inside[..(to - from) * 4];
                    padded[from * 4..to * 4].copy_from_slice(inside);
                }
                &*padded
            }
        });
        kernels.shifted(&mut self.row, rows, fraction);
    }

    /// Samples the px within `px` that the surface covers, and says which they are.
    fn sampled(
        &mut self,
        kernels: Kernels,
        surface: &Surface,
        sampler: &Sampler,
        y: usize,
        px: Range<usize>,
    ) -> Range<usize> {
        let seen = sampler.row(y, px);
        let (start, end) = (seen.covered.start, seen.covered.end);
        self.row.resize((end - start) * 4, 0);
        let (width, height) = (surface.width() as usize, surface.height() as usize);
        if let ([r, g, b, a], true) = (surface.pixel(0, 0), width == 1 && height == 1) {
            self.row
                .chunks_exact_mut(4)
                .for_each(|p| p.copy_from_slice(&[r, g, b, a]));
        } else {
            kernels.bilinear(
                &mut self.row,
                surface.data(),
                [width, height],
                seen.position(start),
                seen.step(),
            );
        }
        for x in (start..seen.full.start).chain(seen.full.end..end) {
            Kernels::cover(
                &mut self.row[(x - start) * 4..][..4],
                sampler.coverage(seen.position(x)),
            );
        }
        start..end
    }
}

/// Row `y` of a surface, if it has one.
fn line(surface: &Surface, y: i64) -> Option<&[u8]> {
    u32::try_from(y)
        .ok()
        .filter(|&y| y < surface.height())
        .map(|y| surface.row(y))
}

/// A position as an offset; 0 when it lies before the beginning.
fn offset(v: i64) -> usize {
    usize::try_from(v).unwrap_or(0)
}
