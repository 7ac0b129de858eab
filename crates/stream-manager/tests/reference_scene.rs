//! The reference scene (`shows/auction-bench`) looks as the system draws it that Stream Manager replaces, in the box of
//! every layer by itself, so that a large calm background cannot make up for a small wrong badge.

use serde_json::Value;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use testkit::{LumaRect, TempFolder, ssim};

const WIDTH_PX: usize = 1920;

/// Each frame of the reference is compared with the frame of the same number; all faults are told at once.
#[test]
fn every_layer_of_the_reference_scene_looks_as_expected() {
    let show = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shows/auction-bench");
    let expected = show.join("expected");
    let boxes: Value = serde_json::from_slice(
        &fs::read(expected.join("boxes.json")).expect("the reference is there"),
    )
    .expect("JSON");
    let fps = boxes["fps"].as_f64().expect("a rate");
    let base = read(&expected.join("frame-75.png"));
    let folder = TempFolder::new("reference");
    let mut faults = Vec::new();
    let frames = boxes["frames"].as_array().expect("frames");
    for frame in frames {
        let n = frame["frame"].as_u64().expect("a number");
        let out = folder.path().join(format!("frame-{n}.png"));
        let start_ms =
            (f64::from(u32::try_from(n).expect("a small number")) * 1000.0 / fps).to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_stream-manager"))
            .env_clear()
            .args([
                "render".as_ref(),
                show.join("scene.json").as_os_str(),
                "--out".as_ref(),
                out.as_os_str(),
            ])
            .args(["--start-ms", &start_ms])
            .output()
            .expect("the program was built");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "frame {n}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let drawn = luma(&read(&out));
        let wanted = luma(&laid_over(
            &read(&expected.join(format!("frame-{n}.png"))),
            &base,
        ));
        for area in frame["boxes"].as_array().expect("boxes") {
            let side = |name: &str| {
                usize::try_from(area[name].as_u64().expect("pixels")).expect("few pixels")
            };
            let rect = LumaRect {
                x: side("x"),
                y: side("y"),
                width: side("w"),
                height: side("h"),
            };
            let (alike, least) = (
                ssim(&drawn, &wanted, WIDTH_PX, rect),
                area["min_ssim"].as_f64().expect("a bound"),
            );
            assert!(
                least >= 0.93,
                "frame {n}: a bound of {least} proves nothing"
            );
            if alike < least {
                faults.push(format!(
                    "frame {n}, {}: SSIM {alike:.4}, at least {least}",
                    area["layer"]
                ));
            }
        }
    }
    assert_eq!(frames.len(), 4);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The pixels of a PNG, RGBA; one colour may stand for transparent.
fn read(path: &Path) -> Vec<u8> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a file")));
    decoder.set_transformations(png::Transformations::ALPHA);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it is small enough")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    assert_eq!(
        (info.width as usize, info.color_type),
        (WIDTH_PX, png::ColorType::Rgba),
        "{}",
        path.display()
    );
    pixels
}

/// A pixel that is left transparent equals the one of `base`.
fn laid_over(picture: &[u8], base: &[u8]) -> Vec<u8> {
    picture
        .chunks_exact(4)
        .zip(base.chunks_exact(4))
        .flat_map(|(above, below)| if above[3] == 0 { below } else { above })
        .copied()
        .collect()
}

/// BT.709 luma in full range.
fn luma(picture: &[u8]) -> Vec<u8> {
    let of = |p: &[u8]| {
        (2126 * u32::from(p[0]) + 7152 * u32::from(p[1]) + 722 * u32::from(p[2]) + 5000) / 10_000
    };
    picture
        .chunks_exact(4)
        .map(|p| u8::try_from(of(p)).expect("weights add up to one"))
        .collect()
}
