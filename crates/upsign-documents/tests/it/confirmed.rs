//! Documents of routes whose uploads are confirmed: permissions of the service, what the bucket policy denies everyone else, when
//! objects that nobody confirms are deleted, and where notifications come from.

use serde_json::{Value, json};
use upsign_documents::{
    Deployment, DeploymentRoute, Guard, IamContext, IamPolicy, IamRequest, InvalidBucketPolicy,
    LifecycleDocument, NotificationDocument, Reads, RequestPrincipal,
};
use upsign_policy::{ConfirmationOptions, Gate, ResumeWindow, TagOptions, Tags, UploadPolicy};

use crate::policies::{confirmed, in_parts, origins, pending, strict};

pub(crate) const SERVICE: &str = "arn:aws:iam::123456789012:role/uploads";
const SCANNER: &str = "arn:aws:iam::123456789012:role/scanner";
const ADMINISTRATOR: &str = "arn:aws:iam::123456789012:role/administrator";
const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Returns a deployment with a route for each gate, and one without.
pub(crate) fn deployment() -> Deployment {
    let tagged = confirmed("tagged/{sub}/{id}.{ext}", Gate::Tag).build().unwrap();
    let routes = [pending("files/{sub}/{id}.{ext}"), tagged, strict("other/{id}").build().unwrap()];
    Deployment::new(routes, origins()).with_service_role(&SERVICE.parse().unwrap())
}

fn object(key: &str) -> String {
    format!("arn:aws:s3:::article-images-bucket/{key}")
}

pub(crate) fn bucket_policy(deployment: &Deployment) -> IamPolicy {
    IamPolicy::for_bucket(deployment, &deployment.buckets()[0], None).unwrap()
}

/// Returns the statements of a policy as JSON.
fn statements(policy: &IamPolicy) -> Vec<Value> {
    let json: Value = serde_json::from_str(&policy.to_json()).unwrap();
    json["Statement"].as_array().unwrap().clone()
}

/// Returns the actions and resources of a statement, each as a list.
fn rights(policy: &IamPolicy, sid: &str) -> (Vec<String>, Vec<String>) {
    let found = policy.statements().iter().find(|statement| statement.sid() == sid);
    let found = found.unwrap_or_else(|| panic!("no {sid} in {}", policy.to_json()));
    (found.actions().to_vec(), found.resources().to_vec())
}

#[test]
fn clients_upload_to_pending_keys_and_the_service_copies_to_final_ones() {
    let deployment = Deployment::new([pending("files/{id}")], origins());
    let policy = IamPolicy::for_deployment(&deployment);
    let (pending, last) = (object("pending/files/*"), object("files/*"));
    assert_eq!(rights(&policy, "PutUploads"), (vec!["s3:PutObject".into()], vec![pending.clone()]));
    assert_eq!(rights(&policy, "PromoteUploads"), (vec!["s3:PutObject".into()], vec![last.clone()]));
    let deletes = vec!["s3:DeleteObject".to_owned(), "s3:DeleteObjectVersion".to_owned()];
    assert_eq!(rights(&policy, "DiscardObjects"), (deletes, vec![pending.clone(), last.clone()]));
    let reads = vec!["s3:GetObject".to_owned(), "s3:GetObjectVersion".to_owned()];
    assert_eq!(rights(&policy, "ReadUploads"), (reads, vec![pending, last]));
    assert_eq!(rights(&policy, "ListForNotFound").0, ["s3:ListBucket"]);
    assert_eq!(policy.statements().len(), 5);
    // Nothing names a version in a bucket without versions.
    let plain = IamPolicy::for_deployment(&deployment.with_versioning(false));
    assert!(!plain.to_json().contains("ObjectVersion"));
}

#[test]
fn policy_of_one_route_has_the_rights_of_its_deployment() {
    for policy in deployment().policies() {
        let alone = IamPolicy::for_deployment(&Deployment::new([policy.clone()], origins()));
        assert_eq!(IamPolicy::for_policy(policy), alone);
    }
}

#[test]
fn tags_are_copied_with_a_pending_object() {
    let mut tags = Tags::new();
    tags.insert("team", "a").unwrap();
    let gate = Gate::Pending("pending/{id}".parse().unwrap());
    let policy = confirmed("files/{id}", gate).tags(TagOptions::new().fixed(tags)).build().unwrap();
    let policy = IamPolicy::for_deployment(&Deployment::new([policy], origins()));
    let writes = ["s3:PutObject", "s3:PutObjectTagging"];
    assert_eq!(rights(&policy, "PutUploads").0, writes);
    assert_eq!(rights(&policy, "PromoteUploads").0, writes);
    let reads = ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"];
    assert_eq!(
        rights(&policy, "ReadPendingTags"),
        (reads.map(Into::into).to_vec(), vec![object("pending/*")])
    );
}

#[test]
fn service_tags_versions_of_routes_with_that_gate_only() {
    let policy = IamPolicy::for_deployment(&deployment());
    let actions = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"].map(str::to_owned).to_vec();
    assert_eq!(rights(&policy, "TagInspected"), (actions, vec![object("tagged/*/*.*")]));
    assert!(!IamPolicy::for_policy(&pending("files/{id}")).to_json().contains("Tagging"));
}

#[test]
fn service_deletes_objects_of_routes_that_permit_it() {
    let policy = IamPolicy::for_deployment(&deployment());
    let actions = ["s3:DeleteObject", "s3:DeleteObjectVersion"].map(Into::into).to_vec();
    assert_eq!(rights(&policy, "DeleteUploads"), (actions, vec![object("tagged/*/*.*")]));
}

#[test]
fn only_the_copy_gets_an_acl_and_a_lock() {
    let retention = upsign_policy::Retention::new(upsign_policy::LockMode::Governance, 30).unwrap();
    let policy = confirmed("files/{id}", Gate::Pending("pending/{id}".parse().unwrap()))
        .storage(upsign_policy::StorageOptions::new().acl(upsign_policy::CannedAcl::Private))
        .checksums(upsign_policy::Checksums::Required([upsign_policy::ChecksumAlgorithm::Sha256].into()))
        .lock(upsign_policy::LockOptions::new().retention(retention).legal_hold(true));
    let policy = IamPolicy::for_policy(&policy.build().unwrap());
    assert_eq!(rights(&policy, "PutUploads").0, ["s3:PutObject"]);
    let copy = ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectRetention", "s3:PutObjectLegalHold"];
    assert_eq!(rights(&policy, "PromoteUploads").0, copy);
}

#[test]
fn routes_without_deletion_or_confirmation_have_no_rights_for_them() {
    let confirm = ConfirmationOptions::new().with_confirm(true);
    let confirmed = strict("a/{id}").confirmation(confirm).build().unwrap();
    let policy = IamPolicy::for_deployment(&Deployment::new(
        [confirmed, strict("b/{id}").build().unwrap()],
        origins(),
    ));
    let sids: Vec<&str> = policy.statements().iter().map(upsign_documents::IamStatement::sid).collect();
    assert_eq!(sids, ["PutUploads", "ReadUploads", "ListForNotFound"]);
    assert_eq!(rights(&policy, "ReadUploads").1, [object("a/*")]);
    // The service looks at an object that was uploaded in parts, also if the route does not confirm.
    let parts = in_parts("parts/{id}").build().unwrap();
    let both = IamPolicy::for_deployment(&Deployment::new([parts, pending("files/{id}")], origins()));
    assert_eq!(rights(&both, "HeadUploads").1, [object("parts/*")]);
    assert_eq!(rights(&both, "ReadUploads").1, [object("pending/files/*"), object("files/*")]);
}

#[test]
fn presigned_reads_are_of_final_keys_only() {
    let gate = Gate::Pending("pending/{id}".parse().unwrap());
    let unconfirmed = strict("open/{id}").build().unwrap();
    let routes = [confirmed("files/{id}", gate).build().unwrap(), unconfirmed];
    let deployment = Deployment::new(routes, origins()).with_reads(Reads::Presigned);
    let read = rights(&IamPolicy::for_deployment(&deployment), "ReadUploads").1;
    assert_eq!(read, [object("pending/*"), object("files/*"), object("open/*")]);
    assert_eq!(deployment.warnings(), []);
}

/// One request and whether the policies permit it.
pub(crate) type Case = (&'static str, &'static str, &'static str, IamContext, bool);

fn context(principal: &str) -> IamContext {
    IamContext::new()
        .with("aws:SecureTransport", "true")
        .with("s3:TlsVersion", "1.3")
        .with("s3:signatureversion", "AWS4-HMAC-SHA256")
        .with("aws:PrincipalArn", principal)
}

/// Returns requests of roles that may do everything with S3, so that only the bucket policy decides.
pub(crate) fn cases() -> Vec<Case> {
    let tagged = |principal: &str, value: &str| context(principal).with("s3:ExistingObjectTag/upsign", value);
    let tagging = |principal: &str| context(principal).with("s3:RequestObjectTag/upsign", "confirmed");
    let (get, version) = ("s3:GetObject", "s3:GetObjectVersion");
    let mut all = vec![
        (SERVICE, get, "pending/files/u/1.jpg", context(SERVICE), true),
        (SERVICE, version, "pending/files/u/1.jpg", context(SERVICE), true),
        (SCANNER, get, "pending/files/u/1.jpg", context(SCANNER), true),
        (ADMINISTRATOR, get, "pending/files/u/1.jpg", context(ADMINISTRATOR), false),
        (ADMINISTRATOR, version, "pending/files/u/1.jpg", context(ADMINISTRATOR), false),
        (ADMINISTRATOR, get, "pending/files/u/1.jpg", tagged(ADMINISTRATOR, "confirmed"), false),
        (ADMINISTRATOR, get, "pending/files/another", context(ADMINISTRATOR), false),
        (ADMINISTRATOR, get, "files/u/1.jpg", context(ADMINISTRATOR), true),
        (ADMINISTRATOR, "s3:DeleteObject", "pending/files/u/1.jpg", context(ADMINISTRATOR), true),
        (ADMINISTRATOR, get, "other/1", context(ADMINISTRATOR), true),
        (SERVICE, get, "tagged/u/1.jpg", context(SERVICE), true),
        (SCANNER, get, "tagged/u/1.jpg", context(SCANNER), true),
        (ADMINISTRATOR, get, "tagged/u/1.jpg", context(ADMINISTRATOR), false),
        (ADMINISTRATOR, version, "tagged/u/1.jpg", context(ADMINISTRATOR), false),
        (ADMINISTRATOR, get, "tagged/u/1.jpg", tagged(ADMINISTRATOR, "pending"), false),
        (ADMINISTRATOR, get, "tagged/u/1.jpg", tagged(ADMINISTRATOR, "confirmed"), true),
        (ADMINISTRATOR, version, "tagged/u/1.jpg", tagged(ADMINISTRATOR, "confirmed"), true),
    ];
    for action in ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"] {
        all.extend([
            (SERVICE, action, "tagged/u/1.jpg", tagging(SERVICE), true),
            (SCANNER, action, "tagged/u/1.jpg", tagging(SCANNER), false),
            (ADMINISTRATOR, action, "tagged/u/1.jpg", tagging(ADMINISTRATOR), false),
            (ADMINISTRATOR, action, "tagged/u/1.jpg", context(ADMINISTRATOR), true),
            (ADMINISTRATOR, action, "other/1", tagging(ADMINISTRATOR), true),
        ]);
    }
    all
}

/// Returns a policy that permits everything in S3.
pub(crate) fn everything() -> IamPolicy {
    IamPolicy::from_json(
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#,
    )
    .unwrap()
}

/// Returns the cases that a bucket policy decides in another way.
fn wrong(policy: &IamPolicy) -> Vec<String> {
    let everything = everything();
    let is_wrong = |(role, action, key, context, allowed): &Case| {
        let request = IamRequest {
            principal: RequestPrincipal::Role((*role).into()),
            action: (*action).into(),
            resource: object(key),
            context: context.clone(),
        };
        request.evaluate(&[&everything], Some(policy)).is_allowed() != *allowed
    };
    let wrong = cases().into_iter().filter(is_wrong);
    wrong.map(|(role, action, key, ..)| format!("{role} {action} {key}")).collect()
}

pub(crate) fn scanned_deployment() -> Deployment {
    deployment().with_scanner_role(SCANNER.parse().unwrap())
}

#[test]
fn only_the_service_and_the_scanner_read_objects_that_are_not_confirmed() {
    let policy = bucket_policy(&scanned_deployment());
    assert_eq!(wrong(&policy), Vec::<String>::new());
    let sids: Vec<&str> = policy.statements().iter().map(upsign_documents::IamStatement::sid).collect();
    assert_eq!(
        sids,
        ["OnlyTls", "OnlyTls12", "OnlySigV4", "PendingIsNotRead", "OnlyConfirmed", "NoForgedConfirmation"]
    );
}

#[test]
fn neither_cloudfront_nor_anybody_reads_objects_that_are_not_confirmed() {
    let distribution = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";
    let deployment =
        deployment().with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
    let policy = IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], Some(distribution)).unwrap();
    let context =
        || IamContext::new().with("aws:SecureTransport", "true").with("aws:SourceArn", distribution);
    let reads = |key: &str, context: IamContext| {
        let of = |action: &str| {
            let request = IamRequest {
                principal: RequestPrincipal::Service("cloudfront.amazonaws.com".into()),
                action: action.into(),
                resource: object(key),
                context: context.clone(),
            };
            request.evaluate(&[], Some(&policy)).is_allowed()
        };
        assert_eq!(of("s3:GetObject"), of("s3:GetObjectVersion"), "{key}");
        of("s3:GetObject")
    };
    assert!(reads("files/u/1.jpg", context()));
    assert!(!reads("pending/files/u/1.jpg", context()));
    assert!(!reads("tagged/u/1.jpg", context()));
    assert!(reads("tagged/u/1.jpg", context().with("s3:ExistingObjectTag/upsign", "confirmed")));
    let (actions, resources) = rights(&policy, "CloudFrontMayRead");
    assert_eq!(actions, ["s3:GetObject", "s3:GetObjectVersion"]);
    assert!(resources.iter().all(|arn| !arn.contains("pending")), "{resources:?}");
}

/// Every statement, action, resource, condition and role of the policy is needed: without it, a case is decided in another way.
#[test]
fn each_part_of_the_statements_is_needed() {
    let policy: Value = serde_json::from_str(&bucket_policy(&scanned_deployment()).to_json()).unwrap();
    let gates = ["PendingIsNotRead", "OnlyConfirmed", "NoForgedConfirmation"];
    let count = policy["Statement"].as_array().unwrap().len();
    let mut mutants = Vec::new();
    for index in 0..count {
        let statement = &policy["Statement"][index];
        if !gates.contains(&statement["Sid"].as_str().unwrap()) {
            continue;
        }
        let mut changed = |change: &dyn Fn(&mut Value)| {
            let mut mutant = policy.clone();
            change(&mut mutant["Statement"][index]);
            assert_ne!(mutant, policy);
            mutants.push(mutant);
        };
        changed(&|it| it["Effect"] = json!("Allow"));
        changed(&|it| it["Resource"] = json!(object("elsewhere/*")));
        changed(&|it| it["Resource"] = json!(object("*")));
        for action in statement["Action"].as_array().unwrap() {
            changed(&|it| it["Action"].as_array_mut().unwrap().retain(|other| other != action));
        }
        for (operator, keys) in statement["Condition"].as_object().unwrap() {
            for (key, value) in keys.as_object().unwrap() {
                changed(&|it| drop(it["Condition"].as_object_mut().unwrap().remove(operator)));
                changed(&|it| it["Condition"][operator][key] = json!("x"));
                for one in value.as_array().into_iter().flatten() {
                    changed(&|it| {
                        it["Condition"][operator][key].as_array_mut().unwrap().retain(|other| other != one);
                    });
                }
            }
        }
    }
    assert!(mutants.len() > 25, "{}", mutants.len());
    for mutant in mutants {
        let policy = IamPolicy::from_json(&mutant.to_string()).unwrap();
        assert!(!wrong(&policy).is_empty(), "{}", policy.to_json());
    }
}

#[test]
fn bucket_policy_with_a_gate_needs_the_role_of_the_service() {
    let nameless = Deployment::new([pending("files/{id}")], origins());
    let error = IamPolicy::for_bucket(&nameless, &nameless.buckets()[0], None).unwrap_err();
    assert_eq!(error, InvalidBucketPolicy::ServiceRole { bucket: "article-images-bucket".into() });
    assert!(error.to_string().ends_with("set service_role in [deployment]"), "{error}");
    let signer = nameless.with_signing_role(ADMINISTRATOR);
    let readers = statements(&bucket_policy(&signer)).pop().unwrap();
    assert_eq!(readers["Condition"]["ArnNotLike"]["aws:PrincipalArn"], ADMINISTRATOR);
    // Without a gate, everything that may read may read.
    let open = Deployment::new([confirmed("files/{id}", Gate::None).build().unwrap()], origins());
    assert_eq!(bucket_policy(&open).statements().len(), 3);
}

#[test]
fn objects_are_confirmed_before_they_are_scanned() {
    for gate in [Gate::None, Gate::Tag] {
        let deployment = Deployment::new([confirmed("files/{id}", gate).build().unwrap()], origins());
        let deployment = deployment.with_guards([Guard::Scanned]).with_scanner_role(SCANNER.parse().unwrap());
        let deployment = deployment.with_service_role(&SERVICE.parse().unwrap());
        let error = IamPolicy::for_bucket(&deployment, &deployment.buckets()[0], None).unwrap_err();
        assert!(error.to_string().contains("routes with confirm = true"), "{error}");
    }
}

#[test]
fn guards_of_uploads_are_about_the_keys_to_which_clients_upload() {
    let deployment = Deployment::new([pending("files/{id}")], origins());
    let guards = [Guard::SignatureAge, Guard::AuthType, Guard::NoOverwrite, Guard::Acl];
    let policy = bucket_policy(&deployment.with_guards(guards).with_service_role(&SERVICE.parse().unwrap()));
    for sid in ["OnlyFresh", "OnlyAsIssued", "OnlyNew", "NoOtherAcl"] {
        assert_eq!(rights(&policy, sid).1, [object("pending/files/*")], "{sid}");
    }
}

/// Returns the rules that delete objects, with their prefixes and days.
fn expiring(deployment: &Deployment) -> Vec<(String, u32)> {
    let lifecycle = LifecycleDocument::for_bucket(deployment, &deployment.buckets()[0]);
    let rules = lifecycle.rules().iter();
    rules.filter_map(|rule| Some((rule.prefix.clone(), rule.expire_after?))).collect()
}

#[test]
fn objects_that_nobody_confirms_are_deleted() {
    let gated = deployment();
    assert_eq!(expiring(&gated), [("pending/files/".to_owned(), 2)]);
    let lifecycle = LifecycleDocument::for_bucket(&gated, &gated.buckets()[0]);
    let names: Vec<&str> = lifecycle.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(names, ["upsign-incomplete", "upsign-unconfirmed-1", "upsign-unconfirmed-1-markers"]);
    assert_eq!(lifecycle.rules()[1].expire_noncurrent_after, Some(1));
    let plain = gated.with_versioning(false);
    assert_eq!(LifecycleDocument::for_bucket(&plain, &plain.buckets()[0]).rules().len(), 2);
}

#[test]
fn no_object_is_deleted_while_it_can_be_confirmed() {
    let within = |seconds: u64| {
        let options = ConfirmationOptions::new()
            .with_confirm(true)
            .with_confirm_within(ResumeWindow::from_secs(seconds).unwrap())
            .with_gate(Gate::Pending("pending/{id}".parse().unwrap()));
        DeploymentRoute::new(strict("files/{id}").confirmation(options).build().unwrap())
    };
    let days = |route: DeploymentRoute| expiring(&Deployment::new([route], origins()))[0].1;
    // A grant of 15 minutes is valid in addition.
    assert_eq!((days(within(3_600)), days(within(86_400)), days(within(7 * 86_400))), (1, 2, 8));
    assert_eq!(days(within(86_400).with_pending_days(1)), 2);
    assert_eq!(days(within(86_400).with_pending_days(30)), 30);
    let parts = in_parts("files/{id}").size(upsign_policy::SizeLimit::up_to(5 << 30).unwrap()).confirmation(
        ConfirmationOptions::new()
            .with_confirm(true)
            .with_gate(Gate::Pending("pending/{id}".parse().unwrap())),
    );
    // An upload in parts can be continued for three days.
    assert_eq!(days(DeploymentRoute::new(parts.build().unwrap())), 3);
    // Routes with one folder share the longer time.
    let both = Deployment::new([within(3_600), within(86_400).with_pending_days(9)], origins());
    assert_eq!(expiring(&both), [("pending/".to_owned(), 9)]);
}

#[test]
fn notifications_are_of_the_keys_to_which_clients_upload() {
    let deployment = deployment();
    let document = NotificationDocument::for_bucket(&deployment, &deployment.buckets()[0], QUEUE).unwrap();
    let prefixes: Vec<&str> = document.queues.iter().map(|queue| queue.prefix.as_str()).collect();
    assert_eq!(prefixes, ["pending/files/", "tagged/", "other/"]);
    // The lifecycle rule removes pending objects, and the service announces that their uploads have expired.
    let created = "s3:ObjectCreated:Put";
    assert_eq!(document.queues[0].events, [created, "s3:LifecycleExpiration:*"]);
    assert!(document.queues[1..].iter().all(|queue| queue.events == [created]));
    let worker = IamPolicy::for_worker(&deployment, QUEUE);
    let read = rights(&worker, "ReadUploads").1;
    assert_eq!(read, [object("pending/files/*/*.*"), object("tagged/*/*.*"), object("other/*")]);
}

#[test]
fn calls_of_the_api_follow_the_routes() {
    let paths = |policy: UploadPolicy, reads: Reads| {
        Deployment::new([policy], origins()).with_reads(reads).upload_paths()
    };
    let confirm = ConfirmationOptions::new().with_confirm(true);
    let confirm = strict("a/{id}").confirmation(confirm).build().unwrap();
    assert_eq!(paths(confirm.clone(), Reads::None), ["/uploads/confirm"]);
    assert_eq!(paths(confirm, Reads::Presigned), ["/uploads/confirm", "/uploads/read-url"]);
    assert_eq!(paths(pending("a/{id}"), Reads::None), ["/uploads/confirm", "/uploads"]);
    assert_eq!(paths(strict("a/{id}").build().unwrap(), Reads::Presigned), Vec::<String>::new());
    assert_eq!(paths(in_parts("a/{id}").build().unwrap(), Reads::Presigned).len(), 4);
}
