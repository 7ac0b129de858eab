//! Clients of the API that keep their connection: HTTP and JSON-RPC.

use crate::studio::{Answer, Studio};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Message, WebSocket};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection over which request after request goes.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What goes into the head of every request.
    head: String,
    /// Read, but not yet used.
    rest: Vec<u8>,
}

impl Connection {
    /// To `PORT`.
    pub(crate) fn open(studio: &Studio) -> Self {
        let address = studio.address();
        let stream = TcpStream::connect(&address).expect("the HTTP port is open");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has timeouts");
        stream.set_nodelay(true).expect("a socket has options");
        let token = match studio.token() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        Self {
            stream,
            head: format!("Host: {address}\r\n{token}"),
            rest: Vec::new(),
        }
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.head,
            body.len()
        );
        self.send(request.as_bytes());
        self.answer()
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("a request is taken");
    }

    /// The bytes that a multipart form begins and ends with, around one file, and the head before both.
    pub(crate) fn upload_parts(&self, path: &str, name: &str, length: u64) -> (String, String) {
        let begin = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let end = "\r\n--limit--\r\n".to_owned();
        let whole = length + (begin.len() + end.len()) as u64;
        let head = format!(
            "POST {path} HTTP/1.1\r\n{}Content-Type: multipart/form-data; boundary=limit\r\nContent-Length: {whole}\r\n\r\n{begin}",
            self.head,
        );
        (head, end)
    }

    /// Uploads a file as a browser does.
    pub(crate) fn upload(&mut self, name: &str, bytes: &[u8]) -> Answer {
        let (head, end) = self.upload_parts("/api/v1/assets", name, bytes.len() as u64);
        self.send(&[head.as_bytes(), bytes, end.as_bytes()].concat());
        self.answer()
    }

    /// The bytes that may still be written; fails where the other end has closed.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Reads the next answer.
    pub(crate) fn answer(&mut self) -> Answer {
        let head = loop {
            let end = self.rest.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = self.rest.drain(..end + 4).collect();
                break String::from_utf8(head).expect("a head is text");
            }
            self.read_more();
        };
        let length = header(&head, "content-length").map_or(0, |length| {
            length.parse::<usize>().expect("a length is a number")
        });
        while self.rest.len() < length {
            self.read_more();
        }
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Answer {
            status: status.expect("an answer has a status"),
            body: self.rest.drain(..length).collect(),
            head,
        }
    }

    fn read_more(&mut self) {
        let mut chunk = [0; 16 << 10];
        match self.stream.read(&mut chunk) {
            Ok(n) if n > 0 => self.rest.extend_from_slice(&chunk[..n]),
            end => panic!("the answer ended: {end:?}"),
        }
    }
}

/// The value of a header.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (given, value) = line.split_once(':')?;
        given.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// One control socket.
pub(crate) struct Socket {
    socket: WebSocket<TcpStream>,
    asked: u64,
}

impl Socket {
    /// To `WS_PORT`.
    pub(crate) fn open(studio: &Studio) -> Self {
        let address = studio.ws_address();
        let stream = TcpStream::connect(&address).expect("the WebSocket port is open");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has timeouts");
        stream.set_nodelay(true).expect("a socket has options");
        let mut request = format!("ws://{address}/")
            .into_client_request()
            .expect("a request can be made of it");
        if !studio.token().is_empty() {
            let token = format!("Bearer {}", studio.token());
            request
                .headers_mut()
                .insert("Authorization", token.parse().expect("a token is text"));
        }
        let (socket, _) = tungstenite::client(request, stream).expect("a WebSocket is opened");
        Self { socket, asked: 0 }
    }

    /// Sends a request without waiting for its answer; its id.
    pub(crate) fn send(&mut self, method: &str, params: &Value) -> u64 {
        self.asked += 1;
        let request =
            json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params });
        self.socket
            .send(Message::text(request.to_string()))
            .expect("a request is taken");
        self.asked
    }

    /// Sends a request and reads its answer; events before it are lost.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.send(method, params);
        loop {
            let message = self.next();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The next message that is text.
    pub(crate) fn next(&mut self) -> Value {
        loop {
            let message = self.socket.read().expect("the socket goes on");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("a message is JSON");
            }
        }
    }

    /// Waits for an event of this type about which `wanted` is true.
    pub(crate) fn wait_for_event(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next();
            let event = &message["params"];
            if message["method"] == "event" && event["type"] == kind && wanted(&event["data"]) {
                return event.clone();
            }
        }
    }
}
