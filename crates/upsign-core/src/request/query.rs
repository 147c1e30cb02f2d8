//! Further query parameters of a presigned request.

/// Query parameters beside those of the signature and of the operation, decoded, in the order given.
///
/// Examples are `versionId` and the response overrides of `GetObject` (`response-content-disposition`, …). A name that
/// would make the request another operation is refused: `PUT key?acl` is no upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query(Vec<(Box<str>, Box<str>)>);

/// Why a query parameter cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQuery {
    /// No name.
    #[error("a query parameter needs a name")]
    Empty,
    /// One of the signature's own parameters, or one that names an operation; in any letter case.
    #[error("the query parameter `{0}` belongs to the signature or names an operation")]
    Reserved(&'static str),
    /// The name is already there.
    #[error("the query parameter `{0}` is given twice")]
    Repeated(Box<str>),
}

const RESERVED: [&str; 22] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Region-Set",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    // What S3 tells the operations on an object apart by.
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
    /// No further parameters.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a parameter, both parts as they are meant, not percent-encoded.
    ///
    /// # Errors
    /// [`InvalidQuery`] for an empty, reserved or repeated name.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), InvalidQuery> {
        if name.is_empty() {
            return Err(InvalidQuery::Empty);
        }
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| reserved.eq_ignore_ascii_case(name)) {
            return Err(InvalidQuery::Reserved(reserved));
        }
        if self.iter().any(|(have, _)| have == name) {
            return Err(InvalidQuery::Repeated(name.into()));
        }
        self.0.push((name.into(), value.into()));
        Ok(())
    }

    /// Name and value of each parameter, in the order given.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_in_any_letter_case() {
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
