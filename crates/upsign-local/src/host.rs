//! Which `Host` a server on this machine answers to.

use axum::http::{HeaderMap, Uri, header};

/// The host name of a request, without its port, when it names this machine at `port`: `127.0.0.1`, `[::1]`,
/// `localhost` or a name under `.localhost`, which RFC 6761 section 6.3 keeps on the machine.
///
/// Any other name got here through a DNS record that points at 127.0.0.1, which is how a page from elsewhere reaches
/// servers of the machine that shows it (DNS rebinding).
pub(crate) fn own_host(headers: &HeaderMap, uri: &Uri, port: u16) -> Option<String> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?,
        (None, _) => uri.authority()?.as_str(),
        (Some(_), Some(_)) => return None,
    };
    let (name, given) = match host.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => (name, digits.parse().ok()?),
        _ => (host, 80),
    };
    let name = name.to_ascii_lowercase();
    let ours = matches!(name.as_str(), "127.0.0.1" | "[::1]" | "localhost") || name.ends_with(".localhost");
    (ours && given == port).then_some(name)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(host: &'static str, port: u16, name: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        assert_eq!(own_host(&headers, &Uri::from_static("/"), port).as_deref(), name, "{host}");
    }

    #[test]
    fn names_of_this_machine() {
        check("127.0.0.1:9000", 9000, Some("127.0.0.1"));
        check("localhost:9000", 9000, Some("localhost"));
        check("LocalHost:9000", 9000, Some("localhost"));
        check("bucket.s3.localhost:9000", 9000, Some("bucket.s3.localhost"));
        check("[::1]:9000", 9000, Some("[::1]"));
        check("[::1]", 80, Some("[::1]"));
        check("localhost", 80, Some("localhost"));
    }

    #[test]
    fn names_of_elsewhere() {
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
        let mut twice = HeaderMap::new();
        twice.append(header::HOST, HeaderValue::from_static("localhost:9000"));
        twice.append(header::HOST, HeaderValue::from_static("localhost:9000"));
        assert_eq!(own_host(&twice, &Uri::from_static("/"), 9000), None);
    }
}
