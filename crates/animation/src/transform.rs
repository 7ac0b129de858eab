//! Lists of transform functions, and what lies between two of them.

use crate::value::lerp;
use kurbo::Affine;
use std::sync::Arc;

/// One function of a transform list, applied to what the later ones of the list give (CSS Transforms 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TransformFunction {
    /// Moves by x and y, px.
    Translate(f64, f64),
    /// Factors along x and y.
    Scale(f64, f64),
    /// Turns clockwise, degrees.
    Rotate(f64),
    /// Slants along x and y, degrees.
    Skew(f64, f64),
    /// a, b, c, d, e, f of CSS `matrix()`.
    Matrix([f64; 6]),
}

impl TransformFunction {
    /// The map it is.
    pub fn affine(self) -> Affine {
        match self {
            Self::Translate(x, y) => Affine::translate((x, y)),
            Self::Scale(x, y) => Affine::scale_non_uniform(x, y),
            Self::Rotate(deg) => {
                let (sin, cos) = libm::sincos(deg.to_radians());
                Affine::new([cos, sin, -sin, cos, 0.0, 0.0])
            }
            Self::Skew(x, y) => {
                let [x, y] = [x, y].map(|deg| libm::tan(deg.to_radians()));
                Affine::new([1.0, y, x, 1.0, 0.0, 0.0])
            }
            Self::Matrix(coefficients) => Affine::new(coefficients),
        }
    }

    /// Whether every argument is finite.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Translate(x, y) | Self::Scale(x, y) | Self::Skew(x, y) => {
                x.is_finite() && y.is_finite()
            }
            Self::Rotate(deg) => deg.is_finite(),
            Self::Matrix(coefficients) => coefficients.iter().all(|v| v.is_finite()),
        }
    }

    /// Between two functions of one kind, argument by argument; `None` for two kinds, and for matrices.
    fn between(self, to: Self, p: f64) -> Option<Self> {
        let mix = |(a, b): (f64, f64), (c, d): (f64, f64)| (lerp(a, c, p), lerp(b, d, p));
        Some(match (self, to) {
            (Self::Translate(a, b), Self::Translate(c, d)) => {
                let (x, y) = mix((a, b), (c, d));
                Self::Translate(x, y)
            }
            (Self::Scale(a, b), Self::Scale(c, d)) => {
                let (x, y) = mix((a, b), (c, d));
                Self::Scale(x, y)
            }
            (Self::Skew(a, b), Self::Skew(c, d)) => {
                let (x, y) = mix((a, b), (c, d));
                Self::Skew(x, y)
            }
            (Self::Rotate(a), Self::Rotate(b)) => Self::Rotate(lerp(a, b, p)),
            _ => return None,
        })
    }

    /// Both at once, of one kind; `None` for two kinds, and for matrices.
    fn plus(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Translate(a, b), Self::Translate(c, d)) => Self::Translate(a + c, b + d),
            // As CSS accumulates them: twice as large and twice as large is three times as large.
            (Self::Scale(a, b), Self::Scale(c, d)) => Self::Scale(a + c - 1.0, b + d - 1.0),
            (Self::Rotate(a), Self::Rotate(b)) => Self::Rotate(a + b),
            (Self::Skew(a, b), Self::Skew(c, d)) => Self::Skew(a + c, b + d),
            _ => return None,
        })
    }

    /// The function of the same kind that changes nothing.
    const fn neutral(self) -> Self {
        match self {
            Self::Translate(..) => Self::Translate(0.0, 0.0),
            Self::Scale(..) => Self::Scale(1.0, 1.0),
            Self::Rotate(_) => Self::Rotate(0.0),
            Self::Skew(..) => Self::Skew(0.0, 0.0),
            Self::Matrix(_) => Self::Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        }
    }
}

/// The map of a whole list.
pub fn transform_of(list: &[TransformFunction]) -> Affine {
    list.iter()
        .fold(Affine::IDENTITY, |all, function| all * function.affine())
}

/// The map `p` of the way from one list to another.
///
/// As CSS Transforms has it: pairs of one kind go argument by argument, the shorter list is filled up with functions that
/// change nothing, and from the first pair that does not match, the rest is taken apart into translation, rotation, skew
/// and scale, which turns the short way. Rests that cannot be taken apart (something is scaled to nothing) switch in the
/// middle.
pub fn interpolate_transforms(
    from: &[TransformFunction],
    to: &[TransformFunction],
    p: f64,
) -> Affine {
    let mut mixed = Affine::IDENTITY;
    between(from, to, p, |function| mixed *= function.affine());
    mixed
}

/// As [`interpolate_transforms`], but the functions: the rest that does not match is one matrix. Exactly the lists at the
/// ends.
pub(crate) fn interpolate_lists(
    from: &Arc<[TransformFunction]>,
    to: &Arc<[TransformFunction]>,
    p: f64,
) -> Arc<[TransformFunction]> {
    if p == 0.0 {
        return Arc::clone(from);
    }
    if 1.0 - p == 0.0 {
        return Arc::clone(to);
    }
    let mut mixed = Vec::with_capacity(from.len().max(to.len()));
    between(from, to, p, |function| mixed.push(function));
    mixed.into()
}

/// Two lists of the same functions, added one by one; `None` where they differ.
pub(crate) fn accumulated(
    below: &[TransformFunction],
    above: &[TransformFunction],
) -> Option<Arc<[TransformFunction]>> {
    let pair = |at: usize| match (below.get(at), above.get(at)) {
        (Some(a), Some(b)) => a.plus(*b),
        (Some(one), None) | (None, Some(one)) => Some(*one),
        (None, None) => None,
    };
    (0..below.len().max(above.len())).map(pair).collect()
}

/// Gives the functions of the list between two, in order.
fn between(
    from: &[TransformFunction],
    to: &[TransformFunction],
    p: f64,
    mut give: impl FnMut(TransformFunction),
) {
    for at in 0..from.len().max(to.len()) {
        let pair = match (from.get(at), to.get(at)) {
            (Some(a), Some(b)) => a.between(*b, p),
            (Some(a), None) => a.between(a.neutral(), p),
            (None, Some(b)) => b.neutral().between(*b, p),
            (None, None) => None,
        };
        let Some(function) = pair else {
            let rest =
                |list: &[TransformFunction]| transform_of(list.get(at..).unwrap_or_default());
            let rest = interpolate_matrices(rest(from), rest(to), p);
            give(TransformFunction::Matrix(rest.as_coeffs()));
            return;
        };
        give(function);
    }
}

fn interpolate_matrices(from: Affine, to: Affine, p: f64) -> Affine {
    match (Parts::of(from), Parts::of(to)) {
        (Some(from), Some(to)) => from.between(to, p).affine(),
        _ if p < 0.5 => from,
        _ => to,
    }
}

/// A map as translation, rotation, skew along x, and scale, in this order.
#[derive(Clone, Copy, Debug)]
struct Parts {
    translate: [f64; 2],
    angle_deg: f64,
    /// Tangent of the angle.
    skew: f64,
    scale: [f64; 2],
}

impl Parts {
    /// `None` for a map onto a line or a point.
    fn of(map: Affine) -> Option<Self> {
        let [a, b, c, d, e, f] = map.as_coeffs();
        let determinant = a * d - b * c;
        let length = libm::hypot(a, b);
        if determinant == 0.0 || !determinant.is_finite() || length == 0.0 {
            return None;
        }
        // A mirrored map mirrors the axis that is nearer to being the mirrored one.
        let x = if determinant < 0.0 && a < d {
            -length
        } else {
            length
        };
        let (cos, sin) = (a / x, b / x);
        let y = cos * d - sin * c;
        Some(Self {
            translate: [e, f],
            angle_deg: libm::atan2(sin, cos).to_degrees(),
            skew: (cos * c + sin * d) / y,
            scale: [x, y],
        })
    }

    fn between(mut self, to: Self, p: f64) -> Self {
        // Mirrored along x on one side and along y on the other is the same axis half a turn apart.
        if (self.scale[0] < 0.0 && to.scale[1] < 0.0) || (self.scale[1] < 0.0 && to.scale[0] < 0.0)
        {
            self.scale = self.scale.map(|factor| -factor);
            self.angle_deg += if self.angle_deg < 0.0 { 180.0 } else { -180.0 };
        }
        let turn = to.angle_deg - self.angle_deg;
        // The short way: -180..=180.
        let turn = turn - 360.0 * ((turn / 360.0).abs() - 0.5).ceil().max(0.0).copysign(turn);
        Self {
            translate: [0, 1].map(|i| lerp(self.translate[i], to.translate[i], p)),
            angle_deg: lerp(self.angle_deg, self.angle_deg + turn, p),
            skew: lerp(self.skew, to.skew, p),
            scale: [0, 1].map(|i| lerp(self.scale[i], to.scale[i], p)),
        }
    }

    fn affine(self) -> Affine {
        Affine::translate((self.translate[0], self.translate[1]))
            * TransformFunction::Rotate(self.angle_deg).affine()
            * Affine::new([1.0, 0.0, self.skew, 1.0, 0.0, 0.0])
            * Affine::scale_non_uniform(self.scale[0], self.scale[1])
    }
}

#[cfg(test)]
mod tests {
    use super::TransformFunction::{Matrix, Rotate, Scale, Skew, Translate};
    use super::*;
    use proptest::prelude::*;

    fn close(a: Affine, b: Affine) -> bool {
        let pairs = a.as_coeffs().into_iter().zip(b.as_coeffs());
        pairs
            .into_iter()
            .all(|(a, b)| (a - b).abs() < 1e-9 * (1.0 + a.abs()))
    }

    fn function() -> impl Strategy<Value = TransformFunction> {
        prop_oneof![
            (-100.0..100.0_f64, -100.0..100.0_f64).prop_map(|(x, y)| Translate(x, y)),
            (-3.0..3.0_f64, 0.1..3.0_f64).prop_map(|(x, y)| Scale(x, y)),
            (-720.0..720.0_f64).prop_map(Rotate),
            (-60.0..60.0_f64, -20.0..20.0_f64).prop_map(|(x, y)| Skew(x, y)),
            prop::array::uniform6(-2.0..2.0_f64).prop_map(Matrix),
        ]
    }

    proptest! {
        #[test]
        fn the_ends_are_the_lists(
            from in prop::collection::vec(function(), 0..4), to in prop::collection::vec(function(), 0..4),
        ) {
            // What is nearly flat is taken apart with large numbers.
            let flat = |list: &[TransformFunction]| transform_of(list).determinant().abs() < 1e-3;
            prop_assume!(!flat(&from) && !flat(&to));
            prop_assert!(close(interpolate_transforms(&from, &to, 0.0), transform_of(&from)));
            prop_assert!(close(interpolate_transforms(&from, &to, 1.0), transform_of(&to)));
        }
    }

    #[test]
    fn what_does_not_match_turns_the_short_way() {
        let half = interpolate_transforms(
            &[Rotate(170.0)],
            &[Matrix([-1.0, -0.1, 0.1, -1.0, 0.0, 0.0])],
            0.5,
        );
        let [a, ..] = half.as_coeffs();
        assert!(a < -0.95, "{half:?}");
    }

    #[test]
    fn what_cannot_be_taken_apart_switches() {
        let (flat, turned) = ([Scale(0.0, 1.0)], [Rotate(90.0)]);
        assert!(close(
            interpolate_transforms(&flat, &turned, 0.49),
            transform_of(&flat)
        ));
        assert!(close(
            interpolate_transforms(&flat, &turned, 0.5),
            transform_of(&turned)
        ));
    }
}
