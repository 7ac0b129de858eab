//! Damaged frames equal full redraws.

use super::{clip, group, list, picture, pinned, surfaces};
use crate::{Backdrop, Clip, Compositor, DisplayList, DrawItem, Matte, Veil, VeilForm};
use kurbo::{Affine, Size};
use media::{BlendMode, Color, I420Frame, Resolution, Surface};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{
    collection::vec,
    prop_assert, prop_assert_eq, proptest,
    test_runner::{Config, RngSeed},
};
use std::sync::Arc;

/// One change of a list; indices wrap around. Groups may be left open or closed twice.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Insert {
        at: usize,
        key: u64,
        surface: usize,
        transform: Affine,
        opacity: f64,
    },
    Open {
        at: usize,
        key: u64,
        clip: Option<Clip>,
        opacity: f64,
    },
    Close {
        at: usize,
    },
    /// A picture stands in perspective, its corners moved from where they were.
    Pin {
        at: usize,
        key: u64,
        surface: usize,
        by: [(f64, f64); 4],
        window: f64,
        opacity: f64,
    },
    /// A pane of frosted glass.
    Frost {
        at: usize,
        key: u64,
        clip: Option<Clip>,
        sigma_px: f64,
    },
    /// What was an item begins a matte, or a matte becomes another.
    Matte {
        at: usize,
        matte: Matte,
        anew: bool,
    },
    Remove {
        at: usize,
    },
    Swap {
        a: usize,
        b: usize,
    },
    Move {
        at: usize,
        transform: Affine,
    },
    Fade {
        at: usize,
        opacity: f64,
    },
    Replace {
        at: usize,
        surface: usize,
    },
    Clip {
        at: usize,
        clip: Option<Clip>,
    },
    /// A wipe comes on, goes on or goes.
    Veil {
        at: usize,
        veil: Option<Veil>,
        /// Of a wipe by a picture, that one.
        surface: Option<usize>,
    },
    Blend {
        at: usize,
        mode: BlendMode,
    },
    Background {
        grey: u8,
    },
    Nothing,
}

pub(super) fn transform() -> impl Strategy<Value = Affine> {
    let place = (-60i32..260, -60i32..150).prop_map(|(x, y)| (f64::from(x), f64::from(y)));
    let near = (-20.0..100.0, -20.0..60.0);
    prop_oneof![
        4 => place.prop_map(Affine::translate),
        3 => near.clone().prop_map(Affine::translate),
        2 => (near.clone(), -3.2..3.2).prop_map(|(at, angle)| Affine::translate(at) * Affine::rotate(angle)),
        2 => (near.clone(), -2.5..2.5, 0.3..12.0).prop_map(|(at, x, y)| Affine::translate(at) * Affine::scale_non_uniform(x, y)),
        1 => (near.clone(), -1.0..1.0, -2.0..2.0).prop_map(|(at, a, b)| Affine::translate(at) * Affine::skew(a, b)),
        1 => (near, 1e-6..2e6).prop_map(|(at, s)| Affine::translate(at) * Affine::scale(s)),
        1 => Just(Affine::scale(0.0)),
    ]
}

pub(super) fn any_clip() -> impl Strategy<Value = Option<Clip>> {
    let rounded = (
        transform(),
        0.0..120.0,
        0.0..90.0,
        [0.0..40.0, 0.0..40.0, 0.0..5.0, 0.0..90.0],
    )
        .prop_map(|(transform, w, h, radii)| {
            Some(Clip {
                transform,
                size: Size::new(w, h),
                radii,
            })
        });
    let plain = (0..40i32, 0..20i32, 10..90i32)
        .prop_map(|(x, y, w)| clip(x.into(), y.into(), w.into(), 30.0, 6.0));
    prop_oneof![1 => Just(None), 2 => rounded, 2 => plain]
}

fn any_veil() -> impl Strategy<Value = Option<Veil>> {
    let center = || [-0.2..1.2f64, -0.2..1.2].prop_map(|center| center);
    let direction = || (-3.2..3.2f64).prop_map(|turn| [turn.cos(), turn.sin()]);
    let form = prop_oneof![
        2 => direction().prop_map(|direction| VeilForm::Linear { direction }),
        1 => center().prop_map(|center| VeilForm::Iris { center }),
        2 => (center(), direction()).prop_map(|(center, direction)| VeilForm::Clock { center, direction }),
    ];
    let progress = prop_oneof![4 => 0.0..1.0, 1 => Just(0.0), 1 => Just(1.0)];
    let softness = prop_oneof![1 => Just(0.0), 2 => 0.0..1.0];
    let veil = (
        transform(),
        [0.0..220.0, 0.0..130.0],
        form,
        softness,
        progress,
        any::<bool>(),
    )
        .prop_map(|(transform, [w, h], form, softness, progress, invert)| {
            Some(Veil {
                transform,
                size: Size::new(w, h),
                form,
                softness,
                progress,
                invert,
            })
        });
    prop_oneof![1 => Just(None), 4 => veil]
}

/// Mild, wild, and such that the picture reaches to the horizon or is no picture.
fn corners() -> impl Strategy<Value = [(f64, f64); 4]> {
    let by = |most: f64| {
        let one = move || (-most..most, -most..most);
        [one(), one(), one(), one()]
    };
    let tilted = (0.0..60.0f64, 0.0..40.0f64)
        .prop_map(|(x, y)| [(x, 30.0), (-x, y), (9.0, 20.0), (-30.0, 0.0)]);
    prop_oneof![3 => by(15.0), 1 => by(80.0), 2 => tilted]
}

fn opacity() -> impl Strategy<Value = f64> {
    prop_oneof![3 => Just(1.0), 1 => Just(0.0), 2 => 0.0..1.0]
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let (at, key) = (any::<usize>(), 0..6u64);
    prop_oneof![
        4 => (at, key.clone(), at, transform(), opacity())
            .prop_map(|(at, key, surface, transform, opacity)| Edit::Insert { at, key, surface, transform, opacity }),
        2 => (at, key, any_clip(), opacity()).prop_map(|(at, key, clip, opacity)| Edit::Open { at, key, clip, opacity }),
        1 => at.prop_map(|at| Edit::Close { at }),
        2 => (at, 0..6u64, at, corners(), 0.0..1.0, opacity())
            .prop_map(|(at, key, surface, by, window, opacity)| Edit::Pin { at, key, surface, by, window, opacity }),
        2 => (at, 0..6u64, any_clip(), 0.0..60.0)
            .prop_map(|(at, key, clip, sigma_px)| Edit::Frost { at, key, clip, sigma_px }),
        1 => at.prop_map(|at| Edit::Remove { at }),
        2 => (at, any::<[bool; 3]>())
            .prop_map(|(at, [luma, invert, anew])| Edit::Matte { at, matte: Matte { luma, invert }, anew }),
        1 => (at, at).prop_map(|(a, b)| Edit::Swap { a, b }),
        4 => (at, transform()).prop_map(|(at, transform)| Edit::Move { at, transform }),
        1 => (at, opacity()).prop_map(|(at, opacity)| Edit::Fade { at, opacity }),
        1 => (at, at).prop_map(|(at, surface)| Edit::Replace { at, surface }),
        2 => (at, any_clip()).prop_map(|(at, clip)| Edit::Clip { at, clip }),
        2 => (at, 0..BlendMode::ALL.len()).prop_map(|(at, i)| Edit::Blend { at, mode: BlendMode::ALL[i] }),
        1 => any::<u8>().prop_map(|grey| Edit::Background { grey }),
        1 => Just(Edit::Nothing),
    ]
}

/// Wipes too.
pub(super) fn veiled_edit() -> impl Strategy<Value = Edit> {
    let at = any::<usize>();
    let veiled = (
        at,
        any_veil(),
        prop_oneof![3 => Just(None), 1 => at.prop_map(Some)],
    )
        .prop_map(|(at, veil, surface)| Edit::Veil { at, veil, surface });
    prop_oneof![5 => edit(), 1 => veiled]
}

pub(super) fn apply(list: &mut DisplayList, surfaces: &[Arc<Surface>], edit: &Edit) {
    let items = &mut list.items;
    let (len, any_surface) = (items.len(), |i: usize| &surfaces[i % surfaces.len()]);
    match *edit {
        Edit::Insert {
            at,
            key,
            surface,
            transform,
            opacity,
        } => {
            items.insert(
                at % (len + 1),
                picture(key, any_surface(surface), transform, opacity),
            );
        }
        Edit::Open {
            at,
            key,
            clip,
            opacity,
        } => items.insert(at % (len + 1), group(key, clip, opacity)),
        Edit::Close { at } => items.insert(at % (len + 1), DrawItem::Pop),
        Edit::Frost {
            at,
            key,
            clip,
            sigma_px,
        } => {
            let pane = DrawItem::Backdrop(Backdrop { key, sigma_px });
            let at = at % (len + 1);
            items.splice(at..at, [group(key, clip, 1.0), pane, DrawItem::Pop]);
        }
        Edit::Pin {
            at,
            key,
            surface,
            by,
            window,
            opacity,
        } => items.insert(
            at % (len + 1),
            pinned(key, any_surface(surface), by, window, opacity),
        ),
        Edit::Matte {
            at,
            matte,
            anew: true,
        } => items.insert(at % (len + 1), DrawItem::Matte(matte)),
        Edit::Background { grey } => list.background = Color::from_rgba8([grey, grey / 2, 7, 255]),
        Edit::Nothing => {}
        _ if len == 0 => {}
        Edit::Remove { at } => drop(items.remove(at % len)),
        Edit::Swap { a, b } => items.swap(a % len, b % len),
        Edit::Move { at, transform } => match &mut items[at % len] {
            DrawItem::Picture(p) => p.transform = transform,
            DrawItem::Push(g) => g.clip.iter_mut().for_each(|c| c.transform = transform),
            DrawItem::Pinned(p) => p.map = p.map.after(Affine::translate((1.5, 0.0))),
            DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => {}
        },
        Edit::Fade { at, opacity } => match &mut items[at % len] {
            DrawItem::Picture(p) => p.opacity = opacity,
            DrawItem::Pinned(p) => p.opacity = opacity,
            DrawItem::Push(g) => g.opacity = opacity,
            DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => {}
        },
        Edit::Blend { at, mode } => match &mut items[at % len] {
            DrawItem::Picture(p) => p.blend = mode,
            DrawItem::Pinned(p) => p.blend = mode,
            DrawItem::Push(g) => g.blend = mode,
            DrawItem::Backdrop(_) | DrawItem::Matte(_) | DrawItem::Pop => {}
        },
        Edit::Matte { at, matte, .. } => {
            if let DrawItem::Matte(m) = &mut items[at % len] {
                *m = matte;
            }
        }
        Edit::Replace { at, surface } => {
            if let DrawItem::Picture(p) = &mut items[at % len] {
                p.surface = Arc::clone(any_surface(surface));
            }
        }
        Edit::Veil {
            at,
            ref veil,
            surface,
        } => {
            if let DrawItem::Push(g) = &mut items[at % len] {
                g.veil = veil.clone().map(|veil| Veil {
                    form: surface.map_or(veil.form, |i| VeilForm::Luma(Arc::clone(any_surface(i)))),
                    ..veil
                });
            }
        }
        Edit::Clip { at, clip } => {
            if let DrawItem::Push(g) = &mut items[at % len] {
                g.clip = clip;
            }
        }
    }
}

/// The part of `plane` that belongs to a block: `side` px wide and high.
fn block(plane: &[u8], stride: usize, column: usize, row: usize, side: usize) -> Vec<&[u8]> {
    let (from, to) = (
        (column * side).min(stride),
        (column * side + side).min(stride),
    );
    plane
        .chunks(stride)
        .skip(row * side)
        .take(side)
        .map(|line| &line[from..to])
        .collect()
}

fn differs(a: &I420Frame, b: &I420Frame, column: usize, row: usize) -> bool {
    let width = a.resolution().width as usize;
    let planes = a.planes().into_iter().zip(b.planes());
    let sizes = [(width, 16), (width / 2, 8), (width / 2, 8)];
    planes.zip(sizes).any(|((a, b), (stride, side))| {
        block(a, stride, column, row, side) != block(b, stride, column, row, side)
    })
}

proptest! {
    #![proptest_config(Config { cases: 160, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

    /// Each step edits the list, composes it, and keeps the frame for as many steps as `hold` says, so that buffers of all ages are drawn into.
    #[test]
    fn a_damaged_frame_equals_the_full_redraw(
        size in prop_oneof![Just((70, 38)), Just((128, 72)), Just((250, 136))],
        start in vec(veiled_edit(), 0..20),
        steps in vec((vec(veiled_edit(), 0..3), 0..6usize), 1..16),
    ) {
        let (resolution, surfaces) = (Resolution::new(size.0, size.1), surfaces());
        let mut list = list([40, 80, 120], vec![]);
        start.iter().for_each(|edit| apply(&mut list, &surfaces, edit));
        let mut compositor = Compositor::new(resolution);
        let mut before = compositor.compose(&list).frame.as_ref().clone();
        let mut held: Vec<(usize, Arc<I420Frame>, I420Frame)> = Vec::new();
        for (i, (edits, hold)) in steps.iter().enumerate() {
            edits.iter().for_each(|edit| apply(&mut list, &surfaces, edit));
            held.retain(|(until, ..)| *until > i);
            let composed = compositor.compose(&list);
            let full = Compositor::new(resolution).compose(&list).frame;
            prop_assert!(*composed.frame == *full, "step {}: {:?}", i, list);
            for row in 0..composed.damage.rows() {
                for column in 0..composed.damage.columns() {
                    let covered = composed.damage.contains(column, row);
                    prop_assert!(covered || !differs(&before, &composed.frame, column, row), "step {}: block {} {}", i, column, row);
                }
            }
            before = composed.frame.as_ref().clone();
            held.push((i + hold, composed.frame, before.clone()));
            for (_, frame, copy) in &held {
                prop_assert_eq!(frame.data(), copy.data());
            }
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 80, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

    /// A picture that others hold stays what it is while the next is drawn.
    #[test]
    fn a_damaged_picture_apart_equals_the_full_redraw(
        start in vec(veiled_edit(), 0..20),
        steps in vec((vec(veiled_edit(), 0..3), any::<bool>()), 1..12),
    ) {
        let (resolution, surfaces) = (Resolution::new(128, 72), surfaces());
        let mut list = list([40, 80, 120], vec![]);
        start.iter().for_each(|edit| apply(&mut list, &surfaces, edit));
        let mut compositor = Compositor::new(resolution);
        let mut apart = Arc::new(Surface::new(128, 72));
        let mut held: Vec<(Arc<Surface>, Surface)> = Vec::new();
        for (edits, hold) in &steps {
            edits.iter().for_each(|edit| apply(&mut list, &surfaces, edit));
            let before = Surface::clone(&apart);
            let changed = compositor.compose_apart(&list, &mut apart);
            let full = Compositor::new(resolution).compose_transparent(&list);
            prop_assert!(*apart == full, "{:?}", list);
            prop_assert!(changed || before == full);
            prop_assert!(!compositor.compose_apart(&list, &mut apart));
            if *hold {
                held.push((Arc::clone(&apart), full));
            }
            for (apart, copy) in &held {
                prop_assert!(**apart == *copy);
            }
        }
    }
}

#[test]
fn frames_and_pictures_apart_of_one_compositor_do_not_mix() {
    let surfaces = surfaces();
    let list = list(
        [9; 3],
        vec![picture(
            1,
            &surfaces[2],
            Affine::translate((20.0, 10.0)),
            0.7,
        )],
    );
    let resolution = Resolution::new(128, 72);
    let mut compositor = Compositor::new(resolution);
    let frame = compositor.compose(&list).frame;
    let mut apart = Arc::new(Surface::new(128, 72));
    assert!(compositor.compose_apart(&list, &mut apart));
    assert!(*apart == Compositor::new(resolution).compose_transparent(&list));
    assert!(*compositor.compose(&list).frame == *frame);
}

#[test]
fn damage_is_no_larger_than_what_moved() {
    let surfaces = surfaces();
    let at = |x: f64| {
        let others =
            (10..14).map(|i| picture(i, &surfaces[2], Affine::translate((60.0, 30.0)), 0.9));
        let items = others.chain([picture(1, &surfaces[4], Affine::translate((x, 0.0)), 1.0)]);
        list([0; 3], items.collect())
    };
    let mut compositor = Compositor::new(Resolution::new(250, 136));
    compositor.compose(&at(16.0));
    let runs: Vec<_> = compositor.compose(&at(96.0)).damage.row(0).runs().collect();
    // Each a block for the picture, one for the chroma beside it.
    assert_eq!(runs, [1..3, 6..8]);
    let mut reordered = at(96.0);
    reordered.items.swap(0, 4);
    assert!(compositor.compose(&reordered).damage.contains(6, 0));
}

/// Of a wipe that goes on only the blocks that its edge has been or is in; of one by a picture, those whose luma is near.
#[test]
fn a_wipe_damages_where_its_edge_is() {
    let size = Resolution::new(256, 64);
    let full = super::flat(256, 64, [200, 90, 30, 255]);
    let ramp = super::surface(256, 64, |x, _| [x as u8, x as u8, x as u8, 255]);
    let at = |form: &VeilForm, progress| {
        let DrawItem::Push(group) = group(1, None, 1.0) else {
            unreachable!("a group")
        };
        let veil = Veil {
            transform: Affine::IDENTITY,
            size: Size::new(256.0, 64.0),
            form: form.clone(),
            softness: 0.02,
            progress,
            invert: false,
        };
        let group = crate::Group {
            veil: Some(veil),
            ..group
        };
        let picture = picture(2, &full, Affine::IDENTITY, 1.0);
        list([0; 3], vec![DrawItem::Push(group), picture, DrawItem::Pop])
    };
    let linear = VeilForm::Linear {
        direction: [1.0, 0.0],
    };
    for form in [linear, VeilForm::Luma(ramp)] {
        let mut compositor = Compositor::new(size);
        compositor.compose(&at(&form, 0.3));
        let composed = compositor.compose(&at(&form, 0.36));
        let count = composed.damage.block_count();
        assert!((4..=24).contains(&count), "{form:?}: {count} of 64 blocks");
        assert!(*composed.frame == *Compositor::new(size).compose(&at(&form, 0.36)).frame);
    }
}
