//! Words to lines of glyphs.

use crate::{Error, Fonts, Notice, emoji};
use kurbo::Size;
use parley::fontique::{Attributes, FontStyle, FontWeight, FontWidth};
use parley::{
    Alignment, AlignmentOptions, FontContext, FontFamily, FontFamilyName, FontFeature,
    FontFeatures, Layout, LayoutContext, LineHeight, OverflowWrap, StyleProperty, TextWrapMode,
};
use scene::{Align, TextStyle};
use skrifa::{FontRef, MetadataProvider};
use std::borrow::Cow;
use std::collections::HashMap;

/// How lines are broken and aligned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lines {
    /// Width of the box, layer px; `None` is the longest line's.
    pub(crate) width_px: Option<f64>,
    /// Break lines at that width.
    pub(crate) wrap: bool,
    pub(crate) align: Align,
}

/// Words laid out, in layer px from the top left corner of the first line box.
pub(crate) struct Laid {
    pub(crate) layout: Layout<()>,
    /// Longest line, trailing spaces too where nothing wraps, by the height of all lines.
    pub(crate) size: Size,
    /// First baseline: a whole number of layer px, so that text stays sharp whether the box or the baseline is placed.
    pub(crate) baseline_px: f64,
    pub(crate) notices: Vec<Notice>,
}

/// Lays out text and remembers which font has which character.
pub(crate) struct Typesetter {
    fonts: Fonts,
    font_cx: FontContext,
    layout_cx: LayoutContext<()>,
    /// The family that has a character which the usual ones lack; `None` where no font has it.
    stand_ins: HashMap<char, Option<usize>>,
}

/// Characters remembered before starting anew.
const MAX_STAND_INS: usize = 16_384;

impl Typesetter {
    pub(crate) fn new(fonts: Fonts) -> Self {
        let font_cx = FontContext {
            collection: fonts.collection(),
            ..no_system_fonts()
        };
        Self {
            fonts,
            font_cx,
            layout_cx: LayoutContext::new(),
            stand_ins: HashMap::new(),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
    pub(crate) fn lay_out(
        &mut self,
        text: &str,
        style: &TextStyle,
        lines: Lines,
    ) -> Result<Laid, Error> {
        if self.fonts.is_empty() {
            return Err(Error::NoFonts);
        }
        let attributes = Attributes {
            width: FontWidth::NORMAL,
            style: if style.italic {
                FontStyle::Italic
            } else {
                FontStyle::Normal
            },
            weight: FontWeight::new(style.weight as f32),
        };
        let mut notices = Vec::new();
        let first = self.fonts.find(&style.font).unwrap_or_else(|| {
            let used = self.fonts.default_family().unwrap_or_default().to_owned();
            notices.push(Notice::UnknownFamily {
                family: style.font.to_string(),
                used,
            });
            0
        });
        let families = self.families_for(text, first, &attributes, &mut notices);
        let fonts = &self.fonts;
        let named = |f: &usize| FontFamilyName::Named(Cow::Borrowed(fonts.family(*f).name()));
        let stack: Vec<FontFamilyName<'_>> = families.iter().map(named).collect();

        // Quantised: whole ascents and descents, so that baselines stand on whole pixels.
        let mut builder = self
            .layout_cx
            .ranged_builder(&mut self.font_cx, text, 1.0, true);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(
            &stack,
        ))));
        builder.push_default(StyleProperty::FontSize(style.size_px as f32));
        builder.push_default(StyleProperty::FontWeight(attributes.weight));
        builder.push_default(StyleProperty::FontStyle(attributes.style));
        builder.push_default(StyleProperty::LetterSpacing(style.letter_spacing_px as f32));
        builder.push_default(StyleProperty::LineHeight(line_height(
            fonts,
            first,
            &attributes,
            style,
        )));
        let wrap_mode = if lines.wrap {
            TextWrapMode::Wrap
        } else {
            TextWrapMode::NoWrap
        };
        builder.push_default(StyleProperty::TextWrapMode(wrap_mode));
        // A word longer than the line is broken rather than let out of its box.
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::BreakWord));
        let tabular = [FontFeature::new(parley::setting::Tag::new(b"tnum"), 1)];
        if style.tabular {
            builder.push_default(StyleProperty::FontFeatures(FontFeatures::List(
                Cow::Borrowed(&tabular),
            )));
        }
        if let Some(emoji_family) = fonts.emoji() {
            let stack: Vec<_> = [emoji_family].iter().chain(&families).map(named).collect();
            for range in emoji::ranges(text) {
                builder.push(
                    StyleProperty::FontFamily(FontFamily::List(Cow::Owned(stack.clone()))),
                    range.clone(),
                );
                // A box of no height leaves the line to the words around.
                builder.push(StyleProperty::LineHeight(LineHeight::Absolute(0.0)), range);
            }
        }
        let mut layout = builder.build(text);
        layout.break_all_lines(lines.width_px.map(|w| w as f32));
        let alignment = match lines.align {
            Align::Left => Alignment::Left,
            Align::Center => Alignment::Center,
            Align::Right => Alignment::Right,
        };
        layout.align(
            alignment,
            AlignmentOptions {
                align_when_overflowing: true,
                last_line_alignment: None,
            },
        );
        // Parley measures a space where there is nothing.
        let width = if text.is_empty() {
            0.0
        } else {
            f64::from(layout.full_width())
        };
        let size = Size::new(width, f64::from(layout.height()));
        let baseline_px = f64::from(layout.first_baseline().unwrap_or(0.0));
        Ok(Laid {
            layout,
            size,
            baseline_px,
            notices,
        })
    }

    /// The chosen family and those that have what it lacks. Parley is asked to look only where something will be found:
    /// handing it all families would make every missing character a search through hundreds.
    fn families_for(
        &mut self,
        text: &str,
        first: usize,
        attributes: &Attributes,
        notices: &mut Vec<Notice>,
    ) -> Vec<usize> {
        let mut families = vec![first];
        let mut missing = String::new();
        if self.stand_ins.len() > MAX_STAND_INS {
            self.stand_ins.clear();
        }
        for c in text.chars().filter(|&c| !is_invisible(c)) {
            if families
                .iter()
                .any(|&f| self.fonts.has_char(f, attributes, c))
            {
                continue;
            }
            // Which families have a character does not depend on weight or slant, or so little that it is not searched for.
            match *self
                .stand_ins
                .entry(c)
                .or_insert_with(|| self.fonts.family_with(&Attributes::default(), c))
            {
                Some(family) if !families.contains(&family) => families.push(family),
                Some(_) => {}
                None if missing.contains(c) => {}
                None => missing.push(c),
            }
        }
        if !missing.is_empty() {
            notices.push(Notice::MissingCharacters {
                characters: missing,
            });
        }
        families
    }
}

impl std::fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typesetter")
            .field("fonts", &self.fonts)
            .finish_non_exhaustive()
    }
}

/// A context whose fonts are replaced at once; parley's own constructor would look for the system's.
fn no_system_fonts() -> FontContext {
    use parley::fontique::{Collection, CollectionOptions, SourceCache};
    FontContext {
        collection: Collection::new(CollectionOptions {
            shared: false,
            system_fonts: false,
        }),
        source_cache: SourceCache::default(),
    }
}

/// The line height by the chosen font alone: where stand-ins count too, one emoji makes the line jump.
#[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
fn line_height(
    fonts: &Fonts,
    family: usize,
    attributes: &Attributes,
    style: &TextStyle,
) -> LineHeight {
    if let Some(factor) = style.line_height {
        return LineHeight::FontSizeRelative(factor as f32);
    }
    let own = fonts.face(family, attributes).and_then(|face| {
        let data = face.load(None)?;
        let font = FontRef::from_index(data.as_ref(), face.index()).ok()?;
        let metrics = font.metrics(
            skrifa::instance::Size::new(style.size_px as f32),
            skrifa::instance::LocationRef::default(),
        );
        Some(metrics.ascent.round() + (-metrics.descent).round() + metrics.leading.round())
    });
    own.map_or(LineHeight::NORMAL, LineHeight::Absolute)
}

/// Characters that no font needs to have: controls, joiners, direction marks, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
