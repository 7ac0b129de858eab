//! The words of the document that stand for the values of closed lists: one table each, for reading, writing and moving.

use crate::{
    Align, AtEnd, Behind, Cap, CountdownFormat, FillRule, Fit, Groups, Join, MaskMode, Overflow,
    RevealBy, Sampling, Sign, Spread, StrokeAlign, TextFit, VerticalAlign, Wrap,
};
use media::BlendMode;

/// A value of a closed list, which has a word in the document.
pub trait Worded: Copy + PartialEq + Send + Sync + 'static {
    /// Each value with its word.
    const WORDS: &'static [(&'static str, Self)];
}

/// A field that holds a [`Worded`] value.
pub(crate) trait Choice {
    /// The word of what stands there.
    fn word(&self) -> &'static str;
    /// Puts there what `word` stands for; `false` where it is none of the list.
    fn choose(&mut self, word: &str) -> bool;
    /// All words.
    fn words(&self) -> Vec<&'static str>;
    /// Whether it is one of the list.
    fn knows(&self, word: &str) -> bool;
}

impl<T: Worded> Choice for T {
    fn word(&self) -> &'static str {
        let found = T::WORDS.iter().find(|(_, value)| value == self);
        found.map_or("", |(word, _)| word)
    }

    fn choose(&mut self, word: &str) -> bool {
        let found = T::WORDS.iter().find(|(known, _)| *known == word);
        if let Some((_, value)) = found {
            *self = *value;
        }
        found.is_some()
    }

    fn words(&self) -> Vec<&'static str> {
        T::WORDS.iter().map(|(word, _)| *word).collect()
    }

    fn knows(&self, word: &str) -> bool {
        T::WORDS.iter().any(|(known, _)| *known == word)
    }
}

macro_rules! worded {
    ($($type:ty: $($word:literal = $value:expr),+;)+) => {
        $(impl Worded for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, $value)),+];
        })+
    };
}

worded! {
    BlendMode:
        "normal" = Self::Normal,
        "multiply" = Self::Multiply,
        "screen" = Self::Screen,
        "overlay" = Self::Overlay,
        "darken" = Self::Darken,
        "lighten" = Self::Lighten,
        "color-dodge" = Self::ColorDodge,
        "color-burn" = Self::ColorBurn,
        "hard-light" = Self::HardLight,
        "soft-light" = Self::SoftLight,
        "difference" = Self::Difference,
        "exclusion" = Self::Exclusion,
        "plus-lighter" = Self::PlusLighter,
        "hue" = Self::Hue,
        "saturation" = Self::Saturation,
        "color" = Self::Color,
        "luminosity" = Self::Luminosity,
        "source-in" = Self::SourceIn,
        "source-out" = Self::SourceOut,
        "source-atop" = Self::SourceAtop,
        "destination-over" = Self::DestinationOver,
        "destination-in" = Self::DestinationIn,
        "destination-out" = Self::DestinationOut,
        "destination-atop" = Self::DestinationAtop,
        "xor" = Self::Xor,
        "copy" = Self::Copy,
        "clear" = Self::Clear;
    MaskMode: "alpha" = Self::Alpha, "luma" = Self::Luma;
    Spread: "pad" = Self::Pad, "repeat" = Self::Repeat, "reflect" = Self::Reflect;
    FillRule: "nonzero" = Self::NonZero, "evenodd" = Self::EvenOdd;
    StrokeAlign: "inside" = Self::Inside, "center" = Self::Center, "outside" = Self::Outside;
    Cap: "butt" = Self::Butt, "round" = Self::Round, "square" = Self::Square;
    Join: "miter" = Self::Miter, "round" = Self::Round, "bevel" = Self::Bevel;
    Fit: "contain" = Self::Contain, "cover" = Self::Cover, "fill" = Self::Fill, "none" = Self::None;
    Sampling: "smooth" = Self::Smooth, "nearest" = Self::Nearest;
    Align:
        "left" = Self::Left,
        "center" = Self::Center,
        "right" = Self::Right,
        "start" = Self::Start,
        "end" = Self::End,
        "justify" = Self::Justify;
    Wrap: "word" = Self::Word, "anywhere" = Self::Anywhere, "none" = Self::None;
    Overflow: "visible" = Self::Visible, "ellipsis" = Self::Ellipsis, "clip" = Self::Clip;
    VerticalAlign: "top" = Self::Top, "middle" = Self::Middle, "bottom" = Self::Bottom;
    TextFit: "none" = Self::None, "shrink" = Self::Shrink, "fill" = Self::Fill;
    RevealBy: "grapheme" = Self::Grapheme, "word" = Self::Word, "line" = Self::Line;
    Behind: "lines" = Self::Lines, "box" = Self::Box;
    Sign: "auto" = Self::Auto, "always" = Self::Always, "never" = Self::Never;
    Groups: "thousands" = Self::Thousands, "indian" = Self::Indian;
    AtEnd: "hold" = Self::Hold, "hide" = Self::Hide;
    CountdownFormat:
        "d" = Self::D,
        "h:mm:ss" = Self::HMmSs,
        "hh:mm:ss" = Self::HhMmSs,
        "mm:ss" = Self::MmSs,
        "m:ss" = Self::MSs,
        "ss" = Self::Ss;
}

/// Whether letters are slanted.
impl Worded for bool {
    const WORDS: &'static [(&'static str, Self)] = &[("normal", false), ("italic", true)];
}
