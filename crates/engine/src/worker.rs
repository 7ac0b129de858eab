//! The worker thread that decodes and paints what takes longer than a frame can wait.

use crate::AssetSource;
use crate::offscreen::{Affected, Cause};
use crate::reel::Series;
use crate::studio::{Failure, Studio, Wish};
use scene::{Id, Layer};
use sources::{Asset, Fonts, Key, Part, Quality, Raster, Sheet};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// Work for the worker.
pub(crate) enum Job {
    Decode {
        name: Arc<str>,
    },
    Paint {
        key: Key,
        layer: Box<Layer>,
        content: Option<String>,
        asset: Option<Asset>,
        scale: f64,
        hint: bool,
    },
    /// Frames of what moves, in this order.
    Reel {
        series: Series,
        layer: Box<Layer>,
        asset: Asset,
        parts: Vec<(u32, Part)>,
        scale: f64,
    },
    /// Only these layers show something that moves.
    Keep(Vec<Id>),
    Affect {
        group: Id,
        cause: Cause,
        sheet: Sheet,
    },
    /// Make a draft of a raster that is to be let go.
    Draft {
        layer: Id,
        key: Key,
        raster: Raster,
    },
    /// Nobody needs these any longer.
    LetGo(Vec<Raster>),
}

/// Work done; an error is a sentence for people.
pub(crate) enum Done {
    Decoded(Arc<str>, Result<Asset, String>),
    Painted(Key, Id, Result<Raster, String>),
    Drafted(Id, Key, Raster),
    /// One frame of a reel, and whether it is the last that was asked for.
    Reel {
        series: Series,
        layer: Id,
        number: u32,
        result: Result<Raster, String>,
        is_last: bool,
    },
    /// The asset that a layer was to be painted with is another one by now.
    Changed(Id, (Arc<str>, Asset)),
    /// With what went wrong; the group is then as it was without effects.
    Affected(Id, Affected, Option<String>),
}

/// The thread `raster`. It ends when its gallery does.
///
/// Both queues are unbounded, and small all the same: the gallery asks for each asset once, and for one raster of each
/// layer at a time.
pub(crate) struct Worker {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    held_bytes: Arc<AtomicUsize>,
}

impl Worker {
    pub(crate) fn start(fonts: Fonts, assets: Arc<dyn AssetSource>, quality: Quality) -> Self {
        let (jobs, todo) = channel();
        let (finished, done) = channel();
        let held_bytes = Arc::new(AtomicUsize::new(0));
        let held = Arc::clone(&held_bytes);
        let work = move || {
            let mut studio = Studio::new(fonts, assets, quality);
            let mut queues = Queues::default();
            while let Some(job) = queues.next(&todo) {
                if !carry_out(&mut studio, job, &finished) {
                    return;
                }
                held.store(studio.held_bytes(), Ordering::Relaxed);
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("raster".to_owned())
            .spawn(work)
        {
            // Jobs then go unanswered and placeholders stay: visible, counted, and the show goes on.
            tracing::error!(%error, "no thread for painting");
        }
        Self {
            jobs,
            done,
            held_bytes,
        }
    }

    /// Bytes of decoded assets and players that it has at hand.
    pub(crate) fn held_bytes(&self) -> usize {
        self.held_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn submit(&self, job: Job) {
        // A worker that is gone has said why when it went.
        let _ = self.jobs.send(job);
    }

    /// The next piece of finished work, if there is one.
    pub(crate) fn finished(&self) -> Option<Done> {
        self.done.try_recv().ok()
    }
}

/// Jobs by kind, taken in turn: reels never end, assets may come by the dozen, and a picture that is decoded should be
/// painted before it has to be decoded again.
#[derive(Default)]
struct Queues {
    queues: [VecDeque<Job>; 3],
    turn: usize,
}

impl Queues {
    /// The next job; waits for one. `None` when there will be no more.
    fn next(&mut self, todo: &Receiver<Job>) -> Option<Job> {
        loop {
            loop {
                match todo.try_recv() {
                    Ok(job) => self.sort(job),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return None,
                }
            }
            for i in 0..self.queues.len() {
                let at = (self.turn + i) % self.queues.len();
                if let Some(job) = self.queues[at].pop_front() {
                    self.turn = at + 1;
                    return Some(job);
                }
            }
            self.sort(todo.recv().ok()?);
        }
    }

    fn sort(&mut self, job: Job) {
        let at = match job {
            Job::Paint { .. } | Job::Affect { .. } | Job::Draft { .. } => 0,
            Job::Reel { .. } | Job::Keep(_) | Job::LetGo(_) => 1,
            Job::Decode { .. } => 2,
        };
        self.queues[at].push_back(job);
    }
}

/// `false` when nobody waits for it any more.
fn carry_out(studio: &mut Studio, job: Job, finished: &Sender<Done>) -> bool {
    match job {
        Job::Decode { name } => {
            let asset = studio.decode(&name);
            finished.send(Done::Decoded(name, asset)).is_ok()
        }
        Job::Paint {
            key,
            layer,
            content,
            asset,
            scale,
            hint,
        } => {
            let wish = Wish {
                content: content.as_deref(),
                asset: asset.as_ref(),
                part: Part::Whole,
                scale,
                hint,
            };
            let done = match paint(studio, &layer, wish) {
                Ok(raster) => Done::Painted(key, layer.id, Ok(raster)),
                Err(Failure::Said(detail)) => Done::Painted(key, layer.id, Err(detail)),
                Err(Failure::Changed(asset)) => Done::Changed(layer.id, asset),
            };
            finished.send(done).is_ok()
        }
        Job::Affect {
            group,
            cause,
            sheet,
        } => {
            let (affected, fault) = affect(cause, &sheet, studio.quality());
            affected.sheet.surface.alpha_map();
            let done = Done::Affected(group, affected, fault);
            finished.send(done).is_ok()
        }
        Job::Draft { layer, key, raster } => {
            let draft = raster.draft();
            studio.forget(&raster.surface);
            draft.surface.alpha_map();
            finished.send(Done::Drafted(layer, key, draft)).is_ok()
        }
        Job::Reel {
            series,
            layer,
            asset,
            parts,
            scale,
        } => {
            let count = parts.len();
            for (i, (number, part)) in parts.into_iter().enumerate() {
                let wish = Wish {
                    content: None,
                    asset: Some(&asset),
                    part,
                    scale,
                    hint: false,
                };
                let result = match paint(studio, &layer, wish) {
                    Ok(raster) => Ok(raster),
                    Err(Failure::Said(detail)) => Err(detail),
                    Err(Failure::Changed(asset)) => {
                        return finished.send(Done::Changed(layer.id, asset)).is_ok();
                    }
                };
                let done = Done::Reel {
                    series,
                    layer: layer.id.clone(),
                    number,
                    result,
                    is_last: i + 1 == count,
                };
                if finished.send(done).is_err() {
                    return false;
                }
            }
            true
        }
        Job::LetGo(rasters) => {
            for raster in &rasters {
                studio.forget(&raster.surface);
            }
            true
        }
        Job::Keep(layers) => {
            studio.keep_players(|id| layers.contains(id));
            true
        }
    }
}

fn paint(studio: &mut Studio, layer: &Layer, wish: Wish<'_>) -> Result<Raster, Failure> {
    let Some(source) = &layer.source else {
        return Err(Failure::Said("has no source".to_owned()));
    };
    let raster = studio.paint(layer, source, wish)?;
    // Whoever draws it would have to look for it otherwise, and does not wait.
    raster.surface.alpha_map();
    if layer.transform.corner_pin.is_some() && studio.quality() > Quality::Low {
        // Most of what is read where it is drawn small; the rest is a sixteenth.
        raster.surface.half().half();
    }
    Ok(raster)
}

/// Applies effects behind a wall, as a studio paints; where they fail, the sheet stays as it is, with the reason.
pub(crate) fn affect(cause: Cause, sheet: &Sheet, quality: Quality) -> (Affected, Option<String>) {
    let work = || sheet.clone().with_effects(&cause.effects, quality);
    let (sheet, fault) = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(sheet)) => (sheet, None),
        Ok(Err(error)) => (sheet.clone(), Some(error.to_string())),
        Err(_) => {
            metrics::counter!("stream_manager_source_panics_total").increment(1);
            (sheet.clone(), Some("its effects failed inside".to_owned()))
        }
    };
    (Affected { cause, sheet }, fault)
}
