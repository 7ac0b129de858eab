//! What is secret goes in and never comes out.

use super::socket::Rpc;
use super::studio::{Answer, Studio, bearer, local};
use crate::operation::Run;
use crate::operations::OPERATIONS;
use crate::rpc::path_parameter;
use crate::*;
use axum::body::Body;
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span;

/// Everything secret has this in it, but for what the service makes itself.
const MARK: &str = "zz9-secret";
const KEY: &str = "sk-zz9-secret-key";
const TOKEN: &str = "zz9-secret-token";

/// All log lines of the process.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Lines {
    fn text(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut Fields(&mut self.text()));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Fields(&mut self.text()));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = self.text();
        write!(text, "\n{}", event.metadata().target()).unwrap();
        event.record(&mut Fields(&mut text));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Bodies with a secret wherever one may stand, or stands by mistake.
fn bodies() -> Vec<String> {
    let url = format!("rtmp://ingest.example/app/{KEY}");
    let documents = [
        json!({ "id": "x", "type": "rtmp", "url": url, "key": KEY }),
        json!({ "id": "y", "type": "rtmp", "url": "rtmp://ingest.example/nowhere", "key": KEY }),
        json!({ "type": "rtmp", "url": format!("http://{KEY}"), "key": [KEY] }),
        json!({ "type": "srt", "url": url, "key": KEY }),
        json!({ "url": url }),
        json!({ "key": KEY }),
        json!({ "key": { "is": KEY } }),
        json!({ "token": TOKEN, "key": KEY }),
        json!({ "token": { "is": TOKEN } }),
        json!({ "commands": [{ "method": "output.create", "params": { "type": "rtmp", "url": url, "key": KEY } }] }),
        json!({ "commands": [{ "method": "output.update", "params": { "id": "x", "key": KEY } }], "start": { "at_ms": 1e9 } }),
    ];
    let mut bodies: Vec<String> = documents.iter().map(Value::to_string).collect();
    // And one that does not parse.
    bodies.push(format!("{{ \"key\": {KEY} }}"));
    bodies
}

/// Commands from the bus that have no business with keys, and have one all the same.
fn body_of_commands() -> Vec<String> {
    let envelope = |kind: &str, data: Value| {
        let envelope = json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": kind, "source": "x", "version": 1, "data": data, "reply_to": "y" });
        envelope.to_string()
    };
    vec![
        envelope("output.create", json!({ "key": KEY })),
        envelope(
            "chat.message",
            json!({ "author": { "key": KEY }, "token": [TOKEN] }),
        ),
        envelope("auction.bid", json!({ "key": KEY })),
        format!("{{ \"key\": {KEY} }}"),
    ]
}

/// An answer as text, head and all.
fn text(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    format!("{} {:?} {body}", answer.status, answer.headers)
}

#[tokio::test]
async fn no_secret_is_in_any_answer_event_or_line() {
    let lines = Lines::default();
    tracing::subscriber::set_global_default(lines.clone()).unwrap();
    let studio = Studio::with(Access::with_tokens([("boss", TOKEN, Role::Admin)], false));
    let mut live = studio.api.0.events.subscribe(None).live;
    let bus = studio.api.bus("main", "orders");
    let mut on_the_bus = bus.events();
    let mut all: Vec<(String, String)> = Vec::new();

    let send = async |method: &Method, path: &str, body: &str| {
        let request = local(method.clone(), path).header(AUTHORIZATION, bearer(TOKEN));
        let body = Body::from(body.to_owned());
        (
            format!("{method} {path}"),
            studio.send(request.body(body).unwrap()).await,
        )
    };
    // What the service itself makes a secret of.
    let (_, begun) = send(&Method::POST, "/api/v1/session", "").await;
    let cookie = begun
        .header(SET_COOKIE)
        .split(['=', ';'])
        .nth(1)
        .unwrap()
        .to_owned();
    let (_, ticket) = send(&Method::POST, "/api/v1/session/ticket", "").await;
    let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
    assert!(cookie.len() == 64 && ticket.len() == 64 && cookie != ticket);

    for operation in OPERATIONS.iter().filter(|one| one.name != "frame.mjpg") {
        let path = operation.path.replace("{id}", "x");
        let path = format!("/api/v1{path}");
        for body in bodies() {
            let (here, answer) = send(&operation.method, &path, &body).await;
            all.push((format!("{here} {body}"), text(&answer)));
        }
        let (here, answer) = send(&operation.method, &path, "").await;
        all.push((here, text(&answer)));
        let query = format!("{path}?ticket={ticket}&token={TOKEN}");
        let (here, answer) = send(&operation.method, &query, "").await;
        all.push((here, text(&answer)));
    }
    for body in [
        json!({ "token": TOKEN }),
        json!({ "token": [TOKEN] }),
        json!({ "tokem": TOKEN }),
    ] {
        let begun = studio.post("/api/v1/session", body).await;
        all.push(("POST /api/v1/session".to_owned(), text(&begun)));
    }
    // Those that do not fit: nobody learns what nearly did.
    for header in [
        (AUTHORIZATION, bearer(&format!("{TOKEN}x"))),
        (COOKIE, format!("studio_session={cookie}x")),
    ] {
        let request = local(Method::GET, "/api/v1/scene").header(header.0, header.1);
        let answer = studio.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 401);
        all.push(("GET /api/v1/scene".to_owned(), text(&answer)));
    }
    let address = studio.listen().await;
    let path = format!("/ws?ticket={ticket}");
    let mut rpc = Rpc::at(address, &path, &[]).await;
    for operation in OPERATIONS
        .iter()
        .filter(|one| !matches!(one.run, Run::Stream(_)))
    {
        let mut params = json!({ "type": "rtmp", "url": format!("rtmp://ingest.example/{KEY}"), "key": KEY, "token": TOKEN });
        if let Some(name) = path_parameter(operation.path) {
            params[name] = "x".into();
        }
        let answer = rpc.call(operation.name, params).await;
        all.push((operation.name.to_owned(), format!("{answer:?}")));
    }
    rpc.say(format!("{{ \"jsonrpc\": {KEY} }}")).await;
    all.push(("ws".to_owned(), rpc.next().await.unwrap().to_string()));

    // The way out that everything takes at the end: what is in the log by then was said before.
    let sign = json!({ "author": "ann", "text": "the last word" });
    send(&Method::POST, "/api/v1/chat", &sign.to_string()).await;
    loop {
        let event = live.recv().await.unwrap();
        all.push((event.kind.to_owned(), event.text.to_string()));
        if event.text.contains("the last word") {
            break;
        }
    }
    for message in body_of_commands() {
        let reply = bus.obey(message.into_bytes()).await;
        all.push(("a command".to_owned(), format!("{reply:?}")));
    }
    let mut waiting = String::new();
    while !waiting.contains("the last word") {
        waiting = format!("{:?}", on_the_bus.next().await);
        all.push(("the bus".to_owned(), waiting.clone()));
        on_the_bus.published();
    }
    for path in [
        "/api/v1/as-run?limit=1000",
        "/api/v1/history?limit=1000",
        "/api/v1/outputs",
        "/api/v1/schedule",
    ] {
        let (here, answer) = send(&Method::GET, path, "").await;
        assert_eq!(answer.status, 200);
        all.push((here, text(&answer)));
    }
    all.push(("the log".to_owned(), lines.text().clone()));
    all.push((
        "the parts".to_owned(),
        format!("{:?} {:?}", studio.api, studio.api.0.parts.access),
    ));

    for (place, said) in &all {
        for secret in [MARK, &cookie, &ticket] {
            assert!(
                !said.contains(secret),
                "{secret} is in the answer of {place}: {said}"
            );
        }
    }
    // The net has caught something.
    let caught = |needle: &str| all.iter().filter(|(_, said)| said.contains(needle)).count();
    for sign in [
        "output.added",
        "output added over the API",
        "asset-upstream-failed",
        "panic.started",
        "session.start",
    ] {
        assert!(caught(sign) > 0, "{sign}");
    }
    studio.close();
}
