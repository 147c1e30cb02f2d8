//! A quota: its limits, whose uploads are counted together, and where.

use std::sync::Arc;

use upsign_core::{Identity, Timestamp};

use super::ids::{AccountKey, ObjectMark, QuotaAccount, ReservationId};
use super::limits::QuotaLimit;
use super::reservation::{AtExpiry, QuotaCounter, QuotaDenied, Reservation, Reserved, Settled};
use super::store::{FailMode, QuotaStore, QuotaStoreError};

/// Limits on the objects and bytes that each caller may upload, and the store that counts them.
///
/// [`UploadService::with_quota`](crate::UploadService::with_quota) takes it; the service then reserves, settles and releases. The
/// [module](crate::quota) has an example.
///
/// Clones are cheap and share the store.
#[derive(Clone, Debug)]
pub struct Quota {
    store: Arc<dyn QuotaStore>,
    fail: FailMode,
    key: AccountKey,
    namespace: Box<str>,
    limits: Vec<QuotaLimit>,
}

/// An upload that is about to be signed, as a quota sees it.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "each member is needed to reserve an upload")]
pub struct QuotaUpload<'a> {
    /// The verified caller.
    pub caller: &'a Identity,
    /// The name of the route.
    pub route: Option<&'a str>,
    /// The id of the reservation, from the object that is uploaded.
    pub id: ReservationId,
    /// The declared size, or the largest one.
    pub bytes: u64,
    /// The instant from which the upload can no longer be confirmed.
    pub expires_at: Timestamp,
    /// What happens then.
    pub at_expiry: AtExpiry,
}

impl Quota {
    /// Creates a quota without limits, which counts the uploads of each issuer and subject in `store`. `fail` is what happens to
    /// uploads while the store does not answer.
    #[must_use]
    pub fn new(store: impl QuotaStore + 'static, fail: FailMode) -> Self {
        let (key, namespace) = (AccountKey::default(), Box::default());
        Self { store: Arc::new(store), fail, key, namespace, limits: Vec::new() }
    }

    /// Sets whose uploads are counted together.
    #[must_use]
    pub fn with_account(self, key: AccountKey) -> Self {
        Self { key, ..self }
    }

    /// Sets a name that separates this deployment from others with the same store, for example `production`. It is empty by
    /// default.
    #[must_use]
    pub fn with_namespace(self, namespace: impl Into<Box<str>>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// Adds a limit. All limits hold.
    #[must_use]
    pub fn with_limit(mut self, limit: QuotaLimit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> &[QuotaLimit] {
        &self.limits
    }

    /// Returns what happens to uploads while the store does not answer.
    #[must_use]
    pub const fn fail_mode(&self) -> FailMode {
        self.fail
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &dyn QuotaStore {
        &*self.store
    }

    /// Returns the account of a caller.
    #[must_use]
    pub fn account_of(&self, caller: &Identity) -> QuotaAccount {
        QuotaAccount::of(&self.namespace, &self.key, caller)
    }

    /// Returns `true` if a limit counts the uploads of this route.
    #[must_use]
    pub fn counts(&self, route: Option<&str>) -> bool {
        self.limits.iter().any(|limit| limit.scope.contains(route))
    }

    /// Returns the reservation of an upload at the instant `at`, or `None` if no limit counts its route.
    #[must_use]
    pub fn reservation(&self, upload: &QuotaUpload<'_>, at: Timestamp) -> Option<Reservation> {
        let account = self.account_of(upload.caller);
        let reservation = Reservation::new(upload.id, account, upload.bytes, upload.expires_at);
        self.limited(reservation.with_expiry(upload.at_expiry), upload.route, at)
    }

    /// Adds the counters of a route at the instant `at`. Returns `None` if no limit counts it.
    pub(crate) fn limited(
        &self,
        upload: Reservation,
        route: Option<&str>,
        at: Timestamp,
    ) -> Option<Reservation> {
        let limits = self.limits.iter().filter(|limit| limit.scope.contains(route));
        let counters = limits.map(|limit| {
            QuotaCounter::new(limit.scope.clone(), limit.window, limit.window.number(at), limit.max)
        });
        let upload = counters.fold(upload, merge);
        (!upload.counters.is_empty()).then_some(upload)
    }

    /// Reserves an upload. Repeating it for the same object counts once.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed, whatever [`fail_mode`](Self::fail_mode) is. The inner result is the limit
    /// that is used up.
    pub async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        self.store.reserve(reservation, at).await
    }

    /// Counts the object of an upload, whose size is [`Reservation::bytes`]. Repeating it for the same object counts once.
    ///
    /// Call it before the object becomes readable: an upload that was released, or has expired, is counted only if it fits.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed, whatever [`fail_mode`](Self::fail_mode) is. The inner result is the limit
    /// that is used up.
    pub async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        self.store.settle(upload, object, at).await
    }

    /// No longer counts an upload that will not be confirmed.
    ///
    /// # Errors
    /// Returns [`QuotaStoreError`] if the store failed, whatever [`fail_mode`](Self::fail_mode) is.
    pub async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        self.store.release(account, id, at).await
    }
}

/// Adds a counter. Two limits of the same scope and window are one counter with the smaller maximum of each.
fn merge(mut reservation: Reservation, counter: QuotaCounter) -> Reservation {
    let same = |known: &&mut QuotaCounter| known.scope == counter.scope && known.window == counter.window;
    let Some(known) = reservation.counters.iter_mut().find(same) else {
        return reservation.with_counter(counter);
    };
    let smaller = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    known.max.objects = smaller(known.max.objects, counter.max.objects);
    known.max.bytes = smaller(known.max.bytes, counter.max.bytes);
    reservation
}
