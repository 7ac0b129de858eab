//! Files by libavformat.

use crate::{Error, audio::AAC_FRAME_LEN, ffi};
use media::{AudioHeader, Packet, Timebase, Track, VideoHeader};
use std::io::{Seek, Write};

/// A file format; the live form of MP4 is [`crate::Fragmenter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// MP4 with its index at the end: playable only once finished. Times are exact; priming is cut by an edit list.
    Mp4,
    /// Matroska: playable up to the last cluster even if never finished. In whole milliseconds, moved by as much as the
    /// earliest packet, such as AAC's priming, lies before 0.
    Matroska,
}

/// Packets of both tracks in, one file out, written into the caller's sink.
///
/// Packets of one track come in decode order; between tracks any order will do, they are interleaved here, for which up to 10 s
/// are held in memory while one track is silent. Times are kept as they are: a caller that begins in the middle of a show
/// subtracts the start itself, and audio before the first picture is cut by it.
/// Dropped without [`Muxer::finish`], the file stays without its tail.
#[derive(Debug)]
pub struct Muxer<W: Write + Seek> {
    inner: ffi::Muxer<W>,
    has_audio: bool,
}

impl<W: Write + Seek> Muxer<W> {
    /// Writes the head of the file.
    ///
    /// # Errors
    /// [`Error::Sink`], or [`Error::MuxerMissing`] where FFmpeg was built without the container.
    pub fn open(
        container: Container,
        video: &VideoHeader,
        audio: Option<&AudioHeader>,
        sink: W,
    ) -> Result<Self, Error> {
        let (name, c_name) = match container {
            Container::Mp4 => ("mp4", c"mp4"),
            Container::Matroska => ("matroska", c"matroska"),
        };
        let mut streams = vec![ffi::StreamConfig::Video(video)];
        let mut timebases = vec![video.framerate.timebase()];
        if let Some(audio) = audio {
            streams.push(ffi::StreamConfig::Audio(audio));
            timebases.push(Timebase {
                num: 1,
                den: audio.sample_rate_hz,
            });
        }
        let inner = ffi::Muxer::open(name, c_name, &streams, &timebases, sink)?;
        Ok(Self {
            inner,
            has_audio: audio.is_some(),
        })
    }

    /// Adds a packet.
    ///
    /// # Errors
    /// [`Error::TrackMissing`], [`Error::Sink`], or what libavformat reports, such as a decode time that does not increase.
    pub fn write(&mut self, packet: &Packet) -> Result<(), Error> {
        match packet.track {
            Track::Video => self.inner.write(0, packet, 1),
            Track::Audio if self.has_audio => self.inner.write(1, packet, i64::from(AAC_FRAME_LEN)),
            Track::Audio => Err(Error::TrackMissing {
                track: packet.track,
            }),
        }
    }

    /// Writes the tail, flushes the sink and gives it back.
    ///
    /// # Errors
    /// [`Error::Sink`], or what libavformat reports.
    pub fn finish(self) -> Result<W, Error> {
        self.inner.finish()
    }
}
