//! Finished pictures.

use crate::Resolution;

/// A finished picture in I420: 8-bit luma and two chroma planes of half the width and height, BT.709 limited range, chroma sited left.
///
/// Rows have no padding; width and height are even.
#[derive(Clone, PartialEq, Eq)]
pub struct I420Frame {
    resolution: Resolution,
    /// Luma, then Cb, then Cr, in one block, as raw I420 files have them.
    data: Vec<u8>,
}

impl I420Frame {
    /// A black frame.
    ///
    /// # Panics
    /// When width or height is odd.
    pub fn black(resolution: Resolution) -> Self {
        assert!(
            resolution.width.is_multiple_of(2) && resolution.height.is_multiple_of(2),
            "I420 needs even dimensions, not {resolution}"
        );
        let luma = resolution.width as usize * resolution.height as usize;
        let mut data = vec![16; luma + luma / 2];
        data[luma..].fill(128);
        Self { resolution, data }
    }

    /// Width and height of the luma plane.
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// All three planes in one block: Y, Cb, Cr.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The planes Y, Cb, Cr; strides are `width`, `width / 2`, `width / 2`.
    pub fn planes(&self) -> [&[u8]; 3] {
        let luma = self.luma_len();
        let (y, c) = self.data.split_at(luma);
        let (u, v) = c.split_at(luma / 4);
        [y, u, v]
    }

    /// The planes Y, Cb, Cr; strides are `width`, `width / 2`, `width / 2`.
    pub fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        let luma = self.luma_len();
        let (y, c) = self.data.split_at_mut(luma);
        let (u, v) = c.split_at_mut(luma / 4);
        [y, u, v]
    }

    fn luma_len(&self) -> usize {
        self.resolution.width as usize * self.resolution.height as usize
    }
}

impl std::fmt::Debug for I420Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "I420Frame({})", self.resolution)
    }
}
