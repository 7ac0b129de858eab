//! Wipes of the resolved list.

use crate::placing::Lie;
use crate::{Id, Image, Kind, Layer, Shared, Source, Wipe, WipeForm};
use kurbo::{Affine, Size};

/// How far a wipe has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VeilItem {
    /// Px of the box to canvas px, or to px of the innermost group around it with a surface of its own.
    pub transform: Affine,
    /// The box, from (0, 0), in its px.
    pub size: Size,
    /// Which place comes when.
    pub shape: WipeShape,
    /// Width of the edge as a share of the whole way, 0..=1.
    pub softness: f64,
    /// 0..1: it hides something.
    pub progress: f64,
    /// What would come last comes first.
    pub invert: bool,
}

/// As [`WipeForm`], with the picture as a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WipeShape {
    /// Along a direction.
    Linear {
        /// A unit vector in px of the box, y down.
        direction: [f64; 2],
    },
    /// From a point outwards.
    Iris {
        /// In sizes of the box.
        center: [f64; 2],
    },
    /// Around a point, clockwise.
    Clock {
        /// In sizes of the box.
        center: [f64; 2],
        /// Where the turn begins: a unit vector in px of the box, y down.
        direction: [f64; 2],
    },
    /// By the luma of a picture, dark first.
    Luma {
        /// Index into [`Resolver::layers`](super::Resolver::layers), of a layer that shows nothing else.
        picture: usize,
    },
}

/// A layer with the picture of a wipe of `layer`, at its natural size.
pub(super) fn picture_of(layer: &Layer) -> Option<Shared<Layer>> {
    let asset = layer.wipe.as_ref()?.asset()?.clone();
    let source = Source::Image(Image {
        asset,
        ..Image::default()
    });
    let id = Id::reserved(&format!("wipe/{}", layer.id));
    Some(Layer::bare(id, Kind::Overlay, Some(source)).into())
}

impl VeilItem {
    /// Over a layer's box that `lie` places in a space whose px `space` leads from; `None` where nothing is hidden.
    pub(super) fn of(
        wipe: Option<&Wipe>,
        picture: Option<usize>,
        layer: &Layer,
        lie: &Lie,
        space: Affine,
    ) -> Option<Self> {
        let wipe = wipe.filter(|wipe| wipe.hides())?;
        Self::over(
            wipe,
            picture,
            space * lie.box_to_parent(layer),
            lie.extent.size,
        )
    }

    /// Over a box of `size`.
    pub(super) fn over(
        wipe: &Wipe,
        picture: Option<usize>,
        transform: Affine,
        size: Size,
    ) -> Option<Self> {
        let shape = match wipe.form {
            WipeForm::Linear { angle_deg } => WipeShape::Linear {
                direction: towards(angle_deg),
            },
            WipeForm::Iris { center } => WipeShape::Iris { center },
            WipeForm::Clock { center, angle_deg } => WipeShape::Clock {
                center,
                direction: towards(angle_deg),
            },
            WipeForm::Luma { .. } => WipeShape::Luma { picture: picture? },
        };
        Some(Self {
            transform,
            size,
            shape,
            softness: wipe.softness,
            progress: wipe.progress,
            invert: wipe.invert,
        })
    }
}

/// Built from `libm`'s sine and cosine, so that every machine gets the same bits.
fn towards(angle_deg: f64) -> [f64; 2] {
    let (sin, cos) = libm::sincos(angle_deg.to_radians());
    [cos, sin]
}
