//! What a form requires and binds, and what is odd about it.

use upsign_core::Provider;

use crate::diff::Field;
use crate::explain::Required;
use crate::explain::bindings::{Binding, Bound, BoundPart, shown};
use crate::explain::oddity::{Oddity, OddityKind};
use crate::explain::table as kinds;
use crate::form::{FormCondition, FormProblem, SignedForm, condition_of, problems};
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
            let range = if min == max { format!("exactly {min}") } else { format!("{min} to {max}") };
            Binding::new(BoundPart::Size, Bound::Partly, &format!("the file must have {range} bytes"))
        }
        None => {
            let is_s3 = form.location().is_some_and(|it| it.provider == Some(Provider::Aws));
            let of_s3 = if is_s3 { " (5 GB at S3)" } else { "" };
            let sentence = format!(
                "the size is not bound: the policy has no content-length-range, and the store accepts up to its own maximum{of_s3}"
            );
            Binding::new(BoundPart::Size, Bound::No, &sentence)
        }
    };
    let overwrite = Binding::new(
        BoundPart::Overwrite,
        Bound::No,
        "overwriting is not prevented: a form has no condition for it, and works until it expires",
    );
    vec![size, content_type(form), overwrite, checksum(form)]
}

fn content_type(form: &SignedForm) -> Binding {
    let condition = condition_of(form, "content-type");
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

pub(super) fn check(form: &SignedForm, oddities: &mut Vec<Oddity>) {
    check_place(form, oddities);
    for problem in problems(form) {
        let (kind, name, sentence) = describe(&problem);
        oddities.push(Oddity::new(kind, Field::FormField(name.into()), &sentence));
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

/// Returns the kind of a problem, the field that has it, and the sentence with its values.
fn describe<'a>(problem: &FormProblem<'a>) -> (&'static OddityKind, &'a str, String) {
    match problem {
        FormProblem::FieldsAfterFile => {
            (&kinds::FILE_NOT_LAST, "file", "the field file is not the last one".to_owned())
        }
        FormProblem::Unlisted(field) => {
            let sentence = format!("no condition of the policy names the field {}", field.name);
            (&kinds::FIELD_UNLISTED, &field.name, sentence)
        }
        FormProblem::Missing(name) => {
            let sentence = format!("the policy has a condition for {name}, and the form has no such field");
            (&kinds::FIELD_MISSING, name, sentence)
        }
        FormProblem::FilenameInKey => {
            let sentence =
                "the condition for the key contains ${filename}, which S3 replaces before it compares";
            (&kinds::FILENAME, "key", sentence.to_owned())
        }
        FormProblem::Differs { name, actual, condition } => {
            let found = shown(name, actual);
            let required = match condition {
                FormCondition::StartsWith { prefix, .. } => format!("the beginning {prefix:?}"),
                FormCondition::Exact { value, .. } => format!("{:?}", shown(name, value)),
                FormCondition::Length { min, max } => format!("{min} to {max} bytes"),
            };
            let sentence = format!("the field {name} is {found:?}, and its condition requires {required}");
            (&kinds::CONDITION_FAILS, name, sentence)
        }
    }
}
