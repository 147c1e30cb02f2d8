//! The store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use upsign::quota::{
    ObjectMark, QuotaAccount, QuotaDenied, QuotaStore, QuotaStoreError, Reservation, ReservationId, Reserved,
    Settled,
};
use upsign::types::{Endpoint, Region};
use upsign::{CredentialsSource, Rate, Timestamp, TooManyRequests};

use crate::client::Calls;
use crate::items::key;
use crate::rate::Count;
use crate::release::release;
use crate::reserve::{reserve, settle};
use crate::retry::{Step, TimeLimits};

/// A [`QuotaStore`] in a table of DynamoDB. Requires a tokio runtime.
///
/// The [crate](crate) documents the table and the permissions. The first step connects; [`check`](Self::check) does so earlier.
pub struct DynamoDbQuota {
    calls: Calls,
    table: Box<str>,
    limits: TimeLimits,
}

impl DynamoDbQuota {
    /// Creates a store in a table, by its name or ARN. `credentials` sign the calls.
    #[must_use]
    pub fn new(
        table: impl Into<Box<str>>,
        region: Region,
        credentials: impl CredentialsSource + 'static,
    ) -> Self {
        // An upload waits for the answer.
        let limits = TimeLimits { attempt: Duration::from_secs(1), total: Duration::from_secs(3) };
        Self { calls: Calls::new(region, Arc::new(credentials)), table: table.into(), limits }
    }

    /// Calls this endpoint in place of the one of the region, for example a VPC endpoint or an emulator.
    #[must_use]
    pub fn with_endpoint(self, endpoint: &Endpoint) -> Self {
        Self { calls: self.calls.with_endpoint(endpoint), ..self }
    }

    /// Connects over the proxy that the environment variables name: `HTTPS_PROXY`, or `ALL_PROXY`, and `NO_PROXY`. Default: no
    /// proxy. An endpoint with `http`, and one on this machine, is never called over a proxy.
    #[must_use]
    pub fn with_environment_proxy(self) -> Self {
        Self { calls: self.calls.with_environment_proxy(), ..self }
    }

    /// Limits the time of one call (default: 1 s), and of all calls and pauses of a step (default: 3 s).
    #[must_use]
    pub fn with_time_limits(self, attempt: Duration, total: Duration) -> Self {
        Self { limits: TimeLimits { attempt, total }, ..self }
    }

    /// Reads an item that does not exist, so that a program fails when it starts: without credentials, without the table, or
    /// without the permission to read it.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if DynamoDB refuses the call or does not answer.
    pub async fn check(&self, at: Timestamp) -> Result<(), QuotaStoreError> {
        let nobody = QuotaAccount::from_bytes([0; 16]);
        let body = json!({ "TableName": &*self.table, "Key": key(nobody, "check") });
        self.step(at).call("GetItem", &body).await.map(|_| ()).map_err(QuotaStoreError::new)
    }

    fn step(&self, at: Timestamp) -> Step<'_> {
        Step::new(&self.calls, &self.table, self.limits, at)
    }
}

#[async_trait]
impl QuotaStore for DynamoDbQuota {
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        reserve(&self.step(at), reservation).await.map_err(QuotaStoreError::new)
    }

    async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        settle(&self.step(at), upload, object).await.map_err(QuotaStoreError::new)
    }

    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        release(&self.step(at), account, id).await.map_err(QuotaStoreError::new)
    }

    /// A request whose answer was lost may count twice.
    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        Count { account, kind, rate }.count(&self.step(at)).await.map_err(QuotaStoreError::new)
    }
}

impl fmt::Debug for DynamoDbQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamoDbQuota")
            .field("table", &self.table)
            .field("endpoint", &self.calls.origin())
            .finish_non_exhaustive()
    }
}
