//! Claims that the authorizer of a gateway has verified.

use serde_json::{Map, Value};
use upsign_core::Timestamp;

use super::event::{Event, object};
use super::{EventUser, groups, java_date};
use crate::claims::reader::Claims;
use crate::claims::rules;
use crate::config::verifier::VerifierConfig;
use crate::rejection::Rejection;

/// The format of lists and times in one kind of event.
struct Format {
    groups: fn(&Value) -> Vec<&str>,
    /// Returns a time in Unix seconds, or `None` if its format is not known.
    time: fn(&Value) -> Option<u64>,
}

const REST_V1: Format = Format {
    groups: groups::comma_separated,
    time: |value| {
        value
            .as_str()
            .and_then(|text| java_date::parse(text).map(Timestamp::as_unix).or_else(|| number(text)))
    },
};

const HTTP_V2: Format = Format {
    groups: groups::bracketed,
    time: |value| value.as_u64().or_else(|| value.as_str().and_then(number)),
};

const APP_SYNC: Format = Format { groups: groups::listed, time: Value::as_u64 };

pub(crate) fn identify(
    event: &Event<'_>,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let (claims, format) = match event {
        Event::RestV1(context) => (object(context, "authorizer").and_then(claims_of), REST_V1),
        Event::HttpV2(context) => {
            let jwt = object(context, "authorizer").and_then(|authorizer| object(authorizer, "jwt"));
            (jwt.and_then(claims_of), HTTP_V2)
        }
        Event::AppSync(identity) => (identity.map(app_sync).transpose()?, APP_SYNC),
        Event::Alb(_) => return Err(Rejection::OtherEvent),
    };
    user(claims.ok_or(Rejection::NoClaims)?, &format, config, at)
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
            return Err(Rejection::InvalidClaim { claim });
        }
    }
    Ok(claims)
}

fn user(
    all: &Map<String, Value>,
    format: &Format,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let claims = Claims(all);
    let subject = rules::subject(claims.required("sub")?)?;
    let issuer = rules::issuer(claims.required("iss")?, config)?;
    let kind = rules::kind(claims.required("token_use")?, config)?;
    let client_id = rules::client(claims.required(rules::client_claim(kind))?, config)?;
    check_expiry(all, format, config.leeway, at)?;
    let groups = all.get("cognito:groups").map(format.groups).unwrap_or_default();
    let scopes: Vec<&str> = claims.optional("scope")?.map(rules::scopes).unwrap_or_default();
    rules::require_any(&groups, config.required_groups.as_deref(), Rejection::Groups)?;
    rules::require_any(&scopes, config.required_scopes.as_deref(), Rejection::Scopes)?;
    let identity = rules::identity(issuer, subject)?.with_groups(groups).with_scopes(scopes);
    Ok(EventUser {
        identity: rules::with_identity_claims(identity, claims, config),
        username: rules::username(claims, kind)?,
        kind: Some(kind),
        client_id: Some(client_id),
        claims: all.clone(),
    })
}

/// Checks the expiry again, because a gateway can cache the result of its authorizer. A time in an unknown format is left to
/// the check of the gateway.
fn check_expiry(
    all: &Map<String, Value>,
    format: &Format,
    leeway: u32,
    at: Timestamp,
) -> Result<(), Rejection> {
    let expires_at = all.get("exp").and_then(format.time);
    match expires_at {
        Some(exp) if at.as_unix() >= exp.saturating_add(u64::from(leeway)) => {
            let expires_at = Timestamp::from_unix(exp).unwrap_or(Timestamp::MAX);
            Err(Rejection::Expired { at: expires_at, seconds_ago: at.seconds_since(expires_at) })
        }
        _ => Ok(()),
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
