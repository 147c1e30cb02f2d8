//! Issuers of tokens, and the addresses of their keys.

use upsign_core::{Endpoint, InvalidEndpoint, Scheme};

use crate::config::user_pool::UserPool;

/// An issuer whose tokens are accepted: the exact values of `iss`, and the URL of its key set (JWKS).
///
/// The URL always comes from the configuration. A token cannot change it: `iss` is only compared, and header parameters such
/// as `jku` are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    names: Box<[Box<str>]>,
    jwks_uri: Box<str>,
}

/// The reason an issuer or the URL of its key set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidIssuer {
    /// The issuer is not a valid URL.
    #[error("the issuer is not a valid URL")]
    Issuer(#[source] InvalidEndpoint),
    /// The URL of the key set is not valid.
    #[error("the URL of the key set is not valid")]
    JwksUri(#[source] InvalidEndpoint),
    /// The issuer or the URL of the key set is `http`, so an attacker on the network could replace the keys.
    #[error("the issuer and the URL of its key set must be https")]
    Http,
    /// A URL is `http` and its host is not this machine.
    #[error("http is allowed only for an issuer on this machine (localhost, 127.0.0.0/8 or [::1])")]
    NotLoopback,
}

impl TrustedIssuer {
    /// Accepts a Cognito user pool in both forms of its issuer. Keys are fetched from [`UserPool::jwks_uri`].
    #[must_use]
    pub fn user_pool(pool: &UserPool) -> Self {
        Self { names: pool.issuers().map(Into::into).into(), jwks_uri: pool.jwks_uri().into() }
    }

    /// Accepts a user pool that is replicated over regions. The issuers are those of [`user_pool`](Self::user_pool); keys
    /// are fetched from [`UserPool::replicated_jwks_uri`].
    #[must_use]
    pub fn replicated_user_pool(pool: &UserPool) -> Self {
        Self { jwks_uri: pool.replicated_jwks_uri().into(), ..Self::user_pool(pool) }
    }

    /// Accepts another issuer of tokens with Cognito's claims. `issuer` is compared with `iss` byte for byte.
    ///
    /// # Errors
    /// Returns [`InvalidIssuer`] if the issuer or the URL of its key set is not an `https` URL, or has a user name, query or
    /// fragment.
    pub fn custom(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        let (name, keys) = Self::parse(issuer, jwks_uri)?;
        if name.scheme() != Scheme::Https || keys.scheme() != Scheme::Https {
            return Err(InvalidIssuer::Http);
        }
        Ok(Self::with_exact_name(issuer, &keys))
    }

    /// Accepts an issuer on this machine whose keys are fetched without TLS, such as an emulator of Cognito.
    ///
    /// **Dangerous**: any process that can bind the port can impersonate every user. For development and tests only.
    ///
    /// # Errors
    /// Returns [`InvalidIssuer::NotLoopback`] if the host of the key set is not this machine, or if the issuer is neither an
    /// `https` URL (emulators issue tokens in the name of AWS) nor an `http` URL on this machine. Returns other variants for
    /// invalid URLs.
    pub fn danger_http(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        let (name, keys) = Self::parse(issuer, jwks_uri)?;
        if !keys.is_loopback() || (name.scheme() != Scheme::Https && !name.is_loopback()) {
            return Err(InvalidIssuer::NotLoopback);
        }
        Ok(Self::with_exact_name(issuer, &keys))
    }

    /// Returns the accepted values of `iss`, the preferred one first.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Returns the URL of the key set.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// Returns the preferred value of `iss`, for messages.
    pub(crate) fn preferred_name(&self) -> &str {
        self.names.first().map_or("", AsRef::as_ref)
    }

    pub(crate) fn is_issuer(&self, iss: &str) -> bool {
        self.names.iter().any(|name| name.as_ref() == iss)
    }

    fn with_exact_name(issuer: &str, keys: &Endpoint) -> Self {
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
    fn http_is_accepted_only_for_this_machine() {
        let custom = TrustedIssuer::custom;
        let danger = TrustedIssuer::danger_http;
        let (https, http) = ("https://id.example.com/t", "http://id.example.com/t");
        let (local, local_keys) = ("http://127.0.0.1:9229/pool", "http://127.0.0.1:9229/pool/keys");
        assert!(custom(https, https).is_ok());
        assert_eq!(custom(http, https), Err(InvalidIssuer::Http));
        assert_eq!(custom(https, http), Err(InvalidIssuer::Http));
        assert_eq!(custom(local, local_keys), Err(InvalidIssuer::Http));
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
    fn custom_issuer_is_compared_verbatim() {
        let issuer = TrustedIssuer::custom("https://ID.example.com/", "https://id.example.com/keys").unwrap();
        assert_eq!(issuer.names().collect::<Vec<_>>(), ["https://ID.example.com/"]);
        assert!(issuer.is_issuer("https://ID.example.com/") && !issuer.is_issuer("https://id.example.com"));
    }
}
