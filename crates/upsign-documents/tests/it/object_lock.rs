//! Buckets whose routes lock their objects, in every document.

use serde_json::Value;
use upsign_documents::{
    BucketSetting, CorsDocument, DeployedFile, Deployment, FoundDocuments, IamPolicy, sam_template,
    terraform_module,
};
use upsign_policy::{ChecksumAlgorithm, Checksums, LockMode, LockOptions, Retention, UploadPolicy};

use crate::policies::{authorizer, origins, strict};
use crate::stacks::{compare, lines};

fn locking(key: &str, lock: LockOptions) -> UploadPolicy {
    let checksums = Checksums::Required([ChecksumAlgorithm::Sha256].into());
    strict(key).checksums(checksums).lock(lock).build().unwrap()
}

fn retained() -> LockOptions {
    LockOptions::new().retention(Retention::new(LockMode::Governance, 30).unwrap())
}

fn deployment_of(routes: impl IntoIterator<Item = UploadPolicy>) -> Deployment {
    Deployment::new(routes, origins()).with_authorizer(authorizer())
}

#[test]
fn bucket_of_a_locking_route_has_object_lock() {
    let lock = retained().legal_hold(true);
    let deployment = deployment_of([strict("a/{id}").build().unwrap(), locking("b/{id}", lock)]);
    let template: Value = serde_json::from_str(&sam_template(&deployment).unwrap().to_json()).unwrap();
    let bucket = &template["Resources"]["UploadsBucket"]["Properties"];
    assert_eq!(bucket["ObjectLockEnabled"], true);
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let words: Vec<&str> = module.split_whitespace().collect();
    assert!(words.windows(3).any(|it| it == ["object_lock_enabled", "=", "true"]), "{module}");

    for error in [
        sam_template(&deployment.clone().with_versioning(false)).unwrap_err(),
        terraform_module(&deployment.with_versioning(false)).unwrap_err(),
    ] {
        assert!(error.to_string().contains("Object Lock works only in versioned buckets"), "{error}");
    }
}

/// The permissions: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html>.
#[test]
fn role_may_set_exactly_the_locks_of_each_route() {
    let routes = [
        strict("a/{id}").build().unwrap(),
        locking("b/{id}", retained()),
        locking("c/{id}", LockOptions::new().legal_hold(true)),
        locking("d/{id}", retained().legal_hold(true)),
    ];
    let role: Value =
        serde_json::from_str(&IamPolicy::for_deployment(&deployment_of(routes)).to_json()).unwrap();
    let statements = role["Statement"].as_array().unwrap();
    let actions_of = |key: &str| {
        let arn = format!("arn:aws:s3:::article-images-bucket/{key}");
        let statement = statements.iter().find(|it| it["Resource"].to_string().contains(&arn)).unwrap();
        let actions = &statement["Action"];
        let listed = actions.as_array().cloned().unwrap_or_else(|| vec![actions.clone()]);
        listed.iter().map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (put, retention, hold) = ("s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold");
    assert_eq!(actions_of("a/"), [put]);
    assert_eq!(actions_of("b/"), [put, retention]);
    assert_eq!(actions_of("c/"), [put, hold]);
    assert_eq!(actions_of("d/"), [put, retention, hold]);
}

#[test]
fn pages_may_send_the_headers_of_a_lock() {
    let policy = locking("a/{id}", retained().legal_hold(true));
    let cors = CorsDocument::for_policy(&policy, &origins()).unwrap();
    let headers: Vec<String> = cors.rules()[0].allowed_headers().iter().map(ToString::to_string).collect();
    for name in ["legal-hold", "mode", "retain-until-date"] {
        let name = format!("x-amz-object-lock-{name}");
        assert!(headers.contains(&name), "{name} is not in {headers:?}");
    }
}

/// Object Lock cannot be switched off again.
#[test]
fn bucket_without_locking_routes_has_no_object_lock() {
    let deployment = deployment_of([strict("a/{id}").build().unwrap()]);
    let documents = [
        sam_template(&deployment).unwrap().to_json(),
        terraform_module(&deployment).unwrap().to_hcl(),
        IamPolicy::for_deployment(&deployment).to_json(),
    ];
    for document in documents {
        let document = document.to_lowercase().replace('_', "");
        assert!(document.contains("article-images-bucket"));
        for word in ["objectlock", "putobjectretention", "legalhold"] {
            assert!(!document.contains(word), "{word}: {document}");
        }
    }
}

/// Returns what is reported of a bucket with this Object Lock configuration, in the XML that S3 answers.
fn reported(deployment: &Deployment, xml: Option<&str>) -> String {
    let mut found = FoundDocuments::default();
    found.add_setting(BucketSetting::ObjectLock, xml).unwrap();
    let file = DeployedFile::from_documents(found);
    let comparison = file.compare(deployment, &deployment.buckets()[0]).unwrap();
    let names: Vec<&str> = comparison.parts().iter().map(upsign_documents::ComparedPart::name).collect();
    assert_eq!(names, ["object lock"]);
    lines(&comparison)
}

fn configuration(rule: &str) -> String {
    format!(
        r#"<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>"#
    )
}

fn default_retention(mode: &str, period: &str) -> String {
    configuration(&format!("<Rule><DefaultRetention><Mode>{mode}</Mode>{period}</DefaultRetention></Rule>"))
}

#[test]
fn bucket_in_use_must_have_object_lock_if_a_route_locks() {
    for lock in [retained(), LockOptions::new().legal_hold(true)] {
        let deployment = deployment_of([locking("a/{id}", lock)]);
        assert_eq!(reported(&deployment, Some(&configuration(""))), "");
        let disabled =
            "Broken: Object Lock is not enabled: S3 refuses every upload that locks its object (400)";
        assert_eq!(reported(&deployment, None), disabled);
        assert_eq!(reported(&deployment, Some("<ObjectLockConfiguration/>")), disabled);
    }
    let deployment = deployment_of([strict("a/{id}").build().unwrap()]);
    assert_eq!(reported(&deployment, None), "");
    assert_eq!(reported(&deployment, Some(&configuration(""))), "");
}

#[test]
fn default_retention_of_a_bucket_is_compared_with_each_route() {
    let deployment = deployment_of([locking("a/{id}", retained())]);
    for (mode, period, line) in [
        ("GOVERNANCE", "<Days>30</Days>", ""),
        ("GOVERNANCE", "<Days>31</Days>", "Untidy: the default retention is GOVERNANCE for 31 days"),
        ("GOVERNANCE", "<Years>2</Years>", "Untidy: the default retention is GOVERNANCE for 2 years"),
        ("COMPLIANCE", "<Days>1</Days>", "Untidy: the default retention is COMPLIANCE for 1 days"),
        ("FOREVER", "<Days>1</Days>", "not compared: object-lock.rule"),
        ("GOVERNANCE", "<Days>1</Days><Years>1</Years>", "not compared: object-lock.rule"),
        ("GOVERNANCE", "<Days>1</Days><Hours>1</Hours>", "not compared: object-lock.rule"),
    ] {
        let reported = reported(&deployment, Some(&default_retention(mode, period)));
        assert!(reported.starts_with(line) && reported.is_empty() == line.is_empty(), "{line}: {reported}");
    }
    let day = default_retention("GOVERNANCE", "<Days>1</Days>");
    // S3 refuses uploads without a checksum there.
    let deployment = deployment_of([strict("a/{id}").build().unwrap()]);
    let line = reported(&deployment, Some(&day));
    assert!(line.starts_with("Broken: ") && line.contains("requires no checksum"), "{line}");
    let deployment = deployment_of([locking("a/{id}", LockOptions::new().legal_hold(true))]);
    let line = reported(&deployment, Some(&day));
    assert!(line.starts_with("Untidy: ") && line.contains("has no object_lock"), "{line}");
    let more = configuration("<Legal>1</Legal>");
    assert!(reported(&deployment, Some(&more)).starts_with("not compared: object-lock: "));
}

#[test]
fn object_lock_is_read_from_the_answer_of_the_command_line_tool() {
    let deployment = deployment_of([locking("a/{id}", retained())]);
    let configuration = r#"{"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}}"#;
    let answer = format!(r#"{{"ObjectLockConfiguration": {configuration}}}"#);
    for text in [configuration, &answer, &default_retention("COMPLIANCE", "<Days>30</Days>")] {
        let reported = lines(&compare(&deployment, text));
        assert!(
            reported.starts_with("Untidy: the default retention is COMPLIANCE for 30 days"),
            "{reported}"
        );
    }
    let without = compare(&deployment, r#"{"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}"#);
    assert!(without.agrees());
}

/// What a template or a module says of Object Lock is compared too.
#[test]
fn stack_without_object_lock_or_with_a_default_retention_differs() {
    let deployment = deployment_of([locking("a/{id}", retained())]);
    let template: Value = serde_json::from_str(&sam_template(&deployment).unwrap().to_json()).unwrap();
    let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut template = template.clone();
        change(template["Resources"]["UploadsBucket"]["Properties"].as_object_mut().unwrap());
        lines(&compare(&deployment, &template.to_string()))
    };
    assert_eq!(changed(&|_| {}), "");
    let reported = changed(&|bucket| drop(bucket.remove("ObjectLockEnabled")));
    assert!(reported.starts_with("Broken: UploadsBucket.ObjectLockEnabled is not true"), "{reported}");
    let rule = serde_json::json!({"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 99}}});
    let reported = changed(&|bucket| drop(bucket.insert("ObjectLockConfiguration".to_owned(), rule.clone())));
    assert!(reported.contains("locked by default"), "{reported}");
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let with_rule = format!(
        "{module}\nresource \"aws_s3_bucket_object_lock_configuration\" \"uploads\" {{\n  bucket = aws_s3_bucket.uploads.id\n}}\n"
    );
    assert!(!compare(&deployment, &with_rule).agrees());
}
