//! What stands in for what is not there, not yet there, or cannot be painted.

use crate::build::{
    Shelf, animation, color, config, id, image, layer, ms, picture, png, rect, rgba, scene, stage,
    stage_with, text,
};
use animation::Value;
use engine::{Notice, Patience, Stage};
use media::{Resolution, ShowTime, Surface};
use scene::{Effect, EffectKind, Fit, Paint, Property, Scene, Source};
use sources::Fonts;
use std::sync::Arc;
use std::time::Duration;
use testkit::poll_until;

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
/// Of the canvas.
const EMPTY: [u8; 4] = [0x10, 0x20, 0x40, 0xff];

fn red() -> Vec<u8> {
    png(8, 8, |_, _| 0xff00_00ff)
}

fn green() -> Vec<u8> {
    png(8, 8, |_, _| 0x00ff_00ff)
}

/// A picture of 40x30 px at (20, 10).
fn one_image() -> Scene {
    scene(vec![layer(
        "art",
        [20.0, 10.0],
        [40.0, 30.0],
        image("art.png", Fit::Fill),
    )])
}

fn is_placeholder(picture: &Surface) -> bool {
    let [r, g, b, _] = picture.pixel(40, 25);
    let outside = [
        picture.pixel(19, 25),
        picture.pixel(60, 25),
        picture.pixel(40, 9),
        picture.pixel(40, 40),
    ];
    // Half-transparent grey over the canvas, in its box and nowhere else.
    (0x40..0x80).contains(&r)
        && (0x40..0x80).contains(&g)
        && (0x40..0x80).contains(&b)
        && outside == [EMPTY; 4]
}

fn notices(stage: &mut Stage) -> Vec<Notice> {
    stage.take_notices().collect()
}

/// Whatever is wrong with a picture, its box shows a placeholder and it is said once, however often it is asked for.
#[test]
fn a_picture_that_cannot_be_had_is_a_placeholder_and_one_notice() {
    let huge = {
        // A header that claims 30,000 x 30,000 px: the checksum is right, the size is not.
        let mut bytes = red();
        bytes[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        bytes
    };
    let cut = &red()[..60];
    let flipped = {
        let mut bytes = red();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        bytes
    };
    let faults: [(&str, Option<&[u8]>, &str); 6] = [
        ("missing", None, "no such asset"),
        (
            "empty",
            Some(b""),
            "not a PNG, JPEG, GIF, WebP, AVIF or SVG",
        ),
        (
            "a text",
            Some(b"not a picture"),
            "not a PNG, JPEG, GIF, WebP, AVIF or SVG",
        ),
        ("cut off", Some(cut), "broken"),
        ("a flipped byte", Some(&flipped), "broken"),
        ("30,000 px", Some(&huge), "30000x30000"),
    ];
    for (fault, bytes, says) in faults {
        let files: Vec<(&str, &[u8])> = bytes.into_iter().map(|bytes| ("art.png", bytes)).collect();
        let mut two = one_image();
        two.layers.push(
            layer(
                "again",
                [70.0, 10.0],
                [40.0, 30.0],
                image("art.png", Fit::Cover),
            )
            .into(),
        );
        let mut stage = stage_with(&two, Shelf::with(&files));
        assert!(
            is_placeholder(&picture(&mut stage, ShowTime::ZERO)),
            "{fault}"
        );
        stage.tick(ms(33.0));
        let said = notices(&mut stage);
        let [Notice::AssetFailed { asset, detail }] = said.as_slice() else {
            panic!("{fault}: {said:?}")
        };
        assert!(
            &**asset == "art.png" && detail.contains(says),
            "{fault}: {detail}"
        );
        // Another scene with the same fault says it again.
        stage.set_scene(two.clone(), ms(66.0));
        stage.tick(ms(66.0));
        assert_eq!(notices(&mut stage).len(), 1, "{fault}");
    }
}

/// The checksum of PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc))
    })
}

#[test]
fn text_without_any_font_is_a_placeholder_and_one_notice() {
    let words = layer(
        "words",
        [20.0, 10.0],
        [40.0, 30.0],
        Source::Text(text("no font", 12.0)),
    );
    let no_fonts = Fonts::new([] as [Vec<u8>; 0]);
    let size = Resolution::new(128, 72);
    let mut stage = Stage::new(
        engine::StageConfig {
            fonts: no_fonts,
            ..config(size, Shelf::with(&[]))
        },
        scene(vec![words]),
    );
    assert!(is_placeholder(&picture(&mut stage, ShowTime::ZERO)));
    stage.tick(ms(33.0));
    let said = notices(&mut stage);
    assert!(
        matches!(said.as_slice(), [Notice::SourceFailed { layer, .. }] if *layer == id("words")),
        "{said:?}"
    );
}

/// A layer that is moved through sizes nobody can paint says so once, not once per frame.
#[test]
fn a_source_that_fails_on_every_frame_is_said_once() {
    let mut scene = scene(vec![layer(
        "wide",
        [0.0, 0.0],
        [15_000.0, 16_000.0],
        rect(9.0, Paint::Color(rgba(0xffff_ffff))),
    )]);
    let growth = [Value::Number(15_000.0), Value::Number(16_000.0)];
    scene.animations = [animation("grow", "wide", &Property::Width, growth, 1000.0)]
        .map(Into::into)
        .into();
    let mut stage = stage(&scene);
    for k in 0..10 {
        stage.tick(ms(f64::from(k) * 33.0));
    }
    assert_eq!(notices(&mut stage).len(), 1);
}

#[test]
fn an_unknown_font_and_a_missing_character_are_said_once_each() {
    let mut words = text("A\u{1F980}B", 20.0);
    words.style.font = "Comic Nonsense".into();
    let mut stage = stage(&scene(vec![layer(
        "words",
        [2.0, 10.0],
        None,
        Source::Text(words),
    )]));
    for t in [0.0, 33.0, 66.0] {
        stage.tick(ms(t));
    }
    let said: Vec<String> = notices(&mut stage)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter()
            .any(|s| s.contains("Comic Nonsense") && s.contains("DejaVu Sans")),
        "{said:?}"
    );
    assert!(said.iter().any(|s| s.contains("U+1F980")), "{said:?}");
}

/// Patience: pictures are read aside; until then a placeholder stands in, and the show goes on.
#[test]
fn a_picture_that_takes_its_time_is_a_placeholder_first() {
    let shelf = Shelf::with(&[("art.png", &red())]);
    shelf.hold();
    let mut stage = stage_with(&scene(Vec::new()), Arc::clone(&shelf));
    stage.set_patience(Patience::StandIn);
    stage.set_scene(one_image(), ShowTime::ZERO);
    for t in [0.0, 33.0, 66.0] {
        assert!(is_placeholder(&picture(&mut stage, ms(t))), "{t}");
    }
    shelf.release();
    poll_until(Duration::from_secs(5), "the picture", || {
        (picture(&mut stage, ms(99.0)).pixel(40, 25) == RED).then_some(())
    });
    assert_eq!((shelf.reads(), notices(&mut stage).len()), (1, 0));
}

/// A picture that was missing or broken is read again when it is said to have come, and not before; what is shown, or is
/// in nobody's layer, is left alone. Until it has been read, the placeholder stays.
#[test]
fn a_picture_that_comes_later_is_shown_when_it_is_looked_for_again() {
    for first in [None, Some(b"not a picture".as_slice())] {
        let files: Vec<(&str, &[u8])> = first.into_iter().map(|bytes| ("art.png", bytes)).collect();
        let shelf = Shelf::with(&files);
        let mut stage = stage_with(&one_image(), Arc::clone(&shelf));
        stage.tick(ShowTime::ZERO);
        stage.set_patience(Patience::StandIn);
        shelf.put("art.png", &red());
        shelf.hold();
        for t in [33.0, 66.0] {
            assert!(is_placeholder(&picture(&mut stage, ms(t))), "{t}");
        }
        for name in ["art.png", "other.png", "art.png"] {
            stage.retry_asset(name);
        }
        assert!(is_placeholder(&picture(&mut stage, ms(99.0))));
        shelf.release();
        poll_until(Duration::from_secs(5), "the picture", || {
            (picture(&mut stage, ms(132.0)).pixel(40, 25) == RED).then_some(())
        });
        stage.retry_asset("art.png");
        assert_eq!(picture(&mut stage, ms(165.0)).pixel(40, 25), RED);
        assert_eq!((shelf.reads(), notices(&mut stage).len()), (2, 1));
    }
}

/// What comes while it is being looked for is found, whoever was first.
#[test]
fn a_picture_that_comes_while_it_is_looked_for_is_looked_for_again() {
    let shelf = Shelf::with(&[]);
    let mut stage = stage_with(&scene(Vec::new()), Arc::clone(&shelf));
    stage.set_patience(Patience::StandIn);
    stage.set_scene(one_image(), ShowTime::ZERO);
    poll_until(Duration::from_secs(5), "the first look", || {
        (shelf.reads() == 1).then_some(())
    });
    // The stage does not know yet that it was in vain.
    shelf.put("art.png", &red());
    stage.retry_asset("art.png");
    poll_until(Duration::from_secs(5), "the picture", || {
        (picture(&mut stage, ms(33.0)).pixel(40, 25) == RED).then_some(())
    });
    assert_eq!((shelf.reads(), notices(&mut stage).len()), (2, 0));
}

/// While the next raster is made, the layer's last one stays.
#[test]
fn the_last_raster_stays_until_the_next_is_there() {
    let mut plate = layer(
        "plate",
        [0.0, 0.0],
        [600.0, 300.0],
        Source::Text(text("one", 40.0)),
    );
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 4.0,
        sigma_px: 8.0,
        color: media::Color::BLACK,
    };
    plate.effects = vec![Effect {
        id: id("shadow"),
        enabled: true,
        kind: shadow,
    }];
    let mut scene = crate::build::scene_of(640, 360, vec![plate]);
    let words = ["one", "two"].map(|word| Value::Text(word.into()));
    scene.animations = [animation(
        "say",
        "plate",
        &Property::SourceText,
        words,
        1000.0,
    )]
    .map(Into::into)
    .into();
    let patient = |t| picture(&mut stage(&scene), t);
    let (one, two) = (patient(ShowTime::ZERO), patient(ms(2000.0)));
    assert!(one != two);

    let mut stage = stage(&scene);
    stage.tick(ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    assert!(picture(&mut stage, ShowTime::ZERO) == one);
    // The worker has begun at the earliest when the first frame with the other word is asked for.
    assert!(picture(&mut stage, ms(2000.0)) == one, "the last raster");
    poll_until(Duration::from_secs(5), "the other word", || {
        (picture(&mut stage, ms(2000.0)) == two).then_some(())
    });
}

/// A layer that changes on every frame, faster than it can be painted, moves late rather than not at all.
#[test]
fn a_layer_that_changes_all_the_time_follows() {
    let mut plate = layer(
        "plate",
        [0.0, 0.0],
        [400.0, 300.0],
        rect(20.0, Paint::Color(rgba(0xff80_00ff))),
    );
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 4.0,
        sigma_px: 8.0,
        color: media::Color::BLACK,
    };
    plate.effects = vec![Effect {
        id: id("shadow"),
        enabled: true,
        kind: shadow,
    }];
    let mut scene = crate::build::scene_of(640, 360, vec![plate]);
    let growth = [Value::Number(400.0), Value::Number(600.0)];
    scene.animations = [animation(
        "grow",
        "plate",
        &Property::Width,
        growth,
        1_000_000.0,
    )]
    .map(Into::into)
    .into();
    let mut stage = stage(&scene);
    let first = picture(&mut stage, ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    let mut t = 400_000.0;
    poll_until(
        Duration::from_secs(5),
        "another width than the first",
        || {
            t += 33.0;
            (picture(&mut stage, ms(t)) != first).then_some(())
        },
    );
}

/// A picture that is gone when its scene is set again is a placeholder like any other that is missing.
#[test]
fn a_picture_that_is_gone_is_a_placeholder() {
    let shelf = Shelf::with(&[("art.png", &red())]);
    let mut stage = stage_with(&one_image(), Arc::clone(&shelf));
    stage.tick(ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    stage.tick(ShowTime::ZERO);
    shelf.remove("art.png");
    stage.set_scene(one_image(), ms(33.0));
    poll_until(Duration::from_secs(5), "a placeholder", || {
        is_placeholder(&picture(&mut stage, ms(33.0))).then_some(())
    });
    assert_eq!(notices(&mut stage).len(), 1);
}

/// Setting the scene that is on air already changes nothing on screen, not for one frame; pictures are read anew, and
/// where one is another now, it comes when it has been read.
#[test]
fn pictures_stay_on_screen_when_the_scene_is_set_again() {
    let shelf = Shelf::with(&[("art.png", &red())]);
    let mut scene = one_image();
    scene.layers.push(
        layer(
            "natural",
            [70.0, 10.0],
            None,
            image("art.png", Fit::Contain),
        )
        .into(),
    );
    let mut stage = stage_with(&scene, Arc::clone(&shelf));
    let before = picture(&mut stage, ShowTime::ZERO);
    assert_eq!(before.pixel(40, 25), RED);
    stage.set_patience(Patience::StandIn);
    shelf.hold();
    shelf.put("art.png", &green());
    stage.set_scene(scene, ms(33.0));
    assert!(picture(&mut stage, ms(33.0)) == before);
    assert!(picture(&mut stage, ms(66.0)) == before);
    shelf.release();
    poll_until(Duration::from_secs(5), "the new picture", || {
        (picture(&mut stage, ms(99.0)).pixel(40, 25) == GREEN).then_some(())
    });
    assert_eq!(shelf.reads(), 2);
}

/// A panic of a painter or decoder would be our bug; nothing of a scene that has no faults may cause one.
#[test]
fn odd_boxes_and_colors_are_drawn_or_left_out() {
    let odd = [[0.0, 0.0], [0.0, 10.0], [1e-9, 1e-9], [0.5, 100_000.0]];
    for size in odd {
        let mut stage = stage_with(
            &scene(vec![
                layer("a", [1.0, 1.0], size, color(0xff00_00ff)),
                layer("b", [1.0, 1.0], size, image("art.png", Fit::Cover)),
            ]),
            Shelf::with(&[("art.png", &red())]),
        );
        stage.tick(ShowTime::ZERO);
    }
}
