//! A summary of a route, as `check` and `serve` print it.

use std::time::Duration;

use serde_json::{Map, Value};
use upsign_config::units::{format_duration, format_size};
use upsign_config::{Config, RouteConfig, Signature, StoreSource};
use upsign_documents::{BucketDocument, DeploymentBucket};
use upsign_policy::{Replace, UploadMethod, UploadPolicy};

use crate::output::Printer;
use crate::{confirmation_summary, multipart_summary, settings_summary};

/// Returns the name of a route. The default route is called `upload`, like its table in the file.
pub(crate) fn route_name(route: &RouteConfig) -> &str {
    route.name.as_ref().map_or("upload", |name| name.as_str())
}

/// Prints a route: bucket, store, signed host, key, the objects that the signing key must be permitted to write, content types,
/// sizes, method, lifetime, the settings of the objects, and the groups and scopes that may use it.
pub(crate) fn print_route(to: Printer, config: &Config, route: &RouteConfig) {
    let policy = &route.policy;
    to.detail("bucket", &format!("{} in {}", policy.target().bucket(), policy.target().region()));
    to.detail("store", &store(route));
    to.detail("host", &host(route));
    to.detail("key", policy.template().as_str());
    for resource in resources(config, route) {
        to.detail("resource", &resource);
    }
    let types: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    let types = match policy.content_rules().is_any_file() {
        true => "any, saved and never displayed".to_owned(),
        false => types.join(", "),
    };
    to.detail("types", &types);
    to.detail("size", &sizes(route));
    to.detail(
        "method",
        match policy.method() {
            UploadMethod::Post if policy.multipart().is_some() => "POST (a form), or PUT of each part",
            UploadMethod::Post => "POST (a form)",
            _ if !policy.has_put() => "PUT of each part",
            _ => "PUT",
        },
    );
    if let (_, Some(replaces)) = replace(policy) {
        to.detail("replaces", replaces);
    }
    let lifetime = Duration::from_secs(policy.expires_in().as_secs().into());
    to.detail("valid for", &format_duration(lifetime));
    multipart_summary::print(to, route);
    confirmation_summary::print(to, policy);
    settings_summary::print(to, policy);
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

/// Returns the value of `replace`, and in words what an upload may replace, if it may.
fn replace(policy: &UploadPolicy) -> (&'static str, Option<&'static str>) {
    match policy.replace() {
        Replace::Never => ("never", None),
        Replace::IfMatch => ("if-match", Some("the object whose ETag the client states in ifMatch")),
        // Every multipart upload has a new key.
        _ if !policy.sends_whole_files() => ("allow", None),
        _ => ("allow", Some("any object of the same key")),
    }
}

/// Returns the store of a route's bucket, how it is known, and its signatures, if they are not those of AWS: `Cloudflare R2 (r2, by
/// the host of the endpoint)`.
pub(crate) fn store(route: &RouteConfig) -> String {
    let provider = route.store.provider;
    let signatures = signature(route).map(|name| format!("signatures {name}"));
    let facts = [Some(provider.name().to_owned()), source(route).map(str::to_owned), signatures];
    format!("{} ({})", provider.title(), facts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Returns the name of the signatures of a route's bucket, unless they are those of AWS.
fn signature(route: &RouteConfig) -> Option<&'static str> {
    let signature = route.store.signature;
    (signature != Signature::SigV4).then(|| signature.name())
}

/// Returns how the store of a route's bucket is known, unless it is named or is AWS by default.
fn source(route: &RouteConfig) -> Option<&'static str> {
    match route.store.source {
        StoreSource::Host => Some("by the host of the endpoint"),
        StoreSource::Emulator => Some("the endpoint of an emulator"),
        StoreSource::Assumed => Some("features assumed"),
        _ => None,
    }
}

/// Returns the host for which URLs of a route are signed, with the bucket if it is part of the path.
pub(crate) fn host(route: &RouteConfig) -> String {
    let target = route.policy.target();
    format!("{}{}", target.host(), target.path_prefix())
}

/// Returns the ARN patterns of the objects that the signing key must be permitted to write for a route. None if the store has no
/// policies that name ARNs.
pub(crate) fn resources(config: &Config, route: &RouteConfig) -> Vec<String> {
    let deployment = config.deployment();
    let buckets = deployment.buckets();
    let is_of_route = |bucket: &&DeploymentBucket<'_>| {
        bucket.bucket() == route.policy.target().bucket() && bucket.provider() == route.store.provider
    };
    let refused = buckets.iter().filter(is_of_route).any(|it| it.check_support(BucketDocument::Iam).is_err());
    if refused { Vec::new() } else { route.policy.object_arns() }
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
    member("provider", route.store.provider.name().into());
    if let Some(name) = signature(route) {
        member("signature", name.into());
    }
    member("template", policy.template().as_str().into());
    member("types", types.collect());
    member("replace", replace(policy).0.into());
    member("minSize", policy.size().min().into());
    member("maxSize", policy.size().max().into());
    member("expiresIn", policy.expires_in().as_secs().into());
    if let Some(options) = policy.multipart() {
        member("multipart", multipart_summary::json(policy, options).into());
    }
    if policy.confirmation().confirm() {
        member("confirmation", confirmation_summary::json(policy).into());
    }
    if policy.files().max_files() > 1 {
        member("maxFiles", policy.files().max_files().into());
    }
    member("settings", settings_summary::json(policy));
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

/// Returns the names of which a caller needs one.
pub(crate) fn one_of(names: &[Box<str>]) -> String {
    match names {
        [name] => name.to_string(),
        _ => format!("one of {}", names.join(", ")),
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
