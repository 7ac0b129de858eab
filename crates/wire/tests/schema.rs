//! The published schemas and the readers say the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scenes;

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use proptest::prelude::*;
use scene::{Fault, Limits, Scene};
use scenes::any_scene;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use wire::{ReadError, layer_patched, read_scene, write_animation, write_layer, write_scene};

/// One of the schemas, compiled; doing so checks it against the meta-schema.
struct Schema {
    compiled: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn named(name: &str) -> Self {
        let (mut compiled, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        let document = json!({ "components": { "schemas": wire::schemas() } });
        compiler.add_resource("http://h/api", document).unwrap();
        let at = format!("http://h/api#/components/schemas/{name}");
        let index = compiler
            .compile(&at, &mut compiled)
            .unwrap_or_else(|e| panic!("{name}: {e:#}"));
        Self { compiled, index }
    }

    fn fault(&self, value: &Value) -> Option<String> {
        let checked = self.compiled.validate(value, self.index);
        checked.err().map(|e| format!("{e:#}"))
    }
}

fn faults(json: &[u8]) -> Vec<Fault> {
    match read_scene(json, &Limits::default(), &|_| true) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(faults)) => faults,
        Err(syntax) => panic!("{syntax}"),
    }
}

/// What shape cannot say: how one part stands to another, dates that the calendar lacks, and arguments of functions.
fn is_beyond_shape(fault: &Fault) -> bool {
    [
        "there is no ",
        "is also the id of",
        "is used twice",
        "is there twice",
        "of a convex quadrilateral",
        "would follow itself",
        "bytes; at most",
        "is not yet available for",
        "its own mask",
        "stands in",
        "is not a group",
        "its own ancestor",
        "groups deep",
        "must not decrease",
        "has no size of its own",
        "makes a box of",
        "is negative;",
        "does not exist on",
        "is not set on",
        "the canvas has no",
        "has no inside and no outside",
        "is no path data",
        "add up to",
        "fit with this error correction",
        "has the unknown directive",
        "characters in all",
        "; allowed: contain, cover, fill, none",
        "goes with `transform.position`",
        "goes with the color_space oklch",
        "takes a layer, or both",
        "would hang on itself",
        "cannot look at itself",
        "formulas move numbers",
        "both must be numbers",
        "moves layers; the canvas",
        "no property of this name can move",
        "timelines deep",
        "would begin at",
        "would never begin",
        "endless needs",
        "to pause at needs",
        "is not a label",
        "targets of animations in them",
        "lies below",
    ]
    .iter()
    .any(|words| fault.detail.contains(words))
        // What an operation takes, only its name tells.
        || fault.pointer.contains("/source/operations/")
        // What a template comes to, only its start tells; what a parameter takes, the others of its fields.
        || fault.pointer.starts_with("/templates/")
            && ["/layers", "/timeline", "/default"].iter().any(|part| fault.pointer.contains(part))
}

fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    assert!(!paths.is_empty());
    paths
}

fn parsed(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_schema_is_one_and_describes_what_it_is() {
    let mut silent = Vec::new();
    for (name, schema) in wire::schemas() {
        Schema::named(&name);
        assert!(schema["description"].is_string(), "{name}");
        let fields = schema["properties"].as_object();
        let fields = fields.into_iter().flatten();
        // A keyframe's values are described by their paths, a patch's by what it patches, a type by itself.
        for (field, schema) in fields.filter(|_| !name.ends_with("Patch")) {
            let says = schema["description"].is_string()
                || schema["$ref"].is_string()
                || field == "type"
                || field == "items"
                || name == "Keyframe";
            if !says {
                silent.push(format!("{name}.{field}"));
            }
        }
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(Schema::named(&name).fault(example), None, "{name}");
        }
    }
    assert_eq!(silent, [""; 0]);
}

#[test]
fn documents_that_are_read_are_valid() {
    let schema = Schema::named("Scene");
    let shows = ["auction", "auction-bench"].map(|show| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shows");
        root.join(show).join("scene.json")
    });
    for path in documents("tests/data/accepted").into_iter().chain(shows) {
        assert_eq!(schema.fault(&parsed(&path)), None, "{}", path.display());
    }
}

#[test]
fn documents_whose_shape_is_refused_are_not_valid() {
    let schema = Schema::named("Scene");
    for path in documents("tests/data/rejected") {
        let text = std::fs::read(&path).unwrap();
        let shape = faults(&text)
            .iter()
            // A doubled field is gone once the document is parsed.
            .any(|f| !is_beyond_shape(f) && !f.detail.contains("twice"));
        let refused = schema.fault(&parsed(&path)).is_some();
        assert_eq!(refused, shape, "{}", path.display());
    }
}

#[test]
fn one_fault_of_shape_is_enough() {
    let schema = Schema::named("Scene");
    let whole = parsed(
        &documents("tests/data/accepted")
            .into_iter()
            .find(|p| p.ends_with("everything.written.json"))
            .unwrap(),
    );
    for (pointer, value) in [
        ("/schema", json!(2)),
        ("/canvas/width_px", json!(1921)),
        ("/canvas/height_px", json!(4320)),
        ("/canvas/background", json!("blu")),
        ("/layers/0/id", json!("a b")),
        ("/layers/0/kind", json!("guest")),
        ("/layers/0/kind", json!("group")),
        ("/layers/0/clip", json!(true)),
        ("/layers/0/opacity", json!(1.5)),
        ("/layers/0/z_index", json!(0.5)),
        ("/layers/0/z_index", json!(2_147_483_648_u32)),
        ("/layers/0/blend_mode", json!("dissolve")),
        ("/layers/0/crop", json!({ "left_px": -1 })),
        ("/layers/0/crop", json!({ "left": 1 })),
        ("/layers/0/tags", json!(["a b"])),
        ("/layers/0/metadata", json!("x")),
        ("/layers/0/transform/flip_x", json!(1)),
        ("/layers/0/transform/corner_pin", json!([[0, 0]])),
        ("/layers/0/mask", json!("pill")),
        ("/layers/0/mask", json!({ "mode": "alpha" })),
        ("/layers/0/mask", json!({ "layer": "pill", "mode": "beta" })),
        ("/layers/0/transform/width_px", json!(0)),
        ("/layers/0/transform/skew", json!(0)),
        ("/layers/0/source/type", json!("lottie")),
        ("/layers/0/source/gradient/stops", json!([[0, "red"]])),
        ("/layers/0/source/gradient/stops/0", json!([0, "red", 1])),
        ("/layers/0/source/gradient/type", json!("square")),
        ("/layers/0/source/gradient/center", json!([0, 0])),
        ("/layers/0/source/gradient/spread", json!("mirror")),
        ("/layers/1/kind", json!("overlay")),
        ("/layers/1/clip", json!({ "radius_px": [1, 2, 3] })),
        (
            "/layers/4/source/shape",
            json!({ "rect": {}, "ellipse": {} }),
        ),
        ("/layers/4/source/shape", json!({ "ellipse": { "rx": 1 } })),
        ("/layers/4/source/stroke/width_px", json!(-1)),
        ("/layers/6/effects/0/type", json!("glow")),
        ("/layers/6/effects/0/sigma_px", json!(201)),
        ("/layers/8/source/weight", json!("heavy")),
        ("/layers/8/source/line_height", json!(0)),
        ("/layers/8/source/text", json!("x".repeat(10_001))),
        ("/layers/8/source/runs", json!([{ "text": "a" }])),
        ("/layers/8/source/format", json!({})),
        ("/layers/8/source/max_lines", json!(0)),
        ("/layers/8/source/reveal", json!(1.1)),
        ("/layers/8/source/axes", json!({ "width": 5 })),
        ("/layers/8/source/features", json!({ "liga": -1 })),
        (
            "/layers/8/source/background",
            json!({ "color": "#000", "padding_px": [1, 2, 3] }),
        ),
        (
            "/layers/10/source/to",
            json!({ "at_ms": 1, "at": "2030-01-31T20:00:00Z" }),
        ),
        ("/layers/10/source/to", json!({ "at": "tomorrow" })),
        ("/animations/0/target", json!("audio/music")),
        ("/animations/1/start", json!({ "beat": 1 })),
        ("/animations/1/timing/iterations", json!("forever")),
        ("/animations/1/timing/duration_ms", json!(-1)),
        ("/animations/1/timing/easing", json!("slow")),
        ("/animations/1/timing/ease", json!("linear")),
        ("/animations/1/on_conflict", json!("wait")),
        ("/animations/1/keyframes", json!([])),
        ("/animations/1/keyframes/0/offset", json!(2)),
        ("/animations/1/keyframes/0/transform.z_px", json!(1)),
        ("/animations/1/keyframes/0/opacity", json!("half")),
        ("/animations/1/keyframes/0/visible", json!(1)),
        ("/timelines/0/timing/duration_ms", json!(100)),
        ("/timelines/0/entries/0", json!({ "position": 5 })),
        ("/timelines/0/entries/0/position", json!("bid+100")),
        ("/timelines/0/entries/0/position", json!(-1)),
        (
            "/timelines/0/entries/1",
            json!({ "label": "a", "pause": true }),
        ),
        ("/timelines/0/entries/1", json!({ "pause": false })),
        ("/timelines/0/entries/1", json!({ "label": "a b" })),
        ("/timelines/0/entries/2/animation/start", json!("now")),
        (
            "/timelines/0/entries/2/animation/targets",
            json!(["layers/feed"]),
        ),
        (
            "/timelines/0/entries/2/animation/stagger",
            json!({ "each_ms": 5 }),
        ),
        (
            "/timelines/0/entries/3/animation/stagger",
            json!({ "each_ms": 5, "amount_ms": 5 }),
        ),
        ("/timelines/0/entries/3/animation/stagger", json!({})),
        (
            "/timelines/0/entries/3/animation/stagger/from",
            json!("middle"),
        ),
        ("/timelines/0/entries/3/animation/stagger/from", json!(-1)),
        ("/timelines/0/entries/3/animation/stagger/columns", json!(0)),
        ("/timelines/0/entries/4/timeline/entries", json!(null)),
        ("/timelines/0/removes", json!(["a b"])),
        ("/templates/0/id", json!(null)),
        ("/templates/0/layers", json!(5)),
        ("/templates/0/layers", json!([5])),
        ("/templates/0/timeline", json!([])),
        (
            "/templates/0/parameters",
            json!({ "Name": { "type": "text" } }),
        ),
        (
            "/templates/0/parameters",
            json!({ "id": { "type": "text" } }),
        ),
        ("/templates/0/parameters/name", json!({ "type": "script" })),
        (
            "/templates/0/parameters/name",
            json!({ "type": "text", "minimum": 1 }),
        ),
        ("/templates/0/parameters/name/default", json!(5)),
    ] {
        let mut document = whole.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[field.parse::<usize>().unwrap()] = value,
            at => at[field] = value,
        }
        let read = faults(document.to_string().as_bytes());
        assert!(!read.is_empty(), "{pointer} is read");
        assert!(schema.fault(&document).is_some(), "{pointer}");
    }
}

#[test]
fn defaults_are_those_that_reading_writes() {
    let schemas = wire::schemas();
    let check = |name: &str, written: &Value| {
        for (field, schema) in schemas[name]["properties"].as_object().unwrap() {
            if let Some(default) = schema.get("default") {
                assert_eq!(&written[field], default, "{name}.{field}");
            }
        }
    };
    for (name, source) in [
        ("ColorSource", json!({ "type": "color", "color": "red" })),
        (
            "GradientSource",
            json!({ "type": "gradient", "gradient": { "type": "linear", "stops": [[0, "red"], [1, "blue"]] } }),
        ),
        (
            "ShapeSource",
            json!({ "type": "shape", "shape": { "rect": {} } }),
        ),
        ("ImageSource", json!({ "type": "image", "asset": "a" })),
        ("TextSource", json!({ "type": "text", "text": "a" })),
        (
            "TextSource",
            json!({ "type": "text", "runs": [{ "text": "a" }] }),
        ),
        ("TickerSource", json!({ "type": "ticker", "text": "a" })),
        (
            "CountdownSource",
            json!({ "type": "countdown", "to": { "at_ms": 0 } }),
        ),
        ("ClockSource", json!({ "type": "clock" })),
        ("QrSource", json!({ "type": "qr", "text": "a" })),
        (
            "DrawingSource",
            json!({ "type": "drawing", "operations": [] }),
        ),
        ("SvgSource", json!({ "type": "svg", "asset": "a" })),
    ] {
        let document = json!({
            "schema": 1, "canvas": { "width_px": 640, "height_px": 360 },
            "layers": [{ "kind": "overlay", "transform": { "width_px": 9, "height_px": 9 }, "source": source, "effects": [{ "type": "drop_shadow", "sigma_px": 1 }] }],
            "animations": [{ "target": "canvas", "keyframes": [{ "background": "red" }] }],
        });
        let read = read_scene(document.to_string().as_bytes(), &Limits::default(), &|_| {
            true
        });
        let written = write_scene(&read.unwrap().scene);
        let (layer, animation) = (&written["layers"][0], &written["animations"][0]);
        check(name, &layer["source"]);
        check("Canvas", &written["canvas"]);
        check("Transform", &layer["transform"]);
        check("DropShadowEffect", &layer["effects"][0]);
        check("Timing", &animation["timing"]);
        check("Keyframe", &animation["keyframes"][0]);
        let mut plain = layer.clone();
        plain["effects"] = json!([]);
        check("NewLayer", &plain);
        check("NewAnimation", animation);
    }
}

fn example() -> Scene {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/accepted/everything.json");
    let read = read_scene(&std::fs::read(path).unwrap(), &Limits::default(), &|_| true);
    read.unwrap().scene
}

#[test]
fn patches_are_valid_as_they_are_accepted() {
    let schema = Schema::named("LayerPatch");
    for (id, patch, accepted) in [
        ("title", json!({}), true),
        (
            "title",
            json!({ "opacity": 0.5, "name": null, "z_index": null, "effects": null }),
            true,
        ),
        ("title", json!({ "transform": null }), true),
        (
            "title",
            json!({ "transform": { "width_px": null, "x_px": 4 } }),
            true,
        ),
        (
            "title",
            json!({ "source": { "text": "new", "line_height": null, "color": null } }),
            true,
        ),
        (
            "feed",
            json!({ "source": { "type": "svg", "asset": "a.svg" } }),
            true,
        ),
        ("feed", json!({ "kind": "group", "source": null }), true),
        (
            "pill",
            json!({ "source": { "stroke": { "width_px": 5 }, "fill": { "angle_deg": 30 } } }),
            true,
        ),
        (
            "pill",
            json!({ "source": { "fill": { "type": "radial", "angle_deg": null, "radius_px": 40 } } }),
            true,
        ),
        (
            "pill",
            json!({ "source": { "fill": { "type": "radial", "angle_deg": 3 } } }),
            false,
        ),
        (
            "pill",
            json!({ "source": { "shape": { "rect": null, "ellipse": {} }, "fill": null } }),
            true,
        ),
        (
            "left",
            json!({ "source": { "to": { "at_ms": null, "at": "2030-01-31T20:00:00Z" } } }),
            true,
        ),
        ("layer-1", json!({ "clip": { "radius_px": 3 } }), true),
        ("layer-1", json!({ "clip": false }), true),
        (
            "feed",
            json!({ "effects": [{ "type": "drop_shadow", "sigma_px": 2 }] }),
            true,
        ),
        ("title", json!([]), false),
        ("title", json!({ "blur": 3 }), false),
        ("title", json!({ "kind": null }), false),
        ("title", json!({ "opacity": 2 }), false),
        ("title", json!({ "transform": { "x": 4 } }), false),
        (
            "title",
            json!({ "source": { "features": { "ss01": null, "liga": 0 }, "background": { "color": "#000" } } }),
            true,
        ),
        (
            "feed",
            json!({ "source": { "type": "text", "runs": [{ "text": "a", "weight": "bold" }] } }),
            true,
        ),
        (
            "feed",
            json!({ "source": { "type": "text", "text": null, "value": 5, "format": { "suffix": null } } }),
            true,
        ),
        (
            "title",
            json!({ "source": { "features": { "ss": 1 } } }),
            false,
        ),
        ("title", json!({ "source": { "size_px": 0 } }), false),
        (
            "pill",
            json!({ "source": { "stroke": { "width_px": null } } }),
            false,
        ),
        ("host", json!({ "effects": [{ "sigma_px": 2 }] }), false),
    ] {
        let json = patch.to_string();
        let result = layer_patched(
            &example(),
            id,
            &patch,
            &Limits::default(),
            &|_| true,
            &|_| false,
        );
        assert_eq!(result.unwrap().is_ok(), accepted, "{json}");
        let fault = schema.fault(&patch);
        assert_eq!(fault.is_none(), accepted, "{json}: {fault:?}");
    }
}

#[test]
fn outputs_are_valid_as_they_are_accepted() {
    let schema = Schema::named("NewOutput");
    for json in [
        json!({ "type": "rtmp", "url": "rtmps://h/app", "key": "k", "id": "a", "enabled": false }),
        json!({ "type": "rtmp", "url": "RTMP://h" }),
        json!({}),
        json!([]),
        json!({ "type": "srt", "url": "srt://h:1" }),
        json!({ "type": "rtmp", "url": "rtmp:///app" }),
        json!({ "type": "rtmp", "url": "rtmp://" }),
        json!({ "type": "rtmp", "url": "rtmp://h", "id": "a b" }),
        json!({ "type": "rtmp", "url": "rtmp://h", "key": 5 }),
        json!({ "type": "rtmp", "url": "rtmp://h", "path": "x" }),
    ] {
        let read = wire::read_output_request(&json).is_ok();
        assert_eq!(schema.fault(&json).is_none(), read, "{json}");
    }
}

#[test]
fn what_the_service_shows_is_valid() {
    let output = |reason, ms| {
        wire::OutputView {
            id: "x",
            kind: "rtmp",
            url: "rtmp://h/app",
            enabled: true,
            state: "retrying",
            reason,
            attempts: 3,
            next_retry_in_ms: ms,
            connected_ms: ms,
            dropped_packets: 0,
            bytes_sent: u64::MAX,
            queue_ms: 33.5,
        }
        .to_json()
    };
    let outputs = [output(None, None), output(Some("away"), Some(0.5))];
    let stream = wire::StreamView {
        state: "live",
        frame: -1,
        show_time_ms: -3003.5,
        fps: media::Framerate::new(30_000, 1001).unwrap(),
        resolution: media::Resolution::new(1920, 1080),
        bitrate: media::Bitrate::from_bps(3_000_000),
        latency: "normal",
        lagged_ticks: 1,
        repeated_frames: 2,
        dropped_packets: 3,
        uptime_ms: 3100.5,
    };
    let page = wire::list(outputs.clone());
    assert_eq!(Schema::named("Output").fault(&outputs[0]), None);
    assert_eq!(Schema::named("OutputList").fault(&page), None);
    assert_eq!(Schema::named("Stream").fault(&stream.to_json()), None);
}

/// Every place in `value`, the whole first.
fn places(value: &Value) -> Vec<String> {
    let below = |(name, value): (String, &Value)| {
        let inner = places(value).into_iter();
        inner
            .map(move |place| format!("/{name}{place}"))
            .collect::<Vec<_>>()
    };
    let mut all = vec![String::new()];
    match value {
        Value::Object(fields) => {
            all.extend(fields.iter().map(|(n, v)| (n.clone(), v)).flat_map(below));
        }
        Value::Array(list) => {
            let numbered = list.iter().enumerate();
            all.extend(numbered.map(|(i, v)| (i.to_string(), v)).flat_map(below));
        }
        _ => {}
    }
    all
}

/// What a person might write there by mistake.
fn slip() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1e7),
        json!(1e300),
        json!(0.5),
        json!("x"),
        json!(""),
        json!("linear"),
        json!([]),
        json!([0, 0, 0, 0]),
        json!({}),
        json!({ "type": "color" }),
    ])
}

struct Compiled {
    scene: Schema,
    layer: Schema,
    animation: Schema,
    timeline: Schema,
}

// Compiling takes longer than checking.
thread_local!(static COMPILED: Compiled = Compiled {
    scene: Schema::named("Scene"),
    layer: Schema::named("Layer"),
    animation: Schema::named("Animation"),
    timeline: Schema::named("Timeline"),
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_valid(scene in any_scene()) {
        COMPILED.with(|compiled| {
            prop_assert_eq!(compiled.scene.fault(&write_scene(&scene)), None);
            for layer in &scene.layers {
                prop_assert_eq!(compiled.layer.fault(&write_layer(layer)), None);
            }
            for animation in &scene.animations {
                prop_assert_eq!(compiled.animation.fault(&write_animation(animation)), None);
            }
            for timeline in &scene.timelines {
                prop_assert_eq!(compiled.timeline.fault(&wire::write_timeline_laid_out(timeline)), None);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_slip_is_judged_alike(scene in any_scene(), at in any::<prop::sample::Index>(), slip in slip(), how in 0..3) {
        let mut document = write_scene(&scene);
        let all = places(&document);
        let place = at.get(&all);
        let (parent, field) = place.rsplit_once('/').unwrap_or(("", "schema"));
        match (how, document.pointer_mut(parent).unwrap()) {
            (0, Value::Object(fields)) => {
                fields.shift_remove(field);
            }
            (1, Value::Object(fields)) => {
                fields.insert("surplus".to_owned(), slip);
            }
            (_, Value::Object(fields)) => {
                fields.insert(field.to_owned(), slip);
            }
            (_, parent) => parent[field.parse::<usize>().unwrap()] = slip,
        }
        let read = faults(document.to_string().as_bytes());
        let fault = COMPILED.with(|compiled| compiled.scene.fault(&document));
        let shape: Vec<_> = read.iter().filter(|fault| !is_beyond_shape(fault)).collect();
        if read.is_empty() {
            prop_assert_eq!(fault, None);
        } else if !shape.is_empty() {
            prop_assert!(fault.is_some(), "{}: {:?}", place, shape);
        }
    }
}

#[test]
fn numbers_that_move_end_where_the_reader_ends() {
    for (path, value) in [
        ("opacity", json!(1e300)),
        ("transform.position", json!([0, -1e300])),
        ("source.axes.wght", json!(1e300)),
        ("effects.a.matrix.3", json!(1e300)),
        ("z_index", json!(1e300)),
    ] {
        let document = |value: &Value| {
            json!({
                "schema": 1,
                "canvas": { "width_px": 1920, "height_px": 1080 },
                "layers": [{
                    "id": "l", "kind": "overlay",
                    "source": { "type": "text", "text": "a", "font": "DejaVu Sans", "size_px": 10, "color": "#000", "axes": { "wght": 400 } },
                    "effects": [{ "id": "a", "type": "color_matrix", "matrix": [1,0,0,0,0, 0,1,0,0,0, 0,0,1,0,0, 0,0,0,1,0] }],
                }],
                "animations": [{
                    "id": "a", "target": "layers/l", "timing": { "duration_ms": 100 },
                    "keyframes": [{ "offset": 0 }, { "offset": 1, path: value }],
                }],
            })
        };
        let faulty = |value: &Value| {
            let document = document(value);
            let at = format!("/animations/0/keyframes/1/{path}");
            let read = faults(document.to_string().as_bytes());
            (
                read.iter()
                    .any(|fault| fault.pointer.starts_with(&at) && !is_beyond_shape(fault)),
                COMPILED.with(|compiled| compiled.scene.fault(&document).is_some()),
            )
        };
        assert_eq!(
            faulty(&value),
            (true, true),
            "{path}: {:?}",
            faults(document(&value).to_string().as_bytes())
        );
    }
}

#[test]
fn requests_are_valid_as_they_are_accepted() {
    type Reads = fn(&Value) -> bool;
    let cases: [(&str, Reads, Vec<Value>); 11] = [
        (
            "MoveRequest",
            |json| wire::read_move(json).is_ok(),
            vec![
                json!({ "above": "a" }),
                json!({ "to": "top", "parent": null }),
                json!({ "parent": "g" }),
                json!({}),
                json!({ "to": "left" }),
                json!({ "above": "a b" }),
                json!({ "beside": "a" }),
            ],
        ),
        (
            "TransitionRequest",
            |json| wire::read_transition_request(json).is_ok(),
            vec![
                json!({}),
                json!({ "transition": { "type": "cut" } }),
                json!({ "transition": { "type": "fade", "duration_ms": 60_000, "easing": "linear" } }),
                json!({ "transition": { "type": "wipe" } }),
                json!({ "transition": { "type": "fade", "duration_ms": 0 } }),
                json!({ "transition": {} }),
                json!({ "transition": "fade" }),
            ],
        ),
        (
            "BatchRequest",
            |json| wire::read_batch(json).is_ok(),
            vec![
                json!({ "commands": [{ "method": "layer.show", "params": { "id": "a" } }] }),
                json!({ "commands": [{ "method": "x" }], "start": { "at_ms": 5 }, "dry_run": true }),
                json!({ "commands": [] }),
                json!({ "commands": [{}] }),
                json!({ "commands": [{ "method": "x", "more": 1 }] }),
                json!({ "commands": [{ "method": "x" }], "dry_run": 1 }),
                json!({ "commands": [{ "method": "x" }], "start": "soon" }),
            ],
        ),
        (
            "ScopeRequest",
            |json| wire::read_scope(json).is_ok(),
            vec![
                json!({}),
                json!({ "scope": "all" }),
                json!({ "scope": "mine" }),
                json!({ "who": "all" }),
            ],
        ),
        (
            "NewPreset",
            |json| wire::read_preset(&scene::Id::new("p").unwrap(), json).is_ok(),
            vec![
                json!({}),
                json!({ "name": "a", "layers": ["a"] }),
                json!({ "layers": [] }),
                json!({ "name": "" }),
                json!({ "layers": ["a b"] }),
                json!({ "all": true }),
            ],
        ),
        (
            "PanicRequest",
            |json| wire::read_panic(json).is_ok(),
            vec![
                json!({}),
                json!({ "slate": {} }),
                json!({ "slate": { "text": "x", "background": "#fff" } }),
                json!({ "slate": { "text": 5 } }),
                json!({ "slate": { "asset": "" } }),
                json!({ "slate": { "color": "#fff" } }),
            ],
        ),
        (
            "StreamPatch",
            |json| wire::read_stream_patch(json).is_ok(),
            vec![
                json!({}),
                json!({ "bitrate_bps": 2_000_000 }),
                json!({ "bitrate_bps": 1000 }),
                json!({ "bitrate_bps": "2M" }),
                json!({ "fps": 60 }),
                json!({ "fps": "30000/1001", "latency": "low", "resolution": "1280x720" }),
                json!({ "fps": 61 }),
                json!({ "fps": 29.97 }),
                json!({ "fps": "x" }),
                json!({ "latency": "none" }),
                json!({ "resolution": "big" }),
                json!({ "resolution": null }),
                json!({ "size": "1280x720" }),
            ],
        ),
        (
            "OutputPatch",
            |json| wire::read_output_patch(json).is_ok(),
            vec![
                json!({}),
                json!({ "url": "rtmp://h/a", "key": null, "enabled": true }),
                json!({ "url": "http://h" }),
                json!({ "key": 5 }),
                json!({ "id": "b" }),
            ],
        ),
        (
            "NewChatMessages",
            |json| wire::read_chat(json).is_ok(),
            vec![
                json!({ "author": "a", "text": "b" }),
                json!([{ "id": "1", "author": "a", "text": "b", "at": "2026-01-01T00:00:00Z", "source": "x" }]),
                json!([]),
                json!({ "author": "", "text": "b" }),
                json!({ "author": "a" }),
                json!({ "author": "a", "text": "b", "mood": "c" }),
                json!("hello"),
            ],
        ),
        (
            "NewAuctionEvents",
            |json| wire::read_auction_events(json).is_ok(),
            vec![
                json!({ "id": "1", "type": "bid", "lot": "7", "amount": "12.5", "bidder": "b" }),
                json!([{ "id": "1", "type": "lot_sold", "lot": "7" }]),
                json!({ "id": "1", "type": "bid", "lot": "7", "amount": "1e5", "bidder": "b" }),
                json!({ "id": "1", "type": "gavel", "lot": "7" }),
                json!({ "type": "lot_sold", "lot": "7" }),
                json!({ "id": "1", "type": "lot_sold", "lot": "7", "seq": -1 }),
            ],
        ),
        (
            "Envelope",
            |json| wire::read_envelope(json.to_string().as_bytes()).is_ok(),
            vec![
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": null }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": {}, "reply_to": "y" }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1 }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 2, "data": {} }),
                json!({ "id": "", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": {} }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a b", "source": "x", "version": 1, "data": {} }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": {}, "to": "y" }),
                json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": {}, "reply_to": "" }),
            ],
        ),
    ];
    for (name, reads, documents) in cases {
        let schema = Schema::named(name);
        let mut accepted = 0;
        for json in documents {
            let read = reads(&json);
            accepted += usize::from(read);
            let fault = schema.fault(&json);
            assert_eq!(fault.is_none(), read, "{name} {json}: {fault:?}");
        }
        assert!(accepted > 0, "{name}");
    }
}
