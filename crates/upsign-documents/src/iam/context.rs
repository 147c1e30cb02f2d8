//! The context of a request: what conditions and policy variables look up.

use std::collections::BTreeMap;

/// The request context: condition keys and their values. The case of keys is ignored.
///
/// ```
/// use upsign_documents::IamContext;
/// let context = IamContext::new().with("s3:if-none-match", "*").with_values("aws:TagKeys", ["team", "app"]);
/// assert_eq!(context.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IamContext(BTreeMap<String, Vec<String>>);

impl IamContext {
    /// Returns an empty context.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Sets a key to one value.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_values(key, [value])
    }

    /// Sets a multivalued key.
    #[must_use]
    pub fn with_values<V: Into<String>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), values.into_iter().map(Into::into).collect());
        self
    }

    /// Removes a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(&key.to_ascii_lowercase());
        self
    }

    /// Returns the keys in lower case with their values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.into_iter()
    }

    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

impl<'a> IntoIterator for &'a IamContext {
    type Item = (&'a str, &'a [String]);
    type IntoIter = std::iter::Map<
        std::collections::btree_map::Iter<'a, String, Vec<String>>,
        fn((&'a String, &'a Vec<String>)) -> (&'a str, &'a [String]),
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }
}
