//! Differences in the answers to requests that both documents allow: readable headers, cookies, and cached preflights.

use super::name;
use crate::cors::{CorsAnswer, CorsDocument, CorsRequest, CorsRule};
use crate::drift::{Difference, Severity};

/// The parts of an answer on which a page depends.
struct Answer {
    /// Readable response headers, in lower case and sorted.
    exposed: Vec<String>,
    /// Whether scripts may send cookies along. S3 forbids it if the matching rule lists the origin `*`.
    credentials: bool,
    /// `Access-Control-Max-Age`.
    max_age: Option<u32>,
}

impl Answer {
    fn of(document: &CorsDocument, request: &CorsRequest<'_>) -> Option<Self> {
        let CorsAnswer::Allowed { rule, headers } = document.evaluate(request) else { return None };
        let rule = document.rules().get(rule)?;
        let mut exposed: Vec<String> =
            rule.expose_headers().iter().map(|name| name.to_ascii_lowercase()).collect();
        exposed.sort();
        let credentials = headers.iter().any(|(name, _)| *name == "access-control-allow-credentials");
        Some(Self { exposed, credentials, max_age: rule.max_age_seconds() })
    }
}

/// Calls `compare` with the origin and both answers, for each kind of request that both documents allow.
fn each_answer(
    origins: &[String],
    derived: &CorsDocument,
    deployed: &CorsDocument,
    mut compare: impl FnMut(&str, &Answer, &Answer),
) {
    let rules = || derived.rules().iter().chain(deployed.rules());
    let mut headers: Vec<String> = vec![String::new()];
    headers.extend(rules().map(|rule| rule.allowed_headers().join(",")));
    headers.extend(rules().flat_map(CorsRule::allowed_headers).map(|name| name.to_ascii_lowercase()));
    headers.sort();
    headers.dedup();
    let mut methods: Vec<_> = rules().flat_map(CorsRule::allowed_methods).copied().collect();
    methods.sort();
    methods.dedup();
    for origin in origins {
        for method in &methods {
            let mut both = |request: &CorsRequest<'_>| {
                if let (Some(derived), Some(deployed)) =
                    (Answer::of(derived, request), Answer::of(deployed, request))
                {
                    compare(origin, &derived, &deployed);
                }
            };
            both(&CorsRequest::actual(Some(origin), method.as_str()));
            for headers in &headers {
                both(&CorsRequest::preflight(Some(origin), Some(method.as_str()), Some(headers)));
            }
        }
    }
}

/// Reports the response headers that scripts could read under the derived document and cannot under the deployed one.
pub(super) fn report_hidden_headers(
    out: &mut Vec<Difference>,
    origins: &[String],
    derived: &CorsDocument,
    deployed: &CorsDocument,
) {
    // Rules spell the names in their own way, and a message has to show the derived spelling.
    let spelled = |lower: &str| {
        let mut names = derived.rules().iter().flat_map(CorsRule::expose_headers);
        names
            .find(|name| name.eq_ignore_ascii_case(lower))
            .map_or_else(|| lower.to_owned(), ToString::to_string)
    };
    each_answer(origins, derived, deployed, |origin, derived, deployed| {
        for hidden in derived.exposed.iter().filter(|name| !deployed.exposed.contains(name)) {
            let description =
                format!("the response header `{}` is not exposed to {}", spelled(hidden), name(origin));
            let consequence = match hidden.as_str() {
                "etag" => "scripts cannot read it, so they cannot complete multipart uploads",
                "x-amz-version-id" => "scripts cannot read it, so they cannot report the version",
                "location" => {
                    "scripts cannot read it, so Uppy does not know the address of a file that a form has uploaded"
                }
                _ => {
                    "scripts cannot read it, so they cannot compare the checksum of a part with that of the store"
                }
            };
            out.push(Difference::new(Severity::Untidy, description, consequence));
        }
    });
}

/// Reports the other differences of answers.
pub(super) fn report(
    out: &mut Vec<Difference>,
    origins: &[String],
    derived: &CorsDocument,
    deployed: &CorsDocument,
) {
    let lists_any = derived.rules().iter().flat_map(CorsRule::allowed_origins).any(|origin| **origin == *"*");
    each_answer(origins, derived, deployed, |origin, derived, deployed| {
        for extra in deployed.exposed.iter().filter(|name| !derived.exposed.contains(name)) {
            let description = format!("the response header `{extra}` is exposed to {}", name(origin));
            let consequence = "no upload needs it, but scripts can read it";
            out.push(Difference::new(Severity::Wider, description, consequence));
        }
        match (derived.credentials, deployed.credentials) {
            (false, true) => out.push(Difference::new(
                Severity::Wider,
                format!("requests with cookies are allowed from {}", name(origin)),
                "signed uploads need no cookies",
            )),
            // If only the deployed document has the origin `*`, that origin is reported.
            (true, false) if lists_any => out.push(Difference::new(
                Severity::Untidy,
                format!("requests with cookies are not allowed from {}", name(origin)),
                "uploads work, except by scripts that send them with credentials",
            )),
            _ => {}
        }
        out.extend(max_age(derived.max_age, deployed.max_age));
    });
}

/// Compares how long browsers may cache a preflight. Without `MaxAgeSeconds`, they cache it for 5 seconds.
///
/// Source: <https://fetch.spec.whatwg.org/#cors-preflight-fetch>.
fn max_age(derived: Option<u32>, deployed: Option<u32>) -> Option<Difference> {
    if derived == deployed {
        return None;
    }
    let seconds = |age: Option<u32>| match age {
        Some(age) => format!("{age} s"),
        None => "5 s (MaxAgeSeconds is absent)".to_owned(),
    };
    let description =
        format!("preflights are cached for {} instead of {}", seconds(deployed), seconds(derived));
    Some(if deployed.unwrap_or(5) > derived.unwrap_or(5) {
        let consequence = "browsers rely on a permission for that long after you have removed it";
        Difference::new(Severity::Wider, description, consequence)
    } else {
        Difference::new(
            Severity::Untidy,
            description,
            "browsers send more preflights, so uploads start later",
        )
    })
}
