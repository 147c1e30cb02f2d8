//! Whether a browser sends a request, and lets the page read the answer.

use super::answer::PreflightAnswer;
use super::judge::{etag_hidden, hides_etag, of_answer};
use super::local::{is_local, is_local_page, is_loopback, is_private};
use super::request::PageRequest;
use crate::cause::{Owner, known};
use crate::diagnose::Diagnosis;
use crate::diff::Field;

/// What follows from the answer to a preflight.
///
/// ```
/// use upsign_diagnose::{PageRequest, PreflightAnswer, PreflightReport};
///
/// let request = PageRequest::of_url("https://a.s3.us-east-1.amazonaws.com/k", "https://app.example.com".parse()?)?
///     .with_method("PUT")?
///     .with_header("content-type", Some("image/png"))?;
/// let headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "GET, PUT")];
/// let report = PreflightReport::of_answer(&request, &PreflightAnswer::new(200, headers, ""));
/// assert_eq!(report.found()[0].cause.code, "cors-header");
/// assert_eq!(report.found()[0].field.to_string(), "header:content-type");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreflightReport {
    /// What the answer says.
    pub(super) of_rules: Vec<Diagnosis>,
    /// Everything else.
    pub(super) others: Vec<Diagnosis>,
    pub(super) unchecked: Vec<&'static str>,
}

impl PreflightReport {
    /// Judges the answer to [`PageRequest::preflight`].
    #[must_use]
    pub fn of_answer(request: &PageRequest, answer: &PreflightAnswer) -> Self {
        let of_rules = of_answer(request, &request.preflight(), answer);
        let mut others = of_request(request);
        others.extend(local_network(request, answer));
        let mut unchecked = Vec::new();
        if of_rules.is_empty() && request.is_part() {
            match hides_etag(request, answer) {
                Some(true) => others.push(etag_hidden(answer)),
                Some(false) => {}
                None => unchecked.push(
                    "whether the page can read the ETag of a part: this server states exposed headers in the answer to the PUT only",
                ),
            }
        }
        if of_rules.is_empty() && request.preflight_reason().is_none() {
            unchecked.push(
                "the answer to the request itself, which a page can read only if it allows the origin too",
            );
        }
        Self { of_rules, others, unchecked }
    }

    /// Returns the report for a request that browsers do not send at all, so that there is no preflight: that of a page of `https` to a
    /// URL of `http`.
    #[must_use]
    pub fn of_unsent(request: &PageRequest) -> Option<Self> {
        let found = mixed_content(request).filter(|it| it.certain)?;
        let unchecked = vec!["the CORS rules: browsers do not send the request, so nothing was sent"];
        Some(Self { of_rules: vec![found], others: of_request(request), unchecked })
    }

    /// Returns the report for a server that did not answer. `reason` says what happened, without the URL.
    #[must_use]
    pub fn of_failure(request: &PageRequest, reason: &str) -> Self {
        let sentence = format!("no answer to the preflight from {}: {reason}", request.host());
        let found = Diagnosis::candidate(&known::NETWORK_ERROR, Field::Host)
            .saying(sentence)
            .fixed_by("check the host and the port of the URL, the certificate of the server, and firewalls and proxies on the way")
            .proved_by("curl -v with the same URL from the same machine")
            .owned_by(Owner::Configuration);
        let unchecked = vec!["the CORS rules: the server did not answer"];
        Self { of_rules: vec![found], others: of_request(request), unchecked }
    }

    /// Returns what keeps a browser from sending the request, or a page from reading what it needs of the answer. What is certain comes
    /// first. Empty if nothing does.
    #[must_use]
    pub fn found(&self) -> Vec<&Diagnosis> {
        let mut found: Vec<&Diagnosis> = self.of_rules.iter().chain(&self.others).collect();
        found.sort_by_key(|diagnosis| !diagnosis.certain);
        found
    }

    /// Returns what the answer does not show, each as a clause.
    #[must_use]
    pub fn unchecked(&self) -> &[&'static str] {
        &self.unchecked
    }

    /// Returns whether nothing was found.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.of_rules.is_empty() && self.others.is_empty()
    }
}

/// Returns what is wrong with the request, whatever the server answers.
fn of_request(request: &PageRequest) -> Vec<Diagnosis> {
    let unsettable = request.unsettable().map(|name| {
        Diagnosis::candidate(&known::HEADER_MISSING, Field::header(name))
            .saying(format!("the request needs the header {name}, which browsers do not let a page set"))
            .fixed_by("do not sign it for uploads from browsers")
            .proved_by(
                "setRequestHeader of a page warns of it in the console, and the request has no such header",
            )
            .owned_by(Owner::Configuration)
            .certain_if(true)
    });
    let mixed = mixed_content(request).filter(|it| !it.certain);
    unsettable.chain(mixed).collect()
}

/// Source: <https://www.w3.org/TR/mixed-content/#categories>.
fn mixed_content(request: &PageRequest) -> Option<Diagnosis> {
    let is_mixed = request.origin().as_str().starts_with("https://") && !request.is_https();
    if !is_mixed || is_loopback(request.host()) {
        return None;
    }
    // Chromium sends requests to a private network if the user permits it.
    let is_certain = !is_local(request.host());
    Some(Diagnosis::candidate(&known::MIXED_CONTENT, Field::Scheme).certain_if(is_certain))
}

/// Source: <https://developer.chrome.com/blog/local-network-access>.
fn local_network(request: &PageRequest, answer: &PreflightAnswer) -> Option<Diagnosis> {
    // An address says more than a name.
    let is_server_local = answer.address.map_or_else(|| is_local(request.host()), is_private);
    // A server on the way, such as a proxy on this machine, has an address of its own.
    let is_server_local =
        is_server_local && (is_local(request.host()) || !answer.address.is_some_and(|it| it.is_loopback()));
    (is_server_local && !is_local_page(request.origin()))
        .then(|| Diagnosis::candidate(&known::LOCAL_NETWORK, Field::Host))
}
