//! QR codes.

use media::Color;
use std::sync::Arc;

/// A text that cameras read; square, in the middle of the layer's box.
#[derive(Clone, Debug, PartialEq)]
pub struct Qr {
    /// What it says, most often an address; at most [`ErrorCorrection::max_bytes`] bytes.
    pub text: Arc<str>,
    /// How much of it may be hidden.
    pub error_correction: ErrorCorrection,
    /// Color of the dark modules.
    pub color: Color,
    /// Color of the whole box below them.
    pub background: Color,
    /// Empty modules on each side; readers want four, or as much that is light around the layer.
    pub quiet_zone_modules: u32,
}

/// How much of a QR code may be hidden or spoiled; more makes it finer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorCorrection {
    /// 7 %.
    Low,
    /// 15 %.
    #[default]
    Medium,
    /// 25 %.
    Quartile,
    /// 30 %.
    High,
}

impl ErrorCorrection {
    /// Most bytes of a text (ISO 18004, version 40, byte mode).
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Low => 2953,
            Self::Medium => 2331,
            Self::Quartile => 1663,
            Self::High => 1273,
        }
    }
}
