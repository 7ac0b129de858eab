//! Who is on air: a decision that depends on what happened and when, and on nothing else.
//!
//! Nobody compares clocks. Who is on air may stay so for `lease - guard` after it *sent* its last renewal that succeeded; who
//! waits takes over when it *received* the same beat for `lease`, over questions that were all answered at once. The renewal
//! was carried out after it was sent and before its beat was received, so the first has left the air before the second begins,
//! as long as the two clocks, which only measure those seconds, differ by less than `guard`.

use std::time::Duration;

/// Since some moment of this process, by its monotonic clock.
pub(crate) type At = Duration;

/// When what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// Between two beats of who is on air, and between two looks of who waits; 150 ms.
    pub beat: Duration,
    /// How long no beat must be seen before another takes over; 2400 ms. The same in all processes of a show.
    pub lease: Duration,
    /// By how much earlier than that who is cut off leaves the air; 150 ms.
    pub guard: Duration,
    /// After which silence who waits gets ready; 700 ms.
    pub prepare_after: Duration,
    /// How long an answer may take before nobody waits for it any more; 1000 ms.
    pub answer: Duration,
    /// Between two tries to connect; 200 ms.
    pub reconnect: Duration,
    /// For how long what is appended may be gathered when nobody waits for it; 50 ms.
    pub gather: Duration,
    /// How long the other side may take to get ready for a hand-over; 10 s.
    pub hand_over: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            beat: Duration::from_millis(150),
            lease: Duration::from_millis(2400),
            guard: Duration::from_millis(150),
            prepare_after: Duration::from_millis(700),
            answer: Duration::from_millis(1000),
            reconnect: Duration::from_millis(200),
            gather: Duration::from_millis(50),
            hand_over: Duration::from_secs(10),
        }
    }
}

impl Timing {
    /// A look that took longer proves nothing about the time between.
    fn slow(&self) -> Duration {
        self.answer / 2
    }

    fn right(&self) -> Duration {
        self.lease.saturating_sub(self.guard)
    }
}

/// What who is on air does when it is cut off from a server that others may still reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CutOff {
    /// It leaves the air, in time before another takes over.
    #[default]
    OffAir,
    /// It stays, and two may be on air until it reaches the server again.
    Stay,
}

/// The lease as it stands on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) term: u64,
    pub(crate) holder: String,
    pub(crate) beat: u64,
    pub(crate) is_released: bool,
    pub(crate) is_offered: bool,
}

/// Which lease is to be taken: the one that was seen.
pub(crate) type Expected = Option<(u64, u64, String)>;

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Who waits has looked.
    Saw { sent: At, lease: Option<Lease> },
    /// Who is on air has written, and is known to own the lease.
    Renewed { sent: At, is_standby_known: bool },
    /// The lease is ours, and what stands beside it is not what we wrote.
    Behind { lease: Lease },
    /// Who is on air may not write: the lease is this.
    Fenced { lease: Option<Lease> },
    /// The lease was taken.
    Claimed { sent: At, term: u64 },
    /// Somebody was faster; the next look shows.
    Missed,
    /// An answer that says: nobody can write there.
    Refused { sent: At },
    /// No answer, which says nothing about others.
    Silent,
    /// Time passes.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Take the lease, if it still is that one.
    Claim {
        expected: Expected,
        term: u64,
    },
    /// Go on air; without a lease where there is nobody to give one.
    Take {
        term: u64,
        is_leased: bool,
    },
    /// On air already, and from here on with the lease of this term.
    Begin {
        term: u64,
    },
    Prepare {
        offered: bool,
    },
    StandDown,
    OffAir,
    OnAir,
    Lost {
        by: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    /// Nothing is known yet; since when the silence is.
    Starting {
        since: At,
    },
    Standby {
        watch: Watch,
        is_prepared: bool,
        was_offered: bool,
    },
    /// On air, or about to be.
    Active {
        /// None without a lease.
        leased: Option<u64>,
        until: At,
        is_standby_known: bool,
        is_off_air: bool,
        /// Of another's lease, without one of our own.
        watch: Watch,
    },
    Lost,
}

/// Which lease is seen, and since when it does not change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Watch {
    seen: Option<Expected>,
    since: At,
    /// Something went unseen: the next look is the first of a new row.
    is_interrupted: bool,
}

impl Watch {
    /// Takes a look in, and says for how long nothing has changed, and whether something has since the last one.
    fn look(&mut self, lease: Option<&Lease>, now: At, is_slow: bool) -> (Duration, bool) {
        let seen = Some(lease.map(expected));
        let has_changed = self.seen.is_some() && self.seen != seen;
        if self.seen != seen || is_slow || self.is_interrupted {
            (self.seen, self.since, self.is_interrupted) = (seen, now, false);
        }
        (now.saturating_sub(self.since), has_changed)
    }
}

fn expected(lease: &Lease) -> (u64, u64, String) {
    (lease.term, lease.beat, lease.holder.clone())
}

/// The machine: events in, acts out.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    timing: Timing,
    cut_off: CutOff,
    holder: String,
    /// Of the local state.
    own_term: u64,
    newest_term: u64,
    role: Role,
}

impl Machine {
    pub(crate) fn new(
        timing: Timing,
        cut_off: CutOff,
        holder: String,
        own_term: u64,
        now: At,
    ) -> Self {
        Self {
            timing,
            cut_off,
            holder,
            own_term,
            newest_term: own_term,
            role: Role::Starting { since: now },
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.role, Role::Active { .. })
    }

    pub(crate) fn is_standby(&self) -> bool {
        matches!(self.role, Role::Standby { .. })
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.role == Role::Lost
    }

    pub(crate) fn is_off_air(&self) -> bool {
        matches!(
            self.role,
            Role::Active {
                is_off_air: true,
                ..
            }
        )
    }

    /// The term of the lease that is ours.
    pub(crate) fn leased(&self) -> Option<u64> {
        match &self.role {
            Role::Active { leased, .. } => *leased,
            _ => None,
        }
    }

    pub(crate) fn is_standby_known(&self) -> bool {
        matches!(
            self.role,
            Role::Active {
                is_standby_known: true,
                ..
            }
        )
    }

    /// A term that was seen outside of a lease: no new one is below.
    pub(crate) fn knows_of(&mut self, term: u64) {
        self.newest_term = self.newest_term.max(term);
    }

    /// When a [`Event::Tick`] is due at the latest.
    pub(crate) fn alarm(&self) -> Option<At> {
        match &self.role {
            Role::Starting { since } => Some(*since + self.timing.lease),
            Role::Active {
                leased: Some(_),
                until,
                is_standby_known: true,
                is_off_air: false,
                ..
            } if self.cut_off == CutOff::OffAir => Some(*until),
            _ => None,
        }
    }

    pub(crate) fn on(&mut self, event: Event, now: At) -> Vec<Act> {
        if let Event::Saw {
            lease: Some(lease), ..
        }
        | Event::Behind { lease }
        | Event::Fenced { lease: Some(lease) } = &event
        {
            self.newest_term = self.newest_term.max(lease.term);
        }
        match event {
            Event::Saw { sent, lease } => {
                let is_slow = now.saturating_sub(sent) > self.timing.slow();
                self.saw(lease.as_ref(), now, is_slow)
            }
            Event::Claimed { sent, term } => self.claimed(sent, term),
            Event::Renewed {
                sent,
                is_standby_known,
            } => self.renewed(sent, is_standby_known),
            Event::Behind { lease } => vec![self.claim(Some(&lease))],
            Event::Fenced { lease } => self.fenced(lease.as_ref(), now),
            Event::Missed => Vec::new(),
            Event::Refused { sent } => self.refused(sent, now),
            Event::Silent => {
                self.interrupt();
                self.tick(now)
            }
            Event::Tick => self.tick(now),
        }
    }

    fn claim(&self, lease: Option<&Lease>) -> Act {
        Act::Claim {
            expected: lease.map(expected),
            term: self.newest_term + 1,
        }
    }

    /// One that nobody holds, or whose holder cannot be another process than this one.
    fn is_free(&self, lease: Option<&Lease>) -> bool {
        lease.is_none_or(|lease| lease.is_released || lease.holder == self.holder)
    }

    fn saw(&mut self, lease: Option<&Lease>, now: At, is_slow: bool) -> Vec<Act> {
        let is_free = self.is_free(lease);
        let timing = self.timing;
        match &mut self.role {
            Role::Starting { .. } => {
                if is_free {
                    return vec![self.claim(lease)];
                }
                let mut watch = Watch::default();
                watch.look(lease, now, is_slow);
                self.role = Role::Standby {
                    watch,
                    is_prepared: false,
                    was_offered: false,
                };
                self.saw(lease, now, is_slow)
            }
            Role::Standby {
                watch,
                is_prepared,
                was_offered,
            } => {
                let (quiet, has_changed) = watch.look(lease, now, is_slow);
                // One that was there and is gone comes back with the next beat of who is on air.
                if (is_free && lease.is_some()) || quiet >= timing.lease {
                    return vec![self.claim(lease)];
                }
                let is_offered = lease.is_some_and(|lease| lease.is_offered);
                if (is_offered || quiet >= timing.prepare_after)
                    && (!*is_prepared || is_offered != *was_offered)
                {
                    let is_new = !*is_prepared || is_offered;
                    (*is_prepared, *was_offered) = (true, is_offered);
                    if is_new {
                        return vec![Act::Prepare {
                            offered: is_offered,
                        }];
                    }
                } else if *is_prepared && !is_offered && (has_changed || *was_offered) {
                    (*is_prepared, *was_offered) = (false, false);
                    return vec![Act::StandDown];
                }
                Vec::new()
            }
            Role::Active {
                leased: None,
                watch,
                ..
            } => {
                if is_free {
                    return vec![self.claim(lease)];
                }
                let (quiet, has_changed) = watch.look(lease, now, is_slow);
                if has_changed {
                    return self.lost(lease.map_or(0, |lease| lease.term));
                }
                if quiet >= timing.lease {
                    return vec![self.claim(lease)];
                }
                Vec::new()
            }
            Role::Active { .. } | Role::Lost => Vec::new(),
        }
    }

    fn lost(&mut self, by: u64) -> Vec<Act> {
        self.role = Role::Lost;
        vec![Act::Lost { by }]
    }

    fn fenced(&mut self, lease: Option<&Lease>, now: At) -> Vec<Act> {
        let is_free = lease.is_none_or(|lease| lease.holder == self.holder);
        let Role::Active { leased, watch, .. } = &mut self.role else {
            return Vec::new();
        };
        match (lease, *leased) {
            _ if is_free => vec![self.claim(lease)],
            (Some(lease), Some(own)) if lease.term > own => self.lost(lease.term),
            _ => {
                // What stands there is older than we are: somebody has put an old state back. Whether its holder lives is seen.
                *leased = None;
                *watch = Watch::default();
                self.saw(lease, now, false)
            }
        }
    }

    fn claimed(&mut self, sent: At, term: u64) -> Vec<Act> {
        self.newest_term = self.newest_term.max(term);
        let right = sent + self.timing.right();
        match &mut self.role {
            Role::Starting { .. } | Role::Standby { .. } => {
                self.become_active(Some(term), right);
                vec![Act::Take {
                    term,
                    is_leased: true,
                }]
            }
            Role::Active {
                leased,
                until,
                is_off_air,
                ..
            } => {
                (*leased, *until) = (Some(term), right);
                let mut acts = vec![Act::Begin { term }];
                if std::mem::take(is_off_air) {
                    acts.push(Act::OnAir);
                }
                acts
            }
            Role::Lost => Vec::new(),
        }
    }

    fn become_active(&mut self, leased: Option<u64>, until: At) {
        self.role = Role::Active {
            leased,
            until,
            is_standby_known: false,
            is_off_air: false,
            watch: Watch::default(),
        };
    }

    fn renewed(&mut self, sent: At, known: bool) -> Vec<Act> {
        let right = sent + self.timing.right();
        if let Role::Active {
            leased: Some(_),
            until,
            is_standby_known,
            is_off_air,
            ..
        } = &mut self.role
        {
            (*until, *is_standby_known) = ((*until).max(right), known);
            if std::mem::take(is_off_air) {
                return vec![Act::OnAir];
            }
        }
        Vec::new()
    }

    fn refused(&mut self, sent: At, now: At) -> Vec<Act> {
        self.interrupt();
        let right = sent + self.timing.right();
        match &mut self.role {
            Role::Starting { .. } => {
                self.become_active(None, At::ZERO);
                vec![Act::Take {
                    term: self.own_term,
                    is_leased: false,
                }]
            }
            Role::Active {
                leased: Some(_),
                until,
                is_off_air: false,
                ..
            } if *until > now => {
                *until = (*until).max(right);
                Vec::new()
            }
            _ => self.tick(now),
        }
    }

    /// What was not seen is not known: watching begins anew.
    fn interrupt(&mut self) {
        if let Role::Standby { watch, .. } | Role::Active { watch, .. } = &mut self.role {
            watch.is_interrupted = true;
        }
    }

    fn tick(&mut self, now: At) -> Vec<Act> {
        if self.alarm().is_none_or(|at| now < at) {
            return Vec::new();
        }
        match &mut self.role {
            Role::Starting { .. } => {
                self.become_active(None, At::ZERO);
                vec![Act::Take {
                    term: self.own_term,
                    is_leased: false,
                }]
            }
            Role::Active { is_off_air, .. } => {
                *is_off_air = true;
                vec![Act::OffAir]
            }
            Role::Standby { .. } | Role::Lost => Vec::new(),
        }
    }
}
