//! What a text that changes costs the thread that draws: a countdown's next second, measured (layout) and painted
//! (layout and raster), with all caches warm. `cargo bench -p sources --bench text`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints what it read"
)]

use media::Color;
use scene::{
    Align, AtEnd, Countdown, CountdownFormat, CountdownTo, Flow, Gradient, Overflow, Paint, Source,
    Stroke, Text, TextFit, TextStyle,
};
use sources::{Fonts, Painter, Request};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Fonts as a service has them: the two families that are asked for, and those searched when they lack something.
const FOLDERS: [&str; 3] = [
    "/usr/share/fonts/opentype/inter",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/noto",
];

fn main() {
    let files = FOLDERS
        .iter()
        .flat_map(|folder| {
            std::fs::read_dir(Path::new(folder))
                .expect("install fonts-inter, fonts-dejavu-core and fonts-noto-core")
        })
        .map(|entry| std::fs::read(entry.expect("a readable folder").path()).expect("a font"));
    let mut painter = Painter::new(Fonts::new(files));
    println!("one countdown of 8 glyphs, median of {SECONDS}, us");
    println!("{:<28}{:>10}{:>10}{:>10}", "", "measure", "paint", "both");
    for (font, weight, tabular) in [("DejaVu Sans", 400.0, false), ("Inter", 700.0, true)] {
        for size_px in [34.0, 48.0, 64.0] {
            let [measured, painted, both] =
                count_down(&mut painter, font, weight, tabular, size_px);
            println!(
                "{:<28}{measured:>10.1}{painted:>10.1}{both:>10.1}",
                format!("{font} {weight} {size_px} px")
            );
        }
    }
    changes(&mut painter);
}

/// Texts that change on every frame, each in another way; what is set anew and what is only painted anew.
fn changes(painter: &mut Painter) {
    let words = "The hammer falls on the seventh lot of the evening sale";
    let style = |size_px| TextStyle {
        font: "Inter".into(),
        size_px,
        ..TextStyle::default()
    };
    let text = |n: u64, size_px| Text {
        text: format!("{words}, number {n}.").as_str().into(),
        style: style(size_px),
        ..Text::default()
    };
    let flow = |overflow, fit| Flow {
        max_lines: Some(2),
        overflow,
        fit,
        ..Flow::default()
    };
    let outlined = |color: Color| Stroke::new(Paint::Color(color), 4.0);
    let gradient = || {
        let stops = vec![(0.0, Color::WHITE), (1.0, Color::new(1.0, 0.5, 0.0, 1.0))];
        Paint::Gradient(Gradient::linear(90.0, stops))
    };
    let headline = |n: u64, stroke| {
        let mut text = Text {
            text: format!("The hammer falls on lot {n} of the sale")
                .as_str()
                .into(),
            style: style(90.0),
            ..Text::default()
        };
        text.style.stroke = stroke;
        text
    };
    type Change<'c> = Box<dyn Fn(u64) -> Text + 'c>;
    let cases: [(&str, f64, Change<'_>); 13] = [
        (
            "line of 68 letters, wrapped",
            NARROW,
            Box::new(|n| text(n, 24.0)),
        ),
        (
            "the same, cut with dots",
            NARROW,
            Box::new(|n| Text {
                flow: flow(Overflow::Ellipsis, TextFit::None),
                ..text(n, 48.0)
            }),
        ),
        (
            "the same, shrunk from 48 px",
            NARROW,
            Box::new(|n| Text {
                flow: flow(Overflow::Visible, TextFit::Shrink),
                ..text(n, 48.0)
            }),
        ),
        (
            "the same, filling its box",
            NARROW,
            Box::new(|n| Text {
                flow: flow(Overflow::Visible, TextFit::Fill),
                ..text(n, 12.0)
            }),
        ),
        (
            "the same, a line below",
            NARROW,
            Box::new(|n| {
                let mut text = text(n, 24.0);
                text.style.underline = true;
                text
            }),
        ),
        (
            "the same, rim of 4 px",
            NARROW,
            Box::new(|n| {
                let mut text = text(n, 24.0);
                text.style.stroke = Some(outlined(Color::BLACK));
                text
            }),
        ),
        (
            "one letter more revealed",
            NARROW,
            Box::new(|n| {
                let mut text = text(7, 24.0);
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                let part = (n % 64) as f64 / 64.0;
                text.reveal.part = part;
                text
            }),
        ),
        (
            "another colour",
            NARROW,
            Box::new(|n| {
                let mut text = text(7, 24.0);
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                let red = n as f64 / SECONDS as f64;
                text.style.color = Color::new(red, 0.5, 0.5, 1.0);
                text
            }),
        ),
        (
            "price of 9 letters, 48 px",
            NARROW,
            Box::new(|n| Text {
                text: format!("${n:04}.50 K").as_str().into(),
                style: style(48.0),
                ..Text::default()
            }),
        ),
        (
            "the same, in a gradient",
            NARROW,
            Box::new(|n| {
                let mut text = text(n, 24.0);
                text.style.fill = Some(gradient());
                text
            }),
        ),
        (
            "price in a gradient with a rim",
            NARROW,
            Box::new(|n| {
                let mut text = Text {
                    text: format!("{}.{:02} ETH", 12 + n / 100, n % 100)
                        .as_str()
                        .into(),
                    style: style(64.0),
                    ..Text::default()
                };
                text.style.tabular = true;
                text.style.fill = Some(gradient());
                text.style.stroke = Some(outlined(Color::BLACK));
                text
            }),
        ),
        (
            "headline of 2 lines, 90 px",
            WIDE,
            Box::new(|n| headline(n, None)),
        ),
        (
            "the same, rim of 4 px",
            WIDE,
            Box::new(|n| headline(n, Some(outlined(Color::BLACK)))),
        ),
    ];
    for (name, width_px, change) in &cases {
        let mut spent: [Vec<Duration>; 3] = Default::default();
        for n in 0..SECONDS {
            let source = Source::Text(change(n));
            let request = Request {
                source: &source,
                content: None,
                width_px: Some(*width_px),
                height_px: Some(240.0),
                effects: &[],
                scale: 1.0,
                hint: true,
                asset: None,
            };
            spend(painter, &request, &mut spent);
        }
        let [measured, painted, both] = spent.map(median);
        println!("{name:<28}{measured:>10.1}{painted:>10.1}{both:>10.1}");
    }
}

/// Measures and paints, and notes how long each took.
fn spend(painter: &mut Painter, request: &Request<'_>, spent: &mut [Vec<Duration>; 3]) {
    let begun = Instant::now();
    black_box(painter.measure(request).expect("fonts are there"));
    let measured = Instant::now();
    black_box(painter.paint(request).expect("a small surface"));
    let painted = Instant::now();
    let took = [measured - begun, painted - measured, painted - begun];
    for (spent, took) in spent.iter_mut().zip(took) {
        spent.push(took);
    }
}

fn median(mut spent: Vec<Duration>) -> f64 {
    spent.sort_unstable();
    spent[spent.len() / 2].as_secs_f64() * 1e6
}

/// Boxes that texts wrap in, px.
const NARROW: f64 = 420.0;
const WIDE: f64 = 1200.0;

/// Texts painted for a figure, each for the first time.
const SECONDS: u64 = 2000;

/// Medians of measuring, of painting what was measured, and of both, in microseconds.
fn count_down(
    painter: &mut Painter,
    font: &str,
    weight: f64,
    tabular: bool,
    size_px: f64,
) -> [f64; 3] {
    let source = Source::Countdown(Countdown {
        counts: scene::Counts::Down,
        moment: CountdownTo::ShowMs(0.0),
        format: CountdownFormat::HhMmSs,
        at_end: AtEnd::Hold,
        style: TextStyle {
            font: font.into(),
            size_px,
            weight,
            tabular,
            ..TextStyle::default()
        },
        align: Align::Left,
        baseline: true,
    });
    let mut spent: [Vec<Duration>; 3] = Default::default();
    for second in (0..SECONDS).rev() {
        let text = format!(
            "{:02}:{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        );
        let request = Request {
            source: &source,
            content: Some(&text),
            width_px: None,
            height_px: None,
            effects: &[],
            scale: 1.0,
            hint: true,
            asset: None,
        };
        spend(painter, &request, &mut spent);
    }
    spent.map(median)
}
