//! An engine on air: what `serve` and `publish` have in common.

use crate::config::{Config, StreamTarget};
use crate::show::Loaded;
use crate::{Failure, fonts};
use engine::{Engine, EngineConfig, Handle, StageConfig, SystemClock};
use outputs::{OutputConfig, Outputs, Settings};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the encoder may take to give up what it holds.
const DRAIN: Duration = Duration::from_secs(2);
/// How long outputs may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// A running engine whose packets go to a set of outputs.
pub(crate) struct Station {
    engine: Engine,
    outputs: Arc<Outputs>,
}

impl Station {
    /// Starts the show; from here on it is seen by whoever is added. Sessions begin at RTMP time `timestamp_start_ms`.
    pub(crate) fn start(
        config: &Config,
        loaded: Loaded,
        timestamp_start_ms: u32,
    ) -> Result<Self, Failure> {
        let (fonts, missing) = fonts::load();
        for package in missing {
            tracing::warn!(
                package,
                "fonts are missing; text may lack glyphs: install the package"
            );
        }
        let stage = StageConfig {
            fonts,
            assets: loaded.assets,
            output: config.video.resolution,
            epoch_unix_ns: 0,
            raster_budget_bytes: StageConfig::DEFAULT_RASTER_BUDGET_BYTES,
        };
        let engine_config = EngineConfig {
            stage,
            video: config.video.clone(),
            audio: config.audio.clone(),
            kernels: config.kernels,
            real_time: true,
        };
        let engine = Engine::start(engine_config, loaded.scene, Arc::new(SystemClock::new()))?;
        let handle = engine.handle();
        let (_, headers) = watch::channel(Some(Arc::new(handle.headers().clone())));
        let settings = Settings {
            tls: config.tls.clone(),
            seed: random_seed(),
            timestamp_start_ms,
            ..Settings::default()
        };
        let keyframes = handle.clone();
        let request_idr = Arc::new(move || keyframes.request_keyframe());
        let outputs = Arc::new(Outputs::new(
            settings,
            headers,
            request_idr,
            tokio::runtime::Handle::current(),
        ));
        handle.subscribe(Arc::clone(&outputs) as Arc<dyn engine::PacketSink>);
        Ok(Self { engine, outputs })
    }

    /// Adds and starts an output.
    pub(crate) fn publish_to(&self, id: &str, target: StreamTarget) -> Result<(), Failure> {
        let refused = |error: outputs::Error| Failure::Output(format!("output {id}: {error}"));
        let config = OutputConfig::new(id, &target.url, target.key, true).map_err(refused)?;
        self.outputs.add(config).map_err(refused)
    }

    pub(crate) fn handle(&self) -> Handle {
        self.engine.handle()
    }

    pub(crate) fn outputs(&self) -> Arc<Outputs> {
        Arc::clone(&self.outputs)
    }

    /// No further frame, encoder drained, outputs closed properly. Takes four seconds at most.
    pub(crate) async fn stop(self) {
        let engine = self.engine;
        let stopped = tokio::task::spawn_blocking(move || engine.stop());
        if tokio::time::timeout(DRAIN, stopped).await.is_err() {
            tracing::error!("the encoder was not drained within {DRAIN:?}; what it held is lost");
        }
        self.outputs.shutdown(GOODBYE).await;
    }
}

/// From the standard library's own per-process randomness: good enough for jitter and handshake filler.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}
