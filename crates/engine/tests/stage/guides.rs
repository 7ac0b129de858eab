//! Guides over a still.

use crate::build::{
    Shelf, color, config, group, has_reference_font, inside, layer, ms, rect, rgba, scene_of, text,
};
use compositor::Kernels;
use engine::Darkroom;
use media::Resolution;
use scene::{Layer, Paint, SafeArea, Source};
use std::sync::Arc;

/// A dark stage with the guides of a still: whole lines around the title-safe area within dashes around the action-safe one, the
/// sides of a phone's crop, a name that stays safe in green, one that leaves its area in red, and an area of a layer's own in dashes.
#[test]
fn guides_show_what_everybody_sees() {
    let safe = |area, layer: Layer| Layer {
        safe_area: Some(area),
        ..layer
    };
    let margins = SafeArea::Margins {
        left_px: 190.0,
        top_px: 30.0,
        right_px: 40.0,
        bottom_px: 110.0,
    };
    let mut name = text("Ada Lovelace", 15.0);
    name.style.color = rgba(0xffff_ffff);
    let badge = rect(5.0, Paint::Color(rgba(0xe832_4aff)));
    let layers = vec![
        safe(
            SafeArea::Title,
            group("third", [24.0, 128.0], [120.0, 30.0]),
        ),
        inside(
            "third",
            layer("plate", [0.0, 0.0], [120.0, 30.0], color(0x2040_70ff)),
        ),
        inside(
            "third",
            layer("name", [10.0, 6.0], None, Source::Text(name)),
        ),
        safe(
            SafeArea::Title,
            layer("badge", [270.0, 4.0], [40.0, 18.0], badge),
        ),
        safe(
            margins,
            layer("card", [200.0, 40.0], [60.0, 20.0], color(0xf0e0_c0ff)),
        ),
    ];
    let scene = Arc::new(scene_of(320, 180, layers));
    let size = Resolution::new(320, 180);
    let mut room = Darkroom::new(config(size, Shelf::with(&[])), Kernels::best());
    let plain = room.develop(&scene, ms(0.0), None).unwrap();
    let mut guided = plain.clone();
    room.draw_guides(&mut guided, &scene, ms(0.0));
    assert!(room.develop(&scene, ms(0.0), None).unwrap() == plain);
    let outside = room.layers_outside(&scene, ms(0.0));
    assert_eq!(
        outside.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        ["badge"]
    );
    if has_reference_font() {
        testkit::golden!("guides", &guided, 0);
    }
}
