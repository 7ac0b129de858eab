//! SVG pictures.

mod work;

use crate::Error;
use crate::picture::place;
use crate::request::checked_size;
use kurbo::{Point, Rect, Size};
use media::Surface;
use resvg::tiny_skia::{PixmapMut, Transform};
use resvg::usvg::Tree;
use scene::Fit;
use std::sync::Arc;

/// The natural size of an SVG, CSS px.
pub(crate) fn natural_size(tree: &Tree) -> Size {
    Size::new(
        f64::from(tree.size().width()),
        f64::from(tree.size().height()),
    )
}

/// The part `part` of an SVG, in its px, in a box of `size` layer px, and the box px of its top left corner.
#[expect(clippy::cast_possible_truncation, reason = "resvg counts in f32")]
pub(crate) fn paint(
    tree: &Tree,
    part: Rect,
    fit: Fit,
    size: Size,
    scale: f64,
) -> Result<(Arc<Surface>, Point), Error> {
    let area = Rect::from_origin_size(Point::ZERO, size * scale);
    let ideal = place(
        fit,
        part.size() * if fit == Fit::None { scale } else { 1.0 },
        area.size(),
    );
    let seen = ideal.intersect(area);
    let seen = Rect::new(
        (seen.x0 + 1e-6).floor(),
        (seen.y0 + 1e-6).floor(),
        (seen.x1 - 1e-6).ceil(),
        (seen.y1 - 1e-6).ceil(),
    );
    let (width, height) = checked_size("the SVG", seen.width(), seen.height())?;
    let (kx, ky) = (ideal.width() / part.width(), ideal.height() / part.height());
    let px = f64::from(width) * f64::from(height);
    let work = work::of(tree, px, [kx, ky]);
    if work > work::MOST {
        return Err(Error::Markup {
            reason: "its filters, masks and shapes take too much work at this size".to_owned(),
        });
    }
    let transform = Transform::from_row(
        kx as f32,
        0.0,
        0.0,
        ky as f32,
        (ideal.x0 - seen.x0 - part.x0 * kx) as f32,
        (ideal.y0 - seen.y0 - part.y0 * ky) as f32,
    );
    let mut surface = Surface::new(width, height);
    let mut target = PixmapMut::from_bytes(surface.data_mut(), width, height)
        .expect("a surface holds width x height x 4 bytes");
    resvg::render(tree, transform, &mut target);
    Ok((Arc::new(surface), seen.origin()))
}
