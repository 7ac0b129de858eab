//! Who did what, at which frame: one line of JSON each, kept on disk and found again.

use engine::Applied;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lines that can be queried.
const RECENT: usize = 10_000;
/// Size at which a file is put aside.
const FILE_BYTES: u64 = 64 << 20;
/// Files that are kept beside the one that is written.
const OLD_FILES: u32 = 4;

/// The as-run log.
#[derive(Debug)]
pub(crate) struct AsRun(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    file: Option<(PathBuf, File, u64)>,
    recent: VecDeque<Value>,
    last: u64,
    /// Whether the last line could not be written: said once.
    broken: bool,
}

/// What is written.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    pub(crate) at_unix_ns: i64,
    pub(crate) client: &'a str,
    pub(crate) method: &'a str,
    pub(crate) applied: Option<Applied>,
    pub(crate) detail: &'a Value,
}

impl AsRun {
    /// In memory alone.
    pub(crate) fn in_memory() -> Self {
        Self(Mutex::default())
    }

    /// In `folder/as-run.jsonl`, going on with what stands there.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn open(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join("as-run.jsonl");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)?;
        let mut recent = VecDeque::new();
        let mut last = 0;
        for line in BufReader::new(&file).split(b'\n') {
            // The last line may be half a line, if the machine lost power.
            let Ok(line) = serde_json::from_slice::<Value>(&line?) else {
                continue;
            };
            last = line["id"].as_u64().unwrap_or(last).max(last);
            recent.push_back(line);
            if recent.len() > RECENT {
                recent.pop_front();
            }
        }
        let bytes = file.metadata()?.len();
        let mut log = Log {
            file: Some((path, file, bytes)),
            recent,
            last,
            broken: false,
        };
        // What was cut off must not run into the next line.
        if bytes > 0 {
            log.append("\n")?;
        }
        Ok(Self(Mutex::new(log)))
    }

    pub(crate) fn write(&self, line: &Line<'_>) {
        let mut log = self.log();
        log.last += 1;
        let mut json = json!({
            "id": log.last,
            "at": wire::write_rfc3339(line.at_unix_ns),
            "client": line.client,
            "method": line.method,
        });
        if let Some(applied) = line.applied {
            json["revision"] = applied.revision.into();
            json["frame"] = applied.frame.into();
            json["show_time_ms"] = wire::number(applied.show_time.as_ms());
        }
        json["detail"] = line.detail.clone();
        let written = log.append(&format!("{json}\n"));
        match written {
            Err(error) if !log.broken => {
                tracing::error!(%error, "the as-run log cannot be written; it goes on in memory");
                log.broken = true;
            }
            Err(_) => {}
            Ok(()) => log.broken = false,
        }
        log.recent.push_back(json);
        if log.recent.len() > RECENT {
            log.recent.pop_front();
        }
    }

    /// Newest first, `limit` of those before `before`, and where the next page begins.
    pub(crate) fn newest(&self, before: Option<u64>, limit: usize) -> (Vec<Value>, Option<u64>) {
        let log = self.log();
        let id = |line: &Value| line["id"].as_u64().unwrap_or(0);
        let older = |line: &&Value| before.is_none_or(|before| id(line) < before);
        let mut lines = log.recent.iter().rev().filter(older);
        let page: Vec<Value> = lines.by_ref().take(limit).cloned().collect();
        let more = lines.next().is_some();
        let next = page.last().map(id).filter(|_| more);
        (page, next)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn append(&mut self, text: &str) -> std::io::Result<()> {
        let Some((path, file, bytes)) = &mut self.file else {
            return Ok(());
        };
        if *bytes > FILE_BYTES {
            let old = |n: u32| path.with_extension(format!("{n}.jsonl"));
            for n in (1..OLD_FILES).rev() {
                // There are fewer at first.
                let _ = std::fs::rename(old(n), old(n + 1));
            }
            std::fs::rename(&*path, old(1))?;
            *file = OpenOptions::new().create(true).append(true).open(&*path)?;
            *bytes = 0;
        }
        file.write_all(text.as_bytes())?;
        *bytes += text.len() as u64;
        Ok(())
    }
}
