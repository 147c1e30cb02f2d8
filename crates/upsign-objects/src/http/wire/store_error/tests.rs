use super::*;
use crate::http::wire::xml::parse;

/// What `StoreError` keeps of an answer: the code, the ids, and whether a retry may help.
#[track_caller]
fn check(status: u16, body: &str, expected: (&str, Option<&str>, Option<&str>), retry_may_help: bool) {
    let error = StoreError::new(status).with_body(&parse(body).ok().unwrap());
    let found = (error.code().unwrap().as_str(), error.request_id(), error.host_id());
    assert_eq!(found, expected);
    assert_eq!(error.retry_may_help(), retry_may_help, "{body}");
}

/// The shapes of answers of S3, MinIO, SeaweedFS and R2. The first is that of
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
#[test]
fn answers_of_stores_are_read() {
    check(
        404,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>NoSuchKey</Code>
  <Message>The resource you requested does not exist</Message>
  <Resource>/mybucket/myfoto.jpg</Resource>
  <RequestId>4442587FB7D0A2F9</RequestId>
</Error>"#,
        ("NoSuchKey", Some("4442587FB7D0A2F9"), None),
        false,
    );
    check(
        503,
        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==</HostId></Error>",
        (
            "SlowDown",
            Some("4442587FB7D0A2F9"),
            Some("Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg=="),
        ),
        true,
    );
    // MinIO, whose codes are in <https://github.com/minio/minio/blob/master/cmd/api-errors.go>.
    check(
        503,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>XMinioServerNotInitialized</Code><Message>Server not initialized yet, please try again.</Message><BucketName>b</BucketName><Resource>/b</Resource><RequestId>3L137</RequestId><HostId>3L137</HostId></Error>"#,
        ("XMinioServerNotInitialized", Some("3L137"), Some("3L137")),
        true,
    );
    // SeaweedFS 4.48.
    check(
        404,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>NoSuchUpload</Code><Message>The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.</Message><Resource>/errs/k</Resource><RequestId>18EBD49AFBE8043DB5D5ABDB</RequestId><Key>k</Key><BucketName>errs</BucketName></Error>"#,
        ("NoSuchUpload", Some("18EBD49AFBE8043DB5D5ABDB"), None),
        false,
    );
    // R2 sends no ids in the body: <https://developers.cloudflare.com/r2/api/error-codes/>.
    check(
        400,
        r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidPart</Code><Message>All non-trailing parts must have the same length.</Message></Error>"#,
        ("InvalidPart", None, None),
        false,
    );
    // With a namespace, as some gateways do.
    check(
        500,
        r#"<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>InternalError</Code><RequestId/></Error>"#,
        ("InternalError", None, None),
        true,
    );
}

/// S3 repeats the signed request in this answer, with the session token (<https://github.com/minio/minio/issues/2986>).
#[test]
fn echo_of_the_signed_request_is_dropped() {
    let secret = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";
    let body = format!(
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match: {secret}</Message>\
         <AWSAccessKeyId>{secret}</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256\n{secret}</StringToSign>\
         <SignatureProvided>{secret}</SignatureProvided><StringToSignBytes>{secret}</StringToSignBytes>\
         <CanonicalRequest>PUT\n/k\nX-Amz-Security-Token={secret}</CanonicalRequest>\
         <CanonicalRequestBytes>{secret}</CanonicalRequestBytes><RequestId>R</RequestId><HostId>H</HostId></Error>"
    );
    let error = StoreError::new(403).with_body(&parse(&body).ok().unwrap());
    assert_eq!(error.to_string(), "the store answered 403 SignatureDoesNotMatch (request id R, host id H)");
    assert!(!format!("{error:?}").contains(secret));
}

#[test]
fn ids_are_bounded() {
    for id in ["", "a b", "a\nb", "é", &"x".repeat(257)] {
        let error = StoreError::new(500).with_request_id("kept").with_request_id(id).with_host_id(id);
        assert_eq!((error.request_id(), error.host_id()), (Some("kept"), None), "{id:?}");
    }
}

#[test]
fn certain_refusals_had_no_effect() {
    let error = |status, code: &str| StoreError::new(status).with_code(code).had_no_effect();
    for (status, code) in [
        (301, "PermanentRedirect"),
        (400, "RequestTimeout"),
        (404, "NoSuchUpload"),
        (409, "OperationAborted"),
        (503, "SlowDown"),
        (503, "ServiceUnavailable"),
        (200, "PreconditionFailed"),
        (200, "InvalidPart"),
    ] {
        assert!(error(status, code), "{status} {code}");
    }
    for (status, code) in [
        (500, "InternalError"),
        (500, "SlowDown"),
        (503, "SlowDownWrite"),
        (200, "InternalError"),
        (200, "SlowDown"),
        (502, "x"),
    ] {
        assert!(!error(status, code), "{status} {code}");
    }
    assert!(!StoreError::new(503).had_no_effect());
}
