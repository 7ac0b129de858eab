//! A real browser.

use crate::{TempFolder, poll_until, process};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tungstenite::{Message, WebSocket};

/// Longest wait for any answer: a page that loads, a script that is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// A headless Chromium with one page, driven over its `DevTools` socket.
#[derive(Debug)]
pub struct Chromium {
    child: Child,
    socket: WebSocket<TcpStream>,
    /// The page, in the words of `DevTools`.
    session: String,
    last_id: u64,
    console: Vec<String>,
    /// Declared last: the browser is gone when its profile is removed.
    _profile: TempFolder,
}

impl Chromium {
    /// Starts a browser with an empty profile and an empty page of 1280x720.
    ///
    /// # Panics
    /// When Chromium is missing or does not answer.
    pub fn start() -> Self {
        let profile = TempFolder::new("chromium");
        let log =
            File::create(profile.path().join("chromium.log")).expect("the folder was just made");
        let mut child = process::spawn(
            Command::new("chromium")
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--disable-dev-shm-usage",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--autoplay-policy=no-user-gesture-required",
                    "--window-size=1280,720",
                    "--remote-debugging-port=0",
                ])
                .arg(format!("--user-data-dir={}", profile.path().display()))
                .arg("about:blank")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log),
        );
        let (port, path) = poll_until(
            Duration::from_secs(30),
            "Chromium to open its DevTools port",
            || {
                if let Ok(Some(status)) = child.try_wait() {
                    let log =
                        fs::read_to_string(profile.path().join("chromium.log")).unwrap_or_default();
                    panic!("Chromium ended: {status}\n{log}");
                }
                // Two lines: the port, and the path of the browser's socket. The file may be seen half written.
                let file = fs::read_to_string(profile.path().join("DevToolsActivePort")).ok()?;
                let (port, path) = file.split_once('\n')?;
                Some((port.parse::<u16>().ok()?, path.trim().to_owned()).clone())
                    .filter(|(_, path)| !path.is_empty())
            },
        );
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .expect("Chromium listens on the port it names");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("the time is not zero");
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}{path}"), stream)
            .expect("Chromium speaks WebSocket");

        let mut browser = Self {
            child,
            socket,
            session: String::new(),
            last_id: 0,
            console: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let session = browser.call(
            "Target.attachToTarget",
            &json!({ "targetId": target["targetId"], "flatten": true }),
        );
        browser.session = session["sessionId"]
            .as_str()
            .expect("an attached target has a session")
            .to_owned();
        browser.call("Page.enable", &json!({}));
        browser.call("Runtime.enable", &json!({}));
        browser
    }

    /// Opens an address and waits until the page has loaded.
    ///
    /// # Panics
    /// When the address cannot be opened, or does not load within a minute.
    #[track_caller]
    pub fn open(&mut self, url: &str) {
        let answer = self.call("Page.navigate", &json!({ "url": url }));
        assert!(
            answer["errorText"].is_null(),
            "Chromium cannot open {url}: {}",
            answer["errorText"]
        );
        self.eval("new Promise(done => document.readyState == 'complete' ? done() : addEventListener('load', () => done()))");
    }

    /// The value of an expression in the page, as JSON; a promise is awaited, for a minute at most.
    ///
    /// # Panics
    /// When the expression throws or its promise is rejected.
    #[track_caller]
    pub fn eval(&mut self, expression: &str) -> Value {
        let arguments =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", &arguments);
        if let Some(exception) = answer.get("exceptionDetails") {
            let text = exception["exception"]["description"]
                .as_str()
                .or(exception["text"].as_str())
                .unwrap_or("an exception");
            panic!(
                "the page threw on `{expression}`: {text}\nconsole: {:#?}",
                self.console
            );
        }
        answer["result"]["value"].clone()
    }

    /// Makes the page `width_px` x `height_px`.
    ///
    /// # Panics
    /// When Chromium refuses.
    #[track_caller]
    pub fn resize(&mut self, width_px: u32, height_px: u32) {
        let metrics = json!({ "width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// What the page looks like now, as the bytes of a PNG file.
    ///
    /// # Panics
    /// When Chromium cannot tell.
    #[track_caller]
    pub fn screenshot(&mut self) -> Vec<u8> {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let data = answer["data"].as_str().expect("a screenshot has data");
        data_encoding::BASE64
            .decode(data.as_bytes())
            .expect("DevTools writes base64")
    }

    /// What the page wrote to its console so far, and the exceptions nobody caught.
    pub fn console(&self) -> &[String] {
        &self.console
    }

    #[track_caller]
    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let sent = self.socket.send(Message::text(message.to_string()));
        sent.unwrap_or_else(|error| panic!("cannot send {method} to Chromium: {error}"));
        loop {
            let mut answer = self.receive(method);
            if answer["id"] == id {
                assert!(
                    answer.get("error").is_none(),
                    "Chromium refuses {method}: {}",
                    answer["error"]
                );
                return answer["result"].take();
            }
            self.note(&answer);
        }
    }

    #[track_caller]
    fn receive(&mut self, method: &str) -> Value {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    return serde_json::from_str(&text).expect("DevTools writes JSON");
                }
                Ok(_) => {}
                Err(error) => panic!(
                    "Chromium does not answer {method}: {error}\nconsole: {:#?}",
                    self.console
                ),
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        let line = match event["method"].as_str() {
            Some("Runtime.consoleAPICalled") => {
                let words = params["args"].as_array().into_iter().flatten();
                let words: Vec<String> = words
                    .map(|word| {
                        word.get("value")
                            .unwrap_or(&word["description"])
                            .to_string()
                    })
                    .collect();
                words.join(" ")
            }
            Some("Runtime.exceptionThrown") => {
                params["exceptionDetails"]["exception"]["description"].to_string()
            }
            _ => return,
        };
        self.console.push(line);
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Asked to close, the browser ends its other processes; killed, it would leave them writing into the profile for a while.
        let _ = self
            .socket
            .send(Message::text(r#"{"id":0,"method":"Browser.close"}"#));
        while self.socket.read().is_ok() {}
        process::kill(&mut self.child);
    }
}
