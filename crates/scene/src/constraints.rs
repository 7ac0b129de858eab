//! Constraints: where layers go when the canvas has another size than the one the scene was drawn for.

use crate::ranges::LENGTH;
use crate::{Canvas, Layer, Property, Shared, Transform};

/// The size of the canvas that positions were chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Design {
    /// Px across.
    pub width_px: u32,
    /// Px down.
    pub height_px: u32,
}

/// What a layer keeps along one axis when what it stands in, the canvas or a group's box, gets longer or shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// Its distance from the left or top side.
    #[default]
    Start,
    /// Its distance from the right or bottom side.
    End,
    /// Its distance from the middle.
    Center,
    /// Its distances from both sides: its box is stretched. What has no length of its own along this axis keeps [`Start`](Self::Start).
    Stretch,
    /// Its part of the whole: position and, where it is given, the length of its box are multiplied.
    Scale,
}

/// What a layer keeps along both axes. Turned layers keep the place of their anchor, as if they were upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Constraints {
    /// From left to right.
    pub horizontal: Constraint,
    /// From top to bottom.
    pub vertical: Constraint,
}

/// How long something was drawn along one axis, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Side {
    was: f64,
    is: f64,
}

impl Constraint {
    /// A position and a length along an axis, in a container that is another; `anchor` in lengths, `scale` as drawn.
    fn map(
        self,
        at: f64,
        length: Option<f64>,
        anchor: f64,
        scale: f64,
        around: Side,
    ) -> (f64, Option<f64>) {
        let more = around.is - around.was;
        match (self, length) {
            (Self::Start, _) | (Self::Stretch, None) => (at, length),
            (Self::End, _) => (at + more, length),
            (Self::Center, _) => (at + more / 2.0, length),
            (Self::Stretch, Some(was)) => {
                if scale.abs() <= 0.0 {
                    return (at, length);
                }
                let is = hold(was + more / scale.abs());
                // How much of what is added lies before the anchor.
                let before = if scale < 0.0 { 1.0 - anchor } else { anchor };
                (at + before * (is - was) * scale.abs(), Some(is))
            }
            (Self::Scale, _) => {
                let factor = around.is / around.was;
                (at * factor, length.map(|length| hold(length * factor)))
            }
        }
    }
}

fn hold(length: f64) -> f64 {
    length.clamp(LENGTH.min, LENGTH.max)
}

/// The layers that go elsewhere on this canvas than where they were drawn.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    /// What layers stand in, before them.
    mapped: Vec<Mapped>,
    canvas: [Option<Side>; 2],
    /// Per layer: its box along both axes, where it is mapped and has one.
    boxes: Vec<[Option<Side>; 2]>,
}

#[derive(Debug)]
struct Mapped {
    index: usize,
    /// What it stands in or follows; none on the canvas.
    around: Option<usize>,
    constraints: Constraints,
    /// Whether an animation writes `x_px`, `y_px`, `width_px` and `height_px` of the live layer on every frame.
    moves: [bool; 4],
}

impl Mapping {
    /// Of a scene on its canvas; empty, and without any cost, where the canvas has the size the scene was drawn for.
    pub(crate) fn new(
        canvas: &Canvas,
        layers: &[Shared<Layer>],
        leaders: &[Option<usize>],
        moves: impl Fn(usize, &Property) -> bool,
    ) -> Self {
        let Some(design) = canvas.design else {
            return Self::default();
        };
        let side = |was: u32, is: u32| {
            Some(Side {
                was: was.into(),
                is: is.into(),
            })
        };
        let sides = [
            side(design.width_px, canvas.width_px),
            side(design.height_px, canvas.height_px),
        ];
        if sides
            .iter()
            .flatten()
            .all(|side| side.was.to_bits() == side.is.to_bits())
        {
            return Self::default();
        }
        let depth = |i: usize| {
            std::iter::successors(leaders[i], |&i| leaders[i])
                .take(layers.len())
                .count()
        };
        let mut order: Vec<usize> = (0..layers.len()).collect();
        order.sort_by_key(|&i| depth(i));
        let mut mapping = Self {
            canvas: sides,
            ..Self::default()
        };
        for index in order {
            let Some(constraints) = layers[index].constraints else {
                continue;
            };
            let around = leaders[index];
            let in_a_mapped = |around| {
                mapping
                    .mapped
                    .iter()
                    .any(|other: &Mapped| other.index == around)
            };
            if constraints != Constraints::default() && around.is_none_or(in_a_mapped) {
                let placing = [Property::X, Property::Y, Property::Width, Property::Height];
                mapping.mapped.push(Mapped {
                    index,
                    around,
                    constraints,
                    moves: placing.map(|property| moves(index, &property)),
                });
            }
        }
        mapping.boxes = vec![[None; 2]; layers.len()];
        mapping
    }

    /// Whether it puts this layer elsewhere.
    pub(crate) fn maps(&self, index: usize) -> bool {
        self.mapped.iter().any(|one| one.index == index)
    }

    /// Puts the live layers, as animations have left them, where they go on this canvas. Allocates nothing.
    pub(crate) fn apply(&mut self, base: &[Shared<Layer>], live: &mut [Shared<Layer>]) {
        for mapped in &self.mapped {
            let (was, is) = (&base[mapped.index].transform, &live[mapped.index].transform);
            let [x, y, width, height] = mapped.moves;
            let pick = |moves: bool, of: fn(&Transform) -> f64| of(if moves { is } else { was });
            let length =
                |moves: bool, of: fn(&Transform) -> Option<f64>| of(if moves { is } else { was });
            let [wide, tall] = match mapped.around {
                None => self.canvas,
                Some(around) => self.boxes[around],
            };
            let (width, height) = (
                length(width, |t| t.width_px),
                length(height, |t| t.height_px),
            );
            let along =
                |constraint: Constraint, at, length, anchor, scale, around: Option<Side>| {
                    around.map_or((at, length), |around| {
                        constraint.map(at, length, anchor, scale, around)
                    })
                };
            let (x_px, width_px) = along(
                mapped.constraints.horizontal,
                pick(x, |t| t.x_px),
                width,
                is.anchor_x,
                is.scale_x,
                wide,
            );
            let (y_px, height_px) = along(
                mapped.constraints.vertical,
                pick(y, |t| t.y_px),
                height,
                is.anchor_y,
                is.scale_y,
                tall,
            );
            let side =
                |was: Option<f64>, is: Option<f64>| was.zip(is).map(|(was, is)| Side { was, is });
            self.boxes[mapped.index] = [side(width, width_px), side(height, height_px)];
            let wanted = Transform {
                x_px,
                y_px,
                width_px,
                height_px,
                ..is.clone()
            };
            // Writing to what others share copies it.
            if *is != wanted {
                live[mapped.index].transform = wanted;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_constraint() -> impl Strategy<Value = Constraint> {
        prop::sample::select(vec![
            Constraint::Start,
            Constraint::End,
            Constraint::Center,
            Constraint::Stretch,
            Constraint::Scale,
        ])
    }

    /// Where the two ends of a box lie.
    fn ends(at: f64, length: f64, anchor: f64, scale: f64) -> [f64; 2] {
        let (a, b) = (
            at - anchor * length * scale,
            at + (1.0 - anchor) * length * scale,
        );
        [a.min(b), a.max(b)]
    }

    proptest! {
        #[test]
        fn equal_sizes_change_not_one_bit(
            constraint in any_constraint(),
            at in -1e4..1e4,
            length in prop::option::of(0.5..4000.0),
            anchor in -1.0..2.0,
            scale in -3.0..3.0,
            size in 72.0..3840.0,
        ) {
            let mapped = constraint.map(at, length, anchor, scale, Side { was: size, is: size });
            prop_assert_eq!(mapped, (at, length));
        }

        /// Each constraint keeps what it is called after.
        #[test]
        fn constraints_keep_their_distances(
            at in -2000.0..2000.0,
            length in 200.0..4000.0,
            anchor in -1.0..2.0,
            scale in prop_oneof![0.5..3.0, -3.0..-0.5],
            was in 1000.0..3840.0,
            more in -90.0..500.0,
        ) {
            let around = Side { was, is: was + more };
            let [from, to] = ends(at, length, anchor, scale);
            let of = |constraint: Constraint| {
                let (at, length) = constraint.map(at, Some(length), anchor, scale, around);
                ends(at, length.unwrap(), anchor, scale)
            };
            let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 1e-6;
            prop_assert!(near(of(Constraint::Start), [from, to]));
            prop_assert!(near(of(Constraint::End), [from + more, to + more]));
            prop_assert!(near(of(Constraint::Center), [from + more / 2.0, to + more / 2.0]));
            prop_assert!(near(of(Constraint::Stretch), [from, to + more]));
            let factor = around.is / around.was;
            prop_assert!(near(of(Constraint::Scale), [from * factor, to * factor]));
        }
    }
}
