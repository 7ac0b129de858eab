//! Panes of frosted glass on a side of a passage that is drawn as a picture of its own, since it turns or blurs.
//!
//! What lies below the glass is not in that picture. So the side is taken apart: what is below a pane is one picture, what is above
//! it another, and between the two stands what lies below both, blurred, where the pane is seen that moves as they do.
//!
//! ```text
//! [ a, pane, b ]  ->  picture(a), blur(all below) cut to picture(pane), picture(b)
//! ```

use super::turning::Card;
use super::{GroupItem, Item, MatteItem};
use crate::{BackdropItem, MaskMode};
use kurbo::{Affine, Point, Rect};
use media::BlendMode;

/// A side that is drawn as one picture or several.
pub(super) struct Standing<'a> {
    /// How each of them is drawn.
    whole: GroupItem,
    card: Option<&'a Card>,
    /// How far effects draw beyond what they are applied to, in px of the side.
    reach_px: f64,
    /// The next of them.
    part: u32,
    /// What cuts groups around what is looked at.
    cuts: Vec<GroupItem>,
}

impl<'a> Standing<'a> {
    pub(super) const fn new(whole: GroupItem, card: Option<&'a Card>, reach_px: f64) -> Self {
        let whole = GroupItem {
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            veil: None,
            ..whole
        };
        Self {
            whole,
            card,
            reach_px,
            part: 0,
            cuts: Vec::new(),
        }
    }

    /// Places what stands in the side, or in a group of it that has panes.
    pub(super) fn place(&mut self, content: &[Item], items: &mut Vec<Item>) {
        let (mut at, mut first) = (0, 0);
        while let Some(item) = content.get(at) {
            let next = match item {
                Item::Push(_) => at + 1 + length(&content[at + 1..]) + 1,
                _ => at + 1,
            };
            let inside = content.get(at + 1..next - 1).unwrap_or_default();
            match item {
                Item::Backdrop(pane) if !pane.is_shape => {
                    self.picture(&content[first..at], items);
                    self.frost(pane, items);
                    first = next;
                }
                Item::Push(group) if !group.own_surface && has_panes(inside) => {
                    self.picture(&content[first..at], items);
                    self.group(group, inside, items);
                    first = next;
                }
                _ => {}
            }
            at = next;
        }
        self.picture(content.get(first..).unwrap_or_default(), items);
    }

    /// A group with a pane, which blends and fades as before, with what is in it as pictures.
    fn group(&mut self, group: &GroupItem, inside: &[Item], items: &mut Vec<Item>) {
        let (shown, matte) = inside.split_at(until_matte(inside));
        items.push(Item::Push(GroupItem {
            clip: None,
            veil: None,
            ..*group
        }));
        let cuts = group.clip.is_some() || group.veil.is_some();
        if cuts {
            self.cuts.push(GroupItem {
                opacity: 1.0,
                blend_mode: BlendMode::Normal,
                ..*group
            });
        }
        self.place(shown, items);
        if cuts {
            self.cuts.pop();
        }
        if let Some((matte, decides)) = matte.split_first() {
            items.push(*matte);
            let cuts = std::mem::take(&mut self.cuts);
            self.picture(decides, items);
            self.cuts = cuts;
        }
        items.push(Item::Pop);
    }

    /// Some of what stands in the side, as a picture.
    fn picture(&mut self, content: &[Item], items: &mut Vec<Item>) {
        let is_drawn = |item: &Item| match item {
            Item::Layer(_) => true,
            Item::Backdrop(pane) => pane.is_shape,
            Item::Push(_) | Item::Matte(_) | Item::Pop => false,
        };
        if !content.iter().any(is_drawn) {
            return;
        }
        items.push(Item::Push(GroupItem {
            part: self.part,
            ..self.whole
        }));
        self.part += 1;
        items.extend(self.cuts.iter().map(|cut| Item::Push(*cut)));
        items.extend_from_slice(content);
        items.extend(self.cuts.iter().map(|_| Item::Pop));
        items.push(Item::Pop);
    }

    /// What lies below all that was placed so far, where a pane is seen.
    fn frost(&mut self, pane: &BackdropItem, items: &mut Vec<Item>) {
        let Some(seen) = self.seen(pane) else { return };
        items.push(Item::Push(GroupItem {
            clip: None,
            own_surface: false,
            has_effects: false,
            pin: None,
            ..self.whole
        }));
        let scale = self.whole.transform.determinant().abs().sqrt();
        items.push(Item::Backdrop(BackdropItem {
            transform: Affine::translate(seen.origin().to_vec2()),
            size: seen.size(),
            radii: [0.0; 4],
            sigma_px: pane.sigma_px * scale,
            holds_still: false,
            ..*pane
        }));
        items.push(Item::Matte(MatteItem {
            mode: MaskMode::Alpha,
            invert: false,
        }));
        let shape = Item::Backdrop(BackdropItem {
            is_shape: true,
            ..*pane
        });
        self.picture(&[shape], items);
        items.push(Item::Pop);
    }

    /// What a pane takes up where the side is seen; `None` behind whoever looks.
    fn seen(&self, pane: &BackdropItem) -> Option<Rect> {
        let reach = self.reach_px;
        let own = pane.size.to_rect();
        let own = pane
            .transform
            .transform_rect_bbox(own)
            .inflate(reach, reach);
        let Some(card) = self.card else {
            let seen = self.whole.transform.transform_rect_bbox(own);
            return Some(seen.inflate(1.0, 1.0));
        };
        let corners = [
            (own.x0, own.y0),
            (own.x1, own.y0),
            (own.x1, own.y1),
            (own.x0, own.y1),
        ];
        let [a, b, c, d] = corners.map(|corner| card.at(Point::from(corner)));
        let seen = Rect::from_points(a?, b?).union_pt(c?).union_pt(d?);
        Some(seen.inflate(1.0, 1.0))
    }
}

/// Whether there is a pane in a group that is no picture of its own, and that it is not for a mask.
pub(super) fn has_panes(items: &[Item]) -> bool {
    let mut at = 0;
    let items = &items[..until_matte(items)];
    while let Some(item) = items.get(at) {
        at += 1;
        match item {
            Item::Backdrop(pane) if !pane.is_shape => return true,
            Item::Push(group) => {
                let end = at + length(&items[at..]);
                if !group.own_surface && has_panes(&items[at..end]) {
                    return true;
                }
                at = end;
            }
            _ => {}
        }
    }
    false
}

/// How many items stand in the group whose push comes before these.
fn length(items: &[Item]) -> usize {
    let mut depth = 0_usize;
    let ends = |item: &Item| match item {
        Item::Push(_) => {
            depth += 1;
            false
        }
        Item::Pop if depth == 0 => true,
        Item::Pop => {
            depth -= 1;
            false
        }
        Item::Layer(_) | Item::Backdrop(_) | Item::Matte(_) => false,
    };
    items.iter().position(ends).unwrap_or(items.len())
}

/// How many of the items of a group come before its mask.
fn until_matte(items: &[Item]) -> usize {
    let mut depth = 0_usize;
    let is_matte = |item: &Item| {
        match item {
            Item::Push(_) => depth += 1,
            Item::Pop => depth = depth.saturating_sub(1),
            Item::Matte(_) => return depth == 0,
            Item::Layer(_) | Item::Backdrop(_) => {}
        }
        false
    };
    items.iter().position(is_matte).unwrap_or(items.len())
}
