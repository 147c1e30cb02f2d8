//! Permissions and contents.

use upsign_documents::FoundDocuments;

use super::*;
use crate::evidence::{GUARD, ROLE};

/// The policy of a KMS key that another role may use.
const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Others","Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:role/others"},"Action":"kms:GenerateDataKey","Resource":"*"}]}"#;

pub(super) fn permissions() -> Vec<Row> {
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1";
    let headers =
        [("x-amz-server-side-encryption", "aws:kms"), ("x-amz-server-side-encryption-aws-kms-key-id", key)];
    let mut encrypted = Request::new("PUT", "/a.jpg", &headers);
    encrypted.headers.push(("origin".into(), ORIGIN.into()));
    let kms = "kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:111122223333:key/1 because no identity-based policy allows it";
    let action = "action:s3:PutObject";
    let mut unsigned = of_page();
    unsigned.query.clear();
    let mut public =
        Request::new("PUT", "/a.jpg", &[("x-amz-acl", "public-read"), ("content-type", "image/jpeg")]);
    public.headers.push(("origin".into(), ORIGIN.into()));
    let condition =
        "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$Content-Type\", \"image/png\"]";
    let extra = "Invalid according to Policy: Extra input fields: x-amz-meta-note";
    vec![
        row(
            "not-permitted",
            action,
            "iam",
            not_authorized(
                "s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action",
            ),
        ),
        row(
            "denied-by-bucket",
            action,
            "bucket-policy",
            not_authorized(
                "s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a resource-based policy",
            ),
        ),
        row(
            "denied-by-identity",
            action,
            "iam",
            not_authorized(
                "s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a service control policy",
            ),
        ),
        candidate(
            "kms-statement",
            "action:kms:GenerateDataKey",
            "iam",
            vec![entry(&encrypted, "xhr", &with_status(403, &code("AccessDenied")))],
        )
        .with(|it| it.with_kms_policy(FoundDocuments::read(KEY_POLICY).unwrap().bucket_policy.unwrap())),
        row(
            "kms-key-unusable",
            "action:kms:GenerateDataKey",
            "configuration",
            by_code(400, "KMS.DisabledException"),
        ),
        row("kms-denied", "action:kms:GenerateDataKey", "iam", not_authorized(kms)),
        candidate(
            "not-signed",
            "query:X-Amz-Signature",
            "client",
            vec![grant(&Request::put()), entry(&unsigned, "xhr", &with_status(403, &code("AccessDenied")))],
        ),
        candidate("access-denied", action, "iam", denied("Access Denied")),
        candidate(
            "public-acl-blocked",
            "header:x-amz-acl",
            "client",
            vec![entry(&public, "xhr", &with_status(403, &code("AccessDenied")))],
        ),
        row("acl-not-supported", "header:x-amz-acl", "client", by_code(400, "AccessControlListNotSupported")),
        row(
            "form-condition",
            "form-field:content-type",
            "client",
            form(403, &error("AccessDenied", condition, &[])),
        ),
        row(
            "form-extra-field",
            "form-field:x-amz-meta-note",
            "client",
            form(403, &error("AccessDenied", extra, &[])),
        ),
        candidate("iam-statement", action, "iam", denied("Access Denied"))
            .with(|it| it.with_policies(FoundDocuments::read(ROLE).unwrap().role, None)),
        candidate("bucket-statement", action, "bucket-policy", denied("Access Denied"))
            .with(|it| it.with_policies(None, FoundDocuments::read(GUARD).unwrap().bucket_policy)),
    ]
}

pub(super) fn content() -> Vec<Row> {
    let mut of_nothing = of_page();
    of_nothing.query.push(("x-amz-checksum-crc32".into(), "AAAAAA==".into()));
    of_nothing.sign(&Mistake::default());
    let digests = [("ExpectedDigest", "d41d8cd9"), ("CalculatedDigest", "XUFAKrxLKna5cZ2REBfFkg==")];
    let chunked = "A header you provided implies functionality that is not implemented";
    let set = "configuration";
    let of_parts = |status, name: &str| vec![entry(&part(), "xhr", &with_status(status, &code(name)))];
    let object_size = error("InvalidRequest", "The value of x-amz-mp-object-size does not match", &[]);
    let wrong_method = error("MethodNotAllowed", "", &[("Method", "POST"), ("ResourceType", "OBJECT")]);
    vec![
        row(
            "too-large",
            "body",
            "client",
            detailed(
                400,
                "EntityTooLarge",
                "",
                &[("ProposedSize", "2097152"), ("MaxSizeAllowed", "1048576")],
            ),
        ),
        row(
            "too-small",
            "body",
            "client",
            detailed(400, "EntityTooSmall", "", &[("ProposedSize", "1"), ("MinSizeAllowed", "5242880")]),
        ),
        row("length-missing", "header:content-length", "client", by_code(411, "MissingContentLength")),
        row(
            "chunked",
            "header:transfer-encoding",
            "client",
            detailed(501, "NotImplemented", chunked, &[("Header", "Transfer-Encoding")]),
        ),
        row("body-incomplete", "body", "client", by_code(400, "IncompleteBody")),
        row("checksum-differs", "body", "client", detailed(400, "BadDigest", "", &digests)),
        row(
            "checksum-of-nothing",
            "query:x-amz-checksum-crc32",
            set,
            vec![entry(&of_nothing, "xhr", &with_status(400, &code("BadDigest")))],
        ),
        row("digest-invalid", "body", "client", by_code(400, "InvalidDigest")),
        row("key-too-long", "key", set, by_code(400, "KeyTooLongError")),
        row("metadata-too-large", "header:x-amz-meta-*", "client", by_code(400, "MetadataTooLarge")),
        row(
            "key-exists",
            "header:if-none-match",
            "client",
            detailed(412, "PreconditionFailed", "", &[("Condition", "If-None-Match")]),
        ),
        row(
            "object-changed",
            "header:if-match",
            "client",
            detailed(412, "PreconditionFailed", "", &[("Condition", "If-Match")]),
        ),
        row("write-conflict", "key", "client", by_code(409, "ConditionalRequestConflict")),
        row("form-too-long", "form-field:policy", set, form(400, &code("MaxPostPreDataLengthExceededError"))),
        row("form-policy-invalid", "form-field:policy", set, form(400, &code("InvalidPolicyDocument"))),
        row("form-malformed", "form-field:file", "client", form(400, &code("MalformedPOSTRequest"))),
        row(
            "method-not-allowed",
            "method",
            "client",
            sent(|it| it.method = "POST".into(), 405, &wrong_method),
        ),
        row("part-invalid", "body", "client", of_parts(400, "InvalidPart")),
        row("part-order", "body", "client", of_parts(400, "InvalidPartOrder")),
        row(
            "object-unknown",
            "key",
            "client",
            vec![entry(&Request::new("GET", "/a.jpg", &[]), "fetch", &with_status(404, &code("NoSuchKey")))],
        ),
        row("upload-unknown", "query:uploadId", "client", of_parts(404, "NoSuchUpload")),
        row("size-mismatch", "header:x-amz-mp-object-size", "client", answered(400, &object_size)),
    ]
}
