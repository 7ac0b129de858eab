//! The boxes that an AVIF is made of, as places in its bytes.

use crate::reading::Bytes;
use std::ops::Range;

/// A box: its kind, and where its content lies.
pub(super) type Part = ([u8; 4], Range<usize>);

/// The boxes of a part of the file, in order. Ends at the first that does not fit.
pub(super) struct Boxes<'a> {
    reader: Bytes<'a>,
}

impl<'a> Boxes<'a> {
    /// Those within `range`, which is cut to the file.
    pub(super) fn within(bytes: &'a [u8], range: Range<usize>) -> Self {
        let end = range.end.min(bytes.len());
        let mut reader = Bytes::new(&bytes[..end]);
        reader.take(range.start.min(end));
        Self { reader }
    }

    /// The first of a kind.
    pub(super) fn find(mut self, kind: &[u8; 4]) -> Option<Range<usize>> {
        self.find_map(|(is, content)| (is == *kind).then_some(content))
    }
}

impl Iterator for Boxes<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let len = self.reader.u32_be()?;
        let kind = self.reader.array()?;
        let len = match len {
            0 => self.reader.left(),
            1 => {
                let long = self.reader.u64_be()?;
                usize::try_from(long.checked_sub(16)?).ok()?
            }
            len => usize::try_from(len.checked_sub(8)?).ok()?,
        };
        let start = self.reader.at();
        self.reader.take(len)?;
        Some((kind, start..start + len))
    }
}

/// A reader of the content of a box.
pub(super) fn content(bytes: &[u8], range: Range<usize>) -> Bytes<'_> {
    Bytes::new(bytes.get(range).unwrap_or_default())
}

/// As [`content`], with the version and the flags that many boxes begin with.
pub(super) fn versioned(bytes: &[u8], range: Range<usize>) -> Option<(u8, u32, Bytes<'_>)> {
    let mut reader = content(bytes, range);
    let [version, a, b, c] = reader.array()?;
    Some((version, u32::from_be_bytes([0, a, b, c]), reader))
}
