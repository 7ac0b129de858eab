//! Many connections at once: listeners, and clients that say nothing.

use crate::client::{Connection, Socket};
use crate::pacing::Cadence;
use crate::studio::{Studio, at_most, soak};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use testkit::poll_until;

const LISTENERS: usize = 1000;
const SILENT: usize = 5000;

/// What the programme costs over ten seconds.
struct Cost {
    cpu: f64,
    cadence: Cadence,
}

fn ten_seconds(studio: &Studio) -> Cost {
    let (before, cpu, frame) = (studio.metrics(), studio.cpu_s(), studio.frame());
    studio.wait_for_frame(frame + 300);
    Cost {
        cpu: (studio.cpu_s() - cpu) / 10.0,
        cadence: Cadence::between(&before, &studio.metrics()),
    }
}

#[test]
fn a_thousand_listeners_cost_next_to_nothing() {
    testkit::raise_file_limit();
    let studio = Studio::serve(&[]);
    studio.wait_for_frame(60);
    let alone = ten_seconds(&studio);
    let rss = studio.rss_mib();
    let mut listeners: Vec<Socket> = (0..LISTENERS)
        .map(|_| {
            let mut socket = Socket::open(&studio);
            let answer = socket.ask("events.subscribe", &json!({ "types": ["layer.*"] }));
            assert!(answer["result"]["seq"].is_u64(), "{answer}");
            socket
        })
        .collect();
    let kib = (studio.rss_mib() - rss) * 1024.0 / LISTENERS as f64;
    let listened_to = ten_seconds(&studio);
    // They do listen.
    let layers = studio.get("/api/v1/layers").json();
    let id = layers["items"][0]["id"].as_str().expect("a layer");
    let hidden = studio.post(&format!("/api/v1/layers/{id}/hide"), &json!({}));
    assert_eq!(hidden.status, 200);
    for listener in &mut listeners {
        listener.wait_for_event("layer.updated", |_| true);
    }
    println!(
        "CPU {:.1} % of a core, with {LISTENERS} listeners {:.1} %; {kib:.1} KiB each; {:?}, with them {:?}",
        alone.cpu * 100.0,
        listened_to.cpu * 100.0,
        alone.cadence,
        listened_to.cadence
    );
    assert!(kib < 64.0, "{kib} KiB a listener");
    assert!(
        listened_to.cpu < alone.cpu + if soak() { 0.1 } else { 0.2 },
        "{} of a core",
        listened_to.cpu
    );
    assert!(
        listened_to.cadence.hardly_lags(),
        "{:?}",
        listened_to.cadence
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer takes is measured"
)]
fn silent_connections_hold_nobody_up_and_are_closed() {
    testkit::raise_file_limit();
    let studio = Studio::serve(&[]);
    studio.wait_for_frame(60);
    let before = studio.metrics();
    let opened = Instant::now();
    let silent: Vec<TcpStream> = (0..SILENT)
        .map(|_| {
            let stream = TcpStream::connect(studio.address()).expect("the port is open");
            stream.set_nonblocking(true).expect("a socket has modes");
            stream
        })
        .collect();
    let took = opened.elapsed();
    let mut longest = Duration::ZERO;
    for _ in 0..20 {
        let asked = Instant::now();
        // A connection of its own: one that is open already has its place.
        let answer = Connection::open(&studio).ask("GET", "/api/v1/stream", &Value::Null);
        assert_eq!(answer.status, 200);
        longest = longest.max(asked.elapsed());
    }
    let mut open: Vec<&TcpStream> = silent.iter().collect();
    poll_until(Duration::from_secs(20), "all of them to be closed", || {
        open.retain(|stream| {
            let mut stream = *stream;
            let read = stream.read(&mut [0; 256]);
            // A word of goodbye may come before the end.
            matches!(&read, Ok(n) if *n > 0)
                || matches!(&read, Err(e) if e.kind() == ErrorKind::WouldBlock)
        });
        open.is_empty().then_some(())
    });
    let closed = opened.elapsed();
    let cadence = Cadence::between(&before, &studio.metrics());
    println!(
        "{SILENT} connections in {took:?}, all closed after {closed:?}; meanwhile answers took {longest:?} at most; {cadence:?}"
    );
    assert!(longest < at_most(Duration::from_millis(200)), "{longest:?}");
    assert!(cadence.hardly_lags(), "{cadence:?}");
}
