//! A reservation, and the decision about it.

use upsign_core::Timestamp;

use super::ids::{QuotaAccount, ReservationId};
use super::limits::{Limits, MAX_AMOUNT, QuotaScope, Window};

/// Objects and bytes that are counted in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "these two numbers are what a quota counts")]
pub struct Amount {
    /// The number of objects.
    pub objects: u64,
    /// The number of bytes.
    pub bytes: u64,
}

/// One number of an account that a reservation adds to: a limit in one window.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaCounter {
    /// The uploads that are counted.
    pub scope: QuotaScope,
    /// The span of time.
    pub window: Window,
    /// The number of the window, which [`Window::number`] returns.
    pub number: u64,
    /// The largest amounts.
    pub max: Limits,
}

impl QuotaCounter {
    /// Creates a counter.
    #[must_use]
    pub const fn new(scope: QuotaScope, window: Window, number: u64, max: Limits) -> Self {
        Self { scope, window, number, max }
    }

    /// Returns the name of the counter without the number of its window, for the keys of a store: `86400*` or `3600/videos`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.window.as_secs(), self.scope)
    }

    /// Returns the instant at which the window ends.
    #[must_use]
    pub const fn ends_at(&self) -> Timestamp {
        self.window.end(self.number)
    }
}

/// What becomes of a reservation that was neither settled nor released when it expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AtExpiry {
    /// It no longer counts. An upload that is confirmed later is counted anew.
    Release,
    /// It counts as it was reserved, because objects of this route can exist without being settled: nothing confirms them, or an
    /// event does that does not name the account.
    Keep,
}

/// One upload that is counted in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reservation {
    /// The name of the reservation.
    pub id: ReservationId,
    /// The account whose counters are raised.
    pub account: QuotaAccount,
    /// The counters. Each is raised by one object and by [`bytes`](Self::bytes), or none is.
    pub counters: Vec<QuotaCounter>,
    /// The declared size, or the largest one.
    pub bytes: u64,
    /// The instant from which the upload can no longer be confirmed.
    pub expires_at: Timestamp,
    /// What happens then.
    pub at_expiry: AtExpiry,
}

impl Reservation {
    /// Creates a reservation without counters. More than [`MAX_AMOUNT`] bytes become [`MAX_AMOUNT`].
    #[must_use]
    pub fn new(id: ReservationId, account: QuotaAccount, bytes: u64, expires_at: Timestamp) -> Self {
        let bytes = bytes.min(MAX_AMOUNT);
        Self { id, account, counters: Vec::new(), bytes, expires_at, at_expiry: AtExpiry::Release }
    }

    /// Adds a counter.
    #[must_use]
    pub fn with_counter(mut self, counter: QuotaCounter) -> Self {
        self.counters.push(counter);
        self
    }

    /// Sets what happens when it expires.
    #[must_use]
    pub fn with_expiry(self, at_expiry: AtExpiry) -> Self {
        Self { at_expiry, ..self }
    }

    /// Returns the instant until which a store has to keep what it knows of this reservation: after it, neither the id nor the
    /// counters are used. One window longer than necessary, so that servers whose clocks differ see the same numbers.
    #[must_use]
    pub fn keep_until(&self) -> Timestamp {
        let ends = |counter: &QuotaCounter| counter.ends_at().saturating_add(counter.window.as_secs().into());
        self.counters.iter().map(ends).fold(self.expires_at.saturating_add(3_600), Ord::max)
    }

    /// Decides whether the reservation fits, for a store that knows what its counters have `used`.
    ///
    /// # Errors
    /// Returns [`QuotaDenied`] with the limit that is exceeded. If there are several, it is the one that is reset last, because
    /// the caller has to wait for it.
    pub fn check(&self, at: Timestamp, used: impl Fn(&QuotaCounter) -> Amount) -> Result<(), QuotaDenied> {
        let exceeded = self.counters.iter().filter_map(|counter| {
            let used = used(counter);
            let exceeds =
                |used: u64, more: u64, max: Option<u64>| max.filter(|max| used.saturating_add(more) > *max);
            let objects = exceeds(used.objects, 1, counter.max.objects).map(|max| (QuotaKind::Objects, max));
            let bytes = exceeds(used.bytes, self.bytes, counter.max.bytes).map(|max| (QuotaKind::Bytes, max));
            objects.or(bytes).map(|(kind, limit)| QuotaDenied::new(counter, kind, limit, at))
        });
        match exceeded.reduce(|one, other| if other.resets_at > one.resets_at { other } else { one }) {
            Some(denied) => Err(denied),
            None => Ok(()),
        }
    }
}

/// The outcome of a reservation that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reserved {
    /// The counters were raised.
    New,
    /// The store has this reservation, open or settled, and it has not expired. Nothing was counted again.
    Already,
}

/// The outcome of counting the object of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Settled {
    /// The object is counted, now or by an earlier step.
    ThisObject,
    /// The upload is settled with another object: two were uploaded with one grant. Nothing was counted.
    OtherObject,
}

/// What a limit limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuotaKind {
    /// The number of objects.
    Objects,
    /// The number of bytes.
    Bytes,
}

impl QuotaKind {
    /// Returns `objects` or `bytes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Bytes => "bytes",
        }
    }
}

/// The caller has used up a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the quota of {limit} {} is used up until {resets_at}", .kind.as_str())]
#[non_exhaustive]
pub struct QuotaDenied {
    /// The uploads that are counted.
    pub scope: QuotaScope,
    /// What is limited.
    pub kind: QuotaKind,
    /// The limit, in objects or bytes per window.
    pub limit: u64,
    /// The instant at which the window ends and counting starts at zero. A single file above the limit never fits.
    pub resets_at: Timestamp,
    /// Whole seconds until then; at least 1. Sent as `Retry-After`.
    pub retry_after: u32,
}

impl QuotaDenied {
    /// Creates the denial of a reservation at the instant `at` by one limit of a counter.
    #[must_use]
    pub fn new(counter: &QuotaCounter, kind: QuotaKind, limit: u64, at: Timestamp) -> Self {
        let resets_at = counter.ends_at();
        let wait = u32::try_from(resets_at.seconds_since(at)).unwrap_or(u32::MAX);
        Self { scope: counter.scope.clone(), kind, limit, resets_at, retry_after: wait.max(1) }
    }
}
