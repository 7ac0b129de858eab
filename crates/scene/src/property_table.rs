//! The properties whose paths hold no names of the document's: each with its path and meaning.

use crate::{Corner, GradientProperty, PaintOf, Property, StrokeProperty};

/// Path, field and meaning of all but what has names of its own, and of what the table of sources has.
pub(crate) const TABLE: &[(&str, Property, &str)] = &[
    ("opacity", Property::Opacity, "0 is invisible, 1 opaque."),
    ("visible", Property::Visible, "Whether it is drawn."),
    (
        "z_index",
        Property::ZIndex,
        "Order among siblings, low to high.",
    ),
    (
        "blend_mode",
        Property::BlendMode,
        "How it combines with what is below in its group.",
    ),
    (
        "clip",
        Property::Clip,
        "Whether a group is cut to its box; with the radii that it gives.",
    ),
    (
        "clip.radius_px",
        Property::ClipRadius,
        "Corner radii of a group that clips, pixels: one for all, or four from the top left clockwise.",
    ),
    (
        "mask.layer",
        Property::MaskLayer,
        "The layer that it shows through.",
    ),
    ("mask.mode", Property::MaskMode, "What of the mask decides."),
    (
        "mask.invert",
        Property::MaskInvert,
        "Whether it shows where the mask does not.",
    ),
    (
        "transform.x_px",
        Property::X,
        "Where the anchor stands, pixels of the parent to the right.",
    ),
    (
        "transform.y_px",
        Property::Y,
        "Where the anchor stands, pixels of the parent down.",
    ),
    (
        "transform.anchor_x",
        Property::AnchorX,
        "In widths of the layer: 0 left, 1 right.",
    ),
    (
        "transform.anchor_y",
        Property::AnchorY,
        "In heights of the layer: 0 top, 1 bottom.",
    ),
    (
        "transform.width_px",
        Property::Width,
        "Width of the box in pixels, where it is given.",
    ),
    (
        "transform.height_px",
        Property::Height,
        "Height of the box in pixels, where it is given.",
    ),
    (
        "transform.scale_x",
        Property::ScaleX,
        "Factor; negative mirrors.",
    ),
    (
        "transform.scale_y",
        Property::ScaleY,
        "Factor; negative mirrors.",
    ),
    (
        "transform.rotation_deg",
        Property::Rotation,
        "Degrees clockwise about the anchor.",
    ),
    (
        "transform.flip_x",
        Property::FlipX,
        "Mirrors left and right.",
    ),
    (
        "transform.flip_y",
        Property::FlipY,
        "Mirrors top and bottom.",
    ),
    (
        "transform.position",
        Property::Position,
        "`x_px` and `y_px` as one.",
    ),
    (
        "transform.anchor",
        Property::Anchor,
        "`anchor_x` and `anchor_y` as one.",
    ),
    (
        "transform.size",
        Property::Size,
        "`width_px` and `height_px` as one, where both are given.",
    ),
    (
        "transform.scale",
        Property::Scale,
        "`scale_x` and `scale_y` as one.",
    ),
    (
        "transform.functions",
        Property::Functions,
        "Transform functions before scale, rotation and position; those of the same kinds mix pairwise, others are taken apart.",
    ),
    (
        "transform.corner_pin.0.x_px",
        Property::PinX(Corner::TopLeft),
        "How far a corner is moved to the right, pixels.",
    ),
    (
        "transform.corner_pin.0.y_px",
        Property::PinY(Corner::TopLeft),
        "How far a corner is moved down, pixels.",
    ),
    (
        "transform.corner_pin.1.x_px",
        Property::PinX(Corner::TopRight),
        "How far a corner is moved to the right, pixels.",
    ),
    (
        "transform.corner_pin.1.y_px",
        Property::PinY(Corner::TopRight),
        "How far a corner is moved down, pixels.",
    ),
    (
        "transform.corner_pin.2.x_px",
        Property::PinX(Corner::BottomRight),
        "How far a corner is moved to the right, pixels.",
    ),
    (
        "transform.corner_pin.2.y_px",
        Property::PinY(Corner::BottomRight),
        "How far a corner is moved down, pixels.",
    ),
    (
        "transform.corner_pin.3.x_px",
        Property::PinX(Corner::BottomLeft),
        "How far a corner is moved to the right, pixels.",
    ),
    (
        "transform.corner_pin.3.y_px",
        Property::PinY(Corner::BottomLeft),
        "How far a corner is moved down, pixels.",
    ),
    (
        "crop.left_px",
        Property::CropLeft,
        "Cut off the left, of a layer with a crop, pixels.",
    ),
    ("crop.top_px", Property::CropTop, "Cut off the top, pixels."),
    (
        "crop.right_px",
        Property::CropRight,
        "Cut off the right, pixels.",
    ),
    (
        "crop.bottom_px",
        Property::CropBottom,
        "Cut off the bottom, pixels.",
    ),
    (
        "source.color",
        Property::SourceColor,
        "The colour of a colour source, of words or of the modules of a QR code.",
    ),
    (
        "source.fill",
        Property::SourceFill,
        "What fills a shape or words: a colour or a gradient.",
    ),
    (
        "source.text",
        Property::SourceText,
        "The words, where they are neither in runs nor a number.",
    ),
    (
        "source.value",
        Property::SourceValue,
        "The number that a text shows; it counts.",
    ),
    (
        "source.reveal",
        Property::SourceReveal,
        "How much of a text is seen, from its beginning; 1 is all.",
    ),
    (
        "source.size_px",
        Property::SourceSize,
        "Em size of the font, pixels.",
    ),
    (
        "source.letter_spacing_px",
        Property::SourceLetterSpacing,
        "Space after each glyph, pixels.",
    ),
    (
        "source.word_spacing_px",
        Property::SourceWordSpacing,
        "Space after each space between words, pixels.",
    ),
    (
        "source.corner_radius_px",
        Property::SourceCornerRadius,
        "Corner radius of a picture, pixels.",
    ),
    (
        "source.stroke.width_px",
        Property::Stroke(StrokeProperty::Width),
        "Width of the stroke of a shape or of words, pixels.",
    ),
    (
        "source.stroke.paint",
        Property::Stroke(StrokeProperty::Paint),
        "The paint of the stroke of a shape or of words.",
    ),
    (
        "source.stroke.dash.offset_px",
        Property::Stroke(StrokeProperty::DashOffset),
        "Where in its dashes a line begins, pixels.",
    ),
    (
        "source.gradient.angle_deg",
        Property::Gradient(PaintOf::Source, GradientProperty::Angle),
        "Angle of a linear or conic gradient, degrees.",
    ),
    (
        "source.gradient.center",
        Property::Gradient(PaintOf::Source, GradientProperty::Center),
        "Middle of a radial or conic gradient, in sizes of the box.",
    ),
    (
        "source.gradient.radius_px",
        Property::Gradient(PaintOf::Source, GradientProperty::Radius),
        "Radius of a radial gradient that gives it, pixels.",
    ),
    (
        "source.fill.angle_deg",
        Property::Gradient(PaintOf::Fill, GradientProperty::Angle),
        "Angle of a linear or conic gradient, degrees.",
    ),
    (
        "source.fill.center",
        Property::Gradient(PaintOf::Fill, GradientProperty::Center),
        "Middle of a radial or conic gradient, in sizes of the box.",
    ),
    (
        "source.fill.radius_px",
        Property::Gradient(PaintOf::Fill, GradientProperty::Radius),
        "Radius of a radial gradient that gives it, pixels.",
    ),
    (
        "source.stroke.paint.angle_deg",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Angle),
        "Angle of a linear or conic gradient, degrees.",
    ),
    (
        "source.stroke.paint.center",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Center),
        "Middle of a radial or conic gradient, in sizes of the box.",
    ),
    (
        "source.stroke.paint.radius_px",
        Property::Gradient(PaintOf::Stroke, GradientProperty::Radius),
        "Radius of a radial gradient that gives it, pixels.",
    ),
    (
        "source.crop_px.x",
        Property::SourceCropX,
        "Left edge of a picture's crop, pixels of the picture.",
    ),
    (
        "source.crop_px.y",
        Property::SourceCropY,
        "Top edge of a picture's crop, pixels of the picture.",
    ),
    (
        "source.crop_px.width",
        Property::SourceCropWidth,
        "Width of a picture's crop, pixels of the picture.",
    ),
    (
        "source.crop_px.height",
        Property::SourceCropHeight,
        "Height of a picture's crop, pixels of the picture.",
    ),
    (
        "source.frame",
        Property::SourceFrame,
        "Number of a sprite's picture, from 0.",
    ),
    (
        "wipe.form",
        Property::WipeForm,
        "Along a direction, from a point or around one; a field that the form of the document has not is at its default.",
    ),
    (
        "wipe.progress",
        Property::WipeProgress,
        "How much of the layer is seen, 0 nothing, 1 all.",
    ),
    (
        "wipe.softness",
        Property::WipeSoftness,
        "Width of the edge of a wipe, as a share of its way.",
    ),
    (
        "wipe.angle_deg",
        Property::WipeAngle,
        "Direction of a linear wipe, or where the turn of a clock begins, degrees.",
    ),
    (
        "wipe.x",
        Property::WipeX,
        "The point of an iris or a clock wipe, in widths of the box.",
    ),
    (
        "wipe.y",
        Property::WipeY,
        "The point of an iris or a clock wipe, in heights of the box.",
    ),
    (
        "wipe.invert",
        Property::WipeInvert,
        "Whether what would come last comes first.",
    ),
    (
        "background",
        Property::Background,
        "What shows where no layer is.",
    ),
];
