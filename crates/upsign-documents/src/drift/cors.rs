//! CORS: what the derived rules let through has to be let through, and little else.

use super::{Difference, Severity};
use crate::{CorsAnswer, CorsDocument, CorsRequest, CorsRule};

impl CorsDocument {
    /// What `found`, in use, does differently for the requests that this document is for. Rules are judged by what they do:
    /// other names, another order or rules for other pages are no difference.
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
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut out = Vec::new();
        for rule in self.rules() {
            for origin in rule.allowed_origins() {
                lacking(&mut out, rule, &sample(origin), found);
            }
        }
        for rule in found.rules() {
            self.wider(&mut out, rule);
        }
        out.dedup();
        out
    }

    fn wider(&self, out: &mut Vec<Difference>, found: &CorsRule) {
        let ours = |name: &str| {
            self.rules().iter().any(|rule| rule.allowed_origins().iter().any(|it| **it == *name))
        };
        for origin in found.allowed_origins().iter().filter(|origin| origin.contains('*') && !ours(origin)) {
            let what = format!("the origin `{origin}` is allowed");
            out.push(Difference::new(
                Severity::Wider,
                what,
                "pages you do not list may use a URL they get hold of",
            ));
        }
        let wanted = |header: &str| {
            let mut names = self.rules().iter().flat_map(CorsRule::allowed_headers);
            names.any(|name| **name == *header)
        };
        let loose = found.allowed_headers().iter().filter(|header| ***header == *"*" && !wanted(header));
        for header in loose {
            let what = format!("every header is allowed (`{header}`)");
            let so = "nothing breaks today, and nothing tells you when a client sends what is not signed";
            out.push(Difference::new(Severity::Wider, what, so));
        }
        let methods = self.rules().iter().flat_map(CorsRule::allowed_methods).collect::<Vec<_>>();
        for method in found.allowed_methods().iter().filter(|method| !methods.contains(method)) {
            let what = format!("{method} is allowed");
            out.push(Difference::new(Severity::Wider, what, "no route sends it"));
        }
    }
}

/// An origin that fits a pattern.
fn sample(pattern: &str) -> String {
    if pattern == "*" { "https://any.example".into() } else { pattern.replacen('*', "any", 1) }
}

fn lacking(out: &mut Vec<Difference>, rule: &CorsRule, origin: &str, found: &CorsDocument) {
    for method in rule.allowed_methods() {
        let asks = |headers: Option<&str>| {
            let request = CorsRequest::preflight(Some(origin), Some(method.as_str()), headers);
            matches!(found.evaluate(&request), CorsAnswer::Allowed { .. })
        };
        if !asks(None) {
            let what = format!("{method} from {origin} is not allowed");
            let so = "the browser's preflight is refused, and no upload is sent";
            out.push(Difference::new(Severity::Broken, what, so));
            continue;
        }
        let names: Vec<String> = rule.allowed_headers().iter().map(|name| name.replace('*', "any")).collect();
        let refused: Vec<&String> = names.iter().filter(|name| !asks(Some(name.as_str()))).collect();
        for name in &refused {
            let what = format!("the header `{name}` is not allowed for {method} from {origin}");
            let so = "clients are told to send it, and the browser's preflight is refused";
            out.push(Difference::new(Severity::Broken, what, so));
        }
        if refused.is_empty() && !asks(Some(&names.join(","))) {
            let what = format!("no one rule allows {} together for {method} from {origin}", names.join(", "));
            let so = "the first rule that fits decides alone, and the browser's preflight is refused";
            out.push(Difference::new(Severity::Broken, what, so));
        }
        unexposed(out, rule, method.as_str(), origin, found);
    }
}

fn unexposed(out: &mut Vec<Difference>, rule: &CorsRule, method: &str, origin: &str, found: &CorsDocument) {
    let answer = found.evaluate(&CorsRequest::actual(Some(origin), method));
    let CorsAnswer::Allowed { headers, .. } = answer else { return };
    let shown = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("access-control-expose-headers"));
    let shown: Vec<String> =
        shown.flat_map(|(_, value)| value.split(',').map(|it| it.trim().to_ascii_lowercase())).collect();
    for name in rule.expose_headers().iter().filter(|name| !shown.contains(&name.to_ascii_lowercase())) {
        let what = format!("the answer's header `{name}` is not exposed to {origin}");
        let so = "scripts cannot read it: an upload in parts cannot be completed, a version not be told";
        out.push(Difference::new(Severity::Untidy, what, so));
    }
}
