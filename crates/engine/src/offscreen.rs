//! A subtree of the resolved list as a surface: groups with effects, and those in perspective, are composed by themselves,
//! changed as a whole, and placed as one picture.
//!
//! What is in the group is lowered in px of the group. While its list looks the same, as when only the group moves, nothing
//! is drawn; where it differs, only what is damaged. Then the effects are applied anew: here where that is quick, else on
//! the worker, while what they made last stands in.

use crate::gallery::Gallery;
use crate::lower::{self, View};
use compositor::{Compositor, DisplayList, DrawItem, Group, Perspective, Picture, Pinned};
use kurbo::{Affine, Point, Rect, Size, Vec2};
use media::{BlendMode, Color, Resolution, Surface};
use scene::{Effect, EffectKind, GroupItem, Id, Item, Layer, Moment, PinItem, Resolver};
use sources::Sheet;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Surfaces of groups begin and end on multiples of this, so that what moves a little in them needs no other surface.
const GRID_PX: f64 = 64.0;
/// Longest side of a group's surface: more a compositor does not take.
const MAX_SIDE_PX: f64 = 4096.0;
/// Px from which on a surface is cut to what can be seen: a canvas of 4K has fewer.
const MAX_AREA_PX: f64 = 10e6;

/// The surfaces of groups.
#[derive(Debug)]
pub(crate) struct Offscreen {
    /// By the layer, and whether its effects change it: a group in perspective may be composed twice.
    subtrees: HashMap<(Id, bool), Subtree>,
    used_bytes: usize,
    budget_bytes: usize,
    /// Counts what was drawn, over all groups.
    version: u64,
    /// One white px.
    white: Arc<Surface>,
}

/// One group's surface, and what it was made from.
#[derive(Debug)]
struct Subtree {
    list: DisplayList,
    /// Clips around what is looked at; kept for its memory.
    clips: Vec<Option<Rect>>,
    canvas: Option<Canvas>,
    /// Of the composed surface, and of what effects make of it.
    bytes: usize,
    /// Which drawing of all it shows.
    version: u64,
    affected: Option<Affected>,
}

/// A group composed, before its effects.
#[derive(Debug)]
struct Canvas {
    compositor: Compositor,
    area: Area,
    composed: Arc<Surface>,
}

/// Surface px from the corner of a group's box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    left: i32,
    top: i32,
    width: u32,
    height: u32,
}

/// What effects made of a group.
#[derive(Debug)]
pub(crate) struct Affected {
    pub(crate) cause: Cause,
    pub(crate) sheet: Sheet,
}

/// All that decides what effects make of a group, but for where its surface lies, which a version has with it.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    version: u64,
    size: Size,
    scale: f64,
    pub(crate) effects: Vec<Effect>,
}

impl Cause {
    fn is(&self, version: u64, size: Size, scale: f64, effects: &[Effect]) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        self.version == version
            && self.size == size
            && same(self.scale, scale)
            && self.effects == effects
    }
}

impl Offscreen {
    /// Holds surfaces of at most `budget_bytes`.
    pub(crate) fn new(budget_bytes: usize) -> Self {
        let mut white = Surface::new(1, 1);
        white.data_mut().fill(255);
        Self {
            white: Arc::new(white),
            subtrees: HashMap::new(),
            used_bytes: 0,
            budget_bytes,
            version: 0,
        }
    }

    /// One white px.
    pub(crate) fn white(&self) -> Arc<Surface> {
        Arc::clone(&self.white)
    }

    /// Bytes of surfaces.
    pub(crate) const fn used_bytes(&self) -> usize {
        self.used_bytes
    }

    /// Forgets groups that are no more.
    pub(crate) fn keep(&mut self, ids: &HashSet<&Id>) {
        self.subtrees.retain(|(id, _), _| ids.contains(id));
        self.used_bytes = self.subtrees.values().map(|subtree| subtree.bytes).sum();
    }

    /// Takes in what the worker made.
    pub(crate) fn affected(&mut self, id: &Id, affected: Affected) {
        if let Some(subtree) = self.subtrees.get_mut(&(id.clone(), true)) {
            subtree.affected = Some(affected);
        }
    }

    /// Draws what differs of a group into its surface; `false` where there is no room for that.
    fn compose(&mut self, subtree: &mut Subtree, area: Area) -> bool {
        if subtree
            .canvas
            .as_ref()
            .is_none_or(|canvas| canvas.area != area)
        {
            let bytes = area.width as usize * area.height as usize * 8;
            let others = self.used_bytes - subtree.bytes;
            let fits = others + bytes <= self.budget_bytes;
            subtree.bytes = if fits { bytes } else { 0 };
            self.used_bytes = others + subtree.bytes;
            subtree.canvas = fits.then(|| Canvas::new(area));
        }
        let Some(canvas) = &mut subtree.canvas else {
            subtree.affected = None;
            return false;
        };
        let corner = Vec2::new(-f64::from(area.left), -f64::from(area.top));
        for item in &mut subtree.list.items {
            match item {
                DrawItem::Picture(picture) => {
                    picture.transform = picture.transform.then_translate(corner);
                }
                DrawItem::Push(Group { clip, veil, .. }) => {
                    if let Some(clip) = clip {
                        clip.transform = clip.transform.then_translate(corner);
                    }
                    if let Some(veil) = veil {
                        veil.transform = veil.transform.then_translate(corner);
                    }
                }
                DrawItem::Pinned(pinned) => pinned.map = pinned.map.moved(corner.x, corner.y),
                DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => {}
            }
        }
        if canvas
            .compositor
            .compose_apart(&subtree.list, &mut canvas.composed)
        {
            self.version += 1;
            subtree.version = self.version;
        }
        true
    }
}

impl Canvas {
    fn new(area: Area) -> Self {
        Self {
            compositor: Compositor::new(Resolution::new(area.width, area.height)),
            area,
            composed: Arc::new(Surface::new(area.width, area.height)),
        }
    }
}

impl Default for Subtree {
    fn default() -> Self {
        Self {
            list: DisplayList {
                background: Color::BLACK,
                items: Vec::new(),
            },
            clips: Vec::new(),
            canvas: None,
            bytes: 0,
            version: 0,
            affected: None,
        }
    }
}

impl Subtree {
    /// What its list may draw on, on the grid; cut to `seen` where that is much. `None` when nothing is drawn.
    ///
    /// It follows from the list and from `seen` alone, so that a picture does not depend on those before it.
    fn area(&mut self, seen: Rect) -> Option<Area> {
        let grid = |r: Rect| {
            Rect::new(
                (r.x0 / GRID_PX).floor() * GRID_PX,
                (r.y0 / GRID_PX).floor() * GRID_PX,
                (r.x1 / GRID_PX).ceil() * GRID_PX,
                (r.y1 / GRID_PX).ceil() * GRID_PX,
            )
        };
        let drawn = self.bounds()?;
        let fits = |r: Rect| r.width().max(r.height()) <= MAX_SIDE_PX && r.area() <= MAX_AREA_PX;
        let mut area = grid(drawn);
        if !fits(area) {
            area = grid(drawn.intersect(seen));
        }
        if area.width().max(area.height()) > MAX_SIDE_PX {
            // Turned, a canvas of 4K may need more than a compositor takes; its middle is what matters.
            let side = MAX_SIDE_PX - 2.0 * GRID_PX;
            let middle = Rect::from_center_size(area.center(), Size::new(side, side));
            area = area.intersect(grid(middle));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held to a side of 4096 px, and positions saturate"
        )]
        let area = (area.width() > 0.0 && area.height() > 0.0).then(|| Area {
            left: area.x0 as i32,
            top: area.y0 as i32,
            width: area.width() as u32,
            height: area.height() as u32,
        });
        area
    }

    /// What the pictures of its list touch, clips heeded.
    fn bounds(&mut self) -> Option<Rect> {
        let mut all: Option<Rect> = None;
        self.clips.clear();
        for item in &self.list.items {
            let around = self.clips.last().copied().flatten();
            let within = |r: Rect| around.map_or(r, |around| r.intersect(around));
            // Antialiased edges take a px more.
            let own = match item {
                DrawItem::Push(group) => {
                    let own = group.clip.map(|clip| {
                        let own = clip.size.to_rect();
                        within(clip.transform.transform_rect_bbox(own).inflate(1.0, 1.0))
                    });
                    self.clips.push(own.or(around));
                    continue;
                }
                // What a mask shows is not drawn.
                DrawItem::Matte(_) => {
                    if let Some(clip) = self.clips.last_mut() {
                        *clip = Some(Rect::ZERO);
                    }
                    continue;
                }
                DrawItem::Pop => {
                    self.clips.pop();
                    continue;
                }
                // It lies within its group, and shows nothing apart.
                DrawItem::Backdrop(_) => continue,
                DrawItem::Picture(picture) => {
                    let (width, height) = (picture.surface.width(), picture.surface.height());
                    let own = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
                    picture.transform.transform_rect_bbox(own)
                }
                DrawItem::Pinned(pinned) => match pinned.map.corners(pinned.window) {
                    Some([a, b, c, d]) => Rect::from_points(a, b).union_pt(c).union_pt(d),
                    None => continue,
                },
            };
            let own = within(own.inflate(1.0, 1.0));
            if own.width() > 0.0 && own.height() > 0.0 && own.is_finite() {
                all = Some(all.map_or(own, |all| all.union(own)));
            }
        }
        all
    }

    /// The composed surface, and what effects have made of it: last, or of exactly this.
    fn finish(
        &mut self,
        gallery: &mut Gallery,
        id: &Id,
        layer: &Layer,
        item: &GroupItem,
        scale: f64,
    ) -> Option<Sheet> {
        let size = item.size;
        let canvas = self.canvas.as_ref()?;
        let sheet = Sheet {
            surface: Arc::clone(&canvas.composed),
            left: canvas.area.left,
            top: canvas.area.top,
            size,
            scale,
        };
        if !item.has_effects {
            self.affected = None;
            return Some(sheet);
        }
        let is = |affected: &Affected| affected.cause.is(self.version, size, scale, &layer.effects);
        if !self.affected.as_ref().is_some_and(is) {
            let cause = Cause {
                version: self.version,
                size,
                scale,
                effects: layer.effects.clone(),
            };
            match gallery.affect(id, cause, &sheet) {
                Some(affected) => self.affected = Some(affected),
                // Nothing has come yet: better without its effects than not at all, but for what a key is to hide.
                None if self.affected.is_none() => {
                    let hides = |e: &Effect| matches!(e.kind, EffectKind::ChromaKey { .. });
                    return Some(sheet).filter(|_| !layer.effects.iter().any(hides));
                }
                None => {}
            }
        }
        self.affected
            .as_ref()
            .map(|affected| affected.sheet.clone())
    }
}

/// What stands in the group whose push comes before `items`, and what comes after its pop.
pub(crate) fn split(items: &[Item]) -> (&[Item], &[Item]) {
    let mut depth = 0_usize;
    for (i, item) in items.iter().enumerate() {
        match item {
            Item::Push(_) => depth += 1,
            Item::Pop if depth == 0 => return (&items[..i], &items[i + 1..]),
            Item::Pop => depth -= 1,
            Item::Layer(_) | Item::Backdrop(_) | Item::Matte(_) => {}
        }
    }
    (items, &[])
}

/// Adds the group `item`, with `inside` in it, to `list` as one picture.
pub(crate) fn lower_group(
    item: &GroupItem,
    inside: &[Item],
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
    list: &mut DisplayList,
) {
    let layer = &resolver.layers()[item.index];
    let placed = view.affine() * item.transform;
    let scale = item.raster_scale * view.rasters;
    // What lies in perspective has levels of its own.
    let scale = match item.pin {
        None => lower::painted_at(scale, gallery, placed),
        Some(_) => scale,
    };
    // Out of the gallery while what is in it is lowered, which may need the others.
    let id = match item.part {
        0 => layer.id.clone(),
        part => Id::reserved(&format!("{}/{part}", layer.id)),
    };
    let key = (id.clone(), item.has_effects);
    let taken = gallery.offscreen.subtrees.remove(&key);
    let mut subtree = taken.unwrap_or_default();
    let pinned = item.pin.map(|pin| Stand::of(&pin, view));
    let seen = match &pinned {
        None => seen_from(placed, view.seen),
        Some(stand) => stand.as_ref().map_or(Rect::ZERO, |s| s.seen(view.seen)),
    };
    let reach = match item.has_effects {
        true => sources::reach_px(&layer.effects, scale) + 1.0,
        false => 1.0,
    };
    let own = View {
        scale,
        dx: 0.0,
        dy: 0.0,
        within: Affine::IDENTITY,
        frosts: item.is_whole,
        seen: (Affine::scale(scale).transform_rect_bbox(seen)).inflate(reach, reach),
        ..view
    };
    subtree.list.items.clear();
    if item.clip.is_some() {
        let clipped = GroupItem {
            transform: Affine::IDENTITY,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            veil: None,
            pin: None,
            ..*item
        };
        let group = lower::lower_group(&clipped, resolver, gallery, moment, own);
        subtree.list.items.push(DrawItem::Push(group));
    }
    lower::append(inside, resolver, gallery, moment, own, &mut subtree.list);
    if item.clip.is_some() {
        subtree.list.items.push(DrawItem::Pop);
    }
    let area = match item.is_whole {
        true => whole_area(item.size * scale).or_else(|| subtree.area(own.seen)),
        false => subtree.area(own.seen),
    };
    let has_room = area.is_none_or(|area| gallery.offscreen.compose(&mut subtree, area));
    let mut shows = false;
    if area.is_some()
        && has_room
        && let Some(sheet) = subtree.finish(gallery, &id, layer, item, scale)
    {
        let origin_px = Point::new(
            f64::from(sheet.left) / sheet.scale,
            f64::from(sheet.top) / sheet.scale,
        );
        let part = lower::key(layer, 1 + item.part);
        let drawn = match pinned {
            None => {
                let mut transform = lower::surface_transform(placed, origin_px, sheet.scale);
                if item.holds_still {
                    transform = lower::on_whole_pixels(transform);
                }
                Some(DrawItem::Picture(Picture {
                    key: part,
                    surface: sheet.surface,
                    transform,
                    opacity: item.opacity,
                    blend: item.blend_mode,
                }))
            }
            Some(stand) => stand.map(|stand| {
                let to_group =
                    Affine::translate(origin_px.to_vec2()) * Affine::scale(1.0 / sheet.scale);
                let to_box = stand.pin.to_box * to_group;
                let map = stand.map.after(to_group);
                let all = stand.pin.size.to_rect();
                DrawItem::Pinned(Pinned {
                    key: part,
                    window: lower::window_in_front(&map, &sheet.surface, to_box, all),
                    surface: sheet.surface,
                    map,
                    shrink: gallery.shrink(),
                    opacity: item.opacity,
                    blend: item.blend_mode,
                })
            }),
        };
        shows = drawn.is_some();
        list.items.extend(drawn);
    }
    gallery.offscreen.subtrees.insert(key, subtree);
    if has_room && !shows {
        lower::lower_nothing(layer, item.opacity, item.blend_mode, list);
    }
    if !has_room {
        let detail = "its effects and moved corners are left out: surfaces of groups would take too much memory";
        gallery.failed_as(&layer.id, detail.to_owned());
        let group = lower::lower_group(item, resolver, gallery, moment, view);
        list.items.push(DrawItem::Push(group));
        let within = view.within * item.transform;
        lower::append(
            inside,
            resolver,
            gallery,
            moment,
            View { within, ..view },
            list,
        );
        list.items.push(DrawItem::Pop);
    }
}

/// All of a box and nothing beyond it, in px of its surface, so that what is blurred in it ends where the box does; `None` where that
/// is more than a compositor takes.
fn whole_area(size: Size) -> Option<Area> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "held to a side of 4096 px, and sizes saturate"
    )]
    let [width, height] =
        [size.width, size.height].map(|side| (side / 2.0 - 1e-6).ceil() as u32 * 2);
    let fits = size.width.max(size.height) <= MAX_SIDE_PX && width > 0 && height > 0;
    fits.then_some(Area {
        left: 0,
        top: 0,
        width,
        height,
    })
}

/// Px of a group of which something can be seen where `seen` is of what it is placed on.
fn seen_from(placed: Affine, seen: Rect) -> Rect {
    if placed.determinant().abs() < 1e-12 {
        return Rect::ZERO;
    }
    placed.inverse().transform_rect_bbox(seen)
}

/// Where a group stands in perspective.
struct Stand {
    pin: PinItem,
    /// Group px to output px.
    map: Perspective,
}

impl Stand {
    /// `None` where its corners are not those of a convex quadrilateral.
    fn of(pin: &PinItem, view: View) -> Option<Self> {
        let corners = pin.corners.map(|corner| view.affine() * corner);
        let map = Perspective::of_rect(pin.size.to_rect(), corners)?.after(pin.to_box);
        Some(Self { pin: *pin, map })
    }

    /// As [`seen_from`]: its box where the horizon is in sight.
    fn seen(&self, seen: Rect) -> Rect {
        let back = self.map.inverse().and_then(|map| map.corners(seen));
        match back {
            Some([a, b, c, d]) => Rect::from_points(a, b).union_pt(c).union_pt(d),
            None => {
                let own = self.pin.size.to_rect();
                self.pin.to_box.inverse().transform_rect_bbox(own)
            }
        }
    }
}
