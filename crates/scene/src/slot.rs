//! Where a property lives, and what may be put there.

use crate::parts::{Corners, Lengths, Points};
use crate::ranges::{ANGLE, POSITION, SCALE, SKEW, UNIT};
use crate::words::Choice;
use crate::{Gradient, Id, Outline, Paint, Range};
use animation::{TransformFunction, Value, Whole};
use media::Color;
use std::sync::Arc;

/// Where a property lives in a layer.
pub(crate) enum Slot<'a> {
    Number(&'a mut f64, Range),
    /// A number that may be absent; only a present one can move.
    Length(&'a mut Option<f64>, Range),
    Pair(&'a mut [f64; 2], Range),
    /// Two fields that move together.
    Both(&'a mut f64, &'a mut f64, Range),
    /// Two that may be absent; only together can they move as one.
    BothLengths(&'a mut Option<f64>, &'a mut Option<f64>, Range),
    /// Four radii; a number is all of them.
    Radii(&'a mut [f64; 4], Range),
    Color(&'a mut Color),
    /// One colour or a gradient.
    Paint(&'a mut Paint),
    Gradient(&'a mut Gradient),
    Bool(&'a mut bool),
    /// Text of at most so many characters; `None` is as many as any text may have.
    Text(&'a mut Arc<str>, Option<usize>),
    /// The name of an asset.
    Asset(&'a mut Arc<str>),
    Word(&'a mut dyn Choice),
    Integer(&'a mut dyn WholeNumber, Range),
    Functions(&'a mut Arc<[TransformFunction]>),
    Outline(&'a mut Outline),
    Points(&'a mut Vec<[f64; 2]>),
    Lengths(&'a mut Vec<f64>),
    /// Whether a group clips; its radii where it does.
    Clip(&'a mut Option<[f64; 4]>),
    /// The id of a layer.
    Layer(&'a mut Id),
    /// A field that may be absent, and is; only a present one can move.
    Absent(ValueType),
}

/// What a property takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueType {
    /// A number.
    Number(Range),
    /// A whole number; discrete.
    Integer(Range),
    /// Two numbers, both in the range.
    Pair(Range),
    /// A number for four corners, or four, all in the range.
    Radii(Range),
    /// A colour.
    Color,
    /// A colour or a gradient.
    Paint,
    /// A gradient.
    Gradient,
    /// True or false; discrete.
    Boolean,
    /// Text; discrete.
    Text,
    /// The name of an asset; discrete.
    Asset,
    /// The id of a layer; discrete.
    Layer,
    /// One of these words; discrete.
    Word(Vec<&'static str>),
    /// A list of transform functions.
    Functions,
    /// SVG path data.
    Path,
    /// A list of points.
    Points,
    /// A list of lengths.
    Lengths,
}

/// A field that holds a whole number, or none.
pub(crate) trait WholeNumber {
    fn get(&self) -> Option<i64>;
    /// Takes the nearest that fits.
    fn set(&mut self, value: i64);
}

macro_rules! whole_numbers {
    ($($type:ty),+) => {
        $(impl WholeNumber for $type {
            fn get(&self) -> Option<i64> {
                Some(i64::from(*self))
            }

            fn set(&mut self, value: i64) {
                let value = value.clamp(Self::MIN.into(), Self::MAX.into());
                *self = Self::try_from(value).unwrap_or_default();
            }
        })+
    };
}

whole_numbers!(i32, u32, u16, u8);

impl<T: WholeNumber + Default> WholeNumber for Option<T> {
    fn get(&self) -> Option<i64> {
        self.as_ref().and_then(WholeNumber::get)
    }

    fn set(&mut self, value: i64) {
        self.get_or_insert_default().set(value);
    }
}

impl Slot<'_> {
    /// What is there now; `None` for an absent length.
    pub(crate) fn get(&self) -> Option<Value> {
        Some(match self {
            Self::Number(v, _) => Value::Number(**v),
            Self::Length(v, _) => Value::Number((**v)?),
            Self::Pair(v, _) => Value::Vec2(**v),
            Self::Both(x, y, _) => Value::Vec2([**x, **y]),
            Self::BothLengths(x, y, _) => Value::Vec2([(**x)?, (**y)?]),
            Self::Radii(v, _) => match **v {
                [a, b, c, d] if [b, c, d].iter().all(|r| r.to_bits() == a.to_bits()) => {
                    Value::Number(a)
                }
                v => Value::Whole(Whole::new(Corners(v))),
            },
            Self::Color(v) => Value::Color(**v),
            Self::Paint(Paint::Color(v)) => Value::Color(*v),
            Self::Paint(Paint::Gradient(v)) => Value::Whole(Whole::new(v.clone())),
            Self::Gradient(v) => Value::Whole(Whole::new((**v).clone())),
            Self::Bool(v) => Value::Bool(**v),
            Self::Text(v, _) | Self::Asset(v) => Value::Text(Arc::clone(v)),
            Self::Word(v) => Value::Word(v.word()),
            Self::Integer(v, _) => Value::Integer(v.get()?),
            Self::Functions(v) => Value::Transform(Arc::clone(v)),
            Self::Outline(v) => Value::Whole(Whole::new((**v).clone())),
            Self::Points(v) => Value::Whole(Whole::new(Points((**v).clone()))),
            Self::Lengths(v) => Value::Whole(Whole::new(Lengths((**v).clone()))),
            Self::Clip(v) => Value::Bool(v.is_some()),
            Self::Layer(v) => Value::Text(v.as_str().into()),
            Self::Absent(_) => return None,
        })
    }

    /// Writes `value`, numbers clamped to the range; a value of another type, or one that is not finite, changes nothing.
    pub(crate) fn set(self, value: Value) {
        // The last line of defence: what stands in a layer is drawn, committed and kept.
        if !value.is_finite() {
            return;
        }
        let within = |v: f64, range: Range| v.clamp(range.min, range.max);
        match (self, value) {
            (Self::Number(to, range), Value::Number(v)) => *to = within(v, range),
            (Self::Length(to, range), Value::Number(v)) => *to = Some(within(v, range)),
            (Self::Pair(to, range), Value::Vec2(v)) => *to = v.map(|v| within(v, range)),
            (Self::Both(x, y, range), Value::Vec2(v)) => {
                (*x, *y) = (within(v[0], range), within(v[1], range));
            }
            (Self::BothLengths(x, y, range), Value::Vec2(v)) => {
                (*x, *y) = (Some(within(v[0], range)), Some(within(v[1], range)));
            }
            (Self::Radii(to, range), Value::Number(v)) => *to = [within(v, range); 4],
            (Self::Radii(to, range), Value::Whole(v)) => {
                if let Some(Corners(v)) = v.get() {
                    *to = v.map(|v| within(v, range));
                }
            }
            (Self::Color(to), Value::Color(v)) => *to = in_gamut(v),
            (Self::Paint(to), Value::Color(v)) => *to = Paint::Color(in_gamut(v)),
            (Self::Paint(Paint::Gradient(to)) | Self::Gradient(to), Value::Whole(v)) => {
                if let Some(v) = v.get::<Gradient>() {
                    (to.form, to.spread) = (v.form, v.spread);
                    to.stops.clone_from(&v.stops);
                }
            }
            (Self::Paint(to @ Paint::Color(_)), Value::Whole(v)) => {
                if let Some(v) = v.get::<Gradient>() {
                    *to = Paint::Gradient(v.clone());
                }
            }
            (Self::Bool(to), Value::Bool(v)) => *to = v,
            (Self::Clip(to), Value::Bool(true)) => {
                to.get_or_insert_default();
            }
            (Self::Clip(to), Value::Bool(false)) => *to = None,
            (Self::Layer(to), Value::Text(v)) => {
                if let Some(id) = Id::new(&v).filter(|id| id != to) {
                    *to = id;
                }
            }
            (Self::Text(to, _) | Self::Asset(to), Value::Text(v)) => *to = v,
            (Self::Word(to), Value::Word(v)) => {
                to.choose(v);
            }
            (Self::Integer(to, range), Value::Integer(v)) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "every range of whole numbers is one of exact ones"
                )]
                to.set(within(v as f64, range) as i64);
            }
            (Self::Functions(to), Value::Transform(v)) => {
                *to = if v.iter().all(|one| *one == held(*one)) {
                    v
                } else {
                    v.iter().map(|one| held(*one)).collect()
                };
            }
            (Self::Outline(to), Value::Whole(v)) => {
                if let Some(v) = v.get::<Outline>().filter(|v| **v != *to) {
                    *to = v.clone();
                }
            }
            (Self::Points(to), Value::Whole(v)) => {
                if let Some(Points(v)) = v.get() {
                    to.clone_from(v);
                }
            }
            (Self::Lengths(to), Value::Whole(v)) => {
                if let Some(Lengths(v)) = v.get() {
                    to.clone_from(v);
                }
            }
            (_, _) => {}
        }
    }

    /// What may stand here.
    pub(crate) fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_, range) | Self::Length(_, range) => ValueType::Number(*range),
            Self::Radii(_, range) => ValueType::Radii(*range),
            Self::Pair(_, range) | Self::Both(_, _, range) | Self::BothLengths(_, _, range) => {
                ValueType::Pair(*range)
            }
            Self::Color(_) => ValueType::Color,
            Self::Paint(_) => ValueType::Paint,
            Self::Gradient(_) => ValueType::Gradient,
            Self::Bool(_) | Self::Clip(_) => ValueType::Boolean,
            Self::Layer(_) => ValueType::Layer,
            Self::Text(..) => ValueType::Text,
            Self::Asset(_) => ValueType::Asset,
            Self::Word(v) => ValueType::Word(v.words()),
            Self::Integer(_, range) => ValueType::Integer(*range),
            Self::Functions(_) => ValueType::Functions,
            Self::Outline(_) => ValueType::Path,
            Self::Points(_) => ValueType::Points,
            Self::Lengths(_) => ValueType::Lengths,
            Self::Absent(takes) => takes.clone(),
        }
    }

    /// Whether `value` has the type that stands here.
    pub(crate) fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Number(..) | Self::Length(..) | Self::Radii(..), Value::Number(_))
            | (Self::Pair(..) | Self::Both(..) | Self::BothLengths(..), Value::Vec2(_))
            | (Self::Color(_) | Self::Paint(_), Value::Color(_))
            | (Self::Bool(_) | Self::Clip(_), Value::Bool(_))
            | (Self::Text(..) | Self::Asset(_) | Self::Layer(_), Value::Text(_))
            | (Self::Integer(..), Value::Integer(_))
            | (Self::Functions(_), Value::Transform(_)) => true,
            (Self::Word(v), Value::Word(word)) => v.knows(word),
            (Self::Radii(..), Value::Whole(v)) => v.get::<Corners>().is_some(),
            (Self::Paint(_) | Self::Gradient(_), Value::Whole(v)) => v.get::<Gradient>().is_some(),
            (Self::Outline(_), Value::Whole(v)) => v.get::<Outline>().is_some(),
            (Self::Points(_), Value::Whole(v)) => v.get::<Points>().is_some(),
            (Self::Lengths(_), Value::Whole(v)) => v.get::<Lengths>().is_some(),
            _ => false,
        }
    }
}

/// A color within what a document can say: easings overshoot, and OKLab reaches beyond sRGB.
pub(crate) fn in_gamut(color: Color) -> Color {
    let within = |v: f64| v.clamp(UNIT.min, UNIT.max);
    Color::new(
        within(color.r),
        within(color.g),
        within(color.b),
        within(color.a),
    )
}

/// A function within what the document allows: additions and easings may leave that.
pub(crate) fn held(function: TransformFunction) -> TransformFunction {
    let within = |v: f64, range: Range| v.clamp(range.min, range.max);
    match function {
        TransformFunction::Translate(x, y) => {
            TransformFunction::Translate(within(x, POSITION), within(y, POSITION))
        }
        TransformFunction::Scale(x, y) => {
            TransformFunction::Scale(within(x, SCALE), within(y, SCALE))
        }
        TransformFunction::Rotate(deg) => TransformFunction::Rotate(within(deg, ANGLE)),
        TransformFunction::Skew(x, y) => TransformFunction::Skew(within(x, SKEW), within(y, SKEW)),
        TransformFunction::Matrix([a, b, c, d, x, y]) => {
            let [a, b, c, d] = [a, b, c, d].map(|v| within(v, SCALE));
            TransformFunction::Matrix([a, b, c, d, within(x, POSITION), within(y, POSITION)])
        }
    }
}

impl ValueType {
    /// What it takes, in words.
    pub const fn in_words(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Integer(_) => "a whole number",
            Self::Pair(_) => "a pair of numbers",
            Self::Radii(_) => "a number, or four",
            Self::Color => "a colour",
            Self::Paint => "a colour or a gradient",
            Self::Gradient => "a gradient",
            Self::Boolean => "true or false",
            Self::Text => "text",
            Self::Asset => "the name of an asset",
            Self::Layer => "the id of a layer",
            Self::Word(_) => "a word",
            Self::Functions => "a list of transform functions",
            Self::Path => "SVG path data",
            Self::Points => "a list of points",
            Self::Lengths => "a list of lengths",
        }
    }

    /// Its name in the list of what can move.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Integer(_) => "integer",
            Self::Pair(_) => "pair",
            Self::Radii(_) => "radii",
            Self::Color => "color",
            Self::Paint => "paint",
            Self::Gradient => "gradient",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Asset => "asset",
            Self::Layer => "layer",
            Self::Word(_) => "word",
            Self::Functions => "transform",
            Self::Path => "path",
            Self::Points => "points",
            Self::Lengths => "lengths",
        }
    }

    /// How values between two keyframes come about: `linear`, `color` (in the animation's space), `transform` (pairwise,
    /// else taken apart), `structure` (part by part where the form is the same, else discrete) or `discrete`.
    pub const fn interpolation(&self) -> &'static str {
        match self {
            Self::Number(_) | Self::Pair(_) | Self::Radii(_) => "linear",
            Self::Color => "color",
            Self::Functions => "transform",
            Self::Paint | Self::Gradient | Self::Path | Self::Points | Self::Lengths => "structure",
            Self::Integer(_)
            | Self::Boolean
            | Self::Text
            | Self::Asset
            | Self::Layer
            | Self::Word(_) => "discrete",
        }
    }

    /// The numbers it may take, where it is of numbers.
    pub const fn range(&self) -> Option<Range> {
        match self {
            Self::Number(range) | Self::Integer(range) | Self::Pair(range) | Self::Radii(range) => {
                Some(*range)
            }
            _ => None,
        }
    }
}

/// The words for a value's type.
pub(crate) fn value_type_name(value: &Value) -> &'static str {
    match value {
        Value::Number(_) => "a number",
        Value::Vec2(_) => "a pair of numbers",
        Value::Color(_) => "a colour",
        Value::Bool(_) => "true or false",
        Value::Text(_) => "text",
        Value::Word(_) => "a word",
        Value::Integer(_) => "a whole number",
        Value::Transform(_) => "a list of transform functions",
        Value::Whole(v) if v.get::<Gradient>().is_some() => "a gradient",
        Value::Whole(v) if v.get::<Outline>().is_some() => "SVG path data",
        Value::Whole(v) if v.get::<Points>().is_some() => "a list of points",
        Value::Whole(v) if v.get::<Corners>().is_some() => "four numbers",
        Value::Whole(_) => "a list of lengths",
    }
}
