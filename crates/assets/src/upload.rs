//! A file on its way in.

use crate::asset::tidy_name;
use crate::format::HEAD_BYTES;
use crate::inspect::{self, Facts};
use crate::library::{Inner, blocking};
use crate::{Asset, AssetId, Error, Format, decode};
use ring::digest::{Context, SHA256};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;

/// A file on its way in: written to disk and hashed as it comes. Dropping it throws away what came.
pub struct Upload {
    part: Part,
    file: tokio::fs::File,
    context: Context,
    head: Vec<u8>,
    /// Known as soon as the head is there.
    format: Option<Format>,
    /// Without the query, and the hash of it all.
    source: Option<(String, AssetId)>,
}

/// A temporary file and what it takes of the disk; both are given back when dropped.
struct Part {
    inner: Arc<Inner>,
    path: PathBuf,
    bytes: u64,
}

impl Drop for Part {
    fn drop(&mut self) {
        self.inner
            .uploading_bytes
            .fetch_sub(self.bytes, Ordering::Relaxed);
        // Not there when it became an asset. What cannot be removed now is removed when it is old.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// How much is hashed and written between two chances for others to run: 0.1 ms of work.
const PIECE_BYTES: usize = 64 * 1024;

impl Upload {
    pub(crate) async fn begin(inner: Arc<Inner>) -> Result<Self, Error> {
        let path = inner.store.temporary();
        let part = Part {
            inner,
            path,
            bytes: 0,
        };
        let file = tokio::fs::File::create_new(&part.path)
            .await
            .map_err(Error::storage("begin an upload"))?;
        Ok(Self {
            part,
            file,
            context: Context::new(&SHA256),
            head: Vec::new(),
            format: None,
            source: None,
        })
    }

    pub(crate) fn set_source(&mut self, url: String, key: AssetId) {
        self.source = Some((url, key));
    }

    /// Takes the next bytes. When it fails, or is cancelled, the upload is of no use any more: drop it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] and [`Error::TooManyBytes`] as soon as they are certain, [`Error::Quota`] when all uploads
    /// together would take more of the disk than assets may, [`Error::Storage`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.account(piece.len() as u64)?;
            if self.format.is_none() {
                let missing = HEAD_BYTES - self.head.len();
                self.head
                    .extend_from_slice(&piece[..piece.len().min(missing)]);
                if self.head.len() == HEAD_BYTES {
                    self.format = Some(self.sniff()?);
                }
            }
            self.check_length()?;
            self.context.update(piece);
            self.file
                .write_all(piece)
                .await
                .map_err(Error::storage("write an upload"))?;
        }
        Ok(())
    }

    /// Checks the file and keeps it; `true` when there was none with these bytes. The same bytes are one asset, with the
    /// name that came first. Waits for the disk, and for other uploads that are being decoded.
    ///
    /// # Errors
    /// When it is of no format that is taken, broken, too large in bytes, pixels or frames, when there is no room for it
    /// ([`Error::Quota`]), or [`Error::Storage`].
    pub async fn finish(mut self, name: Option<&str>) -> Result<(Asset, bool), Error> {
        let format = match self.format {
            Some(format) => format,
            None => self.sniff()?,
        };
        self.format = Some(format);
        self.check_length()?;
        self.file
            .flush()
            .await
            .map_err(Error::storage("write an upload"))?;
        let Self {
            part,
            file,
            context,
            source,
            ..
        } = self;
        let id = AssetId::from_digest(context.finish());
        let inner = Arc::clone(&part.inner);
        // Known already: nothing to check. Should it go this moment, it is taken in anew.
        if let Ok(asset) = inner.use_asset(id).await {
            return Ok((asset, false));
        }
        let file = file.into_std().await;
        let name = name.and_then(tidy_name);
        let permit = Arc::clone(&inner.decoding).acquire_owned().await;
        let (facts, part) = blocking(move || {
            // Given back when the work is done, even if nobody waits for it any more.
            let _permit = permit;
            let facts = check(&part, file, format)?;
            Ok((facts, part))
        })
        .await?;
        blocking(move || {
            let now = part.inner.around.now_unix_ms();
            let (source_url, source_key) = source.unzip();
            let asset = Asset {
                name,
                source_url,
                source_key,
                ..Asset::new(id, facts, part.bytes, now)
            };
            part.inner.adopt(&part.path, asset)
        })
        .await
    }

    fn sniff(&self) -> Result<Format, Error> {
        Format::sniff(&self.head).ok_or_else(|| Error::Unsupported {
            start: self.head.iter().take(8).copied().collect(),
        })
    }

    fn account(&mut self, bytes: u64) -> Result<(), Error> {
        self.part.bytes += bytes;
        let inner = &self.part.inner;
        let uploading = inner.uploading_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let allowed = inner.limits.quota_bytes;
        if uploading > allowed {
            let used = inner.index().used_bytes();
            return Err(Error::Quota {
                needed: uploading,
                used,
                in_use: used,
                allowed,
            });
        }
        Ok(())
    }

    /// Until the format is known, fewer bytes have come than any limit.
    fn check_length(&self) -> Result<(), Error> {
        let limits = &self.part.inner.limits;
        let (what, allowed) = match self.format {
            Some(format) if format.is_streamed() => ("the video or sound", limits.streamed_bytes),
            _ => ("the picture", limits.picture_bytes),
        };
        if self.part.bytes > allowed {
            return Err(Error::TooManyBytes { what, allowed });
        }
        Ok(())
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upload({} bytes, {:?})", self.part.bytes, self.format)
    }
}

/// Everything that can be found out about a complete file, and puts it on the disk for good. Blocks.
fn check(part: &Part, mut file: std::fs::File, format: Format) -> Result<Facts, Error> {
    file.sync_all().map_err(Error::storage("write an upload"))?;
    if format.is_streamed() {
        drop(file);
        file = std::fs::File::open(&part.path).map_err(Error::storage("read an upload"))?;
        inspect::check_streamed(format, &mut file, part.bytes)?;
        return Ok(Facts::of(format));
    }
    let bytes = std::fs::read(&part.path).map_err(Error::storage("read an upload"))?;
    let facts = inspect::inspect(format, &bytes)?;
    let fonts = &part.inner.fonts;
    decode::guarded(format, || decode::check(facts, &bytes, fonts))
}
