//! The caller's own token, which every call of the API carries.

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

/// Returns the caller's token (JWT). [`FixedToken`] implements it.
///
/// ```
/// use async_trait::async_trait;
/// use upsign_client::{TokenError, TokenSource};
/// use zeroize::Zeroizing;
///
/// /// Reads a file that another program renews.
/// #[derive(Debug)]
/// struct TokenFile(&'static str);
///
/// #[async_trait]
/// impl TokenSource for TokenFile {
///     async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
///         let text = std::fs::read_to_string(self.0);
///         text.map(Zeroizing::new).map_err(|error| TokenError::new(format!("cannot read {}: {error}", self.0)))
///     }
/// }
/// ```
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// Returns a token. It is called once at the beginning, and again after the API has answered 401, which it does when a token
    /// has expired.
    ///
    /// Implementations write `async fn token(&self) -> Result<Zeroizing<String>, TokenError>`.
    ///
    /// # Errors
    /// Returns [`TokenError`] if there is no token, for example because signing in failed. The upload fails.
    async fn token(&self) -> Result<Zeroizing<String>, TokenError>;
}

/// There is no token. The text says why, and contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenError(String);

impl TokenError {
    /// Creates the error.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A token that does not change.
#[derive(Clone)]
pub struct FixedToken(Zeroizing<String>);

impl FixedToken {
    /// Creates a source of this token.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(Zeroizing::new(token.into()))
    }
}

impl fmt::Debug for FixedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FixedToken([redacted])")
    }
}

#[async_trait]
impl TokenSource for FixedToken {
    async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
        Ok(self.0.clone())
    }
}

#[async_trait]
impl<T: TokenSource + ?Sized> TokenSource for Box<T> {
    async fn token(&self) -> Result<Zeroizing<String>, TokenError> {
        (**self).token().await
    }
}
