//! The headers of Google Cloud Storage for targets with its own signatures.
//!
//! A policy states its settings by the headers of S3. Google's store reads them together with AWS's signatures only, and has
//! names of its own to go with its own signatures. This module holds the table of these names and refuses the settings that have
//! no counterpart.
//!
//! Sources: <https://cloud.google.com/storage/docs/xml-api/reference-headers>,
//! <https://cloud.google.com/storage/docs/xml-api/post-object-forms>.

use std::borrow::Cow;

use upsign_core::{InvalidHeader, MaxSizeBinding, SignatureFamily, SignedHeaders};

use crate::object::checksum::ChecksumAlgorithm;
use crate::object::object_field::ObjectField;
use crate::object::storage::{CannedAcl, Encryption, KmsKey};
use crate::policy::UploadPolicy;
use crate::policy::error::InvalidUploadPolicy;
use crate::policy::options::method::UploadMethod;
use crate::policy::options::replace::Replace;
use crate::policy::options::size_bound::SizeBound;

/// The start of the names of user-defined metadata at S3.
pub(super) const METADATA: &str = "x-amz-meta-";

/// Returns the header that takes the place of a header of S3, with its value. `None` if another header implies it.
fn counterpart<'a>(name: &'a str, value: &'a str) -> Option<(Cow<'a, str>, &'a str)> {
    if let Some(rest) = name.strip_prefix(METADATA) {
        return Some((format!("x-goog-meta-{rest}").into(), value));
    }
    // The key implies that it encrypts.
    if name == ObjectField::Encryption.header() {
        return None;
    }
    Some(match name {
        // A generation of 0 is that of no object.
        "if-none-match" => ("x-goog-if-generation-match".into(), "0"),
        _ if name == ObjectField::KmsKey.header() => ("x-goog-encryption-kms-key-name".into(), value),
        _ if name == ObjectField::StorageClass.header() => ("x-goog-storage-class".into(), value),
        _ if name == ObjectField::Acl.header() => ("x-goog-acl".into(), value),
        _ => (name.into(), value),
    })
}

impl UploadPolicy {
    pub(super) fn is_for_google(&self) -> bool {
        self.target.signature_family() == SignatureFamily::Google
    }

    /// Returns the headers as the store of the target names them.
    pub(super) fn named_for_target(&self, headers: SignedHeaders) -> Result<SignedHeaders, InvalidHeader> {
        if !self.is_for_google() {
            return Ok(headers);
        }
        let mut named = SignedHeaders::new();
        for (name, value) in headers.iter().filter_map(|(name, value)| counterpart(name, value)) {
            named.insert(&name, value)?;
        }
        Ok(named)
    }

    /// Returns the name of a form field as the store of the target has it. Only metadata has another name.
    pub(super) fn field_for_target<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match name.strip_prefix(METADATA).filter(|_| self.is_for_google()) {
            Some(rest) => format!("x-goog-meta-{rest}").into(),
            None => name.into(),
        }
    }

    /// Checks that the store of the target has every setting under its names.
    pub(super) fn check_family(&self) -> Result<(), InvalidUploadPolicy> {
        let is_google = self.is_for_google();
        match self.size_bound {
            SizeBound::Max(binding) if (binding == MaxSizeBinding::Google) != is_google => {
                return Err(InvalidUploadPolicy::SizeBoundOfOtherStore);
            }
            SizeBound::Exact | SizeBound::Max(_) | SizeBound::MaxInParts => {}
        }
        if !is_google {
            return Ok(());
        }
        if let Some(key) = self.setting_without_counterpart() {
            return Err(InvalidUploadPolicy::NotAtGoogle(key));
        }
        // The documentation of forms lists no fields for these.
        let without_field = [
            ("encryption", self.storage.encryption.is_some()),
            ("storage_class", self.storage.storage_class.is_some()),
            ("checksums", !self.checksums.algorithms().is_empty()),
        ];
        let missing = without_field.into_iter().find(|(_, is_set)| *is_set);
        match missing.filter(|_| self.method == UploadMethod::Post) {
            Some((key, _)) => Err(InvalidUploadPolicy::NotInForms(key)),
            None => Ok(()),
        }
    }

    /// Returns the key of a setting that Google Cloud Storage has not, or does not have in this form.
    fn setting_without_counterpart(&self) -> Option<&'static str> {
        let md5 = |algorithm: &ChecksumAlgorithm| *algorithm == ChecksumAlgorithm::Md5;
        let has_key = |encryption: &Encryption| match encryption {
            Encryption::Kms(KmsKey::CustomerManaged(key)) => key.is_of_google_cloud(),
            _ => false,
        };
        let is_missing = [
            ("confirm", self.confirmation.confirm()),
            ("tags", !self.tags.fixed.is_empty()),
            ("client_tags", self.tags.client),
            ("replace", self.replace == Replace::IfMatch),
            ("checksums", !self.checksums.algorithms().iter().all(md5)),
            ("encryption", !self.storage.encryption.as_ref().is_none_or(has_key)),
            ("acl", self.storage.acl == Some(CannedAcl::AwsExecRead)),
            ("headers", self.headers.others.iter().any(|(name, _)| name.starts_with("x-amz-"))),
        ];
        let setting = is_missing.into_iter().find(|(_, is_missing)| *is_missing).map(|(key, _)| key);
        let unnamed = |(name, _): (&str, &str)| {
            let field = ObjectField::of_header(name)?;
            let is_named = counterpart(name, "").is_none_or(|(name, _)| !name.starts_with("x-amz-"));
            (!is_named).then_some(field.key())
        };
        setting.or_else(|| self.fixed_headers.iter().find_map(unnamed))
    }
}
