//! The preview: the programme itself, handed to viewers as it is encoded.
//!
//! Every packet becomes one fragment, once for all viewers; the fragments since the last IDR are kept so that a new viewer
//! has a picture at once. Making a fragment is a copy of some 12 KiB, so nothing is saved by waiting for a first viewer.

mod socket;

pub(crate) use socket::upgrade;

use bytes::Bytes;
use codec::Fragmenter;
use engine::{Headers, PacketSink};
use media::{Packet, Timebase, Track};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, broadcast};

/// A viewer that is further behind is cut off.
const QUEUE_S: u32 = 4;
/// Viewers at the same time; further ones are told so. At 3 Mb/s this many are 100 Mb/s.
const MAX_VIEWERS: usize = 32;
/// A GOP above this is not kept, and new viewers wait for the next IDR: 10 s at 25 Mb/s.
const MAX_GOP_BYTES: usize = 32 << 20;

/// What viewers get after they joined.
#[derive(Clone, Debug)]
enum Live {
    Fragment(Bytes),
    /// The picture has other headers from here on.
    Anew,
    End,
}

/// Takes packets from the engine and hands fragments to viewers; never waits for one.
pub struct Preview {
    cache: Mutex<Cache>,
    viewers: Semaphore,
}

struct Cache {
    live: broadcast::Sender<Live>,
    hello: String,
    fragmenter: Fragmenter,
    /// What a frame lasts.
    frame: Timebase,
    /// Fragments since the last IDR, it first; empty before the first IDR, and from when they were too many.
    gop: Vec<Bytes>,
    gop_bytes: usize,
    last_dts: Option<i64>,
    failed: bool,
}

/// What a new viewer begins with: the init segment, then `gop`, then everything from `live`, without gap or overlap.
struct Joined {
    hello: String,
    init: Bytes,
    gop: Vec<Bytes>,
    live: broadcast::Receiver<Live>,
}

impl Preview {
    /// For packets of the encoders with these headers.
    pub fn new(headers: &Headers) -> Self {
        Self {
            cache: Mutex::new(Cache::new(headers)),
            viewers: Semaphore::new(MAX_VIEWERS),
        }
    }

    /// Says goodbye to all viewers.
    pub fn end(&self) {
        // No viewers, no goodbyes.
        let _ = self.cache().live.send(Live::End);
    }

    fn join(&self) -> Joined {
        let cache = self.cache();
        Joined {
            hello: cache.hello.clone(),
            init: cache.fragmenter.init_segment(),
            gop: cache.gop.clone(),
            live: cache.live.subscribe(),
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn new(headers: &Headers) -> Self {
        let Headers { video, audio } = headers;
        let fragmenter = Fragmenter::new(video, Some(audio));
        let hello = serde_json::json!({
            "type": "hello",
            "codec": fragmenter.mime_type(),
            "fps": video.framerate.as_f64(),
            "width_px": video.resolution.width,
            "height_px": video.resolution.height,
            // Media time minus this is show time.
            "offset_ms": Fragmenter::OFFSET_S * 1000,
        });
        let packets_per_s = video.framerate.frames_in_ms(1000) + audio.sample_rate_hz / 1024 + 1;
        let (live, _) = broadcast::channel((packets_per_s * QUEUE_S) as usize);
        Self {
            live,
            hello: hello.to_string(),
            fragmenter,
            frame: video.framerate.timebase(),
            gop: Vec::new(),
            gop_bytes: 0,
            last_dts: None,
            failed: false,
        }
    }
}

impl PacketSink for Preview {
    fn push(&self, packet: &Packet) {
        let mut cache = self.cache();
        let packet = cache.without_hole(packet);
        let fragment = match cache.fragmenter.fragment(&packet) {
            Ok(fragment) => fragment,
            Err(error) => {
                if !std::mem::replace(&mut cache.failed, true) {
                    tracing::warn!(%error, "a packet cannot be shown in the preview; further ones are dropped without a word");
                }
                return;
            }
        };
        cache.keep(
            &fragment,
            packet.track == Track::Video && packet.is_keyframe,
        );
        // Sent under the lock, so that a viewer who joins gets this one either way, once. No viewers: nothing to send.
        let _ = cache.live.send(Live::Fragment(fragment));
    }

    /// Viewers are sent away and join anew: a player that gets another init segment in the middle is the exception.
    fn begin(&self, headers: &Arc<Headers>) {
        let mut cache = self.cache();
        let _ = cache.live.send(Live::Anew);
        *cache = Cache::new(headers);
    }
}

impl Cache {
    /// Closes holes between decode times within a GOP; presentation times stay.
    ///
    /// The engine leaves a hole where it was late for long. A player of Media Source Extensions takes a step of more than
    /// two frames for a new beginning, and drops every picture up to the next IDR: seconds of a frozen preview.
    fn without_hole(&mut self, packet: &Packet) -> Packet {
        let mut packet = packet.clone();
        if packet.track == Track::Video {
            if let Some(last) = self.last_dts.filter(|_| !packet.is_keyframe) {
                packet.dts = packet.dts.min(last + self.frame_in(packet.timebase));
            }
            self.last_dts = Some(packet.dts);
        }
        packet
    }

    /// What a frame lasts in these units, rounded up.
    fn frame_in(&self, unit: Timebase) -> i64 {
        let frame = u64::from(self.frame.num) * u64::from(unit.den);
        let units = frame.div_ceil(u64::from(self.frame.den) * u64::from(unit.num));
        i64::try_from(units).unwrap_or(i64::MAX)
    }

    fn keep(&mut self, fragment: &Bytes, begins_gop: bool) {
        if begins_gop {
            self.gop.clear();
            self.gop_bytes = 0;
        } else if self.gop.is_empty() {
            return;
        }
        self.gop_bytes += fragment.len();
        if self.gop_bytes > MAX_GOP_BYTES {
            self.gop.clear();
        } else {
            self.gop.push(fragment.clone());
        }
    }
}

impl std::fmt::Debug for Preview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Preview")
            .field("viewers", &(MAX_VIEWERS - self.viewers.available_permits()))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
