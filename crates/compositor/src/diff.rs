//! Damage between two plans.
//!
//! A px stays the same when the pictures that may touch it are the same, in the same order and in the same groups.
//! So whatever has no equal on the other side damages the blocks it may show in, and so does whatever changed its place
//! in the order, but for blocks that a picture fills which lies above it on both sides; nothing else does. Pairing decides
//! only how much is found equal, so keys may repeat.

use crate::cover::Cover;
use crate::footprint::Footprint;
use crate::grid::Rect;
use crate::plan::{Node, PlacedGroup, PlacedPicture, Plan};
use crate::veil::{PlacedVeil, VeilClass};
use media::{BLOCK_PX, Damage, Resolution};
use std::sync::Arc;

/// Compares plans; keeps its memory between frames.
#[derive(Debug, Default)]
pub(crate) struct Differ {
    sorted: [Vec<(u8, u64, usize)>; 2],
    /// Per new node: the old node of the same key.
    pair: Vec<Option<usize>>,
    /// Per new node: the old node equal in everything, groups around it included.
    equal: Vec<Option<usize>>,
    /// Per old node: whether an equal was found.
    kept: Vec<bool>,
    /// Per old node: whether it changed its place in the order.
    shifted: Vec<bool>,
    /// Groups that differ in their wipe alone: new and old node.
    wiped: Vec<(usize, usize)>,
    cover: Cover,
    order: Order,
    /// Memory of footprints that went.
    spare: Vec<Footprint>,
}

impl Differ {
    /// Adds to `damage` every block where `new` may look different from `old`; takes the footprints of `old` over, and
    /// finds those that changed.
    pub(crate) fn compare(
        &mut self,
        old: &mut Plan,
        new: &mut Plan,
        canvas: Resolution,
        damage: &mut Damage,
    ) {
        if old.background != new.background {
            damage.add_all();
        }
        self.pair_up(&old.nodes, &new.nodes);
        self.equal.clear();
        self.kept.clear();
        self.kept.resize(old.nodes.len(), false);
        self.wiped.clear();
        for (at, (node, pair)) in new.nodes.iter().zip(&self.pair).enumerate() {
            let equal = pair.filter(|&i| match (node, &old.nodes[i]) {
                (Node::Picture(a), Node::Picture(b)) => {
                    same_picture(a, b) && same_parent(&self.equal, a.parent, b.parent)
                }
                (Node::Push(a), Node::Push(b)) => {
                    same_group(a, b) && same_parent(&self.equal, a.parent, b.parent)
                }
                (Node::Matte(a), Node::Matte(b)) => {
                    a.kind == b.kind && same_parent(&self.equal, a.parent, b.parent)
                }
                _ => false,
            });
            if let Some(i) = equal {
                self.kept[i] = true;
                if let (Node::Push(a), Node::Push(b)) = (node, &old.nodes[i])
                    && a.veil != b.veil
                {
                    self.wiped.push((at, i));
                }
            }
            self.equal.push(equal);
        }
        for &(at, i) in &self.wiped {
            if let (Node::Push(a), Node::Push(b)) = (&new.nodes[at], &old.nodes[i]) {
                let area = a.bounds.union(b.bounds);
                add_wiped([a.veil.as_ref(), b.veil.as_ref()], area, damage);
            }
        }
        self.groups(old, new, damage);
        // Other groups show only through their pictures; those that stayed have their footprints still.
        for (node, equal) in new.nodes.iter_mut().zip(&self.equal) {
            if let (Node::Picture(picture), None) = (node, equal) {
                let mut footprint = self.spare.pop().unwrap_or_default();
                footprint.find(picture, canvas);
                picture.footprint = footprint;
            }
        }
        self.shifted.clear();
        self.shifted.resize(old.nodes.len(), false);
        let pictures = new.nodes.iter().zip(&self.equal);
        let kept = pictures
            .filter(|(node, _)| matches!(node, Node::Picture(_)) || reach(node).is_some())
            .filter_map(|(_, equal)| *equal);
        for &i in self.order.moved(kept) {
            self.shifted[i] = true;
            if let Node::Picture(picture) = &old.nodes[i] {
                picture.footprint.add_to(damage);
            } else if let Some(at) = self.equal.iter().position(|equal| *equal == Some(i)) {
                // What is below it now need not be what was.
                add(reach(&old.nodes[i]), damage);
                add(reach(&new.nodes[at]), damage);
            }
        }
        self.pictures(old, new, canvas, damage);
        self.panes(old, new);
        self.hand_over(old, new);
    }

    /// Adds where pictures that came or went are seen.
    fn pictures(&mut self, old: &Plan, new: &Plan, canvas: Resolution, damage: &mut Damage) {
        let is_all_equal = self.equal.iter().all(Option::is_some);
        if is_all_equal && self.kept.iter().all(|kept| *kept) {
            return;
        }
        // A pane shows what is around it as well, some of it from beneath what lies over both.
        let has_panes = !old.panes.is_empty() || !new.panes.is_empty();
        let (equal, kept, shifted) = (&self.equal, &self.kept, &self.shifted);
        let before = |i: usize| match &old.nodes[i] {
            Node::Picture(picture) if !has_panes && !shifted[i] => Some(&picture.footprint),
            _ => None,
        };
        let cover = &mut self.cover;
        let stays = |i: usize| equal[i].and_then(before);
        cover.add_changed(&new.nodes, canvas, stays, |i| equal[i].is_none(), damage);
        let stays = |i: usize| before(i);
        cover.add_changed(&old.nodes, canvas, stays, |i| !kept[i], damage);
    }

    /// Finds the panes below which nothing near them has changed: what lies above one does not matter to it.
    fn panes(&self, old: &Plan, new: &mut Plan) {
        if old.background != new.background {
            return;
        }
        let mut panes = std::mem::take(&mut new.panes);
        for pane in &mut panes {
            let surface = |plan: &Plan, at: usize| match plan.nodes.get(at) {
                Some(Node::Picture(picture)) => Some(Arc::as_ptr(&picture.surface)),
                _ => None,
            };
            // Keys may repeat; the surface is the pane's own.
            let own = surface(new, pane.at);
            let before = old.panes.iter().find(|pane| surface(old, pane.at) == own);
            pane.is_stale = before.is_none_or(|before| {
                self.has_changed_below(old, new, [before.below, pane.below], pane.region)
            });
        }
        new.panes = panes;
    }

    /// Whether anything may look different in `area` where only the first nodes are drawn: so many of `old` and of `new`.
    fn has_changed_below(
        &self,
        old: &Plan,
        new: &Plan,
        [old_count, new_count]: [usize; 2],
        area: Rect,
    ) -> bool {
        let reaches = |node: &Node| reach(node).is_some_and(|r| !r.intersect(area).is_empty());
        let touches = |node: &Node| match node {
            Node::Picture(picture) => picture.footprint.touches(area),
            _ => reaches(node),
        };
        let came = new.nodes.iter().zip(&self.equal).enumerate();
        let mut came = came.filter(|(i, (node, equal))| match equal {
            None => *i < new_count && touches(node),
            // On its way across the pane, or past others below it; those that stayed have their footprints on the other side.
            Some(j) => {
                let is_below = [*j < old_count, *i < new_count];
                (is_below[0] != is_below[1] || (is_below[0] && self.shifted[*j]))
                    && (touches(&old.nodes[*j]) || reaches(node))
            }
        });
        let went = old.nodes[..old_count].iter().zip(&self.kept);
        let mut went = went.filter(|(node, kept)| !**kept && touches(node));
        let wiped = |&(i, _): &(usize, usize)| {
            let bounds = match &new.nodes[i] {
                Node::Push(group) => group.bounds,
                _ => Rect::default(),
            };
            i < new_count && !bounds.intersect(area).is_empty()
        };
        came.next().is_some() || went.next().is_some() || self.wiped.iter().any(wiped)
    }

    /// Adds the reach of groups that change px where they have none, and came or went.
    fn groups(&self, old: &Plan, new: &Plan, damage: &mut Damage) {
        for (node, equal) in new.nodes.iter().zip(&self.equal) {
            if equal.is_none() {
                add(reach(node), damage);
            }
        }
        for (node, kept) in old.nodes.iter().zip(&self.kept) {
            if !kept {
                add(reach(node), damage);
            }
        }
    }

    /// Gives the new plan the footprints of what stayed, and keeps the memory of the others.
    fn hand_over(&mut self, old: &mut Plan, new: &mut Plan) {
        for (node, equal) in new.nodes.iter_mut().zip(&self.equal) {
            if let (Node::Picture(picture), Some(i)) = (node, equal)
                && let Node::Picture(before) = &mut old.nodes[*i]
            {
                picture.footprint = std::mem::take(&mut before.footprint);
            }
        }
        for (node, _) in old
            .nodes
            .iter_mut()
            .zip(&self.kept)
            .filter(|(_, kept)| !**kept)
        {
            if let Node::Picture(picture) = node {
                self.spare.push(std::mem::take(&mut picture.footprint));
            }
        }
    }

    /// Pairs nodes of the same kind and key, the n-th of one side with the n-th of the other.
    fn pair_up(&mut self, old: &[Node], new: &[Node]) {
        self.pair.clear();
        if old.len() == new.len() && old.iter().zip(new).all(|(a, b)| identity(a) == identity(b)) {
            self.pair.extend((0..new.len()).map(Some));
            return;
        }
        self.pair.resize(new.len(), None);
        for (sorted, nodes) in self.sorted.iter_mut().zip([old, new]) {
            sorted.clear();
            sorted.extend(nodes.iter().enumerate().map(|(i, node)| {
                let (kind, key) = identity(node);
                (kind, key, i)
            }));
            sorted.sort_unstable();
        }
        let [old, new] = &self.sorted;
        let mut at = 0;
        for &(kind, key, i) in new {
            while at < old.len() && (old[at].0, old[at].1) < (kind, key) {
                at += 1;
            }
            if at < old.len() && (old[at].0, old[at].1) == (kind, key) {
                self.pair[i] = Some(old[at].2);
                at += 1;
            }
        }
    }
}

/// Where a group shows that changes px where it has none.
fn reach(node: &Node) -> Option<Rect> {
    match node {
        Node::Push(group) => group.reaches_beyond().then_some(group.bounds),
        Node::Picture(_) | Node::Matte(_) | Node::Pop { .. } => None,
    }
}

/// Areas of no more blocks are looked at block by block at once: halving on would look as often again where a wipe has its
/// edge everywhere.
const FEW_BLOCKS: usize = 8;

/// Adds what of `area` a wipe shows otherwise than another: where neither has its edge, it need only be looked at as a whole.
fn add_wiped(veils: [Option<&PlacedVeil>; 2], area: Rect, damage: &mut Damage) {
    if area.is_empty() {
        return;
    }
    let class = |veil: Option<&PlacedVeil>| veil.map_or(VeilClass::All, |veil| veil.class(area));
    let a = class(veils[0]);
    let mut is_mixed = a == VeilClass::Part;
    if !is_mixed {
        let b = class(veils[1]);
        if a == b {
            return;
        }
        is_mixed = b == VeilClass::Part;
    }
    let blocks = |from: usize, to: usize| from / BLOCK_PX..(to - 1) / BLOCK_PX + 1;
    let (columns, rows) = (blocks(area.x0, area.x1), blocks(area.y0, area.y1));
    let count = columns.len() * rows.len();
    if count == 1 || !is_mixed {
        return add(Some(area), damage);
    }
    if count <= FEW_BLOCKS {
        for (row, column) in rows.flat_map(|row| columns.clone().map(move |at| (row, at))) {
            let (x, y) = (column * BLOCK_PX, row * BLOCK_PX);
            let block = Rect {
                x0: x,
                y0: y,
                x1: x + BLOCK_PX,
                y1: y + BLOCK_PX,
            };
            add_wiped(veils, block.intersect(area), damage);
        }
        return;
    }
    let sides = [area.x1 - area.x0, area.y1 - area.y0];
    // In two along the longer side, between blocks.
    let middle = |from: usize, to: usize| {
        let middle = from.midpoint(to).div_ceil(BLOCK_PX) * BLOCK_PX;
        if middle < to {
            middle
        } else {
            (to - 1) / BLOCK_PX * BLOCK_PX
        }
    };
    let crosses = |from: usize, to: usize| from / BLOCK_PX != (to - 1) / BLOCK_PX;
    let across = crosses(area.x0, area.x1) && (sides[0] >= sides[1] || !crosses(area.y0, area.y1));
    let (first, second) = if across {
        let x = middle(area.x0, area.x1);
        (Rect { x1: x, ..area }, Rect { x0: x, ..area })
    } else {
        let y = middle(area.y0, area.y1);
        (Rect { y1: y, ..area }, Rect { y0: y, ..area })
    };
    add_wiped(veils, first, damage);
    add_wiped(veils, second, damage);
}

fn add(area: Option<Rect>, damage: &mut Damage) {
    if let Some(Rect { x0, y0, x1, y1 }) = area {
        damage.add_px(x0..x1, y0..y1);
    }
}

/// Whether the groups around are equal, `equal` so far found.
fn same_parent(equal: &[Option<usize>], new: Option<usize>, old: Option<usize>) -> bool {
    match (new, old) {
        (None, None) => true,
        (Some(new), Some(_)) => equal[new] == old,
        _ => false,
    }
}

const fn identity(node: &Node) -> (u8, u64) {
    match node {
        Node::Picture(picture) => (0, picture.key),
        Node::Push(group) => (1, group.key),
        Node::Pop { .. } => (2, 0),
        Node::Matte(matte) => (3, matte.key),
    }
}

fn same_picture(a: &PlacedPicture, b: &PlacedPicture) -> bool {
    Arc::ptr_eq(&a.surface, &b.surface)
        && (a.opacity, a.blend, a.bounds) == (b.opacity, b.blend, b.bounds)
        && a.placement == b.placement
}

/// Whether a group treats its children alike, but for a wipe; its bounds follow from them.
fn same_group(a: &PlacedGroup, b: &PlacedGroup) -> bool {
    (a.opacity, a.blend, a.is_associative) == (b.opacity, b.blend, b.is_associative)
        && a.clip == b.clip
        && a.matte.map(|(_, kind)| kind) == b.matte.map(|(_, kind)| kind)
}

/// Finds what changed its place in an order: all but a longest increasing subsequence.
#[derive(Debug, Default)]
struct Order {
    items: Vec<usize>,
    /// Per length: position of the smallest last item of an increasing subsequence.
    tails: Vec<usize>,
    /// Per position: the position before it in its subsequence.
    before: Vec<Option<usize>>,
    moved: Vec<usize>,
}

impl Order {
    fn moved(&mut self, items: impl Iterator<Item = usize>) -> &[usize] {
        self.moved.clear();
        self.items.clear();
        self.items.extend(items);
        if self.items.is_sorted() {
            return &self.moved;
        }
        self.tails.clear();
        self.before.clear();
        for (at, item) in self.items.iter().enumerate() {
            let len = self.tails.partition_point(|&tail| self.items[tail] < *item);
            self.before.push(len.checked_sub(1).map(|i| self.tails[i]));
            if len == self.tails.len() {
                self.tails.push(at);
            } else {
                self.tails[len] = at;
            }
        }
        let mut stays = self.tails.last().copied();
        for at in (0..self.items.len()).rev() {
            if stays == Some(at) {
                stays = self.before[at];
            } else {
                self.moved.push(self.items[at]);
            }
        }
        &self.moved
    }
}
