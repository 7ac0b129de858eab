//! The picture is a function of scene and time.

use crate::build::{
    Shelf, animation, group, image, inside, layer, ms, picture, png, rect, scene, stage,
    stage_with, style, text,
};
use animation::Value;
use engine::{Clock, ManualClock};
use media::{Framerate, ShowTime};
use proptest::prelude::*;
use scene::{
    AtEnd, Countdown, CountdownFormat, CountdownTo, Effect, EffectKind, Fit, Layer, Paint,
    Property, Scene, Source, Ticker,
};
use std::sync::{Arc, OnceLock};

/// Something of everything, all of it moving.
fn busy() -> (Scene, Arc<Shelf>) {
    let countdown = Countdown {
        counts: scene::Counts::Down,
        moment: CountdownTo::ShowMs(60_000.0),
        format: CountdownFormat::MSs,
        at_end: AtEnd::Hide,
        style: style(14.0),
        align: scene::Align::Left,
        baseline: false,
    };
    let ticker = Ticker {
        text: "NEWS".into(),
        style: style(10.0),
        speed_px_s: 31.0,
        gap_px: 7.0,
        baseline_px: None,
    };
    let shadow = EffectKind::DropShadow {
        dx_px: 1.0,
        dy_px: 2.0,
        sigma_px: 2.0,
        color: media::Color::BLACK,
    };
    let mut scene = scene(vec![
        group("panel", [30.0, 8.0], [60.0, 40.0]),
        inside(
            "panel",
            layer(
                "card",
                [4.0, 4.0],
                [40.0, 24.0],
                rect(6.0, Paint::Color(crate::build::rgba(0xe0a0_30ff))),
            ),
        ),
        inside(
            "panel",
            layer(
                "art",
                [20.0, 10.0],
                [16.0, 16.0],
                image("art.png", Fit::Fill),
            ),
        ),
        layer("left", [2.0, 2.0], None, Source::Countdown(countdown)),
        layer("news", [0.0, 58.0], [128.0, 14.0], Source::Ticker(ticker)),
        layer("word", [64.0, 30.0], None, Source::Text(text("one", 12.0))),
    ]);
    scene.layers[0].clip = Some([8.0; 4]);
    scene.layers[1].effects = vec![Effect {
        id: crate::build::id("shadow"),
        enabled: true,
        kind: shadow,
    }];
    let number = Value::Number;
    scene.animations = [
        animation(
            "slide",
            "panel",
            &Property::X,
            [number(0.0), number(60.0)],
            4000.0,
        ),
        animation(
            "turn",
            "card",
            &Property::Rotation,
            [number(0.0), number(90.0)],
            3000.0,
        ),
        animation(
            "fade",
            "panel",
            &Property::Opacity,
            [number(1.0), number(0.3)],
            2000.0,
        ),
        animation(
            "say",
            "word",
            &Property::SourceText,
            [Value::Text("one".into()), Value::Text("two".into())],
            2500.0,
        ),
    ]
    .map(Into::into)
    .into();
    let art = png(8, 8, |x, y| {
        if (x ^ y) & 1 == 0 {
            0xff00_40ff
        } else {
            0x20ff_4080
        }
    });
    (scene, Shelf::with(&[("art.png", &art)]))
}

#[test]
fn scrubbing_backward_shows_what_playing_forward_showed() {
    let (scene, shelf) = busy();
    let mut stage = stage_with(&scene, shelf);
    let times: Vec<ShowTime> = (0..40).map(|k| ms(f64::from(k) * 131.7)).collect();
    let forward: Vec<_> = times.iter().map(|&t| picture(&mut stage, t)).collect();
    for (k, &t) in times.iter().enumerate().rev() {
        assert!(picture(&mut stage, t) == forward[k], "at {} ms", t.as_ms());
    }
    assert!(
        forward.windows(2).all(|pair| pair[0] != pair[1]),
        "the scene moves all the time"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a stage showed before, and whether it is new, the picture at a time is the same.
    #[test]
    fn the_past_of_a_stage_does_not_matter(past in proptest::collection::vec(-1000.0..70_000.0f64, 0..6), now in -1000.0..70_000.0f64) {
        static BUSY: OnceLock<(Scene, Arc<Shelf>)> = OnceLock::new();
        let (scene, shelf) = BUSY.get_or_init(busy);
        let mut old = stage_with(scene, Arc::clone(shelf));
        for t in past {
            old.tick(ms(t));
        }
        let mut new = stage_with(scene, Arc::clone(shelf));
        prop_assert!(picture(&mut old, ms(now)) == picture(&mut new, ms(now)));
    }
}

#[test]
fn an_hour_of_show_passes_without_waiting_and_without_drift() {
    let (scene, shelf) = busy();
    let mut stage = stage_with(&scene, shelf);
    let (clock, ntsc) = (
        ManualClock::default(),
        Framerate::new(30_000, 1001).unwrap(),
    );
    let frames = ntsc.first_frame_at(ms(3_600_000.0));
    for n in 0..frames {
        clock.sleep_until(ntsc.frame_time(n).nanos());
        stage.tick(ShowTime::from_nanos(clock.now_ns()));
    }
    assert_eq!(frames, 107_893);
    let hour = ntsc.frame_time(frames - 1);
    let (scene, shelf) = busy();
    assert!(picture(&mut stage, hour) == picture(&mut stage_with(&scene, shelf), hour));
    assert_eq!(stage.take_notices().count(), 0);
}

#[test]
fn an_animation_that_starts_now_starts_with_the_frame_that_shows_it() {
    let moving = |start| {
        let mut scene = scene(vec![layer(
            "box",
            [0.0, 0.0],
            [8.0, 8.0],
            crate::build::color(0xffff_ffff),
        )]);
        scene.animations = [animation(
            "go",
            "box",
            &Property::X,
            [Value::Number(0.0), Value::Number(100.0)],
            1000.0,
        )]
        .map(Into::into)
        .into();
        scene.animations[0].start = start;
        scene
    };
    let mut stage = stage(&scene(Vec::new()));
    let revision = stage.revision();
    assert_eq!(
        stage.set_scene(moving(scene::Start::Now), ms(5000.0)),
        revision + 1
    );
    assert_eq!(
        stage.scene().animations[0].start,
        scene::Start::At(ms(5000.0))
    );
    let mut at = |t| {
        let picture = picture(&mut stage, ms(t));
        (0..128).find(|&x| picture.pixel(x, 0) == [255; 4])
    };
    assert_eq!(
        [at(5000.0), at(5500.0), at(6000.0), at(9000.0)],
        [Some(0), Some(50), Some(100), Some(100)]
    );
}

#[test]
fn layers_that_are_not_seen_are_not_drawn() {
    let boxed = |name| {
        layer(
            name,
            [0.0, 0.0],
            [8.0, 8.0],
            crate::build::color(0xffff_ffff),
        )
    };
    let scene = scene(vec![
        Layer {
            visible: false,
            ..boxed("hidden")
        },
        Layer {
            opacity: 0.0,
            ..boxed("clear")
        },
    ]);
    assert!(stage(&scene).tick(ShowTime::ZERO).items.is_empty());
}

#[test]
fn a_ticker_of_one_thin_letter_fills_a_wide_box() {
    let ticker = Ticker {
        text: "i".into(),
        style: style(4.0),
        speed_px_s: 10.0,
        gap_px: 0.0,
        baseline_px: None,
    };
    let scene = crate::build::scene_of(
        640,
        72,
        vec![layer(
            "thin",
            [0.0, 0.0],
            [640.0, 10.0],
            Source::Ticker(ticker),
        )],
    );
    let mut stage = stage(&scene);
    assert!(stage.tick(ms(33.0)).items.len() > 500);
    let picture = picture(&mut stage, ms(33.0));
    let lit = |from: u32| (from..from + 40).any(|x| (0..10).any(|y| picture.pixel(x, y)[0] > 0x40));
    assert!(lit(0) && lit(300) && lit(600));
}
