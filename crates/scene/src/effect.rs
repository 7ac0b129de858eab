//! Effects: named changes to the picture of a layer or a group.
//!
//! One table, at the end of this file, says what effects there are, and of each field its name, meaning, range and
//! default; the rules, what can move, the JSON, the published schema and the keys of rasters are all made from it. What an
//! effect does to pixels is in `sources`.

use crate::Id;
use crate::Range;
use crate::ranges::{
    ADJUST, ANGLE, BALANCE, BLUR_RADIUS, LEVELS, MATRIX, OUTLINE_WIDTH, RADIUS, REACH,
    SHADOW_OFFSET, SIGMA, STRENGTH, TILE_SIZE, UNIT,
};
use media::Color;

/// A named change to the picture of a layer, or of a group as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Unique in the layer.
    pub id: Id,
    /// Whether it is applied.
    pub enabled: bool,
    /// What it does.
    pub kind: EffectKind,
}

impl Effect {
    /// An enabled effect.
    pub const fn new(id: Id, kind: EffectKind) -> Self {
        Self {
            id,
            enabled: true,
            kind,
        }
    }

    /// Whether it is enabled and can change the layer's picture: what does not is left out, so that it costs nothing.
    pub fn acts(&self) -> bool {
        self.enabled && self.kind.acts()
    }
}

/// One type of effect.
#[derive(Debug)]
pub struct EffectSpec {
    /// The word of the document's `type`.
    pub word: &'static str,
    /// The name of its schema.
    pub schema: &'static str,
    /// What it does, a sentence or more.
    pub says: &'static str,
    /// Its fields, in the order they are written.
    pub fields: &'static [EffectField],
    fresh: fn() -> EffectKind,
}

impl EffectSpec {
    /// An effect of this type with every default; what has none is 0, or the least that is allowed.
    pub fn fresh(&self) -> EffectKind {
        (self.fresh)()
    }
}

/// One field of a type of effect.
#[derive(Debug)]
pub struct EffectField {
    /// Its name in the document.
    pub name: &'static str,
    /// What it means, with its unit.
    pub says: &'static str,
    /// What may stand there.
    pub takes: Takes,
}

/// What a field of an effect takes; without a default it is required.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// A number.
    Number(Range, Option<f64>),
    /// A color.
    Color(Option<Color>),
    /// One radius for all corners or four, top left, top right, bottom right, bottom left.
    Radii(Range),
    /// Four rows of five numbers.
    Matrix(Range),
}

/// What stands in a field of an effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue {
    /// A number.
    Number(f64),
    /// A color.
    Color(Color),
    /// Radii of four corners, top left, top right, bottom right, bottom left.
    Radii([f64; 4]),
    /// Four rows of five numbers.
    Matrix([f64; 20]),
}

/// Where a field of an effect lives.
pub(crate) enum FieldSlot<'a> {
    Number(&'a mut f64),
    Color(&'a mut Color),
    Radii(&'a mut [f64; 4]),
    Matrix(&'a mut [f64; 20]),
}

/// A type that fields of effects have.
trait FieldType: Copy {
    fn fresh(takes: Takes) -> Self;
    fn value(self) -> FieldValue;
    fn slot(&mut self) -> FieldSlot<'_>;
}

impl FieldType for f64 {
    fn fresh(takes: Takes) -> Self {
        match takes {
            Takes::Number(_, Some(default)) => default,
            Takes::Number(range, None) => range.min.max(0.0),
            _ => 0.0,
        }
    }

    fn value(self) -> FieldValue {
        FieldValue::Number(self)
    }

    fn slot(&mut self) -> FieldSlot<'_> {
        FieldSlot::Number(self)
    }
}

impl FieldType for Color {
    fn fresh(takes: Takes) -> Self {
        match takes {
            Takes::Color(Some(default)) => default,
            _ => Self::BLACK,
        }
    }

    fn value(self) -> FieldValue {
        FieldValue::Color(self)
    }

    fn slot(&mut self) -> FieldSlot<'_> {
        FieldSlot::Color(self)
    }
}

impl FieldType for [f64; 4] {
    fn fresh(_: Takes) -> Self {
        [0.0; 4]
    }

    fn value(self) -> FieldValue {
        FieldValue::Radii(self)
    }

    fn slot(&mut self) -> FieldSlot<'_> {
        FieldSlot::Radii(self)
    }
}

impl FieldType for [f64; 20] {
    fn fresh(_: Takes) -> Self {
        IDENTITY
    }

    fn value(self) -> FieldValue {
        FieldValue::Matrix(self)
    }

    fn slot(&mut self) -> FieldSlot<'_> {
        FieldSlot::Matrix(self)
    }
}

/// The color matrix that changes nothing.
#[rustfmt::skip]
const IDENTITY: [f64; 20] = [
    1.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 0.0,
    0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 0.0, 0.0, 1.0, 0.0,
];

const fn needed(range: Range) -> Takes {
    Takes::Number(range, None)
}

const fn number(range: Range, default: f64) -> Takes {
    Takes::Number(range, Some(default))
}

const fn color(default: Color) -> Takes {
    Takes::Color(Some(default))
}

impl EffectKind {
    /// The word of the document's `type`.
    pub fn type_name(&self) -> &'static str {
        self.spec().word
    }

    /// Each field with what stands in it, in the order they are written.
    pub fn fields(&self) -> impl Iterator<Item = (&'static EffectField, FieldValue)> {
        let fields = self.spec().fields.iter();
        fields.filter_map(|field| Some((field, self.get(field.name)?)))
    }

    /// Writes a field; `false` where there is none of that name and type.
    pub fn set(&mut self, name: &str, value: FieldValue) -> bool {
        match (self.slot(name), value) {
            (Some(FieldSlot::Number(to)), FieldValue::Number(v)) => *to = v,
            (Some(FieldSlot::Color(to)), FieldValue::Color(v)) => *to = v,
            (Some(FieldSlot::Radii(to)), FieldValue::Radii(v)) => *to = v,
            (Some(FieldSlot::Matrix(to)), FieldValue::Matrix(v)) => *to = v,
            _ => return false,
        }
        true
    }

    /// Whether it depends on where the box of its layer or group lies.
    pub(crate) fn looks_at_box(&self) -> bool {
        match self {
            Self::Pixelate { .. } | Self::Vignette { .. } | Self::CornerRadius { .. } => true,
            // It gives a color to what is transparent.
            Self::ColorMatrix { matrix } => matrix[19] > 0.0,
            _ => false,
        }
    }

    /// Whether it can change a picture.
    fn acts(&self) -> bool {
        match self {
            Self::GaussianBlur { sigma_px: size } | Self::BoxBlur { radius_px: size } => {
                *size > 0.0
            }
            Self::DropShadow { color, .. } | Self::InnerShadow { color, .. } => color.a > 0.0,
            Self::Glow {
                color,
                strength: amount,
                ..
            }
            | Self::Outline {
                color,
                width_px: amount,
            }
            | Self::Tint { color, amount }
            | Self::Vignette { color, amount, .. } => color.a > 0.0 && *amount > 0.0,
            Self::ColorMatrix { matrix } => *matrix != IDENTITY,
            Self::ColorAdjust { .. } => *self != Self::spec_of("color_adjust").fresh(),
            Self::Invert { amount } => *amount > 0.0,
            // It changes what lies below.
            Self::BackdropBlur { .. } => false,
            Self::Pixelate { .. }
            | Self::ChromaKey { .. }
            | Self::CornerRadius { .. }
            | Self::Posterize { .. }
            | Self::Threshold { .. } => true,
        }
    }

    fn spec_of(word: &str) -> &'static EffectSpec {
        EFFECTS
            .iter()
            .find(|spec| spec.word == word)
            .expect("only words of the table are asked for")
    }
}

/// Makes [`EffectKind`], [`EFFECTS`] and the access by name of one table, so that no field can be forgotten in any.
macro_rules! effects {
    ($($(#[doc = $does:literal])+ $kind:ident, $word:literal, $schema:literal {
        $($(#[doc = $says:literal])+ $field:ident: $type:ty = $takes:expr,)+
    })+) => {
        /// What an effect does. Lengths are layer px; channels are non-linear sRGB, 0..=1, straight.
        #[derive(Clone, Debug, PartialEq)]
        pub enum EffectKind {
            $($(#[doc = $does])+ $kind {
                $($(#[doc = $says])+ $field: $type,)+
            },)+
        }

        /// Every type of effect.
        pub static EFFECTS: &[EffectSpec] = &[$(EffectSpec {
            word: $word,
            schema: $schema,
            says: concat!($($does),+),
            fields: &[$(EffectField {
                name: stringify!($field),
                says: concat!($($says),+),
                takes: $takes,
            }),+],
            fresh: || EffectKind::$kind { $($field: <$type>::fresh($takes)),+ },
        }),+];

        impl EffectKind {
            /// What is known of its type.
            pub fn spec(&self) -> &'static EffectSpec {
                match self {
                    $(Self::$kind { .. } => Self::spec_of($word),)+
                }
            }

            /// What stands in a field.
            pub fn get(&self, name: &str) -> Option<FieldValue> {
                match self {
                    $(Self::$kind { $($field),+ } => match name {
                        $(stringify!($field) => Some($field.value()),)+
                        _ => None,
                    },)+
                }
            }

            /// Where a field lives.
            pub(crate) fn slot(&mut self, name: &str) -> Option<FieldSlot<'_>> {
                match self {
                    $(Self::$kind { $($field),+ } => match name {
                        $(stringify!($field) => Some($field.slot()),)+
                        _ => None,
                    },)+
                }
            }
        }
    };
}

effects! {
    /// Blurs by a gaussian; what is outside the layer counts as transparent, as in CSS, and the layer grows by three sigma.
    GaussianBlur, "gaussian_blur", "GaussianBlurEffect" {
        /// Standard deviation, layer pixels.
        sigma_px: f64 = needed(SIGMA),
    }
    /// Averages over a square.
    BoxBlur, "box_blur", "BoxBlurEffect" {
        /// Half the side of the square beside the pixel in its middle, layer pixels.
        radius_px: f64 = needed(BLUR_RADIUS),
    }
    /// The layer's alpha, blurred and coloured, below the layer.
    DropShadow, "drop_shadow", "DropShadowEffect" {
        /// To the right, layer pixels.
        dx_px: f64 = number(SHADOW_OFFSET, 0.0),
        /// Down, layer pixels.
        dy_px: f64 = number(SHADOW_OFFSET, 0.0),
        /// Standard deviation of the blur, layer pixels.
        sigma_px: f64 = needed(SIGMA),
        /// Colour and strength.
        color: Color = color(Color::BLACK),
    }
    /// A shadow that the layer's edge casts into the layer.
    InnerShadow, "inner_shadow", "InnerShadowEffect" {
        /// To the right, layer pixels.
        dx_px: f64 = number(SHADOW_OFFSET, 0.0),
        /// Down, layer pixels.
        dy_px: f64 = number(SHADOW_OFFSET, 0.0),
        /// Standard deviation of the blur, layer pixels.
        sigma_px: f64 = needed(SIGMA),
        /// Colour and strength.
        color: Color = color(Color::BLACK),
    }
    /// Light around the layer: its alpha, blurred, times the strength, below the layer.
    Glow, "glow", "GlowEffect" {
        /// Standard deviation of the blur, layer pixels.
        sigma_px: f64 = needed(SIGMA),
        /// Colour.
        color: Color = color(Color::WHITE),
        /// Factor; above 1 the glow is solid near the layer.
        strength: f64 = number(STRENGTH, 1.0),
    }
    /// A line around the layer, of one width and with round corners, below the layer. The edge is where alpha passes a half.
    Outline, "outline", "OutlineEffect" {
        /// Width outside the edge, layer pixels.
        width_px: f64 = needed(OUTLINE_WIDTH),
        /// Colour.
        color: Color = color(Color::BLACK),
    }
    /// Each of red, green, blue and alpha becomes a sum of all four and a constant, as in SVG's feColorMatrix. One that gives a
    /// color to what is transparent fills the box, and cuts to it.
    ColorMatrix, "color_matrix", "ColorMatrixEffect" {
        /// Four rows of five numbers: of red, green, blue, alpha, and what is added, where 1 is full.
        matrix: [f64; 20] = Takes::Matrix(MATRIX),
    }
    /// CSS's filters brightness, contrast, saturate and hue-rotate, then temperature, without cutting in between.
    ColorAdjust, "color_adjust", "ColorAdjustEffect" {
        /// Factor of every channel; 0 is black.
        brightness: f64 = number(ADJUST, 1.0),
        /// Factor of the distance from middle grey: (c - 0.5) x contrast + 0.5.
        contrast: f64 = number(ADJUST, 1.0),
        /// Factor of the distance from grey of the same luma; 0 is grey.
        saturation: f64 = number(ADJUST, 1.0),
        /// Degrees by which hues turn, luma kept.
        hue_deg: f64 = number(ANGLE, 0.0),
        /// 1 is warm, -1 cold: red times 1 + 0.3 t, blue times 1 - 0.3 t, then all so that white keeps its luma.
        temperature: f64 = number(BALANCE, 0.0),
    }
    /// Mixes the layer with a colour, its shape kept.
    Tint, "tint", "TintEffect" {
        /// Colour; its alpha multiplies the amount.
        color: Color = Takes::Color(None),
        /// 0 leaves the layer as it is, 1 is all colour.
        amount: f64 = number(UNIT, 1.0),
    }
    /// Makes one colour transparent, by its distance in chroma (BT.709), and takes its cast from what is left.
    ChromaKey, "chroma_key", "ChromaKeyEffect" {
        /// The colour of the screen.
        color: Color = color(Color::new(0.0, 1.0, 0.0, 1.0)),
        /// Distance in chroma up to which a pixel is gone. Grey is 0.52 away from pure green and 0.35 from #14c828: a duller screen wants less, 0.2 for one.
        similarity: f64 = number(UNIT, 0.4),
        /// Distance beyond that over which it becomes opaque.
        smoothness: f64 = number(UNIT, 0.08),
        /// Distance beyond `similarity` over which the screen's cast is taken out.
        spill: f64 = number(UNIT, 0.1),
    }
    /// Squares of one colour each, the average of what they cover, from the corner of the layer's box.
    Pixelate, "pixelate", "PixelateEffect" {
        /// Side of a square, layer pixels.
        size_px: f64 = needed(TILE_SIZE),
    }
    /// Shades the layer towards the corners of its box.
    Vignette, "vignette", "VignetteEffect" {
        /// How much of the colour a corner takes.
        amount: f64 = number(UNIT, 0.5),
        /// Where the shade begins: 0 is the middle of the box, 1 a corner.
        radius: f64 = number(REACH, 0.4),
        /// Over how much more it becomes full, in the same unit.
        softness: f64 = number(REACH, 0.6),
        /// Colour.
        color: Color = color(Color::BLACK),
    }
    /// Cuts the layer to its box with round corners.
    CornerRadius, "corner_radius", "CornerRadiusEffect" {
        /// Radii in layer pixels: one for all corners, or top left, top right, bottom right, bottom left. When it moves, all are one.
        radius_px: [f64; 4] = Takes::Radii(RADIUS),
    }
    /// CSS's invert: each channel turned over about middle grey.
    Invert, "invert", "InvertEffect" {
        /// 1 is the negative, 0.5 all grey.
        amount: f64 = number(UNIT, 1.0),
    }
    /// Leaves each channel only so many values, evenly spaced.
    Posterize, "posterize", "PosterizeEffect" {
        /// Values of a channel, 2 to 256; a fraction is rounded.
        levels: f64 = needed(LEVELS),
    }
    /// Frosted glass: what lies below the layer, blurred by a gaussian, fills its box with the box's round corners; the layer stands on it. Where the box has another outline than a rectangle or an ellipse, all of it is filled. At most eight visible layers have one; none with moved corners, nor in a group with moved corners or effects.
    BackdropBlur, "backdrop_blur", "BackdropBlurEffect" {
        /// Standard deviation, layer pixels.
        sigma_px: f64 = needed(SIGMA),
    }
    /// White where luma (BT.709) is at least the level, black elsewhere.
    Threshold, "threshold", "ThresholdEffect" {
        /// The level.
        level: f64 = number(UNIT, 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_read_and_written_by_its_name() {
        for spec in EFFECTS {
            let mut kind = spec.fresh();
            assert!(std::ptr::eq(kind.spec(), spec), "{}", spec.word);
            assert_eq!(kind.fields().count(), spec.fields.len());
            for field in spec.fields {
                let value = kind.get(field.name).unwrap();
                assert!(kind.set(field.name, value), "{}.{}", spec.word, field.name);
                assert_eq!(kind, spec.fresh());
            }
            assert!(!kind.set("nothing", FieldValue::Number(0.0)));
        }
    }

    #[test]
    fn what_changes_nothing_does_not_act() {
        let acts = |word: &str, field: &str, value: FieldValue| {
            let mut kind = EffectKind::spec_of(word).fresh();
            assert!(kind.set(field, value));
            let mut effect = Effect::new(Id::new("e").unwrap(), kind);
            let acts = effect.acts();
            effect.enabled = false;
            assert!(!effect.acts());
            acts
        };
        let number = FieldValue::Number;
        assert!(!acts("gaussian_blur", "sigma_px", number(0.0)));
        assert!(acts("gaussian_blur", "sigma_px", number(0.1)));
        assert!(!acts("color_adjust", "contrast", number(1.0)));
        assert!(acts("color_adjust", "contrast", number(1.1)));
        assert!(!acts("glow", "strength", number(0.0)));
        assert!(!acts(
            "color_matrix",
            "matrix",
            FieldValue::Matrix(IDENTITY)
        ));
        assert!(!acts("outline", "width_px", number(0.0)));
        assert!(!acts(
            "outline",
            "color",
            FieldValue::Color(Color::TRANSPARENT)
        ));
    }
}
