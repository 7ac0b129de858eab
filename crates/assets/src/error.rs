//! What can go wrong with an asset, by cause.

use crate::{AssetId, Format};
use std::io;

/// Why a call was not carried out. No message holds more of a URL than its host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than allowed.
    #[error("{what} has more than {allowed} bytes, which is the most allowed")]
    TooManyBytes {
        /// What is that large.
        what: &'static str,
        /// Most bytes allowed.
        allowed: u64,
    },
    /// More pixels than a picture may have.
    #[error(
        "the {} is {width_px}x{height_px} pixels; at most {allowed_side_px} a side and {allowed_px} in all are taken",
        format.name()
    )]
    TooManyPixels {
        /// What it is.
        format: Format,
        /// Pixels across.
        width_px: u64,
        /// Pixels down.
        height_px: u64,
        /// Largest width or height.
        allowed_side_px: u64,
        /// Largest product of both.
        allowed_px: u64,
    },
    /// More frames than an animated picture may have.
    #[error("the {} has more than {allowed} frames, which is the most allowed", format.name())]
    TooManyFrames {
        /// What it is.
        format: Format,
        /// Most frames allowed.
        allowed: u32,
    },
    /// The bytes are none of the formats that are taken.
    #[error(
        "not a file of a kind that is taken (it begins with {start:02x?}); taken are {}",
        Format::all_names()
    )]
    Unsupported {
        /// The first bytes, at most eight.
        start: Vec<u8>,
    },
    /// A server says that it sends something else than a file of a kind that is taken.
    #[error("{host} sends {content_type:?}, which is no picture, video, sound, font or Lottie")]
    UnsupportedContentType {
        /// The server.
        host: String,
        /// What it says, at most 100 characters.
        content_type: String,
    },
    /// The bytes begin like the format but do not keep to it.
    #[error("the {} is broken: {reason}", format.name())]
    Broken {
        /// What it began like.
        format: Format,
        /// What was found.
        reason: String,
    },
    /// There is no room for it, even without everything that nobody uses.
    #[error(
        "no room for {needed} more bytes: {used} of {allowed} are used, {in_use} of them by assets in use"
    )]
    Quota {
        /// Bytes of the new asset.
        needed: u64,
        /// Bytes kept now.
        used: u64,
        /// Bytes of `used` that cannot be thrown away.
        in_use: u64,
        /// Most bytes kept.
        allowed: u64,
    },
    /// It cannot be removed, because somebody uses it.
    #[error("the asset {id} is in use")]
    InUse {
        /// Which.
        id: AssetId,
    },
    /// There is no such asset.
    #[error("there is no asset {id}")]
    NotFound {
        /// Which.
        id: AssetId,
    },
    /// The text is no id of an asset.
    #[error("an asset's id is 64 of the characters 0-9 a-f")]
    InvalidId,
    /// The asset is of a kind that this cannot be done with.
    #[error("{what} cannot be had of {} file", format.name_with_article())]
    WrongFormat {
        /// What was asked for.
        what: &'static str,
        /// What the asset is.
        format: Format,
    },
    /// An address that is not fetched from, whoever is behind it.
    #[error("this URL is not fetched: {reason}")]
    Url {
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// The host has an address that is not fetched from.
    #[error(
        "{host} is not fetched from: it is at {reason}; allow-list the host or its network to permit it"
    )]
    RefusedAddress {
        /// The host.
        host: String,
        /// What kind of address it has.
        reason: &'static str,
    },
    /// The server, or the way to it, failed.
    #[error("cannot fetch from {host}: {reason}")]
    Upstream {
        /// The host.
        host: String,
        /// What happened.
        reason: String,
    },
    /// It took too long.
    #[error("{host} took too long: {step}")]
    Timeout {
        /// The host.
        host: String,
        /// What was waited for, and how long.
        step: String,
    },
    /// A setting that cannot be used.
    #[error("{name} cannot be used: {reason}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// The object store does not answer, or refuses us.
    #[error("the asset store is away: {reason}")]
    Away {
        /// What happened, without secrets.
        reason: String,
    },
    /// Another process of the stream takes files in and throws them away.
    #[error("this process stands by; assets are taken in and removed by the one that is on air")]
    Following,
    /// The disk failed.
    #[error("cannot {what}")]
    Storage {
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What an [`Error`] means to the one who asked: what a status code is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Too many bytes, pixels or frames.
    TooLarge,
    /// No format that is taken, or one of which this cannot be had.
    UnsupportedType,
    /// The content does not keep to its format.
    Broken,
    /// No room for it.
    Quota,
    /// An address that is never fetched from, or no address at all.
    RefusedAddress,
    /// The far server failed.
    UpstreamFailed,
    /// The far server was too slow.
    Timeout,
    /// No such asset.
    NotFound,
    /// Somebody uses the asset.
    InUse,
    /// The asset's id or a setting is malformed.
    Invalid,
    /// The object store does not answer, or is for another process to change now. Later it may.
    Away,
    /// Our own disk failed.
    Storage,
}

impl Error {
    /// What it means to the one who asked.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::TooManyBytes { .. } | Self::TooManyPixels { .. } | Self::TooManyFrames { .. } => {
                Kind::TooLarge
            }
            Self::Unsupported { .. }
            | Self::UnsupportedContentType { .. }
            | Self::WrongFormat { .. } => Kind::UnsupportedType,
            Self::Broken { .. } => Kind::Broken,
            Self::Quota { .. } => Kind::Quota,
            Self::InUse { .. } => Kind::InUse,
            Self::NotFound { .. } => Kind::NotFound,
            Self::Url { .. } | Self::RefusedAddress { .. } => Kind::RefusedAddress,
            Self::Upstream { .. } => Kind::UpstreamFailed,
            Self::Timeout { .. } => Kind::Timeout,
            Self::InvalidId | Self::Setting { .. } => Kind::Invalid,
            Self::Away { .. } | Self::Following => Kind::Away,
            Self::Storage { .. } => Kind::Storage,
        }
    }

    pub(crate) fn broken(format: Format, reason: impl Into<String>) -> Self {
        Self::Broken {
            format,
            reason: reason.into(),
        }
    }

    /// For `map_err` on what the disk is asked for.
    pub(crate) fn storage(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Storage { what, source }
    }
}
