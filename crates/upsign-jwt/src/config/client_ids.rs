//! The clients whose tokens are accepted.

use crate::config::invalid::InvalidVerifierConfig;

/// The clients (applications) whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIds {
    /// Every client of the issuer. Where anybody can register a client, anybody can then call.
    Any,
    /// These clients only. The list is not empty.
    Only(Box<[Box<str>]>),
}

/// A list of client ids, or [`ClientIds`].
///
/// Implemented for every iterator over texts; an application does not implement it.
pub trait IntoClientIds {
    /// Returns the client ids.
    ///
    /// # Errors
    /// Returns [`InvalidVerifierConfig::ClientIds`] if the list is empty or contains an empty id, and
    /// [`InvalidVerifierConfig::ClientWildcard`] if it contains `*`.
    fn into_client_ids(self) -> Result<ClientIds, InvalidVerifierConfig>;
}

impl IntoClientIds for ClientIds {
    fn into_client_ids(self) -> Result<ClientIds, InvalidVerifierConfig> {
        match self {
            Self::Any => Ok(Self::Any),
            Self::Only(ids) => ids.into_client_ids(),
        }
    }
}

impl<S: AsRef<str>, I: IntoIterator<Item = S>> IntoClientIds for I {
    fn into_client_ids(self) -> Result<ClientIds, InvalidVerifierConfig> {
        let ids: Box<[Box<str>]> = self.into_iter().map(|id| id.as_ref().into()).collect();
        if ids.iter().any(|id| id.as_ref() == "*") {
            return Err(InvalidVerifierConfig::ClientWildcard);
        }
        if ids.is_empty() || ids.iter().any(|id| id.is_empty()) {
            return Err(InvalidVerifierConfig::ClientIds);
        }
        Ok(ClientIds::Only(ids))
    }
}

impl ClientIds {
    /// Returns whether tokens of this client are accepted.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(ids) => ids.iter().any(|known| known.as_ref() == id),
        }
    }

    /// Returns the listed ids; none for [`Any`](Self::Any).
    pub(crate) fn listed(&self) -> &[Box<str>] {
        match self {
            Self::Any => &[],
            Self::Only(ids) => ids,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcard_is_refused_and_any_is_a_word_of_its_own() {
        assert_eq!(["*"].into_client_ids(), Err(InvalidVerifierConfig::ClientWildcard));
        assert_eq!(["a", "*"].into_client_ids(), Err(InvalidVerifierConfig::ClientWildcard));
        assert_eq!([""].into_client_ids(), Err(InvalidVerifierConfig::ClientIds));
        assert_eq!(ClientIds::Only(Box::default()).into_client_ids(), Err(InvalidVerifierConfig::ClientIds));
        assert_eq!(ClientIds::Any.into_client_ids(), Ok(ClientIds::Any));
        let only = ["a", "b"].into_client_ids().unwrap();
        assert!(only.contains("a") && !only.contains("c") && ClientIds::Any.contains("c"));
    }
}
