//! Words are set as a browser sets them: line breaks and widths against headless Chromium, which shapes with `HarfBuzz`
//! and breaks lines with ICU.

use scene::{Source, Text, TextStyle};
use sources::{Fonts, Painter, Request};
use std::fmt::Write as _;
use testkit::Chromium;

/// A line may be so much wider or narrower: a part of its width, or px where that is more. Chromium keeps positions in
/// 1/64 px and each word's width apart; we sum up f32.
const TOLERANCE: f64 = 0.01;
const TOLERANCE_PX: f64 = 1.0;

/// Of the packages `fonts-inter`, `fonts-dejavu-core` and `fonts-noto-core`; both sides take the same files.
const FONTS: [(&str, [&str; 2]); 3] = [
    (
        "Inter",
        [
            "opentype/inter/Inter-Regular.otf",
            "opentype/inter/Inter-Bold.otf",
        ],
    ),
    (
        "DejaVu Sans",
        [
            "truetype/dejavu/DejaVuSans.ttf",
            "truetype/dejavu/DejaVuSans-Bold.ttf",
        ],
    ),
    (
        "Noto Sans",
        [
            "truetype/noto/NotoSans-Regular.ttf",
            "truetype/noto/NotoSans-Bold.ttf",
        ],
    ),
];

/// Size, weight, width of the box, letter spacing, word spacing; px.
const SETTINGS: [(f64, u16, f64, f64, f64); 4] = [
    (16.0, 400, 120.0, 0.0, 0.0),
    (24.0, 700, 260.0, 0.0, 0.0),
    (33.0, 400, 410.0, 2.5, 0.0),
    (19.0, 700, 333.0, -0.5, 6.0),
];

/// Words of shows, and what line breaking stumbles over: hyphens, slashes, dashes, digits, brackets, quotes, spaces of all
/// kinds, addresses, words wider than the line, accents, ligatures and kerning.
const TEXTS: [&str; 30] = [
    "Current bid 12.45 ETH",
    "The hammer falls on the seventh lot of the evening sale.",
    "Ends in 04:59",
    "Going once… going twice… sold!",
    "Lot 7: “Sunset over the bay” (oil on canvas, 1893)",
    "AVATAR Wave Toyota To. Ty LT AV fi ffi fl office affluent",
    "well-known state-of-the-art half-hearted",
    "and/or either/or 24/7 km/h 1/2",
    "en dash 10–20 and em dash—like this—between words",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "https://example.org/auctions/2030/lot-7?bid=12.45&currency=ETH#now",
    "one  two   three    four",
    "line one\nline two\n\nline four",
    "no\u{a0}break\u{a0}space between these words, but here",
    "soft\u{ad}hy\u{ad}phens and zero\u{200b}width\u{200b}spaces",
    "$1,234.56 + €99.90 = £1,000.00 (−5 %)",
    "50% off! #1 deal @ 10am; A&B, C+D: E=F?",
    "Żółć, Łódź, naïve, façade, Ångström, crème brûlée",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
    "Съешь же ещё этих мягких французских булок, да выпей чаю",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "e\u{301}te\u{301} a\u{308}o\u{308}u\u{308} combining marks",
    "“Quoted,” she said, ‘and again’ — «und» „so weiter“",
    "(brackets) [square] {curly} <angle> (nested (deeply) so)",
    "A. B. C. Mr. Smith e.g. i.e. etc. U.S.A.",
    "0123456789 0123456789 0123456789",
    "UPPER CASE WORDS ARE WIDER THAN LOWER",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "trailing spaces wrap here        and go on",
    "12 000 000 — 1\u{2009}000\u{2009}000, №7, §12, ½, ™, ©",
];

/// What differs (text, beginning of the case), and why; each must differ, so that this list cannot grow old.
const KNOWN: [(&str, &str, &str); 3] = [
    (TEXTS[22], "Inter 400 16 px", FORGIVES),
    (TEXTS[8], "DejaVu Sans 700 19 px", FORGIVES),
    (
        TEXTS[15],
        "Noto Sans",
        "the font has no U+2212, and another stands in than in Chromium",
    ),
];
const FORGIVES: &str = "a line that is wider than its box by less than 1/64 px fits in Chromium";

#[derive(Debug, PartialEq)]
struct Line {
    words: String,
    width_px: f64,
}

fn fonts() -> Fonts {
    let read = |name: &str| {
        let path = format!("/usr/share/fonts/{name}");
        std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}; install its package"))
    };
    Fonts::new(
        FONTS
            .iter()
            .flat_map(|(_, files)| files)
            .map(|name| read(name)),
    )
}

/// The lines that a browser makes of each case, in order.
fn browser(cases: &[String]) -> Vec<Vec<Line>> {
    let mut chromium = Chromium::start();
    let script = format!(
        r"(() => [{}].map(([text, css]) => {{
            const box = document.createElement('div');
            box.style.cssText = css;
            box.textContent = text;
            document.body.appendChild(box);
            const lines = [];
            const node = box.firstChild;
            let at = 0;
            for (const letter of text) {{
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + letter.length);
                at += letter.length;
                const rects = [...range.getClientRects()].filter(rect => rect.width > 0);
                const last = lines[lines.length - 1];
                if (rects.length === 0) {{
                    if (letter === '\n' || !last) lines.push({{ words: '', top: null, left: 0, right: 0 }});
                    else last.words += letter;
                    continue;
                }}
                const rect = rects[rects.length - 1];
                let line = last;
                if (!line || (line.top !== null && rect.top > line.top + 4)) {{
                    line = {{ words: '', top: null, left: 0, right: 0 }};
                    lines.push(line);
                }}
                if (line.top === null) Object.assign(line, {{ top: rect.top, left: rect.left, right: rect.left }});
                line.words += letter;
                // Other spaces do not hang, and count.
                if (letter !== ' ' && letter !== '\n') {{
                    line.left = Math.min(line.left, rect.left);
                    line.right = Math.max(line.right, rect.right);
                }}
            }}
            box.remove();
            return lines.map(line => [line.words, line.right - line.left]);
        }}))()",
        cases.join(",")
    );
    let answer = chromium.eval(&script);
    let lines = answer.as_array().unwrap().iter().map(|case| {
        let lines = case.as_array().unwrap().iter();
        let line = lines.map(|line| Line {
            words: line[0].as_str().unwrap().trim_end().to_owned(),
            width_px: line[1].as_f64().unwrap(),
        });
        line.collect()
    });
    lines.collect()
}

/// In 30 texts, three fonts, and four settings each, lines break where Chromium breaks them and are as wide.
#[test]
fn lines_break_where_a_browser_breaks_them() {
    let mut painter = Painter::new(fonts());
    let (mut cases, mut ours, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for text in TEXTS {
        for (font, _) in FONTS {
            for (size_px, weight, width_px, letter_spacing_px, word_spacing_px) in SETTINGS {
                cases.push(format!(
                    "[{text:?}, 'position: absolute; white-space: pre-wrap; overflow-wrap: break-word; tab-size: 0; \
                     text-rendering: geometricPrecision; font: {weight} {size_px}px \"{font}\"; width: {width_px}px; \
                     letter-spacing: {letter_spacing_px}px; word-spacing: {word_spacing_px}px']"
                ));
                let source = Source::Text(Text {
                    text: text.into(),
                    style: TextStyle {
                        font: font.into(),
                        size_px,
                        weight: f64::from(weight),
                        letter_spacing_px,
                        word_spacing_px,
                        ..TextStyle::default()
                    },
                    ..Text::default()
                });
                let request = Request {
                    source: &source,
                    content: None,
                    width_px: Some(width_px),
                    height_px: None,
                    effects: &[],
                    scale: 1.0,
                    hint: true,
                    asset: None,
                };
                let lines = painter.lines(&request).unwrap().into_iter();
                let line = lines.map(|line| Line {
                    words: text[line.bytes].trim_end().to_owned(),
                    width_px: line.width_px,
                });
                ours.push(line.collect::<Vec<_>>());
                names.push((
                    text,
                    format!("{font} {weight} {size_px} px, {width_px} px wide"),
                ));
            }
        }
    }
    let theirs = browser(&cases);
    assert_eq!(theirs.len(), ours.len());
    let (mut report, mut differing) = (String::new(), Vec::new());
    for ((is, wanted), (text, name)) in ours.iter().zip(&theirs).zip(&names) {
        let same = is.len() == wanted.len()
            && is.iter().zip(wanted).all(|(is, wanted)| {
                let off = (is.width_px - wanted.width_px).abs();
                is.words == wanted.words && off <= TOLERANCE_PX.max(TOLERANCE * wanted.width_px)
            });
        let mut known = KNOWN.iter();
        let known = known.position(|(of, case, _)| of == text && name.starts_with(case));
        if !same {
            differing.extend(known);
        }
        if !same && known.is_none() {
            let _ = writeln!(
                report,
                "{text:?}, {name}\n  is     {is:?}\n  wanted {wanted:?}"
            );
        }
    }
    assert!(report.is_empty(), "{report}");
    for (i, (text, _, why)) in KNOWN.iter().enumerate() {
        assert!(
            differing.contains(&i),
            "{text:?} is as in the browser now; it was not, because {why}"
        );
    }
}
