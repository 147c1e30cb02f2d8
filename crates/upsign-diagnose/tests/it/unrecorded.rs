//! With the secret key, and without a record of the request: the key proves what was signed, and not what was sent.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};
use zeroize::Zeroizing;

use crate::evidence::code;
use crate::fixture::{KEY_ID, Mistake, Request, SECRET, har};

fn with_secret(evidence: Evidence) -> Vec<Diagnosis> {
    diagnose(&evidence.with_secret(Some(KEY_ID), Zeroizing::new(SECRET.to_owned())))
}

/// Uploads whose method, or one of whose headers, a URL does not show.
fn requests() -> [(Request, &'static str, &'static str); 5] {
    [
        (
            Request::new("PUT", "/a.jpg", &[("content-type", "image/jpeg")]),
            "header:content-type",
            "image/jpeg",
        ),
        (Request::new("PUT", "/a.jpg", &[("if-none-match", "*")]), "header:if-none-match", "*"),
        (Request::new("PUT", "/a.jpg", &[("content-length", "7")]), "header:content-length", "7"),
        (Request::new("GET", "/a.jpg", &[]), "method", "GET"),
        (Request::new("POST", "/a.jpg", &[]), "method", "POST"),
    ]
}

#[test]
fn a_right_url_without_its_request_is_not_certain() {
    for (request, field, value) in requests() {
        let answer = format!("HTTP/1.1 403 Forbidden\r\n\r\n{}", code("SignatureDoesNotMatch"));
        let read = |text: &str| Evidence::read(text.as_bytes()).unwrap();
        for evidence in [
            Evidence::of_url(request.signed_url()),
            Evidence::of_url(request.signed_url()).with_status(403),
            read(&request.url()),
            read(&code("SignatureDoesNotMatch")).with_url(request.signed_url()).unwrap(),
            read(&answer).with_url(request.signed_url()).unwrap(),
        ] {
            let found = with_secret(evidence);
            assert!(found.iter().all(|it| !it.certain), "{field}: {found:#?}");
            // What was signed is known, and helps.
            let named = found.iter().find(|it| it.field.to_string() == field).unwrap();
            assert!(
                named
                    .sentence
                    .contains(&format!("signed {} {value}:", if field == "method" { "for" } else { "as" })),
                "{named:#?}"
            );
            assert_eq!(named.diff[0].signed.as_ref().unwrap().as_str(), value);
        }
    }
}

/// The mistake of a signer is in the URL, whatever the request was.
#[test]
fn a_wrong_url_without_its_request_is_certain() {
    let mut request = Request::new("PUT", "/a.jpg", &[]);
    request.sign(&Mistake { region: Some("us-east-1"), ..Mistake::default() });
    for evidence in
        [Evidence::of_url(request.signed_url()), Evidence::of_url(request.signed_url()).with_status(403)]
    {
        let found = with_secret(evidence);
        assert_eq!((found[0].cause.code, found[0].certain), ("signed-for-region", true), "{found:#?}");
    }
}

/// A browser that blocked the request, or shows no answer, has another reason than the signature.
#[test]
fn what_a_browser_blocked_keeps_its_reason() {
    let (request, ..) = requests().into_iter().next().unwrap();
    let url = request.url();
    let blocked = format!(
        "Access to fetch at '{url}' from origin 'https://app.example.com' has been blocked by CORS policy: No \
         'Access-Control-Allow-Origin' header is present on the requested resource."
    );
    let mut provisional = request.clone();
    provisional.set_header("content-type", None);
    let preflight = Request { method: "OPTIONS".to_owned(), ..request.clone() };
    for text in [
        blocked,
        format!("PUT {url} net::ERR_CONNECTION_RESET"),
        har(&[provisional.har_entry(0, &[], "")]),
        preflight.curl_verbose(403, ""),
    ] {
        let evidence = Evidence::read(text.as_bytes()).unwrap();
        assert_eq!(with_secret(evidence.clone()), diagnose(&evidence), "{text}");
    }
}

/// No answer is needed to see that the method is not the one that was signed.
#[test]
fn a_method_that_was_sent_is_compared_without_an_answer() {
    let request = Request::new("PUT", "/a.jpg", &[]);
    let sent = Request { method: "PATCH".to_owned(), ..request.clone() };
    let found = with_secret(Evidence::read(har(&[sent.har_entry(0, &[], "")]).as_bytes()).unwrap());
    assert_eq!((found[0].cause.code, found[0].certain), ("method-differs", true), "{found:#?}");
    // With the grant, headers of the record are compared in the same way.
    let request = Request::put();
    let mut provisional = request.clone();
    provisional.headers.clear();
    let evidence = Evidence::read(har(&[provisional.har_entry(0, &[], "")]).as_bytes()).unwrap();
    let found = with_secret(evidence.with_grant(&request.grant()).unwrap());
    assert!(found.iter().all(|it| !it.certain), "{found:#?}");
}

/// The file can have the header.
#[test]
fn headers_in_a_file_are_not_missing() {
    let (request, ..) = requests().into_iter().next().unwrap();
    let text = format!("curl -T a.jpg -H @headers.txt '{}'", request.url());
    let found = with_secret(Evidence::read(text.as_bytes()).unwrap());
    assert!(found.iter().all(|it| !it.certain), "{found:#?}");
}

/// The value that was signed is compared with a request that does not show everything.
#[test]
fn a_length_of_text_is_no_proof() {
    let request = Request::new("PUT", "/a.jpg", &[("content-length", "48214")]);
    let mut sent = request.clone();
    sent.set_header("content-length", None);
    let text = har(&[sent.har_entry(403, &[], &code("SignatureDoesNotMatch"))]);
    let found = with_secret(Evidence::read(text.as_bytes()).unwrap());
    assert!(!found.iter().any(|it| it.certain && it.cause.code == "length-differs"), "{found:#?}");
    assert!(found.iter().any(|it| it.cause.code == "length-differs"), "{found:#?}");
}
