//! Generated scenes and arbitrary JSON.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scenes;

use media::ShowTime;
use proptest::collection::vec;
use proptest::prelude::*;
use scene::{Limits, Moment, Resolver};
use scenes::any_scene;
use wire::{ReadError, read_scene, write_scene};

/// RFC 7386, as plainly as it says it.
fn json_patch(target: &mut serde_json::Value, patch: &serde_json::Value) {
    let Some(fields) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = serde_json::json!({});
    }
    let target = target.as_object_mut().unwrap();
    for (name, value) in fields {
        if value.is_null() {
            target.remove(name);
        } else {
            json_patch(
                target
                    .entry(name.clone())
                    .or_insert(serde_json::Value::Null),
                value,
            );
        }
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        prop::sample::select(vec![
            "now", "canvas", "layers/a", "group", "text", "gradient", "linear", "#fff", "infinite",
            "ease"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            vec((field(), inner), 0..5).prop_map(|f| Value::Object(f.into_iter().collect()))
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    let names = [
        "schema",
        "canvas",
        "layers",
        "timelines",
        "entries",
        "label",
        "pause",
        "position",
        "stagger",
        "targets",
        "animations",
        "id",
        "kind",
        "parent",
        "transform",
        "width_px",
        "source",
        "type",
        "text",
        "shape",
        "rect",
        "fill",
        "stops",
        "effects",
        "clip",
        "target",
        "start",
        "at",
        "at_ms",
        "timing",
        "keyframes",
        "opacity",
        "effects.a.dx_px",
        "a/b~",
    ];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scenes_read_back_bit_for_bit(scene in any_scene()) {
        prop_assert_eq!(scene.faults(&Limits::default(), &|_| true), []);
        let text = write_scene(&scene).to_string();
        let read = read_scene(text.as_bytes(), &Limits::default(), &|_| true).map_err(|e| TestCaseError::fail(e.to_string()))?.scene;
        // Debug tells negative zero and every last bit apart; equality does not.
        prop_assert_eq!(format!("{:?}", &read), format!("{:?}", &scene));
        prop_assert_eq!(write_scene(&read).to_string(), text);
    }

    /// What is on screen is a function of the document and of time: neither what was asked before shows, nor whether it
    /// went to disk in between.
    #[test]
    fn scenes_resolve_to_the_same_in_any_order_and_after_a_restart(scene in any_scene(), mut times in vec(-10_000.0..1e7f64, 1..8)) {
        let mut scene = scene;
        scene.settle(Moment { show: ShowTime::ZERO, epoch_unix_ns: 0 });
        times.sort_by(f64::total_cmp);
        // What settling came to need not be what somebody may ask for: a kept scene is read as it is.
        let written = wire::read_json(write_scene(&scene).to_string().as_bytes()).unwrap();
        let read = wire::scene_as_kept(&written).map_err(|e| TestCaseError::fail(e.to_string()))?;
        let at = |resolver: &mut Resolver, ms: f64| {
            let layers = format!("{:?}", resolver.layers_at(ShowTime::from_ms(ms)));
            (layers, format!("{:?}", resolver.background()))
        };
        let fresh: Vec<_> = times.iter().map(|ms| at(&mut Resolver::new(&scene), *ms)).collect();
        let mut warm = Resolver::new(&scene);
        let forwards: Vec<_> = times.iter().map(|ms| at(&mut warm, *ms)).collect();
        let mut backwards: Vec<_> = times.iter().rev().map(|ms| at(&mut warm, *ms)).collect();
        backwards.reverse();
        let mut kept = Resolver::new(&read);
        let restarted: Vec<_> = times.iter().map(|ms| at(&mut kept, *ms)).collect();
        for (i, fresh) in fresh.iter().enumerate() {
            prop_assert_eq!(&forwards[i], fresh);
            prop_assert_eq!(&backwards[i], fresh);
            prop_assert_eq!(&restarted[i], fresh);
            prop_assert!(!fresh.0.contains("NaN") && !fresh.0.contains(": inf"), "{}", fresh.0);
        }
    }

    #[test]
    fn no_json_panics_and_each_place_is_named_once(json in json()) {
        for text in [json.to_string(), format!(r#"{{"schema": 1, "canvas": {json}, "layers": [{json}, {json}], "animations": [{json}], "timelines": [{json}, {{"entries": [{json}, {{"animation": {json}}}, {{"timeline": {json}}}]}}]}}"#)] {
            if let Err(ReadError::Invalid(faults)) = read_scene(text.as_bytes(), &Limits::default(), &|_| false) {
                let mut pointers: Vec<_> = faults.iter().map(|f| &f.pointer).collect();
                pointers.sort_unstable();
                pointers.dedup();
                prop_assert_eq!(pointers.len(), faults.len());
            }
        }
    }

    #[test]
    fn edits_read_back_bit_for_bit(before in any_scene(), after in any_scene()) {
        let edit = scene::Edit::between(&before, &after);
        let text = wire::write_edit(&edit).to_string();
        let read = wire::read_edit(&wire::read_json(text.as_bytes()).unwrap()).unwrap();
        prop_assert_eq!(format!("{read:?}"), format!("{edit:?}"));
    }

    #[test]
    fn a_patch_between_two_documents_makes_one_of_the_other(scene in any_scene(), other in any_scene()) {
        // Documents of layers have no nulls, which a merge patch could not say.
        for (layer, other) in scene.layers.iter().zip(&other.layers) {
            let (mut from, mut to) = (wire::write_layer(layer), wire::write_layer(other));
            for document in [&mut from, &mut to] {
                document["id"] = "same".into();
                document["kind"] = "overlay".into();
            }
            let mut made = from.clone();
            if let Some(patch) = wire::patch_between(&from, &to) {
                json_patch(&mut made, &patch);
            }
            prop_assert_eq!(&made, &to);
        }
    }

    #[test]
    fn no_request_panics(json in json()) {
        let now = ShowTime::ZERO;
        let scene = scene::Scene::empty(128, 72);
        let limits = Limits::default();
        let mut refused = 0;
        let mut read = |ok: bool| refused += usize::from(!ok);
        read(wire::read_output_request(&json).is_ok());
        read(wire::read_output_patch(&json).is_ok());
        read(wire::read_batch(&json).is_ok());
        read(wire::read_move(&json).is_ok());
        read(wire::read_preset(&scene::Id::new("p").unwrap(), &json).is_ok());
        read(wire::read_panic(&json).is_ok());
        read(wire::read_scope(&json).is_ok());
        read(wire::read_stream_patch(&json).is_ok());
        read(wire::read_transition_request(&json).is_ok());
        read(wire::read_chat(&json).is_ok());
        read(wire::read_auction_events(&json).is_ok());
        read(wire::read_asset_url(&json).is_ok());
        read(wire::read_token(&json).is_ok());
        read(wire::read_edit(&json).is_ok());
        read(wire::layer_added(&scene, &json, &limits, &|_| true).is_ok());
        read(wire::animation_added(&scene, &json, &limits, now).is_ok());
        read(wire::timeline_added(&scene, &json, &limits, now).is_ok());
        read(wire::read_timeline_seek(&json).is_ok());
        read(wire::template_of(&scene::Id::new("a").unwrap(), &json).is_ok());
        read(wire::template_started(&scene, &json, &limits, &|_| true, now).is_ok());
        prop_assert!(refused <= 20);
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..40)) {
        let _ = read_scene(&bytes, &Limits::default(), &|_| true);
        let _ = wire::read_json(&bytes);
    }
}
