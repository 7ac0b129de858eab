//! `serve`: the service, its four ports, and its end.

use crate::asset_port::AssetPort;
use crate::condition::{Inspector, OnAir};
use crate::config::{self, Config};
use crate::memory_port::Memory;
use crate::output_port::{ENV_OUTPUT, OutputPort};
use crate::show::Loaded;
use crate::station::Station;
use crate::succession::{self, End, MyTurn, Successor};
use crate::{Failure, bus, fonts, meters, signals};
use api::{Access, AllowedHosts, Api, AssetsPort, MemoryPort, Parts, Past, Role, ServerTls};
use axum::Router;
use engine::{AssetObserver, Clock as _, SystemClock};
use std::fs::{File, TryLockError};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use telemetry::Metrics;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;

/// What is still running so long after everything was asked to end is cut off.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs until it is told to stop.
pub(crate) fn run() -> Result<(), Failure> {
    let mut config = config::from_environment()?;
    let runtime = crate::runtime()?;
    let traces = config.start_logs_and_traces(runtime.handle());
    let hosts = |bound: IpAddr| {
        AllowedHosts::new(bound, config.allowed_origins.iter().map(String::as_str))
            .map_err(|error| Failure::Usage(format!("ALLOWED_ORIGINS: {error}")))
    };
    let (hosts, ops_hosts) = (hosts(config.bind)?, hosts(config.ops_bind)?);
    let loaded = config.show.load(&config.limits)?;
    for fault in &loaded.missing {
        tracing::error!("{fault}; a placeholder is shown");
    }
    let result = runtime.block_on(serve(&mut config, loaded, hosts, ops_hosts));
    if let Some(traces) = traces {
        traces.stop(LAST_WORDS);
    }
    runtime.shutdown_timeout(LAST_WORDS);
    result
}

async fn serve(
    config: &mut Config,
    loaded: Loaded,
    hosts: AllowedHosts,
    ops_hosts: AllowedHosts,
) -> Result<(), Failure> {
    let mut signals = signals::Signals::listen()?;
    let _folder = take_folder(&config.data_dir)?;
    let ports = Ports::bind(config)?;
    let metrics = Metrics::start().map_err(|error| Failure::Usage(error.to_string()))?;
    tokio::spawn(metrics.clone().keep_up());
    if config.anonymous && !config.bind.is_loopback() {
        tracing::warn!(bind = %config.bind, "ANYONE who reaches this address controls the show: ALLOW_ANONYMOUS=true");
    }
    api::raise_file_limit();
    let access = access(config)?;
    let (memory, local, mut turns) = Memory::open(config)?;
    let fonts = fonts::load_and_warn();
    let assets = AssetPort::open(
        &config.assets,
        &config.data_dir,
        fonts.clone(),
        Arc::clone(&loaded.assets),
    )?;
    let assets = Arc::new(assets);
    let pictures = assets.pictures();
    let on_air = Arc::<OnAir>::default();
    let (stop, stopped) = watch::channel(false);
    let ops = |router| api::guarded(router, ops_hosts.clone());
    ports
        .metrics
        .serve(ops(metrics.clone().router()), None, &stopped);
    let inspector = Inspector::start(
        Arc::clone(&on_air),
        Arc::clone(&memory),
        Arc::new(assets.fault()),
        &config.data_dir,
    )
    .await;
    ports
        .health
        .serve(ops(inspector.health().router()), None, &stopped);

    let target = config.stream.take();
    let bus = config.redis.as_mut().and_then(|redis| redis.bus.take());
    let config = &*config;
    let news = Arc::<AssetNews>::default();
    let prepare = |past: Option<&Past>| {
        let scene = past.map_or(&loaded.scene, Past::scene);
        Runtime::current().block_on(assets.warm(scene));
        let show = Loaded {
            scene: past.map_or_else(|| loaded.scene.clone(), |past| past.scene().clone()),
            missing: Vec::new(),
            assets: Arc::clone(&pictures),
        };
        let resume = past.map(|past| past.resume(SystemClock::new().unix_ns()));
        let mut video = config.video.clone();
        if let Some(changed) = past.map(Past::picture) {
            // What was changed on air holds until it is changed again; the environment says how a show begins.
            video.latency = changed.latency.unwrap_or(video.latency);
            video.framerate = changed.framerate.unwrap_or(video.framerate);
            video.resolution = changed.resolution.unwrap_or(video.resolution);
        }
        let observer = Arc::clone(&news) as Arc<dyn AssetObserver>;
        Station::start(
            config,
            video,
            show,
            fonts.clone(),
            0,
            Some(observer),
            resume,
        )
    };
    let successor = Successor {
        memory: &memory,
        prepare: &prepare,
        local,
    };
    let (leave, left) = watch::channel(false);
    let stand_by = || {
        let standby = || api::guarded(api::standby_router(), hosts.clone());
        ports.http.serve(standby(), config.api_tls.clone(), &left);
        ports.ws.serve(standby(), config.api_tls.clone(), &left);
        tracing::info!("standing by for the process that is on air with this show");
    };
    let turn = successor.wait(&mut turns, &mut signals, stand_by).await?;
    leave.send_replace(true);
    let Some(MyTurn { past, station }) = turn else {
        tracing::info!("stopped");
        return Ok(());
    };
    let (handle, outputs) = (station.handle(), station.outputs());
    on_air.begin(handle.clone(), Arc::clone(&outputs));
    assets.serve(handle.clone());
    if let Some(target) = target {
        station.publish_to(ENV_OUTPUT, target)?;
    }
    let resumed = past.is_some();
    let api = Api::new(Parts {
        handle: handle.clone(),
        darkroom: station.darkroom(config, fonts, pictures),
        outputs: Arc::new(OutputPort::new(Arc::clone(&outputs), metrics.clone())),
        assets: Arc::clone(&assets) as Arc<dyn AssetsPort>,
        access,
        limits: config.limits,
        data_dir: Some(config.data_dir.clone()),
        memory: Some((Arc::clone(&memory) as Arc<dyn MemoryPort>, past)),
    });
    let api = api.map_err(|source| Failure::Write {
        target: config.data_dir.join("as-run.jsonl").display().to_string(),
        source,
    })?;
    news.tell(&api);
    assets.keep_for(&api);
    let keeper = api.clone();
    tokio::spawn(async move { keeper.run().await });
    assets.lead().await;
    let guarded = |router| api::guarded(router, hosts.clone());
    let tls = || config.api_tls.clone();
    ports
        .http
        .serve(guarded(api::router(&api)), tls(), &stopped);
    ports
        .ws
        .serve(guarded(api::ws_router(&api)), tls(), &stopped);
    tokio::spawn(meters::keep_up(handle.clone(), Arc::clone(&memory)));
    tracing::info!(
        show = if resumed {
            "the one that was on air before".to_owned()
        } else {
            config.show.name()
        },
        "on air: {}://{}/",
        if config.api_tls.is_some() {
            "https"
        } else {
            "http"
        },
        SocketAddr::new(config.bind, config.port)
    );
    let bus = bus.map(|to| tokio::spawn(bus::run(api.clone(), to)));
    let end = succession::stay(&api, &memory, &handle, &outputs, &mut turns, &mut signals).await;
    tracing::info!("stopping");
    signals.exit_at_once_from_here();
    if let Some(bus) = bus {
        bus.abort();
    }
    station.stop().await;
    memory.release().await;
    api.end();
    stop.send_replace(true);
    memory.close();
    match end {
        End::Lost(why) => Err(Failure::NotMine(why)),
        End::Asked | End::HandedOver => {
            tracing::info!("stopped");
            Ok(())
        }
    }
}

/// Makes the folder, and keeps other services out of it for as long as the file is held.
fn take_folder(folder: &Path) -> Result<File, Failure> {
    let failed = |source| Failure::Write {
        target: folder.display().to_string(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::create(folder.join("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Failure::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Who may do what. Where the API can be reached from elsewhere and no tokens are configured, there is one of our own.
fn access(config: &Config) -> Result<Access, Failure> {
    let failed = |path: &Path, source: io::Error| Failure::Write {
        target: path.display().to_string(),
        source,
    };
    let folder = &config.data_dir;
    let secure = config.api_tls.is_some();
    if !config.tokens.is_empty() {
        let tokens = config.tokens.iter();
        let tokens = tokens.map(|token| (token.name.as_str(), token.secret.as_str(), token.role));
        return Ok(Access::with_tokens(tokens, secure));
    }
    if config.bind.is_loopback() || config.anonymous {
        return Ok(Access::open());
    }
    let path = folder.join("admin-token");
    let token = match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => {
            let token = Access::secret().map_err(|error| Failure::Usage(error.to_string()))?;
            write_secret(&path, &token).map_err(|source| failed(&path, source))?;
            token
        }
    };
    tracing::warn!(path = %path.display(), "API_TOKENS is not set: the one token there is stands in this file");
    Ok(Access::with_tokens(
        [("admin", token.as_str(), Role::Admin)],
        secure,
    ))
}

/// Readable by nobody else from its first byte on.
fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    writeln!(file, "{secret}")
}

/// Passes on what the engine says of assets; there is no API to say it to before the engine runs.
#[derive(Debug, Default)]
struct AssetNews(OnceLock<Api>);

impl AssetNews {
    fn tell(&self, api: &Api) {
        // Once.
        let _ = self.0.set(api.clone());
    }
}

impl AssetObserver for AssetNews {
    fn ready(&self, name: &str) {
        if let Some(api) = self.0.get() {
            api.asset_news(name, None);
        }
    }

    fn failed(&self, name: &str, detail: &str) {
        if let Some(api) = self.0.get() {
            api.asset_news(name, Some(detail));
        }
    }

    fn layer_failed(&self, layer: &scene::Id, detail: &str) {
        if let Some(api) = self.0.get() {
            api.layer_failed(layer.as_str(), detail);
        }
    }
}

/// Connections of one port that wait to be accepted. Where there is no room for one, its client tries again after a
/// second: with tokio's 128, a burst of clients while pictures take the processors was enough.
const QUEUE: u32 = 4096;

/// A port that is bound. Who connects before it is served waits.
struct Port(std::net::TcpListener);

impl Port {
    /// Answers until `stopped`; somebody else may answer after that, or beside it.
    fn serve(&self, router: Router, tls: Option<ServerTls>, stopped: &watch::Receiver<bool>) {
        let listener = self.0.try_clone().and_then(TcpListener::from_std);
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!(%error, "a port cannot be served");
                return;
            }
        };
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let shutdown = async move {
                // The other end goes only when the process does.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            api::serve(listener, router, tls, shutdown).await;
        });
    }
}

/// The four ports.
struct Ports {
    http: Port,
    ws: Port,
    metrics: Port,
    health: Port,
}

impl Ports {
    fn bind(config: &Config) -> Result<Self, Failure> {
        let bind = |variable, ip, port| {
            let bound = listen(SocketAddr::new(ip, port)).and_then(TcpListener::into_std);
            bound.map(Port).map_err(|source| Failure::Port {
                variable,
                port,
                source,
            })
        };
        Ok(Self {
            http: bind("PORT", config.bind, config.port)?,
            ws: bind("WS_PORT", config.bind, config.ws_port)?,
            metrics: bind("METRICS_PORT", config.ops_bind, config.metrics_port)?,
            health: bind("HEALTH_PORT", config.ops_bind, config.health_port)?,
        })
    }
}

/// As tokio's own `bind` does, but for the queue.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}
