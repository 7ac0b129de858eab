//! Values of properties, and the two things that are done with them.

use crate::transform::{accumulated, interpolate_lists};
use crate::{ColorSpace, TransformFunction, Whole};
use media::Color;
use std::sync::Arc;

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Pixels, degrees, a factor, an opacity. Sampling clamps nothing: the property's range applies after the whole stack.
    Number(f64),
    /// Two numbers that move together, such as a position.
    Vec2([f64; 2]),
    /// A colour.
    Color(Color),
    /// On or off; discrete.
    Bool(bool),
    /// Text, the name of an image or font; discrete.
    Text(Arc<str>),
    /// A word of a closed list; discrete.
    Word(&'static str),
    /// A whole number that counts or orders; discrete.
    Integer(i64),
    /// A list of transform functions.
    Transform(Arc<[TransformFunction]>),
    /// Something of several parts: a gradient, an outline.
    Whole(Whole),
}

impl Value {
    /// The value `p` of the way from `self` to `to`; beyond 0..=1 it extrapolates. Colours mix in `space`.
    ///
    /// Discrete values, and any two of different types, switch at 0.5. Transform lists and wholes allocate where they mix;
    /// nothing else does.
    #[must_use]
    pub fn interpolate(&self, to: &Self, p: f64, space: ColorSpace) -> Self {
        match (self, to) {
            (Self::Number(a), Self::Number(b)) => Self::Number(lerp(*a, *b, p)),
            (Self::Vec2(a), Self::Vec2(b)) => {
                Self::Vec2([lerp(a[0], b[0], p), lerp(a[1], b[1], p)])
            }
            (Self::Color(a), Self::Color(b)) => Self::Color(space.mix(*a, *b, p)),
            (Self::Transform(a), Self::Transform(b)) => Self::Transform(interpolate_lists(a, b, p)),
            (Self::Whole(a), Self::Whole(b)) => Self::Whole(a.interpolate(b, p, space)),
            _ => match self.of_one_form(to) {
                Some((from, to)) if p != 0.0 && 1.0 - p != 0.0 => {
                    Self::Whole(from.interpolate(&to, p, space))
                }
                _ if p < 0.5 => self.clone(),
                _ => to.clone(),
            },
        }
    }

    /// A number and a whole that a number may stand for, both as wholes.
    fn of_one_form(&self, other: &Self) -> Option<(Whole, Whole)> {
        match (self, other) {
            (Self::Whole(a), Self::Number(b)) => Some((a.clone(), a.made_of(*b)?)),
            (Self::Number(a), Self::Whole(b)) => Some((b.made_of(*a)?, b.clone())),
            _ => None,
        }
    }

    /// `self` with `other` added on top; colours per premultiplied sRGB component.
    ///
    /// Discrete values, and any two of different types, do not add: the result is `other`.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a + b),
            (Self::Vec2(a), Self::Vec2(b)) => Self::Vec2([a[0] + b[0], a[1] + b[1]]),
            (Self::Color(a), Self::Color(b)) => Self::Color(add_colors(*a, *b)),
            (Self::Transform(a), Self::Transform(b)) => Self::Transform(joined(a, b)),
            _ => {
                let sum = self.of_one_form(other);
                let sum = sum.and_then(|(a, b)| a.plus(&b));
                sum.map_or_else(|| other.clone(), Self::Whole)
            }
        }
    }

    /// As [`add`](Self::add), but transform lists of the same functions add up one by one instead of following each other.
    #[must_use]
    pub fn accumulate(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Transform(a), Self::Transform(b)) => {
                Self::Transform(accumulated(a, b).unwrap_or_else(|| joined(a, b)))
            }
            _ => self.add(other),
        }
    }

    /// Whether keyframes of one property may hold both: the same type, or a colour and what may stand in its place.
    pub(crate) const fn stands_beside(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (
                Self::Number(_) | Self::Whole(_),
                Self::Number(_) | Self::Whole(_)
            ) | (Self::Vec2(_), Self::Vec2(_))
                | (
                    Self::Color(_) | Self::Whole(_),
                    Self::Color(_) | Self::Whole(_)
                )
                | (Self::Bool(_), Self::Bool(_))
                | (Self::Text(_), Self::Text(_))
                | (Self::Word(_), Self::Word(_))
                | (Self::Integer(_), Self::Integer(_))
                | (Self::Transform(_), Self::Transform(_))
        )
    }

    /// `self` with `other` taken off, what [`add`](Self::add) would bring back; values that do not add stay what they are.
    #[must_use]
    pub fn less(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(a - b),
            (Self::Vec2(a), Self::Vec2(b)) => Self::Vec2([a[0] - b[0], a[1] - b[1]]),
            _ => self.clone(),
        }
    }

    /// Whether every number in it is finite. What a whole holds is kept finite by whoever mixes it.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Number(v) => v.is_finite(),
            Self::Vec2(v) => v.iter().all(|v| v.is_finite()),
            Self::Color(v) => [v.r, v.g, v.b, v.a].iter().all(|v| v.is_finite()),
            Self::Transform(v) => v.iter().all(|one| one.is_finite()),
            Self::Bool(_) | Self::Text(_) | Self::Word(_) | Self::Integer(_) | Self::Whole(_) => {
                true
            }
        }
    }

    /// Whether there is something between it and some others: not of words, switches and whole numbers.
    pub const fn is_continuous(&self) -> bool {
        match self {
            Self::Number(_)
            | Self::Vec2(_)
            | Self::Color(_)
            | Self::Transform(_)
            | Self::Whole(_) => true,
            Self::Bool(_) | Self::Text(_) | Self::Word(_) | Self::Integer(_) => false,
        }
    }

    /// Whether there is something between these two: numbers, pairs, colors, transform functions, and wholes of one form, which a
    /// number may stand for. Mixes wholes to find out.
    pub fn mixes_with(&self, to: &Self) -> bool {
        match (self, to) {
            (Self::Number(_), Self::Number(_))
            | (Self::Vec2(_), Self::Vec2(_))
            | (Self::Color(_), Self::Color(_))
            | (Self::Transform(_), Self::Transform(_)) => true,
            (Self::Whole(from), Self::Whole(to)) => from.mixes_with(to),
            _ => self.of_one_form(to).is_some(),
        }
    }

    /// Name of the type, for messages.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Vec2(_) => "vec2",
            Self::Color(_) => "color",
            Self::Bool(_) => "bool",
            Self::Text(_) => "text",
            Self::Word(_) => "word",
            Self::Integer(_) => "integer",
            Self::Transform(_) => "transform",
            Self::Whole(_) => "whole",
        }
    }
}

/// Linear interpolation, exact at both ends and between equal ends; `a + (b - a) * p` misses `b`, `a * (1 - p) + b * p` wobbles between equals.
pub(crate) fn lerp(a: f64, b: f64, p: f64) -> f64 {
    if p < 0.5 {
        a + (b - a) * p
    } else {
        b - (b - a) * (1.0 - p)
    }
}

/// One list after the other: what is added is applied first.
fn joined(a: &[TransformFunction], b: &[TransformFunction]) -> Arc<[TransformFunction]> {
    a.iter().chain(b).copied().collect()
}

fn add_colors(a: Color, b: Color) -> Color {
    // Alpha stops at 1 before it divides: red plus blue is magenta, not half of it at twice the alpha.
    let alpha = (a.a + b.a).min(1.0);
    if alpha == 0.0 {
        return Color::TRANSPARENT;
    }
    let sum = |x: f64, y: f64| (x * a.a + y * b.a) / alpha;
    Color::new(sum(a.r, b.r), sum(a.g, b.g), sum(a.b, b.b), alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discrete_values_switch_in_the_middle() {
        let (a, b) = (Value::Text("a".into()), Value::Text("b".into()));
        for (p, want) in [
            (-1.0, &a),
            (0.0, &a),
            (0.499_999, &a),
            (0.5, &b),
            (1.0, &b),
            (2.0, &b),
        ] {
            assert_eq!(&a.interpolate(&b, p, ColorSpace::Oklab), want, "{p}");
        }
        assert_eq!(
            Value::Bool(true).add(&Value::Bool(false)),
            Value::Bool(false)
        );
    }

    #[test]
    fn colors_add_premultiplied() {
        let half_green = Color::new(0.0, 1.0, 0.0, 0.5);
        assert_eq!(
            add_colors(
                Color::new(1.0, 0.0, 0.0, 1.0),
                Color::new(0.0, 0.0, 1.0, 1.0)
            ),
            Color::new(1.0, 0.0, 1.0, 1.0)
        );
        assert_eq!(
            add_colors(half_green, half_green),
            Color::new(0.0, 1.0, 0.0, 1.0)
        );
        assert_eq!(add_colors(Color::TRANSPARENT, half_green), half_green);
    }
}
