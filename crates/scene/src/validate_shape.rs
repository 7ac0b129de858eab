//! The rules that shapes must keep.

use crate::ranges::{
    COORDINATE, DASH, DASH_COUNT, DASH_OFFSET, DASHES, INNER_RATIO, MITER_LIMIT, POLYGON_POINTS,
    STAR_POINTS, STROKE_WIDTH,
};
use crate::validate::Check;
use crate::{Dash, Outline, Paint, Shape, ShapeForm, Stroke, StrokeAlign};

/// What is wrong with a stroke that lies on one side of an open line.
pub(crate) const OPEN_LINE: &str =
    "a line that is not closed has no inside and no outside; takes center";

impl Check<'_> {
    pub(crate) fn shape(&mut self, at: &str, shape: &Shape) {
        self.form(&format!("{at}/shape"), &shape.form);
        if let Some(Paint::Gradient(gradient)) = &shape.fill {
            self.gradient(&format!("{at}/fill"), gradient);
        }
        if let Some(stroke) = &shape.stroke {
            let at = format!("{at}/stroke");
            self.stroke(&at, stroke);
            if stroke.align != StrokeAlign::Center && !shape.form.is_closed() {
                self.invalid(format!("{at}/align"), OPEN_LINE);
            }
        }
    }

    fn form(&mut self, at: &str, form: &ShapeForm) {
        match form {
            ShapeForm::Rect { radii_px } => self.radii(&format!("{at}/rect/radius_px"), *radii_px),
            ShapeForm::Ellipse => {}
            ShapeForm::Path(outline) => self.outline(&format!("{at}/path/d"), outline),
            ShapeForm::Polygon { points } => {
                self.points(&format!("{at}/polygon/points"), points);
            }
            ShapeForm::Line { from, to } => {
                self.point(&format!("{at}/line/from"), *from);
                self.point(&format!("{at}/line/to"), *to);
            }
            ShapeForm::Star {
                points,
                inner_ratio,
            } => {
                self.number(
                    format_args!("{at}/star/points"),
                    f64::from(*points),
                    STAR_POINTS,
                );
                self.number(
                    format_args!("{at}/star/inner_ratio"),
                    *inner_ratio,
                    INNER_RATIO,
                );
            }
        }
    }

    pub(crate) fn points(&mut self, at: &str, points: &[[f64; 2]]) {
        if !POLYGON_POINTS.contains(&points.len()) {
            let (is, from, to) = (points.len(), POLYGON_POINTS.start(), POLYGON_POINTS.end());
            return self.invalid(at, format!("has {is} points; allowed are {from} to {to}"));
        }
        for (k, point) in points.iter().enumerate() {
            self.point(&format!("{at}/{k}"), *point);
        }
    }

    /// What lies between two outlines has longer numbers than they have.
    pub(crate) fn outline(&mut self, at: &str, outline: &Outline) {
        let (is, most) = (outline.as_str().len(), Outline::MAX_BYTES);
        if is > most {
            self.invalid(
                at,
                format!("is {is} bytes long; at most {most} are allowed"),
            );
        }
    }

    fn point(&mut self, at: &str, point: [f64; 2]) {
        for (k, v) in point.into_iter().enumerate() {
            self.number(format_args!("{at}/{k}"), v, COORDINATE);
        }
    }

    pub(crate) fn stroke(&mut self, at: &str, stroke: &Stroke) {
        self.number(format_args!("{at}/width_px"), stroke.width_px, STROKE_WIDTH);
        self.number(
            format_args!("{at}/miter_limit"),
            stroke.miter_limit,
            MITER_LIMIT,
        );
        if let Paint::Gradient(gradient) = &stroke.paint {
            self.gradient(&format!("{at}/paint"), gradient);
        }
        if let Some(dash) = &stroke.dash {
            self.dash(&format!("{at}/dash"), dash);
        }
    }

    fn dash(&mut self, at: &str, dash: &Dash) {
        self.number(format_args!("{at}/offset_px"), dash.offset_px, DASH_OFFSET);
        self.lengths(&format!("{at}/lengths_px"), &dash.lengths_px);
    }

    pub(crate) fn lengths(&mut self, at: &str, lengths_px: &[f64]) {
        let count = lengths_px.len();
        if !DASH_COUNT.contains(&count) {
            let (from, to) = (DASH_COUNT.start(), DASH_COUNT.end());
            return self.invalid(
                at,
                format!("has {count} lengths; allowed are {from} to {to}"),
            );
        }
        for (k, length) in lengths_px.iter().enumerate() {
            self.number(format_args!("{at}/{k}"), *length, DASH);
        }
        let sum: f64 = lengths_px.iter().sum();
        if !DASHES.contains(sum) && lengths_px.iter().all(|v| DASH.contains(*v)) {
            self.invalid(at, format!("add up to {sum}; allowed is {DASHES}"));
        }
    }
}
