//! Claims that the authorizer of a gateway has verified.

use serde_json::{Map, Value};
use upsign_core::Timestamp;
use upsign_jwt::claims::{Claim, ClaimSource, Claims, check_origin, read_caller};
use upsign_jwt::{Rejection, VerifierConfig};

use super::event::{Event, object};
use super::{EventUser, groups, java_date};

/// How one kind of event spells the claims of a token.
#[derive(Clone, Copy)]
struct Spelling {
    /// Reads a list of strings.
    list: fn(&Value) -> Vec<&str>,
    /// Returns a time in Unix seconds, or `None` if its format is not known.
    time: fn(&Value) -> Option<u64>,
}

const REST: Spelling = Spelling { list: groups::comma_separated, time: any_time };
const HTTP_V1: Spelling = Spelling { list: groups::bracketed_or_comma_separated, time: any_time };
const HTTP_V2: Spelling = Spelling { list: groups::bracketed, time: any_time };
const APP_SYNC: Spelling = Spelling { list: groups::listed, time: Value::as_u64 };

/// The claims of an event.
struct EventClaims<'a> {
    members: &'a Map<String, Value>,
    spelling: Spelling,
}

impl ClaimSource for EventClaims<'_> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        match self.members.claim(name) {
            // `aud` is a text or a list in a token. No audience is a text in brackets.
            Some(Claim::String(text)) if name == "aud" && text.starts_with('[') => self.list(name),
            claim => claim,
        }
    }

    fn claim_at(&self, path: &[&str]) -> Option<Claim<'_>> {
        self.members.claim_at(path)
    }

    fn list(&self, name: &str) -> Option<Claim<'_>> {
        let value = self.members.get(name)?;
        match self.members.claim(name)? {
            // Gateways write an absent value as `null`.
            Claim::Null => None,
            Claim::String(_) | Claim::Strings(_) => Some(Claim::Strings((self.spelling.list)(value))),
            // Not a list in any spelling: the reader of the list rejects it.
            other => Some(other),
        }
    }
}

pub(crate) fn identify(
    event: &Event<'_>,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let (members, spelling) = match event {
        Event::RestV1(context) => (object(context, "authorizer").and_then(claims_of), REST),
        Event::HttpV1(context) => (object(context, "authorizer").and_then(claims_of), HTTP_V1),
        Event::HttpV2(context) => {
            let jwt = object(context, "authorizer").and_then(|authorizer| object(authorizer, "jwt"));
            (jwt.and_then(claims_of), HTTP_V2)
        }
        Event::AppSync(identity) => (identity.map(app_sync).transpose()?, APP_SYNC),
        Event::Alb(_) => return Err(Rejection::OtherEvent),
    };
    user(&EventClaims { members: members.ok_or(Rejection::NoClaims)?, spelling }, config, at)
}

fn claims_of(authorizer: &Map<String, Value>) -> Option<&Map<String, Value>> {
    object(authorizer, "claims")
}

/// AppSync sends the subject and the issuer twice. They must agree.
fn app_sync(identity: &Map<String, Value>) -> Result<&Map<String, Value>, Rejection> {
    let claims = object(identity, "claims").ok_or(Rejection::NoClaims)?;
    for (member, claim) in [("sub", "sub"), ("issuer", "iss")] {
        let value = Claims(claims).required(claim)?;
        if identity.get(member).and_then(Value::as_str) != Some(value) {
            return Err(Rejection::invalid_claim(
                claim,
                format!("not the `{member}` of the event's identity"),
            ));
        }
    }
    Ok(claims)
}

fn user(all: &EventClaims<'_>, config: &VerifierConfig, at: Timestamp) -> Result<EventUser, Rejection> {
    let claims = Claims(all);
    let origin = check_origin(claims, config)?;
    check_expiry(all, config.leeway(), at)?;
    let caller = read_caller(claims, &origin, config)?;
    Ok(EventUser {
        identity: caller.identity,
        username: caller.username,
        kind: origin.kind,
        client_id: origin.client_id.map(Into::into),
        claims: all.members.clone(),
    })
}

/// Checks the expiry again, because a gateway can cache the result of its authorizer. A time in an unknown format is left to
/// the check of the gateway.
fn check_expiry(all: &EventClaims<'_>, leeway: u32, at: Timestamp) -> Result<(), Rejection> {
    let expires_at = all.members.get("exp").and_then(all.spelling.time);
    match expires_at {
        Some(exp) if at.as_unix() >= exp.saturating_add(u64::from(leeway)) => {
            let expires_at = Timestamp::from_unix(exp).unwrap_or(Timestamp::MAX);
            Err(Rejection::Expired { at: expires_at, seconds_ago: at.seconds_since(expires_at) })
        }
        _ => Ok(()),
    }
}

/// Reads a number, its text, or the date that a REST API writes.
fn any_time(value: &Value) -> Option<u64> {
    let text = |text: &str| java_date::parse(text).map(Timestamp::as_unix).or_else(|| number(text));
    value.as_u64().or_else(|| value.as_str().and_then(text))
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
