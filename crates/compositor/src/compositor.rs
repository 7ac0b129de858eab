//! From list to frame.

use crate::diff::Differ;
use crate::frost::Panes;
use crate::kernels::Kernels;
use crate::list::DisplayList;
use crate::plan::Plan;
use crate::ring::Ring;
use crate::strip::StripPainter;
use media::{BLOCK_PX, Damage, I420Frame, Resolution, Surface};
use std::sync::Arc;

/// What damage can tell of.
const MAX_SIDE_PX: u32 = 4096;

/// Composes display lists into frames of one resolution.
///
/// Owns a ring of frames and the memory to draw with; the steady state allocates little more than the damage it reports.
#[derive(Debug)]
pub struct Compositor {
    resolution: Resolution,
    /// What was drawn last, a frame or a picture apart; `None` when the next one must be drawn in full.
    shown: Option<Plan>,
    /// Whether that was a picture apart.
    shows_apart: bool,
    /// Memory of the plan before.
    spare: Plan,
    differ: Differ,
    panes: Panes,
    painter: StripPainter,
    ring: Ring,
}

/// A composed frame.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The picture. While it is held, other frames are drawn into other memory.
    pub frame: Arc<I420Frame>,
    /// The blocks in which it may differ from the frame composed before; all for the first.
    pub damage: Damage,
    /// What it took.
    pub stats: Stats,
}

/// What a frame took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Blocks drawn; more than the damage when the memory drawn into is older than the frame before.
    pub blocks_drawn: usize,
    /// Pictures seen in those blocks.
    pub items_drawn: u32,
    /// Pictures of the list of which nothing can be seen: off the canvas, clipped away, transparent or not drawable.
    pub items_culled: u32,
    /// Px of the canvas that panes of frosted glass were made of anew.
    pub px_blurred: usize,
    /// Frames in the ring.
    pub ring_frames: u32,
    /// Frames made for one use since the beginning, because all of the ring were held.
    pub temporary_frames: u64,
}

impl Compositor {
    /// Composes frames of `resolution`, which is also the size of the canvas.
    ///
    /// # Panics
    /// When width or height is odd, or one of them above 4096 px.
    pub fn new(resolution: Resolution) -> Self {
        Self::with_kernels(resolution, Kernels::best())
    }

    /// As [`new`](Self::new), drawn with the instructions of `kernels`.
    ///
    /// # Panics
    /// As `new`.
    pub fn with_kernels(resolution: Resolution, kernels: Kernels) -> Self {
        assert!(
            resolution.width.is_multiple_of(2) && resolution.height.is_multiple_of(2),
            "I420 needs even dimensions, not {resolution}"
        );
        assert!(
            resolution.width.max(resolution.height) <= MAX_SIDE_PX,
            "a canvas has at most {MAX_SIDE_PX} px each way, not {resolution}"
        );
        let (width, height) = (resolution.width as usize, resolution.height as usize);
        Self {
            resolution,
            shown: None,
            shows_apart: false,
            spare: Plan::default(),
            differ: Differ::default(),
            panes: Panes::default(),
            painter: StripPainter::new(width, height, kernels),
            ring: Ring::new(resolution),
        }
    }

    /// The instructions it draws with.
    pub const fn kernels(&self) -> Kernels {
        self.painter.kernels()
    }

    /// Width and height of canvas and frames.
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Draws what differs from the list before into the least stale frame that nobody holds.
    ///
    /// A list that looks the same costs microseconds and returns the same frame.
    pub fn compose(&mut self, list: &DisplayList) -> Composed {
        let (mut plan, mut damage) = self.plan(list, false);
        let px_blurred = self.panes.paint(&mut plan, &mut self.painter, &mut damage);
        let mut stats = Stats {
            items_culled: plan.culled,
            px_blurred,
            ..Stats::default()
        };
        let frame = self
            .ring
            .latest()
            .filter(|_| damage.is_empty())
            .unwrap_or_else(|| {
                self.ring.age(&damage);
                self.painter.begin(&plan);
                let frame = self.ring.draw(|frame, stale| {
                    stats.blocks_drawn = stale.block_count();
                    paint(&mut self.painter, &plan, stale, |painter, _| {
                        painter.convert(frame);
                    });
                });
                stats.items_drawn = self.painter.seen(&plan);
                frame
            });
        self.shown = Some(plan);
        (stats.ring_frames, stats.temporary_frames) =
            (self.ring.len(), self.ring.temporary_frames());
        Composed {
            frame,
            damage,
            stats,
        }
    }

    /// Draws what differs from the list before into `picture`, which has the size of the canvas and holds what the last call
    /// drew: transparent where no picture is, as [`compose_transparent`](Self::compose_transparent) draws it. `true` when
    /// anything may have changed; where others hold the picture, it is then copied first.
    ///
    /// A list that looks the same costs microseconds and allocates nothing. After [`compose`](Self::compose) all is drawn,
    /// and the other way round: a compositor is best kept for one of the two.
    ///
    /// # Panics
    /// When `picture` has another size.
    pub fn compose_apart(&mut self, list: &DisplayList, picture: &mut Arc<Surface>) -> bool {
        let Resolution { width, height } = self.resolution;
        assert!(
            (picture.width(), picture.height()) == (width, height),
            "a picture apart has the size of the canvas"
        );
        let (mut plan, mut damage) = self.plan(list, true);
        self.panes.paint(&mut plan, &mut self.painter, &mut damage);
        let changed = !damage.is_empty();
        if changed {
            let picture = Arc::make_mut(picture);
            let stride = width as usize * 4;
            self.painter.begin(&plan);
            paint(&mut self.painter, &plan, &damage, |painter, row| {
                for run in damage.row(row).runs() {
                    let (start, end) = (run.start * BLOCK_PX * 4, run.end * BLOCK_PX * 4);
                    let px = start..end.min(stride);
                    for y in 0..painter.rows() {
                        picture.data_mut()[(row * BLOCK_PX + y) * stride..][px.clone()]
                            .copy_from_slice(&painter.row(y)[px.clone()]);
                    }
                }
            });
        }
        self.shown = Some(plan);
        changed
    }

    /// Places a list, and tells where it differs from what is shown; takes the memory of what was shown before.
    fn plan(&mut self, list: &DisplayList, apart: bool) -> (Plan, Damage) {
        let mut plan = std::mem::take(&mut self.spare);
        plan.build(list, self.resolution, &mut self.panes);
        if apart {
            plan.background = [0; 4];
        }
        let mut damage = Damage::none(
            self.resolution.width as usize,
            self.resolution.height as usize,
        );
        let before = self.shown.take().filter(|_| self.shows_apart == apart);
        self.shows_apart = apart;
        match before {
            Some(mut shown) => {
                self.differ
                    .compare(&mut shown, &mut plan, self.resolution, &mut damage);
                shown.clear();
                self.spare = shown;
            }
            None => {
                plan.find_footprints(self.resolution);
                damage.add_all();
            }
        }
        (plan, damage)
    }

    /// The composed RGB picture before conversion, opaque; a full redraw that leaves [`compose`](Self::compose) as it is.
    pub fn compose_rgba(&mut self, list: &DisplayList) -> Surface {
        self.redraw(list, true)
    }

    /// As [`compose_rgba`](Self::compose_rgba), with nothing where the background would be: transparent where no picture
    /// is, and with each picture's own alpha elsewhere, as in a group. Panes of frosted glass are opaque: black where nothing lies
    /// below them.
    pub fn compose_transparent(&mut self, list: &DisplayList) -> Surface {
        self.redraw(list, false)
    }

    fn redraw(&mut self, list: &DisplayList, on_background: bool) -> Surface {
        let Resolution { width, height } = self.resolution;
        let mut plan = Plan::default();
        let mut panes = Panes::default();
        plan.build(list, self.resolution, &mut panes);
        if !on_background {
            plan.background = [0; 4];
        }
        plan.find_footprints(self.resolution);
        let mut all = Damage::all(width as usize, height as usize);
        panes.paint(&mut plan, &mut self.painter, &mut all);
        let mut picture = Surface::new(width, height);
        let stride = width as usize * 4;
        self.painter.begin(&plan);
        paint(&mut self.painter, &plan, &all, |painter, row| {
            for y in 0..painter.rows() {
                let line = &mut picture.data_mut()[(row * BLOCK_PX + y) * stride..][..stride];
                line.copy_from_slice(painter.row(y));
                if on_background {
                    // Where a blend mode took the background away, black is left, as in a frame.
                    line.iter_mut().skip(3).step_by(4).for_each(|a| *a = 255);
                }
            }
        });
        picture
    }

    /// Forgets what was drawn: the next frame is drawn in full, and is all damage.
    pub fn invalidate(&mut self) {
        self.shown = None;
    }
}

/// Draws the strips with damage and hands each over with its number.
fn paint(
    painter: &mut StripPainter,
    plan: &Plan,
    damage: &Damage,
    mut done: impl FnMut(&mut StripPainter, usize),
) {
    for row in 0..damage.rows() {
        let wanted = damage.row(row);
        if !wanted.is_empty() {
            painter.paint(plan, row, wanted);
            done(painter, row);
        }
    }
}
