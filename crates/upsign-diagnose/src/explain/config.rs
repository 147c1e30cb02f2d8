//! Whether the routes of a service issued a URL or a form, and what their policies say about it.

use serde_json::{Value, json};
use upsign_policy::{ContentType, KeyParts, Replace, UploadMethod, UploadPolicy};

use crate::form::{FormCondition, SignedForm};
use crate::redacted::Redacted;
use crate::subject::{SignedRequest, Subject};
use crate::url::decode;

/// A route of a service, with its name.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "callers build it")]
pub struct NamedPolicy<'a> {
    /// The name of the route.
    pub name: &'a str,
    /// Its policy.
    pub policy: &'a UploadPolicy,
}

/// Whether one of several routes issued a URL or a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigMatch {
    /// A route issues such keys for this bucket. Nothing proves that it issued this one: the signature is not verified.
    Route(Box<IssuedBy>),
    /// It leads to the bucket of a route, and no route issues such a key.
    OtherKey {
        /// The routes with this bucket.
        routes: Vec<Box<str>>,
    },
    /// It names the bucket of a route, at another host.
    OtherHost {
        /// The host of the route.
        expected: Box<str>,
    },
    /// No route has this bucket.
    OtherBucket,
}

/// The route that issues such a key, and what its policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedBy {
    /// The name of the route.
    pub route: Box<str>,
    /// `true` for the key of a pending object, which gets its final key when it is confirmed.
    pub is_pending: bool,
    /// The caller, as the key names it.
    pub caller: Option<KeyCaller>,
    /// What else the key contains: the names of ids, groups and claims, with their values.
    pub parts: Vec<(Box<str>, Redacted)>,
    /// Each rule of the policy that the URL shows, and whether it is met.
    pub rules: Vec<Rule>,
}

/// The caller of an upload, as a key names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyCaller {
    /// The subject itself.
    Subject(Redacted),
    /// A hash of issuer and subject, of a sealed key, in hexadecimal.
    Hash(Box<str>),
}

/// A rule of a policy, and whether a URL or a form meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// A stable name: `method`, `lifetime`, `size`, `type`, `overwrite`, `checksum` or `region`.
    pub name: &'static str,
    /// Whether it is met.
    pub is_met: bool,
    /// What the policy says, and what was found.
    pub sentence: Redacted,
}

impl ConfigMatch {
    /// Compares a URL or a form with the routes of a service.
    #[must_use]
    pub fn of(subject: &Subject, routes: &[NamedPolicy<'_>]) -> Self {
        let place = Place::of(subject);
        let in_bucket = |route: &&NamedPolicy<'_>| place.key_in(route.policy).is_some();
        let routes_of_bucket: Vec<_> = routes.iter().filter(in_bucket).collect();
        for route in &routes_of_bucket {
            let key = place.key_in(route.policy).unwrap_or_default();
            if let Some(read) = route.policy.read_key(&key) {
                return Self::Route(Box::new(IssuedBy {
                    route: route.name.into(),
                    is_pending: read.is_pending,
                    caller: caller(&read.parts),
                    parts: parts(&read.parts),
                    rules: rules(subject, route.policy),
                }));
            }
        }
        if !routes_of_bucket.is_empty() {
            return Self::OtherKey {
                routes: routes_of_bucket.iter().map(|route| route.name.into()).collect(),
            };
        }
        let same_name =
            |route: &&NamedPolicy<'_>| Some(route.policy.target().bucket().as_str()) == place.bucket;
        match routes.iter().find(same_name) {
            Some(route) => {
                let target = route.policy.target();
                Self::OtherHost { expected: format!("{}{}", target.host(), target.path_prefix()).into() }
            }
            None => Self::OtherBucket,
        }
    }

    /// Returns the result as JSON: the member `config` of an explanation.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::OtherBucket => json!({"result": "other-bucket"}),
            Self::OtherHost { expected } => json!({"result": "other-host", "expected": expected}),
            Self::OtherKey { routes } => json!({"result": "other-key", "routes": routes}),
            Self::Route(issued) => {
                let (subject, hash) = match &issued.caller {
                    Some(KeyCaller::Subject(subject)) => (Some(subject.as_str()), None),
                    Some(KeyCaller::Hash(hash)) => (None, Some(&**hash)),
                    None => (None, None),
                };
                let rules = issued.rules.iter().map(
                    |rule| json!({"rule": rule.name, "met": rule.is_met, "sentence": rule.sentence.as_str()}),
                );
                let parts = issued.parts.iter();
                let parts = parts.map(|(name, value)| (name.to_string(), Value::from(value.as_str())));
                json!({
                    "result": "route",
                    "route": issued.route,
                    "pending": issued.is_pending,
                    "subject": subject,
                    "callerHash": hash,
                    "parts": parts.collect::<serde_json::Map<_, _>>(),
                    "rules": rules.collect::<Vec<_>>(),
                })
            }
        }
    }
}

/// Host, path and key of a subject.
struct Place<'a> {
    host: String,
    raw_path: &'a str,
    /// The key of a form, which its address does not contain.
    form_key: Option<&'a str>,
    bucket: Option<&'a str>,
}

impl<'a> Place<'a> {
    fn of(subject: &'a Subject) -> Self {
        match subject {
            Subject::Url(request) => Self {
                host: request.url.canonical_host(),
                raw_path: request.url.raw_path(),
                form_key: None,
                bucket: request.url.bucket(),
            },
            Subject::Form(form) => Self {
                host: form.url().map(|url| url.host.to_ascii_lowercase()).unwrap_or_default(),
                raw_path: form.url().map_or("", |url| &url.raw_path),
                form_key: Some(form.key().unwrap_or_default()),
                bucket: form.bucket(),
            },
        }
    }

    /// Returns the key if the place is in the bucket of a policy.
    fn key_in(&self, policy: &UploadPolicy) -> Option<String> {
        let target = policy.target();
        if let Some(key) = self.form_key {
            // Without an address, the bucket of the policy tells.
            let same_bucket = self.bucket == Some(target.bucket().as_str());
            let same_host = self.host.is_empty() || self.host == target.host();
            return (same_bucket && same_host).then(|| key.to_owned());
        }
        let key = self.raw_path.strip_prefix(target.path_prefix())?.strip_prefix('/')?;
        (self.host == target.host()).then(|| decode(key).into())
    }
}

fn caller(parts: &KeyParts) -> Option<KeyCaller> {
    if let Some(sealed) = &parts.sealed {
        let hash: String = sealed.owner.iter().map(|byte| format!("{byte:02x}")).collect();
        return Some(KeyCaller::Hash(hash.into()));
    }
    parts.subject.as_deref().map(|subject| KeyCaller::Subject(Redacted::new(subject)))
}

fn parts(parts: &KeyParts) -> Vec<(Box<str>, Redacted)> {
    let mut found: Vec<(Box<str>, Redacted)> = Vec::new();
    let mut add = |name: &str, value: &str| found.push((name.into(), Redacted::new(value)));
    if let Some(sealed) = &parts.sealed {
        add("issued at", &sealed.issued_at.to_string());
    }
    if let Some(issuer) = &parts.issuer {
        add("issuer", issuer.as_str());
    }
    if let Some(group) = &parts.group {
        add("group", group);
    }
    for (name, value) in &parts.claims {
        add(&format!("claim {name}"), value);
    }
    if let Some(id) = &parts.id {
        add("id", &id.to_string());
    }
    for (name, id) in &parts.named {
        add(name.wire_name(), &id.to_string());
    }
    found
}

fn rules(subject: &Subject, policy: &UploadPolicy) -> Vec<Rule> {
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
