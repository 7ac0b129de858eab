//! Events as they go out over the bus, and commands as they come in.

use super::ports::Journal;
use super::studio::Studio;
use crate::events::After;
use crate::{Bus, BusMessage};
use serde_json::{Value, json};
use std::sync::Arc;

const COMMANDS: &str = "stream-manager:main:commands";

fn bus(studio: &Studio) -> Bus {
    studio.api.bus("main", COMMANDS)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "read as it is written: `json!` gives a value"
)]
fn envelope(id: &str, kind: &str, data: Value) -> Value {
    json!({ "id": id, "timestamp": "2026-01-01T00:00:00.5Z", "type": kind, "source": "auctions", "version": 1, "data": data, "reply_to": "answers" })
}

/// The data of the answer.
async fn obeyed(bus: &Bus, command: &Value) -> Value {
    let reply = bus.obey(command.to_string().into_bytes()).await.unwrap();
    assert_eq!(
        (&*reply.channel, &*reply.message.kind),
        ("answers", "reply")
    );
    let read = read(&reply.message);
    assert_eq!(read.source, "stream-manager/main");
    read.data
}

fn read(message: &BusMessage) -> wire::Envelope {
    wire::read_envelope(message.envelope.as_bytes()).unwrap()
}

fn problem(data: &Value) -> (&str, Vec<&str>) {
    assert_eq!(data["ok"], false, "{data}");
    let code = data["problem"]["code"].as_str().unwrap();
    let errors = data["problem"]["errors"].as_array();
    let pointers = errors
        .into_iter()
        .flatten()
        .map(|fault| fault["pointer"].as_str().unwrap());
    (code, pointers.collect())
}

#[tokio::test]
async fn events_go_out_as_websockets_get_them() {
    let studio = Studio::open();
    let (mut events, mut ear) = (bus(&studio).events(), studio.events());
    studio.group("g").await;
    let heard = ear.hear("layer.created").await;
    let waiting = events.next().await;
    assert_eq!(
        events.next().await,
        waiting,
        "until it is said what became of them"
    );
    let one = read(&waiting[0]);
    assert_eq!(
        one.id,
        format!("{}-{}", heard["epoch"].as_str().unwrap(), heard["seq"])
    );
    assert_eq!(
        (&*one.kind, &*one.source),
        ("layer.created", "stream-manager/main")
    );
    assert!(one.at_unix_ns > 1_700_000_000_000_000_000);
    let mut data = heard["data"].clone();
    for place in ["revision", "frame", "show_time_ms"] {
        data[place] = heard[place].clone();
    }
    assert_eq!(one.data, data);
    events.published();
    let said = json!({ "author": "ann", "text": "hi" });
    studio.post("/api/v1/chat", said).await;
    let next = read(&events.next().await[0]);
    assert_eq!(
        (&*next.kind, &next.data["author"]),
        ("chat.message", &json!("ann"))
    );
    assert_eq!(next.data.get("frame"), None);
    studio.close();
}

#[tokio::test]
async fn what_the_bus_loses_is_counted_and_told_once() {
    let studio = Studio::open();
    let all = &studio.api.0.events;
    let mut events = bus(&studio).events();
    let next = async |events: &mut crate::BusEvents| {
        let waiting = events.next().await;
        let kinds = |message: &BusMessage| read(message).data;
        waiting.iter().map(kinds).collect::<Vec<_>>()
    };
    let publish = |n: usize| all.publish("test", 0, None, &json!({ "n": n }));
    let n = |n: usize| json!({ "n": n });
    publish(0);
    publish(1);
    assert_eq!(next(&mut events).await, [n(0), n(1)]);
    events.lost();
    publish(2);
    assert_eq!(next(&mut events).await, [json!({ "lost": 2 }), n(2)]);
    events.lost();
    // More than are kept.
    for n in 3..5003 {
        publish(n);
    }
    let first = next(&mut events).await;
    let oldest = 5003 - 4096;
    assert_eq!(first[..2], [json!({ "lost": oldest }), n(oldest)]);
    assert!(first.len() <= 129);
    events.published();
    assert_eq!(next(&mut events).await[0], n(oldest + first.len() - 1));
    // What is too large comes without its data.
    let data = json!({ "text": "x".repeat(300_000) });
    all.publish("test", 0, None, &data);
    let large = loop {
        events.published();
        let waiting = next(&mut events).await;
        if let Some(bytes) = waiting
            .last()
            .and_then(|last| last["omitted_bytes"].as_u64())
        {
            break bytes;
        }
    };
    assert!(large > 300_000);
    let here = After {
        epoch: all.epoch().to_owned(),
        seq: 5004,
    };
    assert_eq!(
        all.subscribe(Some(&here)).missed.map(|missed| missed.len()),
        Some(0)
    );
    studio.close();
}

#[tokio::test]
async fn commands_are_what_http_takes_and_are_carried_out_once() {
    let studio = Studio::open();
    let bus = bus(&studio);
    let mut ear = studio.events();
    let bid = envelope(
        "b1",
        "auction.bid",
        json!({ "lot": "7", "amount": "12.5", "bidder": "ann" }),
    );
    let done =
        json!({ "in_reply_to": "b1", "ok": true, "result": { "accepted": 1, "duplicates": 0 } });
    assert_eq!(obeyed(&bus, &bid).await, done);
    let heard = ear.hear("auction.event").await;
    assert_eq!(
        heard["data"],
        json!({ "id": "b1", "type": "bid", "amount": "12.5", "bidder": "ann", "lot": "7", "seq": 0, "at": "2026-01-01T00:00:00.5Z" })
    );
    // Again, even at another time: answered as before, and not done.
    let mut again = bid.clone();
    again["timestamp"] = "2026-01-01T00:00:09Z".into();
    assert_eq!(obeyed(&bus, &again).await, done);
    // The same id for something else is a mistake.
    let mut other = bid.clone();
    other["data"]["amount"] = "13".into();
    assert_eq!(
        problem(&obeyed(&bus, &other).await).0,
        "idempotency-key-reused"
    );
    // From somebody else it is another message, and the same bid.
    other["source"] = "elsewhere".into();
    assert_eq!(obeyed(&bus, &other).await["result"]["duplicates"], 1);
    let said =
        json!([{ "author": "ann", "text": "hi" }, { "author": "bob", "text": "ho", "id": "b" }]);
    let said = obeyed(&bus, &envelope("c1", "chat.message", said)).await;
    assert_eq!(
        said["result"],
        json!({ "accepted": 2, "duplicates": 0, "ids": ["c1/0", "b"] })
    );
    let lots = studio.get("/api/v1/auction").await.json();
    assert_eq!(
        (
            &lots["lots"][0]["bids"],
            &lots["lots"][0]["highest"]["amount"]
        ),
        (&json!(1), &json!("12.5"))
    );
    // Nobody wants an answer.
    let mut quiet = envelope(
        "c2",
        "chat.message",
        json!({ "author": "cid", "text": "hm" }),
    );
    quiet.as_object_mut().unwrap().remove("reply_to");
    assert_eq!(bus.obey(quiet.to_string().into_bytes()).await, None);
    assert_eq!(
        ear.hear_where("chat.message", |data| data["author"] == "cid")
            .await["data"]["id"],
        "c2"
    );
    studio.close();
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let studio = Studio::open();
    let bus = bus(&studio);
    for (command, code, pointers) in [
        (
            envelope("1", "character.say", json!({ "text": "hi" })),
            "not-available",
            vec![],
        ),
        (
            envelope("1", "layer.delete", json!({ "id": "x" })),
            "invalid",
            vec!["/type"],
        ),
        (
            envelope("1", "auction.gavel", json!({})),
            "invalid",
            vec!["/type"],
        ),
        (
            envelope("1", "auction.bid", json!({ "lot": "7", "amount": 5 })),
            "invalid",
            vec!["/data/amount", "/data/bidder"],
        ),
        (
            envelope("1", "chat.message", json!([{ "author": "a", "text": "" }])),
            "invalid",
            vec!["/data/0/text"],
        ),
        (
            envelope("1", "chat.message", json!("hi")),
            "invalid",
            vec!["/data"],
        ),
        (
            json!({ "id": "1", "type": "chat.message", "reply_to": "answers" }),
            "invalid",
            vec!["/timestamp", "/source", "/version", "/data"],
        ),
    ] {
        let data = obeyed(&bus, &command).await;
        assert_eq!(data["in_reply_to"], "1");
        let mut found = problem(&data);
        let mut expected = pointers;
        found.1.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, (code, expected), "{command}");
    }
    assert_eq!(bus.obey(b"hello".to_vec()).await, None);
    // What was refused may be sent right.
    let right = envelope("1", "chat.message", json!({ "author": "a", "text": "b" }));
    assert_eq!(obeyed(&bus, &right).await["ok"], true);
    studio.close();
}

#[tokio::test]
async fn nobody_is_answered_where_others_would_believe_it_to_be_ours() {
    let studio = Studio::open();
    let bus = studio.api.bus("main", "orders");
    let ask = async |channel: &str| {
        let mut command = envelope(
            channel,
            "chat.message",
            json!({ "author": "a", "text": channel }),
        );
        command["reply_to"] = channel.into();
        bus.obey(command.to_string().into_bytes()).await
    };
    for channel in [
        "answers",
        "stream-manager:main:replies",
        "stream-manager:main:replies:me",
        "orders:1",
    ] {
        assert_eq!(ask(channel).await.unwrap().channel, channel);
    }
    for channel in [
        "orders",
        "stream-manager:main:events",
        "stream-manager:main:commands",
        "stream-manager:main:repliesx",
        "stream-manager:other:replies",
        "__keyevent@0__:del",
        "__sentinel__:hello",
    ] {
        assert_eq!(ask(channel).await, None, "{channel}");
    }
    let said = studio.get("/api/v1/chat").await.json();
    assert_eq!(
        said["items"].as_array().unwrap().len(),
        4,
        "such a command is not carried out"
    );
    studio.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_wait_while_another_process_takes_over_and_are_durable_when_they_are_called_so() {
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    let bus = bus(&studio);
    studio.api.freeze(true);
    let waits = tokio::spawn({
        let bus = bus.clone();
        async move {
            obeyed(
                &bus,
                &envelope("1", "chat.message", json!({ "author": "a", "text": "b" })),
            )
            .await
        }
    });
    let refused = studio
        .post("/api/v1/chat", json!({ "author": "a", "text": "c" }))
        .await;
    assert_eq!(refused.problem().0, 503);
    assert!(!waits.is_finished());
    studio.api.freeze(false);
    assert_eq!(waits.await.unwrap()["result"]["accepted"], 1);
    assert!(bus.durable().await);
    let kept = journal.past(usize::MAX).unwrap();
    assert_eq!(kept.chat.len(), 1);
    studio.close();
}
