//! Lowering: a resolved scene to a display list.

use crate::gallery::Gallery;
use crate::{backdrop, offscreen};
use compositor::{
    Clip, DisplayList, DrawItem, Group, Matte, Perspective, Picture, Pinned, Shrink, Veil, VeilForm,
};
use kurbo::{Affine, Point, Rect, Size, Vec2};
use media::{BlendMode, Surface};
use scene::{
    Effect, GroupItem, Item, Layer, LayerItem, MaskMode, Moment, Resolver, Source, Ticker,
    VeilItem, WipeShape,
};
use sources::Raster;
use std::sync::Arc;

/// Canvas px to output px, or px of a group to those of its own surface.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) scale: f64,
    pub(crate) dx: f64,
    pub(crate) dy: f64,
    pub(crate) canvas: Size,
    /// Factor of the scales at which layers are rasterised, which have those of the groups around them in them.
    pub(crate) rasters: f64,
    /// What can be seen, in px that this leads to.
    pub(crate) seen: Rect,
    /// Whether panes of glass show what lies below them: it is known.
    pub(crate) frosts: bool,
    /// Applied first; the identity but for a group that should have a surface of its own and cannot.
    pub(crate) within: Affine,
}

impl View {
    pub(crate) fn affine(self) -> Affine {
        Affine::new([self.scale, 0.0, 0.0, self.scale, self.dx, self.dy]) * self.within
    }

    /// Whether bars are left beside or above the canvas.
    fn has_bars(self) -> bool {
        // Less than a millionth of a pixel is rounding, not a bar.
        self.dx.max(self.dy) > 1e-6
    }

    /// The two, in output px.
    fn bars(self) -> [Rect; 2] {
        let canvas = self.canvas * self.scale;
        let whole = Size::new(canvas.width + 2.0 * self.dx, canvas.height + 2.0 * self.dy);
        if self.dx > self.dy {
            [0.0, whole.width - self.dx].map(|x| Rect::new(x, 0.0, x + self.dx, whole.height))
        } else {
            [0.0, whole.height - self.dy].map(|y| Rect::new(0.0, y, whole.width, y + self.dy))
        }
    }
}

/// Replaces `list` by what `items` show; keeps its memory.
pub(crate) fn lower(
    items: &[Item],
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
    list: &mut DisplayList,
) {
    lower_items(items, resolver, gallery, moment, view, list);
    if view.has_bars() {
        lower_bars(resolver, gallery, view, list);
    }
}

/// As [`lower`], without bars where the canvas has another shape than the output.
pub(crate) fn lower_items(
    items: &[Item],
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
    list: &mut DisplayList,
) {
    list.background = resolver.background();
    list.items.clear();
    append(items, resolver, gallery, moment, view, list);
}

/// Adds what `items` show to `list`.
pub(crate) fn append(
    mut items: &[Item],
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
    list: &mut DisplayList,
) {
    while let Some((item, rest)) = items.split_first() {
        items = rest;
        match item {
            Item::Push(item) if item.own_surface => {
                let (inside, behind) = offscreen::split(rest);
                offscreen::lower_group(item, inside, resolver, gallery, moment, view, list);
                items = behind;
            }
            Item::Layer(item) if item.effects_in_box => {
                let (around, inside) = in_box(item);
                offscreen::lower_group(&around, &[inside], resolver, gallery, moment, view, list);
            }
            Item::Layer(item) => lower_layer(
                item,
                &resolver.layers()[item.index],
                gallery,
                moment,
                view,
                list,
            ),
            Item::Push(item) => {
                let group = lower_group(item, resolver, gallery, moment, view);
                list.items.push(DrawItem::Push(group));
            }
            Item::Backdrop(item) => {
                let layer = &resolver.layers()[item.index];
                if item.is_shape {
                    backdrop::lower_shape(item, layer, gallery.white(), view, list);
                } else if view.frosts {
                    backdrop::lower_pane(item, layer, view, list);
                }
            }
            Item::Matte(item) => list.items.push(DrawItem::Matte(Matte {
                luma: item.mode == MaskMode::Luma,
                invert: item.invert,
            })),
            Item::Pop => list.items.push(DrawItem::Pop),
        }
    }
}

/// Lays bars over what stands beside the canvas. A group cut to the canvas would do the same, but hide the background from
/// blend modes.
fn lower_bars(resolver: &Resolver, gallery: &mut Gallery, view: View, list: &mut DisplayList) {
    let surface = gallery.flat(resolver.background());
    let bars = view.bars().into_iter().zip(0..);
    list.items.extend(bars.map(|(bar, key)| {
        DrawItem::Picture(Picture {
            key,
            surface: Arc::clone(&surface),
            transform: Affine::translate(bar.origin().to_vec2())
                * Affine::scale_non_uniform(bar.width(), bar.height()),
            opacity: 1.0,
            blend: BlendMode::Normal,
        })
    }));
}

pub(crate) fn lower_group(
    item: &GroupItem,
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
) -> Group {
    let layer = &resolver.layers()[item.index];
    let transform = view.affine() * item.transform;
    let clip = item.clip.map(|radii| Clip {
        transform,
        size: item.size,
        radii,
    });
    Group {
        key: key(layer, 0),
        clip,
        opacity: item.opacity,
        blend: item.blend_mode,
        veil: item
            .veil
            .and_then(|veil| lower_veil(&veil, resolver, gallery, moment, view)),
    }
}

/// A wipe; `None` for one by a picture that has not come yet: better all at once than not at all.
fn lower_veil(
    item: &VeilItem,
    resolver: &Resolver,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
) -> Option<Veil> {
    let form = match item.shape {
        WipeShape::Linear { direction } => VeilForm::Linear { direction },
        WipeShape::Iris { center } => VeilForm::Iris { center },
        WipeShape::Clock { center, direction } => VeilForm::Clock { center, direction },
        WipeShape::Luma { picture } => {
            let (layer, scale) = (
                &resolver.layers()[picture],
                resolver.raster_scales()[picture],
            );
            gallery
                .is_there(layer, scale, moment)
                .then(|| gallery.raster(layer, scale, false, moment))
                .flatten()
                .map(|raster| VeilForm::Luma(raster.surface))?
        }
    };
    Some(Veil {
        transform: view.affine() * item.transform,
        size: item.size,
        form,
        softness: item.softness,
        progress: item.progress,
        invert: item.invert,
    })
}

pub(crate) fn lower_layer(
    item: &LayerItem,
    layer: &Layer,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
    list: &mut DisplayList,
) {
    let placed = view.affine() * item.transform;
    let scale = match is_laid_over(item, layer) {
        true => 1.0,
        false => scale_of(item, gallery, placed, view),
    };
    let Some(raster) = gallery.raster(layer, scale, item.holds_size, moment) else {
        return lower_nothing(layer, item.opacity, item.blend_mode, list);
    };
    if let Some(Source::Ticker(ticker)) = &layer.source {
        return lower_ticker(item, layer, ticker, &raster, placed, moment, list);
    }
    if let Some(corners) = item.corners {
        let corners = corners.map(|corner| view.affine() * corner);
        list.items.extend(lower_pinned(
            item,
            layer,
            &raster,
            corners,
            gallery.shrink(),
        ));
        return;
    }
    let whole = |transform: Affine| {
        if item.holds_still {
            on_whole_pixels(transform)
        } else {
            transform
        }
    };
    let transform = transform_of(item, &raster, placed);
    if let Some(shown) = item.shown {
        // A crop of whole px stays one when the picture is put on whole px.
        let origin = Affine::translate(shown.origin().to_vec2());
        let transform_of_window = whole(view.affine() * item.transform * origin);
        list.items.push(DrawItem::Push(Group {
            key: key(layer, 0),
            clip: Some(window_onto(
                cut_where_cropped(shown, item, layer, raster.scale) - shown.origin().to_vec2(),
                transform_of_window,
            )),
            opacity: item.opacity,
            blend: item.blend_mode,
            veil: None,
        }));
        list.items
            .push(DrawItem::Picture(picture(layer, 1, &raster, transform)));
        list.items.push(DrawItem::Pop);
        return;
    }
    list.items.push(DrawItem::Picture(Picture {
        opacity: item.opacity,
        blend: item.blend_mode,
        ..picture(layer, 1, &raster, transform)
    }));
}

/// A layer in a group of its box, which has its effects.
fn in_box(item: &LayerItem) -> (GroupItem, Item) {
    let size = item.extent.size;
    let around = GroupItem {
        opacity: item.opacity,
        blend_mode: item.blend_mode,
        own_surface: true,
        has_effects: true,
        holds_still: item.holds_still,
        ..GroupItem::plain(item.index, item.transform, size, item.raster_scale)
    };
    let inside = Item::Layer(LayerItem {
        transform: Affine::IDENTITY,
        opacity: 1.0,
        blend_mode: BlendMode::Normal,
        holds_still: true,
        effects_in_box: false,
        ..*item
    });
    (around, inside)
}

/// Surface px per layer px at which a layer is painted that `placed` takes to output px.
pub(crate) fn scale_of(item: &LayerItem, gallery: &Gallery, placed: Affine, view: View) -> f64 {
    painted_at(item.raster_scale * view.rasters, gallery, placed)
}

/// Surface px per px at which is painted what `placed` takes to output px and would do at `scale` wherever it is.
pub(crate) fn painted_at(scale: f64, gallery: &Gallery, placed: Affine) -> f64 {
    if gallery.has_ladder() {
        rung(scale, placed)
    } else {
        scale
    }
}

/// Whether it is a color over a box that is not its own, as a transition lays one: it is painted in whole px whatever the size
/// of the output, since a last px that is covered in part, drawn as large as a canvas, would be a soft edge.
fn is_laid_over(item: &LayerItem, layer: &Layer) -> bool {
    let own = [layer.transform.width_px, layer.transform.height_px];
    let size = item.extent.size;
    matches!(layer.source, Some(Source::Color(_))) && own != [size.width, size.height].map(Some)
}

/// Surface px to output px, of the raster that a layer shows.
pub(crate) fn transform_of(item: &LayerItem, raster: &Raster, placed: Affine) -> Affine {
    // What stands in for a raster of another size fills the box that is wanted now.
    let (is, wanted) = (raster.size, item.extent.size);
    let differs = (is.width - wanted.width).abs() > 0.5 || (is.height - wanted.height).abs() > 0.5;
    let placed = if differs && is.width > 0.0 && is.height > 0.0 {
        placed * Affine::scale_non_uniform(wanted.width / is.width, wanted.height / is.height)
    } else {
        placed
    };
    let transform = surface_transform(placed, raster.origin_px, raster.scale);
    if item.holds_still {
        on_whole_pixels(transform)
    } else {
        transform
    }
}

/// The window of a crop, layer px, wider on the sides of which nothing is cut: there the picture ends by itself, and an edge that
/// both cover in part would be too thin. What may draw beyond its box is cut to that.
fn cut_where_cropped(shown: Rect, item: &LayerItem, layer: &Layer, scale: f64) -> Rect {
    let fills = matches!(
        layer.source,
        Some(Source::Image(_) | Source::Sprite(_) | Source::Color(_) | Source::Gradient(_))
    );
    if !fills || layer.source_effects().iter().any(Effect::acts) {
        return shown;
    }
    let (size, room) = (item.extent.size, 4.0 / scale);
    let side = |is: f64, end: f64, by: f64| match (is - end).abs() < 1e-9 {
        true => is + by,
        false => is,
    };
    Rect::new(
        side(shown.x0, 0.0, -room),
        side(shown.y0, 0.0, -room),
        side(shown.x1, size.width, room),
        side(shown.y1, size.height, room),
    )
}

/// What shows of a layer, layer px, whose px go to output px by `placed`.
fn window_onto(shown: Rect, placed: Affine) -> Clip {
    Clip {
        transform: placed * Affine::translate(shown.origin().to_vec2()),
        size: shown.size(),
        radii: [0.0; 4],
    }
}

/// A layer whose corners go to output px of their own; nothing where those are not the corners of a convex quadrilateral.
fn lower_pinned(
    item: &LayerItem,
    layer: &Layer,
    raster: &Raster,
    corners: [Point; 4],
    shrink: Shrink,
) -> Option<DrawItem> {
    let all = Rect::from_origin_size(Point::ORIGIN, item.extent.size);
    let shown = item.shown.unwrap_or(all);
    let (is, wanted) = (raster.size, item.extent.size);
    // Surface px to px of the source's box, which a raster of another size fills.
    let fill = Affine::scale_non_uniform(wanted.width / is.width, wanted.height / is.height);
    let to_box =
        fill * Affine::translate(raster.origin_px.to_vec2()) * Affine::scale(1.0 / raster.scale);
    let map = Perspective::of_rect(shown, corners)?.after(to_box);
    let window = match item.shown {
        None => window_in_front(&map, &raster.surface, to_box, shown),
        Some(_) => to_box.inverse().transform_rect_bbox(shown),
    };
    Some(DrawItem::Pinned(Pinned {
        key: key(layer, 1),
        surface: Arc::clone(&raster.surface),
        map,
        window,
        shrink,
        opacity: item.opacity,
        blend: item.blend_mode,
    }))
}

/// What shows of a surface in perspective: all of it, or what lies in its box where more would reach beyond the horizon, as a
/// shadow may. Surface px; `to_box` leads from those to px of the box.
pub(crate) fn window_in_front(
    map: &Perspective,
    surface: &Surface,
    to_box: Affine,
    own: Rect,
) -> Rect {
    let [width, height] = [surface.width(), surface.height()].map(f64::from);
    let all = Rect::new(0.0, 0.0, width, height);
    if map.corners(all).is_some() {
        return all;
    }
    to_box.inverse().transform_rect_bbox(own)
}

/// A layer without pixels, for now or for ever: some blend modes act where a layer has none.
pub(crate) fn lower_nothing(layer: &Layer, opacity: f64, blend: BlendMode, list: &mut DisplayList) {
    if blend.reaches_beyond_source() {
        list.items.push(DrawItem::Push(Group {
            key: key(layer, 0),
            clip: None,
            opacity,
            blend,
            veil: None,
        }));
        list.items.push(DrawItem::Pop);
    }
}

/// Lowest rung: a picture drawn this much smaller than it is painted is a dot.
const MOST_HALVINGS: u32 = 8;

/// The scale at which a layer is painted that is drawn where `placed` takes it: `scale`, halved as often as it is still at
/// least as large as it is drawn. The compositor takes four px for one of the output, so below half a size it would skip
/// some; and as a function of the moment alone it is the same for whoever looks.
fn rung(scale: f64, placed: Affine) -> f64 {
    let [a, b, c, d, _, _] = placed.as_coeffs();
    // The wider of the two directions: what is turned away from the viewer must not get blurred along the other.
    let drawn = a.hypot(b).max(c.hypot(d));
    let mut rung = scale;
    for _ in 0..MOST_HALVINGS {
        // Less than a millionth is rounding.
        if drawn > rung * (0.5 + 1e-6) {
            break;
        }
        rung *= 0.5;
    }
    rung
}

/// A window onto copies of one strip, which stands at `-(speed * t mod length)`.
fn lower_ticker(
    item: &LayerItem,
    layer: &Layer,
    ticker: &Ticker,
    raster: &Raster,
    placed: Affine,
    moment: Moment,
    list: &mut DisplayList,
) {
    let length = raster.advance_px.unwrap_or(raster.size.width);
    let size = item.extent.size;
    if length < 1.0 {
        return;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact below 104 days; beyond, off by less than a thousandth of a pixel"
    )]
    let travelled = ticker.speed_px_s * (moment.show.nanos() as f64 / 1e9);
    let window = item.shown.unwrap_or_else(|| {
        // Shadows of words reach beyond the line, which ends where the box does.
        let reach = sources::reach_px(layer.source_effects(), raster.scale) / raster.scale;
        Rect::from_origin_size(Point::ORIGIN, size).inflate(0.0, reach)
    });
    let clip = window_onto(window, placed);
    list.items.push(DrawItem::Push(Group {
        key: key(layer, 0),
        clip: Some(clip),
        opacity: item.opacity,
        blend: item.blend_mode,
        veil: None,
    }));
    let mut x = -travelled.rem_euclid(length);
    let mut part = 1;
    while x < size.width {
        let transform = surface_transform(
            placed * Affine::translate(Vec2::new(x, 0.0)),
            raster.origin_px,
            raster.scale,
        );
        list.items
            .push(DrawItem::Picture(picture(layer, part, raster, transform)));
        x += length;
        part += 1;
    }
    list.items.push(DrawItem::Pop);
}

fn picture(layer: &Layer, part: u32, raster: &Raster, transform: Affine) -> Picture {
    Picture {
        key: key(layer, part),
        surface: Arc::clone(&raster.surface),
        transform,
        opacity: 1.0,
        blend: BlendMode::Normal,
    }
}

/// Surface px to output px, where `placed` takes layer px there, of a surface at `origin_px` in the layer.
pub(crate) fn surface_transform(placed: Affine, origin_px: Point, scale: f64) -> Affine {
    let [a, b, c, d, _, _] = placed.as_coeffs();
    let origin = placed * origin_px;
    let s = 1.0 / scale;
    Affine::new([
        snap(a * s),
        snap(b * s),
        snap(c * s),
        snap(d * s),
        origin.x,
        origin.y,
    ])
}

/// What stands still unscaled is put on whole pixels, at most half a pixel off, so that it is drawn as sharp as it was
/// painted; what moves is not, or it would shiver.
pub(crate) fn on_whole_pixels(transform: Affine) -> Affine {
    let [a, b, c, d, e, f] = transform.as_coeffs();
    let upright = Affine::new([a, b, c, d, 0.0, 0.0]) == Affine::IDENTITY;
    if upright {
        Affine::translate(Vec2::new(e.round(), f.round()))
    } else {
        transform
    }
}

/// A factor that is 0 or 1 but for rounding is made so: the compositor has exact paths for both.
fn snap(factor: f64) -> f64 {
    let nearest = factor.round();
    if nearest.abs() <= 1.0 && (factor - nearest).abs() < 1e-9 {
        nearest
    } else {
        factor
    }
}

/// The identity of a part of a layer across frames (FNV-1a).
pub(crate) fn key(layer: &Layer, part: u32) -> u64 {
    let bytes = layer
        .id
        .as_str()
        .bytes()
        .chain([b'/'])
        .chain(part.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
