//! The one shape of everything that goes over the bus, in both directions.

use crate::read::{At, excerpt, joined};
use crate::report::{ReadError, Report, capped};
use crate::requests::read_json;
use crate::sources::read_wall_clock;
use crate::talk::TYPES;
use crate::wall_clock::{write_rfc3339, write_rfc3339_ms};
use crate::write::Object;
use scene::Fault;
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// Bytes of one message of the bus.
pub const MAX_ENVELOPE_BYTES: usize = 256 << 10;
/// The version of the envelope.
pub(crate) const VERSION: u32 = 1;

pub(crate) const ID_BYTES: RangeInclusive<usize> = 1..=128;
pub(crate) const TYPE_BYTES: RangeInclusive<usize> = 1..=64;
pub(crate) const SOURCE_BYTES: RangeInclusive<usize> = 1..=128;
pub(crate) const CHANNEL_BYTES: RangeInclusive<usize> = 1..=200;

/// One message of the bus: an event, a command, or the reply to one.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Names the message: the same id twice is one message. 1 to 128 bytes.
    pub id: String,
    /// When it was made, nanoseconds since 1970 UTC; written to the millisecond.
    pub at_unix_ns: i64,
    /// What it is: `layer.updated`, `auction.bid`. 1 to 64 bytes.
    pub kind: String,
    /// Who made it. 1 to 128 bytes.
    pub source: String,
    /// What it says.
    pub data: Value,
    /// The channel on which an answer is expected. 1 to 200 bytes.
    pub reply_to: Option<String>,
}

/// A message that is no envelope, and what can be said of it all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct NoEnvelope {
    /// Its id, where that at least is one.
    pub id: Option<String>,
    /// Where an answer is expected, likewise.
    pub reply_to: Option<String>,
    /// Every fault of it.
    pub error: ReadError,
}

/// What the message asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Auction events, as [`read_auction_events`](crate::read_auction_events) takes them.
    Auction(Value),
    /// Chat messages, as [`read_chat`](crate::read_chat) takes them.
    Chat(Value),
    /// Something that a character is to do.
    Character,
}

impl Envelope {
    /// As it goes over the bus.
    pub fn to_json(&self) -> Value {
        Object::default()
            .with("id", self.id.clone())
            .with("timestamp", write_rfc3339_ms(self.at_unix_ns))
            .with("type", self.kind.clone())
            .with("source", self.source.clone())
            .with("version", VERSION)
            .with("data", self.data.clone())
            .maybe("reply_to", self.reply_to.clone())
            .into()
    }

    /// What it asks for. Events and messages without an id get that of the envelope, those without a time its time; one of
    /// many gets its number behind the id.
    ///
    /// # Errors
    /// [`ReadError::Invalid`] when its type asks for nothing, or contradicts what is in `data`.
    pub fn command(&self) -> Result<Command, ReadError> {
        let invalid =
            |pointer: &str, detail| Err(ReadError::Invalid(vec![Fault::invalid(pointer, detail)]));
        let (family, word) = self.kind.split_once('.').unwrap_or((&self.kind, ""));
        match (family, word) {
            ("auction", "event") => Ok(Command::Auction(self.completed(None)?)),
            ("auction", word) => match TYPES.iter().find(|(known, _)| *known == word) {
                Some((known, _)) => Ok(Command::Auction(self.completed(Some(known))?)),
                None => {
                    let known = joined(TYPES.iter().map(|(known, _)| *known));
                    invalid(
                        "/type",
                        format!("unknown kind `{}`; allowed: event, {known}", excerpt(word)),
                    )
                }
            },
            ("chat", "message") => Ok(Command::Chat(self.completed(None)?)),
            ("character", word) if !word.is_empty() => Ok(Command::Character),
            _ => invalid(
                "/type",
                format!(
                    "`{}` is no command; allowed: auction.*, chat.message, character.*",
                    excerpt(&self.kind)
                ),
            ),
        }
    }

    /// `data` with what the envelope says of all that is in it.
    fn completed(&self, kind: Option<&'static str>) -> Result<Value, ReadError> {
        let mut data = self.data.clone();
        let mut faults = Vec::new();
        match &mut data {
            Value::Object(one) => {
                faults.extend(self.complete(one, self.id.clone(), kind, "/data"));
            }
            Value::Array(many) => {
                for (n, one) in many.iter_mut().enumerate() {
                    if let Value::Object(one) = one {
                        let id = format!("{}/{n}", self.id);
                        let place = format!("/data/{n}");
                        faults.extend(self.complete(one, id, kind, &place));
                    }
                }
            }
            // Whoever reads it names the fault.
            _ => {}
        }
        if faults.is_empty() {
            Ok(data)
        } else {
            Err(ReadError::Invalid(capped(faults)))
        }
    }

    fn complete(
        &self,
        one: &mut Map<String, Value>,
        id: String,
        kind: Option<&'static str>,
        place: &str,
    ) -> Option<Fault> {
        one.entry("id").or_insert_with(|| id.into());
        one.entry("at")
            .or_insert_with(|| write_rfc3339(self.at_unix_ns).into());
        let kind = kind?;
        let said = one.entry("type").or_insert_with(|| kind.into());
        (*said != kind).then(|| {
            Fault::invalid(
                format!("{place}/type"),
                format!("is not `{kind}`, as the type of the envelope says; may be left out"),
            )
        })
    }
}

/// Reads a message of at most [`MAX_ENVELOPE_BYTES`].
///
/// # Errors
/// [`NoEnvelope`], with every fault.
pub fn read_envelope(message: &[u8]) -> Result<Envelope, NoEnvelope> {
    let nameless = |error| NoEnvelope {
        id: None,
        reply_to: None,
        error,
    };
    if message.len() > MAX_ENVELOPE_BYTES {
        let detail = format!(
            "holds {} bytes; allowed are 1 to {MAX_ENVELOPE_BYTES}",
            message.len()
        );
        let fault = Fault::invalid("", detail);
        return Err(nameless(ReadError::Invalid(vec![fault])));
    }
    let json = read_json(message).map_err(nameless)?;
    let report = Report::default();
    let mut known = (None, None);
    let read = At::root(&json, &report).object(|f| {
        let id = f.required("id", |at| printable(at, ID_BYTES));
        let at_unix_ns = f.required("timestamp", read_wall_clock);
        let kind = f.required("type", read_type);
        let source = f.required("source", |at| printable(at, SOURCE_BYTES));
        let version = f.required("version", |at| {
            at.exactly(VERSION, "this service reads version")
        });
        let data = f.required("data", |at| Some(at.value.clone()));
        let reply_to = f.optional("reply_to", |at| printable(at, CHANNEL_BYTES));
        known = (id.clone(), reply_to.clone());
        version?;
        Some(Envelope {
            id: id?,
            at_unix_ns: at_unix_ns?,
            kind: kind?,
            source: source?,
            data: data?,
            reply_to,
        })
    });
    let faults = report.merged(Vec::new(), &json);
    match read.flatten() {
        Some(envelope) if faults.is_empty() => Ok(envelope),
        _ => Err(NoEnvelope {
            id: known.0,
            reply_to: known.1,
            error: ReadError::Invalid(capped(faults)),
        }),
    }
}

/// Text of so many bytes, none of which a terminal or a log would obey.
fn printable(at: &At<'_>, bytes: RangeInclusive<usize>) -> Option<String> {
    let text = at.text()?;
    if !bytes.contains(&text.len()) {
        let (low, high) = (bytes.start(), bytes.end());
        return at.fault(format!(
            "has {} bytes; allowed are {low} to {high}",
            text.len()
        ));
    }
    if text.chars().any(char::is_control) {
        return at.fault("has control characters");
    }
    Some(text.to_owned())
}

fn read_type(at: &At<'_>) -> Option<String> {
    let text = printable(at, TYPE_BYTES)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.bytes().all(allowed) {
        Some(text)
    } else {
        at.takes("a type such as \"auction.bid\": letters, digits, `.`, `_`, `-`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn envelope(kind: &str, data: Value) -> Envelope {
        Envelope {
            id: "e1".to_owned(),
            at_unix_ns: 1_767_225_600_250_000_000,
            kind: kind.to_owned(),
            source: "auctions".to_owned(),
            data,
            reply_to: None,
        }
    }

    fn pointers(error: ReadError) -> Vec<String> {
        match error {
            ReadError::Invalid(faults) => faults.into_iter().map(|fault| fault.pointer).collect(),
            ReadError::Syntax { .. } => vec!["syntax".to_owned()],
        }
    }

    fn refused(json: &Value) -> NoEnvelope {
        read_envelope(json.to_string().as_bytes()).unwrap_err()
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        let mut one = envelope("auction.bid", json!({ "lot": "7" }));
        one.reply_to = Some("answers".to_owned());
        let text = r#"{"id":"e1","timestamp":"2026-01-01T00:00:00.250Z","type":"auction.bid","source":"auctions","version":1,"data":{"lot":"7"},"reply_to":"answers"}"#;
        assert_eq!(one.to_json().to_string(), text);
        assert_eq!(read_envelope(text.as_bytes()), Ok(one));
    }

    #[test]
    fn every_fault_is_named_and_what_is_known_of_it_comes_along() {
        let no = refused(&json!({
            "id": "e1", "timestamp": "yesterday", "type": "a b", "source": "", "version": 2, "reply_to": "answers", "extra": 1,
        }));
        assert_eq!(
            (no.id.as_deref(), no.reply_to.as_deref()),
            (Some("e1"), Some("answers"))
        );
        let expected = [
            "/timestamp",
            "/type",
            "/source",
            "/version",
            "/extra",
            "/data",
        ];
        assert_eq!(pointers(no.error), expected);
        for (field, value) in [
            ("id", json!("x".repeat(129))),
            ("id", json!("a\u{1b}[2J")),
            ("id", json!(7)),
            ("source", json!("x".repeat(129))),
            ("reply_to", json!("x".repeat(201))),
            ("reply_to", json!("")),
            ("type", json!("x".repeat(65))),
        ] {
            let mut json = envelope("chat.message", json!({})).to_json();
            json[field] = value;
            assert_eq!(pointers(refused(&json).error), [format!("/{field}")]);
        }
    }

    #[test]
    fn a_message_has_a_largest_size() {
        let whole = envelope("chat.message", "".into())
            .to_json()
            .to_string()
            .len();
        let text = |more| "x".repeat(MAX_ENVELOPE_BYTES - whole + more);
        let read = |data: String| {
            let json = envelope("chat.message", data.into()).to_json();
            read_envelope(json.to_string().as_bytes())
        };
        assert!(read(text(0)).is_ok());
        assert_eq!(pointers(read(text(1)).unwrap_err().error), [""]);
        assert_eq!(
            pointers(read_envelope(b"\xff").unwrap_err().error),
            ["syntax"]
        );
    }

    #[test]
    fn what_is_pushed_gets_what_the_envelope_says() {
        let at = "2026-01-01T00:00:00.25Z";
        let asked = |kind: &str, data| envelope(kind, data).command().unwrap();
        assert_eq!(
            asked("auction.lot_sold", json!({ "lot": "7" })),
            Command::Auction(json!({ "lot": "7", "id": "e1", "at": at, "type": "lot_sold" }))
        );
        let whole =
            json!({ "id": "x", "type": "lot_sold", "lot": "7", "at": "2026-01-02T00:00:00Z" });
        for kind in ["auction.event", "auction.lot_sold"] {
            assert_eq!(asked(kind, whole.clone()), Command::Auction(whole.clone()));
        }
        let two = json!([{ "author": "ann", "text": "hi" }, { "author": "bob", "text": "ho", "id": "b" }]);
        assert_eq!(
            asked("chat.message", two),
            Command::Chat(json!([
                { "author": "ann", "text": "hi", "id": "e1/0", "at": at },
                { "author": "bob", "text": "ho", "id": "b", "at": at },
            ]))
        );
        assert_eq!(asked("character.say", json!({})), Command::Character);
        assert_eq!(asked("chat.message", json!(5)), Command::Chat(json!(5)));
    }

    #[test]
    fn a_type_that_asks_for_nothing_is_refused() {
        for (kind, data, expected) in [
            ("auction.gavel", json!({}), "/type"),
            ("auction", json!({}), "/type"),
            ("chat.push", json!({}), "/type"),
            ("character", json!({}), "/type"),
            ("reply", json!({}), "/type"),
            ("layer.delete", json!({}), "/type"),
            ("auction.bid", json!({ "type": "lot_sold" }), "/data/type"),
            ("auction.bid", json!([{}, { "type": 5 }]), "/data/1/type"),
        ] {
            let error = envelope(kind, data).command().unwrap_err();
            assert_eq!(pointers(error), [expected], "{kind}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(
            id in "[ -~]{1,128}", kind in "[a-zA-Z0-9._-]{1,64}", source in "\\PC{1,32}", ms in -60_000_000_000_i64..4_000_000_000_000,
            data in "\\PC{0,64}", reply_to in proptest::option::of("[!-~]{1,200}"),
        ) {
            let one = Envelope { id, at_unix_ns: ms * 1_000_000, kind, source, data: data.into(), reply_to };
            prop_assert_eq!(read_envelope(one.to_json().to_string().as_bytes()), Ok(one.clone()));
            // Whatever it asks for, asking does not panic.
            let _ = one.command();
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_envelope(&bytes);
        }
    }
}
