//! Writes to what timelines move: what goes on, what is taken, and that nothing jumps.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use animation::{Composite, Direction, Easing, Fill, Spring, Tangents, Timing, Value};
use media::ShowTime;
use proptest::prelude::*;
use scene::{
    Animation, Course, Driver, Edit, Expression, Formula, GlideRequest, Id, Kind, Layer, Leaf,
    Limits, Moment, Nested, PathDriver, Property, Resolver, Rotate, Scene, Start, StyledKeyframe,
    Taken, Target, Targets, Timeline, TimelineEntry, TimelinePart, Verb, WhenOver,
};

fn id(name: &str) -> Id {
    Id::new(name).unwrap()
}

fn ms(ms: f64) -> ShowTime {
    ShowTime::from_ms(ms)
}

fn moment(at: ShowTime) -> Moment {
    Moment {
        show: at,
        epoch_unix_ns: 0,
    }
}

fn keyframe(values: &[(Property, Value)]) -> StyledKeyframe {
    StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: Tangents::default(),
        values: values.to_vec(),
    }
}

/// A leaf of a second that moves layer `a`.
fn leaf(change: impl FnOnce(&mut Animation)) -> Leaf {
    let timing = Timing {
        duration_ms: 1000.0,
        fill: Fill::Both,
        ..Timing::default()
    };
    let mut animation = Animation::new(id("leaf"), Target::Layer(id("a")), timing, &[]);
    animation.keyframes = Vec::new();
    change(&mut animation);
    Leaf {
        targets: Targets::One(Target::Layer(id("a"))),
        animation,
    }
}

/// From 0 to 600 px to the right, and from opaque to half of that.
fn across() -> Leaf {
    leaf(|one| {
        let at = |x, opacity| {
            keyframe(&[
                (Property::X, Value::Number(x)),
                (Property::Opacity, Value::Number(opacity)),
            ])
        };
        one.keyframes = vec![at(0.0, 1.0), at(600.0, 0.5)];
    })
}

fn timeline(leaves: Vec<Leaf>) -> Timeline {
    let entry = |leaf| TimelineEntry {
        position: "0".parse().unwrap(),
        part: TimelinePart::Leaf(Box::new(leaf)),
    };
    Timeline {
        id: id("t"),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: Timing {
            fill: Fill::Both,
            ..Timing::default()
        },
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries: leaves.into_iter().map(entry).collect(),
        removes: Vec::new(),
        taken: Vec::new(),
    }
}

fn scene(leaves: Vec<Leaf>) -> Scene {
    let mut scene = Scene::empty(1920, 1080);
    scene.layers = ["a", "b"]
        .map(|name| Layer::bare(id(name), Kind::Group, None).into())
        .into();
    scene.layers[0].transform.x_px = 20.0;
    scene.timelines = vec![timeline(leaves).into()];
    assert_eq!(faults(&scene), [""; 0]);
    scene
}

fn faults(scene: &Scene) -> Vec<String> {
    let faults = scene.faults(&Limits::default(), &|_| true);
    let say = |fault: scene::Fault| format!("{} {}", fault.pointer, fault.detail);
    faults.into_iter().map(say).collect()
}

fn shown(scene: &Scene, at: ShowTime) -> Layer {
    Layer::clone(&Resolver::new(scene).layers_at(at)[0])
}

fn x(scene: &Scene, at: ShowTime) -> f64 {
    shown(scene, at).transform.x_px
}

fn way(course: Course) -> GlideRequest {
    GlideRequest {
        course,
        duration_ms: 800.0,
        delay_ms: 0.0,
        easing: Easing::Linear,
    }
}

fn bouncy() -> Course {
    Course::Spring(Spring::with_bounce(500.0, 0.3).unwrap())
}

/// A write to `a` of these fields, as the API carries it out; gives back whom an interrupt met.
fn write(
    scene: &mut Scene,
    at: ShowTime,
    how: Option<&GlideRequest>,
    interrupt: bool,
    (fields, change): (&[Property], fn(&mut Layer)),
) -> Vec<Id> {
    let mut after = scene.clone();
    change(&mut after.layers[0]);
    let target = Target::Layer(id("a"));
    let mut let_go = scene::LetGo::default();
    if interrupt {
        let mut held = after.moved_of(&target);
        held.retain(|one| fields.contains(one));
        let_go = after.yield_up(&target, &held, true);
    }
    if let Some(how) = how {
        let written = |one: &Property| fields.contains(one);
        after.glide(
            id("glide"),
            &scene.layers[0],
            &written,
            &let_go.properties,
            how,
        );
    }
    let edit = Edit::between(scene, &after);
    scene.change(edit, moment(at));
    assert_eq!(faults(scene), [""; 0]);
    let_go.ids
}

const TO_300: (&[Property], fn(&mut Layer)) =
    (&[Property::X], |layer| layer.transform.x_px = 300.0);

/// A glide that interrupts begins at the leaf's value with the leaf's speed, and nothing of the leaf is seen on that
/// property from then on; all else of the timeline goes on.
#[test]
fn an_interrupt_takes_the_property_from_the_leaf_alone() {
    for course in [Course::Tween, Course::Smooth, bouncy()] {
        let mut s = scene(vec![across()]);
        let met = write(&mut s, ms(500.0), Some(&way(course)), true, TO_300);
        assert_eq!(met, [id("t")]);
        assert!((x(&s, ms(500.0)) - 300.0).abs() < 1e-9);
        let glide = s.animations[0].clone();
        let velocities = glide.plan.retarget.as_ref().unwrap().velocities.clone();
        match (course, velocities.unwrap().as_slice()) {
            (Course::Tween, []) => {}
            (_, [(Property::X, [v, _])]) => assert!((v - 600.0).abs() < 1e-9 * 600.0, "{v}"),
            (_, other) => panic!("{other:?}"),
        }
        let over = glide.ends_at().unwrap().max(ms(900.0));
        for t in [ms(900.0), over.plus_nanos(1), ms(2500.0)] {
            let is = shown(&s, t);
            let opacity = 1.0 - 0.5 * (t.as_ms() / 1000.0).min(1.0);
            assert!((is.opacity - opacity).abs() < 1e-9, "{}", is.opacity);
            if t >= over {
                assert!((is.transform.x_px - 300.0).abs() < 0.05);
            }
        }
        // What it still holds becomes the layer's own, what was taken does not.
        s.end_timeline(&id("t"));
        assert!((s.layers[0].transform.x_px - 300.0).abs() < 1e-9);
        assert!((s.layers[0].opacity - 0.5).abs() < 1e-9);
    }
}

/// Without an interrupt a leaf that replaces goes on above the glide; when it lets go, the glide is seen where it has come
/// to from the leaf's value at the write.
#[test]
fn a_leaf_goes_on_above_a_glide_that_does_not_interrupt() {
    let mut forgets = across();
    forgets.animation.timing.fill = Fill::None;
    let mut s = scene(vec![forgets]);
    let before = s.clone();
    let mut smooth = way(Course::Smooth);
    smooth.duration_ms = 1000.0;
    assert_eq!(write(&mut s, ms(900.0), Some(&smooth), false, TO_300), []);
    for t in [900.0, 950.0, 999.0] {
        assert_eq!(x(&s, ms(t)).to_bits(), x(&before, ms(t)).to_bits(), "{t}");
    }
    // At 540 px it began, at 600 px/s; the leaf let go at 600.
    let seen = x(&s, ms(1000.0));
    assert!((seen - 600.0).abs() < 20.0, "{seen}");
    assert!((x(&s, ms(1900.0)) - 300.0).abs() < 1e-9);
}

/// A leaf that adds, or that goes from what is below, goes on upon the glide, and nothing jumps.
#[test]
fn what_leaves_make_of_what_is_below_stays_upon_the_glide() {
    let adds = leaf(|one| {
        one.composite = Composite::Add;
        one.keyframes = [0.0, 50.0]
            .map(|x| keyframe(&[(Property::X, Value::Number(x))]))
            .into();
    });
    let goes_on =
        leaf(|one| one.keyframes = vec![keyframe(&[(Property::X, Value::Number(400.0))])]);
    for leaves in [
        vec![adds.clone()],
        vec![goes_on.clone()],
        vec![goes_on, adds],
    ] {
        let mut s = scene(leaves);
        let before = s.clone();
        let at = ms(625.0);
        write(&mut s, at, Some(&way(Course::Smooth)), false, TO_300);
        assert!((x(&s, at) - x(&before, at)).abs() < 1e-9);
        let speed = |s: &Scene, from: ShowTime| (x(s, from.plus_nanos(1000)) - x(s, from)) / 1e-6;
        let (was, is) = (speed(&before, at.plus_nanos(-1000)), speed(&s, at));
        assert!((was - is).abs() < 0.01, "{was} px/s became {is}");
    }
}

/// What is taken is taken from every timeline, but only from that layer; with a way or a formula goes all that it moves.
#[test]
fn a_way_and_a_formula_are_one_thing_in_a_leaf_too() {
    let mut along = leaf(|one| {
        let mut path = PathDriver::new("M100 100 H900 V500").unwrap();
        path.rotate = Some(Rotate::Auto);
        one.driver = Driver::Path(Box::new(path));
    });
    along.targets = Targets::Several {
        targets: ["a", "b"].map(|name| Some(Target::Layer(id(name)))).into(),
        stagger: None,
    };
    let mut s = scene(vec![along]);
    let at = ms(800.0);
    let before = s.clone();
    write(&mut s, at, Some(&way(Course::Tween)), true, TO_300);
    assert_eq!(
        s.timelines[0].taken,
        [Taken {
            target: Target::Layer(id("a")),
            properties: vec![Property::X],
        }]
    );
    // None of the three jumps, and all get to what the document holds.
    let (was, is) = (shown(&before, at).transform, shown(&s, at).transform);
    for (was, is) in [
        (was.x_px, is.x_px),
        (was.y_px, is.y_px),
        (was.rotation_deg, is.rotation_deg),
    ] {
        assert!((was - is).abs() < 1e-9, "{was} {is}");
    }
    assert!(was.y_px > 100.0 && (was.rotation_deg - 90.0).abs() < 1e-9);
    let end = shown(&s, ms(1700.0)).transform;
    assert!(end.y_px.abs() < 1e-9 && end.rotation_deg.abs() < 1e-9);
    let other = |s: &Scene| Resolver::new(s).layers_at(ms(900.0))[1].clone();
    assert_eq!(other(&s), other(&before));
    let swing = leaf(|one| {
        one.composite = Composite::Add;
        one.driver = Driver::Expression(Box::new(Expression {
            property: Property::Position,
            formula: Formula::Sine {
                amplitude: 40.0,
                frequency_hz: 0.5,
                phase_deg: 90.0,
            },
        }));
    });
    let mut s = scene(vec![swing]);
    write(&mut s, ms(0.0), None, true, TO_300);
    let t = shown(&s, ms(0.0)).transform;
    assert!((t.x_px - 300.0).abs() < 1e-9 && t.y_px.abs() < 1e-9);
}

/// A pair loses the number that is written, and goes on with the other; a way that bends goes as a whole, without a jump.
#[test]
fn one_number_of_a_pair_is_taken_alone() {
    let pair = |bend: f64| {
        leaf(|one| {
            let at = |x, y| keyframe(&[(Property::Position, Value::Vec2([x, y]))]);
            one.keyframes = vec![at(0.0, 0.0), at(600.0, 200.0)];
            one.keyframes[0].tangents.leaving_px = [0.0, bend];
        })
    };
    for (bend, y) in [(0.0, 180.0), (90.0, 0.0)] {
        let mut s = scene(vec![pair(bend)]);
        let before = shown(&s, ms(500.0)).transform;
        write(&mut s, ms(500.0), Some(&way(Course::Tween)), true, TO_300);
        let is = shown(&s, ms(500.0)).transform;
        assert!((is.x_px - before.x_px).abs() < 1e-9 && (is.y_px - before.y_px).abs() < 1e-9);
        let then = shown(&s, ms(1300.0)).transform;
        let wanted = if bend > 0.0 { y } else { 200.0 };
        assert!((then.y_px - wanted).abs() < 1e-9, "{}", then.y_px);
    }
}

/// Whatever it is that the timeline does afterwards, what was taken from it stays taken.
#[test]
fn what_is_taken_stays_taken_where_the_timeline_is_sought() {
    let mut s = scene(vec![across()]);
    s.timelines[0].timing.iterations = 4.0;
    s.timelines[0].timing.direction = Direction::Alternate;
    write(&mut s, ms(500.0), Some(&way(bouncy())), true, TO_300);
    let glide = |s: &Scene, t: f64| x(s, ms(t));
    let alone = {
        let mut alone = s.clone();
        alone.timelines.clear();
        alone
    };
    // Any order of times gives the same.
    let mut scrubbed = Resolver::new(&s);
    for t in [3900.0, 700.0, 100.0, 500.0, 1500.0, 700.0] {
        let is = scrubbed.layers_at(ms(t))[0].transform.x_px;
        assert_eq!(is.to_bits(), glide(&alone, t).to_bits(), "{t}");
    }
    for verb in [
        Verb::Seek(10.0),
        Verb::Reverse,
        Verb::Pause,
        Verb::Resume,
        Verb::Finish,
    ] {
        s.timelines[0].verbs = vec![verb];
        s.settle(moment(ms(600.0)));
        assert_eq!(
            glide(&s, 610.0).to_bits(),
            glide(&alone, 610.0).to_bits(),
            "{verb:?}"
        );
    }
}

/// Without a glide what was taken shows at once; what is written and was the same all the while glides as well.
#[test]
fn what_is_taken_shows_at_once_or_glides_to_what_it_was() {
    let mut s = scene(vec![across()]);
    write(&mut s, ms(500.0), None, true, TO_300);
    assert!((x(&s, ms(500.0)) - 300.0).abs() < 1e-9);
    let mut s = scene(vec![across()]);
    let same: (&[Property], fn(&mut Layer)) = (&[Property::X], |_| {});
    write(&mut s, ms(500.0), Some(&way(Course::Tween)), true, same);
    assert!((x(&s, ms(500.0)) - 300.0).abs() < 1e-9);
    assert!((x(&s, ms(900.0)) - 160.0).abs() < 1e-9);
    assert!((x(&s, ms(1300.0)) - 20.0).abs() < 1e-9);
    // Nothing that is not written is taken.
    let opacity: (&[Property], fn(&mut Layer)) =
        (&[Property::Opacity], |layer| layer.opacity = 0.1);
    let mut s = scene(vec![across()]);
    write(&mut s, ms(500.0), None, true, opacity);
    assert!((x(&s, ms(750.0)) - 450.0).abs() < 1e-9);
    assert!((shown(&s, ms(750.0)).opacity - 0.1).abs() < 1e-9);
}

/// Leaves of timelines in a timeline, and what becomes of the list when layers go.
#[test]
fn what_is_taken_is_forgotten_with_the_layer() {
    let mut s = scene(Vec::new());
    let entry = |part| TimelineEntry {
        position: "0".parse().unwrap(),
        part,
    };
    let mut other = across();
    other.targets = Targets::One(Target::Layer(id("b")));
    s.timelines[0].entries = vec![entry(TimelinePart::Nested(Nested {
        timing: Timing::default(),
        entries: [across(), other]
            .map(|leaf| entry(TimelinePart::Leaf(Box::new(leaf))))
            .into(),
    }))];
    write(&mut s, ms(500.0), Some(&way(Course::Tween)), true, TO_300);
    assert_eq!(s.timelines[0].taken.len(), 1);
    assert!((x(&s, ms(500.0)) - 300.0).abs() < 1e-9);
    let mut gone = s.clone();
    gone.remove_layer(&id("a"));
    assert_eq!(faults(&gone), [""; 0]);
    assert_eq!(gone.timelines[0].taken, []);
    let taken = |target: &str, properties: &[Property]| Taken {
        target: Target::Layer(id(target)),
        properties: properties.to_vec(),
    };
    s.timelines[0].taken = vec![
        taken("a", &[Property::X, Property::Rotation, Property::X]),
        taken("a", &[Property::Position]),
        taken("nobody", &[Property::Rotation]),
    ];
    assert_eq!(
        faults(&s),
        [
            "/timelines/0/taken/0/properties/1 is `transform.rotation_deg`, which the timeline does not move on layers/a",
            "/timelines/0/taken/0/properties/2 `transform.x_px` is there twice",
            "/timelines/0/taken/1/target `layers/a` is there twice",
            "/timelines/0/taken/2/properties/0 is `transform.rotation_deg`, which the timeline does not move on layers/nobody",
        ]
    );
}

proptest! {
    /// Whatever the leaf is and whenever it is interrupted: the value does not jump, and where the way keeps it no speed does.
    #[test]
    fn nothing_jumps_where_a_leaf_is_interrupted(
        at_ms in 20.0..980.0_f64, to in -500.0..500.0_f64, kind in 0..5_u8, spring in any::<bool>(), add in any::<bool>(),
        interrupt in any::<bool>(),
    ) {
        let composite = if add { Composite::Add } else { Composite::Replace };
        let moving = leaf(|one| {
            one.composite = composite;
            let number = |x: f64| keyframe(&[(Property::X, Value::Number(x))]);
            match kind {
                0 => one.keyframes = vec![number(-80.0), number(640.0)],
                1 => {
                    one.keyframes = vec![number(-80.0), number(640.0)];
                    one.timing.easing = "ease-in-out".parse().unwrap();
                }
                2 => one.keyframes = vec![number(250.0)],
                3 => {
                    one.driver = Driver::Path(Box::new(PathDriver::new("M0 0 C 90 0 10 200 300 50").unwrap()));
                }
                _ => one.driver = Driver::Expression(Box::new(Expression {
                    property: Property::X,
                    formula: Formula::Sine { amplitude: 90.0, frequency_hz: 0.7, phase_deg: 20.0 },
                })),
            }
        });
        let mut s = scene(vec![moving]);
        let before = s.clone();
        let at = ms(at_ms);
        let course = if spring { bouncy() } else { Course::Smooth };
        let mut after = s.clone();
        after.layers[0].transform.x_px = to;
        let target = Target::Layer(id("a"));
        let taken = if interrupt {
            after.yield_up(&target, &[Property::X], true).properties
        } else {
            Vec::new()
        };
        after.glide(id("glide"), &s.layers[0], &|one| *one == Property::X, &taken, &way(course));
        let edit = Edit::between(&s, &after);
        s.change(edit, moment(at));
        prop_assert_eq!(faults(&s), [""; 0]);
        prop_assert!((x(&s, at) - x(&before, at)).abs() < 1e-9);
        let speed = |s: &Scene, from: ShowTime| (x(s, from.plus_nanos(20_000)) - x(s, from)) / 2e-5;
        let (was, is) = (speed(&before, at.plus_nanos(-20_000)), speed(&s, at));
        prop_assert!((was - is).abs() < 3.0 + 0.005 * was.abs(), "{} px/s became {}", was, is);
    }
}
