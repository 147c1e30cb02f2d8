//! What is wrong with the token of a request, as far as that shows without the key of its issuer.
//!
//! The codes are those of `upsign verify` (`upsign_jwt::Rejection`). Nothing here is verified: a claim proves only what the client sent.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use upsign_core::Timestamp;

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use crate::diff::Field;
use crate::evidence::EvidenceKind;

/// Clocks of services differ by up to this many seconds from those that wrote the token.
const LEEWAY: u64 = 60;

/// One problem of a token.
struct Problem {
    /// The code of `upsign verify`.
    code: &'static str,
    field: Field,
    sentence: String,
    /// Whether no configuration accepts such a token. Otherwise it is only likely.
    is_fact: bool,
}

/// Adds the problem of the request's token to a refusal.
pub(super) fn explain(case: &Case<'_>, found: Diagnosis, refusal: &str) -> Diagnosis {
    let Some(Problem { code, field, sentence, is_fact }) = problem(case) else {
        let claims = claims(case).map(|claims| described(&claims)).unwrap_or_default();
        return match claims.as_str() {
            "" => found,
            claims => found.saying(format!(
                "{refusal}; it states {claims}: compare that with the configuration of the API"
            )),
        };
    };
    let found = if is_fact { Diagnosis { field, ..found } } else { found };
    let likely = if is_fact { "" } else { "probably, " };
    let fix = match code {
        "no-authorization" | "not-bearer" => "send the header `Authorization: Bearer TOKEN`",
        "not-compact" | "algorithm" => "send the access token itself, unchanged and without quotation marks",
        "expired" => "refresh the token before the call, and repeat the call once after a 401",
        "not-yet-valid" | "issued-later" => {
            "correct the clock of the machine that issues or checks tokens (NTP)"
        }
        "token-use" => "send the access token in place of the id token, or configure the API for id tokens",
        _ => return found.saying(format!("{refusal}: {likely}{sentence} ({code})")),
    };
    found.saying(format!("{refusal}: {likely}{sentence} ({code})")).fixed_by(fix)
}

/// Adds the claims that the reason of an authorizer is about.
pub(super) fn with_claims(case: &Case<'_>, found: Diagnosis, reason: &str) -> Diagnosis {
    let lower = reason.to_ascii_lowercase();
    // API Gateway compares `aud`, or `client_id` if a token has no `aud`:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    let named = [
        ("audience", "aud"),
        ("issuer", "iss"),
        ("expired", "exp"),
        ("not valid yet", "nbf"),
        ("not yet valid", "nbf"),
        ("scope", "scope"),
    ];
    let Some((_, claim)) = named.into_iter().find(|(part, _)| lower.contains(part)) else { return found };
    let found = Diagnosis { field: Field::Claim(claim.into()), ..found };
    let fix = match claim {
        "aud" => {
            "configure the app client of the token as an audience of the authorizer, or sign in with the configured one; an access token of Cognito has client_id in place of aud"
        }
        "iss" => {
            "configure the issuer of the token in the authorizer, without a slash at its end: https://cognito-idp.REGION.amazonaws.com/POOL"
        }
        "exp" => "refresh the token before the call, and repeat the call once after a 401",
        "nbf" => "correct the clock of the machine that issues or checks tokens (NTP)",
        _ => "request the scopes of the route when signing in",
    };
    let found = found.fixed_by(fix);
    match claims(case).map(|claims| described(&claims)).as_deref() {
        None | Some("") => found,
        Some(claims) => {
            let sentence = format!("{}; the token states {claims}", found.sentence);
            found.saying(sentence)
        }
    }
}

/// Adds the scopes and groups of the token to a refusal for a lack of them.
pub(super) fn with_permissions(case: &Case<'_>, found: Diagnosis) -> Diagnosis {
    let Some(claims) = claims(case) else { return found };
    let listed = ["scope", "cognito:groups"].into_iter().map(|name| {
        let value = claims.get(name).map_or_else(|| "nothing".to_owned(), shown);
        format!("{name} {value}")
    });
    let sentence =
        format!("{}; the token states {}", found.sentence, listed.collect::<Vec<_>>().join(" and "));
    found.saying(sentence)
}

fn problem(case: &Case<'_>) -> Option<Problem> {
    let sent = case.sent().filter(|sent| sent.has_own_headers)?;
    let fact = |code, field, sentence: String| Some(Problem { code, field, sentence, is_fact: true });
    let header = Field::header("authorization");
    let Some(value) = sent.request.header("authorization") else {
        // Browsers leave this header out of the HAR files that they call sanitized.
        if case.evidence.kind != EvidenceKind::CurlVerbose {
            return None;
        }
        return fact("no-authorization", header, "the request has no Authorization header".to_owned());
    };
    let Some(token) = bearer(value) else {
        return fact("not-bearer", header, "the Authorization header does not begin with Bearer".to_owned());
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [start, payload, _] = parts.as_slice() else {
        let kind = if parts.len() == 5 {
            "; five parts are an encrypted token, such as a refresh token"
        } else {
            ""
        };
        return fact("not-compact", header, format!("it has {} parts in place of three{kind}", parts.len()));
    };
    let (Some(start), Some(claims)) = (json(start), json(payload)) else {
        return fact(
            "not-compact",
            header,
            "a part of it is not JSON in base64url without padding".to_owned(),
        );
    };
    match start.get("alg").and_then(Value::as_str) {
        Some(alg) if alg.eq_ignore_ascii_case("none") => {
            return fact("algorithm", Field::Token, "it is not signed (`alg` is `none`)".to_owned());
        }
        _ => {}
    }
    of_times(case, &claims).or_else(|| of_use(&claims))
}

fn of_times(case: &Case<'_>, claims: &Value) -> Option<Problem> {
    let (at, is_recorded) = case.evidence.time()?;
    let time =
        |name: &str| claims.get(name).and_then(Value::as_f64).and_then(whole).and_then(Timestamp::from_unix);
    let problem = |code, claim: &str, sentence: String| Problem {
        code,
        field: Field::Claim(claim.into()),
        sentence,
        is_fact: is_recorded,
    };
    if let Some(expiry) = time("exp").filter(|expiry| expiry.saturating_add(LEEWAY) <= at) {
        return Some(problem("expired", "exp", format!("it expired at {expiry}")));
    }
    if let Some(start) = time("nbf").filter(|start| *start > at.saturating_add(LEEWAY)) {
        return Some(problem("not-yet-valid", "nbf", format!("it is not valid before {start}")));
    }
    // Many services do not look at `iat`.
    let issued = time("iat").filter(|issued| *issued > at.saturating_add(LEEWAY))?;
    let found =
        problem("issued-later", "iat", format!("it was issued at {issued}, after the request was sent"));
    Some(Problem { is_fact: false, ..found })
}

/// Returns whole seconds. Some issuers write times with a fraction.
fn whole(seconds: f64) -> Option<u64> {
    let is_in_range = seconds.is_finite() && (0.0..=253_402_300_799.0).contains(&seconds);
    is_in_range.then(|| format!("{:.0}", seconds.floor()).parse().ok()).flatten()
}

/// An id token is sent in place of an access token. An API can be configured for either.
fn of_use(claims: &Value) -> Option<Problem> {
    let found = claims.get("token_use").and_then(Value::as_str).filter(|found| *found == "id")?;
    Some(Problem {
        code: "token-use",
        field: Field::Claim("token_use".into()),
        sentence: format!("it is an {found} token, and APIs usually take access tokens"),
        is_fact: false,
    })
}

/// Returns the unverified claims of the request's token.
fn claims(case: &Case<'_>) -> Option<Value> {
    let token = bearer(case.sent()?.request.header("authorization")?)?;
    let (_, rest) = token.split_once('.')?;
    json(rest.split('.').next()?).filter(Value::is_object)
}

/// Lists the claims that APIs compare with their configuration. None of them is a secret or names a person.
fn described(claims: &Value) -> String {
    let names = ["iss", "token_use", "aud", "client_id"];
    let present = names.into_iter().filter_map(|name| Some(format!("{name} {}", shown(claims.get(name)?))));
    present.collect::<Vec<_>>().join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
