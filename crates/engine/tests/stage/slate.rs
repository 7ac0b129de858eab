//! What stands before the scene.

use crate::build::{
    Shelf, animation, color, config, image, layer, ms, picture, png, scene, stage_with,
};
use animation::Value;
use compositor::Compositor;
use engine::{Patience, Stage};
use media::{Resolution, ShowTime, Surface};
use scene::{Edit, Fit, Property, Scene, Slate};
use std::sync::Arc;
use std::time::Duration;
use testkit::poll_until;

const DARK: [u8; 4] = [0x0b, 0x0f, 0x1a, 0xff];
const RED: [u8; 4] = [255, 0, 0, 255];

fn says(text: &str) -> Slate {
    Slate {
        text: Some(text.to_owned()),
        ..Slate::default()
    }
}

/// With a picture of that name, and words for where it cannot be shown.
fn of(asset: &str) -> Slate {
    Slate {
        asset: Some(asset.to_owned()),
        ..says("Soon")
    }
}

/// A slate alone, at some size.
fn shown(slate: &Slate, output: Resolution) -> Surface {
    let mut stage = Stage::new(config(output, Shelf::with(&[])), scene(Vec::new()));
    stage.set_slate(Some(slate.clone()), ShowTime::ZERO);
    Compositor::new(output).compose_rgba(stage.tick(ShowTime::ZERO))
}

/// How far what is not background stays from the left, the right, the top and the bottom.
fn margins(picture: &Surface) -> [u32; 4] {
    let (width, height) = (picture.width(), picture.height());
    let mut margins = [width, width, height, height];
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        if picture.pixel(x, y) != DARK {
            let here = [x, width - 1 - x, y, height - 1 - y];
            for (margin, here) in margins.iter_mut().zip(here) {
                *margin = here.min(*margin);
            }
        }
    }
    margins
}

/// A slate that says what slates say, on one line, and one whose words take three: light on dark, in the middle, large.
#[test]
fn slates() {
    let wide = Resolution::new(640, 360);
    testkit::golden!("slate", &shown(&Slate::default(), wide), 0);
    let long = "The auction goes on in a few minutes, please stay with us";
    testkit::golden!("slate_lines", &shown(&says(long), wide), 0);
}

/// Whatever is said and whatever the shape: in the middle, large, and not over the edge.
#[test]
fn words_stand_in_the_middle() {
    let long = "Technical difficulties. ".repeat(8);
    let texts = ["We will be right back", "HH", "One\nHH\nThree", &long];
    for (width, height) in [(1920, 1080), (1280, 720), (608, 1080), (426, 240)] {
        let output = Resolution::new(width, height);
        for text in texts {
            let [left, right, top, bottom] = margins(&shown(&says(text), output));
            let what = format!("{text:?} at {output}: {left} {right} {top} {bottom}");
            assert!(left.abs_diff(right) <= 2 + width / 100, "{what}");
            assert!(top.abs_diff(bottom) <= 2 + height / 25, "{what}");
            assert!(left > width / 11 && top > height / 8, "{what}");
            // Its capitals are at least a fortieth of the height, with lines in proportion.
            assert!(height - top - bottom >= height / 40, "{what}");
        }
    }
}

#[test]
fn nothing_to_say_is_the_background_alone() {
    let without = Slate {
        text: None,
        ..Slate::default()
    };
    for slate in [without, says(""), says(" \n ")] {
        let picture = shown(&slate, Resolution::new(128, 72));
        assert!(picture.data().chunks(4).all(|px| px == DARK), "{slate:?}");
    }
}

/// A white square that runs, and a picture.
fn show() -> Scene {
    let mut scene = scene(vec![
        layer("square", [0.0, 0.0], [8.0, 8.0], color(0xffff_ffff)),
        layer(
            "art",
            [64.0, 40.0],
            [40.0, 30.0],
            image("art.png", Fit::Fill),
        ),
    ]);
    let run = [Value::Number(0.0), Value::Number(100.0)];
    scene.animations = [animation("run", "square", &Property::X, run, 1000.0)]
        .map(Into::into)
        .into();
    scene
}

fn red() -> Vec<u8> {
    png(8, 8, |_, _| 0xff00_00ff)
}

/// While it is up, nothing of the scene is seen; behind it the scene goes on and is changed.
#[test]
fn the_scene_goes_on_behind_it() {
    let shelf = Shelf::with(&[("art.png", &red())]);
    let mut stage = stage_with(&show(), Arc::clone(&shelf));
    stage.tick(ShowTime::ZERO);
    let before = stage.revision();
    assert_eq!(stage.set_slate(Some(says("")), ms(33.0)), before + 1);
    assert_eq!(stage.slate(), Some(&says("")));
    let dark = |picture: &Surface| picture.data().chunks(4).all(|px| px == DARK);
    assert!(dark(&picture(&mut stage, ms(33.0))));
    let mut changed = show();
    changed.layers[0].source = Some(color(0x00ff_00ff));
    stage.edit(Edit::between(stage.scene(), &changed), ms(66.0));
    assert!(dark(&picture(&mut stage, ms(66.0))));
    assert_eq!(stage.set_slate(None, ms(500.0)), before + 3);
    let mut straight = stage_with(&changed, shelf);
    assert!(picture(&mut stage, ms(500.0)) == picture(&mut straight, ms(500.0)));
    assert_eq!(stage.slate(), None);
}

/// However long it was up, and though a layer came meanwhile: no placeholder when it goes.
#[test]
fn what_it_hid_is_there_when_it_goes() {
    let shelf = Shelf::with(&[("art.png", &red()), ("new.png", &red())]);
    let mut stage = stage_with(&show(), Arc::clone(&shelf));
    stage.tick(ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    stage.set_slate(Some(says("Soon")), ms(33.0));
    let mut changed = show();
    let place = layer(
        "new",
        [10.0, 20.0],
        [30.0, 30.0],
        image("new.png", Fit::Fill),
    );
    changed.layers.push(place.into());
    stage.edit(Edit::between(stage.scene(), &changed), ms(66.0));
    for t in 0..2000 {
        stage.tick(ms(f64::from(t) * 33.0));
    }
    // The worker may take its time; that it was asked is what matters.
    poll_until(Duration::from_secs(5), "the new picture", || {
        stage.tick(ms(66_000.0));
        (shelf.reads() == 2).then_some(())
    });
    shelf.hold();
    stage.set_slate(None, ms(66_033.0));
    let back = picture(&mut stage, ms(66_033.0));
    assert_eq!(back.pixel(80, 50), RED);
}

/// A picture covers the output as soon as it can be shown; until then, and where it cannot, the words stand there. The
/// picture of another slate does not stand in for it.
#[test]
fn a_picture_takes_the_place_of_the_words_when_it_is_there() {
    let blue = png(4, 4, |_, _| 0x0000_ffff);
    let shelf = Shelf::with(&[("red.png", &red()), ("blue.png", &blue), ("bad.png", b"no")]);
    let mut stage = stage_with(&scene(Vec::new()), Arc::clone(&shelf));
    stage.set_patience(Patience::StandIn);
    let words = shown(&says("Soon"), Resolution::new(128, 72));
    for (asset, pixel) in [("red.png", RED), ("blue.png", [0, 0, 255, 255])] {
        shelf.hold();
        stage.set_slate(Some(of(asset)), ms(0.0));
        assert!(picture(&mut stage, ms(0.0)) == words, "{asset}");
        shelf.release();
        poll_until(Duration::from_secs(5), "the picture", || {
            let picture = picture(&mut stage, ms(33.0));
            (picture.data().chunks(4).all(|px| px == pixel)).then_some(())
        });
    }
    for asset in ["bad.png", "none.png"] {
        stage.set_slate(Some(of(asset)), ms(66.0));
        let mut said = Vec::new();
        poll_until(Duration::from_secs(5), "a notice", || {
            assert!(picture(&mut stage, ms(66.0)) == words, "{asset}");
            said.extend(stage.take_notices());
            (said.len() == 1).then_some(())
        });
        assert!(said[0].to_string().contains(asset), "{said:?}");
    }
}

/// Bars are for scenes of another shape; a slate fills the output.
#[test]
fn a_slate_has_the_shape_of_the_output() {
    let output = Resolution::new(72, 128);
    let shelf = Shelf::with(&[("red.png", &red())]);
    let mut stage = Stage::new(config(output, shelf), scene(Vec::new()));
    stage.set_slate(Some(of("red.png")), ShowTime::ZERO);
    let picture = Compositor::new(output).compose_rgba(stage.tick(ShowTime::ZERO));
    assert!(picture.data().chunks(4).all(|px| px == RED));
}
