//! Animations that begin at what is on screen, against the closed forms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use animation::{Composite, Easing, Hermite, Keyframe, Motion, Spring, Timing, Track, Value};
use media::ShowTime;
use proptest::prelude::*;
use scene::{
    Animation, Course, Edit, GlideRequest, Id, Kind, Layer, Mark, Moment, Patience, Property,
    Resolver, ResumePolicy, Scene, Start, Target, Until, WhenOver,
};

fn id(name: &str) -> Id {
    Id::new(name).unwrap()
}

fn layer() -> Layer {
    Layer::bare(id("a"), Kind::Group, None)
}

fn scene() -> Scene {
    let mut scene = Scene::empty(640, 360);
    scene.layers.push(layer().into());
    scene
}

/// At which frame of 60 a second.
fn frame(n: i64) -> ShowTime {
    ShowTime::from_nanos(n * 1_000_000_000 / 60)
}

fn moment(show: ShowTime) -> Moment {
    Moment {
        show,
        epoch_unix_ns: 0,
    }
}

fn way(course: Course, duration_ms: f64) -> GlideRequest {
    GlideRequest {
        course,
        duration_ms,
        delay_ms: 0.0,
        easing: Easing::Linear,
    }
}

/// What a write to the layer does with the frame at `at`.
fn write(scene: &mut Scene, n: &str, at: ShowTime, how: &GlideRequest, change: fn(&mut Layer)) {
    let mut after = scene.clone();
    change(&mut after.layers[0]);
    after.glide(id(n), &scene.layers[0], &|_| false, &[], how);
    let edit = Edit::between(scene, &after);
    scene.change(edit, moment(at));
}

fn add(scene: &mut Scene, at: ShowTime, animation: Animation) {
    let mut after = scene.clone();
    after.animations.push(animation.into());
    let edit = Edit::between(scene, &after);
    scene.change(edit, moment(at));
}

fn x_at(scene: &Scene, at: ShowTime) -> f64 {
    Resolver::new(scene).layers_at(at)[0].transform.x_px
}

/// What a glide finds is written, and must be within what a document may say.
#[test]
fn a_glide_from_beyond_all_reason_is_within_what_a_document_may_say() {
    for course in [Course::Smooth, Course::Spring(bouncy()), Course::Tween] {
        let mut scene = scene();
        let far = |value: f64| Value::Number(value);
        let timing = Timing {
            duration_ms: 1000.0,
            easing: "linear(0, 1000000 50%, 1)".parse().unwrap(),
            ..Timing::default()
        };
        let mut wild = Animation::new(
            id("wild"),
            Target::Layer(id("a")),
            timing,
            &[(Property::X, far(-1e15))],
        );
        let mut end = wild.keyframes[0].clone();
        (end.offset, end.values) = (Some(1.0), vec![(Property::X, far(1e15))]);
        wild.keyframes.push(end);
        wild.composite = Composite::Add;
        add(&mut scene, frame(0), wild);
        write(&mut scene, "g", frame(20), &way(course, 500.0), |layer| {
            layer.transform.x_px = 5.0;
        });
        let faults = scene.faults(&scene::Limits::default(), &|_| true);
        assert!(faults.is_empty(), "{course:?}: {faults:?}");
    }
}

fn bouncy() -> Spring {
    Spring::with_bounce(500.0, 0.4).unwrap()
}

const REST: Motion = Motion {
    value: 0.0,
    velocity: 0.0,
};

fn near(is: f64, wanted: f64) {
    assert!(
        (is - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
        "{is} is not {wanted}"
    );
}

#[test]
fn a_spring_that_is_over_lies_still() {
    let mut scene = scene();
    let spring = way(Course::Spring(bouncy()), 0.0);
    write(&mut scene, "there", frame(10), &spring, |layer| {
        layer.transform.x_px = 300.0;
    });
    let mut held = Animation::clone(&scene.animations[0]);
    held.timing.fill = animation::Fill::Forwards;
    scene.animations[0] = held.into();
    let over = scene.animations[0].ends_at().unwrap();
    let later = over.plus_nanos(12_345_678);
    assert_eq!(x_at(&scene, over).to_bits(), x_at(&scene, later).to_bits());
}

#[test]
fn a_spring_that_is_sent_back_goes_on_as_fast_as_it_went() {
    let mut scene = scene();
    let spring = way(Course::Spring(bouncy()), 0.0);
    let (began, turned) = (frame(10), frame(19));
    write(&mut scene, "there", began, &spring, |layer| {
        layer.transform.x_px = 300.0;
    });
    assert_eq!(
        scene.layers[0].transform.x_px.to_bits(),
        300.0_f64.to_bits()
    );
    let ms = |at: ShowTime, since: ShowTime| at.since(since) as f64 / 1e6;
    for n in 10..19 {
        near(
            x_at(&scene, frame(n)),
            bouncy().at(REST, 300.0, ms(frame(n), began)).value,
        );
    }
    let on_its_way = bouncy().at(REST, 300.0, ms(turned, began));
    write(&mut scene, "back", turned, &spring, |layer| {
        layer.transform.x_px = -50.0;
    });
    assert_eq!(
        scene.animations.len(),
        1,
        "the first has let go of all it moved"
    );
    let retarget = scene.animations[0].plan.retarget.clone().unwrap();
    assert_eq!(
        retarget.velocities,
        Some(vec![(Property::X, [on_its_way.velocity, 0.0])])
    );
    for n in 19..60 {
        near(
            x_at(&scene, frame(n)),
            bouncy().at(on_its_way, -50.0, ms(frame(n), turned)).value,
        );
    }
    let over = scene.over_at(&id("back")).unwrap();
    assert!((x_at(&scene, over.plus_nanos(-1)) + 50.0).abs() < 0.1);
    scene.end_animation(&id("back"));
    near(x_at(&scene, over), -50.0);
}

#[test]
fn a_smooth_one_takes_over_the_speed_of_a_tween() {
    let mut scene = scene();
    write(
        &mut scene,
        "there",
        frame(0),
        &way(Course::Tween, 1000.0),
        |layer| {
            layer.transform.x_px = 600.0;
        },
    );
    let turned = frame(30);
    write(
        &mut scene,
        "back",
        turned,
        &way(Course::Smooth, 400.0),
        |layer| {
            layer.transform.x_px = 0.0;
        },
    );
    let curve = Hermite {
        from: Motion {
            value: 300.0,
            velocity: 600.0,
        },
        to: 0.0,
        duration_ms: 400.0,
    };
    for n in 30..54 {
        let wanted = curve.at(frame(n).since(turned) as f64 / 1e6).value;
        assert!((x_at(&scene, frame(n)) - wanted).abs() < 1e-6);
    }
}

#[test]
fn another_property_leaves_the_first_alone() {
    let mut scene = scene();
    let tween = way(Course::Tween, 1000.0);
    write(&mut scene, "x", frame(0), &tween, |layer| {
        layer.transform.x_px = 600.0;
    });
    write(&mut scene, "o", frame(30), &tween, |layer| {
        layer.opacity = 0.0;
    });
    assert_eq!(scene.animations.len(), 2);
    near(x_at(&scene, frame(45)), 450.0);
    write(&mut scene, "both", frame(45), &tween, |layer| {
        layer.transform.x_px = 0.0;
        layer.opacity = 1.0;
    });
    assert_eq!(scene.animations.len(), 1);
    let layers = Resolver::new(&scene).layers_at(frame(45)).to_vec();
    near(layers[0].transform.x_px, 450.0);
    near(layers[0].opacity, 0.75);
}

#[test]
fn what_adds_to_a_property_goes_on_above() {
    let mut scene = scene();
    let timing = Timing {
        duration_ms: 700.0,
        iterations: f64::INFINITY,
        ..Timing::default()
    };
    let mut bob = Animation::new(id("bob"), Target::Layer(id("a")), timing, &[]);
    bob.composite = Composite::Add;
    let at = |offset, x| scene::StyledKeyframe {
        offset,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: vec![(Property::X, Value::Number(x))],
    };
    bob.keyframes = vec![at(None, -10.0), at(None, 10.0)];
    add(&mut scene, frame(0), bob);
    let turned = frame(20);
    let before = x_at(&scene, turned.plus_nanos(-1000));
    write(
        &mut scene,
        "there",
        turned,
        &way(Course::Spring(bouncy()), 0.0),
        |layer| {
            layer.transform.x_px = 200.0;
        },
    );
    let ids: Vec<&str> = scene.animations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["there", "bob"]);
    assert!((x_at(&scene, turned) - before).abs() < 1e-3);
    let track = Track::new(
        [-10.0, 10.0]
            .map(|x| Keyframe::new(Value::Number(x)))
            .to_vec(),
    )
    .unwrap();
    for n in [21, 25, 40] {
        let bob = track.sample((frame(n).as_ms() / 700.0).fract(), &Value::Number(0.0));
        let Value::Number(bob) = bob else { panic!() };
        let spring = bouncy().at(REST, 200.0, frame(n).since(turned) as f64 / 1e6);
        assert!((x_at(&scene, frame(n)) - bob - spring.value).abs() < 1e-4);
    }
}

#[test]
fn what_moves_as_a_pair_is_taken_over_too() {
    let mut scene = scene();
    let timing = Timing {
        duration_ms: 1000.0,
        ..Timing::default()
    };
    let mut pair = Animation::new(id("pair"), Target::Layer(id("a")), timing, &[]);
    let at = |offset, x| scene::StyledKeyframe {
        offset,
        easing: Easing::Linear,
        composite: None,
        values: vec![(Property::Position, Value::Vec2([x, 0.0]))],
        tangents: animation::Tangents::default(),
    };
    pair.keyframes = vec![at(None, 0.0), at(None, 600.0)];
    add(&mut scene, frame(0), pair);
    let turned = frame(30);
    let smooth = way(Course::Smooth, 400.0);
    write(&mut scene, "back", turned, &smooth, |layer| {
        layer.transform.x_px = 50.0;
    });
    near(x_at(&scene, turned), 300.0);
    let goes = (x_at(&scene, turned.plus_nanos(1000)) - 300.0) / 1e-6;
    assert!((goes - 600.0).abs() < 1.0, "{goes} px/s");
}

#[test]
fn a_delay_holds_what_is_on_screen() {
    let mut scene = scene();
    let mut tween = way(Course::Tween, 1000.0);
    write(&mut scene, "there", frame(0), &tween, |layer| {
        layer.transform.x_px = 600.0;
    });
    tween.delay_ms = 500.0;
    write(&mut scene, "back", frame(30), &tween, |layer| {
        layer.transform.x_px = 0.0;
    });
    near(x_at(&scene, frame(59)), 300.0);
    near(x_at(&scene, frame(90)), 150.0);
}

proptest! {
    /// Whatever is interrupted by whatever, nothing jumps; with a spring or a smooth curve no velocity does either.
    #[test]
    fn nothing_jumps(
        turns in prop::collection::vec((0..3_u8, -500.0..500.0_f64, 3..90_i64), 1..6),
        stiffness in 10.0..500.0_f64, damping in 1.0..40.0_f64,
    ) {
        let spring = Spring::new(1.0, stiffness, damping).unwrap();
        let mut scene = scene();
        let mut now = 0;
        for (k, (course, x, frames)) in turns.into_iter().enumerate() {
            now += frames;
            let at = frame(now);
            let beside = |scene: &Scene, ns: i64| x_at(scene, at.plus_nanos(ns));
            let (before, is) = (beside(&scene, -1), beside(&scene, 0));
            let was = (is - beside(&scene, -1000)) / 1e-6;
            let course = match course { 0 => Course::Tween, 1 => Course::Smooth, _ => Course::Spring(spring) };
            let mut after = scene.clone();
            after.layers[0].transform.x_px = x;
            after.glide(id(&format!("r{k}")), &scene.layers[0], &|_| false, &[], &way(course, 300.0));
            let edit = Edit::between(&scene, &after);
            // An animation that is over was taken out on its frame.
            let over = scene.animations.iter().filter(|one| one.ends_at() <= Some(at));
            let over: Vec<Id> = over.map(|one| one.id.clone()).collect();
            for id in &over {
                scene.end_animation(id);
            }
            scene.change(edit, moment(at));
            prop_assert!((beside(&scene, 0) - is).abs() < 1e-6, "{} to {}", before, beside(&scene, 0));
            let goes = (beside(&scene, 1000) - beside(&scene, 0)) / 1e-6;
            let speed = was.abs().max(1.0);
            if course != Course::Tween && k > 0 && over.is_empty() {
                prop_assert!((goes - was).abs() < 0.05 * speed + 20.0, "{} px/s became {}", was, goes);
            }
        }
    }
}

fn waiting(name: &str, start: Start) -> Animation {
    let timing = Timing {
        duration_ms: 1000.0,
        ..Timing::default()
    };
    Animation {
        start,
        ..Animation::new(
            id(name),
            Target::Layer(id("a")),
            timing,
            &[(Property::X, Value::Number(100.0))],
        )
    }
}

#[test]
fn what_waits_shows_nothing_until_its_marker_is_set() {
    let mut scene = scene();
    let patience = Patience {
        until: Until::After(500.0),
        then: scene::OnTimeout::Start,
    };
    add(
        &mut scene,
        frame(6),
        waiting("m", Start::Marker("go".into(), Some(patience))),
    );
    add(
        &mut scene,
        frame(6),
        waiting("n", Start::After(id("m"), 0.0)),
    );
    near(x_at(&scene, frame(7)), 0.0);
    assert_eq!(scene.over_at(&id("m")), None);
    let until = frame(6).plus_nanos(500_000_000);
    assert_eq!(
        scene.animations[0].next_marks(ShowTime::ZERO, 0),
        Some((until, [Some(Mark::TimedOut), None]))
    );
    let mut after = scene.clone();
    assert_eq!(after.set_marker("stop", None), []);
    assert_eq!(after.set_marker("go", None), [id("m")]);
    let edit = Edit::between(&scene, &after);
    scene.change(edit, moment(frame(12)));
    near(x_at(&scene, frame(12)), 100.0);
    assert_eq!(
        scene.animations[1].start,
        Start::At(frame(12).plus_nanos(1_000_000_000))
    );
    assert_eq!(
        scene.set_marker("go", None),
        [],
        "it wakes nobody who comes later"
    );
}

#[test]
fn who_comes_late_catches_up_is_shifted_or_dropped() {
    use animation::LatePolicy::{CatchUp, Drop, Shift};
    let late = |policy| {
        let mut scene = scene();
        let mut late = waiting("m", Start::At(frame(0)));
        late.plan.late = policy;
        add(&mut scene, frame(30), late);
        // What was settled once is not looked at again.
        add(&mut scene, frame(60), waiting("later", Start::Now));
        scene
            .animations
            .iter()
            .find(|one| one.id.as_str() == "m")
            .map(|one| one.start.clone())
    };
    assert_eq!(late(CatchUp), Some(Start::At(frame(0))));
    assert_eq!(late(Shift), Some(Start::At(frame(30))));
    assert_eq!(late(Drop), None);
}

#[test]
fn a_restart_goes_on_begins_anew_or_drops() {
    let mut scene = scene();
    for (name, resume) in [
        ("goes", ResumePolicy::Continue),
        ("anew", ResumePolicy::Restart),
        ("gone", ResumePolicy::Drop),
    ] {
        let mut one = waiting(name, Start::Now);
        one.when_over = WhenOver::Remove;
        one.plan.resume = resume;
        add(&mut scene, frame(0), one);
    }
    assert!(scene.resume_at(frame(30)));
    scene.settle(moment(frame(30)));
    let starts = scene
        .animations
        .iter()
        .map(|one| (one.id.as_str(), one.start.clone()));
    assert_eq!(
        starts.collect::<Vec<_>>(),
        [
            ("goes", Start::At(frame(0))),
            ("anew", Start::At(frame(30)))
        ]
    );
    // Both are over: neither begins again.
    assert!(!scene.resume_at(frame(600)));
}

/// What is written without a glide while one is under way shows when that ends: until then all is as it was, whatever the course.
#[test]
fn a_plain_write_shows_when_the_glide_ends() {
    for course in [Course::Smooth, Course::Spring(bouncy()), Course::Tween] {
        let mut plain = scene();
        write(&mut plain, "r", frame(1), &way(course, 800.0), |layer| {
            layer.transform.x_px = 300.0;
        });
        let mut written = plain.clone();
        for (at, x_px) in [(frame(12), 50.0), (frame(20), 80.0)] {
            let mut after = written.clone();
            after.layers[0].transform.x_px = x_px;
            after.keep_goals(&written.layers[0]);
            let edit = Edit::between(&written, &after);
            written.change(edit, moment(at));
        }
        let over = plain.animations[0].ends_at().unwrap();
        for n in 1.. {
            if frame(n) >= over {
                break;
            }
            let [is, was] = [&written, &plain].map(|scene| x_at(scene, frame(n)));
            assert_eq!(is.to_bits(), was.to_bits(), "{course:?}, frame {n}");
        }
        assert_eq!(written.animations[0].ends_at(), Some(over), "{course:?}");
        assert_eq!(x_at(&written, over).to_bits(), 80.0_f64.to_bits());
        // A glide after that goes on from what is on screen.
        let from = x_at(&plain, frame(25));
        write(&mut written, "s", frame(25), &way(course, 800.0), |layer| {
            layer.transform.x_px = 10.0;
        });
        assert!(
            (x_at(&written, frame(25)) - from).abs() < 1e-9,
            "{course:?}"
        );
        assert_eq!(written.animations.len(), 1);
    }
}
