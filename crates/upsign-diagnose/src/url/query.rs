//! The parameters of a query, in order, as written and decoded.

use std::fmt;

use percent_encoding::percent_decode_str;

/// One parameter of a query.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryParameter {
    /// The name as it is in the URL.
    pub raw_name: Box<str>,
    /// The value as it is in the URL, or `None` without `=`.
    pub raw_value: Option<Box<str>>,
    /// The name, percent-decoded.
    pub name: Box<str>,
    /// The value, percent-decoded. A `+` stays a `+`. Empty without `=`. Bytes that are not UTF-8 become U+FFFD.
    pub value: Box<str>,
}

impl fmt::Debug for QueryParameter {
    /// Shows the name only: the value may be a signature or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryParameter").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The parameters of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<QueryParameter>);

impl Parameters {
    pub(crate) fn parse(raw: &str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| {
            let (name, value) =
                pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
            QueryParameter {
                raw_name: name.into(),
                raw_value: value.map(Into::into),
                name: decode(name),
                value: decode(value.unwrap_or_default()),
            }
        });
        Self(read.collect())
    }

    /// Returns the value of the first parameter of this name, whose case does not matter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|it| &*it.value)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&QueryParameter> {
        self.0.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, QueryParameter> {
        self.0.iter()
    }

    pub(crate) fn as_slice(&self) -> &[QueryParameter] {
        &self.0
    }
}

/// Decodes percent-encoded bytes. Those that are not UTF-8 become U+FFFD.
pub(crate) fn decode(raw: &str) -> Box<str> {
    percent_decode_str(raw).decode_utf8_lossy().into()
}
