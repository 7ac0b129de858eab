//! What gives a layer its pixels.

use crate::{
    Align, Cells, Clock, Drawing, Gradient, Image, Qr, Shape, Sprite, Svg, Text, TextContent,
    TextStyle,
};
use media::Color;
use std::fmt::Write;
use std::sync::Arc;

/// What gives a layer its pixels. All lengths are layer px, before the layer's scale.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The layer's box filled with one colour.
    Color(Color),
    /// The layer's box filled with a gradient.
    Gradient(Gradient),
    /// A filled and stroked outline.
    Shape(Shape),
    /// A picture.
    Image(Image),
    /// Written words.
    Text(Text),
    /// One line of text running to the left for ever.
    Ticker(Ticker),
    /// Time left until a moment.
    Countdown(Countdown),
    /// The time of day.
    Clock(Clock),
    /// A QR code.
    Qr(Qr),
    /// Operations of an HTML canvas.
    Drawing(Drawing),
    /// A vector picture.
    Svg(Svg),
    /// Pictures from a sheet, one after the other.
    Sprite(Sprite),
}

impl Source {
    /// How many bytes of words it shows; `content` is what those say that say something else at another time.
    pub fn word_bytes(&self, content: Option<&str>) -> usize {
        match self {
            Self::Text(text) => match &text.text {
                TextContent::Plain(words) => words.len(),
                TextContent::Runs(runs) => runs.iter().map(|run| run.text.len()).sum(),
                TextContent::Number(_) => content.map_or(0, str::len),
            },
            Self::Ticker(ticker) => ticker.text.len(),
            Self::Countdown(_) | Self::Clock(_) => content.map_or(0, str::len),
            _ => 0,
        }
    }

    /// The word of the document's `source.type`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Color(_) => "color",
            Self::Gradient(_) => "gradient",
            Self::Shape(_) => "shape",
            Self::Image(_) => "image",
            Self::Text(_) => "text",
            Self::Ticker(_) => "ticker",
            Self::Countdown(_) => "countdown",
            Self::Svg(_) => "svg",
            Self::Clock(_) => "clock",
            Self::Qr(_) => "qr",
            Self::Sprite(_) => "sprite",
            Self::Drawing(_) => "drawing",
        }
    }

    /// All assets this source is made from; [the picture](Self::asset) first.
    pub fn assets(&self) -> impl Iterator<Item = &Arc<str>> {
        let atlas = match self {
            Self::Sprite(Sprite {
                cells: Cells::Atlas { asset, .. },
                ..
            }) => Some(asset),
            _ => None,
        };
        let images = match self {
            Self::Drawing(drawing) => drawing.images(),
            _ => &[],
        };
        self.asset().into_iter().chain(atlas).chain(images)
    }

    /// The picture this source is made from, if it is one; a drawing has [others](Drawing::images).
    pub const fn asset(&self) -> Option<&Arc<str>> {
        match self {
            Self::Image(Image { asset, .. })
            | Self::Svg(Svg { asset, .. })
            | Self::Sprite(Sprite { asset, .. }) => Some(asset),
            Self::Color(_)
            | Self::Gradient(_)
            | Self::Shape(_)
            | Self::Text(_)
            | Self::Ticker(_)
            | Self::Countdown(_)
            | Self::Clock(_)
            | Self::Qr(_)
            | Self::Drawing(_) => None,
        }
    }

    /// Whether `width_px` and `height_px` must be given because the source has no size of its own.
    pub const fn needs_size(&self) -> bool {
        match self {
            Self::Color(_) | Self::Gradient(_) | Self::Drawing(_) => true,
            Self::Shape(shape) => shape.form.needs_size(),
            _ => false,
        }
    }
}

/// What fills or strokes an outline.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// One colour.
    Color(Color),
    /// A gradient over the layer's box.
    Gradient(Gradient),
}

/// One line of text, repeated without a seam, moving left: at show time t the first copy stands at `-(speed * t mod length)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticker {
    /// The words, one line.
    pub text: Arc<str>,
    /// How they look.
    pub style: TextStyle,
    /// Speed in layer px per second; negative runs right.
    pub speed_px_s: f64,
    /// Space between the end of the text and its repetition, in layer px.
    pub gap_px: f64,
    /// First baseline in layer px from the top of the box; `None` centres the line.
    pub baseline_px: Option<f64>,
}

/// Time left until a moment, in whole seconds rounded up; or time since one, rounded down.
#[derive(Clone, Debug, PartialEq)]
pub struct Countdown {
    /// Which of the two.
    pub counts: Counts,
    /// The moment it counts down to, or up from; before that a time that counts up is zero.
    pub moment: CountdownTo,
    /// How the rest is written.
    pub format: CountdownFormat,
    /// What happens at zero, where it counts down.
    pub at_end: AtEnd,
    /// How it looks.
    pub style: TextStyle,
    /// How it stands in the box.
    pub align: Align,
    /// As [`Text::baseline`].
    pub baseline: bool,
}

/// Which way a countdown counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Counts {
    /// To its moment.
    #[default]
    Down,
    /// From its moment.
    Up,
}

/// The moment a countdown ends, or begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CountdownTo {
    /// Show time in milliseconds.
    ShowMs(f64),
    /// Wall clock, nanoseconds since 1970 UTC.
    WallNanos(i64),
}

/// How a countdown is written; the largest unit takes what is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountdownFormat {
    /// Whole days, rounded up like seconds.
    D,
    /// `h:mm:ss`
    HMmSs,
    /// `hh:mm:ss`
    HhMmSs,
    /// `mm:ss`
    MmSs,
    /// `m:ss`
    MSs,
    /// `ss`
    Ss,
}

/// What a countdown does at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtEnd {
    /// Shows zero.
    #[default]
    Hold,
    /// Shows nothing.
    Hide,
}

impl Countdown {
    /// Appends the words at `moment`; `false` where the countdown is over and hides.
    pub fn write_at(&self, moment: crate::Moment, words: &mut String) -> bool {
        let at = match self.moment {
            CountdownTo::ShowMs(ms) => media::ShowTime::from_ms(ms).nanos(),
            CountdownTo::WallNanos(ns) => ns.saturating_sub(moment.epoch_unix_ns),
        };
        if self.counts == Counts::Up {
            let s = moment.show.nanos().saturating_sub(at).max(0) / 1_000_000_000;
            self.format.write_whole(s, words);
            return true;
        }
        let left_ns = at.saturating_sub(moment.show.nanos());
        if left_ns <= 0 && self.at_end == AtEnd::Hide {
            return false;
        }
        let s = left_ns.max(0).saturating_add(999_999_999) / 1_000_000_000;
        self.format.write(s, words);
        true
    }
}

impl CountdownFormat {
    /// As [`write`](Self::write), of what has passed: a day that is not over does not count.
    fn write_whole(self, seconds: i64, words: &mut String) {
        match self {
            Self::D => self.write(seconds / 86_400 * 86_400, words),
            _ => self.write(seconds, words),
        }
    }

    /// Appends `seconds` (not negative) in words.
    pub fn write(self, seconds: i64, words: &mut String) {
        let (m, s) = (seconds / 60, seconds % 60);
        let written = match self {
            Self::D => write!(words, "{}", seconds.saturating_add(86_399) / 86_400),
            Self::HMmSs => write!(words, "{}:{:02}:{s:02}", m / 60, m % 60),
            Self::HhMmSs => write!(words, "{:02}:{:02}:{s:02}", m / 60, m % 60),
            Self::MmSs => write!(words, "{m:02}:{s:02}"),
            Self::MSs => write!(words, "{m}:{s:02}"),
            Self::Ss => write!(words, "{seconds:02}"),
        };
        debug_assert!(written.is_ok(), "a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::ShowTime;

    /// What a countdown says that counts from or to 5 s of show time.
    fn says(counts: Counts, format: CountdownFormat, at_ms: f64) -> String {
        let countdown = Countdown {
            counts,
            moment: CountdownTo::ShowMs(5000.0),
            format,
            at_end: AtEnd::Hold,
            style: TextStyle::default(),
            align: Align::default(),
            baseline: false,
        };
        let mut words = String::new();
        let moment = crate::Moment {
            show: ShowTime::from_ms(at_ms),
            epoch_unix_ns: 0,
        };
        assert!(countdown.write_at(moment, &mut words));
        words
    }

    #[test]
    fn time_passes_in_whole_seconds_either_way() {
        let day = 86_400_000.0;
        for (at_ms, down, up) in [
            (0.0, "0:05", "0:00"),
            (4000.1, "0:01", "0:00"),
            (5000.0, "0:00", "0:00"),
            (5999.9, "0:00", "0:00"),
            (6000.0, "0:00", "0:01"),
            (130_000.0, "0:00", "2:05"),
        ] {
            assert_eq!(says(Counts::Down, CountdownFormat::MSs, at_ms), down);
            assert_eq!(says(Counts::Up, CountdownFormat::MSs, at_ms), up);
        }
        for (at_ms, up) in [(5000.0, "0"), (day, "0"), (day + 5000.0, "1")] {
            assert_eq!(says(Counts::Up, CountdownFormat::D, at_ms), up);
        }
    }
}
