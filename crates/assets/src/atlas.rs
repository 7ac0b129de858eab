//! Atlases: where the pictures of a sprite stand in its sheet, as Aseprite and `TexturePacker` write it.
//!
//! Both write `frames` as an array or as an object by name, each with `frame`, `rotated`, `spriteSourceSize` and
//! `sourceSize`. Aseprite adds `duration` and, in `meta`, `frameTags`. Whatever else stands there is for others.

use serde_json::{Map, Value};
use sources::{Atlas, AtlasTag, Cell, Direction, MAX_CELLS, MAX_TAGS};

/// Reads the JSON of a sprite sheet.
///
/// # Errors
/// A sentence that names the first place at fault by its pointer.
pub fn read_atlas(json: &[u8]) -> Result<Atlas, String> {
    let text = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let document: Value =
        serde_json::from_slice(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let frames = document
        .get("frames")
        .ok_or("it has no `frames`; JSON of Aseprite or TexturePacker has")?;
    let read =
        |(place, value): (String, &Value)| cell(value).map_err(|why| format!("{place}{why}"));
    let count = frames
        .as_array()
        .map_or(0, Vec::len)
        .max(frames.as_object().map_or(0, Map::len));
    if count == 0 || count > MAX_CELLS {
        return Err(format!(
            "/frames has {count} pictures; allowed are 1 to {MAX_CELLS}"
        ));
    }
    let cells = match frames {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, value)| (format!("/frames/{i}"), value))
            .map(read)
            .collect::<Result<Vec<_>, _>>()?,
        Value::Object(by_name) => by_name
            .iter()
            .map(|(name, value)| (format!("/frames/{name:.60}"), value))
            .map(read)
            .collect::<Result<_, _>>()?,
        _ => return Err("/frames is neither an array nor an object".to_owned()),
    };
    let tags = match document.pointer("/meta/frameTags") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) if list.len() <= MAX_TAGS => list
            .iter()
            .enumerate()
            .map(|(i, value)| {
                tag(value, cells.len()).map_err(|why| format!("/meta/frameTags/{i}{why}"))
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(format!("/meta/frameTags is not a list of up to {MAX_TAGS}")),
    };
    Atlas::new(cells, tags).map_err(|error| error.to_string())
}

fn cell(value: &Value) -> Result<Cell, String> {
    let part = value.get("frame").ok_or("/frame is missing")?;
    let number = |from: &Value, name: &str, group: &str| {
        from.get(name)
            .and_then(whole)
            .ok_or_else(|| format!("/{group}/{name} is not a whole number from 0 to 65535"))
    };
    let (width, height) = (number(part, "w", "frame")?, number(part, "h", "frame")?);
    let mut cell = Cell::at(
        number(part, "x", "frame")?,
        number(part, "y", "frame")?,
        width,
        height,
    );
    if width == 0 || height == 0 {
        return Err("/frame has no pixels".to_owned());
    }
    cell.rotated = value
        .get("rotated")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    if let Some(source) = value.get("sourceSize") {
        cell.full = [
            number(source, "w", "sourceSize")?,
            number(source, "h", "sourceSize")?,
        ];
    }
    if let Some(place) = value.get("spriteSourceSize") {
        cell.offset = [
            number(place, "x", "spriteSourceSize")?,
            number(place, "y", "spriteSourceSize")?,
        ];
    }
    if cell
        .full
        .iter()
        .zip(cell.offset)
        .zip([width, height])
        .any(|((full, offset), side)| *full < offset + side)
    {
        return Err("/spriteSourceSize lies outside /sourceSize".to_owned());
    }
    if let Some(duration) = value.get("duration") {
        let ms = duration
            .as_f64()
            .filter(|ms| *ms > 0.0 && *ms <= 3_600_000.0)
            .ok_or("/duration is not above 0 up to 3600000 ms")?;
        cell.duration_ms = Some(ms);
    }
    Ok(cell)
}

fn tag(value: &Value, cells: usize) -> Result<AtlasTag, String> {
    let name = value
        .get("name")
        .and_then(Value::as_str)
        .ok_or("/name is not text")?;
    let end = |field: &str| {
        value
            .get(field)
            .and_then(whole)
            .filter(|i| (*i as usize) < cells)
            .ok_or_else(|| format!("/{field} is none of the {cells} pictures"))
    };
    let (from, to) = (end("from")?, end("to")?);
    if from > to {
        return Err(format!("/to is {to}, before {from}"));
    }
    let direction = match value.get("direction").and_then(Value::as_str) {
        None | Some("forward") => Direction::Forward,
        Some("reverse") => Direction::Reverse,
        Some("pingpong") => Direction::PingPong,
        Some("pingpong_reverse") => Direction::PingPongReverse,
        Some(other) => return Err(format!("/direction is `{other:.40}`")),
    };
    // Aseprite writes it as text; absent and 0 are for ever.
    let plays = value.get("repeat").and_then(|repeat| match repeat {
        Value::String(text) => text.parse().ok(),
        other => whole(other),
    });
    Ok(AtlasTag {
        name: name.into(),
        first: from,
        last: to,
        direction,
        plays: plays.filter(|plays| *plays > 0),
    })
}

fn whole(value: &Value) -> Option<u32> {
    let whole = |v: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and within a u16 first"
        )]
        let whole = (v.fract() == 0.0 && (0.0..=65_535.0).contains(&v)).then_some(v as u32);
        whole
    };
    value.as_f64().and_then(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sources::Strip;

    const ASEPRITE: &str = r#"{ "frames": {
        "hero 0.aseprite": { "frame": { "x": 0, "y": 0, "w": 16, "h": 24 }, "rotated": false, "trimmed": false,
            "spriteSourceSize": { "x": 0, "y": 0, "w": 16, "h": 24 }, "sourceSize": { "w": 16, "h": 24 }, "duration": 100 },
        "hero 1.aseprite": { "frame": { "x": 16, "y": 0, "w": 10, "h": 20 }, "rotated": false, "trimmed": true,
            "spriteSourceSize": { "x": 3, "y": 4, "w": 10, "h": 20 }, "sourceSize": { "w": 16, "h": 24 }, "duration": 250 }
      },
      "meta": { "app": "https://www.aseprite.org/", "size": { "w": 32, "h": 24 }, "scale": "1",
        "frameTags": [ { "name": "walk", "from": 0, "to": 1, "direction": "pingpong", "repeat": "3" } ] } }"#;
    const TEXTURE_PACKER: &str = r#"{ "frames": [
        { "filename": "a.png", "frame": { "x": 2, "y": 2, "w": 30, "h": 40 }, "rotated": true, "trimmed": true,
          "spriteSourceSize": { "x": 1, "y": 0, "w": 30, "h": 40 }, "sourceSize": { "w": 32, "h": 40 }, "pivot": { "x": 0.5, "y": 0.5 } }
      ], "meta": { "app": "x", "version": "1.0", "image": "sheet.png", "format": "RGBA8888" } }"#;

    #[test]
    fn both_programs_are_read() {
        let atlas = read_atlas(ASEPRITE.as_bytes()).expect("it is read");
        let strip = Strip::of_atlas(&atlas, Some("walk"), None).expect("it has the tag");
        let second = Cell {
            offset: [3, 4],
            full: [16, 24],
            duration_ms: Some(250.0),
            ..Cell::at(16, 0, 10, 20)
        };
        assert_eq!(strip.cell(1), second);
        assert_eq!(
            (strip.timetable().frames(), strip.timetable().plays()),
            (2, Some(3))
        );
        assert_eq!(strip.timetable().duration_ns(), 350_000_000);
        let missing = Strip::of_atlas(&atlas, Some("run"), None);
        assert!(missing.is_err_and(|error| error.to_string().ends_with("it has: walk")));

        let atlas = read_atlas(TEXTURE_PACKER.as_bytes()).expect("it is read");
        let strip = Strip::of_atlas(&atlas, None, Some(10.0)).expect("all of it");
        let turned = Cell {
            rotated: true,
            offset: [1, 0],
            full: [32, 40],
            ..Cell::at(2, 2, 30, 40)
        };
        assert_eq!(strip.cell(0), turned);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let frame = r#"{ "frame": { "x": 0, "y": 0, "w": 4, "h": 4 }"#;
        let with = |rest: &str| format!(r#"{{ "frames": [ {frame}{rest} }} ] }}"#);
        let tags = |tag: &str| {
            format!(r#"{{ "frames": [ {frame} }} ], "meta": {{ "frameTags": [ {tag} ] }} }}"#)
        };
        for (json, said) in [
            (
                "[".to_owned(),
                "it is not JSON: EOF while parsing a list at line 1 column 1",
            ),
            (
                "{}".to_owned(),
                "it has no `frames`; JSON of Aseprite or TexturePacker has",
            ),
            (
                r#"{ "frames": {} }"#.to_owned(),
                "/frames has 0 pictures; allowed are 1 to 4096",
            ),
            (
                r#"{ "frames": [ {} ] }"#.to_owned(),
                "/frames/0/frame is missing",
            ),
            (
                r#"{ "frames": { "a": { "frame": { "x": -1 } } } }"#.to_owned(),
                "/frames/a/frame/w is not a whole number from 0 to 65535",
            ),
            (
                with(r#", "sourceSize": { "w": 3, "h": 4 }"#),
                "/frames/0/spriteSourceSize lies outside /sourceSize",
            ),
            (
                with(r#", "duration": 0"#),
                "/frames/0/duration is not above 0 up to 3600000 ms",
            ),
            (
                tags(r#"{ "name": "a", "from": 0, "to": 1 }"#),
                "/meta/frameTags/0/to is none of the 1 pictures",
            ),
            (
                tags(r#"{ "name": "a", "from": 0, "to": 0, "direction": "up" }"#),
                "/meta/frameTags/0/direction is `up`",
            ),
        ] {
            assert_eq!(read_atlas(json.as_bytes()), Err(said.to_owned()), "{json}");
        }
        let many = format!(r#"{{ "frames": [ {} ] }}"#, vec!["{}"; 4097].join(","));
        assert!(read_atlas(many.as_bytes()).is_err_and(|said| said.contains("4097")));
    }
}
