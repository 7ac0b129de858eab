//! Operations as JSON-RPC 2.0: the parameters of path, query and body in one object.

use crate::Api;
use crate::access::Client;
use crate::control::Condition;
use crate::http::{Begun, begin, perform};
use crate::operation::{Answer, Body, Call, Operation, Run};
use crate::operations::named;
use crate::problem::Error;
use crate::traces;
use axum::http::Method;
use data_encoding::BASE64;
use scene::Fault;
use serde_json::{Value, json};
use tracing::{Instrument as _, Span};

pub(crate) mod socket;

/// Makes a call of parameters: those of the path and of the query by their names, `if_match`, and the rest, or an array,
/// as the body.
pub(crate) fn call(
    client: Client,
    operation: &'static Operation,
    params: Value,
) -> Result<Call, Error> {
    let mut call = Call {
        client,
        operation,
        id: String::new(),
        query: Vec::new(),
        body: Value::Null,
        condition: Condition::default(),
        sync: false,
    };
    let invalid =
        |pointer: &str, detail: &str| Error::Invalid(vec![Fault::invalid(pointer, detail)]);
    let mut fields = match params {
        Value::Object(fields) => fields,
        Value::Null => serde_json::Map::new(),
        list @ Value::Array(_) if operation.body.is_some() && !operation.path.contains('{') => {
            call.body = list;
            return Ok(call);
        }
        _ => return Err(invalid("", "takes an object")),
    };
    if let Some(name) = path_parameter(operation.path) {
        let id = fields.shift_remove(name);
        let id = id.as_ref().and_then(Value::as_str);
        call.id = id
            .ok_or_else(|| invalid(&format!("/{name}"), "is missing or no text"))?
            .to_owned();
    }
    for parameter in operation.query {
        if let Some(value) = fields.shift_remove(parameter.name) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            call.query.push((parameter.name.to_owned(), text));
        }
    }
    if let Some(revision) = fields.shift_remove("if_match") {
        let revision = revision.as_u64();
        let revision =
            revision.ok_or_else(|| invalid("/if_match", "takes a revision, a whole number"))?;
        call.condition = Condition::revision(Some(revision));
    }
    if operation.method != Method::GET
        && let Some(durability) = fields.shift_remove("durability")
    {
        call.sync = match durability.as_str() {
            Some("sync") => true,
            Some("async") => false,
            _ => return Err(invalid("/durability", "takes \"async\" or \"sync\"")),
        };
    }
    call.check_query()?;
    if operation.body.is_some() {
        call.body = Value::Object(fields);
    } else if let Some(name) = fields.keys().next() {
        return Err(invalid(&format!("/{name}"), "is unknown here"));
    }
    Ok(call)
}

/// `id` of `/layers/{id}/show`.
pub(crate) fn path_parameter(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once('{')?;
    rest.split_once('}').map(|(name, _)| name)
}

/// A request on its way.
pub(crate) enum Asked {
    /// It is answered already, or (`None`) nobody wants an answer.
    Answered(Option<Value>),
    /// A change that was accepted.
    Begun(Id, Box<Begun>, Span),
    /// Something else.
    Called(Id, Box<Call>, Span),
}

/// The id that a request is answered with; `None` for a notification.
pub(crate) type Id = Option<Value>;

/// What a request calls, if it is one.
fn method_of(request: &Value) -> Option<&str> {
    let id = request.get("id").unwrap_or(&Value::Null);
    let named_right = id.is_null() || id.is_string() || id.is_number();
    let is_rpc = request.get("jsonrpc").and_then(Value::as_str) == Some("2.0");
    let method = request.get("method").and_then(Value::as_str);
    method.filter(|_| is_rpc && named_right)
}

/// Reads one request, and accepts it where it is a change: in the order in which requests arrive.
pub(crate) fn ask(api: &Api, client: &Client, mut request: Value) -> Asked {
    let Some(method) = method_of(&request).map(str::to_owned) else {
        return Asked::Answered(Some(invalid_request()));
    };
    let mut field = |name| request.as_object_mut()?.shift_remove(name);
    let (id, params) = (field("id"), field("params").unwrap_or_default());
    let Some(operation) = named(&method) else {
        let error = json!({ "code": -32601, "message": format!("there is no method `{}`", method.chars().take(64).collect::<String>()) });
        return Asked::Answered(answered(id, Err(error)));
    };
    let span = traces::request(operation, client, "rpc");
    let made = client
        .may(operation.need)
        .and_then(|()| call(client.clone(), operation, params));
    let made = match made {
        Ok(call) if matches!(operation.run, Run::Change(_)) => {
            let begun = span.in_scope(|| begin(api, &call));
            begun.map(|begun| Asked::Begun(id.clone(), Box::new(begun), span.clone()))
        }
        Ok(call) => Ok(Asked::Called(id.clone(), Box::new(call), span.clone())),
        Err(error) => Err(error),
    };
    made.unwrap_or_else(|error| {
        traces::failed(&span, &error);
        Asked::Answered(answered(id, Err(in_rpc(&error))))
    })
}

impl Asked {
    /// What is sent back.
    pub(crate) async fn answer(self, api: &Api) -> Option<Value> {
        let (id, answer, span) = match self {
            Self::Answered(answer) => return answer,
            Self::Begun(id, begun, span) => {
                (id, begun.finish(api).instrument(span.clone()).await, span)
            }
            Self::Called(id, call, span) => {
                (id, perform(api, *call).instrument(span.clone()).await, span)
            }
        };
        if let Err(error) = &answer {
            traces::failed(&span, error);
        }
        answered(id, answer.map(result).map_err(|error| in_rpc(&error)))
    }
}

/// The document, and for a change where it took effect.
fn result(answer: Answer) -> Value {
    let document = match answer.body {
        Body::Nothing => Value::Null,
        Body::Json(document) => document,
        Body::Bytes(kind, bytes) => json!({ "media_type": kind, "base64": BASE64.encode(&bytes) }),
    };
    let Some(applied) = answer.applied else {
        return document;
    };
    json!({
        "revision": applied.revision,
        "frame": applied.frame,
        "show_time_ms": wire::number(applied.show_time.as_ms()),
        "value": document,
    })
}

fn answered(id: Id, result: Result<Value, Value>) -> Option<Value> {
    let id = id?;
    Some(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    })
}

fn invalid_request() -> Value {
    json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "not a request of JSON-RPC 2.0" } })
}

/// A problem as an error of JSON-RPC, whole in its `data`.
pub(crate) fn in_rpc(error: &Error) -> Value {
    let code = match error {
        Error::Invalid(_) | Error::Query(_) => -32602,
        Error::Internal(_) => -32603,
        _ => -32000,
    };
    json!({ "code": code, "message": error.to_string(), "data": error.to_json() })
}
