//! How things come and go, and what is on its way.

use super::Schemas;
use super::node::Node;
use crate::transitions::{
    AXES, BLUR_SIGMA_PX, DIRECTIONS, EASING, SCALE_FROM, STINGER_MS, TYPES, Type, ZOOM_SCALE,
};
use crate::wipes::{CLOCK_ANGLE_DEG, SOFTNESS};
use scene::ranges::{ANGLE, CENTER, UNIT};
use scene::{Limits, Passage, Transition};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    let types = TYPES.iter().map(|(word, one)| (*word, name(*one)));
    all.add(
        "Transition",
        Node::by_type(types, "Transition")
            .says("How something comes, goes or takes another's place. The scene is what it comes to at once; what leaves is kept beside it meanwhile."),
    );
    for (word, one) in TYPES {
        all.add(&format!("{}Transition", name(one)), transition(word, one));
    }
    all.add(
        "TransitionRequest",
        Node::object()
            .may("transition", Node::of("Transition"))
            .says("A cut where none is named."),
    );
    all.add("Passage", passage());
    add_request(all);
}

/// A layer that is added, with how it comes beside it.
fn add_request(all: &mut Schemas) {
    let mut request = all.0.get("NewLayer").cloned().unwrap_or_default();
    request["properties"]["transition"] = Node::of("Transition").into();
    request["description"] =
        "A layer as it is accepted, and how it comes: a cut where nothing is said.".into();
    all.0.insert("NewLayerRequest".to_owned(), request);
}

const fn name(one: Type) -> &'static str {
    match one {
        Type::Cut => "Cut",
        Type::Fade => "Fade",
        Type::FadeThrough => "FadeThrough",
        Type::Slide => "Slide",
        Type::Push => "Push",
        Type::Scale => "Scale",
        Type::Zoom => "Zoom",
        Type::Wipe => "Wipe",
        Type::Iris => "Iris",
        Type::ClockWipe => "ClockWipe",
        Type::LumaWipe => "LumaWipe",
        Type::BlurFade => "BlurFade",
        Type::Flip => "Flip",
        Type::Stinger => "Stinger",
        Type::Morph => "Morph",
    }
}

fn transition(word: &str, one: Type) -> Node {
    let default_ms = if one == Type::Stinger {
        STINGER_MS
    } else {
        Transition::DEFAULT_MS
    };
    let own = Node::object()
        .must("type", Node::word(word).says("Which one."))
        .may(
            "duration_ms",
            Node::number(Transition::DURATION_MS)
                .says("How long it takes, milliseconds.")
                .default_number(default_ms),
        )
        .may("easing", Node::of("Easing").default_is(EASING));
    let directed = |node: Node, says: &str| {
        let direction = Node::words(&DIRECTIONS).says(says).default_is("left");
        node.may("direction", direction)
    };
    let at_point = |node: Node| {
        let part = |says: &str| Node::number(CENTER).says(says).default_number(0.5);
        node.may(
            "x",
            part("The point, in widths of what is wiped from its left."),
        )
        .may("y", part("The point, in heights of it from its top."))
    };
    let edged = |node: Node| {
        node.may(
            "softness",
            Node::number(UNIT)
                .says("Width of the edge as a share of the whole way; 0 is hard.")
                .default_number(SOFTNESS),
        )
        .may(
            "invert",
            Node::boolean()
                .says("Whether what would come last comes first.")
                .default_is(false),
        )
    };
    match one {
        Type::Cut => own.says("On one frame; the duration says nothing."),
        Type::Fade => own.says("One mixes into the other, as premultiplied non-linear sRGB, like a broadcast mixer. A part that is the same in both does not dip."),
        Type::FadeThrough => own
            .may(
                "color",
                Node::of("Color").says("The color in the middle.").default_is("#000000"),
            )
            .says("To a color in the first half, and from it in the second. A layer takes the color wherever it is drawn, its shadow too."),
        Type::Slide => directed(own, "Where what comes moves.")
            .says("What comes slides over what leaves, which stands still and is hidden as far as the other has come. Of a layer that changes, each is seen within its own box and the shadow around it; one that comes or goes alone slides from or to outside of the canvas."),
        Type::Push => directed(own, "Where both move.").says("What comes pushes out what leaves. Of a layer that changes, each is seen within its own box and the shadow around it; one that comes or goes alone moves as by `slide`."),
        Type::Scale => own
            .may(
                "from",
                Node::number(Transition::FROM)
                    .says("The size that it begins with; 1 is its own.")
                    .default_number(SCALE_FROM),
            )
            .says("What comes grows, or shrinks, to its size while it appears."),
        Type::Zoom => own
            .may(
                "scale",
                Node::number(Transition::ZOOM)
                    .says("How large both become; 1 is their own size.")
                    .default_number(ZOOM_SCALE),
            )
            .says("Into what leaves and out of what comes."),
        Type::Wipe => edged(own.may(
            "angle_deg",
            Node::number(ANGLE)
                .says("Where the edge goes, degrees: 0 to the right, clockwise.")
                .default_is(0),
        ))
        .says("An edge runs over it."),
        Type::Iris => edged(at_point(own)).says("A circle opens."),
        Type::ClockWipe => edged(at_point(own).may(
            "angle_deg",
            Node::number(ANGLE)
                .says("Where the hand begins, degrees clockwise from the right; -90 is the top.")
                .default_number(CLOCK_ANGLE_DEG),
        ))
        .says("Like the hand of a clock."),
        Type::LumaWipe => edged(own.must(
            "asset",
            Node::name()
                .says("The picture, stretched over what is wiped: dark parts come first.")
                .example("paint.png"),
        ))
        .says("By the luma of a picture."),
        Type::BlurFade => own
            .may(
                "sigma_px",
                Node::number(Transition::SIGMA_PX)
                    .says("Standard deviation of the blur at its strongest, pixels.")
                    .default_number(BLUR_SIGMA_PX),
            )
            .says("One blurs out while the other becomes sharp. A whole picture blurs as fast as the machine can."),
        Type::Flip => own
            .may(
                "axis",
                Node::words(&AXES)
                    .says("The axis about which they turn.")
                    .default_is("vertical"),
            )
            .says("What leaves turns away like a card, and what comes turns towards the viewer, in perspective: seen from 2.5 times the longer side."),
        Type::Stinger => own
            .must(
                "asset",
                Node::name()
                    .says("A picture that moves, from its first frame on; over a whole scene it covers the canvas.")
                    .example("stinger.webp"),
            )
            .may(
                "cut_ms",
                Node::any_number()
                    .with("minimum", 0)
                    .with("maximum", Transition::DURATION_MS.max)
                    .says("When one becomes the other, milliseconds from the beginning, up to the duration; half of that where it is left out."),
            )
            .may(
                "matte",
                Node::name().says("A picture, moving or not, whose luma shows what comes, instead of a cut."),
            )
            .says("A picture plays over both; behind it one becomes the other."),
        Type::Morph => own.says("Layers with the same id and kind in both, in the same group, move in all that is a number or a color from where they were to where they are; those that differ in more than that mix meanwhile, and what is in one alone fades, each at its own place in the order. Where another transition is still under way, and of a layer alone: a fade."),
    }
}

fn passage() -> Node {
    let limits = Limits::default();
    let leaves = Node::object()
        .may(
            "background",
            Node::of("Color").says("That of the canvas, where a whole scene leaves."),
        )
        .may(
            "place",
            Node::count()
                .says("The place that the first layer had among those of the scene.")
                .default_is(0),
        )
        .may(
            "layers",
            Node::list(Node::of("NewLayer"))
                .says("Layers as they were. They do not count towards MAX_LAYERS."),
        )
        .may(
            "animations",
            Node::list(Node::of("NewAnimation"))
                .with("maxItems", limits.animations)
                .says("What moves them."),
        )
        .may(
            "timelines",
            Node::list(Node::of("NewTimeline"))
                .with("maxItems", limits.timelines)
                .says("Likewise."),
        )
        .may(
            "transitions",
            Node::list(Node::of("Passage"))
                .with("maxItems", Passage::MAX_COUNT)
                .says("Transitions that were under way then."),
        )
        .says("What leaves, where something takes its place.");
    Node::object()
        .may("id", Node::of("Id").says("Unique among transitions."))
        .may(
            "layer",
            Node::of("Id").says("The layer that it is about; the whole scene where it is left out."),
        )
        .must(
            "way",
            Node::one_of_words(["in", "out", "over"])
                .says("A layer comes, a layer goes, or something takes the place of what leaves."),
        )
        .must("transition", Node::of("Transition"))
        .may("start", Node::of("Start").default_is("now"))
        .may("playback", Node::of("Playback"))
        .may(
            "turns",
            Node::boolean()
                .says("Whether it turns round where it is, with the frame of the change.")
                .default_is(false),
        )
        .may("leaves", leaves)
        .with("if", json!({ "properties": { "way": { "const": "over" } } }))
        .with("then", json!({ "required": ["leaves"] }))
        .with("else", json!({ "required": ["layer"] }))
        .says("A transition that runs. When it is over it changes nothing of what is drawn, and the service takes it out.")
        .example(json!({
            "id": "transition-price", "layer": "price", "way": "in", "start": { "at_ms": 5000 },
            "transition": { "type": "slide", "direction": "up" },
        }))
}
