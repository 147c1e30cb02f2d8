//! The environment variables that override the file, and the check that every `UPSIGN_…` variable is known.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::finding::Finding;
use super::raw::{Raw, Value};
use crate::error::{Place, ProblemCode};
use crate::keys::{KEYS, Key, ROUTE, meant_by, nearest};

/// Conventional environment variables: the name, the key, and whether the variable overrides the file. `UPSIGN_…` variables
/// override all of them.
const FALLBACKS: [(&str, &str, bool); 5] = [
    ("ARTICLE_IMAGES_BUCKET", "bucket.name", true),
    ("AWS_REGION", "bucket.region", false),
    ("AWS_DEFAULT_REGION", "bucket.region", false),
    ("AWS_ENDPOINT_URL_S3", "bucket.endpoint", false),
    ("AWS_ENDPOINT_URL", "bucket.endpoint", false),
];

/// With the value `true`, the AWS SDKs ignore the endpoints of their other variables.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>.
const IGNORE_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// The variable that replaces `token.keys`.
pub(crate) const TOKEN_KEYS: &str = "UPSIGN_TOKEN_KEYS";

/// The first characters of every variable of this project.
const PREFIX: &str = "UPSIGN_";

/// Variables that the command and the Lambda function read for something other than a key of the file. (Those of the
/// workspace's tests and tools begin with another word.)
const PROGRAM_VARIABLES: [&str; 20] = [
    "UPSIGN_ADMIN_LISTEN",
    "UPSIGN_API",
    "UPSIGN_ASSUME_ROLE",
    "UPSIGN_CONFIG",
    "UPSIGN_CREDENTIALS",
    "UPSIGN_EXTERNAL_ID",
    "UPSIGN_HEAD_TIME",
    "UPSIGN_LINGER",
    "UPSIGN_LISTEN",
    "UPSIGN_LOG_FORMAT",
    "UPSIGN_MAX_CONNECTIONS",
    "UPSIGN_MAX_REQUESTS",
    "UPSIGN_METRICS",
    "UPSIGN_PASSWORD",
    "UPSIGN_REQUEST_TIME",
    "UPSIGN_TLS_CERT",
    "UPSIGN_TLS_KEY",
    "UPSIGN_TOKEN",
    "UPSIGN_TOKEN_CACHE",
    "UPSIGN_TRUSTED_PROXIES",
];

/// Returns the keys that a route can have, with their names in a route.
fn route_keys() -> impl Iterator<Item = (&'static Key, &'static str)> {
    KEYS.iter().filter_map(|key| Some((key, key.name_in_route()?)))
}

/// What a variable of the function would do to its configuration.
pub(crate) enum FunctionVariable {
    /// Nothing: it is not a variable of the configuration.
    Other,
    /// It would set this key.
    Sets(String),
    /// It has the prefix `UPSIGN_` but sets no key, so the function would refuse to start.
    Unknown,
}

/// Returns what the function's variable `name` would do to a file with these routes.
///
/// `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL` are not counted: they never replace a value of the file, and the function of an
/// emulated deployment needs them to find the emulator.
pub(crate) fn in_function(raw: &Raw, name: &str) -> FunctionVariable {
    let fallback = FALLBACKS.into_iter().find(|(fallback, _, overrides)| *overrides && *fallback == name);
    if let Some((_, path, _)) = fallback {
        return FunctionVariable::Sets(path.to_owned());
    }
    if let Some(key) = KEYS.iter().find(|key| key.variable == name) {
        return FunctionVariable::Sets(key.path());
    }
    if !name.starts_with(PREFIX) || PROGRAM_VARIABLES.contains(&name) {
        return FunctionVariable::Other;
    }
    for (route, _) in &raw.routes {
        if let Some((_, key)) = route_keys().find(|(_, key)| route_variable(route, key) == name) {
            return FunctionVariable::Sets(format!("{ROUTE}.{route}.{key}"));
        }
    }
    FunctionVariable::Unknown
}

/// Returns the name of a route as a part of its variables. `-` and `_` are the same in it.
fn variable_part(route: &str) -> String {
    route.to_uppercase().replace('-', "_")
}

/// Returns the variable that overrides a key of a route, for example `UPSIGN_ROUTE_AVATARS_MAX_SIZE`.
fn route_variable(route: &str, key: &str) -> String {
    format!("{PREFIX}ROUTE_{}_{}", variable_part(route), key.to_uppercase())
}

/// Sets every value for which a variable is set. `variable` returns the value of a variable; empty values count as absent.
pub(crate) fn apply(raw: &mut Raw, variable: impl Fn(&str) -> Option<String>) {
    let ignores_endpoints =
        variable(IGNORE_ENDPOINTS).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
    for (name, path, overrides) in FALLBACKS {
        if ignores_endpoints && path == "bucket.endpoint" {
            continue;
        }
        let Some(key) = KEYS.iter().find(|key| key.path() == path) else { continue };
        if let Some(value) = variable(name)
            && (overrides || !raw.values.contains_key(path))
        {
            raw.variable(path, key, name, &value);
        }
    }
    for key in KEYS {
        if let Some(value) = variable(key.variable) {
            if raw.issuer_count() > 1 && key.is_of_one_issuer() {
                report_ambiguous_issuer(raw, key);
                continue;
            }
            raw.variable(&key.path(), key, key.variable, &value);
        }
    }
    for (route, _) in raw.routes.clone() {
        for (key, name) in route_keys() {
            let overriding = route_variable(&route, name);
            if let Some(value) = variable(&overriding) {
                raw.variable(&format!("{ROUTE}.{route}.{name}"), key, &overriding, &value);
            }
        }
    }
}

/// Reports a variable that sets a key of one issuer, if there are several.
fn report_ambiguous_issuer(raw: &mut Raw, key: &Key) {
    let message = format!("which of the {} issuers is meant is not known", raw.issuer_count());
    let finding = Finding::contradiction(message).help(format!(
        "unset it, and write {} in the [[auth]] of the issuer in {}",
        key.name, raw.source.file
    ));
    raw.add(Place::Variable(key.variable.into()), &key.path(), finding);
}

/// Reports route names whose variables could mean keys of two routes.
///
/// A variable is `UPSIGN_ROUTE_<route>_<key>`, and both parts can contain `_`: `UPSIGN_ROUTE_A_KEY_GROUPS` is `key_groups` of
/// the route `a` and `groups` of the route `a-key`. This happens exactly if one name is the other with a suffix such as
/// `-key` that completes a shorter key (`groups`) to a longer one (`key_groups`).
pub(crate) fn report_ambiguous_routes(raw: &mut Raw) {
    let routes = raw.routes.clone();
    let by_part: BTreeMap<String, &str> =
        routes.iter().map(|(route, _)| (variable_part(route), route.as_str())).collect();
    let suffixes = completing_suffixes();
    for (route, span) in &routes {
        let part = variable_part(route);
        let shorter = suffixes.iter().find_map(|(suffix, key, longer)| {
            let other = by_part.get(part.strip_suffix(suffix.as_str())?)?;
            Some((*other, *key, *longer))
        });
        if let Some((other, key, longer)) = shorter {
            let variable = route_variable(route, key);
            let message = format!(
                "the variable {variable} would set `{key}` of this route and `{longer}` of the route `{other}`"
            );
            let finding = Finding::contradiction(message).help("rename one of the routes");
            raw.add(raw.source.place(span), &format!("{ROUTE}.{route}"), finding);
        }
    }
}

/// Returns the suffixes that complete a key to another one, for example `_KEY`, `groups` and `key_groups`.
fn completing_suffixes() -> Vec<(String, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (_, longer) in route_keys() {
        for (_, key) in route_keys() {
            if let Some(suffix) = longer.strip_suffix(key).and_then(|rest| rest.strip_suffix('_')) {
                found.push((format!("_{}", suffix.to_uppercase()), key, longer));
            }
        }
    }
    found
}

/// The keys whose values name variables, with their own variables.
const NAMING: [(&str, &str); 4] = [
    ("token.keys", TOKEN_KEYS),
    ("quota.url", "UPSIGN_QUOTA_URL"),
    ("webhook.secrets", "UPSIGN_WEBHOOK_SECRETS"),
    ("cloudfront.private_key", "UPSIGN_CLOUDFRONT_PRIVATE_KEY"),
];

/// Returns the variables that hold secrets: those of `env:` items of [`NAMING`] keys in the file, and in the variables that replace
/// them.
fn names_of_secrets(raw: &Raw, variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut items = Vec::new();
    for (key, name) in NAMING {
        match raw.values.get(key).map(|located| &located.value) {
            Some(Value::Texts(texts)) => items.extend(texts.iter().cloned()),
            Some(Value::Text(text)) => items.push(text.clone()),
            _ => {}
        }
        items.extend(
            variable(name).iter().flat_map(|items| items.split(',')).map(|item| item.trim().to_owned()),
        );
    }
    items.iter().filter_map(|item| item.strip_prefix("env:")).map(str::to_owned).collect()
}

/// Reports every name in `names` that begins with `UPSIGN_` and is not a variable of this project. `variable` returns the value of
/// a variable that is set.
pub(crate) fn report_unknown<'a>(
    raw: &mut Raw,
    names: impl IntoIterator<Item = &'a str>,
    variable: impl Fn(&str) -> Option<String>,
) {
    let fixed = KEYS.iter().map(|key| key.variable).chain(PROGRAM_VARIABLES);
    let fixed: Vec<String> = fixed.map(str::to_owned).collect();
    let routes = raw.routes.clone();
    let of_routes = || {
        let keys = |(route, _): &(String, Range<usize>)| {
            let route = route.clone();
            route_keys().map(move |(_, key)| route_variable(&route, key))
        };
        routes.iter().flat_map(keys)
    };
    let parts: HashSet<String> = routes.iter().map(|(route, _)| variable_part(route)).collect();
    let secrets = names_of_secrets(raw, &variable);
    let names: Vec<&str> = names.into_iter().collect();
    let services: Vec<&str> = names.iter().filter_map(|name| name.strip_suffix("_SERVICE_HOST")).collect();
    for name in names {
        let ours = name.starts_with(PREFIX) && variable(name).is_some();
        if !ours || fixed.iter().any(|known| known == name) || is_of_route(name, &parts) {
            continue;
        }
        let is_secret = secrets.iter().any(|secret| secret == name);
        if is_secret || services.iter().any(|service| is_service_link(name, service)) {
            continue;
        }
        // The nearest name is found by comparing all of them, which is done for a limited number of problems.
        if raw.is_full() {
            break;
        }
        let known: Vec<String> = fixed.iter().cloned().chain(of_routes()).collect();
        let help = match similar_variable(name, &known) {
            Some(near) => format!("did you mean {near}?"),
            None => "unset it: the variable of a key has its name, for example UPSIGN_MAX_SIZE for max_size"
                .to_owned(),
        };
        let finding = Finding::new(ProblemCode::UnknownVariable, "unknown variable").help(help);
        raw.add(Place::Variable(escaped(name)), "", finding);
    }
}

/// Returns the variable that is probably meant: the one of the key that the name spells with its section, such as
/// `UPSIGN_UPLOAD_MAX_SIZE`, or else the nearest of `known`. The prefix is not compared, because every name has it.
fn similar_variable<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.strip_prefix(PREFIX)?;
    let with_section = KEYS.iter().find(|key| name.eq_ignore_ascii_case(&key.path().replace('.', "_")));
    if let Some(key) = with_section {
        return known.iter().map(String::as_str).find(|known| *known == key.variable);
    }
    if let Some(key) = meant_by(name, None) {
        return Some(key.variable);
    }
    let without_prefix = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
    let near = nearest(name, without_prefix)?;
    known.iter().map(String::as_str).find(|known| known.strip_prefix(PREFIX) == Some(near))
}

/// Returns whether a variable sets a key of a route. `parts` are the parts of the routes' names.
fn is_of_route(name: &str, parts: &HashSet<String>) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix("ROUTE_")) else {
        return false;
    };
    route_keys().any(|(_, key)| {
        let part = rest.strip_suffix(&key.to_uppercase()).and_then(|part| part.strip_suffix('_'));
        part.is_some_and(|part| parts.contains(part))
    })
}

/// Returns whether Kubernetes sets this variable for a service, in every container of the service's namespace: a service that
/// is named `upsign` or `upsign-api` has variables that begin like those of this project.
///
/// `service` is what `_SERVICE_HOST` follows, which Kubernetes sets for each service. Source:
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
fn is_service_link(name: &str, service: &str) -> bool {
    let Some(rest) = name.strip_prefix(service) else { return false };
    let Some(port) = rest.strip_prefix("_PORT") else {
        return matches!(rest, "_SERVICE_HOST" | "_SERVICE_PORT") || rest.starts_with("_SERVICE_PORT_");
    };
    let protocol = port.strip_prefix('_').and_then(|port| port.split_once('_'));
    let protocol = protocol.filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
    port.is_empty()
        || protocol.is_some_and(|(_, protocol)| {
            let (protocol, part) = protocol.split_once('_').unwrap_or((protocol, "ADDR"));
            matches!(protocol, "TCP" | "UDP" | "SCTP") && matches!(part, "PROTO" | "PORT" | "ADDR")
        })
}

fn escaped(name: &str) -> String {
    name.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_that_complete_a_key() {
        let found = completing_suffixes();
        assert!(found.contains(&("_KEY".to_owned(), "groups", "key_groups")), "{found:?}");
        assert!(found.iter().all(|(suffix, key, longer)| *longer
            == format!("{}_{key}", suffix.to_lowercase().trim_start_matches('_'))));
    }

    #[test]
    fn no_variable_of_a_route_equals_one_of_the_whole_file() {
        let fixed = KEYS.iter().map(|key| key.variable).chain(PROGRAM_VARIABLES);
        assert!(fixed.into_iter().all(|name| name.starts_with(PREFIX) && !name.starts_with("UPSIGN_ROUTE_")));
    }
}
