//! Panes of frosted glass: what lies below a layer, blurred, within the layer's box.

use crate::placing::Lie;
use crate::{Effect, EffectKind, Fault, Id, Layer, ShapeForm, Shared, Source};
use kurbo::{Affine, Size};
use std::collections::HashMap;

/// The most layers of a scene that blur what lies below them: each keeps memory for the blur, up to 16 MiB.
pub const MAX_BACKDROPS: usize = 8;

/// What lies below, blurred, to be drawn before the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackdropItem {
    /// Index into [`Resolver::layers`](crate::Resolver::layers).
    pub index: usize,
    /// The pane's px to canvas px, or to px of the innermost group around it with a surface of its own, where it shows nothing.
    pub transform: Affine,
    /// The pane, its px: the layer's box but for ellipses, whose pane is a circle that `transform` stretches.
    pub size: Size,
    /// Its corner radii, its px: top left, top right, bottom right, bottom left.
    pub radii: [f64; 4],
    /// Standard deviation of the blur, in the px that `transform` leads to.
    pub sigma_px: f64,
    /// Surface px per layer px of the layer's source.
    pub raster_scale: f64,
    /// Whether no animation moves the layer.
    pub holds_still: bool,
    /// Whether the pane itself is drawn, white all over, instead of what lies below: where it decides where that shows.
    pub is_shape: bool,
}

impl Effect {
    /// Standard deviation of the blur of what lies below the layer, layer px; `None` where this effect is another or does nothing.
    pub fn backdrop_sigma_px(&self) -> Option<f64> {
        match self.kind {
            EffectKind::BackdropBlur { sigma_px } if self.enabled && sigma_px > 0.0 => {
                Some(sigma_px)
            }
            _ => None,
        }
    }

    fn is_backdrop(&self) -> bool {
        self.enabled && matches!(self.kind, EffectKind::BackdropBlur { .. })
    }
}

/// The pane of a layer that has one, in `space`: where the layer's box is taken.
pub(crate) fn pane(
    index: usize,
    layer: &Layer,
    lie: &Lie,
    space: Affine,
    raster_scale: f64,
    holds_still: bool,
) -> Option<BackdropItem> {
    let blurs = layer.effects.iter().filter_map(Effect::backdrop_sigma_px);
    // Blurring what is blurred adds the squares.
    let sigma_px = blurs.fold(0.0_f64, f64::hypot);
    let size = lie.extent.size;
    if !(sigma_px > 0.0 && size.width > 0.0 && size.height > 0.0) {
        return None;
    }
    let transform = space * lie.box_to_parent(layer);
    let (stretch, size, radii) = outline(layer, size);
    Some(BackdropItem {
        index,
        transform: transform * stretch,
        size,
        radii,
        sigma_px: sigma_px * transform.determinant().abs().sqrt(),
        raster_scale,
        holds_still,
        is_shape: false,
    })
}

/// The outline of a layer's box: what stretches it, its size before that, and its corner radii.
fn outline(layer: &Layer, size: Size) -> (Affine, Size, [f64; 4]) {
    let cut = layer
        .effects
        .iter()
        .rev()
        .find_map(|effect| match effect.kind {
            EffectKind::CornerRadius { radius_px } if effect.enabled => Some(radius_px),
            _ => None,
        });
    let plain = |radii| (Affine::IDENTITY, size, radii);
    match (&layer.source, cut) {
        // What is cut off has the corners.
        _ if layer.crop.is_some() => plain([0.0; 4]),
        (_, Some(radii)) => plain(radii),
        (None, _) => plain(layer.clip.unwrap_or_default()),
        (Some(Source::Image(image)), _) => plain([image.corner_radius_px; 4]),
        (Some(Source::Shape(shape)), _) => match shape.form {
            ShapeForm::Rect { radii_px } => plain(radii_px),
            ShapeForm::Ellipse => {
                let side = size.width;
                let stretch = Affine::scale_non_uniform(1.0, size.height / side);
                (stretch, Size::new(side, side), [side / 2.0; 4])
            }
            _ => plain([0.0; 4]),
        },
        _ => plain([0.0; 4]),
    }
}

/// What is wrong with the panes of a scene. Costs a look at the effects of each layer, and a walk to the root for each pane.
pub(crate) fn faults(layers: &[Shared<Layer>], index: &HashMap<&Id, usize>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut count = 0;
    for (i, layer) in layers.iter().enumerate() {
        let Some(k) = layer.effects.iter().position(Effect::is_backdrop) else {
            continue;
        };
        let mut fault = |detail: String| {
            faults.push(Fault::invalid(format!("/layers/{i}/effects/{k}"), detail));
        };
        if layer.visible {
            count += 1;
            if count == MAX_BACKDROPS + 1 {
                fault(format!(
                    "is the backdrop blur of one visible layer too many; at most {MAX_BACKDROPS} are allowed"
                ));
            }
        }
        if layer.transform.corner_pin.is_some() {
            fault("cannot stand in a layer with `corner_pin`".to_owned());
        }
        let group_of = |i: usize| {
            layers[i]
                .parent
                .as_ref()
                .and_then(|id| index.get(id).copied())
        };
        let mut around = std::iter::successors(group_of(i), |&i| group_of(i)).take(layers.len());
        let apart = around.find(|&group| {
            let changes = |effect: &Effect| effect.enabled && !effect.is_backdrop();
            let group = &layers[group];
            group.transform.corner_pin.is_some() || group.effects.iter().any(changes)
        });
        if let Some(group) = apart {
            let group = &layers[group];
            let what = if group.transform.corner_pin.is_some() {
                "moved corners"
            } else {
                "effects"
            };
            fault(format!(
                "stands in the group `{}`, whose {what} need its picture by itself; there nothing lies below",
                group.id
            ));
        }
    }
    faults
}
