//! Pictures as a video decoder gives them, and the word between who has such a decoder and who has pictures packed that way.

use std::fmt::Debug;

/// How much coarser color is than brightness in [`Planes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Chroma {
    /// There is none: one plane.
    #[default]
    Gray,
    /// Half as many columns and half as many rows, rounded up.
    Half,
    /// Half as many columns, rounded up.
    HalfColumns,
    /// As fine as brightness.
    Full,
}

impl Chroma {
    /// Width and height of the second and third plane of a picture of `width` x `height` px.
    pub const fn size(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::Gray => (0, 0),
            Self::Half => (width.div_ceil(2), height.div_ceil(2)),
            Self::HalfColumns => (width.div_ceil(2), height),
            Self::Full => (width, height),
        }
    }
}

/// A decoded picture before its colors are worked out: brightness and two differences of color, or green, blue and red.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planes {
    /// Width of the first plane, px.
    pub width: u32,
    /// Height of the first plane, px.
    pub height: u32,
    /// Bits of a sample: 8, 10 or 12.
    pub bits: u8,
    /// Size of the other two planes.
    pub chroma: Chroma,
    /// Rows one after the other without gaps, each sample below `1 << bits`; planes that are not there are empty.
    pub samples: [Vec<u16>; 3],
    /// Code points of color primaries, transfer and matrix (ITU-T H.273), as the packed picture says; 2 is "not said".
    pub code_points: [u16; 3],
    /// Whether samples use their whole range, as the packed picture says; else brightness is 16..=235 and color
    /// 16..=240, times 4 or 16 for more bits.
    pub is_full_range: bool,
}

/// Opens decoders of AV1. Whoever decodes pictures is handed one: decoders are made where foreign code is called.
pub trait Av1: Debug + Send + Sync {
    /// A decoder that has seen nothing yet and refuses pictures of more than `most_px` pixels before it allocates them.
    ///
    /// # Errors
    /// Says in a sentence why there is none.
    fn open(&self, most_px: u64) -> Result<Box<dyn Av1Decoder>, String>;
}

/// Decodes the pictures of one track, in the order in which they were packed.
pub trait Av1Decoder: Debug + Send {
    /// Decodes one temporal unit, the bytes of one picture, which may build on the ones before it; `planes` is
    /// overwritten and keeps its memory. Costs milliseconds per megapixel.
    ///
    /// # Errors
    /// Says in a sentence what is wrong with the bytes. The decoder may be used on: what follows may be whole again.
    fn decode(&mut self, unit: &[u8], planes: &mut Planes) -> Result<(), String>;
}
