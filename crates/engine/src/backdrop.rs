//! Panes of frosted glass in a display list.

use crate::lower::{self, View};
use compositor::{Backdrop, Clip, DisplayList, DrawItem, Group, Picture};
use kurbo::{Affine, Vec2};
use media::{BlendMode, Surface};
use scene::{BackdropItem, Layer};
use std::sync::Arc;

/// Adds what lies below a layer, blurred, to `list`.
pub(crate) fn lower_pane(item: &BackdropItem, layer: &Layer, view: View, list: &mut DisplayList) {
    let transform = view.affine() * item.transform;
    let sigma_px = item.sigma_px * view.affine().determinant().abs().sqrt();
    list.items.extend([
        DrawItem::Push(Group {
            veil: None,
            key: lower::key(layer, PANE_PART),
            clip: Some(Clip {
                transform: beneath(item, view, transform),
                size: item.size,
                radii: item.radii,
            }),
            opacity: 1.0,
            blend: BlendMode::Normal,
        }),
        DrawItem::Backdrop(Backdrop {
            key: lower::key(layer, PANE_PART),
            sigma_px: sigma_px.min(Backdrop::MAX_SIGMA_PX),
        }),
        DrawItem::Pop,
    ]);
}

/// Adds the pane itself to `list`, of one white px.
pub(crate) fn lower_shape(
    item: &BackdropItem,
    layer: &Layer,
    white: Arc<Surface>,
    view: View,
    list: &mut DisplayList,
) {
    /// So much farther than its edge, px of the pane: the clip has the edge.
    const BEYOND: f64 = 2.0;
    let transform = view.affine() * item.transform;
    let group = Group {
        veil: None,
        key: lower::key(layer, PANE_PART),
        clip: Some(Clip {
            transform,
            size: item.size,
            radii: item.radii,
        }),
        opacity: 1.0,
        blend: BlendMode::Normal,
    };
    let [width, height] = [item.size.width, item.size.height].map(|side| side + 2.0 * BEYOND);
    let picture = Picture {
        key: lower::key(layer, PANE_PART),
        surface: white,
        transform: transform
            * Affine::translate((-BEYOND, -BEYOND))
            * Affine::scale_non_uniform(width, height),
        opacity: 1.0,
        blend: BlendMode::Normal,
    };
    list.items.extend([
        DrawItem::Push(group),
        DrawItem::Picture(picture),
        DrawItem::Pop,
    ]);
}

/// Parts of a layer count from 0; no ticker has so many.
const PANE_PART: u32 = u32::MAX;

/// Where the pane goes: a layer that holds still unscaled is drawn on whole px, and its pane moves with it.
fn beneath(item: &BackdropItem, view: View, transform: Affine) -> Affine {
    let [a, b, c, d, e, f] = transform.as_coeffs();
    let scale = item.raster_scale * view.rasters;
    let is = |value: f64, wanted: f64| (value - wanted).abs() < 1e-9;
    if item.holds_still && is(a, scale) && is(b, 0.0) && is(c, 0.0) && is(d, scale) {
        transform.then_translate(Vec2::new(e.round() - e, f.round() - f))
    } else {
        transform
    }
}
