//! What of a layer moves as a whole: gradients, outlines, points, dashes.
//!
//! Two of the same form mix part by part. What an easing throws beyond its ends stays within the rules of the document.

use crate::ranges::{ANGLE, CENTER, COORDINATE, DASH, DASHES, GRADIENT_RADIUS, RADIUS, UNIT};
use crate::slot::in_gamut;
use crate::{Gradient, GradientForm, Outline, Range};
use animation::{ColorSpace, Parts};
use kurbo::{BezPath, PathEl, Point};
use std::any::Any;
use std::sync::Arc;

/// Corners of a polygon.
#[derive(Clone, Debug, PartialEq)]
pub struct Points(pub Vec<[f64; 2]>);

/// Dashes and gaps in turn, px.
#[derive(Clone, Debug, PartialEq)]
pub struct Lengths(pub Vec<f64>);

/// Radii of four corners that are not all alike, from the top left clockwise, px. A number stands for four that are.
#[derive(Clone, Debug, PartialEq)]
pub struct Corners(pub [f64; 4]);

macro_rules! parts {
    ($type:ty $(, $more:item)*) => {
        impl Parts for $type {
            fn between(&self, to: &dyn Parts, p: f64, space: ColorSpace) -> Option<Arc<dyn Parts>> {
                let to = to.as_any().downcast_ref::<Self>()?;
                Some(Arc::new(self.mixed(to, p, space)?))
            }

            fn equals(&self, other: &dyn Parts) -> bool {
                other.as_any().downcast_ref::<Self>() == Some(self)
            }

            fn as_any(&self) -> &dyn Any {
                self
            }

            $($more)*
        }
    };
}

parts!(Gradient);
parts!(Outline);
parts!(Points);
parts!(Lengths);
parts!(
    Corners,
    fn made_of(&self, radius_px: f64) -> Option<Arc<dyn Parts>> {
        Some(Arc::new(Self([radius_px; 4])))
    },
    fn plus(&self, other: &dyn Parts) -> Option<Arc<dyn Parts>> {
        let other = other.as_any().downcast_ref::<Self>()?;
        let sum = [0, 1, 2, 3].map(|k| self.0[k] + other.0[k]);
        Some(Arc::new(Self(sum)))
    }
);

fn mix(a: f64, b: f64, p: f64, range: Range) -> f64 {
    (a + (b - a) * p).clamp(range.min, range.max)
}

fn mix_pair(a: [f64; 2], b: [f64; 2], p: f64, range: Range) -> [f64; 2] {
    [mix(a[0], b[0], p, range), mix(a[1], b[1], p, range)]
}

impl Gradient {
    /// `None` where the two are of different types, spread otherwise or have other numbers of stops.
    fn mixed(&self, to: &Self, p: f64, space: ColorSpace) -> Option<Self> {
        if self.spread != to.spread || self.stops.len() != to.stops.len() {
            return None;
        }
        let form = self.form.mixed(to.form, p)?;
        let pairs = self.stops.iter().zip(&to.stops);
        let mut last = 0.0;
        let stops = pairs.map(|(&(at, color), &(to_at, to_color))| {
            let offset = mix(at, to_at, p, UNIT).max(last);
            last = offset;
            (offset, in_gamut(space.mix(color, to_color, p)))
        });
        Some(Self {
            form,
            spread: self.spread,
            stops: stops.collect(),
        })
    }
}

impl GradientForm {
    fn mixed(self, to: Self, p: f64) -> Option<Self> {
        Some(match (self, to) {
            (Self::Linear { angle_deg: a }, Self::Linear { angle_deg: b }) => Self::Linear {
                angle_deg: mix(a, b, p, ANGLE),
            },
            (
                Self::Radial {
                    center: a,
                    radius_px: Some(r),
                },
                Self::Radial {
                    center: b,
                    radius_px: Some(s),
                },
            ) => Self::Radial {
                center: mix_pair(a, b, p, CENTER),
                radius_px: Some(mix(r, s, p, GRADIENT_RADIUS)),
            },
            (
                Self::Radial {
                    center: a,
                    radius_px: None,
                },
                Self::Radial {
                    center: b,
                    radius_px: None,
                },
            ) => Self::Radial {
                center: mix_pair(a, b, p, CENTER),
                radius_px: None,
            },
            (
                Self::Conic {
                    center: a,
                    angle_deg: t,
                },
                Self::Conic {
                    center: b,
                    angle_deg: u,
                },
            ) => Self::Conic {
                center: mix_pair(a, b, p, CENTER),
                angle_deg: mix(t, u, p, ANGLE),
            },
            _ => return None,
        })
    }
}

impl Outline {
    /// `None` where the commands of the two differ once they are absolute, lines and curves told apart.
    fn mixed(&self, to: &Self, p: f64, _: ColorSpace) -> Option<Self> {
        let (from, to) = (self.path().elements(), to.path().elements());
        if from.len() != to.len() {
            return None;
        }
        let at = |a: Point, b: Point| {
            let [x, y] = mix_pair([a.x, a.y], [b.x, b.y], p, COORDINATE);
            Point::new(x, y)
        };
        let element = |(from, to): (&PathEl, &PathEl)| {
            Some(match (*from, *to) {
                (PathEl::MoveTo(a), PathEl::MoveTo(b)) => PathEl::MoveTo(at(a, b)),
                (PathEl::LineTo(a), PathEl::LineTo(b)) => PathEl::LineTo(at(a, b)),
                (PathEl::QuadTo(a, b), PathEl::QuadTo(c, d)) => PathEl::QuadTo(at(a, c), at(b, d)),
                (PathEl::CurveTo(a, b, c), PathEl::CurveTo(d, e, f)) => {
                    PathEl::CurveTo(at(a, d), at(b, e), at(c, f))
                }
                (PathEl::ClosePath, PathEl::ClosePath) => PathEl::ClosePath,
                _ => return None,
            })
        };
        let elements = from.iter().zip(to).map(element);
        let path: BezPath = elements
            .collect::<Option<Vec<PathEl>>>()?
            .into_iter()
            .collect();
        Some(Self::of_path(path))
    }
}

impl Points {
    fn mixed(&self, to: &Self, p: f64, _: ColorSpace) -> Option<Self> {
        let pairs = self.0.iter().zip(&to.0);
        (self.0.len() == to.0.len()).then(|| {
            Self(
                pairs
                    .map(|(a, b)| mix_pair(*a, *b, p, COORDINATE))
                    .collect(),
            )
        })
    }
}

impl Lengths {
    fn mixed(&self, to: &Self, p: f64, _: ColorSpace) -> Option<Self> {
        let pairs = self.0.iter().zip(&to.0);
        let mixed: Vec<f64> = pairs.map(|(a, b)| mix(*a, *b, p, DASH)).collect();
        // Thrown beyond its ends, a line could lose all its dashes.
        (self.0.len() == to.0.len() && DASHES.contains(mixed.iter().sum())).then_some(Self(mixed))
    }
}

impl Corners {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "others of several parts may differ in form"
    )]
    fn mixed(&self, to: &Self, p: f64, _: ColorSpace) -> Option<Self> {
        Some(Self(
            [0, 1, 2, 3].map(|k| mix(self.0[k], to.0[k], p, RADIUS)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use animation::{Value, Whole};
    use media::Color;
    use proptest::prelude::*;

    fn between(a: &Whole, b: &Whole, p: f64) -> Whole {
        a.interpolate(b, p, ColorSpace::Oklab)
    }

    #[test]
    fn gradients_of_one_form_mix_and_others_switch() {
        let stops = |a, b| vec![(a, Color::BLACK), (b, Color::WHITE)];
        let from = Whole::new(Gradient::linear(0.0, stops(0.0, 0.4)));
        let to = Whole::new(Gradient::linear(90.0, stops(0.5, 1.0)));
        let half = between(&from, &to, 0.5);
        let half = half.get::<Gradient>().unwrap();
        assert_eq!(half.form, GradientForm::Linear { angle_deg: 45.0 });
        for (stop, offset) in half.stops.iter().zip([0.25, 0.7]) {
            assert!((stop.0 - offset).abs() < 1e-12);
        }
        let other = Whole::new(Gradient {
            form: GradientForm::Conic {
                center: [0.5; 2],
                angle_deg: 0.0,
            },
            ..Gradient::linear(0.0, stops(0.0, 1.0))
        });
        assert_eq!(between(&from, &other, 0.49), from);
        assert_eq!(between(&from, &other, 0.5), other);
    }

    #[test]
    fn outlines_of_the_same_commands_mix_and_others_switch() {
        let outline = |d| Whole::new(Outline::new(d).unwrap());
        let (from, to) = (outline("M0 0 L10 0 L10 10 Z"), outline("m2 4 h10 v6 z"));
        let half = between(&from, &to, 0.5);
        let half = half.get::<Outline>().unwrap();
        assert_eq!(*half, Outline::new("M1,2 L11,2 L11,10 Z").unwrap());
        let other = outline("M0 0 Q10 0 10 10 Z");
        assert_eq!(between(&from, &other, 0.49), from);
        assert_eq!(between(&from, &other, 0.5), other);
    }

    #[test]
    fn points_and_dashes_mix_where_there_are_as_many() {
        let points = |p: &[[f64; 2]]| Whole::new(Points(p.to_vec()));
        let mixed = between(
            &points(&[[0.0, 0.0], [4.0, 0.0]]),
            &points(&[[2.0, 2.0], [4.0, 8.0]]),
            0.25,
        );
        assert_eq!(mixed.get(), Some(&Points(vec![[0.5, 0.5], [4.0, 2.0]])));
        let dashes = |d: &[f64]| Whole::new(Lengths(d.to_vec()));
        let mixed = between(&dashes(&[4.0, 8.0]), &dashes(&[8.0, 0.0]), 0.5);
        assert_eq!(mixed.get(), Some(&Lengths(vec![6.0, 4.0])));
        let gone = between(&dashes(&[4.0]), &dashes(&[2.0]), 2.5);
        assert_eq!(gone, dashes(&[2.0]), "no line is left without a dash");
    }

    #[test]
    fn a_number_stands_for_four_radii_alike() {
        let four = Value::Whole(Whole::new(Corners([0.0, 4.0, 8.0, 20.0])));
        let one = Value::Number(10.0);
        let half = four.interpolate(&one, 0.5, ColorSpace::Oklab);
        let wanted = Value::Whole(Whole::new(Corners([5.0, 7.0, 9.0, 15.0])));
        assert_eq!(half, wanted);
        assert_eq!(one.interpolate(&four, 0.5, ColorSpace::Oklab), wanted);
        assert_eq!(four.interpolate(&one, 1.0, ColorSpace::Oklab), one);
        assert_eq!(one.interpolate(&four, 0.0, ColorSpace::Oklab), one);
        let sum = Value::Whole(Whole::new(Corners([10.0, 14.0, 18.0, 30.0])));
        assert_eq!(four.add(&one), sum);
        let gradient = Gradient::linear(0.0, vec![(0.0, Color::BLACK), (1.0, Color::WHITE)]);
        assert!(!Value::Whole(Whole::new(gradient)).mixes_with(&one));
    }

    proptest! {
        /// However far an easing throws it, what comes of two gradients keeps the rules.
        #[test]
        fn gradients_keep_the_rules_beyond_their_ends(
            a in prop::array::uniform3(0.0..=1.0_f64), b in prop::array::uniform3(0.0..=1.0_f64), p in -3.0..4.0_f64,
        ) {
            let gradient = |mut offsets: [f64; 3]| {
                offsets.sort_by(f64::total_cmp);
                Gradient::linear(0.0, offsets.map(|at| (at, Color::WHITE)).into())
            };
            let mixed = gradient(a).mixed(&gradient(b), p, ColorSpace::Oklab).unwrap();
            let offsets: Vec<f64> = mixed.stops.iter().map(|stop| stop.0).collect();
            prop_assert!(offsets.is_sorted() && offsets.iter().all(|at| UNIT.contains(*at)), "{offsets:?}");
        }
    }
}
