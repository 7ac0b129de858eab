//! The frames in which a layer's change happens: room for all that is drawn of what leaves and of what comes.

use super::cast::Role;
use super::{Measure, Moment, Resolver};
use crate::placing::Lie;
use crate::{Effect, EffectKind, Kind, Layer, Overflow, Source, StrokeAlign, Wrap};
use kurbo::{Affine, Insets, Point, Rect, Size};

/// What of a layer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// All that is drawn of it.
    All,
    /// What stands in its box, and what its source draws beyond that.
    Body,
}

impl Resolver {
    /// The box in which a passage happens: its px to those around the stage, and its size. Where a layer takes a color it is as
    /// large as all that is drawn of it before and after.
    pub(super) fn box_of(
        &self,
        p: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> (Affine, Size) {
        let passing = &self.passings[p];
        let Some(subject) = passing.subject else {
            return (Affine::IDENTITY, self.canvas);
        };
        let layer = &self.live[subject];
        let lie = Lie::new(layer, self.extent(subject, moment, measure));
        let to_parent = lie.box_to_parent(layer);
        if !passing.framed || to_parent.determinant().abs() < 1e-12 {
            return (to_parent, lie.extent.size);
        }
        let mut drawn = self.drawn_in(subject, Reach::All, moment, measure);
        if let Some(left) = passing.left {
            let was = to_parent.inverse() * self.box_to_parent(left, moment, measure);
            drawn = drawn.union(was.transform_rect_bbox(self.drawn_in(
                left,
                Reach::All,
                moment,
                measure,
            )));
        }
        (
            to_parent * Affine::translate(drawn.origin().to_vec2()),
            drawn.size(),
        )
    }

    /// What leaves on a side that does not stand in what the other stands in.
    pub(super) fn left_apart(&self, mover: usize, p: usize) -> Option<usize> {
        let passing = &self.passings[p];
        passing
            .left
            .filter(|_| passing.apart && mover != passing.coming)
    }

    /// The box of a layer: its px to those around it, and its size.
    pub(super) fn plain_box(
        &self,
        i: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> (Affine, Size) {
        let layer = &self.live[i];
        let lie = Lie::new(layer, self.extent(i, moment, measure));
        (lie.box_to_parent(layer), lie.extent.size)
    }

    /// As [`box_of`](Self::box_of), of one side of it.
    pub(super) fn side_of(
        &self,
        mover: usize,
        p: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> (Affine, Size) {
        match self.left_apart(mover, p) {
            Some(left) => self.plain_box(left, moment, measure),
            None => self.box_of(p, moment, measure),
        }
    }

    /// What all that is drawn of a layer takes up of what is around it, upright.
    pub(super) fn taken(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Rect {
        let to_parent = self.box_to_parent(i, moment, measure);
        let drawn = self.drawn_in(i, Reach::All, moment, measure);
        to_parent.transform_rect_bbox(drawn)
    }

    /// What a layer itself takes up of what is around it, upright: without what its effects draw around it, and those of what is in
    /// it.
    pub(super) fn body(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> Rect {
        let layer = &self.live[i];
        let lie = Lie::new(layer, self.extent(i, moment, measure));
        if lie.corners(layer).is_some() {
            return lie.bounds(layer);
        }
        let drawn = self.drawn_in(i, Reach::Body, moment, measure);
        lie.box_to_parent(layer).transform_rect_bbox(drawn)
    }

    /// What is drawn of a layer at most, in px of its box.
    fn drawn_in(
        &self,
        i: usize,
        reaches: Reach,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Rect {
        let layer = &self.live[i];
        let lie = Lie::new(layer, self.extent(i, moment, measure));
        let own = Rect::from_origin_size(Point::ORIGIN, lie.extent.size);
        let mut drawn = own.inset(overhang(layer, reaches));
        if let Some(natural) = self.unbounded(layer, moment, measure) {
            let [x, y] = [natural.width - own.width(), natural.height - own.height()];
            drawn = drawn.inflate(x.max(0.0), y.max(0.0));
        }
        if layer.kind == Kind::Group && layer.clip.is_none() {
            drawn = self.with_children(i, drawn, reaches, moment, measure);
        }
        if reaches == Reach::Body {
            return drawn;
        }
        for effect in layer.effects.iter().filter(|effect| effect.acts()) {
            drawn = match effect.kind {
                EffectKind::CornerRadius { .. } => drawn.intersect(own),
                _ => drawn.inset(reach(effect)),
            };
        }
        // Moved corners take what is beyond them along, as far as they move.
        if let Some(by) = layer.transform.corner_pin {
            let most = by
                .as_flattened()
                .iter()
                .fold(0.0_f64, |most, v| most.max(v.abs()));
            drawn = drawn.inflate(most, most);
        }
        drawn
    }

    /// How large words are that may leave their box, whichever way.
    fn unbounded(&self, layer: &Layer, moment: Moment, measure: &mut dyn Measure) -> Option<Size> {
        let Some(Source::Text(text)) = &layer.source else {
            return None;
        };
        let is_bounded = layer.transform.height_px.is_some() || layer.transform.width_px.is_some();
        if text.flow.overflow != Overflow::Visible || !is_bounded {
            return None;
        }
        let mut free = layer.clone();
        free.transform.height_px = None;
        if text.flow.wrap == Wrap::None {
            free.transform.width_px = None;
        }
        Some(measure.extent(&free, moment).size)
    }

    /// `drawn`, and what is drawn of what stands in a group, in px of that.
    fn with_children(
        &self,
        group: usize,
        mut drawn: Rect,
        reaches: Reach,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Rect {
        for &child in &self.children[group] {
            match self.roles[child] {
                Role::Own if self.live[child].follow.is_none() => {
                    if self.live[child].visible {
                        let to_group = self.box_to_parent(child, moment, measure);
                        let inside = self.drawn_in(child, reaches, moment, measure);
                        drawn = drawn.union(to_group.transform_rect_bbox(inside));
                    }
                }
                Role::Stage(_) | Role::Mover(_) | Role::Pair => {
                    drawn = self.with_children(child, drawn, reaches, moment, measure);
                }
                Role::Own | Role::Cover(_) | Role::Hidden => {}
            }
        }
        drawn
    }
}

/// How far an effect draws beyond what it is applied to.
pub(super) fn reach(effect: &Effect) -> Insets {
    // Blurs reach three sigma; a px more for what is rounded.
    let blur = |sigma_px: f64| 3.0 * sigma_px + 1.0;
    match &effect.kind {
        EffectKind::GaussianBlur { sigma_px } | EffectKind::Glow { sigma_px, .. } => {
            Insets::uniform(blur(*sigma_px))
        }
        EffectKind::BoxBlur { radius_px } => Insets::uniform(radius_px + 1.0),
        EffectKind::DropShadow {
            dx_px,
            dy_px,
            sigma_px,
            ..
        } => {
            let blur = blur(*sigma_px);
            let side = |offset: f64| (blur + offset).max(0.0);
            Insets::new(side(-dx_px), side(-dy_px), side(*dx_px), side(*dy_px))
        }
        EffectKind::Outline { width_px, .. } => Insets::uniform(width_px + 1.0),
        EffectKind::InnerShadow { .. }
        | EffectKind::ColorMatrix { .. }
        | EffectKind::ColorAdjust { .. }
        | EffectKind::Tint { .. }
        | EffectKind::ChromaKey { .. }
        | EffectKind::Pixelate { .. }
        | EffectKind::Vignette { .. }
        | EffectKind::CornerRadius { .. }
        | EffectKind::Invert { .. }
        | EffectKind::Posterize { .. }
        | EffectKind::BackdropBlur { .. }
        | EffectKind::Threshold { .. } => Insets::ZERO,
    }
}

/// How far a source draws beyond its box.
fn overhang(layer: &Layer, reaches: Reach) -> Insets {
    let style = match &layer.source {
        Some(Source::Shape(shape)) => {
            let stroke = shape.stroke.as_ref();
            let stroke = stroke.filter(|stroke| stroke.align != StrokeAlign::Inside);
            return Insets::uniform(stroke.map_or(0.0, |stroke| stroke.width_px));
        }
        Some(Source::Text(s)) => &s.style,
        Some(Source::Ticker(s)) => &s.style,
        Some(Source::Countdown(s)) => &s.style,
        Some(Source::Clock(s)) => &s.style,
        _ => return Insets::ZERO,
    };
    let stroke = style.stroke.as_ref().map_or(0.0, |stroke| stroke.width_px);
    let [x, y] = style.background.map_or([0.0; 2], |one| one.padding_px);
    // Slanted letters and long tails stand beyond their line.
    let letters = match (reaches, style.background) {
        (Reach::Body, Some(_)) => 0.0,
        _ => style.size_px / 4.0,
    };
    Insets::uniform_xy(letters + x.max(stroke), letters + y.max(stroke))
}
