//! Origins with `*`: the API allows a page if the CORS rules of the bucket do, and only then, for every origin that a browser can
//! send; and it allows no text that the origin does not cover.

use bytes::Bytes;
use http::{Request, StatusCode};
use proptest::prelude::*;
use proptest::sample::select;
use upsign_documents::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};
use upsign_http::{Api, CorsOrigins};
use upsign_policy::Bodyless;

use crate::fixture::{FakeAuthenticator, at, issuer};

/// The scheme, the host and the port of an origin. The port is absent if it is the default one.
type Parts<'a> = (&'a str, &'a str, Option<&'a str>);

/// Returns whether an origin of the configuration covers another one.
type Covers = fn(Parts<'_>) -> bool;

/// Each row: an origin of the configuration, and what it covers.
const ROWS: [(&str, Covers); 5] = [
    ("https://*.example.com", |(scheme, host, port)| {
        scheme == "https"
            && port.is_none()
            && host.strip_suffix(".example.com").is_some_and(|it| !it.is_empty())
    }),
    ("https://*.example.com:8443", |(scheme, host, port)| {
        scheme == "https"
            && port == Some("8443")
            && host.strip_suffix(".example.com").is_some_and(|it| !it.is_empty())
    }),
    ("https://*-app.team.workers.dev", |(scheme, host, port)| {
        scheme == "https" && port.is_none() && host.ends_with("-app.team.workers.dev")
    }),
    ("http://localhost:*", |(scheme, host, port)| scheme == "http" && host == "localhost" && port.is_some()),
    ("https://app.example.com", |parts| parts == ("https", "app.example.com", None)),
];

/// Returns the parts of an origin that consists of nothing else.
fn parts(origin: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = origin.split_once("://")?;
    let is_text = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
    };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let is_port =
        |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
    (is_text(host) && !host.starts_with('.') && !host.contains("..") && port.is_none_or(is_port))
        .then_some((scheme, host, port))
}

async fn allows(origins: &CorsOrigins, origin: &str) -> bool {
    let api = Api::new(issuer(Bodyless::Allow), origins.clone());
    let Ok(request) = Request::options("/upload-url")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .body(Bytes::new())
    else {
        return false;
    };
    let response = api.handle(&request, at(), &FakeAuthenticator).await;
    let allowed = response.headers().get("access-control-allow-origin");
    assert!(response.headers().get_all("vary").iter().any(|value| value == "Origin"), "{origin}");
    assert!(allowed.is_none() || response.status() == StatusCode::NO_CONTENT, "{origin}");
    assert!(allowed.is_none_or(|allowed| allowed == origin), "{origin}: {allowed:?}");
    allowed.is_some()
}

fn bucket_allows(origins: &CorsOrigins, origin: &str) -> bool {
    let patterns = origins.list().iter().map(AsRef::<str>::as_ref);
    let document = CorsDocument::new([CorsRule::new(patterns, [CorsMethod::Put]).unwrap()]).unwrap();
    let request = CorsRequest::preflight(Some(origin), Some("PUT"), None);
    matches!(document.evaluate(&request), CorsAnswer::Allowed { .. })
}

/// Returns origins near those of the rows, and texts that are none.
fn texts() -> impl Strategy<Value = String> {
    let host = "[a-z0-9-]{0,3}(\\.[a-z0-9-]{1,3}){0,2}";
    let tails = [
        ".example.com",
        "example.com",
        "-app.team.workers.dev",
        ".team.workers.dev",
        "localhost",
        ".evil.test",
        ".example.com.evil.test",
        "",
    ];
    let ports = ["", ":8443", ":1", ":444", ":65535", ":0", ":", ":080", ":x.example.com", ":1@evil.test"];
    let noise = [
        "",
        "",
        "",
        "",
        "user@",
        "evil.test/",
        "evil.test?",
        "evil.test#",
        "evil.test\\",
        "evil.test:1",
        "A",
        "\u{e9}",
        "\u{3002}",
        " ",
    ];
    let scheme = select(vec!["https://", "https://", "http://", "HTTPS://", "//", "null", "capacitor://"]);
    (scheme, select(noise.to_vec()), host, select(tails.to_vec()), select(ports.to_vec()))
        .prop_map(|(scheme, noise, host, tail, port)| format!("{scheme}{noise}{host}{tail}{port}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn api_and_bucket_allow_the_same_origins(row in select(ROWS.to_vec()), text in texts()) {
        let (origin, covers) = row;
        let origins = CorsOrigins::listed([origin.parse().unwrap()]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let allowed = runtime.block_on(allows(&origins, &text));
        prop_assert_eq!(allowed, parts(&text).is_some_and(covers), "{} {}", origin, text);
        if text.parse::<upsign_core::Origin>().is_ok() {
            prop_assert_eq!(allowed, bucket_allows(&origins, &text), "{} {}", origin, text);
        }
        prop_assert!(!allowed || bucket_allows(&origins, &text), "{} {}", origin, text);
    }
}

#[tokio::test]
async fn hostile_origins_get_no_cors_headers() {
    let origins = CorsOrigins::listed(ROWS.map(|(origin, _)| origin.parse().unwrap()));
    for origin in [
        "https://example.com.evil.test",
        "https://x.example.com.evil.test",
        "https://evilexample.com",
        "https://x.example.com:444",
        "https://.example.com",
        "https://user@x.example.com",
        "https://evil.test/.example.com",
        "https://X.example.com",
        "http://x.example.com",
        "http://localhost",
        "http://localhost:",
        "http://localhost:1@evil.test",
        "null",
        "https://\u{e9}.example.com",
    ] {
        assert!(!allows(&origins, origin).await, "{origin}");
    }
    for origin in ["https://pr-7.example.com", "https://x-app.team.workers.dev", "http://localhost:5173"] {
        assert!(allows(&origins, origin).await, "{origin}");
    }
}
