//! Encoding: frames in, interleaved packets out. Knows no threads.

use crate::{Error, Headers};
use codec::{AudioEncoder, AudioSettings, VideoEncoder, VideoSettings};
use media::{AudioBlock, Damage, Framerate, I420Frame, Packet, Track};
use std::collections::VecDeque;
use std::sync::Arc;

/// How often the last frame is shown again for frames that never came; a longer hole stays a hole.
const MAX_REPEATS: i64 = 5;

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
    framerate: Framerate,
    last: Option<(i64, Arc<I420Frame>)>,
    samples_done: i64,
    repeated: u64,
    waiting_audio: VecDeque<Packet>,
    scratch: Vec<Packet>,
}

impl ProgramEncoder {
    /// Opens both encoders.
    ///
    /// # Errors
    /// [`Error::Codec`] when an encoder is not there or refuses its settings.
    pub fn open(video: &VideoSettings, audio: &AudioSettings) -> Result<Self, Error> {
        let framerate = video.framerate;
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
            framerate,
            last: None,
            samples_done: 0,
            repeated: 0,
            waiting_audio: VecDeque::new(),
            scratch: Vec::new(),
        })
    }

    /// What decoders must know before the first packet.
    pub const fn headers(&self) -> &Headers {
        &self.headers
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
        if let Some((last_n, last)) = self.last.take() {
            for missing in (last_n + 1..n).take(usize::try_from(MAX_REPEATS).unwrap_or(0)) {
                self.repeated += 1;
                let size = last.resolution();
                let nothing = Damage::none(size.width as usize, size.height as usize);
                self.encode_one(&last, missing, false, Some(&nothing), out)?;
            }
        } else {
            self.samples_done = self
                .framerate
                .samples_before(n, self.audio_settings.sample_rate_hz);
        }
        self.encode_one(frame, n, idr, damage, out)?;
        self.last = Some((n, Arc::clone(frame)));
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
        let end = self
            .framerate
            .samples_before(n + 1, self.audio_settings.sample_rate_hz);
        let silence = self.silence(end);
        self.audio.encode(&silence, &mut packets)?;
        self.samples_done = end;
        self.waiting_audio.extend(packets.drain(..));
        self.video.encode(frame, n, idr, damage, &mut packets)?;
        self.interleave(packets, out);
        Ok(())
    }

    /// Nothing sounds yet: silence up to sample `end`.
    fn silence(&self, end: i64) -> AudioBlock {
        let AudioSettings {
            sample_rate_hz,
            channels,
            ..
        } = self.audio_settings;
        let samples = usize::try_from(end - self.samples_done).unwrap_or(0) * usize::from(channels);
        AudioBlock {
            sample_rate_hz,
            channels,
            start: self.samples_done,
            samples: vec![0.0; samples],
        }
    }

    fn interleave(&mut self, mut video: Vec<Packet>, out: &mut Vec<Packet>) {
        for packet in video.drain(..) {
            debug_assert_eq!(packet.track, Track::Video);
            let dts = packet.dts_nanos();
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

impl std::fmt::Debug for ProgramEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProgramEncoder")
            .field("headers", &self.headers)
            .field("repeated", &self.repeated)
            .finish_non_exhaustive()
    }
}
