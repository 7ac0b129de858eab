//! Which addresses are connected to.

use crate::{Error, FetchSettings};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// An IP network, such as `10.0.0.0/8`; an address alone is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

impl Network {
    /// Whether the address lies in it; an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is one of IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix_bits);
                (own.to_bits() ^ other.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix_bits);
                (own.to_bits() ^ other.to_bits())
                    .checked_shr(shift)
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::Setting {
            name: "network",
            reason: format!("{text:?} is neither an IP address nor a network like 10.0.0.0/8"),
        };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| invalid())?,
            None => most,
        };
        if prefix_bits > most {
            return Err(invalid());
        }
        Ok(Self {
            address,
            prefix_bits,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

/// Whether all addresses of a host may be connected to on this port. One that may not is enough to refuse them all:
/// an honest name has no private address beside a public one.
///
/// # Errors
/// [`Error::RefusedAddress`], [`Error::Url`] for the port, [`Error::Upstream`] when there is no address.
pub(super) fn check(
    settings: &FetchSettings,
    host: &str,
    port: u16,
    addresses: &[IpAddr],
) -> Result<(), Error> {
    if addresses.is_empty() {
        return Err(Error::Upstream {
            host: host.to_owned(),
            reason: "the name has no address".to_owned(),
        });
    }
    let host_is_listed = settings
        .allowed_hosts
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(host));
    for &address in addresses {
        let is_listed = host_is_listed
            || settings
                .allowed_networks
                .iter()
                .any(|network| network.contains(address));
        if !is_listed && let Some(reason) = refusal(address) {
            return Err(Error::RefusedAddress {
                host: host.to_owned(),
                reason,
            });
        }
        let port_is_listed = is_listed && settings.allowed_ports.contains(&port);
        if !matches!(port, 80 | 443) && !port_is_listed {
            return Err(Error::Url {
                reason: format!(
                    "port {port} of {host}; allowed are 80 and 443, others for allow-listed hosts only"
                ),
            });
        }
    }
    Ok(())
}

/// Why an address is not connected to, unless somebody lists it; `None` for what is reachable by everyone.
///
/// Forms of IPv6 that carry an IPv4 address are judged by that one: what stands behind them on the way is not ours to know.
fn refusal(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => refusal_v4(address),
        IpAddr::V6(address) => refusal_v6(address),
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (0, ..) => Some("an address of this network (0.0.0.0/8)"),
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => Some("a private address"),
        (100, 64..=127, _) => Some("an address shared by a carrier (100.64.0.0/10)"),
        (127, ..) => Some("a loopback address"),
        (169, 254, _) => Some("a link-local address"),
        (192, 0, 0) | (192, 88, 99) => Some("an address for protocols"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some("an address for documentation"),
        (198, 18..=19, _) => Some("an address for benchmarks"),
        (224..=239, ..) => Some("a multicast address"),
        (240.., ..) => Some("a reserved or broadcast address"),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        refusal_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0) if g == 0 && h == 1 => Some("a loopback address"),
        (0, 0, 0, 0, 0, 0) if g == 0 && h == 0 => Some("the unspecified address"),
        // Mapped, and NAT64 of the well-known prefix.
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        // 6to4 has it behind the prefix.
        (0x2002, ..) => v4(b, c),
        (0x2001, 0xdb8, ..) | (0x3fff, 0..=0xfff, ..) => Some("an address for documentation"),
        // Teredo, benchmarks, ORCHID and their like.
        (0x2001, 0..=0x1ff, ..) => Some("an address for protocols"),
        (0xfc00..=0xfdff, ..) => Some("a private address"),
        (0xfe80..=0xfebf, ..) => Some("a link-local address"),
        (0xff00.., ..) => Some("a multicast address"),
        // ISATAP: an IPv4 address behind any prefix.
        _ if e & 0xfdff == 0 && f == 0x5efe => v4(g, h),
        // All that was ever given out begins so.
        (0x2000..=0x3fff, ..) => None,
        _ => Some("a reserved address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_not_reachable_by_everyone_are_refused() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.168.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2002:c0a8:101::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "100::1",
            "4000::1",
            "5f00::1",
            "2a00::5efe:a00:1",
            "2a00::200:5efe:7f00:1",
        ] {
            assert!(refusal(text.parse().unwrap()).is_some(), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_not_refused() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450:4001::1",
            "2001:200::1",
        ] {
            assert_eq!(refusal(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3/8", "10.0.0.1", "9.0.0.1"),
            ("192.168.1.7", "192.168.1.7", "192.168.1.8"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::a01:101"),
            ("fd00::/8", "fd12::1", "fc00::1"),
            ("::1", "::1", "::2"),
            ("0.0.0.0/0", "127.0.0.1", "::1"),
            ("::/0", "::1", "127.0.0.1"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert!(
                parsed.contains(inside.parse().unwrap()),
                "{network} {inside}"
            );
            assert!(
                !parsed.contains(outside.parse().unwrap()),
                "{network} {outside}"
            );
        }
        for wrong in [
            "",
            "x",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/",
            "/8",
            "1.1.1.1/-1",
        ] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_refused_address_refuses_the_host_and_lists_open_what_they_name() {
        let ips = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let settings = FetchSettings {
            allowed_hosts: vec!["cdn.lan".to_owned()],
            allowed_networks: vec!["192.168.7.0/24".parse().unwrap()],
            allowed_ports: vec![9000],
            ..FetchSettings::default()
        };
        for (host, port, addresses, allowed) in [
            ("x.example", 443, ips(&["8.8.8.8", "2606:4700::1"]), true),
            ("x.example", 443, ips(&["8.8.8.8", "127.0.0.1"]), false),
            ("x.example", 80, ips(&["8.8.8.8"]), true),
            ("x.example", 9000, ips(&["8.8.8.8"]), false),
            ("x.example", 22, ips(&["8.8.8.8"]), false),
            ("x.example", 443, ips(&["192.168.7.9"]), true),
            ("x.example", 9000, ips(&["192.168.7.9"]), true),
            ("x.example", 9000, ips(&["192.168.7.9", "8.8.8.8"]), false),
            ("x.example", 443, ips(&["192.168.8.9"]), false),
            ("CDN.lan", 9000, ips(&["10.0.0.1", "8.8.8.8"]), true),
            ("cdn.lan", 22, ips(&["10.0.0.1"]), false),
            ("evil-cdn.lan", 443, ips(&["10.0.0.1"]), false),
            ("x.example", 443, ips(&[]), false),
        ] {
            let checked = check(&settings, host, port, &addresses);
            assert_eq!(checked.is_ok(), allowed, "{host}:{port} {addresses:?}");
        }
    }
}
