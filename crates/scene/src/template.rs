//! Templates: layers and a timeline that are started many times over.

use crate::Id;
use std::sync::Arc;

/// Layers and a timeline with parameters, kept until somebody starts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Unique among templates.
    pub id: Id,
    /// All else, as the shortest text of its document: what it says shows only when its parameters are put in.
    pub document: Arc<str>,
}

impl Template {
    /// The longest document, in bytes of its shortest text.
    pub const MAX_BYTES: usize = 65_536;
    /// The most parameters of one.
    pub const MAX_PARAMETERS: usize = 64;
    /// What the texts of one may come to with all parameters put in, in bytes.
    pub const MAX_FILLED_BYTES: usize = 1_048_576;
}
