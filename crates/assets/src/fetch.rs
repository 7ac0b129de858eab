//! Files from URLs, through a guard.

mod connection;
mod guard;
mod location;
mod roots;
mod settings;

use crate::{Asset, AssetId, Error, Library};
use connection::{Answer, ask, next_bytes};
pub use guard::Network;
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
pub(crate) use roots::Roots;
pub use settings::FetchSettings;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

/// Answers the addresses of a host name. Asked once for each host on the way to a file; what it says is what is
/// connected to, so a name that changes between check and use changes nothing.
pub trait Resolver: Send + Sync {
    /// All addresses of `host`, which is no IP address.
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

/// What a [`Resolver`] answers, later.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Takes in files from URLs; cloning shares it.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    library: Library,
    settings: FetchSettings,
    resolver: Arc<dyn Resolver>,
    roots: Roots,
    slots: Semaphore,
}

/// Most redirects on the way to a file.
const MAX_REDIRECTS: u32 = 5;

impl Fetcher {
    /// A fetcher into `library`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting out of range.
    pub fn new(
        library: Library,
        settings: FetchSettings,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, Error> {
        settings.check()?;
        let roots = Roots::new(settings.extra_ca_pem.as_deref())?;
        let slots = Semaphore::new(settings.concurrent);
        Ok(Self(Arc::new(Inner {
            library,
            settings,
            resolver,
            roots,
            slots,
        })))
    }

    /// Takes in the file at a URL; `true` when there was none with these bytes. Without a name, the last part of the
    /// URL's path is the asset's.
    ///
    /// `https:` always, `http:` where allowed; `ipfs://CID/path` and `ar://TXID` through the gateways, one after the
    /// other until one has it. A gateway is believed: its bytes are not checked against the CID.
    ///
    /// # Errors
    /// [`Error::Url`] and [`Error::RefusedAddress`] for what is never fetched; [`Error::Upstream`], [`Error::Timeout`]
    /// and [`Error::UnsupportedContentType`] for what the server did; and all errors of
    /// [`Upload::finish`](crate::Upload::finish).
    pub async fn fetch(&self, url: &str, name: Option<&str>) -> Result<(Asset, bool), Error> {
        let inner = &*self.0;
        let candidates = location::candidates(&inner.settings, url)?;
        let source = (location::without_query(url), AssetId::of(url.as_bytes()));
        let deadline = Instant::now() + inner.settings.total;
        let _slot = timeout_at(deadline, inner.slots.acquire())
            .await
            .map_err(|_| {
                inner.late(
                    host_of(candidates.first()),
                    "a free slot among other fetches",
                )
            })?;
        let mut failure = None;
        for (tried, candidate) in candidates.iter().enumerate() {
            let left = u32::try_from(candidates.len() - tried).unwrap_or(u32::MAX);
            let share = deadline.saturating_duration_since(Instant::now()) / left;
            let host = host_of(Some(candidate));
            let fetched = inner.fetch_one(candidate.clone(), name, &source, Instant::now() + share);
            match fetched.await {
                Ok((asset, is_new)) => {
                    tracing::info!(host, id = %asset.id, is_new, "a file was fetched");
                    return Ok((asset, is_new));
                }
                Err(error) => {
                    tracing::info!(host, %error, "a file was not fetched");
                    let is_last = matches!(
                        error,
                        Error::Quota { .. } | Error::TooManyBytes { .. } | Error::Storage { .. }
                    );
                    failure = Some(error);
                    // Another gateway would not have a smaller file, nor this machine more room.
                    if is_last {
                        break;
                    }
                }
            }
        }
        Err(failure.unwrap_or_else(|| Error::Url {
            reason: "there is no gateway for it".to_owned(),
        }))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetcher({:?})", self.0.settings)
    }
}

impl Inner {
    /// Follows one URL to its file.
    async fn fetch_one(
        &self,
        mut url: Url,
        name: Option<&str>,
        source: &(String, AssetId),
        deadline: Instant,
    ) -> Result<(Asset, bool), Error> {
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask_guarded(&url, deadline).await?;
            let status = answer.response.status();
            if status == StatusCode::OK {
                let name = name.map(str::to_owned).or_else(|| last_part(&url));
                return self
                    .take(&url, answer, name.as_deref(), source, deadline)
                    .await;
            }
            let host = host_of(Some(&url)).to_owned();
            let location = answer
                .response
                .headers()
                .get(LOCATION)
                .and_then(|value| value.to_str().ok());
            url = match (status.as_u16(), location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    location::follow(&self.settings, &url, location)?
                }
                _ => {
                    return Err(Error::Upstream {
                        host,
                        reason: format!("it answers {}", status.as_u16()),
                    });
                }
            };
        }
        Err(Error::Upstream {
            host: host_of(Some(&url)).to_owned(),
            reason: format!("there are more than {MAX_REDIRECTS} redirects"),
        })
    }

    /// Resolves the host, once, lets the guard see every address, and asks there.
    async fn ask_guarded(&self, url: &Url, deadline: Instant) -> Result<Answer, Error> {
        let host = host_of(Some(url));
        let port = url.port_or_known_default().unwrap_or(443);
        let deadline = deadline.min(Instant::now() + self.settings.first_byte);
        let addresses: Vec<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            _ => timeout_at(deadline, self.resolver.resolve(host))
                .await
                .map_err(|_| self.late(host, "the look-up of its name"))?
                .map_err(|error| Error::Upstream {
                    host: host.to_owned(),
                    reason: format!("its name was not found: {error}"),
                })?,
        };
        guard::check(&self.settings, host, port, &addresses)?;
        let addresses: Vec<SocketAddr> = addresses
            .into_iter()
            .map(|address| SocketAddr::new(address.to_canonical(), port))
            .collect();
        ask(&self.roots, &self.settings, url, host, &addresses, deadline).await
    }

    /// Streams a body into the library.
    async fn take(
        &self,
        url: &Url,
        mut answer: Answer,
        name: Option<&str>,
        source: &(String, AssetId),
        deadline: Instant,
    ) -> Result<(Asset, bool), Error> {
        let host = host_of(Some(url));
        self.check_head(host, &answer)?;
        let mut upload = self.library.begin().await?;
        let (source_url, key) = source;
        upload.set_source(source_url.clone(), *key);
        let (window, least) = (
            self.settings.rate_window,
            self.settings.least_window_bytes(),
        );
        let (mut total, mut in_window, mut window_end) = (0, 0, Instant::now() + window);
        loop {
            let next = timeout_at(deadline.min(window_end), next_bytes(&mut answer)).await;
            let now = Instant::now();
            if now >= deadline {
                return Err(self.late(host, "the file"));
            }
            // Looked at also while bytes come: a server that sends one a second would never be waited for long.
            if now >= window_end {
                if in_window < least {
                    return Err(Error::Timeout {
                        host: host.to_owned(),
                        step: format!(
                            "it sends less than {} bytes a second",
                            self.settings.least_bytes_per_s
                        ),
                    });
                }
                (in_window, window_end) = (0, now + window);
            }
            let Ok(next) = next else { continue };
            let Some(bytes) = next.map_err(|reason| Error::Upstream {
                host: host.to_owned(),
                reason,
            })?
            else {
                break;
            };
            total += bytes.len() as u64;
            in_window += bytes.len() as u64;
            self.check_length(total)?;
            upload.write(&bytes).await?;
        }
        drop(answer);
        upload.finish(name).await
    }

    /// What the head of an answer tells before any of its body is read.
    fn check_head(&self, host: &str, answer: &Answer) -> Result<(), Error> {
        let headers = answer.response.headers();
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(length) = text(CONTENT_LENGTH).and_then(|text| text.parse().ok()) {
            self.check_length(length)?;
        }
        if text(CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
            return Err(Error::Upstream {
                host: host.to_owned(),
                reason: "it sends something compressed, which was not asked for".to_owned(),
            });
        }
        match text(CONTENT_TYPE) {
            Some(content_type) if !is_plausible(content_type) => {
                Err(Error::UnsupportedContentType {
                    host: host.to_owned(),
                    content_type: content_type.chars().take(100).collect(),
                })
            }
            _ => Ok(()),
        }
    }

    fn check_length(&self, bytes: u64) -> Result<(), Error> {
        let limits = self.library.limits();
        let allowed = self
            .settings
            .max_bytes
            .min(limits.picture_bytes.max(limits.streamed_bytes));
        if bytes > allowed {
            return Err(Error::TooManyBytes {
                what: "the file",
                allowed,
            });
        }
        Ok(())
    }

    fn late(&self, host: &str, what: &str) -> Error {
        Error::Timeout {
            host: host.to_owned(),
            step: format!(
                "{what}, allowed are {} ms in all",
                self.settings.total.as_millis()
            ),
        }
    }
}

/// Whether a file of a kind that is taken may come with this content type; what it is, its bytes say. Servers that know
/// nothing better say `octet-stream` or `text/plain`; a page of HTML is no file but an error or a login.
fn is_plausible(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let families = ["image/", "video/", "audio/", "font/"];
    families.iter().any(|family| essence.starts_with(family))
        || essence.starts_with("application/font")
        || essence.starts_with("application/x-font")
        || matches!(
            essence.as_str(),
            "" | "application/octet-stream"
                | "binary/octet-stream"
                | "application/json"
                | "application/mp4"
                | "application/ogg"
                | "application/xml"
                | "application/vnd.ms-opentype"
                | "text/plain"
                | "text/xml"
        )
}

/// The host as the guard and the logs name it: without the final dot, which changes nothing.
fn host_of(url: Option<&Url>) -> &str {
    url.and_then(Url::host_str)
        .unwrap_or_default()
        .trim_end_matches('.')
}

/// What a file is called at its server.
fn last_part(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    (!last.is_empty()).then(|| last.to_owned())
}
