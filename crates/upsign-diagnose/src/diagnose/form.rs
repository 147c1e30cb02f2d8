//! A form that was sent, next to its own policy.

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::{Owner, known};
use crate::diff::{DiffLine, Field};
use crate::evidence::{Answer, EvidenceKind};
use crate::form::{FormCondition, FormProblem, SignedForm, problems};

/// Returns what the fields of a form show if no store names a code: a store refuses each of these.
pub(super) fn find(case: &Case<'_>) -> Vec<Diagnosis> {
    let Some(form) = case.form() else { return Vec::new() };
    // Another status is not that of a policy.
    if !matches!(case.evidence.status(), None | Some(0 | 400 | 403)) {
        return Vec::new();
    }
    // Without an answer of the store, the form may never have reached it.
    let is_answered = case.evidence.status() != Some(0)
        && case.evidence.kind() != EvidenceKind::Page
        && !case.evidence.answer.as_ref().is_some_and(Answer::is_page);
    let mut found: Vec<Diagnosis> =
        problems(&form).iter().map(|problem| diagnosis(problem).certain_if(is_answered)).collect();
    found.extend(expired(case, &form));
    found
}

/// Returns an expired form as a candidate: the clock that it is compared with need not be the store's.
fn expired(case: &Case<'_>, form: &SignedForm) -> Option<Diagnosis> {
    let (expiry, (at, _)) = form.expires_at().zip(case.evidence.time())?;
    let found = Diagnosis::candidate(&known::FORM_EXPIRED, Field::FormField("policy".into()));
    (at >= expiry).then(|| found.saying(format!("the form expired at {expiry}, before {at}")))
}

fn diagnosis(problem: &FormProblem<'_>) -> Diagnosis {
    let field = |name: &str| Field::FormField(name.to_ascii_lowercase().into());
    match problem {
        FormProblem::FieldsAfterFile => Diagnosis::candidate(&known::FORM_MALFORMED, field("file"))
            .saying("fields follow the file, and stores ignore them"),
        FormProblem::Unlisted(sent) => {
            let field = field(&sent.name);
            Diagnosis::candidate(&known::FORM_EXTRA_FIELD, field.clone())
                .saying(format!(
                    "the form has the field {}, which its policy does not mention",
                    quoted(&sent.name)
                ))
                .with_diff(vec![DiffLine::new(field, None, Some(&sent.value))])
        }
        FormProblem::Missing(name) => Diagnosis::candidate(&known::FORM_CONDITION, field(name))
            .saying(format!(
                "the policy has a condition for {}, and the form has no such field",
                quoted(name)
            ))
            .fixed_by("send all fields of the answer that contained the form"),
        FormProblem::FilenameInKey => Diagnosis::candidate(&known::FORM_CONDITION, field("key"))
            .saying("the condition for the key contains ${filename}, which S3 replaces before it compares")
            .fixed_by("write a condition starts-with for the part before ${filename}")
            .owned_by(Owner::Configuration),
        FormProblem::Differs { name, actual, condition } => {
            let field = field(name);
            let required = required(condition);
            Diagnosis::candidate(&known::FORM_CONDITION, field.clone())
                .saying(format!("the field {} does not meet its condition in the policy", quoted(name)))
                .with_diff(vec![DiffLine::new(field, Some(&required), Some(actual))])
        }
    }
}

fn required(condition: &FormCondition) -> String {
    match condition {
        FormCondition::Exact { value, .. } => value.to_string(),
        FormCondition::StartsWith { prefix, .. } => format!("{prefix}… (starts-with)"),
        FormCondition::Length { min, max } => format!("{min} to {max} bytes"),
    }
}
