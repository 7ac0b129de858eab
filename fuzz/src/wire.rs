//! Every reader of `wire` over bytes that the fuzzer makes up: none panics, and what a reader accepts it reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scene::Limits;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    if let Ok(read) = wire::read_scene(bytes, &limits, &|_| true) {
        let text = wire::write_scene(&read.scene).to_string();
        let again = wire::read_scene(text.as_bytes(), &limits, &|_| true);
        let again = again.expect("what was written can be read").scene;
        assert_eq!(format!("{again:?}"), format!("{:?}", read.scene));
    }
    if let Ok(envelope) = wire::read_envelope(bytes) {
        let text = envelope.to_json().to_string();
        let again = wire::read_envelope(text.as_bytes());
        // Control characters and the like grow when they are written; times are cut to the millisecond.
        if text.len() <= wire::MAX_ENVELOPE_BYTES {
            let again = again.expect("what was written can be read");
            assert_eq!((again.id, again.data), (envelope.id.clone(), envelope.data.clone()));
        }
        let _ = envelope.command();
    }
    let Ok(json) = wire::read_json(bytes) else {
        return;
    };
    let scene = scene::Scene::empty(1920, 1080);
    if let Ok((with, id)) = wire::layer_added(&scene, &json, &limits, &|_| true) {
        assert_eq!(with.faults(&limits, &|_| true), []);
        let _ = wire::layer_patched(&with, id.as_str(), &json, &limits, &|_| true);
        let _ = wire::layer_moved(&with, id.as_str(), &json, &limits);
    }
    let _ = wire::animation_added(&scene, &json, &limits);
    let _ = wire::read_edit(&json);
    let _ = wire::read_output_request(&json);
    let _ = wire::read_output_patch(&json);
    let _ = wire::read_batch(&json);
    if let Some(id) = scene::Id::new("preset") {
        let _ = wire::read_preset(&id, &json);
    }
    let _ = wire::read_panic(&json);
    let _ = wire::read_scope(&json);
    let _ = wire::read_stream_patch(&json);
    let _ = wire::read_transition_request(&json);
    let _ = wire::read_chat(&json);
    let _ = wire::read_auction_events(&json);
    let _ = wire::read_asset_url(&json);
    let _ = wire::read_token(&json);
});
