//! Where the children of a timeline begin.

use crate::Error;
use std::collections::HashMap;
use std::{fmt, str::FromStr};

/// Where a child or a label stands in its timeline, in the words of GSAP.
///
/// `1000`, `+=100`, `-=50`, `<`, `<200`, `>-100`, `bid`, `bid+=150`, `<25%`, `+=50%`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Position {
    /// What it is counted from.
    pub anchor: Anchor,
    /// How far from there.
    pub offset: Offset,
}

/// What a position is counted from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Anchor {
    /// The beginning of the timeline.
    Start,
    /// The end of the timeline so far.
    #[default]
    End,
    /// The beginning of the child before.
    PreviousStart,
    /// The end of the child before.
    PreviousEnd,
    /// A label.
    Label(String),
}

/// A distance in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offset {
    /// Milliseconds.
    Ms(f64),
    /// A part of a length in percent: after `<` and `>` of the length of the child before, after `+=` and `-=` of the inserted
    /// child's.
    Percent {
        /// 100 is all of it.
        percent: f64,
        /// Whether the inserted child's length counts.
        of_inserted: bool,
    },
}

impl Default for Offset {
    fn default() -> Self {
        Self::Ms(0.0)
    }
}

/// A child, or a label, to be laid out.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something that takes time.
    Child {
        /// Its whole length: [`length_ms`] for a timeline in a timeline. Finite, or infinite for what never ends.
        duration_ms: f64,
        /// Where it stands.
        position: Position,
    },
    /// A name for a moment; it takes no time, and `<` and `>` do not see it.
    Label {
        /// Its name.
        name: String,
        /// Where it stands.
        position: Position,
    },
    /// A moment without a name, such as a point to pause at; `<` and `>` do not see it.
    Mark {
        /// Where it stands.
        position: Position,
    },
}

/// What came of laying out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Begin and end of each entry in milliseconds, in order; a label's are the same.
    pub spans: Vec<[f64; 2]>,
    /// The end of the last child to end.
    pub duration_ms: f64,
    /// Labels and their moments.
    pub labels: HashMap<String, f64>,
}

/// Lays entries out one after the other; a label can be used above and below the place it is given at.
///
/// # Errors
/// [`Error::UnknownLabel`], and [`Error::BeforeStart`] for what would begin before its timeline does.
pub fn lay_out(entries: &[Entry]) -> Result<Layout, Error> {
    let mut faults = Vec::new();
    let layout = lay_out_all(entries, &mut faults);
    match faults.into_iter().next() {
        None => Ok(layout),
        Some(fault) => Err(fault),
    }
}

/// As [`lay_out`], with every fault: what cannot be placed stands at the beginning.
pub fn lay_out_all(entries: &[Entry], faults: &mut Vec<Error>) -> Layout {
    let mut layout = Layout::default();
    let mut previous = [0.0, 0.0];
    let absolute = absolute_labels(entries);
    for (index, entry) in entries.iter().enumerate() {
        let (position, length) = match entry {
            Entry::Child {
                duration_ms,
                position,
            } => (position, *duration_ms),
            Entry::Label { position, .. } | Entry::Mark { position } => (position, 0.0),
        };
        let anchor = match &position.anchor {
            Anchor::Start => 0.0,
            Anchor::End => layout.duration_ms,
            Anchor::PreviousStart => previous[0],
            Anchor::PreviousEnd => previous[1],
            Anchor::Label(name) => {
                let given = layout.labels.get(name).or_else(|| absolute.get(&**name));
                given.copied().unwrap_or_else(|| {
                    faults.push(Error::UnknownLabel {
                        index,
                        name: name.clone(),
                    });
                    0.0
                })
            }
        };
        let offset = match position.offset {
            Offset::Ms(ms) => ms,
            Offset::Percent {
                percent,
                of_inserted: true,
            } => percent / 100.0 * length,
            Offset::Percent { percent, .. } => percent / 100.0 * (previous[1] - previous[0]),
        };
        let mut start = anchor + offset;
        // Also what is not a number: a share of something endless.
        if !(start >= 0.0 && start.is_finite()) {
            let unplaced = faults.last().is_some_and(
                |fault| matches!(fault, Error::UnknownLabel { index: at, .. } if *at == index),
            );
            if !unplaced {
                faults.push(Error::BeforeStart {
                    index,
                    start_ms: start,
                });
            }
            start = 0.0;
        }
        let span = [start, start + length];
        layout.spans.push(span);
        match entry {
            Entry::Child { .. } => {
                layout.duration_ms = layout.duration_ms.max(span[1]);
                previous = span;
            }
            Entry::Label { name, .. } => {
                layout.labels.insert(name.clone(), start);
            }
            Entry::Mark { .. } => {}
        }
    }
    layout
}

/// The moments of labels that stand at a time of their own, which may be used before they are given.
fn absolute_labels(entries: &[Entry]) -> HashMap<&str, f64> {
    let mut labels = HashMap::new();
    for entry in entries {
        if let Entry::Label { name, position } = entry
            && let (Anchor::Start, Offset::Ms(ms)) = (&position.anchor, position.offset)
        {
            labels.entry(name.as_str()).or_insert(ms);
        }
    }
    labels
}

/// Length of a timeline in a timeline: `inner_ms`, played `repeat` more times with a pause of `repeat_delay_ms` between, at
/// `rate` (above 0).
pub fn length_ms(inner_ms: f64, repeat: f64, repeat_delay_ms: f64, rate: f64) -> f64 {
    (inner_ms * (repeat + 1.0) + repeat_delay_ms * repeat) / rate
}

impl FromStr for Position {
    type Err = Error;

    /// # Errors
    /// [`Error::PositionSyntax`].
    fn from_str(text: &str) -> Result<Self, Error> {
        let fault = || Error::PositionSyntax {
            text: text.to_owned(),
        };
        let trimmed = text.trim();
        if let Some(rest) = trimmed.strip_prefix('<') {
            return after(Anchor::PreviousStart, rest).ok_or_else(fault);
        }
        if let Some(rest) = trimmed.strip_prefix('>') {
            return after(Anchor::PreviousEnd, rest).ok_or_else(fault);
        }
        if trimmed.starts_with("+=") || trimmed.starts_with("-=") {
            return after(Anchor::End, trimmed).ok_or_else(fault);
        }
        if let Some(ms) = number(trimmed) {
            return Ok(Self::at_ms(ms));
        }
        // A name may have a `-` of its own, but no `=`.
        let sign = trimmed.find('=').and_then(|at| at.checked_sub(1));
        let name_ends = sign
            .filter(|&at| matches!(trimmed.as_bytes()[at], b'+' | b'-'))
            .unwrap_or(trimmed.len());
        let (name, rest) = trimmed.split_at(name_ends);
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(fault());
        }
        after(Anchor::Label(name.to_owned()), rest).ok_or_else(fault)
    }
}

impl Position {
    /// So long after the timeline's beginning.
    pub const fn at_ms(ms: f64) -> Self {
        Self {
            anchor: Anchor::Start,
            offset: Offset::Ms(ms),
        }
    }
}

/// A position from its anchor and what follows: nothing, `200`, `+=200`, `-=25%`, `50%`.
fn after(anchor: Anchor, rest: &str) -> Option<Position> {
    if rest.is_empty() {
        return Some(Position {
            anchor,
            offset: Offset::default(),
        });
    }
    let (of_inserted, sign, rest) = match (rest.strip_prefix("+="), rest.strip_prefix("-=")) {
        (Some(rest), _) => (true, 1.0, rest),
        (_, Some(rest)) => (true, -1.0, rest),
        _ => (false, 1.0, rest),
    };
    let offset = match rest.strip_suffix('%') {
        Some(percent) => Offset::Percent {
            percent: sign * number(percent)?,
            of_inserted,
        },
        None => Offset::Ms(sign * number(rest)?),
    };
    Some(Position { anchor, offset })
}

/// Finite numbers only: Rust reads `inf` and `nan` as well.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (is_start, joins) = match &self.anchor {
            Anchor::Start => (true, false),
            Anchor::End => (false, true),
            Anchor::PreviousStart => {
                f.write_str("<")?;
                (false, false)
            }
            Anchor::PreviousEnd => {
                f.write_str(">")?;
                (false, false)
            }
            Anchor::Label(name) => {
                f.write_str(name)?;
                (false, true)
            }
        };
        let signed = |value: f64| (if value < 0.0 { "-=" } else { "+=" }, value.abs());
        match self.offset {
            Offset::Ms(ms) if is_start => write!(f, "{ms}"),
            Offset::Ms(ms) if ms == 0.0 && !matches!(self.anchor, Anchor::End) => Ok(()),
            Offset::Ms(ms) if joins => {
                let (sign, ms) = signed(ms);
                write!(f, "{sign}{ms}")
            }
            Offset::Ms(ms) => write!(f, "{ms}"),
            Offset::Percent {
                percent,
                of_inserted,
            } => {
                let (sign, size) = signed(percent);
                if of_inserted || joins {
                    write!(f, "{sign}{size}%")
                } else {
                    write!(f, "{percent}%")
                }
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of whole numbers are exact")]
mod tests {
    use super::*;

    fn child(duration_ms: f64, position: &str) -> Entry {
        let position = match position {
            "" => Position::default(),
            text => text.parse().unwrap(),
        };
        Entry::Child {
            duration_ms,
            position,
        }
    }

    fn label(name: &str, at_ms: f64) -> Entry {
        Entry::Label {
            name: name.to_owned(),
            position: Position::at_ms(at_ms),
        }
    }

    #[test]
    fn percents_are_of_the_child_before_or_of_the_one_that_comes() {
        let layout = lay_out(&[
            child(1000.0, ""),
            child(500.0, "<25%"),
            child(200.0, ">50%"),
            child(400.0, "-=50%"),
            child(100.0, "<+=100%"),
        ])
        .unwrap();
        assert_eq!(
            layout.spans,
            [
                [0.0, 1000.0],
                [250.0, 750.0],
                [1000.0, 1200.0],
                [1000.0, 1400.0],
                [1100.0, 1200.0]
            ]
        );
        assert_eq!(layout.duration_ms, 1400.0);
    }

    #[test]
    fn a_label_may_be_used_before_it_is_given() {
        let layout = lay_out(&[child(10.0, "late-=5"), label("late", 500.0)]).unwrap();
        assert_eq!(layout.spans, [[495.0, 505.0], [500.0, 500.0]]);
    }

    #[test]
    fn faults_are_named() {
        let unknown = lay_out(&[child(10.0, "nowhere")]);
        assert!(matches!(unknown, Err(Error::UnknownLabel { index: 0, .. })));
        let early = lay_out(&[child(10.0, ""), child(10.0, "<-=50%"), child(1.0, "-=100")]);
        assert!(matches!(early, Err(Error::BeforeStart { index: 1, .. })));
        for text in ["", "<abc", "+=", "a b", "+=inf", "<NaN%", "%", "label+=x"] {
            assert!(text.parse::<Position>().is_err(), "{text}");
        }
        let endless = lay_out(&[child(f64::INFINITY, ""), child(1.0, ">")]);
        assert!(matches!(endless, Err(Error::BeforeStart { index: 1, .. })));
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        for text in [
            "1000",
            "+=100",
            "-=50",
            "+=0",
            "<",
            "<200",
            ">-100",
            "bid",
            "bid+=150",
            "bid-=2.5",
            "<25%",
            "+=50%",
            "<+=10%",
            "bid-=20%",
            ">-5%",
            "lot-sold",
            "lot-sold+=7%",
            "a--=5",
            "<0.07%",
        ] {
            let position: Position = text.parse().unwrap();
            let written = position.to_string();
            assert_eq!(
                written.parse::<Position>().unwrap(),
                position,
                "{text} as {written}"
            );
        }
    }

    #[test]
    fn a_timeline_in_a_timeline_has_its_repeats() {
        assert_eq!(length_ms(300.0, 2.0, 50.0, 2.0), 500.0);
    }
}
