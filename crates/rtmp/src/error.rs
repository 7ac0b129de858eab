//! What can go wrong.

use crate::Stage;

/// Why an address, a key, the peer's bytes or a call was not accepted.
///
/// No message ever contains a stream key, or the part of an address that may hold one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The publishing address cannot be used.
    #[error("the address must read rtmp[s]://host[:port]/app: {0}")]
    Address(&'static str),
    /// The stream key cannot be used.
    #[error("the stream key {0}")]
    Key(&'static str),
    /// The first byte of the peer's handshake was not version 3: something else listens there.
    #[error("the peer does not speak RTMP: its handshake begins with {actual}, not 3")]
    Version {
        /// The byte that came.
        actual: u8,
    },
    /// The peer set a chunk size that RTMP does not allow.
    #[error("the peer set a chunk size of {actual} bytes, allowed are 1..=2147483647")]
    ChunkSize {
        /// The size it set.
        actual: u32,
    },
    /// A message, or all unfinished messages together, are longer than accepted.
    #[error("a message of {actual} bytes is longer than the limit of {limit}")]
    MessageTooLong {
        /// Its length.
        actual: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// The peer opened more chunk streams than accepted.
    #[error("the peer opened more than {limit} chunk streams")]
    TooManyChunkStreams {
        /// The most that is accepted.
        limit: usize,
    },
    /// The first chunk of a chunk stream left out fields that only an earlier chunk could supply.
    #[error("the first header on chunk stream {chunk_stream} refers to an earlier one")]
    NoEarlierHeader {
        /// The chunk stream's id.
        chunk_stream: u32,
    },
    /// A protocol control message or command was cut short or malformed.
    #[error("malformed {0} message")]
    Message(&'static str),
    /// An AMF0 value could not be read.
    #[error("malformed AMF0 data: {0}")]
    Amf0(&'static str),
    /// Media was offered while the stream was not live.
    #[error("media was sent during {stage}, before or after the stream was live")]
    NotLive {
        /// The stage at that time.
        stage: Stage,
    },
}
