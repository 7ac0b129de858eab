//! What can be asked for, whichever way it comes: over HTTP, over a WebSocket, in a batch.
//!
//! Every operation stands once in [`OPERATIONS`](crate::operations::OPERATIONS). The routes, the methods of JSON-RPC,
//! the checks of roles and the OpenAPI document are all made of that table.

use crate::Api;
use crate::access::{Client, Need};
use crate::control::{Condition, Resource};
use crate::markers::Setting;
use crate::problem::Error;
use axum::http::Method;
use bytes::Bytes;
use engine::Applied;
use scene::{Animation, Id, Layer, Revision, Scene, Shared};
use serde_json::{Value, json};
use std::pin::Pin;

/// One entry of the table.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its method over the WebSocket and in a batch.
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// Below `/api/v1`.
    pub(crate) path: &'static str,
    pub(crate) need: Need,
    /// One line for the reference.
    pub(crate) summary: &'static str,
    pub(crate) query: &'static [Parameter],
    /// The schema of the body it takes.
    pub(crate) body: Option<&'static str>,
    pub(crate) answer: Shape,
    pub(crate) run: Run,
}

/// A parameter of the query.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) summary: &'static str,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Number,
    Flag,
    Text,
}

/// What an operation answers with when it goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// 200 and a document of this schema.
    Document(&'static str),
    /// 200 and a page of documents of this schema.
    List(&'static str),
    /// 201 where it was created, 200 where it was there, and the document.
    Put(&'static str),
    /// 201 and the document that was created.
    Created(&'static str),
    /// 200, 201 or 202: a batch at once, on a picture, or later.
    Batch,
    /// 204.
    Nothing,
    /// 200 and bytes of this type.
    Bytes(&'static str),
}

/// How an operation is carried out.
pub(crate) enum Run {
    /// It makes another scene of the newest one, in microseconds; may stand in a batch.
    Change(fn(&Api, &Scene, &Call) -> Result<Change, Error>),
    /// It takes its time to prepare the change, which in a batch is made at once.
    Prepared(
        fn(&Api, &Scene, &Call) -> Result<Change, Error>,
        for<'a> fn(&'a Api, Call) -> Reply<'a>,
    ),
    /// Anything else.
    Do(for<'a> fn(&'a Api, Call) -> Reply<'a>),
    /// Over HTTP alone, where the body or the answer is a stream.
    Stream(for<'a> fn(&'a Api, Client, axum::extract::Request) -> StreamReply<'a>),
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Change(_) => "Change",
            Self::Prepared(..) => "Prepared",
            Self::Do(_) => "Do",
            Self::Stream(_) => "Stream",
        })
    }
}

pub(crate) type Reply<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>>;
pub(crate) type StreamReply<'a> =
    Pin<Box<dyn Future<Output = Result<axum::response::Response, Error>> + Send + 'a>>;

/// One request for an operation.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    /// What stands for `{id}` or the like in the path.
    pub(crate) id: String,
    pub(crate) query: Vec<(String, String)>,
    /// Null where there is none.
    pub(crate) body: Value,
    pub(crate) condition: Condition,
    /// Whether it is answered only when it is durable.
    pub(crate) sync: bool,
}

impl Call {
    /// The value of a parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rfind(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Refuses parameters that the operation does not know, and values that they do not take.
    pub(crate) fn check_query(&self) -> Result<(), Error> {
        for (name, value) in &self.query {
            let known = self.operation.query.iter();
            let parameter = known.clone().find(|parameter| parameter.name == name);
            let Some(parameter) = parameter else {
                let names: Vec<&str> = known.map(|parameter| parameter.name).collect();
                let known = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                return Err(Error::Query(format!(
                    "unknown parameter `{name}`; known: {known}"
                )));
            };
            let (fits, takes) = match parameter.kind {
                Kind::Whole => (value.parse::<u64>().is_ok(), "a whole number from 0"),
                Kind::Number => (value.parse::<f64>().is_ok_and(f64::is_finite), "a number"),
                Kind::Flag => (matches!(value.as_str(), "true" | "false"), "true or false"),
                Kind::Text => (!value.is_empty(), "text"),
            };
            if !fits {
                return Err(Error::Query(format!("{name} is `{value}`; takes {takes}")));
            }
        }
        Ok(())
    }
}

/// Another scene, and what the answer says of it.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) scene: Scene,
    pub(crate) about: About,
    /// What is to be done once it shows.
    pub(crate) follow: Option<crate::transitions::Ending>,
    /// Layers that somebody wrote to, though they may be as they were, and whether to hide them.
    pub(crate) written: Vec<(Id, bool)>,
    /// What is told on its frame besides what changed.
    pub(crate) said: Vec<Said>,
}

/// Something that is told on the frame that shows a change.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// An event of this type, with its data.
    Event(&'static str, Value),
    /// A marker is set.
    Marker(Setting),
}

impl Said {
    pub(crate) const fn event(kind: &'static str, data: Value) -> Self {
        Self::Event(kind, data)
    }

    /// What became of it that others moved the same properties; nothing where nobody did.
    pub(crate) fn conflict(id: Option<&Id>, outcome: &str, met: &[Id]) -> Option<Self> {
        let met_ids: Value = met.iter().map(Id::as_str).collect();
        let mut data = json!({ "outcome": outcome, "animations": met_ids });
        if let Some(id) = id {
            data["id"] = id.as_str().into();
        }
        (!met.is_empty()).then_some(Self::Event("animation.conflict", data))
    }
}

impl Change {
    pub(crate) const fn new(scene: Scene, about: About) -> Self {
        Self {
            scene,
            about,
            follow: None,
            written: Vec::new(),
            said: Vec::new(),
        }
    }
}

/// What a change is about.
#[derive(Clone, Debug)]
pub(crate) enum About {
    /// The whole document.
    Scene,
    /// A layer as it is from now on.
    Layer(Shared<Layer>),
    /// An animation likewise.
    Animation(Shared<Animation>),
    /// A marker that is set.
    Marker(Setting),
    /// One that came into being.
    New(Box<Self>),
    /// One that is no more, as it was.
    Gone(Box<Self>),
}

impl About {
    /// The part of the scene that a condition of the request is about; none for what came into being.
    pub(crate) fn resource(&self) -> Option<Resource> {
        match self {
            Self::Scene => Some(Resource::Scene),
            Self::Layer(layer) => Some(Resource::Layer(layer.id.clone())),
            Self::Animation(animation) => Some(Resource::Animation(animation.id.clone())),
            Self::Marker(_) | Self::New(_) => None,
            Self::Gone(was) => was.resource(),
        }
    }
}

/// What an operation answers with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    pub(crate) body: Body,
    /// Where what was created stands, below `/api/v1`.
    pub(crate) location: Option<String>,
    /// When what is answered with last changed.
    pub(crate) changed: Option<Revision>,
    /// Where a change took effect.
    pub(crate) applied: Option<Applied>,
}

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Ok,
    Created,
    /// It will be done.
    Accepted,
    NoContent,
}

/// The body of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) enum Body {
    #[default]
    Nothing,
    Json(Value),
    /// Bytes of a media type.
    Bytes(&'static str, Bytes),
}

impl Answer {
    pub(crate) fn json(document: Value) -> Self {
        Self {
            body: Body::Json(document),
            ..Self::default()
        }
    }

    pub(crate) fn created(location: String, document: Value) -> Self {
        Self {
            status: Status::Created,
            location: Some(location),
            ..Self::json(document)
        }
    }

    pub(crate) fn nothing() -> Self {
        Self {
            status: Status::NoContent,
            ..Self::default()
        }
    }
}
