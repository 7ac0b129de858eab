//! The control plane of the studio: operations over HTTP and JSON-RPC, events, preview, page.
//!
//! Job: turn requests into changes of the scene and calls on the ports that the roof fills in, and every failure into one
//! [problem](https://www.rfc-editor.org/rfc/rfc9457) document; say who may do what, and remember who did; hand the
//! programme to viewers as it is encoded; serve the page.
//! Not its job: the shape of scenes and views (`wire`), outputs and assets (behind [`OutputsPort`] and [`AssetsPort`]),
//! metrics and health pages (`telemetry`; [`guarded`] goes around those too), the environment.
//!
//! ```text
//!  HTTP ----> guarded --> identify --> Operation --> Control --> Edit --> Handle --> the frame that shows it
//!  JSON-RPC --^  (Host,    (token,     (one table)   (newest accepted      |
//!                Origin)   cookie)                    scene, history)      v
//!            <-- answer <-- events, as-run log, history <------------- announce
//!
//!  engine -- packets --> Preview (one fragment each, current GOP kept) --> bounded queue per viewer --> WebSocket
//! ```
//!
//! ```
//! use api::AllowedHosts;
//! let hosts = AllowedHosts::new("127.0.0.1".parse().unwrap(), ["https://studio.example"]).unwrap();
//! assert!(hosts.allows_host("localhost:4200") && hosts.allows_host("studio.example"));
//! assert!(!hosts.allows_host("rebound.example:4200"));
//! assert!(hosts.allows_origin("http://localhost:4200", "localhost:4201"));
//! assert!(!hosts.allows_origin("https://other.example", "localhost:4200"));
//! ```
//!
//! **Invariant:** status codes are named in `problem` alone, and every code that a client may see stands in its table.
//! **Invariant:** nothing here blocks the engine: packets and stills are taken over in microseconds, the rest happens on
//! tokio's threads; a reader that cannot keep up is cut off, never waited for.
//! **Invariant:** an operation stands once, in `operations`; routes, methods, roles and reference follow from there.
#![forbid(unsafe_code)]

mod access;
mod animatable;
mod animations;
mod announce;
mod as_run;
mod assets;
mod auction;
mod batch;
mod budget;
mod bus;
mod chat;
mod consequence;
mod control;
mod events;
mod glide;
mod history;
mod hosts;
mod http;
mod idempotency;
mod layers;
mod leases;
mod lives;
mod markers;
mod memory;
mod needed;
mod openapi;
mod operation;
mod operations;
mod outputs;
mod page;
mod presets;
mod preview;
mod problem;
mod request;
mod routes;
mod rpc;
mod scene_document;
mod schedule;
mod serve;
mod session;
mod still;
mod stream;
mod templates;
mod timelines;
mod traces;
mod transitions;

#[cfg(test)]
mod tests;

pub use access::{Access, NoRandomness, Role};
pub use assets::{
    AssetFault, AssetReport, AssetTrouble, AssetUpload, AssetsPort, Later, MAX_THUMBNAIL_PX,
};
pub use bus::{Bus, BusEvents, BusMessage, BusReply};
pub use hosts::{AllowedHosts, InvalidOrigin, guarded};
pub use memory::{MemoryPort, Past, Unreadable};
pub use outputs::{OutputFault, OutputReport, OutputState, OutputsPort};
pub use preview::Preview;
pub use routes::{router, standby_router, ws_router};
pub use serve::{ServerTls, TlsFault, raise_file_limit, serve};

use access::Client;
use announce::{Announcer, Desk, Happened, Memory, settled, settled_timeline};
use as_run::AsRun;
use control::{By, Condition, Control};
use engine::{Applied, Darkroom, Handle};
use events::Events;
use leases::Leases;
use operation::{About, Answer, Change, Status};
use scene::{Limits, Revision, Scene};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{Notify, Semaphore, watch};

/// What the API speaks to.
pub struct Parts {
    /// The running engine.
    pub handle: Handle,
    /// Where pictures beside the programme are made.
    pub darkroom: Darkroom,
    /// The outputs.
    pub outputs: Arc<dyn OutputsPort>,
    /// The assets.
    pub assets: Arc<dyn AssetsPort>,
    /// Who may do what.
    pub access: Access,
    /// What a scene may hold.
    pub limits: Limits,
    /// Where the as-run log is kept; in memory alone where there is no folder.
    pub data_dir: Option<PathBuf>,
    /// Where what is done is kept, and what an earlier process left there: the engine runs its scene already.
    pub memory: Option<(Arc<dyn MemoryPort>, Option<Past>)>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts")
            .field("limits", &self.limits)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// The API of one engine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Api(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Shared,
    preview: Arc<Preview>,
    control: Control,
    events: Arc<Events>,
    as_run: Arc<AsRun>,
    announcer: Announcer,
    turned: Arc<lives::Turned>,
    markers: Arc<markers::Markers>,
    passages_changed: Arc<Notify>,
    /// Whether the show goes on where another process was.
    goes_on: bool,
    schedule: schedule::Schedule,
    leases: Arc<Leases>,
    presets: presets::Presets,
    chat: chat::Chat,
    auction: auction::Auction,
    idempotency: idempotency::Idempotency,
    /// Of commands from the bus, which must not push out what clients over HTTP come back for.
    commands: idempotency::Idempotency,
    budgets: budget::Budgets,
    /// What was changed about the picture on air.
    picture: Mutex<engine::PictureChange>,
    darkroom: Arc<Mutex<Darkroom>>,
    motion: still::Motion,
    stills: Semaphore,
    sockets: Semaphore,
    ended: watch::Sender<bool>,
    /// Whether nothing may be changed, because another process takes over.
    frozen: watch::Sender<bool>,
}

/// The parts that stay as they are.
struct Shared {
    handle: Handle,
    outputs: Arc<dyn OutputsPort>,
    assets: Arc<dyn AssetsPort>,
    access: Access,
    limits: Limits,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Api {
    /// Takes the engine's packets for the preview from now on.
    ///
    /// # Errors
    /// When the as-run log cannot be opened, or the system has no thread or no random numbers.
    pub fn new(parts: Parts) -> std::io::Result<Self> {
        let Parts {
            handle,
            darkroom,
            outputs,
            assets,
            access,
            limits,
            data_dir,
            memory,
        } = parts;
        let preview = Arc::new(Preview::new(&handle.headers()));
        handle.subscribe(Arc::clone(&preview) as Arc<dyn engine::PacketSink>);
        let mut epoch = Access::secret().map_err(std::io::Error::other)?;
        epoch.truncate(16);
        let events = Arc::new(Events::new(epoch));
        let as_run = match &data_dir {
            Some(folder) => AsRun::open(folder)?,
            None => AsRun::in_memory(),
        };
        let (port, past) = memory.map_or((None, None), |(port, past)| (Some(port), past));
        let (fresh, mut past) = (past.is_none(), past.unwrap_or_else(|| Past::of(&handle)));
        let history = Arc::new(Mutex::new(std::mem::take(&mut past.history)));
        let as_run = Arc::new(as_run);
        let rest = Arc::<OnceLock<_>>::default();
        let memory = port.map(|port| Memory {
            port,
            scene: past.scene.clone(),
            revision: past.revision,
            newest: past.newest,
            since: past.since,
            last: 0,
            rest: Arc::clone(&rest),
        });
        let leases = Arc::<Leases>::default();
        let turned = Arc::<lives::Turned>::default();
        let passages_changed = Arc::<Notify>::default();
        let markers = Arc::new(markers::Markers::new(std::mem::take(&mut past.markers)));
        let announcer = Announcer::start(Desk {
            handle: handle.clone(),
            history: Arc::clone(&history),
            events: Arc::clone(&events),
            as_run: Arc::clone(&as_run),
            memory,
            turned: Arc::clone(&turned),
            markers: Arc::clone(&markers),
            passages_changed: Arc::clone(&passages_changed),
        })?;
        if fresh {
            announcer.remember(memory::begin(
                handle.epoch_unix_ns(),
                past.revision,
                &past.scene,
            ));
        }
        let control = Control::new(
            handle.clone(),
            limits,
            history,
            Arc::clone(&leases),
            announcer.clone(),
        );
        if let Some(bitrate) = past.bitrate {
            handle.set_bitrate(bitrate);
        }
        handle.pause(past.paused);
        let api = Self(Arc::new(Inner {
            parts: Shared {
                handle,
                outputs,
                assets,
                access,
                limits,
            },
            preview,
            control,
            events,
            as_run,
            announcer,
            turned,
            markers,
            passages_changed,
            goes_on: !fresh,
            schedule: schedule::Schedule::new(past.jobs),
            leases,
            presets: presets::Presets::new(past.presets),
            chat: chat::Chat::new(past.chat),
            auction: auction::Auction::new(past.auction),
            idempotency: idempotency::Idempotency::default(),
            commands: idempotency::Idempotency::default(),
            budgets: budget::Budgets::default(),
            picture: Mutex::new(past.picture),
            darkroom: Arc::new(Mutex::new(darkroom)),
            motion: still::Motion::default(),
            stills: Semaphore::new(still::AT_ONCE),
            sockets: Semaphore::new(rpc::socket::MAX_SOCKETS),
            ended: watch::Sender::new(false),
            frozen: watch::Sender::new(false),
        }));
        // Weak: the thread that asks must not keep alive what it is kept alive by.
        let inner = Arc::downgrade(&api.0);
        let records = move || {
            inner
                .upgrade()
                .map(|inner| Self(inner).records())
                .unwrap_or_default()
        };
        let _ = rest.set(Box::new(records) as announce::Records);
        api.restore(past.outputs, past.slate)?;
        Ok(api)
    }

    /// What was left running runs again.
    fn restore(
        &self,
        outputs: Vec<wire::OutputRequest>,
        slate: Option<scene::Slate>,
    ) -> std::io::Result<()> {
        for output in outputs {
            let id = output.id.clone();
            if let Err(error) = self.0.parts.outputs.add(output) {
                tracing::error!(%error, ?id, "an output cannot be restored");
            }
        }
        if let Some(slate) = slate {
            // Its frame is the first; nobody waits for it.
            self.0
                .control
                .slate(Some(slate))
                .map_err(std::io::Error::other)?;
        }
        Ok(())
    }

    /// What a snapshot has besides the scene and the history.
    fn records(&self) -> Vec<Value> {
        let inner = &*self.0;
        let mut records = vec![
            self.stream_record(),
            memory::outputs(&inner.parts.outputs.remember()),
        ];
        records.extend(
            inner
                .parts
                .handle
                .slate()
                .map(|slate| memory::slate(Some(&slate), inner.parts.handle.scene().1)),
        );
        records.extend(inner.presets.records());
        records.extend(inner.schedule.list().iter().map(memory::job));
        records.extend(inner.chat.records());
        records.extend(inner.auction.records());
        let set = inner.markers.all();
        records.extend((!set.is_empty()).then(|| markers::records(&set)));
        records
    }

    /// What is kept of the stream.
    fn stream_record(&self) -> Value {
        let handle = &self.0.parts.handle;
        let picture = self.0.picture.lock();
        let picture = *picture.unwrap_or_else(PoisonError::into_inner);
        memory::stream(
            Some(handle.bitrate()),
            handle.paused(),
            &picture,
            Some(handle.picture().cadence),
        )
    }

    /// Keeps a record of what is no change of the scene.
    fn remember(&self, record: Value) {
        self.0.announcer.remember(record);
    }

    /// Does what happens by itself: what is scheduled, leases that run out, assets that a scene asks for by URL, and
    /// news of the outputs. Never ends.
    pub async fn run(&self) {
        tokio::join!(
            self.keep_schedule(),
            self.keep_leases(),
            lives::watch(self),
            transitions::watch(self),
            outputs::watch(self),
            assets::watch(self)
        );
    }

    async fn keep_schedule(&self) {
        let handle = &self.0.parts.handle;
        loop {
            let rate = handle.picture().cadence.framerate();
            let frame_ns = rate.frame_time(1).nanos();
            let job = self
                .0
                .schedule
                .next(frame_ns / 2, || handle.show_time().nanos())
                .await;
            self.thawed().await;
            let api = self.clone();
            tokio::spawn(async move { batch::carry_out(&api, job).await });
        }
    }

    async fn keep_leases(&self) {
        let client = Client::new("lease", Role::Operator);
        loop {
            for id in self.0.leases.expired().await {
                self.thawed().await;
                let by = By::now(&client, leases::METHOD);
                let hidden = self.0.control.change(by, &Condition::default(), |scene| {
                    let mut scene = scene.clone();
                    // It may have been refreshed, hidden by hand or removed meanwhile.
                    let over = self.0.leases.is_over(&id);
                    let mut layers = scene.layers.iter_mut();
                    let found = layers.find(|layer| over && layer.visible && layer.id == id);
                    let layer =
                        found.ok_or_else(|| problem::Error::NoSuchLayer { id: id.to_string() })?;
                    layer.visible = false;
                    let about = About::Layer(layer.clone());
                    Ok(Change::new(scene, about))
                });
                match hidden {
                    Ok(pending) => {
                        if let Ok((applied, _)) = pending.shown().await {
                            let said = serde_json::json!({ "id": id.as_str() });
                            self.happened("layer.expired", Some(applied), &said, None);
                        }
                    }
                    Err(_) => {
                        self.0.leases.forget(&id);
                    }
                }
            }
        }
    }

    /// Refuses everything that would change something, for as long as another process takes over; what is scheduled, and
    /// leases that run out, wait.
    pub fn freeze(&self, frozen: bool) {
        self.0.frozen.send_replace(frozen);
    }

    /// Refuses an operation that changes something while nothing may be changed.
    fn check_frozen(&self, operation: &operation::Operation) -> Result<(), problem::Error> {
        if *self.0.frozen.borrow() && operation.method != axum::http::Method::GET {
            return Err(problem::Error::Standby(
                "another process is taking over this show",
            ));
        }
        Ok(())
    }

    async fn thawed(&self) {
        let mut frozen = self.0.frozen.subscribe();
        // The sender is in `self`.
        let _ = frozen.wait_for(|frozen| !frozen).await;
    }

    /// Says goodbye to all viewers and listeners; without it their sockets end without a word when the process does.
    pub fn end(&self) {
        self.0.preview.end();
        self.0.ended.send_replace(true);
    }

    /// The engine has a picture by now, or cannot have it.
    pub fn asset_news(&self, asset: &str, failure: Option<&str>) {
        let (kind, said) = match failure {
            None => ("asset.ready", serde_json::json!({ "asset": asset })),
            Some(detail) => (
                "asset.failed",
                serde_json::json!({ "asset": asset, "detail": detail }),
            ),
        };
        self.happened(kind, None, &said, None);
    }

    /// A layer is not shown as asked, and why.
    pub fn layer_failed(&self, layer: &str, detail: &str) {
        let said = serde_json::json!({ "id": layer, "detail": detail });
        self.happened("layer.failed", None, &said, None);
    }

    fn has_asset(&self, name: &str) -> bool {
        self.0.parts.assets.has(name)
    }

    /// Announces something that is no change of the scene; `by` puts it into the as-run log.
    fn happened(
        &self,
        kind: &'static str,
        applied: Option<Applied>,
        data: &Value,
        by: Option<(&Client, &'static str)>,
    ) {
        self.0.announcer.happened(Happened {
            kind,
            applied,
            data: data.clone(),
            by: by.map(|(client, method)| (Arc::clone(&client.name), method)),
        });
    }

    /// The document that a change is about, as it is from its frame on; `scene` is what the change made.
    fn document(&self, about: &About, scene: &Scene, applied: Applied) -> Value {
        let handle = &self.0.parts.handle;
        match about {
            About::Scene => {
                // Not the newest there is: that may be another's, under another revision.
                let mut scene = scene.clone();
                for animation in &mut scene.animations {
                    *animation = settled(animation, applied, handle);
                }
                for timeline in &mut scene.timelines {
                    *timeline = settled_timeline(timeline, applied, handle);
                }
                let moment = scene::Moment {
                    show: applied.show_time,
                    epoch_unix_ns: handle.epoch_unix_ns(),
                };
                for passage in &mut scene.passages {
                    if !passage.is_settled() {
                        passage.settle(moment);
                    }
                }
                wire::write_scene(&scene)
            }
            About::Layer(layer) => wire::write_layer(layer),
            About::Animation(animation) => {
                wire::write_animation(&settled(animation, applied, handle))
            }
            About::Timeline(timeline) => {
                wire::write_timeline_laid_out(&settled_timeline(timeline, applied, handle))
            }
            About::Template(template) => wire::write_template(template),
            About::Marker(setting) => setting.settled(applied).to_json(),
            About::New(about) | About::Gone(about) => self.document(about, scene, applied),
        }
    }

    /// What a change is answered with.
    fn answer(&self, change: &Change, revision: Revision, applied: Applied) -> Answer {
        let mut answer = Answer {
            applied: Some(applied),
            ..Answer::json(self.document(&change.about, &change.scene, applied))
        };
        match &change.about {
            About::New(new) => {
                answer.status = Status::Created;
                answer.changed = Some(revision);
                answer.location = match &**new {
                    About::Layer(layer) => Some(format!("/layers/{}", layer.id)),
                    About::Animation(animation) => Some(format!("/animations/{}", animation.id)),
                    About::Timeline(timeline) => Some(format!("/timelines/{}", timeline.id)),
                    About::Template(template) => Some(format!("/templates/{}", template.id)),
                    _ => None,
                };
            }
            About::Gone(_) => {}
            _ => answer.changed = Some(revision),
        }
        answer
    }
}
