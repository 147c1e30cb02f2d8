//! Which pages may call the pool.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderValue, header};
use upsign_core::Endpoint;

use crate::StartError;

/// Origins, compared as a whole.
#[derive(Debug, Default)]
pub(super) struct Origins(RwLock<BTreeSet<String>>);

/// Where a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Not from a page of another origin.
    Direct,
    /// From a page that may call.
    Page(HeaderValue),
    /// From any other page.
    Foreign,
}

impl Origins {
    pub(super) fn set(&self, origins: Vec<String>) -> Result<(), StartError> {
        if let Some(wrong) = origins.iter().find(|origin| !is_origin(origin)) {
            return Err(StartError::Origin(wrong.clone()));
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = origins.into_iter().collect();
        Ok(())
    }

    pub(super) fn caller(&self, headers: &HeaderMap) -> Caller {
        let mut given = headers.get_all(header::ORIGIN).iter();
        let (Some(origin), None) = (given.next(), given.next()) else {
            return if headers.contains_key(header::ORIGIN) { Caller::Foreign } else { Caller::Direct };
        };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match origin.to_str() {
            Ok(text) if known.contains(text) => Caller::Page(origin.clone()),
            _ => Caller::Foreign,
        }
    }
}

/// `scheme://host[:port]` in the spelling browsers send (RFC 6454 section 6.2).
fn is_origin(text: &str) -> bool {
    text.parse::<Endpoint>()
        .is_ok_and(|endpoint| endpoint.to_string() == text && endpoint.base_path().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_origin_is() {
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
