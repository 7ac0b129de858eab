//! Properties: the fields of a layer that can move, addressed by their path in the document.
//!
//! One table, [`Property::slot`], says where each property lives; reading, writing, type and range all come from it.

use crate::effect::FieldSlot;
use crate::ranges::{
    ANCHOR, ANGLE, FONT_SIZE, LENGTH, LETTER_SPACING, POSITION, RADIUS, SCALE, UNIT,
};
use crate::{EFFECTS, Effect, Id, Layer, Paint, Source, Takes};
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
    /// `source.color`: of a colour, text, ticker or countdown.
    SourceColor,
    /// `source.fill`: of a shape filled with one colour.
    SourceFill,
    /// `source.text`: of a text or ticker.
    SourceText,
    /// `source.size_px`: of a text, ticker or countdown.
    SourceSize,
    /// `source.letter_spacing_px`: of a text, ticker or countdown.
    SourceLetterSpacing,
    /// `source.corner_radius_px`: of an image.
    SourceCornerRadius,
    /// `source.gradient.angle_deg`: of a gradient.
    SourceAngle,
    /// `effects.{id}.{field}`
    Effect(Id, EffectProperty),
    /// `background`: of the canvas.
    Background,
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

const NAMES: [(&str, Property); 19] = [
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
    ("source.color", Property::SourceColor),
    ("source.fill", Property::SourceFill),
    ("source.text", Property::SourceText),
    ("source.size_px", Property::SourceSize),
    ("source.letter_spacing_px", Property::SourceLetterSpacing),
    ("source.corner_radius_px", Property::SourceCornerRadius),
    ("source.gradient.angle_deg", Property::SourceAngle),
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
            Self::SourceColor => match layer.source.as_mut()? {
                Source::Color(color) => Slot::Color(color),
                source => Slot::Color(&mut style(source)?.color),
            },
            Self::SourceFill => match layer.source.as_mut()? {
                Source::Shape(crate::Shape {
                    fill: Some(Paint::Color(color)),
                    ..
                }) => Slot::Color(color),
                _ => return None,
            },
            Self::SourceText => match layer.source.as_mut()? {
                Source::Text(s) => Slot::Text(&mut s.text),
                Source::Ticker(s) => Slot::Text(&mut s.text),
                _ => return None,
            },
            Self::SourceSize => {
                Slot::Number(&mut style(layer.source.as_mut()?)?.size_px, FONT_SIZE)
            }
            Self::SourceLetterSpacing => Slot::Number(
                &mut style(layer.source.as_mut()?)?.letter_spacing_px,
                LETTER_SPACING,
            ),
            Self::SourceCornerRadius => match layer.source.as_mut()? {
                Source::Image(s) => Slot::Number(&mut s.corner_radius_px, RADIUS),
                _ => return None,
            },
            Self::SourceAngle => match layer.source.as_mut()? {
                Source::Gradient(s) => Slot::Number(&mut s.angle_deg, ANGLE),
                _ => return None,
            },
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
            ) | (Self::Color(_), Value::Color(_))
                | (Self::Bool(_), Value::Bool(_))
                | (Self::Text(_), Value::Text(_))
        )
    }
}

fn style(source: &mut Source) -> Option<&mut crate::TextStyle> {
    match source {
        Source::Text(s) => Some(&mut s.style),
        Source::Ticker(s) => Some(&mut s.style),
        Source::Countdown(s) => Some(&mut s.style),
        Source::Color(_)
        | Source::Gradient(_)
        | Source::Shape(_)
        | Source::Image(_)
        | Source::Svg(_) => None,
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
