//! What properties are on screen, and how fast they move there.

use crate::slot::Slot;
use crate::stack::Stacks;
use crate::{Animation, Id, Layer, Property, Scene, Shared, Target};
use animation::Value;
use media::ShowTime;
use std::collections::HashMap;

/// How far on either side velocities are measured, in nanoseconds.
const ASIDE_NS: i64 = 500_000;
/// What moves with less than this part of what is below it hides that.
const HIDES: f64 = 1e-6;

/// Everything in a scene that moves something, but for its transitions. Costs as much as a scene that is new, once.
pub(crate) struct OnScreen<'a> {
    scene: &'a Scene,
    index: HashMap<&'a Id, usize>,
    stacks: Stacks,
}

impl<'a> OnScreen<'a> {
    /// `scene` with `animations` in place of its own, and its timelines.
    pub(crate) fn new(scene: &'a Scene, animations: &[Shared<Animation>]) -> Self {
        let mut index = HashMap::with_capacity(scene.layers.len());
        for (i, layer) in scene.layers.iter().enumerate() {
            index.entry(&layer.id).or_insert(i);
        }
        let mut stacks = Stacks::default();
        let index_of = |id: &Id| index.get(id).copied();
        let background = Some(scene.canvas.background);
        let moving = (animations, scene.timelines.as_slice());
        stacks.add_part(&scene.layers, background, moving, &index_of);
        stacks.finish(&scene.layers);
        Self {
            scene,
            index,
            stacks,
        }
    }

    /// The value of a property at `t`; `None` where there is no such.
    pub(crate) fn value(&self, target: &Target, property: &Property, t: ShowTime) -> Option<Value> {
        let below = self.below(target, property, t)?;
        Some(self.over(target, property, below, t))
    }

    /// As [`value`](Self::value), of a whole with its parts where something moves them that moves nothing in `stays`.
    pub(crate) fn composed(
        &self,
        target: &Target,
        whole: &Property,
        stays: &OnScreen<'_>,
        t: ShowTime,
    ) -> Option<Value> {
        let shown = self.value(target, whole, t)?;
        let Some(layer) = self.place(target)? else {
            return Some(shown);
        };
        let is_part = |property: &Property| property.whole().as_ref() == Some(whole);
        let moved = self.stacks.iter();
        let moved = moved.filter(|stack| stack.layer == Some(layer) && is_part(&stack.property));
        let parts: Vec<&Property> = moved.map(|stack| &stack.property).collect();
        if parts.is_empty() {
            return Some(shown);
        }
        let mut copy = Layer::clone(&self.scene.layers[layer]);
        whole.slot(&mut copy)?.set(shown);
        for part in parts {
            let goes_on = stays.moves(target, part);
            if let Some(slot) = part.slot(&mut copy)
                && let Some(below) = slot.get()
                && !goes_on
            {
                slot.set(self.stacks.over_all(Some(layer), part, below, t));
            }
        }
        whole.slot(&mut copy)?.get()
    }

    /// Whether anything moves a property.
    fn moves(&self, target: &Target, property: &Property) -> bool {
        let layer = self.place(target);
        let mut moved = self.stacks.iter();
        moved.any(|stack| Some(stack.layer) == layer && stack.property == *property)
    }

    /// What becomes of a property at `t` whose value below all that moves it is `below`.
    pub(crate) fn over(
        &self,
        target: &Target,
        property: &Property,
        below: Value,
        t: ShowTime,
    ) -> Value {
        match self.place(target) {
            Some(layer) => self.stacks.over_all(layer, property, below, t),
            None => below,
        }
    }

    /// How fast a property moves at `t`, per second: exactly, where what shows knows that; else measured.
    pub(crate) fn velocity(&self, target: &Target, property: &Property, t: ShowTime) -> [f64; 2] {
        let known = self.below(target, property, t).and_then(|below| {
            let layer = self.place(target)?;
            self.stacks.velocity_over(layer, property, &below, t)
        });
        known.unwrap_or_else(|| slope(|t| self.value(target, property, t), t))
    }

    /// The index of a layer; none within it is the canvas.
    fn place(&self, target: &Target) -> Option<Option<usize>> {
        match target {
            Target::Canvas => Some(None),
            Target::Layer(id) => self.index.get(id).map(|at| Some(*at)),
        }
    }

    /// What all that moves a property stands on: the document's value, or what its whole is moved to.
    fn below(&self, target: &Target, property: &Property, t: ShowTime) -> Option<Value> {
        let Some(layer) = self.place(target)? else {
            return self.scene.own_value(target, property);
        };
        let mut copy = Layer::clone(&self.scene.layers[layer]);
        if let Some(whole) = property.whole()
            && let Some(slot) = whole.slot(&mut copy)
            && let Some(own) = slot.get()
        {
            slot.set(self.stacks.over_all(Some(layer), &whole, own, t));
        }
        property.slot(&mut copy).and_then(|slot| Slot::get(&slot))
    }
}

/// Central difference, per second; 0 for what has none.
fn slope(value: impl Fn(ShowTime) -> Option<Value>, t: ShowTime) -> [f64; 2] {
    let per_s = |early: f64, late: f64| (late - early) / (2.0 * ASIDE_NS as f64 / 1e9);
    let (early, late) = (t.plus_nanos(-ASIDE_NS), t.plus_nanos(ASIDE_NS));
    match (value(early), value(late)) {
        (Some(Value::Number(early)), Some(Value::Number(late))) => [per_s(early, late), 0.0],
        (Some(Value::Vec2(early)), Some(Value::Vec2(late))) => {
            [per_s(early[0], late[0]), per_s(early[1], late[1])]
        }
        _ => [0.0; 2],
    }
}

/// The value below `over` of which it makes `shown`, and how fast it must move so that what shows moves by `velocity`.
///
/// Whatever stays above is even in what is below it: a share of that, and something besides. Where the share is nothing,
/// and for what is neither a number nor a pair, what shows is taken as it is.
pub(crate) fn beneath(
    (shown, velocity): (Value, [f64; 2]),
    over: &dyn Fn(Value, ShowTime) -> Value,
    t: ShowTime,
) -> (Value, [f64; 2]) {
    let parts = |value: &Value| match value {
        Value::Number(v) => Some([*v, 0.0]),
        Value::Vec2(v) => Some(*v),
        _ => None,
    };
    let like = |parts: [f64; 2]| match &shown {
        Value::Vec2(_) => Value::Vec2(parts),
        _ => Value::Number(parts[0]),
    };
    let seen = |below: [f64; 2]| parts(&over(like(below), t));
    let (Some(shows), Some(zero), Some(one)) = (parts(&shown), seen([0.0; 2]), seen([1.0; 2]))
    else {
        return (shown, velocity);
    };
    let share = [0, 1].map(|k| {
        let share = one[k] - zero[k];
        // What adds lets through all of it.
        if (share - 1.0).abs() < 1e-9 {
            1.0
        } else {
            share
        }
    });
    let hides = share.map(|share| share.abs() < HIDES);
    let below = [0, 1].map(|k| {
        if hides[k] {
            shows[k]
        } else {
            (shows[k] - zero[k]) / share[k]
        }
    });
    let beside = slope(|t| Some(over(like(below), t)), t);
    let moves = [0, 1].map(|k| {
        if hides[k] {
            velocity[k]
        } else {
            (velocity[k] - beside[k]) / share[k]
        }
    });
    (like(below), moves)
}
