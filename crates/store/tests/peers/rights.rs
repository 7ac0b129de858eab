//! The rights that the documentation asks for are enough, and each of them is needed.

use crate::bus::OnAir;
use crate::node::{LIMIT, Node, settings};
use store::{RedisUrl, SharedSettings};
use testkit::{RedisOptions, RedisServer, TempFolder, poll_until};

const OPERATIONS: &str = include_str!("../../../../docs/operations.md");

/// The words of the rule as it is documented, for this show.
fn rule() -> Vec<String> {
    let (_, rule) = OPERATIONS.split_once("```\nACL SETUSER show").unwrap();
    let (rule, _) = rule.split_once("```").unwrap();
    let rule = rule.replace("main", "show").replace("PASSWORD", "s3cret");
    let words = ["ACL", "SETUSER", "show"]
        .into_iter()
        .chain(rule.split_whitespace());
    words.map(str::to_owned).collect()
}

#[test]
fn a_user_with_the_rights_that_are_documented_can_do_everything_and_needs_them() {
    let server = RedisServer::start(&RedisOptions::default());
    let rule = rule();
    server.cli(&rule.iter().map(String::as_str).collect::<Vec<_>>());
    let url = format!("redis://show:s3cret@127.0.0.1:{}/1", server.port());
    let url = RedisUrl::parse(&url, None).unwrap();
    let shared = || SharedSettings {
        url: url.clone(),
        ..settings("redis://nowhere")
    };
    let cli = |command: &[&str]| server.cli(&[&["-n", "1"], command].concat());
    let node = |folder: &TempFolder| Node::with(folder.path(), shared());
    let folders = ["active", "standby", "late"].map(TempFolder::new);

    // All that two processes do, up to a hand-over and a snapshot.
    let active = node(&folders[0]);
    active.wait("take 1 Local");
    active.append_durably("one");
    let standby = node(&folders[1]);
    standby.wait_for_story(&["one"]);
    active.wait_for_standby();
    let sequence = active.append("two");
    active.shared().snapshot(sequence, b"one\ntwo".as_slice());
    active.append_durably("three");
    standby.wait_for_story(&["one", "two", "three"]);
    let handle = active.runtime.as_ref().unwrap().handle().clone();
    let offers = active.shared().clone();
    let offer = handle.spawn(async move { offers.offer().await });
    standby.wait("prepare, offered");
    standby.shared().ready(5);
    assert_eq!(handle.block_on(offer).unwrap().unwrap().at_unix_ns, 5);
    active.release();
    standby.wait("take 2 Remote");
    standby.append_durably("four");
    standby.die();

    // The bus, both ways.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let on_air = runtime.block_on(async { OnAir::at(url.clone()) });
    on_air.say("said");
    poll_until(LIMIT, "the event to be logged", || {
        let log = cli(&["XRANGE", "stream-manager:show:events:log", "-", "+"]);
        log.contains("said").then_some(())
    });
    let commands = "stream-manager:show:commands";
    poll_until(LIMIT, "the bus to listen", || {
        cli(&["PUBSUB", "NUMSUB", commands])
            .ends_with('1')
            .then_some(())
    });
    cli(&["PUBLISH", commands, "heard"]);
    cli(&["XADD", &format!("{commands}:log"), "*", "envelope", "read"]);
    poll_until(LIMIT, "commands to be acknowledged", || {
        let pending = cli(&["XPENDING", &format!("{commands}:log"), "show"]);
        (on_air.crew.obeyed().len() == 2 && pending.starts_with('0')).then_some(())
    });

    // Another show under the same name: what is there is put aside.
    server.freeze();
    let late = node(&folders[2]);
    late.wait("take 0 Local");
    late.append("another");
    server.thaw();
    late.append_durably("show");
    assert!(cli(&["KEYS", "*:aside:*"]).contains("aside:2"));

    assert_eq!(cli(&["ACL", "LOG"]), "", "nothing is denied");
    let used = cli(&["INFO", "commandstats"]);
    for right in rule.iter().filter_map(|word| word.strip_prefix('+')) {
        assert!(
            used.contains(&format!("cmdstat_{right}:")),
            "nobody needs {right}"
        );
    }
}
