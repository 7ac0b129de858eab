//! One process of a show: a journal, a replica, and a roof that does what it is told.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{
    Away, CutOff, Journal, Local, Newest, RedisUrl, Settings, Shared, SharedSettings, TermFile,
    Timing, Turn,
};
use testkit::poll_until;
use tokio::runtime::Runtime;
use tokio::time::Instant;

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// What a roof has heard: a word for each turn.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// What the show has come to.
    pub(crate) story: Vec<String>,
    turns: Vec<(Instant, String)>,
}

pub(crate) struct Node {
    pub(crate) shared: Option<Shared>,
    pub(crate) journal: Journal,
    pub(crate) heard: Arc<Mutex<Heard>>,
    pub(crate) runtime: Option<Runtime>,
}

pub(crate) fn settings(url: &str) -> SharedSettings {
    SharedSettings {
        url: RedisUrl::parse(url, None).unwrap(),
        stream_id: "show".to_owned(),
        cut_off: CutOff::OffAir,
        timing: Timing::default(),
    }
}

/// A state is its story, a line for each record.
fn story_of(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

impl Node {
    pub(crate) fn start(dir: &Path, url: &str) -> Self {
        Self::with(dir, settings(url))
    }

    pub(crate) fn with(dir: &Path, settings: SharedSettings) -> Self {
        let (journal, recovered) = Journal::open(dir, Settings::default()).unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        if let Some(snapshot) = &recovered.snapshot {
            heard.lock().unwrap().story = story_of(&snapshot.bytes);
        }
        for record in &recovered.records {
            let line = text_of(record.bytes.clone());
            heard.lock().unwrap().story.push(line);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let local = Local::new(TermFile::open(dir).unwrap(), &recovered);
        let (shared, mut turns) = runtime.block_on(async { Shared::start(settings, local) });
        let roof = (Arc::clone(&heard), journal.clone(), shared.clone());
        runtime.spawn(async move {
            let (heard, journal, shared) = roof;
            // What is told is another story than the local one, up to the decision.
            let mut told = Vec::new();
            while let Some(turn) = turns.recv().await {
                let at = Instant::now();
                let word = match turn {
                    Turn::State { snapshot, records } => {
                        told = snapshot.map_or(Vec::new(), |it| story_of(&it.bytes));
                        told.extend(records.into_iter().map(|record| text_of(record.bytes)));
                        heard.lock().unwrap().story = told.clone();
                        "state".to_owned()
                    }
                    Turn::Record(record) => {
                        told.push(text_of(record.bytes));
                        heard.lock().unwrap().story = told.clone();
                        "record".to_owned()
                    }
                    Turn::Prepare { offered: true } => "prepare, offered".to_owned(),
                    Turn::Prepare { offered: false } => "prepare".to_owned(),
                    Turn::StandDown => "stand down".to_owned(),
                    Turn::Take {
                        term,
                        state,
                        sequence,
                    } => {
                        if state == Newest::Remote {
                            let state = told.join("\n").into_bytes();
                            let sequence = journal.adopt(sequence, state.clone());
                            let (answer, answered) = tokio::sync::oneshot::channel();
                            journal.durable(sequence, move |done| answer.send(done).unwrap());
                            answered.await.unwrap().unwrap();
                            shared.adopted(sequence, state).await.unwrap();
                        }
                        format!("take {term} {state:?}")
                    }
                    Turn::OffAir { .. } => "off air".to_owned(),
                    Turn::OnAir => "on air".to_owned(),
                    Turn::Lost { .. } => "lost".to_owned(),
                };
                heard.lock().unwrap().turns.push((at, word));
            }
        });
        Self {
            shared: Some(shared),
            journal,
            heard,
            runtime: Some(runtime),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.shared.as_ref().unwrap()
    }

    pub(crate) fn story(&self) -> Vec<String> {
        self.heard.lock().unwrap().story.clone()
    }

    /// What it was told, without what it followed.
    pub(crate) fn turns(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let words = heard.turns.iter().map(|(_, word)| word.clone());
        words
            .filter(|word| word != "state" && word != "record")
            .collect()
    }

    /// Waits for a turn, and says when it came.
    #[track_caller]
    pub(crate) fn wait(&self, word: &str) -> Instant {
        poll_until(LIMIT, &format!("{word}, after {:?}", self.turns()), || {
            let heard = self.heard.lock().unwrap();
            let found = heard.turns.iter().find(|(_, said)| said == word);
            found.map(|(at, _)| *at)
        })
    }

    #[track_caller]
    pub(crate) fn wait_for_story(&self, story: &[&str]) {
        poll_until(LIMIT, "the story", || (self.story() == story).then_some(()));
    }

    /// Something happens on air.
    pub(crate) fn append(&self, line: &str) -> u64 {
        let sequence = self.journal.append(line.as_bytes().to_vec());
        self.shared().append(sequence, line.as_bytes());
        self.heard.lock().unwrap().story.push(line.to_owned());
        sequence
    }

    pub(crate) fn ask(&self, sequence: u64) -> Receiver<Result<(), Away>> {
        let (answer, answers) = channel();
        self.shared()
            .durable(sequence, move |done| answer.send(done).unwrap());
        answers
    }

    /// Something happens on air, and the server has it.
    #[track_caller]
    pub(crate) fn append_durably(&self, line: &str) {
        let sequence = self.append(line);
        poll_until(LIMIT, "the server to have it", || {
            let answer = self.ask(sequence).recv_timeout(LIMIT).unwrap();
            answer.is_ok().then_some(())
        });
    }

    #[track_caller]
    pub(crate) fn wait_for_fault(&self, part: &str) -> String {
        poll_until(LIMIT, part, || {
            let fault = self.shared().status().fault?;
            fault.contains(part).then_some(fault)
        })
    }

    #[track_caller]
    pub(crate) fn wait_until_well(&self) {
        poll_until(LIMIT, "the server to be well", || {
            let status = self.shared().status();
            (status.fault.is_none() && status.lag_records == 0 && status.round_trip.is_some())
                .then_some(())
        });
    }

    #[track_caller]
    pub(crate) fn wait_for_standby(&self) {
        poll_until(LIMIT, "the standby to be known", || {
            self.shared().status().is_standby_known.then_some(())
        });
    }

    /// Ends as a process does that is killed; says when.
    pub(crate) fn die(mut self) -> Instant {
        let at = Instant::now();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.shared = None;
        self.journal.clone().close().unwrap();
        at
    }

    pub(crate) fn release(mut self) -> Instant {
        let shared = self.shared.take().unwrap();
        let runtime = self.runtime.take().unwrap();
        let at = Instant::now();
        runtime.block_on(shared.release());
        runtime.shutdown_background();
        self.journal.clone().close().unwrap();
        at
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
