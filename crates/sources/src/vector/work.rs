//! How much work an SVG is, before it is done: what a stranger writes may ask for hours of it, and all pictures have one worker.
//!
//! Counted in about one ns of one core each, by the factors of resvg's own loops; what is only a few times off does no harm.

use resvg::usvg::filter::{Filter, Kind};
use resvg::usvg::{Group, ImageKind, Node, Rect, Tree};

/// Four seconds of the worker: a sheet of turbulence of nine octaves at 1080p takes two.
pub(super) const MOST: f64 = 4e9;

/// Px of a shape or a layer that is put on another.
const FILL: f64 = 2.0;
/// An octave of a px of turbulence: four channels of noise.
const OCTAVE: f64 = 100.0;
/// A px that is compared with another, or multiplied, in all channels.
const TAP: f64 = 4.0;
/// A px of all other filters: blurs run once over each row and column, lights take a root.
const FILTER: f64 = 40.0;
/// A shape that is seen nowhere.
const SHAPE: f64 = 200.0;

/// Where it is painted to.
#[derive(Clone, Copy)]
struct Canvas {
    px: f64,
    /// Px of the canvas per px of the SVG, right and down.
    scale: [f64; 2],
}

/// What painting the tree takes on a canvas of so many px, at so many of them per px of the SVG.
pub(super) fn of(tree: &Tree, px: f64, scale: [f64; 2]) -> f64 {
    of_group(tree.root(), Canvas { px, scale })
}

fn of_group(group: &Group, canvas: Canvas) -> f64 {
    let mut sum = 0.0;
    if group.should_isolate() {
        sum += canvas.covered(group.abs_stroke_bounding_box()) * FILL;
    }
    for filter in group.filters() {
        sum += of_filter(filter, group, canvas);
    }
    for node in group.children() {
        sum += of_node(node, canvas);
        // Masks, clips, patterns: each is painted anew for whoever has it, on a canvas of its own.
        node.subroots(|root| sum += canvas.px * FILL + of_group(root, canvas));
        if sum > MOST {
            break;
        }
    }
    sum
}

fn of_node(node: &Node, canvas: Canvas) -> f64 {
    match node {
        Node::Group(group) => of_group(group, canvas),
        Node::Path(path) => {
            let points = path.data().len() as f64;
            SHAPE + points * 10.0 + canvas.covered(path.abs_stroke_bounding_box()) * FILL
        }
        Node::Image(image) => match image.kind() {
            ImageKind::SVG(tree) => canvas.px * FILL + of_group(tree.root(), canvas),
            _ => canvas.covered(image.abs_bounding_box()) * FILL,
        },
        Node::Text(text) => of_group(text.flattened(), canvas),
    }
}

fn of_filter(filter: &Filter, group: &Group, canvas: Canvas) -> f64 {
    let own = group.abs_transform();
    let side = |x: f32, y: f32| f64::from(x).hypot(f64::from(y));
    let [kx, ky] = canvas.scale;
    let [kx, ky] = [kx * side(own.sx, own.ky), ky * side(own.kx, own.sy)];
    let rect = filter.rect();
    let [width, height] = [f64::from(rect.width()) * kx, f64::from(rect.height()) * ky];
    let px = (width * height).min(canvas.px);
    let each = filter
        .primitives()
        .iter()
        .map(|primitive| match primitive.kind() {
            Kind::Turbulence(noise) => OCTAVE * f64::from(noise.num_octaves()),
            Kind::ConvolveMatrix(convolve) => TAP * convolve.matrix().data().len() as f64,
            Kind::Morphology(morphology) => {
                let reach = |radius: f32, scale: f64, side: f64| {
                    (2.0 * f64::from(radius) * scale + 1.0).min(side.max(1.0))
                };
                let [x, y] = [morphology.radius_x().get(), morphology.radius_y().get()];
                TAP * reach(x, kx, width) * reach(y, ky, height)
            }
            _ => FILTER,
        });
    px * each.sum::<f64>()
}

impl Canvas {
    /// Px of it that a box in px of the SVG may cover.
    fn covered(self, rect: Rect) -> f64 {
        let [kx, ky] = self.scale;
        let px = f64::from(rect.width()) * kx * f64::from(rect.height()) * ky;
        px.min(self.px)
    }
}
