//! Fields of sources that can move as they are: one table says which, what they mean and where they live.

use crate::ranges::{
    COORDINATE, DECIMALS, FONT_SIZE, GAP, INNER_RATIO, LINE_HEIGHT, MAX_LINES, MIN_DIGITS,
    MITER_LIMIT, PADDING, POSITION, QUIET_ZONE, RADIUS, STAR_POINTS, WEIGHT,
};
use crate::slot::Slot;
use crate::{
    Align, Cells, Fit, NumberFormat, Paint, PaintOf, ShapeForm, Source, Stroke, Text,
    TextBackground, TextContent, TextStyle, ranges,
};

macro_rules! source_properties {
    ($($(#[doc = $says:literal])+ $name:ident, $path:literal, |$source:ident| $slot:expr;)+) => {
        /// A field of a source that can move.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SourceProperty {
            $($(#[doc = $says])+ $name,)+
        }

        /// Path, field and meaning.
        pub(crate) const SOURCE_PROPERTIES: &[(&str, SourceProperty, &str)] = &[
            $(($path, SourceProperty::$name, concat!($($says),+)),)+
        ];

        impl SourceProperty {
            /// Where it lives; `None` where the source has no such field.
            pub(crate) fn slot(self, source: &mut Source) -> Option<Slot<'_>> {
                match self {
                    $(Self::$name => {
                        let $source = source;
                        $slot
                    })+
                }
            }
        }
    };
}

source_properties! {
    /// The picture, SVG or sheet that is shown.
    Asset, "source.asset", |s| match s {
        Source::Image(s) => Some(Slot::Asset(&mut s.asset)),
        Source::Svg(s) => Some(Slot::Asset(&mut s.asset)),
        Source::Sprite(s) => Some(Slot::Asset(&mut s.asset)),
        _ => None,
    };
    /// How a picture stands in its box.
    Fit, "source.fit", |s| match s {
        Source::Text(s) => Some(Slot::Word(&mut s.flow.fit)),
        source => Some(Slot::Word(fit(source)?)),
    };
    /// How px between those of a picture come about.
    Sampling, "source.sampling", |s| match s {
        Source::Image(s) => Some(Slot::Word(&mut s.sampling)),
        Source::Sprite(s) => Some(Slot::Word(&mut s.sampling)),
        _ => None,
    };
    /// The frames of an atlas that are played.
    Tag, "source.tag", |s| match s {
        Source::Sprite(crate::Sprite { cells: Cells::Atlas { tag, .. }, .. }) => {
            Some(Slot::Text(tag.as_mut()?, None))
        }
        _ => None,
    };
    /// The whole gradient.
    Gradient, "source.gradient", |s| Some(Slot::Gradient(PaintOf::Source.gradient(s)?));
    /// How a gradient goes on beyond its ends.
    GradientSpread, "source.gradient.spread", |s| {
        Some(Slot::Word(&mut PaintOf::Source.gradient(s)?.spread))
    };
    /// How the gradient of a fill goes on beyond its ends.
    FillSpread, "source.fill.spread", |s| {
        Some(Slot::Word(&mut PaintOf::Fill.gradient(s)?.spread))
    };
    /// How the gradient of a stroke goes on beyond its ends.
    StrokeSpread, "source.stroke.paint.spread", |s| {
        Some(Slot::Word(&mut PaintOf::Stroke.gradient(s)?.spread))
    };
    /// Corner radii of a rect, px: one for all, or four from the top left clockwise.
    RectRadius, "source.shape.rect.radius_px", |s| match form(s)? {
        ShapeForm::Rect { radii_px } => Some(Slot::Radii(radii_px, RADIUS)),
        _ => None,
    };
    /// Corners of a polygon, px; as many in every keyframe, or they switch.
    PolygonPoints, "source.shape.polygon.points", |s| match form(s)? {
        ShapeForm::Polygon { points } => Some(Slot::Points(points)),
        _ => None,
    };
    /// Where a line begins, px.
    LineFrom, "source.shape.line.from", |s| match form(s)? {
        ShapeForm::Line { from, .. } => Some(Slot::Pair(from, COORDINATE)),
        _ => None,
    };
    /// Where a line ends, px.
    LineTo, "source.shape.line.to", |s| match form(s)? {
        ShapeForm::Line { to, .. } => Some(Slot::Pair(to, COORDINATE)),
        _ => None,
    };
    /// Points of a star.
    StarPoints, "source.shape.star.points", |s| match form(s)? {
        ShapeForm::Star { points, .. } => Some(Slot::Integer(points, STAR_POINTS)),
        _ => None,
    };
    /// How far the inner corners of a star are from its centre, in outer ones.
    StarInnerRatio, "source.shape.star.inner_ratio", |s| match form(s)? {
        ShapeForm::Star { inner_ratio, .. } => Some(Slot::Number(inner_ratio, INNER_RATIO)),
        _ => None,
    };
    /// The outline of a path; the same commands in every keyframe, or it switches.
    PathData, "source.shape.path.d", |s| match form(s)? {
        ShapeForm::Path(outline) => Some(Slot::Outline(outline)),
        _ => None,
    };
    /// What counts as inside where an outline crosses itself.
    FillRule, "source.fill_rule", |s| match s {
        Source::Shape(s) => Some(Slot::Word(&mut s.fill_rule)),
        _ => None,
    };
    /// On which side of an outline its stroke lies; on both of a line that is not closed.
    StrokeAlign, "source.stroke.align", |s| Some(Slot::Word(&mut shape_stroke(s)?.align));
    /// Ends of lines.
    StrokeCap, "source.stroke.cap", |s| Some(Slot::Word(&mut shape_stroke(s)?.cap));
    /// Corners of lines.
    StrokeJoin, "source.stroke.join", |s| Some(Slot::Word(&mut shape_stroke(s)?.join));
    /// How far a mitered corner may reach, in widths of the line.
    StrokeMiterLimit, "source.stroke.miter_limit", |s| {
        Some(Slot::Number(&mut shape_stroke(s)?.miter_limit, MITER_LIMIT))
    };
    /// Dashes and gaps in turn, px; as many in every keyframe, or they switch.
    DashLengths, "source.stroke.dash.lengths_px", |s| {
        Some(Slot::Lengths(&mut shape_stroke(s)?.dash.as_mut()?.lengths_px))
    };
    /// Family of the font.
    Font, "source.font", |s| Some(Slot::Text(&mut style(s)?.font, None));
    /// Weight of the font, 400 normal, 700 bold; fonts that are not variable have only some.
    Weight, "source.weight", |s| Some(Slot::Number(&mut style(s)?.weight, WEIGHT));
    /// Whether letters are slanted.
    Style, "source.style", |s| Some(Slot::Word(&mut style(s)?.italic));
    /// Whether the words are underlined.
    Underline, "source.underline", |s| Some(Slot::Bool(&mut style(s)?.underline));
    /// Whether the words are struck through.
    Strikethrough, "source.strikethrough", |s| Some(Slot::Bool(&mut style(s)?.strikethrough));
    /// Whether the line below words leaves gaps for ink that crosses it.
    SkipInk, "source.skip_ink", |s| Some(Slot::Bool(&mut style(s)?.skip_ink));
    /// Distance of baselines in em, where it is given.
    LineHeight, "source.line_height", |s| {
        Some(Slot::Length(&mut style(s)?.line_height, LINE_HEIGHT))
    };
    /// Whether all digits are equally wide.
    Tabular, "source.tabular", |s| Some(Slot::Bool(&mut style(s)?.tabular));
    /// Colour behind words.
    BackgroundColor, "source.background.color", |s| Some(Slot::Color(&mut backdrop(s)?.color));
    /// How far the background reaches beyond the words, to the sides and up and down, px.
    BackgroundPadding, "source.background.padding_px", |s| {
        Some(Slot::Pair(&mut backdrop(s)?.padding_px, PADDING))
    };
    /// Corner radius of the background of words, px.
    BackgroundRadius, "source.background.corner_radius_px", |s| {
        Some(Slot::Number(&mut backdrop(s)?.corner_radius_px, RADIUS))
    };
    /// Whether the background is behind each line or behind the box.
    BackgroundBehind, "source.background.behind", |s| Some(Slot::Word(&mut backdrop(s)?.behind));
    /// How lines stand in the box.
    Align, "source.align", |s| Some(Slot::Word(align(s)?));
    /// Whether the position is that of the first baseline.
    Baseline, "source.baseline", |s| match s {
        Source::Text(s) => Some(Slot::Bool(&mut s.baseline)),
        Source::Countdown(s) => Some(Slot::Bool(&mut s.baseline)),
        Source::Clock(s) => Some(Slot::Bool(&mut s.baseline)),
        _ => None,
    };
    /// Where lines are broken.
    Wrap, "source.wrap", |s| Some(Slot::Word(&mut text(s)?.flow.wrap));
    /// Lines that a text is held to, where it is.
    MaxLines, "source.max_lines", |s| {
        Some(Slot::Integer(&mut text(s)?.flow.max_lines, MAX_LINES))
    };
    /// What becomes of words that do not fit.
    Overflow, "source.overflow", |s| Some(Slot::Word(&mut text(s)?.flow.overflow));
    /// How lines stand between the top and the bottom of the box.
    VerticalAlign, "source.vertical_align", |s| {
        Some(Slot::Word(&mut text(s)?.flow.vertical_align))
    };
    /// The smallest size that a text shrinks to, px.
    MinSize, "source.min_size_px", |s| {
        Some(Slot::Number(&mut text(s)?.flow.min_size_px, FONT_SIZE))
    };
    /// What appears at once: letters, words or lines.
    RevealBy, "source.reveal_by", |s| Some(Slot::Word(&mut text(s)?.reveal.by));
    /// Digits after the point, where it says.
    FormatDecimals, "source.format.decimals", |s| {
        Some(Slot::Integer(&mut number_format(s)?.decimals, DECIMALS))
    };
    /// Fewest digits after the point, where it says.
    FormatMinDecimals, "source.format.min_decimals", |s| {
        Some(Slot::Integer(&mut number_format(s)?.min_decimals, DECIMALS))
    };
    /// Fewest digits before the point.
    FormatMinDigits, "source.format.min_digits", |s| {
        Some(Slot::Integer(&mut number_format(s)?.min_digits, MIN_DIGITS))
    };
    /// Which digits are a group.
    FormatGroups, "source.format.groups", |s| Some(Slot::Word(&mut number_format(s)?.groups));
    /// What stands between groups of digits.
    FormatGrouping, "source.format.grouping", |s| {
        Some(Slot::Text(&mut number_format(s)?.grouping, Some(ranges::AFFIX_CHARS)))
    };
    /// The decimal point.
    FormatDecimal, "source.format.decimal", |s| {
        Some(Slot::Text(&mut number_format(s)?.decimal, Some(ranges::AFFIX_CHARS)))
    };
    /// What stands before a number.
    FormatPrefix, "source.format.prefix", |s| {
        Some(Slot::Text(&mut number_format(s)?.prefix, Some(ranges::AFFIX_CHARS)))
    };
    /// What stands behind a number.
    FormatSuffix, "source.format.suffix", |s| {
        Some(Slot::Text(&mut number_format(s)?.suffix, Some(ranges::AFFIX_CHARS)))
    };
    /// Which numbers have a sign.
    FormatSign, "source.format.sign", |s| Some(Slot::Word(&mut number_format(s)?.sign));
    /// Whether a number is in thousands, millions, billions or trillions.
    FormatCompact, "source.format.compact", |s| Some(Slot::Bool(&mut number_format(s)?.compact));
    /// Whether a number is in hundredths.
    FormatPercent, "source.format.percent", |s| Some(Slot::Bool(&mut number_format(s)?.percent));
    /// How a countdown is written: the words of its `format`.
    CountdownFormat, "source.format", |s| match s {
        Source::Countdown(s) => Some(Slot::Word(&mut s.format)),
        _ => None,
    };
    /// What a countdown does at its end.
    AtEnd, "source.at_end", |s| match s {
        Source::Countdown(s) => Some(Slot::Word(&mut s.at_end)),
        _ => None,
    };
    /// Gap between the copies of a ticker's text, px.
    Gap, "source.gap_px", |s| match s {
        Source::Ticker(s) => Some(Slot::Number(&mut s.gap_px, GAP)),
        _ => None,
    };
    /// Baseline of a ticker, px from the top of its box, where it is given.
    TickerBaseline, "source.baseline_px", |s| match s {
        Source::Ticker(s) => Some(Slot::Length(&mut s.baseline_px, POSITION)),
        _ => None,
    };
    /// Colour of what a QR code leaves empty.
    QrBackground, "source.background", |s| match s {
        Source::Qr(s) => Some(Slot::Color(&mut s.background)),
        _ => None,
    };
    /// Empty modules around a QR code.
    QrQuietZone, "source.quiet_zone_modules", |s| match s {
        Source::Qr(s) => Some(Slot::Integer(&mut s.quiet_zone_modules, QUIET_ZONE)),
        _ => None,
    };
}

const fn fit(source: &mut Source) -> Option<&mut Fit> {
    match source {
        Source::Image(s) => Some(&mut s.fit),
        Source::Svg(s) => Some(&mut s.fit),
        Source::Sprite(s) => Some(&mut s.fit),
        _ => None,
    }
}

const fn form(source: &mut Source) -> Option<&mut ShapeForm> {
    match source {
        Source::Shape(s) => Some(&mut s.form),
        _ => None,
    }
}

const fn text(source: &mut Source) -> Option<&mut Text> {
    match source {
        Source::Text(s) => Some(s),
        _ => None,
    }
}

const fn align(source: &mut Source) -> Option<&mut Align> {
    match source {
        Source::Text(s) => Some(&mut s.align),
        Source::Countdown(s) => Some(&mut s.align),
        Source::Clock(s) => Some(&mut s.align),
        _ => None,
    }
}

fn number_format(source: &mut Source) -> Option<&mut NumberFormat> {
    match &mut text(source)?.text {
        TextContent::Number(number) => Some(&mut number.format),
        _ => None,
    }
}

fn backdrop(source: &mut Source) -> Option<&mut TextBackground> {
    style(source)?.background.as_mut()
}

fn shape_stroke(source: &mut Source) -> Option<&mut Stroke> {
    match source {
        Source::Shape(s) => s.stroke.as_mut(),
        _ => None,
    }
}

/// How words look, where there are any.
pub(crate) const fn style(source: &mut Source) -> Option<&mut TextStyle> {
    match source {
        Source::Text(s) => Some(&mut s.style),
        Source::Ticker(s) => Some(&mut s.style),
        Source::Countdown(s) => Some(&mut s.style),
        Source::Clock(s) => Some(&mut s.style),
        Source::Color(_)
        | Source::Gradient(_)
        | Source::Shape(_)
        | Source::Image(_)
        | Source::Qr(_)
        | Source::Svg(_)
        | Source::Drawing(_)
        | Source::Sprite(_) => None,
    }
}

/// The stroke of a shape, or of words.
pub(crate) fn stroke(source: &mut Source) -> Option<&mut Stroke> {
    match source {
        Source::Shape(s) => s.stroke.as_mut(),
        source => style(source)?.stroke.as_mut(),
    }
}

/// What fills a shape, or words.
pub(crate) fn fill(source: &mut Source) -> Option<&mut Paint> {
    match source {
        Source::Shape(s) => s.fill.as_mut(),
        source => style(source)?.fill.as_mut(),
    }
}
