//! What may be fetched, and how long it may take.

use super::{Network, location};
use crate::Error;
use std::fmt;
use std::time::Duration;

/// What may be fetched, and how long it may take.
#[derive(Clone)]
pub struct FetchSettings {
    /// Whether `http:` is fetched from at all; a redirect from `https:` to it never is.
    pub allow_http: bool,
    /// Hosts whose addresses may be private, by their exact names.
    pub allowed_hosts: Vec<String>,
    /// Networks that count as public.
    pub allowed_networks: Vec<Network>,
    /// Ports besides 80 and 443, for allowed hosts and networks only.
    pub allowed_ports: Vec<u16>,
    /// Where `ipfs://CID/path` is had, in order: URLs ending with `/` that CID and path are put behind.
    pub ipfs_gateways: Vec<String>,
    /// Where `ar://TXID` is had, likewise.
    pub arweave_gateways: Vec<String>,
    /// Certificates to trust besides the bundled roots, in PEM.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Most bytes of a file; the library's limits apply as well.
    pub max_bytes: u64,
    /// Longest time from the call to the last byte, for all gateways together.
    pub total: Duration,
    /// Longest time from looking up a host to the head of its answer.
    pub first_byte: Duration,
    /// Least bytes a second, on average over each `rate_window`.
    pub least_bytes_per_s: u32,
    /// See `least_bytes_per_s`; above 0.
    pub rate_window: Duration,
    /// How many files are fetched at the same time, at least 1; others wait, within their `total`.
    pub concurrent: usize,
}

impl Default for FetchSettings {
    /// Public hosts over `https:` only; up to 512 MiB, a minute, 10 s to the first byte, 8 KiB/s, four at a time.
    fn default() -> Self {
        let owned = |urls: &[&str]| urls.iter().map(|&url| url.to_owned()).collect();
        Self {
            allow_http: false,
            allowed_hosts: Vec::new(),
            allowed_networks: Vec::new(),
            allowed_ports: Vec::new(),
            ipfs_gateways: owned(&["https://ipfs.io/ipfs/", "https://dweb.link/ipfs/"]),
            arweave_gateways: owned(&["https://arweave.net/"]),
            extra_ca_pem: None,
            max_bytes: 512 << 20,
            total: Duration::from_secs(60),
            first_byte: Duration::from_secs(10),
            least_bytes_per_s: 8 * 1024,
            rate_window: Duration::from_secs(5),
            concurrent: 4,
        }
    }
}

impl fmt::Debug for FetchSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchSettings")
            .field("allow_http", &self.allow_http)
            .field("allowed_hosts", &self.allowed_hosts)
            .field("allowed_networks", &self.allowed_networks)
            .finish_non_exhaustive()
    }
}

impl FetchSettings {
    pub(super) fn check(&self) -> Result<(), Error> {
        for (name, is_fine) in [
            ("rate_window", !self.rate_window.is_zero()),
            ("concurrent", self.concurrent > 0),
        ] {
            if !is_fine {
                return Err(Error::Setting {
                    name,
                    reason: "it is 0".to_owned(),
                });
            }
        }
        for gateway in self.ipfs_gateways.iter().chain(&self.arweave_gateways) {
            location::checked_gateway(self, gateway)?;
        }
        Ok(())
    }

    /// How many bytes must come in each window.
    pub(super) fn least_window_bytes(&self) -> u64 {
        let ms = u64::try_from(self.rate_window.as_millis()).unwrap_or(u64::MAX);
        u64::from(self.least_bytes_per_s).saturating_mul(ms) / 1000
    }
}
