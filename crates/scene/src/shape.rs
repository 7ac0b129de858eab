//! Shapes: outlines that are filled and stroked.

use crate::Paint;
use kurbo::{BezPath, PathEl, Point, Rect, Shape as _, Size};
use std::sync::Arc;

/// A filled and stroked outline in the layer's box.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The outline.
    pub form: ShapeForm,
    /// What is inside where the outline crosses itself.
    pub fill_rule: FillRule,
    /// What fills it; `None` leaves it empty.
    pub fill: Option<Paint>,
    /// The line along it.
    pub stroke: Option<Stroke>,
}

/// The outline of a [`Shape`].
#[derive(Clone, Debug, PartialEq)]
pub enum ShapeForm {
    /// The whole box, corners rounded by these radii: top left, top right, bottom right, bottom left.
    /// Radii that do not fit are scaled down together, as CSS does.
    Rect {
        /// Corner radii in layer px.
        radii_px: [f64; 4],
    },
    /// The ellipse that touches all four sides of the box.
    Ellipse,
    /// Straight sides from point to point, and back to the first.
    Polygon {
        /// Layer px from the top left corner of the box, 3..=1000.
        points: Vec<[f64; 2]>,
    },
    /// A straight line.
    Line {
        /// Its beginning, layer px from the top left corner of the box.
        from: [f64; 2],
        /// Its end.
        to: [f64; 2],
    },
    /// A star, one point up, as large as the box allows: it touches all sides.
    Star {
        /// How many points, 3..=360.
        points: u32,
        /// How far the inner corners are from the center, in distances of the points.
        inner_ratio: f64,
    },
    /// Any outline; stretched to the layer's box where that is given.
    Path(Outline),
}

/// An outline in the words of SVG.
#[derive(Clone, Debug)]
pub struct Outline {
    d: Arc<str>,
    path: BezPath,
    bounds: Rect,
}

/// What is inside of an outline that crosses itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FillRule {
    /// What the outline goes around at all.
    #[default]
    NonZero,
    /// What it goes around an odd number of times.
    EvenOdd,
}

/// A line along an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Colour or gradient.
    pub paint: Paint,
    /// Width in layer px.
    pub width_px: f64,
    /// On which side of the outline it lies.
    pub align: StrokeAlign,
    /// How it ends.
    pub cap: Cap,
    /// How it turns corners.
    pub join: Join,
    /// The longest tip of a mitered corner, in widths; longer ones are cut off.
    pub miter_limit: f64,
    /// Where it is broken.
    pub dash: Option<Dash>,
}

/// On which side of the outline a stroke lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StrokeAlign {
    /// Inside, and nothing outside.
    #[default]
    Inside,
    /// Half on each side; the only one for lines that are not closed.
    Center,
    /// Outside, and nothing inside.
    Outside,
}

/// How a line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cap {
    /// At its last point.
    #[default]
    Butt,
    /// In a half circle around its last point.
    Round,
    /// Half its width behind its last point.
    Square,
}

/// How a line turns corners.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Join {
    /// In a tip.
    #[default]
    Miter,
    /// In an arc.
    Round,
    /// With the tip cut off.
    Bevel,
}

/// How a line is broken: lengths of strokes and gaps in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Dash {
    /// Layer px; an odd number of them is run through twice.
    pub lengths_px: Vec<f64>,
    /// Where in these the line begins, layer px.
    pub offset_px: f64,
}

impl Shape {
    /// A shape of this form.
    pub const fn new(form: ShapeForm, fill: Option<Paint>, stroke: Option<Stroke>) -> Self {
        Self {
            form,
            fill_rule: FillRule::NonZero,
            fill,
            stroke,
        }
    }
}

impl Stroke {
    /// The miter limit of SVG.
    pub const MITER_LIMIT: f64 = 4.0;

    /// A plain line inside the outline.
    pub const fn new(paint: Paint, width_px: f64) -> Self {
        Self {
            paint,
            width_px,
            align: StrokeAlign::Inside,
            cap: Cap::Butt,
            join: Join::Miter,
            miter_limit: Self::MITER_LIMIT,
            dash: None,
        }
    }
}

impl ShapeForm {
    /// Whether it takes its size from the layer's box alone.
    pub(crate) const fn needs_size(&self) -> bool {
        match self {
            Self::Rect { .. } | Self::Ellipse | Self::Star { .. } => true,
            Self::Polygon { .. } | Self::Line { .. } | Self::Path(_) => false,
        }
    }

    /// The box it has where the layer gives none: from the corner to the farthest of its points, or the bounds of a path.
    pub fn natural_size(&self) -> Option<Size> {
        let reach = |points: &[[f64; 2]]| {
            let far = |i: usize| points.iter().map(|p| p[i]).fold(0.0, f64::max);
            Size::new(far(0), far(1))
        };
        match self {
            Self::Rect { .. } | Self::Ellipse | Self::Star { .. } => None,
            Self::Polygon { points } => Some(reach(points)),
            Self::Line { from, to } => Some(reach(&[*from, *to])),
            Self::Path(outline) => Some(outline.bounds.size()),
        }
    }

    /// Whether it has an inside and an outside.
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Line { .. } => false,
            Self::Path(outline) => outline.is_closed(),
            _ => true,
        }
    }

    /// Where a stroke lies that does not say it.
    pub fn default_align(&self) -> StrokeAlign {
        if self.is_closed() {
            StrokeAlign::Inside
        } else {
            StrokeAlign::Center
        }
    }
}

impl Outline {
    /// Most bytes of a path.
    pub const MAX_BYTES: usize = 100_000;
    /// Farthest coordinate, layer px.
    pub const MAX_COORDINATE: f64 = 16_384.0;

    /// From SVG path data, such as `M0 0 L20 0 L10 15 Z`.
    ///
    /// # Errors
    /// In words, where it is no path data, too long, empty, or has coordinates farther than
    /// [`MAX_COORDINATE`](Self::MAX_COORDINATE).
    pub fn new(d: &str) -> Result<Self, String> {
        if d.len() > Self::MAX_BYTES {
            let (is, most) = (d.len(), Self::MAX_BYTES);
            return Err(format!("is {is} bytes long; at most {most} are allowed"));
        }
        let most = Self::MAX_COORDINATE;
        let path = animation::read_path(d).map_err(|error| match error {
            animation::Error::PathSyntax { detail } => format!("is no path data: {detail}"),
            _ => format!("is no path data of ours: it leaves {} to {most}", -most),
        })?;
        let bounds = path.bounding_box();
        let control = path.control_box();
        let far = [control.x0, control.y0, control.x1, control.y1]
            .into_iter()
            .any(|v| !v.is_finite() || v.abs() > most);
        if !path
            .elements()
            .iter()
            .any(|e| !matches!(e, PathEl::MoveTo(_)))
        {
            return Err("is no path data: it draws nothing".to_owned());
        }
        if far {
            return Err(format!(
                "is no path data of ours: it leaves {} to {most}",
                -most
            ));
        }
        Ok(Self {
            d: d.into(),
            path,
            bounds,
        })
    }

    /// Of a path that keeps the rules.
    pub(crate) fn of_path(path: BezPath) -> Self {
        Self {
            d: path.to_svg().into(),
            bounds: path.bounding_box(),
            path,
        }
    }

    /// The same in words that can be read again: with numbers to a hundredth of a px where all their digits are too many. `None`
    /// where these are too many still.
    pub(crate) fn readable(&self) -> Option<Self> {
        if self.d.len() <= Self::MAX_BYTES {
            return Some(self.clone());
        }
        let near = |p: &mut Point| {
            let most = Self::MAX_COORDINATE;
            for v in [&mut p.x, &mut p.y] {
                *v = ((*v * 100.0).round() / 100.0).clamp(-most, most);
            }
        };
        let mut path = self.path.clone();
        for element in path.elements_mut() {
            match element {
                PathEl::MoveTo(a) | PathEl::LineTo(a) => near(a),
                PathEl::QuadTo(a, b) => [a, b].into_iter().for_each(near),
                PathEl::CurveTo(a, b, c) => [a, b, c].into_iter().for_each(near),
                PathEl::ClosePath => {}
            }
        }
        Some(Self::of_path(path)).filter(|near| near.d.len() <= Self::MAX_BYTES)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.d
    }

    /// In the coordinates it was written in.
    pub const fn path(&self) -> &BezPath {
        &self.path
    }

    /// The smallest upright box around it.
    pub const fn bounds(&self) -> Rect {
        self.bounds
    }

    /// Whether every part of it ends where it began.
    fn is_closed(&self) -> bool {
        let mut open = false;
        let mut ends = Vec::new();
        let (mut first, mut last) = (None, None);
        for element in self.path.elements() {
            match element {
                PathEl::MoveTo(p) => {
                    ends.push(open && first != last);
                    (first, last, open) = (Some(*p), Some(*p), false);
                }
                PathEl::ClosePath => (last, open) = (first, false),
                _ => (last, open) = (element.end_point(), true),
            }
        }
        ends.push(open && first != last);
        !ends.contains(&true)
    }
}

impl PartialEq for Outline {
    fn eq(&self, other: &Self) -> bool {
        self.d == other.d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_measured_and_refused() {
        let heart = Outline::new("M10 18 C-8 6 4 -4 10 4 C16 -4 28 6 10 18 Z").unwrap();
        assert!(heart.is_closed());
        assert!((heart.bounds().y1 - 18.0).abs() < 1e-9);
        assert!(!Outline::new("M0 0 L10 0 L10 10").unwrap().is_closed());
        assert!(Outline::new("M0 0 L10 0 L10 10 L0 0").unwrap().is_closed());
        assert!(!Outline::new("M0 0 L9 0 Z M0 5 L9 5").unwrap().is_closed());
        let long = format!("M0 0{}", " L1 1".repeat(30_000));
        for d in [
            "",
            "L1 1",
            "M0 0",
            "M0 0 L1e9 0",
            "M0 0 L1e400 0",
            "M0 0 Q1 1",
            "x",
            &long,
        ] {
            assert!(Outline::new(d).is_err(), "{d}");
        }
    }
}
