//! Properties: the fields of a layer that can move, addressed by their path in the document.
//!
//! One table, [`Property::slot`], says where each property lives; reading, writing, type and range all come from it.

use crate::effect::FieldSlot;
use crate::ranges::{
    ANCHOR, ANGLE, CROP, CROP_AT, CROP_SIDE, FONT_SIZE, LENGTH, LETTER_SPACING, NUMBER, POSITION,
    RADIUS, SCALE, SPRITE_FRAME, UNIT, WORD_SPACING,
};
use crate::{
    Cutout, EFFECTS, Effect, GradientProperty, Id, Image, Layer, Paint, PaintOf, Source,
    StrokeProperty, Takes, TextContent,
};
use animation::Value;
use media::Color;
use std::str::FromStr;
use std::sync::Arc;

/// A field that can move.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// `opacity`
    Opacity,
    /// `visible`
    Visible,
    /// `transform.x_px`
    X,
    /// `transform.y_px`
    Y,
    /// `transform.anchor_x`
    AnchorX,
    /// `transform.anchor_y`
    AnchorY,
    /// `transform.width_px`
    Width,
    /// `transform.height_px`
    Height,
    /// `transform.scale_x`
    ScaleX,
    /// `transform.scale_y`
    ScaleY,
    /// `transform.rotation_deg`
    Rotation,
    /// `transform.flip_x`
    FlipX,
    /// `transform.flip_y`
    FlipY,
    /// `transform.corner_pin.{corner}.x_px`: of a layer with moved corners, 0 to 3 from the top left clockwise.
    PinX(Corner),
    /// `transform.corner_pin.{corner}.y_px`
    PinY(Corner),
    /// `crop.left_px`: of a layer with a crop.
    CropLeft,
    /// `crop.top_px`
    CropTop,
    /// `crop.right_px`
    CropRight,
    /// `crop.bottom_px`
    CropBottom,
    /// `source.color`: of a colour, text, ticker, countdown, clock or QR code.
    SourceColor,
    /// `source.fill`: of a shape, text, ticker or countdown filled with one colour.
    SourceFill,
    /// `source.text`: of a ticker, or of a text that is neither in runs nor a number.
    SourceText,
    /// `source.value`: of a text that shows a number.
    SourceValue,
    /// `source.reveal`: of a text.
    SourceReveal,
    /// `source.size_px`: of a text, ticker, countdown or clock.
    SourceSize,
    /// `source.letter_spacing_px`: of a text, ticker, countdown or clock.
    SourceLetterSpacing,
    /// `source.word_spacing_px`: of a text, ticker or countdown.
    SourceWordSpacing,
    /// `source.corner_radius_px`: of an image.
    SourceCornerRadius,
    /// `source.stroke.{field}`: of a shape's stroke.
    Stroke(StrokeProperty),
    /// `source.gradient.{field}`, `source.fill.{field}` or `source.stroke.paint.{field}`: of a gradient there.
    Gradient(PaintOf, GradientProperty),
    /// `source.crop_px.x`: of an image with a crop.
    SourceCropX,
    /// `source.crop_px.y`: of an image with a crop.
    SourceCropY,
    /// `source.crop_px.width`: of an image with a crop.
    SourceCropWidth,
    /// `source.crop_px.height`: of an image with a crop.
    SourceCropHeight,
    /// `source.frame`: of a sprite that has one.
    SourceFrame,
    /// `wipe.progress`: of a layer with a wipe.
    WipeProgress,
    /// `wipe.softness`
    WipeSoftness,
    /// `wipe.angle_deg`: of a linear wipe or one around a point.
    WipeAngle,
    /// `effects.{id}.{field}`
    Effect(Id, EffectProperty),
    /// `background`: of the canvas.
    Background,
}

/// A corner of a layer's box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Corner {
    /// 0
    TopLeft,
    /// 1
    TopRight,
    /// 2
    BottomRight,
    /// 3
    BottomLeft,
}

/// A field of an effect that can move: `sigma_px`, `enabled`, or one number of a matrix, `matrix.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EffectProperty {
    field: &'static str,
    /// Which number of a matrix.
    part: Option<u8>,
}

/// The field that every effect has.
const ENABLED: EffectProperty = EffectProperty {
    field: "enabled",
    part: None,
};

const NAMES: [(&str, Property); 55] = [
    ("opacity", Property::Opacity),
    ("visible", Property::Visible),
    ("transform.x_px", Property::X),
    ("transform.y_px", Property::Y),
    ("transform.anchor_x", Property::AnchorX),
    ("transform.anchor_y", Property::AnchorY),
    ("transform.width_px", Property::Width),
    ("transform.height_px", Property::Height),
    ("transform.scale_x", Property::ScaleX),
    ("transform.scale_y", Property::ScaleY),
    ("transform.rotation_deg", Property::Rotation),
    ("transform.flip_x", Property::FlipX),
    ("transform.flip_y", Property::FlipY),
    (
        "transform.corner_pin.0.x_px",
        Property::PinX(Corner::TopLeft),
    ),
    (
        "transform.corner_pin.0.y_px",
        Property::PinY(Corner::TopLeft),
    ),
    (
        "transform.corner_pin.1.x_px",
        Property::PinX(Corner::TopRight),
    ),
    (
        "transform.corner_pin.1.y_px",
        Property::PinY(Corner::TopRight),
    ),
    (
        "transform.corner_pin.2.x_px",
        Property::PinX(Corner::BottomRight),
    ),
    (
        "transform.corner_pin.2.y_px",
        Property::PinY(Corner::BottomRight),
    ),
    (
        "transform.corner_pin.3.x_px",
        Property::PinX(Corner::BottomLeft),
    ),
    (
        "transform.corner_pin.3.y_px",
        Property::PinY(Corner::BottomLeft),
    ),
    ("crop.left_px", Property::CropLeft),
    ("crop.top_px", Property::CropTop),
    ("crop.right_px", Property::CropRight),
    ("crop.bottom_px", Property::CropBottom),
    ("source.color", Property::SourceColor),
    ("source.fill", Property::SourceFill),
    ("source.text", Property::SourceText),
    ("source.value", Property::SourceValue),
    ("source.reveal", Property::SourceReveal),
    ("source.size_px", Property::SourceSize),
    ("source.letter_spacing_px", Property::SourceLetterSpacing),
    ("source.word_spacing_px", Property::SourceWordSpacing),
    ("source.corner_radius_px", Property::SourceCornerRadius),
    (
        "source.stroke.width_px",
        Property::Stroke(StrokeProperty::Width),
    ),
    (
        "source.stroke.paint",
        Property::Stroke(StrokeProperty::Paint),
    ),
    (
        "source.stroke.dash.offset_px",
        Property::Stroke(StrokeProperty::DashOffset),
    ),
    (
        "source.gradient.angle_deg",
        Property::Gradient(PaintOf::Source, GradientProperty::Angle),
    ),
    (
        "source.gradient.center",
        Property::Gradient(PaintOf::Source, GradientProperty::Center),
    ),
    (
        "source.gradient.radius_px",
        Property::Gradient(PaintOf::Source, GradientProperty::Radius),
    ),
    (
        "source.fill.angle_deg",
        Property::Gradient(PaintOf::Fill, GradientProperty::Angle),
    ),
    (
        "source.fill.center",
        Property::Gradient(PaintOf::Fill, GradientProperty::Center),
    ),
    (
        "source.fill.radius_px",
        Property::Gradient(PaintOf::Fill, GradientProperty::Radius),
    ),
    (
        "source.stroke.paint.angle_deg",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Angle),
    ),
    (
        "source.stroke.paint.center",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Center),
    ),
    (
        "source.stroke.paint.radius_px",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Radius),
    ),
    ("source.crop_px.x", Property::SourceCropX),
    ("source.crop_px.y", Property::SourceCropY),
    ("source.crop_px.width", Property::SourceCropWidth),
    ("source.crop_px.height", Property::SourceCropHeight),
    ("source.frame", Property::SourceFrame),
    ("wipe.progress", Property::WipeProgress),
    ("wipe.softness", Property::WipeSoftness),
    ("wipe.angle_deg", Property::WipeAngle),
    ("background", Property::Background),
];

impl FromStr for Property {
    type Err = ();

    /// From a path such as `transform.x_px` or `effects.shadow.sigma_px`; the error means "no such path".
    fn from_str(path: &str) -> Result<Self, ()> {
        if let Some((id, field)) = path
            .strip_prefix("effects.")
            .and_then(|rest| rest.split_once('.'))
        {
            let field = EffectProperty::named(field).ok_or(())?;
            return Ok(Self::Effect(Id::new(id).ok_or(())?, field));
        }
        NAMES
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(_, p)| p.clone())
            .ok_or(())
    }
}

impl std::fmt::Display for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Self::Effect(id, field) = self {
            return write!(f, "effects.{id}.{field}");
        }
        f.write_str(
            NAMES
                .iter()
                .find(|(_, p)| p == self)
                .map_or("", |(name, _)| name),
        )
    }
}

/// The numbers a property may take, ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Range {
    /// From `min` to `max`, both included.
    pub const fn new(min: f64, max: f64) -> Self {
        Self { min, max }
    }

    /// Whether `v` lies inside; never for NaN.
    pub fn contains(self, v: f64) -> bool {
        v >= self.min && v <= self.max
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.min, self.max)
    }
}

/// Where a property lives in a layer.
pub(crate) enum Slot<'a> {
    Number(&'a mut f64, Range),
    /// A number that may be absent; only a present one can move.
    Length(&'a mut Option<f64>, Range),
    Pair(&'a mut [f64; 2], Range),
    /// Four radii that move as one.
    Radii(&'a mut [f64; 4], Range),
    Color(&'a mut Color),
    Bool(&'a mut bool),
    Text(&'a mut Arc<str>),
}

impl EffectProperty {
    /// The one of that name in the document.
    pub fn named(name: &str) -> Option<Self> {
        if name == ENABLED.field {
            return Some(ENABLED);
        }
        let (field, part) = match name.split_once('.') {
            Some((field, part)) => (field, Some(part.parse().ok()?)),
            None => (name, None),
        };
        let known = EFFECTS.iter().flat_map(|spec| spec.fields);
        let known = known.filter(|known| known.name == field);
        let fits = |takes| match takes {
            Takes::Matrix(_) => part.is_some_and(|part| part < 20),
            Takes::Number(..) | Takes::Color(_) | Takes::Radii(_) => part.is_none(),
        };
        let found = known
            .into_iter()
            .find(|known| fits(known.takes))
            .map(|known| Self {
                field: known.name,
                part,
            })?;
        // One name for each: `matrix.04` is none.
        (found.to_string() == name).then_some(found)
    }

    /// The names of all but numbers of matrices, each once.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let mut names = vec![ENABLED.field];
        for field in EFFECTS.iter().flat_map(|spec| spec.fields) {
            if !matches!(field.takes, Takes::Matrix(_)) && !names.contains(&field.name) {
                names.push(field.name);
            }
        }
        names.into_iter()
    }

    /// Whether it is a color.
    pub fn is_color(self) -> bool {
        let mut fields = EFFECTS.iter().flat_map(|spec| spec.fields);
        fields.any(|field| field.name == self.field && matches!(field.takes, Takes::Color(_)))
    }

    /// Whether it is true or false.
    pub fn is_switch(self) -> bool {
        self == ENABLED
    }

    fn slot(self, effect: &mut Effect) -> Option<Slot<'_>> {
        if self == ENABLED {
            return Some(Slot::Bool(&mut effect.enabled));
        }
        let fields = effect.kind.spec().fields;
        let takes = fields.iter().find(|field| field.name == self.field)?.takes;
        Some(match (effect.kind.slot(self.field)?, takes) {
            (FieldSlot::Number(v), Takes::Number(range, _)) => Slot::Number(v, range),
            (FieldSlot::Color(v), _) => Slot::Color(v),
            (FieldSlot::Radii(v), Takes::Radii(range)) => Slot::Radii(v, range),
            (FieldSlot::Matrix(v), Takes::Matrix(range)) => {
                Slot::Number(v.get_mut(usize::from(self.part?))?, range)
            }
            _ => return None,
        })
    }
}

impl std::fmt::Display for EffectProperty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.field)?;
        match self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

impl Property {
    /// Every one but those of effects, with its path.
    pub fn all() -> impl Iterator<Item = (&'static str, Self)> {
        NAMES.into_iter()
    }

    /// Whether its value is two numbers that move together.
    pub const fn is_pair(&self) -> bool {
        matches!(self, Self::Gradient(_, GradientProperty::Center))
    }

    /// Every one of the effect `id`; those that its kind lacks among them.
    pub fn of_effect(id: Id) -> impl Iterator<Item = Self> {
        let parts = (0..20).map(|part| format!("matrix.{part}"));
        let names = EffectProperty::names().map(str::to_owned).chain(parts);
        names.filter_map(move |name| Some(Self::Effect(id.clone(), EffectProperty::named(&name)?)))
    }

    /// All paths in one line, for messages.
    pub fn known_paths() -> String {
        let plain = NAMES.iter().map(|(name, _)| (*name).to_owned());
        let names = EffectProperty::names().chain(["matrix.N"]);
        let effects = names.map(|name| format!("effects.ID.{name}"));
        plain.chain(effects).collect::<Vec<_>>().join(", ")
    }

    /// Whether moving this property moves, turns or resizes its layer.
    pub(crate) const fn places(&self) -> bool {
        matches!(
            self,
            Self::X
                | Self::Y
                | Self::AnchorX
                | Self::AnchorY
                | Self::Width
                | Self::Height
                | Self::ScaleX
                | Self::ScaleY
                | Self::Rotation
                | Self::FlipX
                | Self::FlipY
                | Self::PinX(_)
                | Self::PinY(_)
                | Self::CropLeft
                | Self::CropTop
                | Self::CropRight
                | Self::CropBottom
        )
    }

    /// Where this property lives in `layer`; `None` when the layer has no such field.
    pub(crate) fn slot<'a>(&self, layer: &'a mut Layer) -> Option<Slot<'a>> {
        let t = &mut layer.transform;
        Some(match self {
            Self::Opacity => Slot::Number(&mut layer.opacity, UNIT),
            Self::Visible => Slot::Bool(&mut layer.visible),
            Self::X => Slot::Number(&mut t.x_px, POSITION),
            Self::Y => Slot::Number(&mut t.y_px, POSITION),
            Self::AnchorX => Slot::Number(&mut t.anchor_x, ANCHOR),
            Self::AnchorY => Slot::Number(&mut t.anchor_y, ANCHOR),
            Self::Width => Slot::Length(&mut t.width_px, LENGTH),
            Self::Height => Slot::Length(&mut t.height_px, LENGTH),
            Self::ScaleX => Slot::Number(&mut t.scale_x, SCALE),
            Self::ScaleY => Slot::Number(&mut t.scale_y, SCALE),
            Self::Rotation => Slot::Number(&mut t.rotation_deg, ANGLE),
            Self::FlipX => Slot::Bool(&mut t.flip_x),
            Self::FlipY => Slot::Bool(&mut t.flip_y),
            Self::PinX(corner) => {
                Slot::Number(&mut t.corner_pin.as_mut()?[*corner as usize][0], POSITION)
            }
            Self::PinY(corner) => {
                Slot::Number(&mut t.corner_pin.as_mut()?[*corner as usize][1], POSITION)
            }
            Self::CropLeft => Slot::Number(&mut layer.crop.as_mut()?.left_px, CROP),
            Self::CropTop => Slot::Number(&mut layer.crop.as_mut()?.top_px, CROP),
            Self::CropRight => Slot::Number(&mut layer.crop.as_mut()?.right_px, CROP),
            Self::CropBottom => Slot::Number(&mut layer.crop.as_mut()?.bottom_px, CROP),
            Self::SourceColor => match layer.source.as_mut()? {
                Source::Color(color) => Slot::Color(color),
                Source::Qr(qr) => Slot::Color(&mut qr.color),
                source => Slot::Color(&mut style(source)?.color),
            },
            Self::SourceFill => match layer.source.as_mut()? {
                Source::Shape(crate::Shape {
                    fill: Some(Paint::Color(color)),
                    ..
                }) => Slot::Color(color),
                source => match style(source)?.fill.as_mut()? {
                    Paint::Color(color) => Slot::Color(color),
                    Paint::Gradient(_) => return None,
                },
            },
            Self::SourceText => match layer.source.as_mut()? {
                Source::Text(crate::Text {
                    text: TextContent::Plain(words),
                    ..
                }) => Slot::Text(words),
                Source::Ticker(s) => Slot::Text(&mut s.text),
                _ => return None,
            },
            Self::SourceValue => match layer.source.as_mut()? {
                Source::Text(crate::Text {
                    text: TextContent::Number(number),
                    ..
                }) => Slot::Number(&mut number.value, NUMBER),
                _ => return None,
            },
            Self::SourceReveal => match layer.source.as_mut()? {
                Source::Text(s) => Slot::Number(&mut s.reveal.part, UNIT),
                _ => return None,
            },
            Self::SourceSize => {
                Slot::Number(&mut style(layer.source.as_mut()?)?.size_px, FONT_SIZE)
            }
            Self::SourceLetterSpacing => Slot::Number(
                &mut style(layer.source.as_mut()?)?.letter_spacing_px,
                LETTER_SPACING,
            ),
            Self::SourceWordSpacing => Slot::Number(
                &mut style(layer.source.as_mut()?)?.word_spacing_px,
                WORD_SPACING,
            ),
            Self::SourceCornerRadius => match layer.source.as_mut()? {
                Source::Image(s) => Slot::Number(&mut s.corner_radius_px, RADIUS),
                _ => return None,
            },
            Self::Stroke(field) => field.slot(layer.source.as_mut()?)?,
            Self::Gradient(of, field) => field.slot(of.gradient(layer.source.as_mut()?)?)?,
            Self::SourceCropX => Slot::Number(&mut crop(layer.source.as_mut()?)?.x, CROP_AT),
            Self::SourceCropY => Slot::Number(&mut crop(layer.source.as_mut()?)?.y, CROP_AT),
            Self::SourceCropWidth => {
                Slot::Number(&mut crop(layer.source.as_mut()?)?.width, CROP_SIDE)
            }
            Self::SourceCropHeight => {
                Slot::Number(&mut crop(layer.source.as_mut()?)?.height, CROP_SIDE)
            }
            Self::SourceFrame => match layer.source.as_mut()? {
                Source::Sprite(s) => Slot::Length(&mut s.frame, SPRITE_FRAME),
                _ => return None,
            },
            Self::WipeProgress => Slot::Number(&mut layer.wipe.as_mut()?.progress, UNIT),
            Self::WipeSoftness => Slot::Number(&mut layer.wipe.as_mut()?.softness, UNIT),
            Self::WipeAngle => Slot::Number(layer.wipe.as_mut()?.form.angle_mut()?, ANGLE),
            Self::Effect(id, field) => {
                field.slot(layer.effects.iter_mut().find(|e| e.id == *id)?)?
            }
            Self::Background => return None,
        })
    }
}

impl Slot<'_> {
    /// What is there now; `None` for an absent length.
    pub(crate) fn get(&self) -> Option<Value> {
        Some(match self {
            Self::Number(v, _) => Value::Number(**v),
            Self::Length(v, _) => Value::Number((**v)?),
            Self::Pair(v, _) => Value::Vec2(**v),
            Self::Radii(v, _) => Value::Number(v[0]),
            Self::Color(v) => Value::Color(**v),
            Self::Bool(v) => Value::Bool(**v),
            Self::Text(v) => Value::Text(Arc::clone(v)),
        })
    }

    /// Writes `value`, numbers clamped to the range; a value of another type changes nothing.
    pub(crate) fn set(self, value: Value) {
        match (self, value) {
            (Self::Number(to, range), Value::Number(v)) => *to = v.clamp(range.min, range.max),
            (Self::Length(to, range), Value::Number(v)) => {
                *to = Some(v.clamp(range.min, range.max));
            }
            (Self::Pair(to, range), Value::Vec2(v)) => {
                *to = v.map(|v| v.clamp(range.min, range.max));
            }
            (Self::Radii(to, range), Value::Number(v)) => *to = [v.clamp(range.min, range.max); 4],
            (Self::Color(to), Value::Color(v)) => *to = v,
            (Self::Bool(to), Value::Bool(v)) => *to = v,
            (Self::Text(to), Value::Text(v)) => *to = v,
            (_, _) => {}
        }
    }

    /// The type of value that stands here, in words.
    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Number(..) | Self::Length(..) | Self::Radii(..) => "a number",
            Self::Pair(..) => "a pair of numbers",
            Self::Color(_) => "a colour",
            Self::Bool(_) => "true or false",
            Self::Text(_) => "text",
        }
    }

    /// Whether `value` has the type that stands here.
    pub(crate) const fn takes(&self, value: &Value) -> bool {
        matches!(
            (self, value),
            (
                Self::Number(..) | Self::Length(..) | Self::Radii(..),
                Value::Number(_)
            ) | (Self::Pair(..), Value::Vec2(_))
                | (Self::Color(_), Value::Color(_))
                | (Self::Bool(_), Value::Bool(_))
                | (Self::Text(_), Value::Text(_))
        )
    }
}

fn crop(source: &mut Source) -> Option<&mut Cutout> {
    match source {
        Source::Image(Image { crop_px, .. }) => crop_px.as_mut(),
        _ => None,
    }
}

fn style(source: &mut Source) -> Option<&mut crate::TextStyle> {
    match source {
        Source::Text(s) => Some(&mut s.style),
        Source::Ticker(s) => Some(&mut s.style),
        Source::Countdown(s) => Some(&mut s.style),
        Source::Clock(s) => Some(&mut s.style),
        Source::Color(_)
        | Source::Gradient(_)
        | Source::Shape(_)
        | Source::Image(_)
        | Source::Qr(_)
        | Source::Svg(_)
        | Source::Drawing(_)
        | Source::Sprite(_) => None,
    }
}

/// The words for a value's type.
pub(crate) const fn value_type_name(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "a number",
        Value::Vec2(_) => "a pair of numbers",
        Value::Color(_) => "a colour",
        Value::Bool(_) => "true or false",
        Value::Text(_) => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_reads_back_as_written() {
        for (name, property) in NAMES {
            assert_eq!(name.parse(), Ok(property.clone()));
            assert_eq!(property.to_string(), name);
        }
        let parts = (0..20).map(|part| format!("matrix.{part}"));
        for name in EffectProperty::names().map(str::to_owned).chain(parts) {
            let path = format!("effects.shadow.{name}");
            assert_eq!(
                path.parse::<Property>().map(|p| p.to_string()),
                Ok(path.clone())
            );
        }
        let none = [
            "effects.shadow",
            "effects.shadow.matrix",
            "effects.shadow.matrix.20",
            "effects.shadow.matrix.04",
            "effects.shadow.color.1",
            "transform.z_px",
        ];
        for path in none {
            assert!(path.parse::<Property>().is_err(), "{path}");
        }
    }

    #[test]
    fn a_name_stands_for_one_type_of_value_in_all_effects() {
        for field in EFFECTS.iter().flat_map(|spec| spec.fields) {
            let is_color = matches!(field.takes, Takes::Color(_));
            let named = EffectProperty::named(field.name);
            assert!(
                named.is_none_or(|named| named.is_color() == is_color),
                "{}",
                field.name
            );
        }
    }
}
