//! Whether the routes of a service issued a URL or a form, and what their policies say about it.

mod place;
mod rules;

use serde_json::{Value, json};
use upsign_policy::{KeyParts, UploadPolicy};

use crate::redacted::Redacted;
use crate::subject::Subject;
use place::Place;
use rules::rules;

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
