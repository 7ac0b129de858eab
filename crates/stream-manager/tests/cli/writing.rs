//! Where `render` writes: files that cannot be written, standard output, pipes that close.

use crate::program::{Show, lively, program, run, scene};
use serde_json::json;
use std::io::Read as _;
use std::process::Stdio;

#[test]
fn what_cannot_be_written_is_exit_74() {
    let show = lively();
    let (scene, folder) = (show.scene(), show.folder().to_str().unwrap().to_owned());
    for (out, format, says) in [
        (folder.as_str(), "png", "directory"),
        (&folder, "flv", "directory"),
        (&folder, "mp4", "directory"),
        ("/nonexistent/x.png", "png", "No such file"),
        ("/nonexistent/x.mkv", "mkv", "No such file"),
        ("/dev/full", "png", "No space"),
        ("/dev/full", "y4m", "No space"),
        ("/dev/full", "h264", "No space"),
        ("/dev/full", "flv", "No space"),
        ("/dev/full", "mp4", "No space"),
        ("/dev/full", "mkv", "No space"),
    ] {
        let outcome = run(
            &[
                "render", &scene, "--out", out, "--format", format, "--frames", "1",
            ],
            &[],
        );
        let outcome = outcome.ended(74, &["error: cannot write", out, says]);
        assert_eq!(
            outcome.stderr.lines().count(),
            1,
            "{out} {format}: {}",
            outcome.stderr
        );
    }
}

/// A picture of one colour is smaller than any buffer: that it does not fit shows only when the buffer is emptied.
#[test]
fn a_small_picture_that_does_not_fit_is_exit_74() {
    let show = Show::new(&scene(&json!([])));
    for format in ["png", "h264", "flv"] {
        run(
            &[
                "render",
                &show.scene(),
                "--out",
                "/dev/full",
                "--format",
                format,
                "--frames",
                "1",
            ],
            &[],
        )
        .ended(74, &["No space"]);
    }
}

/// Standard output gets the media and nothing else, not even while something is being said.
#[test]
fn standard_output_gets_nothing_but_media() {
    let show = lively();
    for (format, signature) in [
        ("flv", &b"FLV\x01\x05"[..]),
        ("y4m", b"YUV4MPEG2 W320 H180 F30:1"),
        ("h264", &[0, 0, 0, 1]),
        ("png", b"\x89PNG"),
    ] {
        let frames = if format == "png" { "1" } else { "5" };
        let file = format!("out.{format}");
        show.render(&file, &["--frames", frames], &[])
            .succeeded_quietly();
        let line = [
            "render",
            &show.scene(),
            "--out",
            "-",
            "--format",
            format,
            "--frames",
            frames,
        ];
        let outcome = run(&line, &[("LOG_LEVEL", "trace")]).ended(0, &[]);
        assert!(outcome.stdout.starts_with(signature), "{format}");
        assert!(
            outcome.stdout == show.read(&file),
            "{format}: standard output is what the file is"
        );
    }
    // FLV is what standard output gets unasked.
    let flv = run(
        &["render", &show.scene(), "--out", "-", "--frames", "5"],
        &[],
    )
    .succeeded_quietly();
    assert!(flv.stdout == show.read("out.flv"));
}

/// Whoever reads has seen enough: that ends it, quietly.
#[test]
fn a_closed_pipe_ends_it_quietly() {
    let show = lively();
    // One picture is more than a pipe holds at this size: 64 KiB.
    for (format, frames, size) in [
        ("flv", "3000", "320x180"),
        ("h264", "3000", "320x180"),
        ("y4m", "3000", "320x180"),
        ("png", "1", "3840x2160"),
    ] {
        let line = [
            "render",
            &show.scene(),
            "--out",
            "-",
            "--format",
            format,
            "--frames",
            frames,
            "--size",
            size,
        ];
        let mut child = program(&line, &[])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut seen = [0; 1000];
        child
            .stdout
            .take()
            .expect("it is piped")
            .read_exact(&mut seen)
            .expect("it begins");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stderr).as_ref()
            ),
            (Some(0), ""),
            "{format}"
        );
    }
}
