//! Additional query parameters of a presigned request.

use crate::pairs::Pairs;

/// Query parameters in addition to those of the signature and of the operation.
///
/// Examples are `versionId` and the response overrides of `GetObject`, such as `response-content-disposition`. Names
/// and values are stored without percent-encoding, in the order in which they were added.
///
/// A name that would turn the request into another operation is rejected. For example, `PUT key?acl` replaces the
/// access control list instead of storing the object.
///
/// ```
/// use upsign_core::Query;
/// let mut query = Query::new();
/// query.insert("response-content-disposition", "attachment")?;
/// assert!(query.insert("uploadId", "1").is_err());
/// # Ok::<(), upsign_core::InvalidQuery>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query(Vec<(Box<str>, Box<str>)>);

/// The reason why a parameter cannot be added to a [`Query`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQuery {
    /// The name is empty.
    #[error("a query parameter must have a name")]
    Empty,
    /// The name is reserved for the signature or selects an operation. Letter case is ignored.
    #[error(
        "the query parameter `{0}` is reserved: it is part of the signature or selects another operation"
    )]
    Reserved(&'static str),
    /// A parameter of this name is already present.
    #[error("the query parameter `{0}` is given twice")]
    Repeated(Box<str>),
}

const RESERVED: [&str; 28] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    // The same parameters of Google Cloud Storage.
    "X-Goog-Algorithm",
    "X-Goog-Credential",
    "X-Goog-Date",
    "X-Goog-Expires",
    "X-Goog-Signature",
    "X-Goog-SignedHeaders",
    // Subresources, which select the operation on an object.
    "acl",
    "attributes",
    "encryption",
    "legal-hold",
    "partNumber",
    "renameObject",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
];

impl Query {
    /// Creates an empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a parameter. Pass name and value without percent-encoding; the signer encodes them.
    ///
    /// # Errors
    /// Returns an error if the name is empty, reserved or already present.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidQuery> {
        if name.is_empty() {
            return Err(InvalidQuery::Empty);
        }
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| reserved.eq_ignore_ascii_case(name)) {
            return Err(InvalidQuery::Reserved(reserved));
        }
        if self.iter().any(|(present, _)| present == name) {
            return Err(InvalidQuery::Repeated(name.into()));
        }
        self.0.push((name.into(), value.into()));
        Ok(())
    }

    /// Returns the name and the value of each parameter, in the order in which they were added.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs::from(self.0.as_slice())
    }

    /// Returns `true` if there are no parameters.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Query {
    type Item = (&'a str, &'a str);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_rejected_in_any_letter_case() {
        let mut query = Query::new();
        query.insert("versionId", "a b").unwrap();
        for name in RESERVED {
            for name in [name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
                assert!(matches!(query.insert(&name, ""), Err(InvalidQuery::Reserved(_))), "{name}");
            }
        }
        assert_eq!(query.insert("", ""), Err(InvalidQuery::Empty));
        assert_eq!(query.insert("versionId", "c"), Err(InvalidQuery::Repeated("versionId".into())));
        assert_eq!(query.iter().collect::<Vec<_>>(), [("versionId", "a b")]);
    }
}
