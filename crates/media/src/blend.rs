//! How pixels meet what is below.

/// How pixels meet what is below, by the names and formulas of W3C Compositing, on non-linear sRGB.
///
/// First the modes that mix colors and lay the mixture over what is below, then the operators of Porter and Duff, which
/// keep parts of what is above and of what is below.
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
    /// The hue of the source, saturation and luminosity of the target.
    Hue,
    /// The saturation of the source, hue and luminosity of the target.
    Saturation,
    /// Hue and saturation of the source, the luminosity of the target.
    Color,
    /// The luminosity of the source, hue and saturation of the target.
    Luminosity,
    /// The source where the target is; nothing else.
    SourceIn,
    /// The source where the target is not; nothing else.
    SourceOut,
    /// The source where the target is, over the target.
    SourceAtop,
    /// The target over the source.
    DestinationOver,
    /// The target where the source is; nothing else.
    DestinationIn,
    /// The target where the source is not.
    DestinationOut,
    /// The target where the source is, over the source; nothing else.
    DestinationAtop,
    /// Each where the other is not.
    Xor,
    /// The source; nothing else.
    Copy,
    /// Nothing.
    Clear,
}

impl BlendMode {
    /// Every mode.
    pub const ALL: [Self; 27] = [
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
        Self::Hue,
        Self::Saturation,
        Self::Color,
        Self::Luminosity,
        Self::SourceIn,
        Self::SourceOut,
        Self::SourceAtop,
        Self::DestinationOver,
        Self::DestinationIn,
        Self::DestinationOut,
        Self::DestinationAtop,
        Self::Xor,
        Self::Copy,
        Self::Clear,
    ];

    /// Whether it changes what is below where the source has no px: there, it leaves nothing.
    pub const fn reaches_beyond_source(self) -> bool {
        matches!(
            self,
            Self::SourceIn
                | Self::SourceOut
                | Self::DestinationIn
                | Self::DestinationAtop
                | Self::Copy
                | Self::Clear
        )
    }

    /// Whether what is below may lose alpha.
    pub const fn may_erase(self) -> bool {
        self.reaches_beyond_source() || matches!(self, Self::DestinationOut | Self::Xor)
    }
}

#[cfg(test)]
mod tests {
    use super::BlendMode;

    #[test]
    fn every_mode_is_listed_once_in_its_order() {
        for (i, mode) in BlendMode::ALL.into_iter().enumerate() {
            assert_eq!(mode as usize, i, "{mode:?}");
        }
        assert_eq!(BlendMode::Clear as usize + 1, BlendMode::ALL.len());
    }
}
