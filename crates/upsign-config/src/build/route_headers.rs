//! Headers and form fields that a route fixes: the description of objects, the KMS context, Object Lock, the owner of the
//! bucket, other headers, and the answer to a form.

use std::fmt::Display;

use upsign_core::Provider;
use upsign_documents::AccountId;
use upsign_policy::{
    BucketOwner, CacheExpiry, ChecksumAlgorithm, EncryptionContext, FormOptions, HeaderOptions,
    InvalidBucketOwner, InvalidCacheExpiry, InvalidOtherHeader, InvalidUploadPolicy, LockMode, LockOptions,
    OtherHeaders, Retention, SuccessStatus,
};

use super::contradictions::section;
use super::multipart::{MULTIPART, RESUME_WINDOW};
use super::route::Scope;
use super::values::Reader;
use crate::config::RouteConfig;
use crate::deployment::DeploymentConfig;
use crate::keys::nearest;
use crate::source::finding::{Finding, shown};
use crate::source::raw::Value;
use crate::units;

/// Keys whose values are those of their headers.
const VERBATIM: [&str; 7] = [
    "acl",
    "cache_control",
    "content_encoding",
    "content_language",
    "expected_bucket_owner",
    "storage_class",
    "website_redirect",
];

impl Reader {
    /// Reads the headers that describe objects, the owner of the bucket, and other headers.
    pub(super) fn header_options(&mut self, scope: &Scope) -> HeaderOptions {
        let mut options = HeaderOptions::new();
        if let Some(encoding) = self.optional(&scope.key("content_encoding")) {
            options = options.content_encoding(encoding);
        }
        if let Some(language) = self.optional(&scope.key("content_language")) {
            options = options.content_language(language);
        }
        if let Some(expiry) = self.cache_expiry(scope) {
            options = options.expires(expiry);
        }
        if let Some(redirect) = self.optional(&scope.key("website_redirect")) {
            options = options.website_redirect(redirect);
        }
        if let Some(owner) = self.bucket_owner(scope) {
            options = options.expected_bucket_owner(owner);
        }
        options.others(self.other_headers(scope))
    }

    /// Reads the date of `Expires`. Its key resembles that of the lifetime of grants.
    fn cache_expiry(&mut self, scope: &Scope) -> Option<CacheExpiry> {
        let key = scope.key("expires");
        let text = self.text(&key)?;
        let report = |error: InvalidCacheExpiry| {
            let help = match units::parse_seconds(&text) {
                Ok(_) => format!("for how long a grant is valid, write expires_in = \"{text}\""),
                Err(_) => self.assignment(&key, &Value::Text("2037-01-01T00:00:00Z".to_owned())),
            };
            self.report(&key, Finding::malformed(&text, &error).help(help));
        };
        text.parse().map_err(report).ok()
    }

    fn bucket_owner(&mut self, scope: &Scope) -> Option<BucketOwner> {
        let key = scope.key("expected_bucket_owner");
        let text = self.text(&key)?;
        let report = |error: InvalidBucketOwner| {
            let help = self.assignment(&key, &Value::Text("123456789012".to_owned()));
            let help = format!("{help}; `aws sts get-caller-identity` prints the id of your account");
            self.report(&key, Finding::malformed(&text, &error).help(help));
        };
        text.parse().map_err(report).ok()
    }

    fn other_headers(&mut self, scope: &Scope) -> OtherHeaders {
        let key = scope.key("headers");
        let mut headers = OtherHeaders::new();
        for (index, (name, value)) in self.table(&key).unwrap_or_default().into_iter().enumerate() {
            let Err(error) = headers.insert(&name, &value) else { continue };
            let help = match &error {
                InvalidOtherHeader::OwnSetting { key, .. } if VERBATIM.contains(key) => {
                    let setting = self.assignment(&scope.key(key), &Value::Text(value));
                    format!("remove it, and {setting}")
                }
                InvalidOtherHeader::OwnSetting { key, .. } => format!("remove it, and set {key} instead"),
                _ => "remove it".to_owned(),
            };
            self.report_item(&key, index, Finding::invalid(error.to_string()).help(help));
        }
        headers
    }

    /// Reads the encryption context, which needs a KMS key.
    pub(super) fn kms_context(&mut self, scope: &Scope) -> Option<EncryptionContext> {
        let key = scope.key("kms_context");
        let pairs = self.table(&key)?;
        if !self.encrypts_with(scope, &key, &["kms", "kms-dsse"]) {
            return None;
        }
        let mut context = EncryptionContext::new();
        for (index, (name, value)) in pairs.into_iter().enumerate() {
            if let Err(error) = context.insert(&name, &value) {
                self.report_item(&key, index, Finding::malformed(&name, &error));
            }
        }
        Some(context)
    }

    /// Reads whether S3 uses a bucket key, which only one layer of encryption with a KMS key can have.
    pub(super) fn bucket_key(&mut self, scope: &Scope) -> Option<bool> {
        let key = scope.key("bucket_key");
        let enabled = self.flag(&key)?;
        self.encrypts_with(scope, &key, &["kms"]).then_some(enabled)
    }

    /// Returns whether the encryption is one of `needed`, and reports `key` if it is another one.
    fn encrypts_with(&mut self, scope: &Scope, key: &str, needed: &[&str]) -> bool {
        let encryption = self.text(&scope.key("encryption"));
        if encryption.as_deref().is_some_and(|text| needed.contains(&text)) {
            return true;
        }
        let needed: Vec<String> = needed.iter().map(|name| format!("\"{name}\"")).collect();
        let message = format!("has an effect only with encryption = {}", needed.join(" or "));
        let name = key.rsplit('.').next().unwrap_or_default();
        let help = format!("write encryption = \"kms\", or remove {name}");
        self.report(key, Finding::contradiction(message).help(help));
        false
    }

    /// Reads the settings of Object Lock.
    pub(super) fn lock(&mut self, scope: &Scope) -> LockOptions {
        let mut options = LockOptions::new();
        if let Some(retention) = self.retention(scope) {
            options = options.retention(retention);
        }
        options.legal_hold(self.flag(&scope.key("legal_hold")).unwrap_or(false))
    }

    /// Reads `{ mode, days }`. Every member is read, so that one run reports every problem.
    fn retention(&mut self, scope: &Scope) -> Option<Retention> {
        let key = scope.key("object_lock");
        let (mut mode, mut days, mut is_known) = (None, None, true);
        let pairs = self.table(&key)?;
        for (index, (name, text)) in pairs.iter().enumerate() {
            match name.as_str() {
                "mode" => mode = self.member(&key, index, text, str::parse::<LockMode>),
                "days" => {
                    days = self.member(&key, index, text, |text| {
                        let days: u32 = text.parse().map_err(|_| "days must be a whole number".to_owned())?;
                        Retention::new(LockMode::Governance, days).map_err(|error| error.to_string())?;
                        Ok::<_, String>(days)
                    });
                }
                other => {
                    let help = nearest(other, ["mode", "days"].into_iter())
                        .map_or_else(|| "remove it".to_owned(), |near| format!("did you mean `{near}`?"));
                    let finding = Finding::invalid(format!("{} is no member of object_lock", shown(other)));
                    self.report_item(&key, index, finding.help(help));
                    is_known = false;
                }
            }
        }
        for member in ["mode", "days"] {
            if !pairs.iter().any(|(name, _)| name == member) {
                let message = format!("{member} is missing");
                let help = "write object_lock = { mode = \"governance\", days = 30 }";
                self.report(&key, Finding::invalid(message).help(help));
            }
        }
        Retention::new(mode?, days?).ok().filter(|_| is_known)
    }

    fn member<T, E: Display>(
        &mut self,
        key: &str,
        index: usize,
        text: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        parse(text).map_err(|error| self.report_item(key, index, Finding::malformed(text, &error))).ok()
    }

    /// Reads the answer of S3 to a form.
    pub(super) fn form(&mut self, scope: &Scope) -> FormOptions {
        let mut options = FormOptions::new();
        let key = scope.key("success_action_status");
        if let Some(code) = self.count(&key) {
            match u16::try_from(code).ok().and_then(SuccessStatus::from_code) {
                Some(status) => options = options.success_status(status),
                None => {
                    let message = format!("S3 answers a form with 200, 201 or 204, not with {code}");
                    let help = self.assignment(&key, &Value::Number(201));
                    self.report(&key, Finding::invalid(message).help(help));
                }
            }
        }
        if let Some(url) = self.optional(&scope.key("success_action_redirect")) {
            options = options.success_redirect(url);
        }
        options
    }

    /// Returns the key that locks the objects of a route.
    pub(super) fn lock_key(&self, scope: &Scope) -> &'static str {
        if self.has(&scope.key("object_lock")) { "object_lock" } else { "legal_hold" }
    }

    /// Returns what to change if settings of this module contradict other ones.
    pub(super) fn help_for_headers(&self, scope: &Scope, error: &InvalidUploadPolicy) -> String {
        match error {
            InvalidUploadPolicy::LockWithoutChecksum => {
                let key = scope.key("checksums");
                let lock = self.lock_key(scope);
                let mut listed = self.texts(&key).unwrap_or_default();
                if listed.is_empty() {
                    let verifies = |name: &str| {
                        self.store(scope).is_none_or(|store| store.capabilities.checksums.contain(name))
                    };
                    let mut known = ChecksumAlgorithm::ALL.into_iter().map(ChecksumAlgorithm::as_str);
                    listed.extend(known.find(|name| verifies(name)).map(str::to_owned));
                }
                if listed.is_empty() {
                    return format!(
                        "remove {lock}; or if the store verifies checksums, write checksums = true in [bucket.can], \
                         checksums = [\"sha256\"] and require_checksum = true"
                    );
                }
                let checksums = self.assignment(&key, &Value::Texts(listed));
                format!("{checksums} and require_checksum = true, or remove {lock}")
            }
            InvalidUploadPolicy::LockEndsBeforeGrant { .. } => {
                let is_in_parts = self.text(&scope.key(MULTIPART)).is_some_and(|mode| mode != "no");
                let (name, shorter) =
                    if is_in_parts { (RESUME_WINDOW, "12h") } else { ("expires_in", "15m") };
                let shorter = self.assignment(&scope.key(name), &Value::Text(shorter.to_owned()));
                format!("write more days, or {shorter}")
            }
            InvalidUploadPolicy::NotInForms(key) => {
                let method = self.assignment(&scope.key("method"), &Value::Text("put".to_owned()));
                format!("remove {key}, or {method}")
            }
            InvalidUploadPolicy::OnlyInForms(key) => {
                let method = self.assignment(&scope.key("method"), &Value::Text("post".to_owned()));
                format!("remove {key}, or {method}")
            }
            InvalidUploadPolicy::SuccessTwice => "remove success_action_status".to_owned(),
            _ => String::new(),
        }
    }

    /// Reports routes that expect another owner of their bucket than the account of the deployment, and locks in buckets
    /// without versions.
    pub(super) fn report_owners_and_locks(&mut self, values: &DeploymentConfig, routes: &[RouteConfig]) {
        for route in routes.iter().filter(|route| route.store.provider == Provider::Aws) {
            let account = values.account.as_ref().map(AccountId::as_str);
            let owner = route.policy.expected_bucket_owner().map(BucketOwner::as_str);
            if let (Some(account), Some(owner)) = (account, owner)
                && account != owner
            {
                let key = format!("{}.expected_bucket_owner", section(route));
                let message = format!(
                    "the bucket must belong to the account {owner}, but the deployment is for the account {account}"
                );
                let help = self.assignment(&key, &Value::Text(account.to_owned()));
                self.report(&key, Finding::contradiction(message).help(help));
            }
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>.
            let is_locked = route.policy.retention().is_some() || route.policy.legal_hold();
            if is_locked && values.versioned == Some(false) {
                let message = "a route locks its objects, and Object Lock works only in versioned buckets";
                let help = self.assignment("deployment.versioned", &Value::Flag(true));
                self.report("deployment.versioned", Finding::contradiction(message).help(help));
            }
        }
    }
}
