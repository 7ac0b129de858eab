//! Resolving: evaluating the scene at a time to a flat list.

mod cast;
mod elsewhere;
mod frame;
mod items;
mod mixing;
mod morph;
mod panes;
mod passing;
mod pinning;
mod rolling;
mod safety;
mod turning;
mod veil;

pub(crate) use rolling::Roll;

pub use items::{Extent, GroupItem, Item, LayerItem, MatteItem, Measure, Moment, PinItem};
pub use safety::SafeBox;
pub use veil::{VeilItem, WipeShape};

use crate::backdrop;
use crate::constraints::Mapping;
use crate::placing::Lie;
use crate::rest::Rest;
use crate::stack::{Stack, Stacks, largest_scale};
use crate::{Effect, Id, Kind, Layer, Property, Scene, Shared};
use animation::{Value, transform_of};
use cast::{Cast, MaskChoices, Passing, Role};
use kurbo::{Affine, Size};
use media::{BlendMode, Color, ShowTime};
use mixing::{Chosen, Mix};
use pinning::Pinned;

/// What a layer stands in.
#[derive(Clone, Copy)]
struct Space {
    /// The innermost group around it with a surface of its own; none on the canvas.
    surface: Option<usize>,
    /// Its px to those of that surface.
    transform: Affine,
    /// Whether no animation moves it against those.
    holds_still: bool,
    /// The layer that decides where others show, where it is placed for that: all that it is and was counts, though it be hidden.
    masks: Option<usize>,
    /// Of a mask that becomes another only one side is drawn.
    chosen: Option<Chosen>,
}

/// How a layer combines with what is below it, which need not be what the layer says.
#[derive(Clone, Copy)]
struct How {
    opacity: f64,
    blend_mode: BlendMode,
    /// The side of a passage whose wipe passes over it in its own space, where that is another.
    mover: Option<usize>,
}

/// Evaluates one scene at any time, in any order.
///
/// Keeps a live copy of the layers and rewrites only what moves: after the first time, sampling numbers and colours
/// allocates nothing, and what has come to rest costs nothing.
#[derive(Debug)]
pub struct Resolver {
    base: Vec<Shared<Layer>>,
    /// How many of them the document has.
    own: usize,
    canvas: Size,
    /// The group, or side of a passage, that each one stands in.
    parents: Vec<Option<usize>>,
    live: Vec<Shared<Layer>>,
    background: Color,
    stacks: Stacks,
    /// Whether an animation moves the order of siblings.
    sorts: bool,
    /// The place of each among its siblings of one z-index.
    ranks: Vec<usize>,
    /// Of each stack.
    rests: Vec<Rest>,
    children: Vec<Vec<usize>>,
    /// The layer each shows through.
    masks: Vec<Option<usize>>,
    /// Of those that show through one after the other: whom, by their names.
    mask_choices: MaskChoices,
    /// The layer with the picture of each one's wipe.
    wipe_pictures: Vec<Option<usize>>,
    /// What each is drawn as.
    roles: Vec<Role>,
    /// The passage as long as which each is drawn; always where there is none.
    passing_by: Vec<Option<usize>>,
    passings: Vec<Passing>,
    mixes: Vec<Mix>,
    /// Copies of what leaves, with the ids of what they are copies of.
    copies: Vec<(Id, Id)>,
    /// The layer in whose px each one stands.
    leaders: Vec<Option<usize>>,
    roots: Vec<usize>,
    raster_scales: Vec<f64>,
    /// Where layers go on a canvas of another size than they were drawn for.
    mapping: Mapping,
    /// Whether no animation moves the layer itself.
    stands: Vec<bool>,
    holds_size: Vec<bool>,
}

impl Resolver {
    /// Prepares a scene whose [`faults`](Scene::faults) are empty; what a faulty scene gets wrong is left out.
    ///
    /// Starts that are not yet show times count as show time 0: the engine settles them first ([`Scene::settle`]).
    pub fn new(scene: &Scene) -> Self {
        let cast = Cast::of(scene);
        let (children, roots) = cast.children();
        let Cast {
            layers,
            own,
            parents,
            follows,
            masks,
            mask_choices,
            wipe_pictures,
            roles,
            passing_by,
            stacks,
            passings,
            copies,
            order,
            ..
        } = cast;
        let sorts = stacks
            .iter()
            .any(|stack| stack.property == Property::ZIndex);
        let ranks = order.iter().map(|(_, rank)| *rank).collect();
        let leaders = follows.iter().zip(&parents);
        let leaders = leaders
            .map(|(follows, parent)| follows.or(*parent))
            .collect();
        let [w, h] = [scene.canvas.width_px, scene.canvas.height_px].map(f64::from);
        let mut resolver = Self {
            live: layers.clone(),
            base: layers,
            own,
            canvas: Size::new(w, h),
            background: scene.canvas.background,
            rests: stacks.rests(),
            stacks,
            parents,
            sorts,
            ranks,
            children,
            masks,
            mask_choices,
            wipe_pictures,
            roles,
            passing_by,
            passings,
            mixes: Vec::new(),
            copies,
            leaders,
            roots,
            mapping: Mapping::default(),
            raster_scales: Vec::new(),
            stands: Vec::new(),
            holds_size: Vec::new(),
        };
        resolver.stands = (0..resolver.base.len())
            .map(|i| {
                let moves = |s: &Stack| s.layer == Some(i) && s.property.places();
                !resolver.stacks.iter().any(moves)
            })
            .collect();
        resolver.holds_size = (0..resolver.base.len())
            .map(|i| {
                let sizes = |s: &Stack| s.layer == Some(i) && s.property.sizes_words();
                !resolver.stacks.iter().any(sizes)
            })
            .collect();
        resolver.lead_sides();
        resolver.mixes = resolver.find_mixes();
        resolver.raster_scales = (0..resolver.base.len())
            .map(|i| resolver.raster_scale(i))
            .collect();
        let moves = |layer, property: &Property| {
            let property = property.canonical();
            let same = |s: &Stack| s.layer == Some(layer) && s.property.canonical() == property;
            resolver.stacks.iter().any(same)
        };
        // A transition changes nothing about what a layer keeps its distance from.
        let leader = |i: usize| {
            resolver
                .ancestry(i)
                .skip(1)
                .find(|&i| resolver.roles[i] == Role::Own)
        };
        let leaders: Vec<Option<usize>> = (0..resolver.base.len()).map(leader).collect();
        resolver.mapping = Mapping::new(&scene.canvas, &resolver.base, &leaders, moves);
        resolver.mapping.apply(&resolver.base, &mut resolver.live);
        resolver
    }

    /// The layers as they are at the last resolved moment, in the scene's order; behind them others that it takes to draw
    /// them, with ids that no document has.
    pub fn layers(&self) -> &[Shared<Layer>] {
        &self.live
    }

    /// Surface px per layer px at which each layer's source is rasterised, in the order of [`layers`](Self::layers).
    pub fn raster_scales(&self) -> &[f64] {
        &self.raster_scales
    }

    /// The layers as they are at show time `t`, in the scene's order: base values with what animations make of them.
    pub fn layers_at(&mut self, t: ShowTime) -> &[Shared<Layer>] {
        self.animate(t);
        &self.live[..self.own]
    }

    /// Layers that stand for such as leave, as pairs of the id that it had and the one that the copy has.
    pub fn copies(&self) -> &[(Id, Id)] {
        &self.copies
    }

    /// The canvas background at the last resolved moment.
    pub const fn background(&self) -> Color {
        self.background
    }

    /// Evaluates `moment` and replaces `items` by what is on screen then.
    pub fn resolve(&mut self, moment: Moment, measure: &mut dyn Measure, items: &mut Vec<Item>) {
        self.animate(moment.show);
        items.clear();
        self.place_all(&self.roots, None, Space::own(None), moment, measure, items);
    }

    /// As [`resolve`](Self::resolve), but only the layer `id`, with what is in it: where the groups around it put it, and
    /// without their opacity, clip, effects and visibility; it is drawn though it be hidden. `false` where there is no such layer.
    pub fn resolve_only(
        &mut self,
        id: &Id,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) -> bool {
        self.animate(moment.show);
        items.clear();
        let Some(i) = self.live[..self.own]
            .iter()
            .position(|layer| layer.id == *id)
        else {
            return false;
        };
        let space = self.around(i, None, moment, measure);
        let how = self.own(i);
        self.place_shown(i, space, how, moment, measure, items);
        true
    }

    fn animate(&mut self, t: ShowTime) {
        self.stacks.set(t);
        self.pass(t);
        for (stack, rest) in self.stacks.iter().zip(&mut self.rests) {
            // What is put elsewhere on this canvas is put there from where it was, on every frame.
            let mapped = stack.layer.is_some_and(|layer| self.mapping.maps(layer));
            if !(mapped && stack.property.places()) && rest.lies_still(t) {
                continue;
            }
            let Some(layer) = stack.layer else {
                if let Value::Color(color) = self.stacks.value(stack, t) {
                    self.background = color;
                }
                continue;
            };
            let value = if stack.over_whole {
                let slot = stack.property.slot(&mut self.live[layer]);
                match slot.and_then(|slot| slot.get()) {
                    Some(base) => self.stacks.value_over(stack, base, t),
                    // What moves the whole has put another in its place, which has no such part.
                    None => continue,
                }
            } else {
                self.stacks.value(stack, t)
            };
            if stack.property.takes_away() {
                stack
                    .property
                    .restore(&mut self.live[layer], &self.base[layer]);
            }
            if let Some(slot) = stack.property.slot(&mut self.live[layer]) {
                slot.set(value);
            }
            if stack.property == Property::MaskLayer {
                let through = self.live[layer].mask.as_ref().map(|mask| &mask.layer);
                let choices = self.mask_choices.get(&layer).into_iter().flatten();
                let mut found = choices.filter(|(id, _)| Some(id) == through);
                self.masks[layer] = found.next().map(|(_, at)| *at);
            }
        }
        self.mapping.apply(&self.base, &mut self.live);
        if self.sorts {
            let live = &self.live;
            for siblings in self.children.iter_mut().chain([&mut self.roots]) {
                siblings.sort_unstable_by_key(|&i| (live[i].z_index, self.ranks[i], i));
            }
        }
    }

    fn place(
        &self,
        i: usize,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        if self.passing_by[i].is_some_and(|p| !self.passings[p].active) {
            return;
        }
        match self.roles[i] {
            Role::Own | Role::Pair => {}
            Role::Stage(p) => return self.place_stage(i, p, space, moment, measure, items),
            Role::Mover(_) | Role::Cover(_) | Role::Hidden => return,
        }
        self.place_by(i, space, self.own(i), moment, measure, items);
    }

    /// Places a layer, if it is seen at all, by what need not be its own.
    fn place_by(
        &self,
        i: usize,
        space: Space,
        how: How,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        if self.live[i].visible && (how.opacity > 0.0 || how.blend_mode.reaches_beyond_source()) {
            self.place_shown(i, space, how, moment, measure, items);
        }
    }

    /// The opacity and blend mode of a layer.
    fn own(&self, i: usize) -> How {
        How::new(self.live[i].opacity, self.live[i].blend_mode)
    }

    /// Places a layer by an opacity and a blend mode that need not be its own.
    fn place_shown(
        &self,
        i: usize,
        space: Space,
        how: How,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let space = match self.live[i].follow {
            Some(_) => Space {
                chosen: space.chosen,
                ..self.around(i, space.surface, moment, measure)
            },
            None => space,
        };
        self.place_in(i, space, how, moment, measure, items);
    }

    /// As [`place_shown`](Self::place_shown), in a space that it has to itself.
    fn place_in(
        &self,
        i: usize,
        space: Space,
        how: How,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let How {
            opacity,
            blend_mode,
            mover,
        } = how;
        let layer = &self.live[i];
        let extent = self.extent(i, moment, measure);
        let lie = Lie::new(layer, extent);
        let transform = space.transform * lie.transform(layer);
        let holds_still = space.holds_still && self.stands[i];
        let raster_scale = self.raster_scales[i];
        let picture = self.wipe_pictures[i];
        let veil = VeilItem::of(layer.wipe.as_ref(), picture, layer, &lie, space.transform);
        let whole = GroupItem {
            veil,
            opacity,
            blend_mode,
            holds_still,
            ..GroupItem::plain(i, transform, extent.size, raster_scale)
        };
        let corners = lie
            .corners(layer)
            .map(|corners| corners.map(|p| space.transform * p));
        let pane = backdrop::pane(i, layer, &lie, space.transform, raster_scale, holds_still);
        if let Some(corners) = corners.filter(|_| self.shows_in_part(i, mover)) {
            let pinned = Pinned {
                index: i,
                lie: &lie,
                corners,
                whole,
                pane,
                mover,
                chosen: space.chosen,
            };
            return self.place_pinned(&pinned, moment, measure, items);
        }
        // A pane and what stands on it fade as one.
        let fades = layer.mask.is_some()
            || veil.is_some()
            || opacity < 1.0
            || blend_mode != BlendMode::Normal;
        if layer.kind != Kind::Group {
            let item = LayerItem {
                shown: layer.crop.map(|_| lie.shown),
                corners,
                opacity,
                blend_mode,
                ..self.layer_item(i, &whole, extent)
            };
            if layer.mask.is_none() && veil.is_none() && !(pane.is_some() && fades) {
                items.extend(pane.map(Item::Backdrop));
                items.push(Item::Layer(item));
                return;
            }
            items.push(Item::Push(whole));
            items.extend(pane.map(Item::Backdrop));
            items.push(Item::Layer(LayerItem {
                opacity: 1.0,
                blend_mode: BlendMode::Normal,
                ..item
            }));
            self.place_mask(i, space.surface, space.chosen, moment, measure, items);
            items.push(Item::Pop);
            return;
        }
        // A group of layers in source-over that neither cuts nor fades blends the same whether or not it is composed apart.
        let has_effects = layer.effects.iter().any(Effect::acts);
        let own_surface = corners.is_some() || has_effects;
        let apart = own_surface || layer.clip.is_some() || !self.children_blend_over(i);
        // A mask or a wipe decides about what effects have made of the group, not about what they are to change.
        let wrapped =
            (own_surface && (layer.mask.is_some() || veil.is_some())) || (pane.is_some() && fades);
        if wrapped {
            items.push(Item::Push(whole));
        }
        items.extend(pane.map(Item::Backdrop));
        let apart = apart || (fades && !wrapped);
        if apart {
            let (opacity, blend_mode) = if wrapped {
                (1.0, BlendMode::Normal)
            } else {
                (opacity, blend_mode)
            };
            items.push(Item::Push(GroupItem {
                clip: layer.clip,
                veil: if wrapped { None } else { veil },
                opacity,
                blend_mode,
                own_surface,
                has_effects,
                pin: corners.map(|corners| PinItem {
                    to_box: Affine::IDENTITY,
                    size: extent.size,
                    corners,
                }),
                ..whole
            }));
        }
        let inside = if own_surface {
            Space {
                chosen: space.chosen,
                ..Space::own(Some(i))
            }
        } else {
            Space {
                transform,
                holds_still,
                ..space
            }
        };
        self.place_all(&self.children[i], Some(i), inside, moment, measure, items);
        if wrapped && apart {
            items.push(Item::Pop);
        }
        if wrapped || apart {
            self.place_mask(i, space.surface, space.chosen, moment, measure, items);
            items.push(Item::Pop);
        }
    }

    /// Places what a layer shows through, at its own place, seen from `surface`.
    fn place_mask(
        &self,
        i: usize,
        surface: Option<usize>,
        chosen: Option<Chosen>,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let Some(mask) = &self.live[i].mask else {
            return;
        };
        items.push(Item::Matte(MatteItem {
            mode: mask.mode,
            invert: mask.invert,
        }));
        if let Some(at) = self.masks[i] {
            // How the mask itself comes and goes is not how it masks.
            let about = |i: usize| match self.roles[i] {
                Role::Stage(p) | Role::Mover(p) => {
                    [self.passings[p].subject, self.passings[p].left].contains(&Some(at))
                }
                _ => i == at,
            };
            let outermost = self.ancestry(at).take_while(|&i| about(i)).last();
            let space = Space {
                chosen,
                ..self.around(outermost.unwrap_or(at), surface, moment, measure)
            };
            if let Some((stage, p)) = self.stage_of_mask(at) {
                let space = Space {
                    masks: Some(at),
                    ..space
                };
                return self.place_stage(stage, p, space, moment, measure, items);
            }
            // There is nothing below it that it could combine with.
            let how = How::new(self.live[at].opacity, BlendMode::Normal);
            self.place_shown(at, space, how, moment, measure, items);
        }
    }

    /// What a layer stands in or follows, seen from the group `surface`, or else from the canvas.
    ///
    /// On the way to a group that it stands in nothing beyond is looked at, so that what is in the group stays the same,
    /// bit by bit, while the group moves. From elsewhere it is by way of the canvas.
    fn around(
        &self,
        i: usize,
        surface: Option<usize>,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Space {
        let mut space = Space::own(surface);
        for leader in self.ancestry(i).skip(1) {
            if Some(leader) == surface {
                return space;
            }
            space.transform = self.box_to_parent(leader, moment, measure) * space.transform;
            space.holds_still &= self.stands(leader);
        }
        if let Some(group) = surface {
            let around = self.around(group, None, moment, measure);
            let to_canvas = around.transform * self.box_to_parent(group, moment, measure);
            // A group that is a line or a point shows nothing.
            let from_canvas = if to_canvas.determinant().abs() < 1e-12 {
                Affine::scale(0.0)
            } else {
                to_canvas.inverse()
            };
            space.transform = from_canvas * space.transform;
            space.holds_still &= around.holds_still && self.stands(group);
        }
        space
    }

    fn box_to_parent(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Affine {
        let layer = &self.live[i];
        match self.roles[i] {
            Role::Own | Role::Hidden | Role::Cover(_) => {
                Lie::new(layer, self.extent(i, moment, measure)).box_to_parent(layer)
            }
            Role::Stage(_) | Role::Pair => Affine::IDENTITY,
            Role::Mover(p) => self.motion(i, p, moment, measure),
        }
    }

    fn extent(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Extent {
        let layer = &self.live[i];
        if layer.kind != Kind::Group {
            return measure.extent(layer, moment);
        }
        let t = &layer.transform;
        let needed = sized_by_content(layer);
        let natural = match (t.width_px, t.height_px) {
            (Some(w), Some(h)) => Size::new(w, h),
            _ if !needed => Size::ZERO,
            // Who follows another stands in other px.
            _ => self.children[i]
                .iter()
                .flat_map(|&child| self.standing_in(child))
                .filter(|&child| self.live[child].follow.is_none())
                .fold(Size::ZERO, |size, child| {
                    let layer = &self.live[child];
                    let lie = Lie::new(layer, self.extent(child, moment, measure));
                    let bounds = lie.bounds(layer);
                    Size::new(size.width.max(bounds.x1), size.height.max(bounds.y1))
                }),
        };
        let size = Size::new(
            t.width_px.unwrap_or(natural.width),
            t.height_px.unwrap_or(natural.height),
        );
        Extent {
            size,
            baseline_px: None,
        }
    }

    /// A layer, or those that come on a stage.
    fn standing_in(&self, i: usize) -> Vec<usize> {
        match self.roles[i] {
            Role::Stage(p) => {
                let coming = self.children[self.passings[p].coming].iter();
                coming.flat_map(|&child| self.standing_in(child)).collect()
            }
            Role::Pair => self.children[i].clone(),
            _ => vec![i],
        }
    }

    /// The scale at which a layer's source is rasterised: its base scale and its parents', or the largest scale it is
    /// moved to where that is more than a quarter larger (below that, resampling is not seen and pixels stay exact).
    fn raster_scale(&self, i: usize) -> f64 {
        let peak_or_base =
            |i: usize, property: &Property, base: f64, size: &dyn Fn(&Value) -> f64| {
                let stack = |s: &&Stack| s.layer == Some(i) && s.property == *property;
                let peak = self.stacks.iter().find(stack);
                let peak = peak.map_or(0.0, |stack| stack.peak(base, size));
                if peak > 1.25 * base { peak } else { base }
            };
        let factor = |value: &Value| match value {
            Value::Number(v) => v.abs(),
            Value::Vec2([x, y]) => x.abs().max(y.abs()),
            _ => 0.0,
        };
        let functions = |value: &Value| match value {
            Value::Transform(list) => largest_scale(transform_of(list)),
            _ => 0.0,
        };
        let scale = |i: usize| {
            if self.roles[i] != Role::Own {
                // Nothing is painted anew for a moment's sake.
                return 1.0;
            }
            let t = &self.base[i].transform;
            let base = t.scale_x.abs().max(t.scale_y.abs());
            let own = peak_or_base(i, &Property::Scale, base, &factor);
            // Most layers have none; their scale is exactly their own.
            let base = if t.functions.is_empty() {
                1.0
            } else {
                largest_scale(transform_of(&t.functions))
            };
            own * peak_or_base(i, &Property::Functions, base, &functions)
        };
        self.ancestry(i)
            .map(scale)
            .product::<f64>()
            .clamp(1.0 / 64.0, 16.0)
    }

    /// The layer and what it stands in or follows, innermost first.
    fn ancestry(&self, i: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(i), move |&i| self.leaders[i])
    }
}

/// Whether it takes the size of what is in a group to place or to draw it.
fn sized_by_content(group: &Layer) -> bool {
    let t = &group.transform;
    let is_given = t.width_px.is_some() && t.height_px.is_some();
    let needed = group.clip.is_some()
        || !group.effects.is_empty()
        || t.corner_pin.is_some()
        || t.anchor_x.abs() > 0.0
        || t.anchor_y.abs() > 0.0
        || t.flip_x
        || t.flip_y;
    needed && !is_given
}

impl Space {
    /// That of a surface itself: what stands in it is placed in its own px.
    const fn own(surface: Option<usize>) -> Self {
        Self {
            surface,
            transform: Affine::IDENTITY,
            holds_still: true,
            masks: None,
            chosen: None,
        }
    }
}
