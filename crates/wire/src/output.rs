//! Outputs over HTTP: what a client asks for, and what it is shown.

use crate::read::At;
use crate::report::ReadError;
use crate::requests::read_object;
use crate::write::{Object, number};
use scene::Id;
use serde_json::Value;

pub(crate) const TYPES: [(&str, ()); 1] = [("rtmp", ())];

/// What [`OutputView::state`] may be.
pub(crate) const STATES: [&str; 6] = [
    "idle",
    "connecting",
    "live",
    "retrying",
    "refused",
    "stopped",
];

/// An output that a client asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct OutputRequest {
    /// Chosen by the client; `None` lets the service make one.
    pub id: Option<Id>,
    /// `rtmp:` or `rtmps:`, with at least a host; may hold the stream key.
    pub url: String,
    /// Stream key, where it is not part of the URL. Secret.
    pub key: Option<String>,
    /// Whether to connect at once; the default.
    pub enabled: bool,
}

/// Shows neither the key nor the path of the URL, which may end in it.
impl std::fmt::Debug for OutputRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self
            .url
            .split('/')
            .nth(2)
            .map_or("", |authority| authority.rsplit('@').next().unwrap_or(""));
        f.debug_struct("OutputRequest")
            .field("id", &self.id)
            .field("host", &host)
            .field("key", &self.key.as_ref().map(|_| "redacted"))
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

/// Reads `{"id"?, "type": "rtmp", "url", "key"?, "enabled"?}`.
///
/// # Errors
/// [`ReadError::Invalid`] with every fault. No message repeats the URL or the key.
pub fn read_output_request(body: &Value) -> Result<OutputRequest, ReadError> {
    read_object(body, |f| {
        if f.required("type", |at| at.word(&TYPES, &["srt", "hls", "file"]))
            .is_none()
        {
            f.leave_open();
            return None;
        }
        let (id, url) = (f.optional("id", At::id), f.required("url", read_url));
        let (key, enabled) = (
            f.optional("key", read_key),
            f.or("enabled", true, At::boolean),
        );
        Some(OutputRequest {
            id,
            url: url?,
            key: key.map(str::to_owned),
            enabled,
        })
    })
}

/// What changes about an output.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OutputPatch {
    /// As in [`OutputRequest`].
    pub url: Option<String>,
    /// A new key, or `Some(None)` for none. Secret.
    pub key: Option<Option<String>>,
    /// Whether it is meant to run.
    pub enabled: Option<bool>,
}

/// Shows neither the key nor the URL, which may end in it.
impl std::fmt::Debug for OutputPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutputPatch")
            .field("url", &self.url.as_ref().map(|_| "redacted"))
            .field("key", &self.key.as_ref().map(|_| "redacted"))
            .field("enabled", &self.enabled)
            .finish()
    }
}

/// Reads `{"url"?, "key"?, "enabled"?}`.
///
/// # Errors
/// [`ReadError::Invalid`]. No message repeats the URL or the key.
pub fn read_output_patch(body: &Value) -> Result<OutputPatch, ReadError> {
    read_object(body, |f| {
        Some(OutputPatch {
            url: f.optional("url", read_url),
            key: f.optional("key", |at| {
                if at.value.is_null() {
                    Some(None)
                } else {
                    read_key(at).map(|key| Some(key.to_owned()))
                }
            }),
            enabled: f.optional("enabled", At::boolean),
        })
    })
}

/// Says nothing of what stands there: a number would be a key as well.
fn read_key<'a>(at: &At<'a>) -> Option<&'a str> {
    at.value.as_str().or_else(|| at.fault("is not text"))
}

fn read_url(at: &At<'_>) -> Option<String> {
    let url = at.value.as_str().unwrap_or_default();
    let lower = url.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("rtmp://")
        .or_else(|| lower.strip_prefix("rtmps://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Some(url.to_owned()),
        _ => at.fault("is not a URL that begins with rtmp:// or rtmps:// and names a host"),
    }
}

/// An output as a client sees it. Times are milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputView<'a> {
    /// Id of the output.
    pub id: &'a str,
    /// The document's `type`: `rtmp`.
    pub kind: &'a str,
    /// Where it publishes, without the key.
    pub url: &'a str,
    /// Whether it is meant to run.
    pub enabled: bool,
    /// `idle`, `connecting`, `live`, `retrying`, `refused` or `stopped`.
    pub state: &'a str,
    /// Why it is not live.
    pub reason: Option<&'a str>,
    /// Attempts to connect since it was last live.
    pub attempts: u64,
    /// Until the next attempt, while retrying.
    pub next_retry_in_ms: Option<f64>,
    /// How long the running session is live.
    pub connected_ms: Option<f64>,
    /// Packets that its full queue let fall.
    pub dropped_packets: u64,
    /// Sent in all sessions.
    pub bytes_sent: u64,
    /// How much of the programme waits in its queue.
    pub queue_ms: f64,
}

impl OutputView<'_> {
    /// As JSON; what does not apply in this state is left out.
    pub fn to_json(&self) -> Value {
        Object::default()
            .with("id", self.id)
            .with("type", self.kind)
            .with("url", self.url)
            .with("enabled", self.enabled)
            .with("state", self.state)
            .maybe("reason", self.reason)
            .with("attempts", self.attempts)
            .maybe("next_retry_in_ms", self.next_retry_in_ms.map(number))
            .maybe("connected_ms", self.connected_ms.map(number))
            .with("dropped_packets", self.dropped_packets)
            .with("bytes_sent", self.bytes_sent)
            .number("queue_ms", self.queue_ms)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_and_its_secrets_are_not_shown() {
        let json = br#"{"type": "rtmp", "url": "rtmps://user:pw@ingest.example:443/app/part-of-key", "key": "sk-1"}"#;
        let request = read_output_request(&crate::read_json(json).unwrap()).unwrap();
        assert_eq!(
            (request.id.as_ref(), request.key.as_deref(), request.enabled),
            (None, Some("sk-1"), true)
        );
        let shown = format!("{request:?}");
        assert!(shown.contains("ingest.example:443"));
        assert!(
            !["sk-1", "pw", "part-of-key"]
                .iter()
                .any(|secret| shown.contains(secret)),
            "{shown}"
        );
    }

    #[test]
    fn every_fault_of_a_request_is_named() {
        for (json, pointers) in [
            (r#"{}"#, &["/type"][..]),
            (r#"[]"#, &[""]),
            (r#"{"type": "srt", "url": "srt://h:1"}"#, &["/type"]),
            (
                r#"{"type": "rtmp", "id": "a b", "url": "http://h", "key": 5, "enabled": "no", "path": "x"}"#,
                &["/id", "/url", "/key", "/enabled", "/path"],
            ),
            (r#"{"type": "rtmp", "url": "rtmp:///app"}"#, &["/url"]),
        ] {
            let Err(ReadError::Invalid(faults)) =
                crate::read_json(json.as_bytes()).and_then(|body| read_output_request(&body))
            else {
                panic!("{json}")
            };
            assert_eq!(
                faults
                    .iter()
                    .map(|f| f.pointer.as_str())
                    .collect::<Vec<_>>(),
                pointers,
                "{json}"
            );
        }
    }

    #[test]
    fn a_view_leaves_out_what_does_not_apply() {
        let view = OutputView {
            id: "x",
            kind: "rtmp",
            url: "rtmp://h/app",
            enabled: true,
            state: "live",
            reason: None,
            attempts: 1,
            next_retry_in_ms: None,
            connected_ms: Some(1500.0),
            dropped_packets: 0,
            bytes_sent: 7,
            queue_ms: 33.5,
        };
        let text = r#"{"id":"x","type":"rtmp","url":"rtmp://h/app","enabled":true,"state":"live","attempts":1,"connected_ms":1500,"dropped_packets":0,"bytes_sent":7,"queue_ms":33.5}"#;
        assert_eq!(view.to_json().to_string(), text);
    }
}
