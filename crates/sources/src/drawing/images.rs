//! Pictures and patterns of a drawing, made ready at their place.

use super::{Draft, Item};
use crate::Error;
use crate::album::{Print, placed};
use crate::picture::Scaler;
use crate::stamp::{Manner, Stamp};
use kurbo::{Affine, BezPath, Rect, Shape as _, Size};
use media::Color;
use scene::{DrawnImage, FillRule, Ink, InkPattern};

/// Size of a picture that cannot be had, where none is asked for, px.
const UNKNOWN_SIZE: Size = Size::new(256.0, 256.0);
/// The same of a pattern: bands go on without a seam.
const UNKNOWN_TILE: Size = Size::new(64.0, 64.0);

impl Draft {
    /// A picture in its place.
    pub(super) fn image(
        &mut self,
        drawn: &DrawnImage,
        scaler: &mut Scaler,
    ) -> Result<Option<Item>, Error> {
        let Some((number, print)) = self.print(&drawn.image) else {
            return Ok(None);
        };
        let natural = print.size();
        let own = natural.unwrap_or(UNKNOWN_SIZE);
        let [width, height] = drawn.size.unwrap_or([own.width, own.height]);
        let [x, y] = drawn.at;
        let at = [x, y, width, height];
        // What cannot be had is there as a whole, whatever part was asked for.
        let all = natural
            .unwrap_or_else(|| Size::new(width.abs(), height.abs()))
            .to_rect();
        let whole = [0.0, 0.0, all.x1, all.y1];
        let part = drawn.part.filter(|_| natural.is_some()).unwrap_or(whole);
        let Some((part, at)) = placed(all, part, at) else {
            return Ok(None);
        };
        let (kx, ky) = (at.width() / part.width(), at.height() / part.height());
        let place = self.state.transform
            * Affine::translate(at.origin().to_vec2())
            * Affine::scale_non_uniform(kx, ky)
            * Affine::translate(-part.origin().to_vec2());
        let stamp = self.stamp((number, &print), (place, part), None, scaler)?;
        Ok(stamp.map(|stamp| Item {
            path: self.state.transform * at.to_path(0.1),
            rule: FillRule::NonZero,
            ink: Ink::Color(Color::TRANSPARENT),
            stamp: Some(stamp),
            picture: None,
        }))
    }

    pub(super) fn pattern(
        &mut self,
        pattern: &InkPattern,
        scaler: &mut Scaler,
    ) -> Result<Option<Stamp>, Error> {
        let Some((number, print)) = self.print(&pattern.image) else {
            return Ok(None);
        };
        let part = print.size().unwrap_or(UNKNOWN_TILE).to_rect();
        let place = self.state.transform * Affine::new(pattern.transform);
        self.stamp(
            (number, &print),
            (place, part),
            Some(pattern.repeats),
            scaler,
        )
    }

    fn print(&self, name: &str) -> Option<(usize, Print)> {
        let number = self.prints.iter().position(|(is, _)| **is == *name)?;
        Some((number, self.prints[number].1.clone()))
    }

    fn stamp(
        &mut self,
        (number, print): (usize, &Print),
        (place, part): (Affine, Rect),
        repeats: Option<[bool; 2]>,
        scaler: &mut Scaler,
    ) -> Result<Option<Stamp>, Error> {
        let s = &self.state;
        let manner = Manner {
            place,
            part,
            repeats,
            smoothing: s.smooths.then_some(s.smoothing),
            scale: self.scale,
            seen: self.casting(),
        };
        let stamp = self.stamps.stamp(scaler, number, print, manner)?;
        self.work += self.stamps.take_work();
        self.charge(&BezPath::new(), 0.0)?;
        Ok(stamp)
    }
}
