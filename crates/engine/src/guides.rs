//! Guides: lines over a still that show where words and action are seen by everybody. Never on air.

use crate::Stage;
use kurbo::Rect;
use media::{ShowTime, Surface};
use scene::{ACTION_SAFE, Canvas, SafeBox, TITLE_SAFE, safe_part};

/// A line, premultiplied.
type Ink = [u8; 4];

const WHITE: Ink = [235, 235, 235, 235];
const YELLOW: Ink = [235, 196, 40, 235];
const CYAN: Ink = [60, 210, 235, 235];
const GREEN: Ink = [60, 220, 110, 235];
const RED: Ink = [240, 50, 50, 245];
/// Beside every line, so that it is seen on white too.
const SHADE: Ink = [0, 0, 0, 110];

/// A line is as thick as one px of so many of the picture's height.
const LINES_A_HEIGHT: u32 = 540;

impl Stage {
    /// Draws guides over `picture`, which shows this stage's scene at show time `at` in the stage's output size: the title-safe
    /// area in whole lines and the action-safe area in dashes (SMPTE ST 2046-1), the sides of an upright crop of 9:16 in yellow,
    /// and of each layer with a safe area of its own that in cyan dashes and its box in green, or red where it leaves it.
    pub(crate) fn draw_guides(&mut self, picture: &mut Surface, at: ShowTime) {
        let boxes = self.safe_boxes(at);
        let (canvas, view) = (self.scene().canvas, self.view());
        let placed = |area: Rect| view.affine().transform_rect_bbox(area);
        let mut pen = Pen {
            thick: (picture.height() / LINES_A_HEIGHT).max(1),
            picture,
        };
        let title = safe_part(&canvas, TITLE_SAFE);
        pen.frame(placed(safe_part(&canvas, ACTION_SAFE)), WHITE, true);
        pen.frame(placed(title), WHITE, false);
        if let Some(crop) = upright(&canvas) {
            pen.frame(placed(crop), YELLOW, false);
        }
        // Most stay within the title-safe area, which is drawn already.
        for SafeBox { area, .. } in boxes.iter().filter(|one| one.area != title) {
            pen.frame(placed(*area), CYAN, true);
        }
        for one in &boxes {
            let ink = if one.is_left() { RED } else { GREEN };
            pen.frame(placed(one.bounds), ink, false);
        }
    }
}

/// The middle of a canvas that a phone would show upright; `None` where that is all of it.
fn upright(canvas: &Canvas) -> Option<Rect> {
    let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
    let crop = height * 9.0 / 16.0;
    let x = (width - crop) / 2.0;
    (x >= 1.0).then(|| Rect::new(x, 0.0, x + crop, height))
}

struct Pen<'a> {
    picture: &'a mut Surface,
    /// Of lines, px.
    thick: u32,
}

impl Pen<'_> {
    /// The outline of `area`, output px, inside of it; what lies beyond the picture is drawn at its edge.
    fn frame(&mut self, area: Rect, ink: Ink, dashed: bool) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held to the picture first"
        )]
        let px = |v: f64, side: u32| v.round().clamp(0.0, f64::from(side)) as u32;
        let (width, height) = (self.picture.width(), self.picture.height());
        let (x0, x1) = (px(area.x0, width), px(area.x1, width));
        let (y0, y1) = (px(area.y0, height), px(area.y1, height));
        let thick = self.thick;
        if x1 < x0 + 2 * thick || y1 < y0 + 2 * thick {
            return;
        }
        let (right, bottom) = (x1 - thick, y1 - thick);
        // The shade lies inside of the lines.
        for (t, color) in [(thick, SHADE), (0, ink)] {
            if x1 < x0 + 2 * (thick + t) || y1 < y0 + 2 * (thick + t) {
                continue;
            }
            for y in [y0 + t, bottom - t] {
                self.line((x0 + t, x1 - t), (y, y + thick), color, dashed, true);
            }
            for x in [x0 + t, right - t] {
                let inside = (y0 + t + thick, bottom - t);
                self.line((x, x + thick), inside, color, dashed, false);
            }
        }
    }

    fn line(
        &mut self,
        (x0, x1): (u32, u32),
        (y0, y1): (u32, u32),
        ink: Ink,
        dashed: bool,
        across: bool,
    ) {
        let dash = 6 * self.thick;
        for y in y0..y1.max(y0) {
            for x in x0..x1.max(x0) {
                let along = if across { x - x0 } else { y - y0 };
                if !dashed || (along / dash).is_multiple_of(2) {
                    self.dot(x, y, ink);
                }
            }
        }
    }

    /// Lays `ink` over a px.
    fn dot(&mut self, x: u32, y: u32, ink: Ink) {
        let at = (y as usize * self.picture.width() as usize + x as usize) * 4;
        let Some(px) = self.picture.data_mut().get_mut(at..at + 4) else {
            return;
        };
        for (below, above) in px.iter_mut().zip(ink) {
            let rest = u32::from(*below) * u32::from(255 - ink[3]) + 127;
            *below = above.saturating_add(u8::try_from(rest / 255).unwrap_or(255));
        }
    }
}
