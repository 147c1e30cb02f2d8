//! Messages of a browser's console.

use super::super::Diagnosis;
use super::super::case::Case;
use super::super::scrub::quoted;
use super::preflight::of_rules;
use super::redirect::{host_of, redirected};
use super::server::{credentials, header_refused, of_host, origin_refused};
use crate::cause::known;
use crate::diff::{DiffLine, Field};
use crate::evidence::{Blocked, Reason};

/// Returns what a message says.
pub(super) fn find(case: &Case<'_>, blocked: &Blocked) -> Vec<Diagnosis> {
    let origin = blocked.origin.as_deref();
    let host = blocked.url.as_deref().and_then(host_of);
    let named = |cause, field| Diagnosis::candidate(cause, field).certain_if(true);
    let found = match &blocked.reason {
        Reason::MixedContent => named(&known::MIXED_CONTENT, Field::Scheme),
        Reason::Redirect => redirected(case, host, None),
        Reason::Csp { is_report } => policy_of_page(host).certain_if(!is_report),
        Reason::SeveralOrigins => {
            named(&known::CORS_SEVERAL_ORIGINS, Field::AnswerHeader("access-control-allow-origin".into()))
        }
        Reason::Credentials => credentials(None).certain_if(true),
        Reason::Header(name) => header_refused(case, host, name).certain_if(true),
        Reason::Method(name) => {
            let found = of_host(case, host, named(&known::CORS_METHOD, Field::Method));
            match &**name {
                "" => found,
                name => found.saying(format!("no CORS rule that matches the page allows {}", quoted(name))),
            }
        }
        Reason::OtherOrigin(other) => {
            let found = origin_refused(case, host, origin).certain_if(true);
            let line = DiffLine::new(Field::Origin, Some(other), origin);
            match origin {
                Some("null") => found,
                _ => found.saying(format!(
                    "the answer allows the origin {}, and not that of the page",
                    quoted(other)
                )),
            }
            .with_diff(vec![line])
        }
        Reason::Origin => return without_header(case, host, origin),
        Reason::Refused => {
            let refused = of_host(case, host, Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin));
            return std::iter::once(refused).chain(without_header(case, host, origin)).collect();
        }
        Reason::Network(name) => return vec![of_network(name)],
        Reason::Unknown => return vec![Diagnosis::candidate(&known::NETWORK_ERROR, Field::Origin)],
        // The status says more.
        Reason::Answered => return Vec::new(),
    };
    vec![found]
}

/// The policy of the page does not permit the host.
fn policy_of_page(host: Option<&str>) -> Diagnosis {
    let found = Diagnosis::candidate(&known::CSP, Field::AnswerHeader("content-security-policy".into()));
    match host {
        Some(host) => found
            .saying(format!(
                "the Content-Security-Policy of the page does not permit requests to {}",
                quoted(host)
            ))
            .fixed_by(format!(
                "add https://{} to connect-src of the page's policy (form-action for an HTML form)",
                quoted(host)
            )),
        None => found,
    }
}

/// The request failed below HTTP.
///
/// Names: <https://chromium.googlesource.com/chromium/src/+/main/net/base/net_error_list.h>.
fn of_network(name: &str) -> Diagnosis {
    let (sentence, fix) = match name {
        "ERR_BLOCKED_BY_CLIENT" => (
            "an extension of the browser, such as an ad blocker, blocked the request",
            "allow the host in the extension, or try a window without extensions",
        ),
        "ERR_UPLOAD_FILE_CHANGED" => (
            "the file was changed after it was chosen, so the browser does not send it",
            "choose the file again, or read it into memory before the upload",
        ),
        name if name == "ERR_NAME_NOT_RESOLVED" || name.starts_with("Could not resolve host") => (
            "the host of the URL has no address",
            "correct the bucket, region or endpoint of the URL, and check the name server of the machine",
        ),
        _ => (
            "the connection failed, and no answer arrived",
            "check the host of the URL, its certificate, and proxies and firewalls on the way; then repeat the upload",
        ),
    };
    Diagnosis::candidate(&known::NETWORK_ERROR, Field::Host)
        .saying(format!("{sentence} ({})", quoted(name)))
        .fixed_by(fix)
        .owned_by(crate::cause::Owner::Client)
}

/// The answer had no `Access-Control-Allow-Origin`: no rule matched, or it was an error that no rule covers.
fn without_header(case: &Case<'_>, host: Option<&str>, origin: Option<&str>) -> Vec<Diagnosis> {
    let mut found = of_rules(case);
    let hidden =
        Diagnosis::candidate(&known::CORS_HIDDEN, Field::AnswerHeader("access-control-allow-origin".into()));
    // The console shows the status of an answer that the page does not get to see.
    let status = case.evidence.status().filter(|status| *status >= 400);
    if let Some(status) = status {
        let sentence = format!(
            "the answer with the status {status} has no CORS headers, so the browser hides it from the page"
        );
        found.push(of_host(case, host, hidden.clone().saying(sentence)));
    }
    found.push(origin_refused(case, host, origin));
    found.push(of_host(case, host, Diagnosis::candidate(&known::CORS_REFUSED, Field::Origin)));
    if host.is_none() || super::server::is_store(case, host) {
        found.push(Diagnosis::candidate(&known::CORS_NOT_ENABLED, Field::Bucket));
    }
    if status.is_none() {
        found.push(of_host(case, host, hidden));
    }
    found
}
