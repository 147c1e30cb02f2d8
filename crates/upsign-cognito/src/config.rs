//! What a verifier demands of a token.

use std::fmt;
use std::str::FromStr;

use crate::{Algorithm, Backend, TrustedIssuer};

/// Which kinds of Cognito token are accepted. There is no default: an id token at an API, or an access token where a
/// profile is expected, is a known confusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// Access tokens: `token_use` is `access`, `client_id` is ours.
    Access,
    /// Id tokens: `token_use` is `id`, `aud` is ours.
    Id,
    /// Both, each by its own rule.
    Any,
}

/// The kind of one token: its `token_use`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// An access token.
    Access,
    /// An id token.
    Id,
}

/// What a verifier demands of a token. Issuer, client ids and token use have no defaults.
///
/// ```
/// use upsign_cognito::{TokenUse, TrustedIssuer, UserPool, VerifierConfig};
/// let pool: UserPool = "us-east-1_AbCdEf".parse()?;
/// let config = VerifierConfig::new(TrustedIssuer::user_pool(&pool), ["my-client"], TokenUse::Access)?
///     .with_leeway(30)
///     .with_required_groups(["uploaders"])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
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

/// Why a configuration would let in everybody or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVerifierConfig {
    /// No client id, or an empty one.
    #[error("at least one client id is needed, and none may be empty")]
    ClientIds,
    /// A requirement that nothing can fulfil: no group, or an empty one.
    #[error("required groups are at least one, and none may be empty")]
    Groups,
    /// A requirement that nothing can fulfil: no scope, or an empty one.
    #[error("required scopes are at least one, and none may be empty")]
    Scopes,
    /// No algorithm.
    #[error("at least one algorithm is needed")]
    Algorithms,
}

impl VerifierConfig {
    /// Demands tokens of `issuer` made for one of `client_ids`, of the kind `token_use`: RS256, 60 s of leeway, no group
    /// or scope required.
    ///
    /// # Errors
    /// [`InvalidVerifierConfig::ClientIds`].
    pub fn new<S: AsRef<str>>(
        issuer: TrustedIssuer,
        client_ids: impl IntoIterator<Item = S>,
        token_use: TokenUse,
    ) -> Result<Self, InvalidVerifierConfig> {
        Ok(Self {
            issuer,
            client_ids: names(client_ids).ok_or(InvalidVerifierConfig::ClientIds)?,
            token_use,
            leeway: 60,
            required_groups: None,
            required_scopes: None,
            identity_claims: Box::default(),
            algorithms: [Algorithm::Rs256].into(),
            backend: Backend::default(),
        })
    }

    /// How many seconds clocks may differ: a token counts as valid that much longer and that much earlier.
    #[must_use]
    pub const fn with_leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Demands membership in at least one of these groups.
    ///
    /// # Errors
    /// [`InvalidVerifierConfig::Groups`].
    pub fn with_required_groups<S: AsRef<str>>(
        mut self,
        groups: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_groups = Some(names(groups).ok_or(InvalidVerifierConfig::Groups)?);
        Ok(self)
    }

    /// Demands at least one of these scopes.
    ///
    /// # Errors
    /// [`InvalidVerifierConfig::Scopes`].
    pub fn with_required_scopes<S: AsRef<str>>(
        mut self,
        scopes: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.required_scopes = Some(names(scopes).ok_or(InvalidVerifierConfig::Scopes)?);
        Ok(self)
    }

    /// Hands these claims on with the identity, where a token has them as text: what key templates name as `{claim:…}`.
    /// Cognito puts a user's own attributes (`custom:tenant`) into id tokens; an access token has them only where a
    /// pre-token-generation trigger adds them.
    #[must_use]
    pub fn with_identity_claims<S: AsRef<str>>(mut self, claims: impl IntoIterator<Item = S>) -> Self {
        self.identity_claims = claims.into_iter().map(|claim| claim.as_ref().into()).collect();
        self
    }

    /// Allows these algorithms instead of RS256 alone.
    ///
    /// # Errors
    /// [`InvalidVerifierConfig::Algorithms`].
    pub fn with_algorithms(
        mut self,
        algorithms: impl IntoIterator<Item = Algorithm>,
    ) -> Result<Self, InvalidVerifierConfig> {
        self.algorithms = algorithms.into_iter().collect();
        if self.algorithms.is_empty() { Err(InvalidVerifierConfig::Algorithms) } else { Ok(self) }
    }

    /// Lets `backend` check the signatures.
    #[must_use]
    pub const fn with_backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Whose tokens are believed.
    #[must_use]
    pub const fn issuer(&self) -> &TrustedIssuer {
        &self.issuer
    }

    /// The app clients whose tokens are accepted.
    pub fn client_ids(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.client_ids.iter().map(AsRef::as_ref)
    }

    /// Which kinds of token are accepted.
    #[must_use]
    pub const fn token_use(&self) -> TokenUse {
        self.token_use
    }

    /// How many seconds clocks may differ.
    #[must_use]
    pub const fn leeway(&self) -> u32 {
        self.leeway
    }
}

/// The text is none of `access`, `id` and `any`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token use is access, id or any")]
#[non_exhaustive]
pub struct InvalidTokenUse;

impl FromStr for TokenUse {
    type Err = InvalidTokenUse;

    fn from_str(name: &str) -> Result<Self, InvalidTokenUse> {
        match name {
            "access" => Ok(Self::Access),
            "id" => Ok(Self::Id),
            "any" => Ok(Self::Any),
            _ => Err(InvalidTokenUse),
        }
    }
}

impl TokenUse {
    /// `access`, `id` or `any`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
            Self::Any => "any",
        }
    }

    pub(crate) const fn allows(self, kind: TokenKind) -> bool {
        matches!((self, kind), (Self::Any, _) | (Self::Access, TokenKind::Access) | (Self::Id, TokenKind::Id))
    }
}

impl TokenKind {
    /// The value of `token_use`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }

    pub(crate) fn named(token_use: &str) -> Option<Self> {
        [Self::Access, Self::Id].into_iter().find(|kind| kind.as_str() == token_use)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The names, unless there is none or an empty one.
fn names<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Option<Box<[Box<str>]>> {
    let names: Box<[Box<str>]> = names.into_iter().map(|name| name.as_ref().into()).collect();
    (!names.is_empty() && names.iter().all(|name| !name.is_empty())).then_some(names)
}
