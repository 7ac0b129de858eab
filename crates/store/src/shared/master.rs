//! Which server takes writes: the one of the URL, or the one that Sentinels or the nodes of a Cluster name.
//!
//! ```text
//!  redis:           the server of the URL
//!  redis+sentinel:  every Sentinel  -- SENTINEL GET-MASTER-ADDR-BY-NAME -->  host, port  -- ROLE --> a master
//!  redis+cluster:   every node      -- CLUSTER SLOTS ------------------->    host, port  -- ROLE --> a master
//! ```
//!
//! All who know are asked at once, so that one that hangs costs no time; the first master that answers is taken. From there on
//! it is a plain connection. Only who can still speak for the majority proves that there is no master: if most of them were
//! heard, and each server they name refuses, then nobody else can write either. Anything else is silence.

use super::link::{Link, Trouble, Wire};
use super::url::{RedisUrl, Way};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use redis::Value;
use redis::aio::MultiplexedConnection;
use std::time::Duration;
use tokio::time::timeout;

/// How long one who knows may take to say where the master is.
const KNOWS: Duration = Duration::from_millis(500);
/// How long a server that was named may take to let us in: another may be named meanwhile.
const NAMED: Duration = Duration::from_secs(1);
/// The slots of a cluster.
const SLOTS: u16 = 16_384;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// An open connection, which nothing was said on yet, to the master that has `key`. Its role is not looked at: who only
/// listens, listens anywhere.
pub(super) async fn dial(url: &RedisUrl, key: &str) -> Result<Box<dyn Wire>, Trouble> {
    reach(url, key, |url, at| Box::pin(Link::wire(url, at))).await
}

/// A connection to the master that has `key`, which knows who we are.
pub(super) async fn connect(url: &RedisUrl, key: &str) -> Result<MultiplexedConnection, Trouble> {
    reach(url, key, |url, at| Box::pin(enter(url, at))).await
}

async fn enter(url: &RedisUrl, at: &Address) -> Result<MultiplexedConnection, Trouble> {
    let stream = Link::wire(url, at).await?;
    let mut connection = Link::greet(&Link::greeting(url), stream).await?;
    if url.has_several() {
        check_role(&mut connection, at).await?;
    }
    Ok(connection)
}

/// What is done at a server that may be the one.
type Enter<T> = for<'a> fn(&'a RedisUrl, &'a Address) -> BoxFuture<'a, Result<T, Trouble>>;

/// What becomes of `enter` at the first server where it succeeds.
async fn reach<T>(url: &RedisUrl, key: &str, enter: Enter<T>) -> Result<T, Trouble> {
    if !url.has_several() {
        return enter(url, &url.hosts[0]).await;
    }
    let mut answers = FuturesUnordered::new();
    for who in &url.hosts {
        answers.push(ask_in_time(url, who, key));
    }
    let (mut tried, mut heard, mut is_refused) = (Vec::new(), 0, true);
    let mut last = Trouble::Silent("nobody knows where the master is".to_owned());
    while let Some(answer) = answers.next().await {
        let at = match answer {
            Ok(at) => at,
            Err(trouble) => {
                if tried.is_empty() {
                    last = trouble;
                }
                continue;
            }
        };
        heard += 1;
        if tried.contains(&at) {
            continue;
        }
        let silent = |_| Err(Trouble::Silent(format!("no answer from {at}")));
        match timeout(NAMED, enter(url, &at)).await.unwrap_or_else(silent) {
            Ok(entered) => {
                tracing::debug!(server = %at, "connected to the master");
                return Ok(entered);
            }
            Err(trouble) => {
                is_refused &= matches!(trouble, Trouble::Refused(_));
                last = trouble;
                tried.push(at);
            }
        }
    }
    if is_refused && heard * 2 > url.hosts.len() {
        return Err(last);
    }
    Err(match last {
        Trouble::Refused(text) | Trouble::Moved(text) => Trouble::Silent(text),
        other => other,
    })
}

async fn ask_in_time(url: &RedisUrl, who: &Address, key: &str) -> Result<Address, Trouble> {
    timeout(KNOWS, ask(url, who, key))
        .await
        .unwrap_or_else(|_| Err(Trouble::Silent(format!("no answer from {who}"))))
}

/// Asks one who knows.
async fn ask(url: &RedisUrl, who: &Address, key: &str) -> Result<Address, Trouble> {
    let stream = Link::wire(url, who).await?;
    let mut connection = Link::greet(&Link::greeting_of_who_knows(url), stream).await?;
    let unknown = |what: String| Trouble::Silent(format!("{who} {what}"));
    match &url.way {
        Way::Direct => Ok(who.clone()),
        Way::Sentinel { service } => {
            let mut command = redis::cmd("SENTINEL");
            command.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
            let found: Option<(String, u16)> = command.query_async(&mut connection).await?;
            let (host, port) = found.ok_or_else(|| unknown(format!("knows no {service}")))?;
            Ok(Address { host, port })
        }
        Way::Cluster => {
            let slots = redis::cmd("CLUSTER").arg("SLOTS").to_owned();
            let slots = slots.query_async(&mut connection).await?;
            let slot = slot_of(key);
            owner(slots, slot, who).ok_or_else(|| unknown(format!("knows nobody with slot {slot}")))
        }
    }
}

/// A server that was named may have become a replica since, or not be a master yet.
async fn check_role(connection: &mut MultiplexedConnection, at: &Address) -> Result<(), Trouble> {
    let role: Result<Vec<Value>, _> = redis::cmd("ROLE").query_async(connection).await;
    match role {
        // Who may not ask learns it from the first write.
        Err(error) if error.code() == Some("NOPERM") => Ok(()),
        Err(error) => Err(error.into()),
        Ok(role) => match role.first() {
            Some(Value::BulkString(role)) if role == b"master" => Ok(()),
            _ => Err(Trouble::Moved(format!("{at} is no master"))),
        },
    }
}

/// The slot of a key: of what stands between its first braces, or of all of it.
fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| {
        let (tag, _) = rest.split_once('}')?;
        (!tag.is_empty()).then_some(tag)
    });
    // CRC-16/XMODEM.
    let crc = tag.unwrap_or(key).bytes().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    });
    crc % SLOTS
}

/// The master of a slot in an answer to `CLUSTER SLOTS`. A node that does not know its own host is where it was asked.
fn owner(slots: Value, slot: u16, who: &Address) -> Option<Address> {
    let Value::Array(ranges) = slots else {
        return None;
    };
    ranges.into_iter().find_map(|range| {
        let Value::Array(range) = range else {
            return None;
        };
        let [
            Value::Int(first),
            Value::Int(last),
            Value::Array(master),
            ..,
        ] = &*range
        else {
            return None;
        };
        if !(*first..=*last).contains(&i64::from(slot)) {
            return None;
        }
        let [host, Value::Int(port), ..] = &**master else {
            return None;
        };
        let host = match host {
            Value::BulkString(host) if !host.is_empty() && host != b"?" => {
                String::from_utf8(host.clone()).ok()?
            }
            _ => who.host.clone(),
        };
        let port = u16::try_from(*port).ok()?;
        Some(Address { host, port })
    })
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_slot_that_the_server_says() {
        // As `CLUSTER KEYSLOT` answers.
        for (key, slot) in [
            ("123456789", 12_739),
            ("foo", 12_182),
            ("{user1000}.following", 3_443),
            ("x{user1000}.followers{other}", 3_443),
            ("foo{}{bar}", 8_363),
            ("", 0),
        ] {
            assert_eq!(slot_of(key), slot, "{key}");
        }
    }

    #[test]
    fn the_master_of_a_slot_is_found_whatever_else_is_said() {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port), text("id")]);
        let range = |first, last, nodes: Vec<Value>| {
            let mut range = vec![Value::Int(first), Value::Int(last)];
            range.extend(nodes);
            Value::Array(range)
        };
        let slots = Value::Array(vec![
            Value::Nil,
            range(0, 9, Vec::new()),
            range(10, 19, vec![node(text("a"), 1), node(text("b"), 2)]),
            range(20, 29, vec![node(Value::Nil, 3)]),
            range(30, 39, vec![node(text("?"), 4)]),
            range(40, 49, vec![node(text("c"), 65_536)]),
        ]);
        let who = Address {
            host: "seed".to_owned(),
            port: 9,
        };
        for (slot, found) in [
            (5, None),
            (10, Some("a:1")),
            (19, Some("a:1")),
            (20, Some("seed:3")),
            (30, Some("seed:4")),
            (40, None),
            (50, None),
        ] {
            let owner = owner(slots.clone(), slot, &who).map(|at| at.to_string());
            assert_eq!(owner.as_deref(), found, "{slot}");
        }
        assert_eq!(owner(Value::Nil, 0, &who), None);
    }
}
