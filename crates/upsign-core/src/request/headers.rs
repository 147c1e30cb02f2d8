//! The headers a signature binds.

use std::fmt;
use std::sync::Arc;

/// Headers that become part of the signature: the client must send each exactly as it stands here.
///
/// Names are lower-case and unique, values visible ASCII with single spaces; kept sorted by name, which is the order of
/// SigV4's canonical headers. `host` is not among them: every signature binds it. Cloning shares them.
///
/// ```
/// use upsign_core::SignedHeaders;
/// let mut headers = SignedHeaders::new();
/// headers.insert("Content-Type", " image/jpeg ")?;
/// assert_eq!(headers.get("content-type"), Some("image/jpeg"));
/// # Ok::<(), upsign_core::InvalidHeader>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SignedHeaders(Arc<Vec<(Box<str>, Box<str>)>>);

/// Why a header cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not an RFC 9110 token.
    #[error("a header name is made of letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The signer sets this one itself, or a presigned URL must not carry it.
    #[error("the header `{0}` belongs to the signature itself")]
    Reserved(&'static str),
    /// The name is already there: a client cannot be told to send a header twice.
    #[error("the header `{0}` is given twice")]
    Repeated(Box<str>),
    /// The value holds something other than visible ASCII, spaces and tabs.
    #[error(
        "the value of `{0}` must be visible ASCII, spaces and tabs: browsers send nothing else unchanged"
    )]
    Value(Box<str>),
}

/// Set by the signer (`host`), or sent as query parameters when presigning.
const RESERVED: [&str; 5] =
    ["authorization", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

impl SignedHeaders {
    /// No headers: only `host` will be signed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header. The name is lower-cased; the value is trimmed and its inner runs of spaces and tabs become one
    /// space, which is the form SigV4 signs.
    ///
    /// # Errors
    /// [`InvalidHeader`] for a name or value that no client could send unchanged, or a name already present.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let name = token(name).ok_or(InvalidHeader::Name)?;
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == name) {
            return Err(InvalidHeader::Reserved(reserved));
        }
        let Err(place) = self.0.binary_search_by(|(have, _)| have.as_ref().cmp(&name)) else {
            return Err(InvalidHeader::Repeated(name.into()));
        };
        if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            return Err(InvalidHeader::Value(name.into()));
        }
        Arc::make_mut(&mut self.0).insert(place, (name.into(), collapsed(value)));
        Ok(())
    }

    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.binary_search_by(|(have, _)| have.as_ref().cmp(name)).ok()?;
        self.0.get(found).map(|(_, value)| value.as_ref())
    }

    /// Name and value of each header, sorted by name.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The headers a browser script may set: all but `content-length`, which the browser derives from the body itself
    /// (a forbidden request-header name, <https://fetch.spec.whatwg.org/#forbidden-request-header>).
    pub fn settable(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.iter().filter(|(name, _)| *name != "content-length")
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SignedHeaders {
    /// Shows names, and values but for customer-provided encryption keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, value)| {
                let secret = name.ends_with("-server-side-encryption-customer-key");
                (name, if secret { "[redacted]" } else { value })
            }))
            .finish()
    }
}

/// The lower-case form of an RFC 9110 token (section 5.6.2).
fn token(name: &str) -> Option<String> {
    is_token(name).then(|| name.to_ascii_lowercase())
}

/// Whether the text is an RFC 9110 token.
pub(crate) fn is_token(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}

fn collapsed(value: &str) -> Box<str> {
    let mut out = String::with_capacity(value.len());
    for word in value.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_lower_case_and_collapsed() {
        let mut headers = SignedHeaders::new();
        headers.insert("X-Amz-Meta-B", " \t two \t words ").unwrap();
        headers.insert("Content-Type", "image/jpeg").unwrap();
        headers.insert("content-length", "7").unwrap();
        let all: Vec<_> = headers.iter().collect();
        assert_eq!(
            all,
            [("content-length", "7"), ("content-type", "image/jpeg"), ("x-amz-meta-b", "two words")]
        );
        assert_eq!(headers.settable().count(), 2);
        assert_eq!(headers.get("content-type"), Some("image/jpeg"));
        assert_eq!(headers.get("Content-Type"), None);
    }

    #[test]
    fn what_cannot_be_signed() {
        let mut headers = SignedHeaders::new();
        headers.insert("a", "1").unwrap();
        for (name, value, why) in [
            ("", "x", InvalidHeader::Name),
            ("a b", "x", InvalidHeader::Name),
            ("a:", "x", InvalidHeader::Name),
            ("é", "x", InvalidHeader::Name),
            ("Host", "x", InvalidHeader::Reserved("host")),
            ("AUTHORIZATION", "x", InvalidHeader::Reserved("authorization")),
            ("x-amz-Date", "x", InvalidHeader::Reserved("x-amz-date")),
            ("x-amz-security-token", "x", InvalidHeader::Reserved("x-amz-security-token")),
            ("x-amz-content-sha256", "x", InvalidHeader::Reserved("x-amz-content-sha256")),
            ("A", "x", InvalidHeader::Repeated("a".into())),
            ("b", "x\r\ny: z", InvalidHeader::Value("b".into())),
            ("b", "x\0", InvalidHeader::Value("b".into())),
            ("b", "x\u{b}y", InvalidHeader::Value("b".into())),
            ("b", "x\x7f", InvalidHeader::Value("b".into())),
            ("b", "x\u{85}y", InvalidHeader::Value("b".into())),
            ("b", "x\u{a0}y", InvalidHeader::Value("b".into())),
            ("b", "é", InvalidHeader::Value("b".into())),
        ] {
            assert_eq!(headers.insert(name, value), Err(why), "{name:?}: {value:?}");
        }
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn a_customer_key_is_not_shown() {
        let mut headers = SignedHeaders::new();
        headers.insert("x-amz-server-side-encryption-customer-key", "c2VjcmV0").unwrap();
        assert_eq!(format!("{headers:?}"), r#"{"x-amz-server-side-encryption-customer-key": "[redacted]"}"#);
    }
}
