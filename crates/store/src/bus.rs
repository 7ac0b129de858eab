//! The bus: events out to a Redis server, commands in from it. What they say is not looked at here.
//!
//! ```text
//!  Outward -- what waits --> PUBLISH <show>:events, XADD <show>:events:log   one transaction, one round trip
//!  Inward <-- SUBSCRIBE <commands> ------ 256 messages, then dropped         answers: PUBLISH <reply channel>
//!         <-- XREADGROUP <commands>:log - acknowledged when it is durable
//! ```
//!
//! An event may come twice when the server falls silent while it takes it; whoever reads tells by its id.

mod inward;
mod outward;

use crate::shared::{Link, RedisUrl, Trouble};
use std::time::Duration;
use tokio::time::timeout;

/// How long the server has for an answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long is waited after the first failure, and at most.
const RESPITE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// What all names of a show begin with, up to its id.
const PREFIX: &str = "stream-manager:";

/// Where the bus of a show is.
#[derive(Clone, Debug)]
pub struct Bus {
    url: RedisUrl,
    stream_id: String,
    commands: String,
}

/// Why a channel cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// A name that is empty, too long, or of a show or of the server.
    #[error(
        "the channel is {name:?}; allowed are 1 to 190 printable characters that begin with neither `__` nor `stream-manager:`"
    )]
    Channel {
        /// What it is.
        name: String,
    },
}

/// One event to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// Its type, for who reads the stream.
    pub kind: String,
    /// The whole message.
    pub envelope: String,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusAnswer {
    /// The channel it goes to.
    pub channel: String,
    /// The whole message.
    pub envelope: String,
}

/// Where events come from.
pub trait Outward: Send {
    /// Those that wait, at least one: the same until it is said what became of them. Giving it up loses nothing.
    fn next(&mut self) -> impl Future<Output = Vec<BusEvent>> + Send;
    /// The server has them.
    fn published(&mut self);
    /// The server refuses them.
    fn lost(&mut self);
}

/// Who obeys commands.
pub trait Inward: Send + Sync {
    /// Carries out a command; the same one may come again.
    fn obey(&self, message: Vec<u8>) -> impl Future<Output = Option<BusAnswer>> + Send;
    /// Waits until everything that was carried out is durable; false when that cannot be said.
    fn durable(&self) -> impl Future<Output = bool> + Send;
}

impl Bus {
    /// The bus of the show `stream_id`: its commands come on `stream-manager:<stream_id>:commands`, or on the channel given.
    ///
    /// # Errors
    /// [`BusError`] when no commands can come on that channel.
    pub fn new(url: RedisUrl, stream_id: &str, commands: Option<&str>) -> Result<Self, BusError> {
        let own = format!("{PREFIX}{stream_id}:commands");
        let commands = commands.unwrap_or(&own);
        let is_free = !commands.starts_with("__") && !commands.starts_with(PREFIX);
        let is_name =
            (1..=190).contains(&commands.len()) && !commands.chars().any(char::is_control);
        if !is_name || !is_free && commands != own {
            return Err(BusError::Channel {
                name: commands.to_owned(),
            });
        }
        Ok(Self {
            url,
            stream_id: stream_id.to_owned(),
            commands: commands.to_owned(),
        })
    }

    /// The id of the show.
    pub fn stream_id(&self) -> &str {
        &self.stream_id
    }

    /// The channel that commands come on.
    pub fn commands(&self) -> &str {
        &self.commands
    }

    /// Publishes events and passes commands on, for as long as it is polled: for who is on air alone. Whatever the server
    /// does, nothing waits for it. Dropped, it leaves a command that is not done to whoever is on air next, if it came by
    /// the stream.
    pub async fn carry(&self, mut events: impl Outward, studio: impl Inward) {
        tokio::join!(
            self.publish(&mut events),
            self.listen(&studio),
            self.follow(&studio),
        );
    }

    fn events(&self) -> String {
        format!("{PREFIX}{}:events", self.stream_id)
    }

    /// The stream that events are kept in.
    fn events_log(&self) -> String {
        format!("{}:log", self.events())
    }

    /// The stream that commands come by.
    fn commands_log(&self) -> String {
        format!("{}:log", self.commands)
    }

    /// Opens a connection to the server that has `stream`; in a cluster the two may be on different nodes. Channels are
    /// on every one of them.
    async fn open(&self, stream: &str) -> Result<Link, Trouble> {
        in_time(Link::open(&self.url, stream)).await
    }
}

/// An answer that does not come in time is none.
async fn in_time<T>(answer: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let silent = || Trouble::Silent(format!("no answer for {} s", PATIENCE.as_secs()));
    timeout(PATIENCE, answer)
        .await
        .unwrap_or_else(|_| Err(silent()))
}

/// Waits longer with each failure, and says what changes.
struct Trials {
    what: &'static str,
    wait: Duration,
    is_well: bool,
}

impl Trials {
    const fn of(what: &'static str) -> Self {
        Self {
            what,
            wait: RESPITE.0,
            is_well: true,
        }
    }

    fn succeeded(&mut self) {
        if !self.is_well {
            tracing::info!(what = self.what, "the bus works again");
        }
        *self = Self::of(self.what);
    }

    async fn failed(&mut self, trouble: &Trouble) {
        if self.is_well {
            tracing::warn!(what = self.what, %trouble, "the bus is down; trying again");
        }
        self.is_well = false;
        tokio::time::sleep(self.wait).await;
        self.wait = (self.wait * 2).min(RESPITE.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_on_a_channel_of_their_own() {
        let url = RedisUrl::parse("redis://cache", None).unwrap();
        let bus = |commands| Bus::new(url.clone(), "main", commands);
        let own = "stream-manager:main:commands";
        assert_eq!(bus(None).unwrap().commands(), own);
        for good in [own, "orders", "a:b"] {
            assert_eq!(bus(Some(good)).unwrap().commands(), good);
        }
        let long = "x".repeat(191);
        for bad in [
            "",
            "__keyevent@0__:set",
            "stream-manager:main:events",
            "a\nb",
            &long,
        ] {
            assert!(bus(Some(bad)).is_err(), "{bad:?}");
        }
    }
}
