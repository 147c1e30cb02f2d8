//! A summary of a configuration, as `check` and `serve` print it.

use std::time::Duration;

use upsign_config::units::{format_duration, format_size};
use upsign_config::{Config, RouteConfig};
use upsign_policy::UploadMethod;

use crate::output::Printer;

/// Returns the name of a route. The default route is called `upload`, like its table in the file.
pub(crate) fn route_name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

/// Prints a route: bucket, key, the objects that the signing role must be permitted to write, content types, sizes, method,
/// lifetime, and the groups and scopes that may use it.
pub(crate) fn print_route(to: Printer, route: &RouteConfig) {
    let policy = &route.policy;
    to.detail("bucket", &format!("{} in {}", policy.target().bucket(), policy.target().region()));
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
    if let Some(groups) = route.access.groups() {
        to.detail("groups", &groups.join(", "));
    }
    if let Some(scopes) = route.access.scopes() {
        to.detail("scopes", &scopes.join(", "));
    }
}

/// Returns the ARN pattern of the objects that the signing role must be permitted to write for a route.
pub(crate) fn resource(route: &RouteConfig) -> String {
    route.policy.target().object_arn(&route.policy.template().arn_pattern())
}

/// Prints which tokens and pages the configuration accepts, and the rate limit.
pub(crate) fn print_callers(to: Printer, config: &Config) {
    if let Some(auth) = config.auth() {
        let verifier = &auth.verifier;
        to.detail("issuer", &verifier.issuer().names().collect::<Vec<_>>().join(", "));
        to.detail("clients", &verifier.client_ids().collect::<Vec<_>>().join(", "));
        to.detail("tokens", verifier.token_use().as_str());
    }
    to.detail("pages", &origins(config).join(", "));
    if let Some(limit) = config.limit() {
        let limit = format!("{} requests per minute and caller, bursts of {}", limit.per_minute, limit.burst);
        to.detail("rate limit", &limit);
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
