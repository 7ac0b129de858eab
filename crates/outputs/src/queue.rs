//! The bounded queue between the encode thread and one session.

use crate::Headers;
use media::{Packet, Track};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A queue that is measured in time of media and empties itself when it is too long.
///
/// Time and not bytes, because the encoder's buffer of two seconds may put twice the bitrate into one second, which is
/// no congestion. Dropping everything up to the next IDR instead of single frames, because a decoder shows garbage or
/// nothing until then anyway, and because the sooner the backlog is gone, the sooner the picture is live again.
#[derive(Debug)]
pub(crate) struct Queue {
    limit: Duration,
    contents: Mutex<Contents>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Contents {
    open: bool,
    awaits_idr: bool,
    /// Whether what is dropped while an IDR is awaited counts: it does after an overflow, not when a session begins.
    counts: bool,
    entries: VecDeque<Entry>,
    dropped: u64,
}

/// A packet, and with an IDR the headers that hold from there on.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) packet: Packet,
    pub(crate) headers: Option<Arc<Headers>>,
}

/// What came of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is queued, or nobody wants it now.
    Fine,
    /// The queue was too long and is empty now: an IDR is needed. How many packets that cost.
    Overflow(u64),
    /// It was dropped, as it comes before the IDR that is awaited after an overflow.
    Dropped,
}

/// Packets that the queue holds at most whatever their timestamps say: 9 s at 60 frames per second.
const MAX_PACKETS: usize = 1024;

impl Queue {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            contents: Mutex::default(),
            filled: Notify::new(),
        }
    }

    /// Empties the queue and takes packets from the next IDR on.
    pub(crate) fn open(&self) {
        let mut contents = self.lock();
        let dropped = contents.dropped;
        *contents = Contents {
            open: true,
            awaits_idr: true,
            dropped,
            ..Contents::default()
        };
    }

    /// Takes no more packets; what is queued stays.
    pub(crate) fn close(&self) {
        self.lock().open = false;
    }

    pub(crate) fn push(
        &self,
        packet: &Packet,
        headers: impl FnOnce() -> Option<Arc<Headers>>,
    ) -> Pushed {
        let is_idr = packet.track == Track::Video && packet.is_keyframe;
        let headers = if is_idr { headers() } else { None };
        let mut contents = self.lock();
        if !contents.open {
            return Pushed::Fine;
        }
        if contents.awaits_idr && (!is_idr || headers.is_none()) {
            if !contents.counts {
                return Pushed::Fine;
            }
            contents.dropped += 1;
            return Pushed::Dropped;
        }
        contents.awaits_idr = false;
        contents.entries.push_back(Entry {
            packet: packet.clone(),
            headers,
        });
        if contents.span() <= self.limit && contents.entries.len() <= MAX_PACKETS {
            drop(contents);
            self.filled.notify_one();
            return Pushed::Fine;
        }
        // An IDR that is the last drop stays: the picture may begin again with it at once.
        let kept = contents.entries.pop_back().filter(|_| is_idr);
        let cost = contents.entries.len() as u64 + u64::from(kept.is_none());
        contents.entries.clear();
        contents.dropped += cost;
        contents.awaits_idr = kept.is_none();
        contents.counts = true;
        contents.entries.extend(kept);
        Pushed::Overflow(cost)
    }

    pub(crate) fn pop(&self) -> Option<Entry> {
        self.lock().entries.pop_front()
    }

    /// Waits until there is something to [`pop`](Self::pop). For one waiter.
    pub(crate) async fn ready(&self) {
        while self.lock().entries.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Time between the oldest and the newest packet.
    pub(crate) fn span(&self) -> Duration {
        self.lock().span()
    }

    /// Packets dropped because the network was too slow, over all sessions.
    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn span(&self) -> Duration {
        let (Some(first), Some(last)) = (self.entries.front(), self.entries.back()) else {
            return Duration::ZERO;
        };
        let nanos = last
            .packet
            .dts_nanos()
            .saturating_sub(first.packet.dts_nanos());
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{audio, headers, video};

    fn push(queue: &Queue, packet: &Packet) -> Pushed {
        queue.push(packet, || Some(Arc::new(headers(1))))
    }

    fn contents(queue: &Queue) -> Vec<(Track, i64)> {
        std::iter::from_fn(|| queue.pop())
            .map(|entry| (entry.packet.track, entry.packet.dts))
            .collect()
    }

    #[test]
    fn nothing_comes_before_the_first_idr_with_headers() {
        let queue = Queue::new(Duration::from_secs(1));
        assert_eq!(push(&queue, &video(0, true)), Pushed::Fine, "closed");
        queue.open();
        push(&queue, &video(1, false));
        push(&queue, &audio(2000));
        queue.push(&video(2, true), || None);
        push(&queue, &video(3, true));
        push(&queue, &audio(5000));
        assert_eq!(contents(&queue), [(Track::Video, 3), (Track::Audio, 5000)]);
        assert_eq!(queue.dropped(), 0);
    }

    #[test]
    fn an_overflow_clears_the_queue_up_to_the_next_idr_and_counts() {
        let queue = Queue::new(Duration::from_secs(1));
        queue.open();
        push(&queue, &video(0, true));
        for n in 1..=30 {
            assert_eq!(push(&queue, &video(n, false)), Pushed::Fine);
        }
        assert_eq!(queue.span(), Duration::from_secs(1));
        assert_eq!(push(&queue, &video(31, false)), Pushed::Overflow(32));
        assert_eq!(push(&queue, &audio(50_000)), Pushed::Dropped);
        assert_eq!(push(&queue, &video(32, true)), Pushed::Fine);
        assert_eq!(queue.dropped(), 33);
        assert_eq!(contents(&queue), [(Track::Video, 32)]);
    }

    #[test]
    fn an_idr_that_overflows_the_queue_is_its_new_beginning() {
        let queue = Queue::new(Duration::from_secs(1));
        queue.open();
        push(&queue, &video(0, true));
        assert_eq!(push(&queue, &video(90, true)), Pushed::Overflow(1));
        assert_eq!(contents(&queue), [(Track::Video, 90)]);
    }

    #[test]
    fn broken_timestamps_do_not_unbound_it() {
        let queue = Queue::new(Duration::from_secs(1));
        queue.open();
        push(&queue, &video(0, true));
        let overflows = (0..5000)
            .filter(|_| matches!(push(&queue, &video(0, false)), Pushed::Overflow(_)))
            .count();
        assert_eq!(overflows, 1);
    }
}
