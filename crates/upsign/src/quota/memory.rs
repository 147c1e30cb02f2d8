//! A store in the memory of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use upsign_core::Timestamp;

use super::ids::{QuotaAccount, ReservationId};
use super::limits::MAX_AMOUNT;
use super::reservation::{Amount, AtExpiry, QuotaCounter, QuotaDenied, Reservation, Reserved};
use super::store::{QuotaStore, QuotaStoreError};
use crate::rate::{Rate, TooManyRequests};

/// A [`QuotaStore`] in the memory of this process.
///
/// Each process counts separately and starts at zero: two servers, or a server that is restarted, permit twice as many uploads,
/// and every Lambda instance is a process. It is for development, tests, and a service that runs as one process.
///
/// An account, about 200 bytes and 150 more for each upload that is not yet settled, is removed some time after its windows have
/// ended. It never fails.
#[derive(Default)]
pub struct MemoryQuota {
    /// Never held across an `await`.
    accounts: Mutex<Accounts>,
}

#[derive(Default)]
struct Accounts {
    by_id: HashMap<QuotaAccount, Account>,
    since_sweep: u32,
}

/// The number of steps between two searches for accounts that can be forgotten: see [`PerCallerRateLimit`](crate::PerCallerRateLimit).
const SWEEP_EVERY: u32 = 1_024;

struct Account {
    /// By [`QuotaCounter::name`] and the number of the window.
    used: HashMap<(Box<str>, u64), Amount>,
    reservations: HashMap<ReservationId, Entry>,
    /// The theoretical arrival time of each kind of request.
    arrivals: HashMap<&'static str, u128>,
    /// The instant after which nothing here has an effect.
    keep_until: Timestamp,
}

impl Default for Account {
    fn default() -> Self {
        let (used, reservations, arrivals) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { used, reservations, arrivals, keep_until: Timestamp::UNIX_EPOCH }
    }
}

struct Entry {
    /// Which counters it raised, and by how many bytes. `None` once it is settled.
    open: Option<Open>,
    expires_at: Timestamp,
    at_expiry: AtExpiry,
}

struct Open {
    counters: Vec<(Box<str>, u64)>,
    bytes: u64,
}

impl MemoryQuota {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of accounts in memory.
    #[must_use]
    pub fn tracked_accounts(&self) -> usize {
        self.accounts().by_id.len()
    }

    /// No step panics between two changes, so a poisoned lock is safe to use.
    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    fn get(&mut self, id: QuotaAccount, at: Timestamp) -> &mut Account {
        self.since_sweep = self.since_sweep.wrapping_add(1);
        if self.since_sweep.is_multiple_of(SWEEP_EVERY) {
            self.by_id.retain(|_, account| account.keep_until > at);
            self.by_id.shrink_to(self.by_id.len().saturating_mul(2));
        }
        self.by_id.entry(id).or_default()
    }
}

impl Account {
    fn reserve(&mut self, reservation: &Reservation, at: Timestamp) -> Result<Reserved, QuotaDenied> {
        self.forget_expired(at);
        if self.reservations.contains_key(&reservation.id) {
            return Ok(Reserved::Already);
        }
        self.forget_windows(&reservation.counters);
        reservation.check(at, |counter| self.used.get(&key(counter)).copied().unwrap_or_default())?;
        for counter in &reservation.counters {
            let used = self.used.entry(key(counter)).or_default();
            used.objects = used.objects.saturating_add(1);
            used.bytes = used.bytes.saturating_add(reservation.bytes);
        }
        let counters = reservation.counters.iter().map(key).collect();
        let open = Some(Open { counters, bytes: reservation.bytes });
        let entry = Entry { open, expires_at: reservation.expires_at, at_expiry: reservation.at_expiry };
        self.reservations.insert(reservation.id, entry);
        self.keep_until = self.keep_until.max(reservation.keep_until());
        Ok(Reserved::New)
    }

    fn settle(&mut self, id: ReservationId, bytes: u64) {
        let Some(open) = self.reservations.get_mut(&id).and_then(|entry| entry.open.take()) else { return };
        for key in &open.counters {
            if let Some(used) = self.used.get_mut(key) {
                used.bytes = used.bytes.saturating_sub(open.bytes).saturating_add(bytes.min(MAX_AMOUNT));
            }
        }
    }

    fn release(&mut self, id: ReservationId) {
        if let Some(Entry { open: Some(open), .. }) = self.reservations.get(&id) {
            subtract(&mut self.used, open);
            self.reservations.remove(&id);
        }
    }

    fn forget_expired(&mut self, at: Timestamp) {
        let used = &mut self.used;
        self.reservations.retain(|_, entry| {
            if entry.expires_at > at {
                return true;
            }
            if let (Some(open), AtExpiry::Release) = (&entry.open, entry.at_expiry) {
                subtract(used, open);
            }
            false
        });
    }

    /// Forgets the windows before the previous one of each counter. Reservations of those have no effect any more.
    fn forget_windows(&mut self, counters: &[QuotaCounter]) {
        let current: Vec<_> = counters.iter().map(|counter| (counter.name(), counter.number)).collect();
        self.used.retain(|(name, number), _| {
            let same = current.iter().find(|(current, _)| **current == **name);
            same.is_none_or(|(_, current)| number.saturating_add(1) >= *current)
        });
    }
}

fn key(counter: &QuotaCounter) -> (Box<str>, u64) {
    (counter.name().into(), counter.number)
}

fn subtract(used: &mut HashMap<(Box<str>, u64), Amount>, open: &Open) {
    for key in &open.counters {
        if let Some(used) = used.get_mut(key) {
            used.objects = used.objects.saturating_sub(1);
            used.bytes = used.bytes.saturating_sub(open.bytes);
        }
    }
}

#[async_trait]
impl QuotaStore for MemoryQuota {
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        Ok(self.accounts().get(reservation.account, at).reserve(reservation, at))
    }

    async fn settle(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        bytes: u64,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        self.accounts().get(account, at).settle(id, bytes);
        Ok(())
    }

    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        self.accounts().get(account, at).release(id);
        Ok(())
    }

    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        let mut accounts = self.accounts();
        let account = accounts.get(account, at);
        let tat = account.arrivals.entry(kind).or_insert(0);
        let (next, refused) = rate.after(*tat, at);
        *tat = next;
        account.keep_until = account.keep_until.max(rate.idle_at(next));
        Ok(refused.map_or(Ok(()), Err))
    }
}

impl fmt::Debug for MemoryQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryQuota")
            .field("tracked_accounts", &self.tracked_accounts())
            .finish_non_exhaustive()
    }
}
