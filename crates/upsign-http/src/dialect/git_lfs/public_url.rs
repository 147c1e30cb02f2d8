//! The URL at which git-lfs reaches the service: `href` must be absolute.

use http::header::HeaderName;
use http::{HeaderMap, Uri};
use upsign_core::Presigner;

use crate::dialect::DialectCall;
use crate::dialect::git_lfs::LFS;
use crate::host::host_header;
use crate::public_prefix::PublicPrefix;

/// The scheme of the client's request, which proxies and load balancers add
/// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html>).
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl<P: Presigner> DialectCall<'_, P> {
    /// Returns the URL of another call of the same repository, or `None` if the request names no host.
    ///
    /// Host, scheme and prefix are those of the request, so only its own client can choose them, and its answer is not cached.
    pub(super) fn public_url(&self, repository: Option<&str>, name: &str) -> Option<String> {
        let repository = repository.map(|repository| format!("/{repository}")).unwrap_or_default();
        self.url_below_base(&format!("{repository}{LFS}{name}"))
    }

    /// Returns the URL at which the client reaches a path of the API, or `None` if the request names no host.
    pub(in crate::dialect) fn url_below_base(&self, path: &str) -> Option<String> {
        let origin = origin(self.request.uri(), self.request.headers())?;
        let prefix = PublicPrefix::all(self.request.extensions(), self.request.headers());
        Some(format!("{origin}{prefix}{}", self.api.paths.below_base(path)))
    }
}

/// Returns the origin at which the client reaches the service, or `None` if the request names no host.
fn origin(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let host = match uri.authority() {
        // HTTP/2 has no `Host` header.
        Some(authority) => authority.as_str(),
        None => host_header(headers).ok()?.filter(|host| !host.is_empty())?,
    };
    let forwarded = headers.get(&FORWARDED_PROTO).and_then(|value| value.to_str().ok());
    // Each proxy appends its own.
    let forwarded = forwarded.and_then(|value| value.split(',').next()).map(str::trim);
    let scheme = match forwarded.or_else(|| uri.scheme_str()) {
        Some("https") => "https",
        Some("http") => "http",
        _ if is_local(host) => "http",
        _ => "https",
    };
    Some(format!("{scheme}://{host}"))
}

/// Returns `true` for names and addresses of a machine or a private network, which have no certificate of a public authority.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(address) => return address.starts_with("::1]") || address.starts_with('f'),
        None => host.split(':').next().unwrap_or_default(),
    };
    match name.parse::<std::net::Ipv4Addr>() {
        Ok(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Err(_) => {
            !name.contains('.') || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use http::header::HOST;

    use super::*;

    #[test]
    fn origin_is_that_of_the_client() {
        let of = |uri: &str, host: Option<&str>, forwarded: Option<&str>| {
            let mut headers = HeaderMap::new();
            host.map(|host| headers.insert(HOST, host.parse().unwrap()));
            forwarded.map(|scheme| headers.insert(FORWARDED_PROTO, scheme.parse().unwrap()));
            origin(&uri.parse().unwrap(), &headers)
        };
        let cases = [
            ("/", Some("lfs.example.com"), None, Some("https://lfs.example.com")),
            ("/", Some("lfs.example.com"), Some("http"), Some("http://lfs.example.com")),
            ("/", Some("lfs.example.com:8443"), Some("https, http"), Some("https://lfs.example.com:8443")),
            ("/", Some("127.0.0.1:4000"), None, Some("http://127.0.0.1:4000")),
            ("/", Some("127.0.0.1:4000"), Some("https"), Some("https://127.0.0.1:4000")),
            ("/", Some("localhost:4000"), Some("gopher"), Some("http://localhost:4000")),
            ("/", Some("10.0.0.7"), None, Some("http://10.0.0.7")),
            ("/", Some("8.8.8.8"), None, Some("https://8.8.8.8")),
            ("/", Some("[::1]:80"), None, Some("http://[::1]:80")),
            ("/", Some("[2001:db8::1]"), None, Some("https://[2001:db8::1]")),
            ("/", Some("lfs.internal"), None, Some("http://lfs.internal")),
            ("https://lfs.example.com/x", None, None, Some("https://lfs.example.com")),
            ("/", None, None, None),
            ("/", Some(""), None, None),
            ("/", Some("a/b"), None, None),
        ];
        for (uri, host, forwarded, expected) in cases {
            assert_eq!(of(uri, host, forwarded).as_deref(), expected, "{uri} {host:?} {forwarded:?}");
        }
    }
}
