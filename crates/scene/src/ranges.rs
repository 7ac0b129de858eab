//! What each number of a scene may be: one list for the rules, for what an animation may reach, and for the published schema.

use crate::Range;
use std::ops::RangeInclusive;

/// Positions in px: far enough for any slide, near enough that a thousandth of a pixel is kept.
pub const POSITION: Range = Range::new(-1e6, 1e6);
/// Sides of boxes in px: half a pixel to more than four canvases.
pub const LENGTH: Range = Range::new(0.5, 16_384.0);
/// Opacity and offsets.
pub const UNIT: Range = Range::new(0.0, 1.0);
/// Anchors, in sizes of the layer.
pub const ANCHOR: Range = Range::new(-100.0, 100.0);
/// Factors of size.
pub const SCALE: Range = Range::new(-100.0, 100.0);
/// Degrees: turns add up.
pub const ANGLE: Range = Range::new(-1e6, 1e6);
/// Corner radii in px.
pub const RADIUS: Range = Range::new(0.0, 8192.0);
/// Width of a stroke in px.
pub const STROKE_WIDTH: Range = Range::new(0.0, 1000.0);
/// Stops of one gradient.
pub const STOPS: RangeInclusive<usize> = 2..=32;

/// Em size in px.
pub const FONT_SIZE: Range = Range::new(1.0, 1000.0);
/// Weight of a font.
pub const WEIGHT: Range = Range::new(1.0, 1000.0);
/// Distance of baselines in em.
pub const LINE_HEIGHT: Range = Range::new(0.1, 10.0);
/// Space after each glyph in px.
pub const LETTER_SPACING: Range = Range::new(-100.0, 1000.0);
/// Speed of a ticker in px per second.
pub const SPEED: Range = Range::new(-10_000.0, 10_000.0);
/// Gap of a ticker in px.
pub const GAP: Range = Range::new(0.0, 10_000.0);

/// Offset of a shadow in px.
pub const SHADOW_OFFSET: Range = Range::new(-1000.0, 1000.0);
/// Standard deviation of a blur in px.
pub const SIGMA: Range = Range::new(0.0, 200.0);

/// Half the side of a box that is blurred with, in px.
pub const BLUR_RADIUS: Range = Range::new(0.0, 200.0);
/// Factors of a glow's alpha.
pub const STRENGTH: Range = Range::new(0.0, 10.0);
/// Width of an outline in px.
pub const OUTLINE_WIDTH: Range = Range::new(0.0, 100.0);
/// Numbers of a color matrix.
pub const MATRIX: Range = Range::new(-100.0, 100.0);
/// Factors of brightness, contrast and saturation.
pub const ADJUST: Range = Range::new(0.0, 10.0);
/// Parts of a whole, to either side.
pub const BALANCE: Range = Range::new(-1.0, 1.0);
/// Side of a mosaic's tiles in px.
pub const TILE_SIZE: Range = Range::new(1.0, 1000.0);
/// Half diagonals of a box.
pub const REACH: Range = Range::new(0.0, 2.0);
/// Steps that a channel has.
pub const LEVELS: Range = Range::new(2.0, 256.0);

/// Width of the canvas in px, even.
pub const CANVAS_WIDTH: Range = Range::new(128.0, 3840.0);
/// Height of the canvas in px, even.
pub const CANVAS_HEIGHT: Range = Range::new(72.0, 2160.0);

/// A year: longer moments are typing errors.
pub const DURATION_MS: Range = Range::new(0.0, 31_536_000_000.0);
/// A year to either side.
pub const DELAY_MS: Range = Range::new(-31_536_000_000.0, 31_536_000_000.0);
/// Iterations, where they end.
pub const ITERATIONS: Range = Range::new(0.0, 1e9);
/// Rates of playback.
pub const RATE: Range = Range::new(-100.0, 100.0);
