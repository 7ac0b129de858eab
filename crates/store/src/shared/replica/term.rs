//! What who is on air does: takes the lease, begins its term with a whole state, and goes on record by record.

use super::super::lease::{Event, Expected};
use super::super::link::Trouble;
use super::super::script::{self, Claimed, End, Terms, Written};
use super::super::upload::{Batch, Upload};
use super::super::{HandOver, Newest, NotHandedOver, Turn, aside};
use super::{PATIENCE, Replica};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// After which a claim that came too late is tried again.
const SOON: Duration = Duration::from_millis(10);

/// How a term begins.
#[derive(Debug)]
pub(super) enum Begin {
    /// The state is still being taken over here; what stands on the server is left as it is.
    Hold,
    /// Everything is written at once, in the place of what is there.
    Ready {
        /// Where the state comes from.
        before: End,
        /// Whether what is there is no part of it, and is kept under another name; and the how manieth of that name.
        puts_aside: bool,
        number: u32,
        is_filed: bool,
    },
}

/// Whether a state that ends at `end` is a part of one that goes on from `other`.
fn is_contained(end: &End, other: &End, terms: &Terms) -> bool {
    if end.sequence == 0 {
        return true;
    }
    let is_same_term = end.term == other.term && end.holder == other.holder;
    (is_same_term && end.sequence <= other.sequence)
        || (end.term < other.term
            && terms.get(&end.term).is_some_and(|(sequence, holder)| {
                end.sequence <= *sequence && *holder == end.holder
            }))
}

impl Replica {
    fn own_end(&self) -> End {
        End {
            sequence: self.desk.lock().upload.last(),
            ..self.own.clone()
        }
    }

    pub(super) async fn claim(&mut self, expected: &Expected, term: u64) -> Result<(), Trouble> {
        if self.machine.is_active() {
            // What is about to be replaced must be known.
            self.read().await?;
        }
        let at = self.remote.clone().filter(|_| self.is_remote_there);
        let arguments = script::claim_arguments(expected, term, &self.own.holder, at.as_ref());
        let sent = Instant::now();
        let value = self.ask(&script::CLAIM, self.keys.all(), arguments).await?;
        let now = Instant::now();
        let claimed = script::claimed(&self.keys, value, at.as_ref())?;
        self.went_well(sent);
        match claimed {
            Claimed::Ours(records) => {
                self.follow(records);
                tracing::info!(term, "the lease is ours");
                self.next_at = now;
                let sent = self.at(sent);
                self.happened_at(Event::Claimed { sent, term }, now);
                if let Some(term) = self.taking.take() {
                    self.take(term).await;
                }
            }
            Claimed::Missed | Claimed::Stale => {
                self.next_at = now + SOON;
                self.happened_at(Event::Missed, now);
            }
        }
        Ok(())
    }

    /// Decides whose state goes on, and says so.
    async fn take(&mut self, term: u64) {
        let local = self.own_end();
        // Who has seen another on air goes on from that, even if the server has lost it since.
        let remote = self.remote.clone().filter(|remote| {
            self.has_followed || (remote.term, remote.sequence) > (local.term, local.sequence)
        });
        let (state, sequence) = match &remote {
            None => (Newest::Local, local.sequence),
            Some(remote) => (Newest::Remote, remote.sequence.max(local.sequence)),
        };
        if let Some(remote) = remote {
            self.tell();
            if !is_contained(&local, &remote, &self.terms) {
                self.put_local_aside(local.term).await;
            }
            self.begin = Some(Begin::Hold);
        } else {
            self.begin = Some(self.ready(local));
        }
        self.untold = None;
        self.desk.lock().upload.begin_anew();
        tracing::info!(term, ?state, sequence, "going on air");
        self.turn(Turn::Take {
            term,
            state,
            sequence,
        });
    }

    /// A term that goes on from our own state.
    fn ready(&self, own: End) -> Begin {
        let is_contained = |remote: &End| is_contained(remote, &own, &self.terms);
        let remote = self.remote.as_ref().filter(|_| self.is_remote_there);
        Begin::Ready {
            puts_aside: remote.is_some_and(|remote| !is_contained(remote)),
            before: own,
            number: 0,
            is_filed: false,
        }
    }

    /// On air already, in a new term.
    pub(super) fn begin_term(&mut self, term: u64) {
        tracing::info!(term, "a new term begins with the state on air");
        if !matches!(self.begin, Some(Begin::Hold)) {
            self.begin = Some(self.ready(self.own_end()));
        }
        self.desk.lock().upload.begin_anew();
    }

    async fn put_local_aside(&self, term: u64) {
        let (snapshot, records) = {
            let papers = self.desk.lock();
            let records: Vec<_> = papers
                .upload
                .records()
                .map(|(sequence, bytes)| (sequence, Arc::clone(bytes)))
                .collect();
            (papers.upload.snapshot(), records)
        };
        let dir = self.term_file.dir().to_owned();
        let keep = move || aside::keep(&dir, term, &snapshot, &records);
        match tokio::task::spawn_blocking(keep).await {
            Ok(Ok(path)) => {
                tracing::warn!(kept_as = %path.display(), "the end of the local state was never shared, and another goes on: it is put aside");
            }
            Ok(Err(error)) => tracing::error!(%error, "the local state cannot be put aside"),
            // The runtime is ending.
            Err(_) => {}
        }
    }

    /// What a term begins with, as soon as it is here; its number is kept first.
    async fn get_ready(&mut self, term: u64) {
        let mut answer = None;
        if matches!(self.begin, Some(Begin::Hold)) {
            let mut papers = self.desk.lock();
            if let Some(adopted) = papers.adopted.take() {
                let snapshot = (adopted.sequence, adopted.bytes);
                papers.upload = Upload::new(snapshot, Vec::new(), Instant::now());
                drop(papers);
                answer = Some(adopted.answer);
                self.begin = Some(Begin::Ready {
                    before: self.remote.clone().unwrap_or_else(|| self.own.clone()),
                    puts_aside: false,
                    number: 0,
                    is_filed: false,
                });
            }
        }
        let retries = self.unfiled.is_some_and(|at| at <= Instant::now());
        let is_new = matches!(
            self.begin,
            Some(Begin::Ready {
                is_filed: false,
                ..
            })
        );
        if is_new || retries {
            self.file(term, answer).await;
        }
        if let Some(Begin::Ready { is_filed, .. }) = &mut self.begin {
            *is_filed = true;
        }
    }

    /// Keeps the term. Where the disk does not take it, it begins all the same: then the server may be all there is.
    async fn file(&mut self, term: u64, answer: Option<oneshot::Sender<std::io::Result<()>>>) {
        let file = Arc::clone(&self.term_file);
        let Ok(done) = tokio::task::spawn_blocking(move || file.set(term)).await else {
            return;
        };
        self.unfiled = done.is_err().then(|| Instant::now() + PATIENCE);
        if let Err(error) = &done {
            tracing::error!(%error, term, "the term cannot be written; trying again every second");
        }
        if let Some(answer) = answer {
            let _ = answer.send(done);
        }
    }

    /// A beat, with what there is to bring.
    pub(super) async fn write(&mut self) -> Result<(), Trouble> {
        let Some(term) = self.machine.leased() else {
            return Ok(());
        };
        self.get_ready(term).await;
        let (order, mode, batch, confirmed) = self.what_to_write();
        let (aside, number, before) = match &self.begin {
            Some(Begin::Ready {
                before,
                puts_aside,
                number,
                ..
            }) => (*puts_aside, *number, Some(before.clone())),
            _ => (false, 0, None),
        };
        let aside_term = self.remote.as_ref().map_or(0, |remote| remote.term);
        let mut arguments: Vec<Vec<u8>> = vec![
            term.to_string().into(),
            self.own.holder.clone().into(),
            order.into(),
            mode.into(),
            confirmed.to_string().into(),
        ];
        arguments.extend(match &batch.snapshot {
            Some((sequence, bytes)) => [
                sequence.to_string().into(),
                bytes.to_vec(),
                script::crc_of(term, *sequence, bytes).to_string().into(),
            ],
            None => [Vec::new(), Vec::new(), Vec::new()],
        });
        arguments.push(if aside { b"1".to_vec() } else { Vec::new() });
        arguments.extend(match &before {
            Some(before) => [
                before.term.to_string().into(),
                format!("{} {}", before.sequence, before.holder).into(),
            ],
            None => [Vec::new(), Vec::new()],
        });
        for (sequence, bytes) in &batch.records {
            arguments.push(sequence.to_string().into());
            arguments.push(bytes.to_vec());
        }
        let sent = Instant::now();
        let keys = self.keys.with_aside(aside_term, number);
        let value = self.ask(&script::WRITE, keys, arguments).await?;
        let now = Instant::now();
        let written = script::written(value)?;
        self.went_well(sent);
        self.next_at = sent + self.timing().beat;
        match written {
            Written::Done {
                is_standby_known,
                ready_at,
            } => {
                if mode == "begin" {
                    self.begin = None;
                    self.own.term = term;
                    self.remote = None;
                }
                let sent = self.at(sent);
                let event = Event::Renewed {
                    sent,
                    is_standby_known,
                };
                self.happened_at(event, now);
                self.wrote(order, mode, &batch, ready_at);
            }
            Written::Fenced(lease) => self.happened_at(Event::Fenced { lease }, now),
            Written::Behind(lease) => self.happened_at(Event::Behind { lease }, now),
            Written::AsideTaken => {
                if let Some(Begin::Ready { number, .. }) = &mut self.begin {
                    *number += 1;
                }
                self.next_at = now;
            }
        }
        Ok(())
    }

    fn what_to_write(&self) -> (&'static str, &'static str, Batch, u64) {
        let papers = self.desk.lock();
        let (mode, batch) = match &self.begin {
            Some(Begin::Hold) => ("hold", Batch::default()),
            Some(Begin::Ready { .. }) => ("begin", papers.upload.all()),
            None => ("append", papers.upload.next()),
        };
        let is_last = mode == "append" && batch.end >= papers.upload.last();
        let order = if papers.releasing.is_some() && (is_last || mode == "hold") {
            "release"
        } else if papers.withdraws {
            "withdraw"
        } else if papers.offer.is_some() && !papers.is_offered && is_last {
            "offer"
        } else {
            ""
        };
        (order, mode, batch, papers.upload.confirmed())
    }

    fn wrote(&mut self, order: &str, mode: &str, batch: &Batch, ready_at: Option<i64>) {
        let mut papers = self.desk.lock();
        if mode != "hold" {
            papers.upload.sent(batch);
            papers.is_reachable = true;
        }
        let confirmed = papers.upload.confirmed();
        let due = papers.due(confirmed);
        match order {
            "offer" => papers.is_offered = true,
            "withdraw" => (papers.is_offered, papers.withdraws) = (false, false),
            "release" => {
                self.is_over = true;
                if let Some(answer) = papers.releasing.take() {
                    let _ = answer.send(());
                }
            }
            _ => {}
        }
        if papers.is_offered && papers.offer.is_some() && order.is_empty() {
            if let Some(at_unix_ns) = ready_at {
                let offer = papers.offer.take();
                let answer = offer.map(|offer| offer.answer.send(Ok(HandOver { at_unix_ns })));
                // Whoever asked has gone away meanwhile.
                papers.withdraws = matches!(answer, Some(Err(_)));
            } else if let Some(offer) = papers.offer.take_if(|offer| offer.until <= Instant::now())
            {
                let _ = offer.answer.send(Err(NotHandedOver::NoAnswer));
                papers.withdraws = true;
            }
        }
        let (records, since) = papers.upload.waiting();
        drop(papers);
        #[expect(clippy::cast_precision_loss, reason = "a lag is a small number")]
        metrics::gauge!("stream_manager_store_lag_records").set(records as f64);
        metrics::gauge!("stream_manager_store_lag_seconds")
            .set(since.map_or(0.0, |since| since.elapsed().as_secs_f64()));
        for done in due {
            done(Ok(()));
        }
    }
}
