//! The bus with a real Redis, as other programs see it there.

use crate::proxy::Proxy;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Bus, BusAnswer, BusEvent, Inward, Outward, RedisUrl};
use testkit::{Certificate, RedisOptions, RedisServer, poll_until};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const LIMIT: Duration = Duration::from_secs(20);
const COMMANDS: &str = "stream-manager:show:commands";
const EVENTS: &str = "stream-manager:show:events";

/// Events that the test makes.
struct Feed {
    made: mpsc::UnboundedReceiver<BusEvent>,
    waiting: Vec<BusEvent>,
    lost: Arc<AtomicU64>,
}

impl Outward for Feed {
    async fn next(&mut self) -> Vec<BusEvent> {
        if self.waiting.is_empty() && self.made.recv_many(&mut self.waiting, 100).await == 0 {
            std::future::pending::<()>().await;
        }
        self.waiting.clone()
    }

    fn published(&mut self) {
        self.waiting.clear();
    }

    fn lost(&mut self) {
        let count = u64::try_from(self.waiting.len()).unwrap();
        self.lost.fetch_add(count, Ordering::Relaxed);
        self.waiting.clear();
    }
}

/// Remembers commands, and answers each with itself.
#[derive(Clone, Default)]
pub(crate) struct Crew {
    obeyed: Arc<Mutex<Vec<String>>>,
    is_asleep: Arc<AtomicBool>,
    is_forgetful: Arc<AtomicBool>,
}

impl Crew {
    pub(crate) fn obeyed(&self) -> Vec<String> {
        self.obeyed.lock().unwrap().clone()
    }

    fn wait_for(&self, expected: &[&str]) {
        poll_until(LIMIT, "commands to be obeyed", || {
            (self.obeyed() == expected).then_some(())
        });
    }
}

impl Inward for Crew {
    async fn obey(&self, message: Vec<u8>) -> Option<BusAnswer> {
        let message = String::from_utf8(message).unwrap();
        self.obeyed.lock().unwrap().push(message.clone());
        if self.is_asleep.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Some(BusAnswer {
            channel: "answers".to_owned(),
            envelope: message,
        })
    }

    async fn durable(&self) -> bool {
        !self.is_forgetful.load(Ordering::Relaxed)
    }
}

/// A process on air, as far as the bus is concerned.
pub(crate) struct OnAir {
    make: mpsc::UnboundedSender<BusEvent>,
    pub(crate) crew: Crew,
    lost: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl OnAir {
    fn start(url: &str) -> Self {
        Self::at(RedisUrl::parse(url, None).unwrap())
    }

    pub(crate) fn at(url: RedisUrl) -> Self {
        let (make, made) = mpsc::unbounded_channel();
        let (crew, lost) = (Crew::default(), Arc::<AtomicU64>::default());
        let feed = Feed {
            made,
            waiting: Vec::new(),
            lost: Arc::clone(&lost),
        };
        let bus = Bus::new(url, "show", None).unwrap();
        let obeys = crew.clone();
        let task = tokio::spawn(async move { bus.carry(feed, obeys).await });
        Self {
            make,
            crew,
            lost,
            task,
        }
    }

    pub(crate) fn say(&self, event: &str) {
        let event = BusEvent {
            kind: "test.said".to_owned(),
            envelope: event.to_owned(),
        };
        self.make.send(event).unwrap();
    }
}

impl Drop for OnAir {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client of the server without any library: what is said on a channel from now on.
struct Ear(Arc<Mutex<Vec<String>>>);

impl Ear {
    fn on(server: &RedisServer, channel: &str) -> Self {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        writeln!(socket, "SUBSCRIBE {channel}\r").unwrap();
        let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == ":1"), "subscribed");
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let hears = Arc::clone(&heard);
        std::thread::spawn(move || {
            while lines.any(|line| line == "message") {
                // Two lengths and the channel stand before it.
                hears.lock().unwrap().extend(lines.nth(3));
            }
        });
        Self(heard)
    }

    fn wait_for(&self, expected: &[&str]) {
        poll_until(LIMIT, "messages to be heard", || {
            (*self.0.lock().unwrap() == expected).then_some(())
        });
    }
}

/// What the stream has under a field, oldest first.
fn logged(server: &RedisServer, field: &str) -> Vec<String> {
    let text = server.cli(&["XRANGE", &format!("{EVENTS}:log"), "-", "+"]);
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0] == field);
    pairs.map(|pair| pair[1].to_owned()).collect()
}

/// Until somebody listens for commands.
fn wait_for_crew(server: &RedisServer) {
    poll_until(LIMIT, "the bus to listen", || {
        let listening = server.cli(&["PUBSUB", "NUMSUB", COMMANDS]).ends_with('1');
        let stream = format!("{COMMANDS}:log");
        let follows = server.cli(&["EXISTS", &stream]) == "1";
        (listening && follows).then_some(())
    });
}

fn put(server: &RedisServer, command: &str) {
    server.cli(&["XADD", &format!("{COMMANDS}:log"), "*", "envelope", command]);
}

fn pending(server: &RedisServer) -> String {
    let text = server.cli(&["XPENDING", &format!("{COMMANDS}:log"), "show"]);
    text.lines().next().unwrap_or_default().to_owned()
}

fn wait_for_acknowledgement(server: &RedisServer) {
    poll_until(LIMIT, "commands to be acknowledged", || {
        (pending(server) == "0").then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_heard_at_once_and_can_be_read_later() {
    let mut server = RedisServer::start(&RedisOptions::default());
    let ear = Ear::on(&server, EVENTS);
    let on_air = OnAir::start(&server.url());
    on_air.say("one");
    on_air.say("two");
    ear.wait_for(&["one", "two"]);
    assert_eq!(logged(&server, "envelope"), ["one", "two"]);
    assert_eq!(logged(&server, "type"), ["test.said", "test.said"]);
    // What happens while it is away waits.
    server.kill();
    on_air.say("three");
    server.restart();
    poll_until(LIMIT, "the event to arrive", || {
        (logged(&server, "envelope") == ["three"]).then_some(())
    });
    for n in 0..30_000 {
        on_air.say(&n.to_string());
    }
    on_air.say("last");
    poll_until(LIMIT, "the last event to arrive", || {
        let last = server.cli(&[
            "XREVRANGE",
            &format!("{EVENTS}:log"),
            "+",
            "-",
            "COUNT",
            "1",
        ]);
        last.ends_with("last").then_some(())
    });
    let kept = server.cli(&["XLEN", &format!("{EVENTS}:log")]);
    assert!((10_000..11_000).contains(&kept.parse().unwrap()), "{kept}");
    assert_eq!(on_air.lost.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_gets_every_event_all_the_same() {
    let server = RedisServer::start(&RedisOptions::default());
    let proxy = Proxy::to(server.port());
    let on_air = OnAir::start(&proxy.url());
    on_air.say("one");
    poll_until(LIMIT, "the event to arrive", || {
        (logged(&server, "envelope") == ["one"]).then_some(())
    });
    proxy.open(false);
    on_air.say("two");
    on_air.say("three");
    // Longer than an answer is waited for: the connection is given up, and what it held is sent again.
    let began = tokio::time::Instant::now();
    poll_until(LIMIT, "time to pass", || {
        (began.elapsed() > Duration::from_secs(3)).then_some(())
    });
    proxy.open(true);
    on_air.say("four");
    poll_until(LIMIT, "the events to arrive", || {
        let mut events = logged(&server, "envelope");
        // Some may have come twice.
        events.sort_unstable();
        events.dedup();
        (events == ["four", "one", "three", "two"]).then_some(())
    });
    wait_for_crew(&server);
    put(&server, "order");
    on_air.crew.wait_for(&["order"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_cannot_take_now_waits() {
    let server = RedisServer::start(&RedisOptions::default());
    let on_air = OnAir::start(&server.url());
    wait_for_crew(&server);
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    on_air.say("one");
    poll_until(LIMIT, "the event to be refused", || {
        let errors = server.cli(&["INFO", "errorstats"]);
        errors.contains("errorstat_OOM").then_some(())
    });
    on_air.say("two");
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    poll_until(LIMIT, "the events to arrive", || {
        (logged(&server, "envelope") == ["one", "two"]).then_some(())
    });
    assert_eq!(on_air.lost.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_tls_carries_the_bus() {
    let server = RedisServer::start(&RedisOptions {
        tls: Some(Certificate::Good),
        ..RedisOptions::default()
    });
    let authority = std::fs::read(server.authority()).unwrap();
    let url = RedisUrl::parse(&server.tls_url(), None).unwrap();
    let on_air = OnAir::at(url.with_authorities(&authority).unwrap());
    wait_for_crew(&server);
    let ear = Ear::on(&server, EVENTS);
    on_air.say("one");
    ear.wait_for(&["one"]);
    server.cli(&["PUBLISH", COMMANDS, "heard"]);
    on_air.crew.wait_for(&["heard"]);
    put(&server, "read");
    on_air.crew.wait_for(&["heard", "read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_lost_and_the_rest_is_not() {
    let server = RedisServer::start(&RedisOptions::default());
    // Nothing can be added to what is no stream.
    server.cli(&["SET", &format!("{EVENTS}:log"), "x"]);
    let on_air = OnAir::start(&server.url());
    on_air.say("one");
    poll_until(LIMIT, "the event to be lost", || {
        (on_air.lost.load(Ordering::Relaxed) == 1).then_some(())
    });
    server.cli(&["DEL", &format!("{EVENTS}:log")]);
    on_air.say("two");
    poll_until(LIMIT, "the event to arrive", || {
        (logged(&server, "envelope") == ["two"]).then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_come_by_the_channel_and_by_the_stream() {
    let mut server = RedisServer::start(&RedisOptions::default());
    let on_air = OnAir::start(&server.url());
    for round in ["before", "after"] {
        // Also where the server has forgotten that there ever was a stream.
        wait_for_crew(&server);
        on_air.crew.obeyed.lock().unwrap().clear();
        let ear = Ear::on(&server, "answers");
        server.cli(&["PUBLISH", COMMANDS, round]);
        on_air.crew.wait_for(&[round]);
        put(&server, "noted");
        on_air.crew.wait_for(&[round, "noted"]);
        // No envelope in it.
        server.cli(&["XADD", &format!("{COMMANDS}:log"), "*", "message", "x"]);
        on_air.crew.wait_for(&[round, "noted", ""]);
        poll_until(LIMIT, "answers to be heard", || {
            // Those of the channel and those of the stream are sent apart.
            let mut heard = ear.0.lock().unwrap().clone();
            heard.sort_unstable();
            let mut expected = ["", "noted", round];
            expected.sort_unstable();
            (heard == expected).then_some(())
        });
        wait_for_acknowledgement(&server);
        server.restart();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_over_carries_out_what_was_not_done() {
    let server = RedisServer::start(&RedisOptions::default());
    // Before anybody is there.
    put(&server, "one");
    let first = OnAir::start(&server.url());
    first.crew.wait_for(&["one"]);
    wait_for_acknowledgement(&server);
    first.crew.is_asleep.store(true, Ordering::Relaxed);
    put(&server, "two");
    first.crew.wait_for(&["one", "two"]);
    put(&server, "three");
    drop(first);
    let second = OnAir::start(&server.url());
    second.crew.wait_for(&["two", "three"]);
    wait_for_acknowledgement(&server);
    // What is not durable is not acknowledged, until it is.
    second.crew.is_forgetful.store(true, Ordering::Relaxed);
    put(&server, "four");
    second.crew.wait_for(&["two", "three", "four"]);
    assert_eq!(pending(&server), "1");
    second.crew.is_forgetful.store(false, Ordering::Relaxed);
    put(&server, "five");
    wait_for_acknowledgement(&server);
    assert_eq!(second.crew.obeyed(), ["two", "three", "four", "five"]);
}
