//! Origins of web pages.

use std::fmt;
use std::str::FromStr;

/// One origin, exactly as a browser writes it into `Origin`: scheme, host, and a port unless it is the scheme's own.
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
pub struct Origin(Box<str>);

/// Why a text is not an [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// No text, or over 2,048 bytes.
    #[error("an origin is a text like https://app.example.com")]
    Length,
    /// A `*`.
    #[error("an origin names one site, without `*`: list each site")]
    Wildcard,
    /// `null`, which sandboxed and local pages of anybody send.
    #[error("the origin `null` belongs to nobody: any sandboxed page sends it")]
    Null,
    /// A space, a control character, or one that is not ASCII.
    #[error("an origin is visible ASCII: write an international name in its xn-- form")]
    Character,
    /// No `scheme://`.
    #[error("an origin begins with a scheme, as in https://app.example.com")]
    Scheme,
    /// Nothing but a `/` after the host.
    #[error("an origin ends without a slash: browsers send none")]
    TrailingSlash,
    /// A path, query or fragment after the host.
    #[error("an origin has no path: only scheme, host and port")]
    Path,
    /// A user name before the host.
    #[error("an origin has no user name")]
    UserInfo,
    /// An upper-case letter.
    #[error("an origin is lower-case: browsers send it so")]
    UpperCase,
    /// The host is missing or malformed.
    #[error("the host of an origin is a name or an address, as in app.example.com or [::1]")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the port of an origin is a number from 1 to 65535")]
    Port,
    /// `:443` with https, `:80` with http.
    #[error("leave the port {0} out of the origin: it is the scheme's own, and browsers leave it out")]
    DefaultPort(u16),
}

/// The origins that may use an upload API and its bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsOrigins(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Listed(Box<[Origin]>),
    Any,
}

impl Origin {
    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        check(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl CorsOrigins {
    /// These origins and no others. An empty list allows no web page at all.
    #[must_use]
    pub fn listed(origins: impl IntoIterator<Item = Origin>) -> Self {
        let mut list: Vec<Origin> = Vec::new();
        for origin in origins {
            if !list.contains(&origin) {
                list.push(origin);
            }
        }
        Self(Kind::Listed(list.into()))
    }

    /// Every web page in the world, those of attackers included: `*`.
    #[must_use]
    pub const fn any() -> Self {
        Self(Kind::Any)
    }

    /// Whether a page of this origin is allowed.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        match &self.0 {
            Kind::Listed(list) => list.iter().any(|have| have.as_str() == origin),
            Kind::Any => true,
        }
    }

    /// Whether every origin is allowed.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self.0, Kind::Any)
    }

    /// The origins listed; none where every origin is allowed.
    #[must_use]
    pub fn list(&self) -> &[Origin] {
        match &self.0 {
            Kind::Listed(list) => list,
            Kind::Any => &[],
        }
    }
}

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
    check_host(host)?;
    port.map_or(Ok(()), |port| check_port(scheme, port))
}

/// RFC 3986 section 3.1.
fn check_scheme(scheme: &str) -> Result<(), InvalidOrigin> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.bytes().all(fits) {
        Ok(())
    } else {
        Err(InvalidOrigin::Scheme)
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // The last colon of a bracketed IPv6 address stands inside the brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn check_host(host: &str) -> Result<(), InvalidOrigin> {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fits = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let label = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            !host.is_empty() && !host.starts_with('.') && !host.contains("..") && host.bytes().all(label)
        }
    };
    if fits { Ok(()) } else { Err(InvalidOrigin::Host) }
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
    fn as_browsers_write_them() {
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
        ] {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn as_they_do_not() {
        for (text, why) in [
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
            ("https://a:0", InvalidOrigin::Port),
            ("https://a:", InvalidOrigin::Port),
            ("https://a:65536", InvalidOrigin::Port),
            ("https://a:08", InvalidOrigin::Port),
            ("https://a:443", InvalidOrigin::DefaultPort(443)),
            ("http://a:80", InvalidOrigin::DefaultPort(80)),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(why), "{text}");
        }
    }

    #[test]
    fn who_is_allowed() {
        let one =
            CorsOrigins::listed(["https://a.example".parse().unwrap(), "https://a.example".parse().unwrap()]);
        assert_eq!(one.list().len(), 1);
        assert!(one.allows("https://a.example"));
        for origin in [
            "https://b.example",
            "https://a.example.evil",
            "http://a.example",
            "HTTPS://A.EXAMPLE",
            "null",
            "",
        ] {
            assert!(!one.allows(origin), "{origin}");
        }
        assert!(CorsOrigins::any().allows("https://b.example"));
    }
}
