//! Two CORS documents that agree answer every request of a page alike, for random documents and requests.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use upsign_documents::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};

const METHODS: [CorsMethod; 3] = [CorsMethod::Get, CorsMethod::Put, CorsMethod::Post];
const PATTERNS: [&str; 6] =
    ["*", "https://*.example.com", "https://app.example.com", "http://localhost:3000", "https://a*", "*.com"];
const HEADERS: [&str; 6] = ["*", "x-*", "x-a*", "content-type", "Content-Type", "x-amz-acl"];
const EXPOSED: [&str; 3] = ["ETag", "etag", "x-amz-version-id"];

/// Returns a rule, mostly a small one, so that two random rules often have the same effect.
fn rule() -> impl Strategy<Value = CorsRule> {
    let ages = select(vec![None, Some(0), Some(5), Some(3_600)]);
    let lists = (
        subsequence(PATTERNS.to_vec(), 1..=2),
        subsequence(METHODS.to_vec(), 1..=2),
        subsequence(HEADERS.to_vec(), 0..=2),
        subsequence(EXPOSED.to_vec(), 0..=1),
    );
    (lists, ages).prop_map(|((origins, methods, headers, exposed), age)| {
        let rule = CorsRule::new(origins, methods).unwrap();
        let rule = rule.with_allowed_headers(headers).unwrap().with_expose_headers(exposed).unwrap();
        age.into_iter().fold(rule, CorsRule::with_max_age_seconds)
    })
}

/// Returns two documents of nearly the same rules: one has them in another order, without one, or with one more.
fn documents() -> impl Strategy<Value = (CorsDocument, CorsDocument)> {
    let rules = proptest::collection::vec(rule(), 1..=3);
    let more = proptest::option::of(rule());
    (rules, more, any::<[bool; 4]>()).prop_map(|(rules, more, [reverse, drop, first, swap])| {
        let mut changed = rules.clone();
        if reverse {
            changed.reverse();
        }
        if drop {
            changed.pop();
        }
        match more {
            Some(rule) if first => changed.insert(0, rule),
            Some(rule) => changed.push(rule),
            None => {}
        }
        let (one, other) = (CorsDocument::new(rules).unwrap(), CorsDocument::new(changed).unwrap());
        if swap { (other, one) } else { (one, other) }
    })
}

/// What a page notices of an answer: whether the request is allowed, and the headers that it depends on.
fn effect(document: &CorsDocument, request: &CorsRequest<'_>) -> Option<Vec<String>> {
    let CorsAnswer::Allowed { headers, .. } = document.evaluate(request) else { return None };
    let mut out: Vec<String> = Vec::new();
    for (name, value) in headers {
        match name {
            "access-control-expose-headers" => {
                out.extend(
                    value.split(", ").map(|header| format!("{name}: {}", header.to_ascii_lowercase())),
                );
            }
            "access-control-allow-credentials" | "access-control-max-age" => {
                out.push(format!("{name}: {value}"));
            }
            _ => {}
        }
    }
    out.sort();
    Some(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn documents_without_differences_answer_every_page_alike((derived, deployed) in documents()) {
        prop_assert_eq!(derived.differences(&derived), []);
        if !derived.differences(&deployed).is_empty() {
            return Ok(());
        }
        let origins = [
            "https://app.example.com", "https://x.example.com", "https://any.com", "https://a.example.com",
            "http://localhost:3000", "http://other.example", "https://a", "http://b.com", "https://any.example",
        ];
        for origin in origins {
            for method in ["GET", "PUT", "POST", "DELETE", "HEAD"] {
                let actual = CorsRequest::actual(Some(origin), method);
                prop_assert_eq!(effect(&derived, &actual), effect(&deployed, &actual), "{:?}", actual);
                for headers in ["", "content-type", "x-b", "x-a", "x-amz-acl", "other", "x-b,content-type", "other,x-a"] {
                    let preflight = CorsRequest::preflight(Some(origin), Some(method), Some(headers));
                    let (one, other) = (effect(&derived, &preflight), effect(&deployed, &preflight));
                    prop_assert_eq!(one, other, "{:?}", preflight);
                }
            }
        }
    }
}
