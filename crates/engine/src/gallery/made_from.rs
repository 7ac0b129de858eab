//! What a layer is made from: an asset, and what of it at a moment; and the frames of what moves.

use super::{Decoded, Gallery};
use crate::motion::Motion;
use crate::reel::{AHEAD, Series};
use crate::studio::request;
use crate::worker::Job;
use scene::{Cells, Drawing, Layer, Moment, Run, Source, Sprite};
use sources::{Asset, Raster, Strip};
use std::sync::Arc;

/// What a sprite plays, and what that was worked out from.
pub(super) struct Played {
    cells: Cells,
    fps: Option<f64>,
    sheet: Asset,
    atlas: Option<Asset>,
    strip: Arc<Strip>,
    serial: u64,
}

/// What a layer is made from.
pub(super) enum MadeFrom {
    /// No asset.
    Nothing,
    /// An asset, and what moves it, if anything does.
    Asset(Asset, Option<Motion>),
    /// An asset that is being read.
    Coming,
    /// An asset that cannot be had.
    Missing,
}

impl Gallery {
    /// A frame of what moves. Its notices would be said again for each, so only why there is none is said.
    pub(super) fn reel_painted(
        &mut self,
        layer: &scene::Id,
        series: Series,
        number: u32,
        result: Result<Raster, String>,
        is_last: bool,
    ) {
        let (raster, detail) = match result {
            Ok(raster) => (Some(raster), None),
            Err(detail) => (None, Some(detail)),
        };
        let is_shown = self.reels.painted(layer, series, number, raster, is_last);
        if let Some(detail) = detail.filter(|_| is_shown) {
            self.failed_as(layer, detail);
        }
    }

    /// The frame of what moves, or the one before while it is being made; has those that follow made, too.
    pub(super) fn frame(
        &mut self,
        layer: &Layer,
        source: &Source,
        asset: &Asset,
        motion: &Motion,
        scale: f64,
        moment: Moment,
    ) -> Option<Raster> {
        let key = request(layer, source, None, Some(asset), scale).key();
        let series = (key, motion.serial());
        let mut upcoming = std::mem::take(&mut self.upcoming);
        motion.upcoming(moment, self.step_ns, AHEAD, &mut upcoming);
        let advance = self
            .reels
            .advance(&layer.id, series, motion.count(), &upcoming);
        self.upcoming = upcoming;
        if !advance.missing.is_empty() {
            let numbers = advance.missing.into_iter();
            let job = Job::Reel {
                series,
                layer: Box::new(layer.clone()),
                asset: asset.clone(),
                parts: numbers.map(|n| (n, motion.part(n))).collect(),
                scale,
            };
            self.worker().submit(job);
        }
        advance.shown.or_else(|| self.last_of(layer))
    }

    /// What a layer is made from, as far as it is there.
    pub(super) fn made_from(&mut self, layer: &Layer, source: &Source) -> MadeFrom {
        let name = match source {
            Source::Drawing(drawing) if !drawing.images().is_empty() => {
                return self.album(layer, drawing);
            }
            _ => source.asset(),
        };
        let Some(name) = name else {
            return MadeFrom::Nothing;
        };
        let Some(asset) = self.asset(name) else {
            return self.absent(name);
        };
        let run = match source {
            Source::Sprite(sprite) => return self.sprite(layer, sprite, asset),
            Source::Image(image) => image.run,
            _ => Run::default(),
        };
        let timetable = asset.timetable().cloned();
        let motion = timetable.map(|timetable| Motion::of_film(timetable, run));
        MadeFrom::Asset(asset, motion)
    }

    fn absent(&self, name: &str) -> MadeFrom {
        if matches!(self.decoded.get(name), Some(Decoded::Missing)) {
            MadeFrom::Missing
        } else {
            MadeFrom::Coming
        }
    }

    /// The pictures of a drawing. It waits for those that are on their way, and does without those that cannot be had.
    fn album(&mut self, layer: &Layer, drawing: &Drawing) -> MadeFrom {
        let images = drawing.images();
        let mut is_coming = false;
        for name in images {
            is_coming |= self.asset(name).is_none()
                && !matches!(self.decoded.get(name), Some(Decoded::Missing));
        }
        if is_coming {
            return MadeFrom::Coming;
        }
        let is_same = |album: &&Asset| {
            let pictures = album.pictures();
            let one = |(name, (is, picture)): (&Arc<str>, &(Arc<str>, Option<Asset>))| {
                let same = match (self.decoded.get(name), picture) {
                    (Some(Decoded::Ready(now)), Some(picture)) => now.is_same(picture),
                    (Some(Decoded::Missing), None) => true,
                    _ => false,
                };
                same && name == is
            };
            pictures.len() == images.len() && images.iter().zip(pictures).all(one)
        };
        if let Some(album) = self.albums.get(&layer.id).filter(is_same) {
            return MadeFrom::Asset(album.clone(), None);
        }
        let pictures = images
            .iter()
            .map(|name| (Arc::clone(name), self.asset_if_ready(name)));
        match Asset::album(pictures.collect()) {
            Ok(album) => {
                self.albums.insert(layer.id.clone(), album.clone());
                MadeFrom::Asset(album, None)
            }
            Err(error) => {
                self.albums.remove(&layer.id);
                self.failed_as(&layer.id, error.to_string());
                MadeFrom::Missing
            }
        }
    }

    fn sprite(&mut self, layer: &Layer, sprite: &Sprite, sheet: Asset) -> MadeFrom {
        let atlas = match &sprite.cells {
            Cells::Grid { .. } => None,
            Cells::Atlas { asset: name, .. } => match self.asset(name) {
                Some(atlas) => Some(atlas),
                None => return self.absent(name),
            },
        };
        let is_same = |played: &&Played| {
            let same_atlas = match (&played.atlas, &atlas) {
                (Some(a), Some(b)) => a.is_same(b),
                (None, None) => true,
                _ => false,
            };
            same_atlas
                && played.sheet.is_same(&sheet)
                && played.cells == sprite.cells
                && played.fps == sprite.fps
        };
        let (strip, serial) = match self.strips.get(&layer.id).filter(is_same) {
            Some(played) => (Arc::clone(&played.strip), played.serial),
            None => match played(sprite, &sheet, atlas, self.next_serial) {
                Ok(played) => {
                    let of_now = (Arc::clone(&played.strip), played.serial);
                    self.strips.insert(layer.id.clone(), played);
                    self.next_serial += 1;
                    of_now
                }
                Err(detail) => {
                    self.strips.remove(&layer.id);
                    self.failed_as(&layer.id, detail);
                    return MadeFrom::Missing;
                }
            },
        };
        let motion = Motion::of_sprite(strip, serial, sprite.run, sprite.frame);
        MadeFrom::Asset(sheet, Some(motion))
    }
}

/// What a sprite plays.
fn played(
    sprite: &Sprite,
    sheet: &Asset,
    atlas: Option<Asset>,
    serial: u64,
) -> Result<Played, String> {
    if !sheet.is_pixels() {
        return Err("a sprite's sheet is a picture of pixels that stands still".to_owned());
    }
    let strip = match &sprite.cells {
        Cells::Grid {
            columns,
            rows,
            count,
        } => Strip::of_grid(sheet.natural_size(), *columns, *rows, *count, sprite.fps),
        Cells::Atlas { asset, tag } => {
            let places = atlas.as_ref().and_then(Asset::atlas);
            let places = places.ok_or_else(|| format!("`{asset}` is not the JSON of a sheet"))?;
            Strip::of_atlas(places, tag.as_deref(), sprite.fps)
        }
    };
    Ok(Played {
        cells: sprite.cells.clone(),
        fps: sprite.fps,
        sheet: sheet.clone(),
        atlas,
        strip: Arc::new(strip.map_err(|error| error.to_string())?),
        serial,
    })
}
