//! Looks of the watch, without an engine and without a clock.

use super::*;
use animation::{LatePolicy, Timing, Value as Moved};
use proptest::prelude::*;
use scene::{Edit, Property, Resolver, Verb};

const FRAME_NS: i64 = 1_000_000_000 / 30;

fn frame(n: i64) -> ShowTime {
    ShowTime::from_nanos(n * FRAME_NS)
}

fn moment(show: ShowTime) -> Moment {
    Moment {
        show,
        epoch_unix_ns: 0,
    }
}

fn blink(id: &str, start: Start, timing: Timing) -> Animation {
    let white = [(Property::Background, Moved::Color(media::Color::WHITE))];
    Animation {
        start,
        ..Animation::new(Id::new(id).unwrap(), Target::Canvas, timing, &white)
    }
}

/// What the watch does with one look at frame `n`.
fn look(lives: &mut Lives, scene: &mut Scene, turned: &HashMap<Id, Turn>, n: i64) -> Vec<Tale> {
    let due = lives.due(scene, turned, frame(n), [FRAME_NS, 0]);
    if let Some(at) = due.change_at {
        let (after, _) = made(scene, moment(at.max(frame(n))));
        let edit = Edit::between(scene, &after);
        scene.change(edit, moment(frame(n)));
    }
    due.tales
}

fn add(scene: &mut Scene, animation: Animation, n: i64) -> HashMap<Id, Turn> {
    let mut after = scene.clone();
    let id = animation.id.clone();
    let turn = Turn {
        at: frame(n),
        waits: [false, animation.waits()],
    };
    after.animations.push(animation.into());
    let edit = Edit::between(scene, &after);
    scene.change(edit, moment(frame(n)));
    HashMap::from([(id, turn)])
}

/// What a marker sets going tells its life from the frame that shows that, however long ago it was to begin; and nothing before
/// that frame, though it was accepted.
#[test]
fn what_a_late_marker_sets_going_is_told_on_its_frame() {
    let timing = Timing {
        duration_ms: 300.0,
        ..Timing::default()
    };
    let began = |tale: &Tale| (tale.at, tale.mark);
    for (set, wanted) in [
        (
            frame(25),
            vec![(frame(40), Mark::Started), (frame(40), Mark::Finished)],
        ),
        (frame(36), vec![(frame(40), Mark::Started)]),
        (frame(50), vec![]),
    ] {
        let mut scene = Scene::empty(128, 72);
        let mut lives = Lives::new(&scene, ShowTime::ZERO);
        let waiting = blink("m", Start::Marker("cue".into(), None), timing.clone());
        let turned = add(&mut scene, waiting, 20);
        assert_eq!(look(&mut lives, &mut scene, &turned, 20), []);
        let mut after = scene.clone();
        let woken = after.set_marker("cue", Some(set));
        let edit = Edit::between(&scene, &after);
        scene.change(edit, moment(frame(40)));
        assert_eq!(
            look(&mut lives, &mut scene, &HashMap::new(), 39),
            [],
            "it shows later"
        );
        let turned = HashMap::from([(
            woken[0].clone(),
            Turn {
                at: frame(40),
                waits: [true, false],
            },
        )]);
        let tales = look(&mut lives, &mut scene, &turned, 40);
        assert_eq!(tales.iter().map(began).collect::<Vec<_>>(), wanted);
        assert_eq!(look(&mut lives, &mut scene, &HashMap::new(), 41), []);
        let all = wanted.len() + look(&mut lives, &mut scene, &HashMap::new(), 90).len();
        assert_eq!(all, 2, "it began and it ended, once each");
    }
}

/// Days of lower thirds: what has come to its end is nowhere any more.
#[test]
fn a_hundred_thousand_that_are_over_leave_nothing_behind() {
    let mut scene = Scene::empty(128, 72);
    let mut lives = Lives::new(&scene, ShowTime::ZERO);
    let timing = Timing {
        duration_ms: 100.0,
        ..Timing::default()
    };
    let mut most = 0;
    for n in 0..100_000 {
        let mut one = blink(&format!("m{n}"), Start::Now, timing.clone());
        one.when_over = WhenOver::Remove;
        let turned = add(&mut scene, one, n);
        look(&mut lives, &mut scene, &turned, n);
        most = most.max(lives.told.len()).max(scene.animations.len());
    }
    assert!(most <= 5, "{most} at once");
    for n in 100_000..100_010 {
        look(&mut lives, &mut scene, &HashMap::new(), n);
    }
    assert_eq!(scene, Scene::empty(128, 72));
    assert_eq!(lives.told.len(), 0);
    assert!(lives.told.capacity() < 64, "{}", lives.told.capacity());
    assert!(scene.animations.capacity() < 64);
}

proptest! {
    /// However often one looks: its beginning and its end are told once, on their frame, and its iterations in order.
    #[test]
    fn told_once_and_on_its_frame(
        delay_ms in 0.0..300.0_f64, duration_ms in 1.0..400.0_f64, iterations in 1..5_u8,
        start in -20..40_i64, looks in prop::collection::vec(1..9_i64, 90),
    ) {
        let timing = Timing { delay_ms, duration_ms, iterations: f64::from(iterations), ..Timing::default() };
        let mut one = blink("m", Start::At(frame(start)), timing);
        one.plan.late = if start % 2 == 0 { LatePolicy::Shift } else { LatePolicy::CatchUp };
        let mut scene = Scene::empty(128, 72);
        let mut lives = Lives::new(&scene, ShowTime::ZERO);
        let mut turned = add(&mut scene, one, 10);
        let begins = scene.animations[0].playback().anchor().0;
        let (mut n, mut tales) = (10, Vec::new());
        for step in looks {
            tales.extend(look(&mut lives, &mut scene, &std::mem::take(&mut turned), n));
            n += step;
        }
        let cadence = Cadence::new(media::Framerate::new(30, 1).unwrap());
        let told = |mark: Mark| {
            let all = tales.iter().filter(move |tale| tale.mark == mark);
            all.map(|tale| tale.applied(cadence, 0).frame).collect::<Vec<_>>()
        };
        let first = |ms: f64| {
            let at = begins.plus_nanos(ShowTime::from_ms(ms).nanos()).max(frame(10));
            cadence.first_frame_at(at)
        };
        // Nanoseconds are rounded up here and to the nearest there.
        let near = |told: &[i64], wanted: i64| told.len() == 1 && (told[0] - wanted).abs() <= 1;
        prop_assert!(near(&told(Mark::Started), first(delay_ms)), "{:?}", tales);
        let end_ms = delay_ms + duration_ms * f64::from(iterations);
        prop_assert!(near(&told(Mark::Finished), first(end_ms)), "{:?}", tales);
        let numbers: Vec<f64> = tales.iter().filter_map(|tale| match tale.mark {
            Mark::Iteration(number) => Some(number),
            _ => None,
        }).collect();
        prop_assert!(numbers.windows(2).all(|two| (two[1] - two[0] - 1.0).abs() < 1e-9));
        prop_assert!(duration_ms >= 33.0 || numbers.is_empty());
    }

    /// What was written and read is the same at every time to come, with whatever runs, waits or stands still.
    #[test]
    fn what_is_read_again_goes_on_bit_for_bit(
        starts in prop::collection::vec((0..6_u8, 0..500_i64, 10.0..5000.0_f64, any::<bool>()), 1..8),
        at in prop::collection::vec(0..100_000_000_000_i64, 8),
    ) {
        let mut scene = Scene::empty(128, 72);
        for (k, (kind, n, duration_ms, endless)) in starts.into_iter().enumerate() {
            let timing = Timing {
                duration_ms,
                iterations: if endless { f64::INFINITY } else { 2.5 },
                ..Timing::default()
            };
            let start = match kind {
                0 => Start::Marker("go".into(), None),
                1 if k > 0 => Start::After(Id::new("m0").unwrap(), 33.3),
                2 => Start::At(frame(n).plus_nanos(12_345)),
                _ => Start::Now,
            };
            let mut one = blink(&format!("m{k}"), start, timing);
            if kind == 4 {
                one.verbs = vec![Verb::Seek(123.456), Verb::Pause];
            }
            add(&mut scene, one, n);
        }
        let text = wire::write_scene(&scene).to_string();
        let read = wire::scene_as_kept(&wire::read_json(text.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(&read, &scene);
        let (mut was, mut is) = (Resolver::new(&scene), Resolver::new(&read));
        for ns in at {
            was.layers_at(ShowTime::from_nanos(ns));
            is.layers_at(ShowTime::from_nanos(ns));
            prop_assert_eq!(was.background(), is.background());
        }
    }
}
