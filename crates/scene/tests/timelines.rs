//! Timelines: what they show, when they are over, what they leave, and what they may be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]

use animation::{Composite, Direction, Easing, Fill, Playback, Spread, Stagger, Timing, Value};
use media::ShowTime;
use proptest::prelude::*;
use scene::{
    Animation, Clocked, Id, Kind, Layer, Leaf, Limits, Mark, Moment, Nested, Patience, Property,
    Resolver, Scene, Start, StyledKeyframe, Target, Targets, Timeline, TimelineEntry, TimelinePart,
    Until, Verb, WhenOver,
};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn layer(name: &str) -> Layer {
    Layer::bare(id(name), Kind::Group, None)
}

fn lasting(duration_ms: f64) -> Timing {
    Timing {
        duration_ms,
        fill: Fill::Forwards,
        ..Timing::default()
    }
}

/// From 0 to 100 along x.
fn slide(target: &str, timing: Timing) -> Animation {
    let keyframe = |value: f64| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: vec![(Property::X, Value::Number(value))],
    };
    Animation {
        id: id("any"),
        target: Target::Layer(id(target)),
        start: Start::Now,
        timing,
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        plan: scene::Plan::default(),
        composite: Composite::Replace,
        color_space: animation::ColorSpace::default(),
        driver: scene::Driver::default(),
        keyframes: vec![keyframe(0.0), keyframe(100.0)],
    }
}

fn entry(position: &str, part: TimelinePart) -> TimelineEntry {
    let position = if position.is_empty() {
        animation::Position::default()
    } else {
        position.parse().unwrap()
    };
    TimelineEntry { position, part }
}

fn one(position: &str, target: &str, timing: Timing) -> TimelineEntry {
    let leaf = Leaf {
        targets: Targets::One(Target::Layer(id(target))),
        animation: slide(target, timing),
    };
    entry(position, TimelinePart::Leaf(Box::new(leaf)))
}

fn several(position: &str, targets: &[&str], each_ms: f64, timing: Timing) -> TimelineEntry {
    let leaf = Leaf {
        targets: Targets::Several {
            targets: targets
                .iter()
                .map(|name| Some(Target::Layer(id(name))))
                .collect(),
            stagger: Some(Stagger {
                spread: Spread::Each(each_ms),
                from: animation::Origin::Start,
                columns: None,
                easing: Easing::Linear,
            }),
        },
        animation: slide("a", timing),
    };
    entry(position, TimelinePart::Leaf(Box::new(leaf)))
}

fn nested(position: &str, timing: Timing, entries: Vec<TimelineEntry>) -> TimelineEntry {
    entry(position, TimelinePart::Nested(Nested { timing, entries }))
}

fn label(position: &str, name: &str) -> TimelineEntry {
    entry(position, TimelinePart::Label(name.to_owned()))
}

fn pause(position: &str) -> TimelineEntry {
    entry(position, TimelinePart::Pause)
}

fn timeline(name: &str, timing: Timing, entries: Vec<TimelineEntry>) -> Timeline {
    Timeline {
        id: id(name),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing,
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries,
        removes: Vec::new(),
        taken: Vec::new(),
    }
}

fn scene(timelines: Vec<Timeline>) -> Scene {
    let mut scene = Scene::empty(1920, 1080);
    scene.layers = ["a", "b", "c", "d"].map(|name| layer(name).into()).into();
    scene.timelines = timelines.into_iter().map(Into::into).collect();
    scene
}

fn xs_with(resolver: &mut Resolver, ms: f64) -> Vec<f64> {
    let layers = resolver.layers_at(ShowTime::from_ms(ms));
    layers.iter().map(|layer| layer.transform.x_px).collect()
}

fn xs(scene: &Scene, ms: f64) -> Vec<f64> {
    xs_with(&mut Resolver::new(scene), ms)
}

fn pointers(scene: &Scene) -> Vec<String> {
    let faults = scene.faults(&Limits::default(), &|_| true);
    faults.into_iter().map(|fault| fault.pointer).collect()
}

fn moment(ms: f64) -> Moment {
    Moment {
        show: ShowTime::from_ms(ms),
        epoch_unix_ns: 0,
    }
}

/// What is placed by labels and by what stands before runs where it is placed, in its own time and in the one around it.
#[test]
fn children_have_the_time_of_what_they_stand_in() {
    let twice_as_fast = Timing {
        playback_rate: 2.0,
        iterations: 2.0,
        direction: Direction::Alternate,
        ..lasting(0.0)
    };
    let s = scene(vec![timeline(
        "t",
        Timing {
            delay_ms: 1000.0,
            ..lasting(0.0)
        },
        vec![
            label("500", "bid"),
            one("", "a", lasting(100.0)),
            several("bid", &["b", "c"], 50.0, lasting(100.0)),
            nested(
                "bid+=200",
                twice_as_fast,
                vec![one("", "d", lasting(200.0))],
            ),
        ],
    )]);
    assert_eq!(pointers(&s), [""; 0]);
    for (ms, expected) in [
        (0.0, [0.0, 0.0, 0.0, 0.0]),
        (1050.0, [50.0, 0.0, 0.0, 0.0]),
        (1500.0, [100.0, 0.0, 0.0, 0.0]),
        (1525.0, [100.0, 25.0, 0.0, 0.0]),
        (1600.0, [100.0, 100.0, 50.0, 0.0]),
        (1725.0, [100.0, 100.0, 100.0, 25.0]),
        (1800.0, [100.0, 100.0, 100.0, 100.0]),
        (1850.0, [100.0, 100.0, 100.0, 50.0]),
        (1900.0, [100.0, 100.0, 100.0, 0.0]),
        (9000.0, [100.0, 100.0, 100.0, 0.0]),
    ] {
        assert_eq!(xs(&s, ms), expected, "at {ms} ms");
    }
    let layout = s.timelines[0].layout().unwrap();
    assert_eq!((layout.duration_ms, layout.labels["bid"]), (900.0, 500.0));
    assert_eq!(s.timelines[0].label_ms("bid"), Some(1500.0));
    assert_eq!(s.timelines[0].ends_at(), Some(ShowTime::from_ms(1900.0)));
}

/// A timeline that plays to and fro takes everything in it to and fro, at its rate.
#[test]
fn a_timeline_repeats_turns_and_runs_at_its_rate() {
    let timing = Timing {
        iterations: 3.0,
        direction: Direction::Alternate,
        playback_rate: 2.0,
        ..lasting(0.0)
    };
    let both = Timing {
        fill: Fill::Both,
        ..lasting(100.0)
    };
    let entries = vec![one("", "a", both.clone()), one("", "b", both)];
    let s = scene(vec![timeline("t", timing, entries)]);
    for (ms, a, b) in [
        (25.0, 50.0, 0.0),
        (75.0, 100.0, 50.0),
        (125.0, 100.0, 50.0),
        (175.0, 50.0, 0.0),
        (225.0, 50.0, 0.0),
        (300.0, 100.0, 100.0),
        (400.0, 100.0, 100.0),
    ] {
        assert_eq!(xs(&s, ms)[..2], [a, b], "at {ms} ms");
    }
}

/// A timeline that comes home holds what it came home to, and that is what stays when it is gone.
#[test]
fn what_came_home_holds_what_it_began_with() {
    let turned = |direction, fill| Timing {
        iterations: 2.0,
        direction,
        fill,
        ..Timing::default()
    };
    let to_and_fro = turned(Direction::Alternate, Fill::Forwards);
    let plain = |fill| Timing {
        fill,
        ..lasting(100.0)
    };
    let leaf = || one("", "a", lasting(100.0));
    let backwards = |fill| Timing {
        playback_rate: -1.0,
        ..plain(fill)
    };
    for (what, timing, entry, at_its_end) in [
        ("to and fro", to_and_fro.clone(), leaf(), 0.0),
        (
            "with both fills",
            turned(Direction::Alternate, Fill::Both),
            leaf(),
            0.0,
        ),
        (
            "twice backwards",
            turned(Direction::Reverse, Fill::Forwards),
            leaf(),
            0.0,
        ),
        (
            "fro and to",
            turned(Direction::AlternateReverse, Fill::Forwards),
            leaf(),
            100.0,
        ),
        (
            "what lets go",
            to_and_fro.clone(),
            one("", "a", plain(Fill::None)),
            7.0,
        ),
        (
            "what holds its first value",
            to_and_fro.clone(),
            one("", "a", plain(Fill::Both)),
            0.0,
        ),
        (
            "what began later",
            to_and_fro.clone(),
            one("50", "a", lasting(100.0)),
            7.0,
        ),
        (
            "a timeline in it to and fro",
            lasting(0.0),
            nested("50", to_and_fro.clone(), vec![leaf()]),
            0.0,
        ),
        (
            "one that stands at its beginning",
            to_and_fro.clone(),
            nested("", lasting(0.0), vec![leaf()]),
            0.0,
        ),
        (
            "one that is played backwards",
            lasting(0.0),
            nested("", backwards(Fill::Backwards), vec![leaf()]),
            0.0,
        ),
        (
            "an animation that is played backwards",
            lasting(0.0),
            one("", "a", backwards(Fill::Backwards)),
            0.0,
        ),
        (
            "all of it backwards",
            Timing {
                playback_rate: -1.0,
                ..plain(Fill::Backwards)
            },
            leaf(),
            0.0,
        ),
    ] {
        let mut s = scene(vec![timeline("t", timing, vec![entry])]);
        let mut a = layer("a");
        a.transform.x_px = 7.0;
        s.layers[0] = a.into();
        let over = s.timelines[0].ends_at().unwrap();
        let shown = xs(&s, over.as_ms())[0];
        assert_eq!(
            (shown, xs(&s, over.as_ms() + 5000.0)[0]),
            (at_its_end, at_its_end),
            "{what}"
        );
        let just_before = xs(&s, over.as_ms() - 1e-3)[0];
        let lets_go = at_its_end == 7.0;
        assert!(
            lets_go || (just_before - shown).abs() < 0.01,
            "{what} jumps from {just_before}"
        );
        s.end_timeline(&id("t"));
        assert_eq!(xs(&s, 0.0)[0], at_its_end, "{what}, when it is gone");
    }
}

/// As in a browser: what came to an end, either end, stands there however long, and goes on from there at once.
#[test]
fn what_came_to_an_end_long_ago_turns_at_once() {
    let mut moves = slide(
        "a",
        Timing {
            fill: Fill::Both,
            ..lasting(300.0)
        },
    );
    moves.start = Start::At(ShowTime::ZERO);
    let t = timeline(
        "t",
        lasting(0.0),
        vec![one(
            "",
            "b",
            Timing {
                fill: Fill::Both,
                ..lasting(300.0)
            },
        )],
    );
    let mut s = scene(vec![t]);
    s.animations = vec![moves.into()];
    let mut tell = |ms: f64, verbs: &[Verb]| {
        s.animations[0].verbs = verbs.to_vec();
        s.timelines[0].verbs = verbs.to_vec();
        s.settle(moment(ms));
        [s.animations[0].playback(), s.timelines[0].playback()]
            .map(|playback| (playback.anchor().1, playback.rate(), playback.is_paused()))
    };
    for (ms, verbs, local_ms, rate, paused) in [
        (100.0, vec![Verb::Reverse], 100.0, -1.0, false),
        (1600.0, vec![Verb::Reverse], 0.0, 1.0, false),
        (9000.0, vec![Verb::Reverse], 300.0, -1.0, false),
        (
            99_000.0,
            vec![Verb::Rate(1.0), Verb::Resume],
            0.0,
            1.0,
            false,
        ),
        (
            199_000.0,
            vec![Verb::Rate(2.0), Verb::Resume],
            0.0,
            2.0,
            false,
        ),
        (299_000.0, vec![Verb::Pause], 300.0, 2.0, true),
        (399_000.0, vec![Verb::Resume], 0.0, 2.0, false),
        (399_100.0, vec![Verb::Rate(-1.0)], 200.0, -1.0, false),
        (499_000.0, vec![Verb::Resume], 300.0, -1.0, false),
    ] {
        assert_eq!(
            tell(ms, &verbs),
            [(local_ms, rate, paused); 2],
            "at {ms} ms {verbs:?}"
        );
    }
}

/// A timeline waits for a marker as an animation does, and what follows it waits with it.
#[test]
fn a_timeline_waits_for_its_marker() {
    let waiting = |patience: Option<Patience>| Timeline {
        start: Start::Marker("go".into(), patience),
        ..timeline("t", lasting(0.0), vec![one("", "a", lasting(100.0))])
    };
    let mut follower = slide("b", lasting(100.0));
    follower.start = Start::After(id("t"), 0.0);
    let mut s = scene(vec![waiting(None)]);
    s.animations = vec![follower.into()];
    assert_eq!(pointers(&s), [""; 0]);
    s.settle(moment(0.0));
    assert_eq!(
        (s.timelines[0].ends_at(), s.over_at(&id("any"))),
        (None, None)
    );
    assert_eq!(xs(&s, 5000.0)[..2], [0.0, 0.0], "both wait");
    assert!(s.set_marker("stop", None).is_empty());
    assert_eq!(s.set_marker("go", None), [id("t")]);
    s.settle(moment(1000.0));
    assert_eq!(xs(&s, 1050.0)[..2], [50.0, 0.0]);
    assert_eq!(xs(&s, 1150.0)[..2], [100.0, 50.0]);
    // What its leaves hold before they begin is seen while it waits.
    let entrance = Timing {
        fill: Fill::Both,
        ..lasting(100.0)
    };
    let mut s = scene(vec![Timeline {
        start: Start::Marker("go".into(), None),
        ..timeline("t", entrance.clone(), vec![one("", "a", entrance)])
    }]);
    s.layers[0].transform.x_px = 7.0;
    s.settle(moment(0.0));
    assert_eq!(xs(&s, 5000.0)[0], 0.0);
    // Its wait ends at a show time.
    let patience = Patience {
        until: Until::After(300.0),
        then: scene::OnTimeout::Start,
    };
    let mut s = scene(vec![waiting(Some(patience))]);
    s.settle(moment(200.0));
    let waits = s.clocked().next().unwrap();
    assert!(waits.is_settled() && waits.waits());
    assert_eq!(waits.waits_until(), Some(ShowTime::from_ms(500.0)));
    let marks = waits.next_marks(ShowTime::ZERO, 1);
    assert_eq!(
        marks,
        Some((ShowTime::from_ms(500.0), [Some(Mark::TimedOut), None]))
    );
}

/// Nobody reverses what has not begun yet out of its start.
#[test]
fn what_has_not_begun_waits_on() {
    let mut moves = slide("a", lasting(300.0));
    moves.start = Start::At(ShowTime::from_ms(1000.0));
    moves.verbs = vec![Verb::Resume];
    let mut s = scene(Vec::new());
    s.animations = vec![moves.into()];
    s.settle(moment(400.0));
    assert_eq!(xs(&s, 1150.0)[0], 50.0);
}

#[test]
fn leaves_stand_above_animations_and_later_timelines_above_earlier_ones() {
    let mut s = scene(vec![
        timeline("t", lasting(0.0), vec![one("", "a", lasting(100.0))]),
        timeline(
            "u",
            lasting(0.0),
            vec![
                one("50", "a", lasting(100.0)),
                one("120", "a", lasting(100.0)),
            ],
        ),
    ]);
    let mut plain = slide("a", lasting(1000.0));
    plain.start = Start::At(ShowTime::ZERO);
    s.animations = vec![plain.into()];
    for (ms, x) in [(40.0, 40.0), (60.0, 10.0), (130.0, 10.0), (900.0, 100.0)] {
        assert_eq!(xs(&s, ms)[0], x, "at {ms} ms");
    }
}

/// The playhead stands at a point until it is resumed, and is never over before that.
#[test]
fn a_point_to_pause_at_holds_until_it_is_resumed() {
    let mut s = scene(vec![timeline(
        "t",
        lasting(0.0),
        vec![
            one("", "a", lasting(100.0)),
            pause("40"),
            pause("60"),
            pause("0"),
            pause("100"),
        ],
    )]);
    assert_eq!(pointers(&s), [""; 0]);
    assert_eq!((xs(&s, 30.0)[0], xs(&s, 500.0)[0]), (30.0, 40.0));
    assert_eq!(s.timelines[0].ends_at(), None);
    let mut tell = |ms: f64, verbs: &[Verb]| {
        s.timelines[0].verbs = verbs.to_vec();
        s.settle(moment(ms));
        let at = s.timelines[0].clone();
        let now = Resolver::new(&s).layers_at(ShowTime::from_ms(ms))[0]
            .transform
            .x_px;
        (now, at.local_ms(ShowTime::from_ms(ms + 1e6)), at.ends_at())
    };
    // A rate is not a resumption.
    assert_eq!(tell(500.0, &[Verb::Rate(2.0)]), (40.0, 40.0, None));
    assert_eq!(tell(600.0, &[Verb::Resume]), (40.0, 60.0, None));
    // Back from the second to the first, and from there to the beginning.
    assert_eq!(tell(700.0, &[Verb::Reverse]), (60.0, 40.0, None));
    let (_, _, over) = tell(800.0, &[Verb::Resume]);
    assert_eq!(over, Some(ShowTime::from_ms(820.0)));
    assert_eq!(
        tell(900.0, &[Verb::Rate(1.0), Verb::Seek(50.0)]),
        (50.0, 60.0, None)
    );
    let (_, _, over) = tell(1000.0, &[Verb::Resume]);
    assert_eq!(over, Some(ShowTime::from_ms(1040.0)));
    assert_eq!(tell(1100.0, &[Verb::Finish]).0, 100.0);
}

/// What was seen last is what the layers have when the timeline is gone, and what came with it goes.
#[test]
fn what_is_held_at_the_end_stays_and_what_came_with_it_goes() {
    let forgets = Timing {
        fill: Fill::None,
        ..lasting(100.0)
    };
    let mut s = scene(vec![Timeline {
        removes: vec![id("d")],
        ..timeline(
            "t",
            lasting(0.0),
            vec![
                one("", "a", lasting(100.0)),
                one("", "b", forgets),
                one("", "c", lasting(100.0)),
                one(
                    "<50",
                    "c",
                    Timing {
                        direction: Direction::Reverse,
                        ..lasting(20.0)
                    },
                ),
            ],
        )
    }]);
    let before = xs(&s, 1e6);
    s.end_timeline(&id("t"));
    assert!(s.timelines.is_empty());
    assert_eq!(s.layers.len(), 3);
    assert_eq!(xs(&s, 0.0), before[..3]);
    assert_eq!(before[..3], [100.0, 0.0, 0.0]);
}

#[test]
fn a_layer_that_goes_leaves_the_times_of_the_others() {
    let mut s = scene(vec![
        timeline(
            "t",
            lasting(0.0),
            vec![
                one("", "a", lasting(100.0)),
                several("", &["b", "c", "d"], 100.0, lasting(100.0)),
            ],
        ),
        timeline("u", lasting(0.0), vec![one("", "c", lasting(100.0))]),
    ]);
    let before = xs(&s, 350.0);
    s.remove_layer(&id("c"));
    s.remove_layer(&id("a"));
    assert_eq!(xs(&s, 350.0), [before[1], before[3]]);
    assert_eq!(
        s.timelines.len(),
        1,
        "nothing is left for the other one to move"
    );
    assert_eq!(pointers(&s), [""; 0]);
}

/// An animation may follow a timeline and the other way round; their ids are one namespace.
#[test]
fn starts_follow_what_has_a_clock() {
    let after = |name: &str| Start::After(id(name), 10.0);
    let mut s = scene(vec![
        Timeline {
            start: after("m"),
            ..timeline("t", lasting(0.0), vec![one("", "a", lasting(100.0))])
        },
        Timeline {
            start: Start::Now,
            ..timeline("u", lasting(0.0), vec![one("", "b", lasting(50.0))])
        },
    ]);
    let follows = Animation {
        id: id("m"),
        start: after("u"),
        ..slide("c", lasting(20.0))
    };
    s.animations = vec![follows.into()];
    assert_eq!(pointers(&s), [""; 0]);
    s.settle(moment(1000.0));
    let starts: Vec<Start> = s.clocked().map(|one| one.start().clone()).collect();
    let at = |ms| Start::At(ShowTime::from_ms(ms));
    assert_eq!(starts, [at(1060.0), at(1090.0), at(1000.0)]);
    assert!(s.clocked().all(Clocked::is_settled));
    s.animations[0].id = id("t");
    assert_eq!(pointers(&s), ["/timelines/0/id"]);
}

#[test]
fn every_fault_is_named_by_its_place() {
    let t = |entries: Vec<TimelineEntry>| vec![timeline("t", lasting(0.0), entries)];
    let with = |timing: Timing, entries: Vec<TimelineEntry>| vec![timeline("t", timing, entries)];
    let endless = || {
        one(
            "",
            "a",
            Timing {
                iterations: f64::INFINITY,
                ..lasting(10.0)
            },
        )
    };
    let deep = |depth: usize| {
        let mut entries = vec![one("", "a", lasting(1.0))];
        for _ in 1..depth {
            entries = vec![nested("", lasting(0.0), entries)];
        }
        entries
    };
    let cases: Vec<(Vec<Timeline>, &[&str])> = vec![
        (
            t(vec![one("nowhere", "a", lasting(1.0))]),
            &["/timelines/0/entries/0/position"],
        ),
        (
            t(vec![
                one("<-50", "a", lasting(1.0)),
                pause("x"),
                label("-=5", "y"),
            ]),
            &[
                "/timelines/0/entries/0/position",
                "/timelines/0/entries/1/position",
                "/timelines/0/entries/2/position",
            ],
        ),
        (t(vec![endless()]), &[]),
        (
            t(vec![endless(), one("", "b", lasting(1.0))]),
            &["/timelines/0/entries/1/position"],
        ),
        (
            with(
                Timing {
                    iterations: 2.0,
                    direction: Direction::Alternate,
                    playback_rate: -1.0,
                    ..lasting(0.0)
                },
                vec![endless()],
            ),
            &[
                "/timelines/0/timing/iterations",
                "/timelines/0/timing/direction",
                "/timelines/0/timing/playback_rate",
            ],
        ),
        (
            t(vec![nested(
                "",
                Timing {
                    easing: Easing::EASE_IN,
                    ..lasting(0.0)
                },
                vec![endless()],
            )]),
            &["/timelines/0/entries/0/timeline/timing/easing"],
        ),
        (
            with(
                Timing {
                    iterations: 3.0,
                    ..lasting(0.0)
                },
                vec![
                    one("", "a", lasting(9.0)),
                    pause("5"),
                    nested("", lasting(0.0), vec![pause("0")]),
                ],
            ),
            &[
                "/timelines/0/entries/2/timeline/entries/0/pause",
                "/timelines/0/timing/iterations",
            ],
        ),
        (
            t(vec![label("1", "x"), label("2", "x")]),
            &["/timelines/0/entries/1/label"],
        ),
        (
            t(vec![one("", "nobody", lasting(1.0))]),
            &["/timelines/0/entries/0/animation/target"],
        ),
        (
            t(vec![several(
                "",
                &["a", "nobody", "a"],
                -1.0,
                lasting(f64::NAN),
            )]),
            &[
                "/timelines/0/entries/0/animation/timing/duration_ms",
                "/timelines/0/entries/0/animation/targets/1",
                "/timelines/0/entries/0/animation/targets/2",
                "/timelines/0/entries/0/animation/stagger/each_ms",
            ],
        ),
        (t(deep(16)), &[]),
        (
            vec![Timeline {
                removes: vec![id("a"), id("x"), id("a")],
                ..timeline("t", lasting(0.0), Vec::new())
            }],
            &["/timelines/0/removes/1", "/timelines/0/removes/2"],
        ),
        (
            vec![
                timeline("t", lasting(0.0), Vec::new()),
                timeline("t", lasting(0.0), Vec::new()),
            ],
            &["/timelines/1/id"],
        ),
        (
            t(vec![several("", &["a"; 1001], 1.0, lasting(1.0))]),
            &["/timelines/0/entries"],
        ),
        (t(vec![pause("1"); 2001]), &["/timelines/0/entries"]),
        (
            vec![timeline("t", lasting(0.0), Vec::new()); 101],
            &["/timelines"],
        ),
        (
            t(vec![one("1e300", "a", lasting(1.0))]),
            &["/timelines/0/entries/0/position"],
        ),
    ];
    for (timelines, expected) in cases {
        let s = scene(timelines);
        assert_eq!(pointers(&s), *expected);
        // Whatever it is, it can be resolved, settled and ended without a panic.
        let _ = xs(&s, 5.0);
        let mut s = s;
        s.settle(moment(5.0));
        s.end_timeline(&id("t"));
    }
    let s = scene(t(deep(10_000)));
    let deepest = pointers(&s);
    assert_eq!(deepest.len(), 1);
    assert_eq!(deepest[0].matches("/timeline/").count(), 15);
    assert_eq!(xs(&s, 5.0)[0], 0.0);
}

prop_compose! {
    fn any_timing(with_duration: bool)(
        duration in 0.0..500.0, delay in -100.0..300.0, end_delay in -50.0..100.0,
        iterations in prop::sample::select(vec![0.0, 0.5, 1.0, 2.0, 3.25]),
        iteration_start in prop::sample::select(vec![0.0, 0.5, 1.25]),
        rate in prop::sample::select(vec![-2.0, -1.0, 0.5, 1.0, 3.0]),
        direction in prop::sample::select(vec![Direction::Normal, Direction::Reverse, Direction::Alternate, Direction::AlternateReverse]),
        fill in prop::sample::select(vec![Fill::None, Fill::Forwards, Fill::Backwards, Fill::Both]),
        easing in prop::sample::select(vec!["linear", "ease", "back-in-out", "steps(3, jump-start)"]),
    ) -> Timing {
        Timing {
            delay_ms: delay,
            end_delay_ms: end_delay,
            duration_ms: if with_duration { duration } else { 0.0 },
            iterations,
            iteration_start,
            direction,
            fill,
            easing: easing.parse().unwrap(),
            playback_rate: rate,
        }
    }
}

fn any_entries() -> impl Strategy<Value = Vec<TimelineEntry>> {
    let position = || prop::sample::select(vec!["", "0", "120", "<", ">", "<25%", "+=40", "<10"]);
    let names = prop::sample::subsequence(vec!["a", "b", "c", "d"], 1..4);
    let leaf = (position(), names, 0.0..90.0, any_timing(true)).prop_map(
        |(position, names, each_ms, timing)| {
            if names.len() == 1 {
                one(position, names[0], timing)
            } else {
                several(position, &names, each_ms, timing)
            }
        },
    );
    let leaf = leaf.boxed();
    let inner = prop::collection::vec(leaf.clone(), 0..3);
    let group = (position(), any_timing(false), inner)
        .prop_map(|(position, timing, entries)| nested(position, timing, entries));
    prop::collection::vec(prop_oneof![3 => leaf, 1 => group], 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is on screen depends on the time alone, forwards, backwards and to and fro, and is finite.
    #[test]
    fn scrubbing_backwards_equals_forwards(timing in any_timing(false), entries in any_entries(), times in prop::collection::vec(-500.0..4000.0, 1..12)) {
        let s = scene(vec![timeline("t", timing, entries)]);
        prop_assume!(pointers(&s).is_empty());
        let mut warm = Resolver::new(&s);
        let there: Vec<_> = times.iter().map(|ms| xs_with(&mut warm, *ms)).collect();
        let mut back: Vec<_> = times.iter().rev().map(|ms| xs_with(&mut warm, *ms)).collect();
        back.reverse();
        prop_assert_eq!(&there, &back);
        for (ms, values) in times.iter().zip(&there) {
            prop_assert_eq!(values, &xs(&s, *ms));
            prop_assert!(values.iter().all(|x| x.is_finite()));
        }
    }

    /// A timeline that is over is taken out without a change of the picture, to the bit.
    #[test]
    fn taking_it_out_changes_nothing(timing in any_timing(false), entries in any_entries()) {
        let mut s = scene(vec![timeline("t", timing, entries)]);
        prop_assume!(pointers(&s).is_empty());
        if s.timelines[0].ends_at().is_none() {
            return Err(TestCaseError::reject("never over"));
        }
        // A show time is whole nanoseconds, and the end need not be.
        let rate = s.timelines[0].playback().rate();
        let [first_ms, last_ms] = s.timelines[0].laid_timing().active_span_ms();
        let over_ms = if rate < 0.0 { first_ms } else { last_ms };
        s.timelines[0].playback = Some(Playback::from_parts(ShowTime::ZERO, over_ms, rate, true));
        let held = xs(&s, 0.0);
        s.end_timeline(&id("t"));
        prop_assert_eq!(held, xs(&s, 0.0));
    }

    /// Where nothing else is said, the end holds the last keyframe exactly, whatever the lengths.
    #[test]
    fn ends_are_exact(lengths in prop::collection::vec(0.01..700.0, 1..6), iterations in 1..4u8) {
        let entries = lengths.iter().zip(["a", "b", "c", "d", "a"]).map(|(ms, name)| one("", name, lasting(*ms)));
        let timing = Timing { iterations: f64::from(iterations), ..lasting(0.0) };
        let s = scene(vec![timeline("t", timing, entries.collect())]);
        let end = s.timelines[0].ends_at().unwrap();
        let layers = Resolver::new(&s).layers_at(end).to_vec();
        for layer in &layers[..lengths.len().min(4)] {
            prop_assert_eq!(layer.transform.x_px, 100.0);
        }
    }

    /// Verbs at any times leave a timeline that can be read at any time, and never jump.
    #[test]
    fn verbs_do_not_jump(steps in prop::collection::vec((0..5u8, 1.0..300.0), 1..10)) {
        let mut s = scene(vec![timeline("t", lasting(0.0), vec![one("", "a", lasting(400.0)), pause("100"), pause("250")])]);
        let mut now = 0.0;
        for (verb, after) in steps {
            now += after;
            let verb = match verb {
                0 => Verb::Pause,
                1 => Verb::Rate(0.5),
                2 => Verb::Rate(-1.5),
                3 => Verb::Rate(2.0),
                _ => Verb::Rate(0.0),
            };
            let before = s.timelines[0].local_ms(ShowTime::from_ms(now));
            s.timelines[0].verbs = vec![verb];
            s.settle(moment(now));
            // Where it came to its end it has stood since.
            prop_assert_eq!(s.timelines[0].local_ms(ShowTime::from_ms(now)), before.clamp(0.0, 400.0));
        }
    }
}

/// Nothing about times that cannot be is remembered from playback either.
#[test]
fn a_playback_beyond_all_reason_shows_the_end() {
    let mut s = scene(vec![timeline(
        "t",
        Timing {
            iterations: 1e9,
            ..lasting(0.0)
        },
        vec![one("", "a", lasting(0.1))],
    )]);
    for (local_ms, x) in [(1e18, 100.0), (-1e18, 0.0), (f64::INFINITY, 100.0)] {
        s.timelines[0].playback = Some(Playback::from_parts(ShowTime::ZERO, local_ms, 1.0, true));
        assert_eq!(xs(&s, 1e9)[0], x, "{local_ms}");
    }
}

/// A moment of decades ago is a document's number, or a noise would go on from another place after a restart.
#[test]
fn a_start_at_a_wall_clock_time_is_one_that_a_document_can_have() {
    let epoch = Moment {
        show: ShowTime::ZERO,
        epoch_unix_ns: 1_790_000_000_123_456_789,
    };
    for unix_ns in [-1_903_783_432_635_734_339, 0, 1_790_000_000_987_654_321] {
        let at = Start::Wall(unix_ns).settled(epoch, &|_| None);
        assert_eq!(ShowTime::from_ms(at.as_ms()), at);
        let exact = unix_ns - epoch.epoch_unix_ns;
        assert!((at.nanos() - exact).abs() < 1000, "{unix_ns}");
    }
}
