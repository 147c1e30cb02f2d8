//! Judges a request by a CORS configuration in place of the store.

use upsign_documents::{CorsAnswer, CorsDocument, CorsRequest};

use super::answer::PreflightAnswer;
use super::narrowing::Narrowing;
use super::report::PreflightReport;
use super::request::{PageRequest, Preflight};
use crate::cause::known;

impl PreflightReport {
    /// Judges a request by rules, as S3 evaluates them. Nothing is sent.
    ///
    /// What the rules refuse is certain: it is said of these rules, whatever the bucket has.
    ///
    /// ```
    /// use upsign_diagnose::{CorsDocument, PageRequest, PreflightReport};
    ///
    /// let rules = r#"[{"AllowedOrigins":["https://*.example.com"],"AllowedMethods":["PUT"],"AllowedHeaders":["content-type"]}]"#;
    /// let rules = CorsDocument::from_json(rules)?;
    /// let request = PageRequest::of_url("https://a.s3.us-east-1.amazonaws.com/k", "https://app.example.com".parse()?)?
    ///     .with_method("PUT")?
    ///     .with_header("content-type", Some("image/png"))?;
    /// assert!(PreflightReport::of_rules(&request, &rules).passes());
    ///
    /// let request = request.with_header("x-amz-meta-owner", None)?;
    /// assert_eq!(PreflightReport::of_rules(&request, &rules).found()[0].field.to_string(), "header:x-amz-meta-owner");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_rules(request: &PageRequest, rules: &CorsDocument) -> Self {
        let mut report = Self::of_answer(request, &answer(rules, &request.preflight()));
        if let Some(mut narrowing) = Narrowing::new(request, &report) {
            while let Some(preflight) = narrowing.preflight() {
                narrowing.record(&answer(rules, &preflight));
            }
            report = narrowing.finish(report);
        }
        for diagnosis in &mut report.others {
            diagnosis.certain |= diagnosis.cause.code == known::ETAG_HIDDEN.code;
        }
        // The answer to the request has the headers of the same rule.
        report.unchecked.clear();
        if request.is_part() && report.of_rules.is_empty() && !exposes_etag(rules, request) {
            report.hide_etag();
        }
        report
    }

    fn hide_etag(&mut self) {
        if self.others.iter().all(|it| it.cause.code != known::ETAG_HIDDEN.code) {
            self.others.push(super::judge::etag_hidden(&PreflightAnswer::default()).certain_if(true));
        }
    }
}

fn exposes_etag(rules: &CorsDocument, request: &PageRequest) -> bool {
    let actual = CorsRequest::actual(Some(request.origin().as_str()), request.method());
    let CorsAnswer::Allowed { rule, .. } = rules.evaluate(&actual) else { return false };
    let exposed = rules.rules().get(rule).map(upsign_documents::CorsRule::expose_headers).unwrap_or_default();
    exposed.iter().any(|name| name.eq_ignore_ascii_case("etag"))
}

/// Returns the answer of S3 to a preflight.
fn answer(rules: &CorsDocument, preflight: &Preflight) -> PreflightAnswer {
    let headers = preflight.headers.join(",");
    let headers = (!headers.is_empty()).then_some(&*headers);
    let asked = CorsRequest::preflight(Some(preflight.origin.as_str()), Some(&preflight.method), headers);
    match rules.evaluate(&asked) {
        CorsAnswer::Allowed { headers, .. } => PreflightAnswer::new(200, headers, ""),
        CorsAnswer::Refused(refusal) => {
            let (code, message) = (refusal.code(), refusal.message());
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            PreflightAnswer::new(refusal.status(), [("content-type", "application/xml")], &body)
        }
        _ => PreflightAnswer::default(),
    }
}
