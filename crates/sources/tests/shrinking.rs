//! Pictures painted smaller, against the formula of Lanczos in floats.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use media::Surface;
use scene::{Fit, Image, Source};
use sources::{Asset, Fonts, Painter, Quality, Request};

const FROM: u32 = 512;

/// Rings that get finer towards the edge, up to a period of two pixels.
fn zone_plate(x: u32, y: u32) -> [u8; 4] {
    let half = f64::from(FROM) / 2.0;
    let (dx, dy) = (f64::from(x) + 0.5 - half, f64::from(y) + 0.5 - half);
    let phase = (dx * dx + dy * dy) * std::f64::consts::PI / (2.0 * f64::from(FROM));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 255"
    )]
    let v = (127.5 + 127.0 * phase.cos()).round() as u8;
    [v, v, v, 255]
}

/// Thin strokes, as of letters, on nothing; premultiplied.
fn strokes(x: u32, y: u32) -> [u8; 4] {
    let on = x % 37 < 3 || y % 53 < 4 || (x + y) % 71 < 3;
    if on { [230, 180, 40, 255] } else { [0; 4] }
}

fn source_of(pixel: fn(u32, u32) -> [u8; 4]) -> Surface {
    let mut surface = Surface::new(FROM, FROM);
    for (i, px) in (0..).zip(surface.data_mut().chunks_exact_mut(4)) {
        px.copy_from_slice(&pixel(i % FROM, i / FROM));
    }
    surface
}

/// What each of `to` pixels takes of each of [`FROM`].
fn weights(to: u32) -> Vec<Vec<f64>> {
    let sinc = |x: f64| {
        let t = x * std::f64::consts::PI;
        if x.abs() < 1e-12 { 1.0 } else { t.sin() / t }
    };
    let step = f64::from(FROM) / f64::from(to);
    let row = |i: u32| {
        let center = (f64::from(i) + 0.5) * step;
        let weight = |j: u32| {
            let x = (f64::from(j) + 0.5 - center) / step;
            if x.abs() < 3.0 {
                sinc(x) * sinc(x / 3.0)
            } else {
                0.0
            }
        };
        let row: Vec<f64> = (0..FROM).map(weight).collect();
        let sum: f64 = row.iter().sum();
        row.into_iter().map(|w| w / sum).collect()
    };
    (0..to).map(row).collect()
}

fn ideal(from: &Surface, to: u32) -> Vec<[f64; 4]> {
    let weights = weights(to);
    let n = FROM as usize;
    let px = from.data().as_chunks::<4>().0;
    let columns: Vec<Vec<[f64; 4]>> = weights
        .iter()
        .map(|w| {
            let sum = |x: usize| {
                std::array::from_fn(|c| (0..n).map(|y| w[y] * f64::from(px[y * n + x][c])).sum())
            };
            (0..n).map(sum).collect()
        })
        .collect();
    let across = |row: &Vec<[f64; 4]>, w: &Vec<f64>| -> [f64; 4] {
        std::array::from_fn(|c| {
            let sum: f64 = row.iter().zip(w).map(|(px, w)| px[c] * w).sum();
            sum.clamp(0.0, 255.0)
        })
    };
    let rows = columns
        .iter()
        .flat_map(|row| weights.iter().map(move |w| across(row, w)));
    // Colour stays below alpha.
    rows.map(|px| px.map(|c| c.min(px[3]))).collect()
}

fn shrunk(from: &Surface, to: u32, quality: Quality) -> Surface {
    let source = Source::Image(Image {
        fit: Fit::Fill,
        ..Image::default()
    });
    let asset = Asset::from_surface(from.clone());
    let side = Some(f64::from(to));
    let request = Request {
        source: &source,
        content: None,
        width_px: side,
        height_px: side,
        effects: &[],
        scale: 1.0,
        hint: false,
        asset: Some(&asset),
    };
    let mut painter = Painter::new(Fonts::new([] as [Vec<u8>; 0])).with_quality(quality);
    let raster = painter.paint(&request).unwrap();
    (*raster.surface).clone()
}

fn psnr(a: &Surface, b: &[[f64; 4]]) -> f64 {
    let pairs = a.data().as_chunks::<4>().0.iter().zip(b);
    let squares =
        pairs.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).powi(2)));
    let mean = squares.sum::<f64>() / (b.len() * 4) as f64;
    10.0 * (255.0_f64.powi(2) / mean.max(1e-12)).log10()
}

/// Pillow's LANCZOS is 57 dB from the formula for the plate at a quarter; rounding to 8 bits alone costs 59. Strokes on
/// nothing overshoot between the two passes, where 8 bits cut them off, as they do in Pillow.
#[test]
fn high_quality_is_lanczos_and_the_others_are_cheaper_and_further_off() {
    for (name, pixel, least, ahead) in [
        ("plate", zone_plate as fn(u32, u32) -> _, 44.0, 10.0),
        ("strokes", strokes, 36.0, 3.0),
    ] {
        let from = source_of(pixel);
        for to in [384, 128, 100, 37] {
            let ideal = ideal(&from, to);
            let by = |quality| psnr(&shrunk(&from, to, quality), &ideal);
            let [low, medium, high] = [Quality::Low, Quality::Medium, Quality::High].map(by);
            assert!(high > least, "{name} to {to}: {high} dB");
            assert!(
                high > low + ahead && high > medium + ahead,
                "{name} to {to}: {low}, {medium}, {high}"
            );
        }
    }
}
