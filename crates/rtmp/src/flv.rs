//! FLV: the bodies of tags, which RTMP carries as they are, and whole files.

use crate::amf0::Value;
use bytes::{BufMut, Bytes, BytesMut};
use media::{AudioHeader, Packet, Track, VideoHeader};

/// The video tag body that announces H.264 and its parameter sets; send it before the first packet and when they change.
pub fn avc_sequence_header(header: &VideoHeader) -> Bytes {
    video(true, AVC_SEQUENCE_HEADER, 0, &header.avcc)
}

/// The audio tag body that announces AAC and its configuration; send it before the first packet and when it changes.
pub fn aac_sequence_header(header: &AudioHeader) -> Bytes {
    audio(AAC_SEQUENCE_HEADER, &header.asc)
}

/// The tag body of a packet of either track.
///
/// The composition time of a video packet is the difference of its presentation and decode times, each rounded to
/// milliseconds on its own: so `timestamp_ms + composition time` is exactly the rounded presentation time.
pub fn body(packet: &Packet) -> Bytes {
    match packet.track {
        Track::Video => {
            let composition_ms =
                packet.timebase.millis(packet.pts) - packet.timebase.millis(packet.dts);
            video(packet.is_keyframe, AVC_NALUS, composition_ms, &packet.data)
        }
        Track::Audio => audio(AAC_RAW, &packet.data),
    }
}

/// The script tag body `onMetaData` for what a stream holds.
pub fn metadata(video: Option<&VideoHeader>, audio: Option<&AudioHeader>) -> Bytes {
    let mut members = Vec::new();
    let mut number = |name: &str, value: f64| members.push((name.to_owned(), Value::Number(value)));
    number("duration", 0.0);
    if let Some(video) = video {
        number("width", f64::from(video.resolution.width));
        number("height", f64::from(video.resolution.height));
        number("framerate", video.framerate.as_f64());
        number("videocodecid", f64::from(AVC));
        number("videodatarate", kilobits(video.bitrate));
    }
    if let Some(audio) = audio {
        number("audiocodecid", f64::from(AAC));
        number("audiodatarate", kilobits(audio.bitrate));
        number("audiosamplerate", f64::from(audio.sample_rate_hz));
        number("audiosamplesize", 16.0);
        number("audiochannels", f64::from(audio.channels));
        members.push(("stereo".to_owned(), Value::Boolean(audio.channels == 2)));
    }
    members.push((
        "encoder".to_owned(),
        Value::string(concat!("Stream Manager ", env!("CARGO_PKG_VERSION"))),
    ));
    let mut out = BytesMut::new();
    Value::string("onMetaData").encode(&mut out);
    Value::EcmaArray(members).encode(&mut out);
    out.freeze()
}

/// Moves the times of a stream so that its first IDR is decoded at a chosen time.
///
/// All tracks move by the same whole number of milliseconds, so picture and sound keep their distance exactly;
/// what lies before that IDR is cut. Without video the first packet takes its place.
#[derive(Clone, Debug)]
pub struct Rebase {
    start_ms: u32,
    has_video: bool,
    base_ms: Option<i64>,
}

impl Rebase {
    /// The first IDR (or, without video, the first packet) will be at `start_ms`.
    pub const fn new(has_video: bool, start_ms: u32) -> Self {
        Self {
            start_ms,
            has_video,
            base_ms: None,
        }
    }

    /// The time of `packet`, from its decode time, in milliseconds modulo 2^32; `None` when it must be cut.
    pub fn timestamp_ms(&mut self, packet: &Packet) -> Option<u32> {
        let dts_ms = packet.timebase.millis(packet.dts);
        let may_begin = packet.is_keyframe && (packet.track == Track::Video || !self.has_video);
        if self.base_ms.is_none() && may_begin {
            self.base_ms = Some(dts_ms);
        }
        let since = dts_ms - self.base_ms.filter(|&base| dts_ms >= base)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "RTMP times wrap at 2^32 ms"
        )]
        Some(self.start_ms.wrapping_add(since as u32))
    }
}

/// Writes an FLV file as blocks of bytes, to be appended one after the other.
///
/// Times are moved by [`Rebase`]. Packets are written in the order they come: interleave them by decode time.
#[derive(Debug)]
pub struct Muxer {
    rebase: Rebase,
}

impl Muxer {
    /// A muxer, and how the file begins: file header, metadata and sequence headers.
    pub fn new(video: Option<&VideoHeader>, audio: Option<&AudioHeader>) -> (Self, Bytes) {
        let mut out = BytesMut::new();
        out.put_slice(b"FLV\x01");
        out.put_u8(u8::from(audio.is_some()) << 2 | u8::from(video.is_some()));
        out.put_u32(9);
        out.put_u32(0);
        put_tag(&mut out, SCRIPT_TAG, 0, &metadata(video, audio));
        if let Some(video) = video {
            put_tag(&mut out, VIDEO_TAG, 0, &avc_sequence_header(video));
        }
        if let Some(audio) = audio {
            put_tag(&mut out, AUDIO_TAG, 0, &aac_sequence_header(audio));
        }
        (
            Self {
                rebase: Rebase::new(video.is_some(), 0),
            },
            out.freeze(),
        )
    }

    /// The tag of `packet`; empty when the packet lies before the first IDR.
    pub fn write(&mut self, packet: &Packet) -> Bytes {
        let mut out = BytesMut::new();
        if let Some(timestamp_ms) = self.rebase.timestamp_ms(packet) {
            let kind = if packet.track == Track::Video {
                VIDEO_TAG
            } else {
                AUDIO_TAG
            };
            put_tag(&mut out, kind, timestamp_ms, &body(packet));
        }
        out.freeze()
    }
}

const AUDIO_TAG: u8 = 8;
const VIDEO_TAG: u8 = 9;
const SCRIPT_TAG: u8 = 18;
const AVC: u8 = 7;
const AAC: u8 = 10;
const AVC_SEQUENCE_HEADER: u8 = 0;
const AVC_NALUS: u8 = 1;
const AAC_SEQUENCE_HEADER: u8 = 0;
const AAC_RAW: u8 = 1;

/// A tag with its trailing size. `body` is far below 16 MiB: the encoder's rate control sees to that.
fn put_tag(out: &mut BytesMut, kind: u8, timestamp_ms: u32, body: &[u8]) {
    let size = body.len().min(0xFF_FFFF);
    out.reserve(size + 15);
    out.put_u8(kind);
    out.put_uint(size as u64, 3);
    out.put_uint(u64::from(timestamp_ms & 0xFF_FFFF), 3);
    out.put_u8(timestamp_ms.to_be_bytes()[0]);
    out.put_uint(0, 3);
    out.put_slice(&body[..size]);
    out.put_uint(size as u64 + 11, 4);
}

fn video(is_keyframe: bool, kind: u8, composition_ms: i64, data: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(data.len() + 5);
    out.put_u8(if is_keyframe { 0x10 } else { 0x20 } | AVC);
    out.put_u8(kind);
    out.put_int(composition_ms.clamp(-0x80_0000, 0x7F_FFFF), 3);
    out.put_slice(data);
    out.freeze()
}

fn audio(kind: u8, data: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(data.len() + 2);
    // The rate, size and channels in the low bits are fixed for AAC; the truth stands in its configuration.
    out.put_u8(AAC << 4 | 0x0F);
    out.put_u8(kind);
    out.put_slice(data);
    out.freeze()
}

fn kilobits(bitrate: media::Bitrate) -> f64 {
    bitrate.bps() as f64 / 1000.0
}
