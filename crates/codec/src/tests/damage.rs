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
