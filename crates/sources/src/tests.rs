//! Numeric checks of what is painted. Fonts come from the packages `fonts-dejavu-core`, `fonts-noto-color-emoji` and
//! `fonts-inter`.
#![expect(clippy::float_cmp, reason = "what is equal must be equal to the bit")]

use crate::{Asset, Cache, Error, Fonts, Notice, Painter, Raster, Request, placeholder};
use kurbo::{Point, Size};
use media::{Color, Surface};
use proptest::prelude::*;
use scene::{
    Align, AtEnd, Countdown, CountdownFormat, CountdownTo, Effect, EffectKind, FillRule, Fit,
    Gradient, GradientForm, Id, Image, Paint, Shape, ShapeForm, Source, Spread, Stroke, Svg, Text,
    TextStyle, Ticker,
};
use std::sync::{Arc, OnceLock};

mod hostile;
mod profiles;
mod written;

const WHITE: Color = Color::WHITE;

fn font(path: &str, package: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}; install the package {package}"))
}

/// `DejaVu Sans`, regular and bold, and Noto Color Emoji.
fn fonts() -> Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS
        .get_or_init(|| {
            let dejavu = |name: &str| {
                font(
                    &format!("/usr/share/fonts/truetype/dejavu/{name}.ttf"),
                    "fonts-dejavu-core",
                )
            };
            let emoji = font(
                "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
                "fonts-noto-color-emoji",
            );
            Fonts::new([dejavu("DejaVuSans"), dejavu("DejaVuSans-Bold"), emoji])
        })
        .clone()
}

fn request(source: &Source, size: impl Into<Option<(f64, f64)>>) -> Request<'_> {
    let size = size.into();
    let (width_px, height_px) = (size.map(|s| s.0), size.map(|s| s.1));
    Request {
        source,
        content: None,
        width_px,
        height_px,
        effects: &[],
        scale: 1.0,
        hint: true,
        asset: None,
    }
}

fn paint(source: &Source, size: impl Into<Option<(f64, f64)>>) -> Raster {
    Painter::new(fonts()).paint(&request(source, size)).unwrap()
}

fn alpha_sum(surface: &Surface) -> f64 {
    surface
        .data()
        .chunks_exact(4)
        .map(|p| f64::from(p[3]))
        .sum::<f64>()
        / 255.0
}

fn style(size_px: f64) -> TextStyle {
    TextStyle {
        font: "DejaVu Sans".into(),
        size_px,
        ..TextStyle::default()
    }
}

fn text(words: &str, style: TextStyle) -> Source {
    Source::Text(Text {
        text: words.into(),
        style,
        ..Text::default()
    })
}

fn image(fit: Fit, corner_radius_px: f64) -> Source {
    Source::Image(Image {
        asset: "a".into(),
        fit,
        corner_radius_px,
        ..Image::default()
    })
}

fn rect(radii_px: [f64; 4], fill: Option<Paint>, stroke: Option<Stroke>) -> Source {
    Source::Shape(Shape {
        form: ShapeForm::Rect { radii_px },
        fill_rule: FillRule::NonZero,
        fill,
        stroke,
    })
}

fn shadow(dx_px: f64, dy_px: f64, sigma_px: f64) -> Effect {
    Effect {
        id: Id::new("s").unwrap(),
        enabled: true,
        kind: EffectKind::DropShadow {
            dx_px,
            dy_px,
            sigma_px,
            color: Color::BLACK,
        },
    }
}

/// A picture in which every pixel differs.
fn picture(width: u32, height: u32) -> Surface {
    let mut s = Surface::new(width, height);
    for (i, px) in s.data_mut().chunks_exact_mut(4).enumerate() {
        px.copy_from_slice(&[
            u8::try_from(i % 251).unwrap(),
            u8::try_from(i / 251 % 256).unwrap(),
            77,
            255,
        ]);
    }
    s
}

fn png_bytes(width: u32, height: u32, color: png::ColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(data)
        .unwrap();
    bytes
}

mod shapes {
    use super::*;

    #[test]
    fn a_colour_fills_its_box_to_the_fraction() {
        let source = Source::Color(WHITE);
        let r = paint(&source, (10.5, 4.0));
        assert_eq!(
            (r.surface.width(), r.surface.height(), r.origin_px),
            (11, 4, Point::ZERO)
        );
        assert_eq!(
            (r.surface.pixel(0, 0), r.surface.pixel(9, 3)),
            ([255; 4], [255; 4])
        );
        assert!(
            (127..=128).contains(&r.surface.pixel(10, 0)[3]),
            "{:?}",
            r.surface.pixel(10, 0)
        );
    }

    #[test]
    fn areas_are_those_of_geometry() {
        let white = Some(Paint::Color(WHITE));
        let pi = std::f64::consts::PI;
        let stroke = |w| Some(Stroke::new(Paint::Color(WHITE), w));
        let cases = [
            ("rect", rect([0.0; 4], white.clone(), None), 100.0 * 60.0),
            (
                "rounded",
                rect([20.0; 4], white.clone(), None),
                6000.0 - 400.0 * (4.0 - pi),
            ),
            (
                "one corner",
                rect([20.0, 0.0, 0.0, 0.0], white.clone(), None),
                6000.0 - 400.0 * (1.0 - pi / 4.0),
            ),
            (
                "radii scaled down",
                rect([500.0; 4], white.clone(), None),
                6000.0 - 900.0 * (4.0 - pi),
            ),
            (
                "ring",
                rect([0.0; 4], None, stroke(5.0)),
                6000.0 - 90.0 * 50.0,
            ),
            (
                "stroke thicker than the box",
                rect([0.0; 4], None, stroke(500.0)),
                6000.0,
            ),
            (
                "filled and stroked",
                rect([0.0; 4], white.clone(), stroke(5.0)),
                6000.0,
            ),
            (
                "ellipse",
                Source::Shape(Shape {
                    form: ShapeForm::Ellipse,
                    fill_rule: FillRule::NonZero,
                    fill: white,
                    stroke: None,
                }),
                pi * 50.0 * 30.0,
            ),
        ];
        for (name, source, area) in cases {
            let found = alpha_sum(&paint(&source, (100.0, 60.0)).surface);
            assert!(
                (found - area).abs() < area * 0.003,
                "{name}: {found} instead of {area}"
            );
        }
    }

    #[test]
    fn corners_are_covered_symmetrically() {
        let s = paint(
            &rect([16.0; 4], Some(Paint::Color(WHITE)), None),
            (64.0, 48.0),
        )
        .surface;
        let diagonal = |i| s.pixel(i, i)[3];
        // The arc crosses the diagonal at 16 * (1 - 1/sqrt 2) = 4.69.
        assert_eq!((diagonal(3), diagonal(6)), (0, 255));
        // It leaves a triangle of 0.63^2 / 2 of that pixel.
        assert!(diagonal(4).abs_diff(50) < 8, "{}", diagonal(4));
        for (x, y) in (0..48).flat_map(|y| (0..64).map(move |x| (x, y))) {
            let [a, b] = [s.pixel(x, y)[3], s.pixel(63 - x, 47 - y)[3]].map(i32::from);
            assert!((a - b).abs() <= 2, "{x},{y}: {a} {b}");
        }
    }

    #[test]
    fn a_half_transparent_stroke_lies_half_over_the_fill() {
        let stroke = Stroke::new(Paint::Color(Color::new(1.0, 0.0, 0.0, 0.5)), 8.0);
        let s = paint(
            &rect(
                [0.0; 4],
                Some(Paint::Color(Color::new(0.0, 0.0, 1.0, 1.0))),
                Some(stroke),
            ),
            (40.0, 40.0),
        )
        .surface;
        assert_eq!(s.pixel(1, 20), [128, 0, 0, 128]);
        assert_eq!(s.pixel(6, 20), [128, 0, 127, 255]);
        assert_eq!(s.pixel(20, 20), [0, 0, 255, 255]);
    }

    #[test]
    fn gradients_run_from_corner_to_corner() {
        let black_to_white = |angle_deg| {
            Source::Gradient(Gradient::linear(
                angle_deg,
                vec![(0.0, Color::BLACK), (1.0, WHITE)],
            ))
        };
        let s = paint(&black_to_white(0.0), (256.0, 8.0)).surface;
        for x in 0..256 {
            assert!(
                (i64::from(s.pixel(x, 3)[0]) - i64::from(x)).abs() <= 2,
                "{x}: {:?}",
                s.pixel(x, 3)
            );
        }
        let s = paint(&black_to_white(90.0), (8.0, 100.0)).surface;
        assert!(s.pixel(0, 0)[0] <= 3 && s.pixel(7, 99)[0] >= 252);
        let s = paint(&black_to_white(45.0), (100.0, 50.0)).surface;
        let [tl, br, mid] = [s.pixel(0, 0)[0], s.pixel(99, 49)[0], s.pixel(50, 25)[0]];
        assert!(
            tl <= 4 && br >= 251 && (125..=131).contains(&mid),
            "{tl} {br} {mid}"
        );
        let s = paint(&black_to_white(180.0), (256.0, 8.0)).surface;
        assert!(s.pixel(0, 0)[0] >= 252 && s.pixel(255, 0)[0] <= 3);
    }

    #[test]
    fn gradients_interpolate_premultiplied() {
        let stops = vec![
            (0.0, Color::new(1.0, 0.0, 0.0, 1.0)),
            (1.0, Color::new(0.0, 0.0, 1.0, 0.0)),
        ];
        let s = paint(
            &Source::Gradient(Gradient::linear(0.0, stops)),
            (201.0, 1.0),
        )
        .surface;
        let [r, _, b, a] = s.pixel(100, 0);
        assert!(
            r.abs_diff(128) <= 2 && b <= 1 && a.abs_diff(128) <= 2,
            "{r} {b} {a}"
        );
    }

    fn shaded(form: GradientForm, spread: Spread, stops: &[(f64, Color)]) -> Source {
        Source::Gradient(Gradient {
            form,
            spread,
            stops: stops.to_vec(),
        })
    }

    const BLACK_TO_WHITE: [(f64, Color); 2] = [(0.0, Color::BLACK), (1.0, WHITE)];

    #[test]
    fn a_radial_gradient_grows_evenly_from_its_center() {
        let form = GradientForm::Radial {
            center: [0.25, 0.5],
            radius_px: Some(100.0),
        };
        let s = paint(&shaded(form, Spread::Pad, &BLACK_TO_WHITE), (200.0, 101.0)).surface;
        for x in 0..200_u32 {
            let away = (f64::from(x) + 0.5 - 50.0).abs().min(100.0);
            let is = f64::from(s.pixel(x, 50)[0]);
            assert!((is - away * 2.55).abs() <= 1.0, "{x}: {is}");
        }
        let form = GradientForm::Radial {
            center: [0.0, 0.0],
            radius_px: None,
        };
        let s = paint(&shaded(form, Spread::Pad, &BLACK_TO_WHITE), (30.0, 40.0)).surface;
        assert!(s.pixel(29, 39)[0] >= 250 && s.pixel(0, 0)[0] <= 5);
    }

    #[test]
    fn a_conic_gradient_turns_clockwise_from_its_angle() {
        let form = |angle_deg| GradientForm::Conic {
            center: [0.5, 0.5],
            angle_deg,
        };
        for (angle, places) in [
            (0.0, [(100, 51), (50, 100), (0, 50), (50, 0)]),
            (90.0, [(49, 100), (0, 50), (50, 0), (100, 50)]),
        ] {
            let s = paint(
                &shaded(form(angle), Spread::Pad, &BLACK_TO_WHITE),
                (101.0, 101.0),
            );
            for ((x, y), wanted) in places.into_iter().zip([0.0, 63.75, 127.5, 191.25]) {
                let is = f64::from(s.surface.pixel(x, y)[0]);
                assert!((is - wanted).abs() <= 3.0, "{angle} {x},{y}: {is} {wanted}");
            }
        }
    }

    #[test]
    fn the_seam_of_a_conic_gradient_is_as_smooth_as_an_edge() {
        let form = GradientForm::Conic {
            center: [0.0, 0.0],
            angle_deg: 26.565_051_177,
        };
        let s = paint(&shaded(form, Spread::Pad, &BLACK_TO_WHITE), (200.0, 200.0)).surface;
        // The seam falls by one pixel in two: from row to row its height varies by half a pixel, not in steps of one.
        let height = |x: u32| -> f64 {
            (0..150)
                .map(|y| 1.0 - f64::from(s.pixel(x, y)[0]) / 255.0)
                .sum::<f64>()
        };
        for x in 60..190 {
            // Beside the seam colors change by what lies between them.
            let step = height(x + 1) - height(x);
            assert!((step + 0.5).abs() < 0.35, "{x}: {step}");
        }
    }

    #[test]
    fn what_repeats_finer_than_pixels_is_its_mean() {
        let form = GradientForm::Linear { angle_deg: 0.0 };
        let stops = [
            (0.0, Color::BLACK),
            (0.0025, Color::BLACK),
            (0.0025, WHITE),
            (0.005, WHITE),
        ];
        for spread in [Spread::Repeat, Spread::Reflect] {
            let s = paint(&shaded(form, spread, &stops), (100.0, 1.0)).surface;
            for x in 1..99 {
                assert!(s.pixel(x, 0)[0].abs_diff(128) <= 1, "{:?}", s.pixel(x, 0));
            }
        }
        let wide = [(0.0, Color::BLACK), (0.5, WHITE)];
        let s = paint(&shaded(form, Spread::Reflect, &wide), (100.0, 1.0)).surface;
        for x in 0..50 {
            assert!(s.pixel(x, 0)[0].abs_diff(s.pixel(99 - x, 0)[0]) <= 1);
        }
        let s = paint(&shaded(form, Spread::Repeat, &wide), (100.0, 1.0)).surface;
        for x in 0..50 {
            assert_eq!(s.pixel(x, 0), s.pixel(x + 50, 0));
        }
    }

    #[test]
    fn sources_without_a_size_need_one() {
        let source = Source::Color(WHITE);
        let e = Painter::new(fonts())
            .paint(&request(&source, None))
            .unwrap_err();
        assert!(
            matches!(
                e,
                Error::SizeMissing {
                    source_type: "color"
                }
            ),
            "{e}"
        );
        let e = Painter::new(fonts())
            .paint(&request(&source, (70_000.0, 1.0)))
            .unwrap_err();
        assert!(
            matches!(e, Error::TooManyPixels { width: 70_000, .. }),
            "{e}"
        );
        let e = Painter::new(fonts())
            .paint(&request(&source, (9000.0, 9000.0)))
            .unwrap_err();
        assert!(matches!(e, Error::TooManyPixels { .. }), "{e}");
        let e = Painter::new(fonts())
            .paint(&request(&source, (f64::NAN, 1.0)))
            .unwrap_err();
        assert!(
            matches!(
                e,
                Error::OutOfRange {
                    name: "width_px",
                    ..
                }
            ),
            "{e}"
        );
        assert_eq!(paint(&source, (0.0, 0.0)).surface.pixel(0, 0), [0; 4]);
    }

    #[test]
    fn surfaces_wider_than_a_tile_have_no_seam() {
        let stops = vec![(0.0, Color::BLACK), (1.0, WHITE)];
        let s = paint(
            &Source::Gradient(Gradient::linear(0.0, stops)),
            (20_000.0, 2.0),
        )
        .surface;
        let row: Vec<u8> = s.row(1).chunks_exact(4).map(|p| p[0]).collect();
        assert!(row.windows(2).all(|w| w[1] >= w[0] && w[1] - w[0] <= 1));
        assert!(
            row[0] <= 1 && row[19_999] >= 254,
            "{} {}",
            row[0],
            row[19_999]
        );
    }
}

mod pictures {
    use super::*;

    fn paint_picture(
        picture: Surface,
        source: &Source,
        size: Option<(f64, f64)>,
        scale: f64,
    ) -> Raster {
        let asset = Asset::from_surface(picture);
        Painter::new(fonts())
            .paint(&Request {
                asset: Some(&asset),
                scale,
                ..request(source, size)
            })
            .unwrap()
    }

    #[test]
    fn one_to_one_is_exact_and_shared() {
        let p = picture(61, 37);
        for (fit, size) in [
            (Fit::Contain, None),
            (Fit::Cover, Some((61.0, 37.0))),
            (Fit::Fill, Some((61.0, 37.0))),
        ] {
            assert_eq!(
                *paint_picture(p.clone(), &image(fit, 0.0), size, 1.0).surface,
                p
            );
        }
        let asset = Asset::from_surface(p.clone());
        let source = image(Fit::Contain, 0.0);
        let mut painter = Painter::new(fonts());
        let [a, b] = [(); 2].map(|()| {
            painter
                .paint(&Request {
                    asset: Some(&asset),
                    ..request(&source, None)
                })
                .unwrap()
                .surface
        });
        assert!(Arc::ptr_eq(&a, &b));
        // Larger and smaller boxes show it pixel for pixel.
        let r = paint_picture(p.clone(), &image(Fit::None, 0.0), Some((100.0, 100.0)), 1.0);
        assert_eq!((&*r.surface, r.origin_px), (&p, Point::new(20.0, 32.0)));
        let r = paint_picture(p.clone(), &image(Fit::None, 0.0), Some((21.0, 7.0)), 1.0);
        assert_eq!(
            (r.surface.width(), r.surface.height(), r.surface.pixel(0, 0)),
            (21, 7, p.pixel(20, 15))
        );
    }

    #[test]
    fn fits_place_the_picture() {
        let cases = [
            // fit, box, expected origin and surface size for a 200x100 picture
            (Fit::Contain, (100.0, 100.0), (0.0, 25.0), (100, 50)),
            (Fit::Cover, (100.0, 100.0), (0.0, 0.0), (100, 100)),
            (Fit::Fill, (50.0, 100.0), (0.0, 0.0), (50, 100)),
            (Fit::None, (300.0, 100.0), (50.0, 0.0), (200, 100)),
            (Fit::Contain, (100.5, 100.5), (0.0, 25.0), (101, 50)),
            (Fit::Cover, (100.5, 33.3), (0.0, 0.0), (101, 34)),
        ];
        for (fit, size, origin, (w, h)) in cases {
            let r = paint_picture(picture(200, 100), &image(fit, 0.0), Some(size), 1.0);
            assert_eq!(
                (r.surface.width(), r.surface.height(), r.origin_px),
                (w, h, origin.into()),
                "{fit:?} {size:?}"
            );
            assert_eq!(r.size, Size::new(size.0, size.1));
        }
        // One side given: the other follows.
        let asset = Asset::from_surface(picture(200, 100));
        let source = image(Fit::Contain, 0.0);
        let r = Request {
            width_px: Some(50.0),
            asset: Some(&asset),
            ..request(&source, None)
        };
        assert_eq!(
            Painter::new(fonts()).measure(&r).unwrap().size,
            Size::new(50.0, 25.0)
        );
    }

    #[test]
    fn cover_shows_the_middle() {
        let mut p = Surface::new(300, 100);
        for (i, px) in p.data_mut().chunks_exact_mut(4).enumerate() {
            px.copy_from_slice(
                &[[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]][i % 300 / 100],
            );
        }
        let r = paint_picture(p, &image(Fit::Cover, 0.0), Some((50.0, 50.0)), 1.0);
        assert_eq!(
            [
                r.surface.pixel(3, 25),
                r.surface.pixel(25, 25),
                r.surface.pixel(46, 25)
            ],
            [[0, 255, 0, 255]; 3]
        );
    }

    #[test]
    fn scaling_keeps_brightness_and_colour_below_alpha() {
        let mut p = Surface::new(256, 256);
        for (i, px) in p.data_mut().chunks_exact_mut(4).enumerate() {
            let on = (i % 256 / 16 + i / 256 / 16) % 2 == 0;
            px.copy_from_slice(if on {
                &[200, 100, 0, 255]
            } else {
                &[0, 0, 0, 0]
            });
        }
        for size in [40.0, 100.0, 300.0] {
            let s =
                paint_picture(p.clone(), &image(Fit::Fill, 0.0), Some((size, size)), 1.0).surface;
            let mean = alpha_sum(&s) / (size * size);
            assert!((mean - 0.5).abs() < 0.01, "{size}: {mean}");
            assert!(
                s.data()
                    .chunks_exact(4)
                    .all(|p| p[..3].iter().all(|&c| c <= p[3]))
            );
        }
    }

    #[test]
    fn corners_are_cut_from_the_box() {
        let mut p = Surface::new(100, 100);
        p.data_mut().fill(255);
        let s = paint_picture(p, &image(Fit::Cover, 20.0), Some((80.0, 60.0)), 2.0).surface;
        let area = alpha_sum(&s);
        let expected = 4.0 * (4800.0 - 400.0 * (4.0 - std::f64::consts::PI));
        assert!(
            (area - expected).abs() < expected * 0.001,
            "{area} {expected}"
        );
        assert_eq!((s.pixel(0, 0), s.pixel(80, 60)), ([0; 4], [255; 4]));
    }

    #[test]
    fn png_of_every_kind_becomes_premultiplied_rgba() {
        let cases: [(png::ColorType, &[u8], [u8; 4]); 4] = [
            (png::ColorType::Grayscale, &[90], [90, 90, 90, 255]),
            (png::ColorType::GrayscaleAlpha, &[255, 51], [51, 51, 51, 51]),
            (png::ColorType::Rgb, &[1, 2, 3], [1, 2, 3, 255]),
            (png::ColorType::Rgba, &[255, 128, 0, 128], [128, 64, 0, 128]),
        ];
        for (color, data, expected) in cases {
            let asset = Asset::decode(&png_bytes(1, 1, color, data), &fonts()).unwrap();
            let source = image(Fit::Contain, 0.0);
            let r = Painter::new(fonts())
                .paint(&Request {
                    asset: Some(&asset),
                    ..request(&source, None)
                })
                .unwrap();
            assert_eq!(r.surface.pixel(0, 0), expected, "{color:?}");
        }
    }

    #[test]
    fn jpeg_decodes_to_its_colours() {
        let asset = Asset::decode(include_bytes!("../testdata/quadrants.jpg"), &fonts()).unwrap();
        assert_eq!(asset.natural_size(), Size::new(32.0, 16.0));
        let source = image(Fit::Contain, 0.0);
        let s = Painter::new(fonts())
            .paint(&Request {
                asset: Some(&asset),
                ..request(&source, None)
            })
            .unwrap()
            .surface;
        for ((x, y), expected) in [
            ((4, 4), [255, 0, 0]),
            ((28, 4), [0, 255, 0]),
            ((4, 12), [0, 0, 255]),
            ((28, 12), [255, 255, 255]),
        ] {
            let found = s.pixel(x, y);
            assert!(
                found.iter().zip(expected).all(|(f, e)| f.abs_diff(e) < 8),
                "{x},{y}: {found:?}"
            );
        }
    }

    #[test]
    fn a_jpeg_stands_as_its_orientation_says() {
        // The same picture with orientation 6: turned clockwise by a quarter.
        let mut bytes = include_bytes!("../testdata/quadrants.jpg").to_vec();
        let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        bytes.splice(2..2, exif.iter().copied());
        let asset = Asset::decode(&bytes, &fonts()).unwrap();
        assert_eq!(asset.natural_size(), Size::new(16.0, 32.0));
        let source = image(Fit::Contain, 0.0);
        let s = Painter::new(fonts())
            .paint(&Request {
                asset: Some(&asset),
                ..request(&source, None)
            })
            .unwrap()
            .surface;
        assert!(
            s.pixel(12, 4)[0] > 240 && s.pixel(12, 4)[1] < 15,
            "red goes to the top right: {:?}",
            s.pixel(12, 4)
        );
        assert!(
            s.pixel(4, 4)[2] > 240,
            "blue to the top left: {:?}",
            s.pixel(4, 4)
        );
    }

    #[test]
    fn broken_and_oversized_assets_are_refused() {
        let good = png_bytes(4, 4, png::ColorType::Rgb, &[9; 48]);
        let e = Asset::decode(&good[..good.len() - 20], &fonts()).unwrap_err();
        assert!(matches!(e, Error::Png(_)), "{e}");
        let mut huge = good.clone();
        huge[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        let crc = {
            let mut crc = !0_u32;
            for &b in &huge[12..29] {
                crc ^= u32::from(b);
                (0..8).for_each(|_| {
                    crc = if crc & 1 == 1 {
                        crc >> 1 ^ 0xedb8_8320
                    } else {
                        crc >> 1
                    }
                });
            }
            !crc
        };
        huge[29..33].copy_from_slice(&crc.to_be_bytes());
        let e = Asset::decode(&huge, &fonts()).unwrap_err();
        assert!(
            matches!(
                e,
                Error::TooManyPixels {
                    width: 30_000,
                    height: 30_000,
                    ..
                }
            ),
            "{e}"
        );
        let e = Asset::decode(&include_bytes!("../testdata/quadrants.jpg")[..60], &fonts())
            .unwrap_err();
        assert!(matches!(e, Error::Jpeg { .. }), "{e}");
        let e = Asset::decode(b"BM6.....", &fonts()).unwrap_err();
        assert!(
            e.to_string()
                .starts_with("not a PNG, JPEG, GIF, WebP, AVIF or SVG"),
            "{e}"
        );
        let e = Asset::decode(b"<svg", &fonts()).unwrap_err();
        assert!(matches!(e, Error::Markup { .. }), "{e}");
        let e = Asset::decode(b"<svg></g>", &fonts()).unwrap_err();
        assert!(matches!(e, Error::Svg(_)), "{e}");
    }

    #[test]
    fn svg_is_drawn_at_the_size_asked_for() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="10" height="10" fill="#f00"/>
            <image href="file:///etc/hostname" width="5" height="5"/></svg>"##;
        let asset = Asset::decode(svg, &fonts()).unwrap();
        let source = Source::Svg(Svg {
            asset: "a".into(),
            fit: Fit::Contain,
            params: Vec::new(),
        });
        let r = Request {
            asset: Some(&asset),
            scale: 2.0,
            ..request(&source, (40.0, 40.0))
        };
        let r = Painter::new(fonts()).paint(&r).unwrap();
        assert_eq!(
            (r.surface.width(), r.surface.height(), r.origin_px),
            (80, 40, Point::new(0.0, 10.0))
        );
        assert_eq!(
            (r.surface.pixel(39, 20), r.surface.pixel(40, 20)),
            ([255, 0, 0, 255], [0; 4])
        );
    }

    #[test]
    fn svg_text_uses_the_given_fonts() {
        let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="30">
            <text x="5" y="22" font-size="20" font-family="DejaVu Sans">Text</text></svg>"#;
        let asset = Asset::decode(svg, &fonts()).unwrap();
        let source = Source::Svg(Svg {
            asset: "a".into(),
            fit: Fit::Contain,
            params: Vec::new(),
        });
        let r = Painter::new(fonts())
            .paint(&Request {
                asset: Some(&asset),
                ..request(&source, None)
            })
            .unwrap();
        assert!(alpha_sum(&r.surface) > 100.0);
    }

    #[test]
    fn a_missing_asset_is_said() {
        let source = image(Fit::Contain, 0.0);
        let e = Painter::new(fonts())
            .paint(&request(&source, None))
            .unwrap_err();
        assert!(
            matches!(
                e,
                Error::AssetMissing {
                    source_type: "image"
                }
            ),
            "{e}"
        );
    }

    #[test]
    fn a_crop_that_begins_on_the_centre_of_a_pixel_is_scaled() {
        // 2.5 source columns to 5: the first lands on the centre of column 14, where Catmull-Rom weighs no
        // neighbour, and the second needs column 13.
        let r = paint_picture(
            picture(31, 17),
            &image(Fit::Cover, 0.0),
            Some((5.0, 34.0)),
            1.0,
        );
        assert_eq!((r.surface.width(), r.surface.height()), (5, 34));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_panic_the_decoders(kind in 0..4_usize, tail in prop::collection::vec(any::<u8>(), 0..200), at in 0..400_usize) {
            let mut bytes = match kind {
                0 => png_bytes(8, 8, png::ColorType::Rgba, &[77; 256]),
                1 => include_bytes!("../testdata/quadrants.jpg").to_vec(),
                2 => br#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>"#.to_vec(),
                _ => Vec::new(),
            };
            let at = at.min(bytes.len());
            let end = (at + tail.len()).min(bytes.len());
            bytes.splice(at..end, tail);
            let _ = Asset::decode(&bytes, &fonts());
        }

        #[test]
        fn any_box_is_painted_within_itself(w in 1.0..80.0_f64, h in 1.0..80.0_f64, fit in 0..4_usize, scale in 0.2..3.0_f64) {
            let fit = [Fit::Contain, Fit::Cover, Fit::Fill, Fit::None][fit];
            let r = paint_picture(picture(31, 17), &image(fit, 3.0), Some((w, h)), scale);
            let right = r.origin_px.x * scale + f64::from(r.surface.width());
            let bottom = r.origin_px.y * scale + f64::from(r.surface.height());
            prop_assert!(r.origin_px.x >= 0.0 && r.origin_px.y >= 0.0);
            prop_assert!(right <= (w * scale).ceil() + 1e-6 && bottom <= (h * scale).ceil() + 1e-6);
        }
    }
}

mod words {
    use super::*;

    #[test]
    fn extents_follow_the_font() {
        // DejaVu Sans: ascent 0.928, descent 0.236 em; "H" advances 0.752 em.
        let mut painter = Painter::new(fonts());
        let source = text("HHHH", style(100.0));
        let extent = painter.measure(&request(&source, None)).unwrap();
        assert!((extent.size.width - 4.0 * 75.2).abs() < 0.1, "{extent:?}");
        assert_eq!(
            (extent.size.height, extent.baseline_px),
            (93.0 + 24.0, Some(93.0))
        );
        let raster = painter.paint(&request(&source, None)).unwrap();
        assert_eq!(
            (raster.size, raster.baseline_px),
            (extent.size, extent.baseline_px)
        );
        // Capitals stand on the baseline and are 0.729 em high.
        let rows: Vec<bool> = (0..raster.surface.height())
            .map(|y| raster.surface.row(y).iter().any(|&v| v > 127))
            .collect();
        let first = rows.iter().position(|&r| r).unwrap() as f64 + raster.origin_px.y;
        let last = rows.iter().rposition(|&r| r).unwrap() as f64 + raster.origin_px.y;
        assert!(
            (first - (93.0 - 72.9)).abs() < 1.0 && (last - 92.0).abs() < 0.1,
            "{first} {last}"
        );
    }

    #[test]
    fn lines_stack_and_align() {
        let mut painter = Painter::new(fonts());
        let mut ink = |align, words: &str| {
            let source = Source::Text(Text {
                text: words.into(),
                style: style(20.0),
                align,
                ..Text::default()
            });
            let r = painter.paint(&request(&source, None)).unwrap();
            let (x0, x1) = (r.origin_px.x, r.origin_px.x + f64::from(r.surface.width()));
            (r.size, x0, x1)
        };
        let (one, ..) = ink(Align::Left, "wide line");
        let (two, ..) = ink(Align::Left, "wide line\ni");
        assert_eq!((two.width, two.height), (one.width, 2.0 * one.height));
        let empty = ink(Align::Left, "").0;
        assert_eq!((empty.width, empty.height), (0.0, one.height));
        for (align, from, to) in [
            (Align::Left, 0.0, 20.0),
            (Align::Center, 90.0, 110.0),
            (Align::Right, 180.0, 202.0),
        ] {
            let source = Source::Text(Text {
                text: "i".into(),
                style: style(20.0),
                align,
                ..Text::default()
            });
            let r = Painter::new(fonts())
                .paint(&Request {
                    width_px: Some(200.0),
                    ..request(&source, None)
                })
                .unwrap();
            let (x0, x1) = (r.origin_px.x, r.origin_px.x + f64::from(r.surface.width()));
            assert!(x0 >= from - 2.0 && x1 <= to, "{align:?}: {x0}..{x1}");
            assert_eq!(r.size.width, 200.0);
        }
    }

    #[test]
    fn a_width_wraps_words_and_breaks_long_ones() {
        let mut painter = Painter::new(fonts());
        let source = text("several words that do not fit", style(20.0));
        let one = painter.measure(&request(&source, None)).unwrap().size;
        let wrapped = Request {
            width_px: Some(120.0),
            ..request(&source, None)
        };
        let size = painter.measure(&wrapped).unwrap().size;
        assert_eq!(
            (size.width, (size.height / one.height).round()),
            (120.0, 3.0)
        );
        let r = painter.paint(&wrapped).unwrap();
        assert!(r.origin_px.x + f64::from(r.surface.width()) <= 122.0);
        let source = text("Donaudampfschifffahrtsgesellschaft", style(20.0));
        let r = painter
            .paint(&Request {
                width_px: Some(120.0),
                ..request(&source, None)
            })
            .unwrap();
        assert!(
            r.size.height > one.height && r.origin_px.x + f64::from(r.surface.width()) <= 122.0
        );
    }

    #[test]
    fn ink_outside_the_box_is_kept() {
        let mut s = style(60.0);
        s.line_height = Some(0.4);
        let tight = paint(&text("fgÅj", s.clone()), None);
        s.line_height = None;
        let roomy = paint(&text("fgÅj", s), None);
        assert_eq!(tight.size.height, 24.0);
        assert!((alpha_sum(&tight.surface) - alpha_sum(&roomy.surface)).abs() < 1.0);
        assert!(tight.origin_px.y < 0.0);
        for r in [tight, roomy] {
            let (w, h) = (r.surface.width(), r.surface.height());
            let edge = |x, y| r.surface.pixel(x, y)[3];
            assert!(
                (0..w).all(|x| edge(x, 0) == 0 && edge(x, h - 1) == 0)
                    && (0..h).all(|y| edge(0, y) == 0 && edge(w - 1, y) == 0)
            );
        }
    }

    #[test]
    fn synthetic_slant_and_weight_lose_no_ink() {
        let only_regular = Fonts::new([font(
            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
            "fonts-dejavu-core",
        )]);
        let mut painter = Painter::new(only_regular);
        let mut ink = |weight, italic| {
            let source = text(
                "lfgH",
                TextStyle {
                    weight,
                    italic,
                    ..style(60.0)
                },
            );
            let s = painter.paint(&request(&source, None)).unwrap().surface;
            let (w, h) = (s.width(), s.height());
            assert!(
                (0..w).all(|x| s.pixel(x, 0)[3] == 0)
                    && (0..h).all(|y| s.pixel(0, y)[3] == 0 && s.pixel(w - 1, y)[3] == 0)
            );
            alpha_sum(&s)
        };
        let (plain, slanted, bold) = (ink(400.0, false), ink(400.0, true), ink(700.0, false));
        assert!((plain - slanted).abs() < plain * 0.01, "{plain} {slanted}");
        assert!(bold > plain * 1.2 && bold < plain * 1.8, "{plain} {bold}");
    }

    /// The head and the foot of an "E" are at whole pixels; its width stays.
    #[test]
    fn hinted_letters_stand_on_whole_pixels() {
        let mut painter = Painter::new(fonts());
        for (size_px, scale) in [(22.0, 1.0), (30.0, 1.0), (33.7, 1.0), (30.0, 2.0 / 3.0)] {
            let source = text("E", style(size_px));
            let [plain, hinted] = [false, true].map(|hint| {
                let request = Request {
                    scale,
                    hint,
                    ..request(&source, None)
                };
                painter.paint(&request).unwrap()
            });
            let crisp = |raster: &Raster| {
                let s = &raster.surface;
                // Where the bars are, right of the stem.
                let column = (0..s.height()).map(|y| s.pixel(s.width() * 6 / 10, y)[3]);
                let inked: Vec<u8> = column.filter(|&alpha| alpha > 0).collect();
                (inked[0], inked[inked.len() - 1]) == (255, 255)
            };
            assert!(crisp(&hinted) && !crisp(&plain), "{size_px} px x {scale}");
            assert_eq!(plain.surface.width(), hinted.surface.width());
        }
    }

    #[test]
    fn scale_only_refines() {
        let source = text("Scale", style(20.0));
        let [one, two] = [1.0, 2.0].map(|scale| {
            Painter::new(fonts())
                .paint(&Request {
                    scale,
                    hint: false,
                    ..request(&source, None)
                })
                .unwrap()
        });
        assert_eq!((one.size, one.baseline_px), (two.size, two.baseline_px));
        let (a, b) = (alpha_sum(&one.surface), alpha_sum(&two.surface) / 4.0);
        assert!((a - b).abs() < a * 0.02, "{a} {b}");
    }

    #[test]
    fn tabular_digits_and_letter_spacing() {
        let mut painter = Painter::new(fonts());
        let mut width = |words: &str, tabular, letter_spacing_px| {
            let source = text(
                words,
                TextStyle {
                    tabular,
                    letter_spacing_px,
                    ..style(40.0)
                },
            );
            painter.measure(&request(&source, None)).unwrap().size.width
        };
        assert_eq!(width("11:11", true, 0.0), width("08:59", true, 0.0));
        assert!((width("abc", false, 5.0) - width("abc", false, 0.0) - 15.0).abs() < 1e-3);
    }

    #[test]
    fn inter_has_tabular_digits_on_request() {
        let inter = Fonts::new([font(
            "/usr/share/fonts/opentype/inter/Inter-Regular.otf",
            "fonts-inter",
        )]);
        let mut painter = Painter::new(inter);
        let mut width = |words: &str, tabular| {
            let source = text(
                words,
                TextStyle {
                    tabular,
                    font: "Inter".into(),
                    ..style(40.0)
                },
            );
            painter.measure(&request(&source, None)).unwrap().size.width
        };
        assert!(width("11111", false) < width("00000", false) - 10.0);
        assert_eq!(width("11111", true), width("00000", true));
    }

    #[test]
    fn emoji_are_coloured_and_leave_the_line_alone() {
        let plain = paint(&text("Sold", style(40.0)), None);
        let r = paint(&text("Sold 🎉😀", style(40.0)), None);
        assert_eq!(
            (r.size.height, r.baseline_px),
            (plain.size.height, plain.baseline_px)
        );
        assert_eq!(*r.notices, []);
        let coloured = r
            .surface
            .data()
            .chunks_exact(4)
            .filter(|p| p[3] == 255 && p[0].abs_diff(p[2]) > 60)
            .count();
        assert!(coloured > 500, "{coloured}");
        let faded = paint(
            &text(
                "😀",
                TextStyle {
                    color: Color::new(1.0, 1.0, 1.0, 0.5),
                    ..style(40.0)
                },
            ),
            None,
        );
        let strongest = faded
            .surface
            .data()
            .chunks_exact(4)
            .map(|p| p[3])
            .max()
            .unwrap();
        assert!((126..=130).contains(&strongest), "{strongest}");
    }

    #[test]
    fn what_no_font_has_is_noticed_and_drawn() {
        let r = paint(&text("Bid 漢字 漢!", style(30.0)), None);
        assert_eq!(
            *r.notices,
            [Notice::MissingCharacters {
                characters: "漢字".to_owned()
            }]
        );
        assert_eq!(
            r.notices[0].to_string(),
            "no font has '漢' (U+6F22), '字' (U+5B57)"
        );
        let without = paint(&text("Bid   !", style(30.0)), None);
        assert!(alpha_sum(&r.surface) > alpha_sum(&without.surface) + 50.0);
    }

    #[test]
    fn an_unknown_family_is_noticed() {
        let r = paint(
            &text(
                "x",
                TextStyle {
                    font: "Comic Sans MS".into(),
                    ..style(30.0)
                },
            ),
            None,
        );
        let used = "DejaVu Sans".to_owned();
        assert_eq!(
            *r.notices,
            [Notice::UnknownFamily {
                family: "Comic Sans MS".to_owned(),
                used
            }]
        );
        let e = Painter::new(Fonts::new([] as [Vec<u8>; 0]))
            .paint(&request(&text("x", style(30.0)), None))
            .unwrap_err();
        assert!(matches!(e, Error::NoFonts), "{e}");
        assert_eq!(fonts().families(), ["DejaVu Sans", "Noto Color Emoji"]);
        assert!(fonts().has_family("dejavu sans") && !fonts().has_family("Inter"));
    }

    fn ticker(words: &str, gap_px: f64, baseline_px: Option<f64>) -> Source {
        Source::Ticker(Ticker {
            text: words.into(),
            style: style(30.0),
            speed_px_s: 100.0,
            gap_px,
            baseline_px,
        })
    }

    #[test]
    fn a_ticker_repeats_after_all_of_its_text() {
        let mut painter = Painter::new(fonts());
        let mut advance = |words: &str, gap| {
            painter
                .paint(&request(&ticker(words, gap, None), None))
                .unwrap()
                .advance_px
                .unwrap()
        };
        // A space of DejaVu Sans is 0.318 em.
        assert!((advance("news   ", 0.0) - advance("news", 0.0) - 3.0 * 9.536).abs() < 0.01);
        assert_eq!(advance("news", 40.0), advance("news", 0.0) + 40.0);
        assert_eq!(advance("two\nlines", 0.0), advance("two lines", 0.0));
    }

    #[test]
    fn a_ticker_stands_in_the_middle_or_on_its_baseline() {
        // A line of 28 + 7 px; half pixels are rounded down the picture.
        for (baseline, expected) in [(None, 28.0 + 13.0), (Some(50.0), 50.0)] {
            let source = ticker("news", 0.0, baseline);
            let r = paint(&source, (200.0, 60.0));
            assert_eq!(
                (r.baseline_px, r.size),
                (Some(expected), Size::new(200.0, 60.0))
            );
            let bottom = r.origin_px.y + f64::from(r.surface.height());
            assert!((bottom - expected).abs() <= 3.0, "{bottom} {expected}");
        }
    }

    #[test]
    fn a_countdown_says_its_content_on_one_line() {
        let source = Source::Countdown(Countdown {
            counts: scene::Counts::Down,
            moment: CountdownTo::ShowMs(0.0),
            format: CountdownFormat::MmSs,
            at_end: AtEnd::Hold,
            style: style(40.0),
            align: Align::Center,
            baseline: false,
        });
        let r = Request {
            content: Some("12:34"),
            width_px: Some(300.0),
            ..request(&source, None)
        };
        let raster = Painter::new(fonts()).paint(&r).unwrap();
        let middle = raster.origin_px.x + f64::from(raster.surface.width()) / 2.0;
        assert!((middle - 150.0).abs() < 3.0, "{middle}");
        let narrow = Request {
            width_px: Some(20.0),
            ..r
        };
        assert_eq!(
            Painter::new(fonts()).measure(&narrow).unwrap().size.height,
            raster.size.height
        );
        assert_ne!(
            r.key(),
            Request {
                content: Some("12:33"),
                ..r
            }
            .key()
        );
    }
}

mod shadows {
    use super::*;

    fn with_shadow(effects: &[Effect], size: f64, scale: f64) -> Raster {
        let source = Source::Color(WHITE);
        Painter::new(fonts())
            .paint(&Request {
                effects,
                scale,
                ..request(&source, (size, size))
            })
            .unwrap()
    }

    #[test]
    fn the_blur_has_the_variance_of_its_sigma() {
        for (sigma, scale) in [
            (0.6, 1.0),
            (1.0, 1.0),
            (2.5, 1.0),
            (12.0, 1.0),
            (12.0, 0.5),
            (40.0, 1.0),
        ] {
            // The shadow of one pixel, away from it, seen alone: the point response in alpha. A strong one, of many pixels
            // in a row, so that 8 bits do not matter: a long bar across the direction of measurement.
            let source = Source::Color(WHITE);
            let far = 1000.0;
            let effects = [shadow(far, 0.0, sigma)];
            let r = Request {
                effects: &effects,
                scale,
                ..request(&source, (4.0 * sigma / scale.min(1.0), 4.0))
            };
            let s = Painter::new(fonts()).paint(&r).unwrap().surface;
            let bar = 4.0 * sigma / scale.min(1.0) * scale;
            let mut columns: Vec<f64> = vec![0.0; s.width() as usize];
            for (i, p) in s.data().chunks_exact(4).enumerate() {
                if p[0] == 0 {
                    columns[i % s.width() as usize] += f64::from(p[3]);
                }
            }
            let total: f64 = columns.iter().sum();
            let mean = columns
                .iter()
                .enumerate()
                .map(|(x, v)| x as f64 * v)
                .sum::<f64>()
                / total;
            let variance = columns
                .iter()
                .enumerate()
                .map(|(x, v)| (x as f64 - mean).powi(2) * v)
                .sum::<f64>()
                / total;
            // The bar itself contributes w^2 / 12.
            let expected = (sigma * scale).powi(2) + bar * bar / 12.0;
            assert!(
                (variance / expected - 1.0).abs() < 0.08,
                "sigma {sigma} x {scale}: {variance} {expected}"
            );
        }
    }

    #[test]
    fn an_edge_has_the_profile_of_the_gaussian() {
        let r = with_shadow(&[shadow(1000.0, 0.0, 12.0)], 200.0, 1.0);
        let y = r.surface.height() / 2;
        for d in [-20.0, -12.0, -4.0, 0.0, 4.0, 12.0, 20.0, 30.0] {
            let x = 1000.0 + 200.0 + d - r.origin_px.x;
            // Pixel centres: average of the two beside the edge.
            let at = |wanted: f64| {
                (0..r.surface.width())
                    .find(|&x| f64::from(x) == wanted)
                    .unwrap()
            };
            let (left, right) = (
                r.surface.pixel(at(x - 1.0), y)[3],
                r.surface.pixel(at(x), y)[3],
            );
            let found = (f64::from(left) + f64::from(right)) / 510.0;
            let expected = 0.5 * libm::erfc(d / 12.0 / std::f64::consts::SQRT_2);
            assert!((found - expected).abs() < 0.012, "{d}: {found} {expected}");
        }
    }

    #[test]
    fn the_surface_grows_by_three_sigma_and_the_offset() {
        let r = with_shadow(&[shadow(0.0, 12.0, 12.0)], 100.0, 1.0);
        assert_eq!(
            (r.origin_px, r.size),
            (Point::new(-36.0, -24.0), Size::new(100.0, 100.0))
        );
        assert_eq!((r.surface.width(), r.surface.height()), (172, 172));
        assert_eq!(r.surface.pixel(36, 24), [255; 4]);
        let below = r.surface.pixel(86, 24 + 100);
        assert!(below[0] == 0 && below[3] > 150, "{below:?}");
    }

    #[test]
    fn a_sharp_shadow_keeps_fractions_of_its_offset() {
        let r = with_shadow(&[shadow(2.5, 3.0, 0.0)], 10.0, 1.0);
        assert_eq!(
            (r.surface.width(), r.surface.height(), r.origin_px),
            (13, 13, Point::ZERO)
        );
        assert_eq!(
            [
                r.surface.pixel(11, 5),
                r.surface.pixel(12, 5),
                r.surface.pixel(12, 2)
            ],
            [[0, 0, 0, 255], [0, 0, 0, 128], [0; 4]]
        );
        assert_eq!(r.surface.pixel(2, 12), [0, 0, 0, 128]);
    }

    #[test]
    fn effects_apply_in_order() {
        let r = with_shadow(&[shadow(5.0, 0.0, 0.0), shadow(0.0, 5.0, 0.0)], 10.0, 1.0);
        assert_eq!((r.surface.width(), r.surface.height()), (15, 15));
        assert_eq!(
            (r.surface.pixel(14, 14)[3], r.surface.pixel(0, 0)),
            (255, [255; 4])
        );
    }
}

mod caching {
    use super::*;

    fn raster(side: u32) -> Raster {
        paint(&Source::Color(WHITE), (f64::from(side), f64::from(side)))
    }

    #[test]
    fn the_budget_holds_and_the_oldest_goes() {
        let source = [0.1, 0.2, 0.3].map(|v| Source::Color(Color::new(v, v, v, 1.0)));
        let key = |i: usize| request(&source[i], (10.0, 10.0)).key();
        let mut cache = Cache::new(900);
        cache.insert(key(0), raster(10));
        cache.insert(key(1), raster(10));
        assert!(cache.get(&key(0)).is_some());
        cache.insert(key(2), raster(10));
        assert!(
            cache.get(&key(0)).is_some()
                && cache.get(&key(1)).is_none()
                && cache.get(&key(2)).is_some()
        );
        assert_eq!((cache.len(), cache.used_bytes()), (2, 800));
        cache.insert(key(1), raster(100));
        assert_eq!((cache.len(), cache.used_bytes()), (2, 800));
        let c = cache.counters();
        assert_eq!((c.hits, c.misses, c.evictions), (3, 1, 2));
    }

    #[test]
    fn what_a_whole_period_did_not_use_goes() {
        let source = [0.1, 0.2].map(|v| Source::Color(Color::new(v, v, v, 1.0)));
        let key = |i: usize| request(&source[i], (10.0, 10.0)).key();
        let mut cache = Cache::new(10_000);
        cache.insert(key(0), raster(10));
        cache.insert(key(1), raster(10));
        cache.begin_period();
        assert!(
            cache.get(&key(1)).is_some(),
            "both were used in the first period"
        );
        cache.begin_period();
        assert!(cache.get(&key(0)).is_none() && cache.get(&key(1)).is_some());
        assert_eq!(cache.used_bytes(), 400);
        cache.insert(key(0), raster(10));
        cache.trim(700);
        assert!(cache.contains(&key(0)) && !cache.contains(&key(1)));
        assert!(cache.take(&key(0)).is_some() && cache.take(&key(0)).is_none());
        assert!(cache.is_empty() && cache.used_bytes() == 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn never_above_budget(budget in 0..5000_usize, sides in prop::collection::vec(1..30_u32, 0..40)) {
            let mut cache = Cache::new(budget);
            for side in sides {
                let source = Source::Color(WHITE);
                let size = f64::from(side);
                cache.insert(request(&source, (size, size)).key(), raster(side));
                prop_assert!(cache.used_bytes() <= budget);
            }
        }
    }

    #[test]
    fn keys_tell_apart_what_differs_and_nothing_else() {
        let source = text("words", style(30.0));
        let base = request(&source, None);
        let key = base.key();
        assert_eq!(
            key,
            Request {
                effects: &[],
                ..base
            }
            .key()
        );
        let effects = [shadow(0.0, 1.0, 2.0)];
        let other = text("wordz", style(30.0));
        let bold = text(
            "words",
            TextStyle {
                weight: 700.0,
                ..style(30.0)
            },
        );
        let different = [
            Request { scale: 2.0, ..base },
            Request {
                hint: false,
                ..base
            },
            Request {
                width_px: Some(100.0),
                ..base
            },
            Request {
                height_px: Some(100.0),
                ..base
            },
            Request {
                effects: &effects,
                ..base
            },
            Request {
                source: &other,
                ..base
            },
            Request {
                source: &bold,
                ..base
            },
        ];
        assert!(different.iter().all(|r| r.key() != key));
        let renamed = [Effect {
            id: Id::new("other").unwrap(),
            ..effects[0].clone()
        }];
        assert_eq!(
            Request {
                effects: &effects,
                ..base
            }
            .key(),
            Request {
                effects: &renamed,
                ..base
            }
            .key()
        );
    }

    #[test]
    fn painting_twice_gives_the_same_bytes() {
        let effects = [shadow(3.3, 4.4, 5.5)];
        let shape = rect(
            [9.0, 0.0, 30.0, 4.0],
            Some(Paint::Color(Color::new(0.3, 0.5, 0.7, 0.9))),
            None,
        );
        let sources = [text("Ready 12:34 🎉 Straße", style(33.0)), shape];
        let mut used = Painter::new(fonts());
        used.paint(&request(&text("warm up caches 🎉", style(77.0)), None))
            .unwrap();
        for source in &sources {
            let r = Request {
                effects: &effects,
                scale: 1.37,
                ..request(source, (300.0, 90.0))
            };
            let fresh = Painter::new(fonts()).paint(&r).unwrap();
            assert_eq!(fresh.surface, used.paint(&r).unwrap().surface);
            assert_eq!(fresh.surface, used.paint(&r).unwrap().surface);
        }
    }

    #[test]
    fn placeholders_are_calm_and_bounded() {
        let s = placeholder(100, 50);
        assert_eq!((s.width(), s.height()), (100, 50));
        assert!(s.data().chunks_exact(4).all(|p| p[3] == 160 && p[0] <= 70));
        assert_eq!(placeholder(0, 100_000).height(), 8192);
    }

    #[test]
    fn handles_may_move_between_threads() {
        fn moves<T: Send>() {}
        fn shared<T: Send + Sync>() {}
        moves::<Painter>();
        moves::<Cache>();
        shared::<Fonts>();
        shared::<Asset>();
        shared::<Raster>();
    }
}

mod codes {
    use super::*;
    use scene::{ErrorCorrection, Qr};

    fn qr(text: &str, error_correction: ErrorCorrection) -> Source {
        Source::Qr(Qr {
            text: text.into(),
            error_correction,
            color: Color::BLACK,
            background: WHITE,
            quiet_zone_modules: 4,
        })
    }

    /// What another reader makes of the pixels.
    fn read_back(surface: &Surface) -> Vec<String> {
        let (width, height) = (surface.width() as usize, surface.height() as usize);
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            surface.pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap())[0]
        });
        let codes = seen.detect_grids().into_iter();
        codes.map(|code| code.decode().unwrap().1).collect()
    }

    #[test]
    fn a_reader_of_its_own_reads_what_was_painted() {
        let levels = [
            ErrorCorrection::Low,
            ErrorCorrection::Medium,
            ErrorCorrection::Quartile,
            ErrorCorrection::High,
        ];
        for level in levels {
            for text in [
                "https://example.com/lot/7?from=stream",
                "1",
                "Zw\u{f6}lf \u{1f98a}",
            ] {
                let own = paint(&qr(text, level), None);
                assert_eq!(read_back(&own.surface), [text], "{level:?}");
                let boxed = paint(&qr(text, level), (333.0, 290.0));
                assert_eq!(read_back(&boxed.surface), [text], "{level:?}");
            }
            let longest = "x".repeat(level.max_bytes());
            let own = paint(&qr(&longest, level), None);
            // Version 40 has 177 modules.
            assert_eq!(own.surface.width(), (177 + 8) * 8, "{level:?}");
            let longer = qr(&format!("{longest}x"), level);
            let fault = Painter::new(fonts()).paint(&request(&longer, None));
            assert!(matches!(fault, Err(Error::Qr { .. })), "{level:?}");
        }
    }

    #[test]
    fn modules_are_whole_pixels_in_the_middle() {
        let s = paint(&qr("1", ErrorCorrection::Low), (100.0, 70.0)).surface;
        // 21 modules and 8 quiet ones: two pixels each, 58 in all.
        let levels = s.data().iter().all(|v| *v == 0 || *v == 255);
        assert!(levels);
        let dark = |x: u32, y: u32| s.pixel(x, y)[0] == 0;
        let (left, top) = (21 + 8, 6 + 8);
        assert!(dark(left, top) && dark(left + 1, top + 1) && !dark(left - 1, top));
        let small = qr("1", ErrorCorrection::Low);
        let fault = Painter::new(fonts()).paint(&request(&small, (28.0, 400.0)));
        assert!(matches!(
            fault,
            Err(Error::QrTooSmall {
                modules: 29,
                pixels: 28
            })
        ));
    }
}

mod drawings {
    use super::*;
    use scene::{
        CanvasFont, Drawing, DrawnImage, Ink, InkPattern, Operation, Smoothing, TextAlign,
        TextDirection, Words,
    };

    fn drawing(operations: Vec<Operation>) -> Source {
        Source::Drawing(Drawing::new(operations.into()))
    }

    fn fill(hex: u32) -> Operation {
        Operation::FillStyle(Ink::Color(Color::from_rgba8(hex.to_be_bytes())))
    }

    /// Rectangles, arcs, dashed lines and words, some of them clipped.
    fn busy(count: usize) -> Source {
        let mut operations = Vec::new();
        for (i, v) in (0..count / 10).zip((0_u32..).map(f64::from)) {
            let (x, y) = (v * 13.0 % 600.0, v * 29.0 % 300.0);
            operations.extend([
                fill(0x2040_60ff + u32::try_from(i).unwrap() * 0x0102_0300 % 0x8000_0000),
                Operation::FillRect([x, y, 60.0, 30.0]),
                Operation::BeginPath,
                Operation::Arc([x, y, 20.0, 0.0, 5.0], false),
                Operation::LineWidth(3.0),
                Operation::Stroke,
                Operation::BeginPath,
                Operation::RoundRect([x, y, 40.0, 24.0], [6.0; 4]),
                Operation::Fill(FillRule::NonZero),
                Operation::FillText(Words {
                    text: "12.45 ETH".into(),
                    at: [x, y],
                    max_width: None,
                }),
            ]);
        }
        drawing(operations)
    }

    #[test]
    fn five_hundred_operations_are_the_same_every_time() {
        let source = busy(500);
        let mut painter = Painter::new(fonts());
        let request = request(&source, (640.0, 360.0));
        let first = painter.paint(&request).unwrap();
        assert!(alpha_sum(&first.surface) > 10_000.0);
        for _ in 0..20 {
            let again = painter.paint(&request).unwrap();
            assert_eq!(first.surface.data(), again.surface.data());
        }
    }

    #[test]
    fn too_much_work_is_refused() {
        let all = Operation::FillRect([0.0, 0.0, 1920.0, 1080.0]);
        let source = drawing(vec![all; 2000]);
        let fault = Painter::new(fonts()).paint(&request(&source, (1920.0, 1080.0)));
        assert!(matches!(fault, Err(Error::TooMuchWork)));
    }

    fn drawn(image: &str, part: Option<[f64; 4]>, [x, y, width, height]: [f64; 4]) -> Operation {
        Operation::DrawImage(Box::new(DrawnImage {
            image: image.into(),
            part,
            at: [x, y],
            size: Some([width, height]),
        }))
    }

    fn album(pictures: &[(&str, Option<Surface>)]) -> Asset {
        let asset = |surface: &Option<Surface>| surface.clone().map(Asset::from_surface);
        let pictures = pictures.iter().map(|(name, s)| ((*name).into(), asset(s)));
        Asset::album(pictures.collect()).unwrap()
    }

    fn painted(operations: Vec<Operation>, size: (f64, f64), album: &Asset) -> Raster {
        let source = drawing(operations);
        let request = Request {
            asset: Some(album),
            ..request(&source, size)
        };
        Painter::new(fonts()).paint(&request).unwrap()
    }

    /// A picture whose pixels are all different, some seen through.
    fn leaf() -> Surface {
        let mut leaf = Surface::new(16, 9);
        for (i, px) in (0_u8..).zip(leaf.data_mut().chunks_exact_mut(4)) {
            px.copy_from_slice(&[i, i / 2, i / 3, i.saturating_add(i / 2)]);
        }
        leaf
    }

    #[test]
    fn an_image_in_its_own_size_is_copied_and_nearest_pixels_stay_squares() {
        let album = album(&[("leaf", Some(leaf()))]);
        for smoothing in [Smoothing::Low, Smoothing::Medium, Smoothing::High] {
            let operations = vec![
                Operation::ImageSmoothingQuality(smoothing),
                drawn("leaf", None, [3.0, 2.0, 16.0, 9.0]),
            ];
            let s = painted(operations, (20.0, 12.0), &album).surface;
            for (x, y) in [(0, 0), (7, 3), (15, 8)] {
                assert_eq!(s.pixel(x + 3, y + 2), leaf().pixel(x, y), "{smoothing:?}");
            }
            assert_eq!(s.pixel(2, 2), [0; 4]);
        }
        let operations = vec![
            Operation::ImageSmoothingEnabled(false),
            drawn("leaf", Some([4.0, 2.0, 3.0, 2.0]), [0.0, 0.0, 30.0, 20.0]),
        ];
        let s = painted(operations, (30.0, 20.0), &album).surface;
        for (x, y) in [(0, 0), (9, 9), (10, 10), (29, 19)] {
            assert_eq!(
                s.pixel(x, y),
                leaf().pixel(4 + x / 10, 2 + y / 10),
                "{x} {y}"
            );
        }
    }

    #[test]
    fn images_smoothed_turned_or_repeated_have_no_color_above_their_alpha() {
        let album = album(&[("leaf", Some(leaf())), ("gone", None)]);
        let pattern = |image: &str, repeats| {
            Operation::FillStyle(Ink::Pattern(Box::new(InkPattern {
                image: image.into(),
                repeats,
                transform: [0.7, 0.4, -0.3, 1.9, 5.0, 3.0],
            })))
        };
        for smoothing in [Smoothing::Low, Smoothing::High] {
            let operations = vec![
                Operation::ImageSmoothingQuality(smoothing),
                Operation::GlobalAlpha(0.7),
                drawn("leaf", None, [0.0, 0.0, 60.0, 40.0]),
                Operation::Rotate(0.3),
                drawn("leaf", Some([-3.0, 1.0, 12.0, 20.0]), [20.0, 5.0, 7.0, 5.0]),
                drawn("gone", Some([1.0, 1.0, 2.0, 2.0]), [30.0, 5.0, 20.0, 15.0]),
                pattern("leaf", [true, false]),
                Operation::FillRect([0.0, 10.0, 60.0, 30.0]),
                pattern("gone", [false, true]),
                Operation::FillRect([10.0, 10.0, 60.0, 30.0]),
            ];
            let first = painted(operations.clone(), (60.0, 40.0), &album);
            let data = first.surface.data();
            assert!(
                data.chunks_exact(4)
                    .all(|px| px[..3].iter().all(|v| *v <= px[3]))
            );
            assert!(alpha_sum(&first.surface) > 1000.0);
            let again = painted(operations, (60.0, 40.0), &album);
            assert_eq!(data, again.surface.data());
        }
    }

    #[test]
    fn images_are_counted_as_work_and_held_to_memory() {
        let far = |k: u32| {
            let shift = f64::from(k) * 1e-3;
            drawn("leaf", None, [0.0, 0.0, 1900.0 + shift, 1000.0])
        };
        let source = drawing((0..2000).map(far).collect());
        let album = album(&[("leaf", Some(leaf()))]);
        let request = Request {
            asset: Some(&album),
            ..request(&source, (1920.0, 1080.0))
        };
        let fault = Painter::new(fonts()).paint(&request);
        assert!(matches!(fault, Err(Error::TooMuchWork)));
        let large = || Some(Asset::from_surface(Surface::new(8192, 4200)));
        let two = vec![("a".into(), large()), ("b".into(), large())];
        assert!(matches!(
            Asset::album(two),
            Err(Error::TooManyImages { .. })
        ));
    }

    #[test]
    fn another_picture_of_the_same_name_is_another_key() {
        let source = drawing(vec![drawn("leaf", None, [0.0, 0.0, 9.0, 9.0])]);
        let key = |album: &Asset| {
            let request = Request {
                asset: Some(album),
                ..request(&source, (9.0, 9.0))
            };
            request.key()
        };
        let first = key(&album(&[("leaf", Some(leaf()))]));
        assert_eq!(first, key(&album(&[("leaf", Some(leaf()))])));
        assert_eq!(
            first,
            key(&album(&[("leaf", Some(leaf()))]).part(crate::Part::Whole))
        );
        assert_ne!(first, key(&album(&[("leaf", Some(Surface::new(16, 9)))])));
        assert_ne!(first, key(&album(&[("leaf", None)])));
        assert_ne!(first, key(&album(&[("else", Some(leaf()))])));
    }

    #[test]
    fn letters_are_spaced_and_run_from_where_they_are_told() {
        let width = |spacing: f64, direction| {
            let font = CanvasFont::new("20px 'DejaVu Sans'").unwrap();
            let words = Words {
                text: "HHHH".into(),
                at: [150.0, 40.0],
                max_width: None,
            };
            let operations = vec![
                Operation::Font(Box::new(font)),
                Operation::LetterSpacing(spacing),
                Operation::Direction(direction),
                Operation::FillText(words),
            ];
            let s = paint(&drawing(operations), (300.0, 60.0)).surface;
            let inked = |x: &u32| (0..60).any(|y| s.pixel(*x, y)[3] > 128);
            let columns: Vec<u32> = (0..300).filter(inked).collect();
            (columns[0], columns[columns.len() - 1])
        };
        let (left, right) = width(0.0, TextDirection::Ltr);
        let (spaced_left, spaced_right) = width(5.0, TextDirection::Ltr);
        assert_eq!((spaced_left, spaced_right), (left, right + 15));
        let (_, end) = width(0.0, TextDirection::Rtl);
        assert!(left >= 150 && end <= 150, "{left} {end}");
    }

    #[test]
    fn words_stand_where_they_are_told() {
        let at = |align, max_width| {
            let font = CanvasFont::new("20px 'DejaVu Sans'").unwrap();
            let words = Words {
                text: "HHHH".into(),
                at: [100.0, 40.0],
                max_width,
            };
            let operations = vec![
                Operation::Font(Box::new(font)),
                Operation::TextAlign(align),
                Operation::FillText(words),
            ];
            let s = paint(&drawing(operations), (200.0, 60.0)).surface;
            let inked = |x: &u32| (0..60).any(|y| s.pixel(*x, y)[3] > 128);
            let columns: Vec<u32> = (0..200).filter(inked).collect();
            let rows = (0..60).filter(|y| (0..200).any(|x| s.pixel(x, *y)[3] > 128));
            (columns[0], columns[columns.len() - 1], rows.max().unwrap())
        };
        let (left, right, bottom) = at(TextAlign::Start, None);
        assert!(
            (100..=103).contains(&left) && bottom == 39,
            "{left} {bottom}"
        );
        let width = right - left;
        let (left, right, _) = at(TextAlign::End, None);
        assert!(
            (97..=100).contains(&right) && right - left == width,
            "{right}"
        );
        let (left, right, _) = at(TextAlign::Center, Some(30.0));
        assert!(
            (84..=88).contains(&left) && (112..=116).contains(&right),
            "{left} {right}"
        );
    }
}
