//! Drawings against an HTML canvas: the same lists, drawn by us and by Skia.
//!
//! Not compared are words, since Skia shapes and smooths letters in its own way and takes the system's fonts; rectangles
//! cleared between pixels, where it does not smooth; and dashes around curves, whose length it estimates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use media::Surface;
use scene::{Limits, Source};
use serde_json::{Value, json};
use sources::{Asset, Fonts, Painter, Request};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

const WIDTH: u32 = 96;
const HEIGHT: u32 = 80;

/// Edges are smoothed by two rasterizers: curves of Skia are up to a quarter of a pixel off, and slanted edges have few
/// levels. A pixel at an edge may be off by so much of 255,
const EDGE: u8 = 80;
/// at so many of a thousand pixels,
const EDGES: usize = 70;
/// and elsewhere by no more than this.
const FLAT: u8 = 4;
/// All pixels together may be off by so much on average.
const MEAN: f64 = 1.5;

/// Every operation, every style, every way to combine; each with a name of its own.
fn cases() -> Vec<(String, Value)> {
    let mut cases: Vec<(String, Value)> = Vec::new();
    let mut case = |name: &str, operations: Value| cases.push((name.to_owned(), operations));
    case(
        "rectangles",
        json!([
            ["fillStyle", "#c03050"],
            ["fillRect", 5, 5, 50, 40],
            ["strokeStyle", "#2050c0"],
            ["lineWidth", 6],
            ["strokeRect", 30, 20, 50, 45],
            ["clearRect", 40, 10, 20, 20],
            ["globalAlpha", 0.5],
            ["fillRect", 60, 50, 30, 25]
        ]),
    );
    case(
        "curves",
        json!([
            ["beginPath"],
            ["moveTo", 10, 70],
            ["quadraticCurveTo", 30, -20, 50, 40],
            ["bezierCurveTo", 60, 90, 80, 60, 90, 10],
            ["lineTo", 60, 5],
            ["closePath"],
            ["fillStyle", "#208040"],
            ["fill"],
            ["lineWidth", 3],
            ["stroke"]
        ]),
    );
    case(
        "arcs",
        json!([
            ["lineWidth", 4],
            ["beginPath"],
            ["arc", 25, 25, 18, 0.5, 4],
            ["stroke"],
            ["beginPath"],
            ["arc", 70, 25, 18, 0.5, 4, true],
            ["fill"],
            ["beginPath"],
            ["ellipse", 30, 60, 24, 10, 0.4, 0, 7],
            ["stroke"],
            ["beginPath"],
            ["moveTo", 55, 50],
            ["arcTo", 90, 50, 90, 75, 15],
            ["lineTo", 90, 75],
            ["stroke"],
            ["beginPath"],
            ["moveTo", 60, 76],
            ["arcTo", 60, 60, 80, 60, 10],
            ["stroke"]
        ]),
    );
    case(
        "a path goes on after it was closed",
        json!([
            ["beginPath"],
            ["rect", 10, 10, 30, 20],
            ["lineTo", 60, 60],
            ["lineTo", 20, 70],
            ["fill"],
            ["beginPath"],
            ["lineTo", 60, 10],
            ["lineTo", 90, 10],
            ["lineTo", 75, 20],
            ["closePath"],
            ["lineTo", 80, 60],
            ["lineWidth", 3],
            ["stroke"]
        ]),
    );
    case(
        "round rectangles",
        json!([
            ["beginPath"],
            ["roundRect", 5, 5, 40, 30, 10],
            ["roundRect", 90, 40, -40, -32, [12, 0, 4, 30]],
            ["fill"],
            ["beginPath"],
            ["roundRect", 10, 45, 70, 25, [40, 10]],
            ["lineWidth", 2],
            ["stroke"]
        ]),
    );
    case(
        "fill rules",
        json!([
            ["beginPath"],
            ["rect", 5, 5, 40, 60],
            ["rect", 15, 15, 20, 30],
            ["fill", "evenodd"],
            ["beginPath"],
            ["rect", 50, 5, 40, 60],
            ["rect", 60, 15, 20, 30],
            ["fill"]
        ]),
    );
    case(
        "caps, joins and miters",
        json!([
            ["lineWidth", 10],
            ["lineCap", "round"],
            ["lineJoin", "round"],
            ["beginPath"],
            ["moveTo", 10, 40],
            ["lineTo", 25, 12],
            ["lineTo", 40, 40],
            ["stroke"],
            ["lineCap", "square"],
            ["lineJoin", "bevel"],
            ["beginPath"],
            ["moveTo", 55, 40],
            ["lineTo", 70, 12],
            ["lineTo", 85, 40],
            ["stroke"],
            ["lineCap", "butt"],
            ["lineJoin", "miter"],
            ["miterLimit", 2],
            ["beginPath"],
            ["moveTo", 10, 75],
            ["lineTo", 25, 50],
            ["lineTo", 40, 75],
            ["stroke"],
            ["miterLimit", 10],
            ["beginPath"],
            ["moveTo", 55, 75],
            ["lineTo", 70, 58],
            ["lineTo", 85, 75],
            ["stroke"]
        ]),
    );
    case(
        "dashes",
        json!([
            ["lineWidth", 5],
            ["setLineDash", [12, 5]],
            ["strokeRect", 8.5, 8.5, 50, 40],
            ["setLineDash", [3]],
            ["lineDashOffset", 2],
            ["beginPath"],
            ["moveTo", 65, 75],
            ["lineTo", 90, 75],
            ["lineTo", 90, 20],
            ["stroke"],
            ["setLineDash", []],
            ["beginPath"],
            ["moveTo", 5, 70],
            ["lineTo", 45, 70],
            ["stroke"]
        ]),
    );
    case(
        "transforms",
        json!([
            ["save"],
            ["translate", 30, 30],
            ["rotate", 0.5],
            ["scale", 1.5, 0.7],
            ["fillRect", -15, -15, 30, 30],
            ["lineWidth", 4],
            ["strokeStyle", "#e08020"],
            ["beginPath"],
            ["arc", 0, 0, 20, 0, 7],
            ["stroke"],
            ["restore"],
            ["setTransform", 1, 0.3, -0.2, 1, 55, 20],
            ["fillStyle", "#4060ff"],
            ["fillRect", 0, 0, 25, 25],
            ["transform", 1, 0, 0.5, 1, 0, 0],
            ["fillStyle", "#ff406080"],
            ["fillRect", 5, 20, 20, 20],
            ["resetTransform"],
            ["fillRect", 0, 70, 10, 10],
            ["restore"],
            ["restore"]
        ]),
    );
    case(
        "a path keeps the transform of its time, a line its width of the end",
        json!([
            ["beginPath"],
            ["moveTo", 10, 10],
            ["scale", 2, 1],
            ["lineTo", 40, 20],
            ["scale", 0.5, 3],
            ["lineTo", 20, 20],
            ["lineWidth", 4],
            ["stroke"]
        ]),
    );
    case(
        "clips",
        json!([
            ["save"],
            ["beginPath"],
            ["arc", 48, 40, 32, 0, 7],
            ["clip"],
            ["fillStyle", "#3080c0"],
            ["fillRect", 0, 0, 96, 80],
            ["beginPath"],
            ["rect", 48, 0, 48, 80],
            ["clip"],
            ["fillStyle", "#f0c030"],
            ["fillRect", 0, 20, 96, 30],
            ["restore"],
            ["fillStyle", "#20a060"],
            ["fillRect", 0, 0, 20, 10],
            ["beginPath"],
            ["rect", 0, 60, 40, 20],
            ["rect", 10, 65, 10, 10],
            ["clip", "evenodd"],
            ["fillRect", 0, 0, 96, 80]
        ]),
    );
    case(
        "linear gradients",
        json!([
            ["fillStyle", { "linearGradient": [10, 10, 80, 60], "stops": [[0, "#ff0000"], [0.4, "#00ff0080"], [1, "#0000ff"]] }],
            ["fillRect", 5, 5, 85, 50], ["translate", 0, 40],
            ["strokeStyle", { "linearGradient": [0, 0, 90, 0], "stops": [[1, "#000"], [0, "#fff"]] }],
            ["lineWidth", 8], ["strokeRect", 10, 20, 70, 10]
        ]),
    );
    case(
        "radial gradients",
        json!([
            ["fillStyle", { "radialGradient": [30, 30, 5, 40, 35, 40], "stops": [[0, "#fff8c0"], [1, "#c02060"]] }],
            ["fillRect", 0, 0, 96, 80],
            ["fillStyle", { "radialGradient": [70, 60, 0, 70, 60, 15], "stops": [[0, "#0040ffff"], [1, "#0040ff00"]] }],
            ["fillRect", 50, 40, 46, 40]
        ]),
    );
    case(
        "conic gradients",
        json!([
            ["fillStyle", { "conicGradient": [0.7, 45, 40], "stops": [[0, "#f00"], [0.3, "#0f0"], [0.6, "#00f"], [1, "#f00"]] }],
            ["fillRect", 5, 5, 80, 70]
        ]),
    );
    case(
        "degenerate things draw nothing",
        json!([
            ["fillStyle", { "linearGradient": [5, 5, 5, 5], "stops": [[0, "#f00"], [1, "#0f0"]] }], ["fillRect", 0, 0, 40, 40],
            ["fillStyle", { "linearGradient": [5, 5, 9, 5], "stops": [] }], ["fillRect", 40, 0, 40, 40],
            ["fillStyle", "#000"], ["scale", 0, 1], ["fillRect", 0, 0, 40, 40], ["beginPath"], ["fill"], ["stroke"]
        ]),
    );
    case(
        "shadows",
        json!([
            ["shadowColor", "#000000c0"],
            ["shadowOffsetX", 6],
            ["shadowOffsetY", 8],
            ["fillStyle", "#e06030"],
            ["fillRect", 10, 10, 30, 25],
            ["shadowColor", "#2040ff80"],
            ["shadowBlur", 8],
            ["globalAlpha", 0.8],
            ["beginPath"],
            ["arc", 65, 35, 16, 0, 7],
            ["fill"],
            ["scale", 2, 2],
            ["lineWidth", 3],
            ["strokeRect", 10, 28, 12, 6]
        ]),
    );
    image_cases(&mut case);
    let modes = [
        "source-over",
        "source-in",
        "source-out",
        "source-atop",
        "destination-over",
        "destination-in",
        "destination-out",
        "destination-atop",
        "lighter",
        "copy",
        "xor",
        "multiply",
        "screen",
        "overlay",
        "darken",
        "lighten",
        "color-dodge",
        "color-burn",
        "hard-light",
        "soft-light",
        "difference",
        "exclusion",
        "hue",
        "saturation",
        "color",
        "luminosity",
    ];
    for mode in modes {
        case(
            mode,
            json!([
                ["fillStyle", "#d04020"],
                ["fillRect", 10, 10, 30, 60],
                ["fillStyle", "#2060c080"],
                ["fillRect", 40, 10, 20, 60],
                ["beginPath"],
                ["rect", 0, 0, 96, 60],
                ["clip"],
                ["globalCompositeOperation", mode],
                ["fillStyle", "#80c030b0"],
                ["beginPath"],
                ["rect", 20, 20, 60, 30],
                ["fill"]
            ]),
        );
    }
    cases
}

/// Images and patterns, all ways they are placed and combined.
fn image_cases(case: &mut impl FnMut(&str, Value)) {
    case(
        "images as they are, larger, and smaller",
        json!([
            ["drawImage", "tile", 4, 4],
            ["drawImage", "ball", 20, 2, 48, 40],
            ["drawImage", "ball", 70, 4, 12, 12],
            ["imageSmoothingQuality", "high"],
            ["drawImage", "ball", 2, 44, 36, 34],
            ["imageSmoothingEnabled", false],
            ["drawImage", "tile", 44, 46, 48, 32]
        ]),
    );
    case(
        "parts of images, some beside them, and sides below zero",
        json!([
            ["drawImage", "ball", 6, 6, 12, 12, 4, 4, 24, 24],
            ["drawImage", "ball", -12, -12, 36, 36, 30, 2, 36, 36],
            ["drawImage", "tile", 12, 8, -12, -8, 92, 30, -24, -20],
            ["drawImage", "tile", 40, 0, 5, 5, 0, 0, 96, 80],
            ["drawImage", "ball", 0, 12, 24, 24, 10, 44, 30, 30]
        ]),
    );
    case(
        "images turned, faded, cut and with shadows",
        json!([
            ["save"],
            ["translate", 24, 24],
            ["rotate", 0.5],
            ["scale", 2, 2],
            ["globalAlpha", 0.6],
            ["drawImage", "tile", -6, -4],
            ["restore"],
            ["save"],
            ["shadowColor", "#000000c0"],
            ["shadowOffsetX", 5],
            ["shadowOffsetY", 4],
            ["shadowBlur", 6],
            ["drawImage", "ball", 52, 6, 30, 30],
            ["restore"],
            ["beginPath"],
            ["arc", 30, 60, 16, 0, 7],
            ["clip"],
            ["drawImage", "ball", 10, 42, 40, 36],
            ["globalCompositeOperation", "destination-over"],
            ["drawImage", "tile", 0, 40, 96, 40]
        ]),
    );
    case(
        "an image in place of all",
        json!([
            ["fillStyle", "#4060c0"],
            ["fillRect", 0, 0, 96, 80],
            ["beginPath"],
            ["rect", 10, 10, 60, 60],
            ["clip"],
            ["globalCompositeOperation", "copy"],
            ["drawImage", "ball", 20, 14, 24, 24]
        ]),
    );
    case(
        "patterns to all sides, and moved",
        json!([
            ["fillStyle", { "pattern": "tile", "repetition": "repeat" }],
            ["fillRect", 5, 5, 50, 40],
            ["translate", 62, 3],
            ["fillStyle", { "pattern": "tile", "transform": [1, 0, 0, 1, 5, 3] }],
            ["globalAlpha", 0.5],
            ["beginPath"],
            ["arc", 15, 20, 15, 0, 7],
            ["fill"],
            ["resetTransform"],
            ["globalAlpha", 1],
            ["strokeStyle", { "pattern": "tile" }],
            ["lineWidth", 8],
            ["strokeRect", 10, 54, 76, 18]
        ]),
    );
    case(
        "patterns to one side and to none",
        json!([
            ["fillStyle", { "pattern": "tile", "repetition": "repeat-x" }],
            ["fillRect", 0, 0, 96, 20],
            ["translate", 10, 24],
            ["fillStyle", { "pattern": "tile", "repetition": "repeat-y" }],
            ["fillRect", -10, 0, 40, 50],
            ["fillStyle", { "pattern": "ball", "repetition": "no-repeat", "transform": [1, 0, 0, 1, 40, 12] }],
            ["fillRect", 20, -10, 70, 60]
        ]),
    );
    case(
        "patterns turned and larger",
        json!([
            ["imageSmoothingEnabled", false],
            ["fillStyle", { "pattern": "tile", "transform": [3, 0, 0, 3, 4, 2] }],
            ["fillRect", 0, 0, 48, 80],
            ["imageSmoothingEnabled", true],
            ["shadowColor", "#00000080"],
            ["shadowOffsetX", 3],
            ["shadowOffsetY", 3],
            ["rotate", 0.3],
            ["fillStyle", { "pattern": "ball" }],
            ["fillRect", 62, -12, 26, 70]
        ]),
    );
    case(
        "paths by their data",
        json!([
            ["beginPath"],
            ["rect", 70, 50, 20, 20],
            ["translate", 4, 4],
            ["fillStyle", "#c04060"],
            ["fill", "M0 0 H40 V40 H0 Z M10 10 H30 V30 H10 Z", "evenodd"],
            ["lineWidth", 3],
            ["stroke", "M50 5 C90 5 50 35 85 35"],
            ["save"],
            ["clip", "M10 50 L50 45 L40 72 Z"],
            ["fillStyle", "#3060c0"],
            ["fillRect", 0, 40, 90, 40],
            ["restore"],
            ["fill"]
        ]),
    );
    case(
        "a reset empties all and begins anew",
        json!([
            ["beginPath"],
            ["rect", 0, 0, 20, 20],
            ["clip"],
            ["fillStyle", "#f00"],
            ["scale", 2, 2],
            ["fillRect", 0, 0, 40, 40],
            ["save"],
            ["reset"],
            ["restore"],
            ["fillRect", 30, 30, 30, 30]
        ]),
    );
}

/// Straight pixels of the two images that are drawn: a ball that fades from yellow to red, half seen through at its rim,
/// and a tile of four colors.
fn images() -> Vec<(&'static str, (u32, u32), Vec<u8>)> {
    let ball = |x: u32, y: u32| {
        let (dx, dy) = (f64::from(x) - 11.5, f64::from(y) - 11.5);
        let distance = (dx * dx + dy * dy).sqrt() / 11.5;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held to a byte"
        )]
        let part = |v: f64| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        [
            255,
            part(1.1 - distance),
            part(0.3),
            part((1.2 - distance) * 3.0),
        ]
    };
    let tile = |x: u32, y: u32| match (x < 6, y < 4) {
        (true, true) => [0x20, 0x60, 0xc0, 255],
        (false, true) => [0xf0, 0xd0, 0x40, 255],
        (true, false) => [0x30, 0xa0, 0x60, 160],
        (false, false) => [0xc0, 0x30, 0x50, 255],
    };
    let pixels = |(width, height): (u32, u32), pixel: &dyn Fn(u32, u32) -> [u8; 4]| {
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        all.flat_map(|(x, y)| pixel(x, y)).collect()
    };
    vec![
        ("ball", (24, 24), pixels((24, 24), &ball)),
        ("tile", (12, 8), pixels((12, 8), &tile)),
    ]
}

fn premultiplied(px: &[u8]) -> [u8; 4] {
    let times = |v: u8| u8::try_from((u32::from(v) * u32::from(px[3]) + 127) / 255).unwrap();
    [times(px[0]), times(px[1]), times(px[2]), px[3]]
}

/// Premultiplied, as we have it.
fn ours(operations: &Value) -> Vec<u8> {
    let document = json!({
        "schema": 1, "canvas": { "width_px": 640, "height_px": 360 },
        "layers": [{
            "kind": "overlay", "transform": { "width_px": WIDTH, "height_px": HEIGHT },
            "source": { "type": "drawing", "operations": operations },
        }],
    });
    let read = wire::read_scene(document.to_string().as_bytes(), &Limits::default(), &|_| {
        true
    });
    let scene = read.unwrap().scene;
    let source = scene.layers[0].source.as_ref().unwrap();
    let Source::Drawing(drawing) = source else {
        panic!("{source:?}")
    };
    let picture = |name: &Arc<str>| {
        let images = images();
        let (_, (width, height), pixels) = images.iter().find(|(is, ..)| **is == **name)?;
        let mut surface = Surface::new(*width, *height);
        let pixels = pixels.chunks_exact(4).flat_map(premultiplied);
        surface
            .data_mut()
            .copy_from_slice(&pixels.collect::<Vec<_>>());
        Some(Asset::from_surface(surface))
    };
    let pictures = drawing
        .images()
        .iter()
        .map(|name| (Arc::clone(name), picture(name)));
    let album = Asset::album(pictures.collect()).unwrap();
    let request = Request {
        source,
        content: None,
        width_px: Some(WIDTH.into()),
        height_px: Some(HEIGHT.into()),
        effects: &[],
        scale: 1.0,
        hint: true,
        asset: Some(&album),
    };
    let mut painter = Painter::new(Fonts::new([] as [Vec<u8>; 0]));
    painter.paint(&request).unwrap().surface.data().to_vec()
}

/// Straight, as a canvas gives it, made premultiplied.
fn theirs(cases: &[(String, Value)]) -> Vec<Vec<u8>> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder: PathBuf = own
        .join("../../target/napi-canvas")
        .canonicalize()
        .unwrap_or_default();
    assert!(
        folder.join("node_modules").is_dir(),
        "@napi-rs/canvas is missing; scripts/test installs it"
    );
    let lists: Vec<&Value> = cases.iter().map(|(_, operations)| operations).collect();
    let images = images().into_iter().map(|(name, (width, height), rgba)| {
        (
            name.to_owned(),
            json!({ "width": width, "height": height, "rgba": rgba }),
        )
    });
    let images: serde_json::Map<String, Value> = images.collect();
    let all = json!({ "width": WIDTH, "height": HEIGHT, "images": images, "lists": lists });
    let mut node = Command::new("node")
        .arg(own.join("tests/canvas/draw.mjs"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("node: {e}; install the package nodejs"));
    let mut to = node.stdin.take().unwrap();
    to.write_all(all.to_string().as_bytes()).unwrap();
    drop(to);
    let drawn = node.wait_with_output().unwrap();
    assert!(drawn.status.success());
    let one = (WIDTH * HEIGHT * 4) as usize;
    assert_eq!(drawn.stdout.len(), one * cases.len());
    let pictures = drawn.stdout.chunks_exact(one);
    pictures
        .map(|picture| picture.chunks_exact(4).flat_map(premultiplied).collect())
        .collect()
}

#[test]
fn drawings_look_as_on_an_html_canvas() {
    let cases = cases();
    let mut faults = Vec::new();
    for ((name, operations), theirs) in cases.iter().zip(theirs(&cases)) {
        let ours = ours(operations);
        let (mut edges, mut worst, mut sum) = (0, 0, 0.0);
        for (a, b) in ours.chunks_exact(4).zip(theirs.chunks_exact(4)) {
            let off = a
                .iter()
                .zip(b)
                .map(|(a, b)| a.abs_diff(*b))
                .max()
                .unwrap_or(0);
            edges += usize::from(off > FLAT);
            worst = worst.max(off);
            sum += f64::from(off);
        }
        let allowed = EDGES * (WIDTH * HEIGHT) as usize / 1000;
        let mean = sum / f64::from(WIDTH * HEIGHT);
        if worst > EDGE || edges > allowed || mean > MEAN {
            faults.push(format!(
                "{name}: {edges} pixels differ, by up to {worst}, all by {mean:.2} on average"
            ));
            keep(name, &ours, &theirs);
        }
    }
    assert!(
        faults.is_empty(),
        "{}\nsee target/drawings",
        faults.join("\n")
    );
}

/// Leaves both pictures side by side, ours left, as a file that most viewers show.
fn keep(name: &str, ours: &[u8], theirs: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/drawings");
    std::fs::create_dir_all(&folder).unwrap();
    let mut ppm = format!("P6 {} {HEIGHT} 255\n", WIDTH * 2).into_bytes();
    let stride = (WIDTH * 4) as usize;
    for (a, b) in ours.chunks_exact(stride).zip(theirs.chunks_exact(stride)) {
        for px in a.chunks_exact(4).chain(b.chunks_exact(4)) {
            // On white.
            ppm.extend(px[..3].iter().map(|v| v.saturating_add(255 - px[3])));
        }
    }
    std::fs::write(folder.join(format!("{name}.ppm")), ppm).unwrap();
}
