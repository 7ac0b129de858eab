//! What programs for an HTML canvas draw, as a reference picture.

use crate::build::{
    Shelf, golden_with_text, layer, ms, picture, png, rgba, scene, scene_of, stage, stage_with,
};
use engine::{Notice, Stage};
use media::Surface;
use scene::{
    CanvasFont, Cap, Drawing, DrawnImage, FillRule, Ink, InkForm, InkGradient, InkPattern,
    Operation as Op, Outline, Smoothing, Source, TextAlign, TextBaseline, Words,
};
use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

fn ink(hex: u32) -> Ink {
    Ink::Color(rgba(hex))
}

fn gradient(form: InkForm, stops: &[(f64, u32)]) -> Ink {
    let stops = stops.iter().map(|(at, hex)| (*at, rgba(*hex))).collect();
    Ink::Gradient(Box::new(InkGradient { form, stops }))
}

fn font(css: &str) -> Op {
    Op::Font(Box::new(CanvasFont::new(css).expect("a font")))
}

fn words(text: &str, at: [f64; 2]) -> Words {
    Words {
        text: text.into(),
        at,
        max_width: None,
    }
}

/// A card that casts a soft shadow, with a ring of three quarters around a percentage, a line of prices over a fading area
/// that is cut to a rounded box, and a title whose letters fade from white to blue; a turned badge with outlined letters
/// hangs over the corner.
#[test]
fn drawing() {
    let card = [12.0, 12.0, 216.0, 120.0];
    let mut operations = vec![
        Op::Save,
        Op::ShadowColor(rgba(0x0000_00b0)),
        Op::ShadowBlur(12.0),
        Op::ShadowOffsetY(4.0),
        Op::FillStyle(gradient(
            InkForm::Linear([12.0, 12.0, 12.0, 132.0]),
            &[(0.0, 0x2c3e_70ff), (1.0, 0x1826_4aff)],
        )),
        Op::BeginPath,
        Op::RoundRect(card, [14.0; 4]),
        Op::Fill(FillRule::NonZero),
        Op::Restore,
        // The ring.
        Op::LineWidth(9.0),
        Op::LineCap(Cap::Round),
        Op::StrokeStyle(ink(0xffff_ff28)),
        Op::BeginPath,
        Op::Arc([58.0, 84.0, 30.0, 0.0, 7.0], false),
        Op::Stroke,
        Op::StrokeStyle(gradient(
            InkForm::Conic([-1.6, 58.0, 84.0]),
            &[(0.0, 0x30d0_c0ff), (0.75, 0x50a0_ffff), (1.0, 0x30d0_c0ff)],
        )),
        Op::BeginPath,
        Op::Arc([58.0, 84.0, 30.0, -FRAC_PI_2, PI], false),
        Op::Stroke,
        Op::FillStyle(ink(0xffff_ffff)),
        font("16px 'DejaVu Sans'"),
        Op::TextAlign(TextAlign::Center),
        Op::TextBaseline(TextBaseline::Middle),
        Op::FillText(words("75%", [58.0, 84.0])),
        // The title.
        Op::TextAlign(TextAlign::Left),
        Op::TextBaseline(TextBaseline::Alphabetic),
        font("20px 'DejaVu Sans'"),
        Op::FillStyle(gradient(
            InkForm::Linear([24.0, 0.0, 150.0, 0.0]),
            &[(0.0, 0xffff_ffff), (1.0, 0x80b0_ffff)],
        )),
        Op::FillText(words("12.45 ETH", [24.0, 40.0])),
        // The prices.
        Op::Save,
        Op::BeginPath,
        Op::RoundRect([108.0, 56.0, 108.0, 64.0], [8.0; 4]),
        Op::Clip(FillRule::NonZero),
        Op::FillStyle(ink(0xffff_ff10)),
        Op::FillRect([108.0, 56.0, 108.0, 64.0]),
        Op::BeginPath,
    ];
    let line = [92.0, 100.0, 84.0, 90.0, 70.0, 78.0, 64.0];
    let points = (0_u8..).map(|i| 108.0 + 18.0 * f64::from(i)).zip(line);
    operations.extend(points.clone().map(|(x, y)| Op::LineTo([x, y])));
    operations.extend([
        Op::LineTo([216.0, 120.0]),
        Op::LineTo([108.0, 120.0]),
        Op::FillStyle(gradient(
            InkForm::Linear([0.0, 60.0, 0.0, 120.0]),
            &[(0.0, 0x30d0_c0a0), (1.0, 0x30d0_c000)],
        )),
        Op::Fill(FillRule::NonZero),
        Op::BeginPath,
    ]);
    operations.extend(points.map(|(x, y)| Op::LineTo([x, y])));
    operations.extend([
        Op::LineWidth(2.0),
        Op::StrokeStyle(ink(0x30d0_c0ff)),
        Op::Stroke,
        Op::Restore,
        // The badge.
        Op::Translate([206.0, 26.0]),
        Op::Rotate(0.3),
        Op::FillStyle(ink(0xe840_60ff)),
        Op::BeginPath,
        Op::RoundRect([-30.0, -12.0, 60.0, 24.0], [12.0; 4]),
        Op::Fill(FillRule::NonZero),
        Op::GlobalCompositeOperation(media::BlendMode::Normal),
        font("15px 'DejaVu Sans'"),
        Op::TextAlign(TextAlign::Center),
        Op::TextBaseline(TextBaseline::Middle),
        Op::LineWidth(1.0),
        Op::StrokeStyle(ink(0xffff_ffff)),
        Op::StrokeText(words("LIVE", [0.0, 0.0])),
    ]);
    let drawing = Source::Drawing(Drawing::new(operations.into()));
    let scene = scene_of(
        256,
        148,
        vec![layer("card", [0.0, 0.0], [256.0, 148.0], drawing)],
    );
    golden_with_text("drawing", &mut stage(&scene), 0.0);
}

/// A landscape of 96x64 px: a sun over two ridges and a lake with a path of light.
fn landscape() -> Vec<u8> {
    let mix = |from: u32, to: u32, part: f64| {
        let part = part.clamp(0.0, 1.0);
        from.to_be_bytes()
            .iter()
            .zip(to.to_be_bytes())
            .fold(0, |all, (from, to)| {
                let (from, to) = (f64::from(*from), f64::from(to));
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between two bytes"
                )]
                let byte = (from + (to - from) * part).round() as u32;
                all << 8 | byte
            })
    };
    png(96, 64, |x, y| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let far = 26.0 + (x - 60.0).abs() * 0.22 - libm::sin(x * 0.35) * 2.0;
        let near = 36.0 - libm::sin(x * 0.06 + 0.6) * 7.0 + libm::sin(x * 0.4) * 0.8;
        let (dx, dy) = (x - 66.0, y - 16.0);
        let sun = (dx * dx + dy * dy).sqrt();
        let sky = mix(0x2b3a_6bff, 0xf7b2_7aff, y / 40.0);
        let sky = mix(
            0xfff3_c8ff,
            sky,
            ((sun - 7.0) / 1.2).clamp(0.0, 1.0) * (0.75 + sun / 120.0).min(1.0),
        );
        if y > 46.0 {
            let glint =
                (x - 66.0).abs() < 5.0 + (y - 46.0) * 0.5 && libm::sin(y * 1.9 + x * 0.1) > 0.1;
            let lake = mix(0x8a6f_84ff, 0x1f2c_55ff, (y - 46.0) / 16.0);
            if glint {
                mix(lake, 0xffe0_a8ff, 0.75)
            } else {
                lake
            }
        } else if y > near {
            mix(0x2f4a_52ff, 0x1a2b_38ff, (y - near) / 12.0)
        } else if y > far {
            mix(0x6a5a_86ff, 0x4b4a_74ff, (y - far) / 14.0)
        } else {
            sky
        }
    })
}

/// A tile of 12x12 px: a dot in the middle and a quarter of one in each corner, on blue.
fn dots() -> Vec<u8> {
    png(12, 12, |x, y| {
        let near = |cx: f64, cy: f64| {
            let (dx, dy) = (f64::from(x) + 0.5 - cx, f64::from(y) + 0.5 - cy);
            (dx * dx + dy * dy).sqrt() < 2.6
        };
        let corners = [
            (0.0, 0.0),
            (12.0, 0.0),
            (0.0, 12.0),
            (12.0, 12.0),
            (6.0, 6.0),
        ];
        if corners.iter().any(|(cx, cy)| near(*cx, *cy)) {
            0xffd1_66ff
        } else {
            0x2a4d_8fff
        }
    })
}

fn drawn(image: &str, part: Option<[f64; 4]>, [x, y, width, height]: [f64; 4]) -> Op {
    Op::DrawImage(Box::new(DrawnImage {
        image: image.into(),
        part,
        at: [x, y],
        size: Some([width, height]),
    }))
}

fn pattern(image: &str, repeats: [bool; 2], transform: [f64; 6]) -> Ink {
    Ink::Pattern(Box::new(InkPattern {
        image: image.into(),
        repeats,
        transform,
    }))
}

fn shelf() -> Arc<Shelf> {
    Shelf::with(&[("view.png", &landscape()), ("dots.png", &dots())])
}

fn drawing_of(operations: Vec<Op>) -> Source {
    Source::Drawing(Drawing::new(operations.into()))
}

/// One landscape, drawn again and again: large and smooth in a rounded frame with a soft shadow; its sun cut out and some three
/// times as large, its pixels left square; small and turned like a photograph with a white rim and a shadow; and fading out as a
/// narrow strip below.
#[test]
fn drawn_images() {
    let mut operations = vec![
        Op::FillStyle(ink(0xe9e4_daff)),
        Op::FillRect([0.0, 0.0, 288.0, 176.0]),
        // The large one.
        Op::Save,
        Op::ShadowColor(rgba(0x2020_3090)),
        Op::ShadowBlur(10.0),
        Op::ShadowOffsetY(4.0),
        Op::FillStyle(ink(0xffff_ffff)),
        Op::BeginPath,
        Op::RoundRect([12.0, 12.0, 156.0, 104.0], [10.0; 4]),
        Op::Fill(FillRule::NonZero),
        Op::Restore,
        Op::Save,
        Op::BeginPath,
        Op::RoundRect([12.0, 12.0, 156.0, 104.0], [10.0; 4]),
        Op::Clip(FillRule::NonZero),
        Op::ImageSmoothingQuality(Smoothing::High),
        drawn("view.png", None, [12.0, 12.0, 156.0, 104.0]),
        Op::Restore,
        // The sun.
        Op::ImageSmoothingEnabled(false),
        drawn(
            "view.png",
            Some([54.0, 4.0, 24.0, 24.0]),
            [188.0, 12.0, 84.0, 84.0],
        ),
        Op::ImageSmoothingEnabled(true),
        // The photograph.
        Op::Save,
        Op::Translate([224.0, 126.0]),
        Op::Rotate(-0.16),
        Op::ShadowColor(rgba(0x2020_30a0)),
        Op::ShadowBlur(8.0),
        Op::ShadowOffsetX(2.0),
        Op::ShadowOffsetY(4.0),
        Op::FillStyle(ink(0xffff_ffff)),
        Op::FillRect([-42.0, -30.0, 84.0, 62.0]),
        Op::ShadowColor(rgba(0)),
        drawn("view.png", None, [-38.0, -26.0, 76.0, 50.0]),
        Op::Restore,
    ];
    // The strip.
    for (i, alpha) in [1.0, 0.8, 0.6, 0.4, 0.2].into_iter().enumerate() {
        let x = 12.0 + 32.0 * f64::from(u32::try_from(i).unwrap_or(0));
        operations.push(Op::GlobalAlpha(alpha));
        operations.push(drawn(
            "view.png",
            None,
            [x, 134.0, 28.0, 28.0 * 64.0 / 96.0],
        ));
    }
    let scene = scene_of(
        288,
        176,
        vec![layer(
            "images",
            [0.0, 0.0],
            [288.0, 176.0],
            drawing_of(operations),
        )],
    );
    golden_with_text("drawn_images", &mut stage_with(&scene, shelf()), 0.0);
}

/// A tile of dots, repeated: over a card; turned and larger in a disc; along the stroke of a heart; inside of letters; in
/// one row and in one column; and, not repeated at all, once.
#[test]
fn drawn_patterns() {
    let all = [true; 2];
    let as_is = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let heart = "M36 62 C-6 34 6 2 36 20 C66 2 78 34 36 62 Z";
    let (sin, cos) = (0.5, 0.75_f64.sqrt());
    let operations = vec![
        Op::FillStyle(ink(0xf6f1_e7ff)),
        Op::FillRect([0.0, 0.0, 288.0, 160.0]),
        // The card.
        Op::Translate([12.0, 12.0]),
        Op::FillStyle(pattern("dots.png", all, as_is)),
        Op::BeginPath,
        Op::RoundRect([0.0, 0.0, 72.0, 60.0], [8.0; 4]),
        Op::Fill(FillRule::NonZero),
        // The disc.
        Op::SetTransform([1.0, 0.0, 0.0, 1.0, 136.0, 44.0]),
        Op::FillStyle(pattern(
            "dots.png",
            all,
            [2.0 * cos, 2.0 * sin, -2.0 * sin, 2.0 * cos, 0.0, 0.0],
        )),
        Op::BeginPath,
        Op::Arc([0.0, 0.0, 34.0, 0.0, 7.0], false),
        Op::Fill(FillRule::NonZero),
        // The heart.
        Op::SetTransform([1.0, 0.0, 0.0, 1.0, 192.0, 8.0]),
        Op::StrokeStyle(pattern("dots.png", all, as_is)),
        Op::LineWidth(12.0),
        Op::StrokePath(Box::new(Outline::new(heart).expect("path data"))),
        // The letters.
        Op::ResetTransform,
        font("56px 'DejaVu Sans'"),
        Op::FillStyle(pattern("dots.png", all, [0.5, 0.0, 0.0, 0.5, 0.0, 0.0])),
        Op::FillText(words("SOLD", [10.0, 142.0])),
        // The row, the column and the single one.
        Op::SetTransform([1.0, 0.0, 0.0, 1.0, 184.0, 92.0]),
        Op::FillStyle(pattern("dots.png", [true, false], as_is)),
        Op::FillRect([0.0, 0.0, 60.0, 56.0]),
        Op::Translate([72.0, 0.0]),
        Op::FillStyle(pattern("dots.png", [false, true], as_is)),
        Op::FillRect([0.0, 0.0, 24.0, 56.0]),
        Op::Translate([-42.0, 28.0]),
        Op::FillStyle(pattern(
            "dots.png",
            [false; 2],
            [2.0, 0.0, 0.0, 2.0, 0.0, 0.0],
        )),
        Op::FillRect([0.0, 0.0, 40.0, 40.0]),
    ];
    let scene = scene_of(
        288,
        160,
        vec![layer(
            "patterns",
            [0.0, 0.0],
            [288.0, 160.0],
            drawing_of(operations),
        )],
    );
    golden_with_text("drawn_patterns", &mut stage_with(&scene, shelf()), 0.0);
}

const RED: u32 = 0xff00_00ff;
const GREEN: u32 = 0x00ff_00ff;

/// Two images side by side, each 20x20, on a layer of 60x40 at (10, 10).
fn pair() -> scene::Scene {
    let operations = vec![
        drawn("a.png", None, [0.0, 0.0, 20.0, 20.0]),
        drawn("b.png", None, [30.0, 0.0, 20.0, 20.0]),
    ];
    scene(vec![layer(
        "pair",
        [10.0, 10.0],
        [60.0, 40.0],
        drawing_of(operations),
    )])
}

fn flat(color: u32) -> Vec<u8> {
    png(4, 4, |_, _| color)
}

/// Colors in the middle of the two images of [`pair`].
fn middles(picture: &Surface) -> [[u8; 4]; 2] {
    [picture.pixel(20, 20), picture.pixel(50, 20)]
}

fn shown(stage: &mut Stage, at: f64) -> [[u8; 4]; 2] {
    middles(&picture(stage, ms(at)))
}

#[test]
fn an_image_that_cannot_be_had_leaves_the_others_as_they_are() {
    let shelf = Shelf::with(&[("a.png", &flat(RED))]);
    let mut stage = stage_with(&pair(), Arc::clone(&shelf));
    let [a, b] = shown(&mut stage, 0.0);
    assert_eq!(a, [255, 0, 0, 255]);
    // Half-transparent gray over the canvas.
    let is_gray = b[..3].iter().all(|v| (0x40..0x80).contains(v));
    assert!(is_gray, "a placeholder: {b:?}");
    let said: Vec<Notice> = stage.take_notices().collect();
    assert!(
        matches!(said.as_slice(), [Notice::AssetFailed { asset, .. }] if &**asset == "b.png"),
        "{said:?}"
    );
    // It comes.
    shelf.put("b.png", &flat(GREEN));
    stage.retry_asset("b.png");
    assert_eq!(
        shown(&mut stage, 33.0),
        [[255, 0, 0, 255], [0, 255, 0, 255]]
    );
}

#[test]
fn an_image_that_becomes_another_is_drawn_anew() {
    let shelf = Shelf::with(&[("a.png", &flat(RED)), ("b.png", &flat(GREEN))]);
    let scene = pair();
    let mut stage = stage_with(&scene, Arc::clone(&shelf));
    assert_eq!(shown(&mut stage, 0.0), [[255, 0, 0, 255], [0, 255, 0, 255]]);
    shelf.put("b.png", &flat(0x0000_ffff));
    stage.set_scene(scene, ms(33.0));
    assert_eq!(
        shown(&mut stage, 33.0),
        [[255, 0, 0, 255], [0, 0, 255, 255]]
    );
}
