//! What was signed next to what arrived.

mod compare;
mod field;
mod path;
mod signed;

pub use field::Field;

pub(crate) use compare::{Arrived, Difference, compare, compare_scope};
pub(crate) use signed::{Signed, canonical_path, normalized};

use crate::redacted::Redacted;

/// A part of a request that differs from what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffLine {
    /// The part.
    pub field: Field,
    /// What was signed, or `None` if nothing was or if it is not known.
    pub signed: Option<Redacted>,
    /// What arrived, or `None` if nothing did.
    pub sent: Option<Redacted>,
}

/// The longest value that is shown.
const MAX_SHOWN: usize = 300;

impl DiffLine {
    pub(crate) fn new(field: Field, signed: Option<&str>, sent: Option<&str>) -> Self {
        let show = |value: &str| shown(&field, value);
        Self { signed: signed.map(show), sent: sent.map(show), field }
    }
}

/// Returns a value of a field as it may be shown.
pub(crate) fn shown(field: &Field, value: &str) -> Redacted {
    let (Field::Query(name) | Field::Header(name) | Field::FormField(name)) = field else {
        return Redacted::new(&cut(value));
    };
    let name = name.to_ascii_lowercase();
    let is_secret =
        ["x-amz-signature", "x-amz-security-token", "authorization", "cookie", "x-amz-s3session-token"]
            .contains(&name.as_str())
            || name.contains("customer-key")
            || name.starts_with("x-amz-") && ["token", "signature"].iter().any(|part| name.contains(part));
    if is_secret {
        // Whole values would be secrets; those of these two are shown not even in part.
        return match name.as_str() {
            "authorization" | "cookie" => Redacted::new("[removed]"),
            _ => Redacted::secret(value),
        };
    }
    let is_query = matches!(field, Field::Query(_));
    if is_query && !is_of_store(&name) || is_credential(&name) {
        return Redacted::new(&format!("({} characters)", value.chars().count()));
    }
    Redacted::new(&cut(value))
}

/// Returns whether a query parameter, in lower case, is one that stores know. Those of applications can contain their tokens, and
/// their names suffice.
fn is_of_store(name: &str) -> bool {
    const NAMES: [&str; 6] = ["x-id", "partnumber", "uploadid", "uploads", "versionid", "acl"];
    name.starts_with("x-amz-") || name.starts_with("response-") || NAMES.contains(&name)
}

/// Returns whether a parameter, header or field, in lower case, authenticates by its name.
pub(crate) fn is_credential(name: &str) -> bool {
    const PARTS: [&str; 8] =
        ["token", "password", "passwd", "secret", "api_key", "apikey", "api-key", "session"];
    const NAMES: [&str; 7] = ["jwt", "auth", "code", "sig", "signature", "pwd", "sid"];
    NAMES.contains(&name) || PARTS.iter().any(|part| name.contains(part))
}

fn cut(value: &str) -> String {
    match value.get(..value.floor_char_boundary(MAX_SHOWN)) {
        Some(start) if start.len() < value.len() => format!("{start}…"),
        _ => value.to_owned(),
    }
}
