//! The claims of a token, read once and strictly.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Number, Value};
use upsign_core::{Identity, Timestamp};

use crate::json::{self, Json, Members};
use crate::{Excerpt, Rejection, TokenKind, VerifierConfig};

const DEPTH: u8 = 16;

/// The claims of a token whose signature, issuer, client and times were checked. Cheap to clone.
#[derive(Clone)]
pub struct VerifiedClaims(Arc<Inner>);

struct Inner {
    identity: Identity,
    username: Option<Box<str>>,
    kind: TokenKind,
    client_id: Box<str>,
    times: Times,
    payload: Vec<u8>,
    /// The payload once somebody has asked for more than the above.
    all: OnceLock<Map<String, Value>>,
}

/// When a token is valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    expires_at: Timestamp,
    not_before: Option<Timestamp>,
    issued_at: Option<Timestamp>,
}

impl VerifiedClaims {
    /// Reads and judges the claims of a payload whose signature holds.
    pub(crate) fn read(payload: Vec<u8>, config: &VerifierConfig, at: Timestamp) -> Result<Self, Rejection> {
        let members = json::members(&payload, DEPTH).map_err(Rejection::ClaimsJson)?;
        let claims = Claims(&members);
        let issuer = claims.mandatory("iss")?;
        if !config.issuer.is_named(issuer) {
            return Err(Rejection::Issuer { found: Excerpt::of(issuer) });
        }
        let kind = kind(claims.mandatory("token_use")?, config)?;
        let client_id = client(claims.mandatory(client_claim(kind))?, config)?;
        let times = Times::read(claims)?;
        times.check(config.leeway, at)?;
        let subject = subject(claims.mandatory("sub")?)?;
        let groups = claims.texts("cognito:groups")?;
        let scopes: Vec<&str> = claims.optional("scope")?.map(words).unwrap_or_default();
        require(&groups, config.required_groups.as_deref(), Rejection::Groups)?;
        require(&scopes, config.required_scopes.as_deref(), Rejection::Scopes)?;
        let username = username(claims, kind)?;
        let identity = identity(issuer, subject)?.with_groups(groups).with_scopes(scopes);
        let identity = claims.handed_on(identity, config);
        let all = OnceLock::new();
        drop(members);
        Ok(Self(Arc::new(Inner { identity, username, kind, client_id, times, payload, all })))
    }

    /// The caller, to be handed on.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.0.identity.clone()
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.identity.issuer().as_str()
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.identity.subject().as_str()
    }

    /// `username` of an access token, `cognito:username` of an id token.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// `cognito:groups`, in the order of precedence that Cognito gave them.
    #[must_use]
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.groups()
    }

    /// The words of `scope`.
    #[must_use]
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.identity.scopes()
    }

    /// `token_use`.
    #[must_use]
    pub fn token_use(&self) -> TokenKind {
        self.0.kind
    }

    /// `client_id` of an access token, `aud` of an id token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// `exp`. A token is refused from there on, plus the leeway; a user deleted or signed out meanwhile keeps it until then.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.times.expires_at
    }

    /// Any claim, as it was signed.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims().get(name)
    }

    /// All claims, as they were signed.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        // It was read once already, so it can be read.
        self.0.all.get_or_init(|| json::object(&self.0.payload, DEPTH).unwrap_or_default())
    }

    pub(crate) fn times(&self) -> Times {
        self.0.times
    }
}

impl PartialEq for VerifiedClaims {
    /// The same payload, byte for byte.
    fn eq(&self, other: &Self) -> bool {
        self.0.payload == other.0.payload
    }
}

impl fmt::Debug for VerifiedClaims {
    /// Who, not what: claims hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedClaims")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .field("token_use", &self.0.kind)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

impl Times {
    fn read<M: Lookup>(claims: Claims<'_, M>) -> Result<Self, Rejection> {
        let expires_at =
            claims.time("exp", Rounding::Down)?.ok_or(Rejection::MissingClaim { claim: "exp" })?;
        let not_before = claims.time("nbf", Rounding::Up)?;
        let issued_at = claims.time("iat", Rounding::Down)?;
        Ok(Self { expires_at, not_before, issued_at })
    }

    pub(crate) fn check(self, leeway: u32, at: Timestamp) -> Result<(), Rejection> {
        let leeway = u64::from(leeway);
        // In plain seconds, so that an expiry near the end of time is not moved by the end of `Timestamp`.
        if at.as_unix() >= self.expires_at.as_unix() + leeway {
            return Err(Rejection::Expired { at: self.expires_at });
        }
        let later = |time: &Timestamp| time.as_unix() > at.as_unix() + leeway;
        if let Some(not_before) = self.not_before.filter(later) {
            return Err(Rejection::NotYetValid { at: not_before });
        }
        match self.issued_at {
            Some(issued_at) if later(&issued_at) => Err(Rejection::IssuedLater { at: issued_at }),
            Some(issued_at) if issued_at > self.expires_at => Err(Rejection::InvalidClaim { claim: "iat" }),
            _ => Ok(()),
        }
    }
}

/// Claims by type: absent, right or refused.
#[derive(Debug)]
pub(crate) struct Claims<'a, M>(pub(crate) &'a M);

impl<M> Clone for Claims<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Claims<'_, M> {}

/// What claims are read from: a token's payload, or an event.
pub(crate) trait Lookup {
    fn claim(&self, name: &str) -> Option<Claim<'_>>;
}

/// A claim of a type that any claim we read may have.
pub(crate) enum Claim<'a> {
    Text(&'a str),
    Number(&'a Number),
    Texts(Vec<&'a str>),
    Other,
}

impl Lookup for Members<'_> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(|json| match json {
            Json::Text(text) => Claim::Text(text),
            Json::Number(number) => Claim::Number(number),
            Json::Array(items) => {
                items.iter().map(Json::as_text).collect::<Option<_>>().map_or(Claim::Other, Claim::Texts)
            }
            Json::Null | Json::Bool(_) | Json::Object(_) => Claim::Other,
        })
    }
}

impl Lookup for Map<String, Value> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(|value| match value {
            Value::String(text) => Claim::Text(text),
            Value::Number(number) => Claim::Number(number),
            Value::Array(items) => {
                items.iter().map(Value::as_str).collect::<Option<_>>().map_or(Claim::Other, Claim::Texts)
            }
            Value::Null | Value::Bool(_) | Value::Object(_) => Claim::Other,
        })
    }
}

impl<'a, M: Lookup> Claims<'a, M> {
    pub(crate) fn mandatory(self, claim: &'static str) -> Result<&'a str, Rejection> {
        self.optional(claim)?.ok_or(Rejection::MissingClaim { claim })
    }

    pub(crate) fn optional(self, claim: &'static str) -> Result<Option<&'a str>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(None),
            Some(Claim::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Rejection::InvalidClaim { claim }),
        }
    }

    /// The identity with the claims that are to go on with it.
    pub(crate) fn handed_on(self, identity: Identity, config: &VerifierConfig) -> Identity {
        config.identity_claims.iter().fold(identity, |identity, name| match self.0.claim(name) {
            Some(Claim::Text(text)) => identity.with_claim(name, text),
            _ => identity,
        })
    }

    pub(crate) fn texts(self, claim: &'static str) -> Result<Vec<&'a str>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(Vec::new()),
            Some(Claim::Texts(texts)) => Ok(texts),
            Some(_) => Err(Rejection::InvalidClaim { claim }),
        }
    }

    /// `exp`, if there is one, unless it has passed.
    pub(crate) fn unexpired(self, leeway: u32, at: Timestamp) -> Result<Option<Timestamp>, Rejection> {
        match self.time("exp", Rounding::Down)? {
            Some(exp) if at.as_unix() >= exp.as_unix() + u64::from(leeway) => {
                Err(Rejection::Expired { at: exp })
            }
            exp => Ok(exp),
        }
    }

    fn time(self, claim: &'static str, rounding: Rounding) -> Result<Option<Timestamp>, Rejection> {
        let time = match self.0.claim(claim) {
            None => return Ok(None),
            Some(Claim::Number(number)) => numeric_date(number, rounding),
            Some(_) => None,
        };
        time.map(Some).ok_or(Rejection::InvalidClaim { claim })
    }
}

#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

/// RFC 7519, section 2, `NumericDate`: seconds, with or without a fraction. A fraction is rounded against the token.
fn numeric_date(number: &Number, rounding: Rounding) -> Option<Timestamp> {
    if let Some(seconds) = number.as_u64() {
        return Timestamp::from_unix(seconds);
    }
    let seconds = number.as_f64()?;
    let whole = match rounding {
        Rounding::Down => seconds.floor(),
        Rounding::Up => seconds.ceil(),
    };
    let latest = Timestamp::MAX.as_unix();
    #[expect(clippy::cast_precision_loss, reason = "the year 9999 is far below 2^53")]
    let fits = (0.0..=latest as f64).contains(&whole);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
    fits.then(|| Timestamp::from_unix(whole as u64)).flatten()
}

pub(crate) fn kind(token_use: &str, config: &VerifierConfig) -> Result<TokenKind, Rejection> {
    let unknown = || Rejection::UnknownTokenUse { found: Excerpt::of(token_use) };
    let kind = TokenKind::named(token_use).ok_or_else(unknown)?;
    if config.token_use.allows(kind) { Ok(kind) } else { Err(Rejection::TokenUse { found: kind }) }
}

pub(crate) const fn client_claim(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "client_id",
        TokenKind::Id => "aud",
    }
}

pub(crate) fn client(found: &str, config: &VerifierConfig) -> Result<Box<str>, Rejection> {
    if config.client_ids.iter().any(|ours| ours.as_ref() == found) {
        Ok(found.into())
    } else {
        Err(Rejection::Client { found: Excerpt::of(found) })
    }
}

/// A subject names somebody: it is not blank and has no control character.
pub(crate) fn subject(sub: &str) -> Result<&str, Rejection> {
    let fits = !sub.trim().is_empty() && !sub.contains(char::is_control);
    if fits { Ok(sub) } else { Err(Rejection::InvalidClaim { claim: "sub" }) }
}

pub(crate) fn identity(issuer: &str, subject: &str) -> Result<Identity, Rejection> {
    // The issuer is a configured one, so only the subject can be unfit.
    Identity::vouched(issuer, subject).map_err(|_| Rejection::InvalidClaim { claim: "sub" })
}

pub(crate) fn username<M: Lookup>(
    claims: Claims<'_, M>,
    kind: TokenKind,
) -> Result<Option<Box<str>>, Rejection> {
    let claim = match kind {
        TokenKind::Access => "username",
        TokenKind::Id => "cognito:username",
    };
    Ok(claims.optional(claim)?.map(Into::into))
}

/// RFC 6749, section 3.3: scopes are separated by single spaces.
pub(crate) fn words(scope: &str) -> Vec<&str> {
    scope.split(' ').filter(|word| !word.is_empty()).collect()
}

/// One match is enough.
pub(crate) fn require<'a>(
    found: &[&str],
    required: Option<&'a [Box<str>]>,
    otherwise: Rejection,
) -> Result<(), Rejection> {
    let matches = |required: &'a [Box<str>]| required.iter().any(|name| found.contains(&name.as_ref()));
    if required.is_none_or(matches) { Ok(()) } else { Err(otherwise) }
}
