//! Errors about credentials.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use crate::cause::known;
use crate::diff::Field;
use crate::echo::StoreError;
use crate::url::SignedUrl;

/// Unknown access keys and damaged tokens.
pub(super) fn of_credentials(case: &Case<'_>, error: &StoreError) -> Vec<Diagnosis> {
    let is_signer = |it: &Diagnosis| matches!(&it.field, Field::Query(name) if matches!(&**name, "X-Amz-Security-Token" | "X-Amz-Credential"));
    let mut found: Vec<Diagnosis> = case.of_differences().into_iter().filter(is_signer).collect();
    let url = case.url.as_ref();
    let key = error.text("AWSAccessKeyId").or_else(|| url.and_then(|url| url.signer())).unwrap_or_default();
    let lacks_token = url.is_some_and(|url| !url.has_session_token());
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    let is_temporary = key.starts_with("ASIA");
    if error.code() != "InvalidAccessKeyId" {
        found.push(Diagnosis::candidate(&known::TOKEN_INVALID, Field::query("X-Amz-Security-Token")));
        return found;
    }
    let unknown = Diagnosis::candidate(&known::ACCESS_KEY_UNKNOWN, Field::query("X-Amz-Credential"));
    let unknown = match key {
        "" => unknown,
        key => unknown
            .saying(format!("the store does not know the access key id {} that signed the URL", quoted(key))),
    };
    if is_temporary && lacks_token {
        // A key that begins with ASIA is temporary, and no store knows one without its token.
        let missing = Diagnosis::candidate(&known::TOKEN_MISSING, Field::query("X-Amz-Security-Token"));
        found.push(missing.certain_if(found.is_empty()));
    }
    found.push(unknown);
    found
}

/// Returns whether `ExpiredToken` means the URL: Google's store answers so, and without a token of a session no other can expire.
pub(super) fn is_of_url(case: &Case<'_>, error: &StoreError) -> bool {
    let details = error.text("Details").unwrap_or_default().to_ascii_lowercase();
    let is_stated = ["expired at", "request has expired"].iter().any(|part| details.contains(part));
    let is_of_google = |url: &SignedUrl| url.canonical_host().ends_with("storage.googleapis.com");
    is_stated || case.url.as_ref().is_some_and(|url| !url.has_session_token() || is_of_google(url))
}

/// Tells expired credentials from an expired URL: the store checks the token first, and states which of them it is.
pub(super) fn expired_token(case: &Case<'_>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CREDENTIALS_EXPIRED, Field::Credentials);
    let expiry = case.url.as_ref().and_then(SignedUrl::expires_at);
    let found = found.certain_if(case.sent().is_some());
    match (expiry, case.evidence.time()) {
        (Some(expiry), Some((at, true))) if at < expiry => found.saying(format!(
            "the temporary credentials that signed the URL have expired; the URL itself is valid until {expiry}"
        )),
        (Some(expiry), Some((at, _))) if at >= expiry => found.saying(format!(
            "the temporary credentials that signed the URL have expired, and the URL has expired as well, at {expiry}"
        )),
        _ => found,
    }
}
