//! Exact pictures of small lists.

use super::{clip, flat, group, list, noise, picture, pinned, surface, surfaces};
use crate::{Backdrop, Clip, Compositor, DisplayList, DrawItem};
use kurbo::{Affine, Size};
use media::{Resolution, Surface};
use std::sync::Arc;

fn rgba(width: u32, height: u32, list: &DisplayList) -> Surface {
    Compositor::new(Resolution::new(width, height)).compose_rgba(list)
}

#[test]
fn a_whole_translation_copies_the_surface_bit_for_bit() {
    let source = surface(37, 21, |x, y| {
        let [r, g, b, _] = noise(x, y);
        [r, g, b, 255]
    });
    let out = rgba(
        70,
        38,
        &list(
            [1, 2, 3],
            vec![picture(1, &source, Affine::translate((20.0, -3.0)), 1.0)],
        ),
    );
    for (x, y) in (0..38).flat_map(|y| (0..70).map(move |x| (x, y))) {
        let inside = (20..57).contains(&x) && y < 18;
        let want = if inside {
            source.pixel(x - 20, y + 3)
        } else {
            [1, 2, 3, 255]
        };
        assert_eq!(out.pixel(x, y), want, "{x} {y}");
    }
}

/// What is drawn on nothing and then laid over a color is what is drawn on that color, but for rounding; whatever hides it.
#[test]
fn on_nothing_pictures_keep_their_alpha() {
    let items = || {
        let [half, noisy, solid] = [4, 9, 7].map(|i| Arc::clone(&surfaces()[i]));
        vec![
            picture(1, &half, Affine::translate((2.0, 3.0)), 1.0),
            group(2, clip(10.0, 10.0, 60.0, 50.0, 9.0), 0.6),
            picture(3, &solid, Affine::translate((5.5, 12.25)), 1.0),
            picture(4, &noisy, Affine::translate((30.0, 20.0)), 0.8),
            DrawItem::Pop,
        ]
    };
    let mut compositor = Compositor::new(Resolution::new(96, 80));
    let alone = compositor.compose_transparent(&list([9, 9, 9], items()));
    for background in [[0; 3], [255; 3], [20, 130, 200]] {
        let on_color = compositor.compose_rgba(&list(background, items()));
        for (x, y) in (0..80).flat_map(|y| (0..96).map(move |x| (x, y))) {
            let [r, g, b, a] = alone.pixel(x, y);
            let [below_r, below_g, below_b] = background.map(u32::from);
            let rest = 255 - u32::from(a);
            for (own, below, is) in [(r, below_r, 0), (g, below_g, 1), (b, below_b, 2)] {
                let laid = u32::from(own) + (below * rest + 127) / 255;
                let drawn = u32::from(on_color.pixel(x, y)[is]);
                assert!(laid.abs_diff(drawn) <= 2, "{x} {y}: {laid}, not {drawn}");
            }
        }
    }
    assert_eq!(alone.pixel(90, 70), [0; 4]);
    assert_eq!(alone.pixel(4, 4), [15, 100, 45, 128]);
}

#[test]
fn half_a_px_averages_neighbors() {
    let source = surface(4, 4, |x, y| [(x * 40) as u8, (y * 60) as u8, 0, 255]);
    let out = rgba(
        16,
        16,
        &list(
            [0; 3],
            vec![picture(1, &source, Affine::translate((2.5, 3.5)), 1.0)],
        ),
    );
    assert_eq!(out.pixel(4, 5), [60, 90, 0, 255]);
    // The edge is half covered, the corner a quarter.
    assert_eq!(out.pixel(2, 5), [0, 45, 0, 255]);
    assert_eq!(out.pixel(6, 6), [60, 75, 0, 255]);
    assert_eq!(out.pixel(6, 7), [30, 45, 0, 255]);
}

#[test]
fn an_enlarged_px_is_a_sharp_rectangle() {
    let white = flat(1, 1, [255; 4]);
    let transform = Affine::new([20.0, 0.0, 0.0, 10.25, 5.0, 4.5]);
    let out = rgba(
        32,
        32,
        &list([0; 3], vec![picture(1, &white, transform, 1.0)]),
    );
    let column: Vec<u8> = (3..17).map(|y| out.pixel(10, y)[0]).collect();
    assert_eq!(
        column,
        [
            0, 128, 255, 255, 255, 255, 255, 255, 255, 255, 255, 191, 0, 0
        ]
    );
    let row: Vec<u8> = (3..7).chain(23..27).map(|x| out.pixel(x, 9)[0]).collect();
    assert_eq!(row, [0, 0, 255, 255, 255, 255, 0, 0]);
}

#[test]
fn a_quarter_turn_moves_px_whole() {
    let source = surface(6, 4, noise);
    // Clockwise about the origin, then right by the height.
    let transform = Affine::new([0.0, 1.0, -1.0, 0.0, 4.0, 0.0]);
    let turned = rgba(
        16,
        16,
        &list([9; 3], vec![picture(1, &source, transform, 1.0)]),
    );
    let straight = rgba(
        16,
        16,
        &list([9; 3], vec![picture(1, &source, Affine::IDENTITY, 1.0)]),
    );
    for (x, y) in (0..4).flat_map(|y| (0..6).map(move |x| (x, y))) {
        assert_eq!(turned.pixel(3 - y, x), straight.pixel(x, y), "{x} {y}");
    }
    assert_eq!(turned.pixel(4, 0), [9, 9, 9, 255]);
}

#[test]
fn a_rotated_square_keeps_its_area() {
    let white = flat(40, 40, [255; 4]);
    for degrees in [3.0f64, 17.0, 45.0, 80.0] {
        let transform = Affine::translate((50.0, 50.0))
            * Affine::rotate(degrees.to_radians())
            * Affine::translate((-20.0, -20.0));
        let out = rgba(
            100,
            100,
            &list([0; 3], vec![picture(1, &white, transform, 1.0)]),
        );
        let area: f64 = out
            .data()
            .chunks_exact(4)
            .map(|p| f64::from(p[0]) / 255.0)
            .sum();
        assert!((area / 1600.0 - 1.0).abs() < 0.01, "{degrees}: {area}");
    }
}

#[test]
fn a_faded_group_shows_no_seams_where_faded_children_do() {
    let white = flat(16, 16, [255; 4]);
    let children = |opacity| {
        [0.0, 8.0].map(|x| picture(x as u64, &white, Affine::translate((x, 0.0)), opacity))
    };
    let mut grouped = vec![group(1, None, 0.5)];
    grouped.extend(children(1.0));
    grouped.push(DrawItem::Pop);
    let grouped = rgba(32, 16, &list([0; 3], grouped));
    let single = rgba(32, 16, &list([0; 3], children(0.5).to_vec()));
    let at = |s: &Surface, x| s.pixel(x, 8)[0];
    assert_eq!([4, 12, 20].map(|x| at(&grouped, x)), [128, 128, 128]);
    assert_eq!([4, 12, 20].map(|x| at(&single, x)), [128, 192, 128]);
}

#[test]
fn clips_cover_their_area() {
    let white = flat(256, 256, [255; 4]);
    let cases = [
        (
            clip(10.3, 12.7, 80.0, 60.0, 20.0),
            80.0 * 60.0 - (4.0 - std::f64::consts::PI) * 400.0,
        ),
        (
            clip(20.0, 20.0, 50.0, 50.0, 25.0),
            std::f64::consts::PI * 625.0,
        ),
        (clip(20.25, 20.0, 0.5, 50.0, 0.0), 25.0),
        (clip(5.5, 5.5, 64.0, 64.0, 0.0), 4096.0),
        // Radii that do not fit make a circle.
        (
            clip(20.0, 20.0, 50.0, 50.0, 90.0),
            std::f64::consts::PI * 625.0,
        ),
    ];
    let rotated = Clip {
        transform: Affine::translate((60.0, 20.0)) * Affine::rotate(0.5),
        size: Size::new(60.0, 40.0),
        radii: [10.0; 4],
    };
    let stretched = Clip {
        transform: Affine::translate((9.0, 9.0)) * Affine::scale_non_uniform(2.0, 1.0),
        size: Size::new(40.0, 40.0),
        radii: [12.0; 4],
    };
    let corners = 4.0 - std::f64::consts::PI;
    let more = [
        (Some(rotated), 2400.0 - corners * 100.0),
        (Some(stretched), 2.0 * (1600.0 - corners * 144.0)),
    ];
    for (clip, want) in cases.into_iter().chain(more) {
        let items = vec![
            group(1, clip, 1.0),
            picture(2, &white, Affine::IDENTITY, 1.0),
            DrawItem::Pop,
        ];
        let out = rgba(128, 128, &list([0; 3], items));
        let area: f64 = out
            .data()
            .chunks_exact(4)
            .map(|p| f64::from(p[0]) / 255.0)
            .sum();
        assert!((area / want - 1.0).abs() < 0.01, "{clip:?}: {area} {want}");
    }
}

#[test]
fn conversion_filters_chroma_to_the_left_px() {
    // A red px column at x = 4: luma there only, chroma of pair 2 by half.
    let red = flat(1, 16, [255, 0, 0, 255]);
    let at = |x: f64| {
        let list = list(
            [0; 3],
            vec![picture(1, &red, Affine::translate((x, 0.0)), 1.0)],
        );
        let frame = Compositor::new(Resolution::new(16, 16))
            .compose(&list)
            .frame;
        let [y, _, cr] = frame.planes();
        (y[..16].to_vec(), cr[..8].to_vec())
    };
    let (y, cr) = at(4.0);
    assert_eq!(y[3..6], [16, 63, 16]);
    assert_eq!(cr[..5], [128, 128, 184, 128, 128]);
    // Between two pairs it colours both by a quarter.
    assert_eq!(at(5.0).1[..5], [128, 128, 156, 156, 128]);
    // At the left edge the first px counts twice over: (1 + 2) / 4.
    assert_eq!(at(0.0).1[..3], [212, 128, 128]);
}

#[test]
fn white_and_black_are_235_and_16() {
    for (background, want) in [([255; 3], [235, 128, 128]), ([0; 3], [16, 128, 128])] {
        let frame = Compositor::new(Resolution::new(70, 38))
            .compose(&list(background, vec![]))
            .frame;
        for (plane, want) in frame.planes().into_iter().zip(want) {
            assert!(plane.iter().all(|&v| v == want), "{background:?}");
        }
    }
}

#[test]
fn hostile_numbers_do_not_panic() {
    let surfaces = surfaces();
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1e-9,
        1e6,
        -1e6,
        1e300,
        f64::MIN_POSITIVE,
        f64::NAN,
        f64::INFINITY,
        65536.5,
    ];
    let mut items = Vec::new();
    for (i, &n) in numbers.iter().enumerate() {
        for (j, &m) in numbers.iter().enumerate() {
            let transforms = [
                [n, 0.0, 0.0, m, 0.0, 0.0],
                [1.0, 0.0, 0.0, 1.0, n, m],
                [n, m, -m, n, 5.0, 5.0],
                [n, n, m, m, n, m],
            ];
            for transform in transforms.map(Affine::new) {
                items.push(picture(
                    3,
                    &surfaces[(i + j) % surfaces.len()],
                    transform,
                    0.9,
                ));
                items.push(group(
                    4,
                    Some(Clip {
                        transform,
                        size: Size::new(m, n),
                        radii: [n, m, 3.0, n],
                    }),
                    0.9,
                ));
                items.push(picture(3, &surfaces[11], Affine::IDENTITY, n));
                items.push(DrawItem::Pop);
            }
        }
    }
    items.extend((0..3000).map(|i| group(i, clip(1.0, 1.0, 60.0, 30.0, 4.0), 0.99)));
    items.push(picture(3, &surfaces[1], Affine::IDENTITY, 1.0));
    let mut compositor = Compositor::new(Resolution::new(70, 38));
    let mut list = list([0; 3], items);
    compositor.compose(&list);
    list.items.reverse();
    compositor.compose(&list);
    for size in [(0, 0), (2, 2), (0, 16), (16, 0)] {
        Compositor::new(Resolution::new(size.0, size.1)).compose(&list);
    }
}

#[test]
fn sixteen_nested_groups_are_drawn() {
    let white = flat(64, 64, [255; 4]);
    let mut items: Vec<_> = (0..16)
        .map(|i| group(i, clip(f64::from(i as u32), 0.0, 64.0, 64.0, 0.0), 1.0))
        .collect();
    items.push(picture(1, &white, Affine::IDENTITY, 1.0));
    let out = rgba(64, 64, &list([0; 3], items));
    assert_eq!([14, 15, 63].map(|x| out.pixel(x, 40)[0]), [0, 255, 255]);
}

#[test]
fn a_still_list_returns_the_same_frame() {
    let items = vec![picture(
        1,
        &surfaces()[1],
        Affine::translate((3.3, 4.0)),
        0.7,
    )];
    let mut list = list([10, 20, 30], items);
    let mut compositor = Compositor::new(Resolution::new(70, 38));
    let first = compositor.compose(&list);
    assert_eq!(first.damage.block_count(), 15);
    // Off the canvas, invisible, or a move too small to see.
    list.items.push(picture(
        2,
        &surfaces()[1],
        Affine::translate((300.0, 0.0)),
        1.0,
    ));
    list.items
        .push(picture(2, &surfaces()[1], Affine::IDENTITY, 0.001));
    let DrawItem::Picture(p) = &mut list.items[0] else {
        unreachable!()
    };
    p.transform = Affine::translate((3.3001, 4.0));
    let second = compositor.compose(&list);
    assert!(Arc::ptr_eq(&first.frame, &second.frame) && second.damage.is_empty());
    assert_eq!(
        (second.stats.blocks_drawn, second.stats.items_culled),
        (0, 2)
    );
    compositor.invalidate();
    let third = compositor.compose(&list);
    assert_eq!(third.damage.block_count(), 15);
    assert_eq!(third.frame.data(), first.frame.data());
}

#[test]
fn frames_in_use_are_not_drawn_into_and_the_ring_is_bounded() {
    let white = flat(16, 16, [255; 4]);
    let mut compositor = Compositor::new(Resolution::new(64, 32));
    let frames: Vec<_> = (0..16)
        .map(|i| {
            let list = list(
                [0; 3],
                vec![picture(
                    1,
                    &white,
                    Affine::translate((f64::from(i) * 4.0, 0.0)),
                    1.0,
                )],
            );
            compositor.compose(&list)
        })
        .collect();
    for (i, composed) in frames.iter().enumerate() {
        let first = composed.frame.planes()[0].iter().position(|&v| v == 235);
        assert_eq!(first, Some(i * 4));
    }
    let stats = frames[15].stats;
    assert_eq!((stats.ring_frames, stats.temporary_frames), (12, 4));
}

#[test]
fn corners_that_stay_draw_the_picture_as_it_is() {
    let source = surfaces()[1].clone();
    let still = pinned(1, &source, [(0.0, 0.0); 4], 1.0, 1.0);
    let got = rgba(96, 64, &list([1, 2, 3], vec![still]));
    let upright = picture(1, &source, Affine::translate((20.0, 10.0)), 1.0);
    assert_eq!(got, rgba(96, 64, &list([1, 2, 3], vec![upright])));
}

#[test]
fn a_pinned_square_covers_the_area_between_its_corners() {
    let white = flat(40, 40, [255; 4]);
    for by in [
        [(5.0, 3.0), (-4.0, 12.5), (11.0, -2.0), (-7.25, 6.0)],
        [(12.0, 0.0), (-12.0, 0.0), (15.0, 0.0), (-15.0, 0.0)],
        // Turned over.
        [(40.0, 2.0), (-40.0, 3.0), (-40.0, 0.0), (40.0, 0.0)],
    ] {
        let out = rgba(96, 64, &list([0; 3], vec![pinned(1, &white, by, 1.0, 1.0)]));
        let upright = [(20.0, 10.0), (60.0, 10.0), (60.0, 50.0), (20.0, 50.0)];
        let at = |k: usize| {
            (
                upright[k % 4].0 + by[k % 4].0,
                upright[k % 4].1 + by[k % 4].1,
            )
        };
        let twice: f64 = (0..4)
            .map(|k| at(k).0 * at(k + 1).1 - at(k + 1).0 * at(k).1)
            .sum();
        let area: f64 = out
            .data()
            .chunks_exact(4)
            .map(|p| f64::from(p[0]) / 255.0)
            .sum();
        assert!(
            (area / (twice.abs() / 2.0) - 1.0).abs() < 0.01,
            "{by:?}: {area}"
        );
    }
}

/// In perspective the middle of a picture lies nearer to its far edge than to its near one: where its diagonals cross.
#[test]
fn a_pinned_picture_is_foreshortened() {
    let halves = surface(48, 48, |_, y| {
        if y < 24 {
            [255, 0, 0, 255]
        } else {
            [0, 0, 255, 255]
        }
    });
    let by = [(12.0, 0.0), (-12.0, 0.0), (0.0, 0.0), (0.0, 0.0)];
    let out = rgba(
        96,
        64,
        &list([0; 3], vec![pinned(1, &halves, by, 1.0, 1.0)]),
    );
    let column: Vec<u8> = (10..58).map(|y| out.pixel(44, y)[0]).collect();
    let red = column.iter().filter(|red| **red > 127).count();
    // The upper edge is half as long: diagonals cross a third of the way down.
    assert_eq!(red, 16, "{column:?}");
}

/// An edge between black and white below a pane is the integral of a gaussian on it, and sharp beside it.
#[test]
fn a_pane_blurs_what_lies_below_as_a_gaussian_does() {
    let halves = surface(
        256,
        96,
        |x, _| if x < 128 { [0, 0, 0, 255] } else { [255; 4] },
    );
    for sigma_px in [1.5, 3.0, 6.0, 12.0, 20.0] {
        let items = vec![
            picture(1, &halves, Affine::IDENTITY, 1.0),
            group(2, clip(0.0, 16.0, 256.0, 64.0, 0.0), 1.0),
            DrawItem::Backdrop(Backdrop { key: 3, sigma_px }),
            DrawItem::Pop,
        ];
        let out = rgba(256, 96, &list([9; 3], items));
        for x in 0..256 {
            let away = (f64::from(x) + 0.5 - 128.0) / sigma_px;
            let want = 255.0 * 0.5 * libm::erfc(-away / std::f64::consts::SQRT_2);
            let got = f64::from(out.pixel(x, 48)[0]);
            assert!((got - want).abs() < 4.0, "{sigma_px} at {x}: {got} {want}");
        }
        assert_eq!([127, 128].map(|x| out.pixel(x, 8)[0]), [0, 255]);
        assert_eq!([127, 128].map(|x| out.pixel(x, 88)[0]), [0, 255]);
    }
}

/// In a group that fades, a pane blurs what the canvas would show if the group ended before it, and then fades with the group.
#[test]
fn a_pane_in_a_fading_group_blurs_what_is_below_it() {
    let halves = surface(
        128,
        64,
        |x, _| if x < 64 { [0, 0, 0, 255] } else { [255; 4] },
    );
    let grey = flat(128, 64, [100, 100, 100, 255]);
    let pane = |opacity: f64, between: bool| {
        let mut items = vec![
            picture(1, &halves, Affine::IDENTITY, 1.0),
            group(5, None, opacity),
        ];
        items.extend(between.then(|| picture(4, &grey, Affine::IDENTITY, 1.0)));
        items.extend([
            group(2, clip(0.0, 0.0, 128.0, 64.0, 0.0), 1.0),
            DrawItem::Backdrop(Backdrop {
                key: 3,
                sigma_px: 4.0,
            }),
            DrawItem::Pop,
            DrawItem::Pop,
        ]);
        rgba(128, 64, &list([9; 3], items))
    };
    let (full, half, sharp) = (pane(1.0, false), pane(0.5, false), halves.clone());
    for x in 40..88 {
        let of = |s: &Surface| f64::from(s.pixel(x, 32)[0]);
        let want = (of(&full) + of(&sharp)) / 2.0;
        assert!((of(&half) - want).abs() <= 1.5, "{x}: {} {want}", of(&half));
    }
    // What stands between them in the group is seen through the group's opacity, and so is its blur.
    let over = pane(0.5, true);
    let below = |x: u32| 0.5 * f64::from(full.pixel(x, 32)[0]) + 50.0;
    for x in 40..88 {
        let sharp = f64::from(sharp.pixel(x, 32)[0]);
        let want = (below(x) + sharp) / 2.0;
        let got = f64::from(over.pixel(x, 32)[0]);
        assert!((got - want).abs() <= 2.0, "{x}: {got} {want}");
    }
}

/// Only what is near a pane has it painted anew: far changes cost the pane nothing, and change nothing on it.
#[test]
fn a_pane_is_damaged_only_by_what_is_near() {
    let [dot, tile] = [flat(8, 8, [255, 0, 0, 255]), surfaces()[1].clone()];
    let at = |x: f64| {
        list(
            [40; 3],
            vec![
                picture(1, &tile, Affine::translate((16.0, 16.0)), 1.0),
                picture(2, &dot, Affine::translate((x, 100.0)), 1.0),
                group(3, clip(0.0, 0.0, 64.0, 48.0, 8.0), 1.0),
                DrawItem::Backdrop(Backdrop {
                    key: 4,
                    sigma_px: 3.0,
                }),
                DrawItem::Pop,
            ],
        )
    };
    let mut compositor = Compositor::new(Resolution::new(256, 128));
    assert!(compositor.compose(&at(200.0)).stats.px_blurred > 64 * 48);
    let far = compositor.compose(&at(220.0));
    assert_eq!(far.stats.px_blurred, 0);
    assert!(!far.damage.contains(1, 1) && far.damage.contains(13, 6));
    let mut near = at(220.0);
    let DrawItem::Picture(p) = &mut near.items[1] else {
        unreachable!()
    };
    p.transform = Affine::translate((20.0, 50.0));
    assert!(compositor.compose(&near).damage.contains(1, 1));
}

/// What moves above a pane costs it nothing; what moves below it, or crosses it in the order, does. Of two panes the upper one lies
/// over the lower.
#[test]
fn a_pane_is_painted_anew_only_for_what_is_below_it() {
    let [dot, tile] = [flat(8, 8, [255, 0, 0, 255]), surfaces()[1].clone()];
    let pane = |key: u64, x: f64| {
        [
            group(key, clip(x, 0.0, 64.0, 48.0, 8.0), 1.0),
            DrawItem::Backdrop(Backdrop { key, sigma_px: 3.0 }),
            DrawItem::Pop,
        ]
    };
    let dot = |key: u64, x: f64| picture(key, &dot, Affine::translate((x, 20.0)), 1.0);
    let at = |below: f64, between: f64, above: f64| {
        let mut items = vec![
            picture(1, &tile, Affine::translate((16.0, 16.0)), 1.0),
            dot(2, below),
        ];
        items.extend(pane(3, 0.0));
        items.push(dot(4, between));
        items.extend(pane(5, 32.0));
        items.push(dot(6, above));
        list([40; 3], items)
    };
    let size = Resolution::new(256, 128);
    let mut compositor = Compositor::new(size);
    let mut blurred = |list: &DisplayList| {
        let composed = compositor.compose(list);
        assert!(*composed.frame == *Compositor::new(size).compose(list).frame);
        composed.stats.px_blurred
    };
    let both = blurred(&at(20.0, 40.0, 30.0));
    assert_eq!(blurred(&at(20.0, 40.0, 36.0)), 0);
    let upper = blurred(&at(20.0, 46.0, 36.0));
    assert!(0 < upper && upper < both);
    assert_eq!(blurred(&at(24.0, 46.0, 36.0)), both);
    // Above both panes, the lower dot is gone from below them.
    let mut crossed = at(24.0, 46.0, 36.0);
    let lower = crossed.items.remove(1);
    crossed.items.push(lower);
    assert_eq!(blurred(&crossed), both);
    assert_eq!(blurred(&crossed), 0);
}
