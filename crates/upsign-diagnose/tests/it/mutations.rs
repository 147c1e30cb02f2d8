//! A signed request is changed in one place: every kind of evidence has to name the place.

use upsign_diagnose::{Diagnosis, Evidence, SignedUrl, diagnose};
use zeroize::Zeroizing;

use crate::fixture::{KEY_ID, Mistake, Request, SECRET, TOKEN, har};

/// What is changed, the change, and the field.
type Mutation = (&'static str, fn(&mut Request), &'static str);

const MUTATIONS: [Mutation; 26] = [
    ("method", |it| it.method = "POST".to_owned(), "method"),
    ("host", |it| it.host = "uploads.example.com".to_owned(), "host"),
    ("port", |it| it.host.push_str(":8443"), "host"),
    ("global endpoint", |it| it.host = "my-bucket.s3.amazonaws.com".to_owned(), "host"),
    ("key", |it| it.path = it.path.replace("summer", "winter"), "path"),
    ("encoded twice", |it| it.path = it.path.replace("%20", "%2520"), "path"),
    ("plus for space", |it| it.path = it.path.replace("%20", "+"), "path"),
    ("bucket added", |it| it.path = format!("/my-bucket{}", it.path), "path"),
    ("slash added", |it| it.path = format!("/{}", it.path), "path"),
    ("parameter added", |it| it.query.push(("utm_source".into(), "mail".into())), "query:utm_source"),
    ("lifetime", |it| it.set_parameter("X-Amz-Expires", "604800"), "query:X-Amz-Expires"),
    ("date", |it| it.set_parameter("X-Amz-Date", "20261127T130000Z"), "query:X-Amz-Date"),
    (
        "token changed",
        |it| it.set_parameter("X-Amz-Security-Token", &TOKEN.replace('+', " ")),
        "query:X-Amz-Security-Token",
    ),
    (
        "token dropped",
        |it| it.query.retain(|(name, _)| name != "X-Amz-Security-Token"),
        "query:X-Amz-Security-Token",
    ),
    (
        "region",
        |it| it.set_parameter("X-Amz-Credential", &format!("{KEY_ID}/20261127/us-east-1/s3/aws4_request")),
        "query:X-Amz-Credential",
    ),
    (
        "signed headers",
        |it| it.set_parameter("X-Amz-SignedHeaders", "content-type;host"),
        "query:X-Amz-SignedHeaders",
    ),
    ("signature", |it| it.signature.replace_range(..4, "0000"), "query:X-Amz-Signature"),
    ("signature cut", |it| it.signature.truncate(60), "query:X-Amz-Signature"),
    ("type", |it| it.set_header("content-type", Some("image/png")), "header:content-type"),
    (
        "type with charset",
        |it| it.set_header("content-type", Some("image/jpeg; charset=utf-8")),
        "header:content-type",
    ),
    ("type dropped", |it| it.set_header("content-type", None), "header:content-type"),
    ("length", |it| it.set_header("content-length", Some("48214")), "header:content-length"),
    ("condition dropped", |it| it.set_header("if-none-match", None), "header:if-none-match"),
    ("condition", |it| it.set_header("if-none-match", Some("\"abc\"")), "header:if-none-match"),
    ("metadata", |it| it.set_header("x-amz-meta-owner", Some("mallory")), "header:x-amz-meta-owner"),
    ("metadata dropped", |it| it.set_header("x-amz-meta-owner", None), "header:x-amz-meta-owner"),
];

fn mutated(change: fn(&mut Request)) -> (Request, Request) {
    let signed = Request::put();
    let mut arrived = signed.clone();
    change(&mut arrived);
    (signed, arrived)
}

#[track_caller]
fn check(name: &str, found: &[Diagnosis], field: &str) {
    let first = &found[0];
    assert_eq!(first.field.to_string(), field, "{name}: {found:#?}");
    assert!(first.certain, "{name}: {first:#?}");
    assert!(!first.diff.is_empty(), "{name}");
    let others: Vec<_> = found.iter().skip(1).filter(|it| it.certain).collect();
    assert!(others.is_empty(), "{name}: {others:#?}");
}

#[test]
fn the_echo_of_s3_names_the_field_with_the_answer_of_the_api() {
    for (name, change, field) in MUTATIONS {
        let (signed, arrived) = mutated(change);
        let evidence = Evidence::read(arrived.echo().as_bytes()).unwrap();
        let found = diagnose(&evidence.with_grant(&signed.grant()).unwrap());
        check(name, &found, field);
    }
}

/// The URL does not contain the method and the values of headers, so these changes are not certain; all others are. A header that is
/// missing looks to a store as one that is empty, and may have been signed so: it is named first.
#[test]
fn the_echo_of_s3_names_the_field_with_the_url_alone() {
    for (name, change, field) in MUTATIONS {
        let (signed, arrived) = mutated(change);
        let evidence = Evidence::read(arrived.echo().as_bytes()).unwrap();
        let found = diagnose(&evidence.with_url(signed.signed_url()).unwrap());
        let is_value =
            matches!(name, "method" | "type" | "type with charset" | "length" | "condition" | "metadata");
        if name.ends_with("dropped") && field.starts_with("header:") {
            assert!(found.iter().all(|it| !it.certain), "{name}: {found:#?}");
            assert_eq!(found[0].field.to_string(), field, "{name}: {found:#?}");
        } else if is_value {
            assert!(found.iter().all(|it| !it.certain), "{name}: {found:#?}");
            assert!(found.iter().any(|it| it.field.to_string() == field), "{name}: {found:#?}");
        } else {
            check(name, &found, field);
        }
    }
    for (name, first) in [("type", true), ("type with charset", true), ("condition", true), ("method", true)]
    {
        let (_, change, field) = MUTATIONS.iter().find(|(known, ..)| *known == name).unwrap();
        let (signed, arrived) = mutated(*change);
        let evidence = Evidence::read(arrived.echo().as_bytes()).unwrap();
        let found = diagnose(&evidence.with_url(signed.signed_url()).unwrap());
        assert_eq!(found[0].field.to_string() == *field, first, "{name}: {found:#?}");
    }
}

#[test]
fn the_request_as_sent_names_the_field() {
    let refusal = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
    for (name, change, field) in MUTATIONS {
        let (signed, sent) = mutated(change);
        let of_grant = |evidence: Evidence| diagnose(&evidence.with_grant(&signed.grant()).unwrap());
        let read = |text: &str| Evidence::read(text.as_bytes()).unwrap();
        check(name, &of_grant(read(&sent.curl_verbose(403, refusal))), field);
        check(name, &of_grant(read(&har(&[sent.har_entry(403, &[], refusal)]))), field);
        // Copied requests lack the length.
        if field != "header:content-length" {
            if name != "type dropped" {
                check(name, &of_grant(read(&sent.curl_command())), field);
            }
            check(name, &of_grant(read(&sent.fetch_call())), field);
        }
    }
}

/// The API call before the upload is in the HAR, with what was signed.
#[test]
fn a_har_contains_the_answer_that_issued_the_url() {
    for (name, change, field) in MUTATIONS {
        let (signed, sent) = mutated(change);
        // Neither signature nor credential and date identify the URL then.
        if matches!(name, "signature" | "signature cut") {
            continue;
        }
        let mut api = Request::new("POST", "/upload-url", &[("content-type", "application/json")]);
        api.host = "api.example.com".to_owned();
        api.query.clear();
        let entry = api.har_entry(200, &[], &signed.grant());
        let refusal = "<Error><Code>SignatureDoesNotMatch</Code></Error>";
        let text = har(&[entry, sent.har_entry(403, &[], refusal)]);
        check(name, &diagnose(&Evidence::read(text.as_bytes()).unwrap()), field);
    }
}

/// A proxy changed the request if the client sent what was signed.
#[test]
fn what_changed_in_between_is_the_proxy_s() {
    for (name, change, field) in MUTATIONS {
        let (signed, arrived) = mutated(change);
        let text = har(&[signed.har_entry(403, &[], &arrived.echo())]);
        let evidence = Evidence::read(text.as_bytes()).unwrap().with_grant(&signed.grant()).unwrap();
        let found = diagnose(&evidence);
        check(name, &found, field);
        assert_eq!(found[0].owner.as_str(), "proxy", "{name}: {found:#?}");
    }
}

#[test]
fn a_request_that_differs_in_nothing_is_not_certain() {
    let mut signed = Request::put();
    signed.sign(&Mistake { secret: Some("another-secret-key"), ..Mistake::default() });
    for text in
        [signed.echo(), signed.curl_verbose(403, &signed.echo()), signed.curl_command(), signed.fetch_call()]
    {
        let evidence = Evidence::read(text.as_bytes()).unwrap().with_grant(&signed.grant()).unwrap();
        let found = diagnose(&evidence);
        assert!(found.iter().all(|it| !it.certain), "{found:#?}");
        assert_eq!(found[0].cause.code, "wrong-secret", "{found:#?}");
    }
}

fn with_secret(evidence: Evidence) -> Evidence {
    evidence.with_secret(Some(KEY_ID), Zeroizing::new(SECRET.to_owned()))
}

#[test]
fn the_secret_key_reproduces_the_mistakes_of_signers() {
    let cases: [(Mistake, &str, &str); 12] = [
        (Mistake { region: Some("us-east-1"), ..Mistake::default() }, "signed-for-region", "region"),
        (
            Mistake { service: Some("execute-api"), ..Mistake::default() },
            "signed-for-service",
            "query:X-Amz-Credential",
        ),
        (Mistake { day_later: true, ..Mistake::default() }, "signed-for-date", "clock"),
        (
            Mistake { without_token: true, ..Mistake::default() },
            "signed-without-token",
            "query:X-Amz-Security-Token",
        ),
        (
            Mistake {
                payload: Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ..Mistake::default()
            },
            "signed-payload",
            "body",
        ),
        (
            Mistake { path: Some(|path| path.replace('%', "%25")), ..Mistake::default() },
            "signed-path",
            "path",
        ),
        (
            Mistake { path: Some(|path| path.replace("%20", " ")), ..Mistake::default() },
            "signed-path",
            "path",
        ),
        (
            Mistake { path: Some(|path| path.replace("%20", "+")), ..Mistake::default() },
            "signed-path",
            "path",
        ),
        (
            Mistake { path: Some(|path| format!("/my-bucket{path}")), ..Mistake::default() },
            "signed-path",
            "path",
        ),
        (
            Mistake { secret: Some("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"), ..Mistake::default() },
            "signed-secret",
            "credentials",
        ),
        (
            Mistake { header: Some(|value| format!(" {value}")), ..Mistake::default() },
            "header-differs",
            "header:content-type",
        ),
        (
            Mistake { header: Some(|_| "image/png".to_owned()), ..Mistake::default() },
            "header-differs",
            "header:content-type",
        ),
    ];
    for (mistake, code, field) in cases {
        let mut request = Request::put();
        request.sign(&mistake);
        for text in
            [request.echo(), request.curl_verbose(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>")]
        {
            let evidence = with_secret(Evidence::read(text.as_bytes()).unwrap());
            let found = diagnose(&evidence.with_url(request.signed_url()).unwrap());
            assert_eq!((found[0].cause.code, found[0].certain), (code, true), "{found:#?}");
            assert_eq!(found[0].field.to_string(), field, "{code}");
            assert_eq!(found.len(), 1);
        }
    }
}

#[test]
fn the_secret_key_names_the_values_that_the_url_does_not_contain() {
    for (name, change, field) in MUTATIONS {
        if !matches!(
            name,
            "method"
                | "type"
                | "type with charset"
                | "type dropped"
                | "length"
                | "condition"
                | "condition dropped"
        ) {
            continue;
        }
        let (signed, arrived) = mutated(change);
        let evidence = with_secret(Evidence::read(arrived.echo().as_bytes()).unwrap());
        check(name, &diagnose(&evidence.with_url(signed.signed_url()).unwrap()), field);
    }
}

#[test]
fn a_secret_key_that_the_store_does_not_have_is_certain() {
    let request = Request::put();
    let evidence = with_secret(Evidence::read(request.echo().as_bytes()).unwrap());
    let found = diagnose(&evidence.with_url(request.signed_url()).unwrap());
    assert_eq!((found[0].cause.code, found[0].certain, found.len()), ("wrong-secret", true, 1));
}

/// The secret of another key proves nothing.
#[test]
fn the_secret_of_another_access_key_is_not_used() {
    let request = Request::put();
    let evidence = Evidence::read(request.echo().as_bytes()).unwrap().with_url(request.signed_url()).unwrap();
    let evidence = evidence.with_secret(Some("AKIAOTHER"), Zeroizing::new(SECRET.to_owned()));
    assert!(diagnose(&evidence).iter().all(|it| !it.certain));
}

#[test]
fn urls_of_other_services_are_refused() {
    let azure =
        "https://a.blob.core.windows.net/c/b?sv=2022-11-02&sr=b&sp=cw&se=2026-11-28T00%3A00%3A00Z&sig=abc%3D";
    let evidence = Evidence::read(b"<Error><Code>AccessDenied</Code></Error>").unwrap();
    let error = evidence.with_url(SignedUrl::parse(azure).unwrap()).unwrap_err();
    assert_eq!(error.code(), "other-service");
}
