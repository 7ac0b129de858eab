//! What begins when another is over: that it waits as long as nobody knows when that is, and what nobody should ask for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use animation::{Playback, Timing, Value};
use media::{Color, ShowTime};
use scene::{
    Animation, Clocked, Id, Kind, Layer, Left, Limits, Moment, Property, Scene, Start, Target,
    Timeline, Verb, WhenOver,
};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn at(ms: f64) -> ShowTime {
    ShowTime::from_ms(ms)
}

fn moment(ms: f64) -> Moment {
    Moment {
        show: at(ms),
        epoch_unix_ns: 0,
    }
}

/// A second of something, so many times.
fn one(name: &str, start: Start, iterations: f64) -> Animation {
    let timing = Timing {
        duration_ms: 1000.0,
        iterations,
        ..Timing::default()
    };
    let values = [(Property::Background, Value::Color(Color::BLACK))];
    Animation {
        start,
        ..Animation::new(id(name), Target::Canvas, timing, &values)
    }
}

fn after(name: &str, other: &str) -> Animation {
    one(name, Start::After(id(other), 0.0), 1.0)
}

fn scene(animations: impl IntoIterator<Item = Animation>) -> Scene {
    let mut scene = Scene::empty(128, 72);
    scene.animations = animations.into_iter().map(Into::into).collect();
    scene
}

fn told(scene: &mut Scene, i: usize, verb: Verb, ms: f64) {
    scene.animations[i].verbs.push(verb);
    scene.settle(moment(ms));
}

fn starts(scene: &Scene) -> Vec<Start> {
    scene.clocked().map(|one| one.start().clone()).collect()
}

fn vain(scene: &Scene) -> Vec<(String, String)> {
    let faults = scene.vain_starts(None).into_iter();
    faults.map(|one| (one.pointer, one.detail)).collect()
}

/// What comes after one that is paused waits until that is over, and so does what comes after that.
#[test]
fn what_follows_the_paused_waits() {
    let mut s = scene([one("a", Start::Now, 1.0)]);
    s.settle(moment(0.0));
    told(&mut s, 0, Verb::Pause, 400.0);
    s.animations.push(after("b", "a").into());
    s.animations.push(after("c", "b").into());
    s.settle(moment(500.0));
    let waits = [
        Start::At(at(0.0)),
        after("b", "a").start,
        after("c", "b").start,
    ];
    assert_eq!(starts(&s), waits);
    assert!(s.holds_back(&id("b")) && s.holds_back(&id("c")) && !s.holds_back(&id("a")));
    assert_eq!(vain(&s), []);
    // Whatever else changes.
    s.settle(moment(9000.0));
    assert_eq!(starts(&s), waits);
    told(&mut s, 0, Verb::Resume, 10_000.0);
    let at_last = [0.0, 10_600.0, 11_600.0].map(|ms| Start::At(at(ms)));
    assert_eq!(starts(&s), at_last);
    // Once it is known it stays: who pauses the first one again holds up nobody.
    told(&mut s, 0, Verb::Pause, 10_100.0);
    assert_eq!(starts(&s), at_last);
}

/// Whom one waits for may go: it begins at once, then, as what follows nobody in a scene that was kept.
#[test]
fn who_waits_for_what_goes_begins_at_once() {
    let marker = Start::Marker("go".into(), None);
    let mut s = scene([one("a", marker, 1.0), after("b", "a"), after("c", "b")]);
    s.settle(moment(100.0));
    assert_eq!(
        starts(&s)[1..],
        [after("b", "a").start, after("c", "b").start]
    );
    s.animations.remove(0);
    s.settle(moment(700.0));
    assert_eq!(starts(&s), [Start::At(at(700.0)), Start::At(at(1700.0))]);
}

/// What waits may be a timeline.
#[test]
fn a_timeline_waits_likewise() {
    let timeline = |name: &str, start: Start| Timeline {
        id: id(name),
        name: None,
        start,
        timing: Timing::default(),
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries: Vec::new(),
        removes: Vec::new(),
        taken: Vec::new(),
    };
    let mut s = scene([one("a", Start::Now, 1.0)]);
    s.timelines = vec![timeline("t", Start::After(id("a"), 250.0)).into()];
    told(&mut s, 0, Verb::Pause, 400.0);
    assert_eq!(starts(&s)[1], Start::After(id("a"), 250.0));
    told(&mut s, 0, Verb::Resume, 1000.0);
    let over = s.over_at(&id("a")).unwrap();
    assert_eq!(starts(&s)[1], Start::At(over.plus_nanos(250_000_000)));
}

/// Nothing of what leaves waits: nobody would wake it, and its transition would never be over.
#[test]
fn what_leaves_waits_for_nobody() {
    let mut s = scene([
        one("a", Start::Marker("go".into(), None), 1.0),
        after("b", "a"),
    ]);
    s.layers
        .push(Layer::bare(id("l"), Kind::Group, None).into());
    let mut moved = after("m", "a");
    moved.target = Target::Layer(id("l"));
    s.animations.push(moved.into());
    s.settle(moment(0.0));
    assert!(Left::layer(&s, &id("l")).unwrap().animations.is_empty());
    let mut passage = scene::Passage {
        id: id("p"),
        layer: None,
        way: scene::Way::Over(Box::new(Left::whole(&s))),
        transition: scene::Transition {
            kind: scene::TransitionKind::Fade,
            duration_ms: 100.0,
            easing: animation::Easing::Linear,
        },
        start: Start::Now,
        playback: None,
        turns: false,
    };
    passage.settle(moment(0.0));
    assert!(passage.is_settled());
    assert_eq!(passage.ends_at(), Some(at(100.0)));
}

/// Each fault once, at the start that can never be; a scene that was kept has them and no fault.
#[test]
fn starts_that_never_can_be_are_named() {
    let held = Animation {
        playback: Some(Playback::from_parts(at(0.0), 5.0, 1.0, true)),
        ..one("held", Start::At(at(0.0)), 1.0)
    };
    let back = Animation {
        playback: Some(Playback::from_parts(at(0.0), 5000.0, -1.0, false)),
        ..one("back", Start::At(at(0.0)), f64::INFINITY)
    };
    let s = scene([
        after("k1", "k2"),
        after("k2", "k3"),
        after("k3", "k1"),
        after("beside", "k2"),
        one("endless", Start::Now, f64::INFINITY),
        after("never", "endless"),
        after("lost", "nobody"),
        held,
        after("fine", "held"),
        back,
        after("also", "back"),
    ]);
    let said = vain(&s);
    let at = |i: usize| format!("/animations/{i}/start/after");
    let pointers: Vec<&str> = said.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, [at(0), at(5), at(6)], "{said:?}");
    assert_eq!(said[0].1, "`k1` would wait for itself, by way of `k2`");
    assert_eq!(
        said[1].1,
        "`endless` never ends, so that nothing can follow it"
    );
    assert!(
        said[2]
            .1
            .starts_with("there is no animation or timeline `nobody`")
    );
    assert_eq!(s.faults(&Limits::default(), &|_| true), []);
    // Only what is new is looked at.
    assert_eq!(s.vain_starts(Some(&s)), []);
    let mut more = s.clone();
    more.animations.push(after("new", "nobody").into());
    assert_eq!(more.vain_starts(Some(&s)).len(), 1);
    // And none of it stands in the way of the show.
    let mut s = s;
    s.settle(moment(0.0));
    assert!(
        s.clocked()
            .all(|one| one.is_settled() || *one.id() == id("fine"))
    );
}

/// What never ends runs back from its midst, and nowhere from its beginning.
#[test]
fn what_never_ends_has_a_way_back_to_its_beginning_alone() {
    let mut s = scene([one("a", Start::Now, f64::INFINITY)]);
    s.settle(moment(1000.0));
    let none = |ms: f64, verbs: &[Verb]| {
        Clocked::Animation(&s.animations[0]).has_no_way_back(verbs, at(ms))
    };
    let back = Verb::Rate(-1.0);
    assert_eq!(none(1000.0, &[Verb::Reverse]), Some(Verb::Reverse));
    assert_eq!(none(500.0, &[back, Verb::Resume]), Some(back));
    assert_eq!(none(3250.0, &[Verb::Reverse]), None);
    assert_eq!(none(3250.0, &[back, Verb::Resume]), None);
    assert_eq!(none(1000.0, &[Verb::Pause]), None);
    told(&mut s, 0, Verb::Reverse, 3250.0);
    let playback = s.animations[0].playback();
    assert_eq!(s.animations[0].ends_at(), Some(at(5500.0)));
    let progress = |ms| playback.sample(&s.animations[0].timing, at(ms)).progress;
    assert_eq!(
        [progress(3250.0), progress(4500.0)],
        [Some(0.25), Some(0.0)]
    );
    // It has come home, and is only let run forwards.
    let none = Clocked::Animation(&s.animations[0]).has_no_way_back(&[Verb::Resume], at(9000.0));
    assert_eq!(none, Some(Verb::Resume));
    assert_eq!(s.animations[0].when_over, WhenOver::Keep);
}
