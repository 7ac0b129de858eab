//! What of the local state was never taken over by anybody, kept for somebody to look at.

use crate::format::{push_frame, snapshot_head};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// As many are kept.
const KEPT: usize = 3;
const PREFIX: &str = "unshared-";

/// Writes a snapshot and records into a new file of the folder, as they stand in the journal's own files, and says which. Blocks.
pub(super) fn keep(
    dir: &Path,
    term: u64,
    snapshot: &(u64, Arc<[u8]>),
    records: &[(u64, Arc<[u8]>)],
) -> io::Result<PathBuf> {
    let mut others: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        if let Some(number) = number {
            others.push((number, entry.path()));
        }
    }
    others.sort();
    let number = others.last().map_or(1, |(number, _)| number + 1);
    let last = records.last().map_or(snapshot.0, |record| record.0);
    let path = dir.join(format!("{PREFIX}{number}-term-{term}-{last}.bin"));
    let mut file = File::options()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(&snapshot_head(snapshot.0, &snapshot.1))?;
    file.write_all(&snapshot.1)?;
    let mut buffer = Vec::new();
    for (sequence, bytes) in records {
        buffer.clear();
        push_frame(&mut buffer, *sequence, bytes);
        file.write_all(&buffer)?;
    }
    file.sync_all()?;
    let surplus = (others.len() + 1).saturating_sub(KEPT);
    for (_, old) in others.into_iter().take(surplus) {
        fs::remove_file(old)?;
    }
    File::open(dir)?.sync_all()?;
    Ok(path)
}
