//! Request headers that only browsers set.

/// Returns whether browsers never let a page set a request header. `name` is in lowercase.
///
/// Source: <https://fetch.spec.whatwg.org/#forbidden-request-header>.
pub(crate) fn is_forbidden(name: &str) -> bool {
    FORBIDDEN.contains(&name) || name.starts_with("proxy-") || name.starts_with("sec-")
}

const FORBIDDEN: [&str; 20] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
