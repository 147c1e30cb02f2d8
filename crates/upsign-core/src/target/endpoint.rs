//! Where a store answers.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Unencrypted: for loopback addresses and test servers.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme as it stands before `://`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The address of an S3-compatible store: scheme, host, port and a base path.
///
/// Kept in the form an HTTP client puts into `Host`: lower case, no default port; that is what gets signed.
///
/// ```
/// use upsign_core::Endpoint;
/// let endpoint: Endpoint = "HTTPS://S3.Example.COM:443/base/".parse()?;
/// assert_eq!(endpoint.to_string(), "https://s3.example.com/base");
/// # Ok::<(), upsign_core::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    host: Box<str>,
    port: Option<u16>,
    base_path: Box<str>,
}

/// Why a text is not an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// Not `http://` or `https://`.
    #[error("an endpoint starts with http:// or https://")]
    Scheme,
    /// A user name, a query or a fragment.
    #[error("an endpoint has no user name, query or fragment")]
    Part,
    /// Not a host name, an IPv4 address or an IPv6 address in brackets.
    #[error("the endpoint's host is neither a host name nor an IP address (IPv6 goes in brackets)")]
    Host,
    /// Not 1 to 65535.
    #[error("the endpoint's port is not 1 to 65535")]
    Port,
    /// A base path that a URL parser would rewrite.
    #[error(
        "the endpoint's base path is made of A-Z a-z 0-9 - . _ ~ and single slashes, without dot segments"
    )]
    Path,
}

impl Endpoint {
    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host name or IP address, lower case, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, unless it is the scheme's own.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The base path: empty, or `/…` without a slash at the end.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Whether the host is an IP address, which can carry no virtual host.
    #[must_use]
    pub fn is_ip(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<Ipv4Addr>().is_ok()
    }

    /// Whether the host is this machine: `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_localhost()
            || self.host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || self.host.as_ref() == "[::1]"
    }

    /// Whether the host is `localhost` or ends in `.localhost`.
    #[must_use]
    pub fn is_localhost(&self) -> bool {
        self.host.as_ref() == "localhost" || self.host.ends_with(".localhost")
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidEndpoint::Scheme)?;
        let scheme = match scheme {
            _ if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            _ if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            _ => return Err(InvalidEndpoint::Scheme),
        };
        if rest.contains(['@', '?', '#']) {
            return Err(InvalidEndpoint::Part);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(InvalidEndpoint::Host);
        }
        let default = match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        Ok(Self {
            scheme,
            host: host.into(),
            port: port.filter(|port| *port != default),
            base_path: base_path(path)?,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.base_path)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), InvalidEndpoint> {
    let colon = match authority.rfind(']') {
        Some(bracket) => match authority.get(bracket + 1..) {
            Some("") => None,
            Some(after) if after.starts_with(':') => Some(bracket + 1),
            _ => return Err(InvalidEndpoint::Host),
        },
        None => authority.find(':'),
    };
    let Some((host, port)) = colon.and_then(|at| authority.split_at_checked(at)) else {
        return Ok((authority, None));
    };
    let digits = port.trim_start_matches(':');
    let number = digits.parse::<u16>().ok().filter(|number| *number != 0 && !digits.starts_with('+'));
    number.map(|number| (host, Some(number))).ok_or(InvalidEndpoint::Port)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn base_path(path: &str) -> Result<Box<str>, InvalidEndpoint> {
    if path.is_empty() {
        return Ok("".into());
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let plain = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    if path.split('/').all(plain) { Ok(format!("/{path}").into()) } else { Err(InvalidEndpoint::Path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!(endpoint.to_string(), shown);
        assert_eq!(shown.parse(), Ok(endpoint));
    }

    #[test]
    fn the_form_a_client_sends() {
        check("http://127.0.0.1:9000", "http://127.0.0.1:9000");
        check("http://minio.example.com:80/", "http://minio.example.com");
        check("https://minio.example.com:443", "https://minio.example.com");
        check("HTTPS://MiXeD.Example.COM", "https://mixed.example.com");
        check("http://[::1]:9000", "http://[::1]:9000");
        check("https://[2001:DB8::1]", "https://[2001:db8::1]");
        check("https://gw.example.com/base/", "https://gw.example.com/base");
        check("https://gw.example.com/a/b-c", "https://gw.example.com/a/b-c");
    }

    #[test]
    fn what_is_no_endpoint() {
        for (text, why) in [
            ("", InvalidEndpoint::Scheme),
            ("s3.example.com", InvalidEndpoint::Scheme),
            ("ftp://example.com", InvalidEndpoint::Scheme),
            ("https://", InvalidEndpoint::Host),
            ("https://a b", InvalidEndpoint::Host),
            ("https://a..b", InvalidEndpoint::Host),
            ("https://[::g]", InvalidEndpoint::Host),
            ("https://[::1]x", InvalidEndpoint::Host),
            ("https://example.com:0", InvalidEndpoint::Port),
            ("https://example.com:", InvalidEndpoint::Port),
            ("https://example.com:65536", InvalidEndpoint::Port),
            ("https://example.com:+80", InvalidEndpoint::Port),
            ("https://user@example.com", InvalidEndpoint::Part),
            ("https://example.com/?x", InvalidEndpoint::Part),
            ("https://example.com/#x", InvalidEndpoint::Part),
            ("https://example.com/a/../b", InvalidEndpoint::Path),
            ("https://example.com//", InvalidEndpoint::Path),
            ("https://example.com/%20", InvalidEndpoint::Path),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(why), "{text}");
        }
    }

    #[test]
    fn what_is_this_machine() {
        for (text, loopback) in [
            ("http://localhost:1", true),
            ("http://a.localhost", true),
            ("http://127.8.9.1", true),
            ("http://[::1]", true),
            ("http://localhost.example.com", false),
            ("http://128.0.0.1", false),
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().is_loopback(), loopback, "{text}");
        }
    }
}
