//! Formulas that move a property: life without keyframes. All are functions of show time, whatever was shown before; in a
//! timeline, what swings goes by the time of its leaf.

use crate::ranges::TIMELINE_DEPTH;
use crate::{
    Animation, Fault, Id, Layer, Property, Scene, Shared, Target, TimelineEntry, TimelinePart,
};
use animation::{Timing, Value, noise, octaves, wander};
use std::collections::{HashMap, HashSet};
use std::f64::consts::TAU;

/// A formula for a property, a number or a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it moves.
    pub property: Property,
    /// How.
    pub formula: Formula,
}

/// How a property moves.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// Smooth noise about 0.
    Noise {
        /// Farthest from 0, in the property's unit.
        amplitude: f64,
        /// Swings in a second, about.
        frequency_hz: f64,
        /// Another seed is another movement.
        seed: u32,
        /// How many layers of noise, each twice as fast and half as strong, 1 to 8.
        octaves: u32,
    },
    /// From one value by chance to the next, without a rest.
    Wiggle {
        /// Farthest from 0, in the property's unit.
        amplitude: f64,
        /// New values in a second.
        frequency_hz: f64,
        /// Another seed is another movement.
        seed: u32,
        /// How many layers, each twice as fast and half as strong, 1 to 8.
        octaves: u32,
    },
    /// To and fro.
    Sine {
        /// Farthest from 0, in the property's unit.
        amplitude: f64,
        /// Swings in a second.
        frequency_hz: f64,
        /// Where in its swing it begins, degrees.
        phase_deg: f64,
    },
    /// What another property was a while ago.
    Follow {
        /// Whose.
        layer: Id,
        /// Which.
        of: Property,
        /// How long ago, ms.
        lag_ms: f64,
        /// Factor.
        scale: f64,
        /// Added to it, in the property's unit.
        offset: f64,
    },
    /// Turned towards something.
    LookAt {
        /// What.
        at: LookAt,
        /// Added to the angle, degrees; 0 looks there with the right side.
        offset_deg: f64,
    },
}

/// What a layer looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum LookAt {
    /// Another layer of its group.
    Layer(Id),
    /// A point, px of its group.
    Point([f64; 2]),
}

/// How often formulas may be evaluated for one property at one time, through all that it follows.
const MAX_COST: usize = 256;

impl Expression {
    /// How it runs where nothing is said: without end.
    pub fn timing() -> Timing {
        Timing {
            duration_ms: 1000.0,
            iterations: f64::INFINITY,
            ..Timing::default()
        }
    }

    /// The other layer that it needs.
    pub const fn layer(&self) -> Option<&Id> {
        match &self.formula {
            Formula::Follow { layer, .. }
            | Formula::LookAt {
                at: LookAt::Layer(layer),
                ..
            } => Some(layer),
            Formula::Noise { .. }
            | Formula::Wiggle { .. }
            | Formula::Sine { .. }
            | Formula::LookAt { .. } => None,
        }
    }

    /// The layers and properties that it hangs on, of a layer that is `own`.
    fn needs(&self, own: &Id) -> Vec<(Id, Property)> {
        match &self.formula {
            Formula::Follow { layer, of, .. } => vec![(layer.clone(), of.canonical())],
            Formula::LookAt { at, .. } => {
                let other = match at {
                    LookAt::Layer(other) => Some((other.clone(), Property::Position)),
                    LookAt::Point(_) => None,
                };
                [(own.clone(), Property::Position)]
                    .into_iter()
                    .chain(other)
                    .collect()
            }
            Formula::Noise { .. } | Formula::Wiggle { .. } | Formula::Sine { .. } => Vec::new(),
        }
    }
}

impl Formula {
    /// How far it throws a value at most, where that does not hang on others.
    pub(crate) const fn amplitude(&self) -> f64 {
        match self {
            Self::Noise { amplitude, .. }
            | Self::Wiggle { amplitude, .. }
            | Self::Sine { amplitude, .. } => amplitude.abs(),
            Self::Follow { .. } | Self::LookAt { .. } => 0.0,
        }
    }

    /// What swings gives `seconds` after its beginning, as many numbers as `below` has; `None` for what hangs on others.
    pub(crate) fn swing(&self, seconds: f64, below: &Value) -> Option<Value> {
        let at = |second: bool| match *self {
            Self::Noise {
                amplitude,
                frequency_hz,
                seed,
                octaves: layers,
            } => {
                Some(amplitude * octaves(noise, own(seed, second), seconds * frequency_hz, layers))
            }
            Self::Wiggle {
                amplitude,
                frequency_hz,
                seed,
                octaves: layers,
            } => {
                Some(amplitude * octaves(wander, own(seed, second), seconds * frequency_hz, layers))
            }
            Self::Sine {
                amplitude,
                frequency_hz,
                phase_deg,
            } => {
                // Whole swings are taken out first: after a day of them there would be no digits left for the rest.
                let turns = (seconds * frequency_hz).rem_euclid(1.0) + phase_deg / 360.0;
                Some(amplitude * libm::sin(TAU * turns))
            }
            Self::Follow { .. } | Self::LookAt { .. } => None,
        };
        match below {
            Value::Vec2(_) => Some(Value::Vec2([at(false)?, at(true)?])),
            _ => at(false).map(Value::Number),
        }
    }
}

/// The second number of a pair moves by itself.
fn own(seed: u32, second: bool) -> u64 {
    let other = if second { 0x5bd1_e995_9e37_79b9 } else { 0 };
    u64::from(seed) ^ other
}

/// A property of a layer.
type Place = (Id, Property);

/// A formula of a scene, and the layer that it moves.
struct Use<'a> {
    /// Where it stands in the document.
    at: String,
    expression: &'a Expression,
    own: &'a Id,
    /// Whether it is one of several of a leaf, after the first.
    again: bool,
}

/// Every formula of a scene on every layer that it moves: those of animations, then those of timelines.
fn uses(scene: &Scene) -> Vec<Use<'_>> {
    let mut uses = Vec::new();
    for (i, animation) in scene.animations.iter().enumerate() {
        if let (Some(expression), Target::Layer(own)) =
            (animation.driver.expression(), &animation.target)
        {
            uses.push(Use {
                at: format!("/animations/{i}/expression"),
                expression,
                own,
                again: false,
            });
        }
    }
    for (i, timeline) in scene.timelines.iter().enumerate() {
        let at = format!("/timelines/{i}/entries");
        uses_in(&at, &timeline.entries, 1, &mut uses);
    }
    uses
}

fn uses_in<'a>(at: &str, entries: &'a [TimelineEntry], depth: usize, uses: &mut Vec<Use<'a>>) {
    for (k, entry) in entries.iter().enumerate() {
        match &entry.part {
            TimelinePart::Leaf(leaf) => {
                let Some(expression) = leaf.animation.driver.expression() else {
                    continue;
                };
                let mut again = false;
                for (_, target) in leaf.targets.iter() {
                    if let Target::Layer(own) = target {
                        let at = format!("{at}/{k}/animation/expression");
                        uses.push(Use {
                            at,
                            expression,
                            own,
                            again,
                        });
                        again = true;
                    }
                }
            }
            // What is nested deeper is a fault of its own.
            TimelinePart::Nested(nested) if depth < TIMELINE_DEPTH => {
                let at = format!("{at}/{k}/timeline/entries");
                uses_in(&at, &nested.entries, depth + 1, uses);
            }
            TimelinePart::Nested(_) | TimelinePart::Label(_) | TimelinePart::Pause => {}
        }
    }
}

/// Where formulas name layers that are none of the scene: pointers of the names.
pub(crate) fn beside(scene: &Scene) -> Vec<String> {
    let is_in = |id: &Id| scene.layers.iter().any(|layer| layer.id == *id);
    let uses = uses(scene).into_iter();
    let beside = uses.filter(|one| one.expression.layer().is_some_and(|id| !is_in(id)));
    beside.map(|one| format!("{}/layer", one.at)).collect()
}

impl Scene {
    /// Takes out formulas that look at a layer which is gone, or follow what it has no more, and says of no layer that it
    /// follows or shows through one that is gone: after a change of layers that was not about those names.
    pub fn drop_lost_names(&mut self) {
        let ids: HashSet<Id> = self.layers.iter().map(|layer| layer.id.clone()).collect();
        for layer in &mut self.layers {
            if layer.follow.as_ref().is_some_and(|id| !ids.contains(id)) {
                layer.follow = None;
            }
            if layer
                .mask
                .as_ref()
                .is_some_and(|mask| !ids.contains(&mask.layer))
            {
                layer.mask = None;
            }
        }
        self.drop_lost_formulas();
        self.drop_lost_masks();
    }

    /// Takes out formulas that look at a layer which is gone, or follow what it has no more; and has glides let go of what
    /// their layers have no more.
    pub fn drop_lost_formulas(&mut self) {
        self.drop_lost_glides();
        let layers = &self.layers;
        let is_lost = |one: &Animation| {
            let Some(expression) = one.driver.expression() else {
                return false;
            };
            let Some(name) = expression.layer() else {
                return false;
            };
            let Some(layer) = layers.iter().find(|layer| layer.id == *name) else {
                return true;
            };
            match &expression.formula {
                Formula::Follow { of, .. } => read_of(of, layer).is_none(),
                _ => false,
            }
        };
        self.animations.retain(|one| !is_lost(one));
        for timeline in &mut self.timelines {
            let mut loses = false;
            timeline.each_leaf(&mut |leaf| loses |= is_lost(&leaf.animation));
            if loses {
                timeline.lose(&is_lost);
            }
        }
    }
}

/// What is followed of a layer; `None` where it has no such.
fn read_of(of: &Property, layer: &Layer) -> Option<Value> {
    of.slot(&mut layer.clone()).and_then(|slot| slot.get())
}

/// What is wrong with what formulas hang on. Costs a walk through animations and timelines where there are none.
pub(crate) fn faults(scene: &Scene, index: &HashMap<&Id, usize>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut needs: HashMap<Place, Vec<(usize, Place)>> = HashMap::new();
    let uses = uses(scene);
    for (i, one) in uses.iter().enumerate() {
        if let Some(wrong) = other_layer(one.expression, one.own, &scene.layers, index) {
            // What one target lacks, the next ones lack as well.
            if !one.again {
                faults.push(Fault::invalid(format!("{}/layer", one.at), wrong));
            }
            continue;
        }
        let place = (one.own.clone(), one.expression.property.canonical());
        let hangs_on = one.expression.needs(one.own).into_iter();
        let hangs_on = hangs_on.map(|place| (i, place));
        needs.entry(place).or_default().extend(hangs_on);
    }
    if needs.values().all(Vec::is_empty) {
        return faults;
    }
    let mut costs: HashMap<Place, usize> = HashMap::new();
    let mut round: Option<usize> = None;
    let before = faults.len();
    for (i, one) in uses.iter().enumerate() {
        let property = &one.expression.property;
        let place = (one.own.clone(), property.canonical());
        match cost(&place, &needs, &mut costs, &mut Vec::new()) {
            // A circle is one fault, at the first of it.
            Err(circle) if circle.iter().min() == Some(&i) => {
                let on_itself = format!("`{property}` of layer `{}` would hang on itself", one.own);
                faults.push(Fault::invalid(one.at.clone(), on_itself));
            }
            Err(_) => round = round.or(Some(i)),
            Ok(cost) if cost > MAX_COST && !one.again => faults.push(Fault::invalid(
                one.at.clone(),
                format!("needs {cost} evaluations; at most {MAX_COST} are allowed"),
            )),
            Ok(_) => {}
        }
    }
    // Circles within circles may hide the first of each from each other.
    if let (Some(i), true) = (round, faults.len() == before) {
        faults.push(Fault::invalid(uses[i].at.clone(), "would hang on itself"));
    }
    faults
}

/// What is wrong with the layer that it names.
fn other_layer(
    expression: &Expression,
    own: &Id,
    layers: &[Shared<Layer>],
    index: &HashMap<&Id, usize>,
) -> Option<String> {
    let name = expression.layer()?;
    let Some(&other) = index.get(name) else {
        return Some(format!("there is no layer `{name}`"));
    };
    let other = &layers[other];
    let own = &layers[*index.get(own)?];
    let leader = |layer: &Layer| layer.follow.clone().or_else(|| layer.parent.clone());
    match &expression.formula {
        Formula::LookAt { .. } if name == &own.id => {
            Some("is the layer itself; it cannot look at itself".to_owned())
        }
        Formula::LookAt { .. } if leader(other) != leader(own) => Some(format!(
            "layer `{name}` stands in another group; both must stand in the same"
        )),
        Formula::Follow { of, .. } => match read_of(of, other) {
            Some(Value::Number(_) | Value::Vec2(_)) => None,
            Some(_) => Some(format!("`{of}` is neither a number nor a pair of numbers")),
            None => Some(format!("`{of}` does not exist on layers/{name}")),
        },
        _ => None,
    }
}

/// How many evaluations a place takes; the animations of a circle that leads back to where it is on the way.
fn cost(
    place: &Place,
    needs: &HashMap<Place, Vec<(usize, Place)>>,
    known: &mut HashMap<Place, usize>,
    way: &mut Vec<(Place, usize)>,
) -> Result<usize, Vec<usize>> {
    if let Some(cost) = known.get(place) {
        return Ok(*cost);
    }
    if let Some(at) = way.iter().position(|(on_way, _)| on_way == place) {
        return Err(way[at..].iter().map(|(_, i)| *i).collect());
    }
    // So deep it costs too much anyhow.
    if way.len() > MAX_COST {
        return Ok(MAX_COST + 1);
    }
    let mut sum: usize = 1;
    for (i, next) in needs.get(place).into_iter().flatten() {
        way.push((place.clone(), *i));
        sum = sum.saturating_add(cost(next, needs, known, way)?);
        way.pop();
    }
    known.insert(place.clone(), sum);
    Ok(sum)
}
