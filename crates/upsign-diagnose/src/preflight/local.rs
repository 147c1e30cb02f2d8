//! Servers on this machine and in private networks.

use std::net::{IpAddr, Ipv6Addr};

use upsign_core::Origin;

/// Returns the name or the address in a host, without port and brackets.
fn name(host: &str) -> String {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Returns whether a host, with or without a port, is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = name(host);
    let is_address = name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_address || name == "localhost" || name.ends_with(".localhost")
}

/// Returns whether a host is this machine or in a private network, as far as its name or address shows it.
pub(crate) fn is_local(host: &str) -> bool {
    let name = name(host);
    is_loopback(host) || name.ends_with(".local") || name.parse().is_ok_and(is_private)
}

/// Returns whether a page of this origin is on this machine or in a private network, as far as the origin shows it.
pub(super) fn is_local_page(origin: &Origin) -> bool {
    let host = origin.as_str().split_once("://").map_or("", |(_, host)| host);
    origin.is_loopback() || is_local(host)
}

/// Returns whether an address is one of this machine or of a private network.
///
/// Source: <https://developer.chrome.com/blog/local-network-access>.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => is_private_v6(&address),
    }
}

/// Addresses of the internet begin with the bits 001; those of multicast with ff.
fn is_private_v6(address: &Ipv6Addr) -> bool {
    let [first, ..] = address.octets();
    first >> 5 != 0b001 && first != 0xFF && !address.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_this_machine_and_of_private_networks() {
        for host in ["localhost:9000", "s3.localhost", "127.0.0.2:9000", "[::1]", "[::1]:9000", "LOCALHOST."]
        {
            assert!(is_loopback(host) && is_local(host), "{host}");
        }
        for host in
            ["10.0.0.1:9000", "192.168.1.5", "172.16.0.1", "169.254.1.1", "[fd00::1]:9000", "nas.local"]
        {
            assert!(!is_loopback(host) && is_local(host), "{host}");
        }
        for host in [
            "s3.eu-central-1.amazonaws.com",
            "203.0.113.7",
            "172.32.0.1",
            "[2001:db8::1]",
            "localhost.example.com",
        ] {
            assert!(!is_loopback(host) && !is_local(host), "{host}");
        }
    }
}
