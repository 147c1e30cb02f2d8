//! The check of the `Host` header.

use axum::http::{HeaderMap, Uri, header};

/// Returns the host name of a request in lowercase and without its port, if it names this machine and `port`.
///
/// The accepted names are `127.0.0.1`, `[::1]`, `localhost` and names under `.localhost`, which RFC 6761 section 6.3
/// reserves for the loopback interface. A request with another name was sent to a DNS record that points at 127.0.0.1.
/// A malicious web page reaches local servers in this way (DNS rebinding), so callers must answer 421.
pub(crate) fn accepted_host(headers: &HeaderMap, uri: &Uri, port: u16) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?,
        (None, _) => uri.authority()?.as_str(),
        (Some(_), Some(_)) => return None,
    };
    let (name, host_port) = match host.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => (name, digits.parse().ok()?),
        _ => (host, 80),
    };
    let name = name.to_ascii_lowercase();
    let is_local =
        matches!(name.as_str(), "127.0.0.1" | "[::1]" | "localhost") || name.ends_with(".localhost");
    (is_local && host_port == port).then_some(name)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(host: &'static str, port: u16, expected: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        assert_eq!(accepted_host(&headers, &Uri::from_static("/"), port).as_deref(), expected, "{host}");
    }

    #[test]
    fn loopback_names_are_accepted() {
        check("127.0.0.1:9000", 9000, Some("127.0.0.1"));
        check("localhost:9000", 9000, Some("localhost"));
        check("LocalHost:9000", 9000, Some("localhost"));
        check("bucket.s3.localhost:9000", 9000, Some("bucket.s3.localhost"));
        check("[::1]:9000", 9000, Some("[::1]"));
        check("[::1]", 80, Some("[::1]"));
        check("localhost", 80, Some("localhost"));
    }

    #[test]
    fn other_names_and_ports_are_rejected() {
        for host in [
            "evil.example:9000",
            "localhost.evil.example:9000",
            "evillocalhost:9000",
            "127.0.0.1.evil.example:9000",
            "127.0.0.1:9001",
            "127.0.0.1",
            "127.0.0.2:9000",
            "localhost:",
            "",
        ] {
            check(host, 9000, None);
        }
        // Two `Host` headers are ambiguous, even if they are equal.
        let mut twice = HeaderMap::new();
        twice.append(header::HOST, HeaderValue::from_static("localhost:9000"));
        twice.append(header::HOST, HeaderValue::from_static("localhost:9000"));
        assert_eq!(accepted_host(&twice, &Uri::from_static("/"), 9000), None);
    }
}
