//! 1,000 reservations at once, also while the server is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use upsign::quota::{QuotaDenied, QuotaStore, Reservation, Reserved};
use upsign_redis::RedisQuota;

use crate::processes::{reservation, tomorrow};
use crate::server::Server;

const LIMIT: u64 = 600;

/// Repeats a step until its outcome is known.
async fn reserve(store: &RedisQuota, reservation: &Reservation) -> Result<Reserved, QuotaDenied> {
    for _ in 0..1_000 {
        match store.reserve(reservation, tomorrow()).await {
            Ok(result) => return result,
            Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
        }
    }
    panic!("the server did not come back");
}

/// Asserts that the counter is exactly at the limit.
async fn assert_full(store: &RedisQuota) {
    let denied = reserve(store, &reservation(10_000, LIMIT)).await.unwrap_err();
    assert_eq!(denied.limit, LIMIT);
    assert_eq!(reserve(store, &reservation(10_000, LIMIT + 1)).await, Ok(Reserved::New));
    assert!(reserve(store, &reservation(10_001, LIMIT + 1)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_reservations_at_once_are_exact() {
    let Some(server) = Server::start(&[]) else { return };
    let store = RedisQuota::open(&server.url()).unwrap();
    let uploads: Vec<_> = (0..1_000).map(|number| reservation(number, LIMIT)).collect();
    let began = std::time::Instant::now();
    let results = join_all(uploads.iter().map(|upload| store.reserve(upload, tomorrow()))).await;
    println!("1,000 reservations took {} ms", began.elapsed().as_millis());
    let granted = results.iter().filter(|result| matches!(result, Ok(Ok(Reserved::New)))).count();
    let denied = results.iter().filter(|result| matches!(result, Ok(Err(_)))).count();
    assert_eq!((granted, denied), (600, 400));
    assert_full(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reservations_stay_exact_when_the_server_is_killed() {
    let Some(mut server) = Server::start(&[]) else { return };
    let store = Arc::new(RedisQuota::open(&server.url()).unwrap());
    let done = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..1_000)
        .map(|number| {
            let (store, done) = (Arc::clone(&store), Arc::clone(&done));
            tokio::spawn(async move {
                // Spread over about a second, so that some are before the server ends, some while it is away, and some after.
                tokio::time::sleep(Duration::from_millis(number)).await;
                let result = reserve(&store, &reservation(usize::try_from(number).unwrap(), LIMIT)).await;
                done.fetch_add(1, Ordering::Relaxed);
                result
            })
        })
        .collect();
    for kills in 1..=2 {
        while done.load(Ordering::Relaxed) < kills * 250 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill();
        let answered = done.load(Ordering::Relaxed);
        assert!(answered < 1_000, "the server was killed too late");
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.restart();
    }
    let results: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    // A reservation whose answer was lost is known when it is repeated.
    let granted = results.iter().filter(|result| result.is_ok()).count();
    let repeated = results.iter().filter(|result| **result == Ok(Reserved::Already)).count();
    println!("granted {granted} of 1,000, of which {repeated} had been counted before their answer was lost");
    assert_eq!(granted, 600);
    assert_full(&store).await;
}
