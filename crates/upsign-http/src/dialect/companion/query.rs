//! The query of a request.

use crate::dialect::companion::invalid::InvalidCall;

/// The maximum number of parameters: those of the client, and 32 entries of metadata as in the API's own requests.
const MAX_PARAMETERS: usize = 40;

/// The parameters of a query, decoded.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Refuses a parameter that occurs twice, because readers disagree on which of the two counts.
    pub(super) fn new(parameters: Vec<(String, String)>) -> Result<Self, InvalidCall> {
        if parameters.len() > MAX_PARAMETERS {
            return Err(InvalidCall::TooManyParameters(MAX_PARAMETERS));
        }
        let is_repeated = |(place, (name, _)): (usize, &(String, String))| {
            parameters.iter().skip(place + 1).any(|(other, _)| other == name)
        };
        if parameters.iter().enumerate().any(is_repeated) {
            return Err(InvalidCall::Repeated);
        }
        Ok(Self(parameters))
    }

    /// Returns the value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the entries of an object: `("title", "x")` for `metadata[title]=x`. Their order is that of the query.
    pub(super) fn entries_of(&self, object: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(name, value)| {
            let entry = name.strip_prefix(object)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((entry, value.as_str()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Result<Query, InvalidCall> {
        Query::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn ambiguous_and_long_queries_are_refused() {
        assert_eq!(query(&[("key", "a"), ("x", ""), ("key", "a")]).err(), Some(InvalidCall::Repeated));
        let names: Vec<String> = (0..=MAX_PARAMETERS).map(|n| format!("metadata[{n}]")).collect();
        let mut pairs: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(query(&pairs).err(), Some(InvalidCall::TooManyParameters(MAX_PARAMETERS)));
        pairs.pop();
        assert!(query(&pairs).is_ok());
    }

    #[test]
    fn only_whole_entries_belong_to_an_object() {
        let pairs = [
            ("metadata", "1"),
            ("metadata[a", "2"),
            ("metadata]b[", "3"),
            ("xmetadata[c]", "4"),
            ("metadata[]", "5"),
            ("metadata[d][e]", "6"),
            ("metadata[f]", "7"),
        ];
        let query = query(&pairs).unwrap();
        assert_eq!((query.get("metadata"), query.get("f")), (Some("1"), None));
        // The names are checked as those of the API's own requests: neither `` nor `d][e` is a name of metadata.
        assert_eq!(query.entries_of("metadata").collect::<Vec<_>>(), [("", "5"), ("d][e", "6"), ("f", "7")]);
    }
}
