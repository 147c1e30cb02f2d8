//! Buckets of generated stacks: settings that follow from what the routes sign, contradictions, and other stores than AWS.

use serde_json::{Value, json};
use upsign_core::{Provider, Target};
use upsign_documents::{
    Deployment, DeploymentRoute, Guard, IamPolicy, NotificationTarget, Reads, sam_template, terraform_module,
};
use upsign_policy::{
    CannedAcl, Encryption, KmsKey, StorageClass, StorageOptions, UploadMethod, UploadPolicy,
};

use crate::policies::{authorizer, deployment, origins, strict, two_step_policy};

fn stored(options: StorageOptions) -> UploadPolicy {
    strict("a/{id}").storage(options).build().unwrap()
}

fn deployment_of(routes: impl IntoIterator<Item = impl Into<DeploymentRoute>>) -> Deployment {
    Deployment::new(routes, origins()).with_authorizer(authorizer())
}

fn with_acl(acl: CannedAcl) -> Deployment {
    deployment_of([stored(StorageOptions::new().acl(acl))])
}

fn template(deployment: &Deployment) -> Value {
    serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap()
}

fn bucket(deployment: &Deployment) -> Value {
    template(deployment)["Resources"]["UploadsBucket"]["Properties"].clone()
}

/// Returns the lines of a resource of the module, without indentation and alignment.
fn block(deployment: &Deployment, kind: &str) -> String {
    let module = terraform_module(deployment).unwrap().to_hcl();
    let block = module.split("\n}\n").find(|block| block.contains(&format!("resource \"{kind}\"")));
    block.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn refused(deployment: &Deployment, reason: &str) {
    for error in [sam_template(deployment).unwrap_err(), terraform_module(deployment).unwrap_err()] {
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// With ACLs disabled, S3 answers 400 `AccessControlListNotSupported` to every ACL except `bucket-owner-full-control`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>).
#[test]
fn acl_of_a_route_determines_ownership_and_public_access_block() {
    for acl in CannedAcl::ALL {
        let deployment = with_acl(acl);
        let enforced = acl == CannedAcl::BucketOwnerFullControl;
        let ownership = if enforced { "BucketOwnerEnforced" } else { "BucketOwnerPreferred" };
        let blocks =
            !matches!(acl, CannedAcl::PublicRead | CannedAcl::PublicReadWrite | CannedAcl::AuthenticatedRead);
        let bucket = bucket(&deployment);
        assert_eq!(bucket["OwnershipControls"]["Rules"], json!([{"ObjectOwnership": ownership}]), "{acl}");
        assert_eq!(
            bucket["PublicAccessBlockConfiguration"],
            json!({
                "BlockPublicAcls": blocks, "IgnorePublicAcls": blocks,
                "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
            }),
            "{acl}",
        );
        let controls = block(&deployment, "aws_s3_bucket_ownership_controls");
        assert!(controls.contains(&format!("object_ownership = \"{ownership}\"")), "{controls}");
        let access = block(&deployment, "aws_s3_bucket_public_access_block");
        for name in ["block_public_acls", "ignore_public_acls"] {
            assert!(access.contains(&format!("{name} = {blocks}")), "{access}");
        }
        let warned = deployment.warnings().iter().any(|it| it.to_string().contains("Block Public Access"));
        assert_eq!(warned, !blocks, "{acl}");
    }
    let without = bucket(&deployment());
    assert_eq!(without["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced");
}

#[test]
fn one_route_with_a_public_acl_opens_the_bucket_for_acls() {
    let public = stored(StorageOptions::new().acl(CannedAcl::PublicRead));
    let bucket = bucket(&deployment_of([two_step_policy(), public]));
    assert_eq!(bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerPreferred");
    assert_eq!(bucket["PublicAccessBlockConfiguration"]["BlockPublicAcls"], false);
}

#[test]
fn public_acl_contradicts_cloudfront_and_the_account_guard() {
    let public = with_acl(CannedAcl::PublicRead);
    refused(
        &public.clone().with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key()),
        "the ACL public-read",
    );
    let guarded = public.with_account("123456789012".parse().unwrap()).with_guards([Guard::Account]);
    refused(&guarded, "the guard account");
}

#[test]
fn default_encryption_is_what_every_route_requests() {
    let key = |name: &str| Encryption::Kms(KmsKey::CustomerManaged(name.parse().unwrap()));
    let route = |encryption: Option<Encryption>| {
        let options = StorageOptions::new();
        stored(match encryption {
            Some(encryption) => options.encryption(encryption),
            None => options,
        })
    };
    let s3 = json!({"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}});
    let kms = json!({
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/a"},
        "BucketKeyEnabled": true,
    });
    // Only aws:kms has bucket keys: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
    let dsse = json!({"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse"}});
    for (requested, expected) in [
        (vec![None], &s3),
        (vec![Some(Encryption::S3)], &s3),
        (vec![Some(key("alias/a"))], &kms),
        (vec![Some(key("alias/a")), Some(key("alias/a"))], &kms),
        (vec![Some(key("alias/a")), Some(key("alias/b"))], &s3),
        (vec![Some(key("alias/a")), None], &s3),
        (vec![Some(Encryption::KmsDsse(KmsKey::AwsManaged))], &dsse),
    ] {
        let deployment = deployment_of(requested.into_iter().map(route));
        let rules = &bucket(&deployment)["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        assert_eq!(rules, &json!([expected]));
        let block = block(&deployment, "aws_s3_bucket_server_side_encryption_configuration");
        let default = &expected["ServerSideEncryptionByDefault"];
        assert!(
            block.contains(&format!("sse_algorithm = {}", default["SSEAlgorithm"]).replace("  ", " ")),
            "{block}"
        );
        assert_eq!(
            block.contains("bucket_key_enabled = true"),
            expected["BucketKeyEnabled"] == true,
            "{block}"
        );
        assert_eq!(block.contains("kms_master_key_id"), default["KMSMasterKeyID"].is_string(), "{block}");
    }
}

/// S3 creates a bucket with such a name only if the request names the namespace
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>).
#[test]
fn names_in_the_regional_namespace_of_the_account() {
    let named = |name: &str| {
        let target = Target::aws(name.parse().unwrap(), "ap-southeast-1".parse().unwrap());
        deployment_of([two_step_policy().with_target(target).unwrap()])
    };
    let regional = named("uploads-123456789012-ap-southeast-1-an");
    let own = regional.clone().with_account_regional_buckets(true);
    let properties = bucket(&own);
    assert_eq!(properties["BucketName"], "uploads-123456789012-ap-southeast-1-an");
    assert_eq!(properties["BucketNamespace"], "account-regional");
    let block = block(&own, "aws_s3_bucket");
    assert!(block.contains("bucket_namespace = \"account-regional\""), "{block}");
    assert!(terraform_module(&own).unwrap().to_hcl().contains(">= 6.37"));

    refused(&regional, "account_regional_buckets = true");
    refused(&own.clone().with_account("111122223333".parse().unwrap()), "the account is 111122223333");
    for name in ["uploads", "uploads-123456789012-eu-west-1-an", "123456789012-ap-southeast-1-an"] {
        let reason = "as in uploads-123456789012-ap-southeast-1-an";
        refused(&named(name).with_account_regional_buckets(true), reason);
    }
    assert_eq!(bucket(&deployment())["BucketNamespace"], Value::Null);
}

#[test]
fn transitions_apply_to_whole_prefixes() {
    let route = |key: &str, days: Option<u32>| {
        let route = DeploymentRoute::new(strict(key).build().unwrap());
        match days {
            Some(days) => route.with_infrequent_access_after(days),
            None => route,
        }
    };
    let moved = deployment_of([route("a/{id}", Some(60)), route("b/{id}", None)]);
    let rules = &bucket(&moved)["LifecycleConfiguration"]["Rules"];
    assert_eq!(rules[1]["Prefix"], "a/");
    assert_eq!(rules[1]["Transitions"], json!([{"TransitionInDays": 60, "StorageClass": "STANDARD_IA"}]));
    assert_eq!(rules[2], Value::Null);
    let same = deployment_of([route("a/{id}", Some(60)), route("a/b/{id}", Some(60))]);
    assert!(sam_template(&same).is_ok());
    refused(
        &deployment_of([route("a/{id}", Some(60)), route("a/b/{id}", None)]),
        "also moves the uploads of the route with the keys a/b/{id}",
    );
    let archived = strict("a/{id}").storage(StorageOptions::new().storage_class(StorageClass::GlacierIr));
    let archived = DeploymentRoute::new(archived.build().unwrap()).with_infrequent_access_after(60);
    refused(&deployment_of([archived]), "GLACIER_IR");
}

/// Nobody but S3 may send to the queue, and S3 only for this bucket of this account: the account is not part of a bucket's
/// ARN, so a bucket that is deleted and created again by another account would otherwise be accepted.
#[test]
fn queue_policy_names_the_bucket_and_the_account() {
    let statement = &template(&deployment())["Resources"]["UploadsQueuePolicy"]["Properties"]["PolicyDocument"]
        ["Statement"][0];
    assert_eq!(
        statement["Condition"],
        json!({
            "ArnLike": {"aws:SourceArn": "arn:aws:s3:::article-images-bucket"},
            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        })
    );
    let policy = block(&deployment(), "aws_sqs_queue_policy");
    assert!(policy.contains("\"aws:SourceArn\" = \"arn:aws:s3:::article-images-bucket\""), "{policy}");
    assert!(
        policy.contains("\"aws:SourceAccount\" = data.aws_caller_identity.current.account_id"),
        "{policy}"
    );
}

fn r2_route() -> DeploymentRoute {
    let endpoint = "https://0123456789abcdef.r2.cloudflarestorage.com".parse().unwrap();
    let target =
        Target::builder("uploads-in-r2".parse::<upsign_core::Bucket>().unwrap(), "auto".parse().unwrap());
    let target = target.endpoint(endpoint).build().unwrap();
    DeploymentRoute::new(two_step_policy().with_target(target).unwrap())
}

#[test]
fn buckets_of_other_stores_are_not_created_in_aws() {
    for reads in [Reads::None, Reads::Presigned, Reads::CloudFront] {
        let only = deployment_of([r2_route()]).with_reads(reads).with_dynamodb_table("uploads");
        let sam = template(&only);
        for resource in sam["Resources"].as_object().unwrap().values() {
            let kind = resource["Type"].as_str().unwrap();
            assert!(!kind.starts_with("AWS::S3::") && !kind.starts_with("AWS::SQS::"), "{kind}");
            assert!(!kind.starts_with("AWS::CloudFront::"), "{kind}");
            assert!(!resource.to_string().contains("uploads-in-r2"), "{resource}");
            assert!(!resource.to_string().contains("s3:"), "{resource}");
        }
        assert!(
            sam["Resources"]["GetUploadUrlFunction"].is_object() && sam["Resources"]["UploadApi"].is_object()
        );
        let role = sam["Resources"]["UploadRole"].to_string();
        assert!(role.contains("dynamodb:PutItem") && role.contains(":table/uploads"), "{role}");
        let module = terraform_module(&only).unwrap().to_hcl();
        for text in ["aws_s3_", "aws_sqs_", "aws_cloudfront_", "uploads-in-r2", "s3:"] {
            assert!(!module.contains(text), "{text} is in\n{module}");
        }
    }
}

#[test]
fn mixed_deployment_creates_only_the_bucket_in_aws() {
    let mixed = deployment_of([r2_route(), DeploymentRoute::new(two_step_policy())]);
    let sam = template(&mixed);
    assert_eq!(sam["Resources"]["UploadsBucket"]["Properties"]["BucketName"], "article-images-bucket");
    assert!(sam["Resources"]["UploadsBucket2"].is_null());
    assert!(!sam["Resources"]["UploadRole"].to_string().contains("uploads-in-r2"));
    let module = terraform_module(&mixed).unwrap().to_hcl();
    assert!(module.contains("\"article-images-bucket\"") && !module.contains("uploads-in-r2"), "{module}");
}

#[test]
fn form_uploads_are_announced_and_counted() {
    let form = strict("f/{id}").method(UploadMethod::Post).no_overwrite(false).build().unwrap();
    let deployment = deployment_of([form]).with_notification_target(NotificationTarget::Queue);
    let notification = &bucket(&deployment)["NotificationConfiguration"]["QueueConfigurations"];
    assert_eq!(notification[0]["Event"], "s3:ObjectCreated:Post");
    assert_eq!(notification[1], Value::Null);
}

#[test]
fn provider_of_a_route_can_be_set() {
    let own = DeploymentRoute::new(two_step_policy()).with_provider(Provider::Minio);
    assert!(template(&deployment_of([own]))["Resources"]["UploadsBucket"].is_null());
}

/// Names of buckets are unique only within a store. A statement about the bucket of another store would permit access to a
/// bucket of AWS with the same name, which can belong to anybody.
#[test]
fn buckets_of_two_stores_with_one_name_stay_apart() {
    let elsewhere = strict("elsewhere/{id}").build().unwrap();
    let endpoint = "https://0123456789abcdef.r2.cloudflarestorage.com".parse().unwrap();
    let name = two_step_policy().target().bucket().clone();
    let target = Target::builder(name, "auto".parse().unwrap()).endpoint(endpoint).build().unwrap();
    let deployment = deployment_of([two_step_policy(), elsewhere.with_target(target).unwrap()]);
    let providers: Vec<Provider> =
        deployment.buckets().iter().map(upsign_documents::DeploymentBucket::provider).collect();
    assert_eq!(providers, [Provider::Aws, Provider::R2]);
    for policy in [IamPolicy::for_deployment(&deployment), IamPolicy::for_runtime(&deployment)] {
        assert!(!policy.to_json().contains("elsewhere"), "{}", policy.to_json());
    }
    let worker = IamPolicy::for_worker(&deployment, "arn:aws:sqs:ap-southeast-1:123456789012:uploads");
    assert!(!worker.to_json().contains("elsewhere"), "{}", worker.to_json());
}

#[test]
fn key_policy_of_a_customer_managed_key_is_left_to_the_operator() {
    let key = Encryption::Kms(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
    let encrypted = deployment_of([stored(StorageOptions::new().encryption(key))]);
    assert_eq!(encrypted.warnings(), []);
    let warnings =
        encrypted.with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key()).warnings();
    let keys = warnings.iter().filter(|warning| warning.name() == "key-policy");
    assert_eq!(keys.count(), 1);
    assert!(warnings[0].to_string().contains("the KMS key alias/uploads: its key policy"), "{}", warnings[0]);
}

fn in_directory_bucket() -> UploadPolicy {
    let target = Target::aws("uploads--apse1-az1--x-s3".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let builder =
        UploadPolicy::builder(target, "fast/{id}".parse().unwrap(), upsign_policy::Bodyless::Refuse);
    builder.content_types(["image/jpeg"]).max_size(1 << 20).build().unwrap()
}

#[test]
fn directory_bucket_has_its_own_resource_and_permission() {
    let deployment =
        deployment_of([in_directory_bucket()]).with_notification_target(NotificationTarget::Queue);
    let resources = template(&deployment)["Resources"].clone();
    let bucket = &resources["UploadsDirectoryBucket"];
    assert_eq!(bucket["Type"], "AWS::S3Express::DirectoryBucket");
    assert_eq!(bucket["Properties"]["BucketName"], "uploads--apse1-az1--x-s3");
    assert_eq!(bucket["Properties"]["LocationName"], "apse1-az1");
    assert_eq!(bucket["Properties"]["DataRedundancy"], "SingleAvailabilityZone");
    let rules = json!([{
        "Id": "upsign-incomplete",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }]);
    let mut found = bucket["Properties"]["LifecycleConfiguration"]["Rules"].clone();
    if let Some(rule) = found[0].as_object_mut() {
        rule.remove("Prefix");
    }
    assert_eq!(found, rules);
    assert!(resources.get("UploadsBucket").is_none() && resources.get("UploadsBucketPolicy").is_none());
    assert!(resources.get("RejectedUploadsAlarm").is_none());
    let text = sam_template(&deployment).unwrap().to_json();
    let arn = "arn:aws:s3express:ap-southeast-1:${AWS::AccountId}:bucket/uploads--apse1-az1--x-s3";
    assert!(text.contains("s3express:CreateSession") && text.contains(arn), "{text}");
    assert!(!text.contains("s3:PutObject"), "{text}");
    let module = block(&deployment, "aws_s3_directory_bucket");
    assert!(module.contains("location { name = \"apse1-az1\" type = \"AvailabilityZone\" }"), "{module}");
    assert!(
        block(&deployment, "aws_s3_bucket_lifecycle_configuration")
            .contains("aws_s3_directory_bucket.uploads.id")
    );
}

#[test]
fn directory_bucket_next_to_another_one_leaves_the_other_complete() {
    let both = deployment_of([
        DeploymentRoute::new(in_directory_bucket()).with_name("fast"),
        DeploymentRoute::new(strict("a/{id}").build().unwrap()).with_name("usual"),
    ]);
    let resources = template(&both)["Resources"].clone();
    assert!(resources.get("UploadsDirectoryBucket").is_some());
    let others = ["UploadsBucket2", "UploadsBucketPolicy2", "RejectedUploadsAlarm2"];
    assert!(others.iter().all(|name| resources.get(*name).is_some()), "{resources}");
    let warnings: Vec<String> = both.warnings().iter().map(|warning| warning.name().to_owned()).collect();
    assert!(warnings.contains(&"directory-bucket".to_owned()), "{warnings:?}");
    let policy = IamPolicy::for_deployment(&both.with_account("123456789012".parse().unwrap())).to_json();
    let arn = "arn:aws:s3express:ap-southeast-1:123456789012:bucket/uploads--apse1-az1--x-s3";
    assert!(policy.contains(arn) && policy.contains("s3:PutObject"), "{policy}");
}
