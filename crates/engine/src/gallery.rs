//! Rasters for layers: painted here when cheap, on a worker when not.

mod depot;
mod effort;
mod extent;
mod made_from;
mod room;

use crate::offscreen::{Affected, Cause, Offscreen};
use crate::reel::Reels;
use crate::studio::{Failure, Studio, Wish, request};
use crate::worker::{self, Done, Job, Worker};
use crate::{AssetSource, Notice};
use compositor::Shrink;
use depot::Depot;
use effort::{MOST_MS, cost_ms, words_ms};
use kurbo::{Point, Size};
use made_from::{MadeFrom, Played};
use media::{Color, ShowTime, Surface};
pub use room::Memory;
use scene::{Layer, Moment, Source, TextContent};
use sources::{Asset, Cache, Fonts, Key, Part, Quality, Raster, Request, Sheet};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A raster that was not shown for so many ticks (five to ten seconds) leaves the cache.
const CACHE_PERIOD_TICKS: u64 = 300;
/// Requests remembered to fail; a source that is animated out of its range fails anew on every frame.
const MAX_FAILED: usize = 1000;
/// Number of the first tick: what was never on screen was wanted long before.
const FIRST_TICK: u64 = 16;
/// Sizes of placeholders that are kept.
const MAX_PLACEHOLDERS: usize = 64;
/// A larger placeholder is painted smaller: nobody needs its bands to be sharp.
const MOST_PLACEHOLDER_PX: f64 = 262_144.0;
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
    /// For the pixels of all of it, as far as they are not on screen.
    budget_bytes: usize,
    /// Why rasters are asked for now.
    want: Want,
    /// What was painted here for this frame and for the last one, as estimated.
    spent_ms: [f64; 2],
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
    depot: Depot,
    /// What is held, as of the last tick.
    memory: Memory,
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

/// Why a raster is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    /// It is drawn.
    Now,
    /// It will be, within a second or two: brought back where it was put away.
    Soon,
    /// It may be: painted once, and let go where there is no room for it.
    SomeDay,
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
            budget_bytes,
            want: Want::Now,
            spent_ms: [0.0; 2],
            depot: Depot::default(),
            memory: Memory::default(),
            placeholders: HashMap::new(),
            flat: None,
            failed: HashSet::new(),
            pending: HashSet::new(),
            worker: None,
            patience: Patience::Wait,
            // What is on screen is never put away, so there is more room for that.
            offscreen: Offscreen::new(2 * budget_bytes),
            notices: Vec::new(),
            noticed: HashSet::new(),
            ticks: FIRST_TICK,
            words: String::new(),
        }
    }

    /// Whether what is drawn small is painted small.
    pub(crate) fn has_ladder(&self) -> bool {
        self.studio.quality() > Quality::Low
    }

    /// How pictures in perspective are read where they are drawn small.
    pub(crate) fn shrink(&self) -> Shrink {
        match self.studio.quality() {
            Quality::Low => Shrink::Skip,
            Quality::Medium => Shrink::Mix,
            Quality::High => Shrink::Follow,
        }
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

    /// One white px.
    pub(crate) fn white(&self) -> Arc<Surface> {
        self.offscreen.white()
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
        self.depot.adopt(from, to);
        self.reels.adopt(from, to);
    }

    /// Forgets what layers showed that are no more, and pictures that none is made from.
    pub(crate) fn keep<'a>(&mut self, layers: impl Iterator<Item = &'a Layer> + Clone) {
        let ids: HashSet<&scene::Id> = layers.clone().map(|layer| &layer.id).collect();
        self.depot.retain(|id| ids.contains(id));
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
            if self.patience == Patience::Wait && self.has_some_away() {
                // The frame is waited for, and what it shows is painted when it asks for it.
                return;
            }
            self.want = Want::SomeDay;
            self.raster(layer, scale, false, moment);
            self.want = Want::Now;
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
                        if self.depot.is_away(&layer, key) {
                            metrics::counter!("stream_manager_pictures_brought_back_total")
                                .increment(1);
                        }
                        self.depot.keep(&layer, key, raster, self.ticks, true);
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
                Done::Drafted(layer, key, draft) => self.drafted(&layer, key, draft),
                Done::Changed(layer, asset) => {
                    self.pending.remove(&layer);
                    self.reels.forget(&layer);
                    self.changed(&asset);
                }
            }
        }
        self.make_room();
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
            Content::Own => self.raster_of(layer, source, None, scale, hint, moment),
            Content::Words => self.raster_of(layer, source, Some(&words), scale, hint, moment),
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
    ) -> Option<Raster> {
        let found = self.find(layer, source, content, scale, hint, moment);
        // What needs no file is there within a frame or two: a placeholder would only flash.
        let is_coming = || source.asset().is_none() && self.pending.contains(&layer.id);
        if found.is_some() || is_coming() {
            return found;
        }
        Some(self.placeholder(layer, scale))
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
            // Frames are painted ahead by themselves.
            MadeFrom::Asset(_, Some(_)) if self.want == Want::Soon => return self.last_of(layer),
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
            let is_slow = asset.is_some() || cost_ms(&request, raster.size) > MOST_MS;
            self.remember(layer, key, &raster, is_slow);
            return Some(raster);
        }
        if let Some(raster) = self.depot.full(&layer.id, key, self.until()) {
            // More is on screen than the cache may hold: what is in memory all the same is not painted again.
            return Some(raster);
        }
        let is_away = self.depot.is_away(&layer.id, key);
        if (self.want == Want::SomeDay && is_away) || (self.want == Want::Soon && !is_away) {
            return self.last_of(layer);
        }
        if self.failed.contains(&key) {
            return self.depot.slow(&layer.id).cloned();
        }
        let may_come_later = self.patience == Patience::StandIn;
        let size = if may_come_later && words_ms(source, content) > MOST_MS {
            UNKNOWN_SIZE
        } else {
            let extent = self.studio.measure(&request);
            extent.map_or(UNKNOWN_SIZE, |extent| extent.size)
        };
        let cost_ms = cost_ms(&request, size);
        let slow = asset.is_some() || cost_ms > MOST_MS;
        if may_come_later && (slow || self.spent_ms[0] + cost_ms > MOST_MS) {
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
        self.spent_ms[0] += cost_ms;
        let painted = result.as_ref().ok().cloned();
        if let Some(raster) = &painted {
            self.remember(layer, key, raster, slow);
        }
        self.painted_as(key, &layer.id, result);
        if slow {
            self.make_room();
        }
        painted.or_else(|| self.depot.slow(&layer.id).cloned())
    }

    /// What was painted on the caller's thread for the frame before, in milliseconds as estimated; the next one begins.
    pub(crate) fn end_frame(&mut self) {
        self.spent_ms = [0.0, self.spent_ms[0]];
    }

    /// What was painted on the caller's thread for the last frame, in milliseconds as estimated.
    pub(crate) const fn effort_ms(&self) -> f64 {
        self.spent_ms[1]
    }

    /// Notes what the layer shows, for while its next raster is being made.
    fn remember(&mut self, layer: &Layer, key: Key, raster: &Raster, is_slow: bool) {
        let until = self.until();
        self.depot.keep(&layer.id, key, raster, until, is_slow);
    }

    fn last_of(&self, layer: &Layer) -> Option<Raster> {
        self.depot.any(&layer.id).cloned()
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
        let cost_ms = sources::cost_ms(&cause.effects, pixels, sheet.scale);
        if self.patience == Patience::StandIn && self.spent_ms[0] + cost_ms > MOST_MS {
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
        self.spent_ms[0] += cost_ms;
        let (affected, fault) = worker::affect(cause, sheet, self.studio.quality());
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
        let px = |v: f64, scale: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 1..=4096 first"
            )]
            let px = (v * scale).ceil().clamp(1.0, 4096.0) as u32;
            px
        };
        let mut scale = scale;
        while size.area() * scale * scale > MOST_PLACEHOLDER_PX {
            scale *= 0.5;
        }
        let px = |v: f64| px(v, scale);
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
