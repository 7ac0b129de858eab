//! When to try again, and when not to.

use crate::failure::Failure;
use rtmp::Stage;
use std::time::Duration;

/// Seeded randomness (SplitMix64): jitter and handshake filler, nothing secret.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.next().to_le_bytes()[..part.len()]);
        }
    }

    /// 0..1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Waiting times: the first, then each 1.5 times the one before up to a cap; each moved at random by up to 20 %, so
/// that the clients of a server that came back do not all return at once.
#[derive(Debug)]
pub(crate) struct BackOff {
    first: Duration,
    cap: Duration,
    next: Duration,
}

impl BackOff {
    pub(crate) const fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            next: first,
        }
    }

    pub(crate) fn next(&mut self, random: &mut Random) -> Duration {
        let wait = self.next.min(self.cap);
        self.next = wait.mul_f64(1.5).min(self.cap);
        wait.mul_f64(0.8 + 0.4 * random.unit())
    }

    /// Begins anew, after a session that lasted.
    pub(crate) const fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Tells refusals, which only a person can mend, from failures that pass.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// Attempts running in which the server closed without a word instead of answering `publish`.
    silent: u32,
}

/// How long after a live session `BadName` ("somebody publishes there already") may mean ourselves: nginx-rtmp pings
/// every 60 s and gives a dead publisher another 30 s.
const OWN_GHOST: Duration = Duration::from_secs(120);

impl Judge {
    /// Why it is no use to try again after `failure`, or `None` when it is; `since_live` is how long ago a session of
    /// this output was last live.
    pub(crate) fn refusal(
        &mut self,
        failure: &Failure,
        since_live: Option<Duration>,
    ) -> Option<String> {
        self.silent = match failure {
            Failure::ClosedByServer {
                stage: Stage::Publish,
            } => self.silent + 1,
            _ => 0,
        };
        let refused = match failure {
            Failure::Certificate(_) | Failure::HostName => true,
            Failure::Rejected {
                stage: Stage::Connect,
                code,
                ..
            } => {
                matches!(
                    code.as_str(),
                    "NetConnection.Connect.Rejected" | "NetConnection.Connect.InvalidApp"
                )
            }
            Failure::Rejected {
                stage: Stage::Publish,
                code,
                ..
            } if code == "NetStream.Publish.BadName" => {
                since_live.is_none_or(|since| since > OWN_GHOST)
            }
            Failure::Rejected {
                stage: Stage::CreateStream | Stage::Publish,
                code,
                ..
            } => {
                const CREDENTIALS: [&str; 4] =
                    ["Denied", "Rejected", "Unauthorized", "Authenticate"];
                code.rsplit('.')
                    .take(2)
                    .any(|part| CREDENTIALS.contains(&part))
            }
            Failure::ClosedByServer { .. } if self.silent >= 2 => {
                return Some("the server closed the connection after publish, twice running: no reason given".to_owned());
            }
            _ => false,
        };
        refused.then(|| failure.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_grow_to_the_cap_within_their_jitter() {
        let (mut back_off, mut random) = (
            BackOff::new(Duration::from_secs(1), Duration::from_secs(30)),
            Random::new(7),
        );
        for nominal in [
            1.0, 1.5, 2.25, 3.375, 5.0625, 7.59, 11.39, 17.09, 25.63, 30.0, 30.0,
        ] {
            let wait = back_off.next(&mut random).as_secs_f64();
            assert!(
                (nominal * 0.79..nominal * 1.21).contains(&wait),
                "{wait} for {nominal}"
            );
        }
        back_off.reset();
        assert!(back_off.next(&mut random) < Duration::from_millis(1201));
        let waits = |seed| {
            BackOff::new(Duration::from_secs(1), Duration::from_secs(30))
                .next(&mut Random::new(seed))
        };
        assert!(waits(1) == waits(1) && waits(1) != waits(2));
    }

    #[test]
    fn only_refusals_end_the_trying() {
        let rejected = |stage, code: &str| Failure::Rejected {
            stage,
            code: code.to_owned(),
            description: String::new(),
        };
        let ago = |s| Some(Duration::from_secs(s));
        let cases = [
            (
                rejected(Stage::Publish, "NetStream.Publish.BadName"),
                None,
                true,
            ),
            (
                rejected(Stage::Publish, "NetStream.Publish.BadName"),
                ago(90),
                false,
            ),
            (
                rejected(Stage::Publish, "NetStream.Publish.BadName"),
                ago(121),
                true,
            ),
            (
                rejected(Stage::Publish, "NetStream.Publish.Denied"),
                ago(1),
                true,
            ),
            (
                rejected(Stage::Publish, "NetStream.Publish.Unauthorized"),
                None,
                true,
            ),
            (
                rejected(Stage::Publish, "NetStream.Authenticate.UsherToken"),
                None,
                true,
            ),
            (rejected(Stage::Publish, "NetStream.Failed"), None, false),
            (
                rejected(Stage::Connect, "NetConnection.Connect.Rejected"),
                None,
                true,
            ),
            (
                rejected(Stage::Connect, "NetConnection.Connect.InvalidApp"),
                None,
                true,
            ),
            (
                rejected(Stage::Connect, "NetConnection.Connect.AppShutdown"),
                None,
                false,
            ),
            (
                rejected(Stage::Live, "NetStream.Publish.Denied"),
                None,
                false,
            ),
            (Failure::Certificate("expired".to_owned()), None, true),
            (
                Failure::ClosedByServer {
                    stage: Stage::Publish,
                },
                None,
                false,
            ),
            (Failure::ClosedByServer { stage: Stage::Live }, None, false),
            (Failure::TimedOut { step: "connect" }, None, false),
        ];
        for (failure, since_live, refused) in cases {
            assert_eq!(
                Judge::default().refusal(&failure, since_live).is_some(),
                refused,
                "{failure}"
            );
        }
    }

    #[test]
    fn two_silent_closes_running_are_a_refusal() {
        let silent = Failure::ClosedByServer {
            stage: Stage::Publish,
        };
        let other = Failure::ClosedByServer {
            stage: Stage::Handshake,
        };
        let mut judge = Judge::default();
        let refused =
            [&silent, &other, &silent, &silent].map(|failure| judge.refusal(failure, None));
        assert_eq!(
            refused.iter().map(Option::is_some).collect::<Vec<_>>(),
            [false, false, false, true]
        );
        assert!(refused[3].as_ref().unwrap().contains("no reason given"));
    }
}
