//! One request on one connection, to an address that the guard has seen.

use crate::fetch::Roots;
use crate::{Error, FetchSettings};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, Url};

/// What names us to servers.
const AGENT: &str = concat!("stream-manager/", env!("CARGO_PKG_VERSION"));
/// Largest head of a response.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// An answer whose body is still to be read.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    /// Moves the bytes; ends when dropped.
    _connection: JoinSet<()>,
}

/// Connects to one of the addresses, asks, and waits for the head of the answer.
pub(super) async fn ask(
    roots: &Roots,
    settings: &FetchSettings,
    url: &Url,
    host: &str,
    addresses: &[SocketAddr],
    deadline: Instant,
) -> Result<Answer, Error> {
    let upstream = |reason: String| Error::Upstream {
        host: host.to_owned(),
        reason,
    };
    let late = |step: &str| Error::Timeout {
        host: host.to_owned(),
        step: format!(
            "{step}, allowed are {} ms up to the head of the answer",
            settings.first_byte.as_millis()
        ),
    };
    let socket = connect(addresses, deadline)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => late("connecting"),
            _ => upstream(format!("connecting failed: {error}")),
        })?;
    let stream: Box<dyn Stream> = if url.scheme() == "https" {
        let name = server_name(url).ok_or_else(|| upstream("TLS has no such name".to_owned()))?;
        let stream = timeout_at(deadline, roots.0.connect(name, socket))
            .await
            .map_err(|_| late("the TLS handshake"))?
            .map_err(|error| upstream(format!("the TLS handshake failed: {error}")))?;
        Box::new(stream)
    } else {
        Box::new(socket)
    };
    let asked = async {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(TokioIo::new(stream))
            .await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // The reader of the body hears of it too.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a fetch's connection ended");
            }
        });
        let response = sender.send_request(request(url)).await?;
        Ok(Answer {
            response,
            _connection: driver,
        })
    };
    timeout_at(deadline, asked)
        .await
        .map_err(|_| late("the answer"))?
        .map_err(|error: hyper::Error| upstream(describe(&error)))
}

/// The next bytes of the body, or `None` at its end.
pub(super) async fn next_bytes(answer: &mut Answer) -> Result<Option<Bytes>, String> {
    loop {
        match answer.response.body_mut().frame().await {
            None => return Ok(None),
            Some(Err(error)) => return Err(describe(&error)),
            // Trailers say nothing of interest.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Tries one address after the other, each with an equal share of the time that is left: a dead IPv6 route must not
/// use up the time of an IPv4 one that works.
async fn connect(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut failure = io::ErrorKind::NotFound.into();
    for (tried, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        failure = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
    }
    Err(failure)
}

/// No cookies, no credentials, nothing compressed: what is counted is what is kept.
fn request(url: &Url) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    // A parsed URL has only such characters as these allow.
    *request.uri_mut() = target.parse().unwrap_or_default();
    let headers = request.headers_mut();
    if let Ok(host) = host.parse() {
        headers.insert(HOST, host);
    }
    for (name, value) in [
        (USER_AGENT, AGENT),
        (ACCEPT, "image/*, video/*, audio/*, font/*, */*;q=0.5"),
        (ACCEPT_ENCODING, "identity"),
        (CONNECTION, "close"),
    ] {
        headers.insert(name, hyper::header::HeaderValue::from_static(value));
    }
    request
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::from(IpAddr::V4(address))),
        Host::Ipv6(address) => Some(ServerName::from(IpAddr::V6(address))),
    }
}

/// An error of hyper with its cause, which says more; neither holds a URL.
fn describe(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
