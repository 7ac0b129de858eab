//! The messages of the bus.

use super::Schemas;
use super::node::Node;
use super::requests::{chars, time};
use crate::envelope;

pub(super) fn add(all: &mut Schemas) {
    all.add(
        "Envelope",
        Node::object()
            .must(
                "id",
                chars(envelope::ID_BYTES)
                    .says("Names the message: the same id twice is one message. An event's is `<epoch>-<seq>`. Up to 128 bytes.")
                    .example("7f3a90c2d1e4b865-42"),
            )
            .must("timestamp", time().says("When it was made, UTC, to the millisecond."))
            .must(
                "type",
                Node::pattern("^[A-Za-z0-9._-]{1,64}$")
                    .says("What it is. Commands: `auction.*`, `chat.message`, `character.*`; answers: `reply`; else an event.")
                    .example("auction.bid"),
            )
            .must(
                "source",
                chars(envelope::SOURCE_BYTES)
                    .says("Who made it; events and replies are of `stream-manager/<STREAM_ID>`. Up to 128 bytes.")
                    .example("stream-manager/main"),
            )
            .must("version", Node::default().with("const", envelope::VERSION).says("Version of the envelope."))
            .must(
                "data",
                Node::default().says(
                    "What it says. An event's data, with `revision`, `frame` and `show_time_ms` where it shows; `{\"omitted_bytes\"}` where that is larger than a message may be. A command's: one AuctionEvent, ChatMessage, or an array of them; `id` and `at` default to those of the envelope, the event's `type` to the end of its type.",
                ),
            )
            .may(
                "reply_to",
                chars(envelope::CHANNEL_BYTES)
                    .says("Of a command: the channel on which an answer is expected. Up to 200 bytes.")
                    .example("auctions:answers"),
            )
            .says("One message of the bus in Redis, of at most 256 KiB."),
    );
    all.add(
        "BusReply",
        Node::object()
            .may(
                "in_reply_to",
                Node::text().says("The id of the command; absent where it had none."),
            )
            .must("ok", Node::boolean().says("Whether it was carried out."))
            .may("result", Node::of("Pushed"))
            .may("problem", Node::of("Problem"))
            .says("The data of a `reply`: `result` where it is ok, else `problem`."),
    );
    all.add(
        "BusGap",
        Node::object()
            .must(
                "lost",
                Node::count().says("How many events the bus has lost before this message."),
            )
            .says("The data of a `bus.gap`."),
    );
}
