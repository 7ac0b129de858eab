//! What is said around the show: chat messages and auction events, as programs push them.

use crate::read::{At, Fields};
use crate::report::{ReadError, Report, capped};
use crate::requests::text_of;
use crate::sources::read_wall_clock;
use crate::wall_clock::write_rfc3339;
use crate::write::Object;
use serde_json::Value;

/// The most of either in one request.
pub const MAX_PUSHED: usize = 1000;

/// One message of a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Chosen by whoever pushes it; the same id twice is one message. `None` lets the service make one.
    pub id: Option<String>,
    /// Who says it.
    pub author: String,
    /// What.
    pub text: String,
    /// When, nanoseconds since 1970 UTC; `None` is now.
    pub at_unix_ns: Option<i64>,
    /// Where it was said: `x`, for one.
    pub source: Option<String>,
}

impl ChatMessage {
    /// As it is read back.
    pub fn to_json(&self) -> Value {
        Object::default()
            .maybe("id", self.id.clone())
            .with("author", self.author.clone())
            .with("text", self.text.clone())
            .maybe("at", self.at_unix_ns.map(write_rfc3339))
            .maybe("source", self.source.clone())
            .into()
    }
}

/// Something that happened in the auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuctionEvent {
    /// Chosen by the auction engine; the same id twice is one event.
    pub id: String,
    /// When, nanoseconds since 1970 UTC; the order of events is theirs, not that of their arrival. `None` is now.
    pub at_unix_ns: Option<i64>,
    /// Orders events of the same time.
    pub seq: u64,
    /// The lot it is about.
    pub lot: String,
    /// What happened.
    pub what: Happening,
}

/// What may happen to a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It is up for bids.
    Opened {
        /// What it is called.
        title: Option<String>,
        /// When bidding ends, nanoseconds since 1970 UTC.
        ends_unix_ns: Option<i64>,
    },
    /// Somebody bids.
    Bid {
        /// A decimal number, as text: no cent is lost.
        amount: String,
        /// Of what.
        currency: Option<String>,
        /// Who.
        bidder: String,
    },
    /// A bid no longer counts.
    Retracted {
        /// The id of its event.
        bid: String,
    },
    /// Bidding ends later than was said.
    Extended {
        /// When, nanoseconds since 1970 UTC.
        ends_unix_ns: i64,
    },
    /// It went to the highest bid.
    Sold,
    /// It went to nobody.
    Passed,
}

#[derive(Clone, Copy)]
pub(crate) enum Type {
    Opened,
    Bid,
    Retracted,
    Extended,
    Sold,
    Passed,
}

pub(crate) const TYPES: [(&str, Type); 6] = [
    ("lot_opened", Type::Opened),
    ("bid", Type::Bid),
    ("bid_retracted", Type::Retracted),
    ("extended", Type::Extended),
    ("lot_sold", Type::Sold),
    ("lot_passed", Type::Passed),
];

impl AuctionEvent {
    /// As it is read back.
    pub fn to_json(&self) -> Value {
        let of = |kind| {
            Object::default()
                .with("id", self.id.clone())
                .with("type", kind)
        };
        let fields = match &self.what {
            Happening::Opened {
                title,
                ends_unix_ns,
            } => of("lot_opened")
                .maybe("title", title.clone())
                .maybe("ends_at", ends_unix_ns.map(write_rfc3339)),
            Happening::Bid {
                amount,
                currency,
                bidder,
            } => of("bid")
                .with("amount", amount.clone())
                .maybe("currency", currency.clone())
                .with("bidder", bidder.clone()),
            Happening::Retracted { bid } => of("bid_retracted").with("bid", bid.clone()),
            Happening::Extended { ends_unix_ns } => {
                of("extended").with("ends_at", write_rfc3339(*ends_unix_ns))
            }
            Happening::Sold => of("lot_sold"),
            Happening::Passed => of("lot_passed"),
        };
        fields
            .with("lot", self.lot.clone())
            .with("seq", self.seq)
            .maybe("at", self.at_unix_ns.map(write_rfc3339))
            .into()
    }
}

/// Reads one message or an array of them.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_chat(body: &Value) -> Result<Vec<ChatMessage>, ReadError> {
    one_or_many(body, |f| {
        let id = f.optional("id", |at| text_of(at, 1..=128));
        let author = f.required("author", |at| text_of(at, 1..=100));
        let text = f.required("text", |at| text_of(at, 1..=2000));
        let at_unix_ns = f.optional("at", read_wall_clock);
        let source = f.optional("source", |at| text_of(at, 1..=32));
        Some(ChatMessage {
            id,
            author: author?,
            text: text?,
            at_unix_ns,
            source,
        })
    })
}

/// Reads one event or an array of them.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_auction_events(body: &Value) -> Result<Vec<AuctionEvent>, ReadError> {
    one_or_many(body, |f| {
        let id = f.required("id", |at| text_of(at, 1..=128));
        let kind = f.required("type", |at| at.word(&TYPES, &[]));
        let lot = f.required("lot", |at| text_of(at, 1..=128));
        let at_unix_ns = f.optional("at", read_wall_clock);
        let seq = f.or("seq", 0, At::integer::<u32>);
        let Some(kind) = kind else {
            f.leave_open();
            return None;
        };
        let what = match kind {
            Type::Opened => Some(Happening::Opened {
                title: f.optional("title", |at| text_of(at, 1..=200)),
                ends_unix_ns: f.optional("ends_at", read_wall_clock),
            }),
            Type::Bid => {
                let amount = f.required("amount", read_amount);
                let currency = f.optional("currency", |at| text_of(at, 1..=16));
                let bidder = f.required("bidder", |at| text_of(at, 1..=100));
                amount.zip(bidder).map(|(amount, bidder)| Happening::Bid {
                    amount,
                    currency,
                    bidder,
                })
            }
            Type::Retracted => f
                .required("bid", |at| text_of(at, 1..=128))
                .map(|bid| Happening::Retracted { bid }),
            Type::Extended => f
                .required("ends_at", read_wall_clock)
                .map(|ends_unix_ns| Happening::Extended { ends_unix_ns }),
            Type::Sold => Some(Happening::Sold),
            Type::Passed => Some(Happening::Passed),
        };
        Some(AuctionEvent {
            id: id?,
            at_unix_ns,
            seq: u64::from(seq),
            lot: lot?,
            what: what?,
        })
    })
}

/// `12` or `12.45`: up to 30 digits before the point and 18 behind it.
fn read_amount(at: &At<'_>) -> Option<String> {
    let digits = |part: &str, most| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let is_amount = |text: &&str| match text.split_once('.') {
        Some((whole, part)) => digits(whole, 30) && digits(part, 18),
        None => digits(text, 30),
    };
    let text = at.value.as_str().filter(is_amount);
    text.map(str::to_owned).or_else(|| {
        at.takes("a decimal number as text, such as \"12.45\": up to 30 digits before the point, 18 behind it")
    })
}

fn one_or_many<T>(
    body: &Value,
    mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
) -> Result<Vec<T>, ReadError> {
    let report = Report::default();
    let root = At::root(body, &report);
    let items = if body.is_array() {
        root.array().unwrap_or_default()
    } else {
        vec![At::root(body, &report)]
    };
    if items.is_empty() || items.len() > MAX_PUSHED {
        root.fault::<()>(format!(
            "holds {}; allowed are 1 to {MAX_PUSHED}",
            items.len()
        ));
    }
    let read: Option<Vec<T>> = if items.len() > MAX_PUSHED {
        None
    } else {
        items
            .iter()
            .map(|at| at.object(&mut read).flatten())
            // All of them, so that every fault is found.
            .collect::<Vec<_>>()
            .into_iter()
            .collect()
    };
    let faults = report.merged(Vec::new(), body);
    match read {
        Some(items) if faults.is_empty() => Ok(items),
        _ => Err(ReadError::Invalid(capped(faults))),
    }
}
