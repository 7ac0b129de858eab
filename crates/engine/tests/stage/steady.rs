//! A show that runs asks for no memory: what allocates on every frame fragments the heap for days, and now and then a
//! frame waits for it.
use crate::build::{
    Shelf, animation, color, config, group, image, inside, layer, png, rect, rgba, scene_of, style,
    text,
};
use crate::effects::{effect, with};
use animation::Value;
use compositor::Compositor;
use engine::{Patience, Stage};
use media::{Framerate, Resolution};
use scene::{
    Align, AtEnd, Clock, ClockFormat, Countdown, CountdownFormat, CountdownTo, Dash, Drawing,
    EffectKind, ErrorCorrection, Fit, Gradient, Layer, Operation, Paint, Property, Qr, Shape,
    ShapeForm, Source, Stroke, Ticker, Zone,
};

/// A form without a size of its layer, with a dashed stroke and a gradient.
fn kite() -> Source {
    let points = vec![[15.0, 0.0], [30.0, 20.0], [15.0, 40.0], [0.0, 20.0]];
    let stops = vec![(0.0, rgba(0xffff_ffff)), (1.0, rgba(0x2060_c0ff))];
    let mut stroke = Stroke::new(Paint::Color(rgba(0xffc0_40ff)), 2.0);
    stroke.dash = Some(Dash {
        lengths_px: vec![4.0, 2.0],
        offset_px: 0.0,
    });
    let fill = Paint::Gradient(Gradient::linear(90.0, stops));
    let form = ShapeForm::Polygon { points };
    Source::Shape(Shape::new(form, Some(fill), Some(stroke)))
}

fn code() -> Source {
    Source::Qr(Qr {
        text: "1".into(),
        error_correction: ErrorCorrection::Low,
        color: rgba(0x0000_00ff),
        background: rgba(0xffff_ffff),
        quiet_zone_modules: 0,
    })
}

/// The time of day, whose words are worked out for every frame; as the countdown, it says the same for a second.
fn time() -> Source {
    Source::Clock(Clock {
        format: ClockFormat::new("%a %H:%M:%S %Z").expect("directives"),
        time_zone: Zone::named("Europe/Berlin").expect("a zone"),
        style: style(14.0),
        align: Align::Left,
        baseline: false,
    })
}

fn canvas() -> Source {
    let operations = vec![
        Operation::BeginPath,
        Operation::Arc([20.0, 15.0, 12.0, 0.0, 5.0], false),
        Operation::Stroke,
        Operation::DrawImage(Box::new(scene::DrawnImage {
            image: "ground.png".into(),
            part: None,
            at: [10.0, 5.0],
            size: Some([20.0, 15.0]),
        })),
    ];
    Source::Drawing(Drawing::new(operations.into()))
}

/// One of each kind, some moving, turning, fading and inside clipped and faded groups, and a group with effects.
fn show() -> scene::Scene {
    let countdown = Source::Countdown(Countdown {
        counts: scene::Counts::Down,
        moment: CountdownTo::ShowMs(3_600_000.0),
        format: CountdownFormat::HhMmSs,
        at_end: AtEnd::Hide,
        style: style(20.0),
        align: Align::Left,
        baseline: false,
    });
    let ticker = Source::Ticker(Ticker {
        text: "ticker".into(),
        style: style(16.0),
        speed_px_s: 60.0,
        gap_px: 20.0,
        baseline_px: None,
    });
    let mut clipped = group("clipped", [100.0, 40.0], [120.0, 80.0]);
    clipped.clip = Some([16.0; 4]);
    let mut faded = group("faded", [10.0, 100.0], [120.0, 80.0]);
    faded.opacity = 0.5;
    let mut scene = scene_of(
        320,
        240,
        vec![
            layer(
                "ground",
                [0.0, 0.0],
                [320.0, 240.0],
                image("ground.png", Fit::Cover),
            ),
            layer(
                "slide",
                [10.0, 10.0],
                [60.0, 40.0],
                rect(8.0, Paint::Color(rgba(0x80c0_ffc0))),
            ),
            layer(
                "turn",
                [200.0, 120.0],
                [70.0, 70.0],
                image("ground.png", Fit::Contain),
            ),
            clipped,
            inside(
                "clipped",
                layer("child", [-10.0, -10.0], [200.0, 60.0], color(0xff80_40ff)),
            ),
            faded,
            inside(
                "faded",
                layer("name", [0.0, 0.0], None, Source::Text(text("Lot 7", 24.0))),
            ),
            with(group("shining", [180.0, 60.0], [80.0, 40.0]), [glow()]),
            inside(
                "shining",
                layer("plate", [0.0, 0.0], [80.0, 40.0], color(0x2060_c0ff)),
            ),
            inside(
                "shining",
                layer(
                    "price",
                    [4.0, 4.0],
                    None,
                    Source::Text(text("12 ETH", 18.0)),
                ),
            ),
            layer("left", [220.0, 20.0], None, countdown),
            layer("ticker", [0.0, 210.0], [320.0, 30.0], ticker),
            layer("kite", [150.0, 10.0], None, kite()),
            layer("code", [270.0, 60.0], None, code()),
            layer("time", [220.0, 190.0], None, time()),
            layer("canvas", [240.0, 100.0], [40.0, 30.0], canvas()),
        ],
    );
    let number = |from, to| [Value::Number(from), Value::Number(to)];
    scene.animations = [
        animation("a", "slide", &Property::X, number(10.0, 200.0), 5000.0),
        animation("b", "turn", &Property::Rotation, number(0.0, 90.0), 5000.0),
        animation("c", "faded", &Property::Opacity, number(0.2, 0.9), 5000.0),
        animation("d", "child", &Property::Y, number(-10.0, 30.0), 5000.0),
        animation("e", "kite", &Property::X, number(150.0, 190.0), 5000.0),
        animation("f", "code", &Property::Y, number(60.0, 80.0), 5000.0),
        animation("g", "canvas", &Property::X, number(240.0, 260.0), 5000.0),
        animation("h", "shining", &Property::X, number(180.0, 220.0), 5000.0),
    ]
    .map(Into::into)
    .into();
    scene
}

fn glow() -> EffectKind {
    EffectKind::Glow {
        sigma_px: 5.0,
        color: rgba(0x60c0_ffff),
        strength: 1.5,
    }
}

/// Fifty layers, among them ten groups, all with effects that hold still.
fn crowd() -> scene::Scene {
    let kinds = |i: u32| match i % 4 {
        0 => glow(),
        1 => EffectKind::GaussianBlur { sigma_px: 3.0 },
        2 => EffectKind::Pixelate { size_px: 4.0 },
        _ => EffectKind::Outline {
            width_px: 2.0,
            color: rgba(0xff40_40ff),
        },
    };
    let mut layers: Vec<Layer> = Vec::new();
    for i in 0..10 {
        let name = format!("group-{i}");
        let at = [f64::from(i % 5) * 60.0, f64::from(i / 5) * 110.0];
        layers.push(with(group(&name, at, [80.0, 60.0]), [glow(), kinds(i)]));
        for k in 0..4 {
            let at = [f64::from(k) * 12.0, f64::from(k) * 9.0];
            let source = if k == 3 {
                Source::Text(text("Lot", 14.0))
            } else {
                rect(4.0, Paint::Color(rgba(0x30a0_60c0)))
            };
            let size = (k < 3).then_some([30.0, 20.0]);
            let mut child = layer(&format!("child-{i}-{k}"), at, size, source);
            child.effects = vec![effect("one", kinds(k)), effect("two", kinds(i + k))];
            layers.push(inside(&name, child));
        }
    }
    scene_of(320, 240, layers)
}

#[test]
fn effects_that_hold_still_cost_nothing() {
    let size = Resolution::new(320, 240);
    let mut stage = Stage::new(config(size, Shelf::with(&[])), crowd());
    let mut compositor = Compositor::new(size);
    // Painted all at once; on air it would be left to the painting thread, and come some frames later.
    stage.tick(media::ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    let framerate = Framerate::new(30, 1).expect("a rate");
    let mut draw = |n: i64| {
        compositor
            .compose(stage.tick(framerate.frame_time(n)))
            .damage
            .block_count()
    };
    assert!(draw(0) > 0);
    // All memory is grown in the first frames.
    for n in 1..=10 {
        draw(n);
    }
    let mut damaged = 0;
    let count = allocation_counter::measure(|| {
        for n in 11..41 {
            damaged += draw(n);
        }
    });
    assert_eq!((damaged, count.count_total), (0, 0), "{count:?}");
}

#[test]
fn no_frame_allocates() {
    let ground = png(64, 48, |x, y| 0x2040_60ff + (x * 3) + (y << 9));
    let assets = Shelf::with(&[("ground.png", &ground)]);
    let size = Resolution::new(320, 240);
    let mut stage = Stage::new(config(size, assets), show());
    let mut compositor = Compositor::new(size);
    stage.set_patience(Patience::StandIn);
    let framerate = Framerate::new(30, 1).expect("a rate");
    let mut draw = |n: i64| {
        let composed = compositor.compose(stage.tick(framerate.frame_time(n)));
        assert!(stage.take_notices().next().is_none());
        (composed.damage.block_count(), composed.stats)
    };
    // Within the first second all memory is grown; the countdown says the same from frame 30 to 59.
    for n in 1..=30 {
        draw(n);
    }
    let mut damaged = 0;
    let count = allocation_counter::measure(|| {
        for n in 31..=59 {
            damaged += draw(n).0;
        }
    });
    assert!(damaged > 29 * 20, "something moved: {damaged} blocks");
    assert_eq!(count.count_total, 0, "{count:?}");
}
