//! A day of a show, changed all the time through the real control plane: at its end the show looks as one does that was
//! made just now of the document as it is.
//!
//! The clock is one that the test moves, from frame to frame, a frame a second. What is random is so from a seed.
#![expect(clippy::unwrap_used, reason = "test code")]

mod bare;

use api::{Access, Api, Parts};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use bare::Nothing;
use codec::{AudioSettings, Latency, VideoSettings};
use compositor::Compositor;
use engine::{Clock, Darkroom, Engine, EngineConfig, Handle, StageConfig};
use media::{Bitrate, Framerate, Resolution, ShowTime};
use scene::{Limits, Resolver, Scene, WhenOver};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tower::ServiceExt as _;

const SIZE: Resolution = Resolution::new(128, 72);
const SECOND_NS: i64 = 1_000_000_000;
const LAYERS: u64 = 6;
/// At most so many animations are there, but for those that are over soon.
const ANIMATIONS: usize = 40;
/// How many seconds a change is away from the last, at most.
const PAUSE_S: u64 = 40;
/// No animation that is to go is longer, and none waits for more than a few of these.
const LONGEST_S: u64 = 90;

/// Scenes that are kept and taken.
const PRESETS: [&str; 2] = ["before", "later"];

/// Longer than any answer takes, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the show is, in seconds: changes are made in the first part, within the second the last animations end that are
/// to go then, and the third is looked at.
const PARTS_S: [i64; 3] = [81_000, 1800, 3600];

/// A clock at which nobody passes a moment that it was not told yet.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    now_ns: i64,
    open_until_ns: i64,
    /// What the engine waits for.
    waits_for_ns: Option<i64>,
}

impl Gate {
    /// Lets time pass up to `ns`, and returns when all that falls into it is done.
    fn open_until(&self, ns: i64) {
        let mut state = self.state.lock().unwrap();
        state.open_until_ns = ns;
        self.changed.notify_all();
        let busy = |state: &mut State| state.waits_for_ns.is_none_or(|at| at <= ns);
        drop(self.changed.wait_while(state, busy).unwrap());
    }

    /// Holds up nobody any more.
    fn open(&self) {
        self.state.lock().unwrap().open_until_ns = i64::MAX;
        self.changed.notify_all();
    }
}

impl Clock for Gate {
    fn now_ns(&self) -> i64 {
        self.state.lock().unwrap().now_ns
    }

    fn unix_ns(&self) -> i64 {
        self.now_ns()
    }

    fn sleep_until(&self, deadline_ns: i64) {
        let mut state = self.state.lock().unwrap();
        if deadline_ns <= state.now_ns {
            return;
        }
        state.waits_for_ns = Some(deadline_ns);
        self.changed.notify_all();
        let shut = |state: &mut State| state.open_until_ns < deadline_ns;
        let mut state = self.changed.wait_while(state, shut).unwrap();
        state.now_ns = deadline_ns;
        state.waits_for_ns = None;
    }
}

/// The show and its clock.
struct Show {
    api: Api,
    handle: Handle,
    gate: Arc<Gate>,
    /// Seconds and frames that have passed.
    n: i64,
}

impl Show {
    /// One frame; what the control plane does by itself is done as well.
    async fn frame(&mut self) {
        self.n += 1;
        self.gate.open_until(self.n * SECOND_NS);
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..16 {
            tokio::task::yield_now().await;
        }
    }

    /// Asks for a command, lets the frame go by that it is for, and waits for the answer.
    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let router = api::router(&self.api);
        let answer = async move {
            let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
            let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
            let value = serde_json::from_slice(&bytes).unwrap_or_default();
            (parts.status, value)
        };
        let mut answer = pin!(answer);
        for _ in 0..16 {
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                () = tokio::task::yield_now() => {}
            }
        }
        // It is with the engine by now.
        self.frame().await;
        // Another thread writes the history before the answer is given. The runtime would take waiting for it for having
        // nothing to do, and let its own time pass, unless something blocks.
        let (done, wait) = channel::<()>();
        let blocks = tokio::task::spawn_blocking(move || wait.recv_timeout(PATIENCE).is_ok());
        let answer = answer.await;
        drop(done);
        blocks.await.unwrap();
        answer
    }

    async fn command(&mut self, method: &str, params: Value) -> StatusCode {
        let body = json!({ "commands": [{ "method": method, "params": params }] });
        self.ask("POST", "/api/v1/batch", &body).await.0
    }

    /// What the next frame shows, composed, with its show time.
    async fn shown(&mut self) -> (media::Surface, ShowTime) {
        let (sender, taken) = sync_channel(1);
        self.handle
            .still(move |still| sender.send(still).unwrap())
            .unwrap();
        self.frame().await;
        let still = taken.recv().unwrap();
        let mut compositor = Compositor::with_kernels(still.resolution, still.kernels);
        let at = ShowTime::from_nanos(still.frame * SECOND_NS);
        (compositor.compose_rgba(&still.list), at)
    }
}

/// What is random, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn number(&mut self, from: i32, to: i32) -> f64 {
        let steps = u64::try_from((to - from) * 8).unwrap();
        f64::from(from) + f64::from(u32::try_from(self.below(steps)).unwrap()) / 8.0
    }

    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let n = self.below(u64::try_from(words.len()).unwrap());
        words[usize::try_from(n).unwrap()]
    }

    fn layer(&mut self) -> String {
        format!("l{}", self.below(LAYERS))
    }

    /// A property and two values of it.
    fn values(&mut self) -> (&'static str, [Value; 2]) {
        let property = self.one_of(&[
            "transform.x_px",
            "transform.y_px",
            "transform.rotation_deg",
            "transform.scale_x",
            "opacity",
            "source.color",
        ]);
        let mut value = || match property {
            "transform.x_px" => json!(self.number(0, 128)),
            "transform.y_px" => json!(self.number(0, 72)),
            "transform.rotation_deg" => json!(self.number(-360, 360)),
            "transform.scale_x" => json!(self.number(0, 3)),
            "opacity" => json!(self.number(0, 1)),
            _ => json!(format!("#{:06x}", self.below(1 << 24))),
        };
        (property, [value(), value()])
    }

    fn easing(&mut self) -> &'static str {
        self.one_of(&[
            "linear",
            "ease-in-out",
            "bounce-out",
            "elastic-out",
            "steps(5, jump-both)",
            "spring(0.4)",
            "cubic-bezier(0.3, -0.4, 0.6, 1.5)",
        ])
    }

    /// How one thing takes another's place, or a layer comes and goes.
    fn transition(&mut self) -> Value {
        let word = self.one_of(&[
            "fade",
            "fade_through",
            "slide",
            "push",
            "scale",
            "zoom",
            "wipe",
            "iris",
            "clock_wipe",
            "blur_fade",
            "flip",
            "morph",
        ]);
        json!({ "type": word, "duration_ms": 100 + self.below(59_000), "easing": self.easing() })
    }

    /// How a write glides.
    fn glide(&mut self) -> Value {
        let duration_ms = 200 + self.below(50_000);
        match self.below(3) {
            0 => {
                json!({ "spring": { "duration_ms": duration_ms, "bounce": self.number(0, 1) * 0.9 } })
            }
            1 => json!({ "duration_ms": duration_ms, "smooth": true }),
            _ => json!({ "duration_ms": duration_ms, "easing": self.easing() }),
        }
    }

    /// A timeline that is over within the time of the longest animation: a stagger, a timeline in it, and a formula.
    fn timeline(&mut self) -> Value {
        let each_ms = 200 + self.below(9000);
        let (property, [from, to]) = self.values();
        let (other, [first, last]) = self.values();
        let leaf = json!({
            "targets": ["layers/l0", "layers/l1", "layers/l2", "layers/l3"],
            "stagger": { "amount_ms": self.below(9000), "from": self.one_of(&["start", "end", "center", "edges"]) },
            "timing": { "duration_ms": each_ms, "easing": self.easing(), "fill": self.one_of(&["both", "forwards"]) },
            "keyframes": [{ property: from }, { property: to }],
        });
        let nested = json!({ "timing": { "iterations": 2, "direction": "alternate" }, "entries": [
            { "animation": { "target": format!("layers/{}", self.layer()), "timing": { "duration_ms": each_ms },
                "keyframes": [{ other: first, "easing": self.easing() }, { other: last }] } },
        ] });
        let formula = match self.below(3) {
            0 => {
                json!({ "type": "follow", "property": "transform.y_px", "layer": "l0", "lag_ms": 3000 })
            }
            1 => {
                json!({ "type": "wiggle", "property": "transform.x_px", "amplitude": 9, "frequency_hz": 0.3, "seed": self.below(99) })
            }
            _ => {
                json!({ "type": "sine", "property": "transform.rotation_deg", "amplitude": 20, "frequency_hz": 0.13 })
            }
        };
        // Behind the first one, so that nothing follows itself.
        let target = format!("layers/l{}", 1 + self.below(3));
        json!({ "entries": [
            { "animation": leaf },
            { "label": "then", "position": each_ms / 2 },
            { "timeline": nested, "position": "then" },
            { "animation": { "target": target, "timing": { "duration_ms": each_ms, "fill": self.one_of(&["none", "forwards"]) }, "expression": formula }, "position": "<" },
        ], "timing": { "iterations": 1 + self.below(2), "direction": "alternate" } })
    }

    /// An animation that somebody starts; one that goes to and fro for ever, or one that is over some time.
    fn animation(&mut self, k: u64) -> Value {
        let (property, [from, to]) = self.values();
        let endless = self.below(3) == 0;
        let times = 1 + self.below(3);
        let each_ms = 1000 * LONGEST_S / times;
        let mut timing = json!({
            "duration_ms": 137 + self.below(each_ms - 137),
            "delay_ms": self.below(4000),
            "easing": self.easing(),
            "direction": self.one_of(&["normal", "reverse", "alternate", "alternate-reverse"]),
            "fill": self.one_of(&["none", "forwards", "both"]),
            "iterations": times,
        });
        if endless {
            timing["iterations"] = json!("infinite");
            timing["duration_ms"] = json!(1700 + self.below(60_000));
        }
        let start = match self.below(3) {
            0 => json!("now"),
            1 => json!({ "beat": { "bpm": 97, "offset_ms": 130, "beats": 3 } }),
            _ => json!({ "at_ms": self.below(1 << 26) }),
        };
        let kind = if endless { "bob" } else { "way" };
        json!({
            "id": format!("{kind}{k}"),
            "target": format!("layers/{}", self.layer()),
            "timing": timing,
            "start": if endless { start } else { json!("now") },
            "composite": if property == "source.color" { "replace" } else { self.one_of(&["replace", "add", "accumulate"]) },
            "when_over": if endless { "keep" } else { self.one_of(&["keep", "remove", "remove"]) },
            "on_conflict": self.one_of(&["stack", "stack", "replace", "reject", "queue"]),
            "keyframes": [{ property: from, "easing": self.easing() }, { property: to }],
        })
    }
}

/// What is on in the document: ids of animations, oldest first.
fn ids(scene: &Scene) -> Vec<String> {
    let animations = scene.animations.iter();
    animations.map(|one| one.id.to_string()).collect()
}

async fn show() -> (Show, Engine) {
    let gate = Arc::new(Gate::default());
    let mut video = VideoSettings::new(
        SIZE,
        Framerate::new(1, 1).unwrap(),
        Bitrate::from_bps(100_000),
    );
    video.latency = Latency::Low;
    let stage = stage();
    let kernels = compositor::Kernels::best();
    let darkroom = Darkroom::new(stage.clone(), kernels);
    let config = EngineConfig {
        stage,
        video,
        audio: AudioSettings {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        },
        auto_preset_cores: None,
        kernels,
        real_time: false,
        asset_observer: None,
        resume: None,
    };
    let scene = Scene::empty(SIZE.width, SIZE.height);
    let engine = Engine::start(config, scene, Arc::clone(&gate) as Arc<dyn Clock>).unwrap();
    let handle = engine.handle();
    let api = Api::new(Parts {
        handle: handle.clone(),
        darkroom,
        outputs: Arc::new(Nothing),
        assets: Arc::new(Nothing),
        access: Access::open(),
        limits: Limits::default(),
        data_dir: None,
        memory: None,
    })
    .unwrap();
    let runs = api.clone();
    tokio::spawn(async move { runs.run().await });
    let mut show = Show {
        api,
        handle,
        gate,
        n: 0,
    };
    show.frame().await;
    for k in 0..LAYERS {
        let mut layer = json!({
            "id": format!("l{k}"), "kind": "overlay",
            "transform": { "x_px": 15 * k, "y_px": 9 * k, "width_px": 24, "height_px": 18, "anchor_x": 0.5, "anchor_y": 0.5 },
            "source": { "type": "color", "color": "#3366cc" },
        });
        let group = json!({ "id": "g", "kind": "group", "opacity": 0.8 });
        if k >= 4 {
            layer["parent"] = json!("g");
        }
        if k == 4 {
            assert_eq!(show.command("layer.create", group).await, StatusCode::OK);
        }
        assert_eq!(show.command("layer.create", layer).await, StatusCode::OK);
    }
    let card = json!({
        "parameters": { "hold_ms": { "type": "number", "default": 1000 }, "color": { "type": "color", "default": "#cc6633" } },
        "layers": [{ "id": "{id}-card", "kind": "overlay", "transform": { "x_px": 40, "y_px": 50, "width_px": 48, "height_px": 14 },
            "source": { "type": "color", "color": "{color}" } }],
        "timeline": { "entries": [
            { "animation": { "target": "layers/{id}-card", "timing": { "duration_ms": 4000, "easing": "back-out", "fill": "both" },
                "keyframes": [{ "transform.y_px": 80 }, { "transform.y_px": 50 }] } },
            { "animation": { "target": "layers/{id}-card", "timing": { "delay_ms": "{hold_ms}", "duration_ms": 3000 },
                "keyframes": [{ "opacity": 1 }, { "opacity": 0 }] } },
        ] },
    });
    let (status, answer) = show.ask("PUT", "/api/v1/templates/card", &card).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    for name in PRESETS {
        let path = format!("/api/v1/presets/{name}");
        let (status, answer) = show.ask("PUT", &path, &json!({})).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }
    (show, engine)
}

fn stage() -> StageConfig {
    StageConfig {
        fonts: sources::Fonts::new(Vec::<Vec<u8>>::new()),
        assets: Arc::new(Nothing),
        output: SIZE,
        epoch_unix_ns: 0,
        raster_budget_bytes: 1 << 20,
        quality: sources::Quality::High,
    }
}

/// Does something, as the dice fall.
async fn change(show: &mut Show, dice: &mut Dice, k: u64) -> StatusCode {
    let there = ids(&show.handle.scene().0);
    let scene = show.handle.scene().0;
    let timelines: Vec<&str> = scene.timelines.iter().map(|one| one.id.as_str()).collect();
    let timeline = (!timelines.is_empty()).then(|| dice.one_of(&timelines).to_owned());
    match dice.below(16) {
        10 => {
            let transform =
                json!({ "x_px": dice.number(0, 128), "rotation_deg": dice.number(-90, 90) });
            let body =
                json!({ "id": dice.layer(), "transform": transform, "transition": dice.glide() });
            return show.command("layer.update", body).await;
        }
        11 => {
            let verb = dice.one_of(&["layer.show", "layer.show", "layer.hide"]);
            let body = json!({ "id": dice.layer(), "transition": dice.transition() });
            return show.command(verb, body).await;
        }
        12 => {
            let body = json!({ "id": dice.one_of(&PRESETS), "transition": dice.transition() });
            if dice.below(2) == 0 {
                return show.command("preset.take", body).await;
            }
            let path = format!("/api/v1/presets/{}", dice.one_of(&PRESETS));
            return show.ask("PUT", &path, &json!({})).await.0;
        }
        13 => {
            let timeline = dice.timeline();
            return show.command("timeline.start", timeline).await;
        }
        14 => {
            let parameters = json!({ "hold_ms": dice.below(40_000), "color": format!("#{:06x}", dice.below(1 << 24)) });
            let body = json!({ "template": "card", "parameters": parameters });
            return show.command("timeline.start", body).await;
        }
        15 if timeline.is_some() => {
            let verb = dice.one_of(&[
                "timeline.reverse",
                "timeline.finish",
                "timeline.seek",
                "timeline.cancel",
            ]);
            let mut body = json!({ "id": timeline });
            if verb == "timeline.seek" {
                body["local_ms"] = json!(dice.below(9000));
            }
            return show.command(verb, body).await;
        }
        _ => {}
    }
    let any = (!there.is_empty()).then(|| {
        dice.one_of(&there.iter().map(String::as_str).collect::<Vec<_>>())
            .to_owned()
    });
    match (dice.below(10), any) {
        (0 | 1, Some(id)) if there.len() > ANIMATIONS / 4 => {
            show.command("animation.cancel", json!({ "id": id })).await
        }
        (_, Some(_)) if there.len() > ANIMATIONS => {
            show.command("animation.cancel", json!({ "id": there[0] }))
                .await
        }
        (2, Some(id)) => {
            let local_ms = dice.below(1000 * LONGEST_S);
            show.command("animation.seek", json!({ "id": id, "local_ms": local_ms }))
                .await
        }
        // Those that are to go would wait.
        (3, Some(id)) if id.starts_with("bob") => {
            show.command("animation.pause", json!({ "id": id })).await
        }
        (4, Some(id)) => {
            let rate = 0.5 + dice.number(0, 2);
            show.command("animation.resume", json!({ "id": id, "rate": rate }))
                .await
        }
        (5, Some(id)) => {
            let verb = dice.one_of(&["animation.reverse", "animation.finish"]);
            show.command(verb, json!({ "id": id })).await
        }
        (6, _) => {
            let transform = json!({ "x_px": dice.number(0, 128), "y_px": dice.number(0, 72) });
            show.command(
                "layer.update",
                json!({ "id": dice.layer(), "transform": transform }),
            )
            .await
        }
        _ => {
            let animation = dice.animation(k);
            show.command("animation.start", animation).await
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_show_of_a_day_looks_as_if_it_began_now() {
    let (mut show, engine) = show().await;
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let [changes_s, waits_s, looks_s] = PARTS_S;
    let (mut made, mut refused, mut went) = (0_u64, 0_u64, 0_u64);
    let mut last = ids(&show.handle.scene().0);
    while show.n < changes_s {
        for _ in 0..=dice.below(PAUSE_S) {
            show.frame().await;
            let now = ids(&show.handle.scene().0);
            let gone = |id: &&String| !now.contains(id);
            went += u64::try_from(last.iter().filter(gone).count()).unwrap();
            last = now;
        }
        let status = change(&mut show, &mut dice, made).await;
        last = ids(&show.handle.scene().0);
        made += 1;
        match status {
            StatusCode::OK => {}
            // Something was in the way, or has no end.
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => refused += 1,
            other => panic!("command {made} was answered with {other}"),
        }
    }
    let goes = |one: &scene::Animation| one.when_over == WhenOver::Remove;
    let waits = |scene: &Scene| {
        let under_way = scene.timelines.len() + scene.passages.len();
        under_way > 0 || scene.animations.iter().any(|one| goes(one))
    };
    while waits(&show.handle.scene().0) {
        assert!(
            show.n < changes_s + waits_s,
            "all that are to go have gone by now"
        );
        show.frame().await;
    }
    let (status, before) = show.ask("GET", "/api/v1/scene", &Value::Null).await;
    assert_eq!(status, StatusCode::OK);

    // Whoever reads that document now knows all there is to know.
    let read = wire::read_scene(before.to_string().as_bytes(), &Limits::default(), &|_| true);
    let fresh = Arc::new(read.unwrap().scene);
    let running = show.handle.scene().0;
    let (mut darkroom, mut seen) = (
        Darkroom::new(stage(), compositor::Kernels::best()),
        Vec::new(),
    );
    let mut resolvers = [&*running, &*fresh].map(Resolver::new);
    for _ in 0..looks_s / 10 {
        let (shown, at) = show.shown().await;
        let developed = darkroom.develop(&fresh, at, None).unwrap();
        assert_eq!(shown, developed, "at {at:?}");
        let [ours, theirs] = resolvers
            .each_mut()
            .map(|one| format!("{:?}", one.layers_at(at)));
        assert_eq!(ours, theirs, "at {at:?}");
        seen.push(shown);
        for _ in 0..9 {
            show.frame().await;
        }
    }
    let (_, after) = show.ask("GET", "/api/v1/scene", &Value::Null).await;
    assert_eq!(before, after, "nothing was changed while it was looked at");
    show.gate.open();
    engine.stop();

    seen.dedup();
    let pictures = seen.len();
    println!(
        "{} s of show: {made} commands, {refused} of them refused, {went} animations went when they were over, {} are there; {pictures} different pictures in {} looks",
        show.n,
        fresh.animations.len(),
        looks_s / 10
    );
    assert!(
        refused * 3 < made,
        "{refused} of {made} commands were refused"
    );
    assert!(went * 30 > made, "only {went} animations went");
    assert!(pictures > 20, "only {pictures} pictures were seen");
}
