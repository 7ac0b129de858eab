//! One encode, many takers, none of which can hurt another.

use media::{AudioHeader, Packet, VideoHeader};
use std::sync::{Arc, Mutex, PoisonError};

/// Takes packets from the encode thread: an output's queue, the preview.
///
/// `push` must not block: whoever cannot keep up drops in its own queue and counts it.
pub trait PacketSink: Send + Sync {
    /// Takes one packet. Packets come in decode order, sound and picture interleaved.
    fn push(&self, packet: &Packet);

    /// Headers that hold from the next packet of the picture on, which is an IDR: the picture was changed on air. Those
    /// it began with are known beforehand ([`Handle::headers`](crate::Handle::headers)). Must not block either.
    fn begin(&self, headers: &Arc<Headers>) {
        let _ = headers;
    }
}

/// What decoders must know before the first packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers {
    /// Of the picture.
    pub video: VideoHeader,
    /// Of the sound.
    pub audio: AudioHeader,
}

/// Names a sink while it is subscribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SinkId(u64);

/// Hands every packet to every sink.
#[derive(Default)]
pub(crate) struct Fanout {
    sinks: Mutex<Sinks>,
}

#[derive(Default)]
struct Sinks {
    next_id: u64,
    all: Arc<[(u64, Arc<dyn PacketSink>)]>,
}

impl Fanout {
    pub(crate) fn add(&self, sink: Arc<dyn PacketSink>) -> SinkId {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        let id = sinks.next_id;
        sinks.next_id += 1;
        sinks.all = sinks.all.iter().cloned().chain([(id, sink)]).collect();
        SinkId(id)
    }

    pub(crate) fn remove(&self, SinkId(id): SinkId) {
        let mut sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        sinks.all = sinks
            .all
            .iter()
            .filter(|(other, _)| *other != id)
            .cloned()
            .collect();
    }

    pub(crate) fn push(&self, packet: &Packet) {
        for (_, sink) in self.all().iter() {
            sink.push(packet);
        }
    }

    pub(crate) fn begin(&self, headers: &Arc<Headers>) {
        for (_, sink) in self.all().iter() {
            sink.begin(headers);
        }
    }

    /// The list is copied on change, so no lock is held while sinks work.
    fn all(&self) -> Arc<[(u64, Arc<dyn PacketSink>)]> {
        let sinks = self.sinks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&sinks.all)
    }
}

impl std::fmt::Debug for Fanout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fanout")
    }
}
