//! The interface of a store that counts.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::Timestamp;

use super::ids::{QuotaAccount, ReservationId};
use super::reservation::{QuotaDenied, Reservation, Reserved};
use crate::rate::{Rate, TooManyRequests};

/// Counts reservations of uploads and requests, exactly, also when many processes use it at once.
///
/// [`MemoryQuota`](crate::quota::MemoryQuota) counts in one process; `upsign-redis` and `upsign-dynamodb` count in a server that
/// several processes share. Applications use a [`Quota`](crate::quota::Quota), not this trait.
///
/// Every step can be repeated when its outcome is unknown: a reservation counts once however often it is reserved, settled or
/// released. Steps of one reservation that overlap have the effect of one order of them.
///
/// ```
/// use upsign::quota::{QuotaAccount, QuotaDenied, QuotaStore, QuotaStoreError, Reservation, ReservationId, Reserved};
/// use upsign::{Rate, Timestamp, TooManyRequests, async_trait};
///
/// /// A store that is down, for tests of an application.
/// #[derive(Debug)]
/// struct Down;
///
/// #[async_trait]
/// impl QuotaStore for Down {
///     async fn reserve(&self, _: &Reservation, _: Timestamp) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
///         Err(QuotaStoreError::new("down"))
///     }
///     async fn settle(&self, _: QuotaAccount, _: ReservationId, _: u64, _: Timestamp) -> Result<(), QuotaStoreError> {
///         Err(QuotaStoreError::new("down"))
///     }
///     async fn release(&self, _: QuotaAccount, _: ReservationId, _: Timestamp) -> Result<(), QuotaStoreError> {
///         Err(QuotaStoreError::new("down"))
///     }
///     async fn count_request(
///         &self,
///         _: QuotaAccount,
///         _: &'static str,
///         _: Rate,
///         _: Timestamp,
///     ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
///         Err(QuotaStoreError::new("down"))
///     }
/// }
/// ```
#[async_trait]
pub trait QuotaStore: Debug + Send + Sync {
    /// Raises the counters of a reservation by one object and its bytes, or none of them.
    ///
    /// Reservations of the account that have expired are released first, as far as that is needed for a correct decision.
    ///
    /// Implementations write
    /// `async fn reserve(&self, reservation: &Reservation, at: Timestamp) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError>`.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the outcome is unknown. The inner result is [`QuotaDenied`] if a limit would be exceeded;
    /// nothing was counted then.
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError>;

    /// Replaces the reserved bytes by those of the confirmed object. Has no effect if the reservation is settled, released or
    /// unknown. The number may be above the reserved one, and then a limit too: the object exists.
    ///
    /// Implementations write
    /// `async fn settle(&self, account: QuotaAccount, id: ReservationId, bytes: u64, at: Timestamp) -> Result<(), QuotaStoreError>`.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the outcome is unknown.
    async fn settle(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        bytes: u64,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError>;

    /// Subtracts a reservation from its counters and forgets it. Has no effect if it is settled or unknown.
    ///
    /// Implementations write
    /// `async fn release(&self, account: QuotaAccount, id: ReservationId, at: Timestamp) -> Result<(), QuotaStoreError>`.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the outcome is unknown.
    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError>;

    /// Counts one request against a rate. `kind` separates the rates of one account; it consists of lowercase letters.
    ///
    /// Implementations write
    /// `async fn count_request(&self, account: QuotaAccount, kind: &'static str, rate: Rate, at: Timestamp) -> Result<Result<(), TooManyRequests>, QuotaStoreError>`.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the outcome is unknown. The inner result is [`TooManyRequests`] if the request exceeds the
    /// rate; it did not count then.
    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError>;
}

/// The store of a quota or of a rate limit failed, so it is not known whether something was counted.
///
/// The source is the store's own error. It is for the log and never sent to a client.
#[derive(Debug, thiserror::Error)]
#[error("the store of the quota did not answer")]
#[non_exhaustive]
pub struct QuotaStoreError {
    source: Box<dyn Error + Send + Sync>,
}

impl QuotaStoreError {
    /// Wraps the store's own error, or a message that describes it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

/// What happens to uploads while the store of a quota fails. There is no default: either choice is wrong for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "an upload either continues or it does not")]
pub enum FailMode {
    /// Uploads are refused with 503 until the store answers. Nobody exceeds a limit.
    Closed,
    /// Uploads continue and are not counted. Observers are notified.
    Open,
}
