//! Connections: DNS, TCP, TLS.

use crate::Error;
use crate::failure::Failure;
use rtmp::Target;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, crypto::ring};

/// Whom to trust: Mozilla's roots, as bundled, and whoever is given in addition.
#[derive(Clone)]
pub struct Tls(TlsConnector);

impl Tls {
    /// Trusts the certificates of `extra_ca_pem` besides the bundled ones.
    ///
    /// # Errors
    /// [`Error::CaFile`] when it is not PEM, or holds no usable certificate.
    pub fn with_extra_ca(extra_ca_pem: &[u8]) -> Result<Self, Error> {
        let mut roots = bundled_roots();
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(extra_ca_pem) {
            let certificate = certificate.map_err(|error| Error::CaFile {
                reason: error.to_string(),
            })?;
            roots.add(certificate).map_err(|error| Error::CaFile {
                reason: error.to_string(),
            })?;
        }
        if roots.len() == before {
            return Err(Error::CaFile {
                reason: "it holds no certificate".to_owned(),
            });
        }
        Ok(Self::from_roots(roots))
    }

    fn from_roots(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(TlsConnector::from(Arc::new(config)))
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::from_roots(bundled_roots())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// A connected socket, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects to `target`; `bitrate_bps` is what will be sent, as far as it is known.
pub(crate) async fn dial(
    target: &Target,
    tls: &Tls,
    bitrate_bps: Option<u64>,
    deadline: Instant,
) -> Result<Box<dyn Stream>, Failure> {
    let socket = connect(target, deadline).await?;
    // Each of these may be refused by an odd system, which costs latency and nothing else.
    if let Err(error) = tune(&socket, bitrate_bps) {
        tracing::debug!(%error, "a socket option was refused");
    }
    if !target.tls() {
        return Ok(Box::new(socket));
    }
    let name = ServerName::try_from(target.host().to_owned()).map_err(|_| Failure::HostName)?;
    let stream = timeout_at(deadline, tls.0.connect(name, socket))
        .await
        .map_err(|_| Failure::TimedOut {
            step: "the TLS handshake",
        })?
        .map_err(tls_failure)?;
    Ok(Box::new(stream))
}

/// Tries one address after the other, each with an equal share of the time that is left: a dead IPv6 route must not
/// use up the time of an IPv4 one that works.
async fn connect(target: &Target, deadline: Instant) -> Result<TcpStream, Failure> {
    let addresses: Vec<_> = timeout_at(deadline, lookup_host((target.host(), target.port())))
        .await
        .map_err(|_| Failure::TimedOut {
            step: "the look-up of the host",
        })?
        .map_err(Failure::Resolve)?
        .collect();
    let mut failure = Failure::Resolve(std::io::ErrorKind::NotFound.into());
    for (tried, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        failure = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(socket)) => return Ok(socket),
            Ok(Err(error)) => Failure::Dial(error),
            Err(_) => Failure::TimedOut { step: "connecting" },
        };
    }
    Err(failure)
}

/// Keeps what waits in the kernel to a quarter of a second of media, so that congestion shows in our own queue, which
/// can drop. Bytes in flight are not limited by it, as `SO_SNDBUF` would.
fn tune(socket: &TcpStream, bitrate_bps: Option<u64>) -> std::io::Result<()> {
    const WAITING: Duration = Duration::from_millis(250);
    let bytes = bitrate_bps.unwrap_or(3_000_000) / 8
        * u64::try_from(WAITING.as_millis()).unwrap_or(0)
        / 1000;
    let bytes = bytes.clamp(32 * 1024, 1024 * 1024);
    socket.set_nodelay(true)?;
    let socket = socket2::SockRef::from(socket);
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(u32::try_from(bytes).unwrap_or(u32::MAX))?;
    #[cfg(not(target_os = "linux"))]
    socket.set_send_buffer_size(usize::try_from(bytes * 2).unwrap_or(usize::MAX))?;
    Ok(())
}

fn tls_failure(error: std::io::Error) -> Failure {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(
            inner @ (rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented),
        ) => Failure::Certificate(inner.to_string()),
        _ => Failure::Tls(error),
    }
}

fn bundled_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}
