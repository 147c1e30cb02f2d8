//! The suite of every store.

use upsign_redis::RedisQuota;
use upsign_testing::conformance::check_quota_store;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn redis_passes_the_suite_of_stores() {
    let Some(server) = Server::start(&[]) else { return };
    let store = RedisQuota::open(&server.url()).unwrap();
    store.check().await.unwrap();
    check_quota_store(&store, "suite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_expires() {
    let Some(server) = Server::start(&[]) else { return };
    let store = RedisQuota::open(&server.url()).unwrap().with_key_prefix("tests");
    check_quota_store(&store, "expiry").await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    assert!(keys.len() > 20, "{}", keys.len());
    for key in keys {
        assert!(key.starts_with("tests:{"), "{key}");
        let seconds: i64 = redis::cmd("TTL").arg(&key).query_async(&mut connection).await.unwrap();
        // The suite counts at noon of tomorrow. The day after that is the previous window of servers whose clocks are ahead.
        assert!((1..=86_400 * 2).contains(&seconds), "{key} expires in {seconds} s");
    }
}
