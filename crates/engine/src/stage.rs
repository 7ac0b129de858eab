//! The stage: the live scene, and the display list it makes at a time.

use crate::gallery::Gallery;
use crate::{AssetSource, Notice, Patience, lower};
use compositor::DisplayList;
use media::{Resolution, ShowTime};
use scene::{Item, Moment, Resolver, Revision, Scene};
use sources::Fonts;
use std::sync::Arc;

/// The live scene, owned by one thread. Time is a parameter: [`Stage::tick`].
#[derive(Debug)]
pub struct Stage {
    scene: Arc<Scene>,
    revision: Revision,
    resolver: Resolver,
    gallery: Gallery,
    output: Resolution,
    epoch_unix_ns: i64,
    items: Vec<Item>,
    list: DisplayList,
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
    /// Memory for rasters, bytes.
    pub raster_budget_bytes: usize,
}

impl StageConfig {
    /// Enough for thirty full-screen pictures at 1080p.
    pub const DEFAULT_RASTER_BUDGET_BYTES: usize = 256 << 20;
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
        } = config;
        let mut stage = Self {
            scene: Arc::new(Scene::empty(output.width, output.height)),
            revision: 0,
            resolver: Resolver::new(&Scene::empty(output.width, output.height)),
            gallery: Gallery::new(fonts, assets, raster_budget_bytes),
            output,
            epoch_unix_ns,
            items: Vec::new(),
            list: DisplayList {
                background: media::Color::BLACK,
                items: Vec::new(),
            },
        };
        stage.set_scene(scene, ShowTime::ZERO);
        stage
    }

    /// Replaces the scene; `at` is the show time of the first frame that shows it.
    pub fn set_scene(&mut self, mut scene: Scene, at: ShowTime) -> Revision {
        scene.settle(self.moment(at));
        self.resolver = Resolver::new(&scene);
        self.gallery.turn_to(&scene.layers);
        self.scene = Arc::new(scene);
        let (moment, view) = (self.moment(at), self.view());
        for (layer, scale) in self.scene.layers.iter().zip(self.resolver.raster_scales()) {
            self.gallery.prepare(layer, scale * view.scale, moment);
        }
        self.revision += 1;
        self.revision
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
    }

    /// What is on screen at show time `t`, bottom to top, in output px.
    ///
    /// A function of the scene and `t` alone when [`Patience::Wait`]; else slow pictures may still be placeholders.
    pub fn tick(&mut self, t: ShowTime) -> &DisplayList {
        let (moment, view) = (self.moment(t), self.view());
        self.gallery.collect();
        self.resolver
            .resolve(moment, &mut self.gallery, &mut self.items);
        lower::lower(
            &self.items,
            &self.resolver,
            &mut self.gallery,
            moment,
            view,
            &mut self.list,
        );
        &self.list
    }

    /// The display list of the last tick.
    pub const fn list(&self) -> &DisplayList {
        &self.list
    }

    /// What went wrong since the last call, each thing once per scene.
    pub fn take_notices(&mut self) -> impl Iterator<Item = Notice> + '_ {
        self.gallery.take_notices()
    }

    fn moment(&self, show: ShowTime) -> Moment {
        Moment {
            show,
            epoch_unix_ns: self.epoch_unix_ns,
        }
    }

    /// Canvas px to output px: as large as fits, centred.
    fn view(&self) -> lower::View {
        let canvas = self.scene.canvas;
        let (ow, oh) = (f64::from(self.output.width), f64::from(self.output.height));
        let (cw, ch) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
        let scale = (ow / cw).min(oh / ch);
        lower::View {
            scale,
            dx: (ow - cw * scale) / 2.0,
            dy: (oh - ch * scale) / 2.0,
            canvas: kurbo::Size::new(cw, ch),
        }
    }
}
