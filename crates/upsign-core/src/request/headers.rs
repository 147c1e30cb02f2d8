//! The headers that a signature binds.

use std::fmt;
use std::sync::Arc;

use crate::forbidden_header::is_forbidden;
use crate::pairs::Pairs;

/// Headers that become part of the signature. The client must send each of them with exactly this value.
///
/// The headers are stored in the form of SigV4's canonical headers: names are lowercase and unique, values are trimmed
/// and contain single spaces, and the list is sorted by name. `host` is not included, because every signature binds it.
///
/// Clones share the list until one of them is changed.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
///
/// ```
/// use upsign_core::SignedHeaders;
/// let mut headers = SignedHeaders::new();
/// headers.insert("Content-Type", " image/jpeg ")?;
/// assert_eq!(headers.get("content-type"), Some("image/jpeg"));
/// for (name, value) in &headers {
///     assert_eq!((name, value), ("content-type", "image/jpeg"));
/// }
/// # Ok::<(), upsign_core::InvalidHeader>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SignedHeaders(Arc<Vec<(Box<str>, Box<str>)>>);

/// The reason why a header cannot be added to [`SignedHeaders`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not a token (RFC 9110, section 5.6.2).
    #[error("a header name must consist of letters, digits and !#$%&'*+-.^_`|~")]
    Name,
    /// The signer sets this header itself, or the header must not be part of a presigned URL.
    #[error("the header `{0}` is reserved for the signature")]
    Reserved(&'static str),
    /// The header is already present. Browsers would combine two values into one.
    #[error("the header `{0}` is given twice")]
    Repeated(Box<str>),
    /// The value contains a character other than visible ASCII, spaces and tabs.
    #[error(
        "the value of `{0}` must consist of visible ASCII, spaces and tabs: browsers change other characters"
    )]
    Value(Box<str>),
}

/// Headers that the signer sets (`host`), or that a presigned URL replaces by query parameters.
const RESERVED: [&str; 5] =
    ["authorization", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

impl SignedHeaders {
    /// Creates an empty list. A signature with it binds only `host`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header.
    ///
    /// The name is converted to lowercase. The value is trimmed, and each run of spaces and tabs becomes one space,
    /// which is the form that SigV4 signs.
    ///
    /// # Errors
    /// Returns an error if the name is not a token, is reserved or is already present, or if the value contains
    /// characters that a browser would not send unchanged.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidHeader> {
        let name = lowercase_token(name).ok_or(InvalidHeader::Name)?;
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| *reserved == name) {
            return Err(InvalidHeader::Reserved(reserved));
        }
        let Err(position) = self.0.binary_search_by(|(present, _)| present.as_ref().cmp(&name)) else {
            return Err(InvalidHeader::Repeated(name.into()));
        };
        if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            return Err(InvalidHeader::Value(name.into()));
        }
        Arc::make_mut(&mut self.0).insert(position, (name.into(), collapse_spaces(value)));
        Ok(())
    }

    /// Returns the value of a header. The name must be in lowercase.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.binary_search_by(|(present, _)| present.as_ref().cmp(name)).ok()?;
        self.0.get(found).map(|(_, value)| value.as_ref())
    }

    /// Returns the name and the value of each header, sorted by name.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs::from(self.0.as_slice())
    }

    /// Returns the headers that a script in a browser can set: all except `content-length`.
    ///
    /// Browsers derive `content-length` from the body and do not let scripts set it
    /// (<https://fetch.spec.whatwg.org/#forbidden-request-header>).
    pub fn settable(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.iter().filter(|(name, _)| *name != "content-length")
    }

    /// Returns whether browsers let a script set this header. The name must be in lowercase.
    ///
    /// ```
    /// use upsign_core::SignedHeaders;
    /// assert!(SignedHeaders::is_settable("x-amz-meta-owner") && !SignedHeaders::is_settable("cookie"));
    /// ```
    #[must_use]
    pub fn is_settable(name: &str) -> bool {
        !is_forbidden(name)
    }

    /// Returns the number of headers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no headers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a SignedHeaders {
    type Item = (&'a str, &'a str);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

impl fmt::Debug for SignedHeaders {
    /// Shows names and values, except the values of customer-provided encryption keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, value)| {
                let secret = name.ends_with("-server-side-encryption-customer-key");
                (name, if secret { "[redacted]" } else { value })
            }))
            .finish()
    }
}

/// Converts a token to lowercase; `None` if the name is not a token.
fn lowercase_token(name: &str) -> Option<String> {
    is_token(name).then(|| name.to_ascii_lowercase())
}

/// Returns `true` if the text is a token (RFC 9110, section 5.6.2).
pub(crate) fn is_token(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}

/// Trims the value and reduces every run of spaces and tabs to one space.
fn collapse_spaces(value: &str) -> Box<str> {
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
    fn headers_are_normalized_and_sorted() {
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
    fn unsignable_headers_are_rejected() {
        let mut headers = SignedHeaders::new();
        headers.insert("a", "1").unwrap();
        for (name, value, error) in [
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
            assert_eq!(headers.insert(name, value), Err(error), "{name:?}: {value:?}");
        }
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn debug_hides_customer_encryption_keys() {
        let mut headers = SignedHeaders::new();
        headers.insert("x-amz-server-side-encryption-customer-key", "c2VjcmV0").unwrap();
        assert_eq!(format!("{headers:?}"), r#"{"x-amz-server-side-encryption-customer-key": "[redacted]"}"#);
    }
}
