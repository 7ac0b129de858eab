//! The AAC encoder.

use crate::{Error, ffi};
use bytes::Bytes;
use media::{AudioBlock, AudioHeader, Bitrate, Packet, Timebase, Track};

/// Samples per channel in one packet of AAC-LC; also the encoder's priming.
pub(crate) const AAC_FRAME_LEN: u16 = 1024;

const FRAME_LEN: usize = AAC_FRAME_LEN as usize;

/// What an [`AudioEncoder`] is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioSettings {
    /// Samples per second: 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200 or 96000.
    pub sample_rate_hz: u32,
    /// Interleaved channels, 1 or 2.
    pub channels: u8,
    /// Target bitrate, 8 kb/s ..= 512 kb/s; AAC takes no more than 6144 bits per channel and frame and stays below.
    pub bitrate: Bitrate,
}

impl AudioSettings {
    fn check(&self) -> Result<(), Error> {
        const RATES: [u32; 12] = [
            8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000,
        ];
        let refuse = |setting, value: String, allowed| {
            Err(Error::InvalidSetting {
                setting,
                value,
                allowed,
            })
        };
        if !RATES.contains(&self.sample_rate_hz) {
            let allowed =
                "8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000";
            return refuse("sample_rate_hz", self.sample_rate_hz.to_string(), allowed);
        }
        if !(1..=2).contains(&self.channels) {
            return refuse("channels", self.channels.to_string(), "1..=2");
        }
        if !(8_000..=512_000).contains(&self.bitrate.bps()) {
            return refuse(
                "bitrate",
                format!("{} b/s", self.bitrate.bps()),
                "8000..=512000",
            );
        }
        Ok(())
    }
}

/// The longest silence that is encoded for sound that is missing. Players that do without it lose step with the picture, and
/// after so long a pause servers have hung up; a process that stood still for a day would encode for ten minutes.
const LONGEST_SILENCE_S: i64 = 10;

/// Sound in, AAC-LC packets out.
///
/// Packet `k` has `pts = dts = start + k * 1024 - 1024` in samples of show time, `start` being that of the first block:
/// a decoder's output for a packet belongs exactly at its pts, and the first packet holds 1024 samples of priming, before the
/// first sound. Whoever joins later or begins with a picture cuts packets before that picture and loses nothing of the rest.
#[derive(Debug)]
pub struct AudioEncoder {
    settings: AudioSettings,
    header: AudioHeader,
    encoder: ffi::AacEncoder,
    /// Samples that do not fill a frame yet, one row per channel.
    pending: Vec<Vec<f32>>,
    /// Sample that follows the last one taken in; `None` before the first block.
    next_sample: Option<i64>,
    /// `pts` of the next packet.
    next_pts: i64,
}

impl AudioEncoder {
    /// Opens FFmpeg's native AAC encoder.
    ///
    /// # Errors
    /// [`Error::InvalidSetting`], or [`Error::EncoderMissing`] where FFmpeg was built without it.
    pub fn open(settings: &AudioSettings) -> Result<Self, Error> {
        settings.check()?;
        let encoder = ffi::AacEncoder::open(
            settings.sample_rate_hz,
            settings.channels,
            settings.bitrate.bps(),
        )?;
        let header = AudioHeader {
            sample_rate_hz: settings.sample_rate_hz,
            channels: settings.channels,
            bitrate: settings.bitrate,
            asc: Bytes::copy_from_slice(encoder.extradata()),
        };
        let pending = vec![Vec::with_capacity(FRAME_LEN); usize::from(settings.channels)];
        Ok(Self {
            settings: settings.clone(),
            header,
            encoder,
            pending,
            next_sample: None,
            next_pts: 0,
        })
    }

    /// What a decoder must know; stays the same for the life of the encoder.
    pub fn header(&self) -> &AudioHeader {
        &self.header
    }

    /// Encodes a block of any length and appends the packets that are ready; what does not fill a frame is kept.
    ///
    /// A block that begins later than the one before ended is preceded by encoded silence, so that sound stays in its place:
    /// a gap costs as much as sound of its length, up to ten seconds. A longer one stays a gap, after ten seconds of silence:
    /// times of packets leap there by a whole number of AAC frames. NaN and infinity are silence, everything else is clamped
    /// to -1..=1.
    ///
    /// # Errors
    /// [`Error::BlockFormat`], [`Error::BlockOverlap`], or what the encoder reports.
    pub fn encode(&mut self, block: &AudioBlock, packets: &mut Vec<Packet>) -> Result<(), Error> {
        let channels = usize::from(self.settings.channels);
        if block.channels != self.settings.channels
            || block.sample_rate_hz != self.settings.sample_rate_hz
            || !block.samples.len().is_multiple_of(channels)
        {
            return Err(Error::BlockFormat {
                samples: block.samples.len(),
                channels: block.channels,
                sample_rate_hz: block.sample_rate_hz,
                expected_channels: self.settings.channels,
                expected_sample_rate_hz: self.settings.sample_rate_hz,
            });
        }
        let mut next = match self.next_sample {
            Some(expected) if block.start < expected => {
                return Err(Error::BlockOverlap {
                    start: block.start,
                    expected,
                });
            }
            Some(expected) => expected,
            None => {
                self.next_pts = block.start - i64::from(AAC_FRAME_LEN);
                block.start
            }
        };
        let left_out = self.left_out(block.start - next);
        let silence = vec![0.0; FRAME_LEN * channels];
        while next < block.start - left_out {
            let instants = usize::try_from(block.start - left_out - next)
                .map_or(FRAME_LEN, |gap| gap.min(FRAME_LEN));
            next = self.take(&silence[..instants * channels], next, packets)?;
        }
        // What the encoder still holds is silence by now, so nothing that was heard before leaps as well.
        self.next_pts += left_out;
        self.take(&block.samples, next + left_out, packets)?;
        Ok(())
    }

    /// How much of a gap is not encoded, in samples: whole AAC frames.
    fn left_out(&self, gap: i64) -> i64 {
        let silence = LONGEST_SILENCE_S * i64::from(self.settings.sample_rate_hz);
        let frame = i64::from(AAC_FRAME_LEN);
        (gap - silence).max(0) / frame * frame
    }

    /// Appends all packets still held back, the last frame filled up with silence. No block may follow.
    ///
    /// # Errors
    /// What the encoder reports, also when called twice.
    pub fn finish(&mut self, packets: &mut Vec<Packet>) -> Result<(), Error> {
        if !self.pending[0].is_empty() {
            for row in &mut self.pending {
                row.resize(FRAME_LEN, 0.0);
            }
            self.encode_frame(packets)?;
        }
        self.encoder.send_end()?;
        self.receive(packets)
    }

    /// Takes interleaved samples, the first of them number `start`; returns the number that follows.
    fn take(
        &mut self,
        mut samples: &[f32],
        start: i64,
        packets: &mut Vec<Packet>,
    ) -> Result<i64, Error> {
        let channels = self.pending.len();
        let mut next = start;
        while !samples.is_empty() {
            let room = (FRAME_LEN - self.pending[0].len()) * channels;
            let (head, tail) = samples.split_at(room.min(samples.len()));
            for (channel, row) in self.pending.iter_mut().enumerate() {
                let clean = |&sample: &f32| {
                    if sample.is_finite() {
                        sample.clamp(-1.0, 1.0)
                    } else {
                        0.0
                    }
                };
                row.extend(head.iter().skip(channel).step_by(channels).map(clean));
            }
            next += (head.len() / channels) as i64;
            self.next_sample = Some(next);
            samples = tail;
            if self.pending[0].len() == FRAME_LEN {
                self.encode_frame(packets)?;
            }
        }
        Ok(next)
    }

    fn encode_frame(&mut self, packets: &mut Vec<Packet>) -> Result<(), Error> {
        self.encoder.send(&self.pending)?;
        for row in &mut self.pending {
            row.clear();
        }
        self.receive(packets)
    }

    fn receive(&mut self, packets: &mut Vec<Packet>) -> Result<(), Error> {
        while let Some(encoded) = self.encoder.receive()? {
            packets.push(Packet {
                track: Track::Audio,
                pts: self.next_pts,
                dts: self.next_pts,
                timebase: Timebase {
                    num: 1,
                    den: self.settings.sample_rate_hz,
                },
                is_keyframe: true,
                data: Bytes::copy_from_slice(encoded.data),
            });
            self.next_pts += i64::from(AAC_FRAME_LEN);
        }
        Ok(())
    }
}
