//! Animations as somebody writes them who wants to do harm, or by mistake: each is refused by the name of its fault, or
//! gives exactly the values that the rules ask for.

use media::ShowTime;
use scene::{Limits, Moment, Resolver};
use wire::{ReadError, read_scene, write_scene};

/// What comes of a document.
enum Comes {
    /// Only this fault: its pointer, and a part of what it says.
    Fault(&'static str, &'static str),
    /// It is not JSON, which says this.
    NoJson(&'static str),
    /// The layer's `x_px` at show times in ms.
    Values(&'static [(f64, f64)]),
}
use Comes::{Fault, NoJson, Values};

/// A scene of one layer, at x = 7, and the animations given.
fn document(animations: &str) -> String {
    format!(
        r##"{{ "schema": 1, "canvas": {{ "width_px": 640, "height_px": 360 }},
            "layers": [{{ "id": "a", "kind": "overlay", "transform": {{ "x_px": 7, "width_px": 10, "height_px": 10 }},
                          "source": {{ "type": "color", "color": "#fff" }} }}],
            "animations": [{animations}] }}"##
    )
}

/// An animation of x from 0 to 100 with these words in its timing.
fn timed(timing: &str) -> String {
    moved(&format!(
        r#""start": {{ "at_ms": 0 }}, "timing": {{ {timing} }}"#
    ))
}

/// As [`timed`], with these fields.
fn moved(fields: &str) -> String {
    format!(
        r#"{{ "id": "m", "target": "layers/a", {fields},
             "keyframes": [{{ "transform.x_px": 0 }}, {{ "transform.x_px": 100 }}] }}"#
    )
}

fn keyed(keyframes: &str) -> String {
    format!(
        r#"{{ "id": "m", "target": "layers/a", "start": {{ "at_ms": 0 }},
             "timing": {{ "duration_ms": 1000, "fill": "both" }}, "keyframes": [{keyframes}] }}"#
    )
}

/// Each after the next one, and the last after the first.
fn ring(count: usize) -> String {
    let one = |k: usize| {
        let after = (k + 1) % count;
        format!(
            r#"{{ "id": "m{k}", "target": "layers/a", "start": {{ "after": "m{after}" }},
                 "timing": {{ "duration_ms": 1000 }},
                 "keyframes": [{{ "transform.x_px": 0 }}, {{ "transform.x_px": 100 }}] }}"#
        )
    };
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

/// One that moves nothing that is looked at, and one that follows it.
fn after(iterations: &str, fields: &str) -> String {
    format!(
        r#"{{ "id": "first", "target": "layers/a", {fields} "timing": {{ "duration_ms": 1000, {iterations} }},
             "keyframes": [{{ "opacity": 1 }}] }},
           {{ "id": "next", "target": "layers/a", "start": {{ "after": "first" }}, "timing": {{ "duration_ms": 1000 }},
             "keyframes": [{{ "transform.x_px": 0 }}, {{ "transform.x_px": 100 }}] }}"#
    )
}

const YEAR_MS: f64 = 31_536_000_000.0;

#[expect(clippy::too_many_lines, reason = "a table")]
fn table() -> Vec<(&'static str, String, Comes)> {
    let keyframes = |count: usize| vec![r#"{ "transform.x_px": 1 }"#; count].join(",");
    let properties = |count: usize| {
        let each = (0..count).map(|k| format!(r#""effects.e{k}.sigma_px": 1"#));
        format!("{{ {} }}", each.collect::<Vec<_>>().join(","))
    };
    let easing = |text: &str| timed(&format!(r#""duration_ms": 1000, "easing": "{text}""#));
    let stops = |count: usize| format!("linear(0, {} 1)", "0.5, ".repeat(count));
    vec![
        // Numbers that are none.
        ("NaN", timed(r#""duration_ms": NaN"#), NoJson("expected value")),
        ("Infinity", timed(r#""duration_ms": Infinity"#), NoJson("expected value")),
        ("1e999", timed(r#""duration_ms": 1e999"#), NoJson("number out of range")),
        ("-1e999", timed(r#""delay_ms": -1e999"#), NoJson("number out of range")),
        // Iterations.
        (
            "no iterations hold the first value",
            timed(r#""duration_ms": 1000, "iterations": 0, "fill": "both""#),
            Values(&[(-1.0, 0.0), (0.0, 0.0), (500.0, 0.0), (1e9, 0.0)]),
        ),
        (
            "no iterations, and nothing held",
            timed(r#""duration_ms": 1000, "iterations": 0"#),
            Values(&[(-1.0, 7.0), (0.0, 7.0), (500.0, 7.0)]),
        ),
        (
            "for ever",
            timed(r#""duration_ms": 1000, "iterations": "infinite""#),
            Values(&[(0.0, 0.0), (250.0, 25.0), (1000.0, 0.0), (YEAR_MS + 500.0, 50.0)]),
        ),
        (
            "no time at all, for ever",
            timed(r#""duration_ms": 0, "iterations": "infinite", "fill": "both""#),
            Values(&[(-1.0, 0.0), (0.0, 100.0), (1e9, 100.0)]),
        ),
        (
            "a billion times within the year",
            timed(r#""duration_ms": 0.01, "iterations": 1e9, "fill": "both""#),
            Values(&[(1e7, 100.0), (YEAR_MS, 100.0)]),
        ),
        ("1e18 iterations", timed(r#""duration_ms": 1, "iterations": 1e18"#), Fault("/animations/0/timing/iterations", "0 to 1000000000")),
        ("iterations below zero", timed(r#""duration_ms": 1, "iterations": -1"#), Fault("/animations/0/timing/iterations", "0 to 1000000000")),
        ("iterations in words", timed(r#""duration_ms": 1, "iterations": "many""#), Fault("/animations/0/timing/iterations", "infinite")),
        ("an iteration that begins before the first", timed(r#""iteration_start": -0.5"#), Fault("/animations/0/timing/iteration_start", "0 to")),
        // Durations.
        (
            "a duration that no float can be divided by",
            timed(r#""duration_ms": 1e-300, "fill": "both""#),
            Values(&[(-1.0, 0.0), (0.0, 0.0), (0.000_001, 100.0), (1.0, 100.0)]),
        ),
        (
            "the least duration there is, for ever",
            timed(r#""duration_ms": 5e-324, "iterations": "infinite""#),
            Values(&[(0.0, 0.0), (-1.0, 7.0)]),
        ),
        (
            "a duration of nothing is over when it begins",
            timed(r#""duration_ms": 0, "fill": "forwards""#),
            Values(&[(-0.001, 7.0), (0.0, 100.0)]),
        ),
        (
            "minus nothing is nothing",
            timed(r#""duration_ms": -0.0, "delay_ms": -0.0, "fill": "forwards""#),
            Values(&[(-0.001, 7.0), (0.0, 100.0)]),
        ),
        ("a negative duration", timed(r#""duration_ms": -1"#), Fault("/animations/0/timing/duration_ms", "0 to 31536000000")),
        ("a duration of 1e308", timed(r#""duration_ms": 1e308"#), Fault("/animations/0/timing/duration_ms", "0 to 31536000000")),
        // Delays.
        ("a delay of 1e308", timed(r#""delay_ms": 1e308"#), Fault("/animations/0/timing/delay_ms", "31536000000")),
        ("an end delay of -1e308", timed(r#""end_delay_ms": -1e308"#), Fault("/animations/0/timing/end_delay_ms", "31536000000")),
        (
            "a delay of minus a year",
            timed(r#""duration_ms": 1000, "delay_ms": -31536000000, "iterations": 1e9, "fill": "forwards""#),
            Values(&[(0.0, 0.0), (250.0, 25.0), (1e12, 100.0)]),
        ),
        (
            "an end delay that takes all of it",
            timed(r#""duration_ms": 1000, "end_delay_ms": -5000, "fill": "forwards""#),
            Values(&[(0.0, 0.0), (500.0, 0.0), (1e9, 0.0)]),
        ),
        // Rates.
        (
            "a rate of nothing holds the first value for ever",
            timed(r#""duration_ms": 1000, "playback_rate": 0"#),
            Values(&[(0.0, 0.0), (1e9, 0.0)]),
        ),
        (
            "a rate of minus nothing",
            timed(r#""duration_ms": 1000, "playback_rate": -0.0"#),
            Values(&[(0.0, 0.0), (1e9, 0.0)]),
        ),
        (
            "the least rate there is",
            timed(r#""duration_ms": 1000, "playback_rate": 5e-324"#),
            Values(&[(0.0, 0.0), (0.000_001, 0.0)]),
        ),
        ("a rate of 1e9", timed(r#""playback_rate": 1e9"#), Fault("/animations/0/timing/playback_rate", "-100 to 100")),
        (
            "backwards from an end that never is",
            timed(r#""duration_ms": 1, "iterations": "infinite", "playback_rate": -1"#),
            Fault("/animations/0/timing/playback_rate", "end"),
        ),
        // Starts.
        ("a start of 1e300", moved(r#""start": { "at_ms": 1e300 }"#), Fault("/animations/0/start/at_ms", "is 1e300; allowed is -9223372036854.775 to 9223372036854.775 ms")),
        ("a time of day in the year 9999", moved(r#""start": { "at": "9999-12-31T23:59:59Z" }"#), Fault("/animations/0/start/at", "1678 to 2261")),
        (
            "the last start there is never comes",
            moved(r#""start": { "at_ms": 9223372036854.775 }, "timing": { "duration_ms": 1000 }"#),
            Values(&[(0.0, 7.0), (1e12, 7.0)]),
        ),
        (
            "a start long before the show",
            moved(r#""start": { "at_ms": -9e12 }, "timing": { "duration_ms": 1000, "fill": "forwards" }"#),
            Values(&[(0.0, 100.0), (1e12, 100.0)]),
        ),
        ("after itself", moved(r#""start": { "after": "m" }"#), Fault("/animations/0/start/after", "itself")),
        ("after nobody", moved(r#""start": { "after": "x" }"#), Fault("/animations/0/start/after", "no animation or timeline `x`")),
        ("a ring of two", ring(2), Fault("/animations/0/start/after", "would wait for itself, by way of `m1`")),
        ("a ring of three hundred", ring(300), Fault("/animations/0/start/after", "would wait for itself, by way of `m1`")),
        ("after what never ends", after("\"iterations\": \"infinite\"", ""), Fault("/animations/1/start/after", "`first` never ends")),
        (
            "after what is held",
            after("\"iterations\": 1", r#""playback": { "at_ms": 0, "local_ms": 5, "paused": true },"#),
            Values(&[(0.0, 7.0), (1e6, 7.0)]),
        ),
        (
            "after what is over",
            after("\"iterations\": 1", r#""start": { "at_ms": 0 },"#),
            Values(&[(999.0, 7.0), (1250.0, 25.0)]),
        ),
        (
            "what never ends runs back to its beginning",
            moved(r#""start": { "at_ms": 0 }, "timing": { "duration_ms": 1000, "iterations": "infinite", "fill": "both" },
                     "playback": { "at_ms": 2250, "local_ms": 2250, "rate": -1 }"#),
            Values(&[(2250.0, 25.0), (2500.0, 0.0), (4000.0, 50.0), (9000.0, 0.0)]),
        ),
        ("no beats a minute", moved(r#""start": { "beat": { "bpm": 0 } }"#), Fault("/animations/0/start/beat/bpm", "1 to 1000")),
        ("beats of 1e-300", moved(r#""start": { "beat": { "bpm": 60, "beats": 1e-300 } }"#), Fault("/animations/0/start/beat/beats", "")),
        // Keyframes.
        ("no keyframes", keyed(""), Fault("/animations/0/keyframes", "has 0 keyframes")),
        ("keyframes without a value move nothing", keyed("{}, {}"), Values(&[(0.0, 7.0), (500.0, 7.0), (1e6, 7.0)])),
        ("an offset beyond the end", keyed(r#"{ "offset": 1.0000001, "transform.x_px": 1 }"#), Fault("/animations/0/keyframes/0/offset", "0 to 1")),
        ("an offset before the beginning", keyed(r#"{ "offset": -1e-300, "transform.x_px": 1 }"#), Fault("/animations/0/keyframes/0/offset", "0 to 1")),
        (
            "an offset of minus nothing is the beginning",
            keyed(r#"{ "offset": -0.0, "transform.x_px": 1 }, { "transform.x_px": 3 }"#),
            Values(&[(0.0, 1.0), (500.0, 2.0), (1000.0, 3.0)]),
        ),
        (
            "offsets that fall",
            keyed(r#"{ "offset": 0.5, "transform.x_px": 1 }, { "offset": 0.4, "transform.x_px": 1 }"#),
            Fault("/animations/0/keyframes/1/offset", "0.5"),
        ),
        (
            "all keyframes at one place",
            keyed(r#"{ "offset": 0.5, "transform.x_px": 1 }, { "offset": 0.5, "transform.x_px": 2 }, { "offset": 0.5, "transform.x_px": 3 }"#),
            Values(&[(0.0, 7.0), (250.0, 4.0), (500.0, 3.0), (750.0, 5.0), (1000.0, 7.0)]),
        ),
        (
            "one keyframe is the last",
            keyed(r#"{ "transform.x_px": 107 }"#),
            Values(&[(0.0, 7.0), (500.0, 57.0), (1000.0, 107.0)]),
        ),
        ("a thousand keyframes", keyed(&keyframes(1000)), Values(&[(0.0, 1.0), (333.3, 1.0), (1000.0, 1.0)])),
        ("ten thousand keyframes", keyed(&keyframes(10_000)), Fault("/animations/0/keyframes", "1 to 1000")),
        (
            "a value beyond what the property takes is cut when all is added",
            keyed(r#"{ "transform.x_px": 1e12 }, { "transform.x_px": -1e12 }"#),
            Values(&[(0.0, 1e6), (500.0, 0.0), (1000.0, -1e6)]),
        ),
        ("a value of 1e308", keyed(r#"{ "transform.x_px": 1e308 }"#), Fault("/animations/0/keyframes/0/transform.x_px", "1000000000000000")),
        ("a value of another type", keyed(r#"{ "transform.x_px": true }"#), Fault("/animations/0/keyframes/0/transform.x_px", "a number")),
        // Easings.
        ("a megabyte of easing", easing(&"x".repeat(1 << 20)), Fault("/animations/0/timing/easing", "10000 bytes")),
        ("a megabyte of stops", easing(&stops(200_000)), Fault("/animations/0/timing/easing", "10000 bytes")),
        ("an easing in an easing", easing(&"steps(".repeat(1000)), Fault("/animations/0/timing/easing", "(st…`")),
        ("no steps", easing("steps(0)"), Fault("/animations/0/timing/easing", "0 steps")),
        ("no steps between the ends", easing("steps(1, jump-none)"), Fault("/animations/0/timing/easing", "")),
        ("a step for every atom", easing("steps(99999999999999999999)"), Fault("/animations/0/timing/easing", "")),
        ("a curve that goes back", easing("cubic-bezier(2, 0, 0, 1)"), Fault("/animations/0/timing/easing", "")),
        (
            "a curve whose beginning is upright",
            easing("cubic-bezier(5e-324, 1, 1, 1)"),
            Values(&[(0.0, 0.0), (1000.0, 7.0)]),
        ),
        ("a curve that leads far away", easing("cubic-bezier(0, 1e308, 1, -1e308)"), Fault("/animations/0/timing/easing", "-1000000 to 1000000")),
        ("stops far away", easing("linear(0, 1e308, -1e308)"), Fault("/animations/0/timing/easing", "-1000000 to 1000000")),
        (
            "two stops that nearly meet, and what comes before them",
            moved(r#""start": { "at_ms": 0 }, "timing": { "duration_ms": 1000, "easing": "linear(0 1%, 0 1.0000000000001%, 1)" }"#),
            Values(&[(0.0, 0.0), (10.0, 0.0), (1000.0, 7.0)]),
        ),
        (
            "keyframes that nearly meet, and an easing that goes before them",
            r#"{ "id": "m", "target": "layers/a", "start": { "at_ms": 0 },
                     "timing": { "duration_ms": 1000, "easing": "linear(-1, 1)" },
                     "keyframes": [{ "transform.x_px": 5 }, { "offset": 5e-324, "transform.x_px": 5 }, { "transform.x_px": 9 }] }"#.to_owned(),
            Values(&[(0.0, 5.0), (500.0, 5.0), (750.0, 7.0)]),
        ),
        ("a curve of infinities", easing("cubic-bezier(0, inf, 0, nan)"), Fault("/animations/0/timing/easing", "")),
        ("a spring of nothing", easing("spring(0, 0, 0)"), Fault("/animations/0/timing/easing", "mass of a spring is 0, allowed is 0.1 to 100")),
        ("a mass of 1e-300", easing("spring(1e-300, 1e300, 1e300)"), Fault("/animations/0/timing/easing", "mass of a spring is 1e-300, allowed is 0.1 to 100")),
        ("a stiffness of 1e308", easing("spring(1, 1e308, 1)"), Fault("/animations/0/timing/easing", "stiffness of a spring is 1e308, allowed is 1 to 10000")),
        ("a damping of 1e300", easing("spring(1, 1, 1e300)"), Fault("/animations/0/timing/easing", "damping of a spring is 1e300, allowed is 0 to 10000")),
        ("a spring that is shot", easing("spring(1, 1, 1, 1e9)"), Fault("/animations/0/timing/easing", "velocity of a spring is 1000000000, allowed is -1000 to 1000")),
    ]
    .into_iter()
    .chain([("ten thousand properties", keyed(&properties(10_000)), Fault("", "more faults"))])
    .collect()
}

/// Whether a document is refused or taken, and gives what it should; else what it came to.
fn outcome(document: &str, comes: &Comes) -> Result<(), String> {
    let read = read_scene(document.as_bytes(), &Limits::default(), &|_| true);
    match (comes, read) {
        (NoJson(says), Err(ReadError::Syntax { detail, .. })) if detail.contains(says) => Ok(()),
        (Fault(pointer, says), Err(ReadError::Invalid(faults))) => {
            let wanted =
                |fault: &scene::Fault| fault.pointer == *pointer && fault.detail.contains(says);
            let long = faults.iter().find(|fault| fault.detail.len() > 2000);
            if let Some(fault) = long {
                return Err(format!(
                    "{} says {} bytes",
                    fault.pointer,
                    fault.detail.len()
                ));
            }
            let only = faults.len() == 1 || faults.len() == wire::MAX_FAULTS;
            if only && faults.iter().any(wanted) {
                return Ok(());
            }
            let said = faults.iter().take(4).map(ToString::to_string);
            Err(format!(
                "{} faults: {}",
                faults.len(),
                said.collect::<Vec<_>>().join("; ")
            ))
        }
        (Values(values), Ok(read)) => {
            let written = write_scene(&read.scene).to_string();
            let again = read_scene(written.as_bytes(), &Limits::default(), &|_| true);
            let again = again.map_err(|e| e.to_string())?.scene;
            let mut settled = again.clone();
            settled.settle(Moment {
                show: ShowTime::ZERO,
                epoch_unix_ns: 0,
            });
            // What is not settled yet does not move.
            let mut scenes = vec![&settled];
            if read.scene.is_settled() {
                scenes.extend([&read.scene, &again]);
            }
            let mut resolvers: Vec<Resolver> = scenes.into_iter().map(Resolver::new).collect();
            for (ms, wanted) in *values {
                for resolver in &mut resolvers {
                    let x = resolver.layers_at(ShowTime::from_ms(*ms))[0].transform.x_px;
                    if x.to_bits() != wanted.to_bits() {
                        return Err(format!("{x} at {ms} ms, not {wanted}"));
                    }
                }
            }
            Ok(())
        }
        (_, Ok(_)) => Err("it was taken".to_owned()),
        (_, Err(error)) => Err(error.to_string()),
    }
}

#[test]
fn hostile_timings_are_refused_by_name_or_give_exact_values() {
    let faults: Vec<String> = table()
        .iter()
        .filter_map(|(name, animations, comes)| {
            let fault = outcome(&document(animations), comes).err()?;
            Some(format!(
                "{name}: {}",
                fault.chars().take(400).collect::<String>()
            ))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Deep nesting is refused before it can use up the stack.
#[test]
fn what_is_nested_without_end_is_refused() {
    for (open, close) in [("[", "]"), (r#"{"keyframes":["#, "]}")] {
        let deep = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
        let read = read_scene(document(&deep).as_bytes(), &Limits::default(), &|_| true);
        let Err(ReadError::Syntax { detail, .. }) = read else {
            panic!("it was taken, or its faults were counted");
        };
        assert!(detail.contains("nested more than 100 deep"), "{detail}");
    }
    let cut = document(&timed("\"duration_ms\": 1"));
    for end in 0..cut.len() {
        let read = read_scene(&cut.as_bytes()[..end], &Limits::default(), &|_| true);
        assert!(
            matches!(read.unwrap_err(), ReadError::Syntax { .. }),
            "{end}"
        );
    }
}

/// What is kept with a layer comes back in scenes, batches and records, which wrap it.
#[test]
fn metadata_is_nested_so_deep_and_no_deeper() {
    let read = |depth: usize| {
        let metadata = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let scene = format!(
            r##"{{ "schema": 1, "canvas": {{ "width_px": 128, "height_px": 72 }}, "layers": [{{ "id": "a",
            "kind": "overlay", "transform": {{ "width_px": 9, "height_px": 9 }}, "source": {{ "type": "color", "color": "#f00" }}, "metadata": {metadata} }}] }}"##
        );
        read_scene(scene.as_bytes(), &Limits::default(), &|_| true)
    };
    assert!(read(32).is_ok());
    let Err(ReadError::Invalid(faults)) = read(33) else {
        panic!("it was taken, or no JSON");
    };
    assert_eq!(
        faults[0].to_string(),
        "/layers/0/metadata: objects and arrays are nested more than 32 deep"
    );
}
