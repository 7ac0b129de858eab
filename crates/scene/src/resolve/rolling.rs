//! Layers that roll out of their old box and into the new one, by a slide or a push.
//!
//! The two pictures touch: what comes follows right behind the edge of what leaves, box to box, and the two travel together from the
//! old place to the new one. What is still seen of each is a window. Around the windows stands what is drawn beyond the boxes, such
//! as shadows, and nothing of it runs over the other picture. Boxes of one height (or width, on the way up or down) have one shadow
//! around both windows, that of what leaves mixed with that of what comes; others each have their own, as narrow as what is seen.
//!
//! ```text
//!  +--------------------------+        half way of a push to the left:
//!  |   shadow of what leaves  |
//!  |   +-----------------+    |         +-----------+-----------+
//!  |   |     window      |    |         | right half| left half |
//!  |   |                 |    |         |  of the   |  of the   |
//!  |   +-----------------+    |         |  old one  |  new one  |
//!  +--------------------------+         +-----------+-----------+
//! ```

use super::passing::on_whole_px;
use super::{GroupItem, Item, MatteItem, Measure, Moment, Resolver, Space};
use crate::{BackdropItem, MaskMode};
use animation::transition::Heading;
use kurbo::{Affine, Rect, Vec2};
use media::BlendMode;

/// How a layer that becomes another rolls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roll {
    pub(crate) heading: Heading,
    /// What leaves goes along; else it stands still, and what comes hides it.
    pub(crate) pushes: bool,
}

/// One side that rolls.
#[derive(Clone, Copy)]
struct Face {
    mover: usize,
    /// The layer.
    side: usize,
    space: Space,
    is_coming: bool,
}

/// Where the two are, px around the stage: what leaves, then what comes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn {
    /// How far each is from its place.
    shifts: [Vec2; 2],
    /// What each has of the window.
    windows: [Rect; 2],
    /// Where each is drawn: in what it has, and in the px that the two share.
    shown: [Rect; 2],
    /// How much of each counts.
    shares: [f64; 2],
}

impl Turn {
    /// The two windows as one box, where they make one.
    fn as_one(&self) -> Option<Rect> {
        let [one, other] = self.windows;
        let same = |a: f64, b: f64| (a - b).abs() < 0.01;
        let level = same(one.y0, other.y0) && same(one.y1, other.y1);
        let upright = same(one.x0, other.x0) && same(one.x1, other.x1);
        (level || upright).then(|| one.union(other))
    }
}

impl Roll {
    fn is_level(self) -> bool {
        self.heading.unit()[0].abs() > 0.0
    }

    /// Whether it goes towards smaller coordinates.
    fn is_back(self) -> bool {
        let [x, y] = self.heading.unit();
        x + y < 0.0
    }

    /// From the box `old` to the box `new` at `progress`, 0..=1.
    fn at(self, old: Rect, new: Rect, progress: f64) -> Turn {
        let p = progress;
        let is_level = self.is_level();
        let sides = |rect: Rect| {
            let (x, y) = ([rect.x0, rect.x1], [rect.y0, rect.y1]);
            if is_level { (x, y) } else { (y, x) }
        };
        let ((old_along, old_across), (new_along, new_across)) = (sides(old), sides(new));
        // The edges that touch, and the one that stays seen for the longest of what stands still.
        let [leaves, comes, last] = if self.is_back() { [1, 0, 0] } else { [0, 1, 1] };
        let way = new_along[comes] - old_along[leaves];
        let edge = old_along[leaves] + way * p;
        let still = new_along[last] - old_along[last];
        // Across, along with the edge that moves less.
        let [first, second] = [0, 1].map(|side| new_across[side] - old_across[side]);
        let aside = if first.abs() <= second.abs() {
            first
        } else {
            second
        };
        let vector = |along: f64, across: f64| match is_level {
            true => Vec2::new(along, across),
            false => Vec2::new(across, along),
        };
        let leaving = if self.pushes { way } else { still };
        let shifts = [
            vector(leaving * p, aside * p),
            vector(-way * (1.0 - p), -aside * (1.0 - p)),
        ];
        let [from, to] =
            [0, 1].map(|side| old_along[side] + (new_along[side] - old_along[side]) * p);
        let part = |from: f64, to: f64, [low, high]: [f64; 2], by: f64| {
            let (from, to) = (from.min(to), from.max(to));
            match is_level {
                true => Rect::new(from, low + by, to, high + by),
                false => Rect::new(low + by, from, high + by, to),
            }
        };
        // Two edges that share a px are drawn in it both, each by its share; what stands still has no edge there.
        let is_whole = (edge - edge.round()).abs() < 1e-9;
        let most = (edge - from).min(to - edge).max(0.0);
        let over = if is_whole { 0.0 } else { most.min(1.0) };
        let beyond = [if self.pushes { over } else { 0.0 }, over];
        let (leaving_by, coming_by) = (aside * p, -aside * (1.0 - p));
        let of = |[leaves, comes]: [f64; 2]| {
            if self.is_back() {
                [
                    part(from, edge + leaves, old_across, leaving_by),
                    part(edge - comes, to, new_across, coming_by),
                ]
            } else {
                [
                    part(edge - leaves, to, old_across, leaving_by),
                    part(from, edge + comes, new_across, coming_by),
                ]
            }
        };
        Turn {
            shifts,
            windows: of([0.0; 2]),
            shown: of(beyond),
            shares: [1.0 - p, p],
        }
    }
}

impl Resolver {
    /// The sides of a passage that roll: what leaves, then what comes.
    fn faces(&self, p: usize, [leaves, comes]: [Space; 2]) -> [Option<Face>; 2] {
        let passing = &self.passings[p];
        let both = passing.left.is_some();
        let leaving = passing.leaving.and_then(|mover| {
            Some(Face {
                mover,
                side: if both { passing.left } else { passing.subject }?,
                space: leaves,
                is_coming: false,
            })
        });
        let comes_too = both || passing.leaving.is_none();
        let subject = passing.subject.filter(|_| comes_too);
        let coming = subject.map(|side| Face {
            mover: passing.coming,
            side,
            space: comes,
            is_coming: true,
        });
        [leaving, coming]
    }

    /// Where a side is, and the box that it has: from the box of the other where both stand in the same px.
    fn turn_of(
        &self,
        p: usize,
        roll: Roll,
        side: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> (Turn, Rect) {
        let passing = &self.passings[p];
        let own = self.body(side, moment, measure);
        let (old, new) = match (passing.left, passing.subject) {
            (Some(left), Some(subject)) if !passing.apart => (
                self.body(left, moment, measure),
                self.body(subject, moment, measure),
            ),
            _ => (own, own),
        };
        (roll.at(old, new, passing.progress), own)
    }

    /// How far a side that rolls is from its place, px around the stage.
    pub(super) fn rolled_by(
        &self,
        mover: usize,
        p: usize,
        roll: Roll,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Vec2 {
        let faces = self.faces(p, [Space::own(None); 2]);
        let face = faces.into_iter().flatten().find(|face| face.mover == mover);
        face.map_or(Vec2::ZERO, |face| {
            let (turn, _) = self.turn_of(p, roll, face.side, moment, measure);
            turn.shifts[usize::from(face.is_coming)]
        })
    }

    /// Places both sides of a passage, each in its space: what leaves, then what comes.
    pub(super) fn place_rolling(
        &self,
        p: usize,
        roll: Roll,
        spaces: [Space; 2],
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let faces = self.faces(p, spaces);
        if self.passings[p].apart {
            // Each by itself.
            for face in faces.into_iter().flatten() {
                items.push(self.window(face, Rect::ZERO, false, BlendMode::Normal));
                self.place_faces(p, roll, [Some(face), None], moment, measure, items);
                items.push(Item::Pop);
            }
        } else {
            self.place_faces(p, roll, faces, moment, measure, items);
        }
    }

    /// Places sides that stand in the same px, by shares that make up the whole.
    fn place_faces(
        &self,
        p: usize,
        roll: Roll,
        faces: [Option<Face>; 2],
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let first = items.len();
        for face in faces.into_iter().flatten() {
            let (turn, own) = self.turn_of(p, roll, face.side, moment, measure);
            let window = turn.windows[usize::from(face.is_coming)];
            if !self.is_bare(face, own, moment, measure) && is_there(own) && is_there(window) {
                if items.len() == first {
                    items.push(self.window(face, Rect::ZERO, false, BlendMode::Normal));
                }
                // Two that are seen as one long box are each drawn around all of it, by shares.
                let (around, share) = match turn.as_one() {
                    Some(around) if faces.iter().all(Option::is_some) => {
                        (around, turn.shares[usize::from(face.is_coming)])
                    }
                    _ => (window, 1.0),
                };
                // Its own edge stays within the window, where it is cut out; in the end it is where the box is.
                let edges = |rect: Rect| [rect.x0, rect.y0, rect.x1, rect.y1];
                let moved = edges(around).into_iter().zip(edges(own));
                let moved = moved.fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
                let within = moved
                    .min(1.0)
                    .min(around.width().min(around.height()) / 4.0);
                let around = around.inset(-within);
                let fitted = Affine::translate(around.origin().to_vec2())
                    * Affine::scale_non_uniform(
                        around.width() / own.width(),
                        around.height() / own.height(),
                    )
                    * Affine::translate(-own.origin().to_vec2());
                items.push(self.part(face, share));
                self.place_face(face, p, fitted, moment, measure, items);
                items.push(Item::Pop);
            }
        }
        let has_ring = items.len() > first;
        if has_ring {
            items.push(Item::Matte(MatteItem {
                mode: MaskMode::Alpha,
                invert: true,
            }));
        }
        for face in faces.into_iter().flatten().filter(|_| has_ring) {
            let (turn, _) = self.turn_of(p, roll, face.side, moment, measure);
            let window = turn.windows[usize::from(face.is_coming)];
            if !is_there(window) {
                continue;
            }
            items.push(self.window(face, Rect::ZERO, false, BlendMode::PlusLighter));
            items.push(Item::Backdrop(BackdropItem {
                index: face.mover,
                transform: face.space.transform * Affine::translate(window.origin().to_vec2()),
                size: window.size(),
                radii: [0.0; 4],
                sigma_px: 0.0,
                raster_scale: 1.0,
                holds_still: false,
                is_shape: true,
            }));
            items.push(Item::Pop);
        }
        if has_ring {
            items.push(Item::Pop);
        }
        for face in faces.into_iter().flatten() {
            let (turn, _) = self.turn_of(p, roll, face.side, moment, measure);
            let is_coming = usize::from(face.is_coming);
            let shown = turn.shown[is_coming];
            if !is_there(shown) {
                continue;
            }
            items.push(self.window(face, shown, true, BlendMode::PlusLighter));
            let shift = Affine::translate(turn.shifts[is_coming]);
            self.place_face(face, p, shift, moment, measure, items);
            items.push(Item::Pop);
        }
    }

    /// Whether nothing of a side is drawn beyond its box, whose edges no px has in part.
    fn is_bare(&self, face: Face, own: Rect, moment: Moment, measure: &mut dyn Measure) -> bool {
        let all = self.taken(face.side, moment, measure);
        let is_whole = |v: f64| (v - v.round()).abs() < 1e-9;
        let edges = [own.x0, own.y0, own.x1, own.y1];
        own.union(all) == own
            && edges.into_iter().all(is_whole)
            && on_whole_px(face.space.transform)
    }

    fn place_face(
        &self,
        face: Face,
        p: usize,
        motion: Affine,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let within = Space {
            transform: face.space.transform * motion,
            holds_still: false,
            ..face.space
        };
        self.place_on(face.mover, p, None, within, moment, measure, items);
    }

    /// A share of a side.
    fn part(&self, face: Face, share: f64) -> Item {
        match self.window(face, Rect::ZERO, false, BlendMode::PlusLighter) {
            Item::Push(group) => Item::Push(GroupItem {
                opacity: share,
                ..group
            }),
            other => other,
        }
    }

    /// A group in a side's space, which may be cut to some of it.
    fn window(&self, face: Face, shown: Rect, is_cut: bool, blend_mode: BlendMode) -> Item {
        let transform = face.space.transform * Affine::translate(shown.origin().to_vec2());
        let scale = self.raster_scales[face.mover];
        Item::Push(GroupItem {
            clip: is_cut.then_some([0.0; 4]),
            blend_mode,
            ..GroupItem::plain(face.mover, transform, shown.size(), scale)
        })
    }
}

/// Whether there is something of it to be seen.
fn is_there(rect: Rect) -> bool {
    rect.width() > 1e-9 && rect.height() > 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADINGS: [Heading; 4] = [Heading::Left, Heading::Right, Heading::Up, Heading::Down];

    fn a_box() -> impl Strategy<Value = Rect> {
        let side = 1.0..300.0_f64;
        (-100.0..100.0_f64, -100.0..100.0_f64, side.clone(), side)
            .prop_map(|(x, y, w, h)| Rect::new(x, y, x + w, y + h))
    }

    proptest! {
        /// Wherever the boxes are, the two touch, and fill the window along the way.
        #[test]
        fn what_rolls_touches(old in a_box(), new in a_box(), p in 0.0..=1.0_f64, n in 0..4_usize, pushes: bool) {
            let heading = HEADINGS[n];
            let turn = Roll { heading, pushes }.at(old, new, p);
            let [x, y] = heading.unit();
            let to = |rect: Rect| {
                let [low, high] = if x.abs() > 0.0 { [rect.x0, rect.x1] } else { [rect.y0, rect.y1] };
                if x + y < 0.0 { [low, high] } else { [-high, -low] }
            };
            let windows = turn.windows.map(to);
            let ([from, edge], [touches, end]) = (windows[0], windows[1]);
            prop_assert!((edge - touches).abs() < 1e-9);
            let left = to(old + turn.shifts[0]);
            let comes = to(new + turn.shifts[1]);
            prop_assert!(left[0] <= from + 1e-9 && comes[1] >= end - 1e-9);
            if pushes {
                prop_assert!((left[1] - comes[0]).abs() < 1e-9);
            } else {
                prop_assert!(left[1] >= comes[0] - 1e-9);
            }
            let shown = turn.shown.map(to);
            prop_assert!(shown[0][1] >= shown[1][0] - 1e-9 && shown[0][1] <= shown[1][0] + 2.0 + 1e-9);
            prop_assert!((shown[0][0] - from).abs() < 1e-9 && (shown[1][1] - end).abs() < 1e-9);
            prop_assert!(shown[0][1] <= edge + 1.0 + 1e-9 && shown[1][0] >= edge - 1.0 - 1e-9);
        }

        /// In the beginning all of the old one is in its place, in the end all of the new one.
        #[test]
        fn what_rolls_begins_and_ends_in_its_box(old in a_box(), new in a_box(), n in 0..4_usize, pushes: bool) {
            let roll = Roll { heading: HEADINGS[n], pushes };
            let near = |a: Rect, b: Rect| {
                let [a, b] = [a, b].map(|rect| [rect.x0, rect.y0, rect.x1, rect.y1]);
                a.into_iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9)
            };
            let (begins, ends) = (roll.at(old, new, 0.0), roll.at(old, new, 1.0));
            prop_assert!(begins.shifts[0] == Vec2::ZERO && near(begins.shown[0], old));
            prop_assert!(ends.shifts[1].hypot() < 1e-9 && near(ends.shown[1], new));
            prop_assert!(begins.shown[1].area() < 1e-6 && ends.shown[0].area() < 1e-6);
        }
    }
}
