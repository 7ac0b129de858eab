//! Every leaf of every document that is read, with something else in its place: of another type, or a number beyond all ranges.
//! It is read or refused, and a refusal is told where it was written, with what would be right.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use media::ShowTime;
use scene::{Fault, Id, Limits, Scene};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use wire::ReadError;

/// What is put in the place of a leaf.
fn wrong() -> [Value; 8] {
    [
        json!(null),
        json!(-1),
        json!(1e308),
        json!(3.5),
        json!(true),
        json!("x"),
        json!([]),
        json!({}),
    ]
}

/// The pointers of all that has nothing below it.
fn leaves(value: &Value, at: &mut String, all: &mut Vec<String>) {
    let length = at.len();
    let mut below = |segment: &str, value: &Value| {
        at.push('/');
        at.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        leaves(value, at, all);
        at.truncate(length);
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                below(name, value);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (i, value) in list.iter().enumerate() {
                below(&i.to_string(), value);
            }
        }
        _ => all.push(at.clone()),
    }
}

/// Whether one of two places is the other, or stands in it.
fn one_in_the_other(one: &str, other: &str) -> bool {
    let inside = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    inside(one, other) || inside(other, one)
}

/// Whether the words tell a range, a list or a type that is right.
fn tells_what_is_right(detail: &str) -> bool {
    [
        "takes ",
        "allowed",
        "known: ",
        "expected ",
        "needs ",
        "; this version reads ",
        "; this service reads ",
        "is not ",
        "is neither ",
        "is no path data: ",
    ]
    .iter()
    .any(|words| detail.contains(words))
}

/// Why a fault may say less than what is right: for these there is no range, and no list that anybody could know beforehand.
const RELATIONS: [(&str, &str); 10] = [
    ("is missing", "its place says what"),
    (
        "there is no ",
        "what there is, the rest of the document says",
    ),
    (
        "has no end to play back from",
        "the rate is in its range, and at odds with the iterations",
    ),
    ("those of a convex quadrilateral", "four corners together"),
    ("is there twice", "together with another"),
    ("is also the id of", "together with another"),
    ("is used twice", "together with another"),
    ("is in another group", "together with another"),
    ("is not a group", "what it names is"),
    ("stays what it is", "the address says which"),
];

/// Why a fault may stand elsewhere, where the leaf by itself is right: another place hangs on it.
const CONSEQUENCES: [(&str, &str); 13] = [
    (
        "there is no ",
        "it was the id, or the label, that another place names",
    ),
    (
        "does not exist on",
        "it was the id, or the form, of what is moved elsewhere",
    ),
    (
        "does not move on",
        "it was the target of what is told elsewhere",
    ),
    ("is not set on", "it was what is moved elsewhere"),
    (
        "is not a group",
        "without an id that was given another layer has it",
    ),
    ("must not decrease", "it is the neighbour of what is less"),
    ("lies below minimum", "of two bounds the upper is named"),
    ("would begin at", "it moves what comes after it"),
    (
        "those of a convex quadrilateral",
        "corners hang on the size",
    ),
    ("the grid has", "it says how many there are"),
    ("is missing; ", "it says what else is there"),
    ("unknown field", "it says which fields there are"),
    (
        "allowed is 0 to 31536000000",
        "what comes of a template hangs on its parameters",
    ),
];

type Reads<'a> = &'a dyn Fn(&Value) -> Result<(), ReadError>;

/// What is wrong with one fault of a document that has something wrong at `place`.
fn complaint(fault: &Fault, place: &str, is_own: bool) -> Option<&'static str> {
    let says = |list: &[(&str, &str)]| list.iter().any(|(words, _)| fault.detail.contains(words));
    if one_in_the_other(&fault.pointer, place) {
        let is_told = tells_what_is_right(&fault.detail) || says(&RELATIONS);
        return (!is_told).then_some("does not say what is right");
    }
    if is_own {
        // The leaf is at fault by itself: what else is told is told because of it.
        return Some("is an echo");
    }
    (!says(&CONSEQUENCES)).then_some("stands elsewhere")
}

/// What is wrong with how `reads` refuses what is near to `document`, once for each kind of place; and how many were read.
fn complaints(
    name: &str,
    reads: Reads<'_>,
    document: &Value,
    all: &mut BTreeMap<String, String>,
) -> usize {
    assert_eq!(reads(document), Ok(()), "{name}: {document}");
    let mut places = Vec::new();
    leaves(document, &mut String::new(), &mut places);
    // Of places that differ in nothing but a number one is enough, but for what others name, and for operations.
    let mut seen = HashSet::new();
    places.retain(|place| {
        let kind = place.replace(|c: char| c.is_ascii_digit(), "");
        let alone = place.ends_with("/id") || place.contains("/operations/");
        alone
            || seen.insert((
                kind,
                std::mem::discriminant(document.pointer(place).unwrap()),
            ))
    });
    let mut document = document.clone();
    let mut count = 0;
    for place in places {
        let leaf = document.pointer(&place).unwrap().clone();
        for wrong in wrong() {
            let told = wrong.to_string();
            *document.pointer_mut(&place).unwrap() = wrong;
            count += 1;
            let faults = match reads(&document) {
                Ok(()) => continue,
                Err(ReadError::Invalid(faults)) => faults,
                Err(other) => panic!("{name}: {place} is {told}: {other}"),
            };
            let is_own = faults
                .iter()
                .any(|fault| one_in_the_other(&fault.pointer, &place));
            for fault in faults {
                let Some(complaint) = complaint(&fault, &place, is_own) else {
                    continue;
                };
                let kind = |pointer: &str| pointer.replace(|c: char| c.is_ascii_digit(), "");
                let key = format!("{complaint} {} {}", kind(&place), kind(&fault.pointer));
                all.entry(key).or_insert_with(|| {
                    format!("{name}: {place} is {told} -> {fault}: {complaint}")
                });
            }
        }
        *document.pointer_mut(&place).unwrap() = leaf;
    }
    count
}

fn check(cases: &[(&str, Reads<'_>, Value)]) {
    let mut all = BTreeMap::new();
    let count: usize = cases
        .iter()
        .map(|(name, reads, document)| complaints(name, reads, document, &mut all))
        .sum();
    let told: Vec<String> = all.into_values().collect();
    assert!(
        told.is_empty(),
        "{} of {count}:\n{}",
        told.len(),
        told.join("\n")
    );
    assert!(count > 100, "{count}");
}

#[test]
fn a_wrong_leaf_of_a_scene_is_told_where_it_stands_with_what_is_right() {
    let limits = Limits::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/accepted");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|one| one.unwrap().path());
    // What is written back has no fields that are not in these, and takes three times as long.
    let given = |path: &std::path::PathBuf| !path.to_string_lossy().ends_with(".written.json");
    let mut paths: Vec<_> = paths.filter(given).collect();
    paths.sort();
    let reads = |json: &Value| wire::scene_of(json, &limits, &|_| true).map(drop);
    let document = |path: &std::path::PathBuf| -> Value {
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let named: Vec<(String, Value)> = paths
        .iter()
        .map(|path| (path.display().to_string(), document(path)))
        .collect();
    let cases: Vec<(&str, Reads<'_>, Value)> = named
        .iter()
        .map(|(name, document)| (name.as_str(), &reads as Reads<'_>, document.clone()))
        .collect();
    check(&cases);
}

#[test]
fn a_wrong_leaf_of_a_request_is_told_where_it_stands_with_what_is_right() {
    let limits = Limits::default();
    let now = ShowTime::ZERO;
    let json = include_bytes!("data/accepted/moving.json");
    let scene = wire::read_scene(json, &limits, &|_| true).unwrap().scene;
    let id = Id::new("p").unwrap();
    let empty = Scene::empty(640, 360);
    let template = json!({
        "parameters": { "name": { "type": "text", "default": "x", "max_length": 50 }, "ms": { "type": "number", "default": 10, "minimum": 5, "maximum": 1000 } },
        "layers": [{ "id": "{id}-a", "kind": "group", "name": "{name}" }],
        "timeline": { "entries": [{ "animation": { "target": "layers/{id}-a", "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }] }, "position": "{ms}" }] },
    });
    let mut with_template = empty.clone();
    with_template
        .templates
        .push(wire::template_of(&id, &template).unwrap().into());
    let cases: [(&str, Reads<'_>, Value); 21] = [
        (
            "move",
            &|json| wire::read_move(json).map(drop),
            json!({ "above": "a", "parent": "g" }),
        ),
        (
            "transition",
            &|json| wire::read_transition_request(json).map(drop),
            json!({ "transition": { "type": "fade", "duration_ms": 600, "easing": "linear" } }),
        ),
        (
            "batch",
            &|json| wire::read_batch(json).map(drop),
            json!({ "commands": [{ "method": "x" }], "start": { "at_ms": 5 }, "dry_run": true }),
        ),
        (
            "scope",
            &|json| wire::read_scope(json).map(drop),
            json!({ "scope": "all" }),
        ),
        (
            "preset",
            &|json| wire::read_preset(&id, json).map(drop),
            json!({ "id": "p", "name": "a", "layers": ["a"] }),
        ),
        (
            "panic",
            &|json| wire::read_panic(json).map(drop),
            json!({ "slate": { "text": "x", "asset": "a", "background": "#fff" } }),
        ),
        (
            "stream",
            &|json| wire::read_stream_patch(json).map(drop),
            json!({ "bitrate_bps": 2_000_000, "fps": 60, "latency": "low", "resolution": "1280x720" }),
        ),
        (
            "new output",
            &|json| wire::read_output_request(json).map(drop),
            json!({ "type": "rtmp", "url": "rtmps://h/app", "key": "k", "id": "a", "enabled": false }),
        ),
        (
            "output",
            &|json| wire::read_output_patch(json).map(drop),
            json!({ "url": "rtmp://h/a", "key": "k", "enabled": true }),
        ),
        (
            "chat",
            &|json| wire::read_chat(json).map(drop),
            json!([{ "id": "1", "author": "a", "text": "b", "at": "2026-01-01T00:00:00Z", "source": "x" }]),
        ),
        (
            "bid",
            &|json| wire::read_auction_events(json).map(drop),
            json!([{ "id": "1", "type": "bid", "lot": "7", "amount": "12.5", "currency": "ETH", "bidder": "b", "seq": 4, "at": "2026-01-01T00:00:00Z" }]),
        ),
        (
            "envelope",
            &|json| {
                wire::read_envelope(json.to_string().as_bytes())
                    .map(drop)
                    .map_err(|no| no.error)
            },
            json!({ "id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "a.b", "source": "x", "version": 1, "data": {}, "reply_to": "y" }),
        ),
        (
            "asset",
            &|json| wire::read_asset_url(json).map(drop),
            json!({ "url": "https://h/x.png" }),
        ),
        (
            "token",
            &|json| wire::read_token(json).map(drop),
            json!({ "token": "t" }),
        ),
        (
            "marker",
            &|json| wire::read_marker(json, now).map(drop),
            json!({ "name": "m", "at_ms": 5 }),
        ),
        (
            "seek",
            &|json| wire::read_timeline_seek(json).map(drop),
            json!({ "local_ms": 5 }),
        ),
        (
            "layer",
            &|json| wire::layer_added(&scene, json, &limits, &|_| true).map(drop),
            json!({ "id": "z", "kind": "overlay", "follow": "card", "z_index": 4, "transform": { "width_px": 9, "height_px": 9, "x_px": 5 }, "source": { "type": "color", "color": "red" }, "ttl_ms": 5, "tags": ["a"] }),
        ),
        (
            "patch",
            &|json| {
                wire::layer_patched(&scene, "card", json, &limits, &|_| true, &|_| false)
                    .unwrap()
                    .map(drop)
            },
            json!({ "z_index": 3, "opacity": 0.5, "transform": { "x_px": 5, "corner_pin": [[0, 0], [1, 0], [1, 1], [0, 1]] } }),
        ),
        (
            "animation",
            &|json| wire::animation_added(&scene, json, &limits, now).map(drop),
            json!({ "id": "z", "target": "layers/card", "start": { "at_ms": 5 }, "timing": { "duration_ms": 300, "iterations": 2 }, "keyframes": [{ "opacity": 0, "offset": 0 }, { "opacity": 1 }] }),
        ),
        (
            "timeline",
            &|json| wire::timeline_added(&scene, json, &limits, now).map(drop),
            json!({ "id": "z", "start": { "marker": "m", "timeout_ms": 5, "on_timeout": "cancel" }, "entries": [
                { "animation": { "targets": ["layers/card"], "stagger": { "each_ms": 5, "from": 0, "columns": 2 }, "timing": { "duration_ms": 5 }, "keyframes": [{ "opacity": 0 }] }, "position": 5 },
                { "animation": { "target": "layers/card", "timing": { "duration_ms": 5 }, "keyframes": [{ "opacity": 0 }] }, "position": "<50%" }] }),
        ),
        (
            "start of a template",
            &|json| wire::template_started(&with_template, json, &limits, &|_| true, now).map(drop),
            json!({ "template": "p", "id": "z", "start": { "at_ms": 5 }, "parameters": { "name": "b", "ms": 7 } }),
        ),
    ];
    check(&cases);
    let kept: Reads<'_> = &|json| wire::template_of(&id, json).map(drop);
    check(&[("template", kept, template)]);
}
