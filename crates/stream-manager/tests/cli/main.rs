//! The command line: what is refused, with which exit code and which words, and what `render` writes.

mod bench;
mod damaged;
mod program;
mod reel;
mod refused;
mod rendered;
mod repeatable;
mod writing;
