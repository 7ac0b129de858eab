//! JSON-RPC over a real socket.

use super::socket::{Rpc, open_on};
use super::studio::{Frozen, Studio};
use serde_json::{Value, json};
use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::Message;

fn group(id: &str) -> Value {
    json!({ "id": id, "kind": "group" })
}

fn request(id: impl Into<Value>, method: &str, params: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params.into() })
}

#[tokio::test]
async fn requests_are_answered_as_over_http() {
    let studio = Studio::open();
    let mut rpc = Rpc::open(&studio).await;
    let made = rpc.call("layer.create", group("a")).await.unwrap();
    assert_eq!(
        (&made["revision"], &made["value"]["id"]),
        (&json!(2), &json!("a"))
    );
    let (frame, show_time) = (&made["frame"], &made["show_time_ms"]);
    assert!(
        frame.is_i64() || frame.is_u64() && show_time.is_number(),
        "{made}"
    );
    let layer = rpc.call("layer.get", json!({ "id": "a" })).await.unwrap();
    assert_eq!(layer, made["value"]);
    assert_eq!(layer, studio.get("/api/v1/layers/a").await.json());
    let patched = rpc.call(
        "layer.update",
        json!({ "id": "a", "opacity": 0.5, "if_match": 2 }),
    );
    assert_eq!(patched.await.unwrap()["value"]["opacity"], 0.5);
    let page = rpc
        .call("history.list", json!({ "limit": 1 }))
        .await
        .unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let pushed = json!([{ "author": "ann", "text": "hi" }, { "author": "bob", "text": "ho" }]);
    assert_eq!(rpc.call("chat.push", pushed).await.unwrap()["accepted"], 2);
    let picture = rpc
        .call("frame.png", json!({ "width_px": 16 }))
        .await
        .unwrap();
    assert_eq!(picture["value"]["media_type"], "image/png");
    assert!(
        picture["value"]["base64"]
            .as_str()
            .unwrap()
            .starts_with("iVBORw0KGgo")
    );
    assert_eq!(
        rpc.call(
            "output.create",
            json!({ "id": "x", "type": "rtmp", "url": "rtmp://h/app" })
        )
        .await
        .unwrap()["id"],
        "x"
    );
    assert_eq!(
        rpc.call("output.delete", json!({ "id": "x" }))
            .await
            .unwrap(),
        Value::Null
    );
    studio.close();
}

#[tokio::test]
async fn what_is_wrong_has_a_code_and_the_problem_in_its_data() {
    let studio = Studio::open();
    studio.group("a").await;
    let mut rpc = Rpc::open(&studio).await;
    for (text, code) in [
        ("{", -32700),
        ("", -32700),
        ("[1,", -32700),
        ("{}", -32600),
        ("[]", -32600),
        ("7", -32600),
        (
            r#"{ "jsonrpc": "1.0", "id": 1, "method": "scene.get" }"#,
            -32600,
        ),
        (r#"{ "id": 1, "method": "scene.get" }"#, -32600),
        (r#"{ "id": 1, "method": "events.subscribe" }"#, -32600),
        (r#"{ "jsonrpc": "2.0", "id": 1, "method": 7 }"#, -32600),
        (
            r#"{ "jsonrpc": "2.0", "id": {}, "method": "scene.get" }"#,
            -32600,
        ),
        (
            r#"{ "jsonrpc": "2.0", "id": 1, "method": "scene.fly" }"#,
            -32601,
        ),
    ] {
        rpc.say(text).await;
        let answer = rpc.next().await.unwrap();
        assert_eq!(answer["error"]["code"], code, "{text}: {answer}");
        let id = if code == -32601 {
            json!(1)
        } else {
            Value::Null
        };
        assert_eq!(answer["id"], id, "{text}");
    }
    rpc.with(|socket| socket.send(Message::binary(vec![1])).unwrap())
        .await;
    assert_eq!(rpc.next().await.unwrap()["error"]["code"], -32700);
    for (method, params, code, problem, pointer) in [
        (
            "layer.update",
            json!({ "id": "a", "opacity": 2 }),
            -32602,
            "invalid",
            "/opacity",
        ),
        (
            "layer.update",
            json!({ "opacity": 1 }),
            -32602,
            "invalid",
            "/id",
        ),
        ("layer.update", json!({ "id": 7 }), -32602, "invalid", "/id"),
        ("layer.update", json!(["a"]), -32602, "invalid", ""),
        (
            "layer.get",
            json!({ "id": "a", "x": 1 }),
            -32602,
            "invalid",
            "/x",
        ),
        (
            "layer.hide",
            json!({ "id": "a", "if_match": "2" }),
            -32602,
            "invalid",
            "/if_match",
        ),
        ("chat.list", json!({ "limit": 0 }), -32602, "query", "none"),
        (
            "layer.get",
            json!({ "id": "b" }),
            -32000,
            "layer-not-found",
            "none",
        ),
        (
            "layer.hide",
            json!({ "id": "a", "if_match": 1 }),
            -32000,
            "stale",
            "none",
        ),
        ("frame.mjpg", json!({}), -32000, "http-only", "none"),
        (
            "events.subscribe",
            json!({ "types": "x" }),
            -32602,
            "invalid",
            "/types",
        ),
        (
            "events.subscribe",
            json!({ "after": { "seq": 1 } }),
            -32602,
            "invalid",
            "/after",
        ),
        (
            "events.subscribe",
            json!({ "type": ["x"] }),
            -32602,
            "invalid",
            "/type",
        ),
        ("events.subscribe", json!(["x"]), -32602, "invalid", ""),
    ] {
        let error = rpc.call(method, params.clone()).await.unwrap_err();
        let is = (error["code"].as_i64(), error["data"]["code"].as_str());
        assert_eq!(is, (Some(code), Some(problem)), "{method} {params}");
        let named = &error["data"]["errors"][0]["pointer"];
        assert_eq!(
            named.as_str().unwrap_or("none"),
            pointer,
            "{method} {params}"
        );
        assert_eq!(error["message"], error["data"]["detail"]);
    }
    studio.close();
}

#[tokio::test]
async fn notifications_are_carried_out_and_not_answered() {
    let studio = Studio::open();
    let mut rpc = Rpc::open(&studio).await;
    for notification in [
        json!({ "jsonrpc": "2.0", "method": "layer.create", "params": group("a") }),
        json!({ "jsonrpc": "2.0", "method": "layer.create", "params": group("a") }),
        json!({ "jsonrpc": "2.0", "method": "layer.fly" }),
        json!([{ "jsonrpc": "2.0", "method": "layer.hide", "params": { "id": "a" } }]),
    ] {
        rpc.say(notification.to_string()).await;
    }
    let answer = rpc
        .exchange(request(
            "last",
            "layer.update",
            json!({ "id": "a", "name": "A" }),
        ))
        .await;
    assert_eq!(
        (&answer["id"], &answer["result"]["value"]["visible"]),
        (&json!("last"), &json!(false))
    );
    // An array is answered whole, each in its place; faulty ones too.
    let many = json!([
        request(1, "layer.create", group("b")),
        { "jsonrpc": "2.0", "method": "layer.create", "params": group("c") },
        7,
        request(2, "layer.update", json!({ "id": "c", "name": "C" })),
        request("x", "scene.fly", json!({})),
        request(Value::Null, "layer.get", json!({ "id": "b" })),
    ]);
    let answers = rpc.exchange(many).await;
    let answers = answers.as_array().unwrap();
    let ids: Vec<&Value> = answers.iter().map(|one| &one["id"]).collect();
    assert_eq!(json!(ids), json!([1, null, 2, "x", null]));
    let codes: Vec<&Value> = answers.iter().map(|one| &one["error"]["code"]).collect();
    assert_eq!(json!(codes), json!([null, -32600, null, -32601, null]));
    let revisions = [0, 2].map(|n: usize| answers[n]["result"]["revision"].as_u64().unwrap());
    assert_eq!(revisions[1], revisions[0] + 2);
    let too_many: Value = (0..101)
        .map(|n| request(n, "scene.get", json!({})))
        .collect();
    assert_eq!(rpc.exchange(too_many).await["error"]["code"], -32600);
    studio.close();
}

#[tokio::test]
async fn events_come_in_the_order_of_revisions_to_those_who_asked_for_them() {
    let studio = Studio::open();
    let mut rpc = Rpc::open(&studio).await;
    let here = rpc
        .call(
            "events.subscribe",
            json!({ "types": ["layer.*", "canvas.updated"] }),
        )
        .await
        .unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..40 {
        let router = studio.router();
        writers.spawn(async move {
            use tower::ServiceExt as _;
            let request = super::studio::local(axum::http::Method::POST, "/api/v1/layers");
            let body = axum::body::Body::from(group(&format!("g{n}")).to_string());
            let request = request.body(body).unwrap();
            router.oneshot(request).await.unwrap().status().as_u16()
        });
    }
    let statuses = writers.join_all().await;
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    studio
        .post("/api/v1/chat", json!({ "author": "ann", "text": "hi" }))
        .await;
    studio.delete("/api/v1/layers/g7").await;
    let mut events = Vec::new();
    for _ in 0..41 {
        events.push(rpc.event().await);
    }
    let number = |name: &str| {
        events
            .iter()
            .map(|one| one[name].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(number("revision"), (2..43).collect::<Vec<u64>>());
    assert!(number("frame").is_sorted());
    assert!(number("seq").is_sorted_by(|a, b| a < b));
    assert!(events.iter().all(|one| one["epoch"] == here["epoch"]));
    assert_eq!(
        (&events[40]["type"], &events[40]["data"]["id"]),
        (&json!("layer.removed"), &json!("g7"))
    );

    // Whoever comes back gets what it missed, and then what is new.
    let mut back = Rpc::open(&studio).await;
    let after = json!({ "epoch": events[38]["epoch"], "seq": events[38]["seq"] });
    back.call(
        "events.subscribe",
        json!({ "types": ["layer.*"], "after": after }),
    )
    .await
    .unwrap();
    assert_eq!([back.event().await, back.event().await], events[39..]);
    studio.group("new").await;
    assert_eq!(back.event().await["data"]["id"], "new");
    // And is told where that is not known any more.
    for after in [
        json!({ "epoch": "before", "seq": 1 }),
        json!({ "epoch": here["epoch"], "seq": 1_000_000 }),
    ] {
        let told = back
            .call(
                "events.subscribe",
                json!({ "types": ["*"], "after": after }),
            )
            .await
            .unwrap();
        let reset = back.notification().await;
        assert_eq!(
            (&reset["method"], &reset["params"]),
            (&json!("events.reset"), &told)
        );
    }
    assert_eq!(
        back.call("events.unsubscribe", json!({})).await,
        Ok(json!(true))
    );
    studio.group("unheard").await;
    back.call("events.subscribe", json!({ "types": ["layer.*"] }))
        .await
        .unwrap();
    studio.group("heard").await;
    assert_eq!(back.event().await["data"]["id"], "heard");
    studio.close();
}

/// A connection whose other end can send little ahead of what is read.
async fn narrow(address: std::net::SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = socket.connect(address).await.unwrap().into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream
}

/// Tokio's clock stands still, so that it is the queue that is full, not the patience that is at its end.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_cut_off_and_the_others_are_not() {
    let studio = Studio::open();
    let _frozen = Frozen::now();
    let address = studio.listen().await;
    let mut quick = Rpc::at(address, "/ws", &[]).await;
    let mut slow = Rpc::on(open_on(narrow(address).await, "/ws", &[]).await.unwrap());
    for rpc in [&mut quick, &mut slow] {
        rpc.call("events.subscribe", json!({ "types": ["test"] }))
            .await
            .unwrap();
    }
    // 16 MB, of which the network holds some; the queue of a reader holds 1024.
    let (round, rounds) = (500, 16);
    let data = "x".repeat(2000).into();
    for _ in 0..rounds {
        for _ in 0..round {
            studio.api.0.events.publish("test", 0, None, &data);
        }
        // The quick one is never further behind than this.
        for _ in 0..round {
            assert_eq!(quick.event().await["type"], "test");
        }
    }
    let mut got = 0;
    let code = loop {
        match slow.next().await {
            Ok(_) => got += 1,
            Err(code) => break code,
        }
    };
    assert_eq!(code, 4008);
    assert!(got < round * rounds - 1024, "{got}");
    assert!(quick.call("stream.get", json!({})).await.is_ok());
    studio.close();
}

#[tokio::test(start_paused = true)]
async fn who_answers_pings_stays_and_who_is_silent_goes() {
    let studio = Studio::open();
    let _frozen = Frozen::now();
    let address = studio.listen().await;
    let mut alive = Rpc::at(address, "/ws", &[]).await;
    let mut silent = Rpc::at(address, "/ws", &[]).await;
    // Both conversations have begun.
    for rpc in [&mut alive, &mut silent] {
        rpc.call("stream.get", json!({})).await.unwrap();
    }
    for _ in 0..10 {
        tokio::time::advance(Duration::from_secs(20)).await;
        let pinged = alive.with(|socket| {
            let pinged = socket.read().unwrap().is_ping();
            // The pong leaves.
            socket.flush().unwrap();
            pinged
        });
        assert!(pinged.await);
    }
    assert!(alive.call("stream.get", json!({})).await.is_ok());
    // Read without tungstenite, which would answer the pings now that it is too late.
    let end = silent.with(|socket| {
        let mut bytes = Vec::new();
        socket.get_mut().read_to_end(&mut bytes).unwrap();
        bytes
    });
    let code = 4009_u16.to_be_bytes();
    let end = end.await;
    assert!(end.windows(2).any(|two| two == code), "{end:?}");
    studio.close();
}

#[tokio::test]
async fn goodbye_is_said_when_the_service_stops() {
    let studio = Studio::open();
    let mut rpc = Rpc::open(&studio).await;
    rpc.call("stream.get", json!({})).await.unwrap();
    studio.api.end();
    assert_eq!(rpc.next().await, Err(1001));
    studio.close();
}
