//! Stacks that AWS would refuse, or whose uploads would fail, are refused or repaired; and what an operator must do is said.

use serde_json::{Value, json};
use upsign_core::{Provider, Target};
use upsign_documents::{
    ApiKind, BucketDocument, DeployedFile, Deployment, DeploymentRoute, DeploymentWarning, LifecycleDocument,
    Reads, read_access_template, sam_template, terraform_module,
};
use upsign_policy::{Encryption, KmsKey, StorageOptions};

use crate::policies::{authorizer, deployment, origins, strict, two_step_builder, two_step_policy};
use crate::stacks::{compare, lines};

fn template(deployment: &Deployment) -> Value {
    serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap()
}

fn hcl(deployment: &Deployment) -> String {
    terraform_module(deployment).unwrap().to_hcl()
}

/// Returns the block of a Terraform module with this first line.
fn block(module: &str, head: &str) -> String {
    let found = module.split("\n}\n").find(|block| block.trim_start().starts_with(head));
    found.unwrap_or_else(|| panic!("no {head}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn refused(deployment: &Deployment, reason: &str) {
    for error in [sam_template(deployment).unwrap_err(), terraform_module(deployment).unwrap_err()] {
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// S3 answers 400 at the accelerated endpoint of a bucket that is not configured for it.
#[test]
fn accelerated_bucket_is_configured() {
    let bucket = two_step_policy().target().bucket().clone();
    let target = Target::builder(bucket, "ap-southeast-1".parse().unwrap()).accelerate(true).build().unwrap();
    let accelerated = two_step_policy().with_target(target).unwrap();
    // One accelerated route is enough.
    let deployment =
        Deployment::new([two_step_policy(), accelerated], origins()).with_authorizer(authorizer());
    let sam = template(&deployment);
    let expected = json!({"AccelerationStatus": "Enabled"});
    assert_eq!(sam["Resources"]["UploadsBucket"]["Properties"]["AccelerateConfiguration"], expected);
    let module = hcl(&deployment);
    let own = block(&module, "resource \"aws_s3_bucket_accelerate_configuration\" \"uploads\"");
    assert!(own.ends_with("{ bucket = aws_s3_bucket.uploads.id status = \"Enabled\""), "{own}");

    // A deployed bucket without it is found.
    let mut without = sam.clone();
    without["Resources"]["UploadsBucket"]["Properties"]
        .as_object_mut()
        .unwrap()
        .remove("AccelerateConfiguration");
    let comparison = compare(&deployment, &without.to_string());
    assert!(lines(&comparison).contains("S3 answers with 400"), "{}", lines(&comparison));

    let plain = template(&crate::policies::deployment());
    assert!(plain["Resources"]["UploadsBucket"]["Properties"].get("AccelerateConfiguration").is_none());
    assert!(!hcl(&crate::policies::deployment()).contains("accelerate"));
}

#[test]
fn acceleration_is_refused_where_s3_has_none() {
    let bucket = two_step_policy().target().bucket().clone();
    let target = Target::builder(bucket, "us-gov-west-1".parse().unwrap()).accelerate(true).build().unwrap();
    let policy = two_step_policy().with_target(target).unwrap();
    refused(&Deployment::new([policy], origins()), "no transfer acceleration in the partition aws-us-gov");
}

/// The names of the buckets are fixed, so what a failed creation leaves behind makes the second attempt fail.
#[test]
fn failed_creation_of_the_stack_can_be_repeated() {
    let sam = template(&deployment());
    for name in ["UploadsBucket", "ApiGatewayLogRole", "ApiGatewayAccount"] {
        assert_eq!(sam["Resources"][name]["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(sam["Resources"][name]["UpdateReplacePolicy"], "Retain", "{name}");
    }
    // A stack that was generated before is equal.
    let before = sam.to_string().replace("RetainExceptOnCreate", "Retain");
    assert_ne!(before, sam.to_string());
    let comparison = compare(&deployment(), &before);
    assert!(comparison.agrees(), "{}", lines(&comparison));
    let deleted = sam.to_string().replace("RetainExceptOnCreate", "Delete");
    assert!(!compare(&deployment(), &deleted).agrees());
}

/// An account in which no API was ever created refuses the setting of the log role, and without it, API Gateway refuses the
/// stage.
#[test]
fn log_role_is_set_after_the_api_and_before_its_stage() {
    let sam = template(&deployment());
    assert_eq!(sam["Resources"]["ApiGatewayAccount"]["DependsOn"], "UploadApi");
    let api = &sam["Resources"]["UploadApi"]["Properties"];
    let variable = json!({"Fn::If": ["CreatesApiGatewayLogRole", {"Ref": "ApiGatewayAccount"}, "existing"]});
    assert_eq!(api["Variables"], json!({"accessLogRole": variable}));
    // SAM writes every other property on the API itself, which would then wait for the setting.
    let mut others = api.clone();
    others.as_object_mut().unwrap().remove("Variables");
    assert!(!others.to_string().contains("ApiGatewayAccount"), "{others}");

    let module = hcl(&deployment());
    let account = block(&module, "resource \"aws_api_gateway_account\"");
    let order =
        "depends_on = [aws_api_gateway_rest_api.uploads, aws_iam_role_policy_attachment.api_gateway_logs]";
    assert!(account.contains(order), "{account}");
    let stage = block(&module, "resource \"aws_api_gateway_stage\"");
    assert!(stage.contains("depends_on = [aws_api_gateway_account.uploads]"), "{stage}");
    // The other REST APIs of the account use the role, which a template keeps.
    for head in [
        "aws_api_gateway_account\"",
        "aws_iam_role_policy_attachment\"",
        "aws_iam_role\" \"api_gateway_logs\"",
    ] {
        let resource = block(&module, &format!("resource \"{head}"));
        assert!(resource.contains("lifecycle { prevent_destroy = true }"), "{resource}");
    }
}

fn encrypted(key: KmsKey) -> Deployment {
    let options = StorageOptions::new().encryption(Encryption::Kms(key));
    Deployment::new([strict("a/{id}").storage(options).build().unwrap()], origins())
        .with_reads(Reads::CloudFront)
        .with_cloudfront_key(crate::policies::read_key())
}

/// The key policy of `aws/s3` cannot be changed, so no distribution can ever decrypt.
#[test]
fn cloudfront_cannot_read_with_the_key_that_aws_manages() {
    refused(&encrypted(KmsKey::AwsManaged), "the key aws/s3, whose policy nobody can change");
    assert!(sam_template(&encrypted(KmsKey::AwsManaged).with_reads(Reads::Presigned)).is_ok());
    let own = encrypted(KmsKey::CustomerManaged("alias/uploads".parse().unwrap()));
    assert!(sam_template(&own).is_ok());
    assert!(
        matches!(own.warnings().as_slice(), [DeploymentWarning::KeyPolicy { .. }, ..]),
        "{:?}",
        own.warnings()
    );
}

#[test]
fn cloudfront_is_refused_in_partitions_without_it() {
    for (region, reason) in [
        ("us-gov-west-1", "the partition aws-us-gov of its region has no CloudFront"),
        ("cn-north-1", "in China, a CloudFront distribution needs a domain name of its own"),
    ] {
        let other = Deployment::new([two_step_builder(region).build().unwrap()], origins());
        assert!(sam_template(&other).is_ok());
        let read = other.with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
        refused(&read, reason);
        assert!(read_access_template(&read).unwrap_err().to_string().contains(reason));
    }
}

/// Without the variable, the function signs with its own role, which may then do nothing but assume the other one.
#[test]
fn function_receives_the_role_that_it_assumes() {
    let own = deployment().with_environment_variable("UPSIGN_ASSUME_ROLE", "arn:aws:iam::1:role/other");
    let variables = |deployment: &Deployment| {
        template(deployment)["Resources"]["GetUploadUrlFunction"]["Properties"]["Environment"]["Variables"]
            .clone()
    };
    assert_eq!(variables(&deployment()).get("UPSIGN_ASSUME_ROLE"), None);
    let role = "arn:aws:iam::1:role/signer";
    for assuming in [deployment().with_signing_role(role), own.with_signing_role(role)] {
        assert_eq!(variables(&assuming)["UPSIGN_ASSUME_ROLE"], role);
        assert!(hcl(&assuming).contains(&format!("UPSIGN_ASSUME_ROLE = \"{role}\"")), "{}", hcl(&assuming));
    }
}

#[test]
fn routes_to_other_stores_and_signing_roles_are_warned_about() {
    let r2 = DeploymentRoute::new(strict("b/{id}").build().unwrap()).with_provider(Provider::R2);
    let mixed = Deployment::new([r2, two_step_policy().into()], origins())
        .with_signing_role("arn:aws:iam::1:role/signer");
    let warnings: Vec<String> = mixed.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(
        warnings[0].contains("which the store (r2) refuses; pass the keys of the store"),
        "{}",
        warnings[0]
    );
    assert!(
        warnings[1].contains("the trust policy of this role must name the role of the function"),
        "{}",
        warnings[1]
    );
    assert_eq!(deployment().warnings(), []);
    assert!(warnings[1].contains("the feature `chain` of upsign-lambda"), "{}", warnings[1]);
    let output = json!({"Fn::GetAtt": ["UploadRole", "Arn"]});
    assert_eq!(template(&mixed)["Outputs"]["FunctionRoleArn"]["Value"], output);
    assert!(
        block(&hcl(&mixed), "output \"function_role_arn\"").ends_with("value = aws_iam_role.uploads.arn")
    );
}

/// S3 keeps one policy per bucket: a fragment without the guards would remove them.
#[test]
fn fragment_for_reads_keeps_the_guards() {
    let read = deployment().with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
    let fragment: Value = serde_json::from_str(&read_access_template(&read).unwrap().to_json()).unwrap();
    let whole = template(&read);
    assert_eq!(fragment["Resources"]["UploadsBucketPolicy"], whole["Resources"]["UploadsBucketPolicy"]);
    assert!(fragment.to_string().contains("OnlyTls12"));
}

#[test]
fn more_lifecycle_rules_than_s3_accepts_are_refused() {
    let expiring = |count: u32| {
        (0..count)
            .fold(deployment(), |deployment, index| deployment.with_expiring_prefix(&format!("p{index}/"), 1))
    };
    assert!(sam_template(&expiring(499)).is_ok());
    refused(&expiring(500), "would have 1001 rules, but S3 accepts 1000");
    assert!(sam_template(&expiring(500).with_versioning(false)).is_ok());
}

/// Which lifecycle actions a store knows is cited in `lifecycle/store.rs`.
#[test]
fn lifecycle_rules_contain_only_what_the_store_knows() {
    let rules = |provider: Provider, days: Option<u32>| {
        let route = DeploymentRoute::new(strict("a/{id}").build().unwrap()).with_provider(provider);
        let route = days.into_iter().fold(route, DeploymentRoute::with_infrequent_access_after);
        let deployment = Deployment::new([route], origins()).with_expiring_prefix("p/", 1);
        let bucket = &deployment.buckets()[0];
        let support = bucket.check_support(BucketDocument::Lifecycle).map_err(|it| it.instead);
        let document = LifecycleDocument::for_bucket(&deployment, bucket);
        let ids: Vec<String> = document.rules().iter().map(|rule| rule.id.replace("upsign-", "")).collect();
        let versions = document.rules().iter().any(|rule| rule.expire_noncurrent_after.is_some());
        (ids.join(" "), versions, support.err())
    };
    let none = "it has no storage class STANDARD_IA to move uploads to: remove infrequent_after";
    for (provider, expected, versions, moves) in [
        (Provider::Aws, "incomplete pending-1 pending-1-markers", true, true),
        (Provider::Minio, "pending-1 pending-1-markers", true, false),
        (Provider::Garage, "incomplete pending-1", false, false),
        (Provider::SeaweedFs, "incomplete pending-1 pending-1-markers", true, false),
        (Provider::Tigris, "pending-1", false, true),
        (Provider::R2, "incomplete pending-1", false, true),
    ] {
        assert_eq!(rules(provider, None), (expected.to_owned(), versions, None), "{provider}");
        let (ids, _, support) = rules(provider, Some(60));
        assert_eq!(ids.contains("infrequent"), moves, "{provider}");
        assert_eq!(support, (!moves).then_some(none), "{provider}");
    }
}

/// Dashboards belong to all regions of an account, so two stacks of one name would overwrite each other's.
#[test]
fn names_that_are_global_contain_the_region_or_the_stack() {
    let read = deployment().with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
    let sam = template(&read);
    let dashboard = &sam["Resources"]["UploadDashboard"]["Properties"]["DashboardName"];
    assert_eq!(*dashboard, json!({"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}));
    let module = hcl(&read);
    let name = "dashboard_name = \"${var.name}-${data.aws_region.current.id}\"";
    assert!(block(&module, "resource \"aws_cloudwatch_dashboard\"").contains(name));
    // A name of an access control has at most 64 characters, that of a stack up to 128.
    let control = &sam["Resources"]["DistributionAccess"]["Properties"]["OriginAccessControlConfig"]["Name"];
    assert_eq!(control["Fn::Sub"][0], "${UniqueName}-1");
    let variable = block(&module, "variable \"name\"");
    assert!(variable.contains("can(regex(\"^[a-zA-Z0-9_-]{1,40}$\", var.name))"), "{variable}");
}

#[test]
fn generated_stacks_of_accelerated_buckets_agree() {
    let bucket = two_step_policy().target().bucket().clone();
    let target = Target::builder(bucket, "ap-southeast-1".parse().unwrap()).accelerate(true).build().unwrap();
    let policy = two_step_policy().with_target(target).unwrap();
    let deployment = Deployment::new([policy], origins()).with_api(ApiKind::FunctionUrl);
    for text in [sam_template(&deployment).unwrap().to_yaml(), hcl(&deployment)] {
        let file = DeployedFile::read(&text).unwrap();
        let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
        assert!(comparison.agrees(), "{}", lines(&comparison));
    }
}
