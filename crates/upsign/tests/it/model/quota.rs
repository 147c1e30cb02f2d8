//! A store of quotas that records what became of each reservation, and compares the counters with that record.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use upsign::quota::{
    MemoryQuota, ObjectMark, QuotaAccount, QuotaDenied, QuotaStore, QuotaStoreError, Reservation,
    ReservationId, Reserved, Settled,
};
use upsign::{Rate, Timestamp, TooManyRequests};

/// What became of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Settled(ObjectMark),
    Released,
}

#[derive(Clone, Debug)]
struct Record {
    reservation: Reservation,
    /// What it counts: the reserved bytes, and then those of the object.
    bytes: u64,
    fate: Fate,
    /// Until when the store must remember its object.
    keep_until: Timestamp,
}

impl Record {
    /// Whether an object of this id is not counted anew.
    fn is_known(&self, at: Timestamp) -> bool {
        match self.fate {
            Fate::Open => self.reservation.expires_at > at,
            Fate::Settled(_) => self.keep_until > at,
            Fate::Released => false,
        }
    }
}

#[derive(Debug, Default)]
struct Records {
    by_id: BTreeMap<ReservationId, Record>,
    /// Those whose id was used again after the store had forgotten it.
    past: Vec<Record>,
}

impl Records {
    fn add(&mut self, reservation: &Reservation, fate: Fate) {
        let (bytes, keep_until) = (reservation.bytes, reservation.keep_until());
        let record = Record { reservation: reservation.clone(), bytes, fate, keep_until };
        self.past.extend(self.by_id.insert(reservation.id, record));
    }
}

/// The store. Clones share what they count.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    counts: Arc<MemoryQuota>,
    records: Arc<Mutex<Records>>,
    objects: u64,
    bytes: u64,
}

impl Recorded {
    /// Creates a store for accounts with these limits per day.
    pub(super) fn new(objects: u64, bytes: u64) -> Self {
        Self { counts: Arc::new(MemoryQuota::new()), records: Arc::default(), objects, bytes }
    }

    pub(super) const fn limits(&self) -> (u64, u64) {
        (self.objects, self.bytes)
    }

    /// Returns the objects with which an upload was settled, as often as they were counted, and the number of the window.
    pub(super) fn settled(&self, id: ReservationId) -> Vec<(ObjectMark, u64)> {
        let records = self.records.lock().unwrap();
        let all = || records.by_id.values().chain(&records.past);
        let settled = all().filter_map(|record| match record.fate {
            Fate::Settled(object) => Some((record, object)),
            Fate::Open | Fate::Released => None,
        });
        let of_upload = settled.filter(|(record, object)| {
            record.reservation.id == id || record.reservation.id == id.of_object(*object)
        });
        of_upload.map(|(record, object)| (object, record.reservation.counters[0].number)).collect()
    }

    /// Panics unless the counters of the current window have exactly the objects and bytes of the record, and these are within the
    /// limits.
    pub(super) async fn check(&self, at: Timestamp) {
        let (pattern, objects, bytes) = {
            let records = self.records.lock().unwrap();
            let Some(pattern) = records.by_id.values().next().map(|record| record.reservation.clone()) else {
                return;
            };
            let number = pattern.counters[0].window.number(at);
            let counted = records.by_id.values().chain(&records.past).filter(|record| {
                let is_open = record.fate == Fate::Open && record.reservation.expires_at > at;
                let is_counted = is_open || matches!(record.fate, Fate::Settled(_));
                is_counted && record.reservation.counters[0].number == number
            });
            let (mut objects, mut bytes) = (0, 0);
            counted.for_each(|record| (objects, bytes) = (objects + 1, bytes + record.bytes));
            (pattern, objects, bytes)
        };
        let limits = self.limits();
        assert!(objects <= limits.0 && bytes <= limits.1, "{objects} objects, {bytes} bytes of {limits:?}");
        // One more byte fits below a limit that is one higher, and does not fit below the number itself.
        for (limit, fits) in [(bytes + 1, true), (bytes, false)] {
            assert_eq!(self.probe(&pattern, None, Some(limit), at).await, fits, "{bytes} bytes are counted");
        }
        for (limit, fits) in [(objects + 1, true), (objects, false)] {
            assert_eq!(
                self.probe(&pattern, Some(limit), None, at).await,
                fits,
                "{objects} objects are counted"
            );
        }
    }

    /// Returns whether a reservation of one byte fits below these limits. It counts nothing.
    async fn probe(
        &self,
        pattern: &Reservation,
        objects: Option<u64>,
        bytes: Option<u64>,
        at: Timestamp,
    ) -> bool {
        let mut probe = pattern.clone();
        probe.id = ReservationId::of("probe", "", &"probe".parse().unwrap());
        (probe.bytes, probe.expires_at) = (1, at.saturating_add(1));
        for counter in &mut probe.counters {
            counter.number = counter.window.number(at);
            (counter.max.objects, counter.max.bytes) = (objects, bytes);
        }
        let fits = self.counts.reserve(&probe, at).await.unwrap().is_ok();
        self.counts.release(probe.account, probe.id, at).await.unwrap();
        fits
    }
}

#[async_trait]
impl QuotaStore for Recorded {
    async fn reserve(
        &self,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Result<Result<Reserved, QuotaDenied>, QuotaStoreError> {
        let reserved = self.counts.reserve(reservation, at).await?;
        if let Ok(Reserved::New) = reserved {
            self.records.lock().unwrap().add(reservation, Fate::Open);
        }
        Ok(reserved)
    }

    async fn settle(
        &self,
        upload: &Reservation,
        object: ObjectMark,
        at: Timestamp,
    ) -> Result<Result<Settled, QuotaDenied>, QuotaStoreError> {
        let settled = self.counts.settle(upload, object, at).await?;
        if let Ok(Settled::ThisObject) = settled {
            let mut records = self.records.lock().unwrap();
            match records.by_id.get_mut(&upload.id).filter(|record| record.is_known(at)) {
                Some(record) if record.fate == Fate::Open => {
                    (record.bytes, record.fate) = (upload.bytes, Fate::Settled(object));
                    record.keep_until = record.keep_until.max(upload.keep_until());
                }
                Some(record) => assert_eq!(record.fate, Fate::Settled(object)),
                // It was released or has expired, and counts anew.
                None => records.add(upload, Fate::Settled(object)),
            }
        }
        Ok(settled)
    }

    async fn release(
        &self,
        account: QuotaAccount,
        id: ReservationId,
        at: Timestamp,
    ) -> Result<(), QuotaStoreError> {
        self.counts.release(account, id, at).await?;
        if let Some(record) = self.records.lock().unwrap().by_id.get_mut(&id)
            && record.fate == Fate::Open
        {
            record.fate = Fate::Released;
        }
        Ok(())
    }

    async fn count_request(
        &self,
        account: QuotaAccount,
        kind: &'static str,
        rate: Rate,
        at: Timestamp,
    ) -> Result<Result<(), TooManyRequests>, QuotaStoreError> {
        self.counts.count_request(account, kind, rate, at).await
    }
}
