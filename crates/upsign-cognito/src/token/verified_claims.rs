//! The claims of a verified token.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use upsign_core::{Identity, Timestamp};
use upsign_json::{Object, read_object};

use crate::claims::reader::Claims;
use crate::claims::rules;
use crate::claims::times::Times;
use crate::config::token_use::TokenKind;
use crate::config::verifier::VerifierConfig;
use crate::rejection::Rejection;
use crate::token::jws::PAYLOAD_LIMITS;

/// The claims of a token whose signature, issuer, client and times were verified. Cheap to clone.
#[derive(Clone)]
pub struct VerifiedClaims(Arc<Inner>);

struct Inner {
    identity: Identity,
    username: Option<Box<str>>,
    kind: TokenKind,
    client_id: Box<str>,
    times: Times,
    payload: Vec<u8>,
    /// All claims, parsed again from the payload when they are first requested. Most requests need only the fields above.
    all: OnceLock<Map<String, Value>>,
}

impl VerifiedClaims {
    /// Reads and checks the claims of a payload whose signature was verified.
    pub(crate) fn read(payload: Vec<u8>, config: &VerifierConfig, at: Timestamp) -> Result<Self, Rejection> {
        let object = read_object(&payload, PAYLOAD_LIMITS).map_err(Rejection::ClaimsJson)?;
        let claims = Claims(&object);
        let issuer = rules::issuer(claims.required("iss")?, config)?;
        let kind = rules::kind(claims.required("token_use")?, config)?;
        let client_id = rules::client(claims.required(rules::client_claim(kind))?, config)?;
        let times = Times::read(claims)?;
        times.check(config.leeway, at)?;
        let subject = rules::subject(claims.required("sub")?)?;
        let groups = claims.strings("cognito:groups")?;
        let scopes: Vec<&str> = claims.optional("scope")?.map(rules::scopes).unwrap_or_default();
        rules::require_any(&groups, config.required_groups.as_deref(), Rejection::Groups)?;
        rules::require_any(&scopes, config.required_scopes.as_deref(), Rejection::Scopes)?;
        let username = rules::username(claims, kind)?;
        let identity = rules::identity(issuer, subject)?.with_groups(groups).with_scopes(scopes);
        let identity = rules::with_identity_claims(identity, claims, config);
        let all = OnceLock::new();
        drop(object);
        Ok(Self(Arc::new(Inner { identity, username, kind, client_id, times, payload, all })))
    }

    /// Returns the identity of the caller, for the policy and the issuer of uploads.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.0.identity.clone()
    }

    /// Returns `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.identity.issuer().as_str()
    }

    /// Returns `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.identity.subject().as_str()
    }

    /// Returns the `username` of an access token, or the `cognito:username` of an id token.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// Returns `cognito:groups`. Cognito lists the group with the highest precedence first.
    #[must_use]
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.groups()
    }

    /// Returns the scopes of `scope`.
    #[must_use]
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.scopes()
    }

    /// Returns `token_use`.
    #[must_use]
    pub fn token_use(&self) -> TokenKind {
        self.0.kind
    }

    /// Returns the `client_id` of an access token, or the `aud` of an id token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// Returns `exp`. From this time on, plus the leeway, the token is rejected. Until then it is accepted even if the user
    /// was deleted or signed out, because Cognito is not asked.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.times.expires_at()
    }

    /// Returns any claim as it was signed.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims().get(name)
    }

    /// Returns all claims as they were signed. The first call parses the payload again.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        // The payload was parsed with the same limits before, so this does not fail.
        self.0.all.get_or_init(|| {
            read_object(&self.0.payload, PAYLOAD_LIMITS).map(Object::into_map).unwrap_or_default()
        })
    }

    pub(crate) fn times(&self) -> Times {
        self.0.times
    }
}

impl PartialEq for VerifiedClaims {
    /// Compares the payloads byte for byte.
    fn eq(&self, other: &Self) -> bool {
        self.0.payload == other.0.payload
    }
}

impl fmt::Debug for VerifiedClaims {
    /// Omits all other claims, because they hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedClaims")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("token_use", &self.0.kind)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
