//! The configuration of a user pool.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use upsign::{Clock, SystemClock};
use upsign_jwt::{Algorithm, ListClaim, VerifierConfig};

use super::keys::SigningKeys;
use super::origins::AllowedOrigins;
use super::shape::TokenShape;
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
    algorithm: Algorithm,
    shape: TokenShape,
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
            algorithm: Algorithm::Rs256,
            shape: TokenShape::cognito(),
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

    /// Signs tokens that a verifier with this configuration accepts: its algorithm, claims, audiences and clients. Replaces
    /// what the other methods have set.
    ///
    /// So a configuration for production can be tried here. Only the issuer is another one: the verifier needs
    /// [`VerifierConfig::with_issuer`]. Required groups and scopes are those of the users, and not set here.
    ///
    /// ```
    /// use upsign_jwt::{HttpFetch, TokenUse, TrustedIssuer, Verifier, VerifierConfig};
    /// use upsign_local::{Clock, LocalPool, LocalUser, SystemClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let production = TrustedIssuer::discover("https://example.eu.auth0.com/")?;
    /// let config = VerifierConfig::oidc(production, ["upload-api"], TokenUse::Access)?;
    ///
    /// let pool = LocalPool::builder().tokens_for(&config).user(LocalUser::new("ada", "pw")).start().await?;
    /// let config = config.with_issuer(TrustedIssuer::danger_http_discovery(&pool.issuer())?);
    /// let verifier = Verifier::new(config, HttpFetch::new());
    /// let now = SystemClock.now();
    /// let tokens = pool.sign_in("ada", "pw", pool.client_id(), now)?;
    /// assert_eq!(verifier.verify(tokens.access_token(), now).await?.username(), Some("ada"));
    /// pool.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tokens_for(mut self, config: &VerifierConfig) -> Self {
        (self.shape, self.client_ids) = TokenShape::for_verifier(config);
        self.algorithm = config.algorithms().first().copied().unwrap_or(Algorithm::Rs256);
        self
    }

    /// Signs tokens with the claims of OpenID Connect and RFC 9068 in place of those of Cognito, groups in `groups`. Replaces
    /// what [`groups_claim`](Self::groups_claim), [`scopes_claim`](Self::scopes_claim) and [`audience`](Self::audience) have set.
    pub fn openid(mut self) -> Self {
        self.shape = TokenShape::openid();
        self
    }

    /// Sets the algorithm of signatures. The default is RS256, as at Cognito.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Adds an audience, an API: a value of `aud` in access tokens. By default those of Cognito have no `aud`, and those of an
    /// [OpenID Connect issuer](Self::openid) name their client.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.shape.audiences.push(audience.into());
        self
    }

    /// Sets the claim with the groups, and how it spells them. The default is a list in `cognito:groups`, or in `groups` for an
    /// [OpenID Connect issuer](Self::openid).
    ///
    /// A name with dots is a path, such as `realm_access.roles`, unless it contains a colon.
    pub fn groups_claim(mut self, claim: ListClaim) -> Self {
        self.shape.groups = claim;
        self
    }

    /// Sets the claim of access tokens with the scopes, and how it spells them. The default is `scope`, with spaces.
    pub fn scopes_claim(mut self, claim: ListClaim) -> Self {
        self.shape.scopes = claim;
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

    /// Binds the port, generates a key and starts to accept requests.
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
        // Generating an RSA key takes hundreds of milliseconds, which would block the async runtime.
        let algorithm = self.algorithm;
        let keys = tokio::task::spawn_blocking(move || SigningKeys::generate(algorithm))
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
            shape: self.shape,
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
            .field("algorithm", &self.algorithm)
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
