//! Drawings: operations of an HTML canvas as arrays, name first.
//!
//! A fault is named by its operation (`/source/operations/17`), since one operation is one line of a program.

use crate::color::{COLOR_RULE, parse_color, write_color};
use crate::read::{At, excerpt, joined, word_for};
use crate::shapes::{CAPS, FILL_RULES, JOINS};
use crate::write::{Object, number};
use media::{BlendMode, Color, Figure};
use scene::ranges::{LETTER_SPACING, UNIT, WORD_SPACING};
use scene::{
    CanvasFont, Drawing, DrawnImage, FillRule, Ink, InkForm, InkGradient, InkPattern, Operation,
    Outline, Range, Smoothing, TextAlign, TextBaseline, TextDirection, Words,
};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(crate) const COMPOSITE_OPERATIONS: [(&str, BlendMode); 26] = [
    ("source-over", BlendMode::Normal),
    ("source-in", BlendMode::SourceIn),
    ("source-out", BlendMode::SourceOut),
    ("source-atop", BlendMode::SourceAtop),
    ("destination-over", BlendMode::DestinationOver),
    ("destination-in", BlendMode::DestinationIn),
    ("destination-out", BlendMode::DestinationOut),
    ("destination-atop", BlendMode::DestinationAtop),
    ("lighter", BlendMode::PlusLighter),
    ("copy", BlendMode::Copy),
    ("xor", BlendMode::Xor),
    ("multiply", BlendMode::Multiply),
    ("screen", BlendMode::Screen),
    ("overlay", BlendMode::Overlay),
    ("darken", BlendMode::Darken),
    ("lighten", BlendMode::Lighten),
    ("color-dodge", BlendMode::ColorDodge),
    ("color-burn", BlendMode::ColorBurn),
    ("hard-light", BlendMode::HardLight),
    ("soft-light", BlendMode::SoftLight),
    ("difference", BlendMode::Difference),
    ("exclusion", BlendMode::Exclusion),
    ("hue", BlendMode::Hue),
    ("saturation", BlendMode::Saturation),
    ("color", BlendMode::Color),
    ("luminosity", BlendMode::Luminosity),
];
pub(crate) const REPETITIONS: [(&str, [bool; 2]); 4] = [
    ("repeat", [true, true]),
    ("repeat-x", [true, false]),
    ("repeat-y", [false, true]),
    ("no-repeat", [false, false]),
];
const SMOOTHINGS: [(&str, Smoothing); 3] = [
    ("low", Smoothing::Low),
    ("medium", Smoothing::Medium),
    ("high", Smoothing::High),
];
const DIRECTIONS: [(&str, TextDirection); 3] = [
    ("ltr", TextDirection::Ltr),
    ("rtl", TextDirection::Rtl),
    ("inherit", TextDirection::Ltr),
];
pub(crate) const TEXT_ALIGNS: [(&str, TextAlign); 5] = [
    ("start", TextAlign::Start),
    ("left", TextAlign::Left),
    ("center", TextAlign::Center),
    ("right", TextAlign::Right),
    ("end", TextAlign::End),
];
pub(crate) const TEXT_BASELINES: [(&str, TextBaseline); 6] = [
    ("alphabetic", TextBaseline::Alphabetic),
    ("top", TextBaseline::Top),
    ("hanging", TextBaseline::Hanging),
    ("middle", TextBaseline::Middle),
    ("ideographic", TextBaseline::Ideographic),
    ("bottom", TextBaseline::Bottom),
];

/// Most stops of a gradient of a drawing.
pub(crate) const MAX_STOPS: usize = 32;
/// Most lengths of a dash of a drawing.
pub(crate) const MAX_DASH: usize = 16;

/// Every operation with its arguments, as a message and the schema say them.
pub(crate) const OPERATIONS: [(&str, &str); 48] = [
    ("save", ""),
    ("restore", ""),
    ("fillStyle", "style"),
    ("strokeStyle", "style"),
    ("lineWidth", "width"),
    ("lineCap", "butt|round|square"),
    ("lineJoin", "miter|round|bevel"),
    ("miterLimit", "limit"),
    ("setLineDash", "[lengths]"),
    ("lineDashOffset", "offset"),
    ("globalAlpha", "0..1"),
    ("globalCompositeOperation", "word"),
    ("font", "css"),
    ("letterSpacing or wordSpacing", "px or \"px\""),
    ("direction", "ltr|rtl|inherit"),
    ("textAlign", "start|left|center|right|end"),
    (
        "textBaseline",
        "alphabetic|top|hanging|middle|ideographic|bottom",
    ),
    ("shadowColor", "color"),
    ("shadowBlur", "blur"),
    ("shadowOffsetX", "x"),
    ("shadowOffsetY", "y"),
    ("translate", "x, y"),
    ("rotate", "angle"),
    ("scale", "x, y"),
    ("transform", "a, b, c, d, e, f"),
    ("setTransform", "a, b, c, d, e, f"),
    ("resetTransform", ""),
    ("beginPath", ""),
    ("closePath", ""),
    ("moveTo", "x, y"),
    ("lineTo", "x, y"),
    ("quadraticCurveTo", "cpx, cpy, x, y"),
    ("bezierCurveTo", "cp1x, cp1y, cp2x, cp2y, x, y"),
    (
        "arc",
        "x, y, radius, startAngle, endAngle[, counterclockwise]",
    ),
    ("arcTo", "x1, y1, x2, y2, radius"),
    (
        "ellipse",
        "x, y, radiusX, radiusY, rotation, startAngle, endAngle[, counterclockwise]",
    ),
    ("rect", "x, y, width, height"),
    ("roundRect", "x, y, width, height, radius or [radii]"),
    ("fill or clip", "[path data][, nonzero|evenodd]"),
    ("stroke", "[path data]"),
    ("fillRect", "x, y, width, height"),
    ("strokeRect", "x, y, width, height"),
    ("clearRect", "x, y, width, height"),
    ("fillText or strokeText", "text, x, y[, maxWidth]"),
    (
        "drawImage",
        "asset[, sx, sy, sWidth, sHeight], x, y[, width, height]",
    ),
    ("imageSmoothingEnabled", "true|false"),
    ("imageSmoothingQuality", "low|medium|high"),
    ("reset", ""),
];

pub(crate) fn read_operations(at: &At<'_>) -> Option<Arc<[Operation]>> {
    let Some(list) = at.value.as_array() else {
        return at.takes("an array");
    };
    let (is, most) = (list.len(), Drawing::MAX_OPERATIONS);
    if is > most {
        return at.fault(format!("has {is} operations; at most {most} are allowed"));
    }
    let mut saved = 0_usize;
    let mut read = |(i, value): (usize, &Value)| {
        let operation = read_operation(value).and_then(|operation| {
            match operation {
                Operation::Save => saved += 1,
                Operation::Restore => saved = saved.saturating_sub(1),
                _ => {}
            }
            let most = Drawing::MAX_SAVED;
            if saved > most {
                saved = most;
                return Err(format!("saves more than {most} states at a time"));
            }
            Ok(operation)
        });
        operation.unwrap_or_else(|fault| {
            at.report.fault(format!("{}/{i}", at.pointer), fault);
            // One that draws nothing in its place, so that the others keep their numbers.
            Operation::BeginPath
        })
    };
    Some(list.iter().enumerate().map(&mut read).collect())
}

/// The arguments of one operation.
struct Arguments<'a> {
    name: &'a str,
    values: &'a [Value],
}

fn read_operation(value: &Value) -> Result<Operation, String> {
    let Some(([name], values)) = value.as_array().and_then(|list| list.split_at_checked(1)) else {
        return Err("takes an array that begins with the name of an operation".to_owned());
    };
    let Some(name) = name.as_str() else {
        return Err("takes an array that begins with the name of an operation".to_owned());
    };
    let a = Arguments { name, values };
    Ok(match name {
        "save" => a.none(Operation::Save)?,
        "restore" => a.none(Operation::Restore)?,
        "fillStyle" => Operation::FillStyle(a.ink()?),
        "strokeStyle" => Operation::StrokeStyle(a.ink()?),
        "lineWidth" => Operation::LineWidth(a.above_zero()?),
        "lineCap" => Operation::LineCap(a.word(CAPS)?),
        "lineJoin" => Operation::LineJoin(a.word(JOINS)?),
        "miterLimit" => Operation::MiterLimit(a.above_zero()?),
        "setLineDash" => Operation::SetLineDash(a.dash()?),
        "lineDashOffset" => Operation::LineDashOffset(a.numbers::<1>()?[0]),
        "globalAlpha" => Operation::GlobalAlpha(a.alpha()?),
        "globalCompositeOperation" => {
            Operation::GlobalCompositeOperation(a.word(&COMPOSITE_OPERATIONS)?)
        }
        "font" => Operation::Font(Box::new(
            CanvasFont::new(a.text()?).map_err(|fault| format!("font {fault}"))?,
        )),
        "letterSpacing" => Operation::LetterSpacing(a.spacing(LETTER_SPACING)?),
        "wordSpacing" => Operation::WordSpacing(a.spacing(WORD_SPACING)?),
        "direction" => Operation::Direction(a.word(&DIRECTIONS)?),
        "textAlign" => Operation::TextAlign(a.word(&TEXT_ALIGNS)?),
        "textBaseline" => Operation::TextBaseline(a.word(&TEXT_BASELINES)?),
        "shadowColor" => Operation::ShadowColor(color(a.text()?)?),
        "shadowBlur" => Operation::ShadowBlur(a.blur()?),
        "shadowOffsetX" => Operation::ShadowOffsetX(a.numbers::<1>()?[0]),
        "shadowOffsetY" => Operation::ShadowOffsetY(a.numbers::<1>()?[0]),
        "translate" => Operation::Translate(a.numbers()?),
        "rotate" => Operation::Rotate(a.numbers::<1>()?[0]),
        "scale" => Operation::Scale(a.numbers()?),
        "transform" => Operation::Transform(a.numbers()?),
        "setTransform" => Operation::SetTransform(a.numbers()?),
        "resetTransform" => a.none(Operation::ResetTransform)?,
        "beginPath" => a.none(Operation::BeginPath)?,
        "closePath" => a.none(Operation::ClosePath)?,
        "moveTo" => Operation::MoveTo(a.numbers()?),
        "lineTo" => Operation::LineTo(a.numbers()?),
        "quadraticCurveTo" => Operation::QuadraticCurveTo(a.numbers()?),
        "bezierCurveTo" => Operation::BezierCurveTo(a.numbers()?),
        "arc" => {
            let (numbers, back) = a.numbers_and_flag::<5>()?;
            a.not_negative(numbers[2])?;
            Operation::Arc(numbers, back)
        }
        "arcTo" => {
            let numbers = a.numbers::<5>()?;
            a.not_negative(numbers[4])?;
            Operation::ArcTo(numbers)
        }
        "ellipse" => {
            let (numbers, back) = a.numbers_and_flag::<7>()?;
            a.not_negative(numbers[2])?;
            a.not_negative(numbers[3])?;
            Operation::Ellipse(numbers, back)
        }
        "rect" => Operation::Rect(a.numbers()?),
        "roundRect" => a.round_rect()?,
        "fill" => match a.path_and_rule()? {
            (None, rule) => Operation::Fill(rule),
            (Some(path), rule) => Operation::FillPath(path, rule),
        },
        "stroke" => match a.path()? {
            (None, []) => Operation::Stroke,
            (Some(path), []) => Operation::StrokePath(path),
            _ => return Err(a.wrong()),
        },
        "clip" => match a.path_and_rule()? {
            (None, rule) => Operation::Clip(rule),
            (Some(path), rule) => Operation::ClipPath(path, rule),
        },
        "fillRect" => Operation::FillRect(a.numbers()?),
        "strokeRect" => Operation::StrokeRect(a.numbers()?),
        "clearRect" => Operation::ClearRect(a.numbers()?),
        "fillText" => Operation::FillText(a.words()?),
        "strokeText" => Operation::StrokeText(a.words()?),
        "drawImage" => Operation::DrawImage(Box::new(a.image()?)),
        "imageSmoothingEnabled" => {
            let on = a.one()?.as_bool().ok_or_else(|| a.wrong())?;
            Operation::ImageSmoothingEnabled(on)
        }
        "imageSmoothingQuality" => Operation::ImageSmoothingQuality(a.word(&SMOOTHINGS)?),
        "reset" => a.none(Operation::Reset)?,
        _ => {
            let known = OPERATIONS.iter().flat_map(|(name, _)| name.split(" or "));
            let (name, known) = (excerpt(name), joined(known));
            return Err(format!("unknown operation `{name}`; known: {known}"));
        }
    })
}

impl<'a> Arguments<'a> {
    fn wrong(&self) -> String {
        let name = self.name;
        let own = |(n, _): &&(&str, &str)| n.split(" or ").any(|n| n == name);
        let takes = OPERATIONS.iter().find(own).map_or("", |(_, takes)| takes);
        if takes.is_empty() {
            format!("{name} takes no arguments")
        } else {
            format!("{name} takes {takes}")
        }
    }

    fn none(&self, operation: Operation) -> Result<Operation, String> {
        self.values
            .is_empty()
            .then_some(operation)
            .ok_or_else(|| self.wrong())
    }

    fn one(&self) -> Result<&'a Value, String> {
        match self.values {
            [one] => Ok(one),
            _ => Err(self.wrong()),
        }
    }

    fn number(&self, value: &Value) -> Result<f64, String> {
        let v = value.as_f64().ok_or_else(|| self.wrong())?;
        let most = Drawing::MAX_NUMBER;
        if v.abs() <= most {
            Ok(v)
        } else {
            let name = self.name;
            Err(format!("{name}: is {v}; allowed is {} to {most}", -most))
        }
    }

    fn list<const N: usize>(&self, values: &[Value]) -> Result<[f64; N], String> {
        let numbers: Result<Vec<f64>, String> = values.iter().map(|v| self.number(v)).collect();
        numbers?.try_into().map_err(|_| self.wrong())
    }

    fn numbers<const N: usize>(&self) -> Result<[f64; N], String> {
        self.list(self.values)
    }

    fn numbers_and_flag<const N: usize>(&self) -> Result<([f64; N], bool), String> {
        let (numbers, flag) = self
            .values
            .split_at_checked(N)
            .ok_or_else(|| self.wrong())?;
        let back = match flag {
            [] => false,
            [one] => one.as_bool().ok_or_else(|| self.wrong())?,
            _ => return Err(self.wrong()),
        };
        Ok((self.list(numbers)?, back))
    }

    fn not_negative(&self, radius: f64) -> Result<(), String> {
        if radius >= 0.0 {
            Ok(())
        } else {
            Err(format!(
                "{}: the radius is {radius}; allowed is 0 or above",
                self.name
            ))
        }
    }

    fn above_zero(&self) -> Result<f64, String> {
        let [v] = self.numbers()?;
        if v > 0.0 {
            Ok(v)
        } else {
            Err(format!("{} is {v}; allowed is above 0", self.name))
        }
    }

    fn alpha(&self) -> Result<f64, String> {
        let [v] = self.numbers()?;
        if UNIT.contains(v) {
            Ok(v)
        } else {
            Err(format!("{} is {v}; allowed is {UNIT}", self.name))
        }
    }

    fn blur(&self) -> Result<f64, String> {
        let [v] = self.numbers()?;
        let most = 2.0 * scene::ranges::SIGMA.max;
        if (0.0..=most).contains(&v) {
            Ok(v)
        } else {
            Err(format!("{} is {v}; allowed is 0 to {most}", self.name))
        }
    }

    fn text(&self) -> Result<&'a str, String> {
        self.one()?.as_str().ok_or_else(|| self.wrong())
    }

    fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, String> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let allowed = joined(words.iter().map(|(word, _)| *word));
            let name = self.name;
            format!(
                "{name}: unknown word `{}`; allowed: {allowed}",
                excerpt(text)
            )
        })
    }

    /// Path data, if the first argument is that, and what comes after it.
    fn path(&self) -> Result<(Option<Box<Outline>>, &'a [Value]), String> {
        let Some((first, rest)) = self.values.split_first() else {
            return Ok((None, &[]));
        };
        let text = first.as_str().ok_or_else(|| self.wrong())?;
        // All path data begins with a move, and no fill rule does.
        if !text.trim_start().starts_with(['M', 'm']) {
            return Ok((None, self.values));
        }
        let path = Outline::new(text).map_err(|fault| format!("{} {fault}", self.name))?;
        Ok((Some(Box::new(path)), rest))
    }

    fn path_and_rule(&self) -> Result<(Option<Box<Outline>>, FillRule), String> {
        let (path, values) = self.path()?;
        let rule = match values {
            [] => FillRule::NonZero,
            _ => Self { values, ..*self }.word(FILL_RULES)?,
        };
        Ok((path, rule))
    }

    /// A length in px, as a number or as CSS writes it.
    fn spacing(&self, allowed: Range) -> Result<f64, String> {
        let px = match self.one()? {
            Value::String(text) => {
                let digits = text.strip_suffix("px").ok_or_else(|| self.wrong())?;
                digits.trim().parse().map_err(|_| self.wrong())?
            }
            value => self.number(value)?,
        };
        if allowed.contains(px) {
            Ok(px)
        } else {
            Err(format!("{} is {px}; allowed is {allowed}", self.name))
        }
    }

    fn image(&self) -> Result<DrawnImage, String> {
        let (image, numbers) = self.values.split_first().ok_or_else(|| self.wrong())?;
        let image = image.as_str().ok_or_else(|| self.wrong())?.into();
        let (part, numbers) = match numbers.split_at_checked(4) {
            Some((part, numbers)) if !numbers.is_empty() => (Some(self.list(part)?), numbers),
            _ => (None, numbers),
        };
        let (at, size) = numbers.split_at_checked(2).ok_or_else(|| self.wrong())?;
        let size = match size {
            [] if part.is_none() => None,
            _ => Some(self.list(size)?),
        };
        Ok(DrawnImage {
            image,
            part,
            at: self.list(at)?,
            size,
        })
    }

    /// `{"pattern": asset, "repetition": "repeat-x", "transform": [a, b, c, d, e, f]}`
    fn pattern(&self, object: &Map<String, Value>) -> Result<InkPattern, String> {
        let wrong = || {
            let name = self.name;
            let words = joined(REPETITIONS.iter().map(|(word, _)| *word));
            format!(
                "{name} takes a pattern as {{\"pattern\": asset, \"repetition\": word, \"transform\": [a, b, c, d, e, f]}} with one of {words}"
            )
        };
        let known = ["pattern", "repetition", "transform"];
        if object.keys().any(|key| !known.contains(&key.as_str())) {
            return Err(wrong());
        }
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        let image = text("pattern").ok_or_else(wrong)?.into();
        let repeats = match object.get("repetition") {
            None | Some(Value::Null) => [true; 2],
            // A program may leave it empty.
            Some(Value::String(word)) if word.is_empty() => [true; 2],
            Some(value) => {
                let found = REPETITIONS.iter().find(|(word, _)| value == word);
                found.ok_or_else(wrong)?.1
            }
        };
        let transform = match object.get("transform") {
            None => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            Some(value) => {
                let list = value.as_array().filter(|list| list.len() == 6);
                self.list(list.ok_or_else(wrong)?)?
            }
        };
        Ok(InkPattern {
            image,
            repeats,
            transform,
        })
    }

    fn dash(&self) -> Result<Box<[f64]>, String> {
        let list = self.one()?.as_array().ok_or_else(|| self.wrong())?;
        if list.len() > MAX_DASH {
            let is = list.len();
            return Err(format!(
                "setLineDash has {is} lengths; at most {MAX_DASH} are allowed"
            ));
        }
        let lengths: Result<Box<[f64]>, String> = list.iter().map(|v| self.number(v)).collect();
        let lengths = lengths?;
        if let Some(v) = lengths.iter().find(|v| **v < 0.0) {
            let is = Figure(*v);
            return Err(format!(
                "setLineDash: a length is {is}; allowed is 0 or above"
            ));
        }
        Ok(lengths)
    }

    fn round_rect(&self) -> Result<Operation, String> {
        let (rect, radii) = self
            .values
            .split_at_checked(4)
            .ok_or_else(|| self.wrong())?;
        let rect = self.list(rect)?;
        let radii = match radii {
            [Value::Array(list)] => {
                let list: Result<Vec<f64>, String> = list.iter().map(|v| self.number(v)).collect();
                // As CSS fills up missing corners.
                match list?[..] {
                    [a] => [a; 4],
                    [a, b] => [a, b, a, b],
                    [a, b, c] => [a, b, c, b],
                    [a, b, c, d] => [a, b, c, d],
                    _ => return Err(self.wrong()),
                }
            }
            [one] => [self.number(one)?; 4],
            _ => return Err(self.wrong()),
        };
        for radius in radii {
            self.not_negative(radius)?;
        }
        Ok(Operation::RoundRect(rect, radii))
    }

    fn words(&self) -> Result<Words, String> {
        let (text, numbers) = self.values.split_first().ok_or_else(|| self.wrong())?;
        let text = text.as_str().ok_or_else(|| self.wrong())?;
        let (chars, most) = (text.chars().count(), Drawing::MAX_TEXT_CHARS);
        if chars > most {
            let name = self.name;
            return Err(format!(
                "{name} has {chars} characters; at most {most} are allowed"
            ));
        }
        let (at, max_width) = numbers.split_at_checked(2).ok_or_else(|| self.wrong())?;
        let max_width = match max_width {
            [] => None,
            [one] => Some(self.number(one)?),
            _ => return Err(self.wrong()),
        };
        Ok(Words {
            text: text.into(),
            at: self.list(at)?,
            max_width,
        })
    }

    /// A color, or one of `{"linearGradient": [x0, y0, x1, y1], "stops": [[0, "#000"], ..]}`, `radialGradient` with
    /// [x0, y0, r0, x1, y1, r1] and `conicGradient` with [angle, x, y]; or a pattern.
    fn ink(&self) -> Result<Ink, String> {
        let object = match self.one()? {
            Value::String(text) => return color(text).map(Ink::Color),
            Value::Object(object) if object.contains_key("pattern") => {
                return Ok(Ink::Pattern(Box::new(self.pattern(object)?)));
            }
            Value::Object(object) => object,
            _ => {
                return Err(format!(
                    "{} takes a color, a gradient or a pattern",
                    self.name
                ));
            }
        };
        let list = |name: &str| {
            object
                .get(name)
                .map(|v| v.as_array().map_or(&[][..], |v| v))
        };
        let linear = list("linearGradient").map(|v| self.list(v).map(InkForm::Linear));
        let radial = list("radialGradient").map(|v| self.list(v).map(InkForm::Radial));
        let conic = list("conicGradient").map(|v| self.list(v).map(InkForm::Conic));
        let form = match (linear, radial, conic) {
            (Some(form), None, None) | (None, Some(form), None) | (None, None, Some(form)) => form,
            _ => Err(String::new()),
        };
        let (Ok(form), Some(stops), 2) = (form, list("stops"), object.len()) else {
            return Err(format!(
                "{} takes a color or {{\"linearGradient\": [x0, y0, x1, y1], \"stops\": [[0, color], ..]}}; also radialGradient: [x0, y0, r0, x1, y1, r1] and conicGradient: [angle, x, y], and {{\"pattern\": asset}}",
                self.name
            ));
        };
        if let InkForm::Radial([_, _, r0, _, _, r1]) = form {
            self.not_negative(r0)?;
            self.not_negative(r1)?;
        }
        if stops.len() > MAX_STOPS {
            let is = stops.len();
            return Err(format!("has {is} stops; at most {MAX_STOPS} are allowed"));
        }
        let stop = |value: &Value| {
            let pair = value.as_array().map(Vec::as_slice);
            let Some([offset, text]) = pair else {
                return Err("a stop takes [offset, color]".to_owned());
            };
            let offset = offset.as_f64().filter(|v| UNIT.contains(*v));
            let offset = offset.ok_or_else(|| format!("the offset of a stop takes {UNIT}"))?;
            let text = text.as_str().ok_or("a stop takes [offset, color]")?;
            Ok((offset, color(text)?))
        };
        let stops: Result<Vec<(f64, Color)>, String> = stops.iter().map(stop).collect();
        Ok(Ink::Gradient(Box::new(InkGradient {
            form,
            stops: stops?,
        })))
    }
}

fn color(text: &str) -> Result<Color, String> {
    parse_color(text).ok_or_else(|| format!("`{}` is not {COLOR_RULE}", excerpt(text)))
}

pub(crate) fn write_operations(operations: &[Operation]) -> Value {
    operations.iter().map(write_operation).collect()
}

fn write_operation(operation: &Operation) -> Value {
    use Operation as Op;
    let plain = |name: &str| vec![name.into()];
    let one = |name: &str, value: Value| vec![name.into(), value];
    let numbers = |name: &str, values: &[f64]| {
        let mut all = plain(name);
        all.extend(values.iter().map(|v| number(*v)));
        all
    };
    let turned = |name: &str, values: &[f64], back: bool| {
        let mut all = numbers(name, values);
        all.push(back.into());
        all
    };
    let said = |name: &str, words: &Words| {
        let mut all = one(name, (&*words.text).into());
        all.extend(words.at.iter().chain(&words.max_width).map(|v| number(*v)));
        all
    };
    let list = match operation {
        Op::Save => plain("save"),
        Op::Restore => plain("restore"),
        Op::FillStyle(ink) => one("fillStyle", write_ink(ink)),
        Op::StrokeStyle(ink) => one("strokeStyle", write_ink(ink)),
        Op::LineWidth(v) => numbers("lineWidth", &[*v]),
        Op::LineCap(v) => one("lineCap", word_for(CAPS, v).into()),
        Op::LineJoin(v) => one("lineJoin", word_for(JOINS, v).into()),
        Op::MiterLimit(v) => numbers("miterLimit", &[*v]),
        Op::SetLineDash(v) => one("setLineDash", v.iter().map(|v| number(*v)).collect()),
        Op::LineDashOffset(v) => numbers("lineDashOffset", &[*v]),
        Op::GlobalAlpha(v) => numbers("globalAlpha", &[*v]),
        Op::GlobalCompositeOperation(v) => one(
            "globalCompositeOperation",
            word_for(&COMPOSITE_OPERATIONS, v).into(),
        ),
        Op::Font(font) => one("font", font.as_str().into()),
        Op::TextAlign(v) => one("textAlign", word_for(&TEXT_ALIGNS, v).into()),
        Op::TextBaseline(v) => one("textBaseline", word_for(&TEXT_BASELINES, v).into()),
        Op::ShadowColor(v) => one("shadowColor", write_color(*v).into()),
        Op::ShadowBlur(v) => numbers("shadowBlur", &[*v]),
        Op::ShadowOffsetX(v) => numbers("shadowOffsetX", &[*v]),
        Op::ShadowOffsetY(v) => numbers("shadowOffsetY", &[*v]),
        Op::Translate(v) => numbers("translate", v),
        Op::Rotate(v) => numbers("rotate", &[*v]),
        Op::Scale(v) => numbers("scale", v),
        Op::Transform(v) => numbers("transform", v),
        Op::SetTransform(v) => numbers("setTransform", v),
        Op::ResetTransform => plain("resetTransform"),
        Op::BeginPath => plain("beginPath"),
        Op::ClosePath => plain("closePath"),
        Op::MoveTo(v) => numbers("moveTo", v),
        Op::LineTo(v) => numbers("lineTo", v),
        Op::QuadraticCurveTo(v) => numbers("quadraticCurveTo", v),
        Op::BezierCurveTo(v) => numbers("bezierCurveTo", v),
        Op::Arc(v, back) => turned("arc", v, *back),
        Op::ArcTo(v) => numbers("arcTo", v),
        Op::Ellipse(v, back) => turned("ellipse", v, *back),
        Op::Rect(v) => numbers("rect", v),
        Op::RoundRect(v, radii) => {
            let mut all = numbers("roundRect", v);
            all.push(radii.map(number).to_vec().into());
            all
        }
        Op::LetterSpacing(v) => one("letterSpacing", format!("{v}px").into()),
        Op::WordSpacing(v) => one("wordSpacing", format!("{v}px").into()),
        Op::Direction(v) => one("direction", word_for(&DIRECTIONS, v).into()),
        Op::Fill(rule) => one("fill", word_for(FILL_RULES, rule).into()),
        Op::Stroke => plain("stroke"),
        Op::Clip(rule) => one("clip", word_for(FILL_RULES, rule).into()),
        Op::FillRect(v) => numbers("fillRect", v),
        Op::StrokeRect(v) => numbers("strokeRect", v),
        Op::ClearRect(v) => numbers("clearRect", v),
        Op::FillText(words) => said("fillText", words),
        Op::StrokeText(words) => said("strokeText", words),
        Op::FillPath(path, rule) => {
            let mut all = one("fill", path.as_str().into());
            all.push(word_for(FILL_RULES, rule).into());
            all
        }
        Op::StrokePath(path) => one("stroke", path.as_str().into()),
        Op::ClipPath(path, rule) => {
            let mut all = one("clip", path.as_str().into());
            all.push(word_for(FILL_RULES, rule).into());
            all
        }
        Op::DrawImage(drawn) => {
            let mut all = one("drawImage", (&*drawn.image).into());
            let part = drawn.part.iter().flatten();
            let values = part.chain(&drawn.at).chain(drawn.size.iter().flatten());
            all.extend(values.map(|v| number(*v)));
            all
        }
        Op::ImageSmoothingEnabled(on) => one("imageSmoothingEnabled", (*on).into()),
        Op::ImageSmoothingQuality(v) => {
            one("imageSmoothingQuality", word_for(&SMOOTHINGS, v).into())
        }
        Op::Reset => plain("reset"),
    };
    list.into()
}

fn write_ink(ink: &Ink) -> Value {
    let gradient = match ink {
        Ink::Color(color) => return write_color(*color).into(),
        Ink::Pattern(pattern) => {
            let values = pattern.transform.iter().map(|v| number(*v));
            return Object::default()
                .with("pattern", &*pattern.image)
                .with("repetition", word_for(&REPETITIONS, &pattern.repeats))
                .with("transform", values.collect::<Value>())
                .into();
        }
        Ink::Gradient(gradient) => gradient,
    };
    let list = |values: &[f64]| -> Value { values.iter().map(|v| number(*v)).collect() };
    let (name, values) = match &gradient.form {
        InkForm::Linear(v) => ("linearGradient", list(v)),
        InkForm::Radial(v) => ("radialGradient", list(v)),
        InkForm::Conic(v) => ("conicGradient", list(v)),
    };
    let stop = |(offset, color): &(f64, Color)| {
        Value::from(vec![number(*offset), write_color(*color).into()])
    };
    Object::default()
        .with(name, values)
        .with("stops", gradient.stops.iter().map(stop).collect::<Vec<_>>())
        .into()
}
