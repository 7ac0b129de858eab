//! Traces: how long what was asked for took, and where, told to a collector over OTLP.
//!
//! A span is one of the target `traces`; logs do not know it, and without a collector nothing asks for it, so that it
//! costs a look at an atomic number. Lines of the log are never sent.

mod courier;

use crate::Error;
use courier::Courier;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::collections::HashMap;
use std::time::Duration;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

/// The target of spans that are told to the collector.
pub(crate) const TARGET: &str = "traces";
/// Where a collector takes traces, below its address.
const PATH: &str = "v1/traces";

/// Where traces go, and under which name.
#[derive(Clone)]
pub struct TraceSettings {
    endpoint: Url,
    service: String,
    headers: HashMap<String, String>,
}

/// Without the values of the headers, which may be secrets.
impl std::fmt::Debug for TraceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraceSettings")
            .field("endpoint", &self.endpoint.as_str())
            .field("service", &self.service)
            .field("headers", &self.headers.keys())
            .finish()
    }
}

impl TraceSettings {
    /// To the collector at this address, such as `http://127.0.0.1:4318`; `v1/traces` is added to it. We are called
    /// `stream-manager` there.
    ///
    /// # Errors
    /// [`Error::Collector`]: it is not an address of HTTP, or has credentials in it, which belong into a header.
    pub fn new(endpoint: &str) -> Result<Self, Error> {
        let fault = |detail| Error::Collector { detail };
        let mut url = Url::parse(endpoint).map_err(|_| fault(NO_ADDRESS))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(fault(NO_ADDRESS));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(fault(
                "has credentials or a query in it; those are for headers",
            ));
        }
        let path = format!("{}/{PATH}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self {
            endpoint: url,
            service: "stream-manager".to_owned(),
            headers: HashMap::new(),
        })
    }

    /// Under another name.
    #[must_use]
    pub fn with_service(mut self, name: &str) -> Self {
        name.clone_into(&mut self.service);
        self
    }

    /// With headers in each request: `name=value`, separated by commas, percent-encoded.
    ///
    /// # Errors
    /// [`Error::Collector`], which repeats nothing of them.
    pub fn with_headers(mut self, headers: &str) -> Result<Self, Error> {
        for pair in headers
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            let fault = || Error::Collector {
                detail: "is no list of name=value, separated by commas",
            };
            let (name, value) = pair.split_once('=').ok_or_else(fault)?;
            // The values of a form are encoded alike, but for a blank.
            let form = format!("v={}", value.trim().replace('+', "%2B"));
            let value = url::form_urlencoded::parse(form.as_bytes()).next();
            let value = value
                .map(|(_, value)| value.into_owned())
                .ok_or_else(fault)?;
            let name = name.trim().to_ascii_lowercase();
            let is_header = axum::http::HeaderName::try_from(&name).is_ok()
                && axum::http::HeaderValue::try_from(&value).is_ok();
            if !is_header {
                return Err(fault());
            }
            self.headers.insert(name, value);
        }
        Ok(self)
    }
}

const NO_ADDRESS: &str = "is not the address of a collector, such as http://127.0.0.1:4318";

/// Sends traces, in batches, from a thread of its own. What a collector does not take is let go.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Makes what sends them, over connections that `runtime` carries; nothing is sent before a span ends. Hand it to
    /// [`start_logs`](crate::start_logs).
    ///
    /// # Errors
    /// [`Error::Collector`].
    pub fn start(settings: TraceSettings, runtime: Handle) -> Result<Self, Error> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new(runtime))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(settings.endpoint)
            .with_headers(settings.headers)
            .build()
            .map_err(|_| Error::Collector { detail: NO_ADDRESS })?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder()
            .with_service_name(settings.service)
            .with_attribute(version)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Sends what is left, for as long as `limit`. Blocks.
    pub fn stop(&self, limit: Duration) {
        if self.0.shutdown_with_timeout(limit).is_err() {
            tracing::debug!("the last traces were not delivered");
        }
    }

    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("stream-manager"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && metadata.target() == TARGET
            }))
    }
}
