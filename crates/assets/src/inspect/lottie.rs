//! JSON: a Lottie, which has what every animation must have, or the atlas of a sprite sheet, which has frames. Nothing is kept of the rest, so a large file costs no memory.

use super::{Facts, checked_size, whole};
use crate::{Error, Format};
use serde_core::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The fields at the top that are required.
#[derive(Default)]
struct Top {
    width_px: Option<f64>,
    height_px: Option<f64>,
    first_frame: Option<f64>,
    end_frame: Option<f64>,
    frames_per_s: Option<f64>,
    has_layers: bool,
    has_frames: bool,
}

pub(super) fn inspect(bytes: &[u8]) -> Result<Facts, Error> {
    let broken = |reason: &str| Error::broken(Format::Lottie, reason);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let top: Top = serde_json::from_slice(bytes)
        .map_err(|error| Error::broken(Format::Lottie, error.to_string()))?;
    if top.has_frames && !top.has_layers {
        return Ok(Facts::of(Format::Atlas));
    }
    let (Some(width), Some(height), Some(first), Some(end), Some(rate), true) = (
        top.width_px,
        top.height_px,
        top.first_frame,
        top.end_frame,
        top.frames_per_s,
        top.has_layers,
    ) else {
        return Err(broken(
            "a Lottie has the members w, h, ip, op, fr and layers",
        ));
    };
    if rate <= 0.0 || end <= first {
        return Err(broken("it has no frames"));
    }
    let size = checked_size(Format::Lottie, whole(width), whole(height))?;
    Ok(Facts {
        format: Format::Lottie,
        size_px: Some(size),
        frames: u32::try_from(whole(end - first)).ok(),
    })
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TopVisitor)
    }
}

struct TopVisitor;

impl<'de> Visitor<'de> for TopVisitor {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut top = Top::default();
        while let Some(key) = map.next_key::<String>()? {
            let number = match key.as_str() {
                "w" => &mut top.width_px,
                "h" => &mut top.height_px,
                "ip" => &mut top.first_frame,
                "op" => &mut top.end_frame,
                "fr" => &mut top.frames_per_s,
                "layers" => {
                    map.next_value::<Vec<IgnoredAny>>()
                        .map_err(|_| A::Error::custom("layers is no list"))?;
                    top.has_layers = true;
                    continue;
                }
                other => {
                    top.has_frames |= other == "frames";
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *number = Some(map.next_value()?);
        }
        Ok(top)
    }
}
