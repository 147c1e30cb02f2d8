//! Custom endpoints of S3-compatible stores.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use crate::host::{self, InvalidHost};

/// The scheme of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `http`: unencrypted, for loopback addresses and test servers.
    Http,
    /// `https`: encrypted with TLS.
    Https,
}

impl Scheme {
    /// Returns the scheme as written before `://`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The URL of an S3-compatible store: scheme, host, optional port, and optional base path.
///
/// The host is normalized to the form that HTTP clients send in the `Host` header, because that header is signed: it is
/// lowercase, addresses are in the form that browsers write (`192.168.1` is `192.168.0.1`), and the default port of the
/// scheme is omitted.
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

/// The reason why a text is not an [`Endpoint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// The text does not start with `http://` or `https://`.
    #[error("the endpoint must start with http:// or https://")]
    Scheme,
    /// The URL contains a user name, a query or a fragment.
    #[error("the endpoint must not contain a user name, a query or a fragment")]
    Part,
    /// The host is neither a host name, an IPv4 address, nor an IPv6 address in brackets.
    #[error("the host of the endpoint must be a host name or an IP address (IPv6 in brackets)")]
    Host,
    /// The last label of the host is a number. HTTP clients then read the host as an IPv4 address, and it does
    /// not have that form.
    #[error("a host that ends in a number must be an IPv4 address: browsers accept no other name that does")]
    Ipv4,
    /// A label of the host begins with `xn--`, but does not encode an international name.
    #[error("the host of the endpoint has a label that begins with xn-- and encodes no international name")]
    Punycode,
    /// The port is not a number from 1 to 65535.
    #[error("the port of the endpoint must be a number from 1 to 65535")]
    Port,
    /// The base path contains characters that need percent-encoding, dot segments or empty segments. HTTP clients would
    /// rewrite such a path, and the signature would not match.
    #[error(
        "the base path of the endpoint must consist of A-Z a-z 0-9 - . _ ~ and single slashes, without dot segments"
    )]
    Path,
}

impl Endpoint {
    /// Returns the scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Returns the host name or IP address in lowercase, with an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port, or `None` if it is the default of the scheme.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns the base path: empty, or `/…` without a trailing slash.
    #[must_use]
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// Returns the endpoint with another host, which must be part of this one.
    pub(crate) fn with_host(&self, host: &str) -> Self {
        Self { host: host.into(), ..self.clone() }
    }

    /// Returns the endpoint with another base path, which must be the beginning of this one.
    pub(crate) fn with_base_path(&self, base_path: &str) -> Self {
        Self { base_path: base_path.into(), ..self.clone() }
    }

    /// Returns `true` if the host is an IP address, which has no subdomains for virtual-hosted addressing.
    #[must_use]
    pub fn is_ip(&self) -> bool {
        self.host.starts_with('[') || self.host.parse::<Ipv4Addr>().is_ok()
    }

    /// Returns `true` if the host is the local machine: `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_localhost()
            || self.host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || self.host.as_ref() == "[::1]"
    }

    /// Returns `true` if the host is `localhost` or ends in `.localhost`.
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
        let host = host::normalize(host).map_err(|error| match error {
            InvalidHost::Form => InvalidEndpoint::Host,
            InvalidHost::Ipv4 => InvalidEndpoint::Ipv4,
            InvalidHost::Punycode => InvalidEndpoint::Punycode,
        })?;
        let default = match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        Ok(Self { scheme, host, port: port.filter(|port| *port != default), base_path: base_path(path)? })
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
    let digits = port.strip_prefix(':').unwrap_or(port);
    let number = digits.parse::<u16>().ok().filter(|number| *number != 0 && !digits.starts_with('+'));
    number.map(|number| (host, Some(number))).ok_or(InvalidEndpoint::Port)
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
    fn check(text: &str, normalized: &str) {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!(endpoint.to_string(), normalized);
        assert_eq!(normalized.parse(), Ok(endpoint));
    }

    #[test]
    fn endpoints_are_normalized() {
        check("http://127.0.0.1:9000", "http://127.0.0.1:9000");
        check("http://minio.example.com:80/", "http://minio.example.com");
        check("https://minio.example.com:443", "https://minio.example.com");
        check("HTTPS://MiXeD.Example.COM", "https://mixed.example.com");
        check("http://[::1]:9000", "http://[::1]:9000");
        check("https://[2001:DB8::1]", "https://[2001:db8::1]");
        check("https://[2001:db8:0:0:0:0:0:1]:8333", "https://[2001:db8::1]:8333");
        check("http://[::ffff:127.0.0.1]:8333", "http://[::ffff:7f00:1]:8333");
        check("http://192.168.1:9000", "http://192.168.0.1:9000");
        check("http://0177.0.0.1:9000", "http://127.0.0.1:9000");
        check("https://gw.example.com/base/", "https://gw.example.com/base");
        check("https://gw.example.com/a/b-c", "https://gw.example.com/a/b-c");
    }

    #[test]
    fn malformed_endpoints_are_rejected() {
        for (text, error) in [
            ("", InvalidEndpoint::Scheme),
            ("s3.example.com", InvalidEndpoint::Scheme),
            ("ftp://example.com", InvalidEndpoint::Scheme),
            ("https://", InvalidEndpoint::Host),
            ("https://a b", InvalidEndpoint::Host),
            ("https://a..b", InvalidEndpoint::Host),
            ("https://[::g]", InvalidEndpoint::Host),
            ("https://[::1]x", InvalidEndpoint::Host),
            ("https://node.1", InvalidEndpoint::Ipv4),
            ("https://256.1.1.1", InvalidEndpoint::Ipv4),
            ("https://xn--a.example", InvalidEndpoint::Punycode),
            ("https://example.com:0", InvalidEndpoint::Port),
            ("https://example.com:", InvalidEndpoint::Port),
            ("https://example.com:65536", InvalidEndpoint::Port),
            ("https://example.com:+80", InvalidEndpoint::Port),
            ("https://example.com::80", InvalidEndpoint::Port),
            ("https://user@example.com", InvalidEndpoint::Part),
            ("https://example.com/?x", InvalidEndpoint::Part),
            ("https://example.com/#x", InvalidEndpoint::Part),
            ("https://example.com/a/../b", InvalidEndpoint::Path),
            ("https://example.com//", InvalidEndpoint::Path),
            ("https://example.com/%20", InvalidEndpoint::Path),
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(error), "{text}");
        }
    }

    #[test]
    fn loopback_hosts_are_recognized() {
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
