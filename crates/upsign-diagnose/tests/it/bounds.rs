//! Input that is made to take long is refused, or read in time that grows with its length only.

use std::time::{Duration, Instant};

use upsign_diagnose::{Evidence, Explanation, Redacted, Subject, diagnose};

use crate::fixture::Request;

/// Debug builds on a busy machine are slow; quadratic algorithms took 12 to 190 seconds for these.
#[track_caller]
fn soon(run: impl FnOnce()) {
    let start = Instant::now();
    run();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[track_caller]
fn oversized(text: &str) {
    assert_eq!(Evidence::read(text.as_bytes()).unwrap_err().code(), "oversized-request");
}

#[test]
fn many_headers() {
    let mut request = Request::put();
    request.headers.extend((0..100_000).map(|index| (format!("x-h{index}"), "1".to_owned())));
    soon(|| oversized(&request.curl_verbose(403, "")));
}

#[test]
fn many_tokens() {
    let mut request = Request::put();
    let token = |index: usize| ("X-Amz-Security-Token".to_owned(), format!("IQoJb3JpZ2lu{index:020}"));
    request.query.extend((0..5_000).map(token));
    soon(|| oversized(&request.curl_verbose(403, "")));
    // As many as are read.
    request.query.truncate(400);
    soon(|| {
        let evidence =
            Evidence::read(request.curl_verbose(403, "<Error><Code>AccessDenied</Code></Error>").as_bytes());
        let evidence = evidence.unwrap().with_url(Request::put().signed_url()).unwrap();
        assert!(!format!("{:?}", diagnose(&evidence)).contains("IQoJb3JpZ2lu"));
    });
}

#[test]
fn many_parameters() {
    let mut request = Request::put();
    request.query.extend((0..30_000).map(|index| (format!("p{index}"), String::new())));
    soon(|| oversized(&request.curl_verbose(403, "")));
    request.query.truncate(900);
    let evidence = Evidence::read(request.curl_verbose(403, "").as_bytes()).unwrap();
    let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap());
    let added = found.iter().filter(|it| it.cause.code == "query-added").count();
    assert_eq!((added, found[0].diff.len()), (32, 32));
    assert!(found.iter().any(|it| it.sentence.ends_with("862 other parts differ too")), "{found:#?}");
}

#[test]
fn many_beginnings_of_tokens() {
    for part in ["eyJ.", "eyJ+", "eyJ%a", "eyJ=.", "IQoJb3JpZ2lu ", "token=eyJ."] {
        soon(|| assert!(!Redacted::new(&part.repeat(80_000)).as_str().is_empty()));
    }
    // A token behind what only seems to be one is found.
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    assert_eq!(Redacted::new(&format!("eyJ.{jwt}")).as_str(), "eyJ.eyJh…");
}

/// Each field that no condition names is odd, and a form can have thousands.
#[test]
fn many_fields() {
    let fields: Vec<String> = (0..5_000).map(|index| format!(r#""x-amz-meta-{index}":"1""#)).collect();
    let policy = "eyJleHBpcmF0aW9uIjoiMjAyNi0xMS0yN1QxMzowMDowMFoiLCJjb25kaXRpb25zIjpbXX0=";
    let text = format!(
        r#"{{"url":"https://b.s3.eu-central-1.amazonaws.com/","fields":{{"policy":"{policy}","x-amz-algorithm":"AWS4-HMAC-SHA256","x-amz-signature":"{}",{}}}}}"#,
        "0".repeat(64),
        fields.join(",")
    );
    soon(|| match Subject::read(text.as_bytes()) {
        Ok(subject) => {
            let explained = Explanation::of(&subject, "2026-11-27T12:00:00Z".parse().unwrap());
            assert_eq!(explained.oddities.len(), 32);
            assert!(explained.oddities[31].sentence.as_str().ends_with("more are not shown"));
        }
        Err(error) => panic!("{error}"),
    });
}
