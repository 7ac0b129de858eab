//! Resolving and checking scenes, from outside.

use animation::{Composite, Direction, Easing, Timing, Value};
use kurbo::{Affine, Point, Size};
use media::{Color, ShowTime};
use proptest::prelude::*;
use scene::{
    Animation, Canvas, Effect, EffectKind, Extent, Fault, FaultKind, Fit, Id, Image, Item, Kind,
    Layer, Limits, Mask, MaskMode, Measure, Moment, Property, Resolver, Scene, Shared, Source,
    Start, StyledKeyframe, Target, Transform,
};

fn id(text: &str) -> Id {
    Id::new(text).expect("a valid id")
}

fn layer(name: &str, kind: Kind) -> Layer {
    Layer::bare(id(name), kind, None)
}

fn card(name: &str, x_px: f64, y_px: f64) -> Layer {
    let transform = Transform {
        x_px,
        y_px,
        width_px: Some(10.0),
        height_px: Some(20.0),
        ..Transform::default()
    };
    Layer {
        source: Some(Source::Color(Color::WHITE)),
        transform,
        ..layer(name, Kind::Overlay)
    }
}

fn scene(layers: Vec<Layer>) -> Scene {
    Scene {
        canvas: Canvas {
            width_px: 1920,
            height_px: 1080,
            background: Color::BLACK,
            design: None,
        },
        layers: layers.into_iter().map(Into::into).collect(),
        animations: Vec::new(),
        timelines: Vec::new(),
        templates: Vec::new(),
        passages: Vec::new(),
    }
}

fn animation(
    name: &str,
    target: &str,
    values: &[(Property, [f64; 2])],
    timing: Timing,
) -> Animation {
    let keyframe = |k: usize| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: values
            .iter()
            .map(|(property, v)| (property.clone(), Value::Number(v[k])))
            .collect(),
    };
    Animation {
        id: id(name),
        target: Target::Layer(id(target)),
        start: Start::At(ShowTime::ZERO),
        playback: None,
        verbs: Vec::new(),
        when_over: scene::WhenOver::Keep,
        plan: scene::Plan::default(),
        timing,
        composite: Composite::Replace,
        color_space: animation::ColorSpace::default(),
        driver: scene::Driver::default(),
        keyframes: vec![keyframe(0), keyframe(1)],
    }
}

struct FixedSize;

impl Measure for FixedSize {
    fn extent(&mut self, layer: &Layer, _moment: Moment) -> Extent {
        let t = &layer.transform;
        Extent {
            size: Size::new(t.width_px.unwrap_or(100.0), t.height_px.unwrap_or(50.0)),
            baseline_px: None,
        }
    }
}

fn at_ms(ms: f64) -> Moment {
    Moment {
        show: ShowTime::from_ms(ms),
        epoch_unix_ns: 0,
    }
}

fn resolve(scene: &Scene, ms: f64) -> Vec<Item> {
    let mut items = Vec::new();
    Resolver::new(scene).resolve(at_ms(ms), &mut FixedSize, &mut items);
    items
}

/// What is drawn, in order, as words: `name@x,y`, `(name` and `)`.
fn drawn(scene: &Scene, ms: f64) -> String {
    let name = |index: usize| scene.layers[index].id.as_str();
    let words: Vec<String> = resolve(scene, ms)
        .iter()
        .map(|item| match item {
            Item::Layer(item) => {
                let p = item.transform * Point::ORIGIN;
                format!("{}@{},{}", name(item.index), p.x, p.y)
            }
            Item::Push(item) => format!("({}", name(item.index)),
            Item::Backdrop(item) => format!("~{}", name(item.index)),
            Item::Matte(item) => format!("{}|", if item.invert { "!" } else { "" }),
            Item::Pop => ")".to_owned(),
        })
        .collect();
    words.join(" ")
}

#[test]
fn siblings_are_drawn_by_z_index_then_by_age() {
    let mut layers = vec![
        card("top", 0.0, 0.0),
        card("old", 1.0, 0.0),
        card("new", 2.0, 0.0),
        card("hidden", 3.0, 0.0),
    ];
    layers[0].z_index = 5;
    layers[3].visible = false;
    assert_eq!(drawn(&scene(layers), 0.0), "old@1,0 new@2,0 top@0,0");
}

#[test]
fn children_stand_in_their_groups_pixels_and_only_groups_that_matter_are_composed_apart() {
    let mut group = layer("group", Kind::Group);
    group.transform = Transform {
        x_px: 100.0,
        y_px: 10.0,
        scale_x: 2.0,
        scale_y: 2.0,
        ..Transform::default()
    };
    let mut child = card("child", 5.0, 5.0);
    child.parent = Some(id("group"));
    let mut s = scene(vec![child, group]);
    assert_eq!(drawn(&s, 0.0), "child@110,20");
    s.layers[1].opacity = 0.5;
    assert_eq!(drawn(&s, 0.0), "(group child@110,20 )");
    s.layers[1].opacity = 1.0;
    s.layers[1].clip = Some([0.0; 4]);
    let Item::Push(push) = resolve(&s, 0.0)[0] else {
        panic!("the group comes first")
    };
    assert_eq!(
        push.size,
        Size::new(15.0, 25.0),
        "a group without a size has the bounds of its children"
    );
    s.layers[1].visible = false;
    assert_eq!(drawn(&s, 0.0), "");
}

/// What is in a group with effects is placed in the group's px and holds still there, however the group moves.
#[test]
fn a_group_with_effects_has_a_surface_of_its_own() {
    let mut group = layer("group", Kind::Group);
    group.transform.x_px = 100.0;
    group.transform.scale_x = 2.0;
    let blur = |sigma_px| Effect::new(id("blur"), EffectKind::GaussianBlur { sigma_px });
    group.effects = vec![blur(3.0)];
    let mut child = card("child", 5.0, 5.0);
    child.parent = Some(id("group"));
    let mut s = scene(vec![child, group]);
    let to_the_right = [(Property::X, [100.0, 500.0])];
    let slide = animation("slide", "group", &to_the_right, Timing::default());
    s.animations = vec![slide.into()];
    let items = resolve(&s, 0.0);
    let [Item::Push(push), Item::Layer(inner), Item::Pop] = items[..] else {
        panic!("{items:?}")
    };
    assert!(push.own_surface && !push.holds_still);
    assert_eq!((push.raster_scale, push.size), (2.0, Size::new(15.0, 25.0)));
    assert!(inner.holds_still);
    assert_eq!(inner.transform * Point::ORIGIN, Point::new(5.0, 5.0));
    for idle in [
        blur(0.0),
        Effect {
            enabled: false,
            ..blur(3.0)
        },
    ] {
        s.layers[1].effects = vec![idle];
        let items = resolve(&s, 0.0);
        let [Item::Layer(inner)] = items[..] else {
            panic!("{items:?}")
        };
        assert!(!inner.holds_still);
    }
}

fn frost(sigma_px: f64) -> Effect {
    Effect::new(id("frost"), EffectKind::BackdropBlur { sigma_px })
}

/// A pane comes right before its layer, and what fades or is masked takes its pane with it.
#[test]
fn panes_lie_below_their_layers() {
    let mut l = card("l", 5.0, 0.0);
    l.effects = vec![
        frost(3.0),
        Effect {
            id: id("more"),
            ..frost(4.0)
        },
    ];
    l.transform.scale_x = 2.0;
    l.transform.scale_y = 2.0;
    let mut s = scene(vec![l]);
    let items = resolve(&s, 0.0);
    let [Item::Backdrop(pane), Item::Layer(_)] = items[..] else {
        panic!("{items:?}")
    };
    assert_eq!(pane.size, Size::new(10.0, 20.0));
    assert!((pane.sigma_px - 10.0).abs() < 1e-12, "{pane:?}");
    s.layers[0].opacity = 0.5;
    assert_eq!(drawn(&s, 0.0), "(l ~l l@5,0 )");
    s.layers[0].effects = vec![frost(0.0)];
    assert_eq!(drawn(&s, 0.0), "l@5,0");
    let mut group = layer("g", Kind::Group);
    group.effects = vec![frost(3.0)];
    s.layers[0].opacity = 1.0;
    s.layers[0].parent = Some(id("g"));
    s.layers.push(group.into());
    assert_eq!(drawn(&s, 0.0), "~g l@5,0");
    s.layers[1].clip = Some([0.0; 4]);
    assert_eq!(drawn(&s, 0.0), "~g (g l@5,0 )");
    s.layers[1].opacity = 0.5;
    assert_eq!(drawn(&s, 0.0), "(g ~g (g l@5,0 ) )");
    s.layers[1].clip = None;
    assert_eq!(drawn(&s, 0.0), "(g ~g l@5,0 )");
}

#[test]
fn panes_that_could_not_be_drawn_are_faults() {
    let pane = |i: usize| Layer {
        effects: vec![frost(3.0)],
        ..card(&format!("l{i}"), 0.0, 0.0)
    };
    let mut s = scene((0..9).map(pane).collect());
    assert_eq!(pointers(&s), ["/layers/8/effects/0"]);
    s.layers[3].visible = false;
    assert_eq!(faults(&s), []);
    s.layers[4].transform.corner_pin = Some([[0.0; 2]; 4]);
    s.layers[5].parent = Some(id("g"));
    let mut group = layer("g", Kind::Group);
    group.effects = vec![Effect::new(
        id("b"),
        EffectKind::GaussianBlur { sigma_px: 3.0 },
    )];
    s.layers.push(group.into());
    assert_eq!(pointers(&s), ["/layers/4/effects/0", "/layers/5/effects/0"]);
    s.layers[9].effects = vec![frost(3.0)];
    s.layers[0].visible = false;
    assert_eq!(pointers(&s), ["/layers/4/effects/0"]);
}

/// A scene drawn for 16:9 on a canvas of 9:16, an animated position among them, and a group whose box is stretched.
#[test]
fn constraints_put_layers_elsewhere_on_another_canvas() {
    use scene::Constraint::{Center, End, Scale, Start, Stretch};
    let held = |horizontal, vertical, layer: Layer| Layer {
        constraints: Some(scene::Constraints {
            horizontal,
            vertical,
        }),
        ..layer
    };
    let mut bar = layer("bar", Kind::Group);
    bar.transform = Transform {
        x_px: 100.0,
        y_px: 980.0,
        width_px: Some(1720.0),
        height_px: Some(80.0),
        ..Transform::default()
    };
    let inside = |layer: Layer| Layer {
        parent: Some(id("bar")),
        ..layer
    };
    let mut s = scene(vec![
        card("free", 7.0, 8.0),
        held(End, End, card("corner", 1900.0, 1050.0)),
        held(Center, Scale, card("middle", 955.0, 540.0)),
        held(Stretch, End, bar),
        inside(held(End, Start, card("clock", 1700.0, 30.0))),
        inside(card("label", 10.0, 30.0)),
    ]);
    let to_the_left = [(Property::X, [1900.0, 1800.0])];
    s.animations = vec![
        animation(
            "slide",
            "corner",
            &to_the_left,
            Timing {
                fill: animation::Fill::Both,
                duration_ms: 1000.0,
                ..Timing::default()
            },
        )
        .into(),
    ];
    let drawn_for = drawn(&s, 500.0);
    s.canvas.design = Some(scene::Design {
        width_px: 1920,
        height_px: 1080,
    });
    assert_eq!(drawn(&s, 500.0), drawn_for);
    (s.canvas.width_px, s.canvas.height_px) = (1080, 1920);
    assert_eq!(faults(&s), []);
    assert_eq!(
        drawn(&s, 500.0),
        "free@7,8 corner@1010,1890 middle@535,960 clock@960,1850 label@110,1850"
    );
    let mut resolver = Resolver::new(&s);
    for ms in [0.0, 1000.0, 250.0] {
        let layers = resolver.layers_at(ShowTime::from_ms(ms));
        assert_eq!(layers[3].transform.width_px, Some(880.0));
        assert_eq!(layers[2].transform.height_px, Some(20.0 * 1920.0 / 1080.0));
        let x_px = layers[1].transform.x_px;
        assert!(
            (x_px - (1060.0 - ms / 10.0)).abs() < 1e-9,
            "{x_px} at {ms} ms"
        );
    }
}

#[test]
fn the_anchor_stays_where_it_is_put_when_a_layer_turns_and_grows() {
    let mut l = card("l", 500.0, 300.0);
    l.transform = Transform {
        anchor_x: 0.5,
        anchor_y: 0.5,
        scale_x: 3.0,
        scale_y: 2.0,
        rotation_deg: 90.0,
        ..l.transform
    };
    let Item::Layer(item) = resolve(&scene(vec![l]), 0.0)[0] else {
        panic!("one layer")
    };
    assert_eq!(
        item.transform * Point::new(5.0, 10.0),
        Point::new(500.0, 300.0)
    );
    // A quarter turn clockwise puts the right edge's centre below the anchor.
    assert_eq!(
        item.transform * Point::new(10.0, 10.0),
        Point::new(500.0, 315.0)
    );
    assert!((item.raster_scale - 3.0).abs() < 1e-12 && item.holds_still);
}

#[test]
fn animations_stack_on_the_base_and_leave_it_when_they_end() {
    let once = Timing {
        duration_ms: 1000.0,
        ..Timing::default()
    };
    let mut s = scene(vec![card("l", 7.0, 0.0)]);
    s.animations = [
        animation("slide", "l", &[(Property::X, [100.0, 200.0])], once.clone()),
        Animation {
            composite: Composite::Add,
            ..animation("sway", "l", &[(Property::X, [10.0, 20.0])], once)
        },
    ]
    .map(Into::into)
    .into();
    assert_eq!(drawn(&s, 500.0), "l@165,0");
    assert_eq!(drawn(&s, 1000.0), "l@7,0");
    let Item::Layer(item) = resolve(&s, 0.0)[0] else {
        panic!("one layer")
    };
    assert!(!item.holds_still);
}

#[test]
fn sources_that_grow_are_rasterised_large_and_those_that_breathe_are_not() {
    let loops = Timing {
        duration_ms: 1000.0,
        iterations: f64::INFINITY,
        direction: Direction::Alternate,
        ..Timing::default()
    };
    let mut s = scene(vec![card("l", 0.0, 0.0)]);
    let scale_at = |s: &Scene| match resolve(s, 0.0)[0] {
        Item::Layer(item) => item.raster_scale,
        Item::Push(_) | Item::Backdrop(_) | Item::Matte(_) | Item::Pop => panic!("one layer"),
    };
    s.animations = [animation(
        "breathe",
        "l",
        &[(Property::ScaleX, [0.99, 1.01])],
        loops.clone(),
    )]
    .map(Into::into)
    .into();
    assert!((scale_at(&s) - 1.0).abs() < 1e-12);
    s.animations = [animation(
        "grow",
        "l",
        &[(Property::ScaleX, [0.0, 2.0])],
        loops,
    )]
    .map(Into::into)
    .into();
    assert!((scale_at(&s) - 2.0).abs() < 1e-12);
}

fn faults(s: &Scene) -> Vec<Fault> {
    s.faults(&Limits::default(), &|name| name == "there.png")
}

fn pointers(s: &Scene) -> Vec<String> {
    faults(s).into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn a_sound_scene_has_no_faults() {
    let mut group = layer("g", Kind::Group);
    group.clip = Some([20.0; 4]);
    let mut child = card("c", 0.0, 0.0);
    child.parent = Some(id("g"));
    let mut s = scene(vec![group, child]);
    s.animations = [animation(
        "a",
        "c",
        &[(Property::X, [0.0, 1.0]), (Property::Opacity, [0.0, 1.0])],
        Timing::default(),
    )]
    .map(Into::into)
    .into();
    assert_eq!(faults(&s), []);
}

#[test]
fn every_rule_names_its_place() {
    let bare = layer("x", Kind::Overlay);
    let with = |change: &dyn Fn(&mut Scene)| {
        let mut s = scene(vec![card("a", 0.0, 0.0), layer("g", Kind::Group)]);
        change(&mut s);
        pointers(&s)
    };
    assert_eq!(with(&|s| s.canvas.width_px = 1921), ["/canvas/width_px"]);
    assert_eq!(with(&|s| s.layers[0].opacity = 1.5), ["/layers/0/opacity"]);
    for ttl in [0.0, -1.0, 86_400_001.0, f64::NAN, f64::INFINITY] {
        let faults = with(&|s| s.layers[0].ttl_ms = Some(ttl));
        assert_eq!(faults, ["/layers/0/ttl_ms"], "{ttl}");
    }
    for ttl in [f64::MIN_POSITIVE, 86_400_000.0] {
        assert!(
            with(&|s| s.layers[0].ttl_ms = Some(ttl)).is_empty(),
            "{ttl}"
        );
    }
    assert_eq!(
        with(&|s| s.layers[0].transform.x_px = f64::NAN),
        ["/layers/0/transform/x_px"]
    );
    assert_eq!(
        with(&|s| s.layers[0].transform.width_px = Some(0.0)),
        ["/layers/0/transform/width_px"]
    );
    let huge = Transform {
        width_px: Some(16_000.0),
        height_px: Some(16_000.0),
        ..Transform::default()
    };
    assert_eq!(
        with(&|s| s.layers[0].transform = huge.clone()),
        ["/layers/0/transform/width_px"]
    );
    assert_eq!(
        with(&|s| s.layers[0].transform.height_px = None),
        ["/layers/0/transform/height_px"]
    );
    assert_eq!(
        with(&|s| s.layers[0].clip = Some([0.0; 4])),
        ["/layers/0/clip"]
    );
    assert_eq!(
        with(&|s| s.layers[0].parent = Some(id("a"))),
        ["/layers/0/parent"]
    );
    assert_eq!(
        with(&|s| s.layers[0].parent = Some(id("nobody"))),
        ["/layers/0/parent"]
    );
    assert_eq!(
        with(&|s| s.layers[1].source = Some(Source::Color(Color::WHITE))),
        ["/layers/1/source"]
    );
    assert_eq!(
        with(&|s| s.layers.push(bare.clone().into())),
        ["/layers/2/source"]
    );
    assert_eq!(
        with(&|s| s.layers.push(card("a", 0.0, 0.0).into())),
        ["/layers/2/id"]
    );
    let bad_shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 0.0,
        sigma_px: 900.0,
        color: Color::BLACK,
    };
    let effect = Effect {
        id: id("shadow"),
        enabled: true,
        kind: bad_shadow,
    };
    assert_eq!(
        with(&|s| s.layers[0].effects = vec![effect.clone()]),
        ["/layers/0/effects/0/sigma_px"]
    );
    assert_eq!(
        with(&|s| s.layers = vec![card("a", 0.0, 0.0).into(); 10_000]),
        ["/layers"]
    );
    let still = Timing::default();
    let animated = |s: &mut Scene, a: Animation| s.animations = [a].map(Into::into).into();
    let depth = [(Property::SourceSize, [1.0, 2.0])];
    assert_eq!(
        with(&|s| animated(s, animation("m", "a", &depth, still.clone()))),
        [
            "/animations/0/keyframes/0/source.size_px",
            "/animations/0/keyframes/1/source.size_px"
        ]
    );
    assert_eq!(
        with(&|s| animated(s, animation("m", "nobody", &[], still.clone()))),
        ["/animations/0/target"]
    );
    let backwards = Timing {
        duration_ms: -1.0,
        ..Timing::default()
    };
    assert_eq!(
        with(&|s| animated(s, animation("m", "a", &[], backwards.clone()))),
        ["/animations/0/timing/duration_ms"]
    );
}

#[test]
fn a_missing_picture_is_a_fault_of_its_own_kind() {
    assert_eq!(faults(&scene(vec![picture("there.png")])), []);
    let found = faults(&scene(vec![picture("gone.png")]));
    assert_eq!(
        (found.len(), found[0].kind, &*found[0].pointer),
        (1, FaultKind::MissingAsset, "/layers/0/source/asset")
    );
}

#[test]
fn a_cycle_of_groups_is_one_fault_and_too_deep_a_nest_is_one() {
    let group = |name: &str, parent: Option<&str>| Layer {
        parent: parent.map(id),
        ..layer(name, Kind::Group)
    };
    let cycle = scene(vec![
        group("free", None),
        group("a", Some("c")),
        group("b", Some("a")),
        group("c", Some("b")),
        {
            let mut hanger_on = card("leaf", 0.0, 0.0);
            hanger_on.parent = Some(id("b"));
            hanger_on
        },
    ]);
    assert_eq!(pointers(&cycle), ["/layers/1/parent"]);
    let names: Vec<String> = (0..18).map(|k| format!("g{k}")).collect();
    let nest = (0..18)
        .map(|k| group(&names[k], (k > 0).then(|| names[k - 1].as_str())))
        .collect();
    assert_eq!(pointers(&scene(nest)), ["/layers/17/parent"]);
}

fn masked(by: &str, layer: Layer) -> Layer {
    Layer {
        mask: Some(Mask {
            layer: id(by),
            mode: MaskMode::Alpha,
            invert: false,
        }),
        ..layer
    }
}

#[test]
fn a_mask_is_placed_where_it_stands_by_itself_hidden_or_not() {
    let mut frame = layer("frame", Kind::Group);
    frame.transform.x_px = 100.0;
    frame.visible = false;
    let mut stencil = card("stencil", 5.0, 6.0);
    stencil.parent = Some(id("frame"));
    let mut s = scene(vec![
        frame,
        stencil,
        masked("stencil", card("l", 1.0, 2.0)),
        Layer {
            z_index: 1,
            ..masked("l", layer("g", Kind::Group))
        },
        Layer {
            parent: Some(id("g")),
            ..card("c", 7.0, 8.0)
        },
    ]);
    assert_eq!(pointers(&s), [""; 0]);
    assert_eq!(
        drawn(&s, 0.0),
        "(l l@1,2 | stencil@105,6 ) (g c@7,8 | (l l@1,2 | stencil@105,6 ) )"
    );
    // Whoever takes a mask out lets show what showed through it.
    s.remove_layer(&id("frame"));
    assert_eq!(pointers(&s), [""; 0]);
    assert_eq!(drawn(&s, 0.0), "l@1,2 (g c@7,8 | l@1,2 )");
}

#[test]
fn circles_of_masks_are_named_once() {
    let s = scene(vec![
        masked("c", card("a", 0.0, 0.0)),
        masked("a", card("b", 0.0, 0.0)),
        masked("b", card("c", 0.0, 0.0)),
        masked("a", card("hanger-on", 0.0, 0.0)),
    ]);
    assert_eq!(pointers(&s), ["/layers/0/mask/layer"]);
}

/// Each group of two shows through the next, twice: the last one would be composed a hundred thousand times.
#[test]
fn masks_do_not_multiply_without_bound() {
    let pair = |k: usize| {
        let group = layer(&format!("g{k}"), Kind::Group);
        let next = format!("g{}", k + 1);
        let half = |half: &str| {
            let half = Layer {
                parent: Some(id(&format!("g{k}"))),
                ..card(&format!("{half}{k}"), 0.0, 0.0)
            };
            if k < 15 { masked(&next, half) } else { half }
        };
        [group, half("a"), half("b")]
    };
    let deep = scene((0..16).flat_map(pair).collect());
    let named = pointers(&deep);
    assert!(
        named.contains(&"/layers/1/mask/layer".to_owned()),
        "{named:?}"
    );
    assert_eq!(named.last().map(String::as_str), Some("/layers/1/mask"));
    let wide = scene((8..16).flat_map(pair).collect());
    assert_eq!(pointers(&wide), ["/layers/1/mask"]);
    assert_eq!(pointers(&scene((11..16).flat_map(pair).collect())), [""; 0]);
}

/// Groups in groups, what is in them, what moves it, and a picture that is not there.
fn furnished() -> Scene {
    let inside = |layer: Layer, group: &str| Layer {
        parent: Some(id(group)),
        ..layer
    };
    let mut scene = scene(vec![
        layer("outer", Kind::Group),
        inside(layer("inner", Kind::Group), "outer"),
        inside(card("a", 0.0, 0.0), "inner"),
        card("b", 5.0, 5.0),
        picture("gone.png"),
    ]);
    let moves = |name: &str, target: &str| {
        animation(
            name,
            target,
            &[(Property::Width, [1.0, 9.0])],
            Timing::default(),
        )
    };
    scene.animations = [moves("m", "a"), moves("n", "b"), moves("o", "a")]
        .map(Into::into)
        .into();
    scene
}

fn picture(asset: &str) -> Layer {
    Layer {
        source: Some(Source::Image(Image {
            asset: asset.into(),
            fit: Fit::Cover,
            ..Image::default()
        })),
        ..layer("art", Kind::VisualFeed)
    }
}

/// One step that may do harm.
fn tamper(scene: &mut Scene, (what, one, other): (u8, usize, usize)) {
    let names = ["outer", "inner", "a", "b", "art", "new", "nobody"];
    let name = id(names[other % names.len()]);
    if what < 3 {
        let named = Layer {
            id: name.clone(),
            ..card("new", 0.0, 0.0)
        };
        match what {
            0 => scene.layers.push(named.into()),
            1 => scene
                .layers
                .insert(one % (scene.layers.len() + 1), named.into()),
            _ => scene
                .animations
                .push(animation("m", name.as_str(), &[], Timing::default()).into()),
        }
        return;
    }
    let (layers, animations) = (scene.layers.len(), scene.animations.len());
    if layers == 0 || animations == 0 {
        return;
    }
    let (layer, animation) = (one % layers, one % animations);
    match what {
        3 => scene.layers[layer].opacity = if other < 4 { 0.5 } else { 2.0 },
        4 => scene.layers[layer].parent = (other != 0).then_some(name),
        5 => drop(scene.layers.remove(layer)),
        6 => scene.layers.swap(layer, other % layers),
        7 => scene.layers[layer].kind = Kind::Group,
        8 => scene.layers[layer].transform.width_px = None,
        9 => scene.animations[animation].target = Target::Layer(name),
        10 => drop(scene.animations.remove(animation)),
        _ => scene.layers[layer].source = picture("gone.png").source,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is on screen depends on the time alone, not on what was resolved before; groups always close.
    #[test]
    fn resolving_is_a_function_of_time(times in proptest::collection::vec(-1000.0..5000.0, 1..12), from in -50.0..50.0, to in -50.0..50.0) {
        let loops = Timing { duration_ms: 700.0, iterations: 3.5, direction: Direction::Alternate, ..Timing::default() };
        let mut group = layer("g", Kind::Group);
        group.opacity = 0.9;
        let mut child = card("c", 1.0, 2.0);
        child.parent = Some(id("g"));
        let mut s = scene(vec![group, child, card("d", 3.0, 4.0)]);
        s.animations = [
            animation("a", "c", &[(Property::X, [from, to]), (Property::Rotation, [from, to])], loops.clone()),
            Animation { composite: Composite::Add, ..animation("b", "g", &[(Property::Opacity, [-2.0, 2.0])], loops) },
        ].map(Into::into).into();
        prop_assert_eq!(faults(&s), []);
        let mut warm = Resolver::new(&s);
        let mut items = Vec::new();
        for ms in times {
            warm.resolve(at_ms(ms), &mut FixedSize, &mut items);
            prop_assert_eq!(&items, &resolve(&s, ms));
            let mut depth = 0;
            for item in &items {
                depth += match item { Item::Push(_) => 1, Item::Pop => -1, Item::Layer(_) | Item::Backdrop(_) | Item::Matte(_) => 0 };
                prop_assert!(depth >= 0);
            }
            prop_assert_eq!(depth, 0);
        }
    }

    /// To look into what changed alone finds everything that there is to find.
    #[test]
    fn faults_of_a_change_are_the_faults_that_came_with_it(steps in proptest::collection::vec((0..12u8, 0..9usize, 0..9usize), 1..6)) {
        let limits = Limits { layers: 8, nesting: 2, ..Limits::default() };
        let has = |asset: &str| asset != "gone.png";
        let before = furnished();
        let (there, gone): (Vec<Fault>, Vec<Fault>) =
            before.faults(&limits, &has).into_iter().partition(|fault| fault.kind != FaultKind::MissingAsset);
        prop_assert_eq!((there, gone.len()), (vec![], 1));
        let mut after = before.clone();
        for step in steps {
            tamper(&mut after, step);
        }
        let old = |fault: &Fault| {
            let at = fault.pointer.split('/').nth(2).and_then(|at| at.parse::<usize>().ok());
            let same = |layer: &Shared<Layer>| before.layers.iter().any(|one| Shared::same(one, layer));
            fault.kind == FaultKind::MissingAsset && at.is_some_and(|at| same(&after.layers[at]))
        };
        let mut all = after.faults(&limits, &has);
        all.retain(|fault| !old(fault));
        prop_assert_eq!(after.faults_since(&before, &limits, &has), all);
    }

    /// A transform maps its anchor to its position, whatever else it does.
    #[test]
    fn anchors_land_on_positions(x in -1e4..1e4, y in -1e4..1e4, r in -720.0..720.0, sx in -4.0..4.0, sy in -4.0..4.0, ax in -300.0..300.0, ay in -300.0..300.0) {
        let t = Transform { x_px: x, y_px: y, rotation_deg: r, scale_x: sx, scale_y: sy, ..Transform::default() };
        let p = t.affine(Point::new(ax, ay)) * Point::new(ax, ay);
        prop_assert!((p - Point::new(x, y)).hypot() < 1e-8);
        prop_assert!(Affine::IDENTITY == Transform::default().affine(Point::new(ax, ay)) || ax.abs() + ay.abs() > 0.0);
    }
}
