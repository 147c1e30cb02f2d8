//! Prints what a browser asks, what the server answers, and what that means.

use upsign_diagnose::{PageRequest, PreflightReason};

use super::exchange::Exchange;
use crate::command::diagnose;
use crate::output::{self, BOLD, DIM};

pub(super) const SUCCESS: &str = "a browser sends the request, and lets the page read the answer";

pub(super) fn print(request: &PageRequest, exchange: &Exchange, rules: Option<&str>) {
    let report = output::report();
    let assumed = if request.is_method_known() { "" } else { " (assumed: --method states another)" };
    report.line(&format!("{BOLD}{} {}{BOLD:#}{assumed}", request.method(), request.shown_url()));
    report.detail("page", request.origin().as_str());
    report.detail("preflight", &reason(request));
    let preflight = request.preflight();
    for (name, value) in preflight.header_fields() {
        report.detail("", &format!("{name}: {value}"));
    }
    match (&exchange.answer, rules) {
        (Some(answer), _) => {
            report.detail("answer", &answer.status().to_string());
            for (name, value) in answer.cors_headers() {
                report.detail("", &format!("{name}: {value}"));
            }
        }
        (None, Some(rules)) => {
            report.detail("answer", &format!("that of S3 with the rules in {rules}; nothing was sent"));
        }
        (None, None) => report.detail("answer", "none"),
    }
    if exchange.narrowed > 0 {
        report.detail(
            "narrowed",
            &format!("by {} more preflights: the refusal states no reason", exchange.narrowed),
        );
    }
    report.line("");
    let found = exchange.report.found();
    diagnose::print_found(&found);
    if found.is_empty() {
        report.success(SUCCESS);
    }
    for unchecked in exchange.report.unchecked() {
        report.detail("not checked", unchecked);
    }
    let note = "a preflight does not use the signature: whether the store accepts the URL, its time and its credentials is not checked";
    output::notes().line(&format!("{DIM}{note}{DIM:#}"));
}

fn reason(request: &PageRequest) -> String {
    match request.preflight_reason() {
        Some(PreflightReason::Method) => format!("OPTIONS, because of the method {}", request.method()),
        Some(PreflightReason::Headers) => "OPTIONS, because of the headers".to_owned(),
        Some(_) => "OPTIONS, because the page listens to the progress of the upload".to_owned(),
        None if request.is_form() => {
            "none is needed for a form; asked as for a page that listens to the progress of the upload".to_owned()
        }
        None => "none is needed for a simple request; asked as for a page that listens to the progress of the upload".to_owned(),
    }
}
