//! Servers of which another takes over: behind Sentinels, and in a cluster. Processes go on with the new master.

use crate::bus::OnAir;
use crate::node::{LIMIT, Node, settings};
use store::{RedisUrl, SharedSettings};
use testkit::{RedisOptions, RedisServer, TempFolder, free_port, poll_until};

const EVENTS: &str = "stream-manager:show:events:log";
const COMMANDS: &str = "stream-manager:show:commands:log";

fn with(arguments: &[&str]) -> RedisOptions {
    RedisOptions {
        arguments: arguments.iter().map(ToString::to_string).collect(),
        ..RedisOptions::default()
    }
}

/// Servers of which one is the master of our keys.
trait Servers {
    fn url(&self) -> RedisUrl;
    /// Another becomes the master.
    fn fail_over(&mut self);
    /// Asks the master of the keys in a command.
    fn cli(&self, command: &[&str]) -> String;
}

/// A master with a replica, and who watches them; servers and watchers have different passwords.
struct Watched {
    servers: Vec<RedisServer>,
    watchers: Vec<RedisServer>,
}

const PASSWORD: &str = "s3rvers";

impl Watched {
    fn start() -> Self {
        let server = |more: &[&str]| {
            let arguments = [
                &["--masterauth", PASSWORD, "--repl-diskless-sync-delay", "0"],
                more,
            ];
            RedisServer::start(&RedisOptions {
                password: Some(PASSWORD.to_owned()),
                ..with(&arguments.concat())
            })
        };
        let master = server(&[]);
        let port = master.port().to_string();
        let replica = server(&["--replicaof", "127.0.0.1", &port]);
        let lines = format!(
            "sentinel monitor cache 127.0.0.1 {port} 2\nsentinel down-after-milliseconds cache 500\n\
             sentinel failover-timeout cache 5000\nsentinel auth-pass cache {PASSWORD}\n"
        );
        let watchers: Vec<RedisServer> = (0..3)
            .map(|_| {
                RedisServer::start(&RedisOptions {
                    password: Some("w@tch".to_owned()),
                    sentinel: Some(lines.clone()),
                    ..RedisOptions::default()
                })
            })
            .collect();
        for watcher in &watchers {
            poll_until(LIMIT, "the Sentinels to know of each other", || {
                let text = watcher.cli(&["SENTINEL", "MASTER", "cache"]);
                let lines: Vec<&str> = text.lines().collect();
                let is = |name, value| lines.windows(2).any(|pair| pair == [name, value]);
                (is("num-slaves", "1") && is("num-other-sentinels", "2")).then_some(())
            });
        }
        Self {
            servers: vec![master, replica],
            watchers,
        }
    }
}

impl Servers for Watched {
    fn url(&self) -> RedisUrl {
        let at = |server: &RedisServer| format!("127.0.0.1:{}", server.port());
        // One of them is not there at all.
        let gone = format!("127.0.0.1:{}", free_port());
        let hosts = [gone].into_iter().chain(self.watchers.iter().map(at));
        let hosts: Vec<String> = hosts.collect();
        let url = format!("redis+sentinel://:w%40tch@{}/cache", hosts.join(","));
        RedisUrl::parse(&url, Some(PASSWORD)).unwrap()
    }

    fn fail_over(&mut self) {
        self.servers.remove(0);
        let port = self.servers[0].port().to_string();
        poll_until(LIMIT, "the replica to be promoted", || {
            let command = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "cache"];
            self.watchers[0]
                .cli(&command)
                .ends_with(&port)
                .then_some(())
        });
    }

    fn cli(&self, command: &[&str]) -> String {
        self.servers[0].cli(command)
    }
}

/// Three masters, the last of which has our keys and a replica.
struct Cluster {
    nodes: Vec<RedisServer>,
    kills: bool,
}

impl Cluster {
    fn start(kills: bool) -> Self {
        let nodes: Vec<RedisServer> = (0..4)
            .map(|_| {
                let port = free_port().to_string();
                RedisServer::start(&with(&[
                    "--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    &port,
                    "--cluster-node-timeout",
                    "1000",
                    "--repl-diskless-sync-delay",
                    "0",
                ]))
            })
            .collect();
        let at: Vec<String> = nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect();
        nodes[0].cli(&[
            "--cluster",
            "create",
            &at[0],
            &at[1],
            &at[2],
            "--cluster-yes",
        ]);
        let slot = nodes[0].cli(&["CLUSTER", "KEYSLOT", "stream-manager:{show}:lease"]);
        assert!(
            slot.parse::<u16>().unwrap() > 10_922,
            "{slot} is the last master's"
        );
        let id = nodes[2].cli(&["CLUSTER", "MYID"]);
        let follows = ["--cluster-slave", "--cluster-master-id", &id];
        nodes[0].cli(&[&["--cluster", "add-node", &at[3], &at[0]], &follows[..]].concat());
        poll_until(LIMIT, "the replica to follow", || {
            let role = nodes[3].cli(&["ROLE"]);
            // A master heeds no replica that it has not heard of as its own, and the others do not vote for one.
            let knows = nodes.iter().all(|node| {
                let info = node.cli(&["CLUSTER", "INFO"]);
                let replicas = node.cli(&["CLUSTER", "REPLICAS", &id]);
                info.contains("cluster_state:ok")
                    && info.contains("cluster_known_nodes:4")
                    && replicas.contains("slave")
            });
            (role.contains("connected") && knows).then_some(())
        });
        Self { nodes, kills }
    }
}

impl Servers for Cluster {
    fn url(&self) -> RedisUrl {
        let at = |node: &RedisServer| format!("127.0.0.1:{}", node.port());
        let hosts: Vec<String> = self.nodes.iter().map(at).collect();
        let url = format!("redis+cluster://{}", hosts.join(","));
        RedisUrl::parse(&url, None).unwrap()
    }

    fn fail_over(&mut self) {
        let promoted = self.nodes.pop().unwrap();
        if self.kills {
            self.nodes.pop();
        } else {
            promoted.cli(&["CLUSTER", "FAILOVER"]);
        }
        poll_until(LIMIT, "the replica to be promoted", || {
            promoted.cli(&["ROLE"]).starts_with("master").then_some(())
        });
        self.nodes.push(promoted);
    }

    fn cli(&self, command: &[&str]) -> String {
        self.nodes[0].cli(&[&["-c"], command].concat())
    }
}

fn shared_at(url: &RedisUrl) -> SharedSettings {
    SharedSettings {
        url: url.clone(),
        ..settings("redis://nowhere")
    }
}

/// Two processes of a show and its bus go on with all they have when their master changes.
fn goes_on(servers: &mut impl Servers) {
    let url = &servers.url();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let on_air = runtime.block_on(async { OnAir::at(url.clone()) });
    let folders = [TempFolder::new("active"), TempFolder::new("standby")];
    let active = Node::with(folders[0].path(), shared_at(url));
    active.wait("take 1 Local");
    active.append_durably("one");
    let standby = Node::with(folders[1].path(), shared_at(url));
    standby.wait_for_story(&["one"]);
    active.wait_for_standby();
    on_air.say("before it fails");
    wait_for_event(servers, "before it fails");
    obeys(&on_air, servers, "before");

    servers.fail_over();
    active.append("two");
    on_air.say("after it failed");
    active.append_durably("three");
    standby.wait_for_story(&["one", "two", "three"]);
    wait_for_event(servers, "after it failed");
    obeys(&on_air, servers, "after");
    // Nobody has noticed on air, and the lease goes on at the new master.
    assert_eq!(active.turns(), ["take 1 Local"]);
    active.wait_for_standby();
    active.release();
    standby.wait(&format!(
        "take {} Remote",
        standby.shared().status().term + 1
    ));
    assert_eq!(standby.story(), ["one", "two", "three"]);
    standby.append_durably("four");
}

fn wait_for_event(servers: &impl Servers, event: &str) {
    poll_until(LIMIT, "the event to be logged", || {
        let log = servers.cli(&["XRANGE", EVENTS, "-", "+"]);
        log.contains(event).then_some(())
    });
}

fn obeys(on_air: &OnAir, servers: &impl Servers, command: &str) {
    servers.cli(&["XADD", COMMANDS, "*", "envelope", command]);
    poll_until(LIMIT, "the command to be obeyed", || {
        let obeyed = on_air.crew.obeyed();
        obeyed.iter().any(|it| it == command).then_some(())
    });
}

#[test]
fn behind_sentinels_a_show_goes_on_when_its_master_is_killed() {
    goes_on(&mut Watched::start());
}

#[test]
fn in_a_cluster_a_show_goes_on_when_its_master_is_killed() {
    goes_on(&mut Cluster::start(true));
}

#[test]
fn in_a_cluster_a_show_goes_on_when_its_master_becomes_a_replica() {
    goes_on(&mut Cluster::start(false));
}

#[test]
fn who_knows_no_master_is_named_and_nobody_is_held_up() {
    let watcher = RedisServer::start(&RedisOptions {
        sentinel: Some("sentinel monitor other 127.0.0.1 1 1\n".to_owned()),
        ..RedisOptions::default()
    });
    let folder = TempFolder::new("shared");
    let url = format!("redis+sentinel://127.0.0.1:{}/cache", watcher.port());
    let node = Node::start(folder.path(), &url);
    node.wait_for_fault("knows no cache");
    node.wait("take 0 Local");
}
