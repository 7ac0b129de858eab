//! Pictures of every kind that people have, decoded to what is to be seen.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use media::Surface;
use scene::{Image, Source, Svg};
use sources::{Asset, Error, Fonts, Painter, Request};

const DEJAVU: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

fn fonts() -> Fonts {
    let font = std::fs::read(DEJAVU).expect("install the package fonts-dejavu-core");
    Fonts::new([font])
}

fn painted(bytes: &[u8], source: &Source) -> Result<Surface, Error> {
    let asset = Asset::decode(bytes, &fonts())?;
    let request = Request {
        source,
        content: None,
        width_px: None,
        height_px: None,
        effects: &[],
        scale: 1.0,
        hint: false,
        asset: Some(&asset),
    };
    let raster = Painter::new(fonts()).paint(&request)?;
    Ok((*raster.surface).clone())
}

fn shown(bytes: &[u8]) -> Surface {
    painted(bytes, &Source::Image(Image::default())).unwrap()
}

/// As a camera's RGB is turned to ink and back by whoever made the file, without a profile: near, not exact.
#[test]
fn a_jpeg_for_print_has_its_colors() {
    let s = shown(include_bytes!("../testdata/cmyk.jpg"));
    for ((x, y), expected) in [
        ((4, 4), [255, 0, 0]),
        ((28, 4), [0, 255, 0]),
        ((4, 12), [0, 0, 255]),
        ((28, 12), [255, 255, 255]),
    ] {
        let found = s.pixel(x, y);
        let near = found.iter().zip(expected).all(|(f, e)| f.abs_diff(e) < 24);
        assert!(near, "{x},{y}: {found:?}");
    }
}

#[test]
fn a_webp_stands_as_its_orientation_says() {
    let s = shown(include_bytes!("../testdata/turned.webp"));
    assert_eq!((s.width(), s.height()), (16, 32));
    assert_eq!(
        s.pixel(12, 4),
        [255, 0, 0, 255],
        "red goes to the top right"
    );
    assert_eq!(s.pixel(4, 4), [0, 0, 255, 255], "blue to the top left");
}

#[test]
fn png_of_few_and_of_many_bits_become_eight() {
    let encoded = |color, depth, data: &[u8], palette: Option<(&[u8], &[u8])>| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if let Some((colors, alphas)) = palette {
            encoder.set_palette(colors);
            encoder.set_trns(alphas);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    };
    use png::{BitDepth, ColorType};
    let palette: (&[u8], &[u8]) = (&[200, 100, 50, 0, 255, 0], &[255, 51]);
    for (bytes, expected) in [
        (
            encoded(ColorType::Grayscale, BitDepth::One, &[0b0100_0000], None),
            [[0, 0, 0, 255], [255, 255, 255, 255]],
        ),
        (
            encoded(ColorType::Indexed, BitDepth::Four, &[0x01], Some(palette)),
            [[200, 100, 50, 255], [0, 51, 0, 51]],
        ),
        (
            encoded(
                ColorType::Rgb,
                BitDepth::Sixteen,
                &[255, 255, 128, 0, 0, 9, 1, 2, 3, 4, 5, 6],
                None,
            ),
            [[255, 128, 0, 255], [1, 3, 5, 255]],
        ),
        (
            encoded(
                ColorType::GrayscaleAlpha,
                BitDepth::Sixteen,
                &[255, 255, 255, 255, 255, 255, 128, 0],
                None,
            ),
            [[255; 4], [128; 4]],
        ),
    ] {
        let s = shown(&bytes);
        assert_eq!([s.pixel(0, 0), s.pixel(1, 0)], expected);
    }
}

fn card(params: &[(&str, &str)]) -> Source {
    let params = params
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    Source::Svg(Svg {
        params: params.collect(),
        ..Svg::default()
    })
}

/// Values decide colors and words; what looks like markup is words.
#[test]
fn values_fill_an_svg() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" width="160" height="30">
        <rect width="20" height="30" fill="{{color}}"/><text x="30" y="22" font-size="20" fill="white">{{name}}</text></svg>"#;
    let ink = |s: &Surface| {
        let alphas = (0..30).flat_map(|y| (25..160).map(move |x| (x, y)));
        alphas
            .map(|(x, y)| u64::from(s.pixel(x, y)[3]))
            .sum::<u64>()
    };
    let paint = |params: &[(&str, &str)]| painted(svg, &card(params)).unwrap();
    let ann = paint(&[("color", "#ff0000"), ("name", "Ann")]);
    assert_eq!(ann.pixel(5, 5), [255, 0, 0, 255]);
    let longer = paint(&[("color", "#00ff00"), ("name", "Annabelle")]);
    assert_eq!(longer.pixel(5, 5), [0, 255, 0, 255]);
    assert!(ink(&longer) > ink(&ann) * 2 && ink(&ann) > 0);
    let hostile = paint(&[
        ("color", "red"),
        ("name", "</text><rect width='160' height='30'/>"),
    ]);
    assert!(hostile.pixel(159, 0)[3] == 0, "it is written, not drawn");
    assert_eq!(ink(&paint(&[("color", "red")])), 0);
}

/// Files that are made to do harm: refused in time, or drawn without what they refer to.
#[test]
fn hostile_svgs_do_no_harm() {
    let open =
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink""#;
    let laughs = format!(
        "<!DOCTYPE svg [<!ENTITY a \"ha\"><!ENTITY b \"{}\">]>{open} width=\"9\" height=\"9\"><text>&b;</text></svg>",
        "&a;".repeat(100)
    );
    let deep = format!(
        "{open} width=\"9\" height=\"9\">{}{}</svg>",
        "<g>".repeat(100_000),
        "</g>".repeat(100_000)
    );
    let open_deep = format!("{open}>{}", "<g>".repeat(1000));
    for (what, svg) in [
        ("entities", &laughs),
        ("depth", &deep),
        ("no end", &open_deep),
    ] {
        let error = painted(svg.as_bytes(), &card(&[])).unwrap_err();
        assert!(matches!(error, Error::Markup { .. }), "{what}: {error}");
    }
    let huge =
        format!("{open} width=\"900000\" height=\"900000\"><rect width=\"9\" height=\"9\"/></svg>");
    let error = painted(huge.as_bytes(), &card(&[])).unwrap_err();
    assert!(matches!(error, Error::TooManyPixels { .. }), "{error}");
    let refers = format!(
        "{open} width=\"9\" height=\"9\"><script>while(1);</script><image width=\"9\" height=\"9\" href=\"file:///etc/passwd\"/>\
         <image width=\"9\" height=\"9\" xlink:href=\"http://127.0.0.1:9/x.png\"/><use href=\"file:///etc/passwd#a\"/>\
         <style>@import url(\"http://127.0.0.1:9/x.css\");</style></svg>"
    );
    let s = painted(refers.as_bytes(), &card(&[])).unwrap();
    assert!(s.data().iter().all(|v| *v == 0));
}
