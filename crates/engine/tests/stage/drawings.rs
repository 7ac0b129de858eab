//! What programs for an HTML canvas draw, as a reference picture.

use crate::build::{golden_with_text, layer, rgba, scene_of, stage};
use scene::{
    CanvasFont, Cap, Drawing, FillRule, Ink, InkForm, InkGradient, Operation as Op, Source,
    TextAlign, TextBaseline, Words,
};
use std::f64::consts::{FRAC_PI_2, PI};

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
