//! The H.264 encoder.

use crate::repeat::Repeater;
use crate::{Error, ffi, h264};
use bytes::Bytes;
use media::{Bitrate, Damage, Framerate, I420Frame, Packet, Resolution, Track, VideoHeader};
use std::{collections::VecDeque, ffi::CStr, fmt, str::FromStr};

/// What is traded for what: delay for picture quality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Latency {
    /// 15 frames of look-ahead: at 3 Mb/s 2-3 dB better than `Low`, packets come 15 frames after their frame. A buffer (VBV) of 2 s.
    #[default]
    Normal,
    /// No look-ahead, a frame's packet comes with the frame. A buffer (VBV) of 1 s.
    Low,
}

/// Frames that the encoder sees before it decides, with [`Latency::Normal`].
const LOOK_AHEAD: u32 = 15;

impl Latency {
    /// How many frames later than its own a packet comes, B-frames aside.
    pub const fn look_ahead_frames(self) -> u32 {
        match self {
            Self::Normal => LOOK_AHEAD,
            Self::Low => 0,
        }
    }
}

/// x264's speed presets, from the fastest to the one that needs the fewest bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    missing_docs,
    reason = "x264's names; what each means is x264's to say and to change"
)]
pub enum Preset {
    Ultrafast,
    Superfast,
    #[default]
    Veryfast,
    Faster,
    Fast,
    Medium,
    Slow,
    Slower,
    Veryslow,
}

impl Preset {
    /// Every preset, the fastest first.
    pub const ALL: [Self; 9] = [
        Self::Ultrafast,
        Self::Superfast,
        Self::Veryfast,
        Self::Faster,
        Self::Fast,
        Self::Medium,
        Self::Slow,
        Self::Slower,
        Self::Veryslow,
    ];

    /// x264's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ultrafast => "ultrafast",
            Self::Superfast => "superfast",
            Self::Veryfast => "veryfast",
            Self::Faster => "faster",
            Self::Fast => "fast",
            Self::Medium => "medium",
            Self::Slow => "slow",
            Self::Slower => "slower",
            Self::Veryslow => "veryslow",
        }
    }

    /// The slowest preset that a machine with so many cores carries for such frames, with room for the rest of the show.
    ///
    /// It knows nothing of how fast a core is, and the encoder uses one of them however many there are. On the one it was
    /// measured on, for the auction scene: 1080p60 (124 million px a second) takes 77 % of it with veryfast, 61 % with
    /// superfast, 37 % with ultrafast, and 720p30 (28 million) 21 % with veryfast, 38 % with faster.
    pub fn auto(resolution: Resolution, framerate: Framerate, cores: usize) -> Self {
        let frame_px = f64::from(resolution.width) * f64::from(resolution.height);
        let mpx_per_s = frame_px * framerate.as_f64() / 1e6;
        // A single core draws as well: another 8 % for 1080p30.
        let [faster, veryfast, superfast] = match cores {
            0 | 1 => [0.0, 75.0, 130.0],
            _ => [30.0, 150.0, 180.0],
        };
        match mpx_per_s {
            rate if rate <= faster => Self::Faster,
            rate if rate <= veryfast => Self::Veryfast,
            rate if rate <= superfast => Self::Superfast,
            _ => Self::Ultrafast,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no preset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no preset {0:?}; presets are ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow"
)]
pub struct ParsePresetError(pub String);

impl FromStr for Preset {
    type Err = ParsePresetError;

    fn from_str(name: &str) -> Result<Self, ParsePresetError> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.name() == name)
            .ok_or_else(|| ParsePresetError(name.to_owned()))
    }
}

/// What a [`VideoEncoder`] is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoSettings {
    /// Size of every frame: even, 16..=8192 pixels each way.
    pub resolution: Resolution,
    /// Nominal frame rate; frame numbers count in its timebase.
    pub framerate: Framerate,
    /// Target and ceiling: the buffer (VBV) drains at this rate. 10 kb/s ..= 200 Mb/s.
    pub bitrate: Bitrate,
    /// Speed preset.
    pub preset: Preset,
    /// Latency profile.
    pub latency: Latency,
    /// Most B-frames between two others, 0..=3; above 0 only with [`Latency::Normal`].
    pub b_frames: u8,
    /// Longest time from one IDR to the next, in milliseconds, rounded to whole frames; at least 1.
    pub keyframe_interval_ms: u32,
}

impl VideoSettings {
    /// Preset veryfast, normal latency, no B-frames, an IDR every 2 s.
    pub const fn new(resolution: Resolution, framerate: Framerate, bitrate: Bitrate) -> Self {
        Self {
            resolution,
            framerate,
            bitrate,
            preset: Preset::Veryfast,
            latency: Latency::Normal,
            b_frames: 0,
            keyframe_interval_ms: 2000,
        }
    }

    fn check(&self) -> Result<(), Error> {
        let size = |length: u32| length.is_multiple_of(2) && (16..=8192).contains(&length);
        let refuse = |setting, value: String, allowed| {
            Err(Error::InvalidSetting {
                setting,
                value,
                allowed,
            })
        };
        if !size(self.resolution.width) || !size(self.resolution.height) {
            return refuse(
                "resolution",
                self.resolution.to_string(),
                "even numbers, 16..=8192",
            );
        }
        let most_b_frames = match self.latency {
            Latency::Normal => 3,
            Latency::Low => 0,
        };
        if self.b_frames > most_b_frames {
            return refuse(
                "b_frames",
                self.b_frames.to_string(),
                "0..=3 with normal latency, 0 with low latency",
            );
        }
        if self.framerate.as_f64() > 1000.0
            || self.framerate.num().max(self.framerate.den()) > 1_000_000
        {
            return refuse(
                "framerate",
                self.framerate.to_string(),
                "up to 1000, of numbers up to 1000000",
            );
        }
        if self.keyframe_interval_ms == 0 {
            return refuse("keyframe_interval_ms", "0".to_owned(), "1 or more");
        }
        check_bitrate(self.bitrate)
    }

    /// Bits of buffer (VBV) at `bitrate`.
    const fn buffer_bits(&self, bitrate: Bitrate) -> u64 {
        match self.latency {
            Latency::Normal => 2 * bitrate.bps(),
            Latency::Low => bitrate.bps(),
        }
    }

    /// Options in x264's own words, applied after preset and tune.
    fn x264_options(&self) -> Vec<(&'static CStr, String)> {
        let keyint = self.framerate.frames_in_ms(self.keyframe_interval_ms);
        let mut options = vec![
            // One thread: under a VBV, frame threads and sliced threads alike let a frame's size depend on how far its
            // neighbour got, so two runs differ (seen in every one of a dozen 1080p runs); one thread is exact.
            (c"threads", "1".to_owned()),
            // Without it the bits differ between AVX2 and plain C; its cost is not measurable.
            (c"cpu-independent", "1".to_owned()),
            // A gap in the timestamps is not announced to rate control, which then only saves bits; telling it (VFR) would
            // hold every frame back by one more, because its duration is known when the next one comes.
            (c"force-cfr", "1".to_owned()),
            (c"nal-hrd", "none".to_owned()),
            (c"open-gop", "0".to_owned()),
            (c"scenecut", "0".to_owned()),
            (c"weightp", "0".to_owned()),
            (c"keyint", keyint.to_string()),
            (c"bframes", self.b_frames.to_string()),
        ];
        if self.preset == Preset::Veryfast {
            // The diamond instead of the hexagon finds the motion of flat, sliding things as well: 0.5 ms less of 18.4 for a frame
            // of the auction scene (0.4 of 17.6 with low latency), for an SSIM lower by 0.00003. Others are x264's own.
            options.push((c"me", "dia".to_owned()));
        }
        if self.latency == Latency::Normal {
            options.extend([
                (c"rc-lookahead", LOOK_AHEAD.to_string()),
                (c"sync-lookahead", "0".to_owned()),
                (c"mbtree", "1".to_owned()),
            ]);
        }
        options
    }
}

fn check_bitrate(bitrate: Bitrate) -> Result<(), Error> {
    if (10_000..=200_000_000).contains(&bitrate.bps()) {
        return Ok(());
    }
    Err(Error::InvalidSetting {
        setting: "bitrate",
        value: format!("{} b/s", bitrate.bps()),
        allowed: "10000..=200000000",
    })
}

/// Frames in, H.264 packets out.
///
/// Encodes on the caller's thread; 10-20 ms for a frame of 1080p with [`Preset::Veryfast`] on one core of a cloud machine.
/// Closed groups of pictures, an IDR at least every [`VideoSettings::keyframe_interval_ms`], none for cuts.
#[derive(Debug)]
pub struct VideoEncoder {
    settings: VideoSettings,
    header: VideoHeader,
    encoder: ffi::X264,
    last_pts: Option<i64>,
    /// Frames since the last IDR, that one included; `None` before the first.
    since_idr: Option<u32>,
    /// Makes the packets of frames that repeat; `None` where the stream does not allow for it.
    repeater: Option<Repeater>,
    /// Numbers of the frames whose packets are still to come, oldest first.
    waiting: VecDeque<i64>,
    /// Frames given to x264 since the last that differed or is an IDR.
    still: usize,
    finished: bool,
}

/// The quantizer at or below which a picture that stands still is not refined any more: finer is not seen, and x264 would
/// go on for ever (10 ms for each frame of 1080p).
const FINE_QP: i32 = 18;

impl VideoEncoder {
    /// Opens x264.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`], or [`Error::X264`] where x264 refuses.
    pub fn open(settings: &VideoSettings) -> Result<Self, Error> {
        settings.check()?;
        let encoder = ffi::X264::open(&ffi::X264Config {
            resolution: settings.resolution,
            framerate: settings.framerate,
            rate: ffi::RateControl {
                bitrate_bps: settings.bitrate.bps(),
                buffer_bits: settings.buffer_bits(settings.bitrate),
            },
            preset: settings.preset.name(),
            tune: match settings.latency {
                Latency::Normal => None,
                Latency::Low => Some(c"zerolatency"),
            },
            // With B-frames x264's reference for an unchanged macroblock would not be the frame before.
            takes_damage: settings.b_frames == 0,
            options: &settings.x264_options(),
        })?;
        let header = VideoHeader {
            resolution: settings.resolution,
            framerate: settings.framerate,
            bitrate: settings.bitrate,
            avcc: h264::avcc_record(encoder.parameter_sets())?,
        };
        // Packets then come in the order of frames.
        let repeater = (settings.b_frames == 0)
            .then(|| Repeater::new(encoder.parameter_sets(), settings.resolution))
            .flatten();
        Ok(Self {
            settings: settings.clone(),
            header,
            encoder,
            last_pts: None,
            since_idr: None,
            repeater,
            waiting: VecDeque::new(),
            still: 0,
            finished: false,
        })
    }

    /// What a decoder must know; stays the same for the life of the encoder, except that `bitrate` follows [`Self::set_bitrate`].
    pub fn header(&self) -> &VideoHeader {
        &self.header
    }

    /// Encodes the frame with number `pts` of show time and appends the packets that are ready, in decode order.
    ///
    /// Numbers must increase and may jump over a gap; with `force_idr` the packet of this very frame is an IDR, from which
    /// the next regular one is counted. Packets count in [`Framerate::timebase`]; the first `dts` is negative by up to two frames where
    /// [`VideoSettings::b_frames`] is above 0 and the first frame is number 0.
    ///
    /// `damage` tells outside of which blocks the frame equals, byte for byte, the last one that was given and not refused;
    /// there x264 repeats what it has, unless that was coded more coarsely than it now can afford. `None` where nothing is
    /// known. With B-frames it is not made use of.
    ///
    /// # Errors
    /// [`Error::FrameSize`], [`Error::FrameOrder`], [`Error::Finished`], or what the encoder reports. After a refused frame
    /// encoding may go on.
    ///
    /// # Panics
    /// When `damage` is that of another size.
    pub fn encode(
        &mut self,
        frame: &I420Frame,
        pts: i64,
        force_idr: bool,
        damage: Option<&Damage>,
        packets: &mut Vec<Packet>,
    ) -> Result<(), Error> {
        if frame.resolution() != self.settings.resolution {
            return Err(Error::FrameSize {
                actual: frame.resolution(),
                expected: self.settings.resolution,
            });
        }
        if let Some(previous) = self.last_pts.filter(|&previous| pts <= previous) {
            return Err(Error::FrameOrder { pts, previous });
        }
        if self.finished {
            return Err(Error::Finished);
        }
        self.last_pts = Some(pts);
        // Regular IDRs are asked for, so that none comes with marks: with them on one, two runs gave different bytes.
        let keyint = self
            .settings
            .framerate
            .frames_in_ms(self.settings.keyframe_interval_ms);
        let due = self.since_idr.is_none_or(|n| n >= keyint);
        let idr = force_idr || due && self.settings.b_frames == 0;
        self.since_idr = Some(if idr {
            1
        } else {
            self.since_idr.map_or(1, |n| n.saturating_add(1))
        });
        let is_same = damage.is_some_and(Damage::is_empty) && !idr;
        if is_same && let Some(data) = self.repeat() {
            self.waiting.push_back(pts);
            let shown = self.waiting.pop_front().unwrap_or(pts);
            packets.push(self.packet(data, [shown; 2], false));
            return Ok(());
        }
        self.still = if is_same { self.still + 1 } else { 0 };
        let damage = damage.filter(|_| !idr);
        let encoded = self.encoder.encode(frame, pts, idr, damage)?;
        self.waiting.push_back(pts);
        packets.extend(encoded.map(|picture| self.received(picture)));
        Ok(())
    }

    /// An access unit that shows the newest packet's picture again, when the frame to come is the same and fine enough.
    ///
    /// What x264 holds back then shows the same too: it comes later, in place of frames that are still the same.
    fn repeat(&mut self) -> Option<Bytes> {
        let held = self.waiting.len();
        let repeater = self.repeater.as_mut()?;
        let is_fine = repeater.qp().is_some_and(|qp| qp <= FINE_QP);
        (self.still >= held && is_fine).then(|| repeater.repeat())
    }

    /// Changes target bitrate, ceiling and buffer from the next frame on, without an IDR.
    ///
    /// Lowering takes effect within the buffer's length; after raising the rate climbs slowly and may stay below.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`] outside of 10 kb/s ..= 200 Mb/s, or what the encoder reports.
    pub fn set_bitrate(&mut self, bitrate: Bitrate) -> Result<(), Error> {
        check_bitrate(bitrate)?;
        self.encoder.set_rate(ffi::RateControl {
            bitrate_bps: bitrate.bps(),
            buffer_bits: self.settings.buffer_bits(bitrate),
        })?;
        self.header.bitrate = bitrate;
        Ok(())
    }

    /// Appends all packets still held back. No frame may follow.
    ///
    /// # Errors
    /// [`Error::Finished`] when called twice, or what the encoder reports.
    pub fn finish(&mut self, packets: &mut Vec<Packet>) -> Result<(), Error> {
        if self.finished {
            return Err(Error::Finished);
        }
        while self.drain(packets)? {}
        Ok(())
    }

    /// As [`finish`](Self::finish), one packet at a time: it takes as long as encoding a frame. Says whether there was
    /// one. No frame may follow.
    ///
    /// # Errors
    /// What the encoder reports.
    pub fn drain(&mut self, packets: &mut Vec<Packet>) -> Result<bool, Error> {
        self.finished = true;
        let picture = self.encoder.drain()?;
        let found = picture.is_some();
        packets.extend(picture.map(|picture| self.received(picture)));
        Ok(found)
    }

    /// A packet of x264's: of the frame that has waited longest, where order does not change.
    fn received(&mut self, picture: ffi::Picture) -> Packet {
        let longest = self.waiting.pop_front();
        match (&mut self.repeater, longest) {
            (Some(repeater), Some(pts)) => {
                let data = repeater.renumber(picture.data);
                self.packet(data, [pts; 2], picture.is_keyframe)
            }
            _ => self.packet(
                picture.data,
                [picture.pts, picture.dts],
                picture.is_keyframe,
            ),
        }
    }

    fn packet(&self, data: Bytes, [pts, dts]: [i64; 2], is_keyframe: bool) -> Packet {
        Packet {
            track: Track::Video,
            pts,
            dts,
            timebase: self.settings.framerate.timebase(),
            is_keyframe,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of frames must not leave days of numbers behind, whether the stream allows for repeats or not.
    #[test]
    fn no_number_waits_longer_than_its_frame() {
        let size = Resolution::new(64, 64);
        let rate = Framerate::new(30, 1).expect("a rate");
        let normal = VideoSettings::new(size, rate, Bitrate::from_bps(200_000));
        let b_frames = VideoSettings {
            b_frames: 2,
            ..normal.clone()
        };
        let medium = VideoSettings {
            preset: Preset::Medium,
            latency: Latency::Low,
            ..normal.clone()
        };
        for settings in [normal, b_frames, medium] {
            let mut encoder = VideoEncoder::open(&settings).expect("x264 opens");
            let mut packets = Vec::new();
            for n in 0..100 {
                let frame = I420Frame::black(size);
                let encoded = encoder.encode(&frame, n, false, None, &mut packets);
                encoded.expect("it encodes");
            }
            assert_eq!(encoder.waiting.len(), 100 - packets.len(), "{settings:?}");
        }
    }
}
