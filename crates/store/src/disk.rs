//! What the journal asks of a disk, so that tests can put one in its place that fails and forgets.

use crate::Error;
use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A flat folder of files. Names that were changed are durable after [`Disk::sync_folder`], bytes after [`DiskFile::sync`].
pub(crate) trait Disk: Debug + Send {
    /// The names of all regular files.
    fn list(&self) -> io::Result<Vec<String>>;
    /// A file to be read, and how long it is.
    fn read(&self, name: &str) -> io::Result<(Box<dyn Read + '_>, u64)>;
    /// A new file; one of that name is removed before, never written to again.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Gives a file another name, in one step, in the place of what had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Gives a file a second name, or makes a copy of it.
    fn link(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file; one that is not there is no error.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the names durable.
    fn sync_folder(&self) -> io::Result<()>;
}

/// A file that grows at its end.
pub(crate) trait DiskFile: Debug + Send + Write {
    /// Makes the bytes durable. After an error nothing written since the last success may be, whatever a later call says.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file that is locked by whoever uses the folder.
const LOCK: &str = "lock";

/// A real folder that nobody else uses, as long as this value lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The system forgets the lock with the process, however that ends.
    _lock: File,
}

impl Folder {
    /// Makes the folder when it is not there. Whatever it was before, from now on it is its owner's alone.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o700)))
            .map_err(Error::storage("make the folder of the journal"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join(LOCK))
            .map_err(Error::storage("open the folder of the journal"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::Locked {
                dir: path.to_owned(),
            },
            TryLockError::Error(source) => Error::storage("lock the folder of the journal")(source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }
}

impl Disk for Folder {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            // A name that is not UTF-8 is none of ours.
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<(Box<dyn Read + '_>, u64)> {
        let file = File::open(self.path.join(name))?;
        let bytes = file.metadata()?.len();
        Ok((Box::new(file), bytes))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.remove(name)?;
        let file = File::options()
            .create_new(true)
            .append(true)
            .mode(0o600)
            .open(self.path.join(name))?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn link(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.path.join(from), self.path.join(to));
        fs::hard_link(&from, &to).or_else(|_| {
            // Not every file system has links.
            fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
