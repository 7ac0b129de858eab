//! Where to publish: address and stream key.

use crate::Error;
use std::fmt;

/// The secret that entitles to publish; `Debug` is redacted and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamKey(String);

impl StreamKey {
    /// From the text a platform shows; surrounding white space is removed, as it comes from copying.
    ///
    /// # Errors
    /// When nothing is left, when it is longer than 1024 bytes, or when white space or control characters stand inside.
    pub fn new(key: &str) -> Result<Self, Error> {
        let key = key.trim();
        if key.is_empty() {
            return Err(Error::Key("is empty"));
        }
        if key.len() > MAX_PART_BYTES {
            return Err(Error::Key("is longer than 1024 bytes"));
        }
        if key.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Error::Key("contains white space or control characters"));
        }
        Ok(Self(key.to_owned()))
    }

    /// The secret itself: for the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the key replaced wherever it occurs, whole or in parts of 4 characters or more.
    ///
    /// Servers quote the stream name in their messages, and keys such as `name?token=abc` only in part.
    pub fn redact(&self, text: &str) -> String {
        let mut out = text.replace(&self.0, REDACTED);
        for part in self
            .0
            .split(['?', '&', '=', '/'])
            .filter(|part| part.chars().count() >= 4)
        {
            out = out.replace(part, REDACTED);
        }
        out
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(redacted)")
    }
}

/// A publishing destination: how to reach the server, and which stream on it.
///
/// `Display` and `Debug` show scheme, host, port and the app without its query: what may stand in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    tls: bool,
    host: String,
    port: u16,
    app: String,
    key: StreamKey,
}

impl Target {
    /// Reads `rtmp[s]://host[:port]/app[/more]`; the port is 1935 or, with TLS, 443 when it is not given.
    ///
    /// With a separate `key` the whole path is the app, its query included.
    /// Without one, the last part of the path (with the query, which then belongs to it) is the key, and the app is
    /// what stands before it: `rtmp://host/live/eu/secret` has the app `live/eu`.
    /// The scheme is read in any case; an IPv6 host stands in brackets; trailing slashes are ignored.
    ///
    /// # Errors
    /// Names what is wrong, never quoting the address, because a misplaced key may be anywhere in it.
    pub fn parse(url: &str, key: Option<StreamKey>) -> Result<Self, Error> {
        let url = url.trim();
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Error::Address(
                "it contains white space or control characters",
            ));
        }
        let (scheme, rest) = url
            .split_once("://")
            .ok_or(Error::Address("the scheme is missing"))?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "rtmp" => false,
            "rtmps" => true,
            _ => return Err(Error::Address("the scheme is neither rtmp nor rtmps")),
        };
        let (authority, path) = rest
            .split_once('/')
            .ok_or(Error::Address("the app is missing"))?;
        let (host, port) = parse_authority(authority)?;
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let path = path.trim_matches('/');
        let with_query =
            |part: &str| query.map_or_else(|| part.to_owned(), |query| format!("{part}?{query}"));
        let (app, key) = match key {
            Some(key) => (with_query(path), key),
            None => {
                let (app, last) = path.rsplit_once('/').ok_or(Error::Address(
                    "there is neither a separate key nor one as the last part of the path",
                ))?;
                (
                    app.trim_end_matches('/').to_owned(),
                    StreamKey::new(&with_query(last))?,
                )
            }
        };
        if app.is_empty() {
            return Err(Error::Address("the app is empty"));
        }
        if app.len() > MAX_PART_BYTES {
            return Err(Error::Address("the app is longer than 1024 bytes"));
        }
        Ok(Self {
            tls,
            host,
            port: port.unwrap_or(if tls { 443 } else { 1935 }),
            app,
            key,
        })
    }

    /// Whether TLS is spoken from the first byte.
    pub const fn tls(&self) -> bool {
        self.tls
    }

    /// Host name or IP address, an IPv6 one without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The app to connect to, with its query if it has one; a query may hold a token, so do not log it.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The stream's name on the app.
    pub const fn key(&self) -> &StreamKey {
        &self.key
    }

    /// The same place with another key.
    #[must_use]
    pub fn with_key(&self, key: StreamKey) -> Self {
        Self {
            key,
            ..self.clone()
        }
    }

    /// `tcUrl` of the connect command: the address with the app and without the key, which [`parse`](Self::parse) takes
    /// together with the key. The app may have a query with a token in it, so do not log it.
    pub fn tc_url(&self) -> String {
        format!("{}/{}", self.origin(), self.app)
    }

    /// `text`, which came from the peer, fit for a log: key and query gone, one line, at most 200 characters.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = self.key.redact(text);
        if let Some((_, query)) = self.app.split_once('?') {
            for part in query
                .split(['?', '&', '='])
                .filter(|part| part.chars().count() >= 4)
            {
                text = text.replace(part, REDACTED);
            }
        }
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(200)
            .collect()
    }

    fn origin(&self) -> String {
        let scheme = if self.tls { "rtmps" } else { "rtmp" };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match (self.tls, self.port) {
            (false, 1935) | (true, 443) => format!("{scheme}://{host}"),
            (_, port) => format!("{scheme}://{host}:{port}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let app = self
            .app
            .split_once('?')
            .map_or(self.app.as_str(), |(app, _)| app);
        write!(f, "{}/{app}", self.origin())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

const REDACTED: &str = "[redacted]";
/// Far above every real app or key (X's keys have 12 characters), far below what an AMF0 string holds.
const MAX_PART_BYTES: usize = 1024;

fn parse_authority(authority: &str) -> Result<(String, Option<u16>), Error> {
    if authority.contains('@') {
        return Err(Error::Address(
            "a user name before the host is not supported",
        ));
    }
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or(Error::Address(
            "the bracket after the IPv6 address is missing",
        ))?;
        if host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(Error::Address(
                "what stands in brackets is not an IPv6 address",
            ));
        }
        let port = match after {
            "" => None,
            _ => Some(
                after
                    .strip_prefix(':')
                    .ok_or(Error::Address("only a port may follow the bracket"))?,
            ),
        };
        (host, port)
    } else {
        let (host, port) = authority
            .split_once(':')
            .map_or((authority, None), |(host, port)| (host, Some(port)));
        if port.is_some_and(|port| port.contains(':')) {
            return Err(Error::Address("an IPv6 host must stand in brackets"));
        }
        (host, port)
    };
    if host.is_empty() {
        return Err(Error::Address("the host is missing"));
    }
    let port = match port {
        None => None,
        Some(port) => match port.parse::<u16>() {
            Ok(port) if port > 0 => Some(port),
            _ => return Err(Error::Address("the port is not a number in 1..=65535")),
        },
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_separate_key() {
        // address, separate key, then: tls, host, port, app, key, tcUrl
        let cases = [
            (
                "rtmp://h/live",
                Some("k"),
                false,
                "h",
                1935,
                "live",
                "k",
                "rtmp://h/live",
            ),
            (
                "RTMPS://h/live/",
                Some("k"),
                true,
                "h",
                443,
                "live",
                "k",
                "rtmps://h/live",
            ),
            (
                "rtmp://h:80/x",
                Some("k"),
                false,
                "h",
                80,
                "x",
                "k",
                "rtmp://h:80/x",
            ),
            (
                "rtmp://h/a/b/c",
                Some(" k\n"),
                false,
                "h",
                1935,
                "a/b/c",
                "k",
                "rtmp://h/a/b/c",
            ),
            (
                "rtmp://h/a/b/c",
                None,
                false,
                "h",
                1935,
                "a/b",
                "c",
                "rtmp://h/a/b",
            ),
            (
                "rtmp://h/a/k?sig=x/y",
                None,
                false,
                "h",
                1935,
                "a",
                "k?sig=x/y",
                "rtmp://h/a",
            ),
            (
                "rtmp://h/a?t=1",
                Some("k"),
                false,
                "h",
                1935,
                "a?t=1",
                "k",
                "rtmp://h/a?t=1",
            ),
            (
                "rtmps://[::1]:1443/a",
                Some("k?x=1"),
                true,
                "::1",
                1443,
                "a",
                "k?x=1",
                "rtmps://[::1]:1443/a",
            ),
            (
                "rtmp://[2001:db8::1]/a",
                Some("k"),
                false,
                "2001:db8::1",
                1935,
                "a",
                "k",
                "rtmp://[2001:db8::1]/a",
            ),
        ];
        for (url, key, tls, host, port, app, want_key, tc_url) in cases {
            let target = Target::parse(url, key.map(|k| StreamKey::new(k).unwrap())).unwrap();
            assert_eq!(
                (target.tls(), target.host(), target.port()),
                (tls, host, port),
                "{url}"
            );
            assert_eq!(
                (
                    target.app(),
                    target.key().expose(),
                    target.tc_url().as_str()
                ),
                (app, want_key, tc_url),
                "{url}"
            );
        }
    }

    #[test]
    fn unusable_addresses_are_refused_without_being_quoted() {
        let cases = [
            "hunter2",
            "http://h/hunter2",
            "rtmp://h",
            "rtmp://h/",
            "rtmp://h/hunter2",
            "rtmp:///live/hunter2",
            "rtmp://h:0/live/hunter2",
            "rtmp://h:99999/live/hunter2",
            "rtmp://me:hunter2@h/live/k",
            "rtmp://::1/live/hunter2",
            "rtmp://[::1/live/hunter2",
            "rtmp://[h]/live/hunter2",
            "rtmp://[::1]x/live/hunter2",
            "rtmp://h/live/hun ter2",
            "rtmp://h//hunter2",
        ];
        for url in cases {
            let error = Target::parse(url, None).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        for key in ["", " ", "a b", "a\0b", &"x".repeat(1025)] {
            assert!(matches!(StreamKey::new(key), Err(Error::Key(_))), "{key:?}");
        }
    }

    #[test]
    fn secrets_stay_out_of_every_text() {
        let target = Target::parse(
            "rtmp://h/live?tok=hunter2",
            Some(StreamKey::new("name?pass=swordfish").unwrap()),
        )
        .unwrap();
        let peer = "no: live/name?pass=swordfish, swordfish\n, tok=hunter2";
        for text in [
            format!("{target} {target:?} {:?}", target.key()),
            target.redact(peer),
        ] {
            assert!(
                !text.contains("hunter2") && !text.contains("swordfish") && !text.contains('\n'),
                "{text}"
            );
        }
    }
}
