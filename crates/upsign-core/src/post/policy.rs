//! POST policies.

use std::borrow::Cow;

use crate::credentials::Credentials;
use crate::error::PresignError;
use crate::post::condition::{Condition, LengthRange};
use crate::post::field::{self, InvalidPostPolicy};
use crate::post::key::{FILE_NAME, PostKey};
use crate::post::style::PostStyle;
use crate::request::lifetime::{ExpiresIn, ShortCredentials};
use crate::target::Target;
use crate::time::Timestamp;

/// A complete description of a browser form to presign: the key, the allowed sizes, the fields and the conditions.
///
/// Use a form instead of a presigned `PUT` to allow a range of sizes: S3 enforces [`LengthRange`], whereas a presigned
/// `PUT` can bind only one exact size, or none. Every field gets a condition, because S3 rejects forms that contain a
/// field without one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.
///
/// ```
/// use upsign_core::{Condition, ExpiresIn, LengthRange, PostPolicy, Target};
/// let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// let size = LengthRange::new(1, 10 << 20)?;
/// let policy = PostPolicy::new(target, "raw/${filename}".parse()?, size, ExpiresIn::from_secs(900)?)
///     .with_condition(Condition::starts_with("Content-Type", "image/"))?
///     .with_field("success_action_status", "201")?;
/// assert_eq!(policy.url(), "https://article-images-bucket.s3.ap-southeast-1.amazonaws.com/");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPolicy {
    target: Target,
    key: PostKey,
    length: LengthRange,
    expires_in: ExpiresIn,
    fields: Vec<(Box<str>, Box<str>)>,
    conditions: Vec<Condition>,
    style: PostStyle,
    short_credentials: ShortCredentials,
}

impl PostPolicy {
    /// Creates a policy for uploads to `key`, of a size within `length`, with the lifetime `expires_in`.
    ///
    /// It has no other fields or conditions. If the credentials expire before `expires_in` has passed, the lifetime is
    /// shortened ([`ShortCredentials::Clamp`]).
    #[must_use]
    pub const fn new(target: Target, key: PostKey, length: LengthRange, expires_in: ExpiresIn) -> Self {
        Self {
            target,
            key,
            length,
            expires_in,
            fields: Vec::new(),
            conditions: Vec::new(),
            style: PostStyle::Lower,
            short_credentials: ShortCredentials::Clamp,
        }
    }

    /// Adds a field to the form, such as `Content-Type`, `acl`, `x-amz-meta-…` or `success_action_redirect`.
    ///
    /// Without a condition on it, the client must send exactly this value. If the value ends in `${filename}`, S3
    /// appends the name of the uploaded file, and only the part before the variable is fixed. A
    /// [condition](Self::with_condition) on the field replaces this rule.
    ///
    /// # Errors
    /// Returns an error if the name or the value is malformed, reserved or repeated, or if the value violates a
    /// condition that was added earlier.
    pub fn with_field(mut self, name: &str, value: &str) -> Result<Self, InvalidPostPolicy> {
        field::check_name(name)?;
        if field::is_reserved(name) {
            return Err(InvalidPostPolicy::Reserved(name.into()));
        }
        field::check_value(name, value)?;
        if value.strip_suffix(FILE_NAME).unwrap_or(value).contains(FILE_NAME) {
            return Err(InvalidPostPolicy::FileName(name.into()));
        }
        if name.eq_ignore_ascii_case("success_action_status") && !["200", "201", "204"].contains(&value) {
            return Err(InvalidPostPolicy::Status);
        }
        if self.fields.iter().any(|(present, _)| present.eq_ignore_ascii_case(name)) {
            return Err(InvalidPostPolicy::Repeated(name.into()));
        }
        let added = Condition::of_field(name, value);
        if self
            .conditions
            .iter()
            .any(|condition| condition.applies_to(name) && !condition.is_satisfied_by(&added))
        {
            return Err(InvalidPostPolicy::Contradiction(name.into()));
        }
        self.fields.push((name.into(), value.into()));
        Ok(self)
    }

    /// Adds a condition on a field of the form, or on a field that the client adds.
    ///
    /// A condition on `key` or `bucket` must agree with the policy's own key or bucket.
    ///
    /// # Errors
    /// Returns an error if the name or the value is malformed or reserved, or if the condition contradicts another
    /// condition or the value of the field.
    pub fn with_condition(mut self, condition: Condition) -> Result<Self, InvalidPostPolicy> {
        let name = condition.name();
        field::check_name(name)?;
        field::check_value(name, condition.text())?;
        let field = match self.field_condition(name) {
            Some(field) => Some(field),
            None if field::is_reserved(name) => return Err(InvalidPostPolicy::Reserved(name.into())),
            None => None,
        };
        let mut others = self.conditions.iter().filter(|other| other.applies_to(name));
        let is_compatible = others.all(|other| other.is_compatible_with(&condition));
        if !is_compatible || field.is_some_and(|field| !condition.is_satisfied_by(&field)) {
            return Err(InvalidPostPolicy::Contradiction(name.into()));
        }
        self.conditions.push(condition);
        Ok(self)
    }

    /// Sets the spelling of the fields that carry the signature. The default is [`PostStyle::Lower`].
    #[must_use]
    pub fn with_style(self, style: PostStyle) -> Self {
        Self { style, ..self }
    }

    /// Sets what happens if the credentials expire before the form would.
    #[must_use]
    pub fn with_short_credentials(self, short_credentials: ShortCredentials) -> Self {
        Self { short_credentials, ..self }
    }

    /// Returns the policy with a lifetime that does not exceed that of the credentials at the time `at`.
    ///
    /// The credentials' remaining lifetime is counted less [`SAFETY_MARGIN`](crate::SAFETY_MARGIN) seconds. The policy
    /// is returned unchanged if its own lifetime is not longer.
    ///
    /// # Errors
    /// Returns [`PresignError::CredentialsTooShort`] if the lifetime would have to be shortened but the policy uses
    /// [`ShortCredentials::Refuse`], or if less than one second is left. Returns [`PresignError::UnknownExpiry`] if the
    /// credentials are temporary and their expiry is not known.
    pub fn limited_by(
        &self,
        credentials: &Credentials,
        at: Timestamp,
    ) -> Result<Cow<'_, Self>, PresignError> {
        let expires_in = self.short_credentials.lifetime(self.expires_in, credentials, at)?;
        if expires_in == self.expires_in {
            return Ok(Cow::Borrowed(self));
        }
        Ok(Cow::Owned(Self { expires_in, ..self.clone() }))
    }

    /// Returns the condition that a field of the form satisfies; `None` if the form has no such field.
    fn field_condition(&self, name: &str) -> Option<Condition> {
        match name.to_ascii_lowercase().as_str() {
            "key" => Some(self.key_condition()),
            "bucket" => Some(self.bucket_condition()),
            _ => {
                let field = self.fields.iter().find(|(present, _)| present.eq_ignore_ascii_case(name));
                field.map(|(name, value)| Condition::of_field(name, value))
            }
        }
    }

    /// Returns the condition on the form's `key` field.
    pub(crate) fn key_condition(&self) -> Condition {
        if self.key.is_prefix() {
            Condition::starts_with("key", self.key.as_str())
        } else {
            Condition::exact("key", self.key.as_str())
        }
    }

    pub(crate) fn bucket_condition(&self) -> Condition {
        Condition::exact("bucket", self.target.bucket().as_str())
    }

    /// Returns the address of the bucket.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the key, or the prefix of allowed keys.
    #[must_use]
    pub const fn key(&self) -> &PostKey {
        &self.key
    }

    /// Returns the allowed size of the file.
    #[must_use]
    pub const fn length(&self) -> LengthRange {
        self.length
    }

    /// Returns the lifetime of the form.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }

    /// Returns the fields that were added, without the key and the fields of the signature, in the order in which they
    /// were added.
    #[must_use]
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Returns the conditions that were added, in that order.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Returns the spelling of the fields that carry the signature.
    #[must_use]
    pub const fn style(&self) -> PostStyle {
        self.style
    }

    /// Returns what happens if the credentials expire before the form would.
    #[must_use]
    pub const fn short_credentials(&self) -> ShortCredentials {
        self.short_credentials
    }

    /// Returns the URL to which the form is sent.
    ///
    /// It ends in a slash, because some servers fail the CORS preflight of the URL without it.
    #[must_use]
    pub fn url(&self) -> String {
        let target = &self.target;
        format!("{}://{}{}/", target.scheme().as_str(), target.host(), target.path_prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(key: &str) -> PostPolicy {
        let target = Target::aws("abc".parse().unwrap(), "us-east-1".parse().unwrap());
        PostPolicy::new(target, key.parse().unwrap(), LengthRange::ANY, ExpiresIn::MAX)
    }

    fn check(pairs: &[(&str, &str)]) -> Result<(), InvalidPostPolicy> {
        let made = pairs.iter().try_fold(policy("k"), |policy, (name, value)| policy.with_field(name, value));
        made.map(|_| ())
    }

    #[test]
    fn fields_are_validated() {
        assert_eq!(
            check(&[("Content-Type", "image/png"), ("x-amz-meta-name", "café 📷"), ("acl", "private")]),
            Ok(())
        );
        assert_eq!(check(&[("x-amz-meta-file", "name ${filename}")]), Ok(()));
        for status in ["200", "201", "204"] {
            assert_eq!(check(&[("success_action_status", status)]), Ok(()));
        }
        assert_eq!(check(&[("success_action_status", "302")]), Err(InvalidPostPolicy::Status));
        assert_eq!(
            check(&[("acl", "private"), ("ACL", "private")]),
            Err(InvalidPostPolicy::Repeated("ACL".into()))
        );
        assert_eq!(
            check(&[("x-amz-meta-a", "${filename} b")]),
            Err(InvalidPostPolicy::FileName("x-amz-meta-a".into()))
        );
        for value in ["a\r\nb", "a\nb", "a\0"] {
            assert_eq!(check(&[("acl", value)]), Err(InvalidPostPolicy::Value("acl".into())));
        }
        for name in ["", "a b", "é", "a:"] {
            assert_eq!(check(&[(name, "x")]), Err(InvalidPostPolicy::Name));
        }
        for name in
            ["key", "Bucket", "POLICY", "file", "X-Amz-Signature", "x-amz-security-token", "AWSAccessKeyId"]
        {
            assert_eq!(check(&[(name, "x")]), Err(InvalidPostPolicy::Reserved(name.into())));
        }
    }

    /// Adds a field and a condition on it, in both orders, and compares the result.
    #[track_caller]
    fn check_compatible(key: &str, field: Option<(&str, &str)>, condition: &Condition, compatible: bool) {
        let add = |policy: PostPolicy| match field {
            Some((name, value)) => policy.with_field(name, value),
            None => Ok(policy),
        };
        let condition_first = policy(key).with_condition(condition.clone()).and_then(add);
        let field_first = add(policy(key)).and_then(|policy| policy.with_condition(condition.clone()));
        let error = InvalidPostPolicy::Contradiction(condition.name().into());
        for made in [condition_first, field_first] {
            let made = made.map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(
                made,
                if compatible { Ok(()) } else { Err(error.to_string()) },
                "{field:?} {condition:?}"
            );
        }
    }

    #[test]
    fn conditions_must_be_satisfiable() {
        let png = Some(("Content-Type", "image/png"));
        check_compatible("k", png, &Condition::starts_with("Content-Type", "image/"), true);
        check_compatible("k", png, &Condition::exact("Content-Type", "image/png"), true);
        check_compatible("k", png, &Condition::starts_with("Content-Type", "text/"), false);
        check_compatible("k", png, &Condition::exact("Content-Type", "image/jpeg"), false);
        check_compatible("k", Some(("a", "x${filename}")), &Condition::starts_with("a", "x"), true);
        check_compatible("k", Some(("a", "x${filename}")), &Condition::exact("a", "xy"), false);
        check_compatible("k", None, &Condition::exact("bucket", "abc"), true);
        check_compatible("k", None, &Condition::exact("bucket", "abd"), false);
        check_compatible("a/k", None, &Condition::starts_with("key", "a/"), true);
        check_compatible("a/k", None, &Condition::starts_with("Key", "b/"), false);
        check_compatible("a/${filename}", None, &Condition::starts_with("key", "a/"), true);
        check_compatible("a/${filename}", None, &Condition::starts_with("key", "a/img"), true);
        check_compatible("a/${filename}", None, &Condition::exact("key", "a/b"), false);
        let two = policy("k").with_condition(Condition::exact("acl", "private")).unwrap();
        assert!(two.clone().with_condition(Condition::starts_with("ACL", "pri")).is_ok());
        assert!(two.with_condition(Condition::exact("acl", "public-read")).is_err());
    }

    #[test]
    fn conditions_on_reserved_fields_are_rejected() {
        for name in ["x-amz-date", "X-Amz-Credential", "content-length-range", "policy"] {
            let made = policy("k").with_condition(Condition::exact(name, "x"));
            assert_eq!(made, Err(InvalidPostPolicy::Reserved(name.into())));
        }
        let made = policy("k").with_condition(Condition::starts_with("acl", "a\nb"));
        assert_eq!(made, Err(InvalidPostPolicy::Value("acl".into())));
    }

    #[test]
    fn form_url_ends_in_a_slash() {
        assert_eq!(policy("k").url(), "https://abc.s3.us-east-1.amazonaws.com/");
        let endpoint = "http://127.0.0.1:9000/x".parse().unwrap();
        let bucket = "abc".parse().unwrap();
        let target = Target::at(
            &endpoint,
            crate::target::addressing::Addressing::Path,
            bucket,
            "garage".parse().unwrap(),
        )
        .unwrap();
        let policy = PostPolicy::new(target, "k".parse().unwrap(), LengthRange::ANY, ExpiresIn::MAX);
        assert_eq!(policy.url(), "http://127.0.0.1:9000/x/abc/");
    }
}
