//! Fragmented MP4 for the live preview.
//!
//! Written here and not by libavformat, because it is small and must be exact: libavformat gives a fragment its length only when
//! the next packet comes (one frame more of delay), numbers and shifts the times of the whole stream by its first packet, and
//! takes custom I/O to tell one fragment from the next.

use crate::{Error, audio::AAC_FRAME_LEN};
use bytes::{BufMut, Bytes, BytesMut};
use media::{AudioHeader, Packet, Track, VideoHeader};
use std::fmt::Write as _;

const VIDEO_TRACK_ID: u32 = 1;
const AUDIO_TRACK_ID: u32 = 2;
/// The identity of ISO/IEC 14496-12, in 16.16 and 2.30 fixed point.
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// Packets in, one fragment (`moof` + `mdat`) each out, for Media Source Extensions.
///
/// Every fragment tells its absolute time, so a viewer may join with [`Fragmenter::init_segment`] and the fragments from any IDR
/// on, and one fragmenter serves all viewers. Media time is show time plus [`Fragmenter::OFFSET_S`]: times in MP4 cannot be
/// negative, but those of AAC's priming and of the first B-frames are. Timescales are a multiple of the frame rate's numerator and
/// the sample rate, in which every time is a whole number, unless the rate was changed on air: then to 0.01 ms.
#[derive(Debug)]
pub struct Fragmenter {
    init_segment: Bytes,
    mime_type: String,
    video_timescale: u32,
    frame_ticks: u32,
    audio_timescale: Option<u32>,
    sequence: u32,
}

impl Fragmenter {
    /// Seconds that media time is ahead of show time.
    pub const OFFSET_S: u32 = 1;

    /// For packets of the encoders with these headers; new headers need a new fragmenter and viewers its new init segment.
    pub fn new(video: &VideoHeader, audio: Option<&AudioHeader>) -> Self {
        let mut mime_type = String::from("video/mp4; codecs=\"avc1.");
        for byte in video.avcc.iter().skip(1).take(3) {
            let _ = write!(mime_type, "{byte:02x}");
        }
        mime_type.push_str(if audio.is_some() {
            ",mp4a.40.2\""
        } else {
            "\""
        });
        Self {
            init_segment: init_segment(video, audio),
            mime_type,
            video_timescale: video_timescale(video),
            frame_ticks: video.framerate.den() * timescale_factor(video),
            audio_timescale: audio.map(|audio| audio.sample_rate_hz),
            sequence: 0,
        }
    }

    /// `ftyp` and `moov`: what a viewer needs before its first fragment.
    pub fn init_segment(&self) -> Bytes {
        self.init_segment.clone()
    }

    /// The type for `MediaSource.addSourceBuffer`, such as `video/mp4; codecs="avc1.640028,mp4a.40.2"`.
    pub fn mime_type(&self) -> &str {
        &self.mime_type
    }

    /// The packet as a fragment. Packets of one track come in decode order; between tracks any order will do.
    ///
    /// A packet lasts one frame or 1024 samples; a gap in the frame numbers is a gap in the fragments.
    ///
    /// # Errors
    /// [`Error::TrackMissing`], [`Error::TooEarly`], [`Error::PacketTooLarge`].
    pub fn fragment(&mut self, packet: &Packet) -> Result<Bytes, Error> {
        let (track_id, timescale, duration) = match (packet.track, self.audio_timescale) {
            (Track::Video, _) => (VIDEO_TRACK_ID, self.video_timescale, self.frame_ticks),
            (Track::Audio, Some(sample_rate_hz)) => {
                (AUDIO_TRACK_ID, sample_rate_hz, u32::from(AAC_FRAME_LEN))
            }
            (Track::Audio, None) => {
                return Err(Error::TrackMissing {
                    track: packet.track,
                });
            }
        };
        let ticks = |time: i64| {
            let scaled = i128::from(time) * i128::from(packet.timebase.num) * i128::from(timescale);
            let den = i128::from(packet.timebase.den);
            (2 * scaled + den).div_euclid(2 * den)
                + i128::from(Self::OFFSET_S) * i128::from(timescale)
        };
        let (decode, composition) = (ticks(packet.dts), ticks(packet.pts) - ticks(packet.dts));
        let too_early = |_| Error::TooEarly {
            dts_ns: packet.dts_nanos(),
            earliest_ns: -1_000_000_000 * i64::from(Self::OFFSET_S),
        };
        let decode = u64::try_from(decode).map_err(too_early)?;
        let composition = i32::try_from(composition).map_err(too_early)?;
        let size = i32::try_from(packet.data.len())
            .map_err(|_| Error::PacketTooLarge {
                bytes: packet.data.len(),
            })?
            .cast_unsigned();

        self.sequence = self.sequence.wrapping_add(1);
        let mut out = BytesMut::with_capacity(128 + packet.data.len());
        let mut data_offset_at = 0;
        boxed(&mut out, b"moof", |out| {
            full_boxed(out, b"mfhd", 0, 0, |out| out.put_u32(self.sequence));
            boxed(out, b"traf", |out| {
                // default-base-is-moof: offsets count from the start of this moof.
                full_boxed(out, b"tfhd", 0, 0x02_0000, |out| out.put_u32(track_id));
                full_boxed(out, b"tfdt", 1, 0, |out| out.put_u64(decode));
                // Present: data offset; per sample duration, size, flags, signed composition offset.
                full_boxed(out, b"trun", 1, 0x0f01, |out| {
                    out.put_u32(1);
                    data_offset_at = out.len();
                    out.put_u32(0);
                    out.put_u32(duration);
                    out.put_u32(size);
                    // Depends on no other sample; or depends on others and is no sync sample.
                    out.put_u32(if packet.is_keyframe {
                        0x0200_0000
                    } else {
                        0x0101_0000
                    });
                    out.put_i32(composition);
                });
            });
        });
        let data_offset = u32_len(out.len() + 8);
        out[data_offset_at..][..4].copy_from_slice(&data_offset.to_be_bytes());
        boxed(&mut out, b"mdat", |out| out.put_slice(&packet.data));
        Ok(out.freeze())
    }
}

/// Ticks per second at least: after a change of the rate, times fall between frames of the new one.
const MIN_TIMESCALE: u32 = 90_000;

const fn timescale_factor(video: &VideoHeader) -> u32 {
    MIN_TIMESCALE.div_ceil(video.framerate.num())
}

const fn video_timescale(video: &VideoHeader) -> u32 {
    video.framerate.num() * timescale_factor(video)
}

/// A box (ISO/IEC 14496-12, 4.2): its size, its type, and what `content` writes.
fn boxed(out: &mut BytesMut, kind: &[u8; 4], content: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_u32(0);
    out.put_slice(kind);
    content(out);
    let size = u32_len(out.len() - start);
    out[start..][..4].copy_from_slice(&size.to_be_bytes());
}

fn full_boxed(
    out: &mut BytesMut,
    kind: &[u8; 4],
    version: u8,
    flags: u32,
    content: impl FnOnce(&mut BytesMut),
) {
    boxed(out, kind, |out| {
        out.put_u32(u32::from(version) << 24 | flags);
        content(out);
    });
}

/// Lengths of boxes: payloads are checked to be below 2^31 before, everything else is a few hundred bytes.
fn u32_len(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn init_segment(video: &VideoHeader, audio: Option<&AudioHeader>) -> Bytes {
    let mut out = BytesMut::with_capacity(1536);
    boxed(&mut out, b"ftyp", |out| {
        out.put_slice(b"iso6\0\0\0\0iso6mp41");
    });
    boxed(&mut out, b"moov", |out| {
        full_boxed(out, b"mvhd", 0, 0, |out| {
            out.put_slice(&[0; 8]); // created, modified
            out.put_u32(1000);
            out.put_u32(0); // duration: not known
            out.put_u32(0x1_0000); // rate
            out.put_u16(0x100); // volume
            out.put_slice(&[0; 10]);
            put_matrix(out);
            out.put_slice(&[0; 24]);
            out.put_u32(AUDIO_TRACK_ID + 1); // next track
        });
        video_trak(out, video);
        if let Some(audio) = audio {
            audio_trak(out, audio);
        }
        boxed(out, b"mvex", |out| {
            for track_id in [VIDEO_TRACK_ID, AUDIO_TRACK_ID]
                .into_iter()
                .take(if audio.is_some() { 2 } else { 1 })
            {
                full_boxed(out, b"trex", 0, 0, |out| {
                    out.put_u32(track_id);
                    out.put_u32(1); // sample description
                    out.put_slice(&[0; 12]); // duration, size and flags stand in each trun
                });
            }
        });
    });
    out.freeze()
}

fn put_matrix(out: &mut BytesMut) {
    for entry in MATRIX {
        out.put_u32(entry);
    }
}

fn video_trak(out: &mut BytesMut, video: &VideoHeader) {
    let [width, height] = [video.resolution.width, video.resolution.height];
    boxed(out, b"trak", |out| {
        tkhd(out, VIDEO_TRACK_ID, 0, [width, height]);
        boxed(out, b"mdia", |out| {
            mdhd_and_hdlr(out, video_timescale(video), b"vide");
            boxed(out, b"minf", |out| {
                full_boxed(out, b"vmhd", 0, 1, |out| out.put_slice(&[0; 8]));
                dinf(out);
                stbl(out, |out| {
                    boxed(out, b"avc1", |out| {
                        out.put_slice(&[0, 0, 0, 0, 0, 0, 0, 1]); // data reference 1
                        out.put_slice(&[0; 16]);
                        out.put_u16(u16::try_from(width).unwrap_or(u16::MAX));
                        out.put_u16(u16::try_from(height).unwrap_or(u16::MAX));
                        out.put_u32(0x48_0000); // 72 dpi, twice
                        out.put_u32(0x48_0000);
                        out.put_u32(0);
                        out.put_u16(1); // frames per sample
                        out.put_slice(&[0; 32]); // compressor name
                        out.put_u16(24);
                        out.put_i16(-1);
                        boxed(out, b"avcC", |out| out.put_slice(&video.avcc));
                        boxed(out, b"colr", |out| {
                            out.put_slice(b"nclx");
                            // BT.709 primaries, transfer and matrix; limited range.
                            out.put_slice(&[0, 1, 0, 1, 0, 1, 0]);
                        });
                        boxed(out, b"pasp", |out| out.put_slice(&[0, 0, 0, 1, 0, 0, 0, 1]));
                    });
                });
            });
        });
    });
}

fn audio_trak(out: &mut BytesMut, audio: &AudioHeader) {
    boxed(out, b"trak", |out| {
        tkhd(out, AUDIO_TRACK_ID, 0x100, [0, 0]);
        boxed(out, b"mdia", |out| {
            mdhd_and_hdlr(out, audio.sample_rate_hz, b"soun");
            boxed(out, b"minf", |out| {
                full_boxed(out, b"smhd", 0, 0, |out| out.put_u32(0));
                dinf(out);
                stbl(out, |out| {
                    boxed(out, b"mp4a", |out| {
                        out.put_slice(&[0, 0, 0, 0, 0, 0, 0, 1]); // data reference 1
                        out.put_slice(&[0; 8]);
                        out.put_u16(u16::from(audio.channels));
                        out.put_u16(16); // bits per sample, by convention
                        out.put_u32(0);
                        // 16.16 fixed point; rates above 65535 Hz stand in the AudioSpecificConfig only.
                        out.put_u32(
                            u16::try_from(audio.sample_rate_hz)
                                .map_or(0, |rate| u32::from(rate) << 16),
                        );
                        full_boxed(out, b"esds", 0, 0, |out| esds(out, audio));
                    });
                });
            });
        });
    });
}

/// The elementary stream descriptor (ISO/IEC 14496-1, 7.2.6.5).
fn esds(out: &mut BytesMut, audio: &AudioHeader) {
    let bitrate = u32::try_from(audio.bitrate.bps()).unwrap_or(u32::MAX);
    let config_len = u8::try_from(audio.asc.len()).unwrap_or(u8::MAX).min(64);
    out.put_slice(&[0x03, 3 + 2 + 13 + 2 + config_len + 3]); // ES_Descriptor
    out.put_slice(&[0, 0, 0]); // identity, flags
    out.put_slice(&[0x04, 13 + 2 + config_len]); // DecoderConfigDescriptor
    out.put_slice(&[0x40, 0x15]); // AAC, audio stream
    out.put_slice(&[0, 0, 0]); // buffer size: not known
    out.put_u32(bitrate);
    out.put_u32(bitrate);
    out.put_slice(&[0x05, config_len]); // DecoderSpecificInfo
    out.put_slice(&audio.asc[..usize::from(config_len)]);
    out.put_slice(&[0x06, 1, 2]); // SLConfigDescriptor: as in MP4
}

fn tkhd(out: &mut BytesMut, track_id: u32, volume: u16, size: [u32; 2]) {
    // Enabled, in the movie, in the preview.
    full_boxed(out, b"tkhd", 0, 7, |out| {
        out.put_slice(&[0; 8]); // created, modified
        out.put_u32(track_id);
        out.put_slice(&[0; 8]); // reserved; duration: not known
        out.put_slice(&[0; 12]); // reserved, layer, alternate group
        out.put_u16(volume);
        out.put_u16(0);
        put_matrix(out);
        for length in size {
            out.put_u32(length << 16);
        }
    });
}

fn mdhd_and_hdlr(out: &mut BytesMut, timescale: u32, handler: &[u8; 4]) {
    full_boxed(out, b"mdhd", 0, 0, |out| {
        out.put_slice(&[0; 8]); // created, modified
        out.put_u32(timescale);
        out.put_u32(0); // duration: not known
        out.put_u16(0x55c4); // language "und"
        out.put_u16(0);
    });
    full_boxed(out, b"hdlr", 0, 0, |out| {
        out.put_u32(0);
        out.put_slice(handler);
        out.put_slice(&[0; 13]); // reserved, empty name
    });
}

fn dinf(out: &mut BytesMut) {
    boxed(out, b"dinf", |out| {
        full_boxed(out, b"dref", 0, 0, |out| {
            out.put_u32(1);
            full_boxed(out, b"url ", 0, 1, |_| {}); // in this file
        });
    });
}

/// A sample table that describes samples but lists none: they are in the fragments.
fn stbl(out: &mut BytesMut, sample_entry: impl FnOnce(&mut BytesMut)) {
    boxed(out, b"stbl", |out| {
        full_boxed(out, b"stsd", 0, 0, |out| {
            out.put_u32(1);
            sample_entry(out);
        });
        for (kind, empty) in [(b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4)] {
            full_boxed(out, kind, 0, 0, |out| out.put_bytes(0, empty));
        }
    });
}
