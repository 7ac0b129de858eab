//! Written words in the document: what they say, how they look, and how they stand in their box.

use crate::color::write_color;
use crate::paint::{read_color, read_paint, write_paint};
use crate::read::{At, Fields, Words, word_for};
use crate::write::{Object, number};
use media::Color;
use scene::Worded;
use scene::ranges::{DECIMALS, FEATURE, MAX_LINES, MIN_DIGITS};
use scene::{
    Align, Behind, Flow, Groups, Join, NumberFormat, NumberText, Overflow, Paint, Reveal, RevealBy,
    Sign, Stroke, StrokeAlign, Tag, Text, TextBackground, TextContent, TextFit, TextRun, TextStyle,
    VerticalAlign, Wrap,
};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const ALIGNS: &Words<Align> = <Align>::WORDS;
/// Whether the letters are slanted.
pub(crate) const STYLES: &Words<bool> = <bool>::WORDS;
/// The weights that have names in CSS.
pub(crate) const WEIGHTS: [(&str, f64); 2] = [("normal", 400.0), ("bold", 700.0)];
pub(crate) const WRAPS: &Words<Wrap> = <Wrap>::WORDS;
pub(crate) const OVERFLOWS: &Words<Overflow> = <Overflow>::WORDS;
pub(crate) const VERTICAL_ALIGNS: &Words<VerticalAlign> = <VerticalAlign>::WORDS;
pub(crate) const TEXT_FITS: &Words<TextFit> = <TextFit>::WORDS;
pub(crate) const REVEALS: &Words<RevealBy> = <RevealBy>::WORDS;
pub(crate) const BEHINDS: &Words<Behind> = <Behind>::WORDS;
pub(crate) const SIGNS: &Words<Sign> = <Sign>::WORDS;
pub(crate) const GROUPS: &Words<Groups> = <Groups>::WORDS;

/// Exactly one of these stands in a text.
pub(crate) const CONTENTS: [&str; 3] = ["text", "runs", "value"];

pub(crate) fn read_text(f: &mut Fields<'_>) -> Text {
    let text = read_content(f);
    // A number that counts up would shake all that stands beside it.
    let tabular = matches!(text, TextContent::Number(_));
    let d = Flow::default();
    Text {
        text,
        style: read_style(f, tabular),
        align: read_align(f),
        baseline: read_baseline(f),
        flow: Flow {
            wrap: f.or("wrap", d.wrap, |at| at.word(WRAPS, &[])),
            max_lines: f.optional("max_lines", |at| at.whole(MAX_LINES)),
            overflow: f.or("overflow", d.overflow, |at| at.word(OVERFLOWS, &[])),
            vertical_align: f.or("vertical_align", d.vertical_align, |at| {
                at.word(VERTICAL_ALIGNS, &[])
            }),
            fit: f.or("fit", d.fit, |at| at.word(TEXT_FITS, &[])),
            min_size_px: f.or("min_size_px", d.min_size_px, At::number),
        },
        reveal: Reveal {
            part: f.or("reveal", Reveal::default().part, At::number),
            by: f.or("reveal_by", RevealBy::default(), |at| at.word(REVEALS, &[])),
        },
    }
}

fn read_content(f: &mut Fields<'_>) -> TextContent {
    let [text, runs, value] = CONTENTS.map(|name| f.get(name));
    let format = f.get("format");
    let count = [&text, &runs, &value].into_iter().flatten().count();
    let rule = "exactly one of text, runs and value";
    if count > 1 {
        f.fault_of_all(format!("takes {rule}"));
    } else if count == 0 {
        f.fault("text", format!("is missing; a text takes {rule}"));
    }
    if format.is_some() && value.is_none() {
        f.fault("format", "goes with `value`, which is missing");
    }
    let format = format.and_then(|at| read_format(&at)).unwrap_or_default();
    match (runs, value) {
        (Some(runs), _) => {
            let runs = runs.array().unwrap_or_default();
            let run = |at| read_run(at).unwrap_or_default();
            TextContent::Runs(runs.iter().map(run).collect())
        }
        (None, Some(value)) => TextContent::Number(NumberText {
            value: value.number().unwrap_or(0.0),
            format,
        }),
        (None, None) => text.and_then(|at| at.text()).unwrap_or_default().into(),
    }
}

fn read_run(at: &At<'_>) -> Option<TextRun> {
    at.object(|f| TextRun {
        text: f.required("text", At::text).unwrap_or_default().into(),
        font: f.optional("font", At::name).map(Into::into),
        size_px: f.optional("size_px", At::number),
        weight: f.optional("weight", read_weight),
        italic: f.optional("style", |at| at.word(STYLES, &[])),
        color: f.optional("color", read_color),
        letter_spacing_px: f.optional("letter_spacing_px", At::number),
        underline: f.optional("underline", At::boolean),
        strikethrough: f.optional("strikethrough", At::boolean),
        background: f.optional("background", read_color),
    })
}

fn read_format(at: &At<'_>) -> Option<NumberFormat> {
    let d = NumberFormat::default();
    let text = |f: &mut Fields<'_>, name, default: Arc<str>| {
        f.optional(name, At::text).map_or(default, Into::into)
    };
    at.object(|f| {
        let percent = f.or("percent", d.percent, At::boolean);
        NumberFormat {
            decimals: f.optional("decimals", |at| at.whole(DECIMALS)),
            min_decimals: f.optional("min_decimals", |at| at.whole(DECIMALS)),
            min_digits: f.or("min_digits", d.min_digits, |at| at.whole(MIN_DIGITS)),
            groups: f.or("groups", d.groups, |at| at.word(GROUPS, &[])),
            percent,
            grouping: text(f, "grouping", d.grouping),
            decimal: text(f, "decimal", d.decimal),
            prefix: text(f, "prefix", d.prefix),
            suffix: text(f, "suffix", suffix(percent).into()),
            sign: f.or("sign", d.sign, |at| at.word(SIGNS, &[])),
            compact: f.or("compact", d.compact, At::boolean),
        }
    })
}

/// What stands behind a number where the document says nothing.
pub(crate) const fn suffix(percent: bool) -> &'static str {
    if percent { "%" } else { "" }
}

pub(crate) fn read_align(f: &mut Fields<'_>) -> Align {
    f.or("align", Align::default(), |at| at.word(ALIGNS, &[]))
}

pub(crate) fn read_baseline(f: &mut Fields<'_>) -> bool {
    f.or("baseline", false, At::boolean)
}

/// `tabular` is what stands where the document says nothing.
pub(crate) fn read_style(f: &mut Fields<'_>, tabular: bool) -> TextStyle {
    let d = TextStyle::default();
    TextStyle {
        font: f.optional("font", At::name).map_or(d.font, Into::into),
        size_px: f.or("size_px", d.size_px, At::number),
        weight: f.or("weight", d.weight, read_weight),
        italic: f.or("style", d.italic, |at| at.word(STYLES, &[])),
        color: f.or("color", d.color, read_color),
        // A colour, so that an animation of `source.fill` still finds one.
        fill: f.get("fill").map(|at| {
            let stand_in = Paint::Color(Color::BLACK);
            read_paint(&at).unwrap_or(stand_in)
        }),
        stroke: f.optional("stroke", read_rim),
        background: f.optional("background", read_background),
        underline: f.or("underline", d.underline, At::boolean),
        strikethrough: f.or("strikethrough", d.strikethrough, At::boolean),
        skip_ink: f.or("skip_ink", d.skip_ink, At::boolean),
        line_height: f.optional("line_height", At::number),
        letter_spacing_px: f.or("letter_spacing_px", d.letter_spacing_px, At::number),
        word_spacing_px: f.or("word_spacing_px", d.word_spacing_px, At::number),
        tabular: f.or("tabular", tabular, At::boolean),
        axes: f
            .optional("axes", |at| read_tags(at, |at| at.number()))
            .unwrap_or_default(),
        features: f
            .optional("features", |at| read_tags(at, |at| at.whole(FEATURE)))
            .unwrap_or_default(),
    }
}

/// A number, or one of [`WEIGHTS`].
fn read_weight(at: &At<'_>) -> Option<f64> {
    let named = at.value.as_str();
    WEIGHTS
        .iter()
        .find_map(|(word, weight)| (named == Some(*word)).then_some(*weight))
        .or_else(|| at.value.as_f64())
        .or_else(|| at.takes("a number, \"normal\" or \"bold\""))
}

fn read_background(at: &At<'_>) -> Option<TextBackground> {
    at.object(|f| TextBackground {
        color: f.required("color", read_color).unwrap_or(Color::BLACK),
        padding_px: f.or("padding_px", [0.0; 2], read_padding),
        corner_radius_px: f.or("corner_radius_px", 0.0, At::number),
        behind: f.or("behind", Behind::default(), |at| at.word(BEHINDS, &[])),
    })
}

/// One number for all sides, or two: to the sides, above and below.
fn read_padding(at: &At<'_>) -> Option<[f64; 2]> {
    match at.value {
        Value::Number(_) => at.number().map(|padding| [padding; 2]),
        Value::Array(both) if both.len() == 2 => {
            let both = at.array()?.into_iter().map(|at| at.number().unwrap_or(0.0));
            both.collect::<Vec<_>>().try_into().ok()
        }
        _ => at.takes("a number, or two: to the sides, above and below"),
    }
}

/// `{"wdth": 75}`
fn read_tags<T>(at: &At<'_>, read: impl Fn(&At<'_>) -> Option<T>) -> Option<Arc<[(Tag, T)]>> {
    at.object(|f| {
        let tags = f.rest().into_iter();
        let tags = tags.filter_map(|(name, at)| match Tag::new(name) {
            Some(tag) => Some((tag, read(&at)?)),
            None => at.fault(format!("is not the name of a setting: {}", Tag::RULE)),
        });
        tags.collect()
    })
}

pub(crate) fn write_text(object: Object, s: &Text) -> Object {
    let object = match &s.text {
        TextContent::Plain(words) => object.with("text", &**words),
        TextContent::Runs(runs) => {
            let runs = runs.iter().map(|run| Value::from(write_run(run)));
            object.with("runs", runs.collect::<Vec<_>>())
        }
        TextContent::Number(n) => object
            .number("value", n.value)
            .with("format", write_format(&n.format)),
    };
    write_style(object, &s.style)
        .with("align", word_for(ALIGNS, &s.align))
        .with("baseline", s.baseline)
        .with("wrap", word_for(WRAPS, &s.flow.wrap))
        .maybe("max_lines", s.flow.max_lines)
        .with("overflow", word_for(OVERFLOWS, &s.flow.overflow))
        .with(
            "vertical_align",
            word_for(VERTICAL_ALIGNS, &s.flow.vertical_align),
        )
        .with("fit", word_for(TEXT_FITS, &s.flow.fit))
        .number("min_size_px", s.flow.min_size_px)
        .number("reveal", s.reveal.part)
        .with("reveal_by", word_for(REVEALS, &s.reveal.by))
}

fn write_run(run: &TextRun) -> Object {
    Object::default()
        .with("text", &*run.text)
        .maybe("font", run.font.as_deref())
        .maybe("size_px", run.size_px.map(number))
        .maybe("weight", run.weight.map(number))
        .maybe("style", run.italic.map(|italic| word_for(STYLES, &italic)))
        .maybe("color", run.color.map(write_color))
        .maybe("letter_spacing_px", run.letter_spacing_px.map(number))
        .maybe("underline", run.underline)
        .maybe("strikethrough", run.strikethrough)
        .maybe("background", run.background.map(write_color))
}

fn write_format(format: &NumberFormat) -> Object {
    Object::default()
        .maybe("decimals", format.decimals)
        .maybe("min_decimals", format.min_decimals)
        .with("min_digits", format.min_digits)
        .with("grouping", &*format.grouping)
        .with("groups", word_for(GROUPS, &format.groups))
        .with("decimal", &*format.decimal)
        .with("prefix", &*format.prefix)
        .with("suffix", &*format.suffix)
        .with("sign", word_for(SIGNS, &format.sign))
        .with("compact", format.compact)
        .with("percent", format.percent)
}

pub(crate) fn write_style(object: Object, style: &TextStyle) -> Object {
    object
        .with("font", &*style.font)
        .number("size_px", style.size_px)
        .number("weight", style.weight)
        .with("style", word_for(STYLES, &style.italic))
        .with("color", write_color(style.color))
        .maybe("fill", style.fill.as_ref().map(write_paint))
        .maybe("stroke", style.stroke.as_ref().map(write_rim))
        .maybe(
            "background",
            style.background.as_ref().map(write_background),
        )
        .with("underline", style.underline)
        .with("strikethrough", style.strikethrough)
        .with("skip_ink", style.skip_ink)
        .maybe("line_height", style.line_height.map(number))
        .number("letter_spacing_px", style.letter_spacing_px)
        .number("word_spacing_px", style.word_spacing_px)
        .with("tabular", style.tabular)
        .maybe("axes", write_tags(&style.axes, |value| number(*value)))
        .maybe(
            "features",
            write_tags(&style.features, |value| (*value).into()),
        )
}

fn write_background(background: &TextBackground) -> Object {
    let [x, y] = background.padding_px;
    let padding = if x.to_bits() == y.to_bits() {
        number(x)
    } else {
        vec![number(x), number(y)].into()
    };
    Object::default()
        .with("color", write_color(background.color))
        .with("padding_px", padding)
        .number("corner_radius_px", background.corner_radius_px)
        .with("behind", word_for(BEHINDS, &background.behind))
}

fn write_tags<T>(tags: &[(Tag, T)], write: impl Fn(&T) -> Value) -> Option<Object> {
    let write_one =
        |object: Object, (tag, value): &(Tag, T)| object.with(tag.as_str(), write(value));
    (!tags.is_empty()).then(|| tags.iter().fold(Object::default(), write_one))
}

/// A stroke around letters: outside and round, whatever a shape's could be.
fn read_rim(at: &At<'_>) -> Option<Stroke> {
    at.object(|f| {
        let paint = f.required("paint", read_paint);
        let width_px = f.required("width_px", At::number);
        Stroke {
            align: StrokeAlign::Outside,
            join: Join::Round,
            ..Stroke::new(
                paint.unwrap_or(Paint::Color(Color::BLACK)),
                width_px.unwrap_or(1.0),
            )
        }
    })
}

fn write_rim(stroke: &Stroke) -> Object {
    Object::default()
        .with("paint", write_paint(&stroke.paint))
        .number("width_px", stroke.width_px)
}
