//! Words into their box: in the size that fits, cut where there is no room, and stood at top, middle or bottom.

use crate::hyphens::Hyphens;
use crate::layout::{Lines, RunIndex, Spans, Strut, Typeset, Typesetter, align};
use crate::words::{Shown, Words};
use crate::{Error, Notice, ornament, sizing};
use kurbo::Size;
use parley::{BreakReason, Layout, Line};
use scene::{Overflow, VerticalAlign, Wrap};
use std::ops::Range;

/// Words laid out, in layer px from the top left corner of the first line box.
pub(crate) struct Laid {
    pub(crate) layout: Layout<RunIndex>,
    /// Lines that are drawn, from the first.
    pub(crate) lines: usize,
    /// Longest line, trailing spaces too where nothing wraps, by the height of all lines.
    pub(crate) size: Size,
    /// First baseline: a whole number of layer px, so that text stays sharp whether the box or the baseline is placed.
    pub(crate) baseline_px: f64,
    /// What all lengths of the style were multiplied by.
    pub(crate) factor: f64,
    /// Soft hyphens that are seen, by their places in what was laid out.
    pub(crate) hyphens: Hyphens,
    pub(crate) notices: Vec<Notice>,
    /// What lines below go on under, by its place in what was laid out.
    solid: Vec<Range<usize>>,
    /// What was laid out is these parts of the words; empty where it is all of them.
    pieces: Vec<Piece>,
}

/// A part of the words that is kept.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    /// Its place in the words.
    of: Range<usize>,
    /// Where it begins in what was laid out.
    at: usize,
    /// `…` stands behind it.
    cut: bool,
}

const ELLIPSIS: &str = "…";

/// Lengths in layer px that are equal but for rounding.
pub(crate) const SLACK_PX: f64 = 0.01;

impl Laid {
    /// Whether lines below go on under what begins at a place in what was laid out.
    pub(crate) fn is_solid(&self, at: usize) -> bool {
        let next = self.solid.partition_point(|range| range.end <= at);
        self.solid.get(next).is_some_and(|range| range.start <= at)
    }

    /// How much of what was laid out is drawn where so much of the words is: bytes, or all.
    pub(crate) fn shown(&self, shown: Shown) -> Option<usize> {
        match shown {
            Shown::All => None,
            Shown::Lines(part) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a part of a count"
                )]
                let lines = (part * self.lines as f64 + 1e-3).floor() as usize;
                let next = self.layout.get(lines).map(|line| line.text_range().start);
                next.filter(|_| lines < self.lines)
            }
            Shown::Bytes(end) => Some(self.pieces.iter().fold(
                if self.pieces.is_empty() { end } else { 0 },
                |shown, piece| {
                    let cut = if piece.cut { ELLIPSIS.len() } else { 0 };
                    if end >= piece.of.end {
                        piece.at + piece.of.len() + cut
                    } else if end > piece.of.start {
                        piece.at + end - piece.of.start
                    } else {
                        shown
                    }
                },
            )),
        }
    }
}

/// Lays words out in a box, of which sides may be open.
///
/// # Errors
/// When there is no font.
pub(crate) fn lay_out(
    typesetter: &mut Typesetter,
    words: &Words<'_>,
    height_px: Option<f64>,
) -> Result<Laid, Error> {
    let mut room = Room {
        typesetter,
        words,
        height_px,
    };
    let (set, factor) = sizing::fitted(&mut room)?;
    let most = words.flow.max_lines.map_or(usize::MAX, |n| n as usize);
    let all = set.layout.len();
    if words.flow.overflow == Overflow::Ellipsis {
        let fitting = room.fitting(&set.layout).min(most).max(1);
        if fitting < all || room.too_wide(&set.layout, fitting).next().is_some() {
            return room.cut(&set, fitting, factor);
        }
    }
    let solid = ornament::solid(&words.spans.text);
    let whole = (Vec::new(), solid);
    Ok(laid(set, words, most.min(all), factor, whole))
}

/// From the box's top to the first line box's, whole layer px, so that a centred line is as sharp as any.
pub(crate) fn top_px(align: VerticalAlign, height_px: f64, lines_px: f64) -> f64 {
    match align {
        VerticalAlign::Top => 0.0,
        VerticalAlign::Middle => ((height_px - lines_px) / 2.0).round(),
        VerticalAlign::Bottom => (height_px - lines_px).round(),
    }
}

/// Words and the box they go into.
pub(crate) struct Room<'r, 'w> {
    pub(crate) typesetter: &'r mut Typesetter,
    pub(crate) words: &'r Words<'w>,
    pub(crate) height_px: Option<f64>,
}

impl Room<'_, '_> {
    pub(crate) fn lines(&self) -> Lines {
        self.words.lines
    }

    pub(crate) fn set(&mut self, spans: &Spans<'_>, factor: f64) -> Result<Typeset, Error> {
        let Words { style, runs, .. } = *self.words;
        self.typesetter
            .lay_out(spans, style, runs, self.lines(), factor)
    }

    pub(crate) fn strut(&mut self, run: RunIndex) -> Option<Strut> {
        let Words { style, runs, .. } = *self.words;
        let own = usize::from(run).checked_sub(1).and_then(|i| runs.get(i));
        self.typesetter.strut(style, own)
    }

    /// Lines as [`Self::set`] made them, where they were broken otherwise since; not of words with soft hyphens.
    pub(crate) fn break_again(&self, set: &mut Typeset) {
        let lines = self.lines();
        #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
        set.layout.break_all_lines(lines.width_px.map(|w| w as f32));
        align(&mut set.layout, lines.align);
    }

    /// Whether all words are in the box, and none is torn.
    pub(crate) fn fits(&self, layout: &Layout<RunIndex>) -> bool {
        let most = self.words.flow.max_lines.map_or(usize::MAX, |n| n as usize);
        layout.len() <= most
            && self.fitting(layout) >= layout.len()
            && self.too_wide(layout, layout.len()).next().is_none()
            && !layout.lines().any(|line| is_torn(&line))
    }

    /// Lines from the first for which there is room below each other.
    fn fitting(&self, layout: &Layout<RunIndex>) -> usize {
        let Some(height) = self.height_px else {
            return layout.len();
        };
        let inside = |line: &Line<'_, RunIndex>| {
            f64::from(line.metrics().block_max_coord) <= height + SLACK_PX
        };
        layout.lines().take_while(inside).count()
    }

    /// Which of the first lines are wider than the box.
    fn too_wide<'l>(
        &self,
        layout: &'l Layout<RunIndex>,
        lines: usize,
    ) -> impl Iterator<Item = usize> + use<'l> {
        let width = self.lines().width_px.unwrap_or(f64::INFINITY);
        let wide = move |line: &Line<'_, RunIndex>| {
            let metrics = line.metrics();
            f64::from(metrics.advance - metrics.hanging_advance) > width + SLACK_PX
        };
        let lines = layout.lines().take(lines).enumerate();
        lines.filter_map(move |(i, line)| wide(&line).then_some(i))
    }

    /// The first `lines` of `full`, with `…` where words are left out.
    ///
    /// How many letters stay is reckoned from their widths in `full` and then tried, because letters next to the dots may
    /// be another shape; where it is too much, one is taken at a time.
    fn cut(&mut self, full: &Typeset, lines: usize, factor: f64) -> Result<Laid, Error> {
        let text = &*self.words.spans.text;
        let last = lines - 1;
        let wide: Vec<usize> = self.too_wide(&full.layout, lines).collect();
        let dots = self.dots_px(factor)?;
        let mut fewer = vec![0; lines];
        loop {
            let (mut pieces, mut at) = (Vec::new(), 0);
            let mut begun = 0;
            for (i, line) in full.layout.lines().take(lines).enumerate() {
                let cut = wide.contains(&i) || (i == last && lines < full.layout.len());
                if !cut {
                    continue;
                }
                let kept = self.kept(&line, text, dots, fewer[i]);
                pieces.push(Piece {
                    of: begun..kept,
                    at,
                    cut: true,
                });
                at += kept - begun + ELLIPSIS.len();
                // A line that is left on goes on with its break.
                begun = line.text_range().end;
                if text[..begun].ends_with('\n') && i != last {
                    begun -= 1;
                }
            }
            if wide.last() != Some(&last) && lines == full.layout.len() {
                pieces.push(Piece {
                    of: begun..text.len(),
                    at,
                    cut: false,
                });
            }
            let spans = self.spans_of(&pieces);
            let set = self.set(&spans, factor)?;
            let mut over: Vec<usize> = if set.layout.len() > lines {
                vec![last]
            } else {
                self.too_wide(&set.layout, lines).collect()
            };
            // All lines at once: there may be thousands, and each turn sets all words anew.
            over.retain(|&i| fewer[i] < MOST_TRIES);
            if over.is_empty() {
                let lines = lines.min(set.layout.len());
                let solid = ornament::solid(&spans.text);
                return Ok(laid(set, self.words, lines, factor, (pieces, solid)));
            }
            over.into_iter().for_each(|i| fewer[i] += 1);
        }
    }

    /// How wide the dots are.
    fn dots_px(&mut self, factor: f64) -> Result<f64, Error> {
        let spans = Spans {
            text: ELLIPSIS.into(),
            runs: Vec::new(),
        };
        let Words { style, .. } = *self.words;
        let open = Lines {
            width_px: None,
            wrap: Wrap::None,
            ..self.lines()
        };
        let set = self.typesetter.lay_out(&spans, style, &[], open, factor)?;
        Ok(f64::from(set.layout.full_width()))
    }

    /// Where the words of a line end that leave room for the dots, without `fewer` letters and without spaces at the end.
    fn kept(&self, line: &Line<'_, RunIndex>, text: &str, dots_px: f64, fewer: usize) -> usize {
        let width = self.lines().width_px.unwrap_or(f64::INFINITY) - dots_px + SLACK_PX;
        let mut letters: Vec<(Range<usize>, f64)> = line
            .runs()
            .flat_map(|run| run.clusters())
            .map(|cluster| (cluster.text_range(), f64::from(cluster.advance())))
            .collect();
        letters.sort_unstable_by_key(|(range, _)| range.start);
        let mut so_far = 0.0;
        let fit = letters.iter().take_while(|(_, advance)| {
            so_far += advance;
            so_far <= width
        });
        let count = fit.count().saturating_sub(fewer);
        let start = line.text_range().start;
        let end = count
            .checked_sub(1)
            .and_then(|i| letters.get(i))
            .map_or(start, |(range, _)| range.end);
        start + text[start..end].trim_end().len()
    }

    /// The kept parts one after the other; dots look like what they follow.
    fn spans_of(&self, pieces: &[Piece]) -> Spans<'static> {
        let whole = &self.words.spans;
        let mut text = String::new();
        let mut runs: Vec<(Range<usize>, RunIndex)> = Vec::new();
        for piece in pieces {
            for (range, run) in &whole.runs {
                let range = range.start.max(piece.of.start)..range.end.min(piece.of.end);
                if range.start < range.end {
                    let at = piece.at + range.start - piece.of.start;
                    runs.push((at..at + range.len(), *run));
                }
            }
            text.push_str(&whole.text[piece.of.clone()]);
            if piece.cut {
                let start = text.len();
                text.push_str(ELLIPSIS);
                match runs.last_mut() {
                    Some((range, _)) if range.end == start => range.end = text.len(),
                    _ if whole.runs.is_empty() => {}
                    _ => runs.push((start..text.len(), 0)),
                }
            }
        }
        Spans {
            text: text.into(),
            runs,
        }
    }
}

/// Whether a word is broken at the end of a line.
pub(crate) fn is_torn(line: &Line<'_, RunIndex>) -> bool {
    line.break_reason() == BreakReason::Emergency
}

/// Letters that are taken away one at a time; more differ from what was reckoned only where fonts are broken.
const MOST_TRIES: usize = 8;

fn laid(
    set: Typeset,
    words: &Words<'_>,
    lines: usize,
    factor: f64,
    (pieces, solid): (Vec<Piece>, Vec<Range<usize>>),
) -> Laid {
    let Typeset {
        layout,
        hyphens,
        notices,
    } = set;
    // Parley measures a space where there is nothing.
    let width = if words.spans.text.is_empty() {
        0.0
    } else if lines >= layout.len() {
        f64::from(layout.full_width())
    } else {
        let advances = layout
            .lines()
            .take(lines)
            .map(|line| line.metrics().advance);
        f64::from(advances.fold(0.0, f32::max))
    };
    let height = match lines.checked_sub(1).and_then(|last| layout.get(last)) {
        Some(line) if lines < layout.len() => f64::from(line.metrics().block_max_coord),
        _ => f64::from(layout.height()),
    };
    let baseline_px = f64::from(layout.first_baseline().unwrap_or(0.0));
    Laid {
        size: Size::new(width, height),
        layout,
        lines,
        baseline_px,
        factor,
        hyphens,
        notices,
        solid,
        pieces,
    }
}
