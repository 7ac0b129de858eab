//! Pictures that nobody can see, since others lie over them: they are not drawn, so that their pixels need not be at hand.
//!
//! What is left out follows from the list and from what its topmost pictures show now, so the picture is the same but for
//! what shows through many translucent ones, which is less than a quarter of a level.

use crate::gallery::Gallery;
use crate::lower::{self, View};
use kurbo::{Point, Rect};
use media::{AlphaClass, BlendMode};
use scene::{Item, Layer, LayerItem, Moment, Resolver, Source};

/// What lets through less than this hides what is below it: a quarter of a level of 255.
const LEAST_SEEN: f64 = 1.0 / 1024.0;
/// A picture that takes less of what can be seen is not looked at as one that may hide others.
const LEAST_SHARE: f64 = 1.0 / 16.0;
/// More are not looked at.
const MOST_COVERS: usize = 16;

/// Finds what is hidden; keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    /// Of each item: whether it lies in no group, or in one whose px are those of what can be seen.
    depths: Vec<Depth>,
    is_hidden: Vec<bool>,
    /// What hides others, and how much of those it lets through.
    covers: Vec<(Rect, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    Canvas,
    Group,
    /// In px of its own.
    Apart,
}

impl Hidden {
    /// Takes pictures out of `items` that nobody can see. Costs some microseconds; allocates only to grow.
    pub(crate) fn leave_out(
        &mut self,
        items: &mut Vec<Item>,
        resolver: &Resolver,
        gallery: &mut Gallery,
        moment: Moment,
        view: View,
    ) {
        if !self.find_depths(items) {
            return;
        }
        self.covers.clear();
        self.is_hidden.clear();
        self.is_hidden.resize(items.len(), false);
        for (i, item) in items.iter().enumerate().rev() {
            let (Item::Layer(item), depth) = (item, self.depths[i]) else {
                continue;
            };
            let layer = &*resolver.layers()[item.index];
            if depth == Depth::Apart || item.blend_mode != BlendMode::Normal {
                continue;
            }
            self.is_hidden[i] = !self.covers.is_empty()
                && gallery.can_be_put_away(layer)
                && self.hides(bounds(item, view, gallery));
            if !self.is_hidden[i] && depth == Depth::Canvas && self.covers.len() < MOST_COVERS {
                self.covers
                    .extend(cover(item, layer, gallery, moment, view));
            }
        }
        let mut hidden = self.is_hidden.iter();
        items.retain(|_| hidden.next() != Some(&true));
    }

    /// `false` where nothing may be left out: a pane shows what lies around it, too.
    fn find_depths(&mut self, items: &[Item]) -> bool {
        self.depths.clear();
        let (mut depth, mut apart) = (0_usize, None);
        for item in items {
            match item {
                Item::Backdrop(_) => return false,
                Item::Push(group) => {
                    depth += 1;
                    if group.own_surface && apart.is_none() {
                        apart = Some(depth);
                    }
                }
                Item::Pop => {
                    if apart == Some(depth) {
                        apart = None;
                    }
                    depth = depth.saturating_sub(1);
                }
                Item::Layer(_) | Item::Matte(_) => {}
            }
            self.depths.push(match (depth, apart) {
                (_, Some(_)) => Depth::Apart,
                (0, None) => Depth::Canvas,
                (_, None) => Depth::Group,
            });
        }
        true
    }

    fn hides(&self, bounds: Rect) -> bool {
        let over = self.covers.iter().filter(|(cover, _)| {
            cover.x0 <= bounds.x0
                && cover.y0 <= bounds.y0
                && cover.x1 >= bounds.x1
                && cover.y1 >= bounds.y1
        });
        over.map(|(_, through)| through).product::<f64>() < LEAST_SEEN
    }
}

/// Where a layer without effects may be seen, output px, cut to what can be seen.
fn bounds(item: &LayerItem, view: View, gallery: &Gallery) -> Rect {
    if let Some(corners) = item.corners {
        let [a, b, c, d] = corners.map(|corner| view.affine() * corner);
        let all = Rect::from_points(a, b).union_pt(c).union_pt(d);
        return all.expand().intersect(view.seen);
    }
    let placed = view.affine() * item.transform;
    let scale = lower::scale_of(item, gallery, placed, view);
    let size = item.extent.size * scale;
    let (width, height) = ((size.width - 1e-6).ceil(), (size.height - 1e-6).ceil());
    let transform = lower::surface_transform(placed, Point::ORIGIN, scale);
    let transform = if item.holds_still {
        lower::on_whole_pixels(transform)
    } else {
        transform
    };
    let own = Rect::new(0.0, 0.0, width.max(1.0), height.max(1.0));
    let all = transform.transform_rect_bbox(own);
    all.expand().intersect(view.seen)
}

/// Where a layer hides what is below it, output px, and how much it lets through all the same.
fn cover(
    item: &LayerItem,
    layer: &Layer,
    gallery: &mut Gallery,
    moment: Moment,
    view: View,
) -> Option<(Rect, f64)> {
    let fills = matches!(
        layer.source,
        Some(Source::Image(_) | Source::Color(_) | Source::Gradient(_))
    );
    let placed = view.affine() * item.transform;
    let large =
        placed.determinant().abs() * item.extent.size.area() >= view.seen.area() * LEAST_SHARE;
    if !fills || !large || item.shown.is_some() || item.corners.is_some() {
        return None;
    }
    let scale = lower::scale_of(item, gallery, placed, view);
    let raster = gallery.raster(layer, scale, item.holds_size, moment)?;
    if raster.surface.alpha_map().whole() != AlphaClass::Opaque {
        return None;
    }
    let transform = lower::transform_of(item, &raster, placed);
    let [_, b, c, _, _, _] = transform.as_coeffs();
    if b.abs() > 0.0 || c.abs() > 0.0 {
        return None;
    }
    let (width, height) = (raster.surface.width(), raster.surface.height());
    let own = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let all = transform.transform_rect_bbox(own);
    // Px that it covers in full: less than a thousandth of one is no level of 255.
    let slack = 1e-3;
    let all = Rect::new(
        (all.x0 - slack).ceil(),
        (all.y0 - slack).ceil(),
        (all.x1 + slack).floor(),
        (all.y1 + slack).floor(),
    );
    (all.width() > 0.0 && all.height() > 0.0).then_some((all, 1.0 - item.opacity.clamp(0.0, 1.0)))
}
