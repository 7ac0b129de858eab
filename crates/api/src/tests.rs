//! The API as its clients see it: over HTTP, over sockets, with a small engine behind it.

mod animatable;
mod animations;
mod assets;
mod batches;
mod bus;
mod glides;
mod guards;
mod history;
mod history_over;
mod layers;
mod leases;
mod lives;
mod markers;
mod memory;
mod openapi;
mod outputs;
mod pictures;
mod ports;
mod presets;
mod preview;
mod roles;
mod rpc;
mod scenes;
mod secrets;
mod sent_back;
mod sessions;
mod socket;
mod studio;
mod talk;
mod timelines;
mod transitions;
mod writes;

pub(crate) use socket::connect;
