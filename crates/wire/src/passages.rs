//! Transitions that run, with what leaves.

use crate::animations::{
    read_animations, read_playback, read_start, write_animation, write_playback, write_start,
};
use crate::color::write_color;
use crate::layers::{read_layers, write_layer};
use crate::paint::read_color;
use crate::read::{At, Fields, FreshIds};
use crate::timelines::{read_timelines, write_timeline};
use crate::transitions::{read_transition, write_transition};
use crate::write::Object;
use scene::{Id, Left, Passage, Shared, Start, Transition, Way};
use serde_json::Value;

/// What happens, but for what leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    In,
    Out,
    Over,
}

const WAYS: [(&str, Word); 3] = [("in", Word::In), ("out", Word::Out), ("over", Word::Over)];

pub(crate) fn read_passages(at: &At<'_>) -> Option<Vec<Shared<Passage>>> {
    let list = at.array()?;
    let mut ids = FreshIds::beside(&list);
    let read = |(i, at): (usize, &At<'_>)| {
        let mut fresh = || ids.numbered("transition", i + 1);
        at.object(|f| read_passage(f, &mut fresh))
    };
    let passages = list.iter().enumerate().filter_map(read);
    Some(passages.map(Into::into).collect())
}

fn read_passage(f: &mut Fields<'_>, fresh_id: &mut dyn FnMut() -> Id) -> Passage {
    let id = f.optional("id", At::id).unwrap_or_else(fresh_id);
    let word = f.required("way", |at| at.word(&WAYS, &[]));
    let transition = f.required("transition", read_transition);
    let left = match word {
        Some(Word::Over) => f.required("leaves", read_left),
        Some(Word::In | Word::Out) => None,
        None => {
            f.leave_open();
            None
        }
    };
    Passage {
        id,
        layer: f.optional("layer", At::id),
        way: match word {
            Some(Word::In) => Way::In,
            Some(Word::Out) => Way::Out,
            Some(Word::Over) | None => Way::Over(Box::new(left.unwrap_or_default())),
        },
        transition: transition.unwrap_or_default(),
        start: f.or("start", Start::Now, read_start),
        playback: f.optional("playback", |at| at.object(read_playback)?),
        turns: f.or("turns", false, At::boolean),
    }
}

fn read_left(at: &At<'_>) -> Option<Left> {
    at.object(|f| Left {
        background: f.optional("background", read_color),
        place: f.or("place", 0_u32, At::integer) as usize,
        layers: f.or("layers", Vec::new(), read_layers),
        animations: f.or("animations", Vec::new(), read_animations),
        timelines: f.or("timelines", Vec::new(), read_timelines),
        passages: f.or("transitions", Vec::new(), read_passages),
    })
}

/// A transition that runs, without what leaves and when: for whoever is told of it.
pub fn passage_told(passage: &Passage) -> Value {
    described(passage).into()
}

fn described(passage: &Passage) -> Object {
    let word = match &passage.way {
        Way::In => "in",
        Way::Out => "out",
        Way::Over(_) => "over",
    };
    let transition: &Transition = &passage.transition;
    Object::default()
        .with("id", passage.id.as_str())
        .maybe("layer", passage.layer.as_ref().map(Id::as_str))
        .with("way", word)
        .with("transition", write_transition(transition))
}

/// A transition that runs, as a document.
pub fn write_passage(passage: &Passage) -> Value {
    described(passage)
        .with("start", write_start(&passage.start))
        .maybe("playback", passage.playback.as_ref().map(write_playback))
        .maybe("turns", passage.turns.then_some(true))
        .maybe("leaves", passage.left().map(write_left))
        .into()
}

fn write_left(left: &Left) -> Object {
    let all = |list: Vec<Value>| (!list.is_empty()).then_some(list);
    let layers = left.layers.iter().map(|layer| write_layer(layer));
    let animations = left.animations.iter().map(|one| write_animation(one));
    let timelines = left.timelines.iter().map(|one| write_timeline(one));
    let passages = left.passages.iter().map(|one| write_passage(one));
    Object::default()
        .maybe("background", left.background.map(write_color))
        .with("place", left.place)
        .with("layers", layers.collect::<Vec<_>>())
        .maybe("animations", all(animations.collect()))
        .maybe("timelines", all(timelines.collect()))
        .maybe("transitions", all(passages.collect()))
}
