//! What arrived, seen through FFmpeg's programs.

use crate::process::{run, spawn};
use media::{AudioBlock, I420Frame, Resolution};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

/// What `ffprobe ARGUMENTS PATH` says, as JSON: `&["-show_streams"]`, `&["-show_packets", "-select_streams", "v"]`.
///
/// # Panics
/// When ffprobe is missing or cannot read the file.
#[track_caller]
pub fn ffprobe(path: &Path, arguments: &[&str]) -> Value {
    let output = run(Command::new("ffprobe")
        .args(["-v", "error", "-of", "json"])
        .args(arguments)
        .arg(path));
    serde_json::from_slice(&output.stdout).expect("ffprobe writes JSON when asked to")
}

/// Decodes the first video stream, frame by frame: exactly the frames of the file, none repeated or dropped.
///
/// Frames come through a pipe, so a long file needs no more memory than a short one.
///
/// # Panics
/// When ffmpeg is missing or the file has no 4:2:0 video; iterating panics where a frame does not decode.
#[track_caller]
pub fn decode_i420(path: &Path) -> I420Frames {
    let probe = ffprobe(
        path,
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=width,height,pix_fmt",
        ],
    );
    let stream = &probe["streams"][0];
    assert!(
        matches!(stream["pix_fmt"].as_str(), Some("yuv420p" | "yuvj420p")),
        "{}: not 4:2:0 video: {stream}",
        path.display()
    );
    let side = |name: &str| {
        stream[name]
            .as_u64()
            .and_then(|side| u32::try_from(side).ok())
            .expect("video has a size")
    };
    let mut child = spawn(
        Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-xerror", "-i"])
            .arg(path)
            .args([
                "-map",
                "0:v:0",
                "-fps_mode",
                "passthrough",
                "-pix_fmt",
                "yuv420p",
                "-f",
                "rawvideo",
                "pipe:1",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    );
    let pixels = child.stdout.take().expect("standard output is piped");
    let mut errors = child.stderr.take().expect("standard error is piped");
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    I420Frames {
        child,
        pixels,
        errors: Some(errors),
        resolution: Resolution::new(side("width"), side("height")),
    }
}

/// Frames of a file in the order of their presentation.
#[derive(Debug)]
pub struct I420Frames {
    child: Child,
    pixels: ChildStdout,
    /// Read on a thread of its own, so that ffmpeg never waits for us to.
    errors: Option<JoinHandle<String>>,
    resolution: Resolution,
}

impl Iterator for I420Frames {
    type Item = I420Frame;

    fn next(&mut self) -> Option<I420Frame> {
        let mut frame = I420Frame::black(self.resolution);
        let complete = frame
            .planes_mut()
            .into_iter()
            .try_for_each(|plane| self.pixels.read_exact(plane));
        if complete.is_ok() {
            return Some(frame);
        }
        if let Some(errors) = self.errors.take() {
            let status = self.child.wait().expect("ffmpeg was started here");
            let errors = errors.join().unwrap_or_default();
            assert!(
                status.success(),
                "ffmpeg cannot decode all frames: {status}\n{errors}"
            );
        }
        None
    }
}

impl Drop for I420Frames {
    fn drop(&mut self) {
        crate::process::kill(&mut self.child);
    }
}

/// Decodes the first audio stream as a whole, at its own rate and channels; the block starts at 0.
///
/// # Panics
/// When ffmpeg is missing or the file has no audio that decodes.
#[track_caller]
pub fn decode_audio(path: &Path) -> AudioBlock {
    let probe = ffprobe(
        path,
        &[
            "-select_streams",
            "a:0",
            "-show_entries",
            "stream=sample_rate,channels",
        ],
    );
    let stream = &probe["streams"][0];
    let rate = stream["sample_rate"]
        .as_str()
        .and_then(|rate| rate.parse().ok());
    let channels = stream["channels"]
        .as_u64()
        .and_then(|channels| u8::try_from(channels).ok());
    let (Some(sample_rate_hz), Some(channels)) = (rate, channels) else {
        panic!("{}: no audio: {stream}", path.display());
    };
    let output = run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(["-map", "0:a:0", "-f", "f32le", "pipe:1"])
        .stdin(Stdio::null()));
    let samples = output
        .stdout
        .chunks_exact(4)
        .map(|s| f32::from_le_bytes([s[0], s[1], s[2], s[3]]))
        .collect();
    AudioBlock {
        sample_rate_hz,
        channels,
        start: 0,
        samples,
    }
}
