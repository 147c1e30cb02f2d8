//! Compares CORS documents: the deployed rules must allow the requests that the derived rules allow, and nothing more.

mod answers;
mod wider;

use super::{Affected, Difference, Severity};
use crate::cors::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};

impl CorsDocument {
    /// Returns what the deployed document `deployed` does differently from this document.
    ///
    /// Rules are compared by their effect, so other ids, another order or another grouping are no difference. Everything that
    /// changes what a page may do is one: an origin, a method, a request header or a readable response header, more or fewer,
    /// and how long browsers may cache a preflight.
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
                report_refused_requests(&mut out, rule, origin, deployed);
            }
        }
        let origins = origins(self, deployed);
        answers::report_hidden_headers(&mut out, &origins, self, deployed);
        wider::report(&mut out, &origins, self, deployed);
        answers::report(&mut out, &origins, self, deployed);
        let mut reported: Vec<Difference> = Vec::with_capacity(out.len());
        for difference in out {
            if !reported.contains(&difference) {
                reported.push(difference);
            }
        }
        reported
    }
}

/// Returns an origin of each kind that the two documents distinguish: their patterns, and the overlaps of two patterns.
///
/// A pattern serves as its own sample: another pattern matches its text, with the `*`, exactly if it matches every origin that
/// the first one matches.
fn origins(derived: &CorsDocument, deployed: &CorsDocument) -> Vec<String> {
    let of = |document: &CorsDocument| -> Vec<String> {
        let origins = document.rules().iter().flat_map(CorsRule::allowed_origins);
        origins.map(|origin| String::from(&**origin)).collect()
    };
    let (derived, deployed) = (of(derived), of(deployed));
    let overlaps = derived.iter().flat_map(|one| deployed.iter().filter_map(|other| overlap(one, other)));
    let overlaps: Vec<String> = overlaps.collect();
    let mut out = [derived, deployed, overlaps].concat();
    out.sort();
    out.dedup();
    out
}

/// Returns the longest pattern that only matches what both patterns match, or `None` if one of them has no `*`.
fn overlap(one: &str, other: &str) -> Option<String> {
    let ((start, end), (other_start, other_end)) = (one.split_once('*')?, other.split_once('*')?);
    let start = if start.starts_with(other_start) {
        start
    } else {
        other_start.starts_with(start).then_some(other_start)?
    };
    let end = if end.ends_with(other_end) { end } else { other_end.ends_with(end).then_some(other_end)? };
    Some(format!("{start}*{end}"))
}

/// Returns an origin as a description names it.
fn name(origin: &str) -> String {
    if origin == "*" { "any origin".to_owned() } else { origin.to_owned() }
}

/// Reports the requests from `origin` that a derived rule allows and the deployed document refuses.
fn report_refused_requests(
    out: &mut Vec<Difference>,
    rule: &CorsRule,
    origin: &str,
    deployed: &CorsDocument,
) {
    let from = name(origin);
    // The rule with which pages fetch the URLs that read uploads has no other method.
    let is_read = rule.allowed_methods() == [CorsMethod::Get];
    for method in rule.allowed_methods() {
        let allows = |headers: Option<&str>| {
            let request = CorsRequest::preflight(Some(origin), Some(method.as_str()), headers);
            matches!(deployed.evaluate(&request), CorsAnswer::Allowed { .. })
        };
        let broken = |description: String, consequence| {
            let difference = Difference::new(Severity::Broken, description, consequence);
            difference.affecting(if is_read { Affected::Reads } else { Affected::Uploads })
        };
        if !allows(None) {
            let consequence = if is_read {
                "pages cannot fetch the URLs that read uploads"
            } else {
                "the browser's preflight fails, and no upload is sent"
            };
            out.push(broken(format!("{method} from {from} is not allowed"), consequence));
            continue;
        }
        let names = rule.allowed_headers();
        let refused: Vec<_> = names.iter().filter(|name| !allows(Some(&***name))).collect();
        for name in &refused {
            let description = format!("the header `{name}` is not allowed for {method} from {from}");
            let consequence = if is_read {
                "reads of objects without versions must send this header, so the browser's preflight fails"
            } else {
                "uploads must send this header, so the browser's preflight fails"
            };
            out.push(broken(description, consequence));
        }
        if refused.is_empty() && !allows(Some(&names.join(","))) {
            let description =
                format!("no single rule allows {} together for {method} from {from}", names.join(", "));
            let consequence =
                "S3 needs one rule that matches the whole request, so the browser's preflight fails";
            out.push(broken(description, consequence));
        }
    }
}
