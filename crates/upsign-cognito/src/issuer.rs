//! Whose tokens are believed, and where their keys are.

use upsign_core::{Endpoint, InvalidEndpoint, Scheme};

use crate::UserPool;

/// Whose tokens are believed: the exact texts of `iss`, and the address of the key set.
///
/// The address is never taken from a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    names: Box<[Box<str>]>,
    jwks_uri: Box<str>,
}

/// Why an issuer or the address of its keys cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIssuer {
    /// Not a URL this crate would use.
    #[error("the issuer is not a usable URL")]
    Issuer(#[source] InvalidEndpoint),
    /// Not a URL this crate would fetch.
    #[error("the address of the key set is not a usable URL")]
    JwksUri(#[source] InvalidEndpoint),
    /// `http`, where the keys could be replaced on the way.
    #[error("an issuer and its key set are reached by https")]
    Http,
    /// `http` to another machine.
    #[error("http is only for an issuer on this machine (localhost, 127.0.0.0/8, [::1])")]
    NotLoopback,
}

impl TrustedIssuer {
    /// A Cognito user pool, in both of its issuer forms. Keys come from [`UserPool::jwks_uri`].
    #[must_use]
    pub fn user_pool(pool: &UserPool) -> Self {
        Self { names: pool.issuers().map(Into::into).into(), jwks_uri: pool.jwks_uri().into() }
    }

    /// A user pool replicated over regions: the same issuers, keys from [`UserPool::replicated_jwks_uri`].
    #[must_use]
    pub fn replicated_user_pool(pool: &UserPool) -> Self {
        Self { jwks_uri: pool.replicated_jwks_uri().into(), ..Self::user_pool(pool) }
    }

    /// Another issuer of Cognito-shaped tokens: `iss` verbatim, and where its keys are.
    ///
    /// # Errors
    /// [`InvalidIssuer`] unless both are `https` URLs without user name, query and fragment.
    pub fn other(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        let (name, keys) = Self::parse(issuer, jwks_uri)?;
        if name.scheme() != Scheme::Https || keys.scheme() != Scheme::Https {
            return Err(InvalidIssuer::Http);
        }
        Ok(Self::exactly(issuer, &keys))
    }

    /// An issuer on this machine whose keys are fetched without TLS: an emulator or the embedded user pool.
    ///
    /// **Dangerous**: whoever owns the port owns every identity. Never for anything but development and tests.
    ///
    /// # Errors
    /// [`InvalidIssuer`] unless the key set is at an `http` URL whose host is this machine, and the issuer is an
    /// `http` URL on this machine or any `https` URL (emulators issue in the name of AWS).
    pub fn danger_http(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        let (name, keys) = Self::parse(issuer, jwks_uri)?;
        if !keys.is_loopback() || (name.scheme() != Scheme::Https && !name.is_loopback()) {
            return Err(InvalidIssuer::NotLoopback);
        }
        Ok(Self::exactly(issuer, &keys))
    }

    /// The texts of `iss` that are accepted, the preferred one first.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Where the key set is.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    pub(crate) fn is_named(&self, iss: &str) -> bool {
        self.names.iter().any(|name| name.as_ref() == iss)
    }

    fn exactly(issuer: &str, keys: &Endpoint) -> Self {
        Self { names: [issuer.into()].into(), jwks_uri: keys.to_string().into() }
    }

    fn parse(issuer: &str, jwks_uri: &str) -> Result<(Endpoint, Endpoint), InvalidIssuer> {
        let name = issuer.parse().map_err(InvalidIssuer::Issuer)?;
        let keys = jwks_uri.parse().map_err(InvalidIssuer::JwksUri)?;
        Ok((name, keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine() {
        let other = TrustedIssuer::other;
        let danger = TrustedIssuer::danger_http;
        let (https, http) = ("https://id.example.com/t", "http://id.example.com/t");
        let (local, local_keys) = ("http://127.0.0.1:9229/pool", "http://127.0.0.1:9229/pool/keys");
        assert!(other(https, https).is_ok());
        assert_eq!(other(http, https), Err(InvalidIssuer::Http));
        assert_eq!(other(https, http), Err(InvalidIssuer::Http));
        assert_eq!(other(local, local_keys), Err(InvalidIssuer::Http));
        assert!(danger(local, local_keys).is_ok());
        assert!(danger("http://localhost:1", "http://[::1]:1/keys").is_ok());
        assert!(danger("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_a", local_keys).is_ok());
        assert_eq!(danger(http, local_keys), Err(InvalidIssuer::NotLoopback));
        assert_eq!(danger(local, http), Err(InvalidIssuer::NotLoopback));
        assert_eq!(danger(local, https), Err(InvalidIssuer::NotLoopback));
        for trick in ["http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/", "http://2130706433/"]
        {
            assert!(danger(local, trick).is_err(), "{trick}");
        }
    }

    #[test]
    fn the_name_is_kept_verbatim() {
        let issuer = TrustedIssuer::other("https://ID.example.com/", "https://id.example.com/keys").unwrap();
        assert_eq!(issuer.names().collect::<Vec<_>>(), ["https://ID.example.com/"]);
        assert!(issuer.is_named("https://ID.example.com/") && !issuer.is_named("https://id.example.com"));
    }
}
