//! A client of the sockets, over real TCP.

use super::studio::{Studio, listen};
use axum::Router;
use axum::http::header::HeaderName;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Error as WsError, HandshakeError, Message, WebSocket};

/// A peer that says nothing for so long will say nothing at all.
const DEADLINE: Duration = Duration::from_secs(20);

/// Opens the preview of a router on a port of its own.
pub(crate) async fn connect(router: Router) -> WebSocket<TcpStream> {
    let address = listen(router).await;
    open(address, "/preview", &[]).await.unwrap()
}

/// Opens a socket with these headers, or gives the status that it is refused with.
pub(crate) async fn open(
    address: SocketAddr,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Result<WebSocket<TcpStream>, u16> {
    let stream = spawn_blocking(move || TcpStream::connect(address).unwrap());
    open_on(stream.await.unwrap(), path, headers).await
}

/// Likewise on a connection that there is.
pub(crate) async fn open_on(
    stream: TcpStream,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Result<WebSocket<TcpStream>, u16> {
    let address = stream.peer_addr().unwrap();
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let opened = spawn_blocking(move || tungstenite::client(request, stream).map_err(Box::new));
    match opened.await.unwrap() {
        Ok((socket, _)) => Ok(socket),
        Err(error) => match *error {
            HandshakeError::Failure(WsError::Http(refused)) => Err(refused.status().as_u16()),
            error => panic!("{error}"),
        },
    }
}

/// One that speaks JSON-RPC.
pub(crate) struct Rpc {
    socket: Option<WebSocket<TcpStream>>,
    asked: u64,
    heard: VecDeque<Value>,
}

impl Rpc {
    pub(crate) async fn open(studio: &Studio) -> Self {
        Self::at(studio.listen().await, "/ws", &[]).await
    }

    pub(crate) async fn at(
        address: SocketAddr,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Self {
        Self::on(open(address, path, headers).await.unwrap())
    }

    pub(crate) fn on(socket: WebSocket<TcpStream>) -> Self {
        Self {
            socket: Some(socket),
            asked: 0,
            heard: VecDeque::new(),
        }
    }

    /// Does something that blocks with the socket.
    pub(crate) async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut WebSocket<TcpStream>) -> T + Send + 'static,
    ) -> T {
        let mut socket = self.socket.take().unwrap();
        let done = spawn_blocking(move || {
            let done = work(&mut socket);
            (socket, done)
        });
        let (socket, done) = done.await.unwrap();
        self.socket = Some(socket);
        done
    }

    pub(crate) async fn say(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.with(|socket| socket.send(Message::text(text)).unwrap())
            .await;
    }

    /// The next message, or the code that the socket is closed with.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        self.with(|socket| {
            loop {
                match socket.read().unwrap() {
                    Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                    Message::Close(frame) => return Err(frame.map_or(0, |f| f.code.into())),
                    _ => {}
                }
            }
        })
        .await
    }

    /// What one message is answered with.
    pub(crate) async fn exchange(&mut self, message: Value) -> Value {
        self.say(message.to_string()).await;
        self.answer().await
    }

    /// The next message that is no notification.
    async fn answer(&mut self) -> Value {
        loop {
            let message = self.next().await.unwrap();
            if message.get("method").is_none() {
                return message;
            }
            self.heard.push_back(message);
        }
    }

    /// Calls a method; the result, or the error.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.asked += 1;
        let id = self.asked;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let answer = self.exchange(request).await;
        assert_eq!(
            (&answer["id"], &answer["jsonrpc"]),
            (&id.into(), &"2.0".into())
        );
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// The next notification.
    pub(crate) async fn notification(&mut self) -> Value {
        if let Some(heard) = self.heard.pop_front() {
            return heard;
        }
        let message = self.next().await.unwrap();
        assert!(message.get("method").is_some(), "{message}");
        message
    }

    /// The next event.
    pub(crate) async fn event(&mut self) -> Value {
        let notification = self.notification().await;
        assert_eq!(notification["method"], "event", "{notification}");
        notification["params"].clone()
    }
}
