//! The keys of a step are in one slot of a cluster.

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use upsign_redis::RedisQuota;
use upsign_testing::conformance::check_quota_store;

use crate::server::Server;

async fn command(connection: &mut MultiplexedConnection, words: &str) -> String {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        command.arg(word);
    });
    command.query_async(connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_passes_the_suite_of_stores() {
    let slots = ["0 5460", "5461 10922", "10923 16383"];
    let arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"];
    let mut nodes = Vec::new();
    for slots in slots {
        let Some(server) = Server::start(&arguments) else { return };
        let client = redis::Client::open(server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        command(&mut connection, &format!("CLUSTER ADDSLOTSRANGE {slots}")).await;
        nodes.push((server, connection));
    }
    let first = nodes[0].0.port;
    for (_, connection) in &mut nodes[1..] {
        command(connection, &format!("CLUSTER MEET 127.0.0.1 {first}")).await;
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    for (_, connection) in &mut nodes {
        while !command(connection, "CLUSTER INFO").await.contains("cluster_state:ok") {
            assert!(Instant::now() < deadline, "the cluster was not ready within 30 s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let store = RedisQuota::open(&format!("redis-cluster://127.0.0.1:{first}")).unwrap();
    store.check().await.unwrap();
    check_quota_store(&store, "cluster").await;
    // The accounts are spread over the nodes.
    for (server, connection) in &mut nodes {
        let keys: u64 = redis::cmd("DBSIZE").query_async(connection).await.unwrap();
        assert!(keys > 0, "the node at {} has no keys", server.port);
    }
}
