//! Host, path and key, to compare with those of a route.

use upsign_policy::UploadPolicy;

use crate::subject::Subject;
use crate::url::decode;

/// Host, path and key of a subject.
pub(super) struct Place<'a> {
    host: String,
    raw_path: &'a str,
    /// The key of a form, which its address does not contain.
    form_key: Option<&'a str>,
    pub(super) bucket: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub(super) fn of(subject: &'a Subject) -> Self {
        match subject {
            Subject::Url(request) => Self {
                host: request.url.canonical_host(),
                raw_path: request.url.raw_path(),
                form_key: None,
                bucket: request.url.bucket(),
            },
            Subject::Form(form) => Self {
                host: form.url().map(|url| url.host.to_ascii_lowercase()).unwrap_or_default(),
                raw_path: form.url().map_or("", |url| &url.raw_path),
                form_key: Some(form.key().unwrap_or_default()),
                bucket: form.bucket(),
            },
        }
    }

    /// Returns the key if the place is in the bucket of a policy.
    pub(super) fn key_in(&self, policy: &UploadPolicy) -> Option<String> {
        let target = policy.target();
        if let Some(key) = self.form_key {
            // Without an address, the bucket of the policy tells.
            let same_bucket = self.bucket == Some(target.bucket().as_str());
            let same_host = self.host.is_empty() || self.host == target.host();
            return (same_bucket && same_host).then(|| key.to_owned());
        }
        let key = self.raw_path.strip_prefix(target.path_prefix())?.strip_prefix('/')?;
        (self.host == target.host()).then(|| decode(key).into())
    }
}
