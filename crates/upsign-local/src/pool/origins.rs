//! The origins of the web pages that may call the user pool.

use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderValue, header};
use upsign_core::CorsOrigins;

use crate::error::LocalServerError;

/// The allowed origins.
#[derive(Debug)]
pub(super) struct AllowedOrigins(RwLock<CorsOrigins>);

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

impl Default for AllowedOrigins {
    fn default() -> Self {
        Self(RwLock::new(CorsOrigins::listed([])))
    }
}

impl AllowedOrigins {
    /// Replaces the list. If one of the origins is invalid, the list does not change.
    pub(super) fn set(&self, origins: Vec<String>) -> Result<(), LocalServerError> {
        let parsed = origins
            .into_iter()
            .map(|origin| origin.parse().map_err(|_| LocalServerError::InvalidOrigin(origin)));
        let parsed = parsed.collect::<Result<Vec<_>, _>>()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = CorsOrigins::listed(parsed);
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
            Ok(text) if allowed.allows(text) => RequestOrigin::Allowed(origin.clone()),
            _ => RequestOrigin::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_serialized_origins_are_accepted() {
        let set = |origin: &str| AllowedOrigins::default().set(vec![origin.to_owned()]);
        for origin in
            ["http://127.0.0.1:8080", "http://localhost", "https://app.example.com", "http://localhost:*"]
        {
            assert!(set(origin).is_ok(), "{origin}");
        }
        for text in ["*", "null", "", "http://a/", "http://a/b", "http://A", "http://a:80", "a.example"] {
            assert!(set(text).is_err(), "{text}");
        }
    }
}
