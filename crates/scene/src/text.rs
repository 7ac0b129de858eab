//! Written words: what they say, how they look, and how they stand in their box.

use crate::{NumberText, Paint, Stroke};
use media::Color;
use std::sync::Arc;

/// Written words; `\n` breaks a line, and a layer with `width_px` wraps at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// What is written.
    pub text: TextContent,
    /// How it looks, where a run says nothing else.
    pub style: TextStyle,
    /// How lines stand in the box, or against the longest line.
    pub align: Align,
    /// Whether the layer's `y_px` places the first baseline instead of the anchor.
    pub baseline: bool,
    /// How the words fill their box.
    pub flow: Flow,
    /// How much of them is drawn.
    pub reveal: Reveal,
}

/// What a text says.
#[derive(Clone, Debug, PartialEq)]
pub enum TextContent {
    /// Words of one look.
    Plain(Arc<str>),
    /// Words of several looks, one after the other on the same lines.
    Runs(Arc<[TextRun]>),
    /// A number, written by its format.
    Number(NumberText),
}

impl Default for TextContent {
    fn default() -> Self {
        Self::Plain("".into())
    }
}

impl From<&str> for TextContent {
    fn from(words: &str) -> Self {
        Self::Plain(words.into())
    }
}

impl From<Arc<str>> for TextContent {
    fn from(words: Arc<str>) -> Self {
        Self::Plain(words)
    }
}

/// A part of a text with a look of its own; what is `None` is as the text's style has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextRun {
    /// The words.
    pub text: Arc<str>,
    /// Family name.
    pub font: Option<Arc<str>>,
    /// Em size in layer px.
    pub size_px: Option<f64>,
    /// Weight 1..=1000.
    pub weight: Option<f64>,
    /// Slanted.
    pub italic: Option<bool>,
    /// Colour of the letters, in place of the style's colour and fill.
    pub color: Option<Color>,
    /// Extra space after each letter in layer px.
    pub letter_spacing_px: Option<f64>,
    /// A line below.
    pub underline: Option<bool>,
    /// A line through the middle.
    pub strikethrough: Option<bool>,
    /// Colour behind the run's letters, as high as they are, over [`TextStyle::background`].
    pub background: Option<Color>,
}

/// How words look.
#[derive(Clone, Debug, PartialEq)]
pub struct TextStyle {
    /// Family name; what it lacks is taken from the other fonts at hand.
    pub font: Arc<str>,
    /// Em size in layer px.
    pub size_px: f64,
    /// Weight 1..=1000, 400 regular, 700 bold.
    pub weight: f64,
    /// Slanted.
    pub italic: bool,
    /// Colour of the letters where there is no `fill`, and of what colour glyphs leave open.
    pub color: Color,
    /// What fills the letters in place of `color`; a gradient runs over the layer's box.
    pub fill: Option<Paint>,
    /// A rim around the letters, `width_px` wide on the outside, with round corners; drawn below them.
    pub stroke: Option<Stroke>,
    /// What lies behind the words.
    pub background: Option<TextBackground>,
    /// A line below.
    pub underline: bool,
    /// A line through the middle.
    pub strikethrough: bool,
    /// Whether the line below leaves gaps around ink that crosses it (CSS `text-decoration-skip-ink`), each as wide as
    /// the line is thick. Chinese, Japanese and Korean have none.
    pub skip_ink: bool,
    /// Distance between baselines as a multiple of `size_px`; `None` takes the font's own.
    pub line_height: Option<f64>,
    /// Extra space after each glyph in layer px; may be negative. Scripts whose letters join are left as they are.
    pub letter_spacing_px: f64,
    /// Extra space after each space between words in layer px; may be negative.
    pub word_spacing_px: f64,
    /// Digits of one width, so that counters do not jitter (OpenType `tnum`).
    pub tabular: bool,
    /// Axes of a variable font, such as `wdth`; those that the font lacks do nothing.
    pub axes: Arc<[(Tag, f64)]>,
    /// OpenType features and their values, 0 off; those that the font lacks do nothing.
    pub features: Arc<[(Tag, u16)]>,
}

impl Default for TextStyle {
    /// What a document that says nothing gets: Inter, regular, 32 px, white.
    fn default() -> Self {
        Self {
            font: "Inter".into(),
            size_px: 32.0,
            weight: 400.0,
            italic: false,
            color: Color::WHITE,
            fill: None,
            stroke: None,
            background: None,
            underline: false,
            strikethrough: false,
            skip_ink: true,
            line_height: None,
            letter_spacing_px: 0.0,
            word_spacing_px: 0.0,
            tabular: false,
            axes: Arc::new([]),
            features: Arc::new([]),
        }
    }
}

/// The name of a variation axis or an OpenType feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag([u8; 4]);

impl Tag {
    /// What a tag may look like, for error messages.
    pub const RULE: &'static str = "4 of A-Z a-z 0-9";

    /// `None` when `text` breaks [`Tag::RULE`].
    pub fn new(text: &str) -> Option<Self> {
        let bytes: [u8; 4] = text.as_bytes().try_into().ok()?;
        let ok = bytes.iter().all(u8::is_ascii_alphanumeric);
        ok.then_some(Self(bytes))
    }

    /// The tag as a font has it.
    pub const fn bytes(self) -> [u8; 4] {
        self.0
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A box of one colour behind words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextBackground {
    /// Its colour.
    pub color: Color,
    /// How far it reaches beyond the words, layer px: to both sides, and above and below.
    pub padding_px: [f64; 2],
    /// Radius of its corners, layer px.
    pub corner_radius_px: f64,
    /// What it lies behind.
    pub behind: Behind,
}

/// What a [`TextBackground`] lies behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behind {
    /// Each line by itself, as wide as its words; boxes that touch become one.
    #[default]
    Lines,
    /// The layer's box.
    Box,
}

/// Horizontal alignment of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// To the left.
    #[default]
    Left,
    /// Centred.
    Center,
    /// To the right.
    Right,
    /// Where reading begins: left, or right in text that is read from the right.
    Start,
    /// Where reading ends.
    End,
    /// To both sides, the space shared out between words; the last line of a paragraph is at the start.
    Justify,
}

/// How words fill their box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Where lines may break, in a box with a width.
    pub wrap: Wrap,
    /// Most lines that are shown.
    pub max_lines: Option<u32>,
    /// What becomes of words for which there is no room.
    pub overflow: Overflow,
    /// How the lines stand in a box with a height.
    pub vertical_align: VerticalAlign,
    /// Whether words are made smaller or larger until they fit.
    pub fit: TextFit,
    /// The smallest size they are made, layer px; what does not fit then is left to `overflow`.
    pub min_size_px: f64,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            wrap: Wrap::default(),
            max_lines: None,
            overflow: Overflow::default(),
            vertical_align: VerticalAlign::default(),
            fit: TextFit::default(),
            min_size_px: 8.0,
        }
    }
}

/// Where lines may break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Between words; a word longer than the line is broken too.
    #[default]
    Word,
    /// Between any two letters.
    Anywhere,
    /// Only at `\n`.
    None,
}

/// What becomes of words for which there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// They leave the box. Lines above `max_lines` are left out all the same.
    #[default]
    Visible,
    /// They are left out, and `…` stands where they would begin: on lines wider than the box, and on the last line for
    /// which there is room.
    Ellipsis,
    /// What leaves the box is cut off.
    Clip,
}

/// How lines stand in a box with a height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerticalAlign {
    /// From its top.
    #[default]
    Top,
    /// In its middle.
    Middle,
    /// On its bottom.
    Bottom,
}

/// Whether words are made smaller or larger until they fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextFit {
    /// They keep their size.
    #[default]
    None,
    /// The largest of `size_px`, less half a px, less one px .. that lets all words into the box without breaking one,
    /// with runs and spacing in proportion.
    Shrink,
    /// The same, and larger too: by steps of half a px, up to the largest size that there is. Words whose box has no side
    /// that bounds them keep their size.
    Fill,
}

/// How much of a text is drawn; the place of each letter is that in the whole text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reveal {
    /// The part that is drawn, 0..=1, in whole units, rounded down.
    pub part: f64,
    /// The units.
    pub by: RevealBy,
}

impl Default for Reveal {
    fn default() -> Self {
        Self {
            part: 1.0,
            by: RevealBy::default(),
        }
    }
}

/// In what steps a text is revealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevealBy {
    /// Letter by letter, as readers count them: an emoji, or a letter with its accents, is one.
    #[default]
    Grapheme,
    /// Word by word, as spaces part them.
    Word,
    /// Line by line.
    Line,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_four_letters_or_digits() {
        for good in ["wdth", "ss01", "GRAD"] {
            assert_eq!(
                Tag::new(good).map(|t| t.as_str().to_owned()),
                Some(good.to_owned())
            );
        }
        for bad in ["", "wdt", "wdth5", "a b1", "ää"] {
            assert_eq!(Tag::new(bad), None, "{bad:?}");
        }
    }
}
