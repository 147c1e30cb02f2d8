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
pub(super) fn find(case: &Case<'_>, action: &str, resource: Option<&str>) -> Vec<Diagnosis> {
    let (role, bucket) = (case.evidence.role.as_ref(), case.evidence.bucket_policy.as_ref());
    if role.is_none() && bucket.is_none() {
        return Vec::new();
    }
    let Some((name, key)) = case.url.as_ref().and_then(|url| url.bucket().zip(url.key())) else {
        return Vec::new();
    };
    let of_object = || format!("arn:{}:s3:::{name}/{key}", partition(case));
    let resource = match (resource, action.starts_with("kms:")) {
        (Some(resource), true) => resource.to_owned(),
        // The key is not known.
        (None, true) => return Vec::new(),
        (_, false) => of_object(),
    };
    let request = IamRequest {
        principal: RequestPrincipal::Role(ROLE.to_owned()),
        action: action.to_owned(),
        resource,
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

/// Returns what the policies in hand say about every action of the request.
pub(super) fn find_all(case: &Case<'_>) -> Vec<Diagnosis> {
    let mut found = find(case, action(case), None);
    let header = |name: &str| case.request().and_then(|request| request.header(name));
    let is_signed =
        |name: &str| case.signed.as_ref().is_some_and(|it| it.headers.iter().any(|known| known == name));
    for (name, action) in OF_HEADERS {
        if header(name).is_some() || is_signed(name) {
            found.extend(find(case, action, None));
        }
    }
    let key = header("x-amz-server-side-encryption-aws-kms-key-id").filter(|key| key.starts_with("arn:"));
    if header("x-amz-server-side-encryption").is_some_and(|it| it.starts_with("aws:kms")) && key.is_some() {
        let is_part = case.url.as_ref().is_some_and(|url| url.parameter("uploadId").is_some());
        found.extend(find(case, "kms:GenerateDataKey", key));
        found.extend(is_part.then(|| find(case, "kms:Decrypt", key)).into_iter().flatten());
    }
    found
}

/// Returns the action of the request.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
pub(super) fn action(case: &Case<'_>) -> &'static str {
    let recorded = case.request().map(|request| &*request.method);
    let signed = case.signed.as_ref().and_then(|it| it.method.as_deref());
    let is_of_upload = case.url.as_ref().is_some_and(|url| url.parameter("uploadId").is_some());
    match (recorded.or(signed).unwrap_or("PUT"), is_of_upload) {
        ("GET", true) => "s3:ListMultipartUploadParts",
        ("GET" | "HEAD", _) => "s3:GetObject",
        ("DELETE", true) => "s3:AbortMultipartUpload",
        ("DELETE", false) => "s3:DeleteObject",
        _ => "s3:PutObject",
    }
}

/// Headers that need a permission of their own.
const OF_HEADERS: [(&str, &str); 4] = [
    ("x-amz-tagging", "s3:PutObjectTagging"),
    ("x-amz-acl", "s3:PutObjectAcl"),
    ("x-amz-object-lock-mode", "s3:PutObjectRetention"),
    ("x-amz-object-lock-legal-hold", "s3:PutObjectLegalHold"),
];

/// Returns the partition of the region in ARNs.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
fn partition(case: &Case<'_>) -> &'static str {
    match case.url.as_ref().and_then(|url| url.signing_region()) {
        Some(region) if region.starts_with("cn-") => "aws-cn",
        Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
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
