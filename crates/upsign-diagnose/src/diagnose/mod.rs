//! From evidence to causes.

mod api;
mod case;
mod cors;
mod denied;
mod diagnosis;
mod form;
mod mismatch;
mod policies;
mod scrub;
mod secret;
mod status;
mod store;

pub use diagnosis::Diagnosis;

use crate::cause::known;
use crate::diff::Field;
use crate::evidence::Evidence;
use case::Case;

/// Finds out why an upload was refused. The first diagnosis is the most likely one; a certain one comes first.
///
/// A diagnosis is [certain](Diagnosis::certain) only if the evidence proves it: the store's answer states the part that is wrong, the
/// request as sent differs from what was signed, or the secret key reproduces the signature with one mistake. Otherwise the
/// result is a list of candidates. There is always at least one.
///
/// ```
/// use upsign_diagnose::{Evidence, SignedUrl, diagnose};
///
/// let url = SignedUrl::parse(
///     "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
///      &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
///      &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=content-type%3Bhost\
///      &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
/// )?;
/// let sent = "curl -T test.txt 'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
///      &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
///      &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=content-type%3Bhost\
///      &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'";
/// let found = diagnose(&Evidence::read(sent.as_bytes())?.with_url(url)?);
/// assert_eq!((found[0].cause.code, found[0].certain), ("header-missing", true));
/// assert_eq!(found[0].field.to_string(), "header:content-type");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Vec<Diagnosis> {
    let mut case = Case::new(evidence);
    if let Some(signed) = secret::what_was_signed(&case) {
        case.learn(signed);
    }
    let mut found = find(&case);
    // The candidates keep their order; what is certain comes before them.
    found.sort_by_key(|diagnosis| !diagnosis.certain);
    let mut unique: Vec<Diagnosis> = Vec::with_capacity(found.len());
    for diagnosis in found {
        let is_known = |it: &Diagnosis| it.cause.code == diagnosis.cause.code && it.field == diagnosis.field;
        if !unique.iter().any(is_known) {
            unique.push(diagnosis);
        }
    }
    if unique.is_empty() {
        unique.push(Diagnosis::candidate(&known::SIGNATURE_MISMATCH, Field::Unknown));
    }
    scrub::scrub(evidence, &mut unique);
    unique
}

/// Checks the answer to a preflight as a browser does: the evidence is the preflight itself. Empty if a browser goes on.
pub(crate) fn of_preflight(evidence: &Evidence) -> Vec<Diagnosis> {
    let mut found = cors::find(&Case::new(evidence));
    scrub::scrub(evidence, &mut found);
    found
}

fn find(case: &Case<'_>) -> Vec<Diagnosis> {
    if let Some(found) = secret::find(case) {
        return found;
    }
    let mut found = cors::find(case);
    // The answer to a preflight does not describe the upload behind it.
    if cors::is_preflight(case) && !found.is_empty() {
        return found;
    }
    if case.error.is_none() {
        found.extend(form::find(case));
    }
    found.extend(match case.error.as_ref() {
        Some(error) => store::find(case, error),
        None => api::find(case).unwrap_or_else(|| status::find(case)),
    });
    if case.is_page() {
        // It comes before what the request itself shows.
        found.sort_by_key(|it| it.cause.code != known::PROXY_ANSWER.code);
    }
    found.extend(cors::hidden(case));
    found.extend(cors::hidden_etag(case));
    found
}
