//! The file that says which term the journal's state is of.

use crate::Error;
use data_encoding::HEXLOWER;
use ring::rand::{SecureRandom as _, SystemRandom};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const NAME: &str = "term";
const TEMPORARY: &str = "term.tmp";
const FIRST_LINE: &str = "stream-manager term 1";

/// Who keeps this folder, and the term its state is of: the file `term` beside the journal. Both are written at once or not at all.
///
/// ```text
/// stream-manager term 1
/// holder 3f0c...        (32 hexadecimal digits, by chance, made once)
/// term 7
/// ```
#[derive(Debug)]
pub struct TermFile {
    dir: PathBuf,
    holder: String,
    term: Mutex<u64>,
}

impl TermFile {
    /// Reads the file in the journal's folder, or makes it: then the term is 0. One that cannot be read is put aside as
    /// `damaged-<n>-term`, and a new one made, with another holder. The lock of the journal guards this file too. Blocks.
    ///
    /// # Errors
    /// [`Error::Storage`] when the disk fails or the system has no random numbers.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let text = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::storage("read the file of the term")(error)),
        };
        let read = text
            .as_ref()
            .map(|bytes| std::str::from_utf8(bytes).ok().and_then(read));
        if let Some(Some((holder, term))) = read {
            return Ok(Self {
                dir: dir.to_owned(),
                holder,
                term: Mutex::new(term),
            });
        }
        if text.is_some() {
            let aside = (1..)
                .map(|number| dir.join(format!("damaged-{number}-{NAME}")))
                .find(|aside| !aside.exists())
                .expect("not every name is taken");
            tracing::warn!(kept_as = %aside.display(), "the file of the term cannot be read: the state here counts as older than any other");
            fs::rename(&path, aside).map_err(Error::storage("put the file of the term aside"))?;
        }
        let mut random = [0; 16];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| io::Error::other("the system has no random numbers"))
            .map_err(Error::storage("make a name for the journal"))?;
        let file = Self {
            dir: dir.to_owned(),
            holder: HEXLOWER.encode(&random),
            term: Mutex::new(0),
        };
        file.write(0)
            .map_err(Error::storage("write the file of the term"))?;
        Ok(file)
    }

    /// The name of this folder among all that share a show: made by chance, kept as long as the file.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The term that the journal's state is of; 0 before the first.
    pub fn term(&self) -> u64 {
        *self.term.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on the state is of that term, whatever happens. Blocks.
    pub(crate) fn set(&self, term: u64) -> io::Result<()> {
        let mut known = self.term.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != term {
            self.write(term)?;
            *known = term;
        }
        Ok(())
    }

    fn write(&self, term: u64) -> io::Result<()> {
        let temporary = self.dir.join(TEMPORARY);
        let mut file = File::options()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&temporary)?;
        write!(file, "{FIRST_LINE}\nholder {}\nterm {term}\n", self.holder)?;
        file.sync_all()?;
        fs::rename(&temporary, self.dir.join(NAME))?;
        File::open(&self.dir)?.sync_all()
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

fn read(text: &str) -> Option<(String, u64)> {
    let mut lines = text.strip_prefix(FIRST_LINE)?.strip_prefix('\n')?.lines();
    let holder = lines.next()?.strip_prefix("holder ")?;
    let term = lines.next()?.strip_prefix("term ")?.parse().ok()?;
    let is_name = holder.len() == 32 && holder.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_name && lines.next().is_none()).then(|| (holder.to_owned(), term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::TempFolder;

    #[test]
    fn the_term_and_the_name_are_kept() {
        let folder = TempFolder::new("term");
        let file = TermFile::open(folder.path()).unwrap();
        assert_eq!(file.term(), 0);
        file.set(7).unwrap();
        let again = TermFile::open(folder.path()).unwrap();
        assert_eq!((again.term(), again.holder()), (7, file.holder()));
    }

    #[test]
    fn what_cannot_be_read_is_term_0_and_kept() {
        let good = format!("{FIRST_LINE}\nholder {}\nterm 7\n", "a".repeat(32));
        let longer = format!("{good}more\n");
        let half = &good[..good.len() - 10];
        let cases = ["", "nonsense", half, &longer, &good.replace('7', "-7")];
        for text in cases {
            let folder = TempFolder::new("term");
            fs::write(folder.path().join(NAME), text).unwrap();
            let file = TermFile::open(folder.path()).unwrap();
            assert_eq!(file.term(), 0, "{text}");
            assert_ne!(file.holder(), "a".repeat(32));
            let kept = fs::read_to_string(folder.path().join("damaged-1-term")).unwrap();
            assert_eq!(kept, text);
        }
    }
}
