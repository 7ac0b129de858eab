//! Where the shared server is, and how it is spoken to.

use super::master::Address;
use percent_encoding::percent_decode_str;
use std::fmt;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::Url;

const DEFAULT_PORT: u16 = 6379;
const DEFAULT_SENTINEL_PORT: u16 = 26379;
/// As many Sentinels or nodes may be named.
const MOST_HOSTS: usize = 32;

/// A Redis server, or those who know where it is. With `rediss` in place of `redis`, everything is spoken over TLS.
///
/// | URL | what |
/// |---|---|
/// | `redis://[user[:password]@]host[:port][/database]` | the server |
/// | `redis+sentinel://[user[:password]@]host[:port][,host[:port]..]/service[/database]` | Sentinels, and their name for the master |
/// | `redis+cluster://[user[:password]@]host[:port][,host[:port]..]` | nodes of a cluster |
///
/// User and password are those of the servers and of the Sentinels. A password beside the URL is the servers' alone: then one
/// in a Sentinel URL is told to the Sentinels only, and where there is none, they are told nothing.
///
/// At most 32 hosts may be named; name most of the Sentinels or nodes at least, for what less than half of them say is no
/// proof. The port is 6379, or 26379 for Sentinels. Certificates must be for the addresses that Sentinels and nodes announce.
/// Its `Debug` and `Display` hide the passwords.
///
/// ```
/// use store::RedisUrl;
/// let url = RedisUrl::parse("rediss://show:s3cret@cache.example/2", None)?;
/// assert_eq!(url.to_string(), "rediss://cache.example:6379/2");
/// let url = RedisUrl::parse("redis+sentinel://:s3cret@one,two:26380/cache", None)?;
/// assert_eq!(url.to_string(), "redis+sentinel://one:26379,two:26380/cache/0");
/// assert!(RedisUrl::parse("http://cache.example", None).is_err());
/// # Ok::<(), store::RedisUrlError>(())
/// ```
#[derive(Clone)]
pub struct RedisUrl {
    pub(crate) way: Way,
    /// At least one, and exactly one of the server itself.
    pub(crate) hosts: Vec<Address>,
    pub(crate) user: Option<String>,
    /// Of the servers.
    pub(crate) password: Option<String>,
    /// Of the Sentinels or nodes that are asked.
    pub(crate) password_of_who_knows: Option<String>,
    pub(crate) database: i64,
    pub(crate) tls: Option<TlsConnector>,
}

/// How the server is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The host is the server.
    Direct,
    /// The hosts are Sentinels.
    Sentinel {
        /// What they call the master.
        service: String,
    },
    /// The hosts are nodes of a cluster.
    Cluster,
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
    #[error(
        "its scheme is {scheme}; allowed are redis, redis+sentinel and redis+cluster, or rediss in place of redis"
    )]
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
    /// A path behind the nodes of a cluster, which has one database.
    #[error("its path is {path:?}; a cluster has none")]
    Path {
        /// What it is.
        path: String,
    },
    /// What Sentinels are to be asked for is missing or no name.
    #[error(
        "its service is {service:?}; needed is the name of a master, 1 to 190 letters, digits, `.`, `-` and `_`"
    )]
    Service {
        /// What it is.
        service: String,
    },
    /// More than one host of a single server, or too many.
    #[error("it has {count} hosts; allowed are {most}")]
    Hosts {
        /// How many.
        count: usize,
        /// As many.
        most: usize,
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
    /// Reads an address; `password` is the servers', which does not stand in it. TLS trusts Mozilla's roots, as bundled.
    ///
    /// # Errors
    /// [`RedisUrlError`] says which part is wrong.
    pub fn parse(url: &str, password: Option<&str>) -> Result<Self, RedisUrlError> {
        let (hosts, whole) = take_apart(url);
        let url = Url::parse(&whole).map_err(|error| RedisUrlError::Syntax {
            reason: error.to_string(),
        })?;
        let unknown = || RedisUrlError::Scheme {
            scheme: url.scheme().to_owned(),
        };
        let (transport, kind) = match url.scheme().split_once('+') {
            None => (url.scheme(), None),
            Some((transport, kind)) => (transport, Some(kind)),
        };
        let is_tls = match transport {
            "redis" => false,
            "rediss" => true,
            _ => return Err(unknown()),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(RedisUrlError::Surplus);
        }
        let path = url.path().trim_start_matches('/');
        let (way, database) = match kind {
            None => (Way::Direct, database_of(path)?),
            Some("sentinel") => {
                let (service, database) = path.split_once('/').unwrap_or((path, ""));
                let service = service_of(service)?;
                (Way::Sentinel { service }, database_of(database)?)
            }
            Some("cluster") if path.is_empty() => (Way::Cluster, 0),
            Some("cluster") => {
                return Err(RedisUrlError::Path {
                    path: path.to_owned(),
                });
            }
            Some(_) => return Err(unknown()),
        };
        let most = if way == Way::Direct { 1 } else { MOST_HOSTS };
        if hosts.len() > most {
            let count = hosts.len();
            return Err(RedisUrlError::Hosts { count, most });
        }
        let default_port = match way {
            Way::Sentinel { .. } => DEFAULT_SENTINEL_PORT,
            Way::Direct | Way::Cluster => DEFAULT_PORT,
        };
        let hosts: Result<Vec<Address>, _> = hosts
            .into_iter()
            .map(|host| address_of(host, default_port))
            .collect();
        let decoded = |text: &str, what| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(|text| (!text.is_empty()).then(|| text.into_owned()))
                .map_err(|_| RedisUrlError::Encoding { what })
        };
        let user = decoded(url.username(), "user")?;
        let inner = decoded(url.password().unwrap_or_default(), "password")?;
        if inner.is_some() && password.is_some() && !matches!(way, Way::Sentinel { .. }) {
            return Err(RedisUrlError::TwoPasswords);
        }
        let outer = password.map(str::to_owned);
        let password_of_who_knows = match way {
            Way::Sentinel { .. } => inner.clone(),
            Way::Direct | Way::Cluster => inner.clone().or_else(|| outer.clone()),
        };
        Ok(Self {
            way,
            hosts: hosts?,
            user,
            password: outer.or(inner),
            password_of_who_knows,
            database,
            tls: is_tls.then(|| connector(bundled_roots())),
        })
    }

    /// Whether several servers stand behind it, of which another may take over.
    pub(crate) fn has_several(&self) -> bool {
        self.way != Way::Direct
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

/// The hosts of a URL, and the URL with the first of them alone: the parser knows no lists.
fn take_apart(url: &str) -> (Vec<&str>, String) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (Vec::new(), url.to_owned());
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let begin = authority.rfind('@').map_or(0, |at| at + 1);
    let (user, hosts) = authority.split_at(begin);
    let hosts: Vec<&str> = hosts.split(',').collect();
    let whole = format!("{scheme}://{user}{}{path}", hosts[0]);
    (hosts, whole)
}

fn address_of(host: &str, default_port: u16) -> Result<Address, RedisUrlError> {
    let url = Url::parse(&format!("redis://{host}")).map_err(|error| RedisUrlError::Syntax {
        reason: error.to_string(),
    })?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or(RedisUrlError::Host)?;
    Ok(Address {
        // Brackets are of the URL, not of the address.
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(default_port),
    })
}

fn database_of(path: &str) -> Result<i64, RedisUrlError> {
    if path.is_empty() {
        return Ok(0);
    }
    let is_number = path.bytes().all(|byte| byte.is_ascii_digit());
    let number = path.parse::<u16>().ok().filter(|_| is_number);
    number
        .map(i64::from)
        .ok_or_else(|| RedisUrlError::Database {
            path: path.to_owned(),
        })
}

/// By the rule of the Sentinels themselves.
fn service_of(name: &str) -> Result<String, RedisUrlError> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if (1..=190).contains(&name.len()) && name.bytes().all(is_good) {
        Ok(name.to_owned())
    } else {
        Err(RedisUrlError::Service {
            service: name.to_owned(),
        })
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
        f.write_str(if self.tls.is_some() {
            "rediss"
        } else {
            "redis"
        })?;
        f.write_str(match self.way {
            Way::Direct => "://",
            Way::Sentinel { .. } => "+sentinel://",
            Way::Cluster => "+cluster://",
        })?;
        for (n, host) in self.hosts.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            write!(f, "{comma}{host}")?;
        }
        match &self.way {
            Way::Direct => write!(f, "/{}", self.database),
            Way::Sentinel { service } => write!(f, "/{service}/{}", self.database),
            Way::Cluster => Ok(()),
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
        assert_eq!((&*url.hosts[0].host, url.hosts[0].port), ("::1", 7000));
        assert_eq!((url.hosts.len(), url.database), (1, 3));
        assert_eq!(
            (url.user.as_deref(), url.password.as_deref()),
            (Some("us@er"), Some("p:w"))
        );
        assert!(url.tls.is_none());
        let url = RedisUrl::parse("rediss://cache", Some("beside")).unwrap();
        assert_eq!((url.hosts[0].port, url.database), (6379, 0));
        assert_eq!(url.password.as_deref(), Some("beside"));
        assert!(url.tls.is_some() && url.user.is_none());
    }

    #[test]
    fn several_hosts_are_read_and_each_is_told_its_own_password() {
        let hosts = |url: &RedisUrl| {
            let hosts: Vec<String> = url.hosts.iter().map(ToString::to_string).collect();
            hosts.join(" ")
        };
        let text = "rediss+sentinel://us%40er:p%3Aw@one,two:7000,[::1]/the.show/3";
        for (beside, password) in [(None, "p:w"), (Some("beside"), "beside")] {
            let url = RedisUrl::parse(text, beside).unwrap();
            assert_eq!(hosts(&url), "one:26379 two:7000 [::1]:26379");
            let service = "the.show".to_owned();
            assert_eq!(url.way, Way::Sentinel { service });
            assert_eq!(url.database, 3);
            assert_eq!(url.user.as_deref(), Some("us@er"));
            assert_eq!(url.password.as_deref(), Some(password));
            assert_eq!(url.password_of_who_knows.as_deref(), Some("p:w"));
            assert!(url.tls.is_some());
            let shown = "rediss+sentinel://one:26379,two:7000,[::1]:26379/the.show/3";
            assert_eq!(url.to_string(), shown);
        }
        let url = RedisUrl::parse("redis+sentinel://one/show", Some("beside")).unwrap();
        assert_eq!(url.password.as_deref(), Some("beside"));
        assert_eq!(url.password_of_who_knows, None);
        let url = RedisUrl::parse("redis+cluster://one,two:7000/", Some("beside")).unwrap();
        assert_eq!(
            (hosts(&url), &url.way),
            ("one:6379 two:7000".to_owned(), &Way::Cluster)
        );
        assert_eq!(url.password_of_who_knows.as_deref(), Some("beside"));
        assert_eq!(url.to_string(), "redis+cluster://one:6379,two:7000");
    }

    #[test]
    fn what_is_wrong_is_named_and_the_password_is_not() {
        let crowd = format!("redis+cluster://{}", ["a"; 33].join(","));
        let cases: [(&str, &str); 15] = [
            (
                "cache:6379",
                "its scheme is cache; allowed are redis, redis+sentinel and redis+cluster, or rediss in place of redis",
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
            (
                "redis+ring://cache",
                "its scheme is redis+ring; allowed are redis, redis+sentinel and redis+cluster, or rediss in place of redis",
            ),
            ("redis://a,b", "it has 2 hosts; allowed are 1"),
            ("redis+cluster://a,,b", "it has no host"),
            ("redis+cluster://a,b:x", "it is no URL: invalid port number"),
            (
                "redis+cluster://:s3cret@a,b/1",
                "its path is \"1\"; a cluster has none",
            ),
            (
                "redis+sentinel://:s3cret@a,b",
                "its service is \"\"; needed is the name of a master, 1 to 190 letters, digits, `.`, `-` and `_`",
            ),
            (
                "redis+sentinel://a/show/one",
                "its path is \"one\"; allowed is the number of a database, from 0 to 65535",
            ),
            (&crowd, "it has 33 hosts; allowed are 32"),
        ];
        for (text, message) in cases {
            let error = RedisUrl::parse(text, None).unwrap_err();
            assert_eq!(error.to_string(), message, "{text}");
        }
        let both = RedisUrl::parse("redis://:s3cret@cache", Some("beside"));
        assert_eq!(both.unwrap_err(), RedisUrlError::TwoPasswords);
        let url = RedisUrl::parse("redis://:s3cret@cache", None).unwrap();
        assert!(!format!("{url:?} {url}").contains("s3cret"));
    }
}
