//! A limit on the requests per minute in a store that several processes share.

use std::sync::Arc;

use async_trait::async_trait;
use upsign_core::{Identity, Timestamp};

use super::ids::{AccountKey, QuotaAccount};
use super::store::{FailMode, QuotaStore};
use crate::rate::{Rate, RateLimit, RateLimitError};

/// A [`RateLimit`] in a [`QuotaStore`], so that all processes that use the store count together.
///
/// It permits exactly what [`PerCallerRateLimit`](crate::PerCallerRateLimit) permits in one process. The account is always the
/// issuer and the subject.
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
///
/// use upsign::quota::{FailMode, QuotaStore, StoreRateLimit};
/// use upsign::{Rate, UploadService};
///
/// # fn limited(service: UploadService, store: Arc<dyn QuotaStore>) -> UploadService {
/// let of = |per_minute, burst| Rate::new(NonZeroU32::new(per_minute).unwrap(), NonZeroU32::new(burst).unwrap());
/// service
///     .with_rate_limit(StoreRateLimit::new(Arc::clone(&store), "uploads", of(60, 10), FailMode::Closed))
///     .with_call_rate_limit(StoreRateLimit::new(store, "calls", of(600, 600), FailMode::Closed))
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StoreRateLimit {
    store: Arc<dyn QuotaStore>,
    kind: &'static str,
    rate: Rate,
    fail: FailMode,
    namespace: Box<str>,
}

impl StoreRateLimit {
    /// Creates a limit. `kind` separates several limits in one store; it consists of lowercase letters. `fail` is what happens
    /// to requests while the store does not answer.
    #[must_use]
    pub fn new(store: impl QuotaStore + 'static, kind: &'static str, rate: Rate, fail: FailMode) -> Self {
        Self { store: Arc::new(store), kind, rate, fail, namespace: Box::default() }
    }

    /// Sets a name that separates this deployment from others with the same store.
    #[must_use]
    pub fn with_namespace(self, namespace: impl Into<Box<str>>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }
}

#[async_trait]
impl RateLimit for StoreRateLimit {
    async fn count(&self, caller: &Identity, at: Timestamp) -> Result<(), RateLimitError> {
        let account = QuotaAccount::of(&self.namespace, &AccountKey::Subject, caller);
        let counted = self.store.count_request(account, self.kind, self.rate, at).await;
        Ok(counted.map_err(|error| RateLimitError::unavailable(error, self.fail))??)
    }
}
