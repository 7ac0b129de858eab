//! The write-ahead log of the show: byte records in order, durable, given back after any crash.
//!
//! Job: number records, write them in that order ([`Journal::append`]), say when they are safe ([`Journal::durable`]), keep a
//! state in place of old ones ([`Journal::snapshot`]), and give both back ([`Journal::open`]) whatever happened to the process,
//! the disk or the power.
//! With [`Shared`], the same on a Redis server for several processes, of which one is on air.
//! Not its job: what a record means (`wire`), who may write one (`api`), HTTP.
//!
//! ```text
//!  any thread -- append --> queue in memory --> thread `journal` --> segment, fdatasync --> durable(sequence) answers
//!                number     64 MiB              everything that      at once for who waits,
//!                at once                        waits, in one write  else within `sync_every`
//!                                               snapshot ----------> temporary file, rename, old files go
//! ```
//!
//! | queue | capacity | when full | metric |
//! |---|---|---|---|
//! | records that are not durable | 64 MiB | numbers go on, records are not kept until a snapshot stands for them ([`Fault::Overflow`]) | [`Status::waiting`], [`Status::fault`] |
//!
//! The folder, 0700, with files of 0600. Numbers are little endian; a CRC is CRC-32C.
//!
//! | file | what |
//! |---|---|
//! | `journal-<first sequence, 20 digits>.wal` | a segment: header, then records |
//! | `snapshot-<sequence, 20 digits>.bin` | header, sequence `u64`, length `u64`, CRC `u32` of sequence, length and bytes, then the bytes |
//! | `*.tmp` | not complete yet; removed at start |
//! | `damaged-<n>-<name>` | what could not be read, for somebody to look at; never deleted, never read |
//! | `lock` | locked by the process that has the folder |
//!
//! | part | bytes |
//! |---|---|
//! | header | magic (8: `SMJOURNL`, `SMSNAPSH`), version `u32` (1), CRC `u32` of both; the same in every version to come |
//! | record | length `u32`, sequence `u64`, CRC `u32` of length, sequence and bytes, then the bytes |
//!
//! **A segment ends where the next one begins.** Each gets its name when all it begins with is on disk, and when everything
//! before it is. So after an error of the disk, no file that failed is trusted again: a new segment repeats what is not known to
//! be durable, and stands for it from there on. At each start the same is done with the last segment, for its bytes may
//! be in the system's memory alone. That also cuts off half a record, and takes as long as writing one segment.
//!
//! **Recovery** takes the newest snapshot that is whole, then records as long as each follows on the one before. What breaks
//! that in the last segment is half a write, and cut off (a copy is kept when whole records stand behind it); in an earlier one
//! it is damage: what is before it comes back, the rest is put aside. [`Recovered::damage`] tells.
//!
//! A failing disk stops nobody: records wait in memory, [`Status::fault`] says why, and each second a new segment is tried.
//! The clock is the one of tokio, as elsewhere on the rim, and is read for nothing but waiting; a runtime is not needed.
//!
//! ```
//! use store::{Journal, Settings};
//! # let dir = std::env::temp_dir().join(format!("store-doc-{}", std::process::id()));
//!
//! let (journal, found) = Journal::open(&dir, Settings::default())?;
//! assert!(found.snapshot.is_none() && found.records.is_empty());
//! journal.append(b"a layer appears".to_vec());
//! let sequence = journal.append(b"it moves".to_vec());
//! let (answer, answers) = std::sync::mpsc::channel();
//! journal.durable(sequence, move |done| answer.send(done).expect("somebody waits"));
//! answers.recv()??;
//! journal.snapshot(1, b"a scene with a layer".to_vec());
//! journal.close()?;
//!
//! let (journal, found) = Journal::open(&dir, Settings::default())?;
//! assert_eq!(found.snapshot.expect("it was whole").bytes, b"a scene with a layer");
//! assert_eq!(found.records[0].sequence, 2);
//! assert_eq!(journal.append(b"it goes".to_vec()), 3);
//! # journal.close()?;
//! # std::fs::remove_dir_all(dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Shared by several processes
//!
//! Processes of one name share a server. One is **active**: it is on air, and brings every record that is in its journal to the
//! server too. The others are **standby**: they follow, and one takes over when no beat has come for a while. The local journal
//! always comes first; the server may be away at any time.
//!
//! ```text
//! active                             Redis                             standby
//!   Journal, then append --> batch --> log, snapshot --> look, 150 ms --> Turn::State, Turn::Record
//!                            beat  --> lease         --> no beat, 2.4 s -> claim --> Turn::Take
//! ```
//!
//! A **term** is one process's time with the lease; terms are numbered, and a state's position is (term, sequence). Each term begins with a whole state,
//! written at once, so nothing is ever merged: whoever takes the lease goes on from the newer of its own state and the
//! server's. What is no part of that is put aside, here as `unshared-<n>-term-<term>-<sequence>.bin` (three are kept), there under
//! `aside:<term>`, and never deleted there.
//!
//! | key, after `stream-manager:{STREAM_ID}:` | type | what |
//! |---|---|---|
//! | `lease` | hash | `schema` (1), `term`, `holder`, `beat`; `released`, `offer`, `ready_at` now and then. It has no TTL: its end is observed |
//! | `log` | stream | records since the snapshot: id `term-sequence`, field `record` |
//! | `snapshot` | hash | `schema` (1), `term`, `sequence`, `holder`, `bytes`, `crc` (CRC-32C of term, sequence, bytes); without bytes at the very beginning |
//! | `terms` | hash | term -> `sequence holder`: how far the next term took it over |
//! | `standby` | string | `1`, for three seconds after each look |
//! | `aside:<term>:log`, `:snapshot` | | what was no part of the state that went on |
//!
//! Every write is a script that checks term and holder first. Anything else under these keys is left as it is, and named as the fault.
//! Terms and sequences below 10^15 are exact there; a server below version 6 is refused.
//! Several records are gathered for up to 50 ms, or sent at once when somebody waits.
//!
//! **Durable** means: on the local disk ([`Journal::durable`]), always; with [`Shared::durable`] also in the memory of the server, whose
//! `appendfsync` decides about the rest. Where the server is away, the disk alone decides.
//!
//! | case | active | standby | why |
//! |---|---|---|---|
//! | gone for everyone (refused) | stays | waits | nobody can write a lease; records are kept |
//! | back and empty, cleared | new term, everything anew | reads it anew | what the server had is in memory, from the last snapshot on |
//! | cut off alone | off air, 2.25 s after its last renewal was sent | takes over, 2.4 s after it saw it | the first is earlier by the same clock |
//! | the same, to stay | stays, lost when it is back | takes over | two on air are better than none, somebody decided |
//! | cut off, nobody takes over | off air, then on air again | - | the lease is still its own |
//! | cut off without a standby | stays | - | there is nobody to make room for |
//! | the server stands still for 2 s | stays | begins to watch anew | silence proves nothing |
//! | full, read-only, no replicas, no right | stays, brings all later | waits | its own looks are writes, and fail too |
//! | another server becomes the master (Sentinel, Cluster) | stays; a new term where the new one lacks something | reads it anew | the old one refuses, or says that it is none |
//! | something foreign under a key | stays, looks every second | waits | a person must decide |
//! | killed | - | takes over within 2.4 s | with everything that was confirmed |
//! | ended in order | releases | takes over at once | |
//! | a hand-over is offered | waits for who is ready, releases | gets ready, takes over | |
//! | away at start: refused, silent | on air at once, after 2.4 s; a lease when it can be had | the same | a show is not held up |
//! | on air without a lease, another is on air | lost | - | the one with the lease stays |
//! | killed and started again | takes its own lease at once | - | the lock of the folder says that the other is dead |
//! | its tail was never shared | put aside, the other's state adopted | - | it is no part of the show that went on |
//!
//! **Which server** is asked for each connection: the one of the URL, or the one that Sentinels or the nodes of a cluster name as
//! the master of the key. Braces keep all keys of a show on one node; the streams of the bus have names of their own, may be on
//! others, and are looked for by these. What is published is heard on every node. An answer that says that a server is no
//! master any more closes the connection, and the master is looked for anew. With several servers it counts as silence, for
//! others may know the new one already; refusal proves something only if most of those who know were heard, and each server
//! that they name refuses.
//!
//! Three limits. A standby that begins to look while the active is cut off takes over though the active, which has not heard of
//! it, stays. And an answer that refuses *this* user alone looks like one that refuses everyone: give all processes of a show the same rights.
//! A master that is cut off together with the process on air takes its beats until it knows that it was replaced, and a standby
//! on the other side takes over meanwhile: `min-replicas-to-write 1` with a short `min-replicas-max-lag` keeps that short.
//!
//! **Invariants.** What comes back is a prefix of what was appended, with everything in it that was called durable. Nothing that
//! could not be read, is foreign, or was written by a later version is deleted or overwritten. `append` waits for no disk.
//! No length is believed before it is compared with the file's.
//!
//! Besides, [`Bus`] carries the events of a show to a Redis server, and commands from there.
//!
//! What it costs stands in `BENCHMARKS.md`; `cargo bench -p store` measures it again.
#![forbid(unsafe_code)]

mod bus;
mod disk;
mod error;
mod format;
mod journal;
mod recovered;
mod recovery;
mod shared;
#[cfg(test)]
mod simulation;
mod state;
#[cfg(test)]
mod tests;
mod writer;

pub use bus::{Bus, BusAnswer, BusError, BusEvent, Inward, Outward};
pub use error::{Error, Fault};
pub use journal::{Journal, Settings, Status};
pub use recovered::{Damage, Record, Recovered, Snapshot};
pub use shared::{
    Away, CutOff, HandOver, Local, Newest, NotBegun, NotHandedOver, RedisUrl, RedisUrlError, Role,
    Shared, SharedSettings, SharedStatus, TermFile, Timing, Turn,
};
