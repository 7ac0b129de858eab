//! Pictures of scenes that are not on air.

use crate::{Error, Stage, StageConfig};
use compositor::{Compositor, Kernels};
use media::{Resolution, ShowTime, Surface};
use scene::{Id, Scene};
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
        let is_same = |last: &Arc<Scene>| Arc::ptr_eq(last, scene);
        self.stage.forget_faults();
        if !self.scene.as_ref().is_some_and(is_same) {
            self.stage.turn_to(scene);
            self.scene = Some(Arc::clone(scene));
        }
        let picture = match only {
            None => self.compositor.compose_rgba(self.stage.tick(at)),
            Some(id) => {
                let list = self.stage.tick_only(id, at);
                let list = list.ok_or_else(|| Error::NoLayer { layer: id.clone() })?;
                self.compositor.compose_transparent(list)
            }
        };
        // The engine says them, of what is on air.
        drop(self.stage.take_notices());
        drop(self.stage.take_asset_news());
        Ok(picture)
    }
}
