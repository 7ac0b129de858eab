//! Events to the server.

use super::{Bus, BusEvent, Outward, Trials, in_time};
use crate::shared::Trouble;
use redis::{ErrorKind, Pipeline, RedisError, ServerErrorKind};

/// Events that the stream keeps, about.
const KEPT: usize = 10_000;

/// Whether nothing at all of a transaction was carried out.
fn is_aborted(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort)
}

impl Bus {
    pub(super) async fn publish(&self, events: &mut impl Outward) {
        let mut trials = Trials::of("events");
        let mut link = None;
        loop {
            let mut connection = match link.take() {
                Some(connection) => connection,
                None => match self.open(&self.events_log()).await {
                    Ok(opened) => opened.connection(),
                    Err(trouble) => {
                        trials.failed(&trouble).await;
                        continue;
                    }
                },
            };
            let waiting = events.next().await;
            let pipeline = self.pipeline(&waiting);
            let mut is_undone = false;
            let published = async {
                let done = pipeline.exec_async(&mut connection).await;
                is_undone = done.as_ref().is_err_and(is_aborted);
                Ok(done?)
            };
            match in_time(published).await {
                Ok(()) => {
                    events.published();
                    trials.succeeded();
                    link = Some(connection);
                }
                // It takes nothing at the moment: it is loading, full, a replica, or cannot write its disk.
                Err(trouble) if is_undone => trials.failed(&trouble).await,
                Err(trouble) => {
                    // What is refused once would be refused again, and may be published all the same each time.
                    if matches!(trouble, Trouble::Refused(_) | Trouble::Foreign(_)) {
                        events.lost();
                    }
                    trials.failed(&trouble).await;
                }
            }
        }
    }

    fn pipeline(&self, waiting: &[BusEvent]) -> Pipeline {
        let channel = self.events();
        let log = self.events_log();
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for event in waiting {
            pipeline
                .cmd("PUBLISH")
                .arg(&channel)
                .arg(&event.envelope)
                .ignore()
                .cmd("XADD")
                .arg(&log)
                .arg("MAXLEN")
                .arg("~")
                .arg(KEPT)
                .arg("*")
                .arg("type")
                .arg(&event.kind)
                .arg("envelope")
                .arg(&event.envelope)
                .ignore();
        }
        pipeline
    }
}
