//! Compares CORS documents: the deployed rules must allow the requests that the derived rules allow, and little more.

use super::{Difference, Severity};
use crate::cors::{CorsAnswer, CorsDocument, CorsRequest, CorsRule};

impl CorsDocument {
    /// Returns what the deployed document `deployed` does differently for the requests that this document allows.
    ///
    /// Rules are compared by their effect, so other ids or another order are no difference. A deployed rule for other origins is
    /// a difference only if it has a wildcard origin, allows every header, or allows a method that no derived rule allows.
    ///
    /// ```
    /// use upsign_documents::{CorsDocument, CorsMethod, CorsRule};
    /// let rule = CorsRule::new(["https://app.example.com"], [CorsMethod::Put])?;
    /// let wanted = CorsDocument::new([rule.clone().with_allowed_headers(["content-type", "if-none-match"])?])?;
    /// let old = CorsDocument::new([rule.with_allowed_headers(["content-type"])?])?;
    /// let differences = wanted.differences(&old);
    /// assert_eq!(differences[0].description(), "the header `if-none-match` is not allowed for PUT from https://app.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn differences(&self, deployed: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for rule in self.rules() {
            for origin in rule.allowed_origins() {
                report_refused_requests(&mut out, rule, &sample(origin), deployed);
            }
        }
        for rule in deployed.rules() {
            self.report_broader_rule(&mut out, rule);
        }
        out.dedup();
        out
    }

    /// Reports what a deployed rule allows and no derived rule does.
    fn report_broader_rule(&self, out: &mut Vec<Difference>, deployed: &CorsRule) {
        let ours = |name: &str| {
            self.rules().iter().any(|rule| rule.allowed_origins().iter().any(|it| **it == *name))
        };
        for origin in deployed.allowed_origins().iter().filter(|origin| origin.contains('*') && !ours(origin))
        {
            let description = format!("the origin `{origin}` is allowed");
            out.push(Difference::new(
                Severity::Wider,
                description,
                "pages that you do not list can use a URL that leaks to them",
            ));
        }
        let wanted = |header: &str| {
            let mut names = self.rules().iter().flat_map(CorsRule::allowed_headers);
            names.any(|name| **name == *header)
        };
        let loose = deployed.allowed_headers().iter().filter(|header| ***header == *"*" && !wanted(header));
        for header in loose {
            let description = format!("every header is allowed (`{header}`)");
            let consequence =
                "nothing fails, but preflights no longer catch a client that sends unsigned headers";
            out.push(Difference::new(Severity::Wider, description, consequence));
        }
        let methods = self.rules().iter().flat_map(CorsRule::allowed_methods).collect::<Vec<_>>();
        for method in deployed.allowed_methods().iter().filter(|method| !methods.contains(method)) {
            let description = format!("{method} is allowed");
            out.push(Difference::new(Severity::Wider, description, "no route uses this method"));
        }
    }
}

/// Returns an origin that matches a pattern.
fn sample(pattern: &str) -> String {
    if pattern == "*" { "https://any.example".into() } else { pattern.replacen('*', "any", 1) }
}

/// Reports the requests from `origin` that a derived rule allows and the deployed document refuses.
fn report_refused_requests(
    out: &mut Vec<Difference>,
    rule: &CorsRule,
    origin: &str,
    deployed: &CorsDocument,
) {
    for method in rule.allowed_methods() {
        let allows = |headers: Option<&str>| {
            let request = CorsRequest::preflight(Some(origin), Some(method.as_str()), headers);
            matches!(deployed.evaluate(&request), CorsAnswer::Allowed { .. })
        };
        if !allows(None) {
            let description = format!("{method} from {origin} is not allowed");
            let consequence = "the browser's preflight fails, and no upload is sent";
            out.push(Difference::new(Severity::Broken, description, consequence));
            continue;
        }
        let names: Vec<String> = rule.allowed_headers().iter().map(|name| name.replace('*', "any")).collect();
        let refused: Vec<&String> = names.iter().filter(|name| !allows(Some(name.as_str()))).collect();
        for name in &refused {
            let description = format!("the header `{name}` is not allowed for {method} from {origin}");
            let consequence = "uploads must send this header, so the browser's preflight fails";
            out.push(Difference::new(Severity::Broken, description, consequence));
        }
        if refused.is_empty() && !allows(Some(&names.join(","))) {
            let description =
                format!("no single rule allows {} together for {method} from {origin}", names.join(", "));
            let consequence =
                "S3 needs one rule that matches the whole request, so the browser's preflight fails";
            out.push(Difference::new(Severity::Broken, description, consequence));
        }
        report_unexposed_headers(out, rule, method.as_str(), origin, deployed);
    }
}

/// Reports the response headers that scripts could read under a derived rule and cannot under the deployed document.
fn report_unexposed_headers(
    out: &mut Vec<Difference>,
    rule: &CorsRule,
    method: &str,
    origin: &str,
    deployed: &CorsDocument,
) {
    let answer = deployed.evaluate(&CorsRequest::actual(Some(origin), method));
    let CorsAnswer::Allowed { headers, .. } = answer else { return };
    let shown = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("access-control-expose-headers"));
    let shown: Vec<String> =
        shown.flat_map(|(_, value)| value.split(',').map(|it| it.trim().to_ascii_lowercase())).collect();
    for name in rule.expose_headers().iter().filter(|name| !shown.contains(&name.to_ascii_lowercase())) {
        let description = format!("the response header `{name}` is not exposed to {origin}");
        let consequence =
            "scripts cannot read it, so they cannot complete multipart uploads (ETag) or report the version";
        out.push(Difference::new(Severity::Untidy, description, consequence));
    }
}
