//! Pictures in other colors than sRGB, compared with Little CMS; `testdata/profiles/README.md` says how they were made.

use super::{fonts, request};
use crate::{Asset, Painter, Player};
use media::Surface;
use scene::{Image, Source};
use std::path::Path;
use std::sync::Arc;

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/profiles");
    std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A still, or the first frame of what moves.
fn pixels(bytes: &[u8]) -> Surface {
    let asset = Asset::decode(bytes, &fonts()).unwrap();
    if let Some(film) = asset.film() {
        let mut player = Player::new(Arc::clone(film));
        assert_eq!(film.timetable().frames(), 2);
        return player.frame(0).unwrap().clone();
    }
    let source = Source::Image(Image::default());
    let asked = crate::Request {
        asset: Some(&asset),
        ..request(&source, None)
    };
    let painted = Painter::new(fonts()).paint(&asked).unwrap();
    Arc::unwrap_or_clone(painted.surface)
}

#[test]
fn other_colors_become_srgb_as_another_program_makes_them() {
    // Little CMS computes in 16 bits with tables of its own. Of a JPEG, decoders differ by one before colors come into it.
    for (name, tolerance) in [
        ("p3.png", 2),
        ("p3_alpha.png", 2),
        ("p3.webp", 2),
        ("p3_moving.png", 2),
        ("p3_moving.webp", 2),
        ("adobe.jpg", 4),
        ("gray.png", 2),
        ("code_points.png", 2),
        ("gamma.png", 2),
        ("tagged_srgb.png", 0),
        ("srgb_profile.png", 0),
        ("damaged.png", 0),
    ] {
        let ours = pixels(&file(name));
        let theirs = pixels(&file(&format!("{name}.srgb.png")));
        let off = ours.data().iter().zip(theirs.data());
        let worst = off.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(255);
        assert!(worst <= tolerance, "{name}: off by {worst}");
        assert_eq!((ours.width(), ours.height()), (48, 32), "{name}");
    }
    // And it is another picture than the same numbers taken for sRGB.
    assert!(pixels(&file("p3.png")) != pixels(&file("tagged_srgb.png")));
}
