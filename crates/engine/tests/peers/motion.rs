//! Boxes move as `element.animate` of headless Chromium moves them.
//!
//! Both sides are made from one description and looked at as pictures: of each box the center, the extent and the color
//! are measured in the px of a screenshot and in those of our own stage.

use animation::{
    ColorSpace, Composite, Direction, Easing, Fill, Hue, Timing, TransformFunction, Value,
};
use compositor::Compositor;
use engine::{AssetSource, Stage, StageConfig};
use media::{BlendMode, Color, Resolution, ShowTime, Surface};
use scene::{
    Animation, Driver, Id, Kind, Layer, PathDriver, Property, Rotate, Scene, Source, Start,
    StyledKeyframe, Target, Transform, WhenOver,
};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;
use testkit::Chromium;

/// How far the center and the edges may be apart. Both draw edges with coverage; Chromium's is of 16 samples a px.
const TOLERANCE_PX: f64 = 0.25;
/// How far a channel of the color may be apart, of 255: the browser mixes in f32, rounds once more, and so do we.
const TOLERANCE_COLOR: f64 = 2.0;

/// Each case has a cell of its own for each of its times.
const CELL: Resolution = Resolution::new(160, 90);
const COLUMNS: u32 = 10;
/// The box, and where its anchor is while nothing moves it.
const BOX_PX: [f64; 2] = [40.0, 24.0];
const AT_PX: [f64; 2] = [60.0, 40.0];
const BOX_COLOR: [u8; 4] = [0x40, 0xa0, 0xe0, 0xff];

struct Case {
    name: &'static str,
    /// Show times, ms.
    times: [f64; 5],
    /// Of the box, 0..=1.
    anchor: [f64; 2],
    /// How the box is turned while nothing turns it.
    turned_deg: f64,
    /// Turned by `transform` in the browser, not by `rotate`.
    by_transform: bool,
    animations: Vec<Animation>,
}

/// What is measured of one picture of a box on black.
#[derive(Debug)]
struct Seen {
    center_px: [f64; 2],
    /// Between which 98 of 100 parts of the box's light lie: left, top, right, bottom.
    bounds_px: [f64; 4],
    /// The mean of its brightest px, 0..=255.
    color: [f64; 3],
}

/// Even times over a second and beyond.
const USUAL: [f64; 5] = [0.0, 215.0, 500.0, 770.0, 1000.0];

/// A box of which nothing is said but that it moves.
fn case(name: &'static str, times: [f64; 5], animations: impl Into<Vec<Animation>>) -> Case {
    Case {
        name,
        times,
        anchor: [0.0, 0.0],
        turned_deg: 0.0,
        by_transform: false,
        animations: animations.into(),
    }
}

fn keyframe(values: &[(Property, f64)]) -> StyledKeyframe {
    let number = |(property, v): &(Property, f64)| (property.clone(), Value::Number(*v));
    StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: values.iter().map(number).collect(),
    }
}

fn at(offset: f64, keyframe: StyledKeyframe) -> StyledKeyframe {
    StyledKeyframe {
        offset: Some(offset),
        ..keyframe
    }
}

fn eased(easing: &str, keyframe: StyledKeyframe) -> StyledKeyframe {
    StyledKeyframe {
        easing: easing.parse().unwrap(),
        ..keyframe
    }
}

/// One second, held on both sides.
fn second() -> Timing {
    Timing {
        duration_ms: 1000.0,
        fill: Fill::Both,
        ..Timing::default()
    }
}

fn animation(timing: Timing, keyframes: impl Into<Vec<StyledKeyframe>>) -> Animation {
    Animation {
        id: Id::new("one").unwrap(),
        target: Target::Layer(Id::new("box").unwrap()),
        start: Start::At(ShowTime::ZERO),
        timing,
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        plan: scene::Plan::default(),
        composite: Composite::Replace,
        color_space: ColorSpace::default(),
        driver: Driver::default(),
        keyframes: keyframes.into(),
    }
}

/// The box goes from 10 px to 110 px.
fn across(timing: Timing) -> Animation {
    moves(timing, &Property::X, [10.0, 110.0])
}

fn moves(timing: Timing, property: &Property, values: [f64; 2]) -> Animation {
    let keyframes = values.map(|v| keyframe(&[(property.clone(), v)]));
    animation(timing, keyframes)
}

fn adding(composite: Composite, animation: Animation) -> Animation {
    Animation {
        composite,
        ..animation
    }
}

fn with_easing(easing: &str) -> Animation {
    across(Timing {
        easing: easing.parse().unwrap(),
        ..second()
    })
}

fn colored(timing: Timing, colors: &[u32]) -> Animation {
    let keyframes = colors.iter().map(|hex| StyledKeyframe {
        values: vec![(
            Property::SourceColor,
            Value::Color(Color::from_rgba8(hex.to_be_bytes())),
        )],
        ..keyframe(&[])
    });
    animation(timing, keyframes.collect::<Vec<_>>())
}

fn easings() -> Vec<Case> {
    let texts = [
        "linear",
        "ease",
        "ease-in",
        "ease-out",
        "ease-in-out",
        "cubic-bezier(0.3, -0.1, 0.7, 1.2)",
        "steps(4, jump-end)",
        "steps(3, jump-start)",
        "steps(3, jump-none)",
        "steps(2, jump-both)",
        "step-start",
        "step-end",
        "linear(0, 0.8 20% 40%, 1.1, 0.9 90%, 1)",
    ];
    let all = texts.map(|text| case(text, USUAL, [with_easing(text)]));
    all.into()
}

fn timings() -> Vec<Case> {
    let timed = |name, times, change: &dyn Fn(&mut Timing)| {
        let mut timing = second();
        change(&mut timing);
        case(name, times, [across(timing)])
    };
    let late = [100.0, 399.0, 400.0, 900.0, 1500.0];
    vec![
        timed("a delay without fill", late, &|t| {
            (t.delay_ms, t.fill) = (400.0, Fill::None);
        }),
        timed("a delay that is filled", late, &|t| {
            (t.delay_ms, t.fill) = (400.0, Fill::Backwards);
        }),
        timed("a value that is held after the end", late, &|t| {
            (t.delay_ms, t.fill) = (400.0, Fill::Forwards);
        }),
        timed("a negative delay begins in the middle", USUAL, &|t| {
            t.delay_ms = -350.0;
        }),
        timed("a negative end delay cuts short", USUAL, &|t| {
            t.end_delay_ms = -300.0;
        }),
        timed(
            "two and a half times, held where it stops",
            [100.0, 999.0, 1001.0, 2400.0, 3000.0],
            &|t| t.iterations = 2.5,
        ),
        timed(
            "to and fro for ever",
            [300.0, 1300.0, 2000.0, 65_432.0, 86_400_700.0],
            &|t| (t.iterations, t.direction) = (f64::INFINITY, Direction::Alternate),
        ),
        timed(
            "fro and to, begun in the middle",
            [0.0, 300.0, 700.0, 1800.0, 4000.0],
            &|t| {
                (t.iterations, t.iteration_start) = (3.0, 0.5);
                t.direction = Direction::AlternateReverse;
            },
        ),
        timed("backwards", USUAL, &|t| t.direction = Direction::Reverse),
        timed(
            "steps hold the step before while they wait",
            [0.0, 399.0, 400.0, 1399.0, 1400.0],
            &|t| (t.delay_ms, t.easing) = (400.0, "steps(2, jump-start)".parse().unwrap()),
        ),
        timed(
            "two and a half times as fast",
            [0.0, 100.0, 250.0, 399.0, 450.0],
            &|t| t.playback_rate = 2.5,
        ),
        timed(
            "from the end, half as fast",
            [0.0, 500.0, 1100.0, 1999.0, 2500.0],
            &|t| {
                (t.playback_rate, t.easing) = (-0.5, Easing::EASE_IN);
            },
        ),
        timed("no time at all", [0.0, 1.0, 500.0, 999.0, 1000.0], &|t| {
            t.duration_ms = 0.0;
        }),
    ]
}

fn stacks() -> Vec<Case> {
    let x = |v| keyframe(&[(Property::X, v)]);
    let adds = |composite| {
        let gently = Timing {
            easing: Easing::EASE,
            ..second()
        };
        adding(composite, moves(gently, &Property::X, [-30.0, 40.0]))
    };
    let own = StyledKeyframe {
        composite: Some(Composite::Replace),
        tangents: animation::Tangents::default(),
        ..x(100.0)
    };
    let bob = Timing {
        duration_ms: 300.0,
        iterations: f64::INFINITY,
        direction: Direction::Alternate,
        ..Timing::default()
    };
    vec![
        case("added to where it is", USUAL, [adds(Composite::Add)]),
        case(
            "accumulated onto where it is",
            USUAL,
            [adds(Composite::Accumulate)],
        ),
        case(
            "the later of two replaces, until it is over",
            [100.0, 400.0, 600.0, 650.0, 1000.0],
            [
                across(second()),
                moves(
                    Timing {
                        duration_ms: 600.0,
                        fill: Fill::None,
                        ..Timing::default()
                    },
                    &Property::X,
                    [90.0, 20.0],
                ),
            ],
        ),
        case(
            "one adds to what another makes",
            USUAL,
            [
                across(second()),
                adding(
                    Composite::Add,
                    moves(bob.clone(), &Property::X, [0.0, 25.0]),
                ),
            ],
        ),
        case(
            "three on top of each other, the last for the other axis",
            USUAL,
            [
                across(second()),
                adding(
                    Composite::Accumulate,
                    moves(bob.clone(), &Property::X, [-8.0, 8.0]),
                ),
                adding(Composite::Add, moves(bob, &Property::Y, [-20.0, 20.0])),
            ],
        ),
        case(
            "a keyframe that replaces in one that adds",
            USUAL,
            [adding(Composite::Add, animation(second(), [x(-40.0), own]))],
        ),
    ]
}

fn keyframes() -> Vec<Case> {
    let x = |v| keyframe(&[(Property::X, v)]);
    vec![
        case(
            "to somewhere from where it is",
            USUAL,
            [animation(second(), [x(110.0)])],
        ),
        case(
            "by way of somewhere and back to where it is",
            USUAL,
            [animation(second(), [at(0.3, eased("ease-out", x(5.0)))])],
        ),
        case(
            "an easing of each keyframe",
            [100.0, 350.0, 500.0, 650.0, 900.0],
            [animation(
                second(),
                [
                    eased("ease-in", x(10.0)),
                    eased("steps(3, jump-end)", at(0.25, x(80.0))),
                    eased("cubic-bezier(0.1, 0.9, 0.9, 0.1)", at(0.6, x(20.0))),
                    x(110.0),
                ],
            )],
        ),
        case(
            "keyframes spread evenly, and an easing over them all",
            USUAL,
            [animation(
                Timing {
                    easing: Easing::EASE_IN_OUT,
                    ..second()
                },
                [x(10.0), x(90.0), eased("ease-out", x(40.0)), x(110.0)],
            )],
        ),
        case(
            "a jump where two keyframes meet",
            [100.0, 399.0, 400.0, 700.0, 1000.0],
            [animation(
                second(),
                [x(10.0), at(0.4, x(30.0)), at(0.4, x(100.0)), x(80.0)],
            )],
        ),
        case(
            "beyond the last keyframe, by an easing that overshoots",
            [0.0, 550.0, 700.0, 800.0, 1000.0],
            [animation(
                Timing {
                    easing: "cubic-bezier(0.3, 0, 0.5, 1.8)".parse().unwrap(),
                    ..second()
                },
                [x(10.0), x(40.0), x(90.0)],
            )],
        ),
    ]
}

fn shapes() -> Vec<Case> {
    let turn = moves(second(), &Property::Rotation, [0.0, 400.0]);
    let grow = animation(
        second(),
        [
            keyframe(&[(Property::ScaleX, 0.5), (Property::ScaleY, 1.5)]),
            keyframe(&[(Property::ScaleX, 2.2), (Property::ScaleY, 0.6)]),
        ],
    );
    let diagonal = animation(
        Timing {
            easing: Easing::EASE_IN_OUT,
            ..second()
        },
        [
            keyframe(&[(Property::X, 30.0), (Property::Y, 20.0)]),
            keyframe(&[(Property::X, 120.5), (Property::Y, 60.25)]),
        ],
    );
    let about = |anchor, case| Case { anchor, ..case };
    let middle = [0.5, 0.5];
    vec![
        about(
            middle,
            case("turned about its middle", USUAL, [turn.clone()]),
        ),
        about(
            [0.25, 1.0],
            case("turned about a point of its foot", USUAL, [turn.clone()]),
        ),
        // Onto the box's own angle. Where one animation of `rotate` adds to another, Chromium goes astray: from 10deg to 50deg
        // with 0deg to -120deg on top of it comes to 0deg at the end.
        Case {
            turned_deg: 20.0,
            ..about(
                middle,
                case(
                    "turned back from how it lies by one that adds",
                    USUAL,
                    [adding(
                        Composite::Add,
                        moves(second(), &Property::Rotation, [0.0, -120.0]),
                    )],
                ),
            )
        },
        about(
            [0.0, 1.0],
            case("scaled from a corner", USUAL, [grow.clone()]),
        ),
        about(middle, case("moved aslant", USUAL, [diagonal.clone()])),
        about(
            middle,
            case(
                "moved, turned and scaled at once",
                USUAL,
                [diagonal, turn, grow],
            ),
        ),
        case(
            "faded",
            USUAL,
            [moves(
                Timing {
                    easing: Easing::EASE_OUT,
                    ..second()
                },
                &Property::Opacity,
                [0.15, 1.0],
            )],
        ),
        case(
            "faded to and fro, dimmed by one that adds",
            [10.0, 260.0, 500.0, 620.0, 990.0],
            [
                moves(second(), &Property::Opacity, [1.0, 0.6]),
                adding(
                    Composite::Add,
                    moves(second(), &Property::Opacity, [0.3, -0.4]),
                ),
            ],
        ),
        case(
            "from one color to another, mixed in OKLab",
            USUAL,
            [colored(second(), &[0xff20_00ff, 0x0040_ffff])],
        ),
        case(
            "through three colors that let the ground show",
            USUAL,
            [colored(second(), &[0xffff_ff40, 0x20c0_40ff, 0xd000_c0a0])],
        ),
    ]
}

/// Along ways, turned into them or not.
fn ways() -> Vec<Case> {
    let way = |name, d: &str, easing: &str, change: &dyn Fn(&mut PathDriver)| {
        let mut path = PathDriver::new(d).unwrap();
        change(&mut path);
        let timing = Timing {
            easing: easing.parse().unwrap(),
            ..second()
        };
        let along = Animation {
            driver: Driver::Path(Box::new(path)),
            ..animation(timing, [])
        };
        Case {
            anchor: [0.5, 0.5],
            ..case(name, USUAL, [along])
        }
    };
    let curve = "M30 60 C 30 0 120 0 130 60";
    vec![
        way("along a line", "M30 20 L130 70", "linear", &|_| {}),
        way("along a curve, upright", curve, "ease-in-out", &|_| {}),
        way("along a curve, into it", curve, "linear", &|path| {
            path.rotate = Some(Rotate::Auto);
        }),
        way("along a curve, against it", curve, "ease-out", &|path| {
            path.rotate = Some(Rotate::AutoReverse);
        }),
        way("along a curve, a quarter aside", curve, "linear", &|path| {
            path.rotate = Some(Rotate::Auto);
            path.rotate_offset_deg = 90.0;
        }),
        way(
            "along an arc, always aslant",
            "M40 60 A 40 30 0 0 1 120 60",
            "linear",
            &|path| {
                path.rotate = Some(Rotate::Fixed(30.0));
            },
        ),
        way(
            "back along a curve, not all of it",
            curve,
            "linear",
            &|path| {
                (path.start, path.end) = (0.85, 0.1);
                path.rotate = Some(Rotate::Auto);
            },
        ),
        // At the very end of a way that is closed, Chromium turns the box as it began; ours stays as it came in.
        Case {
            times: [0.0, 215.0, 500.0, 770.0, 990.0],
            ..way(
                "round the corners of a way that is closed",
                "M40 25 H120 V65 H40 Z",
                "linear",
                &|path| path.rotate = Some(Rotate::Auto),
            )
        },
    ]
}

/// Lists of transform functions: of the same kinds, of others, and on top of each other.
fn lists() -> Vec<Case> {
    use TransformFunction::{Matrix, Rotate, Scale, Skew, Translate};
    let list = |functions: &[TransformFunction]| StyledKeyframe {
        values: vec![(Property::Functions, Value::Transform(functions.into()))],
        ..keyframe(&[])
    };
    let between = |from: &[TransformFunction], to: &[TransformFunction]| {
        animation(second(), [list(from), list(to)])
    };
    let about = |name, animations: Vec<Animation>| Case {
        anchor: [0.5, 0.5],
        ..case(name, USUAL, animations)
    };
    let sheared = Matrix([1.2, 0.3, -0.4, 0.9, 15.0, -5.0]);
    vec![
        about(
            "functions of the same kinds",
            vec![between(
                &[Translate(-30.0, 0.0), Rotate(20.0), Scale(0.5, 1.0)],
                &[Translate(40.0, 10.0), Rotate(200.0), Scale(1.5, 1.2)],
            )],
        ),
        about(
            "a list that is shorter",
            vec![between(
                &[Rotate(-40.0)],
                &[Rotate(60.0), Translate(20.0, 0.0), Skew(20.0, 0.0)],
            )],
        ),
        about(
            "functions of other kinds",
            vec![between(
                &[Rotate(30.0), Scale(0.6, 1.3)],
                &[Skew(25.0, 0.0), Translate(25.0, 10.0)],
            )],
        ),
        about(
            "the same at first, then others",
            vec![between(
                &[Translate(-20.0, 5.0), Rotate(100.0)],
                &[Translate(20.0, -5.0), Scale(1.4, 0.5)],
            )],
        ),
        about(
            "to a matrix",
            vec![between(&[Rotate(-80.0), Scale(1.5, 0.8)], &[sheared])],
        ),
        about(
            "to a matrix that mirrors",
            vec![between(
                &[Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])],
                &[Matrix([0.0, 1.0, 1.2, 0.0, -10.0, 5.0])],
            )],
        ),
        about(
            "a list added to a list",
            vec![
                between(&[Rotate(0.0)], &[Rotate(90.0)]),
                adding(
                    Composite::Add,
                    between(&[Translate(0.0, 0.0)], &[Translate(30.0, 0.0)]),
                ),
            ],
        ),
        about(
            "a list accumulated onto a list",
            vec![
                between(
                    &[Rotate(10.0), Scale(1.0, 1.0)],
                    &[Rotate(50.0), Scale(1.5, 1.0)],
                ),
                adding(
                    Composite::Accumulate,
                    between(
                        &[Rotate(0.0), Scale(1.0, 1.0)],
                        &[Rotate(-70.0), Scale(1.0, 0.6)],
                    ),
                ),
            ],
        ),
        // What `rotate` of Chromium gets wrong, its `transform` gets right.
        Case {
            by_transform: true,
            ..about(
                "turned by one, and back by one that adds",
                vec![
                    moves(second(), &Property::Rotation, [10.0, 50.0]),
                    adding(
                        Composite::Add,
                        moves(second(), &Property::Rotation, [0.0, -120.0]),
                    ),
                ],
            )
        },
    ]
}

/// Between two colors in other spaces than OKLab, by `color-mix`.
fn spaces() -> Vec<Case> {
    let all = [
        ("in sRGB", ColorSpace::Srgb),
        ("in linear light", ColorSpace::SrgbLinear),
        ("the shorter way round", ColorSpace::Oklch(Hue::Shorter)),
        ("the longer way round", ColorSpace::Oklch(Hue::Longer)),
        ("up the hues", ColorSpace::Oklch(Hue::Increasing)),
        ("down the hues", ColorSpace::Oklch(Hue::Decreasing)),
    ];
    let mixed = all.map(|(name, color_space)| {
        let mix = Animation {
            color_space,
            ..colored(second(), &[0xb880_70ff, 0x7090_b0ff])
        };
        case(name, USUAL, [mix])
    });
    let faint = Animation {
        color_space: ColorSpace::Oklch(Hue::Longer),
        ..colored(second(), &[0xb880_7080, 0x7090_b0ff])
    };
    let grey = Animation {
        color_space: ColorSpace::Oklch(Hue::Shorter),
        ..colored(second(), &[0x8080_80ff, 0x7090_b0ff])
    };
    let more = [
        case("the longer way, from one that lets show", USUAL, [faint]),
        case("from a grey, which has no hue", USUAL, [grey]),
    ];
    mixed.into_iter().chain(more).collect()
}

fn cases() -> Vec<Case> {
    [
        easings(),
        timings(),
        stacks(),
        keyframes(),
        shapes(),
        ways(),
        lists(),
        spaces(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn boxes_move_as_a_browser_moves_them() {
    let cases = cases();
    let page = browser(&cases);
    let (mut report, mut visible) = (String::new(), 0);
    for (i, (case, t)) in cells(&cases).enumerate() {
        let ours = measure(&stage_picture(case, t), [0, 0]);
        let theirs = measure(&page, corner(i));
        visible += usize::from(ours.is_some());
        let off = match (&ours, &theirs) {
            (Some(ours), Some(theirs)) => farthest(ours, theirs),
            (None, None) => [0.0; 2],
            _ => [f64::INFINITY; 2],
        };
        if off[0] > TOLERANCE_PX || off[1] > TOLERANCE_COLOR {
            let _ = writeln!(
                report,
                "{}, at {t} ms: off by {:.3} px, {:.1} of 255\n  is     {ours:?}\n  wanted {theirs:?}",
                case.name, off[0], off[1]
            );
        }
    }
    assert!(report.is_empty(), "{report}");
    assert_eq!(visible, 5 * cases.len(), "every box is seen at every time");
}

fn cells(cases: &[Case]) -> impl Iterator<Item = (&Case, f64)> {
    cases
        .iter()
        .flat_map(|case| case.times.into_iter().map(move |t| (case, t)))
}

/// Where a cell begins on the page.
fn corner(cell: usize) -> [u32; 2] {
    let cell = u32::try_from(cell).unwrap();
    [cell % COLUMNS * CELL.width, cell / COLUMNS * CELL.height]
}

/// The largest distance of a center or an edge, and of a channel.
fn farthest(a: &Seen, b: &Seen) -> [f64; 2] {
    let most = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    };
    let places = a.center_px.iter().chain(&a.bounds_px).copied();
    let others = b.center_px.iter().chain(&b.bounds_px).copied();
    [
        most(&mut places.zip(others)),
        most(&mut a.color.into_iter().zip(b.color)),
    ]
}

/// Measures the cell whose top left is `at`; `None` where there is nothing.
fn measure(picture: &Surface, at: [u32; 2]) -> Option<Seen> {
    let pixel = |x, y| picture.pixel(at[0] + x, at[1] + y);
    let light = |p: [u8; 4]| f64::from(p[0]) + f64::from(p[1]) + f64::from(p[2]);
    let mut columns = vec![0.0; CELL.width as usize];
    let mut rows = vec![0.0; CELL.height as usize];
    let mut brightest = 0.0_f64;
    for (y, row) in (0..).zip(&mut rows) {
        for (x, column) in (0..).zip(&mut columns) {
            let light = light(pixel(x, y));
            *column += light;
            *row += light;
            brightest = brightest.max(light);
        }
    }
    if brightest < 6.0 {
        return None;
    }
    let (mut color, mut count) = ([0.0; 3], 0.0);
    for y in 0..CELL.height {
        for x in 0..CELL.width {
            let p = pixel(x, y);
            if light(p) >= 0.95 * brightest {
                count += 1.0;
                for (sum, channel) in color.iter_mut().zip(p) {
                    *sum += f64::from(channel);
                }
            }
        }
    }
    let [(left, x, right), (top, y, bottom)] = [spread(&columns), spread(&rows)];
    Some(Seen {
        center_px: [x, y],
        bounds_px: [left, top, right, bottom],
        color: color.map(|sum| sum / count),
    })
}

/// Where a hundredth of the light is passed, its center, and where all but a hundredth is passed.
fn spread(light: &[f64]) -> (f64, f64, f64) {
    let total: f64 = light.iter().sum();
    let passed = |part: f64| {
        let mut left = part * total;
        for (i, light) in light.iter().enumerate() {
            if *light > left {
                return i as f64 + left / light;
            }
            left -= light;
        }
        light.len() as f64
    };
    let center = light
        .iter()
        .enumerate()
        .map(|(i, light)| (i as f64 + 0.5) * light);
    (passed(0.01), center.sum::<f64>() / total, passed(0.99))
}

#[derive(Debug)]
struct Nothing;

impl AssetSource for Nothing {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn bytes(&self, _: &str) -> std::io::Result<Arc<[u8]>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// Our picture of a case at a show time.
fn stage_picture(case: &Case, t: f64) -> Surface {
    let mut scene = Scene::empty(CELL.width, CELL.height);
    scene.canvas.background = Color::BLACK;
    let one = Layer {
        transform: Transform {
            x_px: AT_PX[0],
            y_px: AT_PX[1],
            anchor_x: case.anchor[0],
            anchor_y: case.anchor[1],
            rotation_deg: case.turned_deg,
            width_px: Some(BOX_PX[0]),
            height_px: Some(BOX_PX[1]),
            ..Transform::default()
        },
        ..Layer::bare(
            Id::new("box").unwrap(),
            Kind::Overlay,
            Some(Source::Color(Color::from_rgba8(BOX_COLOR))),
        )
    };
    scene.layers.push(one.into());
    for (i, animation) in case.animations.iter().enumerate() {
        let mut animation = animation.clone();
        animation.id = Id::new(&format!("animation-{i}")).unwrap();
        scene.animations.push(animation.into());
    }
    assert_eq!(
        scene.faults(&scene::Limits::default(), &|_| true),
        [],
        "{}",
        case.name
    );
    let config = StageConfig {
        fonts: sources::Fonts::new(Vec::<Vec<u8>>::new()),
        assets: Arc::new(Nothing),
        output: CELL,
        epoch_unix_ns: 0,
        raster_budget_bytes: 1 << 20,
        quality: sources::Quality::High,
    };
    let mut stage = Stage::new(config, scene);
    Compositor::new(CELL).compose_rgba(stage.tick(ShowTime::from_ms(t)))
}

/// One page with a cell for every case and time, as a browser draws it.
fn browser(cases: &[Case]) -> Surface {
    let page: Vec<Json> = cells(cases)
        .enumerate()
        .map(|(i, (case, t))| {
            let mixes = |one: &&Animation| one.color_space != ColorSpace::default();
            let plays = case.animations.iter().filter(|one| !mixes(one));
            let animations: Vec<Json> = plays.map(|one| in_css(one, case.by_transform)).collect();
            let way = case.animations.iter().find_map(css_way);
            let mix = case
                .animations
                .iter()
                .find(mixes)
                .map(|one| css_mix(one, t));
            json!({ "at": corner(i), "anchor": case.anchor, "turned": case.turned_deg, "t": t,
                "animations": animations, "way": way, "mix": mix })
        })
        .collect();
    let count = u32::try_from(page.len()).unwrap();
    let script = format!(
        r"(() => {{
            document.body.style.cssText = 'margin: 0; background: #000';
            const [w, h] = {size}, [x, y] = {at};
            for (const cell of {page}) {{
                const around = document.createElement('div');
                around.style.cssText = `position: absolute; overflow: hidden; background: #000;
                    left: ${{cell.at[0]}}px; top: ${{cell.at[1]}}px; width: {width}px; height: {height}px`;
                const box = document.createElement('div');
                const [ax, ay] = cell.anchor;
                box.style.cssText = `position: absolute; left: ${{-ax * w}}px; top: ${{-ay * h}}px;
                    width: ${{w}}px; height: ${{h}}px; transform-origin: ${{ax * 100}}% ${{ay * 100}}%;
                    translate: ${{x}}px ${{y}}px; rotate: ${{cell.turned}}deg; background: {color}`;
                if (cell.way) {{
                    // Where the box would stand and the corner of the cell are one, so that both are where the way begins.
                    box.style.left = box.style.top = 0;
                    box.style.translate = box.style.rotate = 'none';
                    [box.style.offsetPath, box.style.offsetRotate] = cell.way;
                }}
                if (cell.mix) box.style.backgroundColor = cell.mix;
                around.appendChild(box);
                document.body.appendChild(around);
                for (const [frames, timing, rate] of cell.animations) {{
                    timing.iterations ??= Infinity;
                    const one = box.animate(frames, timing);
                    one.playbackRate = rate;
                    one.persist();
                    const end = one.effect.getComputedTiming().endTime;
                    const local = (rate < 0 ? end : 0) + rate * cell.t;
                    // What plays stops at its end; what is paused can be put beyond it.
                    if (rate < 0 ? local <= 0 : local >= end) {{
                        one.finish();
                    }} else {{
                        one.pause();
                        one.currentTime = local;
                    }}
                }}
            }}
            return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
        }})()",
        size = json!(BOX_PX),
        at = json!(AT_PX),
        page = json!(page),
        width = CELL.width,
        height = CELL.height,
        color = css_color(Color::from_rgba8(BOX_COLOR)),
    );
    let mut chromium = Chromium::start();
    chromium.resize(COLUMNS * CELL.width, count.div_ceil(COLUMNS) * CELL.height);
    chromium.eval(&script);
    let bytes = chromium.screenshot();
    let folder = testkit::TempFolder::new("motion");
    let file = folder.path().join("page.png");
    std::fs::write(&file, bytes).unwrap();
    testkit::read_png(&file).unwrap()
}

/// `offset-path` and `offset-rotate`, where an animation goes along a way.
fn css_way(animation: &Animation) -> Option<[String; 2]> {
    let Driver::Path(path) = &animation.driver else {
        return None;
    };
    let offset = path.rotate_offset_deg;
    let rotate = match path.rotate {
        Some(Rotate::Auto) => format!("auto {offset}deg"),
        Some(Rotate::AutoReverse) => format!("reverse {offset}deg"),
        Some(Rotate::Fixed(deg)) => format!("{}deg", deg + offset),
        None => "0deg".to_owned(),
    };
    Some([format!("path('{}')", path.as_str()), rotate])
}

/// The color that an animation of two evenly mixes at `t`.
fn css_mix(animation: &Animation, t: f64) -> String {
    let space = match animation.color_space {
        ColorSpace::Srgb => "srgb",
        ColorSpace::SrgbLinear => "srgb-linear",
        ColorSpace::Oklab => "oklab",
        ColorSpace::Oklch(Hue::Shorter) => "oklch shorter hue",
        ColorSpace::Oklch(Hue::Longer) => "oklch longer hue",
        ColorSpace::Oklch(Hue::Increasing) => "oklch increasing hue",
        ColorSpace::Oklch(Hue::Decreasing) => "oklch decreasing hue",
    };
    let colors = animation
        .keyframes
        .iter()
        .map(|keyframe| match keyframe.values[..] {
            [(Property::SourceColor, Value::Color(color))] => css_color(color),
            _ => panic!("one color"),
        });
    let [from, to] = <[String; 2]>::try_from(colors.collect::<Vec<_>>()).unwrap();
    let part = t / animation.timing.duration_ms * 100.0;
    format!(
        "color-mix(in {space}, {from} {}%, {to} {part}%)",
        100.0 - part
    )
}

fn css_functions(functions: &[TransformFunction]) -> String {
    let text = |function: &TransformFunction| match function {
        TransformFunction::Translate(x, y) => format!("translate({x}px, {y}px)"),
        TransformFunction::Scale(x, y) => format!("scale({x}, {y})"),
        TransformFunction::Rotate(deg) => format!("rotate({deg}deg)"),
        TransformFunction::Skew(x, y) => format!("skew({x}deg, {y}deg)"),
        TransformFunction::Matrix([a, b, c, d, e, f]) => {
            format!("matrix({a}, {b}, {c}, {d}, {e}, {f})")
        }
    };
    functions.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// The arguments of `element.animate`, and the rate.
fn in_css(animation: &Animation, by_transform: bool) -> Json {
    let frames: Vec<Json> = match &animation.driver {
        Driver::Path(path) => [path.start, path.end]
            .map(|part| json!({ "offsetDistance": format!("{}%", part * 100.0) }))
            .into(),
        _ => animation
            .keyframes
            .iter()
            .map(|keyframe| css_keyframe(animation, keyframe, by_transform))
            .collect(),
    };
    let t = &animation.timing;
    let timing = json!({
        "delay": t.delay_ms,
        "endDelay": t.end_delay_ms,
        "duration": t.duration_ms,
        // JSON has no infinity; the page puts it in.
        "iterations": t.iterations.is_finite().then_some(t.iterations),
        "iterationStart": t.iteration_start,
        "direction": match t.direction {
            Direction::Normal => "normal",
            Direction::Reverse => "reverse",
            Direction::Alternate => "alternate",
            Direction::AlternateReverse => "alternate-reverse",
        },
        "fill": match t.fill {
            Fill::None => "none",
            Fill::Forwards => "forwards",
            Fill::Backwards => "backwards",
            Fill::Both => "both",
        },
        "easing": t.easing.to_string(),
        "composite": css_composite(animation.composite),
    });
    json!([frames, timing, t.playback_rate])
}

const fn css_composite(composite: Composite) -> &'static str {
    match composite {
        Composite::Replace => "replace",
        Composite::Add => "add",
        Composite::Accumulate => "accumulate",
    }
}

fn css_keyframe(animation: &Animation, keyframe: &StyledKeyframe, by_transform: bool) -> Json {
    let mut css = Map::new();
    if let Some(offset) = keyframe.offset {
        css.insert("offset".to_owned(), json!(offset));
    }
    if let Some(composite) = keyframe.composite {
        css.insert("composite".to_owned(), json!(css_composite(composite)));
    }
    css.insert("easing".to_owned(), json!(keyframe.easing.to_string()));
    let number = |wanted: Property| {
        keyframe
            .values
            .iter()
            .find_map(|(property, value)| match value {
                Value::Number(v) if *property == wanted => Some(*v),
                _ => None,
            })
    };
    let replaces = keyframe.composite.unwrap_or(animation.composite) == Composite::Replace;
    // Two properties of ours are one of CSS; what is not said stays as it is.
    let pair = |wanted: [Property; 2], rest: [f64; 2]| {
        let [x, y] = wanted.map(number);
        (x.is_some() || y.is_some()).then_some([x.unwrap_or(rest[0]), y.unwrap_or(rest[1])])
    };
    let rest = if replaces { AT_PX } else { [0.0; 2] };
    if let Some([x, y]) = pair([Property::X, Property::Y], rest) {
        css.insert("translate".to_owned(), json!(format!("{x}px {y}px")));
    }
    if let Some([x, y]) = pair([Property::ScaleX, Property::ScaleY], [1.0; 2]) {
        css.insert("scale".to_owned(), json!(format!("{x} {y}")));
    }
    match number(Property::Rotation) {
        Some(deg) if by_transform => {
            let turned = [TransformFunction::Rotate(deg)];
            css.insert("transform".to_owned(), json!(css_functions(&turned)));
        }
        Some(deg) => {
            css.insert("rotate".to_owned(), json!(format!("{deg}deg")));
        }
        None => {}
    }
    if let Some(v) = number(Property::Opacity) {
        css.insert("opacity".to_owned(), json!(v));
    }
    for (property, value) in &keyframe.values {
        if let (Property::SourceColor, Value::Color(color)) = (property, value) {
            css.insert("backgroundColor".to_owned(), json!(css_color(*color)));
        }
        if let (Property::Functions, Value::Transform(functions)) = (property, value) {
            css.insert("transform".to_owned(), json!(css_functions(functions)));
        }
    }
    css.into()
}

/// In this form browsers mix colors in OKLab; those in hexadecimal they mix in sRGB.
fn css_color(color: Color) -> String {
    format!(
        "color(srgb {} {} {} / {})",
        color.r, color.g, color.b, color.a
    )
}
