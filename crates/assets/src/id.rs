//! What an asset is called: the hash of its bytes.

use crate::Error;
use data_encoding::HEXLOWER;
use std::fmt;
use std::str::FromStr;

/// SHA-256 of an asset's bytes; as text, 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId([u8; 32]);

impl AssetId {
    /// The id of an asset with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_digest(ring::digest::digest(&ring::digest::SHA256, bytes))
    }

    pub(crate) fn from_digest(digest: ring::digest::Digest) -> Self {
        let mut id = [0; 32];
        id.copy_from_slice(digest.as_ref());
        Self(id)
    }
}

impl FromStr for AssetId {
    type Err = Error;

    /// Anything else than 64 digits in lower case is refused, so no id leads out of a folder.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bytes = HEXLOWER
            .decode(text.as_bytes())
            .map_err(|_| Error::InvalidId)?;
        Ok(Self(bytes.try_into().map_err(|_| Error::InvalidId)?))
    }
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_hash_in_lower_case_and_nothing_else() {
        let id = AssetId::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(id.to_string(), text);
        assert_eq!(text.parse::<AssetId>().unwrap(), id);
        for wrong in [
            "",
            "e3",
            &text[1..],
            &text.to_uppercase(),
            &format!("{text}00"),
            &format!("../{}", &text[3..]),
        ] {
            assert!(wrong.parse::<AssetId>().is_err(), "{wrong}");
        }
    }
}
