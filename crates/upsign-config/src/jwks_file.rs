//! The keys of the issuer in a file.

use std::path::PathBuf;

use upsign_cognito::{FetchKeys, InvalidKeySet, StaticKeys, Verifier};

use crate::config::Auth;

/// The reason the file of `auth.jwks_file` cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadKeysError {
    /// The file cannot be read.
    #[error("cannot read {}, the value of auth.jwks_file", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is not a key set, or has no key for an algorithm of `auth.algorithms`.
    #[error("{}, the value of auth.jwks_file, cannot be used", path.display())]
    Invalid {
        /// The path.
        path: PathBuf,
        /// The reason.
        source: InvalidKeySet,
    },
}

impl Auth {
    /// Returns what a [`Verifier`] fetches keys with: the file `jwks_file`, which is read now, or else `fetcher`.
    ///
    /// # Errors
    /// Returns [`ReadKeysError`] if the file cannot be read, or has no key for the algorithms that the configuration accepts.
    pub fn fetch_keys(&self, fetcher: impl FetchKeys + 'static) -> Result<Box<dyn FetchKeys>, ReadKeysError> {
        let Some(path) = &self.jwks_file else { return Ok(Box::new(fetcher)) };
        let document =
            std::fs::read(path).map_err(|source| ReadKeysError::Unreadable { path: path.clone(), source })?;
        let invalid = |source| ReadKeysError::Invalid { path: path.clone(), source };
        // A verifier checks that the set has a key for the accepted algorithms; the fetcher alone would accept any.
        drop(Verifier::with_static_keys(self.verifier.clone(), document.clone()).map_err(invalid)?);
        StaticKeys::new(document).map(|keys| Box::new(keys) as Box<dyn FetchKeys>).map_err(invalid)
    }
}
