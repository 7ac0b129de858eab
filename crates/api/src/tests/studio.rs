//! A small studio on the machine's clock, with everything behind the API but outputs and a disk.

use super::ports::{Assets, Journal, Outputs};
use crate::events::Event;
use crate::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use axum::http::{HeaderMap, Method, Request, request};
use codec::Latency;
use codec::{AudioSettings, VideoSettings};
use engine::{Clock as _, Engine, EngineConfig, StageConfig, SystemClock};
use media::{Bitrate, Framerate, Resolution};
use scene::Scene;
use serde_json::Value;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::task::Poll;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

pub(crate) const SIZE: Resolution = Resolution::new(128, 72);
pub(crate) const FPS: u32 = 30;
/// A wait for a sign that takes so long is for one that does not come.
const DEADLINE: Duration = Duration::from_secs(20);

/// Name, token and role, one of each role.
pub(crate) const TOKENS: [(&str, &str, Role); 4] = [
    ("eye", "token-of-eye", Role::Viewer),
    ("bot", "token-of-bot", Role::Chat),
    ("host", "token-of-host", Role::Operator),
    ("boss", "token-of-boss", Role::Admin),
];

pub(crate) fn token_of(role: Role) -> &'static str {
    let found = TOKENS.into_iter().find(|(_, _, r)| *r == role);
    found.unwrap().1
}

pub(crate) struct Studio {
    engine: Option<Engine>,
    pub(crate) api: Api,
    pub(crate) outputs: Arc<Outputs>,
    pub(crate) assets: Arc<Assets>,
    work: JoinHandle<()>,
}

impl Studio {
    /// Where everyone may do everything.
    pub(crate) fn open() -> Self {
        Self::with(Access::open())
    }

    /// Where [`TOKENS`] are needed.
    pub(crate) fn closed() -> Self {
        Self::with(Access::with_tokens(TOKENS, false))
    }

    pub(crate) fn with(access: Access) -> Self {
        Self::build(access, None)
    }

    /// Where everything is kept in `journal`, and goes on from what stands there.
    pub(crate) fn remembering(journal: &Arc<Journal>) -> Self {
        let past = journal.past(usize::MAX);
        let port = Arc::<Journal>::clone(journal) as Arc<dyn MemoryPort>;
        Self::build(Access::open(), Some((port, past)))
    }

    fn build(access: Access, memory: Option<(Arc<dyn MemoryPort>, Option<Past>)>) -> Self {
        let framerate = Framerate::new(FPS, 1).unwrap();
        let mut video = VideoSettings::new(SIZE, framerate, Bitrate::from_bps(500_000));
        video.latency = Latency::Low;
        let past = memory.as_ref().and_then(|(_, past)| past.as_ref());
        if let Some(picture) = past.map(Past::picture) {
            video.latency = picture.latency.unwrap_or(video.latency);
            video.framerate = picture.framerate.unwrap_or(video.framerate);
            video.resolution = picture.resolution.unwrap_or(video.resolution);
        }
        let audio = AudioSettings {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        };
        let assets = Arc::<Assets>::default();
        let stage = StageConfig {
            fonts: sources::Fonts::new(Vec::<Vec<u8>>::new()),
            assets: Arc::<Assets>::clone(&assets),
            output: video.resolution,
            epoch_unix_ns: 0,
            raster_budget_bytes: 1 << 20,
            quality: sources::Quality::High,
        };
        let kernels = compositor::Kernels::best();
        let darkroom = Darkroom::new(stage.clone(), kernels);
        let resume = past.map(|past| past.resume(SystemClock::new().unix_ns()));
        let config = EngineConfig {
            stage,
            video,
            auto_preset_cores: None,
            real_time: false,
            asset_observer: None,
            resume,
            audio,
            kernels,
        };
        let empty = || Scene::empty(SIZE.width, SIZE.height);
        let scene = past.map_or_else(empty, |past| past.scene().clone());
        let engine = Engine::start(config, scene, Arc::new(SystemClock::new())).unwrap();
        let outputs = Arc::<Outputs>::default();
        let parts = Parts {
            handle: engine.handle(),
            darkroom,
            outputs: Arc::<Outputs>::clone(&outputs),
            assets: Arc::<Assets>::clone(&assets),
            access,
            limits: Limits::default(),
            data_dir: None,
            memory,
        };
        let api = Api::new(parts).unwrap();
        let running = api.clone();
        Self {
            engine: Some(engine),
            api,
            outputs,
            assets,
            work: tokio::spawn(async move { running.run().await }),
        }
    }

    pub(crate) fn hosts() -> AllowedHosts {
        AllowedHosts::new(
            IpAddr::from([127, 0, 0, 1]),
            ["https://studio.example:8443"],
        )
        .unwrap()
    }

    pub(crate) fn router(&self) -> Router {
        guarded(router(&self.api), Self::hosts())
    }

    /// Serves the port of the API, for what needs a real socket.
    pub(crate) async fn listen(&self) -> SocketAddr {
        listen(self.router()).await
    }

    /// Sends a request as it is; the answer has a status that the reference names for it.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = Box::pin(self.router().oneshot(request)).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, 16 << 20).await.unwrap();
        let answer = Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.to_vec(),
        };
        super::openapi::check(&method, &path, &answer).await;
        answer
    }

    /// Sends a request of this host.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        self.send(local(method, path).body(body.into()).unwrap())
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PATCH, path, body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, Body::empty()).await
    }

    /// Sends a request with the token of this role.
    pub(crate) async fn as_role(
        &self,
        role: Role,
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let request = local(method, path).header(AUTHORIZATION, bearer(token_of(role)));
        let body = if body.is_null() {
            Body::empty()
        } else {
            body.to_string().into()
        };
        self.send(request.body(body).unwrap()).await
    }

    /// The whole document.
    pub(crate) async fn scene(&self) -> Value {
        self.get("/api/v1/scene").await.json()
    }

    /// Makes a group of this id.
    pub(crate) async fn group(&self, id: &str) {
        let layer = serde_json::json!({ "id": id, "kind": "group" });
        assert_eq!(self.post("/api/v1/layers", layer).await.status, 201);
    }

    /// Hears every event from now on.
    pub(crate) fn events(&self) -> Ear {
        Ear(self.api.0.events.subscribe(None).live)
    }

    pub(crate) fn close(mut self) {
        self.work.abort();
        if let Some(engine) = self.engine.take() {
            engine.stop();
        }
    }
}

/// A request of this host, without a body yet.
pub(crate) fn local(method: Method, path: &str) -> request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost:4200")
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Serves a router on a port of its own.
pub(crate) async fn listen(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, None, std::future::pending()));
    address
}

/// Hears events where they are made.
pub(crate) struct Ear(broadcast::Receiver<Arc<Event>>);

impl Ear {
    /// The next event of this type.
    pub(crate) async fn hear(&mut self, kind: &str) -> Value {
        self.hear_where(kind, |_| true).await
    }

    /// The next event of this type with such data.
    pub(crate) async fn hear_where(
        &mut self,
        kind: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let heard = async {
            loop {
                let event = self.0.recv().await.unwrap();
                if event.kind != kind {
                    continue;
                }
                let event: Value = serde_json::from_str(&event.text).unwrap();
                if wanted(&event["params"]["data"]) {
                    return event["params"].clone();
                }
            }
        };
        let heard = tokio::time::timeout(DEADLINE, heard).await;
        heard.unwrap_or_else(|_| panic!("no {kind} came"))
    }

    /// The types of what was heard and not asked for yet.
    pub(crate) fn rest(&mut self) -> Vec<&'static str> {
        std::iter::from_fn(|| self.0.try_recv().ok().map(|event| event.kind)).collect()
    }
}

/// The client asks, and goes away while it waits for the answer.
pub(crate) async fn given_up<T>(request: impl Future<Output = T>) {
    let mut request = Box::pin(request);
    let waits = poll_fn(|cx| Poll::Ready(request.as_mut().poll(cx).is_pending()));
    assert!(waits.await, "it was answered before its frame");
}

/// Keeps tokio's paused clock where it is until it is advanced; without it, it leaps to the next timer whenever all tasks
/// wait, though it be for a frame of the engine.
pub(crate) struct Frozen(Option<std::sync::mpsc::Sender<()>>);

impl Frozen {
    pub(crate) fn now() -> Self {
        let (hold, held) = std::sync::mpsc::channel::<()>();
        // The clock does not leap while a blocking task runs.
        tokio::task::spawn_blocking(move || held.recv());
        Self(Some(hold))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.0.take();
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {} {text}", self.status))
    }

    pub(crate) fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers
            .get(name.as_ref())
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn number(&self, name: &'static str) -> f64 {
        self.header(HeaderName::from_static(name)).parse().unwrap()
    }

    /// Status and code of a problem, after checking that it is one.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header(CONTENT_TYPE),
            "application/problem+json",
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        let code = problem["code"].as_str().unwrap();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        (self.status, code.to_owned())
    }

    /// Where the faults are.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Its pixels, with as many bytes each as it says, and its width.
    pub(crate) fn png(&self) -> (Vec<u8>, usize, u32) {
        assert_eq!(self.header(CONTENT_TYPE), "image/png", "{self:?}");
        let mut png = png::Decoder::new(std::io::Cursor::new(&self.body))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; png.output_buffer_size().unwrap()];
        let info = png.next_frame(&mut pixels).unwrap();
        let samples = info.color_type.samples();
        (pixels, samples, info.width)
    }

    /// The pixel at this place.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> Vec<u8> {
        let (pixels, samples, width) = self.png();
        let at = (y * usize::try_from(width).unwrap() + x) * samples;
        pixels[at..at + samples].to_vec()
    }
}

/// A layer of one colour, `#rrggbb`, that covers the canvas.
pub(crate) fn colored(id: &str, color: &str) -> Value {
    serde_json::json!({ "id": id, "kind": "overlay",
        "transform": { "width_px": SIZE.width, "height_px": SIZE.height },
        "source": { "type": "color", "color": color } })
}
