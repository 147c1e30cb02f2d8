//! Whether the fields of a form meet its own policy.

use crate::form::{FormCondition, FormField, SignedForm};

/// A reason why a store refuses the fields of a form.
pub(crate) enum FormProblem<'a> {
    /// Fields follow the file, and stores ignore them.
    FieldsAfterFile,
    /// No condition of the policy names the field.
    Unlisted(&'a FormField),
    /// A condition names a field that the form does not have.
    Missing(&'a str),
    /// The key of a condition contains `${filename}`, which stores replace before they compare.
    FilenameInKey,
    /// The field has another value than its condition requires.
    Differs { name: &'a str, actual: &'a str, condition: &'a FormCondition },
}

/// Returns what a store refuses about the fields, in the order in which the form has them.
pub(crate) fn problems(form: &SignedForm) -> Vec<FormProblem<'_>> {
    let mut found = Vec::new();
    if form.has_fields_after_file() {
        found.push(FormProblem::FieldsAfterFile);
    }
    let unlisted = form.fields().iter().filter(|field| needs_condition(&field.name));
    let unlisted = unlisted.filter(|field| condition_of(form, &field.name).is_none());
    found.extend(unlisted.map(FormProblem::Unlisted));
    found.extend(form.policy().conditions().iter().filter_map(|condition| unmet(form, condition)));
    found
}

/// Returns the first condition for a field, whose name's case does not matter.
pub(crate) fn condition_of<'a>(form: &'a SignedForm, wanted: &str) -> Option<&'a FormCondition> {
    let mut conditions = form.policy().conditions().iter();
    conditions.find(|condition| condition.name().is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
}

/// Returns whether a field needs a condition.
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

fn unmet<'a>(form: &'a SignedForm, condition: &'a FormCondition) -> Option<FormProblem<'a>> {
    let name = condition.name()?;
    // The bucket is a part of the address, and need not be a field.
    let is_bucket = name.eq_ignore_ascii_case("bucket");
    let Some(actual) = form.field(name).or_else(|| form.bucket().filter(|_| is_bucket)) else {
        // A prefix that is empty allows the field to be absent.
        let may_be_absent =
            matches!(condition, FormCondition::StartsWith { prefix, .. } if prefix.is_empty());
        return (!may_be_absent && !is_bucket).then_some(FormProblem::Missing(name));
    };
    match condition {
        FormCondition::Exact { value, .. }
            if name.eq_ignore_ascii_case("key") && value.contains("${filename}") =>
        {
            Some(FormProblem::FilenameInKey)
        }
        FormCondition::Exact { value, .. } if **value != *actual => {
            Some(FormProblem::Differs { name, actual, condition })
        }
        FormCondition::StartsWith { prefix, .. } if !actual.starts_with(&**prefix) => {
            Some(FormProblem::Differs { name, actual, condition })
        }
        _ => None,
    }
}
