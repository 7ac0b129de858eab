//! URLs: what may be asked for, and through which gateways.

use crate::{Error, FetchSettings};
use url::Url;

/// Longest URL, in bytes.
const MAX_URL_BYTES: usize = 4096;

/// The URLs to try for what a user gave, in order: one, or one for each gateway of its network.
pub(super) fn candidates(settings: &FetchSettings, text: &str) -> Result<Vec<Url>, Error> {
    let url = parse(text.trim())?;
    let (gateways, path) = match url.scheme() {
        "ipfs" => (&settings.ipfs_gateways, ipfs_path(&url)?),
        "ar" => (&settings.arweave_gateways, arweave_path(&url)?),
        _ => {
            check(settings, &url, false)?;
            return Ok(vec![url]);
        }
    };
    if gateways.is_empty() {
        return Err(refused(format!(
            "there is no gateway for {}: URLs",
            url.scheme()
        )));
    }
    gateways
        .iter()
        .map(|gateway| {
            let gateway = checked_gateway(settings, gateway)?;
            let mut target = gateway.clone();
            target.set_path(&format!("{}{path}", gateway.path()));
            target.set_query(url.query());
            // Dots in the path must not lead to another place of the gateway.
            if target.path().starts_with(gateway.path())
                && target.path().len() > gateway.path().len()
            {
                Ok(target)
            } else {
                Err(refused("its path leads out of the gateway"))
            }
        })
        .collect()
}

/// Whether this URL may be asked for as far as the URL alone tells; `was_secure` when https led to it.
pub(super) fn check(settings: &FetchSettings, url: &Url, was_secure: bool) -> Result<(), Error> {
    match url.scheme() {
        "https" => {}
        "http" if was_secure => {
            return Err(refused(
                "it leads from https to http, which anybody can change",
            ));
        }
        "http" if settings.allow_http => {}
        "http" => return Err(refused("http is not allowed here; https is")),
        scheme => {
            return Err(refused(format!(
                "{scheme}: is not among https:, http: (where allowed), ipfs: and ar:"
            )));
        }
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a user name or password"));
    }
    if url.host().is_none() {
        return Err(refused("it names no host"));
    }
    Ok(())
}

/// Where a redirect leads.
pub(super) fn follow(settings: &FetchSettings, from: &Url, location: &str) -> Result<Url, Error> {
    if location.len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    let to = from
        .join(location)
        .map_err(|error| refused(format!("it leads to something that is no URL: {error}")))?;
    check(settings, &to, from.scheme() == "https")?;
    Ok(to)
}

/// A gateway's address, which must end with `/` so that paths can be put behind it.
pub(super) fn checked_gateway(settings: &FetchSettings, text: &str) -> Result<Url, Error> {
    let invalid = |reason: String| Error::Setting {
        name: "gateway",
        reason,
    };
    let url = parse(text).map_err(|error| invalid(error.to_string()))?;
    check(settings, &url, false).map_err(|error| invalid(error.to_string()))?;
    if !url.path().ends_with('/') || url.query().is_some() {
        return Err(invalid(
            "it must end with / and have no query, like https://ipfs.io/ipfs/".to_owned(),
        ));
    }
    Ok(url)
}

/// What an asset's description keeps of a URL: queries may hold secrets.
pub(super) fn without_query(text: &str) -> String {
    let text = text.trim();
    text[..text.find(['?', '#']).unwrap_or(text.len())].to_owned()
}

fn parse(text: &str) -> Result<Url, Error> {
    if text.len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    let mut url = Url::parse(text).map_err(|error| refused(error.to_string()))?;
    url.set_fragment(None);
    Ok(url)
}

/// `CID/path`. Some write `ipfs://ipfs/CID`.
fn ipfs_path(url: &Url) -> Result<String, Error> {
    let whole = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    let path = whole.strip_prefix("ipfs/").unwrap_or(&whole);
    let cid = path.split('/').next().unwrap_or_default();
    if !(32..=128).contains(&cid.len()) || !cid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(refused("an ipfs: URL is ipfs://CID or ipfs://CID/path"));
    }
    plain(url)?;
    Ok(path.to_owned())
}

/// `TXID/path`; a transaction is 32 bytes in base64url.
fn arweave_path(url: &Url) -> Result<String, Error> {
    let id = url.host_str().unwrap_or_default();
    let is_id = id.len() == 43
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_id {
        return Err(refused("an ar: URL is ar://TXID or ar://TXID/path"));
    }
    plain(url)?;
    Ok(format!("{id}{}", url.path()))
}

/// Nothing stands around the first part, which is no host.
fn plain(url: &Url) -> Result<(), Error> {
    if url.host().is_none() {
        return Err(refused(format!("it must begin with {}://", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
        return Err(refused("it holds a user name, password or port"));
    }
    Ok(())
}

fn too_long() -> Error {
    refused(format!("it is longer than {MAX_URL_BYTES} bytes"))
}

fn refused(reason: impl Into<String>) -> Error {
    Error::Url {
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: &str = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG";
    const TXID: &str = "bNbA3TEQVL60xlgCcqdz4ZPHFZ711cZ3hmkpGttDt_U";

    fn urls(text: &str) -> Result<Vec<String>, Error> {
        let settings = FetchSettings {
            ipfs_gateways: vec![
                "https://a.example/ipfs/".to_owned(),
                "https://b.example/x/ipfs/".to_owned(),
            ],
            arweave_gateways: vec!["https://ar.example/".to_owned()],
            ..FetchSettings::default()
        };
        Ok(candidates(&settings, text)?
            .into_iter()
            .map(String::from)
            .collect())
    }

    #[test]
    fn networks_are_reached_through_gateways_and_everything_else_directly() {
        for (text, expected) in [
            (
                "https://x.example/a.png?b=c#d".to_owned(),
                vec!["https://x.example/a.png?b=c".to_owned()],
            ),
            (
                format!("ipfs://{CID}/a b.png"),
                vec![
                    format!("https://a.example/ipfs/{CID}/a%20b.png"),
                    format!("https://b.example/x/ipfs/{CID}/a%20b.png"),
                ],
            ),
            (
                format!("ipfs://ipfs/{CID}"),
                vec![
                    format!("https://a.example/ipfs/{CID}"),
                    format!("https://b.example/x/ipfs/{CID}"),
                ],
            ),
            (
                format!("ar://{TXID}"),
                vec![format!("https://ar.example/{TXID}")],
            ),
        ] {
            assert_eq!(urls(&text).unwrap(), expected, "{text}");
        }
        let dots = urls(&format!("ipfs://{CID}/../%2e%2e/../admin")).unwrap();
        assert_eq!(dots[0], format!("https://a.example/ipfs/{CID}/admin"));
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "".to_owned(),
            "x".to_owned(),
            "/etc/passwd".to_owned(),
            "http://x.example/".to_owned(),
            "file:///etc/passwd".to_owned(),
            "ftp://x.example/a".to_owned(),
            "data:image/png;base64,AAAA".to_owned(),
            "javascript:alert(1)".to_owned(),
            "https://user@x.example/".to_owned(),
            "https://user:pass@x.example/".to_owned(),
            "https:///".to_owned(),
            "https://x.example:99999/".to_owned(),
            format!("https://x.example/{}", "a".repeat(4096)),
            "ipfs://short/a".to_owned(),
            format!("ipfs://{CID}:80/a"),
            format!("ipfs://u@{CID}/a"),
            format!("ipfs:{CID}"),
            "ipfs://../../admin".to_owned(),
            "ar://short".to_owned(),
            format!("ar://{}!", &TXID[1..]),
        ] {
            assert!(matches!(urls(&text), Err(Error::Url { .. })), "{text:.60}");
        }
    }

    #[test]
    fn redirects_stay_secure_and_queries_are_not_kept() {
        let settings = FetchSettings {
            allow_http: true,
            ..FetchSettings::default()
        };
        let from = |text: &str| Url::parse(text).unwrap();
        let to = |text, location| follow(&settings, &from(text), location).map(String::from);
        assert_eq!(
            to("https://x.example/a/b", "../c?d").unwrap(),
            "https://x.example/c?d"
        );
        assert_eq!(
            to("http://x.example/", "https://y.example/").unwrap(),
            "https://y.example/"
        );
        for (text, location) in [
            ("https://x.example/", "http://x.example/"),
            ("http://x.example/", "file:///etc/passwd"),
            ("http://x.example/", "//user@y.example/"),
            ("http://x.example/", "ipfs://x"),
        ] {
            assert!(to(text, location).is_err(), "{location}");
        }
        assert_eq!(without_query(" https://x/a?token=b#c "), "https://x/a");
    }
}
