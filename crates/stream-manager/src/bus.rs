//! Lends the API to the bus.

use api::{Api, BusEvents, BusMessage};
use store::{Bus, BusAnswer, BusEvent, Inward, Outward};

/// Publishes what happens and obeys what is asked for, for as long as it is polled: for who is on air alone.
pub(crate) async fn run(api: Api, bus: Bus) {
    let crew = api.bus(bus.stream_id(), bus.commands());
    let events = crew.events();
    bus.carry(Events(events), Crew(crew)).await;
}

struct Events(BusEvents);

impl Outward for Events {
    async fn next(&mut self) -> Vec<BusEvent> {
        let event = |BusMessage { kind, envelope }| BusEvent { kind, envelope };
        self.0.next().await.into_iter().map(event).collect()
    }

    fn published(&mut self) {
        self.0.published();
    }

    fn lost(&mut self) {
        self.0.lost();
    }
}

struct Crew(api::Bus);

impl Inward for Crew {
    async fn obey(&self, message: Vec<u8>) -> Option<BusAnswer> {
        let reply = self.0.obey(message).await?;
        Some(BusAnswer {
            channel: reply.channel,
            envelope: reply.message.envelope,
        })
    }

    async fn durable(&self) -> bool {
        self.0.durable().await
    }
}
