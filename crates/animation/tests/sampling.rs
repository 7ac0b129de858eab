//! Sampling is a pure function of time: what was asked before never shows.
#![expect(
    clippy::unwrap_used,
    reason = "the strategies build valid animations only"
)]

use animation::{
    Composite, Direction, Easing, Fill, Keyframe, Playback, Timing, Track, Value, sample_stack,
};
use media::{Color, ShowTime};
use proptest::prelude::*;

fn timings() -> impl Strategy<Value = Timing> {
    let easing = prop::sample::select(vec![
        "linear",
        "ease",
        "steps(3, jump-start)",
        "back-out",
        "elastic-in-out",
        "linear(0, 1.2 60%, 1)",
    ]);
    let direction = prop::sample::select(vec![
        Direction::Normal,
        Direction::Reverse,
        Direction::Alternate,
        Direction::AlternateReverse,
    ]);
    let fill = prop::sample::select(vec![
        Fill::None,
        Fill::Forwards,
        Fill::Backwards,
        Fill::Both,
    ]);
    let iterations = prop_oneof![(0.0..4.0f64), Just(1.0), Just(3.0), Just(f64::INFINITY)];
    (
        -500.0..500.0,
        -500.0..500.0,
        0.0..2000.0,
        iterations,
        0.0..2.0,
        direction,
        fill,
        easing,
        0.0..3.0,
    )
        .prop_map(
            |(
                delay_ms,
                end_delay_ms,
                duration_ms,
                iterations,
                iteration_start,
                direction,
                fill,
                easing,
                playback_rate,
            )| Timing {
                delay_ms,
                end_delay_ms,
                duration_ms,
                iterations,
                iteration_start,
                direction,
                fill,
                easing: easing.parse().unwrap(),
                playback_rate,
            },
        )
}

/// A number track and a colour track of one shape.
fn tracks() -> impl Strategy<Value = [Track; 2]> {
    let keyframe = (any::<bool>(), -100.0..100.0, 0.0..=1.0, any::<bool>());
    prop::collection::vec(keyframe, 1..6).prop_map(|keyframes| {
        let last = keyframes.len() as f64;
        [false, true].map(|colored| {
            let keyframes =
                keyframes
                    .iter()
                    .enumerate()
                    .map(|(index, &(placed, number, shade, add))| Keyframe {
                        offset: placed.then_some(index as f64 / last),
                        value: Some(if colored {
                            Value::Color(Color::new(shade, 1.0 - shade, 0.5, shade))
                        } else {
                            Value::Number(number)
                        }),
                        easing: Easing::EASE_IN_OUT,
                        composite: add.then_some(Composite::Add),
                    });
            Track::new(keyframes.collect()).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn the_order_of_times_changes_nothing(
        timing in timings(), [numbers, colors] in tracks(), times in prop::collection::vec(-1_000_000_000i64..10_000_000_000, 1..20)
    ) {
        prop_assert_eq!(timing.validate(), Ok(()));
        let playback = Playback::start(ShowTime::from_nanos(700_000_000), &timing);
        let sample = |&ns: &i64| {
            let progress = playback.sample(&timing, ShowTime::from_nanos(ns)).progress;
            [
                sample_stack(Value::Number(5.0), [(progress, &numbers), (progress, &numbers)]),
                sample_stack(Value::Color(Color::WHITE), [(progress, &colors), (progress, &colors)]),
            ]
        };
        let forward: Vec<_> = times.iter().map(sample).collect();
        let mut backward: Vec<_> = times.iter().rev().map(sample).collect();
        backward.reverse();
        prop_assert_eq!(&forward, &backward);
        for value in forward.iter().flatten() {
            let finite = match value {
                Value::Number(v) => v.is_finite(),
                Value::Color(c) => [c.r, c.g, c.b, c.a].iter().all(|v| v.is_finite()),
                _ => false,
            };
            prop_assert!(finite, "{:?}", value);
        }
    }

    /// Bit for bit, from the nanosecond that is named on, however long one waits.
    #[test]
    fn what_rests_stays_as_it_is(
        timing in timings(), rate in -3.0..3.0f64, start in -1_000_000_000i64..1_000_000_000, waits in prop::collection::vec(0i64..i64::MAX / 2, 1..8)
    ) {
        let timing = Timing { playback_rate: if timing.end_ms().is_finite() { rate } else { rate.abs() }, ..timing };
        let mut playback = Playback::start(ShowTime::from_nanos(start), &timing);
        playback.seek(ShowTime::from_nanos(start), playback.local_ms(ShowTime::from_nanos(start)) / 3.0);
        if let Some(from) = playback.rests_at(&timing) {
            let first = playback.sample(&timing, from);
            for wait in [1, 2, 1000].into_iter().chain(waits) {
                prop_assert_eq!(playback.sample(&timing, from.plus_nanos(wait)), first, "{:?} {:?} {}", timing, playback, wait);
            }
        } else {
            prop_assert!(timing.end_ms().is_infinite() || timing.active_span_ms()[1].is_infinite());
        }
    }

    #[test]
    fn the_end_holds_the_last_value_exactly(duration_ms in 0.001..5000.0, iterations in 1u32..20, value in -1e6..1e6f64, shade in 0.0..=1.0) {
        let timing = Timing { duration_ms, iterations: f64::from(iterations), fill: Fill::Forwards, ..Timing::default() };
        let playback = Playback::start(ShowTime::ZERO, &timing);
        let end = playback.sample(&timing, ShowTime::from_ms(timing.end_ms() + 1.0)).progress;
        let last = [Value::Number(value), Value::Color(Color::new(shade, 0.1, 0.7, 0.3))];
        for last in last {
            let first = last.add(&last);
            let track = Track::new(vec![Keyframe::new(first), Keyframe::new(last.clone())]).unwrap();
            prop_assert_eq!(sample_stack(last.clone(), [(end, &track)]), last);
        }
    }
}
