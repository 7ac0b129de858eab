//! What can go wrong, and what is worth saying although it did not.

/// Why there is no surface.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are none of the formats that [`Asset::decode`](crate::Asset::decode) reads.
    #[error("not a PNG, JPEG or SVG (the bytes begin with {start:02x?})")]
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
