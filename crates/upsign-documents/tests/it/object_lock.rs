//! Buckets whose routes lock their objects, in every document.

use serde_json::Value;
use upsign_documents::{CorsDocument, Deployment, IamPolicy, sam_template, terraform_module};
use upsign_policy::{ChecksumAlgorithm, Checksums, LockMode, LockOptions, Retention, UploadPolicy};

use crate::policies::{authorizer, origins, strict};

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
