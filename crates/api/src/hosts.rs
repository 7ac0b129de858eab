//! Who may speak to us: Host and Origin checks, on every port.
//!
//! A page of another site can make a browser send requests to this machine, and with a name that resolves to 127.0.0.1
//! (DNS rebinding) even read the answers. Its own name is then in `Host`, and its origin in `Origin`.

use crate::problem::{Error, NO_CONTENT};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST,
    HeaderMap, HeaderName, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// An entry of the list of allowed origins that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an origin; takes http:// or https://, a host and perhaps a port, nothing more"
)]
pub struct InvalidOrigin(pub String);

/// The names this service answers to, and the origins whose pages may use it.
#[derive(Clone, Debug)]
pub struct AllowedHosts(Arc<Lists>);

#[derive(Debug)]
struct Lists {
    /// In lower case, without port; addresses of IPv6 without brackets.
    hosts: Vec<String>,
    /// As browsers write them.
    origins: Vec<String>,
    /// Bound to every address: any literal address will do, for a rebound name is never one.
    any_address: bool,
}

impl AllowedHosts {
    /// `localhost`, loopback addresses, the address the port is bound to, and the hosts of `origins` (`https://studio.example`).
    ///
    /// # Errors
    /// [`InvalidOrigin`].
    pub fn new<'a>(
        bound: IpAddr,
        origins: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidOrigin> {
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        hosts.push(bound.to_string());
        let mut allowed = Vec::new();
        for origin in origins {
            let host = origin_host(origin).ok_or_else(|| InvalidOrigin(origin.to_owned()))?;
            hosts.push(host);
            allowed.push(origin.to_ascii_lowercase());
        }
        Ok(Self(Arc::new(Lists {
            hosts,
            origins: allowed,
            any_address: bound.is_unspecified(),
        })))
    }

    /// Whether `host`, as in the header of that name, is ours; the port does not matter.
    pub fn allows_host(&self, host: &str) -> bool {
        let Some(host) = host_name(host) else {
            return false;
        };
        let Lists {
            hosts, any_address, ..
        } = &*self.0;
        hosts.contains(&host) || *any_address && host.parse::<IpAddr>().is_ok()
    }

    /// Whether a page of `origin` may speak to `host`: it is listed, or of the same host.
    ///
    /// The ports may differ: the page of one port uses the sockets of another.
    pub fn allows_origin(&self, origin: &str, host: &str) -> bool {
        let listed = self.0.origins.contains(&origin.to_ascii_lowercase());
        listed || origin_host(origin).is_some_and(|origin| Some(origin) == host_name(host))
    }

    /// The origin of these headers, where it is one of the list: its pages may read our answers.
    fn listed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = only(headers, &ORIGIN)?;
        let listed = self.0.origins.contains(&origin.to_ascii_lowercase());
        listed.then(|| HeaderValue::from_str(origin).ok())?
    }

    fn check(&self, headers: &HeaderMap) -> Result<(), Error> {
        let host = only(headers, &HOST).unwrap_or_default();
        if !self.allows_host(host) {
            return Err(Error::ForeignHost {
                host: host.to_owned(),
            });
        }
        if headers.contains_key(ORIGIN) {
            let origin = only(headers, &ORIGIN).unwrap_or_default();
            if !self.allows_origin(origin, host) {
                return Err(Error::ForeignOrigin {
                    origin: origin.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Puts the checks of Host and Origin around a router; every port needs them, metrics and health too.
pub fn guarded(router: Router, hosts: AllowedHosts) -> Router {
    router.layer(from_fn_with_state(hosts, guard))
}

async fn guard(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    hosts.check(request.headers())?;
    let origin = hosts.listed(request.headers());
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if is_preflight => preflight(),
        _ => next.run(request).await,
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let exposed = "ETag, Location, Revision, Frame, Show-Time-Ms, Retry-After";
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(exposed),
        );
    }
    Ok(response)
}

/// What a page of a listed origin may send. Cookies are not among it: such a page brings a token.
fn preflight() -> Response {
    let headers = [
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, If-Match, Idempotency-Key",
        ),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (NO_CONTENT, headers).into_response()
}

/// The header's value where it stands once and is text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// `name[:port]` or `[v6][:port]`: the name in lower case.
fn host_name(host: &str) -> Option<String> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => host
            .split_once(':')
            .map_or((host, ""), |(name, _)| (name, &host[name.len()..])),
    };
    let port_is_one = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|p| p.len() <= 5 && p.bytes().all(|b| b.is_ascii_digit()));
    let name_is_one = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b));
    (port_is_one && name_is_one).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

fn origin_host(origin: &str) -> Option<String> {
    let lower = origin.to_ascii_lowercase();
    host_name(
        lower
            .strip_prefix("http://")
            .or_else(|| lower.strip_prefix("https://"))?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_answered_to() {
        let local =
            AllowedHosts::new(IpAddr::from([127, 0, 0, 1]), ["https://Studio.example"]).unwrap();
        let lan = AllowedHosts::new(IpAddr::from([192, 168, 1, 5]), []).unwrap();
        let every = AllowedHosts::new(IpAddr::from([0, 0, 0, 0]), []).unwrap();
        for (host, at_local, at_lan, at_every) in [
            ("localhost", true, true, true),
            ("LOCALHOST:4200", true, true, true),
            ("localhost.", true, true, true),
            ("127.0.0.1:1", true, true, true),
            ("[::1]:4200", true, true, true),
            ("studio.example:443", true, false, false),
            ("192.168.1.5:4200", false, true, true),
            ("[2001:db8::1]", false, false, true),
            ("localhost.evil.example", false, false, false),
            ("evil.example:4200", false, false, false),
            ("localhost:4200@evil.example", false, false, false),
            ("", false, false, false),
            ("[::1", false, false, false),
        ] {
            assert_eq!(
                [&local, &lan, &every].map(|h| h.allows_host(host)),
                [at_local, at_lan, at_every],
                "{host}"
            );
        }
    }

    #[test]
    fn only_our_own_pages_and_listed_ones_may_speak() {
        let hosts =
            AllowedHosts::new(IpAddr::from([127, 0, 0, 1]), ["https://studio.example"]).unwrap();
        for (origin, host, allowed) in [
            ("http://localhost:4200", "localhost:4200", true),
            ("http://localhost:4200", "localhost:4201", true),
            ("http://127.0.0.1:4200", "localhost:4200", false),
            ("https://studio.example", "localhost:4200", true),
            ("http://studio.example", "localhost:4200", false),
            ("null", "localhost:4200", false),
            ("https://evil.example", "localhost:4200", false),
            ("file://localhost", "localhost", false),
        ] {
            assert_eq!(
                hosts.allows_origin(origin, host),
                allowed,
                "{origin} {host}"
            );
        }
        for bad in ["studio.example", "https://", "https://a/b", "*", "ftp://a"] {
            assert_eq!(
                AllowedHosts::new(IpAddr::from([0; 16]), [bad]).unwrap_err(),
                InvalidOrigin(bad.to_owned())
            );
        }
    }
}
