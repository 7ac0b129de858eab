//! Files from URLs.

use crate::files::{Shelf, png};
use crate::server::{Server, Step, ok, status};
use assets::{
    Asset, Error, FetchSettings, Fetcher, Format, Kind, Limits, Resolver, Resolving, SystemResolver,
};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const CID: &str = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG";

/// Answers in turn; the last one for ever.
struct Script {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolver for Script {
    fn resolve<'a>(&'a self, _host: &'a str) -> Resolving<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        Box::pin(async move { Ok(answer) })
    }
}

/// Lets tests reach the servers.
fn settings(servers: &[&Server]) -> FetchSettings {
    FetchSettings {
        allow_http: true,
        allowed_networks: vec!["127.0.0.1/32".parse().unwrap()],
        allowed_ports: servers.iter().map(|server| server.address.port()).collect(),
        ..FetchSettings::default()
    }
}

struct Bench {
    shelf: Shelf,
    fetcher: Fetcher,
}

impl Bench {
    fn new(settings: FetchSettings) -> Self {
        Self::with_resolver(settings, Arc::new(SystemResolver))
    }

    fn with_resolver(settings: FetchSettings, resolver: Arc<dyn Resolver>) -> Self {
        let shelf = Shelf::new("fetch", Limits::default());
        let fetcher = Fetcher::new(shelf.library.clone(), settings, resolver).unwrap();
        Self { shelf, fetcher }
    }

    async fn fetch(&self, url: &str) -> Result<Asset, Error> {
        Ok(self.fetcher.fetch(url, None).await?.0)
    }

    async fn kind(&self, url: &str) -> Kind {
        let result = self.fetch(url).await;
        let error = result.expect_err(url);
        // No message holds more than the host.
        assert!(!error.to_string().contains("secret"), "{error}");
        assert_eq!(
            (self.shelf.leftovers(), self.shelf.library.used_bytes()),
            (0, 0)
        );
        error.kind()
    }
}

#[tokio::test]
async fn a_file_is_fetched_without_telling_more_than_needed() {
    let server = Server::start(|_| ok("application/octet-stream", &png(7, 5, 1)), None).await;
    let bench = Bench::new(settings(&[&server]));
    let url = server.url("/a/logo.png?token=secret#part");
    let (asset, is_new) = bench.fetcher.fetch(&url, None).await.unwrap();
    assert!(is_new);
    assert_eq!((asset.format, asset.width_px), (Format::Png, Some(7)));
    assert_eq!(asset.name.as_deref(), Some("logo.png"));
    assert_eq!(asset.source_url, Some(server.url("/a/logo.png")));
    let (again, is_new) = bench.fetcher.fetch(&url, Some("x")).await.unwrap();
    assert!(!is_new && again.name == asset.name);
    let request = server.requests().remove(0).to_lowercase();
    let mut lines: Vec<&str> = request.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "get /a/logo.png?token=secret http/1.1");
    let host = format!("host: {}", server.address);
    for line in [&host, "accept-encoding: identity", "connection: close"] {
        assert!(lines.contains(&line), "{line} in {lines:?}");
    }
    assert!(request.contains("user-agent: stream-manager/"), "{request}");
    assert_eq!(lines.len(), 5, "{lines:?}");
}

#[tokio::test]
async fn what_servers_may_answer_and_may_not() {
    let picture = png(7, 5, 1);
    let lie = |length: usize, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        vec![Step::Send([head.as_bytes(), body].concat())]
    };
    let script = move |path: &str| match path {
        "/none" => status("404 Not Found", ""),
        "/error" => status("500 Oops", ""),
        "/partial" => status("206 Partial Content", ""),
        "/page" => ok("text/html; charset=utf-8", &picture),
        "/gzip" => vec![Step::Send(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc".to_vec(),
        )],
        "/rubbish" => ok("image/png", b"no picture at all"),
        "/empty" => ok("image/png", b""),
        "/short" => lie(picture.len() - 9, &picture),
        "/long" => lie(picture.len() + 9, &picture),
        "/huge" => lie(1 << 40, &picture),
        "/odd" => vec![Step::Send(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())],
        "/closed" => vec![],
        "/endless" => vec![
            Step::Send(
                b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\nRIFF\0\0\0\0WAVE".to_vec(),
            ),
            Step::Drip(vec![0; 8192], Duration::ZERO),
        ],
        "/chunks" => vec![
            Step::Send(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nRIFF\0\0\0\0WAVE\r\n"
                    .to_vec(),
            ),
            Step::Drip(
                [b"2000\r\n".to_vec(), vec![0; 8192], b"\r\n".to_vec()].concat(),
                Duration::ZERO,
            ),
        ],
        "/head" => vec![
            Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
            Step::Drip(
                b"X-More: and more and more and more\r\n".to_vec(),
                Duration::ZERO,
            ),
        ],
        _ => ok("image/png", &picture),
    };
    let server = Server::start(script, None).await;
    let bench = Bench::new(FetchSettings {
        max_bytes: 1 << 20,
        ..settings(&[&server])
    });
    for (path, expected) in [
        ("/none", Kind::UpstreamFailed),
        ("/error", Kind::UpstreamFailed),
        ("/partial", Kind::UpstreamFailed),
        ("/page", Kind::UnsupportedType),
        ("/gzip", Kind::UpstreamFailed),
        ("/rubbish", Kind::UnsupportedType),
        ("/empty", Kind::UnsupportedType),
        ("/short", Kind::Broken),
        ("/long", Kind::UpstreamFailed),
        ("/huge", Kind::TooLarge),
        ("/odd", Kind::UpstreamFailed),
        ("/closed", Kind::UpstreamFailed),
        ("/endless", Kind::TooLarge),
        ("/chunks", Kind::TooLarge),
        ("/head", Kind::UpstreamFailed),
    ] {
        assert_eq!(bench.kind(&server.url(path)).await, expected, "{path}");
    }
    // Cut off at the fetcher's own limit, not when the library has had enough.
    for path in ["/huge", "/endless", "/chunks"] {
        let error = bench.fetch(&server.url(path)).await.unwrap_err();
        assert!(
            matches!(error, Error::TooManyBytes { allowed, .. } if allowed == 1 << 20),
            "{path}: {error}"
        );
    }
    assert!(bench.fetch(&server.url("/fine")).await.is_ok());
}

#[tokio::test]
async fn redirects_are_followed_through_the_guard() {
    let script = |path: &str| match path {
        "/relative" => status("302 Found", "Location: ./fine\r\n"),
        "/fine" => ok("image/png", &png(7, 5, 1)),
        "/metadata" => status(
            "302 Found",
            "Location: http://169.254.169.254/latest/secret\r\n",
        ),
        "/mapped" => status(
            "302 Found",
            "Location: http://[::ffff:a9fe:a9fe]/secret\r\n",
        ),
        "/decimal" => status("302 Found", "Location: http://2852039166/secret\r\n"),
        "/loopback" => status("307 Temporary Redirect", "Location: http://127.0.0.2/\r\n"),
        "/port" => status("301 Moved", "Location: http://127.0.0.1:22/\r\n"),
        "/file" => status("303 See Other", "Location: file:///etc/passwd\r\n"),
        "/user" => status("302 Found", "Location: http://secret@127.0.0.1/\r\n"),
        "/nowhere" => status("302 Found", ""),
        path => {
            let hops: u32 = path[1..].parse().unwrap();
            let next = if hops == 1 {
                "fine".to_owned()
            } else {
                (hops - 1).to_string()
            };
            status("308 Permanent Redirect", &format!("Location: /{next}\r\n"))
        }
    };
    let server = Server::start(script, None).await;
    let bench = Bench::new(settings(&[&server]));
    for (path, expected) in [
        ("/metadata", Kind::RefusedAddress),
        ("/mapped", Kind::RefusedAddress),
        ("/decimal", Kind::RefusedAddress),
        ("/loopback", Kind::RefusedAddress),
        ("/port", Kind::RefusedAddress),
        ("/file", Kind::RefusedAddress),
        ("/user", Kind::RefusedAddress),
        ("/nowhere", Kind::UpstreamFailed),
        ("/6", Kind::UpstreamFailed),
    ] {
        assert_eq!(bench.kind(&server.url(path)).await, expected, "{path}");
    }
    for path in ["/relative", "/5"] {
        let asset = bench.fetch(&server.url(path)).await.unwrap();
        assert_eq!(asset.width_px, Some(7), "{path}");
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_all_its_addresses_must_be_allowed() {
    let server = Server::start(|_| ok("image/png", &png(7, 5, 1)), None).await;
    let port = server.address.port();
    let url = format!("http://rebind.example:{port}/a.png");
    // First an allowed address, then one that is not: the second is never asked for.
    let turning = Script::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let bench = Bench::with_resolver(settings(&[&server]), turning.clone());
    assert!(bench.fetch(&url).await.is_ok());
    assert_eq!(turning.asked.load(Ordering::Relaxed), 1);
    assert!(server.requests()[0].contains(&format!("host: rebind.example:{port}\r\n")));
    let bench = Bench::with_resolver(settings(&[&server]), turning);
    assert_eq!(bench.kind(&url).await, Kind::RefusedAddress);
    // One that is not allowed spoils the others.
    for answer in [
        &["127.0.0.1", "10.0.0.1"][..],
        &["10.0.0.1", "127.0.0.1"],
        &["::1"],
        &["::ffff:127.0.0.2"],
    ] {
        let bench = Bench::with_resolver(settings(&[&server]), Script::new(&[answer]));
        assert_eq!(bench.kind(&url).await, Kind::RefusedAddress, "{answer:?}");
    }
    let bench = Bench::with_resolver(settings(&[&server]), Script::new(&[&[]]));
    assert_eq!(bench.kind(&url).await, Kind::UpstreamFailed);
    assert_eq!(server.requests().len(), 1);
    // A host on the list may be anywhere.
    let listed = FetchSettings {
        allowed_hosts: vec!["rebind.example".to_owned()],
        allowed_networks: Vec::new(),
        ..settings(&[&server])
    };
    let bench = Bench::with_resolver(listed, Script::new(&[&["::ffff:127.0.0.1"]]));
    assert!(bench.fetch(&url).await.is_ok());
}

#[tokio::test]
async fn without_permission_neither_http_nor_this_machine_is_asked() {
    let server = Server::start(|_| ok("image/png", &png(7, 5, 1)), None).await;
    let port = server.address.port();
    let bench = Bench::new(FetchSettings {
        allowed_ports: vec![port],
        ..FetchSettings::default()
    });
    for url in [
        server.url("/a.png"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://0x7f.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::1]:{port}/"),
        "https://169.254.169.254/secret".to_owned(),
        "ftp://127.0.0.1/secret".to_owned(),
        "data:image/png;base64,secret".to_owned(),
        "file:///secret".to_owned(),
    ] {
        assert_eq!(bench.kind(&url).await, Kind::RefusedAddress, "{url}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn slow_servers_are_cut_off() {
    let wav = b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n\r\nRIFF\0\0\0\0WAVE";
    let script = move |path: &str| match path {
        "/drip" => vec![
            Step::Send(wav.to_vec()),
            Step::Drip(vec![0], Duration::from_millis(100)),
        ],
        "/stall" => vec![Step::Send(wav.to_vec()), Step::Hang],
        "/steady" => vec![
            Step::Send(wav.to_vec()),
            Step::Drip(vec![0; 20_000], Duration::from_secs(1)),
        ],
        "/head" => vec![Step::Drip(b"H".to_vec(), Duration::from_secs(1))],
        _ => vec![Step::Hang],
    };
    let server = Server::start(script, None).await;
    let bench = Bench::new(settings(&[&server]));
    for (path, expected_s, said) in [
        ("/drip", 5, "bytes a second"),
        ("/stall", 5, "bytes a second"),
        ("/steady", 60, "60000 ms in all"),
        ("/hang", 10, "10000 ms up to the head"),
    ] {
        let begun = tokio::time::Instant::now();
        let error = bench.fetch(&server.url(path)).await.unwrap_err();
        let took = begun.elapsed().as_secs_f64();
        assert_eq!(error.kind(), Kind::Timeout, "{path}: {error}");
        assert!(error.to_string().contains(said), "{path}: {error}");
        assert!(
            (took - f64::from(expected_s)).abs() < 1.1,
            "{path}: {took} s"
        );
    }
    assert_eq!(bench.shelf.leftovers(), 0);
}

#[tokio::test(start_paused = true)]
async fn four_files_are_fetched_at_a_time() {
    let server = Server::start(|_| vec![Step::Hang], None).await;
    let bench = Bench::new(settings(&[&server]));
    let fetches: Vec<_> = (0..9)
        .map(|i| {
            let (fetcher, url) = (bench.fetcher.clone(), server.url(&format!("/{i}")));
            tokio::spawn(async move { fetcher.fetch(&url, None).await })
        })
        .collect();
    for fetch in fetches {
        assert_eq!(fetch.await.unwrap().unwrap_err().kind(), Kind::Timeout);
    }
    assert_eq!((server.requests().len(), server.most_open()), (9, 4));
}

#[tokio::test(start_paused = true)]
async fn gateways_are_tried_until_one_has_it() {
    let fine = Server::start(|_| ok("image/png", &png(7, 5, 1)), None).await;
    let gone = Server::start(|_| status("504 Gateway Timeout", ""), None).await;
    let page = Server::start(|_| ok("text/html", b"<html>"), None).await;
    let hangs = Server::start(|_| vec![Step::Hang], None).await;
    let broken = Server::start(|_| ok("image/png", &png(7, 5, 1)[..60]), None).await;
    let servers = [&gone, &page, &hangs, &broken, &fine];
    let gateways: Vec<String> = servers.iter().map(|server| server.url("/ipfs/")).collect();
    let bench = Bench::new(FetchSettings {
        ipfs_gateways: gateways.clone(),
        arweave_gateways: Vec::new(),
        ..settings(&servers)
    });
    let url = format!("ipfs://{CID}/art/1.png");
    let asset = bench.fetch(&url).await.unwrap();
    assert_eq!(asset.source_url.as_deref(), Some(url.as_str()));
    assert_eq!(asset.name.as_deref(), Some("1.png"));
    for server in servers {
        let requests = server.requests();
        assert!(requests[0].starts_with(&format!("GET /ipfs/{CID}/art/1.png HTTP/1.1")));
        assert_eq!(requests.len(), 1);
    }
    // When none has it, the last one's error is told.
    let bench = Bench::new(FetchSettings {
        ipfs_gateways: gateways[..3].to_vec(),
        arweave_gateways: Vec::new(),
        ..settings(&servers)
    });
    assert_eq!(bench.kind(&url).await, Kind::Timeout);
    let arweave = "ar://bNbA3TEQVL60xlgCcqdz4ZPHFZ711cZ3hmkpGttDt_U";
    assert_eq!(bench.kind(arweave).await, Kind::RefusedAddress);
    for wrong in [
        "x",
        "https://x.example/ipfs",
        "ftp://x.example/",
        "https://x.example/?a=/",
    ] {
        let settings = FetchSettings {
            ipfs_gateways: vec![wrong.to_owned()],
            ..FetchSettings::default()
        };
        let library = bench.shelf.library.clone();
        let error = Fetcher::new(library, settings, Arc::new(SystemResolver)).unwrap_err();
        assert_eq!(error.kind(), Kind::Invalid, "{wrong}: {error}");
    }
}

#[tokio::test]
async fn tls_is_checked_and_not_left_again() {
    let script = |path: &str| match path {
        "/down" => status("302 Found", "Location: http://localhost/a.png\r\n"),
        _ => ok("image/png", &png(7, 5, 1)),
    };
    let certificate = include_bytes!("../../../outputs/tests/tls/server.pem");
    let key = include_bytes!("../../../outputs/tests/tls/server.key");
    let authority = include_bytes!("../../../outputs/tests/tls/ca.pem");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate).unwrap()],
            PrivateKeyDer::from_pem_slice(key).unwrap(),
        )
        .unwrap();
    let server = Server::start(script, Some(TlsAcceptor::from(Arc::new(config)))).await;
    let port = server.address.port();
    let resolver = Script::new(&[&["127.0.0.1"]]);
    let trusting = FetchSettings {
        extra_ca_pem: Some(authority.to_vec()),
        ..settings(&[&server])
    };
    let bench = Bench::with_resolver(trusting, resolver.clone());
    let down = format!("https://localhost:{port}/down");
    assert_eq!(bench.kind(&down).await, Kind::RefusedAddress);
    // The name that was asked for must be in the certificate, whatever its address.
    let other = format!("https://other.example:{port}/a.png");
    assert_eq!(bench.kind(&other).await, Kind::UpstreamFailed);
    let url = format!("https://localhost:{port}/a.png");
    let wary = Bench::with_resolver(settings(&[&server]), resolver);
    assert_eq!(wary.kind(&url).await, Kind::UpstreamFailed);
    assert!(bench.fetch(&url).await.is_ok());
}
