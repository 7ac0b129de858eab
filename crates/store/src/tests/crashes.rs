//! Whatever is interrupted wherever: what comes back is a prefix, with everything in it that was called durable.

use crate::Record;
use crate::recovery::recover;
use crate::simulation::{Chance, Simulation};
use crate::writer::Writer;
use proptest::prelude::*;

/// What was appended, and what was promised.
#[derive(Clone, Debug, Default)]
struct Truth {
    /// The number of a state that was adopted, which records follow on; 0 before there is one.
    base: u64,
    /// What was before it, as long as nobody was told that it is on disk.
    before: Option<Box<Self>>,
    appended: Vec<Vec<u8>>,
    durable: u64,
    /// Makes records different that have the same number in different lives.
    made: u64,
}

impl Truth {
    fn last(&self) -> u64 {
        self.base + self.appended.len() as u64
    }

    /// A state from elsewhere takes the place of everything.
    fn adopt(&mut self, chance: &mut Chance) {
        let base = self.last() + 1 + chance.below(40) as u64;
        let made = self.made + 1;
        let before = std::mem::take(self);
        *self = Self {
            base,
            before: Some(Box::new(before)),
            made,
            ..Self::default()
        };
    }

    fn at(&self, sequence: u64) -> usize {
        usize::try_from(sequence - self.base).unwrap()
    }

    fn append(&mut self, chance: &mut Chance) -> Record {
        self.made += 1;
        let length = [0, 20, 200, 3000, 9000][chance.below(5)];
        let mut bytes = self.made.to_le_bytes().to_vec();
        bytes.resize(8 + chance.below(length + 1), self.made.to_le_bytes()[0]);
        self.appended.push(bytes.clone());
        Record {
            sequence: self.last(),
            bytes,
        }
    }

    /// The state after a record.
    fn state(&self, sequence: u64) -> Vec<u8> {
        let crc = self.appended[..self.at(sequence)]
            .iter()
            .fold(0, |crc, bytes| crc32c::crc32c_append(crc, bytes));
        [self.base.to_le_bytes().as_slice(), &crc.to_le_bytes()]
            .concat()
            .repeat(20)
    }
}

/// One life of a process on the disk, up to its end.
fn live(disk: &Simulation, truth: &mut Truth, chance: &mut Chance) {
    {
        let mut world = disk.world();
        world.dies_after = Some(world.operations + chance.below(80));
    }
    let Ok(recovery) = recover(disk) else {
        return;
    };
    disk.world().fails_percent = [0, 0, 5, 30][chance.below(4)];
    let found = recovery.recovered;
    let base = found
        .snapshot
        .as_ref()
        .map_or(0, |snapshot| snapshot.sequence);
    if base < truth.base {
        // The old came back: nobody may have been told that the new is there.
        let made = truth.made;
        *truth = *truth.before.take().expect("the state that was adopted");
        truth.made = made;
    }
    if let Some(snapshot) = &found.snapshot {
        assert!(base <= truth.last());
        assert_eq!(snapshot.bytes, truth.state(base), "the snapshot of {base}");
    }
    for (record, sequence) in found.records.iter().zip(base + 1..) {
        assert_eq!(record.sequence, sequence);
        assert_eq!(
            truth.appended.get(truth.at(sequence) - 1),
            Some(&record.bytes),
            "record {sequence}"
        );
    }
    let last = base + found.records.len() as u64;
    assert!(
        last >= truth.durable,
        "{last} came back, {} was promised",
        truth.durable
    );
    for damage in &found.damage {
        assert_ne!(
            damage.reason, "the records before it are missing",
            "{damage}"
        );
        assert!(damage.name.starts_with("journal-"), "{damage}");
    }
    // What was not promised may be gone, and its numbers come again.
    truth.appended.truncate(truth.at(last));
    truth.before = None;

    let uncertain = recovery.uncertain_from;
    let mut writer = Writer::new(
        Box::new(disk.clone()),
        4 << 10,
        uncertain - 1,
        recovery.segments,
        recovery.snapshots,
    );
    writer.push(
        found
            .records
            .into_iter()
            .filter(|record| record.sequence >= uncertain),
    );
    let mut gap = false;
    loop {
        let is_alive = {
            let world = disk.world();
            world.dies_after.is_some_and(|end| world.operations <= end)
        };
        if !is_alive {
            return;
        }
        // Every error but death is answered by going on, as the thread does.
        let _ = match chance.below(11) {
            _ if gap => {
                let done = writer.snapshot(truth.last(), &truth.state(truth.last()));
                gap = done.is_err();
                done
            }
            0..=4 => {
                for _ in 0..chance.below(6) {
                    writer.push([truth.append(chance)]);
                }
                writer.write()
            }
            5..=7 => writer.write().and_then(|()| writer.sync()),
            8 => writer.write().and_then(|()| writer.sync()).and_then(|()| {
                let sequence = truth.durable + chance.below(3) as u64;
                let sequence = sequence.min(writer.durable()).max(truth.base);
                writer.snapshot(sequence, &truth.state(sequence))
            }),
            9 => {
                truth.adopt(chance);
                let done = writer.snapshot(truth.last(), &truth.state(truth.last()));
                gap = done.is_err();
                done
            }
            _ => {
                // More waited than memory may hold.
                gap = chance.percent(30);
                if gap {
                    truth.append(chance);
                }
                Ok(())
            }
        };
        assert!(writer.durable() <= truth.last());
        if writer.durable() >= truth.base {
            truth.durable = truth.durable.max(writer.durable());
            truth.before = None;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// 400 disks with ten ends each, between any two operations or within one, by kill or by loss of power.
    #[test]
    fn whatever_ends_wherever_leaves_what_was_promised(seed in any::<u64>()) {
        let mut chance = Chance(seed);
        let disk = Simulation::new(chance.next());
        let mut truth = Truth::default();
        for _ in 0..10 {
            live(&disk, &mut truth, &mut chance);
            if chance.percent(60) {
                disk.lose_power();
            } else {
                disk.kill();
            }
        }
    }
}
