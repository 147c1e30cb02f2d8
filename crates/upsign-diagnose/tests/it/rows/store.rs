//! Errors of stores.

use super::check_row;
use crate::evidence::{code, recorded, store};
use crate::fixture::error;

/// An error of which the answer alone is known with the URL, and one with the whole request.
#[track_caller]
fn both(body: &str, cause: (&'static str, &'static str, &'static str), certain: (bool, bool)) {
    let (code, field, owner) = cause;
    check_row(body, &store(body), (code, field, owner, certain.0));
    check_row(body, &recorded(400, body), (code, field, owner, certain.1));
}

#[test]
fn forms() {
    let named = |name: &str| {
        error(
            "InvalidArgument",
            &format!(
                "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
            ),
            &[("ArgumentName", name), ("ArgumentValue", "")],
        )
    };
    both(&named("key"), ("form-malformed", "form-field:key", "client"), (true, true));
    both(&named("X-Amz-Signature"), ("form-malformed", "form-field:x-amz-signature", "client"), (true, true));
    let files = |count: &str| {
        error(
            "InvalidArgument",
            "POST requires exactly one file upload per request.",
            &[("ArgumentName", "file"), ("ArgumentValue", count)],
        )
    };
    both(&files("0"), ("form-malformed", "form-field:file", "client"), (true, true));
    both(&code("UserKeyMustBeSpecified"), ("form-malformed", "form-field:key", "client"), (false, true));
}

#[test]
fn signatures() {
    let bearer = error(
        "InvalidArgument",
        "Unsupported Authorization Type",
        &[
            ("ArgumentName", "Authorization"),
            ("ArgumentValue", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"),
        ],
    );
    both(&bearer, ("two-signatures", "header:authorization", "client"), (false, false));
    let version = error(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        &[],
    );
    both(&version, ("sigv2", "query:X-Amz-Algorithm", "configuration"), (false, false));
    // Garage: the code is that of permissions, and the message that of signatures.
    let garage = error("AccessDenied", "Forbidden: Invalid signature", &[]);
    let found = store(&garage);
    check_row(&garage, &found, ("header-differs", "header:content-type", "client", false));
    assert!(found.iter().any(|it| it.cause.code == "wrong-secret"), "{found:#?}");
    assert!(found.iter().all(|it| it.owner.as_str() != "iam"), "{found:#?}");
}

#[test]
fn digests() {
    let invalid = error("InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid.", &[]);
    both(&invalid, ("digest-invalid", "header:x-amz-checksum-sha256", "client"), (true, true));
}

#[test]
fn kms() {
    let key = ("kms-key-unusable", "action:kms:GenerateDataKey", "configuration");
    for name in ["KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"] {
        both(&code(name), key, (false, true));
    }
    both(
        &code("KMS.AccessDeniedException"),
        ("kms-denied", "action:kms:GenerateDataKey", "iam"),
        (false, true),
    );
}

#[test]
fn stores_that_are_busy() {
    for name in ["SlowDown", "SlowDownRead"] {
        both(&code(name), ("slow-down", "unknown", "client"), (false, true));
    }
    for message in ["", "Service is unable to handle request."] {
        let body = error("ServiceUnavailable", message, &[]);
        both(&body, ("store-error", "unknown", "store"), (false, true));
    }
    // MinIO answers so also after it waited for the rest of a body.
    both(&code("SlowDownWrite"), ("slow-down", "unknown", "client"), (false, false));
    assert!(store(&code("SlowDownWrite")).iter().any(|it| it.cause.code == "body-incomplete"));
}

#[test]
fn values_that_a_store_does_not_take() {
    let header = |name| ("other-refusal", name, "configuration");
    both(&code("InvalidTag"), header("header:x-amz-tagging"), (false, true));
    both(&code("InvalidStorageClass"), header("header:x-amz-storage-class"), (false, true));
    both(
        &code("InvalidEncryptionAlgorithmError"),
        header("header:x-amz-server-side-encryption"),
        (false, true),
    );
    let argument = error(
        "InvalidArgument",
        "The value is wrong",
        &[("ArgumentName", "content-type"), ("ArgumentValue", "secret-value")],
    );
    let found = recorded(400, &argument);
    check_row(&argument, &found, ("other-refusal", "header:content-type", "client", false));
    assert!(!format!("{found:?}").contains("secret-value"));
}

/// Nothing is guessed about a code that is not known.
#[test]
fn unknown_codes() {
    for found in [store(&code("XMinioStorageFull")), recorded(404, &code("NoSuchThing"))] {
        check_row("unknown", &found, ("other-refusal", "unknown", "store", false));
        let guesses = ["bucket-unknown", "credentials-expired", "wrong-secret", "signature-mismatch"];
        assert!(!found.iter().any(|it| guesses.contains(&it.cause.code)), "{found:#?}");
    }
}

#[test]
fn parameters_of_the_signature() {
    for (message, field, certain) in [
        (
            r#"Error parsing the X-Amz-Credential parameter; incorrect date format "2026"."#,
            "query:X-Amz-Credential",
            true,
        ),
        (
            r#"Invalid credential date "20261126". This date is not the same as X-Amz-Date: "20261127"."#,
            "query:X-Amz-Credential",
            true,
        ),
        (
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"",
            "query:X-Amz-Algorithm",
            true,
        ),
        ("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", "query:X-Amz-Date", true),
        ("something else", "unknown", false),
    ] {
        let body = error("AuthorizationQueryParametersError", message, &[]);
        both(&body, ("query-malformed", field, "configuration"), (certain, certain));
    }
}
