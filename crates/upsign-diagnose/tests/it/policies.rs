//! The policies in hand are applied to what the request does.

use upsign_diagnose::{Diagnosis, Evidence, IamPolicy, diagnose};
use upsign_documents::FoundDocuments;

use crate::evidence::code;
use crate::fixture::{KEY_ID, Mistake, Request, error};

/// Reads, other partitions and keys of KMS are judged by their own actions and resources.
#[test]
fn policies_are_applied_to_what_the_request_does() {
    let role = |action: &str, resource: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{action}","s3:PutObject"],"Resource":["{resource}","arn:aws-cn:s3:::b/*"]}}]}}"#
        );
        FoundDocuments::read(&text).unwrap().role
    };
    let read =
        |text: &str, role| diagnose(&Evidence::read(text.as_bytes()).unwrap().with_policies(role, None));
    let denied = code("AccessDenied");
    let named = |found: &[Diagnosis]| -> Vec<String> {
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

fn role(statements: &str) -> IamPolicy {
    policy(statements, |found| found.role)
}

fn bucket(statements: &str) -> IamPolicy {
    policy(statements, |found| found.bucket_policy)
}

fn policy(statements: &str, part: fn(FoundDocuments) -> Option<IamPolicy>) -> IamPolicy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    part(FoundDocuments::read(&text).unwrap()).unwrap()
}

/// What the policies say, as cause and sentence, without the other candidates.
fn judged(
    text: &str,
    role: Option<IamPolicy>,
    bucket: Option<IamPolicy>,
    key: Option<IamPolicy>,
) -> Vec<Diagnosis> {
    let evidence = Evidence::read(text.as_bytes()).unwrap().with_policies(role, bucket);
    let evidence = match key {
        Some(key) => evidence.with_kms_policy(key),
        None => evidence,
    };
    let is_of_policy = |it: &Diagnosis| it.cause.code.ends_with("-statement");
    diagnose(&evidence).into_iter().filter(is_of_policy).inspect(|it| assert!(!it.certain)).collect()
}

#[track_caller]
fn says(found: &[Diagnosis], expected: &[(&str, &str)]) {
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, (code, sentence)) in found.iter().zip(expected) {
        assert_eq!((found.cause.code, found.sentence.as_str()), (*code, *sentence));
    }
}

fn put(headers: &[(&str, &str)]) -> String {
    Request::new("PUT", "/a.jpg", headers).curl_verbose(403, &code("AccessDenied"))
}

const ALLOWED: &str =
    r#"{"Sid":"Put","Effect":"Allow","Action":["s3:PutObject","kms:GenerateDataKey"],"Resource":"*"}"#;
const OBJECT: &str = "s3:PutObject on arn:aws:s3:::my-bucket/a.jpg";

/// The address of the client and the endpoint are not in the evidence, so a statement about them denies only perhaps.
#[test]
fn conditions_on_values_that_are_not_known_do_not_deny_for_sure() {
    let deny = |sid: &str, condition: &str| {
        bucket(&format!(
            r#"{{"Sid":"{sid}","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::my-bucket/*","Condition":{condition}}}"#
        ))
    };
    let depends = |sid: &str, key: &str| {
        format!(
            "the statement {sid} of the bucket policy may deny {OBJECT}: that depends on {key}, which the evidence does not show"
        )
    };
    for (condition, key) in [
        (r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, "aws:SourceIp"),
        (r#"{"IpAddress":{"aws:SourceIp":["198.51.100.0/24"]}}"#, "aws:SourceIp"),
        (r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, "aws:SourceVpce"),
        (r#"{"NumericLessThan":{"s3:TlsVersion":"1.2"}}"#, "s3:TlsVersion"),
        (r#"{"StringLike":{"aws:userid":"AROA*"}}"#, "aws:userid"),
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#, "aws:CurrentTime"),
        // `curl -v` does not show when the request was sent.
        (r#"{"NumericGreaterThan":{"s3:signatureAge":"60000"}}"#, "s3:signatureAge"),
    ] {
        let found = judged(&put(&[]), Some(role(ALLOWED)), Some(deny("Net", condition)), None);
        says(&found, &[("bucket-statement", &depends("Net", key))]);
    }
    // What the request shows decides.
    let denies = format!("the statement Tls of the bucket policy denies {OBJECT}");
    for (condition, headers, is_denied) in [
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, &[][..], true),
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, &[], false),
        (r#"{"StringNotEquals":{"s3:authType":"POST"}}"#, &[], true),
        (r#"{"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}"#, &[], true),
        (
            r#"{"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}}"#,
            &[("if-none-match", "*")],
            false,
        ),
        (r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#, &[], true),
        (
            r#"{"StringEquals":{"s3:RequestObjectTag/team":"web"}}"#,
            &[("x-amz-tagging", "team=web&a=b")],
            true,
        ),
    ] {
        let found = judged(
            &put(headers),
            Some(role(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#)),
            Some(deny("Tls", condition)),
            None,
        );
        let expected = [("bucket-statement", denies.as_str())];
        // Tags need another permission, which the statement denies as well.
        let of_put: Vec<Diagnosis> =
            found.into_iter().filter(|it| it.field.to_string() == "action:s3:PutObject").collect();
        says(&of_put, if is_denied { &expected } else { &[] });
    }
    // A URL alone does not show which headers were sent.
    let condition = r#"{"Null":{"s3:if-none-match":"true"}}"#;
    let evidence = Evidence::of_url(Request::put().signed_url()).with_status(403);
    let found = diagnose(&evidence.with_policies(None, Some(deny("Net", condition))));
    assert!(found.iter().any(|it| it.sentence.contains("depends on s3:if-none-match")), "{found:#?}");
}

#[test]
fn statements_for_certain_identities_depend_on_the_signer() {
    let of = |effect: &str, principal: &str| {
        bucket(&format!(
            r#"{{"Sid":"S","Effect":"{effect}",{principal},"Action":"s3:*","Resource":"arn:aws:s3:::my-bucket/*"}}"#
        ))
    };
    let may = format!(
        "the statement S of the bucket policy may deny {OBJECT}: that depends on the identity that signed, which the evidence does not show"
    );
    let denies = format!("the statement S of the bucket policy denies {OBJECT}");
    let message = "User: arn:aws:sts::111122223333:assumed-role/signer/s is not authorized to perform: s3:PutObject on resource: \
                   \"arn:aws:s3:::my-bucket/a.jpg\" with an explicit deny in a resource-based policy";
    let named = Request::new("PUT", "/a.jpg", &[]).curl_verbose(403, &error("AccessDenied", message, &[]));
    for (principal, unnamed, with_name) in [
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/signer"}"#, Some(&may), Some(&denies)),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/service/signer"}"#, Some(&may), Some(&denies)),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/reports"}"#, Some(&may), None),
        (r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/signer"}"#, Some(&may), None),
        (r#""Principal":"*""#, Some(&denies), Some(&denies)),
    ] {
        for (text, sentence) in [(&put(&[]), unnamed), (&named, with_name)] {
            let found = judged(text, Some(role(ALLOWED)), Some(of("Deny", principal)), None);
            let expected: Vec<(&str, &str)> =
                sentence.map(|it| ("bucket-statement", it.as_str())).into_iter().collect();
            says(&found, &expected);
        }
    }
    // A bucket policy can permit what the role's policies do not mention.
    let other = || role(r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#);
    says(&judged(&put(&[]), Some(other()), Some(of("Allow", r#""Principal":"*""#)), None), &[]);
    says(
        &judged(&put(&[]), Some(other()), None, None),
        &[("iam-statement", &format!("no statement of the role's policies permits {OBJECT}"))],
    );
}

#[test]
fn permissions_with_conditions_are_named() {
    let found = judged(
        &put(&[]),
        Some(role(
            r#"{"Sid":"Office","Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}"#,
        )),
        None,
        None,
    );
    let sentence = format!(
        "the statement Office of the role's policies permits {OBJECT} only for certain values of aws:SourceIp, which the evidence does not show"
    );
    says(&found, &[("iam-statement", &sentence)]);
    // The policies that `upsign documents iam` writes name the service that uses the key.
    let kms = [("x-amz-server-side-encryption", "aws:kms")];
    let own = format!(
        r#"{ALLOWED},{{"Sid":"EncryptUploads","Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"arn:aws:kms:eu-central-1:111122223333:key/1","Condition":{{"StringEquals":{{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}}}}"#
    );
    says(&judged(&put(&kms), Some(role(&own.replace(",\"kms:GenerateDataKey\"]", "]"))), None, None), &[]);
}

#[test]
fn keys_of_kms_need_a_permission_of_role_or_key() {
    let kms = [("x-amz-server-side-encryption", "aws:kms")];
    let s3_only = || role(r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#);
    let none = "no statement of the role's policies permits kms:GenerateDataKey on any key";
    says(&judged(&put(&kms), Some(s3_only()), None, None), &[("iam-statement", none)]);
    says(
        &judged(
            &put(&kms),
            Some(role(r#"{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}"#)),
            None,
            None,
        ),
        &[],
    );
    // No encryption with KMS, no permission.
    says(&judged(&put(&[]), Some(s3_only()), None, None), &[]);

    let key = |statement: &str| Some(bucket(statement));
    let of_account = r#"{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;
    // The key leaves the decision to the policies of the account, which are then needed.
    says(&judged(&put(&[]), Some(s3_only()), None, key(of_account)), &[("iam-statement", none)]);
    says(&judged(&put(&[]), Some(role(ALLOWED)), None, key(of_account)), &[]);
    let everyone = r#"{"Effect":"Allow","Principal":"*","Action":"kms:GenerateDataKey*","Resource":"*"}"#;
    says(&judged(&put(&[]), Some(s3_only()), None, key(everyone)), &[]);
    let decrypts = everyone.replace("GenerateDataKey*", "Decrypt");
    let lacks = "no statement of the policy of the KMS key permits kms:GenerateDataKey on the key";
    says(&judged(&put(&[]), None, None, key(&decrypts)), &[("kms-statement", lacks)]);
    let denied = format!(
        r#"{everyone},{{"Sid":"No","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}"#
    );
    let denies = "the statement No of the policy of the KMS key denies kms:GenerateDataKey on the key";
    says(&judged(&put(&[]), None, None, key(&denied)), &[("kms-statement", denies)]);
}

/// The fields of a form are what policies see of it.
#[test]
fn forms_are_judged_by_their_fields() {
    let base64 = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text);
    let policy =
        base64(r#"{"expiration":"2026-11-27T13:00:00Z","conditions":[{"key":"a/b.jpg"},{"acl":"private"}]}"#);
    let fields = [
        ("key", "a/b.jpg"),
        ("policy", &policy),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", &format!("{KEY_ID}/20261127/eu-central-1/s3/aws4_request")),
        ("x-amz-date", "20261127T120000Z"),
        ("x-amz-signature", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
    ];
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body: String = fields.iter().map(part).collect();
    let mut request = Request::new("POST", "/", &[("content-type", "multipart/form-data; boundary=b")]);
    request.query.clear();
    let mut entry = request.har_entry(403, &[], &code("AccessDenied"));
    entry["request"]["url"] = "https://my-bucket.s3.eu-central-1.amazonaws.com/".into();
    let without_fields = crate::fixture::har(&[entry.clone()]);
    entry["request"]["postData"] = serde_json::json!({"mimeType": "multipart/form-data; boundary=b", "text": format!("{body}--b--\r\n")});
    let text = crate::fixture::har(&[entry]);

    let deny = r#"{"Sid":"NoForms","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::my-bucket/a/*","Condition":{"StringEquals":{"s3:authType":"POST"}}}"#;
    let sentence =
        "the statement NoForms of the bucket policy denies s3:PutObject on arn:aws:s3:::my-bucket/a/b.jpg";
    says(&judged(&text, Some(role(ALLOWED)), Some(bucket(deny)), None), &[("bucket-statement", sentence)]);
    let other = role(r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::my-bucket/b/*"}"#);
    let sentence =
        "no statement of the role's policies permits s3:PutObject on arn:aws:s3:::my-bucket/a/b.jpg";
    says(&judged(&text, Some(other), None, None), &[("iam-statement", sentence)]);

    // Without them, that is said.
    let evidence = Evidence::read(without_fields.as_bytes()).unwrap().with_policies(None, Some(bucket(deny)));
    let found = diagnose(&evidence);
    assert!(
        found.iter().any(|it| it.sentence.contains("policies that were passed are not applied")),
        "{found:#?}"
    );
}
