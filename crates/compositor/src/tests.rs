//! Tests of the whole: lists in, pictures out.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test values are small"
)]

mod damage;
mod pixels;
mod reference;
mod shrinking;

use crate::{Clip, DisplayList, DrawItem, Group, Perspective, Picture, Pinned, Shrink};
use kurbo::{Affine, Point, Rect, Size};
use media::{BlendMode, Color, Surface};
use std::sync::Arc;

/// A surface whose px come from `px(x, y)`, straight, premultiplied here.
fn surface(width: u32, height: u32, px: impl Fn(u32, u32) -> [u8; 4]) -> Arc<Surface> {
    let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let data = all
        .flat_map(|(x, y)| Color::from_rgba8(px(x, y)).to_premultiplied_rgba8())
        .collect();
    Arc::new(Surface::from_premultiplied(width, height, data).unwrap())
}

fn flat(width: u32, height: u32, color: [u8; 4]) -> Arc<Surface> {
    surface(width, height, |_, _| color)
}

/// Deterministic, uneven values.
fn noise(x: u32, y: u32) -> [u8; 4] {
    (x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B))
        .wrapping_mul(0xC2B2_AE35)
        .rotate_left(13)
        .wrapping_mul(0x27D4_EB2F)
        .to_be_bytes()
}

/// Surfaces of every alpha class and of awkward sizes.
fn surfaces() -> Vec<Arc<Surface>> {
    let opaque = |x, y| {
        let [r, g, b, _] = noise(x, y);
        [r, g, b, 255]
    };
    // Soft, so that the rounding of positions shows little.
    let soft = |x: u32, y: u32| {
        [x * 5, y * 7, 255 - x * 3, 255 - (x + y) * 2].map(|v| u8::try_from(v & 255).unwrap())
    };
    let island = |x: u32, y: u32| {
        if (16..64).contains(&x) && (16..48).contains(&y) {
            [200, x as u8, y as u8, 255]
        } else {
            [0; 4]
        }
    };
    vec![
        flat(1, 1, [250, 120, 10, 255]),
        surface(64, 48, opaque),
        surface(48, 40, soft),
        surface(80, 64, island),
        flat(16, 16, [30, 200, 90, 128]),
        surface(2, 90, soft),
        surface(90, 1, opaque),
        flat(40, 33, [90, 90, 220, 255]),
        flat(20, 20, [0; 4]),
        surface(33, 17, noise),
        Arc::new(Surface::new(0, 5)),
        flat(128, 128, [255, 255, 255, 255]),
    ]
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

/// A surface that stands at (20, 10), as large as it is and at least 24 px each way, with its corners moved; its window leaves out a part
/// at the right.
fn pinned(
    key: u64,
    surface: &Arc<Surface>,
    by: [(f64, f64); 4],
    window: f64,
    opacity: f64,
) -> DrawItem {
    let own = Rect::new(
        0.0,
        0.0,
        f64::from(surface.width()),
        f64::from(surface.height()),
    );
    let (w, h) = (own.width().max(24.0), own.height().max(24.0));
    let upright = [
        (20.0, 10.0),
        (20.0 + w, 10.0),
        (20.0 + w, 10.0 + h),
        (20.0, 10.0 + h),
    ];
    let corners =
        std::array::from_fn(|k| Point::new(upright[k].0 + by[k].0, upright[k].1 + by[k].1));
    let shown = Rect::new(0.0, 0.0, own.width() * window.max(0.2), own.height());
    Perspective::of_rect(own, corners).map_or(DrawItem::Pop, |map| {
        DrawItem::Pinned(Pinned {
            key,
            surface: Arc::clone(surface),
            map,
            window: if window > 0.5 { own } else { shown },
            // Each in its turn.
            shrink: [Shrink::Skip, Shrink::Mix, Shrink::Follow][(key % 3) as usize],
            opacity,
            blend: BlendMode::Normal,
        })
    })
}

fn group(key: u64, clip: Option<Clip>, opacity: f64) -> DrawItem {
    DrawItem::Push(Group {
        key,
        clip,
        opacity,
        blend: BlendMode::Normal,
        veil: None,
    })
}

fn clip(x: f64, y: f64, width: f64, height: f64, radius: f64) -> Option<Clip> {
    Some(Clip {
        transform: Affine::translate((x, y)),
        size: Size::new(width, height),
        radii: [radius; 4],
    })
}

fn list(background: [u8; 3], items: Vec<DrawItem>) -> DisplayList {
    let [r, g, b] = background;
    DisplayList {
        background: Color::from_rgba8([r, g, b, 255]),
        items,
    }
}
