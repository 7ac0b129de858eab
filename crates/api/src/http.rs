//! Operations over HTTP: a request becomes a [`Call`], an [`Answer`] a response.

use crate::access::Client;
use crate::control::{Condition, etag};
use crate::idempotency::Turn;
use crate::operation::{Answer, Body, Call, Operation, Run, Status};
use crate::operations::OPERATIONS;
use crate::problem::{ACCEPTED, CREATED, Error, NO_CONTENT};
use crate::request::{BODY_LIMIT_BYTES, read_body};
use crate::{Api, traces};
use axum::Router;
use axum::extract::{Extension, RawPathParams, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use engine::Applied;
use scene::Revision;
use serde_json::Value;
use tracing::Instrument as _;

pub(crate) const REVISION: HeaderName = HeaderName::from_static("revision");
pub(crate) const FRAME: HeaderName = HeaderName::from_static("frame");
pub(crate) const SHOW_TIME_MS: HeaderName = HeaderName::from_static("show-time-ms");
/// Bodies that are larger are parsed away from the threads that answer others.
const LARGE_BODY_BYTES: usize = 64 << 10;

/// The routes of all operations, below `/api/v1`.
pub(crate) fn routes() -> Router<Api> {
    OPERATIONS.iter().fold(Router::new(), |router, operation| {
        let answer = async move |State(api): State<Api>,
                                 Extension(client): Extension<Client>,
                                 path: RawPathParams,
                                 request: Request| {
            let span = traces::request(operation, &client, "http");
            let answered = async {
                client.may(operation.need)?;
                let id = path.iter().next().map(|(_, value)| value.to_owned());
                run(&api, operation, client, id.unwrap_or_default(), request).await
            };
            let answer = answered.instrument(span.clone()).await;
            match &answer {
                Ok(response) => {
                    span.record("status", response.status().as_u16());
                }
                Err(error) => traces::failed(&span, error),
            }
            answer
        };
        let method = MethodFilter::try_from(operation.method.clone());
        router.route(
            operation.path,
            on(method.expect("a method of HTTP"), answer),
        )
    })
}

async fn run(
    api: &Api,
    operation: &'static Operation,
    client: Client,
    id: String,
    request: Request,
) -> Result<Response, Error> {
    let headers = request.headers().clone();
    let mut call = Call {
        client,
        operation,
        id,
        query: pairs(request.uri().query().unwrap_or_default()),
        body: Value::Null,
        condition: Condition::of(&headers),
        sync: false,
    };
    call.sync = take_durability(operation, &mut call.query)?;
    call.check_query()?;
    if let Run::Stream(run) = operation.run {
        api.check_frozen(operation)?;
        return run(api, call.client, request).await;
    }
    let body = read_body(request).await?;
    let lock = if operation.method == Method::POST {
        let key = format!(
            "{} {} {}",
            operation.name,
            call.id,
            crate::idempotency::digest(&body)
        );
        api.0.idempotency.begin(&headers, &call.client, key)?
    } else {
        Turn::Free
    };
    let mut turn = match lock {
        Turn::Done(answer) => return Ok(respond(answer)),
        turn => turn,
    };
    if !body.is_empty() {
        call.body = if body.len() > LARGE_BODY_BYTES {
            tokio::task::spawn_blocking(move || wire::read_json(&body))
                .await
                .map_err(|e| Error::Internal(e.to_string()))??
        } else {
            wire::read_json(&body)?
        };
    }
    // Many a client sends an empty object with every POST.
    let says_nothing =
        call.body.is_null() || call.body.as_object().is_some_and(serde_json::Map::is_empty);
    if operation.body.is_none() && !says_nothing {
        return Err(Error::NoBodyTaken);
    }
    if matches!(turn, Turn::Free) {
        return Ok(respond(perform(api, call).await?));
    }
    // To its end, though the client be gone: when it comes back with its key, it finds the answer.
    let api = api.clone();
    let done = async move {
        let answer = perform(&api, call).await?;
        turn.finish(&answer);
        Ok(answer)
    };
    let done = tokio::spawn(done.in_current_span());
    let answer = done.await.map_err(|e| Error::Internal(e.to_string()))?;
    answer.map(respond)
}

/// Carries an operation out, whichever way it was asked for.
pub(crate) async fn perform(api: &Api, call: Call) -> Result<Answer, Error> {
    api.check_frozen(call.operation)?;
    let sync = call.sync;
    let answer = match call.operation.run {
        Run::Change(_) => return begin(api, &call)?.finish(api).await,
        Run::Prepared(_, run) | Run::Do(run) => run(api, call).await?,
        Run::Stream(_) => {
            return Err(Error::HttpOnly {
                method: call.operation.name,
            });
        }
    };
    durable(api, sync).await?;
    Ok(answer)
}

/// Waits until everything that was done so far is durable, where somebody asks for that.
async fn durable(api: &Api, sync: bool) -> Result<(), Error> {
    if !sync {
        return Ok(());
    }
    let durable = api.0.announcer.durable().instrument(traces::durable());
    durable.await.map_err(Error::NotDurable)
}

/// A change that was accepted; what it is answered with comes with its frame.
pub(crate) struct Begun {
    sync: bool,
    pending: crate::control::Pending,
}

/// Accepts a change: from here on it is the base of the next.
pub(crate) fn begin(api: &Api, call: &Call) -> Result<Begun, Error> {
    let Run::Change(change) = call.operation.run else {
        return Err(Error::Internal("not a change".to_owned()));
    };
    api.check_frozen(call.operation)?;
    let _accepting = traces::accept().entered();
    let by = crate::control::By::now(&call.client, call.operation.name);
    let made = api
        .0
        .control
        .change(by, &call.condition, |scene| change(api, scene, call));
    Ok(Begun {
        sync: call.sync,
        pending: made?,
    })
}

impl Begun {
    pub(crate) async fn finish(self, api: &Api) -> Result<Answer, Error> {
        let revision = self.pending.revision;
        let span = traces::frame();
        let (applied, change) = self.pending.shown().instrument(span.clone()).await?;
        traces::shown(&span, applied);
        drop(span);
        let answer = api.answer(&change, revision, applied);
        durable(api, self.sync).await?;
        Ok(answer)
    }
}

/// Whether `?durability=sync`, which any write takes, asks for an answer only when it is durable.
fn take_durability(
    operation: &Operation,
    query: &mut Vec<(String, String)>,
) -> Result<bool, Error> {
    if operation.method == Method::GET {
        return Ok(false);
    }
    let mut sync = false;
    for (_, value) in query.extract_if(.., |(name, _)| name == "durability") {
        sync = match value.as_str() {
            "async" => false,
            "sync" => true,
            _ => {
                let detail = format!("durability is `{value}`; takes async, sync");
                return Err(Error::Query(detail));
            }
        };
    }
    Ok(sync)
}

/// The pairs of a query, decoded.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// An answer as a response.
pub(crate) fn respond(answer: Answer) -> Response {
    let mut response = match answer.body {
        Body::Nothing => NO_CONTENT.into_response(),
        Body::Json(document) => json(&document),
        Body::Bytes(kind, bytes) => {
            let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
            (headers, bytes).into_response()
        }
    };
    match answer.status {
        Status::Created => *response.status_mut() = CREATED,
        Status::Accepted => *response.status_mut() = ACCEPTED,
        Status::NoContent => *response.status_mut() = NO_CONTENT,
        Status::Ok => {}
    }
    let headers = response.headers_mut();
    if let Some(revision) = answer.changed {
        put_etag(headers, revision);
    }
    if let Some(applied) = answer.applied {
        put_place(headers, applied);
    }
    if let Some(location) = answer.location
        && let Ok(location) = HeaderValue::from_str(&format!("/api/v1{location}"))
    {
        headers.insert(LOCATION, location);
    }
    response
}

/// A document as a response.
pub(crate) fn json(document: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, document.to_string()).into_response()
}

fn put_etag(headers: &mut HeaderMap, revision: Revision) {
    headers.insert(REVISION, HeaderValue::from(revision));
    if let Ok(etag) = HeaderValue::from_str(&etag(revision)) {
        headers.insert(ETAG, etag);
    }
}

fn put_place(headers: &mut HeaderMap, applied: Applied) {
    headers.insert(REVISION, HeaderValue::from(applied.revision));
    headers.insert(FRAME, HeaderValue::from(applied.frame));
    if let Ok(ms) = HeaderValue::from_str(&applied.show_time.as_ms().to_string()) {
        headers.insert(SHOW_TIME_MS, ms);
    }
}

const _: () = assert!(
    BODY_LIMIT_BYTES <= 16 << 20,
    "a body is held in memory whole"
);
