//! Sources and what they are painted with.

use super::node::Node;
use super::text::{aligned, styled, words};
use super::{Schemas, drawing, shapes};
use crate::color::color_words;
use crate::paint::{MIDDLE, SPREADS};
use crate::sources::{
    AT_ENDS, CLOCK_FORMAT, CORRECTIONS, FORMATS, QUIET_ZONE_MODULES, TICKER_SPEED_PX_S,
};
use scene::ClockFormat;
use scene::ranges::{
    ANGLE, CENTER, GAP, GRADIENT_RADIUS, POSITION, QUIET_ZONE, SHOW_MS, SPEED, STOPS, UNIT,
};
use serde_json::json;

/// Types of sources and the schemas of their fields.
pub(super) const SOURCES: [(&str, &str); 12] = [
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
    ("sprite", "SpriteSource"),
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
    super::pictures::add(all);
    all.add("TickerSource", ticker());
    all.add("CountdownSource", countdown());
    all.add("ClockSource", clock());
    all.add("QrSource", qr());
    super::text::add(all);
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
        .may("to", Node::of("Moment").says("When it is over."))
        .may(
            "from",
            Node::of("Moment").says("Instead of `to`: when it begins to count up, from zero."),
        )
        .may(
            "format",
            Node::words(FORMATS)
                .says("The largest unit takes what is left over.")
                .default_is("mm:ss"),
        )
        .may(
            "at_end",
            Node::words(AT_ENDS)
                .says("Hold at zero, or hide.")
                .default_is("hold"),
        );
    aligned(styled(own))
        .with("if", json!({ "required": ["from"] }))
        .with("then", json!({ "properties": { "to": false, "at_end": false } }))
        .with("else", json!({ "required": ["to"] }))
        .says("Time left until a moment, in whole seconds rounded up; or, with `from` instead of `to`, time since one, rounded down.")
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
        .says("Wall clock, RFC 3339, of the years 1678 to 2261.")
        .example("2030-01-31T20:00:00Z");
    let at_ms = Node::number(SHOW_MS)
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
                Node::words(SPREADS)
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

    #[test]
    fn every_type_that_is_read_is_described() {
        let read = crate::sources::TYPES.iter().map(|(word, _)| *word);
        assert_eq!(
            SOURCES.map(|(word, _)| word).to_vec(),
            read.collect::<Vec<_>>()
        );
    }
}
