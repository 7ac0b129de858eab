//! Sources and what they are painted with.

use super::node::Node;
use super::{Schemas, drawing, shapes};
use crate::color::color_words;
use crate::paint::{MIDDLE, SPREADS};
use crate::sources::{
    ALIGNS, AT_ENDS, CLOCK_FORMAT, CORRECTIONS, FITS, FORMATS, QUIET_ZONE_MODULES, STYLES,
    TICKER_SPEED_PX_S, WEIGHTS, default_style,
};
use crate::write_color;
use scene::ranges::{
    ANGLE, CENTER, FONT_SIZE, GAP, GRADIENT_RADIUS, LETTER_SPACING, LINE_HEIGHT, POSITION,
    QUIET_ZONE, RADIUS, SPEED, STOPS, UNIT, WEIGHT,
};
use scene::{ClockFormat, Limits};
use serde_json::json;

/// Types of sources and the schemas of their fields.
pub(super) const SOURCES: [(&str, &str); 11] = [
    ("color", "ColorSource"),
    ("gradient", "GradientSource"),
    ("shape", "ShapeSource"),
    ("image", "ImageSource"),
    ("text", "TextSource"),
    ("ticker", "TickerSource"),
    ("countdown", "CountdownSource"),
    ("clock", "ClockSource"),
    ("qr", "QrSource"),
    ("drawing", "DrawingSource"),
    ("svg", "SvgSource"),
];

/// `2030-01-31T20:00:00Z`
const WALL_CLOCK: &str =
    r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$";

pub(super) fn add(all: &mut Schemas) {
    all.add(
        "Source",
        Node::by_type(SOURCES.iter().copied(), "")
            .says("What gives a layer its pixels, by `type`."),
    );
    all.add(
        "ColorSource",
        source("color")
            .must("color", Node::of("Color").example("#101828cc"))
            .says("The layer's box filled with one colour."),
    );
    all.add(
        "GradientSource",
        source("gradient")
            .must("gradient", Node::of("Gradient"))
            .says("The layer's box filled with a gradient."),
    );
    all.add(
        "ImageSource",
        picture("image", "art.jpg")
            .may(
                "corner_radius_px",
                Node::number(RADIUS)
                    .says("Corners cut from the box, pixels.")
                    .default_is(0),
            )
            .says("A picture."),
    );
    all.add(
        "TextSource",
        aligned(styled(source("text").must(
            "text",
            words("`\\n` breaks a line, and a layer with `width_px` wraps at it."),
        )))
        .says("Written words."),
    );
    all.add("TickerSource", ticker());
    all.add("CountdownSource", countdown());
    all.add(
        "SvgSource",
        picture("svg", "frame.svg").says("A vector picture."),
    );
    all.add("ClockSource", clock());
    all.add("QrSource", qr());
    all.add("Moment", moment());
    all.add("Color", color());
    all.add("Gradient", gradient());
    all.add(
        "Paint",
        Node::one_of([Node::of("Color"), Node::of("Gradient")])
            .says("A colour or a gradient over the layer's box."),
    );
    shapes::add(all);
    drawing::add(all);
}

pub(super) fn source(word: &str) -> Node {
    Node::object().must("type", Node::word(word))
}

fn picture(word: &str, example: &str) -> Node {
    source(word)
        .must(
            "asset",
            Node::text()
                .says("Name of the asset; a placeholder is shown until it is there.")
                .example(example),
        )
        .may(
            "fit",
            Node::words(&FITS)
                .says("How it fills the layer's box, where that has a size: contain, cover and fill as in CSS, none in its own size.")
                .default_is("contain"),
        )
}

fn words(says: &str) -> Node {
    Node::text()
        .with("maxLength", Limits::default().text_chars)
        .says(says)
        .example("Current bid 12.45 ETH")
}

fn styled(node: Node) -> Node {
    let d = default_style();
    node.may(
        "font",
        Node::text()
            .says("Family name; what it lacks is taken from other fonts.")
            .default_is(&*d.font),
    )
    .may(
        "size_px",
        Node::number(FONT_SIZE)
            .says("Em size in layer pixels.")
            .default_number(d.size_px),
    )
    .may(
        "weight",
        Node::one_of([Node::number(WEIGHT), Node::words(&WEIGHTS)])
            .says("400 is normal, 700 bold.")
            .default_number(d.weight),
    )
    .may(
        "style",
        Node::words(&STYLES)
            .says("Upright or slanted.")
            .default_is("normal"),
    )
    .may(
        "color",
        Node::of("Color")
            .says("Colour of the letters.")
            .default_is(write_color(d.color)),
    )
    .may(
        "line_height",
        Node::number(LINE_HEIGHT)
            .says("Distance of baselines in `size_px`; absent takes the font's own.")
            .example(1.2),
    )
    .may(
        "letter_spacing_px",
        Node::number(LETTER_SPACING)
            .says("Space after each letter in layer pixels.")
            .default_number(d.letter_spacing_px),
    )
    .may(
        "tabular",
        Node::boolean()
            .says("Digits of one width, so that counters do not jitter.")
            .default_is(d.tabular),
    )
}

fn aligned(node: Node) -> Node {
    node.may(
        "align",
        Node::words(&ALIGNS)
            .says("How lines stand in the box.")
            .default_is("left"),
    )
    .may(
        "baseline",
        Node::boolean()
            .says("Whether the layer's `y_px` places the first baseline instead of the anchor.")
            .default_is(false),
    )
}

fn ticker() -> Node {
    styled(source("ticker").must("text", words("One line, repeated without a seam.")))
        .may(
            "speed_px_s",
            Node::number(SPEED)
                .says("Layer pixels per second to the left; negative runs right.")
                .default_number(TICKER_SPEED_PX_S),
        )
        .may(
            "gap_px",
            Node::number(GAP)
                .says("Space before it repeats, layer pixels.")
                .default_is(0),
        )
        .may(
            "baseline_px",
            Node::number(POSITION)
                .says("Baseline in layer pixels from the top of the box; absent centres the line.")
                .example(41),
        )
        .says("One line of text running to the left for ever.")
}

fn countdown() -> Node {
    let own = source("countdown")
        .must("to", Node::of("Moment").says("When it is over."))
        .may(
            "format",
            Node::words(&FORMATS)
                .says("The largest unit takes what is left over.")
                .default_is("mm:ss"),
        )
        .may(
            "at_end",
            Node::words(&AT_ENDS)
                .says("Hold at zero, or hide.")
                .default_is("hold"),
        );
    aligned(styled(own)).says("Time left until a moment, in whole seconds rounded up.")
}

fn clock() -> Node {
    let own = source("clock")
        .may(
            "format",
            Node::text()
                .with("maxLength", ClockFormat::MAX_CHARS)
                .says(&format!(
                    "Text and directives of strftime: {}. Names are English.",
                    ClockFormat::directives()
                ))
                .default_is(CLOCK_FORMAT)
                .example("%H:%M"),
        )
        .may(
            "time_zone",
            Node::text()
                .says("Name in the IANA database.")
                .default_is("UTC")
                .example("Europe/Berlin"),
        );
    aligned(styled(own)).says("The time of day, exact to the frame on which it changes.")
}

fn qr() -> Node {
    let color = |says: &str, default: &str| Node::of("Color").says(says).default_is(default);
    source("qr")
        .must(
            "text",
            Node::text()
                .says("What cameras read; at most 2331 bytes with medium error correction, 2953 with low, 1663 with quartile, 1273 with high.")
                .example("https://example.com/lot/7"),
        )
        .may(
            "error_correction",
            Node::words(&CORRECTIONS)
                .says("How much of it may be hidden: 7, 15, 25 or 30 %.")
                .default_is("medium"),
        )
        .may("color", color("Colour of the dark modules.", "#000000"))
        .may("background", color("Colour of the box below them.", "#ffffff"))
        .may(
            "quiet_zone_modules",
            Node::whole()
                .within(QUIET_ZONE)
                .says("Empty modules on each side.")
                .default_is(QUIET_ZONE_MODULES),
        )
        .says("A QR code: modules of whole pixels in the middle of the box, 8 layer pixels each without a size.")
}

/// An object with the one or the other time.
fn moment() -> Node {
    let at = Node::pattern(WALL_CLOCK)
        .with("format", "date-time")
        .says("Wall clock, RFC 3339.")
        .example("2030-01-31T20:00:00Z");
    let at_ms = Node::any_number()
        .says("Show time in milliseconds.")
        .example(600_000);
    Node::object()
        .may("at_ms", at_ms)
        .may("at", at)
        .with_one_field()
        .says("A moment in show time or by the wall clock: exactly one of the two.")
}

fn color() -> Node {
    Node::text()
        .with(
            "anyOf",
            json!([
                { "pattern": "^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$" },
                { "pattern": "^([Rr][Gg][Bb][Aa]?|[Hh][Ss][Ll][Aa]?|[Oo][Kk][Ll][Cc][Hh]|[Cc][Oo][Ll][Oo][Rr])\\(.*\\)$" },
                { "enum": color_words().collect::<Vec<_>>() },
            ]),
        )
        .says("CSS colour: #rgb, #rrggbb, #rrggbbaa, a CSS name, rgb(), hsl(), oklch() or color(srgb ..). Read back as #rrggbb or #rrggbbaa where that is exact.")
        .example("#0b0f1a")
}

fn gradient() -> Node {
    let stop = Node::default()
        .with("type", "array")
        .with(
            "prefixItems",
            vec![
                Node::number(UNIT).into(),
                serde_json::Value::from(Node::of("Color")),
            ],
        )
        .with("items", false)
        .holding(2..=2)
        .says("Offset 0 to 1, and colour.");
    let stops = Node::list(stop)
        .holding(STOPS)
        .says("In order; offsets do not decrease.");
    let angle = |says: &str| Node::number(ANGLE).says(says).default_is(0);
    let center = || {
        Node::list(Node::number(CENTER))
            .holding(2..=2)
            .says("In sizes of the box from its top left corner.")
            .default_is(MIDDLE.to_vec())
    };
    let form = |word: &str| {
        Node::object()
            .must("type", Node::word(word))
            .must("stops", stops.clone())
            .may(
                "spread",
                Node::words(&SPREADS)
                    .says("What stands before the first stop and behind the last: their colours, all stops again, or all stops to and fro.")
                    .default_is("pad"),
            )
    };
    Node::one_of([
        form("linear")
            .may("angle_deg", angle("Degrees clockwise, 0 to the right."))
            .says("Along a line through the middle, corner to corner."),
        form("radial")
            .may("center", center())
            .may(
                "radius_px",
                Node::number(GRADIENT_RADIUS)
                    .says("Layer pixels; absent reaches the farthest corner."),
            )
            .says("Outwards in circles."),
        form("conic")
            .may("center", center())
            .may(
                "angle_deg",
                angle("Where it begins and ends, degrees clockwise from the right."),
            )
            .says("Around a point, clockwise."),
    ])
    .says("A gradient over the layer's box, by `type`.")
    .example(
        json!({ "type": "linear", "angle_deg": 90, "stops": [[0, "#0b0f1a"], [1, "#1d2b4f"]] }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::layers::EFFECTS;

    #[test]
    fn every_type_that_is_read_is_described() {
        let read = crate::sources::TYPES.iter().map(|(word, _)| *word);
        assert_eq!(
            SOURCES.map(|(word, _)| word).to_vec(),
            read.collect::<Vec<_>>()
        );
        let read = crate::layers::EFFECTS.iter().map(|(word, _)| *word);
        assert_eq!(
            EFFECTS.map(|(word, _)| word).to_vec(),
            read.collect::<Vec<_>>()
        );
    }
}
