//! Commands in from Redis, events out to it, through the whole service.

use crate::studio::Studio;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{RedisOptions, RedisServer, poll_until};

const LIMIT: Duration = Duration::from_secs(20);

/// The envelopes in the stream of events.
fn logged(server: &RedisServer) -> Vec<Value> {
    let text = server.cli(&["XRANGE", "stream-manager:main:events:log", "-", "+"]);
    let read = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    read.filter(Value::is_object).collect()
}

#[test]
fn the_show_is_told_of_over_redis_and_tells_over_redis() {
    let options = RedisOptions {
        password: Some("s3cret".to_owned()),
        ..RedisOptions::default()
    };
    let mut server = RedisServer::prepare(&options);
    let url = server.url();
    // Away at first: the show goes on all the same.
    let mut studio = Studio::serve(&[
        ("REDIS_URL", &url),
        ("REDIS_PASSWORD", "s3cret"),
        ("REDIS_COMMAND_CHANNEL", "orders"),
    ]);
    studio.wait_for_frame(10);
    server.restart();
    let bid = json!({
        "id": "b1", "timestamp": "2026-01-01T00:00:00Z", "type": "auction.bid", "source": "auctions", "version": 1,
        "data": { "lot": "7", "amount": "12.45", "bidder": "bob" },
    });
    let bid = bid.to_string();
    server.cli(&["XADD", "orders:log", "*", "envelope", &bid]);
    poll_until(LIMIT, "somebody to listen", || {
        server
            .cli(&["PUBSUB", "NUMSUB", "orders"])
            .ends_with('1')
            .then_some(())
    });
    // Both ways, and one bid.
    server.cli(&["PUBLISH", "orders", &bid]);
    server.cli(&["PUBLISH", "orders", "nonsense"]);
    let event = poll_until(LIMIT, "the bid to be announced", || {
        logged(&server)
            .into_iter()
            .find(|event| event["type"] == "auction.event")
    });
    assert_eq!(event["source"], "stream-manager/main");
    assert_eq!(
        event["data"],
        json!({ "id": "b1", "type": "bid", "lot": "7", "amount": "12.45", "bidder": "bob", "seq": 0, "at": "2026-01-01T00:00:00Z" })
    );
    poll_until(LIMIT, "all three to be counted", || {
        let metrics = studio.metrics();
        let counted = |result: &str, n: usize| {
            metrics.contains(&format!(
                "stream_manager_bus_commands_total{{result=\"{result}\"}} {n}"
            ))
        };
        (counted("done", 2) && counted("refused", 1)).then_some(())
    });
    let lots = studio.get("/api/v1/auction").json();
    assert_eq!(
        (
            &lots["lots"][0]["bids"],
            &lots["lots"][0]["highest"]["bidder"]
        ),
        (&json!(1), &json!("bob"))
    );
    assert!(studio.stop().success());
}
