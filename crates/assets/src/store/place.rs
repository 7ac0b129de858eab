//! Where assets are kept, as settings.

use crate::Error;
use std::fmt;
use std::path::PathBuf;
use url::{Host, Url};

/// Where assets are kept. All processes of one stream name the same place, those of another stream another one: the
/// quota is the stream's, and what its show does not use is thrown away.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Place {
    /// A folder, which may be on a disk that several machines have mounted.
    Folder(PathBuf),
    /// A bucket.
    Bucket {
        /// Which, and how to get there.
        settings: BucketSettings,
        /// A folder for copies and for uploads on their way; this process's alone.
        cache: PathBuf,
        /// Most bytes of copies.
        cache_bytes: u64,
    },
}

/// A bucket of an object store that speaks the protocol of S3. Its `Debug` hides the secrets.
#[derive(Clone)]
pub struct BucketSettings {
    pub(crate) bucket: String,
    /// Empty, or without a slash at either end.
    pub(crate) prefix: String,
    /// Who may use it, by name.
    pub access_key_id: String,
    /// The secret that goes with it.
    pub secret_access_key: String,
    /// For credentials that end by themselves.
    pub session_token: Option<String>,
    /// The region the bucket is in.
    pub region: String,
    /// Another server than Amazon's: see [`BucketSettings::check_endpoint`].
    pub endpoint: Option<String>,
    /// Certificates to trust besides the bundled roots, in PEM.
    pub extra_ca_pem: Option<Vec<u8>>,
}

impl BucketSettings {
    /// The bucket at `s3://BUCKET` or `s3://BUCKET/PREFIX`, without credentials yet, in `us-east-1`.
    ///
    /// # Errors
    /// [`Error::Setting`], which names what is allowed.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| Error::Setting {
            name: "the URL of an object store",
            reason: format!("{reason}; it is s3://BUCKET or s3://BUCKET/PREFIX"),
        };
        let rest = url
            .strip_prefix("s3://")
            .ok_or_else(|| invalid("it does not begin with s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !(3..=63).contains(&bucket.len())
            || !bucket.chars().all(|c| is_end(c) || matches!(c, '-' | '.'))
            || !bucket.starts_with(is_end)
            || !bucket.ends_with(is_end)
        {
            return Err(invalid(
                "a bucket has 3 to 63 of the characters a-z 0-9 - . and neither begins nor ends with one of the last two",
            ));
        }
        let prefix = prefix.trim_end_matches('/');
        let is_part = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if prefix.len() > 512 || !(prefix.is_empty() || prefix.split('/').all(is_part)) {
            return Err(invalid(
                "a prefix has up to 512 of the characters A-Z a-z 0-9 - _ . in parts between slashes",
            ));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            access_key_id: String::new(),
            secret_access_key: String::new(),
            session_token: None,
            region: "us-east-1".to_owned(),
            endpoint: None,
            extra_ca_pem: None,
        })
    }

    /// Whether this can be an `endpoint`: a URL of `https:`, of `http:` where that is allowed, with a host and maybe a
    /// port, and nothing behind it.
    ///
    /// # Errors
    /// [`Error::Setting`], without the URL, which may hold a password.
    pub fn check_endpoint(url: &str, allow_http: bool) -> Result<(), Error> {
        let invalid = |reason: &str| Error::Setting {
            name: "the endpoint of an object store",
            reason: reason.to_owned(),
        };
        let url = Url::parse(url).map_err(|error| invalid(&error.to_string()))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http => {}
            "http" => return Err(invalid("http: is not encrypted, and not allowed")),
            _ => return Err(invalid("it is neither https: nor http:")),
        }
        let has_host = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
            || url.host_str().is_some_and(|host| !host.is_empty());
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.path() == "/";
        if has_host && is_bare {
            return Ok(());
        }
        Err(invalid("it has more than a host and a port"))
    }
}

impl fmt::Debug for BucketSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketSettings")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_object_stores_are_taken_as_written_or_refused() {
        let parsed = |url: &str| {
            let settings = BucketSettings::parse(url).ok()?;
            Some((settings.bucket, settings.prefix))
        };
        let pair = |bucket: &str, prefix: &str| Some((bucket.to_owned(), prefix.to_owned()));
        for (url, expected) in [
            ("s3://pictures", pair("pictures", "")),
            ("s3://pictures/", pair("pictures", "")),
            (
                "s3://my.bucket-1/shows/main/",
                pair("my.bucket-1", "shows/main"),
            ),
            ("s3://", None),
            ("s3://ab", None),
            ("s3:/pictures", None),
            ("S3://pictures", None),
            ("gs://pictures", None),
            ("s3://Pictures", None),
            ("s3://-pictures", None),
            ("s3://user:secret@pictures", None),
            ("s3://pictures:9000", None),
            ("s3://pictures/../x", None),
            ("s3://pictures//x", None),
            ("s3://pictures/x?y", None),
            ("s3://pictures/ä", None),
        ] {
            assert_eq!(parsed(url), expected, "{url}");
        }
    }

    #[test]
    fn endpoints_have_a_host_and_nothing_behind_it() {
        for (url, http, is_fine) in [
            ("https://s3.example", false, true),
            ("https://s3.example:9000/", false, true),
            ("http://127.0.0.1:9000", true, true),
            ("http://127.0.0.1:9000", false, false),
            ("https://user:secret@s3.example", true, false),
            ("https://s3.example/bucket", true, false),
            ("https://s3.example?x", true, false),
            ("ftp://s3.example", true, false),
            ("s3.example", true, false),
            ("", true, false),
        ] {
            let checked = BucketSettings::check_endpoint(url, http);
            assert_eq!(checked.is_ok(), is_fine, "{url}");
            assert!(!format!("{checked:?}").contains("secret"));
        }
    }

    #[test]
    fn debug_says_nothing_secret() {
        let settings = BucketSettings {
            access_key_id: "hidden-1".to_owned(),
            secret_access_key: "hidden-2".to_owned(),
            session_token: Some("hidden-3".to_owned()),
            ..BucketSettings::parse("s3://pictures").unwrap()
        };
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
