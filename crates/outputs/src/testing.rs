//! Made-up media for tests.

use crate::Headers;
use bytes::Bytes;
use media::{AudioHeader, Bitrate, Framerate, Packet, Resolution, Timebase, Track, VideoHeader};

pub(crate) fn headers(version: u8) -> Headers {
    Headers {
        video: VideoHeader {
            resolution: Resolution::new(1920, 1080),
            framerate: Framerate::new(30, 1).unwrap(),
            bitrate: Bitrate::from_bps(3_000_000),
            avcc: Bytes::from(vec![1, 0x64, 0, 0x28, version]),
        },
        audio: AudioHeader {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(128_000),
            asc: Bytes::from_static(&[0x11, 0x90]),
        },
    }
}

/// Frame `n` at 30 frames per second.
pub(crate) fn video(n: i64, is_keyframe: bool) -> Packet {
    let data = Bytes::from(format!("frame {n}"));
    Packet {
        track: Track::Video,
        pts: n,
        dts: n,
        timebase: Timebase { num: 1, den: 30 },
        is_keyframe,
        data,
    }
}

/// Sound from sample `sample` on, at 48 kHz.
pub(crate) fn audio(sample: i64) -> Packet {
    let data = Bytes::from(format!("sound {sample}"));
    Packet {
        track: Track::Audio,
        pts: sample,
        dts: sample,
        timebase: Timebase {
            num: 1,
            den: 48_000,
        },
        is_keyframe: true,
        data,
    }
}
