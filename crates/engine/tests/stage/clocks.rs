//! The time of day on its frame, and QR codes among layers.

use crate::build::{
    golden_with_text, layer, ms, picture, png, rgba, scene_of, stage, stage_with, style,
};
use scene::{Align, Clock, ClockFormat, ErrorCorrection, Qr, Scene, Source, Zone};

fn clock(format: &str, zone: &str) -> Source {
    Source::Clock(Clock {
        format: ClockFormat::new(format).expect("directives"),
        time_zone: Zone::named(zone).expect("a zone"),
        style: style(20.0),
        align: Align::Left,
        baseline: false,
    })
}

fn scene_with(source: Source) -> Scene {
    scene_of(160, 72, vec![layer("time", [4.0, 4.0], None, source)])
}

/// The words change with the frame at or after the second, and not one before.
#[test]
fn a_clock_changes_on_its_frame() {
    let mut clock = stage(&scene_with(clock("%H:%M:%S", "Asia/Kolkata")));
    let text = |words: &str| {
        let source = Source::Text(crate::build::text(words, 20.0));
        picture(&mut stage(&scene_with(source)), ms(0.0))
    };
    // Show time 0 is 1970, half past five in the morning there.
    for (at_ms, words) in [
        (0.0, "05:30:00"),
        (999.0, "05:30:00"),
        (1000.0, "05:30:01"),
        (59_999.999, "05:30:59"),
    ] {
        assert_eq!(
            picture(&mut clock, ms(at_ms)).data(),
            text(words).data(),
            "{at_ms}"
        );
    }
}

/// A dark code on white, one of amber on dark blue without quiet zone, and a see-through one over stripes.
#[test]
fn codes() {
    let code = |error_correction, color, background, quiet_zone_modules| {
        Source::Qr(Qr {
            text: "https://example.com/lot/7".into(),
            error_correction,
            color: rgba(color),
            background: rgba(background),
            quiet_zone_modules,
        })
    };
    let stripes = png(96, 96, |x, y| {
        if (x + y) / 12 % 2 == 0 {
            0xffe0_80ff
        } else {
            0xffc0_a0ff
        }
    });
    let layers = vec![
        layer(
            "white",
            [8.0, 8.0],
            [96.0, 96.0],
            code(ErrorCorrection::Medium, 0x0000_00ff, 0xffff_ffff, 4),
        ),
        layer(
            "amber",
            [112.0, 8.0],
            [96.0, 96.0],
            code(ErrorCorrection::Low, 0xffc0_40ff, 0x1020_40ff, 0),
        ),
        layer(
            "stripes",
            [216.0, 8.0],
            None,
            crate::build::image("stripes.png", scene::Fit::Fill),
        ),
        layer(
            "clear",
            [216.0, 8.0],
            [96.0, 96.0],
            code(ErrorCorrection::High, 0x4010_40ff, 0, 1),
        ),
    ];
    let scene = scene_of(320, 112, layers);
    let shelf = crate::build::Shelf::with(&[("stripes.png", &stripes)]);
    testkit::golden!(
        "codes",
        &picture(&mut stage_with(&scene, shelf), ms(0.0)),
        0
    );
}

/// One moment in three cities, each by its own words: the hour of twelve with seconds in New York, of twenty-four in
/// Berlin, and with the day and the zone in Tokyo, where it is tomorrow.
#[test]
fn clocks_of_three_zones() {
    let cities = [
        ("%-I:%M:%S %p", "America/New_York"),
        ("%H:%M", "Europe/Berlin"),
        ("%a %-d %b, %R %Z", "Asia/Tokyo"),
    ];
    let layers = cities.iter().zip(["ny", "berlin", "tokyo"]).enumerate();
    let layers = layers.map(|(i, ((format, zone), name))| {
        let y = 8.0 + 28.0 * f64::from(u8::try_from(i).expect("three"));
        layer(name, [12.0, y], None, clock(format, zone))
    });
    let mut stage = stage(&scene_of(256, 96, layers.collect()));
    golden_with_text("clocks_of_three_zones", &mut stage, 62_345_000.0);
}
