//! What is asked of the server: each question is a script, carried out at once or not at all.

use super::lease::{Expected, Lease};
use super::link::Trouble;
use crate::Record;
use redis::{Script, Value};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A question, and the name that a server knows it by once it has been asked.
pub(crate) struct Question {
    pub(crate) text: &'static str,
    pub(crate) hash: String,
}

macro_rules! script {
    ($name:ident, $file:literal) => {
        pub(crate) static $name: LazyLock<Question> = LazyLock::new(|| {
            let text = concat!(
                include_str!("script/prelude.lua"),
                include_str!(concat!("script/", $file))
            );
            let hash = Script::new(text).get_hash().to_owned();
            Question { text, hash }
        });
    };
}

script!(LOOK, "look.lua");
script!(STATE, "state.lua");
script!(CLAIM, "claim.lua");
script!(WRITE, "write.lua");
script!(READY, "ready.lua");

/// The field of a record in the log.
const FIELD: &[u8] = b"record";

/// The names of the keys of one show.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    /// Braces keep all keys of a show on one node of a cluster.
    pub(crate) fn new(stream_id: &str) -> Self {
        Self {
            prefix: format!("stream-manager:{{{stream_id}}}:"),
        }
    }

    fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// By which the server of all of them is found.
    pub(crate) fn lease(&self) -> String {
        self.name("lease")
    }

    pub(crate) fn all(&self) -> Vec<String> {
        ["lease", "log", "snapshot", "terms", "standby"]
            .map(|key| self.name(key))
            .to_vec()
    }

    /// With where a state of that term is put aside.
    pub(crate) fn with_aside(&self, term: u64, number: u32) -> Vec<String> {
        let mut keys = self.all();
        let number = match number {
            0 => String::new(),
            number => format!(":{number}"),
        };
        for key in ["log", "snapshot"] {
            keys.push(self.name(&format!("aside:{term}{number}:{key}")));
        }
        keys
    }

    fn foreign(&self, key: &str, what: &str) -> Trouble {
        Trouble::Foreign(format!("{} {what}", self.name(key)))
    }
}

/// Where a state ends, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) term: u64,
    pub(crate) sequence: u64,
    pub(crate) holder: String,
}

/// A whole state as it stands on the server.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) end: End,
    /// Sequence and bytes of the snapshot; 0 and nothing when there was none.
    pub(crate) snapshot: (u64, Vec<u8>),
    pub(crate) records: Vec<Record>,
}

/// How far each term was taken over, and whose it was.
pub(crate) type Terms = HashMap<u64, (u64, String)>;

/// An answer to [`LOOK`].
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) lease: Option<Lease>,
    pub(crate) is_state_there: bool,
    /// What follows on our position; none where everything is to be read anew.
    pub(crate) records: Option<Vec<Record>>,
}

/// An answer to [`CLAIM`].
#[derive(Debug)]
pub(crate) enum Claimed {
    /// It is ours, and these records follow on our position.
    Ours(Vec<Record>),
    Missed,
    /// What we have is not what it follows on.
    Stale,
}

/// An answer to [`WRITE`].
#[derive(Debug)]
pub(crate) enum Written {
    Done {
        is_standby_known: bool,
        ready_at: Option<i64>,
    },
    Fenced(Option<Lease>),
    Behind(Lease),
    /// There is something already where the state is to be put aside.
    AsideTaken,
}

/// What must not happen unless somebody else writes there.
fn strange() -> Trouble {
    Trouble::Refused("the server's answer is not what a script of ours gives".to_owned())
}

fn array(value: Value) -> Result<Vec<Value>, Trouble> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(strange()),
    }
}

fn fixed<const N: usize>(value: Value) -> Result<[Value; N], Trouble> {
    array(value)?.try_into().map_err(|_| strange())
}

fn bytes(value: Value) -> Result<Vec<u8>, Trouble> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::SimpleString(text) => Ok(text.into_bytes()),
        Value::Okay => Ok(b"OK".to_vec()),
        _ => Err(strange()),
    }
}

fn text(value: Value) -> Result<String, Trouble> {
    String::from_utf8(bytes(value)?).map_err(|_| strange())
}

fn number(value: Value) -> Result<u64, Trouble> {
    text(value)?.parse().map_err(|_| strange())
}

fn flag(value: &Value) -> bool {
    *value == Value::Int(1)
}

fn lease(value: Value) -> Result<Option<Lease>, Trouble> {
    if value == Value::Nil {
        return Ok(None);
    }
    let [term, holder, beat, released, offered] = fixed(value)?;
    Ok(Some(Lease {
        term: number(term)?,
        // Whatever somebody wrote there: it is compared and nothing else.
        holder: String::from_utf8_lossy(&bytes(holder)?).into_owned(),
        beat: number(beat)?,
        is_released: flag(&released),
        is_offered: flag(&offered),
    }))
}

/// Records that follow on `after` in that term, without holes.
fn records(keys: &Keys, value: Value, term: u64, after: u64) -> Result<Vec<Record>, Trouble> {
    let entries = array(value)?;
    let mut records = Vec::with_capacity(entries.len());
    for (entry, sequence) in entries.into_iter().zip(after + 1..) {
        let [id, fields] = fixed(entry)?;
        let id = text(id)?;
        if id != format!("{term}-{sequence}") {
            return Err(keys.foreign(
                "log",
                &format!("has {id} where {term}-{sequence} should be"),
            ));
        }
        let unlike = || keys.foreign("log", &format!("has no record at {id}"));
        let [name, record] = fixed(fields).map_err(|_| unlike())?;
        if bytes(name)? != FIELD {
            return Err(unlike());
        }
        records.push(Record {
            sequence,
            bytes: bytes(record)?,
        });
    }
    Ok(records)
}

/// Reads the answer to [`LOOK`].
pub(crate) fn looked(keys: &Keys, value: Value, at: Option<&End>) -> Result<Looked, Trouble> {
    let [held, kept, tail] = fixed(value)?;
    let records = match (tail, at) {
        (Value::Nil, _) | (_, None) => None,
        (tail, Some(at)) => Some(records(keys, tail, at.term, at.sequence)?),
    };
    Ok(Looked {
        lease: lease(held)?,
        is_state_there: flag(&kept),
        records,
    })
}

/// Reads the answer to [`STATE`].
pub(crate) fn state(
    keys: &Keys,
    value: Value,
) -> Result<(Option<Lease>, Option<State>, Terms), Trouble> {
    let [held, kept, terms] = fixed(value)?;
    let state = if kept == Value::Nil {
        None
    } else {
        let [term, sequence, holder, crc, content, log] = fixed(kept)?;
        let (term, sequence) = (number(term)?, number(sequence)?);
        let holder = text(holder).map_err(|_| keys.foreign("snapshot", "names no holder"))?;
        let content = bytes(content)?;
        if u64::from(crc_of(term, sequence, &content)) != number(crc)? {
            return Err(keys.foreign("snapshot", "is damaged: its CRC is wrong"));
        }
        let records = records(keys, log, term, sequence)?;
        Some(State {
            end: End {
                term,
                sequence: records.last().map_or(sequence, |record| record.sequence),
                holder,
            },
            snapshot: (sequence, content),
            records,
        })
    };
    let mut known = Terms::new();
    let mut terms = array(terms)?.into_iter();
    while let (Some(term), Some(value)) = (terms.next(), terms.next()) {
        let entry = || {
            let term = number(term).ok()?;
            let value = text(value).ok()?;
            let (sequence, holder) = value.split_once(' ')?;
            Some((term, (sequence.parse().ok()?, holder.to_owned())))
        };
        let (term, value) =
            entry().ok_or_else(|| keys.foreign("terms", "holds what is no end of a term"))?;
        known.insert(term, value);
    }
    Ok((lease(held)?, state, known))
}

/// Reads the answer to [`CLAIM`].
pub(crate) fn claimed(keys: &Keys, value: Value, at: Option<&End>) -> Result<Claimed, Trouble> {
    let mut values = array(value)?.into_iter();
    match &*text(values.next().ok_or_else(strange)?)? {
        "CLAIMED" => {
            let tail = values.next().ok_or_else(strange)?;
            Ok(Claimed::Ours(match at {
                Some(at) => records(keys, tail, at.term, at.sequence)?,
                None => Vec::new(),
            }))
        }
        "MISSED" => Ok(Claimed::Missed),
        "STALE" => Ok(Claimed::Stale),
        _ => Err(strange()),
    }
}

/// Reads the answer to [`WRITE`].
pub(crate) fn written(value: Value) -> Result<Written, Trouble> {
    let mut values = array(value)?.into_iter();
    let word = text(values.next().ok_or_else(strange)?)?;
    match (&*word, values.next(), values.next()) {
        ("OK", Some(standby), Some(ready_at)) => Ok(Written::Done {
            is_standby_known: flag(&standby),
            ready_at: text(ready_at)?.parse().ok(),
        }),
        ("FENCED", found, None) => Ok(Written::Fenced(lease(found.unwrap_or_default())?)),
        ("BEHIND", Some(found), None) => Ok(Written::Behind(lease(found)?.ok_or_else(strange)?)),
        ("ASIDE", None, None) => Ok(Written::AsideTaken),
        _ => Err(strange()),
    }
}

pub(crate) fn look_arguments(marks_ms: u128, at: Option<&End>) -> Vec<Vec<u8>> {
    let [term, sequence] = position(at);
    vec![marks_ms.to_string().into(), term, sequence]
}

pub(crate) fn claim_arguments(
    expected: &Expected,
    term: u64,
    holder: &str,
    at: Option<&End>,
) -> Vec<Vec<u8>> {
    let mut arguments: Vec<Vec<u8>> = match expected {
        Some((term, beat, holder)) => vec![
            term.to_string().into(),
            beat.to_string().into(),
            holder.clone().into(),
        ],
        None => vec![Vec::new(); 3],
    };
    arguments.push(term.to_string().into());
    arguments.push(holder.into());
    arguments.extend(position(at));
    arguments
}

fn position(at: Option<&End>) -> [Vec<u8>; 2] {
    match at {
        Some(at) => [at.term.to_string().into(), at.sequence.to_string().into()],
        None => [Vec::new(), b"0".to_vec()],
    }
}

/// Of a snapshot on the server: of its term, its sequence and its bytes.
pub(crate) fn crc_of(term: u64, sequence: u64, bytes: &[u8]) -> u32 {
    let head = crc32c::crc32c_append(crc32c::crc32c(&term.to_le_bytes()), &sequence.to_le_bytes());
    crc32c::crc32c_append(head, bytes)
}
