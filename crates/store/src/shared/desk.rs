//! What the users of a replica and its task share.

use super::upload::Upload;
use super::{Away, HandOver, NotHandedOver, Role, SharedStatus};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

pub(crate) type Done = Box<dyn FnOnce(Result<(), Away>) + Send>;

/// A state that was adopted, and who waits for its term to be kept.
pub(crate) struct Adopted {
    pub(crate) sequence: u64,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) answer: oneshot::Sender<io::Result<()>>,
}

pub(crate) struct Offer {
    pub(crate) answer: oneshot::Sender<Result<HandOver, NotHandedOver>>,
    pub(crate) until: Instant,
}

/// What is to be done, and how it stands.
pub(crate) struct Papers {
    pub(crate) upload: Upload,
    pub(crate) waiters: Vec<(u64, Done)>,
    pub(crate) adopted: Option<Adopted>,
    pub(crate) offer: Option<Offer>,
    /// Whether the server says that there is an offer, as far as we know.
    pub(crate) is_offered: bool,
    pub(crate) withdraws: bool,
    pub(crate) ready_at: Option<i64>,
    pub(crate) releasing: Option<oneshot::Sender<()>>,
    /// The server takes what it is given.
    pub(crate) is_reachable: bool,
    pub(crate) role: Role,
    pub(crate) term: u64,
    pub(crate) fault: Option<String>,
    pub(crate) is_standby_known: bool,
    pub(crate) round_trip: Option<Duration>,
}

impl Papers {
    /// Takes out who waits for a record up to `sequence`.
    pub(crate) fn due(&mut self, sequence: u64) -> Vec<Done> {
        let (due, rest) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition::<Vec<_>, _>(|(wanted, _)| *wanted <= sequence);
        self.waiters = rest;
        due.into_iter().map(|(_, done)| done).collect()
    }
}

pub(crate) struct Desk {
    papers: Mutex<Papers>,
    /// Something to do that does not wait for the next beat.
    pub(crate) work: Notify,
    hand_over: Duration,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    pub(crate) fn new(upload: Upload, term: u64, hand_over: Duration) -> Self {
        Self {
            papers: Mutex::new(Papers {
                upload,
                waiters: Vec::new(),
                adopted: None,
                offer: None,
                is_offered: false,
                withdraws: false,
                ready_at: None,
                releasing: None,
                is_reachable: false,
                role: Role::Starting,
                term,
                fault: None,
                is_standby_known: false,
                round_trip: None,
            }),
            work: Notify::new(),
            hand_over,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, sequence: u64, bytes: Arc<[u8]>) {
        self.lock().upload.append(sequence, bytes, Instant::now());
        self.work.notify_one();
    }

    pub(crate) fn snapshot(&self, sequence: u64, bytes: Arc<[u8]>) {
        self.lock().upload.take_snapshot(sequence, bytes);
        self.work.notify_one();
    }

    pub(crate) fn durable(&self, sequence: u64, done: Done) {
        let mut papers = self.lock();
        let answer = if !papers.is_reachable {
            Err(Away)
        } else if sequence <= papers.upload.confirmed() {
            Ok(())
        } else {
            papers.waiters.push((sequence, done));
            drop(papers);
            self.work.notify_one();
            return;
        };
        drop(papers);
        done(answer);
    }

    pub(crate) fn adopted(
        &self,
        sequence: u64,
        bytes: Arc<[u8]>,
        answer: oneshot::Sender<io::Result<()>>,
    ) {
        let mut papers = self.lock();
        if papers.role != Role::Lost {
            papers.adopted = Some(Adopted {
                sequence,
                bytes,
                answer,
            });
        }
        drop(papers);
        self.work.notify_one();
    }

    pub(crate) fn offer(
        &self,
        answer: oneshot::Sender<Result<HandOver, NotHandedOver>>,
    ) -> Result<(), NotHandedOver> {
        let mut papers = self.lock();
        if papers.role != Role::Active {
            return Err(NotHandedOver::NotActive);
        }
        if !papers.is_standby_known {
            return Err(NotHandedOver::NoStandby);
        }
        if papers.offer.is_some() || papers.is_offered {
            return Err(NotHandedOver::Already);
        }
        papers.offer = Some(Offer {
            answer,
            until: Instant::now() + self.hand_over,
        });
        drop(papers);
        self.work.notify_one();
        Ok(())
    }

    pub(crate) fn ready(&self, at_unix_ns: i64) {
        self.lock().ready_at = Some(at_unix_ns);
        self.work.notify_one();
    }

    pub(crate) fn withdraw(&self) {
        let mut papers = self.lock();
        papers.withdraws = papers.is_offered || papers.offer.is_some();
        papers.offer = None;
        drop(papers);
        self.work.notify_one();
    }

    pub(crate) fn release(&self, answer: oneshot::Sender<()>) {
        self.lock().releasing = Some(answer);
        self.work.notify_one();
    }

    pub(crate) fn status(&self) -> SharedStatus {
        let papers = self.lock();
        let is_active = matches!(papers.role, Role::Active | Role::Alone | Role::OffAir);
        let (records, since) = if is_active {
            papers.upload.waiting()
        } else {
            (0, None)
        };
        SharedStatus {
            role: papers.role,
            term: papers.term,
            fault: papers.fault.clone(),
            lag_records: records,
            lag_ms: since.map_or(0, |since| {
                u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
            }),
            is_standby_known: papers.is_standby_known,
            round_trip: papers.round_trip,
        }
    }

    /// The server does not take what it is given: nobody waits for it.
    pub(crate) fn is_away(&self) {
        let mut papers = self.lock();
        papers.is_reachable = false;
        papers.round_trip = None;
        let due = papers.due(u64::MAX);
        drop(papers);
        for done in due {
            done(Err(Away));
        }
    }
}
