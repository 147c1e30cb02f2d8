//! Mutants of policies, decided by IAM's rules. The decisions are written to `golden/iam-mutants.json`, which `cargo xtask test`
//! also runs through an independent evaluator.

use serde_json::{Value, json};
use upsign_documents::{
    Deployment, Difference, Guard, IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal, Severity,
};

use super::mutants;
use crate::golden;
use crate::policies::{deployment, form};

const ROLE: &str = "arn:aws:iam::123456789012:role/signer";

/// Returns requests of the signing role that the policies decide differently.
fn requests() -> Vec<(&'static str, IamRequest)> {
    let put = IamContext::new()
        .with("aws:SecureTransport", "true")
        .with("s3:TlsVersion", "1.3")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256")
        .with("s3:signatureAge", "1000")
        .with("aws:PrincipalAccount", "123456789012")
        .with("aws:PrincipalArn", ROLE)
        .with("aws:PrincipalIsAWSService", "false");
    let key = "arn:aws:s3:::article-images-bucket/articles/3f25/raw/1b2c.jpg";
    let request = |action: &str, resource: &str, context: &IamContext| IamRequest {
        principal: RequestPrincipal::Role(ROLE.into()),
        action: action.into(),
        resource: resource.into(),
        context: context.clone(),
    };
    vec![
        ("put", request("s3:PutObject", key, &put)),
        ("put without TLS", request("s3:PutObject", key, &put.clone().with("aws:SecureTransport", "false"))),
        ("put with TLS 1.1", request("s3:PutObject", key, &put.clone().with("s3:TlsVersion", "1.1"))),
        ("put with SigV2", request("s3:PutObject", key, &put.clone().with("s3:signatureversion", "AWS"))),
        ("old put", request("s3:PutObject", key, &put.clone().with("s3:signatureAge", "900001"))),
        ("get", request("s3:GetObject", key, &put)),
        ("delete", request("s3:DeleteObject", key, &put)),
        ("put elsewhere", request("s3:PutObject", "arn:aws:s3:::evil-bucket/articles/1/raw/1.jpg", &put)),
    ]
}

struct Case<'a> {
    name: &'static str,
    document: Value,
    /// Decides a request under the mutant of the document.
    policies: &'a dyn Fn(IamPolicy) -> (IamPolicy, Option<IamPolicy>),
    expected: IamPolicy,
}

#[test]
fn mutant_that_changes_a_decision_is_a_difference() {
    let deployment = Deployment::new(
        deployment().policies().cloned().chain([form("forms/{id}")]).collect::<Vec<_>>(),
        deployment().origins().clone(),
    )
    .with_guards([Guard::Tls, Guard::Tls12, Guard::SigV4, Guard::SignatureAge]);
    let role = IamPolicy::for_deployment(&deployment);
    let bucket = IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap();
    let parse = |policy: &IamPolicy| serde_json::from_str::<Value>(&policy.to_json()).unwrap();
    let cases = [
        Case {
            name: "role",
            document: parse(&role),
            policies: &|mutant| (mutant, Some(bucket.clone())),
            expected: role.clone(),
        },
        Case {
            name: "bucket policy",
            document: parse(&bucket),
            policies: &|mutant| (role.clone(), Some(mutant)),
            expected: bucket.clone(),
        },
    ];
    let rows: Vec<Value> = cases.iter().flat_map(rows).collect();
    assert!(rows.len() >= 90, "{}", rows.len());
    let mut json = serde_json::to_string_pretty(&rows).unwrap();
    json.push('\n');
    golden::check("iam-mutants.json", &json);
}

/// Checks every mutant, and returns a row for each: the first request whose decision changes, or else the first request.
fn rows(case: &Case<'_>) -> Vec<Value> {
    let mut rows = Vec::new();
    for mutant in mutants::mutants(&case.document, &[]) {
        let Ok(policy) = IamPolicy::from_json(&mutant.document.to_string()) else { continue };
        if !policy.not_understood().is_empty() {
            continue;
        }
        let differences = case.expected.differences(&policy);
        let (own, resource) = (case.policies)(policy);
        let (own_before, resource_before) = (case.policies)(case.expected.clone());
        let mut reported = None;
        for (name, request) in requests() {
            let before = request.evaluate(&[&own_before], resource_before.as_ref());
            let after = request.evaluate(&[&own], resource.as_ref());
            let place = format!("{}, {}: {name}: {before:?} -> {after:?}", case.name, mutant.place);
            check(&place, before.is_allowed(), after.is_allowed(), &differences);
            if before.is_allowed() != after.is_allowed() || reported.is_none() {
                reported = Some((name, request, after));
            }
        }
        let Some((name, request, decision)) = reported else { continue };
        let context: serde_json::Map<String, Value> =
            request.context.iter().map(|(key, values)| (key.to_owned(), json!(values))).collect();
        let policy = |policy: &IamPolicy| serde_json::from_str::<Value>(&policy.to_json()).unwrap();
        rows.push(json!({
            "name": format!("{}, {}: {name}", case.name, mutant.place),
            "principal": {"role": ROLE}, "action": request.action, "resource": request.resource, "context": context,
            "identity_policy": policy(&own), "resource_policy": resource.as_ref().map(policy),
            "verdict": match decision {
                IamDecision::Allowed(_) => "Allowed",
                IamDecision::ExplicitDeny(_) => "ExplicitlyDenied",
                _ => "ImplicitlyDenied",
            },
        }));
    }
    rows
}

/// What is allowed in addition is never equal or narrower; what is denied in addition is reported.
fn check(place: &str, before: bool, after: bool, differences: &[Difference]) {
    let is_wider = differences.iter().any(|it| it.severity() != Severity::Narrower);
    assert!(before || !after || is_wider, "{place}: {differences:?}");
    assert!(before == after || !differences.is_empty(), "{place}");
}
