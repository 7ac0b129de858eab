//! Outputs, the stream and problems.

use super::Schemas;
use super::node::Node;
use crate::output::{STATES, TYPES};
use crate::stream;
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    all.add("NewOutput", new_output());
    all.add("Output", output());
    all.add_list("Output");
    all.add("Stream", stream_view());
    all.add("Problem", problem());
}

fn kind() -> Node {
    Node::words(&TYPES).says("How it publishes; rtmp is also rtmps.")
}

fn new_output() -> Node {
    Node::object()
        .may("id", Node::of("Id").example("main"))
        .must("type", kind())
        .must(
            "url",
            Node::pattern("^[Rr][Tt][Mm][Pp][Ss]?://[^/]")
                .says("Where to publish: rtmp:// or rtmps:// with at least a host. May hold the stream key.")
                .example("rtmps://ingest.example:443/app"),
        )
        .may(
            "key",
            Node::text().says("Stream key, where it is not part of the URL; never read back.").with("writeOnly", true),
        )
        .may("enabled", Node::boolean().says("Whether to connect at once.").default_is(true))
        .says("An output as it is accepted.")
}

fn output() -> Node {
    let ms = |says: &str| Node::any_number().with("minimum", 0).says(says);
    Node::object()
        .must("id", Node::of("Id"))
        .must("type", kind())
        .must(
            "url",
            Node::text().says("Where it publishes, without the key."),
        )
        .must(
            "enabled",
            Node::boolean().says("Whether it is meant to run."),
        )
        .must(
            "state",
            Node::one_of_words(STATES)
                .says("What it is doing; a refused one waits for a request to try again."),
        )
        .may("reason", Node::text().says("Why it is not live."))
        .must(
            "attempts",
            Node::count().says("Attempts to connect since it was last live."),
        )
        .may(
            "next_retry_in_ms",
            ms("Milliseconds until the next attempt, while retrying."),
        )
        .may(
            "connected_ms",
            ms("Milliseconds that the running session is live."),
        )
        .must(
            "dropped_packets",
            Node::count().says("Packets that its full queue let fall."),
        )
        .must(
            "bytes_sent",
            Node::count().says("Bytes sent in all sessions."),
        )
        .must(
            "queue_ms",
            ms("Milliseconds of the programme that wait in its queue."),
        )
        .says("An output and how it fares.")
}

fn stream_view() -> Node {
    let count = |says: &str| Node::count().says(says);
    Node::object()
        .must(
            "state",
            Node::one_of_words(stream::STATES).says("Live as soon as one output is."),
        )
        .must("frame", Node::whole().says("Number of the newest frame."))
        .must(
            "show_time_ms",
            Node::any_number().says("Its show time in milliseconds."),
        )
        .must(
            "fps",
            Node::pattern(r"^\d+(/\d+)?$")
                .says("Frames per second; a fraction where it is one.")
                .example("30000/1001"),
        )
        .must(
            "resolution",
            Node::pattern(r"^\d+x\d+$")
                .says("Width and height of the picture in pixels.")
                .example("1920x1080"),
        )
        .must(
            "bitrate_bps",
            count("Target of the video encoder, bits per second.").example(3_000_000),
        )
        .must(
            "latency",
            Node::one_of_words(stream::LATENCIES).says("low encodes without look-ahead."),
        )
        .must(
            "lagged_ticks",
            count("Frames that the engine made too late."),
        )
        .must(
            "repeated_frames",
            count("Frames that stood for one the encoder had no time for."),
        )
        .must(
            "dropped_packets",
            count("Packets that outputs let fall, all together."),
        )
        .must(
            "uptime_ms",
            Node::any_number()
                .with("minimum", 0)
                .says("Milliseconds since the service started."),
        )
        .says("Where the programme stands; counts are since the service started.")
}

fn problem() -> Node {
    let fault = Node::object()
        .must(
            "pointer",
            Node::text()
                .says("JSON pointer (RFC 6901) into the body.")
                .example("/layers/0/opacity"),
        )
        .must(
            "detail",
            Node::text()
                .says("What is wrong and what is allowed.")
                .example("is 2; allowed is 0 to 1"),
        );
    Node::object()
        .must("type", Node::text().with("format", "uri-reference").example("/problems/invalid"))
        .must("title", Node::text().says("The kind of problem, in words.").example("The body has faults"))
        .must(
            "status",
            Node::whole().with("minimum", 400).with("maximum", 599).says("The HTTP status.").example(422),
        )
        .must("detail", Node::text().says("This problem, in words.").example("2 faults in the body"))
        .must("code", Node::text().says("The kind of problem, for programs: never changes its meaning.").example("invalid"))
        .may(
            "errors",
            Node::list(fault).with("maxItems", crate::MAX_FAULTS).says("Every fault at once, in document order."),
        )
        // Members of RFC 9457 that are added later must not break clients.
        .with("additionalProperties", true)
        .says("Why a request was not carried out (RFC 9457, `application/problem+json`).")
        .example(json!({
            "type": "/problems/invalid", "title": "The body has faults", "status": 422, "detail": "one fault in the body", "code": "invalid",
            "errors": [{ "pointer": "/opacity", "detail": "is 2; allowed is 0 to 1" }],
        }))
}
