//! `/ws`: JSON-RPC and events on one WebSocket.

use super::{Asked, ask, in_rpc};
use crate::Api;
use crate::access::{Client, Need};
use crate::events::{After, Event, matches};
use crate::problem::Error;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Extension, State};
use axum::response::Response;
use scene::Fault;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, timeout};

/// The largest message that is read.
const MESSAGE_BYTES: usize = 4 << 20;
/// Sockets at the same time.
pub(crate) const MAX_SOCKETS: usize = 4096;
/// How long a goodbye may take to leave.
const GOODBYE: Duration = Duration::from_secs(1);
/// Requests of one socket that are carried out at the same time; the next is read when one is answered.
const IN_FLIGHT: usize = 64;
/// Requests in one message.
const MAX_TOGETHER: usize = 100;
/// Patterns of one subscription.
const MAX_PATTERNS: usize = 100;
/// How often a socket is asked whether it is still there, and after what silence it is not.
const HEARTBEAT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(60);
/// How long a message may take to leave.
const SEND: Duration = Duration::from_secs(5);
/// Closed for reading too slowly, in the range for applications.
const TOO_SLOW: u16 = 4008;
/// Closed because nothing was heard.
const SILENT: u16 = 4009;
/// We are going away (RFC 6455).
const GOING_AWAY: u16 = 1001;

/// Upgrades to the socket.
pub(crate) async fn upgrade(
    State(api): State<Api>,
    Extension(client): Extension<Client>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    let upgrade = upgrade.map_err(|e| Error::NotWebSocket(e.body_text()))?;
    // A thousand idle sockets would hold 256 MB in buffers of the default size.
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES)
        .max_frame_size(MESSAGE_BYTES)
        .read_buffer_size(4 << 10)
        .write_buffer_size(0);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        // Refused after the upgrade, because a browser's page learns no reason of an upgrade that failed.
        let Ok(_place) = api.0.sockets.try_acquire() else {
            let full = Message::Close(Some(CloseFrame {
                code: close_code::AGAIN,
                reason: "too many sockets are open".into(),
            }));
            drop(timeout(GOODBYE, socket.send(full)).await);
            return;
        };
        let clients = metrics::gauge!("stream_manager_websocket_clients", "kind" => "control");
        clients.increment(1.0);
        let (answers, answered) = mpsc::channel(IN_FLIGHT);
        let mut conversation = Conversation {
            api: api.clone(),
            client,
            socket,
            answers,
            answered,
            in_flight: 0,
            listening: None,
            heard: Instant::now(),
        };
        let end = conversation.run().await;
        conversation.close(end).await;
        clients.decrement(1.0);
    }))
}

struct Conversation {
    api: Api,
    client: Client,
    socket: WebSocket,
    answers: mpsc::Sender<Option<Value>>,
    answered: mpsc::Receiver<Option<Value>>,
    in_flight: usize,
    listening: Option<(Vec<String>, broadcast::Receiver<Arc<Event>>)>,
    heard: Instant,
}

/// Why a conversation ends.
enum End {
    /// The other side went.
    Gone,
    TooSlow,
    Silent,
    Stopping,
}

impl Conversation {
    async fn run(&mut self) -> End {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut ended = self.api.0.ended.subscribe();
        let stopping = async move { drop(ended.wait_for(|ended| *ended).await) };
        tokio::pin!(stopping);
        loop {
            let room = self.in_flight < IN_FLIGHT;
            let went = tokio::select! {
                () = &mut stopping => Err(End::Stopping),
                message = self.socket.recv(), if room => match message {
                    Some(Ok(message)) => self.hear(message).await,
                    _ => Err(End::Gone),
                },
                Some(answer) = self.answered.recv() => {
                    self.in_flight -= 1;
                    match answer {
                        Some(answer) => self.say(answer.to_string().into()).await,
                        None => Ok(()),
                    }
                }
                event = next(&mut self.listening) => match event {
                    Ok(text) => self.say(text).await,
                    Err(end) => Err(end),
                },
                _ = heartbeat.tick() => {
                    if self.heard.elapsed() > SILENCE {
                        Err(End::Silent)
                    } else {
                        self.send(Message::Ping(bytes::Bytes::new())).await
                    }
                }
            };
            if let Err(end) = went {
                return end;
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(End::Gone),
            Message::Binary(_) => return self.refuse(-32700, "takes text, not bytes").await,
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        if self.api.0.budgets.check(&self.client).is_err() {
            return self.refuse(-32000, "too many requests; slow down").await;
        }
        match wire::read_json(text.as_bytes()) {
            Err(error) => self.refuse(-32700, &error.to_string()).await,
            Ok(Value::Array(requests)) if requests.is_empty() => {
                self.refuse(-32600, "an empty array asks for nothing").await
            }
            Ok(Value::Array(requests)) if requests.len() > MAX_TOGETHER => {
                self.refuse(-32600, "too many requests in one message; takes 100")
                    .await
            }
            Ok(Value::Array(requests)) => {
                let asked = requests
                    .into_iter()
                    .map(|request| ask(&self.api, &self.client, request));
                let asked: Vec<Asked> = asked.collect();
                self.answer_later(asked, |answers| {
                    (!answers.is_empty()).then_some(Value::Array(answers))
                });
                Ok(())
            }
            Ok(request) => match super::method_of(&request) {
                Some("events.subscribe") => self.subscribe(&request).await,
                Some("events.unsubscribe") => {
                    self.listening = None;
                    self.result(&request, Ok(Value::Bool(true))).await
                }
                _ => {
                    match ask(&self.api, &self.client, request) {
                        Asked::Answered(Some(answer)) => {
                            return self.say(answer.to_string().into()).await;
                        }
                        Asked::Answered(None) => {}
                        asked => self.answer_later(vec![asked], |mut answers| answers.pop()),
                    }
                    Ok(())
                }
            },
        }
    }

    fn answer_later(&mut self, asked: Vec<Asked>, join: fn(Vec<Value>) -> Option<Value>) {
        let (api, answers) = (self.api.clone(), self.answers.clone());
        self.in_flight += 1;
        tokio::spawn(async move {
            let mut made = Vec::new();
            for asked in asked {
                made.extend(asked.answer(&api).await);
            }
            // The socket may be gone.
            let _ = answers.send(join(made)).await;
        });
    }

    /// Begins to send events, those that were missed first.
    async fn subscribe(&mut self, request: &Value) -> Result<(), End> {
        let wanted = self
            .client
            .may(Need::Read)
            .and_then(|()| read_subscription(request));
        let (patterns, after) = match wanted {
            Ok(wanted) => wanted,
            Err(error) => return self.result(request, Err(in_rpc(&error))).await,
        };
        let events = &self.api.0.events;
        let subscription = events.subscribe(after.as_ref());
        let here = json!({ "epoch": events.epoch(), "seq": subscription.last });
        self.listening = Some((patterns.clone(), subscription.live));
        self.result(request, Ok(here.clone())).await?;
        match subscription.missed {
            Some(missed) => {
                for event in missed.iter().filter(|event| matches(&patterns, event.kind)) {
                    self.say(event.text.clone()).await?;
                }
                Ok(())
            }
            None => {
                let reset = json!({ "jsonrpc": "2.0", "method": "events.reset", "params": here });
                self.say(reset.to_string().into()).await
            }
        }
    }

    async fn result(&mut self, request: &Value, result: Result<Value, Value>) -> Result<(), End> {
        match super::answered(request.get("id").cloned(), result) {
            Some(answer) => self.say(answer.to_string().into()).await,
            None => Ok(()),
        }
    }

    async fn refuse(&mut self, code: i32, message: &str) -> Result<(), End> {
        let error = json!({ "code": code, "message": message });
        let answer = json!({ "jsonrpc": "2.0", "id": null, "error": error });
        self.say(answer.to_string().into()).await
    }

    async fn say(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.send(Message::Text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::TooSlow),
        }
    }

    async fn close(&mut self, end: End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::TooSlow => (
                TOO_SLOW,
                "reads too slowly: events were lost; subscribe again with `after`",
            ),
            End::Silent => (SILENT, "nothing heard for a minute; answer pings"),
            End::Stopping => (GOING_AWAY, "the service is stopping"),
        };
        if matches!(end, End::TooSlow) {
            metrics::counter!("stream_manager_slow_readers_total").increment(1);
        }
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        // Whoever does not read will not read this either.
        let _ = timeout(GOODBYE, self.socket.send(Message::Close(Some(frame)))).await;
    }
}

/// The next event that is listened for; waits for ever where none is.
async fn next(
    listening: &mut Option<(Vec<String>, broadcast::Receiver<Arc<Event>>)>,
) -> Result<Utf8Bytes, End> {
    let Some((patterns, live)) = listening else {
        return std::future::pending().await;
    };
    loop {
        match live.recv().await {
            Ok(event) if matches(patterns, event.kind) => return Ok(event.text.clone()),
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return Err(End::TooSlow),
            Err(RecvError::Closed) => return Err(End::Stopping),
        }
    }
}

fn read_subscription(request: &Value) -> Result<(Vec<String>, Option<After>), Error> {
    let invalid =
        |pointer: &str, detail: &str| Error::Invalid(vec![Fault::invalid(pointer, detail)]);
    let params = request.get("params").unwrap_or(&Value::Null);
    let names = match params {
        Value::Null => Vec::new(),
        Value::Object(fields) => fields.keys().map(String::as_str).collect(),
        _ => return Err(invalid("", "takes an object")),
    };
    let unknown = names.iter().find(|name| !["types", "after"].contains(name));
    if let Some(name) = unknown {
        return Err(invalid(&format!("/{name}"), "is unknown here"));
    }
    let everything = || vec!["*".to_owned()];
    let patterns = match params.get("types") {
        None => everything(),
        Some(types) => {
            let list = types.as_array().filter(|list| list.len() <= MAX_PATTERNS);
            let list = list.and_then(|list| {
                list.iter()
                    .map(|one| Some(one.as_str()?.to_owned()))
                    .collect()
            });
            list.ok_or_else(|| {
                invalid(
                    "/types",
                    "takes an array of at most 100 types such as \"layer.*\"",
                )
            })?
        }
    };
    let after = match params.get("after") {
        None | Some(Value::Null) => None,
        Some(after) => {
            let epoch = after.get("epoch").and_then(Value::as_str);
            let seq = after.get("seq").and_then(Value::as_u64);
            let after = epoch.zip(seq).map(|(epoch, seq)| After {
                epoch: epoch.to_owned(),
                seq,
            });
            Some(after.ok_or_else(|| invalid("/after", "takes {\"epoch\", \"seq\"} of an event"))?)
        }
    };
    Ok((patterns, after))
}
