//! Fields of the parts of a text that can move.

use crate::ranges::{FONT_SIZE, LETTER_SPACING, WEIGHT};
use crate::slot::{Slot, ValueType};
use crate::words::Choice as _;
use crate::{Source, Text, TextContent, TextRun};
use std::sync::Arc;

/// A field of a run of a text that can move; but for its words, where the run gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunProperty {
    /// `text`
    Text,
    /// `font`
    Font,
    /// `size_px`
    Size,
    /// `weight`
    Weight,
    /// `style`
    Style,
    /// `color`
    Color,
    /// `letter_spacing_px`
    LetterSpacing,
    /// `underline`
    Underline,
    /// `strikethrough`
    Strikethrough,
    /// `background`
    Background,
}

/// Name, field and meaning of all.
pub(crate) const RUN_PROPERTIES: [(&str, RunProperty, &str); 10] = [
    ("text", RunProperty::Text, "The words of one run of a text."),
    (
        "font",
        RunProperty::Font,
        "Family of the font of one run, where it gives one.",
    ),
    (
        "size_px",
        RunProperty::Size,
        "Em size of one run, pixels, where it gives one.",
    ),
    (
        "weight",
        RunProperty::Weight,
        "Weight of one run, where it gives one.",
    ),
    (
        "style",
        RunProperty::Style,
        "Whether the letters of one run are slanted, where it says so.",
    ),
    (
        "color",
        RunProperty::Color,
        "Colour of the letters of one run, where it gives one.",
    ),
    (
        "letter_spacing_px",
        RunProperty::LetterSpacing,
        "Space after each letter of one run, pixels, where it gives one.",
    ),
    (
        "underline",
        RunProperty::Underline,
        "Whether one run is underlined, where it says so.",
    ),
    (
        "strikethrough",
        RunProperty::Strikethrough,
        "Whether one run is struck through, where it says so.",
    ),
    (
        "background",
        RunProperty::Background,
        "Colour behind the letters of one run, where it gives one.",
    ),
];

impl RunProperty {
    /// All of them, with their names in a run of the document.
    pub fn all() -> impl Iterator<Item = (&'static str, Self)> {
        RUN_PROPERTIES
            .iter()
            .map(|(name, field, _)| (*name, *field))
    }

    /// The one of that name in a run of the document.
    pub fn named(name: &str) -> Option<Self> {
        let found = RUN_PROPERTIES.iter().find(|(known, ..)| *known == name);
        found.map(|(_, field, _)| *field)
    }

    /// Its name in a run of the document.
    pub fn name(self) -> &'static str {
        let found = RUN_PROPERTIES.iter().find(|(_, field, _)| *field == self);
        found.map_or("", |(name, ..)| *name)
    }

    /// Where it lives in the run of that number, from 0; `None` where there is no such run.
    pub(crate) fn slot(self, source: &mut Source, run: u8) -> Option<Slot<'_>> {
        let runs = match source {
            Source::Text(Text {
                text: TextContent::Runs(runs),
                ..
            }) => Arc::make_mut(runs),
            _ => return None,
        };
        let run = runs.get_mut(usize::from(run))?;
        Some(self.slot_in(run))
    }

    fn slot_in(self, run: &mut TextRun) -> Slot<'_> {
        let color = |color| match color {
            Some(color) => Slot::Color(color),
            None => Slot::Absent(ValueType::Color),
        };
        let switch = |switch| match switch {
            Some(switch) => Slot::Bool(switch),
            None => Slot::Absent(ValueType::Boolean),
        };
        match self {
            Self::Text => Slot::Text(&mut run.text, None),
            Self::Font => match &mut run.font {
                Some(font) => Slot::Text(font, None),
                None => Slot::Absent(ValueType::Text),
            },
            Self::Size => Slot::Length(&mut run.size_px, FONT_SIZE),
            Self::Weight => Slot::Length(&mut run.weight, WEIGHT),
            Self::LetterSpacing => Slot::Length(&mut run.letter_spacing_px, LETTER_SPACING),
            Self::Style => match &mut run.italic {
                Some(italic) => Slot::Word(italic),
                None => Slot::Absent(ValueType::Word(false.words())),
            },
            Self::Color => color(run.color.as_mut()),
            Self::Background => color(run.background.as_mut()),
            Self::Underline => switch(run.underline.as_mut()),
            Self::Strikethrough => switch(run.strikethrough.as_mut()),
        }
    }
}
