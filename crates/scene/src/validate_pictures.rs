//! The rules for sources made from pictures.

use crate::ranges::{
    CROP_AT, CROP_SIDE, DELAY_MS, GRID, RADIUS, REPEATS, RUN_SPEED, SPRITE_FPS, SPRITE_FRAME,
    SVG_PARAMS,
};
use crate::validate::Check;
use crate::{Cells, Drawing, Id, Image, Operation, Repeat, Run, Sprite, Svg};

impl Check<'_> {
    pub(crate) fn image(&mut self, at: &str, image: &Image) {
        self.number(
            format_args!("{at}/corner_radius_px"),
            image.corner_radius_px,
            RADIUS,
        );
        if let Some(crop) = image.crop_px {
            for (name, value, range) in [
                ("x", crop.x, CROP_AT),
                ("y", crop.y, CROP_AT),
                ("width", crop.width, CROP_SIDE),
                ("height", crop.height, CROP_SIDE),
            ] {
                self.number(format_args!("{at}/crop_px/{name}"), value, range);
            }
        }
        self.run(at, image.run);
    }

    /// Each asset is named by the first operation that draws it.
    pub(crate) fn drawing(&mut self, at: &str, drawing: &Drawing) {
        let (operations, images) = (drawing.operations(), drawing.images());
        let at = format!("{at}/operations");
        let most = Drawing::MAX_OPERATIONS;
        self.count(&at, "operations", operations.len(), most);
        if images.len() > Drawing::MAX_IMAGES {
            let most = Drawing::MAX_IMAGES;
            self.invalid(&at, format!("draw more than {most} different images"));
        }
        for image in images.iter().take(Drawing::MAX_IMAGES) {
            let draws = |operation: &Operation| operation.image() == Some(image);
            let first = operations.iter().position(draws).unwrap_or_default();
            self.asset(format!("{at}/{first}"), image);
        }
    }

    fn run(&mut self, at: &str, run: Run) {
        if let Repeat::Times(times) = run.repeat {
            self.number(format_args!("{at}/loop"), times.into(), REPEATS);
        }
        self.number(format_args!("{at}/speed"), run.speed, RUN_SPEED);
        self.number(format_args!("{at}/start_ms"), run.start_ms, DELAY_MS);
    }

    pub(crate) fn svg(&mut self, at: &str, svg: &Svg) {
        let most = *SVG_PARAMS.end();
        self.count(&format!("{at}/params"), "values", svg.params.len(), most);
        for (name, value) in svg.params.iter().take(most) {
            let pointer = format!("{at}/params/{name}");
            if Id::new(name).is_none() {
                self.invalid(
                    format!("{at}/params"),
                    format!("has the name `{name:.40}`, which is none: {}", Id::RULE),
                );
            } else {
                self.text(pointer, value);
            }
        }
    }

    pub(crate) fn sprite(&mut self, at: &str, sprite: &Sprite) {
        match &sprite.cells {
            Cells::Grid {
                columns,
                rows,
                count,
            } => {
                let pointer = format!("{at}/grid");
                self.number(format_args!("{pointer}/columns"), (*columns).into(), GRID);
                self.number(format_args!("{pointer}/rows"), (*rows).into(), GRID);
                let cells = u64::from(*columns) * u64::from(*rows);
                if *count < 1 || u64::from(*count) > cells {
                    self.invalid(
                        format!("{pointer}/count"),
                        format!("is {count}; the grid has 1 to {cells} pictures"),
                    );
                }
            }
            Cells::Atlas { tag, .. } => {
                if let Some(tag) = tag {
                    self.text(format_args!("{at}/tag"), tag);
                }
            }
        }
        if let Some(fps) = sprite.fps {
            self.number(format_args!("{at}/fps"), fps, SPRITE_FPS);
        }
        if let Some(frame) = sprite.frame {
            self.number(format_args!("{at}/frame"), frame, SPRITE_FRAME);
        }
        self.run(at, sprite.run);
    }
}
