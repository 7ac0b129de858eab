//! What can go wrong, and what is worth saying although it did not.

/// Why there is no surface.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are none of the formats that [`Asset::decode`](crate::Asset::decode) reads.
    #[error("not a PNG, JPEG, GIF, WebP, AVIF or SVG (the bytes begin with {start:02x?})")]
    UnknownFormat {
        /// The first bytes, at most eight.
        start: Vec<u8>,
    },
    /// More bytes than an asset may have.
    #[error("the asset has {bytes} bytes; at most {allowed} are read")]
    TooManyBytes {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// More pixels than a picture or surface may have.
    #[error(
        "{what} is {width}x{height} pixels; at most {allowed_side} a side and {allowed_pixels} in all are drawn"
    )]
    TooManyPixels {
        /// What is that large.
        what: &'static str,
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
        /// Largest width or height.
        allowed_side: u64,
        /// Largest product of both.
        allowed_pixels: u64,
    },
    /// A PNG that cannot be decoded.
    #[error("the PNG is broken")]
    Png(#[source] png::DecodingError),
    /// A JPEG that cannot be decoded.
    #[error("the JPEG is broken: {reason}")]
    Jpeg {
        /// What the decoder found.
        reason: String,
    },
    /// A GIF that cannot be decoded.
    #[error("the GIF is broken: {reason}")]
    Gif {
        /// What was found.
        reason: String,
    },
    /// A WebP that cannot be decoded.
    #[error("the WebP is broken: {reason}")]
    Webp {
        /// What was found.
        reason: String,
    },
    /// An AVIF that cannot be decoded.
    #[error("the AVIF is broken: {reason}")]
    Avif {
        /// What was found.
        reason: String,
    },
    /// An AVIF, and nothing at hand that decodes AV1.
    #[error("there is no decoder of AV1 at hand for the AVIF")]
    NoAv1,
    /// An animated PNG whose frames make no sense.
    #[error("the animated PNG is broken: {reason}")]
    Apng {
        /// What was found.
        reason: &'static str,
    },
    /// More frames than an animated picture may have.
    #[error("the animated picture has more than {allowed} frames")]
    TooManyFrames {
        /// Most frames.
        allowed: usize,
    },
    /// More pixels than all frames of an animated picture may have together.
    #[error(
        "the animated picture has {pixels} pixels in {frames} frames; at most {allowed} are decoded"
    )]
    TooLongFilm {
        /// Its frames.
        frames: usize,
        /// Their pixels.
        pixels: u64,
        /// Most pixels.
        allowed: u64,
    },
    /// An SVG that a parser should not be given.
    #[error("the SVG is refused: {reason}")]
    Markup {
        /// What was found.
        reason: String,
    },
    /// Pictures of a sheet that make no sense.
    #[error("the sprite cannot be shown: {reason}")]
    Atlas {
        /// What was found.
        reason: String,
    },
    /// A picture that lies outside its sheet.
    #[error(
        "the sprite's picture of {width}x{height} px at {x}, {y} leaves its sheet of {sheet_width}x{sheet_height} px"
    )]
    CellOutside {
        /// Left edge, px of the sheet.
        x: u32,
        /// Top edge.
        y: u32,
        /// Width, px of the sheet.
        width: u32,
        /// Height.
        height: u32,
        /// Width of the sheet, px.
        sheet_width: u32,
        /// Its height.
        sheet_height: u32,
    },
    /// Pixels of an asset that is [put away](crate::Asset::put_away).
    #[error("the {source_type}'s pixels are not in memory")]
    AssetAway {
        /// The source's `type`.
        source_type: &'static str,
    },
    /// A part of a picture that lies outside it.
    #[error("the crop begins at {x}, {y}, outside the picture of {width}x{height} px")]
    CropOutside {
        /// Left edge of the crop, picture px.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width of the picture, px.
        width: f64,
        /// Its height.
        height: f64,
    },
    /// An SVG that cannot be parsed.
    #[error("the SVG is broken")]
    Svg(#[source] resvg::usvg::Error),
    /// An image or SVG without its asset.
    #[error("the {source_type} has no asset yet")]
    AssetMissing {
        /// The source's `type`.
        source_type: &'static str,
    },
    /// A source without a size of its own in a box without one.
    #[error("the {source_type} needs width and height")]
    SizeMissing {
        /// The source's `type`.
        source_type: &'static str,
    },
    /// A number outside its range.
    #[error("{name} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// Which number.
        name: &'static str,
        /// Its value.
        value: f64,
        /// Its range in words.
        allowed: &'static str,
    },
    /// Text, but not one font to write it in.
    #[error("there is no font at hand; install one (such as the package fonts-dejavu-core)")]
    NoFonts,
    /// A text that no QR code holds.
    #[error("the text makes no QR code: {reason}")]
    Qr {
        /// What the encoder said.
        reason: String,
    },
    /// A QR code in fewer pixels than it has modules.
    #[error("the QR code has {modules} modules a side, but only {pixels} pixels")]
    QrTooSmall {
        /// Modules of a side, with the quiet zone.
        modules: usize,
        /// Pixels of the box's shorter side.
        pixels: u32,
    },
    /// A drawing whose operations touch too many pixels too often.
    #[error(
        "the drawing touches too many pixels too often; draw less, smaller, or with fewer shadows"
    )]
    TooMuchWork,
    /// A drawing of pictures that are too large to be in memory together.
    #[error("the images of the drawing have {mpx:.0} Mpx together; allowed are {allowed_mpx} Mpx")]
    TooManyImages {
        /// Their pixels, 2^20 each.
        mpx: f64,
        /// As many as are allowed.
        allowed_mpx: u64,
    },
    /// A picture that could not be scaled.
    #[error("the picture cannot be scaled: {reason}")]
    Scale {
        /// What the scaler said.
        reason: String,
    },
}

/// Something a viewer may see that the operator should hear of; the surface was painted all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// No font of this family is at hand.
    UnknownFamily {
        /// The family asked for.
        family: String,
        /// The family used instead.
        used: String,
    },
    /// No font at hand has these characters; boxes stand in their place.
    MissingCharacters {
        /// Each missing character once, in order of appearance.
        characters: String,
    },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownFamily { family, used } => write!(
                f,
                "there is no font family \"{family}\"; \"{used}\" is used"
            ),
            Self::MissingCharacters { characters } => {
                write!(f, "no font has ")?;
                for (i, c) in characters.chars().enumerate() {
                    write!(
                        f,
                        "{}{c:?} (U+{:04X})",
                        if i > 0 { ", " } else { "" },
                        u32::from(c)
                    )?;
                }
                Ok(())
            }
        }
    }
}
