//! Picture and sound joined: the order of packets and their times.

use codec::{AudioSettings, Latency, VideoSettings};
use engine::ProgramEncoder;
use media::{Bitrate, Framerate, I420Frame, Packet, Resolution, Track};
use std::sync::Arc;

const SAMPLE_RATE_HZ: u32 = 48_000;

struct Profile {
    name: &'static str,
    latency: Latency,
    b_frames: u8,
    framerate: (u32, u32),
}

const PROFILES: [Profile; 6] = [
    Profile {
        name: "normal",
        latency: Latency::Normal,
        b_frames: 0,
        framerate: (30, 1),
    },
    Profile {
        name: "normal, NTSC",
        latency: Latency::Normal,
        b_frames: 0,
        framerate: (30_000, 1001),
    },
    Profile {
        name: "B-frames",
        latency: Latency::Normal,
        b_frames: 2,
        framerate: (30, 1),
    },
    Profile {
        name: "B-frames, NTSC",
        latency: Latency::Normal,
        b_frames: 2,
        framerate: (30_000, 1001),
    },
    Profile {
        name: "low",
        latency: Latency::Low,
        b_frames: 0,
        framerate: (30, 1),
    },
    Profile {
        name: "low, 60 fps",
        latency: Latency::Low,
        b_frames: 0,
        framerate: (60, 1),
    },
];

impl Profile {
    fn framerate(&self) -> Framerate {
        Framerate::new(self.framerate.0, self.framerate.1).expect("a rate")
    }

    fn open(&self) -> ProgramEncoder {
        let mut video = VideoSettings::new(
            Resolution::new(128, 72),
            self.framerate(),
            Bitrate::from_bps(300_000),
        );
        (video.latency, video.b_frames) = (self.latency, self.b_frames);
        let audio = AudioSettings {
            sample_rate_hz: SAMPLE_RATE_HZ,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        };
        ProgramEncoder::open(&video, &audio).expect("x264 and AAC are there")
    }

    /// The packets of some frames, numbered as given.
    fn encode(&self, frames: impl Iterator<Item = i64>) -> Vec<Packet> {
        let (mut encoder, mut packets) = (self.open(), Vec::new());
        for n in frames {
            encoder
                .encode(&grey(n), n, false, None, &mut packets)
                .expect("it encodes");
        }
        encoder.finish(&mut packets).expect("it drains");
        packets
    }
}

/// A picture that is another one for every frame, so that B-frames have something to do.
fn grey(n: i64) -> Arc<I420Frame> {
    let mut frame = I420Frame::black(Resolution::new(128, 72));
    let [y, ..] = frame.planes_mut();
    for (i, luma) in (0i64..).zip(y) {
        *luma = u8::try_from(16 + (i * 3 + n * 7) % 200).expect("below 216");
    }
    Arc::new(frame)
}

fn of(packets: &[Packet], track: Track) -> impl Iterator<Item = &Packet> {
    packets.iter().filter(move |packet| packet.track == track)
}

/// Decode times of sound packets.
fn sound(packets: &[Packet]) -> impl Iterator<Item = i64> {
    of(packets, Track::Audio).map(Packet::dts_nanos)
}

#[test]
fn every_frame_comes_out_once_and_decode_times_rise() {
    for profile in PROFILES {
        let packets = profile.encode(0..100);
        let mut pts: Vec<i64> = of(&packets, Track::Video).map(|p| p.pts).collect();
        let in_order = pts.is_sorted();
        assert_eq!(
            in_order,
            profile.b_frames == 0,
            "{}: B-frames come after what they refer to",
            profile.name
        );
        pts.sort_unstable();
        assert_eq!(pts, (0..100).collect::<Vec<_>>(), "{}", profile.name);
        for track in [Track::Video, Track::Audio] {
            let rising = of(&packets, track)
                .zip(of(&packets, track).skip(1))
                .all(|(a, b)| a.dts < b.dts);
            assert!(
                rising && of(&packets, track).all(|p| p.dts <= p.pts),
                "{}: {track:?}",
                profile.name
            );
        }
    }
}

/// AAC packet k begins 1024 samples of priming before its place, so that what is heard is in time to the sample; the
/// last one ends after the last picture does.
#[test]
fn sound_stands_at_multiples_of_its_frame_and_covers_the_picture() {
    for profile in PROFILES {
        let packets = profile.encode(0..100);
        let audio: Vec<i64> = of(&packets, Track::Audio).map(|p| p.pts).collect();
        let count = i64::try_from(audio.len()).unwrap();
        assert_eq!(
            audio,
            (0..count).map(|k| k * 1024 - 1024).collect::<Vec<_>>(),
            "{}",
            profile.name
        );
        let (end, needed) = (
            audio[audio.len() - 1] + 1024,
            profile.framerate().samples_before(100, SAMPLE_RATE_HZ),
        );
        assert!(
            (needed..needed + 2048).contains(&end),
            "{}: sound ends at {end}, the picture at {needed}",
            profile.name
        );
    }
}

/// A sound packet leaves before the first picture that is not earlier, so whoever joins at a picture has the sound from
/// there on. Only where pictures do not wait, at low latency, is the AAC encoder up to three of its frames behind them.
#[test]
fn sound_and_picture_leave_in_the_order_of_their_decode_times() {
    for profile in PROFILES {
        let packets = profile.encode(0..100);
        let allowed_ns = if profile.latency == Latency::Low {
            3 * 1024 * 1_000_000_000 / i64::from(SAMPLE_RATE_HZ)
        } else {
            0
        };
        for (i, packet) in packets
            .iter()
            .enumerate()
            .filter(|(_, p)| p.track == Track::Video)
        {
            let dts = packet.dts_nanos();
            let late = sound(&packets[i..])
                .map(|sound| dts - sound)
                .max()
                .unwrap_or(0);
            assert!(
                late <= allowed_ns,
                "{}: sound comes {late} ns after picture {}",
                profile.name,
                packet.pts
            );
            let early = sound(&packets[..i])
                .map(|sound| sound - dts)
                .max()
                .unwrap_or(-1);
            assert!(
                early < 0,
                "{}: sound comes {early} ns before picture {}",
                profile.name,
                packet.pts
            );
        }
    }
}

/// A show that is joined later than at its beginning has its sound there too.
#[test]
fn a_programme_may_begin_at_any_frame() {
    for profile in PROFILES {
        let first = 1_000_000;
        let packets = profile.encode(first..first + 40);
        assert_eq!(
            of(&packets, Track::Video).map(|p| p.pts).min(),
            Some(first),
            "{}",
            profile.name
        );
        let begin = profile.framerate().samples_before(first, SAMPLE_RATE_HZ);
        assert_eq!(
            of(&packets, Track::Audio).map(|p| p.pts).min(),
            Some(begin - 1024),
            "{}",
            profile.name
        );
    }
}

/// Frames that never came are the last one again, five at most; sound has no hole.
#[test]
fn a_hole_is_filled_with_five_frames_at_most() {
    for profile in PROFILES {
        let (mut encoder, mut packets) = (profile.open(), Vec::new());
        for n in (0..10).chain([14, 15]).chain(40..60) {
            encoder
                .encode(&grey(n), n, false, None, &mut packets)
                .expect("it encodes");
        }
        assert_eq!(encoder.repeated(), 4 + 5, "{}", profile.name);
        encoder.finish(&mut packets).expect("it drains");
        let mut pts: Vec<i64> = of(&packets, Track::Video).map(|p| p.pts).collect();
        pts.sort_unstable();
        assert_eq!(
            pts,
            (0..=20).chain(40..60).collect::<Vec<_>>(),
            "{}",
            profile.name
        );
        let audio: Vec<i64> = of(&packets, Track::Audio).map(|p| p.pts).collect();
        assert!(
            audio.windows(2).all(|pair| pair[1] - pair[0] == 1024),
            "{}: {audio:?}",
            profile.name
        );
    }
}
