//! What is painted at once, and what is left to the worker: the engine's thread paints for a millisecond a frame, no more.
//!
//! Words come with the frame that is to show them as long as that is so, since a word that comes late is wrong; beyond it they
//! come a frame or two later, and what the layer showed before stays until then. Times are estimates of a slow machine, so
//! that what is left to the worker does not depend on who is asked; a stage that waits for everything asks nobody.

use scene::{Source, TextContent};
use sources::Request;

/// What painting may take of a frame, on the engine's thread.
pub(super) const MOST_MS: f64 = 1.0;
/// What a million px take without effects.
const MS_PER_MPX: f64 = 2.0;
/// What it takes to set and to draw a letter that was drawn before.
const MS_PER_LETTER: f64 = 0.0025;

/// How long painting a request takes that covers `size` layer px.
pub(super) fn cost_ms(request: &Request<'_>, size: kurbo::Size) -> f64 {
    let painted_ms = request.effort_px(size) / 1e6 * MS_PER_MPX;
    let pixels = (size.width * request.scale, size.height * request.scale);
    let effects_ms = sources::cost_ms(request.effects, pixels, request.scale);
    painted_ms + effects_ms + words_ms(request.source, request.content)
}

/// How long it takes to set the words of a source and to draw them, beside what their area takes.
pub(super) fn words_ms(source: &Source, content: Option<&str>) -> f64 {
    let bytes = match source {
        Source::Text(text) => match &text.text {
            TextContent::Plain(words) => words.len(),
            TextContent::Runs(runs) => runs.iter().map(|run| run.text.len()).sum(),
            TextContent::Number(_) => content.map_or(0, str::len),
        },
        Source::Ticker(ticker) => ticker.text.len(),
        Source::Countdown(_) | Source::Clock(_) => content.map_or(0, str::len),
        _ => 0,
    };
    bytes as f64 * MS_PER_LETTER
}
