//! Sources and what they are painted with.

use super::Schemas;
use super::node::Node;
use crate::color::color_words;
use crate::paint::GRADIENTS;
use crate::sources::{
    ALIGNS, AT_ENDS, FITS, FORMATS, STYLES, TICKER_SPEED_PX_S, WEIGHTS, default_style,
};
use crate::write_color;
use scene::Limits;
use scene::ranges::{
    ANGLE, FONT_SIZE, GAP, LETTER_SPACING, LINE_HEIGHT, POSITION, RADIUS, SPEED, STOPS,
    STROKE_WIDTH, UNIT, WEIGHT,
};
use serde_json::json;

/// Types of sources and the schemas of their fields.
pub(super) const SOURCES: [(&str, &str); 8] = [
    ("color", "ColorSource"),
    ("gradient", "GradientSource"),
    ("shape", "ShapeSource"),
    ("image", "ImageSource"),
    ("text", "TextSource"),
    ("ticker", "TickerSource"),
    ("countdown", "CountdownSource"),
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
    all.add("ShapeSource", shape());
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
    all.add("Moment", moment());
    all.add("Color", color());
    all.add("Gradient", gradient());
    all.add(
        "Paint",
        Node::one_of([Node::of("Color"), Node::of("Gradient")])
            .says("A colour or a gradient over the layer's box."),
    );
    all.add(
        "Stroke",
        Node::object()
            .must("paint", Node::of("Paint"))
            .must(
                "width_px",
                Node::number(STROKE_WIDTH).says("Pixels.").example(2),
            )
            .says("A line along the outline, inside the box."),
    );
}

fn source(word: &str) -> Node {
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

fn shape() -> Node {
    let rect = Node::object().may("radius_px", Node::of("Radii").default_is(0));
    let form = Node::object()
        .may("rect", rect.says("The whole box, with round corners."))
        .may(
            "ellipse",
            Node::object().says("The ellipse that touches all sides of the box."),
        )
        .with_one_field();
    source("shape")
        .must(
            "shape",
            form.says("The outline: exactly one of these.")
                .example(json!({ "rect": { "radius_px": 20 } })),
        )
        .may(
            "fill",
            Node::of("Paint").says("What fills it; absent leaves it empty."),
        )
        .may("stroke", Node::of("Stroke"))
        .says("A filled and stroked outline in the layer's box.")
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
    Node::object()
        .must("type", Node::words(&GRADIENTS))
        .may(
            "angle_deg",
            Node::number(ANGLE)
                .says("Degrees clockwise, 0 to the right.")
                .default_is(0),
        )
        .must(
            "stops",
            Node::list(stop)
                .holding(STOPS)
                .says("In order; offsets do not decrease."),
        )
        .says("A gradient over the layer's box, corner to corner.")
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
