//! Which process of a show is on air: waiting for one's turn, taking over, handing over.
//!
//! ```text
//!  start --> standing by --no beat for 0.7 s, or an offer--> prepared --the lease is ours--> on air --SIGUSR2--> handed over
//!              ^   follows the journal                       engine runs,                      |
//!              |   in Redis                                  no outputs                        | somebody else has the show
//!              +--- a supervisor starts it anew <---------------------------------- exit 69 <--+
//! ```
//!
//! Without Redis there is one process, whose turn it is at once. What decides whose turn it is stands in `store`.

use crate::Failure;
use crate::memory_port::{Memory, Turns, warn_of_what_is_left_out};
use crate::signals::{Asked, Signals};
use crate::station::Station;
use api::{Api, Past};
use engine::{Handle, Picture};
use outputs::Outputs;
use std::pin::Pin;
use std::time::Duration;
use store::{Newest, Turn};
use tokio::time::{sleep, timeout};

/// From an offer of the show to when it changes hands: time enough to say so to each other.
const NOTICE: Duration = Duration::from_millis(700);
/// How long a change that was accepted may take to be in the journal: a frame, the announcement, and room.
const SETTLED: Duration = Duration::from_millis(150);
/// How long frames of an engine that was just started may take to come out of the encoder.
const WARM: Duration = Duration::from_secs(5);

/// Makes an engine for the show as it is now, on nobody's screen yet.
pub(crate) type Prepare<'a> = dyn Fn(Option<&Past>) -> Result<Station, Failure> + Sync + 'a;

/// It is this process's turn.
pub(crate) struct MyTurn {
    /// What the show comes from; `None` where it begins.
    pub(crate) past: Option<Past>,
    pub(crate) station: Station,
}

/// A process that is not on air yet.
pub(crate) struct Successor<'a> {
    pub(crate) memory: &'a Memory,
    pub(crate) prepare: &'a Prepare<'a>,
    /// What this process knows of the show by itself.
    pub(crate) local: Option<Past>,
}

/// What a successor knows of the show from the one that is on air.
#[derive(Default)]
struct Following {
    past: Option<Past>,
    records: usize,
    /// An engine that shows it, unless something happened since.
    station: Option<Station>,
}

impl Following {
    fn begin(snapshot: Option<&[u8]>, records: &[store::Record]) -> Result<Self, Failure> {
        let bytes = records.iter().map(|record| &*record.bytes);
        let past = Past::read(snapshot, bytes).map_err(|error| unreadable(&error))?;
        Ok(Self {
            past,
            records: records.len(),
            station: None,
        })
    }

    fn advance(&mut self, record: &[u8]) -> Result<(), Failure> {
        self.records += 1;
        let past = Past::advance(self.past.take(), self.records, record);
        self.past = Some(past.map_err(|error| unreadable(&error))?);
        self.station = None;
        Ok(())
    }
}

fn unreadable(error: &api::Unreadable) -> Failure {
    Failure::NotMine(format!("the show of the process on air: {error}"))
}

impl Successor<'_> {
    /// Waits until it is this process's turn; `None` when it was asked to stop meanwhile. `stand_by` is called when
    /// another one is on air.
    pub(crate) async fn wait(
        self,
        turns: &mut Turns,
        signals: &mut Signals,
        stand_by: impl Fn(),
    ) -> Result<Option<MyTurn>, Failure> {
        let mut following = Following::default();
        loop {
            let turn = tokio::select! {
                () = signals.asked_to_stop() => return Ok(None),
                turn = turns.recv() => turn,
            };
            let Some(turn) = turn else {
                return Err(Failure::NotMine(
                    "the lease is not kept any more".to_owned(),
                ));
            };
            match turn {
                Turn::State { snapshot, records } => {
                    stand_by();
                    let snapshot = snapshot.as_ref().map(|snapshot| &*snapshot.bytes);
                    following = Following::begin(snapshot, &records)?;
                }
                Turn::Record(record) => following.advance(&record.bytes)?,
                Turn::Prepare { offered } => self.make_ready(&mut following, offered).await?,
                Turn::StandDown => following.station = None,
                Turn::Take {
                    state, sequence, ..
                } => return self.take(following, state, sequence).await.map(Some),
                Turn::OffAir { .. } | Turn::OnAir => {}
                Turn::Lost { why } => return Err(Failure::NotMine(why)),
            }
        }
    }
}

impl Successor<'_> {
    /// Has an engine run the show, so that only outputs are missing when the turn comes.
    async fn make_ready(&self, following: &mut Following, offered: bool) -> Result<(), Failure> {
        let station = match following.station.take() {
            Some(station) => station,
            None => tokio::task::block_in_place(|| (self.prepare)(following.past.as_ref()))?,
        };
        let handle = following.station.insert(station).handle();
        let until_mine = if offered {
            let warm = async {
                while handle.stats().packets == 0 {
                    sleep(LOOK).await;
                }
            };
            if timeout(WARM, warm).await.is_err() {
                tracing::error!(
                    "no frames came within {WARM:?}: the show that was offered is not taken"
                );
                return Ok(());
            }
            self.memory.ready(handle.unix_ns() + nanos(NOTICE));
            NOTICE
        } else {
            Memory::until_the_lease_ends()
        };
        // What leaves the encoder when the outputs are live should begin with an IDR. With look-ahead it was asked for so
        // long before; without, each output asks for its own.
        let look_ahead = look_ahead(&handle.picture());
        if !look_ahead.is_zero() {
            let early = if offered { Duration::ZERO } else { look_ahead };
            let wait = until_mine.saturating_sub(early);
            tokio::spawn(async move {
                sleep(wait).await;
                handle.request_keyframe();
            });
        }
        Ok(())
    }

    async fn take(
        self,
        following: Following,
        state: Newest,
        sequence: u64,
    ) -> Result<MyTurn, Failure> {
        let (past, station) = match (state, following.past) {
            (Newest::Remote, Some(mut past)) => {
                warn_of_what_is_left_out(Some(&past));
                self.memory.adopt(sequence, &mut past).await?;
                (Some(past), following.station)
            }
            // A show that has not even begun is nothing to adopt.
            (Newest::Remote, None) | (Newest::Local, _) => (self.local, None),
        };
        let station = match station {
            Some(station) => station,
            None => tokio::task::block_in_place(|| (self.prepare)(past.as_ref()))?,
        };
        Ok(MyTurn { past, station })
    }
}

/// Between two looks at whether frames flow.
const LOOK: Duration = Duration::from_millis(20);

/// Offers the show to a process that stands by, and returns when it is to end here. Nothing can be changed from then on.
///
/// # Errors
/// Why it goes on here, as before.
pub(crate) async fn offer(api: &Api, memory: &Memory, handle: &Handle) -> Result<(), String> {
    api.freeze(true);
    sleep(SETTLED).await;
    match memory.offer().await {
        Ok(at_unix_ns) => {
            let left = u64::try_from(at_unix_ns - handle.unix_ns()).unwrap_or(0);
            sleep(Duration::from_nanos(left)).await;
            Ok(())
        }
        Err(refused) => {
            api.freeze(false);
            Err(refused)
        }
    }
}

/// Whether there is an offer at all.
type Offered<'a> = Option<Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>>;

/// The answer to an offer; none ever comes where there is no offer.
async fn answer_to(offered: &mut Offered<'_>) -> Result<(), String> {
    match offered {
        Some(offered) => offered.await,
        None => std::future::pending().await,
    }
}

/// How long before a frame leaves the encoder it goes in.
fn look_ahead(picture: &Picture) -> Duration {
    let frames = picture.latency.look_ahead_frames().into();
    let time = picture.cadence.framerate().frame_time(frames);
    Duration::from_nanos(u64::try_from(time.nanos()).unwrap_or(0))
}

/// Why this process is not on air any more.
pub(crate) enum End {
    Asked,
    HandedOver,
    Lost(String),
}

/// Keeps the show on air until it ends here.
pub(crate) async fn stay(
    api: &Api,
    memory: &Memory,
    handle: &Handle,
    outputs: &Outputs,
    turns: &mut Turns,
    signals: &mut Signals,
) -> End {
    // One that was made and not answered yet; whatever happens meanwhile is looked at.
    let mut offered: Offered<'_> = None;
    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                // The lease is given back then, which is an offer that cannot be refused.
                Asked::Stop => return End::Asked,
                Asked::HandOver if offered.is_some() => {
                    tracing::warn!("the show is offered already");
                }
                Asked::HandOver => {
                    offered = Some(Box::pin(offer(api, memory, handle)));
                }
            },
            answer = answer_to(&mut offered) => {
                offered = None;
                match answer {
                    Ok(()) => return End::HandedOver,
                    Err(why) => tracing::error!(why, "the show is not handed over and goes on here"),
                }
            }
            Some(turn) = turns.recv() => match turn {
                Turn::OffAir { why } => {
                    tracing::error!(why, "off the air: another process may be on it by now");
                    outputs.hold(true);
                    if offered.take().is_some() {
                        memory.withdraw();
                        api.freeze(false);
                    }
                }
                Turn::OnAir => {
                    tracing::warn!("on the air again: nobody took over");
                    outputs.hold(false);
                }
                Turn::Lost { why } => {
                    outputs.hold(true);
                    return End::Lost(why);
                }
                turn => tracing::debug!(?turn, "means nothing to a process that is on air"),
            },
        }
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Latency;
    use media::{Cadence, Framerate, Resolution};

    #[test]
    fn look_ahead_is_that_of_the_picture() {
        for (num, den, latency, ns) in [
            (30, 1, Latency::Normal, 500_000_000),
            (60, 1, Latency::Normal, 250_000_000),
            (30_000, 1001, Latency::Normal, 500_500_000),
            (60, 1, Latency::Low, 0),
        ] {
            let picture = Picture {
                resolution: Resolution::new(1280, 720),
                latency,
                cadence: Cadence::new(Framerate::new(num, den).unwrap()),
            };
            assert_eq!(
                look_ahead(&picture),
                Duration::from_nanos(ns),
                "{num}/{den}"
            );
        }
    }
}
