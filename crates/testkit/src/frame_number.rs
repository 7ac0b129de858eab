//! A number in every frame, drawn by a scene and read from the picture.
//!
//! 16 cells of 64x64 px, bit i in cell i, white for 1 and black for 0, in two rows of eight that begin at (64, 64), 96 px apart.
//! Cells lie on the grid of macroblocks, so that no bitrate is too low for them.

use media::Framerate;
use serde_json::{Value, json};

const BITS: u32 = 16;
const PER_ROW: u32 = 8;
const ORIGIN_PX: u32 = 64;
const PITCH_PX: u32 = 96;
const CELL_PX: u32 = 64;

/// Luma (limited range, 16 black, 235 white) below which a cell is black and above which it is white; between them it cannot be read.
const BLACK_BELOW: u8 = 80;
const WHITE_ABOVE: u8 = 170;

/// JavaScript: a function of a `video`, `canvas` or `img` element that returns the frame number shown, or `null` when it cannot be read.
///
/// `eval(&format!("({FRAME_NUMBER_JS})(document.querySelector('video'))"))`
pub const FRAME_NUMBER_JS: &str = "element => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [832, 288];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(element, 0, 0);
  const pixels = context.getImageData(0, 0, 832, 288).data;
  let number = 0;
  for (let bit = 0; bit < 16; bit++) {
    const x = 64 + bit % 8 * 96 + 32, y = 64 + (bit >> 3) * 96 + 32;
    const green = pixels[(y * 832 + x) * 4 + 1];
    if (green > 74 && green < 180) return null;
    if (green >= 180) number |= 1 << bit;
  }
  return number;
}";

/// Reads the number, modulo 65536, from a luma plane in limited range whose rows are `width` samples apart.
///
/// `None` when the plane is too small for the cells or the middle of one is neither black nor white.
pub fn frame_number(y_plane: &[u8], width: u32, height: u32) -> Option<u32> {
    let samples = y_plane.get(..width as usize * height as usize)?;
    (0..BITS).try_fold(0, |number, bit| {
        let (left, top) = cell(bit);
        let (x, y) = (left + CELL_PX / 2, top + CELL_PX / 2);
        if x >= width || y >= height {
            return None;
        }
        match samples[y as usize * width as usize + x as usize] {
            luma if luma < BLACK_BELOW => Some(number),
            luma if luma > WHITE_ABOVE => Some(number | 1 << bit),
            _ => None,
        }
    })
}

/// The top left of a cell, in canvas px.
fn cell(bit: u32) -> (u32, u32) {
    (
        ORIGIN_PX + bit % PER_ROW * PITCH_PX,
        ORIGIN_PX + bit / PER_ROW * PITCH_PX,
    )
}

/// A scene file of `width_px` x `height_px` (at least 832x288) that shows nothing but the number of each frame.
///
/// The frame at show time `n * den / num` seconds shows `n` modulo 65536.
pub fn frame_number_scene(width_px: u32, height_px: u32, framerate: Framerate) -> String {
    let mut scene = json!({
        "schema": 1,
        "canvas": { "width_px": width_px, "height_px": height_px, "background": "#204060" },
        "layers": [],
        "animations": [],
    });
    add_frame_number(&mut scene, framerate);
    scene.to_string()
}

/// Draws the number over another scene: a black plate, 16 white rectangles and their animations, all with ids that begin with `frame-number`.
///
/// Bit i blinks with a period of 2^(i+1) frames: off in its first half, on in its second.
/// All periods begin half a frame before show time 0, so that no edge falls on the time of a frame, however that is rounded.
/// Even bits animate `opacity`, odd bits `visible`, so that a number or a discrete property that goes wrong shows.
///
/// # Panics
/// When `scene` has no lists `layers` and `animations`.
pub fn add_frame_number(scene: &mut Value, framerate: Framerate) {
    let frame_ms = 1000.0 * f64::from(framerate.den()) / f64::from(framerate.num());
    let mut layers = vec![json!({
        "id": "frame-number-plate", "kind": "overlay", "z_index": 999,
        "transform": { "x_px": 48, "y_px": 48, "width_px": 768, "height_px": 192 },
        "source": { "type": "color", "color": "#000000" },
    })];
    let mut animations = Vec::new();
    for bit in 0..BITS {
        let id = format!("frame-number-{bit}");
        let (x_px, y_px) = cell(bit);
        layers.push(json!({
            "id": id, "kind": "overlay", "z_index": 1000,
            "transform": { "x_px": x_px, "y_px": y_px, "width_px": CELL_PX, "height_px": CELL_PX },
            "source": { "type": "shape", "shape": { "rect": {} }, "fill": "#ffffff" },
        }));
        let keyframes = if bit % 2 == 0 {
            json!([{ "offset": 0, "opacity": 0 }, { "offset": 1, "opacity": 1 }])
        } else {
            json!([{ "offset": 0, "visible": false }, { "offset": 1, "visible": true }])
        };
        animations.push(json!({
            "id": id, "target": format!("layers/{id}"), "start": { "at_ms": 0 },
            "timing": {
                "delay_ms": -frame_ms / 2.0,
                "duration_ms": frame_ms * f64::from(1 << (bit + 1)),
                "iterations": "infinite",
                "easing": "steps(2, jump-none)",
            },
            "keyframes": keyframes,
        }));
    }
    for (list, mut added) in [("layers", layers), ("animations", animations)] {
        scene[list]
            .as_array_mut()
            .unwrap_or_else(|| panic!("the scene has no list `{list}`"))
            .append(&mut added);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the scene should look like at a time, worked out from its JSON alone.
    fn plane(scene: &Value, time_ms: f64, width: u32, height: u32) -> Vec<u8> {
        let mut luma = vec![60; (width * height) as usize];
        for layer in scene["layers"].as_array().unwrap() {
            let animation = scene["animations"]
                .as_array()
                .unwrap()
                .iter()
                .find(|a| a["id"] == layer["id"]);
            let is_on = animation.is_none_or(|animation| {
                let timing = &animation["timing"];
                let overall = (time_ms - timing["delay_ms"].as_f64().unwrap())
                    / timing["duration_ms"].as_f64().unwrap();
                overall.rem_euclid(1.0) >= 0.5
            });
            let value = if layer["id"] == "frame-number-plate" {
                16
            } else {
                235
            };
            let side =
                |name: &str| usize::try_from(layer["transform"][name].as_u64().unwrap()).unwrap();
            for y in side("y_px")..side("y_px") + side("height_px") {
                let row = y * width as usize;
                if is_on {
                    luma[row + side("x_px")..][..side("width_px")].fill(value);
                }
            }
        }
        luma
    }

    #[test]
    fn every_frame_shows_its_number_at_every_rate() {
        for (num, den) in [(30, 1), (30_000, 1001), (60, 1), (25, 1)] {
            let framerate = Framerate::new(num, den).unwrap();
            let scene: Value =
                serde_json::from_str(&frame_number_scene(832, 288, framerate)).unwrap();
            // The last ones are near 0xFFFFFF ms, where a clock of RTMP overflows.
            for n in (0..70).chain([255, 256, 32_767, 32_768, 65_535, 65_536, 503_315, 503_317]) {
                let luma = plane(&scene, framerate.frame_time(n).as_ms(), 832, 288);
                assert_eq!(
                    frame_number(&luma, 832, 288),
                    u32::try_from(n % 65_536).ok(),
                    "frame {n} at {framerate}"
                );
            }
        }
    }

    #[test]
    fn what_is_grey_or_too_small_has_no_number() {
        assert_eq!(frame_number(&vec![128; 832 * 288], 832, 288), None);
        assert_eq!(frame_number(&vec![16; 320 * 240], 320, 240), None);
        assert_eq!(frame_number(&[16; 100], 832, 288), None);
        assert_eq!(frame_number(&vec![235; 832 * 288], 832, 288), Some(65_535));
    }
}
