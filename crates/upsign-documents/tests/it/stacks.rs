//! Comparison of whole stacks in use with the generated ones.

use serde_json::{Value, json};
use upsign_documents::{
    ApiKind, Comparison, DeployedFile, Deployment, DocumentForm, Guard, IamPolicy, NotificationTarget, Reads,
    Verdict, sam_template, terraform_module,
};

use upsign_policy::{CannedAcl, Encryption, KmsKey, StorageOptions};

use crate::policies::{deployment, form, jwt_authorizer, origins, strict, two_step_policy};

/// Returns deployments that differ in everything that adds resources or properties to a stack.
pub(crate) fn deployments() -> Vec<(&'static str, Deployment)> {
    let target =
        upsign_core::Target::aws("second-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let second = strict("avatars/{id}.{ext}").build().unwrap().with_target(target).unwrap();
    let several = Deployment::new([two_step_policy(), form("forms/{id}"), second], origins());
    vec![
        ("rest", deployment()),
        (
            "http",
            Deployment::new([two_step_policy(), form("forms/{id}")], origins())
                .with_api(ApiKind::Http)
                .with_authorizer(jwt_authorizer())
                .with_reads(Reads::CloudFront)
                .with_cloudfront_key(crate::policies::read_key())
                .with_expiring_prefix("pending/", 1)
                .with_guards([Guard::Tls, Guard::SignatureAge, Guard::Acl])
                .with_reserved_concurrency(5),
        ),
        (
            "url",
            deployment()
                .with_authorizer(upsign_documents::ApiAuthorizer::None)
                .with_api(ApiKind::FunctionUrl),
        ),
        (
            "lambda authorizer",
            Deployment::new([two_step_policy()], origins())
                .with_api(ApiKind::Http)
                .with_authorizer(upsign_documents::ApiAuthorizer::Lambda)
                .with_token_header("x-upload-token".parse().unwrap()),
        ),
        (
            "alb",
            Deployment::new(
                [strict("kept/{id}")
                    .storage(
                        StorageOptions::new()
                            .encryption(Encryption::Kms(KmsKey::CustomerManaged(
                                "alias/uploads".parse().unwrap(),
                            )))
                            .acl(CannedAcl::PublicRead),
                    )
                    .build()
                    .unwrap()],
                origins(),
            )
            .with_api(ApiKind::LoadBalancer)
            .with_listener_arn(
                "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/web/1/2",
            )
            .with_monitoring(false),
        ),
        (
            "several",
            several
                .with_authorizer(crate::policies::authorizer())
                .with_reads(Reads::Presigned)
                .with_notification_target(NotificationTarget::EventBridge)
                .with_tracing(true)
                .with_dynamodb_table("uploads"),
        ),
        (
            "parts",
            crate::multipart_stacks::of(ApiKind::Http, "https://*.example.com")
                .with_token_secret(crate::multipart_stacks::SECRET),
        ),
        ("confirmed", crate::confirmed_stacks::of(ApiKind::Http, "https://app.example.com")),
        ("workers", crate::workers::deployment()),
    ]
}

/// Returns the generated stack in every form.
pub(crate) fn forms(deployment: &Deployment) -> Vec<(DocumentForm, String)> {
    let template = sam_template(deployment).unwrap();
    let module = terraform_module(deployment).unwrap();
    vec![
        (DocumentForm::CloudFormationJson, template.to_json()),
        (DocumentForm::CloudFormationYaml, template.to_yaml()),
        (DocumentForm::Terraform, module.to_hcl()),
        (DocumentForm::TerraformJson, module.to_json()),
    ]
}

#[track_caller]
pub(crate) fn compare(deployment: &Deployment, text: &str) -> Comparison {
    let file = DeployedFile::read(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    file.compare(deployment, &deployment.buckets()[0]).unwrap()
}

/// Returns what a comparison reports, one line each.
pub(crate) fn lines(comparison: &Comparison) -> String {
    let differences = comparison.differences().map(|it| format!("{:?}: {it}", it.severity()));
    let uncompared =
        comparison.uncompared().map(|it| format!("not compared: {}: {}", it.name(), it.reason()));
    differences.chain(uncompared).collect::<Vec<_>>().join("\n")
}

#[test]
fn generated_stack_agrees_with_its_deployment_in_every_form() {
    for (name, deployment) in deployments() {
        for (form, text) in forms(&deployment) {
            let file = DeployedFile::read(&text).unwrap();
            assert_eq!(file.form(), form, "{name}");
            assert!(file.is_stack());
            let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
            assert!(comparison.agrees(), "{name} {form:?}\n{}", lines(&comparison));
            assert!(comparison.parts().iter().all(|part| part.verdict() == Verdict::Equal));
            assert!(comparison.parts().len() >= 14, "{:?}", comparison.parts());
        }
    }
}

/// Returns the generated SAM template of the two-step deployment, changed by `change`, and its comparison.
fn changed(change: impl Fn(&mut Value)) -> Comparison {
    let deployment = deployment();
    let mut template = serde_json::from_str(&sam_template(&deployment).unwrap().to_json()).unwrap();
    let before = Value::clone(&template);
    change(&mut template);
    assert_ne!(template, before);
    compare(&deployment, &template.to_string())
}

#[track_caller]
fn check_part(comparison: &Comparison, part: &str, line: &str) {
    assert!(!comparison.agrees());
    let part = comparison.parts().iter().find(|it| it.name() == part).unwrap();
    assert_eq!(part.verdict(), Verdict::Different, "{}", lines(comparison));
    assert!(lines(comparison).contains(line), "{}", lines(comparison));
}

fn bucket(template: &mut Value) -> &mut Value {
    &mut template["Resources"]["UploadsBucket"]["Properties"]
}

fn region_rule(template: &mut Value) -> &mut Value {
    &mut template["Rules"]["UploadsRegion"]
}

#[test]
fn template_without_the_rule_for_its_region_differs() {
    let consequence = "a copy of the stack in another region takes the names of the buckets";
    let removed = changed(|template| drop(template.as_object_mut().unwrap().remove("Rules")));
    check_part(&removed, "bucket", &format!("Untidy: UploadsRegion (region rule) is missing: {consequence}"));
    let conditional = changed(|template| {
        region_rule(template)["RuleCondition"] = json!({"Fn::Equals": [{"Ref": "AlarmTopic"}, "x"]});
    });
    check_part(&conditional, "bucket", consequence);
    let always = changed(|template| {
        region_rule(template)["Assertions"][0]["Assert"]["Fn::Equals"][0] = json!("ap-southeast-1");
    });
    check_part(&always, "bucket", consequence);
}

#[test]
fn rule_for_another_region_breaks_uploads() {
    let comparison = changed(|template| {
        region_rule(template)["Assertions"][0]["Assert"]["Fn::Equals"][1] = json!("us-east-1");
    });
    let line = "Broken: UploadsRegion.Region is us-east-1, not ap-southeast-1: the stack can only be created in another";
    check_part(&comparison, "bucket", line);
}

#[test]
fn other_wording_and_order_of_the_rule_for_the_region_agree() {
    let comparison = changed(|template| {
        let assertion = &mut region_rule(template)["Assertions"][0];
        assertion["AssertDescription"] = json!("Only in Singapore");
        assertion["Assert"]["Fn::Equals"].as_array_mut().unwrap().reverse();
    });
    assert!(comparison.agrees(), "{}", lines(&comparison));
}

#[test]
fn rule_that_the_generated_template_does_not_have_is_not_compared() {
    let comparison = changed(|template| template["Rules"]["More"] = json!({"Assertions": []}));
    assert_eq!(lines(&comparison), "not compared: More: the generated stack has no such rule");
}

#[test]
fn module_without_the_precondition_for_its_region_differs() {
    let deployment = deployment();
    let module: Value = serde_json::from_str(&terraform_module(&deployment).unwrap().to_json()).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut module = module.clone();
        change(&mut module["resource"]["aws_s3_bucket"]["uploads"]);
        compare(&deployment, &module.to_string())
    };
    let removed = changed(&|bucket| drop(bucket.as_object_mut().unwrap().remove("lifecycle")));
    let consequence = "a copy of the stack in another region takes the names of the buckets";
    check_part(&removed, "bucket", consequence);
    let condition = "/lifecycle/0/precondition/0/condition";
    let other = changed(&|bucket| {
        *bucket.pointer_mut(condition).unwrap() = json!("${data.aws_region.current.id == \"us-east-1\"}");
    });
    let line = "aws_s3_bucket.uploads.lifecycle.precondition.region is us-east-1, not ap-southeast-1";
    check_part(&other, "bucket", line);
    let always = changed(&|bucket| *bucket.pointer_mut(condition).unwrap() = json!("${1 == 1}"));
    check_part(&always, "bucket", consequence);
    // Another provider can be in another region than the bucket.
    let mut foreign = module.clone();
    foreign["data"]["aws_region"]["current"]["provider"] = json!("aws.elsewhere");
    let foreign = compare(&deployment, &foreign.to_string());
    check_part(&foreign, "bucket", consequence);
    let kept = changed(&|bucket| bucket["lifecycle"][0]["prevent_destroy"] = json!(true));
    assert!(kept.agrees(), "{}", lines(&kept));
}

#[test]
fn role_that_may_do_everything_with_the_bucket_is_wider() {
    let comparison = changed(|template| {
        template["Resources"]["UploadRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
            ["Action"] = json!("s3:*");
    });
    check_part(
        &comparison,
        "role",
        "Wider: s3:* on arn:aws:s3:::article-images-bucket/articles/*/raw/*.* is allowed",
    );
}

#[test]
fn missing_bucket_policy_is_wider() {
    let comparison = changed(|template| {
        template["Resources"].as_object_mut().unwrap().remove("UploadsBucketPolicy");
    });
    check_part(&comparison, "bucket policy", "is not denied (OnlyTls)");
}

#[test]
fn missing_cors_configuration_breaks_uploads() {
    let comparison = changed(|template| {
        bucket(template).as_object_mut().unwrap().remove("CorsConfiguration");
    });
    check_part(&comparison, "cors", "Broken: PUT from https://app.example.com is not allowed");
}

#[test]
fn inverted_guard_of_tls_is_a_difference() {
    let comparison = changed(|template| {
        let policy = &mut template["Resources"]["UploadsBucketPolicy"]["Properties"]["PolicyDocument"];
        policy["Statement"][0]["Condition"]["Bool"]["aws:SecureTransport"] = json!("true");
    });
    check_part(&comparison, "bucket policy", "OnlyTls");
}

#[test]
fn opened_public_access_is_wider() {
    let comparison = changed(|template| {
        bucket(template)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = json!(false);
    });
    check_part(
        &comparison,
        "public access",
        "Wider: UploadsBucket.PublicAccessBlockConfiguration.BlockPublicPolicy is false, not true: an ACL or a policy can make",
    );
}

#[test]
fn suspended_versioning_breaks_retention() {
    let comparison = changed(|template| {
        bucket(template)["VersioningConfiguration"]["Status"] = json!("Suspended");
    });
    check_part(&comparison, "versioning", "replaced and deleted objects cannot be restored");
}

#[test]
fn another_bucket_in_the_policy_of_the_role_is_a_difference() {
    let comparison = changed(|template| {
        template["Resources"]["UploadRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
            ["Resource"] = json!({"Fn::Sub": "arn:aws:s3:::${OtherBucket}/articles/*"});
    });
    assert!(!comparison.agrees());
}

/// The authorizer of every kind of API that has one.
#[test]
fn removed_authorizer_is_wider() {
    for (name, deployment) in deployments() {
        let template = sam_template(&deployment).unwrap().to_json();
        let mut open: Value = serde_json::from_str(&template).unwrap();
        let mut count = 0;
        open_authorizers(&mut open, &mut count);
        if count > 0 {
            check_part(
                &compare(&deployment, &open.to_string()),
                "authorizer",
                "the gateway lets through callers",
            );
        }
        assert!(count > 0 || ["url", "alb", "workers"].contains(&name), "{name}");
    }
}

/// Removes whatever demands a token: the members of SAM, and those of an OpenAPI description.
fn open_authorizers(value: &mut Value, count: &mut usize) {
    match value {
        Value::Object(members) => {
            for name in ["Auth", "security", "securitySchemes"] {
                *count += usize::from(members.remove(name).is_some());
            }
            if let Some(kind) = members.get_mut("AuthorizationType") {
                *kind = json!("NONE");
                *count += 1;
            }
            members.values_mut().for_each(|it| open_authorizers(it, count));
        }
        Value::Array(list) => list.iter_mut().for_each(|it| open_authorizers(it, count)),
        _ => {}
    }
}

#[test]
fn what_the_file_has_in_addition_is_not_compared_and_can_be_accepted_by_name() {
    let mut comparison = changed(|template| {
        template["Resources"]["Topic"] = json!({"Type": "AWS::SNS::Topic"});
        bucket(template)["Tags"] = json!([{"Key": "team", "Value": "web"}]);
    });
    let names: Vec<&str> = comparison.uncompared().map(upsign_documents::Uncompared::name).collect();
    assert_eq!(names, ["UploadsBucket.Tags", "Topic"]);
    assert!(comparison.differences().next().is_none());
    assert!(!comparison.agrees());
    assert_eq!(comparison.accept(["Topic", "Absent"]), ["Absent"]);
    assert!(!comparison.agrees());
    assert!(comparison.accept(["UploadsBucket.Tags"]).is_empty());
    assert!(comparison.agrees());
}

#[test]
fn values_that_are_known_only_at_the_deployment_are_not_compared() {
    let comparison = changed(|template| {
        template["Parameters"]["Versioning"] = json!({"Type": "String", "Default": "Enabled"});
        bucket(template)["VersioningConfiguration"]["Status"] = json!({"Ref": "Versioning"});
    });
    assert_eq!(
        lines(&comparison),
        "not compared: UploadsBucket.VersioningConfiguration.Status: it depends on a value that is not known before the deployment",
    );
}

#[test]
fn globals_and_other_transforms_are_not_compared() {
    for (section, value) in [
        ("Globals", json!({"Function": {"Timeout": 900}})),
        ("Transform", json!(["AWS::Serverless-2016-10-31", "Macro"])),
        ("Hooks", json!({"Hook": {"Type": "AWS::CodeDeploy::BlueGreen"}})),
    ] {
        let comparison = changed(|template| template[section] = value.clone());
        assert!(!comparison.agrees() && lines(&comparison).contains(section), "{}", lines(&comparison));
    }
}

#[test]
fn several_files_of_a_module_are_one_stack() {
    let deployment = deployment();
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let (start, end) = module.split_once("resource \"aws_iam_role\" ").unwrap();
    let mut file = DeployedFile::read(start).unwrap();
    assert!(!file.compare(&deployment, &deployment.buckets()[0]).unwrap().agrees());
    let rest = DeployedFile::read(&format!("resource \"aws_iam_role\" {end}")).unwrap();
    assert!(file.extend(&rest));
    let comparison = file.compare(&deployment, &deployment.buckets()[0]).unwrap();
    assert!(comparison.agrees(), "{}", lines(&comparison));
    assert!(!file.extend(
        &DeployedFile::read("[{\"AllowedOrigins\": [\"*\"], \"AllowedMethods\": [\"PUT\"]}]").unwrap()
    ));
}

#[test]
fn locals_and_quoted_references_are_equivalent_spellings() {
    let deployment = deployment();
    let module = terraform_module(&deployment).unwrap().to_hcl();
    let name = "\"article-images-bucket\"";
    let local = module.replacen(&format!("bucket = {name}"), "bucket = local.name", 1);
    let local = format!(
        "locals {{\n  name = {name}\n}}\n\nprovider \"aws\" {{\n  region = \"ap-southeast-1\"\n}}\n{local}"
    );
    let local = local.replace("= aws_s3_bucket.uploads.id", "= \"${aws_s3_bucket.uploads.bucket}\"");
    assert_ne!(local, module);
    let comparison = compare(&deployment, &local);
    assert!(comparison.agrees(), "{}", lines(&comparison));
    let elsewhere = compare(&deployment, &local.replace("region = \"ap-", "region = \"eu-"));
    assert!(lines(&elsewhere).contains("not compared: provider.aws"), "{}", lines(&elsewhere));
    // A provider with other endpoints may deploy anywhere.
    let foreign = format!(
        "{module}\nprovider \"aws\" {{\n  endpoints {{\n    s3 = \"https://evil.example\"\n  }}\n}}\n"
    );
    assert!(lines(&compare(&deployment, &foreign)).contains("not compared: provider.aws"));
}

/// A single document names what it was compared with, and nothing else.
#[test]
fn single_documents_claim_only_themselves() {
    let queue = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    let deployment = deployment().with_account("123456789012".parse().unwrap()).with_queue_arn(queue);
    let bucket = &deployment.buckets()[0];
    let queue_policy = IamPolicy::for_queue(&bucket.arn(), "123456789012", queue).to_json();
    let cors = upsign_documents::CorsDocument::for_bucket(&deployment, bucket).unwrap();
    for (text, part) in [
        (cors.to_json(), "cors"),
        (cors.to_xml(), "cors"),
        (cors.to_terraform("article-images-bucket"), "cors"),
        (IamPolicy::for_deployment(&deployment).to_json(), "role"),
        (IamPolicy::for_deployment(&deployment).to_terraform_role_policy("uploads"), "role"),
        (IamPolicy::for_bucket(&deployment, bucket, None).unwrap().to_json(), "bucket policy"),
        (queue_policy.clone(), "queue policy"),
    ] {
        let comparison = compare(&deployment, &text);
        let names: Vec<&str> = comparison.parts().iter().map(upsign_documents::ComparedPart::name).collect();
        assert_eq!(names, [part], "{text}");
        assert!(comparison.agrees(), "{}", lines(&comparison));
    }
    // Which queue and which account are meant has to be configured.
    let unconfigured = compare(&crate::policies::deployment(), &queue_policy);
    let names: Vec<&str> = unconfigured.uncompared().map(upsign_documents::Uncompared::name).collect();
    assert_eq!(names, ["queue-policy.queue", "queue-policy.account"]);
    let open = queue_policy.replace("arn:aws:s3:::article-images-bucket", "arn:aws:s3:::*");
    assert!(!compare(&deployment, &open).agrees());
    let elsewhere = cors.to_terraform("another-bucket");
    let comparison = compare(&deployment, &elsewhere);
    assert!(lines(&comparison).contains("it belongs to the bucket another-bucket"), "{}", lines(&comparison));
}

#[test]
fn every_policy_of_a_file_is_read() {
    let list = r#"{"RolePolicyList": [
        {"PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}},
        {"PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}}]}"#;
    let comparison = compare(&deployment(), list);
    assert!(lines(&comparison).contains("iam:* on * is allowed"), "{}", lines(&comparison));
}

#[test]
fn members_that_appear_twice_are_refused() {
    let twice = r#"{"CORSRules": [], "CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}]}"#;
    let error = DeployedFile::read(twice).unwrap_err().to_string();
    assert!(error.contains("two members of one name"), "{error}");
}

/// No derived notification has a filter for suffixes, and none of the readers understands one.
#[test]
fn filter_for_suffixes_is_not_compared() {
    let queue = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
    let deployment = deployment().with_queue_arn(queue);
    let bucket = &deployment.buckets()[0];
    let notification =
        upsign_documents::NotificationDocument::for_bucket(&deployment, bucket, queue).unwrap();
    for (text, rule, more) in [
        (notification.to_json(), "\"FilterRules\": [", r#"{"Name": "suffix", "Value": ".jpg"},"#),
        (notification.to_cloudformation(), "\"Rules\": [", r#"{"Name": "suffix", "Value": ".jpg"},"#),
        (
            notification.to_terraform("article-images-bucket"),
            "    filter_prefix",
            "    filter_suffix = \".jpg\"\n",
        ),
        (
            notification.to_xml(),
            "<FilterRule>",
            "<FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule>",
        ),
    ] {
        assert!(compare(&deployment, &text).agrees(), "{text}");
        let at = text.find(rule).unwrap();
        let at = if rule.ends_with('[') { at + rule.len() } else { at };
        let (before, after) = text.split_at(at);
        let comparison = compare(&deployment, &format!("{before}{more}{after}"));
        assert!(!comparison.agrees(), "{before}{more}{after}");
    }
}
