//! Files that somebody made to cost more than they look like. AVIF's are with the decoder, in the tests of `engine`; those
//! of sprite sheets with their reader, in `wire`.

use super::{fonts, png_bytes};
use crate::apng::push;
use crate::asset::Content;
use crate::{Asset, Error};
use kurbo::Size;
use scene::Fit;

/// A PNG of chunks.
fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in chunks {
        let at = file.len();
        push(&mut file, kind, &[content]);
        let crc = file.len() - 4;
        let sum = crc32(&file[at + 4..crc]);
        file[crc..].copy_from_slice(&sum.to_be_bytes());
    }
    file
}

fn header(side: u32) -> Vec<u8> {
    let side = side.to_be_bytes();
    [&side[..], &side, &[8, 6, 0, 0, 0]].concat()
}

fn frame_control(side: u32) -> Vec<u8> {
    let side = side.to_be_bytes();
    [&[0; 4], &side[..], &side, &[0; 8], &[0, 1, 0, 10, 0, 0]].concat()
}

/// An animated PNG of so many frames of that size, with next to no pixels.
fn apng(side: u32, frames: usize) -> Vec<u8> {
    let (header, control) = (header(side), frame_control(side));
    let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header), (b"acTL", &[0; 8])];
    for i in 0..frames {
        chunks.push((b"fcTL", &control));
        chunks.push(if i == 0 {
            (b"IDAT", b"x")
        } else {
            (b"fdAT", b"\0\0\0\0x")
        });
    }
    chunks.push((b"IEND", b""));
    png(&chunks)
}

/// A GIF of one canvas, and so many frames of 1 px.
fn gif(canvas: u16, frames: usize) -> Vec<u8> {
    let [low, high] = canvas.to_le_bytes();
    let mut file = [b"GIF89a", &[low, high, low, high, 0x80, 0, 0][..], &[0; 6]].concat();
    for _ in 0..frames {
        file.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    file.push(0x3b);
    file
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, content) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        body.extend(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    [b"RIFF", &len[..], &body].concat()
}

/// An animated WebP of so many frames.
fn webp(frames: usize) -> Vec<u8> {
    let mut chunks = vec![
        (b"VP8X", b"\x02\0\0\0\xff\x3f\0\xff\x3f\0".to_vec()),
        (b"ANIM", vec![0; 6]),
    ];
    chunks.extend(std::iter::repeat_n((b"ANMF", vec![0; 16]), frames));
    riff(&chunks)
}

fn jpeg(side: u16) -> Vec<u8> {
    let [high, low] = side.to_be_bytes();
    let tail = b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9";
    [
        &b"\xff\xd8\xff\xc0\0\x0b\x08"[..],
        &[high, low, high, low],
        tail,
    ]
    .concat()
}

fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'>{inside}</svg>")
        .into_bytes()
}

#[test]
fn bombs_of_every_format_are_refused_before_they_go_off() {
    let lossless = |bits: u32| [&[0x2f][..], &bits.to_le_bytes()].concat();
    let entities =
        b"<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><svg>&b;</svg>".to_vec();
    for (what, bytes, word) in [
        (
            "a PNG of 3.6 Gpx",
            png(&[(b"IHDR", &header(60_000)), (b"IDAT", b"x")]),
            "pixels",
        ),
        ("an APNG of endless frames", apng(1, 2001), "2000 frames"),
        ("an APNG of 60000 px", apng(60_000, 2), "pixels"),
        ("an APNG of 2000 frames of 4K", apng(2500, 2000), "frames"),
        ("a GIF of 4 Gpx", gif(65_535, 1), "pixels"),
        ("a GIF of endless frames", gif(1, 2001), "2000 frames"),
        ("a GIF of 2000 large frames", gif(2800, 2000), "frames"),
        (
            "a WebP of 268 Mpx",
            riff(&[(b"VP8L", lossless(0x0fff_ffff))]),
            "pixels",
        ),
        ("a WebP of endless frames", webp(2001), "2000 frames"),
        ("a WebP on 268 Mpx", webp(2), "pixels"),
        ("a JPEG of 4 Gpx", jpeg(65_535), "pixels"),
        (
            "an SVG as deep as a well",
            svg(&("<g>".repeat(300) + &"</g>".repeat(300))),
            "200",
        ),
        (
            "an SVG of many elements",
            svg(&"<g/>".repeat(200_001)),
            "elements",
        ),
        ("an SVG that laughs", entities, "refused"),
    ] {
        match Asset::decode(&bytes, &fonts()) {
            Ok(asset) => panic!("{what} is taken: {asset:?}"),
            Err(error) => assert!(error.to_string().contains(word), "{what}: {error}"),
        }
    }
    let e = Asset::decode(&vec![0; (64 << 20) + 1], &fonts()).unwrap_err();
    assert!(matches!(e, Error::TooManyBytes { .. }), "{e}");
}

/// All pictures have one worker: one that takes hours would stop them all.
#[test]
fn svgs_that_ask_for_too_much_work_are_refused_at_once() {
    let filtered = |primitives: &str, count: usize| {
        let shape = "<rect width='8' height='8' filter='url(#f)'/>".repeat(count);
        svg(&format!("<filter id='f'>{primitives}</filter>{shape}"))
    };
    let noise = |octaves: u32| format!("<feTurbulence baseFrequency='.1' numOctaves='{octaves}'/>");
    let pattern = "<pattern id='p' width='1' height='1'><rect width='8' height='8'/></pattern>";
    let paint = |bytes: &[u8], side: f64| {
        let asset = Asset::decode(bytes, &fonts()).expect("as a file it is sound");
        let Content::Vector(drawing) = asset.content() else {
            panic!("it is an SVG");
        };
        let part = crate::vector::natural_size(&drawing.tree).to_rect();
        crate::vector::paint(&drawing.tree, part, Fit::Fill, Size::new(side, side), 1.0).map(drop)
    };
    let many = "<rect width='8' height='8'/>".repeat(5000);
    for (what, bytes) in [
        ("octaves", filtered(&noise(100_000_000), 1)),
        ("a few octaves too many", filtered(&noise(60), 1)),
        (
            "wide fat",
            filtered(&"<feMorphology radius='1000'/>".repeat(20), 1),
        ),
        (
            "many blurs",
            filtered("<feGaussianBlur stdDeviation='100'/>", 300),
        ),
        (
            "a large matrix",
            filtered(
                &format!(
                    "<feConvolveMatrix order='60' kernelMatrix='{}'/>",
                    "1 ".repeat(3600)
                ),
                1,
            ),
        ),
        ("many full shapes", svg(&many)),
        (
            "many patterns",
            svg(&format!(
                "{pattern}{}",
                "<rect width='1' height='1' fill='url(#p)'/>".repeat(5000)
            )),
        ),
    ] {
        let refused = paint(&bytes, 1400.0).expect_err(what).to_string();
        assert!(refused.contains("too much work"), "{what}: {refused}");
    }
    for (what, bytes, side) in [
        ("noise", filtered(&noise(5), 1), 300.0),
        ("small many", svg(&many), 20.0),
        (
            "blurs",
            filtered("<feGaussianBlur stdDeviation='1'/>", 30),
            300.0,
        ),
    ] {
        assert!(paint(&bytes, side).is_ok(), "{what}");
    }
}

#[test]
fn a_profile_that_unpacks_to_gigabytes_is_left_aside() {
    // A profile's chunk is as a picture's pixels: 40 MB of zeros from 40 kB.
    let zeros = png_bytes(10_000, 1000, png::ColorType::Rgba, &vec![0; 40_000_000]);
    let packed: Vec<u8> = crate::apng::chunks(&zeros)
        .filter(|(kind, _)| *kind == b"IDAT")
        .flat_map(|(_, content)| content.to_vec())
        .collect();
    assert!(packed.len() < 400_000, "{}", packed.len());
    let plain = png_bytes(1, 1, png::ColorType::Rgba, &[1, 2, 3, 255]);
    let chunk = png(&[(b"iCCP", &[b"name\0\0", &packed[..]].concat())]);
    let bomb = [&plain[..33], &chunk[8..], &plain[33..]].concat();
    assert!(crate::profile::Conversion::of_png(&bomb).is_none());
    assert!(Asset::decode(&bomb, &fonts()).is_ok());
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for &b in bytes {
        crc ^= u32::from(b);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}
