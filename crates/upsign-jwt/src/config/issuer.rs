//! Issuers of tokens, and the addresses of their keys.

use upsign_core::{Endpoint, InvalidEndpoint, Scheme};

/// An issuer whose tokens are accepted: the exact values of `iss`, and where its key set (JWKS) is.
///
/// Both always come from the configuration. A token cannot change them: `iss` is only compared, and header parameters such as
/// `jku` are ignored.
///
/// | the key set is | constructor |
/// | --- | --- |
/// | where the issuer's discovery document says | [`discover`](Self::discover) |
/// | at a known URL | [`custom`](Self::custom) |
/// | in memory | either, with [`Verifier::with_static_keys`](crate::Verifier::with_static_keys) |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    names: Box<[Box<str>]>,
    keys: KeySource,
    allows_http: bool,
}

/// Where the key set of an issuer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// The URL of the key set.
    KeySet(Box<str>),
    /// The URL of the discovery document, which names that of the key set.
    Discovery(Box<str>),
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
    /// Accepts an issuer whose tokens name it in one of several ways, and whose keys are at `jwks_uri`. The first name is the
    /// preferred one, which messages show.
    ///
    /// Nothing is checked: this is for URLs that the program forms itself, such as those of an Amazon Cognito user pool. Use
    /// [`custom`](Self::custom) for URLs from a configuration.
    #[must_use]
    pub fn from_known_urls<S: AsRef<str>>(names: impl IntoIterator<Item = S>, jwks_uri: &str) -> Self {
        Self {
            names: names.into_iter().map(|name| name.as_ref().into()).collect(),
            keys: KeySource::KeySet(jwks_uri.into()),
            allows_http: false,
        }
    }

    /// Accepts an OpenID Connect issuer, whose discovery document says where its keys are.
    ///
    /// The document is at `issuer` with `/.well-known/openid-configuration` appended. It is fetched before each fetch of the
    /// key set, within the same limits. Its `issuer` must equal this one byte for byte, and its `jwks_uri` must be https.
    ///
    /// Source: OpenID Connect Discovery 1.0, sections 4 and 4.3.
    ///
    /// ```
    /// use upsign_jwt::TrustedIssuer;
    /// let issuer = TrustedIssuer::discover("https://example.eu.auth0.com/")?;
    /// assert_eq!(issuer.jwks_uri(), "https://example.eu.auth0.com/.well-known/openid-configuration");
    /// # Ok::<(), upsign_jwt::InvalidIssuer>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidIssuer`] if the issuer is not an `https` URL, or has a user name, query or fragment.
    pub fn discover(issuer: &str) -> Result<Self, InvalidIssuer> {
        let document = discovery_uri(issuer);
        Self::custom(issuer, &document)
            .map(|issuer| Self { keys: KeySource::Discovery(document.into()), ..issuer })
    }

    /// Accepts an issuer whose keys are at `jwks_uri`. `issuer` is compared with `iss` byte for byte.
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
        Ok(Self { allows_http: true, ..Self::with_exact_name(issuer, &keys) })
    }

    /// Accepts an OpenID Connect issuer on this machine whose discovery document and keys are fetched without TLS.
    ///
    /// **Dangerous**, as [`danger_http`](Self::danger_http) is. The `jwks_uri` of the document may be `http` as well, if its host
    /// is this machine.
    ///
    /// # Errors
    /// Returns [`InvalidIssuer`] in the cases that [`danger_http`](Self::danger_http) lists.
    pub fn danger_http_discover(issuer: &str) -> Result<Self, InvalidIssuer> {
        let document = discovery_uri(issuer);
        Self::danger_http(issuer, &document)
            .map(|issuer| Self { keys: KeySource::Discovery(document.into()), ..issuer })
    }

    /// Returns the accepted values of `iss`, the preferred one first.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Returns the URL of the key set, or of the discovery document if that says where the key set is.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        match &self.keys {
            KeySource::KeySet(uri) | KeySource::Discovery(uri) => uri,
        }
    }

    /// Returns whether the URL of the key set is read from the issuer's discovery document.
    #[must_use]
    pub const fn is_discovered(&self) -> bool {
        matches!(self.keys, KeySource::Discovery(_))
    }

    /// Returns whether keys may be fetched without TLS from this machine.
    pub(crate) const fn allows_http(&self) -> bool {
        self.allows_http
    }

    /// Returns the preferred value of `iss`, for messages.
    #[must_use]
    pub fn preferred_name(&self) -> &str {
        self.names.first().map_or("", AsRef::as_ref)
    }

    /// Returns whether `iss` names this issuer.
    #[must_use]
    pub fn is_issuer(&self, iss: &str) -> bool {
        self.names.iter().any(|name| name.as_ref() == iss)
    }

    fn with_exact_name(issuer: &str, keys: &Endpoint) -> Self {
        Self::from_known_urls([issuer], &keys.to_string())
    }

    fn parse(issuer: &str, jwks_uri: &str) -> Result<(Endpoint, Endpoint), InvalidIssuer> {
        let name = issuer.parse().map_err(InvalidIssuer::Issuer)?;
        let keys = jwks_uri.parse().map_err(InvalidIssuer::JwksUri)?;
        Ok((name, keys))
    }
}

/// Source: OpenID Connect Discovery 1.0, section 4: a slash at the end of the issuer is removed first.
fn discovery_uri(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
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

    #[test]
    fn address_of_the_discovery_document_follows_from_the_issuer() {
        for (issuer, document) in [
            ("https://accounts.google.com", "https://accounts.google.com/.well-known/openid-configuration"),
            ("https://t.eu.auth0.com/", "https://t.eu.auth0.com/.well-known/openid-configuration"),
            (
                "https://id.example.com/realms/r",
                "https://id.example.com/realms/r/.well-known/openid-configuration",
            ),
        ] {
            let trusted = TrustedIssuer::discover(issuer).unwrap();
            assert_eq!((trusted.preferred_name(), trusted.jwks_uri()), (issuer, document));
            assert!(trusted.is_discovered());
        }
        assert_eq!(TrustedIssuer::discover("http://id.example.com"), Err(InvalidIssuer::Http));
        assert_eq!(TrustedIssuer::discover("http://127.0.0.1:1"), Err(InvalidIssuer::Http));
        assert!(TrustedIssuer::danger_http_discover("http://127.0.0.1:1").is_ok());
        assert_eq!(
            TrustedIssuer::danger_http_discover("http://id.example.com"),
            Err(InvalidIssuer::NotLoopback)
        );
        for invalid in ["id.example.com", "https://id.example.com/?t=1", "https://user@id.example.com"] {
            assert!(TrustedIssuer::discover(invalid).is_err(), "{invalid}");
        }
    }
}
