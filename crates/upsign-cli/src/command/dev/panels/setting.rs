//! Which line of `upsign.toml` is responsible for a limit or for a refusal.

use std::time::Duration;

use serde_json::{Value, json};
use upsign_config::units::format_duration;
use upsign_config::{Config, RouteConfig};
use upsign_diagnose::Diagnosis;
use upsign_policy::{Replace, UploadMethod};

/// Returns a key of a route with its value in the format of the file and its line, as in `upsign.toml:12`. If the file does not set
/// it, `place` is null, and `value` is the default as far as it is a text.
pub(super) fn setting(config: &Config, route: &RouteConfig, name: &str) -> Value {
    let own = match &route.name {
        Some(route) => format!("route.{route}.{name}"),
        None => format!("upload.{name}"),
    };
    match config.effective_value(&own) {
        Some((value, place)) => {
            json!({ "key": own, "name": name, "value": value.trim_end(), "place": shown_place(place) })
        }
        None => json!({ "key": own, "name": name, "value": default(route, name), "place": null }),
    }
}

/// Returns a place as users know it. The lines of the configuration that is used without `--config` are in no file of theirs.
fn shown_place(place: &str) -> &str {
    if place.starts_with("embedded/") { "built-in configuration" } else { place }
}

/// Returns the value of a key that the file does not set, if one word says it.
fn default(route: &RouteConfig, name: &str) -> Option<String> {
    let policy = &route.policy;
    let quoted = |text: &str| Some(format!("\"{text}\""));
    match name {
        "replace" => match policy.replace() {
            Replace::Never => quoted("never"),
            Replace::IfMatch => quoted("if-match"),
            _ => quoted("allow"),
        },
        "method" => quoted(if policy.method() == UploadMethod::Post { "post" } else { "put" }),
        "expires_in" => quoted(&format_duration(Duration::from_secs(policy.expires_in().as_secs().into()))),
        "inspect" => quoted(policy.confirmation().inspection().as_str()),
        "checksums" => Some("[]".to_owned()),
        _ => None,
    }
}

/// Returns the keys of `upsign.toml` that decided what a request violated, the most relevant first. Empty if none did. `code` is that
/// of the API, if it refused.
pub(in crate::command::dev) fn responsible(
    config: &Config,
    route: &RouteConfig,
    first: &Diagnosis,
    code: Option<&str>,
) -> Vec<Value> {
    let mut names = code.map_or(&[][..], by_api_code).to_vec();
    if names.is_empty() {
        names = by_cause(first.cause.code).to_vec();
    }
    if names.is_empty() {
        let fields = first.diff.iter().map(|line| &line.field).chain([&first.field]);
        for name in fields.filter_map(|field| by_field(&field.to_string())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let (mut set, mut unset) = (Vec::new(), Vec::new());
    for name in names {
        let found = if name.contains('.') { of_service(config, name) } else { setting(config, route, name) };
        if found.get("place").is_some_and(Value::is_null) { &mut unset } else { &mut set }.push(found);
    }
    // Without a file, the embedded issuer decides alone: a key of [auth] that is not set is no reason.
    unset
        .retain(|found| found.get("key").and_then(Value::as_str).is_none_or(|key| !key.starts_with("auth.")));
    // Several keys can decide, such as those of two kinds of issuers: one that the file sets is the answer.
    if set.is_empty() { unset.into_iter().take(1).collect() } else { set }
}

/// Returns a key outside of routes.
fn of_service(config: &Config, key: &str) -> Value {
    let name = key.rsplit('.').next();
    match config.effective_value(key) {
        Some((value, place)) => {
            json!({ "key": key, "name": name, "value": value.trim_end(), "place": shown_place(place) })
        }
        None => json!({ "key": key, "name": name, "value": null, "place": null }),
    }
}

fn by_api_code(code: &str) -> &'static [&'static str] {
    match code {
        "content-type-not-allowed" | "extension-unknown" | "extension-mismatch" => &["types"],
        "too-large" => &["max_size"],
        "too-small" => &["min_size"],
        "checksum-required" | "checksum-not-allowed" => &["require_checksum", "checksums"],
        "multipart-not-allowed" => &["multipart"],
        "body-required" | "content-length-required" | "content-type-required" => &["bodyless"],
        "group-required" | "group-ambiguous" => &["key_groups", "key"],
        "claim-required" | "subject-invalid" => &["key"],
        "insufficient-scope" | "forbidden" => &["groups", "scopes", "auth.groups", "auth.scopes"],
        "upload-token-invalid" => &["token.keys"],
        _ => &[],
    }
}

fn by_cause(code: &str) -> &'static [&'static str] {
    match code {
        "key-exists" => &["replace"],
        "url-expired" | "form-expired" | "expires-too-long" => &["expires_in"],
        "api-media-type" => &["types"],
        "too-large" => &["max_size"],
        "too-small" => &["min_size"],
        "checksum-differs" => &["checksums"],
        "api-unauthorized" => &["auth.user_pool", "auth.issuer", "auth.client_ids", "auth.token_use"],
        "api-forbidden" => &["groups", "scopes", "auth.groups", "auth.scopes", "key"],
        "upload-unknown" | "part-invalid" => &["multipart"],
        _ => &[],
    }
}

/// Returns the key that decides the value of a part of a request.
fn by_field(field: &str) -> Option<&'static str> {
    let (kind, name) = field.split_once(':').unwrap_or((field, ""));
    let name = name.to_ascii_lowercase();
    match (kind, &*name) {
        ("path" | "key", _) | ("form-field", "key") => Some("key"),
        ("method", _) => Some("method"),
        ("clock", _) => Some("expires_in"),
        ("body", _) | ("header", "content-length") => Some("max_size"),
        ("query", "partnumber" | "uploadid") => Some("multipart"),
        ("query", "x-amz-date" | "x-amz-expires") => Some("expires_in"),
        ("header" | "form-field", name) => by_header(name),
        _ => None,
    }
}

fn by_header(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("x-amz-").unwrap_or(name);
    match name {
        "content-type" => Some("types"),
        "if-none-match" | "if-match" => Some("replace"),
        "content-md5" => Some("checksums"),
        "content-disposition" => Some("disposition"),
        "cache-control" => Some("cache_control"),
        "acl" => Some("acl"),
        "tagging" => Some("tags"),
        "storage-class" => Some("storage_class"),
        _ if name.starts_with("checksum-") => Some("checksums"),
        _ if name.starts_with("meta-") => Some("metadata"),
        _ if name.starts_with("server-side-encryption") => Some("encryption"),
        _ if name.starts_with("object-lock-") => Some("object_lock"),
        _ => None,
    }
}
