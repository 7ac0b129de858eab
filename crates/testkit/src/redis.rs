//! A real Redis server.

use crate::certificates::{self, Certificate};
use crate::process::{self, Server};
use crate::{TempFolder, free_port, poll_until};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How the server is set up.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// What clients must say.
    pub password: Option<String>,
    /// With a certificate, TLS is served as well.
    pub tls: Option<Certificate>,
    /// With the lines of its own configuration, it is no server but a Sentinel, which watches one.
    pub sentinel: Option<String>,
    /// Further arguments, such as `--maxmemory 4mb`, each word by itself.
    pub arguments: Vec<String>,
}

/// A running `redis-server` of Debian's package, which keeps nothing on disk: killed, it has forgotten everything.
#[derive(Debug)]
pub struct RedisServer {
    /// First, so that it ends before its folder goes.
    process: Server,
    folder: TempFolder,
    port: u16,
    tls: Option<(u16, certificates::Files)>,
    options: RedisOptions,
}

impl RedisServer {
    /// Starts it on a free port and waits until it answers.
    ///
    /// # Panics
    /// When it is missing or does not answer within 10 s.
    pub fn start(options: &RedisOptions) -> Self {
        let mut server = Self::prepare(options);
        server.restart();
        server
    }

    /// Chooses its port and starts nothing: a server that is away at first.
    pub fn prepare(options: &RedisOptions) -> Self {
        let folder = TempFolder::new("redis");
        let tls = options
            .tls
            .map(|kind| (free_port(), certificates::make(folder.path(), kind)));
        Self {
            folder,
            process: Server::default(),
            port: free_port(),
            tls,
            options: options.clone(),
        }
    }

    /// Its port, without TLS.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`, without a password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `rediss://localhost:PORT`, without a password.
    ///
    /// # Panics
    /// When started without TLS.
    pub fn tls_url(&self) -> String {
        format!("rediss://localhost:{}", self.tls().0)
    }

    /// Certificate, in PEM form, of the authority that clients should trust.
    ///
    /// # Panics
    /// When started without TLS.
    pub fn authority(&self) -> &Path {
        &self.tls().1.authority
    }

    fn tls(&self) -> &(u16, certificates::Files) {
        self.tls
            .as_ref()
            .expect("the test asks for TLS when it starts the server")
    }

    /// Kills the process: its port refuses connections, and what it held is gone.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops the process in its tracks (`SIGSTOP`): sockets stay open, nothing is answered.
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

    /// Starts the process again, on the same port and empty; kills it first where it runs.
    ///
    /// # Panics
    /// When it does not answer within 10 s.
    pub fn restart(&mut self) {
        let log = self.folder.path().join("log");
        let out = File::create(&log).expect("the folder exists");
        let mut command = Command::new("redis-server");
        if let Some(lines) = &self.options.sentinel {
            // It writes there what it finds out.
            let path = self.folder.path().join("sentinel.conf");
            fs::write(&path, lines).expect("the folder exists");
            command.arg(path).arg("--sentinel");
        }
        command
            .args(["--bind", "127.0.0.1", "--port", &self.port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .args(&self.options.arguments)
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a file can be had twice"))
            .stdout(out);
        if let Some(password) = &self.options.password {
            command.args(["--requirepass", password]);
        }
        if let Some((port, files)) = &self.tls {
            let file = |name: &str, path: &PathBuf| [name.to_owned(), path.display().to_string()];
            command
                .args(["--tls-port", &port.to_string(), "--tls-auth-clients", "no"])
                .args(file("--tls-cert-file", &files.certificate))
                .args(file("--tls-key-file", &files.key))
                .args(file("--tls-ca-cert-file", &files.authority));
        }
        let child = self.process.start(&mut command);
        let port = self.port;
        poll_until(Duration::from_secs(10), "redis to answer", || {
            if let Ok(Some(status)) = child.try_wait() {
                let text = fs::read_to_string(&log).unwrap_or_default();
                panic!("redis-server ended: {status}\n{text}");
            }
            answers(port).then_some(())
        });
    }

    /// Runs a command on the server, and gives back what `redis-cli` prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn cli(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port.to_string(), "--no-auth-warning"]);
        if let Some(password) = &self.options.password {
            cli.args(["-a", password]);
        }
        let output = process::run(cli.args(command));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// Whether there is an answer, be it that a password is needed or that it is still loading.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<[u8; 5]> {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        socket.read_exact(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| [b"+PONG", b"-NOAU", b"-LOAD"].contains(&&answer))
}
