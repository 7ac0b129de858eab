//! How pixels meet what is below.

/// How pixels meet what is below, by the names and formulas of W3C Compositing, on non-linear sRGB.
///
/// Whatever is above, the background of a group is what of the group lies below, not what is behind the group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BlendMode {
    /// Source-over.
    #[default]
    Normal,
    /// Darkens as a slide laid on a slide does.
    Multiply,
    /// Lightens as a projector beside a projector does.
    Screen,
    /// Multiplies dark targets and screens light ones.
    Overlay,
    /// The darker of both, in each channel.
    Darken,
    /// The lighter of both, in each channel.
    Lighten,
    /// Brightens the target by the source.
    ColorDodge,
    /// Darkens the target by the source.
    ColorBurn,
    /// Multiplies by dark sources and screens by light ones.
    HardLight,
    /// As `HardLight`, but gentle.
    SoftLight,
    /// What the two differ by.
    Difference,
    /// As `Difference`, with less contrast.
    Exclusion,
    /// The sum of both.
    PlusLighter,
}

impl BlendMode {
    /// Every mode.
    pub const ALL: [Self; 13] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Darken,
        Self::Lighten,
        Self::ColorDodge,
        Self::ColorBurn,
        Self::HardLight,
        Self::SoftLight,
        Self::Difference,
        Self::Exclusion,
        Self::PlusLighter,
    ];
}
