//! Claims that the authorizer of a gateway has verified.

use serde_json::{Map, Value};
use upsign_core::Timestamp;
use upsign_jwt::claims::{Claims, check_origin, read_caller};
use upsign_jwt::{Excerpt, ListClaim, Rejection, VerifierConfig};

use super::event::{Event, object};
use super::event_claims::{EventClaims, Source};
use super::{EventUser, java_date};

pub(crate) fn identify(
    event: &Event<'_>,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let (members, source) = match event {
        Event::RestV1(context) => (object(context, "authorizer").and_then(claims_of), Source::RestApi),
        Event::HttpV1(context) => (object(context, "authorizer").and_then(claims_of), Source::HttpApiV1),
        Event::HttpV2(context) => {
            let jwt = object(context, "authorizer").and_then(|authorizer| object(authorizer, "jwt"));
            (jwt.and_then(claims_of), Source::HttpApiV2)
        }
        Event::AppSync(identity) => {
            let claims = identity.map(app_sync).transpose();
            (claims.map_err(|rejection| Source::AppSync.locate(rejection))?, Source::AppSync)
        }
        Event::Alb(_) => return Err(Rejection::OtherEvent),
    };
    let claims = EventClaims::new(members.ok_or(Rejection::NoClaims)?, source);
    user(&claims, source, config, at).map_err(|rejection| source.locate(rejection))
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

fn user(
    all: &EventClaims<'_>,
    source: Source,
    config: &VerifierConfig,
    at: Timestamp,
) -> Result<EventUser, Rejection> {
    let claims = Claims(all);
    let origin = check_origin(claims, config)?;
    let unknown_expiry = check_expiry(claims, source, config.leeway(), at)?;
    let lists = [config.groups_claim(), config.scopes_claim()];
    let unreadable: Vec<_> = lists.into_iter().filter_map(|list| all.unreadable(list)).collect();
    let caller = read_caller(claims, &origin, config)
        .map_err(|rejection| with_text(rejection, all.members(), config))?;
    Ok(EventUser {
        identity: caller.identity,
        username: caller.username,
        kind: origin.kind,
        client_id: origin.client_id.map(Into::into),
        claims: all.members().clone(),
        unreadable: unreadable.into_iter().chain(unknown_expiry).collect(),
    })
}

/// Shows the text of a list that cannot be split, in place of no names, if a name of that list is required.
fn with_text(rejection: Rejection, members: &Map<String, Value>, config: &VerifierConfig) -> Rejection {
    let text = |list: &ListClaim| {
        let text = members.get(list.name()).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        Some(Excerpt::new(text))
    };
    let nothing = Excerpt::new("");
    match rejection {
        Rejection::Groups { found, expected } if found == nothing => {
            Rejection::Groups { found: text(config.groups_claim()).unwrap_or(found), expected }
        }
        Rejection::Scopes { found, expected } if found == nothing => {
            Rejection::Scopes { found: text(config.scopes_claim()).unwrap_or(found), expected }
        }
        other => other,
    }
}

/// Checks the expiry again, because a gateway can cache the result of its authorizer.
///
/// How a REST API writes the time is not documented, so a text in another form than those that were observed does not reject
/// every caller: it is left to the check of the gateway, and returned as unreadable.
fn check_expiry(
    claims: Claims<'_, EventClaims<'_>>,
    source: Source,
    leeway: u32,
    at: Timestamp,
) -> Result<Option<Rejection>, Rejection> {
    let text = match claims.0.members().get("exp") {
        Some(Value::String(text)) if !source.has_types() => text,
        Some(Value::Null) | None => return Ok(None),
        Some(_) => return claims.unexpired(leeway, at).map(|_| None),
    };
    let expires_at = java_date::parse(text).or_else(|| Timestamp::from_unix(seconds(text)?));
    match expires_at {
        Some(exp) if at.as_unix() >= exp.as_unix().saturating_add(u64::from(leeway)) => {
            Err(Rejection::Expired { at: exp, seconds_ago: at.seconds_since(exp) })
        }
        Some(_) => Ok(None),
        None if text.is_empty() => Ok(None),
        None => {
            let problem = format!("not a time in a known form: {}", Excerpt::new(text));
            Ok(Some(source.locate(Rejection::invalid_claim("exp", problem))))
        }
    }
}

/// Reads a number of seconds, which a gateway may print with an exponent: `1767225600`, `1.7672256e+09` or `1.7672256E9`.
fn seconds(text: &str) -> Option<u64> {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.bytes().all(is_number) {
        return None;
    }
    let from_float = |seconds: f64| {
        // Every second of these years is exact in an `f64`, and a fraction counts against the token.
        (0.0..=MAX_SECONDS).contains(&seconds).then(|| format!("{seconds:.0}").parse().ok()).flatten()
    };
    text.parse().ok().or_else(|| from_float(text.parse::<f64>().ok()?.floor()))
}

/// The end of the year 9999.
const MAX_SECONDS: f64 = 253_402_300_799.0;
