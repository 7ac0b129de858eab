//! `bench`: what a scene costs on this machine, stage by stage, and what the machine can carry.
//!
//! CPU time of the whole process is measured, so work is counted on whatever thread it is done; wall time decides only
//! what can be carried. Passes run one after the other, each with a stage of its own, so that none finds the words and
//! pictures of another already painted.

mod measure;
mod report;

use crate::args::BenchOptions;
use crate::{Failure, config, fonts, show};
use codec::{Latency, VideoSettings};
use compositor::{Compositor, DisplayList, DrawItem, Kernels};
use engine::{Clock as _, ProgramEncoder, Stage, StageConfig};
use measure::{Meter, Reading, Times};
use media::{Framerate, Resolution, ShowTime, Surface};
use sources::Fonts;
use std::collections::HashSet;
use std::hint::black_box;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;

/// Encoded before anything counts: the first IDR, the filling of the look-ahead (15 frames) and of the caches.
const WARM_UP_FRAMES: i64 = 20;
/// Of the paced pass, which takes as long as it shows: three seconds at 30 fps.
const MOST_PACED_FRAMES: i64 = 90;
/// Frames whose unchanged and whole drawing is timed: these two hardly depend on the frame.
const MOST_REDRAWN_FRAMES: usize = 40;
/// An unchanged frame takes about as long as reading the clock, so this many are timed at once.
const UNCHANGED_AT_ONCE: u32 = 50;
/// How many copies of a picture are timed.
const COPIES: usize = 20;

/// What is carried, or not.
const FORMATS: [(Resolution, u32); 4] = [
    (Resolution::new(1920, 1080), 30),
    (Resolution::new(1920, 1080), 60),
    (Resolution::new(1280, 720), 30),
    (Resolution::new(1280, 720), 60),
];
const LATENCIES: [Latency; 2] = [Latency::Normal, Latency::Low];

/// Measures, and prints what came of it.
pub(crate) fn run(options: &BenchOptions) -> Result<(), Failure> {
    let meter = Meter::new();
    let begin = meter.read();
    let config = config::from_environment()?;
    config.start_logs();
    let loaded = options.scene.load_complete(&config.limits)?;
    let (fonts, missing_fonts) = fonts::load();
    for package in missing_fonts {
        tracing::warn!(package, "fonts are missing; text may lack glyphs");
    }
    let load_ms = meter.read().since(begin).wall_ms;
    let canvas = loaded.scene.canvas;
    let size = Resolution::new(canvas.width_px, canvas.height_px);
    let settings = VideoSettings {
        resolution: size,
        ..config.video.clone()
    };
    let bench = Bench {
        meter,
        loaded,
        fonts,
        settings: settings.clone(),
        audio: config.audio,
        frames: i64::try_from(options.frames).unwrap_or(i64::MAX),
        kernels: config.kernels,
        quality: config.quality,
    };
    // The service's own setup first, so that the peak of memory is one show's and not the bench's.
    let mut progress = Progress::new();
    let first_frame_ms = bench.first_frame();
    let mut encoded = Vec::new();
    let mut rss_peak_bytes = None;
    for (size, framerate) in formats(size, settings.framerate) {
        for latency in LATENCIES {
            progress.next(&format!(
                "{size} at {framerate} fps, {}",
                measure::latency_name(latency)
            ));
            encoded.push(bench.encode(size, framerate, latency)?);
            rss_peak_bytes = rss_peak_bytes.or_else(measure::rss_peak_bytes);
        }
    }
    progress.next("stages");
    let drawn = bench.draw(size);
    progress.end();
    let report = report::Report {
        scene: options.scene.name(),
        settings,
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        load_ms,
        first_frame_ms,
        drawn,
        encoded,
        rss_peak_bytes,
    };
    let text = if options.json {
        report.json()
    } else {
        report.table()
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(source) => Err(Failure::Write {
            target: "standard output".to_owned(),
            source,
        }),
        Ok(()) => Ok(()),
    }
}

/// The scene as it is set up comes first; where that is one of [`FORMATS`], it is measured once.
fn formats(size: Resolution, framerate: Framerate) -> Vec<(Resolution, Framerate)> {
    let mut formats = vec![(size, framerate)];
    for (size, fps) in FORMATS {
        if let Some(framerate) = Framerate::new(fps, 1)
            && !formats.contains(&(size, framerate))
        {
            formats.push((size, framerate));
        }
    }
    formats
}

struct Bench {
    meter: Meter,
    loaded: show::Loaded,
    fonts: Fonts,
    settings: VideoSettings,
    audio: codec::AudioSettings,
    frames: i64,
    kernels: Kernels,
    quality: sources::Quality,
}

/// What drawing without an encoder takes.
pub(super) struct Drawn {
    /// Resolving and lowering where everything is painted already.
    resolve: Times,
    /// What a tick takes longer where something new is to be painted; only those frames.
    paint: Times,
    hot: Times,
    paced: Times,
    unchanged: Times,
    full: Times,
    /// Copying one RGBA picture of the size of the canvas: what this machine's memory can do.
    copy: Times,
}

/// What one format takes with one latency profile, flat out.
pub(super) struct Encoded {
    size: Resolution,
    framerate: Framerate,
    latency: Latency,
    /// Tick and compose.
    draw: Times,
    encode: Times,
    whole: Times,
}

impl Bench {
    fn stage(&self, output: Resolution) -> Stage {
        let config = StageConfig {
            fonts: self.fonts.clone(),
            assets: Arc::clone(&self.loaded.assets),
            output,
            epoch_unix_ns: crate::args::DEFAULT_EPOCH_UNIX_NS,
            raster_budget_bytes: StageConfig::DEFAULT_RASTER_BUDGET_BYTES,
            quality: self.quality,
        };
        Stage::new(config, self.loaded.scene.clone())
    }

    /// Wall time of decoding, painting and composing the first frame.
    fn first_frame(&self) -> f64 {
        let begin = self.meter.read();
        let mut stage = self.stage(self.settings.resolution);
        Compositor::with_kernels(self.settings.resolution, self.kernels)
            .compose(stage.tick(ShowTime::ZERO));
        for notice in stage.take_notices() {
            tracing::warn!("{notice}");
        }
        self.meter.read().since(begin).wall_ms
    }

    fn encode(
        &self,
        size: Resolution,
        framerate: Framerate,
        latency: Latency,
    ) -> Result<Encoded, Failure> {
        let settings = VideoSettings {
            resolution: size,
            framerate,
            latency,
            b_frames: match latency {
                Latency::Normal => self.settings.b_frames,
                Latency::Low => 0,
            },
            ..self.settings.clone()
        };
        let mut encoder = ProgramEncoder::open(&settings, &self.audio)?;
        let mut stage = self.stage(size);
        let mut compositor = Compositor::with_kernels(size, self.kernels);
        let mut packets = Vec::new();
        let (mut draw, mut encode, mut whole) =
            (Times::default(), Times::default(), Times::default());
        for k in 0..self.frames.saturating_add(WARM_UP_FRAMES) {
            let begin = self.meter.read();
            let composed = compositor.compose(stage.tick(framerate.frame_time(k)));
            let drawn = self.meter.read();
            let damage = Some(&composed.damage);
            encoder.encode(&composed.frame, k, false, damage, &mut packets)?;
            let end = self.meter.read();
            packets.clear();
            if k >= WARM_UP_FRAMES {
                draw.push(drawn.since(begin));
                encode.push(end.since(drawn));
                whole.push(end.since(begin));
            }
        }
        Ok(Encoded {
            size,
            framerate,
            latency,
            draw,
            encode,
            whole,
        })
    }

    fn draw(&self, size: Resolution) -> Drawn {
        let (resolve, paint, lists) = self.tick(size);
        let mut compositor = Compositor::with_kernels(size, self.kernels);
        let mut compose = |list: &DisplayList| {
            let begin = self.meter.read();
            black_box(compositor.compose(list));
            self.meter.read().since(begin)
        };
        // The first frame is drawn whole, and is no part of a running show.
        compose(&lists[0]);
        let hot = lists[1..].iter().map(&mut compose).collect();
        compose(&lists[0]);
        let paced = self.paced(&lists[1..], compose);
        let (unchanged, full) = self.redraw(size, &lists);
        Drawn {
            resolve,
            paint,
            hot,
            paced,
            unchanged,
            full,
            copy: self.copy(size),
        }
    }

    /// Every frame is ticked twice: the second time everything is painted.
    fn tick(&self, size: Resolution) -> (Times, Times, Vec<DisplayList>) {
        let mut stage = self.stage(size);
        let (mut resolve, mut paint) = (Times::default(), Times::default());
        let mut lists: Vec<DisplayList> = Vec::new();
        for k in 0..=self.frames {
            let t = self.settings.framerate.frame_time(k);
            let begin = self.meter.read();
            stage.tick(t);
            let painted = self.meter.read();
            stage.tick(t);
            let again = self.meter.read().since(painted);
            if let Some(before) = lists.last() {
                resolve.push(again);
                if !surfaces(stage.list()).is_subset(&surfaces(before)) {
                    paint.push(painted.since(begin).less(again));
                }
            }
            lists.push(stage.list().clone());
        }
        (resolve, paint, lists)
    }

    /// Each list at its time, as the engine does it: between two frames the caches go cold and the core may sleep.
    fn paced(
        &self,
        lists: &[DisplayList],
        mut compose: impl FnMut(&DisplayList) -> Reading,
    ) -> Times {
        let clock = self.meter.clock();
        let begin_ns = clock.now_ns();
        (1..=MOST_PACED_FRAMES)
            .zip(lists)
            .map(|(k, list)| {
                clock.sleep_until(begin_ns + self.settings.framerate.frame_time(k).nanos());
                compose(list)
            })
            .collect()
    }

    /// The same list again, and the same list drawn whole.
    fn redraw(&self, size: Resolution, lists: &[DisplayList]) -> (Times, Times) {
        let mut compositor = Compositor::with_kernels(size, self.kernels);
        let (mut unchanged, mut full) = (Times::default(), Times::default());
        for list in lists
            .iter()
            .step_by(lists.len().div_ceil(MOST_REDRAWN_FRAMES))
        {
            compositor.invalidate();
            let begin = self.meter.read();
            black_box(compositor.compose(list));
            let drawn = self.meter.read();
            for _ in 0..UNCHANGED_AT_ONCE {
                black_box(compositor.compose(list));
            }
            full.push(drawn.since(begin));
            unchanged.push(self.meter.read().since(drawn).shared(UNCHANGED_AT_ONCE));
        }
        (unchanged, full)
    }

    fn copy(&self, size: Resolution) -> Times {
        let from = Surface::new(size.width, size.height);
        let mut to = Surface::new(size.width, size.height);
        // Once before it counts: the pages must be there.
        to.data_mut().copy_from_slice(black_box(&from).data());
        (0..COPIES)
            .map(|_| {
                let begin = self.meter.read();
                to.data_mut().copy_from_slice(black_box(&from).data());
                black_box(&mut to);
                self.meter.read().since(begin)
            })
            .collect()
    }
}

/// Which surfaces a list shows. Lists that are compared are alive, so that no address is used twice.
fn surfaces(list: &DisplayList) -> HashSet<*const Surface> {
    let surface = |item: &DrawItem| match item {
        DrawItem::Picture(picture) => Some(Arc::as_ptr(&picture.surface)),
        DrawItem::Pinned(pinned) => Some(Arc::as_ptr(&pinned.surface)),
        DrawItem::Push(_) | DrawItem::Matte(_) | DrawItem::Backdrop(_) | DrawItem::Pop => None,
    };
    list.items.iter().filter_map(surface).collect()
}

/// A line on standard error that says what is being measured, where somebody is looking.
struct Progress {
    seen: bool,
}

impl Progress {
    fn new() -> Self {
        Self {
            seen: io::stderr().is_terminal(),
        }
    }

    fn next(&mut self, what: &str) {
        if self.seen {
            // A terminal that is gone is no reason to stop measuring.
            let _ = write!(io::stderr(), "\r\x1b[Kmeasuring {what}");
        }
    }

    fn end(self) {
        if self.seen {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
