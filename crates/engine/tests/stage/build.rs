//! Scenes, assets and stages in few words.

use animation::{Composite, Easing, Timing, Value};
use compositor::Compositor;
use engine::{AssetSource, Stage, StageConfig};
use media::{Color, Resolution, ShowTime, Surface};
use scene::{
    Animation, Canvas, FillRule, Fit, Id, Image, Kind, Layer, Paint, Property, Scene, Shape,
    ShapeForm, Source, Start, StyledKeyframe, Target, Text, TextStyle, Transform,
};
use sources::Fonts;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).expect("a valid id")
}

/// `#rrggbbaa` without the sign.
pub(crate) fn rgba(hex: u32) -> Color {
    Color::from_rgba8(hex.to_be_bytes())
}

pub(crate) fn ms(ms: f64) -> ShowTime {
    ShowTime::from_ms(ms)
}

/// An overlay with its top left at `at` in a box of `size`.
pub(crate) fn layer(
    name: &str,
    at: [f64; 2],
    size: impl Into<Option<[f64; 2]>>,
    source: Source,
) -> Layer {
    let size = size.into();
    let [x_px, y_px] = at;
    Layer {
        transform: Transform {
            x_px,
            y_px,
            width_px: size.map(|s| s[0]),
            height_px: size.map(|s| s[1]),
            ..Transform::default()
        },
        ..Layer::bare(id(name), Kind::Overlay, Some(source))
    }
}

pub(crate) fn group(name: &str, at: [f64; 2], size: [f64; 2]) -> Layer {
    Layer {
        kind: Kind::Group,
        source: None,
        ..layer(name, at, size, color(0))
    }
}

pub(crate) fn inside(parent: &str, layer: Layer) -> Layer {
    Layer {
        parent: Some(id(parent)),
        ..layer
    }
}

pub(crate) fn color(hex: u32) -> Source {
    Source::Color(rgba(hex))
}

pub(crate) fn rect(radius_px: f64, fill: Paint) -> Source {
    Source::Shape(Shape {
        form: ShapeForm::Rect {
            radii_px: [radius_px; 4],
        },
        fill_rule: FillRule::NonZero,
        fill: Some(fill),
        stroke: None,
    })
}

pub(crate) fn image(asset: &str, fit: Fit) -> Source {
    Source::Image(Image {
        asset: asset.into(),
        fit,
        ..Image::default()
    })
}

pub(crate) fn style(size_px: f64) -> TextStyle {
    TextStyle {
        font: "DejaVu Sans".into(),
        size_px,
        ..TextStyle::default()
    }
}

pub(crate) fn text(words: &str, size_px: f64) -> Text {
    Text {
        text: words.into(),
        style: style(size_px),
        ..Text::default()
    }
}

/// `property` of a layer from one value to another within `duration_ms`, then held.
pub(crate) fn animation(
    name: &str,
    target: &str,
    property: &Property,
    values: [Value; 2],
    duration_ms: f64,
) -> Animation {
    let keyframes = values.map(|value| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: vec![(property.clone(), value)],
    });
    Animation {
        id: id(name),
        target: Target::Layer(id(target)),
        start: Start::At(ShowTime::ZERO),
        playback: None,
        verbs: Vec::new(),
        when_over: scene::WhenOver::Keep,
        plan: scene::Plan::default(),
        timing: Timing {
            duration_ms,
            fill: animation::Fill::Both,
            ..Timing::default()
        },
        composite: Composite::Replace,
        color_space: animation::ColorSpace::default(),
        driver: scene::Driver::default(),
        keyframes: keyframes.into(),
    }
}

/// A canvas of 128x72 px, dark blue.
pub(crate) fn scene(layers: Vec<Layer>) -> Scene {
    scene_of(128, 72, layers)
}

pub(crate) fn scene_of(width_px: u32, height_px: u32, layers: Vec<Layer>) -> Scene {
    Scene {
        canvas: Canvas {
            width_px,
            height_px,
            background: rgba(0x1020_40ff),
            design: None,
        },
        layers: layers.into_iter().map(Into::into).collect(),
        animations: Vec::new(),
        timelines: Vec::new(),
        templates: Vec::new(),
        passages: Vec::new(),
    }
}

pub(crate) const DEJAVU: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

/// `DejaVu Sans`, regular.
pub(crate) fn fonts() -> Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    let read = || {
        Fonts::new([std::fs::read(DEJAVU)
            .unwrap_or_else(|e| panic!("{DEJAVU}: {e}; install the package fonts-dejavu-core"))])
    };
    FONTS.get_or_init(read).clone()
}

/// Assets in memory; reading them can be held up.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    files: Mutex<HashMap<String, Arc<[u8]>>>,
    held: Mutex<bool>,
    released: Condvar,
    reads: AtomicUsize,
}

impl Shelf {
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Arc<Self> {
        let shelf = Self::default();
        for (name, bytes) in files {
            shelf.put(name, bytes);
        }
        Arc::new(shelf)
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        lock(&self.files).insert(name.to_owned(), bytes.into());
    }

    pub(crate) fn remove(&self, name: &str) {
        lock(&self.files).remove(name);
    }

    /// Reading waits until [`Shelf::release`].
    pub(crate) fn hold(&self) {
        *lock(&self.held) = true;
    }

    pub(crate) fn release(&self) {
        *lock(&self.held) = false;
        self.released.notify_all();
    }

    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics under it")
}

impl AssetSource for Shelf {
    fn has(&self, name: &str) -> bool {
        lock(&self.files).contains_key(name)
    }

    fn bytes(&self, name: &str) -> io::Result<Arc<[u8]>> {
        let held = lock(&self.held);
        drop(
            self.released
                .wait_while(held, |held| *held)
                .expect("nobody panics under it"),
        );
        let bytes = lock(&self.files).get(name).cloned();
        self.reads.fetch_add(1, Ordering::SeqCst);
        bytes.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such asset"))
    }

    fn atlas(&self, json: &[u8]) -> Result<sources::Atlas, String> {
        let is_known = json == b"{ \"marks\": true }";
        is_known
            .then(crate::moving::marks)
            .ok_or_else(|| "not by heart".to_owned())
    }
}

/// A PNG whose pixels are `pixel(x, y)`, straight RGBA.
pub(crate) fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| pixel(x, y).to_be_bytes())
        .collect();
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&pixels))
        .expect("memory takes it");
    bytes
}

pub(crate) fn config(output: Resolution, assets: Arc<dyn AssetSource>) -> StageConfig {
    StageConfig {
        fonts: fonts(),
        assets,
        output,
        epoch_unix_ns: 0,
        raster_budget_bytes: 64 << 20,
        quality: sources::Quality::High,
    }
}

/// A stage that shows `scene` at the size of its canvas, without assets.
pub(crate) fn stage(scene: &Scene) -> Stage {
    stage_with(scene, Shelf::with(&[]))
}

pub(crate) fn stage_with(scene: &Scene, assets: Arc<Shelf>) -> Stage {
    let size = Resolution::new(scene.canvas.width_px, scene.canvas.height_px);
    Stage::new(config(size, assets), scene.clone())
}

/// The composed picture at show time `t`.
pub(crate) fn picture(stage: &mut Stage, t: ShowTime) -> Surface {
    let size = Resolution::new(
        stage.scene().canvas.width_px,
        stage.scene().canvas.height_px,
    );
    Compositor::new(size).compose_rgba(stage.tick(t))
}

/// Outlines are the font's: where the package has another version of it, the picture says nothing about us.
pub(crate) fn golden_with_text(name: &str, stage: &mut Stage, at_ms: f64) {
    golden_of_text(name, &picture(stage, ms(at_ms)));
}

/// As [`golden_with_text`], of a picture that was made of others.
#[expect(clippy::print_stdout, reason = "a test that skips says so")]
pub(crate) fn golden_of_text(name: &str, picture: &Surface) {
    if has_reference_font() {
        testkit::golden!(name, picture, 0);
    } else {
        let strict = std::env::var_os("STRICT").is_some_and(|strict| strict == "1");
        assert!(
            !strict,
            "{name}: {DEJAVU} is another version than the reference's, and STRICT=1 skips nothing"
        );
        println!("{name}: skipped, {DEJAVU} is another version than the reference's");
    }
}

/// `DejaVu Sans` 2.37, as its bytes say (FNV-1a).
pub(crate) fn has_reference_font() -> bool {
    let bytes = std::fs::read(DEJAVU)
        .unwrap_or_else(|e| panic!("{DEJAVU}: {e}; install the package fonts-dejavu-core"));
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash == REFERENCE_FONT
}

const REFERENCE_FONT: u64 = 0xadad_fef7_6342_6946;
