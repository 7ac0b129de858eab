//! `cargo bench -p sources`: what it takes to decode pictures and to paint words, shapes and pictures.
#![forbid(unsafe_code)]

use media::{Color, Surface};
use scene::{
    Effect, EffectKind, FillRule, Fit, Id, Image, Paint, Shape, ShapeForm, Source, Svg, Text,
    TextStyle,
};
use sources::{Asset, Fonts, Painter, Request};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use testkit::StageTable;

const SHOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shows");

fn main() {
    let fonts = Fonts::new(
        ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]
            .map(|file| read(&Path::new("/usr/share/fonts/truetype/dejavu").join(file))),
    );
    let mut table = StageTable::new("sources");
    let mut painter = Painter::new(fonts.clone());

    // Words that were never painted before, as those of a tick are.
    let (bold, plain) = (style(34.0, 700.0), style(22.0, 400.0));
    table.hot("text tick: countdown, 34 px bold", Some(0.25), |n| {
        let words = format!("Ends in {:02}:{:02}", n / 60 % 60, n % 60);
        paint(&mut painter, &text(&words, &bold), None, &[], None);
    });
    table.hot("text tick: line of chat, 22 px", Some(0.25), |n| {
        let words = format!("hodl{n}: let's go, 12 ETH");
        paint(&mut painter, &text(&words, &plain), None, &[], None);
    });
    table.hot("text: paragraph of 400 letters, 22 px", None, |n| {
        let words = format!("{n} what a piece! ").repeat(400 / 17);
        paint(
            &mut painter,
            &text(&words, &plain),
            Some((400.0, 600.0)),
            &[],
            None,
        );
    });

    let rect = Source::Shape(Shape {
        form: ShapeForm::Rect {
            radii_px: [20.0; 4],
        },
        fill_rule: FillRule::NonZero,
        fill: Some(Paint::Color(Color::new(0.06, 0.1, 0.16, 0.8))),
        stroke: None,
    });
    table.hot("shape: rounded rectangle, 640x260", None, |_| {
        paint(&mut painter, &rect, Some((640.0, 260.0)), &[], None);
    });

    for (name, what) in [
        ("auction-bench/background.jpg", "JPEG, 1920x1080"),
        ("auction-bench/host.png", "PNG with alpha, 800x1000"),
        ("auction/host-body.svg", "SVG"),
    ] {
        let bytes = read(&Path::new(SHOWS).join(name));
        table.hot(&format!("decode: {what}"), None, |_| {
            black_box(Asset::decode(&bytes, &fonts).expect("it is a picture"));
        });
    }

    let figure = read(&Path::new(SHOWS).join("auction/host-body.svg"));
    let figure = Asset::decode(&figure, &fonts).expect("it is a picture");
    let svg = Source::Svg(Svg {
        asset: "a".into(),
        fit: Fit::Contain,
        params: Vec::new(),
    });
    table.hot("paint: SVG of a figure, 480x440", None, |_| {
        paint(&mut painter, &svg, None, &[], Some(&figure));
    });

    let picture = Asset::from_surface(Surface::new(1920, 1080));
    let image = |corner_radius_px| {
        Source::Image(Image {
            asset: "a".into(),
            fit: Fit::Fill,
            corner_radius_px,
            ..Image::default()
        })
    };
    table.hot("scale: 1920x1080 to 1280x720", None, |_| {
        paint(
            &mut painter,
            &image(0.0),
            Some((1280.0, 720.0)),
            &[],
            Some(&picture),
        );
    });
    let shadow = [Effect {
        id: Id::new("shadow").expect("it keeps the rule"),
        enabled: true,
        kind: EffectKind::DropShadow {
            dx_px: 0.0,
            dy_px: 12.0,
            sigma_px: 12.0,
            color: Color::new(0.0, 0.0, 0.0, 0.6),
        },
    }];
    table.hot(
        "card: 600x600, scaled, rounded, with a shadow",
        None,
        |_| {
            paint(
                &mut painter,
                &image(32.0),
                Some((600.0, 600.0)),
                &shadow,
                Some(&picture),
            );
        },
    );
}

fn paint(
    painter: &mut Painter,
    source: &Source,
    size: Option<(f64, f64)>,
    effects: &[Effect],
    asset: Option<&Asset>,
) {
    let request = Request {
        source,
        content: None,
        width_px: size.map(|(width, _)| width),
        height_px: size.map(|(_, height)| height),
        effects,
        scale: 1.0,
        hint: true,
        asset,
    };
    black_box(painter.paint(&request).expect("it can be painted"));
}

fn style(size_px: f64, weight: f64) -> TextStyle {
    TextStyle {
        font: "DejaVu Sans".into(),
        size_px,
        weight,
        ..TextStyle::default()
    }
}

fn text(words: &str, style: &TextStyle) -> Source {
    Source::Text(Text {
        text: words.into(),
        style: style.clone(),
        ..Text::default()
    })
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", PathBuf::from(path).display()))
}
