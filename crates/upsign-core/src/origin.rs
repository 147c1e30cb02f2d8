//! Origins of web pages, for cross-origin resource sharing (CORS).

use std::net::Ipv4Addr;
use std::str::FromStr;

use crate::host;
use crate::target::endpoint::Endpoint;

/// The origin of a web page, exactly as a browser writes it into the `Origin` header.
///
/// An origin consists of a scheme, a host, and a port unless it is the default port of the scheme. Because browsers
/// always send this form, allowed origins are compared byte by byte, and every other spelling is rejected.
///
/// Source: <https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>.
///
/// ```
/// use upsign_core::{InvalidOrigin, Origin};
/// let origin: Origin = "https://app.example.com".parse()?;
/// assert_eq!(origin.as_str(), "https://app.example.com");
/// assert_eq!("https://app.example.com/".parse::<Origin>(), Err(InvalidOrigin::TrailingSlash));
/// # Ok::<(), InvalidOrigin>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub(crate) Box<str>);

/// The reason why a text is not an [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// The text is empty or longer than 2,048 bytes.
    #[error("an origin must have 1 to 2048 bytes, as in https://app.example.com")]
    Length,
    /// The text contains `*`. Only an [`OriginPattern`](crate::OriginPattern) can.
    #[error("the origin of a page does not contain `*`")]
    Wildcard,
    /// The pattern contains more than one `*`.
    #[error("an origin can contain `*` once only, as in https://*.example.com or http://localhost:*")]
    SeveralWildcards,
    /// The pattern does not begin with `https://` or `http://`.
    #[error("an origin with `*` must begin with https:// or http://, as in https://*.example.com")]
    WildcardScheme,
    /// What follows the `*` in the host of the pattern is not a domain of at least two labels.
    #[error(
        "the `*` in an origin must be followed by `.` or `-` and a domain of two labels or more, as in https://*.example.com"
    )]
    WildcardDomain,
    /// The port of the pattern contains `*` next to other characters.
    #[error("the port of an origin must be a number, or `*` for every port, as in http://localhost:*")]
    WildcardPort,
    /// The text is `null`, the origin that every sandboxed frame and every local file sends.
    #[error("the origin `null` cannot be allowed: any site can send it from a sandboxed frame")]
    Null,
    /// The text contains a space, a control character, or a character outside of ASCII.
    #[error("an origin must be visible ASCII: write an international domain name in its xn-- form")]
    Character,
    /// The text does not begin with `scheme://`.
    #[error("an origin must begin with a scheme, as in https://app.example.com")]
    Scheme,
    /// The host is followed by a `/` and nothing else.
    #[error("an origin must not end in a slash: browsers do not send one")]
    TrailingSlash,
    /// The host is followed by a path, a query or a fragment.
    #[error("an origin must not have a path, a query or a fragment: only scheme, host and port")]
    Path,
    /// The host is preceded by a user name.
    #[error("an origin must not contain a user name")]
    UserInfo,
    /// The text contains an uppercase letter.
    #[error("an origin must be lowercase, as browsers send it")]
    UpperCase,
    /// The host is missing or malformed.
    #[error("the host of an origin must be a host name or an IP address, as in app.example.com or [::1]")]
    Host,
    /// The host is one that browsers write differently, such as `192.168.1` for `192.168.0.1`.
    #[error(
        "the host of an origin must be written as browsers write it: addresses in their shortest usual form"
    )]
    HostSpelling,
    /// The port is not a number from 1 to 65535, or has leading zeros.
    #[error("the port of an origin must be a number from 1 to 65535 without leading zeros")]
    Port,
    /// The port is the default of the scheme: 443 for `https`, 80 for `http`.
    #[error("omit the port {0} from the origin: it is the default port of the scheme, and browsers omit it")]
    DefaultPort(u16),
}

impl Origin {
    /// Returns the origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` if the page is served by this machine, over `http` or `https`; see [`Endpoint::is_loopback`].
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.parse::<Endpoint>().is_ok_and(|endpoint| endpoint.is_loopback())
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        check(text)?;
        Ok(Self(text.into()))
    }
}

crate::text_type!(Origin);

fn check(text: &str) -> Result<(), InvalidOrigin> {
    if text.is_empty() || text.len() > 2_048 {
        return Err(InvalidOrigin::Length);
    }
    if text.contains('*') {
        return Err(InvalidOrigin::Wildcard);
    }
    if text == "null" {
        return Err(InvalidOrigin::Null);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidOrigin::Character);
    }
    let (scheme, rest) = text.split_once("://").ok_or(InvalidOrigin::Scheme)?;
    if let Some(end) = rest.find(['/', '?', '#', '\\']) {
        let slash_only = rest.get(end..) == Some("/");
        return Err(if slash_only { InvalidOrigin::TrailingSlash } else { InvalidOrigin::Path });
    }
    if rest.contains('@') {
        return Err(InvalidOrigin::UserInfo);
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(InvalidOrigin::UpperCase);
    }
    check_scheme(scheme)?;
    let (host, port) = split_port(rest);
    check_host(scheme, host)?;
    port.map_or(Ok(()), |port| check_port(scheme, port))
}

/// Checks the grammar of a scheme, in lowercase (RFC 3986, section 3.1).
fn check_scheme(scheme: &str) -> Result<(), InvalidOrigin> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.bytes().all(fits) {
        Ok(())
    } else {
        Err(InvalidOrigin::Scheme)
    }
}

pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // If a bracket follows the last colon, the colon is part of an IPv6 address and no port is present.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Checks that a host is one that browsers accept, in the form in which they write it.
///
/// The names in the origins of apps and browser extensions follow no rule beyond the characters.
fn check_host(scheme: &str, host: &str) -> Result<(), InvalidOrigin> {
    if !matches!(scheme, "http" | "https") && !host.starts_with('[') {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let is_name =
            !host.is_empty() && !host.starts_with('.') && !host.contains("..") && host.bytes().all(fits);
        return if is_name { Ok(()) } else { Err(InvalidOrigin::Host) };
    }
    // Browsers keep a dot at the end of a name, and remove it from an address.
    let name = host.strip_suffix('.').unwrap_or(host);
    let written = host::normalize(name).map_err(|_| InvalidOrigin::Host)?;
    let is_address = written.starts_with('[') || written.parse::<Ipv4Addr>().is_ok();
    if *written == *name && !(is_address && name != host) { Ok(()) } else { Err(InvalidOrigin::HostSpelling) }
}

fn check_port(scheme: &str, text: &str) -> Result<(), InvalidOrigin> {
    let port: u16 = text.parse().ok().filter(|port| *port > 0).ok_or(InvalidOrigin::Port)?;
    if text != port.to_string() {
        return Err(InvalidOrigin::Port);
    }
    match (scheme, port) {
        ("https", 443) | ("http", 80) => Err(InvalidOrigin::DefaultPort(port)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_as_browsers_send_them_are_accepted() {
        for text in [
            "https://app.example.com",
            "http://localhost:5173",
            "http://127.0.0.1:8080",
            "http://[::1]:3000",
            "https://xn--bcher-kva.example",
            "capacitor://localhost",
            "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
            "https://a.example:8443",
            "https://a.example:80",
            "https://app.example.com.",
            "moz-extension://256.1.1.1",
        ] {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn origins_of_this_machine() {
        let is_loopback = |text: &str| text.parse::<Origin>().unwrap().is_loopback();
        for text in
            ["http://localhost:5173", "http://app.localhost", "http://127.0.0.1", "https://[::1]:3000"]
        {
            assert!(is_loopback(text), "{text}");
        }
        for text in ["http://localhost.example.com", "http://10.0.0.1", "capacitor://localhost"] {
            assert!(!is_loopback(text), "{text}");
        }
    }

    #[test]
    fn other_spellings_of_origins_are_rejected() {
        for (text, error) in [
            ("", InvalidOrigin::Length),
            (&"a".repeat(2_049), InvalidOrigin::Length),
            ("*", InvalidOrigin::Wildcard),
            ("https://*.example.com", InvalidOrigin::Wildcard),
            ("null", InvalidOrigin::Null),
            ("https://bücher.example", InvalidOrigin::Character),
            ("https://a.example b", InvalidOrigin::Character),
            ("https://a.example\r\n", InvalidOrigin::Character),
            ("app.example.com", InvalidOrigin::Scheme),
            ("//app.example.com", InvalidOrigin::Scheme),
            ("1x://app.example.com", InvalidOrigin::Scheme),
            ("https://app.example.com/", InvalidOrigin::TrailingSlash),
            ("https://app.example.com/app", InvalidOrigin::Path),
            ("https://app.example.com//", InvalidOrigin::Path),
            ("https://app.example.com?x", InvalidOrigin::Path),
            ("https://app.example.com#x", InvalidOrigin::Path),
            ("https://u@app.example.com", InvalidOrigin::UserInfo),
            ("HTTPS://app.example.com", InvalidOrigin::UpperCase),
            ("https://App.example.com", InvalidOrigin::UpperCase),
            ("https://", InvalidOrigin::Host),
            ("https://:8080", InvalidOrigin::Host),
            ("https://a..b", InvalidOrigin::Host),
            ("https://[::1", InvalidOrigin::Host),
            ("https://[zz]", InvalidOrigin::Host),
            ("https://a,b", InvalidOrigin::Host),
            ("https://node.1", InvalidOrigin::Host),
            ("https://256.1.1.1", InvalidOrigin::Host),
            ("https://xn--a.example", InvalidOrigin::Host),
            ("http://192.168.1", InvalidOrigin::HostSpelling),
            ("http://0177.0.0.1:3000", InvalidOrigin::HostSpelling),
            ("http://[2001:db8:0:0:0:0:0:1]", InvalidOrigin::HostSpelling),
            ("http://[::ffff:127.0.0.1]", InvalidOrigin::HostSpelling),
            ("https://[::1].", InvalidOrigin::HostSpelling),
            ("capacitor://[zz]", InvalidOrigin::Host),
            ("http://127.0.0.1.", InvalidOrigin::HostSpelling),
            ("https://a:0", InvalidOrigin::Port),
            ("https://a:", InvalidOrigin::Port),
            ("https://a:65536", InvalidOrigin::Port),
            ("https://a:08", InvalidOrigin::Port),
            ("https://a:443", InvalidOrigin::DefaultPort(443)),
            ("http://a:80", InvalidOrigin::DefaultPort(80)),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(error), "{text}");
        }
    }
}
