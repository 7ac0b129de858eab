//! The worker thread that decodes and paints what takes longer than a frame can wait.

use crate::AssetSource;
use crate::gallery::request;
use crate::offscreen::{Affected, Cause};
use scene::{Extent, Layer};
use sources::{Asset, Fonts, Key, Painter, Raster, Request, Sheet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Work for the worker.
pub(crate) enum Job {
    Decode {
        name: Arc<str>,
    },
    Paint {
        key: Key,
        layer: Box<Layer>,
        content: Option<String>,
        asset: Option<Arc<Asset>>,
        scale: f64,
        hint: bool,
    },
    Affect {
        group: scene::Id,
        cause: Cause,
        sheet: Sheet,
    },
}

/// Work done; an error is a sentence for people.
pub(crate) enum Done {
    Decoded(Arc<str>, Result<Asset, String>),
    Painted(Key, scene::Id, Result<Raster, String>),
    /// With what went wrong; the group is then as it was without effects.
    Affected(scene::Id, Affected, Option<String>),
}

/// The thread `raster`. It ends when its gallery does.
///
/// Both queues are unbounded, and small all the same: the gallery asks for each asset once, and for one raster of each
/// layer at a time.
pub(crate) struct Worker {
    jobs: Sender<Job>,
    done: Receiver<Done>,
}

impl Worker {
    pub(crate) fn start(fonts: Fonts, assets: Arc<dyn AssetSource>) -> Self {
        let (jobs, todo) = channel();
        let (finished, done) = channel();
        let work = move || {
            let mut painter = Painter::new(fonts.clone());
            for job in todo {
                let result = match job {
                    Job::Decode { name } => {
                        let asset = decode(&*assets, &fonts, &name);
                        Done::Decoded(name, asset)
                    }
                    Job::Affect {
                        group,
                        cause,
                        sheet,
                    } => {
                        let (affected, fault) = affect(cause, &sheet);
                        Done::Affected(group, affected, fault)
                    }
                    Job::Paint {
                        key,
                        layer,
                        content,
                        asset,
                        scale,
                        hint,
                    } => {
                        let result = match &layer.source {
                            Some(source) => {
                                let request = Request {
                                    hint,
                                    ..request(
                                        &layer,
                                        source,
                                        content.as_deref(),
                                        asset.as_deref(),
                                        scale,
                                    )
                                };
                                paint(&mut painter, &fonts, &request)
                            }
                            None => Err("has no source".to_owned()),
                        };
                        Done::Painted(key, layer.id, result)
                    }
                };
                if finished.send(result).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("raster".to_owned())
            .spawn(work)
        {
            // Jobs then go unanswered and placeholders stay: visible, counted, and the show goes on.
            tracing::error!(%error, "no thread for painting");
        }
        Self { jobs, done }
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

/// Paints behind a wall: a panic becomes an error and costs the painter its caches, not the show its life.
pub(crate) fn paint(
    painter: &mut Painter,
    fonts: &Fonts,
    request: &Request<'_>,
) -> Result<Raster, String> {
    guarded(painter, fonts, |painter| painter.paint(request))
}

/// Applies effects behind the same wall; where they fail, the sheet stays as it is, with the reason.
pub(crate) fn affect(cause: Cause, sheet: &Sheet) -> (Affected, Option<String>) {
    let work = || sheet.clone().with_effects(&cause.effects);
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

pub(crate) fn measure(
    painter: &mut Painter,
    fonts: &Fonts,
    request: &Request<'_>,
) -> Result<Extent, String> {
    guarded(painter, fonts, |painter| painter.measure(request))
}

fn guarded<T>(
    painter: &mut Painter,
    fonts: &Fonts,
    work: impl FnOnce(&mut Painter) -> Result<T, sources::Error>,
) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(|| work(painter))) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => {
            metrics::counter!("stream_manager_source_panics_total").increment(1);
            *painter = Painter::new(fonts.clone());
            Err("painting it failed inside".to_owned())
        }
    }
}

pub(crate) fn decode(assets: &dyn AssetSource, fonts: &Fonts, name: &str) -> Result<Asset, String> {
    let bytes = assets.bytes(name).map_err(|error| error.to_string())?;
    match catch_unwind(AssertUnwindSafe(|| Asset::decode(&bytes, fonts))) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("decoding it failed inside".to_owned()),
    }
}
