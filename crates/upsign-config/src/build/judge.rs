//! Warnings about valid settings.

use upsign_core::CorsOrigins;
use upsign_policy::{IdName, PolicyWarning, TypeRange, UploadMethod, UploadPolicy};

use super::route::Scope;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::source::raw::{Located, Origin, Raw, Value};
use crate::units;
use crate::warning::{Warning, WarningCode};

impl Reader {
    /// Warns about the policy of a route.
    pub(super) fn judge(&mut self, scope: &Scope, policy: &UploadPolicy) {
        for warning in policy.warnings() {
            // That of a store, not of each of its routes.
            if warning == PolicyWarning::NoConditionalComplete {
                continue;
            }
            let key = scope.key(key_of(&warning));
            let item = self.item_of(&key, &warning);
            let help = match (&warning, item) {
                (PolicyWarning::UncommonType { common, .. }, Some(item)) => {
                    self.replacement(&key, item, common.as_str())
                }
                (PolicyWarning::ActiveType(_), _) if !self.has(&scope.key("disposition")) => {
                    self.assignment(&scope.key("disposition"), &Value::Text("attachment".into()))
                }
                (PolicyWarning::UnusedId(name), Some(item)) => self.without_id(&key, item, name),
                (warning, _) => self.help_for(scope, policy, warning),
            };
            self.warn(WarningCode::Policy, &key, item, warning.to_string(), help);
        }
        self.judge_size(&scope.key("max_size"), policy);
        if !policy.client_may_supply().is_empty() {
            let message = "requires an application that checks who may use an id; `upsign serve` has none and refuses to start";
            self.warn(WarningCode::NeedsAuthorize, &scope.key("client_may_supply"), None, message, "");
        }
    }

    /// Warns about pages that may call the API but cannot upload, because the bucket of a route has no CORS configuration.
    pub(super) fn judge_bucket_cors(
        &mut self,
        scopes: &[Scope],
        routes: &[RouteConfig],
        origins: &CorsOrigins,
    ) {
        if !origins.is_any() && origins.list().is_empty() {
            return;
        }
        let pairs = scopes.iter().zip(routes);
        let directories = pairs.filter(|(_, route)| route.policy.target().bucket().is_directory());
        let mut keys: Vec<String> = directories.map(|(scope, _)| scope.bucket_key("name", self)).collect();
        keys.dedup();
        for key in keys {
            let message = "a directory bucket has no CORS configuration: pages of the origins in [cors] cannot upload to it";
            let help = "name a general purpose bucket, or remove origins if only other programs upload";
            self.warn(WarningCode::NoBucketCors, &key, None, message, help);
        }
    }

    /// Returns the next step for a warning whose key has one value, or an empty text.
    fn help_for(&self, scope: &Scope, policy: &UploadPolicy, warning: &PolicyWarning) -> String {
        let write = |name: &str, value: Value| self.assignment(&scope.key(name), &value);
        let text = |value: &str| Value::Text(value.into());
        let store = self.store(scope);
        match warning {
            PolicyWarning::BodylessAllowed { .. } => {
                format!(
                    "{}: clients then state what they upload, and it is signed",
                    write("bodyless", text("refuse"))
                )
            }
            PolicyWarning::Unbounded => {
                format!("remove it, and {} for a form, which binds a range", write("method", text("post")))
            }
            PolicyWarning::ArchivedStorage(_) => {
                format!(
                    "{} for an archive that can be read at once",
                    write("storage_class", text("GLACIER_IR"))
                )
            }
            PolicyWarning::Overwritable if policy.method() == UploadMethod::Post => {
                format!("{}: a form cannot prevent overwriting", write("method", text("put")))
            }
            PolicyWarning::Overwritable => match store {
                Some(store) if !store.capabilities.if_none_match => {
                    format!("{} cannot prevent it: verify objects after the upload", store.provider.title())
                }
                _ if self.has(&scope.key("replace")) => write("replace", text("if-match")),
                _ => write("no_overwrite", Value::Flag(true)),
            },
            PolicyWarning::WideTypes(TypeRange::Any) => {
                format!("{} for every file, saved and never displayed", write("types", text("any")))
            }
            PolicyWarning::WideTypes(_) => "upsign check --types lists them".to_owned(),
            PolicyWarning::LongLifetime(_) => {
                format!("{}: S3 checks the time when an upload starts", write("expires_in", text("15m")))
            }
            PolicyWarning::SharedObject => {
                let own = format!("{{sub}}/{}", policy.template().as_str());
                format!(
                    "{}, for example, so that callers have their own objects",
                    write("key", Value::Text(own))
                )
            }
            PolicyWarning::WideResource { .. } => {
                let prefixed = format!("uploads/{}", policy.template().as_str());
                format!("{}, for example, to limit the role to a prefix", write("key", Value::Text(prefixed)))
            }
            PolicyWarning::LiteralPlaceholder { segment, meant } => {
                let template = policy.template().as_str().split('/');
                let meant = meant.to_string();
                let replaced =
                    template.map(|part| if part == segment.as_ref() { meant.as_str() } else { part });
                write("key", Value::Text(replaced.collect::<Vec<_>>().join("/")))
            }
            PolicyWarning::ShortLifetime { expires_in, .. } => {
                let meant = format!("{}m", expires_in.as_secs());
                format!("{} if minutes were meant", write("expires_in", Value::Text(meant)))
            }
            PolicyWarning::PartsUnused { .. } => {
                format!("raise max_size, or {} for every file in parts", write("multipart", text("always")))
            }
            PolicyWarning::ShortResumeWindow { .. } => write("resume_window", text("24h")),
            _ => String::new(),
        }
    }

    /// Returns the instruction that removes an unused id from its list, or the list if it has no other.
    fn without_id(&self, key: &str, item: usize, name: &IdName) -> String {
        let mut rest = self.texts(key).unwrap_or_default();
        if item < rest.len() {
            rest.remove(item);
        }
        let removed = if rest.is_empty() {
            format!("remove {}", key.rsplit('.').next().unwrap_or(key))
        } else {
            self.assignment(key, &Value::Texts(rest))
        };
        format!("{removed}, or use {{{name}}} in key")
    }

    fn judge_size(&mut self, key: &str, policy: &UploadPolicy) {
        let bytes = policy.max_size();
        if bytes < 1024 && self.is_bare(key) {
            let message = format!(
                "files may have {} at most: a number without a unit is in bytes",
                units::format_size(bytes)
            );
            let meant = self.assignment(key, &Value::Text(format!("{bytes} MiB")));
            self.warn(WarningCode::MissingUnit, key, None, message, format!("for mebibytes, {meant}"));
        }
    }

    /// Returns whether an amount is written without a unit.
    fn is_bare(&self, key: &str) -> bool {
        match self.raw.values.get(key).map(|located| &located.value) {
            Some(Value::Number(_)) => true,
            Some(Value::Text(text)) => text.trim().bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        }
    }

    fn item_of(&self, key: &str, warning: &PolicyWarning) -> Option<usize> {
        let text = match warning {
            PolicyWarning::WideTypes(range) => range.to_string(),
            PolicyWarning::ActiveType(content_type) => content_type.to_string(),
            PolicyWarning::UncommonType { listed, .. } => listed.to_string(),
            PolicyWarning::UnusedId(name) => name.to_string(),
            _ => return None,
        };
        self.texts(key)?.iter().position(|item| item.eq_ignore_ascii_case(&text))
    }

    /// Warns about values that are still those of the example, and marked as such.
    pub(super) fn judge_examples(&mut self) {
        let mut example = Raw::default();
        let has_mark = self.raw.source.text.contains(crate::initial::MARK);
        if !has_mark || !example.read("", crate::initial::FILE) {
            return;
        }
        let is_marked = |raw: &Raw, key: &str| match raw.values.get(key).map(|located| &located.origin) {
            Some(Origin::File(span, _)) => raw.source.line_of(span).contains(crate::initial::MARK),
            _ => false,
        };
        let is_same = |key: &str, located: &Located| {
            self.raw.values.get(key).is_some_and(|own| own.value == located.value)
        };
        // The example region is a real one: it is an example only as long as the bucket is.
        let example_bucket =
            example.values.get("bucket.name").is_some_and(|name| is_same("bucket.name", name));
        let mut found = Vec::new();
        for (key, located) in &example.values {
            let is_same = is_same(key, located) && (key != "bucket.region" || example_bucket);
            if is_same && is_marked(&example, key) && is_marked(&self.raw, key) {
                let message = format!("still the example {}", crate::source::effective::toml(&located.value));
                let help =
                    format!("write your own, or remove the mark {} if this is yours", crate::initial::MARK);
                found.push((key, message, help));
            }
        }
        for (key, message, help) in found {
            self.warn(WarningCode::ExampleValue, key, None, message, help);
        }
    }

    /// Warns about routes that write to the same folder.
    pub(super) fn judge_overlaps(&mut self, routes: &[RouteConfig]) {
        for (one, other) in overlaps(routes) {
            let section = match &other.name {
                Some(name) => format!("route.{name}"),
                None => "upload".to_owned(),
            };
            let first = one.name.as_ref().map_or("[upload]".to_owned(), |name| format!("[route.{name}]"));
            let message = format!("{first} and this route write to the same folder of the same bucket");
            let help = "start the two keys with different prefixes";
            self.warn(WarningCode::Overlap, &format!("{section}.key"), None, message, help);
        }
    }

    /// Sorts the warnings by place, and returns them.
    pub(super) fn take_warnings(&mut self) -> Box<[Warning]> {
        let mut warnings = std::mem::take(&mut self.raw.warnings);
        warnings.sort_by(|a, b| (a.place.is_none(), &a.place).cmp(&(b.place.is_none(), &b.place)));
        warnings.into()
    }
}

/// Returns the name of the key that causes a warning.
const fn key_of(warning: &PolicyWarning) -> &'static str {
    match warning {
        PolicyWarning::BodylessAllowed { .. } => "bodyless",
        PolicyWarning::Unbounded => "unbounded",
        PolicyWarning::LongLifetime(_) | PolicyWarning::ShortLifetime { .. } => "expires_in",
        PolicyWarning::WideTypes(_) | PolicyWarning::ActiveType(_) | PolicyWarning::UncommonType { .. } => {
            "types"
        }
        PolicyWarning::ArchivedStorage(_) => "storage_class",
        PolicyWarning::Overwritable => "no_overwrite",
        PolicyWarning::PublicAcl(_) => "acl",
        PolicyWarning::SharedContent => "shared_content",
        PolicyWarning::UnusedId(_) => "ids",
        PolicyWarning::PartsUnused { .. } => "multipart_above",
        PolicyWarning::ShortResumeWindow { .. } => "resume_window",
        _ => "key",
    }
}

/// Returns pairs of routes that write to the same folder, so that every such route is in a pair.
///
/// Not every pair is listed: there may be millions. In the order of their prefixes, the routes below a folder follow the
/// route of that folder directly, so each is paired with the nearest route before it whose prefix begins its own.
fn overlaps(routes: &[RouteConfig]) -> Vec<(&RouteConfig, &RouteConfig)> {
    let place = |route: &RouteConfig| {
        let target = route.policy.target();
        (target.bucket().as_str().to_owned(), target.host().to_owned())
    };
    let prefixes = routes.iter().enumerate().flat_map(|(index, route)| {
        route.policy.key_prefixes().into_iter().map(move |prefix| (place(route), prefix, index))
    });
    let mut sorted: Vec<_> = prefixes.collect();
    sorted.sort_unstable();
    let mut outer: Vec<&((String, String), String, usize)> = Vec::new();
    let mut pairs = Vec::new();
    for one in &sorted {
        while outer.pop_if(|outer| outer.0 != one.0 || !one.1.starts_with(&outer.1)).is_some() {}
        // The names of two issuers can begin alike in one route.
        if let Some(outer) = outer.last().filter(|outer| outer.2 != one.2) {
            pairs.push((outer.2.min(one.2), outer.2.max(one.2)));
        }
        outer.push(one);
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().filter_map(|(one, other)| Some((routes.get(one)?, routes.get(other)?))).collect()
}
