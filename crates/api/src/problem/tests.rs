//! Every problem has a code and a status of its own.

use super::*;

fn every_error() -> Vec<Error> {
    let fault = || {
        vec![Fault::invalid(
            "/layers/0/opacity",
            "is 2; allowed is 0 to 1",
        )]
    };
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
        Error::NoSuchTimeline { id: text() },
        Error::NoSuchTemplate { id: text() },
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
            ("timeline-not-found", 404),
            ("template-not-found", 404),
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
