//! A process that is killed, again and again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use store::{Journal, Recovered, Settings};
use testkit::TempFolder;

/// Tells this program that it is the process to be killed, and where to write.
const FOLDER: &str = "STORE_TEST_FOLDER";
const KILLS: u64 = 30;
const SNAPSHOT_EVERY: u64 = 2_000;

fn settings() -> Settings {
    Settings {
        sync_every: Duration::from_millis(5),
        segment_bytes: 64 << 10,
    }
}

fn bytes_of(sequence: u64) -> Vec<u8> {
    sequence
        .to_le_bytes()
        .repeat(1 + usize::try_from(sequence % 60).expect("it is small"))
}

/// The last record that came back; each is compared with what it must be.
fn check(found: &Recovered) -> u64 {
    let base = found.snapshot.as_ref().map_or(0, |snapshot| {
        assert_eq!(snapshot.bytes, bytes_of(snapshot.sequence));
        snapshot.sequence
    });
    for (record, sequence) in found.records.iter().zip(base + 1..) {
        assert_eq!(record.sequence, sequence);
        assert_eq!(record.bytes, bytes_of(sequence));
    }
    base + found.records.len() as u64
}

/// Appends until it is killed, and says on standard output what is durable. Does nothing unless it is told where.
#[test]
fn appends_until_killed() {
    #[expect(clippy::disallowed_methods, reason = "the test gives it to itself")]
    let Ok(dir) = std::env::var(FOLDER) else {
        return;
    };
    let (journal, found) = Journal::open(Path::new(&dir), settings()).unwrap();
    let mut last = check(&found);
    let mut out = std::io::stdout();
    // The harness has begun a line.
    write!(out, "\nbegun {last}\n").unwrap();
    loop {
        let burst = last + 1 + last % 50;
        while last < burst {
            let sequence = journal.append(bytes_of(last + 1));
            assert_eq!(sequence, last + 1);
            last = sequence;
            if last.is_multiple_of(SNAPSHOT_EVERY) {
                journal.snapshot(last, bytes_of(last));
            }
        }
        let (answer, answers) = channel();
        journal.durable(last, move |done| answer.send(done).unwrap());
        answers.recv().unwrap().unwrap();
        writeln!(out, "durable {last}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_durable_survives_thirty_kills() {
    let folder = TempFolder::new("killed");
    let mut promised = 0_u64;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::appends_until_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // As far as it is read, and as much further as it gets meanwhile. What it says too late is a promise as well.
        let wanted = 1 + kill * 7919 % 97;
        let mut heard = 0;
        let mut hear = |line: std::io::Result<String>| {
            let line = line.unwrap();
            if let Some(sequence) = line.strip_prefix("durable ") {
                promised = sequence.parse().unwrap();
                return true;
            }
            if let Some(sequence) = line.strip_prefix("begun ") {
                let begun: u64 = sequence.parse().unwrap();
                assert!(
                    begun >= promised,
                    "{begun} came back, {promised} was promised"
                );
            }
            false
        };
        while heard < wanted {
            heard += u64::from(hear(lines.next().expect("it runs until it is killed")));
        }
        child.kill().unwrap();
        for line in lines {
            hear(line);
        }
        child.wait().unwrap();
        let (journal, found) = Journal::open(folder.path(), settings()).unwrap();
        let last = check(&found);
        assert!(
            last >= promised,
            "{last} came back, {promised} was promised"
        );
        assert_eq!(journal.append(bytes_of(last + 1)), last + 1);
        promised = last + 1;
        journal.close().unwrap();
    }
    assert!(
        promised > SNAPSHOT_EVERY,
        "{promised} is too few to be a test"
    );
}
