//! The discovery document of an OpenID Connect issuer, of which only the address of the key set is used.

use upsign_core::{Endpoint, InvalidEndpoint, Scheme};
use upsign_json::{InvalidJson, Json, Limits, read_object};

use crate::config::issuer::TrustedIssuer;
use crate::excerpt::Excerpt;
use crate::keys::key_set::KeySet;

/// The reason a discovery document does not say where the key set is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDiscovery {
    /// The document is not a JSON object, or not a strict one.
    #[error("the document is not a JSON object")]
    Json(#[source] InvalidJson),
    /// The document is that of another issuer. OpenID Connect Discovery 1.0, section 4.3, requires that both are equal.
    #[error("the document is of the issuer {found}, expected exactly {expected}")]
    Issuer {
        /// The `issuer` of the document; empty if it is absent or not a text.
        found: Excerpt,
        /// The configured issuer.
        expected: Box<str>,
    },
    /// The document has no `jwks_uri`.
    #[error("the document has no `jwks_uri`")]
    NoJwksUri,
    /// The `jwks_uri` is not a URL without user name, query and fragment.
    #[error("the `jwks_uri` {found} is not a usable URL")]
    JwksUri {
        /// The `jwks_uri` of the document.
        found: Excerpt,
        /// The reason.
        source: InvalidEndpoint,
    },
    /// The `jwks_uri` is not https.
    #[error("the `jwks_uri` {found} is not https")]
    Http {
        /// The `jwks_uri` of the document.
        found: Excerpt,
    },
}

impl InvalidDiscovery {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "discovery-not-json",
            Self::Issuer { .. } => "discovery-issuer",
            Self::NoJwksUri => "discovery-without-jwks-uri",
            Self::JwksUri { .. } => "discovery-jwks-uri",
            Self::Http { .. } => "discovery-http",
        }
    }
}

/// The document of an issuer with many features is about 10 KiB. It has the limit of a key set.
const LIMITS: Limits = Limits::new(KeySet::MAX_BYTES, 16);

/// Returns the URL of the key set that a discovery document names.
pub(crate) fn jwks_uri(document: &[u8], issuer: &TrustedIssuer) -> Result<Box<str>, InvalidDiscovery> {
    let document = read_object(document, LIMITS).map_err(InvalidDiscovery::Json)?;
    let text = |name: &str| document.get(name).and_then(Json::as_str);
    let (found, expected) = (text("issuer").unwrap_or_default(), issuer.preferred_name());
    if found != expected {
        return Err(InvalidDiscovery::Issuer { found: Excerpt::new(found), expected: expected.into() });
    }
    let uri = text("jwks_uri").ok_or(InvalidDiscovery::NoJwksUri)?;
    let found = || Excerpt::new(uri);
    let endpoint: Endpoint =
        uri.parse().map_err(|source| InvalidDiscovery::JwksUri { found: found(), source })?;
    if endpoint.scheme() != Scheme::Https && !issuer.allows_http() {
        return Err(InvalidDiscovery::Http { found: found() });
    }
    Ok(uri.into())
}
