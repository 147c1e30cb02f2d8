//! Finds the address of the client, also behind proxies.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::connect_info::MockConnectInfo;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use upsign_http::Problem;

use crate::respond::log_refusal;

/// The proxies whose `X-Forwarded-For` and `X-Request-Id` headers are trusted. By default there are none.
///
/// ```
/// use axum::http::HeaderMap;
/// use upsign_axum::TrustedProxies;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let proxies = TrustedProxies::new(["10.0.0.0/8".parse()?]);
/// let mut headers = HeaderMap::new();
/// // The client wrote the first address itself. The proxy appended the one from which it received the request.
/// headers.insert("x-forwarded-for", "192.0.2.1, 198.51.100.7".parse()?);
/// assert_eq!(proxies.client("10.0.0.1".parse()?, &headers).to_string(), "198.51.100.7");
/// // This peer is no proxy, so the header counts for nothing.
/// assert_eq!(proxies.client("203.0.113.9".parse()?, &headers).to_string(), "203.0.113.9");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Extracts the address of the client: the peer of the connection, or the client that trusted proxies report.
///
/// In a router that [`observe`](crate::observe()) wraps, its [`TrustedProxies`] count. Elsewhere no proxy is trusted, and
/// the address is that of the peer.
///
/// The address of the peer comes from [`ConnectInfo<SocketAddr>`](ConnectInfo), which [`Server`](crate::Server) adds to
/// every request. Under `axum::serve` the application asks for it; in tests, [`MockConnectInfo`] provides it:
///
/// ```no_run
/// use std::net::SocketAddr;
///
/// use axum::Router;
/// use axum::routing::get;
/// use upsign_axum::ClientAddress;
///
/// # async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
/// let app = Router::new().route("/address", get(|ClientAddress(address)| async move { address.to_string() }));
/// axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
/// # }
/// ```
///
/// Without it, the extractor rejects the request with [`MissingClientAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a newtype")]
pub struct ClientAddress(pub IpAddr);

/// The rejection of [`ClientAddress`]: the server does not provide the address of the peer.
///
/// It is answered with a 500 problem document (`internal`) and logged as an error that says what the application has to
/// add, up to 10 times per minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("{UNKNOWN_PEER}")]
pub struct MissingClientAddress;

/// The error message: the missing `ConnectInfo`, and two ways to provide it.
pub(crate) const UNKNOWN_PEER: &str = "the request has no ConnectInfo<SocketAddr>, so the address of the client is \
    unknown: serve the application with upsign_axum::Server, or pass \
    app.into_make_service_with_connect_info::<SocketAddr>() to axum::serve";

impl IntoResponse for MissingClientAddress {
    fn into_response(self) -> Response {
        let problem = Problem::internal();
        log_refusal(&problem, &self.to_string());
        problem.response().map(Body::from)
    }
}

/// Returns the address at the other end of the connection, if the server or a test provides it.
///
/// The order is that of axum's own extractor: a real address counts before that of a test.
pub(crate) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let mock = || extensions.get().map(|MockConnectInfo(peer): &MockConnectInfo<SocketAddr>| *peer);
    let peer = extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer).or_else(mock)?;
    Some(peer.ip().to_canonical())
}

impl TrustedProxies {
    /// Trusts every proxy whose address is in one of `networks`.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the address of the client behind `peer`.
    ///
    /// Each proxy appends to `X-Forwarded-For` the address from which it received the request. The header is therefore read
    /// from its end: an entry counts only if the address after it (at first, `peer`) is trusted. The search stops at the
    /// first untrusted address, so it never reaches entries that the client wrote itself, which come earlier in the header.
    /// It also stops at an entry that is not an address.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        let mut entries =
            values.iter().rev().flat_map(|value| value.to_str().unwrap_or_default().rsplit(',').map(address));
        while self.trusts(client) {
            let Some(Some(before)) = entries.next() else { break };
            client = before;
        }
        client
    }
}

/// Parses an address, with or without the port that some proxies add.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = MissingClientAddress;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, MissingClientAddress> {
        let observed = parts.extensions.get().copied();
        observed.or_else(|| peer(&parts.extensions).map(Self)).ok_or(MissingClientAddress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let trusted = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        assert_eq!(trusted.client(peer.parse().unwrap(), &headers), expected.parse::<IpAddr>().unwrap());
    }

    #[test]
    fn only_entries_of_trusted_proxies_count() {
        check("203.0.113.9", &[], "203.0.113.9");
        check("203.0.113.9", &["198.51.100.1"], "203.0.113.9");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("10.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1");
        check("10.0.0.1", &["6.6.6.6", "198.51.100.1, 10.2.3.4"], "198.51.100.1");
        check("10.0.0.1", &["198.51.100.1, nonsense"], "10.0.0.1");
        check("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2");
        check("::ffff:10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1");
        check("fd00::1", &["[2001:db8::1]:4711"], "2001:db8::1");
        check("fd00::1", &["[2001:db8::1]"], "2001:db8::1");
        check("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
    }
}
