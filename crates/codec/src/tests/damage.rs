//! What is told to be unchanged saves work and never shows.

use super::{low, normal, run};
use crate::{Preset, VideoEncoder, VideoSettings, annex_b_from_avcc};
use media::{Bitrate, Damage, I420Frame, Packet, Resolution};
use proptest::prelude::*;

/// Its last blocks reach past it, both ways.
const SIZE: Resolution = Resolution::new(104, 72);
const WIDTH: usize = SIZE.width as usize;
const HEIGHT: usize = SIZE.height as usize;

/// What is painted onto a frame to get the next one.
#[derive(Clone, Debug)]
struct Change {
    x: std::ops::Range<usize>,
    y: std::ops::Range<usize>,
    luma: u8,
    chroma: u8,
}

#[derive(Clone, Debug)]
struct Step {
    changes: Vec<Change>,
    told: bool,
    idr: bool,
}

impl Change {
    /// Paints whole pairs of px, as there is one px of chroma for two of luma each way.
    fn paint(&self, frame: &mut I420Frame, damage: &mut Damage) {
        let [luma, u, v] = frame.planes_mut();
        for line in luma
            .chunks_exact_mut(WIDTH)
            .skip(self.y.start * 2)
            .take(self.y.len() * 2)
        {
            line[self.x.start * 2..self.x.end * 2].fill(self.luma);
        }
        for plane in [u, v] {
            for line in plane
                .chunks_exact_mut(WIDTH / 2)
                .skip(self.y.start)
                .take(self.y.len())
            {
                line[self.x.clone()].fill(self.chroma);
            }
        }
        damage.add_px(
            self.x.start * 2..self.x.end * 2,
            self.y.start * 2..self.y.end * 2,
        );
    }
}

fn change() -> impl Strategy<Value = Change> {
    let (columns, rows) = (WIDTH / 2, HEIGHT / 2);
    (
        0..columns,
        1..columns,
        0..rows,
        1..rows,
        any::<bool>(),
        0_u8..8,
    )
        .prop_map(move |(x, width, y, height, light, shade)| Change {
            x: x..(x + width).min(columns),
            y: y..(y + height).min(rows),
            luma: if light { 180 } else { 40 } + shade * 5,
            chroma: if light { 100 } else { 160 },
        })
}

fn step() -> impl Strategy<Value = Step> {
    (
        prop::collection::vec(change(), 0..3),
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.08),
    )
        .prop_map(|(changes, told, idr)| Step { changes, told, idr })
}

fn settings() -> [VideoSettings; 4] {
    let small = |settings| VideoSettings {
        resolution: SIZE,
        bitrate: Bitrate::from_bps(3_000_000),
        ..settings
    };
    // Ultrafast has no CABAC and no deblocking, medium three references.
    let preset = |preset| VideoSettings {
        preset,
        ..small(low())
    };
    [
        small(low()),
        small(normal()),
        preset(Preset::Ultrafast),
        preset(Preset::Medium),
    ]
}

/// The frames, and the packets of them.
fn encode(settings: &VideoSettings, steps: &[Step]) -> (Vec<I420Frame>, Vec<Packet>, Vec<u8>) {
    let mut encoder = VideoEncoder::open(settings).unwrap();
    let mut frame = I420Frame::black(settings.resolution);
    let (mut frames, mut packets) = (Vec::new(), Vec::new());
    for (n, step) in (0..).zip(steps) {
        let mut damage = Damage::none(WIDTH, HEIGHT);
        for change in &step.changes {
            change.paint(&mut frame, &mut damage);
        }
        let told = step.told.then_some(&damage);
        encoder
            .encode(&frame, n, step.idr, told, &mut packets)
            .unwrap();
        frames.push(frame.clone());
    }
    encoder.finish(&mut packets).unwrap();
    let stream = packets
        .iter()
        .flat_map(|packet| annex_b_from_avcc(encoder.header(), packet).unwrap())
        .collect();
    (frames, packets, stream)
}

/// The mean difference of luma in the worst block of 8 x 8 px.
fn worst_block(a: &[u8], b: &[u8]) -> u32 {
    let mut worst = 0;
    for y in (0..HEIGHT).step_by(8) {
        for x in (0..WIDTH).step_by(8) {
            let sum: u32 = (y..y + 8)
                .flat_map(|y| y * WIDTH + x..y * WIDTH + x + 8)
                .map(|i| u32::from(a[i].abs_diff(b[i])))
                .sum();
            worst = worst.max(sum / 64);
        }
    }
    worst
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Whatever changes and however it is told: no decoded block shows what was there before.
    #[test]
    fn every_change_arrives(steps in prop::collection::vec(step(), 20..60)) {
        for settings in settings() {
            let (frames, packets, stream) = encode(&settings, &steps);
            prop_assert_eq!(packets.len(), frames.len());
            let decoded = run("ffmpeg", "-v error -f h264 -i - -f rawvideo -pix_fmt yuv420p -fps_mode passthrough -", &stream);
            prop_assert_eq!(decoded.len(), frames.len() * frames[0].data().len());
            for (n, (frame, shown)) in frames.iter().zip(decoded.chunks_exact(frames[0].data().len())).enumerate() {
                let worst = worst_block(frame.data(), shown);
                prop_assert!(worst < 20, "{:?} {:?}: frame {} is off by {}", settings.latency, settings.preset, n, worst);
            }
            let (_, again, _) = encode(&settings, &steps);
            let differs = packets.iter().zip(&again).position(|(a, b)| a.data != b.data);
            prop_assert_eq!(differs, None, "two runs differ: {:?} {:?}", settings.latency, settings.preset);
        }
    }
}

/// How long each still stretch lasts before the next change, and whether an IDR is asked for in its middle.
fn stills() -> impl Strategy<Value = Vec<(Change, usize, bool)>> {
    prop::collection::vec((change(), 1..70_usize, any::<bool>()), 2..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// A picture that stands still is repeated in a few bytes once it is fine, and what follows is decoded as if it had not been.
    #[test]
    fn what_stands_still_is_repeated(stretches in stills()) {
        let steps: Vec<Step> = stretches
            .into_iter()
            .flat_map(|(change, count, idr)| {
                (0..count).map(move |i| Step {
                    changes: if i == 0 { vec![change.clone()] } else { Vec::new() },
                    told: true,
                    idr: idr && i == count / 2,
                })
            })
            .collect();
        for settings in settings() {
            let (frames, packets, stream) = encode(&settings, &steps);
            prop_assert_eq!(packets.len(), frames.len());
            let times: Vec<i64> = packets.iter().map(|packet| packet.pts).collect();
            prop_assert_eq!(times, (0..).take(frames.len()).collect::<Vec<i64>>());
            for (packet, step) in packets.iter().zip(&steps) {
                prop_assert!(packet.is_keyframe || !step.idr, "frame {} is no IDR", packet.pts);
            }
            let size = frames[0].data().len();
            let decoded = run("ffmpeg", "-v error -xerror -f h264 -i - -f rawvideo -pix_fmt yuv420p -fps_mode passthrough -", &stream);
            prop_assert_eq!(decoded.len(), frames.len() * size);
            let shown: Vec<&[u8]> = decoded.chunks_exact(size).collect();
            for (n, (frame, shown)) in frames.iter().zip(&shown).enumerate() {
                let worst = worst_block(frame.data(), shown);
                prop_assert!(worst < 20, "{:?} {:?}: frame {} is off by {}", settings.latency, settings.preset, n, worst);
            }
        }
    }
}

/// Once a still picture is fine, each frame of it is a few bytes and the same px; an IDR in between comes when it is due.
#[test]
fn a_still_picture_costs_a_few_bytes() {
    let [low, normal, ultrafast, medium] = settings();
    for (settings, repeats) in [
        (low, true),
        (normal, true),
        (ultrafast, true),
        (medium, false),
    ] {
        let mut steps = vec![
            Step {
                changes: Vec::new(),
                told: true,
                idr: false,
            };
            100
        ];
        steps[0].changes = vec![Change {
            x: 5..30,
            y: 8..20,
            luma: 180,
            chroma: 100,
        }];
        let (frames, packets, stream) = encode(&settings, &steps);
        let decoded = run(
            "ffmpeg",
            "-v error -xerror -f h264 -i - -f rawvideo -pix_fmt yuv420p -fps_mode passthrough -",
            &stream,
        );
        let shown: Vec<&[u8]> = decoded.chunks_exact(frames[0].data().len()).collect();
        let small = |packet: &&Packet| packet.data.len() < 24;
        let count = packets.iter().filter(small).count();
        let what = (settings.latency, settings.preset, count);
        assert_eq!(shown.len(), 100, "{what:?}");
        assert_eq!(
            packets
                .iter()
                .filter(|packet| packet.is_keyframe)
                .map(|packet| packet.pts)
                .collect::<Vec<_>>(),
            [0, 30, 60, 90],
            "{what:?}"
        );
        if repeats {
            assert!(count > 30, "{what:?}");
            for pair in packets.windows(2).filter(|pair| small(&&pair[1])) {
                let n = usize::try_from(pair[1].pts).unwrap();
                assert!(shown[n] == shown[n - 1], "{what:?}: frame {n}");
            }
        }
    }
}
