//! An RTMP server on a local port whose behaviour tests direct.

#[path = "../../../rtmp/tests/server/mod.rs"]
pub(crate) mod rtmp_server;

use rtmp_server::{Answer, Received, Server};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub(crate) struct Ingest {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    connections: Mutex<Vec<Arc<Mutex<Connection>>>>,
    answers: Mutex<VecDeque<Answer>>,
    orders: watch::Sender<Orders>,
}

#[derive(Clone, Copy, Default)]
struct Orders {
    deaf: bool,
    /// Connections with a lower number are to be cut.
    cut_below: usize,
}

struct Connection {
    server: Server,
    ended: bool,
}

impl Ingest {
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0", None).await
    }

    pub(crate) async fn start_at(address: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            connections: Mutex::default(),
            answers: Mutex::default(),
            orders: watch::channel(Orders::default()).0,
        });
        let task = tokio::spawn(accept(listener, tls, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    /// Answers to the next connections, in order; later ones are accepted.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.answers.lock().unwrap().extend(answers);
    }

    /// Stops or begins reading on all connections.
    pub(crate) fn set_deaf(&self, deaf: bool) {
        self.shared.orders.send_modify(|orders| orders.deaf = deaf);
    }

    /// Cuts all connections there are.
    pub(crate) fn cut(&self) {
        let count = self.connections();
        self.shared
            .orders
            .send_modify(|orders| orders.cut_below = count);
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.lock().unwrap().len()
    }

    /// Media of connection `n`.
    pub(crate) fn media(&self, n: usize) -> Vec<Received> {
        self.with(n, |connection| connection.server.media())
            .unwrap_or_default()
    }

    /// Names of all commands and data messages of connection `n`.
    pub(crate) fn names(&self, n: usize) -> Vec<String> {
        self.with(n, |connection| connection.server.names())
            .unwrap_or_default()
    }

    /// The name under which connection `n` publishes.
    pub(crate) fn stream_name(&self, n: usize) -> Option<String> {
        self.with(n, |connection| {
            connection.server.command("publish")[3].text().to_owned()
        })
    }

    /// Whether connection `n` has been closed, by whomever.
    pub(crate) fn ended(&self, n: usize) -> bool {
        self.with(n, |connection| connection.ended)
            .unwrap_or_default()
    }

    fn with<T>(&self, n: usize, look: impl FnOnce(&Connection) -> T) -> Option<T> {
        let connections = self.shared.connections.lock().unwrap();
        connections
            .get(n)
            .map(|connection| look(&connection.lock().unwrap()))
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((socket, _)) = listener.accept().await {
        let answer = shared
            .answers
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Answer::Accept);
        let connection = Arc::new(Mutex::new(Connection {
            server: Server::new(answer),
            ended: false,
        }));
        let number = {
            let mut connections = shared.connections.lock().unwrap();
            connections.push(Arc::clone(&connection));
            connections.len() - 1
        };
        let (orders, tls) = (shared.orders.subscribe(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => serve(socket, &connection, number, orders).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(socket).await {
                        serve(stream, &connection, number, orders).await;
                    }
                }
            }
            connection.lock().unwrap().ended = true;
        });
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    connection: &Mutex<Connection>,
    number: usize,
    mut orders: watch::Receiver<Orders>,
) {
    let mut buffer = [0; 4096];
    loop {
        let now = *orders.borrow_and_update();
        if number < now.cut_below {
            return;
        }
        let count = tokio::select! {
            read = stream.read(&mut buffer), if !now.deaf => read.unwrap_or(0),
            changed = orders.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        if count == 0 {
            return;
        }
        let (output, close) = {
            let server = &mut connection.lock().unwrap().server;
            server.input(&buffer[..count]);
            (std::mem::take(&mut server.output), server.wants_close)
        };
        if stream.write_all(&output).await.is_err() || stream.flush().await.is_err() || close {
            return;
        }
    }
}
