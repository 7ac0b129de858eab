//! AVIF: stills with or without tiles, and sequences.
//!
//! Boxes are read here; who decodes AV1 is handed in, since that is foreign code ([`media::Av1`]).

mod boxes;
mod color;
mod still;
mod track;

use crate::film::{Frame, Index, MAX_CANVAS_PIXELS};
use crate::profile::Conversion;
use crate::request::{MAX_SIDE, checked_size as checked_picture};
use crate::{Error, asset};
use boxes::Boxes;
use media::{Av1, Av1Decoder, Planes, Surface};
use still::Turn;
pub(crate) use track::Sequence;

/// What an auxiliary picture is called that holds transparency, by two standards.
const ALPHA_NAMES: [&[u8]; 2] = [
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
];

/// Most pixels of a still: planes of 16 bits and what a decoder holds make it need twice the memory of other formats.
const MAX_STILL_PIXELS: u64 = 32 << 20;

fn checked_size(width: u32, height: u32) -> Result<(u32, u32), Error> {
    let (width, height) = checked_picture("the AVIF", width.into(), height.into())?;
    if u64::from(width) * u64::from(height) > MAX_STILL_PIXELS {
        return Err(Error::TooManyPixels {
            what: "the AVIF",
            width: width.into(),
            height: height.into(),
            allowed_side: MAX_SIDE.into(),
            allowed_pixels: MAX_STILL_PIXELS,
        });
    }
    Ok((width, height))
}

fn broken(reason: impl Into<String>) -> Error {
    Error::Avif {
        reason: reason.into(),
    }
}

/// What an AVIF turned out to be.
pub(crate) enum Avif {
    Still(Surface),
    Moving(Index),
}

/// Whether bytes begin like an AVIF.
pub(crate) fn is_avif(bytes: &[u8]) -> bool {
    brands(bytes).is_some_and(|brands| {
        // A version stands between the major brand and those it is compatible with.
        let mut brands = brands.chunks_exact(4);
        brands.any(|brand| brand == b"avif" || brand == b"avis")
    })
}

fn brands(bytes: &[u8]) -> Option<&[u8]> {
    let (kind, content) = Boxes::within(bytes, 0..bytes.len()).next()?;
    (&kind == b"ftyp").then(|| &bytes[content])
}

/// Decodes a still, and indexes a sequence: what is played is the sequence where the major brand says so, else the still, if
/// there is one.
pub(crate) fn open(bytes: &[u8], av1: &'static dyn Av1) -> Result<Avif, Error> {
    let find = |kind: &[u8; 4]| Boxes::within(bytes, 0..bytes.len()).find(kind);
    let is_sequence = brands(bytes).is_some_and(|brands| brands.starts_with(b"avis"));
    if let Some(moov) = find(b"moov")
        && (is_sequence || find(b"meta").is_none())
    {
        return track::index(bytes, moov, av1).map(Avif::Moving);
    }
    let meta = find(b"meta").ok_or_else(|| broken("it has no picture"))?;
    let items = still::items(bytes, meta).ok_or_else(|| broken("its items are told wrongly"))?;
    let still = items.still(bytes, av1)?;
    let conversion = still.space.conversion(bytes, Some(&still.color));
    let surface = surface(
        &still.color,
        still.alpha.as_ref(),
        &still.space,
        still.is_premultiplied,
        conversion.as_ref(),
    )?;
    Ok(Avif::Still(still.turns.into_iter().fold(surface, turn)))
}

fn turn(surface: Surface, turn: Turn) -> Surface {
    match turn {
        Turn::Cut([x, y, width, height]) => {
            let mut out = Surface::new(width, height);
            let stride = width as usize * 4;
            for (row, to) in (y..).zip(out.data_mut().chunks_exact_mut(stride.max(4))) {
                to.copy_from_slice(&surface.row(row)[x as usize * 4..][..stride]);
            }
            out
        }
        // In the numbers of EXIF.
        Turn::Quarters(0) => surface,
        Turn::Quarters(1) => asset::turn(surface, 8),
        Turn::Quarters(2) => asset::turn(surface, 3),
        Turn::Quarters(_) => asset::turn(surface, 6),
        Turn::SwapSides => asset::turn(surface, 2),
        Turn::SwapEnds => asset::turn(surface, 4),
    }
}

/// Planes that have a size within the limits and as many samples as that asks for.
fn checked_planes(planes: Planes) -> Result<Planes, Error> {
    is_sound(&planes)?;
    Ok(planes)
}

fn is_sound(planes: &Planes) -> Result<(), Error> {
    checked_size(planes.width, planes.height)?;
    let (w, h) = planes.chroma.size(planes.width, planes.height);
    let area = |w: u32, h: u32| w as usize * h as usize;
    let [first, second, third] = planes.samples.each_ref().map(Vec::len);
    let is_whole = first == area(planes.width, planes.height)
        && second == area(w, h)
        && third == second
        && first > 0
        && matches!(planes.bits, 8..=12);
    if is_whole {
        Ok(())
    } else {
        Err(broken("the decoder gave half a picture"))
    }
}

/// Planes, which are sound, to premultiplied sRGB.
fn surface(
    color: &Planes,
    alpha: Option<&Planes>,
    space: &color::Space,
    is_premultiplied: bool,
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    if alpha.is_some_and(|alpha| (alpha.width, alpha.height) != (color.width, color.height)) {
        return Err(broken("its transparency has another size than its colors"));
    }
    let samples = if alpha.is_some() { 4 } else { 3 };
    let data = color::straight(color, space, alpha, is_premultiplied)?;
    let (width, height) = (color.width, color.height);
    Ok(asset::to_srgb(width, height, &data, samples, conversion))
}

/// What decoders of a 4:2:0 picture with transparency hold, in canvases of RGBA: up to nine pictures each.
pub(crate) const CANVASES: usize = 6;

/// A frame of a sequence that depends on none before it.
pub(crate) fn alone(
    bytes: &[u8],
    sequence: &Sequence,
    frame: &Frame,
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    let shown = Reel::open(sequence, frame)?.step(bytes, sequence, frame, Some(conversion))?;
    shown.ok_or_else(|| broken("it has no picture"))
}

/// What decodes the frames of a sequence, one after the other.
#[derive(Debug)]
pub(crate) struct Reel {
    color: Box<dyn Av1Decoder>,
    alpha: Option<Box<dyn Av1Decoder>>,
    planes: [Planes; 2],
}

impl Reel {
    /// Decoders that have seen nothing; the next frame is one that depends on none before it.
    pub(crate) fn open(sequence: &Sequence, frame: &Frame) -> Result<Self, Error> {
        let open = || sequence.av1.open(MAX_CANVAS_PIXELS).map_err(broken);
        Ok(Self {
            color: open()?,
            alpha: (frame.parts.len() > 1).then(open).transpose()?,
            planes: Default::default(),
        })
    }

    /// Decodes the next frame, and works out its colors where it is `shown`, which says what they are brought into sRGB by.
    pub(crate) fn step(
        &mut self,
        bytes: &[u8],
        sequence: &Sequence,
        frame: &Frame,
        shown: Option<Option<&Conversion>>,
    ) -> Result<Option<Surface>, Error> {
        let [color, alpha] = &mut self.planes;
        let unit = |i: usize| {
            let range = frame.parts.get(i).cloned();
            range.and_then(|range| bytes.get(range)).unwrap_or_default()
        };
        // Both, whatever becomes of the first: the frames to come build on them.
        let decoded = self.color.decode(unit(0), color);
        let veiled = match &mut self.alpha {
            Some(decoder) => decoder.decode(unit(1), alpha),
            None => Ok(()),
        };
        decoded.and(veiled).map_err(broken)?;
        let Some(conversion) = shown else {
            return Ok(None);
        };
        let alpha = self.alpha.is_some().then_some(&*alpha);
        is_sound(color)?;
        alpha.map_or(Ok(()), is_sound)?;
        if (color.width, color.height) != (frame.width, frame.height) {
            return Err(broken("a frame has another size than it says"));
        }
        surface(
            color,
            alpha,
            &sequence.space,
            sequence.is_premultiplied,
            conversion,
        )
        .map(Some)
    }
}
