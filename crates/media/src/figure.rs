//! Numbers in messages.

use std::fmt;

/// A number as messages write it: as it is, and with an exponent where that would take a line of zeros.
///
/// ```
/// use media::Figure;
/// assert_eq!(Figure(0.25).to_string(), "0.25");
/// assert_eq!(Figure(31_536_000_000.0).to_string(), "31536000000");
/// assert_eq!(Figure(-1e308).to_string(), "-1e308");
/// assert_eq!(Figure(1e-300).to_string(), "1e-300");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure(
    /// The number.
    pub f64,
);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(v) = *self;
        let size = v.abs();
        if size >= 1e16 || (size > 0.0 && size < 1e-6) {
            write!(f, "{v:e}")
        } else {
            write!(f, "{v}")
        }
    }
}
