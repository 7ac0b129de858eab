//! What is wrong with a document, and where.

/// Sorts faults by what a caller may do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The document cannot be used.
    Invalid,
    /// An asset is not there: a live show draws a placeholder, `render` and `check` refuse.
    MissingAsset,
}

/// One fault in a document: where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place, as an RFC 6901 pointer such as `/layers/3/opacity`; field names are the document's own.
    pub pointer: String,
    /// What is wrong and what is allowed.
    pub detail: String,
    /// What may be done about it.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault that makes the document unusable.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
            kind: FaultKind::Invalid,
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}",
            if self.pointer.is_empty() {
                "/"
            } else {
                &self.pointer
            },
            self.detail
        )
    }
}
