//! Groups in perspective: composed first, then stood up as one picture.

use crate::build::{
    Shelf, animation, color, golden_with_text, group, id, image, inside, layer, ms, picture, png,
    rect, rgba, scene_of, stage, stage_with, style, text,
};
use crate::effects::{any_children, sky, with};
use crate::placing::pinned;
use animation::Value;
use compositor::Compositor;
use media::{BlendMode, Resolution};
use proptest::prelude::*;
use scene::{
    Corner, EffectKind, Fit, Gradient, Layer, Mask, MaskMode, Paint, Property, Scene, Shape,
    ShapeForm, Source, TextStyle,
};

/// All is integer arithmetic or exactly rounded: the same picture everywhere.
const EXACT: u8 = 0;

fn fade(angle_deg: f64, stops: [u32; 2]) -> Paint {
    let [from, to] = stops.map(rgba);
    Paint::Gradient(Gradient::linear(angle_deg, vec![(0.0, from), (1.0, to)]))
}

fn words(words: &str, size_px: f64, hex: u32) -> Source {
    Source::Text(scene::Text {
        style: TextStyle {
            color: rgba(hex),
            ..style(size_px)
        },
        ..text(words, size_px)
    })
}

fn shadow(dy_px: f64, sigma_px: f64) -> EffectKind {
    EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px,
        sigma_px,
        color: rgba(0x0004_1490),
    }
}

fn evening(width: f64, height: f64) -> Layer {
    let paint = fade(70.0, [0x1a14_38ff, 0xc85a_58ff]);
    layer("evening", [0.0, 0.0], [width, height], rect(0.0, paint))
}

/// What a lower third is made of: a plate, a bar, two lines and a dot, in a box of 300 x 92 px.
fn lower_third(name: &str) -> Vec<Layer> {
    let part = |part: &str, at, size, source| {
        let size: Option<[f64; 2]> = size;
        inside(name, layer(&format!("{name}-{part}"), at, size, source))
    };
    let plate = fade(0.0, [0xfbf7_efff, 0xe4dc_d6ff]);
    let bar = fade(90.0, [0xff7a_45ff, 0xd936_6aff]);
    vec![
        part("plate", [0.0, 0.0], Some([300.0, 92.0]), rect(14.0, plate)),
        part("bar", [0.0, 0.0], Some([12.0, 92.0]), rect(6.0, bar)),
        part(
            "who",
            [30.0, 12.0],
            None,
            words("Ada Lovelace", 30.0, 0x221a_30ff),
        ),
        part(
            "what",
            [30.0, 54.0],
            None,
            words("Analyst, London", 19.0, 0x6a5f_78ff),
        ),
        part(
            "dot",
            [262.0, 34.0],
            Some([22.0, 22.0]),
            rect(11.0, Paint::Color(rgba(0xd936_6aff))),
        ),
    ]
}

/// A lower third of five layers leans back to the right as one panel, its shadow with it.
#[test]
fn a_lower_third_is_a_tilted_panel() {
    let panel = with(
        pinned(
            [[0.0, -10.0], [-34.0, 22.0], [-34.0, -14.0], [0.0, 12.0]],
            group("panel", [34.0, 60.0], [300.0, 92.0]),
        ),
        [shadow(8.0, 9.0)],
    );
    let layers = [vec![evening(360.0, 200.0), panel], lower_third("panel")].concat();
    let scene = scene_of(360, 200, layers);
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    golden_with_text("pinned_lower_third", &mut stage(&scene), 0.0);
}

/// A board of squares in a ring of colors.
fn board() -> Vec<u8> {
    png(96, 96, |x, y| match (x / 16, y / 16) {
        (i, j) if (i + j) % 2 == 0 => 0xf4ea_d8ff,
        (i, j) => 0x2030_50ff + ((i * 30) << 24) + ((j * 24) << 8),
    })
}

/// On a floor that runs away to the back lies a group: a plate, and a board seen through an ellipse that lies there with it.
#[test]
fn what_a_mask_shows_lies_in_the_group() {
    let shelf = Shelf::with(&[("board.png", &board())]);
    let ellipse = Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: scene::FillRule::NonZero,
        fill: Some(Paint::Color(rgba(0xffff_ffff))),
        stroke: None,
    });
    let floor = pinned(
        [[70.0, 40.0], [-70.0, 40.0], [0.0, 0.0], [0.0, 0.0]],
        group("floor", [30.0, 10.0], [260.0, 150.0]),
    );
    let scene = scene_of(
        320,
        180,
        vec![
            evening(320.0, 180.0),
            floor,
            inside(
                "floor",
                layer(
                    "plate",
                    [0.0, 0.0],
                    [260.0, 150.0],
                    rect(18.0, fade(90.0, [0x3a2f_6aff, 0x7a4a_90ff])),
                ),
            ),
            inside(
                "floor",
                Layer {
                    visible: false,
                    ..layer("hole", [70.0, 20.0], [120.0, 112.0], ellipse)
                },
            ),
            inside(
                "floor",
                Layer {
                    mask: Some(Mask {
                        layer: id("hole"),
                        mode: MaskMode::Alpha,
                        invert: false,
                    }),
                    ..layer(
                        "board",
                        [50.0, 8.0],
                        [160.0, 134.0],
                        image("board.png", Fit::Fill),
                    )
                },
            ),
        ],
    );
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("pinned_mask", &picture(&mut stage, ms(0.0)), EXACT);
}

/// A panel in perspective on a wall in perspective, see-through and mixed by screen; what is in both moves on its own.
fn nested() -> Scene {
    let mut wall = pinned(
        [[0.0, 0.0], [-30.0, 24.0], [-30.0, -24.0], [0.0, 0.0]],
        group("wall", [20.0, 14.0], [220.0, 120.0]),
    );
    wall.opacity = 0.9;
    let mut panel = with(
        pinned(
            [[8.0, 12.0], [0.0, 0.0], [0.0, 0.0], [8.0, -12.0]],
            group("panel", [80.0, 20.0], [120.0, 80.0]),
        ),
        [shadow(4.0, 4.0)],
    );
    panel.blend_mode = BlendMode::Screen;
    let glass = rect(10.0, fade(45.0, [0x2858_a8ff, 0x50c0_b8ff]));
    let ball = rect(12.0, Paint::Color(rgba(0xffd0_60ff)));
    let mut scene = scene_of(
        256,
        150,
        vec![
            evening(256.0, 150.0),
            wall,
            inside(
                "wall",
                layer(
                    "bricks",
                    [0.0, 0.0],
                    [220.0, 120.0],
                    rect(0.0, fade(0.0, [0x5a30_48ff, 0x2a18_30ff])),
                ),
            ),
            inside("wall", panel),
            inside("panel", layer("glass", [0.0, 0.0], [120.0, 80.0], glass)),
            inside("panel", layer("ball", [10.0, 28.0], [24.0, 24.0], ball)),
        ],
    );
    let moved = |name: &str, layer: &str, property: Property, values: [f64; 2]| {
        animation(name, layer, &property, values.map(Value::Number), 1000.0).into()
    };
    scene.animations = vec![
        moved("a", "wall", Property::PinY(Corner::TopRight), [24.0, 50.0]),
        moved(
            "b",
            "panel",
            Property::PinX(Corner::BottomLeft),
            [8.0, 40.0],
        ),
        moved("c", "ball", Property::X, [10.0, 86.0]),
        moved("d", "wall", Property::Opacity, [0.9, 1.0]),
    ];
    scene
}

/// The panel's light adds to the wall's, and it leans the other way within it.
#[test]
fn a_group_in_perspective_stands_in_another() {
    let mut stage = stage(&nested());
    testkit::golden!("pinned_nested", &picture(&mut stage, ms(600.0)), EXACT);
}

/// Through corners that move, what moves inside, and a moment at which the corners are where they were.
#[test]
fn groups_in_perspective_are_drawn_through_damage() {
    let mut scene = nested();
    let flat = animation(
        "e",
        "panel",
        &Property::PinX(Corner::TopLeft),
        [8.0, -8.0].map(Value::Number),
        1000.0,
    );
    scene.animations.push(flat.into());
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    let (mut going, size) = (stage(&scene), Resolution::new(256, 150));
    let mut compositor = Compositor::new(size);
    for frame in 0..12u32 {
        let t = ms(f64::from(frame) * 90.5);
        let drawn = compositor.compose(going.tick(t)).frame;
        let mut fresh = stage(&scene);
        let anew = Compositor::new(size).compose(fresh.tick(t)).frame;
        assert!(*drawn == *anew, "frame {frame}");
    }
    // At rest nothing is drawn.
    let rests = ms(3000.0);
    compositor.compose(going.tick(rests));
    assert_eq!(compositor.compose(going.tick(rests)).stats.blocks_drawn, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Corners that stay change no byte. Moved by a millionth of a px, a group is composed apart and drawn in perspective: as one
    /// with an effect that does nothing.
    #[test]
    fn corners_that_stay_change_nothing(
        children in any_children(),
        at in (-20..120_i32, -20..60_i32),
        opacity in 0.1..0.99_f64,
        blend in prop_oneof![Just(BlendMode::Normal), Just(BlendMode::Screen)],
    ) {
        let mut plain = group("group", [f64::from(at.0), f64::from(at.1)], [100.0, 60.0]);
        (plain.opacity, plain.blend_mode) = (opacity, blend);
        let of = |group: Layer| {
            let layers = [vec![sky(), group], children.clone()].concat();
            picture(&mut stage(&scene_of(260, 124, layers)), ms(0.0))
        };
        let still = pinned([[0.0; 2]; 4], plain.clone());
        prop_assert!(of(still) == of(plain.clone()));
        plain.clip = Some([0.0; 4]);
        let all_but_still = pinned([[1e-6, 0.0], [0.0; 2], [0.0; 2], [0.0; 2]], plain.clone());
        let own = with(plain, [EffectKind::CornerRadius { radius_px: [0.0; 4] }]);
        prop_assert!(of(all_but_still) == of(own));
    }
}

/// A child that stands outside of the group's box stands outside of it in perspective as well, and one group in another asks for no
/// more room than it shows.
#[test]
fn what_stands_beyond_the_box_goes_with_it() {
    let scene = scene_of(
        128,
        72,
        vec![
            // Half as wide, to the left.
            pinned(
                [[0.0; 2], [-20.0, 0.0], [-20.0, 0.0], [0.0; 2]],
                group("group", [10.0, 10.0], [40.0, 40.0]),
            ),
            inside(
                "group",
                layer("child", [60.0, 0.0], [20.0, 20.0], color(0xff00_00ff)),
            ),
        ],
    );
    let shown = picture(&mut stage(&scene), ms(0.0));
    let red = [255, 0, 0, 255];
    assert_eq!((shown.pixel(41, 11), shown.pixel(48, 28)), (red, red));
    let ground = [0x10, 0x20, 0x40, 255];
    assert_eq!((shown.pixel(38, 20), shown.pixel(51, 20)), (ground, ground));
}
