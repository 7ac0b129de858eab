//! What a collector of OpenTelemetry gets.

use crate::client::Socket;
use crate::studio::Studio;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use testkit::{NginxOptions, NginxRtmp, free_port, poll_until};

const TOKEN: &str = "a-token-nobody-sees";

/// A server that takes whatever is posted; its address, and heads and bodies as they come.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A test that has seen enough no longer listens.
            let _ = take(stream).map(|request| sender.send(request));
        }
    });
    (format!("http://{address}"), requests)
}

fn take(mut stream: TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let end = loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end + 4;
        }
        read_more(&mut stream, &mut bytes)?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let length: usize = crate::client::header(&head, "content-length")?
        .parse()
        .ok()?;
    let mut body = bytes.split_off(end);
    while body.len() < length {
        read_more(&mut stream, &mut body)?;
    }
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(answer).ok()?;
    Some((head, body))
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 4096];
    let count = stream.read(&mut chunk).ok().filter(|&count| count > 0)?;
    bytes.extend_from_slice(&chunk[..count]);
    Some(())
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn a_collector_gets_requests_the_way_of_changes_and_connects() {
    let (endpoint, requests) = collector();
    let server = NginxRtmp::start(&NginxOptions::default());
    let mut studio = Studio::serve(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20hidden-from-all",
        ),
        ("OTEL_SERVICE_NAME", "studio-seven"),
        ("API_TOKENS", &format!("desk:{TOKEN}:admin")),
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "a-key-nobody-sees"),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    let note = json!({
        "id": "note",
        "name": "words-nobody-sees",
        "kind": "overlay",
        "transform": { "width_px": 20, "height_px": 20 },
        "source": { "type": "color", "color": "#fff" },
    });
    assert_eq!(
        studio.post("/api/v1/layers?durability=sync", &note).status,
        201
    );
    let mut socket = Socket::open(&studio);
    socket.ask("layer.delete", &json!({ "id": "note" }));
    socket.ask("layer.delete", &json!({ "id": "note" }));
    assert!(studio.stop().success(), "{}", studio.log());
    let (heads, bodies): (Vec<String>, Vec<Vec<u8>>) = requests.try_iter().unzip();
    assert!(!heads.is_empty(), "nothing came");
    for head in &heads {
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        let value = |name| crate::client::header(head, name);
        assert_eq!(value("authorization"), Some("Bearer hidden-from-all"));
        assert_eq!(value("content-type"), Some("application/x-protobuf"));
    }
    let sent = bodies.concat();
    for text in [
        "studio-seven",
        "layer.create",
        "layer.delete",
        "accept",
        "frame",
        "durable",
        "output.connect",
        "desk",
        "rpc",
        "layer-not-found",
    ] {
        assert!(holds(&sent, text), "{text} was not sent");
    }
    for secret in [
        TOKEN,
        "words-nobody-sees",
        "a-key-nobody-sees",
        "hidden-from-all",
    ] {
        assert!(
            !holds(&sent, secret) && !studio.log().contains(secret),
            "{secret}"
        );
    }
}

#[test]
fn a_collector_that_is_not_there_is_missed_once() {
    let endpoint = format!("http://127.0.0.1:{}", free_port());
    let mut studio = Studio::serve(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    let missed = || studio.log().matches("traces cannot be delivered").count();
    poll_until(Duration::from_secs(30), "two batches to be lost", || {
        studio.get("/api/v1/scene");
        (missed() > 0 && studio.age() > Duration::from_secs(12)).then_some(())
    });
    assert_eq!(missed(), 1, "{}", studio.log());
    assert!(studio.stop().success(), "{}", studio.log());
}
