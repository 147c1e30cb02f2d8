//! Starting a user pool.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::keys::Keys;
use super::origins::Origins;
use super::users::Users;
use super::{LocalPool, LocalUser, Pool, endpoints};
use crate::server::{Listening, SHUTDOWN_LIMIT};
use crate::{Clock, StartError};

/// A user pool about to start.
#[must_use]
pub struct LocalPoolBuilder {
    clock: Clock,
    port: u16,
    pool_id: String,
    client_ids: Vec<String>,
    users: Vec<LocalUser>,
    origins: Vec<String>,
    token_seconds: u32,
    shutdown_limit: Duration,
}

/// The client id of a pool that is given none.
pub(super) const CLIENT_ID: &str = "upsign-local-client";
/// The pool id of a pool that is given none.
const POOL_ID: &str = "local_upsign";

impl LocalPoolBuilder {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            port: 0,
            pool_id: POOL_ID.to_owned(),
            client_ids: Vec::new(),
            users: Vec::new(),
            origins: Vec::new(),
            token_seconds: 3_600,
            shutdown_limit: SHUTDOWN_LIMIT,
        }
    }

    /// The port; 0, the default, picks a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The pool id, `local_upsign` by default.
    pub fn pool_id(mut self, id: impl Into<String>) -> Self {
        self.pool_id = id.into();
        self
    }

    /// A client that users may sign in to, in the place of the default `upsign-local-client`; further calls add further
    /// ones.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_ids.push(id.into());
        self
    }

    /// A user.
    pub fn user(mut self, user: LocalUser) -> Self {
        self.users.push(user);
        self
    }

    /// A page that may call the pool from a browser, by its origin. None by default.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// How long tokens live: 3,600 seconds by default, as at Cognito.
    pub fn token_seconds(mut self, seconds: u32) -> Self {
        self.token_seconds = seconds;
        self
    }

    /// How long [`LocalPool::shutdown`] waits for open requests: 2 seconds by default.
    pub fn shutdown_limit(mut self, limit: Duration) -> Self {
        self.shutdown_limit = limit;
        self
    }

    /// Binds the port, makes a key and starts answering.
    ///
    /// # Errors
    /// [`StartError`]: the port is in use, or the pool id, an origin or a user name cannot be one.
    pub async fn start(mut self) -> Result<LocalPool, StartError> {
        if !is_pool_id(&self.pool_id) {
            return Err(StartError::PoolId(self.pool_id));
        }
        if self.client_ids.is_empty() {
            self.client_ids.push(CLIENT_ID.to_owned());
        }
        let origins = Origins::default();
        origins.set(self.origins)?;
        let listening = Listening::bind(self.port).await?;
        // A key takes a good part of a second without optimization.
        let keys = tokio::task::spawn_blocking(Keys::generate).await.map_err(|_| StartError::Key)??;
        let users = Users::default();
        for user in self.users {
            users.add(user, keys.first_kid())?;
        }
        let pool = Arc::new(Pool {
            address: listening.address(),
            pool_id: self.pool_id,
            client_ids: self.client_ids,
            token_seconds: self.token_seconds,
            clock: self.clock,
            keys,
            users,
            origins,
            signed: AtomicU64::new(0),
        });
        let server = listening.serve(endpoints::router(Arc::clone(&pool)));
        Ok(LocalPool { server, pool, shutdown_limit: self.shutdown_limit })
    }
}

/// Source: the pattern of `UserPoolId` in
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>.
fn is_pool_id(text: &str) -> bool {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let region = |text: &str| text.split('-').all(word);
    text.len() <= 55 && text.split_once('_').is_some_and(|(before, after)| region(before) && word(after))
}

impl fmt::Debug for LocalPoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPoolBuilder")
            .field("port", &self.port)
            .field("pool_id", &self.pool_id)
            .field("client_ids", &self.client_ids)
            .field("users", &self.users)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_ids() {
        for id in ["local_upsign", "us-east-1_AbCdEfGhI", "ap-southeast-1_1"] {
            assert!(is_pool_id(id), "{id}");
        }
        for id in [
            "",
            "local",
            "_a",
            "local_",
            "a_b_c",
            "a/b_c",
            "lo cal_x",
            "a-_x",
            &format!("a_{}", "b".repeat(60)),
        ] {
            assert!(!is_pool_id(id), "{id}");
        }
    }
}
