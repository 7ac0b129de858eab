//! Resolving: evaluating the scene at a time to a flat list.

use crate::property::Slot;
use crate::{Animation, Effect, Id, Kind, Layer, Property, Scene, Shared, Start, Target};
use animation::{Playback, Timing, Track, Value};
use kurbo::{Affine, Point, Rect, Size};
use media::{BlendMode, Color, ShowTime};

/// A moment of the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Show time.
    pub show: ShowTime,
    /// The wall clock at show time 0, in nanoseconds since 1970 UTC.
    pub epoch_unix_ns: i64,
}

/// The size of a source in layer px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// The layer's box.
    pub size: Size,
    /// The first baseline, down from the top of the box; `None` for what has no text.
    pub baseline_px: Option<f64>,
}

/// Knows how large sources are; the engine asks `sources`.
pub trait Measure {
    /// The extent of `layer`'s source at `moment`, for a layer that has one.
    fn extent(&mut self, layer: &Layer, moment: Moment) -> Extent;
}

/// One step of drawing, bottom to top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A layer with pixels of its own.
    Layer(LayerItem),
    /// What follows, up to the matching [`Item::Pop`], is composed first and then blended as one.
    Push(GroupItem),
    /// Ends the innermost push.
    Pop,
}

/// A layer to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerItem {
    /// Index into [`Resolver::layers`] (and the scene's layers).
    pub index: usize,
    /// Layer px to canvas px, or to px of the innermost group around it with a surface of its own
    /// ([`GroupItem::own_surface`]).
    pub transform: Affine,
    /// 0..=1: the layer's own; groups around it carry theirs.
    pub opacity: f64,
    /// The layer's box, layer px.
    pub extent: Extent,
    /// Surface px per layer px at which the source should be rasterised: it holds still while scale animates.
    pub raster_scale: f64,
    /// Whether no animation moves the layer against what `transform` leads to.
    pub holds_still: bool,
    /// Whether no animation changes the size of the layer's words.
    pub holds_size: bool,
}

/// A group to compose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupItem {
    /// Index into [`Resolver::layers`].
    pub index: usize,
    /// Group px to canvas px, or to px of the innermost group around it with a surface of its own.
    pub transform: Affine,
    /// The group's box, group px.
    pub size: Size,
    /// Cut to the box with these corner radii, group px.
    pub clip: Option<[f64; 4]>,
    /// 0..=1.
    pub opacity: f64,
    /// Whether it is composed on a surface of its own, for its effects: what follows, up to its pop, is then placed in px
    /// of the group, and does not change when the group moves.
    pub own_surface: bool,
    /// Surface px per group px for such a surface; holds still while scale animates.
    pub raster_scale: f64,
    /// Whether no animation moves the group against what `transform` leads to.
    pub holds_still: bool,
}

/// What a layer stands in.
#[derive(Clone, Copy)]
struct Space {
    /// Its px to those of the canvas, or of the innermost group with a surface of its own.
    transform: Affine,
    /// Whether no animation moves it against those.
    holds_still: bool,
}

/// Evaluates one scene at any time, in any order.
///
/// Keeps a live copy of the layers and rewrites only what moves: after the first time, sampling numbers and colours
/// allocates nothing.
#[derive(Debug)]
pub struct Resolver {
    base: Vec<Shared<Layer>>,
    live: Vec<Shared<Layer>>,
    base_background: Color,
    background: Color,
    stacks: Vec<Stack>,
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
    raster_scales: Vec<f64>,
    /// Whether no animation moves the layer itself.
    stands: Vec<bool>,
    holds_size: Vec<bool>,
}

/// Everything that moves one property, oldest first.
#[derive(Debug)]
struct Stack {
    layer: Option<usize>,
    property: Property,
    motions: Vec<Motion>,
}

#[derive(Debug)]
struct Motion {
    playback: Playback,
    timing: Timing,
    track: Track,
}

impl Resolver {
    /// Prepares a scene whose [`faults`](Scene::faults) are empty; what a faulty scene gets wrong is left out.
    ///
    /// Starts that are not yet show times count as show time 0: the engine settles them first ([`Scene::settle`]).
    pub fn new(scene: &Scene) -> Self {
        let index_of = |id: &Id| scene.layers.iter().position(|l| l.id == *id);
        let mut children = vec![Vec::new(); scene.layers.len()];
        let mut roots = Vec::new();
        for (i, layer) in scene.layers.iter().enumerate() {
            match layer.parent.as_ref().and_then(index_of) {
                Some(parent) => children[parent].push(i),
                None => roots.push(i),
            }
        }
        for siblings in children.iter_mut().chain([&mut roots]) {
            siblings.sort_by_key(|&i| scene.layers[i].z_index);
        }
        let mut stacks: Vec<Stack> = Vec::new();
        for a in &scene.animations {
            let layer = match &a.target {
                Target::Layer(id) => match index_of(id) {
                    Some(i) => Some(i),
                    None => continue,
                },
                Target::Canvas => None,
            };
            for property in a.properties() {
                let Ok(track) = a.track(&property) else {
                    continue;
                };
                let motion = Motion {
                    playback: Playback::start(start_time(a), &a.timing),
                    timing: a.timing.clone(),
                    track,
                };
                match stacks
                    .iter_mut()
                    .find(|s| s.layer == layer && s.property == property)
                {
                    Some(stack) => stack.motions.push(motion),
                    None => stacks.push(Stack {
                        layer,
                        property,
                        motions: vec![motion],
                    }),
                }
            }
        }
        let mut resolver = Self {
            base: scene.layers.clone(),
            live: scene.layers.clone(),
            base_background: scene.canvas.background,
            background: scene.canvas.background,
            stacks,
            children,
            roots,
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
                let sizes = |s: &Stack| s.layer == Some(i) && s.property == Property::SourceSize;
                !resolver.stacks.iter().any(sizes)
            })
            .collect();
        resolver.raster_scales = (0..resolver.base.len())
            .map(|i| resolver.raster_scale(i, &index_of))
            .collect();
        resolver
    }

    /// The layers as they are at the last resolved moment, in the scene's order.
    pub fn layers(&self) -> &[Shared<Layer>] {
        &self.live
    }

    /// Surface px per layer px at which each layer's source is rasterised, in the scene's order.
    pub fn raster_scales(&self) -> &[f64] {
        &self.raster_scales
    }

    /// The layers as they are at show time `t`, in the scene's order: base values with what animations make of them.
    pub fn layers_at(&mut self, t: ShowTime) -> &[Shared<Layer>] {
        self.animate(t);
        &self.live
    }

    /// The canvas background at the last resolved moment.
    pub const fn background(&self) -> Color {
        self.background
    }

    /// Evaluates `moment` and replaces `items` by what is on screen then.
    pub fn resolve(&mut self, moment: Moment, measure: &mut dyn Measure, items: &mut Vec<Item>) {
        self.animate(moment.show);
        items.clear();
        for i in 0..self.roots.len() {
            self.place(self.roots[i], Space::CANVAS, moment, measure, items);
        }
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
        let index_of = |id: &Id| self.live.iter().position(|layer| layer.id == *id);
        let Some(i) = index_of(id) else {
            return false;
        };
        let around: Vec<usize> = self.ancestry(i, &index_of).skip(1).collect();
        let transform = around.iter().fold(Affine::IDENTITY, |inner, &group| {
            local_transform(&self.live[group], self.extent(group, moment, measure)) * inner
        });
        let space = Space {
            transform,
            holds_still: around.iter().all(|&group| self.stands[group]),
        };
        self.place_shown(i, space, moment, measure, items);
        true
    }

    fn animate(&mut self, t: ShowTime) {
        for stack in &self.stacks {
            let Some(layer) = stack.layer else {
                if let Value::Color(color) = stack.sample(Value::Color(self.base_background), t) {
                    self.background = color;
                }
                continue;
            };
            let Some(base) = stack
                .property
                .slot(&mut self.base[layer])
                .and_then(|slot| Slot::get(&slot))
            else {
                continue;
            };
            let value = stack.sample(base, t);
            if let Some(slot) = stack.property.slot(&mut self.live[layer]) {
                slot.set(value);
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
        let layer = &self.live[i];
        if layer.visible && layer.opacity > 0.0 {
            self.place_shown(i, space, moment, measure, items);
        }
    }

    fn place_shown(
        &self,
        i: usize,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let layer = &self.live[i];
        let extent = self.extent(i, moment, measure);
        let transform = space.transform * local_transform(layer, extent);
        let holds_still = space.holds_still && self.stands[i];
        let raster_scale = self.raster_scales[i];
        if layer.kind != Kind::Group {
            items.push(Item::Layer(LayerItem {
                index: i,
                transform,
                opacity: layer.opacity,
                extent,
                raster_scale,
                holds_still,
                holds_size: self.holds_size[i],
            }));
            return;
        }
        // A group of layers in source-over that neither cuts nor fades blends the same whether or not it is composed apart.
        let over = |i: usize| self.live[i].blend_mode == BlendMode::Normal;
        let own_surface = layer.effects.iter().any(Effect::acts);
        let apart = own_surface
            || layer.clip.is_some()
            || layer.opacity < 1.0
            || !over(i)
            || !self.children[i].iter().all(|&child| over(child));
        if apart {
            let (clip, opacity) = (layer.clip, layer.opacity);
            items.push(Item::Push(GroupItem {
                index: i,
                transform,
                size: extent.size,
                clip,
                opacity,
                own_surface,
                raster_scale,
                holds_still,
            }));
        }
        let space = if own_surface {
            Space::CANVAS
        } else {
            Space {
                transform,
                holds_still,
            }
        };
        for &child in &self.children[i] {
            self.place(child, space, moment, measure, items);
        }
        if apart {
            items.push(Item::Pop);
        }
    }

    fn extent(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Extent {
        let layer = &self.live[i];
        if layer.kind != Kind::Group {
            return measure.extent(layer, moment);
        }
        let t = &layer.transform;
        let needed = layer.clip.is_some()
            || !layer.effects.is_empty()
            || t.anchor_x.abs() > 0.0
            || t.anchor_y.abs() > 0.0;
        let natural = match (t.width_px, t.height_px) {
            (Some(w), Some(h)) => Size::new(w, h),
            _ if !needed => Size::ZERO,
            _ => self.children[i].iter().fold(Size::ZERO, |size, &child| {
                let extent = self.extent(child, moment, measure);
                let bounds = local_transform(&self.live[child], extent)
                    .transform_rect_bbox(Rect::from_origin_size(Point::ORIGIN, extent.size));
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

    /// The scale at which a layer's source is rasterised: its base scale and its parents', or the largest scale it is
    /// moved to where that is more than a quarter larger (below that, resampling is not seen and pixels stay exact).
    fn raster_scale(&self, i: usize, index_of: &impl Fn(&Id) -> Option<usize>) -> f64 {
        let scale = |i: usize| {
            let t = &self.base[i].transform;
            let base = t.scale_x.abs().max(t.scale_y.abs());
            let peak = self
                .stacks
                .iter()
                .filter(|s| {
                    s.layer == Some(i) && matches!(s.property, Property::ScaleX | Property::ScaleY)
                })
                .flat_map(|s| s.motions.iter().flat_map(|m| m.track.keyframes()))
                .filter_map(|k| {
                    if let Some(Value::Number(v)) = k.value {
                        Some(v.abs())
                    } else {
                        None
                    }
                })
                .fold(0.0, f64::max);
            if peak > 1.25 * base { peak } else { base }
        };
        self.ancestry(i, index_of)
            .map(scale)
            .product::<f64>()
            .clamp(1.0 / 64.0, 16.0)
    }

    /// The layer and the groups around it, innermost first.
    fn ancestry(
        &self,
        i: usize,
        index_of: &impl Fn(&Id) -> Option<usize>,
    ) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(i), move |&i| {
            self.base[i].parent.as_ref().and_then(index_of)
        })
    }
}

impl Space {
    /// The canvas, or a surface: what stands in it is placed in its own px.
    const CANVAS: Self = Self {
        transform: Affine::IDENTITY,
        holds_still: true,
    };
}

impl Stack {
    fn sample(&self, base: Value, t: ShowTime) -> Value {
        animation::sample_stack(
            base,
            self.motions
                .iter()
                .map(|m| (m.playback.sample(&m.timing, t).progress, &m.track)),
        )
    }
}

fn start_time(a: &Animation) -> ShowTime {
    match a.start {
        Start::At(t) => t,
        Start::Now | Start::Wall(_) => ShowTime::ZERO,
    }
}

fn local_transform(layer: &Layer, extent: Extent) -> Affine {
    let t = &layer.transform;
    let on_baseline = match &layer.source {
        Some(crate::Source::Text(s)) => s.baseline,
        Some(crate::Source::Countdown(s)) => s.baseline,
        _ => false,
    };
    let y = match extent.baseline_px {
        Some(baseline) if on_baseline => baseline,
        _ => t.anchor_y * extent.size.height,
    };
    t.affine(Point::new(t.anchor_x * extent.size.width, y))
}
