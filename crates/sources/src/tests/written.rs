//! Words in boxes, with paint, in runs, as numbers, and bit by bit.

use super::{alpha_sum, fonts, request, style};
use crate::{Fonts, Painter, Raster, Request};
use media::Color;
use proptest::prelude::*;
use scene::{
    Align, Behind, Flow, NumberFormat, NumberText, Overflow, Paint, Reveal, RevealBy, Source,
    Stroke, Tag, Text, TextBackground, TextContent, TextFit, TextRun, TextStyle, VerticalAlign,
    Wrap,
};

const SENTENCE: &str = "The hammer falls on the seventh lot of the evening sale.";

fn text(words: &str, size_px: f64) -> Text {
    Text {
        text: words.into(),
        style: style(size_px),
        ..Text::default()
    }
}

fn paint(text: &Text, size: impl Into<Option<(f64, f64)>>) -> Raster {
    let source = Source::Text(text.clone());
    Painter::new(fonts())
        .paint(&request(&source, size))
        .unwrap()
}

/// What each line says that is drawn, and how wide it is.
fn lines(painter: &mut Painter, text: &Text, width: f64, height: Option<f64>) -> Vec<f64> {
    let source = Source::Text(text.clone());
    let request = Request {
        width_px: Some(width),
        height_px: height,
        ..request(&source, None)
    };
    let lines = painter.lines(&request).unwrap().into_iter();
    lines.map(|line| line.width_px).collect()
}

fn any_flow() -> impl Strategy<Value = Flow> {
    (
        prop::sample::select(vec![Wrap::Word, Wrap::Anywhere, Wrap::None]),
        prop::option::of(1..5_u32),
        prop::sample::select(vec![Overflow::Visible, Overflow::Ellipsis, Overflow::Clip]),
        prop::sample::select(vec![
            VerticalAlign::Top,
            VerticalAlign::Middle,
            VerticalAlign::Bottom,
        ]),
        prop::sample::select(vec![TextFit::None, TextFit::Shrink]),
    )
        .prop_map(|(wrap, max_lines, overflow, vertical_align, fit)| Flow {
            wrap,
            max_lines,
            overflow,
            vertical_align,
            fit,
            min_size_px: 6.0,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever is written in whatever box: it is painted; never on more lines than allowed; with dots, every line is in
    /// its box unless not even the dots are; and cut words have no pixel outside.
    #[test]
    fn any_words_fill_any_box(
        words in "[a-z אبก漢😀\u{301}\n]{0,40}",
        flow in any_flow(),
        width in 20.0..200.0_f64,
        height in 10.0..120.0_f64,
        align in prop::sample::select(vec![Align::Left, Align::Center, Align::Start, Align::End, Align::Justify]),
        part in 0.0..=1.0_f64,
    ) {
        let mut text = text(&words, 18.0);
        (text.flow, text.align, text.reveal.part) = (flow, align, part);
        let mut painter = Painter::new(fonts());
        let widths = lines(&mut painter, &text, width, Some(height));
        if let Some(most) = flow.max_lines {
            prop_assert!(widths.len() <= most as usize);
        }
        if flow.overflow == Overflow::Ellipsis {
            // Dots, and a letter where a line begins with one that is wider than what is left.
            prop_assert!(widths.iter().all(|w| *w <= width.max(40.0) + 0.1), "{widths:?}");
        }
        let source = Source::Text(text);
        let raster = painter.paint(&request(&source, (width, height))).unwrap();
        if flow.overflow == Overflow::Clip {
            let (w, h) = (f64::from(raster.surface.width()), f64::from(raster.surface.height()));
            let at = raster.origin_px;
            prop_assert!(w <= 1.0 || (at.x >= 0.0 && at.x + w <= width.round()));
            prop_assert!(h <= 1.0 || (at.y >= 0.0 && at.y + h <= height.round()));
        }
    }

    /// Words that are made smaller fit, or are as small as they may be; and a size larger by the step would not fit.
    #[test]
    fn shrunken_words_are_the_largest_that_fit(width in 60.0..400.0_f64, height in 20.0..90.0_f64) {
        let mut painter = Painter::new(fonts());
        let mut shrunk = text(SENTENCE, 40.0);
        shrunk.flow.fit = TextFit::Shrink;
        shrunk.flow.min_size_px = 7.0;
        let source = Source::Text(shrunk);
        let boxed = request(&source, (width, height));
        let lines = painter.lines(&boxed).unwrap();
        let fits = |size_px: f64, painter: &mut Painter| {
            let source = Source::Text(text(SENTENCE, size_px));
            let open = Request { width_px: Some(width), ..request(&source, None) };
            let whole = |line: &crate::TextLine| SENTENCE[line.bytes.clone()].ends_with([' ', '.']);
            let lines = painter.lines(&open).unwrap();
            let tall = painter.measure(&open).unwrap().size.height;
            let fits = tall <= height + 0.01 && lines.iter().all(whole);
            (fits, lines.iter().map(|l| l.width_px).collect::<Vec<_>>())
        };
        let is: Vec<f64> = lines.iter().map(|l| l.width_px).collect();
        let sizes: Vec<f64> = (0..=66).map(|step| 40.0 - 0.5 * f64::from(step)).collect();
        let found = sizes.iter().position(|size| fits(*size, &mut painter).1 == is);
        prop_assert!(found.is_some(), "{is:?}");
        let found = found.unwrap_or(0);
        prop_assert!(fits(sizes[found], &mut painter).0 || found == 66);
        prop_assert!(found == 0 || !fits(sizes[found - 1], &mut painter).0);
    }

    /// What is guessed from one layout is what setting the words in each size finds: for words of several sizes, with
    /// emoji, empty lines and letters that join, by rows of the font's height or another, in boxes open on a side.
    #[test]
    fn guesses_find_what_halving_finds(
        parts in prop::collection::vec(("[a-zWM אبg漢😀\n-]{0,24}", prop::option::of(8.0..70.0_f64)), 1..4),
        wrap in prop::sample::select(vec![Wrap::Word, Wrap::Anywhere, Wrap::None]),
        fit in prop::sample::select(vec![TextFit::Shrink, TextFit::Fill]),
        max_lines in prop::option::of(1..5_u32),
        line_height in prop::option::of(0.7..1.8_f64),
        spacing in prop::option::of(-1.0..4.0_f64),
        (width, height) in (prop::option::of(40.0..500.0_f64), prop::option::of(12.0..200.0_f64)),
        in_runs: bool,
        weight in prop::sample::select(vec![400.0, 700.0]),
    ) {
        let mut text = text("", 44.0);
        text.text = if in_runs {
            let run = |(words, size_px): &(String, Option<f64>)| TextRun {
                text: words.as_str().into(),
                size_px: *size_px,
                ..TextRun::default()
            };
            TextContent::Runs(parts.iter().map(run).collect())
        } else {
            let whole: String = parts.iter().map(|(words, _)| words.as_str()).collect();
            whole.as_str().into()
        };
        text.style.weight = weight;
        text.style.line_height = line_height;
        text.style.letter_spacing_px = spacing.unwrap_or(0.0);
        text.flow = Flow { wrap, fit, max_lines, min_size_px: 7.3, ..Flow::default() };
        let source = Source::Text(text);
        let request = Request { width_px: width, height_px: height, ..request(&source, None) };
        let words = crate::words::words(&request).unwrap();
        let mut typesetter = crate::layout::Typesetter::new(fonts());
        let mut room = crate::flow::Room { typesetter: &mut typesetter, words: &words, height_px: height };
        let (guessed, factor) = crate::sizing::fitted(&mut room).unwrap();
        let (halved, by_halving) = crate::sizing::halved(&mut room).unwrap();
        prop_assert_eq!(factor, by_halving);
        let lines = |set: &crate::layout::Typeset| {
            let lines = set.layout.lines();
            lines.map(|line| (line.text_range(), *line.metrics())).collect::<Vec<_>>()
        };
        prop_assert_eq!(lines(&guessed), lines(&halved));
        prop_assert_eq!(guessed.layout.height(), halved.layout.height());
        prop_assert_eq!(guessed.layout.full_width(), halved.layout.full_width());
    }

    /// More of the words is never less ink.
    #[test]
    fn revealing_adds_ink(by in prop::sample::select(vec![RevealBy::Grapheme, RevealBy::Word, RevealBy::Line])) {
        let mut last = 0.0;
        for step in 0..=10 {
            let mut text = text(SENTENCE, 20.0);
            text.reveal = Reveal { part: f64::from(step) / 10.0, by };
            let ink = alpha_sum(&paint(&text, (200.0, 120.0)).surface);
            prop_assert!(ink >= last, "{by:?} {step}: {ink} after {last}");
            last = ink;
        }
    }
}

/// Keys are equal where what is shown is: between two letters nothing is painted anew.
#[test]
fn a_reveal_between_two_letters_is_the_same_picture() {
    let key = |part| {
        let mut text = text("abcd", 20.0);
        text.reveal.part = part;
        let source = Source::Text(text);
        request(&source, None).key()
    };
    assert_eq!(key(0.5), key(0.7));
    assert_ne!(key(0.5), key(0.8));
    assert_ne!(key(0.0), key(1.0));
}

/// The pixels depend on what a number says, not on what it is.
#[test]
fn a_number_is_its_words() {
    let number = |value| {
        let format = NumberFormat {
            decimals: Some(1),
            ..NumberFormat::default()
        };
        Source::Text(Text {
            text: TextContent::Number(NumberText { value, format }),
            style: style(20.0),
            ..Text::default()
        })
    };
    let (a, b, c) = (number(1.23), number(1.24), number(1.26));
    assert_eq!(request(&a, None).key(), request(&b, None).key());
    assert_ne!(request(&a, None).key(), request(&c, None).key());
    let given = Request {
        content: Some("1.2"),
        ..request(&c, None)
    };
    assert_eq!(given.key(), request(&a, None).key());
}

/// A colour, a stroke or a box changes pixels, and neither the size nor where letters stand.
#[test]
fn looks_do_not_move_words() {
    let plain = text("Agj", 30.0);
    let mut painter = Painter::new(fonts());
    let mut measured = |style: TextStyle| {
        let source = Source::Text(Text {
            style,
            ..plain.clone()
        });
        let request = request(&source, None);
        (painter.measure(&request).unwrap(), request.key())
    };
    let is = measured(plain.style.clone());
    let looks = [
        TextStyle {
            color: Color::BLACK,
            ..plain.style.clone()
        },
        TextStyle {
            fill: Some(Paint::Color(Color::BLACK)),
            ..plain.style.clone()
        },
        TextStyle {
            stroke: Some(Stroke::new(Paint::Color(Color::BLACK), 2.0)),
            ..plain.style.clone()
        },
        TextStyle {
            underline: true,
            ..plain.style.clone()
        },
        TextStyle {
            background: Some(TextBackground {
                color: Color::BLACK,
                padding_px: [9.0; 2],
                corner_radius_px: 0.0,
                behind: Behind::Box,
            }),
            ..plain.style.clone()
        },
    ];
    let mut keys = vec![is.1];
    for look in looks {
        let (extent, key) = measured(look);
        assert_eq!(extent, is.0);
        assert!(!keys.contains(&key));
        keys.push(key);
    }
}

/// The rim of a bar is as wide as it is asked for, on all sides, and round at the corners.
#[test]
fn a_stroke_reaches_out_by_its_width() {
    let bar = |width_px| {
        let mut text = text("|", 40.0);
        text.style.stroke =
            (width_px > 0.0).then_some(Stroke::new(Paint::Color(Color::WHITE), width_px));
        paint(&text, None)
    };
    let (plain, rimmed) = (bar(0.0), bar(5.0));
    let grown = (
        rimmed.surface.width() - plain.surface.width(),
        rimmed.surface.height() - plain.surface.height(),
    );
    assert_eq!(grown, (10, 10));
    let (is, was) = (alpha_sum(&rimmed.surface), alpha_sum(&plain.surface));
    // A bar of b x h has a rim of 2 * 5 * (b + h) + 25 pi.
    let height = 40.0 * 0.999;
    let wide = was / height;
    let expected = was + 10.0 * (wide + height) + 25.0 * std::f64::consts::PI;
    assert!((is / expected - 1.0).abs() < 0.03, "{is} {expected}");
}

/// The box behind lines is as wide as the words, with its padding; spaces at their end have none.
#[test]
fn boxes_end_with_the_words() {
    let mut boxed = text("wide line", 20.0);
    boxed.style.background = Some(TextBackground {
        color: Color::BLACK,
        padding_px: [7.0, 3.0],
        corner_radius_px: 0.0,
        behind: Behind::Lines,
    });
    let raster = paint(&boxed, None);
    let (w, h) = (raster.size.width, raster.size.height);
    let (from, to) = (raster.origin_px, f64::from(raster.surface.width()));
    assert!((from.x + 8.0).abs() <= 1.0, "{from:?}");
    assert!((to - (w + 16.0)).abs() <= 2.0, "{to} {w}");
    assert!((f64::from(raster.surface.height()) - (h + 8.0)).abs() <= 1.0);
    let narrow = paint(&boxed, (100.0, 200.0));
    boxed.text = "wide    line".into();
    let spaces = paint(&boxed, (70.0, 200.0));
    assert!(spaces.surface.width() < narrow.surface.width());
}

/// Runs that change nothing are as the same words in one piece, to the pixel.
#[test]
fn runs_without_a_look_are_plain_words() {
    let whole = text("Waffle AVATAR office", 22.0);
    let run = |text: &str| TextRun {
        text: text.into(),
        ..TextRun::default()
    };
    let mut parted = whole.clone();
    parted.text =
        TextContent::Runs([run("Waffle "), run(""), run("AVATAR "), run("office")].into());
    let (a, b) = (paint(&whole, None), paint(&parted, None));
    assert_eq!((a.size, a.baseline_px), (b.size, b.baseline_px));
    assert!(a.surface.data() == b.surface.data());
}

/// A tab is a space: fonts have no glyph for it.
#[test]
fn tabs_are_spaces() {
    let (a, b) = (
        paint(&text("a\tb", 20.0), None),
        paint(&text("a b", 20.0), None),
    );
    assert!(a.surface.data() == b.surface.data());
    assert!(a.notices.is_empty());
}

/// `stretch.ttf` (ours, made with fontTools) has one letter, a bar that is twice as wide, with all of its advance, where
/// `wdth` is 200.
#[test]
fn axes_reach_the_font() {
    let font = include_bytes!("../../testdata/stretch.ttf").to_vec();
    let mut painter = Painter::new(Fonts::new([font]));
    let mut measured = |wdth: Option<f64>| {
        let axis = Tag::new("wdth").unwrap();
        let mut text = text("AAAA", 100.0);
        text.style.font = "Stretch".into();
        text.style.axes = wdth.map(|value| (axis, value)).into_iter().collect();
        let source = Source::Text(text);
        let raster = painter.paint(&request(&source, None)).unwrap();
        (raster.size.width, alpha_sum(&raster.surface).round())
    };
    assert_eq!(measured(None), (200.0, 11_200.0));
    assert_eq!(measured(Some(100.0)), (200.0, 11_200.0));
    assert_eq!(measured(Some(150.0)), (300.0, 16_800.0));
    assert_eq!(measured(Some(200.0)), (400.0, 22_400.0));
    // Beyond its end an axis stays there.
    assert_eq!(measured(Some(900.0)), (400.0, 22_400.0));
}

/// Chinese and Japanese break between any two characters, but not before what ends something nor behind what begins it;
/// Korean breaks at spaces; Latin words among them stay whole. No font is needed to see that.
#[test]
fn east_asian_lines_break_by_their_rules() {
    let mut painter = Painter::new(fonts());
    let words = "第七号拍品「海湾日落」，布面油画。オークションは、まもなく始まります。NFT 경매가 곧 시작됩니다.";
    for width in [60.0, 90.0, 130.0, 177.0] {
        let source = Source::Text(text(words, 20.0));
        let open = Request {
            width_px: Some(width),
            ..request(&source, None)
        };
        let lines = painter.lines(&open).unwrap();
        assert!(lines.len() > 3, "{width}");
        for line in &lines {
            let line = &words[line.bytes.clone()];
            assert!(
                !line.starts_with(['」', '，', '。', '、', 'ー']),
                "{width}: {line}"
            );
            assert!(!line.trim_end().ends_with('「'), "{width}: {line}");
        }
        let whole = lines
            .iter()
            .any(|line| words[line.bytes.clone()].contains("NFT"));
        assert!(whole, "{width}");
    }
}

/// A thousand lines that are each too wide for their box are cut in a few turns, not one by one.
#[test]
fn many_lines_are_cut_at_once() {
    let line = "words that are wider than the box\n".repeat(290);
    let mut cut = text(&line, 12.0);
    cut.flow.wrap = Wrap::None;
    cut.flow.overflow = Overflow::Ellipsis;
    let mut painter = Painter::new(fonts());
    let widths = lines(&mut painter, &cut, 100.0, None);
    assert_eq!(widths.len(), 291);
    assert!(widths.iter().all(|width| *width <= 100.1), "{widths:?}");
}

/// Justified lines end where the box ends, all but the last.
#[test]
fn justified_lines_are_as_wide_as_the_box() {
    let mut spread = text(SENTENCE, 20.0);
    spread.align = Align::Justify;
    spread.style.underline = true;
    let raster = paint(&spread, (200.0, 120.0));
    let row_end = |y: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a row of the picture"
        )]
        let y = (y - raster.origin_px.y) as u32;
        let inked = (0..raster.surface.width())
            .rev()
            .find(|x| raster.surface.pixel(*x, y)[3] > 128);
        f64::from(inked.unwrap_or(0)) + raster.origin_px.x
    };
    // The rows of the underlines of the first two lines.
    let line_px = raster.size.height.min(23.0);
    for line in [0.0, 1.0] {
        let ends = (0..24).map(|y| row_end(line * line_px + f64::from(y)));
        let end = ends.fold(0.0, f64::max);
        assert!((end - 199.0).abs() <= 1.5, "line {line} ends at {end}");
    }
}

/// A painter that has drawn other words, sizes and colors before draws the same pixels as a new one.
#[test]
fn what_was_drawn_before_does_not_matter() {
    let mut warm = Painter::new(fonts());
    let texts: Vec<Text> = [
        (17.0, 0.0),
        (31.5, 2.0),
        (17.0, 3.5),
        (90.0, 0.0),
        (170.0, 4.0),
    ]
    .into_iter()
    .map(|(size_px, width_px)| {
        let mut text = text("Lot 7: fi AV, going", size_px);
        let rim = Stroke::new(Paint::Color(Color::BLACK), width_px);
        text.style.stroke = (width_px > 0.0).then_some(rim);
        text
    })
    .collect();
    for scale in [1.0, 0.37, 1.0] {
        for text in &texts {
            let source = Source::Text(text.clone());
            let wanted = Request {
                scale,
                ..request(&source, None)
            };
            let is = warm.paint(&wanted).unwrap();
            let new = Painter::new(fonts()).paint(&wanted).unwrap();
            assert_eq!(is.origin_px, new.origin_px);
            assert!(
                is.surface.data() == new.surface.data(),
                "{scale} {}",
                text.style.size_px
            );
        }
    }
}

/// Letters stand on quarters of a pixel, so that the same letter at other places needs no more than four masks; each
/// place is where a letter of a line may be moved to by an eighth of a pixel at most.
#[test]
fn letters_stand_where_they_are_set() {
    let center = |lead: &str| {
        let mut text = text(&format!("{lead}|"), 40.0);
        text.style.color = Color::WHITE;
        text.reveal = Reveal::default();
        let with = paint(&text, None);
        let (mut sum, mut weight) = (0.0, 0.0);
        let s = &with.surface;
        let y = s.height() / 2;
        // The bar is the last that has ink.
        for x in s.width().saturating_sub(8)..s.width() {
            let alpha = f64::from(s.pixel(x, y)[3]);
            sum += alpha * (f64::from(x) + 0.5);
            weight += alpha;
        }
        (sum / weight + with.origin_px.x, with.size.width)
    };
    let (alone, wide) = center("");
    for lead in ["i", "ii", "iii", "iiii", "l.", "l..", "l..."] {
        let (at, width) = center(lead);
        let off = at - alone - (width - wide);
        assert!(off.abs() <= 0.26, "{lead}: {off}");
    }
}

/// Words that fill their box are as large as the same words shrunk into it, wherever they come from; open boxes change
/// nothing, and a box that is too small lets them be as small as is allowed.
#[test]
fn words_fill_their_box_from_both_sides() {
    let sized = |words: &str, fit, size_px, max_lines| {
        let mut text = text(words, size_px);
        text.flow.fit = fit;
        text.flow.max_lines = max_lines;
        text
    };
    for (words, max_lines, size) in [
        ("Sold", None, (300.0, 80.0)),
        ("Congratulations!", None, (240.0, 200.0)),
        (SENTENCE, Some(2), (300.0, 120.0)),
        (SENTENCE, None, (300.0, 120.0)),
    ] {
        let large = paint(&sized(words, TextFit::Shrink, 300.0, max_lines), size);
        for from in [10.0, 300.0] {
            let is = paint(&sized(words, TextFit::Fill, from, max_lines), size);
            assert!(is.surface.data() == large.surface.data(), "{words} {from}");
        }
    }
    let open = |fit| paint(&sized("Sold", fit, 20.0, None), None);
    assert_eq!(open(TextFit::Fill).size, open(TextFit::None).size);
}

/// Masks of letters are kept within bounds, however many sizes and places they are drawn in.
#[test]
fn letters_are_kept_within_bounds() {
    let mut painter = Painter::new(fonts());
    let mut most = 0;
    for step in 0..400 {
        let mut text = text("Qwertyuiop asdfghjkl", 40.0 + f64::from(step) / 4.0);
        text.style.stroke = Some(Stroke::new(Paint::Color(Color::BLACK), 6.0));
        let source = Source::Text(text);
        painter.paint(&request(&source, None)).unwrap();
        most = most.max(painter.kept_bytes());
    }
    assert!((1 << 20..8 << 20).contains(&most), "{most}");
}

/// A line that breaks at a soft hyphen ends with a hyphen, for which there is room in the box; elsewhere soft hyphens are
/// as if they were not there. What is written with hyphens of its own at the same places looks the same.
#[test]
fn soft_hyphens_are_seen_where_lines_break() {
    let mut painter = Painter::new(fonts());
    let soft = "Donau\u{ad}dampf\u{ad}schiff\u{ad}fahrts\u{ad}gesell\u{ad}schafts\u{ad}kapitän";
    let plain = soft.replace('\u{ad}', "");
    for width in [90.0, 101.0, 113.0, 120.0, 137.0, 150.0, 171.0, 190.0, 222.0] {
        for align in [Align::Left, Align::Right, Align::Justify] {
            let set = |words: &str| Text {
                align,
                ..text(words, 18.0)
            };
            let source = Source::Text(set(soft));
            let open = Request {
                width_px: Some(width),
                ..request(&source, None)
            };
            let lines = painter.lines(&open).unwrap();
            assert!(lines.len() > 1, "{width}");
            let mut written = String::new();
            for line in &lines {
                assert!(line.width_px <= width + 0.02, "{width}: {line:?}");
                let words = &soft[line.bytes.clone()];
                if words.ends_with('\u{ad}') {
                    written += &words.replace('\u{ad}', "");
                    written += "-\n";
                } else {
                    written += &words.replace('\u{ad}', "");
                }
            }
            if align != Align::Justify {
                let wanted = paint(&set(&written), (width, 200.0));
                let is = paint(&set(soft), (width, 200.0));
                let off = alpha_sum(&is.surface) - alpha_sum(&wanted.surface);
                assert!(
                    off.abs() < 0.01 * alpha_sum(&wanted.surface),
                    "{width} {written}"
                );
            }
        }
    }
    let mut wide = |words: &str| {
        let source = Source::Text(text(words, 18.0));
        painter.measure(&request(&source, None)).unwrap().size
    };
    assert_eq!(wide(soft), wide(&plain));
}

/// From where to where a line below words is seen, px from where they begin: what of its row is covered with it, and not
/// without.
fn seen_below(text: &Text) -> Vec<(f64, f64)> {
    let mut bare = text.clone();
    bare.style.underline = false;
    let (lined, bare) = (paint(text, None), paint(&bare, None));
    let alpha = |raster: &Raster, x: i32, y: i32| {
        let at = (
            f64::from(x) - raster.origin_px.x,
            f64::from(y) - raster.origin_px.y,
        );
        let (w, h) = (raster.surface.width(), raster.surface.height());
        let inside = at.0 >= 0.0 && at.1 >= 0.0 && at.0 < f64::from(w) && at.1 < f64::from(h);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the surface"
        )]
        let alpha = inside.then(|| raster.surface.pixel(at.0 as u32, at.1 as u32)[3]);
        f64::from(alpha.unwrap_or(0)) / 255.0
    };
    let added = |x, y| alpha(&lined, x, y) - alpha(&bare, x, y);
    let row = |y: i32| (-10..700).map(|x| added(x, y)).sum::<f64>();
    let y = (0..120).max_by(|a, b| row(*a).total_cmp(&row(*b))).unwrap();
    let mut pieces: Vec<(f64, f64)> = Vec::new();
    for x in -10..700 {
        let (is, was) = (added(x, y), added(x - 1, y));
        match (is > 0.05, was > 0.05) {
            (true, false) => pieces.push((f64::from(x) + 1.0 - is, f64::from(x + 1))),
            (false, true) => pieces.last_mut().unwrap().1 = f64::from(x) - 1.0 + was,
            _ => {}
        }
    }
    pieces
}

/// Lines below words are interrupted where Chromium 156 interrupts them (`text-decoration-skip-ink: auto`, thickness and
/// position from the font): around what hangs down, commas and brackets, from the left or from the right; not around
/// slashes and the low line, of which only the ink itself hides some. Chromium rounds thickness down and we to the
/// nearest, so within two and a half px of an edge they may differ.
#[test]
fn lines_below_have_the_gaps_of_browsers() {
    type Ends = &'static [(f64, f64)];
    let cases: [(&str, f64, Ends); 6] = [
        (
            "going, going, gone",
            40.0,
            &[
                (0.0, 16.0),
                (23.0, 102.0),
                (109.0, 114.0),
                (121.0, 153.0),
                (160.0, 239.0),
                (247.0, 251.0),
                (258.0, 290.0),
                (297.0, 374.1),
            ],
        ),
        (
            "Quay; “gypsy” (jpg)",
            40.0,
            &[
                (0.0, 17.0),
                (26.0, 89.0),
                (96.0, 107.0),
                (114.0, 167.0),
                (175.0, 185.0),
                (192.0, 203.0),
                (210.0, 254.0),
                (262.0, 310.0),
                (317.0, 322.0),
                (329.0, 333.0),
                (340.0, 372.0),
                (380.0, 385.0),
                (392.0, 397.5),
            ],
        ),
        (
            "a/b_c g|[ ]",
            40.0,
            &[
                (0.0, 25.1),
                (28.5, 134.0),
                (141.0, 147.0),
                (154.0, 159.0),
                (166.0, 192.0),
                (199.0, 200.9),
            ],
        ),
        (
            "يوم جديد",
            40.0,
            &[(0.0, 92.0), (99.0, 125.0), (133.0, 147.1)],
        ),
        (
            "gjpqy,;",
            80.0,
            &[
                (0.0, 31.0),
                (46.0, 55.0),
                (69.0, 77.0),
                (91.0, 157.0),
                (171.0, 189.0),
                (204.0, 226.0),
                (240.0, 251.0),
                (266.0, 274.3),
            ],
        ),
        (
            "Big going, small quay",
            20.0,
            &[
                (0.0, 27.0),
                (31.0, 46.0),
                (50.0, 89.0),
                (93.0, 95.0),
                (99.0, 175.0),
                (178.0, 208.0),
                (212.0, 216.0),
            ],
        ),
    ];
    for (words, size_px, browser) in cases {
        let mut text = text(words, size_px);
        text.style.underline = true;
        let ours = seen_below(&text);
        let covered = |pieces: &[(f64, f64)], x: f64| pieces.iter().any(|p| p.0 < x && x < p.1);
        let near = |x: f64| {
            browser
                .iter()
                .any(|p| (p.0 - x).abs() < 2.5 || (p.1 - x).abs() < 2.5)
        };
        for x in (0..420).map(|x| f64::from(x) + 0.5).filter(|x| !near(*x)) {
            assert_eq!(
                covered(&ours, x),
                covered(browser, x),
                "{words} at {x}: {ours:?}"
            );
        }
        text.style.skip_ink = false;
        let whole = seen_below(&text);
        let length = |pieces: &[(f64, f64)]| pieces.iter().map(|p| p.1 - p.0).sum::<f64>();
        let gaps = browser.len() - 1;
        #[expect(clippy::cast_precision_loss, reason = "a few gaps")]
        let least = if words.starts_with("a/") {
            4.0
        } else {
            gaps as f64 * 1.5
        };
        assert!(
            length(&whole) > length(&ours) + least,
            "{words}: {whole:?} {ours:?}"
        );
    }
}

/// What crosses a line is found in whatever run it is: here the p of one stands within the words of another.
#[test]
fn ink_of_one_run_interrupts_the_line_of_another() {
    let run = |text: &str, letter_spacing_px, underline: Option<bool>| TextRun {
        text: text.into(),
        letter_spacing_px,
        underline,
        ..TextRun::default()
    };
    let mut text = text("", 30.0);
    let back = run(" ", Some(-45.0), Some(false));
    text.text =
        TextContent::Runs([run("nnn", None, None), back, run("p", None, Some(false))].into());
    text.style.underline = true;
    let gaps = seen_below(&text);
    text.style.skip_ink = false;
    let hidden = seen_below(&text);
    assert_eq!((gaps.len(), hidden.len()), (2, 2), "{gaps:?} {hidden:?}");
    let wider = (hidden[0].1 - gaps[0].1, gaps[1].0 - hidden[1].0);
    assert!(wider.0 > 0.7 && wider.1 > 0.7, "{gaps:?} {hidden:?}");
}
