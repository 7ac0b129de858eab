//! Encoding: frames in, interleaved packets out. Knows no threads.

use crate::{Error, Headers};
use codec::{AudioEncoder, AudioSettings, VideoEncoder, VideoSettings};
use media::{AudioBlock, Bitrate, Cadence, Damage, I420Frame, Packet, Timebase, Track};
use std::collections::VecDeque;
use std::sync::Arc;

/// How often the last frame is shown again for frames that never came; a longer hole stays a hole.
const MAX_REPEATS: i64 = 5;
/// Between decode times that would else not rise where one encoder follows another: a unit of RTMP's.
const MIN_STEP_NS: i64 = 1_000_000;

/// The encoders of one programme, picture and sound.
///
/// **Invariant:** sound follows picture: samples before frame n+1 are encoded with frame n, and a sound packet leaves
/// just before the first video packet that is not earlier. So whoever joins at an IDR has the sound from there on,
/// even with half a second of look-ahead. Without look-ahead sound comes up to three AAC frames late (64 ms)
/// instead, for its encoder takes that long and the picture waits for nobody.
pub struct ProgramEncoder {
    video: VideoEncoder,
    audio: AudioEncoder,
    audio_settings: AudioSettings,
    headers: Headers,
    cadence: Cadence,
    /// Whether packets of the picture count in nanoseconds, since its times are no whole numbers of frames.
    in_nanos: bool,
    last: Option<(i64, Arc<I420Frame>)>,
    last_dts_ns: i64,
    /// Samples that were encoded, counted from show time 0; `None` before the first frame.
    samples_done: Option<i64>,
    repeated: u64,
    waiting_audio: VecDeque<Packet>,
    scratch: Vec<Packet>,
}

impl ProgramEncoder {
    /// Opens both encoders, for a show that counts its frames from show time 0.
    ///
    /// # Errors
    /// [`Error::Codec`] when an encoder is not there or refuses its settings.
    pub fn open(video: &VideoSettings, audio: &AudioSettings) -> Result<Self, Error> {
        Self::open_at(video, audio, Cadence::new(video.framerate))
    }

    /// Likewise, for a show whose frames are at the times of `cadence`, at the rate of `video`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_at(
        video: &VideoSettings,
        audio: &AudioSettings,
        cadence: Cadence,
    ) -> Result<Self, Error> {
        let (video, audio_encoder) = (VideoEncoder::open(video)?, AudioEncoder::open(audio)?);
        let headers = Headers {
            video: video.header().clone(),
            audio: audio_encoder.header().clone(),
        };
        Ok(Self {
            video,
            audio: audio_encoder,
            audio_settings: audio.clone(),
            headers,
            cadence,
            in_nanos: !cadence.is_plain(),
            last: None,
            last_dts_ns: i64::MIN,
            samples_done: None,
            repeated: 0,
            waiting_audio: VecDeque::new(),
            scratch: Vec::new(),
        })
    }

    /// What decoders must know before the first packet.
    pub const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// What the picture is encoded at.
    pub const fn bitrate(&self) -> Bitrate {
        self.headers.video.bitrate
    }

    /// Changes the bitrate of the picture from the next frame on, without an IDR; [`headers`](Self::headers) follows.
    ///
    /// A lower one holds within the encoder's buffer (one or two seconds), a higher one is climbed to.
    ///
    /// # Errors
    /// [`Error::Codec`] outside of what the encoder takes, 10 kb/s to 200 Mb/s; the old one then stays.
    pub fn set_bitrate(&mut self, bitrate: Bitrate) -> Result<(), Error> {
        self.video.set_bitrate(bitrate)?;
        self.headers.video.bitrate = bitrate;
        Ok(())
    }

    /// Frames that were shown again because none came for their time.
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Encodes frame `n` of the show, after filling the frames that are missing before it; `out` gets what is ready.
    ///
    /// `damage` is what differs from the frame of the call before; `None` where that is not known.
    /// Blocks for the length of the encode: 10 to 20 ms at 1080p.
    ///
    /// # Errors
    /// [`Error::Codec`] when an encoder fails.
    ///
    /// # Panics
    /// When `damage` is that of another size.
    pub fn encode(
        &mut self,
        frame: &Arc<I420Frame>,
        n: i64,
        idr: bool,
        damage: Option<&Damage>,
        out: &mut Vec<Packet>,
    ) -> Result<(), Error> {
        self.repeat_up_to(n, out)?;
        self.encode_one(frame, n, idr, damage, out)?;
        self.last = Some((n, Arc::clone(frame)));
        Ok(())
    }

    /// Takes out one packet of the picture that is still held back, and says whether there was one; the frames that are
    /// missing before frame `n` come first. No frame may follow before [`turn_to`](Self::turn_to).
    ///
    /// Blocks for the length of the encode of a frame, and of those that are missing.
    ///
    /// # Errors
    /// [`Error::Codec`] when an encoder fails.
    pub fn drain_picture(&mut self, n: i64, out: &mut Vec<Packet>) -> Result<bool, Error> {
        self.repeat_up_to(n, out)?;
        let mut packets = std::mem::take(&mut self.scratch);
        let found = self.video.drain(&mut packets)?;
        self.interleave(packets, out);
        Ok(found)
    }

    /// Goes on with another encoder of the picture, opened for the rate of `cadence`, whose first packet is an IDR; sound
    /// goes on as it was. What the one before still holds is lost: [`drain_picture`](Self::drain_picture) first.
    ///
    /// Decode times of its first packets are moved by some milliseconds where they would else not rise (B-frames, or
    /// another rate); presentation times never are.
    pub fn turn_to(&mut self, video: VideoEncoder, cadence: Cadence) {
        self.headers.video = video.header().clone();
        self.video = video;
        self.cadence = cadence;
        self.in_nanos = true;
        self.last = None;
    }

    fn repeat_up_to(&mut self, n: i64, out: &mut Vec<Packet>) -> Result<(), Error> {
        let Some((last_n, last)) = self.last.take() else {
            return Ok(());
        };
        for missing in (last_n + 1..n).take(usize::try_from(MAX_REPEATS).unwrap_or(0)) {
            self.repeated += 1;
            let size = last.resolution();
            let nothing = Damage::none(size.width as usize, size.height as usize);
            self.encode_one(&last, missing, false, Some(&nothing), out)?;
        }
        Ok(())
    }

    /// Takes out everything the encoders still hold.
    ///
    /// # Errors
    /// [`Error::Codec`] when an encoder fails.
    pub fn finish(mut self, out: &mut Vec<Packet>) -> Result<(), Error> {
        let mut packets = Vec::new();
        self.audio.finish(&mut packets)?;
        self.waiting_audio.extend(packets.drain(..));
        self.video.finish(&mut packets)?;
        self.interleave(packets, out);
        out.extend(self.waiting_audio);
        Ok(())
    }

    fn encode_one(
        &mut self,
        frame: &I420Frame,
        n: i64,
        idr: bool,
        damage: Option<&Damage>,
        out: &mut Vec<Packet>,
    ) -> Result<(), Error> {
        let mut packets = std::mem::take(&mut self.scratch);
        let hz = self.audio_settings.sample_rate_hz;
        // What is missing before is for the encoder of sound to fill; what follows another cadence may be done already.
        let start = self.cadence.samples_before(n, hz);
        let start = self.samples_done.map_or(start, |done| start.max(done));
        let end = self.cadence.samples_before(n + 1, hz).max(start);
        let silence = self.silence(start, end);
        self.audio.encode(&silence, &mut packets)?;
        self.samples_done = Some(end);
        self.waiting_audio.extend(packets.drain(..));
        self.video.encode(frame, n, idr, damage, &mut packets)?;
        self.interleave(packets, out);
        Ok(())
    }

    /// Nothing sounds yet: silence from sample `start` up to sample `end`.
    fn silence(&self, start: i64, end: i64) -> AudioBlock {
        let AudioSettings {
            sample_rate_hz,
            channels,
            ..
        } = self.audio_settings;
        let samples = usize::try_from(end - start).unwrap_or(0) * usize::from(channels);
        AudioBlock {
            sample_rate_hz,
            channels,
            start,
            samples: vec![0.0; samples],
        }
    }

    fn interleave(&mut self, mut video: Vec<Packet>, out: &mut Vec<Packet>) {
        for packet in video.drain(..) {
            debug_assert_eq!(packet.track, Track::Video);
            let packet = self.timed(packet);
            let dts = packet.dts_nanos();
            self.last_dts_ns = dts;
            while let Some(audio) = self
                .waiting_audio
                .pop_front_if(|audio| audio.dts_nanos() < dts)
            {
                out.push(audio);
            }
            out.push(packet);
        }
        self.scratch = video;
    }
}

impl ProgramEncoder {
    /// A packet of the picture at its show time.
    fn timed(&self, packet: Packet) -> Packet {
        if !self.in_nanos {
            return packet;
        }
        let [pts, dts] = [packet.pts, packet.dts].map(|n| self.cadence.frame_time(n).nanos());
        let dts = if dts > self.last_dts_ns {
            dts
        } else {
            pts.min(self.last_dts_ns + MIN_STEP_NS)
        };
        Packet {
            pts,
            dts,
            timebase: Timebase::NANOS,
            ..packet
        }
    }
}

impl std::fmt::Debug for ProgramEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgramEncoder")
            .field("headers", &self.headers)
            .field("repeated", &self.repeated)
            .finish_non_exhaustive()
    }
}
