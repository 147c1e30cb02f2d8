//! 1,000 reservations at once, of two stores with one table.

use futures_util::future::join_all;
use upsign::quota::{
    AccountKey, Limits, QuotaAccount, QuotaCounter, QuotaScope, QuotaStore, Reservation, ReservationId,
    Reserved, Window,
};
use upsign::{Clock, SystemClock, Timestamp};

use crate::emulator;

fn tomorrow() -> Timestamp {
    SystemClock.now().saturating_add(86_400)
}

fn reservation(number: usize, limit: u64, at: Timestamp) -> Reservation {
    let alice = upsign::Identity::from_verified("https://issuer.example", "alice").unwrap();
    let account = QuotaAccount::of("tests", &AccountKey::Subject, &alice);
    let key = format!("uploads/{number}").parse().unwrap();
    let id = ReservationId::of("bucket", "https://bucket.example/", &key);
    let max = Limits::new(Some(limit), Some(limit * 1_000));
    let day = QuotaCounter::new(QuotaScope::AllRoutes, Window::DAY, Window::DAY.number(at), max);
    Reservation::new(id, account, 1_000, at.saturating_add(3_600)).with_counter(day)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reservations_at_once_are_exact() {
    let Some(store) = emulator::store("concurrency").await else { return };
    let at = tomorrow();
    let uploads: Vec<_> = (0..1_000).map(|number| reservation(number, 600, at)).collect();
    let began = std::time::Instant::now();
    let results = join_all(uploads.iter().map(|upload| store.reserve(upload, at))).await;
    println!("1,000 reservations took {} ms", began.elapsed().as_millis());
    if let Some(Err(error)) = results.iter().find(|result| result.is_err()) {
        panic!("{error:?}");
    }
    let granted = results.iter().filter(|result| matches!(result, Ok(Ok(Reserved::New)))).count();
    let denied = results.iter().filter(|result| matches!(result, Ok(Err(_)))).count();
    assert_eq!((granted, denied), (600, 400));

    // The counter is exactly at the limit.
    let reserve = async |number, limit| store.reserve(&reservation(number, limit, at), at).await.unwrap();
    assert!(reserve(10_000, 600).await.is_err());
    assert_eq!(reserve(10_000, 601).await, Ok(Reserved::New));
    assert!(reserve(10_001, 601).await.is_err());
}

/// Reserves for one account whose reservations all expire, so that all callers release the same ones at once.
#[tokio::test(flavor = "multi_thread")]
async fn expired_reservations_are_subtracted_once() {
    let Some(store) = emulator::store("expiry").await else { return };
    let at = tomorrow();
    let later = at.saturating_add(3_600);
    let uploads: Vec<_> = (0..60).map(|number| reservation(number, 60, at)).collect();
    let results = join_all(uploads.iter().map(|upload| store.reserve(upload, at))).await;
    assert!(results.iter().all(|result| matches!(result, Ok(Ok(Reserved::New)))));
    let uploads: Vec<_> = (100..180)
        .map(|number| {
            let mut upload = reservation(number, 60, at);
            upload.expires_at = later.saturating_add(3_600);
            upload
        })
        .collect();
    let results = join_all(uploads.iter().map(|upload| store.reserve(upload, later))).await;
    let granted = results.iter().filter(|result| matches!(result, Ok(Ok(Reserved::New)))).count();
    assert!(granted <= 60, "{granted} of 60 were granted: something was subtracted twice");
    // A caller that was denied while another one released may try again.
    let mut total = granted;
    for upload in &uploads {
        total += usize::from(matches!(store.reserve(upload, later).await, Ok(Ok(Reserved::New))));
    }
    assert_eq!(total, 60);
}
