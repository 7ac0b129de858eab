//! The pictures that a drawing is made from.

use crate::asset::{self, Asset, Content, Drawing};
use crate::key::Digest;
use crate::request::MAX_PIXELS;
use crate::{Error, Fonts, Player, markup};
use kurbo::{Rect, Size};
use media::Surface;
use std::sync::Arc;

/// Pictures by name; `None` is one that cannot be had.
#[derive(Clone, Debug)]
pub(crate) struct Album {
    pictures: Arc<[(Arc<str>, Option<Asset>)]>,
}

/// One picture of an album, as it is drawn.
#[derive(Clone)]
pub(crate) enum Print {
    Pixels(Arc<Surface>),
    Vector(Arc<Drawing>),
    /// Stands for what cannot be had, and has no size of its own.
    Missing,
}

impl Album {
    pub(crate) fn new(pictures: Vec<(Arc<str>, Option<Asset>)>) -> Result<Self, Error> {
        let pixels = |asset: &Asset| match asset.content() {
            Content::Vector(_) => 0.0,
            _ => asset.natural_size().area(),
        };
        let all: f64 = pictures.iter().flat_map(|(_, p)| p).map(pixels).sum();
        if all > MAX_PIXELS as f64 {
            return Err(Error::TooManyImages {
                mpx: all / f64::from(1 << 20),
                allowed_mpx: MAX_PIXELS >> 20,
            });
        }
        Ok(Self {
            pictures: pictures.into(),
        })
    }

    pub(crate) fn pictures(&self) -> &[(Arc<str>, Option<Asset>)] {
        &self.pictures
    }

    pub(crate) fn digest(&self) -> u128 {
        let all = self.pictures.iter();
        let digest = all.fold(Digest::new(), |digest, (name, picture)| {
            let digest = digest.text(name);
            match picture {
                Some(asset) => digest.tag(1).bytes(&asset.digest().to_le_bytes()),
                None => digest.tag(0),
            }
        });
        digest.finish()
    }

    /// What is drawn for `name`. Of what moves, the first frame is decoded; places for values in an SVG stay empty.
    pub(crate) fn print(&self, name: &str, fonts: &Fonts) -> Result<Print, Error> {
        let found = self.pictures.iter().find(|(is, _)| **is == *name);
        let Some((_, Some(asset))) = found else {
            return Ok(Print::Missing);
        };
        Ok(match asset.content() {
            Content::Picture(surface) => Print::Pixels(Arc::clone(surface)),
            Content::Vector(drawing) => Print::Vector(match &drawing.template {
                None => Arc::clone(drawing),
                Some(text) => Arc::new(Drawing {
                    tree: asset::svg(&markup::filled(text, &[])?, fonts)?,
                    template: None,
                }),
            }),
            Content::Film(film, frame) => {
                let mut player = Player::new(Arc::clone(film));
                Print::Pixels(Arc::new(player.frame(*frame)?.clone()))
            }
            Content::Cell(sheet, cell) => Print::Pixels(Arc::new(cell.cut(sheet)?)),
            // What says where pictures stand is none, and an album in an album has no name.
            Content::Atlas(_) | Content::Album(_) => Print::Missing,
            Content::Away(..) => {
                return Err(Error::AssetAway {
                    source_type: "drawing",
                });
            }
        })
    }
}

impl Print {
    /// Its own size, px; `None` where it has none.
    pub(crate) fn size(&self) -> Option<Size> {
        match self {
            Self::Pixels(surface) => {
                let (width, height) = (surface.width(), surface.height());
                Some(Size::new(width.into(), height.into()))
            }
            Self::Vector(drawing) => Some(crate::vector::natural_size(&drawing.tree)),
            Self::Missing => None,
        }
    }
}

/// What of a picture is drawn, its px, and where that comes to lie, by the rules of `drawImage`: negative sides go to the
/// left and up, and what is beside the picture is left out, there as here. `None` where nothing is left.
pub(crate) fn placed(all: Rect, part: [f64; 4], at: [f64; 4]) -> Option<(Rect, Rect)> {
    let rect = |[x, y, width, height]: [f64; 4]| Rect::new(x, y, x + width, y + height).abs();
    let (from, to) = (rect(part), rect(at));
    let seen = from.intersect(all);
    let is_none = |r: Rect| r.width() <= 0.0 || r.height() <= 0.0;
    if is_none(from) || is_none(to) || is_none(seen) {
        return None;
    }
    let (kx, ky) = (to.width() / from.width(), to.height() / from.height());
    let left = to.x0 + (seen.x0 - from.x0) * kx;
    let top = to.y0 + (seen.y0 - from.y0) * ky;
    let size = Size::new(seen.width() * kx, seen.height() * ky);
    Some((seen, Rect::from_origin_size((left, top), size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_beside_a_picture_are_left_out_and_negative_sides_mirror_nothing() {
        let all = Rect::new(0.0, 0.0, 40.0, 20.0);
        let whole = [0.0, 0.0, 40.0, 20.0];
        for (part, at, is) in [
            (
                whole,
                [5.0, 5.0, 80.0, 10.0],
                Some((whole, [5.0, 5.0, 80.0, 10.0])),
            ),
            (
                whole,
                [85.0, 15.0, -80.0, -10.0],
                Some((whole, [5.0, 5.0, 80.0, 10.0])),
            ),
            (
                [40.0, 20.0, -40.0, -20.0],
                [0.0, 0.0, 4.0, 2.0],
                Some((whole, [0.0, 0.0, 4.0, 2.0])),
            ),
            // Half of it lies to the left of the picture.
            (
                [-20.0, 0.0, 40.0, 20.0],
                [0.0, 0.0, 10.0, 10.0],
                Some(([0.0, 0.0, 20.0, 20.0], [5.0, 0.0, 5.0, 10.0])),
            ),
            ([50.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 10.0], None),
            ([0.0, 0.0, 0.0, 10.0], [0.0, 0.0, 10.0, 10.0], None),
            (whole, [0.0, 0.0, 10.0, 0.0], None),
        ] {
            let rect = |[x, y, w, h]: [f64; 4]| Rect::from_origin_size((x, y), (w, h));
            assert_eq!(
                placed(all, part, at),
                is.map(|(from, to)| (rect(from), rect(to)))
            );
        }
    }
}
