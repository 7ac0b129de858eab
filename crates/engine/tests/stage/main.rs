//! The stage from outside: what is on screen at a time, and what stands in for what is not there.

mod build;
mod clocks;
mod darkroom;
mod drawings;
mod gradients;
mod missing;
mod output;
mod pictures;
mod shapes;
mod slate;
mod steady;
mod time;
