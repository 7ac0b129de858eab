//! The reference says what is so.

use super::studio::{Answer, Studio};
use crate::openapi;
use axum::body::to_bytes;
use axum::http::Method;
use serde_json::Value;
use std::collections::HashSet;
use tokio::sync::OnceCell;

/// The document as it is served.
pub(crate) async fn document() -> &'static Value {
    static DOCUMENT: OnceCell<Value> = OnceCell::const_new();
    DOCUMENT
        .get_or_init(async || {
            let served = openapi::document().await.into_body();
            serde_json::from_slice(&to_bytes(served, 16 << 20).await.unwrap()).unwrap()
        })
        .await
}

/// What the document says of a request: the template of its path, and its entry.
pub(crate) async fn entry(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let fits = |template: &str| {
        let (is, takes): (Vec<_>, Vec<_>) =
            (path.split('/').collect(), template.split('/').collect());
        let same = |(is, takes): (&&str, &&str)| is == takes || takes.starts_with('{');
        is.len() == takes.len() && is.iter().zip(&takes).all(same)
    };
    let paths = document().await["paths"].as_object().unwrap();
    // What is named in full comes before what fits a placeholder.
    let mut found: Vec<_> = paths
        .iter()
        .filter(|(template, _)| fits(template))
        .collect();
    found.sort_by_key(|(template, _)| template.contains('{'));
    let (template, item) = found.first()?;
    let entry = item.get(method.as_str().to_ascii_lowercase())?;
    Some((template.as_str(), entry))
}

/// Headers that every program sends, or that the whole service does and not one operation.
const COMMON: [&str; 10] = [
    "allow",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "cache-control",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
];

/// Every answer has a status that the document names, a body of a type that it names for it, and no headers but those.
pub(crate) async fn check(method: &Method, path: &str, answer: &Answer) {
    let Some((template, entry)) = entry(method, path).await else {
        return;
    };
    let status = answer.status.to_string();
    let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]);
    let response = entry["responses"].get(&status);
    let response =
        response.unwrap_or_else(|| panic!("{method} {template} answers with {status} too: {said}"));
    for name in answer.headers.keys().map(|name| name.as_str()) {
        let named = response.get("headers").and_then(Value::as_object);
        let mut named = named.into_iter().flat_map(serde_json::Map::keys);
        assert!(
            COMMON.contains(&name)
                || name == "vary"
                || named.any(|one| one.eq_ignore_ascii_case(name)),
            "{method} {template} answers {status} with the header {name} too"
        );
    }
    let kind = answer.header("content-type").split(';').next().unwrap();
    let named = response.get("content").and_then(Value::as_object);
    let fits = match named {
        None => answer.body.is_empty(),
        Some(kinds) => kinds.keys().any(|one| one == kind || one == "*/*"),
    };
    assert!(
        fits,
        "{method} {template} answers {status} with {kind} too: {said}"
    );
}

/// Every `$ref` in a document.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, part) in fields {
                match part {
                    Value::String(target) if name == "$ref" => found.push(target),
                    _ => references(part, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let studio = Studio::open();
    let served = studio.get("/api/openapi.json").await;
    assert_eq!(
        (served.status, served.header("content-type")),
        (200, "application/json")
    );
    let document = document().await;
    assert_eq!(&served.json(), document);
    assert_eq!(document["openapi"], "3.1.0");

    let mut targets = Vec::new();
    references(document, &mut targets);
    assert!(targets.len() > 100, "{}", targets.len());
    for target in targets {
        let place = target.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{target}");
    }

    let mut ids = HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, entry) in item.as_object().unwrap() {
            let here = format!("{method} {path}");
            let id = entry["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} stands twice");
            let parameters = entry["parameters"].as_array().unwrap();
            let placed = |wanted: &str| {
                let of = parameters.iter().filter(|one| one["in"] == wanted);
                of.map(|one| one["name"].as_str().unwrap())
                    .collect::<Vec<_>>()
            };
            let in_path = path.split('/').filter_map(|part| {
                part.strip_prefix('{')
                    .map(|name| name.strip_suffix('}').unwrap())
            });
            assert_eq!(placed("path"), in_path.collect::<Vec<_>>(), "{here}");
            let names: HashSet<_> = parameters.iter().map(|one| one["name"].as_str()).collect();
            assert_eq!(names.len(), parameters.len(), "{here}");
            assert!(
                !entry["responses"].as_object().unwrap().is_empty(),
                "{here}"
            );
        }
    }
    let tags = document["tags"].as_array().unwrap();
    let tags: Vec<_> = tags
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        tags.iter().collect::<HashSet<_>>().len(),
        tags.len(),
        "{tags:?}"
    );
    studio.close();
}

/// Whether the text of an element hashes to what the policy lets in.
#[tokio::test]
async fn the_page_of_the_reference_runs_its_own_script_and_no_other() {
    use data_encoding::BASE64;
    use ring::digest::{SHA256, digest};
    let studio = Studio::open();
    let page = studio.get("/docs").await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").to_owned();
    let html = String::from_utf8(page.body).unwrap();
    for (element, directive) in [("script", "script-src"), ("style", "style-src")] {
        let parts: Vec<&str> = html.split(&format!("<{element}")).skip(1).collect();
        let [part] = parts.as_slice() else {
            panic!("{} elements {element}", parts.len());
        };
        let (_, text) = part.split_once('>').unwrap();
        let (text, _) = text.split_once(&format!("</{element}>")).unwrap();
        let hash = BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref());
        let allowed = format!("{directive} 'sha256-{hash}'");
        let directives: Vec<&str> = policy.split("; ").collect();
        assert!(
            directives.contains(&allowed.as_str()),
            "{allowed}: {policy}"
        );
    }
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for inline in ["style=\"", "onclick", "onload", "http://", "https://"] {
        assert!(!html.contains(inline), "{inline}");
    }
    studio.close();
}
