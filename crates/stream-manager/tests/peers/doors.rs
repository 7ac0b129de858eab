//! Who gets in: tokens, the token that is made where none are configured, TLS, and one service for each folder.

use crate::client::Socket;
use crate::studio::{Studio, program};
use serde_json::json;
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;
use testkit::{TempFolder, free_port, poll_until};

const TOKENS: &str = "boss:the-secret-of-admin:admin,desk:the-secret-of-operator:operator,\
                      fans:the-secret-of-chat:chat,eyes:the-secret-of-viewer:viewer";

/// What the four roles may do, and nobody, and somebody with a wrong token.
fn check_roles(studio: &mut Studio) {
    let chat = json!({ "id": "1", "author": "a", "text": "hello" });
    for (role, read, push, write, admin) in [
        ("the-secret-of-admin", 200, 200, 200, 200),
        ("the-secret-of-operator", 200, 200, 200, 403),
        ("the-secret-of-chat", 403, 200, 403, 403),
        ("the-secret-of-viewer", 200, 403, 403, 403),
        ("the-secret-of-nobody", 401, 401, 401, 401),
        ("", 401, 401, 401, 401),
    ] {
        studio.set_token(role);
        let statuses = [
            studio.get("/api/v1/scene").status,
            studio.post("/api/v1/chat", &chat).status,
            studio.ask("POST", "/api/v1/stream/start", b"").status,
            studio.ask("PATCH", "/api/v1/stream", b"{}").status,
        ];
        assert_eq!(statuses, [read, push, write, admin], "{role}");
    }
    studio.set_token("the-secret-of-viewer");
    let mut socket = Socket::open(studio);
    assert!(socket.ask("scene.get", &json!({}))["result"].is_object());
    let refused = socket.ask("stream.start", &json!({}));
    assert_eq!(refused["error"]["data"]["code"], "forbidden", "{refused}");
    let log = studio.log();
    assert!(!log.contains("the-secret-of"), "{log}");
}

#[test]
fn tokens_of_the_environment_open_what_their_roles_may() {
    let mut studio = Studio::serve(&[("API_TOKENS", TOKENS)]);
    check_roles(&mut studio);
}

#[test]
fn tokens_may_stand_in_a_file() {
    let folder = TempFolder::new("tokens");
    let path = folder.path().join("tokens");
    fs::write(&path, format!("{}\n", TOKENS.replace(',', "\n"))).expect("the folder is ours");
    let path = path.to_str().expect("temporary paths are text");
    let mut studio = Studio::serve(&[("API_TOKENS_FILE", path)]);
    check_roles(&mut studio);
}

#[test]
fn open_to_the_network_it_makes_a_token_of_its_own() {
    let folder = TempFolder::new("token");
    let data = folder.path().to_str().expect("temporary paths are text");
    let env = [("BIND", "0.0.0.0"), ("DATA_DIR", data)];
    let mut studio = Studio::serve(&env);
    let path = folder.path().join("admin-token");
    let mode = fs::metadata(&path)
        .expect("there is one")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = fs::read_to_string(&path).expect("it is ours");
    let token = token.trim();
    assert!(token.len() >= 32, "it can be guessed");
    assert_eq!(studio.get("/api/v1/scene").status, 401);
    studio.set_token(token);
    assert_eq!(studio.ask("PATCH", "/api/v1/stream", b"{}").status, 200);
    let log = studio.log();
    assert!(log.contains("admin-token") && !log.contains(token), "{log}");
    assert!(studio.stop().success());
    // The next one takes the same.
    let mut studio = Studio::serve(&env);
    studio.set_token(token);
    assert_eq!(studio.get("/api/v1/scene").status, 200);
    drop(studio);
    let anonymous = Studio::serve(&[env[0], ("ALLOW_ANONYMOUS", "true")]);
    assert_eq!(anonymous.get("/api/v1/scene").status, 200);
    assert!(anonymous.log().contains("ANYONE"), "{}", anonymous.log());
}

fn openssl(arguments: &[&str]) -> std::process::Output {
    let output = Command::new("openssl")
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output();
    output.expect("openssl is there (Debian: openssl)")
}

#[test]
fn both_ports_speak_tls() {
    let folder = TempFolder::new("tls");
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| {
        let path = folder.path().join(name);
        path.to_str().expect("temporary paths are text").to_owned()
    });
    let made = openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout",
        &key,
        "-out",
        &cert,
    ]);
    assert!(made.status.success(), "{made:?}");
    let studio = Studio::serve(&[
        ("TLS_CERT_FILE", &cert),
        ("TLS_KEY_FILE", &key),
        ("API_TOKENS", TOKENS),
    ]);
    let token = format!("Authorization: Bearer {}", studio.token());
    let [port, ws_port, ..] = studio.ports();
    let curl = |arguments: &[&str]| {
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--max-time",
                "10",
                "--cacert",
                &cert,
                "--header",
                &token,
            ])
            .args(arguments)
            .output()
            .expect("curl is there (Debian: curl)");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (well, body) = curl(&[&format!("https://localhost:{port}/api/v1/stream")]);
    assert!(well && body.contains("\"frame\""), "{body}");
    for (port, path) in [(port, "/ws"), (ws_port, "/"), (ws_port, "/preview")] {
        // It would go on; the head is enough.
        let (_, head) = curl(&[
            "--include",
            "--http1.1",
            "--max-time",
            "2",
            "--header",
            "Connection: Upgrade",
            "--header",
            "Upgrade: websocket",
            "--header",
            "Sec-WebSocket-Version: 13",
            "--header",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            &format!("https://localhost:{port}{path}"),
        ]);
        assert!(head.starts_with("HTTP/1.1 101"), "{port}{path}: {head}");
    }
    // A session's cookie never leaves TLS.
    let (_, head) = curl(&[
        "--include",
        "--request",
        "POST",
        &format!("https://localhost:{port}/api/v1/session"),
    ]);
    assert!(head.contains("; Secure"), "{head}");
    // Whoever speaks plainly is not answered, and nothing breaks.
    let (well, body) = curl(&[&format!("http://localhost:{port}/api/v1/stream")]);
    assert!(!well && body.is_empty(), "{body}");
    let silent = TcpStream::connect(("127.0.0.1", port)).expect("the port is open");
    let (well, _) = curl(&[&format!("https://localhost:{port}/docs")]);
    assert!(well);
    drop(silent);
    assert_eq!(studio.health().json()["status"], "ok");
}

#[test]
fn two_services_do_not_share_a_folder() {
    let first = Studio::serve(&[]);
    let data = first.data();
    let ports = [(); 4].map(|()| free_port().to_string());
    let output = program(
        &["serve"],
        &[
            ("DATA_DIR", data.to_str().expect("temporary paths are text")),
            ("PORT", &ports[0]),
            ("WS_PORT", &ports[1]),
            ("METRICS_PORT", &ports[2]),
            ("HEALTH_PORT", &ports[3]),
        ],
    )
    .output()
    .expect("the program was built");
    let said = String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert_eq!(output.status.code(), Some(69), "{said}");
    let last = said.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("error: ")
            && last.contains(&*data.to_string_lossy())
            && last.contains("in use by another process"),
        "{last}"
    );
    poll_until(Duration::from_secs(5), "the first to go on", || {
        (first.get("/api/v1/scene").status == 200).then_some(())
    });
}
