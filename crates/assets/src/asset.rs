//! What is known of an asset, and the small JSON file that keeps it.

use crate::inspect::Facts;
use crate::{AssetId, Format};
use serde_json::{Value, json};

/// A file that is kept, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asset {
    /// The hash of its bytes.
    pub id: AssetId,
    /// What its first uploader called it: no folders, no control characters, at most 255 characters.
    pub name: Option<String>,
    /// What it is, by its bytes.
    pub format: Format,
    /// How many bytes it has.
    pub bytes: u64,
    /// Width as it is shown, in pixels, for SVG in CSS px rounded up; `None` where it has none or it is not looked for
    /// (video).
    pub width_px: Option<u32>,
    /// Height, likewise.
    pub height_px: Option<u32>,
    /// Number of frames, 1 for a still picture; `None` where they are not counted (video, sound, fonts).
    pub frames: Option<u32>,
    /// Where it was fetched from, without the query, which may hold a secret; `None` when it was uploaded.
    pub source_url: Option<String>,
    /// The hash of the whole URL it was fetched from, by which it is found again.
    pub(crate) source_key: Option<AssetId>,
    /// When it came, in milliseconds since 1970, UTC.
    pub created_unix_ms: u64,
    /// When it was last read or touched, likewise.
    pub last_used_unix_ms: u64,
}

/// Longest name that is kept, in characters.
const MAX_NAME_CHARS: usize = 255;

impl Asset {
    pub(crate) fn new(id: AssetId, facts: Facts, bytes: u64, now_unix_ms: u64) -> Self {
        Self {
            id,
            name: None,
            format: facts.format,
            bytes,
            width_px: facts.size_px.map(|(width, _)| width),
            height_px: facts.size_px.map(|(_, height)| height),
            frames: facts.frames,
            source_url: None,
            source_key: None,
            created_unix_ms: now_unix_ms,
            last_used_unix_ms: now_unix_ms,
        }
    }

    pub(crate) fn to_json(&self) -> String {
        json!({
            "name": self.name,
            "media_type": self.format.media_type(),
            "bytes": self.bytes,
            "width_px": self.width_px,
            "height_px": self.height_px,
            "frames": self.frames,
            "source_url": self.source_url,
            "source_key": self.source_key.map(|key| key.to_string()),
            "created_unix_ms": self.created_unix_ms,
            "last_used_unix_ms": self.last_used_unix_ms,
        })
        .to_string()
    }

    /// `None` when anything about it is not as [`Asset::to_json`] writes it.
    pub(crate) fn from_json(id: AssetId, json: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(json).ok()?;
        let number = |key: &str| match json.get(key)? {
            Value::Null => Some(None),
            value => Some(Some(u32::try_from(value.as_u64()?).ok()?)),
        };
        let text = |key: &str| match json.get(key)? {
            Value::Null => Some(None),
            value => Some(Some(value.as_str()?.to_owned())),
        };
        Some(Self {
            id,
            name: text("name")?,
            format: Format::from_media_type(json.get("media_type")?.as_str()?)?,
            bytes: json.get("bytes")?.as_u64()?,
            width_px: number("width_px")?,
            height_px: number("height_px")?,
            frames: number("frames")?,
            source_url: text("source_url")?,
            // Assets that came before there was one are asked for by URL once more.
            source_key: text("source_key")
                .flatten()
                .and_then(|key| key.parse().ok()),
            created_unix_ms: json.get("created_unix_ms")?.as_u64()?,
            last_used_unix_ms: json.get("last_used_unix_ms")?.as_u64()?,
        })
    }
}

/// A name from outside, without folders and what would confuse a terminal; `None` when nothing is left.
pub(crate) fn tidy_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_CHARS)
        .collect();
    let clean = clean.trim();
    (!clean.is_empty() && clean.chars().any(|c| c != '.')).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_reads_back_and_a_broken_one_does_not() {
        let id = AssetId::of(b"x");
        let facts = Facts {
            format: Format::Webp,
            size_px: Some((3, 4)),
            frames: Some(5),
        };
        let asset = Asset {
            name: Some("a \"b\".webp".to_owned()),
            source_url: Some("https://x.example/a".to_owned()),
            source_key: Some(AssetId::of(b"https://x.example/a?secret")),
            ..Asset::new(id, facts, 7, 9)
        };
        let json = asset.to_json();
        assert_eq!(Asset::from_json(id, json.as_bytes()).as_ref(), Some(&asset));
        let plain = Asset::new(id, Facts::of(Format::Mp4), 7, 9);
        assert_eq!(
            Asset::from_json(id, plain.to_json().as_bytes()),
            Some(plain)
        );
        for broken in [
            "",
            "{}",
            "[]",
            &json[..json.len() - 1],
            &json.replace("image/webp", "image/x"),
            &json.replace(":5", ":-5"),
            &json.replace("\"bytes\"", "\"b\""),
        ] {
            assert_eq!(Asset::from_json(id, broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn names_lose_folders_and_control_characters() {
        for (name, expected) in [
            ("a.png", Some("a.png")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\x\\y.png", Some("y.png")),
            (" \u{1b}[31mred\n ", Some("[31mred")),
            ("", None),
            ("..", None),
            ("x/", None),
        ] {
            assert_eq!(tidy_name(name).as_deref(), expected, "{name:?}");
        }
        assert_eq!(tidy_name(&"é".repeat(300)).unwrap().chars().count(), 255);
    }
}
