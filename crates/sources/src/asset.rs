//! Asset bytes, decoded once.

use crate::album::Album;
use crate::film::{Film, Player, Timetable};
use crate::key::Digest;
use crate::profile::Conversion;
use crate::request::{MAX_PIXELS, MAX_SIDE, checked_size};
use crate::sprite::{Atlas, Cell};
use crate::{Error, Fonts, apng, avif, gif, markup, vector, webp};
use kurbo::Size;
use media::{Av1, Surface};
use resvg::usvg::{self, ImageKind, Tree};
use std::io::Cursor;
use std::sync::Arc;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A decoded asset; cloning shares it.
#[derive(Clone, Debug)]
pub struct Asset {
    content: Content,
    digest: u128,
}

/// What an asset turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Picture(Arc<Surface>),
    Vector(Arc<Drawing>),
    /// An animated picture, at this frame.
    Film(Arc<Film>, u32),
    /// One picture of a sheet.
    Cell(Arc<Surface>, Cell),
    /// Where the pictures of a sheet stand.
    Atlas(Arc<Atlas>),
    /// All pictures of a drawing.
    Album(Album),
    /// What is known of one that is not in memory: [`Asset::put_away`].
    Away(Size, Option<Arc<Timetable>>),
}

/// A vector picture.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) tree: Tree,
    /// Its text, where there are places for values in it.
    pub(crate) template: Option<String>,
}

/// What of an asset is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// One frame of what moves.
    Frame(u32),
    /// One picture of a sheet.
    Cell(Cell),
}

/// Most bytes an asset may have: above that something is wrong rather than beautiful.
const MAX_BYTES: usize = 64 << 20;

impl Asset {
    /// Decodes a PNG, JPEG, GIF, WebP or SVG, told apart by their bytes.
    ///
    /// Pictures become premultiplied 8-bit sRGB; colors of other spaces are brought into it once, by
    /// ICC profile or code points (damaged ones, those for print and PQ and HLG are left aside); stills are turned as their EXIF
    /// orientation says. GIF, PNG and WebP may move: of these only the index is made, the frames come from a
    /// [`Player`]. AVIF is left to [`Asset::decode_with`]. An SVG's text is written with `fonts`; files and addresses it refers to are never opened. Costs
    /// milliseconds per megapixel: not for the engine's thread.
    ///
    /// # Errors
    /// When the format is unknown, the data is broken, or above 64 MiB, 64 Mpx or 65535 pixels a side; of what moves,
    /// above 2000 frames, a canvas of 4K, or 2000 frames of 1080p in all. Sizes are checked by the header before anything
    /// is allocated.
    pub fn decode(bytes: &[u8], fonts: &Fonts) -> Result<Self, Error> {
        Self::decoded(bytes, fonts, None)
    }

    /// As [`Asset::decode`], with AVIF, which may move too. Its frames come from decoders that `av1` opens, one for colors
    /// and one for transparency, and only they know how much is allocated for what they keep between frames: some
    /// pictures of the size they were told.
    ///
    /// # Errors
    /// As [`Asset::decode`].
    pub fn decode_with(bytes: &[u8], fonts: &Fonts, av1: &'static dyn Av1) -> Result<Self, Error> {
        Self::decoded(bytes, fonts, Some(av1))
    }

    fn decoded(bytes: &[u8], fonts: &Fonts, av1: Option<&'static dyn Av1>) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooManyBytes {
                bytes: bytes.len(),
                allowed: MAX_BYTES,
            });
        }
        let content = match sniff(bytes) {
            Some(Format::Png) => match apng::index(bytes)? {
                Some(index) => film(bytes, index)?,
                None => {
                    let conversion = Conversion::of_png(bytes);
                    let picture = png_from(png_header(bytes)?, conversion.as_ref())?;
                    Content::Picture(Arc::new(picture))
                }
            },
            Some(Format::Jpeg) => Content::Picture(Arc::new(jpeg(bytes)?)),
            Some(Format::Gif) => film(bytes, gif::index(bytes)?)?,
            Some(Format::Webp) => match webp::index(bytes)? {
                Some(index) => film(bytes, index)?,
                None => {
                    let conversion = Conversion::of_webp(bytes);
                    let picture = webp::still(bytes, conversion.as_ref())?;
                    Content::Picture(Arc::new(picture))
                }
            },
            Some(Format::Avif) => match avif::open(bytes, av1.ok_or(Error::NoAv1)?)? {
                avif::Avif::Moving(index) => film(bytes, index)?,
                avif::Avif::Still(surface) => Content::Picture(Arc::new(surface)),
            },
            Some(Format::Svg) => Content::Vector(Arc::new(drawing(bytes, fonts)?)),
            None => {
                return Err(Error::UnknownFormat {
                    start: bytes.iter().take(8).copied().collect(),
                });
            }
        };
        Ok(Self {
            content,
            digest: Digest::new().bytes(bytes).finish(),
        })
    }

    /// The pictures of a sheet, read from `bytes`.
    pub fn from_atlas(atlas: Atlas, bytes: &[u8]) -> Self {
        Self {
            content: Content::Atlas(Arc::new(atlas)),
            digest: Digest::new().bytes(bytes).finish(),
        }
    }

    /// The pictures that a drawing is made from, each with its name; one that cannot be had is `None`, and a placeholder is
    /// drawn in its place. Any of them may be [put away](Self::put_away).
    ///
    /// # Errors
    /// When all pixels together are above 64 Mpx, since they are in memory at a time.
    pub fn album(pictures: Vec<(Arc<str>, Option<Self>)>) -> Result<Self, Error> {
        let album = Album::new(pictures)?;
        Ok(Self {
            digest: album.digest(),
            content: Content::Album(album),
        })
    }

    /// What an [album](Self::album) was made from.
    pub fn pictures(&self) -> &[(Arc<str>, Option<Self>)] {
        match &self.content {
            Content::Album(album) => album.pictures(),
            _ => &[],
        }
    }

    /// Whether bytes are the JSON of something, which is read elsewhere: [`Asset::from_atlas`].
    pub fn is_json(bytes: &[u8]) -> bool {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        text.trim_ascii_start().starts_with(b"{")
    }

    /// A picture that is already decoded; hashes its pixels.
    pub fn from_surface(surface: Surface) -> Self {
        let size = [
            surface.width().to_le_bytes(),
            surface.height().to_le_bytes(),
        ]
        .concat();
        let digest = Digest::new().bytes(&size).bytes(surface.data()).finish();
        Self {
            content: Content::Picture(Arc::new(surface)),
            digest,
        }
    }

    /// Width and height in pixels, for an SVG in CSS px.
    pub fn natural_size(&self) -> Size {
        match &self.content {
            Content::Picture(surface) => {
                Size::new(f64::from(surface.width()), f64::from(surface.height()))
            }
            Content::Vector(drawing) => vector::natural_size(&drawing.tree),
            Content::Cell(_, cell) => cell.size(),
            Content::Atlas(_) | Content::Album(_) => Size::ZERO,
            Content::Film(film, _) => Size::new(f64::from(film.width), f64::from(film.height)),
            Content::Away(size, _) => *size,
        }
    }

    /// Bytes of memory the decoded picture takes, or the file of one that moves; for an SVG, which is small, 0.
    pub fn memory_bytes(&self) -> usize {
        match &self.content {
            Content::Picture(surface) | Content::Cell(surface, _) => surface.data().len(),
            Content::Film(film, _) => film.memory_bytes(),
            Content::Vector(_) | Content::Atlas(_) | Content::Album(_) | Content::Away(..) => 0,
        }
    }

    /// When which frame is shown, of a picture that moves.
    pub fn timetable(&self) -> Option<&Arc<Timetable>> {
        match &self.content {
            Content::Film(film, _) => Some(film.timetable()),
            Content::Away(_, timetable) => timetable.as_ref(),
            Content::Picture(_)
            | Content::Vector(_)
            | Content::Cell(..)
            | Content::Atlas(_)
            | Content::Album(_) => None,
        }
    }

    /// Where the pictures of a sheet stand, of an asset that says so.
    pub const fn atlas(&self) -> Option<&Arc<Atlas>> {
        match &self.content {
            Content::Atlas(atlas) => Some(atlas),
            _ => None,
        }
    }

    /// The animated picture, unless it is put away.
    pub const fn film(&self) -> Option<&Arc<Film>> {
        match &self.content {
            Content::Film(film, _) => Some(film),
            _ => None,
        }
    }

    /// A part of the picture as a picture: [`Request::key`](crate::Request::key) tells parts apart. A frame can be
    /// painted, at the cost of [`Player::frame`] for one that is new; whoever has such a player uses
    /// [`Asset::with_frame`]. Allocates nothing.
    #[must_use]
    pub fn part(&self, part: Part) -> Self {
        let digest = self.part_digest(part);
        let content = match (&self.content, part) {
            (Content::Film(film, _), Part::Frame(frame)) => Content::Film(Arc::clone(film), frame),
            (Content::Picture(sheet), Part::Cell(cell)) => Content::Cell(Arc::clone(sheet), cell),
            (Content::Away(..), Part::Cell(cell)) => Content::Away(cell.size(), None),
            (other, _) => other.clone(),
        };
        Self { content, digest }
    }

    /// As [`Asset::part`] of a frame, with its pixels.
    #[must_use]
    pub fn with_frame(&self, frame: u32, pixels: Arc<Surface>) -> Self {
        Self {
            content: Content::Picture(pixels),
            digest: self.part_digest(Part::Frame(frame)),
        }
    }

    fn part_digest(&self, part: Part) -> u128 {
        let digest = Digest::new().bytes(&self.digest.to_le_bytes());
        match part {
            Part::Whole => self.digest,
            Part::Frame(frame) => digest.bytes(&frame.to_le_bytes()).finish(),
            Part::Cell(cell) => {
                let [ox, oy] = cell.offset;
                let [fw, fh] = cell.full;
                let numbers = [cell.x, cell.y, cell.width, cell.height, ox, oy, fw, fh];
                let digest = digest.bytes(&[u8::from(cell.rotated)]);
                let bytes = numbers.map(u32::to_le_bytes);
                digest.bytes(bytes.as_flattened()).finish()
            }
        }
    }

    /// What is known of the asset without its pixels: requests with it can be measured and have their key, but are not
    /// painted. An SVG and an atlas stay as they are.
    #[must_use]
    pub fn put_away(&self) -> Self {
        let content = match &self.content {
            Content::Picture(_) | Content::Film(..) | Content::Cell(..) => {
                Content::Away(self.natural_size(), self.timetable().cloned())
            }
            small => small.clone(),
        };
        Self {
            content,
            digest: self.digest,
        }
    }

    /// Whether it is a picture of pixels that stands still, in memory or not.
    pub const fn is_pixels(&self) -> bool {
        matches!(self.content, Content::Picture(_) | Content::Away(_, None))
    }

    /// Whether its pixels are those of `surface`.
    pub fn holds(&self, surface: &Arc<Surface>) -> bool {
        match &self.content {
            Content::Picture(own) | Content::Cell(own, _) => Arc::ptr_eq(own, surface),
            _ => false,
        }
    }

    /// Whether its pixels are not in memory.
    pub const fn is_away(&self) -> bool {
        matches!(self.content, Content::Away(..))
    }

    /// Whether both were made from the same bytes.
    pub const fn is_same(&self, other: &Self) -> bool {
        self.digest == other.digest
    }

    pub(crate) const fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) const fn digest(&self) -> u128 {
        self.digest
    }
}

/// What moves stays packed; a single frame is a picture.
fn film(bytes: &[u8], index: crate::film::Index) -> Result<Content, Error> {
    let film = Arc::new(Film::new(bytes.into(), index)?);
    // The first frame is decoded in any case, so that a file nobody can show is refused while somebody listens.
    let mut player = Player::new(Arc::clone(&film));
    let first = player.frame(0)?;
    if film.timetable().frames() == 1 {
        return Ok(Content::Picture(Arc::new(first.clone())));
    }
    Ok(Content::Film(film, 0))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    Gif,
    Webp,
    Avif,
    Svg,
}

fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(Format::Png);
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(Format::Jpeg);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Some(Format::Gif);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(Format::Webp);
    }
    if avif::is_avif(bytes) {
        return Some(Format::Avif);
    }
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    // Comments and declarations may stand before the root, within reason.
    let head = &text[..text.len().min(4096)];
    (head.starts_with(b"<") && head.windows(4).any(|w| w == b"<svg")).then_some(Format::Svg)
}

/// A decoder that has read only the header, which is within the limits.
fn png_header(bytes: &[u8]) -> Result<png::Decoder<Cursor<&[u8]>>, Error> {
    // Twice the picture: the decoder's own row buffers and one frame.
    let limits = png::Limits {
        bytes: usize::try_from(MAX_PIXELS)
            .unwrap_or(usize::MAX)
            .saturating_mul(8),
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let info = decoder.read_header_info().map_err(Error::Png)?;
    checked_size("the PNG", f64::from(info.width), f64::from(info.height))?;
    Ok(decoder)
}

/// Decodes the pictures inside bitmap fonts, which are sRGB.
pub(crate) fn png(bytes: &[u8]) -> Result<Surface, Error> {
    png_from(png_header(bytes)?, None)
}

/// A PNG that was put together here, without checksums.
pub(crate) fn png_of_our_own(
    bytes: &[u8],
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    let mut options = png::DecodeOptions::default();
    options.set_ignore_checksums(true);
    png_from(
        png::Decoder::new_with_options(Cursor::new(bytes), options),
        conversion,
    )
}

fn png_from(
    mut decoder: png::Decoder<Cursor<&[u8]>>,
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(Error::Png)?;
    let (width, height) = reader.info().size();
    let len = reader.output_buffer_size().unwrap_or(usize::MAX);
    // 8 bits and at most four channels, by the transformations asked for.
    let mut data = vec![0; len.min(width as usize * height as usize * 4)];
    let info = reader.next_frame(&mut data).map_err(Error::Png)?;
    data.truncate(info.buffer_size());
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.and_then(orientation).unwrap_or(1);
    let samples = info.color_type.samples();
    let surface = to_srgb(width, height, &data, samples, conversion);
    Ok(turn(surface, orientation))
}

fn jpeg(bytes: &[u8]) -> Result<Surface, Error> {
    let failed = |e: zune_jpeg::errors::DecodeErrors| Error::Jpeg {
        reason: e.to_string(),
    };
    // Scalar code: the SIMD inverse transforms round differently from machine to machine.
    let options = DecoderOptions::new_safe()
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(failed)?;
    let info = decoder.info().ok_or_else(|| Error::Jpeg {
        reason: "no header".to_owned(),
    })?;
    let (width, height) = checked_size("the JPEG", f64::from(info.width), f64::from(info.height))?;
    let data = decoder.decode().map_err(failed)?;
    let samples = decoder
        .output_colorspace()
        .map_or(3, |c| c.num_components());
    let orientation = decoder
        .exif()
        .and_then(|exif| orientation(exif))
        .unwrap_or(1);
    let profile = decoder.icc_profile();
    let conversion = profile.and_then(|icc| Conversion::of_icc(&icc));
    let surface = to_srgb(width, height, &data, samples, conversion.as_ref());
    Ok(turn(surface, orientation))
}

/// Straight samples (grey, grey and alpha, RGB or RGBA), brought into sRGB by `conversion` where they are in other colors,
/// to premultiplied RGBA.
pub(crate) fn to_srgb(
    width: u32,
    height: u32,
    data: &[u8],
    samples: usize,
    conversion: Option<&Conversion>,
) -> Surface {
    let mut surface = Surface::new(width, height);
    let samples = samples.max(1);
    let Some(conversion) = conversion else {
        let pixels = surface.data_mut().chunks_exact_mut(4);
        for (to, from) in pixels.zip(data.chunks_exact(samples)) {
            to.copy_from_slice(&premultiplied(straight(from)));
        }
        return surface;
    };
    // A row at a time, so that there is no third copy of the picture.
    let mut row = vec![0; width as usize * 4];
    let rows = surface.data_mut().chunks_exact_mut(row.len().max(4));
    for (to, from) in rows.zip(data.chunks_exact((width as usize * samples).max(1))) {
        for (to, from) in row.chunks_exact_mut(4).zip(from.chunks_exact(samples)) {
            to.copy_from_slice(&straight(from));
        }
        conversion.apply(&row, to);
        for px in to.chunks_exact_mut(4) {
            px.copy_from_slice(&premultiplied([px[0], px[1], px[2], px[3]]));
        }
    }
    surface
}

const fn straight(samples: &[u8]) -> [u8; 4] {
    match *samples {
        [y] => [y, y, y, 255],
        [y, a] => [y, y, y, a],
        [r, g, b] => [r, g, b, 255],
        [r, g, b, a, ..] => [r, g, b, a],
        [] => [0; 4],
    }
}

fn premultiplied([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let times =
        |v: u8| u8::try_from(crate::shadow::div255(u32::from(v) * u32::from(a))).unwrap_or(255);
    [times(r), times(g), times(b), a]
}

/// The orientation tag (0x0112) of the first directory of EXIF data, 1..=8.
pub(crate) fn orientation(exif: &[u8]) -> Option<u16> {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match tiff.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let u16_at = |i: usize| {
        let b = tiff.get(i..i.checked_add(2)?)?;
        Some(if big {
            u16::from_be_bytes([b[0], b[1]])
        } else {
            u16::from_le_bytes([b[0], b[1]])
        })
    };
    let (high, low) = if big { (4, 6) } else { (6, 4) };
    let directory = usize::from(u16_at(high)?) << 16 | usize::from(u16_at(low)?);
    let entries = usize::from(u16_at(directory)?);
    let entry = (0..entries)
        .map(|i| directory + 2 + 12 * i)
        .find(|&at| u16_at(at) == Some(0x0112))?;
    u16_at(entry + 8).filter(|o| (1..=8).contains(o))
}

/// Undoes an EXIF orientation: 2 and 4 mirror, 3 turns by half, 5 to 8 swap the sides.
pub(crate) fn turn(surface: Surface, orientation: u16) -> Surface {
    if orientation == 1 {
        return surface;
    }
    let (w, h) = (surface.width(), surface.height());
    let (out_w, out_h) = if orientation >= 5 { (h, w) } else { (w, h) };
    let mut out = Surface::new(out_w, out_h);
    for (y, row) in (0..).zip(out.data_mut().chunks_exact_mut(out_w as usize * 4)) {
        for (x, to) in (0..).zip(row.chunks_exact_mut(4)) {
            let (sx, sy) = match orientation {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            to.copy_from_slice(&surface.pixel(sx, sy));
        }
    }
    out
}

fn drawing(bytes: &[u8], fonts: &Fonts) -> Result<Drawing, Error> {
    let text = markup::checked(bytes)?;
    Ok(Drawing {
        tree: svg(text, fonts)?,
        template: markup::has_places(text).then(|| text.to_owned()),
    })
}

/// Of markup that has been checked.
pub(crate) fn svg(text: &str, fonts: &Fonts) -> Result<Tree, Error> {
    let options = usvg::Options {
        font_family: fonts.default_family().unwrap_or_default().to_owned(),
        fontdb: fonts.for_svg(),
        font_resolver: usvg::FontResolver {
            select_font: usvg::FontResolver::default_font_selector(),
            select_fallback: Box::new(|c, tried, database| fonts.stand_in(c, tried, database)),
        },
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(embedded),
            // Neither files nor addresses.
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    Tree::from_str(text, &options).map_err(Error::Svg)
}

/// A picture inside an SVG: PNG and JPEG within the limits; anything else is left out.
fn embedded(_mime: &str, data: Arc<Vec<u8>>, _options: &usvg::Options<'_>) -> Option<ImageKind> {
    match sniff(&data)? {
        Format::Png => png_header(&data).is_ok().then_some(ImageKind::PNG(data)),
        Format::Jpeg => {
            let mut decoder = JpegDecoder::new(ZCursor::new(data.as_slice()));
            decoder.decode_headers().ok()?;
            let info = decoder.info()?;
            checked_size("the JPEG", f64::from(info.width), f64::from(info.height)).ok()?;
            drop(decoder);
            Some(ImageKind::JPEG(data))
        }
        // An SVG in an SVG would bring its own references; nobody exports that, nor the other three.
        Format::Svg | Format::Gif | Format::Webp | Format::Avif => None,
    }
}
