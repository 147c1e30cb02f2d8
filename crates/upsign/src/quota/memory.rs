//! A store in the memory of one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use upsign_core::Timestamp;

use super::ids::{ObjectMark, QuotaAccount, ReservationId};
use super::reservation::{Amount, AtExpiry, QuotaCounter, QuotaDenied, Reservation, Reserved, Settled};
use super::store::{QuotaStore, QuotaStoreError};
use crate::rate::{Rate, TooManyRequests};

/// A [`QuotaStore`] in the memory of this process.
///
/// Each process counts separately and starts at zero: two servers, or a server that is restarted, permit twice as many uploads,
/// and every Lambda instance is a process. It is for development, tests, and a service that runs as one process.
///
/// An account, about 200 bytes and 150 more for each upload of which something is still known, is removed some time after its windows
/// have ended. It never fails.
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
    state: State,
    expires_at: Timestamp,
    at_expiry: AtExpiry,
    /// Until when the object with which it is settled is remembered.
    keep_until: Timestamp,
}

enum State {
    Open(Open),
    Settled(ObjectMark),
}

/// Which counters a reservation raised, and by how many bytes.
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
        // One that is settled and has expired is remembered only so that its object is not counted again.
        if self.reservations.get(&reservation.id).is_some_and(|entry| entry.expires_at > at) {
            return Ok(Reserved::Already);
        }
        self.add(reservation, at, None)?;
        Ok(Reserved::New)
    }

    fn settle(
        &mut self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Settled, QuotaDenied> {
        self.forget_expired(at);
        let Some(entry) = self.reservations.get_mut(&upload.id) else {
            self.add(upload, at, Some(object))?;
            return Ok(Settled::ThisObject);
        };
        match &entry.state {
            State::Settled(mark) if *mark == object => Ok(Settled::ThisObject),
            State::Settled(_) => Ok(Settled::OtherObject),
            State::Open(open) => {
                for key in &open.counters {
                    if let Some(used) = self.used.get_mut(key) {
                        used.bytes = used.bytes.saturating_sub(open.bytes).saturating_add(upload.bytes);
                    }
                }
                entry.state = State::Settled(object);
                entry.keep_until = entry.keep_until.max(upload.keep_until());
                self.keep_until = self.keep_until.max(entry.keep_until);
                Ok(Settled::ThisObject)
            }
        }
    }

    /// Raises the counters of an upload that is not known, if it fits. With an object it is settled at once.
    fn add(
        &mut self,
        upload: &Reservation,
        at: Timestamp,
        object: Option<ObjectMark>,
    ) -> Result<(), QuotaDenied> {
        self.forget_windows(&upload.counters);
        upload.check(at, |counter| self.used.get(&key(counter)).copied().unwrap_or_default())?;
        for counter in &upload.counters {
            let used = self.used.entry(key(counter)).or_default();
            used.objects = used.objects.saturating_add(1);
            used.bytes = used.bytes.saturating_add(upload.bytes);
        }
        let counters = upload.counters.iter().map(key).collect();
        let state = object.map_or(State::Open(Open { counters, bytes: upload.bytes }), State::Settled);
        let (expires_at, keep_until) = (upload.expires_at, upload.keep_until());
        let entry = Entry { state, expires_at, at_expiry: upload.at_expiry, keep_until };
        self.reservations.insert(upload.id, entry);
        self.keep_until = self.keep_until.max(keep_until);
        Ok(())
    }

    fn release(&mut self, id: ReservationId) {
        if let Some(Entry { state: State::Open(open), .. }) = self.reservations.get(&id) {
            subtract(&mut self.used, open);
            self.reservations.remove(&id);
        }
    }

    fn forget_expired(&mut self, at: Timestamp) {
        let used = &mut self.used;
        self.reservations.retain(|_, entry| match &entry.state {
            State::Settled(_) => entry.keep_until > at,
            State::Open(_) if entry.expires_at > at => true,
            State::Open(open) => {
                if entry.at_expiry == AtExpiry::Release {
                    subtract(used, open);
                }
                false
            }
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
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        Ok(self.accounts().get(upload.account, at).settle(upload, object, at))
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
