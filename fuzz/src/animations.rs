//! Scenes whose animations the fuzzer makes up are evaluated: none panics, every value is finite, and what was written and
//! read again gives the same values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scene::{Limits, Moment, Resolver, Scene};

/// Show times in ms.
const TIMES: [f64; 7] = [-1000.0, 0.0, 0.000_001, 333.3, 1000.0, 86_400_000.0, 3.1e12];

/// The fuzzer's bytes stand in the document as they are; this stands around them.
fn document(animations: &str) -> String {
    format!(
        r##"{{ "schema": 1, "canvas": {{ "width_px": 640, "height_px": 360 }}, "layers": [
            {{ "id": "a", "kind": "overlay", "transform": {{ "x_px": 7, "y_px": 5, "width_px": 40, "height_px": 30 }},
               "effects": [{{ "id": "e", "type": "gaussian_blur", "sigma_px": 2 }}], "source": {{ "type": "color", "color": "#48c" }} }},
            {{ "id": "b", "kind": "overlay", "source": {{ "type": "text", "text": "Lot 7", "style": {{ "font": "Inter", "size_px": 20 }} }} }}],
            "animations": [{animations}] }}"##
    )
}

fn values(scene: &Scene) -> Vec<String> {
    let mut resolver = Resolver::new(scene);
    let at = |ms: &f64| format!("{:?}", resolver.layers_at(media::ShowTime::from_ms(*ms)));
    TIMES.iter().map(at).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let read = |json: &str| wire::read_scene(json.as_bytes(), &Limits::default(), &|_| true);
    let Ok(taken) = read(&document(text)) else {
        return;
    };
    let mut scene = taken.scene;
    scene.settle(Moment { show: media::ShowTime::ZERO, epoch_unix_ns: 0 });
    let found = values(&scene);
    for layers in &found {
        assert!(!layers.contains("NaN") && !layers.contains(": inf") && !layers.contains(": -inf"), "{layers}");
    }
    let again = read(&wire::write_scene(&scene).to_string()).expect("what was written can be read");
    assert_eq!(values(&again.scene), found);
});
