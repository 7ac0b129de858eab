use crate::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, IF_MATCH, LOCATION, ORIGIN,
};
use axum::http::{HeaderMap, Method, Request};
use bytes::Bytes;
use codec::{AudioSettings, VideoSettings};
use engine::{AssetSource, Engine, EngineConfig, StageConfig, SystemClock};
use media::{Bitrate, Framerate, Resolution};
use scene::{Fault, Scene};
use serde_json::{Value, json};
use std::net::{IpAddr, TcpStream};
use std::sync::{Mutex, PoisonError};
use tower::ServiceExt;
use tungstenite::{Message, WebSocket};

const SIZE: Resolution = Resolution::new(128, 72);

#[derive(Debug)]
struct NoAssets;

impl AssetSource for NoAssets {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn bytes(&self, name: &str) -> std::io::Result<Arc<[u8]>> {
        Err(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            name.to_owned(),
        ))
    }
}

impl AssetsPort for NoAssets {
    fn has(&self, _: &str) -> bool {
        false
    }
}

/// Outputs that only remember what was asked of them.
#[derive(Default)]
struct Outputs(Mutex<Vec<OutputReport>>);

impl Outputs {
    fn enter(&self, id: &str, state: OutputState) -> Result<(), OutputFault> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let output = all
            .iter_mut()
            .find(|output| output.id == id)
            .ok_or_else(|| OutputFault::NotFound { id: id.to_owned() })?;
        output.state = state;
        Ok(())
    }
}

impl OutputsPort for Outputs {
    fn list(&self) -> Vec<OutputReport> {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, request: wire::OutputRequest) -> Result<OutputReport, OutputFault> {
        let id = request
            .id
            .map_or_else(|| "made".to_owned(), |id| id.as_str().to_owned());
        if self.list().iter().any(|output| output.id == id) {
            return Err(OutputFault::Exists { id });
        }
        if request.url.ends_with("/nowhere") {
            return Err(OutputFault::Invalid(vec![Fault::invalid(
                "/url",
                "names no app",
            )]));
        }
        let output = OutputReport {
            id,
            url: "rtmp://ingest.example/app".to_owned(),
            enabled: request.enabled,
            state: OutputState::Connecting,
            reason: None,
            attempts: 1,
            next_retry_in_ms: None,
            connected_ms: None,
            dropped_packets: 2,
            bytes_sent: 0,
            queue_ms: 0,
        };
        self.0.lock().unwrap().push(output.clone());
        Ok(output)
    }

    fn start(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Live)
    }

    fn stop(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Stopped)
    }

    fn retry(&self, id: &str) -> Result<(), OutputFault> {
        self.enter(id, OutputState::Retrying)
    }

    fn remove(&self, id: &str) -> Result<(), OutputFault> {
        if id == "env" {
            return Err(OutputFault::Fixed { id: id.to_owned() });
        }
        self.enter(id, OutputState::Stopped)?;
        self.0.lock().unwrap().retain(|output| output.id != id);
        Ok(())
    }
}

/// A small studio on the machine's clock, with everything behind the API but outputs.
struct Studio {
    engine: Engine,
    api: Api,
}

impl Studio {
    fn open() -> Self {
        let framerate = Framerate::new(30, 1).unwrap();
        let mut video = VideoSettings::new(SIZE, framerate, Bitrate::from_bps(500_000));
        video.latency = Latency::Low;
        let audio = AudioSettings {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        };
        let stage = StageConfig {
            fonts: sources::Fonts::new(Vec::<Vec<u8>>::new()),
            assets: Arc::new(NoAssets),
            output: SIZE,
            epoch_unix_ns: 0,
            raster_budget_bytes: 1 << 20,
        };
        let scene = Scene::empty(SIZE.width, SIZE.height);
        let engine = Engine::start(
            EngineConfig {
                stage,
                video,
                real_time: false,
                audio,
                kernels: compositor::Kernels::best(),
            },
            scene,
            Arc::new(SystemClock::new()),
        )
        .unwrap();
        let parts = Parts {
            handle: engine.handle(),
            outputs: Arc::new(Outputs::default()),
            assets: Arc::new(NoAssets),
            limits: Limits::default(),
            latency: Latency::Low,
        };
        Self {
            engine,
            api: Api::new(parts),
        }
    }

    fn router(&self) -> Router {
        guarded(
            router(&self.api),
            AllowedHosts::new(IpAddr::from([127, 0, 0, 1]), []).unwrap(),
        )
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_vec(),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        self.send(
            Request::builder()
                .method(method)
                .uri(path)
                .header(HOST, "localhost:4200")
                .body(body.into())
                .unwrap(),
        )
        .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Body::empty()).await
    }

    fn close(self) {
        self.engine.stop();
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers
            .get(name.as_ref())
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of a problem, after checking that it is one.
    fn problem(&self) -> (u16, String) {
        assert_eq!(self.header(CONTENT_TYPE), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(
            problem["type"],
            format!("/problems/{}", problem["code"].as_str().unwrap())
        );
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }

    fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn blue_scene() -> Value {
    json!({
        "schema": 1,
        "canvas": { "width_px": 256, "height_px": 144, "background": "#0000ff" },
        "layers": [
            { "id": "art", "kind": "overlay", "transform": { "width_px": 20, "height_px": 20 },
              "source": { "type": "image", "asset": "missing.png" } },
        ],
    })
}

#[tokio::test]
async fn a_scene_is_replaced_on_a_frame_and_read_back_the_same() {
    let studio = Studio::open();
    let before = studio.get("/api/v1/scene").await;
    assert_eq!(
        (
            before.status,
            before.header("revision"),
            before.header(ETAG)
        ),
        (200, "1", "\"1\"")
    );

    // Its picture is missing, which a live show goes on without.
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", blue_scene().to_string())
        .await;
    assert_eq!(
        (put.status, put.header("revision"), put.header(ETAG)),
        (200, "2", "\"2\""),
        "{:?}",
        put.json()
    );
    let frame: u32 = put.header("frame").parse().unwrap();
    let show_time_ms: f64 = put.header("show-time-ms").parse().unwrap();
    assert!((show_time_ms - f64::from(frame) * 1000.0 / 30.0).abs() < 0.01);

    let after = studio.get("/api/v1/scene").await;
    assert!(after.json() == put.json() && after.json() != before.json());
    let again = studio
        .ask(Method::PUT, "/api/v1/scene", after.body.clone())
        .await;
    assert_eq!((again.status, again.json()), (200, after.json()));
    studio.close();
}

#[tokio::test]
async fn every_fault_of_a_scene_is_named_and_nothing_of_it_is_taken() {
    let studio = Studio::open();
    let mut bad = blue_scene();
    bad["canvas"]["width_px"] = json!("wide");
    bad["layers"][0]["opacity"] = json!(2);
    bad["layers"][0]["colour"] = json!("red");
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", bad.to_string())
        .await;
    assert_eq!(put.problem(), (422, "invalid".to_owned()));
    let mut pointers = put.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/canvas/width_px",
            "/layers/0/colour",
            "/layers/0/opacity",
            "/layers/0/source/asset"
        ],
        "a missing picture counts once there are other faults"
    );
    assert_eq!(
        studio
            .ask(Method::PUT, "/api/v1/scene", "{\"schema\": 1,")
            .await
            .problem(),
        (400, "syntax".to_owned())
    );
    assert_eq!(studio.get("/api/v1/scene").await.header("revision"), "1");
    studio.close();
}

#[tokio::test]
async fn a_write_based_on_an_older_revision_is_refused() {
    let studio = Studio::open();
    let put = async |if_match: &str| {
        let request = Request::put("/api/v1/scene")
            .header(HOST, "localhost")
            .header(IF_MATCH, if_match);
        studio
            .send(request.body(blue_scene().to_string().into()).unwrap())
            .await
    };
    assert_eq!(put("\"1\"").await.status, 200);
    assert_eq!(put("\"1\"").await.problem(), (412, "stale".to_owned()));
    assert_eq!(put("\"7\", \"2\"").await.status, 200);
    assert_eq!(put("*").await.header("revision"), "4");
    studio.close();
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem() {
    let studio = Studio::open();
    let large = vec![b' '; request::BODY_LIMIT_BYTES + 1];
    let code = async |request: Request<Body>| studio.send(request).await.problem();
    let local = |method: Method, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost")
    };
    let empty = Body::empty;
    for (request, status, name) in [
        (
            local(Method::GET, "/api/v1/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/api/v2").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/problems/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::DELETE, "/api/v1/scene").body(empty()),
            405,
            "method-not-allowed",
        ),
        (
            local(Method::PUT, "/api/v1/scene").body(large.clone().into()),
            413,
            "body-too-large",
        ),
        (
            local(Method::PUT, "/api/v1/scene")
                .header(CONTENT_TYPE, "text/plain")
                .body("{}".into()),
            415,
            "unsupported-media-type",
        ),
        (
            local(Method::GET, "/api/v1/frame.png?layer=art").body(empty()),
            400,
            "query",
        ),
        (
            local(Method::GET, "/api/v1/frame.png?width_px=129").body(empty()),
            400,
            "query",
        ),
        (
            local(Method::GET, "/preview").body(empty()),
            426,
            "not-websocket",
        ),
        (
            local(Method::GET, "/")
                .header(ORIGIN, "https://evil.example")
                .body(empty()),
            403,
            "foreign-origin",
        ),
        (
            Request::get("/")
                .header(HOST, "evil.example:4200")
                .body(empty()),
            403,
            "foreign-host",
        ),
        (Request::get("/").body(empty()), 403, "foreign-host"),
    ] {
        let request = request.unwrap();
        let shown = format!("{} {}", request.method(), request.uri());
        assert_eq!(code(request).await, (status, name.to_owned()), "{shown}");
    }
    // A body whose length nobody announced is counted as it comes.
    let chunks = (0..=request::BODY_LIMIT_BYTES >> 20).map(|_| Bytes::from(vec![b' '; 1 << 20]));
    assert_eq!(
        code(
            local(Method::PUT, "/api/v1/scene")
                .body(Body::new(Chunks(chunks.collect())))
                .unwrap()
        )
        .await,
        (413, "body-too-large".to_owned())
    );
    assert_eq!(
        studio
            .ask(Method::DELETE, "/api/v1/scene", "")
            .await
            .header(ALLOW),
        "GET,HEAD,PUT"
    );
    let ws = ws_router(&studio.api)
        .oneshot(Request::get("/api/v1/scene").body(empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(ws.status().as_u16(), 404);
    assert_eq!(
        studio.get("/problems/stale").await.body,
        b"stale: Someone else has written since (HTTP 412 Precondition Failed)\n"
    );
    studio.close();
}

/// A body in pieces, of unknown length.
struct Chunks(Vec<Bytes>);

impl axum::body::HttpBody for Chunks {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop().map(|data| Ok(http_body::Frame::data(data))))
    }
}

#[tokio::test]
async fn a_still_is_what_is_on_screen() {
    let studio = Studio::open();
    let mut scene = blue_scene();
    scene["layers"] = json!([]);
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", scene.to_string())
        .await;
    let shown_from: i64 = put.header("frame").parse().unwrap();
    for (path, size) in [
        ("/api/v1/frame.png", (128, 72)),
        ("/api/v1/frame.png?width_px=32", (32, 18)),
    ] {
        let still = studio.get(path).await;
        assert_eq!(
            (still.status, still.header(CONTENT_TYPE)),
            (200, "image/png"),
            "{}",
            String::from_utf8_lossy(&still.body)
        );
        assert!(still.header("frame").parse::<i64>().unwrap() >= shown_from);
        let mut png = png::Decoder::new(std::io::Cursor::new(still.body))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; png.output_buffer_size().unwrap()];
        let info = png.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), size);
        assert!(pixels.chunks(3).all(|pixel| pixel == [0, 0, 255]));
    }
    studio.close();
}

#[tokio::test]
async fn outputs_are_added_asked_and_removed() {
    let studio = Studio::open();
    let add = async |body: Value| {
        studio
            .ask(Method::POST, "/api/v1/outputs", body.to_string())
            .await
    };
    let request = json!({ "id": "x", "type": "rtmp", "url": "rtmp://ingest.example/app", "key": "sk-secret" });
    assert_eq!(
        studio.get("/api/v1/stream").await.json()["state"],
        "offline"
    );

    let added = add(request.clone()).await;
    assert_eq!(
        (added.status, added.header(LOCATION)),
        (201, "/api/v1/outputs/x")
    );
    assert_eq!(added.json()["state"], "connecting");
    assert!(!String::from_utf8(added.body).unwrap().contains("secret"));
    assert_eq!(
        add(request).await.problem(),
        (409, "output-exists".to_owned())
    );
    let nowhere = add(json!({ "type": "rtmp", "url": "rtmp://ingest.example/nowhere" })).await;
    assert_eq!(
        (nowhere.problem().0, nowhere.pointers()),
        (422, vec!["/url".to_owned()])
    );
    let faulty = add(json!({ "type": "rtmp", "id": "a b" })).await;
    assert_eq!(
        (faulty.problem().0, faulty.pointers()),
        (422, vec!["/id".to_owned(), "/url".to_owned()])
    );

    for (verb, state, stream) in [
        ("retry", "retrying", "reconnecting"),
        ("start", "live", "live"),
        ("stop", "stopped", "offline"),
    ] {
        let answer = studio
            .ask(Method::POST, &format!("/api/v1/outputs/x/{verb}"), "")
            .await;
        assert_eq!(
            (answer.status, &answer.json()["state"]),
            (200, &json!(state))
        );
        assert_eq!(studio.get("/api/v1/stream").await.json()["state"], stream);
    }
    assert_eq!(
        studio.get("/api/v1/stream").await.json()["dropped_packets"],
        2
    );
    assert_eq!(
        studio.get("/api/v1/outputs").await.json()["items"][0],
        studio.get("/api/v1/outputs/x").await.json()
    );
    assert_eq!(
        studio
            .ask(Method::DELETE, "/api/v1/outputs/env", "")
            .await
            .problem(),
        (409, "output-fixed".to_owned())
    );
    assert_eq!(
        studio
            .ask(Method::DELETE, "/api/v1/outputs/x", "")
            .await
            .status,
        204
    );
    for (method, path) in [
        (Method::GET, "x"),
        (Method::DELETE, "x"),
        (Method::POST, "x/retry"),
    ] {
        let answer = studio
            .ask(method, &format!("/api/v1/outputs/{path}"), "")
            .await;
        assert_eq!(
            answer.problem(),
            (404, "output-not-found".to_owned()),
            "{path}"
        );
    }
    studio.close();
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let studio = Studio::open();
    let page = studio.get("/").await;
    let policy = page.header(CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'self'; connect-src 'self' ws://localhost:4200 wss://localhost:4200; media-src"), "{policy}");
    assert_eq!(
        (
            page.header("x-content-type-options"),
            page.header("referrer-policy")
        ),
        ("nosniff", "no-referrer")
    );
    let html = String::from_utf8(page.body).unwrap();
    let links = html
        .match_indices("href=\"")
        .chain(html.match_indices("src=\""))
        .map(|(at, name)| &html[at + name.len()..]);
    for link in links.map(|rest| rest.split('"').next().unwrap()) {
        assert!(link.starts_with('/'), "{link}");
        assert_eq!(studio.get(link).await.status, 200, "{link}");
    }
    assert!(
        !html.contains("style=") && !html.contains("onclick"),
        "the policy allows nothing inline"
    );
    studio.close();
}

/// Serves the preview of a hub on a port of its own.
pub(crate) async fn connect(router: Router) -> WebSocket<TcpStream> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, std::future::pending()));
    let opening = move || {
        let stream = TcpStream::connect(address).unwrap();
        tungstenite::client(format!("ws://{address}/preview"), stream)
            .unwrap()
            .0
    };
    tokio::task::spawn_blocking(opening).await.unwrap()
}

#[tokio::test]
async fn a_viewer_gets_hello_then_the_init_segment_then_fragments_from_an_idr() {
    let studio = Studio::open();
    let hosts = AllowedHosts::new(IpAddr::from([127, 0, 0, 1]), []).unwrap();
    let mut socket = connect(guarded(ws_router(&studio.api), hosts)).await;
    let reading = move || {
        (0..12)
            .map(|_| socket.read().unwrap())
            .collect::<Vec<Message>>()
    };
    let messages = tokio::task::spawn_blocking(reading).await.unwrap();

    let hello: Value = serde_json::from_str(messages[0].to_text().unwrap()).unwrap();
    assert_eq!(
        (&hello["type"], &hello["width_px"], &hello["fps"]),
        (&json!("hello"), &json!(128), &json!(30.0))
    );
    assert!(
        hello["codec"]
            .as_str()
            .unwrap()
            .starts_with("video/mp4; codecs=\"avc1.")
    );
    let boxes: Vec<_> = messages[1..]
        .iter()
        .map(|m| m.clone().into_data()[4..8].to_vec())
        .collect();
    assert_eq!(boxes[0], b"ftyp");
    assert!(boxes[1..].iter().all(|kind| kind == b"moof"));

    studio.api.end_preview();
    studio.close();
}
