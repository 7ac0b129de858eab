//! HTTP for the object store: connections that are kept, TLS with ring, and an end to every wait.

use crate::fetch::Roots;
use http_body_util::BodyExt as _;
use hyper::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::ServerName;

/// How long it may take to have a connection, TLS included.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take to begin after everything was sent.
const ANSWER: Duration = Duration::from_secs(4);
/// The least speed that is waited for, bytes a second.
pub(super) const LEAST_SPEED: u64 = 128 * 1024;
/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(20);

/// Connects, over TLS for `https:`.
#[derive(Clone)]
pub(super) struct Dialer(Arc<Roots>);

impl Dialer {
    pub(super) fn new(roots: Roots) -> Self {
        Self(Arc::new(roots))
    }

    async fn dial(self, uri: Uri) -> io::Result<TokioIo<Box<dyn Stream>>> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "this is no host");
        let host = uri.host().ok_or_else(invalid)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_tls = uri.scheme_str() != Some("http");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let connecting = async {
            let socket = TcpStream::connect((host, port)).await?;
            socket.set_nodelay(true)?;
            if !is_tls {
                return Ok(Box::new(socket) as Box<dyn Stream>);
            }
            let name = ServerName::try_from(host.to_owned()).map_err(|_| invalid())?;
            let stream = self.0.0.connect(name, socket).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        };
        let connected = timeout(CONNECT, connecting).await;
        connected
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map(TokioIo::new)
    }
}

impl tower_service::Service<Uri> for Dialer {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().dial(uri))
    }
}

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Connection for Box<dyn Stream> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialer")
    }
}

impl HttpConnector for Dialer {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(self.clone());
        Ok(HttpClient::new(Transport(client)))
    }
}

#[derive(Debug)]
struct Transport(Client<Dialer, HttpRequestBody>);

// Written out: what the macro `async_trait` would make of it.
impl HttpService for Transport {
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let bytes = u64::try_from(request.body().content_length()).unwrap_or(u64::MAX);
            let patience = CONNECT + ANSWER + Duration::from_secs(bytes / LEAST_SPEED);
            let response = timeout(patience, self.0.request(request))
                .await
                .map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?
                .map_err(|error| {
                    let kind = if error.is_connect() {
                        HttpErrorKind::Connect
                    } else {
                        HttpErrorKind::Request
                    };
                    HttpError::new(kind, error)
                })?;
            Ok(response.map(|body| {
                let interrupted = |error| HttpError::new(HttpErrorKind::Interrupted, error);
                HttpResponseBody::new(body.map_err(interrupted))
            }))
        })
    }
}
