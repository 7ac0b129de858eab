//! Generated scenes: without faults, every kind of layer, source, start and value among them.

mod timelines;

use animation::transition::Heading;
use animation::{
    BeatGrid, ColorSpace, Composite, Direction, Fill, Hue, LatePolicy, Playback, Spring, Tangents,
    Timing, TransformFunction, Value,
};
use media::{Color, ShowTime};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use scene::{
    Align, Animation, AtEnd, Behind, CanvasFont, Cap, Cells, Clock, ClockFormat, Countdown,
    CountdownFormat, CountdownTo, Course, Crop, Cutout, Dash, Drawing, DrawnImage, Driver, EFFECTS,
    Effect, EffectKind, EffectProperty, ErrorCorrection, Expression, FieldValue, FillRule, Fit,
    Flow, Formula, Gradient, GradientForm, Group, Groups, Id, Image, Ink, InkForm, InkGradient,
    InkPattern, Join, Kind, Layer, Left, LookAt, Mask, MaskMode, NumberFormat, NumberText,
    OnTimeout, Operation, Outline, Overflow, Paint, Passage, PathDriver, Patience, Plan, Property,
    Qr, Range, Repeat, ResumePolicy, Retarget, Reveal, RevealBy, Rotate, Run, Sampling, Scene,
    Shape, ShapeForm, Sign, Smoothing, Source, Spread, Sprite, Start, Stroke, StrokeAlign,
    StyledKeyframe, Svg, Tag, Takes, Target, Text, TextAlign, TextBackground, TextBaseline,
    TextContent, TextDirection, TextFit, TextRun, TextStyle, Ticker, Transform, Transition,
    TransitionKind, Until, Verb, VerticalAlign, Way, WhenOver, Wipe, WipeForm, Words, Wrap, Zone,
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
    let center = || [-1.0..2.0, -1.0..2.0];
    let form = prop_oneof![
        (-360.0..360.0).prop_map(|angle_deg| GradientForm::Linear { angle_deg }),
        (center(), option::of(0.5..5000.0))
            .prop_map(|(center, radius_px)| GradientForm::Radial { center, radius_px }),
        (center(), -360.0..360.0)
            .prop_map(|(center, angle_deg)| GradientForm::Conic { center, angle_deg }),
    ];
    let spread = prop::sample::select(vec![Spread::Pad, Spread::Repeat, Spread::Reflect]);
    (form, spread, vec((0.0..=1.0, color()), 2..5)).prop_map(|(form, spread, mut stops)| {
        stops.sort_by(|a: &(f64, Color), b| a.0.total_cmp(&b.0));
        Gradient {
            form,
            spread,
            stops,
        }
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
    let stroke = (paint(), 0.0..1000.0).prop_map(|(paint, width_px)| Stroke {
        align: StrokeAlign::Outside,
        join: Join::Round,
        ..Stroke::new(paint, width_px)
    });
    let background = (
        color(),
        [0.0..1000.0, 0.0..1000.0],
        0.0..8192.0,
        any::<bool>(),
    )
        .prop_map(|(color, [x, y], corner_radius_px, lines)| TextBackground {
            color,
            padding_px: if lines { [x, x] } else { [x, y] },
            corner_radius_px,
            behind: if lines { Behind::Lines } else { Behind::Box },
        });
    let tag = |name: &str| Tag::new(name).unwrap();
    let axes = prop_oneof![
        Just(vec![]),
        (-1000.0..1000.0).prop_map(move |v: f64| vec![(tag("wdth"), v), (tag("GRAD"), -v)])
    ];
    let features = prop_oneof![
        Just(vec![]),
        any::<u16>().prop_map(move |v| vec![(tag("ss01"), v), (tag("liga"), 0)])
    ];
    (
        (words(), 1.0..=1000.0, 1.0..=1000.0, color()),
        option::of(0.1..=10.0),
        [-100.0..1000.0, -1000.0..1000.0],
        any::<[bool; 5]>(),
        option::of(paint()),
        option::of(stroke),
        option::of(background),
        (axes, features),
    )
        .prop_map(
            |(
                (font, size_px, weight, color),
                line_height,
                [letter_spacing_px, word_spacing_px],
                [italic, tabular, underline, strikethrough, skip_ink],
                fill,
                stroke,
                background,
                (axes, features),
            )| {
                TextStyle {
                    font,
                    size_px,
                    weight,
                    italic,
                    color,
                    fill,
                    stroke,
                    background,
                    underline,
                    strikethrough,
                    skip_ink,
                    line_height,
                    letter_spacing_px,
                    word_spacing_px,
                    tabular,
                    axes: axes.into(),
                    features: features.into(),
                }
            },
        )
}

fn content() -> impl Strategy<Value = TextContent> {
    let run = (
        words(),
        option::of(words()),
        option::of(1.0..=1000.0),
        option::of(1.0..=1000.0),
        option::of(color()),
        option::of(-100.0..1000.0),
        any::<[Option<bool>; 3]>(),
    )
        .prop_map(
            |(text, font, size_px, weight, color, letter_spacing_px, switches)| TextRun {
                text,
                font,
                size_px,
                weight,
                italic: switches[0],
                color,
                letter_spacing_px,
                underline: switches[1],
                strikethrough: switches[2],
                background: color,
            },
        );
    let number = (
        -1e15..1e15,
        (option::of(5_u8..=10), option::of(0_u8..=5), 1_u8..=15),
        [".{0,3}", ".{0,3}", ".{0,3}", ".{0,3}"],
        any::<[bool; 3]>(),
        prop::sample::select(vec![Sign::Auto, Sign::Always, Sign::Never]),
    )
        .prop_map(|(value, counts, texts, [indian, compact, percent], sign)| {
            let (decimals, min_decimals, min_digits) = counts;
            let [grouping, decimal, prefix, suffix] = texts.map(Into::into);
            TextContent::Number(NumberText {
                value,
                format: NumberFormat {
                    decimals,
                    min_decimals,
                    min_digits,
                    grouping,
                    groups: if indian {
                        Groups::Indian
                    } else {
                        Groups::Thousands
                    },
                    decimal,
                    prefix,
                    suffix,
                    sign,
                    compact,
                    percent,
                },
            })
        });
    prop_oneof![
        words().prop_map(TextContent::Plain),
        vec(run, 1..4).prop_map(|runs| TextContent::Runs(runs.into())),
        number,
    ]
}

fn flow() -> impl Strategy<Value = (Flow, Reveal)> {
    (
        (
            prop::sample::select(vec![Wrap::Word, Wrap::Anywhere, Wrap::None]),
            prop::sample::select(vec![Overflow::Visible, Overflow::Ellipsis, Overflow::Clip]),
            prop::sample::select(vec![
                VerticalAlign::Top,
                VerticalAlign::Middle,
                VerticalAlign::Bottom,
            ]),
            prop::sample::select(vec![TextFit::None, TextFit::Shrink]),
            prop::sample::select(vec![RevealBy::Grapheme, RevealBy::Word, RevealBy::Line]),
        ),
        option::of(1..1000_u32),
        1.0..=1000.0,
        0.0..=1.0,
    )
        .prop_map(
            |((wrap, overflow, vertical_align, fit, by), max_lines, min_size_px, part)| {
                let flow = Flow {
                    wrap,
                    max_lines,
                    overflow,
                    vertical_align,
                    fit,
                    min_size_px,
                };
                (flow, Reveal { part, by })
            },
        )
}

fn fit() -> impl Strategy<Value = Fit> {
    prop::sample::select(vec![Fit::Contain, Fit::Cover, Fit::Fill, Fit::None])
}

fn align() -> impl Strategy<Value = Align> {
    prop::sample::select(vec![
        Align::Left,
        Align::Center,
        Align::Right,
        Align::Start,
        Align::End,
        Align::Justify,
    ])
}

fn source() -> impl Strategy<Value = Source> {
    let form = prop_oneof![
        radii().prop_map(|radii_px| ShapeForm::Rect { radii_px }),
        Just(ShapeForm::Ellipse),
        vec([-9e3..9e3, -9e3..9e3], 3..6).prop_map(|points| ShapeForm::Polygon { points }),
        ([0.0..1e3, 0.0..1e3], [0.0..1e3, 0.0..1e3])
            .prop_map(|(from, to)| ShapeForm::Line { from, to }),
        (3..=360_u32, 0.01..=1.0).prop_map(|(points, inner_ratio)| ShapeForm::Star {
            points,
            inner_ratio
        }),
        prop::sample::select(vec![
            "M0 0 L10 0 L5 8 Z",
            "M 1,1 q 5 5 9 0",
            "M0 0H9V9h-3z m4 4 2 2"
        ])
        .prop_map(|d| ShapeForm::Path(Outline::new(d).unwrap())),
    ];
    let rule = prop::sample::select(vec![FillRule::NonZero, FillRule::EvenOdd]);
    let dash = (vec(0.5..1e3, 1..5), -1e3..1e3).prop_map(|(lengths_px, offset_px)| Dash {
        lengths_px,
        offset_px,
    });
    let aligns = vec![
        StrokeAlign::Inside,
        StrokeAlign::Center,
        StrokeAlign::Outside,
    ];
    let stroke = (
        (paint(), 0.0..1000.0, option::of(dash), 1.0..100.0),
        prop::sample::select(aligns),
        prop::sample::select(vec![Cap::Butt, Cap::Round, Cap::Square]),
        prop::sample::select(vec![Join::Miter, Join::Round, Join::Bevel]),
    )
        .prop_map(
            |((paint, width_px, dash, miter_limit), align, cap, join)| Stroke {
                align,
                cap,
                join,
                miter_limit,
                dash,
                ..Stroke::new(paint, width_px)
            },
        );
    let to = prop_oneof![
        (-1e9..1e12).prop_map(CountdownTo::ShowMs),
        any::<i64>().prop_map(CountdownTo::WallNanos)
    ];
    let format = prop::sample::select(vec![
        CountdownFormat::D,
        CountdownFormat::HMmSs,
        CountdownFormat::HhMmSs,
        CountdownFormat::MmSs,
        CountdownFormat::MSs,
        CountdownFormat::Ss,
    ]);
    let at_end = prop::sample::select(vec![AtEnd::Hold, AtEnd::Hide]);
    prop_oneof![
        drawing().prop_map(Source::Drawing),
        color().prop_map(Source::Color),
        gradient().prop_map(Source::Gradient),
        (form, rule, option::of(paint()), option::of(stroke)).prop_map(
            |(form, fill_rule, fill, mut stroke)| {
                if let Some(stroke) = stroke.as_mut().filter(|_| !form.is_closed()) {
                    stroke.align = StrokeAlign::Center;
                }
                Source::Shape(Shape {
                    form,
                    fill_rule,
                    fill,
                    stroke,
                })
            }
        ),
        image(),
        (words(), fit(), params()).prop_map(|(asset, fit, params)| Source::Svg(Svg {
            asset,
            fit,
            params
        })),
        sprite(),
        (content(), style(), align(), any::<bool>(), flow()).prop_map(
            |(text, style, align, baseline, (flow, reveal))| {
                Source::Text(Text {
                    text,
                    style,
                    align,
                    baseline,
                    flow,
                    reveal,
                })
            }
        ),
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
        (
            words(),
            color(),
            color(),
            0..=64_u32,
            prop::sample::select(vec![
                ErrorCorrection::Low,
                ErrorCorrection::Medium,
                ErrorCorrection::Quartile,
                ErrorCorrection::High,
            ])
        )
            .prop_map(
                |(text, color, background, quiet_zone_modules, error_correction)| Source::Qr(Qr {
                    text,
                    error_correction,
                    color,
                    background,
                    quiet_zone_modules
                })
            ),
        (
            prop::sample::select(vec!["%H:%M:%S", "it is %-I %p, %%", ""]),
            prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata"]),
            style(),
            align(),
            any::<bool>()
        )
            .prop_map(
                |(format, zone, style, align, baseline)| Source::Clock(Clock {
                    format: ClockFormat::new(format).unwrap(),
                    time_zone: Zone::named(zone).unwrap(),
                    style,
                    align,
                    baseline
                })
            ),
        (to, format, at_end, style(), align(), any::<bool>()).prop_map(
            |(to, format, at_end, style, align, baseline)| {
                let up = baseline && at_end == AtEnd::Hold;
                Source::Countdown(Countdown {
                    counts: if up {
                        scene::Counts::Up
                    } else {
                        scene::Counts::Down
                    },
                    moment: to,
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

fn run() -> impl Strategy<Value = Run> {
    let repeat = prop_oneof![
        Just(Repeat::AsFile),
        Just(Repeat::Forever),
        (1..=1_000_000_u32).prop_map(Repeat::Times)
    ];
    (repeat, 0.0..=100.0, -1e10..1e10).prop_map(|(repeat, speed, start_ms)| Run {
        repeat,
        speed,
        start_ms,
    })
}

fn sampling() -> impl Strategy<Value = Sampling> {
    prop::sample::select(vec![Sampling::Smooth, Sampling::Nearest])
}

fn image() -> impl Strategy<Value = Source> {
    let crop = [
        0.0..=65_535.0,
        0.0..=65_535.0,
        1.0..=65_535.0,
        1.0..=65_535.0,
    ]
    .prop_map(|[x, y, width, height]| Cutout {
        x,
        y,
        width,
        height,
    });
    let rest = (option::of(crop), sampling(), run());
    (words(), fit(), 0.0..8192.0, rest).prop_map(
        |(asset, fit, corner_radius_px, (crop_px, sampling, run))| {
            Source::Image(Image {
                asset,
                fit,
                corner_radius_px,
                crop_px,
                sampling,
                run,
            })
        },
    )
}

fn params() -> impl Strategy<Value = Vec<(std::sync::Arc<str>, std::sync::Arc<str>)>> {
    vec(words(), 0..4).prop_map(|values| {
        let names = (0..).map(|i| format!("p-{i}").into());
        names.zip(values).collect()
    })
}

fn sprite() -> impl Strategy<Value = Source> {
    let grid =
        (1..=1024_u32, 1..=1024_u32, any::<u32>()).prop_map(|(columns, rows, some)| Cells::Grid {
            columns,
            rows,
            count: 1 + some % (columns * rows),
        });
    let atlas = (words(), option::of(words())).prop_map(|(asset, tag)| Cells::Atlas { asset, tag });
    let numbers = (option::of(0.01..=240.0), option::of(0.0..=1e6));
    (
        words(),
        prop_oneof![grid, atlas],
        numbers,
        run(),
        fit(),
        sampling(),
    )
        .prop_map(|(asset, cells, (fps, frame), run, fit, sampling)| {
            Source::Sprite(Sprite {
                asset,
                cells,
                fps,
                frame,
                run,
                fit,
                sampling,
            })
        })
}

fn drawing() -> impl Strategy<Value = Drawing> {
    let v = || -1e3..1e3;
    let ink = prop_oneof![
        color().prop_map(Ink::Color),
        ([v(), v(), v(), v()], vec((0.0..=1.0, color()), 0..3)).prop_map(|(line, stops)| {
            let form = InkForm::Linear(line);
            Ink::Gradient(Box::new(InkGradient { form, stops }))
        }),
        ([v(), v(), v()], vec((0.0..=1.0, color()), 0..3)).prop_map(|(turn, stops)| {
            let form = InkForm::Conic(turn);
            Ink::Gradient(Box::new(InkGradient { form, stops }))
        }),
    ];
    let repeats = any::<[bool; 2]>();
    let ink = prop_oneof![
        3 => ink,
        1 => (repeats, [v(), v(), v(), v(), v(), v()]).prop_map(|(repeats, transform)| {
            let image = "logo.png".into();
            Ink::Pattern(Box::new(InkPattern {
                image,
                repeats,
                transform,
            }))
        }),
    ];
    let side = option::of([v(), v()]);
    let image =
        (option::of([v(), v(), v(), v()]), [v(), v()], side).prop_map(|(part, at, size)| {
            DrawnImage {
                image: "art.png".into(),
                part,
                at,
                // A part is drawn in a size of its own.
                size: size.or(part.map(|_| [3.0, 4.0])),
            }
        });
    let text =
        (words(), [v(), v()], option::of(0.0..500.0)).prop_map(|(text, at, max_width)| Words {
            text,
            at,
            max_width,
        });
    let outline = || Box::new(Outline::new("M0 0 L10 0 L5 9 Z").unwrap());
    let operation = prop_oneof![
        ink.prop_map(Operation::FillStyle),
        [v(), v(), v(), v()].prop_map(Operation::FillRect),
        [v(), v(), v(), v(), v(), v()].prop_map(Operation::BezierCurveTo),
        ([v(), v(), 0.0..9.0, v(), v()], any::<bool>())
            .prop_map(|(v, back)| Operation::Arc(v, back)),
        (
            [v(), v(), v(), v()],
            [0.0..9.0, 0.0..9.0, 0.0..9.0, 0.0..9.0]
        )
            .prop_map(|(rect, radii)| Operation::RoundRect(rect, radii)),
        vec(0.0..9.0, 0..4).prop_map(|v| Operation::SetLineDash(v.into())),
        text.prop_map(Operation::FillText),
        image.prop_map(|image| Operation::DrawImage(Box::new(image))),
        (-50.0..500.0).prop_map(Operation::LetterSpacing),
        (-50.0..500.0).prop_map(Operation::WordSpacing),
        prop::sample::select(vec![
            Operation::Save,
            Operation::Restore,
            Operation::BeginPath,
            Operation::Clip(FillRule::EvenOdd),
            Operation::FillPath(outline(), FillRule::EvenOdd),
            Operation::StrokePath(outline()),
            Operation::ClipPath(outline(), FillRule::NonZero),
            Operation::Direction(TextDirection::Rtl),
            Operation::ImageSmoothingEnabled(false),
            Operation::ImageSmoothingQuality(Smoothing::High),
            Operation::Reset,
            Operation::Fill(FillRule::NonZero),
            Operation::Stroke,
            Operation::LineCap(Cap::Round),
            Operation::GlobalCompositeOperation(media::BlendMode::DestinationOut),
            Operation::TextAlign(TextAlign::End),
            Operation::TextBaseline(TextBaseline::Middle),
            Operation::Font(Box::new(
                CanvasFont::new("italic 12px 'DejaVu Sans'").unwrap()
            )),
        ]),
    ];
    vec(operation, 0..8).prop_map(|operations| Drawing::new(operations.into()))
}

fn transform() -> impl Strategy<Value = Transform> {
    let scale = -100.0..=100.0;
    (
        [-1e6..=1e6, -1e6..=1e6],
        [-100.0..=100.0, -100.0..=100.0],
        [0.5..=8192.0, 0.5..=8192.0],
        [scale.clone(), scale],
        -1e6..=1e6,
        any::<bool>(),
    )
        .prop_map(
            |(
                [x_px, y_px],
                [anchor_x, anchor_y],
                [w, h],
                [scale_x, scale_y],
                rotation_deg,
                flip_x,
            )| {
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
                    flip_x,
                    flip_y: w > h,
                    corner_pin: None,
                    functions: if w > h {
                        [
                            TransformFunction::Translate(scale_x, 1.5),
                            TransformFunction::Matrix([1.0, 0.0, 0.25, 1.0, 0.0, 3.0]),
                        ]
                        .into()
                    } else {
                        [].into()
                    },
                }
            },
        )
}

fn constraints() -> impl Strategy<Value = scene::Constraints> {
    use scene::Constraint::{Center, End, Scale, Start, Stretch};
    let one = || prop::sample::select(vec![Start, End, Center, Stretch, Scale]);
    (one(), one()).prop_map(|(horizontal, vertical)| scene::Constraints {
        horizontal,
        vertical,
    })
}

fn safe_area() -> impl Strategy<Value = scene::SafeArea> {
    let margin = || 0.0..=2000.0;
    let margins = (margin(), margin(), margin(), margin());
    let margins =
        margins.prop_map(
            |(left_px, top_px, right_px, bottom_px)| scene::SafeArea::Margins {
                left_px,
                top_px,
                right_px,
                bottom_px,
            },
        );
    prop_oneof![Just(scene::SafeArea::Title), margins]
}

fn crop() -> impl Strategy<Value = Crop> {
    (0.0..=16_384.0, 0.0..=9.5).prop_map(|(left_px, top_px)| Crop {
        left_px,
        top_px,
        ..Crop::default()
    })
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
        (
            prop::sample::select(media::BlendMode::ALL.to_vec()),
            0..4usize,
            option::of(crop()),
            option::of(constraints()),
            option::of(safe_area()),
        ),
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
                (blend_mode, tags, crop, constraints, safe_area),
            )| Layer {
                id: Id::new("later").unwrap(),
                name,
                kind,
                parent: None,
                follow: None,
                z_index,
                visible,
                opacity,
                blend_mode,
                transform,
                constraints,
                safe_area,
                clip,
                crop: crop.filter(|_| source.is_some()),
                mask: None,
                wipe: None,
                source,
                effects,
                ttl_ms,
                tags: (0..tags)
                    .map(|k| Id::new(&format!("t{k}")).unwrap())
                    .collect(),
                metadata: (tags == 2).then(|| r#"{"b":[1,2.0,null],"a":"ä"}"#.into()),
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
        // Of every size that may stand there, and down to the smallest.
        any::<f64>()
            .prop_filter("finite", |v| v.is_finite())
            .prop_map(|v| if v.abs() > 1e15 { v.recip() } else { v }),
        any::<bool>(),
        color(),
        option::of(0.0..1.0),
    )
        .prop_map(move |(x, visible, c, opacity)| {
            let mut values = vec![
                (Property::X, Value::Number(x)),
                (Property::Visible, Value::Bool(visible)),
                (Property::ZIndex, Value::Integer(3)),
                (Property::BlendMode, Value::Word("screen")),
                (Property::Position, Value::Vec2([x.clamp(-1e5, 1e5), 2.5])),
                (
                    Property::Functions,
                    Value::Transform([TransformFunction::Skew(1.5, 0.0)].into()),
                ),
            ];
            values.extend(opacity.map(|v| (Property::Opacity, Value::Number(v))));
            if shadow {
                values.extend([(sigma(), Value::Number(3.25)), (tint(), Value::Color(c))]);
            }
            values
        })
        .boxed()
}

fn driver() -> impl Strategy<Value = Driver> {
    let path = (
        prop::sample::select(vec!["M0 0 L10 0 L5 8 Z", "M 1,1 q 5 5 9 0 M20 20 h5"]),
        prop::sample::select(vec![
            None,
            Some(Rotate::Auto),
            Some(Rotate::AutoReverse),
            Some(Rotate::Fixed(12.5)),
        ]),
        [-9e2..9e2, -9e2..9e2],
        [-2.0..2.0, -2.0..2.0],
    )
        .prop_map(|(d, rotate, offset_px, [start, end])| {
            let mut path = PathDriver::new(d).unwrap();
            (path.rotate, path.offset_px) = (rotate, offset_px);
            (path.start, path.end) = (start, end);
            Driver::Path(Box::new(path))
        });
    let formula = (-1e3..1e3, 0.0..100.0, any::<u32>(), 1..=8_u32, 0..4_u8).prop_map(
        |(amplitude, frequency_hz, seed, octaves, which)| match which {
            0 => Formula::Noise {
                amplitude,
                frequency_hz,
                seed,
                octaves,
            },
            1 => Formula::Wiggle {
                amplitude,
                frequency_hz,
                seed,
                octaves,
            },
            2 => Formula::Sine {
                amplitude,
                frequency_hz,
                phase_deg: amplitude,
            },
            _ => Formula::LookAt {
                at: LookAt::Point([amplitude, frequency_hz]),
                offset_deg: amplitude,
            },
        },
    );
    let expression = formula.prop_map(|formula| {
        let property = match formula {
            Formula::LookAt { .. } => Property::Rotation,
            _ => Property::Scale,
        };
        Driver::Expression(Box::new(Expression { property, formula }))
    });
    prop_oneof![
        6 => Just(Driver::Keyframes),
        1 => path,
        1 => expression,
    ]
}

fn color_space() -> impl Strategy<Value = ColorSpace> {
    prop::sample::select(vec![
        ColorSpace::Oklab,
        ColorSpace::Srgb,
        ColorSpace::SrgbLinear,
        ColorSpace::Oklch(Hue::Shorter),
        ColorSpace::Oklch(Hue::Increasing),
    ])
}

fn animation(target: Target, shadow: bool) -> impl Strategy<Value = Animation> {
    let values = values(target == Target::Canvas, shadow);
    let keyframe =
        (easing(), option::of(composite()), values).prop_map(|(easing, composite, values)| {
            StyledKeyframe {
                offset: None,
                easing,
                composite,
                tangents: Tangents::default(),
                values,
            }
        });
    let start = prop_oneof![
        Just(Start::Now),
        // 26 days: beyond, milliseconds as f64 do not tell every nanosecond apart.
        (-(1_i64 << 51)..1 << 51).prop_map(|ns| Start::At(ShowTime::from_nanos(ns))),
        any::<i64>().prop_map(Start::Wall),
        (-1e9..1e9_f64).prop_map(|ms| Start::After(Id::new("before").unwrap(), ms)),
        (1.0..1000.0_f64, -1e6..1e6_f64, 0.1..64.0_f64).prop_map(
            |(bpm, offset_ms, quantum_beats)| {
                Start::Beat(BeatGrid {
                    bpm,
                    offset_ms,
                    quantum_beats,
                })
            }
        ),
    ];
    let start = prop_oneof![
        5 => start,
        1 => ("[A-Za-z0-9_.:-]{1,64}", option::of(patience()))
            .prop_map(|(name, patience)| Start::Marker(name.into(), patience)),
    ];
    let playback = (
        -(1_i64 << 51)..1 << 51,
        -1e9..1e9_f64,
        0.0..100.0_f64,
        any::<bool>(),
    )
        .prop_map(|(ns, local_ms, rate, paused)| {
            Playback::from_parts(ShowTime::from_nanos(ns), local_ms, rate, paused)
        });
    let verb = prop_oneof![
        Just(Verb::Pause),
        Just(Verb::Resume),
        (-1e9..1e9_f64).prop_map(Verb::Seek),
        (0.0..100.0_f64).prop_map(Verb::Rate),
    ];
    (
        (
            start,
            option::of(playback),
            vec(verb, 0..3),
            prop::sample::select(vec![WhenOver::Keep, WhenOver::Remove]),
            plan(),
        ),
        timing(),
        (composite(), color_space(), driver()),
        vec(keyframe, 1..4),
        any::<bool>(),
    )
        .prop_map(
            move |(running, timing, (composite, color_space, driver), mut keyframes, offsets)| {
                let (start, playback, mut verbs, when_over, plan) = running;
                // What waits cannot be told anything.
                if plan.group.is_some() || matches!(start, Start::Marker(..)) {
                    verbs.clear();
                }
                if offsets {
                    keyframes[0].offset = Some(0.1 + 0.2);
                }
                // The canvas has no place.
                let driver = match target {
                    Target::Layer(_) => driver,
                    Target::Canvas => Driver::Keyframes,
                };
                if offsets && matches!(target, Target::Layer(_)) {
                    keyframes[0].tangents.leaving_px = [0.0, -12.5];
                }
                if driver != Driver::Keyframes {
                    keyframes.clear();
                }
                Animation {
                    id: Id::new("later").unwrap(),
                    target: target.clone(),
                    start,
                    playback,
                    verbs,
                    when_over,
                    plan,
                    timing,
                    composite,
                    color_space,
                    driver,
                    keyframes,
                }
            },
        )
}

fn patience() -> impl Strategy<Value = Patience> {
    let until = prop_oneof![
        (0.0..86_400_000.0_f64).prop_map(Until::After),
        (-(1_i64 << 51)..1 << 51).prop_map(|ns| Until::At(ShowTime::from_nanos(ns))),
    ];
    let then = prop::sample::select(vec![OnTimeout::Start, OnTimeout::Cancel]);
    (until, then).prop_map(|(until, then)| Patience { until, then })
}

fn plan() -> impl Strategy<Value = Plan> {
    let group =
        (option::of(1..=500_u32), option::of(patience())).prop_map(|(size, patience)| Group {
            id: Id::new("intro").unwrap(),
            size,
            patience,
        });
    let spring = (0.1..100.0_f64, 1.0..10_000.0_f64, 0.0..10_000.0_f64);
    let course = prop_oneof![
        Just(Course::Tween),
        Just(Course::Smooth),
        spring.prop_map(|(m, k, c)| Course::Spring(Spring::new(m, k, c).unwrap())),
    ];
    let velocities = (-1e6..1e6_f64, [-10.0..10.0_f64, -10.0..10.0_f64]).prop_map(|(x, pair)| {
        let center = "source.gradient.center".parse().unwrap();
        vec![(Property::X, [x, 0.0]), (center, pair)]
    });
    let retarget = (course, option::of(velocities))
        .prop_map(|(course, velocities)| Retarget { course, velocities });
    (
        prop::sample::select(vec![
            LatePolicy::CatchUp,
            LatePolicy::Shift,
            LatePolicy::Drop,
        ]),
        prop::sample::select(vec![
            ResumePolicy::Continue,
            ResumePolicy::Restart,
            ResumePolicy::Drop,
        ]),
        option::weighted(0.2, group),
        option::weighted(0.3, retarget),
    )
        .prop_map(|(late, resume, group, retarget)| Plan {
            late,
            resume,
            group,
            retarget,
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
            // A color, whose box nothing is cut off, and every other group stand in perspective; every fourth layer follows the one before it.
            for i in 0..layers.len() {
                let is_color = matches!(layers[i].source, Some(Source::Color(_)));
                let is_box = layers[i].kind == Kind::Group && i % 2 == 1;
                if (is_color || is_box) && layers[i].crop.is_none() {
                    layers[i].transform.corner_pin =
                        Some([[0.0, -0.5], [1.25, 0.0], [0.0; 2], [-0.1, 0.2]]);
                }
                // Panes lie on the canvas, upright.
                if layers[i].parent.is_some() || layers[i].transform.corner_pin.is_some() {
                    let is_pane = |e: &Effect| matches!(e.kind, EffectKind::BackdropBlur { .. });
                    layers[i].effects.retain(|effect| !is_pane(effect));
                }
                if i % 4 == 3 && layers[i].parent.as_ref() != Some(&layers[i - 1].id) {
                    layers[i].follow = Some(layers[i - 1].id.clone());
                }
            }
            // Every fifth is being wiped on, in turn by each form.
            for (k, i) in (0..layers.len()).step_by(5).enumerate() {
                let form = match k % 4 {
                    0 => WipeForm::Linear { angle_deg: -33.5 },
                    1 => WipeForm::Iris {
                        center: [0.25, 1.5],
                    },
                    2 => WipeForm::Clock {
                        center: [0.5, 0.1],
                        angle_deg: 90.0,
                    },
                    _ => WipeForm::Luma {
                        asset: "paint.png".into(),
                    },
                };
                layers[i].wipe = Some(Wipe {
                    form,
                    softness: [0.0, 0.125, 1.0][i % 3],
                    progress: 0.3,
                    invert: i % 2 == 1,
                });
            }
            // Every third layer shows through the one before it: none of them is a group.
            for i in (2..layers.len()).step_by(3) {
                if [i - 1, i].iter().all(|&i| layers[i].kind != Kind::Group) {
                    layers[i].mask = Some(Mask {
                        layer: layers[i - 1].id.clone(),
                        mode: [MaskMode::Alpha, MaskMode::Luma][i % 2],
                        invert: i % 4 < 2,
                    });
                }
            }
            let targets = layers
                .iter()
                .map(|l| (Target::Layer(l.id.clone()), !l.effects.is_empty()))
                .chain([(Target::Canvas, false)]);
            let targets: Vec<_> = targets.collect();
            let animations: Vec<_> = targets
                .iter()
                .map(|(target, shadow)| animation(target.clone(), *shadow))
                .collect();
            (
                Just(layers),
                animations,
                vec(timelines::timeline(&targets), 0..3),
                Just(scene::Canvas {
                    width_px: w * 2,
                    height_px: h * 2,
                    background,
                    design: (h % 3 == 0).then_some(scene::Design {
                        width_px: 1920,
                        height_px: 1080,
                    }),
                }),
            )
        })
        .prop_map(|(layers, mut animations, mut timelines, canvas)| {
            for (i, timeline) in timelines.iter_mut().enumerate() {
                timeline.id = Id::new(&format!("t{i}")).unwrap();
            }
            for (i, animation) in animations.iter_mut().enumerate() {
                animation.id = Id::new(&format!("a{i}")).unwrap();
            }
            let layers: Vec<scene::Shared<Layer>> = layers.into_iter().map(Into::into).collect();
            let animations: Vec<scene::Shared<Animation>> =
                animations.into_iter().map(Into::into).collect();
            let passages = passages(canvas, &layers, &animations);
            let mut scene = Scene {
                canvas,
                layers,
                animations,
                templates: timelines.iter().map(timelines::template).collect(),
                timelines: timelines.into_iter().map(Into::into).collect(),
                passages,
            };
            follow_somebody(&mut scene);
            scene
        })
}

/// Lets what is to follow another follow the one before it, where that is over at some time.
fn follow_somebody(scene: &mut Scene) {
    for i in 0..scene.animations.len() {
        let (before, now) = scene.animations.split_at_mut(i);
        if let (Start::After(id, _), Some(before)) = (&mut now[0].start, before.last()) {
            id.clone_from(&before.id);
        }
        let at = format!("/animations/{i}/start/after");
        if scene.vain_starts(None).iter().any(|one| one.pointer == at) {
            scene.animations[i].start = Start::Now;
        }
    }
}

/// Transitions that run, of a kind that depends on how many layers there are: one over a whole scene with another in what
/// leaves, and one of a layer.
fn passages(
    canvas: scene::Canvas,
    layers: &[scene::Shared<Layer>],
    animations: &[scene::Shared<Animation>],
) -> Vec<scene::Shared<Passage>> {
    let luma = || WipeForm::Luma {
        asset: "paint.png".into(),
    };
    let wipe = |form| TransitionKind::Wipe {
        form,
        softness: 0.125,
        invert: true,
    };
    let kinds = [
        TransitionKind::Fade,
        TransitionKind::FadeThrough {
            color: canvas.background,
        },
        TransitionKind::Slide {
            heading: Heading::Up,
        },
        TransitionKind::Push {
            heading: Heading::Right,
        },
        TransitionKind::Scale { from: 0.3 },
        TransitionKind::Zoom { scale: 2.5 },
        wipe(WipeForm::Linear { angle_deg: 12.5 }),
        wipe(WipeForm::Iris {
            center: [0.25, 1.5],
        }),
        wipe(WipeForm::Clock {
            center: [0.5, 0.1],
            angle_deg: 90.0,
        }),
        wipe(luma()),
        TransitionKind::BlurFade { sigma_px: 12.5 },
        TransitionKind::Flip { vertical: false },
        TransitionKind::Stinger {
            asset: "stinger.webp".into(),
            cut_ms: Some(250.5),
            matte: Some("matte.webp".into()),
        },
        TransitionKind::Morph,
    ];
    let passage = |id: &str, n: usize, layer: Option<Id>, way: Way| Passage {
        id: Id::new(id).unwrap(),
        layer,
        way,
        transition: Transition {
            kind: kinds[n % kinds.len()].clone(),
            duration_ms: 400.25,
            easing: "back-out".parse().unwrap(),
        },
        start: Start::At(ShowTime::from_ms(1500.0)),
        playback: (n % 3 == 1)
            .then(|| Playback::from_parts(ShowTime::from_ms(1600.0), 60.5, -1.0, false)),
        turns: n % 5 == 2,
    };
    let n = layers.len() + animations.len();
    let inner = passage(
        "inner",
        n + 1,
        layers.first().map(|l| l.id.clone()),
        Way::Out,
    );
    let left = Left {
        background: Some(canvas.background),
        place: n,
        layers: layers.to_vec(),
        animations: animations.to_vec(),
        timelines: Vec::new(),
        passages: layers.first().map(|_| inner.into()).into_iter().collect(),
    };
    let whole = passage("whole", n, None, Way::Over(Box::new(left)));
    let comes = layers
        .last()
        .map(|l| passage("comes", n + 2, Some(l.id.clone()), Way::In));
    [whole].into_iter().chain(comes).map(Into::into).collect()
}
