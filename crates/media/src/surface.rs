//! Premultiplied pictures.

use crate::{AlphaMap, LumaMap};
use std::sync::{Arc, OnceLock};

/// A picture in memory: premultiplied RGBA, 8 bits each, non-linear sRGB, rows from the top without padding.
#[derive(Clone)]
pub struct Surface {
    width: u32,
    height: u32,
    data: Vec<u8>,
    /// Found when it is first asked for.
    alpha: OnceLock<Arc<AlphaMap>>,
    /// Likewise.
    luma: OnceLock<Arc<LumaMap>>,
    /// Likewise.
    half: OnceLock<Arc<Self>>,
}

impl PartialEq for Surface {
    fn eq(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height) && self.data == other.data
    }
}

impl Eq for Surface {}

impl Surface {
    /// A transparent surface; allocates `width * height * 4` bytes.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            data: vec![0; byte_len(width, height)],
            alpha: OnceLock::new(),
            luma: OnceLock::new(),
            half: OnceLock::new(),
        }
    }

    /// Takes over `data`; `None` unless it holds exactly `width * height` premultiplied pixels.
    pub fn from_premultiplied(width: u32, height: u32, data: Vec<u8>) -> Option<Self> {
        (data.len() == byte_len(width, height)).then_some(Self {
            width,
            height,
            data,
            alpha: OnceLock::new(),
            luma: OnceLock::new(),
            half: OnceLock::new(),
        })
    }

    /// Pixels across.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Pixels down.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row by row.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// All pixels, row by row.
    pub fn data_mut(&mut self) -> &mut [u8] {
        self.alpha.take();
        self.luma.take();
        self.half.take();
        &mut self.data
    }

    /// Where it is opaque and where transparent. Reads all pixels when it is first asked for, and again after they may have
    /// been written to: whoever paints a large surface aside asks there, so that nobody has to wait for it later.
    pub fn alpha_map(&self) -> &Arc<AlphaMap> {
        self.alpha.get_or_init(|| Arc::new(AlphaMap::new(self)))
    }

    /// How bright it is, block by block. Found and kept as [`alpha_map`](Self::alpha_map) is.
    pub fn luma_map(&self) -> &Arc<LumaMap> {
        self.luma.get_or_init(|| Arc::new(LumaMap::new(self)))
    }

    /// Half as large both ways, rounded up: each px is the mean of four, with those at the edge repeated. Found and kept as
    /// [`alpha_map`](Self::alpha_map) is; all halves of halves take a third of what the surface takes.
    pub fn half(&self) -> &Arc<Self> {
        self.half.get_or_init(|| Arc::new(crate::half::half(self)))
    }

    /// The pixels of row `y`.
    ///
    /// # Panics
    /// When `y` is not below the height.
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.width as usize * 4;
        &self.data[y as usize * stride..][..stride]
    }

    /// The pixel at `x`, `y`.
    ///
    /// # Panics
    /// When the pixel lies outside.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 4] {
        let p = &self.row(y)[x as usize * 4..][..4];
        [p[0], p[1], p[2], p[3]]
    }
}

impl std::fmt::Debug for Surface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Surface({}x{})", self.width, self.height)
    }
}

fn byte_len(width: u32, height: u32) -> usize {
    width as usize * height as usize * 4
}
