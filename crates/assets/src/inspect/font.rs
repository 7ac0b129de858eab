//! Fonts: that their tables are there.

use super::reader::Reader;
use crate::{Error, Format};

/// Checks the directory of tables, or a WOFF2's announced length. Whether a face is in it, the decode check finds out.
pub(super) fn check(format: Format, bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(format, bytes);
    reader.take(4)?;
    if format == Format::Woff2 {
        reader.take(4)?;
        let announced = reader.u32_be()?;
        return if u64::from(announced) == bytes.len() as u64 {
            Ok(())
        } else {
            Err(reader.broken(format!(
                "it announces {announced} bytes and has {}",
                bytes.len()
            )))
        };
    }
    let tables = reader.u16_be()?;
    reader.take(6)?;
    for _ in 0..tables {
        reader.take(8)?;
        let (offset, len) = (reader.u32_be()?, reader.u32_be()?);
        if u64::from(offset) + u64::from(len) > bytes.len() as u64 {
            return Err(reader.broken("it ends too early"));
        }
    }
    if tables == 0 {
        return Err(reader.broken("it has no tables"));
    }
    Ok(())
}
