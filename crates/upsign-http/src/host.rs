//! The header `Host`.

use http::HeaderMap;
use http::header::HOST;
use http::uri::Authority;

/// The reason why the header `Host` of a request cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHost {
    /// The request has more than one.
    #[error("the header Host is repeated")]
    Repeated,
    /// The value is not a host with an optional port.
    #[error("the header Host is not a host with an optional port")]
    Malformed,
}

/// Returns the value of the header `Host`, or `None` for a request without one.
///
/// The value is a host name or an IP address, an IPv6 address in brackets, and perhaps a colon and a port from 0 to 65535,
/// which may be missing after the colon (RFC 9110 section 7.2). It may be empty. User information, paths and lists are
/// malformed: proxies and applications that read such a value differently disagree about the host that the request is for.
///
/// An HTTP/1.1 request without the header is invalid too (RFC 9112 section 3.2). This function accepts it, because events and
/// HTTP/1.0 requests may have none.
///
/// ```
/// use http::HeaderMap;
/// use http::header::HOST;
/// use upsign_http::{InvalidHost, host_header};
///
/// let mut headers = HeaderMap::new();
/// assert_eq!(host_header(&headers), Ok(None));
/// headers.append(HOST, "api.example.com:8443".parse()?);
/// assert_eq!(host_header(&headers), Ok(Some("api.example.com:8443")));
/// headers.append(HOST, "other.example".parse()?);
/// assert_eq!(host_header(&headers), Err(InvalidHost::Repeated));
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
///
/// # Errors
/// Returns [`InvalidHost`] if the header occurs more than once, or if its value is malformed.
pub fn host_header(headers: &HeaderMap) -> Result<Option<&str>, InvalidHost> {
    let mut values = headers.get_all(HOST).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(InvalidHost::Repeated);
    }
    let value = value.to_str().map_err(|_| InvalidHost::Malformed)?;
    if value.is_empty() || is_host(value) { Ok(Some(value)) } else { Err(InvalidHost::Malformed) }
}

fn is_host(value: &str) -> bool {
    let Ok(authority) = value.parse::<Authority>() else { return false };
    // The type also accepts user information, which comes before the host, and any text after the last colon.
    let host = authority.host();
    let Some(port) = value.strip_prefix(host).filter(|_| !host.is_empty()) else { return false };
    match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(port) => {
            port.is_empty() || port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_an_optional_port_are_accepted() {
        for value in [
            "",
            "a",
            "a.example",
            "a.example:",
            "a.example:0",
            "a:65535",
            "127.0.0.1:80",
            "[::1]",
            "[::1]:8080",
        ] {
            let headers = HeaderMap::from_iter([(HOST, value.parse().unwrap())]);
            assert_eq!(host_header(&headers), Ok(Some(value)));
        }
    }

    #[test]
    fn everything_else_is_malformed() {
        for value in [
            "a, b", "a b", "user@a", "a@a", "@a", "a/b", "a?b", "a#b", ":80", "a:65536", "a:99999", "a:+1",
            "a:-1", "a:x", "a:1:2", "::1", "[::1", "[::1]x", "[::1]:x", "http://a", "a\\b", "ä",
        ] {
            let headers =
                HeaderMap::from_iter([(HOST, http::HeaderValue::from_bytes(value.as_bytes()).unwrap())]);
            assert_eq!(host_header(&headers), Err(InvalidHost::Malformed), "{value:?}");
        }
    }

    #[test]
    fn repeated_hosts_are_refused_even_if_they_are_equal() {
        let headers = HeaderMap::from_iter([(HOST, "a".parse().unwrap()), (HOST, "a".parse().unwrap())]);
        assert_eq!(host_header(&headers), Err(InvalidHost::Repeated));
    }
}
