//! Words that the fuzzer makes up, in styles that it makes up, are laid out and painted: none panics, none has color above
//! its alpha, lines part the words without gaps, and a painter that has drawn all before gives the same pixels as a new
//! one. libFuzzer bounds the time and the memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::Color;
use scene::{
    Align, Behind, Flow, Gradient, Overflow, Paint, Reveal, RevealBy, Source, Stroke, Text,
    TextBackground, TextContent, TextFit, TextRun, TextStyle, VerticalAlign, Wrap,
};
use sources::{Fonts, Painter, Request};
use std::cell::RefCell;

/// Of those packages that `scripts/packages.sh` names: Latin, scripts that join, move or take a dictionary, emoji.
const FILES: [&str; 8] = [
    "opentype/inter/Inter-Regular.otf",
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/noto/NotoSansArabic-Regular.ttf",
    "truetype/noto/NotoSansHebrew-Regular.ttf",
    "truetype/noto/NotoSansThai-Regular.ttf",
    "truetype/noto/NotoSansKhmer-Regular.ttf",
    "truetype/noto/NotoSansDevanagari-Regular.ttf",
    "truetype/noto/NotoColorEmoji.ttf",
];
const FAMILIES: [&str; 4] = ["Inter", "DejaVu Sans", "Noto Sans Arabic", "Nowhere"];

/// What line breaking and shaping stumble over; other characters come of the bytes themselves.
const PIECES: [&str; 32] = [
    " ", "\n", "\u{a0}", "\u{ad}", "\u{200b}", "\u{200d}", "\u{200f}", "\u{202e}", "\u{2066}", "\u{fe0f}", "\u{301}",
    "fi", "ffi", "AV", "12.45", "https://a.b/c?d=e", "-", "…", "مزاد", "לא", "การประมูล", "ការដេញថ្លៃ", "क्षत्रिय", "「漢字」、",
    "ッ", "👩\u{200d}👩\u{200d}👧", "🇩🇪", "👍🏽", "1\u{fe0f}\u{20e3}", "\t", "\r\n", "\u{10ffff}",
];

thread_local! {
    static FONTS: Fonts = Fonts::new(FILES.map(|name| {
        let path = format!("/usr/share/fonts/{name}");
        std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}; install its package"))
    }));
    static WARM: RefCell<Painter> = RefCell::new(Painter::new(FONTS.with(Clone::clone)));
}

/// Bytes to choices; zeros when they are used up.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::from(self.byte()) % all.len()].clone()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.byte() % 2 == 1).then(|| value(self))
    }

    fn flag(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn number(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * f64::from(self.byte()) / 255.0
    }

    fn color(&mut self) -> Color {
        Color::new(self.number(0.0, 1.0), self.number(0.0, 1.0), self.number(0.0, 1.0), self.number(0.0, 1.0))
    }

    fn paint(&mut self) -> Paint {
        if self.flag() {
            return Paint::Color(self.color());
        }
        let stops = vec![(0.0, self.color()), (self.number(0.0, 1.0), self.color()), (1.0, self.color())];
        Paint::Gradient(Gradient::linear(self.number(-400.0, 400.0), stops))
    }

    fn words(&mut self) -> String {
        let mut words = String::new();
        for _ in 0..self.byte() % 48 {
            if self.flag() {
                words.push_str(self.of(&PIECES));
            } else {
                let number = u32::from(self.byte()) << 9 | u32::from(self.byte()) << 2;
                words.extend(char::from_u32(number));
            }
        }
        words
    }

    fn style(&mut self) -> TextStyle {
        TextStyle {
            font: self.of(&FAMILIES).into(),
            size_px: self.number(1.0, 180.0),
            weight: self.number(1.0, 1000.0),
            italic: self.flag(),
            color: self.color(),
            fill: self.maybe(Self::paint),
            stroke: self.maybe(|c| Stroke::new(c.paint(), c.number(0.1, 30.0))),
            background: self.maybe(|c| TextBackground {
                color: c.color(),
                padding_px: [c.number(0.0, 20.0), c.number(0.0, 20.0)],
                corner_radius_px: c.number(0.0, 40.0),
                behind: c.of(&[Behind::Lines, Behind::Box]),
            }),
            underline: self.flag(),
            strikethrough: self.flag(),
            line_height: self.maybe(|c| c.number(0.1, 4.0)),
            letter_spacing_px: self.number(-40.0, 40.0),
            word_spacing_px: self.number(-40.0, 40.0),
            tabular: self.flag(),
            ..TextStyle::default()
        }
    }

    fn run(&mut self) -> TextRun {
        TextRun {
            text: self.words().into(),
            font: self.maybe(|c| c.of(&FAMILIES).into()),
            size_px: self.maybe(|c| c.number(1.0, 90.0)),
            weight: self.maybe(|c| c.number(1.0, 1000.0)),
            italic: self.maybe(Self::flag),
            color: self.maybe(Self::color),
            letter_spacing_px: self.maybe(|c| c.number(-10.0, 10.0)),
            underline: self.maybe(Self::flag),
            strikethrough: self.maybe(Self::flag),
            background: self.maybe(Self::color),
        }
    }

    fn text(&mut self) -> Text {
        let text = if self.flag() {
            let runs: Vec<TextRun> = (0..self.byte() % 5).map(|_| self.run()).collect();
            TextContent::Runs(runs.into())
        } else {
            self.words().as_str().into()
        };
        let style = self.style();
        let min_size_px = self.number(1.0, style.size_px);
        Text {
            text,
            style,
            align: self.of(&[Align::Left, Align::Center, Align::Right, Align::Start, Align::End, Align::Justify]),
            baseline: self.flag(),
            flow: Flow {
                wrap: self.of(&[Wrap::Word, Wrap::Anywhere, Wrap::None]),
                max_lines: self.maybe(|c| u32::from(c.byte() % 6) + 1),
                overflow: self.of(&[Overflow::Visible, Overflow::Ellipsis, Overflow::Clip]),
                vertical_align: self.of(&[VerticalAlign::Top, VerticalAlign::Middle, VerticalAlign::Bottom]),
                fit: self.of(&[TextFit::None, TextFit::Shrink]),
                min_size_px,
            },
            reveal: Reveal {
                part: self.maybe(|c| c.number(0.0, 1.0)).unwrap_or(1.0),
                by: self.of(&[RevealBy::Grapheme, RevealBy::Word, RevealBy::Line]),
            },
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let text = choices.text();
    let whole = match &text.text {
        TextContent::Plain(words) => Some(words.to_string()),
        TextContent::Runs(runs) => Some(runs.iter().map(|run| &*run.text).collect()),
        TextContent::Number(_) => None,
    };
    let (all, cut) = (text.flow.max_lines.is_none(), text.flow.overflow == Overflow::Ellipsis);
    // No words are laid out as a space.
    let whole = whole.filter(|whole: &String| all && !cut && !whole.is_empty());
    let source = Source::Text(text);
    let request = Request {
        source: &source,
        content: None,
        width_px: choices.maybe(|c| c.number(0.0, 400.0)),
        height_px: choices.maybe(|c| c.number(0.0, 200.0)),
        effects: &[],
        scale: choices.number(0.1, 2.0),
        hint: choices.flag(),
        asset: None,
    };
    let painted = WARM.with_borrow_mut(|warm| {
        let lines = warm.lines(&request).expect("there are fonts");
        if let Some(whole) = &whole {
            let end = lines.iter().fold(0, |end, line| {
                assert!(line.bytes.start == end && whole.is_char_boundary(line.bytes.end), "{whole:?}: {lines:?}");
                line.bytes.end
            });
            assert_eq!(end, whole.len());
        }
        warm.paint(&request)
    });
    let again = Painter::new(FONTS.with(Clone::clone)).paint(&request);
    // Words may be too large for a surface, for each painter alike.
    let (Ok(painted), Ok(again)) = (&painted, &again) else {
        assert_eq!(painted.is_ok(), again.is_ok());
        return;
    };
    for px in painted.surface.data().chunks_exact(4) {
        assert!(px[..3].iter().all(|v| *v <= px[3]), "{px:?}");
    }
    assert_eq!(again.origin_px, painted.origin_px);
    assert!(again.surface.data() == painted.surface.data(), "a new painter draws otherwise");
});
