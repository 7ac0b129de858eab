//! Histories of a show that changes by itself, without an engine and without a clock.

use super::*;
use crate::{glide, lives};
use proptest::prelude::*;
use scene::Moment;

const FRAME_MS: f64 = 1000.0 / 30.0;

/// A show of one client, whose frames pass when the test says so.
struct Show {
    scene: Scene,
    history: History,
    frame: i64,
    me: Arc<str>,
}

impl Show {
    fn new() -> Self {
        let document = json!({ "schema": 1, "canvas": { "width_px": 128, "height_px": 72 },
            "layers": [{ "id": "a", "kind": "group" }, { "id": "b", "kind": "group" }],
            "templates": [{ "id": "lt", "parameters": {},
                "layers": [{ "id": "{id}", "kind": "group" }, { "id": "{id}-in", "kind": "group", "parent": "{id}" }],
                "timeline": { "entries": [
                    { "animation": { "target": "layers/{id}", "timing": { "duration_ms": 100 },
                        "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } },
                    { "animation": { "target": "layers/b", "timing": { "duration_ms": 150 },
                        "keyframes": [{ "opacity": 0 }, { "opacity": 0.75 }] }, "position": 0 }] } }] });
        Self {
            scene: wire::scene_as_kept(&document).unwrap(),
            history: History::default(),
            frame: 0,
            me: "me".into(),
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            show: ShowTime::from_ms(self.frame as f64 * FRAME_MS),
            epoch_unix_ns: 0,
        }
    }

    fn make(&mut self, after: &Scene, role: Role) {
        let edit = Edit::between(&self.scene, after);
        let id = self.history.push(Made {
            client: &self.me,
            method: "",
            at_unix_ns: 0,
            revision: 0,
            difference: Difference::of(&self.scene, &edit),
            comes_to: None,
            role,
        });
        let applied = Applied {
            revision: 0,
            frame: self.frame,
            show_time: self.moment().show,
        };
        self.history.settle(id, applied);
        self.scene.change(edit, self.moment());
        assert_eq!(self.scene.faults(&Limits::default(), &|_| true), []);
    }

    /// Lets frames pass, and what is over end on its own.
    fn pass(&mut self, frames: i64) {
        for _ in 0..frames {
            self.frame += 1;
            let (after, said) = lives::made(&self.scene, self.moment());
            if !said.is_empty() {
                self.make(&after, Role::Consequence);
            }
        }
    }

    /// Carries out a command; whether it changed anything.
    fn command(&mut self, (method, body): &(&str, Value)) -> bool {
        let (limits, now) = (Limits::default(), self.moment().show);
        let scene = &self.scene;
        let made = match *method {
            "patch" => {
                let mut patch = body["patch"].clone();
                let options = wire::take_write_options(&mut patch).unwrap();
                let id = body["id"].as_str().unwrap();
                let yields = |one: scene::Clocked<'_>| options.interrupt || one.is_over(now);
                let patched = wire::layer_patched(scene, id, &patch, &limits, &|_| true, &yields);
                patched.map(|made| {
                    let mut made = made.unwrap();
                    let id = Id::new(id).unwrap();
                    glide::carried(&mut made, scene, &id, &patch, &options, (&limits, now))
                        .unwrap();
                    made
                })
            }
            "animate" => wire::animation_added(scene, body, &limits, now)
                .ok()
                .map(|made| made.0),
            "timeline" => wire::timeline_added(scene, body, &limits, now)
                .ok()
                .map(|made| made.0),
            "template" => wire::template_started(scene, body, &limits, &|_| true, now)
                .ok()
                .map(|made| made.0),
            "verb" => {
                let verb = match body["verb"].as_str() {
                    Some("pause") => scene::Verb::Pause,
                    Some("resume") => scene::Verb::Resume,
                    _ => scene::Verb::Finish,
                };
                let told = wire::animation_told(scene, "m", vec![verb], &limits, now);
                told.and_then(Result::ok)
            }
            _ => {
                let mut made = scene.clone();
                let id = Id::new(body["id"].as_str().unwrap()).unwrap();
                match made.layers.iter().any(|layer| layer.id == id) {
                    true => made.remove_layer(&id),
                    false => made.animations.retain(|one| one.id != id),
                }
                Some(made)
            }
        };
        let Some(made) = made.filter(|made| *made != self.scene) else {
            return false;
        };
        self.make(&made, Role::Change);
        true
    }

    /// Undoes or redoes one change; `false` where there is none.
    fn turn(&mut self, back: bool) -> Result<bool, String> {
        let (scene, now) = (self.scene.clone(), self.moment().show);
        let limits = Limits::default();
        let turned = if back {
            self.history.undo(&scene, "me", Scope::Own, &limits, now)
        } else {
            self.history.redo(&scene, "me", Scope::Own, &limits, now)
        };
        match turned {
            Ok((after, id)) => {
                let role = if back { Role::Undo(id) } else { Role::Redo(id) };
                self.make(&after, role);
                Ok(true)
            }
            Err(Error::NothingToUndo { .. }) => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    /// As after a restart.
    fn restart(&mut self) {
        let kept = self.history.newest_shown().snapshot().to_string();
        let kept = wire::read_json(kept.as_bytes()).unwrap();
        self.history = History::read(&kept).unwrap();
    }
}

fn command() -> impl Strategy<Value = (&'static str, Value)> {
    let layer = || prop::sample::select(vec!["a", "b", "lt-1", "lt-1-in"]);
    let over = || prop::sample::select(vec!["remove", "remove", "keep"]);
    let fill = || prop::sample::select(vec!["none", "forwards"]);
    let start = || prop_oneof![2 => Just(json!("now")), 1 => Just(json!({ "at_ms": 0 }))];
    prop_oneof![
        3 => (layer(), 0..5u8, any::<bool>(), prop::option::of(any::<bool>()), any::<bool>()).prop_map(
            |(id, n, x, glides, interrupt)| {
                let mut patch = if x { json!({ "transform": { "x_px": n } }) } else { json!({ "opacity": f64::from(n) / 4.0 }) };
                if let Some(smooth) = glides {
                    patch["transition"] = json!({ "duration_ms": 120, "smooth": smooth });
                }
                if interrupt {
                    patch["interrupt"] = true.into();
                }
                ("patch", json!({ "id": id, "patch": patch }))
            }),
        1 => layer().prop_map(|id| ("patch", json!({ "id": id, "patch": { "name": "N" } }))),
        3 => (layer(), 0..5u8, over(), fill(), start(), any::<bool>()).prop_map(|(on, n, over, fill, start, named)| {
            let mut one = json!({ "target": format!("layers/{on}"), "start": start, "when_over": over,
                "timing": { "duration_ms": 100, "fill": fill },
                "keyframes": [{ "opacity": 0 }, { "opacity": f64::from(n) / 4.0, "transform.y_px": n }] });
            if named {
                one["id"] = "m".into();
            }
            ("animate", one)
        }),
        1 => (layer(), 0..5u8).prop_map(|(on, n)| ("timeline", json!({ "entries": [
            { "animation": { "target": format!("layers/{on}"), "timing": { "duration_ms": 80 },
                "keyframes": [{ "opacity": 1 }, { "opacity": f64::from(n) / 4.0 }] } }] }))),
        2 => Just(("template", json!({ "template": "lt" }))),
        1 => prop::sample::select(vec!["pause", "resume", "finish"])
            .prop_map(|verb| ("verb", json!({ "verb": verb }))),
        1 => prop::sample::select(vec!["m", "lt-1-in"]).prop_map(|id| ("remove", json!({ "id": id }))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the show does on its own in between: one client's way back leads to the start, and the way forth is free.
    #[test]
    fn what_comes_to_pass_stands_in_nobodys_way(
        commands in prop::collection::vec((command(), 0..6_i64), 1..12), waits in prop::collection::vec(0..6_i64, 8),
    ) {
        let mut show = Show::new();
        let start = show.scene.clone();
        for (command, frames) in &commands {
            show.command(command);
            show.pass(*frames);
        }
        let mut waits = waits.iter().cycle();
        for back in [true, false, true] {
            let mut turns = 0;
            loop {
                show.restart();
                let turned = show.turn(back);
                prop_assert!(turned.is_ok(), "{} {}: {:?}", if back { "undo" } else { "redo" }, turns, turned);
                if turned == Ok(false) {
                    break;
                }
                turns += 1;
                show.pass(*waits.next().unwrap_or(&0));
            }
            prop_assert!(turns <= commands.len());
            if back {
                prop_assert_eq!(&show.scene.animations, &start.animations);
                prop_assert_eq!(&show.scene.timelines, &start.timelines);
                prop_assert_eq!(&show.scene.layers, &start.layers);
            }
        }
    }
}
