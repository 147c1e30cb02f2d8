//! `MemoryQuota` against a model that keeps every reservation and adds them up anew for each decision.

use futures_executor::block_on;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use upsign::quota::{
    Amount, AtExpiry, Limits, MemoryQuota, ObjectMark, QuotaAccount, QuotaCounter, QuotaDenied, QuotaScope,
    QuotaStore, Reservation, ReservationId, Reserved, Settled, Window,
};
use upsign::{Rate, Timestamp};
use upsign_testing::conformance::check_quota_store;

#[tokio::test]
async fn memory_passes_the_suite_of_stores() {
    check_quota_store(&MemoryQuota::new(), "suite").await;
}

#[tokio::test]
async fn accounts_without_effect_are_forgotten() {
    let (store, at) = (MemoryQuota::new(), start());
    for number in 0..100 {
        let mut upload = reservation(0, 1, 3_600, AtExpiry::Release, at);
        upload.account = QuotaAccount::from_bytes([number; 16]);
        store.reserve(&upload, at).await.unwrap().unwrap();
        let rate = Rate::new(60.try_into().unwrap(), 10.try_into().unwrap());
        let account = QuotaAccount::from_bytes([100 + number; 16]);
        store.count_request(account, "uploads", rate, at).await.unwrap().unwrap();
    }
    assert_eq!(store.tracked_accounts(), 200);
    // Two days later nothing of them counts. Every 1,024th step looks for such accounts.
    for _ in 0..1_024 {
        let nobody = (QuotaAccount::from_bytes([255; 16]), ReservationId::from_bytes([0; 16]));
        store.release(nobody.0, nobody.1, at.saturating_add(2 * 86_400)).await.unwrap();
    }
    assert_eq!(store.tracked_accounts(), 1);
}

fn start() -> Timestamp {
    "2026-01-01T21:00:00Z".parse().unwrap()
}

/// Returns a reservation with three limits: 3 objects an hour, 5 objects and 100 bytes a day.
fn reservation(id: u8, bytes: u64, seconds: u64, at_expiry: AtExpiry, at: Timestamp) -> Reservation {
    let (account, id) = (QuotaAccount::from_bytes([0; 16]), ReservationId::from_bytes([id; 16]));
    let counter = |scope, window: Window, objects, bytes| {
        QuotaCounter::new(scope, window, window.number(at), Limits::new(objects, bytes))
    };
    Reservation::new(id, account, bytes, at.saturating_add(seconds))
        .with_counter(counter(QuotaScope::Route(None), Window::HOUR, Some(3), None))
        .with_counter(counter(QuotaScope::AllRoutes, Window::DAY, Some(5), Some(100)))
        .with_expiry(at_expiry)
}

/// Returns what an upload is settled with.
fn settlement(id: u8, bytes: u64, at: Timestamp) -> Reservation {
    reservation(id, bytes, 2_000, AtExpiry::Release, at)
}

#[derive(Clone, Debug)]
enum Step {
    Reserve { id: u8, bytes: u64, seconds: u64, at_expiry: AtExpiry },
    Settle { id: u8, bytes: u64, object: u8 },
    Release { id: u8 },
    Wait { seconds: u64 },
}

#[derive(Clone, Debug)]
struct Record {
    id: u8,
    reservation: Reservation,
    /// The bytes that it counts.
    bytes: u64,
    state: State,
    /// Until when its object is known.
    keep_until: Timestamp,
}

impl Record {
    fn new(id: u8, reservation: Reservation, state: State) -> Self {
        let (bytes, keep_until) = (reservation.bytes, reservation.keep_until());
        Self { id, reservation, bytes, state, keep_until }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// With the object of this number.
    Settled(u8),
    /// It counts, but its id is unknown.
    Forgotten,
}

#[derive(Clone, Debug)]
struct Model {
    at: Timestamp,
    records: Vec<Record>,
}

impl Model {
    fn known(&mut self, id: u8) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| record.id == id && record.state != State::Forgotten)
    }

    fn used(&self, counter: &QuotaCounter) -> Amount {
        let counts = |record: &&Record| record.reservation.counters.contains(counter);
        self.records.iter().filter(counts).fold(Amount::default(), |sum, record| Amount {
            objects: sum.objects + 1,
            bytes: sum.bytes + record.bytes,
        })
    }

    fn forget_expired(&mut self) {
        let at = self.at;
        self.records.retain_mut(|record| {
            let expired = match record.state {
                State::Open => record.reservation.expires_at <= at,
                State::Settled(_) => record.keep_until <= at,
                State::Forgotten => false,
            };
            let released = record.state == State::Open && record.reservation.at_expiry == AtExpiry::Release;
            if expired {
                record.state = State::Forgotten;
            }
            !(expired && released)
        });
    }

    fn reserve(&mut self, id: u8, reservation: Reservation) -> Result<Reserved, QuotaDenied> {
        self.forget_expired();
        let at = self.at;
        if self.known(id).is_some_and(|record| record.reservation.expires_at > at) {
            return Ok(Reserved::Already);
        }
        reservation.check(self.at, |counter| self.used(counter))?;
        // It takes the place of a settled one that has expired.
        if let Some(record) = self.known(id) {
            record.state = State::Forgotten;
        }
        self.records.push(Record::new(id, reservation, State::Open));
        Ok(Reserved::New)
    }

    fn settle(&mut self, id: u8, upload: Reservation, object: u8) -> Result<Settled, QuotaDenied> {
        self.forget_expired();
        let settled = State::Settled(object);
        match self.known(id) {
            Some(record) if record.state == State::Open => {
                (record.bytes, record.state) = (upload.bytes, settled);
                record.keep_until = record.keep_until.max(upload.keep_until());
            }
            Some(record) if record.state == settled => {}
            Some(_) => return Ok(Settled::OtherObject),
            None => {
                upload.check(self.at, |counter| self.used(counter))?;
                self.records.push(Record::new(id, upload, settled));
            }
        }
        Ok(Settled::ThisObject)
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { at: start(), records: Vec::new() }).boxed()
    }

    fn transitions(_state: &Self) -> BoxedStrategy<Step> {
        let at_expiry = prop_oneof![Just(AtExpiry::Release), Just(AtExpiry::Keep)];
        prop_oneof![
            4 => (0..8_u8, 0..50_u64, prop_oneof![Just(1_000), Just(8_000_u64)], at_expiry)
                .prop_map(|(id, bytes, seconds, at_expiry)| Step::Reserve { id, bytes, seconds, at_expiry }),
            2 => (0..8_u8, 0..80_u64, 0..2_u8).prop_map(|(id, bytes, object)| Step::Settle { id, bytes, object }),
            2 => (0..8_u8).prop_map(|id| Step::Release { id }),
            2 => prop_oneof![Just(1_u64), Just(600), Just(1_800), Just(7_200)].prop_map(|seconds| Step::Wait { seconds }),
        ]
        .boxed()
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match *step {
            Step::Reserve { id, bytes, seconds, at_expiry } => {
                let _ = state.reserve(id, reservation(id, bytes, seconds, at_expiry, state.at));
            }
            Step::Settle { id, bytes, object } => {
                let _ = state.settle(id, settlement(id, bytes, state.at), object);
            }
            Step::Release { id } => {
                state.records.retain(|record| record.id != id || record.state != State::Open);
            }
            Step::Wait { seconds } => state.at = state.at.saturating_add(seconds),
        }
        // After each step the test looks at the store, which then forgets what has expired.
        state.forget_expired();
        state
    }
}

struct Memory {
    store: MemoryQuota,
    /// The model before the step.
    before: Model,
}

impl StateMachineTest for Memory {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        Self { store: MemoryQuota::new(), before: model.clone() }
    }

    fn apply(mut memory: Self, after: &Model, step: Step) -> Self {
        let account = QuotaAccount::from_bytes([0; 16]);
        let (id_of, at) = (|id| ReservationId::from_bytes([id; 16]), memory.before.at);
        match step {
            Step::Reserve { id, bytes, seconds, at_expiry } => {
                let reservation = reservation(id, bytes, seconds, at_expiry, at);
                let expected = memory.before.reserve(id, reservation.clone());
                assert_eq!(block_on(memory.store.reserve(&reservation, at)).unwrap(), expected);
            }
            Step::Settle { id, bytes, object } => {
                let upload = settlement(id, bytes, at);
                let expected = memory.before.settle(id, upload.clone(), object);
                let mark = ObjectMark::of(&object.to_string());
                assert_eq!(block_on(memory.store.settle(&upload, mark, at)).unwrap(), expected);
            }
            Step::Release { id } => block_on(memory.store.release(account, id_of(id), at)).unwrap(),
            Step::Wait { .. } => {}
        }
        memory.before = after.clone();
        memory
    }

    /// Asserts that the store has exactly the bytes of the current day left that the model has.
    fn check_invariants(memory: &Self, model: &Model) {
        let probe = reservation(200, 0, 1, AtExpiry::Release, model.at);
        let day = probe.counters.last().unwrap();
        let used = model.used(day);
        assert!(used.objects <= 5, "{used:?}");
        let left = 100_u64.saturating_sub(used.bytes);
        let look = |bytes: u64| {
            let mut probe = Reservation::new(probe.id, probe.account, bytes, model.at.saturating_add(1));
            // The limit of bytes only.
            probe = probe.with_counter(QuotaCounter::new(
                QuotaScope::AllRoutes,
                Window::DAY,
                day.number,
                Limits::new(None, Some(100)),
            ));
            let result = block_on(memory.store.reserve(&probe, model.at)).unwrap();
            block_on(memory.store.release(probe.account, probe.id, model.at)).unwrap();
            result
        };
        assert!(look(left + 1).is_err(), "more than {left} bytes are left");
        // A settled upload can exceed the limit. Then not even an empty one fits.
        assert_eq!(look(left).is_ok(), used.bytes <= 100, "fewer than {left} bytes are left");
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_decides_as_the_model(sequential 1..50 => Memory);
}
