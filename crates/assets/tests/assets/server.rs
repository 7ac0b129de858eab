//! An HTTP server that does what tests tell it, byte by byte.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What a server does after it has read a request.
#[derive(Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// The bytes again and again, with a pause after each time, until the client has enough.
    Drip(Vec<u8>, Duration),
    /// Nothing, until the client goes.
    Hang,
}

/// Closes when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Server {
    /// Answers each request with the steps for its path.
    pub(crate) async fn start(
        script: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, script) = (Arc::new(Seen::default()), Arc::new(script));
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (seen, script, tls) = (Arc::clone(&shared), Arc::clone(&script), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve(socket, &seen, &*script).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(socket).await {
                                serve(stream, &seen, &*script).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            seen,
            _tasks: tasks,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Most connections that were open at the same time.
    pub(crate) fn most_open(&self) -> usize {
        self.seen.most_open.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Seen,
    script: &(impl Fn(&str) -> Vec<Step> + ?Sized),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    seen.requests.lock().unwrap().push(head);
    let open = seen.open.fetch_add(1, Ordering::Relaxed) + 1;
    seen.most_open.fetch_max(open, Ordering::Relaxed);
    for step in script(&path) {
        match step {
            Step::Send(bytes) => {
                // A client that has enough closes.
                let _ = stream.write_all(&bytes).await;
            }
            Step::Drip(bytes, pause) => {
                while stream.write_all(&bytes).await.is_ok() {
                    if pause.is_zero() {
                        tokio::task::yield_now().await;
                    } else {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
            Step::Hang => while stream.read_u8().await.is_ok() {},
        }
    }
    let _ = stream.shutdown().await;
    seen.open.fetch_sub(1, Ordering::Relaxed);
}

/// A whole answer.
pub(crate) fn ok(content_type: &str, body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nSet-Cookie: a=b\r\n\r\n",
        body.len()
    );
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// An answer without a body.
pub(crate) fn status(line: &str, headers: &str) -> Vec<Step> {
    vec![Step::Send(
        format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\n\r\n").into_bytes(),
    )]
}
