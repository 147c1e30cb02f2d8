//! The part of a public path that the API does not see, because something in front removes it.

use std::str::FromStr;
use std::sync::Arc;

use http::header::HeaderName;
use http::{Extensions, HeaderMap};

/// The part of the path that a proxy has removed. Traefik sets it, nginx and others can
/// (<https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/stripprefix/>).
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The longest prefix, in bytes.
const MAX: usize = 512;

/// The beginning of the path with which clients reach the API, and which the path of the request lacks: the stage of an API Gateway,
/// the mapping of its custom domain, or the path below which a router is nested.
///
/// Adapters put it into the extensions of the request that [`Api::handle`](crate::Api::handle) answers. Some dialects answer URLs of
/// the API, which begin with the header `X-Forwarded-Prefix`, which a proxy that removes a prefix sets, and with it.
///
/// It begins with a slash, has none at the end, and consists of ASCII letters, digits, `/` and `-._~%+@:`.
///
/// ```
/// use upsign_http::PublicPrefix;
///
/// let prefix: PublicPrefix = "/prod".parse()?;
/// assert!("prod".parse::<PublicPrefix>().is_err());
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(prefix);
/// # Ok::<(), upsign_http::InvalidPublicPrefix>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicPrefix(Arc<str>);

/// A text is not a [`PublicPrefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error(
    "expected a path such as /prod, of at most 512 letters, digits and characters of /-._~%+@: and without a slash at the end"
)]
pub struct InvalidPublicPrefix;

impl PublicPrefix {
    /// Returns the prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns all that was removed from the path of a request, first by the proxy and then in front of the adapter, or an empty text.
    ///
    /// A client can send the header itself. Like `Host`, it then changes only the URLs in its own answer.
    pub(crate) fn all(extensions: &Extensions, headers: &HeaderMap) -> String {
        let forwarded = headers.get(&FORWARDED_PREFIX).and_then(|value| value.to_str().ok());
        let forwarded = forwarded.and_then(|prefix| prefix.trim_end_matches('/').parse::<Self>().ok());
        let prefixes = [forwarded.as_ref(), extensions.get()];
        prefixes.into_iter().flatten().map(Self::as_str).collect()
    }
}

impl FromStr for PublicPrefix {
    type Err = InvalidPublicPrefix;

    fn from_str(prefix: &str) -> Result<Self, InvalidPublicPrefix> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%+@:".contains(&byte);
        let is_path = prefix.starts_with('/') && !prefix.ends_with('/') && prefix.len() <= MAX;
        match is_path && prefix.bytes().all(is_plain) {
            true => Ok(Self(prefix.into())),
            false => Err(InvalidPublicPrefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefix_is_that_of_the_proxy_and_that_of_the_adapter() {
        for (adapter, header, expected) in [
            (None, None, ""),
            (Some("/prod"), None, "/prod"),
            (Some("/prod"), Some("/api"), "/api/prod"),
            (None, Some("/api"), "/api"),
            (None, Some("/api/v1/"), "/api/v1"),
            (None, Some("/"), ""),
            (None, Some("api"), ""),
            (None, Some("/api?x="), ""),
            (None, Some("/a, /b"), ""),
            (Some("/prod"), Some("/a#"), "/prod"),
        ] {
            let (mut extensions, mut headers) = (Extensions::new(), HeaderMap::new());
            adapter.map(|prefix| extensions.insert(prefix.parse::<PublicPrefix>().unwrap()));
            header.map(|prefix| headers.insert(FORWARDED_PREFIX, prefix.parse().unwrap()));
            assert_eq!(PublicPrefix::all(&extensions, &headers), expected, "{adapter:?} {header:?}");
        }
        assert!(format!("/{}", "a".repeat(MAX)).parse::<PublicPrefix>().is_err());
    }
}
