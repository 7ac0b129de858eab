//! The queue between the engine thread and the encode thread.

use crate::picture::Turn;
use codec::Latency;
use media::{Damage, I420Frame};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// A frame to encode.
pub(crate) struct Job {
    pub(crate) frame: Arc<I420Frame>,
    pub(crate) n: i64,
    pub(crate) cut: bool,
    /// What differs from the frame of the job put before, or of the one taken before where that was replaced.
    pub(crate) damage: Damage,
    /// Where another encoder takes over.
    pub(crate) turn: Option<Box<Turn>>,
}

/// Frames that may wait for the encoder.
///
/// Not one: with look-ahead x264 takes 100 to 200 ms once, when its window is full for the first time, and longer than a
/// frame for many an IDR. An encoder that keeps up on average empties the queue again, and no frame is lost.
pub(crate) const fn capacity_for(latency: Latency) -> usize {
    match latency {
        Latency::Normal => 8,
        Latency::Low => 2,
    }
}

/// While another encoder takes over, the old one's look-ahead is encoded first: 15 frames at once.
const CAPACITY_AT_TURN: usize = 16;

/// The queue between the engine and the encoder: when it is full, a newer frame replaces the newest in it.
pub(crate) struct FrameQueue {
    state: Mutex<FrameQueueState>,
    filled: Condvar,
}

#[derive(Default)]
struct FrameQueueState {
    capacity: usize,
    jobs: VecDeque<Job>,
    closed: bool,
}

impl FrameQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = FrameQueueState {
            capacity,
            ..FrameQueueState::default()
        };
        Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
        }
    }

    /// Says whether it replaced one. A cut that was replaced is still a cut, and what it damaged is still damaged.
    pub(crate) fn put(&self, mut job: Job) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if job.turn.is_some() {
            state.capacity = state.capacity.max(CAPACITY_AT_TURN);
        }
        let full = state.jobs.len() >= state.capacity;
        let replaced = if full { state.jobs.pop_back() } else { None };
        let is_replaced = replaced.is_some();
        // The first frame for another encoder is an IDR, whatever was before it, and its size may be another.
        if let Some(replaced) = replaced.filter(|_| job.turn.is_none()) {
            job.cut |= replaced.cut;
            job.damage.merge(&replaced.damage);
            job.turn = replaced.turn;
        }
        state.jobs.push_back(job);
        self.filled.notify_one();
        is_replaced
    }

    pub(crate) fn close(&self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.filled.notify_one();
    }

    /// So many may wait from now on; those that do stay.
    pub(crate) fn set_capacity(&self, capacity: usize) {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).capacity = capacity;
    }

    /// Waits for a frame; `None` when there will be none.
    pub(crate) fn take(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
