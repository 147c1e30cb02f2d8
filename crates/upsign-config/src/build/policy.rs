//! The policy of one route: the settings that every policy needs, and the check against the store.

use upsign_core::Target;
use upsign_policy::{
    Bodyless, ContentRules, IdName, InvalidUploadPolicy, InvalidSizeLimit, InvalidKeyTemplate, KeyTemplate,
    Placeholder, SizeLimit, UploadMethod, UploadPolicy,
};

use super::route::Scope;
use super::values::Reader;
use crate::units;

const METHODS: [(&str, UploadMethod); 2] = [("put", UploadMethod::Put), ("post", UploadMethod::Post)];
const BODYLESS: [(&str, Bodyless); 2] = [("allow", Bodyless::Allow), ("refuse", Bodyless::Refuse)];
const BODYLESS_HINT: &str = "write \"refuse\", or \"allow\" if clients send no body: a PUT grant for them then \
                             binds neither the size nor protection against overwriting";

impl Reader<'_> {
    /// Reads the policy of a route. Every key is read before the first missing value ends the function, so that one run
    /// reports every problem.
    pub(super) fn policy(&mut self, scope: &Scope, target: Option<Target>) -> Option<UploadPolicy> {
        let template = self.template(scope);
        let content = self.content(scope);
        let size = self.size(scope);
        let bodyless = self.bodyless(scope);
        let no_overwrite = self.flag(&scope.key("no_overwrite"));
        let keys = self.key_options(scope);
        let method = self.choice(&scope.key("method"), &METHODS, "").unwrap_or_default();
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
            self.report(&key, &error, "");
        });
        let policy = policy.ok()?;
        self.check_provider(scope, &policy);
        Some(policy)
    }

    fn template(&mut self, scope: &Scope) -> Option<KeyTemplate> {
        let ids_key = scope.key("ids");
        let ids = self.parsed_list(&ids_key, str::parse::<IdName>);
        if self.has(&ids_key) && ids.is_none() {
            // Without valid ids, every placeholder of the template that names one would be reported as unknown.
            return None;
        }
        let hint = "write a template, for example key = \"articles/{article_id}/raw/{id}.{ext}\"";
        let key = scope.key("key");
        let text = self.required(&key, hint)?;
        let template = KeyTemplate::parse(&text, &ids.unwrap_or_default());
        template
            .map_err(|error| {
                let duplicate = matches!(error, InvalidKeyTemplate::Duplicate(..));
                self.report(if duplicate { &ids_key } else { &key }, &error, "");
            })
            .ok()
    }

    fn bodyless(&mut self, scope: &Scope) -> Option<Bodyless> {
        let key = scope.key("bodyless");
        self.required(&key, BODYLESS_HINT)?;
        self.choice(&key, &BODYLESS, BODYLESS_HINT)
    }

    fn content(&mut self, scope: &Scope) -> Option<ContentRules> {
        let key = scope.key("types");
        let Some(types) = self.texts(&key) else {
            self.report_missing(&key, "list the allowed types, for example types = [\"image/jpeg\"]");
            return None;
        };
        let mut rules = ContentRules::new(types).map_err(|error| self.report(&key, &error, "")).ok()?;
        let key = scope.key("extensions");
        for (content_type, extensions) in self.lists(&key).unwrap_or_default() {
            let updated = rules.with_extensions(&content_type, extensions);
            rules = updated.map_err(|error| self.report(&key, &error, "")).ok()?;
        }
        Some(rules)
    }

    fn size(&mut self, scope: &Scope) -> Option<SizeLimit> {
        let max_key = scope.key("max_size");
        let max = self.amount(&max_key, units::parse_size, "a size, for example \"10 MiB\"");
        let min = self.amount(&scope.key("min_size"), units::parse_size, "a size, for example \"1 KiB\"");
        if !self.has(&max_key) {
            self.report_missing(&max_key, "set the maximum file size, for example max_size = \"10 MiB\"");
        }
        let limit = match min {
            Some(min) => SizeLimit::between(min, max?),
            None => SizeLimit::up_to(max?),
        };
        let report = |error| {
            let min_above_max = matches!(error, InvalidSizeLimit::MinAboveMax { .. });
            self.report(&if min_above_max { scope.key("min_size") } else { max_key }, &error, "");
        };
        limit.map_err(report).ok()
    }

    /// Reports every requirement of the policy that the named store cannot meet.
    fn check_provider(&mut self, scope: &Scope, policy: &UploadPolicy) {
        let Some(provider) = self.named_provider(scope) else { return };
        let capabilities = provider.capabilities();
        if policy.no_overwrite() && !capabilities.if_none_match {
            let message =
                format!("{provider} does not support If-None-Match, so overwriting cannot be prevented");
            let hint = "write no_overwrite = false to accept that";
            self.report(&scope.key("no_overwrite"), &message, hint);
        }
        if policy.method() == UploadMethod::Post && !capabilities.post_form {
            let hint = "write method = \"put\"";
            self.report(&scope.key("method"), &format!("{provider} does not support upload forms"), hint);
        }
        let needs_checksums =
            policy.checksums().is_required() || policy.template().uses(&Placeholder::Sha256);
        if needs_checksums && !capabilities.checksum_headers {
            let message =
                format!("{provider} does not verify checksums, so a required checksum would have no effect");
            self.report(
                &scope.key("checksums"),
                &message,
                "remove the requirement, or verify objects after the upload",
            );
        }
        if policy.max_size() > capabilities.max_put_bytes {
            let message =
                format!("{provider} accepts at most {} bytes in one PUT", capabilities.max_put_bytes);
            self.report(&scope.key("max_size"), &message, "");
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
