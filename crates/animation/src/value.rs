//! Values of properties, and the two things that are done with them.

use crate::ColorSpace;
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
    /// Text, a word of a closed list, the name of an image or font; discrete.
    Text(Arc<str>),
}

impl Value {
    /// The value `p` of the way from `self` to `to`; beyond 0..=1 it extrapolates. Colours mix in `space`.
    ///
    /// Discrete values, and any two of different types, switch at 0.5.
    #[must_use]
    pub fn interpolate(&self, to: &Self, p: f64, space: ColorSpace) -> Self {
        match (self, to) {
            (Self::Number(a), Self::Number(b)) => Self::Number(lerp(*a, *b, p)),
            (Self::Vec2(a), Self::Vec2(b)) => {
                Self::Vec2([lerp(a[0], b[0], p), lerp(a[1], b[1], p)])
            }
            (Self::Color(a), Self::Color(b)) => Self::Color(space.mix(*a, *b, p)),
            _ if p < 0.5 => self.clone(),
            _ => to.clone(),
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
            _ => other.clone(),
        }
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

    /// Whether there is something between any two of its type.
    pub const fn is_continuous(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Vec2(_) | Self::Color(_))
    }

    /// Name of the type, for messages.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Vec2(_) => "vec2",
            Self::Color(_) => "color",
            Self::Bool(_) => "bool",
            Self::Text(_) => "text",
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
