//! What goes with words: boxes behind them, lines below and through them.

use crate::flow::Laid;
use crate::layout::{RunIndex, Typesetter};
use crate::shape::rounded_rect;
use kurbo::{Affine, BezPath, Rect, Shape as _, Size};
use media::Color;
use parley::BreakReason;
use scene::{Align, Behind, TextRun, TextStyle};

/// Part of a line: letters of one run that stand side by side, layer px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) line: usize,
    pub(crate) run: RunIndex,
    pub(crate) x0: f64,
    pub(crate) x1: f64,
    pub(crate) baseline: f64,
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

    /// The ornaments of what is shown of `laid`.
    pub(crate) fn ornaments(
        &self,
        typesetter: &mut Typesetter,
        laid: &Laid,
        stretches: &[Stretch],
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
            let run = self.run(stretch.run);
            let rect = || line_box(laid, stretch.line, stretch.x0, stretch.x1);
            if let (Some(color), Some(rect)) = (run.and_then(|run| run.background), rect()) {
                let path = self.edges(self.view.transform_rect_bbox(rect)).to_path(0.1);
                match all.boxes.last_mut() {
                    Some((last, boxes)) if *last == color => boxes.extend(path),
                    _ => all.boxes.push((color, path)),
                }
            }
            let (below, through) = (
                run.and_then(|run| run.underline)
                    .unwrap_or(self.style.underline),
                run.and_then(|run| run.strikethrough)
                    .unwrap_or(self.style.strikethrough),
            );
            if !(below || through) {
                continue;
            }
            let lines = typesetter.decoration(self.style, run, laid.factor);
            let draw = |to: &mut Vec<(RunIndex, BezPath)>, offset_px: f64| {
                let top = stretch.baseline + offset_px;
                let rect = Rect::new(stretch.x0, top, stretch.x1, top + lines.thickness_px);
                let path = self.line(self.view.transform_rect_bbox(rect)).to_path(0.1);
                match to.last_mut() {
                    Some((last, path_so_far)) if *last == stretch.run => path_so_far.extend(path),
                    _ => to.push((stretch.run, path)),
                }
            };
            if below {
                draw(&mut all.underlines, lines.below_px);
            }
            if through {
                draw(&mut all.strikethroughs, lines.through_px);
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

    /// At least a pixel thick, so that it is a line and not a shade.
    fn line(&self, rect: Rect) -> Rect {
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
