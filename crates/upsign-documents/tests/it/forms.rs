//! Every document in every form: compared with the golden files and, except for the YAML templates and Terraform modules, read
//! back.

use upsign_core::Target;
use upsign_documents::{
    ApiKind, CorsDocument, Deployment, DeploymentRoute, FoundDocuments, Guard, IamPolicy, LifecycleDocument,
    NotificationDocument, NotificationTarget, Reads, monitoring_template, read_access_template, sam_template,
    terraform_module,
};

use crate::golden;
use crate::policies::{
    authorizer, deployment, form, in_parts, jwt_authorizer, origins, strict, two_step_policy,
};

const QUEUE: &str = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";

/// Two routes with PUT, one in parts and one with a form, all into one bucket.
fn several() -> Deployment {
    let avatars = strict("avatars/{sub}/{id}").build().unwrap();
    let videos = in_parts("videos/{sub}/{id}").build().unwrap();
    let routes = [two_step_policy(), avatars, videos, form("forms/{id}")]
        .map(|policy| DeploymentRoute::new(policy).with_infrequent_access_after(60));
    Deployment::new(routes, origins())
        .with_account("123456789012".parse().unwrap())
        .with_confirmation(true)
        .with_expiring_prefix("pending/", 1)
        .with_dynamodb_table("uploads")
        .with_authorizer(authorizer())
}

#[test]
fn cors_forms_round_trip() {
    for (name, deployment) in [("two-step", deployment()), ("several", several())] {
        let document = CorsDocument::for_bucket(&deployment, &deployment.buckets()[0]).unwrap();
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("console.json", document.to_console_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("cors-{name}.{form}"), text);
            assert_eq!(FoundDocuments::read(text).unwrap().cors.as_ref(), Some(&document), "{form}");
        }
        assert_eq!(CorsDocument::from_json(&forms[1].1).unwrap(), document);
        assert_eq!(CorsDocument::from_xml(&forms[2].1).unwrap(), document);
        assert_eq!(CorsDocument::from_cloudformation(&forms[3].1).unwrap(), document);
        assert_eq!(CorsDocument::from_terraform(&forms[4].1).unwrap(), document);
        assert_eq!(CorsDocument::from_terraform_json(&forms[5].1).unwrap(), document);
    }
}

#[test]
fn cors_preset_of_the_two_step_upload() {
    let document = CorsDocument::two_step_upload();
    golden::check("cors-preset.json", &document.to_console_json());
    assert!(document.rules()[0].allowed_origins().iter().any(|origin| **origin == *"*"));
}

#[test]
fn lifecycle_forms_round_trip() {
    for (name, deployment) in
        [("two-step", deployment()), ("several", several()), ("gated", crate::confirmed::deployment())]
    {
        let document = LifecycleDocument::for_bucket(&deployment, &deployment.buckets()[0]);
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("lifecycle-{name}.{form}"), text);
            assert_eq!(FoundDocuments::read(text).unwrap().lifecycle.as_ref(), Some(&document), "{form}");
        }
    }
}

#[test]
fn notification_forms_round_trip() {
    let eventbridge = deployment().with_notification_target(NotificationTarget::EventBridge);
    for (name, deployment) in [
        ("two-step", deployment()),
        ("several", several()),
        ("eventbridge", eventbridge),
        ("gated", crate::confirmed::deployment()),
    ] {
        let document =
            NotificationDocument::for_bucket(&deployment, &deployment.buckets()[0], QUEUE).unwrap();
        let bucket = "article-images-bucket";
        let forms = [
            ("json", document.to_json()),
            ("xml", document.to_xml()),
            ("cfn.json", document.to_cloudformation()),
            ("tf", document.to_terraform(bucket)),
            ("tf.json", document.to_terraform_json(bucket)),
        ];
        for (form, text) in &forms {
            golden::check(&format!("notification-{name}.{form}"), text);
            assert_eq!(FoundDocuments::read(text).unwrap().notification.as_ref(), Some(&document), "{form}");
        }
    }
    let none = deployment().with_notification_target(NotificationTarget::None);
    assert_eq!(NotificationDocument::for_bucket(&none, &none.buckets()[0], QUEUE), None);
}

#[test]
fn notification_prefixes_are_url_encoded() {
    let policy = strict("läden & co+/a b/{id}").build().unwrap();
    let deployment = Deployment::new([policy], origins());
    let document = NotificationDocument::for_bucket(&deployment, &deployment.buckets()[0], QUEUE).unwrap();
    assert!(document.to_json().contains(r#""Value": "l%C3%A4den+%26+co%2B/a+b/""#), "{}", document.to_json());
    for text in [document.to_json(), document.to_xml(), document.to_cloudformation()] {
        assert_eq!(FoundDocuments::read(&text).unwrap().notification.as_ref(), Some(&document));
    }
}

#[test]
fn policies_round_trip() {
    let deployment = several();
    let buckets = deployment.buckets();
    let distribution = "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE";
    let role = "arn:aws:iam::123456789012:role/signer";
    let strict = Deployment::new([strict("a/{id}").build().unwrap()], origins())
        .with_account("123456789012".parse().unwrap())
        .with_reads(Reads::CloudFront)
        .with_cloudfront_key(crate::policies::read_key())
        .with_guards(
            Guard::ALL.into_iter().filter(|guard| *guard != Guard::Encryption && *guard != Guard::Scanned),
        );
    let guarded = IamPolicy::for_bucket(&strict, &strict.buckets()[0], Some(distribution)).unwrap();
    let gated = crate::confirmed::deployment();
    for (name, policy) in [
        ("signer-two-step", IamPolicy::for_deployment(&crate::policies::deployment())),
        ("signer-several", IamPolicy::for_deployment(&deployment)),
        ("runtime", IamPolicy::for_runtime(&deployment)),
        ("runtime-assuming", IamPolicy::for_runtime(&deployment.clone().with_signing_role(role))),
        ("worker", IamPolicy::for_worker(&deployment, QUEUE)),
        ("queue", IamPolicy::for_queue(&buckets[0].arn(), "123456789012", QUEUE)),
        ("bucket-recommended", IamPolicy::for_bucket(&deployment, &buckets[0], None).unwrap()),
        ("bucket-guarded", guarded),
        ("signer-gated", IamPolicy::for_deployment(&gated)),
        ("bucket-gated", IamPolicy::for_bucket(&gated, &gated.buckets()[0], None).unwrap()),
        ("kms-key", IamPolicy::for_kms_key(distribution)),
    ] {
        golden::check(&format!("policy-{name}.json"), &policy.to_json());
        assert_eq!(IamPolicy::from_json(&policy.to_json()).unwrap(), policy, "{name}");
        for text in [
            policy.to_terraform_json_role_policy("r"),
            policy.to_terraform_role_policy("r"),
            policy.to_terraform_json_bucket_policy("b"),
            policy.to_terraform_bucket_policy("b"),
        ] {
            let found = FoundDocuments::read(&text).unwrap();
            assert_eq!(
                found.role.or(found.bucket_policy).or(found.queue_policy),
                Some(policy.clone()),
                "{name}: {text}"
            );
        }
    }
}

#[test]
fn templates_and_modules_match_the_golden_files() {
    let rest = deployment().with_environment_variable("ARTICLE_IMAGES_BUCKET", "article-images-bucket");
    golden::check("stacks/sam-rest.yaml", &sam_template(&rest).unwrap().to_yaml());
    let confirmed = crate::confirmed_stacks::of(ApiKind::Rest, "https://app.example.com");
    golden::check("stacks/sam-confirmed.yaml", &sam_template(&confirmed).unwrap().to_yaml());
    golden::check("stacks/module-confirmed.tf", &terraform_module(&confirmed).unwrap().to_hcl());
    let workers = crate::workers::deployment();
    golden::check("stacks/sam-workers.yaml", &sam_template(&workers).unwrap().to_yaml());
    golden::check("stacks/module-workers.tf", &terraform_module(&workers).unwrap().to_hcl());
    golden::check("stacks/module-rest.tf", &terraform_module(&rest).unwrap().to_hcl());
    golden::check("stacks/monitoring.yaml", &monitoring_template(&deployment()).unwrap().to_yaml());
    let reads = deployment().with_reads(Reads::CloudFront).with_cloudfront_key(crate::policies::read_key());
    golden::check("stacks/read-access.json", &read_access_template(&reads).unwrap().to_json());
}

#[test]
fn templates_contain_the_documents_that_are_derived_alone() {
    let http = several().with_api(ApiKind::Http).with_authorizer(jwt_authorizer());
    for deployment in [deployment(), several(), http] {
        let found = FoundDocuments::read(&sam_template(&deployment).unwrap().to_json()).unwrap();
        let bucket = &deployment.buckets()[0];
        assert_eq!(found.cors, Some(CorsDocument::for_bucket(&deployment, bucket).unwrap()));
        assert_eq!(found.lifecycle, Some(LifecycleDocument::for_bucket(&deployment, bucket)));
    }
}

/// S3 sends no such headers, so a browser that opens an upload could guess another type than the signed one, and run scripts.
#[test]
fn cloudfront_forbids_sniffing_and_scripts() {
    let mut reads = deployment().with_reads(Reads::CloudFront);
    let other = Target::aws("other-bucket.example".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    reads = Deployment::new([two_step_policy(), two_step_policy().with_target(other).unwrap()], origins())
        .with_authorizer(authorizer())
        .with_guards([])
        .with_reads(reads.reads())
        .with_cloudfront_key(crate::policies::read_key());
    let sam = sam_template(&reads).unwrap().to_json();
    let sam: serde_json::Value = serde_json::from_str(&sam).unwrap();
    let read_access = read_access_template(&reads).unwrap().to_json();
    let read_access: serde_json::Value = serde_json::from_str(&read_access).unwrap();
    for template in [sam, read_access] {
        for suffix in ["", "2"] {
            let policy = &template["Resources"][format!("DistributionHeaders{suffix}")];
            assert_eq!(policy["Type"], "AWS::CloudFront::ResponseHeadersPolicy", "{template:#}");
            let headers = &policy["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"];
            assert_eq!(headers["ContentTypeOptions"]["Override"], true);
            let policy = &headers["ContentSecurityPolicy"];
            assert_eq!(policy["Override"], true);
            assert_eq!(
                policy["ContentSecurityPolicy"],
                "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
            );
            let config =
                &template["Resources"][format!("Distribution{suffix}")]["Properties"]["DistributionConfig"];
            let used = &config["DefaultCacheBehavior"]["ResponseHeadersPolicyId"];
            assert_eq!(used["Ref"], format!("DistributionHeaders{suffix}"));
        }
    }
    let module = terraform_module(&reads).unwrap().to_hcl();
    for text in [
        "resource \"aws_cloudfront_response_headers_policy\" \"uploads\" {",
        "resource \"aws_cloudfront_response_headers_policy\" \"uploads_2\" {",
        "aws_cloudfront_response_headers_policy.uploads.id",
        "aws_cloudfront_response_headers_policy.uploads_2.id",
        "\"${var.name}-${data.aws_region.current.id}-2\"",
        "content_type_options {",
        "sandbox\"",
    ] {
        assert!(module.contains(text), "{text} is not in\n{module}");
    }
}

/// Both languages interpolate `${…}`, Terraform also `%{…}`.
#[test]
fn texts_of_the_configuration_stay_literal() {
    let deployment = deployment()
        .with_environment_variable("TEMPLATE", "${var.name} %{ if true }")
        .with_expiring_prefix("a/${AWS::Region}/", 1);
    let sam: serde_json::Value = serde_json::from_str(&sam_template(&deployment).unwrap().to_json()).unwrap();
    let resources = &sam["Resources"];
    let variables = &resources["GetUploadUrlFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["TEMPLATE"], "${var.name} %{ if true }");
    let rules = &resources["UploadsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"];
    assert_eq!(rules[1]["Prefix"], "a/${AWS::Region}/");
    let module = terraform_module(&deployment).unwrap().to_hcl();
    for text in ["\"$${var.name} %%{ if true }\"", "prefix = \"a/$${AWS::Region}/\""] {
        assert!(module.contains(text), "{text} is not in\n{module}");
    }
}

#[test]
fn incomplete_deployments_are_rejected() {
    let refused = |deployment: Deployment| sam_template(&deployment).unwrap_err().to_string();
    assert_eq!(
        refused(Deployment::new([] as [DeploymentRoute; 0], origins())),
        "the deployment has no route"
    );
    let cognito = deployment().with_api(ApiKind::Http);
    assert!(refused(cognito).starts_with("an HTTP API has no Cognito authorizer"));
    let far = crate::policies::two_step_builder("eu-west-1").build().unwrap();
    assert!(
        refused(Deployment::new([two_step_policy(), far], origins()))
            .starts_with("the buckets are in several regions")
    );
    let guarded = sam_template(&deployment().with_guards([Guard::NoOverwrite])).unwrap_err();
    assert_eq!(guarded.to_string(), "the bucket policy cannot be derived");
}
