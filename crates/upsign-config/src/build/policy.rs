//! The policy of one route: the settings that every policy needs, and the check against the store.

use std::error::Error;

use upsign_core::{Target, error_chain};
use upsign_policy::{
    Bodyless, ContentRules, IdName, InvalidContentRules, InvalidKeyTemplate, InvalidSizeLimit,
    InvalidUploadPolicy, KeyTemplate, Placeholder, SizeLimit, UploadMethod, UploadPolicy,
};

use super::pasted;
use super::route::Scope;
use super::values::Reader;
use crate::error::ProblemCode;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;

const METHODS: [(&str, UploadMethod); 2] = [("put", UploadMethod::Put), ("post", UploadMethod::Post)];
const BODYLESS: [(&str, Bodyless); 2] = [("allow", Bodyless::Allow), ("refuse", Bodyless::Refuse)];
impl Reader {
    /// Reads the policy of a route. Every key is read before the first missing value ends the function, so that one run
    /// reports every problem.
    pub(super) fn policy(&mut self, scope: &Scope, target: Option<Target>) -> Option<UploadPolicy> {
        let template = self.template(scope);
        let content = self.content(scope);
        let size = self.size(scope);
        let bodyless = self.bodyless(scope);
        let no_overwrite = self.flag(&scope.key("no_overwrite"));
        let keys = self.key_options(scope);
        let method = self.choice(&scope.key("method"), &METHODS).unwrap_or_default();
        let lifetime = self.lifetime(scope);
        let checksums = self.checksums(scope);
        let file_names = self.file_names(scope);
        let disposition = self.disposition(scope);
        let storage = self.storage(scope);
        let metadata = self.metadata(scope);
        let tags = self.tags(scope);
        let mut builder = UploadPolicy::builder(target?, template?, bodyless?)
            .keys(keys)
            .content(content?)
            .size(size?)
            .method(method)
            .lifetime(lifetime)
            .checksums(checksums)
            .file_names(file_names)
            .disposition(disposition)
            .storage(storage)
            .metadata(metadata)
            .tags(tags);
        if let Some(no_overwrite) = no_overwrite {
            builder = builder.no_overwrite(no_overwrite);
        }
        let policy = builder.build().map_err(|error| {
            let mut candidates = [key_to_change(&error), "key"].map(|name| scope.key(name)).into_iter();
            let key = candidates.find(|key| self.has(key)).unwrap_or_else(|| scope.section().to_owned());
            self.report_policy(scope, &key, &error);
        });
        let policy = policy.ok()?;
        self.check_provider(scope, &policy);
        self.judge(scope, &policy);
        Some(policy)
    }

    fn template(&mut self, scope: &Scope) -> Option<KeyTemplate> {
        let ids_key = scope.key("ids");
        let ids = self.parsed_list(&ids_key, str::parse::<IdName>);
        let key = scope.key("key");
        let text = self.required(&key, "\"uploads/{sub}/{id}.{ext}\"");
        if (self.has(&ids_key) && ids.is_none()) || self.raw.is_spoiled(&ids_key) {
            // Without valid ids, every placeholder of the template that names one would be reported as unknown.
            return None;
        }
        let (text, ids) = (text?, ids.unwrap_or_default());
        let report = |error: InvalidKeyTemplate| {
            if matches!(error, InvalidKeyTemplate::Duplicate(..)) {
                return self.report(&ids_key, Finding::invalid(error.to_string()).help("rename one of them"));
            }
            let meant = pasted::template(&text).filter(|meant| KeyTemplate::parse(meant, &ids).is_ok());
            let help = match (&error, meant) {
                (_, Some(meant)) => self.assignment(&key, &Value::Text(meant)),
                (InvalidKeyTemplate::Unknown { name, nearest: None, .. }, None)
                    if name.parse::<IdName>().is_ok() =>
                {
                    format!("if it is an id of your application, declare it: ids = [\"{name}\"]")
                }
                _ => String::new(),
            };
            self.report(&key, Finding::invalid(error_chain(&error).to_string()).help(help));
        };
        KeyTemplate::parse(&text, &ids).map_err(report).ok()
    }

    fn bodyless(&mut self, scope: &Scope) -> Option<Bodyless> {
        let key = scope.key("bodyless");
        self.required(&key, "\"refuse\", so that clients state type and size, and both are signed")?;
        self.choice(&key, &BODYLESS)
    }

    fn content(&mut self, scope: &Scope) -> Option<ContentRules> {
        let key = scope.key("types");
        let Some(types) = self.texts(&key) else {
            self.report_missing(&key, "[\"image/jpeg\", \"image/png\"]");
            return None;
        };
        let extensions_key = scope.key("extensions");
        let declared = self.lists(&extensions_key).unwrap_or_default();
        let mut valid = true;
        for (index, text) in types.iter().enumerate() {
            let Err(error) = ContentRules::new([text.as_str()]) else { continue };
            let finding = match pasted::content_type(text) {
                Some(right) => {
                    let finding = Finding::invalid(format!("{} is not a content type", shown(text)));
                    finding.help(self.replacement(&key, index, right))
                }
                None => {
                    let error = error_chain(error.source().unwrap_or(&error)).to_string();
                    Finding::malformed(text, &error)
                }
            };
            self.report_item(&key, index, finding);
            valid = false;
        }
        if !valid {
            return None;
        }
        let report = |error: InvalidContentRules| {
            let finding = Finding::invalid(error_chain(&error).to_string());
            match &error {
                InvalidContentRules::Repeated(range) => {
                    let range = range.to_string();
                    let item = types.iter().rposition(|text| text.eq_ignore_ascii_case(&range)).unwrap_or(0);
                    self.report_item(&key, item, finding.help("remove one of them"));
                }
                _ => self.report(&key, finding),
            }
        };
        let mut rules = ContentRules::new(types.iter().map(String::as_str)).map_err(report).ok()?;
        for (index, (content_type, extensions)) in declared.iter().enumerate() {
            let updated = rules.with_extensions(content_type, extensions);
            let report = |error: InvalidContentRules| {
                let finding = Finding::invalid(error_chain(&error).to_string());
                let finding = match extensions.iter().find(|extension| extension.starts_with('.')) {
                    Some(dotted) => finding.help(format!("write \"{}\"", dotted.trim_start_matches('.'))),
                    None => finding,
                };
                self.report_item(&extensions_key, index, finding);
            };
            rules = updated.map_err(report).ok()?;
        }
        Some(rules)
    }

    fn size(&mut self, scope: &Scope) -> Option<SizeLimit> {
        let (min_key, max_key) = (scope.key("min_size"), scope.key("max_size"));
        let max = self.amount(&max_key, units::parse_size);
        let min = self.amount(&min_key, units::parse_size);
        if !self.has(&max_key) {
            self.report_missing(&max_key, "\"10 MiB\"");
        }
        if self.has(&min_key) && min.is_none() {
            return None;
        }
        let limit = match min {
            Some(min) => SizeLimit::between(min, max?),
            None => SizeLimit::up_to(max?),
        };
        let report = |error| {
            let min_above_max = matches!(error, InvalidSizeLimit::MinAboveMax { .. });
            let finding = Finding::invalid(error.to_string());
            self.report(if min_above_max { &min_key } else { &max_key }, finding);
        };
        limit.map_err(report).ok()
    }

    fn report_policy(&mut self, scope: &Scope, key: &str, error: &InvalidUploadPolicy) {
        let finding = Finding::contradiction(error_chain(error).to_string());
        let InvalidUploadPolicy::NoExtension { range, suggestion } = error else {
            return self.report(key, finding);
        };
        let (text, key) = (range.to_string(), scope.key("types"));
        let item =
            self.texts(&key).and_then(|texts| texts.iter().position(|item| item.eq_ignore_ascii_case(&text)));
        let item = item.unwrap_or(0);
        let finding = match suggestion {
            Some(common) => {
                let message = format!("{text} is not a registered type: browsers send {common}");
                Finding::invalid(message).help(self.replacement(&key, item, common.as_str()))
            }
            None => {
                let subtype = text.rsplit('/').next().unwrap_or_default().trim_start_matches("x-");
                let extension: String =
                    subtype.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
                let extension =
                    if extension.is_empty() { "ext".to_owned() } else { extension.to_ascii_lowercase() };
                let message = format!("no file extension is known for {text}, and the key contains {{ext}}");
                let help = format!(
                    "add extensions = {{ \"{text}\" = [\"{extension}\"] }} below [{}]",
                    scope.section()
                );
                Finding::contradiction(message).help(help)
            }
        };
        self.report_item(&key, item, finding);
    }

    /// Reports every requirement of the policy that the named store cannot meet.
    fn check_provider(&mut self, scope: &Scope, policy: &UploadPolicy) {
        let Some(provider) = self.named_provider(scope) else { return };
        let capabilities = provider.capabilities();
        let unsupported = |message: String| Finding::new(ProblemCode::Unsupported, message);
        if policy.no_overwrite() && !capabilities.if_none_match {
            let message =
                format!("{provider} does not support If-None-Match, so overwriting cannot be prevented");
            let help = "write no_overwrite = false to accept that";
            self.report(&scope.key("no_overwrite"), unsupported(message).help(help));
        }
        if policy.method() == UploadMethod::Post && !capabilities.post_form {
            let message = format!("{provider} does not support upload forms");
            self.report(&scope.key("method"), unsupported(message).help("write method = \"put\""));
        }
        let needs_checksums =
            policy.checksums().is_required() || policy.template().uses(&Placeholder::Sha256);
        if needs_checksums && !capabilities.checksum_headers {
            let message =
                format!("{provider} does not verify checksums, so a required checksum would have no effect");
            let help = "remove the requirement, or verify objects after the upload";
            self.report(&scope.key("checksums"), unsupported(message).help(help));
        }
        if policy.max_size() > capabilities.max_put_bytes {
            let most = units::format_size(capabilities.max_put_bytes);
            let message = format!("{provider} accepts at most {most} in one PUT");
            self.report(
                &scope.key("max_size"),
                unsupported(message).help(format!("write max_size = \"{most}\"")),
            );
        }
    }
}

/// Returns the name of the key that an operator would change first to correct the error.
const fn key_to_change(error: &InvalidUploadPolicy) -> &'static str {
    match error {
        InvalidUploadPolicy::NoRoomForTags(_) => "tags",
        InvalidUploadPolicy::NothingInert(_) => "types",
        InvalidUploadPolicy::BodylessKey(_) | InvalidUploadPolicy::BodylessType => "bodyless",
        InvalidUploadPolicy::EmptyChecksums | InvalidUploadPolicy::Sha256NotRequired => "checksums",
        InvalidUploadPolicy::DuplicateMetadataName(_) => "metadata",
        InvalidUploadPolicy::InvalidClientMetadataName => "client_metadata",
        InvalidUploadPolicy::FileNameLimit(_) => "max_file_name",
        InvalidUploadPolicy::InvalidGroups => "key_groups",
        InvalidUploadPolicy::PostCannotPreventOverwrite => "no_overwrite",
        InvalidUploadPolicy::UndeclaredClientId(_)
        | InvalidUploadPolicy::NoGeneratedId
        | InvalidUploadPolicy::ReservedClientId(_) => "client_may_supply",
        _ => "key",
    }
}
