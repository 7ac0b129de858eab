//! Animated pictures: every frame against a compositor written only for this, and against FFmpeg.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use media::Surface;
use proptest::prelude::*;
use sources::{Asset, Fonts, Player};
use std::borrow::Cow;
use std::io::Cursor;
use std::process::Command;

const WIDTH: u32 = 23;
const HEIGHT: u32 = 17;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Disposal {
    Keep,
    Clear,
    Restore,
}

/// One frame: a part of the canvas, its pixels by a number, and how they are put there.
#[derive(Clone, Debug)]
struct Shot {
    at: [u32; 2],
    size: [u32; 2],
    seed: u32,
    over: bool,
    disposal: Disposal,
    ms: u32,
}

impl Shot {
    /// Straight RGBA; of `levels` of alpha, 2 or 256, and with 2 of few colors.
    fn pixels(&self, levels: u32) -> Vec<[u8; 4]> {
        let count = self.size[0] * self.size[1];
        let pixel = |i: u32| {
            let h = (i / 3 + self.seed * 7919).wrapping_mul(0x9e37_79b1);
            let h = (h ^ h >> 15).wrapping_mul(0x85eb_ca77);
            let [r, g, b, a] = (h ^ h >> 13).to_le_bytes();
            match (levels, a) {
                (2, 0..90) => [0; 4],
                // Never the one color that a GIF here gives away.
                (2, _) => [r & 0xe0, g & 0xe0, b & 0x80, 255],
                (_, 0..60) => [r, g, b, 0],
                (_, 180..) => [r, g, b, 255],
                _ => [r, g, b, a],
            }
        };
        (0..count).map(pixel).collect()
    }
}

fn shots(even: bool, restore: bool) -> impl Strategy<Value = Vec<Shot>> {
    let snap = move |v: u32| if even { v & !1 } else { v };
    let disposals = [Disposal::Keep, Disposal::Clear, Disposal::Restore];
    let disposals = disposals[..if restore { 3 } else { 2 }].to_vec();
    let rect = prop_oneof![
        1 => Just(([0, 0], [WIDTH, HEIGHT])),
        3 => (0..WIDTH, 0..HEIGHT, 1..=WIDTH, 1..=HEIGHT).prop_map(move |(x, y, w, h)| {
            let (x, y) = (snap(x), snap(y));
            ([x, y], [w.min(WIDTH - x), h.min(HEIGHT - y)])
        }),
    ];
    let disposal = prop::sample::select(disposals);
    let shot = (rect, any::<u16>(), any::<bool>(), disposal, 2..30_u32).prop_map(
        |((at, size), seed, over, disposal, cs)| Shot {
            at,
            size,
            seed: seed.into(),
            over,
            disposal,
            ms: cs * 10,
        },
    );
    prop::collection::vec(shot, 2..12)
}

/// Every frame as it is seen, premultiplied in floats.
fn expected(shots: &[Shot], levels: u32) -> Vec<Vec<[f64; 4]>> {
    let mut canvas = vec![[0.0; 4]; (WIDTH * HEIGHT) as usize];
    let mut frames = Vec::new();
    for shot in shots {
        let before = canvas.clone();
        let place = |i: u32| {
            let (x, y) = (i % shot.size[0], i / shot.size[0]);
            ((shot.at[1] + y) * WIDTH + shot.at[0] + x) as usize
        };
        for (i, px) in (0..).zip(shot.pixels(levels)) {
            let a = f64::from(px[3]) / 255.0;
            let [r, g, b, _] = px.map(|v| f64::from(v) * a);
            let new = [r, g, b, f64::from(px[3])];
            let below = if shot.over { 1.0 - a } else { 0.0 };
            let old = canvas[place(i)];
            canvas[place(i)] = std::array::from_fn(|c| new[c] + old[c] * below);
        }
        frames.push(canvas.clone());
        match shot.disposal {
            Disposal::Keep => {}
            Disposal::Restore => canvas = before,
            Disposal::Clear => {
                (0..shot.size[0] * shot.size[1]).for_each(|i| canvas[place(i)] = [0.0; 4]);
            }
        }
    }
    frames
}

fn gif(shots: &[Shot]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let side = |v: u32| u16::try_from(v).unwrap();
    let mut encoder = gif::Encoder::new(&mut bytes, side(WIDTH), side(HEIGHT), &[]).unwrap();
    encoder.set_repeat(gif::Repeat::Finite(2)).unwrap();
    // 3, 3 and 2 bits; the first of the blues is transparent instead.
    let palette: Vec<u8> = (0..=255_u8)
        .flat_map(|i| [i & 0xe0, i << 3 & 0xe0, i << 6])
        .collect();
    for shot in shots {
        let index = |px: &[u8; 4]| match *px {
            [_, _, _, 0] => 1,
            [r, g, b, _] => (r & 0xe0) | (g >> 3 & 0x1c) | b >> 6,
        };
        let frame = gif::Frame {
            delay: side(shot.ms / 10),
            dispose: match shot.disposal {
                Disposal::Keep => gif::DisposalMethod::Keep,
                Disposal::Clear => gif::DisposalMethod::Background,
                Disposal::Restore => gif::DisposalMethod::Previous,
            },
            transparent: Some(1),
            top: side(shot.at[1]),
            left: side(shot.at[0]),
            width: side(shot.size[0]),
            height: side(shot.size[1]),
            palette: Some(palette.clone()),
            buffer: Cow::Owned(shot.pixels(2).iter().map(index).collect()),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

fn apng(shots: &[Shot]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgba);
    let count = u32::try_from(shots.len()).unwrap();
    encoder.set_animated(count, 3).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for shot in shots {
        let [width, height] = shot.size;
        let blend = if shot.over {
            png::BlendOp::Over
        } else {
            png::BlendOp::Source
        };
        let disposal = match shot.disposal {
            Disposal::Keep => png::DisposeOp::None,
            Disposal::Clear => png::DisposeOp::Background,
            Disposal::Restore => png::DisposeOp::Previous,
        };
        let ms = u16::try_from(shot.ms).unwrap();
        writer.set_frame_delay(ms, 1000).unwrap();
        writer.set_frame_position(0, 0).unwrap();
        writer.set_frame_dimension(width, height).unwrap();
        writer.set_frame_position(shot.at[0], shot.at[1]).unwrap();
        writer.set_blend_op(blend).unwrap();
        writer.set_dispose_op(disposal).unwrap();
        let pixels = shot.pixels(256);
        writer.write_image_data(pixels.as_flattened()).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

/// The first frame of an APNG is as large as its canvas.
fn whole_first(mut shots: Vec<Shot>) -> Vec<Shot> {
    shots[0].at = [0, 0];
    shots[0].size = [WIDTH, HEIGHT];
    shots
}

fn webp(shots: &[Shot]) -> Vec<u8> {
    let u24 = |v: u32| v.to_le_bytes()[..3].to_vec();
    let chunk = |kind: &[u8], content: &[u8]| {
        let len = u32::try_from(content.len()).unwrap().to_le_bytes();
        let filling = vec![0; content.len() % 2];
        [kind, &len, content, &filling].concat()
    };
    let size = [u24(WIDTH - 1), u24(HEIGHT - 1)].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[&[0x12, 0, 0, 0][..], &size].concat()));
    body.extend(chunk(b"ANIM", &[9, 9, 9, 255, 4, 0]));
    for shot in shots {
        let mut still = Vec::new();
        let encoder = image_webp::WebPEncoder::new(Cursor::new(&mut still));
        let pixels = shot.pixels(256);
        let [width, height] = shot.size;
        encoder
            .encode(
                pixels.as_flattened(),
                width,
                height,
                image_webp::ColorType::Rgba8,
            )
            .unwrap();
        let flags = u8::from(!shot.over) << 1 | u8::from(shot.disposal == Disposal::Clear);
        let numbers = [
            shot.at[0] / 2,
            shot.at[1] / 2,
            width - 1,
            height - 1,
            shot.ms,
        ];
        let head = [&numbers.map(u24).concat()[..], &[flags]].concat();
        body.extend(chunk(b"ANMF", &[&head[..], &still[12..]].concat()));
    }
    chunk(b"RIFF", &body)
}

fn fonts() -> Fonts {
    Fonts::new([] as [Vec<u8>; 0])
}

fn player(bytes: &[u8]) -> Player {
    let asset = Asset::decode(bytes, &fonts()).unwrap();
    Player::new(asset.film().expect("it moves").clone())
}

/// How far the worst channel is off.
fn worst(found: &Surface, expected: &[[f64; 4]]) -> f64 {
    let found = found.data().as_chunks::<4>().0;
    assert_eq!(found.len(), expected.len());
    let off = |(f, e): (&[u8; 4], &[f64; 4])| {
        let off = f.iter().zip(e).map(|(f, e)| (f64::from(*f) - e).abs());
        off.fold(0.0, f64::max)
    };
    found.iter().zip(expected).map(off).fold(0.0, f64::max)
}

/// In order, and then in an order of no sense: the same pictures.
fn check(bytes: &[u8], shots: &[Shot], levels: u32, tolerance: f64) {
    let expected = expected(shots, levels);
    let mut player = player(bytes);
    let count = expected.len();
    let forth = 0..count;
    let order = forth
        .clone()
        .chain(forth.rev())
        .chain((0..3 * count).map(|i| i * 7 % count));
    for i in order {
        let found = player.frame(u32::try_from(i).unwrap()).unwrap();
        let off = worst(found, &expected[i]);
        assert!(off <= tolerance, "frame {i} is off by {off}");
    }
    let table = player.film().timetable();
    let number = |ms: u32| table.frame_at(i64::from(ms) * 1_000_000, None);
    let mut end = 0;
    for (i, shot) in (0..).zip(shots) {
        assert_eq!((number(end), number(end + shot.ms - 1)), (i, i));
        end += shot.ms;
    }
    assert_eq!(table.duration_ns(), u64::from(end) * 1_000_000);
}

/// Each frame laid over others rounds anew, by half a step; a dozen of them never came near this.
const ROUNDED: f64 = 4.0;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gif_frames_are_as_their_rules_say(shots in shots(false, true)) {
        let shots: Vec<Shot> = shots.into_iter().map(|shot| Shot { over: true, ..shot }).collect();
        let bytes = gif(&shots);
        check(&bytes, &shots, 2, 0.0);
        prop_assert_eq!(player(&bytes).film().timetable().plays(), Some(3));
    }

    #[test]
    fn apng_frames_are_as_their_rules_say(shots in shots(false, true)) {
        let shots = whole_first(shots);
        let bytes = apng(&shots);
        check(&bytes, &shots, 256, ROUNDED);
        prop_assert_eq!(player(&bytes).film().timetable().plays(), Some(3));
    }

    #[test]
    fn webp_frames_are_as_their_rules_say(shots in shots(true, false)) {
        let bytes = webp(&shots);
        check(&bytes, &shots, 256, ROUNDED);
        prop_assert_eq!(player(&bytes).film().timetable().plays(), Some(4));
    }

    #[test]
    fn no_bytes_panic_a_film(
        shots in shots(true, false),
        kind in 0..3_usize,
        at in 0..3000_usize,
        tail in prop::collection::vec(any::<u8>(), 1..40),
        cut in any::<bool>(),
    ) {
        let mut bytes = match kind {
            0 => gif(&shots),
            1 => apng(&whole_first(shots)),
            _ => webp(&shots),
        };
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
        } else {
            let end = (at + tail.len()).min(bytes.len());
            bytes.splice(at..end, tail);
        }
        let Ok(asset) = Asset::decode(&bytes, &fonts()) else { return Ok(()) };
        if let Some(film) = asset.film() {
            let mut player = Player::new(film.clone());
            for i in (0..film.timetable().frames()).chain([0, 5, 2]) {
                let _ = player.frame(i);
            }
        }
    }
}

/// What FFmpeg makes of a file: straight RGBA, frame by frame.
fn by_ffmpeg(name: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let folder = testkit::TempFolder::new("films");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args([
            "-vsync",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgba",
            "-",
        ])
        .output()
        .expect("ffmpeg runs; install the package ffmpeg");
    assert!(output.status.success(), "{output:?}");
    let frame = (WIDTH * HEIGHT * 4) as usize;
    output.stdout.chunks(frame).map(<[u8]>::to_vec).collect()
}

/// One file of every disposal and blend, decoded by somebody else.
#[test]
fn ffmpeg_sees_the_same_frames() {
    let disposals = [
        Disposal::Keep,
        Disposal::Clear,
        Disposal::Restore,
        Disposal::Keep,
        Disposal::Restore,
        Disposal::Clear,
        Disposal::Keep,
    ];
    let shot = |(i, disposal): (u32, Disposal)| Shot {
        at: [i * 2 % 7, i % 5],
        size: [WIDTH - 7 - i, HEIGHT - 5 - i / 2],
        seed: 40 + i,
        over: i % 3 != 1,
        disposal,
        ms: 100,
    };
    let shots: Vec<Shot> = (0..).zip(disposals).map(shot).collect();
    let shots = whole_first(shots);
    let over: Vec<Shot> = shots
        .iter()
        .map(|s| Shot {
            over: true,
            ..s.clone()
        })
        .collect();
    for (name, bytes, tolerance) in [("a.gif", gif(&over), 0), ("a.png", apng(&shots), 3)] {
        let theirs = by_ffmpeg(name, &bytes);
        assert_eq!(theirs.len(), shots.len(), "{name}");
        let mut player = player(&bytes);
        for (i, theirs) in (0..).zip(theirs) {
            let ours = player.frame(i).unwrap();
            let pairs = ours
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .zip(theirs.as_chunks::<4>().0);
            for (px, (ours, theirs)) in (0..).zip(pairs) {
                // Straight there, premultiplied here.
                let a = u32::from(theirs[3]);
                let times = |v: u8| (u32::from(v) * a + 127) / 255;
                let [r, g, b, _] = theirs.map(times);
                let off = ours
                    .map(u32::from)
                    .iter()
                    .zip([r, g, b, a])
                    .map(|(o, t)| o.abs_diff(t))
                    .max();
                assert!(
                    off <= Some(tolerance),
                    "{name}, frame {i}, pixel {px}: {ours:?}, {theirs:?}"
                );
            }
        }
    }
}

#[test]
fn delays_nobody_meant_are_a_tenth_of_a_second_and_films_end_as_they_are_told() {
    let shot = |ms| Shot {
        at: [0, 0],
        size: [WIDTH, HEIGHT],
        seed: ms,
        over: true,
        disposal: Disposal::Keep,
        ms,
    };
    let bytes = gif(&[shot(0), shot(10), shot(20)]);
    let player = player(&bytes);
    let table = player.film().timetable();
    let ms = 1_000_000_i64;
    assert_eq!(table.duration_ns(), 220_000_000);
    let at = |t: i64, plays| table.frame_at(t * ms, plays);
    assert_eq!(
        [at(-5, None), at(99, None), at(100, None), at(200, None)],
        [0, 0, 1, 2]
    );
    assert_eq!(
        [
            at(220, None),
            at(420, Some(2)),
            at(440, Some(2)),
            at(i64::MAX / ms, Some(2))
        ],
        [0, 2, 2, 2]
    );
    assert_eq!(at(440, Some(3)), 0);
}

/// A picture of one frame is a picture, whatever its format could do.
#[test]
fn what_has_one_frame_stands_still() {
    let shot = Shot {
        at: [0, 0],
        size: [WIDTH, HEIGHT],
        seed: 3,
        over: true,
        disposal: Disposal::Clear,
        ms: 50,
    };
    for bytes in [
        gif(std::slice::from_ref(&shot)),
        apng(std::slice::from_ref(&shot)),
        webp(std::slice::from_ref(&shot)),
    ] {
        let asset = Asset::decode(&bytes, &fonts()).unwrap();
        assert!(asset.timetable().is_none() && asset.film().is_none());
        assert_eq!(asset.memory_bytes(), (WIDTH * HEIGHT * 4) as usize);
    }
}
