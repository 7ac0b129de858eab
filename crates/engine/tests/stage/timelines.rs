//! Timelines as pictures, and what they cost.

use crate::build::{
    Shelf, animation, color, config, golden_of_text, group, id, inside, layer, ms, picture, rect,
    rgba, scene_of, stage, style, text,
};
use animation::{Easing, Fill, Origin, Position, Spread, Stagger, Value};
use compositor::Compositor;
use engine::{Patience, Stage};
use media::{Framerate, Resolution, ShowTime, Surface};
use scene::{
    Animation, Course, Driver, Edit, Expression, Formula, GlideRequest, Gradient, Layer, Leaf,
    Left, LookAt, Moment, Nested, Paint, Passage, Property, Scene, Source, Start, Target, Targets,
    TextStyle, Timeline, TimelineEntry, TimelinePart, Transition, TransitionKind, Way, WhenOver,
};

const SIZE: [u32; 2] = [192, 108];
const COLUMNS: u32 = 9;
const ROWS: u32 = 4;

fn entry(position: &str, part: TimelinePart) -> TimelineEntry {
    let position = match position {
        "" => Position::default(),
        words => words.parse().expect("a position"),
    };
    TimelineEntry { position, part }
}

/// What `of` does to its target.
pub(crate) fn leaf(position: &str, of: Animation) -> TimelineEntry {
    let leaf = Leaf {
        targets: Targets::One(of.target.clone()),
        animation: of,
    };
    entry(position, TimelinePart::Leaf(Box::new(leaf)))
}

/// What `of` does to each of these, one after the other.
fn leaves(position: &str, names: &[String], stagger: Stagger, of: Animation) -> TimelineEntry {
    let target = |name: &String| Some(Target::Layer(id(name)));
    let leaf = Leaf {
        targets: Targets::Several {
            targets: names.iter().map(target).collect(),
            stagger: Some(stagger),
        },
        animation: of,
    };
    entry(position, TimelinePart::Leaf(Box::new(leaf)))
}

fn moves(target: &str, path: &str, ends: [f64; 2], duration_ms: f64, easing: &str) -> Animation {
    let property: Property = path.parse().expect("a property");
    let mut moves = animation(
        "leaf",
        target,
        &property,
        ends.map(Value::Number),
        duration_ms,
    );
    moves.timing.easing = easing.parse().expect("an easing");
    moves
}

pub(crate) fn timeline(name: &str, entries: Vec<TimelineEntry>) -> Timeline {
    Timeline {
        id: id(name),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: animation::Timing {
            fill: Fill::Both,
            ..animation::Timing::default()
        },
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        entries,
        removes: Vec::new(),
        taken: Vec::new(),
    }
}

fn words(text_: &str, size_px: f64, hex: u32) -> Source {
    Source::Text(scene::Text {
        style: TextStyle {
            color: rgba(hex),
            ..style(size_px)
        },
        ..text(text_, size_px)
    })
}

fn tile_names() -> Vec<String> {
    (0..COLUMNS * ROWS).map(|i| format!("tile-{i}")).collect()
}

/// A wall of tiles in the colors of an evening, in front of the night, with a board below it.
fn evening() -> Vec<Layer> {
    let sky = Gradient::linear(
        90.0,
        vec![(0.0, rgba(0x0d10_2bff)), (1.0, rgba(0x2a1a_45ff))],
    );
    let size = SIZE.map(f64::from);
    let mut layers = vec![layer(
        "sky",
        [0.0, 0.0],
        size,
        rect(0.0, Paint::Gradient(sky)),
    )];
    let ends = [rgba(0xff9a_56ff), rgba(0xb03a_8fff)];
    let space = animation::ColorSpace::default();
    for (i, name) in (0..).zip(tile_names()) {
        let (column, row) = (i % COLUMNS, i / COLUMNS);
        let part = f64::from(column + row) / f64::from(COLUMNS + ROWS - 2);
        let fill = Paint::Color(space.mix(ends[0], ends[1], part));
        let at = [12.0 + 19.0 * f64::from(column), 6.0 + 19.0 * f64::from(row)];
        let mut tile = layer(
            &name,
            [at[0] + 8.0, at[1] + 8.0],
            [16.0, 16.0],
            rect(4.0, fill),
        );
        (tile.transform.anchor_x, tile.transform.anchor_y) = (0.5, 0.5);
        layers.push(tile);
    }
    layers.push(layer(
        "rail",
        [12.0, 95.0],
        [168.0, 4.0],
        rect(2.0, Paint::Color(rgba(0xffff_ff30))),
    ));
    let mut knob = layer(
        "knob",
        [14.0, 97.0],
        [10.0, 10.0],
        rect(5.0, Paint::Color(rgba(0xffff_ffff))),
    );
    (knob.transform.anchor_x, knob.transform.anchor_y) = (0.5, 0.5);
    layers.push(knob);
    layers.push(layer(
        "title",
        [14.0, 84.0],
        None,
        words("Evening sale", 18.0, 0xffff_ffff),
    ));
    layers
}

/// Tiles grow from the middle of their grid, a knob runs to and fro in a timeline of its own, and at a label the tiles make
/// room for a title.
fn evening_comes() -> Scene {
    let grid = Stagger {
        spread: Spread::Each(70.0),
        from: Origin::Center,
        columns: Some(COLUMNS as usize),
        easing: Easing::Linear,
    };
    let names = tile_names();
    let turn = moves(
        "sky",
        "transform.rotation_deg",
        [-90.0, 0.0],
        400.0,
        "ease-out",
    );
    let both = Property::Scale;
    let mut grow = animation(
        "leaf",
        "sky",
        &both,
        [Value::Vec2([0.0; 2]), Value::Vec2([1.0; 2])],
        400.0,
    );
    grow.timing.easing = "back-out".parse().expect("an easing");
    let to_and_fro = Nested {
        timing: animation::Timing {
            iterations: 2.0,
            direction: animation::Direction::Alternate,
            fill: Fill::Both,
            ..animation::Timing::default()
        },
        entries: vec![leaf(
            "0",
            moves(
                "knob",
                "transform.x_px",
                [14.0, 178.0],
                700.0,
                "ease-in-out",
            ),
        )],
    };
    let rows = Stagger {
        spread: Spread::Amount(160.0),
        from: Origin::End,
        columns: None,
        easing: Easing::Linear,
    };
    let mut dim = moves("sky", "opacity", [1.0, 0.25], 250.0, "linear");
    dim.timing.fill = Fill::Forwards;
    let mut lift = moves("title", "transform.y_px", [70.0, 42.0], 400.0, "cubic-out");
    lift.timing.fill = Fill::Both;
    let mut scene = scene_of(SIZE[0], SIZE[1], evening());
    let entries = vec![
        leaves("0", &names, grid.clone(), grow),
        leaves("0", &names, grid, turn),
        entry("200", TimelinePart::Nested(to_and_fro)),
        entry("900", TimelinePart::Label("shown".to_owned())),
        leaves("shown", &names, rows, dim),
        leaf("shown+=150", lift),
        leaf(
            "shown+=150",
            moves("title", "opacity", [0.0, 1.0], 300.0, "linear"),
        ),
        leaf(
            "shown+=150",
            moves("title", "transform.x_px", [50.0, 36.0], 400.0, "cubic-out"),
        ),
    ];
    scene.timelines = vec![timeline("evening", entries).into()];
    scene
}

/// Four moments, two above two.
fn four(scene: &Scene, moments_ms: [f64; 4]) -> Surface {
    const GAP_PX: u32 = 4;
    let faults = scene.faults(&scene::Limits::default(), &|_| true);
    assert_eq!(faults, [], "a scene that may go on air");
    let mut stage = stage(scene);
    let width = 2 * SIZE[0] + GAP_PX;
    let mut all = Surface::new(width, 2 * SIZE[1] + GAP_PX);
    all.data_mut().fill(255);
    for (n, t) in (0..).zip(moments_ms) {
        let moment = picture(&mut stage, ms(t));
        let [left, top] = [(n % 2) * (SIZE[0] + GAP_PX), (n / 2) * (SIZE[1] + GAP_PX)];
        let (row, wide) = (SIZE[0] as usize * 4, width as usize * 4);
        let lines = all.data_mut().chunks_exact_mut(wide).skip(top as usize);
        for (to, from) in lines.zip(moment.data().chunks_exact(row)) {
            to[left as usize * 4..left as usize * 4 + row].copy_from_slice(from);
        }
    }
    all
}

/// A grid that grows from its middle, half way and nearly whole, and a title that comes at a label; a knob, in a timeline
/// of its own, has run to the right and is on its way back.
#[test]
fn a_timeline_at_four_moments() {
    let looks = four(&evening_comes(), [300.0, 620.0, 1180.0, 1600.0]);
    golden_of_text("timeline", &looks);
}

/// Stops of a gradient close in on its middle and the last one is pushed on by the one before it; where they meet, the
/// edge is hard.
#[test]
fn stops_of_a_gradient_move_and_push_each_other() {
    let stops = vec![
        (0.0, rgba(0x1020_40ff)),
        (0.3, rgba(0x2a9d_8fff)),
        (0.6, rgba(0xf4a2_61ff)),
        (1.0, rgba(0x2641_5cff)),
    ];
    let card = rect(8.0, Paint::Gradient(Gradient::linear(0.0, stops)));
    let size = [SIZE[0], SIZE[1]].map(|side| f64::from(side) - 24.0);
    let mut scene = scene_of(SIZE[0], SIZE[1], vec![layer("card", [12.0; 2], size, card)]);
    let second = moves(
        "card",
        "source.fill.stops.1.offset",
        [0.1, 0.9],
        1000.0,
        "linear",
    );
    let last = moves(
        "card",
        "source.fill.stops.3.offset",
        [1.0, 0.7],
        1000.0,
        "linear",
    );
    scene.timelines = vec![timeline("t", vec![leaf("0", second), leaf("0", last)]).into()];
    let looks = four(&scene, [0.0, 350.0, 700.0, 1000.0]);
    testkit::golden!("gradient_stops_move", &looks, 0);
}

fn formula(name: &str, target: &str, property: Property, formula: Formula) -> Animation {
    let mut one = animation(
        name,
        target,
        &property,
        [Value::Number(0.0), Value::Number(0.0)],
        1.0,
    );
    one.keyframes.clear();
    one.timing = Expression::timing();
    one.composite = match formula {
        Formula::Follow { .. } | Formula::LookAt { .. } => animation::Composite::Replace,
        _ => animation::Composite::Add,
    };
    one.driver = Driver::Expression(Box::new(Expression { property, formula }));
    one
}

/// Everything that moves at once: timelines, nested and staggered, formulas in them and beside them, a glide on a spring,
/// a take under way and a layer that comes.
fn busy() -> Scene {
    let mut scene = evening_comes();
    let slow = |timeline: &mut Timeline| timeline.timing.playback_rate = 0.2;
    scene.timelines.iter_mut().for_each(|one| slow(one));
    for (name, at) in [
        ("lead", [20.0, 20.0]),
        ("tail", [0.0; 2]),
        ("eye", [96.0, 60.0]),
    ] {
        let card = rect(2.0, Paint::Color(rgba(0x60c0_ffff)));
        scene
            .layers
            .push(layer(name, at, [12.0, 12.0], card).into());
    }
    scene
        .layers
        .push(group("badge", [130.0, 10.0], [40.0, 20.0]).into());
    scene.layers.push(
        inside(
            "badge",
            layer("plate", [0.0; 2], [40.0, 20.0], color(0x2a7f_62ff)),
        )
        .into(),
    );
    let swing = Formula::Sine {
        amplitude: 30.0,
        frequency_hz: 0.3,
        phase_deg: 0.0,
    };
    let noise = Formula::Noise {
        amplitude: 8.0,
        frequency_hz: 2.0,
        seed: 7,
        octaves: 3,
    };
    let follow = Formula::Follow {
        layer: id("lead"),
        of: Property::Position,
        lag_ms: 150.0,
        scale: 1.0,
        offset: 12.0,
    };
    let look = Formula::LookAt {
        at: LookAt::Layer(id("lead")),
        offset_deg: 0.0,
    };
    scene.animations = vec![
        formula("noise", "lead", Property::Y, noise.clone()).into(),
        formula("follow", "tail", Property::Position, follow).into(),
        formula("look", "eye", Property::Rotation, look).into(),
    ];
    let mut wobble = formula("wobble", "knob", Property::Y, noise);
    wobble.timing.duration_ms = 60_000.0;
    wobble.timing.iterations = 1.0;
    let mut sway = formula("sway", "lead", Property::X, swing);
    sway.timing = wobble.timing.clone();
    let alive = vec![leaf("0", wobble), leaf("0", sway)];
    scene.timelines.push(timeline("alive", alive).into());
    // A write that glides, two frames into the show.
    let mut after = scene.clone();
    let badge = after
        .layers
        .iter_mut()
        .find(|layer| layer.id == id("badge"));
    badge.expect("it is there").transform.x_px = 20.0;
    let badge = scene.layers.iter().find(|layer| layer.id == id("badge"));
    let how = GlideRequest {
        course: Course::Spring(animation::Spring::with_bounce(4000.0, 0.4).expect("a spring")),
        duration_ms: 4000.0,
        delay_ms: 0.0,
        easing: Easing::Linear,
    };
    after.glide(
        id("glide"),
        badge.expect("it is there"),
        &|_| false,
        &[],
        &how,
    );
    let edit = Edit::between(&scene, &after);
    let moment = Moment {
        show: ms(66.0),
        epoch_unix_ns: 0,
    };
    scene.change(edit, moment);
    let passing = |name: &str, layer: Option<&str>, way: Way, kind: TransitionKind| Passage {
        id: id(name),
        layer: layer.map(id),
        way,
        transition: Transition {
            kind,
            duration_ms: 6000.0,
            easing: Easing::Linear,
        },
        start: Start::At(ShowTime::ZERO),
        playback: None,
        turns: false,
    };
    let left = Way::Over(Box::new(Left::whole(&scene)));
    let heading = animation::transition::Heading::Left;
    scene.passages = vec![
        passing("take", None, left, TransitionKind::Fade).into(),
        passing(
            "comes",
            Some("badge"),
            Way::In,
            TransitionKind::Slide { heading },
        )
        .into(),
    ];
    scene
}

#[test]
fn nothing_that_moves_allocates() {
    let scene = busy();
    let faults = scene.faults(&scene::Limits::default(), &|_| true);
    assert_eq!(faults, [], "a scene that may go on air");
    let size = Resolution::new(SIZE[0], SIZE[1]);
    let mut stage = Stage::new(config(size, Shelf::with(&[])), scene);
    let mut compositor = Compositor::new(size);
    stage.set_patience(Patience::StandIn);
    let framerate = Framerate::new(30, 1).expect("a rate");
    let mut draw = |n: i64| {
        let composed = compositor.compose(stage.tick(framerate.frame_time(n)));
        assert!(stage.take_notices().next().is_none());
        composed.damage.block_count()
    };
    // By then all tiles are painted at the size that they grow to; the title, not painted yet, comes after frame 155.
    for n in 1..=120 {
        draw(n);
    }
    let mut damaged = 0;
    let count = allocation_counter::measure(|| {
        for n in 121..=155 {
            damaged += draw(n);
        }
    });
    assert!(damaged > 35 * 20, "something moved: {damaged} blocks");
    assert_eq!(count.count_total, 0, "{count:?}");
}
