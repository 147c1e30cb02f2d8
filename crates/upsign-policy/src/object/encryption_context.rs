//! The encryption context of a KMS key.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The encryption context of SSE-KMS: pairs of texts that KMS authenticates with the data key and writes to CloudTrail.
///
/// S3 stores it with the object and passes it to KMS when the object is read. It is not secret.
///
/// TOML key: `kms_context`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>.
///
/// ```
/// use upsign_policy::EncryptionContext;
/// let mut context = EncryptionContext::new();
/// context.insert("tenant", "acme")?;
/// assert_eq!(context.header(), "eyJ0ZW5hbnQiOiJhY21lIn0="); // {"tenant":"acme"}
/// # Ok::<(), upsign_policy::InvalidEncryptionContext>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncryptionContext(BTreeMap<Box<str>, Box<str>>);

/// The reason why a pair cannot be part of an [`EncryptionContext`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEncryptionContext {
    /// The name or the value is empty.
    #[error("a name and a value of an encryption context must not be empty")]
    Empty,
    /// S3 adds the pair `aws:s3:arn` itself.
    #[error("the name `aws:s3:arn` is reserved: S3 adds the ARN of the object itself")]
    Reserved,
    /// The name is already present.
    #[error("the name occurs twice")]
    Repeated,
    /// The value of the header would be too long.
    #[error("an encryption context must be shorter: at most {} bytes of JSON", EncryptionContext::MAX_BYTES)]
    TooLong,
}

impl EncryptionContext {
    /// The maximum length of the JSON in bytes. S3 accepts 8 KB of headers in all; a quarter of it leaves room for the others.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
    pub const MAX_BYTES: usize = 2_048;

    /// Creates a context without pairs.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds a pair.
    ///
    /// # Errors
    /// Returns an error if the name or value is empty, if the name is reserved or present, or if the context would be too long.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidEncryptionContext> {
        if name.is_empty() || value.is_empty() {
            return Err(InvalidEncryptionContext::Empty);
        }
        if name == "aws:s3:arn" {
            return Err(InvalidEncryptionContext::Reserved);
        }
        if self.0.contains_key(name) {
            return Err(InvalidEncryptionContext::Repeated);
        }
        self.0.insert(name.into(), value.into());
        if self.json().len() > Self::MAX_BYTES {
            self.0.remove(name);
            return Err(InvalidEncryptionContext::TooLong);
        }
        Ok(())
    }

    /// Returns whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the pairs, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Returns the value of the header: the pairs as a JSON object, in base64.
    #[must_use]
    pub fn header(&self) -> String {
        STANDARD.encode(self.json())
    }

    fn json(&self) -> String {
        let mut json = String::from("{");
        for (place, (name, value)) in self.0.iter().enumerate() {
            if place > 0 {
                json.push(',');
            }
            push_string(&mut json, name);
            json.push(':');
            push_string(&mut json, value);
        }
        json.push('}');
        json
    }
}

/// Appends a text as a string of JSON (RFC 8259 section 7).
fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // Writing to a String cannot fail.
            control if control.is_control() => drop(write!(json, "\\u{:04x}", u32::from(control))),
            other => json.push(other),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_the_json_of_the_sorted_pairs() {
        let mut context = EncryptionContext::new();
        let pairs = [("z", "\"quoted\" \\ \n\u{85}"), ("a", "ü日本")];
        for (name, value) in pairs {
            context.insert(name, value).unwrap();
        }
        let json = STANDARD.decode(context.header()).unwrap();
        let read: BTreeMap<String, String> = serde_json::from_slice(&json).unwrap();
        assert_eq!(read, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        assert!(json.starts_with("{\"a\":".as_bytes()));
    }

    #[test]
    fn length_of_the_json_is_limited() {
        let room = EncryptionContext::MAX_BYTES - r#"{"a":""}"#.len();
        assert_eq!(EncryptionContext::new().insert("a", &"x".repeat(room)), Ok(()));
        let too_long = EncryptionContext::new().insert("a", &"x".repeat(room + 1));
        assert_eq!(too_long, Err(InvalidEncryptionContext::TooLong));
    }

    #[test]
    fn pairs_are_checked() {
        let mut context = EncryptionContext::new();
        context.insert("a", "b").unwrap();
        for (name, value, error) in [
            ("", "b", InvalidEncryptionContext::Empty),
            ("b", "", InvalidEncryptionContext::Empty),
            ("aws:s3:arn", "x", InvalidEncryptionContext::Reserved),
            ("a", "c", InvalidEncryptionContext::Repeated),
            ("long", &"x".repeat(2_048), InvalidEncryptionContext::TooLong),
        ] {
            assert_eq!(context.insert(name, value), Err(error), "{name}");
        }
        assert_eq!(context.iter().collect::<Vec<_>>(), [("a", "b")]);
    }
}
