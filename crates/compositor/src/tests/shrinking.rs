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

fn drawn(
    surface: &Arc<Surface>,
    corners: [(f64, f64); 4],
    shrink: Shrink,
    kernels: Kernels,
) -> Surface {
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

const FLOOR: [(f64, f64); 4] = [
    (130.0, 40.0),
    (190.0, 40.0),
    (420.0, 180.0),
    (-100.0, 180.0),
];
const TILTED: [(f64, f64); 4] = [(30.0, 10.0), (270.0, 50.0), (270.0, 120.0), (30.0, 170.0)];
const TURNED: [(f64, f64); 4] = [(160.0, 5.0), (300.0, 70.0), (200.0, 170.0), (30.0, 100.0)];

const SHRINKS: [Shrink; 3] = [Shrink::Skip, Shrink::Mix, Shrink::Follow];

/// What is drawn is off from what px cover by no more than these many levels in the mean (root of squares); the surfaces are of black
/// and white, 220 levels apart.
#[test]
fn px_show_what_they_cover() {
    let (checkers, page) = (checkers(), page());
    for (what, surface, corners, most) in [
        ("checkers, a floor", &checkers, FLOOR, [23.0, 11.0, 4.0]),
        ("checkers, tilted", &checkers, TILTED, [31.0, 14.5, 4.3]),
        ("checkers, turned", &checkers, TURNED, [31.0, 7.0, 3.5]),
        ("a page, a floor", &page, FLOOR, [35.0, 16.0, 7.0]),
        ("a page, tilted", &page, TILTED, [44.0, 31.0, 10.5]),
        ("a page, turned", &page, TURNED, [48.0, 17.0, 16.0]),
    ] {
        let wanted = covered(surface, corners, 0);
        let is = SHRINKS.map(|shrink| {
            off(
                &drawn(surface, corners, shrink, Kernels::best()),
                &wanted,
                0,
            )
        });
        let holds = is.iter().zip(most).all(|(is, most)| *is <= most);
        assert!(
            holds && is[2] < is[0] / 2.5,
            "{what}: {is:.2?}, at most {most:?}"
        );
    }
}

#[test]
fn all_processors_draw_the_same() {
    let page = page();
    for (corners, shrink) in [FLOOR, TILTED, TURNED]
        .into_iter()
        .flat_map(|c| SHRINKS.map(|s| (c, s)))
    {
        let plain = drawn(&page, corners, shrink, Kernels::SCALAR);
        for kernels in Kernels::all() {
            assert!(
                drawn(&page, corners, shrink, kernels) == plain,
                "{} {shrink:?}",
                kernels.name()
            );
        }
    }
}

/// What is off from one px to the next, squared, in the mean: by where the second stands in its block.
fn steps(is: &Surface, wanted: &[Option<f64>], down: bool) -> [f64; 16] {
    let (width, height) = (CANVAS.width as usize, CANVAS.height as usize);
    let at = |x: usize, y: usize| {
        let i = y * width + x;
        wanted[i].map(|wanted| f64::from(is.data()[i * 4]) - wanted)
    };
    let mut sums = [(0.0, 0u32); 16];
    for (x, y) in (1..height).flat_map(|y| (1..width).map(move |x| (x, y))) {
        let (before, place) = if down {
            (at(x, y - 1), y)
        } else {
            (at(x - 1, y), x)
        };
        if let (Some(a), Some(b)) = (before, at(x, y)) {
            let sum = &mut sums[place % 16];
            *sum = (sum.0 + (b - a) * (b - a), sum.1 + 1);
        }
    }
    sums.map(|(sum, count)| sum / f64::from(count))
}

/// Where one block ends and the next begins nothing differs more than elsewhere in them.
#[test]
fn blocks_have_no_borders() {
    let page = page();
    for corners in [FLOOR, TILTED, TURNED] {
        // Lines of the page that lie on borders would tell nothing.
        let corners = corners.map(|(x, y)| (x * 0.97 + 5.3, y * 0.98 + 1.7));
        let wanted = covered(&page, corners, 0);
        for shrink in [Shrink::Mix, Shrink::Follow] {
            let is = drawn(&page, corners, shrink, Kernels::best());
            for down in [false, true] {
                let [border, within @ ..] = steps(&is, &wanted, down);
                let most = within.into_iter().fold(0.0, f64::max);
                assert!(
                    border <= most * 1.1,
                    "{shrink:?} {corners:?}: {border} {within:?}"
                );
            }
        }
    }
}

/// As whoever looks goes slowly forward, px change as what they cover does: nothing flickers.
#[test]
fn what_moves_slowly_does_not_flicker() {
    let page = page();
    let at = |step: u32| {
        let by = f64::from(step) * 0.37;
        FLOOR.map(|(x, y)| {
            if y < 100.0 {
                (x, y + by / 4.0)
            } else {
                (x + by, y)
            }
        })
    };
    let mut flicker = [0.0; 3];
    for step in 0..4 {
        let [before, after] = [step, step + 1].map(|step| covered(&page, at(step), 0));
        for (flicker, shrink) in flicker.iter_mut().zip(SHRINKS) {
            let [old, new] =
                [step, step + 1].map(|step| drawn(&page, at(step), shrink, Kernels::best()));
            let all = before
                .iter()
                .zip(&after)
                .enumerate()
                .filter_map(|(i, (before, after))| {
                    let wanted = (*after)? - (*before)?;
                    Some(f64::from(new.data()[i * 4]) - f64::from(old.data()[i * 4]) - wanted)
                });
            let (sum, count) =
                all.fold((0.0, 0.0f64), |(sum, count), d| (sum + d * d, count + 1.0));
            *flicker += (sum / count).sqrt() / 4.0;
        }
    }
    let [skip, mix, follow] = flicker;
    assert!(
        follow < 5.0 && mix < 10.0 && skip > 2.0 * mix,
        "{flicker:.2?}"
    );
}
