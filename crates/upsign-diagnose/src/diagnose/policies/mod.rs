//! The policies in hand: which statement denies the request, or that none permits it.
//!
//! All of it is a candidate: policies of the account, of an endpoint or of a session can decide as well, and the policies in hand need
//! not be those that were in force.

mod context;
mod decision;

use upsign_documents::{Effect, IamContext, IamRequest, IamStatement, RequestPrincipal};

use super::Diagnosis;
use super::case::Case;
use super::scrub::quoted;
use crate::cause::{Cause, known};
use crate::diff::Field;
use context::Applied;
use decision::{Applies, Decision, decide};

/// The principal that the policies are applied to if the evidence does not name the signer.
const ROLE: &str = "arn:aws:iam::111122223333:role/signer";

/// What a policy in hand is called in sentences.
struct Named {
    policy: &'static str,
    cause: &'static Cause,
}

const OF_BUCKET: Named = Named { policy: "the bucket policy", cause: &known::BUCKET_STATEMENT };
const OF_ROLE: Named = Named { policy: "the role's policies", cause: &known::IAM_STATEMENT };
const OF_KEY: Named = Named { policy: "the policy of the KMS key", cause: &known::KMS_STATEMENT };

/// Returns what the policies in hand say about an action on the object, or on `resource` for a KMS key. Without policies, nothing.
pub(super) fn find(case: &Case<'_>, action: &str, resource: Option<&str>) -> Vec<Diagnosis> {
    let evidence = case.evidence;
    let (role, bucket) = (evidence.role.as_ref(), evidence.bucket_policy.as_ref());
    let of_kms = action.starts_with("kms:");
    if role.is_none() && bucket.is_none() && evidence.kms_policy.is_none() {
        return Vec::new();
    }
    let Some(applied) = Applied::new(case) else { return Vec::new() };
    if of_kms {
        return of_key(case, &applied, action, resource);
    }
    let Some((name, key)) = applied.bucket.as_deref().zip(applied.key.as_deref()) else { return Vec::new() };
    let resource = format!("arn:{}:s3:::{name}/{key}", applied.partition);
    let request = request(action, resource, applied.context.clone());
    let signer = case.signer_role();
    let of_bucket = bucket.map(|policy| decide(policy, &request, &applied, signer.as_deref()));
    let of_role = role.map(|policy| decide(policy, &request, &applied, signer.as_deref()));
    let mut found = Vec::new();
    for (decision, named) in [(&of_bucket, OF_BUCKET), (&of_role, OF_ROLE)] {
        found.extend(decision.iter().flat_map(|decision| denials(decision, &named, &request)));
    }
    // A bucket policy can permit what the role's policies do not mention.
    let is_permitted = of_bucket.as_ref().is_some_and(|it| it.permits.is_some());
    if let Some(of_role) = &of_role
        && of_role.denies.is_none()
        && !is_permitted
    {
        found.extend(lack(of_role, &OF_ROLE, &request));
    }
    found
}

/// Returns whether policies are in hand that cannot be applied, because the evidence shows neither bucket nor key.
pub(super) fn are_not_applied(case: &Case<'_>) -> bool {
    let has_policies = case.evidence.role.is_some() || case.evidence.bucket_policy.is_some();
    let is_placed = |applied: Applied| applied.bucket.is_some() && applied.key.is_some();
    has_policies && !Applied::new(case).is_some_and(is_placed)
}

/// Applies the policies to a KMS key. `key` is its ARN, if it is known.
fn of_key(case: &Case<'_>, applied: &Applied, action: &str, key: Option<&str>) -> Vec<Diagnosis> {
    let (role, policy) = (case.evidence.role.as_ref(), case.evidence.kms_policy.as_ref());
    let region = applied.region.as_deref().unwrap_or("us-east-1");
    let suffix = if applied.partition == "aws-cn" { ".cn" } else { "" };
    let service = format!("s3.{region}.amazonaws.com{suffix}");
    let mut context = applied.context.clone().with("kms:ViaService", service);
    if let Some(account) = key.and_then(|key| key.split(':').nth(4)) {
        context = context.with("kms:CallerAccount", account);
    }
    let signer = case.signer_role();
    let decide = |policy, resource: &str| {
        decide(policy, &request(action, resource.to_owned(), context.clone()), applied, signer.as_deref())
    };
    let shown = request(action, key.map_or_else(|| "the key".to_owned(), quoted), IamContext::new());
    let mut found = Vec::new();
    // A key policy applies to its own key only, whatever its ARN is.
    let any = format!("arn:{}:kms:{region}:111122223333:key/any", applied.partition);
    let of_policy = policy.map(|policy| decide(policy, key.unwrap_or(&any)));
    if let Some(of_policy) = &of_policy {
        found.extend(denials(of_policy, &OF_KEY, &shown));
        if of_policy.denies.is_none() && !of_policy.delegates {
            found.extend(lack(of_policy, &OF_KEY, &shown));
        }
    }
    let is_permitted = of_policy.as_ref().is_some_and(|it| it.permits.is_some());
    let Some(role) = role.filter(|_| !is_permitted) else { return found };
    match key {
        Some(key) => {
            let of_role = decide(role, key);
            found.extend(denials(&of_role, &OF_ROLE, &shown));
            if of_role.denies.is_none() {
                found.extend(lack(&of_role, &OF_ROLE, &shown));
            }
        }
        // It is not known which key the bucket uses, but no key at all is too few.
        None => {
            let resources = role.statements().iter().filter(|it| it.effect() == Effect::Allow);
            let mut resources = resources.flat_map(|it| it.resources().iter());
            let permits = |resource: &String| {
                let resource = if resource == "*" { &any } else { resource };
                let decision = decide(role, resource);
                decision.permits.is_some() || !decision.may_permit.is_empty()
            };
            if !resources.any(permits) {
                let sentence = format!("no statement of the role's policies permits {action} on any key");
                found.push(
                    Diagnosis::candidate(&known::IAM_STATEMENT, Field::Action(action.into()))
                        .saying(sentence),
                );
            }
        }
    }
    found
}

fn request(action: &str, resource: String, context: IamContext) -> IamRequest {
    let principal = RequestPrincipal::Role(ROLE.to_owned());
    IamRequest { principal, action: action.to_owned(), resource, context }
}

/// Returns the statements that deny, those first that do so in any case.
fn denials(decision: &Decision<'_>, named: &Named, request: &IamRequest) -> Vec<Diagnosis> {
    let IamRequest { action, resource, .. } = request;
    let candidate = |sentence: String| {
        Diagnosis::candidate(named.cause, Field::Action(action.as_str().into())).saying(sentence)
    };
    let policy = named.policy;
    let certain = decision
        .denies
        .map(|it| candidate(format!("{} of {policy} denies {action} on {resource}", statement(it))));
    let possible = decision.may_deny.iter().map(|(it, applies)| {
        let statement = statement(it);
        candidate(match applies {
            Applies::If(keys) => format!(
                "{statement} of {policy} may deny {action} on {resource}: that depends on {}, which the evidence does not show",
                listed(keys)
            ),
            _ => format!("{statement} of {policy} may deny {action} on {resource}: it has a part that is not evaluated here"),
        })
    });
    certain.into_iter().chain(possible).collect()
}

/// Returns that no statement permits the action, or only under conditions.
fn lack(decision: &Decision<'_>, named: &Named, request: &IamRequest) -> Option<Diagnosis> {
    let IamRequest { action, resource, .. } = request;
    if decision.permits.is_some() {
        return None;
    }
    let policy = named.policy;
    let sentence = match decision.may_permit.first() {
        None => format!("no statement of {policy} permits {action} on {resource}"),
        Some((it, Applies::If(keys))) => format!(
            "{} of {policy} permits {action} on {resource} only for certain values of {}, which the evidence does not show",
            statement(it),
            listed(keys)
        ),
        Some((it, _)) => {
            format!(
                "{} of {policy} decides about {action}, and has a part that is not evaluated here",
                statement(it)
            )
        }
    };
    Some(Diagnosis::candidate(named.cause, Field::Action(action.as_str().into())).saying(sentence))
}

fn listed(keys: &[String]) -> String {
    keys.iter().map(|key| quoted(key)).collect::<Vec<_>>().join(" and ")
}

fn statement(statement: &IamStatement) -> String {
    match statement.sid() {
        "" => "a statement without Sid".to_owned(),
        sid => format!("the statement {}", quoted(sid)),
    }
}

/// Returns what the policies in hand say about every action of the request.
pub(super) fn find_all(case: &Case<'_>) -> Vec<Diagnosis> {
    let mut found = find(case, action(case), None);
    let form = case.form();
    let field = |name: &str| form.as_ref().and_then(|form| form.field(name));
    let header = |name: &str| field(name).or_else(|| case.request().and_then(|request| request.header(name)));
    let is_signed =
        |name: &str| case.signed.as_ref().is_some_and(|it| it.headers.iter().any(|known| known == name));
    for (name, action) in OF_HEADERS {
        if header(name).is_some() || is_signed(name) {
            found.extend(find(case, action, None));
        }
    }
    let key = header("x-amz-server-side-encryption-aws-kms-key-id").filter(|key| key.starts_with("arn:"));
    let is_encrypted = header("x-amz-server-side-encryption").is_some_and(|it| it.starts_with("aws:kms"));
    // The policy of a key is in hand because the bucket has one.
    if is_encrypted || case.evidence.kms_policy.is_some() {
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
