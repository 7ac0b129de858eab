//! What can go wrong when outputs are configured.

/// Why a call was not carried out. What happens to a session later is no error but a [`Status`](crate::Status).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address or the key cannot be used.
    #[error(transparent)]
    Target(#[from] rtmp::Error),
    /// The id is not `[A-Za-z0-9_-]{1,64}`.
    #[error("an output's id must be 1 to 64 of the characters A-Z a-z 0-9 _ -")]
    InvalidId,
    /// There is such an output already.
    #[error("there is an output {id} already")]
    DuplicateId {
        /// Its id.
        id: String,
    },
    /// There is no such output.
    #[error("there is no output with this id")]
    UnknownId,
    /// The certificates to be trusted in addition cannot be used.
    #[error("the CA file cannot be used: {reason}")]
    CaFile {
        /// What is wrong with it.
        reason: String,
    },
}
