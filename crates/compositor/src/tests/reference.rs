//! Lists drawn by a plain renderer in floating point, px by px, for comparison.

use super::damage::{Edit, apply, edit, veiled_edit};
use super::{list, picture, surfaces};
use crate::kernels::tests::exact_onto;
use crate::plan::{Node, Plan};
use crate::strip::StripPainter;
use crate::{Clip, Compositor, DisplayList, DrawItem, Kernels, Matte, Picture, Pinned, Shrink};
use kurbo::{Affine, Point};
use media::{AlphaMap, BLOCK_PX, BlendMode, BlockMask, Resolution, Surface};
use proptest::{
    collection::vec,
    prop_assert, prop_assert_eq, proptest,
    test_runner::{Config, RngSeed},
};
use std::sync::Arc;

type Rgba = [f64; 4];

/// A px, and by how many levels what is drawn may be off in each channel.
///
/// Every step of integer arithmetic rounds by at most half a level, coverage and opacity too, which multiply; positions are rounded by
/// half a 256th of a px. What of that reaches the next step follows from the step's formula.
#[derive(Clone, Copy, Default)]
struct Px {
    is: Rgba,
    off: f64,
}

/// What rounding to a whole level takes away.
const ROUNDED: f64 = 0.5;

impl Px {
    /// Multiplied by a fraction of 8 bits, where it is one.
    fn times(self, by: f64) -> Self {
        if by >= 1.0 {
            return self;
        }
        let most = self.is.into_iter().fold(0.0, f64::max);
        Self {
            is: self.is.map(|v| v * by),
            off: self.off * by + most * ROUNDED / 255.0 + ROUNDED,
        }
    }
}

fn onto(mode: BlendMode, below: Px, above: Px) -> Px {
    let is = exact_onto(mode, below.is, above.is).map(|v| v.min(255.0));
    let shows = 1.0 - above.is[3] / 255.0;
    let off = match mode {
        // The color of what is above may be off, and as much of what is below as its alpha is.
        BlendMode::Normal => {
            let most = below.is.into_iter().fold(0.0, f64::max) / 255.0;
            let exact = above.off <= 0.0 && (shows <= 0.0 || shows >= 1.0);
            let rounded = if exact { 0.0 } else { ROUNDED };
            above.off * (1.0 + most) + below.off * shows.min(1.0) + rounded
        }
        BlendMode::Overlay | BlendMode::HardLight | BlendMode::Color | BlendMode::Luminosity => {
            4.0 * (above.off + below.off) + 0.51
        }
        // Colors and alphas of both: each counts once in both of them.
        _ => 2.0 * (above.off + below.off) + 0.51,
    };
    Px { is, off }
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

fn sample(p: &Picture, at: Point) -> Px {
    let (w, h) = (f64::from(p.surface.width()), f64::from(p.surface.height()));
    let scale = scales(p.transform);
    if w * h == 0.0 || p.transform.determinant() == 0.0 || scale.iter().any(|s| !s.is_finite()) {
        return Px::default();
    }
    let at = p.transform.inverse() * at;
    let coverage = band(at.x, w, scale[0]) * band(at.y, h, scale[1]);
    mixed(&p.surface, at).times(coverage)
}

/// The px around a place, with those at the edge repeated.
fn mixed(surface: &Surface, at: Point) -> Px {
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
    let is = std::array::from_fn(|i| {
        (a[i] * (1.0 - fu) + b[i] * fu) * (1.0 - fv) + (c[i] * (1.0 - fu) + d[i] * fu) * fv
    });
    // How much neighbours differ here: as much as a px of the way, of which half a 256th is rounded away on each axis.
    let around = |dx: f64, dy: f64| {
        let places = (-1..=1).flat_map(|i| (-1..=2).map(move |j| (f64::from(i), f64::from(j))));
        let places = places.map(|(along, beside)| {
            let [u, v] = [along * dx + beside * dy, along * dy + beside * dx];
            let (one, next) = (tap(x + u, y + v), tap(x + u + dx, y + v + dy));
            let differ = (0..4).map(|i| (one[i] - next[i]).abs());
            differ.fold(0.0, f64::max)
        });
        places.fold(0.0, f64::max)
    };
    let off = (around(1.0, 0.0) + around(0.0, 1.0)) / 500.0;
    let is_whole = fu + fv <= 0.0 && off <= 0.0;
    Px {
        is,
        off: if is_whole { 0.0 } else { off + ROUNDED },
    }
}

fn sample_pinned(p: &Pinned, at: Point) -> Px {
    let (Some(corners), Some(inverse)) = (p.map.corners(p.window), p.map.inverse()) else {
        return Px::default();
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
    // Where there is hardly any, none is a level less.
    if coverage <= 0.0 {
        return Px::default();
    }
    inverse
        .apply(at)
        .map_or(Px::default(), |at| mixed(&p.surface, at).times(coverage))
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

/// A group that is open: its px, its coverage here and its opacity, its mode, and once its matte began what it was before.
struct Open {
    px: Px,
    by: [f64; 2],
    mode: BlendMode,
    cut: Option<(Px, Matte)>,
}

impl Open {
    const fn new(px: Px, by: [f64; 2], mode: BlendMode) -> Self {
        Self {
            px,
            by,
            mode,
            cut: None,
        }
    }

    fn cut(&self) -> Px {
        let Some((px, kind)) = self.cut else {
            return self.px;
        };
        let [r, g, b, a] = self.px.is.map(|v| v / 255.0);
        let shows = if kind.luma {
            0.2126 * r + 0.7152 * g + 0.0722 * b
        } else {
            a
        };
        let shows = if kind.invert { 1.0 - shows } else { shows };
        // Luma is rounded itself.
        let by_off = self.px.off + if kind.luma { ROUNDED } else { 0.0 };
        let most = px.is.into_iter().fold(0.0, f64::max) / 255.0;
        Px {
            is: px.is.map(|v| v * shows),
            off: px.off * shows + most * by_off + ROUNDED,
        }
    }
}

fn draw(list: &DisplayList, at: Point) -> Px {
    let [r, g, b, _] = list.background.to_rgba8().map(f64::from);
    let ground = Px {
        is: [r, g, b, 255.0],
        off: 0.0,
    };
    let mut stack = vec![Open::new(ground, [1.0; 2], BlendMode::Normal)];
    let pop = |stack: &mut Vec<Open>| {
        if stack.len() > 1
            && let Some(above) = stack.pop()
            && let Some(below) = stack.last_mut()
        {
            let px = above.by.into_iter().fold(above.cut(), Px::times);
            below.px = onto(above.mode, below.px, px);
        }
    };
    for item in &list.items {
        let is_group = stack.len() > 1;
        match item {
            DrawItem::Picture(p) => {
                if let Some(below) = stack.last_mut() {
                    below.px = onto(p.blend, below.px, sample(p, at).times(p.opacity));
                }
            }
            DrawItem::Pinned(p) => {
                if let Some(below) = stack.last_mut() {
                    below.px = onto(p.blend, below.px, sample_pinned(p, at).times(p.opacity));
                }
            }
            DrawItem::Push(g) => stack.push(Open::new(
                Px::default(),
                [g.clip.as_ref().map_or(1.0, |c| cover(c, at)), g.opacity],
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
    let Px { is, off } = stack[0].px;
    let [r, g, b, _] = is;
    Px {
        is: [r, g, b, 255.0],
        off,
    }
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
                // What is read of halves has a reference of its own.
                p.shrink = Shrink::Skip;
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

fn edited(edits: &[Edit], surfaces: &[Arc<Surface>]) -> DisplayList {
    let mut list = list([40, 80, 120], vec![]);
    edits
        .iter()
        .for_each(|edit| apply(&mut list, surfaces, edit));
    list
}

proptest! {
    #![proptest_config(Config { cases: 48, rng_seed: RngSeed::Fixed(2), failure_persistence: None, ..Config::default() })]

    /// Px are off by no more than their arithmetic rounds.
    #[test]
    fn pictures_are_where_and_what_the_list_says(edits in vec(edit(), 1..16)) {
        let surfaces = surfaces();
        let mut list = edited(&edits, &surfaces);
        tame(&mut list, &surfaces);
        let (width, height) = (128, 72);
        let got = Compositor::new(Resolution::new(width, height)).compose_rgba(&list);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let want = draw(&list, Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5));
            for (got, is) in got.pixel(x, y).into_iter().zip(want.is) {
                // A hundredth for coverage that ends beside the bounds of a picture, and for floats.
                prop_assert!((f64::from(got) - is).abs() <= want.off + 0.01, "{} {}: {} {} {} {:?}", x, y, got, is, want.off, list);
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
                &mut crate::frost::Panes::default(),
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
