//! Picture and sound joined: the order of packets and their times.

use codec::{AudioSettings, Latency, VideoEncoder, VideoSettings};
use engine::ProgramEncoder;
use media::{Bitrate, Cadence, Framerate, I420Frame, Packet, Resolution, Track};
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

    fn video(&self) -> VideoSettings {
        let mut video = VideoSettings::new(
            Resolution::new(128, 72),
            self.framerate(),
            Bitrate::from_bps(300_000),
        );
        (video.latency, video.b_frames) = (self.latency, self.b_frames);
        video
    }

    fn open(&self) -> ProgramEncoder {
        let video = self.video();
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

/// Down within its buffer and up again, without an IDR; one that no encoder takes changes nothing.
#[test]
fn the_bitrate_changes_between_frames() {
    let size = Resolution::new(320, 180);
    // Noise, so that the encoder uses all the bits it may.
    let noise = |n: i64| {
        let mut frame = I420Frame::black(size);
        let mut state = u32::try_from(n).unwrap().wrapping_mul(2_654_435_761) | 1;
        frame.planes_mut()[0].fill_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        });
        Arc::new(frame)
    };
    for latency in [Latency::Low, Latency::Normal] {
        let framerate = Framerate::new(30, 1).expect("a rate");
        let mut video = VideoSettings::new(size, framerate, Bitrate::from_bps(1_000_000));
        (video.latency, video.keyframe_interval_ms) = (latency, 60_000);
        let audio = AudioSettings {
            sample_rate_hz: SAMPLE_RATE_HZ,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        };
        let mut encoder = ProgramEncoder::open(&video, &audio).expect("x264 and AAC are there");
        let mut packets = Vec::new();
        let mut n = 0;
        // The rate over the last two of eight seconds at each.
        for bitrate_bps in [1_000_000, 300_000, 2_000_000, 0] {
            let changed = encoder.set_bitrate(Bitrate::from_bps(bitrate_bps));
            assert_eq!(changed.is_ok(), bitrate_bps > 0);
            let expected_bps = if bitrate_bps > 0 {
                bitrate_bps
            } else {
                2_000_000
            };
            assert_eq!(encoder.bitrate().bps(), expected_bps);
            assert_eq!(encoder.headers().video.bitrate.bps(), expected_bps);
            for _ in 0..240 {
                let encoded = encoder.encode(&noise(n), n, false, None, &mut packets);
                encoded.expect("it encodes");
                n += 1;
            }
            let late = of(&packets, Track::Video).filter(|p| p.pts >= n - 80 && p.pts < n - 20);
            let bits: usize = late.map(|p| p.data.len() * 8).sum();
            let is_bps = u64::try_from(bits).unwrap() / 2;
            assert!(
                (expected_bps * 7 / 10..expected_bps * 12 / 10).contains(&is_bps),
                "{latency:?}: {is_bps} b/s of {expected_bps}"
            );
        }
        let idrs = of(&packets, Track::Video).filter(|p| p.is_keyframe).count();
        assert_eq!(idrs, 1, "{latency:?}");
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

/// A process that stood still for a day goes on at once: sound has a hole as well then, and both go on together.
#[test]
fn a_hole_of_a_day_is_not_filled_with_sound() {
    for profile in PROFILES {
        let (mut encoder, mut packets) = (profile.open(), Vec::new());
        let later = Cadence::new(profile.framerate())
            .first_frame_at(media::ShowTime::from_nanos(86_400_000_000_000));
        for n in (0..10).chain(later..later + 60) {
            encoder
                .encode(&grey(n), n, false, None, &mut packets)
                .expect("it encodes");
        }
        encoder.finish(&mut packets).expect("it drains");
        let sound = of(&packets, Track::Audio).count();
        assert!(sound < 48 * 20, "{}: {sound} packets", profile.name);
        for track in [Track::Audio, Track::Video] {
            let first = of(&packets, track)
                .map(Packet::pts_nanos)
                .filter(|&ns| ns >= 86_400_000_000_000 - 50_000_000)
                .min();
            let first = first.expect("it goes on") - 86_400_000_000_000;
            assert!(first.abs() < 50_000_000, "{}: {first} ns", profile.name);
        }
    }
}

/// From each profile to each other one, and back, in one programme.
#[test]
fn one_encoder_follows_another_without_a_seam() {
    for (from, to) in PROFILES
        .iter()
        .flat_map(|from| PROFILES.iter().map(move |to| (from, to)))
    {
        let here = format!("{} -> {}", from.name, to.name);
        let (mut encoder, mut packets) = (from.open(), Vec::new());
        let mut cadence = Cadence::new(from.framerate());
        let mut times = Vec::new();
        for n in 0..120 {
            if let Some(next) = [(40, to), (80, from)].iter().find(|(at, _)| *at == n) {
                while encoder.drain_picture(n, &mut packets).expect("it drains") {}
                cadence = cadence.turned_to(next.1.framerate(), n);
                let video = VideoEncoder::open(&next.1.video()).expect("x264 is there");
                encoder.turn_to(video, cadence);
            }
            times.push(cadence.frame_time(n).nanos());
            // The last frame before a change never comes, and is shown all the same.
            if n != 79 {
                encoder
                    .encode(&grey(n), n, false, None, &mut packets)
                    .expect("it encodes");
            }
        }
        encoder.finish(&mut packets).expect("it drains");

        let mut shown: Vec<i64> = of(&packets, Track::Video).map(Packet::pts_nanos).collect();
        shown.sort_unstable();
        assert_eq!(shown, times, "{here}");
        let decoded: Vec<_> = of(&packets, Track::Video).collect();
        for pair in decoded.windows(2) {
            // RTMP tells milliseconds.
            let [a, b] = [pair[0], pair[1]].map(|packet| packet.timebase.millis(packet.dts));
            assert!(a < b, "{here}: {a} ms, then {b} ms");
        }
        assert!(
            decoded.iter().all(|p| p.dts_nanos() <= p.pts_nanos()),
            "{here}"
        );
        for n in [0, 40, 80] {
            let at = |packet: &&&Packet| packet.pts_nanos() == times[n];
            assert!(
                decoded.iter().find(at).expect("a frame").is_keyframe,
                "{here}: {n}"
            );
        }
        let sounds: Vec<i64> = of(&packets, Track::Audio)
            .map(|packet| packet.pts)
            .collect();
        assert!(
            sounds.windows(2).all(|two| two[1] - two[0] == 1024),
            "{here}"
        );
        // Sound ends where the picture does: within the last AAC frame.
        let end = cadence.samples_before(120, SAMPLE_RATE_HZ);
        let last = *sounds.last().expect("sound");
        assert!(
            (last..last + 1024).contains(&(end - 1)),
            "{here}: {last}, {end}"
        );
    }
}
