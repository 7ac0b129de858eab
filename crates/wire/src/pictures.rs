//! Sources made from pictures: images, SVGs, sprites.

use crate::read::{At, Fields, Words, joined, word_for};
use crate::sources::{FITS, read_asset, read_fit};
use crate::write::{Object, number};
use scene::Worded;
use scene::ranges::{GRID, REPEATS};
use scene::{Cells, Cutout, Image, Range, Repeat, Run, Sampling, Sprite, Svg};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const SAMPLINGS: &Words<Sampling> = <Sampling>::WORDS;
pub(crate) const REPEAT_WORDS: [(&str, Repeat); 2] =
    [("as_file", Repeat::AsFile), ("forever", Repeat::Forever)];

pub(crate) fn read_image(f: &mut Fields<'_>) -> Image {
    Image {
        asset: read_asset(f),
        fit: read_fit(f),
        corner_radius_px: f.or("corner_radius_px", 0.0, At::number),
        crop_px: f.optional("crop_px", read_crop),
        sampling: read_sampling(f),
        run: read_run(f),
    }
}

pub(crate) fn write_image(object: Object, image: &Image) -> Object {
    let object = object
        .with("asset", &*image.asset)
        .with("fit", word_for(FITS, &image.fit))
        .number("corner_radius_px", image.corner_radius_px)
        .maybe("crop_px", image.crop_px.map(write_crop))
        .with("sampling", word_for(SAMPLINGS, &image.sampling));
    write_run(object, image.run)
}

/// A whole, where a field is at fault, so that an animation of the crop still finds one.
fn read_crop(at: &At<'_>) -> Option<Cutout> {
    at.object(|f| Cutout {
        x: f.or("x", 0.0, At::number),
        y: f.or("y", 0.0, At::number),
        width: f.required("width", At::number).unwrap_or(1.0),
        height: f.required("height", At::number).unwrap_or(1.0),
    })
}

fn write_crop(crop: Cutout) -> Object {
    Object::default()
        .number("x", crop.x)
        .number("y", crop.y)
        .number("width", crop.width)
        .number("height", crop.height)
}

fn read_sampling(f: &mut Fields<'_>) -> Sampling {
    f.or("sampling", Sampling::default(), |at| {
        at.word(SAMPLINGS, &[])
    })
}

fn read_run(f: &mut Fields<'_>) -> Run {
    let d = Run::default();
    Run {
        repeat: f.or("loop", d.repeat, read_repeat),
        speed: f.or("speed", d.speed, At::number),
        start_ms: f.or("start_ms", d.start_ms, At::number),
    }
}

fn write_run(object: Object, run: Run) -> Object {
    let repeat = match run.repeat {
        Repeat::Times(times) => number(times.into()),
        word => word_for(&REPEAT_WORDS, &word).into(),
    };
    object
        .with("loop", repeat)
        .number("speed", run.speed)
        .number("start_ms", run.start_ms)
}

/// A word, how often, or whether it repeats at all.
fn read_repeat(at: &At<'_>) -> Option<Repeat> {
    match at.value {
        Value::Bool(true) => Some(Repeat::Forever),
        Value::Bool(false) => Some(Repeat::Times(1)),
        Value::Number(_) => at.whole(REPEATS).map(Repeat::Times),
        Value::String(_) => at.word(&REPEAT_WORDS, &[]),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            let words = joined(REPEAT_WORDS.iter().map(|(word, _)| *word));
            at.takes(&format!(
                "{words}, a whole number from {REPEATS}, true or false"
            ))
        }
    }
}

pub(crate) fn read_svg(f: &mut Fields<'_>) -> Svg {
    Svg {
        asset: read_asset(f),
        fit: read_fit(f),
        params: f.optional("params", read_params).unwrap_or_default(),
    }
}

pub(crate) fn write_svg(object: Object, svg: &Svg) -> Object {
    let object = object
        .with("asset", &*svg.asset)
        .with("fit", word_for(FITS, &svg.fit));
    if svg.params.is_empty() {
        return object;
    }
    let params = svg
        .params
        .iter()
        .fold(Object::default(), |o, (name, text)| o.with(name, &**text));
    object.with("params", params)
}

/// Text as it is, numbers as they are written.
fn read_params(at: &At<'_>) -> Option<Vec<(Arc<str>, Arc<str>)>> {
    at.object(|f| {
        f.rest()
            .into_iter()
            .filter_map(|(name, at)| Some((name.into(), at.text()?.into())))
            .collect()
    })
}

pub(crate) fn read_sprite(f: &mut Fields<'_>) -> Sprite {
    let asset = read_asset(f);
    let cells = match f.one_of(&["grid", "atlas"]) {
        Some(("atlas", at)) => Cells::Atlas {
            asset: at.name().unwrap_or_default().into(),
            tag: f.optional("tag", At::text).map(Into::into),
        },
        Some((_, at)) => read_grid(&at).unwrap_or(ONE_CELL),
        // Both, which has been said, or neither, which is said here.
        None => f.required("grid", read_grid).unwrap_or(ONE_CELL),
    };
    Sprite {
        asset,
        cells,
        fps: f.optional("fps", At::number),
        // `null` plays, as its absence does.
        frame: f
            .get("frame")
            .filter(|at| !at.value.is_null())
            .and_then(|at| at.number()),
        run: read_run(f),
        fit: read_fit(f),
        sampling: read_sampling(f),
    }
}

const ONE_CELL: Cells = Cells::Grid {
    columns: 1,
    rows: 1,
    count: 1,
};

fn read_grid(at: &At<'_>) -> Option<Cells> {
    at.object(|f| {
        let columns: Option<u32> = f.required("columns", |at| at.whole(GRID));
        let rows: Option<u32> = f.required("rows", |at| at.whole(GRID));
        let sides = columns.zip(rows);
        let cells = sides.map(|(columns, rows)| columns.saturating_mul(rows));
        let most = cells.map_or(GRID.max * GRID.max, f64::from);
        Cells::Grid {
            columns: columns.unwrap_or(1),
            rows: rows.unwrap_or(1),
            count: f
                .optional("count", |at| at.whole(Range::new(1.0, most)))
                // How many cells there are is not known where a side is at fault.
                .filter(|_| cells.is_some())
                .unwrap_or_else(|| cells.unwrap_or(1)),
        }
    })
}

pub(crate) fn write_sprite(object: Object, sprite: &Sprite) -> Object {
    let object = object.with("asset", &*sprite.asset);
    let object = match &sprite.cells {
        Cells::Grid {
            columns,
            rows,
            count,
        } => object.with(
            "grid",
            Object::default()
                .number("columns", (*columns).into())
                .number("rows", (*rows).into())
                .number("count", (*count).into()),
        ),
        Cells::Atlas { asset, tag } => object
            .with("atlas", &**asset)
            .maybe("tag", tag.as_deref().map(Value::from)),
    };
    let object = object
        .maybe("fps", sprite.fps.map(number))
        .maybe("frame", sprite.frame.map(number));
    write_run(object, sprite.run)
        .with("fit", word_for(FITS, &sprite.fit))
        .with("sampling", word_for(SAMPLINGS, &sprite.sampling))
}
