//! Pictures that are drawn much smaller than they are painted.

use crate::build::{
    Shelf, animation, config, group, id, image, inside, layer, ms, picture, png, scene_of,
    stage_with,
};
use crate::effects::with;
use animation::Value;
use compositor::Compositor;
use engine::{Patience, Stage};
use media::{Resolution, Surface};
use scene::{EffectKind, Fit, Layer, Property, Scene, Transform};
use sources::Quality;
use std::sync::Arc;

/// Rings that get finer towards the edge, up to a period of two pixels: what skips pixels makes other rings of them.
fn zone_plate(side: u32) -> Vec<u8> {
    let half = f64::from(side) / 2.0;
    png(side, side, |x, y| {
        let (dx, dy) = (f64::from(x) + 0.5 - half, f64::from(y) + 0.5 - half);
        let phase = (dx * dx + dy * dy) * std::f64::consts::PI / (2.0 * f64::from(side));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 255"
        )]
        let v = (127.5 + 127.0 * phase.cos()).round() as u32;
        v << 24 | v << 16 | v << 8 | 0xff
    })
}

/// The plate, drawn at `scale` of the size it is painted in, because it is animated from 1.
fn shrunk(scale: f64) -> Scene {
    let plate = layer("plate", [0.0, 0.0], None, image("plate.png", Fit::Contain));
    let mut scene = scene_of(512, 512, vec![plate]);
    for (name, property) in [("x", Property::ScaleX), ("y", Property::ScaleY)] {
        let values = [1.0, scale].map(Value::Number);
        scene
            .animations
            .push(animation(name, "plate", &property, values, 1000.0).into());
    }
    scene
}

fn stage_of(scene: &Scene, shelf: Arc<Shelf>, quality: Quality) -> Stage {
    let size = Resolution::new(scene.canvas.width_px, scene.canvas.height_px);
    let config = engine::StageConfig {
        quality,
        ..config(size, shelf)
    };
    Stage::new(config, scene.clone())
}

fn shown(stage: &mut Stage, at: f64) -> Surface {
    let canvas = &stage.scene().canvas;
    let size = Resolution::new(canvas.width_px, canvas.height_px);
    Compositor::new(size).compose_rgba(stage.tick(ms(at)))
}

/// Peak signal to noise in dB over the first `side` pixels of both directions.
fn psnr(a: &Surface, b: &Surface, side: u32) -> f64 {
    let squares = (0..side)
        .flat_map(|y| (0..side).map(move |x| (x, y)))
        .map(|(x, y)| (f64::from(a.pixel(x, y)[1]) - f64::from(b.pixel(x, y)[1])).powi(2));
    let mean = squares.sum::<f64>() / f64::from(side * side);
    10.0 * (255.0_f64.powi(2) / mean.max(1e-9)).log10()
}

/// Against the plate that is painted in that size: without the ladder the rings that are none stand out, with it the picture
/// is as soft as between two rungs it must be.
#[test]
fn what_shrinks_on_air_is_painted_smaller() {
    let shelf = Shelf::with(&[("plate.png", &zone_plate(512))]);
    for (scale, side) in [(0.25, 128), (0.125, 64), (0.2, 100)] {
        let target = Layer {
            transform: Transform {
                scale_x: scale,
                scale_y: scale,
                ..Transform::default()
            },
            ..layer("plate", [0.0, 0.0], None, image("plate.png", Fit::Contain))
        };
        let ideal = picture(
            &mut stage_with(&scene_of(512, 512, vec![target]), Arc::clone(&shelf)),
            ms(0.0),
        );
        let by = |quality| {
            let mut stage = stage_of(&shrunk(scale), Arc::clone(&shelf), quality);
            psnr(&shown(&mut stage, 1000.0), &ideal, side)
        };
        let [low, high] = [Quality::Low, Quality::High].map(by);
        assert!(
            high > low + 6.0,
            "{scale}: {high} dB, without ladder {low} dB"
        );
        // Between two rungs the compositor's four px blur a little.
        assert!(high > 20.0, "{scale}: {high} dB");
    }
}

/// A group with effects is one picture, and shrinks as one without does: its surface is as small as its layers are painted.
#[test]
fn a_group_with_effects_shrinks_as_well() {
    let shelf = Shelf::with(&[("plate.png", &zone_plate(512))]);
    for scale in [0.25, 0.2, 0.05] {
        let by = |effects: &[EffectKind]| {
            let mut scene = shrunk(scale);
            let mut frame = group("plate", [0.0, 0.0], [512.0, 512.0]);
            frame = with(frame, effects.iter().cloned());
            let mut plate = Layer::clone(&scene.layers[0]);
            plate.id = id("inner");
            scene.layers = vec![frame.into(), inside("plate", plate).into()];
            shown(
                &mut stage_of(&scene, Arc::clone(&shelf), Quality::High),
                1000.0,
            )
        };
        // Nothing but corners are cut, by a thousandth of a px.
        let near = psnr(
            &by(&[EffectKind::CornerRadius {
                radius_px: [1e-3; 4],
            }]),
            &by(&[]),
            512,
        );
        assert!(near > 45.0, "{scale}: {near} dB");
    }
}

/// Down and up again on air: never a placeholder, never nothing.
#[test]
fn while_a_smaller_picture_is_painted_the_large_one_stands() {
    let shelf = Shelf::with(&[("plate.png", &png(512, 512, |_, _| 0xc0a0_60ff))]);
    let mut stage = stage_of(&shrunk(0.05), shelf, Quality::High);
    let first = shown(&mut stage, 0.0);
    stage.set_patience(Patience::StandIn);
    let color = first.pixel(4, 4);
    for i in (0..=30).chain((0..30).rev()) {
        let frame = shown(&mut stage, f64::from(i) * 33.0);
        assert_eq!(frame.pixel(4, 4), color, "{i}");
    }
}

/// A zone plate at a quarter of the size it is painted in, for each quality, low to high, left to right: with low, rings
/// that are none cover it; with medium and high the outer rings fade to gray.
#[test]
fn shrunk_by_quality() {
    let shelf = Shelf::with(&[("plate.png", &zone_plate(512))]);
    let mut strip = Surface::new(3 * 128, 128);
    for (i, quality) in (0_usize..).zip([Quality::Low, Quality::Medium, Quality::High]) {
        let mut stage = stage_of(&shrunk(0.25), Arc::clone(&shelf), quality);
        let frame = shown(&mut stage, 1000.0);
        for (y, row) in (0..).zip(strip.data_mut().chunks_exact_mut(3 * 128 * 4)) {
            row[i * 128 * 4..][..128 * 4].copy_from_slice(&frame.row(y)[..128 * 4]);
        }
    }
    testkit::golden!("shrunk_by_quality", &strip, 0);
}
