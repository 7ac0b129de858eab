//! Layers and their placement.

use crate::constraints::{read_constraints, read_safe_area, write_constraints, write_safe_area};
use crate::effects::{read_effects, write_effect};
use crate::moves::{read_functions, write_functions};
use crate::paint::{read_radii, write_radii};
use crate::placing::{
    read_corner_pin, read_crop, read_metadata, read_tags, write_corner_pin, write_crop,
    write_metadata, write_tags,
};
use crate::read::{At, Fields, FreshIds, Words, word_for};
use crate::sources::{read_source, stand_in, write_source};
use crate::wipes::{read_wipe, write_wipe};
use crate::write::{Object, number};
use media::BlendMode;
use scene::Worded;
use scene::{Id, Kind, Layer, Mask, MaskMode, Shared, Transform};
use serde_json::Value;

pub(crate) const KINDS: [(&str, Kind); 5] = [
    ("host", Kind::Host),
    ("assistant", Kind::Assistant),
    ("visual_feed", Kind::VisualFeed),
    ("overlay", Kind::Overlay),
    ("group", Kind::Group),
];
pub(crate) const BLEND_MODES: &Words<BlendMode> = <BlendMode>::WORDS;

pub(crate) const MASK_MODES: &Words<MaskMode> = <MaskMode>::WORDS;

/// All layers; one that cannot be read leaves an empty group in its place, so that the others keep their numbers.
pub(crate) fn read_layers(at: &At<'_>) -> Option<Vec<Shared<Layer>>> {
    let list = at.array()?;
    let mut ids = FreshIds::beside(&list);
    let read = |(i, at): (usize, At<'_>)| {
        let mut fresh = || ids.numbered("layer", i + 1);
        let Some(layer) = at.object(|f| read_layer(f, &mut fresh)) else {
            return layer(fresh(), Kind::Group);
        };
        layer
    };
    let layers = list.into_iter().enumerate().map(read);
    Some(layers.map(Into::into).collect())
}

/// A layer as the document's defaults have it.
fn layer(id: Id, kind: Kind) -> Layer {
    let (anchor_x, anchor_y) = kind.default_anchor();
    Layer {
        transform: Transform {
            anchor_x,
            anchor_y,
            ..Transform::default()
        },
        ..Layer::bare(id, kind, None)
    }
}

pub(crate) fn read_layer(f: &mut Fields<'_>, fresh_id: &mut dyn FnMut() -> Id) -> Layer {
    f.later(&["stale"]);
    f.told("outside_safe_area");
    let id = f.optional("id", At::id).unwrap_or_else(fresh_id);
    let kind = f.required("kind", |at| at.word(&KINDS, &[]));
    let source = f
        .get("source")
        .map(|at| read_source(&at).unwrap_or_else(stand_in));
    // Of a kind that could not be read, take the one that fits the source.
    let kind = kind.unwrap_or(if source.is_some() {
        Kind::Overlay
    } else {
        Kind::Group
    });
    let d = layer(id, kind);
    let transform = f.or("transform", d.transform.clone(), |at| {
        at.object(|f| read_transform(f, d.transform.clone()))
    });
    Layer {
        name: f.optional("name", At::name).map(Into::into),
        parent: f.optional("parent", At::id),
        follow: f.optional("follow", At::id),
        z_index: f.or("z_index", d.z_index, At::integer),
        visible: f.or("visible", d.visible, At::boolean),
        opacity: f.or("opacity", d.opacity, At::number),
        blend_mode: f.or("blend_mode", d.blend_mode, |at| at.word(BLEND_MODES, &[])),
        transform,
        constraints: f.optional("constraints", read_constraints),
        safe_area: f.or("safe_area", None, read_safe_area),
        clip: f.or("clip", None, read_clip),
        crop: f.optional("crop", read_crop),
        mask: f.optional("mask", read_mask),
        wipe: f.optional("wipe", read_wipe),
        source,
        effects: f.or("effects", Vec::new(), read_effects),
        ttl_ms: f.optional("ttl_ms", At::number),
        tags: f.or("tags", Vec::new(), read_tags),
        metadata: f.optional("metadata", read_metadata),
        ..d
    }
}

fn read_transform(f: &mut Fields<'_>, d: Transform) -> Transform {
    // A length at fault is a present one: its absence would be another fault.
    let length = |at: At<'_>| at.number().unwrap_or(1.0);
    Transform {
        x_px: f.or("x_px", d.x_px, At::number),
        y_px: f.or("y_px", d.y_px, At::number),
        anchor_x: f.or("anchor_x", d.anchor_x, At::number),
        anchor_y: f.or("anchor_y", d.anchor_y, At::number),
        width_px: f.get("width_px").map(length),
        height_px: f.get("height_px").map(length),
        scale_x: f.or("scale_x", d.scale_x, At::number),
        scale_y: f.or("scale_y", d.scale_y, At::number),
        rotation_deg: f.or("rotation_deg", d.rotation_deg, At::number),
        flip_x: f.or("flip_x", d.flip_x, At::boolean),
        flip_y: f.or("flip_y", d.flip_y, At::boolean),
        corner_pin: f.optional("corner_pin", read_corner_pin),
        functions: f.or("functions", d.functions, read_functions),
    }
}

/// `false`, `true`, or `{"radius_px": ..}`
fn read_clip(at: &At<'_>) -> Option<Option<[f64; 4]>> {
    match at.value {
        Value::Bool(clip) => Some(clip.then_some([0.0; 4])),
        Value::Object(_) => at.object(|f| Some(f.or("radius_px", [0.0; 4], read_radii))),
        _ => at.takes("true, false or {\"radius_px\": ..}"),
    }
}

fn read_mask(at: &At<'_>) -> Option<Mask> {
    at.object(|f| {
        let layer = f.required("layer", At::id);
        let mode = f.or("mode", MaskMode::default(), |at| at.word(MASK_MODES, &[]));
        let invert = f.or("invert", false, At::boolean);
        layer.map(|layer| Mask {
            layer,
            mode,
            invert,
        })
    })
    .flatten()
}

/// A layer as a document: complete, defaults written.
pub fn write_layer(layer: &Layer) -> Value {
    let clip = match layer.clip {
        Some(radii) if radii.iter().all(|r| r.to_bits() == 0) => Some(true.into()),
        Some(radii) => Some(
            Object::default()
                .with("radius_px", write_radii(radii))
                .into(),
        ),
        None if layer.kind == Kind::Group => Some(Value::from(false)),
        None => None,
    };
    Object::default()
        .with("id", layer.id.as_str())
        .maybe("name", layer.name.as_deref())
        .with("kind", word_for(&KINDS, &layer.kind))
        .maybe("parent", layer.parent.as_ref().map(Id::as_str))
        .maybe("follow", layer.follow.as_ref().map(Id::as_str))
        .with("z_index", layer.z_index)
        .with("visible", layer.visible)
        .number("opacity", layer.opacity)
        .with("blend_mode", word_for(BLEND_MODES, &layer.blend_mode))
        .with("transform", write_transform(&layer.transform))
        .maybe(
            "constraints",
            layer.constraints.as_ref().map(write_constraints),
        )
        .maybe("safe_area", layer.safe_area.as_ref().map(write_safe_area))
        .maybe("clip", clip)
        .maybe("crop", layer.crop.as_ref().map(write_crop))
        .maybe("mask", layer.mask.as_ref().map(write_mask))
        .maybe("wipe", layer.wipe.as_ref().map(write_wipe))
        .maybe("source", layer.source.as_ref().map(write_source))
        .with(
            "effects",
            layer.effects.iter().map(write_effect).collect::<Vec<_>>(),
        )
        .maybe("ttl_ms", layer.ttl_ms.map(number))
        .with("tags", write_tags(&layer.tags))
        .maybe("metadata", layer.metadata.as_deref().map(write_metadata))
        .into()
}

fn write_mask(mask: &Mask) -> Object {
    Object::default()
        .with("layer", mask.layer.as_str())
        .with("mode", word_for(MASK_MODES, &mask.mode))
        .with("invert", mask.invert)
}

fn write_transform(t: &Transform) -> Object {
    Object::default()
        .number("x_px", t.x_px)
        .number("y_px", t.y_px)
        .number("anchor_x", t.anchor_x)
        .number("anchor_y", t.anchor_y)
        .maybe("width_px", t.width_px.map(number))
        .maybe("height_px", t.height_px.map(number))
        .number("scale_x", t.scale_x)
        .number("scale_y", t.scale_y)
        .number("rotation_deg", t.rotation_deg)
        .with("flip_x", t.flip_x)
        .with("flip_y", t.flip_y)
        .maybe("corner_pin", t.corner_pin.as_ref().map(write_corner_pin))
        .maybe(
            "functions",
            (!t.functions.is_empty()).then(|| write_functions(&t.functions)),
        )
}
