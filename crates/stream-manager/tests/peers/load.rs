//! Ten thousand commands from fifty clients at once: the show runs on, and what it ends as is what one client would have
//! made of the same commands, one after the other.

use crate::client::{Connection, Socket, header};
use crate::pacing::Cadence;
use crate::studio::{Studio, at_most};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

const CLIENTS: u64 = 50;
const COMMANDS: u64 = 200;
/// Most answers that the replay lets wait; the service reads no more than 64.
const AHEAD: usize = 48;
/// An answer waits for its frame, 33 ms at most where all is well; the rest is for the turns that fifty clients take.
const P99: Duration = Duration::from_millis(100);

/// A method and its parameters.
#[derive(Clone)]
struct Command {
    method: &'static str,
    params: Value,
}

/// The same numbers in every run (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn layer(&mut self) -> String {
        format!("l{}", self.below(24))
    }

    fn animation(&mut self) -> String {
        format!("a{}", self.below(12))
    }

    fn command(&mut self) -> Command {
        let id = self.layer();
        let (method, params) = match self.below(100) {
            0..14 => return self.create(),
            14..38 => return self.update(),
            38..44 => ("layer.hide", json!({ "id": id })),
            44..50 => ("layer.show", json!({ "id": id })),
            50..58 => {
                let other = self.layer();
                let place = match self.below(4) {
                    0 => json!({ "id": id, "to": "top" }),
                    1 => json!({ "id": id, "to": "bottom" }),
                    2 => json!({ "id": id, "above": other }),
                    _ => json!({ "id": id, "below": other }),
                };
                ("layer.move", place)
            }
            58..66 => ("layer.delete", json!({ "id": id })),
            66..73 => {
                let keyframes = [
                    json!({ "offset": 0, "transform.x_px": 0 }),
                    json!({ "offset": 1, "transform.x_px": self.below(200) }),
                ];
                let animation = json!({
                    "id": self.animation(), "target": format!("layers/{id}"), "start": { "at_ms": self.below(100_000) },
                    "timing": { "duration_ms": 1000, "iterations": "infinite", "direction": "alternate" },
                    "composite": "add", "keyframes": keyframes,
                });
                ("animation.start", animation)
            }
            73..78 => ("animation.cancel", json!({ "id": self.animation() })),
            78..83 => {
                let commands = [self.create(), self.update(), self.update()];
                let first = usize::try_from(self.below(2)).expect("0 or 1");
                let commands: Value = commands[first..]
                    .iter()
                    .map(|c| json!({ "method": c.method, "params": c.params }))
                    .collect();
                ("batch", json!({ "commands": commands }))
            }
            83..86 => ("undo", json!({ "scope": "own" })),
            86..88 => ("redo", json!({ "scope": "all" })),
            88..90 => ("layer.update", json!({ "id": id, "opacity": 2 })),
            90..92 => (
                "layer.create",
                json!({ "id": id, "kind": "overlay", "unknown": 1 }),
            ),
            92..94 => ("layer.move", json!({ "id": id })),
            94..96 => ("layer.hide", json!({ "id": "nobody" })),
            96..98 => (
                "animation.start",
                json!({ "target": "layers/nobody", "timing": { "duration_ms": 1 }, "keyframes": [{ "opacity": 0 }] }),
            ),
            _ => ("batch", json!({ "commands": [{ "method": "scene.get" }] })),
        };
        Command { method, params }
    }

    fn create(&mut self) -> Command {
        let color = format!("#{:06x}", self.below(0x0100_0000));
        let params = json!({
            "id": self.layer(), "kind": "overlay", "z_index": self.below(5),
            "transform": { "x_px": self.below(1700), "y_px": self.below(1000), "width_px": 160, "height_px": 60 },
            "source": { "type": "color", "color": color },
        });
        Command {
            method: "layer.create",
            params,
        }
    }

    fn update(&mut self) -> Command {
        let id = self.layer();
        let params = match self.below(3) {
            0 => json!({ "id": id, "opacity": self.below(5) as f64 / 4.0 }),
            1 => {
                json!({ "id": id, "name": format!("n{}", self.below(9)), "z_index": self.below(5) })
            }
            _ => {
                json!({ "id": id, "transform": { "x_px": self.below(1700), "y_px": self.below(1000) } })
            }
        };
        Command {
            method: "layer.update",
            params,
        }
    }
}

impl Command {
    /// Method, path and body over HTTP.
    fn over_http(&self) -> (&'static str, String, Value) {
        let mut body = self.params.clone();
        let id = match self.method {
            "layer.create" | "animation.start" | "batch" | "undo" | "redo" => Value::Null,
            _ => body["id"].take(),
        };
        let id = id.as_str().unwrap_or_default().to_owned();
        if let Some(fields) = body.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        let (method, path) = match self.method {
            "layer.create" => ("POST", "layers".to_owned()),
            "layer.update" => ("PATCH", format!("layers/{id}")),
            "layer.delete" => ("DELETE", format!("layers/{id}")),
            "animation.start" => ("POST", "animations".to_owned()),
            "animation.cancel" => ("DELETE", format!("animations/{id}")),
            verb @ ("layer.show" | "layer.hide" | "layer.move") => {
                ("POST", format!("layers/{id}/{}", &verb["layer.".len()..]))
            }
            other => ("POST", other.to_owned()),
        };
        if method == "DELETE" {
            body = Value::Null;
        }
        (method, format!("/api/v1/{path}"), body)
    }
}

/// What became of a client's commands.
#[derive(Default)]
struct Outcome {
    /// Those that were carried out, by their revisions.
    accepted: Vec<(u64, Command)>,
    /// The codes and methods of those that were not.
    refused: Vec<String>,
    took_ms: Vec<f64>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer takes is measured"
)]
fn run_client(studio: &Studio, number: u64) -> Outcome {
    let mut random = Random(number + 1);
    let mut outcome = Outcome::default();
    let mut over_http = number.is_multiple_of(2).then(|| Connection::open(studio));
    let mut over_socket = over_http.is_none().then(|| Socket::open(studio));
    for _ in 0..COMMANDS {
        let command = random.command();
        let asked = Instant::now();
        let accepted = if let Some(connection) = &mut over_http {
            let (method, path, body) = command.over_http();
            let answer = connection.ask(method, &path, &body);
            match answer.status {
                200..300 => {
                    let revision = header(&answer.head, "revision");
                    let revision = revision.and_then(|text| text.parse().ok());
                    Ok(revision.expect("a change has a revision"))
                }
                _ => Err(answer.json()),
            }
        } else {
            let socket = over_socket.as_mut().expect("one of the two is there");
            let mut answer = socket.ask(command.method, &command.params);
            match answer.get("error") {
                None => Ok(revision_of(&answer)),
                Some(_) => Err(answer["error"]["data"].take()),
            }
        };
        outcome.took_ms.push(asked.elapsed().as_secs_f64() * 1000.0);
        match accepted {
            Ok(revision) => outcome.accepted.push((revision, command)),
            Err(problem) => {
                assert!(
                    matches!(problem["status"].as_u64(), Some(404 | 409 | 422)),
                    "{} {}: {problem}",
                    command.method,
                    command.params
                );
                let code = problem["code"].as_str().unwrap_or_default();
                outcome.refused.push(format!("{} {code}", command.method));
            }
        }
    }
    outcome
}

fn revision_of(answer: &Value) -> u64 {
    let revision = answer["result"]["revision"].as_u64();
    revision.unwrap_or_else(|| panic!("no revision in {answer}"))
}

/// Carries commands out in their order, and says at which revisions.
fn replay(studio: &Studio, commands: &[(u64, Command)]) {
    let mut socket = Socket::open(studio);
    let mut open: usize = 0;
    for (revision, command) in commands {
        socket.send(command.method, &command.params);
        open += 1;
        // Changes are accepted in the order in which they come; these take a moment first, and nothing may overtake them.
        let overtaken = matches!(command.method, "batch" | "undo" | "redo");
        while open > if overtaken { 0 } else { AHEAD } {
            let answer = socket.next();
            assert!(
                answer.get("error").is_none(),
                "near revision {revision}, {} {}: {answer}",
                command.method,
                command.params
            );
            open -= 1;
        }
    }
    for _ in 0..open {
        revision_of(&socket.next());
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long the load lasts is measured"
)]
fn ten_thousand_commands_cost_no_tick_and_none_is_lost() {
    // The demo itself has nearly as many as there may be.
    let room = ("MAX_LAYERS", "100");
    let studio = Studio::serve(&[room]);
    studio.wait_for_frame(60);
    let lagged = |studio: &Studio| studio.get("/api/v1/stream").json()["lagged_ticks"].as_u64();
    let (before, lagged_before, cpu) = (studio.metrics(), lagged(&studio), studio.cpu_s());
    let began = Instant::now();
    let mut outcomes: Vec<Outcome> = thread::scope(|scope| {
        let studio = &studio;
        let clients = (0..CLIENTS).map(|number| scope.spawn(move || run_client(studio, number)));
        let clients: Vec<_> = clients.collect();
        clients
            .into_iter()
            .map(|client| client.join().expect("a client comes to its end"))
            .collect()
    });
    let took = began.elapsed();
    let cadence = Cadence::between(&before, &studio.metrics());
    let (lagged_after, cpu) = (lagged(&studio), studio.cpu_s() - cpu);
    // As long without clients, to know what the machine itself does.
    let (before, frame) = (studio.metrics(), studio.frame());
    let idle_cpu = studio.cpu_s();
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    studio.wait_for_frame(frame + (took.as_secs_f64() * 30.0) as i64);
    let idle = Cadence::between(&before, &studio.metrics());
    let idle_cpu = studio.cpu_s() - idle_cpu;

    let mut took_ms: Vec<f64> = outcomes
        .iter_mut()
        .flat_map(|outcome| outcome.took_ms.drain(..))
        .collect();
    took_ms.sort_by(f64::total_cmp);
    let percentile = |n: usize| took_ms[took_ms.len() * n / 100];
    let mut refused = BTreeMap::<String, usize>::new();
    for why in outcomes.iter_mut().flat_map(|one| one.refused.drain(..)) {
        *refused.entry(why).or_default() += 1;
    }
    let mut accepted: Vec<(u64, Command)> = outcomes
        .into_iter()
        .flat_map(|outcome| outcome.accepted)
        .collect();
    accepted.sort_by_key(|(revision, _)| *revision);
    println!(
        "{} commands in {took:?}, {} refused; answers p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; \
         CPU {:.0} %, without load {:.0} %; {cadence:?}, without load {idle:?}",
        took_ms.len(),
        refused.values().sum::<usize>(),
        percentile(50),
        percentile(99),
        took_ms[took_ms.len() - 1],
        cpu / took.as_secs_f64() * 100.0,
        idle_cpu / took.as_secs_f64() * 100.0,
    );
    println!("refused: {refused:?}");
    let most_ms = at_most(P99).as_secs_f64() * 1000.0;
    assert!(percentile(99) < most_ms, "p99 {} ms", percentile(99));
    assert!(
        cadence.hardly_lags(),
        "{cadence:?} ({lagged_before:?} to {lagged_after:?}), without load {idle:?}"
    );
    // Each has a revision of its own, and there is none that nobody was told of.
    let first = accepted.first().expect("some are valid").0;
    let revisions: Vec<u64> = accepted.iter().map(|(revision, _)| *revision).collect();
    let expected: Vec<u64> = (first..).take(accepted.len()).collect();
    assert_eq!(revisions, expected);
    let ended_as = studio.get("/api/v1/scene").json();
    drop(studio);

    let alone = Studio::serve(&[room, ("TARGET_FPS", "60"), ("STREAM_RESOLUTION", "320x180")]);
    replay(&alone, &accepted);
    assert_eq!(alone.get("/api/v1/scene").json(), ended_as);
}
