//! Whose signatures the distributions of a stack accept, and which parts of a signed URL reach S3.

use serde_json::{Value, json};
use upsign_core::{CorsOrigins, Target};
use upsign_documents::{
    CloudFrontPublicKey, Deployment, IamPolicy, OpenApi, OpenApiVersion, Reads, read_access_template,
    sam_template, terraform_module,
};

use crate::policies::{
    READ_KEYS, authorizer, deployment, origins, pending, read_key, through_cloudfront, two_step_policy,
};

const SECRET: &str = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:upsign/cloudfront-AbCdEf";

/// Returns the deployment of uploads that clients confirm, in two buckets.
fn confirmed() -> Deployment {
    let other = Target::aws("other-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let routes = [pending("files/{id}"), two_step_policy().with_target(other).unwrap()];
    Deployment::new(routes, origins()).with_authorizer(authorizer())
}

fn resources(deployment: &Deployment) -> Value {
    let template: Value = serde_json::from_str(&sam_template(deployment).unwrap().to_json()).unwrap();
    template["Resources"].clone()
}

fn of_type<'a>(resources: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let all = resources.as_object().unwrap().iter();
    all.filter(|(_, it)| it["Type"] == kind).map(|(name, it)| (name.as_str(), &it["Properties"])).collect()
}

#[test]
fn every_distribution_trusts_the_group_of_all_keys() {
    let deployment = through_cloudfront(confirmed()).with_cloudfront_key(READ_KEYS[1].parse().unwrap());
    let fragment: Value =
        serde_json::from_str(&read_access_template(&deployment).unwrap().to_json()).unwrap();
    for resources in [resources(&deployment), fragment["Resources"].clone()] {
        let keys = of_type(&resources, "AWS::CloudFront::PublicKey");
        assert_eq!(keys.len(), 2);
        let group = &resources["ReadKeyGroup"]["Properties"]["KeyGroupConfig"]["Items"];
        let pem_of = |name: &Value| {
            resources[name["Ref"].as_str().unwrap()]["Properties"]["PublicKeyConfig"]["EncodedKey"].clone()
        };
        let pems: Vec<Value> = group.as_array().unwrap().iter().map(pem_of).collect();
        assert_eq!(pems, READ_KEYS.map(|pem| json!(format!("{pem}\n"))));
        let distributions = of_type(&resources, "AWS::CloudFront::Distribution");
        assert_eq!(distributions.len(), 2);
        for (_, distribution) in distributions {
            let config = &distribution["DistributionConfig"];
            assert!(config.get("CacheBehaviors").is_none(), "there is no way around the default behavior");
            let behavior = &config["DefaultCacheBehavior"];
            assert_eq!(behavior["TrustedKeyGroups"], json!([{"Ref": "ReadKeyGroup"}]));
            assert_eq!(behavior["ViewerProtocolPolicy"], "https-only");
            assert_eq!(behavior["CachePolicyId"], json!({"Ref": "ReadCache"}));
            assert!(behavior.get("OriginRequestPolicyId").is_none());
        }
        let cache = &resources["ReadCache"]["Properties"]["CachePolicyConfig"];
        let parameters = &cache["ParametersInCacheKeyAndForwardedToOrigin"];
        assert_eq!(
            parameters["QueryStringsConfig"],
            json!({
                "QueryStringBehavior": "whitelist",
                "QueryStrings": ["versionId", "response-content-type", "response-content-disposition"],
            })
        );
        assert_eq!(parameters["HeadersConfig"], json!({"HeaderBehavior": "none"}));
        assert_eq!(parameters["CookiesConfig"], json!({"CookieBehavior": "none"}));
        let control = &resources["DistributionAccess"]["Properties"]["OriginAccessControlConfig"];
        assert_eq!(
            (&control["SigningBehavior"], &control["SigningProtocol"]),
            (&json!("always"), &json!("sigv4"))
        );
    }
    let module = terraform_module(&deployment).unwrap().to_hcl();
    for line in [
        "trusted_key_groups         = [aws_cloudfront_key_group.uploads.id]",
        "viewer_protocol_policy     = \"https-only\"",
        "cache_policy_id            = aws_cloudfront_cache_policy.uploads.id",
        "items = [\"versionId\", \"response-content-type\", \"response-content-disposition\"]",
        "create_before_destroy = true",
    ] {
        let words = |text: &str| text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&module).contains(&words(line)), "{line}: {module}");
    }
}

/// CloudFront cannot change the key of a resource, so a key keeps its resource when others come and go.
#[test]
fn names_of_keys_do_not_depend_on_their_order() {
    let [first, second] = READ_KEYS.map(|pem| pem.parse::<CloudFrontPublicKey>().unwrap());
    let names = |keys: &[&CloudFrontPublicKey]| {
        let deployment = keys.iter().fold(confirmed().with_reads(Reads::CloudFront), |it, key| {
            it.with_cloudfront_key((*key).clone())
        });
        let resources = resources(&deployment);
        let function = &resources["GetUploadUrlFunction"]["Properties"]["Environment"]["Variables"];
        let signs = function["UPSIGN_CLOUDFRONT_KEY_PAIR_ID"]["Ref"].as_str().unwrap().to_owned();
        let group = resources["ReadKeyGroup"]["Properties"]["KeyGroupConfig"]["Items"].as_array().unwrap();
        let names = group.iter().map(|name| name["Ref"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), signs)
    };
    let (one, signs) = names(&[&first]);
    assert_eq!(one, std::slice::from_ref(&signs));
    let (two, still_signs) = names(&[&first, &second]);
    assert_eq!((&two[0], &still_signs), (&one[0], &signs));
    let (swapped, other) = names(&[&second, &first]);
    assert_eq!((swapped[0].as_str(), swapped[1].as_str()), (two[1].as_str(), two[0].as_str()));
    assert_eq!(other, two[1], "the first key signs");
}

#[test]
fn function_knows_the_domains_and_may_read_the_private_key_but_no_object_for_reads() {
    let deployment = through_cloudfront(confirmed()).with_cloudfront_key_secret(SECRET);
    let variables =
        resources(&deployment)["GetUploadUrlFunction"]["Properties"]["Environment"]["Variables"].clone();
    assert_eq!(
        variables["UPSIGN_CLOUDFRONT_DOMAINS"],
        json!({"Fn::Sub": "article-images-bucket=${Distribution.DomainName},other-bucket=${Distribution2.DomainName}"})
    );
    let runtime = IamPolicy::for_runtime(&deployment);
    let statement = runtime.statements().iter().find(|it| it.sid() == "ReadCloudFrontKey").unwrap();
    assert_eq!(statement.actions(), ["secretsmanager:GetSecretValue"]);
    // The other bucket confirms nothing, so the role may not read it, as it might for presigned reads.
    let reads_other = |policy: &IamPolicy| {
        let reads = policy
            .statements()
            .iter()
            .filter(|it| it.actions().iter().any(|it| it.starts_with("s3:GetObject")));
        reads.flat_map(upsign_documents::IamStatement::resources).any(|arn| arn.contains("other-bucket"))
    };
    assert!(!reads_other(&runtime));
    assert!(reads_other(&IamPolicy::for_runtime(&confirmed().with_reads(Reads::Presigned))));
    assert!(deployment.upload_paths().contains(&"/uploads/read-url".to_owned()));
    let described = OpenApi::for_deployment(&deployment).to_json(OpenApiVersion::V3_1);
    assert!(described.contains("/uploads/read-url"));
}

#[test]
fn nobody_reads_without_a_signature_unless_reads_are_public() {
    let without = confirmed().with_reads(Reads::CloudFront);
    for error in [sam_template(&without).unwrap_err(), terraform_module(&without).map(drop).unwrap_err()] {
        assert!(
            error.to_string().contains("set public_keys in [cloudfront], or public_reads = true"),
            "{error}"
        );
    }
    let public = without.with_public_reads(true);
    let resources = resources(&public);
    for kind in ["PublicKey", "KeyGroup", "CachePolicy"] {
        assert!(of_type(&resources, &format!("AWS::CloudFront::{kind}")).is_empty(), "{kind}");
    }
    let behavior = &resources["Distribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"];
    assert!(behavior.get("TrustedKeyGroups").is_none());
    let variables = &resources["GetUploadUrlFunction"]["Properties"]["Environment"]["Variables"];
    assert!(variables.get("UPSIGN_CLOUDFRONT_DOMAINS").is_none());
    assert!(!public.upload_paths().contains(&"/uploads/read-url".to_owned()), "nothing signs");
    assert_eq!(public.warnings().iter().filter(|it| it.name() == "public-reads").count(), 1);
    let signed = through_cloudfront(confirmed());
    assert!(signed.warnings().iter().all(|it| it.name() != "public-reads"));
    // Older versions are for those who have a signature.
    let policy =
        IamPolicy::for_bucket(&public, &public.buckets()[1], Some("arn:aws:cloudfront::1:d/E")).unwrap();
    let read = policy.statements().iter().find(|it| it.sid() == "CloudFrontMayRead").unwrap();
    assert_eq!(read.actions(), ["s3:GetObject"]);
}

#[test]
fn lists_of_keys_that_cloudfront_rejects_are_refused() {
    let refused = |deployment: Deployment, problem: &str| {
        let error = sam_template(&deployment.with_reads(Reads::CloudFront)).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    };
    refused(deployment().with_cloudfront_key(read_key()).with_cloudfront_key(read_key()), "listed twice");
    refused(
        deployment().with_cloudfront_key(read_key()).with_public_reads(true),
        "public_keys have no effect",
    );
    let many = (0..6).fold(deployment(), |it, index| {
        let pem = READ_KEYS[1].replace("XiqltwA", "Xiqltw8").replace("NngX", &index.to_string());
        it.with_cloudfront_key(pem.parse().unwrap())
    });
    refused(many, "at most 5 public keys");
}

#[test]
fn public_keys_are_rsa_2048_or_p256_in_pem() {
    for pem in READ_KEYS {
        let key: CloudFrontPublicKey = pem.parse().unwrap();
        assert_eq!(key.to_string(), format!("{pem}\n"));
        let one_line = pem.replace("KEY-----\n", "KEY-----").replace('\n', " ");
        assert_eq!(one_line.parse::<CloudFrontPublicKey>().unwrap(), key, "{one_line}");
        assert!(pem.replace('M', "!").parse::<CloudFrontPublicKey>().is_err());
    }
    for text in [
        "",
        "K2JCJMDEHXQW5F",
        &READ_KEYS[0].replace("PUBLIC", "PRIVATE"),
        &READ_KEYS[0].replacen("CAQEA", "CAgEA", 1),
    ] {
        let error = text.parse::<CloudFrontPublicKey>().unwrap_err();
        assert!(error.to_string().contains("RSA key of 2048 bits"), "{text}");
    }
}

#[test]
fn scripts_of_the_listed_origins_can_fetch_what_the_service_signs() {
    let with = |list: &[&str]| {
        let list = list.iter().map(|origin| origin.parse().unwrap());
        Deployment::new(confirmed().routes().to_vec(), CorsOrigins::listed(list))
            .with_authorizer(authorizer())
    };
    let cors_of = |deployment: &Deployment, suffix: &str| {
        let policy = &resources(deployment)[format!("DistributionHeaders{suffix}")]["Properties"];
        policy["ResponseHeadersPolicyConfig"]["CorsConfig"].clone()
    };
    let several = ["https://app.example.com", "https://*.example.org", "http://localhost:*"];
    let listed = through_cloudfront(with(&several));
    let cors = cors_of(&listed, "");
    assert_eq!(cors["AccessControlAllowOrigins"]["Items"], json!(several));
    assert_eq!(cors["AccessControlAllowMethods"]["Items"], json!(["GET", "HEAD"]));
    assert_eq!(
        (&cors["AccessControlAllowCredentials"], &cors["OriginOverride"]),
        (&json!(false), &json!(true))
    );
    // The service signs no URLs of the second bucket, whose uploads are not confirmed.
    assert_eq!(cors_of(&listed, "2"), Value::Null);
    let module = terraform_module(&listed).unwrap().to_hcl();
    for text in ["  cors_config {", "access_control_allow_origins {", "\"https://*.example.org\""] {
        assert!(module.contains(text), "{text} is not in\n{module}");
    }
    // CloudFront has no pattern within a name.
    let within = through_cloudfront(with(&["https://app-*.example.com", "https://app.example.com"]));
    assert_eq!(
        cors_of(&within, "")["AccessControlAllowOrigins"]["Items"],
        json!(["https://app.example.com"])
    );
    for none in [vec![], vec!["https://app-*.example.com"]] {
        assert_eq!(cors_of(&through_cloudfront(with(&none)), ""), Value::Null);
    }
}
