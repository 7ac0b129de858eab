//! A display list with everything placed and everything invisible left out.

use crate::clip::PlacedClip;
use crate::footprint::Footprint;
use crate::frost::{Pane, Panes};
use crate::grid::Rect;
use crate::list::{Backdrop, DisplayList, DrawItem, Group, Matte, Picture, Pinned};
use crate::pinned::PinnedSampler;
use crate::placement::{Placement, whole};
use crate::veil::{PlacedVeil, Shows};
use kurbo::Affine;
use media::{AlphaMap, BlendMode, Resolution, Surface};
use std::sync::Arc;

/// Groups nested deeper are left out: each level costs a strip of memory and a stack frame.
const MAX_DEPTH: usize = 64;

/// One step of a plan.
#[derive(Debug)]
pub(crate) enum Node {
    Picture(PlacedPicture),
    Push(PlacedGroup),
    /// Begins what decides where the group around it shows.
    Matte(PlacedMatte),
    /// Ends the group that node `push` begins.
    Pop {
        push: usize,
    },
}

/// A picture of which something may be seen.
#[derive(Debug)]
pub(crate) struct PlacedPicture {
    pub(crate) key: u64,
    /// The `Push` or `Matte` it is in.
    pub(crate) parent: Option<usize>,
    pub(crate) surface: Arc<Surface>,
    pub(crate) alpha: Arc<AlphaMap>,
    pub(crate) placement: Placement,
    /// At least 1.
    pub(crate) opacity: u8,
    pub(crate) blend: BlendMode,
    /// Clips of its groups included.
    pub(crate) bounds: Rect,
    /// Found when plans are compared, or by [`Plan::find_footprints`].
    pub(crate) footprint: Footprint,
}

/// A group that cannot be drawn as if its children stood in its place.
#[derive(Debug)]
pub(crate) struct PlacedGroup {
    pub(crate) key: u64,
    /// The `Push` or `Matte` it is in.
    pub(crate) parent: Option<usize>,
    pub(crate) clip: Option<PlacedClip>,
    /// A wipe that is under way.
    pub(crate) veil: Option<PlacedVeil>,
    /// At least 1.
    pub(crate) opacity: u8,
    pub(crate) blend: BlendMode,
    /// Whether drawing its children in its place gives the same as composing them apart: it and they blend by source-over.
    pub(crate) is_associative: bool,
    /// Whether a child may take alpha from those below it: then none of them makes the group opaque.
    pub(crate) children_erase: bool,
    /// Union of its children's; of a group that changes px where it has none, all px below it as well.
    pub(crate) bounds: Rect,
    /// Its `Matte`, where it has one.
    pub(crate) matte: Option<(usize, Matte)>,
    /// Its `Pop`.
    pub(crate) pop: usize,
}

/// What follows decides where a group shows.
#[derive(Debug)]
pub(crate) struct PlacedMatte {
    /// That of the group.
    pub(crate) key: u64,
    /// The `Push` of the group.
    pub(crate) parent: Option<usize>,
    pub(crate) kind: Matte,
}

/// Where a pane is in a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlacedPane {
    /// The picture that shows it.
    pub(crate) at: usize,
    /// The `Push` of its group, below which lies what it blurs.
    pub(crate) below: usize,
    /// What of that it is made of, canvas px.
    pub(crate) region: Rect,
    /// Whether that may be other than when it was painted last. A comparison finds those of which it is not so.
    pub(crate) is_stale: bool,
}

/// A group being planned.
#[derive(Debug)]
struct Open {
    /// The `Push` or `Matte` of what is in it, or that of the group around it when it has none of its own.
    parent: Option<usize>,
    /// Its `Push`, when it is composed apart.
    push: Option<usize>,
    hidden: bool,
    depth: usize,
    limits: Rect,
    content: Rect,
    /// What `content` was when its matte began.
    before_matte: Option<Rect>,
}

/// A display list with everything placed and everything invisible left out.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// RGBA, opaque where a list is drawn on its background.
    pub(crate) background: [u8; 4],
    pub(crate) nodes: Vec<Node>,
    /// Panes, bottom to top.
    pub(crate) panes: Vec<PlacedPane>,
    /// Pictures left out.
    pub(crate) culled: u32,
    open: Vec<Open>,
}

impl Group {
    /// Around one picture that changes px where it has none: only groups reach beyond what is in them.
    const fn of_one(key: u64, opacity: f64, blend: BlendMode) -> Self {
        Self {
            key,
            clip: None,
            opacity,
            blend,
            veil: None,
        }
    }
}

impl Open {
    /// What of a picture can be seen in here.
    fn seen(&self, placed: Option<(Placement, Rect)>) -> Option<(Placement, Rect)> {
        placed
            .map(|(placement, bounds)| (placement, bounds.intersect(self.limits)))
            .filter(|(_, bounds)| !bounds.is_empty())
    }
}

impl Node {
    /// The `Push` or `Matte` it is in.
    pub(crate) const fn parent(&self) -> Option<usize> {
        match self {
            Self::Picture(picture) => picture.parent,
            Self::Push(group) => group.parent,
            Self::Matte(matte) => matte.parent,
            Self::Pop { push } => Some(*push),
        }
    }
}

impl PlacedGroup {
    /// Whether it changes px where it has none.
    pub(crate) const fn reaches_beyond(&self) -> bool {
        self.blend.reaches_beyond_source()
    }
}

impl Plan {
    /// Replaces the plan by that of `list`; keeps memory, allocates only to grow or to look at new surfaces.
    pub(crate) fn build(&mut self, list: &DisplayList, canvas: Resolution, panes: &mut Panes) {
        self.clear();
        panes.begin();
        let [r, g, b, _] = list.background.to_rgba8();
        self.background = [r, g, b, 255];
        let limits = whole(canvas);
        self.open.push(Open {
            parent: None,
            push: None,
            hidden: limits.is_empty(),
            depth: 0,
            limits,
            content: Rect::default(),
            before_matte: None,
        });
        for (i, item) in list.items.iter().enumerate() {
            match item {
                DrawItem::Picture(picture) => self.picture(picture, canvas),
                DrawItem::Pinned(pinned) => self.pinned(pinned, canvas),
                DrawItem::Backdrop(backdrop) => self.backdrop(backdrop, canvas, panes),
                DrawItem::Push(group) => {
                    self.push(group, &list.items[i + 1..], canvas);
                }
                DrawItem::Matte(matte) => self.matte(*matte),
                DrawItem::Pop => {
                    if self.open.len() > 1 {
                        self.pop();
                    }
                }
            }
        }
        while !self.open.is_empty() {
            self.pop();
        }
    }

    /// Finds where every picture shows, when there is no plan before to take it from.
    pub(crate) fn find_footprints(&mut self, canvas: Resolution) {
        for node in &mut self.nodes {
            if let Node::Picture(picture) = node {
                let mut footprint = std::mem::take(&mut picture.footprint);
                footprint.find(picture, canvas);
                picture.footprint = footprint;
            }
        }
    }

    /// Forgets everything, surfaces too.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.panes.clear();
        self.open.clear();
        self.culled = 0;
    }

    fn picture(&mut self, picture: &Picture, canvas: Resolution) {
        if picture.blend.reaches_beyond_source() {
            let alone = Picture {
                opacity: 1.0,
                blend: BlendMode::Normal,
                ..picture.clone()
            };
            let group = Group::of_one(picture.key, picture.opacity, picture.blend);
            self.push(&group, &[], canvas);
            self.picture(&alone, canvas);
            return self.pop();
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let opacity = quantize(picture.opacity);
        let placed = if open.hidden || opacity == 0 {
            None
        } else {
            Placement::new(&picture.surface, picture.transform, canvas)
        };
        let Some((placement, bounds)) = open.seen(placed) else {
            self.culled += 1;
            return;
        };
        open.content = open.content.union(bounds);
        self.nodes.push(Node::Picture(PlacedPicture {
            key: picture.key,
            parent: open.parent,
            surface: Arc::clone(&picture.surface),
            alpha: Arc::clone(picture.surface.alpha_map()),
            placement,
            opacity,
            blend: picture.blend,
            bounds,
            footprint: Footprint::default(),
        }));
    }

    fn pinned(&mut self, pinned: &Pinned, canvas: Resolution) {
        if pinned.blend.reaches_beyond_source() {
            let alone = Pinned {
                opacity: 1.0,
                blend: BlendMode::Normal,
                ..pinned.clone()
            };
            let group = Group::of_one(pinned.key, pinned.opacity, pinned.blend);
            self.push(&group, &[], canvas);
            self.pinned(&alone, canvas);
            return self.pop();
        }
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let opacity = quantize(pinned.opacity);
        let placed = if open.hidden || opacity == 0 {
            None
        } else {
            PinnedSampler::new(pinned, canvas).map(|(p, b)| (Placement::Pinned(p), b))
        };
        let Some((placement, bounds)) = open.seen(placed) else {
            self.culled += 1;
            return;
        };
        open.content = open.content.union(bounds);
        self.nodes.push(Node::Picture(PlacedPicture {
            key: pinned.key,
            parent: open.parent,
            surface: Arc::clone(&pinned.surface),
            alpha: Arc::clone(pinned.surface.alpha_map()),
            placement,
            opacity,
            blend: pinned.blend,
            bounds,
            footprint: Footprint::default(),
        }));
    }

    fn backdrop(&mut self, backdrop: &Backdrop, canvas: Resolution, panes: &mut Panes) {
        let room = self.panes.len() < Backdrop::MAX_COUNT;
        let below = self.open.last().and_then(|open| open.push);
        let below = below.filter(|push| {
            let has_clip = matches!(&self.nodes[*push], Node::Push(group) if group.clip.is_some());
            has_clip && self.shows_what_lies_below(*push)
        });
        let Some(open) = self.open.last_mut().filter(|open| room && !open.hidden) else {
            return;
        };
        let (Some(below), Some(pane)) = (below, Pane::new(backdrop, open.limits, canvas)) else {
            return;
        };
        let (surface, map) = panes.surface(pane);
        let [x, y] = [pane.region.x0, pane.region.y0].map(|px| px as f64);
        let transform = Affine::translate((x, y)) * Affine::scale(pane.cell_px as f64);
        let placed = Placement::new(&surface, transform, canvas);
        let Some((placement, bounds)) = open.seen(placed) else {
            return;
        };
        open.content = open.content.union(bounds);
        self.panes.push(PlacedPane {
            at: self.nodes.len(),
            below,
            region: pane.region,
            is_stale: true,
        });
        self.nodes.push(Node::Picture(PlacedPicture {
            key: backdrop.key,
            parent: open.parent,
            alpha: map,
            surface,
            placement,
            opacity: 255,
            blend: BlendMode::Normal,
            bounds,
            footprint: Footprint::default(),
        }));
    }

    /// Whether the groups around and including `push` could end before it, so that the canvas is as it would be then: not in
    /// what decides where a group shows, and not in a group that changes px where it has none.
    fn shows_what_lies_below(&self, push: usize) -> bool {
        let mut at = Some(push);
        while let Some(i) = at {
            match &self.nodes[i] {
                Node::Push(group) if !group.reaches_beyond() => at = group.parent,
                _ => return false,
            }
        }
        true
    }

    /// Begins a group; `rest` is the list after it.
    fn push(&mut self, group: &Group, rest: &[DrawItem], canvas: Resolution) {
        let Some(around) = self.open.last() else {
            return;
        };
        let opacity = quantize(group.opacity);
        let mut open = Open {
            push: None,
            before_matte: None,
            content: Rect::default(),
            ..*around
        };
        let clip = group
            .clip
            .as_ref()
            .map(|clip| PlacedClip::new(clip, canvas));
        if let Some(placed) = &clip {
            open.limits = open
                .limits
                .intersect(placed.map_or(Rect::default(), |(_, bounds)| bounds));
        }
        let children = Children::of(rest);
        // Source-over is associative: a group that changes nothing is drawn as if its children stood in its place.
        let is_associative =
            group.blend == BlendMode::Normal && children.blend_over && !children.matte;
        let (veil, unveiled) = match group.veil.as_ref().map(PlacedVeil::place) {
            None | Some(Shows::All) => (None, true),
            Some(Shows::Part(veil)) => (Some(veil), true),
            Some(Shows::Nothing) => (None, false),
        };
        let isolated = opacity < 255 || clip.is_some() || veil.is_some() || !is_associative;
        let left_out = open.hidden || (isolated && open.depth == MAX_DEPTH);
        open.hidden = left_out || opacity == 0 || !unveiled || open.limits.is_empty();
        let is_seen = if group.blend.reaches_beyond_source() {
            !left_out
        } else {
            !open.hidden
        };
        if isolated && is_seen {
            open.depth += 1;
            open.push = Some(self.nodes.len());
            let parent = std::mem::replace(&mut open.parent, open.push);
            self.nodes.push(Node::Push(PlacedGroup {
                key: group.key,
                parent,
                clip: clip.flatten().map(|(clip, _)| clip),
                veil,
                opacity,
                blend: group.blend,
                is_associative,
                children_erase: children.erase,
                bounds: Rect::default(),
                matte: None,
                pop: 0,
            }));
        }
        self.open.push(open);
    }

    /// Begins what decides where the innermost group shows.
    fn matte(&mut self, kind: Matte) {
        let at = self.nodes.len();
        let Some(open) = self
            .open
            .last_mut()
            .filter(|open| open.before_matte.is_none())
        else {
            return;
        };
        let Some(Node::Push(group)) = open.push.and_then(|push| self.nodes.get_mut(push)) else {
            return;
        };
        group.matte = Some((at, kind));
        let matte = PlacedMatte {
            key: group.key,
            parent: open.push,
            kind,
        };
        open.before_matte = Some(std::mem::take(&mut open.content));
        open.parent = Some(at);
        // It is composed beside what it cuts, so what is in it lies one layer higher.
        open.depth = (open.depth + 1).min(MAX_DEPTH);
        self.nodes.push(Node::Matte(matte));
    }

    fn pop(&mut self) {
        let Some(mut open) = self.open.pop() else {
            return;
        };
        let matte = open.content;
        if let Some(content) = open.before_matte {
            open.content = content;
        }
        let mut below = Rect::default();
        if let Some(around) = self.open.last_mut() {
            around.content = around.content.union(open.content);
            // In a group of its own nothing is but what was drawn into it so far.
            below = if around.push.is_some() {
                around.content
            } else {
                around.limits
            };
        }
        let Some(push) = open.push else {
            return;
        };
        let pop = self.nodes.len();
        let Some(Node::Push(group)) = self.nodes.get_mut(push) else {
            return;
        };
        let bounds = if group.reaches_beyond() {
            below
        } else {
            open.content
        };
        let shows_nothing = matte.is_empty()
            && !group.reaches_beyond()
            && group.matte.is_some_and(|(_, kind)| !kind.invert);
        if bounds.is_empty() || shows_nothing {
            self.nodes.truncate(push);
            self.panes.retain(|pane| pane.at < push);
            return;
        }
        (group.bounds, group.pop) = (bounds, pop);
        self.nodes.push(Node::Pop { push });
    }
}

/// What the children of a group have in common; what is in groups in it is their own affair.
struct Children {
    /// All blend by source-over.
    blend_over: bool,
    /// One may take alpha from those below it.
    erase: bool,
    /// A matte decides where they show; what is in it is none of them.
    matte: bool,
}

impl Children {
    /// Of the group that `rest` follows.
    fn of(rest: &[DrawItem]) -> Self {
        let mut children = Self {
            blend_over: true,
            erase: false,
            matte: false,
        };
        let mut depth = 0usize;
        for item in rest {
            let blend = match item {
                DrawItem::Picture(picture) => picture.blend,
                DrawItem::Pinned(pinned) => pinned.blend,
                DrawItem::Push(group) => group.blend,
                DrawItem::Matte(_) if depth == 0 => {
                    children.matte = true;
                    break;
                }
                DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => BlendMode::Normal,
            };
            if depth == 0 && blend != BlendMode::Normal {
                children.blend_over = false;
                children.erase |= blend.may_erase();
            }
            match item {
                DrawItem::Push(_) => depth += 1,
                DrawItem::Pop if depth == 0 => break,
                DrawItem::Pop => depth -= 1,
                DrawItem::Picture(_)
                | DrawItem::Pinned(_)
                | DrawItem::Backdrop(_)
                | DrawItem::Matte(_) => {}
            }
        }
        children
    }
}

/// 0..=1 as 0..=255; what is not a number is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 first"
)]
fn quantize(opacity: f64) -> u8 {
    (opacity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
