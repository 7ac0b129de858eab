//! The operations on timelines and templates.

use crate::access::Need;
use crate::operation::{Operation, Run, Shape};
use crate::{templates, timelines};
use axum::http::Method;

pub(super) const LIST: Operation = Operation {
    name: "timeline.list",
    method: Method::GET,
    path: "/timelines",
    need: Need::Read,
    summary: "All timelines",
    query: &[],
    body: None,
    answer: Shape::List("Timeline"),
    run: Run::Do(timelines::list),
};
pub(super) const START: Operation = Operation {
    name: "timeline.start",
    method: Method::POST,
    path: "/timelines",
    need: Need::Write,
    summary: "Start a timeline, or a template",
    query: &[],
    body: Some("TimelineRequest"),
    answer: Shape::Created("Timeline"),
    run: Run::Change(timelines::start),
};
pub(super) const GET: Operation = Operation {
    name: "timeline.get",
    method: Method::GET,
    path: "/timelines/{id}",
    need: Need::Read,
    summary: "One timeline",
    query: &[],
    body: None,
    answer: Shape::Document("Timeline"),
    run: Run::Do(timelines::show),
};
pub(super) const CANCEL: Operation = Operation {
    name: "timeline.cancel",
    method: Method::DELETE,
    path: "/timelines/{id}",
    need: Need::Write,
    summary: "Cancel a timeline, with the layers that came with it",
    query: &[],
    body: None,
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::cancel),
};
pub(super) const PAUSE: Operation = Operation {
    name: "timeline.pause",
    method: Method::POST,
    path: "/timelines/{id}/pause",
    need: Need::Write,
    summary: "Hold a timeline where it is",
    query: &[],
    body: None,
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::pause),
};
pub(super) const RESUME: Operation = Operation {
    name: "timeline.resume",
    method: Method::POST,
    path: "/timelines/{id}/resume",
    need: Need::Write,
    summary: "Let a timeline run on, from a point to pause at as well; one that is over begins anew",
    query: &[],
    body: Some("ResumeRequest"),
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::resume),
};
pub(super) const SEEK: Operation = Operation {
    name: "timeline.seek",
    method: Method::POST,
    path: "/timelines/{id}/seek",
    need: Need::Write,
    summary: "Put a timeline somewhere else: at a local time or a label",
    query: &[],
    body: Some("TimelineSeekRequest"),
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::seek),
};
pub(super) const REVERSE: Operation = Operation {
    name: "timeline.reverse",
    method: Method::POST,
    path: "/timelines/{id}/reverse",
    need: Need::Write,
    summary: "Turn a timeline round",
    query: &[],
    body: None,
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::reverse),
};
pub(super) const FINISH: Operation = Operation {
    name: "timeline.finish",
    method: Method::POST,
    path: "/timelines/{id}/finish",
    need: Need::Write,
    summary: "Put a timeline at its end",
    query: &[],
    body: None,
    answer: Shape::Document("Timeline"),
    run: Run::Change(timelines::finish),
};
pub(super) const TEMPLATE_LIST: Operation = Operation {
    name: "template.list",
    method: Method::GET,
    path: "/templates",
    need: Need::Read,
    summary: "All templates",
    query: &[],
    body: None,
    answer: Shape::List("Template"),
    run: Run::Do(templates::list),
};
pub(super) const TEMPLATE_GET: Operation = Operation {
    name: "template.get",
    method: Method::GET,
    path: "/templates/{id}",
    need: Need::Read,
    summary: "One template",
    query: &[],
    body: None,
    answer: Shape::Document("Template"),
    run: Run::Do(templates::show),
};
pub(super) const TEMPLATE_PUT: Operation = Operation {
    name: "template.put",
    method: Method::PUT,
    path: "/templates/{id}",
    need: Need::Write,
    summary: "Keep layers and a timeline with parameters as a template",
    query: &[],
    body: Some("NewTemplate"),
    answer: Shape::Put("Template"),
    run: Run::Change(templates::put),
};
pub(super) const TEMPLATE_DELETE: Operation = Operation {
    name: "template.delete",
    method: Method::DELETE,
    path: "/templates/{id}",
    need: Need::Write,
    summary: "Forget a template; what was started of it goes on",
    query: &[],
    body: None,
    answer: Shape::Document("Template"),
    run: Run::Change(templates::remove),
};
