//! The keys and objects of a policy: what its callers can write.

use upsign_core::IssuerName;

use crate::key::template::KeyTemplate;
use crate::policy::UploadPolicy;

impl UploadPolicy {
    /// Returns the issuers whose callers may upload to a key with `{issuer}`, or `None` if every named issuer's may.
    #[must_use]
    pub fn issuers(&self) -> Option<&[IssuerName]> {
        self.keys.issuers.as_deref()
    }

    /// Returns the templates that together have every key of this policy: one for each issuer if the key contains `{issuer}` and
    /// the issuers are known ([`KeyOptions::issuers`](crate::KeyOptions::issuers)), and otherwise the template itself.
    ///
    /// ```
    /// use upsign_policy::{Bodyless, KeyOptions, Target, UploadPolicy};
    /// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
    /// let policy = UploadPolicy::builder(target, "{issuer}/{sub}/{id}".parse()?, Bodyless::Refuse)
    ///     .content_types(["image/jpeg"])
    ///     .max_size(10 << 20)
    ///     .keys(KeyOptions::new().issuers(["staff".parse()?, "customers".parse()?]))
    ///     .build()?;
    /// assert_eq!(policy.key_templates(), ["staff/{sub}/{id}", "customers/{sub}/{id}"]);
    /// assert_eq!(policy.object_arns()[1], "arn:aws:s3:::article-images-bucket/customers/*/*");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_templates(&self) -> Vec<KeyTemplate> {
        self.for_issuers(&self.template)
    }

    /// Returns the literal text with which the keys of each of the [`key_templates`](Self::key_templates) begin. It can be
    /// empty.
    #[must_use]
    pub fn key_prefixes(&self) -> Vec<String> {
        self.key_templates().iter().map(|template| template.literal_prefix().to_owned()).collect()
    }

    /// Returns the ARNs, with wildcards, of the objects of each of the [`key_templates`](Self::key_templates). The signing role
    /// must be permitted to write them.
    #[must_use]
    pub fn object_arns(&self) -> Vec<String> {
        let arn = |template: &KeyTemplate| self.target.object_arn(&template.arn_pattern());
        self.key_templates().iter().map(arn).collect()
    }
}
