//! The origins of the web pages that may call the user pool.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderValue, header};
use upsign_core::Endpoint;

use crate::error::LocalServerError;

/// The allowed origins.
///
/// A header matches only as a whole string, because browsers send one spelling of an origin (RFC 6454 section 6.2).
#[derive(Debug, Default)]
pub(super) struct AllowedOrigins(RwLock<BTreeSet<String>>);

/// What the `Origin` header says about the sender of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RequestOrigin {
    /// The header is absent: the client is not a web page of another origin.
    Absent,
    /// The header names this allowed origin.
    Allowed(HeaderValue),
    /// The header names another origin, is not text, or occurs more than once.
    Foreign,
}

impl AllowedOrigins {
    /// Replaces the list. If one of the origins is invalid, the list does not change.
    pub(super) fn set(&self, origins: Vec<String>) -> Result<(), LocalServerError> {
        if let Some(invalid) = origins.iter().find(|origin| !is_origin(origin)) {
            return Err(LocalServerError::InvalidOrigin(invalid.clone()));
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = origins.into_iter().collect();
        Ok(())
    }

    /// Classifies a request by its `Origin` header.
    pub(super) fn classify(&self, headers: &HeaderMap) -> RequestOrigin {
        let mut values = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (values.next(), values.next()) else {
            return if headers.contains_key(header::ORIGIN) {
                RequestOrigin::Foreign
            } else {
                RequestOrigin::Absent
            };
        };
        let allowed = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match origin.to_str() {
            Ok(text) if allowed.contains(text) => RequestOrigin::Allowed(origin.clone()),
            _ => RequestOrigin::Foreign,
        }
    }
}

/// Returns whether `text` is `scheme://host[:port]` in the spelling that browsers send (RFC 6454 section 6.2).
fn is_origin(text: &str) -> bool {
    text.parse::<Endpoint>()
        .is_ok_and(|endpoint| endpoint.to_string() == text && endpoint.base_path().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_serialized_origins_are_accepted() {
        for origin in ["http://127.0.0.1:8080", "http://localhost", "https://app.example.com"] {
            assert!(is_origin(origin), "{origin}");
        }
        for text in
            ["*", "null", "", "http://a/", "http://a/b", "http://A", "http://a:80", "a.example", "ftp://a"]
        {
            assert!(!is_origin(text), "{text}");
        }
    }
}
