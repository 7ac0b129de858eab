//! A real RTMP(S) ingest.

use crate::certificates::{self, Certificate};
use crate::process::Server;
use crate::{TempFolder, free_port, poll_until};
use std::fmt::Write;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const NGINX: &str = "/usr/sbin/nginx";
const MODULES: &str = "/usr/lib/nginx/modules";

/// Which stream keys the ingest takes; the others get the answer 403 from its `on_publish` question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// Every key, without asking.
    #[default]
    Anyone,
    /// This key only.
    Key(String),
    /// None.
    Nobody,
}

/// How the ingest is set up.
#[derive(Clone, Debug, Default)]
pub struct NginxOptions {
    /// Who may publish.
    pub accept: Accept,
    /// With a certificate, RTMPS is served as well.
    pub tls: Option<Certificate>,
}

/// A running nginx with its RTMP module: application `live`, everything published is recorded as FLV.
///
/// One process, so that stopping it stops the TLS side with it.
#[derive(Debug)]
pub struct NginxRtmp {
    /// First, so that it ends before its folder goes.
    process: Server,
    folder: TempFolder,
    rtmp_port: u16,
    rtmps: Option<(u16, PathBuf)>,
}

impl NginxRtmp {
    /// Starts it on free ports and waits until it listens.
    ///
    /// # Panics
    /// When nginx is missing or does not listen within 10 s.
    pub fn start(options: &NginxOptions) -> Self {
        let folder = TempFolder::new("nginx");
        let (rtmp_port, http_port) = (free_port(), free_port());
        let rtmps = options
            .tls
            .map(|kind| (free_port(), certificates::make(folder.path(), kind)));
        for name in ["recordings", "logs"] {
            fs::create_dir(folder.path().join(name)).expect("the folder was just made");
        }
        let config = config(folder.path(), options, rtmp_port, http_port, rtmps.as_ref());
        fs::write(folder.path().join("nginx.conf"), config).expect("the folder was just made");
        let rtmps = rtmps.map(|(port, files)| (port, files.authority));
        let mut server = Self {
            folder,
            process: Server::default(),
            rtmp_port,
            rtmps,
        };
        server.restart();
        server
    }

    /// `rtmp://127.0.0.1:PORT/live`, to be followed by the stream key.
    pub fn rtmp_url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.rtmp_port)
    }

    /// `rtmps://127.0.0.1:PORT/live`.
    ///
    /// # Panics
    /// When started without TLS.
    pub fn rtmps_url(&self) -> String {
        format!("rtmps://127.0.0.1:{}/live", self.tls().0)
    }

    /// Certificate, in PEM form, of the authority that clients should trust.
    ///
    /// # Panics
    /// When started without TLS.
    pub fn authority(&self) -> &Path {
        &self.tls().1
    }

    fn tls(&self) -> &(u16, PathBuf) {
        self.rtmps
            .as_ref()
            .expect("the test asks for TLS when it starts the server")
    }

    /// Kills the process: its sockets close at once, its ports refuse connections.
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

    /// Starts the process again, on the same ports; kills it first where it runs.
    ///
    /// # Panics
    /// When it does not listen within 10 s.
    pub fn restart(&mut self) {
        let log =
            File::create(self.folder.path().join("logs/start.log")).expect("the folder exists");
        let child = self.process.start(
            Command::new(NGINX)
                .arg("-p")
                .arg(self.folder.path())
                .arg("-c")
                .arg(self.folder.path().join("nginx.conf"))
                .args(["-e", "logs/error.log"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log),
        );
        let ports: Vec<u16> = [
            Some(self.rtmp_port),
            self.rtmps.as_ref().map(|(port, _)| *port),
        ]
        .into_iter()
        .flatten()
        .collect();
        let folder = self.folder.path();
        poll_until(Duration::from_secs(10), "nginx to listen", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!(
                    "nginx ended: {status}; it needs the packages libnginx-mod-rtmp and libnginx-mod-stream\n{}",
                    log_of(folder)
                );
            }
            ports
                .iter()
                .all(|&port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok())
                .then_some(())
        });
    }

    /// The recordings so far, oldest first; one grows as long as its publisher is connected.
    ///
    /// Names carry the second at which publishing began: two sessions of one key within a second share a file, the later one wins.
    ///
    /// # Panics
    /// When the folder cannot be read.
    pub fn recordings(&self) -> Vec<PathBuf> {
        let entries =
            fs::read_dir(self.folder.path().join("recordings")).expect("the folder exists");
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        files.sort_by_key(|file| {
            (
                fs::metadata(file)
                    .and_then(|metadata| metadata.created())
                    .ok(),
                file.clone(),
            )
        });
        files
    }

    /// What nginx logged.
    pub fn log(&self) -> String {
        log_of(self.folder.path())
    }
}

fn log_of(folder: &Path) -> String {
    ["logs/start.log", "logs/error.log"]
        .map(|log| fs::read_to_string(folder.join(log)).unwrap_or_default())
        .concat()
}

fn config(
    folder: &Path,
    options: &NginxOptions,
    rtmp: u16,
    http: u16,
    tls: Option<&(u16, certificates::Files)>,
) -> String {
    let folder = folder.display();
    let on_publish = match options.accept {
        Accept::Anyone => String::new(),
        _ => format!("notify_method get; on_publish http://127.0.0.1:{http}/may-publish;"),
    };
    let verdict = match &options.accept {
        Accept::Anyone => "return 200;".to_owned(),
        Accept::Key(key) => format!("if ($arg_name = \"{key}\") {{ return 200; }} return 403;"),
        Accept::Nobody => "return 403;".to_owned(),
    };
    let mut config = format!(
        r"
load_module {MODULES}/ngx_rtmp_module.so;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/logs/error.log info;
events {{ worker_connections 64; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{rtmp};
        application live {{
            live on;
            record all;
            record_path {folder}/recordings;
            record_unique on;
            {on_publish}
        }}
    }}
}}
http {{
    access_log off;
    client_body_temp_path {folder}/client-body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{http};
        location = /may-publish {{ {verdict} }}
    }}
}}
"
    );
    if let Some((port, files)) = tls {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        let stream = format!(
            r"
load_module {MODULES}/ngx_stream_module.so;
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        proxy_pass 127.0.0.1:{rtmp};
    }}
}}
"
        );
        // Modules must be loaded before the first block that is not one.
        let (load, block) = stream
            .split_once('\n')
            .and_then(|(_, rest)| rest.split_once('\n'))
            .unwrap_or_default();
        config.insert_str(0, &format!("{load}\n"));
        let _ = write!(config, "{block}");
    }
    config
}
