//! Two processes with one server count as one.

use std::env;
use std::num::NonZeroU32;
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use upsign::quota::{
    AccountKey, Limits, QuotaAccount, QuotaCounter, QuotaScope, QuotaStore, Reservation, ReservationId,
    Reserved, StoreRateLimit, Window,
};
use upsign::{Clock, FailMode, Rate, RateLimit, SystemClock, Timestamp};
use upsign_redis::RedisQuota;

use crate::server::{Server, variable};

/// Noon of tomorrow, the same in every process.
pub(crate) fn tomorrow() -> Timestamp {
    let today = SystemClock.now().as_unix() / 86_400;
    Timestamp::UNIX_EPOCH.saturating_add((today + 1) * 86_400 + 43_200)
}

fn alice() -> upsign::Identity {
    upsign::Identity::from_verified("https://issuer.example", "alice").unwrap()
}

/// Returns the reservation of one upload of an account with this limit of objects.
pub(crate) fn reservation(number: usize, limit: u64) -> Reservation {
    let account = QuotaAccount::of("tests", &AccountKey::Subject, &alice());
    let key = format!("uploads/{number}").parse().unwrap();
    let id = ReservationId::of("bucket", "https://bucket.example/", &key);
    let max = Limits::new(Some(limit), None);
    let day = QuotaCounter::new(QuotaScope::AllRoutes, Window::DAY, Window::DAY.number(tomorrow()), max);
    Reservation::new(id, account, 1_000, tomorrow().saturating_add(3_600)).with_counter(day)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_count_as_one() {
    let Some(server) = Server::start(&[]) else { return };
    let mut children = Vec::new();
    for first in ["0", "500"] {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "--ignored", "--nocapture", "processes::one_of_two_processes"]);
        command.env("TEST_REDIS_URL", server.url()).env("TEST_FIRST", first).stdout(Stdio::piped());
        children.push(command.spawn().unwrap());
    }
    let mut granted = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let line =
            output.lines().find_map(|line| line.split_once("granted ")).unwrap_or_else(|| panic!("{output}"));
        let numbers: Vec<usize> = line.1.split(' ').map(|number| number.parse().unwrap()).collect();
        granted.push([numbers[0], numbers[1]]);
    }
    println!("uploads and requests granted by each process: {granted:?}");
    assert_eq!(granted[0][0] + granted[1][0], 300);
    assert_eq!(granted[0][1] + granted[1][1], 40);
    assert!(
        granted.iter().all(|[uploads, requests]| *uploads > 0 && *requests > 0),
        "one came too late: {granted:?}"
    );
}

/// Reserves 500 uploads of a limit of 300, and counts 500 requests of a rate that permits 40 at once.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process of the test `two_processes_count_as_one`"]
async fn one_of_two_processes() {
    let first: usize = variable("TEST_FIRST").unwrap().parse().unwrap();
    let store = std::sync::Arc::new(RedisQuota::open(&variable("TEST_REDIS_URL").unwrap()).unwrap());
    let rate = Rate::new(NonZeroU32::MIN, NonZeroU32::new(40).unwrap());
    let limit = StoreRateLimit::new(std::sync::Arc::clone(&store), "uploads", rate, FailMode::Closed);
    store.check().await.unwrap();
    // Both begin at the same second, and go in small steps.
    let start = SystemClock.now().as_unix() / 2 * 2 + 2;
    while SystemClock.now().as_unix() < start {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    let (mut uploads, mut requests) = (0, 0);
    let numbers: Vec<usize> = (first..first + 500).collect();
    for numbers in numbers.chunks(5) {
        let reservations: Vec<_> = numbers.iter().map(|number| reservation(*number, 300)).collect();
        let reserved = join_all(reservations.iter().map(|upload| store.reserve(upload, tomorrow()))).await;
        uploads += reserved.iter().filter(|result| matches!(result, Ok(Ok(Reserved::New)))).count();
        assert!(reserved.iter().all(Result::is_ok));
        requests += usize::from(limit.count(&alice(), tomorrow()).await.is_ok());
    }
    println!("granted {uploads} {requests}");
}
