//! The command line.

use crate::Failure;
use crate::show::Show;
use lexopt::prelude::{Long, Short, Value, ValueExt};
use media::{Framerate, Resolution};
use std::path::PathBuf;

const HELP: &str = "\
Stream Manager: a headless live studio

Usage: stream-manager [COMMAND]

Commands:
  serve                 the service (the default)
  check [SCENE]         validate the environment, and a scene file
  health                ask the running service how it is: exit 0 or 1
  render SCENE --out FILE [--start-ms T] [--frames N | --duration-ms N] [--fps F]
         [--size WxH] [--format F] [--epoch RFC3339]
                        draw a scene as fast as it goes, into a file
  bench [SCENE] [--json] [--frames N]
                        measure this machine: CPU ms per frame by stage, what it
                        can carry, memory (about 40 s; the demo, 180 frames)
  publish SCENE --url URL [--key KEY] --duration-ms N [--timestamp-start-ms N]
                        show a scene to an ingest in real time, without a server

FILE ends in .png (one frame, or numbered with %05d), .mp4, .mkv, .flv, .y4m or
.h264; - is standard output (flv, or --format flv, y4m, h264, png). SCENE is a
scene file, `demo` (built in) or `none`.

The environment decides the rest: see the README. Exit codes: 0 done, 64 bad
configuration or scene, 69 a port, peer or encoder is not to be had, 74 cannot
write, 130 stopped by a second signal.
";

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Command {
    Help(String),
    Serve,
    Check(CheckOptions),
    Health,
    Render(RenderOptions),
    Bench(BenchOptions),
    Publish(PublishOptions),
}

#[derive(Debug)]
pub(crate) struct CheckOptions {
    pub(crate) scene: Option<Show>,
}

#[derive(Debug)]
pub(crate) struct RenderOptions {
    pub(crate) scene: Show,
    /// `None` is standard output.
    pub(crate) out: Option<PathBuf>,
    pub(crate) start_ms: f64,
    pub(crate) length: Option<Length>,
    pub(crate) framerate: Option<Framerate>,
    pub(crate) size: Option<Resolution>,
    pub(crate) format: Option<String>,
    pub(crate) epoch_unix_ns: i64,
}

/// How much to render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Frames(u64),
    Ms(u64),
}

#[derive(Debug)]
pub(crate) struct BenchOptions {
    pub(crate) scene: Show,
    /// Print JSON instead of a table.
    pub(crate) json: bool,
    /// Frames that count, of each pass.
    pub(crate) frames: u64,
}

#[derive(Debug)]
pub(crate) struct PublishOptions {
    pub(crate) scene: Show,
    pub(crate) url: String,
    pub(crate) key: Option<String>,
    pub(crate) duration_ms: u64,
    /// RTMP timestamp of the first picture: for trying what an ingest does after 4 h 39 min (0xFFFFFF ms).
    pub(crate) timestamp_start_ms: u32,
}

/// 2000-01-01T00:00:00Z: what a wall clock shows at show time 0 unless `--epoch` says otherwise.
pub(crate) const DEFAULT_EPOCH_UNIX_NS: i64 = 946_684_800_000_000_000;

/// Enough for three IDRs at 30 fps, and a whole bench within a minute on two cores.
const DEFAULT_BENCH_FRAMES: u64 = 180;

/// Reads the command line of this process.
pub(crate) fn parse() -> Result<Command, Failure> {
    parse_from(lexopt::Parser::from_env())
        .map_err(|error| Failure::Usage(format!("{error}; `stream-manager --help` tells more")))
}

fn parse_from(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    match parser.next()? {
        None => Ok(Command::Serve),
        Some(Long("help") | Short('h')) => Ok(Command::Help(HELP.to_owned())),
        Some(Long("version") | Short('V')) => Ok(Command::Help(format!(
            "stream-manager {}\n",
            env!("CARGO_PKG_VERSION")
        ))),
        Some(Value(command)) => match command.string()?.as_str() {
            "help" => Ok(Command::Help(HELP.to_owned())),
            "serve" => no_more(parser, Command::Serve),
            "health" => no_more(parser, Command::Health),
            "check" => {
                let scene = match parser.next()? {
                    None => None,
                    Some(Value(scene)) => Some(show(&scene.string()?)),
                    Some(other) => return Err(other.unexpected()),
                };
                no_more(parser, Command::Check(CheckOptions { scene }))
            }
            "render" => render(parser),
            "bench" => bench(parser),
            "publish" => publish(parser),
            other => Err(format!("there is no command `{other}`").into()),
        },
        Some(other) => Err(other.unexpected()),
    }
}

fn no_more(mut parser: lexopt::Parser, command: Command) -> Result<Command, lexopt::Error> {
    match parser.next()? {
        None => Ok(command),
        Some(other) => Err(other.unexpected()),
    }
}

fn show(name: &str) -> Show {
    if name == "demo" {
        Show::Demo
    } else {
        Show::from_name(name)
    }
}

fn render(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut scene, mut out, mut length, mut framerate, mut size, mut format) =
        (None, None, None, None, None, None);
    let (mut start_ms, mut epoch_unix_ns) = (0.0, DEFAULT_EPOCH_UNIX_NS);
    while let Some(arg) = parser.next()? {
        match arg {
            Value(name) if scene.is_none() => scene = Some(show(&name.string()?)),
            Long("out") | Short('o') => out = Some(parser.value()?),
            Long("start-ms") => {
                start_ms = parser
                    .value()?
                    .parse_with(|text| match text.parse::<f64>() {
                        Ok(ms) if ms.is_finite() && ms.abs() <= 1e15 => Ok(ms),
                        _ => Err("is not a number of milliseconds up to 1e15"),
                    })?;
            }
            Long("frames") => length = Some(Length::Frames(parser.value()?.parse_with(positive)?)),
            Long("duration-ms") => length = Some(Length::Ms(parser.value()?.parse_with(positive)?)),
            Long("fps") => {
                framerate = Some(parser.value()?.parse_with(crate::config::parse_framerate)?);
            }
            Long("size") => {
                size = Some(
                    parser
                        .value()?
                        .parse_with(crate::config::parse_resolution)?,
                );
            }
            Long("format") => format = Some(parser.value()?.string()?),
            Long("epoch") => {
                epoch_unix_ns = parser.value()?.parse_with(|text| {
                    wire::parse_rfc3339(text).ok_or("is not a time such as 2030-01-31T12:00:00Z")
                })?;
            }
            other => return Err(other.unexpected()),
        }
    }
    let scene = scene.ok_or("`render` needs a scene file")?;
    let out = out.ok_or("`render` needs --out FILE")?;
    let out = (out != "-").then(|| PathBuf::from(out));
    Ok(Command::Render(RenderOptions {
        scene,
        out,
        start_ms,
        length,
        framerate,
        size,
        format,
        epoch_unix_ns,
    }))
}

fn bench(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut scene, mut json, mut frames) = (None, false, DEFAULT_BENCH_FRAMES);
    while let Some(arg) = parser.next()? {
        match arg {
            Value(name) if scene.is_none() => scene = Some(show(&name.string()?)),
            Long("json") => json = true,
            Long("frames") => frames = parser.value()?.parse_with(positive)?,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Bench(BenchOptions {
        scene: scene.unwrap_or(Show::Demo),
        json,
        frames,
    }))
}

fn publish(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut scene, mut url, mut key, mut duration_ms, mut timestamp_start_ms) =
        (None, None, None, None, 0);
    while let Some(arg) = parser.next()? {
        match arg {
            Value(name) if scene.is_none() => scene = Some(show(&name.string()?)),
            Long("url") => url = Some(parser.value()?.string()?),
            Long("key") => key = Some(parser.value()?.string()?),
            Long("duration-ms") => duration_ms = Some(parser.value()?.parse_with(positive)?),
            Long("timestamp-start-ms") => timestamp_start_ms = parser.value()?.parse()?,
            other => return Err(other.unexpected()),
        }
    }
    let scene = scene.ok_or("`publish` needs a scene file")?;
    let url = url.ok_or("`publish` needs --url URL")?;
    let duration_ms = duration_ms.ok_or("`publish` needs --duration-ms N")?;
    Ok(Command::Publish(PublishOptions {
        scene,
        url,
        key,
        duration_ms,
        timestamp_start_ms,
    }))
}

fn positive(text: &str) -> Result<u64, &'static str> {
    // A year at 60 fps; more is a typing error.
    text.parse()
        .ok()
        .filter(|n| (1..=31_536_000_000).contains(n))
        .ok_or("is not a whole number from 1 to 31536000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        parse_from(lexopt::Parser::from_args(line.split_whitespace()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_render_line_is_read_whole() {
        let line = "render a/scene.json --out - --start-ms 33.5 --frames 10 --fps 30000/1001 --size 1280x720 --format y4m";
        let Ok(Command::Render(options)) = parse(line) else {
            panic!("not a render")
        };
        assert_eq!(options.scene, Show::File("a/scene.json".into()));
        assert_eq!(options.out, None);
        assert_eq!(options.length, Some(Length::Frames(10)));
        assert_eq!(options.framerate, Framerate::new(30_000, 1001));
        assert_eq!(options.size, Some(Resolution::new(1280, 720)));
        assert_eq!(
            options.epoch_unix_ns,
            wire::parse_rfc3339("2000-01-01T00:00:00Z").unwrap()
        );
    }

    #[test]
    fn a_wrong_line_says_what_is_wrong() {
        for (line, says) in [
            ("rendr", "rendr"),
            ("render", "scene file"),
            ("render s.json", "--out"),
            ("render s.json --out a.png --frames 0", "1 to"),
            ("render s.json --out a.png --fps 0", "fps"),
            ("render s.json --out a.png --size 3x3", "even"),
            ("render s.json --out a.png --start-ms inf", "milliseconds"),
            ("publish s.json --url rtmp://h/a", "--duration-ms"),
            ("bench a b", "b"),
            ("bench --frames 0", "1 to"),
            ("check a b", "b"),
            ("serve now", "now"),
        ] {
            let error = parse(line).err().unwrap_or_default();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
