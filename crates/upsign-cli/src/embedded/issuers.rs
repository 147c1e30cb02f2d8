//! The embedded issuers: one user pool for each issuer of the configuration, which signs tokens of the same shape.

use std::sync::Arc;

use serde_json::{Value, json};
use upsign::{Clock, SystemClock, fill_random};
use upsign_axum::Authentication;
use upsign_cognito::{
    HttpFetch, KeySet, TokenCheck, TokenUse, TrustedIssuer, Verifier, VerifierConfig, Verifiers,
};
use upsign_config::{AuthIssuer, Config, IssuerName};
use upsign_core::Identity;
use upsign_local::{LocalPool, LocalPoolBuilder};
use upsign_policy::UploadPolicy;

use super::user::User;
use crate::auth::bearer;
use crate::exit::CommandError;

/// The issuers, in the order of the configuration.
pub(crate) struct Issuers {
    first: EmbeddedIssuer,
    others: Vec<EmbeddedIssuer>,
    /// The password of every user.
    pub(crate) password: String,
}

/// A running issuer, and the requirements for its tokens.
pub(crate) struct EmbeddedIssuer {
    /// The name, if the configuration gives it one.
    pub(crate) name: Option<IssuerName>,
    pub(crate) pool: Arc<LocalPool>,
    /// The requirements of the configuration, with the pool as the issuer.
    pub(crate) verifier: VerifierConfig,
    check: TokenCheck,
    keys: KeySet,
}

impl Issuers {
    /// Starts an issuer for each of the configuration, or a user pool that signs access tokens if it has none. Pages of these
    /// origins may sign users in.
    pub(super) async fn start(
        config: &Config,
        users: &[User],
        pages: &[String],
    ) -> Result<Self, CommandError> {
        let password = random_password()?;
        let claims: Vec<&str> = config.policies().flat_map(UploadPolicy::claims).collect();
        let mut configured = config.auth().map(|auth| auth.issuers.iter()).unwrap_or_default();
        let start = async |issuer| {
            let pool = users.iter().fold(LocalPool::builder(), |pool, user| pool.user(user.local(&password)));
            let pool = pages.iter().fold(pool, LocalPoolBuilder::allowed_origin);
            EmbeddedIssuer::start(issuer, pool, &claims).await
        };
        let first = start(configured.next()).await?;
        let mut others = Vec::new();
        for issuer in configured {
            others.push(start(Some(issuer)).await?);
        }
        Ok(Self { first, others, password })
    }

    /// Returns the same issuers for another configuration with the same `[auth]`: the claims that its routes need can be others.
    pub(super) fn renewed(&self, config: &Config) -> Result<Self, CommandError> {
        let claims: Vec<&str> = config.policies().flat_map(UploadPolicy::claims).collect();
        let others = self.others.iter().map(|issuer| issuer.renewed(&claims));
        Ok(Self {
            first: self.first.renewed(&claims)?,
            others: others.collect::<Result<_, _>>()?,
            password: self.password.clone(),
        })
    }

    /// Adds or replaces the users, and lets pages of these origins sign them in.
    pub(super) fn set_users(&self, users: &[User], pages: &[String]) -> Result<(), CommandError> {
        for issuer in self.iter() {
            let set = || {
                users.iter().try_for_each(|user| issuer.pool.put_user(user.local(&self.password)))?;
                issuer.pool.set_allowed_origins(pages.iter().cloned())
            };
            set().map_err(|error| CommandError::caused("the embedded issuer", &error))?;
        }
        Ok(())
    }

    /// Returns the first issuer, which is the only one unless the configuration has several.
    pub(crate) fn first(&self) -> &EmbeddedIssuer {
        &self.first
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &EmbeddedIssuer> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Returns the issuer with this name.
    pub(crate) fn named(&self, name: &str) -> Option<&EmbeddedIssuer> {
        self.iter().find(|issuer| issuer.name.as_ref().is_some_and(|known| known.as_str() == name))
    }

    /// Returns a new token of a user, of a kind that the configuration accepts.
    pub(crate) fn token(&self, issuer: &EmbeddedIssuer, user: &User) -> Result<String, CommandError> {
        let (pool, now) = (&issuer.pool, SystemClock.now());
        let tokens = pool.sign_in(&user.name, &self.password, pool.client_id(), now);
        let tokens = tokens.map_err(|error| CommandError::caused("the embedded issuer", &error))?;
        Ok(if issuer.takes_id_tokens() { tokens.id_token() } else { tokens.access_token() }.to_owned())
    }

    /// Returns the caller that the API sees when a user sends a token of this issuer, or the reason it rejects the token.
    pub(crate) fn caller(&self, issuer: &EmbeddedIssuer, user: &User) -> Result<Identity, String> {
        let token = self.token(issuer, user).map_err(|_| "the token could not be signed".to_owned())?;
        let claims = issuer.check.check(&issuer.keys, &token, SystemClock.now());
        claims.map(|claims| claims.identity()).map_err(|rejection| rejection.to_string())
    }

    /// Returns what authenticates callers of the API: the requirements of `[auth]`, for the embedded issuers.
    pub(super) fn authentication(&self, config: &Config) -> Result<Authentication, CommandError> {
        let verifier = |issuer: &EmbeddedIssuer| Verifier::new(issuer.verifier.clone(), HttpFetch::new());
        if self.others.is_empty() {
            return Ok(bearer(verifier(&self.first), config.auth()));
        }
        let verifiers = Verifiers::new(self.iter().map(verifier));
        let verifiers = verifiers.map_err(|error| CommandError::caused("the verifiers", &error))?;
        Ok(bearer(verifiers, config.auth()))
    }

    /// Stops the issuers, unless another configuration still uses them.
    pub(super) async fn shutdown(self) {
        for issuer in std::iter::once(self.first).chain(self.others) {
            if let Some(pool) = Arc::into_inner(issuer.pool) {
                pool.shutdown().await;
            }
        }
    }
}

impl EmbeddedIssuer {
    async fn start(
        configured: Option<&AuthIssuer>,
        pool: LocalPoolBuilder,
        claims: &[&str],
    ) -> Result<Self, CommandError> {
        let pool = match configured {
            Some(issuer) => pool.tokens_for(&issuer.verifier),
            None => pool,
        };
        let pool = pool.start().await.map_err(|error| CommandError::caused("the embedded issuer", &error))?;
        let is_discovered = configured.is_some_and(|issuer| issuer.verifier.issuer().is_discovered());
        let trusted = if is_discovered {
            TrustedIssuer::danger_http_discovery(&pool.issuer())
        } else {
            TrustedIssuer::danger_http_keys(&pool.issuer(), &pool.jwks_url())
        };
        let trusted = trusted.map_err(|error| CommandError::caused("the embedded issuer", &error))?;
        let verifier = match configured {
            Some(issuer) => issuer.verifier.clone().with_issuer(trusted),
            None => VerifierConfig::new(trusted, [pool.client_id()], TokenUse::Access)
                .map_err(|error| CommandError::caused("the verifier", &error))?,
        };
        let name = configured.and_then(|issuer| issuer.name.clone());
        Self::of_pool(name, Arc::new(pool), verifier, claims)
    }

    /// Returns the issuer of a pool that runs, whose tokens tell these claims.
    fn of_pool(
        name: Option<IssuerName>,
        pool: Arc<LocalPool>,
        verifier: VerifierConfig,
        claims: &[&str],
    ) -> Result<Self, CommandError> {
        let verifier = verifier.with_identity_claims(claims);
        let check = TokenCheck::new(verifier.clone());
        let keys = check.key_set(pool.jwks().as_bytes());
        let keys = keys.map_err(|error| CommandError::caused("the keys of the embedded issuer", &error))?;
        Ok(Self { name, pool, verifier, check, keys })
    }

    fn renewed(&self, claims: &[&str]) -> Result<Self, CommandError> {
        Self::of_pool(self.name.clone(), Arc::clone(&self.pool), self.verifier.clone(), claims)
    }

    /// Returns whether the configuration accepts ID tokens only.
    pub(crate) fn takes_id_tokens(&self) -> bool {
        self.verifier.token_use() == TokenUse::Id
    }

    /// Returns what the issuer is, in one word.
    pub(crate) fn label(&self) -> &'static str {
        if self.verifier.is_oidc() { "issuer" } else { "pool" }
    }

    /// Returns the name of the algorithm with which the issuer signs.
    pub(crate) fn algorithm(&self) -> Option<&'static str> {
        self.verifier.algorithms().first().map(|algorithm| algorithm.name())
    }

    /// Returns the issuer as a JSON object.
    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name.as_ref().map(IssuerName::as_str),
            "issuer": self.pool.issuer(),
            "jwksUri": self.pool.jwks_url(),
            "provider": if self.verifier.is_oidc() { "oidc" } else { "cognito" },
            "clientId": self.pool.client_id(),
            "audiences": self.verifier.audiences().unwrap_or_default(),
            "algorithm": self.algorithm(),
            "tokenUse": self.verifier.token_use().as_str(),
        })
    }
}

fn random_password() -> Result<String, CommandError> {
    let mut bytes = [0; 12];
    fill_random(&mut bytes).map_err(|error| CommandError::caused("cannot generate a password", &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
