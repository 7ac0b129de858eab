//! The published cases of `tests/cases`, one JSON file each, against this crate.
//!
//! `ANIMATION_CASES_DIR` names another directory to read instead. Run with `--nocapture` to see every value.
#![expect(clippy::unwrap_used, reason = "a malformed case is a failed test")]

use animation::{
    BeatGrid, ColorSpace, Composite, CubicBezier, Direction, Easing, Entry, Fill, Hermite, Jump,
    Keyframe, LatePolicy, LinearPoints, LinearStop, Motion, MotionPath, Origin, Phase, Playback,
    Position, SpatialCurve, Spread, Spring, Stagger, Steps, Timing, TimingSample, Track,
    TransformFunction, Value, interpolate_transforms, lay_out, length_ms, sample_stack, transition,
};
use kurbo::{Point, Vec2};
use media::{Color, Framerate, ShowTime};
use serde_json::{Value as Json, json};
use std::{collections::BTreeSet, path::PathBuf};

/// Kinds that every run must meet at least once.
const COVERED: [&str; 16] = [
    "clock",
    "color",
    "easing",
    "keyframes",
    "path",
    "playback",
    "retarget",
    "retarget-hermite",
    "spatial",
    "spring",
    "stack",
    "stagger",
    "timeline",
    "timing",
    "transform",
    "transition",
];

#[test]
fn cases_of_every_covered_kind_hold() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test may be pointed at other cases"
    )]
    let dir = std::env::var("ANIMATION_CASES_DIR").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases")),
        PathBuf::from,
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "json"));
    files.sort();

    let (mut kinds, mut failed) = (BTreeSet::new(), Vec::new());
    for path in files {
        let case: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (id, kind) = (text(&case["id"]), text(&case["kind"]));
        let Some(got) = evaluate(kind, &case) else {
            println!("{id}: not yet covered: {kind}");
            continue;
        };
        kinds.insert(kind.to_owned());
        let (expected, tolerance) = (&case["expected"], &case["tolerance"]);
        let holds = match tolerance.as_f64() {
            Some(tolerance) => close(&got, expected, tolerance),
            None => close_way(&got, expected, tolerance),
        };
        let verdict = if holds { "ok" } else { "FAILED" };
        println!(
            "{id} ({kind}): {verdict}\n  got      {got}\n  expected {expected} +- {tolerance}"
        );
        if verdict != "ok" {
            failed.push(id.to_owned());
        }
    }
    assert!(failed.is_empty(), "cases that do not hold: {failed:?}");
    assert_eq!(
        kinds.iter().map(String::as_str).collect::<Vec<_>>(),
        COVERED
    );
}

/// The whole answer to a case; `None` when nothing here covers its kind.
fn evaluate(kind: &str, case: &Json) -> Option<Json> {
    let input = &case["input"];
    let each_t = |value: &dyn Fn(f64) -> Json| {
        array(&case["t"])
            .iter()
            .map(|t| value(number(t)))
            .collect::<Json>()
    };
    Some(match kind {
        "easing" => {
            let easing = easing(&input["easing"]);
            let before_flag = input["before_flag"].as_bool().unwrap_or(false);
            each_t(&|p| json!(easing.at(p, before_flag)))
        }
        "timing" => {
            let timing = Timing {
                playback_rate: number_or(&input["playbackRate"], 1.0),
                ..timing(&input["timing"])
            };
            each_t(&|t| timing_json(timing.sample(t)))
        }
        "playback" => each_t(&|t| json!(playback_progress(input, t))),
        "keyframes" => {
            let timing = timing(&input["timing"]);
            let track = track(input);
            let underlying = match &input["underlying"] {
                Json::Null => Value::Number(0.0),
                given => value(given),
            };
            each_t(&|t| {
                timing
                    .sample(t)
                    .progress
                    .map_or(Json::Null, |p| value_json(&track.sample(p, &underlying)))
            })
        }
        "stack" => {
            let animations: Vec<_> = array(&input["animations"])
                .iter()
                .map(|a| (timing(&a["timing"]), track(a)))
                .collect();
            each_t(&|t| {
                let effects = animations
                    .iter()
                    .map(|(timing, track)| (timing.sample(t).progress, track));
                value_json(&sample_stack(value(&input["base"]), effects))
            })
        }
        "color" => {
            let (space, hue) = (
                text(&input["space"]),
                input["hue"].as_str().unwrap_or("shorter"),
            );
            let space: ColorSpace = if space == "oklch" {
                format!("oklch {hue} hue")
            } else {
                space.to_owned()
            }
            .parse()
            .unwrap();
            let (from, to) = (color(&input["frm"]), color(&input["to"]));
            each_t(&|p| color_json(space.mix(from, to, p)))
        }
        "clock" => clock(input),
        "spring" | "retarget" => each_t(&|t| spring(input, t)),
        "retarget-hermite" => {
            let way = Hermite {
                from: Motion {
                    value: number(&input["from"]),
                    velocity: number_or(&input["velocity"], 0.0),
                },
                to: number(&input["to"]),
                duration_ms: number(&input["duration"]),
            };
            each_t(&|t| json!(way.at(t).value))
        }
        "path" => {
            let path = MotionPath::from_svg(&svg(&input["path"])).unwrap();
            let (from, to) = (number_or(&input["from"], 0.0), number_or(&input["to"], 1.0));
            each_t(&|t| {
                let at = path.at(from + (to - from) * t);
                let (x, y) = (at.position.x, at.position.y);
                json!([x, y, turned(&input["rotate"], at.angle_deg)])
            })
        }
        "spatial" => {
            let [from, leaving, arriving, to] =
                ["p0", "to", "ti", "p1"].map(|name| two_numbers(&input[name]));
            let curve = SpatialCurve::new(
                Point::from(from),
                Vec2::from(leaving),
                Vec2::from(arriving),
                Point::from(to),
            );
            let easing = match &input["easing"] {
                Json::Null => Easing::Linear,
                given => easing(given),
            };
            each_t(&|t| {
                let at = curve.at(easing.at(t, false));
                json!([at.x, at.y])
            })
        }
        "transform" => {
            let (from, to) = (functions(&input["frm"]), functions(&input["to"]));
            each_t(&|p| json!(interpolate_transforms(&from, &to, p).as_coeffs()))
        }
        "stagger" => json!(stagger(input).delays_ms(usize::try_from(input["n"].as_u64()?).ok()?)),
        "timeline" => json!(lay_out(&entries(&input["children"])).unwrap().spans),
        "transition" => return transition_case(input, &each_t),
        _ => return None,
    })
}

/// Value and velocity after the retargets up to `t`.
fn spring(input: &Json, t: f64) -> Json {
    let spring = if input["stiffness"].is_null() {
        Spring::with_bounce(number(&input["duration"]), number(&input["bounce"])).unwrap()
    } else {
        let [mass, stiffness, damping] =
            ["mass", "stiffness", "damping"].map(|name| number_or(&input[name], 1.0));
        Spring::new(mass, stiffness, damping).unwrap()
    };
    let mut from = Motion {
        value: number_or(&input["from"], 0.0),
        velocity: number_or(&input["velocity"], 0.0),
    };
    let (mut began, mut target) = (0.0, number_or(&input["to"], 1.0));
    let retargets = input["retargets"].as_array().into_iter().flatten();
    for retarget in retargets.filter(|retarget| number(&retarget["at"]) <= t) {
        let at = number(&retarget["at"]);
        from = spring.at(from, target, at - began);
        (began, target) = (at, number(&retarget["to"]));
    }
    let motion = spring.at(from, target, t - began);
    json!([motion.value, motion.velocity])
}

/// Path data from text, or from a list of commands with their numbers.
fn svg(v: &Json) -> String {
    match v {
        Json::String(data) => data.clone(),
        commands => {
            let words = array(commands).iter().flat_map(array);
            let words = words.map(|word| {
                word.as_str()
                    .map_or_else(|| word.to_string(), str::to_owned)
            });
            words.collect::<Vec<_>>().join(" ")
        }
    }
}

/// The angle that `offset-rotate` makes of the path's own, -180..=180.
fn turned(rotate: &Json, angle_deg: f64) -> f64 {
    let words = rotate.as_str().unwrap_or("auto");
    let fixed = words
        .split_whitespace()
        .find_map(|word| word.strip_suffix("deg")?.parse().ok());
    let angle = match rotate.as_f64() {
        Some(fixed) => fixed,
        None if words.contains("reverse") => angle_deg + 180.0 + fixed.unwrap_or(0.0),
        None if words.contains("auto") => angle_deg + fixed.unwrap_or(0.0),
        None => fixed.unwrap_or(0.0),
    };
    angle - 360.0 * (angle / 360.0).round()
}

fn functions(v: &Json) -> Vec<TransformFunction> {
    let list = v.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|function| {
            let args: Vec<f64> = array(function)[1..].iter().map(number).collect();
            match (text(&function[0]), &args[..]) {
                ("translate", &[x, y]) => TransformFunction::Translate(x, y),
                ("translate" | "translateX", &[x]) => TransformFunction::Translate(x, 0.0),
                ("translateY", &[y]) => TransformFunction::Translate(0.0, y),
                ("scale", &[x, y]) => TransformFunction::Scale(x, y),
                ("scale", &[both]) => TransformFunction::Scale(both, both),
                ("scaleX", &[x]) => TransformFunction::Scale(x, 1.0),
                ("scaleY", &[y]) => TransformFunction::Scale(1.0, y),
                ("rotate", &[deg]) => TransformFunction::Rotate(deg),
                ("skew", &[x, y]) => TransformFunction::Skew(x, y),
                ("skew" | "skewX", &[x]) => TransformFunction::Skew(x, 0.0),
                ("skewY", &[y]) => TransformFunction::Skew(0.0, y),
                ("matrix", &[a, b, c, d, e, f]) => TransformFunction::Matrix([a, b, c, d, e, f]),
                other => panic!("unknown function {other:?}"),
            }
        })
        .collect()
}

fn stagger(input: &Json) -> Stagger {
    let whole = |v: &Json| usize::try_from(v.as_u64().unwrap()).unwrap();
    let from = match &input["from"] {
        Json::Number(_) => Origin::Index(whole(&input["from"])),
        Json::Null => Origin::Start,
        word => match text(word) {
            "start" => Origin::Start,
            "end" => Origin::End,
            "center" => Origin::Center,
            "edges" => Origin::Edges,
            "random" => Origin::Random(input["seed"].as_u64().unwrap_or_default()),
            "index" => Origin::Index(whole(&input["index"])),
            other => panic!("unknown origin {other}"),
        },
    };
    let ease = [&input["ease"], &input["easing"]]
        .into_iter()
        .find(|v| !v.is_null());
    Stagger {
        spread: match input["each"].as_f64() {
            Some(each) => Spread::Each(each),
            None => Spread::Amount(number(&input["amount"])),
        },
        from,
        // GSAP's order: rows, columns.
        columns: input["grid"].as_array().map(|grid| whole(&grid[1])),
        easing: ease.map_or(Easing::Linear, easing),
    }
}

/// Children and labels; a child with children is as long as they make it.
fn entries(v: &Json) -> Vec<Entry> {
    let position = |at: &Json| match at {
        Json::Null => Position::default(),
        Json::Number(_) => Position::at_ms(number(at)),
        at => text(at).parse().unwrap(),
    };
    let one = |child: &Json| match child["label"].as_str() {
        Some(name) => Entry::Label {
            name: name.to_owned(),
            position: position(&child["at"]),
        },
        None => {
            let inner = match child["d"].as_f64() {
                Some(d) => d,
                None => lay_out(&entries(&child["children"])).unwrap().duration_ms,
            };
            let rate = [&child["rate"], &child["timeScale"]];
            Entry::Child {
                duration_ms: length_ms(
                    inner,
                    number_or(&child["repeat"], 0.0),
                    number_or(&child["repeatDelay"], 0.0),
                    rate.into_iter().find_map(Json::as_f64).unwrap_or(1.0),
                ),
                position: position(&child["at"]),
            }
        }
    };
    array(v).iter().map(one).collect()
}

/// Gives a case's answer for each of its times.
type EachTime<'a> = &'a dyn Fn(&dyn Fn(f64) -> Json) -> Json;

fn transition_case(input: &Json, each_t: EachTime<'_>) -> Option<Json> {
    let eased = |p: f64| match &input["easing"] {
        Json::Null => p,
        given => easing(given).at(p, false),
    };
    let color_of = |name: &str| color(&input[name]);
    let heading = || match text(&input["direction"]) {
        "left" => transition::Heading::Left,
        "right" => transition::Heading::Right,
        "up" => transition::Heading::Up,
        "down" => transition::Heading::Down,
        other => panic!("unknown direction {other}"),
    };
    let softness = number_or(&input["softness"], 0.0);
    Some(match text(&input["type"]) {
        "cut" => each_t(&|p| {
            color_json(if p > 0.0 {
                color_of("b")
            } else {
                color_of("a")
            })
        }),
        "fade" => each_t(&|p| color_json(transition::fade(color_of("a"), color_of("b"), eased(p)))),
        "fade-through" | "fade_through" => each_t(&|p| {
            let [a, between, b] = ["a", "color", "b"].map(color_of);
            color_json(transition::fade_through(a, between, b, eased(p)))
        }),
        // The cases ask where both pictures would be pushed to, along the direction.
        "slide" | "push" => each_t(&|p| {
            let size = [number(&input["w"]), number(&input["h"])];
            let [a, b] = [
                transition::offset_px(&transition::WAY_OUT, heading(), size, eased(p)),
                transition::offset_px(&transition::WAY_IN, heading(), size, eased(p)),
            ];
            let along = usize::from(matches!(
                heading(),
                transition::Heading::Up | transition::Heading::Down
            ));
            json!([a[along], b[along]])
        }),
        "luma" => each_t(&|p| {
            let shown = |luma: &Json| media::wipe_shows(number(luma), softness, eased(p));
            array(&input["luma"]).iter().map(shown).collect()
        }),
        "wipe" => each_t(&|p| {
            let shown = |x: &Json| media::wipe_shows(number(x), softness, eased(p));
            array(&input["x"]).iter().map(shown).collect()
        }),
        _ => return None,
    })
}

/// Progress at stream time `t`, after the changes up to it.
fn playback_progress(input: &Json, t: f64) -> Option<f64> {
    let timing = Timing {
        playback_rate: number_or(&input["playbackRate"], 1.0),
        ..timing(&input["timing"])
    };
    let mut playback = Playback::start(ShowTime::from_ms(number(&input["startTime"])), &timing);
    for change in input["changes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|change| number(&change["at"]) <= t)
    {
        let at = ShowTime::from_ms(number(&change["at"]));
        for (what, how) in change.as_object().unwrap() {
            match what.as_str() {
                "at" => {}
                "pause" => playback.pause(at),
                "play" => playback.resume(at),
                "rate" | "playbackRate" => playback.set_rate(at, number(how)),
                "reverse" => playback.reverse(at),
                "seek" | "currentTime" => playback.seek(at, number(how)),
                _ => panic!("unknown change {what}"),
            }
        }
    }
    playback.sample(&timing, ShowTime::from_ms(t)).progress
}

fn clock(input: &Json) -> Json {
    if let [num, den] = input["fps"].as_array().map_or(&[][..], Vec::as_slice) {
        let whole = |v: &Json| u32::try_from(v.as_u64().unwrap()).unwrap();
        let rate = Framerate::new(whole(num), whole(den)).unwrap();
        return array(&input["start_ns"])
            .iter()
            .map(|ns| json!(rate.first_frame_at(ShowTime::from_nanos(ns.as_i64().unwrap()))))
            .collect();
    }
    if !input["bpm"].is_null() {
        let grid = BeatGrid {
            bpm: number(&input["bpm"]),
            offset_ms: number(&input["offset_ms"]),
            quantum_beats: number(&input["quantum_beats"]),
        };
        return array(&input["now_ms"])
            .iter()
            .map(|now| json!(grid.next(ShowTime::from_ms(number(now))).as_ms()))
            .collect();
    }
    let [now, start] = ["now_ms", "start_ms"].map(|name| ShowTime::from_ms(number(&input[name])));
    let timing = Timing {
        duration_ms: number(&input["duration_ms"]),
        ..Timing::default()
    };
    let first_progress = |policy: &Json| {
        let policy = match text(policy) {
            "catch-up" => LatePolicy::CatchUp,
            "shift" => LatePolicy::Shift,
            "drop" => LatePolicy::Drop,
            other => panic!("unknown policy {other}"),
        };
        let start = policy.start(start, now)?;
        Playback::start(start, &timing)
            .sample(&timing, now)
            .progress
    };
    array(&input["policies"])
        .iter()
        .map(|policy| json!(first_progress(policy)))
        .collect()
}

fn easing(v: &Json) -> Easing {
    match v["type"].as_str() {
        None => text(v).parse().unwrap(),
        Some("cubic-bezier") => {
            let [x1, y1, x2, y2] = four_numbers(&v["p"]);
            Easing::CubicBezier(CubicBezier::new(x1, y1, x2, y2).unwrap())
        }
        Some("steps") => {
            let jump = match text(&v["position"]) {
                "start" | "jump-start" => Jump::Start,
                "end" | "jump-end" => Jump::End,
                "none" | "jump-none" => Jump::None,
                "both" | "jump-both" => Jump::Both,
                other => panic!("unknown step position {other}"),
            };
            Easing::Steps(
                Steps::new(u32::try_from(v["n"].as_u64().unwrap()).unwrap(), jump).unwrap(),
            )
        }
        Some("linear") => {
            let stops = array(&v["stops"]).iter().flat_map(|stop| {
                let output = number(&stop["v"]);
                let mut at: Vec<_> = stop["at"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|at| Some(number(at) * 100.0))
                    .collect();
                if at.is_empty() {
                    at.push(None);
                }
                at.into_iter()
                    .map(move |at_percent| LinearStop { output, at_percent })
            });
            Easing::LinearPoints(LinearPoints::new(stops.collect()).unwrap())
        }
        Some(other) => panic!("unknown easing type {other}"),
    }
}

fn timing(v: &Json) -> Timing {
    let timing = Timing {
        delay_ms: number_or(&v["delay"], 0.0),
        end_delay_ms: number_or(&v["endDelay"], 0.0),
        duration_ms: number_or(&v["duration"], 0.0),
        iterations: if v["iterations"] == "infinite" {
            f64::INFINITY
        } else {
            number_or(&v["iterations"], 1.0)
        },
        iteration_start: number_or(&v["iterationStart"], 0.0),
        direction: match v["direction"].as_str() {
            None | Some("normal") => Direction::Normal,
            Some("reverse") => Direction::Reverse,
            Some("alternate") => Direction::Alternate,
            Some("alternate-reverse") => Direction::AlternateReverse,
            Some(other) => panic!("unknown direction {other}"),
        },
        fill: match v["fill"].as_str() {
            None | Some("none" | "auto") => Fill::None,
            Some("forwards") => Fill::Forwards,
            Some("backwards") => Fill::Backwards,
            Some("both") => Fill::Both,
            Some(other) => panic!("unknown fill {other}"),
        },
        easing: if v["easing"].is_null() {
            Easing::Linear
        } else {
            easing(&v["easing"])
        },
        playback_rate: 1.0,
    };
    timing.validate().unwrap();
    timing
}

fn timing_json(sample: TimingSample) -> Json {
    let phase = match sample.phase {
        Phase::Before => "before",
        Phase::Active => "active",
        Phase::After => "after",
    };
    json!({ "phase": phase, "progress": sample.progress, "currentIteration": sample.current_iteration })
}

/// The track of anything with `keyframes` and a `composite`.
fn track(v: &Json) -> Track {
    let composite = |v: &Json| match v.as_str() {
        None | Some("auto") => None,
        Some("replace") => Some(Composite::Replace),
        Some("add") => Some(Composite::Add),
        Some("accumulate") => Some(Composite::Accumulate),
        Some(other) => panic!("unknown composite {other}"),
    };
    let keyframes = array(&v["keyframes"]).iter().map(|keyframe| Keyframe {
        offset: keyframe["offset"].as_f64(),
        value: Some(value(&keyframe["value"])),
        easing: if keyframe["easing"].is_null() {
            Easing::Linear
        } else {
            easing(&keyframe["easing"])
        },
        composite: composite(&keyframe["composite"]),
    });
    Track::new(keyframes.collect())
        .unwrap()
        .with_composite(composite(&v["composite"]).unwrap_or_default())
}

fn value(v: &Json) -> Value {
    match v {
        Json::Number(_) => Value::Number(number(v)),
        Json::Bool(b) => Value::Bool(*b),
        Json::String(s) => Value::Text(s.as_str().into()),
        Json::Array(items) => match items[..] {
            [_, _] => Value::Vec2([number(&items[0]), number(&items[1])]),
            _ => Value::Color(color(v)),
        },
        Json::Null | Json::Object(_) => panic!("no value: {v}"),
    }
}

fn value_json(v: &Value) -> Json {
    match v {
        Value::Number(n) => json!(n),
        Value::Vec2(xy) => json!(xy),
        Value::Color(c) => color_json(*c),
        Value::Bool(b) => json!(b),
        Value::Text(s) => json!(&**s),
        Value::Word(word) => json!(word),
        Value::Integer(n) => json!(n),
        Value::Transform(_) | Value::Whole(_) => panic!("no case has one: {v:?}"),
    }
}

fn color(v: &Json) -> Color {
    let [r, g, b, a] = four_numbers(v);
    Color::new(r, g, b, a)
}

fn color_json(c: Color) -> Json {
    json!([c.r, c.g, c.b, c.a])
}

/// Numbers within `tolerance * max(1, |expected|)`, everything else exactly.
fn close(got: &Json, expected: &Json, tolerance: f64) -> bool {
    match (got, expected) {
        (Json::Array(g), Json::Array(e)) => {
            g.len() == e.len() && g.iter().zip(e).all(|(g, e)| close(g, e, tolerance))
        }
        (Json::Object(g), Json::Object(e)) => {
            g.len() == e.len()
                && e.iter()
                    .all(|(name, e)| g.get(name).is_some_and(|g| close(g, e, tolerance)))
        }
        (Json::Number(_), Json::Number(_)) => {
            (number(got) - number(expected)).abs() <= tolerance * number(expected).abs().max(1.0)
        }
        _ => got == expected,
    }
}

/// Places as `[x, y, angle]`, with tolerances of their own; angles are the same a whole turn apart.
fn close_way(got: &Json, expected: &Json, tolerance: &Json) -> bool {
    let (xy, angle) = (number(&tolerance["xy"]), number(&tolerance["angle_deg"]));
    let (got, expected) = (array(got), array(expected));
    got.len() == expected.len()
        && got.iter().zip(expected).all(|(got, expected)| {
            let apart = |i: usize| number(&got[i]) - number(&expected[i]);
            let turn = apart(2) - 360.0 * (apart(2) / 360.0).round();
            apart(0).abs() <= xy && apart(1).abs() <= xy && turn.abs() <= angle
        })
}

fn text(v: &Json) -> &str {
    v.as_str().unwrap()
}

fn number(v: &Json) -> f64 {
    v.as_f64().unwrap()
}

fn number_or(v: &Json, default: f64) -> f64 {
    v.as_f64().unwrap_or(default)
}

fn array(v: &Json) -> &Vec<Json> {
    v.as_array().unwrap()
}

fn two_numbers(v: &Json) -> (f64, f64) {
    (number(&v[0]), number(&v[1]))
}

fn four_numbers(v: &Json) -> [f64; 4] {
    array(v)
        .iter()
        .map(number)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}
