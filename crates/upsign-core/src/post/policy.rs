//! POST policies: what an HTML form may upload.

use std::borrow::Cow;

use crate::credentials::Credentials;
use crate::error::PresignError;
use crate::post::condition::{Condition, LengthRange};
use crate::post::key::FILE_NAME;
use crate::post::key::PostKey;
use crate::request::lifetime::{ExpiresIn, ShortCredentials};
use crate::target::Target;
use crate::time::Timestamp;

/// What one HTML form may upload: where to, how large, and which fields it carries.
///
/// Every field is covered by a condition, since S3 refuses a form with one that is not, and the size is always bound:
/// that is what a form can do and a presigned `PUT` cannot, which knows one exact size or none.
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

/// The names that the signature's own fields are given. S3 takes them in any letter case; front ends may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PostStyle {
    /// As boto3 writes them: `policy`, `x-amz-signature`, …
    #[default]
    Lower,
    /// As the SDK for JavaScript writes them: `Policy`, `X-Amz-Signature`, …, and the bucket as a field too.
    Js,
}

/// Why a field or a condition cannot be part of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPostPolicy {
    /// The name is not an RFC 9110 token.
    #[error("the name of a form's field is made of letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The policy or the signature sets this one itself.
    #[error("the field `{0}` belongs to the policy or the signature itself")]
    Reserved(Box<str>),
    /// The field is already there.
    #[error("the field `{0}` is given twice")]
    Repeated(Box<str>),
    /// The value holds a carriage return, a line feed or a NUL.
    #[error("the value of `{0}` holds a line break or a NUL")]
    Value(Box<str>),
    /// No form could satisfy both conditions, or a condition and the field it is about.
    #[error("the conditions on `{0}` exclude each other, or the field's own value")]
    Contradiction(Box<str>),
    /// `${filename}` stands elsewhere than at the end.
    #[error(
        "`${{filename}}` can only end the value of `{0}`: S3 puts the file's name there before it looks at the policy"
    )]
    FileName(Box<str>),
    /// S3 answers 200, 201 or 204, and takes anything else for 204.
    #[error("success_action_status is 200, 201 or 204")]
    Status,
}

const RESERVED: [&str; 12] = [
    "awsaccesskeyid",
    "bucket",
    "content-length-range",
    "file",
    "key",
    "policy",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-signature",
];

impl PostPolicy {
    /// A form that uploads to `key`, a file of a size in `length`, until `expires_in` is over.
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

    /// The same form with a field that it carries: `Content-Type`, `acl`, `x-amz-meta-…`, `success_action_redirect`, …
    /// Unless a condition covers it, the field must be exactly `value`; or, where that ends in `${filename}`, start with
    /// what stands before.
    ///
    /// # Errors
    /// [`InvalidPostPolicy`] when no form with such a field could be accepted.
    pub fn with_field(mut self, name: &str, value: &str) -> Result<Self, InvalidPostPolicy> {
        check_name(name)?;
        if is_reserved(name) {
            return Err(InvalidPostPolicy::Reserved(name.into()));
        }
        check_value(name, value)?;
        if value.strip_suffix(FILE_NAME).unwrap_or(value).contains(FILE_NAME) {
            return Err(InvalidPostPolicy::FileName(name.into()));
        }
        if name.eq_ignore_ascii_case("success_action_status") && !["200", "201", "204"].contains(&value) {
            return Err(InvalidPostPolicy::Status);
        }
        if self.fields.iter().any(|(have, _)| have.eq_ignore_ascii_case(name)) {
            return Err(InvalidPostPolicy::Repeated(name.into()));
        }
        let carried = Condition::of_field(name, value);
        if self.conditions.iter().any(|condition| condition.is_about(name) && !condition.admits(&carried)) {
            return Err(InvalidPostPolicy::Contradiction(name.into()));
        }
        self.fields.push((name.into(), value.into()));
        Ok(self)
    }

    /// The same form under a further condition: on a field it carries, or on one that whoever uploads must add. On
    /// `key` and `bucket` it may only confirm what the form already says.
    ///
    /// # Errors
    /// [`InvalidPostPolicy`] when no form could satisfy it.
    pub fn with_condition(mut self, condition: Condition) -> Result<Self, InvalidPostPolicy> {
        let name = condition.name();
        check_name(name)?;
        check_value(name, condition.text())?;
        let carried = match self.carried(name) {
            Some(carried) => Some(carried),
            None if is_reserved(name) => return Err(InvalidPostPolicy::Reserved(name.into())),
            None => None,
        };
        let others = self.conditions.iter().filter(|other| other.is_about(name));
        let agrees = others.clone().all(|other| other.agrees_with(&condition));
        if !agrees || carried.is_some_and(|carried| !condition.admits(&carried)) {
            return Err(InvalidPostPolicy::Contradiction(name.into()));
        }
        self.conditions.push(condition);
        Ok(self)
    }

    /// The same form with other names for the signature's fields.
    #[must_use]
    pub fn with_style(self, style: PostStyle) -> Self {
        Self { style, ..self }
    }

    /// The same form, with this to be done when the credentials end too soon.
    #[must_use]
    pub fn with_short_credentials(self, short_credentials: ShortCredentials) -> Self {
        Self { short_credentials, ..self }
    }

    /// The form as these credentials can honour it at `at`: with its own lifetime, or a shorter one.
    ///
    /// # Errors
    /// [`PresignError::CredentialsTooShort`], [`PresignError::UnknownExpiry`].
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

    /// What the form says of a field by itself.
    fn carried(&self, name: &str) -> Option<Condition> {
        match name.to_ascii_lowercase().as_str() {
            "key" => Some(self.key_condition()),
            "bucket" => Some(self.bucket_condition()),
            _ => {
                let field = self.fields.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
                field.map(|(name, value)| Condition::of_field(name, value))
            }
        }
    }

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

    /// The bucket and its address.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The key, or the prefix of keys.
    #[must_use]
    pub const fn key(&self) -> &PostKey {
        &self.key
    }

    /// How large the file may be.
    #[must_use]
    pub const fn length(&self) -> LengthRange {
        self.length
    }

    /// How long the form is to be accepted.
    #[must_use]
    pub const fn expires_in(&self) -> ExpiresIn {
        self.expires_in
    }

    /// The fields it carries, beside its key and those of the signature, in the order given.
    #[must_use]
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The conditions that were given, in that order.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// How the signature's fields are named.
    #[must_use]
    pub const fn style(&self) -> PostStyle {
        self.style
    }

    /// Where the form goes. The slash at its end stays: without it some servers fail the browser's preflight.
    #[must_use]
    pub fn url(&self) -> String {
        let target = &self.target;
        format!("{}://{}{}/", target.scheme().as_str(), target.host(), target.path_prefix())
    }
}

fn check_name(name: &str) -> Result<(), InvalidPostPolicy> {
    if crate::request::headers::is_token(name) { Ok(()) } else { Err(InvalidPostPolicy::Name) }
}

fn check_value(name: &str, value: &str) -> Result<(), InvalidPostPolicy> {
    if value.contains(['\r', '\n', '\0']) { Err(InvalidPostPolicy::Value(name.into())) } else { Ok(()) }
}

fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
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
    fn which_fields() {
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

    /// A field and a condition on it, in either order.
    #[track_caller]
    fn with(key: &str, field: Option<(&str, &str)>, condition: &Condition, agrees: bool) {
        let add = |policy: PostPolicy| match field {
            Some((name, value)) => policy.with_field(name, value),
            None => Ok(policy),
        };
        let one = policy(key).with_condition(condition.clone()).and_then(add);
        let two = add(policy(key)).and_then(|policy| policy.with_condition(condition.clone()));
        let why = InvalidPostPolicy::Contradiction(condition.name().into());
        for made in [one, two] {
            let made = made.map(|_| ()).map_err(|error| error.to_string());
            assert_eq!(made, if agrees { Ok(()) } else { Err(why.to_string()) }, "{field:?} {condition:?}");
        }
    }

    #[test]
    fn conditions_must_be_satisfiable() {
        let png = Some(("Content-Type", "image/png"));
        with("k", png, &Condition::starts_with("Content-Type", "image/"), true);
        with("k", png, &Condition::exact("Content-Type", "image/png"), true);
        with("k", png, &Condition::starts_with("Content-Type", "text/"), false);
        with("k", png, &Condition::exact("Content-Type", "image/jpeg"), false);
        with("k", Some(("a", "x${filename}")), &Condition::starts_with("a", "x"), true);
        with("k", Some(("a", "x${filename}")), &Condition::exact("a", "xy"), false);
        with("k", None, &Condition::exact("bucket", "abc"), true);
        with("k", None, &Condition::exact("bucket", "abd"), false);
        with("a/k", None, &Condition::starts_with("key", "a/"), true);
        with("a/k", None, &Condition::starts_with("Key", "b/"), false);
        with("a/${filename}", None, &Condition::starts_with("key", "a/"), true);
        with("a/${filename}", None, &Condition::starts_with("key", "a/img"), true);
        with("a/${filename}", None, &Condition::exact("key", "a/b"), false);
        let two = policy("k").with_condition(Condition::exact("acl", "private")).unwrap();
        assert!(two.clone().with_condition(Condition::starts_with("ACL", "pri")).is_ok());
        assert!(two.with_condition(Condition::exact("acl", "public-read")).is_err());
    }

    #[test]
    fn conditions_on_what_is_not_theirs() {
        for name in ["x-amz-date", "X-Amz-Credential", "content-length-range", "policy"] {
            let made = policy("k").with_condition(Condition::exact(name, "x"));
            assert_eq!(made, Err(InvalidPostPolicy::Reserved(name.into())));
        }
        let made = policy("k").with_condition(Condition::starts_with("acl", "a\nb"));
        assert_eq!(made, Err(InvalidPostPolicy::Value("acl".into())));
    }

    #[test]
    fn where_it_goes() {
        assert_eq!(policy("k").url(), "https://abc.s3.us-east-1.amazonaws.com/");
        let endpoint = "http://127.0.0.1:9000/x".parse().unwrap();
        let bucket = "abc".parse().unwrap();
        let target =
            Target::at(&endpoint, crate::target::Addressing::Path, bucket, "garage".parse().unwrap())
                .unwrap();
        let policy = PostPolicy::new(target, "k".parse().unwrap(), LengthRange::ANY, ExpiresIn::MAX);
        assert_eq!(policy.url(), "http://127.0.0.1:9000/x/abc/");
    }
}
