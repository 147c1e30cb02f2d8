//! Accounts and reservations of the suite.

use upsign::quota::{
    AccountKey, Limits, ObjectMark, QuotaAccount, QuotaCounter, QuotaDenied, QuotaScope, QuotaStore,
    Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::{Clock, SystemClock};
use upsign_core::{Identity, Timestamp};

const DAY: u64 = 86_400;

pub(super) struct Suite<'a> {
    pub(super) store: &'a dyn QuotaStore,
    namespace: &'a str,
    /// Noon of tomorrow: a store may delete by itself what is past.
    pub(super) noon: Timestamp,
}

/// One account of the store.
pub(super) struct Account<'a> {
    pub(super) store: &'a dyn QuotaStore,
    pub(super) id: QuotaAccount,
    name: Box<str>,
    pub(super) noon: Timestamp,
}

impl<'a> Suite<'a> {
    pub(super) fn new(store: &'a dyn QuotaStore, namespace: &'a str) -> Self {
        let today = SystemClock.now().as_unix() / DAY;
        let noon = Timestamp::UNIX_EPOCH.saturating_add((today + 1) * DAY + DAY / 2);
        Self { store, namespace, noon }
    }

    pub(super) fn account(&self, name: &str) -> Account<'a> {
        let caller = Identity::from_verified("https://issuer.example", name).unwrap();
        let id = QuotaAccount::of(self.namespace, &AccountKey::Subject, &caller);
        Account { store: self.store, id, name: name.into(), noon: self.noon }
    }
}

impl Account<'_> {
    pub(super) fn id(&self, number: usize) -> ReservationId {
        let key = format!("{}/{number}", self.name).parse().unwrap();
        ReservationId::of("bucket", "https://bucket.example/", &key)
    }

    /// Returns the reservation of an upload with this number, which can be confirmed for an hour.
    pub(super) fn upload(&self, number: usize, bytes: u64) -> Reservation {
        Reservation::new(self.id(number), self.id, bytes, self.noon.saturating_add(3_600))
    }

    pub(super) async fn reserve_at(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Reserved, QuotaDenied> {
        self.store.reserve(reservation, at).await.unwrap()
    }

    pub(super) async fn reserve(&self, reservation: &Reservation) -> Result<Reserved, QuotaDenied> {
        self.reserve_at(reservation, self.noon).await
    }

    /// Settles an upload with its first object.
    pub(super) async fn settle(&self, upload: &Reservation, bytes: u64) {
        assert_eq!(self.settle_with(upload, bytes, "first").await, Ok(Settled::ThisObject));
    }

    /// Settles an upload at noon with the object of this version.
    pub(super) async fn settle_with(
        &self,
        upload: &Reservation,
        bytes: u64,
        version: &str,
    ) -> Result<Settled, QuotaDenied> {
        let mut upload = upload.clone();
        upload.bytes = bytes;
        self.store.settle(&upload, ObjectMark::of(version), self.noon).await.unwrap()
    }

    pub(super) async fn release(&self, number: usize) {
        self.store.release(self.id, self.id(number), self.noon).await.unwrap();
    }
}

/// Returns the counter of all routes on the day of `at`.
pub(super) fn day(at: Timestamp, objects: Option<u64>, bytes: Option<u64>) -> QuotaCounter {
    counter(QuotaScope::AllRoutes, Window::DAY, at, objects, bytes)
}

pub(super) fn counter(
    scope: QuotaScope,
    window: Window,
    at: Timestamp,
    objects: Option<u64>,
    bytes: Option<u64>,
) -> QuotaCounter {
    QuotaCounter::new(scope, window, window.number(at), Limits::new(objects, bytes))
}
