//! A summary of a configuration, as `check` and `serve` print it.

use std::time::Duration;

use serde_json::{Map, Value, json};
use upsign_cognito::TrustedIssuer;
use upsign_config::units::{format_duration, format_size};
use upsign_config::{Config, RouteConfig};
use upsign_core::api_cors::AllowHeaders;
use upsign_policy::UploadMethod;

use crate::output::Printer;

/// Returns the name of a route. The default route is called `upload`, like its table in the file.
pub(crate) fn route_name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

/// Prints a route: bucket, signed host, key, the objects that the signing role must be permitted to write, content types, sizes, method,
/// lifetime, and the groups and scopes that may use it.
pub(crate) fn print_route(to: Printer, route: &RouteConfig) {
    let policy = &route.policy;
    to.detail("bucket", &format!("{} in {}", policy.target().bucket(), policy.target().region()));
    to.detail("host", &host(route));
    to.detail("key", policy.template().as_str());
    to.detail("resource", &resource(route));
    let types: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    to.detail("types", &types.join(", "));
    to.detail("size", &sizes(route));
    to.detail(
        "method",
        match policy.method() {
            UploadMethod::Post => "POST (a form)",
            _ => "PUT",
        },
    );
    let lifetime = Duration::from_secs(policy.expires_in().as_secs().into());
    to.detail("valid for", &format_duration(lifetime));
    if let Some(days) = route.infrequent_after {
        to.detail("storage", &format!("STANDARD_IA after {days} days"));
    }
    if let Some(groups) = route.access.groups() {
        to.detail("groups", &one_of(groups));
    }
    if let Some(scopes) = route.access.scopes() {
        to.detail("scopes", &one_of(scopes));
    }
}

/// Returns the host for which URLs of a route are signed, with the bucket if it is part of the path.
pub(crate) fn host(route: &RouteConfig) -> String {
    let target = route.policy.target();
    format!("{}{}", target.host(), target.path_prefix())
}

/// Returns the ARN pattern of the objects that the signing role must be permitted to write for a route.
pub(crate) fn resource(route: &RouteConfig) -> String {
    route.policy.target().object_arn(&route.policy.template().arn_pattern())
}

/// Prints which tokens and pages the configuration accepts, and the rate limit.
pub(crate) fn print_callers(to: Printer, config: &Config) {
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        to.detail("issuer", &issuers(verifier.issuer()));
        if let Some(path) = &auth.jwks_file {
            to.detail("keys", &format!("{} (not fetched)", path.display()));
        }
        if let Some(audiences) = verifier.audiences() {
            to.detail("audiences", &one_of(audiences));
        }
        let clients = verifier.client_ids().collect::<Vec<_>>().join(", ");
        to.detail("clients", if verifier.accepts_any_client() { "any" } else { &clients });
        let algorithms: Vec<_> = verifier.algorithms().iter().map(|algorithm| algorithm.name()).collect();
        to.detail("algorithms", &algorithms.join(", "));
        to.detail("tokens", verifier.token_use().as_str());
        if let Some(groups) = verifier.required_groups() {
            to.detail("groups", &one_of(groups));
        }
        if let Some(scopes) = verifier.required_scopes() {
            to.detail("scopes", &one_of(scopes));
        }
    }
    to.detail("pages", &origins(config).join(", "));
    if *config.allow_headers() != AllowHeaders::default() {
        to.detail("page headers", &config.allow_headers().to_string());
    }
    if !config.base_path().is_empty() {
        to.detail("base path", config.base_path().as_str());
    }
    if let Some(limit) = config.limit() {
        let limit = format!("{} requests per minute and caller, bursts of {}", limit.per_minute, limit.burst);
        to.detail("rate limit", &limit);
    }
}

/// Returns what [`print_route`] prints, as members of a JSON object: sizes in bytes, and the lifetime in seconds.
pub(crate) fn route_json(route: &RouteConfig) -> Map<String, Value> {
    let policy = &route.policy;
    let types = policy.content_rules().ranges().iter().map(ToString::to_string);
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    member("bucket", policy.target().bucket().to_string().into());
    member("region", policy.target().region().as_str().into());
    member("host", host(route).into());
    member("template", policy.template().as_str().into());
    member("types", types.collect());
    member("minSize", policy.size().min().into());
    member("maxSize", policy.size().max().into());
    member("expiresIn", policy.expires_in().as_secs().into());
    if let Some(days) = route.infrequent_after {
        member("infrequentAfterDays", days.into());
    }
    if let Some(groups) = route.access.groups() {
        member("groups", groups.iter().map(AsRef::<str>::as_ref).collect());
    }
    if let Some(scopes) = route.access.scopes() {
        member("scopes", scopes.iter().map(AsRef::<str>::as_ref).collect());
    }
    members
}

/// Returns what [`print_callers`] prints, as a JSON object. Without `[auth]`, it has neither `issuers` nor `clients`.
pub(crate) fn callers_json(config: &Config) -> Value {
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        member("issuers", verifier.issuer().names().collect());
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
        if let Some(groups) = verifier.required_groups() {
            member("groups", groups.iter().map(AsRef::<str>::as_ref).collect());
        }
        if let Some(scopes) = verifier.required_scopes() {
            member("scopes", scopes.iter().map(AsRef::<str>::as_ref).collect());
        }
    }
    member("pages", origins(config).into_iter().collect());
    if *config.allow_headers() != AllowHeaders::default() {
        member("pageHeaders", config.allow_headers().iter().collect());
    }
    if !config.base_path().is_empty() {
        member("basePath", config.base_path().as_str().into());
    }
    if let Some(limit) = config.limit() {
        member("rateLimit", json!({"perMinute": limit.per_minute, "burst": limit.burst}));
    }
    members.into()
}

/// Returns the names of which a caller needs one.
fn one_of(names: &[Box<str>]) -> String {
    match names {
        [name] => name.to_string(),
        _ => format!("one of {}", names.join(", ")),
    }
}

/// Returns the accepted values of `iss`. A setting of a user pool decides which of two its tokens have.
///
/// Source: <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>.
fn issuers(issuer: &TrustedIssuer) -> String {
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
        listed => listed.list().iter().map(upsign_core::Origin::as_str).collect(),
    }
}

/// Returns the sizes that a route accepts, with the exact numbers of bytes.
fn sizes(route: &RouteConfig) -> String {
    let size = route.policy.size();
    if size.min() > 1 {
        format!("{} to {}", exact_size(size.min()), exact_size(size.max()))
    } else {
        format!("up to {}", exact_size(size.max()))
    }
}

/// Returns a size as people write it, and its number of bytes: `10 MiB (10485760 bytes)`.
pub(crate) fn exact_size(bytes: u64) -> String {
    let text = format_size(bytes);
    if text.ends_with("bytes") || text.ends_with("byte") { text } else { format!("{text} ({bytes} bytes)") }
}

/// Returns a count with its noun: `1 route`, `2 routes`, `no warnings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
