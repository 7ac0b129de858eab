//! Pictures in perspective whose far parts are much smaller than they are painted, for each quality.

use crate::build::{
    Shelf, config, golden_of_text, image, layer, ms, png, rect, rgba, scene_of, style, text,
};
use crate::placing::pinned;
use compositor::Compositor;
use engine::{Stage, StageConfig};
use media::{Resolution, Surface};
use scene::{CornerPin, Fit, Layer, Paint, Scene, Source, TextStyle};
use sources::Quality;
use std::sync::Arc;

/// All is integer arithmetic or exactly rounded: the same picture everywhere.
const EXACT: u8 = 0;

const WIDTH: u32 = 240;
const HEIGHT: u32 = 180;
/// Between pictures.
const GAP: u32 = 4;

fn shown(scene: &Scene, shelf: &Arc<Shelf>, quality: Quality, at_ms: f64) -> Surface {
    let size = Resolution::new(WIDTH, HEIGHT);
    let config = StageConfig {
        quality,
        ..config(size, Arc::<Shelf>::clone(shelf))
    };
    let mut stage = Stage::new(config, scene.clone());
    Compositor::new(size).compose_rgba(stage.tick(ms(at_ms)))
}

/// Low, medium and high, left to right.
fn all(scene: &Scene, shelf: &Arc<Shelf>, at_ms: f64) -> Surface {
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    let all = [Quality::Low, Quality::Medium, Quality::High]
        .map(|quality| shown(scene, shelf, quality, at_ms));
    let mut row = Surface::new(3 * WIDTH + 2 * GAP, HEIGHT);
    let stride = row.width() as usize * 4;
    for (n, picture) in all.iter().enumerate() {
        let at = n * (WIDTH + GAP) as usize * 4;
        for y in 0..HEIGHT {
            let line = &mut row.data_mut()[y as usize * stride + at..][..WIDTH as usize * 4];
            line.copy_from_slice(picture.row(y));
        }
    }
    row
}

/// Corners of a box that a floor of it goes to which begins below the canvas and ends at its horizon, as wide as `far` px.
fn floor([width, height]: [f64; 2], far: f64) -> CornerPin {
    let (middle, near) = (f64::from(WIDTH) / 2.0, 520.0);
    let wanted = [
        [middle - far / 2.0, 48.0],
        [middle + far / 2.0, 48.0],
        [middle + near / 2.0, f64::from(HEIGHT) + 12.0],
        [middle - near / 2.0, f64::from(HEIGHT) + 12.0],
    ];
    let upright = [[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]];
    std::array::from_fn(|k| [wanted[k][0] - upright[k][0], wanted[k][1] - upright[k][1]])
}

fn room(what: Layer) -> Scene {
    let wall = layer(
        "wall",
        [0.0, 0.0],
        [f64::from(WIDTH), f64::from(HEIGHT)],
        rect(0.0, Paint::Color(rgba(0x2b24_46ff))),
    );
    scene_of(WIDTH, HEIGHT, vec![wall, what])
}

/// 16 x 24 squares.
fn checkers() -> (Scene, Arc<Shelf>) {
    let board = png(640, 960, |x, y| match (x / 40 + y / 40) % 2 {
        0 => 0xf3e9_d6ff,
        _ => 0x7a2f_45ff,
    });
    let size = [640.0, 960.0];
    let floor = pinned(
        floor(size, 70.0),
        layer("floor", [0.0, 0.0], size, image("board.png", Fit::Fill)),
    );
    (room(floor), Shelf::with(&[("board.png", &board)]))
}

/// A floor of squares runs away to the back, with quality low, medium and high: with low, far squares fall to pieces; with medium they
/// run into one grey early, with high they are told apart nearly up to the horizon.
#[test]
fn a_floor_of_squares_recedes() {
    let (scene, shelf) = checkers();
    testkit::golden!("receding_floor", &all(&scene, &shelf, 0.0), EXACT);
}

/// A page of text lies flat and goes away to the back, with quality low, medium and high: far lines stay lines.
#[test]
fn a_page_of_text_recedes() {
    let words = "When in the course of a show the words run away to the back of the stage, each line is a little smaller than the one \
                 below it, until they are so small that nobody can read them, and still nothing of them may flicker. ";
    let page = Source::Text(scene::Text {
        style: TextStyle {
            color: rgba(0xffe9_a8ff),
            line_height: Some(1.25),
            ..style(30.0)
        },
        ..text(&words.repeat(7), 30.0)
    });
    let size = [560.0, 900.0];
    let page = pinned(floor(size, 60.0), layer("page", [0.0, 0.0], size, page));
    golden_of_text("receding_page", &all(&room(page), &Shelf::with(&[]), 0.0));
}
