//! `cargo bench -p compositor`: what it takes to compose a frame of 1080p and convert it to I420, by what changes in it.
#![forbid(unsafe_code)]

use compositor::{
    Backdrop, Clip, Compositor, DisplayList, DrawItem, Group, Matte, Perspective, Picture, Pinned,
    Shrink, Veil, VeilForm,
};
use kurbo::{Affine, Point, Rect, Size, Vec2};
use media::{BlendMode, Color, Resolution, Surface};
use std::f64::consts::TAU;
use std::hint::black_box;
use std::sync::Arc;
use testkit::StageTable;

const SIZE: Resolution = Resolution::new(1920, 1080);
/// Of a figure that covers 25 % of the frame.
const FIGURE_PX: u32 = 720;

/// Where something is at a frame.
type Place = fn(u64) -> Affine;

fn main() {
    let mut table = StageTable::new("compose + convert, 1920x1080");
    let [one, other] = [1, 2].map(|seed| surface(1920, 1080, seed, |_, _| 255));
    let veil = surface(1920, 1080, 3, |x, y| 64 + (x / 8 + y / 8) % 128);
    let figure = surface(FIGURE_PX, FIGURE_PX, 4, disc);
    let card = surface(300, 240, 5, |_, _| 255);
    let full = |surface: &Arc<Surface>| still(0, surface, Affine::IDENTITY);

    let mut compositor = Compositor::new(SIZE);
    let stage = show(vec![
        full(&one),
        figure_at(&figure, Affine::translate((600.0, 200.0))),
    ]);
    table.hot("nothing changes", Some(0.02), |_| {
        compose(&mut compositor, &stage);
    });

    let mut compositor = Compositor::new(SIZE);
    let lists = [&one, &other].map(|surface| show(vec![full(surface)]));
    table.hot("full frame, opaque copy", None, |n| {
        compose(&mut compositor, &lists[usize::from(n % 2 == 1)]);
    });

    let mut compositor = Compositor::new(SIZE);
    let lists =
        [&one, &other].map(|surface| show(vec![full(surface), still(1, &veil, Affine::IDENTITY)]));
    table.hot("full frame, alpha blend over a copy", None, |n| {
        compose(&mut compositor, &lists[usize::from(n % 2 == 1)]);
    });

    for mode in [
        BlendMode::Multiply,
        BlendMode::SoftLight,
        BlendMode::Luminosity,
        BlendMode::SourceAtop,
        BlendMode::DestinationIn,
    ] {
        let mut compositor = Compositor::new(SIZE);
        let lists = [&one, &other].map(|surface| {
            let DrawItem::Picture(veil) = still(1, &veil, Affine::IDENTITY) else {
                unreachable!("a picture")
            };
            show(vec![
                full(surface),
                DrawItem::Picture(Picture {
                    blend: mode,
                    ..veil
                }),
            ])
        });
        table.hot(&format!("full frame, {mode:?} onto a copy"), None, |n| {
            compose(&mut compositor, &lists[usize::from(n % 2 == 1)]);
        });
    }

    let mut compositor = Compositor::new(SIZE);
    let lists = [&one, &other].map(|surface| {
        show(vec![
            DrawItem::Push(group(1, None)),
            full(surface),
            DrawItem::Matte(Matte {
                luma: true,
                invert: false,
            }),
            still(2, &veil, Affine::IDENTITY),
            DrawItem::Pop,
        ])
    });
    table.hot("full frame, cut by a luma matte", None, |n| {
        compose(&mut compositor, &lists[usize::from(n % 2 == 1)]);
    });

    let page = surface(1800, 1200, 7, |_, _| 255);
    let sheet = surface(900, 600, 8, |_, _| 255);
    let fully = [Shrink::Skip, Shrink::Mix, Shrink::Follow];
    for (what, surface, shrinks) in [
        ("a card of 300 x 240 px", &card, &fully[2..]),
        ("a page of 900 x 600 px", &sheet, &fully[..]),
        ("a page of 1800 x 1200 px", &page, &fully[..]),
    ] {
        for &shrink in shrinks {
            let mut compositor = Compositor::new(SIZE);
            table.hot(
                &format!("{what} turns in perspective, 900 x 600 px, {shrink:?}"),
                None,
                |n| {
                    let by = 120.0 * wave(n);
                    let corners = [
                        (400.0, 200.0 - by),
                        (1300.0, 200.0 + by),
                        (1300.0, 800.0 - by),
                        (400.0, 800.0 + by),
                    ];
                    let mut items = vec![full(&one)];
                    items.extend(pinned(surface, corners, shrink));
                    compose(&mut compositor, &show(items));
                },
            );
        }
    }
    for shrink in fully {
        let mut compositor = Compositor::new(SIZE);
        table.hot(
            &format!("a floor of 1800 x 1200 px recedes over 1600 x 400 px, {shrink:?}"),
            None,
            |n| {
                let by = 60.0 * wave(n);
                let corners = [
                    (760.0 + by, 500.0),
                    (1160.0 + by, 500.0),
                    (1760.0, 900.0),
                    (160.0, 900.0),
                ];
                let mut items = vec![full(&one)];
                items.extend(pinned(&page, corners, shrink));
                compose(&mut compositor, &show(items));
            },
        );
    }

    for sigma_px in [3.0, 12.0, 40.0] {
        let clip = Clip {
            transform: Affine::translate((200.0, 400.0)),
            size: Size::new(640.0, 260.0),
            radii: [24.0; 4],
        };
        let mut compositor = Compositor::new(SIZE);
        let lists = [&one, &other].map(|surface| {
            show(vec![
                full(surface),
                DrawItem::Push(group(2, Some(clip))),
                DrawItem::Backdrop(Backdrop { key: 3, sigma_px }),
                DrawItem::Pop,
            ])
        });
        let what =
            format!("full frame, opaque copy below a pane of 640 x 260 px, sigma {sigma_px}");
        table.hot(&what, None, |n| {
            compose(&mut compositor, &lists[usize::from(n % 2 == 1)]);
        });
    }

    for (what, above) in [("above", true), ("below", false)] {
        let clip = Clip {
            transform: Affine::translate((200.0, 400.0)),
            size: Size::new(640.0, 260.0),
            radii: [24.0; 4],
        };
        let sigma_px = 12.0;
        let mut compositor = Compositor::new(SIZE);
        table.hot(
            &format!("a card moves {what} a pane of 640 x 260 px"),
            None,
            |n| {
                let at = Affine::translate((400.0 + (60.0 * wave(n)).round(), 410.0));
                let mut items = vec![
                    full(&one),
                    DrawItem::Push(group(2, Some(clip))),
                    DrawItem::Backdrop(Backdrop { key: 3, sigma_px }),
                    DrawItem::Pop,
                ];
                items.insert(if above { 4 } else { 1 }, still(4, &card, at));
                compose(&mut compositor, &show(items));
            },
        );
    }

    // Two scenes of a picture, a figure and a card each, both groups.
    let scene = |key: u64, surface: &Arc<Surface>, group: Group| {
        vec![
            DrawItem::Push(group),
            still(key, surface, Affine::IDENTITY),
            still(key + 1, &figure, Affine::translate((600.0, 200.0))),
            still(key + 2, &card, Affine::translate((80.0, 60.0 * key as f64))),
            DrawItem::Pop,
        ]
    };
    let part = |n: u64| 0.1 + 0.8 * (n % 97) as f64 / 96.0;
    let cross_fade = |n: u64| {
        let side = |key: u64, opacity: f64, blend| Group {
            opacity,
            blend,
            ..group(key, None)
        };
        let mut items = vec![DrawItem::Push(group(1, None))];
        items.extend(scene(10, &one, side(2, 1.0 - part(n), BlendMode::Normal)));
        items.extend(scene(20, &other, side(3, part(n), BlendMode::PlusLighter)));
        items.push(DrawItem::Pop);
        show(items)
    };
    let mut compositor = Compositor::new(SIZE);
    table.hot("full frame, two groups cross-fade", Some(5.0), |n| {
        compose(&mut compositor, &cross_fade(n));
    });
    let mut compositor = Compositor::new(SIZE);
    table.paced(
        "full frame, two groups cross-fade, paced 30 fps",
        Some(5.0),
        |n| {
            compose(&mut compositor, &cross_fade(n));
        },
    );
    let center = [0.5, 0.5];
    for (what, softness, form) in [
        (
            "along a line, hard",
            0.0,
            VeilForm::Linear {
                direction: [0.8, 0.6],
            },
        ),
        (
            "along a line, soft",
            0.3,
            VeilForm::Linear {
                direction: [0.8, 0.6],
            },
        ),
        ("from the middle, soft", 0.3, VeilForm::Iris { center }),
        (
            "around the middle, soft",
            0.3,
            VeilForm::Clock {
                center,
                direction: [0.0, -1.0],
            },
        ),
        ("by a picture, soft", 0.3, VeilForm::Luma(Arc::clone(&veil))),
    ] {
        let mut compositor = Compositor::new(SIZE);
        table.hot(
            &format!("full frame, a group is wiped on {what}"),
            None,
            |n| {
                let wiped = Group {
                    veil: Some(Veil {
                        transform: Affine::IDENTITY,
                        size: Size::new(1920.0, 1080.0),
                        form: form.clone(),
                        softness,
                        progress: part(n),
                        invert: false,
                    }),
                    ..group(3, None)
                };
                let mut items = scene(10, &one, group(2, None));
                items.extend(scene(20, &other, wiped));
                compose(&mut compositor, &show(items));
            },
        );
    }

    // As a transition goes on: only the edge has moved. Dark at the left, so that blocks are alike.
    let ramp = surface(1920, 1080, 6, |_, _| 255);
    let ramp = {
        let mut ramp = Surface::clone(&ramp);
        for (i, px) in ramp
            .data_mut()
            .as_chunks_mut::<4>()
            .0
            .iter_mut()
            .enumerate()
        {
            let grey = u8::try_from(i % 1920 * 255 / 1919).unwrap_or(255);
            *px = [grey, grey, grey, 255];
        }
        Arc::new(ramp)
    };
    let mut compositor = Compositor::new(SIZE);
    table.hot("full frame, a wipe by a ramp goes on", None, |n| {
        let wiped = Group {
            veil: Some(Veil {
                transform: Affine::IDENTITY,
                size: Size::new(1920.0, 1080.0),
                form: VeilForm::Luma(Arc::clone(&ramp)),
                softness: 0.1,
                progress: part(n),
                invert: false,
            }),
            ..group(3, None)
        };
        let mut items = scene(10, &one, group(2, None));
        items.extend(scene(20, &other, wiped));
        compose(&mut compositor, &show(items));
    });

    let mut compositor = Compositor::new(SIZE);
    table.hot("full frame, fading", None, |n| {
        let opacity = 0.2 + 0.6 * wave(n).abs();
        compose(
            &mut compositor,
            &show(vec![picture(0, &one, Affine::IDENTITY, opacity)]),
        );
    });

    let mut compositor = Compositor::new(SIZE);
    table.hot("full frame, shifted between pixels", None, |n| {
        let shift = Affine::translate((30.0 * wave(n) + 0.3, 10.0 * wave(n) + 0.6));
        compose(&mut compositor, &show(vec![still(0, &one, shift)]));
    });

    let moving: [(&str, [Option<f64>; 2], Place); 4] = [
        ("moves by whole pixels", [None; 2], |n| {
            Affine::translate((600.0 + (40.0 * wave(n)).round(), 180.0))
        }),
        ("glides between pixels", [None; 2], |n| {
            Affine::translate((600.0 + 40.0 * wave(n), 180.3))
        }),
        ("turns", [Some(1.5), Some(3.5)], |n| {
            about_centre(Affine::rotate(0.2 * wave(n) + 0.01))
        }),
        ("breathes", [Some(1.5), Some(3.5)], |n| {
            about_centre(Affine::scale(1.003 + 0.02 * wave(n)))
        }),
    ];
    for (what, [hot, paced], place) in moving {
        let list = |n| show(vec![full(&one), figure_at(&figure, place(n))]);
        let mut compositor = Compositor::new(SIZE);
        table.hot(&format!("figure of 25 % {what}"), hot, |n| {
            compose(&mut compositor, &list(n));
        });
        table.paced(
            &format!("figure of 25 % {what}, paced 30 fps"),
            paced,
            |n| {
                compose(&mut compositor, &list(n));
            },
        );
    }

    // A show of 24 layers: a background, a figure, and cards on all of the canvas.
    let mut compositor = Compositor::new(SIZE);
    let mut items = vec![
        full(&one),
        figure_at(&figure, Affine::translate((80.0, 200.0))),
    ];
    items.extend((0u32..22).map(|k| {
        let place = Affine::translate((f64::from(k % 6) * 320.0, f64::from(k / 6) * 270.0));
        still(10 + u64::from(k), &card, place)
    }));
    let stage = show(items);
    table.hot("24 layers, everything drawn anew", Some(2.5), |_| {
        compositor.invalidate();
        compose(&mut compositor, &stage);
    });

    for (what, surface, background) in [("opaque", &one, None), ("alpha blends", &veil, Some(&one))]
    {
        let mut compositor = Compositor::new(SIZE);
        let mut items: Vec<DrawItem> = background.into_iter().map(full).collect();
        items.extend((items.len() as u64..24).map(|key| still(key, surface, Affine::IDENTITY)));
        let stage = show(items);
        table.hot(
            &format!("24 full-frame layers, {what}, drawn anew"),
            None,
            |_| {
                compositor.invalidate();
                compose(&mut compositor, &stage);
            },
        );
    }
}

fn pinned(surface: &Arc<Surface>, corners: [(f64, f64); 4], shrink: Shrink) -> Option<DrawItem> {
    let [width, height] = [surface.width(), surface.height()].map(f64::from);
    let own = Rect::new(0.0, 0.0, width, height);
    let map = Perspective::of_rect(own, corners.map(Point::from))?;
    Some(DrawItem::Pinned(Pinned {
        key: 1,
        surface: Arc::clone(surface),
        map,
        window: own,
        shrink,
        opacity: 1.0,
        blend: BlendMode::Normal,
    }))
}

fn compose(compositor: &mut Compositor, list: &DisplayList) {
    black_box(compositor.compose(list));
}

/// A sine over the frames of four seconds.
fn wave(n: u64) -> f64 {
    let phase = u32::try_from(n % 120).unwrap_or_default();
    (TAU * f64::from(phase) / 120.0).sin()
}

fn about_centre(turn: Affine) -> Affine {
    let half = Vec2::splat(f64::from(FIGURE_PX) / 2.0);
    Affine::translate((960.0, 540.0)) * turn * Affine::translate(-half)
}

fn show(items: Vec<DrawItem>) -> DisplayList {
    DisplayList {
        background: Color::BLACK,
        items,
    }
}

fn group(key: u64, clip: Option<Clip>) -> Group {
    Group {
        key,
        clip,
        opacity: 1.0,
        blend: BlendMode::Normal,
        veil: None,
    }
}

fn figure_at(surface: &Arc<Surface>, transform: Affine) -> DrawItem {
    still(1, surface, transform)
}

fn still(key: u64, surface: &Arc<Surface>, transform: Affine) -> DrawItem {
    picture(key, surface, transform, 1.0)
}

fn picture(key: u64, surface: &Arc<Surface>, transform: Affine, opacity: f64) -> DrawItem {
    DrawItem::Picture(Picture {
        key,
        surface: Arc::clone(surface),
        transform,
        opacity,
        blend: BlendMode::Normal,
    })
}

/// Opaque within, clear without, soft at the edge, as figures are.
fn disc(x: u32, y: u32) -> u32 {
    let [dx, dy] = [x, y].map(|v| i64::from(v) - i64::from(FIGURE_PX / 2));
    let out = dx * dx + dy * dy - 350 * 350;
    u32::try_from((255 - out / 8).clamp(0, 255)).unwrap_or_default()
}

/// Coloured noise with the given alpha.
fn surface(width: u32, height: u32, seed: u32, alpha: impl Fn(u32, u32) -> u32) -> Arc<Surface> {
    let mut data = Vec::with_capacity(width as usize * height as usize * 4);
    let mut state = seed;
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let a = alpha(x, y);
            let shades = [state >> 24, state >> 16 & 255, (x + y) & 255];
            data.extend(shades.map(|c| u8::try_from(c * a / 255).unwrap_or(255)));
            data.push(u8::try_from(a).unwrap_or(255));
        }
    }
    Arc::new(Surface::from_premultiplied(width, height, data).expect("four bytes for each pixel"))
}
