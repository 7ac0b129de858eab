//! What of a source shows, and where beyond an affine transform.

use crate::{Extent, Layer, Transform};
use kurbo::{Affine, Point, Rect, Size};

/// What is cut off a source, layer px before the transform; the layer's box is what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Crop {
    /// From the left.
    pub left_px: f64,
    /// From the top.
    pub top_px: f64,
    /// From the right.
    pub right_px: f64,
    /// From the bottom.
    pub bottom_px: f64,
}

impl Crop {
    /// What is left of a box, in its px; empty where all is cut off.
    pub(crate) fn rest(&self, size: Size) -> Rect {
        let (x, y) = (self.left_px.min(size.width), self.top_px.min(size.height));
        let right = (size.width - self.right_px).max(x);
        let bottom = (size.height - self.bottom_px).max(y);
        Rect::new(x, y, right, bottom)
    }
}

/// How far each corner of a layer's box is moved, right and down in layer px, before scale, rotation and position: top left, top
/// right, bottom right, bottom left. All 0 is no change.
pub type CornerPin = [[f64; 2]; 4];

/// Where a layer's source lies in the layer, and what of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lie {
    /// What shows, in px of the source's box.
    pub(crate) shown: Rect,
    /// The layer's box: as large as what shows.
    pub(crate) extent: Extent,
}

impl Lie {
    /// Of a layer whose source, or children, take up `extent`.
    pub(crate) fn new(layer: &Layer, extent: Extent) -> Self {
        let all = Rect::from_origin_size(Point::ORIGIN, extent.size);
        let shown = layer.crop.map_or(all, |crop| crop.rest(extent.size));
        Self {
            shown,
            extent: Extent {
                size: shown.size(),
                baseline_px: extent.baseline_px.map(|baseline| baseline - shown.y0),
            },
        }
    }

    /// Px of the source's box to the layer's parent.
    pub(crate) fn transform(&self, layer: &Layer) -> Affine {
        let t = &layer.transform;
        let flipped = flip(t, self.extent.size);
        self.box_transform(layer) * flipped * Affine::translate(-self.shown.origin().to_vec2())
    }

    /// As [`transform`](Self::transform), from px of the layer's own box: what stands in a group and who follows a layer stand in those.
    pub(crate) fn box_to_parent(&self, layer: &Layer) -> Affine {
        self.box_transform(layer) * flip(&layer.transform, self.extent.size)
    }

    /// What the layer takes up of its parent, at most.
    pub(crate) fn bounds(&self, layer: &Layer) -> Rect {
        match self.corners(layer) {
            Some([a, b, c, d]) => Rect::from_points(a, b).union_pt(c).union_pt(d),
            None => self.transform(layer).transform_rect_bbox(self.shown),
        }
    }

    /// Px of the layer's box to the layer's parent but for flips.
    fn box_transform(&self, layer: &Layer) -> Affine {
        let t = &layer.transform;
        let on_baseline = match &layer.source {
            Some(crate::Source::Text(s)) => s.baseline,
            Some(crate::Source::Countdown(s)) => s.baseline,
            Some(crate::Source::Clock(s)) => s.baseline,
            _ => false,
        };
        let y = match self.extent.baseline_px {
            Some(baseline) if on_baseline => baseline,
            _ => t.anchor_y * self.extent.size.height,
        };
        t.affine(Point::new(t.anchor_x * self.extent.size.width, y))
    }

    /// Where the corners of what shows go in the layer's parent, where that is not where the transform alone takes them.
    pub(crate) fn corners(&self, layer: &Layer) -> Option<[Point; 4]> {
        let t = &layer.transform;
        // Moved by nothing, it is drawn like any other, to the last bit.
        let moves = |by: &CornerPin| by.as_flattened().iter().any(|v| v.abs() > 0.0);
        let pinned = pinned(t.corner_pin.filter(moves)?, self.extent.size);
        let to_parent = self.box_transform(layer);
        let [mut tl, mut tr, mut br, mut bl] = pinned.map(|corner| to_parent * corner);
        if t.flip_x {
            (tl, tr, br, bl) = (tr, tl, bl, br);
        }
        if t.flip_y {
            (tl, tr, br, bl) = (bl, br, tr, tl);
        }
        Some([tl, tr, br, bl])
    }
}

/// Mirrors a box about its middle.
fn flip(t: &Transform, size: Size) -> Affine {
    let along = |flip: bool, side: f64| if flip { (-1.0, side) } else { (1.0, 0.0) };
    let ((sx, x), (sy, y)) = (along(t.flip_x, size.width), along(t.flip_y, size.height));
    Affine::new([sx, 0.0, 0.0, sy, x, y])
}

/// The corners of a box of `size`, moved.
fn pinned(by: CornerPin, size: Size) -> [Point; 4] {
    let (w, h) = (size.width, size.height);
    let upright = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    std::array::from_fn(|k| Point::new(upright[k].0 + by[k][0], upright[k].1 + by[k][1]))
}

/// Whether the corners of a box, moved, still go round it without a dent or a crossing.
pub(crate) fn is_convex(by: CornerPin, size: Size) -> bool {
    let corners = pinned(by, size);
    let turns: [f64; 4] = std::array::from_fn(|k| {
        let [a, b, c] = [0, 1, 2].map(|next| corners[(k + next) % 4]);
        (b - a).cross(c - b)
    });
    turns.iter().all(|turn| *turn > 0.0) || turns.iter().all(|turn| *turn < 0.0)
}
