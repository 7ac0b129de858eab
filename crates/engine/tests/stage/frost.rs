//! Frosted panels: what lies below a layer, blurred, as reference pictures and as rules.

use crate::build::{
    Shelf, animation, color, config, group, id, inside, layer, ms, picture, rect, rgba, scene_of,
    stage, text,
};
use crate::effects::with;
use animation::Value;
use compositor::{Compositor, DrawItem};
use engine::Stage;
use media::{Resolution, Surface};
use scene::{
    EffectKind, EffectProperty, Gradient, Layer, Paint, Property, Scene, Shape, ShapeForm, Source,
};

const fn frost(sigma_px: f64) -> EffectKind {
    EffectKind::BackdropBlur { sigma_px }
}

/// Stripes, a sun and hills: edges of all directions, and no two places alike.
fn view() -> Vec<Layer> {
    let sky = vec![
        (0.0, rgba(0x2840_8cff)),
        (0.6, rgba(0xe889_70ff)),
        (1.0, rgba(0xffd6_9aff)),
    ];
    let sky = layer(
        "sky",
        [0.0, 0.0],
        [320.0, 180.0],
        Source::Gradient(Gradient::linear(90.0, sky)),
    );
    let sun = layer(
        "sun",
        [196.0, 40.0],
        [84.0, 84.0],
        rect(42.0, Paint::Color(rgba(0xfff2_c8ff))),
    );
    let hill = |name: &str, hex, points: &[[f64; 2]]| {
        let form = ShapeForm::Polygon {
            points: points.to_vec(),
        };
        let shape = Shape::new(form, Some(Paint::Color(rgba(hex))), None);
        layer(name, [0.0, 0.0], [320.0, 180.0], Source::Shape(shape))
    };
    let far = [
        [0.0, 120.0],
        [50.0, 84.0],
        [96.0, 122.0],
        [150.0, 70.0],
        [224.0, 130.0],
        [290.0, 92.0],
        [320.0, 110.0],
        [320.0, 180.0],
        [0.0, 180.0],
    ];
    let near = [
        [0.0, 150.0],
        [70.0, 116.0],
        [140.0, 156.0],
        [230.0, 122.0],
        [320.0, 160.0],
        [320.0, 180.0],
        [0.0, 180.0],
    ];
    let posts = (0..9).map(|i| {
        let x = 12.0 + 36.0 * f64::from(i);
        layer(
            &format!("post{i}"),
            [x, 96.0],
            [5.0, 84.0],
            color(0x1a12_28ff),
        )
    });
    [
        vec![
            sky,
            sun,
            hill("far", 0x6a4a_86ff, &far),
            hill("near", 0x2c24_4cff, &near),
        ],
        posts.collect(),
    ]
    .concat()
}

/// A lower third of frosted glass: a bright veil with a rim on what it blurs, and words on that.
fn third() -> Vec<Layer> {
    let glass = Shape {
        stroke: Some(scene::Stroke::new(Paint::Color(rgba(0xffff_ff70)), 1.0)),
        ..Shape::new(
            ShapeForm::Rect {
                radii_px: [14.0; 4],
            },
            Some(Paint::Color(rgba(0xffff_ff38))),
            None,
        )
    };
    let mut name = text("Ada Lovelace", 22.0);
    name.style.color = rgba(0xffff_ffff);
    let mut role = text("on the Analytical Engine", 12.0);
    role.style.color = rgba(0xffff_ffe0);
    vec![
        group("third", [24.0, 104.0], [236.0, 60.0]),
        inside(
            "third",
            with(
                layer("glass", [0.0, 0.0], [236.0, 60.0], Source::Shape(glass)),
                [frost(6.0)],
            ),
        ),
        inside(
            "third",
            layer("name", [18.0, 8.0], None, Source::Text(name)),
        ),
        inside(
            "third",
            layer("role", [19.0, 35.0], None, Source::Text(role)),
        ),
    ]
}

fn shown(scene: &Scene) -> Surface {
    picture(&mut stage(scene), ms(0.0))
}

/// A lower third of frosted glass with round corners before hills at dusk: what lies below it is blurred and nothing beside it.
#[test]
fn a_frosted_lower_third() {
    let scene = scene_of(320, 180, [view(), third()].concat());
    testkit::golden!("frost_third", &shown(&scene), 0);
}

/// Panes of every outline and of a group that fades: a circle and an ellipse, a card turned by 8 degrees with one round corner,
/// a group cut to a round box, at half opacity, and words, whose whole box is frosted.
#[test]
fn panes_have_the_outlines_of_their_layers() {
    let disc = |name: &str, at, size| {
        let shape = Shape::new(
            ShapeForm::Ellipse,
            Some(Paint::Color(rgba(0xffff_ff30))),
            None,
        );
        with(layer(name, at, size, Source::Shape(shape)), [frost(5.0)])
    };
    let mut card = layer("card", [196.0, 20.0], [100.0, 64.0], color(0x1040_6040));
    card.transform.rotation_deg = 8.0;
    let radius_px = [0.0, 28.0, 0.0, 0.0];
    let card = with(card, [EffectKind::CornerRadius { radius_px }, frost(5.0)]);
    let mut faded = group("faded", [16.0, 104.0], [120.0, 64.0]);
    (faded.clip, faded.opacity) = (Some([20.0; 4]), 0.5);
    let faded = with(faded, [frost(8.0)]);
    let dot = inside(
        "faded",
        layer("dot", [8.0, 8.0], [40.0, 80.0], color(0xff60_40ff)),
    );
    let mut words = text("Words", 34.0);
    words.style.color = rgba(0xffff_ffff);
    let words = with(
        layer("words", [176.0, 116.0], None, Source::Text(words)),
        [frost(3.0)],
    );
    let panes = vec![
        disc("circle", [20.0, 50.0], [48.0, 48.0]),
        disc("ellipse", [98.0, 54.0], [92.0, 46.0]),
        card,
        faded,
        dot,
        words,
    ];
    let scene = scene_of(320, 180, [view(), panes].concat());
    testkit::golden!("frost_outlines", &shown(&scene), 0);
}

/// What moves below a pane, the pane itself, its blur and its opacity: what a frame shows does not depend on those before it.
#[test]
fn frost_is_a_function_of_time() {
    let mut scene = scene_of(320, 180, [view(), third()].concat());
    let sigma = Property::Effect(id("e0"), EffectProperty::named("sigma_px").unwrap());
    let number = |from: f64, to: f64| [from, to].map(Value::Number);
    scene.animations = vec![
        animation("below", "post3", &Property::X, number(60.0, 240.0), 1000.0).into(),
        animation("pane", "third", &Property::Y, number(200.0, 100.0), 500.0).into(),
        animation("blur", "glass", &sigma, number(0.0, 12.0), 1000.0).into(),
        animation("fade", "third", &Property::Opacity, number(0.2, 1.0), 700.0).into(),
    ];
    let size = Resolution::new(320, 180);
    let mut on_air = stage(&scene);
    let mut compositor = Compositor::new(size);
    for t in [
        0.0, 40.0, 80.0, 120.0, 500.0, 700.0, 720.0, 1000.0, 1040.0, 300.0,
    ] {
        let shown = compositor.compose(on_air.tick(ms(t)));
        let fresh = Compositor::new(size).compose(stage(&scene).tick(ms(t)));
        assert!(shown.frame.planes() == fresh.frame.planes(), "{t}");
    }
}

/// A change below a pane damages all of the pane; one far from it none.
#[test]
fn what_changes_below_damages_the_pane() {
    let scene = |x: f64, y: f64| {
        let dot = layer("dot", [x, y], [8.0, 8.0], color(0xff00_00ff));
        scene_of(320, 180, [view(), vec![dot], third()].concat())
    };
    let mut compositor = Compositor::new(Resolution::new(320, 180));
    let mut stage = stage(&scene(0.0, 0.0));
    let mut shown = |scene: &Scene| {
        stage.set_scene(scene.clone(), ms(0.0));
        compositor.compose(stage.tick(ms(0.0))).damage
    };
    shown(&scene(40.0, 8.0));
    assert!(!shown(&scene(48.0, 8.0)).contains(10, 8));
    assert!(shown(&scene(40.0, 120.0)).contains(10, 8));
}

/// A pane blurs as far on a larger output as the picture is larger.
#[test]
fn a_pane_scales_with_its_output() {
    let scene = scene_of(320, 180, [view(), third()].concat());
    let blur = |width, height| {
        let size = Resolution::new(width, height);
        let mut stage = Stage::new(config(size, Shelf::with(&[])), scene.clone());
        let panes = stage.tick(ms(0.0)).items.iter();
        let mut panes = panes.filter_map(|item| match item {
            DrawItem::Backdrop(pane) => Some(pane.sigma_px),
            _ => None,
        });
        panes.next().unwrap()
    };
    assert!((blur(320, 180) - 6.0).abs() < 1e-9 && (blur(960, 540) - 18.0).abs() < 1e-9);
}
