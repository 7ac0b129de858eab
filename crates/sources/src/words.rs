//! What a request says in words, and how far it is revealed.

use crate::Request;
use crate::layout::{Lines, RunIndex, Spans};
use icu_segmenter::GraphemeClusterSegmenter;
use scene::{
    Align, Clock, Countdown, Flow, Reveal, RevealBy, Source, Text, TextContent, TextRun, TextStyle,
    Ticker, Wrap,
};
use std::borrow::Cow;

/// What a text source says, and how.
pub(crate) struct Words<'a> {
    pub(crate) spans: Spans<'a>,
    pub(crate) style: &'a TextStyle,
    pub(crate) runs: &'a [TextRun],
    pub(crate) lines: Lines,
    pub(crate) flow: Flow,
}

/// `None` for sources that are not text.
pub(crate) fn words<'a>(request: &Request<'a>) -> Option<Words<'a>> {
    let plain = |text, style, lines| {
        let (runs, spans) = (
            &[][..],
            Spans {
                text,
                runs: Vec::new(),
            },
        );
        Some(Words {
            spans,
            style,
            runs,
            lines,
            flow: Flow::default(),
        })
    };
    match request.source {
        Source::Text(text) => Some(of_text(text, request)),
        Source::Countdown(Countdown { style, align, .. })
        | Source::Clock(Clock { style, align, .. }) => {
            // A time is one thing: it may leave its box, but never breaks.
            let lines = Lines {
                width_px: request.width_px,
                wrap: Wrap::None,
                align: *align,
            };
            plain(
                Cow::Borrowed(request.content.unwrap_or_default()),
                style,
                lines,
            )
        }
        Source::Ticker(Ticker { text, style, .. }) => {
            let one_line = if text.contains(['\n', '\r']) {
                text.replace(['\n', '\r'], " ").into()
            } else {
                Cow::Borrowed(&**text)
            };
            let one_line = without_controls(one_line);
            let lines = Lines {
                width_px: None,
                wrap: Wrap::None,
                align: Align::Left,
            };
            plain(one_line, style, lines)
        }
        Source::Color(_)
        | Source::Gradient(_)
        | Source::Shape(_)
        | Source::Image(_)
        | Source::Qr(_)
        | Source::Svg(_)
        | Source::Drawing(_)
        | Source::Sprite(_) => None,
    }
}

fn of_text<'a>(text: &'a Text, request: &Request<'a>) -> Words<'a> {
    let mut parts = Vec::new();
    let runs = match &text.text {
        TextContent::Runs(runs) => {
            let mut start = 0;
            for (run, index) in runs.iter().zip(1 as RunIndex..) {
                parts.push((start..start + run.text.len(), index));
                start += run.text.len();
            }
            &**runs
        }
        TextContent::Plain(_) | TextContent::Number(_) => &[],
    };
    Words {
        spans: Spans {
            text: without_controls(text_of(text, request.content)),
            runs: parts,
        },
        style: &text.style,
        runs,
        lines: Lines {
            width_px: request.width_px,
            wrap: text.flow.wrap,
            align: text.align,
        },
        flow: text.flow,
    }
}

/// A space where a tab or another control stands: fonts have no glyph for them, or a box. Every byte keeps its place.
fn without_controls(text: Cow<'_, str>) -> Cow<'_, str> {
    let control = |c: char| c.is_ascii_control() && c != '\n' && c != '\r';
    if text.contains(control) {
        text.replace(control, " ").into()
    } else {
        text
    }
}

/// The words of a text in one piece; `content` is what a number is written as, where that is known.
pub(crate) fn text_of<'a>(text: &'a Text, content: Option<&'a str>) -> Cow<'a, str> {
    match (&text.text, content) {
        (TextContent::Plain(words), _) => Cow::Borrowed(words),
        (TextContent::Runs(runs), _) => runs.iter().map(|run| &*run.text).collect(),
        (TextContent::Number(_), Some(words)) => Cow::Borrowed(words),
        (TextContent::Number(number), None) => {
            let mut words = String::new();
            number.write(&mut words);
            Cow::Owned(words)
        }
    }
}

/// How much of a text is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shown {
    /// All.
    All,
    /// So many bytes from its beginning.
    Bytes(usize),
    /// Such a part of its lines.
    Lines(f64),
}

impl Shown {
    /// Cost: linear in the text while it is being revealed, nothing before and after.
    pub(crate) fn of(reveal: Reveal, text: &str) -> Self {
        if reveal.part >= 1.0 {
            return Self::All;
        }
        if reveal.part <= 0.0 {
            return Self::Bytes(0);
        }
        match reveal.by {
            RevealBy::Grapheme => Self::Bytes(nth(|| graphemes(text), reveal.part, text.len())),
            RevealBy::Word => Self::Bytes(nth(|| words_in(text), reveal.part, text.len())),
            RevealBy::Line => Self::Lines(reveal.part),
        }
    }
}

/// Where the first `part` of the units ends that begin at `starts`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a part of a count"
)]
fn nth<I: Iterator<Item = usize>>(starts: impl Fn() -> I, part: f64, end: usize) -> usize {
    let count = starts().count();
    // A thousandth of a unit is what sums of decimals miss a whole one by.
    let shown = (part * count as f64 + 1e-3).floor() as usize;
    starts().nth(shown).unwrap_or(end)
}

/// Where letters begin, as readers count them.
fn graphemes(text: &str) -> impl Iterator<Item = usize> + '_ {
    let breaks = GraphemeClusterSegmenter::new().segment_str(text);
    breaks.filter(|&at| at < text.len())
}

/// Where words begin: after spaces, and at each character of scripts that are written without.
fn words_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before: Option<char> = None;
    text.char_indices().filter_map(move |(at, c)| {
        let apart = before.is_none_or(char::is_whitespace) || stands_alone(c);
        before = Some(c);
        (apart && !c.is_whitespace()).then_some(at)
    })
}

/// Ideographs and kana.
const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30fa}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_readers() {
        let cases: [(&str, RevealBy, f64, &str); 12] = [
            ("abcd", RevealBy::Grapheme, 0.5, "ab"),
            ("abcd", RevealBy::Grapheme, 0.49, "a"),
            ("abcd", RevealBy::Grapheme, 0.999, "abc"),
            ("e\u{301}a", RevealBy::Grapheme, 0.5, "e\u{301}"),
            ("👩\u{200d}👧🇩🇪", RevealBy::Grapheme, 0.5, "👩\u{200d}👧"),
            ("a\nb", RevealBy::Grapheme, 0.67, "a\n"),
            ("", RevealBy::Grapheme, 0.5, ""),
            ("one two  three", RevealBy::Word, 0.34, "one "),
            ("one two  three", RevealBy::Word, 0.67, "one two  "),
            ("well-known fact", RevealBy::Word, 0.5, "well-known "),
            ("漢字です", RevealBy::Word, 0.5, "漢字"),
            (" a", RevealBy::Word, 0.5, " "),
        ];
        for (text, by, part, expected) in cases {
            let Shown::Bytes(end) = Shown::of(Reveal { part, by }, text) else {
                panic!("{text:?} is revealed in part");
            };
            assert_eq!(&text[..end], expected, "{text:?} {part}");
        }
        let whole = |part| {
            let by = RevealBy::Word;
            Shown::of(Reveal { part, by }, "a b")
        };
        assert_eq!((whole(0.0), whole(1.0)), (Shown::Bytes(0), Shown::All));
    }

    /// Thirds, tenths and the like reach whole units although they are not exact.
    #[test]
    fn equal_steps_reveal_one_unit_each() {
        let text = "x".repeat(300);
        for n in [3_usize, 7, 10, 60, 300] {
            for i in 1..n {
                #[expect(clippy::cast_precision_loss, reason = "small counts")]
                let part = (1.0 / n as f64) * i as f64;
                let text = &text[..n];
                let by = RevealBy::Grapheme;
                assert_eq!(
                    Shown::of(Reveal { part, by }, text),
                    Shown::Bytes(i),
                    "{i} of {n}"
                );
            }
        }
    }
}
