//! How a route uploads files in parts, and the secrets of its upload tokens, as `check` and `serve` print them.

use std::time::Duration;

use serde_json::{Map, Value, json};
use upsign::session::TokenKeys;
use upsign_config::units::{format_duration, format_size};
use upsign_config::{
    Config, InvalidTokenSecrets, LoadSecretError, ProblemCode, RouteConfig, TokenSecretSource,
};
use upsign_core::MultipartPlan;
use upsign_policy::{
    ChecksumKind, MultipartChecksum, MultipartMode, MultipartOptions, SizeBound, UploadPolicy,
};

use crate::environment;
use crate::exit::Diagnostic;
use crate::output::Printer;
use crate::summary::count;

/// Prints which files a route uploads in parts, into which parts, and what the store compares.
pub(crate) fn print(to: Printer, route: &RouteConfig) {
    let policy = &route.policy;
    let Some(options) = policy.multipart() else { return };
    let window = Duration::from_secs(options.resume_window().as_secs());
    let (smallest, largest) = part_sizes(policy, options);
    let sizes = match smallest == largest {
        true => format_size(largest),
        false => format!("{} to {}", format_size(smallest), format_size(largest)),
    };
    let value = format!(
        "{}: up to {} of {sizes}, {} at a time, resumable for {}",
        which_files(policy, options),
        count(max_parts(policy, options).into(), "part"),
        options.parts_at_once(),
        format_duration(window)
    );
    to.detail("multipart", &value);
    to.detail("checksum", &checksum(route, options));
}

/// Returns what [`print`] prints, as the member `multipart` of a route.
pub(crate) fn json(policy: &UploadPolicy, options: &MultipartOptions) -> Map<String, Value> {
    let (smallest, largest) = part_sizes(policy, options);
    let mut members = Map::new();
    let mut member = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    member("mode", options.mode().as_str().into());
    if options.mode() == MultipartMode::Auto {
        member("above", options.above().into());
    }
    member("minPartSize", smallest.into());
    member("maxPartSize", largest.into());
    member("maxParts", max_parts(policy, options).into());
    member("partsAtOnce", options.parts_at_once().into());
    member("resumeWindow", options.resume_window().as_secs().into());
    member("unknownSize", (policy.size_bound() == SizeBound::MaxInParts).into());
    member("checksum", policy.multipart_checksum().map_or(Value::Null, checksum_json));
    members
}

fn checksum_json(checksum: MultipartChecksum) -> Value {
    json!({"algorithm": checksum.algorithm.as_str(), "covers": covers(checksum.kind)})
}

const fn covers(kind: ChecksumKind) -> &'static str {
    match kind {
        ChecksumKind::FullObject => "object",
        ChecksumKind::Composite | ChecksumKind::Parts => "parts",
    }
}

fn which_files(policy: &UploadPolicy, options: &MultipartOptions) -> String {
    let above = format_size(options.above());
    match (options.mode(), policy.size_bound()) {
        (MultipartMode::Auto, SizeBound::MaxInParts) => format!("above {above} or of unknown size"),
        (MultipartMode::Auto, _) => format!("above {above}"),
        (_, SizeBound::MaxInParts) => "every file, also of unknown size".to_owned(),
        _ => "every file".to_owned(),
    }
}

/// Returns the part sizes of the smallest and of the largest file in parts.
fn part_sizes(policy: &UploadPolicy, options: &MultipartOptions) -> (u64, u64) {
    let part_size = |size: u64| {
        let plan = MultipartPlan::new(size, options.part_size(), options.store());
        plan.map_or(MultipartPlan::DEFAULT_PART_SIZE, MultipartPlan::part_size)
    };
    let smallest = policy.size().min().max(options.above().saturating_add(1)).min(policy.max_size());
    (part_size(smallest), part_size(policy.max_size()))
}

/// Returns how many parts a file can have. Files with parts of the smallest size can have as many as the store accepts, if larger
/// files have larger parts.
fn max_parts(policy: &UploadPolicy, options: &MultipartOptions) -> u16 {
    let (smallest, largest) = part_sizes(policy, options);
    let plan = MultipartPlan::new(policy.max_size(), options.part_size(), options.store());
    let of_largest = plan.map_or(options.store().max_parts, MultipartPlan::part_count);
    if smallest == largest { of_largest } else { options.store().max_parts }
}

/// Returns what the store compares if the client names no algorithm.
fn checksum(route: &RouteConfig, options: &MultipartOptions) -> String {
    let store = route.store.provider.title();
    let Some(checksum) = route.policy.multipart_checksum() else {
        let chosen: Vec<_> =
            route.policy.multipart_checksums().iter().map(|it| it.algorithm.to_string()).collect();
        let named = match chosen.is_empty() {
            true => "none".to_owned(),
            false => format!("{} of each part if the client names it, otherwise none", chosen.join(" or ")),
        };
        return format!("{named}: {store} compares the size and the ETag of each part");
    };
    let algorithm = checksum.algorithm;
    match checksum.kind {
        ChecksumKind::FullObject if options.part_checksum_header(checksum).is_some() => {
            format!("{algorithm} of the whole object, and of each part that has one")
        }
        ChecksumKind::FullObject => {
            format!("{algorithm} of the whole object; {store} compares no checksum of single parts")
        }
        ChecksumKind::Composite => {
            format!(
                "{algorithm} of each part, which is required; {store} compares no checksum of the whole object"
            )
        }
        ChecksumKind::Parts => {
            format!("{algorithm} of each part that has one; {store} compares no checksum of the whole object")
        }
    }
}

/// Returns why a route whose uploads have tokens could not be served: nothing says where the secrets of upload tokens are.
pub(crate) fn missing_keys(config: &Config) -> Option<Diagnostic> {
    let needs_keys = |policy: &UploadPolicy| policy.multipart().is_some() || policy.confirmation().confirm();
    let route = config.routes().iter().find(|route| needs_keys(&route.policy))?;
    if !config.token_sources().is_empty() {
        return None;
    }
    let (name, value) = match route.policy.multipart() {
        Some(options) => ("multipart", format!("\"{}\"", options.mode().as_str())),
        None => ("confirm", "true".to_owned()),
    };
    let section = route.name.as_ref().map_or("upload".to_owned(), |name| format!("route.{name}"));
    let key = format!("{section}.{name}");
    let message = format!("{name} = {value} needs [token] keys, which are missing");
    let help = "write keys = [\"env:UPSIGN_TOKEN_SECRET\"] below [token], and set the variable to what `openssl rand -base64 32` \
                prints; without it, neither the server nor the function starts";
    let found = at_key(config, &key, Diagnostic::new(ProblemCode::MissingKey.as_str(), message));
    Some(Diagnostic { help: Some(help.to_owned()), ..found })
}

/// Names the key that a finding is about, and the line of its value.
pub(crate) fn at_key(config: &Config, key: &str, found: Diagnostic) -> Diagnostic {
    let place = config.effective_value(key).and_then(|(_, place)| place.rsplit_once(':'));
    Diagnostic {
        file: place.map(|(file, _)| file.to_owned()),
        line: place.and_then(|(_, line)| line.parse().ok()),
        key: Some(key.to_owned()),
        ..found
    }
}

/// Returns why no server could start with the secrets of upload tokens that this machine has: one is too short, or two are equal.
/// Those of another machine are unknown, and are no reason.
pub(crate) fn unusable_secret(config: &Config) -> Option<Diagnostic> {
    if !config.needs_store() {
        return None;
    }
    let load = |source: &TokenSecretSource| {
        Ok(source.read(environment::variable).unwrap_or_else(|_| {
            // Stands for an unknown secret: long enough, and different from the others, because no source occurs twice.
            let mut unknown = source.to_string().into_bytes();
            unknown.resize(unknown.len().max(2 * TokenKeys::MIN_SECRET_LEN), b' ');
            unknown.into()
        }))
    };
    let error = config.token_keys(load).err()?;
    let is_known =
        matches!(error, InvalidTokenSecrets::TooShort { .. } | InvalidTokenSecrets::Repeated { .. });
    let message = error.to_string();
    let message = message.strip_prefix("token.keys: ").unwrap_or(&message);
    let found = Diagnostic::new("unusable-secret", format!("{message}; no server starts with it"));
    is_known.then(|| at_key(config, "token.keys", found))
}

/// What this machine knows about a secret of upload tokens.
enum SecretState {
    Set,
    NotSet,
    Unreadable(String),
    TooShort(usize),
    ReadAtStart,
}

impl SecretState {
    /// Returns the state of a secret on this machine. The secret itself is dropped.
    fn of(source: &TokenSecretSource) -> Self {
        match source.read(environment::variable) {
            Ok(secret) => match secret.trim_ascii_end().len() {
                len if len < TokenKeys::MIN_SECRET_LEN => Self::TooShort(len),
                _ => Self::Set,
            },
            Err(LoadSecretError::NotSet(_)) => Self::NotSet,
            Err(LoadSecretError::Unreadable { source, .. }) => Self::Unreadable(source.to_string()),
            Err(_) => Self::ReadAtStart,
        }
    }

    /// Returns the state for programs, and for people if it is not what a server needs.
    fn words(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Set => ("set", None),
            Self::NotSet => ("not-set", Some("not set here".to_owned())),
            Self::Unreadable(reason) => ("unreadable", Some(format!("cannot be read here: {reason}"))),
            Self::TooShort(len) => {
                let least = TokenKeys::MIN_SECRET_LEN;
                ("too-short", Some(format!("has {len} bytes, but at least {least} are required")))
            }
            Self::ReadAtStart => ("read-at-start", Some("read when a server starts".to_owned())),
        }
    }
}

/// Prints where the secrets of upload tokens are, without the secrets.
pub(crate) fn print_tokens(to: Printer, config: &Config) {
    let sources = config.token_sources();
    if sources.is_empty() {
        to.detail("tokens", "no keys: [token] keys is missing");
        return;
    }
    let listed = sources.iter().map(|source| match SecretState::of(source).words() {
        (_, None) => source.to_string(),
        (_, Some(state)) => format!("{source} ({state})"),
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    let first = if sources.len() == 1 { "" } else { ", the first signs" };
    to.detail("tokens", &format!("{}{first}: {listed}", count(sources.len(), "key")));
    to.detail("deployment", config.token_deployment());
}

/// Returns what [`print_tokens`] prints, as the member `token` of the report.
pub(crate) fn tokens_json(config: &Config) -> Value {
    let keys = config.token_sources().iter().map(|source| {
        let (state, _) = SecretState::of(source).words();
        json!({"source": source.to_string(), "state": state})
    });
    json!({"deployment": config.token_deployment(), "keys": keys.collect::<Vec<_>>()})
}
