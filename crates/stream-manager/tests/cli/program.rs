//! The program as a process, and scenes for it.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use testkit::TempFolder;

/// A command line of the program with nothing in its environment but `env`.
pub(crate) fn program(arguments: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stream-manager"));
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::null());
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str], env: &[(&str, &str)]) -> Outcome {
    outcome(&mut program(arguments, env))
}

pub(crate) fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().expect("the program was built");
    Outcome {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Outcome {
    /// It ended with `code` and said each of `words`.
    #[track_caller]
    pub(crate) fn ended(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for word in words {
            assert!(
                self.stderr.contains(word),
                "`{word}` is not in: {}",
                self.stderr
            );
        }
        self
    }

    /// It did what was asked for and had nothing to say about it.
    #[track_caller]
    pub(crate) fn succeeded_quietly(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self
    }
}

/// A folder with a `scene.json`.
pub(crate) struct Show(TempFolder);

impl Show {
    pub(crate) fn new(scene: &Value) -> Self {
        Self::of_bytes(scene.to_string().as_bytes())
    }

    pub(crate) fn of_bytes(scene: &[u8]) -> Self {
        Self(TempFolder::new("cli")).with("scene.json", scene)
    }

    pub(crate) fn with(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.folder().join(name), bytes).expect("the folder is ours");
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder()
            .join(name)
            .to_str()
            .expect("temporary paths are text")
            .to_owned()
    }

    pub(crate) fn scene(&self) -> String {
        self.path("scene.json")
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// `render SCENE ARGUMENTS` to the file `name`.
    pub(crate) fn render(&self, name: &str, arguments: &[&str], env: &[(&str, &str)]) -> Outcome {
        let (scene, out) = (self.scene(), self.path(name));
        run(
            &[&["render", &scene, "--out", &out], arguments].concat(),
            env,
        )
    }
}

/// A canvas of 320x180 px with these layers.
pub(crate) fn scene(layers: &Value) -> Value {
    json!({ "schema": 1, "canvas": { "width_px": 320, "height_px": 180, "background": "#102040" }, "layers": layers })
}

/// One word in `DejaVu Sans`.
pub(crate) fn word(id: &str, text: &str) -> Value {
    json!({ "id": id, "kind": "overlay", "transform": { "x_px": 20, "y_px": 20 },
            "source": { "type": "text", "text": text, "font": "DejaVu Sans", "size_px": 40 } })
}

const STAR: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">
<path d="M30 2 38 22 58 24 42 38 47 58 30 47 13 58 18 38 2 24 22 22Z" fill="#fc3" stroke="#830" stroke-width="2"/></svg>"##;

/// Words, a shadow, an SVG, a gradient and a countdown, most of it moving.
pub(crate) fn lively() -> Show {
    let mut scene = scene(&json!([
        { "id": "sky", "kind": "overlay", "transform": { "width_px": 320, "height_px": 180 }, "source": { "type": "gradient",
          "gradient": { "type": "linear", "angle_deg": 70, "stops": [[0, "#203a6b"], [1, "#c05a3a"]] } } },
        { "id": "star", "kind": "overlay", "transform": { "x_px": 200, "y_px": 90, "anchor_x": 0.5, "anchor_y": 0.5 },
          "source": { "type": "svg", "asset": "star.svg" } },
        { "id": "card", "kind": "overlay", "transform": { "x_px": 20, "y_px": 30, "width_px": 140, "height_px": 80 },
          "source": { "type": "shape", "shape": { "rect": { "radius_px": 12 } }, "fill": "#f4f1e8" },
          "effects": [ { "id": "shadow", "type": "drop_shadow", "dy_px": 6, "sigma_px": 6, "color": "#000000a0" } ] },
        word("title", "Lot 7"),
        { "id": "left", "kind": "overlay", "transform": { "x_px": 200, "y_px": 130 },
          "source": { "type": "countdown", "to": { "at_ms": 60400 }, "format": "m:ss", "font": "DejaVu Sans", "size_px": 30 } },
    ]));
    scene["animations"] = json!([
        { "id": "turn", "target": "layers/star", "start": { "at_ms": 0 },
          "timing": { "duration_ms": 1700, "iterations": "infinite", "easing": "sine-in-out", "direction": "alternate" },
          "keyframes": [ { "transform.rotation_deg": -30 }, { "transform.rotation_deg": 60 } ] },
        { "id": "slide", "target": "layers/card", "start": { "at_ms": 0 }, "timing": { "duration_ms": 900, "fill": "both" },
          "keyframes": [ { "transform.x_px": -150 }, { "transform.x_px": 20 } ] },
        { "id": "count", "target": "layers/title", "start": { "at_ms": 0 }, "timing": { "duration_ms": 1000, "fill": "both" },
          "keyframes": [ { "source.text": "Lot 7" }, { "source.text": "Lot 8" } ] },
    ]);
    Show::new(&scene).with("star.svg", STAR.as_bytes())
}
