//! Pictures off the air.

use crate::build::{
    Shelf, animation, color, config, group, id, image, inside, layer, ms, picture, png, rect, rgba,
    scene, stage_with, text,
};
use animation::Value;
use compositor::{Compositor, Kernels};
use engine::{Darkroom, Error, Stage};
use media::{Resolution, ShowTime, Surface};
use scene::{Countdown, CountdownTo, Fit, Layer, Paint, Property, Scene, Source, Start};
use std::sync::Arc;

const SIZE: Resolution = Resolution::new(128, 72);

fn darkroom(shelf: &Arc<Shelf>) -> Darkroom {
    Darkroom::new(config(SIZE, Arc::clone(shelf) as _), Kernels::best())
}

/// A picture, a half-transparent plate that slides, a countdown to a time of day, words in a hidden group.
fn show() -> Scene {
    let countdown = Source::Countdown(Countdown {
        counts: scene::Counts::Down,
        moment: CountdownTo::WallNanos(90_000_000_000),
        format: scene::CountdownFormat::MSs,
        at_end: scene::AtEnd::Hold,
        style: crate::build::style(14.0),
        align: scene::Align::Left,
        baseline: false,
    });
    let mut panel = group("panel", [30.0, 20.0], [60.0, 40.0]);
    (panel.visible, panel.opacity, panel.clip) = (false, 0.5, Some([4.0; 4]));
    panel.transform.rotation_deg = 90.0;
    let mut badge = inside(
        "panel",
        layer("badge", [4.0, -12.0], [20.0, 10.0], color(0xff40_20ff)),
    );
    badge.visible = false;
    let mut scene = scene(vec![
        layer(
            "art",
            [0.0, 0.0],
            [64.0, 36.0],
            image("art.png", Fit::Cover),
        ),
        layer(
            "plate",
            [8.0, 8.0],
            [40.0, 24.0],
            rect(0.0, Paint::Color(rgba(0x20a0_e080))),
        ),
        layer("clock", [70.0, 4.0], None, countdown),
        panel,
        badge,
        inside(
            "panel",
            layer("words", [2.0, 2.0], None, Source::Text(text("Lot 7", 14.0))),
        ),
    ]);
    let slide = [Value::Number(8.0), Value::Number(88.0)];
    scene.animations = [animation("slide", "plate", &Property::X, slide, 1000.0)]
        .map(Into::into)
        .into();
    scene
}

fn shelf() -> Arc<Shelf> {
    Shelf::with(&[(
        "art.png",
        &png(32, 18, |x, y| 0x8040_20ff + (x << 11) + (y << 20)),
    )])
}

/// Whatever was developed before, in whatever order, and though the scene on air be another.
#[test]
fn the_whole_is_what_the_stage_shows() {
    let shelf = shelf();
    let mut other = show();
    other.layers.retain(|layer| layer.id != id("art"));
    other.layers[0].opacity = 0.5;
    let scenes = [show(), other].map(Arc::new);
    let mut darkroom = darkroom(&shelf);
    // Which scene, when, and how many pictures are read for it: those in use are kept.
    for (scene, t, reads) in [
        (0, 500.0, 1),
        (1, 0.0, 0),
        (1, 1e6, 0),
        (0, 500.0, 1),
        (0, 0.0, 0),
    ] {
        let before = shelf.reads();
        let developed = darkroom.develop(&scenes[scene], ms(t), None).unwrap();
        assert_eq!(shelf.reads() - before, reads, "{scene}, {t}");
        let mut stage = stage_with(&scenes[scene], Arc::clone(&shelf));
        assert!(developed == picture(&mut stage, ms(t)), "{scene}, {t}");
    }
}

/// Starts that are no show times yet, as in a scene that was not applied, are as `Stage` settles them.
#[test]
fn a_scene_that_was_never_on_air_begins_with_the_show() {
    for start in [Start::Now, Start::Wall(-400_000_000)] {
        let mut scene = show();
        scene.animations[0].start = start;
        let developed = darkroom(&shelf())
            .develop(&Arc::new(scene.clone()), ms(300.0), None)
            .unwrap();
        assert!(developed == picture(&mut stage_with(&scene, shelf()), ms(300.0)));
    }
}

/// The px that are not transparent: left, top, right, bottom.
fn bounds(picture: &Surface) -> [u32; 4] {
    let all = (0..picture.height()).flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
    let seen = all.filter(|&(x, y)| picture.pixel(x, y)[3] > 0);
    seen.fold([u32::MAX, u32::MAX, 0, 0], |[x0, y0, x1, y1], (x, y)| {
        [x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1)]
    })
}

#[test]
fn a_layer_alone_stands_in_its_place_with_its_own_alpha() {
    let mut darkroom = darkroom(&shelf());
    let scene = Arc::new(show());
    let mut only = |name: &str, t| darkroom.develop(&scene, ms(t), Some(&id(name))).unwrap();
    // Halfway through its slide; premultiplied, nothing of what is below it.
    let plate = only("plate", 500.0);
    assert_eq!(bounds(&plate), [48, 8, 88, 32]);
    let expected = rgba(0x20a0_e080).to_premultiplied_rgba8();
    let near = |a: [u8; 4], b: [u8; 4]| a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1);
    assert!(near(plate.pixel(60, 20), expected));
    // Hidden, in a hidden, cut and faded group that stands on its side at (30, 20): drawn in full, where the group puts it.
    let badge = only("badge", 0.0);
    assert_eq!(bounds(&badge), [32, 24, 42, 44]);
    assert_eq!(badge.pixel(36, 30), [0xff, 0x40, 0x20, 0xff]);
    // The hidden group itself, faded and cut as it is; what is hidden in it is not seen.
    let panel = only("panel", 0.0);
    let [x0, y0, x1, y1] = bounds(&panel);
    assert!(
        x0 > 8 && y0 > 20 && x1 < 30 && y1 < 72,
        "{:?}",
        bounds(&panel)
    );
    let strongest = panel.data().iter().skip(3).step_by(4).max();
    assert!((127..=128).contains(strongest.unwrap()));
    assert_eq!(bounds(&only("art", 0.0)), [0, 0, 64, 36]);
}

#[test]
fn bars_are_no_part_of_a_layer() {
    let output = Resolution::new(128, 128);
    let scene = Arc::new(scene(vec![layer(
        "plate",
        [0.0, 0.0],
        [16.0, 16.0],
        color(0xffff_ffff),
    )]));
    let mut darkroom = Darkroom::new(config(output, Shelf::with(&[])), Kernels::best());
    let alone = darkroom.develop(&scene, ShowTime::ZERO, Some(&id("plate")));
    assert_eq!(bounds(&alone.unwrap()), [0, 28, 16, 44]);
    let whole = darkroom.develop(&scene, ShowTime::ZERO, None).unwrap();
    let mut stage = Stage::new(config(output, Shelf::with(&[])), (*scene).clone());
    assert!(whole == Compositor::new(output).compose_rgba(stage.tick(ShowTime::ZERO)));
}

#[test]
fn a_layer_that_is_not_there_is_an_error() {
    let developed = darkroom(&shelf()).develop(&Arc::new(show()), ms(0.0), Some(&id("nobody")));
    assert!(matches!(developed, Err(Error::NoLayer { layer }) if layer == id("nobody")));
}

/// A picture that was missing is looked for again each time.
#[test]
fn a_picture_that_comes_later_is_found() {
    let shelf = Shelf::with(&[]);
    let mut darkroom = darkroom(&shelf);
    let scene = Arc::new(scene(vec![Layer {
        opacity: 0.5,
        ..layer("art", [0.0, 0.0], [64.0, 36.0], image("art.png", Fit::Fill))
    }]));
    let mut pixel = || {
        let art = darkroom.develop(&scene, ms(0.0), Some(&id("art"))).unwrap();
        art.pixel(30, 20)
    };
    assert!(pixel() != [128, 0, 0, 128]);
    shelf.put("art.png", &png(8, 8, |_, _| 0xff00_00ff));
    assert_eq!(pixel(), [128, 0, 0, 128]);
}
