//! Written words as reference pictures: boxes, paint, runs, settings of fonts, scripts, and words that appear bit by bit.

use crate::build::{Shelf, config, layer, ms, picture, rect, rgba, scene_of};
use animation::Value;
use engine::{Stage, StageConfig};
use media::{Resolution, Surface};
use scene::{
    Align, Behind, Flow, Gradient, Groups, Layer, NumberFormat, NumberText, Overflow, Paint,
    Property, Reveal, RevealBy, Scene, Sign, Source, Stroke, Tag, Text, TextBackground,
    TextContent, TextFit, TextRun, TextStyle, VerticalAlign, Wrap,
};
use sources::Fonts;
use std::sync::OnceLock;

/// All is integer arithmetic or `libm`: the same picture everywhere.
const EXACT: u8 = 0;

/// Files of the packages `fonts-inter`, `fonts-dejavu-core`, `fonts-noto-core`, `fonts-noto-color-emoji` and
/// `fonts-ipaexfont-gothic`.
const FILES: [&str; 11] = [
    "opentype/inter/Inter-Regular.otf",
    "opentype/inter/Inter-Bold.otf",
    "opentype/inter/Inter-Italic.otf",
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/dejavu/DejaVuSans-Bold.ttf",
    "truetype/noto/NotoSansArabic-Regular.ttf",
    "truetype/noto/NotoSansHebrew-Regular.ttf",
    "truetype/noto/NotoSansThai-Regular.ttf",
    "truetype/noto/NotoSansDevanagari-Regular.ttf",
    "truetype/noto/NotoColorEmoji.ttf",
    "opentype/ipaexfont-gothic/ipaexg.ttf",
];

/// The bytes of all of them, one after the other (FNV-1a).
const REFERENCE_FONTS: u64 = 0x4a8f_c5e1_fa72_4c47;

fn fonts() -> &'static (Fonts, u64) {
    static FONTS: OnceLock<(Fonts, u64)> = OnceLock::new();
    FONTS.get_or_init(|| {
        let read = |name: &&str| {
            let path = format!("/usr/share/fonts/{name}");
            std::fs::read(&path).unwrap_or_else(|e| {
                panic!("{path}: {e}; install its package; scripts/packages.sh has them all")
            })
        };
        let files: Vec<Vec<u8>> = FILES.iter().map(read).collect();
        let hash = files
            .iter()
            .flatten()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
        (Fonts::new(files), hash)
    })
}

pub(crate) fn stage(scene: &Scene) -> Stage {
    let size = Resolution::new(scene.canvas.width_px, scene.canvas.height_px);
    let config = StageConfig {
        fonts: fonts().0.clone(),
        ..config(size, Shelf::with(&[]))
    };
    Stage::new(config, scene.clone())
}

/// Outlines are the fonts': where the packages have another version of them, the picture says nothing about us.
#[expect(clippy::print_stdout, reason = "a test that skips says so")]
pub(crate) fn golden(name: &str, picture: &Surface) {
    let is = fonts().1;
    if is == REFERENCE_FONTS {
        testkit::golden!(name, picture, EXACT);
    } else {
        let strict = std::env::var_os("STRICT").is_some_and(|strict| strict == "1");
        assert!(
            !strict,
            "{name}: other fonts ({is:#018x}) than the reference's, and STRICT=1 skips nothing"
        );
        println!("{name}: skipped, other fonts ({is:#018x}) than the reference's");
    }
}

fn style(size_px: f64) -> TextStyle {
    TextStyle {
        size_px,
        ..TextStyle::default()
    }
}

pub(crate) fn words(text: &str, size_px: f64) -> Text {
    Text {
        text: text.into(),
        style: style(size_px),
        ..Text::default()
    }
}

/// Words in a box, a little smaller than a plate behind it.
pub(crate) fn boxed(name: &str, at: [f64; 2], size: [f64; 2], text: Text) -> [Layer; 2] {
    let plate = rect(4.0, Paint::Color(rgba(0x2a3f_66ff)));
    let around = ([at[0] - 8.0, at[1] - 6.0], [size[0] + 16.0, size[1] + 12.0]);
    [
        layer(&format!("{name}-plate"), around.0, around.1, plate),
        layer(name, at, size, Source::Text(text)),
    ]
}

fn gradient(angle_deg: f64, from: u32, to: u32) -> Paint {
    Paint::Gradient(Gradient::linear(
        angle_deg,
        vec![(0.0, rgba(from)), (1.0, rgba(to))],
    ))
}

fn outline(width_px: f64, color: u32) -> Option<Stroke> {
    Some(Stroke::new(Paint::Color(rgba(color)), width_px))
}

const SENTENCE: &str = "The hammer falls on the seventh lot of the evening sale.";

/// Three columns of plates. Top: two lines that end in dots, one line that ends in dots, a sentence cut at the edge of
/// its box. Middle: one word at the top, in the middle and on the bottom. Bottom: justified, shrunk onto one line, and
/// shrunk into three lines.
#[test]
fn words_in_boxes() {
    let flow = Flow::default();
    let in_flow = |text: &str, size_px, flow| Text {
        flow,
        ..words(text, size_px)
    };
    let mut layers = Vec::new();
    let top = [
        Flow {
            max_lines: Some(2),
            overflow: Overflow::Ellipsis,
            ..flow
        },
        Flow {
            wrap: Wrap::None,
            overflow: Overflow::Ellipsis,
            ..flow
        },
        Flow {
            overflow: Overflow::Clip,
            ..flow
        },
    ];
    for (i, flow) in (0..3).zip(top) {
        let at = [18.0 + f64::from(i) * 172.0, 16.0];
        layers.extend(boxed(
            &format!("top-{i}"),
            at,
            [144.0, 56.0],
            in_flow(SENTENCE, 19.0, flow),
        ));
    }
    let aligned = [
        VerticalAlign::Top,
        VerticalAlign::Middle,
        VerticalAlign::Bottom,
    ];
    let aside = [Align::Left, Align::Center, Align::Right];
    for (i, (vertical_align, align)) in (0..3).zip(aligned.into_iter().zip(aside)) {
        let at = [18.0 + f64::from(i) * 172.0, 94.0];
        let text = Text {
            align,
            ..in_flow(
                "Sold",
                24.0,
                Flow {
                    vertical_align,
                    ..flow
                },
            )
        };
        layers.extend(boxed(&format!("middle-{i}"), at, [144.0, 56.0], text));
    }
    let shrink = Flow {
        fit: TextFit::Shrink,
        vertical_align: VerticalAlign::Middle,
        ..flow
    };
    let bottom = [
        Text {
            align: Align::Justify,
            ..words(SENTENCE, 15.0)
        },
        in_flow(
            "Congratulations!",
            40.0,
            Flow {
                wrap: Wrap::None,
                ..shrink
            },
        ),
        in_flow(
            SENTENCE,
            40.0,
            Flow {
                max_lines: Some(3),
                ..shrink
            },
        ),
    ];
    for (i, text) in (0..3).zip(bottom) {
        let at = [18.0 + f64::from(i) * 172.0, 172.0];
        layers.extend(boxed(&format!("bottom-{i}"), at, [144.0, 78.0], text));
    }
    golden(
        "text_boxes",
        &picture(&mut stage(&scene_of(524, 266, layers)), ms(0.0)),
    );
}

/// A word in a gradient with a dark rim; white subtitles on two dark boxes that became one; a word on a rounded box with
/// a border; a price that is struck through and words that are underlined, with gaps for the letters that hang down.
#[test]
fn paint_on_words() {
    let title = Text {
        style: TextStyle {
            weight: 700.0,
            fill: Some(gradient(90.0, 0xfff2_b0ff, 0xff8a_00ff)),
            stroke: outline(4.0, 0x2010_00ff),
            ..style(58.0)
        },
        ..words("Jackpot!", 58.0)
    };
    let subtitle = Text {
        align: Align::Center,
        style: TextStyle {
            background: Some(TextBackground {
                color: rgba(0x0000_00b0),
                padding_px: [10.0, 3.0],
                corner_radius_px: 6.0,
                behind: Behind::Lines,
            }),
            ..style(20.0)
        },
        ..words("“And then the hammer fell,\nand nobody spoke.”", 20.0)
    };
    let plate = Text {
        align: Align::Center,
        flow: Flow {
            vertical_align: VerticalAlign::Middle,
            ..Flow::default()
        },
        style: TextStyle {
            weight: 700.0,
            stroke: outline(2.0, 0x0000_00ff),
            background: Some(TextBackground {
                color: rgba(0xc8_2040ff),
                padding_px: [0.0; 2],
                corner_radius_px: 18.0,
                behind: Behind::Box,
            }),
            ..style(24.0)
        },
        ..words("LIVE", 24.0)
    };
    let was = Text {
        style: TextStyle {
            color: rgba(0xa0b0_d0ff),
            strikethrough: true,
            ..style(24.0)
        },
        ..words("12.45 ETH", 24.0)
    };
    let is = Text {
        style: TextStyle {
            underline: true,
            fill: Some(Paint::Color(rgba(0x7cf2_9aff))),
            ..style(24.0)
        },
        ..words("going, going", 24.0)
    };
    let layers = vec![
        layer("title", [16.0, 8.0], None, Source::Text(title)),
        layer("plate", [310.0, 28.0], [90.0, 36.0], Source::Text(plate)),
        layer(
            "subtitle",
            [16.0, 92.0],
            [384.0, 60.0],
            Source::Text(subtitle),
        ),
        layer("was", [30.0, 168.0], None, Source::Text(was)),
        layer("is", [220.0, 168.0], None, Source::Text(is)),
    ];
    golden(
        "text_paint",
        &picture(&mut stage(&scene_of(416, 210, layers)), ms(0.0)),
    );
}

fn run(text: &str) -> TextRun {
    TextRun {
        text: text.into(),
        ..TextRun::default()
    }
}

/// One line of four looks on one baseline; below, a sentence that wraps, with a marked word, one in italics, one spaced
/// out, and an emoji.
#[test]
fn runs_of_words() {
    let bid = TextContent::Runs(
        [
            run("Current bid "),
            TextRun {
                size_px: Some(44.0),
                weight: Some(700.0),
                color: Some(rgba(0x7cf2_9aff)),
                ..run("12.45")
            },
            TextRun {
                size_px: Some(22.0),
                color: Some(rgba(0x7cf2_9aff)),
                ..run(" ETH ")
            },
            TextRun {
                font: Some("DejaVu Sans".into()),
                size_px: Some(14.0),
                color: Some(rgba(0xa0b0_d0ff)),
                underline: Some(true),
                ..run("$41,230")
            },
        ]
        .into(),
    );
    let wrapped = TextContent::Runs(
        [
            run("Words may be "),
            TextRun {
                background: Some(rgba(0xd09a_00ff)),
                color: Some(rgba(0x1020_40ff)),
                ..run("marked")
            },
            run(", "),
            TextRun {
                italic: Some(true),
                ..run("leaning")
            },
            run(", "),
            TextRun {
                letter_spacing_px: Some(4.0),
                ..run("spaced")
            },
            run(" or "),
            TextRun {
                weight: Some(700.0),
                size_px: Some(30.0),
                ..run("loud 🔥")
            },
            run(" within a line."),
        ]
        .into(),
    );
    let in_runs = |text, size_px| Text {
        text,
        ..words("", size_px)
    };
    let layers = vec![
        layer("bid", [16.0, 12.0], None, Source::Text(in_runs(bid, 22.0))),
        layer(
            "wrapped",
            [16.0, 80.0],
            [380.0, 100.0],
            Source::Text(in_runs(wrapped, 20.0)),
        ),
    ];
    golden(
        "text_runs",
        &picture(&mut stage(&scene_of(412, 190, layers)), ms(0.0)),
    );
}

/// Pairs of lines: the font's own shapes above, below them a slashed zero, other letters, no ligatures, and digits of
/// one width.
#[test]
fn features_of_fonts() {
    let tag = |name: &str| Tag::new(name).expect("four letters");
    let cases = [
        (
            "1080 a l 37",
            "Inter",
            vec![(tag("zero"), 1), (tag("ss02"), 1)],
        ),
        ("fi ffi office", "DejaVu Sans", vec![(tag("liga"), 0)]),
        (
            "11:11 -> 1/2",
            "Inter",
            vec![(tag("tnum"), 1), (tag("frac"), 1)],
        ),
    ];
    let layers = cases
        .into_iter()
        .enumerate()
        .flat_map(|(i, (text, font, features))| {
            let font: std::sync::Arc<str> = font.into();
            let both = [Vec::new(), features].map(|features| Text {
                style: TextStyle {
                    font: font.clone(),
                    features: features.into(),
                    ..style(26.0)
                },
                ..words(text, 26.0)
            });
            both.into_iter().enumerate().map(move |(j, text)| {
                #[expect(clippy::cast_precision_loss, reason = "small counts")]
                let at = [12.0 + 186.0 * i as f64, 10.0 + 38.0 * j as f64];
                layer(&format!("{i}-{j}"), at, None, Source::Text(text))
            })
        });
    golden(
        "text_features",
        &picture(&mut stage(&scene_of(564, 96, layers.collect())), ms(0.0)),
    );
}

/// Hebrew and Arabic, each with a number and a Latin word, from the right; spaced Arabic stays joined; Devanagari and
/// Thai with their marks; accents on letters; a family, a flag, and hands of three tones.
#[test]
fn scripts() {
    let line = |name: &str, y, text: &str, align| {
        let text = Text {
            align,
            ..words(text, 24.0)
        };
        layer(name, [12.0, y], [576.0, 36.0], Source::Text(text))
    };
    let mut spaced = words("مزاد مباشر", 24.0);
    spaced.style.letter_spacing_px = 6.0;
    let layers = vec![
        line("hebrew", 8.0, "מכירה 12.45 ETH עכשיו!", Align::Start),
        line(
            "arabic",
            46.0,
            "المزايدة الحالية 1,250 USD الآن",
            Align::Start,
        ),
        layer("spaced", [12.0, 46.0], None, Source::Text(spaced)),
        line("hindi", 90.0, "नीलामी शुरू हो गई", Align::Start),
        line("thai", 90.0, "กำลังประมูลที่นี่", Align::Right),
        line(
            "marks",
            134.0,
            "e\u{301}a\u{308}o\u{302}\u{323} Zażółć Łódź",
            Align::Left,
        ),
        line(
            "emoji",
            134.0,
            "👨\u{200d}👩\u{200d}👧 🇩🇪 👍🏻👍🏽👍🏿 1\u{fe0f}\u{20e3}",
            Align::Right,
        ),
    ];
    golden(
        "text_scripts",
        &picture(&mut stage(&scene_of(600, 180, layers)), ms(0.0)),
    );
}

/// The first letters, words and lines of a sentence, with the boxes behind them, at a third and at two thirds of the way;
/// every letter stands where it stands in the end.
#[test]
fn revealed_words() {
    let text = |by, part| Text {
        reveal: Reveal { part, by },
        style: TextStyle {
            background: Some(TextBackground {
                color: rgba(0x0000_00a0),
                padding_px: [4.0, 0.0],
                corner_radius_px: 4.0,
                behind: Behind::Lines,
            }),
            ..style(17.0)
        },
        ..words(SENTENCE, 17.0)
    };
    let units = [RevealBy::Grapheme, RevealBy::Word, RevealBy::Line];
    let parts = [1.0 / 3.0, 2.0 / 3.0, 1.0];
    let mut layers = Vec::new();
    for (i, by) in (0..3).zip(units) {
        for (j, part) in (0..3).zip(parts) {
            let at = [12.0 + 160.0 * f64::from(j), 8.0 + 92.0 * f64::from(i)];
            layers.push(layer(
                &format!("{i}-{j}"),
                at,
                [146.0, 66.0],
                Source::Text(text(by, part)),
            ));
        }
    }
    let scene = scene_of(484, 284, layers);
    golden("text_reveal", &picture(&mut stage(&scene), ms(0.0)));
}

/// A text that appears letter by letter looks, in the end, as it would without: and on the way nothing moves.
#[test]
fn what_is_revealed_stands_where_it_will_stand() {
    let at = |part| {
        let text = Text {
            reveal: Reveal {
                part,
                by: RevealBy::Grapheme,
            },
            align: Align::Center,
            ..words(SENTENCE, 17.0)
        };
        let scene = scene_of(
            200,
            80,
            vec![layer("a", [0.0, 0.0], [200.0, 80.0], Source::Text(text))],
        );
        picture(&mut stage(&scene), ms(0.0))
    };
    let whole = at(1.0);
    let background = at(0.0);
    for part in [0.25, 0.5, 0.75] {
        let some = at(part);
        let mut inked = 0;
        for y in 0..80 {
            for x in 0..200 {
                if some.pixel(x, y) != background.pixel(x, y) {
                    inked += 1;
                    // Neighbours share a pixel where they touch, so ink may still be added to it.
                    let near = some.pixel(x, y)[0] <= whole.pixel(x, y)[0];
                    assert!(near, "{part}: {x}, {y}");
                }
            }
        }
        assert!(inked > 100, "{part}");
    }
}

/// Lines below words: thicker where the words are, with gaps for what hangs down and none for slashes; runs of three
/// sizes, the smallest without a line; Hebrew and Arabic; Japanese without gaps and a Latin g with one; in a gradient
/// with a rim; and, in the last line, gaps that were switched off, below words that are struck through as well.
#[test]
fn lines_below_words() {
    let below = |text: &str, size_px: f64| {
        let mut text = words(text, size_px);
        text.style.underline = true;
        text
    };
    let sized = |text: &str, size_px, underline| TextRun {
        size_px: Some(size_px),
        underline: Some(underline),
        ..run(text)
    };
    let mut in_runs = words("", 22.0);
    in_runs.text = TextContent::Runs(
        [
            sized("Lucky ", 22.0, true),
            sized("jackpot", 46.0, true),
            sized(" every ", 22.0, true),
            sized("day", 15.0, false),
        ]
        .into(),
    );
    let mut painted = below("Gypsy & Co.", 44.0);
    painted.style.weight = 700.0;
    painted.style.fill = Some(gradient(90.0, 0xfff2_b0ff, 0xff8a_00ff));
    painted.style.stroke = outline(3.0, 0x2010_00ff);
    let mut whole = below("going, going", 26.0);
    whole.style.skip_ink = false;
    whole.style.strikethrough = true;
    let lines = [
        ([14.0, 6.0], below("Big going, happy quay", 34.0)),
        ([14.0, 60.0], below("gjpqy;", 70.0)),
        ([280.0, 84.0], below("and/or a_b (jpg)", 18.0)),
        ([280.0, 118.0], below("אקץ ףן", 26.0)),
        ([14.0, 160.0], in_runs),
        ([380.0, 160.0], below("جميع الحقوق", 28.0)),
        ([14.0, 226.0], below("日本語の言葉 g", 28.0)),
        ([250.0, 214.0], painted),
        ([14.0, 276.0], whole),
    ];
    let layers = lines
        .into_iter()
        .zip(0..)
        .map(|((at, text), i)| layer(&format!("{i}"), at, None, Source::Text(text)));
    golden(
        "text_underlines",
        &picture(&mut stage(&scene_of(540, 320, layers.collect())), ms(0.0)),
    );
}

/// Four numbers: a price, a change with its sign, a count in millions, and one written as in Germany, each in its column
/// although their digits differ.
#[test]
fn numbers() {
    let number = |value, format| Text {
        text: TextContent::Number(NumberText { value, format }),
        style: TextStyle {
            tabular: true,
            ..style(24.0)
        },
        align: Align::Right,
        ..words("", 24.0)
    };
    let d = NumberFormat::default;
    let all = [
        number(
            1234.5,
            NumberFormat {
                decimals: Some(2),
                prefix: "$".into(),
                ..d()
            },
        ),
        number(
            -0.125,
            NumberFormat {
                decimals: Some(2),
                suffix: " %".into(),
                sign: Sign::Always,
                ..d()
            },
        ),
        number(
            3_449_999.0,
            NumberFormat {
                compact: true,
                suffix: " views".into(),
                ..d()
            },
        ),
        number(
            9876543.21,
            NumberFormat {
                grouping: ".".into(),
                decimal: ",".into(),
                suffix: " €".into(),
                decimals: Some(2),
                ..d()
            },
        ),
    ];
    let layers = all.into_iter().zip(0..).map(|(text, i)| {
        let at = [10.0, 8.0 + 36.0 * f64::from(i)];
        layer(&format!("{i}"), at, [230.0, 32.0], Source::Text(text))
    });
    golden(
        "text_numbers",
        &picture(&mut stage(&scene_of(250, 160, layers.collect())), ms(0.0)),
    );
}

/// Numbers on one edge: dollars that are owed, euros, rupees in groups of India and in crores, ether, and a change in
/// percent.
#[test]
fn prices() {
    let d = NumberFormat::default;
    let all = [
        (
            -1234567.5,
            NumberFormat {
                decimals: Some(2),
                prefix: "$".into(),
                ..d()
            },
        ),
        (
            1234567.5,
            NumberFormat {
                decimals: Some(2),
                grouping: ".".into(),
                decimal: ",".into(),
                suffix: " €".into(),
                ..d()
            },
        ),
        (
            1234567.5,
            NumberFormat {
                groups: Groups::Indian,
                prefix: "₹".into(),
                decimals: Some(2),
                ..d()
            },
        ),
        (
            34_560_000.0,
            NumberFormat {
                groups: Groups::Indian,
                prefix: "₹".into(),
                compact: true,
                ..d()
            },
        ),
        (
            12.4,
            NumberFormat {
                min_decimals: Some(2),
                suffix: " ETH".into(),
                ..d()
            },
        ),
        (
            0.1275,
            NumberFormat {
                percent: true,
                decimals: Some(1),
                sign: Sign::Always,
                suffix: "%".into(),
                ..d()
            },
        ),
    ];
    let layers = all.into_iter().zip(0..).map(|((value, format), i)| {
        let text = Text {
            text: TextContent::Number(NumberText { value, format }),
            style: TextStyle {
                tabular: true,
                ..style(26.0)
            },
            align: Align::Right,
            ..words("", 26.0)
        };
        let at = [10.0, 8.0 + 38.0 * f64::from(i)];
        layer(&format!("{i}"), at, [230.0, 34.0], Source::Text(text))
    });
    golden(
        "text_prices",
        &picture(&mut stage(&scene_of(250, 244, layers.collect())), ms(0.0)),
    );
}

/// A number that counts is as wide as any of as many digits: what stands beside it never shakes. In `Inter` Bold a 4 is a
/// tenth of a px narrower than all others at this size; nothing else differs.
#[test]
fn a_count_keeps_its_width() {
    let mut painter = sources::Painter::new(fonts().0.clone());
    let formats = [
        NumberFormat {
            decimals: Some(2),
            prefix: "$".into(),
            ..NumberFormat::default()
        },
        NumberFormat {
            decimals: Some(1),
            grouping: ".".into(),
            decimal: ",".into(),
            suffix: " €".into(),
            ..NumberFormat::default()
        },
        NumberFormat {
            decimals: Some(0),
            grouping: "\u{2009}".into(),
            sign: Sign::Always,
            suffix: "%".into(),
            ..NumberFormat::default()
        },
    ];
    for (font, weight) in [
        ("Inter", 400.0),
        ("Inter", 700.0),
        ("DejaVu Sans", 400.0),
        ("DejaVu Sans", 700.0),
    ] {
        for format in &formats {
            let mut width = |value: f64| {
                let source = Source::Text(Text {
                    text: TextContent::Number(NumberText {
                        value,
                        format: format.clone(),
                    }),
                    style: TextStyle {
                        font: font.into(),
                        weight,
                        tabular: true,
                        ..style(64.0)
                    },
                    ..Text::default()
                });
                let request = sources::Request {
                    source: &source,
                    content: None,
                    width_px: None,
                    height_px: None,
                    effects: &[],
                    scale: 1.0,
                    hint: true,
                    asset: None,
                };
                painter
                    .measure(&request)
                    .expect("fonts are there")
                    .size
                    .width
            };
            let first = width(1000.0);
            for value in (1000..10_000).step_by(7) {
                let is = width(f64::from(value) + f64::from(value % 97) / 97.0 * 0.9);
                assert!(
                    (is - first).abs() < 0.5,
                    "{font} {weight} {format:?}: {value} is {is}, not {first}"
                );
            }
        }
    }
}

/// A number that counts up shows what its value is at that time, and is painted only when its words change.
#[test]
fn a_number_counts_up() {
    let number = |value| Text {
        text: TextContent::Number(NumberText {
            value,
            format: NumberFormat {
                decimals: Some(1),
                ..NumberFormat::default()
            },
        }),
        ..words("", 30.0)
    };
    let still = |value| {
        let scene = scene_of(
            128,
            72,
            vec![layer("n", [4.0, 4.0], None, Source::Text(number(value)))],
        );
        picture(&mut stage(&scene), ms(0.0))
    };
    let mut scene = scene_of(
        128,
        72,
        vec![layer("n", [4.0, 4.0], None, Source::Text(number(0.0)))],
    );
    let values = [Value::Number(0.0), Value::Number(100.0)];
    let count = crate::build::animation("count", "n", &Property::SourceValue, values, 1000.0);
    scene.animations.push(count.into());
    let mut stage = stage(&scene);
    for (t, value) in [
        (250.0, 25.0),
        (251.0, 25.1),
        (1000.0, 100.0),
        (5000.0, 100.0),
    ] {
        let is = picture(&mut stage, ms(t));
        assert!(is.data() == still(value).data(), "{t} ms");
    }
}
