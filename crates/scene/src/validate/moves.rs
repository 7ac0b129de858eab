//! The rules for what animations put where.

use super::Check;
use crate::parts::{Corners, Lengths, Points};
use crate::ranges::{
    AMPLITUDE, ANGLE, FOLLOW_SCALE, FREQUENCY, FUNCTIONS, LAG_MS, NUMBER, OCTAVES, PATH_SPAN,
    POSITION, SCALE, SKEW,
};
use crate::slot::{Slot, ValueType, value_type_name};
use crate::validate_shape::OPEN_LINE;
use crate::{
    Animation, Driver, Expression, Formula, Gradient, Layer, LookAt, Outline, PathDriver, Property,
    Rotate, Source, SourceProperty, StyledKeyframe, Target,
};
use animation::{Tangents, TransformFunction, Value};

impl Check<'_> {
    /// Keyframes are there where values come from them, and nowhere else.
    pub(super) fn keyframe_count(&mut self, at: &str, a: &Animation) {
        let (n, most) = (a.keyframes.len(), self.limits.keyframes);
        let pointer = format!("{at}/keyframes");
        match a.driver {
            Driver::Keyframes if n == 0 || n > most => {
                self.invalid(
                    pointer,
                    format!("has {n} keyframes; allowed are 1 to {most}"),
                );
            }
            Driver::Path(_) | Driver::Expression(_) if n > 0 => {
                self.invalid(pointer, "stands beside what moves it instead of keyframes");
            }
            Driver::Keyframes | Driver::Path(_) | Driver::Expression(_) => {}
        }
    }

    /// Functions of a transform, of a layer or of a keyframe.
    pub(super) fn functions(&mut self, at: &str, functions: &[TransformFunction]) {
        let (n, most) = (functions.len(), *FUNCTIONS.end());
        self.count(at, "functions", n, most);
        for (k, function) in functions.iter().take(most).enumerate() {
            let (name, numbers, range) = match *function {
                TransformFunction::Translate(x, y) => ("translate_px", vec![x, y], POSITION),
                TransformFunction::Scale(x, y) => ("scale", vec![x, y], SCALE),
                TransformFunction::Rotate(deg) => ("rotate_deg", vec![deg], ANGLE),
                // Written in three ways.
                TransformFunction::Skew(x, y) => {
                    for v in [x, y].into_iter().filter(|v| !SKEW.contains(*v)) {
                        let detail = format!("slants by {v} degrees; allowed is {SKEW}");
                        self.invalid(format_args!("{at}/{k}"), detail);
                    }
                    continue;
                }
                TransformFunction::Matrix([a, b, c, d, x, y]) => {
                    for (i, v) in [(4, x), (5, y)] {
                        self.number(format_args!("{at}/{k}/matrix/{i}"), v, POSITION);
                    }
                    ("matrix", vec![a, b, c, d], SCALE)
                }
            };
            for (i, v) in numbers.iter().enumerate() {
                // A lone number stands without a list around it.
                let part = if numbers.len() > 1 {
                    format!("/{i}")
                } else {
                    String::new()
                };
                self.number(format_args!("{at}/{k}/{name}{part}"), *v, range);
            }
        }
    }

    /// A way or a formula.
    pub(super) fn driver(
        &mut self,
        at: &str,
        a: &Animation,
        target: &Target,
        layer: Option<&mut Layer>,
    ) {
        let (name, layer) = match (&a.driver, layer) {
            (Driver::Keyframes, _) => return,
            (Driver::Path(_), None) => ("path", None),
            (Driver::Expression(_), None) => ("expression", None),
            (_, layer) => ("", layer),
        };
        let Some(layer) = layer else {
            return self.invalid(
                format!("{at}/{name}"),
                "moves layers; the canvas has no place",
            );
        };
        match &a.driver {
            Driver::Keyframes => {}
            Driver::Path(path) => self.path(&format!("{at}/path"), path),
            Driver::Expression(expression) => {
                self.expression(&format!("{at}/expression"), expression, target, layer);
            }
        }
    }

    fn path(&mut self, at: &str, path: &PathDriver) {
        for (k, v) in path.offset_px.into_iter().enumerate() {
            self.number(format_args!("{at}/offset_px/{k}"), v, POSITION);
        }
        for (name, v) in [("start", path.start), ("end", path.end)] {
            self.number(format_args!("{at}/{name}"), v, PATH_SPAN);
        }
        if let Some(Rotate::Fixed(deg)) = path.rotate {
            self.number(format_args!("{at}/rotate"), deg, ANGLE);
        }
        self.number(
            format_args!("{at}/rotate_offset_deg"),
            path.rotate_offset_deg,
            ANGLE,
        );
    }

    fn expression(&mut self, at: &str, e: &Expression, target: &Target, layer: &mut Layer) {
        let property = &e.property;
        let takes = property
            .slot(layer)
            .map(|slot| (slot.get().is_some(), slot.value_type()));
        let is_pair = match takes {
            None => {
                return self.invalid(
                    format!("{at}/property"),
                    format!("`{property}` does not exist on {}", target),
                );
            }
            Some((false, _)) => {
                return self.invalid(
                    format!("{at}/property"),
                    format!("`{property}` is not set on {}: give it there first", target),
                );
            }
            Some((true, ValueType::Number(_) | ValueType::Radii(_))) => false,
            Some((true, ValueType::Pair(_))) => true,
            Some((true, other)) => {
                let takes = other.in_words();
                return self.invalid(
                    format!("{at}/property"),
                    format!(
                        "`{property}` takes {takes}; formulas move numbers and pairs of numbers"
                    ),
                );
            }
        };
        match &e.formula {
            Formula::Noise {
                amplitude,
                frequency_hz,
                octaves,
                ..
            }
            | Formula::Wiggle {
                amplitude,
                frequency_hz,
                octaves,
                ..
            } => {
                self.number(format_args!("{at}/amplitude"), *amplitude, AMPLITUDE);
                self.number(format_args!("{at}/frequency_hz"), *frequency_hz, FREQUENCY);
                self.number(format_args!("{at}/octaves"), f64::from(*octaves), OCTAVES);
            }
            Formula::Sine {
                amplitude,
                frequency_hz,
                phase_deg,
            } => {
                self.number(format_args!("{at}/amplitude"), *amplitude, AMPLITUDE);
                self.number(format_args!("{at}/frequency_hz"), *frequency_hz, FREQUENCY);
                self.number(format_args!("{at}/phase_deg"), *phase_deg, ANGLE);
            }
            Formula::Follow {
                of,
                lag_ms,
                scale,
                offset,
                ..
            } => {
                self.number(format_args!("{at}/lag_ms"), *lag_ms, LAG_MS);
                self.number(format_args!("{at}/scale"), *scale, FOLLOW_SCALE);
                self.number(format_args!("{at}/offset"), *offset, NUMBER);
                if of.is_pair() != is_pair {
                    let both = "both must be numbers, or both pairs of numbers";
                    self.invalid(
                        format!("{at}/of"),
                        format!("is `{of}` for `{property}`; {both}"),
                    );
                }
            }
            Formula::LookAt { at: to, offset_deg } => {
                self.number(format_args!("{at}/offset_deg"), *offset_deg, ANGLE);
                if let LookAt::Point(point) = to {
                    for (name, v) in ["x_px", "y_px"].into_iter().zip(point) {
                        self.number(format_args!("{at}/{name}"), *v, POSITION);
                    }
                }
            }
        }
    }

    /// The values of a keyframe, and how the way bends there.
    pub(super) fn keyframe(
        &mut self,
        at: &str,
        keyframe: &StyledKeyframe,
        target: &Target,
        mut layer: Option<&mut Layer>,
    ) {
        for (property, value) in &keyframe.values {
            let pointer = format!("{at}/{property}");
            let Some(layer) = layer.as_deref_mut() else {
                self.canvas_value(&pointer, property, value);
                continue;
            };
            let Some(slot) = property.slot(layer) else {
                let has = property.missing_from(layer);
                let has = has.map_or_else(String::new, |has| format!("; {has}"));
                let detail = format!("`{property}` does not exist on {target}{has}");
                self.invalid(pointer, detail);
                continue;
            };
            let word = match value {
                Value::Word(word) => word,
                _ => "",
            };
            if slot.get().is_none() {
                let detail = format!("`{property}` is not set on {target}: give it there first");
                self.invalid(pointer, detail);
            } else {
                self.value(&pointer, property, &slot, value);
                drop(slot);
                let of_stroke = Property::Source(SourceProperty::StrokeAlign);
                if *property == of_stroke
                    && word != "center"
                    && let Some(Source::Shape(shape)) = &layer.source
                    && !shape.form.is_closed()
                {
                    self.invalid(pointer, OPEN_LINE);
                }
            }
        }
        let Tangents {
            arriving_px,
            leaving_px,
        } = keyframe.tangents;
        for (name, tangent) in [
            ("tangent_in_px", arriving_px),
            ("tangent_out_px", leaving_px),
        ] {
            for (k, v) in tangent.into_iter().enumerate() {
                self.number(format_args!("{at}/{name}/{k}"), v, POSITION);
            }
            let bends = tangent.iter().any(|v| v.abs() > 0.0);
            if bends
                && !keyframe
                    .values
                    .iter()
                    .any(|(p, _)| *p == Property::Position)
            {
                self.invalid(
                    format!("{at}/{name}"),
                    "goes with `transform.position`, which is missing",
                );
            }
        }
    }

    fn canvas_value(&mut self, pointer: &str, property: &Property, value: &Value) {
        if *property != Property::Background {
            self.invalid(
                pointer,
                format!("the canvas has no `{property}`; only `background` can move"),
            );
        } else if !matches!(value, Value::Color(_)) {
            let is = value_type_name(value);
            self.invalid(pointer, format!("is {is}; `background` takes a colour"));
        }
    }

    fn value(&mut self, pointer: &str, property: &Property, slot: &Slot<'_>, value: &Value) {
        if !slot.takes(value) {
            let detail = match (slot.value_type(), value) {
                (ValueType::Word(words), Value::Word(word)) => {
                    format!("is `{word}`; allowed: {}", words.join(", "))
                }
                (takes, _) => {
                    let (is, takes) = (value_type_name(value), takes.in_words());
                    format!("is {is}; `{property}` takes {takes}")
                }
            };
            return self.invalid(pointer, detail);
        }
        match (slot, value) {
            (Slot::Asset(_), Value::Text(asset)) => self.asset(pointer.to_owned(), asset),
            (Slot::Text(_, Some(most)), Value::Text(text)) => {
                let chars = text.chars().count();
                if chars > *most {
                    self.invalid(
                        pointer,
                        format!("has {chars} characters; at most {most} are allowed"),
                    );
                }
            }
            (_, Value::Text(text)) => self.text(pointer, text),
            // Beyond the property's own range it may go: what is added to it may bring it back.
            (_, Value::Number(v)) => self.number(pointer, *v, NUMBER),
            #[expect(clippy::cast_precision_loss, reason = "exact within the range")]
            (_, Value::Integer(v)) => self.number(pointer, *v as f64, NUMBER),
            (_, Value::Vec2(v)) => {
                for v in v {
                    self.number(pointer, *v, NUMBER);
                }
            }
            (_, Value::Transform(functions)) => self.functions(pointer, functions),
            (_, Value::Whole(whole)) => {
                if let Some(gradient) = whole.get::<Gradient>() {
                    self.gradient(pointer, gradient);
                } else if let Some(Points(points)) = whole.get() {
                    self.points(pointer, points);
                } else if let Some(Lengths(lengths)) = whole.get() {
                    self.lengths(pointer, lengths);
                } else if let Some(outline) = whole.get::<Outline>() {
                    self.outline(pointer, outline);
                } else if let Some(Corners(radii)) = whole.get() {
                    for (k, v) in radii.iter().enumerate() {
                        self.number(format_args!("{pointer}/{k}"), *v, NUMBER);
                    }
                }
            }
            _ => {}
        }
    }
}
