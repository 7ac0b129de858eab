//! What a text that changes costs the thread that draws: a countdown's next second, measured (layout) and painted
//! (layout and raster), with all caches warm. `cargo bench -p sources --bench text`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a bench reads the clock and prints what it read"
)]

use scene::{Align, AtEnd, Countdown, CountdownFormat, CountdownTo, Source, TextStyle};
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
}

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
        to: CountdownTo::ShowMs(0.0),
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
        let begun = Instant::now();
        black_box(painter.measure(&request).expect("fonts are there"));
        let measured = Instant::now();
        black_box(painter.paint(&request).expect("a small surface"));
        let painted = Instant::now();
        for (spent, took) in
            spent
                .iter_mut()
                .zip([measured - begun, painted - measured, painted - begun])
        {
            spent.push(took);
        }
    }
    spent.map(|mut spent| {
        spent.sort_unstable();
        spent[spent.len() / 2].as_secs_f64() * 1e6
    })
}
