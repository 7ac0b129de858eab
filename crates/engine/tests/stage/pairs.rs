//! Pairs of small scenes by chance, of which one takes the place of the other: what is told apart by no eye must begin and end
//! exactly, whatever stands in it.

use crate::build::{animation, color, group, id, inside, layer, rect, rgba, scene_of};
use crate::timelines::{leaf, timeline};
use crate::transitions::{SIZE, size, words};
use animation::Value;
use media::{BlendMode, Color};
use scene::{
    Driver, Effect, EffectKind, Expression, Formula, Gradient, Layer, Left, Mask, MaskMode, Paint,
    Property, Scene, Source, Target, Way,
};

/// What happens to a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The layer `m` becomes another.
    Change,
    /// The layer that it shows through does.
    ChangeOfMask,
    /// All of it does.
    Take,
    /// The layer comes.
    Show,
    /// It goes, and stays in the document.
    Hide,
    /// It goes.
    Removal,
}

/// Two scenes, and what leads from one to the other.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) turn: Turn,
    pub(crate) was: Scene,
    pub(crate) is: Scene,
}

impl Pair {
    /// The layer that a passage is about, and its way.
    pub(crate) fn way(&self) -> (Option<&'static str>, Way) {
        let over = |id_: &str| {
            let left = Left::layer(&self.was, &id(id_)).expect("it is there");
            Way::Over(Box::new(left))
        };
        match self.turn {
            Turn::Change | Turn::Removal => (Some("m"), over("m")),
            Turn::ChangeOfMask => (Some("hole"), over("hole")),
            Turn::Take => (None, Way::Over(Box::new(Left::whole(&self.was)))),
            Turn::Show => (Some("m"), Way::In),
            Turn::Hide => (Some("m"), Way::Out),
        }
    }
}

/// Numbers that look like chance and are the same on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        let n = self.below(all.len() as u64);
        all[usize::try_from(n).expect("a few")]
    }

    /// Even px, which every size of output has whole.
    fn px(&mut self, from: u32, below: u32) -> f64 {
        let steps = u64::from((below - from) / 2);
        f64::from(from) + 2.0 * f64::from(u32::try_from(self.below(steps)).expect("a few"))
    }
}

/// The pair of this number.
pub(crate) fn pair(number: u64) -> Pair {
    let mut chance = Chance(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    for _ in 0..4 {
        chance.below(2);
    }
    let turns = [
        Turn::Change,
        Turn::Change,
        Turn::ChangeOfMask,
        Turn::Take,
        Turn::Take,
        Turn::Show,
        Turn::Hide,
        Turn::Removal,
    ];
    let turn = chance.of(&turns);
    let masks = turn == Turn::ChangeOfMask || chance.one_in(3);
    let frosts = chance.one_in(2);
    let stands_in = chance.one_in(4);
    let opacity = chance.of(&[1.0, 0.7]);
    let of =
        |hole: Layer, chance: &mut Chance| scene(hole, [masks, frosts, stands_in], opacity, chance);
    let hole = hole(&mut chance);
    let was = of(hole.clone(), &mut chance);
    let mut is = match turn {
        Turn::Take | Turn::Change => of(hole, &mut chance),
        _ => was.clone(),
    };
    let mut was = was;
    match turn {
        Turn::Change => {
            // All but the layer, what is in it and what moves it stays.
            let own = |one: &Layer| one.id == id("m") || one.parent == Some(id("m"));
            let mut layers = was.layers.clone();
            layers.retain(|one| !own(one));
            let at = was
                .layers
                .iter()
                .position(|one| own(one))
                .expect("it is there");
            layers.splice(at..at, is.layers.iter().filter(|one| own(one)).cloned());
            is.layers = layers;
            if stands_in && chance.one_in(2) {
                // Into the group or out of it.
                leave_group(if chance.one_in(2) { &mut was } else { &mut is });
            }
            is.canvas = was.canvas;
            is.animations.clone_from(&was.animations);
            is.timelines.clone_from(&was.timelines);
        }
        Turn::ChangeOfMask => {
            let place = is
                .layers
                .iter()
                .position(|one| one.id == id("hole"))
                .expect("there");
            is.layers[place] = self::hole(&mut chance).into();
            if number % 2 == 1 {
                // It is seen itself.
                for scene in [&mut was, &mut is] {
                    scene.layers[place].visible = true;
                }
            }
        }
        Turn::Take => {}
        Turn::Show => hide(&mut was),
        Turn::Hide => hide(&mut is),
        Turn::Removal => {
            is.remove_layer(&id("m"));
        }
    }
    Pair { turn, was, is }
}

/// Takes the layer out of the group around it.
fn leave_group(scene: &mut Scene) {
    for layer in &mut scene.layers {
        if layer.id == id("m") {
            layer.parent = None;
        }
    }
}

fn hide(scene: &mut Scene) {
    for layer in &mut scene.layers {
        if layer.id == id("m") {
            *layer = Layer {
                visible: false,
                ..Layer::clone(layer)
            }
            .into();
        }
    }
}

/// What is shown through, itself hidden.
fn hole(chance: &mut Chance) -> Layer {
    let at = [chance.px(10, 80), chance.px(4, 40)];
    let side = chance.px(30, 60);
    let source = rect(
        chance.px(0, 20),
        Paint::Color(rgba(chance.of(&[0xffff_ffff, 0xc0c0_c0ff]))),
    );
    Layer {
        visible: false,
        opacity: chance.of(&[1.0, 0.75]),
        ..layer("hole", at, [side, side], source)
    }
}

fn source(chance: &mut Chance) -> Source {
    let hex = chance.of(&[0xffb4_54ff, 0x3ddc_97ff, 0xffff_ff40, 0x2080_ffc0]);
    match chance.below(3) {
        0 => words(
            if chance.one_in(2) {
                "Ada King"
            } else {
                "12.45"
            },
            20.0,
            hex | 0xff,
        ),
        1 => rect(chance.px(0, 16), Paint::Color(rgba(hex))),
        _ => {
            let stops = vec![(0.0, rgba(hex)), (1.0, rgba(hex ^ 0x00ff_4000))];
            rect(
                6.0,
                Paint::Gradient(Gradient::linear(chance.px(0, 90), stops)),
            )
        }
    }
}

fn effect(name: &str, kind: EffectKind) -> Effect {
    Effect::new(id(name), kind)
}

fn scene(
    hole: Layer,
    [masks, frosts, stands_in]: [bool; 3],
    opacity: f64,
    chance: &mut Chance,
) -> Scene {
    let sky = Gradient::linear(
        chance.px(0, 90),
        vec![
            (0.0, rgba(0x1b12_3fff)),
            (1.0, rgba(chance.of(&[0xd845_6bff, 0x4060_a0ff]))),
        ],
    );
    let ground = layer("ground", [0.0; 2], size(), rect(0.0, Paint::Gradient(sky)));
    let posts = (0..5).map(|n| {
        let x = 8.0 + 32.0 * f64::from(n);
        layer(
            &format!("post{n}"),
            [x, 10.0],
            [6.0, 70.0],
            color(0xf0e0_c0ff),
        )
    });
    let mut layers: Vec<Layer> = [ground].into_iter().chain(posts).collect();
    layers.push(layer(
        "lead",
        [chance.px(10, 60), 70.0],
        [10.0, 10.0],
        color(0xff20_40ff),
    ));
    layers.push(hole);
    if stands_in {
        let mut around = group("around", [6.0, 4.0], size());
        around.opacity = opacity;
        if opacity < 1.0 {
            around.clip = Some([10.0; 4]);
            around.transform.width_px = Some(100.0);
        }
        layers.push(around);
    }
    let at = [chance.px(4, 60), chance.px(4, 36)];
    let box_ = [chance.px(50, 90), chance.px(24, 46)];
    let mut m = if chance.one_in(3) {
        group("m", at, box_)
    } else {
        layer("m", at, box_, source(chance))
    };
    m.opacity = chance.of(&[1.0, 1.0, 0.6]);
    m.blend_mode = chance.of(&[
        BlendMode::Normal,
        BlendMode::Normal,
        BlendMode::Normal,
        BlendMode::Screen,
    ]);
    if stands_in {
        m.parent = Some(id("around"));
    }
    if masks {
        m.mask = Some(Mask {
            layer: id("hole"),
            mode: chance.of(&[MaskMode::Alpha, MaskMode::Luma]),
            invert: chance.one_in(3),
        });
    }
    let is_group = m.source.is_none();
    if frosts {
        let sigma_px = chance.px(2, 8);
        let pane = effect("frost", EffectKind::BackdropBlur { sigma_px });
        if is_group && chance.one_in(2) {
            let inner = layer(
                "pane",
                [6.0, 4.0],
                [40.0, 18.0],
                rect(6.0, Paint::Color(rgba(0xffff_ff30))),
            );
            layers.push(inside(
                "m",
                Layer {
                    effects: vec![pane],
                    ..inner
                },
            ));
        } else {
            m.effects.push(pane);
        }
    } else {
        match chance.below(4) {
            0 => m.effects.push(effect(
                "shadow",
                EffectKind::DropShadow {
                    dx_px: 0.0,
                    dy_px: 3.0,
                    sigma_px: 2.0,
                    color: Color::BLACK,
                },
            )),
            1 => m
                .effects
                .push(effect("soft", EffectKind::GaussianBlur { sigma_px: 1.5 })),
            2 => {
                let moved = [[0.0, 0.0], [4.0, 2.0], [-2.0, 4.0], [0.0, -2.0]];
                m.transform.corner_pin = Some(moved);
            }
            _ => {}
        }
    }
    if !stands_in && chance.one_in(5) {
        m.follow = Some(id("lead"));
    }
    if is_group {
        let inner = layer("inner", [4.0, 4.0], [28.0, 14.0], source(chance));
        layers.push(inside("m", inner));
    }
    // In its place before what is in it.
    let place = layers.iter().position(|one| one.parent == Some(id("m")));
    layers.insert(place.unwrap_or(layers.len()), m);
    let mut scene = scene_of(SIZE[0], SIZE[1], layers);
    scene.canvas.background = rgba(chance.of(&[0x0808_18ff, 0x4040_20ff]));
    move_by_chance(&mut scene, chance);
    scene
}

/// Something slow, so that a frame differs from the next one by little.
fn move_by_chance(scene: &mut Scene, chance: &mut Chance) {
    let faded = |target: &str, name: &str| {
        let values = [0.9, 0.5].map(Value::Number);
        animation(name, target, &Property::Opacity, values, 4000.0)
    };
    match chance.below(7) {
        0 => scene.animations.push(faded("m", "fades").into()),
        1 => {
            let line = timeline("line", vec![leaf("", faded("m", "leaf"))]);
            scene.timelines.push(line.into());
        }
        2 => {
            let formula = Formula::Sine {
                amplitude: 0.2,
                frequency_hz: 0.3,
                phase_deg: 20.0,
            };
            let mut swings = faded("m", "swings");
            swings.keyframes = Vec::new();
            swings.timing.duration_ms = 1000.0;
            let property = Property::Opacity;
            swings.driver = Driver::Expression(Box::new(Expression { property, formula }));
            swings.composite = animation::Composite::Add;
            scene.animations.push(swings.into());
        }
        4 => {
            let values = [20.0, 44.0].map(Value::Number);
            let moves = animation("moves", "m", &Property::X, values, 4000.0);
            scene.animations.push(moves.into());
        }
        3 => {
            let values = [0x1020_40ff, 0x8040_10ff].map(|hex| Value::Color(rgba(hex)));
            let mut sky = animation("sky", "m", &Property::Background, values, 4000.0);
            sky.target = Target::Canvas;
            scene.animations.push(sky.into());
            scene.layers.retain(|one| one.id != id("ground"));
        }
        _ => {}
    }
}
