//! What stands before the scene when the scene must not be seen.

use media::Color;

/// A picture or a few words over the whole output, while the scene goes on unseen.
#[derive(Clone, Debug, PartialEq)]
pub struct Slate {
    /// What it says, large and in the middle, `\n` breaking lines: where there is no picture, and until that can be shown.
    pub text: Option<String>,
    /// Name of the asset that covers the output.
    pub asset: Option<String>,
    /// Behind both; its alpha is ignored.
    pub background: Color,
}

impl Default for Slate {
    fn default() -> Self {
        Self {
            text: Some("We will be right back".to_owned()),
            asset: None,
            background: Color::from_rgba8([0x0b, 0x0f, 0x1a, 0xff]),
        }
    }
}
