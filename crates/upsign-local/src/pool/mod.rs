//! The user pool.

mod endpoints;
mod keys;
mod origins;
mod tokens;
mod users;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use upsign_core::Timestamp;

pub use tokens::{SignInError, Tokens};
pub use users::LocalUser;

use crate::server::{Listening, SHUTDOWN_LIMIT, Server};
use crate::{Clock, Shutdown, StartError};
use keys::Keys;
use origins::Origins;
use users::Users;

/// A running user pool on 127.0.0.1. Its keys are made at its start and go with it.
///
/// It signs what Cognito signs (the claims of
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html> and
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>)
/// and answers over HTTP:
///
/// | request | answer |
/// | --- | --- |
/// | `GET /<pool id>/.well-known/jwks.json` | the public keys |
/// | `GET /<pool id>/.well-known/openid-configuration` | issuer and addresses |
/// | `POST /` with `X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth` | `USER_PASSWORD_AUTH` |
///
/// ```
/// use std::sync::Arc;
/// use upsign_core::Timestamp;
/// use upsign_local::{LocalPool, LocalUser};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let at: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// let pool = LocalPool::builder(Arc::new(move || at)).user(LocalUser::new("ada", "pw")).start().await?;
/// let tokens = pool.sign_in("ada", "pw", pool.client_id(), at)?;
/// assert_eq!(tokens.expires_at().to_string(), "2026-01-01T01:00:00Z");
/// pool.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LocalPool {
    server: Server,
    pool: Arc<Pool>,
    shutdown_limit: Duration,
}

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

/// What the handle and the HTTP endpoints share.
struct Pool {
    address: SocketAddr,
    pool_id: String,
    client_ids: Vec<String>,
    token_seconds: u32,
    clock: Clock,
    keys: Keys,
    users: Users,
    origins: Origins,
    signed: AtomicU64,
}

/// The client id of a pool that is given none.
const CLIENT_ID: &str = "upsign-local-client";
/// The pool id of a pool that is given none.
const POOL_ID: &str = "local_upsign";

impl LocalPool {
    /// A pool without users. `clock` is read when someone signs in over HTTP.
    pub fn builder(clock: Clock) -> LocalPoolBuilder {
        LocalPoolBuilder {
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

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The pool id.
    #[must_use]
    pub fn pool_id(&self) -> &str {
        &self.pool.pool_id
    }

    /// The client id, or the first of several.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.pool.client_ids.first().map_or(CLIENT_ID, String::as_str)
    }

    /// `http://127.0.0.1:PORT`, where `InitiateAuth` is posted to.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The `iss` of its tokens: the endpoint, a slash and the pool id.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.pool.issuer()
    }

    /// Where its public keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer())
    }

    /// Its public keys: the JSON that [`LocalPool::jwks_url`] answers with.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.pool.keys.jwks()
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`StartError::User`]: the name is empty or taken.
    pub fn add_user(&self, user: LocalUser) -> Result<(), StartError> {
        self.pool.users.add(user, self.pool.keys.first_kid())
    }

    /// Signs a user in at `at`: an access and an id token for the client.
    ///
    /// # Errors
    /// [`SignInError`]: no such user, another password, no such client.
    pub fn sign_in(
        &self,
        username: &str,
        password: &str,
        client_id: &str,
        at: Timestamp,
    ) -> Result<Tokens, SignInError> {
        self.pool.sign_in(username, password, client_id, at)
    }

    /// Signs with a new key from here on. The keys before it stay published, as Cognito leaves them.
    ///
    /// # Errors
    /// [`StartError::Key`]
    pub fn rotate_keys(&self) -> Result<(), StartError> {
        self.pool.keys.rotate()
    }

    /// Says which pages may call it from a browser, by origin; the ones from before may no longer.
    ///
    /// # Errors
    /// [`StartError::Origin`]: one is not like `http://127.0.0.1:8080`.
    pub fn set_origins<I: IntoIterator<Item: Into<String>>>(&self, origins: I) -> Result<(), StartError> {
        self.pool.origins.set(origins.into_iter().map(Into::into).collect())
    }

    /// Stops listening, lets open requests finish within the limit, then cuts them off.
    pub async fn shutdown(self) -> Shutdown {
        self.server.shutdown(self.shutdown_limit).await
    }
}

impl LocalPoolBuilder {
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

impl Pool {
    fn issuer(&self) -> String {
        format!("http://{}/{}", self.address, self.pool_id)
    }
}

/// Source: the pattern of `UserPoolId` in
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html>.
fn is_pool_id(text: &str) -> bool {
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let region = |text: &str| text.split('-').all(word);
    text.len() <= 55 && text.split_once('_').is_some_and(|(before, after)| region(before) && word(after))
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("issuer", &self.issuer())
            .field("client_ids", &self.client_ids)
            .finish_non_exhaustive()
    }
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
        for id in ["", "local", "_a", "local_", "a_b_c", "a/b_c", "lo cal_x", "a-_x", &format!("a_{}", "b".repeat(60))]
        {
            assert!(!is_pool_id(id), "{id}");
        }
    }
}
