//! A user pool that signs tokens as Cognito does, or as another OpenID Connect issuer.

pub(crate) mod builder;
mod claims;
mod endpoints;
mod keys;
mod origins;
mod shape;
mod token_endpoint;
pub(crate) mod tokens;
pub(crate) mod users;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use upsign::Clock;
use upsign_core::Timestamp;

use crate::error::LocalServerError;
use crate::http_server::{HttpServer, ShutdownOutcome};
use builder::LocalPoolBuilder;
use keys::SigningKeys;
use origins::AllowedOrigins;
use shape::TokenShape;
use tokens::{SignInError, UserTokens};
use users::{LocalUser, Users};

/// A running user pool on 127.0.0.1.
///
/// Keys and users exist only in memory: a new pool has a new key, and tokens of an earlier one do not verify. Dropping
/// the pool closes its connections.
///
/// Its tokens have the claims of Cognito (see
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
/// and <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>)
/// and the pool answers these requests over HTTP:
///
/// | request | answer |
/// | --- | --- |
/// | `GET /<pool id>/.well-known/jwks.json` | the public keys |
/// | `GET /<pool id>/.well-known/openid-configuration` | issuer and address of the public keys |
/// | `POST /` with `X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth` | tokens for a user name and a password (`USER_PASSWORD_AUTH`) |
///
/// With [`LocalPoolBuilder::openid`] or [`LocalPoolBuilder::tokens_for`] it stands for another OpenID Connect issuer. Its tokens
/// then have the claims of OpenID Connect and RFC 9068, and a form replaces the call of Cognito:
///
/// | request | answer |
/// | --- | --- |
/// | `POST /<pool id>/oauth2/token` with `grant_type=password`, `client_id`, `username`, `password` | tokens (RFC 6749 section 4.3) |
///
/// ```
/// use upsign_cognito::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
/// use upsign_local::{Clock, LocalPool, LocalUser, SystemClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ada = LocalUser::new("ada", "pw").group("editors");
/// let pool = LocalPool::builder().user(ada).start().await?;
/// let now = SystemClock.now();
/// let tokens = pool.sign_in("ada", "pw", pool.client_id(), now)?;
/// assert_eq!(tokens.expires_in(), 3_600);
///
/// // A service verifies them as it verifies those of Cognito, but for the issuer.
/// let issuer = TrustedIssuer::danger_http_keys(&pool.issuer(), &pool.jwks_url())?;
/// let config = VerifierConfig::new(issuer, [pool.client_id()], TokenUse::Access)?;
/// let verifier = Verifier::new(config, HttpFetch::new());
/// let claims = verifier.verify(tokens.access_token(), now).await?;
/// assert_eq!((claims.username(), claims.groups().next()), (Some("ada"), Some("editors")));
/// pool.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LocalPool {
    server: HttpServer,
    pool: Arc<Pool>,
    shutdown_timeout: Duration,
}

/// The state that [`LocalPool`] and its HTTP endpoints share.
struct Pool {
    address: SocketAddr,
    pool_id: String,
    client_ids: Vec<String>,
    shape: TokenShape,
    token_lifetime_seconds: u32,
    clock: Arc<dyn Clock>,
    keys: SigningKeys,
    users: Users,
    allowed_origins: AllowedOrigins,
    sign_in_count: AtomicU64,
}

impl LocalPool {
    /// Returns the configuration of a pool without users.
    pub fn builder() -> LocalPoolBuilder {
        LocalPoolBuilder::new()
    }

    /// Returns the address that the pool listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the pool id.
    #[must_use]
    pub fn pool_id(&self) -> &str {
        &self.pool.pool_id
    }

    /// Returns the client id, or the first of several.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.pool.client_ids.first().map_or(builder::CLIENT_ID, String::as_str)
    }

    /// Returns `http://127.0.0.1:PORT`, the endpoint for `InitiateAuth`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Returns the `iss` claim of the tokens: the endpoint, a slash and the pool id.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.pool.issuer()
    }

    /// Returns the URL of the public keys.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer())
    }

    /// Returns the public keys, the same JSON that is served at [`LocalPool::jwks_url`].
    #[must_use]
    pub fn jwks(&self) -> String {
        self.pool.keys.jwks()
    }

    /// Adds a user.
    ///
    /// # Errors
    /// The name is empty or taken.
    pub fn add_user(&self, user: LocalUser) -> Result<(), LocalServerError> {
        self.pool.users.add(user, self.pool.keys.first_kid())
    }

    /// Adds a user, or replaces the one with this name. The groups, scopes and claims are those of tokens that are signed from now
    /// on; the default `sub` depends on the name only and stays.
    ///
    /// # Errors
    /// The name is empty.
    pub fn put_user(&self, user: LocalUser) -> Result<(), LocalServerError> {
        self.pool.users.put(user, self.pool.keys.first_kid())
    }

    /// Signs a user in at the time `at` and returns tokens for the client.
    ///
    /// # Errors
    /// The client does not exist, the user does not exist, or the password is wrong.
    pub fn sign_in(
        &self,
        username: &str,
        password: &str,
        client_id: &str,
        at: Timestamp,
    ) -> Result<UserTokens, SignInError> {
        self.pool.sign_in(username, password, client_id, at)
    }

    /// Generates a new key, which signs all further tokens.
    ///
    /// The earlier keys stay in the JWKS, so that their tokens verify until they expire.
    ///
    /// # Errors
    /// The cryptography library fails to generate a key. The earlier key then stays in use.
    pub fn rotate_keys(&self) -> Result<(), LocalServerError> {
        self.pool.keys.rotate()
    }

    /// Replaces the list of origins whose web pages may call the pool. It applies from the next request.
    ///
    /// # Errors
    /// One of the origins is not an [`OriginPattern`](upsign_core::OriginPattern), such as `http://127.0.0.1:8080`. The earlier
    /// list then stays in use.
    pub fn set_allowed_origins<I: IntoIterator<Item: Into<String>>>(
        &self,
        origins: I,
    ) -> Result<(), LocalServerError> {
        self.pool.allowed_origins.set(origins.into_iter().map(Into::into).collect())
    }

    /// Stops listening, waits for open requests up to the configured timeout, then closes their connections.
    pub async fn shutdown(self) -> ShutdownOutcome {
        self.server.shutdown(self.shutdown_timeout).await
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
