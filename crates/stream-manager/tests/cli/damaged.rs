//! What is not as the scene asks for, but no reason to give up: it is drawn as well as it goes, and said.

use crate::program::{Show, scene, word};
use serde_json::json;

/// Renders one frame of `show`, which works out; what it had to say.
fn warnings(show: &Show) -> String {
    let outcome = show.render("out.png", &[], &[]).ended(0, &[]);
    assert!(outcome.stdout.is_empty());
    outcome.stderr
}

fn with_picture(bytes: &[u8]) -> Show {
    let layers = json!([{ "id": "art", "kind": "overlay", "transform": { "x_px": 10, "y_px": 10, "width_px": 100, "height_px": 100 },
                          "source": { "type": "image", "asset": "art.png" } }]);
    Show::new(&scene(&layers)).with("art.png", bytes)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels = vec![200; width as usize * height as usize * 3];
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .expect("memory takes it");
    bytes
}

/// A placeholder stands where the picture would, and one line says which picture it is and why.
#[test]
fn a_broken_picture_is_a_placeholder_and_a_warning() {
    let whole = png(50, 50);
    assert_eq!(warnings(&with_picture(&whole)), "");
    let huge = {
        let mut bytes = whole.clone();
        bytes[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = crc32(&bytes[12..29]).to_be_bytes();
        bytes[29..33].copy_from_slice(&crc);
        bytes
    };
    let mut pictures = Vec::new();
    for (bytes, says) in [
        (&whole[..whole.len() / 2], "broken"),
        (b"", "not a PNG"),
        (b"<html>", "not a PNG"),
        (&huge, "30000x30000"),
    ] {
        let show = with_picture(bytes);
        let said = warnings(&show);
        let lines: Vec<&str> = said.lines().collect();
        assert!(
            matches!(lines[..], [line] if line.contains("art.png") && line.contains(says) && line.contains("WARN")),
            "{said}"
        );
        pictures.push(show.read("out.png"));
    }
    assert!(
        pictures.windows(2).all(|pair| pair[0] == pair[1]),
        "a placeholder is a placeholder"
    );
}

/// The checksum of PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc))
    })
}

#[test]
fn an_unknown_font_is_named_and_another_used() {
    let mut layer = word("title", "Lot 7");
    layer["source"]["font"] = json!("Comic Nonsense");
    let said = warnings(&Show::new(&scene(&json!([layer]))));
    assert!(
        said.contains("Comic Nonsense") && said.contains("title") && said.contains("is used"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

/// A character of no script that any package here has: in the private use area.
#[test]
fn a_character_that_no_font_has_is_named() {
    let said = warnings(&Show::new(&scene(&json!([word("title", "Lot \u{F1234}")]))));
    assert!(said.contains("U+F1234") && said.contains("title"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
