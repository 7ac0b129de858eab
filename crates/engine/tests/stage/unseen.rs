//! What moves and is not seen damages nothing: the whole way from the document to the frame.

use crate::build::{animation, color, group, inside, layer, ms, rect, rgba, scene, stage};
use animation::{Direction, Value};
use compositor::Compositor;
use media::Resolution;
use scene::{Animation, Layer, Paint, Property};

struct Case {
    name: &'static str,
    layers: Vec<Layer>,
    animation: Animation,
}

fn numbers(from: f64, to: f64) -> [Value; 2] {
    [Value::Number(from), Value::Number(to)]
}

/// Something small, which turns up in every case.
fn mover() -> Layer {
    layer(
        "mover",
        [10.0, 10.0],
        [20.0, 16.0],
        rect(6.0, Paint::Color(rgba(0xff80_40ff))),
    )
}

fn slides() -> Animation {
    animation("slides", "mover", &Property::X, numbers(10.0, 80.0), 4000.0)
}

fn cases() -> Vec<Case> {
    let case = |name, layers, animation| Case {
        name,
        layers,
        animation,
    };
    let faded = |layer: Layer, opacity| Layer { opacity, ..layer };
    let hidden = |layer: Layer| Layer {
        visible: false,
        ..layer
    };
    let at = |x_px, layer: Layer| {
        let mut layer = layer;
        layer.transform.x_px = x_px;
        layer
    };
    let cover = || layer("cover", [0.0, 0.0], [128.0, 72.0], color(0x3060_40ff));
    let mut clipped = group("box", [0.0, 0.0], [40.0, 72.0]);
    clipped.clip = Some([0.0; 4]);
    let mut over = slides();
    over.timing.duration_ms = 100.0;
    let mut later = slides();
    later.timing.delay_ms = 60_000.0;
    let red = || Value::Color(rgba(0xff00_00ff));
    let block = || layer("mover", [10.0, 10.0], [20.0, 16.0], color(0xff00_00ff));
    let moved = |property: &Property, from, to| {
        animation("moves", "mover", property, numbers(from, to), 4000.0)
    };
    vec![
        case("a hidden layer slides", vec![hidden(mover())], slides()),
        case(
            "a hidden layer is faded",
            vec![hidden(mover())],
            moved(&Property::Opacity, 0.2, 1.0),
        ),
        case(
            "a layer without opacity slides",
            vec![faded(mover(), 0.0)],
            slides(),
        ),
        case(
            "a layer slides from where it is to where it is",
            vec![mover()],
            moved(&Property::X, 10.0, 10.0),
        ),
        case(
            "a color becomes the same color",
            vec![block()],
            animation(
                "moves",
                "mover",
                &Property::SourceColor,
                [red(), red()],
                4000.0,
            ),
        ),
        case(
            "a layer slides under a cover",
            vec![mover(), cover()],
            slides(),
        ),
        case(
            "a layer turns under a cover",
            vec![mover(), cover()],
            moved(&Property::Rotation, 0.0, 360.0),
        ),
        case(
            "a layer slides beside the canvas",
            vec![at(200.0, mover())],
            moved(&Property::X, 200.0, 400.0),
        ),
        case(
            "a layer slides in a hidden group",
            vec![
                hidden(group("box", [0.0, 0.0], [128.0, 72.0])),
                inside("box", mover()),
            ],
            slides(),
        ),
        case(
            "a layer slides in a group without opacity",
            vec![
                faded(group("box", [0.0, 0.0], [128.0, 72.0]), 0.0),
                inside("box", mover()),
            ],
            slides(),
        ),
        case(
            "a layer slides where its group is cut off",
            vec![clipped, inside("box", at(60.0, mover()))],
            moved(&Property::X, 60.0, 100.0),
        ),
        case("a layer has come to rest", vec![mover()], over),
        case("a layer waits", vec![mover()], later),
        case(
            "opacity beyond what there is",
            vec![mover()],
            moved(&Property::Opacity, 1.0, 3.0),
        ),
    ]
}

/// Blocks that change in a second of frames, the first frames left out.
fn damaged(layers: Vec<Layer>, animation: Animation) -> usize {
    let mut scene = scene(layers);
    scene.animations = vec![animation.into()];
    let mut stage = stage(&scene);
    let mut compositor = Compositor::new(Resolution::new(128, 72));
    let mut blocks = |n: u32| {
        let list = stage.tick(ms(f64::from(n) * 40.0));
        compositor.compose(list).damage.block_count()
    };
    let _first: usize = (0..5).map(&mut blocks).sum();
    (5..30).map(blocks).sum()
}

#[test]
fn what_moves_unseen_damages_nothing() {
    let faults: Vec<_> = cases()
        .into_iter()
        .map(|case| (case.name, damaged(case.layers, case.animation)))
        .filter(|(_, blocks)| *blocks > 0)
        .collect();
    assert_eq!(faults, []);
}

/// What the others are measured by: in sight, each of the movements is seen.
#[test]
fn what_moves_in_sight_damages_blocks() {
    let mut bobs = slides();
    bobs.timing.direction = Direction::Alternate;
    for seen in [
        slides(),
        bobs,
        animation(
            "fades",
            "mover",
            &Property::Opacity,
            numbers(0.2, 1.0),
            4000.0,
        ),
        animation(
            "turns",
            "mover",
            &Property::Rotation,
            numbers(0.0, 360.0),
            4000.0,
        ),
    ] {
        let blocks = damaged(vec![mover()], seen);
        assert!(blocks >= 25, "{blocks}");
    }
}
