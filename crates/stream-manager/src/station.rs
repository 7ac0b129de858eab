//! An engine on air: what `serve` and `publish` have in common.

use crate::Failure;
use crate::config::{Config, StreamTarget};
use crate::show::Loaded;
use codec::VideoSettings;
use engine::{
    AssetObserver, AssetSource, Darkroom, Engine, EngineConfig, Handle, Headers, PacketSink,
    Resume, StageConfig, SystemClock,
};
use media::Packet;
use outputs::{OutputConfig, Outputs, Settings};
use sources::Fonts;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the encoder may take to give up what it holds.
const DRAIN: Duration = Duration::from_secs(2);
/// How long outputs may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Memory for the rasters of pictures beside the programme.
const DARKROOM_BYTES: usize = 64 << 20;

/// A running engine whose packets go to a set of outputs.
pub(crate) struct Station {
    engine: Engine,
    outputs: Arc<Outputs>,
}

/// What goes to the outputs: packets, and headers before the packets they are of.
struct Feed {
    headers: watch::Sender<Option<Arc<Headers>>>,
    outputs: Arc<Outputs>,
}

impl PacketSink for Feed {
    fn push(&self, packet: &Packet) {
        self.outputs.push(packet);
    }

    fn begin(&self, headers: &Arc<Headers>) {
        self.headers.send_replace(Some(Arc::clone(headers)));
    }
}

impl Station {
    /// Starts the show; from here on it is seen by whoever is added. Sessions begin at RTMP time `timestamp_start_ms`.
    pub(crate) fn start(
        config: &Config,
        video: VideoSettings,
        loaded: Loaded,
        fonts: Fonts,
        timestamp_start_ms: u32,
        asset_observer: Option<Arc<dyn AssetObserver>>,
        resume: Option<Resume>,
    ) -> Result<Self, Failure> {
        let stage = StageConfig {
            fonts,
            assets: loaded.assets,
            output: video.resolution,
            epoch_unix_ns: 0,
            raster_budget_bytes: StageConfig::DEFAULT_RASTER_BUDGET_BYTES,
            quality: config.quality,
        };
        let engine_config = EngineConfig {
            stage,
            video,
            auto_preset_cores: config.auto_preset_cores,
            audio: config.audio.clone(),
            kernels: config.kernels,
            real_time: true,
            asset_observer,
            resume,
        };
        let engine = Engine::start(engine_config, loaded.scene, Arc::new(SystemClock::new()))?;
        let handle = engine.handle();
        let (newest, headers) = watch::channel(Some(handle.headers()));
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
        handle.subscribe(Arc::new(Feed {
            headers: newest,
            outputs: Arc::clone(&outputs),
        }));
        Ok(Self { engine, outputs })
    }

    /// What pictures of other scenes and times are made with, beside this station.
    pub(crate) fn darkroom(
        &self,
        config: &Config,
        fonts: Fonts,
        assets: Arc<dyn AssetSource>,
    ) -> Darkroom {
        let stage = StageConfig {
            fonts,
            assets,
            output: self.engine.handle().headers().video.resolution,
            epoch_unix_ns: self.engine.handle().epoch_unix_ns(),
            raster_budget_bytes: DARKROOM_BYTES,
            quality: config.quality,
        };
        Darkroom::new(stage, config.kernels)
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
