//! Files to take in, and a library to take them in.

use crate::world::World;
use assets::{Asset, AssetId, Error, Library, Limits, Place};
use sources::Fonts;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use testkit::TempFolder;

/// A library in a folder of its own.
pub(crate) struct Shelf {
    pub(crate) library: Library,
    pub(crate) world: Arc<World>,
    pub(crate) folder: TempFolder,
}

impl Shelf {
    pub(crate) fn new(name: &str, limits: Limits) -> Self {
        let folder = TempFolder::new(name);
        let world = Arc::new(World::default());
        let library = open(folder.path(), limits, &world).unwrap();
        Self {
            library,
            world,
            folder,
        }
    }

    /// The same folder, as a new process would open it.
    pub(crate) fn reopen(self) -> Self {
        let Self {
            library,
            world,
            folder,
        } = self;
        let limits = library.limits();
        drop(library);
        let library = open(folder.path(), limits, &world).unwrap();
        Self {
            library,
            world,
            folder,
        }
    }

    pub(crate) async fn store(&self, bytes: &[u8], name: &str) -> Result<(Asset, bool), Error> {
        store(&self.library, bytes, name).await
    }

    /// How many files are not complete.
    pub(crate) fn leftovers(&self) -> usize {
        self.folder.path().join("tmp").read_dir().unwrap().count()
    }

    pub(crate) fn path(&self, id: &AssetId) -> std::path::PathBuf {
        let id = id.to_string();
        self.folder.path().join(&id[..2]).join(id)
    }
}

/// As the process that takes assets in.
pub(crate) fn open(folder: &Path, limits: Limits, world: &Arc<World>) -> Result<Library, Error> {
    let library = follow(folder, limits, world)?;
    library.lead()?;
    Ok(library)
}

/// As one that stands by.
pub(crate) fn follow(folder: &Path, limits: Limits, world: &Arc<World>) -> Result<Library, Error> {
    let fonts = Fonts::new([] as [Vec<u8>; 0]);
    let place = Place::Folder(folder.to_owned());
    Library::open(&place, limits, fonts, Arc::clone(world) as _)
}

pub(crate) async fn store(
    library: &Library,
    bytes: &[u8],
    name: &str,
) -> Result<(Asset, bool), Error> {
    let mut upload = library.begin().await?;
    upload.write(bytes).await?;
    upload.finish(Some(name)).await
}

/// A PNG whose pixels depend on `seed`.
pub(crate) fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut state = seed;
    let pixels: Vec<u8> = (0..width * height * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    out
}

/// A chunk of PNG with its checksum.
pub(crate) fn png_chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(content) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    let len = u32::try_from(content.len()).unwrap();
    [
        &len.to_be_bytes(),
        &kind[..],
        content,
        &(!crc).to_be_bytes(),
    ]
    .concat()
}

/// A GIF of one pixel that moves for `frames` frames.
pub(crate) fn gif(frames: usize) -> Vec<u8> {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let frame = b"\x21\xf9\x04\0\x02\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    [&head[..], &frame.repeat(frames), b"\x3b"].concat()
}

/// An SVG of exactly this many bytes.
pub(crate) fn svg(bytes: usize, seed: u8) -> Vec<u8> {
    let frame = "<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'><!----></svg>";
    let pad = char::from(b'a' + seed).to_string();
    frame
        .replace("<!--", &format!("<!--{}", pad.repeat(bytes - frame.len())))
        .into_bytes()
}

/// What FFmpeg's program makes of a test picture or tone, as a file with this ending.
pub(crate) fn encoded(ending: &str, arguments: &str) -> Vec<u8> {
    let folder = TempFolder::new("encoded");
    let path = folder.path().join(format!("file.{ending}"));
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-f", "lavfi"])
        .args(arguments.split(' '))
        .arg(&path)
        .output()
        .expect("ffmpeg is there (Debian: ffmpeg)");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{ending}: {said}");
    std::fs::read(path).unwrap()
}
