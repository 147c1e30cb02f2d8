//! The forms of browser forms.

use serde::{Deserialize, Serialize};

use crate::post::condition::{Condition, InvalidLengthRange, LengthRange};
use crate::post::field::{InvalidPostPolicy, check_name, check_value};
use crate::post::key::{FILE_NAME, InvalidPostKey, PostKey};
use crate::post::policy::PostPolicy;
use crate::post::presigned::PresignedPost;
use crate::post::style::PostStyle;
use crate::request::key::ObjectKey;
use crate::request::lifetime::{ExpiresIn, ExpiryPrecision, ShortCredentials};
use crate::serialized::request::{InvalidUrl, check_url};
use crate::target::Target;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PostPolicyForm {
    target: Target,
    key: PostKey,
    length: LengthRange,
    expires_in: ExpiresIn,
    fields: Vec<(Box<str>, Box<str>)>,
    conditions: Vec<Condition>,
    style: PostStyle,
    short_credentials: ShortCredentials,
}

through_form!(PostPolicy, PostPolicyForm);

impl From<&PostPolicy> for PostPolicyForm {
    fn from(policy: &PostPolicy) -> Self {
        Self {
            target: policy.target().clone(),
            key: policy.key().clone(),
            length: policy.length(),
            expires_in: policy.expires_in(),
            fields: policy.fields().map(|(name, value)| (name.into(), value.into())).collect(),
            conditions: policy.conditions().to_vec(),
            style: policy.style(),
            short_credentials: policy.short_credentials(),
        }
    }
}

impl TryFrom<PostPolicyForm> for PostPolicy {
    type Error = InvalidPostPolicy;

    fn try_from(form: PostPolicyForm) -> Result<Self, InvalidPostPolicy> {
        let mut policy = Self::new(form.target, form.key, form.length, form.expires_in)
            .with_style(form.style)
            .with_short_credentials(form.short_credentials);
        for (name, value) in &form.fields {
            policy = policy.with_field(name, value)?;
        }
        for condition in form.conditions {
            policy = policy.with_condition(condition)?;
        }
        Ok(policy)
    }
}

/// The prefix is stated as such, and not as a text with `${filename}`: [`PostKey::exact`] accepts a key that ends in the
/// variable, and such a key must not become a prefix.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum PostKeyForm {
    Exact(ObjectKey),
    StartsWith(Box<str>),
}

through_form!(PostKey, PostKeyForm);

impl TryFrom<&PostKey> for PostKeyForm {
    type Error = InvalidPostKey;

    fn try_from(key: &PostKey) -> Result<Self, InvalidPostKey> {
        let text = key.as_str();
        if key.is_prefix() { Ok(Self::StartsWith(text.into())) } else { Ok(Self::Exact(text.parse()?)) }
    }
}

impl TryFrom<PostKeyForm> for PostKey {
    type Error = InvalidPostKey;

    fn try_from(form: PostKeyForm) -> Result<Self, InvalidPostKey> {
        match form {
            PostKeyForm::Exact(key) if key.as_str().contains(FILE_NAME) => Err(InvalidPostKey::FileName),
            PostKeyForm::Exact(key) => Ok(Self::exact(&key)),
            PostKeyForm::StartsWith(prefix) => Self::starting_with(&prefix),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthRangeForm {
    min: u64,
    max: u64,
}

through_form!(LengthRange, LengthRangeForm);

impl From<&LengthRange> for LengthRangeForm {
    fn from(range: &LengthRange) -> Self {
        Self { min: range.min(), max: range.max() }
    }
}

impl TryFrom<LengthRangeForm> for LengthRange {
    type Error = InvalidLengthRange;

    fn try_from(form: LengthRangeForm) -> Result<Self, InvalidLengthRange> {
        Self::new(form.min, form.max)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConditionForm {
    name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exact: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_with: Option<Box<str>>,
}

through_form!(Condition, ConditionForm);

impl From<&Condition> for ConditionForm {
    fn from(condition: &Condition) -> Self {
        let (name, exact, starts_with) = match condition.clone() {
            Condition::Exact { name, value } => (name, Some(value), None),
            Condition::StartsWith { name, prefix } => (name, None, Some(prefix)),
        };
        Self { name, exact, starts_with }
    }
}

impl TryFrom<ConditionForm> for Condition {
    type Error = &'static str;

    fn try_from(form: ConditionForm) -> Result<Self, &'static str> {
        match (form.exact, form.starts_with) {
            (Some(value), None) => Ok(Self::Exact { name: form.name, value }),
            (None, Some(prefix)) => Ok(Self::StartsWith { name: form.name, prefix }),
            _ => Err("a condition must have either `exact` or `startsWith`"),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PresignedPostForm {
    url: Box<str>,
    fields: Vec<(Box<str>, Box<str>)>,
    expires_at: Timestamp,
    expiry_precision: ExpiryPrecision,
}

#[derive(Debug, thiserror::Error)]
enum InvalidPresignedPost {
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    #[error(transparent)]
    Field(#[from] InvalidPostPolicy),
}

through_form!(PresignedPost, PresignedPostForm);

impl From<&PresignedPost> for PresignedPostForm {
    fn from(post: &PresignedPost) -> Self {
        Self {
            url: post.url.clone(),
            fields: post.fields.clone(),
            expires_at: post.expires_at,
            expiry_precision: post.expiry_precision,
        }
    }
}

impl TryFrom<PresignedPostForm> for PresignedPost {
    type Error = InvalidPresignedPost;

    fn try_from(form: PresignedPostForm) -> Result<Self, InvalidPresignedPost> {
        check_url(&form.url)?;
        for (index, (name, value)) in form.fields.iter().enumerate() {
            check_name(name)?;
            check_value(name, value)?;
            let mut earlier = form.fields.iter().take(index);
            if earlier.any(|(present, _)| present.eq_ignore_ascii_case(name)) {
                return Err(InvalidPostPolicy::Repeated(name.clone()).into());
            }
        }
        Ok(Self {
            url: form.url,
            fields: form.fields,
            expires_at: form.expires_at,
            expiry_precision: form.expiry_precision,
        })
    }
}
