//! The rules of a policy that a URL or a form shows.

use upsign_policy::{ContentType, Replace, UploadMethod, UploadPolicy};

use super::Rule;
use crate::form::{FormCondition, SignedForm};
use crate::redacted::Redacted;
use crate::subject::{SignedRequest, Subject};

pub(super) fn rules(subject: &Subject, policy: &UploadPolicy) -> Vec<Rule> {
    match subject {
        Subject::Url(request) => url_rules(request, policy),
        Subject::Form(form) => form_rules(form, policy),
    }
}

fn rule(name: &'static str, is_met: bool, sentence: &str) -> Rule {
    Rule { name, is_met, sentence: Redacted::new(sentence) }
}

fn url_rules(request: &SignedRequest, policy: &UploadPolicy) -> Vec<Rule> {
    let url = &request.url;
    let is_signed = |name: &str| url.signed_headers().iter().any(|it| it.eq_ignore_ascii_case(name));
    let is_form = policy.method() == UploadMethod::Post;
    let is_of_parts = policy.multipart().is_some() && url.parameter("uploadId").is_some();
    let mut rules = vec![
        rule(
            "method",
            !is_form || is_of_parts,
            match (is_form, is_of_parts) {
                (true, true) => "the route issues forms, and the URLs of parts",
                (true, false) => "the route issues forms, and this is a URL",
                (false, _) => "the route issues URLs",
            },
        ),
        lifetime(url.expires(), policy),
    ];
    // Parts and reads carry no type, and the size of a part is not that of the object.
    let is_upload =
        request.method.as_deref().or_else(|| url.method_hint()).is_none_or(|method| method == "PUT");
    if !is_upload || url.parameter("uploadId").is_some() {
        return rules;
    }
    let max = policy.max_size();
    rules.push(rule(
        "size",
        is_signed("content-length"),
        &match is_signed("content-length") {
            true => format!("the size is signed; the route allows {} to {max} bytes", policy.size().min()),
            false => {
                format!("the route allows {} to {max} bytes, and the size is not signed", policy.size().min())
            }
        },
    ));
    rules.push(content_type(request.header("content-type"), is_signed("content-type"), policy));
    if policy.replace() == Replace::Never {
        let is_met = is_signed("if-none-match");
        let found = if is_met { "and if-none-match is signed" } else { "and if-none-match is not signed" };
        rules.push(rule("overwrite", is_met, &format!("the route replaces no object, {found}")));
    }
    if policy.checksums().is_required() {
        let is_met =
            url.signed_headers().iter().any(|name| name.to_ascii_lowercase().starts_with("x-amz-checksum-"));
        rules.push(rule("checksum", is_met, "the route requires a signed checksum"));
    }
    let region = policy.target().region().as_str();
    if let Some(signed) = url.signing_region().filter(|signed| *signed != "*") {
        rules.push(rule(
            "region",
            signed == region,
            &format!("the bucket is in {region}, and the URL is signed for {signed}"),
        ));
    }
    rules
}

fn lifetime(seconds: Option<u64>, policy: &UploadPolicy) -> Rule {
    let max = u64::from(policy.expires_in().as_secs());
    match seconds {
        Some(seconds) => rule(
            "lifetime",
            seconds <= max,
            &format!("the route issues up to {max} s, and this was issued for {seconds} s"),
        ),
        None => {
            rule("lifetime", false, &format!("the route issues up to {max} s, and this states no lifetime"))
        }
    }
}

/// Judges the content type, whose value a URL does not contain.
fn content_type(value: Option<&str>, is_signed: bool, policy: &UploadPolicy) -> Rule {
    let allowed: Vec<String> = policy.content_rules().ranges().iter().map(ToString::to_string).collect();
    let allowed = allowed.join(", ");
    match value {
        Some(value) => {
            let parsed = value.parse::<ContentType>();
            let is_met = is_signed
                && parsed.is_ok_and(|it| {
                    policy.content_rules().allows_as_attachment(&it) || policy.content_rules().allows(&it)
                });
            rule("type", is_met, &format!("the route allows {allowed}, and the type is {value}"))
        }
        None if is_signed => rule("type", true, &format!("the type is signed; the route allows {allowed}")),
        None => rule("type", false, &format!("the route allows {allowed}, and the type is not signed")),
    }
}

fn form_rules(form: &SignedForm, policy: &UploadPolicy) -> Vec<Rule> {
    let is_form = policy.method() == UploadMethod::Post;
    let seconds = form.signed_at().zip(form.expires_at()).map(|(start, end)| end.seconds_since(start));
    let mut rules = vec![
        rule(
            "method",
            is_form,
            if is_form { "the route issues forms" } else { "the route issues URLs, and this is a form" },
        ),
        lifetime(seconds, policy),
    ];
    let (min, max) = (policy.size().min(), policy.max_size());
    rules.push(match form.policy().length() {
        Some((from, to)) => {
            let is_met = from >= min && to <= max;
            rule(
                "size",
                is_met,
                &format!("the route allows {min} to {max} bytes, and the form {from} to {to}"),
            )
        }
        None => rule("size", false, &format!("the route allows {min} to {max} bytes, and the form any size")),
    });
    let exact = form.policy().conditions().iter().find_map(|condition| match condition {
        FormCondition::Exact { name, value } if name.eq_ignore_ascii_case("content-type") => Some(&**value),
        _ => None,
    });
    rules.push(content_type(exact, exact.is_some(), policy));
    rules
}
