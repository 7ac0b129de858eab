//! Surfaces in perspective that are drawn smaller than they are, against what each px covers of them, in f64.

use super::{list, surface};
use crate::{Compositor, DrawItem, Kernels, Perspective, Pinned, Shrink};
use kurbo::{Point, Rect};
use media::{BlendMode, Resolution, Surface};
use std::sync::Arc;

const CANVAS: Resolution = Resolution::new(320, 180);

/// Places along each side of a px that the reference looks at.
const PLACES: u32 = 16;

fn map(surface: &Surface, corners: [(f64, f64); 4]) -> Perspective {
    let [width, height] = [surface.width(), surface.height()].map(f64::from);
    Perspective::of_rect(Rect::new(0.0, 0.0, width, height), corners.map(Point::from)).unwrap()
}

fn drawn(surface: &Arc<Surface>, corners: [(f64, f64); 4], shrink: Shrink, kernels: Kernels) -> Surface {
    let item = DrawItem::Pinned(Pinned {
        key: 1,
        surface: Arc::clone(surface),
        map: map(surface, corners),
        window: Rect::new(0.0, 0.0, surface.width().into(), surface.height().into()),
        shrink,
        opacity: 1.0,
        blend: BlendMode::Normal,
    });
    Compositor::with_kernels(CANVAS, kernels).compose_rgba(&list([0; 3], vec![item]))
}

/// What px cover of a surface, of those that lie in it wholly.
fn covered(surface: &Surface, corners: [(f64, f64); 4], channel: usize) -> Vec<Option<f64>> {
    let inverse = map(surface, corners).inverse().unwrap();
    let (width, height) = (f64::from(surface.width()), f64::from(surface.height()));
    let px = |x: u32, y: u32| {
        let mut sum = 0.0;
        for (i, j) in (0..PLACES).flat_map(|j| (0..PLACES).map(move |i| (i, j))) {
            let [x, y] = [(x, i), (y, j)]
                .map(|(at, k)| f64::from(at) + (f64::from(k) + 0.5) / f64::from(PLACES));
            let at = inverse.apply(Point::new(x, y))?;
            let inside = at.x >= 0.0 && at.y >= 0.0 && at.x < width && at.y < height;
            sum += inside.then(|| f64::from(surface.pixel(at.x as u32, at.y as u32)[channel]))?;
        }
        Some(sum / f64::from(PLACES * PLACES))
    };
    let all = (0..CANVAS.height).flat_map(|y| (0..CANVAS.width).map(move |x| (x, y)));
    all.map(|(x, y)| px(x, y)).collect()
}

/// Root of the mean square of what differs, levels.
fn off(is: &Surface, wanted: &[Option<f64>], channel: usize) -> f64 {
    let differ: Vec<f64> = wanted
        .iter()
        .enumerate()
        .filter_map(|(i, wanted)| Some(f64::from(is.data()[i * 4 + channel]) - (*wanted)?))
        .collect();
    (differ.iter().map(|d| d * d).sum::<f64>() / differ.len() as f64).sqrt()
}

fn checkers() -> Arc<Surface> {
    surface(640, 640, |x, y| {
        let v = if (x / 20 + y / 20) % 2 == 0 { 240 } else { 20 };
        [v, v, v, 255]
    })
}

/// Lines of strokes, as words are.
fn page() -> Arc<Surface> {
    surface(800, 1000, |x, y| {
        let word = super::noise(x / 60, y / 18)[0];
        let stroke = super::noise(x / 3, y / 18)[1] > 110 && y % 18 > 4 && y % 18 < 15 && word > 40;
        let v = if stroke { 30 } else { 250 };
        [v, v, v, 255]
    })
}

const FLOOR: [(f64, f64); 4] = [(130.0, 40.0), (190.0, 40.0), (420.0, 180.0), (-100.0, 180.0)];
const TILTED: [(f64, f64); 4] = [(30.0, 10.0), (270.0, 50.0), (270.0, 120.0), (30.0, 170.0)];
const TURNED: [(f64, f64); 4] = [(160.0, 5.0), (300.0, 70.0), (200.0, 170.0), (30.0, 100.0)];

#[test]
fn figures() {
    for (what, surface) in [("checkers", checkers()), ("page", page())] {
        for (how, corners) in [("floor", FLOOR), ("tilted", TILTED), ("turned", TURNED)] {
            let wanted = covered(&surface, corners, 0);
            let offs = [Shrink::Skip, Shrink::Mix, Shrink::Follow]
                .map(|shrink| off(&drawn(&surface, corners, shrink, Kernels::best()), &wanted, 0));
            println!("{what} {how}: {offs:.2?}");
        }
    }
}
