//! The JSON of scenes, scene files and HTTP resources.
//!
//! Job: read a document and name **every** fault in it at once, each by its RFC 6901 pointer; write what is held back
//! complete, defaults included.
//! Not its job: what a scene means ([`scene::Scene::faults`] says that; both lists come back merged), sockets, status
//! codes, files.
//!
//! ```text
//! bytes --parse--> JSON, doubled fields --shape--> Scene with stand-ins --meaning--> Scene | every fault
//!                                                 (wire)                 (scene)
//! ```
//!
//! Derived readers stop at the first fault, so reading is done by hand over a small cursor: a field that fails takes a
//! value that the rules of meaning accept, reading goes on, and one mistake is reported once.
//!
//! ```
//! let limits = scene::Limits::default();
//! let file = br##"{
//!   "schema": 1,
//!   "canvas": { "width_px": 1920, "height_px": 1080, "background": "#0b0f1a" },
//!   "layers": [
//!     { "id": "sky", "kind": "overlay", "opacity": "half",
//!       "transform": { "width_px": 1920 }, "source": { "type": "color", "color": "blu" } }
//!   ]
//! }"##;
//! let Err(wire::ReadError::Invalid(faults)) = wire::read_scene(file, &limits, &|_| true) else { panic!() };
//! let pointers: Vec<_> = faults.iter().map(|f| f.pointer.as_str()).collect();
//! assert_eq!(pointers, ["/layers/0/opacity", "/layers/0/transform/height_px", "/layers/0/source/color"]);
//! ```
//!
//! **Invariant:** `read(write(scene)) == scene` for every scene without faults, floats bit for bit.
//!
//! **Invariant:** no input panics, and an answer never holds more than [`MAX_FAULTS`] faults.
#![forbid(unsafe_code)]

mod animatable;
mod animations;
mod clocked;
mod color;
mod constraints;
mod document;
mod drawing;
mod drivers;
mod echoes;
mod edit;
mod effects;
mod envelope;
mod layers;
mod moves;
mod output;
mod paint;
mod parse;
mod parts;
mod passages;
mod pictures;
mod placing;
mod plan;
mod read;
mod report;
mod requests;
mod schema;
mod shapes;
mod sources;
mod stream;
mod talk;
mod templates;
mod text;
mod timelines;
mod transitions;
mod wall_clock;
mod whole;
mod wipes;
mod write;

pub use animatable::{write_animatable, write_animatable_of};
pub use animations::{conflict_of, is_at_output, read_resume, read_seek, write_animation};
pub use clocked::{animation_added, animation_told, timeline_added, timeline_told};
pub use color::{parse_color, write_color};
pub use document::{ReadScene, SCHEMA, read_scene, scene_as_kept, scene_of, write_scene};
pub use edit::{read_edit, write_edit};
pub use envelope::{Command, Envelope, MAX_ENVELOPE_BYTES, NoEnvelope, read_envelope};
pub use layers::write_layer;
pub use output::{OutputPatch, OutputRequest, OutputView, read_output_patch, read_output_request};
pub use parts::{layer_added, layer_merged, layer_moved, layer_patched, patch_between};
pub use passages::{passage_told, write_passage};
pub use plan::{MarkerRequest, WriteOptions, patch_writes, read_marker, take_write_options};
pub use report::{MAX_FAULTS, ReadError};
pub use requests::{
    BITRATE_RANGE_BPS, BatchCommand, BatchRequest, MAX_BATCH, MoveRequest, Place, PresetRequest,
    Scope, StreamPatch, parse_framerate, parse_resolution, read_asset_url, read_batch, read_json,
    read_move, read_panic, read_preset, read_scope, read_stream_patch, read_token, write_slate,
};
pub use schema::schemas;
pub use stream::StreamView;
pub use talk::{AuctionEvent, ChatMessage, Happening, MAX_PUSHED, read_auction_events, read_chat};
pub use templates::{names_template, template_of, template_started, write_template};
pub use timelines::{
    TimelineSeek, read_timeline_seek, seek_verb, write_timeline, write_timeline_laid_out,
};
pub use transitions::{read_transition_request, take_transition};
pub use wall_clock::{parse_rfc3339, write_rfc3339};
pub use write::{list, number, page};
