//! Whatever the files hold: nothing panics, nothing large is allocated, and no record is invented.

use crate::format::{Kind, VERSION};
use crate::recovery::recover;
use crate::simulation::{Chance, Simulation};
use crate::writer::Writer;
use crate::{Error, Record};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn bytes_of(sequence: u64) -> Vec<u8> {
    sequence
        .to_le_bytes()
        .repeat(1 + usize::try_from(sequence % 40).unwrap())
}

/// Sixty records in several segments, snapshots after 20 and 40.
fn disk() -> Simulation {
    let disk = Simulation::new(1);
    let mut writer = Writer::new(
        Box::new(disk.clone()),
        1024,
        0,
        BTreeSet::new(),
        BTreeSet::new(),
    );
    for sequence in 1..=60 {
        let bytes = bytes_of(sequence);
        writer.push([Record { sequence, bytes }]);
        writer.write().unwrap();
        if sequence % 20 == 0 && sequence < 60 {
            writer.sync().unwrap();
            writer.snapshot(sequence, &bytes_of(sequence)).unwrap();
        }
    }
    writer.sync().unwrap();
    disk.copy()
}

fn segments(disk: &Simulation) -> Vec<String> {
    let names = disk.names().into_iter();
    names
        .filter(|name| Kind::Segment.sequence(name).is_some())
        .collect()
}

/// What came back: the snapshot's number and the last record's.
fn check(disk: &Simulation) -> (u64, u64) {
    let found = recover(disk).unwrap().recovered;
    let base = found.snapshot.as_ref().map_or(0, |snapshot| {
        assert_eq!(snapshot.bytes, bytes_of(snapshot.sequence));
        snapshot.sequence
    });
    for (record, sequence) in found.records.iter().zip(base + 1..) {
        assert_eq!(
            (record.sequence, &record.bytes),
            (sequence, &bytes_of(sequence))
        );
    }
    (base, base + found.records.len() as u64)
}

#[test]
fn what_is_whole_comes_back_without_what_nobody_needs() {
    let disk = disk();
    assert_eq!(check(&disk), (40, 60));
    let first = segments(&disk)[0].clone();
    let first = Kind::Segment.sequence(&first).unwrap();
    assert!(first > 1 && first <= 21, "{first}");
    assert!(recover(&disk).unwrap().recovered.damage.is_empty());
}

#[test]
fn a_broken_snapshot_is_put_aside_and_the_one_before_it_stands_in() {
    let disk = disk();
    let name = Kind::Snapshot.name(40);
    let mut bytes = disk.bytes(&name);
    *bytes.last_mut().unwrap() ^= 1;
    disk.put(&name, bytes.clone());
    let found = recover(&disk.copy()).unwrap().recovered;
    assert_eq!(found.damage[0].reason, "the snapshot's CRC is wrong");
    assert_eq!(check(&disk), (20, 60));
    assert_eq!(disk.bytes(&format!("damaged-1-{name}")), bytes);
    assert!(!disk.names().contains(&name));
}

#[test]
fn a_hole_keeps_what_is_before_it_and_throws_nothing_away() {
    let disk = disk();
    let all = segments(&disk);
    // The one that record 41 is in, and a record of it that is not the first.
    let hit = all
        .iter()
        .rev()
        .find(|name| Kind::Segment.sequence(name) <= Some(41))
        .unwrap();
    let mut bytes = disk.bytes(hit);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    disk.put(hit, bytes.clone());
    let (base, last) = check(&disk);
    assert!(base == 40 && last < 60, "{last}");
    let names = disk.names();
    assert_eq!(disk.bytes(&format!("damaged-1-{hit}")), bytes);
    for later in all.iter().skip_while(|name| *name <= hit).skip(1) {
        assert!(names.contains(&format!("damaged-1-{later}")), "{later}");
        assert!(!names.contains(later), "{later}");
    }
    // It is over with the next write.
    let recovery = recover(&disk).unwrap();
    let mut writer = Writer::new(
        Box::new(disk.clone()),
        1024,
        recovery.uncertain_from - 1,
        recovery.segments,
        recovery.snapshots,
    );
    let records = recovery.recovered.records.into_iter();
    writer.push(records.filter(|record| record.sequence >= recovery.uncertain_from));
    let (sequence, bytes) = (last + 1, bytes_of(last + 1));
    writer.push([Record { sequence, bytes }]);
    writer.write().unwrap();
    assert_eq!(check(&disk), (40, last + 1));
    assert!(recover(&disk).unwrap().recovered.damage.is_empty());
}

#[test]
fn half_a_record_at_the_end_is_cut_off_and_whole_ones_behind_a_break_are_kept_aside() {
    for (whole_ones_behind, from_end) in [(false, 1), (true, 600)] {
        let disk = disk();
        let name = segments(&disk).pop().unwrap();
        let mut bytes = disk.bytes(&name);
        let at = bytes.len() - from_end.min(bytes.len() - 20);
        bytes[at] ^= 1;
        disk.put(&name, bytes);
        let found = recover(&disk).unwrap().recovered;
        assert_eq!(found.damage.len(), 1);
        let is_aside = found.damage[0].moved_to.is_some();
        assert_eq!(is_aside, whole_ones_behind, "{:?}", found.damage);
    }
}

#[test]
fn a_later_format_is_refused_and_left_as_it_is() {
    for (kind, sequence) in [(Kind::Segment, 61), (Kind::Snapshot, 60)] {
        let disk = disk();
        let name = kind.name(sequence);
        let mut bytes = kind.header_of(VERSION + 1).to_vec();
        bytes.extend_from_slice(b"what nobody here knows");
        disk.put(&name, bytes);
        let before: Vec<_> = disk.names().iter().map(|name| disk.bytes(name)).collect();
        let error = recover(&disk).unwrap_err();
        assert!(
            matches!(&error, Error::Newer { name: newer, version: 2, known: 1 } if *newer == name),
            "{error}"
        );
        let after: Vec<_> = disk.names().iter().map(|name| disk.bytes(name)).collect();
        assert_eq!(before, after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn damaged_bytes_invent_nothing_panic_nowhere_and_allocate_little(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let disk = disk();
        let names = disk.names();
        for _ in 0..=chance.below(4) {
            let name = &names[chance.below(names.len())];
            let mut bytes = disk.bytes(name);
            let at = chance.below(bytes.len());
            match chance.below(5) {
                0 => bytes.truncate(at),
                1 => bytes[at..].fill_with(|| chance.next().to_le_bytes()[0]),
                2 => {
                    let end = (at + 4).min(bytes.len());
                    bytes[at..end].fill(0xff);
                }
                3 => {
                    let end = (at + 1 + chance.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << chance.below(8);
                    }
                }
            }
            disk.put(name, bytes);
        }
        let held: usize = names.iter().map(|name| disk.bytes(name).len()).sum();
        let mut found = None;
        let measured = allocation_counter::measure(|| found = Some(recover(&disk)));
        // The simulation copies what is read, and a reader has a buffer of 256 KiB.
        prop_assert!(measured.bytes_max < 3 * held as u64 + (600 << 10), "{measured:?}");
        prop_assert!(found.unwrap().is_ok());
        let first = check(&disk);
        prop_assert_eq!(first, check(&disk), "what is put aside is so for good");
    }

    #[test]
    fn any_bytes_at_all_are_no_journal(
        files in proptest::collection::vec(
            (0_u64..5, any::<bool>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..200)),
            0..6,
        ),
    ) {
        let disk = Simulation::new(1);
        for (sequence, is_segment, has_header, bytes) in files {
            let kind = if is_segment { Kind::Segment } else { Kind::Snapshot };
            let header = if has_header { kind.header().to_vec() } else { Vec::new() };
            disk.put(&kind.name(sequence), [header, bytes].concat());
        }
        let found = recover(&disk).unwrap().recovered;
        prop_assert!(found.snapshot.is_none() && found.records.is_empty());
    }
}
