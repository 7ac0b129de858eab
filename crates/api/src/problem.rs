//! From error to answer: the one place that names status codes.

use crate::assets::{AssetFault, AssetTrouble};
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
    #[error("there is no layer `{id}`")]
    NoSuchLayer { id: String },
    #[error("there is no animation `{id}`")]
    NoSuchAnimation { id: String },
    #[error("it last changed at revision {current}, which If-Match does not name")]
    Stale { current: u64 },
    #[error("this is a WebSocket: {0}")]
    NotWebSocket(String),
    #[error(transparent)]
    EngineBusy(#[from] engine::Busy),
    #[error(
        "the engine has not answered for {waited_ms} ms; whether the change is made shows when it answers again"
    )]
    EngineSilent { waited_ms: u64 },
    #[error("{0}; ask again in a second")]
    Standby(&'static str),
    #[error("{at_once} stills are being made and this one waited {waited_ms} ms for its turn")]
    StillsBusy { at_once: usize, waited_ms: u64 },
    #[error("{0}; the picture goes on as it was")]
    EncoderRefused(String),
    #[error("{0}")]
    Internal(String),
    #[error(
        "who is asking is not known: send a token as `Authorization: Bearer`, or open a session"
    )]
    Unauthorized,
    #[error("this needs the role {need}; the token has {role}")]
    Forbidden {
        role: &'static str,
        need: &'static str,
    },
    #[error("too many requests; try again in {retry_after_s} s")]
    TooManyRequests { retry_after_s: u64 },
    #[error("this takes no body")]
    NoBodyTaken,
    #[error("`{method}` is a stream and is there over HTTP alone")]
    HttpOnly { method: &'static str },
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    #[error("the request with this Idempotency-Key is being carried out")]
    KeyInUse,
    #[error("there is nothing to {what}")]
    NothingToUndo { what: &'static str },
    #[error("change {id} cannot be turned: {} changed since", places.join(", "))]
    ChangedSince { id: u64, places: Vec<String> },
    #[error("there is no preset `{id}`")]
    NoSuchPreset { id: String },
    #[error("preset `{id}` does not fit the scene as it is: {}", places.join("; "))]
    DoesNotFit { id: String, places: Vec<String> },
    #[error("there are {most} presets, which is the most there can be")]
    TooManyPresets { most: usize },
    #[error("{most} jobs are waiting, which is the most that can")]
    TooManyScheduled { most: usize },
    #[error("these animations are in its way: {}", animations.join(", "))]
    Meets { id: String, animations: Vec<String> },
    #[error("nothing is scheduled as `{id}`")]
    NoSuchJob { id: String },
    #[error("it is done, and may be lost if the service ends now: {0}")]
    NotDurable(String),
    #[error("{0} in this version")]
    NotAvailable(&'static str),
    #[error(transparent)]
    Output(#[from] OutputFault),
    #[error(transparent)]
    Asset(#[from] AssetFault),
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
    Standby,
    StillsBusy,
    EncoderRefused,
    Internal,
    LayerNotFound,
    AnimationNotFound,
    AnimationMeets,
    OutputNotFound,
    OutputExists,
    OutputFixed,
    Unauthorized,
    Forbidden,
    TooManyRequests,
    NoBodyTaken,
    HttpOnly,
    KeyReused,
    KeyInUse,
    NothingToUndo,
    ChangedSince,
    PresetNotFound,
    DoesNotFit,
    TooManyPresets,
    TooManyScheduled,
    JobNotFound,
    NotDurable,
    NotAvailable,
    AssetTooLarge,
    AssetUnsupported,
    AssetBroken,
    AssetQuota,
    AssetAddress,
    AssetUpstream,
    AssetTimeout,
    AssetNotFound,
    AssetInUse,
    AssetInvalid,
    AssetAway,
    AssetStorage,
}

impl Kind {
    const ALL: [Self; 52] = [
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
        Self::Standby,
        Self::StillsBusy,
        Self::EncoderRefused,
        Self::Internal,
        Self::LayerNotFound,
        Self::AnimationNotFound,
        Self::AnimationMeets,
        Self::OutputNotFound,
        Self::OutputExists,
        Self::OutputFixed,
        Self::Unauthorized,
        Self::Forbidden,
        Self::TooManyRequests,
        Self::NoBodyTaken,
        Self::HttpOnly,
        Self::KeyReused,
        Self::KeyInUse,
        Self::NothingToUndo,
        Self::ChangedSince,
        Self::PresetNotFound,
        Self::DoesNotFit,
        Self::TooManyPresets,
        Self::TooManyScheduled,
        Self::JobNotFound,
        Self::NotDurable,
        Self::NotAvailable,
        Self::AssetTooLarge,
        Self::AssetUnsupported,
        Self::AssetBroken,
        Self::AssetQuota,
        Self::AssetAddress,
        Self::AssetUpstream,
        Self::AssetTimeout,
        Self::AssetNotFound,
        Self::AssetInUse,
        Self::AssetInvalid,
        Self::AssetAway,
        Self::AssetStorage,
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
            Error::Standby(_) => Self::Standby,
            Error::StillsBusy { .. } => Self::StillsBusy,
            Error::EncoderRefused(_) => Self::EncoderRefused,
            Error::Internal(_) => Self::Internal,
            Error::NoSuchLayer { .. } => Self::LayerNotFound,
            Error::NoSuchAnimation { .. } => Self::AnimationNotFound,
            Error::Unauthorized => Self::Unauthorized,
            Error::Forbidden { .. } => Self::Forbidden,
            Error::TooManyRequests { .. } => Self::TooManyRequests,
            Error::NoBodyTaken => Self::NoBodyTaken,
            Error::HttpOnly { .. } => Self::HttpOnly,
            Error::KeyReused => Self::KeyReused,
            Error::KeyInUse => Self::KeyInUse,
            Error::NothingToUndo { .. } => Self::NothingToUndo,
            Error::ChangedSince { .. } => Self::ChangedSince,
            Error::NoSuchPreset { .. } => Self::PresetNotFound,
            Error::DoesNotFit { .. } => Self::DoesNotFit,
            Error::TooManyPresets { .. } => Self::TooManyPresets,
            Error::TooManyScheduled { .. } => Self::TooManyScheduled,
            Error::Meets { .. } => Self::AnimationMeets,
            Error::NoSuchJob { .. } => Self::JobNotFound,
            Error::NotDurable(_) => Self::NotDurable,
            Error::NotAvailable(_) => Self::NotAvailable,
            Error::Asset(fault) => match fault.kind {
                AssetTrouble::TooLarge => Self::AssetTooLarge,
                AssetTrouble::UnsupportedType => Self::AssetUnsupported,
                AssetTrouble::Broken => Self::AssetBroken,
                AssetTrouble::Quota => Self::AssetQuota,
                AssetTrouble::RefusedAddress => Self::AssetAddress,
                AssetTrouble::UpstreamFailed => Self::AssetUpstream,
                AssetTrouble::Timeout => Self::AssetTimeout,
                AssetTrouble::NotFound => Self::AssetNotFound,
                AssetTrouble::InUse => Self::AssetInUse,
                AssetTrouble::Invalid => Self::AssetInvalid,
                AssetTrouble::Away => Self::AssetAway,
                AssetTrouble::Storage => Self::AssetStorage,
            },
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
            Self::Standby => (
                "standby",
                StatusCode::SERVICE_UNAVAILABLE,
                "Another process has the show",
            ),
            Self::StillsBusy => (
                "stills-busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many stills at once",
            ),
            Self::EncoderRefused => (
                "encoder-refused",
                StatusCode::SERVICE_UNAVAILABLE,
                "No encoder can be had for this",
            ),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Our fault"),
            Self::LayerNotFound => (
                "layer-not-found",
                StatusCode::NOT_FOUND,
                "There is no such layer",
            ),
            Self::AnimationNotFound => (
                "animation-not-found",
                StatusCode::NOT_FOUND,
                "There is no such animation",
            ),
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
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Who is asking?"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not for this role"),
            Self::TooManyRequests => (
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests",
            ),
            Self::NoBodyTaken => (
                "no-body-taken",
                StatusCode::BAD_REQUEST,
                "This takes no body",
            ),
            Self::HttpOnly => ("http-only", StatusCode::BAD_REQUEST, "Over HTTP alone"),
            Self::KeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The key belongs to another request",
            ),
            Self::KeyInUse => (
                "idempotency-key-in-use",
                StatusCode::CONFLICT,
                "The request is being carried out",
            ),
            Self::NothingToUndo => (
                "nothing-to-undo",
                StatusCode::CONFLICT,
                "Nothing to undo or redo",
            ),
            Self::ChangedSince => (
                "changed-since",
                StatusCode::CONFLICT,
                "Someone changed it since",
            ),
            Self::PresetNotFound => (
                "preset-not-found",
                StatusCode::NOT_FOUND,
                "There is no such preset",
            ),
            Self::DoesNotFit => (
                "preset-does-not-fit",
                StatusCode::CONFLICT,
                "The preset does not fit",
            ),
            Self::TooManyPresets => ("too-many-presets", StatusCode::CONFLICT, "Too many presets"),
            Self::TooManyScheduled => (
                "too-many-scheduled",
                StatusCode::CONFLICT,
                "Too much is scheduled",
            ),
            Self::AnimationMeets => (
                "animation-conflict",
                StatusCode::CONFLICT,
                "Another animation is in its way",
            ),
            Self::JobNotFound => (
                "job-not-found",
                StatusCode::NOT_FOUND,
                "Nothing is scheduled so",
            ),
            Self::NotDurable => (
                "not-durable",
                StatusCode::SERVICE_UNAVAILABLE,
                "It is not durable",
            ),
            Self::NotAvailable => (
                "not-available",
                StatusCode::NOT_IMPLEMENTED,
                "It does not exist yet",
            ),
            Self::AssetTooLarge => (
                "asset-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The asset is too large",
            ),
            Self::AssetUnsupported => (
                "asset-unsupported",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Not a type of asset that is taken",
            ),
            Self::AssetBroken => (
                "asset-broken",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The asset is broken",
            ),
            Self::AssetQuota => (
                "asset-quota",
                StatusCode::INSUFFICIENT_STORAGE,
                "The quota is used up",
            ),
            Self::AssetAddress => (
                "asset-address-refused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Nothing is fetched from there",
            ),
            Self::AssetUpstream => (
                "asset-upstream-failed",
                StatusCode::BAD_GATEWAY,
                "The other server failed",
            ),
            Self::AssetTimeout => (
                "asset-timeout",
                StatusCode::GATEWAY_TIMEOUT,
                "The other server was too slow",
            ),
            Self::AssetNotFound => (
                "asset-not-found",
                StatusCode::NOT_FOUND,
                "There is no such asset",
            ),
            Self::AssetInUse => (
                "asset-in-use",
                StatusCode::CONFLICT,
                "The asset is on screen",
            ),
            Self::AssetInvalid => (
                "asset-invalid",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Not an asset as asked",
            ),
            Self::AssetAway => (
                "asset-store-away",
                StatusCode::SERVICE_UNAVAILABLE,
                "The asset store is away",
            ),
            Self::AssetStorage => (
                "asset-storage",
                StatusCode::INSUFFICIENT_STORAGE,
                "The asset cannot be stored",
            ),
        }
    }
}

impl Error {
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::Invalid(faults) | Self::Output(OutputFault::Invalid(faults)) => faults,
            _ => &[],
        }
    }

    /// As `application/problem+json` has it.
    pub(crate) fn to_json(&self) -> Value {
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

impl Error {
    /// Its code, and the status it is answered with.
    pub(crate) fn place(&self) -> (&'static str, u16) {
        let (code, status, _) = Kind::of(self).row();
        (code, status.as_u16())
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
        let headers = response.headers_mut();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Self::TooManyRequests { retry_after_s } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        if status == StatusCode::UNAUTHORIZED {
            crate::session::challenge(headers);
        }
        response
    }
}

/// Every code with its status and title, for the reference.
pub(crate) fn codes() -> impl Iterator<Item = (&'static str, u16, &'static str)> {
    let row = |kind: Kind| {
        let (code, status, title) = kind.row();
        (code, status.as_u16(), title)
    };
    Kind::ALL.into_iter().map(row)
}

/// Status of an answer that created something.
pub(crate) const CREATED: StatusCode = StatusCode::CREATED;
/// Status of an answer to what will be done.
pub(crate) const ACCEPTED: StatusCode = StatusCode::ACCEPTED;
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
            Error::Standby("this process stands by"),
            Error::StillsBusy {
                at_once: 1,
                waited_ms: 1,
            },
            Error::EncoderRefused(text()),
            Error::Internal(text()),
            Error::NoSuchLayer { id: text() },
            Error::NoSuchAnimation { id: text() },
            OutputFault::NotFound { id: text() }.into(),
            OutputFault::Exists { id: text() }.into(),
            OutputFault::Fixed { id: text() }.into(),
            OutputFault::Invalid(fault()).into(),
            Error::Unauthorized,
            Error::Forbidden {
                role: "viewer",
                need: "operator",
            },
            Error::TooManyRequests { retry_after_s: 1 },
            Error::NoBodyTaken,
            Error::HttpOnly { method: "x" },
            Error::KeyReused,
            Error::KeyInUse,
            Error::NothingToUndo { what: "undo" },
            Error::ChangedSince {
                id: 1,
                places: vec![text()],
            },
            Error::NoSuchPreset { id: text() },
            Error::DoesNotFit {
                id: text(),
                places: vec![text()],
            },
            Error::TooManyPresets { most: 1 },
            Error::TooManyScheduled { most: 1 },
            Error::Meets {
                id: text(),
                animations: vec![text()],
            },
            Error::NoSuchJob { id: text() },
            Error::NotDurable(text()),
            Error::NotAvailable("x"),
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
                ("standby", 503),
                ("stills-busy", 503),
                ("encoder-refused", 503),
                ("internal", 500),
                ("layer-not-found", 404),
                ("animation-not-found", 404),
                ("animation-conflict", 409),
                ("output-not-found", 404),
                ("output-exists", 409),
                ("output-fixed", 409),
                ("unauthorized", 401),
                ("forbidden", 403),
                ("too-many-requests", 429),
                ("no-body-taken", 400),
                ("http-only", 400),
                ("idempotency-key-reused", 422),
                ("idempotency-key-in-use", 409),
                ("nothing-to-undo", 409),
                ("changed-since", 409),
                ("preset-not-found", 404),
                ("preset-does-not-fit", 409),
                ("too-many-presets", 409),
                ("too-many-scheduled", 409),
                ("job-not-found", 404),
                ("not-durable", 503),
                ("not-available", 501),
                ("asset-too-large", 413),
                ("asset-unsupported", 415),
                ("asset-broken", 422),
                ("asset-quota", 507),
                ("asset-address-refused", 422),
                ("asset-upstream-failed", 502),
                ("asset-timeout", 504),
                ("asset-not-found", 404),
                ("asset-in-use", 409),
                ("asset-invalid", 422),
                ("asset-store-away", 503),
                ("asset-storage", 507),
            ]
        );
        for kind in Kind::ALL {
            // The kinds of assets' errors are checked one by one by the compiler.
            let of_assets = kind.row().0.starts_with("asset-");
            assert!(
                of_assets || every_error().iter().any(|error| Kind::of(error) == kind),
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
