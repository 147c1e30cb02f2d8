//! Documents derived from policies.

use serde_json::{Value, json};
use upsign_core::{CorsOrigins, Origin};
use upsign_documents::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, IamPolicy, InvalidCorsDocument};
use upsign_policy::{
    CannedAcl, ChecksumAlgorithm, Checksums, ClientMetadata, Disposition, Encryption, KmsKey, KmsKeyId, Tags,
    UploadPolicy,
};

use crate::policies::{article, article_builder, origins};

#[test]
fn the_articles_documents() {
    let cors = CorsDocument::for_policy(&article(), &origins()).unwrap();
    assert_eq!(cors.to_json(), include_str!("golden/cors.json"));
    assert_eq!(IamPolicy::for_policy(&article()).to_json(), include_str!("golden/iam.json"));
}

#[test]
fn both_json_forms_read_back() {
    let cors = CorsDocument::for_policy(&article(), &origins()).unwrap();
    assert_eq!(CorsDocument::from_json(&cors.to_json()).unwrap(), cors);
    let parsed: Value = serde_json::from_str(&cors.to_json()).unwrap();
    assert_eq!(CorsDocument::from_json(&parsed["CORSRules"].to_string()).unwrap(), cors);
}

#[test]
fn what_is_no_document() {
    for (json, why) in [
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
            "rule 0 allows a method other than GET, PUT, POST, DELETE and HEAD",
        ),
        (
            r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"]},{"AllowedOrigins":[],"AllowedMethods":["PUT"]}]"#,
            "rule 1 is invalid",
        ),
    ] {
        assert_eq!(CorsDocument::from_json(json).unwrap_err().to_string(), why, "{json}");
    }
}

#[test]
fn every_header_that_is_signed_may_be_sent() {
    let all: Box<[ChecksumAlgorithm]> = ChecksumAlgorithm::ALL.into();
    let policy = article_builder("us-east-1")
        .checksums(Checksums::Optional(all))
        .keep_file_name(true)
        .disposition(Disposition::AttachmentNamed)
        .client_metadata(ClientMetadata::Any)
        .client_tags(true)
        .build()
        .unwrap();
    let cors = CorsDocument::for_policy(&policy, &origins()).unwrap();
    for shape in policy.sample_requests() {
        let names: Vec<&str> = shape.put().unwrap().headers().settable().map(|(name, _)| name).collect();
        let names = names.join(",");
        let ask = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some(&names));
        assert!(matches!(cors.evaluate(&ask), CorsAnswer::Allowed { .. }), "{names:?}");
    }
    let stranger = CorsRequest::preflight(Some("https://app.example.com"), Some("PUT"), Some("x-amz-acl"));
    assert!(matches!(cors.evaluate(&stranger), CorsAnswer::Refused(_)));
}

#[test]
fn a_new_constraint_shows_in_the_rules() {
    let names = |policy: &UploadPolicy| {
        let cors = CorsDocument::for_policy(policy, &origins()).unwrap();
        cors.rules()[0].allowed_headers().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let without = article_builder("us-east-1").no_overwrite(false).build().unwrap();
    assert_eq!(names(&without), ["content-type"]);
    assert_eq!(names(&article()), ["content-type", "if-none-match"]);
}

#[test]
fn any_origin_and_no_origin() {
    let any = CorsDocument::for_policy(&article(), &CorsOrigins::any()).unwrap();
    assert_eq!(any.rules()[0].allowed_origins(), [Box::from("*")]);
    assert_eq!(any.rules()[0].allowed_methods(), [CorsMethod::Put]);
    let none = CorsDocument::for_policy(&article(), &CorsOrigins::listed([])).unwrap();
    assert_eq!(none, CorsDocument::empty());
    let many = (0..3_000).map(|n| format!("https://app-{n}.example.com").parse::<Origin>().unwrap());
    let refused = CorsDocument::for_policy(&article(), &CorsOrigins::listed(many));
    assert!(matches!(refused, Err(InvalidCorsDocument::TooLarge(_))));
}

#[track_caller]
fn iam(policy: &UploadPolicy, statements: &Value) {
    let parsed: Value = serde_json::from_str(&IamPolicy::for_policy(policy).to_json()).unwrap();
    assert_eq!(&parsed["Statement"], statements);
    assert_eq!(parsed["Version"], "2012-10-17");
}

#[test]
fn actions_follow_what_is_configured() {
    let mut tags = Tags::new();
    tags.insert("team", "a").unwrap();
    let resource = "arn:aws-cn:s3:::article-images-bucket/articles/*/raw/*.*";
    let policy =
        article_builder("cn-north-1").tags(tags).acl(CannedAcl::BucketOwnerFullControl).build().unwrap();
    let actions = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectAcl"];
    iam(&policy, &json!([{"Sid": "PutUploads", "Effect": "Allow", "Action": actions, "Resource": resource}]));
}

#[track_caller]
fn kms(key: &str, region: &str, resource: &str, condition: &Value) {
    let key: KmsKeyId = key.parse().unwrap();
    let policy = article_builder(region).encryption(Encryption::Kms(KmsKey::CustomerManaged(key))).build().unwrap();
    let parsed: Value = serde_json::from_str(&IamPolicy::for_policy(&policy).to_json()).unwrap();
    let statement = json!({
        "Sid": "EncryptUploads", "Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": resource,
        "Condition": condition,
    });
    assert_eq!(parsed["Statement"][1], statement);
}

#[test]
fn a_key_of_ones_own_and_no_other() {
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

    let managed = article_builder("us-east-1").encryption(Encryption::Kms(KmsKey::AwsManaged)).build().unwrap();
    assert_eq!(IamPolicy::for_policy(&managed).statements().len(), 1);
    let plain = article_builder("us-east-1").encryption(Encryption::S3).build().unwrap();
    assert_eq!(IamPolicy::for_policy(&plain).statements().len(), 1);
}
