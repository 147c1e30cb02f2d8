//! The suite of every store.

use upsign::{Clock, SystemClock};
use upsign_testing::conformance::check_quota_store;

use crate::emulator;

#[tokio::test(flavor = "multi_thread")]
async fn dynamodb_passes_the_suite_of_stores() {
    let Some(store) = emulator::store("suite").await else { return };
    store.check(SystemClock.now()).await.unwrap();
    check_quota_store(&store, "suite").await;
}
