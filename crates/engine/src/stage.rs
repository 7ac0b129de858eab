//! The stage: the live scene, and the display list it makes at a time.

use crate::gallery::{AssetNews, Gallery, Memory};
use crate::hidden::Hidden;
use crate::slate::Front;
use crate::{AssetSource, Notice, Patience, lower};
use compositor::DisplayList;
use media::{Resolution, ShowTime};
use scene::{Edit, Id, Item, Moment, Resolver, Revision, SafeBox, Scene, Slate};
use sources::{Fonts, Quality};
use std::sync::Arc;

/// Ticks between two looks ahead.
const LOOK_AHEAD_TICKS: u32 = 10;
/// How far is looked ahead: time for the painting thread to bring dozens of pictures back.
const LOOK_AHEAD_NS: i64 = 1_500_000_000;

/// The live scene, owned by one thread. Time is a parameter: [`Stage::tick`].
#[derive(Debug)]
pub struct Stage {
    scene: Arc<Scene>,
    revision: Revision,
    /// Whether the resolver is older than the scene.
    edited: bool,
    resolver: Resolver,
    gallery: Gallery,
    output: Resolution,
    epoch_unix_ns: i64,
    items: Vec<Item>,
    hidden: Hidden,
    /// Counts ticks since it was last looked ahead.
    since_ahead: u32,
    list: DisplayList,
    /// The slate that is up. What it hides is lowered all the same: so its pictures stay at hand, and those that come
    /// with an edit meanwhile are painted before they are seen.
    front: Option<Front>,
}

/// What a stage is set up with.
#[derive(Clone, Debug)]
pub struct StageConfig {
    /// Fonts, as bytes.
    pub fonts: Fonts,
    /// Where pictures come from.
    pub assets: Arc<dyn AssetSource>,
    /// Size of the picture; the scene's canvas is scaled to fit, centred.
    pub output: Resolution,
    /// The wall clock at show time 0, nanoseconds since 1970 UTC; a running engine puts its own in place.
    pub epoch_unix_ns: i64,
    /// Memory for pixels that are not on screen, bytes: what is on screen is held in any case, and counts first. Groups with
    /// effects are drawn without them where their surfaces would take more than twice as much.
    pub raster_budget_bytes: usize,
    /// How carefully pictures are scaled.
    pub quality: Quality,
}

impl StageConfig {
    /// Enough for fifteen full-screen pictures at 1080p.
    pub const DEFAULT_RASTER_BUDGET_BYTES: usize = 128 << 20;
}

impl Stage {
    /// A stage showing `scene`, whose faults are empty or missing assets only.
    pub fn new(config: StageConfig, scene: Scene) -> Self {
        let StageConfig {
            fonts,
            assets,
            output,
            epoch_unix_ns,
            raster_budget_bytes,
            quality,
        } = config;
        let mut stage = Self {
            scene: Arc::new(Scene::empty(output.width, output.height)),
            revision: 0,
            edited: false,
            resolver: Resolver::new(&Scene::empty(output.width, output.height)),
            gallery: Gallery::new(fonts, assets, raster_budget_bytes, quality),
            output,
            epoch_unix_ns,
            items: Vec::new(),
            hidden: Hidden::default(),
            since_ahead: 0,
            list: DisplayList {
                background: media::Color::BLACK,
                items: Vec::new(),
            },
            front: None,
        };
        stage.set_scene(scene, ShowTime::ZERO);
        stage
    }

    /// Replaces the scene; `at` is the show time of the first frame that shows it.
    pub fn set_scene(&mut self, mut scene: Scene, at: ShowTime) -> Revision {
        scene.settle(self.moment(at));
        self.resolver = Resolver::new(&scene);
        self.edited = false;
        self.adopt_copies();
        let front = self.front.iter().flat_map(Front::layers);
        let layers = self.resolver.layers().iter().map(|layer| &**layer);
        self.gallery.turn_to(layers.chain(front));
        self.scene = Arc::new(scene);
        let (moment, view) = (self.moment(at), self.view());
        let layers = self.resolver.layers().iter();
        for (layer, scale) in layers.zip(self.resolver.raster_scales()) {
            self.gallery.prepare(layer, scale * view.scale, moment);
        }
        self.revision += 1;
        self.revision
    }

    /// Changes parts of the scene, as [`set_scene`](Self::set_scene) does the whole: what was not touched goes on as it was.
    ///
    /// Several in one frame cost little more than one: what follows from the scene is worked out at the next tick.
    pub fn edit(&mut self, edit: Edit, at: ShowTime) -> Revision {
        let moment = self.moment(at);
        let scene = Arc::make_mut(&mut self.scene);
        scene.change(edit, moment);
        self.edited = true;
        self.revision += 1;
        self.revision
    }

    /// Shows a scene as it is, off the air: starts that are not yet show times count from show time 0, and pictures that
    /// were read are not read anew.
    pub(crate) fn turn_to(&mut self, scene: &Arc<Scene>) {
        self.scene = Arc::clone(scene);
        if !scene.is_settled() {
            let moment = self.moment(ShowTime::ZERO);
            Arc::make_mut(&mut self.scene).settle(moment);
        }
        self.edited = false;
        self.resolver = Resolver::new(&self.scene);
        self.keep_rasters();
    }

    /// Tries again what failed.
    pub(crate) fn forget_faults(&mut self) {
        self.gallery.forget_faults();
    }

    /// As [`tick`](Self::tick), but only the layer `id` and what is in it, hidden or not; `None` where there is none.
    pub(crate) fn tick_only(&mut self, id: &Id, t: ShowTime) -> Option<&DisplayList> {
        let moment = self.moment(t);
        self.take_in_edits(moment);
        // Nothing lies below a layer alone.
        let view = lower::View {
            frosts: false,
            ..self.view()
        };
        self.gallery.collect(t);
        let found = self
            .resolver
            .resolve_only(id, moment, &mut self.gallery, &mut self.items);
        lower::lower_items(
            &self.items,
            &self.resolver,
            &mut self.gallery,
            moment,
            view,
            &mut self.list,
        );
        found.then_some(&self.list)
    }

    /// Puts a slate before the scene, or takes it away; it shows on the frame at `at`. The scene goes on behind it.
    pub fn set_slate(&mut self, slate: Option<Slate>, at: ShowTime) -> Revision {
        let moment = self.moment(at);
        // What the last slate showed does not stand in for what this one will.
        self.front = None;
        self.keep_rasters();
        let output = self.output;
        self.front = slate.map(|slate| Front::new(slate, output, &mut self.gallery, moment));
        self.revision += 1;
        self.revision
    }

    /// Shows the same in another size from the next tick on, at show time `at`.
    pub fn set_output(&mut self, output: Resolution, at: ShowTime) {
        self.output = output;
        // Pictures are wanted in other sizes.
        self.edited = true;
        if let Some(front) = self.front.take() {
            let (slate, moment) = (front.slate().clone(), self.moment(at));
            self.front = Some(Front::new(slate, output, &mut self.gallery, moment));
        }
    }

    /// The slate that is up.
    pub fn slate(&self) -> Option<&Slate> {
        self.front.as_ref().map(Front::slate)
    }

    /// Copies of what leaves show what that showed.
    fn adopt_copies(&mut self) {
        for (from, to) in self.resolver.copies() {
            self.gallery.adopt(from, to);
        }
    }

    fn keep_rasters(&mut self) {
        self.adopt_copies();
        let front = self.front.iter().flat_map(Front::layers);
        let layers = self.resolver.layers().iter().map(|layer| &**layer);
        self.gallery.keep(layers.chain(front));
    }

    fn take_in_edits(&mut self, moment: Moment) {
        if !std::mem::take(&mut self.edited) {
            return;
        }
        self.resolver = Resolver::new(&self.scene);
        self.keep_rasters();
        let view = self.view();
        let layers = self.resolver.layers().iter();
        for (layer, scale) in layers.zip(self.resolver.raster_scales()) {
            self.gallery.prepare(layer, scale * view.scale, moment);
        }
    }

    /// Takes the revision for that of the scene on air, and counts on from it.
    pub(crate) const fn count_from(&mut self, revision: Revision) {
        self.revision = revision;
    }

    /// Every layer of the scene with a safe area as it is at show time `t`, and where.
    pub fn safe_boxes(&mut self, t: ShowTime) -> Vec<SafeBox> {
        let moment = self.moment(t);
        self.take_in_edits(moment);
        let canvas = self.scene.canvas;
        self.resolver.safe_boxes(&canvas, moment, &mut self.gallery)
    }

    /// The scene on air.
    pub const fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// Number of the newest accepted change.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether pictures may come later than their layers from here on.
    pub fn set_patience(&mut self, patience: Patience) {
        self.gallery.set_patience(patience);
        if patience == Patience::StandIn && self.gallery.has_some_away() {
            // There was no room for more before the first frame; the worker has the time.
            self.edited = true;
        }
    }

    /// What is on screen at show time `t`, bottom to top, in output px: the scene, or the slate that stands before it.
    ///
    /// A function of the scene and `t` alone when [`Patience::Wait`]; else slow pictures may still be placeholders.
    pub fn tick(&mut self, t: ShowTime) -> &DisplayList {
        let moment = self.moment(t);
        self.take_in_edits(moment);
        let view = self.view();
        self.gallery.collect(t);
        self.look_ahead(t);
        self.resolver
            .resolve(moment, &mut self.gallery, &mut self.items);
        self.hidden.leave_out(
            &mut self.items,
            &self.resolver,
            &mut self.gallery,
            moment,
            view,
        );
        lower::lower(
            &self.items,
            &self.resolver,
            &mut self.gallery,
            moment,
            view,
            &mut self.list,
        );
        if let Some(front) = &mut self.front {
            front.tick(&mut self.gallery, moment);
        }
        self.gallery.end_frame();
        self.list()
    }

    /// Has brought back what was put away and will be seen, as far as that can be known: once in a while, and only where
    /// something is away. Costs what it takes to resolve a scene.
    fn look_ahead(&mut self, t: ShowTime) {
        self.since_ahead += 1;
        if !self.gallery.has_some_away() || self.since_ahead < LOOK_AHEAD_TICKS {
            return;
        }
        self.since_ahead = 0;
        let (then, view) = (t.nanos().saturating_add(LOOK_AHEAD_NS), self.view());
        let moment = self.moment(ShowTime::from_nanos(then));
        let (resolver, gallery) = (&mut self.resolver, &mut self.gallery);
        resolver.resolve(moment, gallery, &mut self.items);
        self.hidden
            .leave_out(&mut self.items, resolver, gallery, moment, view);
        for item in &self.items {
            if let Item::Layer(item) = item {
                let placed = view.affine() * item.transform;
                let scale = lower::scale_of(item, gallery, placed, view);
                let layer = &resolver.layers()[item.index];
                gallery.foresee(layer, scale, item.holds_size, moment);
            }
        }
    }

    /// Whether all that these layers and those in them show is there, as they are at show time `t`; layers that are not in
    /// the scene count as there.
    pub(crate) fn is_painted(&mut self, ids: &[Id], t: ShowTime) -> bool {
        let (moment, scale) = (self.moment(t), self.view().scale);
        let layers = self.resolver.layers();
        let within = |layer: &scene::Layer| {
            let parent = |at: &scene::Layer| {
                let id = at.parent.as_ref()?;
                layers.iter().find(|one| one.id == *id)
            };
            let mut at = Some(layer);
            for _ in 0..layers.len() {
                match at {
                    Some(one) if ids.contains(&one.id) => return true,
                    Some(one) => at = parent(one).map(|one| &**one),
                    None => return false,
                }
            }
            false
        };
        let mut all = layers.iter().zip(self.resolver.raster_scales());
        all.all(|(layer, raster_scale)| {
            !within(layer) || self.gallery.is_painted(layer, raster_scale * scale, moment)
        })
    }

    /// The display list of the last tick.
    pub fn list(&self) -> &DisplayList {
        self.front.as_ref().map_or(&self.list, Front::list)
    }

    /// What was painted on the caller's thread for the last tick and the changes before it, in milliseconds as estimated: at
    /// most one where pictures may come later.
    pub const fn effort_ms(&self) -> f64 {
        self.gallery.effort_ms()
    }

    /// What pixels take memory, as of the last tick.
    pub const fn memory(&self) -> Memory {
        self.gallery.memory()
    }

    /// What went wrong since the last call, each thing once per scene.
    pub fn take_notices(&mut self) -> impl Iterator<Item = Notice> + '_ {
        self.gallery.take_notices()
    }

    /// Reads an asset again that was missing or broken, where a layer of the scene is made from it; else does nothing.
    pub fn retry_asset(&mut self, name: &str) {
        self.gallery.retry(name);
    }

    /// What became of assets since the last call.
    pub(crate) fn take_asset_news(&mut self) -> impl Iterator<Item = AssetNews> + '_ {
        self.gallery.take_asset_news()
    }

    fn moment(&self, show: ShowTime) -> Moment {
        Moment {
            show,
            epoch_unix_ns: self.epoch_unix_ns,
        }
    }

    /// Canvas px to output px: as large as fits, centred.
    pub(crate) fn view(&self) -> lower::View {
        let canvas = self.scene.canvas;
        let (ow, oh) = (f64::from(self.output.width), f64::from(self.output.height));
        let (cw, ch) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
        let scale = (ow / cw).min(oh / ch);
        lower::View {
            scale,
            dx: (ow - cw * scale) / 2.0,
            dy: (oh - ch * scale) / 2.0,
            canvas: kurbo::Size::new(cw, ch),
            rasters: scale,
            seen: kurbo::Rect::new(0.0, 0.0, ow, oh),
            frosts: true,
            within: kurbo::Affine::IDENTITY,
        }
    }
}
