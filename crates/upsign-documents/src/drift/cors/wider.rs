//! Requests that a deployed CORS document allows and the derived one does not.

use super::name;
use crate::cors::pattern::{matches, matches_ignoring_case};
use crate::cors::{CorsAnswer, CorsDocument, CorsMethod, CorsRequest, CorsRule};
use crate::drift::{Difference, Severity};

const METHODS: [CorsMethod; 5] =
    [CorsMethod::Get, CorsMethod::Put, CorsMethod::Post, CorsMethod::Delete, CorsMethod::Head];

/// Reports the origins, headers and methods that no derived rule allows, then what derived rules allow only elsewhere: for
/// another origin or method, or not together.
pub(super) fn report(
    out: &mut Vec<Difference>,
    origins: &[String],
    derived: &CorsDocument,
    deployed: &CorsDocument,
) {
    let mut wider = |description: String, consequence| {
        out.push(Difference::new(Severity::Wider, description, consequence));
    };
    for origin in deployed.rules().iter().flat_map(CorsRule::allowed_origins) {
        if !derived.rules().iter().any(|rule| allows_origin(rule, origin)) {
            let consequence = "upsign.toml does not list it: its pages can use a URL that leaks to them";
            wider(format!("the origin `{origin}` is allowed"), consequence);
        }
    }
    let is_known_header = |header: &str| derived.rules().iter().any(|rule| allows_header(rule, header));
    for header in deployed.rules().iter().flat_map(CorsRule::allowed_headers) {
        if is_known_header(header) {
            continue;
        }
        let description = match &**header {
            "*" => "every header is allowed (`*`)".to_owned(),
            header => format!("the header `{header}` is allowed"),
        };
        let consequence =
            "nothing fails, but preflights no longer catch a client that sends unsigned headers";
        wider(description, consequence);
    }
    let is_known_method =
        |method| derived.rules().iter().any(|rule| rule.allowed_methods().contains(&method));
    for method in deployed.rules().iter().flat_map(CorsRule::allowed_methods) {
        if !is_known_method(*method) {
            wider(format!("{method} is allowed"), "no route uses this method");
        }
    }
    for origin in origins {
        let is_listed = derived.rules().iter().any(|rule| allows_origin(rule, origin));
        for method in METHODS.into_iter().filter(|method| is_listed && is_known_method(*method)) {
            let allows = |document: &CorsDocument, headers: &str| {
                let request = CorsRequest::preflight(Some(origin), Some(method.as_str()), Some(headers));
                matches!(document.evaluate(&request), CorsAnswer::Allowed { .. })
            };
            if allows(deployed, "") && !allows(derived, "") {
                let description = format!("{method} from {} is allowed", name(origin));
                wider(description, "no route needs this method for pages of this origin");
                continue;
            }
            let rules = deployed
                .rules()
                .iter()
                .filter(|rule| allows_origin(rule, origin) && rule.allowed_methods().contains(&method));
            for rule in rules {
                let known: Vec<&str> =
                    rule.allowed_headers().iter().map(|it| &**it).filter(|it| is_known_header(it)).collect();
                if !allows(derived, &known.join(",")) {
                    let consequence = "no route needs these headers in one request";
                    let from = name(origin);
                    wider(format!("{} is allowed for {method} from {from}", known.join(", ")), consequence);
                }
            }
        }
    }
}

fn allows_origin(rule: &CorsRule, origin: &str) -> bool {
    rule.allowed_origins().iter().any(|pattern| matches(pattern, origin))
}

fn allows_header(rule: &CorsRule, header: &str) -> bool {
    rule.allowed_headers().iter().any(|pattern| matches_ignoring_case(pattern, header))
}
