//! Safe areas: the part of a picture that every viewer sees.

use crate::Canvas;
use kurbo::Rect;

/// Part of each side that the title-safe area takes, by SMPTE ST 2046-1: words that must be read lie within it.
pub const TITLE_SAFE: f64 = 0.90;
/// Part of each side that the action-safe area takes, by SMPTE ST 2046-1.
pub const ACTION_SAFE: f64 = 0.93;

/// Where a layer means to stay; it changes nothing on screen, but is told where the layer leaves it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SafeArea {
    /// In the title-safe area.
    Title,
    /// So far from the sides of the canvas, as where a platform lays its own things over the picture.
    Margins {
        /// From the left, canvas px.
        left_px: f64,
        /// From the top, canvas px.
        top_px: f64,
        /// From the right, canvas px.
        right_px: f64,
        /// From the bottom, canvas px.
        bottom_px: f64,
    },
}

impl SafeArea {
    /// The area, canvas px; empty where the margins leave nothing.
    pub fn rect(&self, canvas: &Canvas) -> Rect {
        let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
        match *self {
            Self::Title => part(canvas, TITLE_SAFE),
            Self::Margins {
                left_px,
                top_px,
                right_px,
                bottom_px,
            } => {
                let (x1, y1) = (width - right_px, height - bottom_px);
                Rect::new(left_px, top_px, x1.max(left_px), y1.max(top_px))
            }
        }
    }
}

/// The middle of a canvas, as large as a part of each side.
pub fn part(canvas: &Canvas, part: f64) -> Rect {
    let (width, height) = (f64::from(canvas.width_px), f64::from(canvas.height_px));
    let (x, y) = (width * (1.0 - part) / 2.0, height * (1.0 - part) / 2.0);
    Rect::new(x, y, width - x, height - y)
}
