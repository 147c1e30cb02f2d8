//! The interface of a store that counts.

use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;
use upsign_core::Timestamp;

use super::ids::{ObjectMark, QuotaAccount, ReservationId};
use super::reservation::{QuotaDenied, Reservation, Reserved, Settled};
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
/// use upsign::quota::{
///     ObjectMark, QuotaAccount, QuotaDenied, QuotaStore, QuotaStoreError, Reservation, ReservationId, Reserved, Settled,
/// };
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
///     async fn settle(
///         &self,
///         _: &Reservation,
///         _: ObjectMark,
///         _: Timestamp,
///     ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
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

    /// Counts the object of an upload for good. [`Reservation::bytes`] is its size.
    ///
    /// | the store knows | effect | result |
    /// | --- | --- | --- |
    /// | an open reservation with this id | the size replaces the reserved bytes, and no limit is checked again: the service settles no size above the reserved one | [`Settled::ThisObject`] |
    /// | one that is settled with the same mark | none | [`Settled::ThisObject`] |
    /// | one that is settled with another mark | none | [`Settled::OtherObject`] |
    /// | none: it was released or has expired | the counters are raised, or none of them, as [`reserve`](Self::reserve) does | [`Settled::ThisObject`] |
    ///
    /// A settled reservation is known until [`Reservation::keep_until`], so that an object is not counted twice if it is confirmed
    /// late. After it has expired, a new reservation may take its id and its place.
    ///
    /// Implementations write
    /// `async fn settle(&self, upload: &Reservation, object: ObjectMark, at: Timestamp) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError>`.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the outcome is unknown. The inner result is [`QuotaDenied`] if the upload has no reservation
    /// any more and a limit would be exceeded; nothing was counted then.
    async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError>;

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
