//! The decision alone, in a world whose messages come late or never, and whose processes die.

use super::lease::{Act, At, CutOff, Event, Expected, Lease, Machine, Timing};
use crate::simulation::Chance;
use proptest::prelude::*;
use std::time::Duration;

const STEP: At = Duration::from_millis(10);

/// What a process has asked, and where the question is.
#[derive(Clone, Debug)]
enum Question {
    Look,
    Claim(Expected, u64),
    Write,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    sent: At,
    /// When the server carries it out, and when the answer is here; never when the way is cut at that moment.
    arrives: At,
    answer: Option<(At, Event)>,
    is_lost: bool,
}

#[derive(Debug)]
struct Process {
    name: String,
    machine: Machine,
    asked: Option<Asked>,
    claim: Option<(Expected, u64)>,
    next: At,
    is_on_air: bool,
    /// It has waited, and another was on air before it; and when it got the lease.
    has_taken_over: bool,
    leased_at: At,
    was_lost: bool,
    is_cut: bool,
}

#[derive(Debug)]
struct World {
    chance: Chance,
    now: At,
    lease: Option<Lease>,
    marked_until: At,
    /// Nothing is carried out before.
    still_until: At,
    is_refusing: bool,
    processes: Vec<Process>,
    born: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance(seed),
            now: Duration::ZERO,
            lease: None,
            marked_until: Duration::ZERO,
            still_until: Duration::ZERO,
            is_refusing: false,
            processes: Vec::new(),
            born: 0,
        };
        world.be_born();
        world.be_born();
        world
    }

    fn be_born(&mut self) {
        let name = format!("process {}", self.born);
        self.born += 1;
        let machine = Machine::new(Timing::default(), CutOff::OffAir, name.clone(), 0, self.now);
        self.processes.push(Process {
            name,
            machine,
            asked: None,
            claim: None,
            next: self.now,
            is_on_air: false,
            has_taken_over: false,
            leased_at: Duration::ZERO,
            was_lost: false,
            is_cut: false,
        });
    }

    fn delay(&mut self) -> Duration {
        let longest = if self.chance.percent(95) { 5 } else { 700 };
        Duration::from_millis(1 + self.chance.below(longest) as u64)
    }

    /// What the server does with a question of process `index`.
    fn carry_out(&mut self, index: usize, question: &Question, sent: At) -> Event {
        let name = self.processes[index].name.clone();
        let machine = &self.processes[index].machine;
        let (is_standby, leased) = (machine.is_standby(), machine.leased());
        if self.is_refusing {
            return Event::Refused { sent };
        }
        match question {
            Question::Look => {
                if is_standby {
                    self.marked_until = self.now + Duration::from_secs(3);
                }
                let lease = self.lease.clone();
                Event::Saw { sent, lease }
            }
            Question::Claim(expected, term) => {
                let found = self
                    .lease
                    .as_ref()
                    .map(|lease| (lease.term, lease.beat, lease.holder.clone()));
                if found != *expected {
                    return Event::Missed;
                }
                self.marked_until = Duration::ZERO;
                self.processes[index].has_taken_over = is_standby;
                self.processes[index].leased_at = self.now;
                self.lease = Some(Lease {
                    term: *term,
                    holder: name,
                    beat: 1,
                    is_released: false,
                    is_offered: false,
                });
                Event::Claimed { sent, term: *term }
            }
            Question::Write => match &mut self.lease {
                Some(lease) if Some(lease.term) == leased && lease.holder == name => {
                    lease.beat += 1;
                    Event::Renewed {
                        sent,
                        is_standby_known: self.now < self.marked_until,
                    }
                }
                lease => Event::Fenced {
                    lease: lease.clone(),
                },
            },
        }
    }

    fn happens(&mut self, index: usize, event: Event) {
        let now = self.now;
        let process = &mut self.processes[index];
        for act in process.machine.on(event, now) {
            match act {
                Act::Claim { expected, term } => process.claim = Some((expected, term)),
                Act::Take { .. } | Act::OnAir => process.is_on_air = true,
                Act::OffAir => process.is_on_air = false,
                Act::Lost { .. } => (process.is_on_air, process.was_lost) = (false, true),
                Act::Begin { .. } | Act::Prepare { .. } | Act::StandDown => {}
            }
        }
    }

    fn step(&mut self) {
        self.now += STEP;
        let now = self.now;
        for index in 0..self.processes.len() {
            self.happens(index, Event::Tick);
            let Some(mut asked) = self.processes[index].asked.take() else {
                let process = &mut self.processes[index];
                if process.next > now || process.was_lost {
                    continue;
                }
                let question = match process.claim.take() {
                    Some((expected, term)) => Question::Claim(expected, term),
                    None if process.machine.leased().is_some() => Question::Write,
                    None => Question::Look,
                };
                let arrives = now + self.delay();
                self.processes[index].asked = Some(Asked {
                    question,
                    sent: now,
                    arrives,
                    answer: None,
                    is_lost: self.processes[index].is_cut,
                });
                continue;
            };
            let is_cut = self.processes[index].is_cut;
            if asked.answer.is_none() && !asked.is_lost && asked.arrives <= now {
                asked.is_lost |= is_cut;
                if !asked.is_lost && self.still_until <= now {
                    let event = self.carry_out(index, &asked.question, asked.sent);
                    asked.answer = Some((now + self.delay(), event));
                }
            }
            let timing = Timing::default();
            match &asked.answer {
                Some((at, event)) if *at <= now && !is_cut => {
                    let event = event.clone();
                    let is_refused = matches!(event, Event::Refused { .. });
                    let wait = match (&asked.question, is_refused) {
                        (_, true) => timing.reconnect,
                        (Question::Claim(..), _) => Duration::ZERO,
                        _ => timing.beat,
                    };
                    self.processes[index].next = asked.sent + wait;
                    self.happens(index, event);
                    if self.processes[index].claim.is_some() {
                        self.processes[index].next = now;
                    }
                }
                _ if now >= asked.sent + timing.lease => {
                    self.processes[index].next = now + timing.reconnect;
                    self.happens(index, Event::Silent);
                }
                _ => {
                    if now >= asked.sent + timing.answer && now < asked.sent + timing.answer + STEP
                    {
                        self.happens(index, Event::Silent);
                    }
                    self.processes[index].asked = Some(asked);
                }
            }
        }
    }

    /// Where one has taken over and another is still on air, that one had no standby to think of when it last heard anything.
    fn check(&self) {
        let on_air = || self.processes.iter().filter(|it| it.is_on_air);
        for newer in on_air().filter(|it| it.has_taken_over) {
            for older in on_air().filter(|it| it.leased_at < newer.leased_at) {
                let machine = &older.machine;
                assert!(
                    machine.leased().is_none() || !machine.is_standby_known(),
                    "two on air at {:?}: {:?}",
                    self.now,
                    self.processes
                );
            }
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
            self.check();
        }
    }

    fn chaos(&mut self) {
        match self.chance.below(9) {
            0 | 1 => {
                let index = self.chance.below(self.processes.len());
                self.processes[index].is_cut = true;
            }
            2 | 3 => {
                for process in &mut self.processes {
                    process.is_cut = false;
                }
            }
            4 => {
                let still = Duration::from_millis(self.chance.below(5000) as u64);
                self.still_until = self.now + still;
            }
            5 => self.lease = None,
            6 => {
                // What refuses one must refuse the other, which looks now and then.
                self.is_refusing = !self.is_refusing;
                self.run(Duration::from_secs(2));
            }
            7 => {
                let index = self.chance.below(self.processes.len());
                self.processes.remove(index);
                self.be_born();
            }
            _ => {
                self.processes.retain(|process| !process.was_lost);
                while self.processes.len() < 2 {
                    self.be_born();
                }
            }
        }
        let pause = Duration::from_millis(self.chance.below(4000) as u64);
        self.run(pause);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Cuts, stalls, refusals, loss of everything and deaths, forty of each show.
    #[test]
    fn two_are_never_on_air_knowingly_and_one_is_when_all_is_well_again(seed in any::<u64>()) {
        let mut world = World::new(seed);
        world.run(Duration::from_secs(1));
        for _ in 0..40 {
            world.chaos();
        }
        (world.is_refusing, world.still_until) = (false, world.now);
        for process in &mut world.processes {
            process.is_cut = false;
        }
        world.run(Duration::from_secs(12));
        let lost = world.processes.iter().filter(|it| it.was_lost).count();
        let on_air = world.processes.iter().filter(|it| it.is_on_air).count();
        prop_assert!(on_air == 1 || lost == world.processes.len(), "{:?}", world.processes);
    }
}

/// What a machine does after a row of events, each at its millisecond.
fn acts(machine: &mut Machine, events: &[(u64, Event)]) -> Vec<Act> {
    let at = |ms: &u64| Duration::from_millis(*ms);
    let acts = events
        .iter()
        .flat_map(|(ms, event)| machine.on(event.clone(), at(ms)));
    acts.collect()
}

fn lease(beat: u64) -> Option<Lease> {
    Some(Lease {
        term: 4,
        holder: "other".to_owned(),
        beat,
        is_released: false,
        is_offered: false,
    })
}

fn saw(ms: u64, beat: u64) -> (u64, Event) {
    let sent = Duration::from_millis(ms);
    let lease = lease(beat);
    (ms, Event::Saw { sent, lease })
}

fn machine() -> Machine {
    let (timing, cut_off) = (Timing::default(), CutOff::OffAir);
    Machine::new(timing, cut_off, "me".to_owned(), 0, Duration::ZERO)
}

#[test]
fn quiet_is_counted_over_looks_that_were_all_answered() {
    let claim = Act::Claim {
        expected: Some((4, 1, "other".to_owned())),
        term: 5,
    };
    let prepare = Act::Prepare { offered: false };
    let quiet = [
        saw(0, 1),
        saw(699, 1),
        saw(700, 1),
        saw(2399, 1),
        saw(2400, 1),
    ];
    assert_eq!(
        acts(&mut machine(), &quiet),
        [prepare.clone(), claim.clone()]
    );
    let refused = Event::Refused {
        sent: Duration::from_millis(2000),
    };
    let mut interrupted = machine();
    let events = [
        saw(0, 1),
        saw(700, 1),
        (2000, refused),
        saw(2400, 1),
        saw(4799, 1),
    ];
    assert_eq!(acts(&mut interrupted, &events), [prepare]);
    assert_eq!(acts(&mut interrupted, &[saw(4800, 1)]), [claim]);
    // A look that took too long counts from its end.
    let mut slow = machine();
    let (_, late) = saw(1000, 1);
    assert_eq!(
        acts(&mut slow, &[saw(0, 1), (1600, late), saw(3999, 1)]).len(),
        1
    );
    assert_eq!(acts(&mut slow, &[saw(4000, 1)]).len(), 1);
}

#[test]
fn beats_that_are_back_stand_it_down() {
    let mut machine = machine();
    let acts = acts(
        &mut machine,
        &[saw(0, 1), saw(800, 1), saw(950, 2), saw(1100, 3)],
    );
    assert_eq!(acts, [Act::Prepare { offered: false }, Act::StandDown]);
}

#[test]
fn the_right_counts_from_when_a_renewal_was_sent() {
    let ms = Duration::from_millis;
    let renewed = |at: u64, sent: u64| {
        let (sent, is_standby_known) = (ms(sent), true);
        (
            at,
            Event::Renewed {
                sent,
                is_standby_known,
            },
        )
    };
    let mut machine = machine();
    let start = [
        (
            0,
            Event::Saw {
                sent: ms(0),
                lease: None,
            },
        ),
        (
            5,
            Event::Claimed {
                sent: ms(0),
                term: 1,
            },
        ),
        renewed(1000, 100),
    ];
    assert_eq!(acts(&mut machine, &start).len(), 2);
    assert_eq!(machine.alarm(), Some(ms(100 + 2250)));
    assert_eq!(
        acts(&mut machine, &[(1100, Event::Silent), (2349, Event::Tick)]),
        []
    );
    assert_eq!(acts(&mut machine, &[(2350, Event::Tick)]), [Act::OffAir]);
    // It comes back by a renewal, and by nothing else.
    assert_eq!(
        acts(&mut machine, &[(2400, Event::Refused { sent: ms(2400) })]),
        []
    );
    assert_eq!(acts(&mut machine, &[renewed(2500, 2450)]), [Act::OnAir]);
}
