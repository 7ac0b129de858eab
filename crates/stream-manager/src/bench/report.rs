//! What was measured, as a table for people and as JSON for programs.

use super::measure::{Summary, Times, latency_name, processor};
use super::{Drawn, Encoded};
use codec::VideoSettings;
use serde_json::{Value, json};

/// A thread that is busy for longer than this part of the time leaves nothing for other programs or a hard scene.
const COMFORTABLE: f64 = 0.75;
/// Above this, a hiccup costs frames.
const POSSIBLE: f64 = 0.95;

pub(super) struct Report {
    pub(super) scene: String,
    pub(super) settings: VideoSettings,
    pub(super) cores: usize,
    pub(super) load_ms: f64,
    pub(super) first_frame_ms: f64,
    pub(super) drawn: Drawn,
    /// The scene as it is set up comes first, in both profiles.
    pub(super) encoded: Vec<Encoded>,
    pub(super) rss_peak_bytes: Option<u64>,
}

/// How hard one format is for this machine.
struct Load {
    /// CPU time of all threads, in per cent of one core.
    cpu_percent: f64,
    /// Of its time, in per cent: of the thread that draws or of the one that encodes, whichever has less to spare.
    busiest_thread_percent: f64,
    most_fps: f64,
    verdict: &'static str,
}

impl Load {
    /// Drawing and encoding are two threads; where there is but one core, they take turns.
    fn new(encoded: &Encoded, cores: usize) -> Self {
        let fps = encoded.framerate.as_f64();
        let (draw_ms, encode_ms) = (encoded.draw.mean_wall_ms(), encoded.encode.mean_wall_ms());
        let busiest_ms = if cores > 1 {
            draw_ms.max(encode_ms)
        } else {
            draw_ms + encode_ms
        };
        let part = busiest_ms * fps / 1e3;
        Self {
            cpu_percent: encoded.whole.summary().mean_ms * fps / 10.0,
            busiest_thread_percent: part * 100.0,
            most_fps: 1e3 / busiest_ms.max(1e-6),
            verdict: if part <= COMFORTABLE {
                "yes"
            } else if part <= POSSIBLE {
                "tight"
            } else {
                "no"
            },
        }
    }
}

impl Report {
    /// Name in JSON, name for people, times; in the order of a frame.
    fn stages(&self) -> Vec<(String, String, Summary)> {
        let fps = self.settings.framerate;
        let drawn = &self.drawn;
        let mut stages = Vec::new();
        let mut add = |name: &str, title: String, times: &Times| {
            stages.push((name.to_owned(), title, times.summary()));
        };
        add(
            "resolve_lower",
            "resolve and lower".to_owned(),
            &drawn.resolve,
        );
        add(
            "paint",
            "paint new words and pictures *".to_owned(),
            &drawn.paint,
        );
        add(
            "compose_hot",
            "compose and convert, hot loop".to_owned(),
            &drawn.hot,
        );
        add(
            "compose_paced",
            format!("compose and convert, paced at {fps} fps"),
            &drawn.paced,
        );
        add(
            "compose_unchanged",
            "compose, nothing changed".to_owned(),
            &drawn.unchanged,
        );
        add(
            "compose_full",
            "compose, everything drawn anew".to_owned(),
            &drawn.full,
        );
        let set_up = || self.encoded.iter().take(2);
        for encoded in set_up() {
            let latency = latency_name(encoded.latency);
            add(
                &format!("encode_{latency}"),
                format!("encode, {latency}"),
                &encoded.encode,
            );
        }
        for encoded in set_up() {
            let latency = latency_name(encoded.latency);
            add(
                &format!("frame_{latency}"),
                format!("whole frame, {latency}"),
                &encoded.whole,
            );
        }
        add(
            "copy_rgba",
            "for scale: copy of one RGBA picture".to_owned(),
            &drawn.copy,
        );
        stages
    }

    /// Per cent of the time of the passes that nothing waits in, in which this process did not run.
    fn elsewhere_percent(&self) -> f64 {
        let (mut cpu_ms, mut wall_ms) = (0.0, 0.0);
        for encoded in &self.encoded {
            cpu_ms += encoded.whole.summary().mean_ms;
            wall_ms += encoded.whole.mean_wall_ms();
        }
        (100.0 * (1.0 - cpu_ms / wall_ms)).max(0.0)
    }

    pub(super) fn table(&self) -> String {
        let VideoSettings {
            resolution,
            framerate,
            bitrate,
            preset,
            ..
        } = &self.settings;
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text.trim_end());
            out.push('\n');
        };
        line(&format!(
            "Stream Manager {} on {}, cores: {}",
            env!("CARGO_PKG_VERSION"),
            processor(),
            self.cores
        ));
        line(&format!(
            "{}, {resolution} at {framerate} fps, {} kb/s, preset {preset}",
            self.scene,
            bitrate.bps() / 1000
        ));
        line("");
        line(&format!(
            "{:40}{:>9}{:>9}{:>9}{:>8}",
            "CPU ms per frame", "median", "mean", "p99", "frames"
        ));
        for (_, title, summary) in self.stages() {
            let Summary {
                frames,
                median_ms,
                mean_ms,
                p99_ms,
            } = summary;
            if frames == 0 {
                line(&format!(
                    "{title:40}{:>9}{:>9}{:>9}{frames:>8}",
                    "-", "-", "-"
                ));
            } else {
                line(&format!(
                    "{title:40}{median_ms:>9.3}{mean_ms:>9.3}{p99_ms:>9.3}{frames:>8}"
                ));
            }
        }
        line(
            "* in those frames alone that show something the frame before did not, such as another word",
        );
        line("");
        line(&format!(
            "{:26}{:>8}{:>11}{:>9}{:>16}{:>9}",
            "can it carry", "", "CPU ms", "CPU %", "busiest thread", "up to"
        ));
        for encoded in &self.encoded {
            let load = Load::new(encoded, self.cores);
            let format = format!(
                "{} at {} fps, {}",
                encoded.size,
                encoded.framerate,
                latency_name(encoded.latency)
            );
            line(&format!(
                "{format:28}{:>6}{:>11.1}{:>9.0}{:>14.0} %{:>5.0} fps",
                load.verdict,
                encoded.whole.summary().mean_ms,
                load.cpu_percent,
                load.busiest_thread_percent,
                load.most_fps,
            ));
        }
        line("CPU % is of one core. yes: the busiest thread has a quarter of its time to spare;");
        line(
            "tight: a twentieth. Each is measured flat out and alone; on air they share the machine.",
        );
        line("");
        line(&format!(
            "start    {:.0} ms for scene and fonts, {:.0} ms more to the first frame drawn",
            self.load_ms, self.first_frame_ms
        ));
        line(&match self.rss_peak_bytes {
            Some(bytes) => format!(
                "memory   {} MB at most, with the encoder of STREAM_LATENCY=normal",
                bytes / 1_000_000
            ),
            None => "memory   not known on this system".to_owned(),
        });
        let elsewhere = self.elsewhere_percent();
        let mut noise = format!("noise    {elsewhere:.0} % of the time this process did not run");
        if elsewhere > 5.0 {
            noise.push_str(": the machine is busy, figures are too high");
        }
        line(&noise);
        out
    }

    pub(super) fn json(&self) -> String {
        let VideoSettings {
            resolution,
            framerate,
            bitrate,
            preset,
            ..
        } = &self.settings;
        let stages: serde_json::Map<String, Value> = self
            .stages()
            .into_iter()
            .map(|(name, _, summary)| {
                let figure = |ms: f64| (summary.frames > 0).then(|| rounded(ms, 4));
                (
                    name,
                    json!({
                        "median_ms": figure(summary.median_ms),
                        "mean_ms": figure(summary.mean_ms),
                        "p99_ms": figure(summary.p99_ms),
                        "frames": summary.frames,
                    }),
                )
            })
            .collect();
        let formats: Vec<Value> = self
            .encoded
            .iter()
            .map(|encoded| {
                let load = Load::new(encoded, self.cores);
                json!({
                    "width_px": encoded.size.width,
                    "height_px": encoded.size.height,
                    "fps": rounded(encoded.framerate.as_f64(), 3),
                    "latency": latency_name(encoded.latency),
                    "cpu_ms": rounded(encoded.whole.summary().mean_ms, 3),
                    "draw_wall_ms": rounded(encoded.draw.mean_wall_ms(), 3),
                    "encode_wall_ms": rounded(encoded.encode.mean_wall_ms(), 3),
                    "cpu_percent": rounded(load.cpu_percent, 1),
                    "busiest_thread_percent": rounded(load.busiest_thread_percent, 1),
                    "most_fps": rounded(load.most_fps, 1),
                    "verdict": load.verdict,
                })
            })
            .collect();
        let report = json!({
            "schema": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "machine": { "processor": processor(), "architecture": std::env::consts::ARCH, "cores": self.cores },
            "scene": self.scene,
            "settings": {
                "width_px": resolution.width,
                "height_px": resolution.height,
                "fps": rounded(framerate.as_f64(), 3),
                "bitrate_bps": bitrate.bps(),
                "preset": preset.name(),
            },
            "stages": stages,
            "formats": formats,
            "start": { "load_ms": rounded(self.load_ms, 1), "first_frame_ms": rounded(self.first_frame_ms, 1) },
            "memory": { "rss_peak_bytes": self.rss_peak_bytes },
            "noise": { "elsewhere_percent": rounded(self.elsewhere_percent(), 1) },
        });
        format!("{report:#}\n")
    }
}

/// To so many decimals: more would only pretend.
fn rounded(value: f64, decimals: i32) -> f64 {
    let unit = 10f64.powi(decimals);
    (value * unit).round() / unit
}
