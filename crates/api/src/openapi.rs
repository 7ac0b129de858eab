//! The OpenAPI document, made of the table of operations and the schemas of `wire`, and the page that shows it.

use crate::operation::{Kind, Operation, Parameter, Run, Shape};
use crate::operations::OPERATIONS;
use crate::problem::codes;
use crate::rpc::path_parameter;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const PAGE: &str = include_str!("docs.html");

/// What may be listened for.
pub(crate) const EVENTS: &[(&str, &str)] = &[
    ("layer.created", "A layer came; `data.layer`"),
    ("layer.updated", "A layer changed; `data.layer`"),
    ("layer.removed", "A layer went; `data.id`"),
    (
        "layer.reordered",
        "Layers stand in another order; `data.order`, from below",
    ),
    (
        "layer.expired",
        "A layer was hidden because nobody refreshed it within its `ttl_ms`",
    ),
    (
        "layer.failed",
        "A layer cannot be painted as it asks, and a placeholder or other letters stand in; `data.id`, `data.detail`",
    ),
    ("canvas.updated", "The canvas changed"),
    (
        "transition.started",
        "A transition begins to run; `data.id`, `data.layer` unless it is about the whole scene",
    ),
    (
        "transition.turned",
        "A transition turned round where it was",
    ),
    ("transition.ended", "A transition is over"),
    (
        "animation.created",
        "An animation was added; `data.animation`",
    ),
    (
        "animation.started",
        "An animation or a timeline begins to run; `data.id`",
    ),
    (
        "animation.iteration",
        "The next iteration begins; `data.iteration` counts from 0; none for those shorter than a frame",
    ),
    (
        "animation.finished",
        "An animation or a timeline is over; `data.id`",
    ),
    ("animation.canceled", "An animation went before it was over"),
    (
        "animation.dropped",
        "An animation came too late and does not begin",
    ),
    (
        "animation.conflict",
        "Animations move the same property: `data.id` replaced, was queued behind or was rejected for `data.animations`, or a write took what it wrote from those, timelines among them",
    ),
    (
        "animation.timed_out",
        "An animation has waited long enough; `data.on_timeout`",
    ),
    (
        "marker.set",
        "A marker was set; `data.woken` had waited for it",
    ),
    (
        "animation.updated",
        "An animation changed; `data.animation`",
    ),
    (
        "animation.removed",
        "An animation was cancelled or ended by us",
    ),
    ("timeline.created", "A timeline was added; `data.timeline`"),
    (
        "timeline.updated",
        "A timeline changed, or somebody paused, sought or turned it; `data.timeline`",
    ),
    (
        "timeline.removed",
        "A timeline that was over was taken out; its layers hold what it held",
    ),
    (
        "timeline.canceled",
        "A timeline was taken out before it was over",
    ),
    ("timeline.started", "A timeline begins to show"),
    (
        "timeline.iteration",
        "A timeline begins another iteration; `data.iteration`, from 0",
    ),
    ("timeline.finished", "A timeline is over"),
    (
        "timeline.timed_out",
        "A timeline has waited long enough; `data.on_timeout`",
    ),
    ("template.created", "A template was kept"),
    ("template.updated", "A template was replaced"),
    ("template.removed", "A template was forgotten"),
    ("batch.scheduled", "A batch will be carried out later"),
    (
        "batch.cancelled",
        "A scheduled batch will not be carried out",
    ),
    (
        "batch.failed",
        "A scheduled batch could not be carried out; `data.problem`",
    ),
    ("preset.created", "A preset was kept"),
    ("preset.updated", "A preset was replaced"),
    ("preset.removed", "A preset was forgotten"),
    ("asset.added", "An asset was uploaded or fetched on request"),
    (
        "asset.fetched",
        "An asset that a layer names by its URL was fetched",
    ),
    ("asset.ready", "The picture of an asset is on screen"),
    (
        "asset.failed",
        "An asset cannot be had or shown; a placeholder stands in its place",
    ),
    ("asset.removed", "An asset was thrown away"),
    ("output.added", "An output was added"),
    (
        "output.updated",
        "An output was changed, started or stopped on request",
    ),
    ("output.removed", "An output was removed"),
    ("output.state", "An output came to another state"),
    (
        "stream.changed",
        "The stream was started, held, stopped or changed",
    ),
    ("panic.started", "The slate is on air"),
    ("panic.ended", "The show is on air again"),
    ("session.started", "A browser came in"),
    ("chat.message", "A viewer said something"),
    ("auction.event", "Something happened in the auction"),
];

/// Statuses that an operation may answer with besides its own.
fn problems(operation: &Operation) -> Vec<u16> {
    let mut statuses = vec![400, 401, 403, 429, 500];
    let scene_changes = matches!(operation.run, Run::Change(_) | Run::Prepared(..));
    let takes_id = operation.path.contains('{');
    let names_one = ["batch", "animatable.list"].contains(&operation.name);
    if takes_id || names_one || operation.name.starts_with("frame.") {
        statuses.push(404);
    }
    if operation.method != Method::GET {
        statuses.extend([409, 412, 413, 415, 422]);
    }
    if scene_changes || operation.method != Method::GET || operation.name.starts_with("frame.") {
        statuses.extend([503, 504]);
    }
    if operation.name.starts_with("asset.") {
        statuses.extend([415, 422, 502, 504, 507]);
    }
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = format!("/api/v1{}", operation.path);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_ascii_lowercase()] = described(operation);
    }
    for (path, method, entry) in sessions() {
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = entry;
    }
    let mut tags: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| tag(operation.name))
        .collect();
    tags.push("session");
    tags.dedup();
    let methods = OPERATIONS
        .iter()
        .filter(|operation| !matches!(operation.run, Run::Stream(_)));
    let methods = methods.map(|operation| {
        json!({ "method": operation.name, "summary": operation.summary, "path": format!("{} /api/v1{}", operation.method, operation.path) })
    });
    let events = EVENTS
        .iter()
        .map(|(kind, summary)| json!({ "type": kind, "summary": summary }));
    let problems = codes()
        .map(|(code, status, title)| json!({ "code": code, "status": status, "title": title }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Stream Manager",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A headless live studio: what is on screen, as data. Every change answers with the revision, the frame and the show time at which it took effect.",
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }, { "session": [] }, {}],
        "tags": tags.iter().map(|tag| json!({ "name": tag })).collect::<Value>(),
        "paths": paths,
        "components": {
            "schemas": wire::schemas(),
            "headers": header_components(),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": crate::access::COOKIE_NAME },
            },
        },
        "x-rpc-methods": methods.collect::<Value>(),
        "x-events": events.collect::<Value>(),
        "x-problems": problems.collect::<Value>(),
    })
});

/// `layer` of `layer.update`.
fn tag(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn described(operation: &Operation) -> Value {
    let mut parameters: Vec<Value> = operation.query.iter().map(parameter).collect();
    if let Some(name) = path_parameter(operation.path) {
        parameters.insert(
            0,
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }),
        );
    }
    if operation.method != Method::GET {
        parameters.push(json!({
            "name": "durability", "in": "query", "schema": { "enum": ["async", "sync"], "default": "async" },
            "description": "`sync`: answered only when it is on disk; `async`: within a tenth of a second",
        }));
    }
    if matches!(operation.run, Run::Change(_) | Run::Prepared(..)) {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": "the `ETag` that was read: the change is made only if nobody has written since",
        }));
    }
    if operation.method == Method::POST {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$" },
            "description": "sent again with the same key within a day, the request is answered as before and not carried out again",
        }));
    }
    let mut entry = json!({
        "operationId": operation.name,
        "tags": [tag(operation.name)],
        "summary": operation.summary,
        "x-role": operation.need.word(),
        "parameters": parameters,
        "responses": responses(operation),
    });
    if let Some(body) = operation.body {
        let mut content = json!({ "application/json": { "schema": reference(body) } });
        if operation.name == "asset.create" {
            content["multipart/form-data"] = json!({
                "schema": { "type": "object", "properties": { "file": { "type": "string", "contentMediaType": "application/octet-stream" } }, "required": ["file"] },
            });
        }
        entry["requestBody"] = json!({ "content": content, "required": needs_body(operation) });
    }
    entry
}

/// Whether nothing is not enough.
fn needs_body(operation: &Operation) -> bool {
    !matches!(
        operation.body,
        Some(
            "TransitionRequest"
                | "ScopeRequest"
                | "PanicRequest"
                | "NewPreset"
                | "OutputPatch"
                | "StreamPatch"
        )
    )
}

fn parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Whole => json!({ "type": "integer", "minimum": 0 }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
    };
    json!({ "name": parameter.name, "in": "query", "description": parameter.summary, "schema": schema })
}

/// Headers of answers that mean something here, and what.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "Revision",
        "integer",
        "The accepted change that the answer is about",
    ),
    (
        "Frame",
        "integer",
        "The first frame that shows it; of a still, the frame it shows",
    ),
    (
        "Show-Time-Ms",
        "number",
        "That frame's show time in milliseconds, with a fraction",
    ),
    (
        "ETag",
        "string",
        "When what is answered with last changed, for `If-Match`; of an asset, its content",
    ),
    ("Location", "string", "Where what was created stands"),
    ("Retry-After", "integer", "Seconds after which to try again"),
    ("WWW-Authenticate", "string", "How to come in"),
    ("Set-Cookie", "string", "The session, or its end"),
];

/// The headers that an operation may answer with when it goes well, by its own kind.
fn success_headers(operation: &Operation, status: &str) -> Vec<&'static str> {
    let is_change = matches!(operation.run, Run::Change(_) | Run::Prepared(..));
    let named = |names: &[&str]| names.contains(&operation.name);
    let mut headers = Vec::new();
    let changes_scene = is_change || named(&["batch", "undo", "redo", "preset.take"]);
    let reads_scene = named(&[
        "scene.get",
        "layer.list",
        "layer.get",
        "animation.list",
        "animation.get",
        "timeline.list",
        "timeline.get",
        "template.list",
        "template.get",
    ]);
    let is_placed = named(&[
        "frame.png",
        "frame.jpg",
        "stream.update",
        "panic.start",
        "panic.end",
    ]);
    if changes_scene || reads_scene || is_placed {
        headers.push("Revision");
    }
    if changes_scene || is_placed {
        headers.extend(["Frame", "Show-Time-Ms"]);
    }
    if changes_scene || reads_scene || operation.name == "asset.content" {
        headers.push("ETag");
    }
    if status == "201" || status == "202" {
        headers.push("Location");
    }
    headers
}

fn problem_headers(status: u16) -> Vec<&'static str> {
    match status {
        401 => vec!["WWW-Authenticate"],
        429 | 503 => vec!["Retry-After"],
        _ => Vec::new(),
    }
}

/// Says that a response has these headers.
fn put_headers(response: &mut Value, names: &[&str]) {
    let refer = |name: &&str| {
        let place = json!({ "$ref": format!("#/components/headers/{name}") });
        ((*name).to_owned(), place)
    };
    if !names.is_empty() {
        response["headers"] = names.iter().map(refer).collect::<Map<_, _>>().into();
    }
}

fn header_components() -> Value {
    let component = |(name, kind, says): &(&str, &str, &str)| {
        let header = json!({ "description": says, "schema": { "type": kind } });
        ((*name).to_owned(), header)
    };
    HEADERS.iter().map(component).collect::<Map<_, _>>().into()
}

fn responses(operation: &Operation) -> Value {
    let document = |schema: &str, says: &str| json!({ "description": says, "content": { "application/json": { "schema": reference(schema) } } });
    let bytes = |kind: &str| json!({ "description": "The bytes", "content": { kind: {} } });
    let mut responses = Map::new();
    match operation.answer {
        Shape::Document(schema) => {
            responses.insert("200".to_owned(), document(schema, "The document"));
        }
        Shape::List(schema) => {
            responses.insert(
                "200".to_owned(),
                document(&format!("{schema}List"), "A page"),
            );
        }
        Shape::Created(schema) => {
            responses.insert("201".to_owned(), document(schema, "What was created"));
        }
        Shape::Put(schema) => {
            responses.insert("201".to_owned(), document(schema, "What was created"));
            responses.insert("200".to_owned(), document(schema, "It was there already"));
        }
        Shape::Batch => {
            let mut done = document("BatchResult", "Carried out, or with `dry_run` a picture");
            done["content"]["image/png"] = json!({});
            responses.insert("200".to_owned(), done);
            responses.insert("202".to_owned(), document("Job", "It will be carried out"));
        }
        Shape::Nothing => {
            responses.insert("204".to_owned(), json!({ "description": "Done" }));
        }
        Shape::Bytes(kind) if operation.name == "asset.content" => {
            responses.insert(
                "200".to_owned(),
                json!({ "description": "The bytes, as their own type", "content": { "*/*": {} } }),
            );
            responses.insert(
                "304".to_owned(),
                json!({ "description": "They are known already" }),
            );
            let _ = kind;
        }
        Shape::Bytes(kind) => {
            responses.insert("200".to_owned(), bytes(kind));
        }
    }
    for (status, response) in &mut responses {
        put_headers(response, &success_headers(operation, status));
    }
    for status in problems(operation) {
        responses.insert(status.to_string(), problem(status));
    }
    Value::Object(responses)
}

fn problem(status: u16) -> Value {
    let codes: Vec<&str> = codes()
        .filter(|(_, s, _)| *s == status)
        .map(|(code, _, _)| code)
        .collect();
    let mut problem = json!({
        "description": codes.join(", "),
        "content": { "application/problem+json": { "schema": reference("Problem") } },
    });
    put_headers(&mut problem, &problem_headers(status));
    problem
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The routes of sessions, which are not operations: they make clients, and clients make operations.
fn sessions() -> Vec<(String, &'static str, Value)> {
    let entry = |id: &str, summary: &str, role: &str, responses: Value| {
        let mut entry = json!({ "operationId": id, "tags": ["session"], "summary": summary, "parameters": [], "responses": responses });
        if !role.is_empty() {
            entry["x-role"] = role.into();
        }
        entry
    };
    let answer = |schema: &str, problems: &[u16]| {
        let mut responses = json!({ "200": { "description": "The document", "content": { "application/json": { "schema": reference(schema) } } } });
        for status in problems {
            responses[status.to_string()] = problem(*status);
        }
        responses
    };
    let session = "/api/v1/session".to_owned();
    let mut begin = entry(
        "session.begin",
        "Trade a token for a cookie that scripts cannot read",
        "",
        answer("Session", &[400, 401, 403, 413, 415, 422, 429]),
    );
    put_headers(&mut begin["responses"]["200"], &["Set-Cookie"]);
    let mut end = json!({ "204": { "description": "Done" }, "403": problem(403) });
    put_headers(&mut end["204"], &["Set-Cookie"]);
    begin["requestBody"] =
        json!({ "content": { "application/json": { "schema": reference("NewSession") } } });
    let any = "viewer, chat, operator, admin";
    vec![
        (
            session.clone(),
            "get",
            entry(
                "session.get",
                "Who is asking",
                any,
                answer("Session", &[401, 403, 429]),
            ),
        ),
        (session.clone(), "post", begin),
        (
            session,
            "delete",
            entry("session.end", "Give the cookie back", "", end),
        ),
        (
            "/api/v1/session/ticket".to_owned(),
            "post",
            entry(
                "session.ticket",
                "A ticket that opens one socket, once, within half a minute",
                any,
                answer("Ticket", &[401, 403, 429]),
            ),
        ),
    ]
}

/// `/api/openapi.json`.
pub(crate) async fn document() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, TEXT.as_str()).into_response()
}

/// `/docs`: one page, whole in itself, with nothing that could run but its own script.
pub(crate) async fn reference_page() -> Response {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash_of("script"),
            hash_of("style"),
        )
    });
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-cache"),
    ];
    let mut response = (headers, PAGE).into_response();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The hash by which a policy lets the one element of this name in.
fn hash_of(element: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let text = PAGE
        .split_once(&open)
        .and_then(|(_, rest)| rest.split_once(&close));
    let text = text.map_or("", |(text, _)| text);
    format!(
        "sha256-{}",
        BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref())
    )
}
