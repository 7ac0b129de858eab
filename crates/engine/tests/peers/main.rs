//! Against headless Chromium: how words are set, and how boxes move.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lines;
mod motion;
