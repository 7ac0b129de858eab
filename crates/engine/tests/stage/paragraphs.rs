//! Paragraphs of many scripts as reference pictures: where their lines break, and where they are cut.

use crate::build::{ms, picture, scene_of};
use crate::letters::{boxed, golden, stage, words};
use scene::{Align, Flow, Layer, Overflow, Text, TextFit, TextStyle, VerticalAlign, Wrap};

fn plates(size: [f64; 2], texts: Vec<Text>) -> Vec<Layer> {
    let all = texts.into_iter().zip(0..).flat_map(|(text, i)| {
        let (x, y) = (f64::from(i % 2), f64::from(i / 2));
        let at = [20.0 + x * (size[0] + 32.0), 16.0 + y * (size[1] + 28.0)];
        boxed(&format!("{i}"), at, size, text)
    });
    all.collect()
}

fn written(font: &str, text: &str, size_px: f64) -> Text {
    let plain = words(text, size_px);
    Text {
        align: Align::Start,
        style: TextStyle {
            font: font.into(),
            ..plain.style
        },
        ..plain
    }
}

/// Four plates. Thai, broken between words although there are no spaces. Japanese: no line begins with a comma, a stop, a
/// closing bracket or a small kana, and none ends with an opening bracket; 12.45 ETH stays whole. Arabic from the right,
/// with a Latin word and numbers that read from the left. Hindi, whose letters hang from a line and form clusters.
#[test]
fn paragraphs() {
    let texts = vec![
        written(
            "Noto Sans Thai",
            "การประมูลภาพวาดสีน้ำมันชิ้นที่เจ็ดกำลังจะเริ่มขึ้นในอีกไม่กี่นาทีข้างหน้า ราคาปัจจุบัน 12.45 ETH",
            22.0,
        ),
        written(
            "IPAexGothic",
            "まもなく、第七号の「海辺の夕焼け」（油彩）の競売が始まります。ちょっと待って！現在の価格は12.45 ETHです。",
            22.0,
        ),
        written(
            "Noto Sans Arabic",
            "يبدأ المزاد خلال دقائق. السعر الحالي 12.45 ETH وينتهي العرض بعد 04:59.",
            22.0,
        ),
        written(
            "Noto Sans Devanagari",
            "सातवीं कलाकृति की नीलामी कुछ ही मिनटों में शुरू होगी। वर्तमान बोली १२.४५ ETH है, प्रतीक्षा करें।",
            22.0,
        ),
    ];
    let layers = plates([272.0, 124.0], texts);
    golden(
        "text_paragraphs",
        &picture(&mut stage(&scene_of(616, 308, layers)), ms(0.0)),
    );
}

/// Six plates whose words are cut with dots: Hebrew and Arabic, whose dots are on the left; Thai after its second line;
/// a row of families, flags and keycaps, none of which is torn; letters with accents of their own; and a German word with
/// soft hyphens, one of which is seen where its line breaks.
#[test]
fn cut_words() {
    let cut = |max_lines, wrap, text: Text| Text {
        flow: Flow {
            max_lines: Some(max_lines),
            overflow: Overflow::Ellipsis,
            wrap,
            ..Flow::default()
        },
        ..text
    };
    let families = "👩\u{200d}👩\u{200d}👧\u{200d}👦🇩🇪👍🏽1\u{fe0f}\u{20e3}".repeat(4);
    let accents = "a\u{308}\u{323}e\u{301}\u{332}o\u{302}\u{323}".repeat(9);
    let texts = vec![
        cut(
            2,
            Wrap::Word,
            written(
                "Noto Sans Hebrew",
                "המכירה הפומבית של הפריט השביעי תתחיל בעוד דקות ספורות, בשעה 20:30.",
                22.0,
            ),
        ),
        cut(
            1,
            Wrap::None,
            written(
                "Noto Sans Arabic",
                "يبدأ المزاد على اللوحة السابعة خلال دقائق قليلة",
                22.0,
            ),
        ),
        cut(
            2,
            Wrap::Word,
            written(
                "Noto Sans Thai",
                "ขอเชิญทุกท่านร่วมชมการถ่ายทอดสดจากกรุงเทพมหานครในค่ำคืนนี้ตลอดคืน",
                17.0,
            ),
        ),
        cut(1, Wrap::None, written("Inter", &families, 22.0)),
        cut(1, Wrap::None, written("Inter", &accents, 22.0)),
        cut(
            3,
            Wrap::Word,
            written(
                "Inter",
                "Donau\u{ad}dampf\u{ad}schiff\u{ad}fahrts\u{ad}gesellschafts\u{ad}kapitäns\u{ad}mütze",
                22.0,
            ),
        ),
    ];
    let layers = plates([204.0, 60.0], texts);
    golden(
        "text_cut",
        &picture(&mut stage(&scene_of(480, 276, layers)), ms(0.0)),
    );
}

/// Four plates that are filled by words which were asked for in 12 px: one word by its width, one by its height, a sentence
/// on two lines, and a sentence on as many lines as the plate lets it have.
#[test]
fn filling_words() {
    let filled = |text, max_lines, size_px| Text {
        align: Align::Center,
        flow: Flow {
            fit: TextFit::Fill,
            vertical_align: VerticalAlign::Middle,
            max_lines,
            ..Flow::default()
        },
        ..words(text, size_px)
    };
    let sentence = "The hammer falls on the seventh lot of the evening sale.";
    let texts = vec![
        filled("Congratulations!", None, 12.0),
        filled("Sold", None, 12.0),
        filled(sentence, Some(2), 12.0),
        filled(sentence, None, 12.0),
    ];
    let layers = plates([232.0, 88.0], texts);
    golden(
        "text_filled",
        &picture(&mut stage(&scene_of(536, 236, layers)), ms(0.0)),
    );
}
