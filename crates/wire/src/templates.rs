//! Templates: layers and a timeline with parameters.
//!
//! A text that is exactly `{name}` becomes the value of that parameter, with its type; within a longer text it is put in as
//! text, and `{{` is a brace. What is put in is never looked into again, so that no value can become more than a value.

use crate::clocked::too_far;
use crate::color::parse_color;
use crate::parse::push_segment;
use crate::parts::{fresh_id, usable};
use crate::read::{At, Fields, excerpt, joined};
use crate::report::{ReadError, Report, capped};
use crate::requests::read_object;
use crate::timelines::read_timeline;
use crate::write::number;
use crate::{animations::read_start, layers::read_layers};
use media::{Figure, ShowTime};
use scene::{Clocked, Fault, Id, Limits, Range, Scene, Shared, Start, Template, Timeline};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Color,
    Boolean,
    Id,
}

pub(crate) const KINDS: [(&str, Kind); 5] = [
    ("text", Kind::Text),
    ("number", Kind::Number),
    ("color", Kind::Color),
    ("boolean", Kind::Boolean),
    ("id", Kind::Id),
];

/// A parameter as a template declares it.
#[derive(Debug)]
struct Parameter {
    kind: Kind,
    default: Option<Value>,
    minimum: f64,
    maximum: f64,
    max_chars: usize,
}

/// The id of what is started, wherever it stands in a template.
const OWN_ID: &str = "id";
/// What the timeline of a template gets when it is started.
const LATER: [&str; 5] = ["id", "start", "removes", "playback", "verbs"];

/// All templates; one that cannot be read is left out.
pub(crate) fn read_templates(at: &At<'_>) -> Option<Vec<Shared<Template>>> {
    let list = at.array()?;
    let templates = list.iter().filter_map(|at| read_template(at, None));
    Some(templates.map(Into::into).collect())
}

/// A template that is kept under `id`, or under that in the document.
///
/// # Errors
/// [`ReadError::Invalid`] with all that is wrong with it: it is started with its defaults, and with samples where it has
/// none. Layers that it names and does not bring need not be there yet.
pub fn template_of(id: &Id, body: &Value) -> Result<Template, ReadError> {
    let report = Report::default();
    let template = read_template(&At::root(body, &report), Some(id));
    let faults = report.merged(Vec::new(), body);
    match template {
        Some(template) if faults.is_empty() => Ok(template),
        _ => Err(ReadError::Invalid(capped(faults))),
    }
}

fn read_template(at: &At<'_>, named: Option<&Id>) -> Option<Template> {
    let known = at.report.pointers().len();
    let id = at.object(|f| {
        let id = match named {
            None => f.required("id", At::id),
            Some(named) => {
                let given = f.optional("id", At::id);
                if given.is_some_and(|given| given != *named) {
                    f.fault("id", "an id stays what it is");
                }
                Some(named.clone())
            }
        };
        f.optional("name", At::name);
        f.or("parameters", Vec::new(), read_parameters);
        f.required("layers", At::array);
        f.required("timeline", |at| at.object(Fields::leave_open));
        id
    })??;
    let mut document = at.value.as_object()?.clone();
    document.shift_remove("id");
    let document = Value::Object(document);
    let text = document.to_string();
    if text.len() > Template::MAX_BYTES {
        return at.fault(format!(
            "has {} bytes; at most {} are allowed",
            text.len(),
            Template::MAX_BYTES
        ));
    }
    // Of what cannot be read, what it would come to is not asked.
    let sound = at.report.pointers().len() == known;
    let faults = if sound { faults(&document) } else { Vec::new() };
    for fault in faults {
        at.report
            .fault(format!("{}{}", at.pointer, fault.pointer), fault.detail);
    }
    Some(Template {
        id,
        document: text.into(),
    })
}

/// A template as a document.
pub fn write_template(template: &Template) -> Value {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), template.id.as_str().into());
    if let Value::Object(document) = parsed(template) {
        fields.extend(document);
    }
    Value::Object(fields)
}

fn parsed(template: &Template) -> Value {
    serde_json::from_str(&template.document).expect("the text of a value that was read")
}

fn read_parameters(at: &At<'_>) -> Option<Vec<(String, Parameter)>> {
    at.object(|f| {
        let all = f.rest();
        if all.len() > Template::MAX_PARAMETERS {
            let most = Template::MAX_PARAMETERS;
            f.fault_of_all(format!("has {} parameters; at most {most} are allowed", all.len()));
            return Vec::new();
        }
        let read = |(name, at): (&str, At<'_>)| {
            if !is_name(name) || name == OWN_ID {
                return at.fault(format!(
                    "`{}` is no name of a parameter: 1 to 64 of a-z 0-9 _, a letter first, and not `{OWN_ID}`",
                    excerpt(name)
                ));
            }
            let parameter = at.object(read_parameter)??;
            Some((name.to_owned(), parameter))
        };
        all.into_iter().filter_map(read).collect()
    })
}

fn is_name(name: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=64).contains(&name.len())
        && name.bytes().all(letters)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn read_parameter(f: &mut Fields<'_>) -> Option<Parameter> {
    let kind = f.required("type", |at| at.word(&KINDS, &[]));
    if kind.is_none() {
        f.leave_open();
    }
    f.optional("description", At::text);
    let limits = Limits::default();
    let mut parameter = Parameter {
        kind: kind?,
        default: None,
        minimum: f64::MIN,
        maximum: f64::MAX,
        max_chars: limits.text_chars,
    };
    match parameter.kind {
        Kind::Number => {
            parameter.minimum = f.or("minimum", f64::MIN, At::number);
            parameter.maximum = f.or("maximum", f64::MAX, At::number);
            if parameter.minimum > parameter.maximum {
                let (is, least) = (Figure(parameter.maximum), Figure(parameter.minimum));
                let detail =
                    format!("is {is}, which lies below minimum; allowed is {least} or more");
                f.fault("maximum", detail);
                // What the default must be is not known.
                f.get("default");
                return None;
            }
        }
        Kind::Text => {
            let most = f.or("max_length", limits.text_chars, |at| {
                let most = u32::try_from(limits.text_chars).unwrap_or(u32::MAX);
                let most = at.whole_within::<u32>(Range::new(1.0, most.into()));
                most.map(|most| most as usize)
            });
            parameter.max_chars = most;
        }
        Kind::Color | Kind::Boolean | Kind::Id => {}
    }
    parameter.default = f.optional("default", |at| parameter.value(at));
    Some(parameter)
}

impl Parameter {
    /// The value at that place, if this takes it.
    fn value(&self, at: &At<'_>) -> Option<Value> {
        match self.kind {
            Kind::Text => {
                let (text, most) = (at.text()?, self.max_chars);
                let count = text.chars().count();
                if count > most {
                    return at.fault(format!(
                        "has {count} characters; at most {most} are allowed"
                    ));
                }
            }
            Kind::Number => {
                let v = at.number()?;
                let (low, high) = (self.minimum, self.maximum);
                if v < low {
                    let (is, low) = (Figure(v), Figure(low));
                    return at.fault(format!("is {is}; allowed is {low} or more"));
                }
                if v > high {
                    let (is, high) = (Figure(v), Figure(high));
                    return at.fault(format!("is {is}; allowed is {high} or less"));
                }
            }
            Kind::Color => {
                let text = at.text()?;
                if parse_color(text).is_none() {
                    return at.fault(format!("`{}` is not a colour", excerpt(text)));
                }
            }
            Kind::Boolean => {
                at.boolean()?;
            }
            Kind::Id => {
                at.id()?;
            }
        }
        Some(at.value.clone())
    }

    /// A value that it takes: its default, or a sample; of numbers the one that `pick` makes of the bounds.
    fn sample(&self, pick: Pick) -> Value {
        match (self.kind, &self.default, pick) {
            (Kind::Number, _, Pick::Least) if self.minimum > f64::MIN => number(self.minimum),
            (Kind::Number, _, Pick::Most) if self.maximum < f64::MAX => number(self.maximum),
            (_, Some(default), _) => default.clone(),
            (Kind::Number, ..) => number(1.0_f64.clamp(self.minimum, self.maximum)),
            (Kind::Text, ..) => "Sample"
                .chars()
                .take(self.max_chars)
                .collect::<String>()
                .into(),
            (Kind::Color, ..) => "#808080".into(),
            (Kind::Boolean, ..) => true.into(),
            (Kind::Id, ..) => "sample".into(),
        }
    }
}

/// Which of the values that a number takes.
#[derive(Clone, Copy)]
enum Pick {
    Usual,
    Least,
    Most,
}

/// The parameters of a document that was read without a fault.
fn parameters(document: &Value) -> Vec<(String, Parameter)> {
    let report = Report::default();
    let at = document
        .get("parameters")
        .map(|value| At::root(value, &report));
    at.and_then(|at| read_parameters(&at)).unwrap_or_default()
}

/// What is wrong with a template beyond its shape.
fn faults(document: &Value) -> Vec<Fault> {
    let parameters = parameters(document);
    let mut all = Vec::new();
    let layers = document["layers"].as_array().into_iter().flatten();
    for (i, layer) in layers.enumerate() {
        if layer.is_object() && layer.get("id").is_none() {
            let detail = "is missing; `{id}` in it lets the template be started more than once";
            all.push(Fault::invalid(format!("/layers/{i}/id"), detail));
        }
    }
    for name in LATER {
        if document["timeline"].get(name).is_some() {
            let detail = "is given when it is started";
            all.push(Fault::invalid(format!("/timeline/{name}"), detail));
        }
    }
    let known = |name: &str| name == OWN_ID || parameters.iter().any(|(one, _)| one == name);
    for part in ["layers", "timeline"] {
        let names = parameters.iter().map(|(name, _)| name.as_str());
        let names = joined(names.chain([OWN_ID]));
        each_text(&document[part], &mut format!("/{part}"), &mut |text, at| {
            let fault = match pieces(text) {
                Err(detail) => detail.to_owned(),
                Ok(pieces) => {
                    let unknown = pieces.iter().find_map(|piece| match piece {
                        Piece::Parameter(name) if !known(name) => Some(*name),
                        _ => None,
                    });
                    let Some(name) = unknown else { return };
                    format!("`{name}` is no parameter of it; known: {names}")
                }
            };
            all.push(Fault::invalid(at, fault));
        });
    }
    if !all.is_empty() {
        return all;
    }
    let id = Id::new("sample").expect("a word of ours keeps the rule");
    let limits = Limits {
        layers: 1000,
        ..Limits::default()
    };
    let mut seen = HashSet::new();
    for pick in [Pick::Usual, Pick::Least, Pick::Most] {
        let sample = |(name, one): &(String, Parameter)| (name.clone(), one.sample(pick));
        let values: Map<String, Value> = parameters.iter().map(sample).collect();
        let empty = Scene::empty(1920, 1080);
        let started = started(&empty, document, &values, &id, Start::Now, &limits, &|_| {
            true
        });
        // What is on air when it is started is not known yet.
        let found = started.err().unwrap_or_default();
        let found = found
            .into_iter()
            .filter(|fault| !fault.detail.starts_with("there is no layer"));
        all.extend(found.filter(|fault| seen.insert(fault.pointer.clone())));
    }
    all
}

/// A part of a text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Parameter(&'a str),
}

/// The parts of a text.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        if let Some(behind) = from.strip_prefix("{{") {
            pieces.push(Piece::Text("{"));
            rest = behind;
            continue;
        }
        let name = from[1..].split_once('}').filter(|(name, _)| is_name(name));
        let Some((name, behind)) = name else {
            return Err("has a `{` that begins no name of a parameter; `{{` is a brace");
        };
        pieces.push(Piece::Parameter(name));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Shows every text in `value` with its pointer; names of fields are not among them.
fn each_text(value: &Value, at: &mut String, see: &mut dyn FnMut(&str, &str)) {
    let len = at.len();
    match value {
        Value::String(text) => see(text, at),
        Value::Array(list) => {
            for (i, one) in list.iter().enumerate() {
                push_segment(at, &i.to_string());
                each_text(one, at, see);
                at.truncate(len);
            }
        }
        Value::Object(fields) => {
            for (name, one) in fields {
                push_segment(at, name);
                each_text(one, at, see);
                at.truncate(len);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `value` with parameters put in; `left` is what texts may come to yet, in bytes.
fn filled(value: &Value, values: &Map<String, Value>, left: &mut usize) -> Option<Value> {
    Some(match value {
        Value::String(text) => {
            let pieces = pieces(text).ok()?;
            let filled = match pieces[..] {
                [Piece::Parameter(name)] => values.get(name)?.clone(),
                _ => {
                    let mut whole = String::new();
                    for piece in pieces {
                        match piece {
                            Piece::Text(text) => whole.push_str(text),
                            Piece::Parameter(name) => match values.get(name)? {
                                Value::String(text) => whole.push_str(text),
                                other => whole.push_str(&other.to_string()),
                            },
                        }
                        if whole.len() > *left {
                            return None;
                        }
                    }
                    Value::String(whole)
                }
            };
            let bytes = filled.as_str().map_or(0, str::len);
            *left = left.checked_sub(bytes)?;
            filled
        }
        Value::Array(list) => {
            let list = list.iter().map(|one| filled(one, values, left));
            Value::Array(list.collect::<Option<_>>()?)
        }
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, one)| Some((name.clone(), filled(one, values, left)?)));
            Value::Object(fields.collect::<Option<_>>()?)
        }
        plain => plain.clone(),
    })
}

/// The scene with what comes of a template, or the faults by their places in the template.
fn started(
    scene: &Scene,
    document: &Value,
    values: &Map<String, Value>,
    id: &Id,
    start: Start,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
) -> Result<Scene, Vec<Fault>> {
    let mut values = values.clone();
    values.insert(OWN_ID.to_owned(), id.as_str().into());
    let part = json!({ "layers": document["layers"], "timeline": document["timeline"] });
    let mut left = Template::MAX_FILLED_BYTES;
    let Some(part) = filled(&part, &values, &mut left) else {
        let most = Template::MAX_FILLED_BYTES;
        let detail = format!("comes to more than {most} bytes of text with its parameters");
        return Err(vec![Fault::invalid("", detail)]);
    };
    let report = Report::default();
    let mut same = || id.clone();
    let read = At::root(&part, &report).object(|f| {
        let layers = f.or("layers", Vec::new(), read_layers);
        let timeline = f.optional("timeline", |at| at.object(|f| read_timeline(f, &mut same)));
        (layers, timeline)
    });
    let before = scene;
    let mut scene = before.clone();
    let (first, at) = (scene.layers.len(), scene.timelines.len());
    if let Some((layers, timeline)) = read {
        let removes = layers.iter().map(|layer| layer.id.clone()).collect();
        scene.layers.extend(layers);
        if let Some(timeline) = timeline {
            let timeline = Timeline {
                start,
                removes,
                ..timeline
            };
            scene.timelines.push(timeline.into());
        }
    }
    let mut meaning: Vec<Fault> = scene.faults_since(before, limits, has_asset);
    meaning.extend(scene.vain_starts(Some(before)));
    for fault in &mut meaning {
        fault.pointer = place(&fault.pointer, first, at);
    }
    // These follow from the ids of the layers, whose faults are named there.
    meaning.retain(|fault| !fault.pointer.starts_with("/timeline/removes"));
    crate::echoes::drop_positions(&mut meaning, "/timeline/entries", &report.pointers());
    let mut faults = report.merged(meaning, &part);
    faults.retain(|fault| usable(vec![fault.clone()]).is_err());
    if faults.is_empty() {
        Ok(scene)
    } else {
        Err(faults)
    }
}

/// A place in a scene as one in the template, whose layers and timeline came behind those that were there.
fn place(pointer: &str, first: usize, timeline: usize) -> String {
    let mut segments = pointer.splitn(4, '/').skip(1);
    let (list, number, rest) = (segments.next(), segments.next(), segments.next());
    let number = number.and_then(|number| number.parse::<usize>().ok());
    let rest = rest.map_or_else(String::new, |rest| format!("/{rest}"));
    match (list, number) {
        (Some("layers"), Some(i)) if i >= first => format!("/layers/{}{rest}", i - first),
        (Some("timelines"), Some(i)) if i == timeline => format!("/timeline{rest}"),
        _ => pointer.to_owned(),
    }
}

/// Whether a body asks for a template to be started, rather than bringing a timeline.
pub fn names_template(body: &Value) -> bool {
    body.get("template").is_some()
}

/// Starts a template of the scene: `{"template", "parameters"?, "id"?, "start"?}`. Its layers come on top, its timeline above
/// all others, both or neither.
///
/// `has_asset` says whether an asset of that name is there; one that is not is no fault. `now` is the newest show time.
///
/// # Errors
/// [`ReadError::Invalid`]; where a parameter is to blame for what is wrong with a layer, it is named.
pub fn template_started(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
    now: ShowTime,
) -> Result<(Scene, Id), ReadError> {
    let (template, document, values, id, start) = read_object(body, |f| {
        if let Some(detail) = too_far(body, now) {
            f.fault_below("start", "at_ms", detail);
        }
        let template = f.required("template", |at| {
            let id = at.id()?;
            let mut templates = scene.templates.iter();
            templates
                .find(|one| one.id == id)
                .or_else(|| at.fault(format!("there is no template `{id}`")))
        });
        let id = f.optional("id", |at| {
            let id = at.id()?;
            if scene.clocked().any(|other| *other.id() == id) {
                return at.fault(format!(
                    "there is an animation or a timeline `{id}` already"
                ));
            }
            Some(id)
        });
        let start = f.or("start", Start::Now, read_start);
        let given = f.get("parameters");
        let template = template?;
        let document = parsed(template);
        let values = values_of(given.as_ref(), f, &document)?;
        let stem = template.id.as_str();
        // An id that leaves room for a number and for what stands behind it in ids of layers.
        let stem = if stem.len() <= 32 { stem } else { "timeline" };
        let id = id.unwrap_or_else(|| fresh_id(stem, scene.clocked().map(Clocked::id)));
        Some((template.id.clone(), document, values, id, start))
    })?;
    let made = started(scene, &document, &values, &id, start, limits, has_asset);
    made.map(|scene| (scene, id)).map_err(|faults| {
        let own = |fault: Fault| match fault.pointer.strip_prefix("/timeline/start") {
            // That it has from the body.
            Some(rest) => Fault {
                pointer: format!("/start{rest}"),
                ..fault
            },
            None => Fault {
                pointer: blamed(&document, &fault.pointer),
                detail: format!(
                    "{} of the template `{template}` {}",
                    named(&fault.pointer),
                    fault.detail
                ),
                kind: fault.kind,
            },
        };
        ReadError::Invalid(capped(faults.into_iter().map(own).collect()))
    })
}

fn named(pointer: &str) -> &str {
    if pointer.is_empty() {
        "what comes"
    } else {
        pointer
    }
}

/// The parameter in a body that stands at that place of a template, or else the template.
fn blamed(document: &Value, pointer: &str) -> String {
    let text = document.pointer(pointer).and_then(Value::as_str);
    let pieces = text.and_then(|text| pieces(text).ok()).unwrap_or_default();
    let name = pieces.into_iter().find_map(|piece| match piece {
        Piece::Parameter(name) if name != OWN_ID => Some(name),
        _ => None,
    });
    name.map_or_else(
        || "/template".to_owned(),
        |name| format!("/parameters/{name}"),
    )
}

/// The values of all parameters.
fn values_of(
    given: Option<&At<'_>>,
    f: &Fields<'_>,
    document: &Value,
) -> Option<Map<String, Value>> {
    let declared = parameters(document);
    let mut values = Map::new();
    let mut complete = true;
    if let Some(at) = given {
        let rest = at.object(Fields::rest)?;
        for (name, at) in rest {
            let Some((_, parameter)) = declared.iter().find(|(one, _)| one == name) else {
                let known = joined(declared.iter().map(|(name, _)| name.as_str()));
                complete = false;
                at.fault::<()>(format!("unknown parameter; known: {known}"));
                continue;
            };
            match parameter.value(&at) {
                Some(value) => drop(values.insert(name.to_owned(), value)),
                None => complete = false,
            }
        }
    }
    for (name, parameter) in &declared {
        let is_given = given.is_some_and(|at| at.value.get(name).is_some());
        match &parameter.default {
            _ if is_given => {}
            Some(default) => drop(values.insert(name.clone(), default.clone())),
            None => {
                complete = false;
                let kind = crate::read::word_for(&KINDS, &parameter.kind);
                f.fault_below("parameters", name, format!("is missing; takes {kind}"));
            }
        }
    }
    complete.then_some(values)
}

#[cfg(test)]
mod tests;
