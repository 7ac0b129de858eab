//! Spans that a collector of traces gets: of requests, and of the way of a change. No bodies, no queries, no secrets.
//!
//! Where there is no collector, none of them is made.

use crate::access::Client;
use crate::operation::Operation;
use crate::problem::Error;
use engine::Applied;
use tracing::field::Empty;
use tracing::{Span, info_span};

/// Of a request for an operation, which came by `way`.
pub(crate) fn request(operation: &Operation, client: &Client, way: &'static str) -> Span {
    info_span!(
        target: "traces",
        parent: None,
        "request",
        otel.name = operation.name,
        otel.kind = "server",
        otel.status_code = Empty,
        client = &*client.name,
        way,
        status = Empty,
        code = Empty,
    )
}

/// It was refused, or failed.
pub(crate) fn failed(span: &Span, error: &Error) {
    if span.is_disabled() {
        return;
    }
    let (code, status) = error.place();
    span.record("code", code);
    span.record("status", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// Of a change, up to when it is accepted.
pub(crate) fn accept() -> Span {
    info_span!(target: "traces", "accept")
}

/// Of a change, from there until the frame that shows it.
pub(crate) fn frame() -> Span {
    info_span!(target: "traces", "frame", frame = Empty, revision = Empty)
}

/// The frame that shows it.
pub(crate) fn shown(span: &Span, applied: Applied) {
    span.record("frame", applied.frame);
    span.record("revision", applied.revision);
}

/// Of waiting until what was done is durable.
pub(crate) fn durable() -> Span {
    info_span!(target: "traces", "durable")
}
