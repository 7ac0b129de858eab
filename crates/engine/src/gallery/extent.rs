//! How large layers are, as far as it is known.

use super::effort::{MOST_MS, words_ms};
use super::made_from::MadeFrom;
use super::{Content, Gallery, Patience, UNKNOWN_SIZE, content, has_text};
use crate::studio::request;
use kurbo::Size;
use scene::{Extent, Layer, Measure, Moment, Source};

impl Measure for Gallery {
    fn extent(&mut self, layer: &Layer, moment: Moment) -> Extent {
        let given = (layer.transform.width_px, layer.transform.height_px);
        let Some(source) = &layer.source else {
            return Extent::default();
        };
        if let ((Some(width), Some(height)), false) = (given, has_text(source)) {
            return Extent {
                size: Size::new(width, height),
                baseline_px: None,
            };
        }
        let unknown = Extent {
            size: Size::new(
                given.0.unwrap_or(UNKNOWN_SIZE.width),
                given.1.unwrap_or(UNKNOWN_SIZE.height),
            ),
            baseline_px: None,
        };
        let mut words = std::mem::take(&mut self.words);
        let extent = match content(source, moment, &mut words) {
            Content::Nothing => unknown,
            Content::Own => self.measured(layer, source, None, unknown, moment),
            Content::Words => self.measured(layer, source, Some(&words), unknown, moment),
        };
        self.words = words;
        extent
    }
}

impl Gallery {
    fn measured(
        &mut self,
        layer: &Layer,
        source: &Source,
        content: Option<&str>,
        unknown: Extent,
        moment: Moment,
    ) -> Extent {
        if self.patience == Patience::StandIn && words_ms(source, content) > MOST_MS {
            // Setting so many words takes too long: they are as large as those that are shown.
            let shown = self.depot.any(&layer.id);
            return shown.map_or(unknown, |raster| Extent {
                size: raster.size,
                baseline_px: raster.baseline_px,
            });
        }
        let asset = match self.made_from(layer, source) {
            MadeFrom::Nothing => None,
            MadeFrom::Asset(asset, None) => Some(asset),
            MadeFrom::Asset(asset, Some(motion)) => {
                Some(asset.part(motion.part(motion.number(moment))))
            }
            MadeFrom::Coming | MadeFrom::Missing => return unknown,
        };
        let request = request(layer, source, content, asset.as_ref(), 1.0);
        self.studio.measure(&request).unwrap_or(unknown)
    }
}
