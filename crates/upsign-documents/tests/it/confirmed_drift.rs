//! What differences between documents of confirmed uploads and deployed ones break: the gates, the permissions to confirm, the folder
//! of pending objects, its events, reads by pages, and the table of the quota.

use serde_json::{Value, json};
use upsign_documents::{
    Affected, CorsDocument, CorsMethod, CorsRule, Deployment, Difference, IamPolicy, LifecycleDocument,
    NotificationDocument, Reads, Severity,
};

use crate::apis::template;
use crate::confirmed::{SERVICE, bucket_policy, deployment};
use crate::stacks::{compare, lines};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
const OTHER: &str = "arn:aws:iam::123456789012:role/other";

/// Returns the severity of each difference and what it breaks.
fn effects(differences: &[Difference]) -> Vec<(Severity, Option<Affected>)> {
    differences.iter().map(|it| (it.severity(), it.affected())).collect()
}

/// Returns the policy with a change of one of its statements.
fn changed(policy: &IamPolicy, sid: &str, change: impl Fn(&mut Value)) -> IamPolicy {
    let mut json: Value = serde_json::from_str(&policy.to_json()).unwrap();
    let statements = json["Statement"].as_array_mut().unwrap();
    let statement = statements.iter_mut().find(|it| it["Sid"] == sid);
    change(statement.unwrap_or_else(|| panic!("no {sid}")));
    IamPolicy::from_json(&json.to_string()).unwrap()
}

fn without(policy: &IamPolicy, sid: &str) -> IamPolicy {
    IamPolicy::new(policy.statements().iter().filter(|it| it.sid() != sid).cloned())
}

#[test]
fn gate_that_is_missing_or_lets_others_read_is_wider() {
    let derived = bucket_policy(&deployment());
    for sid in ["PendingIsNotRead", "OnlyConfirmed", "NoForgedConfirmation"] {
        let missing = derived.differences(&without(&derived, sid));
        let more = changed(&derived, sid, |it| {
            it["Condition"]["ArnNotLike"]["aws:PrincipalArn"] = json!([SERVICE, OTHER]);
        });
        let fewer_actions = changed(&derived, sid, |it| it["Action"] = json!("s3:GetObjectVersion"));
        for found in [missing, derived.differences(&more), derived.differences(&fewer_actions)] {
            let wider = found.iter().filter(|it| it.severity() == Severity::Wider);
            assert!(wider.count() > 0, "{sid}: {found:?}");
        }
    }
    let tag = "s3:ExistingObjectTag/upsign";
    let other =
        changed(&derived, "OnlyConfirmed", |it| it["Condition"]["StringNotEquals"][tag] = json!("rejected"));
    let found = derived.differences(&other);
    assert!(effects(&found).contains(&(Severity::Wider, None)), "{found:?}");
}

#[test]
fn gate_that_keeps_out_the_service_breaks_confirmation() {
    let derived = bucket_policy(&deployment());
    for sid in ["PendingIsNotRead", "OnlyConfirmed"] {
        let deployed =
            changed(&derived, sid, |it| it["Condition"]["ArnNotLike"]["aws:PrincipalArn"] = json!(OTHER));
        let found = derived.differences(&deployed);
        let broken: Vec<_> = found.iter().filter(|it| it.severity() == Severity::Broken).collect();
        assert!(!broken.is_empty(), "{sid}: {found:?}");
        assert!(broken.iter().all(|it| it.affected() == Some(Affected::Confirmation)), "{sid}: {broken:?}");
    }
}

#[test]
fn permission_that_is_missing_breaks_what_it_is_for() {
    let deployment = deployment().with_quota_table("quota", None).with_webhook_queue(QUEUE);
    let deployment = deployment.with_token_secret(crate::multipart_stacks::SECRET);
    let derived = IamPolicy::for_runtime(&deployment);
    for (sid, affected, consequence) in [
        ("PutUploads", Affected::Uploads, "every upload that this role signs fails"),
        ("PromoteUploads", Affected::Confirmation, "S3 refuses to copy them to their final keys"),
        ("DiscardObjects", Affected::Confirmation, "stay at their first key too"),
        ("TagInspected", Affected::Confirmation, "their tag cannot be set"),
        ("DeleteUploads", Affected::Confirmation, "callers cannot delete their uploads"),
        ("ReadUploads", Affected::Confirmation, "confirmations and reads fail with 403"),
        ("ListForNotFound", Affected::Confirmation, "403 instead of 404"),
        ("CountUploads", Affected::Uploads, "the service fails when it calls this action"),
        ("SendWebhooks", Affected::Confirmation, "webhooks cannot be sent"),
        ("ReadTokenSecrets", Affected::Uploads, "the service fails when it calls this action"),
    ] {
        let found = derived.differences(&without(&derived, sid));
        assert!(!found.is_empty(), "{sid}");
        for it in found {
            assert_eq!((it.severity(), it.affected()), (Severity::Broken, Some(affected)), "{sid}: {it}");
            assert!(it.consequence().contains(consequence), "{sid}: {it}");
        }
    }
}

fn lifecycle(deployment: &Deployment) -> LifecycleDocument {
    LifecycleDocument::for_bucket(deployment, &deployment.buckets()[0])
}

#[test]
fn folder_of_pending_objects_is_compared_by_when_they_are_deleted() {
    let derived = lifecycle(&deployment());
    let expiring = |days: u32| {
        let json = derived.to_json().replace("\"Days\": 2", &format!("\"Days\": {days}"));
        derived.differences(&LifecycleDocument::from_json(&json).unwrap())
    };
    assert_eq!(expiring(2), []);
    assert_eq!(effects(&expiring(9)), [(Severity::Untidy, None)]);
    assert_eq!(effects(&expiring(1)), [(Severity::Broken, Some(Affected::Retention))]);
    let other =
        Deployment::new([crate::policies::strict("other/{id}").build().unwrap()], crate::policies::origins());
    let found = derived.differences(&lifecycle(&other));
    assert!(found.iter().any(|it| it.description().contains("pending/files/")), "{found:?}");
    assert!(effects(&found).iter().all(|effect| *effect == (Severity::Untidy, None)), "{found:?}");
}

#[test]
fn events_of_expired_objects_are_missed_if_they_are_not_sent() {
    let deployment = deployment();
    let derived = NotificationDocument::for_bucket(&deployment, &deployment.buckets()[0], QUEUE).unwrap();
    let mut deployed = derived.clone();
    deployed.queues[0].events.retain(|event| !event.contains("LifecycleExpiration"));
    let found = derived.differences(&deployed);
    assert_eq!(effects(&found), [(Severity::Broken, Some(Affected::Processing))]);
    assert!(found[0].consequence().contains("expired without being confirmed"), "{}", found[0]);
    let found = deployed.differences(&derived);
    assert_eq!(effects(&found), [(Severity::Wider, None)]);
}

#[test]
fn rule_with_which_pages_read_breaks_reads_and_no_uploads() {
    let deployment = deployment().with_reads(Reads::Presigned);
    let derived = CorsDocument::for_bucket(&deployment, &deployment.buckets()[0]).unwrap();
    let (reads, others): (Vec<CorsRule>, Vec<CorsRule>) =
        derived.rules().iter().cloned().partition(|rule| rule.allowed_methods() == [CorsMethod::Get]);
    assert_eq!((reads.len(), others.len()), (1, 1));
    let found = derived.differences(&CorsDocument::new(others.clone()).unwrap());
    assert_eq!(effects(&found), [(Severity::Broken, Some(Affected::Reads))], "{found:?}");
    let bare = CorsRule::new(["https://app.example.com"], [CorsMethod::Get]).unwrap();
    let bare = bare.with_expose_headers(reads[0].expose_headers()).unwrap().with_max_age_seconds(3_600);
    let bare = CorsDocument::new(others.into_iter().chain([bare])).unwrap();
    let found = derived.differences(&bare);
    let broken: Vec<_> = found.iter().filter(|it| it.severity() == Severity::Broken).collect();
    assert!(broken.iter().any(|it| it.description().contains("if-match")), "{found:?}");
    assert!(broken.iter().all(|it| it.affected() == Some(Affected::Reads)), "{found:?}");
    let found = derived.differences(&CorsDocument::new(reads).unwrap());
    assert!(effects(&found).contains(&(Severity::Broken, Some(Affected::Uploads))), "{found:?}");
}

#[test]
fn table_of_the_quota_breaks_uploads_unless_it_only_keeps_too_much() {
    let workers = crate::workers::deployment();
    let check = |change: &dyn Fn(&mut Value), expected: (Severity, Option<Affected>)| {
        let mut stack = template(&workers);
        change(&mut stack["Resources"]["UploadsQuota"]["Properties"]);
        let comparison = compare(&workers, &stack.to_string());
        let part = comparison.parts().iter().find(|part| part.name() == "quota").unwrap();
        assert_eq!(effects(part.differences()), [expected], "{}", lines(&comparison));
    };
    let uploads = (Severity::Broken, Some(Affected::Uploads));
    check(&|table| table["TableName"] = json!("another"), uploads);
    check(&|table| table["BillingMode"] = json!("PROVISIONED"), uploads);
    check(&|table| table["KeySchema"][1]["AttributeName"] = json!("id"), uploads);
    check(&|table| table["TimeToLiveSpecification"]["Enabled"] = json!(false), (Severity::Untidy, None));
}

/// A statement that is not understood may let anybody read: nothing is said to be equal.
#[test]
fn statement_that_is_not_understood_is_never_equal() {
    let deployment = deployment();
    let mut json: Value = serde_json::from_str(&bucket_policy(&deployment).to_json()).unwrap();
    json["Statement"].as_array_mut().unwrap().push(json!({
        "Sid": "Unknown", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::article-images-bucket/*", "Condition": {"NewOperator": {"aws:PrincipalArn": OTHER}}}));
    let comparison = compare(&deployment, &json.to_string());
    assert!(!comparison.agrees(), "{}", lines(&comparison));
}
