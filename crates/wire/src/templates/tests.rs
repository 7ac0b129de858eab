//! What templates come to.

use super::*;
use proptest::prelude::*;

fn lower_third() -> Value {
    json!({
        "parameters": {
            "name": { "type": "text" },
            "color": { "type": "color", "default": "#00aa00" },
            "hold_ms": { "type": "number", "default": 4000, "minimum": 0, "maximum": 60_000 },
            "shown": { "type": "boolean", "default": true },
            "on": { "type": "id", "default": "art" },
        },
        "layers": [
            { "id": "{id}-bg", "kind": "overlay", "visible": "{shown}", "transform": { "width_px": 400, "height_px": 80 },
              "source": { "type": "color", "color": "{color}" } },
            { "id": "{id}-name", "kind": "overlay", "source": { "type": "text", "text": "{{{name}}, {hold_ms} ms {{", "size_px": 40 } },
        ],
        "timeline": { "entries": [
            { "animation": { "targets": ["layers/{id}-bg", "layers/{id}-name"], "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } },
            { "animation": { "target": "layers/{id}-bg", "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }] }, "position": "{hold_ms}" },
        ] },
    })
}

fn kept(document: &Value) -> Scene {
    let id = Id::new("lower_third").unwrap();
    let mut scene = Scene::empty(640, 360);
    scene
        .templates
        .push(template_of(&id, document).unwrap().into());
    scene
}

fn start(scene: &Scene, body: &Value) -> Result<(Scene, Id), ReadError> {
    template_started(scene, body, &Limits::default(), &|_| true, ShowTime::ZERO)
}

fn pointers<T>(read: Result<T, ReadError>) -> Vec<String> {
    match read {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
        Err(other) => vec![other.to_string()],
    }
}

#[test]
fn one_template_is_started_many_times_over() {
    let mut scene = kept(&lower_third());
    let body = json!({ "template": "lower_third", "parameters": { "name": "Ana", "hold_ms": 1500.5, "shown": false } });
    for n in 1..=3 {
        let (next, id) = start(&scene, &body).unwrap();
        assert_eq!(id.as_str(), format!("lower_third-{n}"));
        scene = next;
    }
    assert_eq!((scene.layers.len(), scene.timelines.len()), (6, 3));
    let layer = crate::write_layer(&scene.layers[0]);
    assert_eq!(
        (&layer["id"], &layer["visible"], &layer["source"]["color"]),
        (&json!("lower_third-1-bg"), &json!(false), &json!("#00aa00"))
    );
    let text = &crate::write_layer(&scene.layers[3])["source"]["text"];
    assert_eq!(text, "{Ana}, 1500.5 ms {");
    let timeline = crate::write_timeline(&scene.timelines[2]);
    assert_eq!(timeline["entries"][1]["position"], 1500.5);
    assert_eq!(
        timeline["removes"],
        json!(["lower_third-3-bg", "lower_third-3-name"])
    );
    assert_eq!(scene.faults(&Limits::default(), &|_| true), []);
    let named = json!({ "template": "lower_third", "id": "guest", "start": { "at_ms": 5 }, "parameters": { "name": "" } });
    let (scene, id) = start(&scene, &named).unwrap();
    assert_eq!(id.as_str(), "guest");
    assert_eq!(
        crate::write_timeline(&scene.timelines[3])["start"]["at_ms"],
        5
    );
}

#[test]
fn every_fault_of_a_start_is_named_by_its_place() {
    let scene = kept(&lower_third());
    for (body, expected) in [
        (
            json!({ "template": "lower_third" }),
            &["/parameters/name"][..],
        ),
        (
            json!({ "template": "lower_third", "parameters": { "color": "blu", "hold_ms": -1, "shown": 1, "on": "a b", "size": 3 } }),
            &[
                "/parameters/color",
                "/parameters/hold_ms",
                "/parameters/shown",
                "/parameters/on",
                "/parameters/size",
                "/parameters/name",
            ],
        ),
        (
            json!({ "template": "lower_third", "parameters": { "name": 5 } }),
            &["/parameters/name"],
        ),
        (
            json!({ "template": "lower_third", "parameters": { "name": "a".repeat(10_001) } }),
            &["/parameters/name"],
        ),
        (
            json!({ "template": "lower_third", "parameters": { "name": "a".repeat(10_000) } }),
            &["/parameters/name"],
        ),
        (
            json!({ "template": "upper_third", "entries": [] }),
            &["/template", "/entries"],
        ),
        (json!({ "template": 5 }), &["/template"]),
        (
            json!({ "template": "lower_third", "parameters": [] }),
            &["/parameters"],
        ),
    ] {
        assert_eq!(pointers(start(&scene, &body)), *expected, "{body}");
    }
    let (scene, _) = start(
        &scene,
        &json!({ "template": "lower_third", "id": "x", "parameters": { "name": "" } }),
    )
    .unwrap();
    let again = json!({ "template": "lower_third", "id": "x", "parameters": { "name": "" } });
    assert_eq!(pointers(start(&scene, &again)), ["/id"]);
    // Where nothing of a body is to blame, the template is.
    let mut fixed = lower_third();
    fixed["layers"][0]["id"] = json!("fixed");
    fixed["timeline"]["entries"] = json!([]);
    let scene = kept(&fixed);
    let body = json!({ "template": "lower_third", "parameters": { "name": "" } });
    let (scene, _) = start(&scene, &body).unwrap();
    assert_eq!(pointers(start(&scene, &body)), ["/template"]);
}

#[test]
fn what_can_never_be_started_is_not_kept() {
    let with = |pointer: &str, value: Value| {
        let mut document = lower_third();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[field.parse::<usize>().unwrap()] = value,
            at => at[field] = value,
        }
        pointers(template_of(&Id::new("lower_third").unwrap(), &document))
    };
    for (pointer, value, expected) in [
        ("/layers/0/opacity", json!(3), &["/layers/0/opacity"][..]),
        (
            "/layers/0/opacity",
            json!("{hold_ms}"),
            &["/layers/0/opacity"],
        ),
        ("/layers/0/opacity", json!("{name}"), &["/layers/0/opacity"]),
        (
            "/layers/0/opacity",
            json!("{nobody}"),
            &["/layers/0/opacity"],
        ),
        ("/layers/0/name", json!("a { b"), &["/layers/0/name"]),
        ("/layers/0/name", json!("{Name}"), &["/layers/0/name"]),
        ("/layers/0/parent", json!("elsewhere"), &[]),
        ("/layers/1", json!({ "kind": "group" }), &["/layers/1/id"]),
        (
            "/layers/1",
            json!({ "id": "{id}-bg", "kind": "group" }),
            &["/layers/1/id"],
        ),
        ("/layers", json!({}), &["/layers"]),
        ("/timeline/start", json!("now"), &["/timeline/start"]),
        (
            "/timeline/entries/1/position",
            json!("<-999999"),
            &["/timeline/entries/1/position"],
        ),
        (
            "/timeline/entries/0/animation/keyframes",
            json!([]),
            &["/timeline/entries/0/animation/keyframes"],
        ),
        ("/timeline", json!(null), &["/timeline"]),
        (
            "/parameters/id",
            json!({ "type": "id" }),
            &["/parameters/id"],
        ),
        (
            "/parameters/Name",
            json!({ "type": "id" }),
            &["/parameters/Name"],
        ),
        (
            "/parameters/name",
            json!({ "type": "script" }),
            &["/parameters/name/type"],
        ),
        (
            "/parameters/name",
            json!({ "type": "text", "default": 5 }),
            &["/parameters/name/default"],
        ),
        (
            "/parameters/name",
            json!({ "type": "text", "max_length": 0 }),
            &["/parameters/name/max_length"],
        ),
        (
            "/parameters/name",
            json!({ "type": "number", "minimum": 5, "maximum": 4 }),
            &["/parameters/name/maximum"],
        ),
        (
            "/parameters/name",
            json!({ "type": "number", "maximum": 4, "default": 5 }),
            &["/parameters/name/default"],
        ),
        ("/surplus", json!(1), &["/surplus"]),
        ("/id", json!("upper_third"), &["/id"]),
        (
            "/parameters/name/description",
            json!("x".repeat(70_000)),
            &[""],
        ),
        ("/layers/0/name", json!("{name}".repeat(100)), &[]),
        (
            "/layers/0/name",
            json!("x".repeat(1001)),
            &["/layers/0/name"],
        ),
    ] {
        assert_eq!(with(pointer, value.clone()), *expected, "{pointer} {value}");
    }
    let many: Map<String, Value> = (0..65)
        .map(|i| (format!("p{i}"), json!({ "type": "text" })))
        .collect();
    assert_eq!(with("/parameters", many.into()), ["/parameters"]);
}

/// A small template cannot be made to fill the memory.
#[test]
fn what_it_comes_to_is_bounded() {
    let mut document = lower_third();
    document["layers"][1]["source"]["text"] = json!("{name}".repeat(10_000));
    document["parameters"]["name"]["default"] = json!("");
    let scene = kept(&document);
    let body = json!({ "template": "lower_third", "parameters": { "name": "a".repeat(10_000) } });
    assert_eq!(pointers(start(&scene, &body)), ["/template"]);
}

/// The kinds of values and the names of fields, without the values.
fn structure(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, one)| (name.clone(), structure(one)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(structure).collect(),
        Value::String(_) => "".into(),
        Value::Number(_) => 0.into(),
        Value::Bool(_) => true.into(),
        Value::Null => Value::Null,
    }
}

proptest! {
    /// Whatever is put in stays a value: nothing in it becomes a field, a parameter or a brace.
    #[test]
    fn no_value_changes_the_structure(name in prop_oneof![
        ".{0,40}",
        prop::sample::select(vec![
            r#"","x":{"#, "{color}", "{{", "{id}", "}}", "<script>alert(1)</script>", "\\", "\u{0}", r#"{"$ref":"a"}"#, "{hold_ms}",
        ]).prop_map(str::to_owned),
    ]) {
        let scene = kept(&lower_third());
        let made = |name: &str| {
            let body = json!({ "template": "lower_third", "parameters": { "name": name } });
            start(&scene, &body).unwrap().0
        };
        let (plain, other) = (made("Ana"), made(&name));
        prop_assert_eq!(structure(&crate::write_scene(&plain)), structure(&crate::write_scene(&other)));
        let text = crate::write_layer(&other.layers[1])["source"]["text"].clone();
        prop_assert_eq!(text, format!("{{{name}}}, 4000 ms {{"));
        prop_assert_eq!(&plain.timelines, &other.timelines);
    }

    /// No template and no body panics.
    #[test]
    fn texts_are_taken_apart_and_together_again(text in "[{}a-z_ ]{0,20}") {
        if let Ok(pieces) = pieces(&text) {
            let whole: String = pieces.iter().map(|piece| match piece {
                Piece::Text("{") => "{{".to_owned(),
                Piece::Text(text) => (*text).to_owned(),
                Piece::Parameter(name) => format!("{{{name}}}"),
            }).collect();
            prop_assert_eq!(whole, text);
        }
    }
}

/// In what is kept the ring is told where it stands; by way of a parameter, only when it is started.
#[test]
fn a_ring_of_followers_is_told_by_its_place() {
    let template = |follow: &str| {
        json!({
            "parameters": { "whom": { "type": "id" } },
            "layers": [{ "id": "{id}-a", "kind": "group", "follow": "{id}-b" },
                       { "id": "{id}-b", "kind": "group", "follow": follow }],
            "timeline": { "entries": [] },
        })
    };
    let id = Id::new("pair").unwrap();
    let Err(ReadError::Invalid(faults)) = template_of(&id, &template("{id}-a")) else {
        panic!("it was taken");
    };
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "/layers/0/follow: layer `sample-a` would follow itself: it follows `sample-b`, which follows `sample-a`"
        ]
    );
    let mut scene = Scene::empty(640, 360);
    scene
        .templates
        .push(template_of(&id, &template("{whom}")).unwrap().into());
    let body = json!({ "template": "pair", "id": "x", "parameters": { "whom": "x-a" } });
    let Err(ReadError::Invalid(faults)) = start(&scene, &body) else {
        panic!("it was taken");
    };
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "/template: /layers/0/follow of the template `pair` layer `x-a` would follow itself: it follows `x-b`, which follows `x-a`"
        ]
    );
}
