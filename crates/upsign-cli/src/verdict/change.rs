//! What would have to change in `upsign.toml` for a rejected token to be accepted.

use upsign_cognito::{
    Algorithm, ClientIds, Excerpt, ListClaim, ListForm, Rejection, TokenUse, VerifierConfig,
};

use super::unverified::UnverifiedClaims;
use crate::auth::place::AuthPlace;

/// A change of the configuration.
pub(crate) struct Change {
    /// What to write, and where.
    pub(crate) text: String,
    /// The requirements after the change, to see whether another one is needed. `None` if that is not known.
    pub(crate) relaxed: Option<VerifierConfig>,
}

/// Returns the change of the configuration after which a token is not rejected for this reason, if there is one.
pub(crate) fn for_rejection(
    rejection: &Rejection,
    claims: Option<&UnverifiedClaims>,
    config: Option<&VerifierConfig>,
    place: &AuthPlace,
) -> Option<Change> {
    let and = |text: String, relaxed: Option<VerifierConfig>| Some(Change { text, relaxed });
    let any_client = || config.and_then(|config| config.clone().with_client_ids(ClientIds::Any).ok());
    match rejection {
        Rejection::ByIssuer { rejection, .. } => for_rejection(rejection, claims, config, place),
        Rejection::Client { found, .. } => {
            let value = value(found);
            let table = place.table();
            let text = format!(
                "if that client is yours: add {value} to client_ids {table}, or pass --client-id {value}"
            );
            and(text, any_client())
        }
        Rejection::Audience { found, .. } => {
            let audiences = claims.map(UnverifiedClaims::audiences).unwrap_or_default();
            let relaxed = config.and_then(|config| config.clone().with_audiences(audiences).ok());
            and(for_audience(found, config, place), relaxed)
        }
        Rejection::Algorithm { alg } => {
            let text = for_algorithm(alg, config, place)?;
            let name = alg.to_string();
            let algorithm = name.trim_matches('`').parse::<Algorithm>().ok();
            let relaxed = algorithm.zip(config).and_then(|(algorithm, config)| {
                let all = config.algorithms().iter().copied().chain([algorithm]);
                config.clone().with_algorithms(all).ok()
            });
            and(text, relaxed)
        }
        Rejection::MissingClaim { claim } => {
            let relaxed = if claim == "azp" { any_client() } else { None };
            and(for_missing_claim(claim, config, place)?, relaxed)
        }
        Rejection::InvalidClaim { claim, .. } => and(for_invalid_claim(claim, config, place)?, None),
        Rejection::Groups { found, .. } => {
            let claim = config.map(VerifierConfig::groups_claim);
            let text = for_unsplit(found, claim, claims, place);
            and(text.unwrap_or_else(|| for_names("groups", found, claim, place)), None)
        }
        Rejection::Scopes { found, .. } => {
            and(for_names("scopes", found, config.map(VerifierConfig::scopes_claim), place), None)
        }
        Rejection::TokenUse { found, .. } => {
            let (found, table) = (found.as_str(), place.table());
            let other = if found == "id" { "access" } else { "id" };
            let text = format!(
                "send the {other} token, or accept {found} tokens with token_use = \"{found}\" {table} (or --token-use {found})"
            );
            and(text, config.map(|config| config.clone().with_token_use(TokenUse::Any)))
        }
        Rejection::TokenTooLong { bytes, .. } => {
            let relaxed = config.and_then(|config| config.clone().with_max_token_bytes(*bytes).ok());
            and(for_length(*bytes, place)?, relaxed)
        }
        _ => None,
    }
}

/// Returns a value of a token as a TOML string. It is escaped already, and may be shortened.
fn value(found: &Excerpt) -> String {
    format!("\"{}\"", found.to_string().trim_matches('`'))
}

/// Returns the next larger whole number of KiB, if such a token can be accepted at all.
fn for_length(bytes: usize, place: &AuthPlace) -> Option<String> {
    let kib = bytes.div_ceil(1024);
    (bytes <= *upsign_cognito::MAX_TOKEN_BYTES_RANGE.end())
        .then(|| format!("write max_token_size = \"{kib} KiB\" {}", place.first_table()))
}

fn for_audience(found: &Excerpt, config: Option<&VerifierConfig>, place: &AuthPlace) -> String {
    let (value, table) = (value(found), place.table());
    if config.is_some_and(|config| !config.is_oidc() && config.audiences().is_none()) {
        return format!(
            "the token is for another API; if it is this one: write audiences = [{value}] {table}, or pass --audience {value}"
        );
    }
    format!(
        "if the token is meant for this service: add {value} to audiences {table}, or pass --audience {value}"
    )
}

fn for_algorithm(alg: &Excerpt, config: Option<&VerifierConfig>, place: &AuthPlace) -> Option<String> {
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
    let change = format!("algorithms = [{}] {}", list.join(", "), place.table());
    Some(if config.is_some_and(VerifierConfig::is_oidc) {
        format!("if the issuer signs with {name}: write {change}, or pass --algorithm {name}")
    } else {
        format!("Cognito signs with RS256; for another issuer, write provider = \"oidc\" and {change}")
    })
}

fn for_missing_claim(claim: &str, config: Option<&VerifierConfig>, place: &AuthPlace) -> Option<String> {
    let is_oidc = config.is_some_and(VerifierConfig::is_oidc);
    let table = place.table();
    Some(match claim {
        "token_use" => {
            format!("the token is not one of Cognito: write provider = \"oidc\" and audiences {table}")
        }
        "aud" if is_oidc => {
            "let the client request the token for this API (its audience or resource)".to_owned()
        }
        "aud" => format!("remove audiences {table}, or let the client request the token for a resource"),
        "azp" => {
            format!("the token does not name its client: remove client_ids {table}; audiences still decide")
        }
        _ if config.is_some_and(|config| config.subject_claim() == claim) && claim != "sub" => {
            format!("change subject_claim {table}, or let the issuer write that claim into the token")
        }
        _ => return None,
    })
}

fn for_invalid_claim(claim: &str, config: Option<&VerifierConfig>, place: &AuthPlace) -> Option<String> {
    let config = config?;
    for_spelling(claim, Some(config.groups_claim()), Some(config.scopes_claim()), place)
}

/// Returns how to write the spelling of a claim, if it is the one with the groups or the one with the scopes.
pub(crate) fn for_spelling(
    claim: &str,
    groups: Option<&ListClaim>,
    scopes: Option<&ListClaim>,
    place: &AuthPlace,
) -> Option<String> {
    let is_named = |list: Option<&ListClaim>| list.is_some_and(|list| list.name() == claim);
    let key = if is_named(groups) {
        "groups_claim"
    } else if is_named(scopes) {
        "scopes_claim"
    } else {
        return None;
    };
    Some(format!(
        "write how the claim spells its list {}: {key} = {{ claim = \"{claim}\", form = \"…\" }}, with json for [\"a\", \"b\"], \
         comma for \"a,b\", bracket for \"[a, b]\" and space for \"a b\"; an object cannot be read",
        place.table()
    ))
}

/// Returns what to do about missing groups or scopes. `key` is `groups` or `scopes`.
fn for_names(key: &str, found: &Excerpt, claim: Option<&ListClaim>, place: &AuthPlace) -> String {
    let name = claim.map_or(key, ListClaim::name);
    let table = place.table();
    if value(found) == "\"\"" {
        let form = claim.map_or(ListForm::Json, ListClaim::form);
        return format!(
            "the token has none; they are read from the claim {name} ({form}): write {key}_claim {table} if they are in another one"
        );
    }
    // Names can contain spaces, which also separate the found ones.
    let added = value(found);
    let added = if added.contains(' ') { "one of those that were found" } else { &added };
    format!("add {added} to {key} {table}, or give the caller one of those that are listed")
}

/// Returns what to do if a gateway passes on the groups as a text that has not been split into names.
fn for_unsplit(
    found: &Excerpt,
    claim: Option<&ListClaim>,
    claims: Option<&UnverifiedClaims>,
    place: &AuthPlace,
) -> Option<String> {
    let name = claim.filter(|claim| claim.form() == ListForm::Json)?.name();
    let text = claims?.text(name).filter(|text| text.contains(['[', '{', ',', ' ']))?;
    (Excerpt::new(text) == *found).then(|| {
        let table = place.table();
        format!(
            "the gateway sends the claim {name} as a text that can be split in several ways: let the function verify tokens with \
             source = \"token\" {table}, or, if a trigger writes this text, write its form: groups_claim = {{ claim = \"{name}\", \
             form = \"bracket\" }}"
        )
    })
}

/// Returns how to accept the issuer that a token names. The token is not verified, so its issuer is shown escaped.
pub(crate) fn for_other_issuer(claims: &UnverifiedClaims, place: &AuthPlace) -> String {
    if let Some(name) = claims.issuer().and_then(|issuer| place.issuer_of(issuer)) {
        return format!(
            "that is the issuer {name} of upsign.toml: pass --issuer-name {name}, or leave the option out"
        );
    }
    if let Some(found) = claims.issuer()
        && let Some(table) = place.table_of_similar(found)
    {
        return format!(
            "issuers are compared byte for byte: write issuer = {} {table}",
            value(&Excerpt::new(found))
        );
    }
    let pool = claims.user_pool();
    if pool.is_none()
        && let Some(found) = claims.issuer()
        && let Some(configured) = place.other_provider()
    {
        let keys = if configured.issuer().is_discovered() { "" } else { ", and where its keys are," };
        return format!(
            "if that is the issuer of your callers: write issuer = {}{keys} {}; to accept both, make each a [[auth]] with a name",
            value(&Excerpt::new(found)),
            place.table()
        );
    }
    if place.is_one_of_several() {
        return match pool {
            Some(pool) => format!(
                "if its user pool is yours: add a [[auth]] with a name, user_pool = \"{pool}\", client_ids and token_use to \
                 upsign.toml, or pass --user-pool {pool}"
            ),
            None => format!(
                "if that issuer is yours: add a [[auth]] with a name, provider = \"oidc\", issuer, audiences and token_use to \
                 upsign.toml{}, or pass --provider oidc --issuer URL --audience AUDIENCE",
                over_http(claims)
            ),
        };
    }
    match pool {
        Some(pool) => format!(
            "if its user pool is yours: write user_pool = \"{pool}\" {}, or pass --user-pool {pool}; to accept both, make each \
             a [[auth]] with a name",
            place.table()
        ),
        None => format!(
            "if that issuer is yours: write provider = \"oidc\", issuer and audiences {} (an emulator of Cognito: issuer and \
             jwks_uri{}), or pass --provider oidc --issuer URL --audience AUDIENCE; to accept both, make each a [[auth]] with a name",
            place.table(),
            over_http(claims)
        ),
    }
}

/// Says what an issuer without TLS needs.
fn over_http(claims: &UnverifiedClaims) -> &'static str {
    if claims.issuer().is_some_and(|issuer| issuer.starts_with("http://")) {
        ", and danger_http_keys = true if its keys are on http, too"
    } else {
        ""
    }
}
