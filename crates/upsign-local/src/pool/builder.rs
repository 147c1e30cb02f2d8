//! The configuration of a user pool.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use upsign::{Clock, SystemClock};

use super::keys::SigningKeys;
use super::origins::AllowedOrigins;
use super::users::{LocalUser, Users};
use super::{LocalPool, Pool, endpoints};
use crate::error::LocalServerError;
use crate::http_server::{BoundListener, DEFAULT_SHUTDOWN_TIMEOUT};

/// The configuration of a [`LocalPool`] that has not started.
#[must_use]
pub struct LocalPoolBuilder {
    clock: Arc<dyn Clock>,
    port: u16,
    pool_id: String,
    client_ids: Vec<String>,
    users: Vec<LocalUser>,
    allowed_origins: Vec<String>,
    token_lifetime_seconds: u32,
    shutdown_timeout: Duration,
}

/// The client id of a pool without configured clients.
pub(super) const CLIENT_ID: &str = "upsign-local-client";
/// The default pool id.
const POOL_ID: &str = "local_upsign";

impl LocalPoolBuilder {
    pub(super) fn new() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            port: 0,
            pool_id: POOL_ID.to_owned(),
            client_ids: Vec::new(),
            users: Vec::new(),
            allowed_origins: Vec::new(),
            token_lifetime_seconds: 3_600,
            shutdown_timeout: DEFAULT_SHUTDOWN_TIMEOUT,
        }
    }

    /// Sets the clock by which users sign in over HTTP. The default is [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the port. The default, 0, selects a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the pool id. The default is `local_upsign`.
    ///
    /// It has the form of Cognito's ids, up to 55 characters such as `us-east-1_AbCdEfGhI`, and is part of the issuer.
    pub fn pool_id(mut self, id: impl Into<String>) -> Self {
        self.pool_id = id.into();
        self
    }

    /// Adds a client that users may sign in to.
    ///
    /// A pool without configured clients has one, `upsign-local-client`.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_ids.push(id.into());
        self
    }

    /// Adds a user.
    pub fn user(mut self, user: LocalUser) -> Self {
        self.users.push(user);
        self
    }

    /// Allows web pages of this origin, such as `http://127.0.0.1:8080`, to call the pool. No origin is allowed by
    /// default.
    pub fn allowed_origin(mut self, origin: impl Into<String>) -> Self {
        self.allowed_origins.push(origin.into());
        self
    }

    /// Sets the lifetime of tokens, in seconds. The default is 3600, as at Cognito.
    pub fn token_lifetime_seconds(mut self, seconds: u32) -> Self {
        self.token_lifetime_seconds = seconds;
        self
    }

    /// Limits how long [`LocalPool::shutdown`] waits for open requests. The default is 2 seconds.
    pub fn shutdown_timeout(mut self, limit: Duration) -> Self {
        self.shutdown_timeout = limit;
        self
    }

    /// Binds the port, generates an RSA key and starts to accept requests.
    ///
    /// # Errors
    /// The port is in use, the key cannot be generated, or the pool id, an origin or a user name is invalid.
    pub async fn start(mut self) -> Result<LocalPool, LocalServerError> {
        if !is_pool_id(&self.pool_id) {
            return Err(LocalServerError::InvalidPoolId(self.pool_id));
        }
        if self.client_ids.is_empty() {
            self.client_ids.push(CLIENT_ID.to_owned());
        }
        let allowed_origins = AllowedOrigins::default();
        allowed_origins.set(self.allowed_origins)?;
        let listener = BoundListener::bind(self.port).await?;
        // Generating a key takes hundreds of milliseconds, which would block the async runtime.
        let keys = tokio::task::spawn_blocking(SigningKeys::generate)
            .await
            .map_err(|_| LocalServerError::GenerateKey)??;
        let users = Users::default();
        for user in self.users {
            users.add(user, keys.first_kid())?;
        }
        let pool = Arc::new(Pool {
            address: listener.address(),
            pool_id: self.pool_id,
            client_ids: self.client_ids,
            token_lifetime_seconds: self.token_lifetime_seconds,
            clock: self.clock,
            keys,
            users,
            allowed_origins,
            sign_in_count: AtomicU64::new(0),
        });
        let server = listener.serve(endpoints::router(Arc::clone(&pool)));
        Ok(LocalPool { server, pool, shutdown_timeout: self.shutdown_timeout })
    }
}

/// Returns whether `text` has the form of a user pool id: `[\w-]+_[0-9a-zA-Z]+`, without a second `_`.
///
/// Source: the pattern of `UserPoolId` in
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>.
fn is_pool_id(text: &str) -> bool {
    let alphanumeric = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let region = |text: &str| text.split('-').all(alphanumeric);
    text.len() <= 55
        && text.split_once('_').is_some_and(|(before, after)| region(before) && alphanumeric(after))
}

impl fmt::Debug for LocalPoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPoolBuilder")
            .field("port", &self.port)
            .field("pool_id", &self.pool_id)
            .field("client_ids", &self.client_ids)
            .field("users", &self.users)
            .field("allowed_origins", &self.allowed_origins)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_ids_have_the_form_of_cognito() {
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
