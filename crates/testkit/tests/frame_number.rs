//! The scene of frame numbers, read by what reads every scene file.

use media::Framerate;

#[test]
fn the_scene_has_no_fault_and_animates_every_cell() {
    let json = testkit::frame_number_scene(1920, 1080, Framerate::new(30_000, 1001).unwrap());
    let scene = wire::read_scene(json.as_bytes(), &scene::Limits::default(), &|_| false).unwrap();
    assert_eq!(
        (scene.scene.layers.len(), scene.scene.animations.len()),
        (17, 16)
    );
}
