//! SVG whose inside the fuzzer makes up, decoded and painted small: nothing panics, nothing runs away.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scene::{Fit, Source, Svg};
use sources::{Asset, Fonts, Painter, Request};

fuzz_target!(|inside: &str| {
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"16\" height=\"16\">{inside}</svg>"
    );
    let fonts = Fonts::new([] as [Vec<u8>; 0]);
    let Ok(asset) = Asset::decode(text.as_bytes(), &fonts) else {
        return;
    };
    let source = Source::Svg(Svg {
        asset: "fuzz".into(),
        fit: Fit::Contain,
        params: Vec::new(),
    });
    let request = Request {
        source: &source,
        content: None,
        width_px: Some(16.0),
        height_px: Some(16.0),
        effects: &[],
        scale: 1.0,
        hint: false,
        asset: Some(&asset),
    };
    if let Ok(raster) = Painter::new(fonts).paint(&request) {
        for px in raster.surface.data().chunks_exact(4) {
            assert!(px[..3].iter().all(|c| *c <= px[3]), "{px:?}");
        }
    }
});
