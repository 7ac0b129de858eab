//! Rasters for layers: painted here when cheap, on a worker when not.

use crate::worker::{Done, Job, Worker};
use crate::{AssetSource, Notice};
use kurbo::{Point, Size};
use media::Surface;
use scene::{Extent, Layer, Measure, Moment, Source};
use sources::{Asset, Cache, Fonts, Key, Painter, Raster, Request};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Surface pixels above which painting is left to the worker: half a million take about a millisecond.
const SLOW_PIXELS: f64 = 500_000.0;
/// The same for sources with effects, which blur.
const SLOW_PIXELS_WITH_EFFECTS: f64 = 60_000.0;
/// Size of the placeholder of a picture whose size is not known yet, layer px.
const UNKNOWN_SIZE: Size = Size::new(256.0, 256.0);

/// Whether a picture may come later than its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Everything is painted before the frame: for `render` and for the first frame of a show.
    Wait,
    /// Slow things are painted aside while the last raster or a placeholder stands in.
    StandIn,
}

/// Finds or makes the raster of a layer.
pub(crate) struct Gallery {
    painter: Painter,
    fonts: Fonts,
    assets: Arc<dyn AssetSource>,
    decoded: HashMap<Arc<str>, Decoded>,
    cache: Cache,
    /// What each layer showed last, for while its next raster is being made.
    last: HashMap<scene::Id, Raster>,
    failed: HashSet<Key>,
    pending: HashSet<Key>,
    worker: Option<Worker>,
    patience: Patience,
    notices: Vec<Notice>,
    noticed: HashSet<Notice>,
}

enum Decoded {
    Pending,
    Ready(Arc<Asset>),
    Missing,
}

impl Gallery {
    pub(crate) fn new(fonts: Fonts, assets: Arc<dyn AssetSource>, budget_bytes: usize) -> Self {
        Self {
            painter: Painter::new(fonts.clone()),
            fonts,
            assets,
            decoded: HashMap::new(),
            cache: Cache::new(budget_bytes),
            last: HashMap::new(),
            failed: HashSet::new(),
            pending: HashSet::new(),
            worker: None,
            patience: Patience::Wait,
            notices: Vec::new(),
            noticed: HashSet::new(),
        }
    }

    pub(crate) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Another scene: its pictures may have changed on disk, and its faults are new.
    pub(crate) fn forget(&mut self) {
        self.decoded.clear();
        self.failed.clear();
        self.last.clear();
        self.noticed.clear();
    }

    pub(crate) fn take_notices(&mut self) -> std::vec::Drain<'_, Notice> {
        self.notices.drain(..)
    }

    /// Takes in what the worker finished since the last frame.
    pub(crate) fn collect(&mut self) {
        while let Some(done) = self.worker.as_ref().and_then(Worker::finished) {
            match done {
                Done::Decoded(name, result) => self.decoded_as(name, result),
                Done::Painted(key, layer, result) => {
                    self.pending.remove(&key);
                    self.painted_as(key, &layer, result);
                }
            }
        }
    }

    /// The raster to draw for `layer`; `None` when it shows nothing now.
    pub(crate) fn raster(&mut self, layer: &Layer, scale: f64, moment: Moment) -> Option<Raster> {
        let source = layer.source.as_ref()?;
        let content = content(source, moment)?;
        let asset = match source.asset() {
            None => None,
            Some(name) => match self.asset(name) {
                Some(asset) => Some(asset),
                None => return self.stand_in(layer, scale),
            },
        };
        let request = request(layer, source, content.as_deref(), asset.as_deref(), scale);
        let key = request.key();
        if let Some(raster) = self.cache.get(&key).cloned() {
            if self.patience == Patience::StandIn && is_slow(&request, raster.size) {
                self.last.insert(layer.id.clone(), raster.clone());
            }
            return Some(raster);
        }
        if self.failed.contains(&key) {
            return self.stand_in(layer, scale);
        }
        let box_size = Size::new(layer.transform.width_px.unwrap_or(0.0), layer.transform.height_px.unwrap_or(0.0));
        if self.patience == Patience::StandIn && is_slow(&request, box_size) {
            if self.pending.insert(key) {
                let job = Job::Paint { key, layer: Box::new(layer.clone()), content, asset: asset.clone(), scale };
                self.worker().submit(job);
            }
            return self.stand_in(layer, scale);
        }
        let result = crate::worker::paint(&mut self.painter, &self.fonts, &request);
        self.painted_as(key, &layer.id, result);
        self.cache.get(&key).cloned().or_else(|| self.stand_in(layer, scale))
    }

    fn painted_as(&mut self, key: Key, layer: &scene::Id, result: Result<Raster, String>) {
        match result {
            Ok(raster) => {
                for notice in raster.notices.iter() {
                    self.notice(Notice::Text { layer: layer.clone(), detail: notice.to_string() });
                }
                self.cache.insert(key, raster);
            }
            Err(detail) => {
                self.failed.insert(key);
                metrics::counter!("stream_manager_source_failures_total").increment(1);
                self.notice(Notice::SourceFailed { layer: layer.clone(), detail });
            }
        }
    }

    /// The decoded asset, or `None` while it is on its way or when it cannot be had.
    fn asset(&mut self, name: &Arc<str>) -> Option<Arc<Asset>> {
        match self.decoded.get(name) {
            Some(Decoded::Ready(asset)) => return Some(Arc::clone(asset)),
            Some(Decoded::Missing) => return None,
            Some(Decoded::Pending) if self.patience == Patience::StandIn => return None,
            Some(Decoded::Pending) | None => {}
        }
        if self.patience == Patience::StandIn {
            self.decoded.insert(Arc::clone(name), Decoded::Pending);
            let job = Job::Decode { name: Arc::clone(name) };
            self.worker().submit(job);
            return None;
        }
        let result = crate::worker::decode(&*self.assets, &self.fonts, name);
        self.decoded_as(Arc::clone(name), result);
        self.asset_if_ready(name)
    }

    fn asset_if_ready(&self, name: &str) -> Option<Arc<Asset>> {
        match self.decoded.get(name) {
            Some(Decoded::Ready(asset)) => Some(Arc::clone(asset)),
            Some(Decoded::Pending | Decoded::Missing) | None => None,
        }
    }

    fn decoded_as(&mut self, name: Arc<str>, result: Result<Asset, String>) {
        let decoded = match result {
            Ok(asset) => Decoded::Ready(Arc::new(asset)),
            Err(detail) => {
                metrics::counter!("stream_manager_asset_failures_total").increment(1);
                self.notice(Notice::AssetFailed { asset: Arc::clone(&name), detail });
                Decoded::Missing
            }
        };
        self.decoded.insert(name, decoded);
    }

    fn worker(&mut self) -> &Worker {
        self.worker.get_or_insert_with(|| Worker::start(self.fonts.clone(), Arc::clone(&self.assets)))
    }

    /// What stands in for a raster that is not there: the layer's last one, else a placeholder.
    fn stand_in(&mut self, layer: &Layer, scale: f64) -> Option<Raster> {
        if let Some(raster) = self.last.get(&layer.id) {
            return Some(raster.clone());
        }
        let size = Size::new(
            layer.transform.width_px.unwrap_or(UNKNOWN_SIZE.width),
            layer.transform.height_px.unwrap_or(UNKNOWN_SIZE.height),
        );
        let raster = placeholder(size, scale);
        self.last.insert(layer.id.clone(), raster.clone());
        Some(raster)
    }

    /// Says each thing once per scene.
    fn notice(&mut self, notice: Notice) {
        if self.noticed.insert(notice.clone()) {
            self.notices.push(notice);
        }
    }
}

impl Measure for Gallery {
    fn extent(&mut self, layer: &Layer, moment: Moment) -> Extent {
        let given = (layer.transform.width_px, layer.transform.height_px);
        let Some(source) = &layer.source else { return Extent::default() };
        if let ((Some(width), Some(height)), false) = (given, has_text(source)) {
            return Extent { size: Size::new(width, height), baseline_px: None };
        }
        let unknown = Extent {
            size: Size::new(given.0.unwrap_or(UNKNOWN_SIZE.width), given.1.unwrap_or(UNKNOWN_SIZE.height)),
            baseline_px: None,
        };
        let Some(content) = content(source, moment) else { return unknown };
        let asset = match source.asset() {
            None => None,
            Some(name) => match self.asset(name) {
                Some(asset) => Some(asset),
                None => return unknown,
            },
        };
        let request = request(layer, source, content.as_deref(), asset.as_deref(), 1.0);
        crate::worker::measure(&mut self.painter, &self.fonts, &request).unwrap_or(unknown)
    }
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery").field("patience", &self.patience).field("assets", &self.decoded.len()).finish_non_exhaustive()
    }
}

/// The words a source shows now: `None` when it shows nothing, `Some(None)` when its own say it all.
#[expect(clippy::option_option, reason = "outer: is anything shown; inner: is it other words than the source's own")]
fn content(source: &Source, moment: Moment) -> Option<Option<String>> {
    match source {
        Source::Countdown(countdown) => countdown.text_at(moment).map(Some),
        _ => Some(None),
    }
}

pub(crate) fn request<'a>(
    layer: &'a Layer,
    source: &'a Source,
    content: Option<&'a str>,
    asset: Option<&'a Asset>,
    scale: f64,
) -> Request<'a> {
    let (width_px, height_px) = (layer.transform.width_px, layer.transform.height_px);
    Request { source, content, width_px, height_px, effects: &layer.effects, scale, asset }
}

const fn has_text(source: &Source) -> bool {
    matches!(source, Source::Text(_) | Source::Ticker(_) | Source::Countdown(_))
}

/// Words are cheap, and a word that comes a frame late is wrong; pictures and large areas are left to the worker.
fn is_slow(request: &Request<'_>, size: Size) -> bool {
    let pixels = size.area() * request.scale * request.scale;
    let limit = if request.effects.is_empty() { SLOW_PIXELS } else { SLOW_PIXELS_WITH_EFFECTS };
    request.asset.is_some() || pixels > limit
}

fn placeholder(size: Size, scale: f64) -> Raster {
    let px = |v: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=4096 first")]
        let px = (v * scale).ceil().clamp(1.0, 4096.0) as u32;
        px
    };
    let surface: Surface = sources::placeholder(px(size.width), px(size.height));
    Raster {
        surface: Arc::new(surface),
        origin_px: Point::ORIGIN,
        scale,
        size,
        baseline_px: None,
        advance_px: None,
        notices: Arc::new([]),
    }
}
