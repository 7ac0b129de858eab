//! What outlives the process.

use super::ports::Journal;
use super::studio::Studio;
use crate::memory::SNAPSHOT_EVERY;
use crate::*;
use axum::http::Method;
use scene::Scene;
use serde_json::json;

/// Everything a client can read of what should outlive the process.
async fn everything(studio: &Studio) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "scene",
        "timelines",
        "timelines/t",
        "templates",
        "history?limit=1000",
        "presets",
        "presets/look",
        "schedule",
        "chat",
        "auction",
        "panic",
        "outputs",
    ] {
        all.push(studio.get(&format!("/api/v1/{path}")).await.json());
    }
    all
}

async fn work(studio: &Studio) {
    for (method, path, body) in [
        (
            "POST",
            "layers",
            json!({ "id": "a", "kind": "group", "transform": { "width_px": 10, "height_px": 10 } }),
        ),
        (
            "POST",
            "layers",
            json!({ "id": "b", "kind": "overlay", "parent": "a", "transform": { "width_px": 1.5, "height_px": 3 }, "source": { "type": "color", "color": "#123456" } }),
        ),
        (
            "POST",
            "animations",
            json!({ "id": "m", "target": "layers/b", "timing": { "duration_ms": 100, "iterations": 1e6 }, "keyframes": [{ "opacity": 0.25 }, { "opacity": 1 }] }),
        ),
        (
            "POST",
            "timelines",
            json!({ "id": "t", "start": { "after": "m" }, "removes": ["b"], "timing": { "playback_rate": 0.3 }, "entries": [
                { "label": "x", "position": 100.1 },
                { "animation": { "targets": ["layers/a", "layers/b"], "stagger": { "each_ms": 33.3 }, "timing": { "duration_ms": 1e9 }, "keyframes": [{ "transform.x_px": 5 }] } },
                { "pause": true, "position": "x" } ] }),
        ),
        (
            "PUT",
            "templates/plate",
            json!({ "parameters": { "x_px": { "type": "number", "default": 0.1 } }, "layers": [{ "id": "{id}", "kind": "group", "transform": { "x_px": "{x_px}" } }], "timeline": { "entries": [{ "label": "x", "position": 1e9 }, { "timeline": { "entries": [] } }] } }),
        ),
        (
            "POST",
            "timelines",
            json!({ "template": "plate", "parameters": { "x_px": 0.3 }, "start": { "at_ms": 3_600_000 } }),
        ),
        ("POST", "timelines/t/seek", json!({ "label": "x" })),
        ("POST", "timelines/t/pause", Value::Null),
        (
            "PATCH",
            "layers/b",
            json!({ "opacity": 0.3, "ttl_ms": 3_600_000 }),
        ),
        ("PUT", "presets/look", json!({ "name": "Look" })),
        ("PUT", "presets/gone", json!({ "layers": ["a"] })),
        ("DELETE", "presets/gone", Value::Null),
        ("POST", "layers/a/move", json!({ "to": "bottom" })),
        ("POST", "undo", json!({})),
        ("POST", "layers", json!({ "id": "c", "kind": "group" })),
        ("DELETE", "layers/c", Value::Null),
        (
            "POST",
            "batch",
            json!({ "start": { "at_ms": 3_600_000 }, "commands": [{ "method": "layer.hide", "params": { "id": "a" } }] }),
        ),
        (
            "POST",
            "batch",
            json!({ "start": { "at_ms": 3_600_001 }, "commands": [{ "method": "layer.hide", "params": { "id": "a" } }] }),
        ),
        ("DELETE", "schedule/2", Value::Null),
        (
            "POST",
            "chat",
            json!([{ "id": "1", "author": "ann", "text": "hi" }, { "author": "bob", "text": "ho" }]),
        ),
        (
            "POST",
            "auction/events",
            json!({ "id": "e", "type": "bid", "lot": "7", "amount": "12.5", "bidder": "bob" }),
        ),
        (
            "POST",
            "outputs",
            json!({ "id": "x", "type": "rtmp", "url": "rtmp://ingest.example/app", "key": "k" }),
        ),
        (
            "POST",
            "outputs",
            json!({ "id": "y", "type": "rtmp", "url": "rtmp://ingest.example/app", "key": "k" }),
        ),
        ("DELETE", "outputs/y", Value::Null),
        ("POST", "panic", json!({ "slate": { "text": "Soon" } })),
        ("POST", "stream/pause", Value::Null),
        (
            "POST",
            "layers/a/hide",
            json!({ "transition": { "type": "fade", "duration_ms": 60_000 } }),
        ),
    ] {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let method = method.parse().unwrap();
        let answer = studio.ask(method, &format!("/api/v1/{path}"), body).await;
        assert!(answer.status < 300, "{path}: {}", answer.json());
    }
    // The slate shows in the programme when its frame was made; a change that is answered comes after it.
    studio
        .post(
            "/api/v1/layers?durability=sync",
            json!({ "id": "last", "kind": "group" }),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_studio_goes_on_where_the_one_before_was() {
    let journal = Arc::<Journal>::default();
    let first = Studio::remembering(&journal);
    work(&first).await;
    let (before, epoch) = (
        everything(&first).await,
        first.api.0.parts.handle.epoch_unix_ns(),
    );
    let revision = first.api.0.control.accepted().revision;
    first.close();

    let second = Studio::remembering(&journal);
    let handle = second.api.0.parts.handle.clone();
    // The slate is on air with the first frame that is made.
    second.post("/api/v1/layers/last/show", Value::Null).await;
    let after = everything(&second).await;
    for (was, is) in before.iter().zip(&after) {
        let of_these = |list: &Value| list["items"][0]["method"] == "layer.show";
        if of_these(is) {
            // The change above, which came to nothing.
            let (was, is) = (
                was["items"].as_array().unwrap(),
                is["items"].as_array().unwrap(),
            );
            assert_eq!(is.len(), was.len() + 1);
            assert_eq!(is[1..], was[..]);
        } else {
            assert_eq!(is, was);
        }
    }
    assert!(handle.paused());
    assert!(handle.scene().1 > revision, "revisions go on");
    assert!(
        (handle.epoch_unix_ns() - epoch).abs() < 1_000_000,
        "so does show time"
    );
    second.close();
}

/// The journal of a crash ends with any record: what it comes to is the scene as it was then.
#[tokio::test(flavor = "multi_thread")]
async fn every_beginning_of_the_journal_is_a_state_that_was() {
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    let mut scenes = vec![studio.scene().await];
    for n in 0..20 {
        let layer = json!({ "id": format!("l{n}"), "kind": "group", "z_index": n });
        studio.post("/api/v1/layers", layer).await;
        scenes.push(studio.scene().await);
        if n % 3 == 0 {
            studio.post("/api/v1/undo", Value::Null).await;
            scenes.push(studio.scene().await);
        }
    }
    let kept: Vec<Value> = (1..=journal.len())
        .map(|records| wire::write_scene(journal.past(records).unwrap().scene()))
        .collect();
    assert_eq!(kept, scenes);
    studio.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_comes_to_the_same_as_the_records_before_it() {
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    work(&studio).await;
    let commands: Vec<Value> = (0..100)
        .map(|n| json!({ "jsonrpc": "2.0", "method": "layer.update", "params": { "id": "b", "z_index": n } }))
        .collect();
    let client = Client::new("anonymous", Role::Admin);
    while journal.past_of_snapshot().is_none() {
        assert!(journal.len() < SNAPSHOT_EVERY + 200, "a snapshot is due");
        let mut asked = Vec::new();
        for command in &commands {
            asked.push(rpc::ask(&studio.api, &client, command.clone()));
        }
        for asked in asked {
            asked.answer(&studio.api).await;
        }
    }
    let (mut of_all, of_snapshot) = (
        journal.past(usize::MAX).unwrap(),
        journal.past_of_snapshot().unwrap(),
    );
    let seen = |past: &Past| {
        let epoch = past.resume(i64::MAX).epoch_unix_ns;
        let outputs = memory::outputs(&past.outputs);
        let jobs: Vec<Value> = past.jobs.values().map(memory::job).collect();
        let presets: Vec<Value> = past
            .presets
            .iter()
            .map(|(id, one)| one.to_json(id))
            .collect();
        let newest: Vec<Value> = past
            .history
            .newest(None)
            .take(100)
            .map(history::Entry::to_json)
            .collect();
        json!({
            "scene": wire::write_scene(&past.scene), "revision": past.revision, "epoch": epoch, "paused": past.paused,
            "outputs": outputs, "jobs": jobs, "presets": presets, "newest": newest,
            "chat": past.chat.iter().map(wire::ChatMessage::to_json).collect::<Value>(),
            "auction": past.auction.iter().map(wire::AuctionEvent::to_json).collect::<Value>(),
            "slate": past.slate.as_ref().map(wire::write_slate),
        })
    };
    let handed_over = Past::read(Some(&of_all.state()), []).unwrap().unwrap();
    let (of_snapshot, of_all) = (seen(&of_snapshot), seen(&of_all));
    let handed_over = seen(&handed_over);
    for (name, value) in of_all.as_object().unwrap() {
        assert_eq!(of_snapshot[name], *value, "{name}");
        assert_eq!(handed_over[name], *value, "{name}");
    }
    studio.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_while_another_process_takes_over() {
    let studio = Studio::open();
    let before = studio.scene().await;
    studio.api.freeze(true);
    let layer = json!({ "id": "a", "kind": "group" });
    let refused = studio.post("/api/v1/layers", layer.clone()).await;
    assert_eq!(refused.problem(), (503, "standby".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    let client = Client::new("anonymous", Role::Admin);
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "layer.create", "params": layer });
    let answer = rpc::ask(&studio.api, &client, call)
        .answer(&studio.api)
        .await;
    assert_eq!(answer.unwrap()["error"]["data"]["code"], "standby");
    for path in ["chat", "panic", "undo", "outputs/x/start", "assets"] {
        let refused = studio.post(&format!("/api/v1/{path}"), json!({})).await;
        assert_eq!(refused.problem(), (503, "standby".to_owned()), "{path}");
    }
    assert_eq!(studio.scene().await, before);

    studio.api.freeze(false);
    assert_eq!(studio.post("/api/v1/layers", layer).await.status, 201);
    studio.close();
}

#[test]
fn what_is_of_another_version_is_left_alone_and_said() {
    let begin = memory::begin(5, 1, &Scene::empty(128, 72)).to_string();
    let read = |records: &[&str]| Past::read(None, records.iter().map(|one| one.as_bytes()));
    assert!(read(&[]).unwrap().is_none());
    assert!(read(&[&begin]).unwrap().is_some());
    for (records, says) in [
        (vec!["{"], "record 1"),
        (
            vec![r#"{ "is": "slate", "slate": null, "revision": 2 }"#],
            "no show has begun",
        ),
        (
            vec![&*begin, r#"{ "is": "hologram" }"#],
            "`hologram` is unknown to this version",
        ),
        (vec![r#"{ "is": "begin", "version": 2 }"#], "of version 2"),
    ] {
        let fault = read(&records).unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }
}

/// A fault of this program must not keep a show off the air for ever: what does not read, and what would make the scene one
/// that is not allowed, is left out and told of, and the rest is there.
#[test]
fn a_record_that_does_not_read_is_left_out_and_said() {
    let begin = memory::begin(5, 1, &Scene::empty(128, 72)).to_string();
    let change = |n: u64, layer: &str| {
        format!(
            r##"{{ "is": "change", "entry": {n}, "client": "a", "method": "layer.update", "at_unix_ns": 0,
            "revision": {n}, "frame": {n}, "show_time_ns": {n}, "edit": {{ "layers": {{ "put": [{{
            "id": "layer-{n}", "kind": "overlay", "transform": {{ "width_px": 9, "height_px": 9 }}, "source": {{ "type": "color", "color": "#f00" }}, {layer} }}] }} }} }}"##
        )
    };
    let deep = format!(
        "\"metadata\": {}1{}",
        r#"{"a":"#.repeat(125),
        "}".repeat(125)
    );
    let records = [
        begin,
        change(2, r#""opacity": 0.5"#),
        change(3, r#""opacity": null"#),
        change(4, &deep),
        change(5, r#""parent": "nobody""#),
        change(6, r#""opacity": 0.25"#),
        "{".to_owned(),
        r#"{ "is": "slate", "slate": 7, "revision": 9 }"#.to_owned(),
    ];
    let past = Past::read(None, records.iter().map(String::as_bytes));
    let past = past.unwrap().unwrap();
    let layers: Vec<&str> = past
        .scene()
        .layers
        .iter()
        .map(|layer| layer.id.as_str())
        .collect();
    assert_eq!(layers, ["layer-2", "layer-6"]);
    let said: Vec<String> = past.left_out().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    for (said, names) in said.iter().zip([
        ["record 3 of", "opacity"],
        ["record 4 of", "recursion"],
        ["record 5 of", "nobody"],
        ["record 7 of", "EOF"],
        ["record 8 of", "slate"],
    ]) {
        assert!(names.iter().all(|name| said.contains(name)), "{said}");
    }
}

/// What is not allowed by the rules of today goes, with what hangs on it.
#[test]
fn a_scene_that_is_not_allowed_comes_back_without_what_is_wrong() {
    let layer = |id: &str, more: &str| {
        format!(
            r##"{{ "id": "{id}", "kind": "overlay", "transform": {{ "width_px": 9, "height_px": 9 }}, "source": {{ "type": "color", "color": "#f00" }}{more} }}"##
        )
    };
    let pane = r#", "effects": [{ "type": "backdrop_blur", "sigma_px": 5 }]"#;
    let mut layers: Vec<String> = (0..10).map(|n| layer(&format!("pane-{n}"), pane)).collect();
    layers.push(layer("lost", r#", "parent": "nobody""#));
    layers.push(layer("plain", ""));
    let begin = format!(
        r#"{{ "is": "begin", "version": 1, "epoch_unix_ns": 5, "revision": 1, "scene": {{ "schema": 1,
        "canvas": {{ "width_px": 128, "height_px": 72 }}, "layers": [{}], "animations": [{{ "id": "hung",
        "target": "layers/pane-8", "timing": {{ "duration_ms": 1 }}, "keyframes": [{{ "opacity": 0 }}] }}] }} }}"#,
        layers.join(",")
    );
    let past = Past::read(None, [begin.as_bytes()]).unwrap().unwrap();
    let scene = past.scene();
    assert_eq!(scene.faults(&Limits::default(), &|_| true), []);
    assert_eq!((scene.layers.len(), scene.animations.len()), (9, 0));
    let said: Vec<String> = past.left_out().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:#?}");
}

/// A lower `MAX_LAYERS` than at the last start hurts nobody who does not add layers.
#[tokio::test(flavor = "multi_thread")]
async fn more_layers_than_are_allowed_today_can_be_changed() {
    let journal = Arc::<Journal>::default();
    let layer = |n: usize| format!(r#"{{ "id": "l{n}", "kind": "group" }}"#);
    let layers: Vec<String> = (0..60).map(layer).collect();
    let begin = format!(
        r#"{{ "is": "begin", "version": 1, "epoch_unix_ns": 5, "revision": 1, "scene": {{ "schema": 1,
        "canvas": {{ "width_px": 128, "height_px": 72 }}, "layers": [{}] }} }}"#,
        layers.join(",")
    );
    journal.append(begin.into_bytes());
    let studio = Studio::remembering(&journal);
    let status = async |method, path: &str, body: Value| {
        studio.ask(method, path, body.to_string()).await.status
    };
    let (layers, first) = ("/api/v1/layers", "/api/v1/layers/l1");
    let changed = status(Method::PATCH, first, json!({ "opacity": 0.5 })).await;
    let added = status(Method::POST, layers, json!({ "kind": "group" })).await;
    let removed = status(Method::DELETE, first, json!({})).await;
    let again = status(Method::POST, layers, json!({ "kind": "group" })).await;
    assert_eq!([changed, added, removed, again], [200, 422, 200, 422]);
    studio.close();
}

/// A wall clock that was set back, or a machine that slept: the show never goes back before what it has shown.
#[test]
fn show_time_never_goes_back() {
    let begin = memory::begin(1_000, 1, &Scene::empty(128, 72)).to_string();
    let change = json!({
        "is": "change", "entry": 1, "client": "a", "method": "layer.update", "at_unix_ns": 0, "revision": 2,
        "frame": 3, "show_time_ns": 500, "edit": {},
    });
    let change = change.to_string();
    let past = Past::read(None, [begin.as_bytes(), change.as_bytes()])
        .unwrap()
        .unwrap();
    for (unix_ns, show_ns) in [(2_000, 1_000), (1_500, 500), (1_200, 500), (0, 500)] {
        let show = unix_ns - past.resume(unix_ns).epoch_unix_ns;
        assert_eq!(show, show_ns, "at {unix_ns}");
    }
}

/// A night of nothing but chat must not fill the disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_made_whatever_the_records_are_of() {
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    for n in 0..SNAPSHOT_EVERY {
        let message = json!({ "id": n.to_string(), "author": "ann", "text": "hi" });
        studio.api.remember(memory::chat(&[message]));
    }
    studio.api.0.announcer.durable().await.unwrap();
    assert!(journal.past_of_snapshot().is_some());
    studio.close();
}

/// Changes of a thousand layers each, more within a frame than the history keeps: every one is in the journal.
#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_too_large_for_the_journal() {
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    let client = Client::new("anonymous", Role::Admin);
    let mut pending = Vec::new();
    for round in 0..30 {
        let mut scene = Scene::empty(128, 72);
        for n in 0..1000 {
            let layer = json!({ "id": format!("l{n}"), "kind": "group", "z_index": round });
            let edit = wire::read_edit(&json!({ "layers": { "put": [layer] } })).unwrap();
            scene.layers.extend(edit.layers.put);
        }
        let change = |_: &Scene| Ok(Change::new(scene, About::Scene));
        let by = By::now(&client, "scene.set");
        pending.push(
            studio
                .api
                .0
                .control
                .change(by, &Condition::default(), change)
                .unwrap(),
        );
    }
    for pending in pending {
        pending.shown().await.unwrap();
    }
    // The beginning of the show, and each of them.
    assert_eq!(journal.len(), 31);
    let kept = wire::write_scene(journal.past(usize::MAX).unwrap().scene());
    assert!(kept == studio.scene().await, "the newest is what is kept");
    studio.close();
}
