//! The policies in hand: which statement denies the request, or that none permits it.

use upsign_documents::{IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal};

use super::Diagnosis;
use super::case::Case;
use crate::cause::known;
use crate::diff::Field;

/// The principal that the policies are applied to. Its name does not matter: statements that name a role are of its account.
const ROLE: &str = "arn:aws:iam::111122223333:role/signer";

/// Returns what the policies in hand say about an action. Without policies, nothing.
///
/// The diagnoses are candidates: conditions can depend on what the evidence does not show, such as the address of the client.
pub(super) fn find(case: &Case<'_>, action: &str) -> Vec<Diagnosis> {
    let (role, bucket) = (case.evidence.role.as_ref(), case.evidence.bucket_policy.as_ref());
    if role.is_none() && bucket.is_none() {
        return Vec::new();
    }
    let Some((name, key)) = case.url.as_ref().and_then(|url| url.bucket().zip(url.key())) else {
        return Vec::new();
    };
    let request = IamRequest {
        principal: RequestPrincipal::Role(ROLE.to_owned()),
        action: action.to_owned(),
        resource: format!("arn:aws:s3:::{name}/{key}"),
        context: context(case),
    };
    let field = Field::Action(action.into());
    let own: Vec<&IamPolicy> = role.into_iter().collect();
    let mut found = Vec::new();
    // The bucket policy alone shows whose statement denies.
    if let Some(IamDecision::ExplicitDeny(sid)) = bucket.map(|policy| request.evaluate(&[], Some(policy))) {
        let sentence =
            format!("{} of the bucket policy denies {action} on {}", statement(&sid), request.resource);
        found.push(Diagnosis::candidate(&known::BUCKET_STATEMENT, field.clone()).saying(sentence));
    }
    if role.is_none() {
        return found;
    }
    let sentence = match request.evaluate(&own, None) {
        IamDecision::ExplicitDeny(sid) => {
            format!("{} of the role's policies denies {action} on {}", statement(&sid), request.resource)
        }
        IamDecision::ImplicitDeny => {
            format!("no statement of the role's policies permits {action} on {}", request.resource)
        }
        IamDecision::Undecided(sid) => {
            format!("{} decides about {action}, and has a part that is not evaluated here", statement(&sid))
        }
        _ => return found,
    };
    found.push(Diagnosis::candidate(&known::IAM_STATEMENT, field).saying(sentence));
    found
}

fn statement(sid: &str) -> String {
    if sid.is_empty() { "a statement without Sid".to_owned() } else { format!("the statement {sid}") }
}

/// Returns the condition keys that the request shows.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>.
fn context(case: &Case<'_>) -> IamContext {
    let mut context = IamContext::new();
    let Some(url) = &case.url else { return context };
    context = context
        .with("aws:SecureTransport", if url.is_https() { "true" } else { "false" })
        .with("s3:authType", "REST-QUERY-STRING")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256");
    if let (Some(signed), Some((at, _))) = (url.signed_at(), case.evidence.time()) {
        context = context.with("s3:signatureAge", (at.seconds_since(signed) * 1_000).to_string());
    }
    for (name, value) in case.request().map(|request| request.headers.as_slice()).unwrap_or_default() {
        if name.starts_with("x-amz-") || matches!(&**name, "if-none-match" | "if-match") {
            context = context.with(&format!("s3:{name}"), &**value);
        }
    }
    context
}
