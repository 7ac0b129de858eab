//! Written words.

use super::Schemas;
use super::node::Node;
use super::sources::source;
use crate::text::{
    ALIGNS, BEHINDS, CONTENTS, GROUPS, OVERFLOWS, REVEALS, SIGNS, STYLES, TEXT_FITS,
    VERTICAL_ALIGNS, WEIGHTS, WRAPS,
};
use crate::write_color;
use scene::ranges::{
    AFFIX_CHARS, AXES, AXIS, DECIMALS, FEATURES, FONT_SIZE, LETTER_SPACING, LINE_HEIGHT, MAX_LINES,
    MIN_DIGITS, NUMBER, PADDING, RADIUS, RUNS, STROKE_WIDTH, UNIT, WEIGHT, WORD_SPACING,
};
use scene::{Flow, Limits, NumberFormat, TextStyle};
use serde_json::{Value, json};

pub(super) fn add(all: &mut Schemas) {
    all.add("TextSource", text());
    all.add("TextRun", run());
    all.add("NumberFormat", number_format());
    all.add(
        "TextStroke",
        Node::object()
            .must("paint", Node::of("Paint"))
            .must(
                "width_px",
                Node::number(STROKE_WIDTH).says("Pixels.").example(2),
            )
            .says("A line around letters, outside of them and round."),
    );
    all.add(
        "TextBackground",
        Node::object()
            .must("color", Node::of("Color"))
            .may(
                "padding_px",
                Node::one_of([
                    Node::number(PADDING),
                    Node::list(Node::number(PADDING)).holding(2..=2),
                ])
                .says("How far it reaches beyond the words, layer pixels: one number, or two: to the sides, above and below. It takes no room in the layout.")
                .default_is(0),
            )
            .may(
                "corner_radius_px",
                Node::number(RADIUS)
                    .says("Radius of its corners, layer pixels.")
                    .default_is(0),
            )
            .may(
                "behind",
                Node::words(BEHINDS)
                    .says("Behind each line, as wide as its words (boxes that touch become one), or behind the layer's box.")
                    .default_is("lines"),
            )
            .says("A box of one colour behind words."),
    );
}

fn text() -> Node {
    let d = Flow::default();
    let one: Vec<Value> = CONTENTS
        .iter()
        .map(|name| json!({ "required": [name] }))
        .collect();
    let content = source("text")
        .may(
            "text",
            words("`\\n` breaks a line, and a layer with `width_px` wraps at it."),
        )
        .may(
            "runs",
            Node::list(Node::of("TextRun"))
                .holding(RUNS)
                .says("In place of `text`: parts with a look of their own, one after the other on the same lines."),
        )
        .may(
            "value",
            Node::number(NUMBER)
                .says("In place of `text`: a number, which an animation can count up. Its digits are of one width unless `tabular` is false; give `decimals` to one that counts, or all it has on the way are written.")
                .example(1234.5),
        )
        .may("format", Node::of("NumberFormat"))
        .with("oneOf", one)
        .with("dependentRequired", json!({ "format": ["value"] }));
    aligned(styled(content))
        .may(
            "wrap",
            Node::words(WRAPS)
                .says("Where lines break in a box with a width: between words, between any two letters, or only at `\\n`.")
                .default_is("word"),
        )
        .may(
            "max_lines",
            Node::whole()
                .within(MAX_LINES)
                .says("Most lines that are shown; absent shows all.")
                .example(2),
        )
        .may(
            "overflow",
            Node::words(OVERFLOWS)
                .says("What becomes of words for which the box has no room: they leave it, `…` stands for them, or they are cut off at its edge.")
                .default_is("visible"),
        )
        .may(
            "vertical_align",
            Node::words(VERTICAL_ALIGNS)
                .says("How the lines stand in a box with a height.")
                .default_is("top"),
        )
        .may(
            "fit",
            Node::words(TEXT_FITS)
                .says("`shrink` makes the words smaller, half a pixel at a time, until all are in the box and none is broken; `fill` makes them larger too, as large as the box lets them be.")
                .default_is("none"),
        )
        .may(
            "min_size_px",
            Node::number(FONT_SIZE)
                .says("The smallest size that `shrink` and `fill` make them, layer pixels.")
                .default_number(d.min_size_px),
        )
        .may(
            "reveal",
            Node::number(UNIT)
                .says("The part of the words that is drawn, in whole units; each letter stands where it stands in the whole text.")
                .default_is(1),
        )
        .may(
            "reveal_by",
            Node::words(REVEALS)
                .says("The units: letters as readers count them, words, or lines.")
                .default_is("grapheme"),
        )
        .says("Written words: exactly one of `text`, `runs` and `value`.")
}

fn run() -> Node {
    Node::object()
        .must("text", words("The words; `\\n` breaks a line."))
        .may("font", Node::name().says("Family name."))
        .may(
            "size_px",
            Node::number(FONT_SIZE).says("Em size in layer pixels."),
        )
        .may("weight", weight())
        .may("style", Node::words(STYLES).says("Upright or slanted."))
        .may(
            "color",
            Node::of("Color")
                .says("Colour of the letters, in place of the text's colour and fill."),
        )
        .may(
            "letter_spacing_px",
            Node::number(LETTER_SPACING).says("Space after each letter in layer pixels."),
        )
        .may("underline", Node::boolean().says("A line below."))
        .may(
            "strikethrough",
            Node::boolean().says("A line through the middle."),
        )
        .may(
            "background",
            Node::of("Color").says("Colour behind the run, as high as its lines."),
        )
        .says("A part of a text; what it leaves out is as the text has it.")
        .example(json!({ "text": "12.45 ETH", "weight": 700, "color": "#7cf29a", "size_px": 48 }))
}

fn number_format() -> Node {
    let d = NumberFormat::default();
    let affix = |says: &str, default: &str| {
        Node::text()
            .with("maxLength", AFFIX_CHARS)
            .says(says)
            .default_is(default)
    };
    Node::object()
        .may(
            "decimals",
            Node::whole()
                .within(DECIMALS)
                .says("Digits after the point, halves rounded away from zero; absent writes those that the number has, at most 6, or 1 where it is compact.")
                .example(2),
        )
        .may(
            "min_decimals",
            Node::whole()
                .within(DECIMALS)
                .says("Fewest digits after the point, at most `decimals`: zeros at the end go down to so many. Absent keeps all of `decimals`.")
                .example(2),
        )
        .may(
            "min_digits",
            Node::whole()
                .within(MIN_DIGITS)
                .says("Fewest digits before the point: zeros stand in front of what has less.")
                .default_is(d.min_digits),
        )
        .may(
            "groups",
            Node::words(GROUPS)
                .says("Which digits are a group: each three, or, as in India, the last three and each two before them (12,34,567).")
                .default_is("thousands"),
        )
        .may("grouping", affix("Between groups of digits.", &d.grouping))
        .may("decimal", affix("The decimal point.", &d.decimal))
        .may("prefix", affix("Before the number, behind its sign. A space beside the number is a no-break one, here, in `suffix` and in `grouping`.", &d.prefix))
        .may(
            "suffix",
            Node::text()
                .with("maxLength", AFFIX_CHARS)
                .says("Behind the number; absent is `%` with `percent`, else nothing."),
        )
        .may(
            "sign",
            Node::words(SIGNS)
                .says("On numbers below zero, on all but zero, or on none.")
                .default_is("auto"),
        )
        .may(
            "compact",
            Node::boolean()
                .says("In thousands, millions, billions or trillions: 1.2K, 3.4M, 5B, 6T; in groups of India in thousands, lakhs or crores: 1.2K, 3.4L, 5Cr.")
                .default_is(d.compact),
        )
        .may(
            "percent",
            Node::boolean()
                .says("In hundredths: 0.125 is 12.5%.")
                .default_is(d.percent),
        )
        .says("How a number is written.")
        .example(json!({ "decimals": 2, "prefix": "$" }))
}

pub(super) fn words(says: &str) -> Node {
    Node::text()
        .with("maxLength", Limits::default().text_chars)
        .says(says)
        .example("Current bid 12.45 ETH")
}

fn weight() -> Node {
    Node::one_of([Node::number(WEIGHT), Node::words(&WEIGHTS)]).says("400 is normal, 700 bold.")
}

pub(super) fn styled(node: Node) -> Node {
    let d = TextStyle::default();
    let tags = |value: Node, most: usize| {
        Node::default()
            .with("type", "object")
            .with(
                "patternProperties",
                json!({ "^[A-Za-z0-9]{4}$": Value::from(value) }),
            )
            .with("additionalProperties", false)
            .with("maxProperties", most)
    };
    node.may(
        "font",
        Node::name()
            .says("Family name; what it lacks is taken from other fonts.")
            .default_is(&*d.font),
    )
    .may(
        "size_px",
        Node::number(FONT_SIZE)
            .says("Em size in layer pixels.")
            .default_number(d.size_px),
    )
    .may("weight", weight().default_number(d.weight))
    .may(
        "style",
        Node::words(STYLES)
            .says("Upright or slanted.")
            .default_is("normal"),
    )
    .may(
        "color",
        Node::of("Color")
            .says("Colour of the letters where there is no `fill`.")
            .default_is(write_color(d.color)),
    )
    .may(
        "fill",
        Node::of("Paint").says("What fills the letters in place of `color`; a gradient runs over the layer's box."),
    )
    .may(
        "stroke",
        Node::of("TextStroke").says("A rim around the letters, so wide on the outside, with round corners; below the letters."),
    )
    .may(
        "background",
        Node::of("TextBackground").says("A box behind the words."),
    )
    .may(
        "underline",
        Node::boolean().says("A line below.").default_is(d.underline),
    )
    .may(
        "strikethrough",
        Node::boolean()
            .says("A line through the middle.")
            .default_is(d.strikethrough),
    )
    .may(
        "skip_ink",
        Node::boolean()
            .says("Whether the line below leaves gaps for letters that cross it, such as g and y. Chinese, Japanese and Korean have none.")
            .default_is(d.skip_ink),
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
            .says("Space after each letter in layer pixels; scripts whose letters join stay joined.")
            .default_number(d.letter_spacing_px),
    )
    .may(
        "word_spacing_px",
        Node::number(WORD_SPACING)
            .says("Space after each space between words in layer pixels.")
            .default_number(d.word_spacing_px),
    )
    .may(
        "tabular",
        Node::boolean()
            .says("Digits of one width, so that counters do not jitter.")
            .default_is(d.tabular),
    )
    .may(
        "axes",
        tags(Node::number(AXIS), *AXES.end())
            .says("Axes of a variable font by their four letters; those that the font lacks do nothing.")
            .example(json!({ "wdth": 75 })),
    )
    .may(
        "features",
        tags(
            Node::whole().with("minimum", 0).with("maximum", u16::MAX),
            *FEATURES.end(),
        )
        .says("OpenType features by their four letters, 0 off; those that the font lacks do nothing.")
        .example(json!({ "ss01": 1, "liga": 0 })),
    )
}

pub(super) fn aligned(node: Node) -> Node {
    node.may(
        "align",
        Node::words(ALIGNS)
            .says("How lines stand in the box. Start is left, or right in text that is read from the right; justify shares space out between words on all but the last line.")
            .default_is("left"),
    )
    .may(
        "baseline",
        Node::boolean()
            .says("Whether the layer's `y_px` places the first baseline instead of the anchor.")
            .default_is(false),
    )
}
