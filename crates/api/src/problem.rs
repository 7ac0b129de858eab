//! From error to answer: the one place that names status codes.

use crate::outputs::OutputFault;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use scene::Fault;
use serde_json::{Value, json};

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is nothing at {path}")]
    NoSuchRoute { path: String },
    #[error("{path} does not take {method}; the header Allow names what it takes")]
    MethodNotAllowed { method: Method, path: String },
    #[error("the Host `{host}` is none of this service's; ALLOWED_ORIGINS names further ones")]
    ForeignHost { host: String },
    #[error("pages of `{origin}` may not use this service; ALLOWED_ORIGINS names those that may")]
    ForeignOrigin { origin: String },
    #[error("the body did not arrive whole")]
    BodyBroken,
    #[error("the body is larger than {limit_bytes} bytes")]
    BodyTooLarge { limit_bytes: usize },
    #[error("the body is `{content_type}`; takes application/json")]
    NotJson { content_type: String },
    #[error("the body is {0}")]
    Syntax(wire::ReadError),
    #[error("{} in the body", count(.0.len()))]
    Invalid(Vec<Fault>),
    #[error("{0}")]
    Query(String),
    #[error("the scene is at revision {current}, which If-Match does not name")]
    Stale { current: u64 },
    #[error("this is a WebSocket: {0}")]
    NotWebSocket(String),
    #[error(transparent)]
    EngineBusy(#[from] engine::Busy),
    #[error(
        "the engine has not answered for {waited_ms} ms; whether the change is made shows when it answers again"
    )]
    EngineSilent { waited_ms: u64 },
    #[error("{at_once} stills are being made and this one waited {waited_ms} ms for its turn")]
    StillsBusy { at_once: usize, waited_ms: u64 },
    #[error("{0}")]
    Internal(String),
    #[error(transparent)]
    Output(#[from] OutputFault),
}

fn count(faults: usize) -> String {
    if faults == 1 {
        "one fault".to_owned()
    } else {
        format!("{faults} faults")
    }
}

/// Kinds of problem, as clients tell them apart: by `code`, which never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotFound,
    MethodNotAllowed,
    ForeignHost,
    ForeignOrigin,
    BodyBroken,
    BodyTooLarge,
    UnsupportedMediaType,
    Syntax,
    Invalid,
    Query,
    Stale,
    NotWebSocket,
    EngineBusy,
    EngineSilent,
    StillsBusy,
    Internal,
    OutputNotFound,
    OutputExists,
    OutputFixed,
}

impl Kind {
    const ALL: [Self; 19] = [
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::ForeignHost,
        Self::ForeignOrigin,
        Self::BodyBroken,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::Syntax,
        Self::Invalid,
        Self::Query,
        Self::Stale,
        Self::NotWebSocket,
        Self::EngineBusy,
        Self::EngineSilent,
        Self::StillsBusy,
        Self::Internal,
        Self::OutputNotFound,
        Self::OutputExists,
        Self::OutputFixed,
    ];

    const fn of(error: &Error) -> Self {
        match error {
            Error::NoSuchRoute { .. } => Self::NotFound,
            Error::MethodNotAllowed { .. } => Self::MethodNotAllowed,
            Error::ForeignHost { .. } => Self::ForeignHost,
            Error::ForeignOrigin { .. } => Self::ForeignOrigin,
            Error::BodyBroken => Self::BodyBroken,
            Error::BodyTooLarge { .. } => Self::BodyTooLarge,
            Error::NotJson { .. } => Self::UnsupportedMediaType,
            Error::Syntax(_) => Self::Syntax,
            Error::Invalid(_) => Self::Invalid,
            Error::Query(_) => Self::Query,
            Error::Stale { .. } => Self::Stale,
            Error::NotWebSocket(_) => Self::NotWebSocket,
            Error::EngineBusy(_) => Self::EngineBusy,
            Error::EngineSilent { .. } => Self::EngineSilent,
            Error::StillsBusy { .. } => Self::StillsBusy,
            Error::Internal(_) => Self::Internal,
            Error::Output(fault) => match fault {
                OutputFault::NotFound { .. } => Self::OutputNotFound,
                OutputFault::Exists { .. } => Self::OutputExists,
                OutputFault::Invalid(_) => Self::Invalid,
                OutputFault::Fixed { .. } => Self::OutputFixed,
            },
        }
    }

    /// Code, status, title.
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Nothing is there"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Not a method of this resource",
            ),
            Self::ForeignHost => (
                "foreign-host",
                StatusCode::FORBIDDEN,
                "Not a name of this service",
            ),
            Self::ForeignOrigin => (
                "foreign-origin",
                StatusCode::FORBIDDEN,
                "Not an allowed origin",
            ),
            Self::BodyBroken => (
                "body-broken",
                StatusCode::BAD_REQUEST,
                "The body did not arrive whole",
            ),
            Self::BodyTooLarge => (
                "body-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body is not JSON",
            ),
            Self::Syntax => ("syntax", StatusCode::BAD_REQUEST, "The body does not parse"),
            Self::Invalid => (
                "invalid",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The body has faults",
            ),
            Self::Query => ("query", StatusCode::BAD_REQUEST, "The query has faults"),
            Self::Stale => (
                "stale",
                StatusCode::PRECONDITION_FAILED,
                "Someone else has written since",
            ),
            Self::NotWebSocket => (
                "not-websocket",
                StatusCode::UPGRADE_REQUIRED,
                "This is a WebSocket",
            ),
            Self::EngineBusy => (
                "engine-busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "The engine takes no more now",
            ),
            Self::EngineSilent => (
                "engine-silent",
                StatusCode::GATEWAY_TIMEOUT,
                "The engine does not answer",
            ),
            Self::StillsBusy => (
                "stills-busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many stills at once",
            ),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Our fault"),
            Self::OutputNotFound => (
                "output-not-found",
                StatusCode::NOT_FOUND,
                "There is no such output",
            ),
            Self::OutputExists => (
                "output-exists",
                StatusCode::CONFLICT,
                "There is such an output already",
            ),
            Self::OutputFixed => (
                "output-fixed",
                StatusCode::CONFLICT,
                "The output follows the environment",
            ),
        }
    }
}

impl Error {
    fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults) | Self::Output(OutputFault::Invalid(faults)) => faults,
            _ => &[],
        }
    }

    fn to_json(&self) -> Value {
        let (code, status, title) = Kind::of(self).row();
        let mut problem = json!({
            "type": format!("/problems/{code}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.to_string(),
            "code": code,
        });
        if !self.faults().is_empty() {
            let entry = |fault: &Fault| json!({ "pointer": fault.pointer, "detail": fault.detail });
            problem["errors"] = self.faults().iter().map(entry).collect();
        }
        problem
    }
}

impl From<wire::ReadError> for Error {
    fn from(error: wire::ReadError) -> Self {
        match error {
            wire::ReadError::Invalid(faults) => Self::Invalid(faults),
            syntax => Self::Syntax(syntax),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (_, status, _) = Kind::of(&self).row();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self, "a request failed by our fault");
        }
        let headers = [
            (CONTENT_TYPE, "application/problem+json"),
            (CACHE_CONTROL, "no-store"),
        ];
        let mut response = (status, headers, self.to_json().to_string()).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// Status of an answer that created something.
pub(crate) const CREATED: StatusCode = StatusCode::CREATED;
/// Status of an answer without a body.
pub(crate) const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

/// `/problems/{code}`: what the type of a problem points to.
pub(crate) async fn explain(Path(code): Path<String>) -> Result<String, Error> {
    let row = Kind::ALL
        .into_iter()
        .map(Kind::row)
        .find(|(c, _, _)| *c == code);
    let (code, status, title) = row.ok_or_else(|| Error::NoSuchRoute {
        path: format!("/problems/{code}"),
    })?;
    Ok(format!("{code}: {title} (HTTP {status})\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_error() -> Vec<Error> {
        let fault = || vec![Fault::invalid("/layers/0/opacity", "is 2; allowed: 0..=1")];
        let text = || "x".to_owned();
        vec![
            Error::NoSuchRoute { path: text() },
            Error::MethodNotAllowed {
                method: Method::PUT,
                path: text(),
            },
            Error::ForeignHost { host: text() },
            Error::ForeignOrigin { origin: text() },
            Error::BodyBroken,
            Error::BodyTooLarge { limit_bytes: 1 },
            Error::NotJson {
                content_type: text(),
            },
            Error::Syntax(wire::ReadError::Syntax {
                line: 1,
                column: 2,
                detail: text(),
            }),
            Error::Invalid(fault()),
            Error::Query(text()),
            Error::Stale { current: 3 },
            Error::NotWebSocket(text()),
            Error::EngineBusy(engine::Busy),
            Error::EngineSilent { waited_ms: 1 },
            Error::StillsBusy {
                at_once: 1,
                waited_ms: 1,
            },
            Error::Internal(text()),
            OutputFault::NotFound { id: text() }.into(),
            OutputFault::Exists { id: text() }.into(),
            OutputFault::Fixed { id: text() }.into(),
            OutputFault::Invalid(fault()).into(),
        ]
    }

    /// Codes and their status are a contract with clients: this table changes only together with the documentation.
    #[test]
    fn every_code_and_its_status() {
        let table: Vec<(&str, u16)> = Kind::ALL
            .iter()
            .map(|kind| (kind.row().0, kind.row().1.as_u16()))
            .collect();
        assert_eq!(
            table,
            [
                ("not-found", 404),
                ("method-not-allowed", 405),
                ("foreign-host", 403),
                ("foreign-origin", 403),
                ("body-broken", 400),
                ("body-too-large", 413),
                ("unsupported-media-type", 415),
                ("syntax", 400),
                ("invalid", 422),
                ("query", 400),
                ("stale", 412),
                ("not-websocket", 426),
                ("engine-busy", 503),
                ("engine-silent", 504),
                ("stills-busy", 503),
                ("internal", 500),
                ("output-not-found", 404),
                ("output-exists", 409),
                ("output-fixed", 409),
            ]
        );
        for kind in Kind::ALL {
            assert!(
                every_error().iter().any(|error| Kind::of(error) == kind),
                "no error is of {kind:?}"
            );
        }
    }

    #[test]
    fn a_problem_names_every_fault_by_its_pointer() {
        let problem = Error::Invalid(vec![
            Fault::invalid("/a", "is missing"),
            Fault::invalid("/b", "is 3"),
        ])
        .to_json();
        let text = r#"{"type":"/problems/invalid","title":"The body has faults","status":422,"detail":"2 faults in the body","code":"invalid","errors":[{"pointer":"/a","detail":"is missing"},{"pointer":"/b","detail":"is 3"}]}"#;
        assert_eq!(problem.to_string(), text);
        for error in every_error() {
            assert_eq!(
                error.to_json().get("errors").is_some(),
                matches!(Kind::of(&error), Kind::Invalid),
                "{error}"
            );
        }
    }
}
