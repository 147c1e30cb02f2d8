//! What would have to change in `upsign.toml` for a rejected token to be accepted.

use upsign_cognito::{Algorithm, Excerpt, ListClaim, ListForm, VerifierConfig};

/// Returns a value of a token as a TOML string. It is escaped already, and may be shortened.
pub(super) fn value(found: &Excerpt) -> String {
    format!("\"{}\"", found.to_string().trim_matches('`'))
}

pub(super) fn for_audience(found: &Excerpt, config: Option<&VerifierConfig>) -> String {
    let value = value(found);
    if config.is_some_and(|config| !config.is_oidc() && config.audiences().is_none()) {
        return format!(
            "the token is for another API; if it is this one: write audiences = [{value}] in [auth] of upsign.toml"
        );
    }
    format!("if the token is meant for this service: add {value} to audiences in [auth] of upsign.toml")
}

pub(super) fn for_algorithm(alg: &Excerpt, config: Option<&VerifierConfig>) -> Option<String> {
    let name = alg.to_string();
    let name = name.trim_matches('`');
    if name.parse::<Algorithm>().is_err() {
        return matches!(name, "HS256" | "HS384" | "HS512").then(|| {
            format!(
                "{name} signs with a shared secret: configure the issuer to sign with a key pair, for example RS256 or ES256"
            )
        });
    }
    let accepted =
        config.map_or(&[][..], VerifierConfig::algorithms).iter().map(|algorithm| algorithm.name());
    let list: Vec<_> = accepted.chain([name]).map(|name| format!("\"{name}\"")).collect();
    let change = format!("algorithms = [{}]", list.join(", "));
    Some(if config.is_some_and(VerifierConfig::is_oidc) {
        format!("if the issuer signs with {name}: write {change} in [auth] of upsign.toml")
    } else {
        format!(
            "Cognito signs with RS256; for another issuer, write provider = \"oidc\" and {change} in [auth] of upsign.toml"
        )
    })
}

pub(super) fn for_missing_claim(claim: &str, config: Option<&VerifierConfig>) -> Option<String> {
    let is_oidc = config.is_some_and(VerifierConfig::is_oidc);
    let help = match claim {
        "token_use" => {
            "the token is not one of Cognito: write provider = \"oidc\" and audiences in [auth] of upsign.toml"
        }
        "aud" if is_oidc => "let the client request the token for this API (its audience or resource)",
        "aud" => {
            "remove audiences from [auth] of upsign.toml, or let the client request the token for a resource"
        }
        "azp" => {
            "the token does not name its client: remove client_ids from [auth] of upsign.toml; audiences still decide"
        }
        _ => return None,
    };
    Some(help.to_owned())
}

pub(super) fn for_invalid_claim(claim: &str, config: Option<&VerifierConfig>) -> Option<String> {
    let config = config?;
    let key = if claim == config.groups_claim().name() {
        "groups_claim"
    } else if claim == config.scopes_claim().name() {
        "scopes_claim"
    } else {
        return None;
    };
    Some(format!(
        "write how the claim spells its list in [auth] of upsign.toml: {key} = {{ claim = \"{claim}\", form = \"…\" }}, with \
         json for [\"a\", \"b\"], comma for \"a,b\", bracket for \"[a, b]\" and space for \"a b\""
    ))
}

/// Returns what to do about missing groups or scopes. `key` is `groups` or `scopes`.
pub(super) fn for_names(key: &str, found: &Excerpt, claim: Option<&ListClaim>) -> String {
    let name = claim.map_or(key, ListClaim::name);
    if value(found) == "\"\"" {
        let form = claim.map_or(ListForm::Json, ListClaim::form);
        return format!(
            "the token has none; they are read from the claim {name} ({form}): write {key}_claim in [auth] of upsign.toml if \
             they are in another one"
        );
    }
    format!(
        "add one of {} to {key} in [auth] of upsign.toml, or give the caller one of those that are listed",
        value(found)
    )
}
