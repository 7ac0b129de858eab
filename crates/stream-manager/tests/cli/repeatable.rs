//! Same scene, same build, same bytes, whatever else the machine does.

use crate::program::{Outcome, lively, outcome, program};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

const WAYS: [(&str, &[(&str, &str)]); 7] = [
    ("flv", &[]),
    ("flv", &[("STREAM_BFRAMES", "2")]),
    ("flv", &[("STREAM_LATENCY", "low")]),
    ("h264", &[]),
    ("mkv", &[]),
    ("y4m", &[]),
    ("png", &[]),
];

/// The bytes of every way to write the lively scene, from a program started by `launch`.
fn all(launch: impl Fn(&[&str], &[(&str, &str)]) -> Outcome) -> Vec<Vec<u8>> {
    let show = lively();
    let scene = show.scene();
    let render = |(format, env): &(&str, &[(&str, &str)])| {
        let (out, frames) = (show.path("out"), if *format == "png" { "1" } else { "30" });
        launch(
            &[
                "render",
                &scene,
                "--out",
                &out,
                "--format",
                format,
                "--frames",
                frames,
                "--start-ms",
                "200",
            ],
            env,
        )
        .succeeded_quietly();
        show.read("out")
    };
    WAYS.iter().map(render).collect()
}

fn plainly(arguments: &[&str], env: &[(&str, &str)]) -> Outcome {
    outcome(&mut program(arguments, env))
}

/// On one core only.
fn on_one_core(arguments: &[&str], env: &[(&str, &str)]) -> Outcome {
    let program = program(arguments, env);
    let mut command = Command::new("taskset");
    command
        .args(["-c", "0"])
        .arg(program.get_program())
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied());
    outcome(&mut command)
}

#[test]
fn the_same_bytes_again_on_one_core_and_under_load() {
    let first = all(plainly);
    let check = |what: &str, other: Vec<Vec<u8>>| {
        for ((way, a), b) in WAYS.iter().zip(&first).zip(&other) {
            assert!(a == b, "{way:?} {what}: {} and {} bytes", a.len(), b.len());
        }
    };
    check("again", all(plainly));
    check("on one core", all(on_one_core));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let under_load = all(plainly);
        done.store(true, Ordering::Relaxed);
        check("under load", under_load);
    });
}
