//! The engine's thread paints for a millisecond a frame at most, whatever happens to a scene; the rest comes a little later.

use crate::build::{
    Shelf, animation, color, image, layer, ms, picture, rect, rgba, scene_of, stage_with, text,
};
use crate::effects::with;
use animation::Value;
use engine::Patience;
use scene::{
    Drawing, Edit, EffectKind, Fit, Gradient, Layer, Operation, Paint, Property, Scene, Source,
};
use std::sync::Arc;
use std::time::Duration;
use testkit::poll_until;

const VECTOR: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><circle cx="45" cy="30" r="28" fill="#e84"/></svg>"##;

/// As many words as it takes.
fn words(letters: usize) -> String {
    let line = "what a long day it was, and how short the night that followed; ";
    line.chars().cycle().take(letters).collect()
}

fn paragraph(name: &str, letters: usize, y_px: f64) -> Layer {
    let mut content = text(&words(letters), 12.0);
    content.style.color = rgba(0xffff_ffff);
    layer(name, [10.0, y_px], [620.0, 300.0], Source::Text(content))
}

fn lines(count: usize) -> Vec<Layer> {
    let line = |i: usize| {
        let mut content = text(&format!("line {i}: {}", words(40)), 11.0);
        content.style.color = rgba(0xffff_ffff);
        let name = format!("line-{i}");
        layer(
            &name,
            [10.0, 10.0 + i as f64 * 12.0],
            None,
            Source::Text(content),
        )
    };
    (0..count).map(line).collect()
}

fn cards(count: usize) -> Vec<Layer> {
    let card = |i: usize| {
        let fill = Paint::Color(rgba(0x4060_a0ff));
        let at = [(i % 8) as f64 * 80.0, (i / 8) as f64 * 70.0];
        let card = layer(&format!("card-{i}"), at, [76.0, 66.0], rect(9.0, fill));
        let shadow = EffectKind::DropShadow {
            dx_px: 0.0,
            dy_px: 3.0,
            sigma_px: 4.0,
            color: rgba(0x0000_0080),
        };
        with(card, [shadow])
    };
    (0..count).map(card).collect()
}

fn sky() -> Layer {
    let stops = vec![(0.0, rgba(0x1020_60ff)), (1.0, rgba(0xf0a0_60ff))];
    let gradient = Gradient {
        form: scene::GradientForm::Conic {
            center: [0.5, 0.5],
            angle_deg: 0.0,
        },
        ..Gradient::linear(0.0, stops)
    };
    layer(
        "sky",
        [0.0, 0.0],
        [640.0, 360.0],
        Source::Gradient(gradient),
    )
}

fn scribble() -> Layer {
    let strokes = (0..400).flat_map(|i| {
        let x = f64::from(i) * 1.5;
        [
            Operation::BeginPath,
            Operation::Arc([x, 100.0 + (x / 9.0).sin() * 60.0, 20.0, 0.0, 5.0], false),
            Operation::Stroke,
        ]
    });
    let operations: Vec<Operation> = strokes.collect();
    let drawing = Source::Drawing(Drawing::new(operations.into()));
    layer("scribble", [0.0, 0.0], [640.0, 200.0], drawing)
}

fn growing(layers: Vec<Layer>) -> Scene {
    let names: Vec<String> = layers.iter().map(|l| l.id.as_str().to_owned()).collect();
    let mut scene = scene_of(640, 360, layers);
    for name in names {
        for property in [Property::Width, Property::Height] {
            let values = [Value::Number(60.0), Value::Number(110.0)];
            let id = format!(
                "{name}-{}",
                if property == Property::Width {
                    "w"
                } else {
                    "h"
                }
            );
            let moves = animation(&id, &name, &property, values, 1200.0);
            scene.animations.push(moves.into());
        }
    }
    scene
}

/// Each scene, and what it becomes.
fn cases() -> Vec<(&'static str, Scene, Scene)> {
    let empty = || {
        scene_of(
            640,
            360,
            vec![layer(
                "floor",
                [0.0, 0.0],
                [640.0, 360.0],
                color(0x2030_40ff),
            )],
        )
    };
    let of = |layers: Vec<Layer>| {
        let mut scene = empty();
        scene.layers.extend(layers.into_iter().map(Into::into));
        scene
    };
    let drawn = image("drawn.svg", Fit::Fill);
    vec![
        ("thirty lines at once", empty(), of(lines(30))),
        (
            "a long text comes",
            empty(),
            of(vec![paragraph("text", 4000, 10.0)]),
        ),
        (
            "a long text is edited",
            of(vec![paragraph("text", 3000, 10.0)]),
            of(vec![paragraph("text", 3300, 10.0)]),
        ),
        ("forty shadows at once", empty(), of(cards(40))),
        ("a whole sky", empty(), of(vec![sky()])),
        ("a long drawing", empty(), of(vec![scribble()])),
        ("shapes that grow", empty(), growing(cards(24))),
        (
            "a vector picture that grows",
            empty(),
            growing(vec![layer("drawn", [9.0, 9.0], [90.0, 60.0], drawn)]),
        ),
        (
            "a picture that is not there",
            empty(),
            of(vec![layer(
                "art",
                [0.0, 0.0],
                [640.0, 360.0],
                image("none.png", Fit::Fill),
            )]),
        ),
    ]
}

fn shelf() -> Arc<Shelf> {
    Shelf::with(&[("drawn.svg", VECTOR)])
}

#[test]
fn no_frame_paints_for_more_than_a_millisecond() {
    for (name, before, after) in cases() {
        let mut stage = stage_with(&before, shelf());
        stage.tick(ms(0.0));
        stage.set_patience(Patience::StandIn);
        for i in 1..5 {
            stage.tick(ms(f64::from(i) * 33.0));
        }
        stage.edit(Edit::between(&before, &after), ms(165.0));
        for i in 5..60 {
            stage.tick(ms(f64::from(i) * 33.0));
            let effort_ms = stage.effort_ms();
            assert!(effort_ms <= 1.0, "{name}: {effort_ms} ms at frame {i}");
        }
        let settled = ms(2000.0);
        let right = picture(&mut stage_with(&after, shelf()), settled);
        poll_until(Duration::from_secs(30), name, || {
            (picture(&mut stage, settled) == right).then_some(())
        });
    }
}

/// Where there is little to paint, all of it is there with the frame that shows it.
#[test]
fn a_few_words_come_with_their_frame() {
    let empty = scene_of(640, 360, Vec::new());
    let mut stage = stage_with(&empty, shelf());
    stage.set_patience(Patience::StandIn);
    stage.tick(ms(0.0));
    let after = scene_of(640, 360, lines(4));
    stage.edit(Edit::between(&empty, &after), ms(33.0));
    assert!(picture(&mut stage, ms(33.0)) == picture(&mut stage_with(&after, shelf()), ms(33.0)));
    assert!(stage.effort_ms() > 0.0);
}
