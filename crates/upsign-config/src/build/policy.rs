//! What may be uploaded.

use std::fmt::Display;
use std::str::FromStr;

use upsign_core::{ExpiresIn, Target, WhenShort};
use upsign_policy::{
    Bodyless, ChecksumAlgorithm, Checksums, ClientMetadata, ContentRules, Disposition, Encryption, FileNames,
    IdName, InvalidPolicy, InvalidSizeLimit, InvalidTemplate, KeyTemplate, KmsKey, KmsKeyId, Metadata,
    Placeholder, SharedContent, SizeLimit, Tags, UploadMethod, UploadPolicy, UploadPolicyBuilder,
};

use super::route::Scope;
use super::values::Reader;
use crate::units;

const METHODS: [(&str, UploadMethod); 2] = [("put", UploadMethod::Put), ("post", UploadMethod::Post)];
const WHEN_SHORT: [(&str, WhenShort); 2] = [("clamp", WhenShort::Clamp), ("refuse", WhenShort::Refuse)];
const BODYLESS: [(&str, Bodyless); 2] = [("allow", Bodyless::Allow), ("refuse", Bodyless::Refuse)];
const BODYLESS_HINT: &str = "write \"refuse\", or \"allow\" if clients send no body: then, by PUT, neither the size \
                             nor overwriting is bound for them";
const FILE_NAMES: [(&str, FileNames); 2] = [("refuse", FileNames::Refuse), ("mend", FileNames::Mend)];
const DISPOSITIONS: [(&str, Disposition); 4] = [
    ("attachment", Disposition::Attachment),
    ("attachment-named", Disposition::AttachmentNamed),
    ("inline-named", Disposition::InlineNamed),
    ("from-client", Disposition::FromClient),
];
const SHARED: [(&str, SharedContent); 1] = [("danger", SharedContent::Danger)];
const ENCRYPTIONS: [(&str, WithKey); 3] =
    [("s3", |_| Encryption::S3), ("kms", Encryption::Kms), ("kms-dsse", Encryption::KmsDsse)];

type WithKey = fn(KmsKey) -> Encryption;

impl Reader<'_> {
    pub(super) fn policy(&mut self, scope: &Scope, target: Option<Target>) -> Option<UploadPolicy> {
        let ids_key = scope.key("ids");
        let ids = self.each(&ids_key, str::parse::<IdName>);
        // A template is judged by the ids it may name: with wrong ones there is nothing more to say of it.
        let unreadable = self.has(&ids_key) && ids.is_none();
        let template = if unreadable { None } else { self.template(scope, &ids.unwrap_or_default()) };
        let content = self.content(scope);
        let size = self.size(scope);
        let key = scope.key("bodyless");
        let bodyless = self.required(&key, BODYLESS_HINT);
        let bodyless = bodyless.and_then(|_| self.choice(&key, &BODYLESS, BODYLESS_HINT));
        // Every key is read, so that one look finds every problem.
        let options: Vec<Change> = self.options(scope);
        let builder = UploadPolicy::builder(target?, template?, bodyless?).content(content?).size(size?);
        let builder = options.into_iter().fold(builder, |builder, change| change(builder));
        let policy = builder.build().map_err(|error| {
            let mut blamed = [blamed(&error), "key"].map(|name| scope.key(name)).into_iter();
            let key = blamed.find(|key| self.has(key)).unwrap_or_else(|| scope.section().to_owned());
            self.wrong(&key, &error, "");
        });
        let policy = policy.ok()?;
        self.fits_provider(scope, &policy);
        Some(policy)
    }

    fn template(&mut self, scope: &Scope, ids: &[IdName]) -> Option<KeyTemplate> {
        let hint = "write a template, as in key = \"articles/{article_id}/raw/{id}.{ext}\"";
        let key = scope.key("key");
        let text = self.required(&key, hint)?;
        let wrong = |error| {
            let twice = matches!(error, InvalidTemplate::Duplicate(..));
            self.wrong(&if twice { scope.key("ids") } else { key }, &error, "");
        };
        KeyTemplate::parse(&text, ids).map_err(wrong).ok()
    }

    fn content(&mut self, scope: &Scope) -> Option<ContentRules> {
        let key = scope.key("types");
        let Some(types) = self.texts(&key) else {
            self.missing(&key, "name the types, as in types = [\"image/jpeg\"]");
            return None;
        };
        let mut rules = ContentRules::of(types).map_err(|error| self.wrong(&key, &error, "")).ok()?;
        let key = scope.key("extensions");
        for (content_type, extensions) in self.lists(&key).unwrap_or_default() {
            let with = rules.with_extensions(&content_type, extensions);
            rules = with.map_err(|error| self.wrong(&key, &error, "")).ok()?;
        }
        Some(rules)
    }

    fn size(&mut self, scope: &Scope) -> Option<SizeLimit> {
        let max_key = scope.key("max_size");
        let max = self.amount(&max_key, units::size, "a size, as in \"10 MiB\"");
        let min = self.amount(&scope.key("min_size"), units::size, "a size, as in \"1 KiB\"");
        if !self.has(&max_key) {
            self.missing(&max_key, "say how large a file may be, as in max_size = \"10 MiB\"");
        }
        let limit = match min {
            Some(min) => SizeLimit::between(min, max?),
            None => SizeLimit::up_to(max?),
        };
        let wrong = |error| {
            let order = matches!(error, InvalidSizeLimit::Order { .. });
            self.wrong(&if order { scope.key("min_size") } else { max_key }, &error, "");
        };
        limit.map_err(wrong).ok()
    }

    /// What has a default.
    fn options(&mut self, scope: &Scope) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let key = |name: &str| scope.key(name);
        let form = "whole seconds, as in \"15m\"";
        if let Some(seconds) = self.amount(&key("expires_in"), units::seconds, form) {
            match ExpiresIn::from_secs(seconds) {
                Ok(expires_in) => change(&mut changes, move |b| b.expires_in(expires_in)),
                Err(error) => self.wrong(&key("expires_in"), &error, ""),
            }
        }
        if let Some(method) = self.choice(&key("method"), &METHODS, "") {
            change(&mut changes, move |b| b.method(method));
        }
        if let Some(keep) = self.flag(&key("no_overwrite")) {
            change(&mut changes, move |b| b.no_overwrite(keep));
        }
        if let Some(when) = self.choice(&key("short_credentials"), &WHEN_SHORT, "") {
            change(&mut changes, move |b| b.when_short(when));
        }
        if let Some(names) = self.each(&key("client_may_supply"), str::parse::<IdName>) {
            change(&mut changes, |b| b.client_may_supply(names));
        }
        if let Some(groups) = self.texts(&key("key_groups")) {
            change(&mut changes, |b| b.groups(groups));
        }
        if let Some(shared) = self.choice(&key("shared_content"), &SHARED, "") {
            change(&mut changes, move |b| b.shared_content(shared));
        }
        self.checksums(scope, &mut changes);
        self.names_of_files(scope, &mut changes);
        self.storage(scope, &mut changes);
        self.annotations(scope, &mut changes);
        changes
    }

    fn checksums(&mut self, scope: &Scope, changes: &mut Vec<Change>) {
        let required = self.flag(&scope.key("require_checksum")).unwrap_or(false);
        let listed = self.each(&scope.key("checksums"), str::parse::<ChecksumAlgorithm>);
        match listed {
            Some(list) if required => change(changes, |b| b.checksums(Checksums::Required(list.into()))),
            Some(list) => change(changes, |b| b.checksums(Checksums::Optional(list.into()))),
            None if required && !self.has(&scope.key("checksums")) => {
                self.missing(&scope.key("checksums"), "say which, as in checksums = [\"sha256\"]");
            }
            None => {}
        }
    }

    fn names_of_files(&mut self, scope: &Scope, changes: &mut Vec<Change>) {
        if let Some(names) = self.choice(&scope.key("file_names"), &FILE_NAMES, "") {
            change(changes, move |b| b.file_names(names));
        }
        if let Some(bytes) = self.count(&scope.key("max_file_name")) {
            change(changes, move |b| b.max_file_name(usize::try_from(bytes).unwrap_or(usize::MAX)));
        }
        if let Some(keep) = self.flag(&scope.key("keep_file_name")) {
            change(changes, move |b| b.keep_file_name(keep));
        }
        if let Some(disposition) = self.choice(&scope.key("disposition"), &DISPOSITIONS, "") {
            change(changes, move |b| b.disposition(disposition));
        }
    }

    fn storage(&mut self, scope: &Scope, changes: &mut Vec<Change>) {
        let key = |name: &str| scope.key(name);
        self.read(&key("cache_control"), changes, UploadPolicyBuilder::cache_control);
        self.read(&key("storage_class"), changes, UploadPolicyBuilder::storage_class);
        self.read(&key("acl"), changes, UploadPolicyBuilder::acl);
        let own: Option<KmsKeyId> = self.optional(&key("kms_key"));
        let encryption = self.choice(&key("encryption"), &ENCRYPTIONS, "");
        if self.has(&key("kms_key")) && self.text(&key("encryption")).is_none_or(|name| name == "s3") {
            let hint = "write encryption = \"kms\"";
            self.wrong(&key("kms_key"), &"goes with encryption = \"kms\" or \"kms-dsse\"", hint);
        }
        if let Some(encryption) = encryption {
            let encryption = encryption(own.map_or(KmsKey::Managed, KmsKey::Own));
            change(changes, |b| b.encryption(encryption));
        }
    }

    fn annotations(&mut self, scope: &Scope, changes: &mut Vec<Change>) {
        let (metadata_key, tags_key) = (scope.key("metadata"), scope.key("tags"));
        let mut metadata = Metadata::new();
        for (name, value) in self.table(&metadata_key).unwrap_or_default() {
            if let Err(error) = metadata.insert(&name, &value) {
                self.wrong(&metadata_key, &format!("`{}`: {error}", name.escape_debug()), "");
            }
        }
        let mut tags = Tags::new();
        for (name, value) in self.table(&tags_key).unwrap_or_default() {
            if let Err(error) = tags.insert(&name, &value) {
                self.wrong(&tags_key, &format!("`{}`: {error}", name.escape_debug()), "");
            }
        }
        change(changes, |b| b.metadata(metadata).tags(tags));
        if let Some(names) = self.texts(&scope.key("client_metadata")) {
            let any = names.iter().any(|name| name == "*");
            let names = names.into_iter().map(Into::into).collect();
            let names = if any { ClientMetadata::Any } else { ClientMetadata::Named(names) };
            change(changes, |b| b.client_metadata(names));
        }
        if let Some(allowed) = self.flag(&scope.key("client_tags")) {
            change(changes, move |b| b.client_tags(allowed));
        }
    }

    fn read<T: FromStr<Err: Display> + 'static>(
        &mut self,
        key: &str,
        changes: &mut Vec<Change>,
        apply: fn(UploadPolicyBuilder, T) -> UploadPolicyBuilder,
    ) {
        if let Some(value) = self.optional::<T>(key) {
            change(changes, move |b| apply(b, value));
        }
    }

    /// What the policy asks of the store and the store cannot do.
    fn fits_provider(&mut self, scope: &Scope, policy: &UploadPolicy) {
        let Some(provider) = self.named_provider(scope) else { return };
        let can = provider.capabilities();
        if policy.no_overwrite() && !can.if_none_match {
            let what = format!("{provider} does not honour If-None-Match, so nothing would keep an object");
            let hint = "write no_overwrite = false to do without";
            self.wrong(&scope.key("no_overwrite"), &what, hint);
        }
        if policy.method() == UploadMethod::Post && !can.post_form {
            let hint = "write method = \"put\"";
            self.wrong(&scope.key("method"), &format!("{provider} takes no upload forms"), hint);
        }
        let needs_checksums =
            policy.checksums().is_required() || policy.template().uses(&Placeholder::Sha256);
        if needs_checksums && !can.checksum_headers {
            let what =
                format!("{provider} does not compare a checksum with what arrives, so nothing would bind it");
            self.wrong(&scope.key("checksums"), &what, "do without, or check what was stored");
        }
        if policy.max_size() > can.max_put_bytes {
            let what = format!("{provider} takes at most {} bytes in one PUT", can.max_put_bytes);
            self.wrong(&scope.key("max_size"), &what, "");
        }
    }
}

/// One key's effect on the policy.
type Change = Box<dyn FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder>;

fn change(
    changes: &mut Vec<Change>,
    apply: impl FnOnce(UploadPolicyBuilder) -> UploadPolicyBuilder + 'static,
) {
    changes.push(Box::new(apply));
}

/// The key that a person would change first.
const fn blamed(why: &InvalidPolicy) -> &'static str {
    match why {
        InvalidPolicy::TagsFull(_) => "tags",
        InvalidPolicy::BodylessKey(_) | InvalidPolicy::BodylessType => "bodyless",
        InvalidPolicy::NoChecksums | InvalidPolicy::Sha256Unbound => "checksums",
        InvalidPolicy::MetadataName(_) => "metadata",
        InvalidPolicy::ClientMetadataName => "client_metadata",
        InvalidPolicy::FileNameLimit(_) => "max_file_name",
        InvalidPolicy::Groups => "key_groups",
        InvalidPolicy::PostOverwrites => "no_overwrite",
        InvalidPolicy::ClientId(_) | InvalidPolicy::EveryIdSupplied | InvalidPolicy::RequestMember(_) => {
            "client_may_supply"
        }
        _ => "key",
    }
}
