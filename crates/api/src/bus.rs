//! The bus: every event as an envelope for whoever reads along, and commands that come in envelopes.
//!
//! Where the envelopes go, and where they come from, is the roof's affair. Commands run through the operations that HTTP
//! has, as a client of the role `chat`.

use crate::Api;
use crate::access::{Client, Role};
use crate::control::Condition;
use crate::events::Event;
use crate::http::perform;
use crate::idempotency::{Turn, digest};
use crate::operation::{Body, Call};
use crate::operations::named;
use crate::problem::Error;
use scene::Fault;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use wire::{Command, Envelope, MAX_ENVELOPE_BYTES, NoEnvelope};

/// Events that are handed out together.
const AT_ONCE: usize = 128;
/// Bytes of them, unless one alone has more.
const AT_ONCE_BYTES: usize = 1 << 20;
/// Messages that are larger are parsed away from the threads that answer others.
const LARGE_BYTES: usize = 64 << 10;
/// What everything of ours on the bus begins with.
const PREFIX: &str = "stream-manager:";
/// How long commands wait when there are too many of them.
const RESPITE: Duration = Duration::from_millis(10);

/// The API's side of the bus; cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    api: Api,
    /// `stream-manager/<STREAM_ID>`
    source: String,
    /// The channel that commands come on.
    commands: String,
    /// The one channel of ours that may be answered on, and those below it.
    replies: String,
    replied: AtomicU64,
    /// Whose budget all commands take from.
    client: Client,
}

/// An event or a reply as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusMessage {
    /// The envelope's type.
    pub kind: String,
    /// The envelope, JSON.
    pub envelope: String,
}

/// What a command is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusReply {
    /// Where.
    pub channel: String,
    /// With what.
    pub message: BusMessage,
}

/// The events, from one on: those that happened, in order, without waiting for who reads them.
///
/// Some thousand are kept; who falls further behind gets a `bus.gap` with the number of those that are lost.
#[derive(Debug)]
pub struct BusEvents {
    bus: Bus,
    live: tokio::sync::broadcast::Receiver<Arc<Event>>,
    /// The newest event that was published, or lost.
    done: u64,
    /// The newest that was handed out.
    handed: u64,
    /// Lost, and nobody was told.
    lost: u64,
}

impl Api {
    /// The bus of the show `stream_id`, whose commands come on the channel `commands`.
    pub fn bus(&self, stream_id: &str, commands: &str) -> Bus {
        Bus(Arc::new(Inner {
            api: self.clone(),
            source: format!("stream-manager/{stream_id}"),
            commands: commands.to_owned(),
            replies: format!("{PREFIX}{stream_id}:replies"),
            replied: AtomicU64::new(0),
            client: Client::new("bus", Role::Chat),
        }))
    }
}

impl Bus {
    /// All events from now on, as every WebSocket gets them.
    pub fn events(&self) -> BusEvents {
        let subscription = self.0.api.0.events.subscribe(None);
        BusEvents {
            bus: self.clone(),
            live: subscription.live,
            done: subscription.last,
            handed: subscription.last,
            lost: 0,
        }
    }

    /// Carries out what a message asks for, once: the same id again is answered as before. Waits while another process
    /// takes over the show. The answer is for the channel that the message names, if it names one.
    pub async fn obey(&self, message: Vec<u8>) -> Option<BusReply> {
        let read = if message.len() > LARGE_BYTES && message.len() <= MAX_ENVELOPE_BYTES {
            tokio::task::spawn_blocking(move || wire::read_envelope(&message)).await
        } else {
            Ok(wire::read_envelope(&message))
        };
        let (id, reply_to, done) = match read {
            Ok(Ok(envelope)) => {
                let done = self.carry_out(&envelope).await;
                (Some(envelope.id), envelope.reply_to, done)
            }
            Ok(Err(NoEnvelope {
                id,
                reply_to,
                error,
            })) => (id, reply_to, Err(error.into())),
            Err(error) => (None, None, Err(Error::Internal(error.to_string()))),
        };
        let result = if done.is_ok() { "done" } else { "refused" };
        metrics::counter!("stream_manager_bus_commands_total", "result" => result).increment(1);
        let mut data = json!({ "ok": done.is_ok() });
        if let Some(id) = &id {
            data["in_reply_to"] = id.as_str().into();
        }
        match done {
            Ok(result) => data["result"] = result,
            Err(error) => {
                // With quotes: nobody writes lines of their own into the log.
                tracing::warn!(?id, %error, faults = ?error.faults(), "a command from the bus was refused");
                data["problem"] = error.to_json();
            }
        }
        let channel = reply_to.filter(|channel| self.may_answer_on(channel))?;
        let api = &self.0.api.0;
        let number = self.0.replied.fetch_add(1, Ordering::Relaxed) + 1;
        let message = self.message(Envelope {
            id: format!("{}-reply-{number}", api.events.epoch()),
            at_unix_ns: api.parts.handle.unix_ns(),
            kind: "reply".to_owned(),
            source: self.0.source.clone(),
            data,
            reply_to: None,
        });
        Some(BusReply { channel, message })
    }

    /// Waits until everything that was carried out so far is durable; false when that cannot be said.
    pub async fn durable(&self) -> bool {
        self.0.api.0.announcer.durable().await.is_ok()
    }

    async fn carry_out(&self, envelope: &Envelope) -> Result<Value, Error> {
        if let Some(channel) = &envelope.reply_to
            && !self.may_answer_on(channel)
        {
            let detail = format!(
                "is not a channel to answer on; allowed: any but those that begin with `__` or `{PREFIX}`, and the one of commands; `{}` and those below it",
                self.0.replies
            );
            return Err(Error::Invalid(vec![Fault::invalid("/reply_to", detail)]));
        }
        let (name, body) = match envelope.command()? {
            Command::Auction(body) => ("auction.event", body),
            Command::Chat(body) => ("chat.push", body),
            Command::Character => return Err(Error::NotAvailable("there are no characters")),
        };
        let operation = named(name).ok_or_else(|| Error::Internal(name.to_owned()))?;
        let api = &self.0.api;
        let client = Client::new(&client_of(&envelope.source), Role::Chat);
        client.may(operation.need)?;
        // Who sends it again may put another time on it.
        let said = format!("{} {}", envelope.kind, envelope.data);
        let request = digest(said.as_bytes());
        let mut turn = api
            .0
            .commands
            .begin_key(envelope.id.clone(), &client, request)?;
        let answer = match &turn {
            Turn::Done(answer) => answer.clone(),
            _ => {
                let call = Call {
                    client,
                    operation,
                    id: String::new(),
                    query: Vec::new(),
                    body,
                    condition: Condition::default(),
                    sync: false,
                };
                let answer = self.perform(call).await?;
                turn.finish(&answer);
                answer
            }
        };
        match answer.body {
            Body::Json(document) => Ok(document),
            _ => Ok(Value::Null),
        }
    }

    /// Nobody is told to come back later: who waits here holds up the commands behind it, and nothing else.
    async fn perform(&self, call: Call) -> Result<crate::operation::Answer, Error> {
        let api = &self.0.api;
        while api.0.budgets.check(&self.0.client).is_err() {
            tokio::time::sleep(RESPITE).await;
        }
        loop {
            api.thawed().await;
            match perform(api, call.clone()).await {
                // Frozen again: nothing was done.
                Err(Error::Standby(_)) => {}
                Err(Error::Invalid(faults)) => return Err(Error::Invalid(below_data(faults))),
                done => return done,
            }
        }
    }

    /// Whoever may send commands must not make us speak as somebody else: in our events, in commands to us, to the server.
    fn may_answer_on(&self, channel: &str) -> bool {
        let below = channel.strip_prefix(&self.0.replies);
        let is_ours = below.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        let is_free = !channel.starts_with("__")
            && !channel.starts_with(PREFIX)
            && channel != self.0.commands;
        is_ours || is_free
    }

    fn message(&self, envelope: Envelope) -> BusMessage {
        let mut text = envelope.to_json().to_string();
        if text.len() > MAX_ENVELOPE_BYTES {
            let data = json!({ "omitted_bytes": text.len() });
            text = Envelope {
                data,
                ..envelope.clone()
            }
            .to_json()
            .to_string();
        }
        BusMessage {
            kind: envelope.kind,
            envelope: text,
        }
    }
}

impl BusEvents {
    /// What waits to be published, at least one: the same until it is said what became of it.
    pub async fn next(&mut self) -> Vec<BusMessage> {
        loop {
            let waiting = self.waiting();
            if !waiting.is_empty() {
                return waiting;
            }
            // Whatever comes of it, there is something to look at: the sender is in the API, which is in `self`.
            let _ = self.live.recv().await;
        }
    }

    /// They are published.
    pub fn published(&mut self) {
        metrics::counter!("stream_manager_bus_events_total").increment(self.handed - self.done);
        self.done = self.handed;
        self.lost = 0;
    }

    /// They are not, and will not be.
    pub fn lost(&mut self) {
        self.lose(self.handed - self.done);
        self.done = self.handed;
    }

    fn lose(&mut self, count: u64) {
        metrics::counter!("stream_manager_bus_lost_events_total").increment(count);
        self.lost += count;
    }

    fn waiting(&mut self) -> Vec<BusMessage> {
        let bus = self.bus.clone();
        let (gone, events) = bus.0.api.0.events.since(self.done, AT_ONCE, AT_ONCE_BYTES);
        self.lose(gone);
        self.done += gone;
        let Some(last) = events.last() else {
            return Vec::new();
        };
        self.handed = last.seq;
        let mut messages = Vec::with_capacity(events.len() + 1);
        if self.lost > 0 {
            messages.push(bus.message(Envelope {
                id: format!("{}-{}-gap", bus.0.api.0.events.epoch(), self.done),
                at_unix_ns: bus.0.api.0.parts.handle.unix_ns(),
                kind: "bus.gap".to_owned(),
                source: bus.0.source.clone(),
                data: json!({ "lost": self.lost }),
                reply_to: None,
            }));
        }
        messages.extend(events.iter().map(|event| bus.message(bus.envelope(event))));
        messages
    }
}

impl Bus {
    fn envelope(&self, event: &Event) -> Envelope {
        let mut notification = wire::read_json(event.text.as_bytes()).unwrap_or_default();
        let mut params = notification["params"].take();
        let mut data = params["data"].take();
        if !data.is_object() {
            data = json!({ "value": data });
        }
        for name in ["revision", "frame", "show_time_ms"] {
            let place = params[name].take();
            if !place.is_null() {
                data[name] = place;
            }
        }
        Envelope {
            id: format!("{}-{}", self.0.api.0.events.epoch(), event.seq),
            at_unix_ns: event.at_unix_ns,
            kind: event.kind.to_owned(),
            source: self.0.source.clone(),
            data,
            reply_to: None,
        }
    }
}

/// Who sent a command, as other clients are called.
fn client_of(source: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "._-/".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = source.chars().take(64).map(plain).collect();
    format!("bus:{name}")
}

fn below_data(faults: Vec<Fault>) -> Vec<Fault> {
    let below = |fault: Fault| Fault {
        pointer: format!("/data{}", fault.pointer),
        ..fault
    };
    faults.into_iter().map(below).collect()
}
