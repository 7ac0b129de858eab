//! Lists drawn by a plain renderer in floating point, px by px, for comparison.

use super::damage::{Edit, apply, edit, veiled_edit};
use super::{list, picture, surfaces};
use crate::kernels::tests::exact_onto;
use crate::plan::{Node, Plan};
use crate::strip::StripPainter;
use crate::{Clip, Compositor, DisplayList, DrawItem, Kernels, Matte, Picture, Pinned};
use kurbo::{Affine, Point};
use media::{AlphaMap, BLOCK_PX, BlendMode, BlockMask, Resolution, Surface};
use proptest::{
    collection::vec,
    prop_assert, prop_assert_eq, proptest,
    test_runner::{Config, RngSeed},
};
use std::sync::Arc;

type Rgba = [f64; 4];

fn onto(mode: BlendMode, below: Rgba, above: Rgba, by: f64) -> Rgba {
    exact_onto(mode, below, above.map(|v| v * by)).map(|v| v.min(255.0))
}

/// Coverage of the px around `at` by `0..size`, where a unit is `scale` px long.
fn band(at: f64, size: f64, scale: f64) -> f64 {
    let (from, to) = (
        (at * scale - 0.5).max(0.0),
        (at * scale + 0.5).min(size * scale),
    );
    (to - from).clamp(0.0, 1.0)
}

/// Canvas px per own px across the two directions of edges.
fn scales(transform: Affine) -> [f64; 2] {
    let [a, b, c, d, ..] = transform.inverse().as_coeffs();
    [1.0 / a.hypot(c), 1.0 / b.hypot(d)]
}

fn sample(p: &Picture, at: Point) -> Rgba {
    let (w, h) = (f64::from(p.surface.width()), f64::from(p.surface.height()));
    let scale = scales(p.transform);
    if w * h == 0.0 || p.transform.determinant() == 0.0 || scale.iter().any(|s| !s.is_finite()) {
        return [0.0; 4];
    }
    let at = p.transform.inverse() * at;
    let coverage = band(at.x, w, scale[0]) * band(at.y, h, scale[1]);
    mixed(&p.surface, at).map(|v| v * coverage)
}

/// The px around a place, with those at the edge repeated.
fn mixed(surface: &Surface, at: Point) -> Rgba {
    let (w, h) = (f64::from(surface.width()), f64::from(surface.height()));
    let tap = |x: f64, y: f64| {
        surface
            .pixel(x.clamp(0.0, w - 1.0) as u32, y.clamp(0.0, h - 1.0) as u32)
            .map(f64::from)
    };
    let (u, v) = (at.x - 0.5, at.y - 0.5);
    let (fu, fv) = (u - u.floor(), v - v.floor());
    let (x, y) = (u.floor(), v.floor());
    let [a, b, c, d] = [
        tap(x, y),
        tap(x + 1.0, y),
        tap(x, y + 1.0),
        tap(x + 1.0, y + 1.0),
    ];
    std::array::from_fn(|i| {
        (a[i] * (1.0 - fu) + b[i] * fu) * (1.0 - fv) + (c[i] * (1.0 - fu) + d[i] * fu) * fv
    })
}

fn sample_pinned(p: &Pinned, at: Point) -> Rgba {
    let (Some(corners), Some(inverse)) = (p.map.corners(p.window), p.map.inverse()) else {
        return [0.0; 4];
    };
    let side = (corners[1] - corners[0])
        .cross(corners[2] - corners[1])
        .signum();
    let [top, right, bottom, left] = [0, 1, 2, 3].map(|k| {
        let (from, to) = (corners[k], corners[(k + 1) % 4]);
        side * (to - from).cross(at - from) / (to - from).hypot()
    });
    let between = |a: f64, b: f64| ((a + 0.5).min(1.0) + (b + 0.5).min(1.0) - 1.0).max(0.0);
    let coverage = between(top, bottom) * between(left, right);
    if coverage <= 0.0 {
        return [0.0; 4];
    }
    inverse
        .apply(at)
        .map_or([0.0; 4], |at| mixed(&p.surface, at).map(|v| v * coverage))
}

/// Coverage by a clip without radii.
fn cover(clip: &Clip, at: Point) -> f64 {
    let scale = scales(clip.transform);
    if clip.transform.determinant() == 0.0 || scale.iter().any(|s| !s.is_finite()) {
        return 0.0;
    }
    let at = clip.transform.inverse() * at;
    band(at.x, clip.size.width, scale[0]) * band(at.y, clip.size.height, scale[1])
}

/// A group that is open: its px, its opacity at this place, its mode, and once its matte began what it was before.
struct Open {
    px: Rgba,
    by: f64,
    mode: BlendMode,
    cut: Option<(Rgba, Matte)>,
}

impl Open {
    const fn new(px: Rgba, by: f64, mode: BlendMode) -> Self {
        Self {
            px,
            by,
            mode,
            cut: None,
        }
    }

    fn cut(&self) -> Rgba {
        let Some((px, kind)) = self.cut else {
            return self.px;
        };
        let [r, g, b, a] = self.px.map(|v| v / 255.0);
        let shows = if kind.luma {
            0.2126 * r + 0.7152 * g + 0.0722 * b
        } else {
            a
        };
        px.map(|v| v * if kind.invert { 1.0 - shows } else { shows })
    }
}

fn draw(list: &DisplayList, at: Point) -> Rgba {
    let [r, g, b, _] = list.background.to_rgba8().map(f64::from);
    let mut stack = vec![Open::new([r, g, b, 255.0], 1.0, BlendMode::Normal)];
    let pop = |stack: &mut Vec<Open>| {
        if stack.len() > 1
            && let Some(above) = stack.pop()
            && let Some(below) = stack.last_mut()
        {
            below.px = onto(above.mode, below.px, above.cut(), above.by);
        }
    };
    for item in &list.items {
        let is_group = stack.len() > 1;
        match item {
            DrawItem::Picture(p) => {
                if let Some(below) = stack.last_mut() {
                    below.px = onto(p.blend, below.px, sample(p, at), p.opacity);
                }
            }
            DrawItem::Pinned(p) => {
                if let Some(below) = stack.last_mut() {
                    below.px = onto(p.blend, below.px, sample_pinned(p, at), p.opacity);
                }
            }
            DrawItem::Push(g) => stack.push(Open::new(
                [0.0; 4],
                g.opacity * g.clip.as_ref().map_or(1.0, |c| cover(c, at)),
                g.blend,
            )),
            DrawItem::Matte(kind) => {
                if let Some(open) = stack
                    .last_mut()
                    .filter(|open| is_group && open.cut.is_none())
                {
                    open.cut = Some((std::mem::take(&mut open.px), *kind));
                }
            }
            // It reads other px than this one.
            DrawItem::Backdrop(_) => {}
            DrawItem::Pop => pop(&mut stack),
        }
    }
    while stack.len() > 1 {
        pop(&mut stack);
    }
    let [r, g, b, _] = stack[0].px;
    [r, g, b, 255.0]
}

/// Without what floats and fixed point may tell apart: sharp surfaces, round corners, huge scales, nearly flat transforms,
/// corners so sharp that their antialiasing ends at the bounds of the picture, and modes that divide by next to nothing.
fn tame(list: &mut DisplayList, surfaces: &[Arc<Surface>]) {
    list.items
        .retain(|item| !matches!(item, DrawItem::Backdrop(_)));
    let calm = |transform: &mut Affine| {
        let flattest = scales(*transform).into_iter().fold(f64::INFINITY, f64::min);
        let [a, b, c, d, ..] = transform.as_coeffs();
        let sharp = (a * c + b * d).abs() > 0.4 * a.hypot(b) * c.hypot(d);
        if flattest < 0.2 || sharp || [a, b, c, d].iter().any(|v| v.abs() > 50.0) {
            *transform = Affine::translate((7.25, 3.0));
        }
    };
    let gentle = |mode: &mut BlendMode| {
        if [
            BlendMode::ColorDodge,
            BlendMode::ColorBurn,
            BlendMode::SoftLight,
            BlendMode::Hue,
            BlendMode::Saturation,
        ]
        .contains(mode)
        {
            *mode = BlendMode::Screen;
        }
    };
    for item in &mut list.items {
        match item {
            DrawItem::Picture(p) => {
                gentle(&mut p.blend);
                calm(&mut p.transform);
                if [1, 2, 5, 6, 9]
                    .iter()
                    .any(|&i| Arc::ptr_eq(&p.surface, &surfaces[i]))
                {
                    p.surface = Arc::clone(&surfaces[7]);
                }
            }
            DrawItem::Pinned(p) => {
                gentle(&mut p.blend);
                // A soft surface, and corners that move it little: positions between exact ones are near.
                p.surface = Arc::clone(&surfaces[2]);
                let by = [(3.0, 5.0), (-4.5, -2.0), (6.0, 4.25), (0.0, -3.0)];
                if let DrawItem::Pinned(mild) = super::pinned(0, &p.surface, by, 1.0, 1.0) {
                    p.map = mild.map;
                    p.window = mild.window;
                }
            }
            DrawItem::Push(g) => {
                gentle(&mut g.blend);
                if let Some(clip) = &mut g.clip {
                    clip.radii = [0.0; 4];
                    calm(&mut clip.transform);
                }
            }
            DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => {}
        }
    }
}

/// How far px may be off: modes that double what is below or above double its error too.
fn tolerance(list: &DisplayList) -> f64 {
    let doubles = |item: &&DrawItem| {
        let blend = match item {
            DrawItem::Picture(p) => p.blend,
            DrawItem::Push(g) => g.blend,
            DrawItem::Pinned(p) => p.blend,
            DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => BlendMode::Normal,
        };
        [
            BlendMode::Overlay,
            BlendMode::HardLight,
            BlendMode::Exclusion,
        ]
        .contains(&blend)
    };
    2.5 * f64::from(1 << list.items.iter().filter(doubles).count().min(3))
}

fn edited(edits: &[Edit], surfaces: &[Arc<Surface>]) -> DisplayList {
    let mut list = list([40, 80, 120], vec![]);
    edits
        .iter()
        .for_each(|edit| apply(&mut list, surfaces, edit));
    list
}

proptest! {
    #![proptest_config(Config { cases: 48, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..Config::default() })]

    /// Each layer may round by one level and quantise its opacity and coverage.
    #[test]
    fn pictures_are_where_and_what_the_list_says(edits in vec(edit(), 1..16)) {
        let surfaces = surfaces();
        let mut list = edited(&edits, &surfaces);
        tame(&mut list, &surfaces);
        let (width, height) = (128, 72);
        let got = Compositor::new(Resolution::new(width, height)).compose_rgba(&list);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let want = draw(&list, Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
            for (got, want) in got.pixel(x, y).into_iter().zip(want) {
                prop_assert!((f64::from(got) - want).abs() <= tolerance(&list), "{} {}: {} {} {:?}", x, y, got, want, list);
            }
        }
    }

    /// With surfaces whose alpha nobody knows, nothing hides anything and nothing is copied.
    #[test]
    fn occlusion_changes_nothing(edits in vec(veiled_edit(), 1..24)) {
        let surfaces = surfaces();
        let list = edited(&edits, &surfaces);
        let (width, height) = (128, 72);
        let (mut plan, mut blind) = (Plan::default(), Plan::default());
        for plan in [&mut plan, &mut blind] {
            plan.build(
                &list,
                Resolution::new(width, height),
                None,
            );
        }
        for node in &mut blind.nodes {
            if let Node::Picture(p) = node {
                let grey = vec![128; p.surface.data().len()];
                let unknown = Surface::from_premultiplied(p.surface.width(), p.surface.height(), grey).unwrap();
                p.alpha = Arc::new(AlphaMap::new(&unknown));
            }
        }
        for plan in [&mut plan, &mut blind] {
            plan.find_footprints(Resolution::new(width, height));
        }
        let [mut a, mut b] = [(); 2].map(|()| StripPainter::new(width as usize, height as usize, Kernels::best()));
        a.begin(&plan);
        b.begin(&blind);
        for row in 0..(height as usize).div_ceil(BLOCK_PX) {
            a.paint(&plan, row, BlockMask::range(0..8));
            b.paint(&blind, row, BlockMask::range(0..8));
            for y in 0..a.rows() {
                prop_assert_eq!(a.row(y), b.row(y));
            }
        }
    }
}

#[test]
fn a_large_surface_does_not_drift() {
    let wide = super::surface(4000, 1, |x, _| [(x % 2 * 255) as u8, 0, 0, 255]);
    // Mirrored, so that it is sampled by the general path: still every px whole.
    let items = vec![picture(
        1,
        &wide,
        Affine::new([-1.0, 0.0, 0.0, 2.0, 4000.0, 0.0]),
        1.0,
    )];
    let out = Compositor::new(Resolution::new(4000, 2)).compose_rgba(&list([0; 3], items));
    for x in 0..4000 {
        assert_eq!(out.pixel(x, 0), wide.pixel(3999 - x, 0), "{x}");
    }
}
