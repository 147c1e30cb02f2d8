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

/// The documentation of the crate states what the user needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_needs_the_documented_permissions_only() {
    let Some(server) = Server::start(&[]) else { return };
    let documentation = include_str!("../../src/lib.rs");
    let rules = documentation.lines().skip_while(|line| !line.contains("ACL SETUSER")).take(2);
    let rules: Vec<&str> = rules.flat_map(|line| line.trim_start_matches("//!").split_whitespace()).collect();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(rules[0]);
    command.arg(&rules[1..]);
    let _: String = command.query_async(&mut connection).await.unwrap();

    let url = format!("redis://upsign:PASSWORD@127.0.0.1:{}", server.port);
    check_quota_store(&RedisQuota::open(&url).unwrap(), "permissions").await;
    let wrong = format!("redis://upsign:wrong@127.0.0.1:{}", server.port);
    let error = RedisQuota::open(&wrong).unwrap().check().await.unwrap_err();
    let shown = format!("{error:?}");
    assert!(shown.contains("AuthenticationFailed") && !shown.contains("upsign:wrong"), "{shown}");
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
