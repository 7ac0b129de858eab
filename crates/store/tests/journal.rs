//! In a real folder.
#![forbid(unsafe_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;
use store::{Error, Journal, Settings};
use testkit::TempFolder;

fn open(dir: &Path) -> Journal {
    Journal::open(dir, Settings::default())
        .expect("a folder of our own")
        .0
}

#[test]
fn everything_comes_back_in_order() {
    let folder = TempFolder::new("journal");
    let dir = folder.path().join("made/for/it");
    let (journal, found) = Journal::open(&dir, Settings::default()).unwrap();
    assert!(found.snapshot.is_none() && found.records.is_empty() && found.damage.is_empty());
    let numbers: Vec<u64> = (0..5_u8).map(|n| journal.append(vec![n; 3])).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let (answer, answers) = channel();
    journal.durable(5, move |done| answer.send(done).unwrap());
    assert_eq!(answers.recv_timeout(Duration::from_secs(10)), Ok(Ok(())));
    let status = journal.status();
    assert_eq!((status.sequence, status.durable, status.waiting), (5, 5, 0));
    journal.snapshot(3, b"after three".to_vec());
    journal.close().unwrap();

    let (journal, found) = Journal::open(&dir, Settings::default()).unwrap();
    let snapshot = found.snapshot.unwrap();
    assert_eq!(
        (snapshot.sequence, &snapshot.bytes[..]),
        (3, &b"after three"[..])
    );
    let records: Vec<_> = found
        .records
        .into_iter()
        .map(|r| (r.sequence, r.bytes))
        .collect();
    assert_eq!(records, [(4, vec![3; 3]), (5, vec![4; 3])]);
    assert_eq!(found.damage, []);
    assert_eq!(journal.append(vec![]), 6);
}

#[test]
fn the_folder_is_its_owners_alone_and_of_one_journal() {
    let folder = TempFolder::new("journal");
    let dir = folder.path().join("journal");
    let journal = open(&dir);
    journal.append(b"secret".to_vec());
    journal.snapshot(1, b"secret".to_vec());
    let error = Journal::open(&dir, Settings::default()).unwrap_err();
    assert!(
        matches!(&error, Error::Locked { dir: locked } if *locked == dir),
        "{error}"
    );
    journal.close().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(
        names,
        [
            "journal-00000000000000000001.wal",
            "lock",
            "snapshot-00000000000000000001.bin"
        ]
    );
    open(&dir);
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let folder = TempFolder::new("journal");
    let foreign = [
        "journal-1.wal",
        "journal-00000000000000000000.wal",
        "journal-99999999999999999999.wal",
        "journal-0000000000000000000x.wal",
        "snapshot-00000000000000000001.bin.old",
        "damaged-1-journal-00000000000000000001.wal",
        "notes.txt",
    ];
    for name in foreign {
        fs::write(folder.path().join(name), name).unwrap();
    }
    fs::create_dir(folder.path().join("journal-00000000000000000007.wal")).unwrap();
    for _ in 0..3 {
        let (journal, found) = Journal::open(folder.path(), Settings::default()).unwrap();
        assert_eq!(found.damage, []);
        let last = journal.append(vec![1]);
        journal.snapshot(last, vec![2]);
        journal.close().unwrap();
    }
    for name in foreign {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), name.as_bytes());
    }
}

#[test]
fn a_torn_tail_is_cut_off_once() {
    let folder = TempFolder::new("journal");
    let journal = open(folder.path());
    for n in 0..3 {
        journal.append(vec![n; 100]);
    }
    journal.close().unwrap();
    let path = folder.path().join("journal-00000000000000000001.wal");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 30]).unwrap();
    let (journal, found) = Journal::open(folder.path(), Settings::default()).unwrap();
    assert_eq!(found.records.len(), 2);
    assert_eq!(
        found.damage[0].to_string(),
        "86 bytes of journal-00000000000000000001.wal are not read: the segment ends within a record; they are cut off"
    );
    assert_eq!(journal.append(vec![9; 100]), 3);
    journal.close().unwrap();
    let (_journal, found) = Journal::open(folder.path(), Settings::default()).unwrap();
    assert_eq!((found.records.len(), found.damage.len()), (3, 0));
    assert_eq!(found.records[2].bytes, [9; 100]);
}

#[test]
fn segments_end_and_those_that_nobody_needs_go() {
    let folder = TempFolder::new("journal");
    let settings = Settings {
        segment_bytes: 4096,
        ..Settings::default()
    };
    let (journal, _) = Journal::open(folder.path(), settings).unwrap();
    for round in 1..=5_u64 {
        for _ in 0..50 {
            journal.append(vec![0; 500]);
        }
        journal.append(vec![0; 10_000]);
        journal.snapshot(51 * round, vec![0; 100]);
        // A snapshot that waits may be replaced by the next.
        testkit::poll_until(Duration::from_secs(10), "the snapshot", || {
            let name = format!("snapshot-{:020}.bin", 51 * round);
            folder.path().join(name).exists().then_some(())
        });
    }
    journal.close().unwrap();
    let names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let count = |kind: &str| names.iter().filter(|name| name.starts_with(kind)).count();
    assert_eq!(count("snapshot-"), 2, "{names:?}");
    // Fifty-one records between two snapshots, seven a segment, and those around.
    assert!((8..=10).contains(&count("journal-")), "{names:?}");
}

#[test]
fn a_state_from_elsewhere_takes_the_place_of_everything() {
    let folder = TempFolder::new("journal");
    let journal = open(folder.path());
    for n in 1..=5 {
        journal.append(vec![n]);
    }
    // Theirs may be older: numbers go on nevertheless, and never come twice.
    assert_eq!(journal.adopt(3, b"theirs".to_vec()), 6);
    assert_eq!(journal.adopt(50, b"theirs, later".to_vec()), 50);
    assert_eq!(journal.append(b"ours".to_vec()), 51);
    let (answer, answers) = channel();
    journal.durable(51, move |done| answer.send(done).unwrap());
    assert_eq!(answers.recv_timeout(Duration::from_secs(10)), Ok(Ok(())));
    journal.close().unwrap();
    for _ in 0..2 {
        let (journal, found) = Journal::open(folder.path(), Settings::default()).unwrap();
        let snapshot = found.snapshot.unwrap();
        assert_eq!(
            (snapshot.sequence, &*snapshot.bytes),
            (50, &b"theirs, later"[..])
        );
        assert_eq!((found.records.len(), found.records[0].sequence), (1, 51));
        assert_eq!(found.damage, []);
        journal.close().unwrap();
    }
}

#[test]
fn settings_out_of_range_are_named() {
    let folder = TempFolder::new("journal");
    let good = Settings::default();
    for (settings, message) in [
        (
            Settings {
                sync_every: Duration::ZERO,
                ..good
            },
            "sync_every is 0ns; allowed is 1 ms to 60 s",
        ),
        (
            Settings {
                segment_bytes: 4095,
                ..good
            },
            "segment_bytes is 4095; allowed is 4096 to 1073741824 bytes",
        ),
    ] {
        let error = Journal::open(folder.path(), settings).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn nothing_that_is_printed_holds_a_record() {
    let folder = TempFolder::new("journal");
    let journal = open(folder.path());
    journal.append(b"live_key".to_vec());
    let shown = format!("{journal:?}");
    journal.snapshot(1, b"live_key".to_vec());
    journal.append(b"live_key".to_vec());
    journal.close().unwrap();
    let (_journal, found) = Journal::open(folder.path(), Settings::default()).unwrap();
    for shown in [shown, format!("{found:?}")] {
        assert!(!shown.contains("108, 105, 118"), "{shown}");
    }
}
