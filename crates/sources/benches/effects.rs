//! `cargo bench -p sources --bench effects`: what each effect takes on a panel and on a full frame.
#![forbid(unsafe_code)]

use kurbo::Size;
use media::{Color, Surface};
use scene::{EFFECTS, Effect, EffectKind, FieldValue, Id, Takes};
use sources::Sheet;
use std::hint::black_box;
use std::sync::Arc;
use testkit::StageTable;

fn main() {
    let mut table = StageTable::new("effects");
    for (width, height) in [(640, 260), (1920, 1080)] {
        let sheet = sheet(width, height);
        let mut row = |name: &str, target: Option<f64>, kind: EffectKind| {
            let effects = [Effect::new(Id::new("e").expect("it keeps the rule"), kind)];
            let told = sources::cost_ms(&effects, (f64::from(width), f64::from(height)), 1.0);
            let name = format!("{name}, {width}x{height} (told {told:.2})");
            table.hot(&name, target, |_| {
                let changed = sheet.clone().with_effects(&effects, sources::Quality::High);
                black_box(changed.expect("it is small enough"));
            });
        };
        let target = f64::from(width * height) / 200_000.0;
        for sigma_px in [1.0, 4.0, 20.0, 60.0] {
            let name = format!("gaussian_blur {sigma_px}");
            row(&name, Some(target), EffectKind::GaussianBlur { sigma_px });
        }
        for spec in EFFECTS.iter().skip(1) {
            let mut kind = spec.fresh();
            for field in spec.fields {
                let value = match (field.name, field.takes) {
                    ("sigma_px" | "radius_px" | "size_px", Takes::Number(..)) => {
                        FieldValue::Number(12.0)
                    }
                    ("width_px" | "levels", _) => FieldValue::Number(6.0),
                    ("saturation", _) => FieldValue::Number(1.5),
                    ("radius_px", _) => FieldValue::Radii([24.0; 4]),
                    ("matrix", _) => FieldValue::Matrix([0.3; 20]),
                    _ => continue,
                };
                kind.set(field.name, value);
            }
            row(spec.word, None, kind);
        }
    }
}

/// A picture with an antialiased round card in the middle, and something to see on it.
fn sheet(width: u32, height: u32) -> Sheet {
    let mut surface = Surface::new(width, height);
    for (i, px) in (0..).zip(surface.data_mut().chunks_exact_mut(4)) {
        let (x, y) = (i % width, i / width);
        let from_edge = x.min(width - 1 - x).min(y).min(height - 1 - y);
        let alpha = from_edge.saturating_sub(10).min(4) * 255 / 4;
        let color = Color::from_rgba8([x, y, x ^ y, alpha].map(|v| v.to_le_bytes()[0]));
        px.copy_from_slice(&color.to_premultiplied_rgba8());
    }
    Sheet {
        surface: Arc::new(surface),
        left: 0,
        top: 0,
        size: Size::new(f64::from(width), f64::from(height)),
        scale: 1.0,
    }
}
