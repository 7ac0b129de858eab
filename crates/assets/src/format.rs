//! What files there are, told apart by their first bytes.

/// A kind of file that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A still PNG.
    Png,
    /// An animated PNG.
    Apng,
    /// JPEG.
    Jpeg,
    /// GIF, still or animated.
    Gif,
    /// WebP, still or animated.
    Webp,
    /// AVIF, still or animated.
    Avif,
    /// SVG. It may hold scripts: who serves it to a browser must forbid them.
    Svg,
    /// MP4, with moving pictures or sound alone.
    Mp4,
    /// `WebM`.
    Webm,
    /// WAV.
    Wav,
    /// MP3.
    Mp3,
    /// AAC in ADTS frames.
    Aac,
    /// Ogg: Vorbis, Opus and others.
    Ogg,
    /// A Lottie animation in JSON.
    Lottie,
    /// Where the pictures of a sprite sheet stand, in JSON.
    Atlas,
    /// A TrueType font.
    Ttf,
    /// An OpenType font with PostScript outlines.
    Otf,
    /// A WOFF2 font.
    Woff2,
}

/// How many bytes are enough to tell formats apart.
pub(crate) const HEAD_BYTES: usize = 4096;

impl Format {
    /// All there are.
    pub const ALL: [Self; 18] = [
        Self::Png,
        Self::Apng,
        Self::Jpeg,
        Self::Gif,
        Self::Webp,
        Self::Avif,
        Self::Svg,
        Self::Mp4,
        Self::Webm,
        Self::Wav,
        Self::Mp3,
        Self::Aac,
        Self::Ogg,
        Self::Lottie,
        Self::Atlas,
        Self::Ttf,
        Self::Otf,
        Self::Woff2,
    ];

    /// Its name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Apng => "APNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
            Self::Avif => "AVIF",
            Self::Svg => "SVG",
            Self::Mp4 => "MP4",
            Self::Webm => "WebM",
            Self::Wav => "WAV",
            Self::Mp3 => "MP3",
            Self::Aac => "AAC",
            Self::Ogg => "Ogg",
            Self::Lottie => "Lottie",
            Self::Atlas => "sprite atlas",
            Self::Ttf => "TTF",
            Self::Otf => "OTF",
            Self::Woff2 => "WOFF2",
        }
    }

    /// Its media type (MIME), as HTTP names it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Apng => "image/apng",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Svg => "image/svg+xml",
            Self::Mp4 => "video/mp4",
            Self::Webm => "video/webm",
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Aac => "audio/aac",
            Self::Ogg => "audio/ogg",
            Self::Lottie => "application/json",
            Self::Atlas => "application/vnd.sprite-atlas+json",
            Self::Ttf => "font/ttf",
            Self::Otf => "font/otf",
            Self::Woff2 => "font/woff2",
        }
    }

    /// Whether it is video or sound: read as a stream, never as a whole, and allowed to be larger.
    pub const fn is_streamed(self) -> bool {
        matches!(
            self,
            Self::Mp4 | Self::Webm | Self::Wav | Self::Mp3 | Self::Aac | Self::Ogg
        )
    }

    /// Whether [`Library::thumbnail`](crate::Library::thumbnail) can draw it.
    pub const fn has_thumbnail(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Apng | Self::Jpeg | Self::Gif | Self::Webp | Self::Avif | Self::Svg
        )
    }

    pub(crate) fn all_names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    pub(crate) fn name_with_article(self) -> String {
        let vowel = matches!(
            self,
            Self::Apng
                | Self::Avif
                | Self::Svg
                | Self::Mp4
                | Self::Mp3
                | Self::Aac
                | Self::Ogg
                | Self::Otf
        );
        format!("{} {}", if vowel { "an" } else { "a" }, self.name())
    }

    pub(crate) fn from_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.media_type() == text)
    }

    /// What the first bytes of a file begin like; [`HEAD_BYTES`] of them are enough, or all there are.
    ///
    /// An animated PNG is told from a still one, and one JSON from another, only by the whole file.
    pub(crate) fn sniff(head: &[u8]) -> Option<Self> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        match head {
            _ if starts(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            _ if starts(b"\xff\xd8\xff") => Some(Self::Jpeg),
            _ if starts(b"GIF87a") || starts(b"GIF89a") => Some(Self::Gif),
            _ if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") => Some(Self::Webp),
            _ if starts(b"RIFF") && head.get(8..12) == Some(b"WAVE") => Some(Self::Wav),
            _ if head.get(4..8) == Some(b"ftyp") => iso_media(head),
            _ if starts(b"\x1a\x45\xdf\xa3") => is_webm(head).then_some(Self::Webm),
            _ if starts(b"OggS\0") => Some(Self::Ogg),
            _ if starts(b"\0\x01\0\0") || starts(b"true") => Some(Self::Ttf),
            _ if starts(b"OTTO") => Some(Self::Otf),
            _ if starts(b"wOF2") => Some(Self::Woff2),
            [b'I', b'D', b'3', 2..=4, _, _, a, b, c, d, ..] if (a | b | c | d) < 0x80 => {
                Some(Self::Mp3)
            }
            [0xff, ..] => framed_sound(head),
            _ => text(head),
        }
    }
}

/// Brands of the file type box: the first is the major one, then a version, then what it is compatible with.
fn iso_media(head: &[u8]) -> Option<Format> {
    const MP4: [&[u8]; 11] = [
        b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4A ", b"M4V ",
        b"dash",
    ];
    let len = usize::try_from(u32::from_be_bytes(*head.first_chunk()?)).ok()?;
    let brands = head.get(8..len.min(head.len()))?;
    let has = |wanted: &[&[u8]]| brands.chunks_exact(4).any(|brand| wanted.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        Some(Format::Avif)
    } else if has(&MP4) && !has(&[b"heic", b"heix", b"mif1"]) {
        Some(Format::Mp4)
    } else {
        None
    }
}

/// Whether the EBML header says `webm`; Matroska is not taken.
fn is_webm(head: &[u8]) -> bool {
    head[..head.len().min(64)]
        .windows(7)
        .any(|w| w == b"\x42\x82\x84webm")
}

/// MP3 and ADTS have no magic number, so two frames in a row must make sense, or one that is the whole file.
fn framed_sound(head: &[u8]) -> Option<Format> {
    type Length = fn(&[u8]) -> Option<usize>;
    [
        (Format::Mp3, mp3_frame_bytes as Length),
        (Format::Aac, adts_frame_bytes),
    ]
    .into_iter()
    .find_map(|(format, length)| {
        let rest = head.get(length(head)?..)?;
        (rest.is_empty() || length(rest).is_some()).then_some(format)
    })
}

/// Length of the MP3 frame that begins here.
fn mp3_frame_bytes(head: &[u8]) -> Option<usize> {
    const KBPS_V1: [usize; 14] = [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const KBPS_V2: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    const HZ: [usize; 3] = [44_100, 48_000, 32_000];
    let &[0xff, b, c, _] = head.first_chunk()? else {
        return None;
    };
    // Eleven bits of sync, then the version (3 is MPEG-1, 2 and 0 its halves), then the layer (1 is III).
    let version = b >> 3 & 3;
    if b & 0xe0 != 0xe0 || version == 1 || b >> 1 & 3 != 1 {
        return None;
    }
    let bitrate = usize::from(c >> 4).checked_sub(1)?;
    let (kbps, divisor, factor) = match version {
        3 => (KBPS_V1.get(bitrate)?, 1, 144),
        2 => (KBPS_V2.get(bitrate)?, 2, 72),
        _ => (KBPS_V2.get(bitrate)?, 4, 72),
    };
    let hz = HZ.get(usize::from(c >> 2 & 3))? / divisor;
    Some(factor * kbps * 1000 / hz + usize::from(c >> 1 & 1))
}

/// Length of the ADTS frame that begins here.
fn adts_frame_bytes(head: &[u8]) -> Option<usize> {
    let &[0xff, b, c, d, e, f, _] = head.first_chunk()? else {
        return None;
    };
    let bytes = usize::from(d & 3) << 11 | usize::from(e) << 3 | usize::from(f >> 5);
    (b & 0xf6 == 0xf0 && c >> 2 & 15 < 13 && bytes > 7).then_some(bytes)
}

/// SVG and JSON. An SVG may have comments and declarations before its root, within reason.
fn text(head: &[u8]) -> Option<Format> {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    match text {
        [b'<', ..] if text.windows(4).any(|w| w == b"<svg") => Some(Format::Svg),
        [b'{', ..] => Some(Format::Lottie),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_bytes() {
        let mp3_frame = {
            let mut frame = vec![0; 417];
            frame[..4].copy_from_slice(b"\xff\xfb\x90\x00");
            frame
        };
        let adts = b"\xff\xf1\x50\x80\x01\x3f\xfc\x00\x00".to_vec();
        for (bytes, expected) in [
            (b"\x89PNG\r\n\x1a\n".to_vec(), Some(Format::Png)),
            (b"\xff\xd8\xff\xe0".to_vec(), Some(Format::Jpeg)),
            (b"GIF89a".to_vec(), Some(Format::Gif)),
            (b"GIF88a".to_vec(), None),
            (b"RIFF\0\0\0\0WEBP".to_vec(), Some(Format::Webp)),
            (b"RIFF\0\0\0\0WAVE".to_vec(), Some(Format::Wav)),
            (b"RIFF\0\0\0\0AVI ".to_vec(), None),
            (
                b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf".to_vec(),
                Some(Format::Avif),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0avifmiaf".to_vec(),
                Some(Format::Avif),
            ),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), None),
            (
                b"\0\0\0\x18ftypisom\0\0\0\0isommp41".to_vec(),
                Some(Format::Mp4),
            ),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ".to_vec(), None),
            (b"\0\0\0\x10ftypqt  \0\0\0\0isom".to_vec(), None),
            (
                b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec(),
                Some(Format::Webm),
            ),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska".to_vec(), None),
            (b"OggS\0\x02".to_vec(), Some(Format::Ogg)),
            (b"ID3\x04\0\0\0\0\x01\x00".to_vec(), Some(Format::Mp3)),
            (b"ID3\x04\0\0\0\0\xff\x00".to_vec(), None),
            (mp3_frame.clone(), Some(Format::Mp3)),
            (mp3_frame.repeat(2), Some(Format::Mp3)),
            ([mp3_frame, b"rubbish".to_vec()].concat(), None),
            (adts.repeat(2), Some(Format::Aac)),
            ([adts, b"rubbish".to_vec()].concat(), None),
            (b"\0\x01\0\0\0\x0f".to_vec(), Some(Format::Ttf)),
            (b"OTTO".to_vec(), Some(Format::Otf)),
            (b"wOF2".to_vec(), Some(Format::Woff2)),
            (
                b"\xef\xbb\xbf <?xml?><!-- --><svg/>".to_vec(),
                Some(Format::Svg),
            ),
            (b"<html>".to_vec(), None),
            (b" {\"v\":".to_vec(), Some(Format::Lottie)),
            (b"MZ\x90\0".to_vec(), None),
            (b"\x7fELF".to_vec(), None),
            (b"%PDF-1.7".to_vec(), None),
            (b"PK\x03\x04".to_vec(), None),
            (b"\xff".to_vec(), None),
            (b"".to_vec(), None),
        ] {
            assert_eq!(Format::sniff(&bytes), expected, "{bytes:02x?}");
        }
    }
}
