//! The task between the desk and the server.

mod term;

use super::desk::Desk;
use super::lease::{Act, At, Event, Expected, Machine, Timing};
use super::link::{Link, Trouble};
use super::script::{self, End, Keys, Question, State, Terms};
use super::upload::Upload;
use super::{Local, Newest, Role, SharedSettings, TermFile, Turn};
use crate::Snapshot;
use redis::Value;
use std::sync::Arc;
use std::time::Duration;
use term::Begin;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Between two looks at what only a person can change.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long somebody who waits is known to, after each look.
const MARK: Duration = Duration::from_secs(3);

/// The task.
pub(crate) struct Replica {
    settings: SharedSettings,
    keys: Keys,
    desk: Arc<Desk>,
    turns: mpsc::UnboundedSender<Turn>,
    term_file: Arc<TermFile>,
    machine: Machine,
    /// What the machine's times count from.
    origin: Instant,
    link: Option<Link>,
    /// No step before.
    next_at: Instant,
    /// Whether the last step was answered.
    is_well: bool,
    /// Term and holder of the state on air here, or of the journal.
    own: End,
    /// Where the state ends that was read from the server, and whether it still is there.
    remote: Option<End>,
    is_remote_there: bool,
    terms: Terms,
    /// What was read and not told.
    untold: Option<State>,
    claim: Option<(Expected, u64)>,
    /// What a term begins with, as long as it has not.
    begin: Option<Begin>,
    /// The lease was just taken, and it is to be said whose state goes on.
    taking: Option<u64>,
    /// Another was seen on air.
    has_followed: bool,
    /// When the file of the term is tried again.
    unfiled: Option<Instant>,
    /// The lease was given back.
    is_over: bool,
}

impl Replica {
    pub(crate) fn new(
        settings: SharedSettings,
        local: Local,
        turns: mpsc::UnboundedSender<Turn>,
    ) -> (Arc<Desk>, Self) {
        let now = Instant::now();
        let snapshot = local
            .snapshot
            .map_or((0, Arc::from([])), |it| (it.sequence, it.bytes.into()));
        let upload = Upload::new(snapshot, local.records, now);
        let term = local.term_file.term();
        let own = End {
            term,
            sequence: upload.last(),
            holder: local.term_file.holder().to_owned(),
        };
        let desk = Arc::new(Desk::new(upload, term, settings.timing.hand_over));
        let machine = Machine::new(
            settings.timing,
            settings.cut_off,
            own.holder.clone(),
            term,
            Duration::ZERO,
        );
        let replica = Self {
            keys: Keys::new(&settings.stream_id),
            settings,
            desk: Arc::clone(&desk),
            turns,
            term_file: local.term_file,
            machine,
            origin: now,
            link: None,
            next_at: now,
            is_well: false,
            own,
            remote: None,
            is_remote_there: false,
            terms: Terms::new(),
            untold: None,
            claim: None,
            begin: None,
            taking: None,
            has_followed: false,
            unfiled: None,
            is_over: false,
        };
        (desk, replica)
    }

    const fn timing(&self) -> &Timing {
        &self.settings.timing
    }

    fn at(&self, moment: Instant) -> At {
        moment.saturating_duration_since(self.origin)
    }

    pub(crate) async fn run(mut self) {
        while !self.machine.is_lost() {
            self.rest().await;
            if self.machine.is_lost() {
                break;
            }
            let sent = Instant::now();
            if let Err(trouble) = self.step().await {
                self.failed(&trouble, sent);
            }
            if self.is_over || self.has_left() {
                break;
            }
        }
        self.desk.is_away();
        let mut papers = self.desk.lock();
        // Who waits for these hears that they are gone.
        (papers.adopted, papers.offer, papers.releasing) = (None, None, None);
    }

    /// Whether the user wanted to leave and has nothing here to leave behind.
    fn has_left(&self) -> bool {
        let mut papers = self.desk.lock();
        let leaves = self.machine.leased().is_none() && papers.releasing.is_some();
        if leaves && let Some(answer) = papers.releasing.take() {
            let _ = answer.send(());
        }
        leaves
    }

    /// Waits until there is something to do.
    async fn rest(&mut self) {
        loop {
            let now = Instant::now();
            let due = self.due(now);
            if due <= now {
                return;
            }
            let alarm = self.alarm();
            tokio::select! {
                () = sleep_until(alarm.map_or(due, |alarm| alarm.min(due))) => {}
                () = self.desk.work.notified() => {}
            }
            self.tick();
            if self.machine.is_lost() {
                return;
            }
        }
    }

    fn due(&self, now: Instant) -> Instant {
        if self.claim.is_some() && self.is_well {
            return now;
        }
        let papers = self.desk.lock();
        if papers.releasing.is_some() && self.machine.leased().is_none() {
            return now;
        }
        if !self.is_well {
            return self.next_at;
        }
        if papers.ready_at.is_some() && self.machine.is_standby() {
            return now;
        }
        if self.machine.leased().is_none() {
            return self.next_at;
        }
        let wants = papers.withdraws
            || papers.releasing.is_some()
            || papers.adopted.is_some()
            || (papers.offer.is_some() && !papers.is_offered)
            || !papers.waiters.is_empty();
        if wants {
            return now;
        }
        let (_, since) = papers.upload.waiting();
        since.map_or(self.next_at, |since| {
            self.next_at.min(since + self.settings.timing.gather)
        })
    }

    fn alarm(&self) -> Option<Instant> {
        self.machine.alarm().map(|at| self.origin + at)
    }

    fn tick(&mut self) {
        self.happens(Event::Tick);
    }

    /// Tells the machine, and does what it says.
    fn happens(&mut self, event: Event) {
        self.happened_at(event, Instant::now());
    }

    fn happened_at(&mut self, event: Event, now: Instant) {
        let acts = self.machine.on(event, self.at(now));
        for act in acts {
            self.perform(act);
        }
        self.show_role();
    }

    fn perform(&mut self, act: Act) {
        match act {
            Act::Claim { expected, term } => self.claim = Some((expected, term)),
            Act::Take {
                term,
                is_leased: false,
            } => {
                tracing::warn!("on air without a lease: there is no server to give one");
                let sequence = self.desk.lock().upload.last();
                self.turn(Turn::Take {
                    term,
                    state: Newest::Local,
                    sequence,
                });
            }
            Act::Take {
                term,
                is_leased: true,
            } => self.taking = Some(term),
            Act::Begin { term } => self.begin_term(term),
            Act::Prepare { offered } => self.turn(Turn::Prepare { offered }),
            Act::StandDown => self.turn(Turn::StandDown),
            Act::OffAir => {
                let fault = self.desk.lock().fault.clone();
                let why = format!(
                    "cut off from {} ({}), and a standby may take over",
                    self.settings.url,
                    fault.as_deref().unwrap_or("no answer")
                );
                tracing::error!(why, "off air");
                self.turn(Turn::OffAir { why });
            }
            Act::OnAir => {
                tracing::warn!("on air again: nobody has taken over");
                self.turn(Turn::OnAir);
            }
            Act::Lost { by } => {
                let why = format!("another process is on air, in term {by}");
                tracing::error!(why, "the lease is lost");
                self.turn(Turn::Lost { why });
            }
        }
    }

    fn turn(&self, turn: Turn) {
        // Whoever does not listen any more is about to end.
        let _ = self.turns.send(turn);
    }

    fn show_role(&self) {
        let role = if self.machine.is_lost() {
            Role::Lost
        } else if self.machine.is_off_air() {
            Role::OffAir
        } else if self.machine.leased().is_some() {
            Role::Active
        } else if self.machine.is_active() {
            Role::Alone
        } else if self.machine.is_standby() {
            Role::Standby
        } else {
            Role::Starting
        };
        let mut papers = self.desk.lock();
        papers.role = role;
        papers.is_standby_known = self.machine.is_standby_known();
        if let Some(term) = self.machine.leased() {
            papers.term = term;
        } else if let (Role::Standby, Some(remote)) = (role, &self.remote) {
            papers.term = remote.term;
        }
        #[expect(clippy::cast_precision_loss, reason = "terms are counted one by one")]
        metrics::gauge!("stream_manager_store_lease_term").set(papers.term as f64);
    }

    fn failed(&mut self, trouble: &Trouble, sent: Instant) {
        self.is_well = false;
        self.claim = None;
        let wait = match trouble {
            Trouble::Foreign(_) => PATIENCE,
            Trouble::Refused(_) | Trouble::Moved(_) | Trouble::Silent(_) => self.timing().reconnect,
        };
        self.next_at = Instant::now() + wait;
        if let Trouble::Moved(_) | Trouble::Silent(_) = trouble {
            self.link = None;
        }
        self.is_in_trouble(trouble, sent);
    }

    /// Nothing is waited for any more, though an answer may still come.
    fn is_in_trouble(&mut self, trouble: &Trouble, sent: Instant) {
        let mut papers = self.desk.lock();
        let text = trouble.to_string();
        if papers.fault.as_ref() != Some(&text) {
            tracing::warn!(server = %self.settings.url, fault = text, "the shared server does not take what it is given; what is done is kept and brought later");
        }
        papers.fault = Some(text);
        drop(papers);
        self.desk.is_away();
        let sent = self.at(sent);
        self.happens(match trouble {
            Trouble::Silent(_) => Event::Silent,
            // Others may know the new master already.
            Trouble::Moved(_) if self.settings.url.has_several() => Event::Silent,
            Trouble::Moved(_) | Trouble::Refused(_) | Trouble::Foreign(_) => {
                Event::Refused { sent }
            }
        });
    }

    fn went_well(&mut self, sent: Instant) {
        self.is_well = true;
        let round_trip = sent.elapsed();
        metrics::histogram!("stream_manager_store_round_trip_seconds").record(round_trip);
        let mut papers = self.desk.lock();
        papers.round_trip = Some(round_trip);
        if let Some(was) = papers.fault.take() {
            tracing::info!(server = %self.settings.url, was, "the shared server is well again");
        }
    }

    /// One question.
    async fn step(&mut self) -> Result<(), Trouble> {
        if self.link.is_none() {
            let (url, key) = (self.settings.url.clone(), self.keys.lease());
            let open = async move { Link::open(&url, &key).await };
            self.link = Some(self.answer(open).await?);
        }
        if let Some((expected, term)) = self.claim.take() {
            return self.claim(&expected, term).await;
        }
        if self.machine.leased().is_some() {
            return self.write().await;
        }
        if self.machine.is_standby() {
            let ready_at = self.desk.lock().ready_at.take();
            if let Some(at) = ready_at {
                self.say_ready(at).await?;
            }
        }
        self.look().await
    }

    /// Asks, and waits for the answer. Time goes on meanwhile.
    async fn ask(
        &mut self,
        question: &'static Question,
        keys: Vec<String>,
        arguments: Vec<Vec<u8>>,
    ) -> Result<Value, Trouble> {
        let link = self.link.clone();
        let link = link.ok_or_else(|| Trouble::Silent("there is no connection".to_owned()))?;
        self.answer(link.call(question, keys, arguments)).await
    }

    /// An answer that takes too long is nothing that anybody waits for, but may still come: then it counts as of when it was
    /// asked for. Only when no lease would survive it is the connection given up.
    async fn answer<T>(
        &mut self,
        answer: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let sent = Instant::now();
        let mut answer = std::pin::pin!(answer);
        let mut limit = sent + self.timing().answer;
        let last = sent + self.timing().lease.max(self.timing().answer);
        loop {
            let until = self.alarm().map_or(limit, |alarm| alarm.min(limit));
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = sleep_until(until) => {}
            }
            let now = Instant::now();
            if now >= limit {
                let waited = now.saturating_duration_since(sent);
                let trouble =
                    Trouble::Silent(format!("no answer within {} ms", waited.as_millis()));
                if now >= last {
                    return Err(trouble);
                }
                limit = last;
                self.is_in_trouble(&trouble, sent);
            }
            self.tick();
        }
    }

    /// Follows who is on air, or looks whether there is somebody.
    async fn look(&mut self) -> Result<(), Trouble> {
        let sent = Instant::now();
        let marks = if self.machine.is_standby() {
            MARK
        } else {
            Duration::ZERO
        };
        let at = self.remote.clone().filter(|_| self.is_remote_there);
        let arguments = script::look_arguments(marks.as_millis(), at.as_ref());
        let value = self.ask(&script::LOOK, self.keys.all(), arguments).await?;
        let now = Instant::now();
        let looked = script::looked(&self.keys, value, at.as_ref())?;
        self.is_remote_there = looked.is_state_there;
        match looked.records {
            Some(records) => self.follow(records),
            None if looked.is_state_there && !self.machine.is_active() => self.read().await?,
            None => {}
        }
        self.went_well(sent);
        self.next_at = sent + self.timing().beat;
        let sent = self.at(sent);
        self.happened_at(
            Event::Saw {
                sent,
                lease: looked.lease,
            },
            now,
        );
        if self.machine.is_standby() {
            self.has_followed |= self.remote.is_some();
            self.tell();
        }
        Ok(())
    }

    /// Reads everything anew.
    async fn read(&mut self) -> Result<(), Trouble> {
        let value = self
            .ask(&script::STATE, self.keys.all(), Vec::new())
            .await?;
        let (_, state, terms) = script::state(&self.keys, value)?;
        self.terms = terms;
        let newest = self.terms.keys().copied().max().unwrap_or(0);
        self.machine.knows_of(newest);
        self.is_remote_there = state.is_some();
        if let Some(state) = state {
            self.machine.knows_of(state.end.term);
            self.remote = Some(state.end.clone());
            if !self.machine.is_active() {
                self.untold = Some(state);
            }
        } else if self.machine.is_active() {
            self.remote = None;
        }
        Ok(())
    }

    fn follow(&mut self, records: Vec<crate::Record>) {
        let (Some(last), Some(remote)) = (records.last(), &mut self.remote) else {
            return;
        };
        remote.sequence = last.sequence;
        if self.machine.is_active() {
            return;
        }
        if let Some(untold) = &mut self.untold {
            untold.end.sequence = last.sequence;
            untold.records.extend(records);
        } else {
            for record in records {
                self.turn(Turn::Record(record));
            }
        }
    }

    fn tell(&mut self) {
        if let Some(state) = self.untold.take() {
            let (sequence, bytes) = state.snapshot;
            let is_none = sequence == 0 && bytes.is_empty();
            self.turn(Turn::State {
                snapshot: (!is_none).then_some(Snapshot { sequence, bytes }),
                records: state.records,
            });
        }
    }

    async fn say_ready(&mut self, at_unix_ns: i64) -> Result<(), Trouble> {
        let term = self.remote.as_ref().map_or(0, |remote| remote.term);
        let arguments = vec![term.to_string().into(), at_unix_ns.to_string().into()];
        self.ask(&script::READY, self.keys.all(), arguments)
            .await
            .map(|_| ())
    }
}
