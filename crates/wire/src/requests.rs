//! What clients ask for besides scenes, layers, animations and outputs: small bodies, each with every fault at once.

use crate::animations::read_start;
use crate::color::write_color;
use crate::paint::read_color;
use crate::parse::parse;
use crate::read::{At, Fields};
use crate::report::{ReadError, Report, capped};
use media::{Bitrate, Color, Figure, Framerate, Resolution};
use scene::{Id, Range, Slate, Start};
use serde_json::Value;
use std::ops::RangeInclusive;

/// The most commands in one batch.
pub const MAX_BATCH: usize = 1000;

/// Parses a body; a field that stands twice in an object is a fault.
///
/// # Errors
/// [`ReadError`].
pub fn read_json(json: &[u8]) -> Result<Value, ReadError> {
    let report = Report::default();
    let document = parse(json, &report)?;
    let faults = report.merged(Vec::new(), &document);
    if faults.is_empty() {
        Ok(document)
    } else {
        Err(ReadError::Invalid(capped(faults)))
    }
}

/// Reads an object; an absent body is an empty one.
pub(crate) fn read_object<T>(
    body: &Value,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Result<T, ReadError> {
    let empty = Value::Object(serde_json::Map::new());
    let body = if body.is_null() { &empty } else { body };
    let report = Report::default();
    let read = At::root(body, &report).object(read).flatten();
    let faults = report.merged(Vec::new(), body);
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(ReadError::Invalid(capped(faults))),
    }
}

pub(crate) fn within(at: &At<'_>, range: RangeInclusive<f64>, unit: &str) -> Option<f64> {
    let v = at.number()?;
    if range.contains(&v) {
        return Some(v);
    }
    let (low, high) = (range.start(), range.end());
    let v = Figure(v);
    at.fault(format!("is {v}; allowed is {low} to {high}{unit}"))
}

/// Text of so many characters.
pub(crate) fn text_of(at: &At<'_>, chars: RangeInclusive<usize>) -> Option<String> {
    at.text_of(chars).map(str::to_owned)
}

/// Where a layer goes among those beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Right above that one.
    Above(Id),
    /// Right below that one.
    Below(Id),
    /// Above all others.
    Top,
    /// Below all others.
    Bottom,
}

/// A layer that goes elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveRequest {
    /// Its place.
    pub place: Place,
    /// Its parent from now on: a group, or `Some(None)` for the canvas.
    pub parent: Option<Option<Id>>,
}

/// Reads `{"above" | "below" | "to": "top" | "bottom", "parent"?}`; with `parent` alone it goes on top there.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_move(body: &Value) -> Result<MoveRequest, ReadError> {
    read_object(body, |f| {
        let parent = f.optional("parent", |at| {
            if at.value.is_null() {
                Some(None)
            } else {
                at.id().map(Some)
            }
        });
        let names = ["above", "below", "to"];
        let alone = parent.is_some() && !names.iter().any(|name| f.get(name).is_some());
        let place = if alone {
            Place::Top
        } else {
            match f.one_of(&names)? {
                ("above", at) => Place::Above(at.id()?),
                ("below", at) => Place::Below(at.id()?),
                (_, at) => at.word(&[("top", Place::Top), ("bottom", Place::Bottom)], &[])?,
            }
        };
        Some(MoveRequest { place, parent })
    })
}

/// Commands that are carried out all or not at all, on one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRequest {
    /// In their order.
    pub commands: Vec<BatchCommand>,
    /// When; the next frame where none is named.
    pub start: Start,
    /// Show what it would look like instead.
    pub dry_run: bool,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchCommand {
    /// As over the WebSocket.
    pub method: String,
    /// Likewise.
    pub params: Value,
}

/// Reads `{"commands": [{"method", "params"?}..], "start"?, "dry_run"?}`.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_batch(body: &Value) -> Result<BatchRequest, ReadError> {
    read_object(body, |f| {
        let commands = f.required("commands", |at| {
            let list = at.array()?;
            if list.is_empty() || list.len() > MAX_BATCH {
                let detail = format!(
                    "holds {} commands; allowed are 1 to {MAX_BATCH}",
                    list.len()
                );
                return at.fault(detail);
            }
            list.iter().map(read_command).collect::<Option<Vec<_>>>()
        });
        let start = f.or("start", Start::Now, |at| match read_start(at)? {
            Start::Marker(..) => at.fault("a batch waits for no marker"),
            start => Some(start),
        });
        let dry_run = f.or("dry_run", false, At::boolean);
        Some(BatchRequest {
            commands: commands?,
            start,
            dry_run,
        })
    })
}

fn read_command(at: &At<'_>) -> Option<BatchCommand> {
    at.object(|f| {
        let method = f.required("method", At::text);
        let params = f.optional("params", |at| Some(at.value.clone()));
        Some(BatchCommand {
            method: method?.to_owned(),
            params: params.unwrap_or_default(),
        })
    })?
}

/// Whose changes are undone or redone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of the client that asks.
    #[default]
    Own,
    /// Anybody's.
    All,
}

/// Reads `{"scope"?: "own" | "all"}`.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_scope(body: &Value) -> Result<Scope, ReadError> {
    read_object(body, |f| {
        Some(f.or("scope", Scope::Own, |at| {
            at.word(&[("own", Scope::Own), ("all", Scope::All)], &[])
        }))
    })
}

/// What a preset is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum PresetRequest {
    /// The scene as it is now.
    Now {
        /// What people call it.
        name: Option<String>,
    },
    /// These layers as they are now, with what is in them and what moves them.
    Layers {
        /// What people call it.
        name: Option<String>,
        /// Their ids.
        layers: Vec<Id>,
    },
    /// Layers that are given, as a preset of a part is read back.
    Part {
        /// What people call it.
        name: Option<String>,
        /// Their documents, unread.
        layers: Value,
        /// Those of what moves them.
        animations: Value,
    },
    /// A scene that is given.
    Scene {
        /// What people call it.
        name: Option<String>,
        /// Its document, unread.
        scene: Value,
    },
}

/// Reads `{"id"?, "name"?, "layers"? | "scene"?}` of the preset `id`; with neither it is the whole scene as it is now.
/// Layers are ids, or documents with `animations` beside them: what is read back may be sent back.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_preset(id: &Id, body: &Value) -> Result<PresetRequest, ReadError> {
    let documents = body["layers"].as_array();
    let is_part = documents.is_some_and(|list| list.iter().any(Value::is_object));
    read_object(body, |f| {
        let given = f.optional("id", At::id);
        if given.is_some_and(|given| given != *id) {
            f.fault("id", "an id stays what it is");
        }
        if is_part {
            let unread = |at: &At<'_>| Some(at.value.clone());
            return Some(PresetRequest::Part {
                name: f.optional("name", |at| text_of(at, 1..=200)),
                layers: f.required("layers", unread)?,
                animations: f.or("animations", Value::Array(Vec::new()), unread),
            });
        }
        let name = f.optional("name", |at| text_of(at, 1..=200));
        let layers = f.optional("layers", |at| {
            let list = at.array()?;
            if list.is_empty() {
                return at.fault("is empty; names at least one layer");
            }
            list.iter().map(At::id).collect::<Option<Vec<_>>>()
        });
        let scene = f.optional("scene", |at| Some(at.value.clone()));
        match (layers, scene) {
            (None, None) => Some(PresetRequest::Now { name }),
            (Some(layers), None) => Some(PresetRequest::Layers { name, layers }),
            (None, Some(scene)) => Some(PresetRequest::Scene { name, scene }),
            (Some(_), Some(_)) => {
                let at = f.get("scene")?;
                at.fault("stands beside layers; takes one of the two")
            }
        }
    })
}

/// Reads `{"slate"?: {"text"?, "asset"?, "background"?}}`: ours where none is given.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_panic(body: &Value) -> Result<Slate, ReadError> {
    read_object(body, |f| {
        Some(f.or("slate", Slate::default(), |at| at.object(read_slate)?))
    })
}

fn read_slate(f: &mut Fields<'_>) -> Option<Slate> {
    let d = Slate::default();
    let text = f.optional("text", |at| text_of(at, 0..=200));
    let asset = f.optional("asset", |at| text_of(at, 1..=1000));
    let background = f.or("background", d.background, read_color);
    Some(Slate {
        text: text.or_else(|| if asset.is_none() { d.text } else { None }),
        asset,
        background,
    })
}

/// A slate as it is read back.
pub fn write_slate(slate: &Slate) -> Value {
    let color: Color = slate.background;
    crate::write::Object::default()
        .maybe("text", slate.text.clone())
        .maybe("asset", slate.asset.clone())
        .with("background", write_color(color))
        .into()
}

/// What changes about the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamPatch {
    /// Video, from now on.
    pub bitrate: Option<Bitrate>,
    /// Whether latency is to be low.
    pub low_latency: Option<bool>,
    /// Frames per second.
    pub fps: Option<Framerate>,
    /// Size of the picture.
    pub resolution: Option<Resolution>,
}

/// The bitrates a running encoder takes, bits per second.
pub const BITRATE_RANGE_BPS: RangeInclusive<u32> = 100_000..=50_000_000;

/// Reads `1920x1080`: even numbers, 128x72 to 3840x2160.
///
/// # Errors
/// What is wrong with it, to follow its name.
pub fn parse_resolution(text: &str) -> Result<Resolution, &'static str> {
    let parse = || {
        let (width, height) = text.split_once('x')?;
        let (width, height) = (whole(width)?, whole(height)?);
        let even = |n: u32| n.is_multiple_of(2);
        let inside = (128..=3840).contains(&width) && (72..=2160).contains(&height);
        (inside && even(width) && even(height)).then_some(Resolution::new(width, height))
    };
    parse().ok_or("is not a size such as 1920x1080: even numbers, 128x72 to 3840x2160")
}

/// Reads `30` or `30000/1001`: 1 to 60 frames per second.
///
/// # Errors
/// What is wrong with it, to follow its name.
pub fn parse_framerate(text: &str) -> Result<Framerate, &'static str> {
    let parse = || {
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        let rate = Framerate::new(whole(num)?, whole(den)?)?;
        (rate.num() <= 120_000 && (1.0..=60.0).contains(&rate.as_f64())).then_some(rate)
    };
    parse().ok_or("is not an fps from 1 to 60, such as 30 or 30000/1001")
}

/// Digits and nothing else.
fn whole(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Reads `{"bitrate_bps"?, "latency"?, "fps"?, "resolution"?}`; `fps` is a whole number, or text as
/// [`parse_framerate`] takes it.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_stream_patch(body: &Value) -> Result<StreamPatch, ReadError> {
    read_object(body, |f| {
        let low_latency = f.optional("latency", |at| match at.value.as_str() {
            Some("normal") => Some(false),
            Some("low") => Some(true),
            _ => at.fault("is neither normal nor low"),
        });
        let fps = f.optional("fps", |at| {
            let text = match at.value {
                Value::Number(number) => number.to_string(),
                other => other.as_str().unwrap_or_default().to_owned(),
            };
            parse_framerate(&text).map_or_else(|fault| at.fault(fault), Some)
        });
        let resolution = f.optional("resolution", |at| {
            let read = parse_resolution(at.value.as_str().unwrap_or_default());
            read.map_or_else(|fault| at.fault(fault), Some)
        });
        let (low, high) = BITRATE_RANGE_BPS.into_inner();
        let bitrates = Range::new(low.into(), high.into());
        let bitrate = f.optional("bitrate_bps", |at| at.whole_within(bitrates));
        let bitrate = bitrate.map(|bps: u32| Bitrate::from_bps(bps.into()));
        Some(StreamPatch {
            bitrate,
            low_latency,
            fps,
            resolution,
        })
    })
}

/// Reads `{"url"}`: where an asset is fetched from.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_asset_url(body: &Value) -> Result<String, ReadError> {
    read_object(body, |f| f.required("url", |at| text_of(at, 1..=4096)))
}

/// Reads `{"token"}`: what a browser trades for a session. No message repeats it.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_token(body: &Value) -> Result<String, ReadError> {
    read_object(body, |f| {
        f.required("token", |at| {
            let text = at.value.as_str().filter(|text| text.len() <= 1024);
            text.map(str::to_owned)
                .or_else(|| at.fault("is not text of 1024 bytes at most"))
        })
    })
}
