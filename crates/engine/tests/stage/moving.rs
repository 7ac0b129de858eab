//! What moves by itself: animated pictures and sprites.

use crate::build::{Shelf, animation, image, layer, ms, picture, png, scene_of, stage_with};
use animation::Value;
use engine::Patience;
use media::Surface;
use scene::{Cells, Cutout, Fit, Image, Property, Repeat, Run, Sampling, Scene, Source, Sprite};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use testkit::poll_until;

/// Pixels are copied, and layers scaled by integer arithmetic: the same picture everywhere.
const EXACT: u8 = 0;

/// A frame of a GIF for [`gif`]: place, size, color, and what becomes of it.
type Shot = ([u16; 2], [u16; 2], u8, gif::DisposalMethod);

/// Colors are 1 to 6 of a palette; each frame lasts 100 ms.
fn gif(size: [u16; 2], shots: &[Shot]) -> Vec<u8> {
    let palette = [
        [0, 0, 0],
        [0xf4, 0xf1, 0xe8],
        [0xe8, 0x48, 0x55],
        [0x2e, 0xc4, 0xb6],
        [0xff, 0xb7, 0x03],
        [0x3a, 0x86, 0xff],
        [0x20, 0x20, 0x30],
        [0; 3],
    ];
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, size[0], size[1], palette.as_flattened())
        .expect("memory takes it");
    encoder
        .set_repeat(gif::Repeat::Infinite)
        .expect("memory takes it");
    for &([left, top], [width, height], color, dispose) in shots {
        // A disc of the color, transparent around it; a frame of the whole size is a plate.
        let is_plate = [width, height] == size;
        let inside = |x: u16, y: u16| {
            let half = |v: u16, side: u16| (f64::from(v) + 0.5) * 2.0 / f64::from(side) - 1.0;
            is_plate || half(x, width).powi(2) + half(y, height).powi(2) <= 1.0
        };
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let indices = pixels.map(|(x, y)| if inside(x, y) { color } else { 0 });
        let frame = gif::Frame {
            delay: 10,
            dispose,
            transparent: Some(0),
            left,
            top,
            width,
            height,
            buffer: Cow::Owned(indices.collect()),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).expect("memory takes it");
    }
    drop(encoder);
    bytes
}

fn discs() -> Vec<u8> {
    use gif::DisposalMethod::{Background, Keep, Previous};
    gif(
        [40, 30],
        &[
            ([0, 0], [40, 30], 1, Keep),
            ([2, 2], [20, 20], 2, Keep),
            ([14, 6], [20, 20], 3, Background),
            ([8, 4], [22, 22], 4, Previous),
            ([18, 8], [18, 18], 5, Keep),
        ],
    )
}

/// A GIF at each of its five frames, left to right: a plate; a red disc stays on it; a teal one comes and takes its square
/// with it when it goes; a yellow one goes and leaves what was there; a blue one stays. Dark where it is transparent.
#[test]
fn gif_frames() {
    let layers = (0..5).map(|i| {
        let run = Run {
            start_ms: f64::from(i) * -100.0,
            ..Run::default()
        };
        let source = Source::Image(Image {
            asset: "discs.gif".into(),
            run,
            ..Image::default()
        });
        layer(
            &format!("frame-{i}"),
            [4.0 + 44.0 * f64::from(i), 4.0],
            None,
            source,
        )
    });
    let scene = scene_of(224, 38, layers.collect());
    let shelf = Shelf::with(&[("discs.gif", &discs())]);
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("gif_frames", &picture(&mut stage, ms(0.0)), EXACT);
    // A whole number of rounds later they are the same, in any order of times.
    let now = picture(&mut stage, ms(0.0));
    assert!(picture(&mut stage, ms(250.0)) != now);
    assert!(picture(&mut stage, ms(500.0 * 1000.0)) == now);
}

/// The discs, played `repeat` times at `speed` from `start_ms` on.
fn playing(repeat: Repeat, speed: f64, start_ms: f64) -> Scene {
    let run = Run {
        repeat,
        speed,
        start_ms,
    };
    let source = Source::Image(Image {
        asset: "discs.gif".into(),
        run,
        ..Image::default()
    });
    scene_of(128, 72, vec![layer("discs", [0.0, 0.0], None, source)])
}

#[test]
fn a_run_says_when_which_frame_is_shown() {
    let shelf = Shelf::with(&[("discs.gif", &discs())]);
    let mut plain = stage_with(&playing(Repeat::AsFile, 1.0, 0.0), Arc::clone(&shelf));
    let mut frame = |i: u8| picture(&mut plain, ms(f64::from(i) * 100.0 + 50.0));
    let frames: Vec<Surface> = (0..5).map(&mut frame).collect();
    for (repeat, speed, start_ms, at, expected) in [
        (Repeat::AsFile, 1.0, 1000.0, 0.0, 0),
        (Repeat::AsFile, 1.0, 1000.0, 1150.0, 1),
        (Repeat::AsFile, 2.0, 0.0, 110.0, 2),
        (Repeat::AsFile, 0.5, 0.0, 390.0, 1),
        (Repeat::AsFile, 0.0, 0.0, 9999.0, 0),
        (Repeat::Times(1), 1.0, 0.0, 499.0, 4),
        (Repeat::Times(1), 1.0, 0.0, 501.0, 4),
        (Repeat::Times(2), 1.0, 0.0, 620.0, 1),
        (Repeat::Times(2), 1.0, 0.0, 9999.0, 4),
        (Repeat::Forever, 1.0, -300.0, 0.0, 3),
    ] {
        let mut stage = stage_with(&playing(repeat, speed, start_ms), Arc::clone(&shelf));
        let shown = picture(&mut stage, ms(at));
        assert!(
            shown == frames[expected],
            "{repeat:?} {speed} {start_ms} at {at}"
        );
    }
}

/// On air frames come from another thread: never a placeholder once the first is there, and once all are, each on time.
#[test]
fn on_air_the_same_frames_are_shown_and_a_small_film_is_kept_whole() {
    let shelf = Shelf::with(&[("discs.gif", &discs())]);
    let scene = playing(Repeat::AsFile, 1.0, 0.0);
    let mut still = stage_with(&scene, Arc::clone(&shelf));
    let mut live = stage_with(&scene, Arc::clone(&shelf));
    let first = picture(&mut live, ms(0.0));
    live.set_patience(Patience::StandIn);
    assert!(
        picture(&mut live, ms(0.0)) == first,
        "the first frame stands"
    );
    for i in 0..5 {
        let at = ms(f64::from(i) * 100.0 + 10.0);
        let wanted = picture(&mut still, at);
        poll_until(Duration::from_secs(20), "a frame", || {
            (picture(&mut live, at) == wanted).then_some(())
        });
    }
    let reads = shelf.reads();
    for i in 5..50 {
        let at = ms(f64::from(i) * 100.0 + 10.0);
        assert!(picture(&mut live, at) == picture(&mut still, at), "{i}");
    }
    assert_eq!(shelf.reads(), reads);
}

/// Six turning arms in a sheet of three columns and two rows, then the same as an atlas has them: trimmed, and one of them
/// turned in the sheet. Upper row: the grid at pictures 0 to 5, three times as large and smooth; lower row: the atlas,
/// painted by the nearest pixel eight times as large, and in its own size.
#[test]
fn sprite_cells() {
    let arm = |i: u32, x: u32, y: u32| {
        // Six directions in a cell of 16 px; the long side of the arm is 6 px.
        let (dx, dy) = (f64::from(x) - 7.5, f64::from(y) - 7.5);
        let turn = f64::from(i) * std::f64::consts::FRAC_PI_3;
        let (s, c) = turn.sin_cos();
        let (along, across) = (dx * c + dy * s, dy * c - dx * s);
        if (-1.0..7.5).contains(&along) && across.abs() < 2.0 {
            0xffb7_03ff
        } else if dx.hypot(dy) < 7.8 {
            0x3a86_ffff
        } else {
            0
        }
    };
    let sheet = png(48, 32, |x, y| arm(x / 16 + y / 16 * 3, x % 16, y % 16));
    // Two marks of 3x5 px; the second lies on its side in the sheet: what is up in the picture is to the right there.
    let mark = |x: u32, y: u32| match (x, y) {
        (_, 0) => 0xe848_55ff,
        (0, _) => 0x2ec4_b6ff,
        _ => 0xf4f1_e8ff,
    };
    let marks = png(8, 5, |x, y| match (x, y) {
        (0..3, _) => mark(x, y),
        (_, 0..3) => mark(y, 7 - x),
        _ => 0,
    });
    let grid = |i: u8| {
        Source::Sprite(Sprite {
            asset: "sheet.png".into(),
            cells: Cells::Grid {
                columns: 3,
                rows: 2,
                count: 6,
            },
            fps: Some(10.0),
            frame: Some(f64::from(i) + 0.9),
            run: Run::default(),
            fit: Fit::Contain,
            sampling: Sampling::Smooth,
        })
    };
    let atlas = |i: u8| {
        Source::Sprite(Sprite {
            asset: "marks.png".into(),
            cells: Cells::Atlas {
                asset: "marks.json".into(),
                tag: None,
            },
            fps: None,
            frame: Some(f64::from(i)),
            run: Run::default(),
            fit: Fit::Contain,
            sampling: Sampling::Nearest,
        })
    };
    let mut layers: Vec<_> = (0..6)
        .map(|i| {
            let at = [8.0 + 56.0 * f64::from(i), 8.0];
            layer(&format!("arm-{i}"), at, [48.0, 48.0], grid(i))
        })
        .collect();
    for i in 0..2 {
        let x = 8.0 + 56.0 * f64::from(i);
        let size = [56.0, 56.0];
        layers.push(layer(&format!("large-{i}"), [x, 62.0], size, atlas(i)));
        let at = [x + 128.0, 86.0];
        layers.push(layer(&format!("small-{i}"), at, None, atlas(i)));
    }
    let shelf = Shelf::with(&[
        ("sheet.png", &sheet),
        ("marks.png", &marks),
        ("marks.json", b"{ \"marks\": true }"),
    ]);
    let scene = scene_of(344, 124, layers);
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("sprite_cells", &picture(&mut stage, ms(0.0)), EXACT);
}

/// What the roof reads of JSON, the shelf of these tests knows by heart: [`sprite_cells`]'s marks, 3x5 px in a picture of
/// 7x7.
pub(crate) fn marks() -> sources::Atlas {
    let cell = |x: u32, rotated: bool| sources::Cell {
        rotated,
        offset: [2, 1],
        full: [7, 7],
        ..sources::Cell::at(x, 0, 3, 5)
    };
    sources::Atlas::new(vec![cell(0, false), cell(3, true)], Vec::new()).expect("two cells")
}

#[test]
fn a_sprite_plays_and_its_picture_can_be_animated() {
    let sheet = png(32, 8, |x, _| {
        [0xff00_00ff, 0x00ff_00ff, 0x0000_ffff, 0xffff_ffff][x as usize / 8]
    });
    let sprite = Sprite {
        asset: "sheet.png".into(),
        cells: Cells::Grid {
            columns: 4,
            rows: 1,
            count: 3,
        },
        fps: None,
        frame: None,
        run: Run::default(),
        fit: Fit::Contain,
        sampling: Sampling::Smooth,
    };
    let shelf = Shelf::with(&[("sheet.png", &sheet)]);
    let plays = vec![layer("s", [0.0, 0.0], None, Source::Sprite(sprite.clone()))];
    let mut stage = stage_with(&scene_of(128, 72, plays), Arc::clone(&shelf));
    let mut color = |at| picture(&mut stage, ms(at)).pixel(4, 4);
    // Twelve a second, three of them, for ever.
    let [red, green, blue] = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]];
    assert_eq!(
        [color(0.0), color(84.0), color(170.0), color(251.0)],
        [red, green, blue, red]
    );
    let held = Source::Sprite(Sprite {
        frame: Some(0.0),
        ..sprite
    });
    let mut scene = scene_of(128, 72, vec![layer("s", [0.0, 0.0], None, held)]);
    scene.animations.push(
        animation(
            "step",
            "s",
            &Property::SourceFrame,
            [Value::Number(0.0), Value::Number(4.0)],
            1000.0,
        )
        .into(),
    );
    let mut stage = stage_with(&scene, shelf);
    let mut color = |at| picture(&mut stage, ms(at)).pixel(4, 4);
    assert_eq!(
        [color(0.0), color(260.0), color(510.0), color(990.0)],
        [red, green, blue, blue]
    );
}

/// A picture of four colors cut to its middle, then to its right half reaching beyond the picture, stretched; then a WebP.
/// No color of what is cut off shows at the edges.
#[test]
fn crops() {
    let art = png(24, 12, |x, y| match (x < 12, y < 6) {
        (true, true) => 0xff30_30ff,
        (false, true) => 0x30ff_30ff,
        (true, false) => 0x3030_ffff,
        (false, false) => 0xffff_30ff,
    });
    let mut webp = Vec::new();
    let pixels: Vec<u8> = (0..12_u8)
        .flat_map(|y| (0..16_u8).flat_map(move |x| [x * 16, 60, y * 20, 255]))
        .collect();
    image_webp::WebPEncoder::new(&mut webp)
        .encode(&pixels, 16, 12, image_webp::ColorType::Rgba8)
        .expect("memory takes it");
    let cropped = |crop_px, fit| {
        Source::Image(Image {
            asset: "art.png".into(),
            fit,
            crop_px: Some(crop_px),
            ..Image::default()
        })
    };
    let crop = |x, y, width, height| Cutout {
        x,
        y,
        width,
        height,
    };
    let scene = scene_of(
        128,
        72,
        vec![
            layer(
                "own",
                [4.0, 4.0],
                None,
                cropped(crop(6.0, 3.0, 12.0, 6.0), Fit::Contain),
            ),
            layer(
                "large",
                [4.0, 16.0],
                [48.0, 48.0],
                cropped(crop(0.0, 0.0, 12.0, 6.0), Fit::Fill),
            ),
            layer(
                "beyond",
                [60.0, 16.0],
                [24.0, 48.0],
                cropped(crop(12.0, 0.0, 500.0, 500.0), Fit::Fill),
            ),
            layer(
                "webp",
                [90.0, 16.0],
                [32.0, 24.0],
                image("art.webp", Fit::Fill),
            ),
        ],
    );
    let shelf = Shelf::with(&[("art.png", &art), ("art.webp", &webp)]);
    let mut stage = stage_with(&scene, shelf);
    let shown = picture(&mut stage, ms(0.0));
    testkit::golden!("crops", &shown, EXACT);
    assert_eq!(
        shown.pixel(51, 63),
        [0xff, 0x30, 0x30, 255],
        "of one color to the edge"
    );
}

/// A crop beside its picture is said, and a placeholder stands.
#[test]
fn a_crop_outside_the_picture_is_said() {
    let source = Source::Image(Image {
        asset: "art.png".into(),
        crop_px: Some(Cutout {
            x: 100.0,
            y: 0.0,
            width: 5.0,
            height: 5.0,
        }),
        ..Image::default()
    });
    let shelf = Shelf::with(&[("art.png", &png(8, 8, |_, _| 0xff))]);
    let scene = scene_of(
        128,
        72,
        vec![layer("art", [0.0, 0.0], [20.0, 20.0], source)],
    );
    let mut stage = stage_with(&scene, shelf);
    let _ = picture(&mut stage, ms(0.0));
    let said: Vec<String> = stage
        .take_notices()
        .map(|notice| notice.to_string())
        .collect();
    assert_eq!(
        said,
        ["layer `art` cannot be painted: the crop begins at 100, 0, outside the picture of 8x8 px"]
    );
}

/// Five hundred frames of 800x800 would be 1.3 GB; a window of them is held. Each step of the show is one frame.
#[test]
fn a_long_film_costs_no_more_than_its_window() {
    let mut shots: Vec<Shot> = vec![([0, 0], [800, 800], 6, gif::DisposalMethod::Keep)];
    shots.extend((1..500_u16).map(|i| {
        let at = [i * 37 % 780, i * 91 % 780];
        (at, [20, 20], 1 + (i % 5) as u8, gif::DisposalMethod::Keep)
    }));
    let film = gif([800, 800], &shots);
    let scene = scene_of(
        800,
        800,
        vec![layer(
            "film",
            [0.0, 0.0],
            None,
            image("film.gif", Fit::Contain),
        )],
    );
    let shelf = Shelf::with(&[("film.gif", &film)]);
    let mut stage = stage_with(&scene, shelf);
    let mut still = stage_with(&scene, Shelf::with(&[("film.gif", &film)]));
    stage.set_patience(Patience::StandIn);
    let frame_bytes = 800 * 800 * 4;
    for i in (0..500).step_by(1) {
        let at = ms(f64::from(i) * 100.0 + 1.0);
        stage.tick(at);
        let memory = stage.memory();
        let bytes = memory.surface_bytes + memory.reel_bytes;
        // The window of eight, the first frame, which the cache has from before the show was on air, the one that is shown until
        // the next is there, and what the other thread hands over meanwhile.
        assert!(bytes <= 16 * frame_bytes, "{bytes} at {i}");
        if i % 100 == 99 {
            let wanted = picture(&mut still, at);
            poll_until(Duration::from_secs(60), "the frame", || {
                (picture(&mut stage, at) == wanted).then_some(())
            });
        }
    }
}
