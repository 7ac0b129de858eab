//! Carries requests to the collector, with the HTTP client that is in the program anyway.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// For one request, up to the end of its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Of an answer, which says little.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// One connection for each batch: there is one in five seconds.
pub(super) struct Courier {
    runtime: Handle,
    tls: TlsConnector,
    /// Whether the last batch was lost: that is said once.
    lost: AtomicBool,
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier").finish_non_exhaustive()
    }
}

impl Courier {
    pub(super) fn new(runtime: Handle) -> Self {
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the versions that are safe")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            runtime,
            tls: TlsConnector::from(Arc::new(config)),
            lost: AtomicBool::new(false),
        }
    }

    fn note(&self, lost: Option<String>) {
        let was_lost = self.lost.swap(lost.is_some(), Ordering::Relaxed);
        match lost {
            Some(reason) if !was_lost => tracing::warn!(
                reason,
                "traces cannot be delivered; they are let go until the collector takes them"
            ),
            None if was_lost => tracing::info!("traces are delivered again"),
            Some(_) | None => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Courier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let tls = self.tls.clone();
        // The caller's thread knows no runtime.
        let task = self.runtime.spawn(async move {
            timeout(PATIENCE, deliver(&tls, request))
                .await
                .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
        });
        let answer = task.await.map_err(HttpError::from).flatten();
        self.note(match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the collector answered {}", answer.status())),
            Err(error) => Some(error.to_string()),
        });
        answer
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn deliver(
    tls: &TlsConnector,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri().clone();
    let is_tls = uri.scheme_str() == Some("https");
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let socket = TcpStream::connect((bare, port)).await?;
    let stream: Box<dyn Stream> = if is_tls {
        let name = ServerName::try_from(bare.to_owned())?;
        Box::new(tls.connect(name, socket).await?)
    } else {
        Box::new(socket)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let host = HeaderValue::try_from(authority)?;
    request.headers_mut().insert(HOST, host);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = Uri::try_from(path)?;
    let answer = sender.send_request(request.map(Full::new)).await?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?;
    driver.abort();
    Ok(Response::from_parts(head, body.to_bytes()))
}
