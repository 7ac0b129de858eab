//! The scene document as a whole.

use crate::animations::{read_animations, write_animation};
use crate::color::write_color;
use crate::constraints::{read_design, write_design};
use crate::echoes;
use crate::layers::{read_layers, write_layer};
use crate::paint::read_color;
use crate::parse::parse;
use crate::passages::{read_passages, write_passage};
use crate::read::At;
use crate::report::{ReadError, Report, capped, only_assets_missing};
use crate::templates::{read_templates, write_template};
use crate::timelines::{read_timelines, write_timeline};
use crate::write::Object;
use media::Color;
use scene::ranges::{CANVAS_HEIGHT, CANVAS_WIDTH};
use scene::{Canvas, Fault, Limits, Scene};
use serde_json::Value;

/// Version of the document that is read and written.
pub const SCHEMA: u32 = 1;

/// A scene that may go on air.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadScene {
    /// The scene, every default in its place.
    pub scene: Scene,
    /// One fault for each use of an asset that is not there; a live show draws placeholders.
    pub missing: Vec<Fault>,
}

/// Parses and checks a whole scene document, UTF-8 JSON of any size; cost is linear in it.
///
/// `has_asset` says whether an asset of that name is there. A start that can never be is refused, though a scene that was kept
/// may have one ([`Scene::vain_starts`]).
///
/// # Errors
/// [`ReadError::Syntax`] for what is not JSON; [`ReadError::Invalid`] with every fault, those of shape and of meaning and
/// missing assets alike, unless assets are all that is missing.
pub fn read_scene(
    json: &[u8],
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
) -> Result<ReadScene, ReadError> {
    let report = Report::default();
    let document = parse(json, &report)?;
    understood(&document, report, limits, has_asset)
}

/// As [`read_scene`], of a document that was parsed already.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn scene_of(
    document: &Value,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
) -> Result<ReadScene, ReadError> {
    understood(document, Report::default(), limits, has_asset)
}

/// A scene that [`write_scene`] wrote some time ago, perhaps in another version: its shape is looked at, not whether it is
/// allowed today. Before it goes on air, ask [`Scene::faults`].
///
/// # Errors
/// [`ReadError::Invalid`] with what does not read.
pub fn scene_as_kept(document: &Value) -> Result<Scene, ReadError> {
    let report = Report::default();
    let scene = read_document(&At::root(document, &report));
    let faults = report.merged(Vec::new(), document);
    match scene {
        Some(scene) if faults.is_empty() => Ok(scene),
        _ => Err(ReadError::Invalid(capped(faults))),
    }
}

fn understood(
    document: &Value,
    report: Report,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
) -> Result<ReadScene, ReadError> {
    let scene = read_document(&At::root(document, &report))
        .unwrap_or_else(|| Scene::empty(STAND_IN_PX, STAND_IN_PX));
    let mut meaning = scene.faults(limits, has_asset);
    let broken = report.pointers();
    // Ten thousand animations need one clear answer.
    let few =
        scene.animations.len() <= limits.animations && scene.timelines.len() <= limits.timelines;
    if few && !echoes::hides_followed(&broken) {
        meaning.extend(scene.vain_starts(None));
    }
    echoes::drop_from(&mut meaning, &scene, &broken);
    let faults = report.merged(meaning, document);
    if only_assets_missing(&faults) {
        Ok(ReadScene {
            scene,
            missing: faults,
        })
    } else {
        Err(ReadError::Invalid(capped(faults)))
    }
}

/// A canvas size that no rule of meaning objects to.
const STAND_IN_PX: u32 = 1080;

fn read_document(at: &At<'_>) -> Option<Scene> {
    at.object(|f| {
        f.required("schema", |at| {
            at.exactly(SCHEMA, "this version reads schema")
        });
        Scene {
            canvas: f
                .required("canvas", read_canvas)
                .unwrap_or(Scene::empty(STAND_IN_PX, STAND_IN_PX).canvas),
            layers: f.or("layers", Vec::new(), read_layers),
            animations: f.or("animations", Vec::new(), read_animations),
            timelines: f.or("timelines", Vec::new(), read_timelines),
            templates: f.or("templates", Vec::new(), read_templates),
            passages: f.or("transitions", Vec::new(), read_passages),
        }
    })
}

pub(crate) fn read_canvas(at: &At<'_>) -> Option<Canvas> {
    at.object(|f| Canvas {
        width_px: f
            .required("width_px", |at| at.whole(CANVAS_WIDTH))
            .unwrap_or(STAND_IN_PX),
        height_px: f
            .required("height_px", |at| at.whole(CANVAS_HEIGHT))
            .unwrap_or(STAND_IN_PX),
        background: f.or("background", Color::BLACK, read_color),
        design: f.optional("design", read_design),
    })
}

pub(crate) fn write_canvas(canvas: &Canvas) -> Value {
    Object::default()
        .with("width_px", canvas.width_px)
        .with("height_px", canvas.height_px)
        .with("background", write_color(canvas.background))
        .maybe("design", canvas.design.as_ref().map(write_design))
        .into()
}

/// The scene as a document: complete, defaults written, so that [`read_scene`] gives the same scene and writing that gives the same text.
///
/// Times of starts are exact to the nanosecond within 26 days of show time, and to a few nanoseconds within years.
pub fn write_scene(scene: &Scene) -> Value {
    Object::default()
        .with("schema", SCHEMA)
        .with("canvas", write_canvas(&scene.canvas))
        .with(
            "layers",
            scene
                .layers
                .iter()
                .map(|layer| write_layer(layer))
                .collect::<Vec<_>>(),
        )
        .with(
            "animations",
            scene
                .animations
                .iter()
                .map(|animation| write_animation(animation))
                .collect::<Vec<_>>(),
        )
        .with(
            "timelines",
            scene
                .timelines
                .iter()
                .map(|timeline| write_timeline(timeline))
                .collect::<Vec<_>>(),
        )
        .with(
            "templates",
            scene
                .templates
                .iter()
                .map(|template| write_template(template))
                .collect::<Vec<_>>(),
        )
        .maybe(
            "transitions",
            (!scene.passages.is_empty()).then(|| {
                let passages = scene.passages.iter();
                passages
                    .map(|passage| write_passage(passage))
                    .collect::<Vec<_>>()
            }),
        )
        .into()
}
