//! The stage from outside: what is on screen at a time, and what stands in for what is not there.

mod build;
mod darkroom;
mod effects;
mod missing;
mod output;
mod pictures;
mod slate;
mod steady;
mod time;
