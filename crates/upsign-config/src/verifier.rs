//! The verifier of the tokens that `[auth]` accepts.

use std::sync::Arc;

use upsign_cognito::{FetchKeys, HttpFetch, InvalidVerifiers, Verifier, Verifiers, VerifyToken};

use crate::auth::{Auth, AuthIssuer, ReadKeysError};

/// The verifier of the tokens of one issuer, whose keys are in the configuration, in a file, or fetched.
pub type IssuerVerifier = Verifier<Box<dyn FetchKeys>>;

/// The reason why the verifier of `[auth]` cannot be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateVerifierError {
    /// The keys of `auth.jwks_file` or `auth.jwks` cannot be used.
    #[error(transparent)]
    Keys(#[from] ReadKeysError),
    /// There is no issuer, because a gateway identifies the callers, or two issuers have the same `iss`.
    #[error(transparent)]
    Issuers(#[from] InvalidVerifiers),
}

impl Auth {
    /// Creates the verifier of the tokens of every issuer.
    ///
    /// Keys in a file are read now. Others are fetched by [`http_fetch`](Self::http_fetch) when the first token needs them.
    ///
    /// `each` receives the verifier of each issuer and returns it with what the program adds: an observer of key fetches, a
    /// cache of tokens, or `with_blocking_refresh` in a Lambda function.
    ///
    /// ```
    /// use upsign_config::Config;
    /// use upsign_core::error_chain;
    ///
    /// # fn example(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    /// let auth = config.auth().ok_or("upsign.toml has no [auth]")?;
    /// let verifier = auth.verifier(|issuer, verifier| {
    ///     let name = issuer.name.clone();
    ///     verifier.with_keys_observer(move |status| {
    ///         if let Some(error) = status.error() {
    ///             eprintln!("jwks refresh failed issuer={name:?} error={}", error_chain(&error));
    ///         }
    ///     })
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Returns [`CreateVerifierError`] if the keys of a file or of the configuration cannot be used, or if there is no issuer.
    pub fn verifier(
        &self,
        mut each: impl FnMut(&AuthIssuer, IssuerVerifier) -> IssuerVerifier,
    ) -> Result<Arc<dyn VerifyToken>, CreateVerifierError> {
        let verifiers = self.issuers.iter().map(|issuer| {
            let keys = issuer.fetch_keys(self.http_fetch(issuer))?;
            Ok(each(issuer, Verifier::new(issuer.verifier.clone(), keys)))
        });
        let mut verifiers = verifiers.collect::<Result<Vec<_>, ReadKeysError>>()?;
        // The verifier of a single issuer need not read the issuer of a token first.
        match verifiers.pop() {
            Some(only) if verifiers.is_empty() => Ok(Arc::new(only)),
            last => Ok(Arc::new(Verifiers::new(verifiers.into_iter().chain(last))?)),
        }
    }

    /// Returns what fetches the keys of an issuer: within `auth.fetch_timeout`, over the proxy that the environment names
    /// ([`HttpFetch::with_environment_proxy`]), and over `http` if `auth.danger_http_keys` allows it.
    #[must_use]
    pub fn http_fetch(&self, issuer: &AuthIssuer) -> HttpFetch {
        let fetch = HttpFetch::new().with_timeout(self.fetch_timeout).with_environment_proxy();
        if issuer.allows_http_keys { fetch.danger_accept_http() } else { fetch }
    }
}
