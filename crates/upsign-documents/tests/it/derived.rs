//! CORS rules and role policies derived from upload policies.

use serde_json::{Value, json};
use upsign_core::{CorsOrigins, OriginPattern};
use upsign_documents::{
    CorsAnswer, CorsDocument, CorsMethod, CorsRequest, Deployment, DeploymentRoute, IamPolicy,
    InvalidCorsDocument, LifecycleDocument, Reads,
};
use upsign_policy::{
    CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption, FileNameOptions,
    KeyOptions, KmsKey, KmsKeyId, MetadataOptions, StorageOptions, TagOptions, Tags, UploadPolicy,
};

use crate::policies::{origins, two_step_builder, two_step_policy};

#[test]
fn documents_of_the_two_step_upload_match_the_golden_files() {
    let cors = CorsDocument::for_policy(&two_step_policy(), &origins()).unwrap();
    assert_eq!(cors.to_json(), include_str!("golden/cors.json"));
    assert_eq!(IamPolicy::for_policy(&two_step_policy()).to_json(), include_str!("golden/iam.json"));
}

#[test]
fn api_and_console_json_round_trip() {
    let cors = CorsDocument::for_policy(&two_step_policy(), &origins()).unwrap();
    assert_eq!(CorsDocument::from_json(&cors.to_json()).unwrap(), cors);
    let parsed: Value = serde_json::from_str(&cors.to_json()).unwrap();
    assert_eq!(CorsDocument::from_json(&parsed["CORSRules"].to_string()).unwrap(), cors);
}

#[test]
fn invalid_cors_json_is_rejected() {
    for (json, message) in [
        ("", "not a CORS document in JSON"),
        ("{}", "not a CORS document in JSON"),
        (r#"{"CORSRules":[],"x":1}"#, "not a CORS document in JSON"),
        (r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"Extra":1}]"#, "not a CORS document in JSON"),
        (
            r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"MaxAgeSeconds":-1}]"#,
            "not a CORS document in JSON",
        ),
        (
            r#"[{"AllowedOrigins":["*"],"AllowedMethods":["OPTIONS"]}]"#,
            "rule 1 allows a method other than GET, PUT, POST, DELETE and HEAD",
        ),
        (
            r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"]},{"AllowedOrigins":[],"AllowedMethods":["PUT"]}]"#,
            "rule 2 is invalid",
        ),
        (
            r#"[{"ID":"uploads","AllowedOrigins":["*"],"AllowedMethods":[]}]"#,
            "rule 1 (ID \"uploads\") is invalid",
        ),
    ] {
        assert_eq!(CorsDocument::from_json(json).unwrap_err().to_string(), message, "{json}");
    }
}

#[test]
fn every_signed_header_is_allowed_by_cors() {
    let all: Box<[ChecksumAlgorithm]> = ChecksumAlgorithm::ALL.into();
    let policy = two_step_builder("us-east-1")
        .checksums(Checksums::Optional(all))
        .file_names(FileNameOptions::new().keep(true))
        .disposition(Disposition::AttachmentNamed)
        .metadata(MetadataOptions::new().client(ClientMetadata::Any))
        .tags(TagOptions::new().client(true))
        .build()
        .unwrap();
    let cors = CorsDocument::for_policy(&policy, &origins()).unwrap();
    for shape in policy.sample_requests() {
        let names: Vec<&str> = shape.put().unwrap().headers().settable().map(|(name, _)| name).collect();
        let names = names.join(",");
        let request = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some(&names));
        assert!(matches!(cors.evaluate(&request), CorsAnswer::Allowed { .. }), "{names:?}");
    }
    let unsigned = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some("x-amz-acl"));
    assert!(matches!(cors.evaluate(&unsigned), CorsAnswer::Refused(_)));
}

#[test]
fn signed_headers_determine_allowed_headers() {
    let names = |policy: &UploadPolicy| {
        let cors = CorsDocument::for_policy(policy, &origins()).unwrap();
        cors.rules()[0].allowed_headers().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let without = two_step_builder("us-east-1").no_overwrite(false).build().unwrap();
    assert_eq!(names(&without), ["content-type"]);
    assert_eq!(names(&two_step_policy()), ["content-type", "if-none-match"]);
}

#[test]
fn wildcard_empty_and_too_many_origins() {
    let any = CorsDocument::for_policy(&two_step_policy(), &CorsOrigins::any()).unwrap();
    assert_eq!(any.rules()[0].allowed_origins(), [Box::from("*")]);
    assert_eq!(any.rules()[0].allowed_methods(), [CorsMethod::Put]);
    let none = CorsDocument::for_policy(&two_step_policy(), &CorsOrigins::listed([])).unwrap();
    assert_eq!(none, CorsDocument::empty());
    let many = (0..3_000).map(|n| format!("https://app-{n}.example.com").parse::<OriginPattern>().unwrap());
    let refused = CorsDocument::for_policy(&two_step_policy(), &CorsOrigins::listed(many));
    assert!(matches!(refused, Err(InvalidCorsDocument::TooLarge(_))));
}

/// Checks the statements of the policy that the signing role needs.
#[track_caller]
fn iam(policy: &UploadPolicy, statements: &Value) {
    let parsed: Value = serde_json::from_str(&IamPolicy::for_policy(policy).to_json()).unwrap();
    assert_eq!(&parsed["Statement"], statements);
    assert_eq!(parsed["Version"], "2012-10-17");
}

#[test]
fn actions_follow_the_configured_features() {
    let mut tags = Tags::new();
    tags.insert("team", "a").unwrap();
    let resource = "arn:aws-cn:s3:::article-images-bucket/articles/*/raw/*.*";
    let policy = two_step_builder("cn-north-1")
        .tags(TagOptions::new().fixed(tags))
        .storage(StorageOptions::new().acl(CannedAcl::BucketOwnerFullControl))
        .build()
        .unwrap();
    let actions = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl"];
    iam(&policy, &json!([{"Sid": "PutUploads", "Effect": "Allow", "Action": actions, "Resource": resource}]));
}

/// Checks the KMS statement for uploads that are encrypted with `key`.
#[test]
fn keys_with_the_issuer_need_one_resource_per_listed_issuer() {
    let strict = |template: &str| crate::policies::strict(template);
    let listed = || KeyOptions::new().issuers(["staff", "customers"].map(|name| name.parse().unwrap()));
    let bucket = "arn:aws:s3:::article-images-bucket";
    let statement = |resources: Value| json!([{"Sid": "PutUploads", "Effect": "Allow", "Action": "s3:PutObject", "Resource": resources}]);
    let both = strict("{issuer}/{sub}/{id}").keys(listed()).build().unwrap();
    let resources = json!([format!("{bucket}/staff/*/*"), format!("{bucket}/customers/*/*")]);
    iam(&both, &statement(resources.clone()));
    iam(&strict("{issuer}/{sub}/{id}").build().unwrap(), &statement(json!(format!("{bucket}/*/*/*"))));

    let deployment = Deployment::new([both], origins()).with_reads(Reads::Presigned);
    assert_eq!(deployment.warnings(), [upsign_documents::DeploymentWarning::UnusedReads]);
    let json: Value = serde_json::from_str(&IamPolicy::for_deployment(&deployment).to_json()).unwrap();
    assert_eq!(json["Statement"][1]["Resource"], resources);
}

#[test]
fn lifecycle_rules_cover_the_folder_of_each_listed_issuer() {
    let keys = KeyOptions::new().issuers(["staff", "customers"].map(|name| name.parse().unwrap()));
    let policy = crate::policies::strict("{issuer}/{sub}/{id}").keys(keys).build().unwrap();
    let route = DeploymentRoute::new(policy).with_infrequent_access_after(30);
    let deployment = Deployment::new([route], origins());
    let lifecycle = LifecycleDocument::for_bucket(&deployment, &deployment.buckets()[0]);
    let moved = lifecycle.rules().iter().filter(|rule| rule.transition_after.is_some());
    assert_eq!(moved.map(|rule| rule.prefix.as_str()).collect::<Vec<_>>(), ["staff/", "customers/"]);
}

#[track_caller]
fn kms(key: &str, region: &str, resource: &str, condition: &Value) {
    let key: KmsKeyId = key.parse().unwrap();
    let policy = two_step_builder(region)
        .storage(StorageOptions::new().encryption(Encryption::Kms(KmsKey::CustomerManaged(key))))
        .build()
        .unwrap();
    let parsed: Value = serde_json::from_str(&IamPolicy::for_policy(&policy).to_json()).unwrap();
    let statement = json!({
        "Sid": "EncryptUploads", "Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": resource,
        "Condition": condition,
    });
    assert_eq!(parsed["Statement"][1], statement);
}

#[test]
fn kms_permissions_cover_only_customer_managed_keys() {
    let via = json!({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}});
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    kms(arn, "us-east-1", arn, &via);
    kms("mrk-1", "us-east-1", "arn:aws:kms:us-east-1:*:key/mrk-1", &via);
    let alias = json!({
        "StringEquals": {"kms:ViaService": "s3.cn-north-1.amazonaws.com.cn"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/uploads"},
    });
    kms("alias/uploads", "cn-north-1", "arn:aws-cn:kms:cn-north-1:*:key/*", &alias);
    let account = "arn:aws-cn:kms:cn-north-1:111122223333";
    kms(&format!("{account}:alias/uploads"), "cn-north-1", &format!("{account}:key/*"), &alias);

    let managed = two_step_builder("us-east-1")
        .storage(StorageOptions::new().encryption(Encryption::Kms(KmsKey::AwsManaged)))
        .build()
        .unwrap();
    assert_eq!(IamPolicy::for_policy(&managed).statements().len(), 1);
    let plain = two_step_builder("us-east-1")
        .storage(StorageOptions::new().encryption(Encryption::S3))
        .build()
        .unwrap();
    assert_eq!(IamPolicy::for_policy(&plain).statements().len(), 1);
}

/// A request with a `versionId` needs `s3:GetObjectVersion`, not `s3:GetObject`
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>).
#[test]
fn worker_and_presigned_reads_may_read_versions_of_a_versioned_bucket() {
    let reads = |policy: &IamPolicy| {
        let statement = policy.statements().iter().find(|it| it.sid() == "ReadUploads").unwrap();
        statement.actions().to_vec()
    };
    for (versioned, actions) in
        [(false, vec!["s3:GetObject"]), (true, vec!["s3:GetObject", "s3:GetObjectVersion"])]
    {
        let deployment = Deployment::new([two_step_policy()], origins())
            .with_versioning(versioned)
            .with_reads(Reads::Presigned);
        let queue = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
        assert_eq!(reads(&IamPolicy::for_worker(&deployment, queue)), actions);
        assert_eq!(reads(&IamPolicy::for_deployment(&deployment)), actions);
    }
}

#[test]
fn google_json_has_one_list_of_headers_and_no_patterns() {
    let cors = CorsDocument::for_policy(&two_step_policy(), &origins()).unwrap();
    let rules: Value = serde_json::from_str(&cors.to_google_json().unwrap()).unwrap();
    assert_eq!(
        rules,
        json!([{
            "origin": ["https://app.example.com"],
            "method": ["PUT"],
            "responseHeader": ["content-type", "if-none-match", "ETag", "x-goog-generation"],
            "maxAgeSeconds": 3600,
        }])
    );
    let metadata = MetadataOptions::new().client(ClientMetadata::Any);
    let any = two_step_builder("ap-southeast-1").metadata(metadata).build().unwrap();
    let refused = CorsDocument::for_policy(&any, &origins()).unwrap().to_google_json().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "\"x-amz-meta-*\" contains `*`, and Google Cloud Storage compares origins and headers as a whole"
    );
    let everyone = CorsDocument::for_policy(&two_step_policy(), &CorsOrigins::any()).unwrap();
    let rules: Value = serde_json::from_str(&everyone.to_google_json().unwrap()).unwrap();
    assert_eq!(rules[0]["origin"], json!(["*"]));
}
