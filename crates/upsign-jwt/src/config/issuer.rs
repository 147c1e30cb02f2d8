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
/// | in memory | [`offline`](Self::offline), with [`Verifier::with_static_keys`](crate::Verifier::with_static_keys) |
/// | at an address without TLS, for an emulator | [`danger_http_keys`](Self::danger_http_keys), [`danger_http_discovery`](Self::danger_http_discovery) |
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
    /// The key set is in memory.
    Offline,
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
    /// The URL of the key set, or of the discovery document that names it, is `http`, so an attacker on the network could
    /// replace the keys. The issuer itself can be `http`, because it is only compared.
    #[error("the URL of the key set or of the discovery document must be https")]
    Http,
}

impl TrustedIssuer {
    /// Accepts an issuer whose tokens name it in one of several ways, and whose keys are at `jwks_uri`. The first name is the
    /// preferred one, which messages show.
    ///
    /// Nothing is checked: this is for URLs that the program forms itself, such as those of an Amazon Cognito user pool. Use
    /// [`custom`](Self::custom) for URLs from a configuration.
    ///
    /// ```
    /// use upsign_jwt::TrustedIssuer;
    /// let names = ["https://id.example.com", "https://login.example.com"];
    /// let issuer = TrustedIssuer::from_known_urls(names, "https://id.example.com/keys");
    /// assert!(issuer.is_issuer("https://login.example.com"));
    /// ```
    #[must_use]
    pub fn from_known_urls<S: AsRef<str>>(names: impl IntoIterator<Item = S>, jwks_uri: &str) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().into()).collect();
        Self { names, keys: KeySource::KeySet(jwks_uri.into()), allows_http: false }
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
        Self::at_discovery(issuer, false)
    }

    /// Accepts an issuer whose keys are at `jwks_uri`. `issuer` is compared with `iss` byte for byte.
    ///
    /// The issuer can be `http`, because nothing is fetched from it: emulators often name themselves so. Its keys must be
    /// `https`.
    ///
    /// ```
    /// use upsign_jwt::{InvalidIssuer, TrustedIssuer};
    /// assert!(TrustedIssuer::custom("http://cognito:9229/local_x", "https://keys.example.com/local_x").is_ok());
    /// let without_tls = TrustedIssuer::custom("https://id.example.com", "http://id.example.com/keys");
    /// assert_eq!(without_tls, Err(InvalidIssuer::Http));
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidIssuer`] if the URL of the key set is not an `https` URL, or if it or the issuer is not a URL, or has a
    /// user name, query or fragment.
    pub fn custom(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        Self::at(issuer, jwks_uri, false)
    }

    /// Accepts an issuer whose keys are in memory, so that nothing is fetched. `issuer` is compared with `iss` byte for byte.
    ///
    /// ```
    /// use upsign_jwt::{TokenUse, TrustedIssuer, Verifier, VerifierConfig};
    /// # let issuer = upsign_testing::tokens::TestIssuer::custom("https://id.example.com");
    /// # let jwks = issuer.jwks();
    /// // `jwks` is the text of the key set, for example from a file.
    /// let trusted = TrustedIssuer::offline("http://id.internal/realms/main")?;
    /// let config = VerifierConfig::oidc(trusted, ["upload-api"], TokenUse::Access)?;
    /// let verifier = Verifier::with_static_keys(config, jwks)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// With any other fetcher than [`StaticKeys`](crate::StaticKeys), every fetch fails with
    /// [`FetchError::NoAddress`](crate::FetchError::NoAddress).
    ///
    /// # Errors
    /// Returns [`InvalidIssuer`] if the issuer is not a URL, or has a user name, query or fragment.
    pub fn offline(issuer: &str) -> Result<Self, InvalidIssuer> {
        issuer.parse::<Endpoint>().map_err(InvalidIssuer::Issuer)?;
        Ok(Self { names: [issuer.into()].into(), keys: KeySource::Offline, allows_http: false })
    }

    /// Accepts an issuer whose keys may be fetched without TLS, such as an emulator of Cognito on this machine, in a container
    /// network or on the host of a container.
    ///
    /// **Dangerous**: anyone on the network between this host and that of the keys, and any process that can bind its port, can
    /// replace the keys and so impersonate every user. For development and tests only. `HttpFetch` fetches over `http` from this
    /// machine; for other hosts it needs `HttpFetch::danger_accept_http`.
    ///
    /// ```
    /// use upsign_jwt::TrustedIssuer;
    /// let pool = "http://localhost.localstack.cloud:4566/us-east-1_abc";
    /// let issuer = TrustedIssuer::danger_http_keys(pool, &format!("{pool}/.well-known/jwks.json"))?;
    /// # Ok::<(), upsign_jwt::InvalidIssuer>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidIssuer::Issuer`] or [`InvalidIssuer::JwksUri`] if a URL is not valid, or has a user name, query or
    /// fragment.
    pub fn danger_http_keys(issuer: &str, jwks_uri: &str) -> Result<Self, InvalidIssuer> {
        Self::at(issuer, jwks_uri, true)
    }

    /// Accepts an OpenID Connect issuer whose discovery document and keys may be fetched without TLS.
    ///
    /// **Dangerous**, as [`danger_http_keys`](Self::danger_http_keys) is. The `jwks_uri` of the document may be `http` as well.
    ///
    /// ```
    /// use upsign_jwt::TrustedIssuer;
    /// let issuer = TrustedIssuer::danger_http_discovery("http://keycloak:8080/realms/main")?;
    /// assert_eq!(issuer.jwks_uri(), "http://keycloak:8080/realms/main/.well-known/openid-configuration");
    /// # Ok::<(), upsign_jwt::InvalidIssuer>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`InvalidIssuer::Issuer`] if the issuer is not a URL, or has a user name, query or fragment.
    pub fn danger_http_discovery(issuer: &str) -> Result<Self, InvalidIssuer> {
        Self::at_discovery(issuer, true)
    }

    /// Returns the accepted values of `iss`, the preferred one first.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Returns the URL of the key set, or of the discovery document if that says where the key set is. For an
    /// [offline](Self::offline) issuer, which has no such URL, returns the issuer itself.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        match &self.keys {
            KeySource::KeySet(uri) | KeySource::Discovery(uri) => uri,
            KeySource::Offline => self.preferred_name(),
        }
    }

    /// Returns whether the URL of the key set is read from the issuer's discovery document.
    #[must_use]
    pub const fn is_discovered(&self) -> bool {
        matches!(self.keys, KeySource::Discovery(_))
    }

    /// Returns whether the key set is in memory, and has no address.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self.keys, KeySource::Offline)
    }

    /// Returns whether the keys or the discovery document may be fetched without TLS. Only the constructors whose names begin with
    /// `danger` allow it.
    #[must_use]
    pub const fn allows_http(&self) -> bool {
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

    fn at(issuer: &str, jwks_uri: &str, allows_http: bool) -> Result<Self, InvalidIssuer> {
        issuer.parse::<Endpoint>().map_err(InvalidIssuer::Issuer)?;
        let keys: Endpoint = jwks_uri.parse().map_err(InvalidIssuer::JwksUri)?;
        if keys.scheme() != Scheme::Https && !allows_http {
            return Err(InvalidIssuer::Http);
        }
        Ok(Self { allows_http, ..Self::from_known_urls([issuer], &keys.to_string()) })
    }

    fn at_discovery(issuer: &str, allows_http: bool) -> Result<Self, InvalidIssuer> {
        let document = discovery_uri(issuer);
        let issuer = Self::at(issuer, &document, allows_http)?;
        Ok(Self { keys: KeySource::Discovery(document.into()), ..issuer })
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
    fn http_is_about_the_address_of_the_keys_and_not_about_the_issuer() {
        let (https, http) = ("https://id.example.com/t", "http://id.example.com/t");
        for issuer in [https, http, "http://127.0.0.1:9229/pool", "http://localhost.localstack.cloud:4566/p"]
        {
            let trusted = TrustedIssuer::custom(issuer, https).unwrap();
            assert!(trusted.is_issuer(issuer) && !trusted.allows_http());
            for keys in [http, "http://127.0.0.1:9229/keys", "http://[::1]:1/keys"] {
                assert_eq!(TrustedIssuer::custom(issuer, keys), Err(InvalidIssuer::Http), "{keys}");
            }
        }
    }

    #[test]
    fn keys_without_tls_are_accepted_from_any_host_with_the_dangerous_constructor_only() {
        for keys in [
            "http://127.0.0.1:9229/pool/keys",
            "http://localhost.localstack.cloud:4566/us-east-1_abc/.well-known/jwks.json",
            "http://cognito:9229/local_x/.well-known/jwks.json",
            "http://host.docker.internal:9229/local_x/.well-known/jwks.json",
            "https://id.example.com/keys",
        ] {
            for issuer in
                ["http://cognito:9229/local_x", "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_a"]
            {
                let trusted = TrustedIssuer::danger_http_keys(issuer, keys).unwrap();
                assert_eq!((trusted.preferred_name(), trusted.jwks_uri()), (issuer, keys));
                assert!(trusted.allows_http());
            }
        }
        for invalid in ["http://127.0.0.1@example.com/", "ftp://127.0.0.1/", "cognito:9229", "http://a/?b"] {
            let keys = TrustedIssuer::danger_http_keys("http://cognito:9229/x", invalid);
            assert!(matches!(keys, Err(InvalidIssuer::JwksUri(_))), "{invalid}");
            let issuer = TrustedIssuer::danger_http_keys(invalid, "http://cognito:9229/x");
            assert!(matches!(issuer, Err(InvalidIssuer::Issuer(_))), "{invalid}");
        }
    }

    #[test]
    fn offline_issuer_is_only_compared() {
        for name in ["https://id.example.com", "http://cognito:9229/local_x"] {
            let issuer = TrustedIssuer::offline(name).unwrap();
            assert!(issuer.is_offline() && issuer.is_issuer(name) && !issuer.is_discovered());
            assert!(!issuer.allows_http() && issuer.jwks_uri() == name);
        }
        assert!(matches!(TrustedIssuer::offline("id.example.com"), Err(InvalidIssuer::Issuer(_))));
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
        for local in ["http://127.0.0.1:1", "http://keycloak:8080/realms/r", "https://id.example.com"] {
            let trusted = TrustedIssuer::danger_http_discovery(local).unwrap();
            assert!(trusted.is_discovered() && trusted.allows_http());
        }
        for invalid in ["id.example.com", "https://id.example.com/?t=1", "https://user@id.example.com"] {
            assert!(TrustedIssuer::discover(invalid).is_err(), "{invalid}");
        }
    }
}
