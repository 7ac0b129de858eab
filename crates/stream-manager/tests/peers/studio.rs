//! The program under test, as a process.

use media::Resolution;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use testkit::{TempFolder, free_port, poll_until};

/// A command line of the program with nothing in its environment but `env`.
pub(crate) fn program(arguments: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stream-manager"));
    command
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::null());
    command
}

/// A running service on free ports.
pub(crate) struct Studio {
    child: Child,
    folder: TempFolder,
    ports: [u16; 4],
    /// Sent with every request; empty: none.
    token: String,
    started: Instant,
}

/// An answer of the API.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

impl Studio {
    /// Starts the service without waiting for it. It keeps its data in a folder of its own unless `env` names one, and is
    /// asked with the first of its `API_TOKENS`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a service takes to start is measured"
    )]
    pub(crate) fn start(env: &[(&str, &str)]) -> Self {
        let folder = TempFolder::new("studio");
        let ports = [free_port(), free_port(), free_port(), free_port()];
        let log = File::create(folder.path().join("log")).expect("the folder was just made");
        let started = Instant::now();
        let mut command = program(&["serve"], env);
        let value = |wanted: &str| env.iter().find(|(name, _)| *name == wanted);
        if value("DATA_DIR").is_none() {
            command.env("DATA_DIR", folder.path().join("data"));
        }
        let token = value("API_TOKENS").and_then(|(_, tokens)| tokens.split(':').nth(1));
        for (name, port) in ["PORT", "WS_PORT", "METRICS_PORT", "HEALTH_PORT"]
            .iter()
            .zip(ports)
        {
            command.env(name, port.to_string());
        }
        let child = command
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program was built");
        Self {
            child,
            folder,
            ports,
            token: token.unwrap_or_default().to_owned(),
            started,
        }
    }

    /// Starts the service and waits until frames flow.
    pub(crate) fn serve(env: &[(&str, &str)]) -> Self {
        let mut studio = Self::start(env);
        studio.wait_until_ready();
        studio
    }

    /// Whether frames flow.
    pub(crate) fn is_ready(&self) -> bool {
        let answer = self.try_ask(3, "GET", "/health/ready", b"");
        answer.is_some_and(|answer| answer.status == 200)
    }

    /// Waits until frames flow.
    pub(crate) fn wait_until_ready(&mut self) {
        poll_until(Duration::from_secs(20), "the service to be ready", || {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the service ended: {status}\n{}", self.log());
            }
            self.try_ask(3, "GET", "/health/ready", b"")
                .filter(|answer| answer.status == 200)
        });
    }

    /// Asks with this token from now on; empty: with none.
    pub(crate) fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// `host:port` of the HTTP port.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports[0])
    }

    /// `PORT`, `WS_PORT`, `METRICS_PORT`, `HEALTH_PORT`.
    pub(crate) const fn ports(&self) -> [u16; 4] {
        self.ports
    }

    /// Where it keeps its data, unless it was told otherwise.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Processor time that it used, from the kernel.
    pub(crate) fn cpu_s(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .expect("the process runs");
        // The name before it may have blanks.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        // Linux counts a hundred a second wherever it shows them.
        ticks
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum::<f64>()
            / 100.0
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[0])
    }

    /// `host:port` of the WebSocket port.
    pub(crate) fn ws_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports[1])
    }

    pub(crate) fn health_port(&self) -> String {
        self.ports[3].to_string()
    }

    /// Since the process was started.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time a service takes to start is measured"
    )]
    pub(crate) fn age(&self) -> Duration {
        Instant::now() - self.started
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, body.to_string().as_bytes())
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.try_ask(0, method, path, body)
            .unwrap_or_else(|| panic!("{method} {path}: no answer\n{}", self.log()))
    }

    /// `None` where nobody answers.
    pub(crate) fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_ask(0, "GET", path, b"")
    }

    pub(crate) fn ready(&self) -> Answer {
        self.try_ask(3, "GET", "/health/ready", b"")
            .expect("health answers")
    }

    pub(crate) fn health(&self) -> Answer {
        self.try_ask(3, "GET", "/health", b"")
            .expect("health answers")
    }

    /// A counter or gauge of `/metrics`, all its labels added up.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        sum_of(&self.metrics(), name, "")
    }

    /// The page of `/metrics`.
    pub(crate) fn metrics(&self) -> String {
        let answer = self
            .try_ask(2, "GET", "/metrics", b"")
            .expect("metrics answer");
        String::from_utf8(answer.body).expect("metrics are text")
    }

    /// Number of the newest frame; 0 before the first.
    pub(crate) fn frame(&self) -> i64 {
        let stream = self.get("/api/v1/stream").json();
        stream["frame"].as_i64().unwrap_or(0)
    }

    /// Waits until frame `n` was made.
    pub(crate) fn wait_for_frame(&self, n: i64) {
        poll_until(Duration::from_secs(400), "the show to go on", || {
            (self.frame() >= n).then_some(())
        });
    }

    fn try_ask(&self, port: usize, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports[port])).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .ok()?;
        let (host, length) = (self.ports[port], body.len());
        let token = match &*self.token {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{host}\r\n{token}Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..split].to_vec()).ok()?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer {
            status,
            head,
            body: bytes[split + 4..].to_vec(),
        })
    }

    /// The output as the API shows it.
    pub(crate) fn output(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/outputs/{id}")).json()
    }

    /// Waits until an output is in `state`; the API's view of it then.
    pub(crate) fn wait_for(&self, id: &str, state: &str, limit: Duration) -> Value {
        let what = format!("output {id} to be {state}");
        poll_until(limit, &what, || {
            Some(self.output(id)).filter(|output| output["state"] == state)
        })
    }

    /// Resident memory in MiB, from the kernel.
    pub(crate) fn rss_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("the process runs");
        let kib = status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .split_whitespace()
                .next()?
                .parse::<f64>()
                .ok()
        });
        kib.expect("Linux tells the resident size") / 1024.0
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -{name} {}", self.child.id()))
            .status();
        assert!(status.is_ok_and(|status| status.success()), "kill -{name}");
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        let status = self.child.try_wait().expect("the process is ours");
        status.is_some()
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait(Duration::from_secs(5))
    }

    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        poll_until(limit, "the service to end", || {
            self.child.try_wait().expect("the process is ours")
        })
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Adds up the lines of a page of metrics that begin with this name and contain `label`.
pub(crate) fn sum_of(page: &str, name: &str, label: &str) -> f64 {
    page.lines()
        .filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']) && rest.contains(label))
        })
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

impl Drop for Studio {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the product is made for.
pub(crate) const FULL_HD: Resolution = Resolution::new(1920, 1080);

/// A scene of frame numbers at 30 fps, of this size.
pub(crate) fn numbered_scene(folder: &Path, size: Resolution) -> PathBuf {
    let path = folder.join("numbers.json");
    let framerate = media::Framerate::new(30, 1).expect("30/1 is a rate");
    fs::write(
        &path,
        testkit::frame_number_scene(size.width, size.height, framerate),
    )
    .expect("the folder is there");
    path
}

/// The demo show with its pictures and frame numbers over it.
pub(crate) fn numbered_demo(folder: &Path) -> PathBuf {
    let framerate = media::Framerate::new(30, 1).expect("30/1 is a rate");
    changed_show("auction", folder, |scene| {
        testkit::add_frame_number(scene, framerate);
    })
}

/// A show of this repository, copied with its pictures, after `change` was made to its scene.
pub(crate) fn changed_show(name: &str, folder: &Path, change: impl FnOnce(&mut Value)) -> PathBuf {
    let show = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shows")
        .join(name);
    for entry in fs::read_dir(&show).expect("the show is there") {
        let entry = entry.expect("the show is there").path();
        if let Some(name) = entry.file_name().filter(|_| entry.is_file()) {
            fs::copy(&entry, folder.join(name)).expect("pictures can be copied");
        }
    }
    let path = folder.join("scene.json");
    let mut scene: Value = serde_json::from_slice(&fs::read(&path).expect("the show has a scene"))
        .expect("it is JSON");
    change(&mut scene);
    fs::write(&path, scene.to_string()).expect("the folder is ours");
    path
}

/// How long something may take whose figure this is. The long runs hold to the figure; the suite, which also runs on
/// machines that are shared, fails where it takes twice as long.
pub(crate) fn at_most(figure: Duration) -> Duration {
    if soak() { figure } else { 2 * figure }
}

/// Whether tests that need minutes run whole, and to their figures.
#[expect(clippy::disallowed_methods, reason = "the one switch of these tests")]
pub(crate) fn soak() -> bool {
    std::env::var("SOAK").is_ok_and(|value| value == "1")
}
