//! A layer of each type with every field that can move, to find out what can.

use crate::{
    Align, AtEnd, Behind, Cells, Clock, ClockFormat, Countdown, CountdownFormat, CountdownTo, Crop,
    Cutout, Dash, Drawing, ErrorCorrection, Gradient, GradientForm, Id, Image, Kind, Layer, Mask,
    MaskMode, NumberFormat, NumberText, Outline, Paint, Qr, Shape, ShapeForm, Source, Sprite,
    Stroke, Svg, Tag, Text, TextBackground, TextContent, TextRun, TextStyle, Ticker, Transform,
    Wipe, WipeForm, Zone,
};
use media::Color;
use std::sync::Arc;

/// Layers with the word of their source's type, or `group`; between them they have everything.
pub(crate) fn specimens() -> Vec<(&'static str, Layer)> {
    let mut all = vec![("group", layer(None))];
    let mut add = |source: Source| all.push((source.type_name(), layer(Some(source))));
    add(Source::Color(Color::BLACK));
    let radial = GradientForm::Radial {
        center: [0.5; 2],
        radius_px: Some(1.0),
    };
    let conic = GradientForm::Conic {
        center: [0.5; 2],
        angle_deg: 0.0,
    };
    for form in [GradientForm::Linear { angle_deg: 0.0 }, radial, conic] {
        let gradient = || gradient(form);
        add(Source::Gradient(gradient()));
        add(Source::Shape(shape(
            ShapeForm::Ellipse,
            Paint::Gradient(gradient()),
        )));
        for source in written(&style(Paint::Gradient(gradient()))) {
            add(source);
        }
    }
    for form in forms() {
        add(Source::Shape(shape(form, Paint::Color(Color::BLACK))));
    }
    for source in written(&style(Paint::Color(Color::BLACK))) {
        add(source);
    }
    add(Source::Image(Image {
        crop_px: Some(Cutout {
            x: 0.0,
            y: 0.0,
            width: 1.0,
            height: 1.0,
        }),
        ..Image::default()
    }));
    add(Source::Qr(Qr {
        text: "".into(),
        error_correction: ErrorCorrection::default(),
        color: Color::BLACK,
        background: Color::WHITE,
        quiet_zone_modules: 4,
    }));
    add(Source::Drawing(Drawing::new(Arc::new([]))));
    add(Source::Svg(Svg {
        params: vec![("name".into(), "".into())],
        ..Svg::default()
    }));
    add(Source::Sprite(Sprite {
        asset: "".into(),
        cells: Cells::Atlas {
            asset: "".into(),
            tag: Some("".into()),
        },
        fps: Some(1.0),
        frame: Some(0.0),
        run: crate::Run::default(),
        fit: crate::Fit::default(),
        sampling: crate::Sampling::default(),
    }));
    all
}

fn id() -> Id {
    Id::reserved("specimen")
}

fn layer(source: Option<Source>) -> Layer {
    let group = source.is_none();
    Layer {
        transform: Transform {
            width_px: Some(1.0),
            height_px: Some(1.0),
            // Those of tickers cannot be moved yet.
            corner_pin: (!matches!(source, Some(Source::Ticker(_)))).then_some([[0.0; 2]; 4]),
            ..Transform::default()
        },
        clip: group.then_some([0.0; 4]),
        crop: (!group).then(Crop::default),
        mask: Some(Mask {
            layer: id(),
            mode: MaskMode::default(),
            invert: false,
        }),
        // A clock has all that wipes have.
        wipe: Some(Wipe {
            form: WipeForm::Clock {
                center: [0.5; 2],
                angle_deg: 0.0,
            },
            softness: 0.0,
            progress: 1.0,
            invert: false,
        }),
        ..Layer::bare(
            id(),
            if group { Kind::Group } else { Kind::Overlay },
            source,
        )
    }
}

fn gradient(form: GradientForm) -> Gradient {
    Gradient {
        form,
        ..Gradient::linear(0.0, vec![(0.0, Color::BLACK), (1.0, Color::WHITE)])
    }
}

fn forms() -> impl Iterator<Item = ShapeForm> {
    let path = Outline::new("M0 0 L1 0 L1 1 Z").map(ShapeForm::Path);
    [
        ShapeForm::Rect { radii_px: [0.0; 4] },
        ShapeForm::Polygon {
            points: vec![[0.0; 2]; 3],
        },
        ShapeForm::Line {
            from: [0.0; 2],
            to: [1.0; 2],
        },
        ShapeForm::Star {
            points: 5,
            inner_ratio: 0.5,
        },
    ]
    .into_iter()
    .chain(path)
}

fn stroke(paint: Paint) -> Stroke {
    Stroke {
        dash: Some(Dash {
            lengths_px: vec![1.0],
            offset_px: 0.0,
        }),
        ..Stroke::new(paint, 1.0)
    }
}

fn shape(form: ShapeForm, paint: Paint) -> Shape {
    Shape::new(form, Some(paint.clone()), Some(stroke(paint)))
}

fn style(paint: Paint) -> TextStyle {
    let tag = |name: &str| Tag::new(name);
    TextStyle {
        fill: Some(paint.clone()),
        // Words are stroked without dashes.
        stroke: Some(Stroke::new(paint, 1.0)),
        background: Some(TextBackground {
            color: Color::BLACK,
            padding_px: [0.0; 2],
            corner_radius_px: 0.0,
            behind: Behind::default(),
        }),
        line_height: Some(1.0),
        axes: tag("wdth").into_iter().map(|tag| (tag, 0.0)).collect(),
        features: tag("ss01").into_iter().map(|tag| (tag, 0)).collect(),
        ..TextStyle::default()
    }
}

fn run() -> TextRun {
    TextRun {
        text: "".into(),
        font: Some("".into()),
        size_px: Some(1.0),
        weight: Some(400.0),
        italic: Some(false),
        color: Some(Color::BLACK),
        letter_spacing_px: Some(0.0),
        underline: Some(false),
        strikethrough: Some(false),
        background: Some(Color::BLACK),
    }
}

/// All that is written, in one style.
fn written(style: &TextStyle) -> Vec<Source> {
    let text = |text: TextContent| {
        let flow = crate::Flow {
            max_lines: Some(1),
            ..crate::Flow::default()
        };
        Source::Text(Text {
            text,
            style: style.clone(),
            flow,
            ..Text::default()
        })
    };
    let number = NumberText {
        value: 0.0,
        format: NumberFormat {
            decimals: Some(0),
            min_decimals: Some(0),
            ..NumberFormat::default()
        },
    };
    let mut all = vec![
        text(TextContent::Plain("".into())),
        text(TextContent::Number(number)),
        text(TextContent::Runs(Arc::new([run()]))),
        Source::Ticker(Ticker {
            text: Arc::default(),
            style: style.clone(),
            speed_px_s: 0.0,
            gap_px: 0.0,
            baseline_px: Some(0.0),
        }),
        Source::Countdown(Countdown {
            counts: crate::Counts::Down,
            moment: CountdownTo::ShowMs(0.0),
            format: CountdownFormat::MmSs,
            at_end: AtEnd::default(),
            style: style.clone(),
            align: Align::default(),
            baseline: false,
        }),
    ];
    all.extend(ClockFormat::new("%T").map(|format| {
        Source::Clock(Clock {
            format,
            time_zone: Zone::utc(),
            style: style.clone(),
            align: Align::default(),
            baseline: false,
        })
    }));
    all
}
