//! Drawings: lists of the operations that an HTML canvas has.

use crate::{Cap, FillRule, Join, Outline, TextStyle};
use media::{BlendMode, Color};
use std::fmt::Write;
use std::sync::Arc;

/// Operations of an HTML canvas (its 2D context), drawn in order over the layer's box from an empty start.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// Shared, so that copies of a layer are cheap.
    operations: Arc<[Operation]>,
    /// Shared as well.
    images: Arc<[Arc<str>]>,
    digest: u128,
}

impl Drawing {
    /// At most [`MAX_OPERATIONS`](Self::MAX_OPERATIONS) of them. Cost: about a microsecond for each.
    pub fn new(operations: Arc<[Operation]>) -> Self {
        let mut digest = Digest(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        // What is printed tells all floats apart.
        let written = write!(digest, "{operations:?}");
        debug_assert!(written.is_ok(), "a digest takes all");
        let mut images: Vec<Arc<str>> = Vec::new();
        for image in operations.iter().filter_map(Operation::image) {
            // Beyond what is allowed, one more tells that it is too many.
            if images.len() <= Self::MAX_IMAGES && !images.contains(image) {
                images.push(Arc::clone(image));
            }
        }
        Self {
            digest: digest.0,
            operations,
            images: images.into(),
        }
    }

    /// In the order they are drawn in.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Names of the assets that it draws, each once, in the order of their first use. Where there are more than
    /// [`MAX_IMAGES`](Self::MAX_IMAGES), the first and one more.
    pub fn images(&self) -> &[Arc<str>] {
        &self.images
    }

    /// The same for the same operations, so that nobody has to look at all of them on every frame.
    pub const fn digest(&self) -> u128 {
        self.digest
    }

    /// Most operations of one drawing.
    pub const MAX_OPERATIONS: usize = 20_000;
    /// Most different images of one drawing.
    pub const MAX_IMAGES: usize = 16;
    /// Most states saved at a time.
    pub const MAX_SAVED: usize = 256;
    /// Most characters of one text.
    pub const MAX_TEXT_CHARS: usize = 1000;
    /// Farthest number.
    pub const MAX_NUMBER: f64 = 1e6;
}

impl PartialEq for Drawing {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.operations == other.operations
    }
}

/// FNV-1a, 128 bits, of what is written.
struct Digest(u128);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 =
                (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Ok(())
    }
}

/// One operation, by the names and with the meaning of `CanvasRenderingContext2D`. Coordinates are layer px from the top
/// left of the box, changed by the current transform; angles are radians clockwise.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// `save`
    Save,
    /// `restore`
    Restore,
    /// `fillStyle`
    FillStyle(Ink),
    /// `strokeStyle`
    StrokeStyle(Ink),
    /// `lineWidth`
    LineWidth(f64),
    /// `lineCap`
    LineCap(Cap),
    /// `lineJoin`
    LineJoin(Join),
    /// `miterLimit`
    MiterLimit(f64),
    /// `setLineDash`; empty for none.
    SetLineDash(Box<[f64]>),
    /// `lineDashOffset`
    LineDashOffset(f64),
    /// `globalAlpha`, 0..=1.
    GlobalAlpha(f64),
    /// `globalCompositeOperation`; an HTML canvas calls `Normal` source-over and `PlusLighter` lighter, and has no `Clear`.
    GlobalCompositeOperation(BlendMode),
    /// `font`
    Font(Box<CanvasFont>),
    /// `letterSpacing`, layer px.
    LetterSpacing(f64),
    /// `wordSpacing`, layer px.
    WordSpacing(f64),
    /// `direction`: what [`TextAlign::Start`] and [`TextAlign::End`] mean.
    Direction(TextDirection),
    /// `textAlign`
    TextAlign(TextAlign),
    /// `textBaseline`
    TextBaseline(TextBaseline),
    /// `shadowColor`
    ShadowColor(Color),
    /// `shadowBlur`: twice the standard deviation, px that no transform changes.
    ShadowBlur(f64),
    /// `shadowOffsetX`
    ShadowOffsetX(f64),
    /// `shadowOffsetY`
    ShadowOffsetY(f64),
    /// `translate(x, y)`
    Translate([f64; 2]),
    /// `rotate(angle)`
    Rotate(f64),
    /// `scale(x, y)`
    Scale([f64; 2]),
    /// `transform(a, b, c, d, e, f)`
    Transform([f64; 6]),
    /// `setTransform(a, b, c, d, e, f)`
    SetTransform([f64; 6]),
    /// `resetTransform`
    ResetTransform,
    /// `beginPath`
    BeginPath,
    /// `closePath`
    ClosePath,
    /// `moveTo(x, y)`
    MoveTo([f64; 2]),
    /// `lineTo(x, y)`
    LineTo([f64; 2]),
    /// `quadraticCurveTo(cpx, cpy, x, y)`
    QuadraticCurveTo([f64; 4]),
    /// `bezierCurveTo(cp1x, cp1y, cp2x, cp2y, x, y)`
    BezierCurveTo([f64; 6]),
    /// `arc(x, y, radius, startAngle, endAngle, counterclockwise)`
    Arc([f64; 5], bool),
    /// `arcTo(x1, y1, x2, y2, radius)`
    ArcTo([f64; 5]),
    /// `ellipse(x, y, radiusX, radiusY, rotation, startAngle, endAngle, counterclockwise)`
    Ellipse([f64; 7], bool),
    /// `rect(x, y, width, height)`
    Rect([f64; 4]),
    /// `roundRect(x, y, width, height, radii)`: radii of the corners from the top left clockwise.
    RoundRect([f64; 4], [f64; 4]),
    /// `fill(fillRule)`
    Fill(FillRule),
    /// `stroke`
    Stroke,
    /// `clip(fillRule)`
    Clip(FillRule),
    /// `fillRect(x, y, width, height)`
    FillRect([f64; 4]),
    /// `strokeRect(x, y, width, height)`
    StrokeRect([f64; 4]),
    /// `clearRect(x, y, width, height)`
    ClearRect([f64; 4]),
    /// `fillText(text, x, y, maxWidth)`
    FillText(Words),
    /// `strokeText(text, x, y, maxWidth)`
    StrokeText(Words),
    /// `fill(path, fillRule)`, which leaves the current path as it is.
    FillPath(Box<Outline>, FillRule),
    /// `stroke(path)`
    StrokePath(Box<Outline>),
    /// `clip(path, fillRule)`
    ClipPath(Box<Outline>, FillRule),
    /// `drawImage(image, ..)`
    DrawImage(Box<DrawnImage>),
    /// `imageSmoothingEnabled`; else pixels stay squares.
    ImageSmoothingEnabled(bool),
    /// `imageSmoothingQuality`
    ImageSmoothingQuality(Smoothing),
    /// `reset`: empties the box, the path and what was saved, and begins with the first state.
    Reset,
}

impl Operation {
    /// The asset that it draws.
    pub fn image(&self) -> Option<&Arc<str>> {
        match self {
            Self::DrawImage(drawn) => Some(&drawn.image),
            Self::FillStyle(Ink::Pattern(pattern)) | Self::StrokeStyle(Ink::Pattern(pattern)) => {
                Some(&pattern.image)
            }
            _ => None,
        }
    }
}

/// What of an image is drawn where. What moves shows its first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnImage {
    /// Name of the asset.
    pub image: Arc<str>,
    /// x, y, width and height of what of it is drawn, its px; `None` is all. Negative sides go to the left and up; what
    /// lies beside the image is left out.
    pub part: Option<[f64; 4]>,
    /// Where its corner is placed.
    pub at: [f64; 2],
    /// Width and height that it is drawn in; `None` is its own. Negative sides go to the left and up, and mirror nothing.
    pub size: Option<[f64; 2]>,
}

/// How images are smoothed where they are drawn larger; smaller ones are always smoothed as well as possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Smoothing {
    /// Between four pixels.
    #[default]
    Low,
    /// The same.
    Medium,
    /// Between sixteen.
    High,
}

/// Which way a text runs, as far as its alignment goes: letters take their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextDirection {
    /// From left to right, as `inherit` means, too.
    #[default]
    Ltr,
    /// From right to left.
    Rtl,
}

/// What is written where.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// One line.
    pub text: Arc<str>,
    /// Where it is placed.
    pub at: [f64; 2],
    /// Narrowed to this width where it is wider.
    pub max_width: Option<f64>,
}

/// What fills or strokes in a drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Ink {
    /// One color.
    Color(Color),
    /// A gradient in the coordinates of the transform at the time of drawing.
    Gradient(Box<InkGradient>),
    /// An image over and over.
    Pattern(Box<InkPattern>),
}

/// `createPattern(image, repetition)`; its coordinates are those of the transform at the time of drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct InkPattern {
    /// Name of the asset.
    pub image: Arc<str>,
    /// Whether it is repeated to both sides, and up and down.
    pub repeats: [bool; 2],
    /// `setTransform`: a, b, c, d, e, f.
    pub transform: [f64; 6],
}

/// A gradient of a canvas, mixed in sRGB that is not premultiplied.
#[derive(Clone, Debug, PartialEq)]
pub struct InkGradient {
    /// Along what it runs.
    pub form: InkForm,
    /// Offsets 0..=1 and colors; sorted when drawn, those of one offset in their order.
    pub stops: Vec<(f64, Color)>,
}

/// Along what an [`InkGradient`] runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InkForm {
    /// `createLinearGradient(x0, y0, x1, y1)`
    Linear([f64; 4]),
    /// `createRadialGradient(x0, y0, r0, x1, y1, r1)`
    Radial([f64; 6]),
    /// `createConicGradient(startAngle, x, y)`
    Conic([f64; 3]),
}

/// Where a text is placed by its x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextAlign {
    /// At its beginning, by its [`TextDirection`].
    #[default]
    Start,
    /// At its left.
    Left,
    /// At its middle.
    Center,
    /// At its right.
    Right,
    /// At its end.
    End,
}

/// Where a text is placed by its y.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextBaseline {
    /// The line that letters stand on.
    #[default]
    Alphabetic,
    /// The top of the em square.
    Top,
    /// The line that scripts such as Devanagari hang from.
    Hanging,
    /// The middle of the em square.
    Middle,
    /// The line that ideographs stand on.
    Ideographic,
    /// The bottom of the em square.
    Bottom,
}

/// A font in the words of CSS: `italic 700 24px "Inter"`.
#[derive(Clone, Debug)]
pub struct CanvasFont {
    css: Arc<str>,
    style: TextStyle,
}

impl CanvasFont {
    /// From style, weight, size in px and family, of which only the size and the family must be there. Of several families
    /// the first counts, and what it lacks is taken from the other fonts at hand.
    ///
    /// # Errors
    /// In words, where it is none.
    pub fn new(css: &str) -> Result<Self, String> {
        const RULE: &str = "is no font; takes style, weight, size in px and family, such as `italic 700 24px Inter`";
        let mut style = TextStyle {
            font: "".into(),
            size_px: 0.0,
            color: Color::BLACK,
            ..TextStyle::default()
        };
        if css.len() > 200 {
            return Err(RULE.to_owned());
        }
        let mut rest = css.trim();
        loop {
            let (word, after) = rest.split_once(char::is_whitespace).ok_or(RULE)?;
            rest = after.trim_start();
            match word {
                "normal" => {}
                "italic" | "oblique" => style.italic = true,
                "bold" => style.weight = 700.0,
                _ => {
                    // The height of lines has no meaning here.
                    let size = word.split('/').next().unwrap_or(word);
                    if let Some(size) = size.strip_suffix("px") {
                        style.size_px = size.parse().map_err(|_| RULE)?;
                        break;
                    }
                    style.weight = word.parse().map_err(|_| RULE)?;
                }
            }
        }
        let family = rest.split(',').next().unwrap_or_default().trim();
        let family = family.trim_matches(['"', '\'']);
        style.font = family.into();
        let in_range = crate::ranges::FONT_SIZE.contains(style.size_px)
            && crate::ranges::WEIGHT.contains(style.weight);
        if family.is_empty() || !in_range {
            return Err(RULE.to_owned());
        }
        Ok(Self {
            css: css.into(),
            style,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.css
    }

    /// What it says.
    pub const fn style(&self) -> &TextStyle {
        &self.style
    }

    /// Whether it leaves the family to us.
    pub fn is_generic(&self) -> bool {
        [
            "sans-serif",
            "serif",
            "monospace",
            "system-ui",
            "ui-sans-serif",
        ]
        .contains(&&*self.style.font)
    }
}

impl PartialEq for CanvasFont {
    fn eq(&self, other: &Self) -> bool {
        self.css == other.css
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_read_as_css_writes_them() {
        let font = CanvasFont::new("italic 700 24px/1.2 'DejaVu Sans', sans-serif").unwrap();
        let style = font.style();
        assert!(style.italic && style.weight > 699.0 && &*style.font == "DejaVu Sans");
        assert!(CanvasFont::new("10px sans-serif").unwrap().is_generic());
        for css in [
            "",
            "24px",
            "Inter",
            "24em Inter",
            "0px Inter",
            "fat 24px Inter",
            "1e9px x",
        ] {
            assert!(CanvasFont::new(css).is_err(), "{css}");
        }
    }
}
