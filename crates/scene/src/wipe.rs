//! Layers that show in part, from one side, from within, around or by a picture.

use crate::ranges::{ANGLE, CENTER, UNIT};
use crate::validate::Check;
use crate::words::Choice;
use std::sync::Arc;

/// How far a layer has been wiped on, within its box. What stands beyond the box goes with its nearest edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Wipe {
    /// Which part of the box comes when.
    pub form: WipeForm,
    /// Width of the edge as a share of the whole way, 0..=1; at least one canvas px.
    pub softness: f64,
    /// 0..=1: nothing to all. A wipe that is over costs nothing.
    pub progress: f64,
    /// What would come last comes first.
    pub invert: bool,
}

/// In which order a wipe shows the places of a box.
#[derive(Clone, Debug, PartialEq)]
pub enum WipeForm {
    /// Along a direction, from corner to corner.
    Linear {
        /// Where it goes, degrees: 0 to the right, clockwise.
        angle_deg: f64,
    },
    /// From a point outwards in circles, to the farthest corner.
    Iris {
        /// The point, in sizes of the box from its top left corner.
        center: [f64; 2],
    },
    /// Around a point, clockwise.
    Clock {
        /// The point, in sizes of the box from its top left corner.
        center: [f64; 2],
        /// Where the turn begins, degrees clockwise from the right.
        angle_deg: f64,
    },
    /// By the luma of a picture that is stretched over the box, dark first.
    Luma {
        /// Name of the asset.
        asset: Arc<str>,
    },
}

impl WipeForm {
    /// Where a turn begins that names no place, degrees: at the top.
    pub const CLOCK_ANGLE_DEG: f64 = -90.0;

    /// The direction, or where the turn begins.
    pub(crate) const fn angle_mut(&mut self) -> Option<&mut f64> {
        match self {
            Self::Linear { angle_deg } | Self::Clock { angle_deg, .. } => Some(angle_deg),
            Self::Iris { .. } | Self::Luma { .. } => None,
        }
    }

    /// The point that it comes from, or goes round.
    pub(crate) const fn center_mut(&mut self) -> Option<&mut [f64; 2]> {
        match self {
            Self::Iris { center } | Self::Clock { center, .. } => Some(center),
            Self::Linear { .. } | Self::Luma { .. } => None,
        }
    }
}

/// The forms that are made from no picture, by their words; what a form has not is taken from the other or at its default.
impl Choice for WipeForm {
    fn word(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "linear",
            Self::Iris { .. } => "iris",
            Self::Clock { .. } => "clock",
            Self::Luma { .. } => "luma",
        }
    }

    fn choose(&mut self, word: &str) -> bool {
        if !self.knows(word) || word == self.word() {
            return word == self.word();
        }
        let angle_deg = self.angle_mut().map(|angle_deg| *angle_deg);
        let center = self.center_mut().map_or([0.5; 2], |center| *center);
        *self = match word {
            "linear" => Self::Linear {
                angle_deg: angle_deg.unwrap_or_default(),
            },
            "iris" => Self::Iris { center },
            _ => Self::Clock {
                center,
                angle_deg: angle_deg.unwrap_or(Self::CLOCK_ANGLE_DEG),
            },
        };
        true
    }

    fn words(&self) -> Vec<&'static str> {
        vec!["linear", "iris", "clock"]
    }

    fn knows(&self, word: &str) -> bool {
        !matches!(self, Self::Luma { .. }) && ["linear", "iris", "clock"].contains(&word)
    }
}

impl Wipe {
    /// The asset that it is made from.
    pub fn asset(&self) -> Option<&Arc<str>> {
        match &self.form {
            WipeForm::Luma { asset } => Some(asset),
            WipeForm::Linear { .. } | WipeForm::Iris { .. } | WipeForm::Clock { .. } => None,
        }
    }

    /// Whether it hides anything now.
    pub(crate) fn hides(&self) -> bool {
        self.progress < 1.0
    }
}

impl Check<'_> {
    pub(crate) fn wipe(&mut self, at: &str, wipe: &Wipe) {
        self.number(format_args!("{at}/softness"), wipe.softness, UNIT);
        self.number(format_args!("{at}/progress"), wipe.progress, UNIT);
        match &wipe.form {
            WipeForm::Linear { angle_deg } => {
                self.number(format_args!("{at}/angle_deg"), *angle_deg, ANGLE);
            }
            WipeForm::Iris { center } => self.wipe_center(at, *center),
            WipeForm::Clock { center, angle_deg } => {
                self.wipe_center(at, *center);
                self.number(format_args!("{at}/angle_deg"), *angle_deg, ANGLE);
            }
            WipeForm::Luma { asset } => self.asset(format!("{at}/asset"), asset),
        }
    }

    fn wipe_center(&mut self, at: &str, [x, y]: [f64; 2]) {
        self.number(format_args!("{at}/x"), x, CENTER);
        self.number(format_args!("{at}/y"), y, CENTER);
    }
}
