//! Who enforces which limit of a grant: the table of `upsign::manual::security::enforcement`, for one grant.
//!
//! A test compares the names of the rows and who enforces them with the table in the manual.

use serde_json::{Value, json};
use upsign_config::{Config, RouteConfig};
use upsign_diagnose::{Bound, BoundPart, ExplainedKind, Explanation};
use upsign_policy::{Inspection, Replace};

use super::setting::setting;

/// Who enforces a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enforcer {
    /// S3: the request has to be the one that was signed.
    Signature,
    /// S3: it compares a condition with the request or with the object.
    Condition,
    /// This service, when it begins or completes an upload in parts.
    Service,
    /// This service, when the upload is confirmed.
    Confirmation,
    /// Nobody.
    Nobody,
}

impl Enforcer {
    const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Condition => "condition",
            Self::Service => "service",
            Self::Confirmation => "confirmation",
            Self::Nobody => "nobody",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Signature => "S3, by the signature",
            Self::Condition => "S3, by a condition",
            Self::Service => "this service, which begins and completes the upload",
            Self::Confirmation => "this service, at the confirmation",
            Self::Nobody => "nobody",
        }
    }
}

/// A limit, as the manual names it.
#[derive(Debug)]
pub(super) struct Limit<'a> {
    name: &'static str,
    by: Enforcer,
    sentence: String,
    /// The key of the route in `upsign.toml` that decides it.
    key: Option<&'static str>,
    route: &'a RouteConfig,
}

impl Limit<'_> {
    pub(super) fn to_json(&self, config: &Config) -> Value {
        json!({
            "limit": self.name,
            "by": self.by.name(),
            "byWords": self.by.words(),
            "sentence": self.sentence,
            "setting": self.key.map(|key| setting(config, self.route, key)),
        })
    }
}

/// Returns the limits of a grant. Those of one part are those of the whole upload, except that the service sets the type.
pub(super) fn of<'a>(explained: &Explanation, route: &'a RouteConfig, is_part: bool) -> Vec<Limit<'a>> {
    let is_form = explained.kind == ExplainedKind::Form;
    let by_s3 = if is_form { Enforcer::Condition } else { Enforcer::Signature };
    let limit = |name, by, key, sentence: String| Limit { name, by, sentence, key, route };
    let bound = |name, part, key| {
        let found = explained.bindings.iter().find(|binding| binding.part == part)?;
        let by = enforcer(part, found.bound, by_s3, route, is_part);
        let sentence = match part {
            BoundPart::Type if is_part => {
                "set when the upload was begun: no request of a part changes it".to_owned()
            }
            BoundPart::Size if is_part => {
                "every part has its exact length, so that they sum up to the size that was stated".to_owned()
            }
            BoundPart::Overwrite if is_part => of_completion(route).to_owned(),
            // The checksum of a part is that of the client, and not what the route asks for a file.
            BoundPart::Checksum if is_part => return None,
            _ => found.sentence.to_string(),
        };
        Some(limit(name, by, Some(key), sentence))
    };
    let key = explained.key.as_ref().map(ToString::to_string).unwrap_or_default();
    let key_name = if is_pending(route) { "pending_key" } else { "key" };
    let method = explained.method.as_deref().unwrap_or("one method");
    let end = explained.validity.expires_at.map(|end| end.to_string()).unwrap_or_default();
    let rows = [
        Some(limit("one key", by_s3, Some(key_name), format!("only {key} can be written"))),
        Some(limit("one method", Enforcer::Signature, Some("method"), format!("only {method}"))),
        bound("the content type", BoundPart::Type, "types"),
        bound("the size", BoundPart::Size, "max_size"),
        bound("no overwriting", BoundPart::Overwrite, "replace"),
        bound("a checksum", BoundPart::Checksum, "checksums"),
        Some(limit("the lifetime", by_s3, Some("expires_in"), format!("valid until {end}"))),
        Some(uses(explained, route, is_part)),
        Some(content(route)),
        Some(limit(
            "the uploader is the caller",
            Enforcer::Nobody,
            None,
            "not enforceable: anyone who has the grant can use it until it expires".to_owned(),
        )),
    ];
    rows.into_iter().flatten().collect()
}

/// Returns whether the completion of an upload in parts replaces an object.
fn of_completion(route: &RouteConfig) -> &'static str {
    match route.policy.replace() {
        Replace::Allow => "the completion replaces an object that has the key",
        Replace::IfMatch => "the completion replaces only the object with the stated ETag",
        _ => "the completion is refused if an object has the key",
    }
}

/// Returns who enforces what a signature can bind.
fn enforcer(part: BoundPart, bound: Bound, by_s3: Enforcer, route: &RouteConfig, is_part: bool) -> Enforcer {
    // The service sets the type when it begins the upload, and completes it under a new key.
    if is_part && matches!(part, BoundPart::Type | BoundPart::Overwrite) {
        return Enforcer::Service;
    }
    match (bound, part) {
        (Bound::No, BoundPart::Size | BoundPart::Type) if route.policy.confirmation().confirm() => {
            Enforcer::Confirmation
        }
        (Bound::No, _) => Enforcer::Nobody,
        // The signature makes the client send If-None-Match, and S3 then compares it with what is stored.
        (_, BoundPart::Overwrite) => Enforcer::Condition,
        _ => by_s3,
    }
}

/// Returns whether uploads are written under another key, from which the confirmation moves them.
fn is_pending(route: &RouteConfig) -> bool {
    route.policy.pending_template().is_some()
}

fn uses<'a>(explained: &Explanation, route: &'a RouteConfig, is_part: bool) -> Limit<'a> {
    let is_once =
        explained.bindings.iter().any(|it| it.part == BoundPart::Overwrite && it.bound == Bound::Exactly);
    if is_once && is_pending(route) {
        let sentence = "once, until the confirmation moves the object: a later request writes below pending_key \
                        again, where nothing publishes it";
        let (by, key) = (Enforcer::Condition, Some("pending_key"));
        return Limit { name: "the number of uses", by, sentence: sentence.to_owned(), key, route };
    }
    let (by, sentence) = match (is_once, is_part) {
        (true, _) => (Enforcer::Condition, "once: a second request finds the object"),
        (false, true) => {
            (Enforcer::Service, "the part can be sent again until the upload is completed, which works once")
        }
        (false, false) => (Enforcer::Nobody, "not enforced: the grant can be used again until it expires"),
    };
    Limit { name: "the number of uses", by, sentence: sentence.to_owned(), key: Some("replace"), route }
}

fn content(route: &RouteConfig) -> Limit<'_> {
    let (by, sentence) = match route.policy.confirmation().inspection() {
        Inspection::Magic => (
            Enforcer::Confirmation,
            "the first and last bytes are compared with the type before anyone can read the object",
        ),
        Inspection::Hook => {
            (Enforcer::Confirmation, "the hook of your application decides; here it accepts everything")
        }
        _ => (
            Enforcer::Nobody,
            "the bytes are not inspected: a file of any content goes through under the signed type",
        ),
    };
    Limit {
        name: "the content matches its type",
        by,
        sentence: sentence.to_owned(),
        key: Some("inspect"),
        route,
    }
}
