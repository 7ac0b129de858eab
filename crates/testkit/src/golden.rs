//! Reference pictures.

use media::Surface;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::Path;

/// Compares a surface with the picture `tests/golden/NAME.png` of the crate that calls; `tolerance` is the largest allowed difference of a channel.
///
/// A missing reference is written, and the test fails once.
/// A difference leaves `NAME.actual.png` and `NAME.diff.png` (white where a channel is off) beside the reference.
/// `UPDATE_GOLDEN=1` writes the reference anew; look at it before it is committed.
///
/// ```no_run
/// testkit::golden!("red_square", &media::Surface::new(16, 16), 0);
/// ```
#[macro_export]
macro_rules! golden {
    ($name:expr, $surface:expr, $tolerance:expr) => {
        $crate::check_golden(
            ::std::path::Path::new(env!("CARGO_MANIFEST_DIR")),
            $name,
            $surface,
            $tolerance,
        )
    };
}

/// What [`golden!`] calls with the folder of its crate.
///
/// # Panics
/// When the pictures differ, or the reference is missing or unreadable.
#[track_caller]
pub fn check_golden(crate_folder: &Path, name: &str, surface: &Surface, tolerance: u8) {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1");
    if let Err(fault) = compare(
        &crate_folder.join("tests/golden"),
        name,
        surface,
        tolerance,
        update,
    ) {
        panic!("golden `{name}`: {fault}");
    }
}

fn compare(
    folder: &Path,
    name: &str,
    surface: &Surface,
    tolerance: u8,
    update: bool,
) -> Result<(), String> {
    let [reference, actual, diff] =
        ["png", "actual.png", "diff.png"].map(|ending| folder.join(format!("{name}.{ending}")));
    for stale in [&actual, &diff] {
        let _ = fs::remove_file(stale);
    }
    if update || !reference.exists() {
        fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        write_png(&reference, surface)?;
        return if update {
            Ok(())
        } else {
            Err(format!(
                "there was no reference; wrote {}, look at it",
                reference.display()
            ))
        };
    }
    let expected = read_png(&reference)?;
    let (size, expected_size) = (
        (surface.width(), surface.height()),
        (expected.width(), expected.height()),
    );
    if size != expected_size {
        write_png(&actual, surface)?;
        return Err(format!(
            "is {size:?} px, the reference {expected_size:?}; see {}",
            actual.display()
        ));
    }
    let off: Vec<u8> = surface
        .data()
        .chunks(4)
        .zip(expected.data().chunks(4))
        .map(|(a, b)| distance(a, b))
        .collect();
    let (worst, count) = (
        off.iter().copied().max().unwrap_or(0),
        off.iter().filter(|off| **off > tolerance).count(),
    );
    if count == 0 {
        return Ok(());
    }
    let mut map = Surface::new(surface.width(), surface.height());
    for (pixel, off) in map.data_mut().chunks_mut(4).zip(off) {
        let shade = if off > tolerance { 255 } else { 0 };
        pixel.copy_from_slice(&[shade, shade, shade, 255]);
    }
    write_png(&actual, surface)?;
    write_png(&diff, &map)?;
    Err(format!(
        "{count} pixels differ by more than {tolerance}, the worst by {worst}; see {}",
        actual.display()
    ))
}

fn distance(a: &[u8], b: &[u8]) -> u8 {
    a.iter()
        .zip(b)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap_or(0)
}

/// Writes a surface as PNG. PNG holds straight colour: each channel becomes `c * 255 / alpha`, rounded.
///
/// Reading it back gives the same surface, bit by bit: the rounding is off by at most half a step of a scale that only shrinks on the way back.
///
/// # Errors
/// When the file cannot be written.
pub fn write_png(path: &Path, surface: &Surface) -> Result<(), String> {
    let straight: Vec<u8> = surface
        .data()
        .chunks_exact(4)
        .flat_map(|p| to_straight([p[0], p[1], p[2], p[3]]))
        .collect();
    let write = || -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::new(
            BufWriter::new(File::create(path)?),
            surface.width(),
            surface.height(),
        );
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&straight)?;
        writer.finish()
    };
    write().map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Reads a PNG of 8 bits, RGB or RGBA, as a premultiplied surface: each channel becomes `c * alpha / 255`, rounded.
///
/// # Errors
/// When the file is missing, broken or of another form.
pub fn read_png(path: &Path) -> Result<Surface, String> {
    let read = || -> Result<Surface, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut reader = png::Decoder::new(BufReader::new(file))
            .read_info()
            .map_err(|error| error.to_string())?;
        let mut straight = vec![0; reader.output_buffer_size().ok_or("too large")?];
        let info = reader
            .next_frame(&mut straight)
            .map_err(|error| error.to_string())?;
        let channels = match (info.color_type, info.bit_depth) {
            (png::ColorType::Rgba, png::BitDepth::Eight) => 4,
            (png::ColorType::Rgb, png::BitDepth::Eight) => 3,
            other => return Err(format!("{other:?} is neither RGB nor RGBA of 8 bits")),
        };
        let data = straight[..info.buffer_size()]
            .chunks_exact(channels)
            .flat_map(|p| to_premultiplied([p[0], p[1], p[2], p.get(3).copied().unwrap_or(255)]))
            .collect();
        Surface::from_premultiplied(info.width, info.height, data)
            .ok_or_else(|| "it ends too early".to_owned())
    };
    read().map_err(|fault| format!("cannot read {}: {fault}", path.display()))
}

fn to_straight([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let divide = |c: u8| {
        if a == 0 {
            0
        } else {
            ((u32::from(c) * 510 + u32::from(a)) / (2 * u32::from(a))).min(255) as u8
        }
    };
    [divide(r), divide(g), divide(b), a]
}

fn to_premultiplied([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let multiply =
        |c: u8| u8::try_from((u32::from(c) * u32::from(a) * 2 + 255) / 510).unwrap_or(u8::MAX);
    [multiply(r), multiply(g), multiply(b), a]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TempFolder;

    fn gradient() -> Surface {
        let pixels = (0..=255u8).flat_map(|a| [a, a / 2, a / 3, a]).collect();
        Surface::from_premultiplied(16, 16, pixels).unwrap()
    }

    #[test]
    fn every_premultiplied_pixel_survives_the_way_through_straight_colour() {
        for a in 0..=255u8 {
            for c in 0..=a {
                assert_eq!(to_premultiplied(to_straight([c, 0, c, a])), [c, 0, c, a]);
            }
        }
    }

    #[test]
    fn a_missing_reference_is_written_and_fails_once() {
        let folder = TempFolder::new("golden");
        let fault = compare(folder.path(), "a", &gradient(), 0, false).unwrap_err();
        assert!(fault.contains("there was no reference"), "{fault}");
        assert_eq!(compare(folder.path(), "a", &gradient(), 0, false), Ok(()));
        assert_eq!(read_png(&folder.path().join("a.png")), Ok(gradient()));
    }

    #[test]
    fn a_difference_leaves_pictures_that_go_when_it_is_mended() {
        let folder = TempFolder::new("golden");
        compare(folder.path(), "a", &gradient(), 0, true).unwrap();
        let mut other = gradient();
        other.data_mut()[4 * 200] -= 9;
        let fault = compare(folder.path(), "a", &other, 8, false).unwrap_err();
        assert!(
            fault.starts_with("1 pixels differ by more than 8, the worst by 9"),
            "{fault}"
        );
        let left = ["a.actual.png", "a.diff.png"].map(|name| folder.path().join(name));
        assert!(left.iter().all(|file| file.exists()));
        assert_eq!(
            read_png(&left[1]).unwrap().pixel(200 % 16, 200 / 16),
            [255; 4]
        );
        assert_eq!(compare(folder.path(), "a", &other, 9, false), Ok(()));
        assert!(!left.iter().any(|file| file.exists()));
    }

    #[test]
    fn another_size_and_a_broken_reference_are_faults() {
        let folder = TempFolder::new("golden");
        compare(folder.path(), "a", &gradient(), 0, true).unwrap();
        assert!(
            compare(folder.path(), "a", &Surface::new(8, 8), 0, false)
                .unwrap_err()
                .contains("(8, 8) px")
        );
        fs::write(folder.path().join("a.png"), "not a picture").unwrap();
        assert!(
            compare(folder.path(), "a", &gradient(), 0, false)
                .unwrap_err()
                .contains("cannot read")
        );
    }
}
