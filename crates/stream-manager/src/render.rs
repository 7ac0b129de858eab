//! `render`: the same engine without a clock, as fast as it goes, into a file.

use crate::args::{Length, RenderOptions};
use crate::{Failure, config, fonts};
use compositor::Compositor;
use engine::{ProgramEncoder, Stage, StageConfig};
use media::{Framerate, I420Frame, Packet, Resolution, ShowTime, Surface, Track};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Y4m,
    H264,
    Flv,
    Mp4,
    Matroska,
}

impl Format {
    const ALL: [(&str, Self); 6] = [
        ("png", Self::Png),
        ("y4m", Self::Y4m),
        ("h264", Self::H264),
        ("flv", Self::Flv),
        ("mp4", Self::Mp4),
        ("mkv", Self::Matroska),
    ];

    fn choose(options: &RenderOptions) -> Result<Self, Failure> {
        let ending = options
            .out
            .as_ref()
            .and_then(|out| out.extension())
            .and_then(|ending| ending.to_str());
        let name = options
            .format
            .as_deref()
            .or(ending)
            .unwrap_or(if options.out.is_none() { "flv" } else { "" });
        let format = Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
            .ok_or_else(|| {
                let known = Self::ALL.map(|(known, _)| known).join(", ");
                Failure::Usage(format!("`{name}` is not a format; allowed: {known}"))
            })?;
        if options.out.is_none() && matches!(format, Self::Mp4 | Self::Matroska) {
            return Err(Failure::Usage(format!(
                "{name} needs a file: its index is written last"
            )));
        }
        Ok(format)
    }
}

/// Renders as asked.
pub(crate) fn run(options: &RenderOptions) -> Result<(), Failure> {
    let format = Format::choose(options)?;
    let numbered = options
        .out
        .as_ref()
        .is_some_and(|out| numbered(out, 0) != *out);
    let config = config::from_environment()?;
    config.start_logs();
    let loaded = options.scene.load_complete(&config.limits)?;
    let framerate = options.framerate.unwrap_or(config.video.framerate);
    let canvas = loaded.scene.canvas;
    let size = options
        .size
        .unwrap_or(Resolution::new(canvas.width_px, canvas.height_px));
    let frames = frame_count(options, format == Format::Png && !numbered, framerate)?;
    let (fonts, missing_fonts) = fonts::load();
    for package in missing_fonts {
        tracing::warn!(package, "fonts are missing; text may lack glyphs");
    }
    let stage = StageConfig {
        fonts,
        assets: loaded.assets,
        output: size,
        epoch_unix_ns: options.epoch_unix_ns,
        raster_budget_bytes: StageConfig::DEFAULT_RASTER_BUDGET_BYTES,
        quality: config.quality,
    };
    let mut picture = Picture {
        stage: Stage::new(stage, loaded.scene),
        start_ms: options.start_ms,
        framerate,
    };
    let mut compositor = Compositor::with_kernels(size, config.kernels);
    let video = codec::VideoSettings {
        resolution: size,
        framerate,
        ..config.video
    };
    let target = options.out.as_ref().map_or_else(
        || "standard output".to_owned(),
        |out| out.display().to_string(),
    );
    let result = match format {
        Format::Png => write_pngs(
            &mut picture,
            &mut compositor,
            frames,
            options.out.as_deref(),
        ),
        Format::Y4m => write_y4m(
            &mut picture,
            &mut compositor,
            frames,
            size,
            open(options.out.as_deref()),
        ),
        Format::H264 | Format::Flv | Format::Mp4 | Format::Matroska => {
            let encoder = ProgramEncoder::open(&video, &config.audio)?;
            let sink = Container::open(format, encoder.headers(), options.out.as_deref());
            sink.and_then(|sink| {
                write_encoded(&mut picture, &mut compositor, frames, encoder, sink)
            })
        }
    };
    match result {
        // Whoever read our output has seen enough.
        Err(RenderError::Io(error))
            if error.kind() == io::ErrorKind::BrokenPipe && options.out.is_none() =>
        {
            Ok(())
        }
        Err(RenderError::Io(source)) => Err(Failure::Write { target, source }),
        Err(RenderError::Codec(codec::Error::Sink(source))) => {
            Err(Failure::Write { target, source })
        }
        Err(RenderError::Codec(error)) => Err(error.into()),
        Err(RenderError::Engine(error)) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}

/// A `.png` without a number is one frame; anything else needs a length.
fn frame_count(
    options: &RenderOptions,
    single: bool,
    framerate: Framerate,
) -> Result<i64, Failure> {
    let count = match options.length {
        None if single => 1,
        None => {
            return Err(Failure::Usage(
                "give --frames N or --duration-ms N".to_owned(),
            ));
        }
        Some(Length::Frames(n)) => i64::try_from(n).unwrap_or(i64::MAX),
        Some(Length::Ms(ms)) => {
            let end = ShowTime::from_nanos(
                i64::try_from(ms)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(1_000_000),
            );
            framerate.first_frame_at(end)
        }
    };
    if single && count > 1 {
        return Err(Failure::Usage(format!(
            "one .png holds one frame, not {count}: number the files with %05d"
        )));
    }
    Ok(count)
}

/// The scene at the times that are asked for.
struct Picture {
    stage: Stage,
    start_ms: f64,
    framerate: Framerate,
}

impl Picture {
    /// Frame `k` shows show time `start + k / fps`.
    fn frame(&mut self, k: i64) -> &compositor::DisplayList {
        let t = ShowTime::from_ms(self.start_ms).plus_nanos(self.framerate.frame_time(k).nanos());
        self.stage.tick(t);
        for notice in self.stage.take_notices() {
            tracing::warn!("{notice}");
        }
        self.stage.list()
    }
}

#[derive(Debug, thiserror::Error)]
enum RenderError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Codec(#[from] codec::Error),
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

fn open(out: Option<&Path>) -> io::Result<Box<dyn Write>> {
    Ok(match out {
        // The standard library's own writer looks for the end of a line in every byte: a twentieth of a raw picture's time.
        None => Box::new(BufWriter::new(File::from(
            io::stdout().as_fd().try_clone_to_owned()?,
        ))),
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
    })
}

fn write_pngs(
    picture: &mut Picture,
    compositor: &mut Compositor,
    frames: i64,
    out: Option<&Path>,
) -> Result<(), RenderError> {
    let mut progress = Progress::new(frames);
    for k in 0..frames {
        let surface = compositor.compose_rgba(picture.frame(k));
        match out {
            None => write_png(&surface, open(None)?)?,
            Some(path) => write_png(&surface, BufWriter::new(File::create(numbered(path, k))?))?,
        }
        progress.done(k);
    }
    Ok(())
}

/// `%05d` (any width from 1 to 9) becomes the number of the frame.
fn numbered(path: &Path, k: i64) -> PathBuf {
    let text = path.to_string_lossy();
    let Some((head, rest)) = text.split_once("%0") else {
        return path.to_owned();
    };
    let Some((width, tail)) = rest.split_once('d') else {
        return path.to_owned();
    };
    match width.parse::<usize>() {
        Ok(width @ 1..=9) => format!("{head}{k:0width$}{tail}").into(),
        Ok(_) | Err(_) => path.to_owned(),
    }
}

/// An opaque picture as RGB. Encoded before it is written, as the encoder hides the kind of an error of `out`, and a
/// closed pipe is to be told from a full disk.
fn write_png(surface: &Surface, mut out: impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, surface.width(), surface.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let rgb: Vec<u8> = surface
        .data()
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    out.write_all(&bytes)?;
    out.flush()
}

fn write_y4m(
    picture: &mut Picture,
    compositor: &mut Compositor,
    frames: i64,
    size: Resolution,
    out: io::Result<Box<dyn Write>>,
) -> Result<(), RenderError> {
    let mut out = out?;
    let rate = picture.framerate;
    let (w, h, num, den) = (size.width, size.height, rate.num(), rate.den());
    // `C420mpeg2`: chroma sited left, as our converter does it.
    writeln!(
        out,
        "YUV4MPEG2 W{w} H{h} F{num}:{den} Ip A1:1 C420mpeg2 XCOLORRANGE=LIMITED"
    )?;
    let mut progress = Progress::new(frames);
    for k in 0..frames {
        let frame: Arc<I420Frame> = compositor.compose(picture.frame(k)).frame;
        out.write_all(b"FRAME\n")?;
        out.write_all(frame.data())?;
        progress.done(k);
    }
    Ok(out.flush()?)
}

fn write_encoded(
    picture: &mut Picture,
    compositor: &mut Compositor,
    frames: i64,
    mut encoder: ProgramEncoder,
    mut sink: Container,
) -> Result<(), RenderError> {
    let mut progress = Progress::new(frames);
    let mut packets = Vec::new();
    for k in 0..frames {
        let composed = compositor.compose(picture.frame(k));
        let damage = Some(&composed.damage);
        encoder.encode(&composed.frame, k, false, damage, &mut packets)?;
        sink.write(&mut packets)?;
        progress.done(k);
    }
    encoder.finish(&mut packets)?;
    sink.write(&mut packets)?;
    sink.finish()
}

/// Where packets go.
enum Container {
    Flv(rtmp::flv::Muxer, Box<dyn Write>),
    H264(media::VideoHeader, Box<dyn Write>),
    File(Box<codec::Muxer<BufWriter<File>>>),
}

impl Container {
    fn open(
        format: Format,
        headers: &engine::Headers,
        out: Option<&Path>,
    ) -> Result<Self, RenderError> {
        let container = match (format, out) {
            (Format::Mp4, Some(path)) => (codec::Container::Mp4, path),
            (Format::Matroska, Some(path)) => (codec::Container::Matroska, path),
            (Format::H264, out) => return Ok(Self::H264(headers.video.clone(), open(out)?)),
            (_, out) => {
                let mut out = open(out)?;
                let (muxer, head) =
                    rtmp::flv::Muxer::new(Some(&headers.video), Some(&headers.audio));
                out.write_all(&head)?;
                return Ok(Self::Flv(muxer, out));
            }
        };
        let (container, path) = container;
        let file = BufWriter::new(File::create(path)?);
        let muxer = codec::Muxer::open(container, &headers.video, Some(&headers.audio), file)?;
        Ok(Self::File(Box::new(muxer)))
    }

    fn write(&mut self, packets: &mut Vec<Packet>) -> Result<(), RenderError> {
        for packet in packets.drain(..) {
            match self {
                Self::Flv(muxer, out) => out.write_all(&muxer.write(&packet))?,
                Self::H264(header, out) if packet.track == Track::Video => {
                    out.write_all(&codec::annex_b_from_avcc(header, &packet)?)?;
                }
                Self::H264(..) => {}
                Self::File(muxer) => muxer.write(&packet)?,
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), RenderError> {
        match self {
            Self::Flv(_, mut out) | Self::H264(_, mut out) => Ok(out.flush()?),
            Self::File(muxer) => {
                muxer.finish()?.flush()?;
                Ok(())
            }
        }
    }
}

/// A line on standard error that says how far it is, where somebody is looking.
struct Progress {
    frames: i64,
    percent: i64,
    seen: bool,
}

impl Progress {
    fn new(frames: i64) -> Self {
        Self {
            frames,
            percent: -1,
            seen: frames > 1 && io::stderr().is_terminal(),
        }
    }

    fn done(&mut self, k: i64) {
        let percent = (k + 1) * 100 / self.frames;
        if !self.seen || percent == self.percent {
            return;
        }
        self.percent = percent;
        let end = if percent == 100 { "\n" } else { "" };
        // A terminal that is gone is no reason to stop rendering.
        let _ = write!(
            io::stderr(),
            "\rrendering {percent:3} % ({} of {} frames){end}",
            k + 1,
            self.frames
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_numbered_as_the_pattern_says() {
        assert_eq!(
            numbered(Path::new("a/f-%05d.png"), 7),
            Path::new("a/f-00007.png")
        );
        assert_eq!(
            numbered(Path::new("a/f-%02d.png"), 123),
            Path::new("a/f-123.png")
        );
        for plain in [
            "a/f.png",
            "a/f-%0.png",
            "a/f-%0d.png",
            "a/f-%010d.png",
            "a/f-%5d.png",
        ] {
            assert_eq!(numbered(Path::new(plain), 7), Path::new(plain));
        }
    }
}
