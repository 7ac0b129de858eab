//! Soft hyphens: where a line breaks at one, a hyphen stands; everywhere else they are nothing.
//!
//! Layout knows soft hyphens as places to break, and of no width. So lines are broken once to see which of them are at
//! the end of a line, and which would be, had their hyphen room; then the words are set again, with room for the former
//! and no break at the latter.

use crate::layout::RunIndex;
use parley::{BreakReason, Layout, Line, Run};
use skrifa::instance::{LocationRef, NormalizedCoord, Size};
use skrifa::{FontRef, MetadataProvider as _};
use std::borrow::Cow;

/// A soft hyphen.
pub(crate) const SOFT: char = '\u{ad}';

/// As long in UTF-8 as a soft hyphen, as invisible, and nothing breaks at it: the combining grapheme joiner.
const GLUE: &str = "\u{34f}";

/// Lines that are broken again for want of room for a hyphen; in what is behind them, hyphens may leave the box.
const MOST_TURNS: usize = 64;

/// Lengths in layer px that are equal but for rounding.
const SLACK_PX: f32 = 0.01;

/// What becomes of soft hyphens: places in the text, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hyphens {
    /// Where one is seen, and how wide it is, layer px.
    pub(crate) shown: Vec<(usize, f32)>,
    /// Where a line would break, but that there is no room for one.
    refused: Vec<usize>,
}

impl Hyphens {
    /// Breaks the lines of `text` at `width_px`, and chooses.
    pub(crate) fn choose(layout: &mut Layout<RunIndex>, text: &str, width_px: f32) -> Self {
        let mut refused = Vec::new();
        // How long each line may be; those behind the last may be as long as the box.
        let mut widths: Vec<f32> = Vec::new();
        for _ in 0..MOST_TURNS {
            break_lines(layout, width_px, &widths);
            let begun = widths.len().saturating_sub(1);
            let mut lines = layout.lines().enumerate().skip(begun);
            let over = lines.find_map(|(i, line)| {
                let (at, hyphen_px) = ended(&line, text)?;
                let is = line.metrics().advance;
                (is + hyphen_px > width_px + SLACK_PX).then_some((i, at, is))
            });
            let Some((i, at, is)) = over else {
                break;
            };
            refused.push(at);
            widths.truncate(i);
            widths.resize(i, width_px);
            widths.push((is - 2.0 * SLACK_PX).max(0.0));
        }
        let shown = layout.lines().filter_map(|line| ended(&line, text));
        let shown = shown.filter(|(at, _)| !refused.contains(at)).collect();
        Self { shown, refused }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.refused.is_empty()
    }

    /// The text with nothing to break at where that was refused; every byte keeps its place.
    pub(crate) fn glued<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.refused.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut glued = text.to_owned();
        for &at in &self.refused {
            glued.replace_range(at..at + SOFT.len_utf8(), GLUE);
        }
        Cow::Owned(glued)
    }

    /// How wide the hyphen at a place is; 0 where there is none.
    pub(crate) fn width_px(&self, at: usize) -> f32 {
        let found = self.shown.binary_search_by_key(&at, |(at, _)| *at);
        found.map_or(0.0, |i| self.shown[i].1)
    }
}

fn break_lines(layout: &mut Layout<RunIndex>, width_px: f32, widths: &[f32]) {
    let mut breaker = layout.break_lines();
    breaker.state_mut().set_layout_max_advance(width_px);
    let mut widths = widths.iter();
    loop {
        let width = widths.next().copied().unwrap_or(width_px);
        breaker.state_mut().set_line_max_advance(width);
        if breaker.break_next().is_none() {
            break;
        }
    }
    breaker.finish();
}

/// The soft hyphen that a line breaks at, and how wide a hyphen is there.
fn ended(line: &Line<'_, RunIndex>, text: &str) -> Option<(usize, f32)> {
    let range = line.text_range();
    if line.break_reason() != BreakReason::Regular || !text[range.clone()].ends_with(SOFT) {
        return None;
    }
    let at = range.end - SOFT.len_utf8();
    let run = line.runs().find(|run| run.text_range().contains(&at))?;
    let (_, width_px) = glyph(&run)?;
    Some((at, width_px))
}

/// The glyph of a hyphen in a run's font, and its width; `None` where it has none.
pub(crate) fn glyph(run: &Run<'_, RunIndex>) -> Option<(u32, f32)> {
    let font = run.font();
    let font = FontRef::from_index(font.data.as_ref(), font.index).ok()?;
    let map = font.charmap();
    let glyph = map.map('\u{2010}').or_else(|| map.map('-'))?;
    let coords = run.normalized_coords().iter();
    let coords: Vec<_> = coords
        .map(|c| NormalizedCoord::from_bits(c.to_bits()))
        .collect();
    let metrics = font.glyph_metrics(Size::new(run.font_size()), LocationRef::new(&coords));
    Some((glyph.to_u32(), metrics.advance_width(glyph)?))
}
