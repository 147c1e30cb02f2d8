//! The optional settings of a policy: one function for each group of keys.
//!
//! Each function starts from the defaults of its group. A value that is absent or invalid leaves the default in place; an
//! invalid one is also reported, and a configuration with a reported problem is never used.

use std::time::Duration;

use upsign_core::{ExpiresIn, InvalidExpiresIn, ShortCredentials};
use upsign_policy::{
    CacheControl, CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption,
    FileNameOptions, FileNames, IdName, KeyOptions, KmsKey, KmsKeyId, LifetimeOptions, Metadata,
    MetadataOptions, SharedContent, StorageClass, StorageOptions, TagOptions, Tags,
};

use super::route::Scope;
use super::values::Reader;
use crate::source::finding::Finding;
use crate::source::raw::Value;
use crate::units;

const SHORT_CREDENTIALS: [(&str, ShortCredentials); 2] =
    [("clamp", ShortCredentials::Clamp), ("refuse", ShortCredentials::Refuse)];
const SHARED_CONTENT: [(&str, SharedContent); 1] = [("danger", SharedContent::Danger)];
const FILE_NAMES: [(&str, FileNames); 2] = [("refuse", FileNames::Refuse), ("mend", FileNames::Mend)];
const DISPOSITIONS: [(&str, Disposition); 4] = [
    ("attachment", Disposition::Attachment),
    ("attachment-named", Disposition::AttachmentNamed),
    ("inline-named", Disposition::InlineNamed),
    ("from-client", Disposition::FromClient),
];
const ENCRYPTIONS: [(&str, EncryptionWithKey); 3] =
    [("s3", |_| Encryption::S3), ("kms", Encryption::Kms), ("kms-dsse", Encryption::KmsDsse)];

const STORAGE_CLASSES: [&str; 9] = [
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
    "EXPRESS_ONEZONE",
];
const ACLS: [&str; 7] = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

type EncryptionWithKey = fn(KmsKey) -> Encryption;

impl Reader {
    pub(super) fn key_options(&mut self, scope: &Scope) -> KeyOptions {
        let mut options = KeyOptions::new();
        if let Some(names) = self.parsed_list(&scope.key("client_may_supply"), str::parse::<IdName>) {
            options = options.client_may_supply(names);
        }
        if let Some(groups) = self.texts(&scope.key("key_groups")) {
            options = options.groups(groups);
        }
        if let Some(shared) = self.choice(&scope.key("shared_content"), &SHARED_CONTENT) {
            options = options.shared_content(shared);
        }
        let issuers = self.issuer_names();
        if issuers.is_empty() { options } else { options.issuers(issuers) }
    }

    pub(super) fn lifetime(&mut self, scope: &Scope) -> LifetimeOptions {
        let mut options = LifetimeOptions::new();
        if let Some(expires_in) = self.expires_in(&scope.key("expires_in")) {
            options = options.expires_in(expires_in);
        }
        if let Some(minimum) = self.expires_in("credentials.minimum") {
            options = options.min_expires_in(minimum);
        }
        if let Some(short) = self.choice(&scope.key("short_credentials"), &SHORT_CREDENTIALS) {
            options = options.short_credentials(short);
        }
        options
    }

    fn expires_in(&mut self, key: &str) -> Option<ExpiresIn> {
        let seconds = self.amount(key, units::parse_seconds)?;
        let report = |_: InvalidExpiresIn| {
            let usual = if key == "credentials.minimum" { "60s" } else { "15m" };
            let help = self.assignment(key, &Value::Text(usual.into()));
            let (message, help) = if seconds == 0 {
                ("must be at least 1 second, not 0".to_owned(), help)
            } else {
                let found = units::format_duration(Duration::from_secs(seconds));
                (format!("must be at most 7 days, not {found}"), format!("{help}, or at most \"7 days\""))
            };
            self.report(key, Finding::invalid(message).help(help));
        };
        ExpiresIn::from_secs(seconds).map_err(report).ok()
    }

    pub(super) fn checksums(&mut self, scope: &Scope) -> Checksums {
        let key = scope.key("checksums");
        let required = self.flag(&scope.key("require_checksum")).unwrap_or(false);
        match self.parsed_list(&key, str::parse::<ChecksumAlgorithm>) {
            Some(list) if required => Checksums::Required(list.into()),
            Some(list) => Checksums::Optional(list.into()),
            None => {
                if required && !self.has(&key) {
                    self.report_missing(&key, "[\"sha256\"] # one of them is required");
                }
                Checksums::None
            }
        }
    }

    pub(super) fn file_names(&mut self, scope: &Scope) -> FileNameOptions {
        let mut options = FileNameOptions::new();
        if let Some(handling) = self.choice(&scope.key("file_names"), &FILE_NAMES) {
            options = options.handling(handling);
        }
        if let Some(bytes) = self.count(&scope.key("max_file_name")) {
            options = options.max_bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        if let Some(keep) = self.flag(&scope.key("keep_file_name")) {
            options = options.keep(keep);
        }
        options
    }

    pub(super) fn disposition(&mut self, scope: &Scope) -> Disposition {
        self.choice(&scope.key("disposition"), &DISPOSITIONS).unwrap_or_default()
    }

    pub(super) fn storage(&mut self, scope: &Scope) -> StorageOptions {
        let mut options = StorageOptions::new();
        if let Some(cache_control) = self.optional::<CacheControl>(&scope.key("cache_control")) {
            options = options.cache_control(cache_control);
        }
        if let Some(encryption) = self.encryption(scope) {
            options = options.encryption(encryption);
        }
        if let Some(context) = self.kms_context(scope) {
            options = options.kms_context(context);
        }
        if let Some(enabled) = self.bucket_key(scope) {
            options = options.bucket_key(enabled);
        }
        if let Some(class) = self.named_with::<StorageClass>(&scope.key("storage_class"), &STORAGE_CLASSES) {
            options = options.storage_class(class);
        }
        if let Some(acl) = self.named_with::<CannedAcl>(&scope.key("acl"), &ACLS) {
            options = options.acl(acl);
        }
        options
    }

    fn encryption(&mut self, scope: &Scope) -> Option<Encryption> {
        let (encryption_key, kms_key) = (scope.key("encryption"), scope.key("kms_key"));
        let key: Option<KmsKeyId> = self.optional(&kms_key);
        let encryption = self.choice(&encryption_key, &ENCRYPTIONS);
        if self.has(&kms_key) && self.text(&encryption_key).is_none_or(|name| name == "s3") {
            let finding =
                Finding::contradiction("has an effect only with encryption = \"kms\" or \"kms-dsse\"");
            self.report(&kms_key, finding.help("write encryption = \"kms\", or remove kms_key"));
        }
        let encryption_with_key = encryption?;
        Some(encryption_with_key(key.map_or(KmsKey::AwsManaged, KmsKey::CustomerManaged)))
    }

    pub(super) fn metadata(&mut self, scope: &Scope) -> MetadataOptions {
        let key = scope.key("metadata");
        let mut fixed = Metadata::new();
        for (index, (name, value)) in self.table(&key).unwrap_or_default().into_iter().enumerate() {
            if let Err(error) = fixed.insert(&name, &value) {
                self.report_item(&key, index, Finding::malformed(&name, &error));
            }
        }
        let mut options = MetadataOptions::new().fixed(fixed);
        if let Some(names) = self.texts(&scope.key("client_metadata")) {
            let any = names.iter().any(|name| name == "*");
            let names = names.into_iter().map(Into::into).collect();
            options = options.client(if any { ClientMetadata::Any } else { ClientMetadata::Named(names) });
        }
        options
    }

    pub(super) fn tags(&mut self, scope: &Scope) -> TagOptions {
        let key = scope.key("tags");
        let mut fixed = Tags::new();
        for (index, (name, value)) in self.table(&key).unwrap_or_default().into_iter().enumerate() {
            if let Err(error) = fixed.insert(&name, &value) {
                self.report_item(&key, index, Finding::malformed(&name, &error));
            }
        }
        let mut options = TagOptions::new().fixed(fixed);
        if let Some(allowed) = self.flag(&scope.key("client_tags")) {
            options = options.client(allowed);
        }
        options
    }
}
