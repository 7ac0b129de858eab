use super::*;
use crate::Error;
use proptest::prelude::*;

fn curves() -> impl Strategy<Value = Curve> {
    use Curve::{Back, Bounce, Circ, Cubic, Elastic, Expo, Quad, Quart, Quint, Sine};
    prop::sample::select(vec![
        Sine, Quad, Cubic, Quart, Quint, Expo, Circ, Back, Elastic, Bounce,
    ])
}

fn sides() -> impl Strategy<Value = Side> {
    prop::sample::select(vec![Side::In, Side::Out, Side::InOut, Side::OutIn])
}

fn beziers() -> impl Strategy<Value = CubicBezier> {
    (0.0..=1.0, -2.0..3.0, 0.0..=1.0, -2.0..3.0)
        .prop_map(|(x1, y1, x2, y2)| CubicBezier::new(x1, y1, x2, y2).unwrap())
}

fn jumps() -> impl Strategy<Value = Jump> {
    prop::sample::select(vec![Jump::Start, Jump::End, Jump::None, Jump::Both])
}

fn springs() -> impl Strategy<Value = SpringEasing> {
    (0.1..10.0, 1.0..1000.0, 0.0..100.0, -10.0..10.0).prop_map(
        |(mass, stiffness, damping, velocity)| {
            let spring = crate::Spring::new(mass, stiffness, damping).unwrap();
            SpringEasing::new(spring, velocity).unwrap()
        },
    )
}

fn linears() -> impl Strategy<Value = LinearPoints> {
    let stop = (-2.0..3.0, prop::option::of(-20.0..120.0))
        .prop_map(|(output, at_percent)| LinearStop { output, at_percent });
    prop::collection::vec(stop, 2..8).prop_map(|stops| LinearPoints::new(stops).unwrap())
}

fn easings() -> impl Strategy<Value = Easing> {
    prop_oneof![
        Just(Easing::Linear),
        Just(Easing::EASE_IN_OUT),
        beziers().prop_map(Easing::CubicBezier),
        (2u32..100, jumps())
            .prop_map(|(count, jump)| Easing::Steps(Steps::new(count, jump).unwrap())),
        linears().prop_map(Easing::LinearPoints),
        (curves(), sides()).prop_map(|(curve, side)| Easing::Penner(curve, side)),
        springs().prop_map(Easing::Spring),
    ]
}

/// Numbers at the ends of what there is, and of what is allowed.
fn hostile_numbers() -> impl Strategy<Value = f64> {
    let ends = vec![
        0.0,
        5e-324,
        1e-300,
        1e-9,
        0.1,
        0.5,
        0.999_999,
        1.0,
        2.0,
        100.0,
        1000.0,
        1e4,
        1e6,
        1e9,
        1e300,
        f64::MAX,
    ];
    prop_oneof![
        4 => prop::sample::select(ends.clone()),
        2 => prop::sample::select(ends).prop_map(|v| -v),
        1 => -1e4..1e4,
    ]
}

/// Functions with numbers that nobody means.
fn hostile_texts() -> impl Strategy<Value = String> {
    let numbers = |count| prop::collection::vec(hostile_numbers(), count);
    let joined = |numbers: Vec<f64>| {
        numbers
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let stop = (hostile_numbers(), prop::option::of(hostile_numbers()));
    let stop = stop.prop_map(|(output, at)| match at {
        Some(at) => format!("{output} {at}%"),
        None => output.to_string(),
    });
    prop_oneof![
        numbers(1..=4).prop_map(move |all| format!("spring({})", joined(all))),
        // In the ranges of springs, where the first would seldom be.
        (
            0.1..100.0,
            1.0..1e4,
            prop::sample::select(vec![0.0, 5e-324, 1e-6, 0.03, 20.0, 200.0, 1e4]),
            -1e3..1e3
        )
            .prop_map(|(m, k, c, v)| format!("spring({m}, {k}, {c}, {v})")),
        numbers(4..=4).prop_map(move |all| format!("cubic-bezier({})", joined(all))),
        (
            0..=u32::MAX,
            prop::sample::select(vec!["start", "end", "jump-none", "jump-both"])
        )
            .prop_map(|(count, jump)| format!("steps({count}, {jump})")),
        prop::collection::vec(stop, 2..6).prop_map(|stops| format!("linear({})", stops.join(", "))),
    ]
}

/// All but those that are there to jump at an end.
#[test]
fn every_named_easing_begins_at_0_and_ends_at_1() {
    let ends = |word: &str| {
        let easing: Easing = word.parse().unwrap();
        (easing.at(0.0, false), easing.at(1.0, false))
    };
    for word in Easing::words() {
        let begins = if word == "step-start" { 1.0 } else { 0.0 };
        assert_eq!(ends(&word), (begins, 1.0), "{word}");
    }
    for (text, begins, over) in [
        ("steps(4, jump-start)", 0.25, 1.0),
        ("steps(4, jump-end)", 0.0, 1.0),
        ("steps(3, jump-both)", 0.25, 1.0),
        ("steps(3, jump-none)", 0.0, 1.0),
        ("linear(0.5, 2)", 0.5, 2.0),
    ] {
        assert_eq!(ends(text), (begins, over), "{text}");
    }
}

/// The curve at `x` by bisection alone.
fn bisected(bezier: CubicBezier, x: f64) -> f64 {
    let [x1, y1, x2, y2] = bezier.control_points();
    let point = |c1: f64, c2: f64, s: f64| {
        3.0 * c1 * s * (1.0 - s) * (1.0 - s) + 3.0 * c2 * s * s * (1.0 - s) + s * s * s
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if point(x1, x2, middle) < x {
            low = middle;
        } else {
            high = middle;
        }
    }
    point(y1, y2, 0.5 * (low + high))
}

proptest! {
    #[test]
    fn easings_begin_at_0_and_end_at_1(bezier in beziers(), curve in curves(), side in sides(), count in 2u32..100, spring in springs()) {
        for easing in [
            Easing::Spring(spring),
            Easing::Linear,
            Easing::CubicBezier(bezier),
            Easing::Penner(curve, side),
            Easing::Steps(Steps::new(count, Jump::None).unwrap()),
        ] {
            prop_assert_eq!((easing.at(0.0, false), easing.at(1.0, false)), (0.0, 1.0), "{}", easing);
        }
    }

    #[test]
    fn every_easing_is_finite_far_outside(easing in easings(), p in -10.0..10.0) {
        prop_assert!(easing.at(p, false).is_finite());
    }

    #[test]
    fn whatever_is_accepted_is_finite(text in hostile_texts(), p in hostile_numbers(), before_flag: bool) {
        if let Ok(easing) = text.parse::<Easing>() {
            let eased = easing.at(p, before_flag);
            prop_assert!(eased.is_finite() && eased.abs() <= FARTHEST, "{} at {}: {}", text, p, eased);
            prop_assert_eq!(easing.to_string().parse(), Ok(easing));
        }
    }

    #[test]
    fn in_and_out_mirror_each_other(curve in curves(), p in 0.0..=1.0) {
        let at = |side, p| Easing::Penner(curve, side).at(p, false);
        prop_assert!((at(Side::In, p) - (1.0 - at(Side::Out, 1.0 - p))).abs() < 1e-9);
        prop_assert!((at(Side::InOut, p) - (1.0 - at(Side::InOut, 1.0 - p))).abs() < 1e-9);
    }

    /// Where the curve is steep, its value at `x` is only known as well as `x` itself: compare with the values a billionth beside it.
    #[test]
    fn the_bezier_solver_is_within_a_billionth(bezier in beziers(), x in 1e-6..0.999_999) {
        let got = Easing::CubicBezier(bezier).at(x, false);
        let near = [x - 1e-9, x, x + 1e-9].map(|x| bisected(bezier, x));
        let (low, high) = near.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &y| (l.min(y), h.max(y)));
        prop_assert!(low - 1e-9 <= got && got <= high + 1e-9, "{} not in {}..{}", got, low, high);
    }

    #[test]
    fn text_round_trips(easing in easings()) {
        prop_assert_eq!(easing.to_string().parse(), Ok(easing));
    }
}

#[test]
fn degenerate_beziers_are_solved() {
    for (x1, x2) in [
        (1.0, 0.0),
        (0.0, 0.0),
        (1.0, 1.0),
        (0.0, 1.0),
        (0.5, 0.5),
        (1.0 / 3.0, 2.0 / 3.0),
    ] {
        let bezier = CubicBezier::new(x1, x1, x2, x2).unwrap();
        for i in 0..=1000 {
            let x = f64::from(i) / 1000.0;
            assert!(
                (bezier.at(x) - x).abs() < 1e-9,
                "the diagonal stays the diagonal: {x1} {x2} {x}"
            );
        }
    }
}

#[test]
fn every_family_meets_its_formula() {
    // From the formulae of easings.net; what the published cases leave out.
    for (name, p, want) in [
        ("sine-in", 0.5, 0.292_893_218_813),
        ("sine-out", 0.25, 0.382_683_432_365),
        ("quart-in", 0.5, 0.0625),
        ("quint-in-out", 0.25, 0.015_625),
        ("expo-in", 0.5, 0.03125),
        ("expo-in-out", 0.25, 0.015_625),
        ("circ-in", 0.6, 0.2),
        ("circ-in-out", 0.3, 0.1),
        ("back-in", 0.5, -0.087_697_5),
        ("back-in-out", 0.25, -0.099_681_838),
        ("elastic-in", 0.5, -0.015_625),
        ("elastic-in-out", 0.4, -0.117_461_568),
        ("bounce-in", 0.5, 0.234_375),
        ("bounce-in-out", 0.75, 0.882_812_5),
        ("power3-out", 0.5, 0.9375),
    ] {
        let got = name.parse::<Easing>().unwrap().at(p, false);
        assert!(
            (got - want).abs() < 1e-8,
            "{name} at {p}: {got}, expected {want}"
        );
    }
}

/// Nothing that is worked out comes to it, and yet.
#[test]
fn what_is_no_number_is_an_end() {
    for easing in [
        "linear",
        "ease",
        "steps(3)",
        "linear(0, 1)",
        "back-out",
        "spring(0.5)",
    ] {
        let easing: Easing = easing.parse().unwrap();
        for p in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(easing.at(p, false).is_finite(), "{easing} at {p}");
        }
    }
}

#[test]
fn steps_at_and_beside_their_boundaries() {
    let at = |text: &str, p, before| text.parse::<Easing>().unwrap().at(p, before);
    for (text, p, before, want) in [
        ("steps(3, jump-none)", 0.0, false, 0.0),
        ("steps(3, jump-none)", 0.5, false, 0.5),
        ("steps(3, jump-none)", 1.0, false, 1.0),
        ("steps(3, jump-both)", 0.0, false, 0.25),
        ("steps(3, jump-both)", 0.9, false, 0.75),
        ("steps(3, jump-both)", 1.0, false, 1.0),
        ("steps(2, jump-start)", 0.0, true, 0.0),
        ("steps(2, jump-end)", 0.5, true, 0.0),
        ("steps(2, jump-end)", -0.25, false, -0.5),
        ("steps(2, jump-end)", 1.5, false, 1.5),
        ("steps(100)", 0.25, false, 0.25),
        ("step-start", 0.0, false, 1.0),
        ("step-end", 0.999, false, 0.0),
    ] {
        assert_eq!(at(text, p, before), want, "{text} at {p}");
    }
}

#[test]
fn linear_stops_spread_and_jump() {
    let at = |text: &str, p| text.parse::<Easing>().unwrap().at(p, false);
    for (text, p, want) in [
        ("linear(0, 1)", 0.25, 0.25),
        ("linear(0, 0.5 20%, 1)", 0.1, 0.25),
        ("linear(0, 20% 0.5, 1)", 0.1, 0.25),
        ("linear(0, 0.5 20% 60%, 1)", 0.4, 0.5),
        ("linear(0, 0.5 20% 60%, 1)", 0.8, 0.75),
        ("linear(0, 0.5 50%, 1 50%, 0)", 0.5, 1.0),
        ("linear(0, 0.5 50%, 1 10%, 0)", 0.5, 1.0),
        ("linear(0, 1)", 1.5, 1.5),
        ("linear(0, 1)", -0.5, -0.5),
        ("linear(0 25%, 1 75%)", 0.0, -0.5),
    ] {
        assert!(
            (at(text, p) - want).abs() < 1e-12,
            "{text} at {p}: {}",
            at(text, p)
        );
    }
}

#[test]
fn text_is_read_leniently_and_written_canonically() {
    for (text, canonical) in [
        ("  EASE-In ", "ease-in"),
        ("cubic-bezier(.42,0,.58,1)", "ease-in-out"),
        (
            "cubic-bezier( 0.3 , -1e-1 , 0.7 , 1.5 )",
            "cubic-bezier(0.3, -0.1, 0.7, 1.5)",
        ),
        ("steps(4)", "steps(4, jump-end)"),
        ("steps(4, start)", "steps(4, jump-start)"),
        ("power2-in-out", "cubic-in-out"),
        ("power2.out", "cubic-out"),
        ("expo.out", "expo-out"),
        ("Sine.inOut", "sine-in-out"),
        ("back.out(1.7)", "back-out"),
        ("elastic.out(1,0.3)", "elastic-out"),
        (
            "linear(0, 0.5 20% 40%, 1)",
            "linear(0, 0.5 20%, 0.5 40%, 1)",
        ),
        ("linear", "linear"),
    ] {
        assert_eq!(
            text.parse::<Easing>().unwrap().to_string(),
            canonical,
            "{text}"
        );
    }
}

#[test]
fn text_that_is_no_easing_is_refused_with_its_cause() {
    for (text, want) in [
        ("", "unknown easing ``"),
        ("wobble", "unknown easing `wobble`"),
        ("wobble-in", "unknown easing `wobble-in`"),
        (
            "bounce",
            "unknown easing `bounce` (did you mean `bounce-out`?)",
        ),
        (
            "Power2.easeInOut",
            "unknown easing `Power2.easeInOut` (did you mean `power2-in-out`?)",
        ),
        (
            "in_sine",
            "unknown easing `in_sine` (did you mean `sine-in`?)",
        ),
        (
            "back.out(4)",
            "unknown easing `back.out(4)` (did you mean `back-out`?)",
        ),
        ("power5.out", "unknown easing `power5.out`"),
        (
            "sine.sideways",
            "unknown easing `sine.sideways` (did you mean `sine-out`?)",
        ),
        ("sprung(1)", "unknown easing `sprung(1)`"),
        (
            "spring(1)",
            "bounce of a spring is 1, allowed is above -1 and below 1",
        ),
        (
            "spring(1, 0, 10)",
            "stiffness of a spring is 0, allowed is 1 to 10000",
        ),
        (
            "spring(0.01, 100, 10)",
            "mass of a spring is 0.01, allowed is 0.1 to 100",
        ),
        (
            "spring(1, 100, 1e300)",
            "damping of a spring is 1e300, allowed is 0 to 10000",
        ),
        (
            "spring(1, 100, 10, 2000)",
            "velocity of a spring is 2000, allowed is -1000 to 1000",
        ),
        (
            "spring(1, 2)",
            "malformed easing `spring(1, 2)`: expected spring(bounce) or spring(mass, stiffness, damping[, velocity])",
        ),
        (
            "cubic-bezier(0, 0, 1)",
            "malformed easing `cubic-bezier(0, 0, 1)`: expected cubic-bezier(x1, y1, x2, y2)",
        ),
        (
            "cubic-bezier(0, nan, 1, 1)",
            "malformed easing `cubic-bezier(0, nan, 1, 1)`: expected cubic-bezier(x1, y1, x2, y2)",
        ),
        (
            "cubic-bezier(0, 0, 1.5, 1)",
            "x of a cubic-bezier control point is 1.5, allowed is 0 to 1",
        ),
        (
            "cubic-bezier(0, 0, 1, 1",
            "malformed easing `cubic-bezier(0, 0, 1, 1`: expected a closing parenthesis",
        ),
        ("steps(0)", "steps() has 0 steps, allowed is 1 or more"),
        (
            "steps(1, jump-none)",
            "steps() has 1 steps, allowed is 2 or more",
        ),
        ("linear(0)", "linear() has 1 stops, allowed is 2 or more"),
    ] {
        let said = text.parse::<Easing>().unwrap_err().to_string();
        let said = said.split(": expected linear, ease,").next();
        assert_eq!(said, Some(want));
    }
    for text in [
        "steps(1.5)",
        "steps(2, middle)",
        "steps()",
        "linear()",
        "linear(0, 1 2%% 3%)",
        "linear(0, 1% 2%)",
        "linear(0 1% 2% 3%, 1)",
    ] {
        assert!(
            matches!(text.parse::<Easing>(), Err(Error::EasingSyntax { .. })),
            "{text}"
        );
    }
}

#[test]
fn casparcg_names_are_aliases() {
    for (alias, name) in [
        ("easeOutBack", "back-out"),
        ("easeinoutcubic", "cubic-in-out"),
        ("easeOutInQuad", "quad-out-in"),
        ("easeinsine", "sine-in"),
        ("easeoutintback", "back-out-in"),
        ("easenone", "linear"),
    ] {
        assert_eq!(alias.parse::<Easing>(), name.parse(), "{alias}");
    }
}

#[test]
fn every_word_is_an_easing() {
    for word in Easing::words() {
        assert!(word.parse::<Easing>().is_ok(), "{word}");
    }
    assert_eq!(Easing::words().count(), 5 + 2 + 14 * 4);
}
