//! What a browser asks for before it sends a request.

use crate::evidence::Sent;
use crate::preflight::is_safelisted;

/// What a preflight asks for.
pub(super) struct Asked<'a> {
    pub(super) origin: Option<&'a str>,
    pub(super) method: &'a str,
    /// Names in lower case.
    pub(super) headers: Vec<String>,
}

/// Returns what the headers of a preflight ask for.
pub(super) fn asked_by(preflight: &Sent) -> Asked<'_> {
    let header = |name: &str| preflight.request.header(name);
    let headers = header("access-control-request-headers").unwrap_or_default();
    let headers = headers.split(',').map(|name| name.trim().to_ascii_lowercase());
    Asked {
        origin: header("origin"),
        method: header("access-control-request-method").unwrap_or("PUT"),
        headers: headers.filter(|name| !name.is_empty()).collect(),
    }
}

/// Returns what a browser would ask for before it sends a request.
pub(super) fn asked_for(upload: &Sent) -> Asked<'_> {
    let headers = upload.request.headers.iter().filter(|(name, value)| needs_permission(name, value));
    let mut headers: Vec<String> = headers.map(|(name, _)| name.to_string()).collect();
    headers.sort_unstable();
    Asked { origin: upload.origin(), method: &upload.request.method, headers }
}

/// Headers that browsers write themselves, or that every page may set.
const OF_BROWSERS: [&str; 18] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "cache-control",
    "connection",
    "content-language",
    "content-length",
    "cookie",
    "dnt",
    "host",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "user-agent",
];

/// Returns whether a page that sets a header needs permission for it. Headers that browsers write themselves need none.
///
/// Source: <https://fetch.spec.whatwg.org/#cors-safelisted-request-header> and `#forbidden-request-header`.
fn needs_permission(name: &str, value: &str) -> bool {
    let is_of_browser = OF_BROWSERS.contains(&name) || name.starts_with("sec-") || name.starts_with("proxy-");
    !(is_of_browser || is_safelisted(name, value))
}
