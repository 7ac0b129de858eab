//! What goes with words: boxes behind them, lines below and through them.

use crate::flow::Laid;
use crate::layout::{Decoration, RunIndex, Typesetter};
use crate::shape::rounded_rect;
use kurbo::{Affine, BezPath, Rect, Shape as _, Size};
use media::Color;
use parley::BreakReason;
use scene::{Align, Behind, TextRun, TextStyle};
use std::ops::Range;

/// Part of a line: letters of one run that stand side by side, layer px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) line: usize,
    pub(crate) run: RunIndex,
    pub(crate) x0: f64,
    pub(crate) x1: f64,
    pub(crate) baseline: f64,
}

/// From where to where a line below words reaches down, surface px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    pub(crate) y0: f64,
    pub(crate) y1: f64,
}

/// Ink of a letter that crosses a line below words: from where to where, surface px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    pub(crate) line: usize,
    pub(crate) band: Band,
    pub(crate) x0: f64,
    pub(crate) x1: f64,
}

/// Boxes and lines as they are drawn, surface px.
#[derive(Default)]
pub(crate) struct Ornaments {
    /// Bottom to top.
    pub(crate) boxes: Vec<(Color, BezPath)>,
    pub(crate) underlines: Vec<(RunIndex, BezPath)>,
    pub(crate) strikethroughs: Vec<(RunIndex, BezPath)>,
}

/// Where ornaments are drawn, and of what.
pub(crate) struct Place<'a> {
    pub(crate) style: &'a TextStyle,
    pub(crate) runs: &'a [TextRun],
    pub(crate) align: Align,
    /// The layer's box, and the first line box's top in it, layer px.
    pub(crate) size: Size,
    pub(crate) top_px: f64,
    /// Of each run, as [`Place::decorations`] tells; empty where there are no lines.
    pub(crate) decorations: Vec<Decoration>,
    /// Layer px, from the top left corner of the first line box, to surface px.
    pub(crate) view: Affine,
    /// Edges stand on whole surface px.
    pub(crate) hint: bool,
    /// Letters are drawn as masks, on quarters of a px; without, as outlines.
    pub(crate) masks: bool,
}

impl Place<'_> {
    pub(crate) fn run(&self, run: RunIndex) -> Option<&TextRun> {
        usize::from(run)
            .checked_sub(1)
            .and_then(|i| self.runs.get(i))
    }

    /// Whether words of a run have a line below, and one through them.
    fn lines(&self, run: RunIndex) -> (bool, bool) {
        let (own, style) = (self.run(run), self.style);
        let below = own.and_then(|run| run.underline).unwrap_or(style.underline);
        let through = own.and_then(|run| run.strikethrough);
        (below, through.unwrap_or(style.strikethrough))
    }

    /// Where the lines of each run stand, layer px; nothing where no run has any.
    pub(crate) fn decorations(&self, typesetter: &mut Typesetter, factor: f64) -> Vec<Decoration> {
        let all = 0..=RunIndex::try_from(self.runs.len()).unwrap_or(RunIndex::MAX);
        if !all.clone().any(|run| self.lines(run) != (false, false)) {
            return Vec::new();
        }
        all.map(|run| typesetter.decoration(self.style, self.run(run), factor))
            .collect()
    }

    /// From where to where the line below words of a run reaches down, surface px, where it leaves gaps for ink.
    pub(crate) fn band(&self, run: RunIndex, baseline: f64) -> Option<Band> {
        let lines = self.decorations.get(usize::from(run))?;
        let gaps = self.style.skip_ink && self.lines(run).0;
        gaps.then(|| {
            let rect = self.below(lines, baseline, (0.0, 1.0));
            Band {
                y0: rect.y0,
                y1: rect.y1,
            }
        })
    }

    /// The line below words from `x.0` to `x.1`, layer px, as it is drawn, surface px.
    fn below(&self, lines: &Decoration, baseline: f64, x: (f64, f64)) -> Rect {
        let top = baseline + lines.below_px;
        self.line(Rect::new(x.0, top, x.1, top + lines.thickness_px))
    }

    /// The ornaments of what is shown of `laid`. Lines below leave gaps where `crossings` are.
    pub(crate) fn ornaments(
        &self,
        laid: &Laid,
        stretches: &[Stretch],
        crossings: &[Crossing],
    ) -> Ornaments {
        let mut all = Ornaments::default();
        let stretches = self.without_hanging_spaces(laid, stretches);
        if let Some(background) = &self.style.background {
            let [px, py] = background.padding_px;
            let mut path = BezPath::new();
            let mut add = |rect: Rect| {
                let rect = self.edges(self.view.transform_rect_bbox(rect.inflate(px, py)));
                let radius = background.corner_radius_px * self.scale();
                path.extend(rounded_rect(rect, [radius; 4]));
            };
            match background.behind {
                Behind::Box => add(self.size.to_rect() - kurbo::Vec2::new(0.0, self.top_px)),
                Behind::Lines => line_boxes(laid, &stretches).for_each(add),
            }
            all.boxes.push((background.color, path));
        }
        for stretch in &stretches {
            let background = self.run(stretch.run).and_then(|run| run.background);
            let rect = || line_box(laid, stretch.line, stretch.x0, stretch.x1);
            if let (Some(color), Some(rect)) = (background, rect()) {
                let path = self.edges(self.view.transform_rect_bbox(rect)).to_path(0.1);
                match all.boxes.last_mut() {
                    Some((last, boxes)) if *last == color => boxes.extend(path),
                    _ => all.boxes.push((color, path)),
                }
            }
        }
        if self.decorations.is_empty() {
            return all;
        }
        for stretch in joined(&stretches) {
            let Stretch {
                run,
                baseline,
                x0,
                x1,
                ..
            } = stretch;
            let (below, through) = self.lines(run);
            let Some(lines) = self.decorations.get(usize::from(run)) else {
                continue;
            };
            let draw = |to: &mut Vec<(RunIndex, BezPath)>, rect: Rect| match to.last_mut() {
                Some((last, path)) if *last == run => path.extend(rect.to_path(0.1)),
                _ => to.push((run, rect.to_path(0.1))),
            };
            if below {
                let rect = self.below(lines, baseline, (x0, x1));
                let band = self.band(run, baseline);
                // They are in the order of lines.
                let first = crossings.partition_point(|crossing| crossing.line < stretch.line);
                let here = crossings[first..].iter();
                let here = here.take_while(|crossing| crossing.line == stretch.line);
                let here = here.filter(|crossing| Some(crossing.band) == band);
                for piece in apart(rect, here) {
                    draw(&mut all.underlines, piece);
                }
            }
            if through {
                let top = baseline + lines.through_px;
                let rect = self.line(Rect::new(x0, top, x1, top + lines.thickness_px));
                draw(&mut all.strikethroughs, rect);
            }
        }
        all
    }

    fn scale(&self) -> f64 {
        self.view.as_coeffs()[0]
    }

    fn edges(&self, rect: Rect) -> Rect {
        if self.hint {
            Rect::new(
                rect.x0.round(),
                rect.y0.round(),
                rect.x1.round(),
                rect.y1.round(),
            )
        } else {
            rect
        }
    }

    /// Layer px to surface px, and at least a pixel thick, so that it is a line and not a shade.
    fn line(&self, rect: Rect) -> Rect {
        let rect = self.view.transform_rect_bbox(rect);
        let thick = rect.height().max(1.0);
        if self.hint {
            let top = rect.y0.round();
            Rect::new(rect.x0, top, rect.x1, top + thick.round())
        } else {
            Rect::new(rect.x0, rect.y0, rect.x1, rect.y0 + thick)
        }
    }

    /// Spaces behind which a line breaks have neither box nor line.
    fn without_hanging_spaces(&self, laid: &Laid, stretches: &[Stretch]) -> Vec<Stretch> {
        let from_right = laid.layout.is_rtl();
        let within = |stretch: &Stretch| {
            let line = laid.layout.get(stretch.line)?;
            let metrics = line.metrics();
            let [offset, advance, hanging, end] = [
                metrics.offset + metrics.inline_min_coord,
                metrics.advance,
                metrics.hanging_advance,
                metrics.inline_max_coord,
            ]
            .map(f64::from);
            let spread = self.align == Align::Justify
                && matches!(
                    line.break_reason(),
                    BreakReason::Regular | BreakReason::Emergency
                );
            let (mut x0, mut x1) = (offset, offset + advance);
            if from_right {
                x0 += hanging;
            } else {
                x1 -= hanging;
            }
            if spread {
                x1 = x1.max(end);
            }
            let (x0, x1) = (stretch.x0.max(x0), stretch.x1.min(x1));
            (x0 < x1).then_some(Stretch { x0, x1, ..*stretch })
        };
        stretches.iter().filter_map(within).collect()
    }
}

/// The box of each line, as wide as what is shown on it.
fn line_boxes(laid: &Laid, stretches: &[Stretch]) -> impl Iterator<Item = Rect> {
    (0..laid.lines).filter_map(|line| {
        let here = stretches.iter().filter(|stretch| stretch.line == line);
        let span = here.fold(None, |span: Option<(f64, f64)>, stretch| {
            let (x0, x1) = span.unwrap_or((stretch.x0, stretch.x1));
            Some((x0.min(stretch.x0), x1.max(stretch.x1)))
        });
        let (x0, x1) = span?;
        line_box(laid, line, x0, x1)
    })
}

fn line_box(laid: &Laid, line: usize, x0: f64, x1: f64) -> Option<Rect> {
    let line = laid.layout.get(line)?;
    let metrics = line.metrics();
    let (y0, y1) = (metrics.block_min_coord, metrics.block_max_coord);
    Some(Rect::new(x0, f64::from(y0), x1, f64::from(y1)))
}

/// Stretches of one run that touch, as one.
fn joined(stretches: &[Stretch]) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for stretch in stretches {
        let touches = |last: &Stretch| {
            (last.line, last.run) == (stretch.line, stretch.run)
                && last.baseline.to_bits() == stretch.baseline.to_bits()
                && (last.x1 - stretch.x0).abs() < 0.1
        };
        match all.last_mut() {
            Some(last) if touches(last) => last.x1 = stretch.x1,
            _ => all.push(*stretch),
        }
    }
    all
}

/// Gaps that very thick lines leave are no wider than this on each side, surface px; so are those of browsers.
const WIDEST_GAP_PX: f64 = 13.0;

/// What is left between two gaps is at least so many times as long as the line is thick, or left out.
const SHORTEST: f64 = 1.5;

/// What is left of a line where ink crosses it and a gap as wide as the line is thick is left on both sides.
fn apart<'c>(line: Rect, crossings: impl Iterator<Item = &'c Crossing>) -> Vec<Rect> {
    let gap = line.height().min(WIDEST_GAP_PX);
    let mut gaps: Vec<(f64, f64)> = crossings
        .map(|crossing| (crossing.x0 - gap, crossing.x1 + gap))
        .collect();
    gaps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut pieces = Vec::new();
    let mut from = line.x0;
    for (x0, x1) in gaps.into_iter().chain([(line.x1, line.x1)]) {
        let to = x0.min(line.x1);
        let cut = from > line.x0 || to < line.x1;
        // What is hardly longer than thick is a dot beside a letter, not a line.
        if to > from && !(cut && to - from < line.height() * SHORTEST) {
            pieces.push(Rect::new(from, line.y0, to, line.y1));
        }
        from = from.max(x1);
    }
    pieces
}

/// Parts of a text that lines below go on under although they may cross ink: what is written without descenders, where
/// a gap would look like a fault (of Chinese, Japanese and Korean), and strokes that are meant to reach below the line.
pub(crate) fn solid(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|&(_, c)| is_solid(c)) {
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => found.push(at..end),
        }
    }
    found
}

/// Those that browsers leave out: slashes and the low line; Hangul, kana, bopomofo, ideographs and their punctuation, and
/// their wide forms.
const fn is_solid(c: char) -> bool {
    matches!(c, '/' | '\\' | '_'
        | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{2ff0}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{16fe0}'..='\u{18d8f}' | '\u{1aff0}'..='\u{1b2ff}' | '\u{1f200}'..='\u{1f2ff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line from 0 to 100 that is 2 thick, and what ink makes of it.
    #[test]
    fn lines_leave_gaps_as_wide_as_they_are_thick() {
        let band = Band { y0: 10.0, y1: 12.0 };
        type Ends = &'static [(f64, f64)];
        let cases: [(Ends, Ends); 8] = [
            (&[], &[(0.0, 100.0)]),
            (&[(40.0, 46.0)], &[(0.0, 38.0), (48.0, 100.0)]),
            // In any order; those that meet are one.
            (&[(60.0, 64.0), (40.0, 58.0)], &[(0.0, 38.0), (66.0, 100.0)]),
            // One within another.
            (&[(20.0, 80.0), (30.0, 40.0)], &[(0.0, 18.0), (82.0, 100.0)]),
            // Between two letters, and at an end, nothing that is hardly longer than thick.
            (&[(40.0, 46.0), (52.9, 60.0)], &[(0.0, 38.0), (62.0, 100.0)]),
            (&[(3.0, 9.0), (92.0, 97.5)], &[(11.0, 90.0)]),
            // Beyond its ends.
            (&[(-20.0, -9.0), (99.0, 120.0)], &[(0.0, 97.0)]),
            (&[(-5.0, 120.0)], &[]),
        ];
        for (ink, expected) in cases {
            let ink: Vec<_> = ink
                .iter()
                .map(|&(x0, x1)| Crossing {
                    line: 0,
                    band,
                    x0,
                    x1,
                })
                .collect();
            let line = Rect::new(0.0, band.y0, 100.0, band.y1);
            let pieces: Vec<_> = apart(line, ink.iter())
                .into_iter()
                .inspect(|piece| assert_eq!((piece.y0, piece.y1), (band.y0, band.y1)))
                .map(|piece| (piece.x0, piece.x1))
                .collect();
            assert_eq!(pieces, expected, "{ink:?}");
        }
        // A line of 40 px leaves no more than 13.
        let thick = Rect::new(0.0, 0.0, 400.0, 40.0);
        let ink = [Crossing {
            line: 0,
            band,
            x0: 200.0,
            x1: 210.0,
        }];
        let ends: Vec<_> = apart(thick, ink.iter())
            .iter()
            .map(|p| (p.x0, p.x1))
            .collect();
        assert_eq!(ends, [(0.0, 187.0), (223.0, 400.0)]);
    }

    #[test]
    fn what_has_no_descenders_is_solid() {
        let is = |text| solid(text);
        assert_eq!(is("going"), []);
        assert_eq!(is("a/b_c"), [1..2, 3..4]);
        assert_eq!(is("日本gー語"), [0..6, 7..13]);
        assert_eq!(is("경매 g 가"), [0..6, 9..12]);
    }
}
