//! AVIF, with the decoder that the program has: compared with another one, played, damaged.
//!
//! `tests/data/avif/README.md` says how the files were made.

use crate::build::{Shelf, image, layer, ms, picture, png, scene_of, stage_with};
use media::Surface;
use proptest::prelude::*;
use scene::{Fit, Image, Run, Source};
use sources::{Asset, Error, Fonts, Painter, Player, Request};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// AV1 decodes to the same bits everywhere, and colors are worked out in one order of operations.
const EXACT: u8 = 0;

/// The other decoder rounds on its way to RGB, where we round at the end.
const ROUNDING: u8 = 3;

/// As [`ROUNDING`], where colors are brought into sRGB behind it: there a step of a dark color is several.
const ROUNDING_BEFORE_PROFILE: u8 = 8;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/avif")
}

fn file(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn decode(bytes: &[u8]) -> Result<Asset, Error> {
    static NONE: OnceLock<Fonts> = OnceLock::new();
    let fonts = NONE.get_or_init(|| Fonts::new([] as [Vec<u8>; 0]));
    Asset::decode_with(bytes, fonts, &codec::Av1)
}

/// A still's pixels, or all frames one below the other.
fn pixels(asset: &Asset) -> Result<Surface, Error> {
    let Some(film) = asset.film() else {
        let source = image("still", Fit::Fill);
        let request = Request {
            source: &source,
            content: None,
            width_px: None,
            height_px: None,
            effects: &[],
            scale: 1.0,
            hint: false,
            asset: Some(asset),
        };
        let painted = Painter::new(Fonts::new([] as [Vec<u8>; 0])).paint(&request)?;
        return Ok(Arc::unwrap_or_clone(painted.surface));
    };
    let mut player = Player::new(Arc::clone(film));
    let (mut all, mut size) = (Vec::new(), (0, 0));
    for i in 0..film.timetable().frames() {
        let frame = player.frame(i)?;
        size = (frame.width(), size.1 + frame.height());
        all.extend_from_slice(frame.data());
    }
    Ok(Surface::from_premultiplied(size.0, size.1, all).expect("whole frames"))
}

#[test]
fn another_decoder_makes_the_same_of_every_kind_of_file() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name())
        .filter_map(|name| Some(name.to_str()?.strip_suffix(".avif")?.to_owned()))
        .collect();
    names.sort();
    assert!(names.len() >= 15, "{names:?}");
    let mut faults = Vec::new();
    for name in names {
        let asset =
            decode(&file(&format!("{name}.avif"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        let ours = pixels(&asset).unwrap_or_else(|e| panic!("{name}: {e}"));
        let theirs = testkit::read_png(&folder().join(format!("{name}.png")))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let size = |surface: &Surface| (surface.width(), surface.height());
        assert_eq!(size(&ours), size(&theirs), "{name}");
        let off = ours
            .data()
            .iter()
            .zip(theirs.data())
            .map(|(a, b)| a.abs_diff(*b));
        let worst = off.clone().max().unwrap_or(0);
        let mean = off.map(f64::from).sum::<f64>() / ours.data().len() as f64;
        let allowed = if name.starts_with("p3") {
            ROUNDING_BEFORE_PROFILE
        } else {
            ROUNDING
        };
        if worst > allowed || mean > 0.5 {
            faults.push(format!(
                "{name}: off by up to {worst}, {mean:.3} on average"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Three shapes with soft edges, one of them half transparent, over a board of two grays that shows through.
#[test]
fn avif_alpha() {
    let board = png(16, 16, |x, y| {
        if (x / 8 + y / 8).is_multiple_of(2) {
            0xd8d8_d8ff
        } else {
            0xb0b0_b0ff
        }
    });
    let tile = |i: u32| {
        let at = [f64::from(i % 8) * 16.0, f64::from(i / 8) * 16.0];
        layer(
            &format!("board-{i}"),
            at,
            None,
            image("board.png", Fit::None),
        )
    };
    let mut layers: Vec<_> = (0..40).map(tile).collect();
    let shapes = image("alpha.avif", Fit::Fill);
    layers.push(layer("shapes", [16.0, 8.0], None, shapes));
    let shelf = Shelf::with(&[
        ("board.png", &board),
        ("alpha.avif", &file("alpha_444.avif")),
    ]);
    let mut stage = stage_with(&scene_of(128, 80, layers), shelf);
    testkit::golden!("avif_alpha", &picture(&mut stage, ms(0.0)), EXACT);
}

/// A ramp of 10 bits, from dark to orange, as smooth as 8 bits are: no bands, no stain of color.
#[test]
fn avif_ten_bits() {
    let ramp = image("ramp.avif", Fit::Fill);
    let layers = vec![layer("ramp", [8.0, 8.0], [176.0, 80.0], ramp)];
    let shelf = Shelf::with(&[("ramp.avif", &file("ramp_10.avif"))]);
    let mut stage = stage_with(&scene_of(192, 96, layers), shelf);
    testkit::golden!("avif_ten_bits", &picture(&mut stage, ms(0.0)), EXACT);
}

/// A ball that leaps over a dark slab, at 0, 160 and 200 ms of its time: red on the left, teal in the middle at its
/// highest, blue on the right; around it shows what is behind.
#[test]
fn avif_frames() {
    let layers = [0.0, 160.0, 200.0]
        .into_iter()
        .enumerate()
        .map(|(i, time)| {
            let source = Source::Image(Image {
                asset: "ball.avif".into(),
                run: Run {
                    start_ms: -time,
                    ..Run::default()
                },
                ..Image::default()
            });
            let at = [4.0 + 68.0 * i as f64, 4.0];
            layer(&format!("ball-{i}"), at, None, source)
        });
    let scene = scene_of(208, 56, layers.collect());
    let shelf = Shelf::with(&[("ball.avif", &file("ball.avif"))]);
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("avif_frames", &picture(&mut stage, ms(0.0)), EXACT);
    // A whole number of rounds later they are the same, in any order of times.
    let now = picture(&mut stage, ms(0.0));
    assert!(picture(&mut stage, ms(150.0)) != now);
    assert!(picture(&mut stage, ms(500.0 * 1000.0)) == now);
}

#[test]
fn frames_last_as_long_as_the_file_says_and_come_right_in_any_order() {
    let asset = decode(&file("ball.avif")).unwrap();
    let film = asset.film().expect("it moves");
    let table = film.timetable();
    assert_eq!(
        (table.frames(), table.duration_ns(), table.plays()),
        (6, 500_000_000, None)
    );
    for (at_ms, frame) in [
        (0, 0),
        (99, 0),
        (100, 1),
        (140, 2),
        (180, 3),
        (379, 3),
        (380, 4),
        (499, 5),
        (500, 0),
    ] {
        assert_eq!(table.frame_at(at_ms * 1_000_000, None), frame, "{at_ms} ms");
    }
    let mut straight = Player::new(Arc::clone(film));
    let inorder: Vec<Surface> = (0..6).map(|i| straight.frame(i).unwrap().clone()).collect();
    let mut leaping = Player::new(Arc::clone(film));
    for i in [5, 0, 3, 3, 1, 4, 2, 5] {
        assert!(
            *leaping.frame(i).unwrap() == inorder[i as usize],
            "frame {i}"
        );
    }
    assert!(inorder.windows(2).all(|pair| pair[0] != pair[1]));
}

/// The content of every box of a kind, to be written to; the version is its first byte.
fn each_box(bytes: &mut [u8], kind: &[u8; 4], change: impl Fn(&mut [u8])) {
    let places: Vec<usize> = (4..bytes.len() - 4)
        .filter(|i| &bytes[*i..*i + 4] == kind)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        change(&mut bytes[at + 4..]);
    }
}

#[test]
fn a_file_is_played_as_often_as_it_says() {
    let plays = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = file("ball.avif");
        change(&mut bytes);
        decode(&bytes).unwrap().timetable().unwrap().plays()
    };
    // All of it once is 500 units of the movie, and so is what the list of edits repeats.
    let lasts = |units: u64| {
        move |bytes: &mut [u8]| {
            each_box(bytes, b"tkhd", |content| {
                content[28..36].copy_from_slice(&units.to_be_bytes());
            });
        }
    };
    assert_eq!(plays(&|_| {}), None);
    assert_eq!(plays(&lasts(500)), Some(1));
    assert_eq!(plays(&lasts(1500)), Some(3));
    assert_eq!(plays(&lasts(1501)), Some(4));
    assert_eq!(
        plays(&|bytes| each_box(bytes, b"elst", |content| content[3] = 0)),
        Some(1)
    );
    // Without a list of edits nothing is said.
    assert_eq!(
        plays(&|bytes| each_box(bytes, b"edts", |content| content[4] = b'x')),
        None
    );
}

#[test]
fn without_a_decoder_a_file_is_refused_in_words() {
    let fonts = Fonts::new([] as [Vec<u8>; 0]);
    let error = Asset::decode(&file("alpha_444.avif"), &fonts).unwrap_err();
    assert!(matches!(error, Error::NoAv1), "{error}");
}

#[test]
fn bombs_are_refused() {
    let still = file("alpha_444.avif");
    let moving = file("ball.avif");
    let grid = file("grid.avif");
    let changed = |from: &[u8], kind: &[u8; 4], at: usize, with: &[u8]| {
        let mut bytes = from.to_vec();
        each_box(&mut bytes, kind, |content| {
            content[at..at + with.len()].copy_from_slice(with);
        });
        bytes
    };
    let huge = [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff];
    for (what, bytes, word) in [
        (
            "a still of 4 Gpx",
            changed(&still, b"ispe", 4, &huge),
            "65535",
        ),
        (
            "a still that never was",
            changed(&still, b"ispe", 4, &[0xff; 8]),
            "65535",
        ),
        (
            "a sequence of 4 Gpx",
            changed(&moving, b"av01", 24, &[0xff; 4]),
            "65535",
        ),
        (
            "frames without end",
            changed(&moving, b"stsz", 8, &[0xff; 4]),
            "2000",
        ),
        (
            "frames of 4 GiB",
            changed(&moving, b"stsz", 4, &[0xff; 4]),
            "no picture",
        ),
        (
            "chunks behind the end",
            changed(&moving, b"stco", 8, &[0xff; 4]),
            "no picture",
        ),
        // Rows and columns are those of the grid item, which is the 8 bytes before the pixels.
        (
            "a grid of 65536 tiles",
            {
                let mut bytes = grid.clone();
                let at = bytes
                    .windows(8)
                    .position(|w| w == [0, 0, 1, 1, 1, 0, 0, 192])
                    .unwrap();
                bytes[at + 2..at + 4].fill(0xff);
                bytes
            },
            "tiles",
        ),
        ("no boxes", still[..32].to_vec(), "no picture"),
    ] {
        match decode(&bytes) {
            Ok(asset) => panic!("{what} is taken: {asset:?}"),
            Err(error) => assert!(error.to_string().contains(word), "{what}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn damaged_files_are_refused_or_drawn_and_nothing_worse(
        which in 0..5_usize,
        cut in prop::option::of(any::<prop::sample::Index>()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let name = ["alpha_444.avif", "ball.avif", "grid.avif", "ramp_10.avif", "turned.avif"][which];
        let mut bytes = file(name);
        let len = bytes.len();
        for (at, with) in flips {
            bytes[at.index(len)] = with;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(len));
        }
        if let Ok(asset) = decode(&bytes)
            && let Ok(drawn) = pixels(&asset)
        {
            prop_assert!(drawn.data().chunks_exact(4).all(|px| px[..3].iter().all(|c| *c <= px[3])));
        }
    }
}
