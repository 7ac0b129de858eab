//! A disk that fails where it is told to, and forgets what was not synced, some of it or all.

use crate::disk::{Disk, DiskFile};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// A page of a file is on disk or is not.
const PAGE_BYTES: usize = 64;

/// Numbers by chance, the same for the same seed (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `end - 1`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A disk; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Simulation(Arc<(Mutex<World>, Condvar)>);

#[derive(Debug)]
pub(crate) struct World {
    chance: Chance,
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    /// As they are on disk, and what is not there yet.
    durable_names: BTreeMap<String, usize>,
    pending: Vec<Naming>,
    /// Everything fails once so many operations are done.
    pub(crate) dies_after: Option<usize>,
    pub(crate) operations: usize,
    pub(crate) syncs: usize,
    /// How many of a hundred operations fail.
    pub(crate) fails_percent: usize,
    /// Syncs wait.
    pub(crate) holds_syncs: bool,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    durable: usize,
    /// What a failed sync was asked for: the system takes it for written, and it need not be.
    doubtful: Vec<Range<usize>>,
}

#[derive(Clone, Debug)]
enum Naming {
    Set(String, usize),
    Move(String, String, usize),
    Remove(String),
}

impl Simulation {
    pub(crate) fn new(seed: u64) -> Self {
        let world = World {
            chance: Chance(seed),
            files: Vec::new(),
            names: BTreeMap::new(),
            durable_names: BTreeMap::new(),
            pending: Vec::new(),
            dies_after: None,
            operations: 0,
            syncs: 0,
            fails_percent: 0,
            holds_syncs: false,
        };
        Self(Arc::new((Mutex::new(world), Condvar::new())))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.0.lock().unwrap()
    }

    pub(crate) fn hold_syncs(&self, holds: bool) {
        self.world().holds_syncs = holds;
        self.0.1.notify_all();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.world().names.keys().cloned().collect()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let world = self.world();
        world.files[world.names[name]].bytes.clone()
    }

    /// Puts a file there, durable.
    pub(crate) fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut world = self.world();
        let durable = bytes.len();
        world.files.push(File {
            bytes,
            durable,
            doubtful: Vec::new(),
        });
        let file = world.files.len() - 1;
        world.names.insert(name.to_owned(), file);
        world.durable_names.insert(name.to_owned(), file);
    }

    /// Another disk with the same files, all of them durable.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new(0);
        for name in self.names() {
            copy.put(&name, self.bytes(&name));
        }
        copy
    }

    /// The process is gone; the system is not.
    pub(crate) fn kill(&self) {
        let mut world = self.world();
        (world.dies_after, world.fails_percent) = (None, 0);
    }

    /// Any part of what was not synced is lost.
    pub(crate) fn lose_power(&self) {
        self.kill();
        let mut world = self.world();
        let world = &mut *world;
        let loss_percent = [0, 50, 100][world.chance.below(3)];
        for naming in std::mem::take(&mut world.pending) {
            if !world.chance.percent(loss_percent) {
                apply(&mut world.durable_names, naming);
            }
        }
        world.names = world.durable_names.clone();
        for file in &mut world.files {
            let chance = &mut world.chance;
            let lost_bytes = if chance.percent(loss_percent) {
                chance.below(file.bytes.len() - file.durable + 1)
            } else {
                0
            };
            let end = file.bytes.len() - lost_bytes;
            file.bytes.truncate(end);
            file.doubtful.push(file.durable..end);
            for doubtful in std::mem::take(&mut file.doubtful) {
                for page in doubtful.step_by(PAGE_BYTES) {
                    if chance.percent(loss_percent) {
                        let garbage = if chance.percent(50) {
                            0
                        } else {
                            chance.next().to_le_bytes()[0]
                        };
                        let page_end = (page + PAGE_BYTES).min(end);
                        if page < page_end {
                            file.bytes[page..page_end].fill(garbage);
                        }
                    }
                }
            }
            file.durable = end;
        }
    }
}

fn apply(names: &mut BTreeMap<String, usize>, naming: Naming) {
    match naming {
        Naming::Set(name, file) => {
            names.insert(name, file);
        }
        Naming::Move(from, to, file) => {
            names.remove(&from);
            names.insert(to, file);
        }
        Naming::Remove(name) => {
            names.remove(&name);
        }
    }
}

impl World {
    /// Whether the operation is done before it fails, if it fails.
    fn step(&mut self) -> Result<(), (io::Error, bool)> {
        self.operations += 1;
        let is_dead = self.dies_after.is_some_and(|end| self.operations > end);
        let is_dying = self
            .dies_after
            .is_some_and(|end| self.operations == end + 1);
        if is_dead {
            let is_done = is_dying && self.chance.percent(50);
            return Err((io::Error::other("the process is dead"), is_done));
        }
        if self.fails_percent > 0 && self.chance.percent(self.fails_percent) {
            let kind = [
                io::ErrorKind::StorageFull,
                io::ErrorKind::ReadOnlyFilesystem,
                io::ErrorKind::Other,
            ][self.chance.below(3)];
            return Err((kind.into(), self.chance.percent(30)));
        }
        Ok(())
    }

    fn name(&mut self, naming: Naming) -> io::Result<()> {
        let step = self.step();
        if matches!(step, Ok(()) | Err((_, true))) {
            apply(&mut self.names, naming.clone());
            self.pending.push(naming);
        }
        step.map_err(|(error, _)| error)
    }

    fn file(&self, name: &str) -> io::Result<usize> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        self.names.get(name).copied().ok_or_else(missing)
    }
}

impl Disk for Simulation {
    fn list(&self) -> io::Result<Vec<String>> {
        self.world().step().map_err(|(error, _)| error)?;
        Ok(self.names())
    }

    fn read(&self, name: &str) -> io::Result<(Box<dyn Read + '_>, u64)> {
        let mut world = self.world();
        world.step().map_err(|(error, _)| error)?;
        let bytes = world.files[world.file(name)?].bytes.clone();
        let length = bytes.len() as u64;
        Ok((Box::new(io::Cursor::new(bytes)), length))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.world();
        world.files.push(File::default());
        let file = world.files.len() - 1;
        world.name(Naming::Set(name.to_owned(), file))?;
        Ok(Box::new(Open(self.clone(), file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        let file = world.file(from)?;
        world.name(Naming::Move(from.to_owned(), to.to_owned(), file))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let mut world = self.world();
        let file = world.file(from)?;
        world.name(Naming::Set(to.to_owned(), file))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.world().name(Naming::Remove(name.to_owned()))
    }

    fn sync_folder(&self) -> io::Result<()> {
        let mut world = self.world();
        world.step().map_err(|(error, _)| error)?;
        world.pending.clear();
        world.durable_names = world.names.clone();
        Ok(())
    }
}

#[derive(Debug)]
struct Open(Simulation, usize);

impl Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut world = self.0.world();
        let part = if world.chance.percent(20) {
            1 + world.chance.below(bytes.len())
        } else {
            bytes.len()
        };
        let step = world.step();
        if matches!(step, Ok(()) | Err((_, true))) {
            world.files[self.1]
                .bytes
                .extend_from_slice(&bytes[..part.min(bytes.len())]);
        }
        step.map_err(|(error, _)| error)?;
        Ok(part.min(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for Open {
    fn sync(&mut self) -> io::Result<()> {
        let (lock, released) = &*self.0.0;
        let world = lock.lock().unwrap();
        let mut world = released
            .wait_while(world, |world| world.holds_syncs)
            .unwrap();
        world.syncs += 1;
        let step = world.step();
        let file = &mut world.files[self.1];
        if step.is_err() {
            file.doubtful.push(file.durable..file.bytes.len());
        }
        file.durable = file.bytes.len();
        step.map_err(|(error, _)| error)
    }
}
