//! Files of every picture format, the way the worker decodes them, over bytes that the fuzzer makes up: nothing panics, colors
//! are at most alpha, and what moves can be played.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scene::{Fit, Image, Source};
use sources::{Asset, Fonts, Painter, Player, Request};
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let fonts = Fonts::new([] as [Vec<u8>; 0]);
    let Ok(asset) = Asset::decode_with(bytes, &fonts, &codec::Av1) else {
        return;
    };
    if let Some(film) = asset.film() {
        let frames = film.timetable().frames();
        assert!(frames > 1 && film.timetable().duration_ns() > 0);
        let mut player = Player::new(Arc::clone(film));
        for number in [0, 1, 2, 0, frames - 1].into_iter().filter(|n| *n < 8) {
            if let Ok(frame) = player.frame(number) {
                sound(frame.data());
            }
        }
        return;
    }
    let source = Source::Image(Image {
        asset: "fuzz".into(),
        fit: Fit::Contain,
        ..Image::default()
    });
    let request = Request {
        source: &source,
        content: None,
        width_px: Some(32.0),
        height_px: Some(32.0),
        effects: &[],
        scale: 1.0,
        hint: false,
        asset: Some(&asset),
    };
    if let Ok(raster) = Painter::new(fonts).paint(&request) {
        sound(raster.surface.data());
    }
});

fn sound(data: &[u8]) {
    for px in data.chunks_exact(4) {
        assert!(px[..3].iter().all(|c| *c <= px[3]), "{px:?}");
    }
}
