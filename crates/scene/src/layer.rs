//! One placed thing in the scene.

use crate::{Constraints, CornerPin, Crop, Effect, Mask, SafeArea, Source, Wipe};
use animation::{TransformFunction, transform_of};
use kurbo::{Affine, Point, Vec2};
use media::BlendMode;
use std::sync::Arc;

/// The id of a layer, effect or animation: `[A-Za-z0-9_-]{1,64}`. Cloning shares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Arc<str>);

impl Id {
    /// What an id may look like, for error messages.
    pub const RULE: &'static str = "1 to 64 of A-Z a-z 0-9 _ -";

    /// `None` when `text` breaks [`Id::RULE`].
    pub fn new(text: &str) -> Option<Self> {
        let ok = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        ok.then(|| Self(text.into()))
    }

    /// An id for what is no part of a document: it breaks [`Id::RULE`], so nothing in one can have it.
    pub fn reserved(name: &str) -> Self {
        Self(format!("~{name}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A role with defaults, not a different machine: any source may stand on any kind but a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The person or figure who leads the show.
    Host,
    /// The second figure.
    Assistant,
    /// The thing the show is about: art, video, a product.
    VisualFeed,
    /// Everything laid over it: panels, words, badges.
    Overlay,
    /// Children composed first, then blended as one.
    Group,
}

impl Kind {
    /// The anchor a new layer of this kind gets: figures and feeds are placed by their centre, the rest by its top left.
    pub const fn default_anchor(self) -> (f64, f64) {
        match self {
            Self::Host | Self::Assistant | Self::VisualFeed => (0.5, 0.5),
            Self::Overlay | Self::Group => (0.0, 0.0),
        }
    }
}

/// One placed thing: a source (or, for a group, children) with transform, opacity and effects.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Unique in the scene.
    pub id: Id,
    /// For people.
    pub name: Option<Arc<str>>,
    /// Role.
    pub kind: Kind,
    /// The group this layer stands in; its position is then in the group's px, origin at the group's top left.
    pub parent: Option<Id>,
    /// The layer whose px its position is in, instead of the group's; order, blending and clips stay the group's.
    pub follow: Option<Id>,
    /// Order among siblings, drawn low to high; ties by position in the document, older below.
    pub z_index: i32,
    /// Whether it, and for a group its children, are drawn.
    pub visible: bool,
    /// 0..=1; multiplies.
    pub opacity: f64,
    /// How it combines with what is below.
    pub blend_mode: BlendMode,
    /// Placement.
    pub transform: Transform,
    /// What it keeps where the canvas, or the box of the group around it, is not as large as it was drawn.
    pub constraints: Option<Constraints>,
    /// Where it means to stay.
    pub safe_area: Option<SafeArea>,
    /// For groups: cut children to the group's box, with these corner radii (top left, top right, bottom right, bottom left).
    pub clip: Option<[f64; 4]>,
    /// What is cut off its source.
    pub crop: Option<Crop>,
    /// Where another layer lets it show; everywhere when absent.
    pub mask: Option<Mask>,
    /// How far it has been wiped on; all of it shows when absent.
    pub wipe: Option<Wipe>,
    /// What gives the layer its pixels; `None` only for groups.
    pub source: Option<Source>,
    /// Applied in order.
    pub effects: Vec<Effect>,
    /// A lease: who put the layer there means to renew it within so many milliseconds, above 0 and up to
    /// [`Layer::MAX_TTL_MS`]. It changes nothing on screen by itself; who accepts changes takes the layer out when it ends.
    pub ttl_ms: Option<f64>,
    /// For whoever asks for layers: words they have in common. At most [`Layer::MAX_TAGS`], each once.
    pub tags: Vec<Id>,
    /// What others keep with the layer, up to [`Layer::MAX_METADATA_BYTES`]: the text of a JSON object, which is only handed on.
    pub metadata: Option<Arc<str>>,
}

impl Layer {
    /// All assets that it is made from, the picture of its source first.
    pub fn assets(&self) -> impl Iterator<Item = &Arc<str>> {
        let source = self.source.iter().flat_map(Source::assets);
        source.chain(self.wipe.as_ref().and_then(Wipe::asset))
    }

    /// Whether its effects change what shows in its box, and not its source: a ticker's words run through the box, and so would
    /// corners that are cut or shaded.
    pub fn effects_in_box(&self) -> bool {
        let looks_at_box = |one: &Effect| one.acts() && one.kind.looks_at_box();
        matches!(self.source, Some(Source::Ticker(_))) && self.effects.iter().any(looks_at_box)
    }

    /// The effects that its source is painted with.
    pub fn source_effects(&self) -> &[Effect] {
        if self.effects_in_box() {
            &[]
        } else {
            &self.effects
        }
    }

    /// The longest lease, a day; longer is no lease.
    pub const MAX_TTL_MS: f64 = 86_400_000.0;
    /// The most tags.
    pub const MAX_TAGS: usize = 32;
    /// The longest metadata, in bytes of its shortest text.
    pub const MAX_METADATA_BYTES: usize = 4096;

    /// A visible layer that is nothing but its source, at the origin: its anchor is the top left, whatever its kind.
    pub fn bare(id: Id, kind: Kind, source: Option<Source>) -> Self {
        Self {
            id,
            name: None,
            kind,
            parent: None,
            follow: None,
            z_index: 0,
            visible: true,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            transform: Transform::default(),
            constraints: None,
            safe_area: None,
            clip: None,
            crop: None,
            mask: None,
            wipe: None,
            source,
            effects: Vec::new(),
            ttl_ms: None,
            tags: Vec::new(),
            metadata: None,
        }
    }
}

/// Placement of a layer: flips and moved corners, then scale, then rotation about the anchor, then position.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    /// Where the anchor stands, px of the parent.
    pub x_px: f64,
    /// Where the anchor stands, px of the parent.
    pub y_px: f64,
    /// 0..=1 of the layer's own width.
    pub anchor_x: f64,
    /// 0..=1 of the layer's own height.
    pub anchor_y: f64,
    /// Width of the layer's box; `None` is the source's natural width.
    pub width_px: Option<f64>,
    /// Height of the layer's box; `None` is the source's natural height.
    pub height_px: Option<f64>,
    /// Factor, 1 is natural size; negative mirrors.
    pub scale_x: f64,
    /// Factor, 1 is natural size; negative mirrors.
    pub scale_y: f64,
    /// Clockwise, degrees.
    pub rotation_deg: f64,
    /// Mirrors left and right about the middle of the box, wherever the anchor is.
    pub flip_x: bool,
    /// Mirrors top and bottom about the middle of the box.
    pub flip_y: bool,
    /// Moves the corners of the box apart from each other.
    pub corner_pin: Option<CornerPin>,
    /// Applied before scale, rotation and position, in layer px about the anchor; the last is applied first (CSS).
    pub functions: Arc<[TransformFunction]>,
}

impl Default for Transform {
    fn default() -> Self {
        Self {
            x_px: 0.0,
            y_px: 0.0,
            anchor_x: 0.0,
            anchor_y: 0.0,
            width_px: None,
            height_px: None,
            scale_x: 1.0,
            scale_y: 1.0,
            rotation_deg: 0.0,
            flip_x: false,
            flip_y: false,
            corner_pin: None,
            functions: Arc::new([]),
        }
    }
}

impl Transform {
    /// Layer px to the parent's px but for flips and moved corners, where `anchor` is the anchor in layer px.
    ///
    /// Built from `libm`'s sine and cosine, so that every machine gets the same bits; whole quarter turns are exact.
    pub fn affine(&self, anchor: Point) -> Affine {
        let quarter_turns = self.rotation_deg / 90.0;
        let (sin, cos) = if quarter_turns.fract().abs() > 0.0 {
            libm::sincos(self.rotation_deg.to_radians())
        } else {
            match quarter_turns.rem_euclid(4.0) {
                q if q < 0.5 => (0.0, 1.0),
                q if q < 1.5 => (1.0, 0.0),
                q if q < 2.5 => (0.0, -1.0),
                _ => (-1.0, 0.0),
            }
        };
        let [a, b, c, d] = [
            self.scale_x * cos,
            self.scale_x * sin,
            -self.scale_y * sin,
            self.scale_y * cos,
        ];
        if !self.functions.is_empty() {
            let own = Affine::new([a, b, c, d, self.x_px, self.y_px]);
            return own * transform_of(&self.functions) * Affine::translate(-anchor.to_vec2());
        }
        let at = Vec2::new(
            self.x_px - (a * anchor.x + c * anchor.y),
            self.y_px - (b * anchor.x + d * anchor.y),
        );
        Affine::new([a, b, c, d, at.x, at.y])
    }
}
