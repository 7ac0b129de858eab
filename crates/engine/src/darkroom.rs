//! Pictures of scenes that are not on air.

use crate::{Error, Stage, StageConfig};
use compositor::{Compositor, Kernels};
use media::{Resolution, ShowTime, Surface};
use scene::{Id, SafeBox, Scene};
use std::sync::Arc;

/// Develops pictures of any scene at any show time, on the thread of the caller, while the show goes on.
///
/// It waits for everything: no placeholder but for what failed, which is tried again each time. What it has read and
/// painted it keeps for the next picture, within [`StageConfig::raster_budget_bytes`]; whoever wants the files of the
/// same names read anew makes another one.
#[derive(Debug)]
pub struct Darkroom {
    stage: Stage,
    compositor: Compositor,
    output: Resolution,
    kernels: Kernels,
    /// The scene of the last picture.
    scene: Option<Arc<Scene>>,
}

impl Darkroom {
    /// A darkroom for pictures of `config.output`. For times of day, `config.epoch_unix_ns` must be that of the running
    /// engine: [`Handle::epoch_unix_ns`](crate::Handle::epoch_unix_ns).
    pub fn new(config: StageConfig, kernels: Kernels) -> Self {
        let nothing = Scene::empty(config.output.width, config.output.height);
        Self {
            compositor: Compositor::with_kernels(config.output, kernels),
            output: config.output,
            kernels,
            stage: Stage::new(config, nothing),
            scene: None,
        }
    }

    /// Makes pictures of this size from now on.
    ///
    /// # Panics
    /// As [`Compositor::new`].
    pub fn set_output(&mut self, output: Resolution) {
        if output != self.output {
            self.output = output;
            self.compositor = Compositor::with_kernels(output, self.kernels);
            self.stage.set_output(output, ShowTime::ZERO);
        }
    }

    /// The picture of `scene`, which has no faults, at show time `at`: byte for byte what the compositor makes of what
    /// [`Stage`] shows then, opaque.
    ///
    /// With `only`, that layer alone, a group with all that is in it: transparent elsewhere, with its animations and its
    /// own opacity, where the groups around it put it. Their opacity, clip and visibility do not count, and it is drawn
    /// though it be hidden. It may reach into bars beside the canvas.
    ///
    /// Animations that are to start now, or when they are applied, have started at show time 0. Blocks: tens of
    /// milliseconds at 1080p, and some more for each picture of the scene that is seen for the first time.
    ///
    /// # Errors
    /// [`Error::NoLayer`].
    pub fn develop(
        &mut self,
        scene: &Arc<Scene>,
        at: ShowTime,
        only: Option<&Id>,
    ) -> Result<Surface, Error> {
        self.turn_to(scene);
        let picture = match only {
            None => self.compositor.compose_rgba(self.stage.tick(at)),
            Some(id) => {
                let list = self.stage.tick_only(id, at);
                let list = list.ok_or_else(|| Error::NoLayer { layer: id.clone() })?;
                self.compositor.compose_transparent(list)
            }
        };
        self.say_nothing();
        Ok(picture)
    }

    /// Draws guides over a picture of `scene` at show time `at`, which has this darkroom's size: the title-safe and action-safe areas
    /// (SMPTE ST 2046-1), the sides of an upright crop of 9:16, and of each layer with a safe area that and its box.
    ///
    /// # Panics
    /// Where the picture has another size.
    pub fn draw_guides(&mut self, picture: &mut Surface, scene: &Arc<Scene>, at: ShowTime) {
        let size = Resolution::new(picture.width(), picture.height());
        assert!(size == self.output, "guides are drawn on whole pictures");
        self.turn_to(scene);
        self.stage.draw_guides(picture, at);
        self.say_nothing();
    }

    /// The layers of `scene` that leave their safe areas at show time `at`. Blocks as [`develop`](Self::develop), where
    /// something has yet to be measured.
    pub fn layers_outside(&mut self, scene: &Arc<Scene>, at: ShowTime) -> Vec<Id> {
        self.turn_to(scene);
        let boxes = self.stage.safe_boxes(at);
        self.say_nothing();
        let left = boxes.into_iter().filter(SafeBox::is_left);
        left.map(|one| scene.layers[one.index].id.clone()).collect()
    }

    fn turn_to(&mut self, scene: &Arc<Scene>) {
        let is_same = |last: &Arc<Scene>| Arc::ptr_eq(last, scene);
        self.stage.forget_faults();
        if !self.scene.as_ref().is_some_and(is_same) {
            self.stage.turn_to(scene);
            self.scene = Some(Arc::clone(scene));
        }
    }

    /// What is wrong the engine says, of what is on air.
    fn say_nothing(&mut self) {
        drop(self.stage.take_notices());
        drop(self.stage.take_asset_news());
    }
}
