//! Whether layers are where they mean to stay.

use super::{Measure, Moment, Resolver};
use crate::placing::Lie;
use crate::{Canvas, Kind};
use kurbo::Rect;

/// A layer that means to stay somewhere, and where it is. Canvas px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SafeBox {
    /// Index into [`Resolver::layers`].
    pub index: usize,
    /// Around the layer's box; of a group without a size around those of its children.
    pub bounds: Rect,
    /// Where it means to stay.
    pub area: Rect,
}

impl SafeBox {
    /// Whether the layer leaves its area by more than a hundredth of a px.
    pub fn is_left(&self) -> bool {
        let area = self.area.inflate(0.01, 0.01);
        self.bounds.x0 < area.x0
            || self.bounds.y0 < area.y0
            || self.bounds.x1 > area.x1
            || self.bounds.y1 > area.y1
    }
}

impl Resolver {
    /// Every layer with a safe area at `moment`, hidden ones too, in the scene's order.
    pub fn safe_boxes(
        &mut self,
        canvas: &Canvas,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Vec<SafeBox> {
        self.animate(moment.show);
        let layers = self.live.iter().enumerate();
        let wanted = layers.filter_map(|(index, layer)| Some((index, layer.safe_area?)));
        wanted
            .map(|(index, area)| SafeBox {
                index,
                bounds: self.bounds(index, moment, measure),
                area: area.rect(canvas),
            })
            .collect()
    }

    /// Around a layer's box, canvas px.
    fn bounds(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Rect {
        let layer = &self.live[i];
        let t = &layer.transform;
        let is_loose = layer.kind == Kind::Group && (t.width_px.is_none() || t.height_px.is_none());
        if is_loose && !self.children[i].is_empty() {
            let children = self.children[i].iter();
            let bounds = children.map(|&child| self.bounds(child, moment, measure));
            return bounds
                .reduce(|all, one| all.union(one))
                .expect("there is a child");
        }
        let lie = Lie::new(layer, self.extent(i, moment, measure));
        let space = self.around(i, None, moment, measure).transform;
        match lie.corners(layer) {
            Some(corners) => {
                let [a, b, c, d] = corners.map(|corner| space * corner);
                Rect::from_points(a, b).union_pt(c).union_pt(d)
            }
            None => (space * lie.transform(layer)).transform_rect_bbox(lie.shown),
        }
    }
}
