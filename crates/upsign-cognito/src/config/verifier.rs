//! The requirements that a token must meet.

use crate::config::issuer::TrustedIssuer;
use crate::config::token_use::TokenUse;
use crate::config::user_pool::{InvalidUserPool, UserPool};
use crate::crypto::algorithm::{Algorithm, Backend};

/// The requirements that a token must meet. Issuer, client ids and token use have no defaults.
///
/// ```
/// use upsign_cognito::{TokenUse, VerifierConfig};
/// let config = VerifierConfig::user_pool("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?
///     .with_leeway(30)
///     .with_required_groups(["uploaders"])?;
/// # Ok::<(), upsign_cognito::InvalidVerifierConfig>(())
/// ```
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    pub(crate) issuer: TrustedIssuer,
    pub(crate) client_ids: Box<[Box<str>]>,
    pub(crate) token_use: TokenUse,
    pub(crate) leeway: u32,
    pub(crate) required_groups: Option<Box<[Box<str>]>>,
    pub(crate) required_scopes: Option<Box<[Box<str>]>>,
    pub(crate) identity_claims: Box<[Box<str>]>,
    pub(crate) algorithms: Box<[Algorithm]>,
    pub(crate) backend: Backend,
}

/// The reason a configuration is refused: it would accept every caller or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifierConfig {
    /// There is no client id, or one is empty.
    #[error("at least one client id is required, and none may be empty")]
    ClientIds,
    /// The list of required groups is empty, which no caller can satisfy, or a group is empty.
    #[error("the required groups must be at least one, and none may be empty")]
    Groups,
    /// The list of required scopes is empty, which no token can satisfy, or a scope is empty.
    #[error("the required scopes must be at least one, and none may be empty")]
    Scopes,
    /// There is no algorithm.
    #[error("at least one algorithm is required")]
    Algorithms,
    /// The id of the user pool is not valid.
    #[error(transparent)]
    UserPool(#[from] InvalidUserPool),
}

impl VerifierConfig {
    /// Requires tokens of the kind `token_use` that `issuer` issued to one of `client_ids`.
    ///
    /// The defaults are: signed with RS256, the algorithm of Cognito; 60 s of leeway; no required group or scope.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::ClientIds`] if `client_ids` is empty or contains an empty id.
    pub fn new<S: AsRef<str>>(
        issuer: TrustedIssuer,
        client_ids: impl IntoIterator<Item = S>,
        token_use: TokenUse,
    ) -> Result<Self, InvalidVerifierConfig> {
        Ok(Self {
            issuer,
            client_ids: non_empty(client_ids).ok_or(InvalidVerifierConfig::ClientIds)?,
            token_use,
            leeway: 60,
            required_groups: None,
            required_scopes: None,
            identity_claims: Box::default(),
            algorithms: [Algorithm::Rs256].into(),
            backend: Backend::default(),
        })
    }

    /// Requires tokens of the kind `token_use` that the Cognito user pool with this id issued to one of `client_ids`.
    ///
    /// The tokens of a pool name it in one of two forms ([`UserPool::issuers`]); both are accepted as one issuer.
    ///
    /// The defaults are those of [`new`](Self::new).
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::UserPool`] if `pool` is not the id of a user pool, and
    /// [`InvalidVerifierConfig::ClientIds`] if `client_ids` is empty or contains an empty id.
    pub fn user_pool<S: AsRef<str>>(
        pool: &str,
        client_ids: impl IntoIterator<Item = S>,
        token_use: TokenUse,
    ) -> Result<Self, InvalidVerifierConfig> {
        let pool: UserPool = pool.parse()?;
        Self::new(TrustedIssuer::user_pool(&pool), client_ids, token_use)
    }

    /// Replaces the issuer. All other requirements stay, so that a configuration for production can be tried with an issuer for
    /// tests.
    ///
    /// ```
    /// use upsign_cognito::{TokenUse, TrustedIssuer, VerifierConfig};
    /// let config = VerifierConfig::user_pool("us-east-1_AbCdEf", ["my-client-id"], TokenUse::Access)?
    ///     .with_required_groups(["uploaders"])?;
    /// let issuer = "http://127.0.0.1:9229/local_Pool";
    /// let config = config.with_issuer(TrustedIssuer::danger_http(issuer, &format!("{issuer}/.well-known/jwks.json"))?);
    /// assert_eq!(config.issuer().names().next(), Some(issuer));
    /// assert_eq!(config.required_groups(), Some(["uploaders".into()].as_slice()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_issuer(mut self, issuer: TrustedIssuer) -> Self {
        self.issuer = issuer;
        self
    }

    /// Sets by how many seconds the clocks of this host and of the issuer may differ. Default: 60.
    ///
    /// A token is accepted this long before `nbf` and `iat`, and this long after `exp`.
    #[must_use]
    pub const fn with_leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Requires that the caller is in at least one of these groups.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Groups`] if `groups` is empty or contains an empty name.
    pub fn with_required_groups<S: AsRef<str>>(
        mut self,
        groups: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_groups = Some(non_empty(groups).ok_or(InvalidVerifierConfig::Groups)?);
        Ok(self)
    }

    /// Requires that the token has at least one of these scopes.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Scopes`] if `scopes` is empty or contains an empty name.
    pub fn with_required_scopes<S: AsRef<str>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_scopes = Some(non_empty(scopes).ok_or(InvalidVerifierConfig::Scopes)?);
        Ok(self)
    }

    /// Copies these claims into the identity of the caller, where a token has them as strings. Key templates refer to them
    /// as `{claim:…}`.
    ///
    /// Cognito puts the attributes of a user (`custom:tenant`) into id tokens. An access token has them only if a
    /// pre-token-generation trigger adds them.
    #[must_use]
    pub fn with_identity_claims<S: AsRef<str>>(mut self, claims: impl IntoIterator<Item = S>) -> Self {
        self.identity_claims = claims.into_iter().map(|claim| claim.as_ref().into()).collect();
        self
    }

    /// Replaces the allowed algorithms. Default: RS256.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::Algorithms`] if `algorithms` is empty.
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() { Err(InvalidVerifierConfig::Algorithms) } else { Ok(self) }
    }

    /// Sets the library that verifies signatures. Default: [`Backend::AwsLc`].
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Returns the issuer whose tokens are accepted.
    #[must_use]
    pub const fn issuer(&self) -> &TrustedIssuer {
        &self.issuer
    }

    /// Returns the app clients whose tokens are accepted.
    pub fn client_ids(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.client_ids.iter().map(AsRef::as_ref)
    }

    /// Returns the kinds of token that are accepted.
    #[must_use]
    pub const fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// Returns the groups of which a caller must be in at least one, or `None` if no group is required.
    #[must_use]
    pub fn required_groups(&self) -> Option<&[Box<str>]> {
        self.required_groups.as_deref()
    }

    /// Returns the scopes of which a token must have at least one, or `None` if no scope is required.
    #[must_use]
    pub fn required_scopes(&self) -> Option<&[Box<str>]> {
        self.required_scopes.as_deref()
    }

    /// Returns by how many seconds clocks may differ.
    #[must_use]
    pub const fn leeway(&self) -> u32 {
        self.leeway
    }
}

/// Returns the names, or `None` if there are none or one is empty.
fn non_empty<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Option<Box<[Box<str>]>> {
    let names: Box<[Box<str>]> = names.into_iter().map(|name| name.as_ref().into()).collect();
    (!names.is_empty() && names.iter().all(|name| !name.is_empty())).then_some(names)
}
