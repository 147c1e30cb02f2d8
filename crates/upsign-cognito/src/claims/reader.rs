//! Typed access to claims.

use serde_json::{Map, Value};
use upsign_json::{Json, Object};

use crate::rejection::Rejection;

/// Claims by type. A claim is absent, has the expected type, or is rejected; it is never converted.
#[derive(Debug)]
pub(crate) struct Claims<'a, M>(pub(crate) &'a M);

impl<M> Clone for Claims<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Claims<'_, M> {}

/// A source of claims: the payload of a token, or an object of an event.
pub(crate) trait ClaimSource {
    fn claim(&self, name: &str) -> Option<Claim<'_>>;
}

/// A claim, reduced to the types that claims of this crate have.
pub(crate) enum Claim<'a> {
    String(&'a str),
    /// A number that is written as an integer from 0 to 2^64 - 1.
    Integer(u64),
    /// Any other number.
    Float(f64),
    Strings(Vec<&'a str>),
    Other,
}

impl ClaimSource for Object<'_> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(|json| match json {
            Json::String(text) => Claim::String(text),
            Json::Number(number) => number.as_u64().map_or(Claim::Float(number.as_f64()), Claim::Integer),
            Json::Array(items) => {
                items.iter().map(Json::as_str).collect::<Option<_>>().map_or(Claim::Other, Claim::Strings)
            }
            Json::Null | Json::Bool(_) | Json::Object(_) => Claim::Other,
        })
    }
}

impl ClaimSource for Map<String, Value> {
    fn claim(&self, name: &str) -> Option<Claim<'_>> {
        self.get(name).map(|value| match value {
            Value::String(text) => Claim::String(text),
            Value::Number(number) => match number.as_u64() {
                Some(integer) => Claim::Integer(integer),
                // `None` for a number out of range, which only a host with `arbitrary_precision` can create.
                None => number.as_f64().map_or(Claim::Other, Claim::Float),
            },
            Value::Array(items) => {
                items.iter().map(Value::as_str).collect::<Option<_>>().map_or(Claim::Other, Claim::Strings)
            }
            Value::Null | Value::Bool(_) | Value::Object(_) => Claim::Other,
        })
    }
}

impl<'a, M: ClaimSource> Claims<'a, M> {
    /// Returns a string that must be present.
    pub(crate) fn required(self, claim: &'static str) -> Result<&'a str, Rejection> {
        self.optional(claim)?.ok_or(Rejection::MissingClaim { claim })
    }

    /// Returns a string, if the claim is present.
    pub(crate) fn optional(self, claim: &'static str) -> Result<Option<&'a str>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(None),
            Some(Claim::String(text)) => Ok(Some(text)),
            Some(_) => Err(Rejection::InvalidClaim { claim }),
        }
    }

    /// Returns a list of strings, which is empty if the claim is absent.
    pub(crate) fn strings(self, claim: &'static str) -> Result<Vec<&'a str>, Rejection> {
        match self.0.claim(claim) {
            None => Ok(Vec::new()),
            Some(Claim::Strings(texts)) => Ok(texts),
            Some(_) => Err(Rejection::InvalidClaim { claim }),
        }
    }
}
