//! A port and its connections.

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// How long a connection may take for its TLS handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long requests under way have at the end.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
/// Connections of one port, where the system allows as many files.
const MAX_CONNECTIONS: usize = 8192;
/// How long to wait where the system has no more files.
const RESPITE: Duration = Duration::from_millis(50);

/// The certificate of a port that speaks TLS.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

/// Why a certificate cannot be used. Says nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsFault(String);

impl ServerTls {
    /// From a chain of certificates and its key, in PEM.
    ///
    /// # Errors
    /// [`TlsFault`]: there is none, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsFault> {
        let fault = |text: &str| TlsFault(text.to_owned());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| fault("the certificate is no PEM"))?;
        if chain.is_empty() {
            return Err(fault("there is no certificate in the file"));
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| fault("there is no private key in PEM in the file"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| TlsFault(e.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|e| TlsFault(format!("certificate and key cannot be used together: {e}")))?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

/// Answers on `listener` until `shutdown` ends, then finishes the requests under way.
///
/// Connections that became a WebSocket are not waited for: [`Api::end`](crate::Api::end) ends those. A connection that
/// sends nothing is closed after ten seconds, or as soon as its place is needed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<ServerTls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let (stop, stopping) = watch::channel(false);
    // Nothing is ever sent: it closes when the last connection lets go of it.
    let (open, mut closed) = mpsc::channel::<()>(1);
    let places = Arc::new(Semaphore::new(places()));
    let newcomers = Arc::<Newcomers>::default();
    tokio::pin!(shutdown);
    loop {
        let accepted = async {
            let accepted = listener.accept().await;
            if places.available_permits() == 0 {
                newcomers.turn_out_the_oldest();
            }
            (accepted, Arc::clone(&places).acquire_owned().await)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(RESPITE).await;
                continue;
            }
        };
        // A fragment is smaller than a packet of the network now and then, and must not wait for the next one.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let (router, tls) = (router.clone(), tls.clone());
        let (stopping, open) = (stopping.clone(), open.clone());
        let (newcomer, turned_out) = Newcomers::welcome(&newcomers);
        tokio::spawn(async move {
            let answered = async {
                match tls {
                    None => answer(socket, peer, router, newcomer, stopping).await,
                    Some(tls) => match timeout(PATIENCE, tls.0.accept(socket)).await {
                        Ok(Ok(socket)) => answer(socket, peer, router, newcomer, stopping).await,
                        Ok(Err(error)) => Err(error.to_string()),
                        Err(_) => Err("no handshake came".to_owned()),
                    },
                }
            };
            let answered = tokio::select! {
                answered = answered => answered,
                Ok(()) = turned_out => Err("it said nothing, and its place was needed".to_owned()),
            };
            if let Err(error) = answered {
                tracing::debug!(%peer, error, "a connection ended");
            }
            drop((place, open));
        });
    }
    drop((listener, open));
    stop.send_replace(true);
    if timeout(LAST_REQUESTS, closed.recv()).await.is_err() {
        tracing::debug!("requests under way were cut off");
    }
}

async fn answer(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    newcomer: Newcomer,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), String> {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        newcomer.has_spoken();
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let stopped = async { drop(stopping.wait_for(|stopping| *stopping).await) };
    tokio::select! {
        ended = &mut connection => return ended.map_err(|e| e.to_string()),
        () = stopped => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await.map_err(|e| e.to_string())
}

/// Connections over which no request has come yet. Where all places are taken, the oldest of them goes for each new one:
/// whoever opens thousands and says nothing locks nobody out.
#[derive(Debug, Default)]
struct Newcomers(Mutex<Silent>);

#[derive(Debug, Default)]
struct Silent {
    /// By their numbers, in the order in which they came.
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    came: u64,
}

/// One of them, until it has spoken or is dropped.
struct Newcomer {
    number: u64,
    all: Arc<Newcomers>,
}

impl Newcomers {
    /// A new one, and what it is told when it has to go.
    fn welcome(all: &Arc<Self>) -> (Newcomer, oneshot::Receiver<()>) {
        let (turn_out, turned_out) = oneshot::channel();
        let mut silent = all.silent();
        silent.came += 1;
        let number = silent.came;
        silent.waiting.insert(number, turn_out);
        drop(silent);
        let all = Arc::clone(all);
        (Newcomer { number, all }, turned_out)
    }

    fn turn_out_the_oldest(&self) {
        let oldest = self.silent().waiting.pop_first();
        if let Some((_, turn_out)) = oldest {
            // It may just have ended by itself.
            let _ = turn_out.send(());
        }
    }

    fn silent(&self) -> MutexGuard<'_, Silent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Newcomer {
    fn has_spoken(&self) {
        self.all.silent().waiting.remove(&self.number);
    }
}

impl Drop for Newcomer {
    fn drop(&mut self) {
        self.has_spoken();
    }
}

/// A quarter of the files that the system lets us have: outputs and assets need some too.
fn places() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let files = files.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    (files / 4).clamp(64, MAX_CONNECTIONS)
}

/// Lets this process have as many files as the system allows it; the default of 1024 is soon used up by sockets.
pub fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_err() {
        tracing::debug!("the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_has_not_spoken_is_turned_out() {
        let all = Arc::<Newcomers>::default();
        let mut guests: Vec<_> = (0..4).map(|_| Newcomers::welcome(&all)).collect();
        guests[0].0.has_spoken();
        // It has gone by itself.
        drop(guests.remove(1).0);
        all.turn_out_the_oldest();
        let told: Vec<bool> = guests
            .iter_mut()
            .map(|(_, turned_out)| turned_out.try_recv().is_ok())
            .collect();
        assert_eq!(told, [false, true, false]);
        drop(guests);
        all.turn_out_the_oldest();
    }
}
