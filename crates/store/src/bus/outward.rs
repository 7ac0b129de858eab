//! Events to the server.

use super::{Bus, BusEvent, Outward, Trials, in_time};
use crate::shared::Trouble;
use redis::Pipeline;

/// Events that the stream keeps, about.
const KEPT: usize = 10_000;

impl Bus {
    pub(super) async fn publish(&self, events: &mut impl Outward) {
        let mut trials = Trials::of("events");
        let mut link = None;
        loop {
            let mut connection = match link.take() {
                Some(connection) => connection,
                None => match self.open().await {
                    Ok(opened) => opened.connection(),
                    Err(trouble) => {
                        trials.failed(&trouble).await;
                        continue;
                    }
                },
            };
            let waiting = events.next().await;
            let pipeline = self.pipeline(&waiting);
            match in_time(async { Ok(pipeline.exec_async(&mut connection).await?) }).await {
                Ok(()) => {
                    events.published();
                    trials.succeeded();
                    link = Some(connection);
                }
                Err(trouble) => {
                    // What is refused once would be refused again, and may be published all the same each time.
                    if !matches!(trouble, Trouble::Silent(_)) {
                        events.lost();
                    }
                    trials.failed(&trouble).await;
                }
            }
        }
    }

    fn pipeline(&self, waiting: &[BusEvent]) -> Pipeline {
        let channel = self.events();
        let log = format!("{channel}:log");
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
