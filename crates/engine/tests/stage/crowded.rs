//! More pictures than there is room for: those that nobody sees are put away, and come back in time.

use crate::build::{
    Shelf, animation, config, group, id, image, inside, layer, ms, picture, png, scene_of,
};
use crate::effects::with;
use animation::Value;
use compositor::Compositor;
use engine::{Patience, Stage, StageConfig};
use media::{Resolution, ShowTime, Surface};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::{prop_assert, proptest, test_runner::Config, test_runner::RngSeed};
use scene::{Edit, EffectKind, Fit, Layer, Property, Scene};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use testkit::poll_until;

const SIZE: [u32; 2] = [400, 300];
const PICTURE_BYTES: usize = 400 * 300 * 4;
const COUNT: usize = 12;
/// Room for four of them.
const BUDGET: usize = 4 * PICTURE_BYTES;

/// A photograph's worth of noise over a gradient; no two numbers look alike.
fn photo(number: usize, x: u32, y: u32) -> [u8; 3] {
    let n = u32::try_from(number).expect("a few");
    let noise = (x * 7919 + y * 104_729 + n * 1_299_709).wrapping_mul(2_654_435_761) >> 27;
    let [r, g, b] = [x / 2 + n * 13, y / 2 + n * 57, (x + y) / 4 + n * 101];
    [r, g, b].map(|v| u8::try_from((v % 200) + noise).expect("below 232"))
}

fn name(number: usize) -> String {
    format!("photo-{number}.png")
}

fn shelf() -> Arc<Shelf> {
    static FILES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let file = |n| {
        png(SIZE[0], SIZE[1], |x, y| {
            let [r, g, b] = photo(n, x, y);
            u32::from_be_bytes([r, g, b, 255])
        })
    };
    let files = FILES.get_or_init(|| (0..COUNT).map(file).collect());
    let shelf = Shelf::with(&[]);
    for (n, file) in files.iter().enumerate() {
        shelf.put(&name(n), file);
    }
    shelf
}

fn full(number: usize, opacity: f64) -> Layer {
    let size = SIZE.map(f64::from);
    Layer {
        opacity,
        ..layer(
            &format!("l{number}"),
            [0.0, 0.0],
            size,
            image(&name(number), Fit::Fill),
        )
    }
}

fn stacked(opacity: f64) -> Scene {
    let layers = (0..COUNT).map(|n| full(n, opacity)).collect();
    scene_of(SIZE[0], SIZE[1], layers)
}

fn stage_within(scene: &Scene, raster_budget_bytes: usize) -> Stage {
    let size = Resolution::new(scene.canvas.width_px, scene.canvas.height_px);
    let config = StageConfig {
        raster_budget_bytes,
        ..config(size, shelf())
    };
    Stage::new(config, scene.clone())
}

/// On air: pictures may come later than their layers.
fn on_air(scene: &Scene) -> Stage {
    on_air_within(scene, BUDGET)
}

fn on_air_within(scene: &Scene, budget_bytes: usize) -> Stage {
    let mut stage = stage_within(scene, budget_bytes);
    stage.tick(ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    stage
}

fn wanted(scene: &Scene, at: ShowTime) -> Surface {
    picture(&mut stage_within(scene, 1 << 30), at)
}

fn furthest(a: &Surface, b: &Surface) -> u8 {
    let both = a.data().iter().zip(b.data());
    both.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

fn mean_error(a: &Surface, b: &Surface) -> f64 {
    let both = a.data().iter().zip(b.data());
    let sum: u64 = both.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.data().len() as f64
}

/// Waits until all but so many are put away.
fn until_all_but(count: usize, stage: &mut Stage, at: ShowTime) {
    poll_until(Duration::from_secs(20), "room", || {
        stage.tick(at);
        (stage.memory().layers_away == COUNT - count).then_some(())
    });
}

/// However many pictures lie over each other, little more is held than the budget, and what is seen is seen.
#[test]
fn what_lies_under_others_is_not_held() {
    let scene = stacked(1.0);
    let mut stage = on_air(&scene);
    let right = wanted(&scene, ms(0.0));
    for i in 0..200 {
        assert!(picture(&mut stage, ms(f64::from(i) * 40.0)) == right, "{i}");
    }
    let memory = poll_until(Duration::from_secs(20), "room", || {
        stage.tick(ms(8000.0));
        let memory = stage.memory();
        (memory.surface_bytes <= BUDGET).then_some(memory)
    });
    assert!(memory.layers_away >= COUNT - 4, "{memory:?}");
    assert!(memory.draft_bytes <= PICTURE_BYTES, "{memory:?}");
    assert_eq!(memory.over_bytes, 0, "{memory:?}");
}

/// Where only nine tenths of each hide what is below, four hide it all the same, to within a level.
#[test]
fn what_hardly_shines_through_is_not_held() {
    let scene = stacked(0.9);
    let mut stage = on_air(&scene);
    let shown = picture(&mut stage, ms(40.0));
    let over = |dst: f64, n: usize, x, y, i: usize| {
        let through = (0.9_f64 * 255.0).round() / 255.0;
        dst * (1.0 - through) + f64::from(photo(n, x, y)[i]) * through
    };
    for (x, y) in [(0, 0), (17, 290), (399, 299), (200, 150), (33, 7)] {
        for i in 0..3 {
            let exact = (0..COUNT).fold(32.0, |dst, n| over(dst, n, x, y, i));
            let is = f64::from(shown.pixel(x, y)[i]);
            assert!((is - exact).abs() <= 1.5, "{is} for {exact} at {x}, {y}");
        }
    }
    let memory = poll_until(Duration::from_secs(20), "room", || {
        stage.tick(ms(80.0));
        let memory = stage.memory();
        (memory.layers_away >= COUNT - 5).then_some(memory)
    });
    assert!(memory.surface_bytes <= 5 * PICTURE_BYTES, "{memory:?}");
}

/// What is seen is held, however much it is, and that is told.
#[test]
fn what_is_seen_stays_whatever_it_takes() {
    let scene = stacked(0.3);
    let mut stage = on_air(&scene);
    let right = wanted(&scene, ms(0.0));
    for i in 0..50 {
        assert!(picture(&mut stage, ms(f64::from(i) * 40.0)) == right, "{i}");
    }
    let memory = stage.memory();
    assert_eq!(memory.layers_away, 0, "{memory:?}");
    assert!(memory.over_bytes > 0, "{memory:?}");
}

/// A picture that comes into sight by an animation was brought back before.
#[test]
fn what_will_be_seen_is_brought_back_before() {
    let mut scene = stacked(1.0);
    let fades = (1..COUNT).map(|n| {
        let values = [Value::Number(1.0), Value::Number(0.0)];
        let name = format!("a{n}");
        let mut fade = animation(&name, &format!("l{n}"), &Property::Opacity, values, 200.0);
        fade.timing.delay_ms = 3000.0;
        fade.into()
    });
    scene.animations = fades.collect();
    let mut stage = on_air_within(&scene, PICTURE_BYTES);
    assert!(picture(&mut stage, ms(40.0)) == wanted(&scene, ms(40.0)));
    until_all_but(1, &mut stage, ms(40.0));
    // From 3.2 s on the lowest is all there is.
    until_all_but(2, &mut stage, ms(2000.0));
    assert!(picture(&mut stage, ms(3300.0)) == wanted(&scene, ms(3300.0)));
}

/// What nobody could foresee shows a draft for as long as its picture is painted, and never a placeholder.
#[test]
fn a_draft_stands_in_for_what_comes_unforeseen() {
    let scene = stacked(1.0);
    let mut stage = on_air(&scene);
    poll_until(Duration::from_secs(20), "room", || {
        stage.tick(ms(40.0));
        (stage.memory().surface_bytes <= BUDGET).then_some(())
    });
    let mut changed = scene.clone();
    for layer in &mut changed.layers {
        let mut lowest = (**layer).clone();
        lowest.visible = lowest.id == id("l0");
        *layer = lowest.into();
    }
    stage.edit(Edit::between(&scene, &changed), ms(80.0));
    let right = wanted(&changed, ms(80.0));
    let first = picture(&mut stage, ms(80.0));
    assert!(
        mean_error(&first, &right) < 12.0,
        "{}",
        mean_error(&first, &right)
    );
    poll_until(Duration::from_secs(20), "the picture", || {
        (picture(&mut stage, ms(120.0)) == right).then_some(())
    });
}

/// A layer of the drawn kind that hides others, or is hidden.
#[derive(Clone, Debug)]
struct Card {
    at: [f64; 2],
    scale: [f64; 2],
    turned: bool,
    opacity: f64,
    grouped: bool,
    number: usize,
}

fn cards() -> impl Strategy<Value = Vec<Card>> {
    let place = (
        -60.0..60.0_f64,
        -60.0..60.0_f64,
        any::<[bool; 6]>(),
        0..COUNT,
    );
    let card = place.prop_map(
        |(x, y, [whole, large, turned, pale, grouped, fits], number)| {
            let at = [x, y].map(|v| if whole { v.round() } else { v });
            Card {
                at: if fits { [0.0, 0.0] } else { at },
                scale: [
                    if large { 1.5 } else { 1.0 },
                    if large { 1.37 } else { 1.0 },
                ],
                turned: turned && large,
                opacity: if pale { 0.97 } else { 1.0 },
                grouped,
                number,
            }
        },
    );
    vec(card, 1..8)
}

fn table(cards: &[Card], with_pane: bool) -> Scene {
    let mut layers = vec![group("group", [0.0, 0.0], SIZE.map(f64::from))];
    layers[0].opacity = 0.8;
    for (i, card) in cards.iter().enumerate() {
        let mut one = layer(
            &format!("c{i}"),
            card.at,
            SIZE.map(f64::from),
            image(&name(card.number), Fit::Fill),
        );
        [one.transform.scale_x, one.transform.scale_y] = card.scale;
        one.transform.rotation_deg = if card.turned { 12.0 } else { 0.0 };
        one.opacity = card.opacity;
        layers.push(if card.grouped {
            inside("group", one)
        } else {
            one
        });
    }
    if with_pane {
        // Beyond the canvas, where it changes nothing but that nothing is left out.
        let pane = layer(
            "pane",
            [5000.0, 0.0],
            [10.0, 10.0],
            crate::build::color(0x0000_0000),
        );
        layers.push(with(pane, vec![EffectKind::BackdropBlur { sigma_px: 2.0 }]));
    }
    scene_of(SIZE[0], SIZE[1], layers)
}

proptest! {
    #![proptest_config(Config { cases: 48, rng_seed: RngSeed::Fixed(5), failure_persistence: None, ..Config::default() })]

    /// What is left out would not have been seen: opaque covers leave no trace, pale ones at most a level.
    #[test]
    fn what_is_left_out_makes_no_difference(cards in cards()) {
        let size = Resolution::new(SIZE[0], SIZE[1]);
        let draw = |scene: &Scene| {
            let mut stage = stage_within(scene, 1 << 30);
            let list = stage.tick(ms(0.0));
            (list.items.len(), Compositor::new(size).compose_rgba(list))
        };
        let (_, all) = draw(&table(&cards, true));
        let (_, seen) = draw(&table(&cards, false));
        let is_opaque = cards.iter().all(|card| card.opacity >= 1.0);
        let most = if is_opaque { 0 } else { 1 };
        prop_assert!(furthest(&all, &seen) <= most, "{}", furthest(&all, &seen));
    }
}
