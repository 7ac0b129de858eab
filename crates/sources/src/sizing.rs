//! The size in which words fit their box.
//!
//! Advances are a font's own units times the size, so lines of one size are lines of any other in a box that is as much
//! wider or narrower. The words are therefore set once in their own size, and broken anew for each size that is thought
//! of, without shaping anything; only the one that is found is set, to be seen to fit. Found by halving alone, a headline
//! that shrinks by half was set eight times, in 0.34 ms.
//!
//! What is not in proportion is how high lines are, because ascents and descents are whole pixels: that is reckoned as
//! layout does it ([`Strut`]).

use crate::Error;
use crate::flow::{Room, SLACK_PX, is_torn};
use crate::hyphens::SOFT;
use crate::layout::{RunIndex, Strut, Typeset};
use parley::Layout;
use scene::{Flow, TextFit, Wrap, ranges::FONT_SIZE};
use std::ops::Range;

/// By how much words get smaller or larger at a time, layer px.
const STEP_PX: f64 = 0.5;

/// What a guess may be off by, of a size: `f32` counts seven digits, and a line adds up a hundred advances.
const DOUBT: f64 = 1e-4;

/// The words in the largest size that is allowed and lets them in, and what that is of their own size.
///
/// # Errors
/// When there is no font.
pub(crate) fn fitted(room: &mut Room<'_, '_>) -> Result<(Typeset, f64), Error> {
    found(room, true)
}

/// The same without a guess.
#[cfg(test)]
pub(crate) fn halved(room: &mut Room<'_, '_>) -> Result<(Typeset, f64), Error> {
    found(room, false)
}

fn found(room: &mut Room<'_, '_>, guess: bool) -> Result<(Typeset, f64), Error> {
    let words = room.words;
    let mut full = room.set(&words.spans, 1.0)?;
    let own_px = words.style.size_px;
    let Flow {
        fit, min_size_px, ..
    } = words.flow;
    let fits = room.fits(&full.layout);
    let sizes = Sizes {
        own_px,
        least_px: min_size_px.min(own_px),
    };
    let span = match fit {
        TextFit::Shrink | TextFit::Fill if !fits => Span {
            fits: -steps((own_px - min_size_px) / STEP_PX),
            not: 0,
        },
        TextFit::Fill if bounds_words(room) => Span {
            fits: 0,
            not: steps(((FONT_SIZE.max - own_px) / STEP_PX).floor()) + 1,
        },
        TextFit::None | TextFit::Shrink | TextFit::Fill => return Ok((full, 1.0)),
    };
    if span.is_found() && span.fits == 0 {
        return Ok((full, 1.0));
    }
    let guess = if guess {
        Guess::new(room, &mut full.layout)
    } else {
        None
    };
    let guessed = guess.is_some();
    let (best, step) = span.narrowed(room, sizes, guess)?;
    let set = match best {
        Some(set) => set,
        None if step == 0 => {
            if guessed {
                room.break_again(&mut full);
            }
            full
        }
        None => room.set(&words.spans, sizes.factor(step))?,
    };
    Ok((set, sizes.factor(step)))
}

/// Whether words may become too large for the box at all.
fn bounds_words(room: &Room<'_, '_>) -> bool {
    let lines = room.lines();
    // Where lines may break anywhere, only their number stops them from becoming more.
    let wide = lines.width_px.is_some()
        && (lines.wrap != Wrap::Anywhere || room.words.flow.max_lines.is_some());
    (wide || room.height_px.is_some()) && !room.words.spans.text.trim().is_empty()
}

/// Sizes by steps from the words' own: above 0 larger.
#[derive(Clone, Copy)]
struct Sizes {
    own_px: f64,
    least_px: f64,
}

impl Sizes {
    fn factor(self, step: i32) -> f64 {
        (self.own_px + STEP_PX * f64::from(step)).max(self.least_px) / self.own_px
    }
}

/// Where the largest size is that fits.
#[derive(Clone, Copy)]
struct Span {
    /// Fits, or is the smallest that is allowed.
    fits: i32,
    /// Does not fit, or is larger than allowed.
    not: i32,
}

impl Span {
    const fn is_found(self) -> bool {
        self.not - self.fits <= 1
    }

    const fn middle(self) -> i32 {
        self.fits + (self.not - self.fits) / 2
    }

    /// The step that is found, with the words in that size where they were set in it.
    ///
    /// That words which fit also fit when they are smaller is almost always so: a shorter line may break elsewhere, but
    /// never lets words out.
    fn narrowed(
        mut self,
        room: &mut Room<'_, '_>,
        sizes: Sizes,
        guess: Option<Guess<'_>>,
    ) -> Result<(Option<Typeset>, i32), Error> {
        // Without a guess, and where it is wrong, halving: it finds one of a thousand sizes in ten layouts.
        let mut next = self.middle();
        let mut stride = i32::MAX;
        if let Some(mut guess) = guess {
            let mut thought = self;
            while !thought.is_found() {
                let step = thought.middle();
                if guess.fits(room, sizes.factor(step)) {
                    thought.fits = step;
                } else {
                    thought.not = step;
                }
            }
            let beyond = thought.fits + 1;
            if beyond < self.not && !guess.fits(room, sizes.factor(beyond) * (1.0 - DOUBT)) {
                self.not = beyond;
            }
            next = thought.fits.max(self.fits + 1);
            stride = 1;
        }
        let spans = &room.words.spans;
        let mut best = None;
        while !self.is_found() {
            let set = room.set(spans, sizes.factor(next))?;
            if room.fits(&set.layout) {
                self.fits = next;
                best = Some(set);
                next = next.saturating_add(stride).min(self.middle());
            } else {
                self.not = next;
                next = next.saturating_sub(stride).max(self.middle());
            }
            stride = stride.saturating_mul(2);
        }
        Ok((best, self.fits))
    }
}

/// Words in their own size, broken as they would be in another.
struct Guess<'l> {
    layout: &'l mut Layout<RunIndex>,
    /// Of the text itself, which every line is at least as high as, and of its runs where they have letters.
    strut: Strut,
    parts: Vec<(Range<usize>, Strut)>,
}

impl<'l> Guess<'l> {
    /// `None` for words with soft hyphens, which are wider where a line breaks, and for fonts that do not tell how high
    /// they are.
    fn new(room: &mut Room<'_, '_>, layout: &'l mut Layout<RunIndex>) -> Option<Self> {
        let words = room.words;
        if words.spans.text.contains(SOFT) {
            return None;
        }
        let strut = room.strut(0)?;
        let parts = if words.runs.is_empty() {
            Vec::new()
        } else {
            let parts = room.typesetter.lettered(&words.spans).into_iter();
            let parts = parts.map(|(range, run)| Some((range, room.strut(run)?)));
            parts.collect::<Option<_>>()?
        };
        Some(Self {
            layout,
            strut,
            parts,
        })
    }

    /// Whether all words would be in the box, and none torn, with all lengths times `factor`.
    fn fits(&mut self, room: &Room<'_, '_>, factor: f64) -> bool {
        let most = room.words.flow.max_lines.map_or(usize::MAX, |n| n as usize);
        let width_px = room.lines().width_px.map(|width| width / factor);
        #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
        self.layout.break_all_lines(width_px.map(|w| w as f32));
        let wide = width_px.map_or(f64::INFINITY, |width| width + SLACK_PX / factor);
        let layout = &*self.layout;
        let over = |line: parley::Line<'_, RunIndex>| {
            let metrics = line.metrics();
            is_torn(&line) || f64::from(metrics.advance - metrics.hanging_advance) > wide
        };
        layout.len() <= most && !layout.lines().any(over) && self.is_low(room, factor)
    }

    /// Whether the lines end above the bottom of the box.
    fn is_low(&self, room: &Room<'_, '_>, factor: f64) -> bool {
        let Some(height_px) = room.height_px else {
            return true;
        };
        let text = self.strut.at(factor);
        let parts = self.parts.iter();
        let parts: Vec<_> = parts
            .map(|(range, strut)| (range, strut.at(factor)))
            .collect();
        let mut top_px = 0.0_f64;
        self.layout.lines().all(|line| {
            let words = line.text_range();
            // An empty line is as high as what it breaks behind.
            let start = words.start.min(words.end.saturating_sub(1));
            let here = parts
                .iter()
                .filter(|(range, _)| range.start < words.end && range.end > start);
            let [over, under] = here.fold(text, |[over, under], (_, part)| {
                [over.max(part[0]), under.max(part[1])]
            });
            // As layout places lines whose edges are whole pixels.
            #[expect(clippy::cast_possible_truncation, reason = "parley counts in f32")]
            let bottom_px = (top_px.round() as f32 + over + under).round();
            top_px += f64::from(over + under);
            f64::from(bottom_px) <= height_px + SLACK_PX
        })
    }
}

/// Whole steps, rounded up.
#[expect(clippy::cast_possible_truncation, reason = "at most 2000 sizes")]
fn steps(count: f64) -> i32 {
    count.ceil().max(0.0) as i32
}
