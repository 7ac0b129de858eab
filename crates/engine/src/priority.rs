//! Real-time priority for the threads that make frames, and a watchdog that takes it from one that runs wild.
//!
//! With two busy loops beside it on two cores, a thread of ordinary priority wakes 4-8 ms late now and then (p99); one with
//! `SCHED_FIFO` within 0.06 ms. But such a thread that never waits would keep a core from the whole machine.
//! `RLIMIT_RTTIME` would bound it too: by a signal that ends the process, for the whole process and in processor time
//! only. The watchdog instead makes that one thread ordinary again, and the show goes on as well as it can.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use thread_priority::{
    NormalThreadSchedulePolicy, RealtimeThreadSchedulePolicy, ThreadId, ThreadPriority,
    ThreadPriorityValue, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

/// Above the threads it watches, so that none of them can keep it from looking.
const WATCHDOG_PRIORITY: u8 = 3;
/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);
/// A thread that works on the same frame for so many looks (200 ms, six frames at 30 fps) becomes an ordinary one. Looks, not
/// time: a machine that was stopped for a while stops the watchdog too, and no thread is blamed for it.
const MAX_LOOKS: u32 = 4;
/// After so many looks (10 s) it gets its priority back, if it goes on.
const PENALTY_LOOKS: u32 = 200;

/// Gives threads real-time priority where the system allows it, and watches them. It ends when nobody holds it any more,
/// and whoever is watched does.
pub(crate) struct Watchdog {
    watch: Arc<Watch>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Watch {
    members: Mutex<Vec<Member>>,
    ended: AtomicBool,
}

/// A thread that has, or had, real-time priority. It leaves the list before it ends, so its id is always good.
struct Member {
    name: &'static str,
    id: ThreadId,
    priority: u8,
    pulse: Arc<AtomicU64>,
    seen: u64,
    /// Looks that found it in the same piece of work; once its priority is withdrawn, looks since then.
    looks: u32,
    withdrawn: bool,
}

/// The calling thread's place on the watchdog's list; to be dropped on the same thread.
pub(crate) struct Watched {
    watchdog: Option<Arc<Watchdog>>,
    /// Odd while it works on a frame, even while it waits for one; never the same for two frames.
    pulse: Arc<AtomicU64>,
}

impl Watchdog {
    /// Asks the system, and says in the log what it answered.
    pub(crate) fn start() -> Self {
        let watch = Arc::new(Watch::default());
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let work = {
            let watch = Arc::clone(&watch);
            move || {
                let granted = make_real_time(thread_native_id(), WATCHDOG_PRIORITY);
                let goes_on = granted.is_ok();
                // Whoever started this thread waits for the answer.
                let _ = answer.send(granted);
                while goes_on && !watch.ended.load(Ordering::Acquire) {
                    watch.look();
                    std::thread::park_timeout(LOOK);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(work)
            .ok();
        metrics::gauge!("stream_manager_realtime_threads").set(0.0);
        match answered.recv() {
            Ok(Ok(())) => {
                tracing::info!("real-time priority granted");
                return Self { watch, thread };
            }
            Ok(Err(reason)) => tracing::warn!(
                reason,
                "real-time priority refused: frames may be late while other programs are busy; \
                 grant it with CAP_SYS_NICE, ulimit -r {WATCHDOG_PRIORITY} or systemd's LimitRTPRIO={WATCHDOG_PRIORITY}"
            ),
            Err(_) => tracing::warn!("no thread for the watchdog, so no real-time priority"),
        }
        watch.ended.store(true, Ordering::Release);
        Self { watch, thread }
    }

    /// Gives the calling thread real-time priority, if any is given at all.
    pub(crate) fn enlist(watchdog: Option<Arc<Self>>, name: &'static str, priority: u8) -> Watched {
        let pulse = Arc::new(AtomicU64::new(1));
        let granting = watchdog.filter(|dog| !dog.watch.ended.load(Ordering::Acquire));
        let watchdog = granting.filter(|_| match make_real_time(thread_native_id(), priority) {
            Ok(()) => true,
            Err(reason) => {
                tracing::warn!(thread = name, reason, "real-time priority refused");
                false
            }
        });
        if let Some(watchdog) = &watchdog {
            let member = Member {
                name,
                id: thread_native_id(),
                priority,
                pulse: Arc::clone(&pulse),
                seen: 0,
                looks: 0,
                withdrawn: false,
            };
            watchdog.watch.with_members(|members| members.push(member));
        }
        Watched { watchdog, pulse }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.watch.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It cannot panic, and it ends at once.
            let _ = thread.join();
        }
    }
}

impl Watched {
    /// Waits in `wait` for the next frame: the last one is done, and time spent there is not work.
    pub(crate) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.pulse.fetch_sub(1, Ordering::Relaxed);
        let result = wait();
        self.pulse.fetch_add(3, Ordering::Relaxed);
        result
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(watchdog) = &self.watchdog {
            watchdog.watch.with_members(|members| {
                members.retain(|member| !Arc::ptr_eq(&member.pulse, &self.pulse));
            });
        }
    }
}

impl Watch {
    /// Changes the list and tells how many have real-time priority.
    fn with_members(&self, change: impl FnOnce(&mut Vec<Member>)) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut members);
        let favoured = members.iter().filter(|member| !member.withdrawn).count();
        #[expect(clippy::cast_precision_loss, reason = "two threads")]
        metrics::gauge!("stream_manager_realtime_threads").set(favoured as f64);
    }

    fn look(&self) {
        self.with_members(|members| members.iter_mut().for_each(Member::look));
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    Withdraw,
    GiveBack,
}

impl Member {
    fn look(&mut self) {
        match self.judge() {
            Verdict::Keep => {}
            Verdict::Withdraw => {
                make_ordinary(self.id);
                metrics::counter!("stream_manager_realtime_withdrawals_total").increment(1);
                tracing::warn!(
                    thread = self.name,
                    "worked on one frame for {} ms: real-time priority withdrawn for {} s",
                    LOOK.as_millis() * u128::from(MAX_LOOKS),
                    (LOOK * PENALTY_LOOKS).as_secs()
                );
            }
            Verdict::GiveBack => match make_real_time(self.id, self.priority) {
                Ok(()) => tracing::info!(thread = self.name, "real-time priority given back"),
                Err(reason) => {
                    tracing::warn!(thread = self.name, reason, "real-time priority refused");
                }
            },
        }
    }

    fn judge(&mut self) -> Verdict {
        let pulse = self.pulse.load(Ordering::Relaxed);
        let is_stuck = pulse % 2 == 1 && pulse == self.seen;
        self.seen = pulse;
        if self.withdrawn {
            self.looks += 1;
            if self.looks < PENALTY_LOOKS || is_stuck {
                return Verdict::Keep;
            }
            self.looks = 0;
            self.withdrawn = false;
            return Verdict::GiveBack;
        }
        self.looks = if is_stuck { self.looks + 1 } else { 0 };
        if self.looks < MAX_LOOKS {
            return Verdict::Keep;
        }
        self.looks = 0;
        self.withdrawn = true;
        Verdict::Withdraw
    }
}

/// An error is the system's reason.
fn make_real_time(id: ThreadId, priority: u8) -> Result<(), String> {
    let priority = ThreadPriorityValue::try_from(priority)?;
    set_thread_priority_and_policy(
        id,
        ThreadPriority::Crossplatform(priority),
        ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo),
    )
    .map_err(|error| error.to_string())
}

/// Always allowed. The library sets the caller's own niceness as well: 47 of 99 is its word for the 0 that the caller,
/// the watchdog, has, and does not use.
fn make_ordinary(id: ThreadId) {
    let niceness = ThreadPriorityValue::try_from(47).expect("it is within 0 to 99");
    let done = set_thread_priority_and_policy(
        id,
        ThreadPriority::Crossplatform(niceness),
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other),
    );
    if let Err(error) = done {
        tracing::error!(%error, "real-time priority cannot be withdrawn");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use thread_priority::thread_schedule_policy;

    /// Looks at a thread whose pulse is as given at each look; the looks, from 1, at which something was done.
    fn verdicts(pulses: impl IntoIterator<Item = u64>) -> Vec<(usize, Verdict)> {
        let mut member = Member {
            name: "test",
            id: thread_native_id(),
            priority: 1,
            pulse: Arc::new(AtomicU64::new(0)),
            seen: 0,
            looks: 0,
            withdrawn: false,
        };
        let verdicts = (1..).zip(pulses).map(|(look, pulse)| {
            member.pulse.store(pulse, Ordering::Relaxed);
            (look, member.judge())
        });
        verdicts
            .filter(|(_, verdict)| *verdict != Verdict::Keep)
            .collect()
    }

    #[test]
    fn a_thread_that_does_not_wait_loses_its_priority_and_gets_it_back() {
        let stuck = || std::iter::repeat_n(3, 5);
        let withdrawn = (5, Verdict::Withdraw);
        for (name, pulses, expected) in [
            ("waits", vec![2; 50], vec![]),
            ("waits between looks", (1..100).step_by(2).collect(), vec![]),
            ("is stuck", vec![3; 4], vec![]),
            (
                "is stuck for longer",
                vec![3; 500],
                vec![(5, Verdict::Withdraw)],
            ),
            (
                "waits again",
                stuck().chain(vec![4; 300]).collect(),
                vec![(5, Verdict::Withdraw), (205, Verdict::GiveBack)],
            ),
            (
                "is stuck again",
                stuck().chain(vec![4; 200]).chain(stuck()).collect(),
                vec![
                    withdrawn,
                    (205, Verdict::GiveBack),
                    (210, Verdict::Withdraw),
                ],
            ),
        ] {
            assert_eq!(verdicts(pulses), expected, "a thread that {name}");
        }
    }

    /// Where the system refuses real-time priority, the thread is an ordinary one from the beginning.
    #[test]
    fn a_thread_that_spins_becomes_an_ordinary_one() {
        let watchdog = Arc::new(Watchdog::start());
        let spinning = std::thread::spawn(move || {
            let _watched = Watchdog::enlist(Some(watchdog), "spinning", 1);
            let ordinary = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
            while thread_schedule_policy().unwrap() != ordinary {
                std::hint::spin_loop();
            }
        });
        spinning.join().unwrap();
    }
}
