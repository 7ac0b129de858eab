//! Whatever a document says that is taken, what it comes to at any time can be written, and read again.

use animation::Easing;
use media::ShowTime;
use proptest::prelude::*;
use scene::{Limits, Moment, Resolver, Scene};
use wire::{read_scene, write_scene};

/// Numbers at the ends of what is allowed in easings, and in their midst.
fn numbers() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![
        -1e6, -1000.0, -2.0, -1e-9, 0.0, 5e-324, 1e-9, 0.1, 0.5, 1.0, 2.0, 100.0, 1000.0, 1e4, 1e6,
    ])
}

/// Easings as text, the extreme ones among them.
fn easings() -> impl Strategy<Value = String> {
    let number = numbers;
    prop_oneof![
        (number(), number()).prop_map(|(a, b)| format!("linear({a}, {b})")),
        (number(), number(), number()).prop_map(|(a, b, c)| format!("linear({a}, {b} {c}%, 1)")),
        (number(), number()).prop_map(|(a, b)| format!("cubic-bezier(1, {a}, 0, {b})")),
        (number(), number(), number(), number())
            .prop_map(|(m, k, c, v)| format!("spring({m}, {k}, {c}, {v})")),
        number().prop_map(|bounce| format!("spring({bounce})")),
        prop::sample::select(vec![
            "elastic-out",
            "back-in",
            "steps(3, jump-both)",
            "linear"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_filter("is refused, with its ranges", |text| {
        text.parse::<Easing>().is_ok()
    })
}

/// Values of one property each: the lowest, the highest, and two that are near to nothing.
const MOVED: [(&str, [&str; 2]); 10] = [
    ("opacity", ["0", "1e15"]),
    ("transform.x_px", ["-1e15", "1e15"]),
    ("transform.scale", ["[-1e15, 1e-300]", "[1e15, 5e-324]"]),
    ("transform.rotation_deg", ["-1e15", "1e15"]),
    (
        "transform.functions",
        [
            r#"[{"matrix": [1, 0, 0, 1e-300, 0, 0]}]"#,
            r#"[{"rotate_deg": 1e6}, {"skew_deg": [85, 85]}]"#,
        ],
    ),
    ("source.fill", [r##""#00000001""##, r##""#ffffff""##]),
    (
        "source.fill",
        [
            r##"{"type": "linear", "stops": [[0, "#00000001"], [1, "#f00"]]}"##,
            r##"{"type": "linear", "angle_deg": 1e6, "stops": [[0, "#fff"], [0, "#00f"]]}"##,
        ],
    ),
    ("source.stroke.width_px", ["-1e15", "1e15"]),
    ("source.shape.rect.radius_px", ["-1e15", "1e15"]),
    ("transform.position", ["[-1e15, 1e15]", "[1e15, -1e15]"]),
];

fn document(animations: &[(usize, String, String, bool)]) -> String {
    let one = |(k, (moved, inner, outer, begins)): (usize, &(usize, String, String, bool))| {
        let (name, [from, to]) = MOVED[*moved % MOVED.len()];
        let first = if *begins {
            format!(r#"{{ "{name}": {from}, "easing": "{inner}" }}, "#)
        } else {
            // Of what is below, by which a stack of overshoots grows.
            format!(
                r#"{{ "offset": 0, "easing": "{inner}" }}, {{ "offset": 0.5, "easing": "{inner}", "{name}": {from} }}, "#
            )
        };
        format!(
            r#"{{ "id": "m{k}", "target": "layers/a", "start": {{ "at_ms": 0 }}, "when_over": "remove",
                 "timing": {{ "duration_ms": 1000, "iterations": 0.7, "fill": "both", "easing": "{outer}" }},
                 "keyframes": [{first}{{ "{name}": {to} }}] }}"#
        )
    };
    let animations = animations.iter().enumerate().map(one);
    format!(
        r##"{{ "schema": 1, "canvas": {{ "width_px": 640, "height_px": 360 }},
            "layers": [{{ "id": "a", "kind": "overlay", "transform": {{ "x_px": 7, "width_px": 10, "height_px": 10 }},
                "source": {{ "type": "shape", "shape": {{ "rect": {{ "radius_px": 3 }} }}, "fill": "#fff", "stroke": {{ "paint": "#000", "width_px": 2 }} }} }}],
            "animations": [{}] }}"##,
        animations.collect::<Vec<_>>().join(",")
    )
}

/// Whether a scene is read as it was written.
fn reads_back(scene: &Scene) -> Result<(), TestCaseError> {
    let written = write_scene(scene).to_string();
    let read = read_scene(written.as_bytes(), &Limits::default(), &|_| true);
    let read = read.map_err(|error| TestCaseError::fail(format!("{error}: {written}")))?;
    prop_assert_eq!(&read.scene.layers, &scene.layers, "{}", written);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_not_finite_is_shown_or_committed(
        animations in prop::collection::vec((0..MOVED.len(), easings(), easings(), any::<bool>()), 1..16),
        alike: bool,
        times in prop::collection::vec(-100.0..1500.0_f64, 4),
    ) {
        let mut animations = animations;
        if alike {
            // All on one property.
            let first = animations[0].0;
            for one in &mut animations {
                one.0 = first;
            }
        }
        let document = document(&animations);
        let read = read_scene(document.as_bytes(), &Limits::default(), &|_| true);
        let mut scene = read.map_err(|error| TestCaseError::fail(format!("{error}: {document}")))?.scene;
        scene.settle(Moment { show: ShowTime::ZERO, epoch_unix_ns: 0 });
        let mut resolver = Resolver::new(&scene);
        for ms in times.into_iter().chain([0.0, 700.0]) {
            let shown = Scene {
                layers: resolver.layers_at(ShowTime::from_ms(ms)).to_vec(),
                animations: Vec::new(),
                ..scene.clone()
            };
            reads_back(&shown)?;
        }
        for one in scene.animations.clone() {
            scene.end_animation(&one.id);
        }
        reads_back(&scene)?;
    }
}
