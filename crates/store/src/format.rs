//! The bytes on disk: names, headers, records, snapshots. The table stands in the crate's documentation.

use std::io::{self, Read};

/// The format that is written, and the only one that is read.
pub(crate) const VERSION: u32 = 1;
/// Of a segment's header, and of a snapshot's first part.
pub(crate) const HEADER_BYTES: usize = 16;
/// Before a record's bytes: length, sequence, CRC.
pub(crate) const FRAME_BYTES: usize = 16;
/// A snapshot's bytes come after the header, its sequence, its length and the CRC.
const SNAPSHOT_HEAD_BYTES: usize = HEADER_BYTES + 20;
/// The largest record, which is what may wait for the disk at all.
pub(crate) const MAX_RECORD_BYTES: usize = 64 << 20;
/// A larger number in a file's name is none of ours; it leaves room to count on.
const MAX_SEQUENCE: u64 = u64::MAX >> 1;
/// What is not complete yet.
pub(crate) const TEMPORARY_SEGMENT: &str = "journal.tmp";
pub(crate) const TEMPORARY_SNAPSHOT: &str = "snapshot.tmp";
/// What unreadable files' names begin with.
pub(crate) const DAMAGED: &str = "damaged-";

/// Which of the two kinds a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Segment,
    Snapshot,
}

impl Kind {
    const fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Segment => b"SMJOURNL",
            Self::Snapshot => b"SMSNAPSH",
        }
    }

    const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Segment => ("journal-", ".wal"),
            Self::Snapshot => ("snapshot-", ".bin"),
        }
    }

    pub(crate) fn name(self, sequence: u64) -> String {
        let (before, after) = self.around();
        format!("{before}{sequence:020}{after}")
    }

    /// The number in a name of this kind; none for every other name.
    pub(crate) fn sequence(self, name: &str) -> Option<u64> {
        let (before, after) = self.around();
        let digits = name.strip_prefix(before)?.strip_suffix(after)?;
        if digits.len() != 20 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let sequence = digits.parse().ok()?;
        // No segment begins with record 0; a snapshot of 0 is the state before the first record.
        let least = u64::from(self == Self::Segment);
        (least..=MAX_SEQUENCE)
            .contains(&sequence)
            .then_some(sequence)
    }

    /// Magic, version, and the CRC of both: the part that no later version may change.
    pub(crate) fn header(self) -> [u8; 16] {
        self.header_of(VERSION)
    }

    pub(crate) fn header_of(self, version: u32) -> [u8; 16] {
        let mut header = [0; 16];
        header[..8].copy_from_slice(self.magic());
        header[8..12].copy_from_slice(&version.to_le_bytes());
        let crc = crc32c::crc32c(&header[..12]);
        header[12..].copy_from_slice(&crc.to_le_bytes());
        header
    }

    /// The version that a header names; none when it is no header of this kind.
    pub(crate) fn version(self, header: &[u8; 16]) -> Option<u32> {
        let version = u32_at(header, 8);
        (version > 0 && *header == self.header_of(version)).then_some(version)
    }
}

/// Adds a record as it stands on disk.
pub(crate) fn push_frame(buffer: &mut Vec<u8>, sequence: u64, bytes: &[u8]) {
    let start = buffer.len();
    let length = u32::try_from(bytes.len()).expect("append keeps no record of more than 64 MiB");
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&sequence.to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&buffer[start..]), bytes);
    buffer.extend_from_slice(&crc.to_le_bytes());
    buffer.extend_from_slice(bytes);
}

/// A snapshot as it stands on disk, without its bytes, which follow.
pub(crate) fn snapshot_head(sequence: u64, bytes: &[u8]) -> Vec<u8> {
    let mut head = Kind::Snapshot.header().to_vec();
    head.extend_from_slice(&sequence.to_le_bytes());
    head.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&head[16..]), bytes);
    head.extend_from_slice(&crc.to_le_bytes());
    head
}

/// What comes next in a segment.
#[derive(Debug)]
pub(crate) enum Found {
    /// A record, whole.
    Record(u64, Vec<u8>),
    /// The file ends here, as it should.
    End,
    /// From here on it cannot be read, and why.
    Broken(&'static str),
}

/// Reads a snapshot of `file_bytes` bytes. The inner error says why it is none. No more is allocated than the file holds.
pub(crate) fn read_snapshot(
    file: &mut dyn Read,
    file_bytes: u64,
    sequence: u64,
) -> io::Result<Result<Vec<u8>, &'static str>> {
    let mut head = [0; SNAPSHOT_HEAD_BYTES];
    if !fill(file, &mut head)? {
        return Ok(Err("the snapshot is shorter than its head"));
    }
    if head[..16] != Kind::Snapshot.header() {
        return Ok(Err("the snapshot has no valid header"));
    }
    if u64_at(&head, 16) != sequence {
        return Ok(Err("the snapshot is of another record than its name says"));
    }
    let length = u64_at(&head, 24);
    if file_bytes.checked_sub(SNAPSHOT_HEAD_BYTES as u64) != Some(length) {
        return Ok(Err("the snapshot is not as long as it says"));
    }
    let Some(bytes) = read_exactly(file, length)? else {
        return Ok(Err("the snapshot is not as long as it says"));
    };
    let crc = crc32c::crc32c_append(crc32c::crc32c(&head[16..32]), &bytes);
    Ok(if crc == u32_at(&head, 32) {
        Ok(bytes)
    } else {
        Err("the snapshot's CRC is wrong")
    })
}

/// Reads the records of a segment one after another.
pub(crate) struct SegmentReader<'a> {
    file: Box<dyn Read + 'a>,
    left: u64,
    next: u64,
    begun: bool,
}

impl std::fmt::Debug for SegmentReader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentReader")
            .field("left", &self.left)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a> SegmentReader<'a> {
    pub(crate) fn new(file: Box<dyn Read + 'a>, file_bytes: u64, first: u64) -> Self {
        Self {
            file: Box::new(io::BufReader::with_capacity(256 * 1024, file)),
            left: file_bytes,
            next: first,
            begun: false,
        }
    }

    /// Bytes of the file from the last whole record on.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// The next record. No more is allocated than the file still holds.
    pub(crate) fn next(&mut self) -> io::Result<Found> {
        if !self.begun {
            let mut header = [0; HEADER_BYTES];
            if self.left < HEADER_BYTES as u64 || !fill(&mut self.file, &mut header)? {
                return Ok(Found::Broken("the segment is shorter than its header"));
            }
            if header != Kind::Segment.header() {
                return Ok(Found::Broken("the segment has no valid header"));
            }
            self.begun = true;
            self.left -= HEADER_BYTES as u64;
        }
        if self.left == 0 {
            return Ok(Found::End);
        }
        let mut head = [0; FRAME_BYTES];
        if self.left < FRAME_BYTES as u64 || !fill(&mut self.file, &mut head)? {
            return Ok(Found::Broken(
                "the segment ends within the head of a record",
            ));
        }
        let length = u64::from(u32_at(&head, 0));
        if u64_at(&head, 4) != self.next {
            return Ok(Found::Broken("the next record is missing"));
        }
        if length > (self.left - FRAME_BYTES as u64).min(MAX_RECORD_BYTES as u64) {
            return Ok(Found::Broken("the segment ends within a record"));
        }
        let Some(bytes) = read_exactly(&mut self.file, length)? else {
            return Ok(Found::Broken("the segment ends within a record"));
        };
        if !is_right(&head, &bytes) {
            return Ok(Found::Broken("a record's CRC is wrong"));
        }
        let sequence = self.next;
        self.next += 1;
        self.left -= FRAME_BYTES as u64 + length;
        Ok(Found::Record(sequence, bytes))
    }
}

/// Whether there is a whole record from `next` on anywhere in the bytes: then they are more than half a write.
pub(crate) fn holds_a_record(bytes: &[u8], next: u64) -> bool {
    // So many records fit in; any other number is chance.
    let last = next.saturating_add((bytes.len() / FRAME_BYTES) as u64);
    bytes.windows(FRAME_BYTES).enumerate().any(|(at, head)| {
        let head: &[u8; 16] = head.try_into().expect("a window of 16 bytes");
        let rest = &bytes[at + 16..];
        (next..=last).contains(&u64_at(head, 4))
            && rest
                .get(..u32_at(head, 0) as usize)
                .is_some_and(|bytes| is_right(head, bytes))
    })
}

fn is_right(head: &[u8; 16], bytes: &[u8]) -> bool {
    crc32c::crc32c_append(crc32c::crc32c(&head[..12]), bytes) == u32_at(head, 12)
}

/// `length` bytes, or none when the file ends before. The caller has compared `length` with the file's.
fn read_exactly(file: &mut dyn Read, length: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    Ok(fill(file, &mut bytes)?.then_some(bytes))
}

/// Whether the file had that much. A disk that fails is an error, a file that ends is none.
pub(crate) fn fill(file: &mut dyn Read, bytes: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
