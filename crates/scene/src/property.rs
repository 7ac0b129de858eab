//! Properties: the fields of a layer that can move, addressed by their path in the document.
//!
//! One table, [`Property::slot`], says where each property lives; reading, writing, type and range all come from it.

use crate::effect::FieldSlot;
use crate::property_table::TABLE;
use crate::ranges::{
    ANCHOR, ANGLE, AXIS, CENTER, CROP, CROP_AT, CROP_SIDE, FEATURE, FONT_SIZE, LENGTH,
    LETTER_SPACING, NUMBER, POSITION, RADIUS, SCALE, SPRITE_FRAME, UNIT, WORD_SPACING, Z_INDEX,
};
use crate::run_property::RUN_PROPERTIES;
use crate::slot::Slot;
use crate::source_property::{SOURCE_PROPERTIES, fill, style};
use crate::{
    Cutout, EFFECTS, Effect, GradientProperty, Id, Image, Kind, Layer, PaintOf, RunProperty,
    Source, SourceProperty, StrokeProperty, Tag, Takes, TextContent, WipeForm,
};
use std::str::FromStr;
use std::sync::Arc;

/// A field that can move.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// `opacity`
    Opacity,
    /// `visible`
    Visible,
    /// `z_index`
    ZIndex,
    /// `blend_mode`
    BlendMode,
    /// `clip`: whether a group clips.
    Clip,
    /// `clip.radius_px`: of a group that clips.
    ClipRadius,
    /// `mask.layer`: of a layer with a mask.
    MaskLayer,
    /// `mask.mode`: of a layer with a mask.
    MaskMode,
    /// `mask.invert`
    MaskInvert,
    /// `transform.x_px`
    X,
    /// `transform.y_px`
    Y,
    /// `transform.anchor_x`
    AnchorX,
    /// `transform.anchor_y`
    AnchorY,
    /// `transform.width_px`
    Width,
    /// `transform.height_px`
    Height,
    /// `transform.scale_x`
    ScaleX,
    /// `transform.scale_y`
    ScaleY,
    /// `transform.rotation_deg`
    Rotation,
    /// `transform.flip_x`
    FlipX,
    /// `transform.flip_y`
    FlipY,
    /// `transform.position`: `x_px` and `y_px`.
    Position,
    /// `transform.anchor`: `anchor_x` and `anchor_y`.
    Anchor,
    /// `transform.size`: `width_px` and `height_px`, where both are given.
    Size,
    /// `transform.scale`: `scale_x` and `scale_y`.
    Scale,
    /// `transform.functions`
    Functions,
    /// `transform.corner_pin.{corner}.x_px`: of a layer with moved corners, 0 to 3 from the top left clockwise.
    PinX(Corner),
    /// `transform.corner_pin.{corner}.y_px`
    PinY(Corner),
    /// `crop.left_px`: of a layer with a crop.
    CropLeft,
    /// `crop.top_px`
    CropTop,
    /// `crop.right_px`
    CropRight,
    /// `crop.bottom_px`
    CropBottom,
    /// `source.color`: of a colour, text, ticker, countdown, clock or QR code.
    SourceColor,
    /// `source.fill`: of a shape, text, ticker, countdown or clock that is filled.
    SourceFill,
    /// `source.text`: of a ticker, or of a text that is neither in runs nor a number.
    SourceText,
    /// `source.value`: of a text that shows a number.
    SourceValue,
    /// `source.reveal`: of a text.
    SourceReveal,
    /// `source.size_px`: of a text, ticker, countdown or clock.
    SourceSize,
    /// `source.letter_spacing_px`: of a text, ticker, countdown or clock.
    SourceLetterSpacing,
    /// `source.word_spacing_px`: of a text, ticker or countdown.
    SourceWordSpacing,
    /// `source.corner_radius_px`: of an image.
    SourceCornerRadius,
    /// `source.stroke.{field}`: of the stroke of a shape, or of words.
    Stroke(StrokeProperty),
    /// `source.gradient.{field}`, `source.fill.{field}` or `source.stroke.paint.{field}`: of a gradient there.
    Gradient(PaintOf, GradientProperty),
    /// `source.crop_px.x`: of an image with a crop.
    SourceCropX,
    /// `source.crop_px.y`: of an image with a crop.
    SourceCropY,
    /// `source.crop_px.width`: of an image with a crop.
    SourceCropWidth,
    /// `source.crop_px.height`: of an image with a crop.
    SourceCropHeight,
    /// `source.frame`: of a sprite that has one.
    SourceFrame,
    /// Another field of a source.
    Source(SourceProperty),
    /// `source.gradient.stops.{n}.color`, or that of a fill or a stroke: the colour of one stop.
    Stop(PaintOf, u8),
    /// `source.gradient.stops.{n}.offset`, or that of a fill or a stroke: where one stop stands. One that comes before an earlier
    /// one is drawn where that stands ([`Gradient::stops_in_order`](crate::Gradient::stops_in_order)).
    StopOffset(PaintOf, u8),
    /// `source.runs.{n}.{field}`: of one run of a text, from 0.
    Run(u8, RunProperty),
    /// `source.axes.{tag}`: where words stand on an axis of a variable font that they name.
    Axis(Tag),
    /// `source.features.{tag}`: an OpenType feature that words name.
    Feature(Tag),
    /// `source.params.{name}`: what is put into an SVG.
    Param(Id),
    /// `wipe.form`: of a layer with a wipe that is made from no picture.
    WipeForm,
    /// `wipe.progress`: of a layer with a wipe.
    WipeProgress,
    /// `wipe.softness`
    WipeSoftness,
    /// `wipe.angle_deg`: of a linear wipe or one around a point.
    WipeAngle,
    /// `wipe.x`: of a wipe from a point or around one.
    WipeX,
    /// `wipe.y`
    WipeY,
    /// `wipe.invert`
    WipeInvert,
    /// `effects.{id}.{field}`
    Effect(Id, EffectProperty),
    /// `background`: of the canvas.
    Background,
}

/// A corner of a layer's box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Corner {
    /// 0
    TopLeft,
    /// 1
    TopRight,
    /// 2
    BottomRight,
    /// 3
    BottomLeft,
}

/// A field of an effect that can move: `sigma_px`, `enabled`, or one number of a matrix, `matrix.4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EffectProperty {
    field: &'static str,
    /// Which number of a matrix.
    part: Option<u8>,
}

/// The field that every effect has.
const ENABLED: EffectProperty = EffectProperty {
    field: "enabled",
    part: None,
};

impl FromStr for Property {
    type Err = ();

    /// From a path such as `transform.x_px` or `effects.shadow.sigma_px`; the error means "no such path".
    fn from_str(path: &str) -> Result<Self, ()> {
        if let Some((_, known, _)) = TABLE.iter().find(|(name, ..)| *name == path) {
            return Ok(known.clone());
        }
        let of_source = SOURCE_PROPERTIES.iter().find(|(name, ..)| *name == path);
        if let Some((_, known, _)) = of_source {
            return Ok(Self::Source(*known));
        }
        Self::with_name(path)
            .filter(|known| known.to_string() == path)
            .ok_or(())
    }
}

impl std::fmt::Display for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Effect(id, field) => write!(f, "effects.{id}.{field}"),
            Self::Stop(of, stop) => write!(f, "{}.stops.{stop}.color", of.path()),
            Self::StopOffset(of, stop) => write!(f, "{}.stops.{stop}.offset", of.path()),
            Self::Run(run, field) => write!(f, "source.runs.{run}.{}", field.name()),
            Self::Axis(tag) => write!(f, "source.axes.{}", tag.as_str()),
            Self::Feature(tag) => write!(f, "source.features.{}", tag.as_str()),
            Self::Param(name) => write!(f, "source.params.{name}"),
            known => f.write_str(known.spec().map_or("", |(path, _)| path)),
        }
    }
}

/// The numbers a property may take, ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Range {
    /// From `min` to `max`, both included.
    pub const fn new(min: f64, max: f64) -> Self {
        Self { min, max }
    }

    /// Whether `v` lies inside; never for NaN.
    pub fn contains(self, v: f64) -> bool {
        v >= self.min && v <= self.max
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", self.min, self.max)
    }
}

impl EffectProperty {
    /// The one of that name in the document.
    pub fn named(name: &str) -> Option<Self> {
        if name == ENABLED.field {
            return Some(ENABLED);
        }
        let (field, part) = match name.split_once('.') {
            Some((field, part)) => (field, Some(part.parse().ok()?)),
            None => (name, None),
        };
        let known = EFFECTS.iter().flat_map(|spec| spec.fields);
        let known = known.filter(|known| known.name == field);
        let fits = |takes| match takes {
            Takes::Matrix(_) => part.is_some_and(|part| part < 20),
            Takes::Number(..) | Takes::Color(_) | Takes::Radii(_) => part.is_none(),
        };
        let found = known
            .into_iter()
            .find(|known| fits(known.takes))
            .map(|known| Self {
                field: known.name,
                part,
            })?;
        // One name for each: `matrix.04` is none.
        (found.to_string() == name).then_some(found)
    }

    /// The names of all but numbers of matrices, each once.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let mut names = vec![ENABLED.field];
        for field in EFFECTS.iter().flat_map(|spec| spec.fields) {
            if !matches!(field.takes, Takes::Matrix(_)) && !names.contains(&field.name) {
                names.push(field.name);
            }
        }
        names.into_iter()
    }

    /// Whether it is a color.
    pub fn is_color(self) -> bool {
        let mut fields = EFFECTS.iter().flat_map(|spec| spec.fields);
        fields.any(|field| field.name == self.field && matches!(field.takes, Takes::Color(_)))
    }

    /// Whether it is true or false.
    pub fn is_switch(self) -> bool {
        self == ENABLED
    }

    fn slot(self, effect: &mut Effect) -> Option<Slot<'_>> {
        if self == ENABLED {
            return Some(Slot::Bool(&mut effect.enabled));
        }
        let fields = effect.kind.spec().fields;
        let takes = fields.iter().find(|field| field.name == self.field)?.takes;
        Some(match (effect.kind.slot(self.field)?, takes) {
            (FieldSlot::Number(v), Takes::Number(range, _)) => Slot::Number(v, range),
            (FieldSlot::Color(v), _) => Slot::Color(v),
            (FieldSlot::Radii(v), Takes::Radii(range)) => Slot::Radii(v, range),
            (FieldSlot::Matrix(v), Takes::Matrix(range)) => {
                Slot::Number(v.get_mut(usize::from(self.part?))?, range)
            }
            _ => return None,
        })
    }
}

impl std::fmt::Display for EffectProperty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.field)?;
        match self.part {
            Some(part) => write!(f, ".{part}"),
            None => Ok(()),
        }
    }
}

impl Property {
    /// Every one whose path has no name in it that is given by the document, with its path and meaning.
    pub fn all() -> impl Iterator<Item = (&'static str, Self, &'static str)> {
        let plain = TABLE
            .iter()
            .map(|(path, known, says)| (*path, known.clone(), *says));
        let of_source = SOURCE_PROPERTIES.iter();
        plain.chain(of_source.map(|(path, known, says)| (*path, Self::Source(*known), *says)))
    }

    /// Every one of the effect `id`; those that its kind lacks among them.
    pub fn of_effect(id: Id) -> impl Iterator<Item = Self> {
        let parts = (0..20).map(|part| format!("matrix.{part}"));
        let names = EffectProperty::names().map(str::to_owned).chain(parts);
        names.filter_map(move |name| Some(Self::Effect(id.clone(), EffectProperty::named(&name)?)))
    }

    /// Its path and meaning, where the path has no name in it that is given by the document.
    pub(crate) fn spec(&self) -> Option<(&'static str, &'static str)> {
        if let Self::Source(field) = self {
            let found = SOURCE_PROPERTIES
                .iter()
                .find(|(_, known, _)| known == field);
            return found.map(|(path, _, says)| (*path, *says));
        }
        let found = TABLE.iter().find(|(_, known, _)| known == self);
        found.map(|(path, _, says)| (*path, *says))
    }

    /// The paths that begin as `path` does, in one line, for messages; those of one word where none does.
    pub fn known_beside(path: &str) -> String {
        let plain = Self::all().map(|(path, ..)| path.to_owned());
        let stops = PaintOf::ALL.into_iter().flat_map(|of| {
            ["color", "offset"].map(|field| format!("{}.stops.N.{field}", of.path()))
        });
        let named = [
            "source.axes.TAG",
            "source.features.TAG",
            "source.params.NAME",
        ];
        let runs = RUN_PROPERTIES.iter();
        let runs = runs.map(|(name, ..)| format!("source.runs.N.{name}"));
        let names = EffectProperty::names().chain(["matrix.N"]);
        let effects = names.map(|name| format!("effects.ID.{name}"));
        let named = named.map(str::to_owned);
        let all: Vec<String> = {
            let all = plain.chain(stops).chain(runs).chain(named);
            all.chain(effects).collect()
        };
        let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        let mut beside: Vec<String> = Vec::new();
        for known in &all {
            if known.contains('.') && first(known) == first(path) {
                beside.push(known.clone());
            }
        }
        if beside.is_empty() {
            for known in &all {
                let word = match known.split_once('.') {
                    Some((word, _)) => format!("{word}. .."),
                    None => known.clone(),
                };
                if !beside.contains(&word) {
                    beside.push(word);
                }
            }
        }
        beside.join(", ")
    }

    /// The pair that it is a part of, and whether it is the second.
    pub(crate) const fn pair(&self) -> Option<(Self, bool)> {
        Some(match self {
            Self::X => (Self::Position, false),
            Self::Y => (Self::Position, true),
            Self::AnchorX => (Self::Anchor, false),
            Self::AnchorY => (Self::Anchor, true),
            Self::Width => (Self::Size, false),
            Self::Height => (Self::Size, true),
            Self::ScaleX => (Self::Scale, false),
            Self::ScaleY => (Self::Scale, true),
            _ => return None,
        })
    }

    /// Whether it is text that stands before, behind or within a number.
    pub const fn affixes(&self) -> bool {
        matches!(
            self,
            Self::Source(
                SourceProperty::FormatGrouping
                    | SourceProperty::FormatDecimal
                    | SourceProperty::FormatPrefix
                    | SourceProperty::FormatSuffix
            )
        )
    }

    /// Whether it is another way to address two fields at once.
    pub(crate) const fn holds_fields(&self) -> bool {
        matches!(
            self,
            Self::Position | Self::Anchor | Self::Size | Self::Scale
        )
    }

    /// Whether it is of two numbers.
    pub const fn is_pair(&self) -> bool {
        matches!(
            self,
            Self::Position
                | Self::Anchor
                | Self::Size
                | Self::Scale
                | Self::Gradient(_, GradientProperty::Center)
                | Self::Source(
                    SourceProperty::LineFrom
                        | SourceProperty::LineTo
                        | SourceProperty::BackgroundPadding
                )
        )
    }

    /// The pair that it is a part of, or itself.
    pub(crate) fn canonical(&self) -> Self {
        self.pair().map_or_else(|| self.clone(), |(pair, _)| pair)
    }

    /// Whether it is one number of that pair.
    pub(crate) fn is_part_of(&self, pair: &Self) -> bool {
        self.pair().is_some_and(|(of, _)| of == *pair)
    }

    /// The two that it holds, of a pair that is another way to address them.
    pub(crate) const fn parts(&self) -> Option<[Self; 2]> {
        Some(match self {
            Self::Position => [Self::X, Self::Y],
            Self::Anchor => [Self::AnchorX, Self::AnchorY],
            Self::Size => [Self::Width, Self::Height],
            Self::Scale => [Self::ScaleX, Self::ScaleY],
            _ => return None,
        })
    }

    /// Whether the two move some field both: they are the same, or one is a part of the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self == other || self.is_part_of(other) || other.is_part_of(self)
    }

    /// What it is a part of, as a property of its own, above which it moves: the gradient, the clip, the form of the wipe.
    pub(crate) const fn whole(&self) -> Option<Self> {
        let of = match self {
            Self::ClipRadius => return Some(Self::Clip),
            Self::WipeAngle | Self::WipeX | Self::WipeY => return Some(Self::WipeForm),
            Self::Gradient(of, _) | Self::Stop(of, _) | Self::StopOffset(of, _) => *of,
            Self::Source(SourceProperty::GradientSpread) => PaintOf::Source,
            Self::Source(SourceProperty::FillSpread) => PaintOf::Fill,
            Self::Source(SourceProperty::StrokeSpread) => PaintOf::Stroke,
            _ => return None,
        };
        Some(match of {
            PaintOf::Source => Self::Source(SourceProperty::Gradient),
            PaintOf::Fill => Self::SourceFill,
            PaintOf::Stroke => Self::Stroke(StrokeProperty::Paint),
        })
    }

    /// Whether switching it takes something away: radii of what does not clip, fields that a form of a wipe has not.
    pub(crate) const fn takes_away(&self) -> bool {
        matches!(self, Self::Clip | Self::WipeForm)
    }

    /// Puts back what switching it has taken away.
    pub(crate) fn restore(&self, layer: &mut Layer, base: &Layer) {
        match self {
            Self::Clip => layer.clip = base.clip,
            Self::WipeForm => {
                if let (Some(wipe), Some(base)) = (&mut layer.wipe, &base.wipe) {
                    wipe.form.clone_from(&base.form);
                }
            }
            _ => {}
        }
    }

    /// Whether it may be a gradient, which is told by its parts.
    pub(crate) const fn is_in_parts(&self) -> bool {
        matches!(
            self,
            Self::SourceFill
                | Self::Stroke(StrokeProperty::Paint)
                | Self::Source(SourceProperty::Gradient)
        )
    }

    /// Whether moving this property moves, turns or resizes its layer.
    pub(crate) const fn places(&self) -> bool {
        matches!(
            self,
            Self::X
                | Self::Y
                | Self::AnchorX
                | Self::AnchorY
                | Self::Width
                | Self::Height
                | Self::ScaleX
                | Self::ScaleY
                | Self::Rotation
                | Self::FlipX
                | Self::FlipY
                | Self::Position
                | Self::Anchor
                | Self::Size
                | Self::Scale
                | Self::Functions
                | Self::PinX(_)
                | Self::PinY(_)
                | Self::CropLeft
                | Self::CropTop
                | Self::CropRight
                | Self::CropBottom
        )
    }

    /// Whether moving this property changes the size of words.
    pub(crate) const fn sizes_words(&self) -> bool {
        matches!(self, Self::SourceSize | Self::Run(_, RunProperty::Size))
    }

    /// Where this property lives in `layer`; `None` when the layer has no such field.
    pub(crate) fn slot<'a>(&self, layer: &'a mut Layer) -> Option<Slot<'a>> {
        let t = &mut layer.transform;
        Some(match self {
            Self::Opacity => Slot::Number(&mut layer.opacity, UNIT),
            Self::Visible => Slot::Bool(&mut layer.visible),
            Self::ZIndex => Slot::Integer(&mut layer.z_index, Z_INDEX),
            Self::BlendMode => Slot::Word(&mut layer.blend_mode),
            Self::Clip if layer.kind == Kind::Group => Slot::Clip(&mut layer.clip),
            Self::Clip => return None,
            Self::MaskLayer => Slot::Layer(&mut layer.mask.as_mut()?.layer),
            Self::ClipRadius => Slot::Radii(layer.clip.as_mut()?, RADIUS),
            Self::MaskMode => Slot::Word(&mut layer.mask.as_mut()?.mode),
            Self::MaskInvert => Slot::Bool(&mut layer.mask.as_mut()?.invert),
            Self::Position => Slot::Both(&mut t.x_px, &mut t.y_px, POSITION),
            Self::Anchor => Slot::Both(&mut t.anchor_x, &mut t.anchor_y, ANCHOR),
            Self::Size => Slot::BothLengths(&mut t.width_px, &mut t.height_px, LENGTH),
            Self::Scale => Slot::Both(&mut t.scale_x, &mut t.scale_y, SCALE),
            Self::Functions => Slot::Functions(&mut t.functions),
            Self::X => Slot::Number(&mut t.x_px, POSITION),
            Self::Y => Slot::Number(&mut t.y_px, POSITION),
            Self::AnchorX => Slot::Number(&mut t.anchor_x, ANCHOR),
            Self::AnchorY => Slot::Number(&mut t.anchor_y, ANCHOR),
            Self::Width => Slot::Length(&mut t.width_px, LENGTH),
            Self::Height => Slot::Length(&mut t.height_px, LENGTH),
            Self::ScaleX => Slot::Number(&mut t.scale_x, SCALE),
            Self::ScaleY => Slot::Number(&mut t.scale_y, SCALE),
            Self::Rotation => Slot::Number(&mut t.rotation_deg, ANGLE),
            Self::FlipX => Slot::Bool(&mut t.flip_x),
            Self::FlipY => Slot::Bool(&mut t.flip_y),
            Self::PinX(corner) => {
                Slot::Number(&mut t.corner_pin.as_mut()?[*corner as usize][0], POSITION)
            }
            Self::PinY(corner) => {
                Slot::Number(&mut t.corner_pin.as_mut()?[*corner as usize][1], POSITION)
            }
            Self::CropLeft => Slot::Number(&mut layer.crop.as_mut()?.left_px, CROP),
            Self::CropTop => Slot::Number(&mut layer.crop.as_mut()?.top_px, CROP),
            Self::CropRight => Slot::Number(&mut layer.crop.as_mut()?.right_px, CROP),
            Self::CropBottom => Slot::Number(&mut layer.crop.as_mut()?.bottom_px, CROP),
            Self::SourceColor => match layer.source.as_mut()? {
                Source::Color(color) => Slot::Color(color),
                Source::Qr(qr) => Slot::Color(&mut qr.color),
                source => Slot::Color(&mut style(source)?.color),
            },
            Self::SourceFill => Slot::Paint(fill(layer.source.as_mut()?)?),
            Self::SourceText => match layer.source.as_mut()? {
                Source::Text(crate::Text {
                    text: TextContent::Plain(words),
                    ..
                }) => Slot::Text(words, None),
                Source::Ticker(s) => Slot::Text(&mut s.text, None),
                _ => return None,
            },
            Self::SourceValue => match layer.source.as_mut()? {
                Source::Text(crate::Text {
                    text: TextContent::Number(number),
                    ..
                }) => Slot::Number(&mut number.value, NUMBER),
                _ => return None,
            },
            Self::SourceReveal => match layer.source.as_mut()? {
                Source::Text(s) => Slot::Number(&mut s.reveal.part, UNIT),
                _ => return None,
            },
            Self::SourceSize => {
                Slot::Number(&mut style(layer.source.as_mut()?)?.size_px, FONT_SIZE)
            }
            Self::SourceLetterSpacing => Slot::Number(
                &mut style(layer.source.as_mut()?)?.letter_spacing_px,
                LETTER_SPACING,
            ),
            Self::SourceWordSpacing => Slot::Number(
                &mut style(layer.source.as_mut()?)?.word_spacing_px,
                WORD_SPACING,
            ),
            Self::SourceCornerRadius => match layer.source.as_mut()? {
                Source::Image(s) => Slot::Number(&mut s.corner_radius_px, RADIUS),
                _ => return None,
            },
            Self::Stroke(field) => field.slot(layer.source.as_mut()?)?,
            Self::Gradient(of, field) => field.slot(of.gradient(layer.source.as_mut()?)?)?,
            Self::SourceCropX => Slot::Number(&mut crop(layer.source.as_mut()?)?.x, CROP_AT),
            Self::SourceCropY => Slot::Number(&mut crop(layer.source.as_mut()?)?.y, CROP_AT),
            Self::SourceCropWidth => {
                Slot::Number(&mut crop(layer.source.as_mut()?)?.width, CROP_SIDE)
            }
            Self::SourceCropHeight => {
                Slot::Number(&mut crop(layer.source.as_mut()?)?.height, CROP_SIDE)
            }
            Self::SourceFrame => match layer.source.as_mut()? {
                Source::Sprite(s) => Slot::Length(&mut s.frame, SPRITE_FRAME),
                _ => return None,
            },
            Self::WipeForm => match &mut layer.wipe.as_mut()?.form {
                // Its picture is prepared with the scene.
                WipeForm::Luma { .. } => return None,
                form => Slot::Word(form),
            },
            Self::WipeProgress => Slot::Number(&mut layer.wipe.as_mut()?.progress, UNIT),
            Self::WipeSoftness => Slot::Number(&mut layer.wipe.as_mut()?.softness, UNIT),
            Self::WipeAngle => Slot::Number(layer.wipe.as_mut()?.form.angle_mut()?, ANGLE),
            Self::WipeX => Slot::Number(&mut layer.wipe.as_mut()?.form.center_mut()?[0], CENTER),
            Self::WipeY => Slot::Number(&mut layer.wipe.as_mut()?.form.center_mut()?[1], CENTER),
            Self::WipeInvert => Slot::Bool(&mut layer.wipe.as_mut()?.invert),
            Self::Source(field) => field.slot(layer.source.as_mut()?)?,
            Self::Stop(of, stop) => {
                let gradient = of.gradient(layer.source.as_mut()?)?;
                Slot::Color(&mut gradient.stops.get_mut(usize::from(*stop))?.1)
            }
            Self::StopOffset(of, stop) => {
                let gradient = of.gradient(layer.source.as_mut()?)?;
                Slot::Number(&mut gradient.stops.get_mut(usize::from(*stop))?.0, UNIT)
            }
            Self::Run(run, field) => field.slot(layer.source.as_mut()?, *run)?,
            Self::Axis(tag) => {
                let axes = Arc::make_mut(&mut style(layer.source.as_mut()?)?.axes);
                let found = axes.iter_mut().find(|(known, _)| known == tag)?;
                Slot::Number(&mut found.1, AXIS)
            }
            Self::Feature(tag) => {
                let features = Arc::make_mut(&mut style(layer.source.as_mut()?)?.features);
                let found = features.iter_mut().find(|(known, _)| known == tag)?;
                Slot::Integer(&mut found.1, FEATURE)
            }
            Self::Param(name) => match layer.source.as_mut()? {
                Source::Svg(svg) => {
                    let mut params = svg.params.iter_mut();
                    let found = params.find(|(known, _)| **known == *name.as_str())?;
                    Slot::Text(&mut found.1, None)
                }
                _ => return None,
            },
            Self::Effect(id, field) => {
                field.slot(layer.effects.iter_mut().find(|e| e.id == *id)?)?
            }
            Self::Background => return None,
        })
    }
}

fn crop(source: &mut Source) -> Option<&mut Cutout> {
    match source {
        Source::Image(Image { crop_px, .. }) => crop_px.as_mut(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_reads_back_as_written() {
        for (name, property, says) in Property::all() {
            assert!(says.ends_with('.'), "{name}");
            assert_eq!(name.parse(), Ok(property.clone()));
            assert_eq!(property.to_string(), name);
        }
        let parts = (0..20).map(|part| format!("matrix.{part}"));
        for name in EffectProperty::names().map(str::to_owned).chain(parts) {
            let path = format!("effects.shadow.{name}");
            assert_eq!(
                path.parse::<Property>().map(|p| p.to_string()),
                Ok(path.clone())
            );
        }
        for path in [
            "source.fill.stops.31.color",
            "source.stroke.paint.stops.0.color",
            "source.gradient.stops.31.offset",
            "source.axes.wdth",
            "source.features.ss01",
            "source.params.team-name",
            "source.runs.0.color",
            "source.runs.199.letter_spacing_px",
        ] {
            assert_eq!(
                path.parse::<Property>().map(|p| p.to_string()).as_deref(),
                Ok(path)
            );
        }
        let none = [
            "effects.shadow",
            "effects.shadow.matrix",
            "effects.shadow.matrix.20",
            "effects.shadow.matrix.04",
            "effects.shadow.color.1",
            "transform.z_px",
            "source.fill.stops.32.color",
            "source.fill.stops.01.color",
            "source.fill.stops.32.offset",
            "source.fill.stops.1.place",
            "source.axes.wdt",
            "source.params.a b",
            "source.runs.200.color",
            "source.runs.01.color",
            "source.runs.1.fill",
            "source.runs.1",
        ];
        for path in none {
            assert!(path.parse::<Property>().is_err(), "{path}");
        }
    }

    #[test]
    fn a_name_stands_for_one_type_of_value_in_all_effects() {
        for field in EFFECTS.iter().flat_map(|spec| spec.fields) {
            let is_color = matches!(field.takes, Takes::Color(_));
            let named = EffectProperty::named(field.name);
            assert!(
                named.is_none_or(|named| named.is_color() == is_color),
                "{}",
                field.name
            );
        }
    }
}
