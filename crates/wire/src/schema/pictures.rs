//! Sources made from pictures.

use super::Schemas;
use super::node::Node;
use super::sources::source;
use crate::pictures::{REPEAT_WORDS, SAMPLINGS};
use crate::sources::FITS;
use scene::Limits;
use scene::ranges::{
    CROP_AT, CROP_SIDE, DELAY_MS, GRID, RADIUS, REPEATS, RUN_SPEED, SPRITE_FPS, SPRITE_FRAME,
    SVG_PARAMS,
};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    let image = picture("image", "art.jpg")
        .may(
            "corner_radius_px",
            Node::number(RADIUS)
                .says("Corners cut from the box, pixels.")
                .default_is(0),
        )
        .may("crop_px", Node::of("Cutout"));
    all.add(
        "ImageSource",
        running(sampled(image)).says("A picture: PNG, JPEG, GIF, WebP, AVIF or SVG. GIF, PNG, WebP and AVIF may move; which frame is shown follows from show time alone."),
    );
    all.add("Cutout", crop());
    all.add(
        "SvgSource",
        picture("svg", "frame.svg")
            .may("params", params())
            .says("A vector picture."),
    );
    all.add("SpriteSource", sprite());
}

fn picture(word: &str, example: &str) -> Node {
    fitted(
        source(word).must(
            "asset",
            Node::name()
                .says("Name of the asset; a placeholder is shown until it is there.")
                .example(example),
        ),
    )
}

fn fitted(node: Node) -> Node {
    node.may(
        "fit",
        Node::words(FITS)
            .says("How it fills the layer's box, where that has a size: contain, cover and fill as in CSS, none in its own size.")
            .default_is("contain"),
    )
}

fn sampled(node: Node) -> Node {
    node.may(
        "sampling",
        Node::words(SAMPLINGS)
            .says(
                "How it is scaled: smooth, or by the nearest pixel, which keeps pixel art square.",
            )
            .default_is("smooth"),
    )
}

fn running(node: Node) -> Node {
    let times = Node::whole()
        .within(REPEATS)
        .says("So often; then the last frame stands.");
    let repeat = Node::one_of([
        Node::words(&REPEAT_WORDS).says("As often as its file says, or for ever."),
        times,
        Node::boolean().says("For ever, or once."),
    ]);
    node.may(
        "loop",
        repeat.says("How often what moves is played.").default_is("as_file"),
    )
    .may(
        "speed",
        Node::number(RUN_SPEED)
            .says("How fast what moves is played: 2 is twice as fast, 0 stands still.")
            .default_is(1),
    )
    .may(
        "start_ms",
        Node::number(DELAY_MS)
            .says("Show time in milliseconds at which the first frame of what moves begins; it stands before that, too.")
            .default_is(0),
    )
}

fn crop() -> Node {
    let edge = |says: &str| Node::number(CROP_AT).says(says).default_is(0);
    let side = |says: &str| Node::number(CROP_SIDE).says(says);
    Node::object()
        .may("x", edge("Left edge in pixels of the picture."))
        .may("y", edge("Top edge in pixels of the picture."))
        .must("width", side("Width in pixels of the picture."))
        .must("height", side("Height in pixels of the picture."))
        .says("The part of the picture that is shown, before it is placed; what lies outside the picture is left out.")
        .example(json!({ "x": 100, "y": 50, "width": 640, "height": 360 }))
}

fn params() -> Node {
    Node::default()
        .with("type", "object")
        .with(
            "propertyNames",
            json!({ "pattern": "^[A-Za-z0-9_-]{1,64}$" }),
        )
        .with("maxProperties", *SVG_PARAMS.end())
        .with(
            "additionalProperties",
            Node::text()
                .with("maxLength", Limits::default().text_chars)
                .says("The text, never markup."),
        )
        .says("What stands in the place of `{{name}}` in the SVG's texts and attributes.")
        .example(json!({ "name": "Ann" }))
}

fn sprite() -> Node {
    let count = |says: &str| Node::whole().within(GRID).says(says);
    let grid = Node::object()
        .must("columns", count("Columns of equal width.").example(8))
        .must("rows", count("Rows of equal height.").example(4))
        .may(
            "count",
            Node::whole()
                .with("minimum", 1)
                .says("Pictures, row by row from the top left; absent is all cells.")
                .example(30),
        )
        .says("Where the pictures stand in the sheet. Exactly one of `grid` and `atlas`.");
    let own = picture("sprite", "sheet.png")
        .may("grid", grid)
        .may(
            "atlas",
            Node::name()
                .says("Name of the asset that says where the pictures stand: JSON of Aseprite or TexturePacker.")
                .example("sheet.json"),
        )
        .may(
            "tag",
            Node::text()
                .with("maxLength", Limits::default().text_chars)
                .says("Of an atlas, the tag whose pictures are played; absent plays all.")
                .example("walk"),
        )
        .may(
            "fps",
            Node::number(SPRITE_FPS)
                .says("Pictures a second; absent is what the atlas says, 12 where it says nothing.")
                .example(12),
        )
        .may(
            "frame",
            Node::default()
                .with("type", json!(["number", "null"]))
                .within(SPRITE_FRAME)
                .says("The picture that is shown whatever the time, counted from 0, of the tag where there is one; the fraction is left out. Absent or null plays them.")
                .example(3),
        );
    running(sampled(own))
        .with("if", json!({ "required": ["atlas"] }))
        .with("then", json!({ "not": { "required": ["grid"] } }))
        .with(
            "else",
            json!({ "required": ["grid"], "not": { "required": ["tag"] } }),
        )
        .says("Pictures from a sheet, one after the other.")
}
