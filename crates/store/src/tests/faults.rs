//! The thread beside a disk that fails for a while.

use crate::journal::Limits;
use crate::simulation::Simulation;
use crate::{Fault, Journal, Recovered, Settings};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use testkit::poll_until;

const LIMIT: Duration = Duration::from_secs(10);

fn open(disk: &Simulation) -> (Journal, Recovered) {
    let settings = Settings {
        sync_every: Duration::from_millis(1),
        segment_bytes: 4 << 10,
    };
    let limits = Limits {
        retry: Duration::from_millis(1),
        waiting_bytes: 100_000,
        close: LIMIT,
    };
    Journal::open_on(Box::new(disk.clone()), settings, limits).unwrap()
}

fn ask(journal: &Journal, sequence: u64) -> Receiver<Result<(), Fault>> {
    let (answer, answers) = channel();
    journal.durable(sequence, move |done| answer.send(done).unwrap());
    answers
}

fn answer(journal: &Journal, sequence: u64) -> Result<(), Fault> {
    ask(journal, sequence).recv_timeout(LIMIT).unwrap()
}

#[test]
fn order_is_that_of_the_numbers_whatever_the_thread() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    let mut expected: Vec<(u64, Vec<u8>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8_u8)
            .map(|thread| {
                let journal = journal.clone();
                scope.spawn(move || {
                    let append = |n: u16| {
                        let bytes = [&[thread][..], &n.to_le_bytes()].concat();
                        (journal.append(bytes.clone()), bytes)
                    };
                    (0..150).map(append).collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    journal.close().unwrap();
    expected.sort();
    let (journal, found) = open(&disk);
    let records: Vec<_> = found
        .records
        .into_iter()
        .map(|r| (r.sequence, r.bytes))
        .collect();
    assert_eq!(records, expected);
    assert_eq!(journal.append(vec![]), 1201);
}

#[test]
fn who_waits_together_shares_a_sync() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    disk.hold_syncs(true);
    let before = disk.world().syncs;
    let waiting: Vec<_> = (0..100)
        .map(|_| ask(&journal, journal.append(b"bid".to_vec())))
        .collect();
    disk.hold_syncs(false);
    for answers in waiting {
        assert_eq!(answers.recv_timeout(LIMIT), Ok(Ok(())));
    }
    // One that was under way, and one or, at the end of a segment, two more.
    let syncs = disk.world().syncs - before;
    assert!((1..=4).contains(&syncs), "{syncs}");
}

#[test]
fn what_nobody_waits_for_is_durable_soon() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    let sequence = journal.append(b"x".to_vec());
    let status = poll_until(LIMIT, "the sync", || {
        Some(journal.status()).filter(|status| status.durable == sequence)
    });
    assert_eq!(
        (status.waiting, status.fault, status.oldest_unsynced_ms),
        (0, None, 0)
    );
}

#[test]
fn a_disk_that_fails_for_a_while_loses_nothing() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    journal.append(b"before".to_vec());
    disk.world().fails_percent = 100;
    let sequence = journal.append(b"meanwhile".to_vec());
    assert!(matches!(
        answer(&journal, sequence),
        Err(Fault::Disk { .. })
    ));
    let status = journal.status();
    assert!(
        status.fault.is_some() && status.durable < sequence,
        "{status:?}"
    );
    assert_eq!(journal.append(b"still".to_vec()), 3);
    journal.snapshot(3, b"state".to_vec());
    disk.world().fails_percent = 0;
    poll_until(LIMIT, "the disk", || {
        journal.status().fault.is_none().then_some(())
    });
    assert_eq!(answer(&journal, 3), Ok(()));
    journal.append(b"after".to_vec());
    journal.close().unwrap();
    disk.lose_power();
    let (_journal, found) = open(&disk);
    assert_eq!(found.snapshot.unwrap().sequence, 3);
    assert_eq!(found.records[0].bytes, b"after");
}

#[test]
fn what_memory_cannot_hold_is_said_and_a_snapshot_makes_it_good() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    disk.world().fails_percent = 100;
    let mut last = 0;
    while !journal
        .status()
        .fault
        .is_some_and(|fault| fault.contains("not kept"))
    {
        last = journal.append(vec![7; 10_000]);
    }
    assert_eq!(answer(&journal, last), Err(Fault::Overflow { from: last }));
    disk.world().fails_percent = 0;
    poll_until(LIMIT, "what was kept", || {
        (journal.status().durable == last - 1).then_some(())
    });
    assert_eq!(journal.append(b"lost as well".to_vec()), last + 1);
    assert!(journal.status().fault.is_some());
    // One that does not comprise everything that was lost makes good its part.
    journal.snapshot(last, b"some".to_vec());
    poll_until(LIMIT, "the first snapshot", || {
        (journal.status().durable == last).then_some(())
    });
    assert_eq!(
        answer(&journal, last + 1),
        Err(Fault::Overflow { from: last + 1 })
    );
    journal.snapshot(last + 1, b"all".to_vec());
    let kept = journal.append(b"kept".to_vec());
    assert_eq!(answer(&journal, kept), Ok(()));
    assert_eq!(journal.status().fault, None);
    journal.close().unwrap();
    disk.lose_power();
    let (journal, found) = open(&disk);
    assert_eq!(found.snapshot.unwrap().bytes, b"all");
    assert_eq!(
        (found.records.len(), &found.records[0].bytes[..]),
        (1, &b"kept"[..])
    );
    assert_eq!(journal.append(vec![]), kept + 1);
}

#[test]
fn a_disk_that_fails_at_the_start_is_told_and_tried_again() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    for n in 0..10 {
        journal.append(vec![n; 300]);
    }
    journal.close().unwrap();
    // Reading is four operations or so; from there on the disk is full.
    let operations = disk.world().operations;
    disk.world().dies_after = Some(operations + 20);
    let (journal, found) = open(&disk);
    assert_eq!(found.records.len(), 10);
    journal.append(vec![]);
    assert!(answer(&journal, 11).is_err() || journal.status().durable == 11);
    disk.kill();
    poll_until(LIMIT, "the disk", || {
        (journal.status().durable == 11).then_some(())
    });
}

#[test]
fn closing_says_what_is_not_durable_and_dropping_writes_all() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    let clone = journal.clone();
    assert!(matches!(
        answer(&journal, 1),
        Err(Fault::Unknown {
            sequence: 1,
            last: 0
        })
    ));
    assert_eq!(answer(&journal, 0), Ok(()));
    journal.append(b"one".to_vec());
    disk.world().fails_percent = 100;
    let closed = journal.close();
    assert!(
        closed.is_ok() || matches!(closed, Err(Fault::Disk { .. })),
        "{closed:?}"
    );
    let late = clone.append(b"late".to_vec());
    assert_eq!(answer(&clone, late), Err(Fault::Closed));
    disk.world().fails_percent = 0;

    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    journal.durable(0, |_| panic!("who waits may panic"));
    journal.append(b"one".to_vec());
    journal.durable(1, |_| panic!("who waits may panic"));
    let answers = ask(&journal, 1);
    drop(journal);
    assert_eq!(answers.recv_timeout(LIMIT), Ok(Ok(())));
}

#[test]
fn closing_writes_what_is_behind_a_gap() {
    let disk = Simulation::new(3);
    let (journal, _) = open(&disk);
    disk.world().fails_percent = 100;
    let last = (0..20)
        .map(|_| journal.append(vec![7; 10_000]))
        .fold(0, u64::max);
    assert!(matches!(
        answer(&journal, last),
        Err(Fault::Overflow { .. })
    ));
    disk.world().fails_percent = 0;
    poll_until(LIMIT, "the disk", || {
        (journal.status().waiting == 0).then_some(())
    });
    journal.snapshot(last, b"all".to_vec());
    journal.append(b"behind".to_vec());
    journal.close().unwrap();
    let (_journal, found) = open(&disk);
    assert_eq!(found.snapshot.unwrap().bytes, b"all");
    assert_eq!(found.records[0].bytes, b"behind");
}
