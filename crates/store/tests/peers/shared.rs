//! The table of cases in the crate's documentation, row by row, with a real Redis.

use crate::node::{LIMIT, Node, settings};
use crate::proxy::Proxy;
use std::time::Duration;
use store::{CutOff, HandOver, RedisUrl, Role};
use testkit::{Certificate, RedisOptions, RedisServer, TempFolder, poll_until};
use tokio::time::Instant;

fn server() -> RedisServer {
    RedisServer::start(&RedisOptions::default())
}

fn key(name: &str) -> String {
    format!("stream-manager:{{show}}:{name}")
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Who is on air, who waits, and where they keep what they have.
type Pair = (Node, Node, [TempFolder; 2]);

/// One on air through `url`, and one that waits; both know of each other and of `one`.
fn pair_by(server: &RedisServer, url: &str, cut_off: CutOff) -> Pair {
    let folders = [TempFolder::new("active"), TempFolder::new("standby")];
    let mut first = settings(url);
    first.cut_off = cut_off;
    let active = Node::with(folders[0].path(), first);
    active.wait("take 1 Local");
    active.append_durably("one");
    let standby = Node::start(folders[1].path(), &server.url());
    standby.wait_for_story(&["one"]);
    active.wait_for_standby();
    (active, standby, folders)
}

fn pair(server: &RedisServer) -> Pair {
    pair_by(server, &server.url(), CutOff::OffAir)
}

/// Lets so much time pass, while `holds` must.
fn meanwhile(time: Duration, holds: impl Fn() -> bool) {
    let end = Instant::now() + time;
    poll_until(LIMIT, "time to pass", || {
        assert!(holds());
        (Instant::now() >= end).then_some(())
    });
}

#[test]
fn a_server_that_refuses_at_start_holds_up_nobody_and_gets_everything_later() {
    let mut server = RedisServer::prepare(&RedisOptions::default());
    let folder = TempFolder::new("shared");
    let began = Instant::now();
    let node = Node::start(folder.path(), &server.url());
    let took = node.wait("take 0 Local");
    assert!(took - began < ms(500), "{:?}", took - began);
    let sequence = node.append("one");
    assert!(node.ask(sequence).recv_timeout(LIMIT).unwrap().is_err());
    assert_eq!(node.shared().status().role, Role::Alone);
    node.wait_for_fault("refused");
    server.restart();
    node.wait_until_well();
    let status = node.shared().status();
    assert_eq!((status.role, status.term), (Role::Active, 1));
    node.append_durably("two");
    let other = TempFolder::new("shared");
    let standby = Node::start(other.path(), &server.url());
    standby.wait_for_story(&["one", "two"]);
    node.append("three");
    standby.wait_for_story(&["one", "two", "three"]);
    assert_eq!(node.turns(), ["take 0 Local"]);
    assert!(standby.turns().is_empty());
}

#[test]
fn a_server_that_is_silent_at_start_is_waited_for_as_long_as_a_lease() {
    let server = server();
    server.freeze();
    let folder = TempFolder::new("shared");
    let began = Instant::now();
    let node = Node::start(folder.path(), &server.url());
    let waited = node.wait("take 0 Local") - began;
    assert!(waited >= ms(2400) && waited < ms(2900), "{waited:?}");
    server.thaw();
    node.append_durably("one");
    assert_eq!(node.shared().status().role, Role::Active);
}

#[test]
fn gone_for_everyone_leaves_who_is_on_air_there_and_comes_back_with_everything() {
    let mut server = server();
    let (active, standby, _folders) = pair(&server);
    server.kill();
    active.append("two");
    active.wait_for_fault("refused");
    meanwhile(ms(4000), || {
        active.turns() == ["take 1 Local"] && !standby.turns().iter().any(|it| it.contains("take"))
    });
    server.restart();
    standby.wait_for_story(&["one", "two"]);
    active.wait_until_well();
    assert_eq!(active.shared().status().term, 2);
    active.append_durably("three");
    standby.wait_for_story(&["one", "two", "three"]);
    assert_eq!(active.turns(), ["take 1 Local"]);
}

#[test]
fn who_is_cut_off_alone_leaves_the_air_before_the_other_takes_over() {
    let server = server();
    let proxy = Proxy::to(server.port());
    let (active, standby, _folders) = pair_by(&server, &proxy.url(), CutOff::OffAir);
    let cut = Instant::now();
    proxy.open(false);
    let left = active.wait("off air");
    let took = standby.wait("take 2 Remote");
    assert!(left < took, "{:?} after it was taken over", left - took);
    assert!(took - cut < ms(2400 + 600), "{:?}", took - cut);
    assert_eq!(standby.turns(), ["prepare", "take 2 Remote"]);
    standby.append_durably("two");
    proxy.open(true);
    active.wait("lost");
    assert_eq!(active.turns(), ["take 1 Local", "off air", "lost"]);
    assert_eq!(active.shared().status().role, Role::Lost);
}

#[test]
fn who_is_cut_off_and_not_taken_over_comes_back_on_air() {
    let server = server();
    let proxy = Proxy::to(server.port());
    let (active, standby, _folders) = pair_by(&server, &proxy.url(), CutOff::OffAir);
    // Who could take over ends a moment later, and is still thought to be there.
    proxy.open(false);
    standby.die();
    active.wait("off air");
    proxy.open(true);
    active.wait("on air");
    active.append_durably("two");
    assert_eq!(active.shared().status().term, 1);
}

#[test]
fn who_is_to_stay_stays_and_cannot_write_once_another_has_taken_over() {
    let server = server();
    let proxy = Proxy::to(server.port());
    let (active, standby, _folders) = pair_by(&server, &proxy.url(), CutOff::Stay);
    proxy.open(false);
    standby.wait("take 2 Remote");
    let sequence = active.append("never shared");
    let answer = active.ask(sequence);
    standby.append_durably("two");
    proxy.open(true);
    active.wait("lost");
    assert!(answer.recv_timeout(LIMIT).unwrap().is_err());
    assert_eq!(active.turns(), ["take 1 Local", "lost"]);
    let log = server.cli(&["XRANGE", &key("log"), "-", "+"]);
    assert!(log.contains("two") && !log.contains("never"), "{log}");
}

#[test]
fn without_a_standby_nobody_leaves_the_air() {
    let server = server();
    let proxy = Proxy::to(server.port());
    let folder = TempFolder::new("shared");
    let node = Node::start(folder.path(), &proxy.url());
    node.append_durably("one");
    proxy.open(false);
    node.append("two");
    node.wait_for_fault("no answer");
    meanwhile(ms(3000), || node.turns() == ["take 1 Local"]);
    proxy.open(true);
    node.wait_until_well();
    assert_eq!(node.turns(), ["take 1 Local"]);
}

#[test]
fn a_server_that_stands_still_for_two_seconds_changes_nothing() {
    for still in ["stopped", "paused"] {
        let server = server();
        let (active, standby, _folders) = pair(&server);
        let sequence = if still == "stopped" {
            server.freeze();
            active.append("two")
        } else {
            server.cli(&["CLIENT", "PAUSE", "2000", "ALL"]);
            active.append("two")
        };
        let answer = active.ask(sequence);
        meanwhile(ms(2000), || true);
        if still == "stopped" {
            server.thaw();
        }
        // The disk decides meanwhile.
        assert!(answer.recv_timeout(LIMIT).unwrap().is_err());
        standby.wait_for_story(&["one", "two"]);
        meanwhile(ms(1000), || true);
        assert_eq!(active.turns(), ["take 1 Local"], "{still}");
        let turns = standby.turns();
        assert!(
            turns.is_empty() || turns == ["prepare", "stand down"],
            "{turns:?}"
        );
        active.wait_until_well();
    }
}

#[test]
fn what_somebody_cleared_is_uploaded_anew_in_a_new_term() {
    let server = server();
    let (active, standby, _folders) = pair(&server);
    for (clears, term) in [
        (vec!["FLUSHALL".to_owned()], 2),
        (vec!["DEL".to_owned(), key("log")], 3),
        (vec!["DEL".to_owned(), key("snapshot")], 4),
        (vec!["DEL".to_owned(), key("lease")], 5),
    ] {
        let clears: Vec<&str> = clears.iter().map(String::as_str).collect();
        active.append_durably(&format!("before {term}"));
        server.cli(&clears);
        poll_until(LIMIT, "a new term", || {
            (active.shared().status().term == term).then_some(())
        });
        active.append_durably(&format!("in {term}"));
    }
    let story = active.story();
    standby.wait_for_story(&story.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(story.len(), 9);
    assert_eq!(active.turns(), ["take 1 Local"]);
    assert!(!standby.turns().iter().any(|it| it.contains("take")));
}

/// What it would save stands in its own way.
fn cannot_save(server: &RedisServer) {
    let dir = server.cli(&["CONFIG", "GET", "dir"]);
    let dir = std::path::Path::new(dir.lines().last().unwrap());
    std::fs::create_dir(dir.join("dump.rdb")).unwrap();
    server.cli(&["BGSAVE"]);
    poll_until(LIMIT, "saving to fail", || {
        let info = server.cli(&["INFO", "persistence"]);
        info.contains("rdb_last_bgsave_status:err").then_some(())
    });
}

#[test]
fn a_server_that_is_loading_counts_as_away() {
    // Some seconds for three hundred keys.
    let delays = "--key-load-delay 10000 --loading-process-events-interval-bytes 1024";
    let mut server = RedisServer::start(&RedisOptions {
        arguments: delays.split(' ').map(str::to_owned).collect(),
        ..RedisOptions::default()
    });
    let (active, standby, _folders) = pair(&server);
    let fill = "for i = 1, 300 do redis.call('SET', 'other:' .. i, string.rep('x', 1000)) end";
    server.cli(&["EVAL", fill, "0"]);
    server.cli(&["SAVE"]);
    server.restart();
    active.append("two");
    active.wait_for_fault("LOADING");
    standby.wait_for_story(&["one", "two"]);
    active.wait_until_well();
    assert_eq!(active.turns(), ["take 1 Local"]);
    assert!(!standby.turns().iter().any(|it| it.contains("take")));
}

#[test]
fn a_server_that_takes_nothing_gets_everything_later() {
    for (closes, opens, fault) in [
        (
            ["CONFIG", "SET", "maxmemory", "1mb"],
            ["CONFIG", "SET", "maxmemory", "0"],
            "OOM",
        ),
        (
            ["CONFIG", "SET", "min-replicas-to-write", "1"],
            ["CONFIG", "SET", "min-replicas-to-write", "0"],
            "NOREPLICAS",
        ),
        (
            ["REPLICAOF", "127.0.0.1", "1", ""],
            ["REPLICAOF", "NO", "ONE", ""],
            "READONLY",
        ),
        (
            ["CONFIG", "SET", "save", "3600 1"],
            ["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"],
            "MISCONF",
        ),
    ] {
        let server = server();
        let (active, standby, _folders) = pair(&server);
        let words = |words: [&'static str; 4]| -> Vec<&str> {
            words.into_iter().filter(|word| !word.is_empty()).collect()
        };
        if fault == "MISCONF" {
            cannot_save(&server);
        }
        server.cli(&words(closes));
        let sequence = active.append("two");
        active.wait_for_fault(fault);
        assert!(active.ask(sequence).recv_timeout(LIMIT).unwrap().is_err());
        meanwhile(ms(3500), || active.turns() == ["take 1 Local"]);
        assert_eq!(active.shared().status().lag_records, 1);
        server.cli(&words(opens));
        standby.wait_for_story(&["one", "two"]);
        active.wait_until_well();
        assert_eq!(active.shared().status().term, 1, "{fault}");
        assert!(!standby.turns().iter().any(|it| it.contains("take")));
    }
}

#[test]
fn what_is_not_ours_is_left_as_it_is_and_named() {
    for (name, command) in [
        ("lease", "SET {} foreign"),
        ("log", "SET {} foreign"),
        ("snapshot", "SET {} foreign"),
        ("terms", "SET {} foreign"),
        ("standby", "SET {} foreign"),
        ("standby", "LPUSH {} foreign"),
        ("lease", "HSET {} schema 2 term 1 holder other beat 1"),
        ("lease", "HSET {} schema 1 term many holder other beat 1"),
        ("log", "XADD {} 1-1 record foreign"),
        ("snapshot", "HSET {} schema 2 term 1"),
        (
            "snapshot",
            "HSET {} schema 1 term 1 sequence 1 holder other crc 1 bytes foreign",
        ),
        ("terms", "HSET {} 1 foreign"),
    ] {
        let server = server();
        let key = key(name);
        let command = command.replace("{}", &key);
        server.cli(&command.split(' ').collect::<Vec<_>>());
        if name == "terms" && command.contains("HSET") {
            // It is read with a state alone.
            let crc = {
                let head = crc32c::crc32c(&1_u64.to_le_bytes());
                let head = crc32c::crc32c_append(head, &1_u64.to_le_bytes());
                crc32c::crc32c_append(head, b"theirs").to_string()
            };
            let snapshot = crate::shared::key("snapshot");
            let fields = "schema 1 term 1 sequence 1 holder other bytes theirs crc";
            let mut words = vec!["HSET", &snapshot];
            words.extend(fields.split(' '));
            words.push(&crc);
            server.cli(&words);
        }
        let before = server.cli(&["DUMP", &key]);
        let folder = TempFolder::new("shared");
        let node = Node::start(folder.path(), &server.url());
        node.wait("take 0 Local");
        node.append("one");
        let fault = node.wait_for_fault(&key);
        meanwhile(ms(1300), || server.cli(&["DUMP", &key]) == before);
        assert_eq!(node.turns(), ["take 0 Local"], "{command}: {fault}");
        server.cli(&["FLUSHALL"]);
        node.append_durably("two");
    }
}

#[test]
fn a_wrong_password_is_a_fault_that_does_not_say_it() {
    let server = RedisServer::start(&RedisOptions {
        password: Some("right".to_owned()),
        ..RedisOptions::default()
    });
    for (password, fault) in [(Some("s3cret"), "user and password"), (None, "NOAUTH")] {
        let folder = TempFolder::new("shared");
        let mut settings = settings(&server.url());
        settings.url = RedisUrl::parse(&server.url(), password).unwrap();
        let node = Node::with(folder.path(), settings);
        node.wait("take 0 Local");
        let found = node.wait_for_fault("");
        assert!(
            found.contains(fault) && !found.contains("s3cret"),
            "{found}"
        );
    }
    let folder = TempFolder::new("shared");
    let mut settings = settings(&server.url());
    settings.url = RedisUrl::parse(&server.url(), Some("right")).unwrap();
    let node = Node::with(folder.path(), settings);
    node.wait("take 1 Local");
    node.append_durably("one");
}

#[test]
fn a_server_with_tls_is_trusted_by_its_authority() {
    let server = RedisServer::start(&RedisOptions {
        tls: Some(Certificate::Good),
        ..RedisOptions::default()
    });
    let folder = TempFolder::new("shared");
    let mut settings = settings(&server.tls_url());
    let stranger = Node::with(folder.path(), settings.clone());
    stranger.wait_for_fault("TLS");
    stranger.die();
    let authority = std::fs::read(server.authority()).unwrap();
    settings.url = settings.url.with_authorities(&authority).unwrap();
    let node = Node::with(folder.path(), settings);
    node.wait("take 1 Local");
    node.append_durably("one");
}

#[test]
fn a_death_is_followed_within_a_lease_with_everything_that_was_confirmed() {
    let server = server();
    let (active, standby, _folders) = pair(&server);
    let lines: Vec<String> = (0..200).map(|n| format!("line {n}")).collect();
    for line in &lines[..199] {
        active.append(line);
    }
    active.append_durably(&lines[199]);
    let died = active.die();
    let waited = standby.wait("take 2 Remote") - died;
    assert!(waited <= ms(2400 + 300), "{waited:?}");
    let story = standby.story();
    assert_eq!(story[0], "one");
    assert_eq!(story[1..], lines);
    assert_eq!(standby.turns(), ["prepare", "take 2 Remote"]);
    standby.append_durably("on it goes");
}

#[test]
fn who_leaves_in_order_is_followed_at_once() {
    let server = server();
    let (active, standby, folders) = pair(&server);
    active.append("two");
    let left = active.release();
    let waited = standby.wait("take 2 Remote") - left;
    assert!(waited <= ms(300), "{waited:?}");
    assert_eq!(standby.story(), ["one", "two"]);
    // And who comes back follows.
    standby.append_durably("three");
    let back = Node::start(folders[0].path(), &server.url());
    back.wait_for_story(&["one", "two", "three"]);
    standby.wait_for_standby();
    let left = standby.release();
    let waited = back.wait("take 3 Remote") - left;
    assert!(waited <= ms(300), "{waited:?}");
    assert!(!has_file(folders[0].path(), "unshared-"));
}

fn has_file(dir: &std::path::Path, prefix: &str) -> bool {
    let names = std::fs::read_dir(dir).unwrap();
    names.into_iter().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_str().unwrap().starts_with(prefix)
    })
}

#[test]
fn a_hand_over_is_agreed_upon_to_the_nanosecond() {
    let server = server();
    let (active, standby, _folders) = pair(&server);
    active.append("two");
    let handle = active.runtime.as_ref().unwrap().handle().clone();
    let shared = active.shared().clone();
    let offer = handle.spawn(async move { shared.offer().await });
    standby.wait("prepare, offered");
    assert_eq!(standby.story(), ["one", "two"]);
    standby.shared().ready(1_234_567_890_123_456_789);
    let agreed = handle.block_on(offer).unwrap().unwrap();
    assert_eq!(
        agreed,
        HandOver {
            at_unix_ns: 1_234_567_890_123_456_789
        }
    );
    active.shared().withdraw();
    standby.wait("stand down");
    // Once more, to the end.
    let shared = active.shared().clone();
    let offer = poll_until(LIMIT, "the offer to be withdrawn", || {
        let shared = shared.clone();
        let offer = handle.spawn(async move { shared.offer().await });
        let is_offered = poll_until(LIMIT, "an offer or none", || {
            (standby.turns().len() == 3 || offer.is_finished()).then(|| !offer.is_finished())
        });
        is_offered.then_some(offer)
    });
    standby.shared().ready(5);
    assert_eq!(handle.block_on(offer).unwrap().unwrap().at_unix_ns, 5);
    let left = active.release();
    let waited = standby.wait("take 2 Remote") - left;
    assert!(waited <= ms(300), "{waited:?}");
}

#[test]
fn a_hand_over_needs_somebody_who_answers() {
    let server = server();
    let folder = TempFolder::new("shared");
    let mut settings = settings(&server.url());
    settings.timing.hand_over = ms(300);
    let node = Node::with(folder.path(), settings);
    node.append_durably("one");
    let handle = node.runtime.as_ref().unwrap().handle().clone();
    let offer = || handle.block_on(node.shared().offer()).unwrap_err();
    assert_eq!(offer(), store::NotHandedOver::NoStandby);
    let other = TempFolder::new("shared");
    let standby = Node::start(other.path(), &server.url());
    node.wait_for_standby();
    assert_eq!(offer(), store::NotHandedOver::NoAnswer);
    standby.wait("stand down");
    assert_eq!(standby.turns(), ["prepare, offered", "stand down"]);
    node.append_durably("two");
}

#[test]
fn who_held_the_lease_takes_it_again_at_once() {
    let server = server();
    let folder = TempFolder::new("shared");
    let node = Node::start(folder.path(), &server.url());
    node.append_durably("one");
    node.append("two");
    node.die();
    let began = Instant::now();
    let node = Node::start(folder.path(), &server.url());
    let waited = node.wait("take 2 Local") - began;
    assert!(waited <= ms(500), "{waited:?}");
    assert_eq!(node.story(), ["one", "two"]);
    node.append_durably("three");
}

#[test]
fn what_was_never_shared_is_put_aside_before_another_state_is_adopted() {
    let server = server();
    let proxy = Proxy::to(server.port());
    let (active, standby, folders) = pair_by(&server, &proxy.url(), CutOff::Stay);
    proxy.open(false);
    active.append("never shared");
    standby.wait("take 2 Remote");
    standby.append_durably("two");
    active.die();
    standby.release();
    let back = Node::start(folders[0].path(), &server.url());
    back.wait("take 3 Remote");
    assert_eq!(back.story(), ["one", "two"]);
    assert!(has_file(folders[0].path(), "unshared-1-term-1-2.bin"));
    back.append_durably("three");
}

#[test]
fn what_is_no_part_of_the_show_on_air_is_kept_on_the_server() {
    let mut server = server();
    let folders = [TempFolder::new("one"), TempFolder::new("other")];
    let one = Node::start(folders[0].path(), &server.url());
    one.append_durably("theirs");
    one.die();
    // A server that is away for the other at first.
    let proxy_port = server.port();
    server.freeze();
    let other = Node::start(
        folders[1].path(),
        &format!("redis://127.0.0.1:{proxy_port}"),
    );
    other.wait("take 0 Local");
    other.append("ours");
    server.thaw();
    poll_until(LIMIT, "a lease", || {
        (other.shared().status().role == Role::Active).then_some(())
    });
    other.append_durably("ours too");
    let log = server.cli(&["XRANGE", &key("aside:1:log"), "-", "+"]);
    assert!(log.contains("theirs"), "{log}");
    let log = server.cli(&["XRANGE", &key("log"), "-", "+"]);
    assert!(log.contains("ours") && !log.contains("theirs"), "{log}");
    assert_eq!(other.turns(), ["take 0 Local"]);
    server.kill();
}

#[test]
fn who_went_on_air_alone_ends_where_another_is_on_air() {
    let server = server();
    let folders = [TempFolder::new("one"), TempFolder::new("other")];
    let one = Node::start(folders[0].path(), &server.url());
    one.append_durably("theirs");
    let proxy = Proxy::to(server.port());
    proxy.open(false);
    let other = Node::start(folders[1].path(), &proxy.url());
    other.wait("take 0 Local");
    proxy.open(true);
    other.wait("lost");
    one.append_durably("on it goes");
    assert_eq!(one.turns(), ["take 1 Local"]);
}

#[test]
fn snapshots_trim_the_log_and_who_comes_later_gets_them() {
    let server = server();
    let (active, standby, _folders) = pair(&server);
    for n in 0..50 {
        let sequence = active.append(&format!("line {n}"));
        if n % 10 == 9 {
            let state = active.story().join("\n").into_bytes();
            active.journal.snapshot(sequence, state.clone());
            active.shared().snapshot(sequence, state);
        }
    }
    active.append_durably("last");
    let story = active.story();
    let lines: Vec<&str> = story.iter().map(String::as_str).collect();
    standby.wait_for_story(&lines);
    let length = server.cli(&["XLEN", &key("log")]);
    assert_eq!(length, "1");
    let later = TempFolder::new("later");
    let later = Node::start(later.path(), &server.url());
    later.wait_for_story(&lines);
}
