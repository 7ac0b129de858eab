//! Rasters for layers: painted here when cheap, on a worker when not.

mod made_from;

use crate::offscreen::{Affected, Cause, Offscreen};
use crate::reel::Reels;
use crate::studio::{Failure, Studio, Wish, request};
use crate::worker::{self, Done, Job, Worker};
use crate::{AssetSource, Notice};
use kurbo::{Point, Size};
use made_from::{MadeFrom, Played};
use media::{Color, ShowTime, Surface};
use scene::{Extent, Layer, Measure, Moment, Source, TextContent};
use sources::{Asset, Cache, Fonts, Key, Part, Quality, Raster, Request, Sheet};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What takes longer to paint is left to the worker.
const SLOW_MS: f64 = 1.0;
/// A raster that was not shown for so many ticks (five to ten seconds) leaves the cache.
const CACHE_PERIOD_TICKS: u64 = 300;
/// Requests remembered to fail; a source that is animated out of its range fails anew on every frame.
const MAX_FAILED: usize = 1000;
/// Sizes of placeholders that are kept.
const MAX_PLACEHOLDERS: usize = 64;
/// Size of the placeholder of a picture whose size is not known yet, layer px.
const UNKNOWN_SIZE: Size = Size::new(256.0, 256.0);

/// How far a show is taken to go on in a tick before two of them tell.
const USUAL_STEP_NS: i64 = 33_333_333;

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
    studio: Studio,
    decoded: HashMap<Arc<str>, Decoded>,
    cache: Cache,
    /// Frames of what moves, while pictures may come later.
    reels: Reels,
    /// What sprites play, by layer.
    strips: HashMap<scene::Id, Played>,
    /// The pictures of drawings, by layer.
    albums: HashMap<scene::Id, Asset>,
    next_serial: u64,
    /// Numbers of frames to come; kept for its memory.
    upcoming: Vec<u32>,
    /// Show time of the tick, and from the one before to it.
    now: ShowTime,
    step_ns: i64,
    /// Assets that the worker reads now.
    decoding: HashSet<Arc<str>>,
    /// Of these, those that came meanwhile: it may have looked for them too early.
    came_meanwhile: HashSet<Arc<str>>,
    news: Vec<AssetNews>,
    /// What each layer showed last, for while its next raster is being made; for a layer not seen yet, what it will show.
    last: HashMap<scene::Id, (Key, Raster)>,
    placeholders: HashMap<(u32, u32), Arc<Surface>>,
    /// The color asked for last, and one px of it.
    flat: Option<(Color, Arc<Surface>)>,
    failed: HashSet<Key>,
    /// Layers whose raster the worker paints now: the next one waits for it, so that what changes on every frame is
    /// painted as often as the worker can and never queues up.
    pending: HashSet<scene::Id>,
    worker: Option<Worker>,
    patience: Patience,
    /// Groups with surfaces of their own.
    pub(crate) offscreen: Offscreen,
    notices: Vec<Notice>,
    noticed: HashSet<Notice>,
    ticks: u64,
    /// What the countdown or clock that is looked at says; kept for its memory.
    words: String,
}

/// An asset that a layer is made from became ready, or why it did not.
pub(crate) type AssetNews = (Arc<str>, Result<(), String>);

/// What is known of assets; their pixels are with those who paint, and not for long.
enum Decoded {
    Pending,
    Ready(Asset),
    /// Read for the scene before: shown until it has been read anew.
    Stale(Asset),
    Missing,
}

impl Gallery {
    pub(crate) fn new(
        fonts: Fonts,
        assets: Arc<dyn AssetSource>,
        budget_bytes: usize,
        quality: Quality,
    ) -> Self {
        Self {
            studio: Studio::new(fonts, assets, quality),
            reels: Reels::default(),
            strips: HashMap::new(),
            albums: HashMap::new(),
            next_serial: 1,
            upcoming: Vec::new(),
            now: ShowTime::ZERO,
            step_ns: USUAL_STEP_NS,
            decoded: HashMap::new(),
            decoding: HashSet::new(),
            came_meanwhile: HashSet::new(),
            news: Vec::new(),
            cache: Cache::new(budget_bytes),
            last: HashMap::new(),
            placeholders: HashMap::new(),
            flat: None,
            failed: HashSet::new(),
            pending: HashSet::new(),
            worker: None,
            patience: Patience::Wait,
            offscreen: Offscreen::new(budget_bytes),
            notices: Vec::new(),
            noticed: HashSet::new(),
            ticks: 0,
            words: String::new(),
        }
    }

    /// Whether what is drawn small is painted small.
    pub(crate) fn has_ladder(&self) -> bool {
        self.studio.quality() > Quality::Low
    }

    /// One px of a color, opaque.
    pub(crate) fn flat(&mut self, color: Color) -> Arc<Surface> {
        match &self.flat {
            Some((is, surface)) if *is == color => Arc::clone(surface),
            _ => {
                let [r, g, b, _] = color.to_rgba8();
                let mut surface = Surface::new(1, 1);
                surface.data_mut().copy_from_slice(&[r, g, b, 255]);
                let surface = Arc::new(surface);
                self.flat = Some((color, Arc::clone(&surface)));
                surface
            }
        }
    }

    pub(crate) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
        if patience == Patience::StandIn {
            // Now, while the caller is an ordinary thread: a thread inherits the priority of the one that starts it.
            self.worker();
            // From here on the worker has the pixels.
            self.studio.clear();
        }
    }

    /// Another scene: its pictures may have changed on disk, and its faults are new. Layers that stay show what they
    /// showed until that is done.
    pub(crate) fn turn_to<'a>(&mut self, layers: impl Iterator<Item = &'a Layer> + Clone) {
        self.decoded = std::mem::take(&mut self.decoded)
            .into_iter()
            .filter_map(|(name, decoded)| {
                if let Decoded::Ready(asset) = decoded {
                    Some((name, Decoded::Stale(asset)))
                } else {
                    None
                }
            })
            .collect();
        self.forget_faults();
        self.keep(layers);
    }

    /// Whatever failed is tried again, and said again.
    pub(crate) fn forget_faults(&mut self) {
        self.decoded
            .retain(|_, decoded| !matches!(decoded, Decoded::Missing));
        self.failed.clear();
        self.noticed.clear();
    }

    /// A layer begins as another stands: a copy of what leaves shows what that showed, while its own pictures are made.
    pub(crate) fn adopt(&mut self, from: &scene::Id, to: &scene::Id) {
        if !self.last.contains_key(to)
            && let Some(last) = self.last.get(from).cloned()
        {
            self.last.insert(to.clone(), last);
        }
        self.reels.adopt(from, to);
    }

    /// Forgets what layers showed that are no more, and pictures that none is made from.
    pub(crate) fn keep<'a>(&mut self, layers: impl Iterator<Item = &'a Layer> + Clone) {
        let ids: HashSet<&scene::Id> = layers.clone().map(|layer| &layer.id).collect();
        self.last.retain(|id, _| ids.contains(id));
        self.offscreen.keep(&ids);
        let assets: HashSet<&Arc<str>> = layers.flat_map(Layer::assets).collect();
        self.decoded.retain(|name, _| assets.contains(name));
        self.strips.retain(|id, _| ids.contains(id));
        self.albums.retain(|id, _| ids.contains(id));
        self.studio.keep_players(|id| ids.contains(id));
        if self.reels.keep(|id| ids.contains(id))
            && let Some(worker) = &self.worker
        {
            worker.submit(Job::Keep(ids.into_iter().cloned().collect()));
        }
    }

    /// The family that words are written in where none is asked for.
    pub(crate) fn default_family(&self) -> Option<String> {
        self.studio.fonts().default_family().map(str::to_owned)
    }

    /// Whether a picture's raster is there, so that no placeholder would be shown; has it made where it is not.
    pub(crate) fn is_there(&mut self, layer: &Layer, scale: f64, moment: Moment) -> bool {
        let source = layer.source.as_ref();
        source.is_some_and(|source| {
            self.find(layer, source, None, scale, false, moment)
                .is_some()
        })
    }

    /// Whether all that a layer shows is there, as far as it can be had at all; has it made where it is not. Words count as
    /// there: they are painted when they are needed.
    pub(crate) fn is_painted(&mut self, layer: &Layer, scale: f64, moment: Moment) -> bool {
        let Some(source) = layer.source.as_ref().filter(|source| !has_text(source)) else {
            return true;
        };
        let state = |name: &Arc<str>| self.decoded.get(&**name);
        // A drawing does without those that it lacks.
        let needs_all = !matches!(source, Source::Drawing(_));
        if needs_all
            && layer
                .assets()
                .any(|name| matches!(state(name), Some(Decoded::Missing)))
        {
            return true;
        }
        let coming = |name: &Arc<str>| matches!(state(name), Some(Decoded::Pending));
        if self.pending.contains(&layer.id) || layer.assets().any(coming) {
            return false;
        }
        self.find(layer, source, None, scale, false, moment)
            .is_some()
            && !self.pending.contains(&layer.id)
    }

    /// Paints, or has painted, what a layer will show, so that it is there when the layer is first seen. Words are left
    /// out: they are painted when they are needed.
    pub(crate) fn prepare(&mut self, layer: &Layer, scale: f64, moment: Moment) {
        if layer
            .source
            .as_ref()
            .is_some_and(|source| !has_text(source))
        {
            self.raster(layer, scale, false, moment);
        }
    }

    /// Reads an asset again that could not be had, or will be if the read that is under way fails. Its placeholder stays
    /// until it is there.
    pub(crate) fn retry(&mut self, name: &str) {
        let Some((name, decoded)) = self.decoded.get_key_value(name) else {
            return;
        };
        let name = Arc::clone(name);
        if self.decoding.contains(&name) {
            self.came_meanwhile.insert(name);
        } else if matches!(decoded, Decoded::Missing) {
            match self.patience {
                Patience::StandIn => self.read(name),
                Patience::Wait => drop(self.decoded.remove(&name)),
            }
        }
    }

    /// Has the worker read an asset.
    fn read(&mut self, name: Arc<str>) {
        if self.decoding.insert(Arc::clone(&name)) {
            self.worker().submit(Job::Decode { name });
        }
    }

    /// What became of assets since the last call.
    pub(crate) fn take_asset_news(&mut self) -> std::vec::Drain<'_, AssetNews> {
        self.news.drain(..)
    }

    /// How many surfaces are kept to be shown again, and their bytes.
    pub(crate) fn cached(&self) -> (usize, usize) {
        let (frames, bytes) = self.reels.held();
        (self.cache.len() + frames, self.cache.used_bytes() + bytes)
    }

    pub(crate) fn take_notices(&mut self) -> std::vec::Drain<'_, Notice> {
        self.notices.drain(..)
    }

    /// Takes in what the worker finished since the last frame; begins the tick at show time `now`.
    pub(crate) fn collect(&mut self, now: ShowTime) {
        let step = now.nanos().saturating_sub(self.now.nanos());
        if step > 0 {
            // Whoever looks here and there is not taken for a show that leaps.
            self.step_ns = step.min(1_000_000_000);
        }
        self.now = now;
        self.ticks += 1;
        if self.ticks.is_multiple_of(CACHE_PERIOD_TICKS) {
            self.cache.begin_period();
        }
        while let Some(done) = self.worker.as_ref().and_then(Worker::finished) {
            match done {
                Done::Decoded(name, result) => {
                    self.decoding.remove(&name);
                    let came_meanwhile = self.came_meanwhile.remove(&name);
                    if !self.decoded.contains_key(&name) {
                        // No layer is made from it any more.
                    } else if result.is_err() && came_meanwhile {
                        self.read(name);
                    } else {
                        self.decoded_as(name, result);
                    }
                }
                Done::Affected(group, affected, fault) => {
                    self.pending.remove(&group);
                    self.offscreen.affected(&group, affected);
                    if let Some(detail) = fault {
                        self.failed_as(&group, detail);
                    }
                }
                Done::Painted(key, layer, result) => {
                    self.pending.remove(&layer);
                    if let Ok(raster) = &result {
                        self.last.insert(layer.clone(), (key, raster.clone()));
                    }
                    self.painted_as(key, &layer, result);
                }
                Done::Reel {
                    series,
                    layer,
                    number,
                    result,
                    is_last,
                } => self.reel_painted(&layer, series, number, result, is_last),
                Done::Changed(layer, asset) => {
                    self.pending.remove(&layer);
                    self.reels.forget(&layer);
                    self.changed(&asset);
                }
            }
        }
    }

    /// An asset was read again, and is another one: whatever name it was known by.
    fn changed(&mut self, asset: &(Arc<str>, Asset)) {
        let (name, asset) = asset;
        if self.decoded.contains_key(name) {
            self.decoded_as(Arc::clone(name), Ok(asset.clone()));
        }
    }

    /// The raster to draw for `layer`, its words hinted or not; `None` when it shows nothing now.
    ///
    /// Allocates nothing where the raster is in the cache.
    pub(crate) fn raster(
        &mut self,
        layer: &Layer,
        scale: f64,
        hint: bool,
        moment: Moment,
    ) -> Option<Raster> {
        let source = layer.source.as_ref()?;
        let mut words = std::mem::take(&mut self.words);
        let raster = match content(source, moment, &mut words) {
            Content::Nothing => None,
            Content::Own => Some(self.raster_of(layer, source, None, scale, hint, moment)),
            Content::Words => {
                Some(self.raster_of(layer, source, Some(&words), scale, hint, moment))
            }
        };
        self.words = words;
        raster
    }

    fn raster_of(
        &mut self,
        layer: &Layer,
        source: &Source,
        content: Option<&str>,
        scale: f64,
        hint: bool,
        moment: Moment,
    ) -> Raster {
        self.find(layer, source, content, scale, hint, moment)
            .unwrap_or_else(|| self.placeholder(layer, scale))
    }

    /// The raster, or the layer's last one while it is being made; `None` where there is neither.
    fn find(
        &mut self,
        layer: &Layer,
        source: &Source,
        content: Option<&str>,
        scale: f64,
        hint: bool,
        moment: Moment,
    ) -> Option<Raster> {
        let (asset, motion) = match self.made_from(layer, source) {
            MadeFrom::Nothing => (None, None),
            MadeFrom::Asset(asset, Some(motion)) if self.patience == Patience::StandIn => {
                return self.frame(layer, source, &asset, &motion, scale, moment);
            }
            MadeFrom::Asset(asset, motion) => (Some(asset), motion),
            // A layer whose picture is gone shows a placeholder, not what it showed before.
            MadeFrom::Missing => return None,
            MadeFrom::Coming => return self.last_of(layer),
        };
        let part = motion.map_or(Part::Whole, |motion| motion.part(motion.number(moment)));
        let shown = asset.as_ref().map(|asset| asset.part(part));
        let request = Request {
            hint,
            ..request(layer, source, content, shown.as_ref(), scale)
        };
        let key = request.key();
        if let Some(raster) = self.cache.get(&key).cloned() {
            if is_slow(&request, raster.size) {
                self.remember(layer, key, &raster);
            }
            return Some(raster);
        }
        if let Some((_, raster)) = self.last.get(&layer.id).filter(|(of, _)| *of == key) {
            // More is on screen than the cache may hold: what is in memory all the same is not painted again.
            return Some(raster.clone());
        }
        if self.failed.contains(&key) {
            return self.last_of(layer);
        }
        let extent = self.studio.measure(&request);
        let size = extent.map_or(UNKNOWN_SIZE, |extent| extent.size);
        let slow = is_slow(&request, size);
        if self.patience == Patience::StandIn && slow {
            if self.pending.insert(layer.id.clone()) {
                let job = Job::Paint {
                    key,
                    layer: Box::new(layer.clone()),
                    content: content.map(str::to_owned),
                    asset: asset.clone(),
                    scale,
                    hint,
                };
                self.worker().submit(job);
            }
            return self.last_of(layer);
        }
        let wish = Wish {
            content,
            asset: asset.as_ref(),
            part,
            scale,
            hint,
        };
        let result = match self.studio.paint(layer, source, wish) {
            Ok(raster) => Ok(raster),
            Err(Failure::Said(detail)) => Err(detail),
            Err(Failure::Changed(asset)) => {
                self.changed(&asset);
                return self.last_of(layer);
            }
        };
        let painted = result.as_ref().ok().cloned();
        if let Some(raster) = painted.as_ref().filter(|_| slow) {
            self.remember(layer, key, raster);
        }
        self.painted_as(key, &layer.id, result);
        painted.or_else(|| self.last_of(layer))
    }

    /// Notes what the layer shows, for while its next raster is being made.
    fn remember(&mut self, layer: &Layer, key: Key, raster: &Raster) {
        match self.last.get_mut(&layer.id) {
            Some(last) => *last = (key, raster.clone()),
            None => drop(self.last.insert(layer.id.clone(), (key, raster.clone()))),
        }
    }

    fn last_of(&self, layer: &Layer) -> Option<Raster> {
        let (_, raster) = self.last.get(&layer.id)?;
        Some(raster.clone())
    }

    fn painted_as(&mut self, key: Key, layer: &scene::Id, result: Result<Raster, String>) {
        match result {
            Ok(raster) => {
                for notice in raster.notices.iter() {
                    metrics::counter!("stream_manager_font_faults_total").increment(1);
                    self.notice(Notice::Text {
                        layer: layer.clone(),
                        detail: notice.to_string(),
                    });
                }
                self.cache.insert(key, raster);
            }
            Err(detail) => {
                if self.failed.len() >= MAX_FAILED {
                    self.failed.clear();
                }
                self.failed.insert(key);
                self.failed_as(layer, detail);
            }
        }
    }

    /// What the effects of a group make of its surface, or `None` where that is left to the worker.
    pub(crate) fn affect(
        &mut self,
        group: &scene::Id,
        cause: Cause,
        sheet: &Sheet,
    ) -> Option<Affected> {
        let pixels = (
            f64::from(sheet.surface.width()),
            f64::from(sheet.surface.height()),
        );
        let slow = sources::cost_ms(&cause.effects, pixels, sheet.scale) > SLOW_MS;
        if self.patience == Patience::StandIn && slow {
            if self.pending.insert(group.clone()) {
                let (group, sheet) = (group.clone(), sheet.clone());
                self.worker().submit(Job::Affect {
                    group,
                    cause,
                    sheet,
                });
            }
            return None;
        }
        let (affected, fault) = worker::affect(cause, sheet);
        if let Some(detail) = fault {
            self.failed_as(group, detail);
        }
        Some(affected)
    }

    /// Says of a layer that it cannot be shown as it should.
    pub(crate) fn failed_as(&mut self, layer: &scene::Id, detail: String) {
        let notice = Notice::SourceFailed {
            layer: layer.clone(),
            detail,
        };
        if self.notice(notice) {
            metrics::counter!("stream_manager_source_failures_total").increment(1);
        }
    }

    /// The decoded asset, or `None` while it is on its way or when it cannot be had.
    fn asset(&mut self, name: &Arc<str>) -> Option<Asset> {
        match self.decoded.get(name) {
            Some(Decoded::Ready(asset)) => return Some(asset.clone()),
            Some(Decoded::Missing) => return None,
            Some(Decoded::Pending) if self.patience == Patience::StandIn => return None,
            Some(Decoded::Stale(_) | Decoded::Pending) | None => {}
        }
        if self.patience == Patience::StandIn {
            let decoded = match self.decoded.remove(name) {
                Some(Decoded::Stale(asset)) => Decoded::Ready(asset),
                _ => Decoded::Pending,
            };
            self.decoded.insert(Arc::clone(name), decoded);
            self.read(Arc::clone(name));
            return self.asset_if_ready(name);
        }
        let result = self.studio.decode(name);
        self.decoded_as(Arc::clone(name), result);
        self.asset_if_ready(name)
    }

    fn asset_if_ready(&self, name: &str) -> Option<Asset> {
        match self.decoded.get(name) {
            Some(Decoded::Ready(asset)) => Some(asset.clone()),
            Some(Decoded::Pending | Decoded::Stale(_) | Decoded::Missing) | None => None,
        }
    }

    fn decoded_as(&mut self, name: Arc<str>, result: Result<Asset, String>) {
        let decoded = match result {
            Ok(asset) => {
                let shown = self.decoded.get(&name);
                if !matches!(shown, Some(Decoded::Ready(_) | Decoded::Stale(_))) {
                    self.news.push((Arc::clone(&name), Ok(())));
                }
                Decoded::Ready(asset)
            }
            Err(detail) => {
                metrics::counter!("stream_manager_asset_failures_total").increment(1);
                self.news.push((Arc::clone(&name), Err(detail.clone())));
                self.notice(Notice::AssetFailed {
                    asset: Arc::clone(&name),
                    detail,
                });
                Decoded::Missing
            }
        };
        self.decoded.insert(name, decoded);
    }

    fn worker(&mut self) -> &Worker {
        let studio = &self.studio;
        self.worker.get_or_insert_with(|| {
            let (fonts, assets) = (studio.fonts().clone(), Arc::clone(studio.assets()));
            Worker::start(fonts, assets, studio.quality())
        })
    }

    fn placeholder(&mut self, layer: &Layer, scale: f64) -> Raster {
        let size = Size::new(
            layer.transform.width_px.unwrap_or(UNKNOWN_SIZE.width),
            layer.transform.height_px.unwrap_or(UNKNOWN_SIZE.height),
        );
        let px = |v: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 1..=4096 first"
            )]
            let px = (v * scale).ceil().clamp(1.0, 4096.0) as u32;
            px
        };
        let pixels = (px(size.width), px(size.height));
        if self.placeholders.len() >= MAX_PLACEHOLDERS {
            self.placeholders.clear();
        }
        let paint = || Arc::new(sources::placeholder(pixels.0, pixels.1));
        let surface = Arc::clone(self.placeholders.entry(pixels).or_insert_with(paint));
        let notices = Arc::new([]);
        Raster {
            surface,
            origin_px: Point::ORIGIN,
            scale,
            size,
            baseline_px: None,
            advance_px: None,
            notices,
        }
    }

    /// Says each thing once per scene; of a layer that fails with another number on every frame, only the first. Whether it
    /// was said.
    fn notice(&mut self, notice: Notice) -> bool {
        let thing = match &notice {
            Notice::SourceFailed { layer, .. } => Notice::SourceFailed {
                layer: layer.clone(),
                detail: String::new(),
            },
            Notice::AssetFailed { .. } | Notice::Text { .. } => notice.clone(),
        };
        let is_new = self.noticed.insert(thing);
        if is_new {
            self.notices.push(notice);
        }
        is_new
    }
}

impl Measure for Gallery {
    fn extent(&mut self, layer: &Layer, moment: Moment) -> Extent {
        let given = (layer.transform.width_px, layer.transform.height_px);
        let Some(source) = &layer.source else {
            return Extent::default();
        };
        if let ((Some(width), Some(height)), false) = (given, has_text(source)) {
            return Extent {
                size: Size::new(width, height),
                baseline_px: None,
            };
        }
        let unknown = Extent {
            size: Size::new(
                given.0.unwrap_or(UNKNOWN_SIZE.width),
                given.1.unwrap_or(UNKNOWN_SIZE.height),
            ),
            baseline_px: None,
        };
        let mut words = std::mem::take(&mut self.words);
        let extent = match content(source, moment, &mut words) {
            Content::Nothing => unknown,
            Content::Own => self.measured(layer, source, None, unknown, moment),
            Content::Words => self.measured(layer, source, Some(&words), unknown, moment),
        };
        self.words = words;
        extent
    }
}

impl Gallery {
    fn measured(
        &mut self,
        layer: &Layer,
        source: &Source,
        content: Option<&str>,
        unknown: Extent,
        moment: Moment,
    ) -> Extent {
        let asset = match self.made_from(layer, source) {
            MadeFrom::Nothing => None,
            MadeFrom::Asset(asset, None) => Some(asset),
            MadeFrom::Asset(asset, Some(motion)) => {
                Some(asset.part(motion.part(motion.number(moment))))
            }
            MadeFrom::Coming | MadeFrom::Missing => return unknown,
        };
        let request = request(layer, source, content, asset.as_ref(), 1.0);
        self.studio.measure(&request).unwrap_or(unknown)
    }
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery")
            .field("patience", &self.patience)
            .field("assets", &self.decoded.len())
            .finish_non_exhaustive()
    }
}

/// What a source shows at a moment.
enum Content {
    Nothing,
    /// Its own words or none.
    Own,
    /// Words of the moment.
    Words,
}

/// What `source` shows now; words of the moment replace `words`.
fn content(source: &Source, moment: Moment, words: &mut String) -> Content {
    words.clear();
    match source {
        Source::Countdown(countdown) if countdown.write_at(moment, words) => Content::Words,
        Source::Countdown(_) => Content::Nothing,
        Source::Clock(clock) => {
            clock.write_at(moment, words);
            Content::Words
        }
        Source::Text(text) => match &text.text {
            TextContent::Number(number) => {
                number.write(words);
                Content::Words
            }
            TextContent::Plain(_) | TextContent::Runs(_) => Content::Own,
        },
        _ => Content::Own,
    }
}

const fn has_text(source: &Source) -> bool {
    matches!(
        source,
        Source::Text(_) | Source::Ticker(_) | Source::Countdown(_) | Source::Clock(_)
    )
}

/// Words are cheap, and a word that comes a frame late is wrong; pictures and large areas are left to the worker.
fn is_slow(request: &Request<'_>, size: Size) -> bool {
    /// What a million px take without effects.
    const PAINT_MS_PER_MPX: f64 = 2.0;
    let painted_ms = request.effort_px(size) / 1e6 * PAINT_MS_PER_MPX;
    let pixels = (size.width * request.scale, size.height * request.scale);
    let effects_ms = sources::cost_ms(request.effects, pixels, request.scale);
    request.asset.is_some() || painted_ms + effects_ms > SLOW_MS
}
