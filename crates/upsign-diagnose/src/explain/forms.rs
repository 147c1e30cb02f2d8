//! What a form requires and binds, and what is odd about it.

use upsign_core::Provider;

use crate::diff::Field;
use crate::explain::Required;
use crate::explain::bindings::{Binding, Bound, BoundPart, shown};
use crate::explain::oddity::Oddity;
use crate::explain::table as kinds;
use crate::form::{FormCondition, SignedForm};
use crate::redacted::Redacted;
use crate::url::AddressStyle;

pub(super) fn required_fields(form: &SignedForm) -> Vec<Required> {
    let fields = form.fields().iter().map(|field| {
        // The policy repeats the session token in base64.
        let value = if field.name.eq_ignore_ascii_case("policy") {
            Redacted::secret(&field.value)
        } else {
            shown(&field.name, &field.value)
        };
        Required { name: Redacted::new(&field.name), value: Some(value), is_automatic: false }
    });
    fields.collect()
}

pub(super) fn bindings(form: &SignedForm) -> Vec<Binding> {
    let size = match form.policy().length() {
        Some((min, max)) => {
            Binding::new(BoundPart::Size, Bound::Partly, &format!("the file must have {min} to {max} bytes"))
        }
        None => Binding::new(
            BoundPart::Size,
            Bound::No,
            "the size is not bound: the policy has no content-length-range, and the store accepts up to its own maximum (5 GB at S3)",
        ),
    };
    let overwrite = Binding::new(
        BoundPart::Overwrite,
        Bound::No,
        "overwriting is not prevented: a form has no condition for it, and works until it expires",
    );
    vec![size, content_type(form), overwrite, checksum(form)]
}

fn content_type(form: &SignedForm) -> Binding {
    let condition = find(form, "content-type");
    match condition {
        Some(FormCondition::Exact { value, .. }) => {
            Binding::new(BoundPart::Type, Bound::Exactly, &format!("the content type must be {value}"))
        }
        Some(FormCondition::StartsWith { prefix, .. }) if !prefix.is_empty() => Binding::new(
            BoundPart::Type,
            Bound::Partly,
            &format!("the content type must begin with {prefix}"),
        ),
        Some(_) => Binding::new(
            BoundPart::Type,
            Bound::No,
            "the content type is not bound: the condition allows every value",
        ),
        None => Binding::new(
            BoundPart::Type,
            Bound::Exactly,
            "no condition names the content type, so the form cannot set it: S3 stores binary/octet-stream",
        ),
    }
}

fn checksum(form: &SignedForm) -> Binding {
    let is_checksum = |name: &str| {
        let name = name.to_ascii_lowercase();
        (name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-algorithm") || name == "content-md5"
    };
    let bound = form.policy().conditions().iter().find_map(|condition| match condition {
        FormCondition::Exact { name, .. } if is_checksum(name) => Some(name),
        _ => None,
    });
    match bound {
        Some(name) => {
            Binding::new(BoundPart::Checksum, Bound::Exactly, &format!("the bytes are bound by {name}"))
        }
        None => Binding::new(
            BoundPart::Checksum,
            Bound::No,
            "the bytes are not bound: no condition names a checksum",
        ),
    }
}

fn find<'a>(form: &'a SignedForm, wanted: &str) -> Option<&'a FormCondition> {
    let mut conditions = form.policy().conditions().iter();
    conditions.find(|condition| condition.name().is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
}

/// Fields that need no condition.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>: "Each form field that you specify in
/// a form … must appear in the list of conditions", except `x-amz-signature`, `file`, `policy`, and field names that begin with
/// `x-ignore-`. Version 2 names the signature and the access key by fields without conditions as well.
fn needs_condition(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.starts_with("x-ignore-")
        && !matches!(
            &*name,
            "policy"
                | "file"
                | "x-amz-signature"
                | "x-goog-signature"
                | "signature"
                | "awsaccesskeyid"
                | "googleaccessid"
        )
}

pub(super) fn check(form: &SignedForm, oddities: &mut Vec<Oddity>) {
    let field = |name: &str| Field::FormField(name.into());
    check_place(form, oddities);
    if form.has_fields_after_file() {
        let sentence = "the field file is not the last one";
        oddities.push(Oddity::new(&kinds::FILE_NOT_LAST, field("file"), sentence));
    }
    for it in form.fields().iter().filter(|it| needs_condition(&it.name)) {
        // The bucket is part of the address; S3 accepts the field without a condition only if it is absent.
        if find(form, &it.name).is_none() {
            let sentence = format!("no condition of the policy names the field {}", it.name);
            oddities.push(Oddity::new(&kinds::FIELD_UNLISTED, field(&it.name), &sentence));
        }
    }
    for condition in form.policy().conditions() {
        check_condition(form, condition, oddities);
    }
    if let Some((min, max)) = form.policy().length().filter(|(min, max)| min > max) {
        let sentence = format!("the file must have at least {min} and at most {max} bytes");
        oddities.push(Oddity::new(&kinds::RANGE_EMPTY, Field::Body, &sentence));
    }
}

fn check_place(form: &SignedForm, oddities: &mut Vec<Oddity>) {
    let Some(location) = form.location() else { return };
    let has_forms = location.provider.is_none_or(|provider| provider.capabilities().post_form);
    if let Some(provider) = location.provider.filter(|_| !has_forms) {
        let sentence = format!("{} accepts no uploads by form", provider.title());
        oddities.push(Oddity::new(&kinds::POST_UNSUPPORTED, Field::Method, &sentence));
    }
    let key = location.key.as_deref().unwrap_or_default();
    if !key.is_empty()
        && location.style != AddressStyle::Distribution
        && location.provider != Some(Provider::Custom)
    {
        let sentence = format!("the address of the form names the object {key}");
        oddities.push(Oddity::new(&kinds::POST_TO_OBJECT, Field::Path, &sentence));
    }
}

fn check_condition(form: &SignedForm, condition: &FormCondition, oddities: &mut Vec<Oddity>) {
    let Some(name) = condition.name() else { return };
    let mut report =
        |kind, sentence: &str| oddities.push(Oddity::new(kind, Field::FormField(name.into()), sentence));
    let is_bucket = name.eq_ignore_ascii_case("bucket");
    let actual = form.field(name).or_else(|| form.bucket().filter(|_| is_bucket));
    let Some(actual) = actual else {
        // A prefix that is empty allows the field to be absent.
        if !matches!(condition, FormCondition::StartsWith { prefix, .. } if prefix.is_empty()) && !is_bucket {
            report(
                &kinds::FIELD_MISSING,
                &format!("the policy has a condition for {name}, and the form has no such field"),
            );
        }
        return;
    };
    match condition {
        FormCondition::Exact { value, .. }
            if name.eq_ignore_ascii_case("key") && value.contains("${filename}") =>
        {
            report(
                &kinds::FILENAME,
                "the condition for the key contains ${filename}, which S3 replaces before it compares",
            );
        }
        FormCondition::Exact { value, .. } if **value != *actual => {
            let (found, expected) = (shown(name, actual), shown(name, value));
            report(
                &kinds::CONDITION_FAILS,
                &format!("the field {name} is {found:?}, and its condition requires {expected:?}"),
            );
        }
        FormCondition::StartsWith { prefix, .. } if !starts_with(actual, prefix) => {
            let found = shown(name, actual);
            report(
                &kinds::CONDITION_FAILS,
                &format!(
                    "the field {name} is {found:?}, and its condition requires the beginning {prefix:?}"
                ),
            );
        }
        _ => {}
    }
}

/// Every type of a comma-separated list must begin with the prefix, as S3 documents for `Content-Type`.
fn starts_with(actual: &str, prefix: &str) -> bool {
    actual.starts_with(prefix)
}
