//! Every cause of the table, from the evidence that users have of it. A test has the name of its cause.

use upsign_diagnose::{CAUSES, Evidence, PageRequest, PreflightAnswer, PreflightReport, diagnose};

use crate::evidence::*;
use crate::fixture::{KEY_ID, Mistake, Request, error, har};

/// Declares tests with the names of causes, and lists them.
macro_rules! causes {
    ($($name:ident => $body:expr;)*) => {
        $(#[test] fn $name() { $body })*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

causes! {
    method_differs => check(&changed(|it| it.method = "POST".into()), &expected("method-differs", "method", "client", true));
    host_differs => check(&changed(|it| it.host = "cdn.example.com".into()), &expected("host-differs", "host", "client", true));
    path_differs => check(&changed(|it| it.path = "/b.jpg".into()), &expected("path-differs", "path", "client", true));
    path_encoding => {
        let found = changed(|it| it.path = it.path.replace("%20", "%2520"));
        check(&found, &expected("path-encoding", "path", "client", true));
    };
    query_added => {
        let found = changed(|it| it.query.push(("fbclid".into(), "1".into())));
        check(&found, &expected("query-added", "query:fbclid", "client", true));
    };
    query_missing => {
        let found = changed(|it| it.query.retain(|(name, _)| name != "X-Amz-Expires"));
        check(&found, &expected("query-missing", "query:X-Amz-Expires", "client", true));
    };
    query_differs => {
        let found = changed(|it| it.set_parameter("X-Amz-Expires", "9000"));
        check(&found, &expected("query-differs", "query:X-Amz-Expires", "client", true));
    };
    signature_altered => {
        let found = changed(|it| it.signature.truncate(10));
        check(&found, &expected("signature-altered", "query:X-Amz-Signature", "client", true));
    };
    header_missing => {
        let found = changed(|it| it.set_header("content-type", None));
        check(&found, &expected("header-missing", "header:content-type", "client", true));
    };
    header_differs => {
        let found = changed(|it| it.set_header("content-type", Some("text/plain;charset=UTF-8")));
        check(&found, &expected("header-differs", "header:content-type", "client", true));
    };
    length_differs => {
        let found = changed(|it| it.set_header("content-length", Some("1")));
        check(&found, &expected("length-differs", "header:content-length", "client", true));
    };
    header_unsigned => {
        let found = denied("There were headers present in the request which were not signed", &[("HeadersNotSigned", "x-amz-acl")]);
        check(&found, &expected("header-unsigned", "header:x-amz-acl", "client", true));
        let found = sent(|it| it.set_header("x-amz-acl", Some("private")), 403, &code("SignatureDoesNotMatch"));
        // Headers that are not signed take no part in the signature.
        check_candidate(&found, "header-unsigned");
    };
    payload_hash => {
        let request = Request::put();
        let body = request.echo().replace("UNSIGNED-PAYLOAD", "e3b0c442").replace("CanonicalRequestBytes", "Other");
        check(&store(&body), &expected("payload-hash", "body", "client", true));
    };
    two_signatures => {
        let body = error("InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter …", &[]);
        check(&store(&body), &expected("two-signatures", "header:authorization", "client", false));
        let found = sent(|it| it.set_header("authorization", Some("Bearer abc")), 400, &body);
        check(&found, &expected("two-signatures", "header:authorization", "client", true));
    };
    signed_for_region => {
        let found = mistaken(&Mistake { region: Some("eu-west-1"), ..Mistake::default() });
        check(&found, &expected("signed-for-region", "region", "configuration", true));
    };
    signed_for_service => {
        let found = mistaken(&Mistake { service: Some("s3-object-lambda"), ..Mistake::default() });
        check(&found, &expected("signed-for-service", "query:X-Amz-Credential", "configuration", true));
    };
    signed_for_date => {
        let found = mistaken(&Mistake { day_later: true, ..Mistake::default() });
        check(&found, &expected("signed-for-date", "clock", "configuration", true));
    };
    signed_without_token => {
        let found = mistaken(&Mistake { without_token: true, ..Mistake::default() });
        check(&found, &expected("signed-without-token", "query:X-Amz-Security-Token", "configuration", true));
    };
    signed_payload => {
        let hash = Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let found = mistaken(&Mistake { payload: hash, ..Mistake::default() });
        check(&found, &expected("signed-payload", "body", "configuration", true));
    };
    signed_path => {
        let found = mistaken(&Mistake { path: Some(|path| path.replace('%', "%25")), ..Mistake::default() });
        check(&found, &expected("signed-path", "path", "configuration", true));
    };
    signed_secret => {
        let found = mistaken(&Mistake { secret: Some(" wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), ..Mistake::default() });
        check(&found, &expected("signed-secret", "credentials", "configuration", true));
    };
    sigv2 => {
        let body = error("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", &[]);
        check(&store(&body), &expected("sigv2", "query:X-Amz-Algorithm", "configuration", false));
    };
    wrong_secret => {
        let found = mistaken(&Mistake::default());
        check(&found, &expected("wrong-secret", "credentials", "configuration", true));
    };
    signature_mismatch => {
        let found = diagnose(&Evidence::read(code("SignatureDoesNotMatch").as_bytes()).unwrap());
        check(&found, &expected("signature-mismatch", "unknown", "client", false));
    };

    url_expired => {
        let details = [("X-Amz-Expires", "900"), ("Expires", "2026-11-27T12:15:00Z"), ("ServerTime", "2026-11-27T13:00:00Z")];
        check(&denied("Request has expired", &details), &expected("url-expired", "query:X-Amz-Expires", "client", true));
        check(&store(&code("ExpiredRequest")), &expected("url-expired", "query:X-Amz-Expires", "client", false));
        check(&recorded(403, &error("AccessDenied", "Request has expired", &[])), &expected("url-expired", "query:X-Amz-Expires", "client", true));
    };
    form_expired => {
        let found = denied("Invalid according to Policy: Policy expired.", &[]);
        check(&found, &expected("form-expired", "form-field:policy", "client", true));
    };
    url_not_yet_valid => {
        check(&denied("Request is not valid yet", &[]), &expected("url-not-yet-valid", "clock", "clock", true));
        // S3 states the validity and its time as for an expired URL.
        let times = [("Expires", "2099-01-01T00:15:00Z"), ("ServerTime", "2026-11-27T22:08:00Z")];
        check(&denied("Request is not yet valid", &times), &expected("url-not-yet-valid", "clock", "clock", true));
    };
    clock_skew => {
        let details = [("RequestTime", "20261127T120000Z"), ("ServerTime", "2026-11-27T13:00:00Z"), ("MaxAllowedSkewMilliseconds", "900000")];
        check(&store(&error("RequestTimeTooSkewed", "", &details)), &expected("clock-skew", "clock", "clock", true));
    };
    expires_too_long => {
        let found = parameters("X-Amz-Expires must be less than a week (in seconds)", &[]);
        check(&found, &expected("expires-too-long", "query:X-Amz-Expires", "configuration", true));
    };
    expires_not_a_number => {
        let found = parameters("X-Amz-Expires should be a number", &[]);
        check(&found, &expected("expires-not-a-number", "query:X-Amz-Expires", "configuration", true));
    };

    credentials_expired => {
        by_code(400, &code("ExpiredToken"), "credentials-expired", "credentials", "configuration");
        let entry = Request::put().har_entry(400, &[], &code("ExpiredToken"));
        let found = diagnose(&Evidence::read(har(&[entry]).as_bytes()).unwrap());
        assert!(found[0].sentence.contains("the URL itself is valid until 2026-11-27T12:15:00Z"), "{found:#?}");
    };
    token_missing => {
        let body = error("InvalidAccessKeyId", "", &[("AWSAccessKeyId", KEY_ID)]);
        let mut request = Request::put();
        request.query.retain(|(name, _)| name != "X-Amz-Security-Token");
        request.sign(&Mistake::default());
        let evidence = Evidence::read(body.as_bytes()).unwrap().with_url(request.signed_url()).unwrap();
        check(&diagnose(&evidence), &expected("token-missing", "query:X-Amz-Security-Token", "configuration", true));
    };
    access_key_unknown => {
        let body = error("InvalidAccessKeyId", "", &[("AWSAccessKeyId", "AKIADELETED")]);
        check(&store(&body), &expected("access-key-unknown", "query:X-Amz-Credential", "configuration", false));
    };
    token_invalid => {
        check(&store(&code("InvalidToken")), &expected("token-invalid", "query:X-Amz-Security-Token", "configuration", false));
    };
    wrong_region => {
        let message = "Error parsing the X-Amz-Credential parameter; the region 'eu-central-1' is wrong; expecting 'us-west-2'";
        let found = parameters(message, &[("Region", "us-west-2")]);
        check(&found, &expected("wrong-region", "query:X-Amz-Credential", "configuration", true));
        assert_eq!(found[0].sentence, "the URL is signed for the region eu-central-1, and the bucket is in us-west-2");
    };
    wrong_service => {
        let found = parameters("incorrect service \"execute-api\". This endpoint belongs to \"s3\".", &[]);
        check(&found, &expected("wrong-service", "query:X-Amz-Credential", "configuration", true));
    };
    query_incomplete => {
        let found = parameters("Query-string authentication version 4 requires the X-Amz-Algorithm, … parameters.", &[]);
        check(&found, &expected("query-incomplete", "unknown", "client", false));
    };
    query_malformed => {
        check(&parameters("Invalid credential date", &[]), &expected("query-malformed", "query:X-Amz-Credential", "configuration", true));
    };
    permanent_redirect => {
        let body = error("PermanentRedirect", "", &[("Endpoint", "my-bucket.s3.us-west-2.amazonaws.com"), ("Bucket", "my-bucket")]);
        check(&store(&body), &expected("permanent-redirect", "region", "configuration", true));
    };
    temporary_redirect => {
        let mut request = Request::put();
        request.host = "my-bucket.s3.amazonaws.com".to_owned();
        let body = code("TemporaryRedirect");
        let found = diagnose(&Evidence::read(request.curl_verbose(307, &body).as_bytes()).unwrap());
        check(&found, &expected("temporary-redirect", "host", "configuration", true));
        check(&recorded(307, &body), &expected("temporary-redirect", "host", "configuration", false));
    };
    bucket_unknown => by_code(404, &code("NoSuchBucket"), "bucket-unknown", "bucket", "configuration");

    not_permitted => {
        let found = not_authorized("s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action");
        check(&found, &expected("not-permitted", "action:s3:PutObject", "iam", true));
    };
    denied_by_bucket => {
        let found = not_authorized("s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a resource-based policy");
        check(&found, &expected("denied-by-bucket", "action:s3:PutObject", "bucket-policy", true));
    };
    denied_by_identity => {
        let found = not_authorized("s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny in a service control policy");
        check(&found, &expected("denied-by-identity", "action:s3:PutObject", "iam", true));
    };
    kms_denied => {
        let found = not_authorized("kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:111122223333:key/1 because no identity-based policy allows it");
        check(&found, &expected("kms-denied", "action:kms:GenerateDataKey", "iam", true));
    };
    kms_key_unusable => by_code(400, &code("KMS.DisabledException"), "kms-key-unusable", "action:kms:GenerateDataKey", "configuration");
    kms_statement => check(&with_key_policy(KEY_OF_OTHERS), &expected("kms-statement", "action:kms:GenerateDataKey", "iam", false));
    not_signed => {
        let message = "User: anonymous is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no resource-based policy allows it";
        check(&denied(message, &[]), &expected("not-signed", "query:X-Amz-Signature", "client", true));
        let mut request = Request::new("PUT", "/a.jpg", &[]);
        request.query.clear();
        let text = request.curl_verbose(403, &code("AccessDenied"));
        let text = text.lines().map(|line| if line.starts_with("> PUT") { "> PUT /a.jpg HTTP/1.1" } else { line });
        let found = diagnose(&Evidence::read(text.collect::<Vec<_>>().join("\n").as_bytes()).unwrap());
        check(&found, &expected("not-signed", "query:X-Amz-Signature", "client", false));
    };
    access_denied => {
        let found = denied("Access Denied", &[]);
        check(&found, &expected("access-denied", "action:s3:PutObject", "iam", false));
    };
    public_acl_blocked => {
        let mut request = Request::new("PUT", "/a.jpg", &[("x-amz-acl", "public-read")]);
        request.scheme = "https";
        let found = diagnose(&Evidence::read(request.curl_verbose(403, &code("AccessDenied")).as_bytes()).unwrap());
        check_candidate(&found, "public-acl-blocked");
    };
    signature_too_old => check_candidate(&denied("Access Denied", &[]), "signature-too-old");
    acl_not_supported => by_code(400, &code("AccessControlListNotSupported"), "acl-not-supported", "header:x-amz-acl", "client");
    form_condition => {
        let found = denied("Invalid according to Policy: Policy Condition failed: [\"eq\", \"$Content-Type\", \"image/png\"]", &[]);
        check(&found, &expected("form-condition", "form-field:content-type", "client", true));
    };
    form_extra_field => {
        let found = denied("Invalid according to Policy: Extra input fields: x-amz-meta-note", &[]);
        check(&found, &expected("form-extra-field", "form-field:x-amz-meta-note", "client", true));
    };
    iam_statement => check(&with_policies(Some(ROLE), None), &expected("iam-statement", "action:s3:PutObject", "iam", false));
    bucket_statement => {
        let found = with_policies(Some(ROLE), Some(GUARD));
        check(&found, &expected("bucket-statement", "action:s3:PutObject", "bucket-policy", false));
        assert!(found[0].sentence.contains("NoUploads"), "{found:#?}");
    };

    too_large => {
        let body = error("EntityTooLarge", "", &[("ProposedSize", "2097152"), ("MaxSizeAllowed", "1048576")]);
        check(&store(&body), &expected("too-large", "body", "client", true));
        check(&store(&code("EntityTooLarge")), &expected("too-large", "body", "client", false));
    };
    too_small => {
        let body = error("EntityTooSmall", "", &[("ProposedSize", "1"), ("MinSizeAllowed", "5242880")]);
        check(&store(&body), &expected("too-small", "body", "client", true));
    };
    length_missing => by_code(411, &code("MissingContentLength"), "length-missing", "header:content-length", "client");
    chunked => {
        let body = error("NotImplemented", "A header you provided implies functionality that is not implemented", &[("Header", "Transfer-Encoding")]);
        check(&store(&body), &expected("chunked", "header:transfer-encoding", "client", true));
    };
    body_incomplete => {
        by_code(400, &code("IncompleteBody"), "body-incomplete", "body", "client");
        by_code(400, &code("RequestTimeout"), "body-incomplete", "body", "client");
    };
    checksum_differs => {
        let body = error("BadDigest", "", &[("ExpectedDigest", "d41d8cd9"), ("CalculatedDigest", "XUFAKrxLKna5cZ2REBfFkg==")]);
        check(&store(&body), &expected("checksum-differs", "body", "client", true));
        check(&store(&code("XAmzContentChecksumMismatch")), &expected("checksum-differs", "body", "client", false));
    };
    checksum_of_nothing => {
        let mut request = Request::put();
        request.query.push(("x-amz-checksum-crc32".into(), "AAAAAA==".into()));
        request.sign(&Mistake::default());
        let found = diagnose(&Evidence::read(request.curl_verbose(400, &code("BadDigest")).as_bytes()).unwrap());
        check(&found, &expected("checksum-of-nothing", "query:x-amz-checksum-crc32", "configuration", true));
    };
    digest_invalid => check(&store(&code("InvalidDigest")), &expected("digest-invalid", "body", "client", false));
    key_too_long => by_code(400, &code("KeyTooLongError"), "key-too-long", "key", "configuration");
    object_unknown => by_code(404, &code("NoSuchKey"), "object-unknown", "key", "client");
    metadata_too_large => by_code(400, &code("MetadataTooLarge"), "metadata-too-large", "header:x-amz-meta-*", "client");
    key_exists => {
        let body = error("PreconditionFailed", "", &[("Condition", "If-None-Match")]);
        check(&store(&body), &expected("key-exists", "header:if-none-match", "client", true));
    };
    object_changed => {
        let body = error("PreconditionFailed", "", &[("Condition", "If-Match")]);
        check(&store(&body), &expected("object-changed", "header:if-match", "client", true));
    };
    write_conflict => by_code(409, &code("ConditionalRequestConflict"), "write-conflict", "key", "client");
    form_too_long => {
        by_code(400, &code("MaxPostPreDataLengthExceededError"), "form-too-long", "form-field:policy", "configuration");
        by_code(400, &code("MaxMessageLengthExceeded"), "form-too-long", "form-field:policy", "configuration");
    };
    form_policy_invalid => by_code(400, &code("InvalidPolicyDocument"), "form-policy-invalid", "form-field:policy", "configuration");
    form_malformed => by_code(400, &code("MalformedPOSTRequest"), "form-malformed", "form-field:file", "client");
    method_not_allowed => {
        let body = error("MethodNotAllowed", "", &[("Method", "POST"), ("ResourceType", "OBJECT")]);
        by_code(405, &body, "method-not-allowed", "method", "client");
    };

    part_invalid => by_code(400, &code("InvalidPart"), "part-invalid", "body", "client");
    part_order => by_code(400, &code("InvalidPartOrder"), "part-order", "body", "client");
    upload_unknown => by_code(404, &code("NoSuchUpload"), "upload-unknown", "query:uploadId", "client");
    size_mismatch => {
        let body = error("InvalidRequest", "The value of x-amz-mp-object-size does not match", &[]);
        check(&store(&body), &expected("size-mismatch", "header:x-amz-mp-object-size", "client", false));
    };

    cors_not_enabled => {
        let found = diagnose(&refused(403, &[], &cors_error("CORSResponse: CORS is not enabled for this bucket.")));
        check(&found, &expected("cors-not-enabled", "bucket", "cors", true));
        let body = cors_error("CORSResponse: CORS is not enabled for this bucket.");
        check(&store(&body), &expected("cors-not-enabled", "bucket", "cors", true));
        // The preflight alone, in a HAR and by curl.
        let alone = har(&[preflight().har_entry(403, &[], &body)]);
        for text in [alone, preflight().curl_verbose(403, &body)] {
            let found = diagnose(&Evidence::read(text.as_bytes()).unwrap());
            check(&found, &expected("cors-not-enabled", "bucket", "cors", true));
            assert_eq!(found.len(), 1, "{found:#?}");
        }
    };
    cors_origin => {
        let evidence = refused(403, &[], &cors_error(NOT_ALLOWED));
        let of_rules = rules(r#"[{"AllowedOrigins":["https://www.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["*"]}]"#);
        check(&diagnose(&evidence.with_cors(of_rules)), &expected("cors-origin", "origin", "cors", true));
        check(&blocked("No 'Access-Control-Allow-Origin' header is present on the requested resource."), &expected("cors-origin", "origin", "cors", false));
        let headers = [("Access-Control-Allow-Origin", "https://www.example.com"), ("Access-Control-Allow-Methods", "PUT")];
        check(&diagnose(&refused(200, &headers, "")), &expected("cors-origin", "origin", "cors", true));
    };
    cors_method => {
        let evidence = refused(403, &[], &cors_error(NOT_ALLOWED));
        let of_rules = rules(r#"[{"AllowedOrigins":["*"],"AllowedMethods":["GET"],"AllowedHeaders":["*"]}]"#);
        check(&diagnose(&evidence.with_cors(of_rules)), &expected("cors-method", "method", "cors", true));
        check(&blocked("Method PUT is not allowed by Access-Control-Allow-Methods in preflight response."), &expected("cors-method", "method", "cors", true));
    };
    cors_header => {
        let evidence = refused(403, &[], &cors_error(NOT_ALLOWED));
        let of_rules = rules(r#"[{"AllowedOrigins":["*"],"AllowedMethods":["PUT"],"AllowedHeaders":["content-type","if-none-match"]}]"#);
        check(&diagnose(&evidence.with_cors(of_rules)), &expected("cors-header", "header:x-amz-meta-owner", "cors", true));
        let found = blocked("Request header field if-none-match is not allowed by Access-Control-Allow-Headers in preflight response.");
        check(&found, &expected("cors-header", "header:if-none-match", "cors", true));
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT"), ("Access-Control-Allow-Headers", "content-type, if-none-match")];
        check(&diagnose(&refused(200, &headers, "")), &expected("cors-header", "header:x-amz-meta-owner", "cors", true));
    };
    cors_refused => {
        let found = diagnose(&refused(403, &[], &cors_error(NOT_ALLOWED)));
        check(&found, &expected("cors-refused", "origin", "cors", false));
        assert!(found.iter().all(|it| !it.certain));
        check(&store(&cors_error(NOT_ALLOWED)), &expected("cors-refused", "origin", "cors", false));
    };
    cors_no_bucket => {
        let found = diagnose(&refused(404, &[], &cors_error("CORSResponse: Bucket not found")));
        check(&found, &expected("cors-no-bucket", "bucket", "configuration", true));
    };
    cors_incomplete => {
        let body = error("BadRequest", "Insufficient information. Origin request header needed.", &[]);
        check(&diagnose(&refused(400, &[], &body)), &expected("cors-incomplete", "origin", "client", true));
    };
    cors_hidden => {
        let times = [("Expires", "2026-11-27T12:15:00Z"), ("ServerTime", "2026-11-27T13:00:00Z")];
        let entry = of_page().har_entry(403, &[], &error("AccessDenied", "Request has expired", &times));
        let found = diagnose(&Evidence::read(har(&[entry]).as_bytes()).unwrap());
        check(&found, &expected("url-expired", "query:X-Amz-Expires", "client", true));
        check_candidate(&found, "cors-hidden");
    };
    cors_redirect => {
        let found = diagnose(&refused(307, &[("Location", "https://my-bucket.s3.us-west-2.amazonaws.com/")], &code("TemporaryRedirect")));
        check(&found, &expected("cors-redirect", "host", "configuration", true));
        check(&blocked("Response to preflight request doesn't pass access control check: Redirect is not allowed for a preflight request."), &expected("cors-redirect", "host", "configuration", true));
    };
    cors_credentials => {
        let found = blocked("The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.");
        check(&found, &expected("cors-credentials", "answer-header:access-control-allow-credentials", "client", true));
    };
    cors_several_origins => {
        let found = blocked("The 'Access-Control-Allow-Origin' header contains multiple values 'https://app.example.com, *', but only one is allowed.");
        check(&found, &expected("cors-several-origins", "answer-header:access-control-allow-origin", "proxy", true));
    };
    mixed_content => {
        let mut request = of_page();
        request.scheme = "http";
        let found = diagnose(&Evidence::read(har(&[request.har_entry(0, &[], "")]).as_bytes()).unwrap());
        check(&found, &expected("mixed-content", "scheme", "configuration", true));
        let text = "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://s3.example.com/k'.";
        check(&console(text), &expected("mixed-content", "scheme", "configuration", true));
    };
    csp => {
        let text = "Refused to connect to 'https://s3.example.com/k' because it violates the following Content Security Policy directive: \"connect-src 'self'\".";
        check(&console(text), &expected("csp", "answer-header:content-security-policy", "client", true));
    };
    etag_hidden => {
        let found = diagnose(&Evidence::read(part_that_hides_its_etag().as_bytes()).unwrap());
        check(&found, &expected("etag-hidden", "answer-header:access-control-expose-headers", "cors", true));
    };
    network_error => {
        check(&console("TypeError: Failed to fetch"), &expected("network-error", "origin", "cors", false));
        let found = diagnose(&Evidence::read(har(&[of_page().har_entry(0, &[], "")]).as_bytes()).unwrap());
        check(&found, &expected("network-error", "origin", "cors", false));
    };
    local_network => {
        let origin = "https://app.example.com".parse().unwrap();
        let request = PageRequest::of_url("https://10.0.0.5:9000/b/k", origin).unwrap().with_method("PUT").unwrap();
        let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "PUT")];
        let report = PreflightReport::of_answer(&request, &PreflightAnswer::new(200, headers, ""));
        let found: Vec<_> = report.found().into_iter().cloned().collect();
        check(&found, &expected("local-network", "host", "configuration", false));
    };

    not_implemented => {
        check(&store(&code("NotImplemented")), &expected("not-implemented", "method", "configuration", false));
    };
    slow_down => {
        by_code(503, &code("SlowDown"), "slow-down", "unknown", "client");
        let body = error("ServiceUnavailable", "Please reduce your request rate.", &[]);
        by_code(503, &body, "slow-down", "unknown", "client");
    };
    store_error => by_code(500, &code("InternalError"), "store-error", "unknown", "store");
    proxy_answer => {
        let found = recorded(413, "<html><head><title>413 Request Entity Too Large</title></head></html>");
        check(&found, &expected("proxy-answer", "unknown", "proxy", false));
    };
    other_refusal => {
        check(&store(&error("XMinioStorageFull", "full", &[])), &expected("other-refusal", "unknown", "store", false));
    };

    api_unauthorized => check(&problem(401, "unauthorized"), &expected("api-unauthorized", "token", "client", true));
    api_forbidden => check(&problem(403, "route-forbidden"), &expected("api-forbidden", "token", "client", true));
    api_origin => check(&problem(403, "origin-not-allowed"), &expected("api-origin", "origin", "cors", true));
    api_media_type => check(&problem(415, "content-type-not-allowed"), &expected("api-media-type", "header:content-type", "client", true));
    api_refused => check(&problem(413, "too-large"), &expected("api-refused", "body", "client", true));
    api_unavailable => check(&problem(503, "signing-unavailable"), &expected("api-unavailable", "unknown", "configuration", true));
    rate_limited => check(&problem(429, "too-many-requests"), &expected("rate-limited", "unknown", "client", true));
    gateway_unauthorized => {
        let header = "www-authenticate: Bearer scope=\"\" error=\"invalid_token\" error_description=\"the token does not have a valid audience\"\r\n";
        let found = api(401, header, r#"{"message":"Unauthorized"}"#);
        check(&found, &expected("gateway-unauthorized", "claim:aud", "client", true));
        assert!(found[0].sentence.ends_with("the token does not have a valid audience"));
        check(&api(401, "", r#"{"message":"Unauthorized"}"#), &expected("gateway-unauthorized", "token", "client", false));
    };
    gateway_forbidden => {
        check(&api(403, "", r#"{"message":"Missing Authentication Token"}"#), &expected("gateway-forbidden", "path", "configuration", false));
        check(&api(403, "", r#"{"message":"Forbidden"}"#), &expected("gateway-forbidden", "token", "configuration", false));
    };
    gateway_not_found => check(&api(404, "", r#"{"message":"Not Found"}"#), &expected("gateway-not-found", "path", "client", false));
    gateway_refused => check(&api(400, "", r#"{"message":"Bad Request"}"#), &expected("gateway-refused", "body", "client", false));
    gateway_too_large => {
        check(&api(413, "", r#"{"message":"Request Too Long"}"#), &expected("gateway-too-large", "body", "client", false));
    };
    lambda_failed => {
        check(&api(502, "", r#"{"message":"Internal server error"}"#), &expected("lambda-failed", "unknown", "configuration", false));
    };
    lambda_timeout => {
        check(&api(504, "", r#"{"message":"Endpoint request timed out"}"#), &expected("lambda-timeout", "unknown", "configuration", false));
        check(&console(r#"{"errorMessage":"2026-11-27T12:00:00Z 1 Task timed out after 3.00 seconds"}"#), &expected("lambda-timeout", "unknown", "configuration", false));
    };
}

#[test]
fn every_cause_has_a_test() {
    let codes: Vec<String> = CAUSES.iter().map(|cause| cause.code.replace('-', "_")).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), codes.len(), "a code occurs twice");
    let missing: Vec<&String> = codes.iter().filter(|code| !TESTED.contains(&code.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(TESTED.len(), codes.len());
}

#[test]
fn every_cause_is_described() {
    for cause in CAUSES.iter() {
        for text in [cause.symptom, cause.sentence, cause.fix, cause.proof] {
            assert!(
                !text.is_empty() && !text.ends_with('.') && !text.contains('|'),
                "{}: {text}",
                cause.code
            );
        }
        assert!(cause.source.starts_with("https://"), "{}", cause.code);
        assert_eq!(CAUSES.get(cause.code), Some(cause));
    }
}
