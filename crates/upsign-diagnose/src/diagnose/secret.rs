//! Reproduces a signature with the secret key: correct, with another request, and with the mistakes that signers make.
//!
//! A signature of 256 bits that matches proves its hypothesis, so these diagnoses are certain.

mod hypotheses;
mod recipe;

use super::Diagnosis;
use super::case::Case;
use crate::cause::known;
use crate::diff::{DiffLine, Field};
use crate::echo::StoreError;
use crate::url::{SignatureScheme, SignedUrl, time};
use hypotheses::Hypothesis;
use recipe::Recipe;

/// Returns what the secret key proves, or `None` without a secret key, or if no mistake that is tried gives the signature.
pub(super) fn find(case: &Case<'_>) -> Option<Vec<Diagnosis>> {
    if !may_be_mismatch(case) {
        return None;
    }
    let url = case.url.as_ref().filter(|url| url.scheme() == SignatureScheme::SigV4)?;
    let secret = case.evidence.secret.as_ref()?;
    // The secret of another key would prove nothing.
    if secret.access_key_id.as_deref().is_some_and(|id| url.signer() != Some(id)) {
        return None;
    }
    let provided = url.signature();
    let gives = |recipe: &Recipe| recipe.signature().as_deref() == Some(provided);
    if let Some(recipe) = Recipe::of_request(case, url, &secret.secret_access_key).filter(gives) {
        return correct(case, &recipe);
    }
    let recipe = Recipe::new(case, url, &secret.secret_access_key)?;
    if gives(&recipe) {
        // The URL is right, so what differs from it is wrong, also where the URL only implies it.
        let found: Vec<Diagnosis> = case.of_differences().into_iter().map(|it| it.certain_if(true)).collect();
        return (!found.is_empty()).then_some(found);
    }
    let found = hypotheses::all(case, &recipe).find(|it| gives(&it.recipe))?;
    Some(vec![proven(case, &recipe, found)])
}

/// Returns whether the answer allows that the signature is wrong.
fn may_be_mismatch(case: &Case<'_>) -> bool {
    match case.error.as_ref().map(StoreError::code) {
        Some(code) => code == "SignatureDoesNotMatch",
        None => matches!(case.evidence.status(), None | Some(0) | Some(403)),
    }
}

/// The signature is right for the request in hand.
fn correct(case: &Case<'_>, recipe: &Recipe) -> Option<Vec<Diagnosis>> {
    let is_mismatch = case.error.is_some();
    if case.echo.is_some() {
        // The store computed another signature for the same request, so it has another secret key.
        let found = Diagnosis::candidate(&known::WRONG_SECRET, Field::Credentials).certain_if(true);
        let key = &recipe.access_key_id;
        return Some(vec![found.saying(format!(
            "the signature is right for this secret key, and the store has another one for the access key id {key}"
        ))]);
    }
    // Without the store's view, something in between may have changed the request.
    let mut found = case.of_differences();
    if found.iter().any(|it| it.certain) || !is_mismatch || case.sent().is_none() {
        return None;
    }
    found.push(Diagnosis::candidate(&known::HOST_DIFFERS, Field::Host).saying(
        "the signature is right for the request as it was sent: a proxy may have changed it, or the store has another secret key",
    ));
    found.push(Diagnosis::candidate(&known::WRONG_SECRET, Field::Credentials));
    Some(found)
}

fn proven(case: &Case<'_>, actual: &Recipe, found: Hypothesis) -> Diagnosis {
    let Hypothesis { cause, field, sentence, signed, sent, .. } = found;
    let line = DiffLine::new(field.clone(), signed.as_deref(), sent.as_deref());
    // A difference of the same field is found again, with a better cause there.
    let known = case.differences.iter().find(|it| it.line.field == field && it.cause.code == cause.code);
    let sentence = sentence.or_else(|| known.map(|it| it.sentence.clone()));
    let diagnosis = Diagnosis::candidate(cause, field).certain_if(true).with_diff(vec![line]);
    let diagnosis = diagnosis.proved_by(format!(
        "the secret key in the environment gives the signature of the URL exactly so, for the access key id {}",
        actual.access_key_id
    ));
    match sentence {
        Some(sentence) => diagnosis.saying(sentence),
        None => diagnosis,
    }
}

/// Returns the instant of `X-Amz-Date`.
fn signed_at(url: &SignedUrl) -> Option<upsign_core::Timestamp> {
    time::basic(url.parameter("X-Amz-Date")?)
}
