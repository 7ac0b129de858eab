//! Sources made from pictures, and when the frames of those that move are shown.

use crate::Moment;
use media::ShowTime;
use std::sync::Arc;

/// How a picture fills its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// As large as fits inside, centred.
    #[default]
    Contain,
    /// As small as covers the box, centred, cut to it.
    Cover,
    /// Stretched to the box.
    Fill,
    /// Natural size, centred, cut to the box.
    None,
}

/// How pixels between the pixels of a picture are found when it is painted larger or smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sampling {
    /// From those around.
    #[default]
    Smooth,
    /// The nearest one: pixel art stays square.
    Nearest,
}

/// A picture: PNG, JPEG, GIF, WebP, AVIF or SVG; GIF, PNG, WebP and AVIF may move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// Name of the asset.
    pub asset: Arc<str>,
    /// How it fills the layer's box, where the layer has one.
    pub fit: Fit,
    /// Corners cut from the layer's box.
    pub corner_radius_px: f64,
    /// The part that is shown, as if the picture were no larger; `None` is all of it.
    pub crop_px: Option<Cutout>,
    /// How it is scaled.
    pub sampling: Sampling,
    /// When its frames are shown, where it moves.
    pub run: Run,
}

/// A part of a picture, in px of the picture from its top left. What lies outside the picture is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutout {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, at least 1.
    pub width: f64,
    /// Height, at least 1.
    pub height: f64,
}

/// When the frames of something that moves are shown: a function of show time alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// How often.
    pub repeat: Repeat,
    /// How fast: 2 is twice as fast, 0 stands still.
    pub speed: f64,
    /// The show time at which the first frame begins, ms. It stands before that, too.
    pub start_ms: f64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            repeat: Repeat::AsFile,
            speed: 1.0,
            start_ms: 0.0,
        }
    }
}

/// How often something that moves is played; at its end the last frame stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// As often as its file says.
    #[default]
    AsFile,
    /// For ever.
    Forever,
    /// So often, at least once.
    Times(u32),
}

impl Run {
    /// How much of it has been played at `moment`, ns of its own time; negative before it begins.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "exact below 104 days, and saturating"
    )]
    pub fn elapsed_ns(&self, moment: Moment) -> i64 {
        let start = ShowTime::from_ms(self.start_ms).nanos();
        let played = moment.show.nanos().saturating_sub(start);
        if self.speed.to_bits() == 1.0_f64.to_bits() {
            return played;
        }
        (played as f64 * self.speed) as i64
    }

    /// How often it is played, where its file says `as_file`; `None` is for ever.
    pub const fn plays(&self, as_file: Option<u32>) -> Option<u32> {
        match self.repeat {
            Repeat::AsFile => as_file,
            Repeat::Forever => None,
            Repeat::Times(times) => Some(times),
        }
    }
}

/// An SVG picture; it keeps its aspect ratio inside the layer's box as `fit` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Svg {
    /// Name of the asset.
    pub asset: Arc<str>,
    /// How it fills the layer's box, where the layer has one.
    pub fit: Fit,
    /// What stands in the place of `{{name}}` in its texts and attributes, by name; in the order given.
    pub params: Vec<(Arc<str>, Arc<str>)>,
}

/// Pictures in one picture, shown one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Sprite {
    /// Name of the asset with the sheet: all the pictures.
    pub asset: Arc<str>,
    /// Where the pictures stand in it.
    pub cells: Cells,
    /// Pictures a second; `None` is what the atlas says, and 12 where there is none.
    pub fps: Option<f64>,
    /// The picture that is shown, counted from 0, whatever the time; the fraction is left out, and beyond the last is the
    /// last. `None` plays them.
    pub frame: Option<f64>,
    /// When they are shown. As its file says is for ever, where that says nothing.
    pub run: Run,
    /// How a picture fills the layer's box, where the layer has one.
    pub fit: Fit,
    /// How it is scaled.
    pub sampling: Sampling,
}

/// Where the pictures of a [`Sprite`] stand in its sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// In rows and columns of equal size, from the top left, row by row.
    Grid {
        /// Columns.
        columns: u32,
        /// Rows.
        rows: u32,
        /// Pictures; the cells behind them are empty.
        count: u32,
    },
    /// As another asset says.
    Atlas {
        /// Name of the asset with the atlas.
        asset: Arc<str>,
        /// The tag whose pictures are played; `None` plays all.
        tag: Option<Arc<str>>,
    },
}
