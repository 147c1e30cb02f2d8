//! What an issuer needs to upload in parts.

use std::sync::Arc;

use upsign_objects::ObjectCalls;

use crate::session::keys::TokenKeys;

/// The calls to the store and the keys of upload tokens, with which an issuer creates multipart uploads and continues them.
///
/// [`UploadIssuer::with_store`](crate::UploadIssuer::with_store) sets both.
#[derive(Clone, Debug)]
pub struct StoreAccess {
    calls: Arc<dyn ObjectCalls>,
    keys: TokenKeys,
}

impl StoreAccess {
    pub(crate) fn new(calls: impl ObjectCalls + 'static, keys: TokenKeys) -> Self {
        Self { calls: Arc::new(calls), keys }
    }

    /// Returns the calls to the store.
    #[must_use]
    pub fn calls(&self) -> &dyn ObjectCalls {
        &*self.calls
    }

    /// Returns the keys of upload tokens.
    #[must_use]
    pub const fn keys(&self) -> &TokenKeys {
        &self.keys
    }
}
