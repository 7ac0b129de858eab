//! Where the shared server is, and how it is spoken to.

use percent_encoding::percent_decode_str;
use std::fmt;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::Url;

const DEFAULT_PORT: u16 = 6379;

/// A Redis server: `redis://[user[:password]@]host[:port][/database]`, or `rediss://` for TLS. Its `Debug` and `Display` hide
/// the password.
///
/// ```
/// use store::RedisUrl;
/// let url = RedisUrl::parse("rediss://show:s3cret@cache.example/2", None)?;
/// assert_eq!(url.to_string(), "rediss://cache.example:6379/2");
/// assert!(RedisUrl::parse("http://cache.example", None).is_err());
/// # Ok::<(), store::RedisUrlError>(())
/// ```
#[derive(Clone)]
pub struct RedisUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) database: i64,
    pub(crate) tls: Option<TlsConnector>,
}

/// Why an address of a Redis server cannot be used. Never says the password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedisUrlError {
    /// It is no URL at all.
    #[error("it is no URL: {reason}")]
    Syntax {
        /// What the parser says.
        reason: String,
    },
    /// Another scheme.
    #[error("its scheme is {scheme}; allowed are redis and rediss")]
    Scheme {
        /// What it is.
        scheme: String,
    },
    /// It names no host.
    #[error("it has no host")]
    Host,
    /// What follows the host is no number of a database.
    #[error("its path is {path:?}; allowed is the number of a database, from 0 to 65535")]
    Database {
        /// What it is.
        path: String,
    },
    /// A query or a fragment, which mean nothing here.
    #[error("it has a query or a fragment, which mean nothing here")]
    Surplus,
    /// User or password are not UTF-8 once decoded.
    #[error("its {what} is not UTF-8 when its percent signs are decoded")]
    Encoding {
        /// Which of both.
        what: &'static str,
    },
    /// A password stands in the URL and beside it.
    #[error("it holds a password, and another is given beside it")]
    TwoPasswords,
    /// The file of certificates cannot be used.
    #[error("the certificates cannot be used: {reason}")]
    Certificates {
        /// What is wrong.
        reason: String,
    },
}

impl RedisUrl {
    /// Reads an address; `password` is one that does not stand in it. TLS trusts Mozilla's roots, as bundled.
    ///
    /// # Errors
    /// [`RedisUrlError`] says which part is wrong.
    pub fn parse(url: &str, password: Option<&str>) -> Result<Self, RedisUrlError> {
        let url = Url::parse(url).map_err(|error| RedisUrlError::Syntax {
            reason: error.to_string(),
        })?;
        let is_tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            other => {
                return Err(RedisUrlError::Scheme {
                    scheme: other.to_owned(),
                });
            }
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(RedisUrlError::Surplus);
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(RedisUrlError::Host)?;
        let path = url.path().trim_start_matches('/');
        let database = match path {
            "" => 0,
            digits => {
                let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
                let number = digits.parse::<u16>().ok().filter(|_| is_number);
                i64::from(number.ok_or_else(|| RedisUrlError::Database {
                    path: path.to_owned(),
                })?)
            }
        };
        let decoded = |text: &str, what| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(|text| (!text.is_empty()).then(|| text.into_owned()))
                .map_err(|_| RedisUrlError::Encoding { what })
        };
        let user = decoded(url.username(), "user")?;
        let inner = decoded(url.password().unwrap_or_default(), "password")?;
        if inner.is_some() && password.is_some() {
            return Err(RedisUrlError::TwoPasswords);
        }
        Ok(Self {
            // Brackets are of the URL, not of the address.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(DEFAULT_PORT),
            user,
            password: inner.or_else(|| password.map(str::to_owned)),
            database,
            tls: is_tls.then(|| connector(bundled_roots())),
        })
    }

    /// Trusts the certificates of `authorities_pem` besides the bundled ones; without TLS it changes nothing.
    ///
    /// # Errors
    /// [`RedisUrlError::Certificates`] when it is not PEM, or holds no usable certificate.
    pub fn with_authorities(mut self, authorities_pem: &[u8]) -> Result<Self, RedisUrlError> {
        let unusable = |reason: String| RedisUrlError::Certificates { reason };
        let mut roots = bundled_roots();
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(authorities_pem) {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| unusable(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(unusable("there is none".to_owned()));
        }
        self.tls = self.tls.map(|_| connector(roots));
        Ok(self)
    }
}

fn bundled_roots() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

fn connector(roots: RootCertStore) -> TlsConnector {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the cipher suites of TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() {
            "rediss"
        } else {
            "redis"
        };
        let Self {
            host,
            port,
            database,
            ..
        } = self;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}/{database}")
        } else {
            write!(f, "{scheme}://{host}:{port}/{database}")
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_read() {
        let url = RedisUrl::parse("redis://us%40er:p%3Aw@[::1]:7000/3", None).unwrap();
        assert_eq!((&*url.host, url.port, url.database), ("::1", 7000, 3));
        assert_eq!(
            (url.user.as_deref(), url.password.as_deref()),
            (Some("us@er"), Some("p:w"))
        );
        assert!(url.tls.is_none());
        let url = RedisUrl::parse("rediss://cache", Some("beside")).unwrap();
        assert_eq!((url.port, url.database), (6379, 0));
        assert_eq!(url.password.as_deref(), Some("beside"));
        assert!(url.tls.is_some() && url.user.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_and_the_password_is_not() {
        for (text, message) in [
            (
                "cache:6379",
                "its scheme is cache; allowed are redis and rediss",
            ),
            ("redis://:s3cret@", "it is no URL: empty host"),
            ("redis:///1", "it has no host"),
            (
                "redis://:s3cret@cache/one",
                "its path is \"one\"; allowed is the number of a database, from 0 to 65535",
            ),
            (
                "redis://:s3cret@cache/?protocol=3",
                "it has a query or a fragment, which mean nothing here",
            ),
            (
                "redis://:s3cret%ff@cache",
                "its password is not UTF-8 when its percent signs are decoded",
            ),
            (
                "redis://:s3cret@cache:99999",
                "it is no URL: invalid port number",
            ),
        ] {
            let error = RedisUrl::parse(text, None).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
        }
        let both = RedisUrl::parse("redis://:s3cret@cache", Some("beside"));
        assert_eq!(both.unwrap_err(), RedisUrlError::TwoPasswords);
        let url = RedisUrl::parse("redis://:s3cret@cache", None).unwrap();
        assert!(!format!("{url:?} {url}").contains("s3cret"));
    }
}
