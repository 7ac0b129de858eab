//! What real encoders make is taken; what attackers make is not.

use crate::files::{Shelf, encoded, gif, png, png_chunk, svg};
use assets::{Error, Format, Kind, Limits};

#[tokio::test]
async fn files_of_real_encoders_are_taken_and_known_for_what_they_are() {
    let shelf = Shelf::new("formats", Limits::default());
    let moving = "-i testsrc=s=64x48:d=1:r=5";
    let still = format!("{moving} -frames:v 1");
    let tone = "-i sine=d=1";
    let small = Some((64, 48));
    let font = std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
        .expect("a font is there (Debian: fonts-dejavu-core)");
    let lottie =
        br#"{"v":"5.7","fr":30,"ip":0,"op":59.5,"w":64,"h":48,"nm":"x","layers":[{"ks":{}}]}"#;
    for (bytes, format, size, frames) in [
        (encoded("png", &still), Format::Png, small, Some(1)),
        (encoded("apng", moving), Format::Apng, small, Some(5)),
        (encoded("jpg", &still), Format::Jpeg, small, Some(1)),
        (encoded("gif", moving), Format::Gif, small, Some(5)),
        (encoded("webp", &still), Format::Webp, small, Some(1)),
        (
            encoded("webp", &format!("{still} -lossless 1")),
            Format::Webp,
            small,
            Some(1),
        ),
        (encoded("webp", moving), Format::Webp, small, Some(5)),
        (
            encoded("avif", &format!("{still} -c:v libaom-av1 -cpu-used 8")),
            Format::Avif,
            small,
            Some(1),
        ),
        (
            encoded("avif", &format!("{moving} -c:v libaom-av1 -cpu-used 8")),
            Format::Avif,
            small,
            Some(5),
        ),
        (svg(100, 0), Format::Svg, Some((3, 2)), Some(1)),
        (lottie.to_vec(), Format::Lottie, small, Some(60)),
        (
            br#"{"frames":[{"frame":{"x":0,"y":0,"w":8,"h":8}}],"meta":{}}"#.to_vec(),
            Format::Atlas,
            None,
            None,
        ),
        (encoded("mp4", moving), Format::Mp4, None, None),
        (encoded("m4a", tone), Format::Mp4, None, None),
        (
            encoded(
                "mp4",
                &format!("{moving} -movflags frag_keyframe+empty_moov"),
            ),
            Format::Mp4,
            None,
            None,
        ),
        (
            encoded(
                "webm",
                &format!("{moving} -c:v libvpx-vp9 -deadline realtime"),
            ),
            Format::Webm,
            None,
            None,
        ),
        (encoded("wav", tone), Format::Wav, None, None),
        (encoded("mp3", tone), Format::Mp3, None, None),
        (
            encoded("mp3", &format!("{tone} -id3v2_version 0 -write_xing 0")),
            Format::Mp3,
            None,
            None,
        ),
        (encoded("aac", tone), Format::Aac, None, None),
        (encoded("ogg", tone), Format::Ogg, None, None),
        (font, Format::Ttf, None, None),
    ] {
        let (asset, _) = shelf.store(&bytes, "wrong.txt").await.unwrap();
        assert_eq!(asset.format, format);
        assert_eq!(asset.width_px.zip(asset.height_px), size, "{format:?}");
        assert_eq!(asset.frames, frames, "{format:?}");
        if !asset.format.is_streamed() {
            assert_eq!(*shelf.library.read(&asset.id).await.unwrap(), *bytes);
        }
    }
    for (ending, arguments) in [
        ("mkv", moving),
        ("avi", moving),
        ("mov", moving),
        ("bmp", &still),
        ("flac", tone),
    ] {
        let error = shelf
            .store(&encoded(ending, arguments), "a.png")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::UnsupportedType, "{ending}: {error}");
    }
}

#[tokio::test]
async fn truncated_files_are_found_out() {
    let shelf = Shelf::new("truncated", Limits::default());
    let moving = "-i testsrc=s=64x48:d=1:r=5";
    let still = format!("{moving} -frames:v 1");
    for bytes in [
        encoded("png", &still),
        encoded("apng", moving),
        encoded("jpg", &still),
        encoded("gif", moving),
        encoded("webp", &still),
        encoded("webp", moving),
        encoded("avif", &format!("{still} -c:v libaom-av1 -cpu-used 8")),
        encoded("mp4", moving),
        svg(100, 0),
    ] {
        let len = bytes.len();
        for cut in [1, 2, 10, len / 3, len / 2, len * 9 / 10] {
            let (kept, what) = (&bytes[..len - cut], &bytes[..len.min(12)]);
            let result = shelf.store(kept, "x").await;
            let kind = result.as_ref().err().map(Error::kind);
            assert!(
                matches!(kind, Some(Kind::Broken | Kind::UnsupportedType)),
                "{cut} of {len} cut off {what:?}: {result:?}"
            );
        }
    }
    assert_eq!(shelf.library.used_bytes(), 0);
}

/// A PNG with a header of that size and very few bytes of pixels.
fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let header = [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[8, 2, 0, 0, 0],
    ]
    .concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &header),
        png_chunk(b"IDAT", b"\x78\x9c\x03\x00\x00\x00\x00\x01"),
        png_chunk(b"IEND", b""),
    ]
    .concat()
}

#[tokio::test]
async fn bombs_are_refused_by_their_headers() {
    let shelf = Shelf::new("bombs", Limits::default());
    let sized = |width: u32, height: u32| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'/>")
            .into_bytes()
    };
    let jpeg = |side: u16| {
        let [high, low] = side.to_be_bytes();
        [
            &b"\xff\xd8\xff\xc0\0\x0b\x08"[..],
            &[high, low, high, low],
            b"\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9",
        ]
        .concat()
    };
    let mut large_gif = gif(1);
    large_gif[6..10].fill(0xff);
    let mut animated = png(2, 2, 1);
    animated.splice(33..33, png_chunk(b"acTL", &[0, 0, 0, 9, 0, 0, 0, 0]));
    for (what, bytes, expected) in [
        (
            "60000x60000 PNG",
            png_of_size(60_000, 60_000),
            Kind::TooLarge,
        ),
        ("70000x1 PNG", png_of_size(70_000, 1), Kind::TooLarge),
        ("0x0 PNG", png_of_size(0, 0), Kind::Broken),
        (
            "8000x8000 PNG without pixels",
            png_of_size(8000, 8000),
            Kind::Broken,
        ),
        ("60000x60000 JPEG", jpeg(60_000), Kind::TooLarge),
        ("60000x60000 SVG", sized(60_000, 60_000), Kind::TooLarge),
        ("65535x65535 GIF", large_gif, Kind::TooLarge),
        ("GIF of 100000 frames", gif(100_000), Kind::TooLarge),
        ("GIF of 2001 frames", gif(2001), Kind::TooLarge),
        ("GIF without frames", gif(0), Kind::Broken),
        (
            "APNG that announces frames it has not",
            animated,
            Kind::Broken,
        ),
        (
            "Lottie of 70000 px",
            br#"{"w":7e4,"h":1,"fr":1,"ip":0,"op":1,"layers":[]}"#.to_vec(),
            Kind::TooLarge,
        ),
        ("JSON", b"{\"a\":1}".to_vec(), Kind::Broken),
        (
            "an SVG of too many letters",
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>{}</text></svg>",
                "a".repeat(50_001)
            )
            .into_bytes(),
            Kind::Broken,
        ),
        (
            "an SVG of too many letters in CDATA",
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text><![CDATA[{}]]></text></svg>",
                "a".repeat(50_001)
            )
            .into_bytes(),
            Kind::Broken,
        ),
        (
            "an atlas without pictures",
            br#"{"frames":{},"meta":{}}"#.to_vec(),
            Kind::Broken,
        ),
        (
            "an atlas whose pictures are nowhere",
            br#"{"frames":[{"frame":{"x":1e308,"y":0,"w":-5,"h":8}}],"meta":{}}"#.to_vec(),
            Kind::Broken,
        ),
        (
            "deep JSON",
            [b"{\"a\":".to_vec(), vec![b'['; 100_000]].concat(),
            Kind::Broken,
        ),
        ("nothing", Vec::new(), Kind::UnsupportedType),
        (
            "a program",
            b"\x7fELF\x02\x01\x01".repeat(1000),
            Kind::UnsupportedType,
        ),
        (
            "a page",
            b"<html><script>alert(1)</script>".to_vec(),
            Kind::UnsupportedType,
        ),
        (
            "a page with a drawing",
            b"<html><svg/></html>".to_vec(),
            Kind::Broken,
        ),
    ] {
        let error = shelf.store(&bytes, "a.png").await.unwrap_err();
        assert_eq!(error.kind(), expected, "{what}: {error}");
        assert!(!error.to_string().contains("gave up"), "{what}: {error}");
    }
    assert!(shelf.store(&gif(2000), "a.gif").await.is_ok());
    assert_eq!(shelf.leftovers(), 0);
}

#[tokio::test]
async fn drawings_can_neither_read_files_nor_exhaust_the_machine() {
    let shelf = Shelf::new("svg", Limits::default());
    let secret = shelf.folder.path().join("secret.png");
    std::fs::write(&secret, png(8, 8, 1)).unwrap();
    let wrap = |inside: &str| {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='8' height='8'>{inside}</svg>"
        )
    };
    let uses = |count: usize| {
        let mut inside = "<g id='a0'><path d='M0 0h1v1z'/></g>".to_owned();
        for i in 1..count {
            let one = format!("<use href='#a{}'/>", i - 1);
            inside += &format!("<g id='a{i}'>{}</g>", one.repeat(10));
        }
        wrap(&inside)
    };
    for (what, text) in [
        (
            "an external entity",
            "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>".to_owned()
                + &wrap("<text>&x;</text>"),
        ),
        (
            "laughs",
            "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>".to_owned() + &wrap("&b;"),
        ),
        (
            "deep nesting",
            wrap(&("<g>".repeat(100_000) + &"</g>".repeat(100_000))),
        ),
        ("deep nesting without an end", wrap(&"<g>".repeat(100_000))),
        ("many elements", wrap(&"<g/>".repeat(300_000))),
        ("no end", "<svg".to_owned()),
        ("an unknown entity", wrap("&x;")),
    ] {
        let error = shelf.store(text.as_bytes(), "a.svg").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Broken, "{what}: {error}");
        assert!(!error.to_string().contains("gave up"), "{what}: {error}");
    }
    // These are taken or refused, but never bring the process down.
    let chain: String = (1..2000)
        .map(|i| format!("<g id='c{i}'><use href='#c{}'/></g>", i - 1))
        .collect();
    for text in [
        wrap("<use href='#a' id='a'/>"),
        wrap(&("<g id='c0'/>".to_owned() + &chain)),
        wrap(
            "<mask id='m' mask='url(#m)'><rect width='9' height='9'/></mask><rect mask='url(#m)' width='9' height='9'/>",
        ),
        uses(7),
    ] {
        let result = shelf.store(text.as_bytes(), "a.svg").await;
        if let Err(error) = &result {
            assert_eq!(error.kind(), Kind::Broken, "{error}");
        } else {
            let id = result.unwrap().0.id;
            let _ = shelf.library.thumbnail(&id, 8).await;
        }
    }
    // A reference to a file draws nothing.
    let link = wrap(&format!(
        "<image width='8' height='8' href='{}'/>",
        secret.display()
    ));
    let (asset, _) = shelf.store(link.as_bytes(), "a.svg").await.unwrap();
    let (empty, _) = shelf.store(wrap("").as_bytes(), "a.svg").await.unwrap();
    assert_eq!(
        shelf.library.thumbnail(&asset.id, 8).await.unwrap(),
        shelf.library.thumbnail(&empty.id, 8).await.unwrap()
    );
}
