//! How layers and presets come and go.
//!
//! The document is what a transition comes to, at once; a passage beside it keeps what leaves, and says how both move. When it
//! is over it changes nothing that is seen, so nothing has to be done in time: [`watch`] takes it out a little later.

use crate::Api;
use crate::access::{Client, Role};
use crate::consequence;
use crate::control::By;
use crate::operation::{About, Change, Said};
use crate::problem::Error;
use media::ShowTime;
use scene::{Id, Layer, Left, Limits, ListEdit, Passage, Scene, Shared, Start, Transition, Way};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How the end of transitions is called in the history.
pub(crate) const METHOD: &str = "transition.end";

/// The passage of whole scenes.
const WHOLE: &str = "transition";

/// Shows or hides a layer, as of the show time `now` or a little later.
///
/// Whoever shows a layer that is going, or hides one that is coming, turns it round where it is.
pub(crate) fn set_visible(
    scene: &Scene,
    id: &str,
    visible: bool,
    transition: &Transition,
    now: ShowTime,
    limits: &Limits,
) -> Result<(Scene, Shared<Layer>), Error> {
    let before = scene;
    let mut scene = before.clone();
    let missing = || Error::NoSuchLayer { id: id.to_owned() };
    let at = scene.layers.iter().position(|one| one.id.as_str() == id);
    let at = at.ok_or_else(missing)?;
    let layer_id = scene.layers[at].id.clone();
    if scene.layers[at].visible != visible {
        scene.layers[at].visible = visible;
        let faults = scene.faults_since(before, limits, &|_| true);
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let way = if visible { Way::In } else { Way::Out };
        scene = passing(scene, &layer_id, way, transition, now);
    }
    let layer = scene.layers[at].clone();
    Ok((scene, layer))
}

/// The scene with a layer on its way in or out; one that is on its way already is turned round.
pub(crate) fn passing(
    mut scene: Scene,
    layer: &Id,
    way: Way,
    transition: &Transition,
    now: ShowTime,
) -> Scene {
    let alone = |passage: &Passage| is_alone(passage, layer);
    scene.passages.retain(|one| !alone(one) || runs(one, now));
    if transition.is_cut() {
        scene.passages.retain(|one| !alone(one));
        return scene;
    }
    if let Some(running) = scene.passages.iter_mut().find(|one| alone(one)) {
        running.turns = !running.turns;
        return scene;
    }
    let id = passage_id(WHOLE, layer);
    add(scene, id, Some(layer.clone()), way, transition)
}

/// The scene in which `layer`, which a write has changed, takes the place of what it was in `before`. One that is shown comes;
/// one that is on its way in or out is turned round where the write says so, and changes on the way.
pub(crate) fn written(
    mut scene: Scene,
    before: &Scene,
    layer: &Id,
    transition: &Transition,
    now: ShowTime,
) -> Scene {
    let find = |scene: &Scene| scene.layers.iter().find(|one| one.id == *layer).cloned();
    let (Some(was), Some(is)) = (find(before), find(&scene)) else {
        return scene;
    };
    let on_its_way = before.passages.iter().any(|one| carries(one, layer, now));
    if was.visible != is.visible && (is.visible || on_its_way) {
        let way = if is.visible { Way::In } else { Way::Out };
        scene = passing(scene, layer, way, transition, now);
    }
    let shown = Layer {
        visible: is.visible,
        ..Layer::clone(&was)
    };
    let only_shown = was.visible != is.visible && shown == *is;
    if only_shown && (is.visible || on_its_way) {
        return scene;
    }
    changing(scene, before, layer, transition, now)
}

/// Whether a layer comes or goes by this.
fn is_alone(passage: &Passage, layer: &Id) -> bool {
    passage.layer.as_ref() == Some(layer) && !matches!(passage.way, Way::Over(_))
}

/// Whether it is not over, as of the show time `now`.
fn runs(passage: &Passage, now: ShowTime) -> bool {
    !passage.is_settled() || passage.ends_at().is_none_or(|over| over > now)
}

/// Whether a layer is on its way in or out by this.
fn carries(passage: &Passage, layer: &Id, now: ShowTime) -> bool {
    is_alone(passage, layer) && runs(passage, now)
}

/// The scene in which `layer` takes the place of what it was in `before`, or goes where it is no more.
pub(crate) fn changing(
    scene: Scene,
    before: &Scene,
    layer: &Id,
    transition: &Transition,
    now: ShowTime,
) -> Scene {
    if transition.is_cut() {
        return scene;
    }
    // What others show through is seen by that.
    let shows = |one: &Layer| {
        (one.id == *layer && one.visible)
            || one.mask.as_ref().is_some_and(|mask| mask.layer == *layer)
    };
    let was_seen = before.layers.iter().any(|one| shows(one))
        || before.passages.iter().any(|one| carries(one, layer, now));
    let Some(mut left) = Left::layer(before, layer).filter(|_| was_seen) else {
        return scene;
    };
    if scene.passages.iter().any(|one| carries(one, layer, now)) {
        // What it was comes or goes with what it is.
        left.passages.retain(|one| !is_alone(one, layer));
        if let Some(root) = left.layers.first_mut().filter(|root| !root.visible) {
            *root = Layer {
                visible: true,
                ..Layer::clone(root)
            }
            .into();
        }
    }
    // Beside the one in which it comes or goes.
    let id = passage_id("change", layer);
    let way = Way::Over(Box::new(left));
    add(scene, id, Some(layer.clone()), way, transition)
}

/// The scene `to`, taking the place of all of `from`. What was under way there leaves with it.
pub(crate) fn between(from: &Scene, to: &Scene, transition: &Transition, limits: &Limits) -> Scene {
    let mut scene = to.clone();
    scene.passages.retain(|passage| passage.layer.is_some());
    if transition.is_cut() {
        return scene;
    }
    let way = Way::Over(Box::new(Left::whole(from)));
    let id = Id::new(WHOLE).unwrap_or_else(|| Id::reserved(WHOLE));
    let scene = add(scene, id, None, way, transition);
    if scene.faults_since(from, limits, &|_| true).is_empty() {
        scene
    } else {
        // More than may be under way at once: a cut it is.
        between(from, to, &Transition::default(), limits)
    }
}

fn add(mut scene: Scene, id: Id, layer: Option<Id>, way: Way, transition: &Transition) -> Scene {
    // One of each: whoever changes a layer again cuts the change before to its end.
    scene.passages.retain(|passage| passage.id != id);
    if scene.passages.len() >= Passage::MAX_COUNT {
        scene.passages.remove(0);
    }
    let passage = Passage {
        id,
        layer,
        way,
        transition: transition.clone(),
        start: Start::Now,
        playback: None,
        turns: false,
    };
    scene.passages.push(passage.into());
    scene
}

/// The one passage of its sort that a layer can be in.
fn passage_id(sort: &str, layer: &Id) -> Id {
    let id = |text: &str| Id::new(&format!("{sort}-{text}"));
    id(layer.as_str()).unwrap_or_else(|| {
        let mut hasher = DefaultHasher::new();
        layer.as_str().hash(&mut hasher);
        let short = format!("{:016x}", hasher.finish());
        id(&short).unwrap_or_else(|| layer.clone())
    })
}

/// Says what becomes of transitions by a change of `scene`.
pub(crate) fn tell(scene: &Scene, edit: &ListEdit<Passage>, said: &mut Vec<Said>) {
    for passage in &edit.put {
        let was = scene.passages.iter().any(|one| one.id == passage.id);
        let kind = if was && passage.turns {
            "transition.turned"
        } else {
            "transition.started"
        };
        said.push(Said::event(kind, wire::passage_told(passage)));
    }
    let gone = scene
        .passages
        .iter()
        .filter(|one| edit.remove.contains(&one.id));
    said.extend(gone.map(|one| Said::event("transition.ended", wire::passage_told(one))));
}

/// Ends a fade as those before passages ended: what their journals have of one that was under way.
pub(crate) fn end_as_of_old(scene: &mut Scene, ending: &Value) {
    let ids = |name: &str| {
        let ids = ending[name].as_array().into_iter().flatten();
        ids.filter_map(|id| Id::new(id.as_str()?))
            .collect::<Vec<Id>>()
    };
    let (hidden, removed) = (ids("hidden"), ids("removed"));
    for id in ids("shown").iter().chain(&hidden).chain(&removed) {
        let moved = passage_id(WHOLE, id);
        scene.animations.retain(|one| one.id != moved);
    }
    for layer in &mut scene.layers {
        if hidden.contains(&layer.id) {
            layer.visible = false;
        }
    }
    for id in &removed {
        scene.remove_layer(id);
    }
}

/// Takes out transitions that are over. Never ends.
pub(crate) async fn watch(api: &Api) {
    let client = Client::new("transition", Role::Operator);
    let handle = &api.0.parts.handle;
    loop {
        let changed = api.0.passages_changed.notified();
        let next = api.0.control.accepted().scene.passage_over_at();
        let Some(over) = next.filter(|over| *over <= handle.show_time()) else {
            consequence::wait(api, next, changed).await;
            continue;
        };
        let by = By {
            client: &client,
            method: METHOD,
            not_before: over,
        };
        let change = |scene: &Scene| {
            let mut scene = scene.clone();
            // Another may have been turned round meanwhile.
            scene
                .end_passages(over)
                .then(|| Change::new(scene, About::Scene))
        };
        if let Some(pending) = consequence::make(api, by, change).await {
            drop(pending.shown().await);
        }
    }
}
