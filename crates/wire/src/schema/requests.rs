//! What clients ask for besides scenes and their parts, and what they are answered with.

use super::Schemas;
use super::node::Node;
use crate::requests::{BITRATE_RANGE_BPS, MAX_BATCH};
use crate::stream::LATENCIES;
use crate::talk::{MAX_PUSHED, TYPES};
use scene::Range;

pub(super) fn add(all: &mut Schemas) {
    changes(all);
    presets(all);
    records(all);
    assets(all);
    service(all);
    talk(all);
}

fn range(min: f64, max: f64) -> Range {
    Range { min, max }
}

pub(super) fn chars(count: std::ops::RangeInclusive<usize>) -> Node {
    Node::text()
        .with("minLength", *count.start())
        .with("maxLength", *count.end())
}

pub(super) fn time() -> Node {
    Node::text().with("format", "date-time")
}

fn changes(all: &mut Schemas) {
    all.add(
        "MoveRequest",
        Node::object()
            .may(
                "above",
                Node::of("Id").says("Right above this layer beside it."),
            )
            .may(
                "below",
                Node::of("Id").says("Right below this layer beside it."),
            )
            .may(
                "to",
                Node::one_of_words(["top", "bottom"]).says("Above or below all others beside it."),
            )
            .may(
                "parent",
                Node::default()
                    .with("type", serde_json::json!(["string", "null"]))
                    .says("The group it goes into; null for the canvas. Alone: on top there."),
            )
            .with("minProperties", 1)
            .with("examples", serde_json::json!([{ "to": "top" }]))
            .says("Where a layer goes: one of above, below, to; or parent alone."),
    );
    all.add(
        "BatchRequest",
        Node::object()
            .must(
                "commands",
                Node::list(
                    Node::object()
                        .must(
                            "method",
                            Node::text()
                                .says("As over the WebSocket.")
                                .example("layer.update"),
                        )
                        .may("params", Node::default().says("As over the WebSocket.")),
                )
                .holding(1..=MAX_BATCH)
                .says("In their order."),
            )
            .may("start", Node::of("Start"))
            .may(
                "dry_run",
                Node::boolean()
                    .says("Answer with a picture of what it would look like.")
                    .default_is(false),
            )
            .says("Commands that are carried out all or not at all, on one frame."),
    );
    all.add(
        "BatchResult",
        Node::object()
            .must(
                "results",
                Node::list(Node::default())
                    .says("What each command is about, as it is from then on."),
            )
            .says("A batch that was carried out."),
    );
    all.add(
        "Job",
        Node::object()
            .must("id", Node::text().says("Its name."))
            .must("client", Node::text().says("Who asked for it."))
            .must(
                "at_ms",
                Node::any_number().says("Its show time, milliseconds."),
            )
            .must("methods", Node::list(Node::text()).says("What is done."))
            .says("Something that is to happen at a show time."),
    );
    all.add_list("Job");
    all.add(
        "ScopeRequest",
        Node::object()
            .may(
                "scope",
                Node::one_of_words(["own", "all"])
                    .says("The client's own changes, or anyone's.")
                    .default_is("own"),
            )
            .says("Whose changes are meant."),
    );
}

fn presets(all: &mut Schemas) {
    let name = || chars(1..=200).says("What people call it.");
    all.add(
        "NewPreset",
        Node::object()
            .may(
                "id",
                Node::of("Id").says("The id it is kept under, and no other."),
            )
            .may("name", name())
            .may(
                "layers",
                Node::one_of([
                    Node::list(Node::of("Id"))
                        .with("minItems", 1)
                        .says("These layers as they are now."),
                    Node::list(Node::of("NewLayer"))
                        .with("minItems", 1)
                        .says("Layers as they are given."),
                ])
                .says("A part of a scene."),
            )
            .may(
                "animations",
                Node::list(Node::of("NewAnimation")).says("What moves the layers that are given."),
            )
            .may("scene", Node::of("Scene"))
            .says("The scene as it is now, where neither layers nor a scene is given."),
    );
    all.add(
        "Preset",
        Node::object()
            .must("id", Node::of("Id"))
            .may("name", name())
            .may("scene", Node::of("Scene"))
            .may(
                "layers",
                Node::list(Node::of("Layer")).says("Of a part: its layers."),
            )
            .may(
                "animations",
                Node::list(Node::of("Animation")).says("Of a part: what moves its layers."),
            )
            .says("A scene, or layers with what moves them."),
    );
    all.add(
        "PresetSummary",
        Node::object()
            .must("id", Node::of("Id"))
            .may("name", name())
            .must(
                "whole",
                Node::boolean().says("Whether it is a whole scene."),
            )
            .says("A preset without what is in it."),
    );
    all.add_list("PresetSummary");
}

fn records(all: &mut Schemas) {
    let entry = |says: &str| {
        Node::object()
            .must("id", Node::count().says("Its number, from 1."))
            .must("at", time().says("The wall clock."))
            .must(
                "client",
                Node::text().says("Name of the token, or anonymous."),
            )
            .must("method", Node::text().says("What was asked for."))
            .may(
                "revision",
                Node::count().says("Number of the change of the scene."),
            )
            .may(
                "frame",
                Node::whole().says("The first frame that shows it."),
            )
            .may(
                "show_time_ms",
                Node::any_number().says("Show time of that frame, milliseconds."),
            )
            .says(says)
    };
    all.add(
        "HistoryEntry",
        entry("A change of the scene.")
            .must(
                "changed",
                Node::list(Node::text()).says("The parts that it changed."),
            )
            .must("undone", Node::boolean().says("Whether it is taken back.")),
    );
    all.add_list("HistoryEntry");
    all.add(
        "AsRunLine",
        entry("Something that somebody did.")
            .must("detail", Node::default().says("What it was about.")),
    );
    all.add_list("AsRunLine");
}

fn assets(all: &mut Schemas) {
    all.add(
        "NewAsset",
        Node::object()
            .must(
                "url",
                chars(1..=4096)
                    .says("https:, ipfs: or ar: address to fetch it from.")
                    .example("https://example.com/a.png"),
            )
            .says("An asset to fetch. Or a multipart form with one file."),
    );
    all.add(
        "Asset",
        Node::object()
            .must(
                "id",
                Node::pattern("^[0-9a-f]{64}$").says("SHA-256 of its bytes."),
            )
            .may(
                "name",
                Node::text().says("What its first uploader called it."),
            )
            .must("media_type", Node::text().says("By its bytes."))
            .must("bytes", Node::count().says("How many it has."))
            .may("width_px", Node::count().says("Pixels across."))
            .may("height_px", Node::count().says("Pixels down."))
            .may(
                "frames",
                Node::count().says("Pictures in it; 1 for a still."),
            )
            .may(
                "source_url",
                Node::text().says("Where it was fetched from, without the query."),
            )
            .must("created_at", time().says("When it came."))
            .says("A file that is kept, without its bytes."),
    );
    all.add_list("Asset");
}

fn service(all: &mut Schemas) {
    all.add(
        "OutputPatch",
        Node::object()
            .may(
                "url",
                Node::pattern("^[Rr][Tt][Mm][Pp][Ss]?://[^/]")
                    .says("Where to publish from now on."),
            )
            .may(
                "key",
                Node::default()
                    .with("type", serde_json::json!(["string", "null"]))
                    .with("writeOnly", true)
                    .says("Stream key; null for none. Never read back."),
            )
            .may(
                "enabled",
                Node::boolean().says("Whether it is meant to run."),
            )
            .says("What changes about an output; its session begins anew only where it has to."),
    );
    let (low, high) = BITRATE_RANGE_BPS.into_inner();
    all.add(
        "StreamPatch",
        Node::object()
            .may(
                "bitrate_bps",
                Node::whole()
                    .within(range(f64::from(low), f64::from(high)))
                    .says("Video, bits per second."),
            )
            .may(
                "latency",
                Node::one_of_words(LATENCIES)
                    .says("`normal`: half a second of look-ahead, best picture; `low`: no delay."),
            )
            .may(
                "fps",
                Node::one_of([
                    Node::whole().within(range(1.0, 60.0)),
                    Node::pattern("^[0-9]+(/[0-9]+)?$"),
                ])
                .says("Frames per second, 1 to 60; also as text, such as 30000/1001.")
                .example("30000/1001"),
            )
            .may(
                "resolution",
                Node::pattern("^[0-9]+x[0-9]+$")
                    .says("Size of the picture: even numbers, 128x72 to 3840x2160.")
                    .example("1280x720"),
            )
            .says(
                "What changes about the running programme; all of it or, where anything is wrong, nothing. \
                 Latency, frame rate and resolution take a new encoder: the next frame is a key frame, with new headers \
                 in the running sessions. Frame numbers and show time go on. The bitrate alone changes without any of \
                 that. Not every ingest follows a change of size or rate in a running session: \
                 where one does not, stop the output and start it again.",
            ),
    );
    all.add(
        "Slate",
        Node::object()
            .may("text", chars(0..=200).says("Said large and in the middle."))
            .may("asset", chars(1..=1000).says("A picture over everything."))
            .may("background", Node::of("Color"))
            .says("What is shown instead of the scene."),
    );
    all.add(
        "PanicRequest",
        Node::object()
            .may("slate", Node::of("Slate"))
            .says("The built-in slate where none is given."),
    );
    all.add(
        "Panic",
        Node::object()
            .must(
                "active",
                Node::boolean().says("Whether the slate is on air."),
            )
            .may("slate", Node::of("Slate"))
            .says("The slate."),
    );
    all.add(
        "NewSession",
        Node::object()
            .must(
                "token",
                Node::text()
                    .with("maxLength", 1024)
                    .says("One of API_TOKENS.")
                    .with("writeOnly", true),
            )
            .says("A token for a cookie."),
    );
    all.add(
        "Session",
        Node::object()
            .must(
                "client",
                Node::text().says("Name of the token, or anonymous."),
            )
            .must(
                "role",
                Node::one_of_words(["viewer", "chat", "operator", "admin"]).says("What it may do."),
            )
            .says("Who is asking."),
    );
    all.add(
        "Ticket",
        Node::object()
            .must(
                "ticket",
                Node::text().says("Opens one socket, once: `?ticket=`."),
            )
            .must(
                "expires_in_ms",
                Node::count().says("Milliseconds within which to use it."),
            )
            .says("A way into a socket."),
    );
}

fn talk(all: &mut Schemas) {
    let message = || {
        Node::object()
            .may(
                "id",
                chars(1..=128).says("The same id twice is one message."),
            )
            .must("author", chars(1..=100).says("Who says it."))
            .must("text", chars(1..=2000).says("What."))
            .may("at", time().says("Now where nothing is said."))
            .may(
                "source",
                chars(1..=32).says("Where it was said.").example("x"),
            )
    };
    all.add("ChatMessage", message().says("What a viewer said."));
    all.add_list("ChatMessage");
    all.add(
        "NewChatMessages",
        Node::one_of([
            Node::of("ChatMessage"),
            Node::list(Node::of("ChatMessage")).holding(1..=MAX_PUSHED),
        ])
        .says("One message or many."),
    );
    let amount = || {
        Node::pattern("^[0-9]{1,30}([.][0-9]{1,18})?$")
            .says("A decimal number, as text: no cent is lost.")
            .example("12.45")
    };
    all.add(
        "AuctionEvent",
        Node::object()
            .must("id", chars(1..=128).says("The same id twice is one event."))
            .must("type", Node::words(&TYPES))
            .must("lot", chars(1..=128).says("The lot it is about."))
            .may(
                "at",
                time().says("Orders events; now where nothing is said."),
            )
            .may(
                "seq",
                Node::whole()
                    .within(range(0.0, f64::from(u32::MAX)))
                    .says("Orders events of the same time."),
            )
            .may("title", chars(1..=200).says("Of lot_opened."))
            .may("ends_at", time().says("Of lot_opened and extended."))
            .may("amount", amount())
            .may("currency", chars(1..=16).says("Of the amount."))
            .may(
                "bidder",
                chars(1..=100).says("Of a bid, like amount and currency."),
            )
            .may(
                "bid",
                chars(1..=128).says("Of bid_retracted: the id of the bid's event."),
            )
            .says("Something that happened to a lot."),
    );
    all.add(
        "NewAuctionEvents",
        Node::one_of([
            Node::of("AuctionEvent"),
            Node::list(Node::of("AuctionEvent")).holding(1..=MAX_PUSHED),
        ])
        .says("One event or many, in any order."),
    );
    all.add(
        "Pushed",
        Node::object()
            .must("accepted", Node::count().says("How many were new."))
            .must(
                "duplicates",
                Node::count().says("How many were there already."),
            )
            .may(
                "ids",
                Node::list(Node::text()).says("The id of each, in their order."),
            )
            .says("What became of what was pushed."),
    );
    all.add(
        "Auction",
        Node::object()
            .must(
                "lots",
                Node::list(
                    Node::object()
                        .must("lot", Node::text())
                        .must(
                            "state",
                            Node::one_of_words(["announced", "open", "sold", "passed"]),
                        )
                        .must("bids", Node::count())
                        .may("title", Node::text())
                        .may("ends_at", time())
                        .may("highest", Node::of("AuctionEvent")),
                )
                .says("By their names."),
            )
            .says("How the lots stand."),
    );
}
