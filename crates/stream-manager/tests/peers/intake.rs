//! Assets that come in over HTTP: hostile ones, endless ones, and one that the show has long been waiting for.

use crate::client::{Connection, Socket};
use crate::pacing::Cadence;
use crate::studio::Studio;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;
use testkit::{poll_until, read_png};

/// Two gigabytes that no disk has.
const ENDLESS: u64 = 2 << 30;

/// A chunk of PNG with its checksum.
fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    let len = u32::try_from(content.len()).expect("a chunk is small");
    [
        &len.to_be_bytes(),
        &kind[..],
        content,
        &(!crc).to_be_bytes(),
    ]
    .concat()
}

/// A head that promises 50,000 x 50,000 pixels, 10 GB, and hardly any data.
fn bomb() -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(50_000_u32.to_be_bytes());
    header.extend(50_000_u32.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &header),
        png_chunk(b"IDAT", &[0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]),
        png_chunk(b"IEND", &[]),
    ]
    .concat()
}

/// A PNG of one color.
fn png(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("memory takes anything");
    let pixels = color.repeat((width * height) as usize);
    writer
        .write_image_data(&pixels)
        .expect("memory takes anything");
    writer.finish().expect("memory takes anything");
    out
}

/// A GIF of one pixel that moves for `frames` frames.
fn gif(frames: usize) -> Vec<u8> {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let frame = b"\x21\xf9\x04\0\x02\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    [&head[..], &frame.repeat(frames), b"\x3b"].concat()
}

fn jpeg(folder: &Path) -> Vec<u8> {
    let path = folder.join("whole.jpg");
    let made = std::process::Command::new("ffmpeg")
        .args([
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=s=640x480",
            "-frames:v",
            "1",
        ])
        .arg(&path)
        .status()
        .expect("ffmpeg is there (Debian: ffmpeg)");
    assert!(made.success());
    fs::read(path).expect("ffmpeg made it")
}

/// Answers everyone with a redirection to this address.
fn redirect_to(target: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/")
}

/// Files that are not complete.
fn leftovers(studio: &Studio) -> usize {
    let folder = studio.data().join("assets/tmp");
    fs::read_dir(folder).expect("the library is there").count()
}

#[test]
fn hostile_assets_are_refused_by_name() {
    let studio = Studio::serve(&[]);
    let mut connection = Connection::open(&studio);
    let jpeg = jpeg(&studio.data());
    let external = b"<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><text>&x;</text></svg>";
    let files: [(&str, &[u8], u16, &str); 6] = [
        ("bomb.png", &bomb(), 413, "asset-too-large"),
        ("long.gif", &gif(100_000), 413, "asset-too-large"),
        ("external.svg", external, 422, "asset-broken"),
        ("half.jpg", &jpeg[..jpeg.len() / 2], 422, "asset-broken"),
        (
            "program.png",
            b"#!/bin/sh\necho no picture\n",
            415,
            "asset-unsupported",
        ),
        ("nothing.png", b"", 415, "asset-unsupported"),
    ];
    for (name, bytes, status, code) in files {
        let answer = connection.upload(name, bytes);
        let problem = answer.json();
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (status, Some(code)),
            "{name}: {problem}"
        );
    }
    // What it is called does not matter: it is what it is.
    let answer = connection.upload("picture.txt", &jpeg);
    assert_eq!(
        (answer.status, &answer.json()["media_type"]),
        (201, &"image/jpeg".into())
    );
    for url in [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/a.png",
        "https://127.0.0.1/a.png",
        "https://localhost/a.png",
        "https://[::1]/a.png",
        "https://[::ffff:169.254.169.254]/a.png",
        "https://2852039166/a.png",
        "file:///etc/passwd",
    ] {
        let answer = connection.ask("POST", "/api/v1/assets", &json!({ "url": url }));
        let problem = answer.json();
        assert_eq!(
            (answer.status, problem["code"].as_str()),
            (422, Some("asset-address-refused")),
            "{url}: {problem}"
        );
    }
    assert_eq!(leftovers(&studio), 0);
    assert_eq!(studio.health().json()["status"], "ok");
}

/// A host that may be asked, and that sends one on to where nobody may go.
#[test]
fn a_redirection_does_not_lead_inside() {
    let inside = redirect_to("http://169.254.169.254/latest/meta-data/");
    let host = inside
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let name = host.split(':').next().expect("a name and a port");
    let studio = Studio::serve(&[("ASSET_PRIVATE_HOSTS", name)]);
    let answer = studio.post("/api/v1/assets", &json!({ "url": inside }));
    let problem = answer.json();
    assert_eq!(
        (answer.status, problem["code"].as_str()),
        (422, Some("asset-address-refused")),
        "{problem}"
    );
}

#[test]
fn an_upload_without_end_is_cut_off_and_leaves_nothing() {
    let studio = Studio::serve(&[]);
    studio.wait_for_frame(60);
    let (before, rss) = (studio.metrics(), studio.rss_mib());
    let mut connection = Connection::open(&studio);
    let (head, _) = connection.upload_parts("/api/v1/assets", "endless.wav", ENDLESS);
    connection.send(head.as_bytes());
    connection.send(b"RIFF\xff\xff\xff\x7fWAVEfmt ");
    let chunk = vec![0; 256 << 10];
    let (mut sent, mut most) = (0_u64, rss);
    while sent < ENDLESS && connection.try_send(&chunk).is_ok() {
        sent += chunk.len() as u64;
        if sent.is_multiple_of(16 << 20) {
            most = most.max(studio.rss_mib());
        }
    }
    let answer = connection.answer();
    let problem = answer.json();
    assert_eq!(
        (answer.status, problem["code"].as_str()),
        (413, Some("asset-too-large")),
        "{problem}"
    );
    poll_until(Duration::from_secs(5), "the disk to be tidied up", || {
        (leftovers(&studio) == 0).then_some(())
    });
    let cadence = Cadence::between(&before, &studio.metrics());
    println!(
        "refused after {} MiB; resident {rss:.0} MiB, {most:.0} MiB meanwhile; {cadence:?}",
        sent >> 20
    );
    assert!(most - rss < 50.0, "{most} MiB from {rss} MiB");
    assert!(cadence.hardly_lags(), "{cadence:?}");
}

#[test]
fn a_layer_waits_for_its_picture() {
    let studio = Studio::serve(&[("SHOW", "none")]);
    let picture = png(64, 64, [250, 200, 10]);
    let digest = ring::digest::digest(&ring::digest::SHA256, &picture);
    let id: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    let mut events = Socket::open(&studio);
    events.ask("events.subscribe", &json!({ "types": ["asset.*"] }));
    let layer = json!({
        "id": "waits", "kind": "overlay", "transform": { "x_px": 0, "y_px": 0, "width_px": 640, "height_px": 640 },
        "source": { "type": "image", "asset": id, "fit": "fill" },
    });
    let answer = studio.post("/api/v1/layers", &layer);
    assert_eq!(answer.status, 201, "{}", answer.json());
    let pixel = || {
        let answer = studio.get("/api/v1/frame.png");
        assert_eq!(answer.status, 200);
        let path = studio.data().join("still.png");
        fs::write(&path, &answer.body).expect("the folder is ours");
        read_png(&path).expect("a PNG").pixel(320, 320)
    };
    events.wait_for_event("asset.failed", |data| data["asset"] == *id);
    let (placeholder, empty) = (pixel(), [0, 0, 0, 255]);
    assert!(
        placeholder != [250, 200, 10, 255] && placeholder != empty,
        "a placeholder is seen: {placeholder:?}"
    );
    let answer = Connection::open(&studio).upload("late.png", &picture);
    assert_eq!(
        (answer.status, &answer.json()["id"]),
        (201, &Value::from(id.clone()))
    );
    events.wait_for_event("asset.ready", |data| data["asset"] == *id);
    poll_until(Duration::from_secs(5), "the picture to be seen", || {
        (pixel() == [250, 200, 10, 255]).then_some(())
    });
}
