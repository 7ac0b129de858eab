//! Colours as CSS writes them.

mod names;

use media::Color;

/// What a colour may look like, for error messages.
pub(crate) const COLOR_RULE: &str =
    "a colour: #rgb, #rrggbb, #rrggbbaa, a CSS name, rgb(), hsl(), oklch() or color(srgb ..)";

/// The words that are colours.
pub(crate) fn color_words() -> impl Iterator<Item = &'static str> {
    names::NAMES
        .iter()
        .map(|(name, _)| *name)
        .chain(["transparent"])
}

/// A CSS colour: `#rgb[a]`, `#rrggbb[aa]`, a name, `rgb[a]()`, `hsl[a]()`, `oklch()`, `color(srgb r g b / a)`; letters in either case.
///
/// Modern (`rgb(1 2 3 / 50%)`) and legacy (`rgba(1, 2, 3, 0.5)`) commas alike. Components outside their range, and colours
/// outside sRGB, are clamped per component. `None` when `text` is none of these.
pub fn parse_color(text: &str) -> Option<Color> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('#') {
        return hex(digits);
    }
    let text = text.to_ascii_lowercase();
    if text == "transparent" {
        return Some(Color::TRANSPARENT);
    }
    if let Ok(i) = names::NAMES.binary_search_by_key(&text.as_str(), |(name, _)| name) {
        let [_, r, g, b] = names::NAMES[i].1.to_be_bytes();
        return Some(Color::from_rgba8([r, g, b, 255]));
    }
    let (name, arguments) = text.strip_suffix(')')?.split_once('(')?;
    match name {
        "rgb" | "rgba" => {
            let (c, a) = components(arguments, true)?;
            Some(clamped(
                c[0].of(255.0)?,
                c[1].of(255.0)?,
                c[2].of(255.0)?,
                a,
            ))
        }
        "hsl" | "hsla" => {
            let (c, a) = components(arguments, true)?;
            let [r, g, b] = hsl_to_rgb(
                c[0].degrees()?,
                c[1].of(100.0)?.clamp(0.0, 1.0),
                c[2].of(100.0)?.clamp(0.0, 1.0),
            );
            Some(clamped(r, g, b, a))
        }
        "oklch" => {
            let (c, a) = components(arguments, false)?;
            // 100 % of chroma is 0.4.
            let [r, g, b] = oklch_to_rgb(
                c[0].of(1.0)?.clamp(0.0, 1.0),
                c[1].of(0.4)?.max(0.0) * 0.4,
                c[2].degrees()?,
            );
            Some(clamped(r, g, b, a))
        }
        "color" => {
            let (c, a) = components(arguments.trim_start().strip_prefix("srgb ")?, false)?;
            Some(clamped(c[0].of(1.0)?, c[1].of(1.0)?, c[2].of(1.0)?, a))
        }
        _ => None,
    }
}

/// `color` so that [`parse_color`] reads the same bits: `#rrggbb` or `#rrggbbaa` where they can say it, else `color(srgb r g b / a)`.
pub fn write_color(color: Color) -> String {
    let [r, g, b, a] = color.to_rgba8();
    if Color::from_rgba8([r, g, b, a]) != color {
        // Not rgb(): r * 255 / 255 is not always r.
        return format!(
            "color(srgb {} {} {} / {})",
            color.r, color.g, color.b, color.a
        );
    }
    if a == 255 {
        format!("#{r:02x}{g:02x}{b:02x}")
    } else {
        format!("#{r:02x}{g:02x}{b:02x}{a:02x}")
    }
}

fn clamped(r: f64, g: f64, b: f64, a: f64) -> Color {
    Color::new(r.clamp(0.0, 1.0), g.clamp(0.0, 1.0), b.clamp(0.0, 1.0), a)
}

fn hex(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let step = match digits.len() {
        3 | 4 => 1,
        6 | 8 => 2,
        _ => return None,
    };
    let mut rgba = [255; 4];
    for (i, channel) in rgba.iter_mut().take(digits.len() / step).enumerate() {
        let v = u8::from_str_radix(&digits[i * step..(i + 1) * step], 16).ok()?;
        *channel = if step == 1 { v * 17 } else { v };
    }
    Some(Color::from_rgba8(rgba))
}

#[derive(Clone, Copy)]
enum Component {
    Number(f64),
    Percent(f64),
    Degrees(f64),
}

impl Component {
    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::Number(0.0));
        }
        for (unit, degrees) in [
            ("deg", 1.0),
            ("grad", 0.9),
            ("rad", 180.0 / std::f64::consts::PI),
            ("turn", 360.0),
        ] {
            if let Some(v) = text.strip_suffix(unit).and_then(plain_number) {
                return Some(Self::Degrees(v * degrees));
            }
        }
        match text.strip_suffix('%') {
            Some(text) => plain_number(text).map(Self::Percent),
            None => plain_number(text).map(Self::Number),
        }
    }

    /// As a fraction of `full`, which is what 100 % stands for.
    fn of(self, full: f64) -> Option<f64> {
        match self {
            Self::Number(v) => Some(v / full),
            Self::Percent(v) => Some(v / 100.0),
            Self::Degrees(_) => None,
        }
    }

    const fn degrees(self) -> Option<f64> {
        match self {
            Self::Number(v) | Self::Degrees(v) => Some(v),
            Self::Percent(_) => None,
        }
    }
}

/// Rust also reads `inf` and `nan`, which are no CSS numbers.
fn plain_number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e'));
    text.parse().ok().filter(|v: &f64| plain && v.is_finite())
}

/// Three components and alpha: `a b c [/ alpha]`, or where `legacy` is allowed `a, b, c[, alpha]`.
fn components(text: &str, legacy: bool) -> Option<([Component; 3], f64)> {
    let (three, alpha): (Vec<&str>, _) = if text.contains(',') {
        let mut parts: Vec<_> = text.split(',').map(str::trim).collect();
        let alpha = if parts.len() == 4 { parts.pop() } else { None };
        if !legacy || parts.contains(&"none") {
            return None;
        }
        (parts, alpha)
    } else {
        let (three, alpha) = text
            .split_once('/')
            .map_or((text, None), |(three, alpha)| (three, Some(alpha.trim())));
        (three.split_ascii_whitespace().collect(), alpha)
    };
    let [a, b, c] = three[..].try_into().ok()?;
    let alpha = alpha
        .map_or(Some(1.0), |text| Component::parse(text)?.of(1.0))?
        .clamp(0.0, 1.0);
    Some((
        [
            Component::parse(a)?,
            Component::parse(b)?,
            Component::parse(c)?,
        ],
        alpha,
    ))
}

/// CSS Color 4, "Converting HSL Colors to sRGB".
fn hsl_to_rgb(hue_deg: f64, s: f64, l: f64) -> [f64; 3] {
    let chroma = s * l.min(1.0 - l);
    [0.0, 8.0, 4.0].map(|n| {
        let k = (n + hue_deg.rem_euclid(360.0) / 30.0) % 12.0;
        l - chroma * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

/// CSS Color 4's matrices, by way of OKLab and linear sRGB.
fn oklch_to_rgb(l: f64, chroma: f64, hue_deg: f64) -> [f64; 3] {
    let (sin, cos) = libm::sincos(hue_deg.to_radians());
    let (a, b) = (chroma * cos, chroma * sin);
    let cube = |v: f64| v * v * v;
    let l_ = cube(l + 0.396_337_777_376_174_9 * a + 0.215_803_757_309_913_6 * b);
    let m_ = cube(l - 0.105_561_345_815_658_6 * a - 0.063_854_172_825_813_3 * b);
    let s_ = cube(l - 0.089_484_177_529_811_9 * a - 1.291_485_548_019_409_2 * b);
    [
        4.076_741_636_075_957 * l_ - 3.307_711_539_258_063 * m_ + 0.230_969_903_182_104_1 * s_,
        -1.268_437_973_285_031_5 * l_ + 2.609_757_349_287_688 * m_ - 0.341_319_376_002_657_1 * s_,
        -0.004_196_076_138_675_5 * l_ - 0.703_418_617_935_936_2 * m_ + 1.707_614_694_074_611_7 * s_,
    ]
    .map(|v| {
        if v <= 0.003_130_8 {
            12.92 * v
        } else {
            1.055 * libm::pow(v, 1.0 / 2.4) - 0.055
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_in_order_for_the_search() {
        assert!(names::NAMES.is_sorted_by_key(|(name, _)| name));
        assert_eq!(parse_color("RebeccaPurple"), parse_color("#663399"));
        assert_eq!(parse_color("grey"), parse_color("gray"));
        assert_eq!(
            parse_color("aliceblue").map(write_color).as_deref(),
            Some("#f0f8ff")
        );
        assert_eq!(
            parse_color("yellowgreen").map(write_color).as_deref(),
            Some("#9acd32")
        );
    }

    #[test]
    fn one_colour_written_in_many_ways() {
        for (text, hex) in [
            ("#f00", "#ff0000"),
            ("#F008", "#ff000088"),
            ("rgb(255 0 0)", "#ff0000"),
            ("rgba(255,0,0,.2)", "#ff000033"),
            ("RGB(100% 0% 0% / 20%)", "#ff000033"),
            ("rgb(300 -5 none)", "#ff0000"),
            ("hsl(120 100% 50%)", "#00ff00"),
            ("hsl(-240deg, 100%, 50%)", "#00ff00"),
            ("hsla(0.5turn, 100%, 25%, 1)", "#008080"),
            ("hsl(210 50 40)", "#336699"),
            ("oklch(62.7955% 0.257683 29.2339)", "#ff0000"),
            ("oklch(0.452014 0.313214 264.052)", "#0000ff"),
            ("oklch(1 0 none / 0.6)", "#ffffff99"),
            ("color(srgb 0 0.2 1 / 0.6)", "#0033ff99"),
            ("transparent", "#00000000"),
        ] {
            let rgba = parse_color(text).map(Color::to_rgba8);
            assert_eq!(rgba, parse_color(hex).map(Color::to_rgba8), "{text}");
            assert!(rgba.is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in [
            "",
            "#",
            "#12",
            "#12345",
            "#gggggg",
            "#é1",
            "blu",
            "rgb(1 2)",
            "rgb(1 2 3 4)",
            "rgb(1 2 3",
            "rgb(inf 0 0)",
            "rgb(1deg 2 3)",
            "oklch(1, 0, 0)",
            "hsl(none, 1%, 1%)",
            "color(display-p3 1 0 0)",
            "rgb(1 2 3 / )",
            "rgb(,,)",
            "lab(1 2 3)",
        ] {
            assert_eq!(parse_color(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_colour_reads_back_to_the_same_bits(r in 0.0..=1.0, g in 0.0..=1.0, b in 0.0..=1.0, a in 0.0..=1.0) {
            let color = Color::new(r, g, b, a);
            prop_assert_eq!(parse_color(&write_color(color)), Some(color));
        }

        #[test]
        fn every_8_bit_colour_is_hex(rgba: [u8; 4]) {
            let text = write_color(Color::from_rgba8(rgba));
            prop_assert!(text.starts_with('#'));
            prop_assert_eq!(parse_color(&text), Some(Color::from_rgba8(rgba)));
        }

        #[test]
        fn no_text_panics(text in "(#|rgb\\(|hsl\\(|oklch\\(|color\\(srgb )?[-0-9a-f%/, .é]{0,30}\\)?") {
            let _ = parse_color(&text);
        }
    }
}
