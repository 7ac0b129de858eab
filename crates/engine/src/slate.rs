//! What stands before the scene: a slate, laid out for the output.

use crate::gallery::Gallery;
use crate::lower::{View, lower_layer};
use compositor::DisplayList;
use kurbo::{Affine, Size};
use media::{BlendMode, Resolution};
use scene::{
    Align, Fit, Id, Image, Kind, Layer, LayerItem, Measure, Moment, Slate, Source, Text, TextStyle,
};

/// Sizes of words on one line, from the largest, as parts of the output's shorter side.
const ONE_LINE: [f64; 5] = [0.13, 0.115, 0.1, 0.09, 0.08];
/// Sizes of words that need more lines.
const LINES: [f64; 7] = [0.1, 0.085, 0.072, 0.06, 0.05, 0.04, 0.03];
/// What words may take of the output's width.
const WIDTH: f64 = 0.8;
/// What they may take of its height.
const HEIGHT: f64 = 0.7;
/// Steps in which lines are made equally long; the last is less than a hundredth of the width.
const BALANCING_STEPS: usize = 6;

/// A slate that is up.
#[derive(Debug)]
pub(crate) struct Front {
    slate: Slate,
    words: Option<Layer>,
    picture: Option<Layer>,
    list: DisplayList,
    size: Size,
}

impl Front {
    pub(crate) fn new(
        slate: Slate,
        output: Resolution,
        gallery: &mut Gallery,
        moment: Moment,
    ) -> Self {
        let size = Size::new(f64::from(output.width), f64::from(output.height));
        let text = slate.text.as_deref().map(str::trim);
        let words = text
            .filter(|text| !text.is_empty())
            .zip(gallery.default_family())
            .map(|(text, font)| Layout { size, text, font }.layer(gallery, moment));
        let picture = slate.asset.as_deref().map(|asset| {
            let image = Image {
                asset: asset.into(),
                fit: Fit::Cover,
                ..Image::default()
            };
            let mut picture = layer("slate-picture", Source::Image(image));
            picture.transform.width_px = Some(size.width);
            picture.transform.height_px = Some(size.height);
            picture
        });
        let list = DisplayList {
            background: slate.background,
            items: Vec::new(),
        };
        Self {
            slate,
            words,
            picture,
            list,
            size,
        }
    }

    pub(crate) const fn slate(&self) -> &Slate {
        &self.slate
    }

    pub(crate) const fn list(&self) -> &DisplayList {
        &self.list
    }

    /// What it is made from.
    pub(crate) fn layers(&self) -> impl Iterator<Item = &Layer> + Clone {
        self.words.iter().chain(&self.picture)
    }

    /// The picture as soon as it is there, the words until then: no placeholder is ever seen.
    pub(crate) fn tick(&mut self, gallery: &mut Gallery, moment: Moment) {
        self.list.items.clear();
        let there = |picture: &&Layer| gallery.is_there(picture, 1.0, moment);
        let Some(shown) = self.picture.as_ref().filter(there).or(self.words.as_ref()) else {
            return;
        };
        let extent = gallery.extent(shown, moment);
        let t = &shown.transform;
        let item = LayerItem {
            index: 0,
            transform: Affine::translate((t.x_px, t.y_px)),
            shown: None,
            corners: None,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            extent,
            raster_scale: 1.0,
            holds_still: true,
            holds_size: true,
            effects_in_box: false,
        };
        let view = View {
            scale: 1.0,
            dx: 0.0,
            dy: 0.0,
            canvas: self.size,
            rasters: 1.0,
            seen: self.size.to_rect(),
            frosts: true,
            within: Affine::IDENTITY,
        };
        lower_layer(&item, shown, gallery, moment, view, &mut self.list);
    }
}

/// Words that are to stand in the middle.
struct Layout<'a> {
    size: Size,
    text: &'a str,
    font: String,
}

impl Layout<'_> {
    /// On one line where that leaves them large, else on as few lines as leave them so, of much the same length.
    fn layer(&self, gallery: &mut Gallery, moment: Moment) -> Layer {
        let short = self.size.min_side();
        let fits = |size: Size| {
            size.width <= self.size.width * WIDTH && size.height <= self.size.height * HEIGHT
        };
        let mut measured = |part: f64, width_px| {
            let layer = self.words(part * short, width_px);
            let size = gallery.extent(&layer, moment).size;
            (layer, size)
        };
        let widest = self.size.width * WIDTH;
        let one_line = ONE_LINE
            .into_iter()
            .find(|&part| fits(measured(part, None).1));
        let part = one_line
            .or_else(|| {
                LINES
                    .into_iter()
                    .find(|&part| fits(measured(part, Some(widest)).1))
            })
            .unwrap_or(LINES[LINES.len() - 1]);
        let (mut layer, mut size) = measured(part, Some(widest));
        if one_line.is_none() {
            let (mut narrow, mut wide) = (widest / 2.0, widest);
            for _ in 0..BALANCING_STEPS {
                let middle = f64::midpoint(narrow, wide);
                let (narrower, its_size) = measured(part, Some(middle));
                if its_size.height > size.height {
                    narrow = middle;
                } else {
                    wide = middle;
                    (layer, size) = (narrower, its_size);
                }
            }
        }
        layer.transform.x_px = (self.size.width - size.width) / 2.0;
        layer.transform.y_px = (self.size.height - size.height) / 2.0;
        layer
    }

    fn words(&self, size_px: f64, width_px: Option<f64>) -> Layer {
        let text = Text {
            text: self.text.into(),
            style: TextStyle {
                font: self.font.as_str().into(),
                size_px,
                weight: 600.0,
                line_height: Some(1.25),
                ..TextStyle::default()
            },
            align: Align::Center,
            ..Text::default()
        };
        let mut layer = layer("slate-words", Source::Text(text));
        layer.transform.width_px = width_px;
        layer
    }
}

fn layer(name: &str, source: Source) -> Layer {
    Layer::bare(Id::reserved(name), Kind::Overlay, Some(source))
}
