//! Tokens that an API rejects, by what they show without a key.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};

use super::check_row;
use crate::fixture::{Request, har};

/// 2026-11-27T12:01:00Z, when the requests of the fixture are sent.
const NOW: u64 = 1_795_780_860;

const REFUSED: &str = r#"{"status":401,"code":"unauthorized","detail":"x"}"#;

fn base64url(text: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn jwt(header: &str, claims: &str) -> String {
    format!("{}.{}.c2lnbmF0dXJl", base64url(header), base64url(claims))
}

fn sent_with(authorization: &str, body: &str) -> Vec<Diagnosis> {
    let mut api = Request::new("POST", "/upload-url", &[]);
    api.query.clear();
    api.set_header("authorization", Some(authorization));
    diagnose(&Evidence::read(har(&[api.har_entry(401, &[], body)]).as_bytes()).unwrap())
}

#[test]
fn reasons_are_those_of_verify() {
    let (past, future) = (NOW - 3_600, NOW + 3_600);
    let signed = r#"{"alg":"RS256","kid":"1"}"#;
    for (authorization, code, field) in [
        ("Basic YTpi".to_owned(), "not-bearer", "header:authorization"),
        ("Bearer abc".to_owned(), "not-compact", "header:authorization"),
        ("Bearer a.b.c.d.e".to_owned(), "not-compact", "header:authorization"),
        (format!("Bearer {}", jwt(r#"{"alg":"none"}"#, "{}")), "algorithm", "token"),
        (format!("Bearer {}", jwt(signed, &format!(r#"{{"exp":{past}}}"#))), "expired", "claim:exp"),
        (format!("Bearer {}", jwt(signed, &format!(r#"{{"exp":{past}.5}}"#))), "expired", "claim:exp"),
        (
            format!("Bearer {}", jwt(signed, &format!(r#"{{"exp":{future},"nbf":{future}}}"#))),
            "not-yet-valid",
            "claim:nbf",
        ),
        // What only some configurations reject does not name the claim.
        (
            format!("Bearer {}", jwt(signed, &format!(r#"{{"exp":{future},"iat":{future}}}"#))),
            "issued-later",
            "token",
        ),
        (
            format!("Bearer {}", jwt(signed, &format!(r#"{{"exp":{future},"token_use":"id"}}"#))),
            "token-use",
            "token",
        ),
    ] {
        assert!(upsign_jwt::Rejection::CODES.contains(&code), "{code}");
        let found = sent_with(&authorization, REFUSED);
        check_row(&authorization, &found, ("api-unauthorized", field, "client", true));
        assert!(found[0].sentence.ends_with(&format!("({code})")), "{found:#?}");
        let found = sent_with(&authorization, r#"{"message":"Unauthorized"}"#);
        check_row(&authorization, &found, ("gateway-unauthorized", field, "client", false));
    }
}

/// The claims that an API compares with its configuration are shown, and no others.
#[test]
fn claims_to_compare_are_shown() {
    let claims = format!(
        r#"{{"exp":{},"iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A","client_id":"app","token_use":"access","sub":"alice-7f","email":"alice@example.com"}}"#,
        NOW + 3_600
    );
    let authorization = format!("Bearer {}", jwt(r#"{"alg":"RS256","kid":"1"}"#, &claims));
    let found = sent_with(&authorization, REFUSED);
    check_row(&authorization, &found, ("api-unauthorized", "token", "client", true));
    let shown = format!("{found:?}");
    assert!(shown.contains("iss https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A, token_use access, client_id app"), "{shown}");
    assert!(!shown.contains("alice") && !shown.contains("c2lnbmF0dXJl"), "{shown}");
}

/// The clock of the person who looks at the evidence later shows nothing about the time of the upload.
#[test]
fn a_token_that_has_expired_since_is_no_proof() {
    let mut api = Request::new("POST", "/upload-url", &[]);
    api.query.clear();
    let claims = jwt(r#"{"alg":"RS256","kid":"1"}"#, &format!(r#"{{"exp":{}}}"#, NOW + 60));
    api.set_header("authorization", Some(&format!("Bearer {claims}")));
    let evidence = Evidence::read(api.curl_verbose(401, REFUSED).as_bytes()).unwrap();
    let found = diagnose(&evidence.with_time("2026-12-24T00:00:00Z".parse().unwrap()));
    check_row("later", &found, ("api-unauthorized", "token", "client", true));
    assert!(found[0].sentence.contains("probably"), "{found:#?}");
}

#[test]
fn scopes_and_groups_are_shown() {
    let mut api = Request::new("POST", "/upload-url", &[]);
    api.query.clear();
    let claims = jwt(r#"{"alg":"RS256"}"#, r#"{"scope":"openid","cognito:groups":["readers"]}"#);
    api.set_header("authorization", Some(&format!("Bearer {claims}")));
    let body = r#"{"status":403,"code":"insufficient-scope","detail":"x"}"#;
    let found = diagnose(&Evidence::read(api.curl_verbose(403, body).as_bytes()).unwrap());
    check_row("scope", &found, ("api-forbidden", "token", "client", true));
    assert!(found[0].sentence.contains(r#"scope openid and cognito:groups ["readers"]"#), "{found:#?}");
}
