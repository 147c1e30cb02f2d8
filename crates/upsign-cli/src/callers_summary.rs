//! A summary of who may upload: issuers, pages and the rate limit, as `check` and `serve` print it.

use serde_json::{Map, Value, json};
use upsign::quota::{AccountKey, FailMode, QuotaScope};
use upsign_cognito::authorizer::LambdaAuthorizer;
use upsign_cognito::{ListClaim, ListForm, TrustedIssuer, VerifierConfig};
use upsign_config::units::{format_duration, format_size};
use upsign_config::{
    Auth, AuthIssuer, Config, GatewayIdentity, KeysFrom, OutboxConfig, QuotaConfig, QuotaStoreConfig,
};
use upsign_core::api_cors::AllowHeaders;

use crate::output::Printer;
use crate::summary::{count, one_of};

/// Prints which tokens and pages the configuration accepts, and the rate limit.
pub(crate) fn print(to: Printer, config: &Config) {
    if let Some(auth) = config.auth() {
        if let Some(gateway) = &auth.gateway {
            to.detail("identity", &identity(config, gateway));
            if let GatewayIdentity::LambdaAuthorizer(authorizer) = gateway {
                print_context(to, auth, authorizer);
            }
        }
        for issuer in &auth.issuers {
            print_issuer(to, issuer);
        }
        if !auth.issuers.is_empty() {
            print_tokens(to, auth);
        }
    }
    to.detail("pages", &origins(config).join(", "));
    if *config.allow_headers() != AllowHeaders::default() {
        to.detail("page headers", &config.allow_headers().to_string());
    }
    if !config.base_path().is_empty() {
        to.detail("base path", config.base_path().as_str());
    }
    if config.serves_browser_client() {
        to.detail(
            "client",
            &format!("upsign serve offers {}{} to pages", upsign_browser::PREFIX, upsign_browser::ENTRY),
        );
    }
    if let Some(limit) = config.limit() {
        let limit = format!("{} requests per minute and caller, bursts of {}", limit.per_minute, limit.burst);
        to.detail("rate limit", &limit);
    }
    if let Some(calls) = config.calls_per_minute().filter(|_| config.needs_store()) {
        let limit = format!("{calls} per minute and caller, for multipart uploads that have begun");
        to.detail("calls limit", &limit);
    }
    if let Some(webhook) = config.webhook() {
        let outbox = match &webhook.outbox {
            OutboxConfig::Sqs { .. } if webhook.deliver => "a queue of SQS, from which upsign serve delivers",
            OutboxConfig::Sqs { .. } => "a queue of SQS, from which another program delivers",
            _ => "the memory of this process",
        };
        to.detail("webhook", &format!("{}, by {outbox}", webhook.url));
    }
    if let Some(events) = config.events() {
        to.detail("events", &format!("upsign serve confirms uploads by those in {}", events.queue_url));
    }
    if let Some(quota) = config.quota() {
        print_quota(to, quota);
    }
}

/// Prints how much each caller may upload, and where that is counted.
fn print_quota(to: Printer, quota: &QuotaConfig) {
    for limit in &quota.limits {
        let objects = limit.max.objects.map(|objects| count_u64(objects, "object"));
        let bytes = limit.max.bytes.map(format_size);
        let amounts: Vec<String> = objects.into_iter().chain(bytes).collect();
        let route = match &limit.scope {
            QuotaScope::Route(Some(name)) => format!(", route {name}"),
            _ => String::new(),
        };
        to.detail("quota", &format!("{} per UTC day and {}{route}", amounts.join(" and "), account(quota)));
    }
    let store = match &quota.store {
        QuotaStoreConfig::Memory => "the memory of this process",
        QuotaStoreConfig::Redis(_) => "Redis",
        QuotaStoreConfig::DynamoDb { .. } => "DynamoDB",
        _ => "another store",
    };
    let requests = if quota.shares_rate_limits { ", and requests too" } else { "" };
    let fails = match quota.fail {
        FailMode::Closed => "uploads are refused while it does not answer",
        FailMode::Open => "uploads are not counted while it does not answer",
    };
    to.detail("counted in", &format!("{store}{requests}; {fails}"));
}

fn account(quota: &QuotaConfig) -> String {
    match &quota.account {
        AccountKey::Claim(name) => format!("value of the claim {name}"),
        _ => "caller".to_owned(),
    }
}

fn count_u64(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

/// Prints whose ids the context of a Lambda authorizer contains, and which of its members are read.
fn print_context(to: Printer, auth: &Auth, authorizer: &LambdaAuthorizer) {
    to.detail("issuer", authorizer.issuer());
    let claims = authorizer.claims();
    for (label, list) in [("groups from", claims.groups_claim()), ("scopes from", claims.scopes_claim())] {
        if let Some(list) = list {
            to.detail(label, &format!("the member {} ({})", list.name(), list.form()));
        }
    }
    to.detail("token header", &format!("{}, for the authorizer", auth.token_header));
}

fn print_issuer(to: Printer, issuer: &AuthIssuer) {
    let verifier = &issuer.verifier;
    let names = iss(verifier.issuer());
    match &issuer.name {
        Some(name) => to.detail("issuer", &format!("{name}: {names}")),
        None => to.detail("issuer", &names),
    }
    to.detail("keys", &keys(issuer));
    if let Some(audiences) = verifier.audiences() {
        to.detail("audiences", &one_of(audiences));
    }
    let clients = verifier.client_ids().collect::<Vec<_>>().join(", ");
    to.detail("clients", if verifier.accepts_any_client() { "any" } else { &clients });
    let algorithms: Vec<_> = verifier.algorithms().iter().map(|algorithm| algorithm.name()).collect();
    to.detail("algorithms", &algorithms.join(", "));
    to.detail("tokens", verifier.token_use().as_str());
    for (label, _, claim, form) in chosen_claims(verifier) {
        let form = form.map(|form| format!(" ({form})")).unwrap_or_default();
        to.detail(label, &format!("the claim {claim}{form}"));
    }
    if let Some(groups) = verifier.required_groups() {
        to.detail("groups", &one_of(groups));
    }
    if let Some(scopes) = verifier.required_scopes() {
        to.detail("scopes", &one_of(scopes));
    }
}

/// Returns the claims that are read in place of the usual ones of the provider: a label, the member of the JSON document, the claim,
/// and how it spells a list.
fn chosen_claims(
    verifier: &VerifierConfig,
) -> impl Iterator<Item = (&'static str, &'static str, &str, Option<ListForm>)> {
    let usual_groups = if verifier.is_oidc() { "groups" } else { "cognito:groups" };
    let subject = Some(verifier.subject_claim()).filter(|claim| *claim != "sub");
    let chosen = |list: &ListClaim, name: &str, form: ListForm| list.name() != name || list.form() != form;
    let (groups, scopes) = (verifier.groups_claim(), verifier.scopes_claim());
    let groups = Some(groups).filter(|list| chosen(list, usual_groups, ListForm::Json));
    let scopes = Some(scopes).filter(|list| chosen(list, "scope", ListForm::Space));
    [
        subject.map(|claim| ("users from", "subjectClaim", claim, None)),
        groups.map(|list| ("groups from", "groupsClaim", list.name(), Some(list.form()))),
        scopes.map(|list| ("scopes from", "scopesClaim", list.name(), Some(list.form()))),
    ]
    .into_iter()
    .flatten()
}

/// Prints how requests contain tokens, and the time limit of fetches.
fn print_tokens(to: Printer, auth: &Auth) {
    if !auth.token_header.is_authorization() {
        to.detail("token header", &format!("{} (no other header is read)", auth.token_header));
    }
    to.detail("token size", &format!("up to {}", format_size(size(auth.max_token_bytes))));
    if auth.issuers.iter().any(|issuer| issuer.keys == KeysFrom::Issuer) {
        let limit = format_duration(auth.fetch_timeout);
        to.detail("key fetches", &format!("fail after {limit}"));
    }
}

/// Returns what [`print`] prints, as a JSON object: sizes in bytes, and times in seconds. Without `[auth]`, it has no `issuers`.
pub(crate) fn json(config: &Config) -> Value {
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    if let Some(auth) = config.auth() {
        if let Some(gateway) = &auth.gateway {
            member("identity", identity(config, gateway).into());
            if let GatewayIdentity::LambdaAuthorizer(authorizer) = gateway {
                let claims = authorizer.claims();
                member("iss", authorizer.issuer().into());
                member("subjectClaim", claims.subject_claim().into());
                if let Some(list) = claims.groups_claim() {
                    member("groupsClaim", list.name().into());
                }
                if let Some(list) = claims.scopes_claim() {
                    member("scopesClaim", list.name().into());
                }
                member("tokenHeader", auth.token_header.as_str().into());
            }
        } else {
            member("issuers", auth.issuers.iter().map(issuer_json).collect());
            member("tokenHeader", auth.token_header.as_str().into());
            member("maxTokenSize", auth.max_token_bytes.into());
            member("fetchTimeout", auth.fetch_timeout.as_secs().into());
        }
    }
    member("pages", origins(config).into_iter().collect());
    if *config.allow_headers() != AllowHeaders::default() {
        member("pageHeaders", config.allow_headers().iter().collect());
    }
    if !config.base_path().is_empty() {
        member("basePath", config.base_path().as_str().into());
    }
    if config.serves_browser_client() {
        member("browserClient", upsign_browser::path(upsign_browser::ENTRY).into());
    }
    if let Some(limit) = config.limit() {
        member("rateLimit", json!({"perMinute": limit.per_minute, "burst": limit.burst}));
    }
    if let Some(calls) = config.calls_per_minute().filter(|_| config.needs_store()) {
        member("callsPerMinute", calls.get().into());
    }
    members.into()
}

fn issuer_json(issuer: &AuthIssuer) -> Value {
    let verifier = &issuer.verifier;
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    if let Some(name) = &issuer.name {
        member("name", name.as_str().into());
    }
    member("iss", verifier.issuer().names().collect());
    member(
        "keys",
        match &issuer.keys {
            KeysFrom::File(path) => json!({"file": path.display().to_string()}),
            KeysFrom::Inline(_) => json!({"inline": true}),
            _ if verifier.issuer().is_discovered() => json!({"discovery": verifier.issuer().jwks_uri()}),
            _ => json!({"uri": verifier.issuer().jwks_uri()}),
        },
    );
    if let Some(audiences) = verifier.audiences() {
        member("audiences", audiences.iter().map(AsRef::<str>::as_ref).collect());
    }
    if verifier.accepts_any_client() {
        member("clients", "any".into());
    } else {
        member("clients", verifier.client_ids().collect());
    }
    member("algorithms", verifier.algorithms().iter().map(|algorithm| algorithm.name()).collect());
    member("tokens", verifier.token_use().as_str().into());
    for (_, name, claim, _) in chosen_claims(verifier) {
        member(name, claim.into());
    }
    if let Some(groups) = verifier.required_groups() {
        member("groups", groups.iter().map(AsRef::<str>::as_ref).collect());
    }
    if let Some(scopes) = verifier.required_scopes() {
        member("scopes", scopes.iter().map(AsRef::<str>::as_ref).collect());
    }
    members.into()
}

/// Returns the headers with which a request for an upload identifies its caller: none if a gateway identifies it.
pub(crate) fn request_headers(config: &Config) -> Vec<(String, String)> {
    let auth = config.auth().filter(|auth| auth.gateway.is_none());
    auth.map(|auth| (auth.token_header.to_string(), "Bearer TOKEN".to_owned())).into_iter().collect()
}

/// Describes what identifies callers in place of tokens.
fn identity(config: &Config, gateway: &GatewayIdentity) -> String {
    let value = |key: &str| config.effective_value(key).map(|(value, _)| value.trim_matches('"').to_owned());
    match gateway {
        GatewayIdentity::LambdaAuthorizer(_) => format!(
            "Lambda authorizer: the member {} of its context is the user",
            value("auth.subject_claim").unwrap_or_default()
        ),
        _ => match value("auth.identity_pool") {
            Some(pool) => format!("IAM: the identities of the identity pool {pool}"),
            None => format!(
                "IAM: the users of the user pool {}, with credentials of an identity pool",
                value("auth.user_pool").unwrap_or_default()
            ),
        },
    }
}

/// Describes where the keys of an issuer come from.
fn keys(issuer: &AuthIssuer) -> String {
    let trusted = issuer.verifier.issuer();
    let text = match &issuer.keys {
        KeysFrom::File(path) => return format!("{} (not fetched)", path.display()),
        KeysFrom::Inline(_) => return "in upsign.toml, as jwks (not fetched)".to_owned(),
        _ if trusted.is_discovered() => format!("those that {} names", trusted.jwks_uri()),
        _ => trusted.jwks_uri().to_owned(),
    };
    if issuer.allows_http_keys { format!("{text} (danger: http is allowed)") } else { text }
}

/// Returns the accepted values of `iss`. A setting of a user pool decides which of two its tokens have.
///
/// Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>.
fn iss(issuer: &TrustedIssuer) -> String {
    let names: Vec<&str> = issuer.names().collect();
    match &*names {
        [one] => (*one).to_owned(),
        _ => {
            format!("{} (one user pool, whose setting IssuerConfiguration decides which)", names.join(" or "))
        }
    }
}

fn origins(config: &Config) -> Vec<&str> {
    match config.origins() {
        all if all.is_any() => vec!["*"],
        listed => listed.list().iter().map(upsign_core::OriginPattern::as_str).collect(),
    }
}

fn size(bytes: usize) -> u64 {
    bytes.try_into().unwrap_or(u64::MAX)
}
