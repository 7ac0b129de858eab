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
const KNOWN: [(&str, &str, &str); 2] = [
    (TEXTS[22], "Inter 400 16 px", FORGIVES),
    (TEXTS[8], "DejaVu Sans 700 19 px", FORGIVES),
];
const FORGIVES: &str = "a line that is wider than its box by less than 1/64 px fits in Chromium";

/// Paragraphs by the font they are written in, of the packages `fonts-noto-core`, `fonts-ipaexfont-gothic` and
/// `fonts-wqy-microhei`: scripts without spaces, which take a dictionary; those with rules of their own about what may
/// begin or end a line; those that are read from the right; those whose letters join or move.
const SCRIPTS: [(&str, &str, &[&str]); 15] = [
    (
        "Noto Sans Thai",
        "truetype/noto/NotoSansThai-Regular.ttf",
        &[
            "การประมูลภาพวาดสีน้ำมันชิ้นที่เจ็ดกำลังจะเริ่มขึ้นในอีกไม่กี่นาทีข้างหน้า",
            "ราคาปัจจุบันอยู่ที่ 12.45 ETH และยังมีผู้เสนอราคาเพิ่มขึ้นเรื่อย ๆ",
            "ขอเชิญทุกท่านร่วมชมการถ่ายทอดสดจากกรุงเทพมหานครในค่ำคืนนี้",
        ],
    ),
    (
        "Noto Sans Lao",
        "truetype/noto/NotoSansLao-Regular.ttf",
        &[
            "ຍິນດີຕ້ອນຮັບທຸກທ່ານເຂົ້າສູ່ການປະມູນຮູບພາບໃນຄ່ຳຄືນນີ້",
            "ພາສາລາວເປັນພາສາທາງການຂອງສາທາລະນະລັດປະຊາທິປະໄຕປະຊາຊົນລາວ",
        ],
    ),
    (
        "Noto Sans Khmer",
        "truetype/noto/NotoSansKhmer-Regular.ttf",
        &[
            "សូមស្វាគមន៍មកកាន់ការដេញថ្លៃរូបភាពនៅយប់នេះ",
            "ភាសាខ្មែរគឺជាភាសាផ្លូវការរបស់ព្រះរាជាណាចក្រកម្ពុជា",
        ],
    ),
    (
        "Noto Sans Myanmar",
        "truetype/noto/NotoSansMyanmar-Regular.ttf",
        &[
            "မြန်မာဘာသာစကားသည် မြန်မာနိုင်ငံ၏ ရုံးသုံးဘာသာစကားဖြစ်သည်။",
            "ယနေ့ညတွင် ပန်းချီကားများကို လေလံတင်ရောင်းချပါမည်။",
        ],
    ),
    (
        "IPAexGothic",
        "opentype/ipaexfont-gothic/ipaexg.ttf",
        &[
            "まもなく、第七号の「海辺の夕焼け」（油彩・一八九三年）の競売が始まります。",
            "現在の価格は12.45 ETHです。キャッチフレーズは、ちょっと待って！ショーはこれからだ。",
            "東京都は、日本の首都。人口は約1,400万人……世界最大級の都市である。",
        ],
    ),
    (
        "WenQuanYi Micro Hei",
        "truetype/wqy/wqy-microhei.ttc",
        &[
            "第七号拍品“海湾日落”（布面油画，1893年）即将开始竞拍，请各位来宾就座。",
            "当前出价：12.45 ETH；距离结束还有04:59。《星月夜》——梵高的代表作之一。",
            "경매가 곧 시작됩니다. 일곱 번째 작품은 \u{201c}바다의 노을\u{201d}(유화, 1893년)입니다.",
        ],
    ),
    (
        "Noto Sans Arabic",
        "truetype/noto/NotoSansArabic-Regular.ttf",
        &[
            "يبدأ المزاد على اللوحة السابعة خلال دقائق قليلة، فتابعونا على الهواء مباشرة.",
            "السعر الحالي 12.45 ETH وينتهي العرض بعد 04:59 دقيقة (تقريبًا).",
        ],
    ),
    (
        "Noto Sans Hebrew",
        "truetype/noto/NotoSansHebrew-Regular.ttf",
        &[
            "המכירה הפומבית של הפריט השביעי תתחיל בעוד דקות ספורות.",
            "ההצעה הנוכחית היא 12.45 ETH, והיא נסגרת בשעה 20:30.",
        ],
    ),
    (
        "Noto Sans Devanagari",
        "truetype/noto/NotoSansDevanagari-Regular.ttf",
        &[
            "सातवीं कलाकृति की नीलामी कुछ ही मिनटों में शुरू होने वाली है।",
            "वर्तमान बोली १२.४५ ETH है; कृपया प्रतीक्षा करें, क्षत्रिय और विद्यार्थी।",
        ],
    ),
    (
        "Noto Sans Bengali",
        "truetype/noto/NotoSansBengali-Regular.ttf",
        &["সপ্তম শিল্পকর্মের নিলাম কয়েক মিনিটের মধ্যেই শুরু হতে যাচ্ছে।"],
    ),
    (
        "Noto Sans Tamil",
        "truetype/noto/NotoSansTamil-Regular.ttf",
        &["ஏழாவது ஓவியத்தின் ஏலம் இன்னும் சில நிமிடங்களில் தொடங்கும்."],
    ),
    (
        "Noto Sans Georgian",
        "truetype/noto/NotoSansGeorgian-Regular.ttf",
        &["მეშვიდე ნახატის აუქციონი რამდენიმე წუთში დაიწყება."],
    ),
    (
        "Noto Sans Armenian",
        "truetype/noto/NotoSansArmenian-Regular.ttf",
        &["Յոթերորդ նկարի աճուրդը կսկսվի մի քանի րոպեից։"],
    ),
    (
        "Noto Sans Ethiopic",
        "truetype/noto/NotoSansEthiopic-Regular.ttf",
        &["የሰባተኛው ሥዕል ጨረታ በጥቂት ደቂቃዎች ውስጥ ይጀምራል።"],
    ),
    (
        "Noto Sans",
        "truetype/noto/NotoSans-Regular.ttf",
        &["Phiên đấu giá bức tranh thứ bảy sẽ bắt đầu trong vài phút nữa."],
    ),
];

/// What of [`SCRIPTS`] differs.
const KNOWN_SCRIPTS: [(&str, &str, &str); 8] = [
    (SCRIPTS[1].2[0], "Noto Sans Lao 400 22 px", DICTIONARY),
    (SCRIPTS[2].2[0], "Noto Sans Khmer 400 18 px", DICTIONARY),
    (SCRIPTS[2].2[0], "Noto Sans Khmer 400 22 px", DICTIONARY),
    (SCRIPTS[2].2[0], "Noto Sans Khmer 400 20 px", DICTIONARY),
    (SCRIPTS[2].2[1], "Noto Sans Khmer 400 18 px", DICTIONARY),
    (SCRIPTS[2].2[1], "Noto Sans Khmer 400 20 px", DICTIONARY),
    (
        SCRIPTS[3].2[1],
        "Noto Sans Myanmar 400 18 px",
        "its last line is 11 px wider there than the same words on a longer line",
    ),
    (
        SCRIPTS[5].2[0],
        "WenQuanYi Micro Hei 400 27 px",
        "Unicode's newer rules let a line break before a quotation mark between ideographs",
    ),
];
const DICTIONARY: &str = "its dictionary knows other words, and longest ones count otherwise";

/// Size and width of the box, px.
const SCRIPT_SETTINGS: [(f64, f64); 4] =
    [(18.0, 130.0), (22.0, 215.0), (27.0, 330.0), (20.0, 171.0)];

#[derive(Debug, PartialEq)]
struct Line {
    words: String,
    width_px: f64,
}

fn fonts<'n>(names: impl IntoIterator<Item = &'n str>) -> Fonts {
    let read = |name: &str| {
        let path = format!("/usr/share/fonts/{name}");
        std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}; install its package"))
    };
    Fonts::new(names.into_iter().map(read))
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

/// A text as both sides set it.
struct Case {
    text: &'static str,
    style: TextStyle,
    width_px: f64,
}

impl Case {
    fn name(&self) -> String {
        let TextStyle {
            font,
            weight,
            size_px,
            ..
        } = &self.style;
        format!("{font} {weight} {size_px} px, {} px wide", self.width_px)
    }

    /// For the browser; `also` is the family for what the first one lacks. Small kana begin no line, and brackets side by
    /// side keep their widths.
    fn css(&self, also: &str) -> String {
        let Self {
            text,
            style,
            width_px,
        } = self;
        let TextStyle {
            font,
            weight,
            size_px,
            letter_spacing_px,
            word_spacing_px,
            ..
        } = style;
        format!(
            "[{text:?}, 'position: absolute; white-space: pre-wrap; overflow-wrap: break-word; tab-size: 0; \
             unicode-bidi: plaintext; line-break: strict; text-spacing-trim: space-all; text-rendering: geometricPrecision; font: {weight} {size_px}px \"{font}\", \
             \"{also}\"; width: {width_px}px; letter-spacing: {letter_spacing_px}px; \
             word-spacing: {word_spacing_px}px']"
        )
    }

    fn ours(&self, painter: &mut Painter) -> Vec<Line> {
        let source = Source::Text(Text {
            text: self.text.into(),
            style: self.style.clone(),
            ..Text::default()
        });
        let request = Request {
            source: &source,
            content: None,
            width_px: Some(self.width_px),
            height_px: None,
            effects: &[],
            scale: 1.0,
            hint: true,
            asset: None,
        };
        let lines = painter.lines(&request).unwrap().into_iter();
        let line = lines.map(|line| Line {
            words: self.text[line.bytes].trim_end().to_owned(),
            width_px: line.width_px,
        });
        line.collect()
    }
}

/// Sets all cases on both sides; those in `known` must differ, and no others.
fn compare(fonts: Fonts, cases: &[Case], also: &str, known: &[(&str, &str, &str)]) {
    let mut painter = Painter::new(fonts);
    let ours: Vec<_> = cases.iter().map(|case| case.ours(&mut painter)).collect();
    let css: Vec<_> = cases.iter().map(|case| case.css(also)).collect();
    let theirs = browser(&css);
    assert_eq!(theirs.len(), ours.len());
    let (mut report, mut differing) = (String::new(), Vec::new());
    for ((is, wanted), case) in ours.iter().zip(&theirs).zip(cases) {
        let same = is.len() == wanted.len()
            && is.iter().zip(wanted).all(|(is, wanted)| {
                let off = (is.width_px - wanted.width_px).abs();
                is.words == wanted.words && off <= TOLERANCE_PX.max(TOLERANCE * wanted.width_px)
            });
        let (text, name) = (case.text, case.name());
        let mut known = known.iter();
        let known = known.position(|(of, begins, _)| *of == text && name.starts_with(begins));
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
    for (i, (text, _, why)) in known.iter().enumerate() {
        assert!(
            differing.contains(&i),
            "{text:?} is as in the browser now; it was not, because {why}"
        );
    }
}

/// In 30 texts, three fonts, and four settings each, lines break where Chromium breaks them and are as wide.
#[test]
fn lines_break_where_a_browser_breaks_them() {
    let mut cases = Vec::new();
    for text in TEXTS {
        for (font, _) in FONTS {
            for (size_px, weight, width_px, letter_spacing_px, word_spacing_px) in SETTINGS {
                let style = TextStyle {
                    font: font.into(),
                    size_px,
                    weight: f64::from(weight),
                    letter_spacing_px,
                    word_spacing_px,
                    ..TextStyle::default()
                };
                cases.push(Case {
                    text,
                    style,
                    width_px,
                });
            }
        }
    }
    let files = FONTS.iter().flat_map(|(_, files)| *files);
    compare(fonts(files), &cases, "Inter", &KNOWN);
}

/// In 26 paragraphs of 15 scripts and languages, in four widths each, lines break where Chromium breaks them and are as
/// wide.
#[test]
fn scripts_break_where_a_browser_breaks_them() {
    let mut cases = Vec::new();
    for (font, _, texts) in SCRIPTS {
        for text in texts {
            for (size_px, width_px) in SCRIPT_SETTINGS {
                let style = TextStyle {
                    font: font.into(),
                    size_px,
                    ..TextStyle::default()
                };
                cases.push(Case {
                    text,
                    style,
                    width_px,
                });
            }
        }
    }
    let files = SCRIPTS.iter().map(|(_, file, _)| *file);
    compare(fonts(files), &cases, "Noto Sans", &KNOWN_SCRIPTS);
}
