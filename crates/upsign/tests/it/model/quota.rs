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
pub(super) enum Fate {
    Open,
    Settled(u64),
    Released,
}

#[derive(Clone, Debug)]
struct Record {
    reservation: Reservation,
    fate: Fate,
}

/// The store. Clones share what they count.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    counts: Arc<MemoryQuota>,
    records: Arc<Mutex<BTreeMap<ReservationId, Record>>>,
}

impl Recorded {
    pub(super) fn new() -> Self {
        Self { counts: Arc::new(MemoryQuota::new()), records: Arc::default() }
    }

    pub(super) fn fate(&self, id: ReservationId) -> Option<Fate> {
        Some(self.records.lock().unwrap().get(&id)?.fate)
    }

    pub(super) fn settled(&self) -> Vec<ReservationId> {
        let records = self.records.lock().unwrap();
        let settled = records.iter().filter(|(_, record)| matches!(record.fate, Fate::Settled(_)));
        settled.map(|(id, _)| *id).collect()
    }

    /// Panics unless the counters of the current window have exactly the objects and bytes of the record.
    pub(super) async fn check(&self, at: Timestamp) {
        let records: Vec<Record> = self.records.lock().unwrap().values().cloned().collect();
        let Some(pattern) = records.first().map(|record| record.reservation.clone()) else { return };
        let (mut objects, mut bytes) = (0, 0);
        let number = pattern.counters[0].window.number(at);
        for Record { reservation, fate } in records {
            let is_over = reservation.expires_at <= at;
            let counted = match fate {
                Fate::Open if !is_over => Some(reservation.bytes),
                Fate::Settled(bytes) => Some(bytes),
                Fate::Open | Fate::Released => None,
            };
            if let Some(counted) = counted.filter(|_| reservation.counters[0].number == number) {
                (objects, bytes) = (objects + 1, bytes + counted);
            }
        }
        assert!(objects <= super::world::MAX_UPLOADS as u64, "{objects} objects are above the limit");
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
            let record = Record { reservation: reservation.clone(), fate: Fate::Open };
            self.records.lock().unwrap().insert(reservation.id, record);
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
            let is_known = |record: &Record| match record.fate {
                Fate::Open => record.reservation.expires_at > at,
                Fate::Settled(_) => true,
                Fate::Released => false,
            };
            match records.get_mut(&upload.id).filter(|record| is_known(record)) {
                Some(record) => match record.fate {
                    Fate::Settled(before) => {
                        assert_eq!(before, upload.bytes, "one upload was settled with two sizes");
                    }
                    Fate::Open | Fate::Released => record.fate = Fate::Settled(upload.bytes),
                },
                // It was released or has expired, and counts anew.
                None => {
                    let record = Record { reservation: upload.clone(), fate: Fate::Settled(upload.bytes) };
                    records.insert(upload.id, record);
                }
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
        if let Some(record) = self.records.lock().unwrap().get_mut(&id)
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
