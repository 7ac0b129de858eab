//! What is sent elsewhere in the middle of its way, frame by frame: nothing jumps.

use crate::build::{Shelf, golden_of_text, layer, picture, rect, rgba, scene_of, stage_with, text};
use animation::Easing;
use animation::transition::Heading;
use media::{Color, Framerate, ShowTime, Surface};
use scene::{
    Left, Moment, Paint, Passage, Scene, Source, Start, TextStyle, Transition, TransitionKind, Way,
    WipeForm,
};

const SIZE: [u32; 2] = [160, 90];
/// The frame of the change, of 30 a second: 400 ms after the beginning.
const TURN: i64 = 12;
/// Between the pictures of a sheet.
const GAP_PX: u32 = 4;

fn frame(n: i64) -> ShowTime {
    Framerate::new(30, 1).expect("a rate").frame_time(n)
}

fn words(words: &str, hex: u32) -> Source {
    let mut source = text(words, 26.0);
    source.style = TextStyle {
        color: rgba(hex),
        ..source.style
    };
    Source::Text(source)
}

/// A scene on a plain ground, with a badge that all have and words.
fn shot(ground: u32, badge: [f64; 2], hex: u32, says: &str) -> Scene {
    let card = rect(8.0, Paint::Color(rgba(hex)));
    let mut scene = scene_of(
        SIZE[0],
        SIZE[1],
        vec![
            layer("badge", badge, [44.0, 44.0], card),
            layer("says", [12.0, 50.0], None, words(says, 0xffff_ffff)),
        ],
    );
    scene.canvas.background = rgba(ground);
    scene
}

fn shots() -> [Scene; 3] {
    [
        shot(0x1b12_3fff, [12.0, 8.0], 0xffc8_57ff, "Lot 12"),
        shot(0x2a7f_62ff, [100.0, 8.0], 0xf6f1_e3ff, "Sold"),
        shot(0x8c2f_39ff, [60.0, 8.0], 0x8fb8_c8ff, "Next"),
    ]
}

fn passage(layer: Option<&str>, way: Way, kind: &TransitionKind, easing: &str) -> Passage {
    Passage {
        id: crate::build::id("transition"),
        layer: layer.map(crate::build::id),
        way,
        transition: Transition {
            kind: kind.clone(),
            duration_ms: 1000.0,
            easing: easing.parse::<Easing>().expect("an easing"),
        },
        start: Start::Now,
        playback: None,
        turns: false,
    }
}

fn settled(mut scene: Scene, at: ShowTime) -> Scene {
    scene.settle(Moment {
        show: at,
        epoch_unix_ns: 0,
    });
    let faults = scene.faults(&scene::Limits::default(), &|_| true);
    assert_eq!(faults, [], "a scene that may go on air");
    scene
}

/// `to`, taken over `from` with the frame at `at`.
fn taken(from: &Scene, to: &Scene, kind: &TransitionKind, easing: &str, at: ShowTime) -> Scene {
    let mut scene = to.clone();
    let left = Way::Over(Box::new(Left::whole(from)));
    scene.passages = vec![passage(None, left, kind, easing).into()];
    settled(scene, at)
}

/// From the first scene to the second, and before it is there to the third.
fn take_by_take(first: &TransitionKind, second: &TransitionKind, easing: &str) -> [Scene; 2] {
    let [a, b, c] = shots();
    let before = taken(&a, &b, first, easing, frame(0));
    let after = taken(&before, &c, second, easing, frame(TURN));
    [before, after]
}

/// A layer that comes, and before it is there goes again.
fn show_by_hide(kind: &TransitionKind, easing: &str) -> [Scene; 2] {
    let [mut shown, ..] = shots();
    shown.passages = vec![passage(Some("badge"), Way::In, kind, easing).into()];
    let before = settled(shown, frame(0));
    let mut after = before.clone();
    after.layers[0].visible = false;
    after.passages[0].turns = true;
    [before, settled(after, frame(TURN))]
}

/// The frames around the change: four before it, four from it on.
fn around([before, after]: &[Scene; 2]) -> Vec<Surface> {
    let mut was = stage_with(before, Shelf::with(&[]));
    let mut is = stage_with(after, Shelf::with(&[]));
    let frames = TURN - 4..TURN + 4;
    let picture = |n: i64| picture(if n < TURN { &mut was } else { &mut is }, frame(n));
    frames.map(picture).collect()
}

/// Mean difference of the px of two pictures, of 255.
fn apart(one: &Surface, other: &Surface) -> f64 {
    let pairs = one.data().iter().zip(other.data());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.data().len() as f64
}

fn kinds() -> Vec<TransitionKind> {
    let center = [0.6, 0.4];
    let wipe = |form| TransitionKind::Wipe {
        form,
        softness: 0.2,
        invert: false,
    };
    vec![
        TransitionKind::Fade,
        TransitionKind::FadeThrough {
            color: Color::BLACK,
        },
        TransitionKind::Slide {
            heading: Heading::Left,
        },
        TransitionKind::Push {
            heading: Heading::Up,
        },
        TransitionKind::Scale { from: 0.6 },
        TransitionKind::Zoom { scale: 2.0 },
        wipe(WipeForm::Linear { angle_deg: 30.0 }),
        wipe(WipeForm::Iris { center }),
        wipe(WipeForm::Clock {
            center,
            angle_deg: -90.0,
        }),
        TransitionKind::BlurFade { sigma_px: 4.0 },
        TransitionKind::Flip { vertical: true },
        TransitionKind::Morph,
    ]
}

/// The frame of the change differs from the one before by no more than the way explains on either side of it.
fn check(name: &str, scenes: &[Scene; 2]) {
    let pictures = around(scenes);
    let steps: Vec<f64> = pictures
        .windows(2)
        .map(|two| apart(&two[0], &two[1]))
        .collect();
    let most = steps[..3]
        .iter()
        .chain(&steps[4..])
        .copied()
        .fold(0.0, f64::max);
    assert!(steps[3] <= 1.5 * most + 0.5, "{name}: {steps:.2?}");
}

#[test]
fn no_take_by_a_take_jumps() {
    for first in kinds() {
        for second in kinds() {
            for easing in ["linear", "ease-in-out"] {
                let name = format!("{first:?} by {second:?}, {easing}");
                check(&name, &take_by_take(&first, &second, easing));
            }
        }
    }
}

#[test]
fn no_show_by_a_hide_jumps() {
    for kind in kinds() {
        for easing in ["linear", "ease-in-out", "back-out"] {
            check(&format!("{kind:?}, {easing}"), &show_by_hide(&kind, easing));
        }
    }
}

/// Rows of eight frames; between the fourth and the fifth of each the way was changed.
fn sheet(rows: &[[Scene; 2]]) -> Surface {
    let [w, h] = SIZE.map(|side| side + GAP_PX);
    let rows_px = u32::try_from(rows.len()).expect("a few");
    let mut sheet = Surface::new(8 * w - GAP_PX, rows_px * h - GAP_PX);
    sheet.data_mut().fill(255);
    let wide = sheet.width() as usize * 4;
    for (r, scenes) in rows.iter().enumerate() {
        for (n, shot) in around(scenes).iter().enumerate() {
            let left = n * w as usize * 4;
            let row = SIZE[0] as usize * 4;
            let lines = sheet.data_mut().chunks_exact_mut(wide).skip(r * h as usize);
            for (to, from) in lines.zip(shot.data().chunks_exact(row)) {
                to[left..left + row].copy_from_slice(from);
            }
        }
    }
    sheet
}

/// Eight frames of a row, a thirtieth of a second apart: a scene on its way to the next is sent to a third with the fifth of
/// them. A push by an iris, a wipe by a fade, a morph by a slide.
#[test]
fn a_take_by_a_take() {
    let heading = Heading::Up;
    let center = [0.5, 0.5];
    let wipe = |form| TransitionKind::Wipe {
        form,
        softness: 0.05,
        invert: false,
    };
    let iris = wipe(WipeForm::Iris { center });
    let across = wipe(WipeForm::Linear { angle_deg: 30.0 });
    let slide = TransitionKind::Slide {
        heading: Heading::Left,
    };
    let rows = [
        take_by_take(&TransitionKind::Push { heading }, &iris, "linear"),
        take_by_take(&across, &TransitionKind::Fade, "linear"),
        take_by_take(&TransitionKind::Morph, &slide, "ease-in-out"),
    ];
    golden_of_text("turned_take", &sheet(&rows));
}

/// Eight frames of a row, a thirtieth of a second apart: a badge that comes is hidden with the fifth of them, and goes back.
/// By a slide, by a flip, and by a scale that overshoots.
#[test]
fn a_show_by_a_hide() {
    let slide = TransitionKind::Slide {
        heading: Heading::Left,
    };
    let rows = [
        show_by_hide(&slide, "linear"),
        show_by_hide(&TransitionKind::Flip { vertical: true }, "linear"),
        show_by_hide(&TransitionKind::Scale { from: 0.2 }, "back-out"),
    ];
    golden_of_text("turned_show", &sheet(&rows));
}
