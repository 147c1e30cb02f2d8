//! No diagnosis shows a secret of its evidence, wherever the evidence has it.

use upsign_diagnose::{Diagnosis, Evidence, diagnose};
use zeroize::Zeroizing;

use crate::fixture::{KEY_ID, Request, SECRET, TOKEN, error, har, spaced_hex};

const BEARER: &str =
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
const COOKIE: &str = "session=0123456789abcdefSECRETCOOKIE";

/// Everything that a caller can print of a diagnosis.
fn printed(found: &[Diagnosis]) -> String {
    let mut text = format!("{found:?}");
    for it in found {
        text.push_str(&format!("{} {} {} {}", it.field, it.sentence, it.fix, it.proof));
        for line in &it.diff {
            for value in [&line.signed, &line.sent].into_iter().flatten() {
                text.push_str(value.as_str());
            }
        }
    }
    text
}

#[track_caller]
fn check(request: &Request, found: &[Diagnosis]) {
    let text = printed(found);
    let mut encoded = String::new();
    upsign_sigv4::encode_query(&mut encoded, TOKEN);
    let secrets = [
        &request.signature,
        TOKEN,
        &encoded,
        &spaced_hex(TOKEN),
        &spaced_hex(&encoded),
        BEARER,
        COOKIE,
        SECRET,
    ];
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}: {text}");
        // Not even the most of it.
        let end = secret.len() / 2;
        assert!(!text.contains(&secret[end..]), "{secret}: {text}");
    }
}

/// Requests that are wrong in the places where secrets are.
fn requests() -> Vec<Request> {
    let original = Request::put();
    let changes: [fn(&mut Request); 7] = [
        |_| {},
        |it| it.query.retain(|(name, _)| name != "X-Amz-Security-Token"),
        |it| it.signature.replace_range(..2, "00"),
        |it| it.query.push(("copy".into(), TOKEN.into())),
        |it| it.set_header("authorization", Some(&format!("Bearer {BEARER}"))),
        |it| it.set_header("cookie", Some(COOKIE)),
        |it| it.set_header("x-amz-security-token", Some(TOKEN)),
    ];
    let changed = changes.iter().map(|change| {
        let mut request = original.clone();
        change(&mut request);
        request
    });
    changed.collect()
}

#[test]
fn no_diagnosis_shows_a_secret() {
    let signed = Request::put();
    for request in requests() {
        let answers = [
            request.echo(),
            error(
                "AccessDenied",
                &format!("token {TOKEN} of {}", request.signature),
                &[("HeadersNotSigned", TOKEN)],
            ),
            error("ExpiredToken", "The provided token has expired.", &[("Token-0", TOKEN)]),
            error(TOKEN, &format!("Authorization: Bearer {BEARER}"), &[]),
            format!("{{\"code\":\"unauthorized\",\"status\":401,\"detail\":\"Bearer {BEARER}\"}}"),
            format!("{{\"message\":\"{BEARER} is not authorized\"}}"),
            String::new(),
        ];
        for answer in &answers {
            for text in [
                request.curl_verbose(403, answer),
                har(&[request.har_entry(
                    403,
                    &[("www-authenticate", &format!("Bearer error_description=\"{BEARER}\""))],
                    answer,
                )]),
                request.curl_command(),
                request.fetch_call(),
            ] {
                for secret in [None, Some(SECRET)] {
                    let mut evidence = Evidence::read(text.as_bytes()).unwrap();
                    if let Some(secret) = secret {
                        evidence = evidence.with_secret(Some(KEY_ID), Zeroizing::new(secret.to_owned()));
                    }
                    assert_eq!(format!("{evidence:?}").matches("X-Amz").count(), 0);
                    check(&signed, &diagnose(&evidence.clone()));
                    check(&signed, &diagnose(&evidence.with_grant(&signed.grant()).unwrap()));
                }
            }
            if let Ok(evidence) = Evidence::read(answer.as_bytes()) {
                check(&signed, &diagnose(&evidence.with_url(signed.signed_url()).unwrap()));
            }
        }
    }
}

/// An interceptor of a client can add its token to the query of every request.
#[test]
fn credentials_that_were_added_to_the_query_are_not_shown() {
    let value = "SUPERSECRETBEARERabcdef0123456789";
    let signed = Request::put();
    let names = [
        "token",
        "access_token",
        "id_token",
        "api_key",
        "apikey",
        "key",
        "jwt",
        "auth",
        "sessionid",
        "sig",
        "code",
        "password",
        "utm_source",
        "Signature",
        "X-Amz-Security-Token2",
    ];
    for name in names {
        let mut sent = signed.clone();
        sent.query.push((name.to_owned(), value.to_owned()));
        let answers = [sent.echo(), error("AccessDenied", "Access Denied", &[]), String::new()];
        for text in answers.iter().map(|answer| sent.curl_verbose(403, answer)) {
            for secret in [None, Some(SECRET)] {
                let mut evidence = Evidence::read(text.as_bytes()).unwrap();
                if let Some(secret) = secret {
                    evidence = evidence.with_secret(Some(KEY_ID), Zeroizing::new(secret.to_owned()));
                }
                for evidence in [evidence.clone(), evidence.with_url(signed.signed_url()).unwrap()] {
                    let text = printed(&diagnose(&evidence));
                    assert!(!text.contains(&value[8..]), "{name}: {text}");
                }
            }
        }
    }
    // The name shows what was added, and the values that stores know remain.
    let mut sent = signed.clone();
    sent.query.push(("token".to_owned(), value.to_owned()));
    sent.set_parameter("X-Amz-Expires", "604800");
    let evidence = Evidence::read(sent.curl_verbose(403, "").as_bytes()).unwrap();
    let text = printed(&diagnose(&evidence.with_url(signed.signed_url()).unwrap()));
    assert!(text.contains("query:token") && text.contains("(33 characters)"), "{text}");
    assert!(text.contains("604800"), "{text}");
}

#[test]
fn messages_of_consoles_show_no_signature() {
    let request = Request::put();
    let url = request.url();
    for text in [
        format!(
            "Access to fetch at '{url}' from origin '{url}' has been blocked by CORS policy: Request header field {TOKEN} is not allowed"
        ),
        format!("Mixed Content: '{url}'"),
        format!("Failed to fetch {url}"),
    ] {
        check(&request, &diagnose(&Evidence::read(text.as_bytes()).unwrap()));
    }
}

/// Escape sequences would change the terminal that shows a diagnosis.
#[test]
fn no_diagnosis_contains_control_characters() {
    let bad = "x\u{1b}]0;hacked\u{7}\u{202e}y";
    let mut added = Request::put();
    added.query.push((bad.into(), bad.into()));
    let mut page = Request::put();
    page.headers.push(("origin".into(), bad.into()));
    let header = format!("Bearer error_description=\"{bad}\"");
    let answers = [(401, header.as_str(), r#"{"message":"Unauthorized"}"#), (403, "", ""), (0, "", "")];
    for request in [added, page] {
        for (status, header, body) in answers {
            let text = har(&[request.har_entry(status, &[("www-authenticate", header)], body)]);
            let evidence = Evidence::read(text.as_bytes()).unwrap();
            let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap());
            for it in &found {
                let values = it.diff.iter().flat_map(|line| [&line.signed, &line.sent]).flatten();
                let values: String = values.map(|value| value.as_str().to_owned()).collect();
                let text = format!("{}{}{}{}{values}", it.field, it.sentence, it.fix, it.proof);
                assert!(!text.chars().any(|it| it.is_control() || it == '\u{202e}'), "{text:?}");
            }
        }
    }
}

#[test]
fn sentences_are_short() {
    let mut request = Request::put();
    request.query.push(("n".repeat(20_000), "1".into()));
    let evidence = Evidence::read(request.curl_verbose(403, "").as_bytes()).unwrap();
    let found = diagnose(&evidence.with_url(Request::put().signed_url()).unwrap());
    assert!(found.iter().all(|it| it.sentence.len() < 1_100), "{found:#?}");
}

/// A text is cut before its secrets are looked for.
#[test]
fn the_beginning_of_a_secret_is_removed_too() {
    let cookie = format!("sid={}", "0123456789abcdef".repeat(50));
    let mut request = Request::put();
    request.headers.push(("cookie".into(), cookie.clone()));
    let joined_hex = spaced_hex(TOKEN).replace(' ', "");
    for secret in [&cookie, &spaced_hex(TOKEN), &joined_hex] {
        for filler in ["", &"- ".repeat(100)] {
            let answer = error("WafBlocked", &format!("{filler}blocked: {secret}"), &[]);
            let found = diagnose(&Evidence::read(request.curl_verbose(403, &answer).as_bytes()).unwrap());
            let text = printed(&found);
            assert!(text.contains("blocked: ") && !text.contains(&secret[..20]), "{text}");
        }
    }
}

/// A client that damages a URL can leave a part of its signature anywhere.
#[test]
fn long_parts_of_a_signature_are_removed() {
    let url = Request::put().signed_url();
    let signature = Request::put().signature;
    for part in [&signature[16..], &signature[..40], &signature[7..33]] {
        let mut request = Request::put();
        request.headers.retain(|(name, _)| name != "content-type");
        request.headers.push(("content-type".into(), format!("x/{part}/y")));
        let evidence = Evidence::read(request.curl_verbose(403, "").as_bytes()).unwrap();
        let text = printed(&diagnose(&evidence.with_url(url.clone()).unwrap()));
        assert!(text.contains("x/") && !text.contains(part), "{text}");
    }
}
