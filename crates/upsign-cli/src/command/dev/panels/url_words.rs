//! What each part of a URL and each field of a form says, in words.

use serde_json::{Value, json};
use upsign_diagnose::{Explanation, Redacted, SignerKind, UrlPartKind};

/// Returns a part of a URL: its name for programs, its name for people, and what it says.
pub(super) fn part(kind: UrlPartKind, explained: &Explanation) -> Value {
    json!({ "part": group(kind), "label": label(kind), "sentence": sentence(kind, explained) })
}

/// Returns a parameter of the URL of a part, or `None` for other parameters. `text` is `NAME=VALUE`.
pub(super) fn part_parameter(text: &str) -> Option<Value> {
    let (name, value) = text.split_once('=')?;
    let (label, sentence) = match name {
        "partNumber" => ("part number", format!("stores part {value} only")),
        "uploadId" => {
            ("upload id", "of the upload that the API began: the part belongs to no other".to_owned())
        }
        _ => return None,
    };
    Some(
        json!({ "part": UrlPartKind::Parameter.name(), "label": label, "sentence": Redacted::new(&sentence).as_str() }),
    )
}

/// Returns a field of a form, as [`part`] returns a part of a URL.
pub(super) fn field(name: &str, explained: &Explanation) -> Value {
    let kind = field_kind(name);
    let sentence = match kind {
        None if name.eq_ignore_ascii_case("policy") => {
            format!(
                "the conditions that S3 compares the other fields with, signed; it ends at {}",
                end(explained)
            )
        }
        None if name.eq_ignore_ascii_case("content-type") => {
            "the content type: S3 compares it with the condition of the policy".to_owned()
        }
        None => "a field that the policy names: S3 compares it with the condition".to_owned(),
        Some(kind) => sentence(kind, explained),
    };
    let (group, label) = match kind {
        Some(kind) => (group(kind), label(kind)),
        None if name.eq_ignore_ascii_case("policy") => ("expiry", "policy"),
        None => ("signed-headers", "condition"),
    };
    json!({ "name": Redacted::new(name).as_str(), "part": group, "label": label, "sentence": sentence })
}

fn field_kind(name: &str) -> Option<UrlPartKind> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("x-amz-").or_else(|| name.strip_prefix("x-goog-")).unwrap_or(&name);
    match name {
        "key" => Some(UrlPartKind::Key),
        "algorithm" => Some(UrlPartKind::Algorithm),
        "credential" => Some(UrlPartKind::Scope),
        "date" => Some(UrlPartKind::SignedAt),
        "security-token" => Some(UrlPartKind::SessionToken),
        "signature" => Some(UrlPartKind::Signature),
        _ => None,
    }
}

/// Returns the group that shares a color. There are fewer than parts.
const fn group(kind: UrlPartKind) -> &'static str {
    match kind {
        UrlPartKind::Bucket | UrlPartKind::Key => "key",
        UrlPartKind::Signer | UrlPartKind::Scope | UrlPartKind::Algorithm | UrlPartKind::SessionToken => {
            "scope"
        }
        UrlPartKind::SignedAt | UrlPartKind::Expiry => "expiry",
        other => other.name(),
    }
}

const fn label(kind: UrlPartKind) -> &'static str {
    match kind {
        UrlPartKind::Host => "host",
        UrlPartKind::Bucket => "bucket",
        UrlPartKind::Key => "key",
        UrlPartKind::Algorithm => "algorithm",
        UrlPartKind::Signer => "access key",
        UrlPartKind::Scope => "scope",
        UrlPartKind::SignedAt => "signed at",
        UrlPartKind::Expiry => "expiry",
        UrlPartKind::SignedHeaders => "signed headers",
        UrlPartKind::SessionToken => "session token",
        UrlPartKind::Signature => "signature",
        _ => "parameter",
    }
}

fn sentence(kind: UrlPartKind, explained: &Explanation) -> String {
    let text = |value: &Option<Redacted>| value.as_ref().map_or("?", Redacted::as_str).to_owned();
    match kind {
        UrlPartKind::Host => "where the request goes; the host is signed, so that no other server accepts it".to_owned(),
        UrlPartKind::Bucket => format!("the bucket {}", text(&explained.bucket)),
        UrlPartKind::Key => format!("the only object that can be written: {}", text(&explained.key)),
        UrlPartKind::Algorithm => explained.scheme.title().to_owned(),
        UrlPartKind::Signer => format!("whose key has signed: {}, {}", text(&explained.signer.id), signer(explained.signer.kind)),
        UrlPartKind::Scope => format!("where the signature counts: the day, {} and the service", text(&explained.signing_region)),
        UrlPartKind::SignedAt => match explained.validity.signed_at {
            Some(at) => format!("when it was signed: {at}"),
            None => "when it was signed".to_owned(),
        },
        UrlPartKind::Expiry => format!("until when it works: {}", end(explained)),
        UrlPartKind::SignedHeaders => format!("the headers that must be sent as they were signed: {}", headers(explained)),
        UrlPartKind::SessionToken => "the token of temporary credentials".to_owned(),
        UrlPartKind::Signature => {
            "computed with the secret key over the method and everything else here: if any of it changes, the signature does not match"
                .to_owned()
        }
        _ => "another parameter, which is signed too".to_owned(),
    }
}

const fn signer(kind: SignerKind) -> &'static str {
    match kind {
        SignerKind::LongTerm => "the access key of an IAM user",
        SignerKind::Temporary => "temporary credentials",
        _ => "an access key",
    }
}

fn end(explained: &Explanation) -> String {
    explained.validity.expires_at.map_or_else(|| "an unknown time".to_owned(), |end| end.to_string())
}

/// Returns the signed headers with their values, as far as they came with the URL.
fn headers(explained: &Explanation) -> String {
    let headers = explained.required.iter().map(|header| match &header.value {
        Some(value) => format!("{}: {value}", header.name),
        None => header.name.to_string(),
    });
    headers.collect::<Vec<_>>().join("; ")
}
