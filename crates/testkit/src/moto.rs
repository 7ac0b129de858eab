//! A real object store.

use crate::process::Server;
use crate::{free_port, poll_until};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A running moto: an S3 server whose buckets are gone when it ends. It takes any credentials.
#[derive(Debug)]
pub struct Moto {
    process: Server,
    port: u16,
}

impl Moto {
    /// Starts it on a free port, without buckets, and waits until it answers.
    ///
    /// # Panics
    /// When it is missing or does not answer within 30 s.
    pub fn start() -> Self {
        let mut server = Self {
            process: Server::default(),
            port: free_port(),
        };
        server.restart();
        server
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes a bucket.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn make_bucket(&self, name: &str) {
        let answer = self.ask("PUT", &format!("/{name}"), b"");
        assert!(answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
    }

    /// Puts an object, as another program would.
    ///
    /// # Panics
    /// When it cannot be put.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        let answer = self.ask("PUT", path, bytes);
        assert!(answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
    }

    /// Whether there is an object.
    pub fn has(&self, path: &str) -> bool {
        let answer = self.ask("HEAD", path, b"");
        answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// The answer to a request without a signature, which this server does not ask for.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request\r\n\
             Connection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned()).filter(|answer| !answer.is_empty())
    }

    /// Kills the process: its sockets close at once, its port refuses connections, its buckets are gone.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops the process in its tracks (`SIGSTOP`): sockets stay open, nothing is read.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.process.signal("STOP");
    }

    /// Lets a stopped process go on (`SIGCONT`).
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.process.signal("CONT");
    }

    /// Starts the process again, on the same port and without buckets; kills it first where it runs.
    ///
    /// # Panics
    /// When it does not answer within 30 s.
    pub fn restart(&mut self) {
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/moto/bin/moto_server");
        assert!(
            program.is_file(),
            "moto is missing; scripts/test installs it"
        );
        self.process.start(
            Command::new(program)
                .args(["-H", "127.0.0.1", "-p", &self.port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        poll_until(Duration::from_secs(30), "moto to answer", || {
            self.ask("GET", "/", b"")
        });
    }
}
