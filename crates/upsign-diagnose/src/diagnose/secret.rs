//! Reproduces a signature with the secret key: correct, with another request, and with the mistakes that signers make.
//!
//! A signature of 256 bits that matches proves its hypothesis, so these diagnoses are certain.

mod hypotheses;
mod recipe;

use super::case::Case;
use super::{Diagnosis, cors};
use crate::cause::known;
use crate::diff::{DiffLine, Field, Signed};
use crate::echo::StoreError;
use crate::url::{SignatureScheme, SignedUrl, time};
use hypotheses::Hypothesis;
use recipe::Recipe;

/// Returns what the secret key proves, or `None` without a secret key, or if no mistake that is tried gives the signature.
pub(super) fn find(case: &Case<'_>) -> Option<Vec<Diagnosis>> {
    let (url, secret) = key(case)?;
    let provided = url.signature();
    let gives = |recipe: &Recipe| recipe.signature().as_deref() == Some(provided);
    if let Some(recipe) = Recipe::of_request(case, url, secret).filter(gives) {
        return correct(case, &recipe);
    }
    let recipe = Recipe::new(case, url, secret)?;
    if gives(&recipe) {
        return of_right_url(case);
    }
    let found = hypotheses::all(case, &recipe).find(|it| gives(&it.recipe))?;
    Some(vec![proven(case, &recipe, found)])
}

/// Returns what was signed if the secret key proves a method or a header whose value in the request is not known. That the request
/// differs from it is not proven.
pub(super) fn what_was_signed(case: &Case<'_>) -> Option<Signed> {
    let (url, secret) = key(case).filter(|_| case.evidence.status() != Some(0))?;
    let recipe = Recipe::new(case, url, secret)?;
    let gives = |recipe: &Recipe| recipe.signature().as_deref() == Some(url.signature());
    if gives(&recipe) {
        return None;
    }
    let Hypothesis { field, signed: value, .. } =
        hypotheses::unseen(case, &recipe).find(|it| gives(&it.recipe))?;
    let mut signed = case.signed.clone()?;
    match (field, value?) {
        (Field::Method, method) => {
            signed.method = Some(method.into());
            signed.is_method_stated = true;
        }
        (Field::Header(name), value) => signed.values.push((name, value.into())),
        _ => return None,
    }
    Some(signed)
}

/// Returns the URL and the secret key that should have signed it, if the answer allows that the signature is wrong.
fn key<'a>(case: &'a Case<'_>) -> Option<(&'a SignedUrl, &'a str)> {
    if !may_be_mismatch(case) {
        return None;
    }
    let url = case.url.as_ref().filter(|url| url.scheme() == SignatureScheme::SigV4)?;
    let secret = case.evidence.secret.as_ref()?;
    // The secret of another key would prove nothing.
    let is_of_url = secret.access_key_id.as_deref().is_none_or(|id| url.signer() == Some(id));
    is_of_url.then_some((url, &secret.secret_access_key))
}

/// Returns whether the answer allows that the signature is wrong: a store said so, or nobody gave a reason.
fn may_be_mismatch(case: &Case<'_>) -> bool {
    match case.error.as_ref().map(StoreError::code) {
        Some(code) => code == "SignatureDoesNotMatch",
        // A preflight, a page of a proxy, and what a browser blocked have another reason.
        None if cors::is_preflight(case) || case.is_page() || case.evidence.blocked.is_some() => false,
        None => matches!(case.evidence.status(), None | Some(0 | 403)),
    }
}

/// The URL is right, so what differs from it is wrong, also the method that it only implies.
fn of_right_url(case: &Case<'_>) -> Option<Vec<Diagnosis>> {
    let found = case.of_differences();
    let is_of_another = found.iter().any(|it| it.cause.code == known::SIGNATURE_ALTERED.code);
    let is_proven = |it: &Diagnosis| !is_of_another && case.is_known(&it.field);
    // A request without an answer may have been recorded before the browser added its headers.
    let is_answered = case.evidence.status() != Some(0);
    let found: Vec<Diagnosis> = found
        .into_iter()
        .map(|it| {
            let certain = it.certain && is_answered || is_proven(&it);
            it.certain_if(certain)
        })
        .collect();
    found.iter().any(|it| it.certain).then_some(found)
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
