//! How the picture is made, and how that changes on air.
//!
//! Whoever asks for a change opens the new encoder, in tens of milliseconds, while the old one goes on; the engine thread
//! exchanges what it draws with between two frames, and the frame's job tells the encode thread to do likewise. So neither
//! waits, and what cannot be opened changes nothing.

use crate::mailbox::Letter;
use crate::{Applied, Error, Handle};
use codec::{Latency, Preset, VideoEncoder, VideoSettings};
use compositor::Compositor;
use media::{Bitrate, Cadence, Framerate, Resolution, ShowTime};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{MutexGuard, PoisonError};

/// What changes about the picture; what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PictureChange {
    /// Latency profile; B-frames rest while it is low.
    pub latency: Option<Latency>,
    /// Frames per second. Numbers go on from the frame of the change, and times from its show time.
    pub framerate: Option<Framerate>,
    /// Size of the picture; the scene's canvas is scaled to fit, centred.
    pub resolution: Option<Resolution>,
    /// Target of the encoder, 10 kb/s to 200 Mb/s.
    pub bitrate: Option<Bitrate>,
}

/// How the picture is made on the newest frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Size.
    pub resolution: Resolution,
    /// Latency profile.
    pub latency: Latency,
    /// Rate, and since when.
    pub cadence: Cadence,
}

/// The picture as it is, and when frames were before it came to be so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PictureState {
    pub(crate) now: Picture,
    before: Cadence,
}

impl PictureState {
    pub(crate) const fn new(now: Picture) -> Self {
        Self {
            now,
            before: now.cadence,
        }
    }

    pub(crate) fn turn_to(&mut self, now: Picture) {
        if now.cadence != self.now.cadence {
            self.before = self.now.cadence;
        }
        self.now = now;
    }

    /// Show time of a frame that is new or was lately.
    fn frame_time(&self, n: i64) -> ShowTime {
        let cadence = if n < self.now.cadence.from_frame() {
            self.before
        } else {
            self.now.cadence
        };
        // None is before the show; a show that goes on does not know when frames long past were.
        cadence.frame_time(n).max(ShowTime::ZERO)
    }
}

/// What was asked for, at the start and since.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    pub(crate) video: VideoSettings,
    /// Where the preset follows size and rate: processor cores it may count on.
    pub(crate) auto_preset_cores: Option<usize>,
}

impl Wishes {
    /// What the encoder is opened with.
    pub(crate) fn settings(&self) -> VideoSettings {
        let mut settings = self.video.clone();
        if settings.latency == Latency::Low {
            settings.b_frames = 0;
        }
        if let Some(cores) = self.auto_preset_cores {
            settings.preset = Preset::auto(settings.resolution, settings.framerate, cores);
        }
        settings
    }
}

/// All that another picture takes, ready for use.
pub(crate) struct NewPicture {
    pub(crate) encoder: VideoEncoder,
    pub(crate) settings: VideoSettings,
    /// Where the size is another.
    pub(crate) compositor: Option<Compositor>,
    /// Where the frame that shows it is told, and what is no longer needed thrown away.
    pub(crate) done: SyncSender<(Applied, Option<Compositor>)>,
}

/// What a frame's job says to the encode thread: this frame and those after it go to another encoder.
pub(crate) struct Turn {
    pub(crate) encoder: VideoEncoder,
    pub(crate) cadence: Cadence,
    pub(crate) latency: Latency,
    /// The first frame drawn for it. That of the job is a later one where the encode thread was too slow.
    pub(crate) frame: i64,
}

impl Handle {
    /// Changes how the picture is made, with the next frame, and says which that is; `None` where nothing takes a new
    /// encoder. Its packet is an IDR that comes with other [`Headers`](crate::Headers); sound goes on without a seam.
    ///
    /// Several who ask at once take turns. Blocks for 10 to 50 ms and up to a frame, with memory for two encoders; never
    /// on the engine's threads.
    ///
    /// # Errors
    /// [`Error::Codec`] where the encoder refuses, [`Error::Busy`] where the engine takes nothing or is stopping; the
    /// picture then stays as it was.
    pub fn change_picture(&self, change: PictureChange) -> Result<Option<Applied>, Error> {
        let wishes = self.shared.wishes.lock();
        let mut wishes = wishes.unwrap_or_else(PoisonError::into_inner);
        let mut wanted = wishes.clone();
        let video = &mut wanted.video;
        video.latency = change.latency.unwrap_or(video.latency);
        video.framerate = change.framerate.unwrap_or(video.framerate);
        video.resolution = change.resolution.unwrap_or(video.resolution);
        video.bitrate = self.bitrate();
        let is_same = video.latency == wishes.video.latency
            && video.framerate == wishes.video.framerate
            && video.resolution == wishes.video.resolution;
        if is_same {
            if let Some(bitrate) = change.bitrate {
                self.set_bitrate(bitrate);
            }
            return Ok(None);
        }
        video.bitrate = change.bitrate.unwrap_or(video.bitrate);
        let settings = wanted.settings();
        let encoder = VideoEncoder::open(&settings)?;
        let compositor = (settings.resolution != wishes.video.resolution)
            .then(|| Compositor::with_kernels(settings.resolution, self.shared.kernels));
        let (done, told) = sync_channel(1);
        self.mailbox.post(Letter::Picture(Box::new(NewPicture {
            encoder,
            settings,
            compositor,
            done,
        })))?;
        // The other end goes when the engine thread does.
        let (applied, _) = told.recv().map_err(|_| crate::Busy)?;
        if let Some(bitrate) = change.bitrate {
            self.set_bitrate(bitrate);
        }
        *wishes = wanted;
        Ok(Some(applied))
    }

    /// How the picture is made on the newest frame.
    pub fn picture(&self) -> Picture {
        self.picture_state().now
    }

    /// Show time of frame `n`, which is to come, the newest, or from after the last but one change of the rate.
    pub fn frame_time(&self, n: i64) -> ShowTime {
        self.picture_state().frame_time(n)
    }

    /// Show time of the newest frame; 0 before the first.
    pub fn newest_show_time(&self) -> ShowTime {
        let frame = self.shared.counters.next_frame.load(Ordering::Relaxed) - 1;
        self.frame_time(frame.max(0))
    }

    pub(crate) fn picture_state(&self) -> MutexGuard<'_, PictureState> {
        let picture = self.shared.picture.lock();
        picture.unwrap_or_else(PoisonError::into_inner)
    }
}
