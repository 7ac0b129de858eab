//! What each number of a scene may be: one list for the rules, for what an animation may reach, and for the published schema.

use crate::Range;
use animation::Spring;
use std::ops::RangeInclusive;

/// Positions in px: far enough for any slide, near enough that a thousandth of a pixel is kept.
pub const POSITION: Range = Range::new(-1e6, 1e6);
/// Sides of boxes in px: half a pixel to more than four canvases.
pub const LENGTH: Range = Range::new(0.5, 16_384.0);
/// What is cut off a side in px.
pub const CROP: Range = Range::new(0.0, 16_384.0);
/// Opacity and offsets.
pub const UNIT: Range = Range::new(0.0, 1.0);
/// Anchors, in sizes of the layer.
pub const ANCHOR: Range = Range::new(-100.0, 100.0);
/// Angles of slanting, degrees: at 90 nothing would be left.
pub const SKEW: Range = Range::new(-85.0, 85.0);
/// Functions of one layer's transform.
pub const FUNCTIONS: RangeInclusive<usize> = 0..=16;
/// Order among siblings.
pub const Z_INDEX: Range = Range::new(i32::MIN as f64, i32::MAX as f64);
/// Values of OpenType features.
pub const FEATURE: Range = Range::new(0.0, u16::MAX as f64);
/// Factors of size.
pub const SCALE: Range = Range::new(-100.0, 100.0);
/// Degrees: turns add up.
pub const ANGLE: Range = Range::new(-1e6, 1e6);
/// Corner radii in px.
pub const RADIUS: Range = Range::new(0.0, 8192.0);
/// Width of a stroke in px.
pub const STROKE_WIDTH: Range = Range::new(0.0, 1000.0);
/// Limit of mitered corners, in widths of the line.
pub const MITER_LIMIT: Range = Range::new(1.0, 100.0);
/// Dashes and gaps in px.
pub const DASH: Range = Range::new(0.0, 100_000.0);
/// What all dashes and gaps of a line must add up to, in px.
pub const DASHES: Range = Range::new(0.5, 1_600_000.0);
/// Where in its dashes a line begins, in px.
pub const DASH_OFFSET: Range = Range::new(-1e6, 1e6);
/// Dashes and gaps of one line.
pub const DASH_COUNT: RangeInclusive<usize> = 1..=16;
/// Coordinates of shapes in px from the corner of the box.
pub const COORDINATE: Range = Range::new(-16_384.0, 16_384.0);
/// Points of a polygon.
pub const POLYGON_POINTS: RangeInclusive<usize> = 3..=1000;
/// Points of a star.
pub const STAR_POINTS: Range = Range::new(3.0, 360.0);
/// Inner radius of a star, in outer ones.
pub const INNER_RATIO: Range = Range::new(0.01, 1.0);
/// Middle of a gradient, in sizes of the box.
pub const CENTER: Range = Range::new(-100.0, 100.0);
/// Radius of a gradient in px.
pub const GRADIENT_RADIUS: Range = Range::new(0.5, 16_384.0);
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
/// Space after each space between words in px.
pub const WORD_SPACING: Range = Range::new(-1000.0, 1000.0);
/// Lines that a text may be held to.
pub const MAX_LINES: Range = Range::new(1.0, 1000.0);
/// How far the background of words reaches beyond them, px.
pub const PADDING: Range = Range::new(0.0, 1000.0);
/// Where on an axis of a variable font: what OpenType can say.
pub const AXIS: Range = Range::new(-32_768.0, 32_767.0);
/// Axes of one style.
pub const AXES: RangeInclusive<usize> = 0..=16;
/// OpenType features of one style.
pub const FEATURES: RangeInclusive<usize> = 0..=32;
/// Parts of a text with a look of their own.
pub const RUNS: RangeInclusive<usize> = 1..=200;
/// Numbers that a text can show: each whole one can be told from the next.
pub const NUMBER: Range = Range::new(-1e15, 1e15);
/// Digits after the point.
pub const DECIMALS: Range = Range::new(0.0, 10.0);
/// Fewest digits before the point.
pub const MIN_DIGITS: Range = Range::new(1.0, 15.0);
/// Characters before, between the groups of and behind a number.
pub const AFFIX_CHARS: usize = 32;

/// Speed of a ticker in px per second.
pub const SPEED: Range = Range::new(-10_000.0, 10_000.0);
/// Gap of a ticker in px.
pub const GAP: Range = Range::new(0.0, 10_000.0);

/// Empty modules around a QR code.
pub const QUIET_ZONE: Range = Range::new(0.0, 64.0);

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
/// Show times that somebody sets, in ms: all there are, 292 years to either side.
pub const SHOW_MS: Range = Range::new(i64::MIN as f64 / 1e6, i64::MAX as f64 / 1e6);
/// Local times of an animation that somebody sets: ten years to either side.
pub const LOCAL_MS: Range = Range::new(-315_360_000_000.0, 315_360_000_000.0);
/// How long something waits for others, or for a marker: a day at most.
pub const WAIT_MS: Range = Range::new(0.0, 86_400_000.0);
/// Animations of one group.
pub const GROUP_SIZE: Range = Range::new(1.0, 500.0);
/// Mass of a spring.
pub const SPRING_MASS: Range = Range::new(*Spring::MASS.start(), *Spring::MASS.end());
/// Stiffness of a spring.
pub const SPRING_STIFFNESS: Range =
    Range::new(*Spring::STIFFNESS.start(), *Spring::STIFFNESS.end());
/// Damping of a spring.
pub const SPRING_DAMPING: Range = Range::new(*Spring::DAMPING.start(), *Spring::DAMPING.end());
/// One swing of a spring.
pub const SWING_MS: Range = Range::new(*Spring::SWING_MS.start(), *Spring::SWING_MS.end());
/// Velocities, in the unit of a property, per second.
pub const VELOCITY: Range = Range::new(-1e12, 1e12);
/// Beats per minute.
pub const BPM: Range = Range::new(1.0, 1000.0);
/// Beats from one instant of a grid to the next.
pub const BEATS: Range = Range::new(1.0 / 64.0, 1024.0);

/// From one element of a stagger to the next, or to the last.
pub const STAGGER_MS: Range = Range::new(0.0, 31_536_000_000.0);
/// Columns of the grid that a stagger runs over.
pub const STAGGER_COLUMNS: Range = Range::new(1.0, 1000.0);
/// Timelines in timelines, the outermost counted.
pub const TIMELINE_DEPTH: usize = 16;

/// Edges of a crop in px of the picture.
pub const CROP_AT: Range = Range::new(0.0, 65_535.0);
/// Sides of a crop in px of the picture.
pub const CROP_SIDE: Range = Range::new(1.0, 65_535.0);
/// How fast something that moves is played.
pub const RUN_SPEED: Range = Range::new(0.0, 100.0);
/// How often something that moves is played, where that ends.
pub const REPEATS: Range = Range::new(1.0, 1_000_000.0);
/// Pictures of a sprite in a second.
pub const SPRITE_FPS: Range = Range::new(0.01, 240.0);
/// Columns, and rows, of a sprite's sheet.
pub const GRID: Range = Range::new(1.0, 1024.0);
/// Number of a sprite's picture.
pub const SPRITE_FRAME: Range = Range::new(0.0, 1_048_575.0);
/// Values put into an SVG.
pub const SVG_PARAMS: RangeInclusive<usize> = 0..=64;

/// How far a formula throws a value, in the property's unit.
pub const AMPLITUDE: Range = Range::new(-1e6, 1e6);
/// Swings of a formula in a second.
pub const FREQUENCY: Range = Range::new(0.0, 100.0);
/// Layers of noise.
pub const OCTAVES: Range = Range::new(1.0, 8.0);
/// How long ago a formula looks, ms.
pub const LAG_MS: Range = Range::new(0.0, 3_600_000.0);
/// Factor of what a formula follows.
pub const FOLLOW_SCALE: Range = Range::new(-1e6, 1e6);
/// Where on a way a layer begins and ends, in lengths of it: closed ones go round.
pub const PATH_SPAN: Range = Range::new(-1000.0, 1000.0);
