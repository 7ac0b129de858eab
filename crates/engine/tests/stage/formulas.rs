//! What transitions show is what their formulas say, which the published cases hold to numbers.

use crate::build::{Shelf, color, id, layer, ms, picture, scene_of, stage_with};
use animation::Easing;
use animation::transition::{self, Heading};
use media::{Color, ShowTime};
use scene::{Left, Passage, Scene, Start, Transition, TransitionKind, Way, WipeForm};

const SIZE: [u32; 2] = [160, 48];
const AT: [f64; 6] = [0.1, 0.25, 0.4, 0.5, 0.75, 0.9];
const DURATION_MS: f64 = 1000.0;

fn hex(color: Color) -> u32 {
    let [r, g, b, a] = [color.r, color.g, color.b, color.a].map(|v| (v * 255.0).round());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bytes"
    )]
    u32::from_be_bytes([r as u8, g as u8, b as u8, a as u8])
}

/// One color all over, and above it whatever is given.
fn plain(ground: Color, above: impl IntoIterator<Item = scene::Layer>) -> Scene {
    let mut layers = vec![layer(
        "ground",
        [0.0; 2],
        SIZE.map(f64::from),
        color(hex(ground)),
    )];
    layers.extend(above);
    scene_of(SIZE[0], SIZE[1], layers)
}

fn passed(from: &Scene, to: &Scene, of: Option<&str>, kind: TransitionKind) -> Scene {
    let left = match of {
        Some(layer) => Left::layer(from, &id(layer)).expect("it is there"),
        None => Left::whole(from),
    };
    let mut scene = to.clone();
    let passage = Passage {
        id: id("passage"),
        layer: of.map(id),
        way: Way::Over(Box::new(left)),
        transition: Transition {
            kind,
            duration_ms: DURATION_MS,
            easing: Easing::Linear,
        },
        start: Start::At(ShowTime::ZERO),
        playback: None,
        turns: false,
    };
    scene.passages = vec![passage.into()];
    scene
}

/// Fails where a px of the middle row is not, within `most` levels, what `expected` says for its place and the progress.
#[track_caller]
fn shows(scene: &Scene, most: f64, expected: impl Fn(f64, f64) -> Color) {
    let mut stage = stage_with(scene, Shelf::with(&[]));
    for p in AT {
        let picture = picture(&mut stage, ms(p * DURATION_MS));
        for x in 0..SIZE[0] {
            let at = ((SIZE[1] / 2 * SIZE[0] + x) * 4) as usize;
            let got = &picture.data()[at..at + 3];
            let want = expected(f64::from(x) + 0.5, p);
            for (got, want) in got.iter().zip([want.r, want.g, want.b]) {
                let apart = (f64::from(*got) - want * 255.0).abs();
                assert!(apart <= most, "px {x} at {p}: {got} for {}", want * 255.0);
            }
        }
    }
}

const RED: Color = Color::new(0.8, 0.2, 0.0, 1.0);
const BLUE: Color = Color::new(0.0, 0.4, 1.0, 1.0);
const GREEN: Color = Color::new(0.2, 0.8, 0.4, 1.0);

#[test]
fn scenes_fade_by_the_formula() {
    let scene = passed(
        &plain(RED, []),
        &plain(BLUE, []),
        None,
        TransitionKind::Fade,
    );
    shows(&scene, 1.5, |_, p| transition::fade(RED, BLUE, p));
}

#[test]
fn scenes_fade_through_a_color_by_the_formula() {
    let kind = TransitionKind::FadeThrough { color: GREEN };
    let scene = passed(&plain(RED, []), &plain(BLUE, []), None, kind);
    shows(&scene, 1.5, |_, p| {
        transition::fade_through(RED, GREEN, BLUE, p)
    });
}

#[test]
fn layers_that_show_what_is_below_fade_by_the_formula() {
    let [faint, strong] = [Color { a: 0.4, ..RED }, Color { a: 0.8, ..BLUE }];
    let with = |of: Color| {
        plain(
            GREEN,
            [layer("one", [0.0; 2], SIZE.map(f64::from), color(hex(of)))],
        )
    };
    let scene = passed(
        &with(faint),
        &with(strong),
        Some("one"),
        TransitionKind::Fade,
    );
    shows(&scene, 2.5, |_, p| {
        let mixed = transition::fade(faint, strong, p);
        transition::fade(GREEN, Color { a: 1.0, ..mixed }, mixed.a)
    });
}

#[test]
fn pushed_scenes_move_by_the_formula() {
    let bar = |at: f64| layer("bar", [at, 0.0], [10.0, 48.0], color(hex(GREEN)));
    for heading in [Heading::Left, Heading::Right] {
        let (from, to) = (plain(RED, [bar(30.0)]), plain(BLUE, [bar(90.0)]));
        let scene = passed(&from, &to, None, TransitionKind::Push { heading });
        shows(&scene, 1.5, |x, p| {
            let size = SIZE.map(f64::from);
            let [out, in_] = [&transition::WAY_OUT, &transition::WAY_IN]
                .map(|way| transition::offset_px(way, heading, size, p)[0]);
            let on = |offset: f64| (0.0..size[0]).contains(&(x - offset));
            let in_bar = |offset: f64, at: f64| (at..at + 10.0).contains(&(x - offset));
            match (on(in_), on(out)) {
                (true, _) if in_bar(in_, 90.0) => GREEN,
                (true, _) => BLUE,
                (_, true) if in_bar(out, 30.0) => GREEN,
                _ => RED,
            }
        });
    }
}

#[test]
fn wiped_scenes_show_by_the_formula() {
    for softness in [0.2, 1.0] {
        let kind = TransitionKind::Wipe {
            form: WipeForm::Linear { angle_deg: 0.0 },
            softness,
            invert: false,
        };
        let scene = passed(&plain(RED, []), &plain(BLUE, []), None, kind);
        shows(&scene, 2.5, |x, p| {
            let shown = media::wipe_shows(x / f64::from(SIZE[0]), softness, p);
            transition::fade(RED, BLUE, shown)
        });
    }
}
