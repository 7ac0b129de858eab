//! Commands from the server: by a channel, which forgets what nobody hears, and by a stream, which does not.

use super::{Bus, BusAnswer, Inward, PATIENCE, Trials, in_time};
use crate::shared::{Link, Trouble};
use futures_util::StreamExt as _;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{Msg, Value};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, timeout};

/// Messages of the channel that wait; what comes then is dropped.
const WAITING: usize = 256;
/// What is carried out between two round trips.
const AT_ONCE: usize = 64;
/// The largest message that can be right. Of a larger one so much is kept that it is still too large.
const LARGEST: usize = 256 << 10;
/// How often a silent channel is asked whether it is still there.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long one look at the stream waits.
const LOOK_MS: u64 = 2000;
/// The one reader of the group: whoever is on air, who goes on where the one before left off.
const READER: &str = "on-air";

impl Bus {
    /// Commands of the channel.
    pub(super) async fn listen(&self, studio: &impl Inward) {
        let (sender, mut waiting) = mpsc::channel(WAITING);
        let hear = async {
            let mut trials = Trials::of("commands");
            loop {
                let Err(trouble) = self.hear(&sender, &mut trials).await;
                trials.failed(&trouble).await;
            }
        };
        let obey = async {
            let mut link: Option<MultiplexedConnection> = None;
            let mut messages = Vec::new();
            while waiting.recv_many(&mut messages, AT_ONCE).await > 0 {
                let mut answers = Vec::new();
                for message in messages.drain(..) {
                    answers.extend(studio.obey(message).await);
                }
                let was_open = link.is_some();
                let mut sent = self.answer(&mut link, &answers).await;
                if sent.is_err() && was_open {
                    // That it ended while it was idle shows only now.
                    link = None;
                    sent = self.answer(&mut link, &answers).await;
                }
                if let Err(trouble) = sent {
                    link = None;
                    tracing::warn!(%trouble, lost = answers.len(), "answers to commands did not leave");
                }
            }
        };
        tokio::join!(hear, obey);
    }

    async fn hear(
        &self,
        sender: &mpsc::Sender<Vec<u8>>,
        trials: &mut Trials,
    ) -> Result<std::convert::Infallible, Trouble> {
        let opened = async {
            let stream = Link::dial(&self.url, &self.commands_log()).await?;
            let mut channel = PubSub::new(&Link::greeting(&self.url), stream).await?;
            channel.subscribe(&self.commands).await?;
            Ok(channel.split())
        };
        let (mut asks, mut messages) = in_time(opened).await?;
        trials.succeeded();
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_dropping = false;
        loop {
            tokio::select! {
                message = messages.next() => {
                    let gone = || Trouble::Silent("the connection ended".to_owned());
                    let message = message.ok_or_else(gone)?;
                    // Taken at once, whatever comes of it: the connection has a queue without an end.
                    let was_dropping = is_dropping;
                    is_dropping = sender.try_send(bounded(&message)).is_err();
                    if is_dropping {
                        metrics::counter!("stream_manager_bus_commands_total", "result" => "dropped").increment(1);
                    }
                    if is_dropping && !was_dropping {
                        tracing::warn!("more commands come over the bus than can be carried out; some are dropped");
                    }
                }
                _ = heartbeat.tick() => {
                    in_time(async { Ok(asks.ping::<Value>().await?) }).await?;
                }
            }
        }
    }

    async fn answer(
        &self,
        link: &mut Option<MultiplexedConnection>,
        answers: &[BusAnswer],
    ) -> Result<(), Trouble> {
        if answers.is_empty() {
            return Ok(());
        }
        let connection = match link {
            Some(connection) => connection,
            None => link.insert(self.open(&self.commands_log()).await?.connection()),
        };
        let pipeline = published(answers);
        in_time(async { Ok(pipeline.exec_async(connection).await?) }).await
    }

    /// Commands of the stream.
    pub(super) async fn follow(&self, studio: &impl Inward) {
        let mut trials = Trials::of("stream of commands");
        loop {
            let Err(trouble) = self.read(studio, &mut trials).await;
            trials.failed(&trouble).await;
        }
    }

    async fn read(
        &self,
        studio: &impl Inward,
        trials: &mut Trials,
    ) -> Result<std::convert::Infallible, Trouble> {
        let stream = self.commands_log();
        let mut connection = self.open(&stream).await?.connection();
        let mut made = redis::cmd("XGROUP");
        made.arg("CREATE").arg(&stream).arg(&self.stream_id);
        made.arg("0").arg("MKSTREAM");
        let made = in_time(async {
            match made.exec_async(&mut connection).await {
                Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
                made => Ok(made?),
            }
        });
        made.await?;
        // First what was given to whoever was on air before, and never acknowledged.
        let mut after = Some("0".to_owned());
        let mut done: Vec<String> = Vec::new();
        loop {
            let mut look = redis::cmd("XREADGROUP");
            look.arg("GROUP").arg(&self.stream_id).arg(READER);
            look.arg("COUNT").arg(AT_ONCE);
            if after.is_none() {
                look.arg("BLOCK").arg(LOOK_MS);
            }
            look.arg("STREAMS").arg(&stream);
            look.arg(after.as_deref().unwrap_or(">"));
            let silent = |_| Trouble::Silent("the server does not answer".to_owned());
            let answer = look.query_async::<Value>(&mut connection);
            let answer = timeout(Duration::from_millis(LOOK_MS) + PATIENCE, answer)
                .await
                .map_err(silent)?;
            let entries = entries_of(answer?);
            trials.succeeded();
            after = after.and(entries.last().map(|(id, _)| id.clone()));
            if entries.is_empty() {
                continue;
            }
            let mut answers = Vec::new();
            for (id, message) in entries {
                // One that was deleted meanwhile has none.
                if let Some(message) = message {
                    answers.extend(studio.obey(message).await);
                }
                done.push(id);
            }
            let is_durable = studio.durable().await;
            let mut pipeline = published(&answers);
            // Else they stay the server's until others are durable, or come again.
            if is_durable {
                let acknowledged = pipeline.cmd("XACK").arg(&stream).arg(&self.stream_id);
                acknowledged.arg(&done).ignore();
            }
            if is_durable || !answers.is_empty() {
                in_time(async { Ok(pipeline.exec_async(&mut connection).await?) }).await?;
            }
            if is_durable {
                done.clear();
            }
        }
    }
}

fn published(answers: &[BusAnswer]) -> redis::Pipeline {
    let mut pipeline = redis::pipe();
    for answer in answers {
        let publish = pipeline.cmd("PUBLISH").arg(&answer.channel);
        publish.arg(&answer.envelope).ignore();
    }
    pipeline
}

fn bounded(message: &Msg) -> Vec<u8> {
    let bytes = message.get_payload_bytes();
    bytes[..bytes.len().min(LARGEST + 1)].to_vec()
}

/// The entries in an answer of XREADGROUP: their ids and messages.
fn entries_of(answer: Value) -> Vec<(String, Option<Vec<u8>>)> {
    let list = |value| match value {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    let entries = list(answer)
        .into_iter()
        .filter_map(|stream| list(stream).pop());
    entries.flat_map(list).filter_map(entry_of).collect()
}

/// An entry without the field `envelope` is a message of no bytes, which is refused as such.
fn entry_of(entry: Value) -> Option<(String, Option<Vec<u8>>)> {
    let Value::Array(entry) = entry else {
        return None;
    };
    let mut parts = entry.into_iter();
    let Some(Value::BulkString(id)) = parts.next() else {
        return None;
    };
    let id = String::from_utf8(id).ok()?;
    let Some(Value::Array(fields)) = parts.next() else {
        return Some((id, None));
    };
    let mut fields = fields.into_iter();
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        if let (Value::BulkString(name), Value::BulkString(mut value)) = (name, value)
            && name == b"envelope"
        {
            value.truncate(LARGEST + 1);
            return Some((id, Some(value)));
        }
    }
    Some((id, Some(Vec::new())))
}
