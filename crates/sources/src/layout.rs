//! Words to lines of glyphs.

use crate::hyphens::{Hyphens, SOFT};
use crate::{Error, Fonts, Notice, emoji};
use parley::fontique::{Attributes, FontStyle, FontWeight, FontWidth};
use parley::{
    Alignment, AlignmentOptions, CHROMIUM_LINE_BREAK_OVERRIDE, FontContext, FontFamily,
    FontFamilyName, FontFeature, FontFeatures, FontVariation, FontVariations, Layout,
    LayoutContext, LineHeight, OverflowWrap, TextWrapMode, WordBreak,
};
use scene::{Align, TextRun, TextStyle, Wrap};
use skrifa::{FontRef, MetadataProvider};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// How lines are broken and aligned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lines {
    /// Width of the box, layer px; `None` is the longest line's.
    pub(crate) width_px: Option<f64>,
    /// Where lines break at that width.
    pub(crate) wrap: Wrap,
    pub(crate) align: Align,
}

/// Which run a part of a text belongs to: 0 is the text's own style, i + 1 its run i. Parley carries it to the glyphs.
pub(crate) type RunIndex = u16;

/// A text, and which run each part of it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Spans<'a> {
    pub(crate) text: Cow<'a, str>,
    /// In order, without gaps; empty where there are no runs.
    pub(crate) runs: Vec<(Range<usize>, RunIndex)>,
}

/// A text laid out.
pub(crate) struct Typeset {
    pub(crate) layout: Layout<RunIndex>,
    /// Soft hyphens that are seen.
    pub(crate) hyphens: Hyphens,
    pub(crate) notices: Vec<Notice>,
}

/// Lays out text and remembers which font has which character.
pub(crate) struct Typesetter {
    fonts: Fonts,
    font_cx: FontContext,
    layout_cx: LayoutContext<RunIndex>,
    /// The family that has a character which the usual ones lack; `None` where no font has it.
    stand_ins: HashMap<char, Option<usize>>,
}

/// Characters remembered before starting anew.
const MAX_STAND_INS: usize = 16_384;

/// A part of a text in which nothing changes that decides how it is set.
#[derive(Clone, PartialEq)]
struct Segment {
    range: Range<usize>,
    manner: Manner,
}

/// How a segment is set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Manner {
    run: RunIndex,
    /// Drawn as colour emoji.
    emoji: bool,
    /// Not spaced: in a script whose letters join, space between them would tear words apart.
    joined: bool,
    /// A soft hyphen that is seen is so wide, layer px; 0 for all else.
    hyphen_px: f32,
}

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

    /// Lays out `spans` with all lengths of `style` and `runs` times `factor`.
    ///
    /// # Errors
    /// When there is no font.
    pub(crate) fn lay_out(
        &mut self,
        spans: &Spans<'_>,
        style: &TextStyle,
        runs: &[TextRun],
        lines: Lines,
        factor: f64,
    ) -> Result<Typeset, Error> {
        if self.fonts.is_empty() {
            return Err(Error::NoFonts);
        }
        let mut set = self.set(spans, style, runs, lines, factor, Hyphens::default());
        let Some(width_px) = lines.width_px.filter(|_| lines.wrap != Wrap::None) else {
            return Ok(set);
        };
        if spans.text.contains(SOFT) {
            #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
            let hyphens = Hyphens::choose(&mut set.layout, &spans.text, width_px as f32);
            if hyphens.is_empty() {
                align(&mut set.layout, lines.align);
            } else {
                set = self.set(spans, style, runs, lines, factor, hyphens);
            }
        }
        Ok(set)
    }

    fn set(
        &mut self,
        spans: &Spans<'_>,
        style: &TextStyle,
        runs: &[TextRun],
        lines: Lines,
        factor: f64,
        hyphens: Hyphens,
    ) -> Typeset {
        let mut notices = Vec::new();
        let looks: Vec<Look> = (0..=runs.len())
            .map(|run| Look::new(style, run.checked_sub(1).map(|i| &runs[i]), factor))
            .collect();
        let text = &*hyphens.glued(&spans.text);
        let whole = [(0..text.len(), 0)];
        let parts = if spans.runs.is_empty() {
            &whole[..]
        } else {
            &spans.runs[..]
        };
        // Families of each look that is in use; those without one are not.
        let mut families: Vec<Vec<usize>> = vec![Vec::new(); looks.len()];
        families[0] = self.families_for("", &looks[0], &mut notices);
        for (range, run) in parts {
            let run = usize::from(*run);
            let found = self.families_for(&text[range.clone()], &looks[run], &mut notices);
            for family in found {
                if !families[run].contains(&family) {
                    families[run].push(family);
                }
            }
        }
        let segments = segments(
            text,
            parts,
            style.letter_spacing_px,
            runs,
            self.fonts.emoji(),
            &hyphens,
        );

        let fonts = &self.fonts;
        let settings = Settings::new(style);
        // Quantised: whole ascents and descents, so that baselines stand on whole pixels.
        let mut builder = self
            .layout_cx
            .style_run_builder(&mut self.font_cx, text, 1.0, true);
        // Unicode's rules tear "and/or" and addresses at each slash; a browser's do not.
        builder.set_line_break_override(Some(CHROMIUM_LINE_BREAK_OVERRIDE));
        let mut known: Vec<(Manner, u16)> = Vec::new();
        let mut push = |builder: &mut parley::StyleRunBuilder<'_, RunIndex>, manner: Manner| {
            if let Some((_, index)) = known.iter().find(|(known, _)| *known == manner) {
                return *index;
            }
            let Manner { run, emoji, .. } = manner;
            let look = &looks[usize::from(run)];
            let families = &families[usize::from(run)];
            let first = fonts.emoji().filter(|_| emoji);
            let stack: Vec<FontFamilyName<'_>> = first
                .iter()
                .chain(families)
                .map(|f| FontFamilyName::Named(Cow::Borrowed(fonts.family(*f).name())))
                .collect();
            // An emoji's box of no height leaves the line to the words around.
            let line_height = if emoji {
                LineHeight::Absolute(0.0)
            } else {
                look.line_height(fonts, families.first().copied().unwrap_or(0), style)
            };
            let index = builder.push_style(look.parley(
                &stack,
                line_height,
                &settings,
                style,
                lines,
                manner,
                factor,
            ));
            known.push((manner, index));
            index
        };
        // The root style: what a line without words is as high as.
        push(&mut builder, Manner::default());
        for segment in &segments {
            let index = push(&mut builder, segment.manner);
            builder.push_style_run(index, segment.range.clone());
        }
        let mut layout = builder.build(text);
        #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
        layout.break_all_lines(lines.width_px.map(|w| w as f32));
        align(&mut layout, lines.align);
        Typeset {
            layout,
            hyphens,
            notices,
        }
    }

    /// As [`Fonts::find`] does it, in a collection that nobody else has and that therefore needs no copy: that took a fifth
    /// of the time of laying out a line.
    fn find(&mut self, name: &str) -> Option<usize> {
        let id = self.font_cx.collection.family_id(name)?;
        self.fonts.index_of(id)
    }

    /// The chosen family and those that have what it lacks. Parley is asked to look only where something will be found:
    /// handing it all families would make every missing character a search through hundreds.
    fn families_for(&mut self, text: &str, look: &Look, notices: &mut Vec<Notice>) -> Vec<usize> {
        let first = self.find(&look.font).unwrap_or_else(|| {
            let notice = Notice::UnknownFamily {
                family: look.font.to_string(),
                used: self.fonts.default_family().unwrap_or_default().to_owned(),
            };
            if !notices.contains(&notice) {
                notices.push(notice);
            }
            0
        });
        let mut families = vec![first];
        let mut missing = String::new();
        if self.stand_ins.len() > MAX_STAND_INS {
            self.stand_ins.clear();
        }
        for c in text.chars().filter(|&c| !is_invisible(c)) {
            if families
                .iter()
                .any(|&f| self.fonts.has_char(f, &look.attributes, c))
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

    /// How high lines of a run are; `None` where its font does not say.
    pub(crate) fn strut(&mut self, style: &TextStyle, run: Option<&TextRun>) -> Option<Strut> {
        let look = Look::new(style, run, 1.0);
        let family = self.find(&look.font).unwrap_or(0);
        let face = self.fonts.face(family, &look.attributes)?;
        let data = face.load(None)?;
        let font = FontRef::from_index(data.as_ref(), face.index()).ok()?;
        let metrics = font.metrics(
            skrifa::instance::Size::unscaled(),
            skrifa::instance::LocationRef::default(),
        );
        Some(Strut {
            size_px: look.size_px,
            line_height: style.line_height,
            units: [metrics.ascent, -metrics.descent, metrics.leading],
            units_per_em: metrics.units_per_em.max(1),
        })
    }

    /// The parts of a text of several runs that make lines as high as their run is: emoji do not.
    pub(crate) fn lettered(&self, spans: &Spans<'_>) -> Vec<(Range<usize>, RunIndex)> {
        let none = Hyphens::default();
        let emoji = self.fonts.emoji();
        let all = segments(&spans.text, &spans.runs, 0.0, &[], emoji, &none);
        let lettered = all.into_iter().filter(|segment| !segment.manner.emoji);
        lettered.map(|s| (s.range, s.manner.run)).collect()
    }

    /// Where a line below and one through words of this run stand, and how thick they are: layer px, by the font that
    /// is asked for, so that a line does not jump where another stands in.
    pub(crate) fn decoration(
        &mut self,
        style: &TextStyle,
        run: Option<&TextRun>,
        factor: f64,
    ) -> Decoration {
        let look = Look::new(style, run, factor);
        let family = self.find(&look.font).unwrap_or(0);
        let size = look.size_px;
        let usual = Decoration {
            below_px: size * 0.1,
            through_px: -size * 0.27,
            thickness_px: size / 16.0,
        };
        let own = self.fonts.face(family, &look.attributes).and_then(|face| {
            let data = face.load(None)?;
            let font = FontRef::from_index(data.as_ref(), face.index()).ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "skrifa counts in f32")]
            let size = skrifa::instance::Size::new(size as f32);
            let metrics = font.metrics(size, skrifa::instance::LocationRef::default());
            let (below, through) = (metrics.underline?, metrics.strikeout?);
            Some(Decoration {
                below_px: -f64::from(below.offset),
                through_px: -f64::from(through.offset),
                thickness_px: f64::from(below.thickness),
            })
        });
        own.filter(|own| own.thickness_px > 0.0).unwrap_or(usual)
    }
}

impl std::fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typesetter")
            .field("fonts", &self.fonts)
            .finish_non_exhaustive()
    }
}

/// What lines of a font's words are high, by its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strut {
    /// Em size in layer px.
    size_px: f64,
    /// In em, where a style says so.
    line_height: Option<f64>,
    /// Ascent, descent and gap, units of the font.
    units: [f32; 3],
    units_per_em: u16,
}

impl Strut {
    /// Above and below the baseline in layer px where all lengths are times `factor`, as lines are laid out.
    #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
    pub(crate) fn at(&self, factor: f64) -> [f32; 2] {
        let size_px = (self.size_px * factor) as f32;
        let scale = size_px / f32::from(self.units_per_em);
        let [ascent, descent, gap] = self.units.map(|units| (units * scale).round());
        let height = match self.line_height {
            Some(factor) => factor as f32 * size_px,
            None => ascent + descent + gap,
        };
        let over = ascent + ((height - (ascent + descent)) / 2.0).floor();
        [over, height - over]
    }
}

/// Lines that go with words: distances from the baseline to their upper edges, down, layer px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decoration {
    pub(crate) below_px: f64,
    pub(crate) through_px: f64,
    pub(crate) thickness_px: f64,
}

/// What decides how the words of a run are set.
struct Look {
    font: std::sync::Arc<str>,
    size_px: f64,
    attributes: Attributes,
    letter_spacing_px: f64,
}

impl Look {
    #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
    fn new(style: &TextStyle, run: Option<&TextRun>, factor: f64) -> Self {
        let own = |of: fn(&TextRun) -> Option<f64>| run.and_then(of);
        let font = run.and_then(|run| run.font.as_ref()).unwrap_or(&style.font);
        let italic = run.and_then(|run| run.italic).unwrap_or(style.italic);
        let weight = own(|run| run.weight).unwrap_or(style.weight);
        let spacing = own(|run| run.letter_spacing_px).unwrap_or(style.letter_spacing_px);
        Self {
            font: font.clone(),
            size_px: own(|run| run.size_px).unwrap_or(style.size_px) * factor,
            attributes: Attributes {
                width: FontWidth::NORMAL,
                style: if italic {
                    FontStyle::Italic
                } else {
                    FontStyle::Normal
                },
                weight: FontWeight::new(weight as f32),
            },
            letter_spacing_px: spacing * factor,
        }
    }

    /// The line height by the chosen font alone: where stand-ins count too, one emoji makes the line jump.
    #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
    fn line_height(&self, fonts: &Fonts, family: usize, style: &TextStyle) -> LineHeight {
        if let Some(factor) = style.line_height {
            return LineHeight::FontSizeRelative(factor as f32);
        }
        let own = fonts.face(family, &self.attributes).and_then(|face| {
            let data = face.load(None)?;
            let font = FontRef::from_index(data.as_ref(), face.index()).ok()?;
            let metrics = font.metrics(
                skrifa::instance::Size::new(self.size_px as f32),
                skrifa::instance::LocationRef::default(),
            );
            Some(metrics.ascent.round() + (-metrics.descent).round() + metrics.leading.round())
        });
        own.map_or(LineHeight::NORMAL, LineHeight::Absolute)
    }

    #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
    #[expect(
        clippy::too_many_arguments,
        reason = "one place makes one value of all that there is"
    )]
    fn parley<'a>(
        &self,
        stack: &'a [FontFamilyName<'a>],
        line_height: LineHeight,
        settings: &'a Settings,
        style: &TextStyle,
        lines: Lines,
        manner: Manner,
        factor: f64,
    ) -> parley::TextStyle<'a, 'a, RunIndex> {
        parley::TextStyle {
            font_family: FontFamily::List(Cow::Borrowed(stack)),
            font_size: self.size_px as f32,
            font_style: self.attributes.style,
            font_weight: self.attributes.weight,
            font_variations: FontVariations::List(Cow::Borrowed(&settings.axes)),
            font_features: FontFeatures::List(Cow::Borrowed(&settings.features)),
            brush: manner.run,
            line_height,
            word_spacing: (style.word_spacing_px * factor) as f32,
            letter_spacing: if manner.joined {
                manner.hyphen_px
            } else {
                self.letter_spacing_px as f32
            },
            word_break: if lines.wrap == Wrap::Anywhere {
                WordBreak::BreakAll
            } else {
                WordBreak::Normal
            },
            // A word longer than the line is broken rather than let out of its box.
            overflow_wrap: OverflowWrap::BreakWord,
            text_wrap_mode: if lines.wrap == Wrap::None || lines.width_px.is_none() {
                TextWrapMode::NoWrap
            } else {
                TextWrapMode::Wrap
            },
            ..parley::TextStyle::default()
        }
    }
}

/// What a style says to the font.
struct Settings {
    axes: Vec<FontVariation>,
    features: Vec<FontFeature>,
}

impl Settings {
    #[expect(clippy::cast_possible_truncation, reason = "fonts count in 16.16")]
    fn new(style: &TextStyle) -> Self {
        let tag = |tag: &scene::Tag| parley::setting::Tag::new(&tag.bytes());
        let axes = style.axes.iter();
        let axes = axes.map(|(axis, value)| FontVariation::new(tag(axis), *value as f32));
        // The last of two wins.
        let tabular = style
            .tabular
            .then(|| FontFeature::new(parley::setting::Tag::new(b"tnum"), 1));
        let features = style.features.iter();
        let features = features.map(|(feature, value)| FontFeature::new(tag(feature), *value));
        Self {
            axes: axes.collect(),
            features: tabular.into_iter().chain(features).collect(),
        }
    }
}

pub(crate) fn align(layout: &mut Layout<RunIndex>, align: Align) {
    let alignment = match align {
        Align::Left => Alignment::Left,
        Align::Center => Alignment::Center,
        Align::Right => Alignment::Right,
        Align::Start => Alignment::Start,
        Align::End => Alignment::End,
        Align::Justify => Alignment::Justify,
    };
    layout.align(
        alignment,
        AlignmentOptions {
            align_when_overflowing: true,
            last_line_alignment: None,
        },
    );
}

/// `parts` cut where emoji or joined letters begin and end.
fn segments(
    text: &str,
    parts: &[(Range<usize>, RunIndex)],
    letter_spacing_px: f64,
    runs: &[TextRun],
    emoji_family: Option<usize>,
    hyphens: &Hyphens,
) -> Vec<Segment> {
    let emoji = match emoji_family {
        Some(_) => emoji::ranges(text),
        None => Vec::new(),
    };
    let spaced =
        letter_spacing_px.abs() > 0.0 || runs.iter().any(|r| r.letter_spacing_px.is_some());
    let joined = if spaced {
        joined_ranges(text)
    } else {
        Vec::new()
    };
    let inside = |ranges: &[Range<usize>], at: usize| {
        let next = ranges.partition_point(|range| range.end <= at);
        ranges.get(next).is_some_and(|range| range.start <= at)
    };
    let mut cuts: Vec<usize> = emoji
        .iter()
        .chain(&joined)
        .flat_map(|range| [range.start, range.end])
        .collect();
    let shown = hyphens.shown.iter();
    cuts.extend(shown.flat_map(|&(at, _)| [at, at + SOFT.len_utf8()]));
    cuts.sort_unstable();
    let mut segments = Vec::new();
    for (range, run) in parts.iter().filter(|(range, _)| !range.is_empty()) {
        let mut start = range.start;
        let within = cuts.iter().copied().filter(|&cut| cut < range.end);
        for end in within.chain([range.end]) {
            if end <= start {
                continue;
            }
            let hyphen_px = hyphens.width_px(start);
            let manner = Manner {
                run: *run,
                emoji: inside(&emoji, start),
                joined: inside(&joined, start) || hyphen_px > 0.0,
                hyphen_px,
            };
            let range = start..end;
            segments.push(Segment { range, manner });
            start = end;
        }
    }
    segments
}

/// Byte ranges that are not spaced: letters that join their neighbours, and what is only a hint where to break.
fn joined_ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let apart = |c: char| joins(c) || matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}');
    for (at, c) in text.char_indices().filter(|&(_, c)| apart(c)) {
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => found.push(at..end),
        }
    }
    found
}

/// Letters of scripts that are written joined: Arabic, Syriac, Mandaic, N'Ko, Mongolian, Phags-pa, Rohingya, Adlam.
fn joins(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{77f}' | '\u{7c0}'..='\u{7ff}' | '\u{840}'..='\u{8ff}' | '\u{1800}'..='\u{18af}'
        | '\u{a840}'..='\u{a87f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10d00}'..='\u{10d3f}' | '\u{1e900}'..='\u{1e95f}')
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

/// Characters that no font needs to have: controls, joiners, direction marks, variation selectors, tags.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}
