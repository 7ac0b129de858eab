//! `serve`: the service, its four ports, and its end.

use crate::config::{self, Config};
use crate::output_port::{ENV_OUTPUT, OutputPort};
use crate::show::Loaded;
use crate::station::Station;
use crate::{Failure, signals};
use api::{AllowedHosts, Api, AssetsPort, Parts};
use axum::Router;
use engine::{AssetSource, Handle};
use outputs::{Outputs, State};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use telemetry::{Condition, Health, Metrics};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What is still running so long after everything was asked to end is cut off.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs until it is told to stop.
pub(crate) fn run() -> Result<(), Failure> {
    let mut config = config::from_environment()?;
    config.start_logs();
    let hosts = |bound: IpAddr| {
        AllowedHosts::new(bound, config.allowed_origins.iter().map(String::as_str))
            .map_err(|error| Failure::Usage(format!("ALLOWED_ORIGINS: {error}")))
    };
    let (hosts, ops_hosts) = (hosts(config.bind)?, hosts(config.ops_bind)?);
    let loaded = config.show.load(&config.limits)?;
    for fault in &loaded.missing {
        tracing::warn!("{fault}; a placeholder is shown");
    }
    let runtime = crate::runtime()?;
    let result = runtime.block_on(serve(&mut config, loaded, hosts, ops_hosts));
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
    let ports = Ports::bind(config).await?;
    let metrics = Metrics::start().map_err(|error| Failure::Usage(error.to_string()))?;
    tokio::spawn(metrics.clone().keep_up());
    if config.anonymous && !config.bind.is_loopback() {
        tracing::warn!(bind = %config.bind, "ANYONE who reaches this address controls the show: ALLOW_ANONYMOUS=true");
    }
    let assets = Arc::clone(&loaded.assets);
    let station = Station::start(config, loaded, 0)?;
    let (handle, outputs) = (station.handle(), station.outputs());
    if let Some(target) = config.stream.take() {
        station.publish_to(ENV_OUTPUT, target)?;
    }
    let api = Api::new(Parts {
        handle: handle.clone(),
        outputs: Arc::new(OutputPort::new(Arc::clone(&outputs))),
        assets: Arc::new(Assets(assets)),
        limits: config.limits,
        latency: config.video.latency,
    });
    let (stop, stopped) = watch::channel(false);
    ports.serve(
        [
            api::guarded(api::router(&api), hosts.clone()),
            api::guarded(api::ws_router(&api), hosts),
            api::guarded(metrics.router(), ops_hosts.clone()),
            api::guarded(health(handle, Arc::clone(&outputs)).router(), ops_hosts),
        ],
        &stopped,
    );
    tracing::info!(
        show = config.show.name(),
        "on air: http://{}/",
        SocketAddr::new(config.bind, config.port)
    );
    signals.asked_to_stop().await;
    tracing::info!("stopping");
    signals.exit_at_once_from_here();
    station.stop().await;
    api.end_preview();
    stop.send_replace(true);
    tracing::info!("stopped");
    Ok(())
}

/// Which pictures are there, for the API.
struct Assets(Arc<dyn AssetSource>);

impl AssetsPort for Assets {
    fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }
}

/// The four ports, bound but not yet answering.
struct Ports([TcpListener; 4]);

impl Ports {
    async fn bind(config: &Config) -> Result<Self, Failure> {
        let bind = async |variable, ip, port| {
            TcpListener::bind(SocketAddr::new(ip, port))
                .await
                .map_err(|source| Failure::Port {
                    variable,
                    port,
                    source,
                })
        };
        Ok(Self([
            bind("PORT", config.bind, config.port).await?,
            bind("WS_PORT", config.bind, config.ws_port).await?,
            bind("METRICS_PORT", config.ops_bind, config.metrics_port).await?,
            bind("HEALTH_PORT", config.ops_bind, config.health_port).await?,
        ]))
    }

    fn serve(self, routers: [Router; 4], stopped: &watch::Receiver<bool>) {
        for (listener, router) in self.0.into_iter().zip(routers) {
            let mut stopped = stopped.clone();
            tokio::spawn(async move {
                let shutdown = async move {
                    // The other end goes only when the process does.
                    let _ = stopped.wait_for(|stopped| *stopped).await;
                };
                if let Err(error) = api::serve(listener, router, shutdown).await {
                    tracing::error!(%error, "a port no longer answers");
                }
            });
        }
    }
}

fn health(handle: Handle, outputs: Arc<Outputs>) -> Health {
    let frames = handle.clone();
    Health::new(move || frames.stats().packets > 0)
        .with("engine", move || {
            if handle.stats().encoder_failed {
                return Condition::Failed("the encoder failed".to_owned());
            }
            Condition::from_silence(handle.silent_ns())
        })
        .with("outputs", move || outputs_condition(&outputs))
}

/// An output in trouble degrades the service; a restart would not mend it.
fn outputs_condition(outputs: &Outputs) -> Condition {
    let troubles: Vec<String> = outputs
        .list()
        .into_iter()
        .filter(|(_, status)| matches!(status.state, State::Retrying | State::Refused))
        .map(|(id, status)| {
            format!(
                "{id} is {}: {}",
                status.state,
                status.reason.as_deref().unwrap_or("no reason given")
            )
        })
        .collect();
    if troubles.is_empty() {
        Condition::Ok
    } else {
        Condition::Degraded(troubles.join("; "))
    }
}
