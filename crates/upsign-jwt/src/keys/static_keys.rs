//! A key set that never changes.

use async_trait::async_trait;

use crate::crypto::algorithm::{Algorithm, Backend};
use crate::keys::fetch::{FetchError, FetchKeys, FetchedKeys};
use crate::keys::key_set::{InvalidKeySet, KeySet};

/// A key set that never changes: one that is deployed with the service, or a test fixture.
#[derive(Clone, Debug)]
pub struct StaticKeys(FetchedKeys);

impl StaticKeys {
    /// Creates a fetcher that returns this JWKS document for every URL.
    ///
    /// # Errors
    /// Returns [`InvalidKeySet`] if the document is not a key set, or has no key that is usable for any [`Algorithm`].
    pub fn new(document: impl Into<Vec<u8>>) -> Result<Self, InvalidKeySet> {
        Self::new_for(document, &Algorithm::ALL, Backend::default())
    }

    pub(crate) fn new_for(
        document: impl Into<Vec<u8>>,
        algorithms: &[Algorithm],
        backend: Backend,
    ) -> Result<Self, InvalidKeySet> {
        let document = document.into();
        if KeySet::parse_for(&document, algorithms, backend)?.is_empty() {
            return Err(InvalidKeySet::NoUsableKey { algorithms: algorithms.into() });
        }
        Ok(Self(FetchedKeys::new(200, document).with_cache_control("max-age=86400")))
    }
}

#[async_trait]
impl FetchKeys for StaticKeys {
    async fn fetch(&self, _uri: &str) -> Result<FetchedKeys, FetchError> {
        Ok(self.0.clone())
    }

    fn needs_discovery(&self) -> bool {
        false
    }
}
