//! What is painted at once, and what is left to the worker: the engine's thread paints for a millisecond a frame, no more.
//!
//! Words come with the frame that is to show them as long as that is so, since a word that comes late is wrong; beyond it they
//! come a frame or two later, and what the layer showed before stays until then. Times are estimates of a slow machine, so
//! that what is left to the worker does not depend on who is asked; a stage that waits for everything asks nobody.

use scene::Source;
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
    source.word_bytes(content) as f64 * MS_PER_LETTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::Size;
    use scene::{Paint, Stroke, Text, TextContent, TextStyle};

    #[test]
    fn wide_rims_and_letters_that_leave_their_box_are_left_to_the_worker() {
        let cost = |words: &str, size_px: f64, rim_px: f64, scale: f64| {
            let stroke = Stroke::new(Paint::Color(media::Color::BLACK), rim_px);
            let source = Source::Text(Text {
                text: TextContent::Plain(words.into()),
                style: TextStyle {
                    size_px,
                    stroke: (rim_px > 0.0).then_some(stroke),
                    ..TextStyle::default()
                },
                ..Text::default()
            });
            let request = Request {
                source: &source,
                content: None,
                width_px: Some(100.0),
                height_px: Some(80.0),
                effects: &[],
                scale,
                hint: true,
                asset: None,
            };
            cost_ms(&request, Size::new(100.0, 80.0))
        };
        for (words, size_px, rim_px, scale, is_slow) in [
            ("12.45 ETH", 48.0, 0.0, 1.0, false),
            ("12.45 ETH", 48.0, 4.0, 1.0, false),
            ("SOLD TO THE LADY IN BLUE", 90.0, 0.0, 1.0, false),
            ("a", 20.0, 1000.0, 3.0, true),
            ("$1234.5", 1000.0, 0.0, 3.0, true),
        ] {
            let ms = cost(words, size_px, rim_px, scale);
            assert_eq!(ms > MOST_MS, is_slow, "{words}: {ms}");
        }
    }
}
