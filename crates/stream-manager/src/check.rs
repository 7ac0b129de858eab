//! `check`: is the environment right, is the scene?

use crate::args::CheckOptions;
use crate::{Failure, config};

/// Validates the environment, and the scene file if one is named.
pub(crate) fn run(options: &CheckOptions) -> Result<(), Failure> {
    let config = config::from_environment()?;
    config.start_logs();
    let show = options.scene.as_ref().unwrap_or(&config.show);
    let loaded = show.load_complete(&config.limits)?;
    let (_, missing_fonts) = crate::fonts::load();
    for package in missing_fonts {
        tracing::warn!(package, "fonts are missing; text may lack glyphs");
    }
    tracing::info!(
        layers = loaded.scene.layers.len(),
        animations = loaded.scene.animations.len(),
        "{} is valid",
        show.name()
    );
    Ok(())
}
