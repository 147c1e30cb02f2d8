//! The user pool.

mod builder;
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

pub use builder::LocalPoolBuilder;
pub use tokens::{SignInError, Tokens};
pub use users::LocalUser;

use crate::server::Server;
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

impl LocalPool {
    /// A pool without users. `clock` is read when someone signs in over HTTP.
    pub fn builder(clock: Clock) -> LocalPoolBuilder {
        LocalPoolBuilder::new(clock)
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
        self.pool.client_ids.first().map_or(builder::CLIENT_ID, String::as_str)
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

impl Pool {
    fn issuer(&self) -> String {
        format!("http://{}/{}", self.address, self.pool_id)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("issuer", &self.issuer())
            .field("client_ids", &self.client_ids)
            .finish_non_exhaustive()
    }
}
