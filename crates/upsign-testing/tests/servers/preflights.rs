//! Preflights: what a page may do is allowed, and the part that it may not do is named, whatever the server answers.

use std::time::Duration;

use reqwest::Method;
use upsign_diagnose::{Narrowing, PageRequest, Preflight, PreflightAnswer, PreflightReport};
use upsign_documents::{CorsDocument, CorsMethod, CorsRule};

use crate::server::{Server, ServerName};

const PAGE: &str = "https://app.example.com";

/// The rules of the bucket: PUT and POST from one origin, with the type and metadata.
pub(crate) fn rules() -> CorsDocument {
    let rule = CorsRule::new([PAGE], [CorsMethod::Put, CorsMethod::Post]).unwrap();
    let rule = rule.with_allowed_headers(["content-type", "x-amz-meta-*"]).unwrap();
    CorsDocument::new([rule.with_expose_headers(["ETag"]).unwrap()]).unwrap()
}

/// A request of a page, and the cause and the field that are named; none if it is allowed.
struct Case {
    origin: &'static str,
    method: &'static str,
    headers: &'static [&'static str],
    named: Option<(&'static str, &'static str)>,
}

const CASES: [Case; 7] = [
    Case { origin: PAGE, method: "PUT", headers: &["content-type", "x-amz-meta-owner"], named: None },
    Case { origin: PAGE, method: "PUT", headers: &[], named: None },
    Case { origin: PAGE, method: "POST", headers: &[], named: None },
    Case {
        origin: PAGE,
        method: "PUT",
        headers: &["content-type", "if-none-match"],
        named: Some(("cors-header", "header:if-none-match")),
    },
    Case {
        origin: PAGE,
        method: "DELETE",
        headers: &["content-type"],
        named: Some(("cors-method", "method")),
    },
    Case {
        origin: "https://www.example.com",
        method: "PUT",
        headers: &["content-type"],
        named: Some(("cors-origin", "origin")),
    },
    Case {
        origin: "https://app.example.com.evil.example",
        method: "POST",
        headers: &[],
        named: Some(("cors-origin", "origin")),
    },
];

/// SeaweedFS answers another origin with `AccessDenied`, which something in front of it could send too.
const UNCERTAIN: [(ServerName, &str); 1] = [(ServerName::SeaweedFs, "cors-origin")];

/// Sends the preflights, and returns what is wrong.
pub(crate) async fn run(server: &Server) -> Vec<String> {
    let mut wrong = Vec::new();
    let target = &server.long_term.target;
    let url = format!("{}/{}/a.jpg", target.endpoint_url(), target.bucket());
    for case in &CASES {
        let request = PageRequest::of_url(&url, case.origin.parse().unwrap()).unwrap();
        let request = request.with_method(case.method).unwrap();
        let request =
            case.headers.iter().fold(request, |request, name| request.with_header(name, None).unwrap());
        let report = report(server, &request).await;
        // The servers run on this machine, which browsers ask the user about.
        let found = report
            .found()
            .into_iter()
            .filter(|it| it.cause.code != "local-network" && it.cause.code != "mixed-content");
        let mut found: Vec<_> = found.map(|it| (it.cause.code, it.field.to_string(), it.certain)).collect();
        let certain = |cause| !UNCERTAIN.contains(&(server.name, cause));
        let expected: Vec<_> =
            case.named.iter().map(|(cause, field)| (*cause, (*field).to_owned(), certain(cause))).collect();
        if expected.iter().any(|(_, _, certain)| !certain) {
            // Other candidates follow.
            found.truncate(1);
        }
        if found != expected {
            wrong.push(format!(
                "{}: {:?}: {found:?}, expected {expected:?}",
                server.name,
                request.preflight()
            ));
        }
    }
    wrong
}

/// Judges the answer to a preflight, and searches for what is refused.
async fn report(server: &Server, request: &PageRequest) -> PreflightReport {
    let report = PreflightReport::of_answer(request, &ask(server, request, &request.preflight()).await);
    let Some(mut narrowing) = Narrowing::new(request, &report) else { return report };
    while let Some(preflight) = narrowing.preflight() {
        narrowing.record(&ask(server, request, &preflight).await);
    }
    narrowing.finish(report)
}

async fn ask(server: &Server, request: &PageRequest, preflight: &Preflight) -> PreflightAnswer {
    let mut sent = server.http.request(Method::OPTIONS, request.url()).timeout(Duration::from_secs(10));
    for (name, value) in preflight.header_fields() {
        sent = sent.header(name, value);
    }
    let answer = sent.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.text().await.unwrap();
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    PreflightAnswer::new(status, headers, &body)
}
