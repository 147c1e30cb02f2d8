//! Evidence that looks like a proof of a cause and does not prove it.

use upsign_diagnose::{Diagnosis, Evidence, Explanation, SignedUrl, Subject, diagnose};
use zeroize::Zeroizing;

use crate::evidence::*;
use crate::fixture::{KEY_ID, Mistake, Request, SECRET, error, har};

fn read(text: &str) -> Vec<Diagnosis> {
    diagnose(&Evidence::read(text.as_bytes()).unwrap())
}

#[track_caller]
fn not_certain(found: &[Diagnosis], code: &str) {
    assert!(!found.iter().any(|it| it.certain && it.cause.code == code), "{code}: {found:#?}");
}

#[test]
fn a_form_of_the_wrong_type_is_no_object_that_exists() {
    let condition = "Bucket POST must be of the enclosure-type multipart/form-data";
    let body = error("PreconditionFailed", "", &[("Condition", condition)]);
    check(&store(&body), &expected("form-malformed", "header:content-type", "client", true));
    not_certain(&store(&error("PreconditionFailed", "", &[("Condition", "Other")])), "key-exists");
}

#[test]
fn urls_of_other_schemes_are_refused() {
    let azure = "https://a.blob.core.windows.net/c/k?sv=2022-11-02&sp=cw&sr=b&se=2026-11-28T00%3A00%3A00Z&sig=YWJjZGVm";
    let v2 = "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1795780800&Signature=YWJjZGVm";
    for url in [azure, v2] {
        let blocked =
            format!("Access to fetch at '{url}' from origin '{ORIGIN}' has been blocked by CORS policy: x");
        for text in [format!("curl -T a.jpg '{url}'"), url.to_owned(), blocked] {
            let error = Evidence::read(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), "other-service", "{text}: {error}");
        }
    }
}

#[test]
fn without_a_token_no_credentials_expire() {
    let mut request = Request::put();
    request.query.retain(|(name, _)| name != "X-Amz-Security-Token");
    let found = read(&request.curl_verbose(400, &code("ExpiredToken")));
    check(&found, &expected("url-expired", "query:X-Amz-Expires", "client", true));
    // Both have expired.
    let entry = Request::put().har_entry(400, &[], &code("ExpiredToken"));
    let text = har(&[entry]).replace("2026-11-27T12:01:00.000Z", "2026-11-27T13:01:00.000Z");
    assert!(read(&text)[0].sentence.contains("the URL has expired as well"));
}

#[test]
fn what_is_not_signed_does_not_explain_a_signature() {
    for (name, value) in [("authorization", "Bearer abc"), ("x-amz-meta-x", "1")] {
        let mut request = Request::put();
        request.set_header("content-type", Some("text/plain"));
        request.set_header(name, Some(value));
        if request.header(name).is_none() {
            request.headers.push((name.to_owned(), value.to_owned()));
        }
        let found = read(&request.curl_verbose(403, &code("SignatureDoesNotMatch")));
        assert!(found.iter().all(|it| !it.certain), "{found:#?}");
        assert_eq!(found[0].field.to_string(), "header:content-type", "{found:#?}");
    }
}

#[test]
fn a_hidden_etag_does_not_explain_another_failure() {
    let mut part = of_page();
    part.query.extend([("partNumber".into(), "1".into()), ("uploadId".into(), "u".into())]);
    let stored = part.har_entry(200, &[("ETag", "\"abc\""), ("Access-Control-Allow-Origin", "*")], "");
    for failed in [part.har_entry(0, &[], ""), part.har_entry(503, &[], "")] {
        let found = read(&har(&[stored.clone(), failed]));
        not_certain(&found, "etag-hidden");
        assert_ne!(found[0].cause.code, "etag-hidden", "{found:#?}");
    }
    let mut complete = Request::new("POST", "/uploads/1/complete", &[]);
    complete.query.clear();
    complete.host = "api.example.com".to_owned();
    let refused = r#"{"status":503,"code":"store-unavailable","detail":"x"}"#;
    let found = read(&har(&[stored.clone(), complete.har_entry(503, &[], refused)]));
    check(&found, &expected("api-unavailable", "unknown", "configuration", true));
    not_certain(&found, "etag-hidden");
    let found = read(&har(&[stored, part.har_entry(400, &[], &code("InvalidPart"))]));
    assert!(found.iter().any(|it| it.certain && it.cause.code == "etag-hidden"), "{found:#?}");
}

#[test]
fn the_policy_that_denies_is_named() {
    for (rest, code, owner, part) in [
        (
            "because no VPC endpoint policy allows the s3:PutObject action",
            "not-permitted",
            "configuration",
            "VPC endpoint",
        ),
        (
            "because no permissions boundary allows the s3:PutObject action",
            "not-permitted",
            "iam",
            "permissions boundary",
        ),
        (
            "because no session policy allows the s3:PutObject action",
            "not-permitted",
            "iam",
            "session policy",
        ),
        (
            "because no resource-based policy allows the s3:PutObject action",
            "not-permitted",
            "bucket-policy",
            "the bucket policy",
        ),
        (
            "because no identity-based policy allows the s3:PutObject action",
            "not-permitted",
            "iam",
            "the signer's policies",
        ),
        (
            "with an explicit deny in a VPC endpoint policy",
            "denied-by-identity",
            "configuration",
            "VPC endpoint",
        ),
        (
            "with an explicit deny in a service control policy",
            "denied-by-identity",
            "iam",
            "service control policy",
        ),
        (
            "with an explicit deny in a resource control policy",
            "denied-by-identity",
            "iam",
            "resource control policy",
        ),
        (
            "because public access is prevented by the BlockPublicAcls setting in S3 Block Public Access",
            "public-acl-blocked",
            "client",
            "public access",
        ),
    ] {
        let found = not_authorized(&format!("s3:PutObject on resource: \"arn:aws:s3:::b/k\" {rest}"));
        check(&found, &expected(code, "action:s3:PutObject", owner, true));
        assert!(found[0].sentence.contains(part), "{found:#?}");
    }
    let found = not_authorized("s3:PutObject on resource: \"arn:aws:s3:::b/k\" with an explicit deny");
    check(&found, &expected("denied-by-identity", "action:s3:PutObject", "iam", false));
    let found = not_authorized(
        "kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:1:key/1 with an explicit deny in a resource-based policy",
    );
    assert!(found[0].sentence.contains("the policy of the key"), "{found:#?}");
    assert_eq!(
        (found[0].owner.as_str(), &*found[0].fix),
        ("configuration", "change the Deny statement of the key's policy")
    );
}

#[test]
fn the_size_of_a_body_as_text_is_no_proof() {
    let signed = Request::put();
    let mut sent = signed.clone();
    sent.headers.retain(|(name, _)| name != "content-length");
    let mut entry = sent.har_entry(403, &[], &code("SignatureDoesNotMatch"));
    entry["request"]["bodySize"] = 91_022.into();
    let evidence = Evidence::read(har(&[entry]).as_bytes()).unwrap();
    not_certain(&diagnose(&evidence.with_grant(&signed.grant()).unwrap()), "length-differs");
}

#[test]
fn a_server_that_redirects_need_not_be_a_store() {
    let text = format!(
        "Access to fetch at 'http://api.example.com/upload-url' from origin '{ORIGIN}' has been blocked by CORS policy: Response to \
         preflight request doesn't pass access control check: Redirect is not allowed for a preflight request."
    );
    let found = read(&text);
    check(&found, &expected("cors-redirect", "host", "configuration", true));
    assert!(found[0].sentence.contains("the server at api.example.com"), "{found:#?}");
    assert!(!found[0].fix.contains("regional"), "{found:#?}");
}

#[test]
fn the_digest_that_the_message_names_is_the_one() {
    let mut request = Request::put();
    request.headers.extend([
        ("content-md5".to_owned(), "a".to_owned()),
        ("x-amz-checksum-sha256".to_owned(), "b".to_owned()),
    ]);
    let text = |message: &str| request.curl_verbose(400, &error("BadDigest", message, &[]));
    let message = "The SHA256 you specified did not match the calculated checksum.";
    check(
        &read(&text(message)),
        &expected("checksum-differs", "header:x-amz-checksum-sha256", "client", true),
    );
    check(&read(&text("")), &expected("checksum-differs", "body", "client", true));
    let found = store(&error("BadDigest", "The CRC32C you specified did not match", &[]));
    check(&found, &expected("checksum-differs", "header:x-amz-checksum-crc32c", "client", false));
}

#[test]
fn requests_to_this_machine_are_no_mixed_content() {
    for (host, is_blocked) in [
        ("[::1]", false),
        ("[::1]:9000", false),
        ("127.0.0.2:9000", false),
        ("LOCALHOST:9000", false),
        ("s3.localhost", false),
        ("127.example.com", true),
    ] {
        let mut request = of_page();
        (request.scheme, request.host) = ("http", host.to_owned());
        let found = read(&har(&[request.har_entry(0, &[], "")]));
        assert_eq!(found.iter().any(|it| it.cause.code == "mixed-content"), is_blocked, "{host}: {found:#?}");
    }
}

#[test]
fn a_header_may_be_signed_as_empty() {
    let mut request = Request::put();
    request.set_header("content-type", Some(""));
    request.sign(&Mistake::default());
    let body = request.echo();
    assert!(body.contains(KEY_ID));
    let evidence = Evidence::read(body.as_bytes()).unwrap().with_url(request.signed_url()).unwrap();
    let found = diagnose(&evidence);
    not_certain(&found, "header-missing");
    check_candidate(&found, "header-missing");
}

#[test]
fn consoles_of_other_browsers_are_read() {
    let firefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://b.example.com/k. (Reason: ";
    let safari = "Preflight response is not successful. Status code: 403";
    let chrome =
        "Response to preflight request doesn't pass access control check: It does not have HTTP ok status.";
    for (text, code, certain) in [
        (
            format!("{firefox}CORS preflight response did not succeed). Status code: 403."),
            "cors-refused",
            false,
        ),
        (safari.to_owned(), "cors-refused", false),
        (
            format!(
                "Access to fetch at 'https://b.example.com/k' from origin '{ORIGIN}' has been blocked by CORS policy: {chrome}"
            ),
            "cors-refused",
            false,
        ),
        (
            format!(
                "{firefox}CORS header ‘Access-Control-Allow-Origin’ does not match ‘https://x.example.com’)."
            ),
            "cors-origin",
            true,
        ),
        (format!("{firefox}CORS request external redirect not allowed)."), "cors-redirect", true),
        (
            "Fetch API cannot load https://b.example.com/k due to access control checks.".to_owned(),
            "network-error",
            false,
        ),
        ("AxiosError: Network Error".to_owned(), "network-error", false),
        ("PUT https://b.example.com/k net::ERR_FAILED".to_owned(), "network-error", false),
    ] {
        let found = read(&text);
        assert_eq!((found[0].cause.code, found[0].certain), (code, certain), "{text}: {found:#?}");
    }
}

/// Both versions sign a line for the type, also if it is empty.
#[test]
fn the_type_is_bound_by_version_2() {
    let url = "https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1795780800&Signature=YWJjZGVm";
    let subject = Subject::read(url.as_bytes()).unwrap();
    let explained = Explanation::of(&subject, "2026-11-27T00:00:00Z".parse().unwrap());
    let sentences = format!("{:?}", explained.bindings);
    assert!(sentences.contains("the content type is signed"), "{sentences}");
}

/// A status without a body proves nothing.
#[test]
fn a_status_alone_is_never_certain() {
    let url = Request::put().signed_url();
    for status in (0..600).filter(|status| *status < 100 || *status >= 300) {
        let evidence = Evidence::of_url(url.clone())
            .with_status(status)
            .with_time("2026-11-28T00:00:00Z".parse().unwrap());
        let found = diagnose(&evidence);
        assert!(!found.is_empty() && found.iter().all(|it| !it.certain), "{status}: {found:#?}");
    }
}

/// Of a 403 without a body, an expired URL comes before what is less likely.
#[test]
fn an_expired_url_is_the_first_candidate_of_a_403() {
    let evidence = Evidence::of_url(Request::put().signed_url()).with_status(403);
    let found = diagnose(&evidence.with_time("2026-11-28T00:00:00Z".parse().unwrap()));
    check(&found, &expected("url-expired", "query:X-Amz-Expires", "client", false));
}

#[test]
fn a_token_that_expired_is_named_by_its_code() {
    let mut api = Request::new("POST", "/upload-url", &[]);
    api.query.clear();
    api.set_header("authorization", Some("Bearer e30.eyJleHAiOjE3MDAwMDAwMDB9.c2ln"));
    let entry = api.har_entry(401, &[], r#"{"status":401,"code":"unauthorized","detail":"x"}"#);
    let found = diagnose(&Evidence::read(har(&[entry]).as_bytes()).unwrap());
    check(&found, &expected("api-unauthorized", "claim:exp", "client", true));
    assert!(found[0].sentence.ends_with("it expired at 2023-11-14T22:13:20Z (expired)"), "{found:#?}");
}

/// Browsers leave the header out of a sanitized HAR, so its absence proves nothing there.
#[test]
fn a_har_without_authorization_does_not_prove_that_it_was_not_sent() {
    let mut api = Request::new("POST", "/upload-url", &[]);
    api.query.clear();
    let body = r#"{"status":401,"code":"unauthorized","detail":"x"}"#;
    let found = diagnose(&Evidence::read(har(&[api.har_entry(401, &[], body)]).as_bytes()).unwrap());
    assert!(!found[0].sentence.contains("no-authorization"), "{found:#?}");
    let found = diagnose(&Evidence::read(api.curl_verbose(401, body).as_bytes()).unwrap());
    assert!(found[0].sentence.contains("no-authorization"), "{found:#?}");
}

/// A page is the answer of a proxy, a gateway or a firewall: no store compared the request with its signature.
#[test]
fn a_page_proves_nothing_about_the_request() {
    let signed = Request::put();
    let mut sent = signed.clone();
    sent.headers.push(("x-amz-meta-extra".to_owned(), "1".to_owned()));
    sent.set_header("content-type", None);
    for secret in [None, Some(SECRET)] {
        let text = sent.curl_verbose(403, "<!DOCTYPE html><html><title>Attention Required!</title></html>");
        let mut evidence = Evidence::read(text.as_bytes()).unwrap().with_grant(&signed.grant()).unwrap();
        if let Some(secret) = secret {
            evidence = evidence.with_secret(Some(KEY_ID), Zeroizing::new(secret.to_owned()));
        }
        let found = diagnose(&evidence);
        check(&found, &expected("proxy-answer", "unknown", "proxy", false));
        check_candidate(&found, "header-unsigned");
        check_candidate(&found, "header-missing");
        assert!(found.iter().all(|it| !it.certain), "{found:#?}");
    }
    let found = read(&signed.curl_verbose(407, ""));
    check(&found, &expected("proxy-answer", "unknown", "proxy", false));
}

/// Either clock can be the wrong one.
#[test]
fn a_skew_does_not_tell_whose_clock_is_wrong() {
    let times = [("RequestTime", "20261127T120000Z"), ("ServerTime", "2020-01-01T00:00:00Z")];
    let found = store(&error("RequestTimeTooSkewed", "", &times));
    check(&found, &expected("clock-skew", "clock", "clock", true));
    assert!(found[0].sentence.starts_with("the clocks of signer and store differ"), "{found:#?}");
    assert!(found[0].fix.starts_with("compare both clocks"), "{found:#?}");
    for (now, fix) in [
        ("2026-11-27T12:01:00Z", "correct the clock of the store (NTP)"),
        ("2020-01-01T00:05:00Z", "correct the clock of the machine that signs (NTP)"),
        ("2024-01-01T00:00:00Z", "compare both clocks with NTP, and correct the one that is wrong"),
    ] {
        let body = error("RequestTimeTooSkewed", "", &times);
        let found = diagnose(&Evidence::read(body.as_bytes()).unwrap().with_time(now.parse().unwrap()));
        assert_eq!(found[0].fix, fix, "{now}");
    }
}

/// A difference has two sides that differ.
#[test]
fn equal_methods_are_no_difference() {
    for method in ["PUT", "GET"] {
        let request = Request::new(method, "/a.jpg", &[]);
        let found = read(&request.curl_verbose(403, &code("SignatureDoesNotMatch")));
        let line = found.iter().flat_map(|it| &it.diff).find(|line| line.signed == line.sent);
        assert!(line.is_none(), "{found:#?}");
    }
}

/// A user can pass the URL of another upload.
#[test]
fn evidence_of_another_url_is_not_certain() {
    let mut other = Request::put();
    other.path = "/b.jpg".to_owned();
    other.sign(&Mistake::default());
    let evidence = Evidence::read(other.echo().as_bytes()).unwrap();
    let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap());
    assert!(found.iter().all(|it| !it.certain), "{found:#?}");
    assert_eq!(found[0].cause.code, "signature-altered");
}

/// The URL alone is no refusal: what it shows is a list of candidates.
#[test]
fn a_url_alone_is_never_certain() {
    let found = diagnose(&Evidence::of_url(SignedUrl::parse(&Request::put().url()).unwrap()));
    assert!(found.iter().all(|it| !it.certain));
    assert_eq!(found[0].field.to_string(), "header:content-type");
}
