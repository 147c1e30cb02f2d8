//! Kinds of token.

use std::fmt;
use std::str::FromStr;

/// Which kinds of token are accepted.
///
/// There is no default. An API that accepts id tokens by accident treats a user profile as an authorization, and one that
/// accepts access tokens by accident trusts claims that every app client can request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// Access tokens. [`VerifierConfig`](crate::VerifierConfig) describes by what they are recognized.
    Access,
    /// Id tokens.
    Id,
    /// Both kinds, each checked by its own rule.
    Any,
}

/// The kind of one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// An access token.
    Access,
    /// An id token.
    Id,
}

/// The text is not the name of a [`TokenUse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token use is `access`, `id` or `any`")]
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

upsign_core::text_type!(@borrowed TokenUse);

impl TokenUse {
    /// Returns `access`, `id` or `any`.
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
    /// Returns `access` or `id`, the values of the claim `token_use`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }

    pub(crate) fn from_claim(token_use: &str) -> Option<Self> {
        [Self::Access, Self::Id].into_iter().find(|kind| kind.as_str() == token_use)
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
