//! `X-Forwarded-For`, one header value per line: an untrusted peer is always the client itself, and entries before the one that
//! the trusted proxy added never count.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue};
use upsign_axum::TrustedProxies;

use crate::within_time_limit;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

static PROXIES: LazyLock<TrustedProxies> =
    LazyLock::new(|| TrustedProxies::new(["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap())));

pub(super) fn run(text: &str) {
    let mut headers = HeaderMap::new();
    for line in text.lines().take(64) {
        if let Ok(value) = HeaderValue::from_str(line) {
            headers.append("x-forwarded-for", value);
        }
    }
    assert_eq!(within_time_limit(|| PROXIES.client(CLIENT, &headers)), CLIENT);
    within_time_limit(|| PROXIES.client(PROXY, &headers));
    headers.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    assert_eq!(within_time_limit(|| PROXIES.client(PROXY, &headers)), CLIENT);
}
