//! The stage from outside: what is on screen at a time, and what stands in for what is not there.

mod blends;
mod build;
mod clocks;
mod constraints;
mod darkroom;
mod drawings;
mod effects;
mod frost;
mod gradients;
mod guides;
mod letters;
mod masks;
mod missing;
mod moves;
mod moving;
mod output;
mod pictures;
mod placing;
mod shapes;
mod shrinking;
mod slate;
mod steady;
mod time;
mod transitions;
mod unseen;
mod wipes;
