//! How much work a picture is worth.

/// How carefully pictures are scaled, and with what effort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Box filter where a picture shrinks, bilinear where it grows; layers drawn small are drawn from their large picture.
    Low,
    /// As low, but what is drawn below half its size is made anew at half, a quarter and so on.
    Medium,
    /// As medium, with Lanczos 3 where a picture shrinks, Catmull-Rom where it grows.
    #[default]
    High,
}
