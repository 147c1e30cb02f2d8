//! The policies in hand are applied to what the request does.

use upsign_diagnose::{Evidence, diagnose};

use crate::evidence::code;
use crate::fixture::{KEY_ID, Mistake, Request, error};

/// Reads, other partitions and keys of KMS are judged by their own actions and resources.
#[test]
fn policies_are_applied_to_what_the_request_does() {
    let role = |action: &str, resource: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{action}","s3:PutObject"],"Resource":["{resource}","arn:aws-cn:s3:::b/*"]}}]}}"#
        );
        upsign_documents::FoundDocuments::read(&text).unwrap().role
    };
    let read =
        |text: &str, role| diagnose(&Evidence::read(text.as_bytes()).unwrap().with_policies(role, None));
    let denied = code("AccessDenied");
    let named = |found: &[upsign_diagnose::Diagnosis]| -> Vec<String> {
        found.iter().filter(|it| it.cause.code == "iam-statement").map(|it| it.field.to_string()).collect()
    };

    let get = Request::new("GET", "/a.jpg", &[]).curl_verbose(403, &denied);
    assert!(named(&read(&get, role("s3:GetObject", "arn:aws:s3:::my-bucket/*"))).is_empty());
    assert_eq!(
        named(&read(&get, role("s3:DeleteObject", "arn:aws:s3:::my-bucket/*"))),
        ["action:s3:GetObject"]
    );

    let tagged = Request::new("PUT", "/a.jpg", &[("x-amz-tagging", "a=b")]).curl_verbose(403, &denied);
    assert_eq!(
        named(&read(&tagged, role("s3:GetObject", "arn:aws:s3:::my-bucket/*"))),
        ["action:s3:PutObjectTagging"]
    );

    let mut china = Request::new("PUT", "/a.jpg", &[]);
    china.host = "my-bucket.s3.cn-north-1.amazonaws.com.cn".to_owned();
    china.set_parameter("X-Amz-Credential", &format!("{KEY_ID}/20261127/cn-north-1/s3/aws4_request"));
    china.sign(&Mistake::default());
    let china = china.curl_verbose(403, &denied);
    assert!(named(&read(&china, role("s3:PutObject", "arn:aws-cn:s3:::my-bucket/*"))).is_empty());

    let key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let headers =
        [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", key)];
    let encrypted = Request::new("PUT", "/a.jpg", &headers).curl_verbose(403, &denied);
    let found = named(&read(&encrypted, role("s3:PutObject", "arn:aws:s3:::my-bucket/*")));
    assert_eq!(found, ["action:kms:GenerateDataKey"]);
    let message = format!(
        "User: x is not authorized to perform: kms:GenerateDataKey on resource: {key} because no resource-based policy allows it"
    );
    let encrypted =
        Request::new("PUT", "/a.jpg", &headers).curl_verbose(403, &error("AccessDenied", &message, &[]));
    assert!(named(&read(&encrypted, role("kms:GenerateDataKey", key))).is_empty());
}
