//! Generated scenes: without faults, every kind of layer, source, start and value among them.

use animation::{Composite, Direction, Fill, Timing, Value};
use media::{Color, ShowTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use scene::{
    Align, Animation, AtEnd, Countdown, CountdownFormat, CountdownTo, EFFECTS, Effect, EffectKind,
    EffectProperty, FieldValue, Fit, Gradient, Id, Image, Kind, Layer, Paint, Property, Range,
    Scene, Shape, ShapeForm, Source, Start, Stroke, StyledKeyframe, Svg, Takes, Target, Text,
    TextStyle, Ticker, Transform,
};

fn color() -> impl Strategy<Value = Color> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(Color::from_rgba8),
        [0.0..=1.0, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0]
            .prop_map(|[r, g, b, a]| Color::new(r, g, b, a)),
    ]
}

fn words() -> impl Strategy<Value = std::sync::Arc<str>> {
    ".{0,12}".prop_map(Into::into)
}

fn gradient() -> impl Strategy<Value = Gradient> {
    (-360.0..360.0, vec((0.0..=1.0, color()), 2..5)).prop_map(|(angle_deg, mut stops)| {
        stops.sort_by(|a: &(f64, Color), b| a.0.total_cmp(&b.0));
        Gradient { angle_deg, stops }
    })
}

fn paint() -> impl Strategy<Value = Paint> {
    prop_oneof![
        color().prop_map(Paint::Color),
        gradient().prop_map(Paint::Gradient)
    ]
}

fn radii() -> impl Strategy<Value = [f64; 4]> {
    let radius = 0.0..500.0;
    prop_oneof![
        [
            radius.clone(),
            radius.clone(),
            radius.clone(),
            radius.clone()
        ],
        radius.prop_map(|r| [r; 4]),
        Just([0.0; 4])
    ]
}

fn style() -> impl Strategy<Value = TextStyle> {
    (
        words(),
        1.0..=1000.0,
        1.0..=1000.0,
        any::<bool>(),
        color(),
        option::of(0.1..=10.0),
        -100.0..1000.0,
        any::<bool>(),
    )
        .prop_map(
            |(font, size_px, weight, italic, color, line_height, letter_spacing_px, tabular)| {
                TextStyle {
                    font,
                    size_px,
                    weight,
                    italic,
                    color,
                    line_height,
                    letter_spacing_px,
                    tabular,
                }
            },
        )
}

fn fit() -> impl Strategy<Value = Fit> {
    prop::sample::select(vec![Fit::Contain, Fit::Cover, Fit::Fill, Fit::None])
}

fn align() -> impl Strategy<Value = Align> {
    prop::sample::select(vec![Align::Left, Align::Center, Align::Right])
}

fn source() -> impl Strategy<Value = Source> {
    let form = prop_oneof![
        radii().prop_map(|radii_px| ShapeForm::Rect { radii_px }),
        Just(ShapeForm::Ellipse)
    ];
    let stroke = (paint(), 0.0..1000.0).prop_map(|(paint, width_px)| Stroke { paint, width_px });
    let to = prop_oneof![
        (-1e9..1e12).prop_map(CountdownTo::ShowMs),
        any::<i64>().prop_map(CountdownTo::WallNanos)
    ];
    let format = prop::sample::select(vec![
        CountdownFormat::HhMmSs,
        CountdownFormat::MmSs,
        CountdownFormat::MSs,
        CountdownFormat::Ss,
    ]);
    let at_end = prop::sample::select(vec![AtEnd::Hold, AtEnd::Hide]);
    prop_oneof![
        color().prop_map(Source::Color),
        gradient().prop_map(Source::Gradient),
        (form, option::of(paint()), option::of(stroke))
            .prop_map(|(form, fill, stroke)| Source::Shape(Shape { form, fill, stroke })),
        (words(), fit(), 0.0..8192.0).prop_map(|(asset, fit, corner_radius_px)| Source::Image(
            Image {
                asset,
                fit,
                corner_radius_px
            }
        )),
        (words(), fit()).prop_map(|(asset, fit)| Source::Svg(Svg { asset, fit })),
        (words(), style(), align(), any::<bool>()).prop_map(|(text, style, align, baseline)| {
            Source::Text(Text {
                text,
                style,
                align,
                baseline,
            })
        }),
        (
            words(),
            style(),
            -10_000.0..10_000.0,
            0.0..10_000.0,
            option::of(-1e6..1e6)
        )
            .prop_map(
                |(text, style, speed_px_s, gap_px, baseline_px)| Source::Ticker(Ticker {
                    text,
                    style,
                    speed_px_s,
                    gap_px,
                    baseline_px
                })
            ),
        (to, format, at_end, style(), align(), any::<bool>()).prop_map(
            |(to, format, at_end, style, align, baseline)| {
                Source::Countdown(Countdown {
                    to,
                    format,
                    at_end,
                    style,
                    align,
                    baseline,
                })
            }
        ),
    ]
}

fn transform() -> impl Strategy<Value = Transform> {
    let scale = -100.0..=100.0;
    (
        [-1e6..=1e6, -1e6..=1e6],
        [-100.0..=100.0, -100.0..=100.0],
        [0.5..=8192.0, 0.5..=8192.0],
        [scale.clone(), scale],
        -1e6..=1e6,
    )
        .prop_map(
            |([x_px, y_px], [anchor_x, anchor_y], [w, h], [scale_x, scale_y], rotation_deg)| {
                Transform {
                    x_px,
                    y_px: y_px.round(),
                    anchor_x,
                    anchor_y,
                    width_px: Some(w),
                    height_px: Some(h),
                    scale_x,
                    scale_y,
                    rotation_deg,
                }
            },
        )
}

/// Any type of effect; the first of a layer is a shadow, whose fields animations move.
fn effect() -> impl Strategy<Value = EffectKind> {
    let part = || 0.0..=1.0;
    (
        prop::sample::select(EFFECTS.iter().collect::<Vec<_>>()),
        vec(part(), 20),
        color(),
    )
        .prop_map(|(spec, parts, color)| {
            let mut kind = spec.fresh();
            let within = |range: Range, part: f64| range.min + (range.max - range.min) * part;
            for (i, field) in spec.fields.iter().enumerate() {
                let value = match field.takes {
                    Takes::Number(range, _) => FieldValue::Number(within(range, parts[i])),
                    Takes::Color(_) => FieldValue::Color(color),
                    Takes::Radii(range) => {
                        FieldValue::Radii(std::array::from_fn(|k| within(range, parts[k])))
                    }
                    Takes::Matrix(range) => {
                        FieldValue::Matrix(std::array::from_fn(|k| within(range, parts[k])))
                    }
                };
                assert!(kind.set(field.name, value));
            }
            kind
        })
}

fn shadow() -> impl Strategy<Value = EffectKind> {
    (-1000.0..1000.0, -1000.0..1000.0, 0.0..200.0, color()).prop_map(
        |(dx_px, dy_px, sigma_px, color)| EffectKind::DropShadow {
            dx_px,
            dy_px,
            sigma_px,
            color,
        },
    )
}

fn effects() -> impl Strategy<Value = Vec<Effect>> {
    let all = option::of((shadow(), vec(effect(), 0..3)));
    (all, any::<bool>()).prop_map(|(all, enabled)| {
        let all = all
            .into_iter()
            .flat_map(|(first, rest)| std::iter::once(first).chain(rest));
        let named = all.enumerate().map(|(i, kind)| Effect {
            id: Id::new(&format!("e{i}")).unwrap(),
            enabled,
            kind,
        });
        named.collect()
    })
}

fn layer() -> impl Strategy<Value = Layer> {
    let leaf = prop::sample::select(vec![
        Kind::Host,
        Kind::Assistant,
        Kind::VisualFeed,
        Kind::Overlay,
    ]);
    let body = prop_oneof![
        4 => (leaf, source(), effects()).prop_map(|(kind, source, effects)| (kind, Some(source), None, effects)),
        1 => (option::of(radii()), effects()).prop_map(|(clip, effects)| (Kind::Group, None, clip, effects)),
    ];
    (
        body,
        option::of(words()),
        any::<i32>(),
        any::<bool>(),
        0.0..=1.0,
        transform(),
        option::of(0.001..=Layer::MAX_TTL_MS),
    )
        .prop_map(
            |(
                (kind, source, clip, effects),
                name,
                z_index,
                visible,
                opacity,
                transform,
                ttl_ms,
            )| Layer {
                id: Id::new("later").unwrap(),
                name,
                kind,
                parent: None,
                z_index,
                visible,
                opacity,
                blend_mode: media::BlendMode::Normal,
                transform,
                clip,
                source,
                effects,
                ttl_ms,
            },
        )
}

fn easing() -> impl Strategy<Value = animation::Easing> {
    let texts = [
        "linear",
        "ease",
        "sine-in-out",
        "bounce-out",
        "steps(4, jump-both)",
        "cubic-bezier(0.1, -2.5, 0.9, 3)",
        "linear(0, 0.3 10%, 1)",
    ];
    prop::sample::select(texts.to_vec()).prop_map(|text| text.parse().unwrap())
}

fn timing() -> impl Strategy<Value = Timing> {
    let iterations = prop_oneof![0.0..1e9, Just(f64::INFINITY)];
    let direction = prop::sample::select(vec![
        Direction::Normal,
        Direction::Reverse,
        Direction::Alternate,
        Direction::AlternateReverse,
    ]);
    let fill = prop::sample::select(vec![
        Fill::None,
        Fill::Forwards,
        Fill::Backwards,
        Fill::Both,
    ]);
    (
        (-1e10..1e10, -1e10..1e10, 0.0..1e10),
        (iterations, 0.0..1e9),
        direction,
        fill,
        easing(),
        0.0..100.0,
    )
        .prop_map(
            |(
                (delay_ms, end_delay_ms, duration_ms),
                (iterations, iteration_start),
                direction,
                fill,
                easing,
                playback_rate,
            )| Timing {
                delay_ms,
                end_delay_ms,
                duration_ms,
                iterations,
                iteration_start,
                direction,
                fill,
                easing,
                playback_rate,
            },
        )
}

fn composite() -> impl Strategy<Value = Composite> {
    prop::sample::select(vec![
        Composite::Replace,
        Composite::Add,
        Composite::Accumulate,
    ])
}

/// Properties that every layer has, or for the canvas its only one; layers with effects move their first as well.
fn values(canvas: bool, shadow: bool) -> BoxedStrategy<Vec<(Property, Value)>> {
    if canvas {
        return color()
            .prop_map(|c| vec![(Property::Background, Value::Color(c))])
            .boxed();
    }
    let sigma = || {
        Property::Effect(
            Id::new("e0").unwrap(),
            EffectProperty::named("sigma_px").unwrap(),
        )
    };
    let tint = || {
        Property::Effect(
            Id::new("e0").unwrap(),
            EffectProperty::named("color").unwrap(),
        )
    };
    (
        any::<f64>().prop_filter("finite", |v| v.is_finite()),
        any::<bool>(),
        color(),
        option::of(0.0..1.0),
    )
        .prop_map(move |(x, visible, c, opacity)| {
            let mut values = vec![
                (Property::X, Value::Number(x)),
                (Property::Visible, Value::Bool(visible)),
            ];
            values.extend(opacity.map(|v| (Property::Opacity, Value::Number(v))));
            if shadow {
                values.extend([(sigma(), Value::Number(3.25)), (tint(), Value::Color(c))]);
            }
            values
        })
        .boxed()
}

fn animation(target: Target, shadow: bool) -> impl Strategy<Value = Animation> {
    let values = values(target == Target::Canvas, shadow);
    let keyframe =
        (easing(), option::of(composite()), values).prop_map(|(easing, composite, values)| {
            StyledKeyframe {
                offset: None,
                easing,
                composite,
                values,
            }
        });
    let start = prop_oneof![
        Just(Start::Now),
        // 26 days: beyond, milliseconds as f64 do not tell every nanosecond apart.
        (-(1_i64 << 51)..1 << 51).prop_map(|ns| Start::At(ShowTime::from_nanos(ns))),
        any::<i64>().prop_map(Start::Wall),
    ];
    (
        start,
        timing(),
        composite(),
        vec(keyframe, 1..4),
        any::<bool>(),
    )
        .prop_map(move |(start, timing, composite, mut keyframes, offsets)| {
            if offsets {
                keyframes[0].offset = Some(0.1 + 0.2);
            }
            Animation {
                id: Id::new("later").unwrap(),
                target: target.clone(),
                start,
                timing,
                composite,
                keyframes,
            }
        })
}

/// Up to six layers, and an animation of each and of the canvas.
pub(crate) fn any_scene() -> impl Strategy<Value = Scene> {
    (vec(layer(), 0..6), color(), (64..=1920_u32, 36..=1080_u32))
        .prop_flat_map(|(mut layers, background, (w, h))| {
            for i in 0..layers.len() {
                layers[i].id = Id::new(&format!("l{i}")).unwrap();
                // Every second layer goes into the last group before it.
                layers[i].parent = layers[..i]
                    .iter()
                    .rfind(|l| l.kind == Kind::Group && i % 2 == 0)
                    .map(|l| l.id.clone());
            }
            let targets = layers
                .iter()
                .map(|l| (Target::Layer(l.id.clone()), !l.effects.is_empty()))
                .chain([(Target::Canvas, false)]);
            let animations: Vec<_> = targets
                .map(|(target, shadow)| animation(target, shadow))
                .collect();
            (
                Just(layers),
                animations,
                Just(scene::Canvas {
                    width_px: w * 2,
                    height_px: h * 2,
                    background,
                }),
            )
        })
        .prop_map(|(layers, mut animations, canvas)| {
            for (i, animation) in animations.iter_mut().enumerate() {
                animation.id = Id::new(&format!("a{i}")).unwrap();
            }
            Scene {
                canvas,
                layers: layers.into_iter().map(Into::into).collect(),
                animations: animations.into_iter().map(Into::into).collect(),
            }
        })
}
