//! The claims of a verified token.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};
use upsign_core::{Identity, Timestamp};
use upsign_json::{Object, read_object};

use crate::claims::kind::TokenType;
use crate::claims::reader::Claims;
use crate::claims::rules::{self, Caller};
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
    kind: Option<TokenKind>,
    client_id: Option<Box<str>>,
    times: Times,
    payload: Vec<u8>,
    /// All claims, parsed again from the payload when they are first requested. Most requests need only the fields above.
    all: OnceLock<Map<String, Value>>,
}

impl VerifiedClaims {
    /// Reads and checks the claims of a payload whose signature was verified.
    pub(crate) fn read(
        payload: Vec<u8>,
        token_type: TokenType,
        config: &VerifierConfig,
        at: Timestamp,
    ) -> Result<Self, Rejection> {
        let object = read_object(&payload, PAYLOAD_LIMITS).map_err(Rejection::ClaimsJson)?;
        let claims = Claims(&object);
        let origin = rules::origin(claims, token_type, config)?;
        let times = Times::read(claims)?;
        times.check(config.leeway, at)?;
        let Caller { identity, username } = rules::read_caller(claims, &origin, config)?;
        let (kind, client_id) = (origin.kind, origin.client_id.map(Into::into));
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

    /// Returns `sub`, or the claim that is configured as the subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.identity.subject().as_str()
    }

    /// Returns the user name: `preferred_username`; of Amazon Cognito the `username` of an access token, or the `cognito:username`
    /// of an id token.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// Returns the groups, in the order of the token. Cognito lists the group with the highest precedence first.
    #[must_use]
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.groups()
    }

    /// Returns the scopes.
    #[must_use]
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.scopes()
    }

    /// Returns the kind of token, if it shows one: Cognito's always do, those of other issuers not always.
    #[must_use]
    pub fn token_use(&self) -> Option<TokenKind> {
        self.0.kind
    }

    /// Returns the client to which the token was issued, if the token shows it. Cognito's always do: the `client_id` of an access
    /// token, or the `aud` of an id token.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.0.client_id.as_deref()
    }

    /// Returns `exp`. From this time on, plus the leeway, the token is rejected. Until then it is accepted even if the user
    /// was deleted or signed out, because the issuer is not asked.
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
