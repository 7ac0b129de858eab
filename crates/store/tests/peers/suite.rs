//! What holds of the journal holds of the replica: what comes back is a prefix, with everything that was confirmed.

use crate::node::{LIMIT, Node, settings};
use proptest::prelude::*;
use std::sync::mpsc::channel;
use std::time::Duration;
use store::{Journal, Settings};
use testkit::{RedisOptions, RedisServer, TempFolder, poll_until};

/// A place for records, in a process that ends without notice.
trait Log {
    /// A new process; gives back what it finds.
    fn open(&mut self) -> Vec<String>;
    fn append(&mut self, line: &str) -> u64;
    fn confirm(&mut self, sequence: u64);
    fn snapshot(&mut self, sequence: u64, state: Vec<u8>);
    fn end(&mut self);
}

struct Local {
    folder: TempFolder,
    journal: Option<Journal>,
}

impl Local {
    fn journal(&self) -> &Journal {
        self.journal.as_ref().unwrap()
    }
}

impl Log for Local {
    fn open(&mut self) -> Vec<String> {
        // The one before may still be writing.
        let (journal, found) = poll_until(LIMIT, "the folder", || {
            Journal::open(self.folder.path(), Settings::default()).ok()
        });
        self.journal = Some(journal);
        let mut story = String::new();
        if let Some(snapshot) = found.snapshot {
            story = String::from_utf8(snapshot.bytes).unwrap();
        }
        for record in found.records {
            story += "\n";
            story += &String::from_utf8(record.bytes).unwrap();
        }
        story.split_whitespace().map(str::to_owned).collect()
    }

    fn append(&mut self, line: &str) -> u64 {
        self.journal().append(line.as_bytes().to_vec())
    }

    fn confirm(&mut self, sequence: u64) {
        let (answer, answers) = channel();
        self.journal()
            .durable(sequence, move |done| answer.send(done).unwrap());
        answers.recv_timeout(LIMIT).unwrap().unwrap();
    }

    fn snapshot(&mut self, sequence: u64, state: Vec<u8>) {
        self.journal().snapshot(sequence, state);
    }

    fn end(&mut self) {
        self.journal = None;
    }
}

/// Each process has a folder of its own, as on another machine.
struct Remote {
    server: RedisServer,
    _folder: Option<TempFolder>,
    node: Option<Node>,
}

impl Remote {
    fn node(&self) -> &Node {
        self.node.as_ref().unwrap()
    }
}

impl Log for Remote {
    fn open(&mut self) -> Vec<String> {
        let folder = TempFolder::new("suite");
        let mut settings = settings(&self.server.url());
        settings.timing.beat = Duration::from_millis(30);
        settings.timing.prepare_after = Duration::from_millis(150);
        settings.timing.lease = Duration::from_millis(600);
        let node = Node::with(folder.path(), settings);
        poll_until(LIMIT, "the lease", || {
            node.turns()
                .iter()
                .any(|turn| turn.starts_with("take"))
                .then_some(())
        });
        (self.node, self._folder) = (Some(node), Some(folder));
        self.node().story()
    }

    fn append(&mut self, line: &str) -> u64 {
        self.node().append(line)
    }

    fn confirm(&mut self, sequence: u64) {
        poll_until(LIMIT, "the server to have it", || {
            let answer = self.node().ask(sequence).recv_timeout(LIMIT).unwrap();
            answer.is_ok().then_some(())
        });
    }

    fn snapshot(&mut self, sequence: u64, state: Vec<u8>) {
        self.node().journal.snapshot(sequence, state.clone());
        self.node().shared().snapshot(sequence, state);
    }

    fn end(&mut self) {
        if let Some(node) = self.node.take() {
            node.die();
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8),
    Confirm,
    Snapshot,
    End,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1_u8..30).prop_map(Step::Append),
        3 => Just(Step::Confirm),
        2 => Just(Step::Snapshot),
        2 => Just(Step::End),
    ];
    proptest::collection::vec(step, 1..20)
}

fn check(log: &mut dyn Log, steps: &[Step]) {
    assert!(log.open().is_empty());
    let (mut story, mut confirmed, mut last, mut made) = (Vec::<String>::new(), 0, 0, 0);
    for step in steps.iter().chain([&Step::Confirm, &Step::End]) {
        match step {
            Step::Append(count) => {
                for _ in 0..*count {
                    made += 1;
                    let line = format!("line-{made}");
                    last = log.append(&line);
                    story.push(line);
                }
            }
            Step::Confirm if last > 0 => {
                log.confirm(last);
                confirmed = story.len();
            }
            Step::Snapshot if last > 0 => log.snapshot(last, story.join("\n").into_bytes()),
            Step::Confirm | Step::Snapshot => {}
            Step::End => {
                log.end();
                let found = log.open();
                assert!(found.len() >= confirmed, "{found:?}, {confirmed} confirmed");
                assert_eq!(found, story[..found.len()]);
                // Numbers before this process are not asked for again.
                (confirmed, last) = (found.len(), 0);
                story = found;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn the_journal_gives_back_a_prefix_with_everything_confirmed(steps in steps()) {
        let folder = TempFolder::new("suite");
        check(&mut Local { folder, journal: None }, &steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn the_replica_gives_back_a_prefix_with_everything_confirmed(steps in steps()) {
        let server = RedisServer::start(&RedisOptions::default());
        check(&mut Remote { server, _folder: None, node: None }, &steps);
    }
}
