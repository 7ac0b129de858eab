//! Shapes and their strokes.

use crate::paint::{read_paint, read_pair, read_radii, write_paint, write_pair, write_radii};
use crate::read::{At, Fields, Words, word_for};
use crate::write::{Object, number};
use media::Color;
use scene::Worded;
use scene::ranges::STAR_POINTS;
use scene::{Cap, Dash, FillRule, Join, Outline, Paint, Shape, ShapeForm, Stroke, StrokeAlign};
use serde_json::Value;

pub(crate) const FILL_RULES: &Words<FillRule> = <FillRule>::WORDS;
pub(crate) const STROKE_ALIGNS: &Words<StrokeAlign> = <StrokeAlign>::WORDS;
pub(crate) const CAPS: &Words<Cap> = <Cap>::WORDS;
pub(crate) const JOINS: &Words<Join> = <Join>::WORDS;
/// How far the inner corners of a star are from its center, where it does not say.
pub(crate) const INNER_RATIO: f64 = 0.5;

pub(crate) fn read_shape(f: &mut Fields<'_>) -> Shape {
    let form = f.required("shape", read_form);
    // No rule objects to the size or the stroke of a form that could not be read.
    let unread = form.is_none();
    let form = form.unwrap_or(ShapeForm::Line {
        from: [0.0; 2],
        to: [0.0; 2],
    });
    Shape {
        fill_rule: f.or("fill_rule", FillRule::default(), |at| {
            at.word(FILL_RULES, &[])
        }),
        // A colour, so that an animation of `source.fill` still finds one.
        fill: f
            .get("fill")
            .map(|at| read_paint(&at).unwrap_or(Paint::Color(Color::BLACK))),
        stroke: f.optional("stroke", |at| {
            let mut stroke = at.object(|f| read_stroke(f, form.default_align()))?;
            if unread {
                stroke.align = StrokeAlign::Center;
            }
            Some(stroke)
        }),
        form,
    }
}

fn read_stroke(f: &mut Fields<'_>, align: StrokeAlign) -> Stroke {
    Stroke {
        paint: f
            .required("paint", read_paint)
            .unwrap_or(Paint::Color(Color::BLACK)),
        width_px: f.required("width_px", At::number).unwrap_or(1.0),
        align: f.or("align", align, |at| at.word(STROKE_ALIGNS, &[])),
        cap: f.or("cap", Cap::default(), |at| at.word(CAPS, &[])),
        join: f.or("join", Join::default(), |at| at.word(JOINS, &[])),
        miter_limit: f.or("miter_limit", Stroke::MITER_LIMIT, At::number),
        dash: f.optional("dash", |at| {
            at.object(|f| Dash {
                lengths_px: f
                    .required("lengths_px", |at| {
                        let lengths = at.array()?.into_iter();
                        Some(lengths.map(|at| at.number().unwrap_or(1.0)).collect())
                    })
                    .unwrap_or_else(|| vec![1.0]),
                offset_px: f.or("offset_px", 0.0, At::number),
            })
        }),
    }
}

/// Exactly one of `{"rect": {"radius_px": 20}}`, `{"ellipse": {}}`, `{"polygon": {"points": [[0, 0], ..]}}`,
/// `{"line": {"from": [0, 0], "to": [9, 9]}}`, `{"star": {"points": 5}}` and `{"path": {"d": "M0 0 .."}}`.
fn read_form(at: &At<'_>) -> Option<ShapeForm> {
    at.object(|f| {
        let forms = ["rect", "ellipse", "polygon", "line", "star", "path"];
        let (name, at) = f.one_of(&forms)?;
        at.object(|f| match name {
            "rect" => Some(ShapeForm::Rect {
                radii_px: f.or("radius_px", [0.0; 4], read_radii),
            }),
            "ellipse" => Some(ShapeForm::Ellipse),
            "polygon" => Some(ShapeForm::Polygon {
                points: f.required("points", read_points)?,
            }),
            "line" => {
                let (from, to) = (f.required("from", read_pair), f.required("to", read_pair));
                Some(ShapeForm::Line {
                    from: from?,
                    to: to?,
                })
            }
            "star" => {
                let points = f.required("points", |at| at.whole(STAR_POINTS));
                let inner_ratio = f.or("inner_ratio", INNER_RATIO, At::number);
                Some(ShapeForm::Star {
                    points: points?,
                    inner_ratio,
                })
            }
            _ => {
                let outline = f.required("d", |at| {
                    Outline::new(at.text()?).map_or_else(|fault| at.fault(fault), Some)
                });
                Some(ShapeForm::Path(outline?))
            }
        })?
    })?
}

pub(crate) fn read_points(at: &At<'_>) -> Option<Vec<[f64; 2]>> {
    let points = at.array()?.into_iter();
    Some(
        points
            .map(|at| read_pair(&at).unwrap_or_default())
            .collect(),
    )
}

pub(crate) fn write_shape(object: Object, shape: &Shape) -> Object {
    object
        .with("shape", write_form(&shape.form))
        .with("fill_rule", word_for(FILL_RULES, &shape.fill_rule))
        .maybe("fill", shape.fill.as_ref().map(write_paint))
        .maybe("stroke", shape.stroke.as_ref().map(write_stroke))
}

fn write_form(form: &ShapeForm) -> Object {
    let object = Object::default();
    let (name, fields) = match form {
        ShapeForm::Rect { radii_px } => ("rect", object.with("radius_px", write_radii(*radii_px))),
        ShapeForm::Ellipse => ("ellipse", object),
        ShapeForm::Polygon { points } => {
            let points: Vec<Value> = points.iter().map(|p| write_pair(*p)).collect();
            ("polygon", object.with("points", points))
        }
        ShapeForm::Line { from, to } => (
            "line",
            object
                .with("from", write_pair(*from))
                .with("to", write_pair(*to)),
        ),
        ShapeForm::Star {
            points,
            inner_ratio,
        } => (
            "star",
            object
                .with("points", *points)
                .number("inner_ratio", *inner_ratio),
        ),
        ShapeForm::Path(outline) => ("path", object.with("d", outline.as_str())),
    };
    Object::default().with(name, fields)
}

fn write_stroke(stroke: &Stroke) -> Object {
    let dash = stroke.dash.as_ref().map(|dash| {
        let lengths: Vec<Value> = dash.lengths_px.iter().map(|v| number(*v)).collect();
        Object::default()
            .with("lengths_px", lengths)
            .number("offset_px", dash.offset_px)
    });
    Object::default()
        .with("paint", write_paint(&stroke.paint))
        .number("width_px", stroke.width_px)
        .with("align", word_for(STROKE_ALIGNS, &stroke.align))
        .with("cap", word_for(CAPS, &stroke.cap))
        .with("join", word_for(JOINS, &stroke.join))
        .number("miter_limit", stroke.miter_limit)
        .maybe("dash", dash)
}
