//! The connection, which the first step opens.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{Client, FromRedisValue, ScriptInvocation};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::error::{InvalidRedisUrl, StepError};

/// The schemes of a cluster, which the client does not know, with those of its nodes.
const CLUSTER_SCHEMES: [(&str, &str); 2] =
    [("redis-cluster://", "redis://"), ("rediss-cluster://", "rediss://")];

/// Where the server is. Both kinds connect only when they are used, because that needs a runtime.
pub(crate) enum Server {
    Single(Box<Client>),
    Cluster(Box<ClusterClient>),
}

impl Server {
    pub(crate) fn parse(url: &str, limit: Duration) -> Result<Self, InvalidRedisUrl> {
        let of_cluster = CLUSTER_SCHEMES
            .iter()
            .find_map(|(cluster, node)| url.strip_prefix(cluster).map(|rest| [*node, rest].concat()));
        let node = of_cluster.as_deref().unwrap_or(url);
        check_scheme(node)?;
        if of_cluster.is_none() {
            return Ok(Self::Single(Box::new(
                Client::open(url).map_err(|error| InvalidRedisUrl::Url(error.into()))?,
            )));
        }
        let client = ClusterClient::builder([node])
            .connection_timeout(limit)
            .response_timeout(limit)
            .retries(3)
            .min_retry_wait(10)
            .max_retry_wait(100)
            .build();
        Ok(Self::Cluster(Box::new(client.map_err(|error| InvalidRedisUrl::Url(error.into()))?)))
    }
}

fn check_scheme(url: &str) -> Result<(), InvalidRedisUrl> {
    if url.starts_with("redis://") {
        return Ok(());
    }
    if !url.starts_with("rediss://") {
        return Err(InvalidRedisUrl::Scheme);
    }
    #[cfg(feature = "tls")]
    {
        // Without a default, rustls panics if another crate of the program enables a second provider.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        Ok(())
    }
    #[cfg(not(feature = "tls"))]
    Err(InvalidRedisUrl::Tls)
}

#[derive(Clone)]
enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

/// Runs scripts on a server.
pub(crate) struct Connections {
    server: Server,
    connection: OnceCell<Connection>,
    /// Of an attempt: connecting, sending, and the answer.
    pub(crate) limit: Duration,
}

/// Attempts of a step. The second covers a connection that was lost since the last step. Each step can be repeated.
const ATTEMPTS: u32 = 2;

impl Connections {
    pub(crate) const fn new(server: Server, limit: Duration) -> Self {
        Self { server, connection: OnceCell::const_new(), limit }
    }

    async fn connect(&self) -> Result<Connection, StepError> {
        let connect = async {
            Ok::<_, redis::RedisError>(match &self.server {
                Server::Single(client) => {
                    let config = ConnectionManagerConfig::new()
                        .set_connection_timeout(self.limit)
                        .set_response_timeout(self.limit)
                        // The next step tries again.
                        .set_number_of_retries(0);
                    let client = Client::clone(client);
                    Connection::Single(ConnectionManager::new_with_config(client, config).await?)
                }
                Server::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
            })
        };
        Ok(self.connection.get_or_try_init(|| connect).await?.clone())
    }

    /// Runs a script until it answers, at most [`ATTEMPTS`] times.
    pub(crate) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StepError> {
        let mut attempts = 1;
        loop {
            let attempt = async {
                match self.connect().await? {
                    Connection::Single(mut connection) => Ok(script.invoke_async(&mut connection).await?),
                    Connection::Cluster(mut connection) => Ok(script.invoke_async(&mut connection).await?),
                }
            };
            // Loading the script and connecting are requests of their own.
            let limit = self.limit.saturating_mul(3);
            let result = timeout(limit, attempt).await.unwrap_or(Err(StepError::Timeout(limit)));
            match result {
                Err(error) if attempts < ATTEMPTS && error.retry_may_help() => attempts += 1,
                result => return result,
            }
        }
    }
}
